"""Rows of cells, from text or from a sheet, made into a Table: header, whole rows, lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cxkit.answers.readers.table import Header, Table, empty, header_only, refused, typed
from cxkit.errors import Problem, counted
from cxkit.study import REASONS

__all__ = ["Grid", "table_of"]

_IMPORT_ID = re.compile(r"""["']ImportId["']""")
_OPTIONS = frozenset({"response", "open-ended response"})
_LEGACY = frozenset({"ResponseID", "ResponseSet"})
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+")
_LONG = 25
"""A text of this length in the first row, found nowhere else, may be a question."""

RaggedHint = Callable[[Sequence[Any], int], str]


@dataclass
class Grid:
    """The rows of a file as they stand, each with its line; a blank line is an empty row.

    The header is the first row that holds anything; `line` is what the file calls a row.
    """

    rows: list[Sequence[Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    line: str = "line"

    def add(self, row: Sequence[Any], line: int) -> None:
        """Add one row."""
        self.rows.append(row)
        self.lines.append(line)

    @property
    def at(self) -> int:
        """The position of the header."""
        return next((at for at, row in enumerate(self.rows) if any(map(typed, row))), 0)

    @property
    def header(self) -> tuple[str, ...]:
        """The column names, without blanks around them."""
        return tuple(map(typed, self.rows[self.at])) if self.rows else ()

    @property
    def header_line(self) -> int | None:
        """The line of the header."""
        return self.lines[self.at] if self.lines else None


def table_of(
    found: Grid,
    shown: str,
    columns: Sequence[str],
    problems: Sequence[Problem] = (),
    ragged_hint: RaggedHint | None = None,
) -> Table:
    """The wanted columns of some rows as text, with every problem of their form."""
    if not any(found.header):
        return empty(shown)
    if (misplaced := _header_below(found, columns)) is not None:
        line = found.line
        return refused(
            "header_row",
            shown,
            f"the column names stand in {line} {found.lines[misplaced]} of '{shown}', "
            "below other text",
            line=found.header_line,
            expected=f"the column names in the first {line}",
            hint=f"remove the {line}s above them",
        )
    header = Header(found.header, found.header_line, shown, columns)
    told = [*problems, *header.problems()]
    rows, lines = found.rows[found.at + 1 :], found.lines[found.at + 1 :]
    if len(header.names) == 1:
        rows = [row or ("",) for row in rows]
    kept, slips = _whole_rows(rows, lines, len(header.names), shown, ragged_hint)
    told += slips
    if not any(any(map(typed, row)) for row in rows):
        told.append(header_only(shown, found.header_line))
    cells = {
        name: np.array([typed(rows[row][place]) for row in kept], dtype=object)
        for name, place in header.places.items()
    }
    table = Table(shown, header.names, cells, np.array([lines[row] for row in kept], dtype=int))
    answers, slips = _without_titles(table, found.line)
    problems = (*told, *slips)
    return Table(shown, header.names, answers.cells, answers.lines, problems)


def _header_below(found: Grid, columns: Sequence[str]) -> int | None:
    """Where the column names stand if the first row holds none of them."""
    wanted = set(columns)

    def n_known(row: Sequence[Any]) -> int:
        return len(wanted & set(map(typed, row)))

    if not wanted or n_known(found.header):
        return None
    later = range(found.at + 1, min(found.at + 11, len(found.rows)))
    return next((at for at in later if 2 * n_known(found.rows[at]) > len(wanted)), None)


def _whole_rows(
    rows: Sequence[Sequence[Any]],
    lines: Sequence[int],
    width: int,
    shown: str,
    ragged_hint: RaggedHint | None,
) -> tuple[list[int], list[Problem]]:
    """The rows to keep; rows of another width are refused, blank ones are told."""
    last = len(rows)
    while last and not any(map(typed, rows[last - 1])):
        last -= 1
    problems = []
    blank = [at for at in range(last) if not rows[at]]
    trailing = sum(1 for at in range(last, len(rows)) if rows[at])
    if blank or trailing:
        n_blank = len(blank) + trailing
        first = blank[0] if blank else last
        problems.append(
            Problem(
                "blank_row",
                f"{counted(n_blank, 'row')} without any answer left out",
                severity="warning",
                file=shown,
                line=lines[first],
                n=n_blank,
            )
        )
    kept = [at for at in range(last) if rows[at]]
    ragged = [at for at in kept if len(rows[at]) != width]
    if ragged:
        problems.append(
            Problem(
                "ragged_row",
                f"{counted(len(ragged), 'row')} with more or fewer cells than the header",
                file=shown,
                line=lines[ragged[0]],
                n=len(ragged),
                examples=tuple(f"line {lines[at]}: {len(rows[at])}" for at in ragged[:5]),
                expected=f"{width} cells in every row",
                hint=ragged_hint(rows[ragged[0]], width) if ragged_hint else None,
            )
        )
        uneven = set(ragged)
        kept = [at for at in kept if at not in uneven]
    return kept, problems


# -- second header rows ------------------------------------------------------------------------


def _without_titles(table: Table, line: str) -> tuple[Table, list[Problem]]:
    """The table without rows below the header that hold no answers, and the problem of those."""
    n_titles, holds = _titles(list(table.cells.values()))
    if not n_titles:
        return table, []
    lines = [str(one) for one in table.lines[:n_titles]]
    which = f"{line} {lines[0]}" if n_titles == 1 else f"{line}s {' and '.join(lines)}"
    problem = Problem(
        "second_header",
        f"{which} of '{table.shown}' {'holds' if n_titles == 1 else 'hold'} {holds}, not answers",
        file=table.shown,
        line=int(table.lines[0]),
        n=n_titles,
        expected="one row of column names, then a row for each respondent",
        hint=f"remove {which}",
    )
    cells = {name: column[n_titles:] for name, column in table.cells.items()}
    return Table(table.shown, table.header, cells, table.lines[n_titles:]), [problem]


def _titles(columns: Sequence[np.ndarray]) -> tuple[int, str]:
    """How many of the first rows hold titles, and what titles they are."""
    n_rows = min((len(column) for column in columns), default=0)
    for at in (1, 0):
        if at < n_rows and any(_IMPORT_ID.search(column[at]) for column in columns):
            return at + 1, "the question texts and import ids of a Qualtrics export"
    if not n_rows:
        return 0, ""
    first = [column[0] for column in columns]
    if _LEGACY & set(first):
        return 1, "the question texts of a Qualtrics export"
    if any(text.casefold() in _OPTIONS for text in first):
        return 1, "the options of a SurveyMonkey export"
    titled = [column[0] for column in columns if _is_title(column)]
    n_told = sum(1 for text in first if text)
    if len(titled) > 1 and len(set(titled)) == len(titled) and 2 * len(titled) >= n_told:
        return 1, "question texts"
    return 0, ""


def _is_title(column: np.ndarray) -> bool:
    """Whether a column's first text is no answer: numbers, or a few short texts, follow it."""
    first, rest = column[0], [text for text in column[1:] if text]
    if not first or first in REASONS or _NUMBER.fullmatch(first) or len(rest) < 2:
        return False
    if all(map(_NUMBER.fullmatch, rest)):
        return True
    is_repeated = len(rest) > 3 and 2 * len(set(rest)) <= len(rest)
    return is_repeated and len(first) >= _LONG and first not in rest
