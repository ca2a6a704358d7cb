"""How one line of a trend is drawn: where its waves stand, its band, its breaks and its gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Estimate
from cxkit.report.figures.drawing import NARROW, Drawing
from cxkit.report.figures.lines import Line
from cxkit.report.figures.parts import HIDDEN, Scale, is_hidden, is_shown, no_number

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["NOTHING", "SMALL", "Box", "Plan", "draw_line", "ranges"]

NOTHING = "\u2013"
"""The sign of a wave without a number that was not hidden."""

SMALL = 44.0
"""The height of a small line."""

_SHADE = 0.22

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Plan:
    """Where the waves stand from left to right, and in which words they are told."""

    words: Words
    waves: tuple[str, ...]
    ci: str
    width: float
    left: float
    right: float
    first: float
    last: float
    height: float
    now: float
    """Where the last number of a small line ends, so that its change stands beside it."""

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW

    @property
    def pitch(self) -> float:
        """The distance of two neighbouring waves."""
        return (self.last - self.first) / max(len(self.waves) - 1, 1)

    def at(self, wave: float) -> float:
        """Where a wave stands, by its position; between two of them for a part."""
        if len(self.waves) == 1:
            return (self.first + self.last) / 2
        return self.first + wave * self.pitch


def draw_line(
    drawing: Drawing, plan: Plan, line: Line, at: Scale, top: float, bottom: float
) -> None:
    """Bands, steps, ranges and dots of one line; hatching where there is no number."""
    is_small = bottom - top <= SMALL
    for k, one in enumerate(line.points):
        if not is_shown(one):
            _draw_gap(drawing, plan, one, k, (top, bottom), line.key)
    for k in line.breaks:
        _draw_break(drawing, plan, line, at, k, (top + bottom) / 2)
    for run in line.runs:
        _draw_band(drawing, plan, line, at, run)
        _draw_steps(drawing, plan, line, at, run)
    for k in line.shown:
        is_last = k == len(line.points) - 1
        tone = line.tone if is_last else "data"
        one, x, wave = line.points[k], plan.at(k), plan.waves[k]
        assert one is not None
        if not math.isnan(one.ci_low) and (not is_small or [k] in line.runs):
            span = [(x, at(one.ci_low)), (x, at(one.ci_high))]
            drawing.line(span, tone, weight=1.5, name=f"range.{line.key}.{wave}")
        if not is_small or is_last or [k] in line.runs:
            radius = 3.4 if is_small else 4.6
            name = f"dot.{line.key}.{wave}"
            drawing.dot(x, at(one.estimate), tone, name=name, radius=radius)


def _draw_steps(drawing: Drawing, plan: Plan, line: Line, at: Scale, run: Sequence[int]) -> None:
    """The line through neighbouring waves; its step to the last of all in the verdict's role."""
    points = [(plan.at(k), at(line.value(k))) for k in run]
    is_told = run[-1] == len(line.points) - 1 and line.tone != "data"
    if len(points) > 1 + is_told:
        before = points[:-1] if is_told else points
        drawing.line(before, "data", weight=2, name=f"line.{line.key}.{plan.waves[run[0]]}")
    if is_told and len(points) > 1:
        drawing.line(points[-2:], line.tone, weight=2, name=f"last.{line.key}")


def _draw_band(drawing: Drawing, plan: Plan, line: Line, at: Scale, run: Sequence[int]) -> None:
    """The ranges of neighbouring waves as one pale band."""
    known = [
        (plan.at(k), one)
        for k in run
        if (one := line.points[k]) is not None and not math.isnan(one.ci_low)
    ]
    if len(known) < 2:
        return
    upper = [(x, at(one.ci_high)) for x, one in known]
    lower = [(x, at(one.ci_low)) for x, one in reversed(known)]
    name = f"band.{line.key}.{plan.waves[run[0]]}"
    drawing.area([*upper, *lower], "data", alpha=_SHADE, name=name)


def _draw_break(drawing: Drawing, plan: Plan, line: Line, at: Scale, k: int, middle: float) -> None:
    """Two strokes where a line is broken, as high as it would have run."""
    x = plan.at(k - 0.5)
    sides = [line.value(k - 1), line.value(k)]
    y = middle if any(math.isnan(side) for side in sides) else at(sum(sides) / 2)
    name = f"break.{line.key}.{plan.waves[k]}"
    for shift, called in ((-3, name), (3, "")):
        ends = [(x + shift - 2.5, y + 7), (x + shift + 2.5, y - 7)]
        drawing.line(ends, "soft", weight=1.5, name=called)


def _draw_gap(
    drawing: Drawing,
    plan: Plan,
    one: Estimate | None,
    k: int,
    span: tuple[float, float],
    key: str,
) -> None:
    """A wave without a number: hatched, with the sign or the words that say why."""
    x, name = plan.at(k), f"{key}.{plan.waves[k]}"
    is_told, half = one is None or not is_hidden(one), _gap_half(plan, k, one)
    box = (x - half, span[0], x + half, span[1])
    if is_told and half >= 36 and span[1] - span[0] > SMALL:
        no_number(drawing, box, plan.words, one, name)
        return
    drawing.hatch(*box, name=f"none.{name}")
    text = NOTHING if is_told else HIDDEN
    y = (span[0] + span[1]) / 2
    drawing.bar(x - 7, y - 9, x + 7, y + 9, "wash")
    drawing.words(x, y + 5, text, role="soft", anchor="middle", name=f"value.{name}")


def ranges(plan: Plan, line: Line, at: Scale) -> list[Box]:
    """The boxes that the ranges of a line take, or the fields of waves without a number."""
    boxes = []
    for k, one in enumerate(line.points):
        x, half, ends = plan.at(k), _gap_half(plan, k, one), (at.end, at.start)
        if is_shown(one):
            low, high = line.range(k)
            half, ends = 6.0, (at(high) - 3, at(low) + 3)
        boxes.append((x - half, ends[0], x + half, ends[1]))
    return boxes


def _gap_half(plan: Plan, k: int, one: Estimate | None) -> float:
    """Half the width of the field of a wave without a number."""
    x = plan.at(k)
    room = min(plan.pitch - 10, 2 * (x - plan.left), 2 * (plan.right - x))
    return max(min(room / 2, 20 if one is not None and is_hidden(one) else 50), 9)
