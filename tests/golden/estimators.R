# Means, totals, shares, ratios, variances, correlations and distributions, with missing answers and domains. Quantiles: quantiles.R.
source("common.R")
designs <- schools()
asked <- list(
  nhanes = list(items = "cholesterol", share = c("cholesterol", "race"), by = "race", at = NULL),
  default = list(items = c("api00", "enroll", "agree"), share = c("agree", "stype"), by = "stype", at = c(400, 555, 650.5, 800))
)

# one column a code, for every code of the whole sample
shares <- function(name, design, item, domain) {
  inside <- answered_on(design, item)
  codes <- sort(unique(na.omit(designs[[name]]$variables[[item]])))
  inside <- update(inside, f = factor(inside$variables[[item]], levels = codes))
  found <- svymean(~f, inside)
  keep(name, item, domain, paste0("share.", codes, ".value"), coef(found))
  keep(name, item, domain, paste0("share.", codes, ".se"), SE(found))
  covariances_as(name, paste0(item, "@", domain), codes, vcov(found), "share.covariance")
  effect <- as.vector(deff(svymean(~f, inside, deff = "replace")))
  some <- coef(found) > 0 & coef(found) < 1 # a share of 0 or 1 has none
  if (any(some)) keep(name, item, domain, paste0("share.", codes[some], ".deff.wr"), effect[some])
}

# variances and covariances; n counts the answers (R's own na.rm = TRUE counts missing ones too, by an oversight)
spreads <- function(name, design, pair, domain) {
  inside <- answered_on(design, pair)
  found <- svyvar(as.formula(paste("~", paste(pair, collapse = "+"))), inside)
  cov <- as.matrix(found)
  keep(name, paste(pair, collapse = "*"), domain, "covariance.value", cov[1, 2])
  keep(name, paste(pair, collapse = "*"), domain, "covariance.se", sqrt(vcov(found)[2, 2]))
  for (item in pair) found_as(name, item, domain, "variance", svyvar(as.formula(paste0("~", item)), answered_on(design, item)))
  # the correlation by the delta method on totals, columns shifted near 0 and brought near 1
  frame <- inside$variables; z <- frame[pair]
  for (item in pair) z[[item]] <- (frame[[item]] - round(mean(frame[[item]]))) / round(sd(frame[[item]]))
  found <- svycontrast(svytotal(cbind(w = 1, x = z[[1]], y = z[[2]], xx = z[[1]]^2, yy = z[[2]]^2, xy = z[[1]] * z[[2]]), inside),
    list(r = quote((xy / w - x / w * (y / w)) / sqrt((xx / w - (x / w)^2) * (yy / w - (y / w)^2)))))
  found_as(name, paste(pair, collapse = "*"), domain, "correlation", found)
  stopifnot(abs(coef(found) - cov[1, 2] / sqrt(cov[1, 1] * cov[2, 2])) < 1e-12)
}

measure <- function(name, design, asked, domain) {
  for (item in asked$items) {
    inside <- answered_on(design, item); ask <- as.formula(paste0("~", item))
    found_as(name, item, domain, "mean", svymean(ask, inside)); found_as(name, item, domain, "total", svytotal(ask, inside))
    deffs_as(name, item, domain, "mean", function(how) svymean(ask, inside, deff = how))
    found_as(name, item, domain, "variance", svyvar(ask, inside))
  }
  for (item in asked$share) if (domain == "" || item != asked$by) shares(name, design, item, domain)
  if (name == "nhanes") return(invisible())
  inside <- answered_on(design, c("tested", "enroll"))
  found_as(name, "tested/enroll", domain, "ratio", svyratio(~tested, ~enroll, inside))
  keep(name, "tested/enroll", domain, "ratio.deff.wr", deff(svyratio(~tested, ~enroll, inside, deff = "replace")))
  found_as(name, "api00/api99", domain, "ratio", svyratio(~api00, ~api99, design))
  for (pair in list(c("api00", "api99"), c("meals", "tested"))) spreads(name, design, pair, domain)
  cdf <- svycdf(~api00, design)[[1]]
  for (at in asked$at) {
    found <- svymean(~v, update(design, v = 1 * (api00 <= at)))
    keep(name, "api00", domain, sprintf("cdf.%s.value", at), cdf(at)); keep(name, "api00", domain, sprintf("cdf.%s.se", at), SE(found))
    stopifnot(abs(coef(found) - cdf(at)) < 1e-12)
  }
}

for (name in names(designs)) {
  this <- if (is.null(asked[[name]])) asked$default else asked[[name]]
  design <- designs[[name]]
  values <- sort(unique(design$variables[[this$by]]))
  for (domain in c("", values)) {
    inside <- if (domain == "") design else subset(design, design$variables[[this$by]] == domain)
    measure(name, inside, this, domain)
  }
}
rows <- do.call(rbind, golden$rows)
golden$rows <- list(rows[!duplicated(rows[c("design", "item", "domain", "what")]), ]) # api00 and its like are asked twice
write_golden("estimators", "svymean (also of factors), svytotal, svyratio, svyvar, svycdf; correlations: svycontrast on svytotal",
             "of subset(design, !is.na(item)); deff = 'replace' is wr, deff = TRUE is wor")
