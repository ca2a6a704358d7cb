"""Answer files as text, whatever they were saved as: CSV (any delimiter, gzipped or not), Parquet.

Everything is read as text first and converted explicitly later, so that no reader guesses.
Nothing is dropped in silence: what cannot be read is a problem with its line.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cxkit.errors import Problem, nearest

__all__ = ["Table", "read_table"]

_DELIMITERS = (",", ";", "\t", "|")
_TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_ENDINGS = (*_TEXT_ENDINGS, ".parquet")
_LONGEST_CELL = 10_000_000


@dataclass(frozen=True)
class Table:
    """One file of answers as text: its header, the wanted columns, and each row's line."""

    shown: str
    header: tuple[str, ...] = ()
    cells: dict[str, np.ndarray] = field(default_factory=dict)
    lines: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=int))
    problems: tuple[Problem, ...] = ()

    @property
    def n_rows(self) -> int:
        """The rows of answers, without the header."""
        return len(self.lines)


def read_table(file: Path, shown: str, wanted: Iterable[str]) -> Table:
    """The wanted columns of one file of answers, with every problem of its form.

    Parameters
    ----------
    file : Path
        Where it is.
    shown : str
        What its user calls it: problems carry this name.
    wanted : iterable of str
        The columns to read; one that the file lacks is a `missing_column`.
    """
    columns = tuple(dict.fromkeys(wanted))
    name = file.name.lower()
    if not name.endswith(_ENDINGS):
        return _refused(
            "unknown_format",
            shown,
            f"'{file.name}' is not a kind of file that can be read",
            expected="a file that ends in " + ", ".join(_ENDINGS),
            hint="save it as CSV (UTF-8)",
        )
    try:
        if name.endswith(".parquet"):
            return _read_parquet(file, shown, columns)
        raw = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
    except FileNotFoundError:
        return _refused(
            "missing_file",
            shown,
            f"there is no file '{shown}'",
            expected="the file that answers.path names, from the study's folder",
            hint=nearest(file.name, _neighbours(file)),
        )
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        return _refused("unreadable", shown, f"'{shown}' cannot be read ({type(error).__name__})")
    return _read_text(raw, shown, columns)


def _neighbours(file: Path) -> list[str]:
    return sorted(one.name for one in file.parent.iterdir()) if file.parent.is_dir() else []


def _refused(
    code: str,
    shown: str,
    message: str,
    *,
    line: int | None = None,
    expected: str | None = None,
    hint: str | None = None,
) -> Table:
    problem = Problem(code, message, file=shown, line=line, expected=expected, hint=hint)
    return Table(shown, problems=(problem,))


# -- text --------------------------------------------------------------------------------------


def _read_text(raw: bytes, shown: str, columns: tuple[str, ...]) -> Table:
    text, problems = _decoded(raw, shown)
    if text is None:
        return Table(shown, problems=tuple(problems))
    if not text.strip('"\0 \t\r\n'):
        return _refused(
            "empty_file",
            shown,
            f"'{shown}' is empty",
            expected="a header row and a row for each respondent",
            hint="export the answers again",
        )
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = _delimiter(text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = tuple(cell.strip() for cell in next(row for row in reader if any(row)))
        header_line = reader.line_num
        rows, lines = [], []
        for row in reader:
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        return _refused("unreadable", shown, f"'{shown}' is not CSV: {error}", line=reader.line_num)
    problems += _header_problems(header, header_line, shown, columns)
    if len(header) == 1:
        rows = [row or [""] for row in rows]
    kept, row_problems = _whole_rows(rows, lines, len(header), shown)
    problems += row_problems
    if not rows or not any(any(row) for row in rows):
        problems.append(
            Problem(
                "header_only",
                f"'{shown}' holds a header and no answers",
                file=shown,
                line=header_line,
                expected="a row for each respondent",
            )
        )
    at = {name: header.index(name) for name in columns if name in header}
    cells = {
        name: np.array([rows[row][place].strip() for row in kept], dtype=object)
        for name, place in at.items()
    }
    row_lines = np.array([lines[row] for row in kept], dtype=int)
    return Table(shown, header, cells, row_lines, tuple(problems))


def _decoded(raw: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        return raw.decode(encoding), []
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
    warning = Problem(
        "encoding",
        f"'{shown}' is not UTF-8; it was read as Windows-1252",
        severity="warning",
        file=shown,
        line=line,
        expected="UTF-8",
        hint="look at letters with accents, or save the file as CSV UTF-8",
    )
    try:
        return raw.decode("cp1252"), [warning]
    except UnicodeDecodeError:
        problem = Problem(
            "encoding",
            f"'{shown}' is neither UTF-8 nor Windows-1252 text",
            file=shown,
            line=line,
            expected="UTF-8",
            hint="save the file as CSV UTF-8",
        )
        return None, [problem]


def _delimiter(text: str, columns: tuple[str, ...]) -> str:
    """The delimiter under which the header holds most of the wanted columns, then most cells."""

    def found(delimiter: str) -> tuple[int, int]:
        lines = io.StringIO(text, newline="")
        try:
            header = next((row for row in csv.reader(lines, delimiter=delimiter) if any(row)), [])
        except csv.Error:
            return 0, 0
        names = {cell.strip() for cell in header}
        return len(names & set(columns)), len(header)

    return max(_DELIMITERS, key=found)


def _header_problems(
    header: tuple[str, ...], line: int | None, shown: str, columns: tuple[str, ...]
) -> list[Problem]:
    twice = [name for name, n in Counter(header).items() if n > 1 and name]
    problems = [
        Problem(
            "duplicate_column",
            f"the column '{name}' stands {header.count(name)} times in the header",
            file=shown,
            line=line,
            column=name,
            n=header.count(name),
            expected="every column name once",
            hint="rename one of them",
        )
        for name in twice
    ]
    for name in columns:
        if name not in header:
            problems.append(
                Problem(
                    "missing_column",
                    f"the study names a column '{name}' that the answers do not have",
                    file=shown,
                    line=line,
                    column=name,
                    expected="one of " + _listed([one for one in header if one]),
                    hint=nearest(name, header),
                )
            )
    return problems


def _whole_rows(
    rows: list[list[str]], lines: list[int], width: int, shown: str
) -> tuple[list[int], list[Problem]]:
    """The rows to keep; rows of another width are refused, blank ones are told."""
    last = len(rows)
    while last and not any(cell.strip() for cell in rows[last - 1]):
        last -= 1
    problems = []
    blank = [at for at in range(last) if not rows[at]]
    trailing = sum(1 for at in range(last, len(rows)) if rows[at])
    if blank or trailing:
        n_blank = len(blank) + trailing
        first = blank[0] if blank else last
        problems.append(
            Problem(
                "blank_row",
                f"{_rows(n_blank)} without any answer left out",
                severity="warning",
                file=shown,
                line=lines[first],
                n=n_blank,
            )
        )
    kept = [at for at in range(last) if rows[at]]
    ragged = [at for at in kept if len(rows[at]) != width]
    if ragged:
        problems.append(
            Problem(
                "ragged_row",
                f"{_rows(len(ragged))} with more or fewer cells than the header",
                file=shown,
                line=lines[ragged[0]],
                n=len(ragged),
                examples=tuple(f"line {lines[at]}: {len(rows[at])}" for at in ragged[:5]),
                expected=f"{width} cells in every row",
                hint="put text that holds the delimiter between quotes",
            )
        )
        uneven = set(ragged)
        kept = [at for at in kept if at not in uneven]
    return kept, problems


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12} more"


# -- Parquet -----------------------------------------------------------------------------------


def _read_parquet(file: Path, shown: str, columns: tuple[str, ...]) -> Table:
    with pq.ParquetFile(file) as source:
        header = tuple(source.schema_arrow.names)
        problems = _header_problems(header, None, shown, columns)
        if any(one.code == "duplicate_column" for one in problems):
            return Table(shown, header, problems=tuple(problems))
        table = source.read(columns=[name for name in columns if name in header])
        n_rows = source.metadata.num_rows
    if n_rows == 0:
        problems.append(
            Problem(
                "header_only",
                f"'{shown}' holds columns and no answers",
                file=shown,
                expected="a row for each respondent",
            )
        )
    cells = {name: _as_text(table.column(name)) for name in table.column_names}
    return Table(shown, header, cells, np.arange(1, n_rows + 1), tuple(problems))


def _as_text(column: pa.ChunkedArray) -> np.ndarray:
    """A typed column as a person would have typed it: 5.0 as 5, true as yes, null as nothing."""
    texts = [_typed(value) for value in column.to_pylist()]
    return np.array(texts, dtype=object)


def _typed(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
