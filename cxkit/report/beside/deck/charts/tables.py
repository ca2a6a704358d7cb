"""Charts of differences, and of tables that are better drawn: groups, hand-offs, own records."""

from __future__ import annotations

from collections.abc import Sequence

from cxkit.analysis.crosstab import (
    MOST_LETTERED,
    column_letters,
    column_of,
    columns,
    letters,
    measures,
)
from cxkit.records import NAMED_METRICS, Comparison, Estimate
from cxkit.report import tables
from cxkit.report.beside.deck.charts.parts import axis_name, changed_point, named, point, ticks_of
from cxkit.report.beside.deck.charts.values import Chart, Plot, Series
from cxkit.report.figures.forest import row_names
from cxkit.report.figures.parts import change_text, is_shown, tone_of
from cxkit.report.shown import Shown
from cxkit.wording import Words

__all__ = ["differences", "groups", "handoffs", "records"]

_MOST_MEASURES = 4


def differences(shown: Shown) -> list[Chart]:
    """Differences with their intervals, from a line at zero."""
    words, records = shown.words, list(shown.comparisons)
    if not any(map(is_shown, records)) or len({one.unit for one in records}) > 1:
        return []
    context, rows = row_names(records, words, shown.options.get("sides"))
    better = shown.options.get("better", "higher")
    return [_differences(words, [(row.label, row.record) for row in rows], context, better)]


def handoffs(shown: Shown) -> list[Chart]:
    """The hand-offs between stages as differences."""
    words = shown.words
    rows = [
        (words.ui("from_to", **{"from": words.name(one.b), "to": words.name(one.a)}), one)
        for one in shown.comparisons.where(of="handoff")
    ]
    if not any(is_shown(one) for _, one in rows):
        return []
    return [_differences(words, rows, "", "higher")]


def _differences(
    words: Words, rows: Sequence[tuple[str, Comparison]], context: str, better: str
) -> Chart:
    points, labels = [], []
    for label, one in rows:
        tone = tone_of(one, better=better)
        sign = "" if tone == "data" else f" {change_text(one, words)[0]}"
        points.append(point(one, sign, "" if tone == "data" else tone))
        labels.append(named(label, one, words, with_base=False))
    first = next(one for _, one in rows if is_shown(one))
    unit = "points" if first.unit == "share" else first.unit
    said = words.ui("fig_difference", ci=words.level(first.ci_level))
    axis = ", ".join(filter(None, (context, said)))
    ticks = ticks_of("difference", points)
    series = (Series(words.ui("difference"), tuple(points)),)
    return Plot("bars", "", axis, unit, ticks, tuple(labels), series, is_signed=True)


def groups(shown: Shown) -> list[Chart]:
    """The groups of a segment on the headline, and on the measures that clearly differ."""
    found = shown.estimates
    clear = {(one.metric, one.of) for one in shown.comparisons if one.is_clear}
    rows = measures(found)
    told = [one for one in rows if one in clear or one == rows[0]][:_MOST_MEASURES]
    return [chart for one in told if (chart := _of_groups(shown, one)) is not None]


def _of_groups(shown: Shown, measure: tuple[str, str]) -> Chart | None:
    words, (metric, of) = shown.words, measure
    heads = _in_order(shown)
    found = {column_of(one): one for one in shown.estimates if (one.metric, one.of) == measure}
    if not any(is_shown(one) for one in found.values()):
        return None
    is_lettered = shown.options.get("against") == "pairs" and len(heads) <= MOST_LETTERED
    lettered = column_letters(heads) if is_lettered else {}
    higher = letters(shown.comparisons, heads) if is_lettered else {}
    marked = {one.a: one for one in shown.comparisons if (one.metric, one.of) == measure}
    points, labels = [], []
    for head in ("", *heads):
        one = found.get(head)
        name = words.name(head) if head else words.ui("total")
        name = f"{lettered[head]} {name}" if head in lettered else name
        labels.append(named(name, one, words, with_base=True))
        against = marked.get(head) if shown.options.get("against") == "rest" else None
        if against is not None:
            points.append(changed_point(one, against))
        else:
            letter = higher.get((metric, of, head), "")
            points.append(point(one, f" {letter}" if letter else ""))
    first = next(one for one in found.values() if is_shown(one))
    caption = _measure_name(measure, shown)
    series = (Series(caption, tuple(points)),)
    return Plot(
        "bars",
        caption,
        axis_name(caption, first, words),
        first.unit,
        ticks_of(first.unit, points),
        tuple(labels),
        series,
    )


def _in_order(shown: Shown) -> list[str]:
    """The groups in the study's order; where the page has them as a list, the highest first."""
    heads = columns(shown.estimates)
    if shown.options.get("against") != "rest" and len(heads) <= MOST_LETTERED:
        return list(heads)
    numbers = [one for one in shown.estimates if one.by and is_shown(one)]
    first = next(((one.metric, one.of) for one in numbers), None)
    known = {column_of(one): one.estimate for one in numbers if (one.metric, one.of) == first}
    return sorted(heads, key=lambda head: (head not in known, -known.get(head, 0.0)))


def _measure_name(measure: tuple[str, str], shown: Shown) -> str:
    """What a measure of a cross table is called, with its definition."""
    metric, of = measure
    words = shown.words
    given = {(one["metric"], one["of"]): one for one in shown.options.get("measures", ())}
    if measure in given:
        return ", ".join(filter(None, tables.measure_name(given[measure], words)))
    if of.startswith("outcome:") and metric in NAMED_METRICS:
        return words.short(f"metric:{metric}")
    return words.heading(words.name(of)).rstrip(".")


def records(shown: Shown) -> list[Chart]:
    """A researcher's own records: a cross table, differences, or estimates of one measure."""
    if "against" in shown.options:
        return groups(shown)
    if len(shown.comparisons):
        return differences(shown)
    found = list(shown.estimates)
    if len({(one.metric, one.unit) for one in found}) != 1 or not any(map(is_shown, found)):
        return []
    words = shown.words
    labels = tuple(
        named(_of_record(one, found, words), one, words, with_base=True) for one in found
    )
    points = tuple(map(point, found))
    name = words.name(f"metric:{found[0].metric}")
    axis = axis_name(name, next(filter(is_shown, found)), words)
    unit = found[0].unit
    series = (Series(name, points),)
    return [Plot("bars", "", axis, unit, ticks_of(unit, points), labels, series)]


def _of_record(one: Estimate, found: Sequence[Estimate], words: Words) -> str:
    """A record by what tells it apart from the others."""
    parts = [words.name(f"group:{key}={value}") for key, value in one.by.items()]
    if len({other.of for other in found}) > 1 or not parts:
        parts.insert(0, words.heading(words.name(one.of)).rstrip("."))
    if len({other.wave for other in found}) > 1:
        parts.append(words.wave(one.wave))
    return ", ".join(parts)
