"""Tables of the page: published records in, rows of worded cells out; no statistic is computed.

Each function takes a finding's records, its options and the words of one language, and returns
a dict that the template prints; all take the same four, so that a finding can name any of them.
A number that may not be shown is an empty hatched cell with its base still beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxkit.records import (
    NAMED_METRICS,
    Comparison,
    Comparisons,
    Estimate,
    Estimates,
    Fit,
    is_wide,
)
from cxkit.wording import Printed, Words

__all__ = [
    "against_rest",
    "change",
    "change_cell",
    "fit_cell",
    "groups",
    "handoffs",
    "hidden_cell",
    "journey",
    "level_by_stage",
    "likert",
    "mark",
    "measure_name",
    "p_cell",
    "p_text",
    "pyramid",
    "rail",
    "records",
    "scorecard",
    "tone",
    "trend",
]

Row = dict[str, Any]
Cell = dict[str, Any]

WIDE = "\u2020"
"""Marks a number whose range is too wide for its direction to be relied on."""

SIGNS = {"good": "▲", "bad": "▼", "flat": "·"}

_WITHOUT_ANSWERS = ("not_measured", "not_applicable", "not_comparable", "not_reached")
"""Why nobody answered, each with its own word; else nobody did."""

_RAILS = {"points": (-100.0, 100.0), "score_100": (0.0, 100.0), "share": (0.0, 1.0)}


def cell(text: str = "", small: str = "", **more: Any) -> Cell:
    """One cell of a table, every key that the template reads filled in."""
    blank = {"slot": "", "tone": "", "state": "", "rail": None, "hide": False}
    return {"text": text, "small": small, **blank, **more}


def row(head: str, cells: Sequence[Cell], kind: str = "", small: str = "") -> Row:
    """One row of a table; `kind` is `level`, `item`, `base` or nothing."""
    return {"kind": kind, "head": head, "small": small, "lang": None, "cells": list(cells)}


def column(label: str, sub: str = "", align: str = "right") -> dict[str, str]:
    """The head of one column."""
    return {"label": label, "sub": sub, "align": align}


def table(columns: Sequence[Mapping[str, str]], rows: Sequence[Row], stick: bool = False) -> Row:
    """A table without its caption, which the page adds."""
    return {"columns": list(columns), "rows": list(rows), "stick": stick}


# -- cells ---------------------------------------------------------------------------------------


def hidden_cell(words: Words, base: str = "") -> Cell:
    """A number that may not be shown; its base stands below where that is no secret."""
    return cell("**", base, state="none", word=words.ui("not_shown"))


def mark(one: Estimate | Fit) -> str:
    """What stands in the slot after a number: `*` for a small base, `†` for a wide range."""
    return ("*" if "low_base" in one.flags else "") + (WIDE if "wide" in one.flags else "")


def value_cell(one: Estimate | None, words: Words, *, with_range: bool = True, **more: Any) -> Cell:
    """An estimate with its interval below, or why there is none."""
    if one is None:
        return cell()
    if one.is_hidden:
        base = "" if _is_private(one) else words.ui("n_is", n=words.count(one.n))
        return hidden_cell(words, base)
    if why := [flag for flag in _WITHOUT_ANSWERS if flag in one.flags]:
        return cell(words.ui(why[0]), state="none")
    if not one.n or one.estimate != one.estimate:
        return cell(words.ui("no_answers"), state="none")
    has_range = with_range and one.ci_low == one.ci_low and one.method != "by_definition"
    small = words.range(one.ci_low, one.ci_high, one.unit) if has_range else ""
    return cell(words.number(one.estimate, one.unit), small, slot=mark(one), **more)


def fit_cell(
    one: Fit | None,
    words: Words,
    *,
    with_range: bool = True,
    unit: str | None = None,
    digits: int | None = None,
) -> Cell:
    """A fit with its interval below, or why there is none; in another unit than its own if asked.

    The range has the digits of its unit, whatever the number has.
    """
    if one is None:
        return cell()
    if one.is_hidden:
        return hidden_cell(words)
    if one.value != one.value:
        return cell(words.ui("not_computed"), state="none")
    unit = unit or one.unit
    has_range = with_range and one.ci_low == one.ci_low
    small = words.range(one.ci_low, one.ci_high, unit) if has_range else ""
    return cell(words.number(one.value, unit, digits=digits), small, slot=mark(one))


_LEAST_P, _DIGITS_OF_P = 0.001, 3
"""A smaller p is said to be smaller."""


def p_cell(one: Fit, words: Words) -> Cell:
    """The p of a fit with three decimals, under a heading that says so; empty without a test."""
    if one.is_hidden:
        return hidden_cell(words)
    printed = _printed_p(one, words)
    if one.p < _LEAST_P:
        said = words.ui("below", value=printed)
        return cell(Printed.of_number(said, one.p, "scale", _DIGITS_OF_P, said=said))
    return cell(printed)


def p_text(one: Fit, words: Words) -> str:
    """The p of a fit with its name, to stand beside a number; nothing without a test."""
    if one.p != one.p:
        return ""
    key = "p_below" if one.p < _LEAST_P else "p_is"
    return words.ui(key, value=_printed_p(one, words))


def _printed_p(one: Fit, words: Words) -> str:
    """The p as it is printed: no smaller than it may be said to be."""
    text = words.fine(max(one.p, _LEAST_P), "scale") if one.p == one.p else ""
    if not one.p < _LEAST_P:
        return text
    said = f"<{text}"
    return Printed.of_number(text, one.p, "scale", _DIGITS_OF_P, said=said)


def _is_private(one: Estimate | Comparison | Fit) -> bool:
    """Whether even the count of these answers is nobody's business."""
    return "hidden_privacy" in one.flags


def base_cell(one: Estimate | Comparison | Fit | None, words: Words) -> Cell:
    """The base, and the effective base where it differs."""
    if one is None or _is_private(one):
        return cell()
    n, n_eff = (one.n_a, one.n_eff_a) if isinstance(one, Comparison) else (one.n, one.n_eff)
    whole, effective = words.count(n), words.count(n_eff)
    return cell(whole, "" if whole == effective else words.ui("effective", n_eff=effective))


def both_bases(one: Comparison, words: Words) -> str:
    """The bases of both sides in words, one where these are the same people."""
    if _is_private(one) or one.n_a != one.n_a:
        return ""
    if one.is_paired:
        return words.ui("n_is", n=words.count(one.n_a))
    return words.ui("n_against", a=words.count(one.n_a), b=words.count(one.n_b))


def tone(one: Comparison | None) -> str:
    """The colour role of a difference: a verdict only when its test says so."""
    if one is None or not one.is_clear:
        return "flat"
    return "good" if one.difference > 0 else "bad"


def change_cell(one: Comparison | None, words: Words) -> Cell:
    """A difference with its sign, verdict colour and interval."""
    if one is None:
        return cell()
    if "not_measured" in one.flags:
        return cell(words.ui("not_measured"), state="none")
    if one.verdict == "hidden":
        return hidden_cell(words)
    if "not_comparable" in one.flags or one.difference != one.difference:
        return cell(words.ui("not_comparable"), state="none")
    role = tone(one)
    has_range = one.ci_low == one.ci_low
    return cell(
        words.signed(one.difference, one.unit),
        words.signed_range(one.ci_low, one.ci_high, one.unit, is_clear=one.is_clear)
        if has_range
        else "",
        slot=WIDE if "wide" in one.flags else "",
        tone=role,
        sign=SIGNS[role],
        word=words.name(f"verdict:{one.verdict}"),
    )


def rail(
    one: Estimate,
    words: Words,
    previous: Estimate | None = None,
    role: str = "flat",
    ends: Sequence[float] | None = None,
) -> Any:
    """Where an estimate and its interval lie on the whole scale, in percent of its length."""
    ends = ends or _RAILS.get(one.unit)
    if one.is_hidden or ends is None or one.ci_low != one.ci_low:
        return None
    low, high = ends
    before = previous.estimate if previous is not None and not previous.is_hidden else None
    return {
        "low": _place(one.ci_low, low, high),
        "high": _place(one.ci_high, low, high),
        "at": _place(one.estimate, low, high),
        "zero": _place(0.0, low, high) if low < 0 else None,
        "left": words.number(low, one.unit, digits=0),
        "middle": words.number(0.0, "count") if low < 0 else "",
        "right": words.number(high, one.unit, digits=0),
        "previous": None if before is None or before != before else _place(before, low, high),
        "tone": role,
    }


def difference_rail(one: Comparison, words: Words, role: str) -> Any:
    """A difference on a scale that is symmetrical about no difference."""
    if one.verdict == "hidden" or one.ci_low != one.ci_low:
        return None
    scale = 100.0 if one.unit == "share" else 1.0
    reach = max(abs(one.ci_low), abs(one.ci_high)) * scale
    end = next(
        step for step in (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0, 200.0) if reach <= step
    )
    end /= scale
    return {
        "low": _place(one.ci_low, -end, end),
        "high": _place(one.ci_high, -end, end),
        "at": _place(one.difference, -end, end),
        "zero": 50.0,
        "left": words.signed(-end * scale, "count"),
        "middle": words.count(0),
        "right": words.signed(end * scale, "count"),
        "previous": None,
        "tone": role,
    }


def _place(value: float, low: float, high: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low)
    return round(100 * share, 2)


def _find(estimates: Iterable[Any], **wanted: Any) -> Any:
    for one in estimates:
        if all(getattr(one, key) == value for key, value in wanted.items()):
            return one
    return None


def _change_of(comparisons: Iterable[Comparison], of: str, metric: str) -> Comparison | None:
    for one in comparisons:
        if one.of == of and one.metric == metric and one.a.startswith("wave="):
            return one
    return None


# -- tables --------------------------------------------------------------------------------------


def scorecard(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Outcomes and levels: the number now, its target, the change since the wave before."""
    now, before = options["wave"], options.get("previous")
    targets = options.get("targets", {})
    columns = [
        column(words.ui("metric"), align="left"),
        column(words.ui("score_drawn"), align="mark"),
        column(words.ui("value"), words.ui("interval")),
        column(words.ui("n")),
    ]
    if targets:
        columns.append(column(words.ui("target")))
    if before:
        columns.append(column(words.ui("since", wave=words.short(f"wave:{before}"))))
    rows = []
    for measure in options["measures"]:
        metric, of = measure["metric"], measure["of"]
        one = _find(estimates, metric=metric, of=of, wave=now)
        if one is None:
            continue
        last = _find(estimates, metric=metric, of=of, wave=before) if before else None
        change = _change_of(comparisons, of, metric)
        if change is not None and "not_comparable" in change.flags:
            last = None
        cells = [
            cell(rail=rail(one, words, last, tone(change), measure.get("ends"))),
            value_cell(one, words),
            base_cell(one, words),
        ]
        if targets:
            cells.append(_target_cell(one, targets.get(metric), words))
        if before:
            cells.append(change_cell(change, words))
        head, small = measure_name(measure, words)
        rows.append(row(head, cells, measure.get("kind", ""), small))
    return table(columns, rows, stick=True)


def measure_name(measure: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """How a row of the scorecard is called, and how the measure is defined."""
    metric, of = measure["metric"], measure["of"]
    if not of.startswith("outcome:"):
        return words.name(of), ""
    definition = measure.get("definition")
    defined = words.name(f"definition:{definition}") if definition else ""
    own = words.own(of)
    if own is None and metric in NAMED_METRICS:
        return words.name(f"metric:{metric}"), defined
    told = (words.short(f"metric:{metric}"), defined)
    return words.heading(words.name(of)), ", ".join(filter(None, told))


def _target_cell(one: Estimate, target: float | None, words: Words) -> Cell:
    if target is None:
        return cell("", words.ui("target_none"))
    text = words.number(target, one.unit)
    if one.is_hidden or one.ci_low != one.ci_low:
        return cell(text)
    if is_wide(one.ci_low, one.ci_high, one.unit):
        return cell(text, words.ui("target_open"))
    if one.ci_low > target:
        return cell(text, words.ui("target_above"), tone="good")
    if one.ci_high < target:
        return cell(text, words.ui("target_below"), tone="bad")
    return cell(text, words.ui("target_open"))


def trend(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each measure in every wave, with its base."""
    columns = [column(words.ui("metric"), align="left")]
    for wave in options["waves"]:
        columns += [column(words.short(f"wave:{wave}"), words.ui("interval"))]
        columns.append(column(words.ui("n")))
    rows = []
    for measure in options["measures"]:
        found = estimates.where(metric=measure["metric"], of=measure["of"])
        in_waves = [_find(found, wave=wave) for wave in options["waves"]]
        cells = [
            made for one in in_waves for made in (value_cell(one, words), base_cell(one, words))
        ]
        head, small = measure_name(measure, words)
        rows.append(row(head, cells, measure.get("kind", ""), small))
    return table(columns, rows, stick=True)


def change(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each measure before and now, and its change: raw, and with the make-up of the wave before."""
    now, before = options["wave"], options["previous"]
    columns = [
        column(words.ui("metric"), align="left"),
        column(words.ui("change"), words.ui("as_it_stands")),
        column(words.ui("change"), words.ui("same_make_up")),
        *(column(words.short(f"wave:{wave}")) for wave in (before, now)),
        column(words.ui("n")),
    ]
    rows = []
    for measure in options["measures"]:
        metric, of = measure["metric"], measure["of"]
        found = estimates.where(metric=metric, of=of)
        changed = comparisons.where(metric=metric, of=of, b=f"wave={before}")
        raw = _find(changed, a=f"wave={now}")
        held = _find(changed, a=f"mix={before}|wave={now}")
        in_waves = [
            value_cell(_find(found, wave=wave), words, with_range=False) for wave in (before, now)
        ]
        same = cell(words.ui("no_make_up")) if held is None else change_cell(held, words)
        is_told = raw is not None and not _is_private(raw)
        bases = words.join([words.count(raw.n_a), words.count(raw.n_b)]) if is_told else ""
        cells = [change_cell(raw, words), same, *in_waves, cell(bases)]
        head, small = measure_name(measure, words)
        rows.append(row(head, cells, measure.get("kind", ""), small))
    return table(columns, rows, stick=True)


def pyramid(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The levels, apex first: score, interval, bases, change."""
    now, before = options["wave"], options.get("previous")
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("score"), words.ui("interval")),
        column(words.ui("n")),
    ]
    if before:
        columns += [
            column(words.ui("score"), words.short(f"wave:{before}")),
            column(words.ui("since", wave=words.short(f"wave:{before}"))),
        ]
    rows = []
    for key in reversed(options["order"]):
        of = f"level:{key}"
        one = _find(estimates, of=of, wave=now)
        cells = [value_cell(one, words), base_cell(one, words)]
        if before:
            cells.append(value_cell(_find(estimates, of=of, wave=before), words))
            cells.append(change_cell(_change_of(comparisons, of, "score_100"), words))
        rows.append(row(words.name(of), cells))
    if options.get("is_named"):
        rows.append(_against_next(comparisons[0], len(columns) - 3, words))
    return table(columns, rows, stick=bool(before))


def _against_next(nearest: Comparison, n_more: int, words: Words) -> Row:
    """How far the weakest level lies below the next, in the same people."""
    cells = [change_cell(nearest, words), base_cell(nearest, words), *([cell()] * n_more)]
    return row(words.ui("against_next"), cells, small=words.name(nearest.b))


def likert(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each statement: the share of every answer, agreement, disagreement, mean and base."""
    bands, agrees = options["bands"], options["agreement"]
    columns = [column(words.ui("statement"), align="left")]
    columns += [column(words.text(band["label"])) for band in bands]
    columns += [
        column(words.ui("agree_total" if agrees else "upper_total")),
        column(words.ui("disagree_total" if agrees else "lower_total")),
        column(words.name("metric:mean")),
        column(words.ui("n")),
    ]
    rows = []
    for level in reversed(options["order"]):
        if level["level"]:
            blank = [cell() for _ in columns[1:]]
            rows.append(row(words.name(f"level:{level['level']}"), blank, "level"))
        for item in level["items"]:
            of = f"item:{item}"
            cells = [
                value_cell(
                    _find(estimates, of=of, metric="share", by={"answer": band["key"]}),
                    words,
                    with_range=False,
                )
                for band in bands
            ]
            cells.append(value_cell(_find(estimates, of=of, metric="top_box_half"), words))
            cells.append(value_cell(_find(estimates, of=of, metric="bottom_box_half"), words))
            mean = _find(estimates, of=of, metric="mean")
            cells += [value_cell(mean, words), base_cell(mean, words)]
            rows.append(row(words.name(of), cells, "item"))
    return table(columns, rows, stick=True)


def journey(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The stages in order: reach, conversion to the next, rating, each with its base."""
    has_reach = any(one.metric == "reach" for one in estimates)
    columns = [column(words.ui("stage"), align="left")]
    if has_reach:
        columns += [
            column(words.name("metric:reach")),
            column(words.ui("n")),
            column(words.ui("conversion")),
            column(words.ui("n")),
            column(words.ui("skipped")),
        ]
    columns += [
        column(words.ui("rating"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = []
    for key in options["order"]:
        of = f"stage:{key}"
        cells = []
        if has_reach:
            reach = _find(estimates, of=of, metric="reach")
            onward = _find(estimates, of=of, metric="conversion")
            for one in (reach, onward):
                cells.append(value_cell(one, words))
                cells.append(base_cell(one, words))
            cells.append(value_cell(_find(estimates, of=of, metric="skipped"), words))
        rating = _find(estimates, of=of, metric="score_100")
        cells += [value_cell(rating, words), base_cell(rating, words)]
        rows.append(row(words.name(of), cells))
    return table(columns, rows, stick=True)


def handoffs(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each hand-off between stages within the people who rated both."""
    columns = [
        column(words.name("metric:handoff"), align="left"),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n_both")),
        column(words.ui("verdict"), align="left"),
    ]
    rows = []
    for one in comparisons.where(of="handoff"):
        head = words.ui("from_to", **{"from": words.name(one.b), "to": words.name(one.a)})
        cells = [
            change_cell(one, words),
            base_cell(one, words),
            cell(words.name(f"verdict:{one.verdict}")),
        ]
        rows.append(row(head, cells))
    return table(columns, rows, stick=True)


def level_by_stage(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The levels by furthest stage: a column of people each, and how clear its lowest score is."""
    columns = [column(words.heading(words.unit), align="left")]
    columns += [column(words.name(f"stage:{key}")) for key in options["stages"]]
    groups = [estimates.where(**{f"by_{options['by']}": key}) for key in options["stages"]]
    bases = [max(group, key=lambda one: 0 if one.n != one.n else one.n) for group in groups]
    rows = [row(words.ui("n"), [base_cell(one, words) for one in bases], "base")]
    for level in reversed(options["rows"]):
        of = f"level:{level}"
        cells = [value_cell(_find(group, of=of), words) for group in groups]
        rows.append(row(words.name(of), cells))
    if comparisons:
        rows += _lowest_rows(comparisons, options, words)
    return table(columns, rows, stick=True)


def _lowest_rows(comparisons: Comparisons, options: Mapping[str, Any], words: Words) -> list[Row]:
    """Which score is lowest in each column, and how far below the next one it lies."""
    names, differences = [], []
    for key in options["stages"]:
        one = _find(comparisons, of=f"{options['by']}={key}")
        level = options["lowest"].get(key)
        told = words.name(f"level:{level}") if level else words.ui("no_weakest")
        names.append(cell("" if one is None else told))
        differences.append(change_cell(one, words))
    return [row(words.ui("lowest"), names), row(words.ui("against_next"), differences)]


def groups(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The groups of a segment beside the total, with letters for what is clear."""
    from cxkit.report.crosstable import crosstable

    return crosstable(estimates, comparisons, options, words)


def against_rest(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each group beside all other respondents on one measure, and what could be seen at all."""
    from cxkit.report.crosstable import against_rest as made

    return made(estimates, comparisons, options, words)


def records(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Any records as they come: the table of a researcher's own finding."""
    if "against" in options:
        return groups(estimates, comparisons, options, words)
    return _comparison_rows(comparisons, words) if comparisons else _estimate_rows(estimates, words)


def _estimate_rows(estimates: Estimates, words: Words) -> Row:
    groups = list(dict.fromkeys(key for one in estimates for key in one.by))
    has_wave = len({one.wave for one in estimates}) > 1
    columns = [column(words.ui("metric"), align="left")]
    columns += [column(words.name(f"segment:{key}"), align="left") for key in groups]
    columns += [column(words.ui("wave"), align="left")] if has_wave else []
    columns += [column(words.ui("value"), words.ui("interval"))]
    columns.append(column(words.ui("n")))
    rows = []
    for one in estimates:
        cells = [cell(words.name(f"group:{key}={one.by.get(key, '')}")) for key in groups]
        cells += [cell(words.wave(one.wave))] if has_wave else []
        cells += [value_cell(one, words), base_cell(one, words)]
        head = words.name(f"metric:{one.metric}")
        if not (one.of.startswith("outcome:") and one.metric in NAMED_METRICS):
            head = f"{words.heading(words.name(one.of)).rstrip('.')}, {head}"
        rows.append(row(head, cells))
    return table(columns, rows, stick=True)


def _comparison_rows(comparisons: Comparisons, words: Words) -> Row:
    columns = [
        column(words.ui("compared"), align="left"),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui("verdict"), align="left"),
    ]
    rows = []
    for one in comparisons:
        cells = [
            change_cell(one, words),
            cell(both_bases(one, words)),
            cell(words.name(f"verdict:{one.verdict}")),
        ]
        head = words.heading(words.ui("a_against_b", a=words.name(one.a), b=words.name(one.b)))
        rows.append(row(head, cells))
    return table(columns, rows, stick=True)
