# Runs the R blocks of docs/how-to/coming-from-R-survey.md and writes what they print into the page's "#>" lines.
suppressMessages(library(survey))
page <- "../../docs/how-to/coming-from-R-survey.md"
lines <- readLines(page, encoding = "UTF-8")
opens <- which(lines == "```r")
out <- lines
for (start in opens) {
  end <- start + which(lines[(start + 1):length(lines)] == "```")[1]
  block <- lines[(start + 1):(end - 1)]
  said <- grep("^#>", block)
  code <- if (length(said)) block[-said] else block
  printed <- capture.output(suppressWarnings(eval(parse(text = code), envir = globalenv())))
  if (length(said)) out[start + said] <- paste("#>", trimws(tail(printed[nzchar(trimws(printed))], 1)))
}
writeLines(out, page, useBytes = TRUE)
cat(sum(grepl("^#>", out)), "lines of", R.version.string, "survey", as.character(packageVersion("survey")), "\n")
