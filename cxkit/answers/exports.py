"""An export as it stands, without a study: every column, what it asks, and its answers as text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cxkit.answers.platforms import PLATFORMS, Question
from cxkit.answers.readers import read_table
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, one_of

__all__ = ["Export", "read_export"]


@dataclass(frozen=True)
class Export:
    """All columns of one export.

    Attributes
    ----------
    platform : str
        Whose export it is; `plain` for a row of column names and rows of answers.
    says : str
        How that was recognised, in words.
    shown : str
        The name of the file.
    columns : mapping of str to Question
        Every column that has a name, in the order of the file, with what is known of it.
    cells : mapping of str to Texts
        The answers as they stand in the file, for the columns that could be read.
    n_rows : int
        How many respondents there are.
    problems : tuple of Problem
        What is wrong with the form of the file; nothing could be read where `cells` is empty.
    """

    platform: str
    says: str
    shown: str
    columns: Mapping[str, Question]
    cells: Mapping[str, Texts]
    n_rows: int
    problems: tuple[Problem, ...]


def read_export(
    path: str | os.PathLike[str],
    *,
    platform: str | None = None,
    structure: str | os.PathLike[str] | None = None,
    sheet: str | None = None,
) -> Export:
    """Every column of an export, with what its header rows and its questionnaire say of it.

    Parameters
    ----------
    path : path
        A file of answers: text, a workbook, SPSS or Parquet.
    platform : str, optional
        The survey platform that it comes from; recognised from the file if not given.
    structure : path, optional
        The questionnaire file that belongs to the export (such as .qsf, .lss, an XLSForm).
    sheet : str, optional
        The sheet of a workbook.

    Returns
    -------
    Export
        What could be read; slips of the file's form are its `problems`.

    Raises
    ------
    SurveyError
        If the kit knows no such platform.

    Examples
    --------
    >>> from cxkit.places import shared
    >>> read_export(shared("data/demo") / "answers.csv").platform
    'plain'
    """
    if platform is not None:
        one_of(platform, PLATFORMS, "platform")
    file = Path(path)
    form = None if structure is None else Path(structure)
    table = read_table(file, file.name, None, sheet=sheet, platform=platform, structure=form)
    return Export(
        platform=table.platform,
        says=table.says,
        shown=table.shown,
        columns={name: table.questions.get(name, Question()) for name in table.cells},
        cells=table.cells,
        n_rows=table.n_rows,
        problems=table.problems,
    )
