"""Tables of types of experience and qualities of an interaction, built like those of `tables`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.records import Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.report.tables import Cell, Row, base_cell, cell, column, fit_cell, row, table, value_cell
from cxkit.wording import Words

__all__ = ["coverage", "parts", "parts_by_stage", "with_levels"]


def parts(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each part: its score, base, whom it concerns, and how many of its statements were asked."""
    statements: Mapping[str, list[int]] = options["statements"]
    is_counted = any(n_all > 1 for _, n_all in statements.values())
    columns = [
        column(words.heading(words.name(f"unit:{options['part']}")), align="left"),
        column(words.ui("score"), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui("base"), align="left"),
    ]
    columns += [column(words.ui("statements_asked"))] if is_counted else []
    rows = []
    for one in estimates:
        who = options["bases"].get(one.of)
        told = words.heading(words.name(f"base:{who}")) if who else ""
        cells = [value_cell(one, words), base_cell(one, words), cell(told)]
        cells += [_counted(statements[one.of], words)] if is_counted else []
        rows.append(row(words.name(one.of), cells))
    return table(columns, rows, stick=True)


def parts_by_stage(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each part by furthest stage, a column of people each, with the n of every cell below it."""
    columns = [column(words.heading(words.name(f"unit:{options['part']}")), align="left")]
    columns += [column(words.name(f"stage:{key}")) for key in options["columns"]]
    rows = []
    for key in reversed(options["rows"]):
        of = f"{options['part']}:{key}"
        found = {one.by[options["by"]]: one for one in estimates if one.of == of}
        own = [found.get(stage) for stage in options["columns"]]
        rows.append(row(words.name(of), [value_cell(one, words) for one in own]))
        rows.append(row(words.ui("n"), [_base(one, words) for one in own], "base"))
    return table(columns, rows, stick=True)


def with_levels(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The correlation of each part with each level, and how many people have both scores."""
    fits: Fits = options["fits"]
    pairs = {tuple(one.of.split("|")): one for one in fits}
    levels = list(dict.fromkeys(level for _, level in pairs))
    columns = [column(words.heading(words.name(f"unit:{options['part']}")), align="left")]
    columns += [column(words.short(level), words.ui("interval")) for level in levels]
    columns.append(column(words.ui("n")))
    rows = []
    for of in dict.fromkeys(part for part, _ in pairs):
        own = [pairs[of, level] for level in levels]
        cells = [_correlation(one, words) for one in own]
        rows.append(row(words.short(of), [*cells, _bases(own, words)]))
    return table(columns, rows, stick=True)


def coverage(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Which statements were asked of each part, and which statements of levels touch it."""
    columns = [
        column(words.heading(words.name(f"unit:{options['part']}")), align="left"),
        column(words.ui("statements_asked")),
        column(words.ui("touched_by"), align="left"),
        column(words.ui("covered"), align="left"),
    ]
    rows = []
    for of, n_asked, n_all, beside, verdict in options["covered"]:
        listed = words.join(words.short(f"item:{item}") for item in beside)
        cells = [
            _counted([n_asked, n_all], words),
            cell(words.heading(listed)) if beside else cell(words.ui("no_question"), state="none"),
            cell(words.name(f"covers:{verdict}")),
        ]
        rows.append(row(words.name(of), cells))
    return table(columns, rows)


def _counted(statements: Sequence[int], words: Words) -> Cell:
    """So many of so many."""
    asked, known = (words.count(one) for one in statements)
    return cell(words.ui("n_of", n=asked, base=known))


def _base(one: Estimate | None, words: Words) -> Cell:
    """The base of a cell; nothing where nobody belongs to it."""
    return cell() if one is None or not one.n else base_cell(one, words)


def _correlation(one: Fit, words: Words) -> Cell:
    if not one.n:
        return cell(words.ui("no_answers"), state="none")
    return fit_cell(one, words, digits=2)


def _bases(own: list[Fit], words: Words) -> Cell:
    """The base of a row: one number, or the smallest and the largest."""
    known = sorted({one.n for one in own if one.n == one.n and one.n})
    if not known:
        return cell()
    low, high = (words.count(end) for end in (known[0], known[-1]))
    return cell(low, "" if low == high else words.ui("up_to_n", n=high))
