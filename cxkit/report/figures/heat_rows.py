"""The heat map of many groups: groups down and levels across, so that a row is a group."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cxkit.report.figures.cells import INSET, TOTAL, Column, Plan, draw_cell, room_for, written
from cxkit.report.figures.drawing import QUIET, TEXT, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import no_number
from cxkit.report.figures.steps import steps

__all__ = ["draw_rows"]

_NAMES = 200.0
"""The room that the names of the groups take at the left of a wide drawing, at most."""

_PITCH = 150.0
_APART = 6.0


def draw_rows(drawing: Drawing, plan: Plan, most: int) -> float:
    """All groups below each other, `most` levels beside each other; where they end.

    More levels go on below, with the groups again.
    """
    y, levels = 0.0, plan.cells.rows
    most = most if plan.is_narrow else max(most, 10)
    for first in range(0, len(levels), most):
        y = _draw_levels(drawing, plan, levels[first : first + most], y) + 12
    return y


def _draw_levels(drawing: Drawing, plan: Plan, levels: Sequence[str], y: float) -> float:
    """The groups under the names of some levels; where they end."""
    places = _places(plan, levels)
    y = _draw_heads(drawing, plan, places, y + 12) + 4
    keys = list(plan.cells.columns)
    if plan.cells.has_total:
        keys.append(TOTAL)
    tops = [y]
    for key in keys:
        y += _APART if key == TOTAL and len(keys) > 1 else 0.0
        tops.append(y := _draw_group(drawing, plan, places, key, y))
    for level, (left, right) in places.items():
        if not plan.cells.is_measured(level):
            box = (left, tops[0] + INSET, right, tops[-1] - INSET)
            _draw_unmeasured(drawing, plan, level, box)
    return y


def _places(plan: Plan, levels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Where the cells of each level begin and end, base first."""
    start = 0.0 if plan.is_narrow else _names_width(plan)
    pitch = min((plan.width - start) / max(len(levels), 1), _PITCH)
    lefts = [start + k * pitch for k in range(len(levels) + 1)]
    return {
        level: (left + INSET, right - INSET)
        for level, (left, right) in zip(levels, pairwise(lefts), strict=True)
    }


def _names_width(plan: Plan) -> float:
    cells = plan.cells
    names = [cells.name(key) for key in cells.columns] + [cells.bases(key) for key in cells.columns]
    return min(max((text_width(name) for name in names), default=0.0) + 12, _NAMES)


def _draw_heads(
    drawing: Drawing, plan: Plan, places: dict[str, tuple[float, float]], y: float
) -> float:
    """The segment over the names of the groups, the levels over their columns; where rows begin."""
    words = plan.words
    segment = words.name(f"segment:{plan.cells.by}")
    quiet: Style = {"role": "soft", "size": QUIET, "name": "segment"}
    if plan.is_narrow:
        y = drawing.stack(0, y, wrap(segment, plan.width, QUIET), leading=15, **quiet) + 3
        names = [
            (left + 3, words.name(plan.cells.of(level))) for level, (left, _) in places.items()
        ]
        return steps(drawing, y, names, below=-7, role="ink", name="head") - 6
    rooms = {level: right - left for level, (left, right) in places.items()}
    heads = {
        level: wrap(_head(plan, level, room), room, TEXT, lines=3) for level, room in rooms.items()
    }
    said = wrap(segment, min(left for left, _ in places.values()) - 10, QUIET, lines=3)
    tallest = max(map(len, (*heads.values(), said)))
    drawing.stack(0, y + 16 * (tallest - len(said)), said, leading=16, **quiet)
    for level, lines in heads.items():
        left, right = places[level]
        style: Style = {"anchor": "middle", "name": f"head.{level}"}
        drawing.stack((left + right) / 2, y + 16 * (tallest - len(lines)), lines, **style)
    return y + 16 * (tallest - 1) + 6


def _head(plan: Plan, level: str, room: float) -> str:
    """The name of a level, or its short one where a word of it would have to be cut."""
    name = plan.words.name(plan.cells.of(level))
    is_whole = all(text_width(word, TEXT) <= room for word in name.split(" "))
    return name if is_whole else plan.words.short(plan.cells.of(level))


def _draw_group(
    drawing: Drawing, plan: Plan, places: dict[str, tuple[float, float]], key: str, y: float
) -> float:
    """One group: its name and base, and a cell a level; where the next one begins."""
    cells = plan.cells
    name, bases = cells.name(key), cells.bases(key)
    columns = {level: Column(key, *ends) for level, ends in places.items()}
    inside = {level: written(plan, level, one) for level, one in columns.items()}
    height = room_for(inside.values())
    quiet: Style = {"role": "soft", "size": QUIET, "name": f"base.{key}"}
    if plan.is_narrow:
        lines = wrap(name, plan.width - text_width(bases, QUIET) - 14, TEXT)
        drawing.words(plan.width, y + 17, bases, anchor="end", **quiet)
        y = drawing.stack(2, y + 17, lines, name=f"label.{key}") - 9
    else:
        room = min(left for left, _ in places.values()) - 10
        lines = wrap(name, room, TEXT, lines=2)
        told = wrap(bases, room, QUIET, lines=2) if bases else []
        height = max(height, 15 * (len(lines) + len(told)) + 8)
        first = y + height / 2 + 4.5 - 7.5 * (len(lines) + len(told) - 1)
        below = drawing.stack(0, first, lines, leading=15, name=f"label.{key}")
        drawing.stack(0, below, told, leading=15, **quiet)
    span = (y + INSET, y + height - INSET)
    for level, one in columns.items():
        if cells.is_measured(level):
            draw_cell(drawing, plan, level, one, span, inside[level])
    return y + height


def _draw_unmeasured(
    drawing: Drawing, plan: Plan, level: str, box: tuple[float, float, float, float]
) -> None:
    """A column of which nobody was asked: one hatched field for all groups."""
    reason = plan.words.ui("fig_not_measured")
    room = box[2] - box[0] - 4
    if all(text_width(word, QUIET, is_bold=True) <= room for word in reason.split(" ")):
        no_number(drawing, box, plan.words, None, level)
    else:
        drawing.hatch(*box, name=f"untold.{level}")
