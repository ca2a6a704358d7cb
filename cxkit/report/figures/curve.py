"""The specification curve: one finding in every way of analysing the data, and what was chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.analysis.conventions import choices_of
from cxkit.records import Comparison, Estimate, Fit
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import NARROW, QUIET, WIDE, Drawing
from cxkit.report.figures.lettering import wrap
from cxkit.report.figures.parts import level_of, nice_ticks

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["curve", "in_order"]


@dataclass(frozen=True)
class _Plan:
    """Where the parts stand: labels end at `left`, ways lie between it and `right`."""

    width: float
    left: float
    right: float
    height: float
    ticks: int


_PLANS = {
    False: _Plan(WIDE, 190, WIDE - 10, 190, 5),
    True: _Plan(NARROW, 136, NARROW - 6, 170, 4),
}
_TOP = 26.0
_ROW = 18.0
_WIDEST = 90.0
"""No way takes more room than this, however few there are."""


@of_records
def curve(
    estimates: Iterable[Estimate] = (),
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    fits: Sequence[Fit] = (),
    choices: Sequence[tuple[str, Sequence[str]]] = (),
    reference: float | None = None,
    is_signed: bool = False,
    name: str = "",
    key: str = "",
) -> Drawing:
    """A mark with its range for each way, the lowest number first; below it what was chosen.

    A filled mark comes to the verdict of the report, a hollow one to another. The way of the
    report has a line through all that was chosen in it.

    Parameters
    ----------
    estimates, comparisons
        Not drawn; figures take the same arguments.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    fits : Fits
        Published, one a way, the report's first: `value`, interval, verdict; `of` names the
        choices (`F06|answers=used|missing=all`).
    choices : sequence of (kind, values)
        The rows below the marks.
    reference : float, optional
        A value that decides: a target, or zero.
    is_signed : bool, default False
        Whether the numbers are differences, which carry signs.
    name : str, optional
        What the finding is called; for the sentence that stands for the drawing.
    key : str, optional
        The finding (`F06`): what its number is stands above the scale.

    Returns
    -------
    Drawing
    """
    del estimates, comparisons, name
    plan, shown = _PLANS[narrow], in_order(fits)
    drawing = Drawing(plan.width)
    if not shown:
        return drawing.finish(_TOP)
    ends = [x for one in shown for x in (one.value, one.ci_low, one.ci_high) if not math.isnan(x)]
    ends += [] if reference is None else [reference]
    ticks = nice_ticks(min(ends), max(ends), plan.ticks)
    bottom = _TOP + plan.height
    low, high = ticks[0], ticks[-1]

    def down(value: float) -> float:
        return bottom - (value - low) / ((high - low) or 1.0) * plan.height

    _grid(drawing, plan, ticks, down, shown[0].unit, words, is_signed=is_signed)
    if key:
        head = words.heading(words.name(f"way_number:{key}"))
        lines = wrap(head, plan.left - 60, QUIET, lines=4)
        drawing.stack(0, _TOP + 4, lines, leading=14, role="soft", size=QUIET, name="axis")
    step = min((plan.right - plan.left) / len(shown), _WIDEST)
    at = {one.of: plan.left + step * (place + 0.5) for place, one in enumerate(shown)}
    end = bottom + sum(_ROW * (len(tried) + 1) + 8 for _, tried in choices) + 4
    if reference is not None:
        y = down(reference)
        drawing.line([(plan.left, y), (plan.right, y)], "soft", name="reference", dashed=True)
    reported = fits[0]
    if reported.of in at:
        x = at[reported.of]
        drawing.line([(x, _TOP - 6), (x, end)], "soft", name="reported")
        is_left = x < (plan.left + plan.right) / 2
        drawing.words(
            x + (-3 if is_left else 3), _TOP - 11, words.ui("fig_this_report"), role="soft",
            size=QUIET, anchor="start" if is_left else "end", name="label.reported",
        )  # fmt: skip
    for one in shown:
        _mark(drawing, at[one.of], down, one, step, holds=one.verdict == reported.verdict)
    y = _chosen(drawing, plan, bottom + 12, choices, shown, at, step, words)
    return drawing.finish(_legend(drawing, plan, y, shown, reported, words) + 6)


def in_order(fits: Iterable[Fit]) -> list[Fit]:
    """The ways that may be shown, the lowest number first."""
    shown = [one for one in fits if not math.isnan(one.value)]
    return sorted(shown, key=lambda one: one.value)


def _grid(
    drawing: Drawing,
    plan: _Plan,
    ticks: Sequence[float],
    down: Callable[[float], float],
    unit: str,
    words: Words,
    *,
    is_signed: bool,
) -> None:
    told = words.signed if is_signed else words.number
    for value in ticks:
        y = down(value)
        drawing.line([(plan.left, y), (plan.right, y)], name=f"grid.{value:g}")
        drawing.words(
            plan.left - 8, y + 4, told(value, unit), role="soft", size=QUIET, anchor="end"
        )


def _mark(
    drawing: Drawing,
    x: float,
    down: Callable[[float], float],
    one: Fit,
    step: float,
    *,
    holds: bool,
) -> None:
    """A number with its range upright, hollow where the verdict is not that of the report."""
    half = max(min(step * 0.3, 4.0), 0.8)
    if not math.isnan(one.ci_low):
        top, bottom = down(one.ci_high), down(one.ci_low)
        drawing.pill(x - half, top, x + half, bottom, "data", name=f"range.{one.of}")
    y, radius = down(one.value), max(min(step * 0.36, 4.2), 1.6)
    if holds:
        drawing.dot(x, y, "data", radius=radius, name=f"same.{one.of}")
    else:
        drawing.ring(x, y, radius=radius, name=f"other.{one.of}")


def _chosen(
    drawing: Drawing,
    plan: _Plan,
    y: float,
    choices: Sequence[tuple[str, Sequence[str]]],
    shown: Sequence[Fit],
    at: dict[str, float],
    step: float,
    words: Words,
) -> float:
    """The choices, kind by kind: a square under each way in which one was made."""
    half = max(min(step * 0.3, 5.0), 0.9)
    for kind, tried in choices:
        y += _ROW
        named = words.heading(words.name(f"way:{kind}"))  # no mark stands in this row
        (head,) = wrap(named, plan.right, QUIET, lines=1, is_bold=True)
        drawing.words(0, y, head, size=QUIET, bold=True, name=f"kind.{kind}", halo="paper")
        for value in tried:
            y += _ROW
            label = wrap(words.name(f"way:{kind}_{value}"), plan.left - 14, QUIET, lines=1)
            drawing.words(12, y, label[0], role="soft", size=QUIET, name=f"choice.{kind}.{value}")
            drawing.line([(plan.left, y - 4), (plan.right, y - 4)])
            for one in shown:
                if choices_of(one.of).get(kind) == value:
                    x = at[one.of]
                    drawing.bar(
                        x - half, y - 9, x + half, y + 1, "data", name=f"{kind}={value}.{one.of}"
                    )
        y += 8
    return y


def _legend(
    drawing: Drawing, plan: _Plan, y: float, shown: Sequence[Fit], reported: Fit, words: Words
) -> float:
    entries = [("tick", words.ui("fig_mark", ci=words.level(level_of(shown))))]
    if any(one.verdict != reported.verdict for one in shown):
        entries += [
            ("data", words.ui("fig_same_verdict")),
            ("ring", words.ui("fig_other_verdict")),
        ]
    return drawing.legend_of(entries, 0.0, y + 24, plan.width)
