# Several stages, each with its fpc: means, totals, ratios, domains with their covariance, design effects, degrees of freedom.
source("common.R")

two <- read_data("apiclus2"); houses <- read_data("houses")
designs <- list(
  mu284 = svydesign(~id1 + id2, fpc = ~n1 + n2, data = read_data("mu284")),
  two_stage = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = two),
  two_stage_strata = svydesign(~dnum + snum, strata = ~parity, fpc = ~districts + fpc2, data = two),
  ultimate_cluster = svydesign(~dnum, weights = ~pw, data = two),
  three_stage = svydesign(~town + street + house, strata = ~country + kind, fpc = ~towns + streets + houses, data = houses, nest = TRUE),
  fpc = svydesign(~psuid, strata = ~stratid, weights = ~weight, fpc = ~Nh, data = read_data("fpc"), nest = TRUE),
  fpc_without = svydesign(~psuid, strata = ~stratid, weights = ~weight, data = read_data("fpc"), nest = TRUE),
  hospital = svydesign(~hospno, strata = ~oblevel, weights = ~weight, fpc = ~tothosp, data = read_data("hospital")),
  scd = svydesign(~ambulance, prob = ~1, strata = ~ESA, fpc = rep(5, 6), data = read_data("scd"), nest = TRUE),
  scd_no_fpc = svydesign(~ambulance, prob = ~1, strata = ~ESA, data = read_data("scd"), nest = TRUE)
)
items <- list(mu284 = "y1", three_stage = c("rooms", "rent"), fpc = "x", fpc_without = "x", hospital = "births",
              scd = c("alive", "arrests"), scd_no_fpc = c("alive", "arrests"))
domains <- list(three_stage = "garden", two_stage = "stype", two_stage_strata = "stype", ultimate_cluster = "stype")
ratios <- list(three_stage = c("rent", "rooms"), scd = c("alive", "arrests"), scd_no_fpc = c("alive", "arrests"),
               two_stage = c("tested", "enroll"), two_stage_strata = c("tested", "enroll"), ultimate_cluster = c("tested", "enroll"))

measure <- function(design, name, item, domain) {
  inside <- answered_on(design, item)
  ask <- as.formula(paste0("~", item))
  keep(name, item, domain, "df", degf(inside))
  found_as(name, item, domain, "mean", svymean(ask, inside))
  found_as(name, item, domain, "total", svytotal(ask, inside))
  if (nrow(inside) > 1 && sum(weights(inside)) > nrow(inside)) {
    deffs_as(name, item, domain, "mean", function(how) svymean(ask, inside, deff = how))
    deffs_as(name, item, domain, "total", function(how) svytotal(ask, inside, deff = how))
  }
}
divide <- function(design, name, of, domain) {
  inside <- answered_on(design, of)
  found <- svyratio(as.formula(paste0("~", of[1])), as.formula(paste0("~", of[2])), inside)
  keep(name, paste(of, collapse = "/"), domain, "ratio.value", coef(found))
  keep(name, paste(of, collapse = "/"), domain, "ratio.se", SE(found))
}

for (name in names(designs)) {
  design <- designs[[name]]
  of <- if (is.null(items[[name]])) c("api00", "enroll", "agree") else items[[name]]
  by <- domains[[name]]; values <- if (!is.null(by)) sort(unique(design$variables[[by]]))
  for (domain in c("", values)) {
    inside <- if (domain == "") design else subset(design, design$variables[[by]] == domain)
    for (item in of) measure(inside, name, item, domain)
    if (!is.null(ratios[[name]])) divide(inside, name, ratios[[name]], domain)
  }
  # the covariance between items, and between domains of one item
  frame <- design$variables
  columns <- if (is.null(by)) frame[of] else sapply(values, function(v) ifelse(frame[[by]] == v, frame[[of[2]]], NA), simplify = FALSE)
  if (length(columns) > 1) covariances_as(name, if (is.null(by)) "" else of[2], names(columns), vcov(means_of(design, columns)))
}
by <- svyby(~enroll, ~stype, subset(designs$two_stage, !is.na(enroll)), svymean, covmat = TRUE)
mine <- golden$rows[sapply(golden$rows, function(r) r$design[1] == "two_stage" && r$what[1] == "covariance")][[1]]
stopifnot(all.equal(as.vector(vcov(by)), mine$value, tolerance = 1e-10))

# printed values, to the digits printed (tests/*.Rout.save of the survey package, which follow the books)
published <- function(name, item, what, value) keep(name, item, "published", what, value)
# Sarndal, Swensson, Wretman (1992), page 143, the data of mu284: total 15,080, variance 5,172,234
published("mu284", "y1", "total.value", 15080); published("mu284", "y1", "total.variance", 5172234)
# Stata survey manual, the data of fpc: 5.4481, .6160 with the fpc and .7413 without
for (name in c("fpc", "fpc_without")) published(name, "x", "mean.value", 5.4481)
published("fpc", "x", "mean.se", 0.6160); published("fpc_without", "x", "mean.se", 0.7413)
stopifnot(abs(vcov(svytotal(~y1, designs$mu284)) - 5172234) < 0.5, abs(SE(svymean(~x, designs$fpc)) - 0.6160) < 5e-5,
          abs(SE(svymean(~x, designs$fpc_without)) - 0.7413) < 5e-5)
write_golden("stages", "svymean, svytotal (deff = 'replace' and TRUE), svyratio, svyby(covmat = TRUE), degf(subset(...))")
