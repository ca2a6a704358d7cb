"""The forest: one difference a row with its interval, against a line at zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import KEY, NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    INK_OF,
    Scale,
    base,
    change_text,
    interval,
    is_hidden,
    is_shown,
    level_of,
    mark,
    nice_ticks,
    no_number,
    side_name,
    star,
    tone_of,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["forest", "row_names"]


@dataclass(frozen=True)
class _Plan:
    """Where the columns stand."""

    width: float
    label: float
    left: float
    right: float
    number: float
    bases: float
    pitch: float


@dataclass(frozen=True)
class _Row:
    """One comparison: the head above it, if a new one begins, and its label."""

    head: str
    label: str
    record: Comparison


@of_records
def forest(
    estimates: Iterable[Estimate] = (),
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    better: str = "higher",
    sides: Sequence[str] | None = None,
) -> Drawing:
    """Differences with their intervals and both bases, in the order given.

    Parameters
    ----------
    estimates : Estimates, optional
        Not drawn; taken so that all figures are called alike.
    comparisons : Comparisons
        Published, of one unit. What all of them share stands above the figure; what differs
        labels the rows; where both the measure and the groups differ, measures are heads.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    better : {"higher", "lower", "neither"}, default "higher"
        Which direction is good: decides blue or vermilion of a clear difference. `neither`
        where its order is read and not its sign: no colour.
    sides : two keys of names, optional
        What both sides of every comparison are called, such as `gap:real` and `gap:expected`,
        where each has sides of its own: rows are then called by what was measured.

    Returns
    -------
    Drawing
    """
    del estimates
    records = list(comparisons)
    context, rows = row_names(records, words, sides)
    low, high, ticks = _span(records)
    plan = _plan(narrow, rows, words)
    at = Scale(low, high, plan.left, plan.right)

    drawing = Drawing(plan.width)
    top = _draw_head(drawing, plan, at, context, level_of(records), words)
    ends = _ends(rows, plan, top)
    bottom = ends[-1] if ends else top
    for value in ticks:
        if value:
            drawing.line([(at(value), top), (at(value), bottom)], name=f"grid.{value:g}")
    drawing.line([(at(0), top - 6), (at(0), bottom)], "soft", name="zero")
    y = top
    for index, (row, end) in enumerate(zip(rows, ends, strict=True)):
        if row.head:
            y = _draw_group(drawing, plan, row.head, y)
        _draw_row(drawing, plan, at, row, y, str(index), better, words)
        if index + 1 < len(rows) and not rows[index + 1].head:
            drawing.line([(0, end), (plan.width, end)])
        y = end
    _draw_ticks(drawing, plan, at, ticks, bottom, records, words)
    return drawing.finish(bottom + 24)


def row_names(
    records: Sequence[Comparison], words: Words, named: Sequence[str] | None = None
) -> tuple[str, list[_Row]]:
    """What all comparisons share, in words, and a label for each by what they do not share."""
    if not records:
        return "", []
    if named is not None:
        a, b = named
        context = f"{words.name(a)} {words.ui('fig_versus', b=words.name(b))}"
        return context, [_Row("", _measure(one, records, words), one) for one in records]
    measures = {(one.of, one.metric) for one in records}
    sides = {(one.a, one.b) for one in records}
    one_b = len({one.b for one in records}) == 1
    labels = [_label(one, words, one_b=one_b) for one in records]
    if len(sides) == 1 and len(measures) > 1:
        (a, b) = next(iter(sides))
        context = f"{side_name(a, words)} {words.ui('fig_versus', b=side_name(b, words))}"
        return context, [_Row("", _measure(one, records, words), one) for one in records]
    shares_b = one_b or all("!=" in one.b for one in records)
    against = words.ui("fig_versus", b=side_name(records[0].b, words)) if shares_b else ""
    if len(measures) == 1:
        measure = _measure(records[0], records, words)
        context = ", ".join(part for part in (measure, against) if part)
        return context, [_Row("", label, one) for label, one in zip(labels, records, strict=True)]
    rows, last = [], ""
    for label, one in zip(labels, records, strict=True):
        head = _measure(one, records, words)
        rows.append(_Row(head if head != last else "", label, one))
        last = head
    return against, rows


def _measure(one: Comparison, records: Sequence[Comparison], words: Words) -> str:
    """What was measured; with the metric where the records have several."""
    metric = words.name(f"metric:{one.metric}")
    if ":" not in one.of:
        return metric
    name = words.short(one.of) if one.of.startswith("item:") else words.name(one.of)
    has_several = len({other.metric for other in records}) > 1
    return f"{name}, {metric}" if has_several and not one.of.startswith("outcome:") else name


def _label(one: Comparison, words: Words, *, one_b: bool) -> str:
    a = side_name(one.a, words)
    is_rest = "!=" in one.b
    if one_b or is_rest:
        return a
    return f"{a} {words.ui('fig_versus', b=side_name(one.b, words))}"


def _span(records: Sequence[Comparison]) -> tuple[float, float, list[float]]:
    """The ends of the scale, which always holds zero, and its ticks."""
    shown = [one for one in records if is_shown(one)]
    values = [0.0]
    for one in shown:
        values += [
            value for value in (one.difference, one.ci_low, one.ci_high) if not math.isnan(value)
        ]
    low, high = min(values), max(values)
    if low == high:
        low, high = -1.0, 1.0
    ticks = nice_ticks(low, high)
    return ticks[0], ticks[-1], ticks


def _plan(narrow: bool, rows: Sequence[_Row], words: Words) -> _Plan:
    bases = max((text_width(_bases(row.record, words), QUIET) for row in rows), default=0)
    numbers = max((_numbers_width(row.record, words) for row in rows), default=0)
    if narrow:
        numbers = max(numbers + 12, 110)
        return _Plan(NARROW, NARROW - numbers, 15, NARROW - numbers - 18, NARROW, NARROW, 78)
    widest = max((text_width(row.label, TEXT, is_bold=True) for row in rows), default=0)
    label = min(max(widest + 8, 120), 236)
    number = WIDE - bases - 22
    return _Plan(WIDE, label, label + 24, number - max(numbers + 14, 124), number, WIDE, 42)


def _numbers_width(one: Comparison, words: Words) -> float:
    """The width of an interval, which is wider than its difference."""
    return text_width(interval(one, words), QUIET)


def _bases(one: Comparison, words: Words) -> str:
    if math.isnan(one.n_a) or math.isnan(one.n_b):
        return ""
    if one.is_paired:
        return base(one.n_a, words)
    text = words.ui("fig_n_both", a=words.count(one.n_a), b=words.count(one.n_b))
    return text.replace(" ", "\u00a0")


def _label_lines(row: _Row, plan: _Plan) -> list[str]:
    room = plan.label - (0 if plan.width == WIDE else 8)
    return wrap(row.label, room, TEXT, is_bold=True)


def _ends(rows: Sequence[_Row], plan: _Plan, top: float) -> list[float]:
    """Where each row ends."""
    ends, y = [], top
    for row in rows:
        y += 28 if row.head else 0
        more = len(_label_lines(row, plan)) - 1
        y += plan.pitch + 16 * max(more - (1 if plan.width == WIDE else 0), 0)
        ends.append(y)
    return ends


def _draw_head(
    drawing: Drawing, plan: _Plan, at: Scale, context: str, ci_level: float, words: Words
) -> float:
    """Heads of the columns, and the side of zero that is lower or higher; where rows begin."""
    quiet: Style = {"role": "soft", "size": QUIET}
    column = words.ui("fig_difference", ci=words.level(ci_level))
    room = plan.width - 130 if plan.width == WIDE else plan.width
    lines = wrap(context, room, QUIET)
    y = drawing.stack(0, 12, lines, leading=15, name="context", **quiet) - 15 if context else -6.0
    narrow = plan.width == NARROW
    y += 20
    sides = 0.0
    for text, anchor, shift in (
        (f"\u2190 {words.ui('fig_lower')}", "end", -8),
        (f"{words.ui('fig_higher')} \u2192", "start", 8),
    ):
        x = at(0) + shift
        needs = text_width(text, QUIET)
        free = x - plan.left if anchor == "end" else plan.right + 8 - x
        if needs <= free:
            drawing.words(x, y, text, anchor=anchor, name=f"head.{anchor}", **quiet)
            sides = max(sides, x if anchor == "end" else x + needs)
    numbers = wrap(column, 104 if narrow else 134, QUIET)
    if sides > plan.number - text_width(max(numbers, key=len), QUIET) - 10:
        y += 16
    last = drawing.stack(plan.number, y, numbers, leading=14, anchor="end", **quiet) - 14
    return last + 12


def _draw_group(drawing: Drawing, plan: _Plan, head: str, y: float) -> float:
    text = wrap(head, plan.width - 8, TEXT, is_bold=True, lines=1)[0]
    drawing.bar(0, y + 2, plan.width, y + 26, "wash")
    drawing.words(6, y + 18, text, bold=True, name=f"group.{head}")
    return y + 28


def _draw_row(
    drawing: Drawing,
    plan: _Plan,
    at: Scale,
    row: _Row,
    y: float,
    name: str,
    better: str,
    words: Words,
) -> None:
    one = row.record
    narrow = plan.width == NARROW
    lines = _label_lines(row, plan)
    tone = tone_of(one, better=better)
    more = 16 * max(len(lines) - (1 if narrow else 2), 0)
    middle = y + (46 if narrow else 21) + (more if narrow else more / 2)
    first = y + 20 if narrow else middle + 4.5 - 8 * (len(lines) - 1)
    style: Style = {"bold": True, "halo": "paper"}
    drawing.stack(0, first, lines, name=f"label.{name}", **style)
    if is_shown(one):
        values = (one.difference, one.ci_low, one.ci_high)
        mark(drawing, at, middle, values, tone, name)
    else:
        box = (plan.left, middle - 9, plan.right, middle + 9)
        no_number(drawing, box, words, one, name)
    first = y if narrow else middle - 21
    _draw_numbers(drawing, plan, row, (first, middle), tone, name, words)


def _draw_numbers(
    drawing: Drawing,
    plan: _Plan,
    row: _Row,
    span: tuple[float, float],
    tone: str,
    name: str,
    words: Words,
) -> None:
    """The difference and its interval from the top of a row, both bases beside its mark."""
    (y, middle), one = span, row.record
    narrow = plan.width == NARROW
    right: Style = {"anchor": "end"}
    quiet: Style = {"role": "soft", "size": QUIET, **right}
    style: Style = {"role": "soft", "size": KEY if narrow else TEXT, **right}
    style["name"] = f"difference.{name}"
    if is_shown(one):
        text = change_text(one, words) + star(one)
        style |= {"role": INK_OF[tone], "bold": True}
        first = y + (22 if narrow else 18)
        drawing.words(plan.number, first, text, **style)
        below = first + (18 if narrow else 16)
        drawing.words(plan.number, below, interval(one, words), **quiet)
    elif is_hidden(one):
        drawing.words(plan.number, y + (24 if narrow else 25), HIDDEN, **style)
    drawing.words(plan.bases, middle + (21 if narrow else 4), _bases(one, words), **quiet)


def _draw_ticks(
    drawing: Drawing,
    plan: _Plan,
    at: Scale,
    ticks: Sequence[float],
    bottom: float,
    records: Sequence[Comparison],
    words: Words,
) -> None:
    unit = records[0].unit if records else "points"
    shown = [value * (100 if unit == "share" else 1) for value in ticks]
    is_whole = all(abs(value - round(value)) < 1e-9 for value in shown)
    for value in ticks:
        scaled = value * 100 if unit == "share" else value
        text = words.signed(scaled, "points" if is_whole else "score_100")
        style: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
        drawing.words(at(value), bottom + 16, text, name=f"tick.{value:g}", **style)
