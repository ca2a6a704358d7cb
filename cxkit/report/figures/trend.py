"""The trend: one measure over the waves with its ranges, and below it others in small."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import KEY, NARROW, QUIET, TEXT, WIDE, Drawing, Drawn, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.lines import Axis, Line, axis_of, lines_of, waves_of
from cxkit.report.figures.parts import (
    HIDDEN,
    INK_OF,
    Scale,
    absence,
    axis_break,
    base,
    change_text,
    interval,
    is_hidden,
    is_shown,
    level_of,
    star,
)
from cxkit.report.figures.steps import steps
from cxkit.report.figures.strokes import NOTHING, SMALL, Box, Plan, draw_line, ranges
from cxkit.wording import printed

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["trend"]


@of_records
def trend(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    measures: Sequence[Mapping[str, Any]] | None = None,
    waves: Sequence[str] | None = None,
    breaks: Mapping[str, Sequence[str]] | None = None,
    events: Sequence[Mapping[str, Any]] = (),
    published: Mapping[str, float] | None = None,
    targets: Mapping[str, float] | None = None,
) -> Drawing:
    """Measures over the waves: the first large and in its own unit, the others small below it.

    Waves stand at equal distances. An axis shows at least a fifth of its scale and says which
    part of it. A line joins neighbouring waves that are compared, and nothing else.

    Parameters
    ----------
    estimates : Estimates
        Published: any metric of anything, a record a wave. Records by a segment are left out.
        A wave on a small base is hatched, one without a record is drawn as not measured.
    comparisons : Comparisons, optional
        Published, of the last wave with an earlier one (`a` and `b` are `wave=KEY`). Their
        verdict decides the colour of the last step.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    measures : sequence of {"metric", "of", "ends", "definition"}, optional
        What to draw, the headline first; as the records come if not given. `ends` are those of
        a response scale, for a mean on it; `definition` is printed with the name.
    waves : sequence of str, optional
        Wave keys, earliest first; all those of the records if not given.
    breaks : mapping of `of` to wave keys, optional
        Waves before which a line is broken, because the two sides are not compared.
    events : sequence of {"wave_after", "date", "label" or "label_key"}, optional
        What happened before the wave `wave_after` (after all waves if that is None), on an ISO
        date: `label` is a text or one a language, `label_key` a key that `Words.name` knows.
    published : mapping of wave key to number, optional
        What earlier reports gave for the headline; drawn where another number is printed now.
    targets : mapping of metric to number, optional
        In the unit of the metric: a dashed line.

    Returns
    -------
    Drawing
    """
    estimates = list(estimates)
    keys = waves_of(estimates, waves)
    lines = lines_of(
        estimates, comparisons, keys, measures=measures, breaks=breaks, targets=targets
    )
    plan = _plan(narrow, keys, lines, words, level_of(estimates))
    drawing = Drawing(plan.width)
    if not lines or not keys:
        return drawing.finish(12)
    before = {keys.index(key): value for key, value in (published or {}).items() if key in keys}
    y = _draw_headline(drawing, plan, lines[0], _happened(events, plan), before)
    for unit, some in groupby(lines[1:], key=lambda line: (line.unit, line.ends)):
        del unit
        y = _draw_small_ones(drawing, plan, list(some), y + 18)
    return drawing.finish(_draw_legend(drawing, plan, lines, y) + 6)


def _plan(
    narrow: bool, waves: Sequence[str], lines: Sequence[Line], words: Words, ci_level: float
) -> Plan:
    """Where the waves stand: what the numbers at the right need is theirs, the rest the plot's."""
    ci = words.level(ci_level)
    if narrow:
        return Plan(words, tuple(waves), ci, NARROW, 40, NARROW, 58, 313, 150, 256)
    small = lines[1:]
    changes = [interval(one.change, words) for one in small if one.change is not None]
    now = min([656.0, *(WIDE - 12 - text_width(text, QUIET) for text in changes)])
    bases = [base(one.points[-1].n, words) for one in small if one.points[-1] is not None]
    right = min([592.0, *(now - text_width(text, QUIET) + 4 for text in bases)])
    return Plan(words, tuple(waves), ci, WIDE, 190, right, 222, right - 20, 184, now)


# -- the headline ---------------------------------------------------------------------------


def _draw_headline(
    drawing: Drawing,
    plan: Plan,
    line: Line,
    events: Sequence[tuple[float, str]],
    published: Mapping[int, float],
) -> float:
    """The first measure, with its axis, the waves and what happened; where it ends."""
    axis = axis_of([line], published.values())
    y = _draw_caption(drawing, plan, axis, line.title(plan.words), 12)
    if plan.is_narrow:
        y = _draw_now(drawing, plan, line, plan.width, y + 30) + 4
    top = _draw_events(drawing, plan, events, y + 22)
    bottom = top + plan.height
    at = Scale(axis.low, axis.high, bottom, top)
    _draw_grid(drawing, plan, axis, at)
    _draw_target(drawing, plan, line, at)
    for k, wave in enumerate(plan.waves):
        drawing.line([(plan.at(k), bottom), (plan.at(k), bottom + 4)], "soft", name=f"at.{wave}")
    draw_line(drawing, plan, line, at, top, bottom)
    taken = _draw_published(drawing, plan, line, at, published)
    if not plan.is_narrow:
        now = line.points[-1]
        beside = at(now.estimate) - 6 if now is not None and is_shown(now) else top + 24
        x = plan.right + 14
        lowest = bottom - 2 - _below_now(plan, line, x)
        _draw_now(drawing, plan, line, x, _within(beside, top + 14, lowest))
    taken += [(one.left, one.top, one.right, one.bottom) for one in _written(drawing)]
    _draw_values(drawing, plan, line, at, taken)
    _name_target(drawing, plan, line, at, taken)
    return _draw_waves(drawing, plan, line, bottom + (30 if axis.starts_late else 18))


def _written(drawing: Drawing) -> list[Drawn]:
    return [one for one in drawing.drawn if one.kind == "words"]


def _draw_caption(
    drawing: Drawing, plan: Plan, axis: Axis, name: str, y: float, more: Iterable[str] = ()
) -> float:
    """What is measured, and which part of its scale is drawn; the last baseline."""
    text = ", ".join([axis.caption(name, plan.ci, plan.words), *more])
    lines = wrap(text, plan.width, QUIET, lines=4)
    style: Style = {"role": "soft", "size": QUIET, "name": f"caption.{axis.unit}"}
    return drawing.stack(0, y, lines, leading=15, **style) - 15


def _draw_grid(drawing: Drawing, plan: Plan, axis: Axis, at: Scale) -> None:
    for value in axis.ticks:
        y, is_zero = at(value), value == 0 and axis.low < 0
        drawing.line(
            [(plan.left, y), (plan.right, y)], "soft" if is_zero else "line", name=f"grid.{value:g}"
        )
        style: Style = {"role": "soft", "size": QUIET, "anchor": "end"}
        drawing.words(plan.left - 8, y + 4, axis.text(value, plan.words), **style)
    if axis.starts_late:
        axis_break(drawing, plan.left, at(axis.low))


def _draw_now(drawing: Drawing, plan: Plan, line: Line, x: float, y: float) -> float:
    """The last number, large, with its range, and its change; the lowest baseline.

    On a phone the number stands at the right of the name of the measure and its change.
    """
    words, now = plan.words, line.points[-1]
    told: Style = {"anchor": "end" if plan.is_narrow else "start"}
    quiet: Style = {"role": "soft", "size": QUIET}
    below = y
    if now is not None and is_shown(now):
        value = words.number(now.estimate, now.unit) + star(now)
        drawing.words(x, y, value, size=KEY, bold=True, halo="paper", name="now", **told)
        drawing.words(x, below := y + 18, interval(now, words), name="now.range", **quiet, **told)
    elif now is not None and is_hidden(now):
        drawing.words(x, y, HIDDEN, **{**quiet, "size": KEY}, name="now", **told)
        drawing.words(x, below := y + 18, base(now.n, words), **quiet, **told)
    if plan.is_narrow:
        name = wrap(line.name(words), plan.width - 120, TEXT, is_bold=True, lines=3)
        x, y = 0, drawing.stack(0, y, name, bold=True, name="name") - 16
    else:
        y = below
    for lines, style in _change_lines(plan, line, x):
        y = drawing.stack(x, y + 17, lines, leading=15, **{**quiet, **style}) - 15
    return max(y, below)


def _below_now(plan: Plan, line: Line, x: float) -> float:
    """How far the words under the last number reach below its baseline."""
    return 18 + sum(2 + 15 * len(lines) for lines, _ in _change_lines(plan, line, x))


def _change_lines(plan: Plan, line: Line, x: float) -> list[tuple[list[str], Style]]:
    """The words of the last change in lines that begin at `x`."""
    return [
        (wrap(text, plan.width - x, style.get("size", QUIET), is_bold="bold" in style), style)
        for text, style in _change_words(line, plan.words)
    ]


def _change_words(line: Line, words: Words) -> list[tuple[str, Style]]:
    """The last change in words: its size, its range, since when."""
    change = line.change
    bold: Style = {"size": TEXT, "name": f"change.{line.key}"}
    if line.is_broken_at_the_end or (change is not None and "not_comparable" in change.flags):
        return [(words.ui("fig_not_comparable"), {"name": bold["name"]})]
    if change is None:
        return []
    if is_hidden(change):
        return [(HIDDEN, bold)]
    if not is_shown(change):
        return []
    bold |= {"bold": True, "role": INK_OF[line.tone]}
    text = change_text(change, words) + star(change)
    since = words.ui("fig_since", wave=words.short(f"wave:{change.b.partition('=')[2]}"))
    return [(text, bold), (interval(change, words), {}), (since, {})]


def _within(value: float, low: float, high: float) -> float:
    return max(min(value, high), low)


# -- what happened --------------------------------------------------------------------------


def _happened(events: Sequence[Mapping[str, Any]], plan: Plan) -> list[tuple[float, str]]:
    """Each event between its waves, with its words, from left to right."""
    words, waves = plan.words, plan.waves
    gaps: dict[int, list[tuple[str, str]]] = {}
    for event in events:
        after = event.get("wave_after")
        gap = waves.index(after) if after in waves else len(waves)
        label = event.get("label")
        said = words.text(label) if label else words.heading(words.name(event["label_key"]))
        day = str(event.get("date") or "")
        dated = f"{words.dates(day, day)}: {said}" if _is_day(day) else said
        gaps.setdefault(gap, []).append((day, dated))
    placed = []
    for gap in sorted(gaps):
        left = plan.left if gap == 0 else plan.at(gap - 1)
        right = plan.right if gap == len(waves) else plan.at(gap)
        told = sorted(gaps[gap])
        for k, (_, text) in enumerate(told, 1):
            placed.append((left + (right - left) * k / (len(told) + 1), text))
    return placed


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _draw_events(
    drawing: Drawing, plan: Plan, events: Sequence[tuple[float, str]], y: float
) -> float:
    """The words of the events, with lines that go down through the plot; its top."""
    if not events:
        return y
    below = plan.height + 2
    return 2 + steps(drawing, y, events, below=below, role="soft", name="event", dashed=True)


# -- numbers beside the line ----------------------------------------------------------------


def _draw_target(drawing: Drawing, plan: Plan, line: Line, at: Scale) -> None:
    """A dashed line at the target."""
    if line.target is not None:
        ends = [(plan.left, at(line.target)), (plan.right, at(line.target))]
        drawing.line(ends, "soft", dashed=True, name=f"target.{line.key}")


def _name_target(drawing: Drawing, plan: Plan, line: Line, at: Scale, taken: Sequence[Box]) -> None:
    """The words of the target, away from other words and, if there is room, from the line."""
    if line.target is None:
        return
    text, y = _target_text(line, plan.words), at(line.target)
    half = text_width(text, QUIET) / 2
    between = [plan.at(k + 0.5) for k in range(len(plan.waves) - 1)]
    places = [
        (x, baseline, (x - half, baseline - 10, x + half, baseline + 3))
        for x in (plan.left + half + 4, plan.right - half - 2, *between)
        for baseline in (y - 5, y + 14)
    ]
    clear = [one for one in places if not _hits(one[2], taken)]
    free = [one for one in clear if not _hits(one[2], ranges(plan, line, at))]
    x, baseline, _ = (free or clear or places)[0]
    style: Style = {"role": "soft", "size": QUIET, "anchor": "middle", "halo": "paper"}
    drawing.words(x, baseline, text, name=f"words.target.{line.key}", **style)


def _target_text(line: Line, words: Words) -> str:
    return words.ui("fig_target", value=words.number(line.target, line.unit))


def _hits(one: Box, others: Iterable[Box]) -> bool:
    """Whether a box stands on any of the others."""
    return any(
        min(one[2], other[2]) > max(one[0], other[0])
        and min(one[3], other[3]) > max(one[1], other[1])
        for other in others
    )


def _draw_values(drawing: Drawing, plan: Plan, line: Line, at: Scale, taken: list[Box]) -> None:
    """The number of each wave above or below its range; one that finds no room is left out."""
    last = len(line.points) - 1
    shown = [k for k in line.shown if k != last or plan.is_narrow]
    for k in sorted(shown, key=lambda k: (k != last, k != line.shown[0], -k)):
        one = line.points[k]
        assert one is not None
        text = plan.words.number(one.estimate, one.unit) + star(one)
        half = text_width(text, TEXT, is_bold=True) / 2 + 1
        low, high = (at(value) for value in line.range(k))
        x = plan.at(k)
        places = [(high - 8, high - 18.5), (low + 17, low + 6.5)]
        if _is_valley(line, k):
            places.reverse()
        for baseline, top in places:
            box = (x - half, top, x + half, top + 13)
            is_inside = at.end - 20 <= box[1] and box[3] <= at.start + 3
            if is_inside and not _hits(box, taken):
                taken.append(box)
                style: Style = {"bold": True, "anchor": "middle", "halo": "paper"}
                name = f"value.{line.key}.{plan.waves[k]}"
                drawing.words(x, baseline, text, name=name, **style)
                break


def _is_valley(line: Line, k: int) -> bool:
    """Whether the line runs above a wave on its way in and out, on the whole."""
    beside = [line.value(j) for j in (k - 1, k + 1) if j in line.shown]
    return bool(beside) and sum(beside) / len(beside) > line.value(k)


def _draw_published(
    drawing: Drawing, plan: Plan, line: Line, at: Scale, published: Mapping[int, float]
) -> list[Box]:
    """A hollow circle and its number where an earlier report gave another than is printed today."""
    boxes: list[Box] = []
    spans = ranges(plan, line, at)
    for k, value in sorted(published.items()):
        one = line.points[k]
        if one is None or not is_shown(one) or _is_same(value, one):
            continue
        x, y, wave = plan.at(k), at(value), plan.waves[k]
        drawing.ring(x, y, name=f"published.{wave}")
        text = plan.words.number(value, one.unit)
        box = (x + 8, y - 6, x + 8 + text_width(text, QUIET), y + 7)
        if not _hits(box, [*spans[:k], *spans[k + 1 :]]):
            style: Style = {"role": "soft", "size": QUIET, "halo": "paper"}
            drawing.words(x + 8, y + 4, text, name=f"published.words.{wave}", **style)
            boxes.append(box)
        boxes.append((x - 6, y - 6, x + 6, y + 6))
    return boxes


def _is_same(value: float, one: Estimate) -> bool:
    return printed(value, one.unit) == printed(one.estimate, one.unit)


# -- the waves ------------------------------------------------------------------------------


def _draw_waves(drawing: Drawing, plan: Plan, line: Line, y: float) -> float:
    """The names of the waves and the base of each, as many as there is room for."""
    words = plan.words
    names = [words.short(f"wave:{wave}") for wave in plan.waves]
    counts = [words.count(one.n) if one is not None else "" for one in line.points]
    chosen, room = _spaced(plan, names, counts)
    lines = {k: wrap(names[k], room, QUIET, lines=3) for k in chosen}
    below = y + 15 * max(len(one) for one in lines.values()) + 1
    quiet: Style = {"role": "soft", "size": QUIET}
    head = words.ui("n")
    head_end = max(plan.left - 8, text_width(head, QUIET))
    least = max(plan.at(0) - text_width(counts[0], QUIET) / 2 - 4, text_width(head, QUIET))
    drawing.words(min(head_end, least), below, head, anchor="end", name="n", **quiet)
    for k in chosen:
        half = max(text_width(one, QUIET) for one in (*lines[k], counts[k])) / 2
        x = _within(plan.at(k), half, plan.width - half)
        style: Style = {"size": QUIET, "anchor": "middle"}
        drawing.stack(x, y, lines[k], leading=15, name=f"wave.{plan.waves[k]}", **style)
        drawing.words(x, below, counts[k], role="soft", name=f"n.{plan.waves[k]}", **style)
    known = [one.n for one in line.points if one is not None and not math.isnan(one.n)]
    if len(chosen) == len(names) or not known:
        return below
    ends = {"low": words.count(min(known)), "high": words.count(max(known))}
    text = words.ui("fig_n_range", **ends)
    drawing.words(plan.right, below + 16, text, anchor="end", name="n.range", **quiet)
    return below + 16


def _spaced(plan: Plan, names: Sequence[str], counts: Sequence[str]) -> tuple[list[int], float]:
    """The waves that are named, counted back from the last one, and the room of each name."""
    needs = max(_needs(name) for name in names)
    needs = max(needs, *(text_width(one, QUIET) for one in counts))
    edge, last = plan.width - plan.last, len(names) - 1
    for step in range(1, last + 1):
        span = plan.pitch * step
        room = min(span - 8, max(2 * edge, (span + edge) / 1.5), plan.width / 2 - 6)
        if room >= needs:
            chosen = list(range(last, -1, -step))
            if chosen[-1]:  # the first wave is named in any case
                chosen = [*chosen[: -1 if len(chosen) > 1 else None], 0]
            return sorted(chosen), room
    if last:
        return [0, last], plan.width / 2 - 6
    return [0], 2 * min(plan.at(0), plan.width - plan.at(0))


def _needs(name: str) -> float:
    """The least room in which a name stands in two lines; a long one may take three."""
    lines, room = (2 if text_width(name, QUIET) <= 100 else 3), 24.0
    while len(wrap(name, room, QUIET, lines=9)) > lines and room < 96:
        room += 4
    words = max(text_width(word, QUIET) for word in name.split(" "))
    return max(room, min(words, 96.0))


# -- the small ones -------------------------------------------------------------------------


def _draw_small_ones(drawing: Drawing, plan: Plan, lines: Sequence[Line], y: float) -> float:
    """Measures of one unit below each other, under the same waves, on one axis; their end."""
    words = plan.words
    axis = axis_of(lines)
    names = {line.metric for line in lines}
    title = words.name(f"metric:{names.pop()}") if len(names) == 1 else words.ui("metric")
    title = lines[0].title(words) if len(lines) == 1 else title
    targets = dict.fromkeys(_target_text(one, words) for one in lines if one.target is not None)
    y = _draw_caption(drawing, plan, axis, title, y + 14, targets) + 10
    has_change = any(_change_words(line, words) for line in lines)
    value_x = plan.width if plan.is_narrow and not has_change else plan.now
    for line in lines:
        drawing.line([(0, y), (plan.width, y)], name=f"rule.{line.key}")
        y = _draw_small(drawing, plan, line, axis, y, value_x)
    return y


def _draw_small(
    drawing: Drawing, plan: Plan, line: Line, axis: Axis, y: float, value_x: float
) -> float:
    """One small line with its name at the left or above it, its numbers at the right; its end."""
    words = plan.words
    room = plan.width - 150 if plan.is_narrow else plan.left - 52
    name = wrap(line.name(words), room, TEXT, is_bold=plan.is_narrow, lines=3)
    height = SMALL + 16
    if plan.is_narrow:
        head = max(16 * len(name), 32) + 16
        drawing.stack(0, y + 18, name, bold=True, name=f"label.{line.key}")
        _draw_small_numbers(drawing, plan, line, value_x, y + 18)
        top = y + head
        height += head - 8
    else:
        height = max(height, 16 * len(name) + 12)
        top = y + (height - SMALL) / 2
        first = y + height / 2 + 4.5 - 8 * (len(name) - 1)
        drawing.stack(0, first, name, name=f"label.{line.key}")
        _draw_small_numbers(drawing, plan, line, value_x, y + height / 2 - 3)
    at = Scale(axis.low, axis.high, top + SMALL, top)
    for value in (axis.low, axis.high):
        style: Style = {"role": "soft", "size": QUIET, "anchor": "end"}
        baseline = at(value) + (8 if value == axis.high else 0)
        drawing.words(plan.left - 8, baseline, axis.text(value, words), **style)
    _draw_target(drawing, plan, line, at)
    draw_line(drawing, plan, line, at, top, top + SMALL)
    return y + height


def _draw_small_numbers(drawing: Drawing, plan: Plan, line: Line, value_x: float, y: float) -> None:
    """The last number and its base, the change and its range, at the right of a row."""
    words, now, first = plan.words, line.points[-1], y
    right: Style = {"anchor": "end"}
    quiet: Style = {"role": "soft", "size": QUIET, **right}
    if now is not None and (is_shown(now) or is_hidden(now)):
        text = HIDDEN if is_hidden(now) else words.number(now.estimate, now.unit)
        style: Style = {"role": "soft"} if is_hidden(now) else {"bold": True}
        slot = 8 if star(now) else 0
        drawing.words(value_x - slot, y, text, name=f"now.{line.key}", **style, **right)
        drawing.words(value_x - slot + 1, y - 2, star(now))
        if not plan.is_narrow:
            drawing.words(value_x, y + 16, base(now.n, words), **quiet)
    for text, style in _change_words(line, words)[:2]:
        room = plan.width - value_x - 8 if y == first else plan.width
        lines = wrap(text, room, style.get("size", QUIET), is_bold="bold" in style)
        y = drawing.stack(plan.width, y, lines, **{**quiet, **style})


# -- the key --------------------------------------------------------------------------------


def _draw_legend(drawing: Drawing, plan: Plan, lines: Sequence[Line], y: float) -> float:
    """The signs that were used; the lowest baseline."""
    words = plan.words
    entries = []
    if any(one.name.startswith("published.") for one in drawing.drawn):
        entries.append(("ring", words.ui("fig_published")))
    if any(line.tone != "data" for line in lines):
        entries.append(("", words.ui("fig_colours")))
    if any(line.breaks for line in lines):
        entries.append(("", words.ui("fig_broken")))
    if any(one.text == NOTHING for one in drawing.drawn):
        gaps = [one for line in lines for one in line.points if not _has_sign(one)]
        entries.append(("", f"{NOTHING} {absence(next(iter(gaps), None), words)}"))
    return drawing.legend_of(entries, 0, y + 24, plan.width) if entries else y


def _has_sign(one: Estimate | None) -> bool:
    return one is not None and (is_shown(one) or is_hidden(one))
