# Tests of one mean, of two, and of ranks: svyttest and svyranktest on designs of part I, and Bell and McCaffrey's errors and
# degrees of freedom by clubSandwich where a sample is one stratum of clusters.
source("common.R")
suppressPackageStartupMessages(library(clubSandwich))
options(warn = 0)
designs <- schools()[c("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster")]
designs$jackknife <- as.svrepdesign(designs$one_stage, type = "JK1", mse = TRUE)
designs$jackknife_strata <- as.svrepdesign(designs$stratified, type = "JKn", mse = FALSE)
pop <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
designs$calibrated <- calibrate(designs$one_stage, ~stype + api99, pop, epsilon = 1e-13, maxit = 200)

t_as <- function(name, item, group, found) {
  keep(name, item, group, "t.estimate", found$estimate)
  keep(name, item, group, "t.t", found$statistic)
  keep(name, item, group, "t.df", found$parameter)
  keep(name, item, group, "t.p", found$p.value)
  keep(name, item, group, "t.lower", found$conf.int[1])
  keep(name, item, group, "t.upper", found$conf.int[2])
}
rank_as <- function(name, item, group, test, found, several) {
  if (several) { # R calls F's numerator df the statistic, and chi-squared the parameter
    keep(name, item, group, paste0(test, ".statistic"), found$parameter / found$statistic)
    keep(name, item, group, paste0(test, ".df2"), found$ddf)
  } else {
    keep(name, item, group, paste0(test, ".estimate"), found$estimate)
    keep(name, item, group, paste0(test, ".statistic"), found$statistic)
    keep(name, item, group, paste0(test, ".df"), found$parameter)
  }
  keep(name, item, group, paste0(test, ".p"), found$p.value)
}
# R averages the ranks of tied answers without weights, so that they depend on the order of rows: here each has the middle of the
# weight they share, handed to R's own test as scores, which takes the rest from there.
scores <- list(wilcoxon = function(r, N) r / N, normal = function(r, N) qnorm(r / N), median = function(r, N) 1 * (r > N / 2),
               savage = function(r, N) -log(1 - r / N))
by_name <- c(wilcoxon = "wilcoxon", normal = "vanderWaerden", median = "median")
ranked <- function(design, item, group, test) {
  frame <- if (is.null(design$variables)) model.frame(design) else design$variables
  there <- !is.na(frame[[item]]) & !is.na(frame[[group]])
  y <- frame[[item]][there]; w <- weights(design, "sampling")[there]
  below <- sapply(y, function(at) sum(w[y < at]) + sum(w[y == at]) / 2)
  ask <- as.formula(paste(item, "~", group))
  found <- svyranktest(ask, design, test = function(r, N) scores[[test]](below, sum(w)))
  if (diff(range(w)) < 1e-9 && test %in% names(by_name)) {
    stopifnot(all.equal(found$p.value, svyranktest(ask, design, test = by_name[[test]])$p.value, tolerance = 1e-8))
  }
  found
}
for (name in names(designs)) {
  design <- designs[[name]]
  for (item in c("api00", "enroll")) {
    t_as(name, item, "met", svyttest(as.formula(paste(item, "~ met")), design))
    # of several groups R's test stops with an error on replicates
    for (group in if (inherits(design, "svyrep.design")) "met" else c("met", "stype")) for (test in names(scores)) {
      rank_as(name, item, group, test, ranked(design, item, group, test), group == "stype")
    }
  }
  t_as(name, "api00", "600", svyttest(I(api00 - 600) ~ 0, design))
  t_as(name, "api00", "api99", svyttest(I(api00 - api99) ~ 0, design))
  t_as(name, "enroll", "tested", svyttest(I(enroll - tested) ~ 0, design, na.rm = TRUE))
}
adults <- schools()$nhanes
t_as("nhanes", "cholesterol", "sex", svyttest(cholesterol ~ I(sex - 1), adults))
for (group in c("sex", "race")) for (test in names(scores)[1:3]) {
  rank_as("nhanes", "cholesterol", group, test, ranked(adults, "cholesterol", group, test), group == "race")
}
counties <- read_data("election")
pps <- list(pps_brewer = svydesign(~1, fpc = ~p, data = counties, pps = "brewer"),
            pps_poisson = svydesign(~1, fpc = ~p, data = counties, pps = ppsmat(outer(counties$p, counties$p) + diag(counties$p - counties$p^2))))
for (name in names(pps)) {
  t_as(name, "kerry", "half", svyttest(kerry ~ half, pps[[name]]))
  for (test in names(scores)) rank_as(name, "kerry", "half", test, ranked(pps[[name]], "kerry", "half", test), FALSE)
}
given <- read_data("replicated")
boot <- svrepdesign(data = given, repweights = as.matrix(given[paste0("r", 1:16)]), weights = ~weight, type = "bootstrap", combined.weights = TRUE, mse = TRUE)
t_as("given", "y", "group", svyttest(y ~ group, boot))
for (test in names(scores)) rank_as("given", "y", "group", test, ranked(boot, "y", "group", test), FALSE)

# Bias reduced linearization: lm with weights, clusters, the working model of equal variances; df of CR1 are those of the plain sandwich.
clubs <- function(name, frame, fits) for (model in names(fits)) {
  for (type in c("CR0", "CR2")) {
    found <- coef_test(fits[[model]], vcovCR(fits[[model]], cluster = frame$dnum, type = type), test = "Satterthwaite")
    terms <- sub("(Intercept)", "Intercept", sub("^stype(.)$", "C(stype)[T.\\1]", names(coef(fits[[model]]))), fixed = TRUE)
    keep(name, model, terms, paste0(type, ".se"), found$SE)
    keep(name, model, terms, paste0(type, ".df"), if (is.null(found$df_Satt)) found$df else found$df_Satt)
  }
}
one <- read_data("apiclus1"); two <- read_data("apiclus2")
two <- two[order(two$dnum), ]
one$uneven <- one$pw * (1 + (one$snum %% 7) / 3); two$uneven <- two$pw
frames <- list(small_one = one, small_two = two)
for (name in names(frames)) {
  frame <- frames[[name]]
  clubs(name, frame, list(
    mean = lm(api00 ~ 1, frame, weights = uneven), gaussian = lm(api00 ~ ell + meals, frame, weights = uneven),
    classes = lm(api00 ~ stype, frame, weights = uneven), plain = lm(api00 ~ ell + meals, frame),
    domains = lm(api00 ~ 0 + stype, frame, weights = uneven)))
}
logistic <- glm(I(award == "Yes") ~ ell + meals, binomial, one, control = glm.control(epsilon = 1e-15, maxit = 100))
clubs("small_one", one, list(logistic = logistic))
write_golden("ranks", "svyttest and svyranktest; coef_test(vcovCR(type = 'CR2')) of clubSandwich 0.5.8 on weighted lm")
