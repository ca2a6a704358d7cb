"""The tornado: how far a sum moves with each input at its ends, the largest swing on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import Scale, find, is_shown, nice_ticks, no_number

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["tornado"]

_BAR = 9.0
"""Half the height of a bar."""

_GAP = 5.0
"""Between the end of a bar and the words beside it."""


@dataclass(frozen=True)
class _Plan:
    """Where the columns stand."""

    width: float
    label: float
    left: float
    right: float
    pitch: float
    bar: float


@of_records
def tornado(
    estimates: Iterable[Estimate] = (),
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    name: str = "worth:loss",
) -> Drawing:
    """A sum with one input at a time at its ends, in the order given.

    Parameters
    ----------
    estimates : Estimates
        Published: `swing` of each input, with the sum at the input's low end (`ci_low`) and at its
        high end (`ci_high`); `input` of the same inputs, whose ends stand beside the bars.
    comparisons : Comparisons, optional
        Not drawn; taken so that all figures are called alike.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    name : str, default "worth:loss"
        Which sum it is: the sentence that stands for the drawing says so.

    Returns
    -------
    Drawing
    """
    del comparisons, name
    records = list(estimates)
    rows = [one for one in records if one.metric == "swing"]
    shown = [one for one in rows if is_shown(one)]
    ends = {one.of: _ends(find(records, metric="input", of=one.of), words) for one in rows}
    plan = _plan(narrow, rows, ends, words)
    ticks = _span(shown, 3 if narrow else 5)
    at = Scale(ticks[0], ticks[-1], plan.left, plan.right)
    drawing = Drawing(plan.width)
    top = _draw_head(drawing, plan, shown, words)
    bottom = top + plan.pitch * len(rows)
    for value in ticks:
        drawing.line([(at(value), top), (at(value), bottom)], name=f"grid.{value:g}")
    if shown:
        middle = at(shown[0].estimate)
        drawing.line([(middle, top - 4), (middle, bottom)], "soft", name="middle")
    for index, one in enumerate(rows):
        place = (top + index * plan.pitch, str(index))
        _draw_row(drawing, plan, at, one, ends[one.of], place, words)
    return drawing.finish(_draw_ticks(drawing, at, ticks, bottom, words))


def _span(shown: Sequence[Estimate], about: int) -> list[float]:
    """Ticks that hold all sums, however near to each other they lie."""
    values = [value for one in shown for value in (one.ci_low, one.ci_high, one.estimate)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        room = max(abs(low), 1.0) / 10
        low, high = low - room, high + room
    return nice_ticks(low, high, about)


def _ends(one: Estimate | None, words: Words) -> tuple[str, str]:
    """The low and the high end of an input in words."""
    if one is None:
        return "", ""
    low, high = (words.number(end, one.unit) for end in (one.ci_low, one.ci_high))
    return low.replace(" ", "\u00a0"), high.replace(" ", "\u00a0")


def _plan(
    narrow: bool, rows: Sequence[Estimate], ends: dict[str, tuple[str, str]], words: Words
) -> _Plan:
    beside = max((text_width(end, QUIET) for pair in ends.values() for end in pair), default=0.0)
    beside = min(beside, 84 if narrow else 110) + _GAP + 3
    if narrow:
        return _Plan(NARROW, NARROW - 8, beside, NARROW - beside, 58, 40)
    widest = max((text_width(words.name(one.of), TEXT, is_bold=True) for one in rows), default=0)
    label = min(max(widest + 8, 120), 250)
    return _Plan(WIDE, label, label + beside + 8, WIDE - beside, 42, 21)


def _draw_head(drawing: Drawing, plan: _Plan, rows: Sequence[Estimate], words: Words) -> float:
    """What the colours say, and the middle; where rows begin."""
    middle = words.number(rows[0].estimate, rows[0].unit) if rows else ""
    entries = [("l2", words.ui("fig_low_input")), ("good", words.ui("fig_high_input"))]
    entries += [("", words.ui("fig_middle", value=middle))] if rows else []
    return drawing.legend_of(entries, 0, 12, plan.width) + 20


def _draw_row(
    drawing: Drawing,
    plan: _Plan,
    at: Scale,
    one: Estimate,
    ends: tuple[str, str],
    place: tuple[float, str],
    words: Words,
) -> None:
    y, name = place
    lines = wrap(
        words.name(one.of), plan.label, TEXT, is_bold=True, lines=1 if plan.width == NARROW else 2
    )
    first = y + 18 if plan.width == NARROW else y + plan.bar + 4.5 - 8 * (len(lines) - 1)
    drawing.stack(0, first, lines, bold=True, halo="paper", name=f"label.{name}")
    middle = y + plan.bar
    if not is_shown(one):
        no_number(drawing, (plan.left, middle - _BAR, plan.right, middle + _BAR), words, one, name)
        return
    for value, role, end, said in (
        (one.ci_low, "l2", "low", ends[0]),
        (one.ci_high, "good", "high", ends[1]),
    ):
        left, right = sorted((at(one.estimate), at(value)))
        drawing.bar(left, middle - _BAR, right, middle + _BAR, role, name=f"{end}.{name}")
        is_left = value < one.estimate or (value == one.estimate and end == "low")
        quiet: Style = {"role": "soft", "size": QUIET, "halo": "paper"}
        anchor = "end" if is_left else "start"
        x = left - _GAP if is_left else right + _GAP
        drawing.words(x, middle + 4, said, anchor=anchor, name=f"end.{end}.{name}", **quiet)
    at_middle = at(one.estimate)
    tick = [(at_middle, middle - _BAR - 2), (at_middle, middle + _BAR + 2)]
    drawing.line(tick, "ink", weight=1.5, name=f"tick.{name}")


def _draw_ticks(
    drawing: Drawing, at: Scale, ticks: Sequence[float], bottom: float, words: Words
) -> float:
    """The values under the rows, as many as have room; the height of the drawing."""
    last = -1e9
    for value in ticks:
        text = words.number(value, "money")
        half = text_width(text, QUIET) / 2
        x = min(max(at(value), half), drawing.width - half)
        if x - half < last + 6:
            continue
        style: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
        drawing.words(x, bottom + 16, text, name=f"tick.{value:g}", **style)
        last = x + half
    return bottom + 24
