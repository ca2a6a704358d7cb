"""The published records of a report as data: a CSV and a Parquet file for each kind of record.

Keys and no labels, numbers in full: what the report's JSON holds, for programs. The same
notebook gives the same bytes.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate, Fit
from cxkit.report.spreadsheet import BYTE_ORDER_MARK, as_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["UNITS", "columns", "data"]

Row = Mapping[str, Any]

UNITS = {
    "points": "Net Promoter Score and the like: -100 to 100",
    "score_100": "0 (worst answer) to 100 (best answer)",
    "share": "0 to 1",
    "scale": "points of the response scale, or a plain number",
    "count": "how many",
    "money": "an amount in the currency that the study states",
}
"""What the units of the records mean; written into each Parquet file."""

_KINDS = {"estimates": Estimate, "comparisons": Comparison, "fits": Fit}
_COUNTS = ("n", "n_a", "n_b")


def data(nb: Any, language: str) -> dict[str, bytes]:
    """The records of an executed notebook as data.

    Parameters
    ----------
    nb : nbformat notebook
        Executed; nothing is computed from answers.
    language : str
        Plays no part: records hold keys, which are the same in every language.

    Returns
    -------
    dict of bytes
        By the end of their names: `.estimates.csv`, `.estimates.parquet`, and so for comparisons
        and fits. A shelf without a record gives files with the names of its columns.

    Notes
    -----
    CSV: UTF-8 after a byte order mark (Excel takes it for the code page of the machine without
    one), commas, decimal points, lines that end in CR LF; missing is empty, `flags` are joined by
    a space. A text that a spreadsheet would take for a formula stands behind an apostrophe;
    numbers are never touched. Where Excel expects decimal commas, as in Indonesia, such a file is
    opened by *Data > From Text/CSV*, which asks for the delimiter; the workbook needs no asking.

    Parquet: counts are integers and may be missing, `flags` are lists; the schema's metadata hold
    the study, the key of the report and the meaning of the units.
    """
    from cxkit.report.page import report_json

    report = report_json(nb)
    files = {}
    for shelf in _KINDS:
        names = columns(shelf, report[shelf])
        files[f".{shelf}.csv"] = _csv(report[shelf], names)
        files[f".{shelf}.parquet"] = _parquet(report, shelf, names)
    return files


def columns(shelf: str, rows: Sequence[Row]) -> list[str]:
    """The columns of one kind of record: its fields, groups (`by_<segment>`) after what it is of.

    >>> columns("fits", [])[:3]
    ['name', 'value', 'ci_low']
    """
    fields = [one.name for one in dataclasses.fields(_KINDS[shelf]) if one.name != "by"]
    groups = sorted({key for row in rows for key in row if key.startswith("by_")})
    if shelf != "estimates":
        return fields
    head = ["metric", "of", *groups, "wave"]
    return head + [name for name in fields if name not in head]


def _csv(rows: Sequence[Row], names: Sequence[str]) -> bytes:
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows([as_text(row.get(name)) for name in names] for row in rows)
    return file.getvalue().encode()


def _parquet(report: Row, shelf: str, names: Sequence[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = report[shelf]
    fields = [pa.field(name, _kind(name, shelf)) for name in names]
    told = {
        "cxkit.schema": str(report["schema"]),
        "cxkit.study": str(report["study"] or ""),
        "cxkit.notebook": str(report["notebook"] or ""),
        "cxkit.parameters": json.dumps(report["parameters"], sort_keys=True, ensure_ascii=False),
        "cxkit.key": str(report["manifest"].get("key") or ""),
        "cxkit.units": json.dumps(UNITS, sort_keys=True),
    }
    schema = pa.schema(fields, metadata=told)
    held = [[_held(row.get(name), name) for row in rows] for name in names]
    arrays = [pa.array(one, field.type) for one, field in zip(held, fields, strict=True)]
    made = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), made, compression="zstd")
    return made.getvalue()


def _kind(name: str, shelf: str) -> pa.DataType:
    """The type of a column, from the type of the record's field."""
    import pyarrow as pa

    if name in _COUNTS:
        return pa.int64()
    if name == "flags":
        return pa.list_(pa.string())
    types = {one.name: one.type for one in dataclasses.fields(_KINDS[shelf])}
    return pa.float64() if types.get(name) == "float" else pa.string()


def _held(value: Any, name: str) -> Any:
    """A value as its column takes it: a count that is whole is an integer."""
    return int(value) if name in _COUNTS and value is not None else value
