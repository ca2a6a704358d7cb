"""Rows of cells, from text or from a sheet, made into a Table as they come.

What the first rows say of the file (its platform, its header) is told by `layout`; only the
wanted cells of the rows below are kept, block by block.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from cxkit.answers.platforms import DIALECTS, Layout, dialect, layout_of
from cxkit.answers.readers.answer_rows import AnswerRows, Row, Uneven
from cxkit.answers.readers.table import Asked, Header, Table, empty, refused
from cxkit.answers.readers.titles import without_titles
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, counted

__all__ = ["HEAD", "Grid", "layout", "table_of"]

HEAD = 20
"""So many rows, the header among them, tell whose export a file is."""
_AHEAD = 5000
"""So many rows are looked through for the first answers to a question added later."""
_HEADER_ROWS = 3
"""No export has more of them; in a sheet a name may stand over several columns in the first."""


class Grid:
    """The rows of a file, each with its line: the first ones at hand, the others as they come.

    The header is the first row that holds anything; a blank line is an empty row. `line` is what
    the file calls a row. The rows of a sheet have no width of their own.
    """

    def __init__(
        self, rows: Iterator[tuple[Row, int]], line: str = "line", *, is_sheet: bool = False
    ) -> None:
        self.line, self.is_sheet = line, is_sheet
        self._rows: Iterator[tuple[Row, int]] = itertools.dropwhile(
            lambda one: not any(map(str.strip, one[0])), rows
        )
        self._head = [*itertools.islice(self._rows, HEAD)]

    @property
    def head(self) -> list[Row]:
        """The first rows, the header first."""
        return [row for row, _ in self._head]

    @property
    def lines(self) -> list[int]:
        """The lines of the first rows."""
        return [line for _, line in self._head]

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row, without blanks around them."""
        return tuple(map(str.strip, self._head[0][0])) if self._head else ()

    @property
    def header_line(self) -> int | None:
        """The line of the header."""
        return self._head[0][1] if self._head else None

    @property
    def first_line(self) -> int | None:
        """The line of the row below it."""
        return self._head[1][1] if len(self._head) > 1 else None

    def filled(self, formed: Layout) -> list[Row] | None:
        """The first rows, where a column that is blank in all of them holds later answers.

        A question that a later wave added is answered far below: what it is asked by is told by
        its first answers, wherever they stand. None where no column needs any.
        """
        names = self.headers(formed)
        width = max(map(len, names), default=0)
        told = [[*row, *[""] * (width - len(row))] for row in self.head if row]
        below = told[len(names) :]
        blank = [at for at in range(width) if not any(row[at].strip() for row in below)]
        if not blank:
            return None
        ahead = [*itertools.islice(self._rows, _AHEAD)]
        self._rows = itertools.chain(ahead, self._rows)
        found = {
            at: [row[at] for row, _ in ahead if len(row) > at and row[at].strip()] for at in blank
        }
        if not any(found.values()):
            return None
        for at, cells in found.items():
            for row, cell in zip(below, cells, strict=False):
                row[at] = cell
        return [*told[: len(names)], *below]

    def change(self, to: Callable[[Row, int], Row]) -> None:
        """Put another row in place of each row below the first."""
        self._head[1:] = [(to(row, line), line) for row, line in self._head[1:]]
        rest = self._rows
        self._rows = ((to(row, line), line) for row, line in rest)

    def headers(self, formed: Layout) -> list[Row]:
        """The header rows: blank lines between them do not count."""
        return [row for row in self.head if row][: formed.n_header]

    def last_header_line(self, formed: Layout) -> int:
        """The line of the last header row."""
        return [line for row, line in self._head if row][: formed.n_header][-1]

    def below(self, formed: Layout, width: int) -> Iterator[tuple[Row, int]]:
        """The rows below the header, once; those of a sheet are as wide as the header."""
        last = self.last_header_line(formed)
        known = [(row, line) for row, line in self._head if line > last]
        rows = itertools.chain(known, self._rows)
        if not self.is_sheet:
            return rows
        blank = [""] * width
        return (([*row, *blank][:width] if row else row, line) for row, line in rows)


def layout(head: Sequence[Row], asked: Asked, *, is_sheet: bool = False) -> Layout:
    """How rows that begin with `head` (the header first) are to be read."""
    rows = [tuple(map(str.strip, row)) for row in head[:HEAD] if row]
    width = max(map(len, rows[: _HEADER_ROWS if is_sheet else 1]), default=0)
    even = [(*row, *[""] * (width - len(row))) for row in rows]
    return layout_of(even, asked.platform, asked.structure)


def table_of(
    found: Grid, asked: Asked, problems: Sequence[Problem] = (), uneven: Uneven | None = None
) -> Table:
    """The wanted columns of some rows as text, with every problem of their form.

    `problems` may grow while the rows are read: they are told after that.
    """
    shown = asked.shown
    if not any(found.header):
        return empty(shown)
    formed = layout(found.head, asked, is_sheet=found.is_sheet)
    if (filled := found.filled(formed)) is not None:
        formed = layout(filled, asked, is_sheet=found.is_sheet)
    slip = _broken_export(formed, found, shown) or _another_platform(formed, found, asked)
    if slip is not None:
        return slip
    is_plain = formed.platform == "plain"
    if is_plain:
        formed = replace(formed, names=found.header)
        if (slip := _header_below(found, asked)) is not None:
            return slip
    header = Header.of(formed, found.header_line, asked)
    told = list(header.problems())
    unnamed = [at for at, name in enumerate(header.names) if asked.columns is None and not name]
    places = [*header.places.values(), *unnamed]
    rows = AnswerRows(found.headers(formed), len(header.names), places, uneven)
    texts = rows.read(found.below(formed, len(header.names)))
    if (slip := rows.refusal()) is not None:
        return slip
    table = Table(
        shown,
        header.names,
        {name: texts[place] for name, place in header.places.items()},
        rows.own_lines(),
        (
            *problems,
            *told,
            *_unnamed(header, [texts[at] for at in unnamed]),
            *rows.problems(shown, header.line),
        ),
        header.asked,
        formed.platform,
        formed.says,
        formed.questions,
    )
    return without_titles(table, found.line) if is_plain else table


def _unnamed(header: Header, columns: Sequence[Texts]) -> Iterator[Problem]:
    """Answers in columns without a name, where all columns are asked for."""
    n = sum(1 for column in columns if (column != "").any())
    if n:
        yield Problem(
            "unnamed_column",
            f"{counted(n, 'column')} of '{header.shown}' without a name left out",
            severity="warning",
            file=header.shown,
            line=header.line,
            n=n,
            hint="give every column a name",
        )


# -- what the first rows tell --------------------------------------------------------------------


def _broken_export(formed: Layout, found: Grid, shown: str) -> Table | None:
    """The refusal of an export that its own platform could not read again."""
    if not formed.problems:
        return None
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


def _header_below(found: Grid, asked: Asked) -> Table | None:
    """The refusal of a file whose column names stand below other text."""
    wanted = set(asked.columns or ())

    def n_known(row: Row) -> int:
        return len(wanted & set(map(str.strip, row)))

    if not wanted or n_known(found.header):
        return None
    later = range(1, min(11, len(found.head)))
    at = next((at for at in later if 2 * n_known(found.head[at]) > len(wanted)), None)
    if at is None:
        return None
    return refused(
        "header_row",
        asked.shown,
        f"the column names stand in {found.line} {found.lines[at]} of '{asked.shown}', "
        "below other text",
        line=found.header_line,
        expected=f"the column names in the first {found.line}",
        hint=f"remove the {found.line}s above them",
    )
