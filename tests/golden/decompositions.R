# R squared shared out otherwise than by LMG, dominance and collinearity: each number by a road of its own on the rows (lm, svd), the
# errors by the delta method with a numeric gradient on svytotal's covariance, and by a jackknife. (relaimpo, domir and rwa are not in
# Debian: their published examples stand in the tests.) Writes data/mtcars.csv too.
source("common.R")

cars <- cbind(car = gsub("[^A-Za-z0-9 ]", "", rownames(mtcars)), mtcars)
write_table(cars, "data/mtcars.csv", "decompositions.R", "from data(mtcars) of R's own package datasets (GPL-2 | GPL-3)")

# 1. On the rows: regressions of complete answers z (outcome last) by weight w; controls are residualised away row by row.
r2 <- function(y, x, w) if (!ncol(x)) 0 else summary(lm(y ~ x, weights = w))$r.squared
by_rows <- function(z, w, always) {
  p <- ncol(z) - 1 - length(always)
  y <- z[, ncol(z)]
  x <- z[, setdiff(seq_len(ncol(z) - 1), always), drop = FALSE]
  a <- z[, always, drop = FALSE]
  base <- r2(y, a, w)
  all <- r2(y, cbind(x, a), w)
  left <- function(v) if (length(always)) residuals(lm(v ~ a, weights = w)) else v
  # standardised by weight, then times the root of the weight: ordinary cross products from here on
  scaled <- function(v) { v <- v - weighted.mean(v, w); v * sqrt(w) / sqrt(sum(w * v^2)) }
  sx <- apply(x, 2, function(v) scaled(left(v)))
  sy <- scaled(left(y))
  beta <- coef(lm(sy ~ sx - 1))
  # Johnson: the orthogonal variables nearest to the drivers are P Q' of the singular value decomposition P D Q'
  parts <- svd(sx)
  near <- parts$u %*% t(parts$v)
  lambda <- parts$v %*% diag(parts$d, p) %*% t(parts$v)
  z_near <- drop(t(near) %*% sy)
  list(
    r2 = all, always = base,
    first = sapply(1:p, function(j) r2(y, cbind(x[, j], a), w) - base),
    last = sapply(1:p, function(j) all - r2(y, cbind(x[, -j], a), w)),
    pratt = unname(beta) * drop(t(sx) %*% sy) * (1 - base),
    car = z_near^2 * (1 - base),
    johnson = drop(lambda^2 %*% z_near^2) * (1 - base)
  )
}

# 2. On the covariance matrix (outcome last), for gradients and replicates.
by_covariance <- function(cov, always) {
  k <- ncol(cov)
  keep <- setdiff(seq_len(k), always)
  left <- if (!length(always)) cov else {
    cov[keep, keep] - cov[keep, always] %*% solve(cov[always, always], cov[always, keep, drop = FALSE])
  }
  rest <- left[nrow(left), nrow(left)] / cov[k, k]
  cor <- cov2cor(left)
  p <- ncol(cor) - 1
  x <- cor[1:p, 1:p]; r <- cor[1:p, p + 1]
  e <- eigen(x, symmetric = TRUE)
  root <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
  z <- solve(root, r); b <- solve(x, r)
  list(r2 = 1 - rest + rest * sum(b * r), always = 1 - rest, first = rest * r^2, last = rest * b^2 / diag(solve(x)),
       pratt = rest * b * r, car = rest * z^2, johnson = rest * drop(root^2 %*% z^2))
}
covariance <- function(total, k) {
  mean <- total[2:(k + 1)] / total[1]
  square <- matrix(0, k, k)
  square[upper.tri(square, diag = TRUE)] <- total[-(1:(k + 1))] / total[1]
  square + t(square) - diag(diag(square)) - outer(mean, mean)
}
products <- function(z, complete) {
  z[!complete, ] <- 0
  columns <- list(rep(1, nrow(z)))
  for (j in seq_len(ncol(z))) columns[[length(columns) + 1]] <- z[, j]
  for (j in seq_len(ncol(z))) for (i in 1:j) columns[[length(columns) + 1]] <- z[, i] * z[, j]
  do.call(cbind, columns) * complete
}

decompose <- function(name, design, outcome, predictors, always = character(0), jackknife = NULL) {
  columns <- c(predictors, always, outcome)
  k <- length(columns)
  z <- as.matrix(design$variables[columns])
  complete <- stats::complete.cases(z)
  z <- scale(z, colMeans(z[complete, ]), apply(z[complete, ], 2, sd)) # shift and unit change nothing but the digits
  place <- match(always, columns)
  exact <- by_rows(z[complete, ], weights(design)[complete], place)
  f <- function(total) unlist(by_covariance(covariance(total, k), place))
  totals <- svytotal(products(z, complete), design)
  at <- as.vector(coef(totals))
  stopifnot(all.equal(unlist(exact), f(at), tolerance = 1e-11, check.attributes = FALSE))
  slope <- sapply(seq_along(at), function(j) {
    h <- 2e-4 * max(abs(at[j]), 0.05 * at[1]); e <- replace(0 * at, j, h)
    (f(at - 2 * e) - 8 * f(at - e) + 8 * f(at + e) - f(at + 2 * e)) / (12 * h)
  })
  se <- relist(sqrt(diag(slope %*% vcov(totals) %*% t(slope))), exact)
  again <- if (!is.null(jackknife)) {
    made <- withReplicates(jackknife, function(w, data) f(colSums(w * products(z, complete))))
    relist(sqrt(diag(vcov(made))), exact)
  }
  for (what in names(exact)) {
    items <- switch(what, r2 = outcome, always = paste(always, collapse = " + "), predictors)
    if (what == "always" && !length(always)) next
    keep(name, items, what, "value", exact[[what]]); keep(name, items, what, "se", se[[what]])
    if (!is.null(again)) keep(name, items, what, "jackknife", again[[what]])
  }
  # collinearity of the drivers, on the same rows
  w <- weights(design)[complete]
  x <- z[complete, predictors]
  vif <- sapply(seq_along(predictors), function(j) 1 / (1 - r2(x[, j], x[, -j], w)))
  keep(name, predictors, "", "vif", vif)
  d <- svd(apply(x, 2, function(v) { v <- v - weighted.mean(v, w); v * sqrt(w) / sqrt(sum(w * v^2)) }))$d
  keep(name, "", "", "condition", max(d) / min(d)); keep(name, "", "", "halo", max(d)^2 / sum(d^2))
}

swiss_table <- read_data("swiss")
swiss_drivers <- c("agriculture", "examination", "education", "catholic", "infant_mortality")
plain <- svydesign(~1, weights = ~1, data = swiss_table)
decompose("swiss", plain, "fertility", swiss_drivers)
decompose("swiss_always", plain, "fertility", swiss_drivers[1:3], always = swiss_drivers[4:5])
decompose("mtcars", svydesign(~1, weights = ~1, data = mtcars), "mpg", c("cyl", "disp", "hp", "wt"))
drivers <- c("listened", "kept", "helped")
customers <- read_data("bank_customers")
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
loose <- svydesign(~branch, strata = ~region, weights = ~weight, data = customers, nest = TRUE)
decompose("bank", bank, "recommend", drivers)
decompose("bank_no_fpc", loose, "recommend", drivers, jackknife = as.svrepdesign(loose, type = "JKn", mse = TRUE))
employees <- svydesign(~branch, strata = ~region, weights = ~weight, data = read_data("bank_employees"), nest = TRUE)
decompose("employees", employees, "recommend", drivers, always = "guess")

# 3. Dominance: all regressions of mpg by lm, one after the other.
dominate <- function(name, predictors) {
  p <- length(predictors)
  sets <- lapply(0:(2^p - 1), function(code) which(bitwAnd(code, 2^(0:(p - 1))) > 0))
  worth <- sapply(sets, function(set) r2(mtcars$mpg, as.matrix(mtcars[predictors[set]]), rep(1, nrow(mtcars))))
  code <- function(set) 1 + sum(2^(set - 1))
  for (j in 1:p) {
    without <- Filter(function(set) !(j %in% set), sets)
    gain <- sapply(without, function(set) worth[code(c(set, j))] - worth[code(set)])
    size <- sapply(without, length)
    keep(name, predictors[j], paste0("at_", 1:p), "conditional", tapply(gain, size, mean))
    keep(name, predictors[j], "", "general", mean(tapply(gain, size, mean)))
    for (i in setdiff(1:p, j)) {
      lack <- Filter(function(set) !(i %in% set), without)
      keep(name, predictors[j], predictors[i], "won",
           mean(sapply(lack, function(set) worth[code(c(set, j))] > worth[code(c(set, i))])))
    }
  }
}
dominate("cars_three", c("am", "cyl", "carb"))
dominate("cars_six", c("am", "cyl", "carb", "hp", "wt", "qsec"))
write_golden("decompositions", "first, last, Pratt, CAR and Johnson by lm and svd on rows; errors: numeric gradient and vcov(svytotal), JKn;",
             "VIF by lm, condition by svd; dominance by lm over all subsets of data(mtcars)")
