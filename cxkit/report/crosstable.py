"""The cross table on the page: published records of groups in, worded cells with letters out.

Up to six groups stand as columns, each with its letter; more are a list that is read downwards,
each marked where it clearly differs from all other respondents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.analysis.crosstab import (
    MOST_LETTERED,
    Measure,
    blocks,
    column_letters,
    column_of,
    columns,
    letters,
    measures,
    notes,
)
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report import tables
from cxkit.report.tables import Cell, Row, cell, column, row, table, value_cell
from cxkit.wording import Quantity, Words

__all__ = ["against_rest", "crosstable", "is_too_wide", "said_below"]

Cells = dict[tuple[str, str, str], Cell]
"""The cells of a table by metric, of and column (no name for the total)."""

_WORSE_WHEN_HIGHER = ("bottom_", "sd", "share", "skipped")
"""Metrics of which more is not better, so that a mark has no colour."""


def crosstable(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Total and groups on every measure, with letters or marks for what is clear."""
    heads = columns(estimates)
    is_list = _is_list(heads, options)
    made = _cells(estimates, comparisons, heads, words)
    given = _given(options)
    labels = {
        measure: _label(measure, given.get(measure, {}), words, is_short=is_list)
        for measure in measures(estimates)
    }
    if is_list:
        unseen = options.get("unseen", ())
        return {**_as_list(estimates, made, labels, unseen, words), "cross": "cross list"}
    named = column_letters(heads) if options["against"] == "pairs" else {}
    return {**_as_columns(estimates, made, labels, named, words), "cross": "cross"}


def against_rest(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each group and all other respondents on one measure; then the least that could be seen."""
    columns = [
        column(words.ui("group"), align="left"),
        column(words.ui("value"), words.ui("interval")),
        column(words.ui("n")),
        column(words.heading(words.ui("rest")), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui("difference"), words.ui("interval")),
    ]
    sides = {column_of(one): one for one in estimates}
    rows = []
    for segment in options["segments"]:
        found = [one for one in comparisons if one.a.partition("=")[0] == segment]
        rows.append(row(words.name(f"segment:{segment}"), [cell() for _ in columns[1:]], "level"))
        for one in found:
            if one.metric != "mde":
                cells = _beside(sides[one.a], sides[one.b], words)
                rows.append(
                    row(words.name(one.a), [*cells, tables.change_cell(one, words)], "item")
                )
        for one in found:
            if one.metric == "mde":
                size = cell(words.size(one.difference, one.unit))
                cells = [*(cell() for _ in columns[2:]), size]
                rows.append(row(words.ui("smallest_visible"), cells, "item"))
    return table(columns, rows, stick=True)


def _beside(group: Estimate, rest: Estimate, words: Words) -> list[Cell]:
    """A group and the rest, each with its base; of a private group not even its rest."""
    if "hidden_privacy" in group.flags:
        return [value_cell(group, words), cell(), cell(), cell()]
    return [
        made
        for one in (group, rest)
        for made in (value_cell(one, words), tables.base_cell(one, words))
    ]


def said_below(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> list[str]:
    """The notes of a cross table: its letters, its tests, its items, its order."""
    said = notes(comparisons, options, words)
    is_list = _is_list(columns(estimates), options)
    if any(is_too_wide(one) for one in comparisons):
        is_marked = options["against"] == "rest"
        said.append(words.note("note_wide_marks" if is_marked else "note_wide_letters"))
    first = _sorted_by(estimates) if is_list else None
    if first is not None:
        head = _label(first, _given(options).get(first, {}), words, is_short=True)[0]
        said.append(words.note("note_sorted", metric=head))
    return said


def is_too_wide(one: Comparison) -> bool:
    """Whether a difference is beyond chance, and its range too wide to say in which direction."""
    return one.verdict == "undecided" and one.p_adjusted < 1 - one.ci_level


def _is_list(heads: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Whether groups stand below each other, being held against the rest or too many."""
    return options["against"] == "rest" or len(heads) > MOST_LETTERED


def _given(options: Mapping[str, Any]) -> dict[Measure, Mapping[str, Any]]:
    """What the report knows of each measure beside its records."""
    return {(one["metric"], one["of"]): one for one in options.get("measures", ())}


def _as_columns(
    estimates: Estimates,
    made: Cells,
    labels: Mapping[Measure, tuple[str, str]],
    named: Mapping[str, str],
    words: Words,
) -> Row:
    """A row a measure, a column a group; the base below the rows that rest on it."""
    heads = ("", *columns(estimates))
    shown = [column(words.ui("metric"), align="left"), column(words.ui("total"))]
    shown += [{**column(words.name(one)), "letter": named.get(one, "")} for one in heads[1:]]
    rows = []
    for block in blocks(estimates):
        for measure in block:
            label, small = labels[measure]
            cells = [made.get((*measure, one), cell()) for one in heads]
            rows.append(row(label, cells, small=small))
        rows.append(_base_row(block, [_find(estimates, block[0], one) for one in heads], words))
    return table(shown, rows, stick=True)


def _as_list(
    estimates: Estimates,
    made: Cells,
    labels: Mapping[Measure, tuple[str, str]],
    unseen: Sequence[str],
    words: Words,
) -> Row:
    """A row a group, the highest on the first measure at the top; a column a measure.

    Groups of which a sentence says that nothing is shown have no row.
    """
    shown = [column(words.ui("group"), align="left")]
    for block in blocks(estimates):
        shown += [column(*labels[measure]) for measure in block]
        shown.append(column(words.ui("n"), words.ui("n_eff"), align="right count"))
    rows = []
    for head in ("", *(one for one in _sorted(estimates) if one not in unseen)):
        cells: list[Cell] = []
        for block in blocks(estimates):
            cells += [made.get((*measure, head), cell()) for measure in block]
            cells += _base_cells([_find(estimates, block[0], head)], words)
        name = words.name(head) if head else words.ui("total")
        rows.append(row(name, cells, "" if head else "level"))
    return table(shown, rows, stick=True)


def _sorted(estimates: Estimates) -> list[str]:
    """The groups from the highest number on one measure; those without a number at the end."""
    first = _sorted_by(estimates)
    if first is None:
        return list(columns(estimates))
    found = {one: _find(estimates, first, one) for one in columns(estimates)}
    shown = {
        key: one.estimate for key, one in found.items() if one and one.estimate == one.estimate
    }
    return sorted(found, key=lambda key: (key not in shown, -shown.get(key, 0.0)))


def _sorted_by(estimates: Estimates) -> Measure | None:
    """The first measure on which a group has a number; None where no group has one."""
    numbers = (one for one in estimates if one.by and one.estimate == one.estimate)
    return next(((one.metric, one.of) for one in numbers), None)


def _cells(
    estimates: Estimates, comparisons: Comparisons, heads: Sequence[str], words: Words
) -> Cells:
    higher = letters(comparisons, heads)
    marked = {(one.metric, one.of, one.a): one for one in comparisons if "!=" in one.b}
    made = {}
    for one in estimates:
        key = (one.metric, one.of, column_of(one))
        made[key] = _cell(one, higher.get(key, ""), marked.get(key), words)
    return made


def _cell(one: Estimate, higher: str, against: Comparison | None, words: Words) -> Cell:
    """A number, its range below it, and the letters or the mark of what is clear."""
    if "not_comparable" in one.flags and one.estimate != one.estimate:
        return cell(words.ui("not_comparable"), state="none")
    made = value_cell(one, words)
    if one.is_hidden:
        return {**made, "small": ""}  # its base stands in a row or column of its own
    if higher:
        made["letters"] = higher
        made["said"] = words.ui("higher_than", list=higher.replace(" ", ", "))
    if against is not None and against.is_clear:
        is_higher = against.difference > 0
        role = "good" if is_higher else "bad"
        made["sign"] = tables.SIGNS[role]
        made["word"] = words.ui("higher_than_rest" if is_higher else "lower_than_rest")
        made["tone"] = "" if one.metric.startswith(_WORSE_WHEN_HIGHER) else role
    return made


def _label(
    measure: Measure, given: Mapping[str, Any], words: Words, *, is_short: bool
) -> tuple[str, str]:
    """How a row or column is called, and how its measure is defined."""
    metric, of = measure
    short = words.short(f"metric:{metric}")
    if of.startswith("outcome:") and words.own(of) is None:
        definition = given.get("definition")
        return short, words.name(f"definition:{definition}") if definition else ""
    if of.startswith("outcome:") and given:
        return tables.measure_name(given, words)
    label = words.short(of) if is_short else words.name(of)
    is_told = metric == "score_100" and of.startswith("level:")
    return label, "" if is_told else short


def _base_label(block: Sequence[Measure], words: Words) -> str:
    """The name of a row of bases: of the row above it, or of several."""
    if len(block) == 1:
        return words.ui("n")
    if all(of.startswith("level:") for _, of in block):
        return words.ui("n_of_units")
    return words.ui("n_of_measures", k=Quantity(len(block), "count", words))


def _base_row(block: Sequence[Measure], found: Sequence[Estimate | None], words: Words) -> Row:
    """The bases of the rows above, the effective ones below them where they differ."""
    cells = _base_cells(found, words)
    small = words.ui("n_eff") if any(one["small"] for one in cells) else ""
    return row(_base_label(block, words), cells, "base", small)


def _base_cells(found: Sequence[Estimate | None], words: Words) -> list[Cell]:
    """Bases with the effective ones below them, if any differs."""
    told = [one if one and "hidden_privacy" not in one.flags else None for one in found]
    whole = [words.count(one.n) if one else "" for one in told]
    effective = [words.count(one.n_eff) if one else "" for one in told]
    is_same = whole == effective
    return [cell(n, "" if is_same else n_eff) for n, n_eff in zip(whole, effective, strict=True)]


def _find(estimates: Estimates, measure: Measure, head: str) -> Estimate | None:
    for one in estimates:
        if (one.metric, one.of, column_of(one)) == (*measure, head):
            return one
    return None
