"""The journey: how many reach each stage, who went on, and below it what each stage is rated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import KEY, NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.journey_rows import draw_rows
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import (
    HIDDEN,
    Scale,
    axis_break,
    base,
    find,
    interval,
    is_hidden,
    is_shown,
    latest_wave,
    level_of,
    no_number,
    ordered_keys,
    star,
)
from cxkit.report.figures.stages import Stage, Story, high_edge, leak_words, low_edge

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["journey"]

_MOST_COLUMNS = 7
_BAR_HEIGHT = 164
_RATING_HEIGHT = 136


@of_records
def journey(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    order: Sequence[str] | None = None,
    leak: str | None = None,
    common: bool = False,
) -> Drawing:
    """Reach of each stage as bars from zero, who went on between them, and ratings below.

    Parameters
    ----------
    estimates : Estimates
        Published, of `stage:*`: metric `reach`, metric `conversion` (of the stage that is left),
        metric `score_100` (ratings). The latest wave is drawn; either part may be absent. A
        stage without a rating is drawn as not measured.
    comparisons : Comparisons, optional
        Not drawn; taken so that all figures are called alike.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    order : sequence of str, optional
        Stage keys, first stage first; as the records come if not given.
    leak : str, optional
        The stage from which conversion is the weakest by its test: coloured and named.
    common : bool, default False
        The ratings rest on one base, so a line may join them.

    Returns
    -------
    Drawing
    """
    leak = leak.removeprefix("stage:") if leak else None
    wave = latest_wave(estimates := [one for one in estimates if one.of.startswith("stage:")])
    estimates = [one for one in estimates if one.wave == wave and not one.by]
    keys = ordered_keys(estimates, "stage", order)
    width = NARROW if narrow else WIDE
    stages = tuple(
        Stage(
            key=key,
            x=(index + 0.5) * width / len(keys),
            reach=_of(estimates, key, "reach"),
            conversion=_of(estimates, key, "conversion"),
            rating=_of(estimates, key, "score_100"),
            is_leak=key == leak and is_shown(_of(estimates, key, "conversion")),
        )
        for index, key in enumerate(keys)
    )
    story = Story(stages, words, width, level_of(estimates), common)
    drawing = Drawing(width)
    if narrow or len(keys) > _MOST_COLUMNS:
        return drawing.finish(draw_rows(drawing, story) + 6)
    return drawing.finish(_draw_columns(drawing, story))


def _of(estimates: Sequence[Estimate], stage: str, metric: str) -> Estimate | None:
    found: Estimate | None = find(estimates, of=f"stage:{stage}", metric=metric)
    return found


# -- wide: a column a stage -----------------------------------------------------------------


def _draw_columns(drawing: Drawing, story: Story) -> float:
    y = 12.0
    if story.has_reach:
        y = _draw_header(drawing, story, _reach_header(story), y) + 10
    y = _draw_heads(drawing, story, y + 14)
    if story.has_reach:
        y = _draw_reach(drawing, story, y + 14) + 34
    if story.has_ratings:
        y = _draw_ratings(drawing, story, y if story.has_reach else y + 34)
    return y


def _draw_header(drawing: Drawing, story: Story, text: str, y: float) -> float:
    lines = wrap(text, story.width, QUIET)
    return drawing.stack(0, y, lines, leading=15, role="soft", size=QUIET) - 15


def _reach_header(story: Story) -> str:
    text = story.words.ui("fig_reach", ci=story.words.level(story.ci_level))
    n = story.common_base("reach")
    return text if n is None else f"{text}, {base(n, story.words)}"


def _draw_heads(drawing: Drawing, story: Story, y: float) -> float:
    """The names of the stages with their glosses; the lowest baseline."""
    room = story.pitch - 12
    lowest = y
    for stage in story.stages:
        name = wrap(story.words.name(f"stage:{stage.key}"), room, TEXT, is_bold=True)
        gloss = wrap(story.words.gloss(f"stage:{stage.key}"), room, QUIET)
        style: Style = {"anchor": "middle", "name": f"label.{stage.key}"}
        after = drawing.stack(stage.x, y, name, leading=15, bold=True, **style)
        if gloss != [""]:
            quiet: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
            after = drawing.stack(stage.x, after, gloss, leading=14, **quiet) + 1
        lowest = max(lowest, after - 15)
    return lowest


def _draw_reach(drawing: Drawing, story: Story, top: float) -> float:
    """Bars from zero with what lies between them; where the part ends."""
    is_one_base = story.common_base("reach") is not None
    top += _headroom(story, is_one_base)
    zero = top + _BAR_HEIGHT
    at = Scale(0, 1, zero, top)
    tops = {
        stage.key: at(stage.reach.estimate) if is_shown(stage.reach) else None
        for stage in story.stages
        if stage.reach is not None
    }
    for here, there in pairwise(story.stages):
        _draw_between(drawing, story, here, there, (tops.get(here.key), tops.get(there.key)), zero)
    for stage in story.stages:
        _draw_bar(drawing, story, stage, tops.get(stage.key), (top, zero), is_one_base)
    drawing.line([(0, zero), (story.width, zero)], "soft", name="zero")
    leak = next((stage for stage in story.stages[:-1] if stage.is_leak), None)
    if leak is None:
        return zero
    _name_leak(drawing, story, leak, zero)
    return zero + 16


def _draw_bar(
    drawing: Drawing,
    story: Story,
    stage: Stage,
    y: float | None,
    span: tuple[float, float],
    is_one_base: bool,
) -> None:
    top, zero = span
    left, right = stage.x - story.bar / 2, stage.x + story.bar / 2
    record = stage.reach
    if record is None or y is None:
        no_number(drawing, (left, top, right, zero), story.words, record, f"reach.{stage.key}")
        if record is not None and is_hidden(record):
            drawing.bar(stage.x - 30, zero - 58, stage.x + 30, zero - 14, "wash")
            quiet: Style = {"role": "soft", "anchor": "middle"}
            drawing.words(stage.x, zero - 40, HIDDEN, name=f"reach.{stage.key}", **quiet)
            drawing.words(stage.x, zero - 22, base(record.n, story.words), size=QUIET, **quiet)
        return
    drawing.bar(left, y, right, zero, "band", name=f"reach.{stage.key}")
    drawing.bar(left, y - 1.5, right, y + 1.5, "data", name=f"tick.reach.{stage.key}")
    at = Scale(0, 1, zero, top)
    if not math.isnan(record.ci_low):
        low, high = at(record.ci_low), at(record.ci_high)
        name = f"range.reach.{stage.key}"
        wide, edge = (10, 4) if story.bar > 70 else (5, 2)
        drawing.pill(right - edge - wide, high, right - edge, low, "data", name=name)
    first, inside = _share_place(record, at, is_one_base)
    style: Style = {"anchor": "middle", "halo": "band" if inside else "paper"}
    value = story.words.number(record.estimate, "share") + star(record)
    drawing.words(stage.x, first, value, size=KEY, bold=True, name=f"share.{stage.key}", **style)
    if not is_one_base:
        second = zero - 9 if inside else first + 16
        drawing.words(stage.x, second, base(record.n, story.words), size=QUIET, **style)


def _share_place(record: Estimate, at: Scale, is_one_base: bool) -> tuple[float, bool]:
    """The baseline of a bar's number, and whether it stands inside the bar."""
    needs = 26 if is_one_base else 44
    zero, top, y = at.start, at.end, at(record.estimate)
    below = low_edge(record, at)
    inside = zero - y >= needs + 8 and below < y + 10
    if not inside and high_edge(record, at) - needs < top - 4:  # no room under the stage's name
        inside = zero - below >= needs + 8
    if inside:
        return max(y + 25, below + 20), True
    return min(y - (8 if is_one_base else 25), high_edge(record, at) - 6), False


def _headroom(story: Story, is_one_base: bool) -> float:
    """What the bars leave free under the names of the stages for numbers that stand above them."""
    at = Scale(0, 1, _BAR_HEIGHT, 0)
    shown = [one.reach for one in story.stages if one.reach is not None and is_shown(one.reach)]
    places = [_share_place(one, at, is_one_base) for one in shown]
    return max([0.0, *(10 - first for first, inside in places if not inside)])


def _draw_between(
    drawing: Drawing,
    story: Story,
    here: Stage,
    there: Stage,
    tops: tuple[float | None, float | None],
    zero: float,
) -> None:
    """The share that went on, on the slope from one bar to the next."""
    left, right = here.x + story.bar / 2, there.x - story.bar / 2
    high, low = tops
    surface = "tint" if here.is_leak else "wash"
    if high is not None and low is not None:
        corners = [(left, high), (right, low), (right, zero), (left, zero)]
        drawing.area(corners, surface, name=f"between.{here.key}")
    record = here.conversion
    if record is None:
        return
    middle, words = (left + right) / 2, story.words
    if not is_shown(record):
        text = HIDDEN if is_hidden(record) else ""
        drawing.words(middle, zero - 42, text, role="soft", anchor="middle", halo=surface)
    else:
        value = words.number(record.estimate, "share") + star(record)
        role = "bad-ink" if here.is_leak else "ink"
        style: Style = {"role": role, "bold": True, "anchor": "middle", "halo": surface}
        drawing.words(middle, zero - 42, value, name=f"conversion.{here.key}", **style)
    role = "bad-ink" if here.is_leak else "soft"
    quiet: Style = {"role": role, "size": QUIET, "anchor": "middle"}
    room = right - left - 4
    for y, text in ((zero - 27, words.ui("fig_conversion")), (zero - 11, base(record.n, words))):
        if text_width(text, QUIET) <= room:
            drawing.words(middle, y, text, halo=surface, **quiet)


def _name_leak(drawing: Drawing, story: Story, leak: Stage, zero: float) -> None:
    left, right = leak.x + story.bar / 2, leak.x + story.pitch - story.bar / 2
    drawing.bar(left, zero + 3, right, zero + 5.5, "bad", name="leak")
    record = leak.conversion
    assert record is not None
    text = leak_words(record, story.words)
    half = text_width(text, QUIET, is_bold=True) / 2
    x = min(max((left + right) / 2, half), story.width - half)
    style: Style = {"role": "bad-ink", "size": QUIET, "bold": True, "anchor": "middle"}
    drawing.words(x, zero + 21, text, name="leak.words", **style)


def _cut_axis(story: Story) -> tuple[float, float, float]:
    """Low end, high end and step of the rating axis: as much of 0-100 as the marks need."""
    shown = [stage.rating for stage in story.stages if is_shown(stage.rating)]
    ends = [
        value
        for one in shown
        if one is not None
        for value in (one.ci_low, one.ci_high, one.estimate)
        if not math.isnan(value)
    ]
    low, high = min(ends, default=0.0), max(ends, default=100.0)
    if high - low > 55:
        return 0, 100, 25
    step = 5 if high - low <= 22 else 10
    low, high = step * math.floor(low / step), step * math.ceil(high / step)
    while high - low < 3 * step:
        low, high = max(low - step, 0), min(high + step, 100)
    return low, high, step


def _draw_ratings(drawing: Drawing, story: Story, y: float) -> float:
    """Ratings as upright marks on an axis that says which part of 0 to 100 it shows."""
    low, high, step = _cut_axis(story)
    words, ci = story.words, story.words.level(story.ci_level)
    is_cut = (low, high) != (0, 100)
    ends = {"low": words.count(low), "high": words.count(high)}
    header = words.ui("fig_rating_cut", ci=ci, **ends) if is_cut else words.ui("fig_rating", ci=ci)
    y = _draw_header(drawing, story, header, y) + 46
    at = Scale(low, high, y + _RATING_HEIGHT, y)
    left = text_width(words.count(high), QUIET) + 6
    for k in range(round((high - low) / step) + 1):
        value = low + k * step
        drawing.line([(left, at(value)), (story.width, at(value))], name=f"grid.{value:g}")
        quiet: Style = {"role": "soft", "size": QUIET, "anchor": "end"}
        drawing.words(left - 6, at(value) + 4, words.count(value), **quiet)
    if is_cut and low > 0:
        axis_break(drawing, left, at(low))
    shown = [stage for stage in story.stages if is_shown(stage.rating)]
    if story.common:
        for here, there in pairwise(story.stages):
            if here in shown and there in shown:
                ends_of_line = [
                    (one.x, at(one.rating.estimate)) for one in (here, there) if one.rating
                ]
                drawing.line(ends_of_line, "soft", name=f"joined.{here.key}")
    for stage in story.stages:
        _draw_rating(drawing, story, stage, at)
    return at(low) + 30


def _draw_rating(drawing: Drawing, story: Story, stage: Stage, at: Scale) -> None:
    record, words, name = stage.rating, story.words, f"rating.{stage.key}"
    quiet: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
    below = at.start + 17
    if record is None or not is_shown(record):
        half = max(story.bar / 2, 46.0)
        box = (stage.x - half, at.end, stage.x + half, at.start)
        no_number(drawing, box, words, record, f"rating.{stage.key}")
        if record is not None and is_hidden(record):
            y = (at.start + at.end) / 2
            drawing.bar(stage.x - 16, y - 10, stage.x + 16, y + 12, "wash")
            drawing.words(stage.x, y + 7, HIDDEN, **{**quiet, "size": TEXT}, name=name)
        if record is not None and record.n:
            drawing.words(stage.x, below, base(record.n, words), **quiet)
        return
    y, top = at(record.estimate), at(record.estimate)
    if not math.isnan(record.ci_low):
        top = at(record.ci_high)
        bottom = at(record.ci_low)
        drawing.pill(stage.x - 5, top, stage.x + 5, bottom, "data", name=f"range.{stage.key}")
    drawing.bar(stage.x - 8, y - 1.5, stage.x + 8, y + 1.5, "data", name=f"tick.{stage.key}")
    value = words.number(record.estimate, record.unit) + star(record)
    style: Style = {"bold": True, "anchor": "middle", "halo": "paper", "name": name}
    top = min(top, y - 4)
    drawing.words(stage.x, top - 22, value, **style)
    drawing.words(stage.x, top - 8, interval(record, words), halo="paper", **quiet)
    drawing.words(stage.x, below, base(record.n, words), **quiet)
