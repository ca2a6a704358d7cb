# Witness for who stays and what goes with leaving: survival (Kaplan-Meier, Cox) and survey.
# To renew: Rscript tests/oracles/value.R > tests/oracles/value.json
# Needs survival and survey (Debian: r-cran-survival -survey).
suppressMessages({
  library(survival)
  library(survey)
})
options(survey.lonely.psu = "adjust")

i <- 1:160
d <- data.frame(
  x1 = sin(i), x2 = cos(1.7 * i), weight = 0.5 + (i %% 4) / 2,
  strata = ifelse(i <= 80, "a", "b"), cluster = paste0(ifelse(i <= 80, "a", "b"), i %% 16),
  months = 1 + ((i * 7) %% 12), left = as.integer(sin(i) + cos(3 * i) > 0.3)
)
exact <- transform(d, months = months + i / 1000)

# -- JSON by hand: numbers with 15 digits
numbers <- function(x) paste0("[", paste(formatC(unname(x), digits = 15, format = "g"), collapse = ", "), "]")
object <- function(parts) {
  paste0("{", paste0('"', names(parts), '": ', unlist(parts), collapse = ",\n"), "}")
}
of <- function(parts) object(lapply(parts, numbers))

slopes <- function(fit, names) {
  table <- coef(summary(fit))[names, , drop = FALSE]
  list(slope = unname(table[, 1]), se = unname(table[, 2]))
}
curve <- function(fit) {
  own <- summary(fit)
  list(month = own$time, share = own$surv, low = own$lower, high = own$upper)
}

simple <- survfit(Surv(months, left) ~ 1, data = d, conf.type = "log-log")
drawn <- svydesign(ids = ~cluster, strata = ~strata, weights = ~weight, data = d, nest = TRUE)
weighted <- svydesign(ids = ~1, weights = ~weight, data = d)

# a row for each month of each person, as far as somebody left in that month
gone <- sort(unique(d$months[d$left == 1]))
rows <- do.call(rbind, lapply(seq_along(i), function(one) {
  own <- gone[gone <= d$months[one]]
  if (!length(own)) return(NULL)
  data.frame(d[rep(one, length(own)), ], id = one, month = own,
             event = as.integer(own == d$months[one] & d$left[one] == 1))
}))
by_month <- glm(event ~ factor(month) + x1 + x2 - 1, family = binomial("cloglog"), data = rows)
of_persons <- svydesign(ids = ~cluster, strata = ~strata, weights = ~weight, data = rows, nest = TRUE)
by_design <- svyglm(event ~ factor(month) + x1 + x2 - 1, of_persons, family = quasibinomial("cloglog"))

# the variance of a weighted curve from each row's influence: svykm, robust
robust <- survfit(Surv(months, left) ~ 1, data = transform(d, id = i), weights = weight,
                  id = id, robust = TRUE, conf.type = "log-log")

cat(object(list(
  versions = paste0('{"R": "', R.version.string, '", "survival": "', packageVersion("survival"),
                    '", "survey": "', packageVersion("survey"), '"}'),
  km = of(curve(simple)),
  km_weighted = of(c(curve(robust), list(se = summary(robust)$std.err))),
  logit = of(slopes(glm(left ~ x1 + x2, binomial, d), c("x1", "x2"))),
  logit_weighted = of(slopes(svyglm(left ~ x1 + x2, weighted, family = quasibinomial), c("x1", "x2"))),
  logit_design = of(slopes(svyglm(left ~ x1 + x2, drawn, family = quasibinomial), c("x1", "x2"))),
  grouped = of(slopes(by_month, c("x1", "x2"))),
  grouped_design = of(slopes(by_design, c("x1", "x2"))),
  cox = of(slopes(coxph(Surv(months, left) ~ x1 + x2, data = exact, ties = "efron"), c("x1", "x2"))[1])
)), "\n")
