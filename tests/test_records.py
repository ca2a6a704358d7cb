"""Records: unrounded values, blanked once at the boundary, and never legible after that."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.records import (
    FLAGS,
    RECORDS_MIME,
    VERDICTS,
    Comparison,
    Comparisons,
    Estimate,
    Estimates,
    Fit,
    Fits,
    to_json,
    wide_limit,
)

SECRET = 12.3456789
"""A number that is easy to find wherever it leaks."""
DIGITS = re.compile(r"12[.,]3")


def an_estimate(n: int = 500, n_eff: float | None = None, **more) -> Estimate:
    """An estimate with an interval of 4 either side."""
    shown = {"metric": "score_100", "of": "level:trust", "unit": "score_100", **more}
    value = shown.pop("estimate", 50.0)
    ends = {"ci_low": value - 4, "ci_high": value + 4, **shown}
    return Estimate(estimate=value, n=n, n_eff=float(n) if n_eff is None else n_eff, **ends)


def a_comparison(n_a: int = 500, n_b: int = 500, **more) -> Comparison:
    ends = {
        "difference": 3.0,
        "ci_low": 1.0,
        "ci_high": 5.0,
        "p": 0.01,
        "p_adjusted": 0.02,
        "effect": 0.4,
        "n_eff_a": float(n_a),
        "n_eff_b": float(n_b),
        "verdict": "clear",
        **more,
    }
    return Comparison("nps", "outcome:recommend", "region=west", "region=east", n_a=n_a, n_b=n_b,
                      **ends)  # fmt: skip


def regions(**sizes: int) -> Estimates:
    """The same metric in each region, with as many answers as said, in that order."""
    return Estimates(an_estimate(n, by={"region": key}) for key, n in sizes.items())


def flags(one: Estimate, **rules) -> tuple[str, ...]:
    return Estimates([one]).published(**rules)[0].flags


def hidden(shown: Estimates) -> list[str]:
    return [one.by["region"] for one in shown if one.is_hidden]


# -- what a reader may see -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_eff", "expected"),
    [
        (29.999, ("hidden_base",)),
        (30.0, ("low_base",)),
        (99.999, ("low_base",)),
        (100.0, ()),
    ],
)
def test_an_effective_base_under_30_hides_and_one_under_100_marks(n_eff, expected) -> None:
    assert flags(an_estimate(n=400, n_eff=n_eff)) == expected


@pytest.mark.parametrize(("n", "expected"), [(9, ("hidden_privacy",)), (10, ())])
def test_fewer_than_ten_answers_hide_whatever_the_limits_of_precision(n, expected) -> None:
    assert flags(an_estimate(n), min_base=5, warn_base=5) == expected


def test_a_base_that_is_too_small_for_both_is_hidden_for_privacy() -> None:
    assert flags(an_estimate(n=5)) == ("hidden_privacy",)


@pytest.mark.parametrize(
    ("unit", "half", "expected"),
    [
        ("score_100", 10.0, ()),
        ("score_100", 10.001, ("wide",)),
        ("points", 15.0, ()),
        ("points", 15.001, ("wide",)),
        ("share", 0.4, ()),
        ("scale", 3.0, ()),
    ],
)
def test_an_interval_wider_than_its_unit_allows_is_marked(unit, half, expected) -> None:
    one = an_estimate(unit=unit, estimate=0.0, ci_low=-half, ci_high=half)
    assert flags(one) == expected


@pytest.mark.parametrize(("unit", "limit"), [("score_100", 20.0), ("points", 30.0)])
def test_the_limit_that_a_note_prints_is_the_full_width(unit, limit) -> None:
    assert wide_limit(unit) == limit


def test_flags_are_known_and_sorted() -> None:
    one = an_estimate(n=50, ci_low=20.0, ci_high=80.0, flags=("unreliable",))
    assert flags(one) == ("low_base", "unreliable", "wide")
    assert list(FLAGS) == sorted(FLAGS)
    assert set(flags(one)) <= set(FLAGS)
    assert "hidden" in VERDICTS


def test_the_limits_are_those_given_else_the_studys_else_the_kits() -> None:
    row = [an_estimate(n=40)]
    study = {"min_base": 50, "warn_base": 60, "min_n": 45}
    assert Estimates(row).published()[0].flags == ("low_base",)
    assert Estimates(row, context=study).published()[0].flags == ("hidden_privacy",)
    assert Estimates(row, context=study).published(min_n=0)[0].flags == ("hidden_base",)
    shown = Estimates(row, context=study).published(min_n=0, min_base=0, warn_base=0)
    assert shown[0].flags == ()


def test_nobody_asked_is_no_secret() -> None:
    one = Estimate("nps", "outcome:recommend", math.nan, n=0, flags=("no_answers",))
    assert flags(one) == ("no_answers",)


def test_a_base_stays_beside_the_number_it_hides() -> None:
    one = Estimates([an_estimate(n=25)]).published()[0]
    assert (one.n, one.n_eff, one.is_hidden) == (25, 25.0, True)
    assert all(map(math.isnan, (one.estimate, one.ci_low, one.ci_high, one.half_width)))


# -- complementary suppression ---------------------------------------------------------------------


def test_one_hidden_group_takes_the_next_smallest_with_it() -> None:
    """Else the total less the others would give it away."""
    shown = regions(java=400, sumatra=150, bali=9, papua=120).published()
    assert hidden(shown) == ["bali", "papua"]
    assert shown.only(by_region="papua").flags == ("hidden_privacy",)


def test_two_hidden_groups_take_no_third() -> None:
    assert hidden(regions(java=400, bali=9, papua=4, flores=120).published()) == ["bali", "papua"]


def test_a_group_hidden_for_its_base_does_not_hide_another() -> None:
    """Its base is shown: with it the total would give away how many Bali has."""
    shown = regions(java=400, bali=9, flores=25).published()
    assert hidden(shown) == ["bali", "flores"]
    assert shown.only(by_region="flores").flags == ("hidden_privacy",)
    assert [math.isnan(one.n) for one in shown] == [False, True, True]


def test_a_group_hidden_for_its_base_alone_takes_none_with_it() -> None:
    """Precision is not privacy."""
    assert hidden(regions(java=400, sumatra=150, flores=25).published()) == ["flores"]


def test_an_empty_group_hides_nobody() -> None:
    shown = regions(java=400, sumatra=150, nowhere=0, bali=9).published()
    assert hidden(shown) == ["sumatra", "bali"]


def test_each_metric_wave_and_thing_is_a_whole_of_its_own() -> None:
    rows = [
        an_estimate(n, by={"region": key}, wave=wave, of=of)
        for wave, of, small in (("2025H1", "level:trust", 9), ("2025H2", "level:trust", 300),
                                ("2025H1", "level:service", 300))
        for key, n in (("java", 400), ("sumatra", 200), ("bali", small))
    ]  # fmt: skip
    shown = [one for one in Estimates(rows).published() if one.is_hidden]
    assert [(one.wave, one.of, one.by["region"]) for one in shown] == [
        ("2025H1", "level:trust", "sumatra"),
        ("2025H1", "level:trust", "bali"),
    ]


def test_in_a_table_of_two_segments_neither_rows_nor_columns_give_a_cell_away() -> None:
    """West phone is 9; its row and its column both have a total."""
    sizes = {("west", "phone"): 9, ("west", "tablet"): 120, ("west", "desk"): 400,
             ("east", "phone"): 200, ("east", "tablet"): 300, ("east", "desk"): 400}  # fmt: skip
    rows = [an_estimate(n, by={"region": r, "device": d}) for (r, d), n in sizes.items()]
    shown = [one for one in Estimates(rows).published() if one.is_hidden]
    cells = [(one.by["region"], one.by["device"]) for one in shown]
    assert sum(region == "west" for region, _ in cells) >= 2
    assert sum(device == "phone" for _, device in cells) >= 2


def test_publishing_twice_changes_nothing_more() -> None:
    once = regions(java=400, sumatra=50, bali=9).published()
    assert [repr(one.to_dict()) for one in once.published()] == [
        repr(one.to_dict()) for one in once
    ]


@given(st.lists(st.integers(0, 300), min_size=2, max_size=6))
def test_no_group_can_be_found_by_subtraction(sizes) -> None:
    """Of the groups with answers, never exactly one that is hidden for privacy stands alone."""
    shown = regions(**{f"g{i}": n for i, n in enumerate(sizes)}).published()
    blank = [one for one in shown if one.is_hidden]
    answered = [one for one in shown if one.n]
    if len(blank) == 1 and len(answered) > 1:
        assert "hidden_privacy" not in blank[0].flags


# -- comparisons and fits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bases", "flag"),
    [
        ((29, 500), "hidden_base"),
        ((500, 29), "hidden_base"),
        ((9, 500), "hidden_privacy"),
        ((500, 9), "hidden_privacy"),
    ],
)
def test_a_comparison_is_hidden_where_either_side_is(bases, flag) -> None:
    shown = Comparisons([a_comparison(*bases)]).published()[0]
    assert (shown.verdict, shown.flags) == ("hidden", (flag,))
    numbers = (shown.difference, shown.ci_low, shown.ci_high, shown.p, shown.p_adjusted,
               shown.effect)  # fmt: skip
    assert all(map(math.isnan, numbers))
    is_private = flag == "hidden_privacy"
    assert [math.isnan(n) for n in (shown.n_a, shown.n_b)] == [is_private, is_private]
    assert is_private or (shown.n_a, shown.n_b) == bases


def test_a_side_that_nobody_answered_is_no_secret() -> None:
    """It was not asked there: no respondent can be recognised, and no base is too small."""
    one = a_comparison(400, 0, difference=math.nan, verdict="undecided", flags=("no_answers",))
    assert Comparisons([one]).published()[0].flags == ("no_answers",)


def test_a_comparison_with_a_small_side_is_marked_and_keeps_its_verdict() -> None:
    shown = Comparisons([a_comparison(30, 500)]).published()[0]
    assert (shown.verdict, shown.flags, shown.difference) == ("clear", ("low_base",), 3.0)
    assert Comparisons([a_comparison(100, 100)]).published()[0].flags == ()


def test_a_comparison_follows_the_limits_of_the_study() -> None:
    rows = Comparisons([a_comparison(40, 500)], context={"min_base": 50})
    assert rows.published()[0].verdict == "hidden"
    assert rows.published(min_base=40)[0].verdict == "clear"


def test_a_comparison_does_not_give_away_a_group_that_its_table_hides() -> None:
    """Papua is hidden beside Bali; its difference to Java, which is shown, would tell it."""
    sizes = {"java": 400, "sumatra": 150, "papua": 120, "bali": 9}
    pairs = itertools.combinations(sizes, 2)
    rows = [
        replace(a_comparison(sizes[a], sizes[b]), a=f"region={a}", b=f"region={b}")
        for a, b in pairs
    ]
    assert hidden(regions(**sizes).published()) == ["papua", "bali"]
    shown = [one for one in Comparisons(rows).published() if one.verdict != "hidden"]
    assert [(one.a, one.b) for one in shown] == [("region=java", "region=sumatra")]


def test_waves_are_no_parts_of_a_whole() -> None:
    """Nobody adds waves up, so a small one takes no other with it."""
    waves = ("wave=2025H2", "wave=2026H1")
    small = replace(a_comparison(400, 9), a=waves[1], b="wave=2025H1")
    large = replace(a_comparison(400, 300), a=waves[1], b=waves[0])
    shown = Comparisons([small, large]).published()
    assert [one.verdict for one in shown] == ["hidden", "clear"]


def test_a_fit_on_too_few_is_blanked_with_its_verdict() -> None:
    few, enough = Fits(
        [Fit("alpha", 0.81, 0.7, 0.9, "good", n=29), Fit("alpha", 0.8, n=30)]
    ).published()
    assert math.isnan(few.value)
    assert math.isnan(few.ci_low)
    assert few.flags == ("hidden_base",)
    assert few.verdict != "good"
    assert enough.value == 0.8


def test_a_comparison_seen_from_the_other_side() -> None:
    one = a_comparison(400, 300, n_eff_a=390.0, n_eff_b=290.0, ci_low=1.0, ci_high=5.0)
    other = -one
    assert (other.a, other.b) == ("region=east", "region=west")
    assert (other.difference, other.ci_low, other.ci_high) == (-3.0, -5.0, -1.0)
    assert (other.n_a, other.n_b, other.n_eff_a, other.n_eff_b) == (300, 400, 290.0, 390.0)
    assert other.effect == -0.4
    kept = ("metric", "of", "p", "p_adjusted", "verdict", "unit", "ci_level", "flags")
    assert all(getattr(other, name) == getattr(one, name) for name in kept)
    assert -other == one


@pytest.mark.parametrize("verdict", VERDICTS)
def test_only_a_clear_difference_is_clear(verdict) -> None:
    assert a_comparison(verdict=verdict).is_clear == verdict.startswith("clear")


# -- no hidden number anywhere ---------------------------------------------------------------------


def secret_tables() -> list:
    """Tables whose every number is the secret one, each on a base that may not be shown."""
    number = {"ci_low": SECRET, "ci_high": SECRET}
    many = {"difference": SECRET, "p": SECRET, "p_adjusted": SECRET, "effect": SECRET}
    return [
        Estimates([an_estimate(25, estimate=SECRET, **number)]),
        Estimates([an_estimate(7, estimate=SECRET, **number)]),
        Comparisons([a_comparison(25, 500, **number, **many)]),
        Fits([Fit("alpha", SECRET, SECRET, SECRET, "good", n=25)]),
    ]


@pytest.mark.parametrize("table", secret_tables(), ids=lambda table: type(table).__name__)
def test_a_hidden_number_is_nowhere_in_what_a_cell_shows(table) -> None:
    """A cell that ends in an unpublished table shows the published one."""
    bundle = table._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", RECORDS_MIME}
    for shown in (bundle["text/plain"], bundle["text/html"], json.dumps(bundle[RECORDS_MIME])):
        assert not DIGITS.search(shown), shown
    assert all(row["flags"] for row in bundle[RECORDS_MIME]["rows"])


@pytest.mark.parametrize("table", secret_tables(), ids=lambda table: type(table).__name__)
def test_a_hidden_number_is_nowhere_in_the_published_records(table) -> None:
    shown = table.published()
    assert shown.is_published
    assert not table.is_published
    for text in (repr(shown), repr(shown[0]), str(shown[0].to_dict()), shown.frame.to_csv()):
        assert not DIGITS.search(text), text


def test_a_shown_number_is_there_rounded_and_in_the_json_unrounded() -> None:
    bundle = Estimates([an_estimate(estimate=SECRET)])._repr_mimebundle_()
    assert "12.3" in bundle["text/plain"]
    assert "12.34" not in bundle["text/plain"]
    assert "<td>12.3</td>" in bundle["text/html"]
    assert bundle[RECORDS_MIME]["rows"][0]["estimate"] == SECRET


def test_markup_in_a_group_stays_text() -> None:
    row = an_estimate(by={"region": "<script>alert(1)</script>"})
    assert "<script>" not in Estimates([row])._repr_mimebundle_()["text/html"]


def test_the_unrounded_frame_is_the_analysts() -> None:
    frame = Estimates([an_estimate(25, estimate=SECRET)]).frame
    assert frame.loc[0, "estimate"] == SECRET
    assert list(Estimates(()).frame.columns)[:3] == ["metric", "of", "estimate"]


def test_a_frame_says_what_of_whom_and_when_before_how_much() -> None:
    """Also where only some of the records are of a group."""
    rows = Estimates([an_estimate(), an_estimate(by={"region": "west"})])
    assert list(rows.frame.columns)[:5] == ["metric", "of", "by_region", "wave", "estimate"]


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        (Fits([Fit("alpha", 0.8537, 0.8214, 0.8793, n=300)]), "0.85"),
        (Comparisons([a_comparison(effect=0.1537)]), "0.15"),
    ],
    ids=["alpha", "effect"],
)
def test_a_number_below_one_shows_itself_with_the_digits_it_needs(table, shown) -> None:
    """An alpha of 0.9 and one of 0.8 are told apart only by their second decimal."""
    assert f"<td>{shown}" in table._repr_mimebundle_()["text/html"]


# -- reading back what was written -----------------------------------------------------------------


def rows(one) -> str:
    """A record as text that says missing for missing, whatever the order of its groups."""
    return repr(sorted(one.to_dict().items()))


def written(table) -> list[dict]:
    return json.loads(json.dumps([to_json(one.to_dict()) for one in table], allow_nan=False))


@pytest.mark.parametrize(
    "table",
    [
        Estimates([an_estimate(25, by={"region": "west", "age": "old"}, wave="2026H1")]),
        Estimates([an_estimate(500, method="wilson")]),
        Comparisons([a_comparison(), a_comparison(9)]),
        Fits([Fit("alpha", 0.8, of="level:trust", n=300), Fit("alpha", 0.8, n=3)]),
    ],
    ids=["hidden", "shown", "comparisons", "fits"],
)
def test_published_records_can_be_read_back_from_their_json(table) -> None:
    shown = table.published()
    again = type(table).from_rows(written(shown), is_published=True)
    assert again.is_published
    assert [rows(one) for one in again] == [rows(one) for one in shown]


def test_a_missing_number_is_null_and_comes_back_as_missing() -> None:
    (row,) = written(Estimates([an_estimate(25)]).published())
    assert (row["estimate"], row["ci_low"], row["ci_high"], row["wave"]) == (None,) * 4
    (read,) = Estimates.from_rows([row])
    assert math.isnan(read.estimate)
    assert read.wave is None
    assert read.flags == ("hidden_base",)


def test_json_has_sorted_keys_twelve_digits_and_nothing_that_is_not_json() -> None:
    value = {"b": 1 / 3, "a": {"d": math.nan, "c": (1, math.inf)}}
    assert json.dumps(to_json(value)) == ('{"a": {"c": [1, null], "d": null}, "b": 0.333333333333}')


# -- finding a record ------------------------------------------------------------------------------


def test_where_keeps_the_records_that_meet_all_conditions() -> None:
    table = regions(java=400, bali=50)
    assert [one.n for one in table.where(by_region="bali")] == [50]
    assert [one.n for one in table.where(metric="score_100", n=400)] == [400]
    assert len(table.where(metric="nps")) == 0
    assert len(table.where(by_age="old")) == 0


def test_only_is_one_record_or_none_at_all() -> None:
    table = regions(java=400, bali=50)
    assert table.only(by_region="java").n == 400
    with pytest.raises(KeyError, match="2 records"):
        table.only(metric="score_100")
    with pytest.raises(KeyError, match="0 records"):
        table.only(by_region="papua")


def test_a_part_of_a_published_table_is_published_and_keeps_its_context() -> None:
    table = Estimates(regions(java=400, bali=50), context={"brand": "Toko"}).published()
    for part in (table[:1], table.where(by_region="java")):
        assert part.is_published
        assert part.context == {"brand": "Toko"}
        assert len(part) == 1
    assert table[-1].by == {"region": "bali"}


def test_two_tables_together_are_published_only_if_both_are() -> None:
    published, raw = regions(java=400).published(), regions(bali=50)
    assert not (published + raw).is_published
    assert (published + published).is_published
    assert [one.n for one in published + raw] == [400, 50]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (an_estimate(estimate=44.75), "Estimate(44.8, ci=(40.8, 48.8), n=500)"),
        (replace(an_estimate(7), estimate=math.nan, flags=("hidden_privacy",)),
         "Estimate(none: hidden_privacy, n=7)"),
        (a_comparison(), "Comparison(region=west - region=east: 3, ci=(1, 5), clear)"),
    ],
)  # fmt: skip
def test_a_record_says_itself_in_a_line(record, text) -> None:
    assert repr(record) == text


def test_what_is_made_of_a_private_measure_is_not_told():
    context = {
        "private": [["2026H1", None, None, "level:trust"], ["2025H2", None, None, "stage:a"]]
    }
    told = [
        Fit("htmt", 0.5, of=of, n=400, n_eff=400, wave=wave)
        for of, wave in (
            ("level:trust|level:fulfilment", "2026H1"),
            ("reading:list_as_drawn|cut:75", "2026H1"),
            ("waves|wave=2026H1|wave=2025H2|stage:a", "2026H1"),
            ("rating:a", "2025H2"),
            ("level:fulfilment|level:joy", "2026H1"),
            ("level:trust|level:fulfilment", "2025H2"),
        )
    ]
    shown = Fits(told, context=context).published()
    assert [one.is_hidden for one in shown] == [True] * 4 + [False] * 2
