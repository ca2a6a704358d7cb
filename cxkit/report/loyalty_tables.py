"""Tables of what was told and done, by whom, and of two brands: published records, worded cells.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.tables import (
    Row,
    base_cell,
    both_bases,
    cell,
    change_cell,
    column,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["asked", "brands", "by_kind"]


def asked(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """One question a row, the answers of a list below each other, each with whom it concerns."""
    columns = [
        column(words.ui("question"), words.ui("asked_of"), align="left"),
        column(words.ui("share"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows, last = [], ""
    is_mixed = len({told["metric"] for told in options["rows"]}) > 1
    for told in options["rows"]:
        one = _of(estimates, told)
        who = words.heading(words.name(f"base:{told['base'] or 'everyone'}"))
        if told["list"] and told["of"] != last:
            blank = [cell() for _ in columns[1:]]
            rows.append(row(words.heading(words.name(told["of"])), blank, "level", who))
        last = told["of"]
        cells = [value_cell(one, words), base_cell(one, words)]
        head = _head(told, words, with_metric=is_mixed and told["metric"] != "share")
        rows.append(row(head, cells, "item") if told["list"] else row(head, cells, small=who))
    return table(columns, rows, stick=True)


def _of(estimates: Estimates, told: Mapping[str, Any]) -> Estimate | None:
    for one in estimates:
        is_it = (one.of, one.metric) == (told["of"], told["metric"])
        if is_it and one.by.get("answer") == told["answer"]:
            return one
    return None


def _head(told: Mapping[str, Any], words: Words, *, with_metric: bool) -> str:
    """An answer by its words; a question by its name, with the metric where it needs that."""
    if told["list"]:
        return str(words.locale["answers"][told["list"]][told["answer"]])
    named = words.heading(words.name(told["of"]))
    metric = words.name(f"metric:{told['metric']}")
    return f"{named}, {metric[:1].lower()}{metric[1:]}" if with_metric else named


def by_kind(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Kinds of people a row, questions a column; below them how far two kinds differ.

    `options["by"]` is the group of the records, `options["kind"]` the shelf of its names; a group
    None stands for all together. `options["head"]` says what a single column holds. Where
    `options["is_plain"]`, a difference is neither good nor bad.
    """
    columns = [column(words.ui("group"), align="left")]
    for of in options["of"]:
        named = words.ui(options["head"]) if "head" in options else words.heading(words.name(of))
        columns.append(column(named, words.ui("interval")))
        columns.append(column(words.ui("n")))
    rows = []
    for group in options["groups"]:
        cells = []
        for of in options["of"]:
            one = _in_group(estimates, of, options["by"], group)
            cells += [value_cell(one, words), base_cell(one, words)]
        named = words.ui("total") if group is None else words.name(f"{options['kind']}:{group}")
        rows.append(row(words.heading(named), cells))
    is_plain = options.get("is_plain", False)
    rows += [_difference(one, words, is_plain=is_plain) for one in comparisons]
    return table(columns, rows, stick=True)


def _in_group(estimates: Estimates, of: str, by: str, group: str | None) -> Estimate | None:
    for one in estimates:
        if one.of == of and one.by.get(by) == group:
            return one
    return None


def _difference(one: Comparison, words: Words, *, is_plain: bool) -> Row:
    """Two kinds held against each other."""
    head = words.ui("a_against_b", a=words.name(one.a), b=words.name(one.b))
    told = change_cell(one, words) | ({"tone": ""} if is_plain else {})
    return row(words.heading(head), [told, cell(both_bases(one, words))], "item")


def brands(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level and outcome of both brands in the people who rated both, and the difference."""
    columns = [
        column(words.ui("metric"), align="left"),
        column(words.name("brand:own"), words.ui("interval")),
        column(words.name("brand:rival"), words.ui("interval")),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n_both_brands")),
        column(words.ui("verdict"), align="left"),
    ]
    rows = []
    for one in comparisons:
        own, other = (_in_group(estimates, one.of, "brand", brand) for brand in ("own", "rival"))
        named = words.heading(words.name(one.of))
        if one.of.startswith("outcome:"):
            named = f"{named}, {words.short('metric:' + one.metric)}"
        cells = [
            value_cell(own, words),
            value_cell(other, words),
            change_cell(one, words),
            base_cell(one, words),
            cell(words.name(f"verdict:{one.verdict}")),
        ]
        rows.append(row(named, cells))
    return table(columns, rows, stick=True)
