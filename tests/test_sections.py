"""Sections of the report: which finding a survey gives, and that it says no more than is known."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import pytest

import cxkit as cx
from cxkit.report.finding import Finding, Findings, slot_text
from cxkit.report.methods import methods_blocks
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

HEAD = """\
cxkit: 1
study: mini
title: Mini
brand: Toko
period: last year
languages: [en]
answers: {path: answers.csv}
respondent: id
"""
CUSTOMERS = "sample: {frame: customers, design: opt_in}\n"
MARKET = "sample: {frame: market, design: opt_in}\n"
NPS = "outcomes: {recommend: {column: q}}\n"
CSAT = """\
outcomes:
  satisfaction: {column: q, scale: satisfaction_5, definition: top_2_box}
"""
PYRAMID = """\
frameworks: [pyramid]
scale: agreement_5
bases: {buyers: {column: bought}}
items: {ful_1: f1, tru_1: t1, res_1: r1}
"""
JOURNEY = """\
frameworks: [journey]
bases: {visitors: {column: r1}}
stages:
  aware: {reached: r1, rating: s1}
  consider: {reached: r2, rating: s2}
  decide: {reached: r3, rating: s3}
  evaluate: {reached: r4, rating: s4}
  advocate: {reached: r5, rating: s5}
"""
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")


TOPICS = ("scorecard", "pyramid", "journey", "links", "change")


def lay(folder: Path, study: str, columns: Mapping[str, Sequence[object]]):
    """A study of some columns of raw answers, written, checked and loaded as a user's would be."""
    n = len(next(iter(columns.values())))
    table = {"id": [f"r{i:04d}" for i in range(n)], **columns}
    (folder / "study.yaml").write_text(HEAD + study, encoding="utf-8")
    with (folder / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return cx.load(folder)


def waves(before: Sequence[object], now: Sequence[object]) -> dict[str, list[object]]:
    """One question asked in two waves."""
    return {"w": ["2025H1"] * len(before) + ["2025H2"] * len(now), "q": [*before, *now]}


def travelled(n: int, *ratings: Sequence[int], reached: Sequence[int] = ()) -> dict:
    """Answers of `n` people on the journey: how many reached each stage, how they rated it."""
    how_many = reached or [n] * 5
    got = {f"r{k}": ["yes"] * m + ["no"] * (n - m) for k, m in enumerate(how_many, 1)}
    rated = {
        f"s{k}": [row[i % len(row)] if i < m else "" for i in range(n)]
        for k, (row, m) in enumerate(zip(ratings, how_many, strict=True), 1)
    }
    return got | rated


def unrated(n: int, *reached: int) -> tuple[str, dict]:
    """A journey whose stages were never rated: the study's lines, and who reached which stage."""
    answers = travelled(n, *[[4]] * 5, reached=reached)
    lines = re.sub(r", rating: s\d", "", JOURNEY)
    return lines, {key: column for key, column in answers.items() if key.startswith("r")}


def keys(found: Findings) -> list[tuple[str, str]]:
    return [(one.key, one.variant) for one in found if one.variant]


def say(one: Finding, language: str = "en") -> str:
    return Shown(one.to_dict(), Words(language, one.context)).sentence.replace(NO_BREAK, " ")


def title(one: Finding) -> str:
    return Shown(one.to_dict(), Words("en", one.context)).title.replace(NO_BREAK, " ")


def everything_said(survey) -> str:
    """All sentences and titles that a survey gives, of all sections."""
    sections = (
        cx.who_answered, cx.scorecard, cx.pyramid, cx.items, cx.journey, cx.links, cx.priorities,
        cx.change, cx.summary,
    )  # fmt: skip
    found = [one for section in sections for one in section.findings(survey)]
    return " ".join([*map(say, found), *(title(one) for one in found if one.title)])


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


@pytest.fixture(scope="module")
def demo_summary(demo) -> Findings:
    return cx.summary.findings(demo)


@pytest.fixture(scope="module")
def customers(tmp_path_factory):
    """Eighty customers in one wave: recommendation and three levels, and no journey.

    NPS: 40 promoters, 20 passives, 20 detractors of 80. Trust has half its answers at 2 and half
    at 3 of 5, so scores 25 and 50; fulfilment 4 and 5, service 3 and 4.
    """
    answers = {
        "q": [10] * 40 + [7] * 20 + [3] * 20,
        "bought": ["yes"] * 80,
        "f1": [4, 5] * 40,
        "t1": [2, 3] * 40,
        "r1": [3, 4] * 40,
    }
    return lay(tmp_path_factory.mktemp("customers"), CUSTOMERS + NPS + PYRAMID, answers)


# -- the summary -----------------------------------------------------------------------------------


def first_five(summary: Findings) -> list[Finding]:
    return [one for one in summary if not one.options.get("box")]


def five(survey) -> list[Finding]:
    return first_five(cx.summary.findings(survey))


def test_the_summary_answers_five_fixed_questions_in_order(demo_summary) -> None:
    assert [(one.key, one.proof) for one in first_five(demo_summary)] == [
        ("F04", "scorecard"),
        ("F06", "pyramid"),
        ("F12", "journey"),
        ("F17", "links"),
        ("F20", "change"),
    ]


def test_the_summary_says_what_the_sections_say(demo, demo_summary) -> None:
    told = {say(one) for one in first_five(demo_summary) if one.key != "F32"}
    sections = [getattr(cx, name).findings(demo) for name in TOPICS]
    assert told <= {say(one) for found in sections for one in found if one.variant}
    again = cx.summary.findings(demo, *sections)
    assert [say(one) for one in again] == [say(one) for one in demo_summary]


def test_the_summary_draws_nothing_and_keeps_only_the_records_it_speaks_of(demo_summary) -> None:
    for one in demo_summary:
        assert (one.figure, one.table, one.title, tuple(one.notes)) == (None, None, None, ())
    (weakest,) = (one for one in demo_summary if one.key == "F06")
    assert {row.of for row in weakest.estimates} == {"level:responsive_service"}


@pytest.mark.parametrize(
    ("study", "columns", "expected"),
    [
        (
            CUSTOMERS + NPS,
            {"q": [10, 0] * 60},
            [("F04", "one_wave"), ("F32", "not_measured"), ("F32", "not_measured"),
             ("F32", "not_measured"), ("F20", "no_previous")],
        ),
        (
            CUSTOMERS + NPS,
            {"q": [10, 0] * 10},
            [("F33", "hidden"), ("F32", "not_measured"), ("F32", "not_measured"),
             ("F32", "not_measured"), ("F20", "no_previous")],
        ),
        (
            CUSTOMERS + PYRAMID,
            {"bought": ["yes"] * 60, "f1": [4, 2] * 30, "t1": [2, 4] * 30, "r1": [2, 4] * 30},
            [("F32", "not_measured"), ("F06", "tie"), ("F32", "not_measured"),
             ("F32", "not_measured"), ("F20", "no_previous")],
        ),
    ],
    ids=["outcome only", "too few", "levels only"],
)  # fmt: skip
def test_each_of_the_five_has_a_form_for_what_is_not_there(
    tmp_path, study, columns, expected
) -> None:
    assert [(one.key, one.variant) for one in five(lay(tmp_path, study, columns))] == expected


def test_the_third_question_takes_the_loss_where_no_stage_is_rated(tmp_path) -> None:
    lines, answers = unrated(300, 300, 270, 100, 90, 80)
    survey = lay(tmp_path, MARKET + lines, answers)
    assert keys(cx.journey.findings(survey)) == [
        ("F10", "market_sample_list"),
        ("F11", "clear"),
        ("F32", "not_measured"),
    ]
    assert five(survey)[2].key == "F11"


def test_what_is_hidden_is_never_said_not_to_have_been_asked(tmp_path) -> None:
    """Twenty people rated every stage: the survey does hold the question."""
    survey = lay(tmp_path, CUSTOMERS + JOURNEY, travelled(20, *[[3, 4]] * 5))
    third = say(five(survey)[2])
    assert "not measured" not in third
    assert "no question" not in third


def test_a_stage_that_was_reached_but_not_rated_is_not_called_unmeasured(tmp_path) -> None:
    """Only its rating was not asked."""
    study = MARKET + JOURNEY.replace(", rating: s4", "")
    answers = travelled(200, *[[4, 5]] * 5, reached=[200, 160, 120, 100, 60])
    answers.pop("s4")
    box = [one for one in cx.summary.findings(lay(tmp_path, study, answers))
           if one.options.get("box")]  # fmt: skip
    said = [say(one) for one in box]
    assert not any(text.startswith("Evaluate was not measured") for text in said)
    assert any("rating of the Evaluate stage was not measured" in text for text in said)


# -- who answered ----------------------------------------------------------------------------------


def test_customers_are_told_apart_from_a_market(customers, demo) -> None:
    assert keys(cx.who_answered.findings(customers))[:3] == [
        ("F01", "unweighted_no_dates"),
        ("F02", "customers_only"),
        ("F02", "opt_in"),
    ]
    assert keys(cx.who_answered.findings(demo))[:2] == [("F01", "weighted"), ("F02", "opt_in")]
    said = say(cx.who_answered.findings(customers)[0])
    assert said.startswith("This report rests on the answers of 80 respondents, without weighting;")


def test_an_undisclosed_sample_is_said_to_be_one(tmp_path) -> None:
    survey = lay(tmp_path, "sample: {frame: market, design: unknown}\n" + NPS, {"q": [9, 3] * 40})
    assert keys(cx.who_answered.findings(survey))[1:2] == [("F02", "design_not_disclosed")]


# -- the scorecard ---------------------------------------------------------------------------------


def test_the_headline_is_worked_out_by_hand(customers) -> None:
    """40 promoters less 20 detractors of 80 are 25 points; 50, 25 and 25 of a hundred."""
    headline, composition = cx.scorecard.findings(customers)[:2]
    assert say(headline).startswith("Net Promoter Score (NPS) for Toko is 25 (95% range ")
    assert say(headline).endswith("; n = 80).")
    assert say(composition) == (
        "Of every 100 respondents, about 50 are promoters, 25 passives and 25 detractors."
    )


@pytest.mark.parametrize(
    ("target", "variant", "direction"),
    [(60, "below_target", "bad"), (47, "cannot_tell", "flat"), (-10, "above_target", "good")],
)
def test_a_target_is_judged_by_the_whole_range(tmp_path, target, variant, direction) -> None:
    """NPS 50 of 900 answers has a range of some 6 points either side."""
    study = f"{CUSTOMERS}{NPS}targets: {{nps: {target}}}\n"
    survey = lay(tmp_path, study, {"q": [10, 10, 10, 3] * 225})
    headline = cx.scorecard.findings(survey)[0]
    assert [plus for plus, _ in headline.plus] == [variant]
    assert headline.direction == direction
    assert f"target of {target}".replace("-", "−") in say(headline)


def test_a_range_that_is_too_wide_decides_nothing_about_a_target(tmp_path) -> None:
    """NPS 33 (2 to 60) lies above -50, but its direction cannot be relied on."""
    survey = lay(tmp_path, f"{CUSTOMERS}{NPS}targets: {{nps: -50}}\n", {"q": [10, 10, 3] * 12})
    assert [plus for plus, _ in cx.scorecard.findings(survey)[0].plus] == ["cannot_tell"]


def test_one_wave_has_no_change(customers) -> None:
    assert keys(cx.change.findings(customers)) == [("F20", "no_previous")]
    assert say(five(customers)[4]) == (
        "There is no earlier wave yet, so change cannot be computed."
    )


def test_a_fall_is_told_as_a_fall(tmp_path) -> None:
    """From 500 of 1,000 promoters and no detractor to none and 500: 50 to -50."""
    survey = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([10, 7] * 500, [7, 0] * 500))
    change = cx.change.findings(survey).get("F20")
    assert (change.variant, change.direction) == ("fall", "bad")
    text = say(change)
    assert text.startswith("Net Promoter Score (NPS) has fallen by 100 points since the first half"
                           " of 2025, from 50 to −50 (range of the fall: ")  # fmt: skip
    low, high = map(int, re.search(r"fall: (\d+) to (\d+) points", text).groups())
    assert low < 100 < high


def test_a_rise_is_told_as_a_rise_and_a_small_one_as_small(tmp_path) -> None:
    study = f"wave: w\n{CUSTOMERS}{NPS}matters: {{nps: 30}}\n"
    survey = lay(tmp_path, study, waves([10, 0, 0] * 1000, [10, 0] * 1500))
    change = cx.change.findings(survey).get("F20")
    assert (change.variant, change.direction) == ("rise", "good")
    assert "has risen by 33 points" in say(change)
    survey = lay(tmp_path, study.replace("30", "60"), waves([10, 0, 0] * 1000, [10, 0] * 1500))
    change = cx.change.findings(survey).get("F20")
    assert say(change).endswith(
        " The change is real but smaller than the 60 points that this study treats as meaningful."
    )


def test_no_evidence_names_both_ends_of_what_remains_plausible(tmp_path) -> None:
    survey = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([10, 0] * 400, [10, 0] * 400))
    change = cx.change.findings(survey).get("F20")
    assert (change.variant, change.direction) == ("no_evidence", "flat")
    low, high = re.search(r"a fall of (\d+) points to a rise of (\d+) points", say(change)).groups()
    assert low == high != "0"


def test_a_change_that_is_surely_a_rise_is_not_told_as_perhaps_a_fall(tmp_path) -> None:
    """From all detractors to two thirds promoters on 36 answers each: +133, +92 to +154 or so.

    The range is too wide to be relied on, but it holds no fall.
    """
    answers = waves([0] * 36, [10, 10, 5] * 12)
    survey = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", answers)
    change = cx.compare(survey, "nps", by="wave")[0]
    assert change.ci_low > 0
    assert "a fall of" not in say(cx.change.findings(survey).get("F20"))


def test_a_share_that_is_stable_is_so_within_percentage_points(tmp_path) -> None:
    study = f"wave: w\n{CUSTOMERS}{CSAT}matters: {{csat: 0.05}}\n"
    survey = lay(tmp_path, study, waves([5, 2] * 2500, [5, 2] * 2500))
    change = cx.change.findings(survey).get("F20")
    assert say(change) == (
        "Customer satisfaction (CSAT) has been stable since the first half of 2025: any change is"
        " smaller than 5 percentage points."
    )


def test_a_wave_before_that_was_too_small_hides_the_change(tmp_path) -> None:
    survey = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([10, 0] * 12, [10, 0] * 100))
    change = cx.change.findings(survey).get("F20")
    assert say(change) == (
        "The change in Net Promoter Score (NPS) since the first half of 2025 is not shown,"
        " because the base is too small."
    )


def test_a_question_that_was_not_asked_before_has_no_small_base_and_no_secret(tmp_path) -> None:
    """Nobody answered it in the wave before: that is not a matter of ten answers."""
    survey = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([""] * 100, [10, 0] * 50))
    scorecard = cx.scorecard.findings(survey)
    notes = [
        note for one in scorecard for note in Shown(one.to_dict(), Words("en", one.context)).notes()
    ]
    assert not any("fewer than 10 answers" in note for note in notes)


def test_a_headline_hidden_for_privacy_does_not_speak_of_a_limit_that_it_meets(tmp_path) -> None:
    """Eight answers pass a limit of 5; it is the rule of ten that hides them."""
    survey = lay(tmp_path, f"{CUSTOMERS}{NPS}min_base: 5\n", {"q": [10] * 8})
    said = say(cx.scorecard.findings(survey)[0])
    assert said == (
        "Results for Net Promoter Score (NPS) are not shown: there are fewer than 10 answers, so"
        " that no respondent can be recognised."
    )


def test_a_headline_hidden_for_its_base_says_so_without_its_number(tmp_path) -> None:
    survey = lay(tmp_path, CUSTOMERS + NPS, {"q": [10, 10, 10, 0] * 5})
    hidden = cx.scorecard.findings(survey)[0]
    assert say(hidden) == (
        "Results for Net Promoter Score (NPS) are not shown: effective base 20, below the limit"
        " of 30."
    )
    assert hidden.headline is None
    assert not re.search(r"\b50\b", everything_said(survey))


def test_two_outcomes_of_one_metric_are_told_apart(tmp_path) -> None:
    study = CUSTOMERS + (
        "outcomes:\n"
        "  delivery: {column: a, metric: csat, scale: satisfaction_5, definition: top_2_box,"
        " label: Delivery}\n"
        "  price: {column: b, metric: csat, scale: satisfaction_5, definition: top_2_box,"
        " label: Price}\n"
    )
    survey = lay(tmp_path, study, {"a": [5, 2] * 50, "b": [5, 5] * 50})
    table = Shown(
        cx.scorecard.findings(survey).get("scorecard").to_dict(), Words("en", survey.context())
    ).table()
    first, second = (f"{row['head']} {row['small']}" for row in table["rows"])
    assert "Delivery" in first
    assert "Price" in second


# -- levels and statements -------------------------------------------------------------------------


def test_the_weakest_level_is_worked_out_by_hand(customers) -> None:
    """Answers 2 and 3 of 5 are scores of 25 and 50; 3 and 4 are 50 and 75."""
    weakest, *_ = cx.pyramid.findings(customers)
    assert (weakest.variant, weakest.direction) == ("clear", "bad")
    assert say(weakest).startswith("The weakest level is Trust, scoring 37.5 (")
    assert say(weakest).endswith("), 25.0 points below the next weakest, Responsive service.")
    assert title(weakest) == "Weakest level: Trust, 25.0 points below Responsive service"


def test_levels_that_are_equal_are_a_tie_and_named_together(tmp_path) -> None:
    answers = {"bought": ["yes"] * 80, "f1": [5, 5] * 40, "t1": [2, 4] * 40, "r1": [4, 2] * 40}
    survey = lay(tmp_path, CUSTOMERS + PYRAMID, answers)
    tie, *_ = cx.pyramid.findings(survey)
    assert (tie.variant, tie.direction, tie.headline) == ("tie", "flat", None)
    listed = re.search(r"weakest: (.+) cannot be told apart", say(tie))[1]
    assert set(listed.split(" and ")) == {"Trust", "Responsive service"}
    assert title(tie) == "No single level is clearly the weakest"


def test_a_hidden_level_is_not_named_and_an_unmeasured_one_is_not_called_too_small(
    tmp_path,
) -> None:
    """Three levels were asked of 20; the other two of the five were not asked at all."""
    answers = {"bought": ["yes"] * 20, "f1": [5] * 20, "t1": [2] * 20, "r1": [4] * 20}
    hidden, *_ = cx.pyramid.findings(lay(tmp_path, CUSTOMERS + PYRAMID, answers))
    assert hidden.variant == "hidden"
    said = say(hidden)
    assert "Trust" in said
    assert "Emotional connection" not in said
    assert "Online experience" not in said


def test_the_least_agreed_statement_is_named_with_both_its_sides(customers) -> None:
    """Of Trust's answers none agrees, half are 2 (disagree) and half stand in the middle."""
    lowest = cx.items.findings(customers).get("F09")
    assert say(lowest) == (
        "The least agreed statement is “I am confident that Toko protects my personal data”:"
        " 0% agree and 50% disagree (n = 80)."
    )


def test_statements_that_cannot_be_told_apart_are_a_tie(tmp_path) -> None:
    answers = {"bought": ["yes"] * 80, "f1": [5] * 80, "t1": [2, 4] * 40, "r1": [4, 2] * 40}
    lowest = cx.items.findings(lay(tmp_path, CUSTOMERS + PYRAMID, answers)).get("F09")
    assert lowest.variant == "lowest_tie"
    assert "cannot be told apart" in say(lowest)


def test_a_single_statement_is_not_the_least_agreed_of_several(tmp_path) -> None:
    study = CUSTOMERS + PYRAMID.replace(", tru_1: t1, res_1: r1", "")
    survey = lay(tmp_path, study, {"bought": ["yes"] * 80, "f1": [5, 1] * 40})
    found = cx.items.findings(survey)
    assert "least" not in " ".join([*map(say, found), *(title(x) for x in found if x.title)])


def test_a_scale_without_agreement_is_not_told_as_agreement(tmp_path) -> None:
    answers = {"bought": ["yes"] * 80, "f1": [5, 4] * 40, "t1": [1, 5] * 40, "r1": [4, 5] * 40}
    survey = lay(tmp_path, CUSTOMERS + PYRAMID.replace("agreement_5", "satisfaction_5"), answers)
    found = cx.items.findings(survey)
    assert found.get("F09").variant == "lowest_scale"
    words = " ".join([say(found.get("F09")), title(found.get("answers"))])
    assert not re.search(r"\b(dis)?agree", words)


def test_statements_that_nobody_answered_are_not_called_too_small(tmp_path) -> None:
    nobody = {"bought": ["yes"] * 40, "f1": [""] * 40, "t1": [""] * 40, "r1": [""] * 40}
    found = cx.items.findings(lay(tmp_path, CUSTOMERS + PYRAMID, nobody))
    assert title(found.get("answers")) == "No answers statement by statement: nobody answered"


def test_a_scale_that_runs_down_is_told_by_its_better_half(tmp_path) -> None:
    """Whoever answers 1 of a scale that runs down is in the better half, not in the lower."""
    ends = "low: {en: Good}, high: {en: Bad}"
    scale = f"scales: {{ours: {{points: [1, 2, 3, 4, 5], direction: down, {ends}}}}}\n"
    study = CUSTOMERS + scale + PYRAMID.replace("agreement_5", "ours")
    answers = {"bought": ["yes"] * 80, "f1": [1, 2] * 40, "t1": [5, 1] * 40, "r1": [2, 1] * 40}
    found = cx.items.findings(lay(tmp_path, study, answers))
    said = say(found.get("F09"))
    assert "50% in the better half of the scale and 50% in the worse half" in said
    assert not re.search("upper|lower", said)


def test_the_scorecard_counts_no_changes_where_none_is_clear_or_compared(tmp_path) -> None:
    alike = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([10, 0] * 50, [10, 0] * 50))
    assert title(cx.scorecard.findings(alike).get("scorecard")) == (
        "No clear change since the first half of 2025"
    )
    empty = lay(tmp_path, f"wave: w\n{CUSTOMERS}{NPS}", waves([""] * 100, [10, 0] * 50))
    assert title(cx.scorecard.findings(empty).get("scorecard")) == "Overall outcomes"


def test_a_sentence_begins_with_a_capital_whatever_a_study_calls_its_outcome(tmp_path) -> None:
    outcome = "{column: q, metric: mean, scale: satisfaction_5, label: {en: liking}}"
    study = f"{CUSTOMERS}outcomes: {{liking: {outcome}}}\n"
    found = cx.scorecard.findings(lay(tmp_path, study, {"q": [5, 4] * 50}))
    assert say(found.get("F04")).startswith("Liking for Toko is 4.50")


def test_a_study_without_a_framework_has_neither_levels_nor_statements(tmp_path) -> None:
    survey = lay(tmp_path, CUSTOMERS + NPS, {"q": [9, 3] * 40})
    assert keys(cx.pyramid.findings(survey)) == [("F32", "not_measured")]
    assert keys(cx.items.findings(survey)) == [("F32", "not_measured")]


def statements_among_the_methods(survey) -> list[str]:
    _, blocks = methods_blocks(nbformat.v4.new_notebook(), Words("en", survey.context()))
    (wording,) = (block for block in blocks if block.get("id") == "methods-items")
    return [row["head"] for row in wording["blocks"][0]["table"]["rows"]]


def test_every_statement_is_printed_word_for_word_among_the_methods(customers) -> None:
    assert statements_among_the_methods(customers) == ["res_1", "tru_1", "ful_1"]


def test_statements_outside_any_framework_are_among_the_methods_too(tmp_path) -> None:
    study = CUSTOMERS + "scale: agreement_5\nitems: {own_a: a, own_b: b}\n"
    survey = lay(tmp_path, study, {"a": [5, 4] * 40, "b": [2, 3] * 40})
    assert statements_among_the_methods(survey) == ["own_a", "own_b"]


# -- the journey -----------------------------------------------------------------------------------


def test_a_study_without_a_journey_says_that_it_was_not_measured(customers) -> None:
    found = cx.journey.findings(customers)
    assert keys(found) == [("F32", "not_measured")]
    assert say(found[0]) == (
        "The customer journey was not measured: the survey holds no question about it."
    )


def test_customers_alone_show_no_reach(tmp_path) -> None:
    """Reach would be a property of the customer list."""
    survey = lay(tmp_path, CUSTOMERS + JOURNEY, travelled(80, [5], [5, 4], [2], [2], [2, 3]))
    found = cx.journey.findings(survey)
    assert keys(found)[0] == ("F10", "other_frames")
    metrics = {one.metric for finding in found for one in finding.estimates}
    assert metrics == {"score_100"}
    assert found.get("F11") is None


def test_reach_is_worked_out_by_hand(tmp_path) -> None:
    """Of 200 who know the brand 160, 120, 100 and 60 got further: 80, 60, 50, 30 of a hundred.

    160 of 200 went on (80%), 120 of 160 (75%), 100 of 120 (83%), 60 of 100 (60%).
    """
    answers = travelled(200, *[[4]] * 5, reached=[200, 160, 120, 100, 60])
    found = cx.journey.findings(lay(tmp_path, MARKET + JOURNEY, answers))
    assert say(found.get("F10")) == (
        "Of every 100 people who know Toko, 80 have compared it, 60 have come to a decision, 50"
        " have used it and 30 have recommended it."
    )
    rows = found.get("stages").estimates
    onward = {one.of: round(one.estimate, 4) for one in rows.where(metric="conversion")}
    assert [onward[f"stage:{stage}"] for stage in STAGES[:4]] == [0.8, 0.75, 0.8333, 0.6]


def test_the_largest_loss_is_named_where_it_is_clear(tmp_path) -> None:
    answers = travelled(300, *[[4]] * 5, reached=[300, 280, 90, 80, 72])
    loss = cx.journey.findings(lay(tmp_path, MARKET + JOURNEY, answers)).get("F11")
    assert (loss.variant, loss.direction) == ("clear", "bad")
    assert say(loss).startswith(
        "The largest loss lies between Consider and Decide: 32% of those who reached Consider went"
    )


def test_equal_losses_are_a_tie(tmp_path) -> None:
    answers = travelled(400, *[[4]] * 5, reached=[400, 300, 225, 169, 127])
    loss = cx.journey.findings(lay(tmp_path, MARKET + JOURNEY, answers)).get("F11")
    assert (loss.variant, loss.headline) == ("tie", None)


def test_a_market_sample_that_is_too_small_is_not_called_a_list_of_customers(tmp_path) -> None:
    """Its reach is hidden for its base, not for its frame."""
    survey = lay(tmp_path, MARKET + JOURNEY, travelled(20, *[[3, 4]] * 5))
    said = everything_said(survey)
    assert "leaves out people who stopped" not in said


def test_a_conversion_that_is_hidden_is_not_called_unmeasured(tmp_path) -> None:
    """Twenty reached the second stage: asked, and too few to show."""
    lines, answers = unrated(200, 200, 20, 10, 5, 2)
    loss = cx.journey.findings(lay(tmp_path, MARKET + lines, answers)).get("F11")
    assert "was not measured" not in say(loss)


def test_the_worst_handoff_is_worked_out_by_hand(tmp_path) -> None:
    """Ratings of 5, 5, 3, 3, 3 of 5 are 100, 100, 50, 50, 50: the drop is at Decide."""
    survey = lay(tmp_path, CUSTOMERS + JOURNEY, travelled(80, [5], [5], [3], [3], [3]))
    drop = cx.journey.findings(survey).get("F12")
    assert (drop.variant, drop.direction) == ("clear", "bad")
    assert say(drop) == (
        "Ratings drop most at the hand-off from Consider to Decide: 50.0 points lower (50.0 to"
        " 50.0; n = 80 who went through both)."
    )


def test_equal_drops_are_a_tie(tmp_path) -> None:
    """Two drops of 25 points, by the same people."""
    answers = travelled(80, [5], [4, 4], [3], [3], [3])
    drop = cx.journey.findings(lay(tmp_path, CUSTOMERS + JOURNEY, answers)).get("F12")
    assert drop.variant == "tie"
    assert say(drop) == (
        "Several hand-offs show drops that cannot be told apart: Aware to Consider (25.0 points"
        " lower) and Consider to Decide (25.0 points lower)."
    )


def test_a_handoff_whose_change_prints_as_zero_is_listed_without_a_size() -> None:
    """0.04 points are neither lower nor higher when they print as 0.0."""
    words = Words("en", {})
    size = {"kind": "number", "value": 0.04, "unit": "score_100", "style": "size"}
    said = slot_text({"kind": "handoffs", "key": [["stage:aware", "stage:consider", size]]}, words)
    assert said == "Aware to Consider"


@pytest.mark.parametrize(
    "ratings",
    [
        ([1], [2], [3], [4], [4, 5]),
        ([1, 2], [1, 2], [3, 4], [4, 5], [4, 5]),
        ([1], [2], [3], [4], [5]),
    ],
    ids=["one smallest rise", "two that stay", "all alike"],
)
def test_where_no_rating_drops_none_is_said_to_drop(tmp_path, ratings) -> None:
    survey = lay(tmp_path, CUSTOMERS + JOURNEY, travelled(400, *ratings))
    drop = cx.journey.findings(survey).get("F12")
    assert drop is None or "show drops" not in say(drop)
    assert "Several" not in everything_said(survey)


def test_too_few_journeys_have_a_title_that_says_so(tmp_path) -> None:
    """Not that no loss is clearly the worst: nothing could be compared."""
    survey = lay(tmp_path, MARKET + JOURNEY, travelled(20, *[[3, 4]] * 5))
    drawn = cx.journey.findings(survey).get("stages")
    assert title(drawn) == "The base is too small to name the worst point of the journey"


# -- what is hidden names nobody -------------------------------------------------------------------


def test_no_loss_is_named_while_another_is_hidden(tmp_path) -> None:
    """60 %, then 40 % of forty; the third is hidden, and it may be the largest of all."""
    lines, answers = unrated(400, 400, 240, 40, 16, 8)
    leak = cx.journey.findings(lay(tmp_path, MARKET + lines, answers))
    assert leak.get("F11").variant == "some_hidden"
    assert leak.get("F11").headline is None
    drawn = leak.get("stages")
    assert drawn.options["leak"] is None
    assert "too small" in title(drawn)


def test_no_handoff_is_named_while_another_is_hidden(tmp_path) -> None:
    """A fall of 50 points that all can see, and a hand-off of twenty people that nobody can."""
    ratings = ([5], [3], [3], [3], [1])
    answers = travelled(400, *ratings, reached=[400, 400, 400, 400, 20])
    drop = cx.journey.findings(lay(tmp_path, CUSTOMERS + JOURNEY, answers)).get("F12")
    assert (drop.variant, drop.headline) == ("some_hidden", None)


def test_reach_counts_those_who_know_the_brand_whatever_stages_are_asked(tmp_path) -> None:
    """80 of 100 know the brand and 40 of them compared: 50 of every 100, not 100."""
    study = MARKET + (
        "frameworks: [journey]\nbases: {aware: {column: r1}}\n"
        "stages: {consider: {reached: r2}, decide: {reached: r3}}\n"
    )
    n = {"r1": 80, "r2": 40, "r3": 20}
    answers = {key: ["yes"] * m + ["no"] * (100 - m) for key, m in n.items()}
    reach = cx.journey.findings(lay(tmp_path, study, answers)).get("F10")
    assert say(reach) == (
        "Of every 100 people who know Toko, 50 have compared it and 25 have come to a decision."
    )
    assert {one.n for one in reach.estimates} == {80}


def test_reach_that_nobody_answered_is_not_called_too_small(tmp_path) -> None:
    """All know the brand; the questions about the other stages came back empty."""
    answers = {"r1": ["yes"] * 80, **{f"r{k}": [""] * 80 for k in range(2, 6)}}
    lines = re.sub(r", rating: s\d", "", JOURNEY)
    reach = cx.journey.findings(lay(tmp_path, MARKET + lines, answers))[0]
    assert say(reach) == "There are no results for reach of the stages: nobody answered."


def test_a_group_too_small_to_be_private_has_neither_share_nor_count(tmp_path) -> None:
    """Three in Ternate; with them the next smallest, or subtraction would find them."""
    cities = ["jakarta"] * 100 + ["medan"] * 40 + ["ternate"] * 3
    study = f"{CUSTOMERS}{NPS}segments: {{city: {{column: city}}}}\n"
    survey = lay(tmp_path, study, {"q": [9] * 143, "city": cities})
    made_up = cx.who_answered.findings(survey).get("composition")
    assert {one.by["city"] for one in made_up.estimates} == {"jakarta"}
    assert made_up.options["hidden"] == {"segment:city": ["city=medan", "city=ternate"]}
    table = Shown(made_up.to_dict(), Words("en", made_up.context)).table()
    shown = {row["head"]: [cell["text"] for cell in row["cells"]] for row in table["rows"]}
    assert shown["ternate"] == shown["medan"] == ["**", "**"]


def test_a_level_is_compared_with_its_own_statements_of_the_wave_before(tmp_path) -> None:
    """tru_2, asked only before, drew 5s: the earlier score shown is that of tru_1 alone."""
    study = CUSTOMERS + (
        "wave: w\nframeworks: [pyramid]\nscale: agreement_5\n"
        "bases: {buyers: {column: bought}}\nitems: {tru_1: t1, tru_2: t2}\n"
    )
    columns = {
        "w": ["2025H1"] * 200 + ["2025H2"] * 200,
        "bought": ["yes"] * 400,
        "t1": [3, 4] * 100 + [2, 3] * 100,
        "t2": [5] * 200 + [""] * 200,
    }
    weakest, *_ = cx.pyramid.findings(lay(tmp_path, study, columns))
    now, before = (
        weakest.estimates.only(of="level:trust", wave=wave).estimate
        for wave in ("2025H2", "2025H1")
    )
    (change,) = (one for one in weakest.comparisons if one.of == "level:trust")
    assert (now, before, change.difference) == pytest.approx((37.5, 62.5, -25.0))
    notes = Shown(weakest.to_dict(), Words("en", weakest.context)).notes()
    assert any("on the same statements" in note and "personal data" in note for note in notes)


# -- the demo, as a reader meets it ----------------------------------------------------------------


def test_a_group_of_the_demo_is_told_by_the_same_sections(demo) -> None:
    """A report by region is the same report on fewer people; small ones say so."""
    said = everything_said(demo.where(region="kalimantan"))
    assert not re.search(r"[{}]|\( | \)|\bnan\b", said)
    assert said.startswith("This report rests on the answers of 146 respondents")


def test_an_earlier_wave_is_reported_with_the_one_before_it(demo) -> None:
    change = cx.change.findings(demo.where(wave="2025H2")).get("F20")
    assert "first half of 2025" in say(change)
    assert keys(cx.change.findings(demo.where(wave="2025H1"))) == [("F20", "no_previous")]


def test_the_demo_is_told_in_indonesian_too(demo_summary) -> None:
    first, _, _, fourth, fifth = (say(one, "id") for one in first_five(demo_summary))
    assert first.startswith("Net Promoter Score (NPS) Toko Contoh pada Semester I 2026 adalah ")
    assert fourth.startswith("Belum jelas tingkat mana yang paling erat berkaitan dengan kesediaan"
                             " merekomendasikan: ")  # fmt: skip
    assert fourth.endswith(" tidak bisa dibedakan. Ini kaitan, bukan sebab.")
    assert " turun " in fifth
    assert " sejak Semester II 2025, dari " in fifth
