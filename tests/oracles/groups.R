# Reference numbers for tests of groups, effect sizes, tests over all groups and planning: item A2
# of the bfi data of R's psych by gender and education, and made-up weights, strata and clusters.
# To renew them: Rscript tests/oracles/groups.R > tests/oracles/groups.json
# Needs psych and survey (Debian: r-cran-psych r-cran-survey), and MASS, which comes with R.

suppressMessages(library(survey))

# -- JSON by hand: numbers with 15 digits
json <- function(x) {
  if (is.list(x)) {
    return(paste0("{", paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n"), "}"))
  }
  one <- if (is.character(x)) paste0('"', x, '"') else trimws(formatC(x, digits = 15, format = "g"))
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}

data(bfi, package = "psych")
y <- "A2"
d <- bfi[, c(y, "gender", "education", "age")]
d$w <- 0.5 + (d$age %% 7) / 4
d$band <- cut(d$age, c(0, 24, 34, Inf), labels = c("young", "middle", "older"))
d$untied <- d[[y]] + seq_len(nrow(d)) / 1e4
d$gender <- factor(d$gender)
d$education <- factor(d$education)

test <- function(x) list(statistic = unname(x$statistic), df = unname(x$parameter), p = x$p.value)
two <- d[!is.na(d[[y]]), ]
several <- two[!is.na(two$education), ]
x <- split(two[[y]], two$gender)
n <- lengths(x)
sd_pooled <- sqrt(sum((n - 1) * sapply(x, var)) / (sum(n) - 2))
v <- sum(n) - 2
cohen <- diff(rev(sapply(x, mean))) / sd_pooled
above <- outer(x[[1]], x[[2]], function(a, b) (a > b) + (a == b) / 2)

dunn <- function(values, groups) {
  r <- rank(values)
  N <- length(r)
  ties <- table(values)
  tied <- N * (N + 1) / 12 - sum(ties^3 - ties) / (12 * (N - 1))
  pairs <- combn(levels(groups), 2)
  z <- apply(pairs, 2, function(p) {
    a <- r[groups == p[1]]
    b <- r[groups == p[2]]
    (mean(a) - mean(b)) / sqrt(tied * (1 / length(a) + 1 / length(b)))
  })
  p <- 2 * pnorm(-abs(z))
  list(z = z, p = p, p_holm = p.adjust(p, "holm"), p_bh = p.adjust(p, "BH"))
}

one_way <- anova(lm(several[[y]] ~ several$education))
welch <- oneway.test(several[[y]] ~ several$education)
f <- one_way[1, "F value"]
df <- one_way$Df
ncp <- function(tail) {
  below <- function(l) pf(f, df[1], df[2], l) - tail
  if (below(0) <= 0) 0 else uniroot(below, c(0, 400), tol = 1e-12)$root
}
of_population <- sapply(c(.975, .025), ncp)
pearson <- chisq.test(table(two[[y]], two$gender), correct = FALSE)
ncp_chi2 <- function(tail) {
  below <- function(l) pchisq(pearson$statistic, pearson$parameter, l) - tail
  if (below(0) <= 0) 0 else uniroot(below, c(0, 400), tol = 1e-12)$root
}
cumulative <- MASS::polr(factor(A2) ~ I(gender == "1"), data = two, Hess = TRUE)

simple <- list(
  welch = c(test(t.test(x[[1]], x[[2]])), list(ci = t.test(x[[1]], x[[2]])$conf.int[1:2])),
  student = test(t.test(x[[1]], x[[2]], var.equal = TRUE)),
  mann_whitney = wilcox.test(x[[1]], x[[2]], exact = FALSE, correct = FALSE)$p.value,
  cohen_d = unname(cohen),
  hedges_g = unname(cohen * exp(lgamma(v / 2) - lgamma((v - 1) / 2)) / sqrt(v / 2)),
  glass_delta = unname(diff(rev(sapply(x, mean))) / sd(x[[2]])),
  probability_of_superiority = mean(above),
  # the variance of the share of pairs won, every person drawn alone
  superiority_variance = sum(n) / (sum(n) - 1) * (
    sum((rowMeans(above) - mean(above))^2) / n[[1]]^2 +
      sum((colMeans(above) - mean(above))^2) / n[[2]]^2),
  dunn = dunn(several[[y]], several$education),
  pairwise_welch_p = unname(apply(combn(levels(several$education), 2), 2, function(p)
    t.test(several[[y]][several$education == p[1]], several[[y]][several$education == p[2]])$p.value)),
  anova = list(statistic = f, df = df, p = one_way[1, "Pr(>F)"]),
  welch_anova = test(welch),
  kruskal_wallis = test(kruskal.test(several[[y]], several$education)),
  eta2 = one_way[1, "Sum Sq"] / sum(one_way[["Sum Sq"]]),
  eta2_ci = of_population / (of_population + nrow(several)),
  pearson = test(pearson),
  cramers_v = sqrt(unname(pearson$statistic) / nrow(two)),
  cramers_v_ci = sqrt(sapply(c(.975, .025), ncp_chi2) / nrow(two)),
  log_odds = list(estimate = unname(coef(cumulative)[1]), se = unname(sqrt(diag(vcov(cumulative)))[1]))
)

# svyranktest averages the ranks of ties without their weights, so that its statistic depends on the
# order of the rows: it is asked about answers without ties. svyolr stops early: polr goes on.
weighted_polr <- MASS::polr(
  factor(A2) ~ I(gender == "1"),
  data = two, weights = w, control = list(reltol = 1e-15, maxit = 1000)
) |> suppressWarnings()

under <- function(design) {
  ranks <- svyranktest(untied ~ gender, subset(design, !is.na(A2)))
  rank_several <- svyranktest(untied ~ education, subset(design, !is.na(A2) & !is.na(education)))
  model <- svyglm(A2 ~ education, design)
  wald <- regTermTest(model, ~education)
  table <- svychisq(~A2 + gender, subset(design, !is.na(A2)))
  t <- svyttest(A2 ~ gender, design)
  ordered <- svyolr(factor(A2) ~ I(gender == "1"), subset(design, !is.na(A2)))
  list(
    df = degf(design),
    t = list(difference = -unname(t$estimate[1]), t = -unname(t$statistic)),
    ranks = list(difference = -unname(ranks$estimate), t = -unname(ranks$statistic)),
    rank_several_w = unname(rank_several$parameter[1]),
    wald_f = c(wald$Ftest),
    rao_scott = list(f = unname(table$statistic), df = unname(table$parameter), p = unname(table$p.value)),
    log_odds = unname(coef(weighted_polr)[1]),
    log_odds_se = unname(sqrt(diag(vcov(ordered)))[1])
  )
}

planning <- list(
  t_test = power.t.test(delta = 3, sd = 20, power = .8, tol = 1e-12)$n,
  t_test_strict_level = power.t.test(delta = .3, sd = 1.2, power = .9, sig.level = .05 / 3, tol = 1e-12)$n,
  t_test_delta = power.t.test(n = 100, sd = 20, power = .8, tol = 1e-12)$delta,
  two_shares = power.prop.test(p1 = .5, p2 = .55, power = .9, tol = 1e-12)$n,
  two_shares_p2 = power.prop.test(n = 400, p1 = .5, power = .8, tol = 1e-12)$p2
)

cat(json(list(
  versions = list(
    R = as.character(getRversion()),
    psych = as.character(packageVersion("psych")),
    survey = as.character(packageVersion("survey")),
    MASS = as.character(packageVersion("MASS"))
  ),
  n = c(unname(n), nrow(several)),
  simple = simple,
  weighted = under(svydesign(ids = ~1, weights = ~w, data = d)),
  clustered = under(svydesign(ids = ~age, strata = ~band, weights = ~w, data = d)),
  planning = planning
)), "\n")
