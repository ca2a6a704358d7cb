# Reference numbers for tests of raking, cell weights, trimmed raking and response quality, on
# answers that are drawn here and written down with the numbers.
# To renew them: Rscript tests/oracles/weights.R > tests/oracles/weights.json
# Needs survey and psych (Debian: r-cran-survey r-cran-psych).

suppressMessages(library(survey))
set.seed(20260101)

# -- JSON by hand: numbers with 15 digits
json <- function(x) {
  if (is.list(x)) {
    return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  }
  if (is.character(x)) {
    one <- paste0('"', x, '"')
  } else {
    one <- ifelse(is.na(x), "null", trimws(formatC(x, digits = 15, format = "g")))
  }
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}

# -- weights: three variables, start weights, targets far from what was drawn
n <- 240
people <- data.frame(
  region = sample(c("east", "north", "west"), n, TRUE, c(.5, .2, .3)),
  age = sample(c("old", "young"), n, TRUE, c(.7, .3)),
  buys = sample(c("no", "yes"), n, TRUE, c(.4, .6))
)
people$start <- round(runif(n, .5, 2), 3)
margins <- list(
  region = c(east = .3, north = .3, west = .4), age = c(old = .45, young = .55),
  buys = c(no = .62, yes = .38)
)
freq <- function(name) {
  made <- data.frame(names(margins[[name]]), Freq = n * unname(margins[[name]]))
  setNames(made, c(name, "Freq"))
}
formulas <- list(~region, ~age, ~buys)
raked <- function(weights) {
  design <- svydesign(ids = ~1, weights = weights, data = people)
  control <- list(maxit = 1000, epsilon = 1e-12)
  weights(rake(design, formulas, lapply(names(margins), freq), control = control))
}

design <- svydesign(ids = ~1, weights = ~start, data = people)
cells <- data.frame(
  region = rep(names(margins$region), each = 2), age = rep(names(margins$age), 3),
  share = c(.1, .2, .15, .15, .2, .2)
)
of_cells <- data.frame(cells[, 1:2], Freq = n * cells$share)

# trimmed: start weights with mean 1, limits on the weights themselves
people$one <- people$start / mean(people$start)
even <- svydesign(ids = ~1, weights = ~one, data = people)
totals <- c(`(Intercept)` = n, regionnorth = .3 * n, regionwest = .4 * n, ageyoung = .55 * n,
            buysyes = .38 * n)
within <- function(low, high) {
  made <- calibrate(even, ~ region + age + buys, totals, calfun = "raking", epsilon = 1e-12,
                    maxit = 5000, bounds = list(lower = low, upper = high), bounds.const = TRUE)
  unname(weights(made))
}

# -- response quality: eight items, some skipped, one straight line
k <- 8
level <- rnorm(150)
items <- sapply(1:k, function(at) pmin(pmax(round(3 + level + rnorm(150)), 1), 5))
items[1, ] <- 5
complete <- items
items[cbind(sample(2:150, 30), sample(1:k, 30, TRUE))] <- NA
items[2, 1:5] <- NA
runs <- apply(items, 1, function(row) {
  row <- row[!is.na(row)]
  if (length(row) < 4) NA else max(rle(row)$lengths)
})
share <- apply(items, 1, function(row) {
  row <- row[!is.na(row)]
  if (length(row) < 4) NA else max(table(row)) / length(row)
})
spread <- apply(items, 1, function(row) if (sum(!is.na(row)) < 4) NA else sd(row, na.rm = TRUE))
whole <- na.omit(items)
d2 <- rep(NA, 150)
d2[rowSums(is.na(items)) == 0] <- mahalanobis(whole, colMeans(whole), cov(whole))

of_r <- R.version
cat(json(list(
  versions = list(
    R = paste(of_r$major, of_r$minor, sep = "."), survey = as.character(packageVersion("survey")),
    psych = as.character(packageVersion("psych"))
  ),
  people = as.list(people[, 1:4]),
  margins = lapply(margins, as.list),
  raked = unname(raked(~start)),
  raked_from_ones = unname(raked(rep(1, n))),
  cells = list(region = cells$region, age = cells$age, share = cells$share),
  by_cells = unname(weights(postStratify(design, ~ region + age, of_cells))),
  trimmed = list(low = .2, high = 3, weight = within(.2, 3)),
  items = setNames(lapply(1:k, function(at) items[, at]), paste0("i", 1:k)),
  complete = setNames(lapply(1:k, function(at) complete[, at]), paste0("i", 1:k)),
  longest_run = unname(runs), identical_share = unname(share), within_sd = unname(spread),
  mahalanobis = d2, p = pchisq(d2, k, lower.tail = FALSE),
  outlier = unname(psych::outlier(complete, plot = FALSE))
)), "\n")
