"""Expectation and reality on plain data: the reliability of a gap, and the surface of both."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxkit.analysis import difference_reliability, polynomial_gap
from cxkit.errors import SurveyError

N = 900


def lattice() -> tuple[list[int], list[int]]:
    """Forty answers to each, whose moments can be written out."""
    return 5 * [1, 1, 3, 3, 4, 0, 2, 2], 5 * [1, 2, 3, 2, 3, 1, 3, 1]


def test_reliability_of_a_gap_is_the_formula_by_hand():
    """(s2_P rho_P + s2_E rho_E - 2 s_PE) / (s2_P + s2_E - 2 s_PE), every part written out."""
    real, expected = lattice()
    n, mean_p, mean_e = len(real), sum(real) / len(real), sum(expected) / len(expected)
    s_p = sum((one - mean_p) ** 2 for one in real) / (n - 1)
    s_e = sum((one - mean_e) ** 2 for one in expected) / (n - 1)
    s_pe = sum((p - mean_p) * (e - mean_e) for p, e in zip(real, expected, strict=True)) / (n - 1)
    by_hand = (s_p * 0.9 + s_e * 0.6 - 2 * s_pe) / (s_p + s_e - 2 * s_pe)
    found = difference_reliability(real, expected, reliability=(0.9, 0.6))
    assert found.value == pytest.approx(by_hand, abs=1e-12)
    assert found.n == n


def test_equal_variances_give_the_textbook_numbers():
    """Reliabilities of .8 and answers that correlate .5 leave .6 of the difference."""
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(400, 2))
    raw = (raw - raw.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    both = raw @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    found = difference_reliability(both[:, 0], both[:, 1], reliability=0.8)
    assert found.value == pytest.approx(0.6, abs=1e-9)


def test_reliability_of_a_gap_is_the_part_of_its_variance_that_is_true():
    """True scores are known in a simulation, so that the part which is no noise is too."""
    rng = np.random.default_rng(2)
    true = rng.normal(size=(40_000, 2)) @ np.linalg.cholesky([[1, 0.6], [0.6, 1]]).T
    seen = true + rng.normal(size=true.shape) * np.sqrt(0.25)
    part = np.var(true[:, 0] - true[:, 1]) / np.var(seen[:, 0] - seen[:, 1])
    found = difference_reliability(seen[:2000, 0], seen[:2000, 1], reliability=1 / 1.25)
    assert found.ci_low < part < found.ci_high
    assert found.verdict == "weak"


def test_a_weight_of_two_is_the_same_answer_twice():
    """The estimate under weights is that of the answers repeated, but for n - 1."""
    real, expected = map(np.array, lattice())
    weight = np.where(np.arange(len(real)) % 3 == 0, 2, 1)
    twice = difference_reliability(
        np.repeat(real, weight), np.repeat(expected, weight), reliability=(0.8, 0.7)
    )
    weighted = difference_reliability(real, expected, reliability=(0.8, 0.7), weight=weight)
    assert weighted.value == pytest.approx(twice.value, abs=1e-12)


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [([1, 2, 3, 4, 5] * 20, "no_spread"), ([3] * 100, "no_spread"), ([None] * 100, "empty_item")],
)
def test_a_gap_without_spread_has_no_reliability(expected: Any, verdict: str):
    """Everybody has the same gap, or expects the same, or nobody says what they expect."""
    found = difference_reliability([1, 2, 3, 4, 5] * 20, expected, reliability=0.8)
    assert math.isnan(found.value)
    assert found.verdict == verdict


def test_answers_closer_than_their_reliabilities_allow_are_told():
    """A negative reliability is an impossible one: named, and flagged."""
    rng = np.random.default_rng(3)
    real = rng.normal(size=300)
    found = difference_reliability(real, real + 0.1 * rng.normal(size=300), reliability=0.7)
    assert found.value < 0
    assert (found.verdict, found.flags) == ("negative", ("unreliable",))


@pytest.mark.parametrize("reliability", [1.2, -0.1, (0.8, math.nan), (0.8, 0.7, 0.6)])
def test_what_is_no_reliability_is_refused(reliability: Any):
    """A reliability is a part of a whole."""
    with pytest.raises(SurveyError, match="reliability is"):
        difference_reliability([1, 2, 3], [1, 2, 2], reliability=reliability)


def test_lengths_that_differ_are_refused():
    """An answer of each for everybody; the message says how many there are."""
    with pytest.raises(SurveyError, match="3 of real, 2 of expected"):
        difference_reliability([1, 2, 3], [1, 2], reliability=0.8)
    with pytest.raises(SurveyError, match="the lengths differ"):
        polynomial_gap([1, 2, 3], [1, 2], [1, 2, 3], middle=3)


# -- the surface ----------------------------------------------------------------------------------


def answers(slope_real: float, slope_expected: float, noise: float = 1.0) -> tuple[Any, Any, Any]:
    """Seven-point answers and an outcome that goes with both as told."""
    rng = np.random.default_rng(7)
    expected = rng.integers(3, 8, N)
    real = np.clip(expected + rng.integers(-4, 3, N), 1, 7)
    outcome = slope_real * real + slope_expected * expected + noise * rng.normal(size=N)
    return real, expected, outcome


def test_the_surface_is_that_of_statsmodels():
    """Coefficients, a1 to a4 as tests of their sums, intervals and R2 by another road."""
    from statsmodels.formula.api import ols

    real, expected, outcome = answers(0.8, -0.3)
    data = pd.DataFrame({"p": real - 4, "e": expected - 4, "y": outcome})
    fit = ols("y ~ p + e + I(p**2) + I(p*e) + I(e**2)", data).fit()
    found = polynomial_gap(real, expected, outcome, middle=4)
    ours = [one.estimate for one in found.coefficients]
    assert ours == pytest.approx(fit.params.to_numpy()[1:].tolist(), abs=1e-9)
    sums = {
        "a1": [0, 1, 1, 0, 0, 0], "a2": [0, 0, 0, 1, 1, 1],
        "a3": [0, 1, -1, 0, 0, 0], "a4": [0, 0, 0, 1, -1, 1],
    }  # fmt: skip
    for one in found:
        test = fit.t_test(np.array(sums[one.of], dtype=float))
        low, high = test.conf_int()[0]
        assert (one.estimate, one.ci_low, one.ci_high) == pytest.approx(
            (test.effect[0], low, high), abs=1e-8
        )
    r2 = {one.of: one.value for one in found.fits}
    assert r2["surface"] == pytest.approx(fit.rsquared, abs=1e-10)
    assert r2["real"] == pytest.approx(np.corrcoef(real, outcome)[0, 1] ** 2, abs=1e-10)
    assert r2["gap"] == pytest.approx(np.corrcoef(real - expected, outcome)[0, 1] ** 2, abs=1e-10)


def test_an_outcome_of_the_gap_lies_across_the_line_of_agreement():
    """Planted y = P - E: nothing along agreement, a slope of 2 across, and the gap tells it all."""
    made = polynomial_gap(*answers(1, -1), middle=4)
    found = {one.of: one for one in made}
    assert found["a3"].ci_low < 2 < found["a3"].ci_high
    assert found["a3"].ci_low > 1
    assert all(found[key].ci_low < 0 < found[key].ci_high for key in ("a1", "a2", "a4"))
    surface, _, gap = made.fits
    assert gap.value == pytest.approx(surface.value, abs=0.02)


def test_an_outcome_of_reality_alone_needs_no_gap():
    """Planted y = P: the gap explains less than reality alone does, which explains it all."""
    surface, real, gap = polynomial_gap(*answers(1, 0), middle=4).fits
    assert real.value == pytest.approx(surface.value, abs=0.02)
    assert gap.ci_high < real.ci_low


def test_five_hundred_answers_are_not_enough_for_squares():
    """Up to an effective base of 500 there is no number, and the reason is told."""
    real, expected, outcome = (one[:500] for one in answers(1, -1))
    found = polynomial_gap(real, expected, outcome, middle=4)
    assert found.verdict == "too_few"
    assert all(math.isnan(one.estimate) and one.flags == ("unreliable",) for one in found)
    assert all(math.isnan(one.value) for one in found.fits)
    assert not polynomial_gap(real, expected, outcome, middle=4, min_base=499).verdict


def test_weights_count_by_the_base_that_they_leave():
    """900 answers whose weights leave a base of some 450 are too few."""
    rng = np.random.default_rng(4)
    weight = rng.choice([1.0, 9.0], N, p=[0.9, 0.1])
    found = polynomial_gap(*answers(1, -1), middle=4, weight=weight)
    assert found[0].n_eff < 500
    assert found.verdict == "too_few"


def test_what_a_reader_sees_of_a_surface_keeps_what_stands_beside_it():
    """Publishing blanks, and forgets neither the coefficients nor the explained shares."""
    made = polynomial_gap(*answers(1, -1), middle=4)
    shown = made.published(min_base=10_000)
    assert all(one.is_hidden for one in (*shown, *shown.coefficients, *shown.fits))
    assert len(made.published().fits) == 3


def test_a_middle_that_is_no_number_is_refused():
    """Slopes are those at the middle of the scale, so it has to be known."""
    with pytest.raises(SurveyError, match="middle is nan"):
        polynomial_gap(*answers(1, -1), middle=math.nan)
