"""An export as rows: its header rows and its columns, written as text or as a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxkit.answers.timeless import MADE, timeless

__all__ = ["Cells", "Sheet", "Written"]

Cells = Sequence[object] | NDArray[np.object_]
"""What stands in a column, a cell a respondent."""


@dataclass(frozen=True)
class Written:
    """A column of an export: its cells in the header rows, and those of the respondents."""

    head: tuple[str, ...]
    cells: Cells

    @classmethod
    def under(cls, *head: str, cells: Cells) -> Written:
        """Cells under one header cell, or several."""
        return cls(head, cells)


@dataclass(frozen=True)
class Sheet:
    """The columns of an export in their order.

    Attributes
    ----------
    columns : tuple of Written
        Each with as many header cells as there are header rows.
    delimiter : str
        What parts the cells of the text file.
    is_quoted : bool
        Whether every cell of the text file stands between quotes.
    clock : str
        How the text file writes a moment (strftime); a workbook holds it as a moment.
    """

    columns: tuple[Written, ...]
    delimiter: str = ","
    is_quoted: bool = False
    clock: str = "%Y-%m-%d %H:%M:%S"

    @property
    def head(self) -> tuple[tuple[str, ...], ...]:
        """The header rows."""
        return tuple(zip(*(one.head for one in self.columns), strict=True))

    @property
    def names(self) -> tuple[str, ...]:
        """The first header row."""
        return self.head[0]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows of respondents."""
        return zip(*(one.cells for one in self.columns), strict=True)

    def text(self) -> bytes:
        """As CSV in UTF-8."""
        made = io.StringIO(newline="")
        writer = csv.writer(
            made,
            delimiter=self.delimiter,
            lineterminator="\n",
            quoting=csv.QUOTE_ALL if self.is_quoted else csv.QUOTE_MINIMAL,
        )
        writer.writerows(self.head)
        writer.writerows([self._plain(cell) for cell in row] for row in self.rows())
        return made.getvalue().encode()

    def _plain(self, cell: object) -> object:
        return cell.strftime(self.clock) if isinstance(cell, dt.datetime) else cell

    def workbook(self) -> bytes:
        """As a workbook of one sheet; the same export gives the same bytes."""
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        book.properties.created = dt.datetime(*MADE)
        sheet = book.create_sheet("Sheet")
        for row in (*self.head, *self.rows()):
            sheet.append([_typed(sheet, cell) for cell in row])
        made = io.BytesIO()
        book.save(made)
        return timeless(made.getvalue())


def _typed(sheet: Any, cell: object) -> object:
    """A cell of a workbook: nothing where it is blank; a text that begins with = is no formula."""
    from openpyxl.cell import WriteOnlyCell

    if cell == "":
        return None
    if not isinstance(cell, str):
        return cell
    held = WriteOnlyCell(sheet, value=cell)
    held.data_type = "s"
    return held
