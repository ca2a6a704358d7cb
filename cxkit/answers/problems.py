"""Every problem of a study and its answers, at once."""

from __future__ import annotations

import json
import os

from cxkit import display
from cxkit.answers.canonical import problems_of
from cxkit.errors import Problem, brief, counted
from cxkit.study import Study, examine

__all__ = ["Problems", "check"]

_SEVERITIES = ("error", "warning", "note")
_TITLES = ("", "code", "where", "n", "examples")


class Problems(list[Problem]):
    """Problems, errors first, notes last; shows itself as a table, and as `check --json`."""

    @property
    def errors(self) -> Problems:
        """What must be mended before anything can be computed."""
        return Problems(one for one in self if one.severity == "error")

    @property
    def warnings(self) -> Problems:
        """What wants a look."""
        return Problems(one for one in self if one.severity == "warning")

    @property
    def notes(self) -> Problems:
        """What was done on the way, for the reader to know."""
        return Problems(one for one in self if one.severity == "note")

    def table(self) -> str:
        """A line of facts a problem, its words below it."""
        rows = [_facts(one) for one in self]
        widths = [max(map(len, column)) for column in zip(_TITLES, *rows, strict=True)]
        lines = [_aligned(_TITLES, widths)] if rows else []
        for one, row in zip(self, rows, strict=True):
            lines.append(_aligned(row, widths))
            lines += [f"    {text}" for text in _words(one)]
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """How many errors and warnings there are, and notes if any."""
        told = [counted(len(self.errors), "error"), counted(len(self.warnings), "warning")]
        return ", ".join([*told, *([counted(len(self.notes), "note")] if self.notes else [])])

    def to_json(self) -> str:
        """The problems as a JSON list with sorted keys."""
        plain = [one.to_dict() for one in self]
        return json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True)

    def as_html(self) -> str:
        """A row a problem, as a piece of HTML."""
        titles = ("severity", *_TITLES[1:3], "what", *_TITLES[3:])
        rows = []
        for one in self:
            severity, code, where, n, examples = _facts(one)
            cells = (severity, code, where, "\n".join(_words(one)), n, examples)
            rows.append(dict(zip(titles, cells, strict=True)))
        shown = display.records(rows, words=[one for one in titles if one != "n"]) if rows else ""
        return shown + display.note(self.summary)

    def __repr__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        return display.box(self.as_html())


def check(study: Study | str | os.PathLike[str]) -> Problems:
    """Everything in a study and its answers that needs mending (error) or a look (warning).

    Parameters
    ----------
    study : Study, or path
        The study, its folder, its study.yaml, or the word `demo`. A study file with slips is
        read without its wrong keys, so that errors of the answers show in the same breath.

    Returns
    -------
    Problems
        Errors first, then warnings, then notes; empty if all is well and nothing is to be told.

    Raises
    ------
    StudyError
        If there is no study there.

    Examples
    --------
    >>> len(check("demo").errors)
    0
    """
    problems: list[Problem]
    readable: Study | None
    if isinstance(study, Study):
        readable, problems = study, []
    else:
        readable, problems = examine(study)
    if readable is not None:
        of_answers = problems_of(readable)
        if any(one.severity == "error" for one in problems):
            of_answers = tuple(one for one in of_answers if one.severity == "error")
        problems = [*problems, *of_answers]
    return Problems(sorted(problems, key=lambda one: _SEVERITIES.index(one.severity)))


def _facts(one: Problem) -> tuple[str, ...]:
    n = "" if one.n is None else str(one.n)
    examples = ", ".join(brief(text, 30) for text in one.examples)
    return (one.severity, one.code, one.where, n, examples)


def _words(one: Problem) -> list[str]:
    said = (one.message, _after("expected ", one.expected), _after("try ", one.hint))
    return [text for text in said if text]


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()


def _after(word: str, text: str | None) -> str:
    return f"{word}{text}" if text else ""
