"""The rows of all files of answers, one after the other, under the study's names of columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxkit.answers.platforms import DIALECTS, dialect
from cxkit.answers.readers import Table, read_table
from cxkit.errors import Problem, brief
from cxkit.study import Study
from cxkit.study.parts import AnswerFile

__all__ = ["Rows", "read_rows"]


@dataclass(frozen=True)
class Rows:
    """The rows of all files, each with its place: the file and the line that it comes from.

    `asked` says where a column was asked, `wave` which wave a file is of (None where one file
    holds them all).
    """

    n: int
    cells: Mapping[str, np.ndarray]
    asked: Mapping[str, np.ndarray]
    wave: np.ndarray | None
    file: np.ndarray
    line: np.ndarray


def read_rows(study: Study) -> tuple[Rows | None, list[Problem]]:
    """The rows of a study's files of answers, None where there are none, and every slip of form."""
    parts = [_Part.of(study, wave, file) for wave, file in study.answers.items()]
    problems = [one for part in parts for one in part.problems]
    if not any(part.table.n_rows for part in parts):
        return None, problems
    found = {column for part in parts for column in part.cells}
    wave = [part.all(part.wave) for part in parts] if any(study.answers) else None
    rows = Rows(
        n=sum(part.table.n_rows for part in parts),
        cells={
            column: np.concatenate([part.column(column) for part in parts])
            for column in study.columns
            if column in found
        },
        asked={
            column: np.concatenate([part.asked(column) for part in parts])
            for column in study.columns
        },
        wave=None if wave is None else np.concatenate(wave),
        file=np.concatenate([part.all(part.table.shown) for part in parts]),
        line=np.concatenate([part.table.lines for part in parts]),
    )
    return rows, problems


@dataclass(frozen=True)
class _Part:
    """One file of answers, its columns under the names that the study gives them."""

    wave: str
    table: Table
    names: Mapping[str, str | None]
    cells: Mapping[str, np.ndarray]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, study: Study, wave: str, file: AnswerFile) -> _Part:
        names = _names(study, file)
        wanted = [name for name in names.values() if name is not None]
        is_one_wave = bool(wave) and len(study.answers) > 1
        table = _table(study, file, wanted)
        cells, problems = table.cells, (*table.problems, *_recognised(table))
        if is_one_wave:
            problems = tuple(_perhaps_not_asked(study, wave, names, one) for one in problems)
        if table.questions:
            from cxkit.answers.labelled import resolved

            cells, slips = resolved(study, wave, table, names)
            problems = (*problems, *slips)
        own = {column: cells[name].array() for column, name in names.items() if name in cells}
        return cls(wave, table, names, own, problems)

    def column(self, name: str) -> np.ndarray:
        """The cells of a column, blank where the file has none."""
        return self.cells.get(name, self.all(""))

    def asked(self, name: str) -> np.ndarray:
        """Whether each row was asked a column."""
        return np.full(self.table.n_rows, self.names[name] is not None)

    def all(self, text: str) -> np.ndarray:
        """One text for every row."""
        return np.full(self.table.n_rows, text, dtype=object)


def _table(study: Study, file: AnswerFile, wanted: Sequence[str]) -> Table:
    """The wanted columns of a source, wherever it is."""
    path = study.folder / file.path
    if file.url_from is not None:
        from cxkit.answers.readers.database import read_database

        shown = f"the database of {file.url_from}"
        return read_database(file.url_from, shown, wanted, table=file.table, query=file.query)
    if file.platform == "duckdb":
        from cxkit.answers.readers.database import read_duckdb

        return read_duckdb(path, study.shown(file.path), wanted, query=file.query)
    return read_table(
        path,
        study.shown(file.path),
        wanted,
        sheet=file.sheet,
        platform=file.platform,
        structure=study.folder / file.structure if file.structure else None,
    )


def _recognised(table: Table) -> Iterator[Problem]:
    """That a file is read as the export of a platform is told."""
    if table.platform in DIALECTS and table.n_rows:
        label = dialect(table.platform).LABEL
        says = f" ({table.says})" if table.says else ""
        yield Problem(
            "platform",
            f"{table.shown} is read as a {label} export{says}",
            severity="note",
            file=table.shown,
            hint="if it is none, say platform: plain, or the platform that it is of",
        )


def _perhaps_not_asked(
    study: Study, wave: str, names: Mapping[str, str | None], problem: Problem
) -> Problem:
    """A column that the file of one wave lacks may not have been asked then: so the hint says."""
    if problem.code != "missing_column":
        return problem
    columns = {
        column for column, name in names.items() if name and brief(name, 60) == problem.column
    }
    keys = [*study.items, *study.outcomes, *study.segments, *study.comments, *sorted(columns)]
    key = next((one for one in keys if study.column_of(one) in columns), None)
    if key is None:
        return problem
    near = f"{problem.hint} " if problem.hint else ""
    hint = f"{near}if wave '{wave}' did not ask it: answers.{wave}: columns: {{{brief(key)}: }}"
    return dataclasses.replace(problem, hint=hint)


def _names(study: Study, file: AnswerFile) -> dict[str, str | None]:
    """The study's columns, each with the name that it has in this file (None: not asked)."""
    names: dict[str, str | None] = {column: column for column in study.columns}
    for key, column in file.columns.items():
        names[study.column_of(key) or key] = column
    return names
