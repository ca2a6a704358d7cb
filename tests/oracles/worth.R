# Witness for the demo page beyond levels and journey: weighted shares, means, differences within
# people, correlations, response surfaces, tests over channels, moves, who stays; from answers.csv
# alone. Each key has an estimate, its linearised standard error, and how many answers it rests on.
# To renew: Rscript tests/oracles/worth.R > tests/oracles/worth.json
# Needs survey and survival (Debian: r-cran-survey -survival).
suppressMessages({
  library(survey)
  library(survival)
})
rows <- read.csv("data/demo/answers.csv", colClasses = "character", na.strings = "", check.names = FALSE)
rows$weight <- as.numeric(rows$weight)
rows$weight <- rows$weight / ave(rows$weight, rows$wave) # only ratios within a wave count
now <- rows[rows$wave == "2026H1", ]
before <- rows[rows$wave == "2025H2", ]
out <- list()
add <- function(key, value, se = NA, n = NA) out[[key]] <<- c(value, se, n)
number <- function(x) suppressWarnings(as.numeric(x))
score <- function(question, of = now) 25 * (number(of[[question]]) - 1)
is <- function(question, of = now, value = "yes") of[[question]] %in% value
yes <- function(question) { # 1, 0, or missing
  answer <- now[[question]]
  ifelse(answer == "yes", 1, ifelse(answer == "no", 0, NA))
}
drawn <- svydesign(ids = ~1, weights = ~weight, data = now)
drawn_before <- svydesign(ids = ~1, weights = ~weight, data = before)
mean_of <- function(key, x, design = drawn) {
  own <- update(design, x = as.numeric(x))
  found <- svymean(~x, subset(own, !is.na(x)))
  add(key, coef(found)[[1]], SE(found)[[1]], sum(!is.na(x)))
}
where <- function(mask, x) ifelse(mask, x, NA)
person <- function(questions, of = now) { # at least half of the statements that apply
  each <- sapply(questions, score, of = of)
  outside <- sapply(questions, function(one) is(one, of, "not_experienced"))
  n <- rowSums(!is.na(each))
  ifelse(n > 0 & n >= (length(questions) - rowSums(outside)) / 2, rowMeans(each, na.rm = TRUE), NA)
}
bought <- is("scr_bought")
aware <- is("scr_aware")

# -- types, determinants
types <- lapply(list(
  product = paste0("typ_product_", 1:2), environment = paste0("typ_environment_", 1:2),
  after_service = paste0("typ_after_", 1:2), service_social = paste0("typ_service_", 1:2),
  event = paste0("typ_event_", 1:3)
), person)
determinants <- lapply(c(
  timeliness = "det_timeliness", completeness = "det_completeness",
  expectation_met = "det_expectation_met", follow_up = "det_follow_up",
  tone_of_voice = "det_tone_of_voice", transaction_ease = "det_transaction_ease",
  operator_effectiveness = "det_operator", chatbot_usefulness = "det_chatbot"
), score)
against <- function(parts, first, kind) {
  for (one in names(parts)) {
    mean_of(paste0(kind, ":", one), parts[[one]])
    if (one != first) {
      mean_of(paste0(kind, ":", first, "|", kind, ":", one), parts[[first]] - parts[[one]])
    }
  }
}
against(types, "after_service", "type")
against(determinants, "follow_up", "determinant")
asked <- list(
  fulfilment = c("ful_1", "ful_2"), trust = c("tru_1", "tru_2"),
  responsive_service = c("res_1", "res_2"), online_experience = paste0("onx_", 1:3),
  emotional_connection = c("emo_1", "emo_2")
)
levels <- lapply(lapply(asked, person), where, mask = bought)
correlation <- function(key, x, y) {
  own <- update(drawn, x = x, y = y, xy = x * y, xx = x^2, yy = y^2)
  means <- svymean(~ x + y + xy + xx + yy, subset(own, !is.na(x) & !is.na(y)))
  r <- svycontrast(means, quote((xy - x * y) / sqrt((xx - x^2) * (yy - y^2))))
  add(key, coef(r)[[1]], SE(r)[[1]], sum(!is.na(x) & !is.na(y)))
}
for (one in names(types)) for (level in names(levels)) {
  correlation(paste0("r:type:", one, "|level:", level), types[[one]], levels[[level]])
}

# -- gaps: direct, paired, between gaps, how reliable, surfaces
balance <- lapply(setNames(paste0("dis_", names(asked)), paste0("dis_", names(asked))),
                  function(one) sign(number(now[[one]]) - 3))
against(balance, "dis_responsive_service", "item")
paired <- c(fulfilment = "ful_1", trust = "tru_1", responsive_service = "res_1",
            online_experience = "onx_3", emotional_connection = "emo_2")
gaps <- lapply(names(paired), function(one) score(paired[[one]]) - score(paste0("exp_", one)))
names(gaps) <- names(paired)
against(gaps, "responsive_service", "gap")
recommend <- number(now$out_recommend)
turns <- rbind(a1 = c(0, 1, 1, 0, 0, 0), a2 = c(0, 0, 0, 1, 1, 1),
               a3 = c(0, 1, -1, 0, 0, 0), a4 = c(0, 0, 0, 1, -1, 1))
for (level in names(paired)) {
  items <- c(paired[[level]], setdiff(asked[[level]], paired[[level]]))
  all <- cbind(sapply(items, score), score(paste0("exp_", level)))
  whole <- complete.cases(all)
  k <- length(items)
  s <- cov.wt(all[whole, ], now$weight[whole] / sum(now$weight[whole]), method = "ML")$cov
  own <- s[1:k, 1:k]
  alpha <- k / (k - 1) * (1 - sum(diag(own)) / sum(own))
  if (k == 2) alpha <- 2 * cov2cor(own)[1, 2] / (1 + cov2cor(own)[1, 2])
  single <- alpha / (k - (k - 1) * alpha)
  both <- s[c(1, k + 1), c(1, k + 1)]
  rho <- (sum(diag(both)) * single - 2 * both[1, 2]) / (sum(diag(both)) - 2 * both[1, 2])
  add(paste0("rho:", level), rho, NA, sum(whole))
  p <- (score(paired[[level]]) - 50) / 10
  e <- (score(paste0("exp_", level)) - 50) / 10
  own <- subset(update(drawn, y = recommend, p = p, e = e), !is.na(y) & !is.na(p) & !is.na(e))
  fit <- svyglm(y ~ p + e + I(p^2) + I(p * e) + I(e^2), own)
  for (a in rownames(turns)) {
    add(paste0("surface_", a, ":", level), sum(turns[a, ] * coef(fit)),
        sqrt(c(turns[a, ] %*% vcov(fit) %*% turns[a, ])), length(fitted(fit)))
  }
}

# -- stages: importance, evaluation, ways, moves
through <- !is("rch_consider", value = "no") & !is("rch_decide", value = "no")
weighs <- lapply(paste0("imp_", c("consider_price", "consider_quality", "decide_price", "decide_quality")),
                 function(one) where(through, score(one)))
names(weighs) <- c("cp", "cq", "dp", "dq")
for (pair in list(c("dp", "cp"), c("cp", "cq"), c("dp", "dq"), c("dq", "cq"))) {
  mean_of(paste(pair, collapse = "-"), weighs[[pair[1]]] - weighs[[pair[2]]])
}
mean_of("evaluation", score("evl_service") - score("evl_quality"))
told <- is("rch_advocate_peer") | is("rch_advocate_brand")
mean_of("way:peer", where(told, is("rch_advocate_peer")))
mean_of("way:brand", where(told, is("rch_advocate_brand")))
mean_of("way:both", where(told, is("rch_advocate_peer") & is("rch_advocate_brand")))
stages <- c("aware", "consider", "decide", "evaluate", "advocate")
furthest <- function(of) {
  reached <- cbind(is("scr_aware", of), is("rch_consider", of), is("rch_decide", of), is("rch_evaluate", of),
                   is("rch_advocate_peer", of) | is("rch_advocate_brand", of))
  apply(reached, 1, function(one) if (any(one)) max(which(one)) else NA)
}
then <- furthest(before)
since <- furthest(now)[match(before$respondent_id, now$respondent_id)]
seen <- !is.na(then) & !is.na(since)
mean_of("move:further", where(seen, since > then), drawn_before)
mean_of("move:same", where(seen, since == then), drawn_before)
for (i in 1:5) for (j in 1:5) {
  mean_of(paste0("move:", stages[i], ">", stages[j]), where(seen & then == i, since == j), drawn_before)
}

# -- channels
arrived <- now$pro_acquisition_channel
scored <- Reduce(`&`, lapply(levels, function(one) !is.na(one)))
for (one in unique(na.omit(arrived))) mean_of(paste0("arrived:", one), arrived == one)
for (level in names(levels)) {
  mean_of(paste0("level:", level), where(scored, levels[[level]]))
  for (one in c("direct", "social")) {
    mean_of(paste0("level:", level, "@", one), where(scored & arrived %in% one, levels[[level]]))
  }
  own <- subset(update(drawn, x = levels[[level]], arrived = arrived),
                scored & arrived %in% c("direct", "organic_search", "paid_search", "social"))
  test <- regTermTest(svyglm(x ~ arrived, own), ~arrived, df = nrow(now) - 4 + 1)
  add(paste0("wald:", level), test$Ftest[[1]], NA, NA)
}
used <- sapply(grep("^pro_interaction_channel/", names(now), value = TRUE), yes)
colnames(used) <- sub(".*/", "", colnames(used))
for (one in colnames(used)) if (sum(used[, one], na.rm = TRUE)) mean_of(paste0("used:", one), used[, one])
n_used <- rowSums(used[, colnames(used) != "unknown"])
mean_of("used:several", n_used >= 2)

# -- word of mouth, terms, problems, another brand
told <- ifelse(is("wom_talked", value = "no"), "none", now$wom_tone)
for (one in c("mostly_good", "equal", "mostly_bad")) mean_of(paste0("wom_tone:", one), told == one)
advised <- where(aware, ifelse(is.na(yes("wom_recommended")) & is("rch_advocate_peer", value = "no"), 0,
                               yes("wom_recommended")))
mean_of("wom_recommended", advised)
mean_of("wom_followed", where(is("wom_recommended"), yes("wom_followed")))
for (one in c("wom_talked", "wom_warned", "rev_posted")) mean_of(one, yes(one))
kinds <- list(promoter = recommend >= 9, passive = recommend %in% 7:8, detractor = recommend <= 6)
unsure <- where(!is.na(recommend), number(now$out_loyal_price) < 4)
for (one in names(kinds)) {
  mean_of(paste0("done:", one), where(kinds[[one]] %in% TRUE, advised))
  mean_of(paste0("unsure:", one), where(kinds[[one]] %in% TRUE, unsure))
}
mean_of("unsure:all", unsure)
mean_of("warned:buyers", where(bought, yes("wom_warned")))
mean_of("warned:prospects", where(aware & !bought, yes("wom_warned")))
for (one in c("stay", "leave", "repurchase", "cross_sell")) {
  mean_of(paste0("means:", one), number(now[[paste0("out_", one)]]) >= 4)
}
had <- is("inc_happened")
mean_of("inc_happened", yes("inc_happened"))
mean_of("inc_reported", where(had, yes("inc_reported")))
for (one in c("solved", "partly", "open", "unsolved")) {
  mean_of(paste0("inc_resolved:", one), where(had, now$inc_resolved == one))
}
stays <- number(now$out_stay) >= 4
mean_of("stays:none", where(is("inc_happened", value = "no"), stays))
mean_of("stays:solved", where(had & is("inc_resolved", value = "solved"), stays))
mean_of("stays:open", where(had & is("inc_resolved", value = c("partly", "open", "unsolved")), stays))
for (one in names(paired)) {
  mean_of(paste0("rival:", one), where(bought, score(paired[[one]]) - score(paste0("b_", paired[[one]]))))
}
points <- function(x) ifelse(x >= 9, 1, ifelse(x <= 6, -1, 0))
mean_of("rival:recommend", points(recommend) - points(number(now$b_out_recommend)))
mean_of("rival:satisfaction", (number(now$out_satisfaction) >= 4) - (number(now$b_out_satisfaction) >= 4))

# -- who stays: everybody followed in two waves, people of both counted as one drawn unit
seen <- rows[!is.na(rows$still_customer) & !is.na(rows$months_observed), ]
seen$months <- pmin(number(seen$months_observed), 12)
seen$left <- as.integer(seen$still_customer == "no" & number(seen$months_observed) <= 12)
curve <- summary(survfit(Surv(months, left) ~ 1, seen, weights = weight, cluster = respondent_id,
                         robust = TRUE), times = 1:12)
for (i in 1:12) add(paste0("there:", i), curve$surv[i], curve$std.err[i], NA)
people <- cbind(seen, lapply(lapply(asked, person, of = seen), `/`, 10))
people <- people[complete.cases(people[, names(asked)]), ]
ends <- sort(unique(people$months[people$left == 1]))
lived <- do.call(rbind, lapply(seq_len(nrow(people)), function(i) {
  own <- ends[ends <= people$months[i]]
  if (!length(own)) return(NULL)
  data.frame(people[rep(i, length(own)), c("respondent_id", "weight", names(asked))], month = own,
             event = as.integer(own == people$months[i] & people$left[i] == 1))
}))
fit <- svyglm(reformulate(c("factor(month)", names(asked), "-1"), "event"),
              svydesign(ids = ~respondent_id, weights = ~weight, data = lived),
              family = quasibinomial("cloglog"))
for (level in names(asked)) add(paste0("leaves:", level), coef(fit)[[level]], SE(fit)[[level]], nrow(people))
mean_of("spend", where(bought, 2 * number(now$out_spend))) # 6 months, told for a year

lines <- sapply(names(out), function(key) {
  told <- ifelse(is.na(out[[key]]), "null", trimws(formatC(out[[key]], digits = 12, format = "g")))
  paste0('"', key, '": [', paste(told, collapse = ", "), "]")
})
cat("{", paste(lines, collapse = ",\n"), "}\n", sep = "\n")
