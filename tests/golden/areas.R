# The area-level model of Fay and Herriot, written out with dense matrices: the score of the restricted likelihood brought to 0 by
# uniroot, predictors and mean squared errors from the general formulas of the linear mixed model (Rao and Molina 2015, section 5.3),
# on the milk expenditure of 43 areas and on means of answers by branch. (Package sae is not in Debian; its published values are
# in the tests.)
source("common.R")

projection <- function(a, psi, x) {
  v <- solve(diag(a + psi))
  v - v %*% x %*% solve(t(x) %*% v %*% x) %*% t(x) %*% v
}
score <- function(a, y, psi, x, method) {
  p <- projection(a, psi, x)
  trace <- if (method == "ml") sum(1 / (a + psi)) else sum(diag(p))
  as.vector(t(y) %*% p %*% p %*% y) / 2 - trace / 2 + (if (method == "adjusted_reml") 1 / a else 0)
}
fitted_as <- function(design, method, areas, y, psi, x) {
  a <- uniroot(function(a) score(a, y, psi, x, method), c(1e-9, 100 * var(y)), tol = 1e-15, maxiter = 10000)$root
  d <- length(y)
  v <- diag(a + psi)
  b <- solve(t(x) %*% solve(v) %*% x)
  beta <- b %*% t(x) %*% solve(v) %*% y
  gamma <- a * solve(v)
  values <- x %*% beta + gamma %*% (y - x %*% beta)
  away <- (diag(d) - gamma) %*% x
  information <- sum(diag(solve(v) %*% solve(v))) / 2
  slope <- solve(v) - a * solve(v) %*% solve(v)
  mse <- diag(a * diag(d) - gamma * a) + diag(away %*% b %*% t(away)) + 2 * diag(slope %*% v %*% t(slope)) / information
  if (method == "ml") {
    bias <- -sum(diag(b %*% (t(x) %*% solve(v) %*% solve(v) %*% x))) / (2 * information)
    mse <- mse - bias * diag((diag(d) - gamma) %*% (diag(d) - gamma))
  }
  keep(design, method, "", "between", a)
  keep(design, method, seq_along(beta), "beta", beta)
  keep(design, method, seq_along(beta), "beta.se", sqrt(diag(b)))
  keep(design, method, areas, "value", values)
  keep(design, method, areas, "mse", mse)
}

milk <- read_data("milk")
for (method in c("reml", "ml", "adjusted_reml")) {
  fitted_as("milk", method, milk$area, milk$y, milk$sd^2, model.matrix(~factor(region), milk))
  fitted_as("milk_mean", method, milk$area, milk$y, milk$sd^2, matrix(1, nrow(milk)))
}
# Branches of the bank, customers drawn by region: direct means of svyby, beside the plain share of answers given in the branch itself.
customers <- read_data("bank_customers")
design <- svydesign(~1, strata = ~region, weights = ~weight, data = customers)
direct <- svyby(~kept, ~branch, design, svymean, na.rm = TRUE)
inside <- tapply(customers$channel == "branch", customers$branch, mean)[direct$branch]
for (method in c("reml", "ml", "adjusted_reml")) {
  fitted_as("branches", method, direct$branch, direct$kept, direct$se^2, cbind(1, inside))
}
write_golden("areas", "Fay and Herriot's model with dense matrices, base R")
