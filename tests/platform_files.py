"""The first rows of files on this machine, for tests of which platform knows them as its own."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

Head = list[list[str]]


def real_heads(shared_data: Path, *left_out: str) -> Iterator[tuple[str, Head]]:
    """The first rows of every file of public data, but for those of some platforms."""
    for file in sorted(shared_data.glob("*/*")):
        if file.parent.name in left_out:
            continue
        if file.name.endswith((".csv", ".csv.gz")):
            yield file.name, head_of_text(file)
        elif file.suffix == ".xlsx" and file.parent.name != "xlsform":
            yield file.name, head_of_workbook(file)


def head_of_text(file: Path) -> Head:
    """The first rows of a CSV file, packed or not."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8-sig", newline="") as source:
        return list(islice(csv.reader(source), 20))


def head_of_workbook(file: Path) -> Head:
    """The first rows of a workbook's first sheet."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(file) as book:
        rows = book.get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows[:20]]
