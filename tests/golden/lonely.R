# Strata with one psu: what each rule of options(survey.lonely.psu) does to the standard error of a mean and of a total, for strata
# lonely by design and, under options(survey.adjust.domain.lonely), for strata of which a domain holds one psu.
#
# R up to 4.2 centres a lonely psu under "adjust" at 0, which is right for means (their influences sum to 0) and wrong for totals:
# it must be the mean of all psu totals, as in survey 4.5 and in survey's own test, 127579.8 below. "se" is what R 4.1.1 says, "right"
# is worked out by hand in `by_hand`; both are kept, and they differ for totals under "adjust" alone.
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

# The variance of the sum of z (one influence a row, 0 outside the domain), psus that hold nothing of the domain being zeros; strata
# the domain does not touch have no variance, and no part in an average.
by_hand <- function(z, psu, stratum, fpc, inside, rule, apply_to_domains) {
  first <- !duplicated(psu)
  total <- as.vector(rowsum(z, psu, reorder = FALSE)); touched <- as.vector(rowsum(1 * inside, psu, reorder = FALSE)) > 0
  h <- stratum[first]; N <- fpc[first]
  kept <- 0; strata <- 0; sum_of <- 0
  for (this in unique(h[touched])) {
    y <- total[h == this]; n <- length(y)
    lonely <- (n == 1 && N[h == this][1] > 1) || (n > 1 && apply_to_domains && sum(touched[h == this]) == 1)
    centre <- if (lonely && rule == "adjust") mean(total) else mean(y)
    strata <- strata + 1
    if (lonely && rule == "average") next
    kept <- kept + 1
    sum_of <- sum_of + (1 - n / N[h == this][1]) * n / max(n - 1, 1) * sum((y - centre)^2)
  }
  sqrt(sum_of * if (rule == "average") strata / kept else 1)
}
few$branches <- ifelse(few$region == "north", 36, ifelse(few$region == "south", 28, ifelse(few$region == "east", 18, 5)))
one <- read_data("apiclus1")
cases <- list(
  bank = list(frame = few, psu = few$branch, stratum = few$region, fpc = few$branches, weight = few$weight, item = "listened",
              design = svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = few, nest = TRUE),
              domains = list(middle = few$age == "middle", older = few$age == "older",
                             pair = few$branch %in% c("b03", "b12", "b13", "b17"))),
  schools = list(frame = one, psu = seq_len(nrow(one)), stratum = one$dnum, fpc = rep(Inf, nrow(one)), weight = one$pw, item = "api00",
                 design = svydesign(~1, strata = ~dnum, weights = ~pw, data = one),
                 domains = list(E = one$stype == "E", M = one$stype == "M", H = one$stype == "H"))
)
options(warn = 0) # R warns of each lonely psu of a domain
for (name in names(cases)) for (adjust in c(FALSE, TRUE)) for (rule in c("remove", "certainty", "adjust", "average")) {
  options(survey.lonely.psu = rule, survey.adjust.domain.lonely = adjust)
  case <- cases[[name]]; x <- case$frame[[case$item]]; w <- case$weight
  variant <- paste0(rule, if (adjust) ".apply" else ".keep")
  for (domain in c("", names(case$domains))) {
    inside <- if (domain == "") rep(TRUE, length(x)) else case$domains[[domain]]
    within <- subset(case$design, inside)
    for (statistic in c("mean", "total")) {
      centred <- (x - weighted.mean(x[inside], w[inside])) / sum(w[inside])
      z <- inside * w * if (statistic == "total") x else centred
      ask <- if (statistic == "mean") svymean else svytotal
      theirs <- suppressWarnings(SE(ask(~v, update(within, v = x[inside]))))
      mine <- by_hand(z, case$psu, case$stratum, case$fpc, inside, rule, adjust)
      keep(name, case$item, domain, paste(statistic, variant, "se", sep = "."), theirs)
      keep(name, case$item, domain, paste(statistic, variant, "right", sep = "."), mine)
      same <- isTRUE(all.equal(as.vector(theirs), mine, tolerance = 1e-10))
      stopifnot(same || (statistic == "total" && rule == "adjust"))
    }
  }
}
options(warn = 2)
# printed values: tests/lonely.psu.R and its .Rout.save in the survey package (a stratum of apiclus1 is a district, each school a psu)
printed <- c(remove = 5.8058, certainty = 5.8058, adjust = 5.8281, average = 6.0096)
keep("schools", "api00", "published", paste0("mean.", names(printed), ".keep.se"), printed)
five <- data.frame(stratum = c(1, 1, 2, 2, 3), psu = 1:5, weight = c(10.5, 10.5, 20, 20, 15), age = c(30.5, 40.5, 35, 52, 44))
for (column in c("age", "weight", "stratum")) keep("five", five$psu, "", column, five[[column]])
variance <- by_hand(five$weight * five$age, five$psu, five$stratum, rep(Inf, 5), rep(TRUE, 5), "adjust", FALSE)^2
keep("five", "age", "", "total.adjust.variance", variance)
keep("five", "age", "published", "total.adjust.variance", 127579.8); keep("five", "age", "published", "total.remove.variance", 126625)
stopifnot(abs(variance - 127579.8) < 0.05)
write_golden("lonely", "svymean under options(survey.lonely.psu); 'adjust' is our 'centre'")
