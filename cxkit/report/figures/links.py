"""The links: each level's share of the differences explained, as a bar from zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import KEY, NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.lettering import wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    Scale,
    base,
    find,
    interval,
    is_hidden,
    is_shown,
    level_of,
    mark,
    nice_ticks,
    no_number,
    ordered_keys,
    star,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["links"]

_EMPTY = 0.5
"""Where the scale ends when there is nothing to draw."""


@dataclass(frozen=True)
class _Plan:
    """Where the parts of a row stand, in drawing units; vertical ones from the top of the row."""

    width: float
    top: float
    pitch: float
    right: float
    label_end: float
    share: float
    chance: float
    ticks: int

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW


_PLANS = {
    False: _Plan(
        width=WIDE, top=38, pitch=62, right=520, label_end=540, share=650, chance=WIDE, ticks=6
    ),
    True: _Plan(
        width=NARROW, top=38, pitch=80, right=214, label_end=230, share=NARROW, chance=NARROW,
        ticks=3,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """One level: its words and its records."""

    key: str
    label: list[str]
    share: Estimate | None
    first: Estimate | None
    is_leader: bool


@of_records
def links(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    order: Sequence[str] | None = None,
    leader: str | None = None,
) -> Drawing:
    """The levels' shares of the differences in an outcome that they explain together.

    A bar from zero, its interval, an upright tick, and the chance of ranking first. A link that
    is strong is neither good nor bad, so that no mark takes a colour; the level that is named
    first stands in bold.

    Parameters
    ----------
    estimates : Estimates
        Published, of `level:*`: metric `link_share` is drawn, `chance_first` is printed. A level
        without a record is drawn as not measured.
    comparisons : Comparisons, optional
        Not used; figures take the same arguments.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    order : sequence of str, optional
        Level keys from the bottom of the figure to its top, as in the pyramid.
    leader : str, optional
        The key of the level that may be named as first.

    Returns
    -------
    Drawing
    """
    estimates = [one for one in estimates if one.of.startswith("level:") and not one.by]
    plan = _PLANS[narrow]
    leader = leader.removeprefix("level:") if leader else None
    rows = [
        _row(key, estimates, plan, key == leader, words)
        for key in reversed(ordered_keys(estimates, "level", order))
    ]
    at = _scale(estimates, plan)
    tops = [plan.top]
    for row in rows:
        tops.append(tops[-1] + plan.pitch + 16 * (len(row.label) - 1))

    drawing = Drawing(plan.width)
    _grid(drawing, plan, at, tops, words)
    _heads(drawing, plan, words)
    for row, (top, end) in zip(rows, pairwise(tops), strict=True):
        _draw_row(drawing, plan, at, row, top, words)
        if end != tops[-1]:
            drawing.line([(0.0, end - 4), (plan.width, end - 4)])
    legend = [("tick", words.ui("fig_mark", ci=words.level(level_of(estimates))))]
    y = drawing.legend_of(legend, 0.0, tops[-1] + 39, plan.width)
    return drawing.finish(y + 6)


def _row(
    key: str, estimates: Sequence[Estimate], plan: _Plan, is_leader: bool, words: Words
) -> _Row:
    of = f"level:{key}"
    return _Row(
        key=key,
        label=wrap(words.name(of), plan.label_end, TEXT, is_bold=is_leader),
        share=find(estimates, of=of, metric="link_share"),
        first=find(estimates, of=of, metric="chance_first"),
        is_leader=is_leader,
    )


def _scale(estimates: Sequence[Estimate], plan: _Plan) -> Scale:
    """From zero to a round share that holds every interval."""
    shown = [one for one in estimates if one.metric == "link_share" and is_shown(one)]
    reach = [
        one.estimate if math.isnan(one.ci_high) else max(one.ci_high, one.estimate) for one in shown
    ]
    ticks = nice_ticks(0.0, max(reach, default=_EMPTY) or _EMPTY, plan.ticks)
    return Scale(0.0, min(ticks[-1], 1.0), 4.0, plan.right)


def _grid(drawing: Drawing, plan: _Plan, at: Scale, tops: Sequence[float], words: Words) -> None:
    ticks = [value for value in nice_ticks(0.0, at.high, plan.ticks) if value <= at.high + 1e-9]
    for value in ticks:
        name = f"grid.{100 * value:.0f}"
        drawing.line([(at(value), tops[0]), (at(value), tops[-1])], name=name)
        drawing.words(
            at(value) - (0 if value else 4),
            tops[-1] + 16,
            words.number(value, "share"),
            role="soft",
            size=QUIET,
            anchor="middle" if value else "start",
        )


def _heads(drawing: Drawing, plan: _Plan, words: Words) -> None:
    heads = [(0.0, words.ui("fig_link_axis"), plan.right, "start")]
    if plan.is_narrow:
        heads.append((plan.share, words.ui("fig_link_share_first"), 120, "end"))
    else:
        heads.append((plan.share, words.ui("fig_link_share"), 120, "end"))
        heads.append((plan.chance, words.ui("fig_chance_first"), 120, "end"))
    for x, text, width, anchor in heads:
        lines = wrap(text, width, QUIET)
        y = plan.top - 12 - 14 * (len(lines) - 1)
        drawing.stack(x, y, lines, leading=14, anchor=anchor, role="soft", size=QUIET)


def _draw_row(
    drawing: Drawing, plan: _Plan, at: Scale, row: _Row, top: float, words: Words
) -> None:
    down = 16 * (len(row.label) - 1)
    label: Style = {"bold": row.is_leader, "halo": "paper", "name": f"label.{row.key}"}
    drawing.stack(0.0, top + 20, row.label, **label)
    y = top + 40 + down
    if row.share is None or not is_shown(row.share):
        no_number(drawing, (at(0), y - 10, plan.right, y + 10), words, row.share, row.key)
    else:
        one = row.share
        drawing.bar(at(0), y - 3, at(one.estimate), y + 3, "band", name=f"stem.{row.key}")
        mark(drawing, at, y, (one.estimate, one.ci_low, one.ci_high), "data", row.key)
    _numbers(drawing, plan, row, top + 27, words)


def _numbers(drawing: Drawing, plan: _Plan, row: _Row, y: float, words: Words) -> None:
    right: Style = {"anchor": "end"}
    quiet: Style = {"role": "soft", "size": QUIET, **right}
    one = row.share
    if one is None:
        return
    if not is_shown(one):
        if is_hidden(one):
            drawing.words(plan.share, y, HIDDEN, size=KEY, name=f"share.{row.key}", **right)
            drawing.words(plan.share, y + 18, base(one.n, words), **quiet)
        return
    number = words.number(one.estimate, one.unit) + star(one)
    style: Style = {"size": KEY, "bold": row.is_leader, "name": f"share.{row.key}", **right}
    drawing.words(plan.share, y, number, **style)
    drawing.words(plan.share, y + 18, interval(one, words), **quiet)
    if row.first is None or not is_shown(row.first):
        return
    chance = words.chance_sign(row.first.estimate, row.first.unit)
    if plan.is_narrow:
        text = words.ui("fig_first", chance=chance)
        drawing.words(plan.chance, y + 35, text, bold=row.is_leader, **quiet)
        return
    ranked: Style = {"bold": row.is_leader, "name": f"first.{row.key}", **right}
    drawing.words(plan.chance, y, chance, **ranked)
