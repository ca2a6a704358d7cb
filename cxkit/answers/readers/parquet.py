"""Parquet files of answers: only the wanted columns are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cxkit.answers.readers.table import Asked, Header, Table, header_only, refused, typed
from cxkit.answers.texts import Gathering, Texts

__all__ = ["read_parquet"]

_PIECE = 1 << 16
"""So many rows are read at once."""


def read_parquet(file: Path, asked: Asked) -> Table:
    """The wanted columns of a Parquet file; no byte of the others is read."""
    try:
        return _read(file, asked)
    except pa.ArrowException as error:
        return refused(
            "unreadable",
            asked.shown,
            f"'{asked.shown}' cannot be read as Parquet ({type(error).__name__})",
            hint="write the file again",
        )


def _read(file: Path, asked: Asked) -> Table:
    shown = asked.shown
    with pq.ParquetFile(file) as source:
        header = Header(source.schema_arrow.names, None, shown, asked.columns)
        problems = header.problems()
        if any(one.code == "duplicate_column" for one in problems):
            return Table(shown, header.names, problems=tuple(problems))
        n_rows = source.metadata.num_rows
        if n_rows == 0:
            problems.append(header_only(shown, None))
        cells = {name: _texts(source, own) for name, own in header.own.items()}
    lines = np.arange(1, n_rows + 1, dtype=np.int32)
    return Table(shown, header.names, cells, lines, tuple(problems))


def _texts(source: pq.ParquetFile, column: str) -> Texts:
    """A column as text, read in pieces: what repeats is made into text once a piece."""
    gathered = Gathering()
    for piece in source.iter_batches(_PIECE, columns=[column]):
        values = piece.column(0)
        try:
            coded = values.dictionary_encode(null_encoding="encode")
        except pa.ArrowNotImplementedError:
            gathered.add([typed(value) for value in values.to_pylist()])
            continue
        words = [typed(value) for value in coded.dictionary.to_pylist()]
        gathered.add_places(words, coded.indices.to_numpy(zero_copy_only=False))
    return gathered.texts()
