"""Every format of answers says the same, what a file hides is told, and no file ends in a crash."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import gzip
import json
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from broken_files import answered, sav, workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import ROWS, SEGMENT, as_csv, as_frame, found, lay_study

from cxkit.answers import check, load, prepare
from cxkit.answers.platforms import dialect
from cxkit.answers.readers import read_table
from cxkit.errors import StudyError


@pytest.fixture
def study(tmp_path):
    """Lays down a study of a file of answers, and gives its folder."""
    return functools.partial(lay_study, tmp_path)


# -- one study, every format ---------------------------------------------------------------------


def test_every_format_holds_the_same_answers(study, tmp_path):
    frame = as_frame()
    coded = frame.assign(
        visited=frame["visited"].map({"yes": 1.0, "no": 2.0}),
        region=frame["region"].map({"Jawa": 1.0, "Bali": 2.0}),
    )
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(as_csv().encode()))
    frame.to_parquet(tmp_path / "a.parquet")
    workbook(tmp_path / "a.xlsx", ("Jawaban", ROWS))
    words = {"visited": {1: "yes", 2: "no"}, "region": {1: "Jawa", 2: "Bali"}}
    for name in ("a.sav", "a.zsav"):
        sav(tmp_path / name, coded, variable_value_labels=words)
    plain = prepare(study("a.csv"))
    assert plain["item:tru_1"].fillna(0).tolist() == [4, 0, 0]
    for name in ("a.csv.gz", "a.parquet", "a.xlsx", "a.sav", "a.zsav"):
        pd.testing.assert_frame_equal(prepare(study(name)), plain)


def test_a_text_file_needs_neither_openpyxl_nor_pyreadstat(study, tmp_path):
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    folder = study("a.csv")
    code = (
        "import sys; from cxkit.answers import load; load(sys.argv[1]);"
        "print({'openpyxl', 'pyreadstat'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx", "a.sav"])
def test_a_column_that_drifted_in_capitals_and_blanks_is_found_and_told(study, tmp_path, name):
    rows = (("respondent", "q1", "Q2", "VISITED", "region"), *ROWS[1:])
    if name == "a.csv":
        (tmp_path / name).write_text(as_csv(rows).replace("q1", " q 1 "), encoding="utf-8")
    elif name == "a.xlsx":
        workbook(tmp_path / name, ("Jawaban", rows))
    elif name == "a.sav":
        sav(tmp_path / name, as_frame(rows))
    else:
        as_frame(rows).to_parquet(tmp_path / name)
    folder = study(name)
    assert not check(folder).errors
    told = [one for one in check(folder) if one.code == "column_spelling"]
    assert [one.column for one in told] == ["Q1", "visited"]
    assert "'VISITED'" in told[1].message
    assert prepare(folder)["item:tru_1"].fillna(0).tolist() == [4, 0, 0]


def test_a_column_is_never_chosen_between_two(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("q1,Q 1,Q2\n1,2,3\n", encoding="utf-8")
    table = read_table(file, "a.csv", ["Q1"])
    (told,) = table.problems
    assert (told.code, told.severity) == ("missing_column", "error")
    assert "'q1', 'Q 1'" in told.message
    both = read_table(file, "a.csv", ["q1", "Q1"])
    assert list(both.cells) == ["q1"], "a column that has its own name is not lent to another"
    assert {one.code for one in both.problems} == {"column_spelling", "missing_column"}
    own = read_table(file, "a.csv", ["Q2"])
    assert own.problems == ()


def test_a_column_twice_matters_only_where_it_is_read(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Q1,other,other\n1,2,3\n", encoding="utf-8")
    assert read_table(file, "a.csv", ["Q1"]).problems == ()
    assert [one.code for one in read_table(file, "a.csv", ["other"]).problems] == [
        "duplicate_column"
    ]


def test_names_are_cut_in_messages(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"{'x' * 300},Q2\nbad,1\n", encoding="utf-8")
    (told,) = read_table(file, "a.csv", ["y" * 300]).problems
    assert len(str(told)) < 400
    assert "y" * 37 + "..." in told.message


# -- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(tmp_path, encoding):
    file = tmp_path / "a.csv"
    file.write_bytes("respondent;Q1\nr1;5\nr2;4\n".encode(encoding))
    table = read_table(file, "a.csv", ["Q1"])
    assert (table.problems, list(table.cells["Q1"])) == ((), ["5", "4"])


def test_a_first_row_of_reasons_is_no_second_header(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("i,Q1,Q2\nr1,dont_know,refused\nr2,3,4\nr3,5,5\n", encoding="utf-8")
    assert read_table(file, "a.csv", ["i", "Q1", "Q2"]).problems == ()
    file.write_text("i,Q1,Q2\nr1,Lupa,Lupa\nr2,3,4\nr3,5,5\n", encoding="utf-8")
    assert read_table(file, "a.csv", ["i", "Q1", "Q2"]).problems == ()


def test_long_question_texts_above_answers_in_words_are_titles(tmp_path):
    words = ["Setuju", "Netral", "Setuju", "Netral", "Setuju", "Setuju"]
    rows = "".join(f"r{at},{word},{word}\n" for at, word in enumerate(words))
    head = "i,Q1,Q2\nKode,Saya percaya pada toko yang satu ini,Toko ini menjawab dengan cepat\n"
    file = tmp_path / "a.csv"
    file.write_text(head + rows, encoding="utf-8")
    table = read_table(file, "a.csv", ["i", "Q1", "Q2"])
    assert [one.code for one in table.problems] == ["second_header"]
    assert (table.n_rows, table.lines[0]) == (6, 3)


def test_real_exports_with_second_header_rows_are_told_with_their_lines(shared_data):
    expected = {
        "qualtrics/qualtrics_modern_de.csv": (["Q1", "Q2"], 2, 2, 1),
        "qualtrics/qualtrics_legacy_2header.csv": (["V1", "Q1"], 2, 1, 1),
        "qualtrics/no_basis_for_evaluation.csv": (["Q3_1", "Q3_2"], 2, 2, 15),
        "surveymonkey/survey_monkey_output.xlsx": (
            ["Respondent ID", "Which generation are you apart of?"], 2, 1, 198
        ),
    }  # fmt: skip
    for name, (columns, line, n_titles, n_rows) in expected.items():
        table = read_table(shared_data / name, name, columns, platform="plain")
        (told,) = table.problems
        assert (told.code, told.line, told.n) == ("second_header", line, n_titles), name
        assert ("Qualtrics" in told.message) == name.startswith("qualtrics")
        assert table.n_rows == n_rows


def test_a_file_is_the_same_in_small_pieces_as_whole(tmp_path, monkeypatch):
    """Letters, bad bytes and blocks of rows may end anywhere in a piece."""
    rows = "".join(f"r{at},{at % 5},hé\N{GRINNING FACE} {at % 3}\r\n" for at in range(50))
    file, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    file.write_text("i,Q1,Q2\r\n" + rows, encoding="utf-8")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    whole = read_table(file, "a.csv", ["Q2", "i"])
    assert list(whole.cells["i"]) == [f"r{at}" for at in range(50)]
    monkeypatch.setattr("cxkit.answers.readers.text._CHUNK", 7)
    monkeypatch.setattr("cxkit.answers.readers.answer_rows._CELLS", 1)
    monkeypatch.setattr("cxkit.answers.readers.answer_rows._FEWEST", 3)
    for one in (file, packed):
        table = read_table(one, one.name, ["Q2", "i"])
        assert {key: list(texts) for key, texts in table.cells.items()} == {
            key: list(texts) for key, texts in whole.cells.items()
        }
        assert (table.problems, table.lines.tolist()) == ((), list(range(2, 52)))


def test_a_bad_byte_and_a_nul_are_named_with_their_line_wherever_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("cxkit.answers.readers.text._CHUNK", 5)
    rows = b"".join(b"r%d,%d\n" % (at, at % 5) for at in range(20))
    file = tmp_path / "a.csv"
    file.write_bytes(b"i,Q1\n" + rows + b"caf\xe9,1\n")
    (told,) = read_table(file, "a.csv", ["Q1"]).problems
    assert (told.code, told.severity, told.line) == ("encoding", "warning", 22)
    file.write_bytes(b"i,Q1\n" + rows + b"x\0\0,1\ny\0,2\n")
    (told,) = read_table(file, "a.csv", ["Q1"]).problems
    assert (told.code, told.line) == ("nul_bytes", 22)
    assert "3 NUL bytes" in told.message


def test_rows_without_answers_are_kept_between_answers_and_left_out_at_the_end(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("i,Q1\nr1,1\n,\nr2,2\n\n,\n ,\n\n", encoding="utf-8")
    table = read_table(file, "a.csv", ["Q1"])
    assert (list(table.cells["Q1"]), table.lines.tolist()) == (["1", "", "2"], [2, 3, 4])
    (told,) = table.problems
    assert (told.code, told.n, told.line) == ("blank_row", 2, 5)


@pytest.mark.parametrize(
    ("again", "hint"), [("i,Q1,Q2", "take such lines away"), ("Q2,i,Q1", "another order")]
)
def test_two_exports_pasted_together_are_told_with_the_line(tmp_path, again, hint):
    file = tmp_path / "a.csv"
    file.write_text(f"i,Q1,Q2\nr1,5,4\nr2,3,2\n{again}\nr3,1,1\n", encoding="utf-8")
    table = read_table(file, "a.csv", ["Q1"])
    (told,) = table.problems
    assert (told.code, told.severity, told.line, told.n) == ("repeated_header", "error", 4, 1)
    assert hint in str(told.hint)
    assert list(table.cells["Q1"]) == ["5", "3", "1"]


def test_the_header_rows_of_a_platform_pasted_in_are_told(tmp_path, shared_data):
    raw = (shared_data / "qualtrics" / "qualtrics_modern_de.csv").read_text(encoding="utf-8-sig")
    file = tmp_path / "a.csv"
    file.write_text(raw.rstrip("\n") + "\n" + raw, encoding="utf-8")
    table = read_table(file, "a.csv", ["Q1"])
    told = {one.code: one.n for one in table.problems}
    assert told == {"repeated_header": 3}
    assert (table.platform, table.n_rows) == ("qualtrics", 2)


def test_answers_that_are_numbers_are_no_header_again(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("1,2,3\n1,2,3\n3,2,1\n", encoding="utf-8")
    table = read_table(file, "a.csv", ["1", "2"])
    assert (table.problems, list(table.cells["1"])) == ((), ["1", "3"])


def test_each_file_of_a_study_is_of_its_own_platform(study, tmp_path):
    """A wave from Qualtrics, the next one a plain table."""
    ids = "{'ImportId': '%s'}"
    rows = [["ResponseId", "Q1", "Q2"], ["Response ID", "Percaya?", "Cepat?"],
            [ids % "_recordId", ids % "QID1", ids % "QID2"], ["R_1", "4", "5"]]  # fmt: skip
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    (tmp_path / "new.csv").write_text("respondent,Q1,Q2\nr1,3,2\n", encoding="utf-8")
    files = "answers: {A: {path: old.csv, columns: {respondent: ResponseId}}, B: {path: new.csv}}"
    folder = study(files, more="", bases="")
    told = check(folder)
    assert not told.errors, told.table()
    (note,) = told.notes
    assert (note.code, note.severity) == ("platform", "note")
    assert "old.csv is read as a Qualtrics export" in note.message
    assert told.summary.endswith("1 note")
    assert told[-1] is note, "notes come last"
    assert note not in told.warnings
    assert load(folder).values("item:tru_1").tolist() == [4, 3]
    assert "warnings" not in repr(load(folder)) or told.warnings


def test_a_platform_that_a_study_mistypes_is_told_with_the_nearest(study, tmp_path):
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    folder = study("answers: {path: a.csv, platform: qualtrisc}")
    told = next(one for one in check(folder).errors if "qualtrisc" in one.message)
    assert told.hint == "did you mean 'qualtrics'?"


def test_a_name_cannot_steer_a_terminal(tmp_path):
    override, escape = "\N{RIGHT-TO-LEFT OVERRIDE}", "\x1b[31m"
    file = tmp_path / "a.csv"
    file.write_text(f"{override}Q1{escape},Q2\n1,2\n", encoding="utf-8")
    (told,) = read_table(file, "a.csv", ["Q9"]).problems
    assert not {override, "\x1b"} & set(str(told))
    table = read_table(file, "a.csv", None)
    assert next(iter(table.cells)) == f"{override}Q1{escape}", "the name itself is kept"


# -- what a name says and a file holds -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "raw", "code", "token"),
    [
        ("a.csv", b"PK\x03\x04" + b"xl/workbook.xml", "wrong_content", ".xlsx"),
        ("a.csv", b"PAR1....PAR1", "wrong_content", "Parquet"),
        ("a.csv", b"\x1f\x8b....", "wrong_content", "packed"),
        ("a.csv.gz", b"Q1\n1\n", "wrong_content", "text"),
        ("a.sav", b"Q1\n1\n", "wrong_content", "text"),
        ("a.parquet", b"$FL2@(#)", "wrong_content", "SPSS"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook", "wrong_content", ".xls"),
        ("a.xlsx", b"PK\x03\x04" + b"word/document.xml", "wrong_content", "ZIP"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "unknown_format", "a.xls"),
        ("a.json", b'{"Q1": 1}', "unknown_format", "a.json"),
        ("a.xlsx", b"", "empty_file", "empty"),
        ("a.sav", b"", "empty_file", "empty"),
        ("a.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0", "unreadable", "a.csv.gz"),
        ("a.parquet", b"PAR1 and nothing else", "unreadable", "Parquet"),
        ("a.xlsx", b"PK\x03\x04 xl/workbook.xml", "unreadable", "damaged"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_with_what_to_try(
    tmp_path, name, raw, code, token
):
    (tmp_path / name).write_bytes(raw)
    (told,) = read_table(tmp_path / name, name, ["Q1"]).problems
    assert (told.code, told.severity, told.file) == (code, "error", name)
    assert token in told.message
    assert told.hint


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    assert [one.code for one in read_table(tmp_path / "a.csv", "a.csv", ["Q1"]).problems] == [
        "unreadable"
    ]


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory) -> dict[str, bytes]:
    """One small file of each binary format."""
    home = tmp_path_factory.mktemp("whole")
    workbook(home / "a.xlsx", ("Jawaban", ROWS))
    sav(home / "a.sav", answered(n=20), variable_value_labels={"Q1": {1: "low"}})
    sav(home / "a.zsav", answered(n=20))
    answered(n=20).to_parquet(home / "a.parquet")
    return {file.name: file.read_bytes() for file in home.iterdir()}


@pytest.mark.parametrize("name", ["a.xlsx", "a.sav", "a.zsav", "a.parquet"])
def test_a_file_that_was_cut_is_refused_wherever_it_was_cut(whole_files, tmp_path, name):
    whole = whole_files[name]
    n_cuts = 6 if name.endswith("sav") else 40  # each is read in a process of its own
    for length in range(0, len(whole) - 1, max(1, len(whole) // n_cuts)):
        (tmp_path / name).write_bytes(whole[:length])
        table = read_table(tmp_path / name, name, ["Q1"])
        assert table.n_rows == 0
        assert [one.severity for one in table.problems] == ["error"], (length, table.problems)


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(["a.xlsx", "a.sav", "a.parquet"]), seed=st.integers(0, 10**6))
def test_a_damaged_file_is_read_or_refused_and_never_ends_in_a_crash(
    whole_files, tmp_path_factory, name, seed
):
    rng = np.random.default_rng(seed)
    raw = bytearray(whole_files[name])
    for at in rng.integers(4, len(raw), size=8):
        raw[at] = int(rng.integers(256))
    file = tmp_path_factory.mktemp("damaged") / name
    file.write_bytes(bytes(raw))
    read_table(file, name, ["respondent", "Q1", "Q2"])


def test_a_file_whose_column_lost_its_name_is_refused(whole_files, tmp_path):
    named = whole_files["a.sav"]
    assert named.count(b"Q1      ") == 1
    (tmp_path / "a.sav").write_bytes(named.replace(b"Q1      ", b"        "))
    (told,) = read_table(tmp_path / "a.sav", "a.sav", ["Q1", "Q2"]).problems
    assert (told.code, told.severity) == ("unreadable", "error")
    assert "a column has no name" in told.message


# -- Parquet ---------------------------------------------------------------------------------------


def test_columns_that_the_study_does_not_name_are_not_read(tmp_path):
    """The pages of the unmapped column are overwritten: whoever reads them fails."""
    file = tmp_path / "a.parquet"
    table = pa.table({"Q1": list(range(500)), "other": [f"text {at}" for at in range(500)]})
    pq.write_table(table, file, compression="none", use_dictionary=False)
    chunk = pq.ParquetFile(file).metadata.row_group(0).column(1)
    raw = bytearray(file.read_bytes())
    start = chunk.data_page_offset
    raw[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    file.write_bytes(bytes(raw))
    read = read_table(file, "a.parquet", ["Q1"])
    assert (read.problems, read.n_rows) == ((), 500)
    assert list(read.cells["Q1"][:3]) == ["0", "1", "2"]
    assert [one.code for one in read_table(file, "a.parquet", ["other"]).problems] == ["unreadable"]


# -- workbooks -------------------------------------------------------------------------------------


def test_cells_are_read_as_a_person_would_type_them(tmp_path):
    file = workbook(
        tmp_path / "a.xlsx",
        (
            "Data",
            [
                ["a", "b", "c"],
                [5.0, True, dt.date(2026, 3, 2)],
                [0.1 + 0.2, False, dt.datetime(2026, 3, 2, 14, 30, 5)],
                [" x ", None, dt.time(9, 5)],
                [5379192392, "'=1+1", 1e-7],
            ],
        ),
    )
    table = read_table(file, "a.xlsx", ["a", "b", "c"])
    assert table.problems == ()
    assert list(table.cells["a"]) == ["5", "0.3", "x", "5379192392"]
    assert list(table.cells["b"]) == ["yes", "no", "", "'=1+1"]
    assert list(table.cells["c"]) == ["2026-03-02", "2026-03-02 14:30:05", "09:05:00", "1e-07"]
    assert list(table.lines) == [2, 3, 4, 5]


def test_the_line_of_an_answer_is_the_row_of_its_sheet(study, tmp_path):
    rows = [[], [], list(ROWS[0]), list(ROWS[1]), [], list(ROWS[2]), ["r3", 9, 1, "no", "Jawa"]]
    workbook(tmp_path / "a.xlsx", ("Jawaban", rows))
    folder = study("a.xlsx")
    assert found(folder, "off_scale").line == 7
    blank = found(folder, "blank_row")
    assert (blank.line, blank.n) == (5, 1)


def test_the_sheet_is_the_one_named_or_the_only_one_that_holds_anything(study, tmp_path):
    other = [("respondent", "Q1"), ("x", 1)]
    workbook(tmp_path / "a.xlsx", ("Kosong", []), ("Jawaban", ROWS))
    assert not check(study("a.xlsx")).errors
    workbook(tmp_path / "b.xlsx", ("Lain", other), ("2026", ROWS))
    told = found(study("b.xlsx"), "several_sheets")
    assert "Lain, 2026" in told.message
    folder = study("answers: {path: b.xlsx, sheet: 2026}")
    assert not check(folder).errors
    assert load(folder).n == 3
    told = found(study("answers: {path: b.xlsx, sheet: Lian}"), "missing_sheet")
    assert told.hint == "did you mean 'Lain'?"


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path):
    import openpyxl

    file = workbook(tmp_path / "a.xlsx", ("Jawaban", ROWS), ("_meta", [["Q1"], ["x"]]))
    book = openpyxl.load_workbook(file)
    book["_meta"].sheet_state = "hidden"
    book.save(file)
    assert read_table(file, "a.xlsx", ["Q1"]).n_rows == 3
    assert list(read_table(file, "a.xlsx", ["Q1"], sheet="_meta").cells["Q1"]) == ["x"]


def test_a_sheet_is_asked_of_a_workbook_only(study, tmp_path):
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    told = found(study("answers: {path: a.csv, sheet: Jawaban}"), "sheet_of_no_workbook")
    assert "'Jawaban'" in told.message


def edited(file: Path, *changes: tuple[str, str]) -> Path:
    """A workbook with words of its first sheet's XML changed."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    text = parts["xl/worksheets/sheet1.xml"].decode()
    for old, new in changes:
        assert text.count(old) == 1, text
        text = text.replace(old, new)
    parts["xl/worksheets/sheet1.xml"] = text.encode()
    with zipfile.ZipFile(file, "w") as book:
        for name, raw in parts.items():
            book.writestr(name, raw)
    return file


def test_of_a_formula_the_value_that_the_workbook_keeps_is_read(tmp_path):
    file = workbook(tmp_path / "a.xlsx", ("Data", [["a", "b"], [1, 41], [2, 42], [3, 43]]))
    edited(
        file,
        ('<c r="B2" t="n"><v>41</v></c>', '<c r="B2"><f>A2+40</f><v>41</v></c>'),
        ('<c r="B3" t="n"><v>42</v></c>', '<c r="B3" t="str"><f>IF(A3=2,"",1)</f><v></v></c>'),
        ('<c r="B4" t="n"><v>43</v></c>', '<c r="B4"><f>A4+40</f></c>'),
    )
    table = read_table(file, "a.xlsx", ["a", "b"])
    (told,) = table.problems
    assert (told.code, told.line, told.examples) == ("formula_without_value", 4, ("B4",))
    assert list(table.cells["b"][:2]) == ["41", ""]
    assert read_table(file, "a.xlsx", ["a"]).problems == (), "the column is not asked for"


def test_a_wrong_size_written_in_the_sheet_hides_no_answers(tmp_path):
    file = workbook(tmp_path / "a.xlsx", ("Data", [["a", "b"], [1, 2], [3, 4]]))
    edited(file, ('<dimension ref="A1:B3"/>', '<dimension ref="A1"/>'))
    assert list(read_table(file, "a.xlsx", ["b"]).cells["b"]) == ["2", "4"]


def test_merged_cells_matter_only_where_answers_are_read(tmp_path):
    rows = [["a", "b", "c"], [1, 2, "x"], [3, 4, None], ["catatan", None, None]]
    file = workbook(tmp_path / "a.xlsx", ("Data", rows), merge="C2:C3")
    assert read_table(file, "a.xlsx", ["a", "b"]).problems == ()
    (told,) = read_table(file, "a.xlsx", ["a", "c"]).problems
    assert (told.code, told.line, told.column) == ("merged_cells", 2, "c")


def test_errors_of_a_sheet_are_counted_by_column(tmp_path):
    rows = [["a", "b"], [1, "#N/A"], ["#N/A", "#N/A"], [3, 4]]
    file = workbook(tmp_path / "a.xlsx", ("Data", rows))
    told = read_table(file, "a.xlsx", ["a", "b"]).problems
    assert [(one.code, one.column, one.n, one.line) for one in told] == [
        ("cell_error", "a", 1, 3),
        ("cell_error", "b", 2, 2),
    ]
    assert told[1].message == "cell B2 holds the error '#N/A', and so does 1 other"


# -- SPSS ------------------------------------------------------------------------------------------


def spss_samples(shared_data: Path):
    expected = json.loads((shared_data / "spss" / "expected.json").read_text(encoding="utf-8"))
    for name, told in expected.items():
        columns = list(told["variables"])
        yield told, read_table(shared_data / "spss" / name, name, columns)


def is_missing(code: str, ranges) -> bool:
    return any(low <= float(code) <= high for low, high in ranges)


def test_numbers_of_the_sample_files_are_those_of_haven(shared_data):
    """Counts, means without missing answers, first values: R haven read the same files."""
    n_means = 0
    for told, table in spss_samples(shared_data):
        assert (table.problems, table.n_rows) == ((), told["n_rows"])
        for name, variable in told["variables"].items():
            texts, ranges = table.cells[name], table.questions[name].missing
            assert texts[0] == variable["first"]
            if variable["class"] == "character":
                continue  # a blank text is no missing value to R
            system = [text for text in texts if not text]
            assert len(system) == variable["n_missing_system_only"]
            user = [text for text in texts if text and ranges and is_missing(text, ranges)]
            assert len(system) + len(user) == variable["n_missing_incl_user"]
            if "mean_excl_missing" in variable:
                kept = [float(text) for text in texts if text and text not in user]
                mean = variable["mean_excl_missing"]
                assert statistics.fmean(kept) == pytest.approx(mean, abs=1e-9)
                n_means += 1
    assert n_means == 6


def test_labels_of_the_sample_files_are_those_of_haven(shared_data):
    for told, table in spss_samples(shared_data):
        for name, variable in told["variables"].items():
            coded = table.questions[name]
            assert coded.text == variable["label"]
            assert coded.labels == variable.get("value_labels", {})
            single = variable.get("user_missing_values", [])
            spans = [variable["user_missing_range"]] if "user_missing_range" in variable else []
            expected = [*([one, one] for one in single), *spans]
            assert sorted(map(list, coded.missing)) == sorted(expected)


def test_the_means_of_the_sample_file_reach_an_estimate(shared_data):
    """`tests/studies/spss` reads the same file as outcomes: user-missing codes leave the base."""
    import cxkit as cx

    survey = cx.load(Path(__file__).parent / "studies" / "spss")
    for key, mean, n in (("number", 0.18, 5), ("sex", 1.4, 5), ("order", 1.6, 5)):
        answered_ = survey.values(f"outcome:{key}")
        assert int((~np.isnan(answered_)).sum()) == n
        assert np.nanmean(answered_) == pytest.approx(mean, abs=1e-9)


def test_an_unlikely_date_is_read_in_iso(tmp_path):
    """Two days made by hand, and one that pandas' own dates could not hold."""
    frame = pd.DataFrame({"day": [dt.date(2026, 3, 2), dt.date(1600, 2, 29), None]})
    file = sav(tmp_path / "a.sav", frame)
    table = read_table(file, "a.sav", ["day"])
    assert list(table.cells["day"]) == ["2026-03-02", "1600-02-29", ""]


REASONS_STUDY = (
    "scales: {own: {points: 5, direction: up, low: rendah, high: tinggi, missing: {8: refused}}}\n"
    "text_answers: {Q2: {9: not_asked}}\n"
)


def test_user_missing_codes_have_the_reason_that_the_study_else_their_label_gives(study, tmp_path):
    frame = pd.DataFrame(
        {
            "respondent": [f"r{at}" for at in range(6)],
            "Q1": [1.0, 7.0, 8.0, 9.0, 99.0, np.nan],
            "Q2": [1.0, 7.0, 5.0, 9.0, 3.0, 2.0],
            "visited": ["yes"] * 6,
        }
    )
    labels = {7: "Tidak tahu", 8: "Tidak tahu", 9: "PREFER NOT TO SAY", 99: "Lain-lain"}
    sav(
        tmp_path / "a.sav",
        frame,
        variable_value_labels={"Q1": labels, "Q2": labels},
        missing_ranges={"Q1": [{"lo": 7, "hi": 9}, 99], "Q2": [7, 8, 9]},
    )
    more = REASONS_STUDY + "bases: {experienced: visited}\n"
    folder = study("a.sav", more, scale="scale: own", bases="")
    survey = load(folder)
    why = survey.frame["why:item:tru_1"].tolist()
    assert why == ["", "dont_know", "refused", "refused", "no_answer", "no_answer"]
    assert survey.frame["why:item:res_1"].tolist() == ["", "dont_know", "", "not_asked", "", ""]
    told = found(folder, "user_missing")
    assert (told.severity, told.column, told.n, told.line) == ("warning", "Q1", 1, 5)
    assert "99 ('Lain-lain')" in told.message
    assert told.hint == "say its reason: text_answers: {Q1: {99: dont_know}}"


def coded_file(folder: Path) -> None:
    frame = pd.DataFrame(
        {
            "respondent": ["r1", "r2", "r3", "r4"],
            "Q1": [4.0, 3.0, 5.0, 2.0],
            "Q2": [1.0, 2.0, 4.0, 5.0],
            "visited": [1.0, 2.0, 1.0, 1.0],
            "region": [1.0, 2.0, 1.0, 9.0],
            "wave": [1.0, 1.0, 2.0, 2.0],
            "why": ["bagus", "-", "99", ""],
        }
    )
    sav(
        folder / "a.sav",
        frame,
        variable_value_labels={
            "visited": {1: "yes", 2: "no"},
            "region": {1: "Jawa", 2: "Bali", 9: "Tidak tahu"},
            "wave": {1: "2025H2", 2: "2026H1"},
        },
        missing_ranges={"region": [9], "why": ["99", "-"]},
    )


def test_words_are_labels_unless_the_study_names_a_code(study, tmp_path):
    coded_file(tmp_path)
    words = "wave: wave\ncomments: {reason: why}\n"
    survey = load(study("a.sav", words + SEGMENT))
    assert survey.groups("region") == ("Jawa", "Bali")
    assert survey.frame["segment:region"].isna().sum() == 1
    assert survey.waves == ("2025H2", "2026H1")
    assert survey.frame["base:visitors"].tolist() == [True, False, True, True]
    assert survey.frame["comment:reason"].dropna().tolist() == ["bagus"]
    codes = "segments: {region: {values: {1: Jawa, 2: Bali, 9: Lain}}}\nwave: wave\n"
    codes += "waves: {1: {}, 2: {}}\n"
    survey = load(study("a.sav", codes, bases="bases: {visitors: {column: visited, is: 1}}"))
    assert survey.groups("region") == ("1", "2", "9"), "the study names 9: it is a group"
    assert survey.waves == ("1", "2")
    assert survey.frame["base:visitors"].tolist() == [True, False, True, True]


AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")


@pytest.mark.parametrize(
    ("labels", "answers", "code", "severity"),
    [
        (dict(enumerate(AGREE, 1)), (1, 5, 3), None, ""),
        ({1: "strongly  DISAGREE", 5: "Strongly agree"}, (1, 5, 3), None, ""),
        (dict(enumerate(AGREE[::-1], 1)), (1, 5, 3), "labels_contradict", "error"),
        ({1: "Strongly agree"}, (1, 5, 3), "labels_contradict", "error"),
        (dict(enumerate(AGREE, 0)), (1, 4, 3), "labels_contradict", "error"),
        (dict(enumerate(AGREE, 1)) | {6: "Lupa"}, (1, 5, 3), "labels_beyond", "warning"),
        ({1: "a", 2: "b", 3: "c", 4: "d"}, (1, 4, 3), "labels_fewer", "error"),
        ({1: "a", 2: "b", 3: "c", 4: "d"}, (1, 5, 3), "labels_fewer", "warning"),
        ({2: "b", 3: "c", 4: "d"}, (1, 5, 3), None, ""),
    ],
)
def test_a_scale_is_held_against_the_labels_of_the_file(
    study, tmp_path, labels, answers, code, severity
):
    sav(tmp_path / "a.sav", answered(q1=answers), variable_value_labels={"Q1": labels})
    folder = study("a.sav", "", bases="")
    told = [one for one in check(folder) if one.code.startswith("labels_")]
    assert [(one.code, one.severity) for one in told] == ([(code, severity)] if code else [])


def test_a_scale_that_falls_agrees_with_labels_that_fall(study, tmp_path):
    falling = dict(enumerate(AGREE[::-1], 1))
    sav(tmp_path / "a.sav", answered(), variable_value_labels={"Q1": falling, "Q2": falling})
    own = (
        "scales: {own: {points: 5, direction: down, low: Strongly agree, high: Strongly disagree}}"
    )
    assert not check(study("a.sav", own + "\n", bases="", scale="scale: own")).errors


def test_another_sheet_that_has_the_columns_is_proposed(study, tmp_path):
    other = [["note", "Q1"], ["x", 1]]
    workbook(tmp_path / "a.xlsx", ("Catatan", other), ("Data", ROWS))
    assert "sheet: Data}" in found(study("a.xlsx"), "several_sheets").hint
    folder = study("answers: {path: a.xlsx, sheet: Catatan}")
    told = found(folder, "wrong_sheet")
    assert "'Catatan'" in told.message
    assert "answers: {path: ..., sheet: Data}" in told.hint
    assert len(check(folder).errors) == 1


def test_an_empty_sheet_is_one_problem(study, tmp_path):
    workbook(tmp_path / "a.xlsx", ("Jawaban", []))
    (told,) = check(study("a.xlsx"))
    assert (told.code, "is empty" in told.message) == ("empty_file", True)


def test_only_a_really_near_column_is_proposed(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Q1,scr_bougth,scr_visited\n1,yes,no\n", encoding="utf-8")
    near, far = read_table(file, "a.csv", ["Q1", "scr_bought", "Q2"]).problems
    assert near.hint == "did you mean 'scr_bougth'?"
    assert far.hint is None


def test_a_question_with_several_answers_that_is_not_there_is_told_once(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Q1,Q40\n1,app;phone\n", encoding="utf-8")
    options = [f"Q41/{one}" for one in ("app", "phone", "email", "forum")]
    (told,) = read_table(file, "a.csv", ["Q1", *options]).problems
    assert (told.code, told.n, told.column) == ("missing_column", 4, "Q41")
    assert told.examples == ("app", "phone", "email")


# -- quotes that swallow rows --------------------------------------------------------------------

UNCLOSED = [
    ('id,nps,t\n1,5,"abc\n2,6,x\n3,7,y\n', 2),
    ('id,nps,t\n1,5,"abc\n2,6,x\n3,7,y', 2),
    ('id,nps,t\n1,5,a\n2,6,"a\n\nb"\n3,7,"y\n', 6),
    ('id\tnps\tt\n1\t5\ta\n2\t6\t"nice\n', 3),
    ("id,nps,t\n1,5,a\n" + '2,6,"' + ("x" * 9999 + "\n") * 1100, 3),
    ('id,nps,t\n1,5,"abc\n2,6,x\n3,7,"yes"\n4,8,z\n', 2),
    ('id,nps,t\n1,5,good\n2,6,"abc\n3,6,"yes, it is"\n4,8,z\n', 3),
    ('id,t,nps\nR_1,a b,5\nR_2,"a\nb",5\nR_3,"c,6\nR_4,d e,5\nR_5,"f",6\n', 5),
]


@pytest.mark.parametrize(("text", "line"), UNCLOSED)
def test_a_quote_that_swallows_rows_is_refused_where_it_opens(tmp_path, text, line):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    for wanted in (["id", "nps"], None):
        table = read_table(tmp_path / "a.csv", "a.csv", wanted)
        assert [one.code for one in table.problems] == ["unclosed_quote"]
        (told,) = table.problems
        assert told.severity == "error"
        assert told.line == line
        assert told.expected
        assert told.hint
        assert f"line {line}" in told.message


@pytest.mark.parametrize(
    "comment",
    [
        "a\nb\nc",
        "first, second\nthird, fourth, fifth\n",
        "bagus,murah,cepat\nramah,dekat,luas",
        "\n\n\n",
        "2 out of 10, at best\n3, perhaps, or 4",
        "line\n" * 500,
    ],
)
def test_an_honest_comment_of_many_lines_stays(tmp_path, comment):
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as target:
        rows = csv.writer(target)
        rows.writerows([("id", "nps", "t"), (1, 5, "a"), (2, 6, comment), (3, 7, "x, y\nz")])
        rows.writerow((4, 8, comment))
    table = read_table(tmp_path / "a.csv", "a.csv", ["id", "nps", "t"])
    assert table.problems == ()
    assert list(table.cells["id"]) == ["1", "2", "3", "4"]
    assert table.cells["t"][3] == comment.strip()


# -- names with signs of no width, lines in quotes, archives, forms ------------------------------


def test_a_column_name_with_a_sign_of_no_width_is_found_and_told(tmp_path):
    (tmp_path / "a.csv").write_text("\u200bid,n\ufeffps\n1,5\n", encoding="utf-8")
    table = read_table(tmp_path / "a.csv", "a.csv", ["id", "nps"])
    assert list(table.cells["id"]) == ["1"]
    assert list(table.cells["nps"]) == ["5"]
    assert [one.code for one in table.problems] == ["column_spelling"] * 2
    assert all("no width" in str(one.hint) for one in table.problems)


def test_lines_that_are_each_in_quotes_are_told_where_all_columns_are_read(tmp_path):
    (tmp_path / "a.csv").write_text('"id,nps,t"\n"1,5,a"\n"2,6,b"\n', encoding="utf-8")
    table = read_table(tmp_path / "a.csv", "a.csv", None)
    assert [one.code for one in table.problems] == ["wrong_delimiter"]
    (tmp_path / "b.csv").write_text('"Good, or not?"\n"yes, good"\n"no"\n', encoding="utf-8")
    assert read_table(tmp_path / "b.csv", "b.csv", None).problems == ()


LSS = "<?xml version='1.0'?><document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>"


def lsa(target: Path) -> Path:
    """An archive in the shape of LimeSurvey's; a survey without questions."""
    fields = "<fieldname>id</fieldname><fieldname>submitdate</fieldname>"
    rows = "".join(
        f"<row><id>{at}</id><submitdate>2026-03-02</submitdate></row>" for at in range(99)
    )
    answers = (
        f"<document><responses><fields>{fields}</fields><rows>{rows}</rows></responses></document>"
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("survey_1.lss", LSS)
        archive.writestr("survey_1_responses.lsr", answers)
    return target


def test_an_archive_damaged_at_any_byte_is_read_or_refused(tmp_path):
    whole = lsa(tmp_path / "a.lsa").read_bytes()
    codes = set()
    for at in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "b.lsa").write_bytes(damaged)
        codes |= {one.code for one in read_table(tmp_path / "b.lsa", "b.lsa", None).problems}
    assert "unreadable" in codes


def test_a_workbook_damaged_at_any_byte_of_its_list_is_read_or_refused(tmp_path):
    workbook(tmp_path / "a.xlsx", ("Jawaban", ROWS))
    whole = (tmp_path / "a.xlsx").read_bytes()
    codes = set()
    for at in range(whole.index(b"PK\x01\x02"), len(whole), 5):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "b.xlsx").write_bytes(damaged)
        codes |= {one.code for one in read_table(tmp_path / "b.xlsx", "b.xlsx", None).problems}
    damaged = bytearray(whole)
    damaged[whole.index(b"PK\x01\x02") + 6] = 219  # the version of ZIP that reads it: 21.9
    (tmp_path / "b.xlsx").write_bytes(damaged)
    codes |= {one.code for one in read_table(tmp_path / "b.xlsx", "b.xlsx", None).problems}
    assert "unreadable" in codes


@pytest.mark.parametrize("name", ["a.csv", "a.sav", "a.parquet", "a.xlsx"])
def test_a_questionnaire_beside_answers_of_no_platform_is_told(study, tmp_path, name):
    frame = as_frame()
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    sav(tmp_path / "a.sav", frame)
    frame.to_parquet(tmp_path / "a.parquet")
    workbook(tmp_path / "a.xlsx", ("Jawaban", ROWS))
    (tmp_path / "x.lss").write_text(LSS, encoding="utf-8")
    table = read_table(tmp_path / name, name, None, structure=tmp_path / "x.lss")
    assert "structure_of_none" in [one.code for one in table.problems if one.severity == "error"]
    assert "structure_of_none" not in [
        one.code for one in read_table(tmp_path / name, name, None).problems
    ]


@pytest.mark.parametrize(("name", "label"), [("a.lss", "LimeSurvey"), ("a.qsf", "Qualtrics")])
def test_a_questionnaire_named_as_answers_is_told_as_one(tmp_path, name, label):
    (tmp_path / name).write_text(LSS, encoding="utf-8")
    (told,) = read_table(tmp_path / name, name, None).problems
    assert told.code == "unknown_format"
    assert f"questionnaire of {label}" in told.message
    assert "answers.structure" in str(told.hint)


def test_a_folder_named_as_a_questionnaire_is_told_as_one(tmp_path):
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    (tmp_path / "x.qsf").mkdir()
    (told,) = read_table(tmp_path / "a.csv", "a.csv", None, structure=tmp_path / "x.qsf").problems
    assert told.code == "missing_structure"
    assert "is a folder" in told.message


def test_a_questionnaire_in_a_damaged_archive_or_old_workbook_is_read_or_refused(tmp_path):
    whole = lsa(tmp_path / "a.lsa").read_bytes()
    n_refused = 0
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (tmp_path / "b.lsa").write_bytes(damaged)
        try:
            dialect("limesurvey").structure(tmp_path / "b.lsa")
        except StudyError:
            n_refused += 1
    assert n_refused
    (tmp_path / "b.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096)
    with pytest.raises(StudyError, match="cannot be read"):
        dialect("xlsform").structure(tmp_path / "b.xls")
