"""The heat map: the score of each level in each group, every cell with its number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.cells import (
    INSET,
    NOBODY,
    REASONS,
    TONES,
    TOTAL,
    Cells,
    Column,
    Plan,
    draw_cell,
    edges,
    parted,
    room_for,
    written,
)
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.heat_rows import draw_rows
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import absence, is_shown, no_number
from cxkit.report.figures.steps import steps

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["heat_map"]

_MOST = {WIDE: 7, NARROW: 6}
"""How many groups stand beside each other before the figure goes on below."""

_BANDS = 2
"""How often it goes on below: more groups than that stand in rows, with the levels across."""

_APART = 8.0


@of_records
def heat_map(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    by: str | None = None,
    lowest: Mapping[str, str] | None = None,
    part: str = "level",
) -> Drawing:
    """The scores of the levels in each group, 0 to 100: a deeper cell is a higher score.

    Levels stand in rows, groups in columns; where there are too many groups to stand beside each
    other, groups stand in rows and levels in columns.

    Parameters
    ----------
    estimates : Estimates
        Published, metric `score_100` of `level:*`, each by `{by: group}`; those without a group
        are the column of all respondents at the end. The latest wave is drawn. A cell on a
        small base is hatched, one in which nobody answered holds a dash.
    comparisons : Comparisons, optional
        Not drawn; taken so that all figures are called alike.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    rows : sequence of str, optional
        Level keys from the bottom of the figure to its top: base first.
    columns : sequence of str, optional
        Group keys from left to right: the stages in their order.
    by : str, optional
        The segment whose groups are the columns, each of other people: that of the records if
        not given.
    lowest : mapping of group to level, optional
        Where one level is clearly the lowest of its column: framed, with a sign.
    part : str, default "level"
        What stands in the rows: `level`, or a part of a framework beside the levels.

    Returns
    -------
    Drawing
    """
    del comparisons
    cells = Cells(estimates, words, rows, columns, by, part)
    width = NARROW if narrow else WIDE
    drawing = Drawing(width)
    plan = Plan(cells, width, _label_width(cells, width), edges(cells.records), lowest or {})
    y, most = 0.0, _MOST[width]
    if len(cells.columns) > _BANDS * most:
        y = draw_rows(drawing, plan, most)
        return drawing.finish(_draw_legend(drawing, plan, y + 10, lowest="fig_lowest_row") + 8)
    for first in range(0, max(len(cells.columns), 1), most):
        keys = cells.columns[first : first + most]
        is_last = first + most >= len(cells.columns)
        y = _draw_band(drawing, plan, _columns(plan, keys, with_total=is_last), y)
    return drawing.finish(_draw_legend(drawing, plan, y + 10) + 8)


def _label_width(cells: Cells, width: float) -> float:
    """The room that the names of the rows take at the left; none on a phone."""
    if width == NARROW:
        return 0.0
    widest = max((text_width(cells.words.name(cells.of(key))) for key in cells.rows), default=0)
    return min(widest + 8, 160)


def _columns(plan: Plan, keys: Sequence[str], *, with_total: bool) -> list[Column]:
    """Columns of one width from the labels to the right edge, all respondents apart."""
    has_total = with_total and plan.cells.has_total
    gap = _APART if has_total and keys else 0.0
    pitch = (plan.width - plan.label - gap) / max(len(keys) + has_total, 1)
    pitch = min(pitch, 130.0)
    placed = [
        Column(key, plan.label + k * pitch + INSET, plan.label + (k + 1) * pitch - INSET)
        for k, key in enumerate(keys)
    ]
    if has_total:
        left = plan.label + len(keys) * pitch + gap
        placed.append(Column(TOTAL, left + INSET, left + pitch - INSET))
    return placed


# -- a band of columns ----------------------------------------------------------------------


def _draw_band(drawing: Drawing, plan: Plan, columns: Sequence[Column], y: float) -> float:
    """The heads and cells of columns that stand beside each other; where they end."""
    y = _draw_segment(drawing, plan, columns, y + 12)
    y = (_draw_stairs if plan.is_narrow else _draw_heads)(drawing, plan, columns, y)
    y = _draw_bases(drawing, plan, columns, y) + 6
    for row in reversed(plan.cells.rows):
        y = _draw_row(drawing, plan, columns, row, y)
    return y + 12


def _draw_segment(drawing: Drawing, plan: Plan, columns: Sequence[Column], y: float) -> float:
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


def _draw_heads(drawing: Drawing, plan: Plan, columns: Sequence[Column], y: float) -> float:
    """The names over their columns, all ending on one line; the next baseline."""
    room = columns[0].right - columns[0].left if columns else 0.0
    heads = [wrap(_head(plan, one.key, room), room, TEXT, lines=3) for one in columns]
    tallest = max((len(lines) for lines in heads), default=1)
    for one, lines in zip(columns, heads, strict=True):
        first = y + 16 * (tallest - len(lines))
        style: Style = {"anchor": "middle", "name": f"head.{one.key}"}
        drawing.stack(one.middle, first, lines, **style)
    return y + 16 * tallest


def _head(plan: Plan, column: str, room: float) -> str:
    """The name of a column, or its short one where a word of it would have to be cut."""
    name = plan.cells.name(column)
    is_whole = all(text_width(word, TEXT) <= room for word in name.split(" "))
    return name if is_whole else plan.cells.name(column, is_short=True)


def _draw_stairs(drawing: Drawing, plan: Plan, columns: Sequence[Column], y: float) -> float:
    """The names as stairs, a line from each to its column; the next baseline."""
    names = [(one.left + 3, _head(plan, one.key, plan.width - one.left - 8)) for one in columns]
    return steps(drawing, y, names, below=-7, role="ink", name="head") + 4


def _draw_bases(drawing: Drawing, plan: Plan, columns: Sequence[Column], y: float) -> float:
    """The base of each column under its name; the lowest baseline."""
    lowest = y
    for one in columns:
        lines = parted(plan.cells.bases(one.key), one.right - one.left + 2)
        style: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
        after = drawing.stack(one.middle, y, lines, leading=14, name=f"base.{one.key}", **style)
        lowest = max(lowest, after - 14)
    return lowest


def _draw_row(drawing: Drawing, plan: Plan, columns: Sequence[Column], row: str, y: float) -> float:
    """One level across the columns; where the next one begins."""
    name = plan.words.name(plan.cells.of(row))
    inside = [written(plan, row, one) for one in columns]
    height = room_for(inside)
    if plan.is_narrow:
        lines = wrap(name, plan.width - 4, TEXT)
        y = drawing.stack(2, y + 16, lines, name=f"label.{row}") - 9
    else:
        lines = wrap(name, plan.label - 8, TEXT, lines=3)
        height = max(height, 16 * len(lines) + 4)
        first = y + height / 2 + 4.5 - 8 * (len(lines) - 1)
        drawing.stack(0, first, lines, name=f"label.{row}")
    top, bottom = y + INSET, y + height - INSET
    if columns and not plan.cells.is_measured(row):
        no_number(drawing, (columns[0].left, top, columns[-1].right, bottom), plan.words, None, row)
    else:
        for one, lines in zip(columns, inside, strict=True):
            draw_cell(drawing, plan, row, one, (top, bottom), lines)
    return y + height + (4 if plan.is_narrow else 0)


# -- the key --------------------------------------------------------------------------------


def _draw_legend(drawing: Drawing, plan: Plan, y: float, *, lowest: str = "fig_lowest") -> float:
    """The tones with the scores at which they change, and the signs that were used."""
    if any(is_shown(one) for one in plan.cells.records):
        y = _draw_ramp(drawing, plan, y) + 22
    entries = []
    if any(one.name.startswith("lowest.") for one in drawing.drawn):
        entries.append(("", f"\u25bc {plan.words.ui(lowest)}"))
    if any(one.text == NOBODY for one in drawing.drawn):
        entries.append(("", f"{NOBODY} {', '.join(_why_nobody(plan))}"))
    if any(one.name.startswith("untold.") for one in drawing.drawn):
        blank = [one for one in plan.cells.records if REASONS & set(one.flags)]
        reasons = dict.fromkeys(absence(one, plan.words) for one in blank)
        entries.append(("hatch", ", ".join(reasons)))
    return drawing.legend_of(entries, 0, y, plan.width) if entries else y - 22


def _why_nobody(plan: Plan) -> list[str]:
    """Why there are cells without anybody: nobody answered, or they apply to nobody."""
    told = (
        plan.words.ui("fig_no_answers") if one is None else absence(one, plan.words)
        for one in plan.cells.nobody()
    )
    return list(dict.fromkeys(told))


def _draw_ramp(drawing: Drawing, plan: Plan, y: float) -> float:
    words, size = plan.words, 34.0
    style: Style = {"role": "soft", "size": QUIET}
    title = words.ui("fig_score_100")
    drawing.words(0, y, title, name="legend.title", **style)
    x = text_width(title, QUIET) + 10
    for k in range(TONES):
        left = x + k * size
        drawing.bar(left, y - 10, left + size, y + 2, f"s{k + 1}", name=f"legend.s{k + 1}")
    for k, edge in enumerate(plan.edges, 1):
        at = x + k * size
        drawing.words(at, y + 16, words.count(edge), anchor="middle", **style)
    return math.ceil(y + 16)
