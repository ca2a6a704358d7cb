"""Comparisons: golden values, Holm and its intervals, verdicts, and the same-items rule."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import LEVELS, TWO_LEVELS, plant
from scipy import stats

from cxkit.analysis import adjust_p, compare, compare_groups, estimate
from cxkit.analysis.contrasts import Rules, contrast, corrected, paired, verdict
from cxkit.analysis.intervals import Measure
from cxkit.errors import SurveyError
from cxkit.weights import Design, moment

MEAN = Measure("score_100", "mean", "score_100")
SHARE = Measure("share", "share", "share")
NPS = Measure("nps", "net", "points")
NO_BASE_RULE = Rules(min_base=0)


def nps_answers(promoters, passives, detractors):
    return [10] * promoters + [8] * passives + [3] * detractors


def survey_of(tmp_path, n, *, framework=TWO_LEVELS, study=LEVELS, **given_columns):
    items = {f"item:{item}": np.full(n, 3.0) for item in ("a1", "a2", "b1", "b2")}
    named = {name.replace("__", ":"): values for name, values in given_columns.items()}
    base = {"base:buyers": np.ones(n, bool), "segment:region": ["west"] * n}
    return plant(tmp_path, {**base, **items, **named}, study, two_levels=framework)


# -- golden values --------------------------------------------------------------------------------


def test_two_nps_have_the_golden_test():
    first, second = nps_answers(60, 25, 15), nps_answers(45, 30, 25)
    (one,) = compare_groups(first + second, ["a"] * 100 + ["b"] * 100, metric="nps")
    centre = (one.ci_low + one.ci_high) / 2
    se = (one.ci_high - one.ci_low) / 2 / 1.959963984540054
    assert one.difference == pytest.approx(25)
    assert centre == pytest.approx(24.271845, abs=1e-6)
    assert centre / se == pytest.approx(2.240947, abs=1e-6)
    assert one.p == pytest.approx(0.025030, abs=1e-6)
    assert one.method == "adjusted_wald_nps_difference"


@pytest.mark.parametrize(
    ("method", "expected"), [("holm", [0.04, 0.06, 0.06, 0.06]), ("bh", [0.04] * 4)]
)
def test_corrections_have_their_golden_values(method, expected):
    assert adjust_p([0.01, 0.02, 0.03, 0.04], method) == pytest.approx(expected, abs=1e-12)
    shuffled = adjust_p([0.03, 0.01, 0.04, 0.02], method)
    assert shuffled == pytest.approx([expected[2], expected[0], expected[3], expected[1]])


def test_what_was_not_tested_is_not_counted():
    assert adjust_p([0.02, np.nan, 0.04], "holm") == pytest.approx(
        [0.04, np.nan, 0.04], nan_ok=True
    )
    assert adjust_p([], "bh").size == 0


@pytest.mark.parametrize(("p", "method"), [([0.5], "hom"), ([1.5], "holm")])
def test_corrections_refuse_slips(p, method):
    with pytest.raises(SurveyError):
        adjust_p(p, method)


def test_two_shares_are_compared_by_agresti_and_caffo():
    """30 of 50 against 20 of 40: 31/52 - 21/42, variances p(1-p)/52 and p(1-p)/42."""
    values = [1] * 30 + [0] * 20 + [1] * 20 + [0] * 20
    (one,) = compare_groups(values, ["a"] * 50 + ["b"] * 40, metric="share")
    p, q = 31 / 52, 21 / 42
    half = 1.959963984540054 * math.sqrt(p * (1 - p) / 52 + q * (1 - q) / 42)
    assert one.difference == pytest.approx(0.1)
    assert (one.ci_low, one.ci_high) == pytest.approx((p - q - half, p - q + half))
    assert one.effect == pytest.approx(2 * (math.asin(0.6**0.5) - math.asin(0.5**0.5)))


def test_two_means_are_worked_by_hand():
    """1 3 against 4 8: difference -4, e^2 sums to 2/4 + 8/4, V = 4/3 * 2.5, t with 3 df."""
    (one,) = compare_groups([1, 3, 4, 8], list("aabb"))
    half = 3.182446305284263 * math.sqrt(4 / 3 * 2.5)
    assert one.difference == pytest.approx(-4)
    assert (one.ci_low, one.ci_high) == pytest.approx((-4 - half, -4 + half))
    assert one.method == "linearised_t_difference"


def test_a_paired_difference_is_the_t_test_of_differences():
    before, after = np.array([3.0, 4, 2, 5, np.nan]), np.array([4.0, 6, 2, 6, 5])
    (one,) = corrected([paired(MEAN, after[:4], before[:4], Design(np.ones(4)))], NO_BASE_RULE)
    expected = stats.ttest_rel(after[:4], before[:4])
    assert one.difference == pytest.approx(1)
    assert one.p == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval()
    assert (one.ci_low, one.ci_high) == pytest.approx((interval.low, interval.high))
    half_missing = paired(MEAN, after, before, Design(np.ones(5)))
    assert half_missing.moment_a.n == half_missing.moment_b.n == 4


# -- laws -----------------------------------------------------------------------------------------


@st.composite
def several_groups(draw):
    n = draw(st.integers(8, 60))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    groups = rng.choice(list("abcd"), n)
    shift = {"a": 0, "b": draw(st.integers(0, 4)), "c": draw(st.integers(0, 4)), "d": 0}
    values = np.clip(rng.integers(3, 9, n) + [shift[g] for g in groups], 0, 10)
    return values, groups, rng.uniform(0.3, 3, n)


@pytest.mark.parametrize("metric", ["mean", "nps"])
@given(data=several_groups(), ci_level=st.sampled_from([0.8, 0.95]))
def test_interval_and_adjusted_p_agree(metric, data, ci_level):
    """An interval leaves out zero exactly when its adjusted p is below the level."""
    values, groups, weight = data
    for one in compare_groups(values, groups, metric=metric, weight=weight, ci_level=ci_level):
        if not math.isnan(one.p_adjusted):
            leaves_out_zero = one.ci_low > 0 or one.ci_high < 0
            assert leaves_out_zero == (one.p_adjusted < 1 - ci_level)
            assert one.p_adjusted >= one.p
            assert one.correction == "holm"


@pytest.mark.parametrize("measure", [MEAN, SHARE, NPS], ids=lambda one: one.kind)
@given(seed=st.integers(0, 9999))
def test_comparing_the_other_way_round_turns_every_sign(measure, seed):
    """compare(a, b) == -compare(b, a), to the last bit."""
    rng = np.random.default_rng(seed)
    design = Design(rng.uniform(0.5, 2, 30), rng.choice(["x", "y"], 30))
    low = 0 if measure.kind == "share" else -1
    sides = [
        moment(np.where(rng.random(30) < 0.6, rng.integers(low, 2, 30), np.nan), design)
        for _ in "ab"
    ]
    rules = Rules(min_base=5, matter=0.1)
    (one,) = corrected([contrast(measure, *sides, design)], rules)
    (other,) = corrected([contrast(measure, *sides[::-1], design, names=("b", "a"))], rules)
    if not math.isnan(one.effect):
        assert one == -other


@given(data=several_groups(), seed=st.integers(0, 99))
def test_shuffling_respondents_changes_no_comparison(data, seed):
    values, groups, weight = data
    order = np.random.default_rng(seed).permutation(len(values))
    before = compare_groups(values, groups, weight=weight)
    after = compare_groups(values[order], groups[order], weight=weight[order])
    for one, other in zip(before, after, strict=True):
        assert (one.a, one.b) == (other.a, other.b)
        assert (one.ci_low, one.ci_high, one.p_adjusted) == pytest.approx(
            (other.ci_low, other.ci_high, other.p_adjusted), rel=1e-9, abs=1e-9, nan_ok=True
        )


def test_multiplying_all_weights_moves_no_comparison(rng):
    values, groups = rng.integers(0, 11, 90), rng.choice(list("abc"), 90)
    weight = rng.uniform(0.3, 3, 90)
    for metric in ("mean", "nps"):
        one = compare_groups(values, groups, metric=metric, weight=weight)
        other = compare_groups(values, groups, metric=metric, weight=1000 * weight)
        for a, b in zip(one, other, strict=True):
            assert (a.difference, a.ci_low, a.ci_high, a.p) == pytest.approx(
                (b.difference, b.ci_low, b.ci_high, b.p), rel=1e-12
            )


def test_a_group_overlapping_itself_does_not_differ(rng):
    """The covariance of the same people leaves no variance in a mean, and little in a share."""
    values, design = rng.integers(0, 2, 50).astype(float), Design(np.ones(50))
    side = moment(values, design)
    assert contrast(MEAN, side, side, design).se == pytest.approx(0, abs=1e-15)
    alone = contrast(SHARE, side, moment(1 - values, design), design).se
    assert contrast(SHARE, side, side, design).se < alone / 3


# -- verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "matter", "expected"),
    [
        (1, 9, 3, "clear"),
        (-9, -1, 3, "clear"),
        (1, 2.5, 3, "clear_small"),
        (-2, 2.5, 3, "stable"),
        (-2, 3.5, 3, "no_evidence"),
        (-2, 2.5, None, "no_evidence"),
        (1, 2.5, None, "clear"),
        (1, 22, 3, "undecided"),
        (math.nan, math.nan, 3, "undecided"),
    ],
)
def test_verdicts_follow_the_interval(low, high, matter, expected):
    assert verdict(low, high, "score_100", matter) == expected
    assert verdict(low, high, "score_100", matter, is_hidden=True) == "hidden"


def test_small_bases_are_hidden_and_not_counted_as_tests(rng):
    values = np.concatenate([rng.normal(50, 5, 80), rng.normal(60, 5, 10)])
    groups = ["a"] * 40 + ["b"] * 40 + ["c"] * 10
    found = compare_groups(values, groups, min_base=30)
    assert [one.verdict == "hidden" for one in found] == [False, True, True]
    assert [one.correction for one in found] == ["holm", "none", "none"]
    assert found[0].p_adjusted == found[0].p


@pytest.mark.parametrize("metric", ["mean", "nps", "share"])
def test_few_answers_give_flagged_comparisons_and_no_warning(metric):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare_groups([1, None, 0, 1], ["a", "b", "c", "c"], metric=metric)
    assert [one.flags for one in found] == [("no_answers",), ("unreliable",), ("no_answers",)]
    assert {one.verdict for one in found} == {"undecided"}


@pytest.mark.parametrize("metric", ["mean", "nps", "share"])
def test_answers_all_alike_warn_nobody(metric):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (one,) = compare_groups([1] * 6, list("aaabbb"), metric=metric)
    assert one.difference == 0
    assert one.p == 1


def test_groups_refuse_slips():
    with pytest.raises(SurveyError, match="unknown metric 'nsp'"):
        compare_groups([1, 2], ["a", "b"], metric="nsp")
    with pytest.raises(SurveyError, match="1 groups for 2 respondents"):
        compare_groups([1, 2], ["a"])
    with pytest.raises(SurveyError, match="answers of 0 and 1"):
        compare_groups([1, 2], ["a", "b"], metric="share")


# -- a survey -------------------------------------------------------------------------------------


def test_groups_that_differ_only_in_their_items_do_not_differ(tmp_path, rng):
    """METHODS 22.1: trust is alike, non-buyers lack the item that is rated higher.

    Taking all items, buyers would seem some five points above non-buyers.
    """
    n = 2000
    is_buyer = np.arange(n) < n / 2
    mood = rng.normal(0, 0.6, n)
    a1 = np.clip(np.round(3.4 + mood + rng.normal(0, 0.7, n)), 1, 5)
    a2 = np.clip(np.round(3.8 + mood + rng.normal(0, 0.7, n)), 1, 5)
    study = LEVELS.replace("a2: a2", "a2: {column: a2, base: buyers}")
    survey = survey_of(
        tmp_path, n, study=study,
        item__a1=a1, item__a2=np.where(is_buyer, a2, np.nan), base__buyers=is_buyer,
        segment__region=np.where(is_buyer, "buyer", "non_buyer"),
    )  # fmt: skip
    buyers, others = estimate(survey, "score_100", of="level:trust", by="region")
    assert buyers.estimate - others.estimate > 4.7
    (one,) = compare(survey, "score_100", of="level:trust", by="region")
    assert one.ci_low < 0 < one.ci_high
    assert abs(one.difference) < 2


def test_levels_without_an_item_in_common_are_not_comparable(tmp_path):
    is_west = np.arange(80) < 40
    survey = survey_of(
        tmp_path, 80,
        item__a1=np.where(is_west, 4.0, np.nan), item__a2=np.where(is_west, np.nan, 2.0),
        segment__region=np.where(is_west, "west", "east"),
    )  # fmt: skip
    one, other = compare(survey, "score_100", of="levels", by="region")
    assert one.flags == ("not_comparable",)
    assert math.isnan(one.difference)
    assert other.flags == ()


def test_waves_are_compared_with_the_one_before(tmp_path, rng):
    waves = np.repeat(["2025", "2026", "2027"], 100)
    survey = survey_of(tmp_path, 300, wave=waves, item__a1=rng.integers(1, 6, 300).astype(float))
    found = compare(survey, "score_100", of="level:trust")
    assert [(one.a, one.b, one.wave) for one in found] == [
        ("wave=2026", "wave=2025", "2026"),
        ("wave=2027", "wave=2026", "2027"),
    ]
    by_wave = [one.estimate for one in estimate(survey, "score_100", of="level:trust", by="wave")]
    assert [one.difference for one in found] == pytest.approx(np.diff(by_wave))


def test_the_same_people_in_two_waves_narrow_the_change(tmp_path, rng):
    """With the same respondents the interval is that of the paired differences."""
    before = rng.integers(1, 6, 100).astype(float)
    after = np.clip(before + rng.integers(-1, 2, 100), 1, 5)
    waves, answers = np.repeat(["2025", "2026"], 100), np.concatenate([before, after])
    people = [f"r{i}" for i in range(100)]
    kept = {"wave": waves, "item__a1": answers, "item__a2": answers}
    panel = survey_of(tmp_path, 200, respondent=people * 2, **kept)
    fresh = survey_of(tmp_path, 200, **kept)
    (same,), (others,) = (compare(s, "score_100", of="level:trust") for s in (panel, fresh))
    within = 25 * (after - before)
    se = np.std(within, ddof=1) / 10
    half = (same.ci_high - same.ci_low) / 2
    df = 100 - 2  # people minus waves
    assert same.difference == pytest.approx(others.difference)
    assert half == pytest.approx(stats.t.ppf(0.975, df) * se)
    assert half < (others.ci_high - others.ci_low) / 2


def test_each_group_can_be_held_against_the_rest(tmp_path, rng):
    regions = np.repeat(["east", "north", "west"], 50)
    a1 = rng.integers(1, 6, 150).astype(float)
    survey = survey_of(tmp_path, 150, segment__region=regions, item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region", against="rest")
    assert [(one.a, one.b) for one in found] == [
        (f"region={name}", f"region!={name}") for name in ("east", "north", "west")
    ]
    assert found[0].difference == pytest.approx(a1[:50].mean() - a1[50:].mean())
    assert found[0].n_b == 100


def test_matters_and_the_base_rule_come_from_the_study(tmp_path, rng):
    regions = np.repeat(["east", "west"], [400, 400]).astype(object)
    regions[:20] = "tiny"
    answers = np.tile([2.0, 3, 4, 3], 200)
    survey = survey_of(tmp_path, 800, segment__region=regions, item__a1=answers, item__a2=answers)
    found = {(o.a, o.b): o for o in compare(survey, "score_100", of="level:trust", by="region")}
    assert found["region=east", "region=west"].verdict == "stable"
    assert found["region=east", "region=tiny"].verdict == "hidden"
    wide = [one for one in found.values() if "wide" in one.flags]
    assert all(one.verdict in ("hidden", "undecided") for one in wide)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nsp", None, "region"), "unknown metric 'nsp'"),
        (("mean", "item:a9", "region"), "unknown 'item:a9'"),
        (("mean", "level:trust", "region"), "'mean' cannot be taken of 'level:trust'"),
        (("mean", "items", "regoin"), "unknown segment 'regoin'"),
        (("mean", "items", ["region", "wave"]), "one variable"),
    ],
)
def test_slips_are_named(tmp_path, arguments, message):
    survey = survey_of(tmp_path, 4)
    with pytest.raises(SurveyError, match=message):
        compare(survey, *arguments)
