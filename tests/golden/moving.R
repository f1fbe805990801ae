# What-ifs: the change of the outcome's mean when 10 % of respondents go one box up.  Linear: slopes and errors of svyglm where
# nobody is in the top box; in general a function of totals, its error by a numeric gradient on svytotal's covariance.
# Ordinal: the coefficients of svyolr (which stops early), put through the expected codes of everybody.
source("common.R")
drivers <- c("listened", "kept", "helped")
move <- 0.1

whole <- function(design) subset(design, stats::complete.cases(design$variables[c(drivers, "recommend")]))

# svyglm's slopes, times the share that moves
slopes <- function(name, design) {
  design <- whole(design)
  direct <- svyglm(reformulate(drivers, "recommend"), design)
  for (driver in drivers) {
    total <- svyglm(reformulate(driver, "recommend"), design)
    for (end in c("direct", "total")) {
      model <- if (end == "direct") direct else total
      keep(name, driver, end, "value.free", move * coef(model)[[driver]])
      keep(name, driver, end, "se.free", move * SE(model)[[driver]])
    }
  }
}

# the change from totals of 1, z, zz', the step to the next box and being in the top one
change <- function(name, design) {
  data <- design$variables
  complete <- stats::complete.cases(data[c(drivers, "recommend")])
  z <- as.matrix(data[c(drivers, "recommend")])
  z <- sweep(z, 2, colMeans(z[complete, ])); z[!complete, ] <- 0
  top <- 1 * (as.matrix(data[drivers]) == 5); top[!complete, ] <- 0
  step <- (1 - top) * complete
  k <- ncol(z)
  square <- NULL
  for (column in 1:k) for (row in 1:k) square <- cbind(square, z[, row] * z[, column])
  totals <- svytotal(cbind(1, z, square, step, top) * complete, design)
  f <- function(total) {
    mean <- total[2:(k + 1)] / total[1]
    cov <- matrix(total[(k + 2):(k + 1 + k^2)] / total[1], k, k) - outer(mean, mean)
    rest <- total[-(1:(k + 1 + k^2))] / total[1]
    step <- rest[1:3]; free <- 1 - rest[4:6]
    reach <- ifelse(free <= move, step, move * step / free)
    c(reach * solve(cov[1:3, 1:3], cov[1:3, 4]), reach * cov[1:3, 4] / diag(cov)[1:3])
  }
  at <- as.vector(coef(totals))
  slope <- sapply(seq_along(at), function(j) {
    h <- 1e-3 * max(abs(at[j]), 0.05 * at[1]); e <- replace(0 * at, j, h)
    (f(at - 2 * e) - 8 * f(at - e) + 8 * f(at + e) - f(at + 2 * e)) / (12 * h)
  })
  se <- sqrt(diag(slope %*% vcov(totals) %*% t(slope)))
  ends <- rep(c("direct", "total"), each = 3)
  for (row in 1:6) {
    keep(name, rep(drivers, 2)[row], ends[row], "value", f(at)[row])
    keep(name, rep(drivers, 2)[row], ends[row], "se", se[row])
  }
}

expected <- function(x, theta, zeta, codes) {
  eta <- drop(x %*% theta)
  below <- cbind(0, sapply(zeta, function(one) plogis(one - eta)), 1)
  drop((below[, -1] - below[, -ncol(below)]) %*% codes)
}
ordinal <- function(name, design) {
  design <- whole(design)
  data <- design$variables
  codes <- sort(unique(data$recommend))
  design <- update(design, outcome = factor(recommend))
  w <- weights(design)
  for (driver in drivers) for (end in c("direct", "total")) {
    used <- if (end == "direct") drivers else driver
    model <- svyolr(reformulate(used, "outcome"), design, control = list(reltol = 1e-15, maxit = 5000))
    x <- as.matrix(data[used]); up <- x; free <- x[, driver] < 5
    up[free, driver] <- up[free, driver] + 1
    gain <- expected(up, model$coefficients, model$zeta, codes) - expected(x, model$coefficients, model$zeta, codes)
    keep(name, driver, end, "value.ordinal", move * sum((w * gain)[free]) / sum(w[free]))
  }
}

customers <- read_data("bank_customers")
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
designs <- list(weights_alone = svydesign(~1, weights = ~weight, data = customers), bank = bank, bank_raked = raked(bank))
for (name in names(designs)) change(name, designs[[name]])
for (name in c("weights_alone", "bank")) slopes(name, designs[[name]])
ordinal("bank", bank)
write_golden("moving", "10 % of respondents one box up: change of the mean of `recommend`; `free` where nobody is in the top box")
