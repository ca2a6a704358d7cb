"""A table of what else two waves asked: each number in both, and how far they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates
from cxkit.report.tables import Row, both_bases, cell, change_cell, column, row, table, value_cell
from cxkit.wording import Words

__all__ = ["further_changes"]


def further_changes(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """A measure a row: its number before and now, and the change, which is neither good nor bad."""
    before, now = options["previous"], options["wave"]
    columns = [
        column(words.ui("metric"), align="left"),
        *(column(words.short(f"wave:{wave}"), words.ui("interval")) for wave in (before, now)),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n")),
    ]
    known = {(one.metric, one.of, one.wave): one for one in estimates}
    rows = []
    for one in comparisons:
        in_waves = [known.get((one.metric, one.of, wave)) for wave in (before, now)]
        cells = [
            *(value_cell(record, words) for record in in_waves),
            change_cell(one, words) | {"tone": ""},
            cell(both_bases(-one, words)),  # in the order of the columns
        ]
        small = words.name(f"metric:{one.metric}") if one.metric == "top_2_box" else ""
        rows.append(row(words.heading(words.name(one.of)), cells, small=small))
    return table(columns, rows, stick=True)
