"""The cells of a heat map: the records behind them, their tones, and how one is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Estimate
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    absence,
    base,
    find,
    interval,
    is_hidden,
    is_shown,
    latest_wave,
    no_number,
    ordered_keys,
    star,
)
from cxkit.wording import NO_BREAK, printed

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = [
    "INSET",
    "NOBODY",
    "REASONS",
    "TONES",
    "TOTAL",
    "Cells",
    "Column",
    "Plan",
    "draw_cell",
    "edges",
    "parted",
    "room_for",
    "written",
]

TOTAL = "total"
"""The column of all respondents, set apart at the end."""

NOBODY = "\u2013"
"""The sign of a cell in which nobody answered."""

REASONS = frozenset({"not_measured", "not_comparable", "unreliable"})
"""Why a cell may have no number although people answered: told in it, or in the key."""

TONES = 5
_ON_PALE, _ON_DEEP = "ink", "paper"
INSET = 1.5
"""What stays free around a cell."""

_FURTHEST = "furthest_stage"
"""The segment whose groups are the columns where the records tell of none."""


class Cells:
    """The records of a heat map by row and column, and how they are called.

    Parameters
    ----------
    estimates : iterable of Estimate
        Published scores of `level:*` by one segment, and of all respondents.
    words : Words
        The language of the names.
    rows, columns : sequence of str, optional
        Level keys, base first; group keys in their order. As the records come if not given.
    by : str, optional
        The segment whose groups are the columns: that of the records if not given.
    part : str, default "level"
        What stands in the rows: `level`, or a part of a framework beside the levels.
    """

    def __init__(
        self,
        estimates: Iterable[Estimate],
        words: Words,
        rows: Sequence[str] | None,
        columns: Sequence[str] | None,
        by: str | None,
        part: str = "level",
    ) -> None:
        own = [one for one in estimates if one.of.startswith(f"{part}:")]
        by = by or _segment_of(own)
        scores = [one for one in own if set(one.by) <= {by}]
        wave = latest_wave(scores)
        self.words, self.by, self.part = words, by, part
        self.records = [one for one in scores if one.wave == wave]
        self.rows = ordered_keys(self.records, part, rows)
        met = dict.fromkeys(one.by[by] for one in self.records if one.by)
        self.columns = list(met if columns is None else columns)
        self.has_total = any(not one.by for one in self.records)

    def at(self, row: str, column: str) -> Estimate | None:
        """The record of one cell."""
        group = {} if column == TOTAL else {self.by: column}
        found: Estimate | None = find(self.records, of=self.of(row), by=group)
        return found

    def of(self, row: str) -> str:
        """What is measured in a row, such as `level:trust`."""
        return f"{self.part}:{row}"

    def name(self, column: str, *, is_short: bool = False) -> str:
        """How a column is called."""
        if column == TOTAL:
            return self.words.ui("total")
        say = self.words.short if is_short else self.words.name
        return say(f"group:{self.by}={column}")

    def nobody(self) -> list[Estimate | None]:
        """The records of the cells in which nobody answered, None where there is none."""
        columns = [*self.columns, *([TOTAL] if self.has_total else [])]
        found = (self.at(row, key) for row in self.rows for key in columns)
        return [one for one in found if one is None or _is_nobody(one)]

    def is_measured(self, row: str) -> bool:
        """Whether a row was asked of anybody."""
        known = [one for one in self.records if one.of == self.of(row)]
        return any("not_measured" not in one.flags for one in known)

    def bases(self, column: str) -> str:
        """The base of a column: one number, or the smallest and the largest."""
        own = [one for row in self.rows if (one := self.at(row, column)) is not None]
        found = [one.n for one in own if "not_applicable" not in one.flags]
        known = [n for n in found if not math.isnan(n)]
        if found and not known:
            return ""
        if len(set(known)) < 2:
            return base(known[0] if known else 0, self.words)
        ends = {"low": self.words.count(min(known)), "high": self.words.count(max(known))}
        return self.words.ui("fig_n_range", **ends)


def _segment_of(scores: Iterable[Estimate]) -> str:
    """The segment by which levels were scored, the first if there are several."""
    return next((key for one in scores for key in one.by), _FURTHEST)


def _is_nobody(one: Estimate) -> bool:
    return not is_shown(one) and not is_hidden(one) and not REASONS & set(one.flags)


@dataclass(frozen=True)
class Column:
    """One column of the drawing: its key, and where its cells begin and end."""

    key: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        """The horizontal middle of its cells."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Plan:
    """What is drawn, how wide, and where the tones change."""

    cells: Cells
    width: float
    label: float
    edges: tuple[float, ...]
    lowest: Mapping[str, str]

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW

    @property
    def words(self) -> Words:
        """In which words it is told."""
        return self.cells.words

    def tone(self, one: Estimate) -> int:
        """The tone of a cell, 1 (pale, low) to 5, by the number that is printed in it."""
        value = float(printed(one.estimate, one.unit))
        return 1 + sum(value >= edge for edge in self.edges)


def edges(records: Iterable[Estimate]) -> tuple[float, ...]:
    """Where one tone gives way to the next: four round scores around the middle of those shown."""
    values = [one.estimate for one in records if is_shown(one)]
    low, high = min(values, default=0.0), max(values, default=100.0)
    step = 5 if high - low <= 30 else 10 if high - low <= 60 else 20
    first = step * round((low + high) / 2 / step - (TONES - 2) / 2)
    first = min(max(first, step), 100 - step * (TONES - 1))
    return tuple(first + step * k for k in range(TONES - 1))


def written(plan: Plan, row: str, column: Column) -> list[str]:
    """The lines of a cell: its number, and what there is room for below it."""
    one, room = plan.cells.at(row, column.key), column.right - column.left
    if one is not None and is_hidden(one):
        return [HIDDEN, *parted(base(one.n, plan.words), room - 4)]
    if not is_shown(one):
        return []
    assert one is not None
    value = plan.words.number(one.estimate, one.unit) + star(one)
    if _is_lowest(plan, row, column):
        marked = f"\u25bc {value}"
        fits = text_width(marked, TEXT, is_bold=True) <= room - 2
        value = marked if fits else f"\u25bc{value}"
    below = "" if plan.is_narrow else interval(one, plan.words)
    return [value, *parted(below, room)] if below else [value]


def room_for(lines: Iterable[Sequence[str]]) -> float:
    """The height of a row whose cells hold these lines."""
    return max([38.0, *(15 * len(one) + 12 for one in lines if one)])


def parted(text: str, room: float) -> list[str]:
    """A base or an interval in as few lines as its room allows: best before its last number."""
    head, _, last = text.rpartition(" ")
    for parts in ([text], [head.rpartition(" ")[0], f"{head.rpartition(' ')[2]} {last}"]):
        if all(text_width(part, QUIET) <= room for part in parts):
            return [part for part in parts if part]
    return wrap(text.replace(NO_BREAK, " "), room, QUIET, lines=3)


def _is_lowest(plan: Plan, row: str, column: Column) -> bool:
    one = plan.cells.at(row, column.key)
    return is_shown(one) and plan.lowest.get(column.key) == row


def draw_cell(
    drawing: Drawing,
    plan: Plan,
    row: str,
    column: Column,
    span: tuple[float, float],
    lines: Sequence[str],
) -> None:
    """One cell: its tone and its number, or why there is none."""
    one, name = plan.cells.at(row, column.key), f"{row}.{column.key}"
    box = (column.left, span[0], column.right, span[1])
    role = "soft"
    if is_shown(one):
        assert one is not None
        tone = plan.tone(one)
        role = _ON_PALE if tone <= TONES - 2 else _ON_DEEP
        drawing.bar(*box, f"s{tone}", name=f"cell.{name}")
    elif one is not None and is_hidden(one):
        _draw_hidden(drawing, box, lines, name)
    elif one is not None and REASONS & set(one.flags):
        _draw_reason(drawing, plan, one, box, name)
    else:
        lines = [NOBODY]
    first = (span[0] + span[1]) / 2 + 4.5 - 7.5 * (len(lines) - 1)
    for k, text in enumerate(lines):
        style: Style = {"role": role, "anchor": "middle", "bold": k == 0 and is_shown(one)}
        style |= {"size": TEXT if k == 0 else QUIET, "name": "" if k else f"score.{name}"}
        drawing.words(column.middle, first + 15 * k, text, **style)
    if _is_lowest(plan, row, column):
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        drawing.line(corners, "bad", weight=2.5, name=f"lowest.{column.key}")


def _draw_hidden(
    drawing: Drawing, box: tuple[float, float, float, float], written: Sequence[str], name: str
) -> None:
    """A hatched field with a plate for the words that stand on it."""
    left, top, right, bottom = box
    drawing.hatch(left, top, right, bottom, name=f"none.{name}")
    half = max(text_width(line, QUIET) for line in written) / 2 + 4
    middle, height = (left + right) / 2, 7.5 * len(written) + 2
    y = (top + bottom) / 2
    edges = (max(middle - half, left), min(middle + half, right))
    drawing.bar(edges[0], y - height, edges[1], y + height, "wash")


def _draw_reason(
    drawing: Drawing,
    plan: Plan,
    one: Estimate,
    box: tuple[float, float, float, float],
    name: str,
) -> None:
    """A hatched field with the words that say why, or without them where they do not fit."""
    room = box[2] - box[0] - 4
    reason = absence(one, plan.words)
    if all(text_width(word, QUIET, is_bold=True) <= room for word in reason.split(" ")):
        no_number(drawing, box, plan.words, one, name)
    else:
        drawing.hatch(*box, name=f"untold.{name}")
