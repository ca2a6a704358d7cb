"""Answers in a database, or in files that DuckDB reads: rows of one table or one query, as text.

Nothing is ever written: the session is opened read-only where the database offers that, only
statements that read are sent, and what was begun is rolled back. The URL with its password comes
from an environment variable, and no message repeats it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from glob import iglob
from pathlib import Path
from typing import Any

import numpy as np

from cxkit.answers.readers.table import Header, Table, header_only, refused, typed
from cxkit.answers.readers.titles import without_titles
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, brief
from cxkit.study.sources import VARIABLE

__all__ = ["read_database", "read_duckdb"]

_BLOCK = 20_000
_READS = re.compile(
    r"[\s(]*(--[^\n]*\n[\s(]*|/\*.*?\*/[\s(]*)*(select|with|values|table|from)\b", re.I | re.S
)
_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What SQLAlchemy would take for a value to be filled in, and stands in texts and times."""
_PASSWORD = re.compile(r"//[^@\s/]*@")
_EXTRA = "pip install 'cxkit[sql]'"
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
"""What opens a session that cannot write, where SQLAlchemy has no option for it."""


def read_database(
    url_from: str,
    shown: str,
    wanted: Iterable[str] | None,
    *,
    table: str | None = None,
    query: str | None = None,
) -> Table:
    """The wanted columns of a table or a query, through SQLAlchemy.

    Parameters
    ----------
    url_from : str
        The environment variable that holds the URL, such as postgresql+psycopg://user:pw@host/db.
    shown : str
        What its user calls the source: problems carry this name.
    wanted : iterable of str, optional
        The columns to read, all if none; one that the source lacks is a `missing_column`.
    table, query : str
        One of both: a table (`schema.name`), or a statement that reads.
    """
    try:
        import sqlalchemy as sa
    except ImportError:
        return _needs(shown, "SQLAlchemy")
    if query is not None and not _READS.match(query):
        return _no_reading(shown, query)
    if not VARIABLE.fullmatch(url_from):
        return _no_variable()
    text = os.environ.get(url_from, "").strip()
    if not text:
        return refused(
            "no_database_url",
            shown,
            f"the environment variable '{url_from}' holds no database URL",
            expected="a URL such as postgresql+psycopg://user:password@host/database",
            hint=f"export {url_from}=... before the command; it never stands in a study file",
        )
    if text.partition("?")[0].count("@") > 1 and not text.startswith("sqlite"):
        return refused(
            "database_url",
            shown,
            f"what '{url_from}' holds has more than one '@': where the password ends is not clear",
            expected="a URL such as postgresql+psycopg://user:password@host/database",
            hint="write %40 for an '@' in the user's name or the password",
        )
    try:
        url = sa.make_url(text)
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ValueError) as error:
        return refused(
            "database_url",
            shown,
            f"what '{url_from}' holds is no database URL that can be used ({type(error).__name__})",
            expected="a URL such as postgresql+psycopg://user:password@host/database",
        )
    except ImportError as error:
        return _needs(shown, error.name or "the driver of the database")
    if url.get_backend_name() == "sqlite" and (lost := _lost(url.database)):
        return refused(
            "missing_file",
            shown,
            f"there is no database '{lost}'",
            expected="the file of the database, from the folder that the command runs in",
        )
    try:
        with _connected(sa, engine) as connection:
            statement = _of_query(sa, query) if query else _of_table(sa, table or "")
            return _rows(connection, statement, shown, wanted, is_query=query is not None)
    except sa.exc.DBAPIError as error:
        return _failed(shown, error, url)
    except sa.exc.SQLAlchemyError as error:
        return _unreadable(shown, str(error))
    finally:
        engine.dispose()


def _connected(sa: Any, engine: Any) -> Any:
    """A connection that cannot write, where the database offers that."""
    options = {"stream_results": True, "max_row_buffer": _BLOCK}
    if engine.dialect.name == "postgresql":
        options |= {"postgresql_readonly": True}
    connection = engine.connect().execution_options(**options)
    if statement := _READ_ONLY.get(engine.dialect.name):
        connection.execute(sa.text(statement))
    return connection


def _lost(file: str | None) -> str:
    """The name of a SQLite file that is not there, which connecting would make; else ""."""
    is_file = bool(file) and file != ":memory:" and not str(file).startswith("file:")
    return Path(str(file)).name if is_file and not Path(str(file)).exists() else ""


def _of_query(sa: Any, query: str) -> Any:
    """One statement as it stands: a colon in it asks for nothing to be filled in."""
    return sa.text(_COLON.sub(r"\:", query.rstrip().rstrip(";")))


def _of_table(sa: Any, name: str) -> Any:
    schema, _, own = name.rpartition(".")
    return sa.select(sa.text("*")).select_from(sa.table(own, schema=schema or None))


def _rows(
    connection: Any, statement: Any, shown: str, wanted: Iterable[str] | None, *, is_query: bool
) -> Table:
    """The rows of a statement; of a table only the wanted columns are asked for."""
    import sqlalchemy as sa

    if not is_query:
        with connection.execute(statement.limit(0)) as result:
            names = tuple(map(str, result.keys()))
        header = Header(names, None, shown, names if wanted is None else tuple(wanted))
        columns: list[Any] = [sa.column(own) for own in dict.fromkeys(header.own.values())]
        if columns:
            statement = statement.with_only_columns(*columns)
        with connection.execute(statement) as result:
            own = tuple(map(str, result.keys()))
            return _table(header, own, result.partitions(_BLOCK) if columns else ())
    with connection.execute(statement) as result:
        names = tuple(map(str, result.keys()))
        header = Header(names, None, shown, names if wanted is None else tuple(wanted))
        return _table(header, names, result.partitions(_BLOCK))


def _table(header: Header, own: Sequence[str], blocks: Iterable[Sequence[Sequence[Any]]]) -> Table:
    """The blocks of rows, whose columns are `own`, as the columns that were asked for."""
    places = {name: own.index(column) for name, column in header.own.items() if column in own}
    parts: dict[str, list[Texts]] = {name: [] for name in places}
    n_rows = 0
    for block in blocks:
        n_rows += len(block)
        for name, place in places.items():
            parts[name].append(Texts.of([_as_text(row[place]) for row in block]))
    problems = header.problems()
    if n_rows == 0:
        problems.append(_nothing(header.shown))
    cells = {name: Texts.joined(several) for name, several in parts.items()}
    lines = np.arange(1, n_rows + 1, dtype=np.int32)
    return Table(header.shown, header.names, cells, lines, tuple(problems))


def _as_text(value: object) -> str:
    """A value of a database as a person would have typed it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, decimal.Decimal):
        plain = format(value.normalize(), "f")
        return "" if value.is_nan() else plain
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", errors="replace").strip()
    return typed(value)


# -- DuckDB ------------------------------------------------------------------------------------


def read_duckdb(
    file: Path, shown: str, wanted: Iterable[str] | None, *, query: str | None = None
) -> Table:
    """The wanted columns of CSV or Parquet files, or of a query over them, through DuckDB.

    Parameters
    ----------
    file : Path
        One file, or a pattern such as `waves/*.parquet`: files are joined by column names.
    shown : str
        What its user calls it: problems carry this name.
    wanted : iterable of str, optional
        The columns to read, all if none.
    query : str, optional
        A statement that reads from the view `answers`; all its rows if none. Every cell of a CSV
        is text there: nothing is guessed.
    """
    try:
        import duckdb
    except ImportError:
        return _needs(shown, "duckdb")
    if query is not None and not _READS.match(query):
        return _no_reading(shown, query)
    if not file.exists() and not any(iglob(str(file), recursive=True)):
        return refused(
            "missing_file",
            shown,
            f"there is no file '{shown}'",
            expected="the files that answers.path names, from the study's folder",
        )
    connection = duckdb.connect(":memory:")
    try:
        if query is not None and not _is_one_reading(connection, query):
            return _no_reading(shown, query)
        _view(connection, file)
        asked = query.rstrip().rstrip(";") if query else "SELECT * FROM answers"
        names = tuple(connection.sql(asked).columns)
        header = Header(names, None, shown, names if wanted is None else tuple(wanted))
        own = list(dict.fromkeys(header.own.values()))
        if own and len(set(names)) == len(names):
            columns = ", ".join(_quoted(name) for name in own)
            asked = f"SELECT {columns} FROM ({asked}) AS asked"
        result = connection.execute(asked)
        kept = [one[0] for one in result.description]
        return without_titles(_table(header, kept, _fetched(result)), "row")
    except duckdb.Error as error:
        return _unreadable(shown, str(error))
    finally:
        connection.close()


def _is_one_reading(connection: Any, query: str) -> bool:
    """Whether a query is one statement, and one that reads: several would all be run."""
    from duckdb import StatementType

    statements = connection.extract_statements(query)
    return len(statements) == 1 and statements[0].type == StatementType.SELECT


def _view(connection: Any, file: Path) -> None:
    """The files as the view `answers`: cells of CSV as text, Parquet as it is."""
    pattern = str(file).replace("'", "''")
    is_parquet = file.name.lower().endswith(".parquet")
    reads = (
        f"read_parquet('{pattern}', union_by_name=true)"
        if is_parquet
        else f"read_csv('{pattern}', all_varchar=true, header=true, union_by_name=true)"
    )
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"CREATE TEMP VIEW answers AS SELECT * FROM {reads}")


def _fetched(result: Any) -> Iterator[list[tuple[Any, ...]]]:
    while block := result.fetchmany(_BLOCK):
        yield block


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# -- refusals ----------------------------------------------------------------------------------


def _needs(shown: str, library: str) -> Table:
    return refused(
        "missing_library",
        shown,
        f"answers in a database need {library}, which is not installed",
        expected="the extra 'sql' of cxkit",
        hint=_EXTRA,
    )


def _no_variable() -> Table:
    """The refusal of what may be a URL with its password: it is not repeated."""
    return refused(
        "url_in_file",
        "the database",
        "url_from holds no name of an environment variable",
        expected="the name of the variable that holds the URL, such as CX_DB",
    )


def _no_reading(shown: str, query: str) -> Table:
    """The refusal of a query that does more than read."""
    begun = query.split(maxsplit=1)[0] if query.split() else ""
    what = "does more than read" if _READS.match(query) else f"begins with '{brief(begun)}'"
    return refused(
        "query_writes",
        shown,
        f"the query {what}" if begun else "the query is empty",
        expected="one statement that reads: SELECT ... or WITH ... SELECT ...",
    )


def _nothing(shown: str) -> Problem:
    told = header_only(shown, None)
    return Problem(
        told.code,
        f"{shown} gives no rows",
        file=shown,
        expected=told.expected,
        hint="look at the table, and at the conditions of the query",
    )


def _failed(shown: str, error: Any, url: Any) -> Table:
    """The refusal of a database that is down, or that cannot do what was asked."""
    said = _said(error.orig if error.orig is not None else error)
    is_down = bool(error.connection_invalidated) or not error.statement
    if not is_down:
        return _unreadable(shown, said)
    place = f"{url.get_backend_name()} at {url.host or 'this machine'}"
    return refused(
        "database_down",
        shown,
        f"no connection to {place}: {said}",
        expected="a database that answers",
        hint="look whether it runs, and at host, port, user and password of the URL",
    )


def _unreadable(shown: str, said: str) -> Table:
    return refused(
        "database_refused",
        shown,
        f"the database refuses: {_said(said)}",
        expected="a table or a query that this user may read",
    )


def _said(error: object) -> str:
    """The first line of what a database says, without anything that could be a password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return brief(_PASSWORD.sub("//", lines[0] if lines else type(error).__name__), 160)
