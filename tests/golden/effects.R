# Effect sizes between the bank's customers and employees: Hedges' g by the delta method on totals, Cliff's delta by its influence
# function, both with the covariance of one stacked design; the influence is written out here, pair by pair of answers.
source("common.R")

both <- bank_both()
both$own_branch <- paste(both$audience, both$branch)
both$own_region <- paste(both$audience, both$region)
designs <- list(
  shared = svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = both, nest = TRUE),
  shared_no_fpc = svydesign(~branch, strata = ~region, weights = ~weight, data = both, nest = TRUE),
  apart = svydesign(~own_branch, strata = ~own_region, weights = ~weight, fpc = ~branches, data = both, nest = TRUE),
  persons = svydesign(~1, strata = ~own_region, weights = ~weight, data = both)
)

# Answers worth of a simple random sample, n / deff, as R counts the design effect.
effective <- function(design, x) {
  held <- subset(update(design, x = x), !is.na(x))
  sum(!is.na(x)) / as.numeric(deff(svymean(~x, held, deff = "replace")))
}

hedges <- function(design, a, b) {
  n <- c(sum(!is.na(a)), sum(!is.na(b)))
  known <- c(effective(design, a), effective(design, b))
  df <- sum(known) - 2
  zero <- function(x) ifelse(is.na(x), 0, x)
  design <- update(design, wa = 1 * !is.na(a), xa = zero(a), qa = zero(a)^2, wb = 1 * !is.na(b), xb = zero(b), qb = zero(b)^2)
  totals <- svytotal(~wa + xa + qa + wb + xb + qb, design)
  ask <- substitute(
    J * (xa / wa - xb / wb) / sqrt(pa * (qa / wa - (xa / wa)^2) + pb * (qb / wb - (xb / wb)^2)),
    list(J = 1 - 3 / (4 * df - 1), pa = (known[1] - 1) / df * n[1] / (n[1] - 1), pb = (known[2] - 1) / df * n[2] / (n[2] - 1))
  )
  svycontrast(totals, list(g = ask))
}

cliff <- function(design, a, b) {
  w <- weights(design, "sampling")
  in_a <- which(!is.na(a)); in_b <- which(!is.na(b))
  sign <- sign(outer(a[in_a], b[in_b], "-"))
  worth_a <- drop(sign %*% w[in_b]) / sum(w[in_b])
  worth_b <- drop(w[in_a] %*% sign) / sum(w[in_a])
  delta <- sum(w[in_a] * worth_a) / sum(w[in_a])
  u <- rep(0, length(w))
  u[in_a] <- u[in_a] + (worth_a - delta) / sum(w[in_a])
  u[in_b] <- u[in_b] + (worth_b - delta) / sum(w[in_b])
  list(value = delta, se = as.numeric(SE(svytotal(~u, update(design, u = u)))))
}

for (name in names(designs)) for (age in c("", "middle", "older", "young")) for (item in c("listened", "kept", "recommend", "guess")) {
  design <- designs[[name]]
  inside <- age == "" | both$age == age
  first <- if (item == "guess") "listened" else item
  a <- ifelse(inside & both$audience == "customers", both[[first]], NA)
  b <- ifelse(inside & both$audience == "employees", both[[item]], NA)
  g <- hedges(design, a, b); delta <- cliff(design, a, b)
  keep(name, item, age, "hedges_g.value", unlist(coef(g))); keep(name, item, age, "hedges_g.se", unlist(SE(g)))
  keep(name, item, age, "cliff_delta.value", delta$value); keep(name, item, age, "cliff_delta.se", delta$se)
  keep(name, item, age, "superiority.value", (delta$value + 1) / 2); keep(name, item, age, "superiority.se", delta$se / 2)
  if (item != "guess" && age == "") {
    # the rank test's estimate is half of delta, but for how it shares a rank among tied answers of unequal weight
    ranked <- svyranktest(as.formula(paste(item, "~ audience")), subset(design, !is.na(both[[item]])))
    stopifnot(abs(-ranked$estimate - delta$value / 2) < 0.005)
  }
}
write_golden("effects", "svycontrast on svytotal of moments (Hedges' g), svytotal of the influence function (Cliff's delta)")
