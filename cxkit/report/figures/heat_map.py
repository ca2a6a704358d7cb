"""The heat map: the score of each level in each group, every cell with its number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
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
from cxkit.report.figures.steps import steps
from cxkit.wording import NO_BREAK, printed

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["TOTAL", "Cells", "heat_map"]

TOTAL = "total"
"""The column of all respondents, set apart at the end."""

NOBODY = "\u2013"
_REASONS = frozenset({"not_measured", "not_comparable", "unreliable"})
_TONES = 5
_ON_PALE, _ON_DEEP = "ink", "paper"
_MOST = {WIDE: 7, NARROW: 6}
"""How many groups stand beside each other before the figure goes on below."""

_APART, _INSET = 8.0, 1.5


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
    by : str
        The segment whose groups are the columns.
    """

    def __init__(
        self,
        estimates: Iterable[Estimate],
        words: Words,
        rows: Sequence[str] | None,
        columns: Sequence[str] | None,
        by: str,
    ) -> None:
        scores = [one for one in estimates if one.of.startswith("level:") and set(one.by) <= {by}]
        wave = latest_wave(scores)
        self.words, self.by = words, by
        self.records = [one for one in scores if one.wave == wave]
        self.rows = ordered_keys(self.records, "level", rows)
        met = dict.fromkeys(one.by[by] for one in self.records if one.by)
        self.columns = list(met if columns is None else columns)
        self.has_total = any(not one.by for one in self.records)

    def at(self, row: str, column: str) -> Estimate | None:
        """The record of one cell."""
        group = {} if column == TOTAL else {self.by: column}
        found: Estimate | None = find(self.records, of=f"level:{row}", by=group)
        return found

    def name(self, column: str, *, is_short: bool = False) -> str:
        """How a column is called."""
        if column == TOTAL:
            return self.words.ui("total")
        say = self.words.short if is_short else self.words.name
        return say(f"group:{self.by}={column}")

    def is_measured(self, row: str) -> bool:
        """Whether a row was asked of anybody."""
        known = [one for one in self.records if one.of == f"level:{row}"]
        return any("not_measured" not in one.flags for one in known)

    def bases(self, column: str) -> str:
        """The base of a column: one number, or the smallest and the largest."""
        found = [one.n for row in self.rows if (one := self.at(row, column)) is not None]
        known = [n for n in found if not math.isnan(n)]
        if found and not known:
            return ""
        if len(set(known)) < 2:
            return base(known[0] if known else 0, self.words)
        ends = {"low": self.words.count(min(known)), "high": self.words.count(max(known))}
        return self.words.ui("fig_n_range", **ends)


@dataclass(frozen=True)
class _Column:
    """One column of the drawing: its key, and where its cells begin and end."""

    key: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class _Plan:
    """What is drawn, how wide, and where the tones change."""

    cells: Cells
    width: float
    label: float
    edges: tuple[float, ...]
    lowest: Mapping[str, str]

    @property
    def is_narrow(self) -> bool:
        return self.width == NARROW

    @property
    def words(self) -> Words:
        return self.cells.words

    def tone(self, one: Estimate) -> int:
        """The tone of a cell, 1 (pale, low) to 5, by the number that is printed in it."""
        value = float(printed(one.estimate, one.unit))
        return 1 + sum(value >= edge for edge in self.edges)


def heat_map(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words,
    narrow: bool = False,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    by: str = "furthest_stage",
    lowest: Mapping[str, str] | None = None,
) -> Drawing:
    """The scores of the levels in each group, 0 to 100: a deeper cell is a higher score.

    Parameters
    ----------
    estimates : Estimates
        Published, metric `score_100` of `level:*`, each by `{by: group}`; those without a group
        are the column of all respondents at the end. The latest wave is drawn. A cell on a
        small base is hatched, one in which nobody answered holds a dash.
    comparisons : Comparisons, optional
        Not drawn; taken so that all figures are called alike.
    words : Words
        The language of the labels.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    rows : sequence of str, optional
        Level keys from the bottom of the figure to its top: base first.
    columns : sequence of str, optional
        Group keys from left to right: the stages in their order.
    by : str, default "furthest_stage"
        The segment whose groups are the columns: each group is other people.
    lowest : mapping of group to level, optional
        Where one level is clearly the lowest of its column: framed, with a sign.

    Returns
    -------
    Drawing
    """
    del comparisons
    cells = Cells(estimates, words, rows, columns, by)
    width = NARROW if narrow else WIDE
    drawing = Drawing(width)
    plan = _Plan(cells, width, _label_width(cells, width), _edges(cells.records), lowest or {})
    y, most = 0.0, _MOST[width]
    for first in range(0, max(len(cells.columns), 1), most):
        keys = cells.columns[first : first + most]
        is_last = first + most >= len(cells.columns)
        y = _draw_band(drawing, plan, _columns(plan, keys, with_total=is_last), y)
    return drawing.finish(_draw_legend(drawing, plan, y + 10) + 8)


def _label_width(cells: Cells, width: float) -> float:
    """The room that the names of the rows take at the left; none on a phone."""
    if width == NARROW:
        return 0.0
    widest = max((text_width(cells.words.name(f"level:{key}")) for key in cells.rows), default=0)
    return min(widest + 8, 160)


def _edges(records: Iterable[Estimate]) -> tuple[float, ...]:
    """Where one tone gives way to the next: four round scores around the middle of those shown."""
    values = [one.estimate for one in records if is_shown(one)]
    low, high = min(values, default=0.0), max(values, default=100.0)
    step = 5 if high - low <= 30 else 10 if high - low <= 60 else 20
    first = step * round((low + high) / 2 / step - (_TONES - 2) / 2)
    first = min(max(first, step), 100 - step * (_TONES - 1))
    return tuple(first + step * k for k in range(_TONES - 1))


def _columns(plan: _Plan, keys: Sequence[str], *, with_total: bool) -> list[_Column]:
    """Columns of one width from the labels to the right edge, all respondents apart."""
    has_total = with_total and plan.cells.has_total
    gap = _APART if has_total and keys else 0.0
    pitch = (plan.width - plan.label - gap) / max(len(keys) + has_total, 1)
    pitch = min(pitch, 130.0)
    placed = [
        _Column(key, plan.label + k * pitch + _INSET, plan.label + (k + 1) * pitch - _INSET)
        for k, key in enumerate(keys)
    ]
    if has_total:
        left = plan.label + len(keys) * pitch + gap
        placed.append(_Column(TOTAL, left + _INSET, left + pitch - _INSET))
    return placed


# -- a band of columns ----------------------------------------------------------------------


def _draw_band(drawing: Drawing, plan: _Plan, columns: Sequence[_Column], y: float) -> float:
    """The heads and cells of columns that stand beside each other; where they end."""
    y = _draw_segment(drawing, plan, columns, y + 12)
    y = (_draw_stairs if plan.is_narrow else _draw_heads)(drawing, plan, columns, y)
    y = _draw_bases(drawing, plan, columns, y) + 6
    for row in reversed(plan.cells.rows):
        y = _draw_row(drawing, plan, columns, row, y)
    return y + 12


def _draw_segment(drawing: Drawing, plan: _Plan, columns: Sequence[_Column], y: float) -> float:
    """What the columns are, above a line that spans them and not the total."""
    groups = [one for one in columns if one.key != TOTAL]
    if not groups:
        return y
    left, right = groups[0].left, groups[-1].right
    lines = wrap(plan.words.name(f"segment:{plan.cells.by}"), right - left, QUIET)
    style: Style = {"role": "soft", "size": QUIET, "name": "segment"}
    y = drawing.stack(left, y, lines, leading=15, **style) - 15
    drawing.line([(left, y + 7), (right, y + 7)], "soft", name="span")
    return y + 24


def _draw_heads(drawing: Drawing, plan: _Plan, columns: Sequence[_Column], y: float) -> float:
    """The names over their columns, all ending on one line; the next baseline."""
    room = columns[0].right - columns[0].left if columns else 0.0
    heads = [wrap(_head(plan, one.key, room), room, TEXT, lines=3) for one in columns]
    tallest = max((len(lines) for lines in heads), default=1)
    for one, lines in zip(columns, heads, strict=True):
        first = y + 16 * (tallest - len(lines))
        style: Style = {"anchor": "middle", "name": f"head.{one.key}"}
        drawing.stack(one.middle, first, lines, **style)
    return y + 16 * tallest


def _head(plan: _Plan, column: str, room: float) -> str:
    """The name of a column, or its short one where a word of it would have to be cut."""
    name = plan.cells.name(column)
    is_whole = all(text_width(word, TEXT) <= room for word in name.split(" "))
    return name if is_whole else plan.cells.name(column, is_short=True)


def _draw_stairs(drawing: Drawing, plan: _Plan, columns: Sequence[_Column], y: float) -> float:
    """The names as stairs, a line from each to its column; the next baseline."""
    names = [(one.left + 3, _head(plan, one.key, plan.width - one.left - 8)) for one in columns]
    return steps(drawing, y, names, below=-7, role="ink", name="head") + 4


def _draw_bases(drawing: Drawing, plan: _Plan, columns: Sequence[_Column], y: float) -> float:
    """The base of each column under its name; the lowest baseline."""
    lowest = y
    for one in columns:
        lines = _parted(plan.cells.bases(one.key), one.right - one.left + 2)
        style: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
        after = drawing.stack(one.middle, y, lines, leading=14, name=f"base.{one.key}", **style)
        lowest = max(lowest, after - 14)
    return lowest


def _draw_row(
    drawing: Drawing, plan: _Plan, columns: Sequence[_Column], row: str, y: float
) -> float:
    """One level across the columns; where the next one begins."""
    name = plan.words.name(f"level:{row}")
    inside = [_inside(plan, row, one) for one in columns]
    height = max([38.0, *(15 * len(lines) + 12 for lines in inside if lines)])
    if plan.is_narrow:
        lines = wrap(name, plan.width, TEXT)
        y = drawing.stack(2, y + 16, lines, name=f"label.{row}") - 9
    else:
        lines = wrap(name, plan.label - 8, TEXT, lines=3)
        height = max(height, 16 * len(lines) + 4)
        first = y + height / 2 + 4.5 - 8 * (len(lines) - 1)
        drawing.stack(0, first, lines, name=f"label.{row}")
    top, bottom = y + _INSET, y + height - _INSET
    if columns and not plan.cells.is_measured(row):
        no_number(drawing, (columns[0].left, top, columns[-1].right, bottom), plan.words, None, row)
    else:
        for one, written in zip(columns, inside, strict=True):
            _draw_cell(drawing, plan, row, one, (top, bottom), written)
    return y + height + (4 if plan.is_narrow else 0)


# -- a cell ---------------------------------------------------------------------------------


def _inside(plan: _Plan, row: str, column: _Column) -> list[str]:
    """The lines of a cell: its number, and what there is room for below it."""
    one, room = plan.cells.at(row, column.key), column.right - column.left
    if one is not None and is_hidden(one):
        return [HIDDEN, *_parted(base(one.n, plan.words), room - 4)]
    if not is_shown(one):
        return []
    assert one is not None
    value = plan.words.number(one.estimate, one.unit) + star(one)
    if _is_lowest(plan, row, column):
        marked = f"\u25bc {value}"
        fits = text_width(marked, TEXT, is_bold=True) <= room - 2
        value = marked if fits else f"\u25bc{value}"
    below = "" if plan.is_narrow else interval(one, plan.words)
    return [value, *_parted(below, room)] if below else [value]


def _parted(text: str, room: float) -> list[str]:
    """A base or an interval in as few lines as its room allows: best before its last number."""
    head, _, last = text.rpartition(" ")
    for parts in ([text], [head.rpartition(" ")[0], f"{head.rpartition(' ')[2]} {last}"]):
        if all(text_width(part, QUIET) <= room for part in parts):
            return [part for part in parts if part]
    return wrap(text.replace(NO_BREAK, " "), room, QUIET, lines=3)


def _is_lowest(plan: _Plan, row: str, column: _Column) -> bool:
    one = plan.cells.at(row, column.key)
    return is_shown(one) and plan.lowest.get(column.key) == row


def _draw_cell(
    drawing: Drawing,
    plan: _Plan,
    row: str,
    column: _Column,
    span: tuple[float, float],
    written: Sequence[str],
) -> None:
    one, name = plan.cells.at(row, column.key), f"{row}.{column.key}"
    box = (column.left, span[0], column.right, span[1])
    role = "soft"
    if is_shown(one):
        assert one is not None
        tone = plan.tone(one)
        role = _ON_PALE if tone <= _TONES - 2 else _ON_DEEP
        drawing.bar(*box, f"s{tone}", name=f"cell.{name}")
    elif one is not None and is_hidden(one):
        _draw_hidden(drawing, box, written, name)
    elif one is not None and _REASONS & set(one.flags):
        _draw_reason(drawing, plan, one, box, name)
    else:
        written = [NOBODY]
    first = (span[0] + span[1]) / 2 + 4.5 - 7.5 * (len(written) - 1)
    for k, text in enumerate(written):
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
    plan: _Plan,
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


# -- the key --------------------------------------------------------------------------------


def _draw_legend(drawing: Drawing, plan: _Plan, y: float) -> float:
    """The tones with the scores at which they change, and the signs that were used."""
    if any(is_shown(one) for one in plan.cells.records):
        y = _draw_ramp(drawing, plan, y) + 22
    entries = []
    if any(one.name.startswith("lowest.") for one in drawing.drawn):
        entries.append(("", f"\u25bc {plan.words.ui('fig_lowest')}"))
    if any(one.text == NOBODY for one in drawing.drawn):
        entries.append(("", f"{NOBODY} {plan.words.ui('fig_no_answers')}"))
    if any(one.name.startswith("untold.") for one in drawing.drawn):
        blank = [one for one in plan.cells.records if _REASONS & set(one.flags)]
        reasons = dict.fromkeys(absence(one, plan.words) for one in blank)
        entries.append(("hatch", ", ".join(reasons)))
    return drawing.legend_of(entries, 0, y, plan.width) if entries else y - 22


def _draw_ramp(drawing: Drawing, plan: _Plan, y: float) -> float:
    words, size = plan.words, 34.0
    style: Style = {"role": "soft", "size": QUIET}
    title = words.ui("fig_score_100")
    drawing.words(0, y, title, name="legend.title", **style)
    x = text_width(title, QUIET) + 10
    for k in range(_TONES):
        left = x + k * size
        drawing.bar(left, y - 10, left + size, y + 2, f"s{k + 1}", name=f"legend.s{k + 1}")
    for k, edge in enumerate(plan.edges, 1):
        at = x + k * size
        drawing.words(at, y + 16, words.count(edge), anchor="middle", **style)
    return math.ceil(y + 16)
