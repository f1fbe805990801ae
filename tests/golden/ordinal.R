# Cumulative models of svyolr: slopes, thresholds, errors, on five designs. Its optimiser is run as far as it goes; its curvature is a
# numerical difference of step 0.001, so what it implies is kept as "se.loose", and "se" takes the same scores through a curvature by
# Richardson's extrapolation of differences of the gradient.
source("common.R")

options(warn = 0)
designs <- schools()[c("srs", "stratified", "one_stage", "ultimate_cluster")]
cuts <- c(-Inf, 550, 650, 750, Inf)
for (name in names(designs)) designs[[name]] <- update(designs[[name]], band = cut(api00, cuts, labels = FALSE))
pop <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
designs$calibrated <- calibrate(designs$one_stage, ~stype + api99, pop, epsilon = 1e-13, maxit = 200)
formula <- factor(band) ~ I(ell / 10) + I(meals / 10)
kinds <- list(logit = "logistic", probit = "probit", cloglog = "cloglog")
F <- list(logit = plogis, probit = pnorm, cloglog = function(x) exp(-exp(-x)))
f <- list(logit = dlogis, probit = dnorm, cloglog = function(x) exp(-x - exp(-x)))

scores <- function(theta, x, y, link, q) {
  p <- ncol(x); eta <- drop(x %*% theta[1:p]); zeta <- c(-Inf, theta[-(1:p)], Inf)
  density <- function(at) { d <- f[[link]](at); d[!is.finite(at)] <- 0; d }
  up <- zeta[y + 1] - eta; down <- zeta[y] - eta
  chance <- F[[link]](up) - ifelse(is.finite(down), F[[link]](down), 0)
  a <- density(up) / chance; b <- density(down) / chance
  cbind(-x * (a - b), sapply(1:q, function(k) (y == k) * a - (y == k + 1) * b))
}
for (name in names(designs)) for (link in names(kinds)) {
  design <- designs[[name]]
  fit <- svyolr(formula, design, method = kinds[[link]], control = list(reltol = 1e-16, maxit = 5000))
  theta <- c(coef(fit), fit$zeta)
  theta <- theta[!duplicated(names(theta))]
  x <- model.matrix(formula, model.frame(design))[, -1]; y <- model.frame(design)$band; w <- weights(design); q <- 3
  total <- function(at) colSums(w * scores(at, x, y, link, q))
  slope <- function(at) {
    one <- function(k, h) { e <- replace(numeric(length(at)), k, h); (total(at + e) - total(at - e)) / (2 * h) }
    sapply(seq_along(at), function(k) (64 * one(k, 2.5e-4) - 20 * one(k, 5e-4) + one(k, 1e-3)) / 45)
  }
  for (step in 1:4) theta <- theta - solve(slope(theta), total(theta))  # Newton from where BFGS stopped
  influence <- scores(theta, x, y, link, q) %*% solve(-slope(theta))
  covariance <- vcov(svytotal(influence, design))
  terms <- c("ell", "meals", "1|2", "2|3", "3|4")
  loose <- sqrt(diag(vcov(fit)))
  for (k in 1:5) {
    keep(name, link, terms[k], "value", theta[k])
    keep(name, link, terms[k], "value.loose", c(coef(fit), fit$zeta)[!duplicated(names(c(coef(fit), fit$zeta)))][k])
    keep(name, link, terms[k], "se", sqrt(covariance[k, k]))
    keep(name, link, terms[k], "se.loose", loose[k])
  }
  keep(name, link, "", "df", fit$df.residual)
}
write_golden("ordinal", "svyolr on the samples of California schools, and the same solved to the last digits in the script")
