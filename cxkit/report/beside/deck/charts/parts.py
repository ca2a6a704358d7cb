"""Parts that the charts of a deck share: a record as a point, a name with its base, an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cxkit.records import Comparison, Estimate
from cxkit.report import tables
from cxkit.report.beside.deck.charts.values import Name, Point
from cxkit.report.figures.parts import (
    HIDDEN,
    absence,
    base,
    is_hidden,
    is_shown,
    level_of,
    nice_ticks,
    tone_of,
)
from cxkit.wording import Words

__all__ = [
    "Record",
    "axis_name",
    "bases_differ",
    "changed_point",
    "named",
    "point",
    "ticks_of",
]

Record = Estimate | Comparison
"""What a point can show."""


def point(one: Record | None, after: str = "", role: str = "") -> Point:
    """A record as a point; the ends of an interval that it has not are left out."""
    if one is None or not is_shown(one):
        return Point()
    is_difference = isinstance(one, Comparison)
    value = one.difference if isinstance(one, Comparison) else one.estimate
    scale = 100.0 if is_difference and one.unit == "share" else 1.0
    after = _marks(one) + after
    if math.isnan(one.ci_low) or one.method == "by_definition":
        return Point(value * scale, after=after, role=role)
    return Point(value * scale, one.ci_low * scale, one.ci_high * scale, after, role)


def _marks(one: Record) -> str:
    low = "*" if "low_base" in one.flags else ""
    return low + (tables.WIDE if "wide" in one.flags else "")


def named(name: str, one: Record | None, words: Words, *, with_base: bool) -> Name:
    """A category: its name, its base where bases differ, and why it has no number."""
    said = []
    if one is None or not is_shown(one):
        if one is not None and is_hidden(one):
            said.append(f"{HIDDEN} {words.ui('not_shown')}")
        else:
            said.append(absence(one if isinstance(one, Estimate) else None, words))
    if with_base and isinstance(one, Estimate) and (one.n or not said):
        said.append(base(one.n, words))
    return Name(name, "; ".join(filter(None, said)))


def bases_differ(records: Iterable[Record | None]) -> bool:
    """Whether estimates rest on different bases, so that each name needs its own."""
    known = {one.n for one in records if isinstance(one, Estimate) and not math.isnan(one.n)}
    return len(known) > 1


def ticks_of(unit: str, points: Iterable[Point]) -> tuple[float, ...]:
    """The ticks of an axis that begins at zero, or holds it: the whole scale where it is short."""
    values = [0.0]
    for one in points:
        values += [end for end in (one.value, one.low, one.high) if end is not None]
    low, high = min(values), max(values)
    if unit == "score_100":
        return (0.0, 25.0, 50.0, 75.0, 100.0)
    if unit == "points":
        low, high = (-100.0, 100.0) if low < -50 else (min(low, 0.0), max(high, 40.0))
    if unit == "share" and high > 0.5:
        return (0.0, 0.25, 0.5, 0.75, 1.0)
    if high - low < 1e-9:
        high = low + (0.1 if unit == "share" else 1.0)
    return tuple(round(one, 9) for one in nice_ticks(low, high))


def axis_name(name: str, one: Record | None, words: Words) -> str:
    """What stands on an axis: what is measured, and that intervals are drawn."""
    ci = words.level(level_of([one] if one is not None else []))
    return words.ui("fig_axis_open", name=name, ci=ci)


def changed_point(one: Estimate | None, change: Comparison | None) -> Point:
    """A number, with the sign and the colour of its change where that is clear."""
    tone = tone_of(change)
    sign = "" if tone == "data" or change is None else f" {tables.SIGNS[tone]}"
    return point(one, sign, "" if tone == "data" else tone)
