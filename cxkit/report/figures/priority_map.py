"""The priority map: each level's score against its share of the link, and how sure its place is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.call import OF_STUDY, of_records
from cxkit.report.figures.drawing import NARROW, QUIET, TEXT, WIDE, Drawing, Style
from cxkit.report.figures.labels import Box, Spot, place
from cxkit.report.figures.lettering import text_width, wrap
from cxkit.report.figures.parts import Scale, find, is_shown, nice_ticks, ordered_keys

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["priority_map"]

_LEAST_SPAN = 20.0
"""A stretch of the score that is always shown, so that little is made of little."""

_NEAR = 0.20
"""A second quadrant is told beside the first from this chance on."""

_CORNER = 28.0
"""Room for the names of the quadrants at the upper and lower edge."""

_LEADING = 15.0

_RINGS = 8
"""How far from its cross a number may stand, in rings."""


@dataclass(frozen=True)
class _Plan:
    """The field of the map in drawing units, and how wide a label may be."""

    width: float
    left: float
    top: float
    right: float
    bottom: float
    label: float

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW

    @property
    def field(self) -> Box:
        """The field as a box."""
        return self.left, self.top, self.right, self.bottom


_PLANS = {
    False: _Plan(width=WIDE, left=40, top=32, right=WIDE - 1, bottom=432, label=244),
    True: _Plan(width=NARROW, left=28, top=32, right=NARROW - 1, bottom=382, label=124),
}


@dataclass(frozen=True)
class _Point:
    """One level: its records, where its cross lies, and its words."""

    key: str
    score: Estimate
    share: Estimate
    x: float
    y: float
    wing: tuple[float, float]
    stem: tuple[float, float]
    full: str
    name: list[str]
    chances: list[str]
    role: str

    @property
    def marks(self) -> list[Box]:
        """What the cross takes of the field."""
        return [
            (self.wing[0], self.y - 2, self.wing[1], self.y + 2),
            (self.x - 2, self.stem[0], self.x + 2, self.stem[1]),
            (self.x - 5, self.y - 5, self.x + 5, self.y + 5),
        ]


@of_records
def priority_map(
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words = OF_STUDY,
    narrow: bool = False,
    order: Sequence[str] | None = None,
    first: Sequence[str] = (),
    line: float | None = None,
    even: float | None = None,
) -> Drawing:
    """Where each level stands between a weak and a strong link, and a low and a high score.

    A cross shows both intervals. Beside it stands the quadrant that is likeliest, with its
    chance, and a second one that is not unlikely. Only a level that surely lies in the quadrant
    to try first takes a colour. Where labels would touch, numbers stand in the field and what
    they mean below it.

    Parameters
    ----------
    estimates : Estimates
        Published, of `level:*`: `score_100`, `link_share`, and `chance_quadrant` by quadrant.
    comparisons : Comparisons, optional
        Not used; figures take the same arguments.
    words : Words, optional
        The language of the labels; the first of the records' study if not given.
    narrow : bool, default False
        343 units wide, for a phone, instead of 784.
    order : sequence of str, optional
        Level keys from the bottom of a figure to its top, for the list below the field.
    first : sequence of str, optional
        Keys of the levels that surely lie in the quadrant to try first.
    line : float, optional
        The score that parts low from high: the target, or the average of the levels.
    even : float, optional
        The share that parts weak from strong: an equal part for each level.

    Returns
    -------
    Drawing
    """
    estimates = [one for one in estimates if one.of.startswith("level:")]
    plan = _PLANS[narrow]
    first = [key.removeprefix("level:") for key in first]
    line, even = (None if end is None or math.isnan(end) else end for end in (line, even))
    keys = list(reversed(ordered_keys(estimates, "level", order)))
    across, up = _scales(estimates, plan, line, even)
    points = [
        point
        for key in keys
        if (point := _point(key, estimates, plan, (across, up), first, words)) is not None
    ]
    drawing = Drawing(plan.width)
    cut = None if line is None or even is None else (across(even), up(line))
    _draw_field(drawing, plan, across, up, cut, words)
    corners = _corner_names(plan, words)
    for key, (box, text, anchor) in corners.items():
        _write_corner(drawing, key, box, text, anchor)
    spots = [_own(_spots(one, _size(one), cut), one, points) for one in points]
    taken = [box for one in points for box in one.marks]
    taken += [box for box, _, _ in corners.values()]
    found = place(spots, taken, plan.field)
    _draw_crosses(drawing, points)
    y = plan.bottom + 38
    if found is not None:
        for point, spot in zip(points, found, strict=True):
            _write_label(drawing, point, spot, cut)
    else:
        y = _write_keys(drawing, plan, points, taken, cut, y + 24)
    return drawing.finish(y + 6)


# -- where things stand ---------------------------------------------------------------------------


def _scales(
    estimates: Sequence[Estimate], plan: _Plan, line: float | None, even: float | None
) -> tuple[Scale, Scale]:
    """The share from zero on the lying axis, a stretch of the score on the upright one."""
    shares = _ends(estimates, "link_share")
    reach = max([*shares, 2 * (even or 0.0), 0.1])
    across = Scale(0.0, min(1.05 * reach, 1.0), plan.left, plan.right)
    scores = _ends(estimates, "score_100") + ([] if line is None else [line])
    low, high = (min(scores), max(scores)) if scores else (0.0, 100.0)
    short = max(_LEAST_SPAN - (high - low), 0.0) / 2
    height = min(one.bottom - one.top for one in _PLANS.values())  # the same ends on every screen
    room = _CORNER * (high - low + 2 * short) / (height - 2 * _CORNER)
    low, high = max(low - short - room, 0.0), min(high + short + room, 100.0)
    return across, Scale(low, high, plan.bottom, plan.top)


def _ends(estimates: Sequence[Estimate], metric: str) -> list[float]:
    """All numbers of a metric with the ends of their intervals."""
    shown = [one for one in estimates if one.metric == metric and is_shown(one)]
    found = [value for one in shown for value in (one.estimate, one.ci_low, one.ci_high)]
    return [value for value in found if not math.isnan(value)]


def _point(
    key: str,
    estimates: Sequence[Estimate],
    plan: _Plan,
    scales: tuple[Scale, Scale],
    first: Sequence[str],
    words: Words,
) -> _Point | None:
    of = f"level:{key}"
    score = find(estimates, of=of, metric="score_100")
    share = find(estimates, of=of, metric="link_share")
    if not is_shown(score) or not is_shown(share):
        return None
    across, up = scales
    named = words.short(of) if plan.is_narrow else words.name(of)
    chances = [one for one in estimates if one.of == of and one.metric == "chance_quadrant"]
    return _Point(
        key=key,
        score=score,
        share=share,
        x=across(share.estimate),
        y=up(score.estimate),
        wing=_stretch(share, across),
        stem=_stretch(score, up)[::-1],
        full=words.name(of),
        name=wrap(named, plan.label, TEXT, is_bold=True),
        chances=wrap(_told(chances, words), plan.label, QUIET, lines=3),
        role="bad" if key in first else "data",
    )


def _stretch(one: Estimate, at: Scale) -> tuple[float, float]:
    """An interval on a scale; a point where there is none."""
    low, high = (one.estimate if math.isnan(end) else end for end in (one.ci_low, one.ci_high))
    return at(max(low, at.low)), at(min(high, at.high))


def _told(chances: Sequence[Estimate], words: Words) -> str:
    """The likeliest quadrant with its chance, and the second where it is not unlikely."""
    ranked = sorted((one for one in chances if is_shown(one)), key=lambda one: -one.estimate)
    told = ranked[:1] + [one for one in ranked[1:2] if one.estimate >= _NEAR]
    return ", ".join(
        f"{words.chance_sign(one.estimate, one.unit)} {words.name(f'quadrant:{key}')}"
        for one in told
        for key in [one.by["quadrant"]]
    )


def _size(point: _Point) -> tuple[float, float]:
    """How much room a label takes."""
    widths = [text_width(line, TEXT, is_bold=True) for line in point.name]
    widths += [text_width(line, QUIET) for line in point.chances]
    return max(widths), _LEADING * (len(point.name) + len(point.chances))


def _spots(
    point: _Point,
    size: tuple[float, float],
    cut: tuple[float, float] | None,
) -> list[Spot]:
    """The places around a cross, the most natural first; words across a dashed line cost more."""
    (width, height), x, y = size, point.x, point.y
    (left, right), (top, bottom) = point.wing, point.stem
    boxes = [
        ((x + 8, y - 6 - height, x + 8 + width, y - 6), "start"),
        ((x + 8, y + 6, x + 8 + width, y + 6 + height), "start"),
        ((x - 8 - width, y - 6 - height, x - 8, y - 6), "end"),
        ((x - 8 - width, y + 6, x - 8, y + 6 + height), "end"),
        ((x - width / 2, top - 5 - height, x + width / 2, top - 5), "middle"),
        ((x - width / 2, bottom + 5, x + width / 2, bottom + 5 + height), "middle"),
        ((right + 8, y - height / 2, right + 8 + width, y + height / 2), "start"),
        ((left - 8 - width, y - height / 2, left - 8, y + height / 2), "end"),
    ]
    boxes += [
        ((right - width, y - 6 - height, right, y - 6), "end"),
        ((right - width, y + 6, right, y + 6 + height), "end"),
        ((left, y - 6 - height, left + width, y - 6), "start"),
        ((left, y + 6, left + width, y + 6 + height), "start"),
    ]
    return [
        Spot(box, anchor, 0.1 * rank + _crossed(box, cut))
        for rank, (box, anchor) in enumerate(boxes)
    ]


def _key_spots(point: _Point, width: float, cut: tuple[float, float] | None) -> list[Spot]:
    """The places around a cross for a number: on rings, the nearest first."""
    spots = []
    for ring in range(_RINGS):
        for turn in range(16):
            angle = 2 * math.pi * (turn + 0.5) / 16
            reach = 15.0 + 11.0 * ring
            x, y = point.x + reach * math.cos(angle), point.y - reach * math.sin(angle)
            box = (x - width / 2, y - 6.5, x + width / 2, y + 6.5)
            spots.append(Spot(box, "middle", ring + 0.01 * turn + 0.1 * _crossed(box, cut)))
    return spots


def _own(spots: Sequence[Spot], point: _Point, points: Sequence[_Point]) -> list[Spot]:
    """The spots from which no other cross is nearer, so that nobody mistakes whose label it is."""
    others = [one for one in points if one is not point]
    return [
        spot
        for spot in spots
        if all(_distance(spot.box, point) < _distance(spot.box, one) for one in others)
    ]


def _distance(box: Box, point: _Point) -> float:
    """From the middle of a cross to the nearest edge of a box."""
    aside = max(box[0] - point.x, point.x - box[2], 0.0)
    above = max(box[1] - point.y, point.y - box[3], 0.0)
    return math.hypot(aside, above)


def _crossed(box: Box, cut: tuple[float, float] | None) -> float:
    """One for each dashed line behind a box."""
    if cut is None:
        return 0.0
    return float(box[0] < cut[0] < box[2]) + float(box[1] < cut[1] < box[3])


# -- what is drawn --------------------------------------------------------------------------------


def _draw_field(
    drawing: Drawing,
    plan: _Plan,
    across: Scale,
    up: Scale,
    cut: tuple[float, float] | None,
    words: Words,
) -> None:
    quiet: Style = {"role": "soft", "size": QUIET}
    left, top, right, bottom = plan.field
    if cut is not None:
        drawing.bar(cut[0], cut[1], right, bottom, "tint", name="tint")
    edge = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    drawing.line(edge, name="field")
    for value in _inside(nice_ticks(across.low, across.high, 4 if plan.is_narrow else 6), across):
        drawing.line([(across(value), bottom), (across(value), bottom + 4)], "soft")
        anchor = "start" if across(value) < left + 1 else "middle"
        x = across(value) - (4 if anchor == "start" else 0)
        text = words.number(value, "share")
        if x + text_width(text, QUIET) / 2 < right + 2:
            drawing.words(x, bottom + 18, text, anchor=anchor, name=f"x.{value:.2f}", **quiet)
    for value in _inside(nice_ticks(up.low, up.high, 5), up):
        drawing.line([(left - 4, up(value)), (left, up(value))], "soft")
        text = words.number(value, "score_100", digits=0)
        drawing.words(left - 7, up(value) + 4, text, anchor="end", name=f"y.{value:.0f}", **quiet)
    if cut is not None:
        drawing.line([(cut[0], top), (cut[0], bottom)], "soft", dashed=True, name="even")
        drawing.line([(left, cut[1]), (right, cut[1])], "soft", dashed=True, name="line")
    _write_axes(drawing, plan, up, words)


def _inside(values: Iterable[float], at: Scale) -> list[float]:
    return [value for value in values if at.low - 1e-9 <= value <= at.high + 1e-9]


def _write_axes(drawing: Drawing, plan: _Plan, up: Scale, words: Words) -> None:
    quiet: Style = {"role": "soft", "size": QUIET}
    low, high = (words.number(end, "score_100", digits=0) for end in (up.low, up.high))
    is_cut = up.low > 0 or up.high < 100
    said = words.ui("fig_priority_y_cut" if is_cut else "fig_priority_y", low=low, high=high)
    (text,) = wrap(said, plan.width, QUIET, lines=1)
    drawing.words(0.0, plan.top - 14, text, name="axis.y", **quiet)
    (text,) = wrap(words.ui("fig_priority_x"), plan.width, QUIET, lines=1)
    drawing.words(plan.right, plan.bottom + 38, text, anchor="end", name="axis.x", **quiet)


def _corner_names(plan: _Plan, words: Words) -> dict[str, tuple[Box, str, str]]:
    """The name of each quadrant in its outer corner: its box, its words, how they are anchored."""
    left, top, right, bottom = plan.field
    corners = {
        "enough": (left + 8, top + 18, "start"),
        "keep": (right - 8, top + 18, "end"),
        "watch": (left + 8, bottom - 9, "start"),
        "try_first": (right - 8, bottom - 9, "end"),
    }
    found = {}
    for key, (x, y, anchor) in corners.items():
        text = words.heading(words.name(f"quadrant:{key}"))
        width = text_width(text, QUIET, is_bold=key == "try_first")
        start = x if anchor == "start" else x - width
        found[key] = ((start, y - 10, start + width, y + 3), text, anchor)
    return found


def _write_corner(drawing: Drawing, key: str, box: Box, text: str, anchor: str) -> None:
    is_first = key == "try_first"
    drawing.words(
        box[0] if anchor == "start" else box[2],
        box[3] - 3,
        text,
        role="bad-ink" if is_first else "soft",
        size=QUIET,
        bold=is_first,
        anchor=anchor,
        name=f"corner.{key}",
    )


def _draw_crosses(drawing: Drawing, points: Sequence[_Point]) -> None:
    for one in points:
        wing = [(one.wing[0], one.y), (one.wing[1], one.y)]
        stem = [(one.x, one.stem[0]), (one.x, one.stem[1])]
        drawing.line(wing, one.role, weight=2, name=f"share.{one.key}")
        drawing.line(stem, one.role, weight=2, name=f"score.{one.key}")
        drawing.dot(one.x, one.y, one.role, name=f"dot.{one.key}", radius=5)


def _surface(box: Box, cut: tuple[float, float] | None) -> str:
    """What a label stands on: paper, or the tint of the quadrant to try first."""
    is_tinted = cut is not None and (box[0] + box[2]) / 2 > cut[0] and box[1] > cut[1]
    return "tint" if is_tinted else "paper"


def _write_label(
    drawing: Drawing, point: _Point, spot: Spot, cut: tuple[float, float] | None
) -> None:
    left, top, right, _ = spot.box
    x = {"start": left, "end": right, "middle": (left + right) / 2}[spot.anchor]
    style: Style = {"anchor": spot.anchor, "halo": _surface(spot.box, cut)}
    lines = {"leading": _LEADING}
    y = drawing.stack(
        x, top + 11, point.name, bold=True, name=f"label.{point.key}", **lines, **style
    )
    quiet: Style = {"role": "soft", "size": QUIET, "name": f"chance.{point.key}", **style}
    drawing.stack(x, y, point.chances, **lines, **quiet)


def _write_keys(
    drawing: Drawing,
    plan: _Plan,
    points: Sequence[_Point],
    taken: Sequence[Box],
    cut: tuple[float, float] | None,
    y: float,
) -> float:
    """A number beside each cross and, below the field, whose it is; the last baseline."""
    widths = [text_width(str(k), TEXT, is_bold=True) for k, _ in enumerate(points, 1)]
    spots = [_key_spots(one, width, cut) for one, width in zip(points, widths, strict=True)]
    found = place(spots, taken, plan.field) or [mine[0] for mine in spots]
    for k, (point, spot) in enumerate(zip(points, found, strict=True), 1):
        left, top, right, _ = spot.box
        style: Style = {"bold": True, "anchor": "middle", "halo": _surface(spot.box, cut)}
        drawing.words((left + right) / 2, top + 11, str(k), name=f"key.{point.key}", **style)
    for k, point in enumerate(points, 1):
        drawing.words(0.0, y, str(k), bold=True)
        is_room = text_width(point.full, TEXT, is_bold=True) <= plan.width - 18
        name = point.full if is_room else " ".join(point.name)
        (line,) = wrap(name, plan.width - 18, TEXT, is_bold=True, lines=1)
        drawing.words(18.0, y, line, bold=True, name=f"label.{point.key}")
        y += 16
        chances = wrap(" ".join(point.chances), plan.width - 18, QUIET)
        quiet: Style = {"role": "soft", "size": QUIET, "name": f"chance.{point.key}"}
        y = drawing.stack(18.0, y, chances, leading=_LEADING, **quiet) + 6
    return y - _LEADING - 6
