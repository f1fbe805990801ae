# Rubin's rules: mitools' MIcombine of means, domains, ratios, models and contrasts on imputed designs; mice's degrees of freedom
# of Barnard and Rubin, mitml's joint test of Li, Raghunathan and Rubin with Reiter's degrees of freedom. Every fourth row is
# "imputed" with the values of another row, by a rule of arithmetic that the tests repeat.
source("common.R")
suppressPackageStartupMessages(library(mitools))

options(warn = 0)
m <- 5
filled <- function(data, items, k) {
  i <- which(seq_len(nrow(data)) %% 4 == 1)
  data[i, items] <- data[(i + 7 * k) %% nrow(data) + 1, items]
  data
}
designs <- schools()
designs$jackknife <- as.svrepdesign(designs$one_stage, type = "JK1", mse = TRUE)
pop <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
designs$calibrated <- calibrate(designs$one_stage, ~stype + api99, pop, epsilon = 1e-13, maxit = 200)

# What m imputations say of the same values: the combination, its covariances, df of large and of small samples.
combined_as <- function(name, item, found, complete) {
  both <- MIcombine(found)
  labels <- names(coef(both))
  cov <- as.matrix(vcov(both))
  keep(name, item, labels, "value", coef(both))
  keep(name, item, labels, "se", sqrt(diag(cov)))
  covariances_as(name, item, labels, cov)
  keep(name, item, labels, "df.large", both$df)
  keep(name, item, labels, "missing.large", both$missinfo)
  keep(name, item, labels, "df.mitools", MIcombine(found, df.complete = complete)$df)
  for (place in seq_along(labels)) {
    q <- sapply(found, function(one) unlist(coef(one))[place])
    u <- sapply(found, function(one) as.matrix(vcov(one))[place, place])
    pooled <- mice::pool.scalar(q, u, n = complete + 1, k = 1)
    keep(name, item, labels[place], "df", pooled$df)
    keep(name, item, labels[place], "missing", pooled$fmi)
  }
}
# A joint test that all values are 0.
test_as <- function(name, item, found, complete) {
  for (rule in c("large", "small")) {
    qhat <- lapply(found, function(one) setNames(as.vector(coef(one)), paste0("v", seq_along(coef(one)))))
    uhat <- lapply(found, function(one) unname(as.matrix(vcov(one))))
    test <- mitml::testConstraints(qhat = qhat, uhat = uhat, constraints = names(qhat[[1]]),
                                   df.com = if (rule == "small") complete)$test
    keep(name, item, rule, c("F", "df2", "p"), test[1, c("F.value", "df2", "P(>F)")])
  }
}
for (name in names(designs)) {
  items <- if (name == "nhanes") "cholesterol" else c("api00", "meals", "award")
  imputed <- lapply(1:m, function(k) {
    design <- designs[[name]]
    design$variables <- filled(design$variables, items, k)
    design
  })
  df <- degf(designs[[name]])
  each <- function(ask) lapply(imputed, ask)
  if (name == "nhanes") {
    combined_as(name, "mean", each(function(d) svymean(~cholesterol, d, na.rm = TRUE)), df)
    combined_as(name, "race", each(function(d) {
      columns <- lapply(1:4, function(race) ifelse(d$variables$race == race, d$variables$cholesterol, NA))
      means_of(d, setNames(columns, 1:4))
    }), df)
    next
  }
  combined_as(name, "mean", each(function(d) svymean(~api00 + meals, d)), df)
  combined_as(name, "total", each(function(d) svytotal(~meals, d)), df)
  combined_as(name, "award", each(function(d) svymean(~I(1 * (award == "Yes")), d)), df)
  combined_as(name, "ratio", each(function(d) {
    if (name == "jackknife") return(withReplicates(d, function(w, data) c(ratio = sum(w * data$api00) / sum(w * data$api99))))
    svycontrast(svytotal(~api00 + api99, d), list(ratio = quote(api00 / api99)))
  }), df)
  combined_as(name, "log", each(function(d) svycontrast(svymean(~api00 + meals, d), list(log = quote(log(api00 / meals))))), df)
  by_type <- function(d) {
    if (name == "jackknife") return(svyby(~api00, ~stype, d, svymean, covmat = TRUE))
    types <- setNames(nm = c("E", "H", "M"))
    means_of(d, lapply(types, function(type) ifelse(d$variables$stype == type, d$variables$api00, NA)))
  }
  combined_as(name, "stype", each(by_type), df)
  gaps <- each(function(d) svycontrast(by_type(d), list(EH = c(1, -1, 0), HM = c(0, 1, -1))))
  combined_as(name, "gaps", gaps, df)
  test_as(name, "test", gaps, df)
  models <- each(function(d) svyglm(api00 ~ ell + meals, d))
  combined_as(name, "model", models, df - 2)
}
# mitools' own way to lists of designs gives the same.
frames <- imputationList(lapply(1:m, function(k) filled(read_data("apiclus1"), "api00", k)))
both <- MIcombine(with(svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = frames), svymean(~api00)))
keep("imputation_list", "mean", "api00", c("value", "se", "df.large"), c(coef(both), sqrt(vcov(both)), both$df))
write_golden("mitools", paste("mitools", packageVersion("mitools"), "mice", packageVersion("mice"), "mitml", packageVersion("mitml")))
