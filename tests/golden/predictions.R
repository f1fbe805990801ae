# What svyglm predicts of given schools, with covariances, and predictive margins (svypredmeans): its two parts, and their sum with the
# covariance that it leaves out, from influence functions.
source("common.R")

options(warn = 0)
tight <- glm.control(epsilon = 1e-15, maxit = 200)
designs <- schools()[c("srs", "stratified", "one_stage", "two_stage")]
for (name in names(designs)) designs[[name]] <- update(designs[[name]], stype = factor(stype))
models <- list(
  gaussian = list(api00 ~ ell + meals + stype, gaussian()),
  binomial = list(I(award == "Yes") ~ ell + meals + stype, quasibinomial()),
  poisson = list(tested ~ ell + meals + stype, quasipoisson())
)
frame <- data.frame(ell = c(0, 20, 55.5), meals = c(80, 10, 33), stype = c("E", "H", "M"))
for (name in names(designs)) for (model in names(models)) {
  design <- designs[[name]]; asked <- models[[model]][[2]]
  fit <- svyglm(models[[model]][[1]], design, family = asked, control = tight)
  for (kind in c("link", "response")) {
    told <- predict(fit, frame, type = kind, vcov = TRUE)
    keep(name, model, 1:3, paste0(kind, ".value"), coef(told))
    covariances_as(name, model, 1:3, vcov(told), paste0(kind, ".covariance"))
  }
  w <- weights(design)
  infl <- model.matrix(fit) * resid(fit, "working") * fit$weights
  infl <- infl %*% fit$naive.cov
  stopifnot(all.equal(vcov(svytotal(infl / w, design)), vcov(fit), tolerance = 1e-6, check.attributes = FALSE))
  for (level in c("E", "H", "M")) {
    data <- model.frame(design); data$stype <- factor(level, c("E", "H", "M"))
    x <- model.matrix(~ ell + meals + stype, data)
    eta <- drop(x %*% coef(fit)); mu <- asked$linkinv(eta); slope <- colSums(w * asked$mu.eta(eta) * x) / sum(w)
    margin <- sum(w * mu) / sum(w)
    keep(name, model, level, "margin", margin)
    keep(name, model, level, "margin.fixed", sqrt(drop(t(slope) %*% vcov(fit) %*% slope)))
    keep(name, model, level, "margin.sampled", SE(svytotal((mu - margin) / sum(w) + drop(infl %*% slope) / w, design)))
  }
  without <- svyglm(update(models[[model]][[1]], . ~ . - stype), design, family = asked, control = tight)
  theirs <- svypredmeans(without, ~stype)
  keep(name, model, names(coef(theirs)), "margin.r", coef(theirs))
  keep(name, model, names(coef(theirs)), "margin.fixed.r", sqrt(diag(attr(vcov(theirs), "parts")[[1]])))
}
write_golden("predictions", "predict.svyglm and svypredmeans, svyglm with epsilon 1e-15, on the samples of California schools")
