# Wald's F tests of each driver's slope, and of several together, in the survey regression on all: survey::regTermTest.
source("common.R")

tests <- function(name, design, outcome, drivers, together) {
  model <- svyglm(reformulate(drivers, outcome), design)
  for (term in as.list(c(drivers, list(together)))) {
    found <- regTermTest(model, reformulate(term))
    keep(name, paste(term, collapse = "+"), "", "p", found$p)
    keep(name, paste(term, collapse = "+"), "", "df", found$ddf)
  }
}

three <- c("listened", "kept", "helped")
customers <- read_data("bank_customers")
employees <- read_data("bank_employees")
bank <- svydesign(~branch, strata = ~region, weights = ~weight, data = customers, nest = TRUE)
tests("bank", bank, "recommend", three, c("kept", "helped"))
tests("weights_alone", svydesign(~1, weights = ~weight, data = customers), "recommend", three, c("kept", "helped"))
staff <- svydesign(~branch, strata = ~region, weights = ~weight, data = employees, nest = TRUE)
tests("employees", staff, "recommend", c(three, "guess"), c("helped", "guess"))
write_golden("presence", "Wald F tests of slopes: survey::regTermTest")
