"""Weights: the effective base, and variances held against R's survey package."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cxkit.errors import SurveyError
from cxkit.weights import Design, covariance, effective_base, moment, variance


@pytest.fixture(scope="module")
def schools(shared_data):
    """The stratified sample of schools with R's reference numbers."""
    folder = shared_data / "apistrat"
    return pd.read_csv(folder / "apistrat.csv"), json.loads((folder / "expected.json").read_text())


def standard_error(values, weight, **design):
    drawn = Design(weight, **design)
    return variance(moment(np.asarray(values, dtype=float), drawn).influence, drawn) ** 0.5


# -- the effective base ---------------------------------------------------------------------------


def test_effective_base_of_half_and_one_and_a_half_is_80():
    assert effective_base([0.5] * 50 + [1.5] * 50) == pytest.approx(80)


def test_effective_base_of_equal_weights_is_their_number():
    assert effective_base([2.5] * 7) == pytest.approx(7)


def test_effective_base_ignores_weights_of_zero():
    assert effective_base([1, 1, 0, 0]) == pytest.approx(2)


def test_effective_base_of_nothing_is_zero():
    assert effective_base([]) == 0


@pytest.mark.parametrize("weight", [[1, -1], [0, 0], [1, np.nan], [1, np.inf], ["x", 1]])
def test_impossible_weights_are_refused(weight):
    with pytest.raises(SurveyError, match="weight"):
        effective_base(weight)


def test_effective_base_equals_r_on_the_schools(schools):
    data, expected = schools
    assert effective_base(data["pw"]) == pytest.approx(expected["kish"]["n_eff"], rel=1e-9)


# -- variances against R --------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["api00", "api99", "enroll"])
def test_standard_error_with_strata_and_population_equals_r(schools, variable):
    data, expected = schools
    population = dict(zip(data["stype"], data["fpc"], strict=True))
    ours = standard_error(data[variable], data["pw"], strata=data["stype"], population=population)
    assert ours == pytest.approx(expected["svymean"][variable]["se"], rel=1e-9)


def test_population_per_row_equals_population_per_stratum(schools):
    data, expected = schools
    ours = standard_error(data["api00"], data["pw"], strata=data["stype"], population=data["fpc"])
    assert ours == pytest.approx(expected["svymean"]["api00"]["se"], rel=1e-9)


@pytest.mark.parametrize("variable", ["api00", "api99"])
def test_standard_error_with_strata_equals_r(schools, variable):
    data, expected = schools
    ours = standard_error(data[variable], data["pw"], strata=data["stype"])
    assert ours == pytest.approx(expected["svymean_no_fpc"][variable]["se"], rel=1e-9)


@pytest.mark.parametrize("variable", ["api00", "api99"])
def test_standard_error_with_weights_only_equals_r(schools, variable):
    data, expected = schools
    ours = standard_error(data[variable], data["pw"])
    assert ours == pytest.approx(expected["svymean_weights_only"][variable]["se"], rel=1e-9)


@pytest.mark.parametrize("group", ["E", "H", "M"])
def test_standard_error_of_a_domain_equals_r(schools, group):
    data, expected = schools
    population = dict(zip(data["stype"], data["fpc"], strict=True))
    domain = data["api00"].where(data["stype"] == group)
    ours = standard_error(domain, data["pw"], strata=data["stype"], population=population)
    assert ours == pytest.approx(expected["svyby_stype"][group]["se"], rel=1e-9)


def test_standard_error_of_a_difference_of_domains_equals_r(schools):
    """R's survey t-test: difference over t is the standard error."""
    data, expected = schools
    population = dict(zip(data["stype"], data["fpc"], strict=True))
    design = Design(data["pw"], data["stype"], population=population)
    scores, is_wide = data["api00"].to_numpy(dtype=float), (data["sch.wide"] == "Yes").to_numpy()
    yes, no = (moment(np.where(side, scores, np.nan), design) for side in (is_wide, ~is_wide))
    r = expected["svyttest_api00_by_schwide"]
    assert yes.estimate - no.estimate == pytest.approx(r["diff"], rel=1e-9)
    ours = variance(yes.influence - no.influence, design) ** 0.5
    assert ours == pytest.approx(r["diff"] / r["t"], rel=1e-9)


def test_a_share_fixed_by_the_strata_has_no_variance_and_falls_back_on_kish(schools):
    data, _ = schools
    design = Design(data["pw"], data["stype"])
    made = moment((data["stype"] == "E").to_numpy(dtype=float), design)
    assert made.n_design == pytest.approx(made.n_eff)


# -- worked by hand -------------------------------------------------------------------------------


def test_clusters_are_summed_before_they_are_squared():
    """Means 2 in clusters a (1, 2) and b (2, 3): e = (-1, 0, 0, 1)/4, sums -1/4 and 1/4.

    V = 2/(2-1) * ((1/4)^2 + (1/4)^2) = 1/4.
    """
    values = np.array([1.0, 2.0, 2.0, 3.0])
    assert standard_error(values, np.ones(4), cluster=list("aabb")) ** 2 == pytest.approx(0.25)


def test_clusters_of_one_are_no_clusters(rng):
    values, weight = rng.normal(size=30), rng.uniform(0.5, 2, 30)
    alone = standard_error(values, weight)
    assert standard_error(values, weight, cluster=np.arange(30)) == pytest.approx(alone, rel=1e-12)


def test_cluster_names_may_recur_in_other_strata(rng):
    values, strata = rng.normal(size=40), np.repeat(["x", "y"], 20)
    recurring = np.tile(np.repeat([1, 2, 3, 4], 5), 2)
    unique = [f"{s}{c}" for s, c in zip(strata, recurring, strict=True)]
    one = standard_error(values, np.ones(40), strata=strata, cluster=recurring)
    other = standard_error(values, np.ones(40), strata=strata, cluster=unique)
    assert one == pytest.approx(other, rel=1e-12)


def test_a_stratum_of_one_unit_is_centred_on_the_grand_mean():
    values = np.array([1.0, 2.0, 3.0, 10.0])
    drawn = Design(np.ones(4), ["a", "a", "a", "b"])
    # e = (x - 4)/4 = -3/4, -2/4, -1/4, 6/4; in a centred on -2/4: 3/2 (1/16 + 0 + 1/16)
    by_hand = 1.5 * 2 / 16 + (6 / 4) ** 2
    assert variance(moment(values, drawn).influence, drawn) == pytest.approx(by_hand)


def test_the_same_people_in_two_strata_pair_their_influence(rng):
    """A panel of two waves has the variance of the within-person differences."""
    before, after = rng.normal(size=25), rng.normal(size=25)
    people, wave = np.tile(np.arange(25), 2), np.repeat(["1", "2"], 25)
    design = Design(np.ones(50), wave, panel=people)
    values = np.concatenate([before, after])
    then = moment(np.where(wave == "1", values, np.nan), design)
    now = moment(np.where(wave == "2", values, np.nan), design)
    paired = np.var(after - before, ddof=1) / 25
    assert variance(now.influence - then.influence, design) == pytest.approx(paired)


def test_a_census_leaves_nothing_to_chance():
    design = Design(np.ones(4), population=4)
    made = moment(np.array([1.0, 0, 0, 1]), design)
    assert design.is_census
    assert made.variance == 0
    assert np.isinf(made.n_design)


@pytest.mark.parametrize(
    ("population", "strata"),
    [(3, None), ({"a": 2, "b": 9}, list("aaab")), ({"a": 9}, list("aaab")), ([9, 9], None)],
)
def test_a_population_that_cannot_be_is_refused(population, strata):
    with pytest.raises(SurveyError, match="population"):
        Design(np.ones(4), strata, population=population).df  # noqa: B018


def test_missing_strata_are_refused():
    with pytest.raises(SurveyError, match="strata is missing for 1 rows"):
        Design(np.ones(2), ["a", None])


def test_n_design_is_the_number_of_answers_at_equal_weights():
    made = moment(np.array([1, 0, 0, 1, 1, np.nan, np.nan]), Design(np.full(7, 3.0)))
    assert made.n == 5
    assert made.n_design == pytest.approx(5)


def test_disjoint_groups_of_an_unstratified_sample_do_not_covary(rng):
    values, design = rng.normal(size=20), Design(rng.uniform(1, 2, 20))
    is_a = np.arange(20) < 8
    a, b = (moment(np.where(side, values, np.nan), design) for side in (is_a, ~is_a))
    assert covariance(a.influence, b.influence, design) == pytest.approx(0, abs=1e-15)


def test_nobody_answered_is_a_moment_without_an_estimate():
    made = moment(np.full(3, np.nan), Design(np.ones(3)))
    assert np.isnan(made.estimate)
    assert (made.n, made.n_eff) == (0, 0)
    assert not made.influence.any()
