# Reference numbers for tests/test_importance.py and test_regression.py, from psych's bfi data.
# To renew them: Rscript tests/oracles/links.R > tests/oracles/links.json
# Needs psych, survey and MASS (Debian: r-cran-psych -survey -mass).

suppressMessages({
  library(psych)
  library(survey)
  library(MASS)
})

reversed <- c("A1", "C4", "C5", "E1", "E2", "O2", "O5")
answers <- psych::bfi
answers[reversed] <- 7 - answers[reversed]
scores <- data.frame(
  sapply(c("A", "C", "E", "O", "N"), function(s) rowMeans(answers[paste0(s, 1:5)])),
  N1 = answers$N1, age = answers$age, gender = answers$gender,
  block = (seq_len(nrow(answers)) - 1) %/% 10
)
data <- scores[complete.cases(scores), ]
predictors <- c("A", "C", "E", "O")

# -- JSON by hand: numbers with 15 digits
number <- function(x) formatC(unname(x), digits = 15, format = "g")
object <- function(...) {
  parts <- list(...)
  paste0("{", paste0('"', names(parts), '": ', unlist(parts), collapse = ",\n"), "}")
}
named <- function(x) do.call(object, lapply(as.list(x), number))
terms_of <- function(table) {
  rows <- apply(table, 1, function(row) {
    named(setNames(row, c("est", "se", "t", "p")[seq_along(row)]))
  })
  do.call(object, as.list(rows))
}

# -- importance: R2 of all subsets by lm(), Shapley's weights; Johnson by eigen()
r2_of <- function(subset, weight) {
  if (!length(subset)) {
    return(0)
  }
  summary(lm(reformulate(subset, "N"), data, weights = weight))$r.squared
}
lmg <- function(weight) {
  k <- length(predictors)
  sapply(setNames(predictors, predictors), function(one) {
    others <- setdiff(predictors, one)
    total <- 0
    for (size in 0:(k - 1)) {
      share <- factorial(size) * factorial(k - size - 1) / factorial(k)
      subsets <- if (size) combn(others, size, simplify = FALSE) else list(character(0))
      for (subset in subsets) {
        total <- total + share * (r2_of(c(subset, one), weight) - r2_of(subset, weight))
      }
    }
    total
  })
}
johnson <- function(weight) {
  r <- cov.wt(data[c(predictors, "N")], wt = weight / sum(weight), cor = TRUE)$cor
  made <- eigen(r[predictors, predictors])
  half <- made$vectors %*% diag(sqrt(made$values)) %*% t(made$vectors)
  beta <- solve(half, r[predictors, "N"])
  setNames(as.vector(half^2 %*% beta^2), predictors)
}
importance <- function(weight) {
  object(
    r2 = number(r2_of(predictors, weight)),
    lmg = named(lmg(weight)), johnson = named(johnson(weight))
  )
}

# -- regressions
same <- rep(1, nrow(data))
plain <- lm(N ~ A + C + E + O, data)
drawn <- svydesign(ids = ~1, strata = ~gender, weights = ~age, data = data)
blocks <- svydesign(ids = ~block, weights = ~age, data = data)
ordered_n1 <- factor(data$N1, ordered = TRUE)
drawn <- update(drawn, n1 = ordered_n1)
cumulative <- polr(ordered_n1 ~ A + C + E, data, Hess = TRUE, control = list(reltol = 1e-15))
weighted <- svyolr(n1 ~ A + C + E, drawn, control = list(reltol = 1e-15))

# -- correlations freed from error
observed <- cor(data[c(predictors, "N")])
reliabilities <- c(.70, .73, .76, .60, 1)
corrected <- psych::correct.cor(observed, reliabilities)

cat(object(
  versions = object(
    R = paste0('"', getRversion(), '"'),
    psych = paste0('"', packageVersion("psych"), '"'),
    survey = paste0('"', packageVersion("survey"), '"'),
    MASS = paste0('"', packageVersion("MASS"), '"')
  ),
  n = number(nrow(data)),
  equal = importance(same),
  weighted_by_age = importance(data$age),
  lm = terms_of(summary(plain)$coefficients),
  svyglm_strata = terms_of(summary(svyglm(N ~ A + C + E + O, drawn))$coefficients),
  svyglm_blocks = terms_of(summary(svyglm(N ~ A + C + E + O, blocks))$coefficients),
  polr = terms_of(summary(cumulative)$coefficients[, 1:2]),
  svyolr = terms_of(summary(weighted)$coefficients[, 1:2]),
  disattenuated = do.call(object, apply(
    which(upper.tri(corrected), arr.ind = TRUE), 1, function(at) {
      setNames(
        list(number(corrected[at[1], at[2]])),
        paste(colnames(observed)[at], collapse = "|")
      )
    }
  ) |> unlist() |> as.list())
), "\n")
