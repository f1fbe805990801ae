# Replicate weights: jackknife, BRR, Fay, supplied ones with their scales, and weights fitted again on every replicate.
# mse = TRUE takes deviations from the whole sample ("estimate"), mse = FALSE from the mean of the replicates ("mean").
source("common.R")
data(api)
designs <- schools()
scd <- read_data("scd"); crowd <- read_data("crowd"); hospital <- read_data("hospital"); given <- read_data("replicated")
scd_fpc <- svydesign(~ambulance, prob = ~1, strata = ~ESA, fpc = rep(5, 6), data = scd, nest = TRUE)
scd_plain <- svydesign(~ambulance, prob = ~1, strata = ~ESA, data = scd, nest = TRUE)
hospitals <- svydesign(~hospno, strata = ~oblevel, weights = ~weight, fpc = ~tothosp, data = hospital)
halves <- 2 * cbind(c(1, 0, 1, 0, 1, 0), c(1, 0, 0, 1, 0, 1), c(0, 1, 1, 0, 0, 1), c(0, 1, 0, 1, 1, 0)) # Levy and Lemeshow
quietly <- suppressWarnings # R warns that it was given no weights, or drops the fpc

both <- function(make) for (mse in c("estimate", "mean")) make(mse == "estimate", mse)
items_of <- function(design, name, domain, items, ratio = NULL) {
  for (item in items) {
    inside <- answered_on(design, item)
    found_as(name, item, domain, "mean", svymean(as.formula(paste0("~", item)), inside))
    found_as(name, item, domain, "total", svytotal(as.formula(paste0("~", item)), inside))
  }
  if (!is.null(ratio)) {
    inside <- answered_on(design, ratio)
    of <- lapply(ratio, function(item) as.formula(paste0("~", item)))
    found_as(name, paste(ratio, collapse = "/"), domain, "ratio", svyratio(of[[1]], of[[2]], inside))
  }
}

both(function(mse, label) {
  named <- function(name) paste(name, label, sep = ".")
  # the jackknife: JK1 without strata, JKn with, the fpc of the first stage in its scale
  for (name in c("one_stage", "stratified", "ultimate_cluster")) {
    jackknife <- as.svrepdesign(designs[[name]], mse = mse)
    for (domain in c("", "E", "H", "M")) {
      inside <- if (domain == "") jackknife else subset(jackknife, stype == domain)
      items_of(inside, named(paste0("jackknife_", name)), domain, c("api00", "enroll"), c("tested", "enroll"))
    }
    keep(named(paste0("jackknife_", name)), "", "", "df", degf(jackknife))
  }
  items_of(as.svrepdesign(hospitals, mse = mse), named("jackknife_hospital"), "", "births")
  items_of(as.svrepdesign(scd_fpc, mse = mse), named("jackknife_scd"), "", c("alive", "arrests"), c("alive", "arrests"))
  # VPLX: a house of 6; a jackknife without strata (example 1-1) and with (example 1-2)
  crowd$share <- crowd$rooms / crowd$person
  vplx <- list(crowd = svydesign(~cluster, weights = ~weight, data = crowd),
               crowd_strata = svydesign(~cluster, weights = ~weight, strata = ~stratum, data = crowd))
  for (name in names(vplx)) {
    jackknife <- as.svrepdesign(vplx[[name]], mse = mse)
    items_of(jackknife, named(name), "", c("rooms", "person", "share"), c("rooms", "person"))
    items_of(subset(jackknife, person > rooms), named(name), "crowded", c("rooms", "person", "share"))
  }
  # half samples: the book's, R's own Hadamard matrix for totals (any balanced one gives the same), Fay's with the book's
  book <- quietly(svrepdesign(data = scd, type = "BRR", repweights = halves, combined.weights = FALSE, mse = mse))
  items_of(book, named("brr_book"), "", c("alive", "arrests"), c("alive", "arrests"))
  fay <- quietly(svrepdesign(data = scd, type = "Fay", rho = 0.3, repweights = 0.3 + 0.7 * halves, combined.weights = FALSE, mse = mse))
  items_of(fay, named("fay_book"), "", c("alive", "arrests"), c("alive", "arrests"))
  brr <- as.svrepdesign(scd_plain, type = "BRR", mse = mse)
  for (item in c("alive", "arrests")) found_as(named("brr_own"), item, "", "total", svytotal(as.formula(paste0("~", item)), brr))
  # weights handed in
  r <- as.matrix(given[paste0("r", 1:16)])
  rscales <- round(seq(0.4, 1.6, length.out = 16), 2)
  kinds <- list(
    other = list(type = "other", scale = 0.11, rscales = rscales), bootstrap = list(type = "bootstrap"),
    brr = list(type = "BRR"), fay = list(type = "Fay", rho = 0.4), jk1 = list(type = "JK1", scale = 15 / 16),
    jkn = list(type = "JKn", scale = 1, rscales = rscales),
    acs = list(type = "ACS"), sdr = list(type = "successive-difference")
  )
  for (kind in names(kinds)) {
    roles <- list(data = given, repweights = r, weights = ~weight, combined.weights = TRUE, mse = mse)
    design <- quietly(do.call(svrepdesign, c(roles, kinds[[kind]])))
    name <- named(paste0("given_", kind))
    for (domain in c("", "a", "b")) items_of(if (domain == "") design else subset(design, group == domain), name, domain, c("y", "x"), c("y", "x"))
    keep(name, "", "", "df", degf(design))
    any_function <- function(w, data) {
      y <- data$y - sum(w * data$y) / sum(w); x <- data$x - sum(w * data$x) / sum(w)
      c(sum(w * x * y) / sqrt(sum(w * x * x) * sum(w * y * y)), log(sum(w * data$y)))
    }
    found <- withReplicates(design, any_function)
    keep(name, c("correlation", "log_total"), "", "statistic.value", coef(found))
    keep(name, c("correlation", "log_total"), "", "statistic.se", sqrt(diag(as.matrix(vcov(found)))))
    covariances_as(name, "", c("x", "y"), vcov(svymean(~x + y, design)))
    # quantiles: made again on every replicate, and Woodruff's interval on the replicated share; for these R 4.1 forgets to pass the
    # scale on and always takes "mean" (4.5 passes it), so its own function is called with it
    for (p in c(0.25, 0.5)) for (rule in c("math", "hf7")) for (scale in c("quantile", "mean", "xlogit")) {
      what <- sprintf("quantile.%s.%s.%s.%s", rule, p, scale, c("lower", "upper", "se"))
      row <- quietly(suppressMessages(svyquantile(~y, design, p, interval.type = scale, qrule = rule)))[[1]][1, ]
      if (scale == "quantile") keep(name, "y", "", sprintf("quantile.%s.%s.value", rule, p), row[1])
      if (scale == "xlogit") {
        by <- getFromNamespace(paste0("qrule_", rule), "survey")
        limits <- survey:::woodruffCI(given$y, row[1], p, design, by, 0.05, degf(design), method = "xlogit")
        row <- c(row[1], limits, diff(limits) / (2 * qt(0.975, degf(design))))
      }
      if (!anyNA(row)) keep(name, "y", "", what, row[2:4])
    }
  }
  # fitted again on every replicate
  start <- as.svrepdesign(designs$one_stage, mse = mse)
  count <- function(column, name) setNames(as.data.frame(table(apipop[column])), c(name, "Freq"))
  types <- count("stype", "stype"); mets <- count("sch.wide", "met")
  total <- c(`(Intercept)` = nrow(apipop), stypeH = types$Freq[2], stypeM = types$Freq[3])
  fitted <- list(
    poststratified = postStratify(start, ~stype, types),
    raked = rake(start, list(~stype, ~met), list(types, mets), control = list(epsilon = 1e-15, maxit = 2000)),
    linear = calibrate(start, ~stype + api99, c(total, api99 = sum(apipop$api99))),
    raking = calibrate(start, ~stype + met, c(total, metYes = mets$Freq[2]), calfun = "raking", epsilon = 1e-13, maxit = 500),
    logit = calibrate(start, ~stype + met, c(total, metYes = mets$Freq[2]), calfun = "logit", bounds = c(0.2, 4), epsilon = 1e-13, maxit = 500)
  )
  for (fit in names(fitted)) for (domain in c("", "award")) {
    inside <- if (domain == "") fitted[[fit]] else subset(fitted[[fit]], award == "Yes")
    items_of(inside, named(paste0("fitted_", fit)), domain, c("api00", "enroll"), c("tested", "enroll"))
  }
})
write_golden("replicates", "as.svrepdesign, svrepdesign(type = , scale = , rscales = , mse = ); postStratify, rake and calibrate of replicates;",
             "brr_book: the half samples of Levy and Lemeshow, Sampling of Populations; given_other and given_jkn: rscales from 0.4 to 1.6")
