# Means, favourable shares and NPS, overall and by domain: value, standard error, df, interval, design effect.
source("common.R")

srs <- read_data("apisrs"); strat <- read_data("apistrat"); one <- read_data("apiclus1"); two <- read_data("apiclus2")
customers <- read_data("bank_customers")
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
designs <- list(
  srs = svydesign(~1, fpc = ~fpc, data = srs),
  stratified = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  weights_alone = svydesign(~1, weights = ~pw, data = strat),
  one_stage = svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = one),
  ultimate_cluster = svydesign(~dnum, weights = ~pw, data = two),
  bank = bank,
  bank_no_fpc = svydesign(~branch, strata = ~region, weights = ~weight, data = customers, nest = TRUE),
  bank_raked = raked(bank),
  bank_raked_alone = raked(svydesign(~1, weights = ~1, data = customers))
)
asked <- function(name) if (grepl("^bank", name)) {
  list(mean = c("listened", "kept"), favourable = "listened", nps = "recommend", by = "age")
} else {
  list(mean = c("api00", "agree"), favourable = "agree", nps = "likely", by = "stype")
}

measure <- function(design, name, item, domain, statistic) {
  answered <- subset(design, !is.na(design$variables[[item]]))
  df <- degf(answered)
  say <- function(what, value) keep(name, item, domain, paste0(statistic, ".", what), value)
  x <- answered$variables[[item]]
  y <- switch(statistic, mean = x, favourable = as.numeric(x >= 4), nps = 100 * (x >= 9) - 100 * (x <= 6))
  answered <- update(answered, y = ifelse(is.na(y), 0, y)) # a calibrated design keeps its rows, at weight 0
  found <- svymean(~y, answered, deff = "replace")
  say("value", coef(found)); say("se", SE(found)); say("df", df); say("deff", deff(found))
  bounds <- confint(found, df = df)
  if (statistic == "favourable") {
    # the intercept of a quasi-binomial model, fitted to the last digit, as svyciprop(method = "logit") does it
    # (its only warning: rows of weight 0 have no part in the dispersion, which nothing here uses)
    model <- suppressWarnings(svyglm(y ~ 1, answered, family = quasibinomial, control = list(epsilon = 1e-14, maxit = 99)))
    bounds <- plogis(as.vector(suppressWarnings(confint(model, ddf = df, method = "Wald"))))
    usual <- suppressWarnings(confint(svyciprop(~y, answered, method = "logit", df = df)))
    stopifnot(max(abs(usual - bounds)) < 1e-5)
  }
  say("lower", bounds[1]); say("upper", bounds[2])
}

for (name in names(designs)) {
  items <- asked(name); design <- designs[[name]]
  for (statistic in c("mean", "favourable", "nps")) for (item in items[[statistic]]) {
    measure(design, name, item, "", statistic)
    # domains as svyby takes them: subsets of the one design
    for (domain in sort(unique(design$variables[[items$by]]))) {
      inside <- subset(design, design$variables[[items$by]] == domain)
      measure(inside, name, item, domain, statistic)
    }
  }
  # the covariance between domains
  item <- items$mean[1]
  x <- design$variables[[item]]; domain <- design$variables[[items$by]]
  values <- sort(unique(domain))
  found <- means_of(design, sapply(values, function(value) ifelse(domain == value, x, NA), simplify = FALSE))
  if (!grepl("raked", name)) {
    table <- svyby(~x, ~domain, subset(update(design, x = x, domain = domain), !is.na(x)), svymean, covmat = TRUE)
    stopifnot(all.equal(vcov(table), vcov(found), tolerance = 1e-10, check.attributes = FALSE))
  }
  cov <- vcov(found)
  keep(name, item, paste(values[row(cov)], values[col(cov)], sep = ":"), "covariance", cov)
}
write_golden("means", "svymean(deff = 'replace'), svyby(covmat = TRUE), svyciprop(method = 'logit'), degf(subset(...))")
