"""The table of the steps that a study plans: words of the study, no number from answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates
from cxkit.report.tables import Row, cell, column, row, table
from cxkit.wording import Words

__all__ = ["next_steps"]


def next_steps(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What is done, when, who owns it, and what is measured again."""
    columns = [
        column(words.ui("step"), align="left"),
        column(words.ui("step_date"), align="left"),
        column(words.ui("owner"), align="left"),
        column(words.ui("measured_again"), align="left"),
    ]
    return table(columns, [_row(one, words) for one in options["steps"]])


def _row(step: Mapping[str, Any], words: Words) -> Row:
    again = words.join(words.name(key) for key in step["again"])
    owner = words.text(step["owner"])
    return row(
        words.heading(words.text(step["what"])),
        [
            cell(words.dates(step["date"], step["date"])),
            cell(owner) if owner else cell(words.ui("nobody_yet"), state="none"),
            cell(words.heading(again)) if again else cell(words.ui("not_stated"), state="none"),
        ],
    )
