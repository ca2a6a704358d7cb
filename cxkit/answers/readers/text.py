"""Text files of answers: any usual delimiter and encoding, read as a stream."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cxkit.answers.readers.answer_rows import Row
from cxkit.answers.readers.grid import HEAD, Grid, layout, table_of
from cxkit.answers.readers.quotes import UnclosedQuoteError, delimited
from cxkit.answers.readers.table import Asked, Table, empty, refused
from cxkit.errors import Problem, counted

__all__ = ["read_text"]

_DELIMITERS = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
_LONGEST_CELL = 10_000_000
_CHUNK = 1 << 20
_AGAIN = "export the answers again as CSV (UTF-8)"
_NOTHING = '"\0 \t\r\n'
"""A file of such letters alone is empty."""


def read_text(file: Path, asked: Asked, *, is_packed: bool = False) -> Table:
    """The wanted columns of a text file (gzipped if `is_packed`), with every problem of its form.

    Raises OSError where it cannot be read, or is a damaged gzip file.
    """
    shown = asked.shown
    try:
        source, problems = _looked_over(file, shown, is_packed)
    except (EOFError, zlib.error) as error:
        raise OSError(str(error)) from error
    if source is None:
        return Table(shown, problems=tuple(problems))
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = _delimiter(source, asked)
    with source.text() as text:
        try:
            found = Grid(delimited(text, delimiter))
            rows = _Delimited(found, delimiter, asked)
            return rows.one_cell() or table_of(found, asked, problems, rows)
        except UnclosedQuoteError as error:
            return _unclosed(shown, error)
        except csv.Error as error:
            return refused("unreadable", shown, f"'{shown}' is not CSV: {error}", hint=_AGAIN)


def _unclosed(shown: str, error: UnclosedQuoteError) -> Table:
    return refused(
        "unclosed_quote",
        shown,
        f"in '{shown}' {error.message}",
        line=error.line,
        expected="a closing quote at the end of the same cell",
        hint="close the quote, or take it away; a quote within a text is written twice",
    )


# -- encodings ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """A text file, which may be packed, and its encoding."""

    file: Path
    is_packed: bool
    encoding: str

    def raw(self) -> BinaryIO:
        """The file as bytes, from its beginning."""
        if self.is_packed:
            return cast(BinaryIO, gzip.open(self.file, "rb"))
        return self.file.open("rb")

    def text(self) -> io.TextIOWrapper:
        """The file as text, from its beginning; ends of lines stay as they are."""
        return io.TextIOWrapper(self.raw(), encoding=self.encoding, newline="")

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the file, piece by piece."""
        with self.raw() as raw:
            while chunk := raw.read(_CHUNK):
                yield chunk


def _looked_over(file: Path, shown: str, is_packed: bool) -> tuple[_Source | None, list[Problem]]:
    """A text file in the encoding in which all of it can be read; None where it has no text."""
    with _Source(file, is_packed, "").raw() as raw:
        source = _Source(file, is_packed, _encoding(raw.read(2000)))
    told: list[Problem] = []
    look = _Look.at(source)
    if look.undecodable:
        latin = _Source(file, is_packed, "cp1252")
        source, told = latin, [_not_utf_8(shown, look.undecodable)]
        look = _Look.at(latin)
        if look.undecodable:
            return None, [_no_text(shown, told[0].line)]
    if look.is_blank:
        return None, list(empty(shown).problems)
    if look.n_nul:
        return None, [_nul_bytes(shown, look)]
    return source, told


@dataclass
class _Look:
    """What one pass over a file shows: where it cannot be decoded, what letters it holds."""

    undecodable: int | None = None
    is_blank: bool = True
    n_nul: int = 0
    nul_line: int | None = None

    @classmethod
    def at(cls, source: _Source) -> _Look:
        """Decode all of a file, piece by piece."""
        look = cls()
        decoder = codecs.getincrementaldecoder(source.encoding)()
        n_bytes_lines = n_lines = 0
        for chunk in itertools.chain(source.chunks(), [b""]):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                look.undecodable = n_bytes_lines + error.object[: error.start].count(b"\n") + 1
                return look
            n_bytes_lines += chunk.count(b"\n")
            look._note(text, n_lines)
            n_lines += text.count("\n")
        return look

    def _note(self, text: str, n_lines: int) -> None:
        self.is_blank = self.is_blank and not text.strip(_NOTHING)
        if n_nul := text.count("\0"):
            if self.nul_line is None:
                self.nul_line = n_lines + text[: text.index("\0")].count("\n") + 1
            self.n_nul += n_nul


def _encoding(head: bytes) -> str:
    """UTF-8, or UTF-16 where a mark or every second byte says so."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.9 * half and not head[::2].count(0):
        return "utf-16-le"
    if half and head[::2].count(0) > 0.9 * half and not head[1::2].count(0):
        return "utf-16-be"
    return "utf-8-sig"


def _not_utf_8(shown: str, line: int) -> Problem:
    return Problem(
        "encoding",
        f"'{shown}' is not UTF-8; it was read as Windows-1252",
        severity="warning",
        file=shown,
        line=line,
        expected="UTF-8",
        hint="look at letters with accents, or save the file as CSV UTF-8",
    )


def _no_text(shown: str, line: int | None) -> Problem:
    return Problem(
        "encoding",
        f"'{shown}' is neither UTF-8 nor Windows-1252 text",
        file=shown,
        line=line,
        expected="UTF-8",
        hint="save the file as CSV UTF-8",
    )


def _nul_bytes(shown: str, look: _Look) -> Problem:
    return Problem(
        "nul_bytes",
        f"'{shown}' holds {counted(look.n_nul, 'NUL byte')}: it is damaged or no text",
        file=shown,
        line=look.nul_line,
        expected="text without NUL bytes",
        hint="export the answers again",
    )


# -- delimiters --------------------------------------------------------------------------------


def _delimiter(source: _Source, asked: Asked) -> str:
    """The delimiter under which the header holds most of the wanted columns, then most cells.

    Names that only a platform's layout gives the columns count as well.
    """

    def found(delimiter: str) -> tuple[int, int]:
        with source.text() as lines:
            rows = csv.reader(lines, delimiter=delimiter)
            head: list[Row] = []
            try:
                head += itertools.islice(itertools.dropwhile(_is_bare, rows), 1)
                head += itertools.islice(rows, HEAD - 1)
            except csv.Error:
                if not head:
                    return 0, 0
        header = head[0] if head else []
        names = {*header, *layout(head, asked).names} if len(header) > 1 else header
        return _n_known(names, asked.columns or ()), len(header)

    return max(_DELIMITERS, key=found)


def _is_bare(row: Row) -> bool:
    return not any(row)


def _n_known(header: Iterable[str], columns: Sequence[str]) -> int:
    return len({cell.strip() for cell in header} & set(columns))


@dataclass
class _Delimited:
    """Rows that a delimiter parts: what tells that it is the wrong one, or that it is in a cell."""

    found: Grid
    delimiter: str
    asked: Asked
    others: set[str] | None = None

    def one_cell(self) -> Table | None:
        """The refusal of a file whose header is one cell that should be several."""
        header, columns = self.found.header, self.asked.columns or ()
        if len(header) == 1 and self.asked.columns is None:
            return self._quoted_lines()
        if len(header) != 1 or len(columns) < 2:
            return None
        marks = set(re.findall(r"[^\w\s\"'.-]|\t", header[0]))
        known = {mark: _n_known(header[0].split(mark), columns) for mark in sorted(marks)}
        mark = max(known, key=lambda one: known[one], default="")
        if not mark or known[mark] <= max(1, _n_known(header, columns)):
            return None
        return self._one_long_cell(mark, is_quoted=mark in _DELIMITERS)

    def _quoted_lines(self) -> Table | None:
        """The refusal of a file whose first lines are each one cell of equally many parts."""
        rows = [row for row in self.found.head if row]
        for mark in _DELIMITERS:
            parts = [next(csv.reader(row[:1], delimiter=mark), []) for row in rows]
            is_even = len({len(one) for one in parts}) == 1 and len(parts[0]) > 1
            is_prose = any(cell[:1] == " " for one in parts for cell in one)
            if len(rows) > 1 and all(len(row) == 1 for row in rows) and is_even and not is_prose:
                return self._one_long_cell(mark, is_quoted=True)
        return None

    def _one_long_cell(self, mark: str, *, is_quoted: bool) -> Table:
        return refused(
            "wrong_delimiter",
            self.asked.shown,
            f"the header of '{self.asked.shown}' is one long cell, parted by {_name(mark)}",
            line=self.found.header_line,
            expected="cells that are parted by " + ", ".join(_DELIMITERS.values()),
            hint="take away the quotes around each whole line" if is_quoted else _AGAIN,
        )

    def meet(self, row: Row) -> None:
        """Look at a row of another width: another delimiter may part it as the header is."""
        n_parts = len(self.found.header) - 1
        is_one = len(row) == 1
        others = set(_DELIMITERS) - {self.delimiter} if self.others is None else self.others
        self.others = {one for one in others if is_one and row[0].count(one) == n_parts}

    def refusal(self) -> Table | None:
        """The refusal of a file all rows of which, once met, are parted by another delimiter."""
        other = next((one for one in _DELIMITERS if one in (self.others or ())), None)
        if other is None:
            return None
        return refused(
            "wrong_delimiter",
            self.asked.shown,
            f"the header of '{self.asked.shown}' is parted by {_name(self.delimiter)}, "
            f"its rows are by {_name(other)}",
            line=self.found.first_line,
            expected="one delimiter in the whole file",
            hint=_AGAIN,
        )

    def hint(self, row: Row, width: int) -> str:
        """What to try where a row has another number of cells than the header."""
        is_number = any(_is_digits(a) and _is_digits(b) for a, b in itertools.pairwise(row))
        if self.delimiter == "," and len(row) > width and is_number:
            return "decimal commas part a number in two: write 0.85, or part the cells by ';'"
        return "put text that holds the delimiter between quotes"


def _name(mark: str) -> str:
    return _DELIMITERS.get(mark, f"'{mark}'")


def _is_digits(cell: str) -> bool:
    return cell.strip().isdigit()
