# Units read together, a second road in base R: the posterior of unit values with the variance between units integrated over, from
# dense matrices and Simpson's rule with 6001 nodes; funnels with overdispersion (Spiegelhalter 2005, Statistics in Medicine 24,
# 1185-1202), written from the paper as a loop over units. Data: the coaching of eight schools (Rubin 1981, Journal of Educational
# Statistics 6, 377-401), the milk expenditure of 43 areas, shares by branch of the bank.
source("common.R")

schools <- data.frame(unit = LETTERS[1:8], y = c(28, 8, -3, 7, -1, 1, 18, 12), s = c(15, 10, 16, 11, 9, 11, 10, 18))
milk <- read_data("milk")
alike <- data.frame(unit = 1:15, y = round(sin(1:15) / 5, 3), s = rep(c(0.3, 0.5, 0.4), 5))

# One node of the posterior: weight (logarithm, flat in tau^2, on the scale u = tau / (tau + k)), means and standard deviations given tau.
node <- function(u, k, y, psi, x) {
  tau <- k * u / (1 - u)
  v <- diag(tau^2 + psi)
  inside <- t(x) %*% solve(v, x)
  p <- solve(v) - solve(v, x) %*% solve(inside, t(solve(v, x)))
  b <- solve(inside, t(x) %*% solve(v, y))
  log_weight <- -0.5 * (sum(log(diag(v))) + as.numeric(determinant(inside)$modulus) + as.numeric(t(y) %*% p %*% y)) + log(tau) - 2 * log1p(-u)
  given <- y - psi * as.vector(p %*% y)                       # y - R P y
  errors <- psi - psi^2 * diag(p)                             # R - R P R, both from Henderson's equations
  list(log_weight = log_weight, mean = given, sd = sqrt(errors), tau = tau)
}
posterior_as <- function(design, units, y, psi, x, margin) {
  k <- sqrt(median(psi))
  u <- seq(0, 1 - 1e-7, length.out = 6001)
  nodes <- lapply(u, node, k = k, y = y, psi = psi, x = x)
  height <- vapply(nodes, function(one) one$log_weight, 0)
  simpson <- c(1, rep(c(4, 2), length.out = length(u) - 2), 1)
  w <- exp(height - max(height)) * simpson
  w <- w / sum(w)
  mean <- vapply(nodes, function(one) one$mean, y)
  sd <- vapply(nodes, function(one) one$sd, y)
  centre <- as.vector(mean %*% w)
  for (i in seq_along(y)) {
    below <- function(at) sum(w * pnorm((at - mean[i, ]) / sd[i, ]))
    edge <- range(mean[i, ]) + c(-6, 6) * max(sd[i, ])
    keep(design, "posterior", units[i], "mean", centre[i])
    keep(design, "posterior", units[i], "sd", sqrt(sum(w * (sd[i, ]^2 + (mean[i, ] - centre[i])^2))))
    for (p in c(0.05, 0.95)) {
      keep(design, "posterior", units[i], paste0("q", p), uniroot(function(at) below(at) - p, edge, tol = 1e-13)$root)
    }
    keep(design, "posterior", units[i], "beyond", below(-margin) + 1 - below(margin))
  }
  keep(design, "posterior", "", "between", sum(w * vapply(nodes, function(one) one$tau^2, 0)))
}
posterior_as("schools", schools$unit, schools$y, schools$s^2, matrix(1, 8), 10)
posterior_as("milk", milk$area, milk$y, milk$sd^2, model.matrix(~factor(region), milk), 0.9)
posterior_as("alike", alike$unit, alike$y, alike$s^2, matrix(1, 15), 0.3)

funnel_as <- function(design, units, y, s, target, share, back = identity) {
  if (is.null(target)) target <- sum(y / s^2) / sum(1 / s^2)
  z <- NULL
  for (i in seq_along(y)) z <- c(z, (y[i] - target) / s[i])
  ends <- quantile(z, c(share, 1 - share))
  squares <- 0
  for (one in z) squares <- squares + min(max(one, ends[1]), ends[2])^2
  phi <- squares / length(z)
  s1 <- sum(s^-2)
  s2 <- sum(s^-4)
  tau2 <- (length(z) * phi - (length(z) - 1)) / (s1 - s2 / s1)
  if (tau2 < 0) tau2 <- 0
  keep(design, "funnel", "", "target", back(target))
  keep(design, "funnel", "", "phi", phi)
  keep(design, "funnel", "", "tau2", tau2)
  for (i in seq_along(y)) {
    half <- sqrt(s[i]^2 + tau2)
    keep(design, "funnel", units[i], "z", z[i])
    keep(design, "funnel", units[i], "z_adjusted", (y[i] - target) / half)
    keep(design, "funnel", units[i], "lower_95", back(target - qnorm(0.975) * half))
    keep(design, "funnel", units[i], "upper_95", back(target + qnorm(0.975) * half))
    keep(design, "funnel", units[i], "lower_998", back(target - qnorm(0.999) * half))
    keep(design, "funnel", units[i], "upper_998", back(target + qnorm(0.999) * half))
  }
}
funnel_as("milk_funnel", milk$area, milk$y, milk$sd, NULL, 0.1)
funnel_as("milk_target", milk$area, milk$y, milk$sd, 0.9, 0.1)
funnel_as("milk_plain", milk$area, milk$y, milk$sd, NULL, 0)
funnel_as("schools_funnel", schools$unit, schools$y, schools$s, NULL, 0.1)
customers <- read_data("bank_customers")
asked <- customers[!is.na(customers$channel), ]
n <- tapply(rep(1, nrow(asked)), asked$branch, sum)
pleased <- tapply(asked$channel == "branch", asked$branch, mean)
angle <- function(a) sin(pmin(pmax(a, 0), pi / 2))^2
funnel_as("branches_arcsine", names(n), as.vector(asin(sqrt(pleased))), as.vector(1 / (2 * sqrt(n))), NULL, 0.1, angle)
funnel_as("branches_target", names(n), as.vector(asin(sqrt(pleased))), as.vector(1 / (2 * sqrt(n))), asin(sqrt(0.5)), 0.1, angle)
write_golden("units", "posteriors by dense matrices and Simpson's rule, funnels from Spiegelhalter's paper; base R")
