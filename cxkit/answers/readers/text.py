"""Text files of answers: any usual delimiter and encoding."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Sequence

from cxkit.answers.readers.grid import HEAD, Grid, RaggedHint, layout, table_of
from cxkit.answers.readers.table import Asked, Table, empty, refused
from cxkit.errors import Problem, counted

__all__ = ["read_text"]

_DELIMITERS = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
_LONGEST_CELL = 10_000_000
_AGAIN = "export the answers again as CSV (UTF-8)"


def read_text(raw: bytes, asked: Asked) -> Table:
    """The wanted columns of a text file, with every problem of its form."""
    shown = asked.shown
    text, problems = _decoded(raw, shown)
    if text is None:
        return Table(shown, problems=tuple(problems))
    if not text.strip('"\0 \t\r\n'):
        return empty(shown)
    if "\0" in text:
        return refused(
            "nul_bytes",
            shown,
            f"'{shown}' holds {counted(text.count(chr(0)), 'NUL byte')}: it is damaged or no text",
            line=text[: text.index("\0")].count("\n") + 1,
            expected="text without NUL bytes",
            hint="export the answers again",
        )
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = _delimiter(text, asked)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = Grid()
    try:
        for row in reader:
            found.add(row, reader.line_num)
    except csv.Error as error:
        message = f"'{shown}' is not CSV: {error}"
        return refused("unreadable", shown, message, line=reader.line_num, hint=_AGAIN)
    split = _wrongly_split(found, delimiter, shown, asked.columns or ())
    return split or table_of(found, asked, problems, _ragged_hint(delimiter))


def _decoded(raw: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    encoding = _encoding(raw)
    try:
        return raw.decode(encoding), []
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    warning = Problem(
        "encoding",
        f"'{shown}' is not UTF-8; it was read as Windows-1252",
        severity="warning",
        file=shown,
        line=line,
        expected="UTF-8",
        hint="look at letters with accents, or save the file as CSV UTF-8",
    )
    try:
        return raw.decode("cp1252"), [warning]
    except UnicodeDecodeError:
        problem = Problem(
            "encoding",
            f"'{shown}' is neither UTF-8 nor Windows-1252 text",
            file=shown,
            line=line,
            expected="UTF-8",
            hint="save the file as CSV UTF-8",
        )
        return None, [problem]


def _encoding(raw: bytes) -> str:
    """UTF-8, or UTF-16 where a mark or every second byte says so."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = raw[:2000]
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.9 * half and not head[::2].count(0):
        return "utf-16-le"
    if half and head[::2].count(0) > 0.9 * half and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8-sig"


# -- delimiters --------------------------------------------------------------------------------


def _delimiter(text: str, asked: Asked) -> str:
    """The delimiter under which the header holds most of the wanted columns, then most cells."""

    def found(delimiter: str) -> tuple[int, int]:
        lines = io.StringIO(text, newline="")
        try:
            rows = csv.reader(lines, delimiter=delimiter)
            header = next((row for row in rows if any(row)), [])
            head = [header, *itertools.islice(rows, HEAD - 1)]
        except csv.Error:
            return 0, 0
        names = {*header, *layout(head, asked).names} if len(header) > 1 else header
        return _n_known(names, asked.columns or ()), len(header)

    return max(_DELIMITERS, key=found)


def _n_known(header: Iterable[str], columns: Sequence[str]) -> int:
    return len({cell.strip() for cell in header} & set(columns))


def _wrongly_split(found: Grid, delimiter: str, shown: str, columns: Sequence[str]) -> Table | None:
    """The refusal of a file whose cells cannot be told apart; None where they can."""
    header, line = found.header, found.header_line
    if len(header) == 1 and len(columns) > 1:
        marks = set(re.findall(r"[^\w\s\"'.-]|\t", header[0]))
        known = {mark: _n_known(header[0].split(mark), columns) for mark in sorted(marks)}
        mark = max(known, key=lambda one: known[one], default="")
        if mark and known[mark] > max(1, _n_known(header, columns)):
            is_quoted = mark in _DELIMITERS
            return refused(
                "wrong_delimiter",
                shown,
                f"the header of '{shown}' is one long cell, parted by {_name(mark)}",
                line=line,
                expected="cells that are parted by " + ", ".join(_DELIMITERS.values()),
                hint="take away the quotes around each whole line" if is_quoted else _AGAIN,
            )
    for other in _DELIMITERS:
        if other != delimiter and len(header) > 1 and _rows_split_by(found, other):
            return refused(
                "wrong_delimiter",
                shown,
                f"the header of '{shown}' is parted by {_name(delimiter)}, "
                f"its rows are by {_name(other)}",
                line=found.lines[found.at + 1],
                expected="one delimiter in the whole file",
                hint=_AGAIN,
            )
    return None


def _rows_split_by(found: Grid, delimiter: str) -> bool:
    """Whether every row is one cell that another delimiter parts as the header is parted."""
    rows = [row for row in found.rows[found.at + 1 :] if any(row)]
    return bool(rows) and all(
        len(row) == 1 and row[0].count(delimiter) == len(found.header) - 1 for row in rows
    )


def _name(mark: str) -> str:
    return _DELIMITERS.get(mark, f"'{mark}'")


def _ragged_hint(delimiter: str) -> RaggedHint:
    """What to try where a row has another number of cells than the header."""

    def hint(row: Sequence[str], width: int) -> str:
        is_number = any(_is_digits(a) and _is_digits(b) for a, b in itertools.pairwise(row))
        if delimiter == "," and len(row) > width and is_number:
            return "decimal commas part a number in two: write 0.85, or part the cells by ';'"
        return "put text that holds the delimiter between quotes"

    return hint


def _is_digits(cell: str) -> bool:
    return cell.strip().isdigit()
