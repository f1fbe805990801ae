# Verdicts: families of p-values by p.adjust, and two one-sided tests of two simple samples by their t formulas, Welch's df.
source("common.R")

# Benjamini and Hochberg (1995), section 4.1; and a family with ties, a 0 and a 1.
families <- list(
  bh1995 = c(.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1),
  ties = c(.02, .001, .02, 0, .3, .3, .3, 1, .049, .05, .051, .02)
)
for (name in names(families)) {
  p <- families[[name]]
  item <- sprintf("p%02d", seq_along(p))
  keep(name, item, "", "p", p)
  for (method in c("BH", "BY", "holm")) keep(name, item, "", paste0("adjusted.", tolower(method)), p.adjust(p, method))
}

# Moery and Calin-Jageman's replication of Eskine (2013) as Lakens (2017) and the help page of TOSTER's TOSTtwo print it, unequal
# variances and a margin of .43 standard deviations: t = -2.69, p = .004; the same with a wider margin; and samples of unlike size and spread.
tost <- function(name, n, mean, sd, margin) {
  v <- sd^2 / n
  g <- mean[1] - mean[2]
  se <- sqrt(sum(v))
  df <- sum(v)^2 / sum(v^2 / (n - 1))
  say <- function(what, value) keep(name, "x", "", what, value)
  for (side in 1:2) for (what in c("n", "mean", "sd")) say(paste0(what, ".", c("a", "b")[side]), get(what)[side])
  say("margin", margin)
  say("df", df)
  say("p", 2 * pt(-abs(g) / se, df))
  say("p.tost", max(pt((g - margin) / se, df), pt((g + margin) / se, df, lower.tail = FALSE)))
  say("p.material", pt((abs(g) - margin) / se, df, lower.tail = FALSE))
  say("lower.90", g - qt(.95, df) * se)
  say("upper.90", g + qt(.95, df) * se)
}
tost("eskine", c(95, 89), c(5.25, 5.22), c(.95, .83), .43 * sqrt((.95^2 + .83^2) / 2))
tost("eskine_wide", c(95, 89), c(5.25, 5.22), c(.95, .83), .5)
tost("unequal", c(200, 30), c(4.1, 3.4), c(.8, 1.2), .3)
write_golden("verdicts", "p.adjust, pt and qt; Benjamini and Hochberg (1995), Lakens (2017)")
