"""Steps: names that stand one below the other, each at the line that leads down to what it names.

Where marks stand closer than their names are wide, the names neither turn nor shrink: they go
down like stairs, from left to right, so that no name crosses the line of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.report.figures.drawing import QUIET, Drawing
from cxkit.report.figures.lettering import text_width, wrap

__all__ = ["steps"]

_GAP, _LEADING, _LEAST, _LINES = 5.0, 15.0, 90.0, 3


@dataclass(frozen=True)
class _Step:
    """One name: its lines of words, their side of the line, and their first baseline."""

    x: float
    y: float
    lines: list[str]
    is_right: bool

    @property
    def width(self) -> float:
        return max(text_width(line, QUIET) for line in self.lines)

    @property
    def left(self) -> float:
        return self.x + _GAP if self.is_right else self.x - _GAP - self.width


def steps(
    drawing: Drawing,
    y: float,
    names: Sequence[tuple[float, str]],
    *,
    below: float,
    role: str,
    name: str,
    dashed: bool = False,
) -> float:
    """Write names from baseline `y` down, each at its line; the next baseline.

    A name stands right of its line, or left of it where the paper ends; it keeps to the row of
    the name before it while there is room. The lines end `below` the last baseline.

    Parameters
    ----------
    names : sequence of (x, text)
        From left to right.
    """
    placed: list[_Step] = []
    bottom, end = y, 0.0
    for x, text in names:
        step = _placed(drawing.width, x, y, text)
        if placed and step.left < end + 2 * _GAP:
            y = bottom
            step = _placed(drawing.width, x, y, text)
        placed.append(step)
        bottom = max(bottom, y + _LEADING * len(step.lines))
        end = max(x, step.left + step.width)
    for index, step in enumerate(placed):
        ends = [(step.x, step.y - 10), (step.x, bottom + below)]
        drawing.line(ends, "soft", dashed=dashed, name=f"{name}.{index}")
    for index, step in enumerate(placed):
        drawing.stack(
            step.left if step.is_right else step.x - _GAP,
            step.y,
            step.lines,
            leading=_LEADING,
            role=role,
            size=QUIET,
            anchor="start" if step.is_right else "end",
            halo="paper",
            name=f"{name}.words.{index}",
        )
    return bottom


def _placed(width: float, x: float, y: float, text: str) -> _Step:
    """A name right of its line if it is whole there, else on the wider side."""
    right, left = width - x - _GAP, x - _GAP
    whole = len(wrap(text, right, QUIET, lines=99)) <= _LINES
    is_right = right >= left or (whole and right >= min(_LEAST, text_width(text, QUIET)))
    return _Step(x, y, wrap(text, right if is_right else left, QUIET, lines=_LINES), is_right)
