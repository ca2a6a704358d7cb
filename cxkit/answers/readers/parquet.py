"""Parquet files of answers: only the wanted columns are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cxkit.answers.readers.table import Asked, Header, Table, header_only, refused, typed
from cxkit.answers.texts import Texts

__all__ = ["read_parquet"]


def read_parquet(file: Path, asked: Asked) -> Table:
    """The wanted columns of a Parquet file; no byte of the others is read."""
    try:
        return _read(file, asked.shown, asked.columns)
    except pa.ArrowException as error:
        return refused(
            "unreadable",
            asked.shown,
            f"'{asked.shown}' cannot be read as Parquet ({type(error).__name__})",
            hint="write the file again",
        )


def _read(file: Path, shown: str, columns: tuple[str, ...] | None) -> Table:
    with pq.ParquetFile(file) as source:
        header = Header(source.schema_arrow.names, None, shown, columns)
        problems = header.problems()
        if any(one.code == "duplicate_column" for one in problems):
            return Table(shown, header.names, problems=tuple(problems))
        table = source.read(columns=list(header.own.values()))
        n_rows = source.metadata.num_rows
    if n_rows == 0:
        problems.append(header_only(shown, None))
    cells = {name: _as_text(table.column(own)) for name, own in header.own.items()}
    return Table(
        shown, header.names, cells, np.arange(1, n_rows + 1, dtype=np.int32), tuple(problems)
    )


def _as_text(column: pa.ChunkedArray) -> Texts:
    return Texts.of([typed(value) for value in column.to_pylist()])
