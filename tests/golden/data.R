# The data that golden values are made from: a few columns of public examples, and one made-up bank.
source("common.R")
script <- "data.R"

# R's survey package distributes the Academic Performance Index samples of California schools (GPL-2 | GPL-3); only the columns
# used are kept. `agree` (1 to 5) and `likely` (0 to 10) are cut from the scores, so that they look like answers.
data(api)
answers <- function(schools) {
  agree <- as.integer(cut(schools$api00, c(0, 500, 600, 700, 800, 1000)))
  agree[!is.na(schools$emer) & schools$emer > 30] <- NA
  likely <- pmin(10, pmax(0, round((schools$api99 - 350) / 55)))
  cbind(schools[c("stype", "dnum", "pw")], fpc = if (is.null(schools$fpc)) NA else schools$fpc,
        schools[c("api00", "api99", "ell")], agree = agree, likely = likely)
}
origin <- "from data(api) of the R package survey (GPL-2 | GPL-3), some columns; agree and likely are cut from api00 and api99"
for (name in c("apisrs", "apistrat", "apiclus1")) {
  write_table(answers(get(name)), sprintf("data/%s.csv", name), script, origin)
}
two <- answers(cbind(apiclus2[setdiff(names(apiclus2), "fpc")]))
write_table(two[names(two) != "fpc"], "data/apiclus2.csv", script, origin)

swiss_table <- cbind(province = rownames(swiss), swiss)
names(swiss_table) <- c("province", "fertility", "agriculture", "examination", "education", "catholic", "infant_mortality")
swiss_table$province <- gsub("[^A-Za-z ]", "", swiss_table$province)
write_table(swiss_table, "data/swiss.csv", script, "from data(swiss) of R's own package datasets (GPL-2 | GPL-3)")

# A bank: 26 branches in four regions, customers and employees of the same branches, who share the branch's quality.
set.seed(20270301, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
branches <- data.frame(
  branch = sprintf("b%02d", 1:26),
  region = rep(c("north", "south", "east", "west"), c(9, 7, 6, 4)),
  branches = rep(c(36, 28, 18, 5), c(9, 7, 6, 4))
)
branches$quality <- rnorm(26, 0, 0.45)
branches$climate <- 0.6 * branches$quality + rnorm(26, 0, 0.35)
code <- function(x, low, high) pmin(high, pmax(low, round(x)))
people <- function(each, share, mood) {
  size <- rpois(26, each) + 2
  who <- branches[rep(1:26, size), ]
  n <- nrow(who)
  general <- rnorm(n, 0, 0.6) + share * who$quality + (1 - share) * who$climate
  frame <- data.frame(
    respondent = seq_len(n), region = who$region, branch = who$branch, branches = who$branches,
    age = sample(c("young", "middle", "older"), n, TRUE, c(0.3, 0.45, 0.25)),
    weight = round(who$branches / 5 * runif(n, 0.6, 2.4), 3)
  )
  drop <- function(x, p) ifelse(runif(n) < p, NA, x)
  frame$listened <- drop(code(3.7 + mood[1] + general + rnorm(n, 0, 0.8), 1, 5), 0.08)
  frame$kept <- drop(code(3.2 + mood[2] + 0.9 * general + rnorm(n, 0, 0.9), 1, 5), 0.12)
  frame$helped <- drop(code(3.9 + mood[3] + 0.7 * general + rnorm(n, 0, 0.8), 1, 5), 0.05)
  base <- rowMeans(frame[c("listened", "kept", "helped")], na.rm = TRUE)
  frame$recommend <- drop(code(0.5 + 1.8 * ifelse(is.finite(base), base, 3.5) + rnorm(n, 0, 1.3), 0, 10), 0.03)
  frame
}
customers <- people(11, 1, c(0, 0, 0))
customers$channel <- sample(c("branch", "phone"), nrow(customers), TRUE, c(0.65, 0.35))
employees <- people(5, 0.2, c(-0.35, 0.05, 0.4))
employees$guess <- code(4.0 + rnorm(nrow(employees), 0, 0.8), 1, 5)
note <- "made up by data.R with a seed; branches is the number of branches of the region in the population"
write_table(customers, "data/bank_customers.csv", script, note)
write_table(employees, "data/bank_employees.csv", script, note)
