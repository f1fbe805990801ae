# Banner tables: shares and means by segment (svyby with the covariance of domains), every pair of segments (svycontrast, t on the
# fewer degrees of freedom of the two), p.adjust over the pairs of a line, and effective bases by the mean design effect.
source("common.R")

# What svyby found for one line: coefficients named by column, as `terms`.
line_pairs <- function(name, item, head, category, found, terms, dfs) {
  pairs <- combn(names(terms), 2)
  facts <- apply(pairs, 2, function(ab) {
    contrast <- svycontrast(found, setNames(c(1, -1), terms[ab]))
    df <- min(dfs[ab])
    p <- if (SE(contrast) < 1e-12) NA else 2 * pt(-abs(coef(contrast) / SE(contrast)), df)
    c(coef(contrast), SE(contrast), df, p)
  })
  holm <- p.adjust(facts[4, ], "holm")
  by <- p.adjust(facts[4, ], "BY")
  for (k in which(!is.na(facts[4, ]))) {
    domain <- paste(head, category, pairs[1, k], pairs[2, k], sep = ":")
    keep(name, item, domain, c("difference", "se", "df", "p", "holm", "by"), c(facts[, k], holm[k], by[k]))
  }
}

degrees <- function(design, item, head) {
  frame <- design$variables
  columns <- sort(unique(frame[[head]]))
  made <- if (inherits(design, "svyrep.design")) function(rows) degf(design[rows, ]) else function(rows) degf(subset(design, rows))
  setNames(sapply(columns, function(v) made(!is.na(frame[[item]]) & frame[[head]] == v)), columns)
}

# An item without missing answers, by svyby itself.
by_svyby <- function(name, design, item, head) {
  if (!is.numeric(design$variables[[item]])) design$variables[[item]] <- factor(design$variables[[item]])
  frame <- design$variables
  found <- svyby(as.formula(paste0("~", item)), as.formula(paste0("~", head)), design, svymean, covmat = TRUE)
  dfs <- degrees(design, item, head); columns <- names(dfs)
  categories <- if (is.numeric(frame[[item]])) "" else levels(frame[[item]])
  for (category in categories) {
    terms <- setNames(if (category == "") columns else paste0(columns, ":", item, category), columns)
    line_pairs(name, item, head, category, found, terms, dfs)
    keep(name, item, paste(head, category, columns, sep = ":"), "value", coef(found)[terms])
  }
  if (identical(categories, "") || inherits(design, "svyrep.design")) return(invisible())
  for (column in columns) {
    inside <- svymean(as.formula(paste0("~", item)), subset(design, frame[[head]] == column), deff = "replace")
    if (any(coef(inside) %in% c(0, 1))) next
    p <- coef(inside); effect <- diag(as.matrix(deff(inside)))
    mean_effect <- sum((1 - p) * effect) / (length(p) - 1)
    keep(name, item, paste(head, "", column, sep = ":"), "base_effective", sum(frame[[head]] == column) / mean_effect)
  }
}

# An item with missing answers, by the delta method on totals (which agrees with svyby where both go).
by_totals <- function(name, design, item, head, code = function(x) list(mean = x)) {
  frame <- design$variables
  lines <- code(frame[[item]]); dfs <- degrees(design, item, head); columns <- names(dfs)
  for (category in names(lines)) {
    found <- means_of(design, sapply(columns, function(v) ifelse(frame[[head]] == v, lines[[category]], NA), simplify = FALSE))
    keep(name, item, paste(head, category, columns, sep = ":"), "value", coef(found))
    line_pairs(name, item, head, category, found, setNames(columns, columns), dfs)
  }
}
coded <- function(x) sapply(as.character(sort(unique(x))), function(k) 1 * (x == as.numeric(k)), simplify = FALSE)
score <- function(x) list(nps = 100 * (x >= 9) - 100 * (x <= 6))

designs <- schools()
for (name in c("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster")) {
  for (head in c("stype", "award")) for (item in c("met", "api00")) by_svyby(name, designs[[name]], item, head)
  by_totals(name, designs[[name]], "agree", "stype", coded)
}
by_svyby("jackknife", as.svrepdesign(designs$one_stage, mse = TRUE), "met", "award")
by_svyby("jackknife", as.svrepdesign(designs$one_stage, mse = TRUE), "api00", "stype")

customers <- read_data("bank_customers")
bank <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = customers, nest = TRUE)
persons <- svydesign(~1, strata = ~region, weights = ~weight, data = customers)
for (name in c("bank", "persons", "raked")) for (head in c("age", "region")) {
  design <- list(bank = bank, persons = persons, raked = raked(bank))[[name]]
  by_totals(name, design, "listened", head, coded)
  by_totals(name, design, "recommend", head, score)
  if (head == "age" && name != "raked") by_svyby(name, design, "channel", head)
}
write_golden("banners", "svyby(~x, ~g, design, svymean, covmat = TRUE), svycontrast, 2 * pt(-abs(t), df), p.adjust, deff = 'replace'")
