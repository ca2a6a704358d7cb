"""The journey on one sheet: what stands where, whose words, and how it is printed."""

from __future__ import annotations

import dataclasses

import nbformat
import numpy as np
import pytest
from planted import plant
from waved import notes, say, shown

import cxkit as cx
from cxkit.places import shared
from cxkit.records import Comparison, Estimate
from cxkit.report import figures
from cxkit.report.finding import FINDING_MIME
from cxkit.report.layout import Page
from cxkit.wording import Words

STAGES = ("aware", "consider", "decide")
EN = Words("en", {"languages": ["en"]})
STUDY = """\
sample: {frame: customers, design: probability}
frameworks: [journey]
stages:
  aware: {reached: r1, rating: s1}
  consider: {reached: r2, rating: s2}
  decide: {reached: r3, rating: s3}
channels: {columns: {website: c1, app: c2}}
"""


@pytest.fixture
def survey(tmp_path, rng):
    """All rate `aware`, fewer and happier ones the later stages: marks rise, the line falls."""
    n = 400
    mood = rng.normal(0, 0.8, n)
    columns = {f"channel:{key}": rng.integers(0, 2, n) * 1.0 for key in ("website", "app")}
    for step, stage in enumerate(STAGES):
        reached = mood > -1 + 0.7 * step if step else np.ones(n, bool)
        rated = np.clip(np.round(3.4 + mood - 0.15 * step + rng.normal(0, 0.5, n)), 1, 5)
        columns[f"reached:{stage}"] = reached.astype(float)
        columns[f"rating:{stage}"] = np.where(reached, rated, np.nan)
    return plant(tmp_path, columns, STUDY)


def score(stage, value, **fields):
    given = {"n": 200, "n_eff": 200.0, "unit": "score_100", "wave": "2026", **fields}
    return Estimate("score_100", f"stage:{stage}", value, value - 2, value + 2, **given)


def records(**common):
    """Marks that rise and a line that falls."""
    marks = [score(stage, 60 + 3 * k) for k, stage in enumerate(STAGES)]
    line = [score(one, 80 - 5 * k, n=90, by={"rated": "all"}) for k, one in enumerate(STAGES)]
    return marks, line


def test_the_line_joins_common_ratings_and_marks_stand_on_their_own_base():
    marks, line = records()
    drawn = figures.journey_map([*marks, *line], words=EN, joined={"rated": "all"})
    tops = [drawn.find(f"tick.{stage}").top for stage in STAGES]
    dots = [drawn.find(f"common.{stage}").top for stage in STAGES]
    assert tops == sorted(tops, reverse=True), "marks rise"
    assert dots == sorted(dots), "the line falls"
    (joined,) = [one for one in drawn.drawn if one.name == "joined"]
    assert joined.left == drawn.find("tick.aware").middle
    assert joined.right == drawn.find("tick.decide").middle
    assert [drawn.find(f"rating.{stage}").text for stage in STAGES] == ["60.0", "63.0", "66.0"]
    assert any("the 90 people who rated every stage" in one.text for one in drawn.drawn)


def test_without_a_common_base_no_line_is_drawn():
    marks, _ = records()
    drawn = figures.journey_map(marks, words=EN)
    assert not [one for one in drawn.drawn if one.name.startswith(("joined", "common."))]


def test_a_hand_off_stands_between_its_stages_in_the_colour_of_its_verdict():
    marks, _ = records()
    drops = [
        Comparison("score_100", "handoff", "stage:consider", "stage:aware", -6.0, -8, -4, n_a=150,
                   unit="score_100", verdict="clear"),
        Comparison("score_100", "handoff", "stage:decide", "stage:consider", 1.0, -2, 4, n_a=120,
                   unit="score_100", verdict="no_evidence"),
    ]  # fmt: skip
    drawn = figures.journey_map(marks, drops, words=EN)
    one, other = drawn.find("handoff.consider"), drawn.find("handoff.decide")
    assert drawn.find("tick.aware").right < one.middle < drawn.find("tick.consider").left
    assert (one.role, one.text) == ("bad-ink", "\u25bc \u22126.0")
    assert (other.role, other.text) == ("soft", "\u00b7 +1.0")


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_stage_without_a_quote_simply_has_none(narrow):
    marks, _ = records()
    told = {"consider": {"text": "Ongkirnya kurang jelas", "lang": "id"}}
    drawn = figures.journey_map(marks, words=EN, quotes=told, narrow=narrow)
    quoted = [one for one in drawn.drawn if one.text.startswith("\u201c")]
    assert len(quoted) == 1
    if not narrow:
        assert quoted[0].middle == pytest.approx(drawn.find("tick.consider").middle)
    plain = figures.journey_map(marks, words=EN, narrow=narrow)
    assert EN.ui("fig_map_quotes") not in [one.text for one in plain.drawn]


def test_what_is_hidden_is_hatched_and_has_no_number():
    marks, _ = records()
    nan = float("nan")
    marks[1] = dataclasses.replace(
        marks[1], estimate=nan, ci_low=nan, ci_high=nan, n=12, flags=("hidden_base",)
    )
    drawn = figures.journey_map(marks, words=EN)
    assert drawn.find("none.consider").kind == "bar" or drawn.find("none.consider")
    assert drawn.find("rating.consider").text == "**"
    with pytest.raises(KeyError):
        drawn.find("tick.consider")


# -- the finding ----------------------------------------------------------------------------------


def test_the_map_is_one_finding_with_marks_line_channels_and_hand_offs(survey):
    (found,) = cx.journey_map.findings(survey)
    assert say(found) == "The journey on one sheet, to print and talk over together."
    assert (
        say(found, "id") == "Perjalanan dalam satu lembar, untuk dicetak dan dibicarakan bersama."
    )
    kinds = {(one.of.partition(":")[0], *sorted(one.by)) for one in found.estimates}
    assert kinds == {("stage",), ("stage", "rated"), ("channel", "reached")}
    drawn = shown(found).figure(narrow=False)
    assert len([one for one in drawn.drawn if one.name.startswith("tick.")]) == 3
    assert "Journey map of 5 stages on one sheet." in shown(found).alt()
    assert any("the happier the people who remain" in note for note in notes([found]))


def test_the_table_tells_the_same_numbers_as_the_drawing(survey):
    (found,) = cx.journey_map.findings(survey)
    view = shown(found, "id")
    drawn, table = view.figure(narrow=False), view.table()
    by_head = {row["head"]: row["cells"] for row in table["rows"]}
    for stage in STAGES:
        head = Words("id", found.context).name(f"stage:{stage}")
        assert drawn.find(f"rating.{stage}").text.rstrip("*") == by_head[head][0]["text"]
    assert "Situs" in by_head["Mengenal"][3]["text"]


def test_a_study_without_a_journey_has_no_map(tmp_path):
    lines = "sample: {frame: customers, design: probability}\noutcomes: {recommend: {column: q}}\n"
    survey = plant(tmp_path, {"outcome:recommend": np.full(40, 9.0)}, lines)
    assert len(cx.journey_map.findings(survey)) == 0


def test_too_few_ratings_make_no_map(survey):
    few = survey.among(np.arange(len(survey.mask)) < 20)
    assert len(cx.journey_map.findings(few)) == 0


def test_the_figure_is_marked_as_a_sheet_and_paper_gives_it_one(survey):
    """On paper a section with such a figure is laid on a landscape page of its own."""
    bundle = cx.journey_map.findings(survey).to_dict()
    cell = nbformat.v4.new_code_cell(
        "", outputs=[nbformat.v4.new_output("execute_result", {FINDING_MIME: bundle})]
    )
    nb = nbformat.v4.new_notebook(cells=[cell])
    page = Page(nb, Words("en", bundle["context"]))
    page._cell(cell)
    (block,) = [one for one in page.sections[0]["blocks"] if one["type"] == "figure"]
    assert "<svg" in block["sheet"].__html__()
    css = (shared("templates") / "report" / "report.css").read_text(encoding="utf-8")
    assert "@page sheet { size: A4 landscape;" in css
    assert "main > section:has(> figure.sheet) { page: sheet;" in css


@pytest.mark.parametrize("language", ["id", "en"])
def test_words_on_the_sheet_have_eight_and_a_half_points(language):
    """A4 on its side leaves 269 by 142 mm to the drawing; its smallest words have 12 units."""
    survey = cx.load("demo").latest
    (found,) = cx.journey_map.findings(survey)
    drawing = shown(found, language).figure(is_sheet=True)
    height = 72 * drawing.get_size_inches()[1]
    assert min(269 / drawing.width, 142 / height) * 12 * 72 / 25.4 >= 8.5


def test_the_demo_quotes_each_comment_once():
    """By the rule of the section on comments, masked; what is quoted was written by someone."""
    survey = cx.load("demo").latest
    (found,) = cx.journey_map.findings(survey)
    told = [one["text"] for one in found.options["quotes"].values()]
    assert told
    assert len(set(told)) == len(told)
    written = set(survey.frame.loc[survey.mask, "comment:reason"].dropna())
    assert set(told) <= written
