"""The rows of all files of answers, one after the other, under the study's names of columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxkit.answers.platforms import DIALECTS, PLATFORMS, dialect
from cxkit.answers.privacy import direct_identifiers, read_as
from cxkit.answers.readers import Table, read_table
from cxkit.answers.texts import Texts, smallest
from cxkit.answers.two_languages import told_languages
from cxkit.errors import Problem, brief, counted
from cxkit.study import Study
from cxkit.study.file import without_password
from cxkit.study.parts import AnswerFile

__all__ = ["READ_ALONG", "Rows", "Source", "read_rows"]


READ_ALONG = frozenset(
    {"started", "ended", "recorded", "duration", "finished", "status", "bot_score"}
)
"""What platforms write down of an interview and the kit reads along."""
_SAMPLE = 200
"""So many different texts of a column tell whether they identify people."""


@dataclass(frozen=True)
class Rows:
    """The rows of all sources, one source below the other.

    Attributes
    ----------
    n : int
        How many there are.
    cells : mapping of str to Texts
        The study's columns that were found.
    roles : mapping of str to Texts
        What platforms write down of each interview, in words and by role; blank in sources that
        do not.
    sources : tuple of Source
        Where they come from, in their order.
    source : numpy.ndarray of int, shape (n,)
        The place of each row's source among these.
    line : numpy.ndarray of int, shape (n,)
        The line of each row in its source.
    """

    n: int
    cells: Mapping[str, Texts]
    roles: Mapping[str, Texts]
    sources: tuple[Source, ...]
    source: np.ndarray
    line: np.ndarray

    @property
    def wave(self) -> Texts | None:
        """The wave that each row's source is of; None where one source holds them all."""
        waves = [one.wave for one in self.sources]
        if not any(waves):
            return None
        words = np.array(waves, dtype=object)
        return Texts(self.source, words)

    def asked(self, column: str) -> np.ndarray:
        """Whether each row was asked a column."""
        return np.array([column in one.asked for one in self.sources], dtype=bool)[self.source]

    def place(self, row: int) -> tuple[str, int]:
        """The file and the line of a row."""
        return self.sources[self.source[row]].shown, int(self.line[row])

    def platforms(self) -> tuple[str, ...]:
        """The platforms that the answers come from."""
        return tuple(dict.fromkeys(one.platform for one in self.sources))


@dataclass(frozen=True)
class Source:
    """One source of rows: its wave ("" where it holds several), its columns, its platform."""

    wave: str
    shown: str
    platform: str
    asked: frozenset[str]


def read_rows(study: Study) -> tuple[Rows | None, list[Problem]]:
    """The rows of a study's sources of answers, None where there are none; every slip of form."""
    parts = [_Part.of(study, wave, file) for wave, file in study.answers.items()]
    problems = [one for part in parts for one in part.problems]
    n_rows = [part.table.n_rows for part in parts]
    if not any(n_rows):
        return None, problems
    rows = Rows(
        n=sum(n_rows),
        cells=_joined(parts, [part.cells for part in parts], study.columns),
        roles=_joined(parts, [part.roles for part in parts], sorted(READ_ALONG)),
        sources=tuple(part.source for part in parts),
        source=np.repeat(np.arange(len(parts), dtype=smallest(len(parts))), n_rows),
        line=np.concatenate([part.table.lines for part in parts]),
    )
    return rows, problems


def _joined(
    parts: Sequence[_Part], cells: Sequence[Mapping[str, Texts]], names: Iterable[str]
) -> dict[str, Texts]:
    """The columns of several sources below each other, blank where a source has none."""
    found = {name for one in cells for name in one}
    return {
        name: Texts.joined(
            [
                own[name] if name in own else Texts.all("", part.table.n_rows)
                for part, own in zip(parts, cells, strict=True)
            ]
        )
        for name in names
        if name in found
    }


@dataclass(frozen=True)
class _Part:
    """One source of answers, its columns under the names that the study gives them."""

    source: Source
    table: Table
    cells: Mapping[str, Texts]
    roles: Mapping[str, Texts]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, study: Study, wave: str, file: AnswerFile) -> _Part:
        names = _names(study, file)
        wanted = [name for name in names.values() if name is not None]
        is_one_wave = bool(wave) and len(study.answers) > 1
        table = _table(study, file, wanted)
        if worded := _worded(study, wave, table, names):
            names |= worded
            table = _table(study, file, [name for name in names.values() if name is not None])
        cells = table.cells
        problems = (*table.problems, *_recognised(table), *_found_by_questions(table, worded))
        if is_one_wave:
            problems = tuple(_perhaps_not_asked(study, wave, names, one) for one in problems)
        if table.questions:
            from cxkit.answers.labelled import resolved

            cells, slips = resolved(study, wave, table, names)
            problems = (*problems, *slips)
        problems = (*problems, *told_languages(study, wave, table, names))
        problems = (*problems, *_personal(study, table, names))
        own = {column: cells[name] for column, name in names.items() if name in cells}
        asked = frozenset(column for column, name in names.items() if name is not None)
        source = Source(wave, table.shown, table.platform, asked)
        return cls(source, table, own, dict(_roles(table)), problems)


def _worded(
    study: Study, wave: str, table: Table, names: Mapping[str, str | None]
) -> dict[str, str]:
    """The study's columns that a source lacks by name, and heads by their questions."""
    lacking = [column for column, name in names.items() if name and name not in table.cells]
    if not lacking or not table.header:
        return {}
    from cxkit.answers.worded_columns import named_by_questions

    return named_by_questions(study, wave, table.header, table.asks, lacking)


def _personal(study: Study, table: Table, names: Mapping[str, str | None]) -> Iterator[Problem]:
    """The personal data among all columns of a source, read or not."""
    keys = {names[column]: keys for column, keys in read_as(study).items() if names.get(column)}
    mapped = {name: keys for name, keys in keys.items() if name is not None}
    samples = {name: texts.found(_SAMPLE) for name, texts in table.cells.items() if name in mapped}
    told = {**table.asks, **table.questions}
    yield from direct_identifiers(table.header, told, samples, mapped=mapped, file=table.shown)


def _roles(table: Table) -> Iterator[tuple[str, Texts]]:
    """What the platform writes down of each interview, in words: the first column of each role."""
    told: set[str] = set()
    for name, question in table.questions.items():
        if question.role in READ_ALONG - told and name in table.cells:
            told.add(question.role)
            yield question.role, _in_words(table.cells[name], question.labels)


def _in_words(codes: Texts, labels: Mapping[str, str]) -> Texts:
    """The platform's own codes as it words them: 8 is Spam."""
    return codes.put(lambda code: labels.get(code, code)) if labels else codes


def _table(study: Study, file: AnswerFile, wanted: Sequence[str]) -> Table:
    """The wanted columns of a source, wherever it is."""
    path = study.folder / file.path
    if file.url_from is not None:
        from cxkit.answers.readers.database import read_database

        shown = f"the database of {file.url_from}"
        return read_database(file.url_from, shown, wanted, table=file.table, query=file.query)
    shown = study.shown(without_password(file.path))
    if file.platform == "duckdb":
        from cxkit.answers.readers.database import read_duckdb

        return read_duckdb(path, shown, wanted, query=file.query)
    return read_table(
        path,
        shown,
        wanted,
        sheet=file.sheet,
        platform=file.platform if file.platform in PLATFORMS else None,
        structure=study.folder / file.structure if file.structure else None,
        roles=READ_ALONG,
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


def _found_by_questions(table: Table, worded: Mapping[str, str]) -> Iterator[Problem]:
    """That columns are read by what they ask is told."""
    if worded:
        n = len(worded)
        yield Problem(
            "worded_columns",
            f"{counted(n, 'column')} of the study {'is' if n == 1 else 'are'} found in "
            f"{table.shown} by the question, word for word",
            severity="note",
            file=table.shown,
            n=n,
            examples=tuple(brief(column, 60) for column in list(worded)[:3]),
            hint="name the columns in the study as the answers do, if these are others",
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
