"""Columns that a file lacks by name: found by their question, word for word, or not at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from asked_study import laid_down

from cxkit.answers import check
from cxkit.answers.platforms import Question
from cxkit.answers.questionnaire import form_of
from cxkit.answers.readers import read_table
from cxkit.answers.texts import Texts
from cxkit.answers.ticks import of_column
from cxkit.answers.worded_columns import named_by_questions, option_names
from cxkit.study import Study

AWARE = {
    "id": "Sebelum survei ini, pernahkah Anda mendengar tentang Kopi Kita?",
    "en": "Before this survey, had you ever heard of Kopi Kita?",
}
BASE = "bases: {aware: {column: scr_aware, is: yes}}\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return laid_down(tmp_path, BASE)


def found(study: Study, *header: str, column: str = "scr_aware", **asks: Question) -> object:
    told = {name.replace("_", " "): one for name, one in asks.items()}
    return named_by_questions(study, "", header, told, [column]).get(column)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_heading_that_asks_it_is_the_column(study: Study, language: str) -> None:
    assert found(study, "Timestamp", AWARE[language]) == AWARE[language]


@pytest.mark.parametrize("drift", [str.upper, lambda text: f"<b>{text}</b>".replace(" ", "  ")])
def test_capitals_blanks_and_markup_do_not_matter(study: Study, drift: object) -> None:
    heading = drift(AWARE["en"])  # type: ignore[operator]
    assert found(study, heading) == heading


@pytest.mark.parametrize(
    "heading",
    ["Had you ever heard of Kopi Kita?", AWARE["en"].replace("Kita", "Kami"), f"1. {AWARE['en']}"],
)
def test_a_heading_that_says_other_words_is_not(study: Study, heading: str) -> None:
    assert found(study, heading) is None


def test_two_headings_that_ask_it_tell_nothing(study: Study) -> None:
    assert found(study, AWARE["en"], AWARE["id"]) is None


def test_a_platforms_own_text_of_a_column_counts(study: Study) -> None:
    assert found(study, "Q1", Q1=Question(AWARE["en"], kind="single")) == "Q1"
    assert found(study, "Q1", Q1=Question("Q", translations={"id": (AWARE["id"], "")})) == "Q1"
    assert found(study, "Q1", Q1=Question(AWARE["en"], kind="meta")) is None
    assert found(study, "Q1", Q1=Question(AWARE["en"], "An option", "several")) is None


WAYS = "In the last 6 months, in which ways have you dealt with Kopi Kita?"


@pytest.mark.parametrize(
    "column",
    ["pro_interaction_channel/app", "pro_interaction_channel[app]", "pro_interaction_channel_2",
     f"{WAYS}: Kopi Kita app", f"{WAYS}/Kopi Kita app"],
)  # fmt: skip
def test_an_option_is_found_by_question_and_label(study: Study, column: str) -> None:
    own = Question(WAYS, "Kopi Kita app", "several", group="ways")
    other = Question(WAYS, "Email", "several", group="ways")
    assert found(study, "Q7 1", "Q7 2", column=column, Q7_1=other, Q7_2=own) == "Q7 2"
    joined = Question(WAYS, kind="joined", separator=";")
    assert found(study, "Q7", column=column, Q7=joined) == "Q7/Kopi Kita app"
    assert found(study, "Q7", column=column, Q7=Question(WAYS, kind="single")) is None


def test_the_names_of_an_option_are_those_of_the_platforms(study: Study) -> None:
    one = form_of(study).question("pro_interaction_channel")
    assert option_names(one, one.choice("chat_bot"))[:4] == (
        "pro_interaction_channel/chat_bot", "pro_interaction_channel[chat_bot]",
        "prointeractionc3b5f6[chatbot]", "pro_interaction_channel_7",
    )  # fmt: skip


def test_check_tells_what_was_found_so(tmp_path: Path) -> None:
    study = laid_down(tmp_path, BASE)
    head = [AWARE["en"], "out_recommend"]
    rows = [["Yes", "9"], ["No", ""], ["Don't remember", ""], ["Yes", "Don't know"]]
    with open(tmp_path / "answers.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    problems = check(study)
    assert not problems.errors
    (note,) = [one for one in problems if one.code == "worded_columns"]
    assert (note.severity, note.n, note.examples) == ("note", 1, ("scr_aware",))


def test_a_study_without_a_questionnaire_finds_nothing(tmp_path: Path) -> None:
    """Two questions in one column: no questionnaire can be written, and nothing is known."""
    study = laid_down(tmp_path, "items: {tru_1: scr_aware}\n")
    assert found(study, AWARE["en"]) is None


# -- names of KoboToolbox with their groups, and words for options -------------------------------

KOBO = ("start", "page_a/tru_1", "page_a/more/ways", "page_a/more/ways/app", "page_b/tru_2",
        "page_c/tru_2", "_id", "_uuid", "_submission_time", "__version__")  # fmt: skip


def test_a_column_of_kobotoolbox_is_found_without_its_groups(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    cells = ("2026-03-02T10:00:00", "4", "app web", "1", "5", "3", "1", "u", "2026-03-02", "v")
    with open(file, "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([KOBO, cells])
    table = read_table(file, "a.csv", ["tru_1", "more/ways", "ways/app", "tru_2"])
    assert {name: list(told) for name, told in table.cells.items() if name in
            ("tru_1", "more/ways", "ways/app")} == {
        "tru_1": ["4"], "more/ways": ["app web"], "ways/app": ["1"],
    }  # fmt: skip
    assert "tru_2" not in table.cells
    assert [one.code for one in table.problems] == ["missing_column"]


@pytest.mark.parametrize(("yes", "no"), [("Yes", "No"), ("Ya", "Tidak"), ("Y", "N")])
def test_the_words_of_a_platform_for_an_option_are_no_option(yes: str, no: str) -> None:
    labels = {"Y": "yes", "N": "no", yes: "yes", no: "no"}
    asked = Question("Ways?", "App", "several", group="ways", labels=labels)
    told = of_column(Texts.of([yes, no, ""]), [(Texts.of([yes, no, yes]), asked)], asked)
    assert list(told) == ["yes", "no", "no"]


def test_an_option_called_no_is_ticked_where_its_name_stands() -> None:
    asked = Question("Ways?", "No", "several", group="ways", labels={"1": "No"})
    told = of_column(Texts.of(["No", "1", ""]), [(Texts.of(["No", "1", ""]), asked)], asked)
    assert list(told) == ["yes", "yes", ""]
