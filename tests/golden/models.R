# Generalised linear models: coefficients, errors, covariances and degrees of freedom of svyglm, four families and other links on seven designs.
# R takes the working weights of the step before the last: iterated fits are run to a deviance that no longer moves.
source("common.R")

options(warn = 0)
tight <- glm.control(epsilon = 1e-15, maxit = 200)
designs <- schools()[c("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster")]
designs$jackknife <- as.svrepdesign(designs$one_stage, type = "JK1", mse = TRUE)
pop <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
designs$calibrated <- calibrate(designs$one_stage, ~stype + api99, pop, epsilon = 1e-13, maxit = 200)
models <- list(
  gaussian = list(api00 ~ ell + meals, gaussian()),
  classes = list(api00 ~ ell + stype, gaussian()),
  missing = list(enroll ~ meals, gaussian()),
  binomial = list(I(award == "Yes") ~ ell + meals, quasibinomial()),
  probit = list(I(award == "Yes") ~ ell + meals, quasibinomial("probit")),
  cloglog = list(I(award == "Yes") ~ ell + meals, quasibinomial("cloglog")),
  poisson = list(tested ~ ell + meals, quasipoisson()),
  gamma = list(api00 ~ ell + meals, Gamma("inverse")),
  gamma_log = list(api00 ~ ell + meals, Gamma("log"))
)
for (name in names(designs)) for (model in names(models)) {
  fit <- suppressWarnings(svyglm(models[[model]][[1]], designs[[name]], family = models[[model]][[2]], control = tight))
  terms <- sub("(Intercept)", "Intercept", sub("^stype(.)$", "C(stype)[T.\\1]", names(coef(fit))), fixed = TRUE)
  for (k in seq_along(terms)) {
    keep(name, model, terms[k], "value", coef(fit)[k])
    keep(name, model, terms[k], "se", SE(fit)[k])
  }
  covariances_as(name, model, terms, as.matrix(vcov(fit)))
  keep(name, model, "", "df", fit$df.residual)
}
for (name in names(designs)) {
  fit <- svyglm(api00 ~ ell + meals + stype, designs[[name]])
  test <- regTermTest(fit, ~stype)
  for (what in c("Ftest", "df", "ddf", "p")) keep(name, "wald", "stype", what, test[[what]])
}
# The same model in each domain: svyglm on subsets.
for (name in c("srs", "stratified", "one_stage", "two_stage", "jackknife", "calibrated")) for (level in c("E", "M")) {
  for (model in c("gaussian", "poisson")) {
    inside <- subset(designs[[name]], stype == level)
    fit <- suppressWarnings(svyglm(models[[model]][[1]], inside, family = models[[model]][[2]], control = tight))
    for (k in 1:3) {
      item <- paste(model, sub("(Intercept)", "Intercept", names(coef(fit))[k], fixed = TRUE))
      keep(name, paste("by", item), level, "value", coef(fit)[k])
      keep(name, paste("by", item), level, "se", SE(fit)[k])
    }
    keep(name, paste("by", model), level, "df", fit$df.residual)
  }
}
p <- c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.9)
for (method in c("BH", "BY", "holm", "hochberg", "bonferroni")) keep("family", method, seq_along(p), "p", p.adjust(p, method))
write_golden("models", "svyglm with epsilon 1e-15 on the samples of California schools")
