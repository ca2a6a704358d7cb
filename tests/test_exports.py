"""An export is read without a study: every column, what it asks, and its answers as they stand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from broken_files import sav, workbook

from cxkit.answers.exports import read_export
from cxkit.errors import SurveyError

QUALTRICS = (
    ("StartDate", "ResponseId", "Q1", "Q1_DO", "Q2"),
    ("Start Date", "Response ID", "How satisfied?", "How satisfied? - Display Order", "Why?"),
    ('{"ImportId":"startDate"}', '{"ImportId":"_recordId"}', '{"ImportId":"QID1"}',
     '{"ImportId":"QID1_DO"}', '{"ImportId":"QID2_TEXT"}'),
    ("2026-03-02 10:00:00", "R_1", "5", "1|2", "cepat"),
    ("2026-03-03 11:00:00", "R_2", "4", "2|1", ""),
)  # fmt: skip
WIDE = 2_000


def as_text(rows, delimiter: str = ",") -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows(rows)
    return target.getvalue()


def test_every_column_of_a_plain_file_is_there_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("b;a;c\n1;x;\n2;y;z\n", encoding="utf-8")
    export = read_export(tmp_path / "a.csv")
    assert (export.platform, export.shown, export.n_rows, export.problems) == (
        "plain", "a.csv", 2, (),
    )  # fmt: skip
    assert list(export.columns) == list(export.cells) == ["b", "a", "c"]
    assert list(export.cells["c"]) == ["", "z"]
    assert not export.columns["a"].says


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_platform_is_recognised_and_its_header_rows_are_no_answers(
    tmp_path: Path, delimiter: str
) -> None:
    (tmp_path / "q.csv").write_text(as_text(QUALTRICS, delimiter), encoding="utf-8")
    export = read_export(tmp_path / "q.csv")
    assert (export.platform, export.n_rows, export.problems) == ("qualtrics", 2, ())
    assert list(export.columns) == list(QUALTRICS[0])
    assert export.columns["Q1"].text == "How satisfied?"
    assert export.columns["ResponseId"].role == "respondent"
    assert list(export.cells["Q1"]) == ["5", "4"]


def test_the_same_rows_in_a_workbook_are_the_same_export(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(as_text(QUALTRICS), encoding="utf-8")
    workbook(tmp_path / "q.xlsx", ("Sheet", QUALTRICS))
    text, sheet = read_export(tmp_path / "q.csv"), read_export(tmp_path / "q.xlsx")
    assert (sheet.platform, sheet.says) == (text.platform, text.says)
    assert sheet.columns == text.columns
    assert {key: list(one) for key, one in sheet.cells.items()} == {
        key: list(one) for key, one in text.cells.items()
    }


def test_spss_and_parquet_say_their_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sat": [1.0, 5.0, 9.0], "why": ["a", "", "b"]})
    sav(tmp_path / "a.sav", frame, column_labels=["How satisfied?", "Why?"],
        variable_value_labels={"sat": {9: "Refused"}})  # fmt: skip
    frame.to_parquet(tmp_path / "a.parquet")
    spss, parquet = read_export(tmp_path / "a.sav"), read_export(tmp_path / "a.parquet")
    assert (spss.platform, parquet.platform) == ("spss", "plain")
    assert (spss.columns["sat"].text, spss.columns["sat"].labels) == (
        "How satisfied?", {"9": "Refused"},
    )  # fmt: skip
    for one in (spss, parquet):
        assert list(one.cells["sat"]) == ["1", "5", "9"]


def test_a_platform_that_the_kit_does_not_know_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=r"did you mean 'qualtrics'\?"):
        read_export(tmp_path / "a.csv", platform="qualtric")


def test_a_platform_that_the_file_is_not_of_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    export = read_export(tmp_path / "a.csv", platform="qualtrics")
    (told,) = export.problems
    assert (told.code, export.n_rows, export.cells) == ("another_platform", 0, {})
    assert "Qualtrics" in told.message


def test_a_questionnaire_file_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "shop.qsf").write_text("{}", encoding="utf-8")
    (told,) = read_export(tmp_path / "a.csv", structure=tmp_path / "shp.qsf").problems
    assert (told.code, told.hint) == ("missing_structure", "did you mean 'shop.qsf'?")


def test_a_questionnaire_file_that_cannot_be_read_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(as_text(QUALTRICS), encoding="utf-8")
    (tmp_path / "shop.qsf").write_text("no questionnaire", encoding="utf-8")
    export = read_export(tmp_path / "q.csv", structure=tmp_path / "shop.qsf")
    assert [one.severity for one in export.problems] == ["error"]
    assert export.n_rows == 0


def test_two_thousand_columns_are_all_there(tmp_path: Path) -> None:
    names = [f"q{number}" for number in range(WIDE)]
    rows = [[str((at + number) % 5) for number in range(WIDE)] for at in range(30)]
    (tmp_path / "wide.csv").write_text(as_text([names, *rows]), encoding="utf-8")
    export = read_export(tmp_path / "wide.csv")
    assert (len(export.cells), export.n_rows, export.problems) == (WIDE, 30, ())
    assert list(export.cells[f"q{WIDE - 1}"]) == [row[-1] for row in rows]


def test_columns_that_differ_by_a_blank_are_told_and_one_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Q1,Q1 ,,Q3\n1,2,3,4\n", encoding="utf-8")
    export = read_export(tmp_path / "a.csv")
    told = {one.code: one for one in export.problems}
    assert set(told) == {"duplicate_column", "unnamed_column"}
    assert (told["duplicate_column"].n, told["duplicate_column"].column) == (2, "Q1")
    assert "blanks" in str(told["duplicate_column"].hint)
    assert (told["unnamed_column"].severity, told["unnamed_column"].n) == ("warning", 1)


def test_any_script_is_kept_letter_by_letter(tmp_path: Path) -> None:
    names = ["\N{GRINNING FACE} suka?", "هل أنت راض؟", "naïve"]
    cells = ["\N{FAMILY}\N{ZERO WIDTH JOINER}ya", "نعم", "e\N{COMBINING ACUTE ACCENT}"]
    (tmp_path / "a.csv").write_text(as_text([names, cells]), encoding="utf-8")
    export = read_export(tmp_path / "a.csv")
    assert list(export.columns) == names
    assert [one[0] for one in export.cells.values()] == cells


def test_the_file_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text(as_text(QUALTRICS), encoding="utf-8")
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    read_export(file)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert [one.name for one in tmp_path.iterdir()] == ["q.csv"]
