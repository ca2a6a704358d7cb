"""Penalty and reward: contrasts by statsmodels, classes on planted truth, bases and bad input."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from types import SimpleNamespace

import linked
import numpy as np
import pandas as pd
import pytest
import statsmodels.regression.linear_model as linear

import cxkit as cx
from cxkit.analysis import penalty_reward
from cxkit.analysis.asymmetry import HIGH, LOW, asymmetry
from cxkit.analysis.links import links
from cxkit.errors import SurveyError


def planted(rng, n: int = 1500) -> tuple[pd.DataFrame, np.ndarray]:
    """Three scores from 0 to 100: a basic, an even and an exciting one, and one of no account."""
    x = pd.DataFrame(
        rng.choice([12.5, 37.5, 50, 62.5, 75, 87.5, 100], size=(n, 4)),
        columns=["basic", "even", "exciting", "idle"],
    )
    low, high = x < 50, x > 75
    y = 6 - 2.0 * low.basic + 0.2 * high.basic - low.even + high.even
    y += -0.2 * low.exciting + 2.0 * high.exciting
    return x, (y + rng.normal(size=n)).to_numpy()


def of(found, metric: str) -> dict[str, float]:
    return {one.of: one.estimate for one in found.estimates.where(metric=metric)}


@pytest.mark.parametrize("is_weighted", [False, True])
def test_contrasts_are_those_of_weighted_least_squares(rng, is_weighted) -> None:
    x, y = planted(rng, 400)
    weight = rng.uniform(0.3, 3, 400) if is_weighted else np.ones(400)
    marks = np.hstack([np.ones((400, 1)), x < 50, x > 75])
    fitted = linear.WLS(y, marks, weights=weight).fit().params
    found = penalty_reward(y, x, low=50, high=75, weight=weight)
    assert list(of(found, "penalty").values()) == pytest.approx(fitted[1:5], abs=1e-9)
    assert list(of(found, "reward").values()) == pytest.approx(fitted[5:], abs=1e-9)
    spread = of(found, "impact_range")
    assert spread["even"] == pytest.approx(fitted[6] - fitted[2], abs=1e-9)
    lean = (fitted[6] + fitted[2]) / (fitted[6] - fitted[2])
    assert of(found, "impact_asymmetry")["even"] == pytest.approx(lean, abs=1e-9)


def test_classes_follow_what_was_planted(rng) -> None:
    x, y = planted(rng)
    found = penalty_reward(y, x, low=50, high=75)
    assert {one.of: one.verdict for one in found.classes} == {
        "basic": "basic",
        "even": "performance",
        "exciting": "excitement",
        "idle": "not_classifiable",
    }
    basic = found.classes.only(of="basic")
    assert basic.ci_low < 1.8 < basic.ci_high
    assert (found.low, found.high) == ((50.0,) * 4, (75.0,) * 4)
    assert math.isnan(of(found, "impact_asymmetry")["idle"])


def test_a_predictor_that_goes_with_nothing_is_not_called_performance(rng) -> None:
    """No clear difference between two sides that both are nothing is no finding."""
    x = rng.uniform(0, 100, (300, 1))
    found = penalty_reward(rng.normal(size=300), x, low=50, high=75)
    assert found.classes[0].verdict == "not_classifiable"


@pytest.mark.parametrize(("n_low", "verdict"), [(29, "not_classifiable"), (30, "basic")])
def test_a_side_of_fewer_than_thirty_is_not_classed(rng, n_low, verdict) -> None:
    x = np.repeat([20.0, 60.0, 90.0], [n_low, 100, 100])[:, None]
    y = np.repeat([2.0, 8.0, 8.5], [n_low, 100, 100]) + rng.normal(size=len(x))
    assert penalty_reward(y, x, low=50, high=75).classes[0].verdict == verdict


def test_cut_points_may_differ_between_predictors(rng) -> None:
    x, y = planted(rng, 300)
    one = penalty_reward(y, x, low=[50, 40, 50, 50], high=[75, 75, 80, 75])
    marks = np.hstack([np.ones((300, 1)), x < [50, 40, 50, 50], x > [75, 75, 80, 75]])
    fitted = np.linalg.lstsq(marks.astype(float), y, rcond=None)[0]
    assert list(of(one, "penalty").values()) == pytest.approx(fitted[1:5], abs=1e-9)
    with pytest.raises(SurveyError, match="low has 2 cut points for 4 predictors"):
        penalty_reward(y, x, low=[1, 2], high=75)
    with pytest.raises(SurveyError, match="low scores end above the high ones"):
        penalty_reward(y, x, low=80, high=75)


def test_order_of_rows_and_size_of_weights_change_nothing(rng) -> None:
    x, y = planted(rng, 200)
    weight = rng.uniform(0.3, 3, 200)
    turned = rng.permutation(200)
    found = penalty_reward(y, x, low=50, high=75, weight=weight)
    others = (
        penalty_reward(y, x, low=50, high=75, weight=1000 * weight),
        penalty_reward(y[turned], x.iloc[turned], low=50, high=75, weight=weight[turned]),
    )
    for other in others:
        for column in ("estimate", "ci_low", "ci_high"):
            expected = found.estimates.frame[column].to_numpy()
            same = other.estimates.frame[column].to_numpy()
            np.testing.assert_allclose(same, expected, rtol=1e-9)


def test_bad_input_is_said(rng) -> None:
    x, y = planted(rng, 60)
    given = {
        "nobody": (np.full(60, np.nan), x),
        "one": (y[:1], x[:1]),
        "few": (y[:5], x[:5]),
        "flat": (np.full(60, 4.0), x),
        "same twice": (y, x.assign(even=x.basic)),
        "all in the middle": (y, x * 0 + 60),
        "none low": (y, x.clip(lower=55)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for outcome, scores in given.values():
            found = penalty_reward(outcome, scores, low=50, high=75)
            assert len(found.classes) == 4
            for one in found.estimates:
                assert one.flags if math.isnan(one.estimate) else not one.flags
            for one in found.classes:
                assert one.verdict == "not_classifiable" or not math.isnan(one.value)


def test_the_levels_of_the_demo_rest_on_the_people_of_the_links() -> None:
    survey = cx.load("demo", wave="2026H1")
    linked = links(survey)
    found = asymmetry(survey, linked)
    assert [one.of for one in found.classes] == list(linked.levels)
    assert {one.n for one in found.estimates} == {linked.n}
    assert (found.low[0], found.high[0]) == (LOW, HIGH)
    assert len(asymmetry(survey, SimpleNamespace(why="no_spread")).classes) == 0


def of_a_study(folder: Path, rng, n: int, likely) -> tuple[object, object]:
    """Classes of three skewed levels whose outcome follows from their scores by `likely`."""
    columns = linked.answers(rng, n, shift=(0.9, 0.8, 0.9), common=0.4)
    scores = [
        25 * (np.mean([columns[f"item:{item}"] for item in own], axis=0) - 1)
        for own in linked.LEVELS.values()
    ]
    columns["outcome:recommend"] = np.round(likely(*scores) + rng.normal(0, 0.7, n)).clip(0, 10)
    survey = linked.survey(folder, columns)
    return columns, asymmetry(survey, links(survey))


@pytest.mark.slow
def test_a_straight_line_has_no_stronger_side(tmp_path: Path) -> None:
    """Low scores lie further from the middle than high ones: cells alone would say `basic`."""
    classes, by_cells = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        _, found = of_a_study(
            tmp_path / str(seed), rng, 1500, lambda a, b, c: 1.2 + 0.025 * a + 0.02 * b + 0.025 * c
        )
        classes += [one.verdict for one in found.classes]
        by_cells += [one.ci_low > 0 for one in found.classes]
    assert classes.count("performance") > 100
    assert classes.count("basic") + classes.count("excitement") <= 0.05 * len(classes)
    assert np.mean(by_cells) > 0.12


def test_a_line_that_bends_has_a_stronger_side(tmp_path: Path, rng) -> None:
    """Trust counts below the middle alone, care above it alone, speed all the way."""
    _, found = of_a_study(
        tmp_path,
        rng,
        1500,
        lambda a, b, c: 1 + 0.05 * np.minimum(a, 62.5) + 0.05 * np.maximum(b - 62.5, 0) + 0.02 * c,
    )
    assert [one.verdict for one in found.classes] == ["basic", "excitement", "performance"]
    trust, care, speed = found.estimates.where(metric="slope_change")
    assert trust.ci_low < -0.5 < trust.ci_high < 0
    assert care.ci_high > 0.5 > care.ci_low > 0
    assert speed.ci_low < 0 < speed.ci_high


def test_the_change_of_slope_is_that_of_a_broken_line(tmp_path: Path, rng) -> None:
    columns, found = of_a_study(tmp_path, rng, 600, lambda a, b, c: 3 + 0.02 * (a + b + c))
    scores = np.column_stack(
        [
            25 * (np.mean([columns[f"item:{item}"] for item in own], axis=0) - 1)
            for own in linked.LEVELS.values()
        ]
    )
    design = np.hstack([np.ones((600, 1)), scores, np.maximum(0, scores - 62.5)])
    fitted = np.linalg.lstsq(design, columns["outcome:recommend"], rcond=None)[0]
    changes = found.estimates.where(metric="slope_change")
    assert [one.estimate for one in changes] == pytest.approx(10 * fitted[4:], abs=1e-9)
    assert not penalty_reward([1.0, 2, 3], [1.0, 2, 3], low=2, high=2).estimates.where(
        metric="slope_change"
    )
