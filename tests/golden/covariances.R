# Means and covariances of incomplete answers by maximum likelihood (lavaan, missing = "ml"), plain and weighted; under weights and
# clusters lavaan's robust errors of the covariances, and a delete-one-branch jackknife of correlations by lavaan's own fits.
source("common.R")
suppressPackageStartupMessages(library(lavaan))
options(warn = 1) # lavaan warns that its baseline model, which nobody asked for, is not found

items <- c("listened", "kept", "helped", "recommend")
# The bank's customers with answers taken away by a rule of whole numbers, more often where the first answer is low.
customers <- read_data("bank_customers")
n <- nrow(customers); row <- seq_len(n)
customers$kept[(row * 7) %% 10 < 3] <- NA
customers$helped[!is.na(customers$listened) & customers$listened <= 3 & row %% 2 == 0] <- NA
customers$recommend[(row * 3) %% 11 == 0] <- NA
some <- customers[rowSums(!is.na(customers[items])) > 0, ]

pairs <- which(upper.tri(diag(4), diag = TRUE), arr.ind = TRUE)
model <- paste(c(sprintf("%s ~~ %s", items[pairs[, 1]], items[pairs[, 2]]), sprintf("%s ~ 1", items)), collapse = "\n")
fit <- function(data, ...) lavaan(model, data, missing = "ml", em.h1.tol = 1e-13, em.h1.iter.max = 20000, ...)
# the saturated moments, which lavaan finds by EM to the tolerance above (its optimiser stops four digits earlier)
moments <- function(found) {
  h1 <- lavTech(found, "sampstat.h1", add.labels = TRUE)[[1]]
  list(mean = drop(unlist(h1$mean))[match(items, colnames(h1$cov))], cov = h1$cov[items, items])
}
told <- function(name, found) {
  m <- moments(found)
  keep(name, items, "", "mean", m$mean)
  keep(name, paste(items[pairs[, 1]], items[pairs[, 2]], sep = ":"), "", "covariance", m$cov[pairs])
  m$cov
}
invisible(told("plain", fit(some)))
weighted <- fit(some, sampling.weights = "weight")
cov <- told("weighted", weighted)

# sandwich of casewise scores summed by branch; the observed information between
clustered <- fit(some, sampling.weights = "weight", cluster = "branch", estimator = "MLR")
rows <- subset(parameterEstimates(clustered), op == "~~")
clusters <- length(unique(some$branch))
keep("weighted", paste(rows$lhs, rows$rhs, sep = ":"), "", "lavaan.se", rows$se)

# delete one branch at a time
correlations <- function(cov) cov2cor(cov)[upper.tri(cov)]
without <- sapply(unique(some$branch), function(out) {
  part <- fit(some[some$branch != out, ], sampling.weights = "weight", se = "none", test = "none")
  correlations(moments(part)$cov)
})
whole <- correlations(cov)
upper <- which(upper.tri(cov), arr.ind = TRUE)
keep("weighted", paste(items[upper[, 1]], items[upper[, 2]], sep = ":"), "", "jackknife.se",
     sqrt((clusters - 1) / clusters * rowSums((without - whole)^2)))
write_golden("covariances", paste("lavaan", packageVersion("lavaan"), "full-information maximum likelihood"))
