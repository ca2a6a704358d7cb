"""From a finding to its charts: which records stand as bars, lines or crosses, and how they read.

Published records only: what is hidden or was not measured keeps its place and says so in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from cxkit.records import Comparison, Estimate
from cxkit.report import tables
from cxkit.report.beside.deck.charts.parts import (
    axis_name,
    bases_differ,
    changed_point,
    named,
    point,
    ticks_of,
)
from cxkit.report.beside.deck.charts.tables import differences, groups, handoffs, records
from cxkit.report.beside.deck.charts.values import Chart, Cross, Map, Name, Plot, Point, Series
from cxkit.report.figures.lines import Line, axis_of, lines_of, waves_of
from cxkit.report.figures.parts import (
    find,
    is_shown,
    latest_wave,
    level_of,
    nice_ticks,
    ordered_keys,
)
from cxkit.report.shown import Shown
from cxkit.wording import Words

__all__ = ["charts_of"]

_MOST_BARS = 14
"""So many rows of bars can be read on a slide; a chart with more goes on on the next."""

_MOST_LINES = 6


def charts_of(shown: Shown) -> list[Chart]:
    """The charts of a finding, in the order in which they are read; none where a table says it."""
    make = _OF_FIGURES.get(shown.finding["figure"] or "")
    if make is None:
        make = _OF_TABLES.get(shown.finding["table"] or "")
    made = make(shown) if make is not None else []
    return [part for one in made for part in _parts(one)]


# -- what all charts share ------------------------------------------------------------------------


def _parts(chart: Chart) -> Iterator[Chart]:
    """A chart with more rows than a slide can carry, in parts of about the same length."""
    if isinstance(chart, Map) or chart.kind == "lines" or len(chart.categories) <= _MOST_BARS:
        yield chart
        return
    n_parts = math.ceil(len(chart.categories) / _MOST_BARS)
    step = math.ceil(len(chart.categories) / n_parts)
    for start in range(0, len(chart.categories), step):
        kept = slice(start, start + step)
        series = tuple(Series(one.name, one.points[kept], one.role) for one in chart.series)
        yield replace(chart, categories=chart.categories[kept], series=series)


# -- figures --------------------------------------------------------------------------------------


def _pyramid(shown: Shown) -> list[Chart]:
    """The levels, apex first: this wave, coloured where the change is clear, and the one before."""
    words, part = shown.words, shown.options.get("part", "level")
    found = [one for one in shown.estimates if one.of.startswith(f"{part}:") and not one.by]
    wave = latest_wave(found)
    earlier = latest_wave(one for one in found if one.wave != wave)
    keys = [
        f"{part}:{key}" for key in reversed(ordered_keys(found, part, shown.options.get("order")))
    ]
    if not keys:
        return []
    now = [find(found, of=key, wave=wave) for key in keys]
    changes = [_change(shown, key, wave, earlier) for key in keys]
    differ = bases_differ(now)
    name = words.short(f"wave:{wave}") if wave else words.ui("score")
    series = [Series(name, tuple(map(changed_point, now, changes)))]
    if earlier:
        before = (find(found, of=key, wave=earlier) for key in keys)
        series.append(Series(words.short(f"wave:{earlier}"), tuple(map(point, before)), "before"))
    labels = (
        named(words.name(key), one, words, with_base=differ)
        for key, one in zip(keys, now, strict=True)
    )
    axis = words.ui("fig_score_axis", ci=words.level(level_of(found)))
    ticks = ticks_of("score_100", ())
    return [Plot("bars", "", axis, "score_100", ticks, tuple(labels), tuple(series))]


def _change(shown: Shown, of: str, wave: str | None, earlier: str | None) -> Comparison | None:
    if not earlier:
        return None
    ends = {"a": f"wave={wave}", "b": f"wave={earlier}"}
    found: Comparison | None = find(shown.comparisons, of=of, **ends)
    if found is None and (turned := find(shown.comparisons, of=of, a=ends["b"], b=ends["a"])):
        return -turned
    return found


def _likert(shown: Shown) -> list[Chart]:
    """The answers to each statement, the worst answer left, all of them together 100 per cent."""
    words = shown.words
    bands = sorted(shown.options["bands"], key=lambda band: band["key"])
    groups = reversed(shown.options["order"])
    items = [item for group in groups for item in group["items"]]
    wave = latest_wave(shown.estimates)
    found = [one for one in shown.estimates if one.wave == wave]
    means = [find(found, of=f"item:{item}", metric="mean") for item in items]
    differ = bases_differ(means)
    series = tuple(
        Series(words.text(band["label"]), tuple(_share(found, item, band) for item in items),
               band["key"])
        for band in bands
    )  # fmt: skip
    labels = []
    for item, mean in zip(items, means, strict=True):
        labels.append(named(words.short(f"item:{item}"), mean, words, with_base=differ))
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    return [Plot("stacked", "", "", "share", ticks, tuple(labels), series)] if items else []


def _share(found: Sequence[Estimate], item: str, band: dict[str, Any]) -> Point:
    one = find(found, of=f"item:{item}", metric="share", by={"answer": band["key"]})
    made = point(one)
    return Point(made.value, after=made.after)


def _journey(shown: Shown) -> list[Chart]:
    """How many reached each stage and went on from it, and beside it what each stage is rated."""
    words = shown.words
    found = [one for one in shown.estimates if one.of.startswith("stage:") and not one.by]
    wave = latest_wave(found)
    found = [one for one in found if one.wave == wave]
    keys = ordered_keys(found, "stage", shown.options.get("order"))
    of = {
        metric: [find(found, of=f"stage:{key}", metric=metric) for key in keys]
        for metric in ("reach", "conversion", "score_100")
    }
    made: list[Chart] = []
    if any(map(is_shown, of["reach"])):
        made.append(_reach(shown, keys, of["reach"], of["conversion"]))
    ratings = of["score_100"]
    if any(map(is_shown, ratings)):
        differ = bases_differ(ratings)
        labels = (
            named(words.name(f"stage:{key}"), one, words, with_base=differ)
            for key, one in zip(keys, ratings, strict=True)
        )
        name = words.ui("fig_rating_short")
        axis = axis_name(name, next(filter(is_shown, ratings)), words)
        series = (Series(name, tuple(map(point, ratings))),)
        ticks = ticks_of("score_100", ())
        made.append(Plot("bars", name, axis, "score_100", ticks, tuple(labels), series))
    return made


def _reach(
    shown: Shown,
    keys: Sequence[str],
    reach: Sequence[Estimate | None],
    onward: Sequence[Estimate | None],
) -> Chart:
    words, leak = shown.words, shown.options.get("leak")
    went_on = tuple(
        point(one, f" {words.ui('fig_leak')}", "bad") if key == leak else point(one)
        for key, one in zip(keys, onward, strict=True)
    )
    series = [Series(words.ui("fig_reach_short"), tuple(map(point, reach)))]
    if any(one.value is not None for one in went_on):
        series.append(Series(words.ui("conversion"), went_on, "before"))
    differ = bases_differ(reach)
    labels = (
        named(words.name(f"stage:{key}"), one, words, with_base=differ)
        for key, one in zip(keys, reach, strict=True)
    )
    name = words.name("metric:reach")
    axis = axis_name(name, next(filter(is_shown, reach)), words)
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Plot("bars", name, axis, "share", ticks, tuple(labels), tuple(series))


def _links(shown: Shown) -> list[Chart]:
    """Each level's share of what is explained, and in words its chance of ranking first."""
    words = shown.words
    found = [one for one in shown.estimates if one.of.startswith("level:") and not one.by]
    keys = list(reversed(ordered_keys(found, "level", shown.options.get("order"))))
    shares = [find(found, of=f"level:{key}", metric="link_share") for key in keys]
    if not any(map(is_shown, shares)):
        return []
    labels = []
    for key, one in zip(keys, shares, strict=True):
        first = find(found, of=f"level:{key}", metric="chance_first")
        name = words.name(f"level:{key}")
        if is_shown(first) and is_shown(one):
            chance = words.chance_sign(first.estimate, first.unit)
            name = f"{name} ({words.ui('fig_first', chance=chance)})"
        labels.append(named(name, one, words, with_base=False))
    points = tuple(map(point, shares))
    name = words.ui("fig_link_axis")
    axis = axis_name(name, next(filter(is_shown, shares)), words)
    series = (Series(words.name("metric:link_share"), points),)
    return [Plot("bars", "", axis, "share", ticks_of("share", points), tuple(labels), series)]


def _priority_map(shown: Shown) -> list[Chart]:
    """The score of each level against its share of the link."""
    words, options = shown.words, shown.options
    found = [one for one in shown.estimates if one.of.startswith("level:")]
    keys = list(reversed(ordered_keys(found, "level", options.get("order"))))
    first = options.get("first", ())
    crosses = []
    for key in keys:
        share = find(found, of=f"level:{key}", metric="link_share")
        score = find(found, of=f"level:{key}", metric="score_100")
        if is_shown(share) and is_shown(score):
            role = "bad" if key in first else "data"
            name = f"{words.name(f'level:{key}')} {_likeliest(found, key, words)}".strip()
            crosses.append(Cross(name, point(share), point(score), role))
    if not crosses:
        return []
    line, even = options.get("line"), options.get("even")
    meet = None if line is None or even is None else (even, line)
    across = _around([one.across for one in crosses], [0.0, 2 * even if even else 0.1], 0.1)
    up = _around([one.up for one in crosses], [line] if line is not None else [], 20.0)
    corners = ("enough", "keep", "watch", "try_first")
    names = tuple(words.heading(words.name(f"quadrant:{one}")) for one in corners)
    axes = (words.ui("fig_link_axis"), words.ui("fig_score_100"))
    units = ("share", "score_100")
    return [Map(axes, units, across, up, meet, tuple(crosses), names)]  # type: ignore[arg-type]


def _likeliest(found: Sequence[Estimate], key: str, words: Words) -> str:
    """The chance of the quadrant in which a level most likely lies."""
    chances = [one for one in found if one.of == f"level:{key}" and one.metric == "chance_quadrant"]
    known = [one for one in chances if is_shown(one)]
    most = max(known, key=lambda one: one.estimate, default=None)
    return "" if most is None else words.chance_sign(most.estimate, most.unit)


def _around(points: Sequence[Point], more: Sequence[float], least: float) -> tuple[float, ...]:
    """Ticks that hold all points with their intervals, and some room around them."""
    values = [*more]
    for one in points:
        values += [end for end in (one.value, one.low, one.high) if end is not None]
    low, high = min(values), max(values)
    short = max(least - (high - low), 0.0) / 2
    ticks = nice_ticks(max(low - short, 0.0), high + short)
    top = 1.0 if high <= 1 else 100.0
    return tuple(round(one, 9) for one in ticks if one <= top)


def _trend(shown: Shown) -> list[Chart]:
    """The headline over the waves, then the other measures, those of one unit in one chart."""
    options = shown.options
    waves = waves_of(shown.estimates, options.get("waves"))
    given = {key: options.get(key) for key in ("measures", "breaks", "targets")}
    lines = lines_of(list(shown.estimates), shown.comparisons, waves, **given)
    lines = [one for one in lines if one.shown]
    if not lines:
        return []
    made = [_lines(shown, lines[:1], waves)]
    for _, some in groupby(lines[1:], key=lambda one: (one.unit, one.ends)):
        kept = list(some)
        for start in range(0, len(kept), _MOST_LINES):
            made.append(_lines(shown, kept[start : start + _MOST_LINES], waves))
    return made


def _lines(shown: Shown, lines: Sequence[Line], waves: Sequence[str]) -> Chart:
    words = shown.words
    axis = axis_of(lines)
    is_one = len(lines) == 1
    name = lines[0].title(words) if is_one else words.name(f"metric:{lines[0].metric}")
    short = words.short(f"metric:{lines[0].metric}")
    said = axis.caption(short, words.level(level_of(shown.estimates)), words)
    labels = []
    for k, wave in enumerate(waves):
        one = lines[0].points[k]
        told = words.short(f"wave:{wave}")
        labels.append(named(told, one, words, with_base=True) if is_one else Name(told))
    series = tuple(Series(one.name(words), tuple(_of_line(one))) for one in lines)
    return Plot("lines", name, said, axis.unit, axis.ticks, tuple(labels), series)


def _of_line(line: Line) -> Iterator[Point]:
    """The points of a line; one that is not compared with the one before it has role `broken`."""
    last = len(line.points) - 1
    for k, one in enumerate(line.points):
        if k == last and line.tone != "data":
            yield point(one, f" {tables.SIGNS[line.tone]}", line.tone)
        else:
            yield point(one, "", "broken" if k in line.breaks else "")


_OF_FIGURES: dict[str, Callable[[Shown], list[Chart]]] = {
    "forest": differences,
    "journey": _journey,
    "likert": _likert,
    "links": _links,
    "priority_map": _priority_map,
    "pyramid": _pyramid,
    "trend": _trend,
}
"""Charts by the figure that a finding names; a heat map is a table of shaded cells."""

_OF_TABLES: dict[str, Callable[[Shown], list[Chart]]] = {
    "groups": groups,
    "handoffs": handoffs,
    "records": records,
}
