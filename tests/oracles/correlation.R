# Reference numbers for the correlation of two scores under a sample design, on answers that are
# drawn here and written down with the numbers: the delta method of `svycontrast` over five means.
# To renew them: Rscript tests/oracles/correlation.R > tests/oracles/correlation.json
# Needs survey (Debian: r-cran-survey).

suppressMessages(library(survey))
set.seed(20260101)
json <- function(x) {
  if (is.list(x)) {
    return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  }
  one <- ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}

n <- 120
x <- round(rnorm(n, 60, 15), 1)
y <- round(0.6 * x + rnorm(n, 25, 12), 1)
x[c(5, 40)] <- NA
y[c(7, 40, 90)] <- NA
people <- data.frame(
  x = x, y = y, w = round(runif(n, 0.4, 2.5), 3),
  stratum = rep(1:3, each = 40), cluster = rep(1:30, each = 4)
)
people$xy <- people$x * people$y
people$xx <- people$x^2
people$yy <- people$y^2

found <- function(design) {
  both <- subset(design, !is.na(x) & !is.na(y))
  means <- svymean(~x + y + xy + xx + yy, both)
  r <- svycontrast(means, quote((xy - x * y) / sqrt((xx - x^2) * (yy - y^2))))
  list(r = unname(coef(r)), se = unname(SE(r)), df = degf(design))
}
cat(json(list(
  x = people$x, y = people$y, w = people$w, stratum = people$stratum, cluster = people$cluster,
  weighted = found(svydesign(ids = ~1, weights = ~w, data = people)),
  designed = found(svydesign(
    ids = ~cluster, strata = ~stratum, weights = ~w, data = people, nest = TRUE
  ))
)), "\n")
