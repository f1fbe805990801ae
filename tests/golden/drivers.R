# LMG shares of R squared by brute force over all orders of entry, and their standard errors by the delta method with a numeric
# gradient on svytotal's covariance.  (relaimpo is not in Debian; its swiss example is checked against Groemping 2006.)
source("common.R")

orders <- function(p) {
  if (p == 1) return(matrix(1, 1, 1))
  rest <- orders(p - 1)
  do.call(rbind, lapply(1:p, function(first) cbind(first, matrix(setdiff(1:p, first)[rest], nrow(rest)))))
}
# shares from a covariance whose last row is the outcome
lmg <- function(cov) {
  p <- ncol(cov) - 1
  r2 <- function(set) if (!length(set)) 0 else {
    drop(cov[set, p + 1] %*% solve(cov[set, set, drop = FALSE], cov[set, p + 1])) / cov[p + 1, p + 1]
  }
  all <- orders(p)
  shares <- numeric(p)
  for (row in seq_len(nrow(all))) for (place in 1:p) {
    before <- all[row, seq_len(place - 1)]
    shares[all[row, place]] <- shares[all[row, place]] + r2(c(before, all[row, place])) - r2(before)
  }
  shares / nrow(all)
}
# covariance from totals of 1, z and zz' (upper triangle)
moments <- function(total, k) {
  mean <- total[2:(k + 1)] / total[1]
  square <- matrix(0, k, k)
  square[upper.tri(square, diag = TRUE)] <- total[-(1:(k + 1))] / total[1]
  square <- square + t(square) - diag(diag(square))
  square - outer(mean, mean)
}

importance <- function(name, design, outcome, predictors) {
  z <- as.matrix(design$variables[c(predictors, outcome)])
  complete <- stats::complete.cases(z)
  k <- ncol(z)
  z <- sweep(z, 2, colMeans(z[complete, ])) # a shift of the columns changes nothing but the digits
  z[!complete, ] <- 0
  square <- NULL
  for (column in 1:k) for (row in 1:column) square <- cbind(square, z[, row] * z[, column])
  totals <- svytotal(cbind(1, z, square) * complete, design)
  f <- function(total) { s <- lmg(moments(total, k)); c(sum(s), s) }
  at <- as.vector(coef(totals))
  # five-point differences; the step is small beside each total's own size
  slope <- sapply(seq_along(at), function(j) {
    h <- 1e-3 * max(abs(at[j]), 0.05 * at[1]); e <- replace(0 * at, j, h)
    (f(at - 2 * e) - 8 * f(at - e) + 8 * f(at + e) - f(at + 2 * e)) / (12 * h)
  })
  se <- sqrt(diag(slope %*% vcov(totals) %*% t(slope)))
  items <- c(outcome, predictors)
  keep(name, items, "", "value", f(at)); keep(name, items, "", "se", se)
  keep(name, outcome, "", "df", degf(subset(design, complete))); keep(name, outcome, "", "n", sum(complete))
}

swiss_table <- read_data("swiss")
importance("swiss", svydesign(~1, weights = ~1, data = swiss_table), "fertility",
           c("agriculture", "examination", "education", "catholic", "infant_mortality"))
customers <- read_data("bank_customers")
drivers <- c("listened", "kept", "helped")
importance("weights_alone", svydesign(~1, weights = ~weight, data = customers), "recommend", drivers)
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
importance("bank", bank, "recommend", drivers)
importance("bank_raked", raked(bank), "recommend", drivers)
employees <- read_data("bank_employees")
importance("employees", svydesign(~branch, strata = ~region, weights = ~weight, data = employees, nest = TRUE),
           "recommend", c(drivers, "guess"))
write_golden("drivers", "LMG over all orders of entry; standard errors: numeric gradient and vcov(svytotal)")
