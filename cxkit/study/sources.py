"""Where the answers are said to be: a file, a database, or files that DuckDB reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxkit.study.parts import AnswerFile

__all__ = ["VARIABLE", "slips"]

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""The name of an environment variable."""
_WITH_SHEETS = (".xlsx", ".xlsm")
_WITHOUT_FORM = ("plain", "duckdb", "sql", "spss")
"""Platforms whose answers no questionnaire file belongs to."""

Slip = tuple[str, str, str, str, str | None]
"""Code, key, message, what was expected, what to try."""


def slips(source: AnswerFile) -> Iterator[Slip]:
    """What in a source of answers does not agree with the rest of it."""
    if source.url_from is not None:
        yield from _of_database(source)
    elif not source.path:
        yield (
            "no_source",
            "path",
            "the source of answers has neither a path nor a database",
            "path: answers.csv, or url_from: VARIABLE with a table or a query",
            None,
        )
    elif source.platform == "sql":
        yield (
            "no_database",
            "platform",
            "platform sql needs the name of the variable that holds the database's URL",
            "url_from: VARIABLE",
            "a URL never stands in a study file: export CX_DB=..., and say url_from: CX_DB",
        )
    elif source.table is not None or (source.query is not None and source.platform != "duckdb"):
        yield (
            "query_of_file",
            "table" if source.table is not None else "query",
            "a file has no table and no query",
            "table or query beside url_from only",
            "say platform: duckdb to ask files with a query" if source.query else None,
        )
    elif re.search(r"[*?\[]", source.path) and source.platform != "duckdb":
        yield (
            "pattern",
            "path",
            f"'{source.path}' is a pattern of several files",
            "one file, or platform: duckdb",
            "say platform: duckdb, or give each wave its file",
        )
    if source.path and "://" in source.path:
        yield (
            "url_in_file",
            "path",
            "the path is a URL",
            "a file, or url_from: VARIABLE with a table or a query",
            "take the URL and its password out of the file: export CX_DB=..., url_from: CX_DB",
        )
    if source.structure and (source.url_from is not None or source.platform in _WITHOUT_FORM):
        where = "a database" if source.url_from is not None else f"platform {source.platform}"
        yield (
            "structure_of_none",
            "structure",
            f"the study names the questionnaire file '{source.structure}', "
            f"and answers of {where} have none",
            "structure for exports of survey platforms only",
            "remove 'structure', or name the platform that exported the answers",
        )
    if source.sheet is not None and not source.path.lower().endswith(_WITH_SHEETS):
        yield (
            "sheet_of_no_workbook",
            "sheet",
            f"'{source.path or 'a database'}' has no sheets, and the study names '{source.sheet}'",
            "a sheet for workbooks (.xlsx) only",
            "remove 'sheet'",
        )


def _of_database(source: AnswerFile) -> Iterator[Slip]:
    if not VARIABLE.fullmatch(source.url_from or ""):
        yield (
            "url_in_file",
            "url_from",
            "url_from holds no name of an environment variable",
            "the name of the variable that holds the URL, such as CX_DB",
            "take the URL and its password out of the file: export CX_DB=..., url_from: CX_DB",
        )
    if source.path:
        yield (
            "two_sources",
            "path",
            "the answers are said to be in a file and in a database",
            "path or url_from",
            "give each wave its own source if they come from both",
        )
    if bool(source.table) == bool(source.query):
        yield (
            "no_rows_named",
            "table",
            "the rows of the database are not named, or named twice",
            "table: NAME or query: SELECT ...",
            None,
        )
    if source.platform not in (None, "sql"):
        yield (
            "platform_of_database",
            "platform",
            f"a database is no export of '{source.platform}'",
            "platform: sql, or none",
            None,
        )
