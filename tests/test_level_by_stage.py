"""Levels by furthest stage: what is said of each column, and that it says no more than is known."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import nbformat
import pytest
from test_sections import CUSTOMERS, JOURNEY, MARKET, NPS, PYRAMID, lay, say, title, travelled

import cxkit as cx
from cxkit.report.finding import FINDING_MIME, Finding, Findings
from cxkit.report.layout import Page
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
STUDY = """\
frameworks: [pyramid, journey]
scale: agreement_5
bases: {buyers: {column: bought}}
items: {ful_1: i1, tru_1: i2, res_1: i3}
stages: {aware: {reached: a1}, consider: {reached: a2}, decide: {reached: a3},
         evaluate: {reached: a4}, advocate: {reached: a5}}
"""

TRUST = ((4, 5), (2, 3), (3, 4))
"""Answers on fulfilment, trust and service: 87.5, 37.5 and 62.5 of 100; trust is clearly lowest."""

SERVICE = ((4, 5), (3, 4), (2, 3))
"""The same with service lowest, 37.5, and trust at 62.5."""

TIE = ((5, 5), (3, 4), (4, 3))
"""Trust and service at 62.5 each."""


@dataclasses.dataclass(frozen=True)
class Column:
    """Some respondents: how many, their furthest stage, their answers over and over."""

    n: int
    stage: str
    answers: Sequence[Sequence[int]] = TRUST
    bought: str = "yes"


def survey_of(folder: Any, *columns: Column, study: str = MARKET + STUDY) -> Any:
    """A survey of some columns of people, read as a user's answers are."""
    table: dict[str, list[object]] = {name: [] for name in ("bought", "i1", "i2", "i3")}
    table |= {f"a{k}": [] for k in range(1, 6)}
    for one in columns:
        last = STAGES.index(one.stage)
        for who, k in itertools.product(range(one.n), range(5)):
            table[f"a{k + 1}"].append("yes" if k <= last else "no")
            if k == 0:
                table["bought"].append(one.bought)
                given = [row[who % len(row)] if one.bought == "yes" else "" for row in one.answers]
                for name, answer in zip(("i1", "i2", "i3"), given, strict=True):
                    table[name].append(answer)
    return lay(folder, study, table)


def finding_of(folder: Any, *columns: Column, **more: Any) -> Finding:
    (found,) = cx.level_by_stage.findings(survey_of(folder, *columns, **more))
    return found


def notes(one: Finding, language: str = "en") -> str:
    shown = Shown(one.to_dict(), Words(language, one.context))
    return " ".join(shown.notes()).replace(NO_BREAK, " ")


def variants(one: Finding) -> list[str]:
    return [one.variant, *(variant for variant, _ in one.plus)]


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


# -- what is said ---------------------------------------------------------------------------------


def test_a_weak_spot_that_is_the_same_everywhere_is_said_once(tmp_path) -> None:
    """Trust is 37.5 for those who use it; of those who recommend it answers are 3 and 4: 62.5."""
    found = finding_of(
        tmp_path, Column(40, "evaluate"), Column(60, "advocate", ((5,), (3, 4), (5,)))
    )
    assert variants(found) == ["same"]
    assert say(found) == (
        "The lowest score is for Trust at every furthest stage shown: Evaluate (37.5) and Advocate"
        " (62.5). Each column holds different people."
    )
    assert say(found, "id") == (
        "Skor terendah ada pada Kepercayaan di semua tahap terjauh yang ditampilkan: Menilai (37,5)"
        " dan Merekomendasikan (62,5). Setiap kolom berisi orang yang berbeda."
    )
    assert title(found) == "Trust scores lowest at every stage shown"
    assert found.options["lowest"] == {"evaluate": "trust", "advocate": "trust"}


def test_weak_spots_that_differ_are_said_stage_by_stage(tmp_path) -> None:
    found = finding_of(tmp_path, Column(60, "advocate", SERVICE), Column(40, "evaluate"))
    assert variants(found) == ["clear_more", "clear"]
    assert say(found) == (
        "Among respondents whose furthest stage is Evaluate, the lowest score is for Trust"
        " (37.5; n = 40). Among respondents whose furthest stage is Advocate, the lowest score is"
        " for Responsive service (37.5; n = 60). Each column holds different people."
    )
    assert title(found) == "The lowest score is not for the same level at every stage"


def test_where_no_level_is_clearly_lowest_none_is_named(tmp_path) -> None:
    mixed = finding_of(tmp_path, Column(40, "evaluate", TIE), Column(60, "advocate"))
    assert variants(mixed) == ["clear", "unclear"]
    assert say(mixed) == (
        "Among respondents whose furthest stage is Advocate, the lowest score is for Trust"
        " (37.5; n = 60). Each column holds different people. At these furthest stages no single"
        " level clearly has the lowest score: Evaluate."
    )
    assert title(mixed) == "Trust scores lowest among those whose furthest stage is Advocate"
    assert mixed.options["lowest"] == {"advocate": "trust"}
    tied = finding_of(tmp_path, Column(40, "evaluate", TIE), Column(60, "advocate", TIE))
    assert variants(tied) == ["tie_all"]
    assert title(tied) == "No single level clearly scores lowest at any stage"
    assert tied.options["lowest"] == {}


def test_the_same_weak_spot_beside_a_tie_is_not_said_to_be_everywhere(tmp_path) -> None:
    columns = (Column(40, "decide"), Column(40, "evaluate", TIE), Column(60, "advocate"))
    found = finding_of(tmp_path, *columns)
    assert variants(found) == ["clear_more", "clear", "unclear"]
    assert title(found) == "Trust scores lowest at every stage where the lowest is clear"


def test_a_single_column_has_none_to_compare_with(tmp_path) -> None:
    found = finding_of(tmp_path, Column(40, "evaluate"))
    assert variants(found) == ["clear", "alone"]
    assert say(found).endswith("No other stage holds enough respondents to compare with it.")
    tied = finding_of(tmp_path, Column(40, "evaluate", TIE))
    assert say(tied).startswith(
        "Among respondents whose furthest stage is Evaluate, no single level clearly has the lowest"
        " score: Trust and Responsive service cannot be told apart."
    )


def test_customers_have_columns_too_though_no_funnel(tmp_path) -> None:
    """Whose furthest stage is which is no property of the list: it is who they are."""
    study = CUSTOMERS + STUDY
    columns = (Column(40, "evaluate"), Column(60, "advocate", SERVICE))
    assert variants(finding_of(tmp_path, *columns, study=study)) == ["clear_more", "clear"]


# -- whom it leaves out ---------------------------------------------------------------------------


def test_people_outside_the_base_are_not_applicable_and_never_low(tmp_path) -> None:
    outside = [Column(90, "consider", bought="no"), Column(90, "decide", bought="no")]
    found = finding_of(tmp_path, *outside, Column(40, "evaluate"), Column(60, "advocate"))
    assert variants(found) == ["same"]
    assert found.options["columns"] == ["aware", "evaluate", "advocate"]
    trust = found.estimates.where(of="level:trust")
    flags = {one.by["furthest_stage"]: one.flags for one in trust if not one.n}
    assert flags["consider"] == flags["decide"] == ("not_applicable",)
    assert flags["aware"] == ("no_answers",)
    said = notes(found)
    assert "Consider and Decide: none of the people whose furthest stage this is are in the" in said
    assert "Not applicable does not mean low." in said
    assert "Mempertimbangkan dan Memutuskan: tidak ada orang" in notes(found, "id")


def test_a_hidden_column_is_neither_named_nor_counted(tmp_path) -> None:
    """Twenty people are under the limit of thirty: no number of theirs, and no leader."""
    found = finding_of(tmp_path, Column(20, "evaluate", SERVICE), Column(60, "advocate"))
    assert variants(found) == ["clear", "alone"]
    assert "Evaluate" not in say(found)
    hidden = found.estimates.where(by_furthest_stage="evaluate")
    measured = [one for one in hidden if one.n]
    assert {one.flags for one in measured} == {("hidden_base",)}
    assert all(one.estimate != one.estimate for one in measured)
    assert {one.of for one in found.comparisons} == {"furthest_stage=advocate"}
    assert "** Effective base below 30: result not shown." in notes(found)


def test_a_column_hidden_beside_a_private_one_is_not_named_either(tmp_path) -> None:
    """Five people alone could be found by subtraction, so the next smallest goes with them."""
    columns = (Column(5, "decide"), Column(40, "evaluate", SERVICE), Column(60, "advocate"))
    found = finding_of(tmp_path, *columns)
    assert variants(found) == ["clear", "alone"]
    assert "Service" not in say(found)
    assert found.options["lowest"] == {"advocate": "trust"}
    assert {one.of for one in found.comparisons} == {"furthest_stage=advocate"}


def test_where_every_column_is_hidden_it_is_said_so(tmp_path) -> None:
    found = finding_of(tmp_path, Column(20, "evaluate"), Column(20, "advocate"))
    assert say(found) == (
        "The lowest score by furthest stage cannot be shown: the base is too small at every stage."
    )
    assert len(found.comparisons) == 0


def test_where_nobody_is_in_the_base_there_is_nothing_to_draw(tmp_path) -> None:
    found = finding_of(tmp_path, Column(40, "evaluate", bought="no"))
    assert variants(found) == ["nobody"]
    assert found.figure is None
    assert found.table is None


def test_a_level_that_stages_do_not_share_takes_the_name_from_all(tmp_path) -> None:
    """Those who evaluate were asked statements on trust that those who recommend were not."""
    study = MARKET + STUDY.replace("tru_1: i2", "tru_1: i2, tru_2: i4")
    answers = {"bought": ["yes"] * 100, "i1": [4, 5] * 50, "i3": [3, 4] * 50}
    answers |= {"i2": [1, 2] * 20 + [""] * 60, "i4": [""] * 40 + [1, 2] * 30}
    stages = {f"a{k}": ["yes"] * 100 for k in range(1, 5)} | {"a5": ["no"] * 40 + ["yes"] * 60}
    (found,) = cx.level_by_stage.findings(lay(tmp_path, study, answers | stages))
    assert variants(found) == ["not_comparable"]
    assert say(found) == (
        "The lowest score by furthest stage is not named, because the stages shown have no"
        " statement on Trust in common."
    )
    assert found.options["lowest"] == {}


@pytest.mark.parametrize(
    ("study", "what"),
    [
        (JOURNEY, "The score of each level"),
        (PYRAMID, "How far respondents have come on the customer journey"),
    ],
)
def test_what_was_not_asked_is_said_to_be_unmeasured(tmp_path, study, what) -> None:
    columns = {f"{kind}{k}": ["yes"] * 4 if kind == "r" else [3] * 4
               for kind in "rs" for k in range(1, 6)}  # fmt: skip
    if study == PYRAMID:
        columns = {"bought": ["yes"] * 4, "f1": [3] * 4, "t1": [3] * 4, "r1": [3] * 4}
    (found,) = cx.level_by_stage.findings(lay(tmp_path, MARKET + study, columns))
    assert (found.key, found.variant) == ("F32", "not_measured")
    assert say(found).startswith(what)


def test_furthest_stage_is_not_in_the_make_up_of_those_who_answered(demo, tmp_path) -> None:
    make_up = cx.who_answered.findings(demo).get("composition")
    assert {one.of for one in make_up.estimates if one.of.startswith("segment:")} == {
        f"segment:{key}" for key in demo.study.segments
    }
    alone = survey_of(tmp_path, Column(40, "evaluate"), study=MARKET + STUDY)
    assert cx.who_answered.findings(alone).get("composition") is None


# -- its table and its drawing --------------------------------------------------------------------


def table(one: Finding, language: str = "en") -> list[list[str]]:
    made = Shown(one.to_dict(), Words(language, one.context)).table()
    heads = [column["label"] for column in made["columns"]]
    return [
        heads,
        *([row["head"], *(cell["text"] for cell in row["cells"])] for row in made["rows"]),
    ]


def test_the_table_says_of_each_column_who_it_is_and_how_clear_its_lowest_score_is(
    tmp_path,
) -> None:
    columns = (Column(90, "decide", bought="no"), Column(40, "evaluate"), Column(20, "advocate"))
    rows = table(finding_of(tmp_path, *columns))
    assert rows[0] == ["Level", "Aware", "Consider", "Decide", "Evaluate", "Advocate"]
    assert rows[1] == ["n", "0", "0", "0", "40", "20"]
    trust, lowest, against = (
        next(row for row in rows if row[0] == name)
        for name in ("Trust", "Lowest", "Against the next lowest")
    )
    assert trust == ["Trust", "no answers", "no answers", "not applicable", "37.5", "**"]
    assert lowest == ["Lowest", "", "", "", "Trust", ""]
    assert against == ["Against the next lowest", "", "", "", "\u221225.0", ""]
    levels = [row[0] for row in rows[2:7]]
    assert levels[0] == "Emotional connection"
    assert levels[-1] == "Fulfilment"


@pytest.mark.parametrize("language", ["id", "en"])
def test_it_is_drawn_and_described_in_both_languages(demo, language) -> None:
    (found,) = cx.level_by_stage.findings(demo)
    shown = Shown(found.to_dict(), Words(language, found.context))
    lowest = {"id": "Layanan yang tanggap", "en": "Responsive service"}[language]
    last = {"id": "Merekomendasikan", "en": "Advocate"}[language]
    assert lowest in shown.sentence
    assert lowest in shown.alt()
    for size in ("wide", "narrow"):
        drawing = shown.drawing("heat", size)
        assert last in drawing
        assert lowest in drawing
    assert "{" not in shown.sentence + shown.title + " ".join(shown.notes())


def test_the_demo_has_its_planted_weak_spot_at_every_stage(demo) -> None:
    """truth.yaml plants responsive service 10 points below the next in 2026H1, whoever answers."""
    (found,) = cx.level_by_stage.findings(demo)
    assert variants(found) == ["same"]
    assert set(found.options["lowest"].values()) == {"responsive_service"}


def test_a_framework_of_one_level_names_no_lowest(tmp_path) -> None:
    study = MARKET + STUDY.replace(", tru_1: i2, res_1: i3", "")
    found = finding_of(tmp_path, Column(40, "evaluate"), Column(60, "advocate"), study=study)
    assert say(found) == ""
    assert title(found) == "Scores by level and furthest stage"


# -- the importance of price (F13) ----------------------------------------------------------------

PRICE = """\
outcomes:
  imp_consider_price: {column: p1, metric: mean, scale: importance_5}
  imp_decide_price: {column: p2, metric: mean, scale: importance_5}
matters: {score_100: 8}
"""


def price(folder: Any, consider: Sequence[object], decide: Sequence[object]) -> Finding:
    n = len(consider)
    columns = {f"r{k}": ["yes"] * n for k in range(1, 6)}
    columns |= {f"s{k}": [3] * n for k in range(1, 6)}
    columns |= {"p1": list(consider), "p2": list(decide)}
    survey = lay(folder, MARKET + JOURNEY + PRICE, columns)
    found = cx.journey.findings(survey).get("F13")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("consider", "decide", "variant", "said"),
    [
        ([2, 3] * 40, [4, 5, 4, 4] * 20, "higher", "Price matters more when deciding than when"),
        ([4, 5, 4, 4] * 20, [2, 3] * 40, "lower", "Price matters more when comparing than when"),
        ([3, 4, 5] * 30, [4, 5, 3] * 30, "stable", "Price is about as important when deciding"),
        ([1, 5] * 10 + [3] * 20, [5, 1] * 9 + [5, 5] + [3] * 20, "not_clear", "It is not clear"),
        ([3] * 20, [4] * 20, "hidden", "Whether price matters more when deciding than when"),
        ([3] * 40 + [""] * 40, [""] * 40 + [4] * 40, "nobody", "Whether price matters more when"),
    ],
)
def test_price_is_told_as_it_is(tmp_path, consider, decide, variant, said) -> None:
    found = price(tmp_path, consider, decide)
    assert found.variant == variant
    assert say(found).startswith(said)
    assert "{" not in say(found, "id")


def test_the_difference_in_price_is_worked_out_by_hand(tmp_path) -> None:
    """Answers 2 and 3 against 4, 5, 4, 4: on average 2.5 and 4.25, so 1.75 steps of 25 points."""
    found = price(tmp_path, [2, 3] * 40, [4, 5, 4, 4] * 20)
    assert "a difference of 43.8 points in the same people" in say(found)
    assert "n = 80" in say(found)
    assert "selisih 43,8 poin pada orang yang sama" in say(found, "id")
    (row,) = table(found)[1:]
    assert row[0] == "Price"
    assert [cell.partition(" ")[0] for cell in row[1:5]] == ["37.5", "81.3", "+43.8", "80"]


def test_a_small_difference_in_price_is_said_to_be_small(tmp_path) -> None:
    found = price(tmp_path, [3, 4, 3, 4] * 25, [3, 4, 3, 4] * 20 + [4, 5, 4, 5] * 5)
    assert variants(found) == ["higher", "small"]
    assert "smaller than the 8.0 points that this study treats as meaningful" in say(found)


def test_price_is_not_spoken_of_where_it_was_not_asked(tmp_path) -> None:
    unpriced = travelled(60, *[[4, 5]] * 5, reached=[60, 50, 40, 20, 9])
    (tmp_path / "alone").mkdir()
    without = lay(tmp_path, MARKET + JOURNEY, unpriced)
    assert cx.journey.findings(without).get("F12") is not None
    assert cx.journey.findings(without).get("F13") is None
    alone = lay(tmp_path / "alone", MARKET + NPS, {"q": [9] * 40})
    assert cx.journey.findings(alone).get("F13") is None


# -- on the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "heading"),
    [("pyramid", "Pyramid levels by stage"), ("list", "Scores by level and stage")],
)
def test_only_the_pyramid_is_called_one(tmp_path, shape, heading) -> None:
    """A framework of the study's own has columns by stage under a heading without a pyramid."""
    found = finding_of(tmp_path, Column(40, "evaluate"), Column(60, "advocate"))
    framework = {**found.context["framework"], "shape": shape}
    context = {**found.context, "framework": framework}
    told = Findings([dataclasses.replace(found, context=context)], context=context)
    shown = nbformat.v4.new_output(
        "execute_result", data={FINDING_MIME: told.to_dict()}, execution_count=1
    )
    cell = nbformat.v4.new_code_cell("cx.level_by_stage.findings(survey)", outputs=[shown])
    page = Page(nbformat.v4.new_notebook(cells=[cell]), Words("en", context)).build()
    section = page["sections"][0]
    assert section["name"] == heading
    assert section["question"] == "Is the weak spot the same at every stage?"
    assert section["lead"] == [say(found).replace("n = ", f"n{NO_BREAK}={NO_BREAK}")]
    assert [block["type"] for block in section["blocks"]] == ["figure"]
