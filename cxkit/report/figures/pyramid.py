"""The pyramid: the order of the levels as a shape, their scores on a straight scale beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    find,
    interval,
    is_hidden,
    is_shown,
    latest_wave,
    level_of,
    levels_shape,
    mark,
    no_number,
    ordered_keys,
    star,
    tone_of,
    wave_name,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["pyramid"]


@dataclass(frozen=True)
class _Plan:
    """Where the parts of a row stand, in drawing units; vertical ones from the top of the row."""

    width: float
    top: float
    pitch: float
    centre: float
    half: float
    left: float
    right: float
    label_end: float
    score: float
    change: float | None
    label_y: float
    mark_y: float
    score_y: float
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class _Row:
    """One level: its words and its records."""

    key: str
    label: list[str]
    gloss: str
    now: Estimate | None
    before: Estimate | None
    change: Comparison | None


@of_records
def pyramid(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    shape: str | None = None,
    order: Sequence[str] | None = None,
    part: str = "level",
) -> Drawing:
    """The scores of the levels, 0 to 100, apex on top.

    The shape at the left shows the order of the levels and nothing else; the score, its interval
    and the wave before stand on a straight scale from zero.

    Parameters
    ----------
    estimates : Estimates
        Published, metric `score_100` of `level:*`: the latest wave in them is drawn, the wave
        before it as hollow circles. A level without a record is drawn as not measured.
    comparisons : Comparisons, optional
        Published, of `level:*` between the two waves (`a` and `b` are `wave=KEY`). Their verdict
        decides colour and arrow.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    shape : {"pyramid", "list"}, optional
        With `list` there is no shape: the levels are not one above the other. As the study's
        framework says if not given.
    order : sequence of str, optional
        Level keys from the bottom of the figure to its top: base first. As the records come if
        not given.
    part : str, default "level"
        What is drawn: `level`, or a part of a framework beside the levels, such as `type`.

    Returns
    -------
    Drawing
    """
    shape = shape or levels_shape(words)
    estimates = [one for one in estimates if one.of.startswith(f"{part}:") and not one.by]
    wave = latest_wave(estimates)
    earlier = latest_wave(one for one in estimates if one.wave != wave)
    keys = ordered_keys(estimates, part, order)
    has_change = earlier is not None
    changes = list(comparisons)
    plan = _plan(narrow, shape == "pyramid", has_change, estimates, words)
    rows = [
        _row(f"{part}:{key}", estimates, changes, wave, earlier, plan, words)
        for key in reversed(keys)
    ]

    drawing = Drawing(plan.width)
    tops = _tops(rows, plan)
    _grid(drawing, plan, tops, words)
    _heads(drawing, plan, earlier, level_of(estimates), words)
    for row, (top, end) in zip(rows, pairwise(tops), strict=True):
        _draw_row(drawing, plan, row, top, earlier, words)
        if end != tops[-1]:
            edge = _half_at(plan, tops, end - 4) + 10 if plan.half else 0.0
            start = plan.centre + edge if plan.half else plan.left
            drawing.line([(start, end - 4), (plan.width, end - 4)])
    if shape == "pyramid":
        _draw_shape(drawing, plan, tops, words)
    y = _legend(drawing, plan, tops[-1] + 39, wave, earlier, rows, words, level_of(estimates))
    if shape == "pyramid":
        y = max(y, _say_what_shape_means(drawing, plan, tops[-1], y, words))
    return drawing.finish(y + 6)


def _plan(
    narrow: bool,
    has_shape: bool,
    has_change: bool,
    estimates: Sequence[Estimate],
    words: Words,
) -> _Plan:
    """The columns: what the numbers at the right need, and the scale in what they leave."""
    slot = 8.0 if any(star(one) for one in estimates) else 0.0
    needs = max((_numbers_width(one, words) for one in estimates), default=0.0)
    if narrow:
        left = 46.0 if has_shape else 4.0
        score = NARROW - slot
        return _Plan(
            width=NARROW,
            top=34,
            pitch=80 if has_change else 68,
            centre=17,
            half=17 if has_shape else 0,
            left=left,
            right=min(238, score - needs - 12),
            label_end=min(240, score - needs - 8),
            score=score,
            change=NARROW if has_change else None,
            label_y=24,
            mark_y=46,
            score_y=27,
            ticks=(0, 50, 100),
        )
    left = 196.0 if has_shape else 4.0
    score = 674.0 if has_change else WIDE - slot
    return _Plan(
        width=WIDE,
        top=37,
        pitch=66,
        centre=78,
        half=78 if has_shape else 0,
        left=left,
        right=min(562 if has_change else 644, score - needs - 12),
        label_end=min(576 if has_change else 660, score - needs - 8),
        score=score,
        change=WIDE if has_change else None,
        label_y=21,
        mark_y=42,
        score_y=29,
        ticks=(0, 25, 50, 75, 100),
    )


def _numbers_width(one: Estimate, words: Words) -> float:
    """The width of the interval or the base of a score, whichever is wider."""
    return max(text_width(text, QUIET) for text in (interval(one, words), base(one.n, words)))


def _row(
    of: str,
    estimates: Sequence[Estimate],
    comparisons: Sequence[Comparison],
    wave: str | None,
    earlier: str | None,
    plan: _Plan,
    words: Words,
) -> _Row:
    room = plan.label_end - plan.left
    label = wrap(words.name(of), room, TEXT, is_bold=True)
    gloss = words.gloss(of) if plan.width == WIDE else ""
    taken = text_width(label[-1], TEXT, is_bold=True) + text_width(gloss, QUIET) + 12
    change = find(comparisons, of=of, a=f"wave={wave}", b=f"wave={earlier}")
    if change is None and (reverse := find(comparisons, of=of, a=f"wave={earlier}")):
        change = -reverse
    return _Row(
        key=of.partition(":")[2],
        label=label,
        gloss=gloss if len(label) == 1 and taken <= room else "",
        now=find(estimates, of=of, wave=wave),
        before=find(estimates, of=of, wave=earlier) if earlier else None,
        change=change,
    )


def _tops(rows: Sequence[_Row], plan: _Plan) -> list[float]:
    """The top of each row, and the end of the last."""
    tops = [plan.top]
    for row in rows:
        tops.append(tops[-1] + plan.pitch + 16 * (len(row.label) - 1))
    return tops


def _grid(drawing: Drawing, plan: _Plan, tops: Sequence[float], words: Words) -> None:
    at = Scale(0, 100, plan.left, plan.right)
    for value in plan.ticks:
        drawing.line([(at(value), tops[0]), (at(value), tops[-1])], name=f"grid.{value:.0f}")
        is_edge = value == 0 and plan.left < 10
        drawing.words(
            at(value) - (4 if is_edge else 0),
            tops[-1] + 16,
            words.count(value),
            role="soft",
            size=QUIET,
            anchor="start" if is_edge else "middle",
        )


def _heads(
    drawing: Drawing, plan: _Plan, earlier: str | None, ci_level: float, words: Words
) -> None:
    quiet: Style = {"role": "soft", "size": QUIET}
    heads: list[tuple[float, str, float, str]] = []
    if plan.change is None:
        heads.append((plan.score, words.ui("fig_score"), 110, "end"))
    elif plan.width == NARROW:
        text = words.ui("fig_score_since", wave=wave_name(earlier, words))
        heads.append((plan.change, text, 128, "end"))
    else:
        heads.append((plan.score, words.ui("fig_score"), 100, "end"))
        text = words.ui("fig_since", wave=wave_name(earlier, words))
        heads.append((plan.change, text, 100, "end"))
    room = 160 if plan.width == NARROW else plan.right - plan.left
    axis = words.ui("fig_score_axis", ci=words.level(ci_level))
    heads.insert(0, (plan.left if plan.left > 10 else 0, axis, room, "start"))
    for x, text, width, anchor in heads:
        lines = wrap(text, width, QUIET)
        y = plan.top - 12 - 14 * (len(lines) - 1)
        drawing.stack(x, y, lines, leading=14, anchor=anchor, **quiet)


def _draw_row(
    drawing: Drawing, plan: _Plan, row: _Row, top: float, earlier: str | None, words: Words
) -> None:
    down = 16 * (len(row.label) - 1)
    start = plan.left if plan.left > 10 else 0
    drawing.stack(
        start, top + plan.label_y, row.label, bold=True, halo="paper", name=f"label.{row.key}"
    )
    drawing.words(
        start, top + plan.label_y, row.gloss, role="soft", size=QUIET, halo="paper", follows=True
    )
    y = top + plan.mark_y + down
    at = Scale(0, 100, plan.left, plan.right)
    tone = tone_of(row.change)
    if row.now is None or not is_shown(row.now):
        box = (at(0), y - 10, at(100), y + 10)
        no_number(drawing, box, words, row.now, row.key)
    else:
        value = row.now.estimate
        drawing.bar(at(0), y - 3, at(value), y + 3, "band", name=f"stem.{row.key}")
        if row.before is not None and is_shown(row.before):
            past = at(row.before.estimate)
            drawing.line([(past, y), (at(value), y)], "soft")
            drawing.ring(past, y, name=f"before.{row.key}")
        mark(drawing, at, y, (value, row.now.ci_low, row.now.ci_high), tone, row.key)
    _numbers(drawing, plan, row, top + plan.score_y, tone, words)


def _numbers(drawing: Drawing, plan: _Plan, row: _Row, y: float, tone: str, words: Words) -> None:
    right: Style = {"anchor": "end"}
    quiet: Style = {"role": "soft", "size": QUIET, **right}
    if row.now is None:
        return
    if not is_shown(row.now):
        if is_hidden(row.now):
            drawing.words(
                plan.score, y, HIDDEN, size=KEY, role="soft", name=f"score.{row.key}", **right
            )
        drawing.words(plan.score, y + 18, base(row.now.n, words), **quiet)
        return
    now, unit = row.now, row.now.unit
    drawing.words(
        plan.score,
        y,
        words.number(now.estimate, unit),
        size=KEY,
        bold=True,
        name=f"score.{row.key}",
        **right,
    )
    drawing.words(plan.score + 1, y - 3, star(now), name=f"star.{row.key}")
    drawing.words(plan.score, y + 18, interval(now, words), **quiet)
    if plan.change is None:
        return
    is_narrow = plan.width == NARROW
    x, y = (plan.score, y + 35) if is_narrow else (plan.change, y)
    if row.change is not None and is_shown(row.change):
        drawing.words(
            x,
            y,
            change_text(row.change, words),
            role=INK_OF[tone],
            bold=True,
            name=f"change.{row.key}",
            **right,
        )
    elif row.change is not None and is_hidden(row.change):
        drawing.words(x, y, HIDDEN, role="soft", name=f"change.{row.key}", **right)
    if row.before is not None and is_shown(row.before) and not is_narrow:
        value = words.number(row.before.estimate, row.before.unit) + star(row.before)
        drawing.words(x, y + 18, words.ui("fig_from", value=value), **quiet)


def _half_at(plan: _Plan, tops: Sequence[float], y: float) -> float:
    """Half the width of the pyramid at a height."""
    return plan.half * (y - tops[0]) / (tops[-1] - tops[0])


def _draw_shape(drawing: Drawing, plan: _Plan, tops: Sequence[float], words: Words) -> None:
    for index, (top, end) in enumerate(pairwise(tops)):
        upper, lower = _half_at(plan, tops, top), _half_at(plan, tops, end - 5)
        corners = [
            (plan.centre - upper, top),
            (plan.centre + upper, top),
            (plan.centre + lower, end - 5),
            (plan.centre - lower, end - 5),
        ]
        drawing.area(corners, "band", name=f"slice.{len(tops) - 1 - index}")
        if plan.width == WIDE:
            y = (top + end) / 2 + (10 if index == 0 else 2)
            rank = words.count(len(tops) - 1 - index)
            drawing.words(plan.centre, y, rank, bold=True, anchor="middle")


def _say_what_shape_means(
    drawing: Drawing, plan: _Plan, bottom: float, legend_y: float, words: Words
) -> float:
    is_narrow = plan.width == NARROW
    x, y, anchor = (0.0, legend_y + 20, "start") if is_narrow else (78.0, bottom + 16, "middle")
    room = NARROW if is_narrow else 156
    lines = wrap(words.ui("fig_shape"), room, QUIET, lines=3)
    style: Style = {"role": "soft", "size": QUIET, "anchor": anchor, "name": "shape"}
    return drawing.stack(x, y, lines, leading=15, **style) - 15


def _legend(
    drawing: Drawing,
    plan: _Plan,
    y: float,
    wave: str | None,
    earlier: str | None,
    rows: Sequence[_Row],
    words: Words,
    ci_level: float,
) -> float:
    ci = words.level(ci_level)
    here = words.ui("fig_mark_wave", wave=wave_name(wave, words), ci=ci) if wave else ""
    text = here or words.ui("fig_mark", ci=ci)
    entries = [("tick", text)]
    if any(tone_of(row.change) != "data" for row in rows):
        entries.append(("", words.ui("fig_colours")))
    if earlier:
        entries.insert(0, ("ring", wave_name(earlier, words)))
    left = 0.0 if plan.width == NARROW else plan.left if plan.left > 10 else 0.0
    return drawing.legend_of(entries, left, y, plan.width - left)
