"""The journey on one sheet: what people do at each stage, by which ways, how they rate it, a quote.

Wide, a stage is a column, and what is told of the stages lies in bands; narrow, or with many
stages, a stage is a block and the next one stands below it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
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
    mark,
    no_number,
    ordered_keys,
    star,
    tone_of,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["journey_map"]

_PAPER = 1060.0
"""The width of the drawing for a sheet of A4 on its side: 12 units are 8.6 pt there."""

_MOST_COLUMNS = {WIDE: 6, _PAPER: 8}
_PANEL = {WIDE: 96.0, _PAPER: 84.0}
"""How high the ratings are drawn, on a screen and on a sheet."""

_STEP_LINES = 6
_QUOTE_LINES = {True: 6, False: 9}
"""How many lines a quote may take: in a block, in a column."""


@dataclass(frozen=True)
class _Stage:
    """All that is told of one stage."""

    key: str
    rating: Estimate | None
    common: Estimate | None
    handoff: Comparison | None
    channels: tuple[Estimate, ...]
    quote: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class _Sheet:
    """The stages in order, and how they are laid out."""

    stages: tuple[_Stage, ...]
    words: Words
    width: float
    ci_level: float

    @property
    def pitch(self) -> float:
        """The distance of two columns."""
        return self.width / max(len(self.stages), 1)

    def middle(self, place: int) -> float:
        """The middle of a column."""
        return (place + 0.5) * self.pitch


@of_records
def journey_map(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    is_sheet: bool = False,
    order: Sequence[str] | None = None,
    joined: Mapping[str, str] | None = None,
    quotes: Mapping[str, Mapping[str, str]] | None = None,
    steps: Mapping[str, Sequence[Any]] | None = None,
) -> Drawing:
    """The stages side by side, with channels, ratings, hand-offs and quotes below each other.

    Parameters
    ----------
    estimates : Estimates
        Published. Of `stage:*` the metric `score_100`: ratings on each stage's own base, and
        those of people who rated every stage, which a line joins (`joined`). Of `channel:*` the
        metric `share`, in the group `reached` of each stage.
    comparisons : Comparisons, optional
        Of `handoff`: the later stage (`a`) against the one before it.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    is_sheet : bool, default False
        1060 units wide, for a sheet of A4 on its side: its words are as large there as on a screen.
    order : sequence of str, optional
        Stage keys, first stage first; as the records come if not given.
    joined : mapping of str to str, optional
        The group of the ratings on one common base; no line if not given.
    quotes : mapping of str to mapping, optional
        By stage, a masked comment: `{"text": ..., "lang": ...}`.
    steps : mapping of str to sequence, optional
        By stage, what is planned, as texts of the study by language.

    Returns
    -------
    Drawing
    """
    rated = [one for one in estimates if one.of.startswith("stage:")]
    wave = latest_wave(rated)
    rated = [one for one in rated if one.wave == wave and one.metric == "score_100"]
    keys = ordered_keys(rated, "stage", order)
    stages = tuple(
        _Stage(
            key=key,
            rating=find([one for one in rated if not one.by], of=f"stage:{key}"),
            common=find(rated, of=f"stage:{key}", by=joined) if joined else None,
            handoff=find(comparisons, of="handoff", a=f"stage:{key}"),
            channels=tuple(one for one in estimates if one.by.get("reached") == key),
            quote=(quotes or {}).get(key, {}).get("text", ""),
            steps=tuple(words.text(one) for one in (steps or {}).get(key, ())),
        )
        for key in keys
    )
    width = _PAPER if is_sheet else NARROW if narrow else WIDE
    sheet = _Sheet(stages, words, width, level_of(rated))
    drawing = Drawing(width)
    if width == NARROW or len(keys) > _MOST_COLUMNS[width]:
        return drawing.finish(_draw_blocks(drawing, sheet))
    return drawing.finish(_draw_columns(drawing, sheet))


# -- wide: a column a stage ------------------------------------------------------------------------


def _draw_columns(drawing: Drawing, sheet: _Sheet) -> float:
    y = _draw_heads(drawing, sheet)
    if any(one.channels for one in sheet.stages):
        y = _draw_band(drawing, sheet, sheet.words.ui("fig_map_channels"), y + 10)
        y = _draw_texts(drawing, sheet, [_channel_lines(one, sheet) for one in sheet.stages], y)
    y = _draw_band(drawing, sheet, _rating_head(sheet), y + 10)
    y = _draw_ratings(drawing, sheet, y)
    if any(one.handoff for one in sheet.stages):
        y = _draw_band(drawing, sheet, sheet.words.ui("fig_map_handoffs"), y + 10)
        y = _draw_handoffs(drawing, sheet, y)
    if any(one.quote for one in sheet.stages):
        y = _draw_band(drawing, sheet, sheet.words.ui("fig_map_quotes"), y + 10)
        y = _draw_texts(drawing, sheet, [_quote_lines(one, sheet) for one in sheet.stages], y)
    if any(one.steps for one in sheet.stages):
        y = _draw_band(drawing, sheet, sheet.words.ui("fig_map_steps"), y + 10)
        y = _draw_texts(drawing, sheet, [_step_lines(one, sheet) for one in sheet.stages], y)
    return y + 8


def _draw_heads(drawing: Drawing, sheet: _Sheet) -> float:
    """The names of the stages on arrows that point to the next, and what people do there."""
    names = [_name(one, sheet) for one in sheet.stages]
    bottom = 18.0 + 16 * max(map(len, names), default=1)
    for place, (stage, lines) in enumerate(zip(sheet.stages, names, strict=True)):
        left, right = place * sheet.pitch, (place + 1) * sheet.pitch - 4
        point, middle = 12.0, bottom / 2
        corners = [(left, 0.0), (right - point, 0.0), (right, middle), (right - point, bottom)]
        notch = [(left, bottom)] + ([(left + point, middle)] if place else [])
        drawing.area([*corners, *notch], "band", name=f"stage.{stage.key}")
        first = middle + 4.5 - 8 * (len(lines) - 1)
        style: Style = {"bold": True, "anchor": "middle", "halo": "band"}
        drawing.stack(sheet.middle(place), first, lines, name=f"label.{stage.key}", **style)
    glosses = [
        wrap(sheet.words.gloss(f"stage:{one.key}"), sheet.pitch - 14, QUIET, lines=3)
        for one in sheet.stages
    ]
    return _draw_texts(drawing, sheet, glosses, bottom + 4)


def _name(stage: _Stage, sheet: _Sheet) -> list[str]:
    """The name of a stage on its arrow; the short one where the other would be cut."""
    key, room = f"stage:{stage.key}", sheet.pitch - 34
    name = sheet.words.name(key)
    longest = max(name.split() or [""], key=lambda word: text_width(word, TEXT, is_bold=True))
    is_cut = text_width(longest, TEXT, is_bold=True) > room
    return wrap(sheet.words.short(key) if is_cut else name, room, TEXT, is_bold=True)


def _draw_band(drawing: Drawing, sheet: _Sheet, text: str, y: float) -> float:
    """A line of words across the sheet that says what stands below it."""
    lines = wrap(text, sheet.width, QUIET, is_bold=True)
    drawing.line([(0, y), (sheet.width, y)])
    quiet: Style = {"role": "soft", "size": QUIET, "bold": True}
    return drawing.stack(0, y + 16, lines, leading=15, **quiet) - 15 + 6


def _draw_texts(
    drawing: Drawing, sheet: _Sheet, columns: Sequence[Sequence[str]], y: float
) -> float:
    """Lines of words in each column; where the longest ends."""
    lowest = y
    for place, lines in enumerate(columns):
        style: Style = {"anchor": "middle", "size": QUIET}
        after = drawing.stack(sheet.middle(place), y + 14, lines, leading=15, **style)
        lowest = max(lowest, after - 11 if any(lines) else y)
    return lowest


def _channel_lines(stage: _Stage, sheet: _Sheet) -> list[str]:
    """The channels of a stage, one a line."""
    room = sheet.pitch - 14
    return [
        line for one in stage.channels for line in wrap(_channel(one, sheet.words), room, QUIET)
    ]


def _channel(one: Estimate, words: Words) -> str:
    told = words.number(one.estimate, one.unit) + star(one) if is_shown(one) else HIDDEN
    return f"{words.short(one.of)} {told}"


def _step_lines(stage: _Stage, sheet: _Sheet) -> list[str]:
    room = sheet.pitch - 16
    return [line for one in stage.steps for line in wrap(one, room, QUIET, lines=_STEP_LINES)]


def _quote_lines(stage: _Stage, sheet: _Sheet) -> list[str]:
    if not stage.quote:
        return []
    lines = _QUOTE_LINES[False]
    return wrap(f"\u201c{stage.quote}\u201d", sheet.pitch - 16, QUIET, lines=lines)


# -- ratings ---------------------------------------------------------------------------------------


def _rating_head(sheet: _Sheet) -> str:
    """What is drawn of the ratings: the part of the scale, and on whom the line rests."""
    words, (low, high) = sheet.words, _ends(sheet)
    ci, ends = words.level(sheet.ci_level), {"low": words.count(low), "high": words.count(high)}
    is_cut = (low, high) != (0, 100)
    said = words.ui("fig_rating_cut", ci=ci, **ends) if is_cut else words.ui("fig_rating", ci=ci)
    joined = [one.common for one in sheet.stages if one.common and is_shown(one.common)]
    if len(joined) < 2:
        return said
    line = words.ui("fig_map_line", n=words.count(joined[0].n))
    return f"{said} \u00b7 {line}"


def _ends(sheet: _Sheet) -> tuple[float, float]:
    """The part of 0-100 that the marks need, on whole tens."""
    shown = [one for stage in sheet.stages for one in (stage.rating, stage.common) if one]
    values = [
        value
        for one in shown
        for value in (one.ci_low, one.ci_high, one.estimate)
        if not math.isnan(value)
    ]
    low, high = min(values, default=0.0), max(values, default=100.0)
    low, high = 10 * math.floor(low / 10), 10 * math.ceil(high / 10)
    while high - low < 30:
        low, high = max(low - 10, 0), min(high + 10, 100)
    return (0, 100) if high - low > 60 else (low, high)


def _draw_ratings(drawing: Drawing, sheet: _Sheet, y: float) -> float:
    """An upright mark a stage; a line joins the ratings of those who rated all."""
    top = y + 22
    low, high = _ends(sheet)
    at = Scale(low, high, top + _PANEL[sheet.width], top)
    for value in (low, high):
        drawing.line([(0, at(value)), (sheet.width, at(value))], name=f"grid.{value:g}")
    joined = [
        (sheet.middle(place), at(one.common.estimate), one)
        for place, one in enumerate(sheet.stages)
        if one.common is not None and is_shown(one.common)
    ]
    if len(joined) > 1:
        drawing.line([(x, y) for x, y, _ in joined], "soft", name="joined", weight=1.5)
    for place, stage in enumerate(sheet.stages):
        _draw_rating(drawing, sheet, stage, place, at)
    for x, height, stage in joined if len(joined) > 1 else ():
        _draw_joint(drawing, sheet, stage, (x, height), at)
    return at.start + 56


def _draw_rating(drawing: Drawing, sheet: _Sheet, stage: _Stage, place: int, at: Scale) -> None:
    """The mark of a stage, and under the panel its number, its range and its base."""
    record, words, x = stage.rating, sheet.words, sheet.middle(place)
    quiet: Style = {"role": "soft", "size": QUIET, "anchor": "middle"}
    bold: Style = {"anchor": "middle", "bold": True, "name": f"rating.{stage.key}"}
    if record is not None and record.n:
        drawing.words(x, at.start + 51, base(record.n, words), **quiet)
    if record is None or not is_shown(record):
        half = min(50.0, sheet.pitch / 2 - 8)
        no_number(drawing, (x - half, at.end, x + half, at.start), words, record, stage.key)
        if record is not None and is_hidden(record):
            drawing.words(x, at.start + 19, HIDDEN, role="soft", **bold)
        return
    y = at(record.estimate)
    if not math.isnan(record.ci_low):
        low, high = at(record.ci_low), at(record.ci_high)
        drawing.pill(x - 5, high, x + 5, low, "data", name=f"range.{stage.key}")
    drawing.bar(x - 8, y - 1.5, x + 8, y + 1.5, "data", name=f"tick.{stage.key}")
    value = words.number(record.estimate, record.unit) + star(record)
    drawing.words(x, at.start + 19, value, **bold)
    drawing.words(x, at.start + 35, interval(record, words), **quiet)


def _draw_joint(
    drawing: Drawing, sheet: _Sheet, stage: _Stage, place: tuple[float, float], at: Scale
) -> None:
    """The rating of those who rated all: a dot on the line, its number clear of the mark."""
    (x, y), own, common = place, stage.rating, stage.common
    assert common is not None
    drawing.dot(x, y, "soft", radius=3, name=f"common.{stage.key}")
    top, bottom = y, y
    if own is not None and is_shown(own):
        ends = [at(v) for v in (own.ci_low, own.ci_high, own.estimate) if not math.isnan(v)]
        top, bottom = min(ends), max(ends)
    is_below = bottom < y and y + 18 < at.start
    baseline = y + 17 if is_below else min(y, top if top < y + 6 else y) - 8
    told = sheet.words.number(common.estimate, common.unit) + star(common)
    style: Style = {"role": "soft", "size": QUIET, "anchor": "middle", "halo": "paper"}
    drawing.words(x, baseline, told, name=f"joint.{stage.key}", **style)


def _draw_handoffs(drawing: Drawing, sheet: _Sheet, y: float) -> float:
    """The difference to the rated stage before, under the line between the two."""
    rated = [place for place, one in enumerate(sheet.stages) if one.rating is not None]
    lowest = y
    for place, stage in enumerate(sheet.stages):
        if stage.handoff is None:
            continue
        before = next((p for p in reversed(rated) if p < place and _is_before(sheet, p, stage)), 0)
        x = (sheet.middle(before) + sheet.middle(place)) / 2
        lines, role = _handoff(stage.handoff, sheet.words)
        style: Style = {"anchor": "middle", "size": QUIET, "role": role, "bold": role != "soft"}
        after = drawing.stack(x, y + 14, lines, leading=15, name=f"handoff.{stage.key}", **style)
        lowest = max(lowest, after - 11)
    return lowest


def _is_before(sheet: _Sheet, place: int, stage: _Stage) -> bool:
    """Whether a hand-off leads from the stage at this place."""
    return stage.handoff is not None and stage.handoff.b == f"stage:{sheet.stages[place].key}"


def _handoff(one: Comparison, words: Words) -> tuple[list[str], str]:
    """A hand-off in words with its base, and their role."""
    if not is_shown(one):
        return [HIDDEN if is_hidden(one) or one.verdict == "hidden" else "\u00b7"], "soft"
    return [change_text(one, words), base(one.n_a, words)], INK_OF[tone_of(one)]


# -- narrow: a block a stage -----------------------------------------------------------------------


def _draw_blocks(drawing: Drawing, sheet: _Sheet) -> float:
    y = 0.0
    for stage in sheet.stages:
        if stage.handoff is not None:
            lines, role = _handoff(stage.handoff, sheet.words)
            told = " \u00b7 ".join(lines)
            drawing.words(8, y + 16, told, role=role, size=QUIET, bold=role != "soft",
                          name=f"handoff.{stage.key}")  # fmt: skip
            y += 24
        y = _draw_block(drawing, sheet, stage, y) + 10
    return y


def _draw_block(drawing: Drawing, sheet: _Sheet, stage: _Stage, y: float) -> float:
    words, room = sheet.words, sheet.width - 16
    names = wrap(words.name(f"stage:{stage.key}"), room, TEXT, is_bold=True)
    bottom = y + 10 + 16 * len(names)
    drawing.bar(0, y, sheet.width, bottom, "band", name=f"stage.{stage.key}")
    style: Style = {"bold": True, "halo": "band", "name": f"label.{stage.key}"}
    drawing.stack(8, y + 18, names, **style)
    quiet: Style = {"role": "soft", "size": QUIET}
    gloss = wrap(words.gloss(f"stage:{stage.key}"), room, QUIET)
    y = bottom + 4
    if any(gloss):
        y = drawing.stack(8, y + 14, gloss, leading=15, **quiet) - 11
    y = _draw_lying_rating(drawing, sheet, stage, y)
    if stage.channels:
        told = words.join(_channel(one, words) for one in stage.channels)
        lines = wrap(f"{words.ui('fig_map_channels_short')}: {told}", room, QUIET, lines=3)
        y = drawing.stack(8, y + 16, lines, leading=15, size=QUIET) - 11
    if stage.quote:
        quoted = f"\u201c{stage.quote}\u201d"
        lines = wrap(quoted, room, QUIET, lines=_QUOTE_LINES[True])
        y = drawing.stack(8, y + 18, lines, leading=15, size=QUIET) - 11
    for one in stage.steps:
        told = f"{words.ui('fig_map_steps')}: {one}"
        lines = wrap(told, room, QUIET, lines=_STEP_LINES)
        y = drawing.stack(8, y + 18, lines, leading=15, size=QUIET) - 11
    return y


def _draw_lying_rating(drawing: Drawing, sheet: _Sheet, stage: _Stage, y: float) -> float:
    """The rating of a block: a mark on the whole scale, its number, range and base beside it."""
    record, words, split = stage.rating, sheet.words, sheet.width / 2 - 20
    middle = y + 22
    at = Scale(0, 100, 8, split)
    if record is None or not is_shown(record):
        box = (at(0), middle - 10, at(100), middle + 10)
        no_number(drawing, box, words, record, f"rating.{stage.key}")
        if record is not None and is_hidden(record):
            told = " \u00b7 ".join(filter(None, (HIDDEN, base(record.n, words))))
            drawing.words(split + 14, middle + 4, told, size=QUIET, role="soft")
        return middle + 14
    drawing.bar(at(0), middle - 0.5, at(100), middle + 0.5, "line", name=f"rail.{stage.key}")
    mark(drawing, at, middle, (record.estimate, record.ci_low, record.ci_high), "data", stage.key)
    value = words.number(record.estimate, record.unit) + star(record)
    drawing.words(split + 14, middle - 3, value, bold=True, name=f"rating.{stage.key}")
    beside = split + 14 + text_width(value, TEXT, is_bold=True) + 8
    quiet: Style = {"role": "soft", "size": QUIET}
    drawing.words(beside, middle - 3, base(record.n, words), **quiet)
    drawing.words(split + 14, middle + 13, interval(record, words), **quiet)
    return middle + 16
