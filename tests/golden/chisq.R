# Tests of tables: svychisq in all its statistics on fourteen designs, svygofchisq, regTermTest(method = "LRT") and anova of models.
# Beside R's own p, the exact tails: "lincom" needs a package that Debian lacks and cuts fractional degrees of freedom, so the tail
# of the sum is integrated here by Imhof's formula, with base R's integrate(), from the eigenvalues of R's own covariances.
source("common.R")

options(warn = 0)
# Imhof (1961): chance that a sum of weights * chi-squared(df) exceeds x.
imhof <- function(x, weights, df = rep(1, length(weights))) {
  theta <- function(u) colSums(df * atan(outer(weights, u))) / 2 - x * u / 2
  height <- function(u) exp(-colSums(df * log1p(outer(weights, u)^2)) / 4) * sin(theta(u)) / u
  turn <- function(v) height(v / (1 - v)) / (1 - v)^2
  found <- integrate(turn, 0, 1, rel.tol = 1e-12, subdivisions = 20000, stop.on.error = FALSE)
  0.5 + found$value / pi
}
over <- function(x, weights, ddf) imhof(0, c(weights, -x / ddf) / max(weights), c(rep(1, length(weights)), ddf))
# Without a denominator Imhof's integrand never comes to rest: one weight is chi-squared, two are integrated over the first.
without <- function(x, weights) {
  if (length(weights) == 1) return(pchisq(x / weights, 1, lower.tail = FALSE))
  far <- sqrt(x / weights[1])
  inner <- function(a) 2 * dnorm(far * sin(a)) * far * cos(a) * pchisq(x * cos(a)^2 / weights[2], 1, lower.tail = FALSE)
  integrate(inner, 0, pi / 2, rel.tol = 1e-12, abs.tol = 0, subdivisions = 20000)$value + 2 * pnorm(-far)
}

# Eigenvalues of the generalised design effects of a table (Rao, Scott 1984), Pearson's statistic and degrees of freedom.
effects <- function(a, b, design) {
  cells <- svymean(as.formula(sprintf("~interaction(factor(%s), factor(%s))", a, b)), design, na.rm = TRUE)
  p <- coef(cells); shape <- sapply(c(a, b), function(v) length(unique(na.omit(variables(design)[[v]]))))
  contrasts <- kronecker(qr.Q(qr(cbind(1, diag(shape[2]))))[, 2:shape[2]], qr.Q(qr(cbind(1, diag(shape[1]))))[, 2:shape[1]])
  inverse <- ifelse(p == 0, 0, 1 / p)
  middle <- t(contrasts) %*% (inverse * contrasts)
  Re(eigen(solve(middle, t(contrasts) %*% (inverse * vcov(cells) %*% (inverse * contrasts))), only.values = TRUE)$values)
}
two_phases <- function(design) inherits(design, "twophase") || inherits(design, "twophase2")
variables <- function(design) if (two_phases(design)) design$phase1$sample$variables else design$variables
answered <- function(a, b, design) {
  measured <- if (two_phases(design)) variables(design)$drawn == 1 else weights(design, "sampling") > 0
  sum(complete.cases(variables(design)[c(a, b)]) & measured)
}
# R has no svychisq for method = "full" and takes that of a single phase, which fails; that of method = "approx" serves both.
chisq_of <- function(design) if (two_phases(design)) survey:::svychisq.twophase else svychisq

ask <- function(name, a, b, design) {
  item <- paste(a, b, sep = " x "); formula <- as.formula(paste("~", a, "+", b))
  for (statistic in c("F", "Chisq", "Wald", "adjWald", "saddlepoint")) {
    found <- suppressWarnings(chisq_of(design)(formula, design, statistic = statistic))
    keep(name, item, statistic, "statistic", found$statistic)
    for (k in seq_along(found$parameter)) keep(name, item, statistic, names(found$parameter)[k], found$parameter[k])
    keep(name, item, statistic, "p", found$p.value)
    if (statistic == "F") ddf <- found$parameter[["ddf"]]
  }
  delta <- effects(a, b, design); pearson <- chisq_of(design)(formula, design, statistic = "Chisq")$statistic
  rows <- nrow(variables(design))
  keep(name, item, "lincom", "deff", mean(delta) * answered(a, b, design))
  keep(name, item, "lincom", "exact", over(pearson / rows, delta, ddf))
  keep(name, item, "lincom", "cut", over(pearson / rows, delta * ddf / floor(ddf), floor(ddf)))
  if (length(delta) < 3) keep(name, item, "lincom", "infinite", without(pearson / rows, delta))
}

designs <- schools()
designs$jackknife <- as.svrepdesign(designs$one_stage, type = "JK1", mse = TRUE)
designs$jackknife_strata <- as.svrepdesign(designs$nhanes, type = "JKn", mse = FALSE)
pop <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
designs$calibrated <- calibrate(designs$one_stage, ~stype + api99, pop, epsilon = 1e-13, maxit = 200)
for (name in setdiff(names(designs), c("nhanes", "jackknife_strata"))) {
  ask(name, "stype", "met", designs[[name]]); ask(name, "met", "award", designs[[name]])
}
for (name in c("nhanes", "jackknife_strata")) { ask(name, "race", "cholesterol", designs[[name]]); ask(name, "race", "age", designs[[name]]) }

children <- read_data("nwtco")
for (method in c("full", "approx")) {
  design <- twophase(list(~1, ~1), strata = list(NULL, ~interaction(relapse, stage)), subset = ~I(drawn == 1), data = children, method = method)
  ask(paste("case_control", method, sep = "_"), "histology", "stage", design)
}
counties <- read_data("election"); joint <- as.matrix(read_data("election_joint"))
counties$winner <- ifelse(counties$bush > counties$kerry, "bush", "kerry")
ask("brewer", "winner", "half", svydesign(~1, fpc = ~p, data = counties, pps = "brewer"))
ask("joint_yg", "winner", "half", svydesign(~1, fpc = ~p, data = counties, pps = ppsmat(joint), variance = "YG"))
both <- bank_both(); both$warm <- ifelse(both$recommend >= 9, "warm", ifelse(both$recommend >= 7, "mild", "cold"))
stacked <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = both, nest = TRUE)
ask("stacked", "audience", "warm", subset(stacked, !is.na(warm)))

# Goodness of fit. R's statistic is of the size of the population, whose own error enters; the same on shares beside it.
fit <- function(name, item, shares, design) {
  formula <- as.formula(sprintf("~factor(%s)", item))
  found <- suppressWarnings(svygofchisq(formula, shares, design, na.rm = TRUE))
  for (what in c("scale", "df")) keep(name, item, "svygofchisq", what, found$parameter[[what]])
  keep(name, item, "svygofchisq", "p", found$p.value)
  p <- svymean(formula, design, na.rm = TRUE); n <- answered(item, item, design); p0 <- shares / sum(shares)
  pearson <- n * sum((coef(p) - p0)^2 / p0)
  delta <- Re(eigen(n * vcov(p) / sqrt(outer(p0, p0)), only.values = TRUE)$values); nu <- degf(design); k <- length(p0) - 1
  d0 <- sum(delta)^2 / sum(delta^2)
  keep(name, item, "pearson", "statistic", pearson)
  keep(name, item, "F", "statistic", pearson / sum(delta)); keep(name, item, "F", "ndf", d0); keep(name, item, "F", "ddf", d0 * nu)
  keep(name, item, "F", "p", pf(pearson / sum(delta), d0, d0 * nu, lower.tail = FALSE))
  keep(name, item, "Chisq", "p", pchisq(pearson / sum(delta) * k, k, lower.tail = FALSE))
  wald <- drop((coef(p) - p0)[-1] %*% solve(vcov(p)[-1, -1], (coef(p) - p0)[-1])) / k
  keep(name, item, "Wald", "statistic", wald); keep(name, item, "Wald", "p", pf(wald, k, nu, lower.tail = FALSE))
  keep(name, item, "adjWald", "p", pf(wald * (nu - k + 1) / nu, k, nu - k + 1, lower.tail = FALSE))
  kept <- delta[delta > 1e-10 * max(delta)]
  keep(name, item, "lincom", "p", over(pearson, kept, d0 * nu))
}
for (name in c("srs", "one_stage", "two_stage", "ultimate_cluster", "jackknife")) fit(name, "stype", c(E = 4421, H = 755, M = 1018), designs[[name]])
for (name in c("srs", "stratified", "calibrated")) fit(name, "award", c(No = 0.35, Yes = 0.65), designs[[name]])
fit("nhanes", "race", c(0.15, 0.65, 0.12, 0.08), designs$nhanes)

# Models: the working likelihood ratio over its mean scale, the scales, R's saddlepoint p and the exact one.
tight <- glm.control(epsilon = 1e-15, maxit = 200)
likelihood <- function(name, item, larger, terms, family, design) {
  environment(larger) <- environment()  # where regTermTest looks for what the model was made of
  model <- svyglm(larger, design, family = family, control = tight)
  found <- regTermTest(model, terms, method = "LRT")
  keep(name, item, "LRT", "statistic", found$chisq / mean(found$lambda))
  keep(name, item, "LRT", "df", found$df); keep(name, item, "LRT", "ddf", found$ddf)
  keep(name, item, "LRT", "saddlepoint", found$p)
  keep(name, item, "LRT", "exact", over(found$chisq, Re(found$lambda), found$ddf))
  if (found$df < 3) keep(name, item, "LRT", "infinite", without(found$chisq, Re(found$lambda)))
  for (k in seq_along(found$lambda)) keep(name, item, "LRT", paste0("scale", k), Re(sort(found$lambda)[k] / mean(found$lambda)))
}
for (name in c("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife", "calibrated")) {
  design <- designs[[name]]
  likelihood(name, "gaussian", api00 ~ ell + meals + stype, ~stype, gaussian(), design)
  likelihood(name, "binomial", I(award == "Yes") ~ ell + meals + stype, ~ell + meals, quasibinomial(), design)
  likelihood(name, "binomial_one", I(award == "Yes") ~ ell + meals, ~meals, quasibinomial(), design)
  likelihood(name, "poisson", tested ~ ell + meals + stype, ~stype + ell, quasipoisson(), design)
  likelihood(name, "gamma", api00 ~ ell + meals, ~ell, Gamma("log"), design)
}
# Nested without being named: the difference of two columns is one of them in disguise.
for (name in c("srs", "stratified", "one_stage")) {
  design <- update(designs[[name]], both = ell + meals)
  small <- svyglm(api00 ~ both, design, control = tight); large <- svyglm(api00 ~ ell + meals, design, control = tight)
  found <- anova(small, large, method = "LRT")
  keep(name, "disguised", "LRT", "statistic", found$chisq / mean(found$lambda)); keep(name, "disguised", "LRT", "df", found$df)
  keep(name, "disguised", "LRT", "ddf", found$ddf); keep(name, "disguised", "LRT", "exact", over(found$chisq, Re(found$lambda), found$ddf))
}
write_golden("chisq", "svychisq, svygofchisq, regTermTest(method = \"LRT\") and anova.svyglm; exact tails by integrate()")
