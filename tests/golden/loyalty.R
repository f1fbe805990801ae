# Scores of loyalty as the means they are: NPS, CSAT, CES, top and bottom boxes; with intervals, design effects and df, by domain.
source("common.R")
designs <- schools()[c("srs", "stratified", "one_stage", "two_stage")]
designs$jackknife <- as.svrepdesign(designs$one_stage)
scores <- list(
  nps = list(item = "likely", of = function(x) 100 * (x >= 9) - 100 * (x <= 6), share = FALSE),
  top_box = list(item = "likely", of = function(x) 1 * (x >= 9), share = TRUE),
  top_three = list(item = "likely", of = function(x) 1 * (x >= 8), share = TRUE),
  bottom_box = list(item = "likely", of = function(x) 1 * (x <= 3), share = TRUE),
  csat = list(item = "agree", of = function(x) 1 * (x >= 4), share = TRUE),
  ces = list(item = "agree", of = function(x) x, share = FALSE),
  favourable = list(item = "agree", of = function(x) 1 * (x >= 3), share = TRUE)
)
for (name in names(designs)) for (domain in c("", "E", "H", "M")) for (score in names(scores)) {
  asked <- scores[[score]]
  inside <- answered_on(if (domain == "") designs[[name]] else subset(designs[[name]], stype == domain), asked$item)
  inside <- update(inside, v = asked$of(inside$variables[[asked$item]]))
  found <- svymean(~v, inside)
  found_as(name, asked$item, domain, score, found)
  p <- coef(found); df <- degf(inside)
  if (!asked$share) keep(name, asked$item, domain, paste0(score, c(".lower", ".upper")), confint(found, df = df))
  if (asked$share && p > 0 && p < 1) {
    # on the log odds, of every replicate where there are replicates (where a share stays inside 0 and 1 in all of them)
    if (name != "jackknife") limits <- confint(svyciprop(~v, inside, method = "xlogit", df = df))
    if (name == "jackknife") {
      again <- svymean(~v, inside, return.replicates = TRUE)$replicates
      if (any(again <= 1e-9 | again >= 1 - 1e-9)) next
      model <- svyglm(v ~ 1, inside, family = quasibinomial, control = list(epsilon = 1e-14, maxit = 99))
      limits <- plogis(as.vector(confint(model, ddf = df, method = "Wald")))
    }
    keep(name, asked$item, domain, paste0(score, c(".lower", ".upper")), as.vector(limits))
  }
  if (name != "jackknife") {
    keep(name, asked$item, domain, paste0(score, ".df"), df)
    if (!asked$share || (p > 0 && p < 1)) keep(name, asked$item, domain, paste0(score, ".deff"), deff(svymean(~v, inside, deff = "replace")))
  }
}
write_golden("loyalty", "svymean of 100 (likely >= 9) - 100 (likely <= 6) and of indicators; confint(df = degf()), svyciprop(method = 'xlogit');",
             "jackknife: the intercept of svyglm(quasibinomial)")
