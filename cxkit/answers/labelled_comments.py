"""A table of comments that people labelled, as a classifier learns from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cxkit.answers.readers import read_table
from cxkit.errors import Problem, SurveyError, listed, nearest

__all__ = ["LabelledComments", "labelled_comments"]


class LabelledComments(NamedTuple):
    """Comments and the label of each; a cell that is empty is an empty text."""

    texts: Sequence[str]
    labels: Sequence[str]


def labelled_comments(file: Path, text: str, label: str) -> LabelledComments:
    """The comments and labels of a table (CSV, Excel, Parquet, SPSS), a row a comment.

    Parameters
    ----------
    file : Path
        Where it is.
    text, label : str
        The columns that hold the comments and what people called them.

    Raises
    ------
    SurveyError
        If there is no such file, it holds no row, it cannot be read, or lacks a column; every
        problem at once.
    """
    if not file.is_file():
        raise SurveyError(
            f"there is no file '{file.name}'",
            where=str(file),
            expected="a table of comments, each with a label",
        )
    table = read_table(file, str(file), None, platform="plain")
    wrong = [one for one in table.problems if one.severity == "error"]
    if table.header and not wrong:
        lacking = dict.fromkeys(name for name in (text, label) if name not in table.cells)
        wrong = [_missing(file, name, table.header) for name in lacking]
    if wrong:
        raise SurveyError.of(wrong)
    return LabelledComments(list(table.cells[text]), list(table.cells[label]))


def _missing(file: Path, name: str, header: Sequence[str]) -> Problem:
    return Problem(
        "missing_column",
        f"'{file.name}' has no column '{name}'",
        file=str(file),
        line=1,
        expected="one of " + listed(header),
        hint=nearest(name, header),
    )
