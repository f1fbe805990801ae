# Weights fitted to the population of California schools, and the variances that know it; a dozen weights of each, every 15th row.
#
# Twins: weights raked by `rake` and by `calibrate(calfun = "raking")` agree, their variances do not. `calibrate` takes the residuals
# of the regression on the margins by the starting weights, once (the linear approximation of Deville and Sarndal 1992); `rake` takes
# deviations from unweighted means of each margin in turn, ten times. "rake" holds R's rake, "raked" R's calibrate.
source("common.R")
data(api)
count <- function(by) as.data.frame(table(apipop[by]))
margins <- list(stype = setNames(count("stype"), c("stype", "Freq")), met = setNames(count("sch.wide"), c("met", "Freq")))
cells <- setNames(count(c("stype", "sch.wide")), c("stype", "met", "Freq"))
N <- nrow(apipop)
type <- c(`(Intercept)` = N, stypeH = sum(apipop$stype == "H"), stypeM = sum(apipop$stype == "M"))
met <- c(metYes = sum(apipop$sch.wide == "Yes"))
score <- c(api99 = sum(apipop$api99)); met_too <- c(type, met); with_score <- c(type, score)
keep("population", "stype", margins$stype$stype, "total", margins$stype$Freq)
keep("population", "met", margins$met$met, "total", margins$met$Freq)
keep("population", "stype*met", paste(cells$stype, cells$met, sep = ":"), "total", cells$Freq)
keep("population", "api99", "", "total", score); keep("population", "", "", "total", N)

starts <- schools()[c("stratified", "one_stage", "two_stage")]
tight <- list(epsilon = 1e-15, maxit = 2000)
fits <- list(
  poststratified = function(d) postStratify(d, ~stype, margins$stype),
  rake = function(d) rake(d, list(~stype, ~met), margins, control = tight),
  raked = function(d) calibrate(d, ~stype + met, met_too, calfun = "raking", epsilon = 1e-13, maxit = 500),
  linear = function(d) calibrate(d, ~stype + api99, with_score),
  linear_bounded = function(d) calibrate(d, ~stype + met, met_too, bounds = bounds_of(d), epsilon = 1e-13, maxit = 500),
  logit = function(d) calibrate(d, ~stype + api99, with_score, calfun = "logit", bounds = c(0.3, 3.5), epsilon = 1e-13, maxit = 500),
  raking_numeric = function(d) calibrate(d, ~stype + api99, with_score, calfun = "raking", epsilon = 1e-13, maxit = 500),
  trimmed = function(d) trimWeights(postStratify(d, ~stype, margins$stype), upper = cap_of(d)),
  trimmed_strictly = function(d) trimWeights(postStratify(d, ~stype, margins$stype), upper = cap_of(d), strict = TRUE)
)
# bounds that bite and can be met; a cap above the mean weight that some weights pass
bounds_of <- function(d) {
  g <- weights(calibrate(d, ~stype + met, met_too)) / weights(d)
  round(c(min(g) + 0.02 * diff(range(g)), max(g) - 0.02 * diff(range(g))), 3)
}
cap_of <- function(d) {
  w <- weights(postStratify(d, ~stype, margins$stype))
  round(max(w) - 0.15 * (max(w) - mean(w)), 1)
}

measure <- function(name, design, domain) {
  found_as(name, "api00", domain, "mean", svymean(~api00, design))
  found_as(name, "api00", domain, "total", svytotal(~api00, design))
  inside <- subset(design, !is.na(tested) & !is.na(enroll))
  inside <- update(inside, tested = ifelse(is.na(tested), 0, tested), enroll = ifelse(is.na(enroll), 0, enroll))
  found_as(name, "enroll", domain, "mean", svymean(~enroll, inside)); found_as(name, "enroll", domain, "total", svytotal(~enroll, inside))
  found_as(name, "tested/enroll", domain, "ratio", svyratio(~tested, ~enroll, inside))
}
measure_all <- function(name, design) {
  measure(name, design, "")
  measure(name, subset(design, award == "Yes"), "award")
  measure(name, subset(design, stype == "E"), "E")
}
for (start in names(starts)) for (fit in names(fits)) {
  name <- paste(start, fit, sep = ".")
  design <- tryCatch(fits[[fit]](starts[[start]]), error = function(e) NULL)
  if (is.null(design)) { message(name, ": no solution, left out"); next }
  w <- weights(design)
  rows <- seq(1, length(w), by = 15)
  keep(name, rows, "", "weight", w[rows]); keep(name, "", "", "sum", sum(w)); keep(name, "", "", "sum_of_squares", sum(w^2))
  if (fit == "linear_bounded") { b <- bounds_of(starts[[start]]); keep(name, "", "", "lower", b[1]); keep(name, "", "", "upper", b[2]) }
  if (grepl("^trimmed", fit)) { keep(name, "", "", "cap", cap_of(starts[[start]])); next } # trimming is no calibration: weights only
  measure_all(name, design)
}
# one number and no categories, with the size of the population and without; the range of the first two is printed by the survey
# package's own tests (tests/caleg.Rout.save): 0.7906782 to 1.7891164, and 0.7198751 to 1.5 within bounds of 0.6 and 1.5
pupils <- sum(apipop$enroll, na.rm = TRUE)
keep("population", "enroll", "", "total", pupils)
numeric <- list(
  enroll = function(d) calibrate(d, ~enroll, c(`(Intercept)` = N, enroll = pupils)),
  enroll_bounded = function(d) calibrate(d, ~enroll, c(`(Intercept)` = N, enroll = pupils), bounds = c(0.6, 1.5),
                                         epsilon = 1e-13, maxit = 500),
  enroll_alone = function(d) calibrate(d, ~ enroll - 1, c(enroll = pupils))
)
for (fit in names(numeric)) {
  name <- paste("one_stage", fit, sep = ".")
  design <- numeric[[fit]](starts$one_stage)
  w <- weights(design)
  rows <- seq(1, length(w), by = 15)
  keep(name, rows, "", "weight", w[rows]); keep(name, "", "", "sum", sum(w)); keep(name, "", "", "sum_of_squares", sum(w^2))
  g <- range(w / weights(starts$one_stage))
  if (fit == "enroll") keep(name, "g", "published", c("lower", "upper"), c(0.7906782, 1.7891164))
  if (fit == "enroll_bounded") keep(name, "g", "published", c("lower", "upper"), c(0.7198751, 1.5))
  measure_all(name, design)
}
write_golden("weighting", "postStratify, rake(epsilon = 1e-15), calibrate(calfun = , bounds = , epsilon = 1e-13), trimWeights; population: apipop;",
             "domains: award = Yes, and E of stype; logit within 0.3 and 3.5 of the starting weight")
