"""A file of answers as text: the Table that every reader hands out, and what headers may lack."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from cxkit.answers.platforms import Layout, Question
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, brief, listed, quoted

__all__ = ["Asked", "Header", "Table", "empty", "header_only", "refused", "typed"]

_MANY_OPTIONS = 3
"""Missing columns of one question from which they are told together."""


@dataclass(frozen=True)
class Table:
    """One file of answers as text: its header, the wanted columns, and each row's line.

    `cells` and `questions` go by the names that were asked for, `header` holds the file's own.
    `platform` is the one that the file comes from, and `says` how that was recognised. `asks`
    tells what every column of the file asks, read or not, by its own name.
    """

    shown: str
    header: tuple[str, ...] = ()
    cells: dict[str, Texts] = field(default_factory=dict)
    lines: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    problems: tuple[Problem, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    platform: str = "plain"
    says: str = ""
    asks: Mapping[str, Question] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """The rows of answers, without the header."""
        return len(self.lines)


@dataclass(frozen=True)
class Asked:
    """What is asked of a file: the columns (None: all), its sheet, platform and structure.

    `shown` is what its user calls the file: problems carry this name. Columns that the platform
    writes itself are read along where their role is one of `roles`.
    """

    shown: str
    columns: tuple[str, ...] | None = None
    sheet: str | None = None
    platform: str | None = None
    structure: Path | None = None
    roles: frozenset[str] = frozenset()


def refused(
    code: str,
    shown: str,
    message: str,
    *,
    line: int | None = None,
    expected: str | None = None,
    hint: str | None = None,
) -> Table:
    """A table without answers, and the reason why."""
    problem = Problem(code, message, file=shown, line=line, expected=expected, hint=hint)
    return Table(shown, problems=(problem,))


def empty(shown: str) -> Table:
    """The refusal of a file that holds nothing."""
    return refused(
        "empty_file",
        shown,
        f"'{shown}' is empty",
        expected="a header row and a row for each respondent",
        hint="export the answers again",
    )


def header_only(shown: str, line: int | None) -> Problem:
    """The problem of a file that nobody answered in."""
    return Problem(
        "header_only",
        f"'{shown}' holds a header and no answers",
        file=shown,
        line=line,
        expected="a row for each respondent",
    )


def typed(value: object) -> str:
    """A typed value as a person would have typed it: 5.0 as 5, true as yes, null as nothing."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class Header:
    """The column names of one file, and where the wanted columns are among them.

    All columns that have a name are wanted where `wanted` is None. A name that is missing is
    found under another spelling if exactly one column differs from it in capitals and blanks
    alone; that is told. It is found as its platform has `written` it where it cannot write every
    name. `NAME/OPTION` is found in the column `NAME` where `questions` say that this holds
    several options in a cell.
    """

    def __init__(
        self,
        names: Sequence[str],
        line: int | None,
        shown: str,
        wanted: Iterable[str] | None,
        questions: Mapping[str, Question] | None = None,
        written: Callable[[str], str] | None = None,
    ) -> None:
        self.names = tuple(names)
        self.written = written
        self.line, self.shown = line, shown
        self.questions = questions or {}
        self._places: dict[str, int] = {}
        for at, name in enumerate(self.names):
            self._places.setdefault(name, at)
        self._spelled: dict[str, list[str]] = {}
        for name in self._places:
            self._spelled.setdefault(_spelling(name), []).append(name)
        self.wanted = tuple(filter(None, self._places) if wanted is None else dict.fromkeys(wanted))
        self._rivals = Counter(map(_spelling, self.wanted))
        self.own = {name: own for name in self.wanted if (own := self._own_name(name))}

    @classmethod
    def of(cls, formed: Layout, line: int | None, asked: Asked) -> Header:
        """The header of a file that is read as a platform lays it out.

        Of a question whose options have a column each, all columns are read with one.
        """
        questions, wanted = formed.questions, asked.columns
        if wanted is not None:
            named = {formed.written(one) if formed.written else one for one in wanted} | {*wanted}
            groups = {questions[one].group for one in named if _is_tick(questions.get(one))}
            beside = [
                name
                for name, one in (questions.items() if groups else ())
                if _is_tick(one) and one.group in groups
            ]
            told = [name for name, one in questions.items() if one.role in asked.roles]
            wanted = (*wanted, *beside, *told)
        return cls(formed.names, line, asked.shown, wanted, questions, formed.written)

    @property
    def places(self) -> dict[str, int]:
        """The position of each wanted column that is there."""
        return {name: self._places[own] for name, own in self.own.items()}

    @property
    def asked(self) -> dict[str, Question]:
        """What the wanted columns ask; `NAME/OPTION` asks whether that option was ticked."""
        return {
            name: replace(self.questions[own], part=name[len(own) + 1 :], kind="several", group="")
            if self._is_option(name)
            else self.questions[own]
            for name, own in self.own.items()
            if own in self.questions
        }

    def problems(self) -> list[Problem]:
        """Every slip of the header, as far as it concerns wanted columns."""
        counts = Counter(self.names)
        twice = dict.fromkeys(own for own in self.own.values() if counts[own] > 1)
        return [
            *(self._twice(own, counts[own]) for own in twice),
            *(self._spelled_otherwise(name) for name in self.own if self._others(name)),
            *self._all_missing([name for name in self.wanted if name not in self.own]),
        ]

    def _own_name(self, name: str) -> str | None:
        if name in self._places:
            return name
        if alike := self._alike(name):
            is_clear = len(alike) == 1 and self._rivals[_spelling(name)] == 1
            return alike[0] if is_clear else None
        if self.written is not None and (code := self.written(name)) in self._places:
            return code
        return next((one for one in _owners(name) if self._is_joined(one)), None)

    def _is_joined(self, name: str) -> bool:
        return (
            name in self._places
            and name in self.questions
            and (self.questions[name].kind == "joined")
        )

    def _is_option(self, name: str) -> bool:
        """Whether a wanted name is an option of the column that it was found in."""
        return self._is_joined(self.own[name]) and _spelling(self.own[name]) != _spelling(name)

    def _alike(self, name: str) -> list[str]:
        return self._spelled.get(_spelling(name), []) if _spelling(name) else []

    def _others(self, name: str) -> list[str]:
        return [one for one in self._alike(name) if one != name]

    def _tell(self, code: str, message: str, column: str, **more: Any) -> Problem:
        place: dict[str, Any] = {"file": self.shown, "line": self.line, "column": brief(column, 60)}
        return Problem(code, message, **place, **more)

    def _twice(self, own: str, n: int) -> Problem:
        return self._tell(
            "duplicate_column",
            f"the column '{brief(own)}' stands {n} times in the header",
            own,
            n=n,
            expected="every column name once",
            hint="rename one of them: blanks around a name tell no columns apart",
        )

    def _spelled_otherwise(self, name: str) -> Problem:
        own, other = self.own[name], self._others(name)[0]
        if own == name:
            message = f"beside '{brief(name)}' the answers have a column '{brief(other)}'"
            hint = "leave one of them out if both are the same question"
        else:
            message = f"the study's column '{brief(name)}' is '{brief(own)}' in the answers"
            hint = "write it in the study as the answers do"
        if _seen(other) != other or _seen(name) != name:
            hint = "take away the signs of no width in it, which nobody sees: type the name anew"
        return self._tell("column_spelling", message, name, severity="warning", hint=hint)

    def _all_missing(self, missing: Sequence[str]) -> Iterator[Problem]:
        """Each missing column; those of a question of which not one option is there, together."""
        there = {name.rpartition("/")[0] for name in self.own}
        options: dict[str, list[str]] = {}
        for name in missing:
            owner, _, option = name.rpartition("/")
            if owner and owner not in there:
                options.setdefault(owner, []).append(option)
        many = {owner: own for owner, own in options.items() if len(own) >= _MANY_OPTIONS}
        told = {f"{owner}/{option}" for owner, own in many.items() for option in own}
        yield from (self._missing(name) for name in missing if name not in told)
        for owner, own in many.items():
            yield self._missing_question(owner, own)

    def _missing_question(self, name: str, options: Sequence[str]) -> Problem:
        """A question with several answers that is not there at all."""
        known = dict.fromkeys(one for own in self.names if own for one in (own, *_owners(own)))
        shown = brief(name, 60)
        return self._tell(
            "missing_column",
            f"the study names {len(options)} columns '{shown}/...' that the answers do not have",
            name,
            n=len(options),
            examples=tuple(brief(one) for one in options[:3]),
            expected=f"a column '{shown}' with several answers in a cell, or a column for each",
            hint=_really_near(shown, [brief(one, 60) for one in known]),
        )

    def _missing(self, name: str) -> Problem:
        alike = self._alike(name)
        known = [brief(one, 60) for one in self.names if one]
        message = f"the study names a column '{brief(name)}' that the answers do not have"
        hint = _really_near(brief(name, 60), known)
        if len(alike) > 1:
            message += f" as such: they have {quoted(alike)}"
            hint = "name one of them in the study as the answers spell it"
        return self._tell(
            "missing_column", message, name, expected="one of " + listed(known), hint=hint
        )


def _is_tick(question: Question | None) -> bool:
    """Whether a column tells if one option of several was chosen."""
    return question is not None and question.kind == "several" and bool(question.group)


def _owners(name: str) -> Iterator[str]:
    """What stands before each slash of a name, the longest first."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _really_near(name: str, known: Iterable[str]) -> str | None:
    """The column that a mistyped name must mean: nearly the same letters, and the same digits."""
    alike = [one for one in known if _digits(one) == _digits(name)]
    close = difflib.get_close_matches(name, alike, n=1, cutoff=0.75)
    return f"did you mean '{close[0]}'?" if close else None


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def _spelling(name: str) -> str:
    """A name without what drifts between exports: capitals, blanks, signs that nobody sees."""
    return "".join(_seen(name).split()).casefold()


def _seen(name: str) -> str:
    """A name without its signs of no width."""
    if name.isascii():
        return name
    return "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
