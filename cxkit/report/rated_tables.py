"""A table of single statements, each with its score: published records, worded cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates
from cxkit.report.tables import Row, base_cell, column, row, table, value_cell
from cxkit.wording import Words

__all__ = ["rated"]


def rated(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """One statement a row, word for word: its score, its base, and whom it was asked of.

    `options["rows"]` holds what each row is of, and what it is about, or None.
    """
    columns = [
        column(words.heading(words.name("unit:item")), words.ui("asked_of"), align="left"),
        column(words.ui("score"), words.ui("interval")),
        column(words.ui("n")),
    ]
    items = words.context.get("further_items", {}) | words.context.get("items", {})
    found = {one.of: one for one in estimates}
    rows = []
    for of, about in options["rows"]:
        one, base = found[of], items[of.partition(":")[2]].get("base") or "everyone"
        who = words.heading(words.name(f"base:{base}"))
        small = words.heading(f"{words.name(about)} · {who}") if about else who
        rows.append(
            row(words.name(of), [value_cell(one, words), base_cell(one, words)], small=small)
        )
    return table(columns, rows, stick=True)
