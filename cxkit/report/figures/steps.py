"""Steps: names that stand one below the other, each at the line that leads down to what it names.

Where marks stand closer than their names are wide, the names neither turn nor shrink: they go
down like stairs, from left to right, so that no name crosses the line of another.
"""

from __future__ import annotations

from collections.abc import Iterable

from cxkit.report.figures.drawing import QUIET, Drawing
from cxkit.report.figures.lettering import text_width, wrap

__all__ = ["steps"]

_GAP, _LEADING, _LEAST = 5.0, 15.0, 90.0


def steps(
    drawing: Drawing, y: float, names: Iterable[tuple[float, str]], *, role: str, name: str
) -> tuple[list[tuple[float, float]], float]:
    """Write the names from baseline `y` down; where each line begins, and the next baseline.

    A name stands right of its line, or left of it where the paper ends; it keeps to the row of
    the name before it while there is room. `names` are (x, text), from left to right.
    """
    starts: list[tuple[float, float]] = []
    bottom, end = y, 0.0
    for index, (x, text) in enumerate(names):
        needs = text_width(text, QUIET)
        right = drawing.width - x - _GAP
        is_right = right >= min(needs, _LEAST) or right > x
        lines = wrap(text, (right if is_right else x - _GAP), QUIET)
        width = max(text_width(line, QUIET) for line in lines)
        left = x + _GAP if is_right else x - _GAP - width
        if index and left < end + 2 * _GAP:
            y = bottom
        where = x + _GAP if is_right else x - _GAP
        drawing.stack(
            where,
            y,
            lines,
            leading=_LEADING,
            role=role,
            size=QUIET,
            anchor="start" if is_right else "end",
            halo="paper",
            name=f"{name}.{index}",
        )
        starts.append((x, y - 10))
        bottom = max(bottom, y + _LEADING * len(lines))
        end = max(x, left + width)
    return starts, bottom
