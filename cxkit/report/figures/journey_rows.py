"""The journey as rows: a stage below the other, for a phone, and for more stages than columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cxkit.records import Estimate
from cxkit.report.figures.drawing import KEY, QUIET, TEXT, Drawing, Style
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    Scale,
    base,
    interval,
    is_hidden,
    is_shown,
    mark,
    no_number,
    star,
)
from cxkit.report.figures.stages import Stage, Story, high_edge, leak_words, low_edge

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["draw_rows"]


def draw_rows(drawing: Drawing, story: Story) -> float:
    """All stages below each other; where they end."""
    words, width = story.words, story.width
    ci = words.level(story.ci_level)
    quiet: Style = {"role": "soft", "size": QUIET}
    split = round(width * 0.6)
    left = ""
    if story.has_reach:
        n = story.common_base("reach")
        left = words.ui("fig_reach_short") + (f", {base(n, words)}" if n is not None else "")
    elif story.has_ratings:
        left = words.ui("fig_rating", ci=ci)
    left_lines = wrap(left, split if story.has_reach else width, QUIET)
    right = words.ui("fig_rating_short", ci=ci) if story.has_ratings and story.has_reach else ""
    right_lines = wrap(right, width - split - 12, QUIET)
    lines = max(len(left_lines), len(right_lines))
    drawing.stack(0, 12 + 14 * (lines - len(left_lines)), left_lines, leading=14, **quiet)
    first = 12 + 14 * (lines - len(right_lines))
    drawing.stack(width, first, right_lines, leading=14, anchor="end", **quiet)
    y = 20.0 + 14 * (lines - 1)
    for index, stage in enumerate(story.stages):
        drawing.line([(0, y), (width, y)])
        y = _draw_row(drawing, story, stage, y, split, is_last=index == len(story.stages) - 1)
    if not story.has_reach and story.has_ratings:
        at = Scale(0, 100, 4, split)
        for value in (0, 50, 100):
            anchor = "start" if value == 0 else "middle"
            x = at(value) - (4 if value == 0 else 0)
            drawing.words(x, y + 10, words.count(value), anchor=anchor, **quiet)
        y += 16
    return y


def _draw_row(
    drawing: Drawing, story: Story, stage: Stage, y: float, split: float, *, is_last: bool
) -> float:
    words, width = story.words, story.width
    has_ratings = story.has_ratings
    room = split if has_ratings else width
    label = wrap(words.name(f"stage:{stage.key}"), room, TEXT, is_bold=True)
    top = drawing.stack(0, y + 19, label, bold=True, name=f"label.{stage.key}") - 8
    if story.has_reach:
        _draw_lying_bar(drawing, story, stage, top, _full_bar(story, split))
        end = top + 32
        if stage.conversion is not None and not is_last:
            end = _draw_went_on(drawing, story, stage, top + 46) + 10
    else:
        _draw_lying_rating(drawing, story, stage, top + 10, split)
        end = top + 34
    if has_ratings:
        end = max(end, _draw_rating_numbers(drawing, story, stage, y, split))
    return end


def _draw_lying_bar(drawing: Drawing, story: Story, stage: Stage, top: float, full: float) -> None:
    record, words = stage.reach, story.words
    at = Scale(0, 1, 0, full)
    if record is None or not is_shown(record):
        end = full
        text = base(record.n, words) if record is not None and is_hidden(record) else ""
        if text:
            end -= text_width(text, QUIET) + 34
            drawing.words(end + 8, top + 17, HIDDEN, role="soft", name=f"share.{stage.key}")
            drawing.words(end + 28, top + 17, text, role="soft", size=QUIET)
        no_number(drawing, (0, top, end, top + 24), words, record, f"reach.{stage.key}")
        return
    end = at(record.estimate)
    drawing.bar(0, top, end, top + 24, "band", name=f"reach.{stage.key}")
    if not math.isnan(record.ci_low):
        low, high = at(record.ci_low), at(record.ci_high)
        drawing.pill(low, top + 7, high, top + 17, "data", name=f"range.reach.{stage.key}")
    tick = max(end, 1.5)
    drawing.bar(tick - 1.5, top, tick + 1.5, top + 24, "data", name=f"tick.reach.{stage.key}")
    inside, outside = _beside_bar(story, record, at)
    x = 8.0
    for text, size in inside:
        bold = size == TEXT
        name = f"share.{stage.key}" if bold else ""
        drawing.words(x, top + 17, text, size=size, bold=bold, halo="band", name=name)
        x += text_width(text, size, is_bold=bold) + 8
    x = max(high_edge(record, at), tick + 1.5) + 8
    for text, size in outside:
        bold = size == TEXT
        name, role = (f"share.{stage.key}", "ink") if bold else ("", "soft")
        drawing.words(x, top + 17, text, size=size, bold=bold, role=role, halo="paper", name=name)
        x += text_width(text, size, is_bold=bold) + 6


Told = list[tuple[str, float]]
"""Words in a row, each with its size."""


def _beside_bar(story: Story, record: Estimate, at: Scale) -> tuple[Told, Told]:
    """What stands in a lying bar, and what stands behind it: its number, and its base if own."""
    told: Told = [(story.words.number(record.estimate, "share") + star(record), TEXT)]
    if story.common_base("reach") is None:
        told.append((base(record.n, story.words), QUIET))
    room, inside = low_edge(record, at) - 6, []
    while told and room > _width(told[:1]) + 8:
        room -= _width(told[:1]) + 8
        inside.append(told.pop(0))
    return inside, told


def _width(told: Told) -> float:
    return sum(text_width(text, size, is_bold=size == TEXT) + 6 for text, size in told) - 6


def _full_bar(story: Story, split: float) -> float:
    """How long a lying bar of everybody is, so that what stands behind the bars has its room."""
    numbers = [text_width(text, QUIET) for one in story.stages for text in _rated(one, story.words)]
    limit = story.width - (max(numbers, default=0.0) + 10 if story.has_ratings else 0.0)
    full = split - 8
    shown = [one.reach for one in story.stages if one.reach is not None and is_shown(one.reach)]
    for one in (*shown, *shown):  # a shorter bar may push out what another held
        at = Scale(0, 1, 0, full)
        if outside := _beside_bar(story, one, at)[1]:
            reach = max(high_edge(one, at), 3.0) / full
            full = min(full, (limit - 8 - _width(outside)) / max(reach, 0.1))
    return full


def _rated(stage: Stage, words: Words) -> list[str]:
    """What stands under the rating of a stage."""
    one = stage.rating
    return [] if one is None else [interval(one, words), base(one.n, words)]


def _draw_went_on(drawing: Drawing, story: Story, stage: Stage, y: float) -> float:
    """The line of words between two rows: the share that went on, and of how many."""
    record, words = stage.conversion, story.words
    assert record is not None
    role = "bad-ink" if stage.is_leak else "soft"
    value = HIDDEN if is_hidden(record) else words.number(record.estimate, "share") + star(record)
    text = f"\u2193 {value} {words.ui('fig_conversion')}, {base(record.n, words)}"
    style: Style = {"role": role, "bold": stage.is_leak, "name": f"conversion.{stage.key}"}
    y = drawing.stack(8, y, wrap(text, story.width - 8, TEXT, is_bold=stage.is_leak), **style) - 16
    if stage.is_leak:
        style["name"] = "leak.words"
        lines = wrap(leak_words(record, words), story.width - 8, TEXT, is_bold=True)
        y = drawing.stack(8, y + 17, lines, **style) - 16
    return y


def _draw_lying_rating(
    drawing: Drawing, story: Story, stage: Stage, y: float, split: float
) -> None:
    at = Scale(0, 100, 4, split)
    record = stage.rating
    if record is None or not is_shown(record):
        no_number(drawing, (at(0), y - 10, at(100), y + 10), story.words, record, stage.key)
        return
    drawing.bar(at(0), y - 0.5, at(100), y + 0.5, "line", name=f"rail.{stage.key}")
    drawing.bar(at(0), y - 3, at(record.estimate), y + 3, "band", name=f"stem.{stage.key}")
    values = (record.estimate, record.ci_low, record.ci_high)
    mark(drawing, at, y, values, "data", stage.key)


def _draw_rating_numbers(
    drawing: Drawing, story: Story, stage: Stage, y: float, split: float
) -> float:
    """The rating of a row at its right: number, interval, base; where they end."""
    record, words, x = stage.rating, story.words, story.width
    right: Style = {"anchor": "end"}
    quiet: Style = {"role": "soft", "size": QUIET, **right}
    if record is None or not (is_shown(record) or is_hidden(record)):
        if story.has_reach:
            box = (max(split + 12, x - 120), y + 22, x, y + 56)
            no_number(drawing, box, words, record, f"rating.{stage.key}")
        return y + 62
    name = f"rating.{stage.key}"
    if is_hidden(record):
        if story.has_reach:
            drawing.hatch(x - 90, y + 14, x - 30, y + 38, name=f"none.{name}")
        drawing.words(x, y + 33, HIDDEN, role="soft", size=KEY, name=name, **right)
        drawing.words(x, y + 52, base(record.n, words), **quiet)
        return y + 62
    value = words.number(record.estimate, record.unit)
    slot = 8 if star(record) else 0
    drawing.words(x - slot, y + 27, value, size=KEY, bold=True, name=name, **right)
    drawing.words(x - slot + 1, y + 24, star(record))
    drawing.words(x, y + 45, interval(record, words), **quiet)
    drawing.words(x, y + 61, base(record.n, words), **quiet)
    return y + 70
