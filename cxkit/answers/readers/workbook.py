"""Excel workbooks of answers: one sheet, its cells as the person who typed them would write them.

Values only: of a formula the value that the workbook keeps is read. What a sheet can hide from
whoever reads its cells (merged cells, a formula without a value, an error) is refused by name.
"""

from __future__ import annotations

import datetime as dt
import itertools
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from cxkit.answers.readers.answer_rows import Row
from cxkit.answers.readers.grid import HEAD, Grid, layout, table_of
from cxkit.answers.readers.table import Asked, Header, Table, refused, typed
from cxkit.errors import Problem, brief, counted, listed, nearest

__all__ = ["read_workbook"]

_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, InvalidFileException, KeyError, SyntaxError,
    TypeError, ValueError, RuntimeError, OverflowError, lzma.LZMAError, struct.error,
)  # fmt: skip
"""What openpyxl, zipfile and the XML parsers raise over a damaged workbook."""

Cell = tuple[int, int]
"""A row and a column, counted from 1."""

Bounds = tuple[int, int, int, int]
"""The first column and row of some cells, and the last."""


def read_workbook(file: Path, asked: Asked) -> Table:
    """The wanted columns of one sheet: the one named, else the only one that holds anything."""
    with file.open("rb") as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = _opened(source, asked)
            return found if isinstance(found, Table) else _table(found, asked)
        except _Damaged as error:
            return refused(
                "unreadable",
                asked.shown,
                f"'{asked.shown}' is a damaged workbook ({error})",
                expected="a workbook (.xlsx)",
                hint="open it in a spreadsheet, and save it again as CSV (UTF-8) or .xlsx",
            )


def _opened(source: Any, asked: Asked) -> _Sheet | Table:
    try:
        return _Book.open(source, asked).read()
    except _DAMAGED as error:
        raise _Damaged(type(error).__name__) from error


class _Damaged(Exception):
    """A workbook is damaged, which may turn out while its rows are read: by this error."""


@dataclass(frozen=True)
class _Sheet:
    """What a sheet holds: its rows, where cells are merged, where a formula has no value."""

    title: str
    rows: Grid
    filled: _Filled
    merged: Sequence[Bounds]
    unknown: Sequence[Cell]


@dataclass(frozen=True)
class _Book:
    """An open workbook, its cells read one row at a time."""

    asked: Asked
    source: Any
    values: Any
    parts: dict[str, str]
    archive: zipfile.ZipFile

    @classmethod
    def open(cls, source: Any, asked: Asked) -> _Book:
        reader = _reader(source, data_only=True)
        parts = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
        return cls(asked, source, reader.wb, parts, reader.archive)

    def read(self) -> _Sheet | Table:
        """All that is to be known of the sheet with the answers, or the refusal of the workbook."""
        sheet = self._chosen(self.asked.sheet)
        if isinstance(sheet, Table):
            return sheet
        filled = _Filled()
        rows = Grid(filled.rows(sheet), "row", is_sheet=True)
        if (other := self._better(sheet.title, rows)) is not None:
            return other
        xml = self.archive.read(self.parts[sheet.title])
        return _Sheet(
            sheet.title,
            rows,
            filled,
            [range_boundaries(one.decode()) for one in _MERGED.findall(xml)],
            list(self._unknown(sheet)) if _FORMULA.search(xml) else [],
        )

    def _chosen(self, name: str | None) -> Any:
        """The sheet that holds the answers, or the refusal of a workbook that leaves it open."""
        sheets = {one.title: one for one in self.values.worksheets}
        for one in sheets.values():
            one.reset_dimensions()
        if name is not None:
            return sheets[name] if name in sheets else self._no_sheet(name, list(sheets))
        visible = [one for one in sheets.values() if one.sheet_state == "visible"]
        filled = [one for one in visible if any(map(any, map(_is_told, _values(one))))]
        if len(filled) > 1:
            fullest = sorted(filled, key=lambda one: -len(self._known(self._head(one))))
            return self._several([one.title for one in filled], fullest[0].title)
        return (filled or visible or list(sheets.values()))[0] if sheets else self._no_sheet("", [])

    def _better(self, title: str, rows: Grid) -> Table | None:
        """The refusal of a sheet without the columns that another sheet of the workbook holds."""
        lacking = set(self.asked.columns or ()) - self._known(rows.head)
        others = [
            one.title for one in self.values.worksheets
            if lacking and one.title != title and lacking <= self._known(self._head(one))
        ]  # fmt: skip
        if not others:
            return None
        what = f"lacks {counted(len(lacking), 'column')} that the study names"
        return refused(
            "wrong_sheet",
            self.asked.shown,
            f"the sheet '{brief(title)}' of '{self.asked.shown}' {what}: "
            + listed(sorted(lacking), 6),
            expected="the sheet of the answers, as answers.sheet",
            hint=f"'{brief(others[0])}' has {'it' if len(lacking) == 1 else 'them'}: "
            f"answers: {{path: ..., sheet: {brief(others[0])}}}",
        )

    def _head(self, sheet: Any) -> Sequence[Sequence[Any]]:
        """The first rows of a sheet, from the one that holds anything."""
        rows = itertools.dropwhile(lambda row: not any(_is_told(row)), _values(sheet))
        return [[_plain(one) for one in row] for row in itertools.islice(rows, HEAD)]

    def _known(self, head: Sequence[Sequence[Any]]) -> set[str]:
        """Which of the wanted columns rows have that begin so."""
        formed = layout(head, self.asked, is_sheet=True)
        return set(self.asked.columns or ()) & set(Header.of(formed, None, self.asked).own)

    def _no_sheet(self, name: str, known: Sequence[str]) -> Table:
        return refused(
            "missing_sheet",
            self.asked.shown,
            f"'{self.asked.shown}' has no sheet '{brief(name)}'",
            expected="one of " + listed(known) if known else "a sheet with the answers",
            hint=nearest(name, known) or "name it as answers.sheet",
        )

    def _several(self, names: Sequence[str], proposed: str) -> Table:
        return refused(
            "several_sheets",
            self.asked.shown,
            f"'{self.asked.shown}' holds {len(names)} sheets, {listed(names)}, "
            "and the study names none of them",
            expected="the sheet of the answers, as answers.sheet",
            hint=f"say which one: answers: {{path: ..., sheet: {brief(proposed)}}}",
        )

    def _unknown(self, sheet: Any) -> Iterator[Cell]:
        """The row and column of every formula of a sheet for which no value is kept."""
        formulas = _reader(self.source, data_only=False).wb[sheet.title]
        formulas.reset_dimensions()
        for kept, asked in zip(sheet.iter_rows(), formulas.iter_rows(), strict=True):
            for value, formula in zip(kept, asked, strict=True):
                is_unknown = value.value is None and value.data_type != "str"
                if formula.data_type == "f" and is_unknown:
                    yield formula.row, formula.column


def _reader(source: Any, *, data_only: bool) -> ExcelReader:
    source.seek(0)
    reader = ExcelReader(source, read_only=True, data_only=data_only, keep_links=False)
    reader.read()
    return reader


def _values(sheet: Any) -> Iterator[Sequence[Any]]:
    return sheet.iter_rows(values_only=True)


def _is_told(row: Sequence[Any]) -> list[bool]:
    return [value is not None and value != "" for value in row]


# -- from a sheet to a table -------------------------------------------------------------------


@dataclass
class _Filled:
    """How far a sheet is filled, as its rows are read."""

    last: int = 0

    def rows(self, sheet: Any) -> Iterator[tuple[Row, int]]:
        """The rows of a sheet, without the empty cells at their end."""
        try:
            for line, row in enumerate(_values(sheet), start=1):
                is_told = _is_told(row)
                n_cells = max((at for at, told in enumerate(is_told, start=1) if told), default=0)
                self.last = line if n_cells else self.last
                yield [_plain(value) for value in row[:n_cells]], line
        except _DAMAGED as error:
            raise _Damaged(type(error).__name__) from error


def _table(sheet: _Sheet, asked: Asked) -> Table:
    found, shown = sheet.rows, asked.shown
    formed = layout(found.head, asked, is_sheet=True)
    header = Header.of(formed, found.header_line, asked)
    is_plain = formed.platform == "plain"
    if is_plain and (slip := _merged_header(header, sheet.merged)) is not None:
        return slip
    places = {place + 1: name for name, place in header.places.items()}
    errors = _Errors(places)
    found.change(errors.taken_out)
    table = table_of(found, asked)
    if not table.header:
        return table
    problems = [
        *_merged_answers(sheet, found.last_header_line(formed), shown, places),
        *_unknown_formulas(shown, sheet.unknown, places),
        *errors.problems(shown),
    ]
    return replace(table, problems=(*problems, *table.problems))


def _plain(value: Any) -> Any:
    """A cell as a person would have typed it: days as 2026-03-02, numbers as Excel shows them."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    return typed(value)


# -- what a sheet can hide ---------------------------------------------------------------------


def _merged_header(header: Header, merged: Sequence[Bounds]) -> Table | None:
    over = [one for one in merged if header.line is not None and one[1] <= header.line <= one[3]]
    if not over:
        return None
    first = min(over)
    return refused(
        "merged_cells",
        header.shown,
        f"the cells {_range(first)} of the header are merged: "
        "one name stands over several columns or rows",
        line=header.line,
        expected="a name of its own for every column, in one row",
        hint="take the merging away, and write each column's name in its cell",
    )


def _merged_answers(
    sheet: _Sheet, header_line: int, shown: str, places: Mapping[int, str]
) -> list[Problem]:
    """Answers under a merged cell: only the first of them is there."""
    slips = []
    for left, top, right, bottom in sorted(sheet.merged, key=lambda one: (one[1], one[0])):
        touched = [name for at, name in places.items() if left <= at <= right]
        if touched and header_line < top <= sheet.filled.last:
            area = _range((left, top, right, bottom))
            slips.append(
                Problem(
                    "merged_cells",
                    f"the cells {area} are merged: only the first of them holds an answer",
                    file=shown,
                    line=top,
                    column=brief(touched[0], 60),
                    expected="an answer in a cell of its own",
                    hint="take the merging away, and write each answer in its cell",
                )
            )
    return slips


def _unknown_formulas(
    shown: str, cells: Sequence[Cell], places: Mapping[int, str]
) -> list[Problem]:
    return _by_column(
        "formula_without_value",
        shown,
        cells,
        places,
        lambda first, n: f"cell {first} holds a formula without a value" + _and_more(n),
        expected="a formula that was calculated and saved, or a plain value",
        hint="open the workbook in a spreadsheet, and save it again",
    )


@dataclass
class _Errors:
    """Cells that hold an error of the spreadsheet; they are blank from here on."""

    places: Mapping[int, str]
    cells: list[Cell] = field(default_factory=list)
    first: str = ""

    def taken_out(self, row: Row, line: int) -> Row:
        """A row without its errors, which are noted."""
        wrong = [at for at, value in enumerate(row) if value in _ERRORS and at + 1 in self.places]
        if not wrong:
            return row
        self.first = self.first or row[wrong[0]]
        self.cells += [(line, at + 1) for at in wrong]
        return ["" if at in wrong else value for at, value in enumerate(row)]

    def problems(self, shown: str) -> list[Problem]:
        """One problem for each column with errors."""
        return _by_column(
            "cell_error",
            shown,
            self.cells,
            self.places,
            lambda first, n: f"cell {first} holds the error '{self.first}'" + _and_more(n),
            expected="an answer, or an empty cell",
            hint="mend the formula, or empty the cell",
        )


def _by_column(
    code: str,
    shown: str,
    cells: Sequence[Cell],
    places: Mapping[int, str],
    message: Callable[[str, int], str],
    *,
    expected: str,
    hint: str,
) -> list[Problem]:
    """One problem for each column that has such cells."""
    slips = []
    for place, name in places.items():
        names = [f"{get_column_letter(place)}{row}" for row, column in cells if column == place]
        if names:
            slips.append(
                Problem(
                    code,
                    message(names[0], len(names)),
                    file=shown,
                    line=min(row for row, column in cells if column == place),
                    column=brief(name, 60),
                    n=len(names),
                    examples=tuple(names[:5]),
                    expected=expected,
                    hint=hint,
                )
            )
    return slips


def _and_more(n: int) -> str:
    return f", and so {'does' if n == 2 else 'do'} {counted(n - 1, 'other')}" if n > 1 else ""


def _range(bounds: Bounds) -> str:
    left, top, right, bottom = bounds
    return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
