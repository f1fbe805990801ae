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
        schools[c("api00", "api99", "ell")], agree = agree, likely = likely, snum = schools$snum, enroll = schools$enroll,
        tested = schools$api.stu, meals = schools$meals, met = schools$sch.wide, award = schools$awards)
}
origin <- c("from data(api) of the R package survey (GPL-2 | GPL-3), some columns; agree and likely are cut from api00 and api99;",
            "tested is api.stu, met is sch.wide, award is awards; fpc1 and fpc2 count districts, and schools in the district")
for (name in c("apisrs", "apistrat", "apiclus1")) {
  write_table(answers(get(name)), sprintf("data/%s.csv", name), script, origin)
}
two <- answers(apiclus2)
two <- cbind(two[names(two) != "fpc"], fpc1 = apiclus2$fpc1, fpc2 = as.vector(apiclus2$fpc2), parity = apiclus2$dnum %% 2)
two$districts <- ifelse(two$parity == 1, 357, 400) # a made-up stratification: odd and even districts
write_table(two, "data/apiclus2.csv", script, origin, "parity and districts make two strata of districts (made up)")

# Other examples of the survey package, as they are; the help page of each names its book.
small <- function(name, source, columns = NULL) {
  data(list = name, package = "survey", envir = environment())
  table <- get(name)
  if (!is.null(columns)) { table <- table[columns]; names(table) <- names(columns) }
  origin <- sprintf("from data(%s) of the R package survey (GPL-2 | GPL-3); %s", name, source)
  write_table(table, sprintf("data/%s.csv", name), script, origin)
}
small("scd", "Levy and Lemeshow, Sampling of Populations, section 12.2")
small("hospital", "Levy and Lemeshow, Sampling of Populations", c(hospno = "hospno", oblevel = "oblevel", weight = "weighta",
      tothosp = "tothosp", births = "births"))
small("fpc", "Stata manual, svyset")
small("mu284", "Sarndal, Swensson, Wretman, Model Assisted Survey Sampling, page 143")
small("crowd", "manual of VPLX, United States Census Bureau")
data(nhanes)
adults <- data.frame(psu = nhanes$SDMVPSU, stratum = nhanes$SDMVSTRA, weight = nhanes$WTMEC2YR, cholesterol = nhanes$HI_CHOL,
                     race = nhanes$race, age = as.integer(nhanes$agecat), sex = nhanes$RIAGENDR)
write_table(adults, "data/nhanes.csv", script, "from data(nhanes) of the R package survey (GPL-2 | GPL-3), a survey of the United States",
            "in 2009-2010; age 1 to 4: to 19, 39, 59, above; race 1 to 4: Hispanic, white, black, other; sex 1 men, 2 women")

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

# Three stages, strata at the first two: towns in two countries, in towns streets of two kinds, in streets houses.
set.seed(20270302, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
towns <- data.frame(country = rep(c("inland", "coast"), c(4, 3)), town = c(1:4, 1:3), towns = rep(c(30, 12), c(4, 3)))
streets <- do.call(rbind, lapply(1:7, function(i) {
  n <- c(2, 2, 3, 2, 2, 3, 2)[i]; m <- c(2, 3, 2, 2, 2, 2, 2)[i]
  data.frame(towns[rep(i, n + m), ], kind = rep(c("long", "short"), c(n, m)), street = 1:(n + m),
             streets = rep(c(9 + i, 5 + i), c(n, m)), level = rnorm(1, 0, 6) + rnorm(n + m, 0, 3))
}))
houses <- do.call(rbind, lapply(seq_len(nrow(streets)), function(i) {
  n <- 2 + i %% 3
  data.frame(streets[rep(i, n), ], houses = 6 + i %% 5, house = 1:n)
}))
houses$rooms <- pmax(1, round(4 + 0.1 * houses$level + rnorm(nrow(houses), 0, 1.2)))
houses$rent <- round(20 + houses$level + 4 * houses$rooms + rnorm(nrow(houses), 0, 4), 2)
houses$rent[runif(nrow(houses)) < 0.08] <- NA
houses$garden <- sample(c("no", "yes"), nrow(houses), TRUE)
note <- "made up by data.R with a seed; towns, streets and houses are counts in the population, of the unit above"
write_table(houses[names(houses) != "level"], "data/houses.csv", script, note)

# Sixteen replicate weights of nobody's survey, for what is done with weights that are handed in.
weight <- round(runif(30, 10, 40), 2)
factors <- matrix(rbinom(30 * 16, 2, 0.5), 30)
answers <- data.frame(group = sample(c("a", "b"), 30, TRUE), y = round(rnorm(30, 50, 9), 1), x = round(runif(30, 20, 60), 1),
                      weight = weight)
answers <- cbind(answers, setNames(as.data.frame(round(weight * (0.4 + 0.6 * factors), 3)), paste0("r", 1:16)))
write_table(answers, "data/replicated.csv", script, "made up by data.R with a seed: answers, weights and replicate weights r1 to r16")
