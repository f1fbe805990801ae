# Penalties and rewards: coefficients of svyglm on columns for low and high ratings, their sum and its error by svycontrast, and
# standardised slopes by the delta method on vcov(svytotal) of squares and products.
source("common.R")

options(warn = 0)
drivers <- c("listened", "kept", "helped")
columns <- function(data) {
  for (x in drivers) {
    data[[paste0(x, "_low")]] <- as.numeric(data[[x]] <= 2)
    data[[paste0(x, "_high")]] <- as.numeric(data[[x]] >= 5)
  }
  data$top <- as.numeric(data$recommend >= 9)
  data
}
customers <- columns(read_data("bank_customers"))
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
no_fpc <- svydesign(~branch, strata = ~region, weights = ~weight, data = customers, nest = TRUE)
designs <- list(
  weights_alone = svydesign(~1, weights = ~weight, data = customers),
  bank = bank,
  bank_raked = raked(bank),
  jackknife = as.svrepdesign(no_fpc, type = "JKn", mse = TRUE)
)
judged <- function(name, model, outcome, design, of, control = "") {
  right <- c(paste0(rep(of, each = 2), c("_low", "_high")), if (nzchar(control)) control)
  fit <- svyglm(reformulate(right, outcome), design)
  for (x in of) {
    side <- paste0(x, c("_low", "_high"))
    if (inherits(fit, "svrepglm")) { # survey 4.1.1's svycontrast stops on these
      found <- c(sum(coef(fit)[side]), sqrt(sum(vcov(fit)[side, side])))
    } else {
      found <- svycontrast(fit, setNames(c(1, 1), side))
      found <- c(coef(found), SE(found))
    }
    keep(name, x, model, "penalty", coef(fit)[side[1]]); keep(name, x, model, "reward", coef(fit)[side[2]])
    keep(name, x, model, "penalty.se", SE(fit)[side[1]]); keep(name, x, model, "reward.se", SE(fit)[side[2]])
    keep(name, x, model, "value", found[1]); keep(name, x, model, "se", found[2])
    keep(name, x, model, "df", fit$df.residual)
  }
}
for (name in names(designs)) {
  design <- designs[[name]]
  judged(name, "jointly", "recommend", design, drivers)
  judged(name, "top", "top", design, drivers)
  judged(name, "controlled", "recommend", design, drivers, "age")
  for (x in drivers) judged(name, "alone", "recommend", design, x)
  fit <- svyglm(reformulate(c(drivers, "age"), "recommend"), design)
  for (x in drivers) { keep(name, x, "slope", "value", coef(fit)[x]); keep(name, x, "slope", "se", SE(fit)[x]) }
}
for (x in c("low", "middle", "high")) {
  cut <- c(low = -1, middle = 0, high = 1)[x]
  whole <- complete.cases(customers[c(drivers, "recommend")])
  for (d in drivers) {
    code <- (customers[[d]] >= 5) - (customers[[d]] <= 2)
    keep("counts", d, "", x, sum(code[whole] == cut))
  }
}

# Standardised slopes b_j s_j / s_y as a function of the totals of 1, z and zz' (upper triangle).
standardised <- function(name, design, outcome) {
  z <- as.matrix(design$variables[c(drivers, outcome)])
  complete <- stats::complete.cases(z); k <- ncol(z); p <- k - 1
  z <- sweep(z, 2, colMeans(z[complete, ])); z[!complete, ] <- 0
  pairs <- which(upper.tri(diag(k), diag = TRUE), arr.ind = TRUE)
  totals <- svytotal(cbind(1, z, z[, pairs[, 1]] * z[, pairs[, 2]]) * complete, design)
  f <- function(total) {
    mean <- total[1 + 1:k] / total[1]
    square <- matrix(0, k, k); square[pairs] <- total[-(1:(k + 1))] / total[1]
    cov <- square + t(square) - diag(diag(square)) - outer(mean, mean)
    drop(solve(cov[1:p, 1:p], cov[1:p, k])) * sqrt(diag(cov)[1:p] / cov[k, k])
  }
  at <- as.vector(coef(totals))
  slope <- sapply(seq_along(at), function(j) {
    h <- 1e-3 * max(abs(at[j]), 0.05 * at[1]); e <- replace(0 * at, j, h)
    (f(at - 2 * e) - 8 * f(at - e) + 8 * f(at + e) - f(at + 2 * e)) / (12 * h)
  })
  keep(name, drivers, "standardised", "value", f(at))
  keep(name, drivers, "standardised", "se", sqrt(diag(slope %*% vcov(totals) %*% t(slope))))
}
for (name in c("weights_alone", "bank", "bank_raked")) standardised(name, designs[[name]], "recommend")
write_golden("penalties", "svyglm and svycontrast on the bank's customers; standardised slopes: numeric gradient and vcov(svytotal)")
