# Reference numbers for tests/test_reliability.py, from the bfi data of R's psych.
# To renew them: Rscript tests/oracles/reliability.R > tests/oracles/reliability.json
# Needs psych, survey, lavaan and semTools (Debian: r-cran-psych -survey -lavaan -semtools).

suppressMessages({
  library(psych)
  library(survey)
  library(semTools)
})

scales <- list(
  A = paste0("A", 1:5), C = paste0("C", 1:5), E = paste0("E", 1:5),
  N = paste0("N", 1:5), O = paste0("O", 1:5)
)
reversed <- c("A1", "C4", "C5", "E1", "E2", "O2", "O5")
answers <- psych::bfi
answers[reversed] <- 7 - answers[reversed]
complete <- answers[complete.cases(answers[unlist(scales)]), ]
model <- paste(sapply(names(scales), function(s) {
  paste(s, "=~", paste(scales[[s]], collapse = " + "))
}), collapse = "\n")

# -- JSON by hand: numbers with 15 digits
number <- function(x) if (is.na(x)) "null" else trimws(formatC(x, digits = 15, format = "g"))
object <- function(...) {
  parts <- list(...)
  paste0("{", paste0('"', names(parts), '": ', unlist(parts), collapse = ",\n"), "}")
}
named <- function(x) do.call(object, lapply(x, number))

# psych's own interval (Feldt), item-rest correlation (r.drop) and alpha without each item
of_scale <- function(items) {
  own <- na.omit(answers[items])
  n <- nrow(own)
  made <- suppressWarnings(psych::alpha(own, check.keys = FALSE, warnings = FALSE))
  interval <- psych::alpha.ci(made$total$raw_alpha, n, n.var = length(items), digits = 15)
  rest <- as.list(setNames(made$item.stats$r.drop, items))
  dropped <- as.list(setNames(made$alpha.drop$raw_alpha, items))
  object(
    n = number(n), alpha = number(made$total$raw_alpha),
    alpha_standardised = number(made$total$std.alpha),
    low = number(interval$lower.ci), high = number(interval$upper.ci),
    inter_item_r = number(made$total$average_r),
    item_rest_r = named(rest), alpha_if_dropped = named(dropped)
  )
}

# weights: age; alpha of survey's weighted covariances, correlations by cov.wt
weighted <- function(items) {
  own <- na.omit(answers[c(items, "age")])
  design <- svydesign(ids = ~1, weights = ~age, data = own)
  alpha <- survey::svycralpha(as.formula(paste("~", paste(items, collapse = "+"))), design)
  r <- cov.wt(own[items], wt = own$age, cor = TRUE)$cor
  k <- length(items)
  mean_r <- mean(r[lower.tri(r)])
  object(
    alpha = number(as.numeric(alpha)),
    alpha_standardised = number(k * mean_r / (1 + (k - 1) * mean_r)),
    inter_item_r = number(mean_r)
  )
}

# Spearman-Brown of two items: cor.test's Fisher interval, put through 2 r / (1 + r)
of_two <- function(items) {
  own <- na.omit(answers[items])
  made <- cor.test(own[[1]], own[[2]])
  step_up <- function(r) 2 * r / (1 + r)
  object(
    n = number(nrow(own)), value = number(step_up(made$estimate)),
    low = number(step_up(made$conf.int[1])), high = number(step_up(made$conf.int[2]))
  )
}

pairs_of <- function(ratios) {
  pairs <- combn(names(scales), 2)
  named(setNames(
    lapply(seq_len(ncol(pairs)), function(i) ratios[pairs[1, i], pairs[2, i]]),
    apply(pairs, 2, paste, collapse = "|")
  ))
}
ratios <- function(correlations, ...) {
  pairs_of(semTools::htmt(model, sample.cov = correlations, ...))
}
plain <- cor(complete[unlist(scales)])
by_age <- cov.wt(complete[unlist(scales)], wt = complete$age, cor = TRUE)$cor

cat(object(
  versions = object(
    R = paste0('"', getRversion(), '"'),
    psych = paste0('"', packageVersion("psych"), '"'),
    survey = paste0('"', packageVersion("survey"), '"'),
    semTools = paste0('"', packageVersion("semTools"), '"')
  ),
  scales = do.call(object, lapply(scales, of_scale)),
  weighted_by_age = do.call(object, lapply(scales, weighted)),
  two_items = object("E1|E2" = of_two(c("E1", "E2")), "O4|C5" = of_two(c("O4", "C5"))),
  n_all_items = number(nrow(complete)),
  htmt = ratios(plain, htmt2 = FALSE),
  htmt2 = ratios(plain, htmt2 = TRUE),
  htmt_weighted_by_age = ratios(by_age, htmt2 = FALSE)
), "\n")
