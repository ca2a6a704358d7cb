"""The trend: one measure over the waves with its ranges, and below it others in small."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.drawing import KEY, NARROW, QUIET, TEXT, WIDE, Drawing, Style
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
    no_number,
    star,
    wave_name,
)
from cxkit.report.figures.steps import steps
from cxkit.wording import printed

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["trend"]

NOTHING = "\u2013"
_SHADE = 0.22
_SMALL = 44.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Plan:
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

    @property
    def is_narrow(self) -> bool:
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


def trend(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words,
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
    words : Words
        The language of the labels.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    measures : sequence of {"metric", "of", "ends"}, optional
        What to draw, the headline first; as the records come if not given. `ends` are those of
        a response scale, for a mean on it.
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
    plan = _plan(narrow, keys, words, level_of(estimates))
    drawing = Drawing(plan.width)
    if not lines or not keys:
        return drawing.finish(12)
    before = {keys.index(key): value for key, value in (published or {}).items() if key in keys}
    y = _draw_headline(drawing, plan, lines[0], _happened(events, plan), before)
    for unit, some in groupby(lines[1:], key=lambda line: (line.unit, line.ends)):
        del unit
        y = _draw_small_ones(drawing, plan, list(some), y + 18)
    return drawing.finish(_draw_legend(drawing, plan, lines, y) + 6)


def _plan(narrow: bool, waves: Sequence[str], words: Words, ci_level: float) -> _Plan:
    ci = words.level(ci_level)
    if narrow:
        return _Plan(words, tuple(waves), ci, NARROW, 40, NARROW, 58, 313, 150)
    return _Plan(words, tuple(waves), ci, WIDE, 190, 592, 222, 572, 184)


# -- the headline ---------------------------------------------------------------------------


def _draw_headline(
    drawing: Drawing,
    plan: _Plan,
    line: Line,
    events: Sequence[tuple[float, str]],
    published: Mapping[int, float],
) -> float:
    """The first measure, with its axis, the waves and what happened; where it ends."""
    axis = axis_of([line], published.values())
    y = _draw_caption(drawing, plan, axis, line.name(plan.words), 12)
    if plan.is_narrow:
        y = _draw_now(drawing, plan, line, plan.width, y + 30, "end") + 4
    starts, y = _draw_events(drawing, plan, events, y + 22)
    top, bottom = y, y + plan.height
    at = Scale(axis.low, axis.high, bottom, top)
    _draw_grid(drawing, plan, axis, at)
    for index, (x, start) in enumerate(starts):
        drawing.line([(x, start), (x, bottom)], "soft", dashed=True, name=f"event.{index}")
    target = _draw_target(drawing, plan, line, at)
    _draw_line(drawing, plan, line, at, top, bottom)
    _draw_published(drawing, plan, line, at, published)
    if not plan.is_narrow:
        now = line.points[-1]
        beside = at(now.estimate) - 6 if now is not None and is_shown(now) else top + 24
        _draw_now(drawing, plan, line, plan.right + 14, _within(beside, top + 14, bottom - 66))
    _draw_values(drawing, plan, line, at, [*target])
    return _draw_waves(drawing, plan, line, bottom + 18)


def _draw_caption(drawing: Drawing, plan: _Plan, axis: Axis, name: str, y: float) -> float:
    """What is measured, and which part of its scale is drawn; the last baseline."""
    lines = wrap(axis.caption(name, plan.ci, plan.words), plan.width, QUIET, lines=3)
    style: Style = {"role": "soft", "size": QUIET, "name": f"caption.{axis.unit}"}
    return drawing.stack(0, y, lines, leading=15, **style) - 15


def _draw_grid(drawing: Drawing, plan: _Plan, axis: Axis, at: Scale) -> None:
    for value in axis.ticks:
        y, is_zero = at(value), value == 0 and axis.low < 0
        drawing.line(
            [(plan.left, y), (plan.right, y)], "soft" if is_zero else "line", name=f"grid.{value:g}"
        )
        style: Style = {"role": "soft", "size": QUIET, "anchor": "end"}
        drawing.words(plan.left - 8, y + 4, axis.text(value, plan.words), **style)
    if axis.starts_late:
        axis_break(drawing, plan.left, at(axis.low))


def _draw_now(
    drawing: Drawing, plan: _Plan, line: Line, x: float, y: float, anchor: str = "start"
) -> float:
    """The last number, large, with its range and its change; the lowest baseline."""
    words, now = plan.words, line.points[-1]
    quiet: Style = {"role": "soft", "size": QUIET, "anchor": anchor}
    if plan.is_narrow:
        name = wrap(line.name(words), plan.width - 140, TEXT, is_bold=True, lines=3)
        drawing.stack(0, y, name, bold=True, name="name")
    if now is not None and is_shown(now):
        value = words.number(now.estimate, now.unit) + star(now)
        drawing.words(x, y, value, size=KEY, bold=True, anchor=anchor, halo="paper", name="now")
        y += 18
        drawing.words(x, y, interval(now, words), name="now.range", **quiet)
    elif now is not None and is_hidden(now):
        drawing.words(x, y, HIDDEN, **{**quiet, "size": KEY}, name="now")
        drawing.words(x, y := y + 18, base(now.n, words), **quiet)
    for text, style in _change_words(line, words):
        y += 17
        drawing.words(x, y, text, **{**quiet, **style})
    return y


def _change_words(line: Line, words: Words) -> list[tuple[str, Style]]:
    """The last change in words: its size, its range, since when."""
    change = line.change
    bold: Style = {"size": TEXT, "name": f"change.{line.key}"}
    if line.is_broken_at_the_end or (change is not None and "not_comparable" in change.flags):
        return [(words.ui("fig_not_comparable"), {"name": bold["name"]})]
    if change is None:
        return []
    since = (words.ui("fig_since", wave=wave_name(change.b.partition("=")[2], words)), {})
    if is_hidden(change):
        return [(HIDDEN, bold), since]
    if not is_shown(change):
        return []
    bold |= {"bold": True, "role": INK_OF[line.tone]}
    text = change_text(change, words) + star(change)
    return [(text, bold), (interval(change, words), {}), since]


def _within(value: float, low: float, high: float) -> float:
    return max(min(value, high), low)


# -- what happened --------------------------------------------------------------------------


def _happened(events: Sequence[Mapping[str, Any]], plan: _Plan) -> list[tuple[float, str]]:
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
    drawing: Drawing, plan: _Plan, events: Sequence[tuple[float, str]], y: float
) -> tuple[list[tuple[float, float]], float]:
    """The words of the events as stairs; where their lines begin, and the top of the plot."""
    if not events:
        return [], y
    starts, y = steps(drawing, y, events, role="soft", name="event.words")
    return starts, y + 2


# -- a line ---------------------------------------------------------------------------------


def _draw_line(
    drawing: Drawing, plan: _Plan, line: Line, at: Scale, top: float, bottom: float
) -> None:
    """Bands, steps, ranges and dots of one line; hatching where there is no number."""
    is_small = bottom - top <= _SMALL
    for k, one in enumerate(line.points):
        if not is_shown(one):
            _draw_gap(drawing, plan, one, k, (top, bottom), line.key)
    for k in line.breaks:
        _draw_break(drawing, plan, line, at, k, (top + bottom) / 2)
    for run in line.runs:
        _draw_band(drawing, plan, line, at, run)
        for here, there in pairwise(run):
            is_last = there == len(line.points) - 1
            ends = [(plan.at(k), at(_estimate(line, k))) for k in (here, there)]
            tone = line.tone if is_last else "data"
            drawing.line(ends, tone, weight=2, name=f"line.{line.key}.{plan.waves[there]}")
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


def _estimate(line: Line, k: int) -> float:
    one = line.points[k]
    return math.nan if one is None else one.estimate


def _draw_band(drawing: Drawing, plan: _Plan, line: Line, at: Scale, run: Sequence[int]) -> None:
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


def _draw_break(
    drawing: Drawing, plan: _Plan, line: Line, at: Scale, k: int, middle: float
) -> None:
    """Two strokes where a line is broken, as high as it would have run."""
    x = plan.at(k - 0.5)
    sides = [_estimate(line, k - 1), _estimate(line, k)]
    y = middle if any(math.isnan(side) for side in sides) else at(sum(sides) / 2)
    name = f"break.{line.key}.{plan.waves[k]}"
    for shift, called in ((-3, name), (3, "")):
        ends = [(x + shift - 2.5, y + 7), (x + shift + 2.5, y - 7)]
        drawing.line(ends, "soft", weight=1.5, name=called)


def _draw_gap(
    drawing: Drawing,
    plan: _Plan,
    one: Estimate | None,
    k: int,
    span: tuple[float, float],
    key: str,
) -> None:
    """A wave without a number: hatched, with the sign or the words that say why."""
    x, name = plan.at(k), f"{key}.{plan.waves[k]}"
    room = min(plan.pitch - 10, 2 * (x - plan.left), 2 * (plan.right - x))
    is_told = one is None or not is_hidden(one)
    half = _within(room / 2, 9, 44 if is_told else 20)
    box = (x - half, span[0], x + half, span[1])
    if is_told and half >= 36 and span[1] - span[0] > _SMALL:
        no_number(drawing, box, plan.words, one, name)
        return
    drawing.hatch(*box, name=f"none.{name}")
    text = NOTHING if is_told else HIDDEN
    y = (span[0] + span[1]) / 2
    drawing.bar(x - 7, y - 9, x + 7, y + 9, "wash")
    drawing.words(x, y + 5, text, role="soft", anchor="middle", name=f"value.{name}")


# -- numbers beside the line ----------------------------------------------------------------


def _draw_target(drawing: Drawing, plan: _Plan, line: Line, at: Scale) -> list[Box]:
    """A dashed line at the target, its words where the line of the measure is not."""
    if line.target is None:
        return []
    y, name = at(line.target), f"target.{line.key}"
    drawing.line([(plan.left, y), (plan.right, y)], "soft", dashed=True, name=name)
    text = plan.words.ui("fig_target", value=plan.words.number(line.target, line.unit))
    width = text_width(text, QUIET)
    ends = [(plan.left + 4, "start"), (plan.right - 2, "end")]
    marks = _marks(plan, line, at)
    places = []
    for x, anchor in ends:
        left = x if anchor == "start" else x - width
        places += [(x, anchor, b, (left, b - 10, left + width, b + 3)) for b in (y - 5, y + 14)]
    is_fit = [place for place in places if not any(_meets(place[3], mark) for mark in marks)]
    x, anchor, baseline, box = (is_fit or places)[0]
    style: Style = {"role": "soft", "size": QUIET, "anchor": anchor, "halo": "paper"}
    drawing.words(x, baseline, text, name=f"words.{name}", **style)
    return [box]


def _marks(plan: _Plan, line: Line, at: Scale) -> list[Box]:
    """The boxes of the ranges of a line, and of its values above them."""
    boxes = []
    for k in line.shown:
        one = line.points[k]
        assert one is not None
        ends = [at(value) for value in _ends(one)]
        half = text_width(plan.words.number(one.estimate, one.unit), TEXT, is_bold=True) / 2
        boxes.append((plan.at(k) - half, min(ends) - 22, plan.at(k) + half, max(ends) + 4))
    return boxes


def _ends(one: Estimate) -> tuple[float, float]:
    known = [value for value in (one.ci_low, one.estimate, one.ci_high) if not math.isnan(value)]
    return min(known), max(known)


def _meets(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0


def _draw_values(
    drawing: Drawing, plan: _Plan, line: Line, at: Scale, taken: list[Box]
) -> None:
    """The number of each wave above or below its range; one that finds no room is left out."""
    last = len(line.points) - 1
    shown = [k for k in line.shown if k != last or plan.is_narrow]
    for k in sorted(shown, key=lambda k: (k != last, k != line.shown[0], -k)):
        one = line.points[k]
        assert one is not None
        text = plan.words.number(one.estimate, one.unit) + star(one)
        half = text_width(text, TEXT, is_bold=True) / 2 + 1
        low, high = (at(value) for value in _ends(one))
        x = plan.at(k)
        places = [(high - 8, high - 18.5), (low + 17, low + 6.5)]
        if _is_valley(line, k):
            places.reverse()
        for baseline, top in places:
            box = (x - half, top, x + half, top + 13)
            if not any(_meets(box, other) for other in taken):
                taken.append(box)
                style: Style = {"bold": True, "anchor": "middle", "halo": "paper"}
                name = f"value.{line.key}.{plan.waves[k]}"
                drawing.words(x, baseline, text, name=name, **style)
                break


def _is_valley(line: Line, k: int) -> bool:
    """Whether the line runs above a wave on its way in and out, on the whole."""
    beside = [
        _estimate(line, j) for j in (k - 1, k + 1) if j in line.shown and 0 <= j < len(line.points)
    ]
    return bool(beside) and sum(beside) / len(beside) > _estimate(line, k)


def _draw_published(
    drawing: Drawing, plan: _Plan, line: Line, at: Scale, published: Mapping[int, float]
) -> None:
    """A hollow circle where an earlier report gave another number than is printed today."""
    for k, value in sorted(published.items()):
        one = line.points[k]
        if one is None or not is_shown(one):
            continue
        if printed(value, one.unit) != printed(one.estimate, one.unit):
            drawing.ring(plan.at(k), at(value), name=f"published.{plan.waves[k]}")


# -- the waves ------------------------------------------------------------------------------


def _draw_waves(drawing: Drawing, plan: _Plan, line: Line, y: float) -> float:
    """The names of the waves and the base of each, as many as there is room for."""
    words = plan.words
    names = [words.short(f"wave:{wave}") for wave in plan.waves]
    counts = [words.count(one.n) if one is not None else "" for one in line.points]
    chosen, room = _spaced(plan, names, counts)
    lines = {k: wrap(names[k], room, QUIET, lines=3) for k in chosen}
    below = y + 15 * max(len(one) for one in lines.values()) + 1
    for k in chosen:
        half = max(text_width(one, QUIET) for one in (*lines[k], counts[k])) / 2
        x = _within(plan.at(k), half, plan.width - half)
        style: Style = {"size": QUIET, "anchor": "middle"}
        drawing.stack(x, y, lines[k], leading=15, name=f"wave.{plan.waves[k]}", **style)
        drawing.words(x, below, counts[k], role="soft", name=f"n.{plan.waves[k]}", **style)
    quiet: Style = {"role": "soft", "size": QUIET}
    drawing.words(plan.left - 8, below, words.ui("n"), anchor="end", name="n", **quiet)
    known = [one.n for one in line.points if one is not None]
    if len(chosen) == len(names) or not known:
        return below
    ends = {"low": words.count(min(known)), "high": words.count(max(known))}
    text = words.ui("fig_n_range", **ends)
    drawing.words(plan.right, below + 16, text, anchor="end", name="n.range", **quiet)
    return below + 16


def _spaced(
    plan: _Plan, names: Sequence[str], counts: Sequence[str]
) -> tuple[list[int], float]:
    """The waves that are named, counted back from the last one, and the room of each name."""
    widest = max(text_width(word, QUIET) for name in names for word in name.split(" "))
    needs = max(min(widest, 80.0), *(text_width(one, QUIET) for one in counts))
    edge, last = plan.width - plan.last, len(names) - 1
    for step in range(1, last + 1):
        span = plan.pitch * step
        room = min(span - 8, max(2 * edge, (span + edge) / 1.5), plan.width / 2 - 6)
        if room >= needs:
            chosen = list(range(last, -1, -step))
            if chosen[-1]:  # the first wave is named in any case
                chosen = [*chosen[: -1 if len(chosen) > 1 else None], 0]
            return sorted(chosen), room
    return ([0, last], plan.width / 2 - 6) if last else ([0], min(2 * edge, plan.width / 2))


# -- the small ones -------------------------------------------------------------------------


def _draw_small_ones(drawing: Drawing, plan: _Plan, lines: Sequence[Line], y: float) -> float:
    """Measures of one unit below each other, under the same waves, on one axis; their end."""
    words = plan.words
    axis = axis_of(lines, about=2)
    names = {line.metric for line in lines}
    title = words.name(f"metric:{names.pop()}") if len(names) == 1 else words.ui("metric")
    y = _draw_caption(drawing, plan, axis, title, y + 14) + 10
    for line in lines:
        drawing.line([(0, y), (plan.width, y)], name=f"rule.{line.key}")
        y = _draw_small(drawing, plan, line, axis, y)
    return y


def _draw_small(drawing: Drawing, plan: _Plan, line: Line, axis: Axis, y: float) -> float:
    words = plan.words
    room = plan.width - 150 if plan.is_narrow else plan.left - 52
    name = wrap(line.name(words), room, TEXT, is_bold=plan.is_narrow, lines=3)
    height = _SMALL + 12
    if plan.is_narrow:
        head = max(16 * len(name), 32) + 8
        drawing.stack(0, y + 18, name, bold=True, name=f"label.{line.key}")
        _draw_small_numbers(drawing, plan, line, y + 18)
        top = y + head
        height += head - 6
    else:
        height = max(height, 16 * len(name) + 12)
        top = y + (height - _SMALL) / 2
        first = y + height / 2 + 4.5 - 8 * (len(name) - 1)
        drawing.stack(0, first, name, name=f"label.{line.key}")
        _draw_small_numbers(drawing, plan, line, y + height / 2 - 3)
    at = Scale(axis.low, axis.high, top + _SMALL, top)
    for value in (axis.low, axis.high):
        style: Style = {"role": "soft", "size": QUIET, "anchor": "end"}
        baseline = at(value) + (8 if value == axis.high else 0)
        drawing.words(plan.left - 8, baseline, axis.text(value, words), **style)
    _draw_target_mark(drawing, plan, line, at)
    _draw_line(drawing, plan, line, at, top, top + _SMALL)
    return y + height


def _draw_target_mark(drawing: Drawing, plan: _Plan, line: Line, at: Scale) -> None:
    if line.target is not None:
        ends = [(plan.left, at(line.target)), (plan.right, at(line.target))]
        drawing.line(ends, "soft", dashed=True, name=f"target.{line.key}")


def _draw_small_numbers(drawing: Drawing, plan: _Plan, line: Line, y: float) -> None:
    """The last number and its base, the change and its range, at the right of a row."""
    words, now = plan.words, line.points[-1]
    value_x, change_x = (262.0, plan.width) if plan.is_narrow else (656.0, plan.width)
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
        if text.startswith(words.ui("fig_since", wave="")):
            break
        drawing.words(change_x, y, text, **{**quiet, **style})
        y += 16


# -- the key --------------------------------------------------------------------------------


def _draw_legend(drawing: Drawing, plan: _Plan, lines: Sequence[Line], y: float) -> float:
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
