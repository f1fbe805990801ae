# Contrasts, linear and nonlinear, between items, domains and shares: svycontrast with vectors and with quote().
source("common.R")
designs <- schools()

for (name in c("stratified", "one_stage", "two_stage", "ultimate_cluster")) {
  design <- designs[[name]]
  scores <- svymean(~api00 + api99, design)
  found_as(name, "scores", "", "linear.growth", svycontrast(scores, c(api00 = 1, api99 = -1)))
  found_as(name, "scores", "", "linear.mix", svycontrast(scores, list(mix = c(api00 = 0.25, api99 = 0.75))))
  smooth <- svycontrast(scores, list(ratio = quote(api00 / api99), log = quote(log(api00) - log(api99)),
                                     square = quote(api00^2 - api99 * sqrt(api00))))
  keep(name, "scores", "", paste0("smooth.", names(coef(smooth)), ".value"), coef(smooth))
  keep(name, "scores", "", paste0("smooth.", names(coef(smooth)), ".se"), SE(smooth))
  covariances_as(name, "scores", names(coef(smooth)), vcov(smooth), "smooth.covariance")
  # domains of an item with missing answers
  frame <- design$variables
  levels <- means_of(design, sapply(c("E", "H", "M"), function(v) ifelse(frame$stype == v, frame$agree, NA), simplify = FALSE))
  found_as(name, "agree", "", "linear.E-H", svycontrast(levels, c(E = 1, H = -1, M = 0)))
  found_as(name, "agree", "", "linear.E-rest", svycontrast(levels, c(E = 1, H = -0.5, M = -0.5)))
  found_as(name, "agree", "", "smooth.relative", svycontrast(levels, quote((E - H) / M)))
  # totals, and the odds of two shares
  sums <- svytotal(~tested + enroll, answered_on(design, c("tested", "enroll")))
  found_as(name, "sums", "", "smooth.ratio", svycontrast(sums, quote(tested / enroll)))
  met <- svymean(~met, design)
  found_as(name, "met", "", "smooth.odds", svycontrast(met, quote(metYes / metNo)))
  found_as(name, "met", "", "smooth.log_odds", svycontrast(met, quote(log(metYes / (1 - metYes)))))
}
# difference in differences: growth of primary schools against the others, in one covariance
design <- designs$two_stage; frame <- design$variables
cells <- means_of(design, list(E00 = ifelse(frame$stype == "E", frame$api00, NA), E99 = ifelse(frame$stype == "E", frame$api99, NA),
                               H00 = ifelse(frame$stype == "H", frame$api00, NA), H99 = ifelse(frame$stype == "H", frame$api99, NA)))
found_as("two_stage", "growth", "", "linear.E-H", svycontrast(cells, c(E00 = 1, E99 = -1, H00 = -1, H99 = 1)))
# replicates: the delta method on the covariance of the replicates
jackknife <- as.svrepdesign(designs$one_stage)
found_as("jackknife", "scores", "", "linear.growth", svycontrast(svymean(~api00 + api99, jackknife), c(api00 = 1, api99 = -1)))
found_as("jackknife", "scores", "", "smooth.ratio", svycontrast(svymean(~api00 + api99, jackknife), quote(api00 / api99)))
write_golden("contrasts", "svycontrast(svymean(...), c(...)) and svycontrast(svymean(...), quote(...)): the delta method with exact derivatives")
