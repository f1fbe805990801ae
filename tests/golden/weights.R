# Raked weights, and what describes any weights: Kish's design effect and effective size.
source("common.R")
customers <- read_data("bank_customers")
plain <- raked(svydesign(~1, weights = ~1, data = customers))
started <- raked(svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE))
for (name in c("plain", "started")) {
  w <- weights(get(name))
  keep(name, customers$respondent, "", "weight", w)
  n <- length(w)
  keep(name, "", "", "n", n)
  keep(name, "", "", "kish_deff", 1 + (n - 1) / n * var(w) / mean(w)^2)
  keep(name, "", "", "n_eff", sum(w)^2 / sum(w^2))
  keep(name, "", "", "cv", sqrt((n - 1) / n * var(w)) / mean(w))
  keep(name, "", "", "min", min(w)); keep(name, "", "", "max", max(w))
}
write_golden("weights", "calibrate(calfun = 'raking', epsilon = 1e-13); Kish by the variance of the weights")
