# Power and sample sizes: R's own power.t.test and power.prop.test (package stats), both tails counted, and the t test of cluster
# means, which is the exact test where clusters are of one size. Case by case: what was asked, the power, and the n that R finds.
source("common.R")

told <- function(test, ...) {
  facts <- list(...)
  case <- sum(vapply(golden$rows, function(rows) rows$design[1] == test && rows$what[1] == "power", TRUE)) + 1
  for (what in names(facts)) keep(test, case, "", what, facts[[what]])
}
ask <- function(...) power.t.test(..., strict = TRUE, tol = 1e-12)

for (n in c(3, 12, 61)) for (delta in c(0.2, 0.7, 1.6)) for (sd in c(1, 2.3)) for (level in c(0.9, 0.95)) {
  for (type in c("one.sample", "two.sample", "paired")) for (side in c("two.sided", "one.sided")) {
    if (type == "paired" && n == 61) next
    found <- ask(n = n, delta = delta, sd = sd, sig.level = 1 - level, type = type, alternative = side)
    told(paste(type, side), power = found$power, n = n, delta = delta, sd = sd, level = level)
  }
}
for (delta in c(0.15, 0.5, 1.2)) for (power in c(0.8, 0.95)) for (type in c("one.sample", "two.sample")) {
  found <- ask(delta = delta, sd = 1, power = power, type = type)
  told(paste("size", type), power = power, n = found$n, delta = delta)
}
for (n in c(25, 141, 900)) for (p1 in c(0.05, 0.4)) for (p2 in c(0.1, 0.47)) for (side in c("two.sided", "one.sided")) {
  found <- power.prop.test(n = n, p1 = p1, p2 = p2, alternative = side, strict = TRUE, tol = 1e-12)
  told(paste("prop", side), power = found$power, n = n, p1 = p1, p2 = p2)
}
for (p2 in c(0.42, 0.55, 0.7)) for (power in c(0.8, 0.9)) {
  found <- power.prop.test(p1 = 0.4, p2 = p2, power = power, strict = TRUE, tol = 1e-12)
  told("size prop", power = power, n = found$n, p1 = 0.4, p2 = p2)
}
# Two arms of m clusters of b persons: the means of clusters vary by icc + (1 - icc) / b.
for (m in c(4, 11, 40)) for (b in c(1, 8, 30)) for (icc in c(0, 0.02, 0.2)) {
  found <- ask(n = m, delta = 0.4, sd = sqrt(icc + (1 - icc) / b))
  told("clusters", power = found$power, m = m, b = b, icc = icc, delta = 0.4)
}
for (b in c(5, 20)) for (icc in c(0.01, 0.1)) {
  found <- ask(delta = 0.3, sd = sqrt(icc + (1 - icc) / b), power = 0.8)
  told("size clusters", power = 0.8, n = found$n, b = b, icc = icc, delta = 0.3)
}
write_golden("sizes", "power.t.test, power.prop.test (package stats) with strict = TRUE")
