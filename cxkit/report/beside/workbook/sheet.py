"""Sheets of a workbook as a client gets them: words and grids laid out, in the colours of a theme.

Everything is laid first and written last, when all that stands on a sheet has said how wide it
is. A text is written as a text, whatever it begins with: no cell computes anything.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from cxkit.report.beside.letters import family
from cxkit.report.beside.workbook.grid import Grid, Line, Link
from cxkit.report.beside.workbook.measure import (
    height_of,
    holds_words,
    is_among_numbers,
    lines_of,
    reading_column,
    spans_of,
    widths_of,
)
from cxkit.report.spreadsheet import is_formula
from cxkit.report.theme import Theme
from cxkit.wording import Number, printed

__all__ = ["Book", "Sheet", "number_format", "sheet_name", "stored"]

_MOST_LETTERS = 32_767
"""What a cell can hold."""

_NAME, _NOT_IN_NAMES = 31, str.maketrans("[]:*?/\\", "()-   -")
"""What the name of a sheet may be."""

_FONT = "Arial"
"""What every office has; a study's own theme may ask for another."""

_A4, _A3, _WIDE = 9, 8, 220.0
"""Sizes of paper by their numbers, and from which width in letters the larger one is needed."""

_PLAIN, _SMALL, _LARGE = 10, 9, 11
"""Sizes of words, in points."""

_SIZES = {"lead": _LARGE, "caption": _LARGE, "note": _SMALL, "code": _SMALL}

_LINE = 12.8
"""The height of a line of plain words, in points."""


@dataclass(frozen=True)
class _Words:
    """A paragraph across the sheet, or beside its term."""

    text: str
    style: str
    place: str = ""
    term: str | None = None


@dataclass
class Sheet:
    """One sheet: what stands on it from top to bottom.

    `frozen` rows stay in sight, and are repeated on every printed page.
    """

    name: str
    frozen: int = 2
    _laid: list[_Words | Grid | None] = field(default_factory=list)

    def write(self, text: str, style: str = "text", *, place: str = "") -> None:
        """A paragraph; `place` names it for links."""
        if text or place:
            self._laid.append(_Words(text, style, place))

    def pair(self, term: str, text: str, style: str = "text") -> None:
        """A term and what is said of it, beside each other."""
        self._laid.append(_Words(text, style, "", term))

    def grid(self, grid: Grid) -> None:
        """A table."""
        self._laid.append(grid)

    def space(self) -> None:
        """An empty row."""
        if self._laid and self._laid[-1] is not None:
            self._laid.append(None)

    @property
    def grids(self) -> list[Grid]:
        """The tables that stand on it."""
        return [one for one in self._laid if isinstance(one, Grid)]

    @property
    def paragraphs(self) -> list[_Words]:
        """The paragraphs that stand on it."""
        return [one for one in self._laid if isinstance(one, _Words)]

    @property
    def laid(self) -> Sequence[_Words | Grid | None]:
        """Everything that stands on it, None for an empty row."""
        return self._laid


def sheet_name(wanted: str, used: Sequence[str]) -> str:
    """A name that a sheet may have and no other has: 31 letters at most, no sign that Excel bars.

    >>> sheet_name("Price/value: what goes with it, and what does not?", [])
    'Price value- what goes with it,'
    >>> sheet_name("summary", ["Summary"])
    'summary (2)'
    """
    plain = " ".join(wanted.translate(_NOT_IN_NAMES).split()).strip("' ") or "-"
    taken = {one.casefold() for one in (*used, "History")}
    name, number = plain[:_NAME].strip("' "), 2
    while name.casefold() in taken:
        end = f" ({number})"
        name, number = plain[: _NAME - len(end)].strip("' ") + end, number + 1
    return name


def stored(one: Number) -> float:
    """The number that a cell holds: unrounded but for what is less than anybody prints.

    A spreadsheet rounds what it shows by itself; from this it shows what the page shows.
    """
    return round(one.value * 100, 8) / 100 if one.unit == "share" else round(one.value, 8)


def number_format(one: Number) -> str:
    """How a spreadsheet shows a number: as many decimals, and the sign, as on the page.

    >>> number_format(Number(0.421, "share", 0)), number_format(Number(-3.4, "points", 1, True))
    ('0%', '+#,##0.0;-#,##0.0;#,##0.0')
    """
    if one.said and "{}" not in one.said:
        return _literal(one.said)
    decimals = "." + "0" * one.digits if one.digits else ""
    shown = f"0{decimals}%" if one.unit == "share" else f"#,##0{decimals}"
    if one.said:
        before, _, after = one.said.partition("{}")
        shown = _literal(before) + shown + _literal(after)
        if not one.is_signed:
            return shown
    if not printed(one.value, one.unit, one.digits):
        return f"{shown};{shown}"  # no sign before a zero
    return f"+{shown};-{shown};{shown}" if one.is_signed else shown


def _literal(text: str) -> str:
    """Words in a format, as they are."""
    return '"' + text.replace('"', "\u201d") + '"' if text else ""


class Book:
    """A workbook: sheets in their order, written once all are laid.

    Parameters
    ----------
    theme : Theme
        Colours by role, from its light scheme, and a study's own type.
    properties : mapping
        Title, subject, author and comments of the document.
    date : datetime
        When the document is said to have been made.
    foot : str
        What stands at the foot of every printed page.
    """

    def __init__(
        self, theme: Theme, properties: Mapping[str, str], date: dt.datetime, foot: str = ""
    ) -> None:
        self._roles = theme.light
        self._font = family(theme.sans, _FONT)
        self._properties = {**properties, "created": date.replace(tzinfo=None)}
        self._foot = foot
        self.sheets: list[Sheet] = []

    def sheet(self, name: str, **more: Any) -> Sheet:
        """A new sheet at the end, under a name as near to `name` as may be."""
        made = Sheet(sheet_name(name, [one.name for one in self.sheets]), **more)
        self.sheets.append(made)
        return made

    def content(self) -> bytes:
        """The file; the same sheets give the same bytes."""
        import xlsxwriter

        made = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        book = xlsxwriter.Workbook(made, options)
        book.set_properties(self._properties)
        styles = _Styles(book, self._roles, self._font)
        writers = [_Writer(book.add_worksheet(one.name), one, styles) for one in self.sheets]
        places = {place: (one.sheet.name, row) for one in writers for place, row in one.places()}
        for one in writers:
            one.write(places, self._foot)
        book.close()
        return made.getvalue()


# -- writing ---------------------------------------------------------------------------------------


class _Styles:
    """The formats of a workbook by what they are for, each made once."""

    def __init__(self, book: Any, roles: Mapping[str, str], font: str) -> None:
        self._book = book
        self._made: dict[tuple[str, str, bool], Any] = {}
        self._base = {"font_name": font, "font_size": _PLAIN, "font_color": roles["ink"],
                      "valign": "top"}  # fmt: skip
        line = {"bottom": 1, "bottom_color": roles["line"]}
        soft, wrap = {"font_color": roles["soft"]}, {"text_wrap": True}
        small = {"font_size": _SMALL}
        head = {"bold": True, "bg_color": roles["wash"], "valign": "vbottom", **wrap, **small}
        last = {"bottom": 1, "bottom_color": roles["ink"]}
        over = {"top": 1, "top_color": roles["ink"]}
        level = {"bold": True, "bg_color": roles["wash"]}
        good, bad = ({"font_color": roles[role]} for role in ("good-ink", "bad-ink"))
        beside = {**wrap, **line, "indent": 1, "align": "left"}
        self._of: dict[str, dict[str, Any]] = {
            "text": wrap,
            "name": {**soft, "bold": True},
            "title": {"font_size": 15, "bold": True, "valign": "vcenter"},
            "lead": {"font_size": _LARGE, **wrap},
            "caption": {"font_size": _LARGE, "bold": True, **wrap},
            "sub": {**soft, **wrap},
            "note": {**soft, **small, **wrap},
            "flag": {"font_color": roles["bad-ink"], "bold": True, **wrap},
            "code": {"font_name": "Consolas", **wrap, **small},
            "term": {"bold": True, **wrap},
            "link": {"font_color": roles["good-ink"], "underline": 1, **wrap, **line},
            "head": {**head, **over, **last},
            "head beside": {**head, **over, **last, "indent": 1, "align": "left"},
            "head over": {**head, **over, **line, "align": "center"},
            "head under": {**head, **last, "align": "right"},
            "head under left": {**head, **last, "indent": 1, "align": "left"},
            "head right": {**head, **over, **last, "align": "right"},
            "row": {**wrap, **line},
            "row item": {**wrap, **line, "indent": 1, "align": "left"},
            "row level": {**wrap, **line, **level},
            "row base": {**wrap, **line, **soft},
            "row beside": beside,
            "row beside level": {**beside, **level},
            "row beside base": {**beside, **soft},
            "datum": small,
            "number": {**line, "align": "right"},
            "number level": {**line, **level, "align": "right"},
            "number base": {**line, **soft, "align": "right"},
            "mark": {**beside, **soft, **small},
            "mark level": {**beside, **level, **small},
            "mark good": {**beside, **good},
            "mark bad": {**beside, **bad},
            "mark good level": {**beside, **level, **good},
            "mark bad level": {**beside, **level, **bad},
        }

    def __call__(self, style: str, shown: str = "", *, is_quoted: bool = False) -> Any:
        key = (style, shown, is_quoted)
        if key not in self._made:
            asked = {**self._base, **self._of[style]}
            asked |= {"num_format": shown} if shown else {}
            asked |= {"quote_prefix": True} if is_quoted else {}
            self._made[key] = self._book.add_format(asked)
        return self._made[key]


class _Writer:
    """A sheet on its way into the file."""

    def __init__(self, made: Any, sheet: Sheet, styles: _Styles) -> None:
        self._made, self.sheet, self._style = made, sheet, styles
        terms = [one.term for one in sheet.paragraphs if one.term]
        self._widths = widths_of(sheet.grids, terms)
        self._last = reading_column(self._widths)
        self._places: Mapping[str, tuple[str, int]] = {}
        self._row = 0

    def places(self) -> list[tuple[str, int]]:
        """The places on the sheet that have a name, with their rows."""
        heights = (height_of(one) if isinstance(one, Grid) else 1 for one in self.sheet.laid)
        rows = accumulate(heights, initial=0)
        named = zip(self.sheet.laid, rows, strict=False)
        return [(one.place, row) for one, row in named if isinstance(one, _Words) and one.place]

    def write(self, places: Mapping[str, tuple[str, int]], foot: str) -> None:
        """Everything that was laid, and how the sheet is looked at and printed."""
        self._places = places
        for one in self.sheet.laid:
            if isinstance(one, Grid):
                self._grid(one)
            else:
                if one is not None:
                    self._paragraph(one)
                self._row += 1
        made = self._made
        for column, width in enumerate(self._widths):
            made.set_column(column, column, width)
        made.hide_gridlines(2)
        made.freeze_panes(self.sheet.frozen, 1)
        made.set_landscape()
        made.set_paper(_A4 if sum(self._widths) < _WIDE else _A3)
        made.fit_to_pages(1, 0)
        made.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        made.repeat_rows(0, self.sheet.frozen - 1)
        made.set_footer(f"&L&8{foot[:180].replace('&', '&&')}&R&8&A   &P / &N")
        made.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    # -- paragraphs --------------------------------------------------------------------------

    def _paragraph(self, one: _Words) -> None:
        first = 0 if one.term is None else 1
        if one.term is not None:
            self._text(0, one.term, "term")
        width = sum(self._widths[first : self._last + 1])
        style = self._style(one.style, is_quoted=is_formula(one.text))
        if self._last > first:
            self._made.merge_range(self._row, first, self._row, self._last, "", style)
        self._text(first, one.text, one.style)
        if one.style in ("name", "title"):
            self._made.set_row(self._row, 24 if one.style == "title" else None)
            return
        size = _SIZES.get(one.style, _PLAIN)
        lines = max(lines_of(one.text, width, size), lines_of(one.term or "", self._widths[0]))
        self._made.set_row(self._row, lines * _LINE * max(size, _PLAIN) / _PLAIN + 2)

    # -- grids -------------------------------------------------------------------------------

    def _grid(self, grid: Grid) -> None:
        spans = spans_of(grid, self._widths)
        starts = list(accumulate(spans, initial=0))[:-1]
        head_row = self._row
        self._heads(grid, starts, spans)
        marks = [i > 0 and is_among_numbers(grid, i) for i in range(grid.width)]
        for line in grid.lines:
            if grid.is_flat:
                self._datum(line)
            else:
                self._line(line, starts, spans, marks)
        if grid.is_flat:
            self._made.autofilter(head_row, 0, self._row - 1, grid.width - 1)

    def _heads(self, grid: Grid, starts: Sequence[int], spans: Sequence[int]) -> None:
        depth, at, lines = 1 + grid.is_spread, 0, [1, 1]
        for head in grid.heads:
            k = len(head.parts)
            first, last = starts[at], starts[at + k - 1] + spans[at + k - 1] - 1
            width = sum(self._widths[first : last + 1])
            if k == 1:
                over = "head beside" if holds_words(grid, at) else "head right"
                self._merged(head.label, over if at else "head", first, last, depth)
                lines[-1] = max(lines[-1], math.ceil(lines_of(head.label, width, _SMALL) / depth))
            else:
                self._merged(head.label, "head over", first, last, 1)
                lines[0] = max(lines[0], lines_of(head.label, width, _SMALL))
                for i, part in enumerate(head.parts, at):
                    under = "head under left" if holds_words(grid, i) else "head under"
                    self._text(starts[i], part, under, self._row + 1)
                    lines[1] = max(lines[1], lines_of(part, self._widths[starts[i]], _SMALL))
            at += k
        for i in range(depth):
            self._made.set_row(self._row + i, lines[i - depth] * _LINE + 3)
        self._row += depth

    def _datum(self, line: Line) -> None:
        """A row of a list of data: what is empty is not there."""
        for column, content in enumerate(line.contents):
            if isinstance(content, Number):
                style = self._style("datum", number_format(content))
                self._made.write_number(self._row, column, stored(content), style)
            elif isinstance(content, str) and content:
                self._text(column, content, "datum")
        self._row += 1

    def _line(
        self, line: Line, starts: Sequence[int], spans: Sequence[int], marks: Sequence[bool]
    ) -> None:
        lines = 1
        for i, content in enumerate(line.contents):
            first, last = starts[i], starts[i] + spans[i] - 1
            kind = f" {line.kind}" if line.kind in ("level", "base") else ""
            if isinstance(content, Number):
                is_said = content.said and not marks[i]
                style = self._style(
                    "row beside" if is_said else f"number{kind}", number_format(content)
                )
                self._made.write_number(self._row, first, stored(content), style)
            elif isinstance(content, Link):
                self._link(first, content)
            elif spans[i] > 1:
                self._merged(content or "", f"row beside{kind}", first, last, 1)
            else:
                style = _style_of(content or "", line.kind, is_head=i == 0, is_mark=marks[i])
                self._text(first, content or "", style)
            if isinstance(content, str):
                size = _SMALL if marks[i] else _PLAIN
                lines = max(lines, lines_of(content, sum(self._widths[first : last + 1]), size))
        if lines > 1:
            self._made.set_row(self._row, lines * _LINE + 2)
        self._row += 1

    def _merged(self, text: str, style: str, first: int, last: int, depth: int) -> None:
        if last > first or depth > 1:
            made = self._style(style, is_quoted=is_formula(text))
            self._made.merge_range(self._row, first, self._row + depth - 1, last, "", made)
        self._text(first, text, style)

    def _text(self, column: int, text: str, style: str, row: int | None = None) -> None:
        """A text, whatever it begins with."""
        made = self._style(style, is_quoted=is_formula(text))
        cut = text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
        self._made.write_string(self._row if row is None else row, column, str(cut), made)

    def _link(self, column: int, link: Link) -> None:
        place = self._places.get(link.place)
        if place is None:
            self._text(column, link.text, "row")
            return
        name, row = place
        there = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A{row + 1}"
        self._made.write_url(self._row, column, there, self._style("link"), str(link.text))


def _style_of(text: str, kind: str, *, is_head: bool, is_mark: bool) -> str:
    """The style of words in a grid: at the head of a row, beside numbers, or by themselves."""
    if is_head:
        return f"row {kind}" if kind else "row"
    if not is_mark:
        return "row beside" if kind in ("", "item") else f"row beside {kind}"
    told = {"▲": " good", "▼": " bad"}.get(text[:1], "")
    return f"mark{told}" + (" level" if kind == "level" else "")
