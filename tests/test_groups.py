"""Groups beside a total: letters, what they rest on, and what the section says of them."""

from __future__ import annotations

import json
import math
import re

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from planted import LEVELS, TWO_LEVELS, plant
from scipy import stats
from test_locales import lint
from test_sections import CUSTOMERS, NPS, lay, say

import cxkit as cx
from cxkit.analysis import compare, estimate, estimates, groups
from cxkit.analysis import pyramid as levels
from cxkit.analysis.comparisons import across, narrowed, rows_of, rules_of
from cxkit.analysis.contrasts import Contrast, Rules, corrected
from cxkit.analysis.crosstab import Crosstab, letters
from cxkit.analysis.intervals import Measure
from cxkit.errors import SurveyError
from cxkit.records import RECORDS_MIME, Comparison, Estimate
from cxkit.report.finding import FINDING_MIME
from cxkit.report.page import render
from cxkit.report.sections import groups as section
from cxkit.report.shown import Shown
from cxkit.weights import Moment
from cxkit.wording import Words

SCORE = Measure("score_100", "mean", "score_100")
P = (0.01, 0.02, 0.03, 0.04)


def survey_of(tmp_path, n, *, study=LEVELS, **given_columns):
    items = {f"item:{item}": np.full(n, 3.0) for item in ("a1", "a2", "b1", "b2")}
    named = {name.replace("__", ":"): values for name, values in given_columns.items()}
    base = {"base:buyers": np.ones(n, bool), "segment:region": ["west"] * n}
    return plant(tmp_path, {**base, **items, **named}, study, two_levels=TWO_LEVELS)


def contrasts_with(p_values, *, n_eff=50.0):
    """Contrasts whose two-sided p-values are given: standard error 1, normal."""
    side = Moment(50.0, np.zeros(1), 50, n_eff)
    return [
        Contrast(f"g=a{i}", "g=b", "level:trust", SCORE, side, side, z, "known", z, 1.0, math.inf)
        for i, z in enumerate(stats.norm.isf(np.asarray(p_values) / 2))
    ]


def regions(*sizes):
    return np.repeat([f"r{i}" for i in range(len(sizes))], sizes)


# -- corrections -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("correction", "n_clear"), [("holm", 1), ("bh", 4)])
def test_golden_p_values_leave_one_clear_by_holm_and_four_by_bh(correction, n_clear):
    """.01 .02 .03 .04 become .04 .06 .06 .06 by Holm, and .04 each by Benjamini-Hochberg."""
    found = corrected(contrasts_with(P), Rules(), correction)
    assert [one.is_clear for one in found] == [True] * n_clear + [False] * (4 - n_clear)
    assert {one.correction for one in found} == {correction}


def test_intervals_of_bh_are_those_of_benjamini_and_yekutieli():
    """.01 .04 .20 .50: one is claimed, its interval at .05 * 1/4; with .04 there would be two."""
    found = corrected(contrasts_with((0.01, 0.04, 0.2, 0.5)), Rules(), "bh")
    halves = [(one.ci_high - one.ci_low) / 2 for one in found]
    # with .20 or .50 claimed there would be two as well: themselves and .01
    expected = [stats.norm.isf(0.05 * r / 4 / 2) for r in (1, 2, 2, 2)]
    assert halves == pytest.approx(expected)


@given(p=st.lists(st.floats(0.0001, 0.9999), min_size=1, max_size=12))
@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_intervals_agree_with_the_decision_whatever_the_correction(correction, p):
    for one in corrected(contrasts_with(p), Rules(), correction):
        assert (one.ci_low > 0 or one.ci_high < 0) == (one.p_adjusted < 0.05)


def test_of_intervals_selected_by_bh_few_miss_the_truth(rng):
    """Ten nulls and ten planted differences, 400 times: the false coverage rate stays below 5 %.

    Plain 95 % intervals of the same claims miss far more often.
    """
    truth = np.repeat([0.0, 2.0], 10)
    missed, plain = [], []
    for _ in range(400):
        z = rng.normal(truth, 1)
        found = corrected(contrasts_with(2 * stats.norm.sf(np.abs(z))), Rules(), "bh")
        # `contrasts_with` puts every centre above zero: turn those intervals back
        sides = [(one.ci_low, one.ci_high) if s > 0 else (-one.ci_high, -one.ci_low)
                 for one, s in zip(found, z, strict=True)]  # fmt: skip
        claimed = [i for i, one in enumerate(found) if one.p_adjusted < 0.05]
        outside = [not sides[i][0] <= truth[i] <= sides[i][1] for i in claimed]
        missed.append(np.mean(outside) if claimed else 0.0)
        plain.append(np.mean([abs(z[i] - truth[i]) > 1.96 for i in claimed]) if claimed else 0.0)
    assert np.mean(missed) < 0.055
    assert np.mean(plain) > 0.08


def test_a_null_of_four_groups_is_called_clear_in_five_of_a_hundred(rng):
    """The family-wise error of letters: any letter at all in a row where nothing differs."""
    n_wrong = 0
    for _ in range(400):
        values = rng.normal(50, 10, 160)
        found = cx.analysis.compare_groups(values, np.repeat(list("abcd"), 40))
        n_wrong += any(letters(found_as_groups(found), COLUMNS).values())
    assert 0.015 < n_wrong / 400 < 0.075


def test_planted_differences_are_found(rng):
    """Two groups a standard deviation above two others: the letters say which, nearly always."""
    n_right = 0
    for _ in range(60):
        values = rng.normal(np.repeat([60.0, 50, 60, 50], 40), 10)
        found = cx.analysis.compare_groups(values, np.repeat(list("abcd"), 40))
        said = letters(found_as_groups(found), COLUMNS)
        n_right += said == {("mean", "answers", "g=a"): "B D", ("mean", "answers", "g=c"): "B D"}
    assert n_right > 45


COLUMNS = ("g=a", "g=b", "g=c", "g=d")


def found_as_groups(found):
    return [Comparison(**{**one.to_dict(), "a": f"g={one.a}", "b": f"g={one.b}"}) for one in found]


# -- the cross table -------------------------------------------------------------------------------


def test_letters_are_worked_by_hand(tmp_path, rng):
    """Three groups of 60: linearised t tests, Holm and letters, all made here by other means."""
    region = regions(60, 60, 60)
    a1 = np.concatenate(
        [rng.choice([4.0, 5], 60), rng.choice([2.0, 3], 60), rng.choice([2.0, 4], 60)]
    )
    survey = survey_of(tmp_path, 180, segment__region=region, item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region")
    means = {r: a1[region == r].mean() for r in ("r0", "r1", "r2")}
    p = {}
    for a, b in (("r0", "r1"), ("r0", "r2"), ("r1", "r2")):
        e = np.where(region == a, (a1 - means[a]) / 60, 0) - np.where(
            region == b, (a1 - means[b]) / 60, 0
        )
        t = (means[a] - means[b]) / math.sqrt(180 / 179 * (e**2).sum())
        p[a, b] = 2 * stats.t.sf(abs(t), 179)
    order = sorted(p, key=p.get)
    by_hand, largest = {}, 0.0
    for step, pair in enumerate(order):
        largest = max(largest, p[pair] * (3 - step))
        by_hand[pair] = min(largest, 1.0)
    for one in found:
        pair = tuple(side.partition("=")[2] for side in (one.a, one.b))
        assert one.p == pytest.approx(p[pair], rel=1e-9)
        assert one.p_adjusted == pytest.approx(by_hand[pair], rel=1e-9)
    expected = dict.fromkeys(means, "")
    for high in means:
        lower = [low for low in means if means[high] > means[low]
                 and by_hand[tuple(sorted((high, low)))] < 0.05]  # fmt: skip
        expected[high] = " ".join("ABC"[["r0", "r1", "r2"].index(low)] for low in lower)
    assert found.letters.loc["item:a1"].to_dict() == expected
    assert expected["r0"] == "B C"


def test_a_letter_means_higher_than_that_column_and_not_alike():
    def clear(a, b, difference, verdict="clear"):
        return Comparison("nps", "outcome:q", f"g={a}", f"g={b}", difference, verdict=verdict)

    rows = [clear("a", "b", 9), clear("a", "c", -4), clear("b", "c", -13),
            clear("a", "d", 20, "undecided"), clear("c", "d", 2, "clear_small")]  # fmt: skip
    said = letters(rows, COLUMNS)
    assert said == {("nps", "outcome:q", "g=a"): "B", ("nps", "outcome:q", "g=c"): "A B D"}


@pytest.mark.parametrize(("n_groups", "against"), [(2, "pairs"), (6, "pairs"), (7, "rest")])
def test_up_to_six_groups_are_lettered_and_more_are_held_against_the_rest(
    tmp_path, rng, n_groups, against
):
    n = 40 * n_groups
    a1 = rng.integers(1, 6, n).astype(float)
    survey = survey_of(tmp_path, n, segment__region=regions(*[40] * n_groups), item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region")
    assert isinstance(found, Crosstab)
    assert found.against == against
    assert len(found) == (n_groups if against == "rest" else n_groups * (n_groups - 1) // 2)
    assert all(("!=" in one.b) == (against == "rest") for one in found)
    other = "pairs" if against == "rest" else "rest"
    assert compare(survey, "mean", of="item:a1", by="region", against=other).against == other


def test_more_than_six_columns_have_no_letters_even_where_pairs_are_asked_for(tmp_path):
    region = regions(*[40] * 7)
    a1 = np.where(region == "r0", 5.0, np.tile([1.0, 2.0], 140))
    survey = survey_of(tmp_path, 280, segment__region=region, item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region", against="pairs")
    assert sum(one.is_clear for one in found) == 6
    assert not found.letters.to_numpy().any()


def test_the_total_column_is_the_overall_estimate():
    """With and without a group, whoever they are: what `estimate` says of all in hand."""
    survey = cx.load("demo", wave="2026H1")
    found = compare(survey, "nps", by="channel")
    (whole,) = estimate(survey, "nps")
    assert found.estimates[0] == whole
    assert sum(one.n for one in found.estimates[1:]) < whole.n
    by_channel = estimate(survey, "nps", by="channel")
    assert list(found.estimates[1:]) == list(by_channel)


def test_a_column_under_the_least_base_is_not_tested(tmp_path, rng):
    """29 answers: not counted among the tests of the others, and without letters or number."""
    region = regions(60, 60, 29)
    a1 = np.concatenate([np.tile([4.0, 5], 30), np.tile([1.0, 2], 30), np.full(29, 1.0)])
    survey = survey_of(tmp_path, 149, segment__region=region, item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region")
    assert [(one.verdict, one.correction) for one in found] == [
        ("clear", "holm"), ("hidden", "none"), ("hidden", "none"),
    ]  # fmt: skip
    assert found[0].p_adjusted == found[0].p
    assert found.letters.loc["item:a1"].to_dict() == {"r0": "B", "r1": "", "r2": ""}
    assert found.published().estimates[3].is_hidden


def test_a_group_too_small_to_be_private_takes_its_letters_and_a_second_group_with_it(tmp_path):
    """Five people beside 40 and 60: the 40 are hidden too, and so are all that rest on either."""
    region = regions(60, 40, 5)
    a1 = np.concatenate([np.tile([4.0, 5], 30), np.tile([1.0, 2], 20), np.full(5, 3.0)])
    survey = survey_of(tmp_path, 105, segment__region=region, item__a1=a1)
    found = compare(survey, "mean", of="item:a1", by="region")
    assert not found.letters.to_numpy().any(), "what may not be shown is not tested"
    shown = found.published()
    assert [one.is_hidden for one in shown.estimates] == [False, False, True, True]
    assert {one.verdict for one in shown} == {"hidden"}
    assert not shown.letters.to_numpy().any()
    bundle = found._repr_mimebundle_()
    assert RECORDS_MIME in bundle
    for text in (bundle["text/plain"], bundle["text/html"], json.dumps(bundle[RECORDS_MIME])):
        assert "1.50" not in text, "the mean of the forty"
        assert "4.50" in text or "4.5" in text


def test_columns_that_share_respondents_are_not_tested(tmp_path, rng):
    a1 = np.concatenate([np.full(50, 5.0), np.full(50, 1.0)])
    survey = survey_of(tmp_path, 100, item__a1=a1)
    whole = estimates.groups(survey, "region")[0]
    first, both = np.arange(100) < 50, np.arange(100) >= 0
    columns = [
        estimates.Group(mask, whole.waves, wave=whole.wave, by={"channel": name})
        for name, mask in (("web", first), ("any", both))
    ]
    rows = rows_of(survey, estimates.measured(survey, "mean", "item:a1"), "region", columns)
    found = across(survey, rows, columns, rules_of(survey, "mean"))
    assert (found.against, len(found)) == ("none", 0)
    assert [one.n for one in found.estimates] == [100, 50, 100]
    assert "more than one column" in found._repr_mimebundle_()["text/html"]
    rest = across(survey, rows, columns, rules_of(survey, "mean"), against="rest")
    assert [(one.n_a, one.n_b) for one in rest] == [(50, 50), (100, 0)]


def test_a_row_narrowed_to_common_items_shows_the_numbers_that_were_compared(tmp_path, rng):
    """METHODS 22.1: non-buyers lack the item that is rated higher; nobody gains a letter by it."""
    n = 1600
    is_buyer = np.arange(n) < n / 2
    mood = rng.normal(0, 0.6, n)
    a1 = np.clip(np.round(3.4 + mood + rng.normal(0, 0.7, n)), 1, 5)
    a2 = np.clip(np.round(3.9 + mood + rng.normal(0, 0.7, n)), 1, 5)
    survey = survey_of(
        tmp_path, n, study=LEVELS.replace("a2: a2", "a2: {column: a2, base: buyers}"),
        item__a1=a1, item__a2=np.where(is_buyer, a2, np.nan), base__buyers=is_buyer,
        segment__region=np.where(is_buyer, "buyer", "other"),
    )  # fmt: skip
    found = compare(survey, "score_100", of="levels", by="region")
    assert found.items == {"level:trust": ("a1",)}
    total, buyers, others = (one.estimate for one in found.estimates[:3])
    assert buyers == pytest.approx(25 * (a1[is_buyer].mean() - 1))
    assert total == pytest.approx(25 * (a1.mean() - 1))
    assert found[0].difference == pytest.approx(buyers - others)
    assert not found.letters.loc["level:trust"].any()
    assert "same statements" in found._repr_mimebundle_()["text/html"]


def test_a_group_that_could_never_be_shown_narrows_no_level(tmp_path):
    """Eight people who were not asked one item do not take it from everybody else."""
    region = regions(60, 60, 8)
    a2 = np.where(region == "r2", np.nan, 4.0)
    survey = survey_of(tmp_path, 128, segment__region=region, item__a2=a2)
    found = estimates.groups(survey, "region")
    assert narrowed(survey, "level:trust", found) is None
    assert narrowed(survey, "level:trust", [found[0], found[2]]) is None
    a2[region == "r1"] = np.nan
    survey = survey_of(tmp_path, 128, segment__region=region, item__a2=a2)
    assert narrowed(survey, "level:trust", estimates.groups(survey, "region")) == ("a1",)


def test_what_makes_the_groups_is_not_compared_between_them(tmp_path):
    """METHODS 22.2: by an item's own column its means are a tautology, other rows are not."""
    study = LEVELS.replace("region: {column: region}", "region: {column: a1}")
    a1 = np.tile([1.0, 5.0], 40)
    region = np.where(a1 == 5, "five", "one")
    survey = survey_of(tmp_path, 80, study=study, segment__region=region, item__a1=a1)
    with pytest.raises(SurveyError, match="'item:a1' says nothing by 'region'"):
        compare(survey, "mean", of="item:a1", by="region")
    found = compare(survey, "mean", of="items", by="region")
    own, other = found.where(of="item:a1"), found.where(of="item:b1")
    assert own[0].flags == ("not_comparable",)
    assert math.isnan(own[0].difference)
    assert other[0].difference == 0
    total, *of_groups = (one for one in found.estimates if one.of == "item:a1")
    assert total.estimate == 3
    assert all(math.isnan(one.estimate) for one in of_groups)
    with pytest.raises(SurveyError, match="'level:trust' says nothing"):
        compare(survey, "score_100", of="level:trust", by="region")


def test_bh_judges_all_rows_of_a_call_together_and_says_so(tmp_path, rng):
    region = regions(50, 50)
    a1 = np.where(region == "r0", rng.choice([4.0, 5], 100), rng.choice([3.0, 5], 100))
    survey = survey_of(tmp_path, 100, segment__region=region, item__a1=a1)
    by_row = compare(survey, "mean", of="items", by="region")
    looked_through = compare(survey, "mean", of="items", by="region", correction="bh")
    assert by_row[0].p_adjusted == by_row[0].p
    assert looked_through[0].p_adjusted == pytest.approx(4 * by_row[0].p)
    assert {one.correction for one in looked_through} == {"bh"}
    assert "Exploratory" in looked_through._repr_mimebundle_()["text/html"]


def test_two_tables_of_the_same_columns_are_one():
    survey = cx.load("demo", wave="2026H1")
    nps, trust = (
        compare(survey, "nps", by="age"),
        compare(survey, "score_100", "level:trust", "age"),
    )
    both = nps + trust
    assert list(both.letters.index) == ["outcome:recommend", "level:trust"]
    assert len(both) == len(nps) + len(trust)
    assert both.letters.loc["level:trust"].equals(trust.letters.loc["level:trust"])
    other = nps + compare(survey, "nps", by="device")
    assert not isinstance(other, Crosstab)
    assert not isinstance(nps[:1], Crosstab)
    assert nps.where(a="age=a18_29")[0] == nps[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"against": "pair"}, "unknown value 'pair' of against"),
        ({"correction": "bonferroni"}, "unknown value 'bonferroni' of correction"),
    ],
)
def test_slips_are_named(tmp_path, arguments, message):
    with pytest.raises(SurveyError, match=message):
        compare(survey_of(tmp_path, 4), "mean", by="region", **arguments)


# -- what could be seen ----------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 6])
def test_a_difference_of_the_smallest_visible_size_is_found_in_four_samples_of_five(rng, m):
    """Standard error 1, normal: (z[1 - .05/2m] + z[.80]), met at Holm's first step."""
    made = contrasts_with([0.5] * m)
    (size, *_) = (
        one.difference for one in groups.smallest_visible(made, corrected(made, Rules()), Rules())
    )
    assert size == pytest.approx(stats.norm.isf(0.025 / m) + stats.norm.isf(0.2))
    z = rng.normal(size, 1, 20000)
    assert np.mean(2 * stats.norm.sf(np.abs(z)) < 0.05 / m) == pytest.approx(0.8, abs=0.01)


def test_what_is_no_test_has_no_smallest_visible_difference():
    made = [*contrasts_with([0.5]), *contrasts_with([0.5], n_eff=20.0)]
    found = groups.smallest_visible(made, corrected(made, Rules()), Rules())
    assert [one is None for one in found] == [False, True]
    alone = groups.smallest_visible(made[:1], corrected(made[:1], Rules()), Rules())
    assert found[0].difference == alone[0].difference


# -- the section -----------------------------------------------------------------------------------

SEGMENTS = """\
segments:
  plan: {column: plan, label: {en: Plan}}
  city: {column: city, label: {en: City}}
"""
ONE_ITEM = "items: {q1: {column: q, scale: recommend_0_10}}\n"
ONE_SEGMENT = "segments: {plan: {column: plan, label: {en: Plan}}}\n"


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


@pytest.fixture(scope="module")
def demo_groups(demo):
    return section.findings(demo)


def crossed(found):
    """The cross tables, one a segment."""
    return [one for one in found if one.table == "groups"]


def told(found):
    return [one for one in found if one.key == "F15" and one.variant in ("higher", "lower")]


def two_plans(n, up=60, down=20):
    """`n` in each plan: per hundred `up` promoters and `down` detractors against the reverse."""
    free = [10] * up + [0] * down + [8] * (100 - up - down)
    paid = [10] * down + [0] * up + [8] * (100 - up - down)
    times = n // 100
    return {"q": free * times + paid * times, "plan": ["free"] * n + ["paid"] * n}


def test_a_group_is_told_with_both_sides_worked_by_hand(tmp_path):
    """300 in each plan: NPS 60 - 20 = 40 against 20 - 60 = -40, a difference of 80."""
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, two_plans(300)))
    (one,) = told(found)
    # adjusted Wald: three answers on each side; a single comparison, so no correction
    centre = 80 * 300 / 303
    p, d = 180.75 / 303, 60.75 / 303
    half = 100 * stats.norm.isf(0.025) * math.sqrt(2 * (p + d - (p - d) ** 2) / 303)
    low, high = round(centre - half), round(centre + half)
    assert say(one) == (
        "NPS is higher among free (Plan) than among all other respondents: 40 against \u221240, a"
        f" difference of 80 points ({low} to {high})."
    )


def test_a_group_below_the_rest_is_told_as_lower_with_sizes(tmp_path):
    columns = two_plans(300, up=20, down=60)
    (one,) = told(section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns)))
    assert one.variant == "lower"
    assert say(one).startswith("NPS is lower among free (Plan) than")
    assert "\u2212" not in say(one).partition("difference of")[2]


def test_a_difference_whose_range_is_too_wide_is_neither_told_nor_denied(tmp_path):
    """100 in each plan, 80 points apart: zero is far, yet the range spans 44 points."""
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, two_plans(100)))
    (one,) = (one for one in found if one.key == "F15")
    assert one.comparisons[0].p_adjusted < 0.001
    assert say(one) == (
        "For free (Plan), the difference on NPS from all other respondents cannot be read: its"
        " range is too wide."
    )


def test_where_no_group_differs_the_smallest_visible_difference_is_told(tmp_path):
    """Two plans of 100 alike: (1.96 + 0.84) times the standard error of the adjusted NPS."""
    q = [10] * 40 + [8] * 30 + [0] * 30
    columns = {"q": q * 2, "plan": ["free"] * 100 + ["paid"] * 100}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns))
    (one,) = (one for one in found if one.key == "F15")
    p, d = 40.75 / 103, 30.75 / 103
    se = 100 * math.sqrt(2 * (p + d - (p - d) ** 2) / 103)
    size = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) * se
    assert one.comparisons[0].metric == "mde"
    assert one.comparisons[0].difference == pytest.approx(size)
    assert say(one) == (
        "No group clearly differs on NPS; with this sample, differences below"
        f" {round(size)} points would be hard to see."
    )


def test_the_family_is_all_groups_of_all_segments(tmp_path, rng):
    """Holm counts every group told of: one more segment makes every claim harder."""
    q = rng.choice([0, 8, 10], 240).tolist()
    plan = np.repeat(["a", "b", "c"], 80).tolist()
    city = np.tile(["x", "y", "z"], 80).tolist()
    survey = lay(tmp_path, CUSTOMERS + NPS + SEGMENTS, {"q": q, "plan": plan, "city": city})
    one = groups.against_rest(survey, "nps", "outcome:recommend", ["plan"]).comparisons
    both = groups.against_rest(survey, "nps", "outcome:recommend", ["plan", "city"]).comparisons
    assert (len(one), len(both)) == (3, 6)
    assert min(x.p_adjusted for x in one) == pytest.approx(min(1, 3 * min(x.p for x in one)))
    assert min(x.p_adjusted for x in both) == pytest.approx(min(1, 6 * min(x.p for x in both)))


def test_segments_without_a_clear_group_are_named_beside_those_that_have_one(tmp_path):
    columns = {**two_plans(300), "city": ["x", "y"] * 300}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + SEGMENTS, columns))
    variants = [one.variant for one in found if one.key == "F15"]
    assert variants == ["higher", "none_clear_by"]
    assert say(found[1]).startswith("By City, no group clearly differs on NPS;")


def test_small_groups_are_named_and_their_columns_hidden(tmp_path):
    q = [10, 8, 0] * 40 + [10, 0] * 10
    columns = {"q": q, "plan": ["a"] * 60 + ["b"] * 60 + ["c"] * 20}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns))
    (one,) = (one for one in found if one.key == "F33")
    assert say(one) == (
        "Plan: results for c are not shown, because the effective base is below the limit of 30."
    )
    table = Shown(crossed(found)[-1].to_dict(), Words("en", found.context)).table()
    assert [cell["text"] for cell in table["rows"][0]["cells"]][-1] == "**"
    assert [cell["text"] for cell in table["rows"][1]["cells"]][-1] == "20"


@pytest.mark.parametrize(
    ("study", "plan", "variant"),
    [
        (CUSTOMERS + NPS, "a", ("F32", "not_measured")),
        (CUSTOMERS + NPS + ONE_SEGMENT, "a", ("F15", "one_group")),
        (
            CUSTOMERS + ONE_SEGMENT + "items: {q1: {column: q, scale: recommend_0_10}}\n",
            "a",
            ("F32", "not_measured"),
        ),
    ],
)
def test_where_there_is_nothing_to_compare_the_section_says_why(tmp_path, study, plan, variant):
    survey = lay(tmp_path, study, {"q": [9] * 40, "plan": [plan] * 40})
    found = section.findings(survey)
    assert [(one.key, one.variant) for one in found] == [variant]
    assert say(found[0]).endswith(".")


def test_where_nobodys_group_is_known_no_group_is_said_to_hold_everyone(tmp_path):
    survey = lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, {"q": [9] * 40, "plan": [""] * 40})
    (one,) = section.findings(survey)
    assert (one.key, one.variant) == ("F15", "unknown")


def test_of_groups_that_are_all_hidden_nothing_is_denied(tmp_path):
    """Twenty in each plan lie below the least base: F33 says so, and no sentence on differences."""
    columns = {"q": [10, 0] * 20, "plan": ["a", "b"] * 20}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns))
    assert [one.key for one in found] == ["F33", "plan"]


def test_a_hidden_segment_is_not_among_those_without_a_clear_group(tmp_path):
    """60 in each city are shown and alike; 5 of the 120 have the other plan."""
    columns = {"q": [10, 10, 0, 0] * 30, "city": ["x", "y"] * 60, "plan": ["a"] * 115 + ["b"] * 5}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + SEGMENTS, columns))
    (one,) = (one for one in found if one.key == "F15")
    assert one.variant == "none_clear_by"
    assert say(one).startswith("By City, no group clearly differs on NPS; with this sample,")
    assert "below  " not in say(one)


def test_a_segment_without_answers_is_not_called_too_small(tmp_path):
    columns = {"q": [""] * 80, "plan": ["a", "b"] * 40}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns))
    assert Shown(crossed(found)[-1].to_dict(), Words("en", found.context)).title == (
        "Plan: there are no answers to compare"
    )
    assert not [one for one in found if one.key == "F15"]


def test_a_letter_that_is_missing_for_a_wide_range_is_accounted_for(tmp_path):
    """100 in each plan, 80 points apart: beyond chance, and 44 points wide."""
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, two_plans(100)))
    said = "Differences whose range is too wide for a direction carry no letter."
    assert said in Shown(crossed(found)[-1].to_dict(), Words("en", found.context)).notes()
    many = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, two_plans(300)))
    assert said not in Shown(many[-1].to_dict(), Words("en", many.context)).notes()


def test_an_outcome_that_is_a_mean_is_called_by_its_own_name(tmp_path):
    """Eight plans are a list: its order is that of the outcome, not of a metric as such."""
    study = (
        CUSTOMERS
        + ONE_SEGMENT
        + (
            "outcomes: {joy: {column: q, scale: satisfaction_5, metric: mean,"
            " label: {en: joy of use}}}\n"
        )
    )
    columns = {"q": [4, 5] * 200, "plan": [f"p{i // 50}" for i in range(400)]}
    found = section.findings(lay(tmp_path, study, columns))
    (one,) = (one for one in found if one.key == "F15")
    assert say(one).startswith("No group clearly differs on joy of use;")
    notes = Shown(crossed(found)[-1].to_dict(), Words("en", found.context)).notes()
    assert any(re.fullmatch("Groups are listed by [Jj]oy of use, highest first.", x) for x in notes)


def test_a_list_is_sorted_by_the_first_measure_that_has_numbers(tmp_path):
    """Eight groups by the very rating: its own row is not comparable, satisfaction's is."""
    study = CUSTOMERS + (
        "outcomes: {recommend: {column: q},"
        " satisfaction: {column: s, scale: satisfaction_5, definition: top_2_box}}\n"
        "segments: {kind: {column: q, label: {en: Kind}}}\n"
    )
    ratings = [rating for rating in range(8) for _ in range(50)]
    happy = [5 if i % 50 < 10 + 4 * rating else 1 for i, rating in enumerate(ratings)]
    found = section.findings(lay(tmp_path, study, {"q": ratings, "s": happy}))
    shown = Shown(crossed(found)[-1].to_dict(), Words("en", found.context))
    assert "Groups are listed by CSAT, highest first." in shown.notes()
    assert [row["head"] for row in shown.table()["rows"][1:]] == list("76543210")


def test_a_segment_made_of_the_headline_is_not_told_and_its_row_says_so(tmp_path):
    """METHODS 22.2: promoters have an NPS of 100, which tells nobody anything."""
    study = CUSTOMERS + NPS + "segments: {kind: {column: q, label: {en: Kind}}}\n"
    found = section.findings(lay(tmp_path, study, {"q": [10] * 50 + [0] * 50}))
    assert [one.key for one in found] == ["kind"]
    table = Shown(found[0].to_dict(), Words("en", found.context)).table()
    assert [cell["text"] for cell in table["rows"][0]["cells"]] == [
        "0", "not comparable", "not comparable",
    ]  # fmt: skip


def test_the_demo_has_a_table_for_each_segment_in_order_the_later_ones_folded(demo_groups, demo):
    tables = crossed(demo_groups)
    assert [one.key for one in tables] == list(demo.study.segments)
    assert [bool(one.options["fold"]) for one in tables] == [False, False, True, True, True]
    assert [one.options["against"] for one in tables] == [
        "pairs",
        "pairs",
        "rest",
        "pairs",
        "pairs",
    ]


@pytest.mark.parametrize("wave", ["2025H1", "2025H2", "2026H1"])
def test_the_planted_null_is_told_of_in_no_wave(demo, wave):
    """The half of the year of birth has nothing to do with anything."""
    found = section.findings(demo.where(wave=wave))
    assert not [one for one in told(found) if one.slots["group"].key.startswith("birth_half")]
    (quiet,) = (one for one in found if one.variant in ("none_clear", "none_clear_by"))
    assert "birth_half" in str(quiet.slots.get("list", "birth_half"))


def test_the_planted_groups_of_the_demo_are_told(demo_groups):
    named = [(one.slots["group"].key, one.variant) for one in told(demo_groups)]
    assert named == [
        ("region=java", "higher"), ("age=a18_29", "lower"), ("age=a45_64", "higher")
    ]  # fmt: skip
    assert [one for one in demo_groups if one.variant == "more"] == []


def test_the_planted_shift_of_kalimantan_has_its_letters(demo_groups):
    """Fulfilment is planted lower there: the two largest columns are clearly above it."""
    region = next(one for one in demo_groups if one.key == "region")
    said = letters(region.comparisons, [f"region={one}" for one in
                   ("java", "sumatra", "kalimantan", "sulawesi", "other")])  # fmt: skip
    for group in ("java", "sumatra"):
        assert "C" in said["score_100", "level:fulfilment", f"region={group}"].split()


def test_the_levels_are_those_of_the_scorecard(demo, demo_groups):
    """A level has one number in a report, in whichever section it stands."""
    scores = {one.of: one.estimate for one in levels.scores(demo)}
    for table in crossed(demo_groups):
        totals = {one.of: one.estimate for one in table.estimates
                  if not one.by and one.of in scores}  # fmt: skip
        assert totals == pytest.approx(scores)


def test_many_groups_are_a_list_from_the_highest(demo_groups):
    (channel,) = (one for one in demo_groups if one.key == "channel")
    table = Shown(channel.to_dict(), Words("en", channel.context)).table()
    assert table["rows"][0]["head"] == "Total"
    shown = [row["cells"][0]["text"] for row in table["rows"][1:]]
    values = [float(text.replace("\u2212", "-")) for text in shown]
    assert len(values) == 8
    assert values == sorted(values, reverse=True)
    marks = {cell["sign"]: cell["word"] for row in table["rows"] for cell in row["cells"]
             if cell.get("sign")}  # fmt: skip
    assert set(marks.items()) <= {
        ("▲", "clearly higher than all others"),
        ("▼", "clearly lower than all others"),
    }


@pytest.mark.parametrize("language", ["id", "en"])
def test_nothing_said_of_groups_is_a_word_of_cause_or_has_a_slot_left(demo_groups, language):
    words = Words(language, demo_groups.context)
    for one in demo_groups:
        shown = Shown(one.to_dict(), words)
        for text in filter(
            None, (shown.sentence, shown.title if one.title else "", *shown.notes())
        ):
            assert not lint(text, language), text
            assert "{" not in text


@pytest.mark.parametrize(
    ("language", "said"), [("id", "jelas lebih tinggi daripada C"),
                           ("en", "clearly higher than C")],
)  # fmt: skip
def test_letters_on_the_page_are_heard_and_seen(demo_groups, language, said):
    """Java's fulfilment: `C` beside the number for the eye, words for a screen reader."""
    page = html.document_fromstring(page_of(demo_groups, FINDING_MIME, language))
    (java,) = page.xpath('//*[@id="groups-region"]//thead//th[b="A"]')
    assert java.text_content().split() == ["A", {"id": "Jawa", "en": "Java"}[language]]
    cells = page.xpath(f'//*[@id="groups-region"]//td[contains(., "{said}")]')
    assert len(cells) >= 1
    for one in cells:
        (letter,) = one.xpath('.//b[@aria-hidden="true"]')
        assert letter.text == "C"
    assert len(page.xpath('//details[starts-with(@id, "groups-")]')) == 4


def test_every_number_of_the_sentences_stands_beside_its_rest(demo_groups):
    """Java: 32 of 468, the others 14 of 487, 18 points apart; and what each segment could show."""
    (one,) = (one for one in demo_groups if one.key == "against_rest")
    table = Shown(one.to_dict(), Words("en", one.context)).table()
    (java,) = [row["cells"] for row in table["rows"] if row["head"] == "Java"]
    rest = sum(n for n in (134, 124, 119, 110))
    assert [cell["text"] for cell in java] == ["32", "468", "14", str(rest), "+18"]
    assert one.options["fold"]
    seen = [row for row in table["rows"] if row["head"].startswith("Smallest difference")]
    assert len(seen) == 5
    assert "19" in [row["cells"][-1]["text"] for row in seen]


def test_of_a_private_group_not_even_the_rest_is_shown(tmp_path):
    columns = {"q": [10, 0] * 60, "plan": ["a"] * 60 + ["b"] * 55 + ["c"] * 5}
    found = section.findings(lay(tmp_path, CUSTOMERS + NPS + ONE_SEGMENT, columns))
    (one,) = (one for one in found if one.key == "against_rest")
    table = Shown(one.to_dict(), Words("en", one.context)).table()
    shown = {row["head"]: [cell["text"] for cell in row["cells"]] for row in table["rows"]}
    assert shown["c"] == ["**", "", "", "", "**"]
    assert [texts[1] for head, texts in shown.items() if head in ("a", "b")].count("") >= 1


def test_a_cross_table_shows_itself_on_a_researchers_own_page(demo):
    found = compare(demo.where(wave="2026H1"), "nps", by="region")
    bundle = found._repr_mimebundle_()
    text = page_of(bundle[RECORDS_MIME], RECORDS_MIME, "en")
    page = html.document_fromstring(text)
    assert len(page.xpath("//thead//th/b")) == 5
    assert "A letter in a cell means" in text
    assert "A region=java" in bundle["text/html"]
    assert "region=java" in bundle["text/plain"]


def page_of(shown, mime, language):
    bundle = shown.to_dict() if mime == FINDING_MIME else shown
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", data={mime: bundle})]
    return render(nbformat.v4.new_notebook(cells=[cell]), language)


def test_a_side_that_is_the_rest_has_a_name():
    assert Words("en", {}).name("region!=west") == "all other respondents"
    assert (
        Estimate("nps", "outcome:q", 1.0, by={"region!": "west"}).to_dict()["by_region!"] == "west"
    )


def test_letters_are_in_what_a_notebook_shows(demo_groups):
    shown = demo_groups._repr_mimebundle_()["text/html"]
    region = next(one for one in demo_groups if one.key == "region")
    java = region.estimates.only(of="level:fulfilment", by_region="java")
    value = Words("id", {}).number(java.estimate, java.unit)
    assert "A Jawa" in shown
    assert f"{value} C" in shown


def test_the_methods_say_how_groups_were_compared(demo_groups):
    """Letters, sentences and the smallest visible difference, each where the page has them."""
    texts = Words("en", {}).locale["methods"]["text"]
    page = page_of(demo_groups, FINDING_MIME, "en")
    for key in ("groups_told", "visible", "holm"):
        said = texts[key].replace("'", "&#39;")
        assert said in page, key
    assert texts["bh"].replace("'", "&#39;") not in page


def test_the_note_on_wide_ranges_stands_only_where_a_number_bears_its_mark(demo_groups):
    """A difference that is too wide has no cell of its own in a cross table."""
    for one in demo_groups:
        if not one.table:
            continue
        shown = Shown(one.to_dict(), Words("en", one.context))
        cells = [cell for row in shown.table()["rows"] for cell in row["cells"]]
        is_marked = any("\u2020" in cell["slot"] for cell in cells)
        assert any(note.startswith("\u2020") for note in shown.notes()) == is_marked
