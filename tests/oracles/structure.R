# Measurement models and invariance on psych's bfi data: reference numbers for tests/test_structure.py
# and tests/test_invariance.py.
# To renew them: Rscript tests/oracles/structure.R > tests/oracles/structure.json
# Needs psych, lavaan, semTools and survey (Debian: r-cran-psych -lavaan -semtools -survey).

suppressPackageStartupMessages({
  library(lavaan)
  library(semTools)
  library(survey)
})

# -- JSON by hand: numbers with 15 digits, a data frame column by column
json <- function(x) {
  if (is.list(x)) {
    return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  }
  one <- if (is.character(x)) paste0('"', x, '"') else formatC(x, digits = 15, format = "g")
  one[is.na(x)] <- "null"
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}

bfi <- psych::bfi
for (item in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) bfi[[item]] <- 7 - bfi[[item]]
items <- function(letter) paste0(letter, 1:5)
loads <- function(letters) {
  paste(sapply(letters, function(f) paste(f, "=~", paste(items(f), collapse = " + "))),
        collapse = "\n")
}
five <- loads(c("A", "C", "E", "N", "O"))
three <- loads(c("A", "C", "E"))

tight <- list(iter.max = 10000, rel.tol = 1e-10)
fit <- function(model, data = bfi, ...) cfa(model, data, control = tight, ...)

indices <- function(one) {
  as.list(fitMeasures(one, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea.ci.lower",
                             "rmsea.ci.upper", "srmr", "npar", "ntotal")))
}

loadings_of <- function(one) {
  std <- subset(standardizedSolution(one), op == "=~")
  raw <- subset(parameterEstimates(one), op == "=~")
  made <- data.frame(item = std$rhs, est = std$est.std, se = std$se, lower = std$ci.lower,
                     upper = std$ci.upper, unstd = raw$est, unstd_se = raw$se)
  made[!made$item %in% c("A", "C", "E", "N", "O"), ]
}

whole <- function(one) {
  list(fit = indices(one), loadings = loadings_of(one),
       latent_cor = as.data.frame(unclass(lavInspect(one, "cor.lv"))),
       omega_implied = as.list(compRelSEM(one, obs.var = FALSE)),
       omega_observed = as.list(compRelSEM(one, obs.var = TRUE)))
}

# share of the common variance that is the general factor's: sum (l g)^2 / sum l^2
second <- function(letters) {
  one <- fit(paste(loads(letters), "\ng =~", paste(letters, collapse = " + ")))
  std <- subset(standardizedSolution(one), op == "=~")
  g <- setNames(std$est.std[std$lhs == "g"], std$rhs[std$lhs == "g"])
  first <- std[std$lhs != "g", ]
  list(fit = indices(one), general = as.list(g),
       share = sum((first$est.std * g[first$lhs])^2) / sum(first$est.std^2))
}

# -- a design: moments from survey, handed to lavaan with their covariance ------------------------

bfi$weight <- ifelse(bfi$gender == 1, 1.7, 0.8) * (1 + bfi$age / 40)

moments <- function(design, names, kept) {
  own <- design[kept, ]
  x <- as.matrix(model.frame(own)[, names])
  mean <- coef(svymean(x, own))
  off <- sweep(x, 2, mean)
  pairs <- which(lower.tri(diag(length(names)), diag = TRUE), arr.ind = TRUE)
  z <- off[, pairs[, 1]] * off[, pairs[, 2]]
  both <- svymean(cbind(off, z), own)
  k <- length(names)
  cov <- matrix(0, k, k, dimnames = list(names, names))
  cov[pairs] <- coef(both)[-(1:k)]
  cov[pairs[, 2:1]] <- coef(both)[-(1:k)]
  n <- nrow(x)
  list(mean = setNames(mean, names), cov = cov, n = n, nacov = n * unclass(vcov(both)))
}

scaled <- function(one) {
  as.list(fitMeasures(one, c("chisq", "df", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor",
                             "cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust",
                             "rmsea.ci.upper.robust", "srmr", "srmr_bentler_nomean")))
}

names15 <- c(items("A"), items("C"), items("E"))
kept <- complete.cases(bfi[, names15])
designs <- list(
  weights = svydesign(id = ~1, weights = ~weight, data = bfi),
  clusters = svydesign(id = ~age, strata = ~gender, weights = ~weight, data = bfi, nest = TRUE)
)
under <- lapply(designs, function(design) {
  m <- moments(design, names15, kept)
  one <- cfa(three, sample.cov = m$cov, sample.mean = m$mean, sample.nobs = m$n, NACOV = m$nacov,
             estimator = "MLM", sample.cov.rescale = FALSE, meanstructure = TRUE, control = tight)
  list(fit = scaled(one), loadings = loadings_of(one),
       latent_cor = as.data.frame(unclass(lavInspect(one, "cor.lv"))), n = m$n)
})

# -- groups under weights -------------------------------------------------------------------------

own <- lapply(1:2, function(g) moments(designs$weights, names15, kept & bfi$gender == g))
grouped <- function(equal) {
  cfa(three, sample.cov = lapply(own, `[[`, "cov"), sample.mean = lapply(own, `[[`, "mean"),
      sample.nobs = lapply(own, `[[`, "n"), NACOV = lapply(own, `[[`, "nacov"),
      estimator = "MLM", sample.cov.rescale = FALSE, meanstructure = TRUE, group.equal = equal,
      control = tight)
}
equal <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"))
models <- lapply(equal, grouped)

# tr(U Gamma) of one model's tangent space, where another model fits best
traced <- function(delta, at) {
  implied <- lavInspect(at, "implied")
  share <- sapply(own, `[[`, "n") / sum(sapply(own, `[[`, "n"))
  k <- length(names15)
  dup <- lav_matrix_duplication(k)
  v <- lapply(implied, function(one) {
    s <- solve(one$cov)
    lav_matrix_bdiag(s, 0.5 * t(dup) %*% (s %x% s) %*% dup)
  })
  v <- lav_matrix_bdiag(share[1] * v[[1]], share[2] * v[[2]])
  gamma <- lav_matrix_bdiag(own[[1]]$nacov / share[1], own[[2]]$nacov / share[2])
  u <- v - v %*% delta %*% solve(t(delta) %*% v %*% delta) %*% t(delta) %*% v
  sum(diag(u %*% gamma))
}
# the free derivatives of a model, equality constraints taken in
tangent <- function(model) {
  delta <- do.call(rbind, lavaan:::computeDelta(model))
  constant <- model@eq.constraints.K
  if (length(constant)) delta %*% constant else delta
}
step <- function(narrow, wide) {
  # the wider model, seen where the narrow one fits best
  there <- wide@Model
  there@GLIST <- narrow@Model@GLIST
  df <- fitMeasures(narrow, "df") - fitMeasures(wide, "df")
  excess <- traced(tangent(narrow@Model), narrow) - traced(tangent(there), narrow)
  chisq <- (fitMeasures(narrow, "chisq") - fitMeasures(wide, "chisq")) * df / excess
  list(chisq = unname(chisq), df = unname(df),
       p = pchisq(unname(chisq), unname(df), lower.tail = FALSE))
}
means <- function(one) {
  made <- subset(parameterEstimates(one), op == "~1" & lhs %in% c("A", "C", "E") & group == 2)
  setNames(Map(function(e, s) list(est = e, se = s), made$est, made$se), made$lhs)
}

by_gender <- lapply(list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
                         strict = c("loadings", "intercepts", "residuals")),
                    function(equal) fit(five, group = "gender", group.equal = equal))
all_means <- subset(parameterEstimates(by_gender$scalar),
                    op == "~1" & lhs %in% c("A", "C", "E", "N", "O") & se > 0)

made <- list(
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")),
                  semTools = as.character(packageVersion("semTools")),
                  survey = as.character(packageVersion("survey")),
                  psych = as.character(packageVersion("psych"))),
  five = whole(fit(five)),
  one = whole(fit(loads("N"))),
  two_items = whole(fit("A =~ A2 + A3\nE =~ E1 + E2 + E3 + E4 + E5")),
  second_order = list(five = second(c("A", "C", "E", "N", "O")), three = second(c("A", "C", "E"))),
  design = under,
  design_groups = list(
    fits = lapply(models, scaled),
    metric_vs_configural = step(models$metric, models$configural),
    scalar_vs_metric = step(models$scalar, models$metric),
    latent_means = means(models$scalar)
  ),
  groups = list(
    fits = lapply(by_gender, indices),
    latent_means = setNames(Map(function(e, s, p) list(est = e, se = s, p = p), all_means$est,
                                all_means$se, all_means$pvalue), all_means$lhs),
    group_of_means = unique(all_means$group), labels = lavInspect(by_gender$scalar, "group.label")
  )
)
cat(json(made), "\n", sep = "")
