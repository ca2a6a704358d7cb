"""Rows of delimited text as a stream; a quote that swallows the rows below it is refused.

A quote that never closes makes all that follows one cell. One that closes by accident, at the
next quote in the file, makes the rows between one cell: a cell of several lines is held against
the rows around it.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cxkit.answers.readers.answer_rows import Row
from cxkit.errors import counted

__all__ = ["UnclosedQuoteError", "delimited"]

_END = "\n"
"""A line that is put below the last one: within a cell where its quote is still open."""
_AROUND = 20
"""So many rows before a cell of several lines tell what a row looks like."""
_BREAK = re.compile(r"\r\n|\r|\n")
_DIGITS, _WORD = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")


class UnclosedQuoteError(Exception):
    """A quote swallows rows: what is said of that, and the line on which it opens."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def delimited(text: Iterable[str], delimiter: str) -> Iterator[tuple[Row, int]]:
    """The rows of a text, each with its last line.

    Raises
    ------
    UnclosedQuoteError
        Where a quote is not closed, or closes below whole rows.
    csv.Error
        Where the text is not CSV.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    rows = _Rows(delimiter)
    last = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            if reader.line_num > last + 1:
                raise UnclosedQuoteError(_open(last + 1), last + 1) from error
            raise
        if row is None:
            return
        if lines.is_over:
            if row:
                line = _opened(row, last)
                raise UnclosedQuoteError(_open(line), line)
            return
        if reader.line_num > last + 1:
            rows.examine(row, last)
        else:
            rows.around.append(row)
        last = reader.line_num
        yield row, last


@dataclass
class _Lines:
    """The lines of a text and one more; whether that was reached."""

    text: Iterable[str]
    is_over: bool = False

    def __iter__(self) -> Iterator[str]:
        yield from self.text
        self.is_over = True
        yield _END


def _open(line: int) -> str:
    return f"a quote that opens in line {line} is never closed: all rows below it are one cell"


def _opened(row: Row, last: int) -> int:
    """The line on which the last cell of a row begins; the row before ends on the line `last`."""
    return last + 1 + sum(len(_BREAK.findall(cell)) for cell in row[:-1])


@dataclass
class _Rows:
    """What the rows before a cell of several lines look like."""

    delimiter: str
    around: deque[Row] = field(default_factory=lambda: deque(maxlen=_AROUND))

    def examine(self, row: Row, last: int) -> None:
        """Refuse a row of several lines that holds whole rows in a cell."""
        line = last + 1
        for at, cell in enumerate(row):
            inner = _BREAK.split(cell)
            n_rows = sum(self._is_row(one, row[:at]) for one in inner[1:])
            if n_rows:
                raise UnclosedQuoteError(
                    f"a quote that opens in line {line} closes in line {line + len(inner) - 1} "
                    f"only: {counted(n_rows, 'whole row')} stand in one cell",
                    line,
                )
            line += len(inner) - 1

    def _is_row(self, text: str, before: Sequence[str]) -> bool:
        """Whether a line within a cell looks like the rows around it.

        It has as many cells as they, and most of those that are filled, two at least, have what
        stands there in other rows: the same text, or other digits in the same place of it.
        """
        if not self.around:
            return False
        cells = text.split(self.delimiter)
        if len(cells) != len(self.around[-1]):
            return False
        known = [*self.around, before]
        filled = [(at, cell) for at, cell in enumerate(cells) if cell]
        n_alike = sum(self._is_alike(at, cell, known) for at, cell in filled)
        return n_alike >= 2 and 2 * n_alike >= len(filled)

    def _is_alike(self, at: int, cell: str, known: Iterable[Row]) -> bool:
        there = [row[at] for row in known if at < len(row) and row[at]]
        if cell in there:
            return True
        shape = _shape(cell)
        return shape != cell and _DIGITS.search(cell) is not None and shape in map(_shape, there)


def _shape(cell: str) -> str:
    """A text with 9 for its numbers and a for its words: `R_017` and `R_2` are alike."""
    return _DIGITS.sub("9", _WORD.sub("a", cell))
