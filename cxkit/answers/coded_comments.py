"""The file of comments that people coded, as it lies beside a study: rows of text, each a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cxkit.answers.readers import read_table
from cxkit.errors import StudyError

__all__ = ["CodedFile", "read_coded"]

_COLUMNS = ("comment", "respondent", "wave", "part", "text", "themes")


@dataclass(frozen=True)
class CodedFile:
    """The rows of a file of coded comments, the line of each, and what its user calls it."""

    shown: str = ""
    rows: tuple[dict[str, str], ...] = ()
    lines: tuple[int, ...] = ()


def read_coded(study: Any) -> CodedFile:
    """The coded comments that a study names; no rows where it names no file.

    Raises
    ------
    StudyError
        If the file is no table with those columns: every problem of its form.
    """
    name = study.coding.coded
    if name is None:
        return CodedFile()
    shown = study.shown(name)
    table = read_table(study.folder / name, shown, _COLUMNS)
    slips = [one for one in table.problems if one.severity == "error"]
    if slips:
        raise StudyError.of(slips)
    cells = [[_unquoted(text.strip()) for text in table.cells[key]] for key in _COLUMNS]
    rows = tuple(dict(zip(_COLUMNS, row, strict=True)) for row in zip(*cells, strict=True))
    return CodedFile(shown, rows, tuple(map(int, table.lines)))


def _unquoted(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from taking it for a formula."""
    return cell.removeprefix("'")
