# Gaps between the bank's customers and employees: one stacked design, contrasts with their covariance, p-values and adjustments.
source("common.R")

both <- bank_both()
margin <- c(listened = 0.3, kept = 0.3, helped = 0.3, top = 0.05, recommend = 10, score = 7.5, box = 0.05)
both$top <- as.numeric(both$listened >= 4)
both$nps <- 100 * (both$recommend >= 9) - 100 * (both$recommend <= 6)
both$score <- 100 * (both$listened - 1) / 4
both$box <- as.numeric(both$listened >= 5)
both$own_branch <- paste(both$audience, both$branch)
both$own_region <- paste(both$audience, both$region)

# Customers raked to region and channel, employees to region, each inside its own rows of the one design; the columns of one
# audience are zero for the other, and a row of zeros keeps its weight.
raked_both <- function(design) {
  frame <- design$variables
  customer <- frame$audience == "customers"
  total <- c(sum(frame$weight[customer]), sum(frame$weight[!customer]))
  share <- bank_margins$region
  staff <- c(east = 0.18, north = 0.42, south = 0.31, west = 0.09)
  columns <- cbind(
    sapply(names(share), function(r) 1 * (customer & frame$region == r)),
    phone = ifelse(customer, 1 * (frame$channel == "phone"), 0),
    sapply(names(staff), function(r) 1 * (!customer & frame$region == r))
  )
  colnames(columns) <- paste0("m", seq_len(ncol(columns)))
  population <- c(total[1] * share, total[1] * bank_margins$channel["phone"], total[2] * staff)
  names(population) <- colnames(columns)
  design <- update(design, columns = columns)
  for (name in colnames(columns)) design$variables[[name]] <- columns[, name]
  calibrate(design, as.formula(paste("~ 0 +", paste(colnames(columns), collapse = "+"))), population,
            calfun = "raking", epsilon = 1e-13, maxit = 200)
}

shared <- svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = both, nest = TRUE)
designs <- list(
  shared = shared,
  shared_no_fpc = svydesign(~branch, strata = ~region, weights = ~weight, data = both, nest = TRUE),
  apart = svydesign(~own_branch, strata = ~own_region, weights = ~weight, fpc = ~branches, data = both, nest = TRUE),
  persons = svydesign(~1, strata = ~own_region, weights = ~weight, data = both),
  raked = raked_both(shared)
)

satterthwaite <- function(design, v, df, held) {
  min(sum(v)^2 / sum(v^2 / df), degf(subset(design, held)))
}

for (name in names(designs)) for (domain in c("", "middle", "older", "young")) {
  design <- designs[[name]]
  inside <- domain == "" | both$age == domain
  on <- function(audience) both$audience == audience & inside
  items <- c("listened", "kept", "helped", "top", "nps", "score", "box")
  columns <- c(
    sapply(items, function(item) ifelse(on("customers"), both[[item]], NA), simplify = FALSE),
    sapply(items, function(item) ifelse(on("employees"), both[[item]], NA), simplify = FALSE)
  )
  columns$guess <- ifelse(on("employees"), both$guess, NA)
  names(columns) <- c(paste0(items, ".c"), paste0(items, ".e"), "guess.e")
  level <- means_of(design, columns)
  cov <- vcov(level); value <- coef(level)
  dfs <- sapply(columns, function(x) degf(subset(design, !is.na(x))))

  gap <- function(item, what, weights) {
    a <- names(value) %in% names(weights)[grepl("\\.c$", names(weights))]
    w <- setNames(rep(0, length(value)), names(value)); w[names(weights)] <- weights
    se <- sqrt(drop(w %*% cov %*% w))
    v <- c(drop((w * a) %*% cov %*% (w * a)), drop((w * !a) %*% cov %*% (w * !a)))
    used <- columns[names(weights)]
    df <- c(min(dfs[names(weights)[grepl("\\.c$", names(weights))]]), min(dfs[names(weights)[grepl("\\.e$", names(weights))]]))
    held <- Reduce(`|`, lapply(used, function(x) !is.na(x)))
    g <- sum(w * value); df <- satterthwaite(design, v, df, held)
    say <- function(k, x) keep(name, item, domain, paste0(what, ".", k), x)
    say("value", g); say("se", se); say("df", df)
    say("lower", g - qt(0.975, df) * se); say("upper", g + qt(0.975, df) * se)
    m <- c(margin, nps = 10, guess = 0.3)[item]
    p <- 2 * pt(-abs(g) / se, df)
    # two one-sided tests: below the upper margin and above the lower one, both must hold
    tost <- max(pt((g - m) / se, df), pt((g + m) / se, df, lower.tail = FALSE))
    say("p", p); say("p_aligned", tost)
    if (what == "absolute" && item %in% c("listened", "kept", "helped")) {
      family[[length(family) + 1]] <<- data.frame(item, domain, p = ifelse(abs(g) >= m, p, 1), tost)
    }
  }
  if (domain == "" || domain == "middle") family <- list() # families: all together, and all ages
  for (item in items) gap(item, "absolute", setNames(c(1, -1), paste0(item, c(".c", ".e"))))
  gap("guess", "absolute", c(listened.c = 1, guess.e = -1))
  three <- c("listened", "kept", "helped")
  for (item in three) {
    w <- ifelse(three == item, 2 / 3, -1 / 3)
    gap(item, "relative", setNames(c(w, -w), c(paste0(three, ".c"), paste0(three, ".e"))))
  }
  if (domain == "" || domain == "young") for (method in c("BH", "BY", "holm")) {
    all <- do.call(rbind, family)
    keep(name, all$item, all$domain, paste0("adjusted.", tolower(method)), p.adjust(all$p, method))
    keep(name, all$item, all$domain, paste0("aligned.", tolower(method)), p.adjust(all$tost, method))
  }
  # the same by svyby and svycontrast, where they go
  if (name != "raked") {
    by <- svyby(~kept, ~audience, subset(design, inside & !is.na(kept)), svymean, covmat = TRUE)
    twin <- svycontrast(by, c(customers = 1, employees = -1))
    mine <- svycontrast(level, list(kept = c(kept.c = 1, kept.e = -1)))
    stopifnot(all.equal(c(coef(twin), SE(twin)), c(coef(mine), SE(mine)), tolerance = 1e-10, check.attributes = FALSE))
  }
}

# A plain gap of one column between two audiences where `inside`: value, error, Satterthwaite's df, by svycontrast.
plain <- function(name, design, item, domain, inside, column, sides) {
  x <- design$variables[[column]]
  columns <- lapply(sides, function(side) ifelse(inside & design$variables$audience == side, x, NA))
  names(columns) <- c("a", "b")
  level <- means_of(design, columns)
  cov <- as.matrix(vcov(level)); v <- diag(cov)
  v[v < 1e-10] <- 0 # where every answer is equal R leaves rounding, of either sign
  se <- if (all(v == 0)) 0 else SE(svycontrast(level, c(a = 1, b = -1)))
  df <- sapply(columns, function(x) degf(subset(design, !is.na(x))))
  held <- !is.na(columns$a) | !is.na(columns$b)
  keep(name, item, domain, "value", diff(rev(unlist(coef(level)))))
  keep(name, item, domain, "se", se)
  keep(name, item, domain, "df", if (all(v == 0)) degf(subset(design, held)) else
    if (any(df <= 0)) 0 else satterthwaite(design, v, df, held))
}
sides <- c("customers", "employees")

# Inside each branch persons are psus, strata are branch and audience. With the persons there counted: customers three times
# those who answered, employees two more.
both$people <- ave(rep(1, nrow(both)), both$own_branch, FUN = sum)
both$people <- ifelse(both$audience == "customers", 3 * both$people, both$people + 2)
inside_branches <- svydesign(~1, strata = ~own_branch, weights = ~weight, data = both)
surveyed <- svydesign(~1, strata = ~own_branch, weights = ~weight, fpc = ~people, data = both)
for (branch in sort(unique(both$branch))) for (item in c("listened", "top", "nps", "score")) {
  plain("inside", inside_branches, item, branch, both$branch == branch, item, sides)
  plain("inside_fpc", surveyed, item, branch, both$branch == branch, item, sides)
}
# All branches surveyed: the same strata, over all and by region.
for (region in c("", sort(unique(both$region)))) for (item in c("listened", "kept", "helped", "top", "nps", "score", "box")) {
  plain("surveyed", surveyed, item, region, region == "" | both$region == region, item, sides)
}

# Two waves of one panel: who answered both is one psu in both. The second wave's answer to `listened` is the column `kept`.
customers <- subset(both, audience == "customers")
late <- transform(subset(customers, respondent %% 3 != 0), audience = "cold-2027")
early <- transform(subset(customers, respondent %% 4 != 0), audience = "cold-2026", listened = kept, weight = weight * 1.5)
panel <- rbind(late, early)
waves <- list(
  waves_persons = svydesign(~respondent, strata = ~region, weights = ~weight, data = panel, nest = TRUE),
  waves_branches = svydesign(~branch, strata = ~region, weights = ~weight, fpc = ~branches, data = panel, nest = TRUE)
)
for (name in names(waves)) for (age in c("", "middle", "older", "young")) {
  plain(name, waves[[name]], "listened", age, age == "" | panel$age == age, "listened", c("cold-2027", "cold-2026"))
}
# Inside a branch, a panel's persons are psus of both waves, the branch a stratum.
branch_panel <- svydesign(~respondent, strata = ~branch, weights = ~weight, data = panel, nest = TRUE)
for (branch in sort(unique(panel$branch))) {
  plain("waves_inside", branch_panel, "listened", branch, panel$branch == branch, "listened", c("cold-2027", "cold-2026"))
}
write_golden("gaps", "svyby(~x, ~audience, covmat = TRUE) and svycontrast on the stacked bank; pt, p.adjust")
