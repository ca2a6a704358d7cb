"""What a sample can see: the test that is tried is that of the report, and formulas agree."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import plant

import cxkit as cx
from cxkit.analysis import contrasts, sight
from cxkit.analysis.intervals import Measure
from cxkit.analysis.planning import detectable_difference
from cxkit.analysis.trials import Trial, Tries, smallest, tried
from cxkit.weights import Design, moment

NPS = Measure("nps", "net", "points")
SHARE = Measure("csat", "share", "share")
SCORE = Measure("score_100", "mean", "score_100")
ANSWERS = {
    "nps": np.array([-1.0, 0.0, 1.0]),
    "csat": np.array([0.0, 1.0]),
    "score_100": np.arange(0.0, 101.0, 12.5),
}
DESIGNS = ("equal", "weights", "strata", "clusters", "population")

pytestmark = pytest.mark.usefixtures("no_warning")


def design_of(kind: str, n: int, rng: np.random.Generator) -> Design:
    """A design of each kind."""
    weight = np.ones(n) if kind == "equal" else rng.uniform(0.4, 2.0, n)
    return {
        "equal": Design(weight),
        "weights": Design(weight),
        "strata": Design(weight, strata=np.sort(rng.integers(0, 4, n))),
        "clusters": Design(weight, cluster=np.sort(rng.integers(0, 40, n))),
        "population": Design(weight, population=4.0 * n),
    }[kind]


def two_sides(measure: Measure, rng: np.random.Generator, n: int = 300) -> list[np.ndarray]:
    """Answers of two groups of one sample, some of them missing."""
    values = rng.choice(ANSWERS[measure.metric], n)
    values[rng.random(n) < 0.1] = np.nan
    is_a = rng.random(n) < 0.4
    return [np.where(is_a, values, np.nan), np.where(is_a, np.nan, values)]


def as_is(trial: Trial) -> Tries:
    """The sample itself as the only try."""
    whole = trial.parts.sum(axis=0)
    return Tries(trial, whole[None], whole, np.zeros(1))


@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.parametrize("measure", [NPS, SHARE, SCORE], ids=lambda one: one.metric)
def test_what_is_tried_is_the_test_of_the_report(measure: Measure, kind: str, rng: Any) -> None:
    """On the sample itself: the centre, error and degrees of freedom of the contrast."""
    design = design_of(kind, 300, rng)
    a, b = two_sides(measure, rng)
    known = contrasts.contrast(measure, moment(a, design), moment(b, design), design)
    centre, se, df = as_is(Trial(measure, (a, b), design, (300, 300))).tested(0.0, 0)
    assert centre[0] == pytest.approx(known.centre, rel=1e-9)
    assert se[0] == pytest.approx(known.se, rel=1e-7)
    assert df == known.df


@pytest.mark.parametrize("kind", DESIGNS)
def test_what_is_tried_in_pairs_is_the_paired_test(kind: str, rng: Any) -> None:
    design = design_of(kind, 300, rng)
    a, b = (rng.choice(ANSWERS["score_100"], 300) for _ in range(2))
    known = contrasts.paired(SCORE, a, b, design)
    centre, se, df = as_is(Trial(SCORE, (a - b,), design, (300,))).tested(0.0, 0)
    assert (centre[0], se[0]) == pytest.approx((known.centre, known.se), rel=1e-7)
    assert df == known.df


def test_respondents_of_both_waves_are_one_unit(rng: Any) -> None:
    """The covariance of a panel enters what is tried as it enters the report."""
    n = 200
    values = rng.choice([-1.0, 0.0, 1.0], 2 * n)
    values[n:] = np.where(rng.random(n) < 0.7, values[:n], values[n:])
    weight = rng.uniform(0.5, 1.5, 2 * n)
    design = Design(weight, strata=np.repeat(["2025", "2026"], n), panel=np.tile(np.arange(n), 2))
    is_now = np.arange(2 * n) >= n
    a, b = np.where(is_now, values, np.nan), np.where(is_now, np.nan, values)
    own = [moment(values[rows], Design(weight[rows])) for rows in (is_now, ~is_now)]
    sides = []
    for made, rows in zip(own, (is_now, ~is_now), strict=True):
        influence = np.zeros(2 * n)
        influence[rows] = made.influence
        sides.append(dataclasses.replace(made, influence=influence))
    known = contrasts.contrast(NPS, *sides, design)
    centre, se, _ = as_is(Trial(NPS, (a, b), design, (n, n))).tested(0.0, 0)
    assert centre[0] == pytest.approx(known.centre, rel=1e-9)
    assert se[0] == pytest.approx(known.se, rel=1e-3)


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("measure", [NPS, SHARE], ids=lambda one: one.metric)
def test_a_planted_difference_is_the_one_that_was_wanted(measure: Measure, step: int) -> None:
    """As many take one step as it needs: centre and spread are those of the answers so changed."""
    a = np.repeat(ANSWERS[measure.metric], 1200)
    can = a < 1 if step > 0 else a > ANSWERS[measure.metric][0]
    moved = a + step * (can & (np.arange(len(a)) % 4 == 0))
    design, share = Design(np.ones(len(a))), 0.25
    centre, se, _ = as_is(Trial(measure, (a,), design, (len(a),), fixed=0.5)).tested(share, step)
    known = as_is(Trial(measure, (moved,), design, (len(a),), fixed=0.5)).tested(0.0, 0)
    assert centre[0] == pytest.approx(known[0][0], abs=1e-9)
    assert se[0] == pytest.approx(known[1][0], rel=1e-3)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (NPS, {"promoters": 1 / 3, "detractors": 1 / 3}),
        (SHARE, {"share": 0.5}),
        (SCORE, {"sd": float(np.std(ANSWERS["score_100"]))}),
    ],
    ids=["nps", "csat", "score_100"],
)
def test_simple_samples_see_what_the_formula_says(measure: Measure, expected: Any) -> None:
    """Two groups of 450 who count alike: within a few per cent of the closed form."""
    points = ANSWERS[measure.metric]
    values = np.tile(points, 900 // len(points))
    is_a = np.arange(900) < 450
    a, b = np.where(is_a, values, np.nan), np.where(is_a, np.nan, values)
    trial = Trial(measure, (a, b), Design(np.ones(900)), (900, 900), n_tests=3)
    (made,) = tried([trial], 2000, 5)
    found = measure.factor * smallest(made.share_found, made.room, 0.8, 0.018)[0]
    metric = {"csat": "share"}.get(measure.metric, measure.metric)
    planned = detectable_difference(metric, n=450, n_tests=3, **expected).value
    assert found == pytest.approx(planned, rel=0.05)


def test_four_times_the_sample_sees_half_the_difference(rng: Any) -> None:
    sizes = []
    for n in (250, 1000):
        values = np.tile([-1.0, 0.0, 1.0, 1.0, 0.0], n // 5)
        trial = Trial(NPS, (values,), Design(np.ones(n)), (n,), fixed=0.0, step=1)
        (made,) = tried([trial], 2000, 5)
        sizes.append(smallest(made.share_found, made.room, 0.8, 0.018)[0])
    assert sizes[0] / sizes[1] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("measure", [NPS, SHARE], ids=lambda one: one.metric)
def test_where_nearly_all_have_moved_the_difference_is_found(measure: Measure) -> None:
    """Two groups of 2,000, far apart: all sizes from the smallest on are found, up to the last."""
    low, high = ANSWERS[measure.metric][0], 1.0
    is_a = np.arange(4000) < 2000
    mostly = np.where(np.arange(4000) % 5 == 0, low, high)
    values = np.where(is_a, mostly, low + high - mostly)
    a, b = np.where(is_a, values, np.nan), np.where(is_a, np.nan, values)
    weight = np.random.default_rng(3).uniform(0.5, 1.5, 4000)
    (made,) = tried([Trial(measure, (a, b), Design(weight), (4000, 4000), step=1)], 300, 5)
    shares = [made.share_found(made.room * part) for part in (0.3, 0.6, 0.8, 0.95, 0.99, 1.0)]
    assert shares == [1.0] * 6
    assert 0 < smallest(made.share_found, made.room, 0.8, 0.03)[0] < 0.1


def test_a_range_that_is_too_wide_sees_nothing() -> None:
    """Forty answers: no range is narrow enough for its direction to be relied on."""
    values = np.tile([-1.0, 1.0], 20)
    (made,) = tried([Trial(NPS, (values,), Design(np.ones(40)), (40,))], 500, 5)
    assert all(math.isnan(one) for one in smallest(made.share_found, made.room, 0.8, 0.03))


# -- of a survey --------------------------------------------------------------------------------

STUDY = """\
sample: {frame: customers, design: probability}
outcomes: {recommend: {column: likely, metric: nps}}
segments: {region: {column: region}}
MORE
seed: 7
"""


def survey(folder: Path, rng: np.random.Generator, n: int = 600, more: str = "") -> Any:
    """Two waves of answers from 0 to 10 in two regions."""
    columns = {
        "outcome:recommend": rng.choice([10.0, 8.0, 3.0], 2 * n),
        "wave": np.repeat(["2025", "2026"], n).astype(object),
        "segment:region": rng.choice(["east", "west"], 2 * n),
        "weight": rng.uniform(0.5, 1.5, 2 * n),
    }
    study = STUDY.replace("MORE", "weight: weight\n" + more)
    return plant(folder, columns, study)


def kinds(found: Any) -> list[str]:
    return [one.of.split("|")[0] for one in found if one.name == "smallest_difference"]


def test_what_is_tried_is_what_the_study_compares(tmp_path: Path, rng: Any) -> None:
    made = survey(tmp_path, rng, more="targets: {nps: 10}\nmatters: {nps: 30}")
    found = sight.sight(made)
    assert kinds(found) == ["target", "waves", "groups"]
    values = [one for one in found if one.name == "smallest_difference"]
    assert all(one.ci_low < one.value < one.ci_high for one in values)
    assert [one.verdict for one in values] == ["seen"] * 3
    planned = {one.of: one.value for one in found if one.name == "smallest_difference_planned"}
    for one in values[1:]:
        assert one.value == pytest.approx(planned[one.of], rel=0.06)
    assert sight.sight(made).to_rows() == found.to_rows()


def test_what_is_found_at_no_size_has_no_formula_beside_it(tmp_path: Path, rng: Any) -> None:
    """Some fifty in each region: every range of their difference is too wide to be relied on."""
    found = sight.sight(survey(tmp_path, rng, n=110, more="targets: {nps: 10}"))
    unseen = [one.of for one in found if one.verdict == "out_of_reach"]
    assert [of.split("|")[0] for of in unseen] == ["waves", "groups"]
    assert not [one for one in found if one.of in unseen and one.name.endswith("planned")]


def test_one_wave_without_target_or_groups_has_nothing_to_see(tmp_path: Path, rng: Any) -> None:
    columns = {"outcome:recommend": rng.choice([10.0, 3.0], 300)}
    study = STUDY.replace("MORE\n", "").replace("segments: {region: {column: region}}\n", "")
    assert len(sight.sight(plant(tmp_path, columns, study))) == 0


def test_a_difference_of_the_smallest_size_is_found_in_four_of_five(
    tmp_path: Path, rng: Any
) -> None:
    """Waves simulated anew, with that difference, through the kit's own comparison."""
    first = sight.sight(survey(tmp_path, rng))
    size = next(one.value for one in first if one.of.startswith("waves"))
    shift = size / 200
    before, after = ([1 / 3 + by, 1 / 3, 1 / 3 - by] for by in (shift / 2, -shift / 2))
    n_found, n_tries = 0, 400
    for _ in range(n_tries):
        sides = [rng.choice([1.0, 0.0, -1.0], 600, p=share) for share in (after, before)]
        weight = rng.uniform(0.5, 1.5, 1200)
        values = np.concatenate(sides)
        design = Design(weight, strata=np.repeat(["b", "a"], 600))
        is_a = np.arange(1200) < 600
        made = [moment(np.where(rows, values, np.nan), design) for rows in (is_a, ~is_a)]
        (one,) = contrasts.corrected([contrasts.contrast(NPS, *made, design)], contrasts.Rules())
        n_found += one.is_clear and one.difference < 0
    assert n_found / n_tries == pytest.approx(0.8, abs=0.07)


def test_the_demo_sees_what_it_is_told_to_see() -> None:
    found = sight.sight(cx.load("demo"))
    assert kinds(found) == ["target", "waves", "levels", *["groups"] * 5, "handoff"]
    planned = {one.of: one.value for one in found if one.name == "smallest_difference_planned"}
    for one in found:
        if one.of in planned and one.name == "smallest_difference":
            assert one.value == pytest.approx(planned[one.of], rel=0.06)
