"""The rows below a header as they come: whole ones packed column by column, others told."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cxkit.answers.readers.table import Table, header_only
from cxkit.answers.texts import Gathering, Texts
from cxkit.errors import Problem, counted

__all__ = ["AnswerRows", "Row", "Uneven"]

_CELLS = 50_000
"""So many cells are held as they came before they are packed..."""
_FEWEST = 100
"""... of at least so many rows."""
_SHOWN = 5

Row = Sequence[str]


class Uneven(Protocol):
    """What a format knows of rows that have more or fewer cells than the header."""

    def meet(self, row: Row) -> None:
        """Look at one of them."""

    def refusal(self) -> Table | None:
        """The refusal of the file, once all were met and no other row holds an answer."""

    def hint(self, row: Row, width: int) -> str:
        """What to try."""


@dataclass
class _Some:
    """Some rows of one kind: how many, the first of them with its line, a few examples."""

    n: int = 0
    line: int = 0
    row: Row = ()
    examples: tuple[str, ...] = ()

    def meet(self, row: Row, line: int) -> None:
        """One more of them."""
        if not self.n:
            self.line, self.row = line, row
        if len(self.examples) < _SHOWN:
            self.examples = (*self.examples, f"line {line}: {len(row)}")
        self.n += 1


class AnswerRows:
    """The rows of answers of one file, read once.

    A row without any answer is kept where rows with answers follow, and left out at the end; a
    blank line is left out everywhere. A row that repeats the header is none of answers.

    Attributes
    ----------
    lines : array of int
        The line of each row that is kept.
    """

    def __init__(
        self,
        headers: Sequence[Row],
        width: int,
        places: Iterable[int],
        uneven: Uneven | None = None,
    ) -> None:
        self.width, self.uneven = width, uneven
        self.lines = array("i")
        self._headers = [tuple(map(str.strip, row)) for row in headers]
        self._names = _words(self._headers[0])
        self._columns = {place: Gathering() for place in places}
        self._pick = _picker(tuple(self._columns))
        self._block: list[tuple[str, ...]] = []
        self._between: list[tuple[int, int]] = []
        self._blank, self._ragged, self._repeated = _Some(), _Some(), _Some()
        self._is_answered = False

    def read(self, rows: Iterator[tuple[Row, int]]) -> dict[int, Texts]:
        """Read all rows; the texts of each column by its place."""
        width, lines, block, pick = self.width, self.lines, self._block, self._pick
        full = max(_FEWEST, _CELLS // (len(self._columns) or 1))
        unclear = {"", *self._names, *(row[0] for row in self._headers)}
        for row, line in rows:
            if len(row) == width and row[0].strip() not in unclear and not self._between:
                block.append(pick(row))
                lines.append(line)
            else:
                self._look_at(row, line)
            if len(block) >= full:
                self._pack()
        self._pack()
        self._is_answered = self._is_answered or bool(lines)
        self._end()
        return {place: self._columns.pop(place).texts() for place in list(self._columns)}

    def own_lines(self) -> np.ndarray:
        """The line of each row that is kept."""
        return np.frombuffer(self.lines, np.int32) if self.lines else np.empty(0, np.int32)

    def _look_at(self, row: Row, line: int) -> None:
        """A row that is not plainly one of answers."""
        row = row if row or self.width > 1 else ("",)
        if not any(map(str.strip, row)):
            self._between.append((len(row), line))
            return
        self._settle()
        if self._is_header(row):
            self._repeated.meet(row, line)
        elif len(row) == self.width:
            self._keep(row, line)
        else:
            self._is_answered = True
            self._ragged.meet(row, line)
            if self.uneven is not None:
                self.uneven.meet(row)

    def _settle(self) -> None:
        """Rows without any answer that lie between others."""
        for n_cells, line in self._between:
            if not n_cells:
                self._blank.meet((), line)
            elif n_cells == self.width:
                self._keep([""] * n_cells, line)
            else:
                self._ragged.meet([""] * n_cells, line)
        self._between.clear()

    def _end(self) -> None:
        """Rows without any answer at the end; blank lines among them do not count."""
        n_cells = sum(1 for cells, _ in self._between if cells)
        if n_cells and not self._blank.n:
            self._blank.line = self._between[0][1]
        self._blank.n += n_cells
        self._between.clear()

    def _keep(self, row: Row, line: int) -> None:
        self._block.append(self._pick(row))
        self.lines.append(line)

    def _pack(self) -> None:
        for column, texts in zip(
            self._columns.values(), zip(*self._block, strict=True), strict=False
        ):
            column.add(texts)
        self._block.clear()

    def _is_header(self, row: Row) -> bool:
        """Whether a row repeats one of the header rows, or its names in another order."""
        cells = tuple(map(str.strip, row))
        if cells in self._headers and any(map(_is_word, cells)):
            return True
        return len(self._names) > 1 and _words(cells) == self._names

    # -- what is said of them

    def refusal(self) -> Table | None:
        """The refusal of a file in which no row has as many cells as the header."""
        return self.uneven.refusal() if self.uneven and self._ragged.n and not self.lines else None

    def problems(self, shown: str, header_line: int | None) -> Iterator[Problem]:
        """Everything about rows that are not whole."""
        if self._blank.n:
            yield Problem(
                "blank_row",
                f"{counted(self._blank.n, 'row')} without any answer left out",
                severity="warning",
                file=shown,
                line=self._blank.line,
                n=self._blank.n,
            )
        if self._ragged.n:
            yield self._uneven_rows(shown)
        if self._repeated.n:
            yield self._repeated_header(shown)
        if not self._is_answered:
            yield header_only(shown, header_line)

    def _uneven_rows(self, shown: str) -> Problem:
        rows = self._ragged
        return Problem(
            "ragged_row",
            f"{counted(rows.n, 'row')} with more or fewer cells than the header",
            file=shown,
            line=rows.line,
            n=rows.n,
            examples=rows.examples,
            expected=f"{self.width} cells in every row",
            hint=self.uneven.hint(rows.row, self.width) if self.uneven else None,
        )

    def _repeated_header(self, shown: str) -> Problem:
        rows = self._repeated
        is_moved = tuple(map(str.strip, rows.row)) not in self._headers
        return Problem(
            "repeated_header",
            f"line {rows.line} of '{shown}' holds column names again: "
            "two exports were pasted together",
            file=shown,
            line=rows.line,
            n=rows.n,
            expected="column names in the first rows only",
            hint="its columns stand in another order: give each export as a file of its own"
            if is_moved
            else "take such lines away, or give each export as a file of its own",
        )


def _picker(places: tuple[int, ...]) -> Callable[[Row], tuple[str, ...]]:
    """What takes the cells at some places out of a row."""
    if len(places) > 1:
        return operator.itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _words(cells: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(_is_word, cells))


def _is_word(cell: str) -> bool:
    """Whether a cell can only be a column's name where it stands in a header: it has a letter."""
    return any(map(str.isalpha, cell))
