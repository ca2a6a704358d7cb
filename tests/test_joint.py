"""Joint moments of several variables and their resamples: hand-worked cases, laws, simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.analysis.joint import joint, percentiles, resampled, resampled_together, seeded
from cxkit.weights import Design, moment, resampled_totals, resampling, variance

N, RESAMPLES = 120, 20_000
WITHIN = 0.05
"""Five standard errors of a variance over so many resamples: sqrt(2 / 20,000) = .01."""


@pytest.fixture
def answers(rng):
    """Three variables that go together, and unequal weights."""
    mixing = np.array([[1, 0.5, 0.2], [0, 1, 0.4], [0, 0, 1]])
    return rng.normal(size=(N, 3)) @ mixing, rng.lognormal(0, 0.5, N)


def designs(weight):
    strata = np.repeat(["a", "b", "c"], [60, 40, 20])
    cluster = np.repeat(np.arange(30), 4)
    return {
        "simple": Design(weight),
        "population": Design(weight, population=200),
        "strata": Design(weight, strata),
        "strata and population": Design(weight, strata, population={"a": 90, "b": 400, "c": 25}),
        "clusters": Design(weight, cluster=cluster),
        "clusters in strata": Design(weight, strata, cluster),
        "panel": Design(weight, np.repeat(["1", "2"], 60), panel=np.tile(np.arange(60), 2)),
        "clusters and population": Design(weight, strata, cluster, {"a": 20, "b": 60, "c": 9}),
    }


DESIGNS = tuple(designs(np.ones(N)))


# -- moments, worked by hand ----------------------------------------------------------------------


def test_weighted_means_and_covariances_by_hand():
    """Weights 1, 1, 2 on (0, 0), (4, 2), (2, 4): means 2 and 2.5.

    Deviations (-2, -2.5), (2, -.5), (0, 1.5) with shares 1/4, 1/4, 1/2: variances 2 and 2.75,
    covariance 1, each times 3/2.
    """
    values = np.array([[0.0, 0], [4, 2], [2, 4]])
    made = joint(values, Design(np.array([1.0, 1, 2])))
    assert made.mean == pytest.approx([2, 2.5])
    assert made.covariance == pytest.approx(np.array([[3, 1.5], [1.5, 4.125]]))
    assert made.correlation[0, 1] == pytest.approx(1.5 / np.sqrt(3 * 4.125))
    assert (made.n, made.n_eff) == (3, pytest.approx(16 / 6))


def test_equal_weights_give_the_covariance_of_numpy(answers):
    values, _ = answers
    made = joint(values, Design(np.full(N, 0.3)))
    np.testing.assert_allclose(made.covariance, np.cov(values.T), rtol=1e-12)
    np.testing.assert_allclose(made.correlation, np.corrcoef(values.T), rtol=1e-12)


def test_whoever_lacks_a_variable_counts_in_none(answers):
    values, weight = answers
    values[3, 0] = values[70, 2] = np.nan
    complete = ~np.isnan(values).any(axis=1)
    made, other = joint(values, Design(weight)), joint(values[complete], Design(weight[complete]))
    assert made.n == N - 2
    np.testing.assert_allclose(made.covariance, other.covariance, rtol=1e-12)
    assert made.n_eff == pytest.approx(other.n_eff)


def test_rows_of_weight_zero_do_not_count(answers):
    values, weight = answers
    weight[:10] = 0
    made, other = joint(values, Design(weight)), joint(values[10:], Design(weight[10:]))
    assert made.n == N - 10
    np.testing.assert_allclose(made.covariance, other.covariance, rtol=1e-12)


def test_a_constant_has_its_value_no_variance_and_no_correlation(answers):
    values, weight = answers
    values[:, 1] = 0.1
    made = joint(values, Design(weight))
    assert made.mean[1] == 0.1
    assert not made.covariance[1].any()
    assert np.isnan(made.correlation[1]).all()
    assert made.correlation[0, 0] == 1


def test_nobody_complete_is_nan_and_one_has_no_covariance():
    nobody = joint(np.array([[1.0, np.nan], [np.nan, 2]]), Design(np.ones(2)))
    assert nobody.n == 0
    assert np.isnan(nobody.mean).all()
    one = joint(np.array([[1.0, 3], [np.nan, 2]]), Design(np.ones(2)))
    assert one.mean.tolist() == [1, 3]
    assert np.isnan(one.covariance).all()


def test_only_ratios_of_weights_matter_and_not_the_order(answers, rng):
    values, weight = answers
    order = rng.permutation(N)
    made = joint(values, Design(weight))
    for other in (
        joint(values, Design(1000 * weight)),
        joint(values[order], Design(weight[order])),
    ):
        np.testing.assert_allclose(other.mean, made.mean, rtol=1e-12)
        np.testing.assert_allclose(other.covariance, made.covariance, rtol=1e-12)


# -- resampled totals -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DESIGNS)
def test_totals_vary_over_resamples_as_linearisation_says(answers, kind):
    values, weight = answers
    design = designs(weight)[kind]
    made = [moment(column, design) for column in values.T]
    influences = np.column_stack([one.influence for one in made])
    totals = resampled_totals(influences, design, n_resamples=RESAMPLES, seed=3)
    linear = [variance(one.influence, design) for one in made]
    np.testing.assert_allclose(totals.var(axis=0), linear, rtol=WITHIN)
    apart = totals.mean(axis=0) / np.sqrt(np.array(linear) / RESAMPLES)
    assert np.abs(apart).max() < 4.5


@pytest.mark.parametrize("kind", DESIGNS)
def test_means_vary_over_resamples_as_linearisation_says(answers, kind):
    """With the weights resampled along, as a ratio: a little more than to first order."""
    values, weight = answers
    design = designs(weight)[kind]
    made = resampled(values, design, n_resamples=RESAMPLES, seed=4)
    linear = [moment(column, design).variance for column in values.T]
    np.testing.assert_allclose(made.mean.var(axis=0), linear, rtol=0.12)


def test_covariances_scatter_around_their_own(answers):
    values, weight = answers
    made = resampled(values, Design(weight), n_resamples=RESAMPLES, seed=5)
    whole = joint(values, Design(weight))
    error = made.covariance.std(axis=0)
    assert np.abs(made.covariance.mean(axis=0) - whole.covariance).max() < 0.2 * error.max()


def test_two_units_are_drawn_one_at_a_time():
    """One of two units is drawn and counts twice: the total is twice the one or the other."""
    totals = resampled_totals(np.array([[1.0], [5.0]]), Design(np.ones(2)), n_resamples=200)
    assert set(totals.ravel()) == {2.0, 10.0}


def test_a_stratum_of_one_unit_stays_as_it_is():
    parts = np.array([[1.0], [5.0], [7.0]])
    totals = resampled_totals(parts, Design(np.ones(3), list("aab")), n_resamples=200)
    assert set(totals.ravel()) == {9.0, 17.0}


def test_a_census_never_changes(answers):
    values, weight = answers
    totals = resampled_totals(values, Design(weight, population=N), n_resamples=50)
    np.testing.assert_allclose(totals, np.tile(values.sum(axis=0), (50, 1)), rtol=1e-12)


def test_clusters_are_drawn_whole():
    """Two clusters with like sums: whichever is drawn, the total stays."""
    parts = np.array([[1.0], [4.0], [2.0], [3.0]])
    totals = resampled_totals(parts, Design(np.ones(4), cluster=list("xxyy")), n_resamples=100)
    assert set(totals.ravel()) == {10.0}


@pytest.mark.parametrize("kind", DESIGNS)
def test_the_order_of_rows_changes_no_resample(answers, rng, kind):
    values, weight = answers
    design = designs(weight)[kind]
    order = rng.permutation(N)
    shuffled = Design(
        weight[order],
        None if design.strata is None else np.asarray(design.strata)[order],
        None if design.cluster is None else np.asarray(design.cluster)[order],
        design.population,
        None if design.panel is None else np.asarray(design.panel)[order],
    )
    made = resampled(values, design, n_resamples=60, seed=8)
    other = resampled(values[order], shuffled, n_resamples=60, seed=8)
    np.testing.assert_allclose(other.mean, made.mean, rtol=1e-9)
    np.testing.assert_allclose(other.covariance, made.covariance, rtol=1e-9)


def test_no_size_of_weights_changes_a_resample(answers):
    values, weight = answers
    made = resampled(values, Design(weight), n_resamples=60, seed=8)
    other = resampled(values, Design(1000 * weight), n_resamples=60, seed=8)
    np.testing.assert_allclose(other.covariance, made.covariance, rtol=1e-9)


def test_another_seed_draws_others_and_the_same_seed_the_same(answers):
    values, weight = answers
    one, same, other = (
        resampled(values, Design(weight), n_resamples=20, seed=seed).mean for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.isclose(one, other).any()


def test_variables_resampled_together_are_drawn_together(answers):
    values, weight = answers
    both = resampled_together([values, values[:, :2]], Design(weight), n_resamples=40, seed=1)
    np.testing.assert_allclose(both[1].covariance, both[0].covariance[:, :2, :2], rtol=1e-12)


def test_rows_without_weight_are_drawn_and_add_nothing(rng):
    """They are sampling units: the base varies, and the mean with it, as in a domain."""
    values, weight = rng.normal(size=(80, 1)), np.repeat([0.0, 1.0], 40)
    design = Design(weight)
    made = resampled(values, design, n_resamples=RESAMPLES, seed=2)
    linear = moment(values[:, 0], design).variance
    assert made.n == 40
    assert made.mean.var() == pytest.approx(linear, rel=0.12)


def test_a_constant_stays_flat_in_every_resample(answers):
    values, weight = answers
    values[:, 1] = 0.1
    made = resampled(values, Design(weight), n_resamples=50)
    assert (made.mean[:, 1] == 0.1).all()
    assert not made.covariance[:, 1].any()
    assert np.isnan(made.correlation[:, 1]).all()
    assert not np.isnan(made.correlation[:, 0, 2]).any()


def test_nobody_complete_in_a_resample_is_nan():
    values = np.array([[1.0, 2], [2, 1], *[[np.nan, 1]] * 8])
    made = resampled(values, Design(np.ones(10)), n_resamples=400)
    empty = np.isnan(made.mean[:, 0])
    assert 0.05 < empty.mean() < 0.25  # neither is drawn: (8/10)^9 = .134
    assert np.isnan(made.covariance[empty]).all()
    nothing = resampled(values[2:], Design(np.ones(8)), n_resamples=5)
    assert nothing.mean.shape == (5, 2)
    assert np.isnan(nothing.mean).all()


@pytest.mark.parametrize("kind", ["simple", "strata", "clusters"])
def test_many_units_are_drawn_in_random_groups_without_a_change_of_variance(rng, monkeypatch, kind):
    """The variance of groups of two is that of the units, on average over the dealing."""
    values, weight = rng.normal(size=400), rng.lognormal(0, 0.4, 400)
    design = {
        "simple": Design(weight),
        "strata": Design(weight, np.repeat(["a", "b"], 200)),
        "clusters": Design(weight, cluster=np.repeat(np.arange(200), 2)),
    }[kind]
    influence = moment(values, design).influence
    monkeypatch.setattr(resampling, "_MOST_DRAWN", 50)
    found = [
        resampled_totals(influence[:, None], design, n_resamples=400, seed=seed).var()
        for seed in range(60)
    ]
    assert np.mean(found) == pytest.approx(variance(influence, design), rel=0.1)


def test_how_much_is_drawn_at_a_time_has_no_say(answers, monkeypatch):
    values, weight = answers
    made = resampled_totals(values, Design(weight), n_resamples=30, seed=1)
    monkeypatch.setattr(resampling, "_AT_ONCE", N * 7)
    other = resampled_totals(values, Design(weight), n_resamples=30, seed=1)
    np.testing.assert_allclose(other, made, rtol=1e-12)


# -- what is made of resamples --------------------------------------------------------------------


def test_percentiles_leave_out_a_twentieth_at_each_side_of_a_tenth():
    low, high = percentiles(np.arange(101.0), 0.9)
    assert (float(low), float(high)) == pytest.approx((5, 95))


def test_percentiles_skip_a_few_resamples_without_a_value_and_refuse_many():
    drawn = np.tile(np.arange(100.0)[:, None], (1, 2))
    drawn[:3, 0] = drawn[:10, 1] = np.nan
    low, high = percentiles(drawn, 0.95)
    assert low[0] == pytest.approx(3 + 0.025 * 96)
    assert np.isnan([low[1], high[1]]).all()


def test_percentiles_of_nothing_are_nan():
    low, high = percentiles(np.full((20, 3), np.nan), 0.95)
    assert np.isnan([low, high]).all()


@given(st.integers(0, 2**31), st.text(max_size=20))
def test_a_finding_has_a_seed_of_its_own(seed, key):
    assert seeded(seed, key) == seeded(seed, key)
    assert seeded(seed, key) != seeded(seed, key + "x")
    assert seeded(seed, key) != seeded(seed + 1, key)
