"""Answers in a database: the same text as in a file, read-only, and every slip refused by name."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from postgres import postgres

import cxkit as cx
from cxkit import places
from cxkit.answers.readers.database import read_database, read_duckdb

ROWS = [
    ("r1", 5, "Setuju", 0.85, "2026-03-02"),
    ("r2", None, "اتفق 👍", 1.0, "2026-03-03"),
    ("r3", 1, "", 1.15, None),
]
COLUMNS = ("id", "ful_1", "Kata & kata", "weight", "day")
AS_TEXT = {
    "id": ["r1", "r2", "r3"],
    "ful_1": ["5", "", "1"],
    "Kata & kata": ["Setuju", "اتفق 👍", ""],
    "weight": ["0.85", "1", "1.15"],
    "day": ["2026-03-02", "2026-03-03", ""],
}


def _cells(table) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in table.cells.items()}


@pytest.fixture
def sqlite(tmp_path, monkeypatch) -> Path:
    file = tmp_path / "answers.db"
    with sqlite3.connect(file) as made:
        made.execute(
            'CREATE TABLE a (id TEXT, ful_1 INT, "Kata & kata" TEXT, weight REAL, day TEXT)'
        )
        made.executemany("INSERT INTO a VALUES (?, ?, ?, ?, ?)", ROWS)
        made.execute("CREATE TABLE empty (id TEXT, ful_1 INT)")
    made.close()
    monkeypatch.setenv("CX_DB", f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def filled(server, monkeypatch) -> str:
    """A PostgreSQL table with typed columns, in a schema of its own."""
    engine = sa.create_engine(server)
    with engine.begin() as made:
        made.execute(sa.text("DROP SCHEMA IF EXISTS cx CASCADE"))
        made.execute(sa.text("CREATE SCHEMA cx"))
        made.execute(
            sa.text(
                'CREATE TABLE cx.a (id text, ful_1 int, "Kata & kata" text, '
                "weight numeric, day date)"
            )
        )
        for row in ROWS:
            named = dict(zip("abcde", row, strict=True))
            made.execute(sa.text("INSERT INTO cx.a VALUES (:a, :b, :c, :d, :e)"), named)
    engine.dispose()
    monkeypatch.setenv("CX_DB", server)
    return server


# -- the same text as in a file


def test_a_table_is_text_as_a_person_would_have_typed_it(sqlite):
    table = read_database("CX_DB", "database CX_DB", COLUMNS, table="a")
    assert _cells(table) == AS_TEXT
    assert not table.problems


def test_only_the_wanted_columns_are_asked_for(sqlite):
    table = read_database("CX_DB", "database CX_DB", ["ful_1"], table="a")
    assert _cells(table) == {"ful_1": AS_TEXT["ful_1"]}
    assert table.header == COLUMNS


def test_a_query_keeps_its_order(sqlite):
    asked = "SELECT id, ful_1 FROM a ORDER BY id DESC;"
    table = read_database("CX_DB", "database CX_DB", None, query=asked)
    assert _cells(table) == {"id": ["r3", "r2", "r1"], "ful_1": ["1", "", "5"]}


def test_postgresql_gives_the_same_text(filled):
    table = read_database("CX_DB", "database CX_DB", COLUMNS, table="cx.a")
    assert {name: sorted(cells) for name, cells in _cells(table).items()} == {
        name: sorted(cells) for name, cells in AS_TEXT.items()
    }


def test_a_column_that_the_table_lacks_is_told(sqlite):
    table = read_database("CX_DB", "database CX_DB", ["id", "ful_2"], table="a")
    (problem,) = table.problems
    assert (problem.code, problem.column) == ("missing_column", "ful_2")


# -- read-only


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM a",
        "DROP TABLE a",
        "  update a set ful_1 = 1",
        "-- why\nINSERT INTO a VALUES (1)",
    ],
)
def test_a_statement_that_writes_is_never_sent(sqlite, query):
    before = hashlib.sha256(sqlite.read_bytes()).hexdigest()
    table = read_database("CX_DB", "database CX_DB", ["id"], query=query)
    assert [one.code for one in table.problems] == ["query_writes"]
    assert hashlib.sha256(sqlite.read_bytes()).hexdigest() == before


def test_a_with_that_deletes_is_refused(filled):
    query = "WITH gone AS (DELETE FROM cx.a RETURNING id) SELECT id FROM gone"
    table = read_database("CX_DB", "database CX_DB", ["id"], query=query)
    assert [one.code for one in table.problems] == ["database_refused"]
    kept = read_database("CX_DB", "database CX_DB", ["id"], table="cx.a")
    assert len(kept.cells["id"]) == 3


def test_the_session_of_postgresql_is_read_only(filled):
    """A SELECT may call what writes; the session does not let it."""
    engine = sa.create_engine(filled)
    with engine.begin() as made:
        made.execute(sa.text("CREATE SEQUENCE cx.drawn"))
    engine.dispose()
    query = "SELECT nextval('cx.drawn') AS id"
    table = read_database("CX_DB", "database CX_DB", ["id"], query=query)
    assert [one.code for one in table.problems] == ["database_refused"]
    assert "read-only" in table.problems[0].message


def test_sqlite_in_disguise_is_refused_by_the_session(sqlite):
    query = "SELECT id FROM a; DELETE FROM a"
    table = read_database("CX_DB", "database CX_DB", ["id"], query=query)
    assert table.problems
    with sqlite3.connect(sqlite) as made:
        assert made.execute("SELECT count(*) FROM a").fetchone() == (3,)


# -- a study in a database


def _typed(frame, engine) -> None:
    """The demo's answers as a person would keep them in a database: numbers as numbers."""
    kinds = {
        name: sa.Text() if pd.to_numeric(column, errors="coerce").isna().any() else sa.Numeric()
        for name, column in frame.items()
    }
    rows = frame.where(frame != "", None).astype(object).to_dict("records")
    rows = [
        {name: None if value != value else value for name, value in row.items()} for row in rows
    ]
    table = sa.Table("answers", sa.MetaData(), *(sa.Column(n, k) for n, k in kinds.items()))
    with engine.begin() as made:
        table.drop(made, checkfirst=True)
        table.create(made)
        made.execute(sa.insert(table), rows)


def _without_methods(page: str) -> str:
    """A page without its last section, which tells where the answers came from."""
    kept, _, rest = page.partition('<section id="methods"')
    assert rest
    return kept


@pytest.mark.slow
def test_postgresql_and_duckdb_give_the_page_of_the_csv(tmp_path, server, monkeypatch):
    """The same estimates, and the same page but for the section on how it was made."""
    source = places.find_study("demo").parent
    frame = pd.read_csv(source / "answers.csv", dtype=str, keep_default_na=False)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    engine = sa.create_engine(server)
    _typed(frame, engine)
    engine.dispose()
    monkeypatch.setenv("CX_DB", server)
    told = (source / "study.yaml").read_text(encoding="utf-8")
    line = "answers: {path: answers.csv, platform: plain}"
    assert line in told
    sources = {
        "csv": line,
        "sql": "answers: {url_from: CX_DB, table: answers}",
        "duckdb": "answers: {path: answers.parquet, platform: duckdb}",
    }
    frame.to_parquet(tmp_path / "answers.parquet")
    reports, pages = {}, {}
    for key, wanted in sources.items():
        folder = tmp_path / key
        folder.mkdir()
        for name in ("answers.csv", "answers.parquet"):
            shutil.copy(tmp_path / name, folder)
        shutil.copy(source / "coding.csv", folder)
        (folder / "study.yaml").write_text(told.replace(line, wanted), encoding="utf-8")
        report = cx.run(folder, language=["en"])
        reports[key] = json.loads(report.json.read_text(encoding="utf-8"))
        pages[key] = _without_methods(report.pages["en"].read_text(encoding="utf-8"))
    for key in ("sql", "duckdb"):
        for part in ("estimates", "comparisons", "fits"):
            assert reports[key][part] == reports["csv"][part]
        assert pages[key] == pages["csv"]
    assert len(reports["csv"]["estimates"]) > 500


# -- slips


def test_a_database_that_is_down_is_refused_and_no_password_is_told(monkeypatch):
    monkeypatch.setenv("CX_DB", "postgresql+psycopg://cx:very_secret@127.0.0.1:1/none")
    table = read_database("CX_DB", "database CX_DB", ["id"], table="a")
    (problem,) = table.problems
    assert problem.code == "database_down"
    assert "127.0.0.1" in problem.message
    assert "very_secret" not in str(problem.to_dict())


def test_a_table_that_gives_nothing_is_refused(sqlite):
    table = read_database("CX_DB", "database CX_DB", ["id"], table="empty")
    assert [one.code for one in table.problems] == ["header_only"]


def test_a_table_that_is_not_there_is_refused(sqlite):
    table = read_database("CX_DB", "database CX_DB", ["id"], table="nowhere")
    (problem,) = table.problems
    assert problem.code == "database_refused"
    assert "nowhere" in problem.message


@pytest.mark.parametrize("text", ["", "not a url", "nosuch://x/y"])
def test_a_url_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("CX_DB", text)
    table = read_database("CX_DB", "database CX_DB", ["id"], table="a")
    assert [one.code for one in table.problems] in (["no_database_url"], ["database_url"])


def test_the_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("CX_DB", raising=False)
    table = read_database("CX_DB", "database CX_DB", ["id"], table="a")
    assert table.problems[0].code == "no_database_url"
    assert "CX_DB" in table.problems[0].message


def test_a_url_in_the_place_of_the_variable_is_never_repeated():
    """Nor is it taken for a variable's name: its password would stand in the message."""
    url = "postgresql://cx:very_secret@host/db"
    table = read_database(url, f"database of {url}", ["id"], table="a")
    (problem,) = table.problems
    assert problem.code == "url_in_file"
    assert "very_secret" not in str(problem.to_dict())


def test_a_password_with_an_at_is_no_host(monkeypatch):
    monkeypatch.setenv("CX_DB", "postgresql+psycopg://cx:very@secret@127.0.0.1:1/none")
    (problem,) = read_database("CX_DB", "database CX_DB", ["id"], table="a").problems
    assert problem.code == "database_url"
    assert "%40" in problem.hint
    assert "secret" not in str(problem.to_dict())


def test_a_mistyped_file_of_sqlite_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("CX_DB", f"sqlite:///{tmp_path}/mistyped.db")
    (problem,) = read_database("CX_DB", "database CX_DB", ["id"], table="a").problems
    assert (problem.code, list(tmp_path.iterdir())) == ("missing_file", [])
    assert "mistyped.db" in problem.message


@pytest.mark.parametrize("text", ["'at :noon'", "'10:30'", "cast('a:b' as text)"])
def test_a_colon_in_a_query_asks_for_nothing(sqlite, text):
    table = read_database("CX_DB", "x", None, query=f"SELECT id, {text} AS t FROM a")
    assert table.problems == ()
    assert _cells(table)["t"][0] in ("at :noon", "10:30", "a:b")


# -- DuckDB


@pytest.fixture
def folder(tmp_path) -> Path:
    for at, rows in enumerate((ROWS[:2], ROWS[2:])):
        with (tmp_path / f"w{at}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    return tmp_path


def test_duckdb_joins_csv_files_and_guesses_nothing(folder):
    table = read_duckdb(folder / "w*.csv", "w*.csv", COLUMNS)
    assert _cells(table) == AS_TEXT | {"weight": ["0.85", "1.0", "1.15"]}


def test_duckdb_reads_parquet_and_a_query(folder):
    import duckdb

    source = f"read_csv('{folder}/w*.csv')"
    duckdb.sql(f"COPY (SELECT * FROM {source}) TO '{folder}/all.parquet'")
    table = read_duckdb(folder / "all.parquet", "all.parquet", COLUMNS)
    assert _cells(table) == AS_TEXT
    asked = "SELECT id, ful_1 FROM answers WHERE ful_1 = 5"
    one = read_duckdb(folder / "all.parquet", "all.parquet", ["id"], query=asked)
    assert _cells(one) == {"id": ["r1"]}


def test_duckdb_refuses_what_it_cannot_read(folder):
    assert [p.code for p in read_duckdb(folder / "x*.csv", "x*.csv", ["id"]).problems] == [
        "missing_file"
    ]
    asked = "SELECT nothing FROM answers"
    found = read_duckdb(folder / "w*.csv", "w*.csv", ["id"], query=asked)
    assert [p.code for p in found.problems] == ["database_refused"]
    written = read_duckdb(folder / "w*.csv", "w*.csv", ["id"], query="COPY answers TO 'x.csv'")
    assert [p.code for p in written.problems] == ["query_writes"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM answers; COPY (SELECT 1) TO '{folder}/out.csv'",
        "WITH a AS (SELECT 1) INSERT INTO answers SELECT * FROM a",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "",
    ],
)
def test_duckdb_runs_one_statement_that_reads(folder, query):
    """Several statements in one text would all be run, and one of them may write."""
    asked = query.format(folder=folder)
    found = read_duckdb(folder / "w*.csv", "w*.csv", ["id"], query=asked)
    assert [p.code for p in found.problems] == ["query_writes"]
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize("pattern", ["*/w*.csv", "**/w*.csv"])
def test_duckdb_finds_files_in_folders(folder, pattern):
    (folder / "a").mkdir()
    for one in folder.glob("w*.csv"):
        one.rename(folder / "a" / one.name)
    assert read_duckdb(folder / pattern, pattern, ["id"]).n_rows == len(ROWS)


def test_header_rows_of_a_platform_are_no_answers_of_duckdb(folder):
    (folder / "q.csv").write_text(
        'Q1,Q2\nHow was it?,Why?\n"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n1,a\n2,b\n',
        encoding="utf-8",
    )
    table = read_duckdb(folder / "q.csv", "q.csv", None)
    assert [p.code for p in table.problems] == ["second_header"]
    assert _cells(table)["Q1"] == ["1", "2"]
