"""Where answers may be said to lie: every key that does not agree with the others is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_study import STUDY, as_csv, lay_study, swapped

import cxkit as cx
from cxkit.__main__ import main
from cxkit.answers import check
from cxkit.study.parts import AnswerFile
from cxkit.study.sources import slips

AGREEING = [
    {"path": "a.csv"},
    {"path": "a.xlsx", "sheet": "Jawaban"},
    {"path": "a.csv", "structure": "a.qsf"},
    {"path": "a.csv", "structure": "a.qsf", "platform": "qualtrics"},
    {"path": "w/*.csv", "platform": "duckdb", "query": "SELECT 1"},
    {"url_from": "CX_DB", "table": "a"},
    {"url_from": "CX_DB", "query": "SELECT 1", "platform": "sql"},
]


@pytest.mark.parametrize("given", AGREEING)
def test_keys_that_agree_have_no_slip(given: dict[str, str]) -> None:
    assert list(slips(AnswerFile(**given))) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, [("no_source", "path")]),
        ({"path": "a.db", "platform": "sql"}, [("no_database", "platform")]),
        ({"path": "a.csv", "query": "SELECT 1"}, [("query_of_file", "query")]),
        ({"path": "a.csv", "platform": "duckdb", "table": "a"}, [("query_of_file", "table")]),
        ({"path": "w*.csv"}, [("pattern", "path")]),
        ({"path": "a.csv", "sheet": "x"}, [("sheet_of_no_workbook", "sheet")]),
        ({"path": "postgresql://cx:very_secret@h/db"}, [("url_in_file", "path")]),
        ({"url_from": "sqlite:///a.db", "table": "a"}, [("url_in_file", "url_from")]),
        ({"url_from": "CX_DB", "table": "a", "path": "a.csv"}, [("two_sources", "path")]),
        ({"url_from": "CX_DB"}, [("no_rows_named", "table")]),
        ({"url_from": "CX_DB", "table": "", "query": ""}, [("no_rows_named", "table")]),
        ({"url_from": "CX_DB", "table": "a", "query": "SELECT 1"}, [("no_rows_named", "table")]),
        (
            {"url_from": "CX_DB", "table": "a", "platform": "qualtrics"},
            [("platform_of_database", "platform")],
        ),
        (
            {"url_from": "CX_DB", "table": "a", "structure": "a.qsf"},
            [("structure_of_none", "structure")],
        ),
        (
            {"path": "a.csv", "platform": "plain", "structure": "a.qsf"},
            [("structure_of_none", "structure")],
        ),
        ({"url_from": "CX_DB", "table": "a", "sheet": "x"}, [("sheet_of_no_workbook", "sheet")]),
    ],
)
def test_a_key_that_does_not_agree_is_named(
    given: dict[str, str], told: list[tuple[str, str]]
) -> None:
    found = list(slips(AnswerFile(**given)))
    assert [(code, key) for code, key, *_ in found] == told
    assert "very_secret" not in str(found)
    assert all(message and expected for _, _, message, expected, _ in found)


def test_a_url_with_its_password_in_the_study_file_is_never_repeated(tmp_path: Path) -> None:
    url = "postgresql://cx:very_secret@127.0.0.1/db"
    told = cx.check(lay_study(tmp_path, f'answers: {{url_from: "{url}", table: a}}'))
    assert "url_in_file" in {one.code for one in told}
    assert "very_secret" not in told.to_json() + str(told.table())


@pytest.mark.parametrize(
    "swap",
    [
        {"answers": 'answers: {path: "postgresql://cx:very_secret@h/db"}'},
        {"answers": 'answers: {path: "postgresql://cx:very/se@cret@h/db"}'},
        {"answers": 'answers: "postgresql://cx:very_secret@h/db"'},
        {"answers": 'answers: {path: a.csv, database: "postgresql://cx:very_secret@h/db"}'},
        {"answers": 'answers: {path: a.csv, "postgresql://cx:very_secret@h/db": x}'},
        {"answers": 'answers: {path: a.csv, platform: "postgresql://cx:very_secret@h/db"}'},
        {"answers": 'answers: {path: "postgresql://cx:very_secret@h/db", sheet: x}'},
        {"answers": 'answers: {path: "postgresql://cx:very_secret@h/*", platform: duckdb}'},
        {"answers": 'answers: {path: a.csv, structure: "mysql://cx:very_secret@h/db.qsf"}'},
        {"answers": 'answers: {path: "postgresql://cx:' + "very_secret" * 9 + '@h/db"}'},
        {"scale": 'scale: "postgresql://cx:' + "very_secret" * 9 + '@h/db"'},
        {"title": 'title: ["postgresql://cx:very_secret@h/db"]'},
        {"period": '"postgresql://cx:very_secret@h/db": 1'},
        {"respondent": 'respondent: "postgresql://cx:very_secret@h/db"'},
    ],
)
def test_no_message_repeats_the_password_of_a_url(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], swap: dict[str, str]
) -> None:
    (tmp_path / "a.csv").write_text(as_csv(), encoding="utf-8")
    answers = swap.pop("answers", "answers: a.csv")
    (tmp_path / "study.yaml").write_text(swapped(STUDY, **swap) + answers + "\n", encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 2
    told = "".join(capsys.readouterr()) + repr(list(check(tmp_path)))
    assert "secret" not in told
    assert "cx:very" not in told
    assert "se@cret" not in told
