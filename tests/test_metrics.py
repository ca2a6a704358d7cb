"""Metrics on plain data: worked by hand, against R and published values, and by law."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxkit.analysis import (
    bottom_box,
    ces,
    csat,
    effective_base,
    mean_score,
    nps,
    score_100,
    top_box,
)
from cxkit.analysis.intervals import adjusted_wald_net, wilson_interval
from cxkit.errors import SurveyError
from cxkit.library import Scale

ONE_TO_TEN = Scale(10, "worst", "best")
ANSWERS = st.lists(st.integers(0, 10), min_size=3, max_size=40)

METRICS = {
    "mean": mean_score,
    "nps": nps,
    "score_100": lambda answers, **options: score_100(answers, scale="recommend_0_10", **options),
    "top_box": lambda answers, **options: top_box(answers, scale="recommend_0_10", **options),
    "bottom_box": lambda answers, **options: bottom_box(answers, scale="recommend_0_10", **options),
    "csat": lambda answers, **options: csat(
        answers, scale="recommend_0_10", definition="top_3_box", **options
    ),
    "ces": lambda answers, **options: ces(
        answers, scale="recommend_0_10", definition="share_positive", **options
    ),
}
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


def numbers_of(one):
    return [one.estimate, one.ci_low, one.ci_high]


def nps_answers(promoters, passives, detractors):
    return [10] * promoters + [8] * passives + [3] * detractors


@pytest.fixture(scope="module")
def mobi(shared_data):
    """250 customers of a mobile provider with R's reference numbers."""
    folder = shared_data / "mobi"
    return pd.read_csv(folder / "mobi.csv"), json.loads((folder / "expected.json").read_text())


@pytest.fixture(scope="module")
def sfo(shared_data):
    """Passengers of 2017, weighted, with R's reference numbers; exit codes as missing."""
    folder = shared_data / "sfo"
    data = pd.read_csv(folder / "sfo_2017.csv.gz", low_memory=False)
    data["recommend"] = pd.to_numeric(data["NETPRO"]).where(lambda codes: codes <= 10)
    whole = pd.to_numeric(data["Q7ALL"], errors="coerce")
    data["satisfaction"] = whole.where(whole.between(1, 5))
    return data, json.loads((folder / "expected.json").read_text())["2017"]


def standard_error_of(share, answers, weight, **design):
    """The standard error behind an interval of a mean: half its width over the t quantile."""
    one = mean_score(share, weight=weight, **design)
    n_strata = len(set(design.get("strata", [0])))
    return one.half_width / stats.t.ppf(0.975, len(answers) - n_strata)


# -- published and golden values ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(45 / 60, 60, 0.627679, 0.842235), (0, 20, 0, 0.161125), (0.6, 80, 0.490455, 0.700382)],
)
def test_wilson_interval_has_its_golden_values(share, n, low, high):
    assert wilson_interval(share, n) == pytest.approx((low, high), abs=1e-6)


def test_top_box_of_45_in_60_has_the_golden_interval():
    one = top_box([5] * 45 + [1] * 15, scale="satisfaction_5")
    assert numbers_of(one) == pytest.approx([0.75, 0.627679, 0.842235], abs=1e-6)
    assert one.method == "wilson_design"


def test_top_box_of_none_in_20_has_the_golden_interval():
    one = top_box([1] * 20, scale="satisfaction_5")
    assert numbers_of(one) == pytest.approx([0, 0, 0.161125], abs=1e-6)


@pytest.mark.parametrize(
    ("answers", "score", "low", "high"),
    [((60, 25, 15), 45, 29.343111, 58.035530), ((8, 5, 7), 5, -30.221370, 38.917022)],
)
def test_nps_has_its_golden_interval(answers, score, low, high):
    one = nps(nps_answers(*answers))
    assert numbers_of(one) == pytest.approx([score, low, high], abs=1e-6)
    assert one.method == "adjusted_wald_nps"


def test_nps_of_ten_answers_is_30():
    """Five promoters (10 9 9 10 9), two detractors (6 3) of ten: 50 - 20."""
    one = nps([10, 9, 9, 8, 7, 7, 6, 3, 10, 9])
    assert one.estimate == pytest.approx(30)
    assert (one.n, one.n_eff, one.unit) == (10, 10, "points")


def test_nps_is_zero_when_promoters_equal_detractors():
    assert nps(nps_answers(4, 3, 4)).estimate == 0


def test_mean_is_worked_by_hand():
    """Mean 3 of 1 2 3 4 5; e^2 sums to 10/25, V = 5/4 * 0.4 = 0.5; t(4) = 2.776445."""
    one = mean_score([1, 2, 3, 4, 5])
    half = 2.7764451051977987 * math.sqrt(0.5)
    assert numbers_of(one) == pytest.approx([3, 3 - half, 3 + half])


def test_weighted_mean_is_worked_by_hand():
    """(3*1 + 1*5) / 4 = 2; n_eff = 16/10."""
    one = mean_score([1, 5], weight=[3, 1])
    assert one.estimate == pytest.approx(2)
    assert one.n_eff == pytest.approx(1.6)


def test_missing_answers_leave_the_base_and_stay_rows():
    """N = 4 rows, 2 answers: V = 4/3 * (0.25 + 0.25), 3 degrees of freedom."""
    one = mean_score([1, 3, None, None])
    half = 3.182446305284263 * math.sqrt(4 / 3 * 2 * (1 / 2) ** 2)
    assert one.n == 2
    assert one.half_width == pytest.approx(half)


def test_score_100_is_worked_by_hand():
    """(5, 4) -> 87.5, (3, missing) -> 50, one of three is too few."""
    one = score_100([[5, 4, 4], [3, None, 3], [1, None, None]], scale="agreement_5")
    assert one.estimate == pytest.approx(((4 + 3 + 3) / 3 / 4 * 100 + 50) / 2)
    assert one.n == 2


def test_a_scale_that_goes_down_is_turned():
    down = Scale(5, "best", "worst", "down")
    assert score_100([[1], [2]], scale=down).estimate == pytest.approx(87.5)
    assert top_box([1, 2, 3, 4], scale=down).estimate == pytest.approx(0.5)
    assert bottom_box([1, 2, 3, 4], scale=down).estimate == pytest.approx(0.25)


def test_exit_codes_of_a_scale_are_missing():
    own = Scale(5, "low", "high", missing={6: "not_experienced"})
    assert top_box([5, 6, 1], scale=own).n == 2
    assert score_100([[5, 6], [6, 6]], scale=own).n == 1


@pytest.mark.parametrize(
    ("definition", "value", "unit"),
    [
        ("top_2_box", 0.5, "share"),
        ("top_1_box", 0.25, "share"),
        ("mean", 3.25, "scale"),
        ("share_positive", 0.5, "share"),
    ],
)
def test_csat_and_ces_follow_their_definition(definition, value, unit):
    for metric in (csat, ces):
        one = metric([5, 4, 3, 1], scale="satisfaction_5", definition=definition)
        assert one.estimate == pytest.approx(value)
        assert one.unit == unit
        assert one.metric == metric.__name__


def test_the_definition_has_no_default():
    with pytest.raises(TypeError, match="definition"):
        csat([5], scale="satisfaction_5")


# -- against R ------------------------------------------------------------------------------------


def test_item_means_equal_r(mobi):
    data, expected = mobi
    for item, r in expected["item_stats"].items():
        one = mean_score(data[item])
        assert one.estimate == pytest.approx(r["mean"], abs=1e-9)
        assert one.half_width / stats.t.ppf(0.975, 249) == pytest.approx(
            r["sd"] / 250**0.5, rel=1e-9
        )


def test_nps_and_its_interval_equal_r(mobi):
    data, expected = mobi
    r = expected["nps_from_CUSL3_as_is_1_10"]
    interval = r["ci95_adjusted_wald_rocks"]
    assert numbers_of(nps(data["CUSL3"])) == pytest.approx(
        [r["nps"], interval["lower"], interval["upper"]], abs=1e-9
    )


@pytest.mark.parametrize(("cut", "k"), [("ge9", 2), ("ge8", 3)])
def test_top_boxes_and_their_intervals_equal_r(mobi, cut, k):
    data, expected = mobi
    r = expected["csat_top_box_CUSA1"][cut]
    one = top_box(data["CUSA1"], k, scale=ONE_TO_TEN)
    interval = r["ci95_wilson_pct"]
    assert [100 * number for number in numbers_of(one)] == pytest.approx(
        [r["pct"], interval["lower"], interval["upper"]], abs=1e-9
    )


def test_scores_from_0_to_100_equal_r(mobi):
    data, expected = mobi
    for construct, r in expected["ecsi_0_100"].items():
        items = data[[column for column in data if column.rstrip("0123456789") == construct]]
        one = score_100(items, scale=ONE_TO_TEN)
        assert one.estimate == pytest.approx(r["mean"], abs=1e-9)


@pytest.mark.parametrize("is_stratified", [False, True])
def test_weighted_means_equal_r(sfo, is_stratified):
    data, expected = sfo
    r = expected["Q7ALL"]["weighted_mean_stratified" if is_stratified else "weighted_mean"]["CSAT"]
    design = {"strata": data["STRATA"]} if is_stratified else {}
    one = mean_score(data["satisfaction"], weight=data["WEIGHT"], **design)
    assert one.estimate == pytest.approx(r["est"], rel=1e-9)
    se = standard_error_of(data["satisfaction"], data, data["WEIGHT"], **design)
    assert se == pytest.approx(r["se"], rel=1e-9)


def test_weighted_top_box_equals_r(sfo):
    """Wilson's interval with n_design = N/(N-1) p(1-p)/se^2, from R's p and standard error."""
    data, expected = sfo
    (r,) = expected["Q7ALL"]["weighted_top2"].values()
    one = top_box(data["satisfaction"], scale="satisfaction_5", weight=data["WEIGHT"])
    n = len(data)
    n_design = n / (n - 1) * r["est"] * (1 - r["est"]) / r["se"] ** 2
    assert one.estimate == pytest.approx(r["est"], rel=1e-9)
    assert (one.ci_low, one.ci_high) == pytest.approx(wilson_interval(r["est"], n_design), rel=1e-9)


@pytest.mark.parametrize(
    ("design", "key"), [({}, "weighted"), ({"strata": "STRATA"}, "weighted_stratified")]
)
def test_weighted_nps_equals_r(sfo, design, key):
    data, expected = sfo
    r, shares = expected["NPS"][key]["S"], expected["NPS"]["weighted_pct"]
    one = nps(data["recommend"], weight=data["WEIGHT"], **{k: data[v] for k, v in design.items()})
    assert one.estimate == pytest.approx(r["est"], rel=1e-9)
    p, d = (share["est"] / 100 for share in shares.values())
    spread, n = p + d - (p - d) ** 2, len(data)
    n_design = n / (n - 1) * spread / (r["se"] / 100) ** 2
    low, high = adjusted_wald_net(r["est"] / 100, spread, n_design)
    assert (one.ci_low, one.ci_high) == pytest.approx((100 * low, 100 * high), rel=1e-7)


@pytest.mark.parametrize("stratum", [1, 2, 3])
def test_nps_of_a_domain_equals_r(sfo, stratum):
    data, expected = sfo
    r = expected["NPS"]["by_strata_weighted"][str(stratum)]["S"]
    answers = data["recommend"].where(data["STRATA"] == stratum)
    scores = ((answers >= 9) * 1.0 - (answers <= 6)).where(answers.notna())
    one = nps(answers, weight=data["WEIGHT"])
    assert one.estimate == pytest.approx(r["est"], rel=1e-9)
    se = 100 * standard_error_of(scores, data, data["WEIGHT"])
    assert se == pytest.approx(r["se"], rel=1e-9)


# -- laws -----------------------------------------------------------------------------------------


@every_metric
@given(answers=ANSWERS, seed=st.integers(0, 99))
def test_shuffling_respondents_changes_nothing(metric, answers, seed):
    rng = np.random.default_rng(seed)
    weight, order = rng.uniform(0.2, 3, len(answers)), rng.permutation(len(answers))
    one = metric(answers, weight=weight)
    other = metric(np.array(answers)[order], weight=weight[order])
    assert numbers_of(one) == pytest.approx(numbers_of(other), rel=1e-9, abs=1e-9)


@every_metric
@given(answers=ANSWERS)
def test_doubling_the_data_keeps_the_estimate_and_narrows_the_interval(metric, answers):
    one, twice = metric(answers), metric(answers * 2)
    assert twice.estimate == pytest.approx(one.estimate)
    assert twice.half_width < one.half_width or len(set(answers)) == 1


@every_metric
@given(answers=ANSWERS, weight=st.floats(0.01, 1000))
def test_equal_weights_equal_no_weights(metric, answers, weight):
    one, other = metric(answers), metric(answers, weight=[weight] * len(answers))
    assert numbers_of(one) == pytest.approx(numbers_of(other), rel=1e-9, abs=1e-9)


@every_metric
@given(answers=ANSWERS, seed=st.integers(0, 99))
def test_only_the_ratios_of_weights_matter(metric, answers, seed):
    weight = np.random.default_rng(seed).uniform(0.2, 3, len(answers))
    one, other = metric(answers, weight=weight), metric(answers, weight=1000 * weight)
    assert numbers_of(one) == pytest.approx(numbers_of(other), rel=1e-12, abs=1e-12)


@every_metric
@given(answers=ANSWERS)
def test_the_interval_holds_the_estimate_and_stays_on_its_scale(metric, answers):
    one = metric(answers)
    assert one.ci_low - 1e-9 <= one.estimate <= one.ci_high + 1e-9
    if one.unit in ("share", "points"):
        limit = {"share": (0, 1), "points": (-100, 100)}[one.unit]
        assert limit[0] <= one.ci_low <= one.ci_high <= limit[1]


@given(answers=st.lists(st.integers(1, 5), min_size=2, max_size=30))
def test_turning_the_scale_round_turns_the_score_round(answers):
    up = score_100(answers, scale=Scale(5, "a", "b"))
    down = score_100(answers, scale=Scale(5, "a", "b", "down"))
    assert up.estimate + down.estimate == pytest.approx(100)


@every_metric
def test_a_missing_answer_of_any_kind_is_missing(metric):
    given_as = [[9, missing, 3] for missing in (None, np.nan, pd.NA, pd.NaT)]
    assert {metric(answers).n for answers in given_as} == {2}


# -- few and no answers ---------------------------------------------------------------------------


@every_metric
@pytest.mark.parametrize("answers", [[], [None, None], [np.nan]])
def test_nobody_answered_is_a_flagged_record(metric, answers):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = metric(answers)
    assert (one.n, one.n_eff, one.flags) == (0, 0, ("no_answers",))
    assert np.isnan(numbers_of(one)).all()


@every_metric
def test_a_single_answer_is_unreliable(metric):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = metric([9])
    assert one.n == 1
    assert "unreliable" in one.flags


@every_metric
def test_answers_that_are_all_alike_warn_nobody(metric):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = metric([9] * 5, weight=[1, 2, 3, 4, 5])
    assert one.ci_low <= one.estimate <= one.ci_high


def test_a_census_has_an_interval_of_no_width():
    assert numbers_of(top_box([5, 5, 1], scale="satisfaction_5", population=3)) == pytest.approx(
        [2 / 3] * 3
    )


def test_a_known_population_narrows_the_interval():
    answers = nps_answers(60, 25, 15)
    assert nps(answers, population=200).half_width < nps(answers).half_width


# -- the bootstrap --------------------------------------------------------------------------------


def test_the_bootstrap_agrees_with_the_formula():
    answers = nps_answers(240, 100, 60)
    drawn, formula = nps(answers, method="bootstrap", seed=1), nps(answers)
    assert drawn.method == "bootstrap"
    assert drawn.estimate == formula.estimate
    assert (drawn.ci_low, drawn.ci_high) == pytest.approx(
        (formula.ci_low, formula.ci_high), abs=1.5
    )


def test_the_bootstrap_is_tied_to_the_data_and_not_to_their_order(rng):
    answers, weight = rng.integers(0, 11, 60), rng.uniform(0.5, 2, 60)
    store, order = rng.integers(0, 12, 60), rng.permutation(60)
    for cluster in (None, store):
        one = nps(answers, weight=weight, cluster=cluster, method="bootstrap", seed=7)
        other = nps(
            answers[order],
            weight=weight[order],
            cluster=None if cluster is None else cluster[order],
            method="bootstrap",
            seed=7,
        )
        assert numbers_of(one) == pytest.approx(numbers_of(other), rel=1e-12)
    assert nps(answers, method="bootstrap", seed=8).ci_low != one.ci_low


# -- what is refused ------------------------------------------------------------------------------


def test_an_answer_off_the_scale_is_named_with_its_count():
    with pytest.raises(SurveyError, match=r"3 answers .* -1 \(1\), 11 \(2\)"):
        nps([11, 5, 11, -1])
    with pytest.raises(SurveyError, match=r"6 \(1\)"):
        top_box([5, 6], scale="satisfaction_5")
    with pytest.raises(SurveyError, match=r"7\.5 \(1\)"):
        nps([7.5, 8])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_score(["good", 1]), r"not numbers: good \(1\)"),
        (lambda: mean_score([np.inf, 1]), "not numbers"),
        (lambda: mean_score([1, 2], weight=[-1, 1]), "negative"),
        (lambda: mean_score([1, 2], weight=[0, 0]), "all weights are zero"),
        (lambda: mean_score([1, 2], weight=[1]), "1 weights for 2 respondents"),
        (lambda: mean_score([1, 2], ci_level=95), "ci_level is 95"),
        (lambda: mean_score([1, 2], strata=["a"]), "strata has 1 values for 2 rows"),
        (lambda: csat([5], scale="satisfaction_5", definition="top2"), "unknown definition"),
        (lambda: top_box([5], 5, scale="satisfaction_5"), "cannot be counted"),
        (lambda: top_box([5], scale=5), "not a response scale"),
        (lambda: nps([5], method="wald"), "unknown method"),
        (lambda: score_100([[5]], scale="agreement_5", min_share=2), "min_share"),
    ],
)
def test_a_slip_is_refused_with_its_reason(call, message):
    with pytest.raises(SurveyError, match=message):
        call()


def test_the_effective_base_is_public():
    assert effective_base([1, 1]) == 2


def test_a_known_population_narrows_the_bootstrap_as_its_formula(rng):
    """sqrt(1 - n/N) is what is left of the width: half of it where three quarters were asked."""
    answers = rng.integers(0, 11, 600)
    alone = nps(answers, method="bootstrap")
    most_of_all = nps(answers, method="bootstrap", population=800)
    assert most_of_all.half_width == pytest.approx(alone.half_width / 2, rel=0.05)
