# Tabulated answers: counts of one made-up survey, one row a person in R. Two audiences and three items in eight units; the fifth of
# five options is no answer, and one unit did not answer the last item.
source("common.R")

counts <- expand.grid(option = 1:5, item = c("heard", "kept", "late"), audience = c("people", "staff"), unit = letters[1:8])
place <- as.integer(counts$unit); item <- as.integer(counts$item); staff <- counts$audience == "staff"
counts$n <- round((6 - counts$option)^1.4 * (1 + (place * (item + 2) + counts$option * place) %% 7) / ifelse(staff, 3, 1))
counts$n[counts$item == "late" & counts$unit == "c"] <- 0
counts <- counts[!(counts$item == "late" & counts$option == 5), c("unit", "audience", "item", "option", "n")]
write_table(counts, "data/tabulated.csv", "tabulated.R", "counts of a made-up survey")

persons <- counts[rep(seq_len(nrow(counts)), counts$n), ]
persons$top <- as.numeric(persons$option <= 2)
persons$answered <- persons$option <= 4
design <- svydesign(~unit, weights = ~1, data = persons)
for (audience in c("people", "staff")) for (item in c("heard", "kept", "late")) {
  own <- eval(substitute(subset(design, audience == a & item == i & answered), list(a = audience, i = item)))
  mean <- svymean(~option, own, deff = "replace")
  share <- svymean(~top, own)
  df <- degf(own)
  bounds <- as.numeric(confint(mean, df = df))
  logit <- as.numeric(attr(svyciprop(~top, own, method = "logit", df = df), "ci"))
  found <- list(
    n = nrow(own$variables), units = length(unique(own$variables$unit)), df = df,
    left_out = sum(persons$audience == audience & persons$item == item & !persons$answered),
    estimate = coef(mean), se = SE(mean), deff = deff(mean), lower = bounds[1], upper = bounds[2],
    share = coef(share), share_se = SE(share), share_lower = logit[1], share_upper = logit[2],
    sd_within = sqrt(summary(lm(option ~ factor(unit), own$variables))$sigma^2)
  )
  for (what in names(found)) keep("counts", item, audience, what, found[[what]])
}
write_golden("tabulated", "svymean, svyciprop(method = 'logit'), degf, deff = 'replace', lm; persons, not counts")
