"""Rows of cells, from text or from a sheet, made into a Table: header, whole rows, lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cxkit.answers.platforms import DIALECTS, Layout, dialect, layout_of
from cxkit.answers.readers.table import Asked, Header, Table, empty, header_only, refused, typed
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, counted
from cxkit.study import REASONS

__all__ = ["HEAD", "Grid", "layout", "table_of"]

HEAD = 20
"""So many rows, the header among them, tell whose export a file is."""

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
    asked: Asked,
    problems: Sequence[Problem] = (),
    ragged_hint: RaggedHint | None = None,
) -> Table:
    """The wanted columns of some rows as text, with every problem of their form."""
    shown = asked.shown
    if not any(found.header):
        return empty(shown)
    formed = layout(found.rows[found.at :], asked)
    if formed.problems:
        return _broken_export(formed, found, shown)
    if (slip := _another_platform(formed, found, asked)) is not None:
        return slip
    is_plain = formed.platform == "plain"
    misplaced = _header_below(found, asked.columns or ()) if is_plain else None
    if misplaced is not None:
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
    header = Header(
        formed.names, found.header_line, shown, asked.columns, formed.questions, formed.written
    )
    told = [*problems, *header.problems()]
    first = _after_header(found, formed.n_header)
    rows, lines = found.rows[first:], found.lines[first:]
    if len(header.names) == 1:
        rows = [row or ("",) for row in rows]
    kept, slips = _whole_rows(rows, lines, len(header.names), shown, ragged_hint)
    told += slips
    if not any(any(map(typed, row)) for row in rows):
        told.append(header_only(shown, found.header_line))
    cells = {
        name: Texts.of([typed(rows[row][place]) for row in kept])
        for name, place in header.places.items()
    }
    at = np.array([lines[row] for row in kept], dtype=np.int32)
    table = Table(
        shown, header.names, cells, at, tuple(told), header.asked, formed.platform, formed.says
    )
    return _without_titles(table, found.line) if is_plain else table


def layout(head: Sequence[Sequence[Any]], asked: Asked) -> Layout:
    """How rows that begin with `head` (the header first) are to be read."""
    rows = [tuple(map(typed, row)) for row in head[:HEAD] if row]
    width = len(rows[0]) if rows else 0
    even = [(*row, *[""] * (width - len(row))) for row in rows]
    return layout_of(even, asked.platform, asked.structure)


def _after_header(found: Grid, n_header: int) -> int:
    """Where the answers begin: blank lines between header rows do not count."""
    filled = (at for at in range(found.at, len(found.rows)) if found.rows[at])
    last = list(itertools.islice(filled, n_header))[-1]
    return last + 1


def _broken_export(formed: Layout, found: Grid, shown: str) -> Table:
    label = dialect(formed.platform).LABEL
    problems = tuple(
        Problem(
            "broken_export",
            one,
            file=shown,
            line=found.header_line,
            expected=f"the file as {label} exports it",
            hint=f"export the answers again from {label}, and do not save them in a spreadsheet",
        )
        for one in formed.problems
    )
    return Table(shown, problems=problems, platform=formed.platform, says=formed.says)


def _another_platform(formed: Layout, found: Grid, asked: Asked) -> Table | None:
    """The refusal of a file that is not of the platform that was named."""
    if asked.platform in (None, "plain", formed.platform):
        return None
    label = dialect(asked.platform).LABEL if asked.platform in DIALECTS else asked.platform
    return refused(
        "another_platform",
        asked.shown,
        f"'{asked.shown}' is no {label} export: its first rows are not written as one",
        line=found.header_line,
        expected=f"the file as {label} exports it",
        hint="leave platform out, and it is recognised; or say platform: plain "
        "for a row of column names and rows of answers",
    )


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


def _without_titles(table: Table, line: str) -> Table:
    """The table without rows below the header that hold no answers; they are told."""
    n_titles, holds, platform = _titles([one.array() for one in table.cells.values()])
    if not n_titles:
        return table
    lines = [str(one) for one in table.lines[:n_titles]]
    which = f"{line} {lines[0]}" if n_titles == 1 else f"{line}s {' and '.join(lines)}"
    problem = Problem(
        "second_header",
        f"{which} of '{table.shown}' {'holds' if n_titles == 1 else 'hold'} {holds}, not answers",
        file=table.shown,
        line=int(table.lines[0]),
        n=n_titles,
        expected="one row of column names, then a row for each respondent",
        hint=f"remove {which}" + (f", or say platform: {platform}" if platform else ""),
    )
    cells = {name: column[n_titles:] for name, column in table.cells.items()}
    return replace(
        table, cells=cells, lines=table.lines[n_titles:], problems=(*table.problems, problem)
    )


def _titles(columns: Sequence[np.ndarray]) -> tuple[int, str, str]:
    """How many of the first rows hold titles, what titles they are, and of which platform."""
    n_rows = min((len(column) for column in columns), default=0)
    for at in (1, 0):
        if at < n_rows and any(_IMPORT_ID.search(column[at]) for column in columns):
            return at + 1, "the question texts and import ids of a Qualtrics export", "qualtrics"
    if not n_rows:
        return 0, "", ""
    first = [column[0] for column in columns]
    if _LEGACY & set(first):
        return 1, "the question texts of a Qualtrics export", "qualtrics"
    if any(text.casefold() in _OPTIONS for text in first):
        return 1, "the options of a SurveyMonkey export", "surveymonkey"
    titled = [column[0] for column in columns if _is_title(column)]
    n_told = sum(1 for text in first if text)
    if len(titled) > 1 and len(set(titled)) == len(titled) and 2 * len(titled) >= n_told:
        return 1, "question texts", ""
    return 0, "", ""


def _is_title(column: np.ndarray) -> bool:
    """Whether a column's first text is no answer: numbers, or a few short texts, follow it."""
    first, rest = column[0], [text for text in column[1:] if text]
    if not first or first in REASONS or _NUMBER.fullmatch(first) or len(rest) < 2:
        return False
    if all(map(_NUMBER.fullmatch, rest)):
        return True
    is_repeated = len(rest) > 3 and 2 * len(set(rest)) <= len(rest)
    return is_repeated and len(first) >= _LONG and first not in rest
