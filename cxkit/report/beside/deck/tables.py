"""Tables of a deck: the page's worded cells as a native table that fits its place on a slide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxkit.report.beside.deck.drawing_ml import DRAWING, EMU, NS, parsed
from cxkit.report.beside.deck.fitting import LEADING, n_lines
from cxkit.report.figures.lettering import clean, text_width, wrap

if TYPE_CHECKING:
    from cxkit.report.beside.deck.slides import Deck

__all__ = ["MOST_ROWS", "Cell", "Sheet", "plain", "sheet"]

MOST_ROWS = 12
_MOST_COLUMNS = 8
_PAD, _RISE = 5.0, 2.6
"""What stays free beside and above the words of a cell."""

_SIZES = (14.0, 13.0, 12.0, 11.0, 10.0)
_LINES = (16.0, 15.0, 14.0, 13.0, 12.0, 11.5)
_MOST_LINES = 3
"""Words of a cell take at most so many lines."""

_DEEP = ("s4", "s5")
Tone = Callable[[float, str], str]
"""The role of a surface, from a number and its unit."""

_FIRST = 0.40
"""The names of rows take at most so much of the width."""


@dataclass(frozen=True)
class Cell:
    """Words of a cell, a quieter line below them, and how they look."""

    text: str = ""
    small: str = ""
    role: str = "ink"
    bold: bool = False
    align: str = "r"
    surface: str = ""
    size: float | None = None

    def height(self, width: float, size: float) -> float:
        """How high it is at a width, the quieter line below."""
        large = self.size or size
        room = width - 2 * _PAD
        lines = n_lines(self.text, room, large, is_bold=self.bold) * large if self.text else large
        if self.small:
            lines += n_lines(self.small, room, _quiet(size)) * _quiet(size)
        return lines * LEADING + 2 * _RISE

    def cut(self, width: float, size: float, lines: int) -> Cell:
        """The same cell, its words cut to so many lines at a width."""
        large, room = self.size or size, width - 2 * _PAD
        if n_lines(self.text, room, large, is_bold=self.bold) <= lines:
            return self
        kept = wrap(self.text, room, large, is_bold=self.bold, lines=lines)
        return replace(self, text=" ".join(kept))

    def length(self, size: float) -> float:
        """How wide it is with the quieter words behind, all on one line."""
        told = text_width(self.text, self.size or size, is_bold=self.bold)
        small = text_width(f"  {self.small}", _quiet(size)) if self.small else 0.0
        return told + small + 2 * _PAD + 2


@dataclass
class Sheet:
    """A table with its widths and heights in points; what of it is left to the report."""

    rows: list[list[Cell]]
    widths: list[float]
    heights: list[float]
    size: float
    is_inline: bool = False
    rows_left: int = 0
    columns_left: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether the report's table holds more."""
        return bool(self.rows_left or self.columns_left)

    @property
    def height(self) -> float:
        """The height of the whole table."""
        return sum(self.heights)

    def fill(self, table: Any, deck: Deck, *, has_head: bool = True) -> None:
        """Write the cells into a table of python-pptx."""
        style = table.tblPr.find(f"{{{DRAWING}}}tableStyleId")
        if style is not None:
            style.text = _NO_STYLE
        table.tblPr.attrib.update({"firstRow": str(int(has_head)), "firstCol": "1", "bandRow": "0"})
        for column, width in zip(table.tblGrid, self.widths, strict=True):
            column.set("w", str(round(width * EMU)))
        for k, (made, cells, height) in enumerate(
            zip(table.tr_lst, self.rows, self.heights, strict=True)
        ):
            made.set("h", str(round(height * EMU)))
            for tc, one in zip(made.tc_lst, cells, strict=True):
                _write(tc, one, self, deck, is_head=has_head and k == 0)


_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def sheet(table: Mapping[str, Any], width: float, height: float, tone: Tone | None = None) -> Sheet:
    """The page's table at the largest size at which it fits.

    Drawn columns are left out, as are rows beyond the twelfth and what no size makes fit: first
    the statements below a level, then rows from the end. `tone` gives cells with a number the
    role of their surface.
    """
    kept = [k for k, one in enumerate(table["columns"]) if one["align"] != "mark"]
    columns = [table["columns"][k] for k in kept]
    left = max(len(columns) - _MOST_COLUMNS, 0)
    kept, columns = kept[:_MOST_COLUMNS], columns[:_MOST_COLUMNS]
    head = [_head(one, k == 0) for k, one in enumerate(columns)]
    rows = list(table["rows"])
    n_rows = len(rows)
    if n_rows > MOST_ROWS:
        rows = [one for one in rows if one["kind"] != "item"] or rows
    rows = rows[:MOST_ROWS]
    while True:
        cells = [head, *(_row(one, kept, columns, tone) for one in rows)]
        if (made := _inline(cells, width, height)) is not None:
            made.rows_left, made.columns_left = n_rows - len(rows), left
            return made
        for size in _SIZES:
            widths = _widths(cells, width, size)
            cells = _cut(cells, widths, size, _MOST_LINES)
            heights = [
                max(one.height(w, size) for one, w in zip(row, widths, strict=True))
                for row in cells
            ]
            if sum(heights) <= height or (size == _SIZES[-1] and len(rows) <= 1):
                rise = min(max(height - sum(heights), 0.0) / len(heights), 0.5 * size)
                heights = [one + rise for one in heights]
                return Sheet(cells, widths, heights, size, False, n_rows - len(rows), left)
        rows = rows[:-1]


def _cut(
    rows: Sequence[Sequence[Cell]], widths: Sequence[float], size: float, lines: int
) -> list[list[Cell]]:
    return [
        [one.cut(width, size, lines) for one, width in zip(row, widths, strict=True)]
        for row in rows
    ]


def _inline(cells: list[list[Cell]], width: float, height: float) -> Sheet | None:
    """The table with intervals beside their numbers, a line a row; None where they do not fit."""
    for size in _LINES:
        wanted = [max(row[k].length(size) for row in cells) for k in range(len(cells[0]))]
        line = size * LEADING + 2 * _RISE
        if sum(wanted) > width or line * len(cells) > height:
            continue
        spare = (width - sum(wanted)) / len(wanted)
        rise = min((height - line * len(cells)) / len(cells), 0.8 * size)
        heights = [line + rise] * len(cells)
        return Sheet(cells, [one + spare for one in wanted], heights, size, True)
    return None


def plain(
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    size: float,
    *,
    lines: int | None = None,
) -> Sheet:
    """A table of cells as they are, at a size; words of more than `lines` lines are cut."""
    if lines is not None:
        rows = _cut(rows, widths, size, lines)
    heights = [max(one.height(w, size) for one, w in zip(row, widths, strict=True)) for row in rows]
    return Sheet([list(row) for row in rows], list(widths), heights, size)


def _head(column: Mapping[str, Any], is_first: bool) -> Cell:
    label = f"{column.get('letter', '')} {column['label']}".strip()
    side = "l" if is_first or column["align"] == "left" else "r"
    return Cell(clean(label), clean(column.get("sub") or ""), "soft", True, side)


def _row(
    row: Mapping[str, Any], kept: Sequence[int], columns: Sequence[Any], tone: Tone | None
) -> list[Cell]:
    is_level = row["kind"] == "level"
    name = Cell(clean(row["head"]), clean(row["small"] or ""), "ink", is_level, "l")
    cells = [name]
    for k, column in zip(kept[1:], columns[1:], strict=True):
        side = "l" if column["align"] == "left" else "r"
        cells.append(_cell(row["cells"][k - 1], side, None if row["kind"] == "base" else tone))
    return cells


def _cell(cell: Mapping[str, Any], side: str, tone: Tone | None) -> Cell:
    small = clean(cell["small"] or "")
    if cell["state"] == "none":
        said = cell["text"]
        if cell.get("word"):
            said, small = f"{cell['text']} {cell['word']}", small
        return Cell(clean(said), small, "soft", False, side)
    parts = (cell.get("sign"), cell["text"] + cell["slot"], cell.get("letters"))
    role = {"good": "good-ink", "bad": "bad-ink"}.get(cell["tone"], "ink")
    text = clean(" ".join(filter(None, parts)))
    number = getattr(cell["text"], "numbers", {}).get("value")
    if tone is not None and number is not None and not cell.get("sign"):
        surface = tone(number.value, number.unit)
        return Cell(
            text, small, f"on-{'high' if surface in _DEEP else 'low'}", True, "ctr", surface
        )
    return Cell(text, small, role, role != "ink", side)


def _widths(rows: Sequence[Sequence[Cell]], width: float, size: float) -> list[float]:
    """Columns as wide as their words, the first one within its part; the rest is shared out."""
    wanted = [
        max(
            max(text_width(row[k].text, size, is_bold=row[k].bold),
                text_width(row[k].small, _quiet(size))) + 2 * _PAD + 2
            for row in rows
        )
        for k in range(len(rows[0]))
    ]  # fmt: skip
    total = sum(wanted)
    if total <= width:
        spare = (width - total) / len(wanted)
        return [one + spare for one in wanted]
    least = [_least(rows, k, size) for k in range(len(wanted))]
    wanted[0] = max(min(wanted[0], _FIRST * width), min(least[0], _FIRST * width))
    over = sum(wanted) - width
    give = [max(one - low, 0.0) for one, low in zip(wanted, least, strict=True)]
    free = sum(give[1:]) or 1.0
    if over > 0:
        share = min(over / free, 1.0)
        wanted[1:] = [one - share * part for one, part in zip(wanted[1:], give[1:], strict=True)]
    scale = width / sum(wanted)
    return [one * scale for one in wanted]


def _least(rows: Sequence[Sequence[Cell]], k: int, size: float) -> float:
    """The widest single word of a column."""
    words = [
        (word, row[k].bold, at)
        for row in rows
        for text, at in ((row[k].text, size), (row[k].small, _quiet(size)))
        for word in text.split(" ")
    ]
    return max(text_width(word, at, is_bold=bold) for word, bold, at in words) + 2 * _PAD + 2


def _quiet(size: float) -> float:
    return max(size - 2, 9.0)


def _write(tc: Any, cell: Cell, table: Sheet, deck: Deck, *, is_head: bool) -> None:
    """One cell: its words, its margins, the hairline below it."""
    body, size = tc.txBody, table.size
    for old in body.findall(f"{{{DRAWING}}}p"):
        body.remove(old)
    role = cell.role if cell.surface else "soft"
    more = (cell.small, _quiet(size), role) if table.is_inline and cell.small else None
    told = (cell.text, cell.size or size, cell.role, cell.bold)
    body.append(deck.paragraph(*told, align=cell.align, more=more))
    if cell.small and not table.is_inline:
        body.append(deck.paragraph(cell.small, _quiet(size), role, False, align=cell.align))
    old = tc.find(f"{{{DRAWING}}}tcPr")
    if old is not None:
        tc.remove(old)
    none = "".join(f"<a:{side}><a:noFill/></a:{side}>" for side in ("lnL", "lnR", "lnT"))
    role, weight = ("ink", 1.0) if is_head else ("line", 0.75)
    line = deck.ink.line(role, weight).replace("<a:ln ", "<a:lnB ").replace("</a:ln>", "</a:lnB>")
    surface = deck.ink.fill(cell.surface) if cell.surface else "<a:noFill/>"
    anchor = "b" if is_head else "ctr"
    pad, rise = round(_PAD * EMU), round(_RISE * EMU)
    tc.append(
        parsed(
            f'<a:tcPr {NS} marL="{pad}" marR="{pad}" marT="{rise}" marB="{rise}" '
            f'anchor="{anchor}">{none}{line}{surface}</a:tcPr>'
        )
    )
