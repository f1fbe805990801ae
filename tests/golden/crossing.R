# Cross-source drivers in the bank: customers' `recommend` on their branch's employees' mean `listened` and `kept`, given the customers'
# own `helped` as case mix.  Unit level: svyglm on unit means; multilevel: lme4's REML; clustered: svyglm with weights.
source("common.R")
suppressPackageStartupMessages(library(lme4))

customers <- read_data("bank_customers")
employees <- read_data("bank_employees")
drivers <- c("listened", "kept")
mean_of <- function(data, name) {
  data <- data[!is.na(data[[name]]), ]
  tapply(data$weight * data[[name]], data$branch, sum) / tapply(data$weight, data$branch, sum)
}
customers <- customers[stats::complete.cases(customers[c("recommend", "helped")]), ]
for (driver in drivers) customers[[paste0("staff_", driver)]] <- unname(mean_of(employees, driver)[customers$branch])
customers <- customers[stats::complete.cases(customers[paste0("staff_", drivers)]), ]
formula <- recommend ~ staff_listened + staff_kept + helped
rows <- c("listened", "kept", "helped")
told <- function(name, model, se) {
  keep(name, rows, "", "value", if (inherits(model, "merMod")) fixef(model)[-1] else coef(model)[-1])
  keep(name, rows, "", "se", se[-1])
}

units <- data.frame(branch = sort(unique(customers$branch)))
for (driver in drivers) units[[paste0("staff_", driver)]] <- unname(mean_of(employees, driver)[units$branch])
for (name in c("recommend", "helped")) units[[name]] <- unname(mean_of(customers, name)[units$branch])
level <- svyglm(formula, svydesign(~1, weights = ~1, data = units))
told("unit", level, SE(level))
keep("unit", "recommend", "", "units", nrow(units))
keep("unit", "recommend", "", "r2", summary(lm(formula, units))$r.squared)
for (driver in drivers) keep("unit", driver, "", "r", cor(units$recommend, units[[paste0("staff_", driver)]]))

mixed <- lmer(update(formula, . ~ . + (1 | branch)), customers, REML = TRUE,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6)))
told("multilevel", mixed, sqrt(diag(as.matrix(vcov(mixed)))))
keep("multilevel", "recommend", "", "between", VarCorr(mixed)$branch[1, 1])
keep("multilevel", "recommend", "", "within", sigma(mixed)^2)
keep("multilevel", "recommend", "", "n", nrow(customers))

clustered <- svyglm(formula, svydesign(~branch, weights = ~weight, data = customers))
told("clustered", clustered, SE(clustered))
keep("clustered", "recommend", "", "df", clustered$df.residual)
write_golden("crossing", paste("svyglm on unit means, lme4", packageVersion("lme4"), "by REML, svyglm by branch with weights"))
