# Agreement of people in units: ICC(1), ICC(2), rwg, rwg(j), AD of package multilevel, ICC of package psych, Wald's exact interval
# solved here, and variances of nested levels by lme4, with its search brought to the last digits.
source("common.R")
suppressPackageStartupMessages({library(multilevel); library(psych); library(lme4)})
script <- "agreement.R"
origin <- function(name, what) sprintf("from data(%s) of the R package multilevel %s (GPL >= 2); %s", name, packageVersion("multilevel"), what)

# 99 companies of the United States Army (Bliese, Halverson and Rothberg 2000), some items; three platoons.
data(bhr2000); data(cohesion)
army <- bhr2000[c("GRP", "AF06", "AF07", "AP12", "AP17", "HRS")]
names(army) <- tolower(names(army))
write_table(army, "data/bhr2000.csv", script, origin("bhr2000", "some columns: group, four items of leadership 1 to 5, hours worked a day"))
names(cohesion) <- tolower(names(cohesion))
write_table(cohesion, "data/cohesion.csv", script, origin("cohesion", "as it is"))

# Companies, regions, units of unlike sizes, made up: answers 1 to 5 with a level's own effect at each level.
set.seed(20270611, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
tree <- do.call(rbind, lapply(1:7, function(i) do.call(rbind, lapply(seq_len(2 + i %% 4), function(j) {
  data.frame(company = sprintf("c%d", i), region = sprintf("r%d", j), unit = sprintf("u%d", seq_len(2 + (i * j) %% 5)))
}))))
tree$level <- rnorm(7, 0, 0.45)[as.integer(substr(tree$company, 2, 2))] +
  rnorm(99, 0, 0.3)[as.integer(factor(paste(tree$company, tree$region)))] + rnorm(nrow(tree), 0, 0.35)
size <- 1 + rpois(nrow(tree), 6) * (1 + seq_len(nrow(tree)) %% 3)
people <- tree[rep(seq_len(nrow(tree)), size), ]
answer <- function(share, noise) pmin(5, pmax(1, round(3.3 + share * people$level + rnorm(nrow(people), 0, noise))))
people$trust <- answer(1, 0.9); people$care <- answer(0.8, 0.8); people$voice <- answer(0, 1)
people$trust[runif(nrow(people)) < 0.06] <- NA
people$score <- round(10 * people$level + rnorm(nrow(people), 0, 8), 2)
people$level <- NULL
write_table(people, "data/nested.csv", script, "made up with a seed: 1-5 answers and a score of people in units in regions in companies")

# Wald's interval: the variance ratio at which the weighted mean square of unit means is a quantile of F times that within.
wald <- function(y, g, tail) {
  g <- factor(g); n <- as.vector(table(g)); m <- as.vector(tapply(y, g, mean)); df <- c(length(n) - 1, sum(n) - length(n))
  within <- sum((y - m[as.integer(g)])^2) / df[2]
  square <- function(theta) { w <- n / (1 + n * theta); sum(w * (m - sum(w * m) / sum(w))^2) / df[1] / within }
  least <- -1 / max(n)
  theta <- uniroot(function(t) square(t) - qf(tail, df[1], df[2]), c(least + 1e-9, 1e3), tol = 1e-16, maxiter = 1e5)$root
  theta / (1 + theta)
}
keep_known <- function(name, item, unit, what, value) { # units of one answer have none
  known <- !is.na(value)
  keep(name, item, unit[known], what, value[known])
}
unit_values <- function(name, frame, unit, items, ranvar) {
  g <- as.character(unit)
  for (item in items) {
    one <- data.frame(y = frame[[item]], g = g); one <- one[!is.na(one$y), ]
    fit <- aov(y ~ factor(g), one); table <- summary(fit)[[1]]; n <- as.vector(table(one$g))
    keep(name, item, "", "icc1.mean", ICC1(fit)); keep(name, item, "", "icc2", ICC2(fit))
    keep(name, item, "", "f", table[1, 4]); keep(name, item, "", "p", table[1, 5]); keep(name, item, "", "k.mean", mean(n))
    n0 <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
    keep(name, item, "", "k", n0)
    keep(name, item, "", "icc1", (table[1, 3] - table[2, 3]) / (table[1, 3] + (n0 - 1) * table[2, 3]))
    keep(name, item, "", "lower", wald(one$y, one$g, 0.975)); keep(name, item, "", "upper", wald(one$y, one$g, 0.025))
    keep(name, item, "", "lower90", wald(one$y, one$g, 0.95)); keep(name, item, "", "upper90", wald(one$y, one$g, 0.05))
    if (is.na(ranvar)) next
    r <- rwg(one$y, one$g, ranvar); keep_known(name, item, r$grpid, "rwg", r$rwg)
    skew <- rwg(one$y, one$g, 1.34); keep_known(name, item, skew$grpid, "rwg.skew", skew$rwg)
    for (type in c("mean", "median")) { d <- ad.m(one$y, one$g, type); keep_known(name, item, d$grpid, paste0("ad.", type), d$AD.M) }
  }
}
scale_values <- function(name, frame, unit, items, ranvar) {
  r <- rwg.j(frame[items], as.character(unit), ranvar); keep_known(name, paste(items, collapse = " + "), r$grpid, "rwg.j", r$rwg.j)
}
unit_values("bhr2000", army, army$grp, c("af06", "ap12"), 2)
unit_values("bhr2000", army, army$grp, "hrs", NA)
scale_values("bhr2000", army, army$grp, c("af06", "af07", "ap12", "ap17"), 2)
platoon <- paste(cohesion$unit, cohesion$platoon)
unit_values("cohesion", cohesion, platoon, c("coh01", "coh02", "coh05"), 2)
scale_values("cohesion", cohesion, platoon, c("coh01", "coh02", "coh03", "coh04", "coh05"), 2)
branch <- paste(people$company, people$region, people$unit)
unit_values("nested", people, branch, c("trust", "voice"), 2)

# Shrout and Fleiss (1979), table 2: four judges of six targets; here judges are people and targets are units.
shrout <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
for (level in c(95, 90)) {
  found <- suppressWarnings(suppressMessages(psych::ICC(shrout, lmer = FALSE, alpha = 1 - level / 100)))$results
  for (type in c("ICC1", "ICC1k")) {
    row <- found[found$type == type, ]
    keep("shrout", "y", "", paste0(type, ".", level), row$ICC)
    keep("shrout", "y", "", paste0(type, ".lower.", level), row[["lower bound"]])
    keep("shrout", "y", "", paste0(type, ".upper.", level), row[["upper bound"]])
  }
}

# Variances of nested levels.
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6), calc.derivs = FALSE, check.conv.singular = "ignore")
nested <- function(name, formula, frame, item) {
  fit <- suppressMessages(lmer(formula, frame, control = control))
  for (level in names(VarCorr(fit))) keep(name, item, sub(":.*", "", level), "variance", VarCorr(fit)[[level]][1, 1])
  keep(name, item, "person", "variance", sigma(fit)^2); keep(name, item, "", "mean", fixef(fit)[[1]])
}
nested("bhr2000", hrs ~ 1 + (1 | grp), army, "hrs")
nested("bhr2000", ap12 ~ 1 + (1 | grp), army, "ap12")
for (item in c("trust", "care", "voice", "score")) {
  people$y <- people[[item]]
  people$branch <- branch; people$area <- paste(people$company, people$region)
  nested("one", y ~ 1 + (1 | branch), people, item)
  nested("two", y ~ 1 + (1 | area / branch), people, item)
  nested("three", y ~ 1 + (1 | company / region / unit), people, item)
}
write_golden("agreement", sprintf("multilevel %s, psych %s, lme4 %s", packageVersion("multilevel"), packageVersion("psych"), packageVersion("lme4")))
