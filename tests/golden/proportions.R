# Confidence intervals of a proportion: svyciprop's six methods, and Wilson's.
#
# "likelihood.right" solves the equation of Rao and Scott (1984): with p the estimate, V its design variance and n = p(1 - p)/V, it
# is 2 n (p log(p/q) + (1 - p) log((1 - p)/(1 - q))) = t^2 in q. R's own "likelihood" divides the deviance by the dispersion of the
# quasi-binomial fit, rows / (rows - 1), which its scale V/V0 leaves out, so that its n is n (rows - 1) / rows; and it reads the
# profile off a spline. The first is shown by "likelihood.dispersed", from which R is never further than its spline, 5e-4.
# "logit" is the intercept of svyglm, here fitted to the last digit (R stops at 1e-8, which shows in the 7th digit of the interval).
# "wilson" (survey 4.5 has it, 4.1 does not) by its formula: (p - q)^2 = t^2 q(1 - q)/n in q (Wilson 1927; Dean and Pagano 2015);
# "beta" takes n times (t of n - 1 rows / t of the design)^2, as Korn and Graubard (1998), and df of the design whatever df is asked.
#
# Two slips of R: "asin" squares a sine that may be negative, so that a limit below 0 comes back above it ("asin.right" stops at 0 and
# 1); "beta" counts the rows of a calibrated design that are out of the domain or did not answer, which it keeps at weight 0, as answers
# ("beta.right" counts those with a weight).
source("common.R")
designs <- schools()
designs$jackknife <- as.svrepdesign(designs$one_stage)
bank <- read_data("bank_customers")
designs$fitted <- raked(svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = bank, nest = TRUE))

events <- list(
  met = list(column = "met", is = "Yes", by = "stype",
             designs = c("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife")),
  no_ell = list(column = "ell", is = "0", by = "stype", designs = c("stratified", "one_stage", "two_stage")),
  cholesterol = list(column = "cholesterol", is = "1", by = "race", designs = "nhanes"),
  agree = list(column = "agree", is = "5", by = "", designs = c("stratified", "two_stage")),
  kept = list(column = "kept", is = "5", by = "age", designs = "fitted")
)
likelihood <- function(p, n, t) {
  gap <- function(q) 2 * n * (p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))) - t^2
  solve_in <- function(from, to) uniroot(gap, c(from, to), tol = 1e-15, maxiter = 10000)$root
  c(solve_in(p * 1e-12, p), solve_in(p, 1 - (1 - p) * 1e-12))
}
wilson <- function(p, n, t) (p + t^2 / (2 * n) + c(-1, 1) * t * sqrt(p * (1 - p) / n + (t / (2 * n))^2)) / (1 + t^2 / n)

measure <- function(name, item, domain, design) {
  say <- function(method, limits) keep(name, item, domain, paste0(method, c(".lower", ".upper")), as.vector(limits))
  df <- degf(design)
  found <- svymean(~v, design)
  p <- as.vector(coef(found)); V <- as.vector(vcov(found)); n <- p * (1 - p) / V; t <- qt(0.975, df)
  keep(name, item, domain, "value", p); keep(name, item, domain, "se", sqrt(V)); keep(name, item, domain, "df", df)
  for (method in c("mean", "asin", "xlogit", "beta")) say(method, confint(svyciprop(~v, design, method = method, df = df)))
  model <- suppressWarnings(svyglm(v ~ 1, design, family = quasibinomial, control = list(epsilon = 1e-14, maxit = 99)))
  say("logit", plogis(as.vector(suppressWarnings(confint(model, ddf = df, method = "Wald")))))
  if (!inherits(design, "svyrep.design")) {
    theirs <- suppressWarnings(confint(svyciprop(~v, design, method = "likelihood", df = df)))
    say("likelihood", theirs); say("likelihood.right", likelihood(p, n, t))
    rows <- sum(weights(design) != 0); dispersed <- likelihood(p, n * (rows - 1) / rows, t)
    say("likelihood.dispersed", dispersed)
    stopifnot(max(abs(theirs - dispersed)) < 5e-4)
  }
  say("wilson", wilson(p, n, t))
  rows <- sum(weights(design, "sampling") != 0); k <- n * (qt(0.975, rows - 1) / t)^2
  say("beta.right", c(qbeta(0.025, k * p, k * (1 - p) + 1), qbeta(0.975, k * p + 1, k * (1 - p))))
  angle <- asin(sqrt(p)) + c(-1, 1) * t * sqrt(V) / (2 * sqrt(p * (1 - p)))
  say("asin.right", sin(pmin(pmax(angle, 0), pi / 2))^2)
}
for (item in names(events)) for (name in events[[item]]$designs) {
  event <- events[[item]]
  design <- designs[[name]]; frame <- design$variables
  design <- update(design, v = as.numeric(as.character(frame[[event$column]]) == event$is))
  values <- if (event$by == "") character(0) else sort(unique(frame[[event$by]]))
  for (domain in c("", values)) {
    group <- if (event$by == "") "" else frame[[event$by]]
    inside <- subset(design, !is.na(frame[[event$column]]) & (domain == "" | group == domain))
    if (name == "fitted") inside <- update(inside, v = ifelse(is.na(v), 0, v)) # a calibrated design keeps its rows, at weight 0
    p <- coef(svymean(~v, inside))
    if (p > 0 && p < 1) measure(name, item, domain, inside)
  }
}
write_golden("proportions", "svyciprop(method = , df = degf(subset(...))) of met = Yes, ell = 0, cholesterol = 1, agree = 5, kept = 5")
