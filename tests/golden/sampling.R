# Inclusion probabilities in proportion to a size, certainties taken out (Debian: r-cran-sampling). Sizes are made up by a rule.
suppressPackageStartupMessages(library(sampling))
options(digits = 17, warn = 2)
shortest <- function(x) {
  brief <- sprintf("%.15g", x)
  ifelse(as.numeric(brief) != x, sprintf("%.17g", x), brief)
}
populations <- list(
  even = rep(5, 12),
  branches = 10 + (7 * (1:30)) %% 53 + ifelse(1:30 %% 11 == 0, 900, 0),
  heavy = 2^(0:14),
  steep = (1:40)^3
)
rows <- list()
for (name in names(populations)) for (count in c(1, 4, 9)) {
  sizes <- populations[[name]]
  chance <- inclusionprobabilities(sizes, count)
  rows[[length(rows) + 1]] <- data.frame(population = name, count = count, size = shortest(sizes), probability = shortest(chance))
}
connection <- file("sampling.csv", "w")
writeLines(sprintf("# %s, sampling %s; written by tests/golden/sampling.R", R.version.string, packageVersion("sampling")), connection)
write.table(do.call(rbind, rows), connection, sep = ",", quote = FALSE, row.names = FALSE)
close(connection)
