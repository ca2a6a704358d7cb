"""Moments of many groups at once: the same numbers as group by group, for every design."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted import LEVELS, TWO_LEVELS, plant

from cxkit.analysis import estimates, scoring
from cxkit.analysis.estimates import Group, Measured, Partition, Sample
from cxkit.analysis.intervals import Measure
from cxkit.analysis.scoring import Coded
from cxkit.weights import Design, moment, moments, moments_by, tally, variance

N, GROUPS = 400, 5
NUMBERS = ("estimate", "n", "n_eff", "spread", "variance", "n_design", "df")


def one_by_one(values, groups, n_groups, design):
    """Each group by itself from first principles: its mean, influences on all rows, variance."""
    found = []
    for group in range(n_groups):
        own = (groups == group) & ~np.isnan(values) & (design.weight > 0)
        weight = np.where(own, design.weight, 0.0)
        if not own.any():
            found.append((np.nan, 0, 0.0, np.nan))
            continue
        mean = np.average(values[own], weights=design.weight[own])
        influence = weight * np.where(own, values - mean, 0.0) / weight.sum()
        kish = weight.sum() ** 2 / (weight**2).sum()
        found.append((mean, int(own.sum()), kish, variance(influence, design)))
    return [np.array(column) for column in zip(*found, strict=True)]


@pytest.fixture
def drawn(rng):
    """Answers of five points with gaps, groups of which one is empty and some rows have none."""
    values = rng.integers(1, 6, N).astype(float)
    values[rng.random(N) < 0.1] = np.nan
    groups = rng.integers(-1, GROUPS - 1, N)
    weight = np.where(rng.random(N) < 0.05, 0.0, rng.lognormal(0, 0.6, N))
    return values, groups, weight


def designs(rng, weight):
    strata = np.append(rng.choice(["a", "b", "c"], N - 1), "alone")
    cluster = rng.integers(0, 25, N)
    sizes = {name: 40 * int((strata == name).sum()) for name in np.unique(strata)}
    wave = np.repeat(["1", "2"], N // 2)
    people = np.tile(np.arange(N // 2), 2)
    return {
        "simple": Design(weight),
        "population": Design(weight, population=1000),
        "strata": Design(weight, strata),
        "strata and population": Design(weight, strata, population=sizes),
        "clusters": Design(weight, cluster=cluster),
        "clusters in strata": Design(weight, strata, cluster),
        "panel": Design(weight, wave, panel=people),
    }


DESIGNS = (
    *("simple", "population", "strata", "strata and population"),
    *("clusters", "clusters in strata", "panel"),
)


@pytest.mark.parametrize("kind", DESIGNS)
def test_groups_at_once_are_the_groups_one_by_one(drawn, rng, kind):
    values, groups, weight = drawn
    design = designs(rng, weight)[kind]
    made = moments_by(values, groups, GROUPS, design)
    mean, n, n_eff, var = one_by_one(values, groups, GROUPS, design)
    np.testing.assert_array_equal(made.n, n)
    np.testing.assert_allclose(made.estimate, mean, rtol=1e-12)
    np.testing.assert_allclose(made.n_eff, n_eff, rtol=1e-12)
    np.testing.assert_allclose(made.variance, var, rtol=1e-11)


@pytest.mark.parametrize("kind", DESIGNS)
def test_a_group_is_what_its_moment_is_alone(drawn, rng, kind):
    values, groups, weight = drawn
    design = designs(rng, weight)[kind]
    made = moments_by(values, groups, GROUPS, design)
    for group in range(GROUPS):
        alone = moment(np.where(groups == group, values, np.nan), design)
        ours = [getattr(made[group], name) for name in NUMBERS]
        np.testing.assert_allclose(ours, [getattr(alone, name) for name in NUMBERS], rtol=1e-12)


@pytest.mark.parametrize("kind", DESIGNS)
def test_a_tally_of_answers_gives_the_moments_of_the_rows(drawn, rng, kind):
    """Whatever the answers are recoded to: themselves, a box, a net of two boxes."""
    values, groups, weight = drawn
    design = designs(rng, weight)[kind]
    answers = Coded.of(values)
    counted = tally(answers.codes, len(answers.points), groups, GROUPS, design)
    for act in (lambda x: x, lambda x: np.where(np.isnan(x), np.nan, x >= 4), lambda x: 9 - x**2):
        points = act(answers.points)
        cells = counted.moments(points[counted.code])
        rows = moments_by(points[answers.codes], groups, GROUPS, design)
        for name in NUMBERS:
            np.testing.assert_allclose(getattr(cells, name), getattr(rows, name), rtol=1e-11)


def test_moments_of_a_variance_by_hand():
    """Group 0 holds 1 and 3: e = (-1, 1)/2, V = 4/3 (1/4 + 1/4); group 1 holds 5 twice."""
    made = moments_by(np.array([1.0, 3, 5, 5]), np.array([0, 0, 1, 1]), 2, Design(np.ones(4)))
    assert made.estimate.tolist() == [2, 5]
    assert made.variance == pytest.approx([4 / 3 / 2, 0])
    assert made.spread.tolist() == [1, 0]
    assert made.n_design == pytest.approx([2, 2])


def test_a_group_of_like_answers_is_exact_whatever_it_weighs(rng):
    weight = rng.lognormal(0, 1, 30)
    made = moments_by(np.full(30, 0.1), np.repeat([0, 1, 2], 10), 3, Design(weight))
    assert (made.estimate == 0.1).all()
    assert (made.variance == 0).all()
    assert (made.spread == 0).all()
    np.testing.assert_allclose(made.n_design, made.n_eff)


@pytest.mark.parametrize("weight", [0.1, 1 / 3, 7.0])
def test_equal_weights_count_exactly_as_many_as_they_are(weight):
    """Rules for small bases must not turn on the last digit of a sum."""
    given = np.where(np.arange(60) < 30, weight, 2.9 * weight)
    made = moments_by(np.arange(60.0), np.repeat([0, 1], 30), 2, Design(given))
    assert made.n_eff.tolist() == [30, 30]


def test_only_ratios_of_weights_matter(drawn):
    values, groups, weight = drawn
    one, other = (moments_by(values, groups, GROUPS, Design(w)) for w in (weight, 1000 * weight))
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)


def test_the_order_of_rows_changes_nothing(drawn, rng):
    values, groups, weight = drawn
    order = rng.permutation(N)
    one = moments_by(values, groups, GROUPS, Design(weight))
    other = moments_by(values[order], groups[order], GROUPS, Design(weight[order]))
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)


def test_a_share_that_the_strata_fix_has_no_variance_at_all():
    strata = np.repeat(["a", "b"], [7, 13])
    made = moment((strata == "a").astype(float), Design(np.linspace(1, 1, 20), strata))
    assert made.variance == 0
    assert made.n_design == made.n_eff


def test_a_group_of_one_and_of_nobody_are_told_without_a_warning():
    made = moments_by(np.array([4.0, np.nan, 2]), np.array([0, 1, -1]), 3, Design(np.ones(3)))
    assert made.n.tolist() == [1, 0, 0]
    assert made[0].estimate == 4
    assert made[0].variance == 0
    assert np.isnan(made[1].estimate)
    assert (made[1].n_eff, made[1].n_design, made[1].df) == (0, 0, 0)


def test_no_rows_at_all_are_groups_of_nobody():
    made = moments_by(np.empty(0), np.empty(0, dtype=int), 2, Design(np.empty(0)))
    assert made.n.tolist() == [0, 0]
    assert np.isnan(made.estimate).all()


def test_a_census_leaves_nothing_to_chance_in_any_group(rng):
    values, groups = rng.normal(size=40), np.repeat([0, 1], 20)
    made = moments_by(values, groups, 2, Design(np.ones(40), population=40))
    assert (made.variance == 0).all()
    assert np.isinf(made.n_design).all()


def test_clusters_are_summed_a_few_groups_at_a_time(drawn, rng, monkeypatch):
    """How much is held in memory has no say in the numbers."""
    values, groups, weight = drawn
    design = designs(rng, weight)["clusters in strata"]
    whole = moments_by(values, groups, GROUPS, design)
    monkeypatch.setattr(moments, "_AT_ONCE", 30)
    np.testing.assert_allclose(
        moments_by(values, groups, GROUPS, design).variance, whole.variance, rtol=1e-12
    )


# -- answers as codes, groups as partitions -------------------------------------------------------


@pytest.mark.parametrize("n_points", [2, 11, 60])
def test_codes_hold_what_the_values_were(rng, n_points):
    values = rng.integers(0, n_points, 9000).astype(float)
    values[::7] = np.nan
    made = Coded.of(values)
    np.testing.assert_array_equal(made.values, values)
    np.testing.assert_array_equal(made.is_answered, ~np.isnan(values))


def test_an_answer_that_the_first_rows_lack_is_coded_too():
    values = np.append(np.ones(9000), [np.nan, 5.0])
    np.testing.assert_array_equal(Coded.of(values).values, values)


def test_answers_of_some_rows_leave_the_others_without():
    made = Coded.of(np.array([1.0, 2, np.nan, 2]))
    among = made.among(np.array([True, True, True, False]))
    np.testing.assert_array_equal(among.values, [1, 2, np.nan, np.nan])
    assert made.among(np.array([True, True, False, True])) is made


def test_a_measure_whose_values_were_replaced_is_counted_by_its_new_values():
    answers = Coded.of(np.array([1.0, 2, 3, 4]))
    one = Measured("item:a", Measure("mean", "mean", "scale"), answers.values, answers=answers)
    assert one.coded is answers
    other = dataclasses.replace(one, values=np.array([9.0, 9, 9, 9]))
    np.testing.assert_array_equal(other.coded.values, [9, 9, 9, 9])


def test_groups_that_share_somebody_are_in_different_partitions():
    masks = [[True, True, True], [True, False, False], [False, True, True], [True, True, False]]
    found = [Group(np.array(mask), ()) for mask in masks]
    made = list(Partition.several(found))
    assert [len(one.groups) for one in made] == [1, 2, 1]
    assert [group for one in made for group in one.groups] == found
    assert made[1].codes.tolist() == [0, 1, 1]


@pytest.mark.parametrize("metric", ["mean", "sd"])
def test_a_sample_gives_each_group_the_moment_it_has_alone(drawn, metric):
    values, groups, weight = drawn
    design = Design(weight)
    own = Sample(np.arange(N), design, N)
    masks = [Group(groups == group, ()) for group in range(GROUPS)]
    one = Measured("item:a", Measure(metric, "mean", "scale"), values)
    (split,) = Partition.several(masks)
    made = own.moments(one, split)
    for place, group in enumerate(masks):
        alone = own.moment(one, group.mask)
        for name in ("estimate", "n", "n_eff", "variance"):
            ours, theirs = getattr(made[place], name), getattr(alone, name)
            np.testing.assert_allclose(ours, theirs, rtol=1e-11)
        if alone.n > 1:
            assert variance(alone.influence, design) == pytest.approx(alone.variance, rel=1e-11)


# -- estimates of a survey ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """Two waves and three regions, their weights unequal, an item that not all were asked."""
    rng, n = np.random.default_rng(5), 600
    items = {f"item:{item}": rng.integers(1, 6, n).astype(float) for item in ("a1", "a2", "b1")}
    columns = {
        **items,
        "item:b2": np.where(rng.random(n) < 0.2, np.nan, rng.integers(1, 6, n)),
        "wave": np.repeat(["2025", "2026"], n // 2),
        "weight": rng.lognormal(0, 0.5, n),
        "segment:region": pd.Series(rng.choice(["east", "north", "west"], n), dtype="str"),
        "base:buyers": rng.random(n) < 0.7,
    }
    return plant(tmp_path_factory.mktemp("by"), columns, LEVELS, two_levels=TWO_LEVELS)


@pytest.mark.parametrize("by", ["region", "wave", ["region", "wave"], ["wave", "region"], None])
@pytest.mark.parametrize("metric", ["score_100", "mean", "top_2_box", "net", "sd"])
def test_estimates_by_groups_are_those_of_each_group_in_the_hand(survey, metric, by):
    """Groups at once, and each by its own mask and design, give the same numbers and order."""
    made = list(estimates.estimate(survey, metric, by=by))
    expected = [
        (
            one.of,
            group.wave,
            dict(group.by),
            estimates.sample(survey, group.waves).moment(one, mask),
        )
        for one in estimates.measured(survey, metric)
        for group in estimates.groups(survey, by)
        for mask in [group.mask]
    ]
    assert [(one.of, one.wave, one.by) for one in made] == [row[:3] for row in expected]
    theirs = [(row[3].estimate, row[3].n, row[3].n_eff) for row in expected]
    np.testing.assert_allclose(
        [(one.estimate, one.n, one.n_eff) for one in made], theirs, rtol=1e-12
    )


def test_a_group_is_a_domain_of_its_wave(survey):
    """Mean and error of one region in one wave, by hand from the rows of that wave."""
    one = estimates.estimate(survey, "mean", of="item:a1", by=["region", "wave"]).only(
        by_region="west", wave="2026"
    )
    frame = survey.frame[survey.frame["wave"] == "2026"]
    own = (frame["segment:region"] == "west").to_numpy()
    weight = np.where(own, frame["weight"], 0.0)
    answers = frame["item:a1"].to_numpy()
    mean = (weight * answers).sum() / weight.sum()
    e = weight * (answers - mean) / weight.sum()
    n = len(frame)
    error = np.sqrt(n / (n - 1) * (e**2).sum())
    assert one.estimate == pytest.approx(mean, rel=1e-12)
    assert one.half_width == pytest.approx(1.9679 * error, rel=1e-4)  # t of 299 degrees


def test_answers_are_coded_once_in_a_survey(survey):
    assert scoring.coded(survey, "item:a1") is scoring.coded(survey, "item:a1")
    assert not scoring.coded(survey, "item:a1").values.flags.writeable


def test_views_of_a_survey_have_their_own_groups(survey):
    """What one Survey keeps does not follow into another choice of respondents."""
    west = survey.where(region="west")
    assert [group.by["region"] for group in estimates.groups(survey, "region")] == [
        "east",
        "north",
        "west",
    ]
    assert [group.by["region"] for group in estimates.groups(west, "region")] == ["west"]
    assert estimates.groups(west)[0].mask.sum() == (survey.frame["segment:region"] == "west").sum()
