# Reads a .sav file as an R user would, and prints as JSON what it says of its variables and cells.
arguments <- commandArgs(trailingOnly = TRUE)
data <- haven::read_sav(arguments[1], user_na = TRUE)
told <- lapply(data, function(x) {
  days <- inherits(x, "Date")
  labels <- attr(x, "labels", exact = TRUE)
  list(
    label = attr(x, "label", exact = TRUE),
    codes = as.list(as.character(unname(labels))),
    words = as.list(names(labels)),
    missing = as.list(as.character(attr(x, "na_values", exact = TRUE))),
    cells = as.list(if (days) format(x) else as.character(unclass(x)))
  )
})
cat(jsonlite::toJSON(told, auto_unbox = TRUE, null = "null", na = "null"))
