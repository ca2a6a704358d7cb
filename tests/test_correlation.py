"""Correlation of two scores: R's survey as witness, hand calculation, and what it covers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cxkit.analysis import correlation
from cxkit.errors import SurveyError

ORACLE = json.loads(
    (Path(__file__).parent / "oracles" / "correlation.json").read_text(encoding="utf-8")
)
DESIGNS = {"weighted": {}, "designed": {"strata": "stratum", "cluster": "cluster"}}


def floats(name: str) -> np.ndarray:
    return np.array([math.nan if one is None else one for one in ORACLE[name]], dtype=float)


@pytest.mark.parametrize("name", DESIGNS)
def test_value_and_standard_error_are_those_of_survey_in_r(name: str) -> None:
    """The interval is tanh(atanh(r) -+ t se / (1 - r^2)) with R's se and degrees of freedom."""
    known = ORACLE[name]
    design = {key: floats(column) for key, column in DESIGNS[name].items()}
    one = correlation(floats("x"), floats("y"), weight=floats("w"), **design)
    r, half = known["r"], stats.t.ppf(0.975, known["df"]) * known["se"] / (1 - known["r"] ** 2)
    assert one.n == 116
    assert one.value == pytest.approx(r, rel=1e-10)
    assert one.ci_low == pytest.approx(math.tanh(math.atanh(r) - half), rel=1e-9)
    assert one.ci_high == pytest.approx(math.tanh(math.atanh(r) + half), rel=1e-9)


def test_by_hand() -> None:
    """Deviations -2..2 and -1, -2, 1, 0, 2: cross products 8, squares 10 and 10."""
    one = correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    assert one.value == pytest.approx(8 / 10)
    assert (one.n, one.verdict) == (5, "clear" if one.ci_low > 0 else "no_evidence")


def test_a_weight_of_two_is_the_same_person_twice(rng: np.random.Generator) -> None:
    x = rng.normal(size=60)
    y = x + rng.normal(size=60)
    weight = rng.integers(1, 3, 60)
    twice = np.repeat(np.arange(60), weight)
    assert correlation(x, y, weight=weight).value == pytest.approx(
        correlation(x[twice], y[twice]).value
    )


def test_what_does_not_matter(rng: np.random.Generator) -> None:
    """Units and the order of the two do not; a score turned round turns the sign."""
    x = rng.normal(size=80)
    y = 0.4 * x + rng.normal(size=80)
    one = correlation(x, y)
    for other in (correlation(y, x), correlation(10 + 3 * x, y / 7)):
        assert (other.value, other.ci_low, other.ci_high) == pytest.approx(
            (one.value, one.ci_low, one.ci_high)
        )
    turned = correlation(x, -y)
    assert (turned.value, turned.ci_low) == pytest.approx((-one.value, -one.ci_high))


def test_intervals_cover_the_truth(rng: np.random.Generator) -> None:
    """Of 600 samples of 150 with skewed scores, 95 % hold the correlation of a large one."""

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        mood = rng.exponential(size=n)
        return mood + rng.exponential(size=n), mood + rng.exponential(size=n)

    found = [correlation(*drawn(150)) for _ in range(600)]
    covered = np.mean([one.ci_low <= 0.5 <= one.ci_high for one in found])
    assert 0.915 < covered < 0.98


def test_a_straight_line_has_no_range(rng: np.random.Generator) -> None:
    x = rng.normal(size=20)
    one = correlation(x, 2 * x + 1)
    assert (one.value, one.ci_low, one.ci_high) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([], [], "no_answers"),
        ([1, 2, None], [None, None, 3], "no_answers"),
        ([1, 2, 3], [3, 1, 2], "too_few"),
        ([5, 5, 5, 5, 5], [1, 2, 3, 4, 5], "no_spread"),
    ],
)
def test_without_a_value_it_says_why(x: list, y: list, why: str) -> None:
    one = correlation(x, y)
    assert math.isnan(one.value)
    assert one.verdict == why
    assert one.flags


def test_both_scores_of_everybody_are_needed() -> None:
    with pytest.raises(SurveyError, match="2 scores of one kind and 3 of the other"):
        correlation([1, 2], [1, 2, 3])
