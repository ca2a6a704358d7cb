"""Necessary conditions: the empty corner worked by hand, permutations, and bases."""

from __future__ import annotations

import math
import time
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import cxkit as cx
from cxkit.analysis import necessary_condition
from cxkit.analysis.links import links
from cxkit.analysis.necessity import band, ceiling_cases, fits_of, necessity, necessity_cases
from cxkit.analysis.ordering.corner import Corner, span
from cxkit.errors import SurveyError
from cxkit.weights import Design

X, Y = [1, 2, 2, 3, 4, 5, 5], [1, 2, 1, 3, 3, 5, 4]
scales = arrays.arrays(int, (12, 2), elements=st.integers(1, 5))


def effect(x, y, **more) -> float:
    return necessary_condition(x, y, n_permutations=0, **more).value


def test_the_golden_corner() -> None:
    """Above the steps 1, 2, 3, 3 lie 4 + 3 + 2 + 2 of 16 (METHODS 15)."""
    found = necessary_condition(X, Y)
    assert (found.value, found.verdict, found.name) == (0.6875, "very_large", "ce_fdh")
    assert found.value == (4 + 3 + 2 + 2) / 16


def test_the_straight_ceiling_goes_through_the_corners_of_the_steps() -> None:
    """Corners (1, 1) (2, 2) (3, 3) (5, 5): y = x, half of the field above it."""
    assert effect(X, Y, ceiling="cr_fdh") == pytest.approx(0.5, abs=1e-12)


def test_a_straight_ceiling_leaves_cases_above_it() -> None:
    """Corners (0, 0) (1, 3) (4, 4): slope 11/13 and intercept 12/13; (1, 3) lies above.

    Means 5/3 and 7/3; sum xy - n xbar ybar = 19 - 35/3 = 22/3, sum xx - n xbar^2 = 17 - 25/3 =
    26/3. The line meets y = 4 at x = 40/11; the zone is 4 * 40/11 - 12/13 * 40/11 - 11/26 *
    (40/11)^2 = 800/143.
    """
    x, y = [0, 1, 4], [0, 3, 4]
    assert effect(x, y, ceiling="cr_fdh") == pytest.approx(800 / 143 / 16, abs=1e-12)
    above, _ = ceiling_cases(x, y, ceiling="cr_fdh")
    assert above.estimate == 1
    assert ceiling_cases(x, y)[0].estimate == 0


def test_possible_ends_widen_the_field() -> None:
    """On 0 to 6: columns 0-1 are empty whole (6), then 5, 4, 3, 3 and 1 above the steps: 22/36."""
    assert effect(X, Y, x_ends=(0, 6), y_ends=(0, 6)) == pytest.approx(22 / 36, abs=1e-12)
    with pytest.raises(SurveyError, match="outside its ends 1 to 4"):
        necessary_condition(X, Y, x_ends=(1, 4))


def test_one_case_in_the_corner_fills_it() -> None:
    found = necessary_condition([*X, 1], [*Y, 5])
    assert (found.value, found.verdict) == (0.0, "small")
    _, inside = ceiling_cases([*X, 1], [*Y, 5])
    assert inside.estimate == 1


@pytest.mark.parametrize(
    ("value", "word"),
    [(0.0, "small"), (0.0999, "small"), (0.1, "medium"), (0.3, "large"), (0.5, "very_large")],
)
def test_bands_begin_at_their_limits(value, word) -> None:
    assert band(value) == word
    assert band(math.nan) == ""


@given(scales)
def test_swapping_both_ends_of_both_swaps_condition_and_outcome(pairs) -> None:
    """If y needs x, then the lack of x needs the lack of y: the same corner, seen from outside."""
    x, y = pairs.T
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert effect(x, y) == pytest.approx(effect(-y, -x), abs=1e-12)


@given(scales)
def test_more_cases_never_empty_the_corner(pairs) -> None:
    x, y = pairs.T
    ends = {"x_ends": (1, 5), "y_ends": (1, 5)}
    few = effect(x[:6], y[:6], **ends)
    many = effect(x, y, **ends)
    if not (math.isnan(few) or math.isnan(many)):
        assert many <= few + 1e-12


def test_p_is_the_share_of_all_dealings_with_as_empty_a_corner() -> None:
    """x = y = 1 2 3: of the six dealings of y only the right one leaves 3 of 4 fields empty."""
    found = necessary_condition([1, 2, 3], [1, 2, 3], n_permutations=6000)
    assert found.value == 0.75
    assert found.p == pytest.approx(1 / 6, abs=0.02)


def test_p_is_that_of_permutations_made_one_by_one(rng) -> None:
    """Dealt by hand, one respondent at a time, and the corner measured anew each time."""
    x, y = rng.integers(1, 6, 40), rng.integers(0, 11, 40)
    x, y = np.append(x, [1, 5]), np.append(y, [0, 10])
    for ceiling in ("ce_fdh", "cr_fdh"):
        found = necessary_condition(x, y, ceiling=ceiling, n_permutations=3000)
        chance = [effect(x, rng.permutation(y), ceiling=ceiling) for _ in range(1500)]
        expected = np.mean(np.array(chance) >= found.value - 1e-12)
        assert found.p == pytest.approx(expected, abs=0.045)


def test_one_dealing_serves_conditions_of_other_sizes(rng) -> None:
    """The p of several conditions of one outcome is that of each alone."""
    x, y = rng.integers(1, 6, (2, 80)).astype(float), rng.integers(0, 11, 80).astype(float)
    design = Design(np.ones(80))
    corners = {
        f"x{i}": Corner(one, y, design, span(one), span(y)) for i, one in enumerate([*x, 0 * y])
    }
    together = fits_of(corners, seed=5)
    assert [one.p for one in together[:2]] == [necessary_condition(one, y, seed=5).p for one in x]
    assert together[2].verdict == "no_spread"


def test_an_effect_has_no_interval(rng) -> None:
    """The bootstrap of an extreme is inconsistent: nothing is said that would not hold."""
    x = rng.uniform(0, 1, 300)
    found = necessary_condition(x, x * rng.uniform(0, 1, 300), n_permutations=99)
    assert math.isnan(found.ci_low)
    assert math.isnan(found.ci_high)
    assert found.p == 0.01
    assert found.method == "ce_fdh_permutation"


def test_more_respondents_make_the_effect_smaller(rng) -> None:
    """Answers spread evenly below y = x: one half is empty, and every sample shows more."""
    x = rng.uniform(0, 1, 20_000)
    y = np.sqrt(rng.uniform(0, 1, 20_000)) * x
    ends = {"x_ends": (0, 1), "y_ends": (0, 1)}
    found = [effect(x[:n], y[:n], **ends) for n in (100, 1000, 20_000)]
    assert found[0] > found[1] > found[2] > 0.5


def test_a_large_survey_takes_no_long_time(rng) -> None:
    """A thousand dealings of 20,000 answers among five levels once took seven seconds."""
    y = rng.integers(0, 11, 20_000).astype(float)
    design = Design(np.ones(20_000))
    columns = [12.5 * rng.integers(0, 9, 20_000) for _ in range(5)]
    corners = {f"x{i}": Corner(one, y, design, span(one), span(y)) for i, one in enumerate(columns)}
    began = time.process_time()
    assert len(fits_of(corners)) == 5
    assert time.process_time() - began < 3


def test_weights_make_no_ceiling_unless_they_are_zero() -> None:
    """A ceiling is made by single respondents, however small their weight."""
    weight = [0.1, 5, 1, 1, 1, 1, 1]
    assert effect(X, Y, weight=weight) == effect(X, Y)
    assert effect([*X, 1], [*Y, 5], weight=[*weight, 0]) == effect(X, Y)


def test_the_order_of_rows_changes_nothing(rng) -> None:
    x, y = rng.integers(1, 6, (2, 150))
    turned = rng.permutation(150)
    assert necessary_condition(x, y) == necessary_condition(x[turned], y[turned])


def test_bad_input_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ceiling in ("ce_fdh", "cr_fdh"):
            nobody = necessary_condition([None, 1], [1, None], ceiling=ceiling)
            assert (nobody.n, nobody.flags) == (0, ("no_answers",))
            flat = necessary_condition([3, 3, 3], [1, 2, 3], ceiling=ceiling)
            assert (flat.verdict, flat.flags) == ("no_spread", ("unreliable",))
            alone = necessary_condition([3], [2], ceiling=ceiling)
            assert alone.verdict == "no_spread"
            same = ceiling_cases([None], [1.0], ceiling=ceiling)
            assert same[0].flags == ("no_answers",)
    with pytest.raises(SurveyError, match="unknown ceiling 'ce_fhd'") as slip:
        necessary_condition(X, Y, ceiling="ce_fhd")
    assert "ce_fdh" in slip.value.hint
    with pytest.raises(SurveyError, match="7 conditions and 2 outcomes"):
        necessary_condition(X, [1, 2])


def test_the_levels_of_the_demo_rest_on_the_people_of_the_links() -> None:
    survey = cx.load("demo", wave="2026H1")
    linked = links(survey)
    found, cases = necessity(survey, linked), necessity_cases(survey, linked)
    assert [one.of for one in found] == list(linked.levels)
    assert {one.n for one in (*found, *cases)} == {linked.n}
    assert all(math.isnan(one.ci_low) and 0 < one.p <= 1 for one in found)
    assert len(necessity(survey, SimpleNamespace(why="not_measured"))) == 0
