# What every golden script shares: two packages, how numbers are written, and the made-up bank. Running this file writes nothing.
suppressPackageStartupMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail", warn = 2)

versions <- function(script) {
  sprintf("# %s, survey %s; written by tests/golden/%s", R.version.string, packageVersion("survey"), script)
}

# Numbers in as few digits as give them back.
shortest <- function(x) {
  brief <- sprintf("%.15g", x)
  longer <- is.finite(x) & suppressWarnings(as.numeric(brief)) != x
  ifelse(longer, sprintf("%.17g", x), brief)
}

# A table as CSV, its origin in comment lines on top; numbers keep all their digits.
write_table <- function(table, file, script, ...) {
  text <- table
  for (name in names(text)) if (is.numeric(text[[name]])) {
    text[[name]] <- ifelse(is.na(text[[name]]), "", shortest(text[[name]]))
  }
  for (name in names(text)) text[[name]] <- ifelse(is.na(text[[name]]), "", as.character(text[[name]]))
  connection <- file(file, "w")
  writeLines(c(versions(script), paste("#", c(...))), connection)
  write.table(text, connection, sep = ",", quote = FALSE, row.names = FALSE)
  close(connection)
}

# Golden values are gathered one by one: which design, which item, which domain, what, and the number.
golden <- new.env()
golden$rows <- list()
keep <- function(design, item, domain, what, value) {
  rows <- data.frame(design = design, item = item, domain = domain, what = what, value = as.numeric(value))
  golden$rows[[length(golden$rows) + 1]] <- rows
}
write_golden <- function(topic, ...) {
  write_table(do.call(rbind, golden$rows), paste0(topic, ".csv"), paste0(topic, ".R"), ...)
}

read_data <- function(name) {
  read.csv(file.path("data", paste0(name, ".csv")), comment.char = "#", na.strings = "", stringsAsFactors = FALSE)
}

# The bank's two audiences in one frame, with the columns of both.
bank_both <- function() {
  customers <- cbind(read_data("bank_customers"), audience = "customers")
  employees <- cbind(read_data("bank_employees"), audience = "employees")
  for (name in setdiff(names(customers), names(employees))) employees[[name]] <- NA
  for (name in setdiff(names(employees), names(customers))) customers[[name]] <- NA
  rbind(customers, employees[names(customers)])
}

bank_margins <- list(
  region = c(east = 0.22, north = 0.38, south = 0.30, west = 0.10),
  channel = c(branch = 0.55, phone = 0.45)
)

# The weights of a design raked to the bank's margins; the margins are shares of the sum of the weights.
raked <- function(design, margins = bank_margins) {
  total <- sum(weights(design))
  population <- c(total, total * margins$region[-1], total * margins$channel["phone"])
  names(population) <- c("(Intercept)", paste0("region", names(margins$region)[-1]), "channelphone")
  calibrate(design, ~region + channel, population, calfun = "raking", epsilon = 1e-13, maxit = 200)
}

# Several means in one design with their covariances, by the delta method on totals: `columns` holds one vector a mean, missing
# where a row is out of it. It is the road that svyby(covmat = TRUE) takes, and goes where that one stops: missing answers,
# calibrated weights, several items (scripts check the two against each other where both go).
means_of <- function(design, columns) {
  x <- do.call(cbind, columns)
  totals <- cbind(ifelse(is.na(x), 0, x), 1 * !is.na(x))
  k <- ncol(x)
  colnames(totals) <- c(sprintf("y%d", 1:k), sprintf("w%d", 1:k))
  ratios <- lapply(1:k, function(i) substitute(y / w, list(y = as.name(paste0("y", i)), w = as.name(paste0("w", i)))))
  names(ratios) <- names(columns)
  svycontrast(svytotal(totals, design), ratios)
}

# Value and standard error of one found statistic, under "statistic.value" and "statistic.se".
found_as <- function(design, item, domain, statistic, found) {
  keep(design, item, domain, paste0(statistic, ".value"), unlist(coef(found)))
  keep(design, item, domain, paste0(statistic, ".se"), unlist(SE(found)))
}

# Design effects of both references, R's deff = "replace" and deff = TRUE, as "statistic.deff.wr" and "statistic.deff.wor".
deffs_as <- function(name, item, domain, statistic, ask) {
  keep(name, item, domain, paste0(statistic, ".deff.wr"), diag(as.matrix(deff(ask("replace")))))
  keep(name, item, domain, paste0(statistic, ".deff.wor"), diag(as.matrix(deff(ask(TRUE)))))
}

# The covariances of several values, as "row:column".
covariances_as <- function(name, item, labels, cov, what = "covariance") {
  keep(name, item, paste(labels[row(cov)], labels[col(cov)], sep = ":"), what, as.vector(cov))
}

# Rows where a column is there; a calibrated design keeps the others at weight 0.
answered_on <- function(design, items) subset(design, rowSums(is.na(design$variables[items])) == 0)

# The samples of California schools and the survey of cholesterol, as designs.
schools <- function() {
  strat <- read_data("apistrat"); one <- read_data("apiclus1"); two <- read_data("apiclus2"); adults <- read_data("nhanes")
  list(
    srs = svydesign(~1, fpc = ~fpc, data = read_data("apisrs")),
    stratified = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
    one_stage = svydesign(~dnum, weights = ~pw, fpc = ~fpc, data = one),
    two_stage = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = two),
    ultimate_cluster = svydesign(~dnum, weights = ~pw, data = two),
    nhanes = svydesign(~psu, strata = ~stratum, weights = ~weight, data = adults, nest = TRUE)
  )
}
