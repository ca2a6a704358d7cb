"""The index of a batch as a table of data: one row a report, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.report.entries import REASON, Record, with_labels
from cxkit.report.spreadsheet import BYTE_ORDER_MARK, as_text
from cxkit.wording import Words

__all__ = ["index_csv"]

_ESTIMATE = (
    "metric", "of", "unit", "wave", "estimate", "ci_low", "ci_high", "ci_level", "n", "n_eff",
    "method", "flags",
)  # fmt: skip
_CHANGE = (
    "a", "b", "difference", "ci_low", "ci_high", "p", "p_adjusted", "correction", "n_a", "n_b",
    "method", "verdict", "flags",
)  # fmt: skip


def index_csv(
    records: Sequence[Mapping[str, Any]], context: Mapping[str, Any] | None = None
) -> str:
    """The records of a batch as CSV: published numbers unrounded, keys and labels.

    Parameters
    ----------
    records : sequence of mapping
        As `index` takes them, in the order of the plan.
    context : mapping, optional
        What the study calls its things; without it, labels are those that records bring.

    Returns
    -------
    str
        As RFC 4180 has it (commas, points, lines that end in CR LF, names first), after a byte
        order mark. A text that a spreadsheet would take for a formula stands behind an
        apostrophe. What is hidden, failed or left out has no number.

    Examples
    --------
    >>> index_csv([])[1:15]
    'status,why_not'
    """
    known = with_labels(context or {}, records)
    segments = list(dict.fromkeys(key for record in records for key in record["group"] or {}))
    languages = list(dict.fromkeys(key for record in records for key in record["languages"]))
    words = {language: Words(language, known) for language in languages}
    rows = [_row(record, segments, words) for record in records]
    names = list(rows[0]) if rows else list(_row(_NOTHING, segments, words))
    file = io.StringIO()
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    writer.writerows(rows)
    return BYTE_ORDER_MARK + file.getvalue()


_NOTHING: Record = {"status": "", "stem": "", "notebook": "", "group": {}, "languages": ()}


def _row(record: Record, segments: Sequence[str], words: Mapping[str, Words]) -> dict[str, Any]:
    """One report; every row has the same names in the same order."""
    numbers = record if record["status"] == "done" else {}
    groups = record["group"] or {}
    reason = record.get("reason")
    failed = reason if isinstance(reason, Mapping) else {}
    row = {
        "status": record["status"],
        "why_not": None if failed else reason,
        **{part: failed.get(part) for part in REASON},
        "report": record["stem"],
        "notebook": record["notebook"],
        "reported_wave": record.get("wave"),
        **{f"group_{segment}": groups.get(segment) for segment in segments},
    }
    for segment in segments:
        for language, said in words.items():
            name = f"group:{segment}={groups[segment]}" if segment in groups else None
            row[f"label_{segment}_{language}"] = name and said.name(name)
    row |= {"respondents": numbers.get("n"), "respondents_n_eff": numbers.get("n_eff")}
    row |= _parts("", _ESTIMATE, numbers.get("headline"))
    row |= _parts("change_", _CHANGE, numbers.get("change"))
    for language in words:
        is_there = bool(numbers) and language in record["languages"]
        row[f"page_{language}"] = f"{record['stem']}.{language}.html" if is_there else None
    return {name: as_text(value) for name, value in row.items()}


def _parts(prefix: str, names: Sequence[str], record: Record | None) -> dict[str, Any]:
    return {f"{prefix}{name}": (record or {}).get(name) for name in names}
