# Strata with one psu: what each rule of options(survey.lonely.psu) does to the standard error of a mean.
source("common.R")
customers <- read_data("bank_customers")
# the west loses three of its four branches, and the east too
few <- subset(customers, !(region == "west" & branch != "b23") & !(region == "east" & branch != "b17"))
few <- subset(few, !is.na(listened))
for (fpc in c("fpc", "no_fpc")) {
  design <- if (fpc == "fpc") svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = few, nest = TRUE)
            else svydesign(~branch, strata = ~region, weights = ~weight, data = few, nest = TRUE)
  for (rule in c("remove", "certainty", "adjust", "average")) {
    options(survey.lonely.psu = rule)
    found <- svymean(~listened, design)
    keep(fpc, "listened", "", paste0(rule, ".se"), SE(found))
    if (rule != "average") {
      # under "average" R counts only the strata a domain touches; the whole sample is what both agree on
      by <- svyby(~listened, ~age, design, svymean)
      keep(fpc, "listened", by$age, paste0(rule, ".se"), SE(by))
    }
  }
}
# a stratum of one branch that is the whole stratum takes no part under any rule
options(survey.lonely.psu = "fail")
few$branches[few$region %in% c("east", "west")] <- 1
found <- svymean(~listened, svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = few, nest = TRUE))
keep("certain", "listened", "", "fail.se", SE(found))
write_golden("lonely", "svymean under options(survey.lonely.psu); 'adjust' is our 'centre'")
