"""SurveyMonkey: questions over options in two header rows, as CSV and as a workbook."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from platform_files import real_heads

import cxkit as cx
from cxkit.answers.exports import Export, read_export
from cxkit.answers.platforms import Layout, layout_of, surveymonkey
from cxkit.errors import StudyError

OWN = [
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address",
    "First Name", "Last Name", "Custom Data 1",
]  # fmt: skip
OTHER = "Other (please specify)"
SEEN, RATED = "Where have you <b>seen</b> us?", "How do you rate these?"
ASKED = [
    ("How satisfied are you?", "Response"),
    (SEEN, "Radio"), (SEEN, "A friend, or family"), (SEEN, OTHER),
    (RATED, "Price"), (RATED, "Place"),
    ("Why?", "Open-Ended Response"),
    ("Which one?", "Response"), ("Which one?", "Lainnya (sebutkan)"),
    ("Why?", "Open-Ended Response"),
    ("How much, in euros?", "Response"),
    ("Your address", "Street"), ("Your address", "Town"),
    ("I agree", "Yes, I do"),
]  # fmt: skip
NAMES = [
    *OWN, "How satisfied are you?", f"{SEEN}: Radio", f"{SEEN}: A friend, or family",
    f"{SEEN}: {OTHER}", f"{RATED}: Price", f"{RATED}: Place", "Why? (1)", "Which one?",
    "Which one?: Lainnya (sebutkan)", "Why? (2)", "How much, in euros?", "Your address: Street",
    "Your address: Town", "I agree: Yes, I do",
]  # fmt: skip


def responses(*, as_numbers: bool = False) -> list[list[str]]:
    """Seven respondents, their answers as texts or as numbers."""
    radio, friend = ("1", "2") if as_numbers else ("Radio", "A friend, or family")
    rates = ("1", "2", "3") if as_numbers else ("Poor", "Fair", "Good")
    return [
        [
            f"11805221906{at}", "446111201", f"03/{12 + at}/2026 10:00:00",
            f"03/{12 + at}/2026 10:05:10", "192.0.2.1", "", "", "", "",
            rates[at % 3], radio if at % 2 else "", friend if at % 3 else "", "",
            rates[at % 3], rates[(at + 1) % 3], f"Because of number {at}, and so on.",
            "One", "", f"A second reason of number {at}.", f"{at}0.5",
            f"Jalan Contoh {at}", f"Kota {at}", "Yes, I do" if at % 2 else "",
        ]
        for at in range(1, 8)
    ]  # fmt: skip


def header(*, repeated: bool = False) -> list[list[str]]:
    """The two header rows: each question over its first column, or over every one of them."""
    tops = [top for top, _ in ASKED]
    if not repeated:
        tops = ["" if at and top == tops[at - 1] else top for at, top in enumerate(tops)]
    return [[*OWN, *tops], [*[""] * len(OWN), *(sub for _, sub in ASKED)]]


def export_of(rows: Sequence[Sequence[str]], file: Path, delimiter: str = ",") -> Export:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, delimiter=delimiter).writerows(rows)
    return read_export(file)


@pytest.fixture
def rows() -> list[list[str]]:
    return [*header(), *responses()]


def layout(rows: Sequence[Sequence[str]]) -> Layout:
    return layout_of(rows[:20])


# -- the header rows -----------------------------------------------------------------------------


@pytest.mark.parametrize("repeated", [False, True])
def test_a_column_is_named_by_its_question_and_option(repeated: bool) -> None:
    found = layout([*header(repeated=repeated), *responses()])
    assert (found.platform, found.n_header) == ("surveymonkey", 2)
    assert list(found.names) == list(found.questions) == NAMES


def test_its_own_columns_have_their_roles(rows: list[list[str]]) -> None:
    found = [one.role for one in layout(rows).questions.values()]
    assert found == [
        "respondent", "channel", "started", "ended", "ip", "email", "first_name", "last_name",
        "other", *[""] * len(ASKED),
    ]  # fmt: skip


@pytest.mark.parametrize("as_numbers", [False, True])
def test_what_a_column_holds_is_told_by_its_option_and_its_answers(as_numbers: bool) -> None:
    found = layout([*header(), *responses(as_numbers=as_numbers)]).questions
    kinds = [one.kind for one in found.values()][len(OWN) :]
    assert kinds == [
        "single", "several", "several", "open", "single", "single", "open", "single", "open",
        "open", "number", "open", "open", "several",
    ]  # fmt: skip


def test_texts_are_bare_and_columns_of_a_question_go_together(rows: list[list[str]]) -> None:
    found = layout(rows).questions
    radio, other = found[f"{SEEN}: Radio"], found[f"{SEEN}: {OTHER}"]
    assert (radio.text, radio.part) == ("Where have you seen us?", "Radio")
    assert radio.group == other.group != ""
    assert found["How satisfied are you?"].group == ""


def test_questions_of_the_same_text_stay_apart() -> None:
    both = [("Rate", "a"), ("Rate", "b"), ("Rate", "Response"), ("Rate", "Open-Ended Response")]
    head = [[*OWN, "Rate", "", "Rate", "Rate"], [*[""] * len(OWN), *(sub for _, sub in both)]]
    found = layout([*head, *(row[: len(OWN) + 4] for row in responses())])
    assert found.names[-4:] == ("Rate: a", "Rate: b", "Rate (1)", "Rate (2)")
    assert found.questions["Rate (1)"].group == ""


def test_a_kits_word_for_a_reason_is_one(rows: list[list[str]]) -> None:
    one = layout(rows).questions["How satisfied are you?"]
    assert one.reasons["Tidak tahu"] == one.reasons["Don't know"] == "dont_know"
    assert not layout(rows).questions["Why? (1)"].reasons


def test_condensed_columns_join_their_options() -> None:
    """Several options in one cell: told where they come again, never in words of one's own."""
    head = [[*OWN, "Where?", "Why?"], [*[""] * len(OWN), "Response", "Open-Ended Response"]]
    given = ["Radio, Shop", "Shop", "Radio", "Shop, Web", "Web, Radio", "", "Shop"]
    own = [row[: len(OWN)] for row in responses()]
    rows = [[*row, one, one] for row, one in zip(own, given, strict=True)]
    found = layout([*head, *rows]).questions
    assert (found["Where?"].kind, found["Where?"].separator) == ("joined", ", ")
    assert found["Why?"].kind == "open"


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_reads_as_it_stands(rows: list[list[str]], tmp_path: Path, delimiter: str) -> None:
    export = export_of(rows, tmp_path / "a.csv", delimiter)
    assert (export.platform, export.n_rows, export.problems) == ("surveymonkey", 7, ())
    assert list(export.columns) == NAMES
    assert export.cells["How much, in euros?"].array()[0] == "10.5"


@pytest.mark.parametrize("merged", [False, True])
def test_a_workbook_may_merge_the_cells_of_its_header(
    rows: list[list[str]], tmp_path: Path, merged: bool
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([one or None for one in row])
    if merged:
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("K1:M1")
        sheet.merge_cells("U1:V1")
    file = tmp_path / "a.xlsx"
    book.save(file)
    export = read_export(file)
    assert (export.platform, export.n_rows, export.problems) == ("surveymonkey", 7, ())
    assert list(export.columns) == NAMES


def test_merged_answers_of_a_workbook_are_refused(rows: list[list[str]], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([one or None for one in row])
    book.active.merge_cells("J3:J4")
    book.save(tmp_path / "a.xlsx")
    (problem,) = read_export(tmp_path / "a.xlsx").problems
    assert (problem.code, problem.line) == ("merged_cells", 3)


def test_a_last_question_over_several_columns_keeps_them_all(
    rows: list[list[str]], tmp_path: Path
) -> None:
    """In the first row the cells at the end are empty."""
    n = NAMES.index("I agree: Yes, I do")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([one or None for one in row[:n]])
    book.save(tmp_path / "a.xlsx")
    assert list(read_export(tmp_path / "a.xlsx").columns) == NAMES[:n]


# -- what a spreadsheet leaves of it -------------------------------------------------------------


def test_without_its_options_an_export_is_refused(rows: list[list[str]], tmp_path: Path) -> None:
    export = export_of([rows[0], *rows[2:]], tmp_path / "a.csv")
    (problem,) = export.problems
    assert (problem.code, export.n_rows) == ("broken_export", 0)
    assert "second header row" in problem.message
    assert SEEN in problem.message


def test_without_its_second_row_questions_of_one_column_are_read() -> None:
    rows = [[*OWN, "How satisfied are you?"], *(row[: len(OWN) + 1] for row in responses())]
    found = layout(rows)
    assert (found.platform, found.n_header) == ("surveymonkey", 1)
    assert found.questions["How satisfied are you?"].kind == "single"


def test_rounded_ids_are_refused(tmp_path: Path) -> None:
    rows = [[*OWN, "How satisfied are you?"], [*[""] * len(OWN), "Response"]]
    rows += [["1.18E+11", *row[1 : len(OWN)], "3"] for row in responses()]
    export_of(rows, tmp_path / "answers.csv")
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    told = {one.code: one for one in cx.check(tmp_path)}
    assert told["rounded_ids"].n == 7
    assert "spreadsheet" in str(told["rounded_ids"].hint)


def test_codes_turned_to_days_are_refused_by_name(tmp_path: Path) -> None:
    rows = [[*OWN, "How satisfied are you?"], [*[""] * len(OWN), "Response"]]
    given = ["3", "3-Jan", "01-Mei", "5", "2", "4-Agu", "3-Jan"]
    pairs = zip(responses(), given, strict=True)
    export_of([*rows, *([*row[: len(OWN)], one] for row, one in pairs)], tmp_path / "answers.csv")
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    told = {one.code: one for one in cx.check(tmp_path)}
    problem = told["turned_to_dates"]
    assert (problem.severity, problem.n, problem.line) == ("error", 4, 4)
    assert problem.examples == ("3-Jan", "01-Mei", "4-Agu")
    assert problem.column == "How satisfied are you?"
    assert "unmapped_text" not in told


# -- a study of it -------------------------------------------------------------------------------

STUDY = """\
cxkit: 1
study: exported
title: {en: Exported}
brand: Toko Contoh
period: {en: the last 6 months}
languages: [en]
sample: {frame: customers, design: opt_in}
answers: {path: answers.csv}
respondent: Respondent ID
outcomes:
  satisfaction:
    column: "How satisfied are you?"
    metric: csat
    scale: satisfaction_5
    definition: top_2_box
"""


def test_a_study_reads_its_answers(tmp_path: Path) -> None:
    rows = [[*OWN, "How satisfied are you?", "Why?"],
            [*[""] * len(OWN), "Response", "Open-Ended Response"]]  # fmt: skip
    given = ["5", "4", "1", "", "2", "Don't know", "3"]
    pairs = zip(responses(), given, strict=True)
    export_of([*rows, *([*row[: len(OWN)], one, "x"] for row, one in pairs)],
              tmp_path / "answers.csv")  # fmt: skip
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    frame = cx.load(tmp_path).frame.sort_values("respondent")
    assert frame["respondent"].tolist() == [f"11805221906{at}" for at in range(1, 8)]
    assert frame["outcome:satisfaction"].dropna().tolist() == [5, 4, 1, 2, 3]
    assert frame["why:outcome:satisfaction"].tolist() == [
        "", "", "", "no_answer", "", "dont_know", "",
    ]  # fmt: skip


# -- nobody else's -------------------------------------------------------------------------------


def test_a_plain_file_with_its_names_is_no_export() -> None:
    head = [["respondent", "start date", "end date", "q1"], ["1", "2026-03-02", "2026-03-02", "4"]]
    assert layout_of(head).platform == "plain"
    below = [["Respondent ID", "Q1", "Q2"], ["", "Response", "Response"], ["1", "4", "5"]]
    assert layout_of(below).platform == "plain"


def test_files_of_other_platforms_are_not_taken(shared_data: Path) -> None:
    for name, head in real_heads(shared_data, "surveymonkey"):
        assert surveymonkey.layout(head) is None, name


def test_a_questionnaire_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"shop\.qsf"):
        surveymonkey.structure(tmp_path / "shop.qsf")


# -- a real export -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(shared_data: Path) -> Path:
    return shared_data / "surveymonkey" / "survey_monkey_output.xlsx"


@pytest.fixture(scope="module")
def expected(file: Path) -> dict[str, Any]:
    return json.loads(file.with_name("expected.json").read_text("utf-8"))[file.name]


@pytest.fixture(scope="module")
def real(file: Path) -> Export:
    return read_export(file)


@pytest.fixture(scope="module")
def real_rows(file: Path) -> list[list[str]]:
    """The rows as openpyxl reads them, by none of the kit's own readers."""
    sheet = openpyxl.load_workbook(file, read_only=True).active
    return [
        ["" if one is None else str(one) for one in row]
        for row in sheet.iter_rows(values_only=True)
    ]


def test_the_real_export_has_its_columns_and_respondents(
    real: Export, expected: dict[str, Any]
) -> None:
    assert real.platform == "surveymonkey"
    assert real.problems == ()
    assert len(real.columns) == expected["n_columns"]
    assert real.n_rows == expected["n_respondents"]
    assert len(real.cells["Respondent ID"].counts()) == expected["unique_respondents"]
    filled = [int((cells != "").sum()) for cells in real.cells.values()]
    assert filled[:20] == expected["nonblank_counts_first_20"]


def test_the_real_export_has_its_questions_over_options(
    real: Export, real_rows: list[list[str]], expected: dict[str, Any]
) -> None:
    assert layout(real_rows).n_header == expected["n_header_rows"]
    asked = list(dict.fromkeys(one.text for one in real.columns.values()))
    assert asked == expected["top_level"]
    assert len(asked) == expected["n_top_level_questions_incl_metadata"]
    whole = {"Response", "Open-Ended Response", None}
    parts = [None if one in whole else one for one in expected["second_header_first_20"]]
    assert [one.part or None for one in real.columns.values()][:20] == parts


def test_the_real_export_has_its_divisions(real: Export, expected: dict[str, Any]) -> None:
    counts = real.cells["Identify which division you work in."].counts()
    told = {division: n for division, n in expected["division_counts"].items() if division != "nan"}
    assert counts.pop("") == expected["division_counts"]["nan"]
    assert Counter(counts) == Counter(told)
    other = real.columns["Identify which division you work in.: Other (please specify)"]
    assert (other.kind, other.part) == ("open", "Other (please specify)")
