"""Tables of the links with an outcome: published records in, rows of worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cxkit.analysis.conventions import BEST_TWO, QUADRANTS
from cxkit.records import Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    column,
    fit_cell,
    hidden_cell,
    p_cell,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["ahead", "asymmetry", "links", "necessity", "priorities"]


def links(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level's share of the differences explained, its parts, ranks, and slopes."""
    again = "link_share_equal_reliability"
    is_on_two = any(one.metric == again and one.method == BEST_TWO for one in estimates)
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.name("metric:link_share"), words.ui("interval")),
        column(words.name("metric:chance_first")),
        column(words.name("metric:rank"), words.ui("interval")),
        column(
            words.ui("share_best_two") if is_on_two else words.name(f"metric:{again}"),
            words.ui("interval"),
        ),
        column(words.name("metric:lmg"), words.name("metric:johnson")),
        column(words.name("metric:slope"), words.ui("interval")),
        column(words.name("metric:log_odds"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = []
    for of in _levels(estimates, options):
        own = {one.metric: one for one in estimates if one.of == of}
        cells = [
            value_cell(own.get("link_share"), words),
            _chance(own.get("chance_first"), words),
            value_cell(own.get("rank"), words),
            value_cell(own.get(again), words),
            _parts(own.get("lmg"), own.get("johnson"), words),
            value_cell(own.get("slope"), words),
            value_cell(own.get("log_odds"), words),
            base_cell(own.get("link_share"), words),
        ]
        rows.append(row(words.name(of), cells))
    fits: Fits = options.get("fits", Fits(()))
    for one in fits.where(name="r2"):
        blank = [cell()] * 4
        base = base_cell(one, words)
        rows.append(row(words.ui("together"), [*blank, fit_cell(one, words), cell(), cell(), base]))
    return table(columns, rows, stick=True)


def ahead(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The chance that the level of a row has a larger share than the level of a column."""
    levels = _levels(estimates, options)
    columns = [column(words.heading(words.unit), align="left")]
    columns += [column(words.short(of)) for of in levels]
    chances = {(one.of, one.by["than"]): one for one in estimates if "than" in one.by}
    rows = []
    for of in levels:
        others = (chances.get((of, other.partition(":")[2])) for other in levels)
        rows.append(row(words.name(of), [_chance(one, words) for one in others]))
    return table(columns, rows, stick=True)


def priorities(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level's score, its share of the link, and the chance of each quadrant."""
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("score"), words.ui("interval")),
        column(words.name("metric:link_share"), words.ui("interval")),
        *(
            column(words.heading(words.name(f"quadrant:{key}")), words.ui("chance"))
            for key in QUADRANTS
        ),
        column(words.ui("n")),
    ]
    chances = {(one.of, one.by["quadrant"]): one for one in estimates if "quadrant" in one.by}
    rows = []
    for of in _levels(estimates, options):
        own = {one.metric: one for one in estimates if one.of == of and not one.by}
        cells = [value_cell(own.get("score_100"), words), value_cell(own.get("link_share"), words)]
        cells += [_chance(chances.get((of, key)), words) for key in QUADRANTS]
        cells.append(base_cell(own.get("link_share"), words))
        rows.append(row(words.name(of), cells))
    averages = [one for one in estimates if one.of == "levels" and one.method != "target"]
    for one in averages:
        blank = [cell() for _ in columns[3:]]
        cells = [value_cell(one, words), *blank, base_cell(one, words)]
        rows.append(row(words.ui("average"), cells))
    return table(columns, rows, stick=True)


def asymmetry(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How far the outcome lies from the middle where a level is low, and where it is high."""
    fits = options.get("fits", ())
    classes = {one.of: one for one in fits if one.name == "asymmetry_class"}
    levels = _levels(estimates, options)
    unclassed = {of for of, one in classes.items() if one.verdict == "not_classifiable"}
    of_all = ["penalty", "reward", "impact_range"]
    of_classed = ["impact_asymmetry", "slope_change"] if set(levels) - unclassed else []
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("asymmetry_class"), align="left"),
    ]
    columns += [
        column(words.name(f"metric:{metric}"), words.ui("interval"))
        for metric in (*of_all, *of_classed)
    ]
    rows = []
    for of in levels:
        own = {one.metric: one for one in estimates if one.of == of}
        cells = [_verdict(classes.get(of), "asymmetry", words)]
        cells += [value_cell(own.get(metric), words) for metric in of_all]
        cells += [
            cell(words.name("asymmetry:not_classifiable"), state="none")
            if of in unclassed
            else value_cell(own.get(metric), words)
            for metric in of_classed
        ]
        rows.append(row(words.name(of), cells))
    return table(columns, rows, stick=True)


def necessity(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How large the empty corner is where a level is low and the outcome high."""
    fits: Fits = options.get("fits", ())
    inside = {one.of: one for one in estimates if one.metric == "in_corner"}
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("empty_corner")),
        column(words.ui("size_class"), align="left"),
        column(words.ui("p_permutation")),
        column(words.ui("in_corner")),
    ]
    rows = []
    for of in _levels(fits, options):
        one = next(one for one in fits if one.of == of)
        cells = [
            fit_cell(one, words, with_range=False, unit="scale", digits=3),
            _size(one, words),
            p_cell(one, words),
            value_cell(inside.get(of), words, with_range=False),
        ]
        rows.append(row(words.name(of), cells))
    return table(columns, rows, stick=True)


# -- cells ---------------------------------------------------------------------------------------


def _levels(records: Iterable[Any], options: Mapping[str, Any]) -> list[str]:
    """The levels that the records speak of, in the order of the page: apex first."""
    known = {one.of for one in records}
    return [of for key in reversed(options["order"]) if (of := f"level:{key}") in known]


def _chance(one: Estimate | None, words: Words) -> Cell:
    """A chance from resampling, never printed as certain."""
    if one is None or one.is_hidden or one.estimate != one.estimate:
        return value_cell(one, words)
    return cell(words.chance_sign(one.estimate, one.unit))


def _parts(lmg: Estimate | None, johnson: Estimate | None, words: Words) -> Cell:
    """Two ways to a part of R2, with one decimal more than a share has: parts are small."""
    made = value_cell(lmg, words)
    if lmg is None or made["state"]:
        return made
    texts = [
        "" if one is None else words.number(one.estimate, "share", digits=1)
        for one in (lmg, johnson)
    ]
    return made | dict(zip(("text", "small"), texts, strict=True))


def _size(one: Fit, words: Words) -> Cell:
    """How large an empty corner is, in words; not where chance makes as large a one."""
    if one.value == one.value and not one.p < round(1 - one.ci_level, 9):
        return cell(words.name("necessity:not_clear"))
    return _verdict(one, "necessity", words)


def _verdict(one: Fit | None, kind: str, words: Words) -> Cell:
    """What a fit concludes, in words."""
    if one is None or not one.verdict:
        return cell()
    if one.is_hidden:
        return hidden_cell(words)
    return cell(words.locale["names"][kind].get(one.verdict, ""))
