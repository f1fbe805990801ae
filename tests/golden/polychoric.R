# Correlations behind ordinal answers, in two steps: psych, polycor and lavaan on made-up answers (written to data/ordinal.csv) and on
# a printed table.  No count is added to empty cells.  Robust errors by lavaan.
source("common.R")
suppressPackageStartupMessages({ library(psych); library(polycor); library(lavaan) })

set.seed(7)
n <- 2500
common <- rnorm(n)
x <- sapply(c(0.9, 0.7, 0.5, 0.8, 0.6), function(loading) loading * common + sqrt(1 - loading^2) * rnorm(n))
cut_at <- function(z, at) findInterval(z, at) + 1
made <- data.frame(
  a = cut_at(x[, 1], c(-1.2, -0.4, 0.3, 1)), b = cut_at(x[, 2], c(-1.5, -0.8, 0, 0.9)), c = cut_at(x[, 3], c(-0.5, 0.8)),
  d = cut_at(x[, 4], 0.4), y = round(10 + 2 * x[, 5], 3), weight = round(exp(0.4 * rnorm(n)), 4)
)
write_table(made, "data/ordinal.csv", "polychoric.R", "made up: five answers of one common factor, cut into 5, 5, 3 and 2, and a number")
four <- c("a", "b", "c", "d")

pairs_of <- function(name, what, r) {
  for (i in seq_len(nrow(r) - 1)) for (j in (i + 1):nrow(r)) keep(name, rownames(r)[i], rownames(r)[j], what, r[i, j])
}
quiet <- function(code) suppressMessages(suppressWarnings(code))
pairs_of("psych", "value", quiet(polychoric(made[four], correct = 0, global = FALSE))$rho)
scaled <- made$weight * n / sum(made$weight)
pairs_of("psych_weighted", "value", quiet(polychoric(made[four], correct = 0, global = FALSE, weight = scaled))$rho)

told <- as.data.frame(quiet(lavCor(made[c(four, "y")], ordered = four, se = "robust.sem", output = "est", zero.add = c(0, 0))))
told <- told[told$op == "~~" & told$lhs != told$rhs, ]
spread <- sqrt(mean((made$y - mean(made$y))^2))
for (row in seq_len(nrow(told))) {
  numeric <- told$rhs[row] == "y" # a covariance: the number is not standardised, its deviation is an estimate of its own
  keep("lavaan", told$lhs[row], told$rhs[row], "value", told$est[row] / if (numeric) spread else 1)
  if (!numeric) keep("lavaan", told$lhs[row], told$rhs[row], "se", told$se[row])
}

lambs <- matrix(c(58, 26, 8, 52, 58, 12, 1, 3, 9), 3) # of 227 ewes in two years, Tallis (1962)
found <- polychor(lambs, ML = FALSE, std.err = TRUE)
keep("lambs", "1952", "1953", "value", found$rho)
keep("lambs", "1952", "1953", "threshold_1", found$row.cuts[1])
keep("lambs", "1952", "1953", "threshold_2", found$row.cuts[2])
write_golden("polychoric", sprintf("psych %s, polycor %s, lavaan %s; two steps, nothing added to empty cells",
                                   packageVersion("psych"), packageVersion("polycor"), packageVersion("lavaan")))
