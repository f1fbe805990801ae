# Unequal probabilities and two phases: totals, means, ratios and domain means, value and standard error; degrees of freedom.
# Writes its data too (the elections and the two-phase studies), for the tests.
source("common.R")
suppressPackageStartupMessages(library(survival))

# The elections: 40 counties or states of 4600, drawn with probability proportional to votes.
data(election)
counties <- data.frame(county = gsub("[, ]", "_", election_pps$County), bush = election_pps$Bush, kerry = election_pps$Kerry,
                       nader = election_pps$Nader, votes = election_pps$votes, p = election_pps$p,
                       size = ifelse(election_pps$votes > 100000, "large", "small"), half = rep(c("one", "two"), 20),
                       squares = sum(election$p^2))
from <- "from data(election) of the R package survey (GPL-2 | GPL-3)"
write_table(counties, "data/election.csv", "probability.R", from,
            "half is made up; squares is the sum of p^2 over the 4600 counties or states")
joint <- as.data.frame(election_jointprob); names(joint) <- paste0("c", 1:40)
write_table(joint, "data/election_joint.csv", "probability.R", from, "joint inclusion probabilities of the 40, pair by pair")
counties <- read_data("election"); joint <- as.matrix(read_data("election_joint"))

# Districts of schools as if drawn with made-up probabilities: psus of several rows.
districts <- read_data("apiclus1")
districts$p <- 0.02 + 0.9 * (districts$dnum %% 17) / 17

# Sarndal, Swensson and Wretman's municipalities, three in each of five clusters, as a second phase; the frame of the first phase
# holds all municipalities of the five clusters, unmeasured where the second phase did not go.
data(mu284)
rows <- with(mu284, c(1:15, rep(1:5, n2[1:5] - 3)))
areas <- data.frame(cluster = mu284$id1[rows], clusters = mu284$n1[rows], y = mu284$y1[rows], row = seq_along(rows),
                    measured = rep(c(1, 0), c(15, 19)), kind = ifelse(seq_along(rows) %% 2 == 1, "odd", "even"))
areas$y[areas$measured == 0] <- NA
write_table(areas, "data/mu284_phases.csv", "probability.R", "from data(mu284) of the R package survey (GPL-2 | GPL-3)")

# The tumour study: relapses and a subcohort, of 4028 children; and the trial of cirrhosis, 312 randomized of 418 patients.
children <- data.frame(stage = nwtco$stage, age = nwtco$age, days = nwtco$edrel, relapse = nwtco$rel, hospital = nwtco$instit,
                       histology = nwtco$histol, subcohort = as.integer(nwtco$in.subcohort))
children$drawn <- as.integer(children$subcohort == 1 | children$relapse == 1)
write_table(children, "data/nwtco.csv", "probability.R", "from data(nwtco) of the R package survival (LGPL >= 2), some columns")
patients <- data.frame(randomized = as.integer(!is.na(pbc$trt) & pbc$trt > 0), bilirubin = pbc$bili, sex = pbc$sex)
write_table(patients, "data/pbc.csv", "probability.R", "from data(pbc) of the R package survival (LGPL >= 2), some columns")

# Everything a design is asked; `by` makes domains.
ask <- function(name, design, y, over, by) {
  say <- function(item, domain, what, found) { keep(name, item, domain, paste0(what, ".value"), coef(found)[1]); keep(name, item, domain, paste0(what, ".se"), as.vector(SE(found))[1]) }
  for (item in y) {
    say(item, "", "total", svytotal(as.formula(paste0("~", item)), design))
    say(item, "", "mean", svymean(as.formula(paste0("~", item)), design))
    say(item, "", "ratio", svyratio(as.formula(paste0("~", item)), as.formula(paste0("~", over)), design))
  }
  # A domain by variables that are 0 outside of it: subset() fails on psus of several rows with joint probabilities, and forgets
  # the rows outside in a total of twophase(method = "approx"); where it works, it is the same.
  for (domain in sort(unique(design_variables(design)[[by]]))) {
    parts <- list(item = as.name(y[1]), by = as.name(by), domain = domain)
    inside <- do.call(update, list(design, domain_y = substitute(item * (by == domain), parts),
                                   domain_one = substitute(1 * (by == domain), parts)))
    say(y[1], domain, "mean", svyratio(~domain_y, ~domain_one, inside))
    say(y[1], domain, "total", svytotal(~domain_y, inside))
  }
  keep(name, "", "", "df", degf(design))
}
design_variables <- function(design) if (is.null(design$phase1)) design$variables else design$phase1$sample$variables[design$subset, ]

pps <- function(pps, variance = "HT", ...) svydesign(~1, fpc = ~p, data = counties, pps = pps, variance = variance, ...)
known <- counties$squares[1] / 40
designs <- list(
  with_replacement = svydesign(~1, probs = ~p, data = counties),
  brewer = svydesign(~1, fpc = ~p, data = counties, pps = "brewer"),
  brewer_strata = svydesign(~1, strata = ~half, fpc = ~p, data = counties, pps = "brewer"),
  overton_ht = pps("overton"), overton_yg = pps("overton", "YG"),
  hartley_rao_ht = pps(HR()), hartley_rao_yg = pps(HR(), "YG"),
  hartley_rao_known_ht = pps(HR(known)), hartley_rao_known_yg = pps(HR(known), "YG"),
  joint_ht = pps(ppsmat(joint)), joint_yg = pps(ppsmat(joint), "YG"),
  poisson = pps(ppsmat(outer(counties$p, counties$p) + diag(counties$p - counties$p^2)))
)
for (name in names(designs)) ask(name, designs[[name]], c("bush", "kerry", "nader"), "votes", "size")

# pps = "brewer" errs where psus are not in the order of their labels, so they are sorted here
sorted <- districts[order(districts$dnum), ]
chance <- sorted$p[!duplicated(sorted$dnum)]
pairs <- 14 * outer(chance, chance) / (15 - outer(chance, chance, "+") / 2); diag(pairs) <- chance
districts_pps <- function(...) svydesign(~dnum, fpc = ~p, data = sorted, ...)
clustered <- list(
  districts_brewer = districts_pps(pps = "brewer"),
  districts_overton_ht = districts_pps(pps = "overton"), districts_overton_yg = districts_pps(pps = "overton", variance = "YG"),
  districts_joint_ht = districts_pps(pps = ppsmat(pairs[factor(sorted$dnum), factor(sorted$dnum)]))
)
for (name in names(clustered)) ask(name, clustered[[name]], c("api00", "ell"), "enroll", "stype")

children <- read_data("nwtco"); areas <- read_data("mu284_phases"); patients <- read_data("pbc")
areas$y[is.na(areas$y)] <- 0
children$id <- seq_len(nrow(children))
for (method in c("full", "approx")) {
  mark <- function(name) paste(name, method, sep = "_")
  ask(mark("subcohort"), twophase(list(~1, ~1), strata = list(NULL, ~relapse), subset = ~I(subcohort == 1), data = children,
      method = method), c("age", "days"), "stage", "stage")
  ask(mark("case_cohort"), twophase(list(~1, ~1), strata = list(NULL, ~relapse), subset = ~I(drawn == 1), data = children,
      method = method), c("age", "days"), "stage", "histology")
  ask(mark("case_control"), twophase(list(~1, ~1), strata = list(NULL, ~interaction(relapse, stage)), subset = ~I(drawn == 1),
      data = children, method = method), c("age", "days"), "stage", "hospital")
  ask(mark("randomized"), twophase(list(~1, ~1), subset = ~I(randomized == 1), data = patients, method = method), "bilirubin",
      "bilirubin", "sex")
  ask(mark("areas"), twophase(list(~cluster, ~row), strata = list(NULL, ~cluster), fpc = list(~clusters, NULL), data = areas,
      subset = ~I(measured == 1), method = method), "y", "row", "kind")
}

# Made-up first phases with strata, clusters and fpc, from the schools: every row measured with a chance of its own.
# Strata of one size only: where they differ, method = "full" takes the size of the first for all.
schools <- subset(read_data("apistrat"), stype != "E")
schools$measured <- as.integer((seq_len(nrow(schools)) * 7) %% 11 < 5)
schools$kind <- ifelse(schools$ell > 20, "many", "few")
schools$id <- seq_len(nrow(schools)); schools$p <- 1 / schools$pw
ask("schools_full", twophase(list(~id, ~id), strata = list(~stype, ~kind), fpc = list(~fpc, NULL), data = schools,
    subset = ~I(measured == 1)), c("api00", "meals"), "enroll", "stype")
ask("schools_poisson_full", twophase(list(~id, ~id), strata = list(NULL, ~kind), probs = list(~p, NULL), data = schools,
    subset = ~I(measured == 1)), c("api00", "meals"), "enroll", "stype")
districts$measured <- as.integer((seq_len(nrow(districts)) * 7) %% 11 < 5)
districts$id <- seq_len(nrow(districts)); districts$kind <- ifelse(districts$ell > 20, "many", "few")
districts$chance <- 0.2 + (districts$id %% 7) / 10
ask("districts_full", twophase(list(~dnum, ~id), strata = list(NULL, ~kind), fpc = list(~fpc, NULL), data = districts,
    subset = ~I(measured == 1)), c("api00", "meals"), "enroll", "stype")
ask("districts_chance_full", twophase(list(~dnum, ~id), strata = list(NULL, ~kind), fpc = list(~fpc, NULL),
    probs = list(NULL, ~chance), data = districts, subset = ~I(measured == 1)), c("api00", "meals"), "enroll", "stype")
districts$inner <- as.integer(districts$dnum %% 3 < 2)
ask("whole_districts_full", twophase(list(~dnum, ~dnum), fpc = list(~fpc, NULL), data = districts,
    subset = ~I(inner == 1)), c("api00", "meals"), "enroll", "stype")

write_golden("probability", "svydesign(pps =) and twophase(); value and SE of svytotal, svymean, svyratio and of domains; degf")
