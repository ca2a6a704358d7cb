"""Second header rows of files that no platform's layout knows: told, and never read as answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cxkit.answers.readers.table import Table
from cxkit.answers.texts import Texts
from cxkit.errors import Problem
from cxkit.study import REASONS

__all__ = ["without_titles"]

_IMPORT_ID = re.compile(r"""["']ImportId["']""")
_OPTIONS = frozenset({"response", "open-ended response"})
_LEGACY = frozenset({"ResponseID", "ResponseSet"})
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+")
_LONG = 25
"""A text of this length in the first row, found nowhere else, may be a question."""

Titles = tuple[int, str, str]
"""How many of the first rows hold titles, what titles they are, and of which platform."""


def without_titles(table: Table, line: str) -> Table:
    """The table without rows below the header that hold no answers; they are told.

    `line` is what the file calls a row.
    """
    n_titles, holds, platform = _titles(list(table.cells.values()))
    if not n_titles:
        return table
    lines = [str(one) for one in table.lines[:n_titles]]
    which = f"{line} {lines[0]}" if n_titles == 1 else f"{line}s {' and '.join(lines)}"
    problem = Problem(
        "second_header",
        f"{which} of '{table.shown}' {'holds' if n_titles == 1 else 'hold'} {holds}, not answers",
        file=table.shown,
        line=int(table.lines[0]),
        n=n_titles,
        expected="one row of column names, then a row for each respondent",
        hint=f"remove {which}" + (f", or say platform: {platform}" if platform else ""),
    )
    return replace(
        table,
        cells={name: column[n_titles:] for name, column in table.cells.items()},
        lines=table.lines[n_titles:],
        problems=(*table.problems, problem),
    )


def _titles(columns: Sequence[Texts]) -> Titles:
    n_rows = min((len(column) for column in columns), default=0)
    for at in (1, 0):
        if at < n_rows and any(_IMPORT_ID.search(column[at]) for column in columns):
            return at + 1, "the question texts and import ids of a Qualtrics export", "qualtrics"
    if not n_rows:
        return 0, "", ""
    first = [column[0] for column in columns]
    if _LEGACY & set(first):
        return 1, "the question texts of a Qualtrics export", "qualtrics"
    if any(text.casefold() in _OPTIONS for text in first):
        return 1, "the options of a SurveyMonkey export", "surveymonkey"
    titled = [column[0] for column in columns if _is_title(column)]
    n_told = sum(1 for text in first if text)
    if len(titled) > 1 and len(set(titled)) == len(titled) and 2 * len(titled) >= n_told:
        return 1, "question texts", ""
    return 0, "", ""


def _is_title(column: Texts) -> bool:
    """Whether a column's first text is no answer: numbers, or a few short texts, follow it."""
    first = column[0]
    if not first or first in REASONS or _NUMBER.fullmatch(first):
        return False
    n_rows = column[1:].tally()
    n_rows[column.words == ""] = 0
    if n_rows.sum() < 2:
        return False
    told = np.flatnonzero(n_rows)
    if all(_NUMBER.fullmatch(column.words[at]) for at in told):
        return True
    is_repeated = n_rows.sum() > 3 and 2 * len(told) <= n_rows.sum()
    return is_repeated and len(first) >= _LONG and not n_rows[column.words == first].any()
