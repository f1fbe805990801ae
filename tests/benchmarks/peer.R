# The tasks in R survey (Debian: r-base-core r-cran-survey), on the orders of side_by_side.py: see worker.py for the few words.
# Rscript peer.R TASK ANSWERS WARM
suppressMessages(library(survey))
asked <- commandArgs(trailingOnly = TRUE)
task <- asked[1]
items <- paste0("q", 1:20)
margins <- c("m1", "m2", "m3", "m4")
all_items <- as.formula(paste("~", paste(items, collapse = "+")))

column <- function(home, name) {
    path <- Sys.glob(file.path(home, paste0(name, ".[fi][48]")))
    real <- endsWith(path, "f8")
    readBin(path, if (real) "double" else "integer", file.size(path) / if (real) 8 else 4)
}

load <- function(home) {
    names <- c("psu", "stratum", "unit", "weight",
        if (task %in% c("means", "means-rows", "units", "units-rows", "replicates", "given")) items,
        if (task %in% c("rake", "greg", "logit", "raking")) c(margins, "q1"),
        if (task %in% c("greg", "logit", "raking")) c("x1", "x2"),
        if (startsWith(task, "glm")) items[1:11], if (task == "median-coded") "q1", if (task == "median") "y")
    data <- as.data.frame(sapply(names, function(name) column(home, name), simplify = FALSE))
    for (name in intersect(margins, names)) data[[name]] <- factor(data[[name]])
    if (task == "glm-logit") data$pleased <- as.numeric(data$q1 >= 7)
    told <- list(data = data)
    lines <- readLines(file.path(home, "targets.json"), warn = FALSE)
    numbers <- function(name) {
        inside <- sub(paste0('.*"', name, '": \\[([^]]*)\\].*'), "\\1", paste(lines, collapse = ""))
        as.numeric(strsplit(inside, ",")[[1]])
    }
    told$margins <- sapply(margins, numbers, simplify = FALSE)
    told$totals <- sapply(c("x1", "x2"), numbers, simplify = FALSE)
    if (task == "given") {
        factors <- matrix(column(home, "factors"), ncol = 500)
        told$factors <- factors[data$psu + 1, ]
    }
    told
}

clustered <- function(told) {
    told$design <- svydesign(id = ~psu, strata = ~stratum, weights = ~weight, data = told$data)
    told
}
element <- function(told) {
    told$design <- svydesign(id = ~1, strata = ~stratum, weights = ~weight, data = told$data)
    told
}
supplied <- function(told) {
    told$design <- svrepdesign(data = told$data, weights = ~weight, repweights = told$factors, type = "bootstrap",
        combined.weights = FALSE, scale = 1 / 500, rscales = rep(1, 500), mse = FALSE)
    told
}

counts <- function(told) lapply(margins, function(name) {
    found <- data.frame(factor(seq_along(told$margins[[name]]) - 1), told$margins[[name]])
    setNames(found, c(name, "Freq"))
})
fitted <- function(told, ...) {
    own <- lapply(margins, function(name) {
        most <- told$margins[[name]][-1]
        setNames(most, paste0(name, seq_along(most)))
    })
    population <- c("(Intercept)" = sum(told$margins$m1), unlist(own), unlist(told$totals))
    calibrate(told$design, ~ m1 + m2 + m3 + m4 + x1 + x2, population = population, epsilon = 1e-12, ...)
}
median_of <- function(formula) function(told) svyquantile(formula, told$design, 0.5)

right <- paste(items[2:11], collapse = "+")
model <- function(outcome, family) {
    formula <- as.formula(paste(outcome, "~", right))
    function(told) list(svyglm(formula, told$design, family = family, control = glm.control(epsilon = 1e-12)))
}
models <- function(told) {
    formula <- as.formula(paste("q1 ~", right))
    lapply(0:199, function(u) svyglm(formula, eval(bquote(subset(told$design, unit == .(u))))))
}
of_models <- function(found) c(t(sapply(found, coef)), t(sapply(found, SE)))

of_means <- function(found) c(coef(found), SE(found))
of_units <- function(found) {
    found <- found[order(found$unit), ]
    c(unlist(found[items]), unlist(found[paste0("se.", items)]))
}
of_weights <- function(design) unname(weights(design))
of_median <- function(found) as.numeric(found[[1]][1, ])

means <- function(told) svymean(all_items, told$design)
units <- function(told) svyby(all_items, ~unit, told$design, svymean)
tasks <- list(
    "means" = list(clustered, means, of_means),
    "means-rows" = list(element, means, of_means),
    "units" = list(clustered, units, of_units),
    "units-rows" = list(element, units, of_units),
    "replicates" = list(clustered, function(told) {
        set.seed(1)
        svymean(all_items, as.svrepdesign(told$design, type = "subbootstrap", replicates = 500))
    }, of_means),
    "given" = list(supplied, means, of_means),
    "rake" = list(clustered, function(told) {
        rake(told$design, list(~m1, ~m2, ~m3, ~m4), counts(told), control = list(maxit = 200, epsilon = 1e-13))
    }, of_weights),
    "greg" = list(clustered, function(told) fitted(told), of_weights),
    "logit" = list(clustered, function(told) fitted(told, calfun = "logit", bounds = c(0.5, 2)), of_weights),
    "raking" = list(clustered, function(told) fitted(told, calfun = "raking"), of_weights),
    "median-coded" = list(clustered, median_of(~q1), of_median),
    "median" = list(clustered, median_of(~y), of_median),
    "glm" = list(clustered, model("q1", gaussian()), of_models),
    "glm-logit" = list(clustered, model("pleased", quasibinomial()), of_models),
    "glm-units" = list(clustered, models, of_models)
)

now <- function() as.numeric(Sys.time())
turn <- function(told, steps) {
    start <- now()
    ready <- steps[[1]](told)
    built <- now()
    result <- steps[[2]](ready)
    called <- now()
    again <- called - built
    if (called - start < 20) {
        result <- NULL
        from <- now()
        result <- steps[[2]](ready)
        again <- now() - from
    }
    list(result = result, build = built - start, fresh = called - built, again = again)
}
say <- function(...) {
    cat(sprintf(...), "\n", sep = "")
    flush(stdout())
}

steps <- tasks[[task]]
if (asked[2] != asked[3] && task != "replicates") invisible(turn(load(asked[3]), steps))
told <- load(asked[2])
invisible(gc())
say('{"ready": true}')
orders <- file("stdin", open = "r")
while (length(line <- readLines(orders, 1)) > 0) {
    if (line == "round") {
        done <- NULL
        invisible(gc())
        done <- turn(told, steps)
        say('{"build": %.6f, "fresh": %.6f, "again": %.6f}', done$build, done$fresh, done$again)
    } else {
        writeBin(as.double(steps[[3]](done$result)), substring(line, 8))
        say('{"written": true}')
    }
}
