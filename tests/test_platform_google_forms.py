"""Google Forms: question texts as names, zoned times, several options in one cell, grids."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from platform_files import head_of_text, real_heads

import cxkit as cx
from cxkit.answers.dates import days
from cxkit.answers.exports import read_export
from cxkit.answers.platforms import Layout, google_forms, layout_of
from cxkit.answers.platforms.headers import has_options, numbered
from cxkit.answers.texts import Texts
from cxkit.errors import StudyError

NAMES = [
    "Stempel waktu", "Alamat email", "Skor", "Seberapa puas Anda?", "Apa yang Anda beli?",
    "Seberapa mudah ... [mencari]", "Seberapa mudah ... [membayar]", "Mengapa?",
    "Usia Anda [tahun]", "Mengapa? ", "Sebutkan alasannya [Skor]",
]  # fmt: skip
BOUGHT = ["Kopi;Teh", "Teh", "Kopi;Roti (manis, asin)", "Roti (manis, asin)", "Teh;Kopi", ""]


def rows(zoned: bool = True, separator: str = ";") -> list[list[str]]:
    """Six responses as downloaded from Forms, or as its sheet saves them."""
    told = [NAMES]
    for at, bought in enumerate(BOUGHT, start=1):
        time = f"2026/03/0{at} 11:30:0{at} PM GMT+8" if zoned else f"{12 + at}/3/2026 23:30:0{at}"
        told.append([
            time, f"anda{at}@example.org", f"{at} / 10", str(at % 5 + 1),
            bought.replace(";", separator), "Mudah" if at % 2 else "Sulit",
            "Sulit" if at % 2 else "Mudah", f"Karena alasan nomor {at}, begitulah.", str(20 + at),
            f"Alasan kedua nomor {at}, dan lain-lain.", f"{at} / 10",
        ])  # fmt: skip
    return told


def layout(head: Sequence[Sequence[str]]) -> Layout:
    return layout_of(head[:20])


# -- the columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zoned", [True, False])
def test_questions_are_named_by_their_texts(zoned: bool) -> None:
    found = layout(rows(zoned))
    assert (found.platform, found.n_header) == ("google_forms", 1)
    assert found.names == tuple(numbered(NAMES))
    assert {"Mengapa? (1)", "Mengapa? (2)"} <= set(found.names)


def test_columns_of_the_form_have_their_roles() -> None:
    found = {name: one.role for name, one in layout(rows()).questions.items() if one.role}
    assert found == {
        "Stempel waktu": "ended", "Alamat email": "email", "Skor": "other",
    }  # fmt: skip


def test_rows_of_a_grid_have_their_question_in_common() -> None:
    found = layout(rows()).questions
    first, second = found["Seberapa mudah ... [mencari]"], found["Seberapa mudah ... [membayar]"]
    assert (first.text, first.part) == ("Seberapa mudah ...", "mencari")
    assert first.group == second.group != ""
    alone = found["Usia Anda [tahun]"]
    assert (alone.text, alone.part, alone.group) == ("Usia Anda [tahun]", "", "")


def test_marks_of_a_quiz_are_no_answers() -> None:
    head = [["Timestamp", "Which one?", "Which one? [Score]", "Which one? [Feedback]"]]
    head += [[f"2026/03/0{at} 1:30:00 PM GMT+7", "b", "1.00 / 1", ""] for at in range(1, 5)]
    found = layout(head).questions
    assert [one.role for one in found.values()] == ["ended", "", "other", "other"]


@pytest.mark.parametrize(("zoned", "separator"), [(True, ";"), (False, ", "), (False, ";")])
def test_several_options_in_a_cell_are_told(zoned: bool, separator: str) -> None:
    asked = "Apa yang Anda beli?"
    given = rows(zoned, separator)
    if separator == ", ":
        for row in given:
            row[4] = row[4].replace(" (manis, asin)", "")
    found = layout(given).questions
    assert (found[asked].kind, found[asked].separator) == ("joined", separator)
    assert [name for name, one in found.items() if one.kind == "joined"] == [asked]


def test_a_comma_within_an_option_is_no_separator() -> None:
    """Where its sheet joins by commas, a bracket that would be torn apart forbids it."""
    given = rows(zoned=False, separator=", ")
    assert layout(given).questions["Apa yang Anda beli?"].kind != "joined"


@pytest.mark.parametrize(
    ("cells", "is_joined"),
    [
        (["a;b", "b;a", "a"], True),
        (["a;b", "c", "d"], False),
        (["Good; but slow", "Rude; never again", "Fine; thanks"], False),
        (["a;", "a;b", "b"], False),
        (["a", "b", "a"], False),
        ([], False),
    ],
)
def test_options_come_again_and_own_words_do_not(cells: list[str], is_joined: bool) -> None:
    assert has_options(cells, ";") is is_joined


def test_words_for_a_reason_are_reasons_of_choices_alone() -> None:
    found = layout(rows()).questions
    assert found["Seberapa puas Anda?"].reasons["Tidak tahu"] == "dont_know"
    assert not found["Mengapa? (1)"].reasons


def test_a_questionnaire_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"form\.json"):
        google_forms.structure(tmp_path / "form.json")


# -- whose it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        [["timestamp", "respondent", "Q1"], ["2026-03-02 10:00:00", "1", "4"]],
        [["Timestamp", "How are you?"], ["2026-03-02", "4"]],
        [["Timestamp", "How are you?"], ["1772416800", "4"]],
        [["Timestamp", "How are you?"]],
        [["Date", "How are you?"], ["2026/03/02 10:00:00 PM GMT+7", "4"]],
        [["", ""], ["", ""]],
        [[]],
    ],
)
def test_a_plain_file_is_no_form(head: list[list[str]]) -> None:
    assert layout_of(head).platform == "plain"


@pytest.mark.parametrize(
    "name", ["Timestamp", "Stempel waktu", "Zeitstempel", "Marca temporal", "タイムスタンプ"]
)
@pytest.mark.parametrize(
    "time",
    [
        "2019/10/01 12:38:43 PM GMT+8",
        "2019/10/01 12:38:43 nachm. MESZ",
        "2019/10/01 9:08:43 AM EST",
    ],
)
def test_zoned_times_under_its_word_are_a_form(name: str, time: str) -> None:
    assert layout([[name, "Q1"], [time, "4"]]).platform == "google_forms"


@pytest.mark.parametrize(
    "time", ["10/1/2019 12:38:43", "2019-10-01 12:38:43.123", "01.10.2019 9:38:43"]
)
def test_times_of_its_sheet_need_questions_beside(time: str) -> None:
    assert layout([["Timestamp", "How are you?"], [time, "4"]]).platform == "google_forms"
    assert layout([["Timestamp", "Q1"], [time, "4"]]).platform == "plain"


def test_files_of_other_platforms_are_not_taken(shared_data: Path) -> None:
    for name, head in real_heads(shared_data, "google_forms"):
        assert google_forms.layout(head) is None, name


def test_plain_files_of_the_kit_stay_plain(project: Path) -> None:
    files = [*(project / "data").rglob("*.csv"), *(project / "tests").glob("broken/*/answers.csv")]
    heads = {file: head for file in files if (head := _head(file)) and head[0]}
    taken = {file.parent.name: layout(head).platform for file, head in heads.items()}
    assert len(taken) > 20
    assert {name for name, platform in taken.items() if platform != "plain"} <= {"two_header_rows"}


def _head(file: Path) -> list[list[str]]:
    try:
        head = head_of_text(file)
    except (UnicodeDecodeError, csv.Error):
        return []
    width = len(head[0]) if head else 0
    return [[*row, *[""] * (width - len(row))] for row in head]


# -- files and days ------------------------------------------------------------------------------


def written(file: Path, told: Sequence[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(told)
    return file


def test_a_csv_reads_as_it_stands(tmp_path: Path) -> None:
    export = read_export(written(tmp_path / "form.csv", rows()))
    assert (export.platform, export.n_rows, export.problems) == ("google_forms", 6, ())
    assert list(export.cells["Apa yang Anda beli?"]) == BOUGHT


def test_its_sheet_saved_as_a_workbook_reads_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(NAMES)
    for at, row in enumerate(rows()[1:], start=1):
        time = dt.datetime(2026, 3, at, 23, 30, at, 123000)
        book.active.append([time, *(one or None for one in row[1:])])
    book.save(tmp_path / "form.xlsx")
    export = read_export(tmp_path / "form.xlsx")
    assert (export.platform, export.n_rows) == ("google_forms", 6)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019/10/01 12:38:43 PM GMT+8", "2019-10-01"),
        ("2019/10/02 12:38:43 AM GMT+8", "2019-10-01"),
        ("2019/10/01 11:38:43 PM GMT+5:30", "2019-10-02"),
        ("2019/10/01 12:30:00 PM EST", "2019-10-02"),
        ("2019-10-01T16:59:59Z", "2019-10-01"),
        ("2019-10-01T17:00:00.000+00:00", "2019-10-02"),
        ("2019-10-01T00:30:00+07:00", "2019-10-01"),
        ("2019-10-01 23:59:59", "2019-10-01"),
        ("2019/10/01 11:59:59 PM XYZ", "2019-10-01"),
        ("25/10/2019 0.15.00 WITA", "2019-10-24"),
        ("2019-10-01T23:00:00+99:00", "2019-10-01"),
        ("0001-01-01T00:00:00Z", "0001-01-01"),
    ],
)
def test_a_day_is_that_of_the_studys_time_zone(text: str, day: str) -> None:
    """Jakarta is seven hours ahead of UTC all year; 12 AM is midnight, 12 PM is noon."""
    found, slips = days(Texts.of([text]), column="t", timezone="Asia/Jakarta")
    assert list(found) == [day]
    assert all(slip.severity == "warning" for slip in slips)


def test_without_a_time_zone_the_day_is_that_of_the_file() -> None:
    texts = Texts.of(["2019/10/02 12:38:43 AM GMT+8"])
    assert list(days(texts, column="t")[0]) == ["2019-10-02"]
    assert list(days(texts, column="t", timezone="Nowhere/Town")[0]) == ["2019-10-02"]


STUDY = """\
cxkit: 1
study: form
title: {id: Formulir}
brand: Toko Contoh
period: {id: 6 bulan terakhir}
languages: [id]
timezone: Asia/Jakarta
sample: {frame: customers, design: opt_in}
answers: {path: form.csv}
date: Stempel waktu
outcomes:
  satisfaction:
    column: "Seberapa puas Anda?"
    metric: csat
    scale: satisfaction_5
    definition: top_2_box
segments:
  usia: {label: {id: Usia}, column: "Usia Anda [tahun]"}
bases:
  minum_kopi: {column: "Apa yang Anda beli?/Kopi", is: yes}
"""


def test_a_study_reads_a_form(tmp_path: Path) -> None:
    told = rows()
    told[1][0] = "2026/03/02 12:30:00 AM GMT+8"
    written(tmp_path / "form.csv", told)
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    frame = cx.load(tmp_path).frame.sort_values("respondent")
    assert frame["date"].tolist() == [f"2026-03-0{at}" for at in range(1, 7)]
    assert frame["outcome:satisfaction"].tolist() == [2, 3, 4, 5, 1, 2]


# -- codes that a spreadsheet turned to days -----------------------------------------------------

GROUPED = """
  kunjungan:
    label: {id: Kunjungan}
    column: kali
    values: {"0": {id: nol}, "1-3": {id: sedikit}, "4-6": {id: banyak}}
"""


@pytest.mark.parametrize(
    ("told", "severity"), [(GROUPED, "error"), ("\n  kali: {label: {id: Kunjungan}}\n", "warning")]
)
def test_groups_turned_to_days_are_told(tmp_path: Path, told: str, severity: str) -> None:
    """Where the study names its groups, it is sure; else it may be a day after all."""
    given = [["puas", "kali"], *([str(at % 5 + 1), one] for at, one in enumerate(
        ["0", "3-Jan", "1-3", "06-Apr", "4-6", "0"]))]  # fmt: skip
    written(tmp_path / "form.csv", given)
    text = STUDY[: STUDY.index("date:")] + "outcomes:\n" + (
        "  satisfaction: {column: puas, metric: csat, scale: satisfaction_5, "
        "definition: top_2_box}\nsegments:" + told
    )  # fmt: skip
    (tmp_path / "study.yaml").write_text(text, "utf-8")
    problem = {one.code: one for one in cx.check(tmp_path)}["turned_to_dates"]
    assert (problem.severity, problem.line, problem.n) == (severity, 3, 2)
    assert problem.examples == ("3-Jan", "06-Apr")
    assert "import this column as text" in str(problem.hint)


# -- a real form ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(shared_data: Path) -> Path:
    return shared_data / "google_forms" / "starbucks_malaysia.csv"


@pytest.fixture(scope="module")
def expected(file: Path) -> dict[str, Any]:
    return json.loads(file.with_name("expected.json").read_text("utf-8"))[file.name]


@pytest.fixture(scope="module")
def real(file: Path) -> Any:
    return read_export(file)


def test_the_real_form_has_its_questions_and_rows(real: Any, expected: dict[str, Any]) -> None:
    assert (real.platform, real.problems) == ("google_forms", ())
    assert list(real.columns) == expected["columns"]
    assert (len(real.columns), real.n_rows) == (expected["n_columns"], expected["n_rows"])
    times = real.cells["Timestamp"]
    assert times[0] == expected["timestamp_first"]
    found, slips = days(times, column="Timestamp", timezone="Asia/Jakarta")
    assert (found[0], slips) == ("2019-10-01", [])


def test_the_real_form_has_its_ratings(real: Any, expected: dict[str, Any]) -> None:
    for question, told in expected["numeric_columns"].items():
        counts = real.cells[question].counts()
        assert counts == told["counts"]
        values = np.repeat([float(code) for code in counts], list(counts.values()))
        assert (len(values), real.columns[question].kind) == (told["n"], "single")
        assert values.mean() == pytest.approx(told["mean"], abs=1e-12)
        assert values.std(ddof=1) == pytest.approx(told["sd"], abs=1e-12)


def test_the_real_form_has_its_answers(real: Any, expected: dict[str, Any]) -> None:
    """The reference keeps blanks around an answer, and calls the written NA nothing (nan)."""
    for question, told in expected["value_counts"].items():
        wanted: Counter[str] = Counter()
        for answer, n in told.items():
            wanted["NA" if answer == "nan" else answer.strip()] += n
        assert Counter(real.cells[question].counts()) == wanted


def test_the_real_form_has_its_options(real: Any, expected: dict[str, Any]) -> None:
    joined = {name: one.separator for name, one in real.columns.items() if one.kind == "joined"}
    assert joined == dict.fromkeys(expected["multi_select_semicolon_columns"], ";")
    for question, told in expected["multi_select_semicolon_columns"].items():
        cells = [cell.split(joined[question]) for cell in real.cells[question]]
        counts = Counter(option.strip() for cell in cells for option in cell)
        assert {option: n for option, n in counts.items() if option != "NA"} == told
