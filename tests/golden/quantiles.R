# Quantiles by the twelve rules of R, and Woodruff's interval on the five scales, with missing answers and domains.
#
# Score intervals: R brackets the crossing by uniroot to 1 / (100 sqrt(n)), then takes the *unweighted* share of answers below it to
# the weighted quantile rule, so its limits are off with unequal weights. "right" inverts the score test exactly (Francisco and Fuller
# 1991, Annals of Statistics 19, 454-469): the first answer where mean(x > answer) - (1 - p) is no more than t standard errors, and
# the first where it is less than -t.
#
# Shah and Vaish's rule: R takes off half of each weight in the unit of the weights where the rest of its formula has brought them to
# mean 1, so that weights times 2 move its quantiles; "shahvaish_scaled" takes off half of the weight of mean 1 (the same code with
# w / mean(w), handed to svyquantile as a function) and is the rule of Shah and Vaish (2006).
#
# Below the first answer's share R's inverse takes the second answer, and its hf4 leaves the range of the answers: "hf4_inside" keeps to
# it, as R's own quantile(type = 4) does; "smallest" holds both, of weights all equal, beside quantile(type = 1 and 4).
source("common.R")
hf4_inside <- function(x, w, p) max(survey:::qrule_hf4(x, w, p), min(x))
shahvaish_scaled <- function(x, w, p) survey:::qrule_shahvaish(x, w / mean(w), p)
rules <- c("math", "school", "shahvaish", "shahvaish_scaled", paste0("hf", 1:9), "hf4_inside")
scales <- c("mean", "beta", "xlogit", "asin")
designs <- schools()

one <- function(name, design, item, domain, p, rule, scale) {
  inside <- answered_on(design, item)
  by <- switch(rule, shahvaish_scaled = shahvaish_scaled, hf4_inside = hf4_inside, rule)
  row <- svyquantile(as.formula(paste0("~", item)), inside, p, interval.type = scale, qrule = by, ci = TRUE)[[1]][1, ]
  what <- paste(rule, p, scale, sep = ".")
  if (scale == "mean") keep(name, item, domain, paste(rule, p, "value", sep = "."), row[1])
  if (!anyNA(row)) keep(name, item, domain, paste0(what, c(".lower", ".upper", ".se")), row[2:4])
}

score <- function(name, design, item, p) {
  inside <- answered_on(design, item)
  x <- inside$variables[[item]]; t <- qt(0.975, degf(inside))
  found <- svyquantile(as.formula(paste0("~", item)), inside, p, interval.type = "score", qrule = "math")[[1]][1, ]
  keep(name, item, "", paste("math", p, "score", c("lower", "upper", "se"), sep = "."), found[2:4])
  at <- sort(unique(x))
  g <- sapply(at, function(theta) {
    u <- svymean(~u, update(inside, u = (x > theta) - (1 - p)))
    coef(u) / SE(u)
  })
  limits <- c(at[which(g <= t)[1]], at[which(g < -t)[1]])
  keep(name, item, "", paste("math", p, "score", c("lower", "upper"), "right", sep = "."), limits)
}

for (name in c("stratified", "one_stage", "two_stage")) {
  for (item in c("api00", "enroll", "agree")) for (p in c(0.1, 0.5, 0.85)) {
    few <- item != "api00"
    for (rule in if (few) c("math", "school", "hf4", "hf4_inside", "hf7") else rules) for (scale in if (few) c("mean", "xlogit") else scales) {
      one(name, designs[[name]], item, "", p, rule, scale)
    }
  }
  for (domain in c("E", "H", "M")) for (rule in c("math", "hf8")) for (scale in c("mean", "beta")) {
    one(name, subset(designs[[name]], stype == domain), "enroll", domain, 0.5, rule, scale)
  }
  for (p in c(0.1, 0.5)) score(name, designs[[name]], "api00", p)
}
# weights all equal: the score interval of R itself is right to its tolerance
score("srs", designs$srs, "api00", 0.5)
for (rule in rules) one("srs", designs$srs, "api00", "", 0.25, rule, "mean")
# a coded item, with many ties: 1 to 4
for (rule in rules) for (p in c(0.25, 0.5, 0.9)) one("nhanes", designs$nhanes, "age", "", p, rule, "mean")
x <- na.omit(read_data("apiclus1")$enroll)
for (rule in c("math", "hf4")) {
  theirs <- svyquantile(~enroll, answered_on(designs$one_stage, "enroll"), 0.002, qrule = rule, ci = FALSE, se = FALSE)
  keep("smallest", "enroll", "", paste0(rule, ".survey"), theirs$enroll[1])
  keep("smallest", "enroll", "", paste0(rule, ".stats"), quantile(x, 0.002, type = if (rule == "math") 1 else 4))
}
write_golden("quantiles", "svyquantile(qrule = , interval.type = , na.rm by subset), df = degf(subset(design, !is.na(item)))")
