"""Tables of the page: worded cells of published records, a hatched cell where one is hidden."""

from __future__ import annotations

import inspect
import json
import math
from typing import Any

import pytest

import cxkit as cx
from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.report import (
    answered_tables,
    channel_tables,
    comment_tables,
    experience_tables,
    further_tables,
    gap_tables,
    journey_tables,
    links_tables,
    loyalty_tables,
    measurement_tables,
    model_tables,
    order_tables,
    quality_tables,
    rated_tables,
    robustness_tables,
    step_tables,
    tables,
    value_tables,
)
from cxkit.report.shown import TABLES, Shown
from cxkit.wording import NO_BREAK, Words

WORDS = Words("en", {})


def an_estimate(value: float = 62.0, n: int = 400, **more) -> Estimate:
    """A level's score with an interval of 2 either side."""
    shown = {"metric": "score_100", "of": "level:trust", "unit": "score_100", "wave": "2026H1",
             "ci_low": value - 2, "ci_high": value + 2, "n_eff": float(n), **more}  # fmt: skip
    return Estimate(estimate=value, n=n, **shown)


def a_change(difference: float = -5.9, verdict: str = "clear", **more) -> Comparison:
    """The level since the wave before, with an interval of 3 either side."""
    what = {"metric": "score_100", "of": "level:trust", "unit": "score_100", "wave": "2026H1"}
    sides = {"a": "wave=2026H1", "b": "wave=2025H2", "n_a": 400, "n_b": 380}
    bases = {"n_eff_a": 390.0, "n_eff_b": 370.0}
    ends = {"ci_low": difference - 3, "ci_high": difference + 3}
    shown = {**what, **sides, **bases, **ends, **more}
    return Comparison(difference=difference, verdict=verdict, **shown)


def published(*rows):
    kind = Comparisons if isinstance(rows[0], Comparison) else Estimates
    return kind(rows).published()


def hidden() -> Estimate:
    """A score of 77.7 that nobody may see, on a base of 25."""
    return published(an_estimate(77.7, n=25))[0]


def said(cell: dict) -> tuple[str, str]:
    return cell["text"], cell["small"].replace(NO_BREAK, " ")


def heads(table: dict) -> list[str]:
    return [row["head"] for row in table["rows"]]


def texts(table: dict, head: str) -> list[str]:
    (row,) = (row for row in table["rows"] if row["head"] == head)
    return [cell["text"] for cell in row["cells"]]


# -- cells -----------------------------------------------------------------------------------------


def test_a_number_stands_above_its_range() -> None:
    assert said(tables.value_cell(an_estimate(), WORDS)) == ("62.0", "60.0 to 64.0")
    assert said(tables.value_cell(an_estimate(), Words("id", {}))) == ("62,0", "60,0 sampai 64,0")
    assert said(tables.value_cell(an_estimate(), WORDS, with_range=False)) == ("62.0", "")


def test_a_hidden_number_leaves_a_hatched_cell_and_its_base() -> None:
    cell = tables.value_cell(hidden(), WORDS)
    assert said(cell) == ("**", "n = 25")
    assert (cell["state"], cell["word"], cell["slot"]) == ("none", "not shown", "")
    assert "77" not in json.dumps(cell)
    assert tables.rail(hidden(), WORDS) is None
    assert tables.base_cell(hidden(), WORDS)["text"] == "25"


@pytest.mark.parametrize(
    ("flag", "text"), [("not_measured", "not measured"), ("no_answers", "no answers")]
)
def test_a_number_that_does_not_exist_says_why(flag, text) -> None:
    cell = tables.value_cell(an_estimate(math.nan, n=0, flags=(flag,)), WORDS)
    assert (cell["text"], cell["small"], cell["state"]) == (text, "", "none")


def test_a_small_base_has_its_mark_beside_the_number() -> None:
    assert tables.value_cell(published(an_estimate(n=99))[0], WORDS)["slot"] == "*"
    assert tables.value_cell(published(an_estimate(n=100))[0], WORDS)["slot"] == ""


def test_a_number_without_a_range_shows_none() -> None:
    """One answer has no interval; a bare ` to ` would be a hole in the page."""
    alone = an_estimate(ci_low=math.nan, ci_high=math.nan, flags=("unreliable",))
    assert said(tables.value_cell(alone, WORDS)) == ("62.0", "")
    change = a_change(ci_low=math.nan, ci_high=math.nan, verdict="undecided")
    assert said(tables.change_cell(change, WORDS)) == ("−5.9", "")
    assert tables.difference_rail(change, WORDS, "flat") is None


@pytest.mark.parametrize(
    ("n", "n_eff", "expected"),
    [(1204, 1123.6, ("1,204", "effective 1,124")), (400, 400.0, ("400", "")),
     (400, 399.6, ("400", ""))],
)  # fmt: skip
def test_a_base_has_its_effective_base_where_that_differs(n, n_eff, expected) -> None:
    assert said(tables.base_cell(an_estimate(n=n, n_eff=n_eff), WORDS)) == expected


@pytest.mark.parametrize(
    ("difference", "verdict", "role", "sign", "word"),
    [
        (5.6, "clear", "good", "▲", "clear"),
        (-5.9, "clear", "bad", "▼", "clear"),
        (3.5, "clear_small", "good", "▲", "clear but small"),
        (-2.9, "no_evidence", "flat", "·", "no evidence"),
        (0.4, "stable", "flat", "·", "stable"),
        (8.0, "undecided", "flat", "·", "cannot be told apart"),
    ],
)
def test_a_colour_is_a_verdict_and_never_stands_alone(
    difference, verdict, role, sign, word
) -> None:
    """A fall that is not clear is no bad news; a sign and a word say what the colour says."""
    cell = tables.change_cell(a_change(difference, verdict), WORDS)
    assert (cell["tone"], cell["sign"], cell["word"]) == (role, sign, word)


def test_a_change_has_its_sign_and_its_range() -> None:
    assert said(tables.change_cell(a_change(-5.9), WORDS)) == ("−5.9", "−8.9 to −2.9")
    share = a_change(0.05, unit="share", ci_low=0.02, ci_high=0.08)
    assert said(tables.change_cell(share, WORDS)) == ("+5", "+2 to +8")


def test_a_hidden_change_shows_nothing() -> None:
    cell = tables.change_cell(published(a_change(77.7, n_b=9))[0], WORDS)
    assert (cell["text"], cell["small"], cell["state"], cell["tone"]) == ("**", "", "none", "")
    assert "77" not in json.dumps(cell)


def test_what_cannot_be_compared_says_so() -> None:
    change = a_change(math.nan, "undecided", flags=("not_comparable",))
    assert tables.change_cell(change, WORDS)["text"] == "not comparable"


# -- fits ------------------------------------------------------------------------------------------


def a_fit(value: float = 0.624, n: int = 400, **more: Any) -> Fit:
    """A coefficient with an interval of a tenth either side."""
    ends = {"ci_low": value - 0.1, "ci_high": value + 0.1, "n": n, "n_eff": float(n)}
    return Fits([Fit("htmt", value, of="level:trust", **{**ends, **more})]).published()[0]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ("0.62", "0.52 to 0.72")),
        ({"with_range": False}, ("0.62", "")),
        ({"with_range": False, "digits": 3}, ("0.624", "")),
        ({"unit": "share"}, ("62%", "52% to 72%")),
    ],
)
def test_a_fit_stands_above_its_range(asked, expected) -> None:
    assert said(tables.fit_cell(a_fit(), WORDS, **asked)) == expected


def test_a_fit_without_a_range_or_a_value_says_no_more_than_there_is() -> None:
    alone = a_fit(ci_low=math.nan, ci_high=math.nan)
    assert said(tables.fit_cell(alone, WORDS)) == ("0.62", "")
    cell = tables.fit_cell(a_fit(math.nan), WORDS)
    assert (cell["text"], cell["small"], cell["state"]) == ("cannot be computed", "", "none")
    assert tables.fit_cell(None, WORDS) == tables.cell()


def test_a_fit_on_a_small_base_has_its_mark() -> None:
    assert tables.fit_cell(a_fit(n=99), WORDS)["slot"] == "*"
    assert tables.fit_cell(a_fit(n=100), WORDS)["slot"] == ""


@pytest.mark.parametrize(("language", "unseen"), [("id", "tidak ditampilkan"), ("en", "not shown")])
def test_a_hidden_fit_is_hatched_like_any_hidden_number(language, unseen) -> None:
    words, one = Words(language, {}), a_fit(0.777, n=25, p=0.04)
    for cell in (tables.fit_cell(one, words), tables.p_cell(one, words)):
        assert cell == tables.change_cell(published(a_change(77.7, n_b=9))[0], words)
        assert (cell["text"], cell["state"], cell["word"]) == ("**", "none", unseen)
    assert tables.p_text(one, words) == ""


@pytest.mark.parametrize(
    ("p", "alone", "named"),
    [
        (0.0421, "0.042", "p = 0.042"),
        (0.001, "0.001", "p = 0.001"),
        (0.00099, "below 0.001", "p < 0.001"),
        (0.0, "below 0.001", "p < 0.001"),
        (math.nan, "", ""),
    ],
)
def test_a_p_has_three_decimals_and_is_never_nothing(p, alone, named) -> None:
    one = a_fit(p=p)
    assert tables.p_cell(one, WORDS)["text"] == alone
    assert tables.p_text(one, WORDS).replace(NO_BREAK, " ") == named


def test_the_base_of_a_fit_is_told_like_that_of_an_estimate() -> None:
    assert said(tables.base_cell(a_fit(n=400, n_eff=380.0), WORDS)) == ("400", "effective 380")
    assert tables.base_cell(a_fit(n=4), WORDS) == tables.cell()  # too few to be counted


def _asymmetry_of(language: str, *verdicts: str) -> dict[str, object]:
    """The table of as many levels as verdicts, each with an asymmetry of 0.4."""
    levels = ["trust", "fulfilment"][: len(verdicts)]
    rows = published(
        *(
            an_estimate(0.4, of=f"level:{level}", metric="impact_asymmetry", unit="scale")
            for level in levels
        )
    )
    fits = Fits(
        Fit("asymmetry_class", 0.1, verdict=verdict, of=f"level:{level}", n=400)
        for level, verdict in zip(levels, verdicts, strict=True)
    )
    options = {"order": levels[::-1], "fits": fits}
    return links_tables.asymmetry(rows, Comparisons(()), options, Words(language, {}))


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("basic", "0.40"),
        ("performance", "0.40"),
        ("not_classifiable", "cannot be classed"),
        ("hidden", "0.40"),
    ],
)
def test_only_a_level_that_cannot_be_classed_has_no_asymmetry(verdict, told) -> None:
    """Beside one that can be; it says so in words, not with a blank."""
    table = _asymmetry_of("en", verdict, "basic")
    at = [column["label"] for column in table["columns"]].index("Asymmetry") - 1
    assert [row["cells"][at]["text"] for row in table["rows"]] == [told, "0.40"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_where_no_level_can_be_classed_there_is_no_column_for_asymmetry(language) -> None:
    words = Words(language, {})
    table = _asymmetry_of(language, "not_classifiable", "not_classifiable")
    labels = [column["label"] for column in table["columns"]]
    assert labels[1] == words.ui("asymmetry_class")
    assert words.name("metric:impact_range") == labels[-1]
    assert {len(row["cells"]) for row in table["rows"]} == {len(labels) - 1}


def test_a_finding_can_name_every_table_and_no_two_have_one_name() -> None:
    asked = ["estimates", "comparisons", "options", "words"]
    built = [
        ({value_tables: "value_", model_tables: "model_"}.get(home, "") + name, build)
        for home in (
            tables,
            answered_tables,
            channel_tables,
            comment_tables,
            experience_tables,
            further_tables,
            gap_tables,
            journey_tables,
            links_tables,
            loyalty_tables,
            measurement_tables,
            model_tables,
            order_tables,
            quality_tables,
            rated_tables,
            robustness_tables,
            step_tables,
            value_tables,
        )
        for name, build in inspect.getmembers(home, inspect.isfunction)
        if build.__module__ == home.__name__ and list(inspect.signature(build).parameters) == asked
    ]
    names = [name for name, _ in built]
    assert sorted(names) == sorted(set(names))
    assert dict(built) == TABLES


# -- rails -----------------------------------------------------------------------------------------


def test_a_rail_places_a_number_on_the_whole_scale() -> None:
    """NPS 30 (20 to 40) on -100 to 100; the wave before stood at 10."""
    nps = {"metric": "nps", "of": "outcome:recommend", "unit": "points"}
    one = an_estimate(30.0, ci_low=20.0, ci_high=40.0, **nps)
    placed = tables.rail(one, WORDS, an_estimate(10.0, **nps), "good")
    assert placed == {
        "low": 60.0, "high": 70.0, "at": 65.0, "zero": 50.0, "previous": 55.0, "tone": "good",
        "left": "−100", "middle": "0", "right": "100",
    }  # fmt: skip


def test_a_rail_of_scores_has_no_zero_line_and_stays_inside() -> None:
    placed = tables.rail(an_estimate(99.0, ci_low=97.0, ci_high=101.0), WORDS)
    assert (placed["low"], placed["at"], placed["high"]) == (97.0, 99.0, 100.0)
    assert (placed["zero"], placed["middle"], placed["previous"]) == (None, "", None)


def test_a_rail_of_a_mean_ends_where_its_scale_ends() -> None:
    one = an_estimate(5.5, unit="scale", ci_low=4.0, ci_high=7.0)
    placed = tables.rail(one, WORDS, ends=(1.0, 7.0))
    assert (placed["low"], placed["at"], placed["high"]) == (50.0, 75.0, 100.0)
    assert (placed["left"], placed["right"]) == ("1", "7")
    assert tables.rail(one, WORDS) is None


def test_a_hidden_wave_before_leaves_no_tick() -> None:
    assert tables.rail(an_estimate(), WORDS, hidden())["previous"] is None


@pytest.mark.parametrize(
    ("difference", "half", "end", "at"),
    [(-2.0, 3.0, "5", 30.0), (5.0, 3.0, "10", 75.0), (-24.0, 6.0, "30", 10.0)],
)
def test_a_difference_lies_on_a_rail_that_is_even_about_zero(difference, half, end, at) -> None:
    one = a_change(difference, ci_low=difference - half, ci_high=difference + half)
    placed = tables.difference_rail(one, WORDS, "flat")
    assert (placed["left"], placed["middle"], placed["right"]) == (f"−{end}", "0", f"+{end}")
    assert (placed["at"], placed["zero"]) == (at, 50.0)


def test_a_difference_of_shares_is_on_a_rail_of_percentage_points() -> None:
    one = a_change(0.05, unit="share", ci_low=0.02, ci_high=0.08)
    placed = tables.difference_rail(one, WORDS, "good")
    assert (placed["left"], placed["right"], placed["at"]) == ("−10", "+10", 75.0)


# -- tables of hand-made records -------------------------------------------------------------------

LEVELS = {"order": ["trust", "fulfilment"], "wave": "2026H1", "previous": None}


def test_the_pyramid_table_reads_from_its_apex() -> None:
    rows = published(an_estimate(62.0), an_estimate(44.0, of="level:fulfilment"))
    table = tables.pyramid(rows, Comparisons(()), LEVELS, WORDS)
    assert heads(table) == ["Fulfilment", "Trust"]
    assert [column["label"] for column in table["columns"]] == ["Level", "Score", "n"]
    assert texts(table, "Trust") == ["62.0", "400"]


def test_the_pyramid_table_has_the_wave_before_and_the_change() -> None:
    rows = published(an_estimate(56.1), an_estimate(62.0, wave="2025H2"))
    options = LEVELS | {"order": ["trust"], "previous": "2025H2"}
    table = tables.pyramid(rows, published(a_change(-5.9)), options, WORDS)
    assert texts(table, "Trust") == ["56.1", "400", "62.0", "−5.9"]
    assert table["columns"][-1]["label"] == "Since H2 2025"


def test_only_a_change_between_waves_is_told_as_one() -> None:
    """The weakest level's distance to the next is a comparison of the same metric."""
    distance = a_change(-9.0, a="level:trust", b="level:fulfilment")
    options = LEVELS | {"order": ["trust"], "previous": "2025H2"}
    table = tables.pyramid(published(an_estimate()), published(distance), options, WORDS)
    assert texts(table, "Trust")[-1] == ""


@pytest.mark.parametrize(
    ("low", "high", "verdict", "tone"),
    [
        (71.0, 75.0, "clearly above", "good"),
        (65.0, 69.0, "clearly below", "bad"),
        (68.0, 72.0, "not yet clear", ""),
        (70.0, 74.0, "not yet clear", ""),
    ],
)
def test_a_target_is_passed_when_the_whole_range_is_beyond_it(low, high, verdict, tone) -> None:
    one = an_estimate((low + high) / 2, ci_low=low, ci_high=high)
    options = {
        "wave": "2026H1", "previous": None, "targets": {"score_100": 70.0},
        "measures": [{"metric": "score_100", "of": "level:trust", "kind": "level"}],
    }  # fmt: skip
    table = tables.scorecard(published(one), Comparisons(()), options, WORDS)
    target = table["rows"][0]["cells"][-1]
    assert (target["text"], target["small"], target["tone"]) == ("70.0", verdict, tone)


def test_a_hidden_number_has_a_target_and_no_verdict_on_it() -> None:
    options = {
        "wave": "2026H1", "previous": None, "targets": {"score_100": 70.0},
        "measures": [{"metric": "score_100", "of": "level:trust", "kind": "level"}],
    }  # fmt: skip
    rows = Estimates([hidden()], is_published=True)
    table = tables.scorecard(rows, Comparisons(()), options, WORDS)
    target = table["rows"][0]["cells"][-1]
    assert (target["text"], target["small"], target["tone"]) == ("70.0", "", "")
    assert "77" not in json.dumps(table)


def test_the_journey_table_has_no_reach_where_none_may_be_shown() -> None:
    rated = an_estimate(80.0, of="stage:decide")
    table = tables.journey(published(rated), Comparisons(()), {"order": ["decide"]}, WORDS)
    assert [column["label"] for column in table["columns"]] == ["Stage", "Rating", "n"]
    share = {"unit": "share", "of": "stage:decide", "ci_low": 0.55, "ci_high": 0.65}
    reach = an_estimate(0.6, metric="reach", **share)
    onward = an_estimate(0.5, metric="conversion", n=240, **share)
    skipped = an_estimate(0.08, metric="skipped", n=240, **share)
    table = tables.journey(
        published(reach, onward, skipped, rated), Comparisons(()), {"order": ["decide"]}, WORDS
    )
    assert texts(table, "Decide") == ["60%", "400", "50%", "240", "8%", "80.0", "400"]


def test_a_handoff_names_the_earlier_stage_first() -> None:
    drop = a_change(-6.8, of="handoff", a="stage:evaluate", b="stage:decide", n_a=503, n_eff_a=490)
    table = tables.handoffs(Estimates(()), published(drop), {}, WORDS)
    assert heads(table) == ["Decide to Evaluate"]
    assert texts(table, "Decide to Evaluate") == ["−6.8", "503", "clear"]


def test_any_estimates_make_a_table_with_a_column_for_each_segment() -> None:
    rows = published(
        an_estimate(62.0, by={"region": "west"}), an_estimate(77.7, n=25, by={"region": "east"})
    )
    words = Words("en", {"labels": {"segment:region": {"en": "Region"},
                                    "group:region=west": {"en": "The West"}}})  # fmt: skip
    table = tables.records(rows, Comparisons(()), {}, words)
    assert [column["label"] for column in table["columns"]] == ["Measure", "Region", "Value", "n"]
    assert [[cell["text"] for cell in row["cells"]] for row in table["rows"]] == [
        ["The West", "62.0", "400"],
        ["east", "**", "25"],
    ]


def test_any_comparisons_make_a_table_with_both_bases() -> None:
    table = tables.records(Estimates(()), published(a_change(-5.9)), {}, WORDS)
    head = "The first half of 2026 against the second half of 2025"
    assert [text.replace(NO_BREAK, " ") for text in texts(table, head)] == [
        "−5.9",
        "n = 400 and 380",
        "clear",
    ]


# -- tables of the demo ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


def table_of(found, key: str, language: str = "en") -> dict:
    return Shown(found.get(key).to_dict(), Words(language, found.context)).table()


def test_the_scorecard_has_outcomes_first_and_then_the_levels_from_the_apex(demo) -> None:
    table = table_of(cx.scorecard.findings(demo), "scorecard")
    assert heads(table) == [
        "Net Promoter Score (NPS)",
        "Customer satisfaction (CSAT)",
        "Ease of doing business (CES)",
        "Emotional connection",
        "Online experience",
        "Responsive service",
        "Trust",
        "Fulfilment",
    ]
    assert [row["small"] for row in table["rows"][:3]] == ["", "top two answers", "mean"]
    assert [row["kind"] for row in table["rows"]] == [""] * 3 + ["level"] * 5
    assert [column["label"] for column in table["columns"]] == [
        "Measure",
        "Score, drawn",
        "Value",
        "n",
        "Target",
        "Since H2 2025",
    ]


def test_the_scorecard_agrees_with_the_estimate_and_the_comparison(demo) -> None:
    """The numbers by the shorter road: no section, no publication, no table."""
    now = demo.where(wave="2026H1")
    one = cx.estimate(now, "nps")[0]
    change = cx.compare(demo, "nps", by="wave").only(a="wave=2026H1")
    _, value, base, target, since = table_of(cx.scorecard.findings(demo), "scorecard")["rows"][0][
        "cells"
    ]
    assert value["text"] == f"{one.estimate:.0f}"
    assert value["small"] == f"{one.ci_low:.0f} to {one.ci_high:.0f}"
    assert base["text"] == f"{one.n:,}"
    assert (target["text"], target["small"], target["tone"]) == ("40", "clearly below", "bad")
    assert since["text"] == f"−{-change.difference:.0f}"
    assert (since["tone"], since["sign"]) == ("bad", "▼")


def test_the_statements_stand_in_the_studys_order_under_their_levels(demo) -> None:
    found = cx.items.findings(demo)
    table = table_of(found, "answers")
    words = Words("en", found.context)
    kinds = [row["kind"] for row in table["rows"]]
    assert kinds.count("level") == 5
    assert kinds.count("item") == 11
    assert heads(table)[:3] == [
        "Emotional connection",
        words.name("item:emo_1"),
        words.name("item:emo_2"),
    ]


def test_small_groups_of_the_demo_are_hatched_and_keep_their_base(demo) -> None:
    """Tablet users by channel of arrival are few."""
    tablets = demo.latest.where(device="tablet")
    rows = cx.estimate(tablets, "nps", by="channel").published()
    assert any(one.is_hidden for one in rows)
    words = Words("en", tablets.context())
    for one, row in zip(rows, tables.records(rows, Comparisons(()), {}, words)["rows"]):
        value, base = row["cells"][-2:]
        is_private = "hidden_privacy" in one.flags  # then even the count is not told
        assert base["text"] == ("" if is_private else str(one.n))
        if one.is_hidden:
            assert said(value) == ("**", "" if is_private else f"n = {one.n}")
            assert value["state"] == "none"


@pytest.mark.parametrize(
    "section", ["who_answered", "scorecard", "pyramid", "items", "journey", "data_quality"]
)
def test_every_table_has_a_cell_for_each_column_and_says_the_same_in_both_languages(
    demo, section
) -> None:
    found = getattr(cx, section).findings(demo)
    for one in found:
        if one.table:
            indonesian, english = (
                Shown(one.to_dict(), Words(language, found.context)).table()
                for language in ("id", "en")
            )
            assert len(indonesian["rows"]) == len(english["rows"]) > 0
            for row in (*indonesian["rows"], *english["rows"]):
                assert len(row["cells"]) == len(english["columns"]) - 1
            tones = [
                [[(c["tone"], c["state"], c["slot"]) for c in row["cells"]] for row in t["rows"]]
                for t in (indonesian, english)
            ]
            assert tones[0] == tones[1]
