"""LimeSurvey: exports of responses headed by codes, by codes and texts, or by texts alone.

An export is told by what the platform writes into each: when a response was submitted, its last
page, its language. With the questionnaire's file every column knows its question and its labels,
in the language that the export is in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cxkit.answers.alike import folded
from cxkit.answers.platforms.headers import numbered
from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.answers.platforms.limesurvey_codes import column_code
from cxkit.answers.platforms.limesurvey_form import NOT_SHOWN, Column, Form
from cxkit.answers.platforms.limesurvey_lss import read_structure
from cxkit.answers.platforms.markup import bare

__all__ = ["LABEL", "STRUCTURES", "layout", "structure"]

LABEL = "LimeSurvey"
STRUCTURES = (".lss", ".lsa", ".tsv", ".txt")

_OWN: Mapping[str, tuple[str, str]] = {
    "id": ("respondent", "Response ID"),
    "token": ("token", "Access code"),
    "submitdate": ("ended", "Date submitted"),
    "lastpage": ("progress", "Last page"),
    "startlanguage": ("language", "Start language"),
    "seed": ("other", "Seed"),
    "startdate": ("started", "Date started"),
    "datestamp": ("recorded", "Date last action"),
    "ipaddr": ("ip", "IP address"),
    "refurl": ("reference", "Referrer URL"),
    "interviewtime": ("duration", "Total time"),
    "firstname": ("first_name", "First name"),
    "lastname": ("last_name", "Last name"),
    "email": ("email", "Email address"),
}
"""The platform's own columns: code -> role, heading in words."""
_SURE = frozenset({"submitdate", "lastpage", "startlanguage", "datestamp", "interviewtime"})
"""Codes that two of which no other platform and hardly a table has."""
_SPOKEN = {heading.casefold(): code for code, (_, heading) in _OWN.items()} | {
    "token": "token",
    "antwort-id": "id",
    "antwort id": "id",
    "datum abgeschickt": "submitdate",
    "letzte seite": "lastpage",
    "start-sprache": "startlanguage",
    "zufallsstartwert": "seed",
    "datum gestartet": "startdate",
    "datum letzte aktivität": "datestamp",
    "ip-adresse": "ipaddr",
    "weiterleitungs-url": "refurl",
    "gesamtzeit": "interviewtime",
}
_BETWEEN = re.compile(rf"(?:{'|'.join(_SURE)})(\W+)\w")
_TIME = re.compile(r"Time$")
_GROUP_TIME = re.compile(r"groupTime\d+")
_CODE = re.compile(r"[A-Za-z]\w*(?:\[[^\[\]]+\])*")
_STRUCTURED = frozenset({"class", "type/scale", "name", "relevance", "text"})
"""The heading of a tab-separated structure."""
_UNDATED = "1980-01-01 00:00:00"
"""When a response was submitted, where a survey keeps no dates."""


def structure(file: Path) -> Form:
    """The questionnaire of an `.lss`, an `.lsa`, or a tab-separated structure (`.tsv`, `.txt`).

    Raises
    ------
    StudyError
        If the file cannot be read, or holds no survey of LimeSurvey.
    """
    return read_structure(file)


def layout(head: Sequence[Sequence[str]], structure: Structure | None = None) -> Layout | None:
    """How the first rows of a LimeSurvey export are to be read; None where they are none.

    Parameters
    ----------
    head : sequence of sequences of str
        The heading, and some responses.
    structure : Form, optional
        The questionnaire; without it headings of texts alone stay as they are, and no column has
        labels.
    """
    if not head:
        return None
    if set(head[0]) >= _STRUCTURED:
        names = numbered(head[0])
        told = "this is the questionnaire of a LimeSurvey survey, and not its responses"
        return Layout("limesurvey", names, 1, says="a survey's structure", problems=(told,))
    form = structure if isinstance(structure, Form) else None
    read = _Headings(tuple(cell.strip() for cell in head[0]), form)
    if not read.are_own:
        return None
    rows = [[cell.strip() for cell in row] for row in head[1:]]
    questions = _questions(read, rows)
    return Layout("limesurvey", read.names, 1, questions, read.says, written=column_code)


@dataclass(frozen=True)
class _Headings:
    """The headings of an export, and what they say."""

    cells: tuple[str, ...]
    form: Form | None

    @cached_property
    def between(self) -> str:
        """What parts a code from its text; "" where a heading is one of them alone."""
        return next((found[1] for cell in self.cells if (found := _BETWEEN.match(cell))), "")

    @cached_property
    def split(self) -> tuple[tuple[str, str], ...]:
        """Code and text of each heading, as it stands."""
        if not self.between:
            return tuple((cell, "") for cell in self.cells)
        parts = (cell.partition(self.between) for cell in self.cells)
        return tuple((code.strip(), text.strip()) for code, _, text in parts)

    @cached_property
    def coded(self) -> tuple[str, ...]:
        """The codes, as far as headings tell any."""
        return tuple(code for code, _ in self.split)

    @cached_property
    def is_of_texts(self) -> bool:
        """Whether the headings are texts, and no codes."""
        known = set(self._columns) | set(_OWN)
        return not self.between and not _SURE & set(self.cells) and not known & set(self.cells)

    @property
    def are_own(self) -> bool:
        """Whether these are LimeSurvey's headings, beyond doubt."""
        own = _SURE & set(self.coded)
        if not own and self.is_of_texts:
            own = _SURE & {_SPOKEN.get(cell.casefold(), "") for cell in self.cells}
        asked = [name for name in self.names if name in self._columns]
        return len(own) > 1 or (len(asked) > 1 and 2 * len(asked) >= len(self.cells))

    @property
    def says(self) -> str:
        """What kind of heading it is."""
        if self.is_of_texts:
            named = "named through the questionnaire's file" if self.form else "without codes"
            return f"a heading of question texts, {named}"
        return "a heading of question codes" + (" and texts" if self.between else "")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The code of each column, as a study names it; its heading where no code is known."""
        if not self.is_of_texts:
            return self.coded
        codes = self._codes_of_texts
        own = [codes.get(at) or _SPOKEN.get(cell.casefold()) for at, cell in enumerate(self.cells)]
        counts = Counter(own)
        return numbered(
            code if code and counts[code] == 1 else cell
            for code, cell in zip(own, self.cells, strict=True)
        )

    @cached_property
    def _columns(self) -> dict[str, Column]:
        """The questionnaire's columns by both spellings of their codes."""
        if self.form is None:
            return {}
        columns = self.form.columns
        return {one.expression: one for one in columns} | {one.name: one for one in columns}

    def column(self, name: str) -> Column | None:
        """The questionnaire's column of that name."""
        return self._columns.get(name)

    @cached_property
    def _codes_of_texts(self) -> dict[int, str]:
        """The code of each heading of texts: the n-th that says so is the n-th that asks so.

        Where the questionnaire asks something more often than the export tells it, none is known.
        """
        if self.form is None:
            return {}
        said: dict[str, list[int]] = {}
        for at, cell in enumerate(self.cells):
            said.setdefault(_plain(cell), []).append(at)
        asked: dict[str, list[str]] = {}
        for column in self.form.columns:
            asked.setdefault(_plain(column.heading(self.language)), []).append(column.name)
        return {
            at: code
            for heading, places in said.items()
            if len(asked.get(heading, ())) == len(places)
            for at, code in zip(places, asked[heading], strict=True)
        }

    @cached_property
    def language(self) -> str:
        """The language of the survey whose texts the headings hold; "" where they hold none."""
        if self.form is None:
            return ""
        said = set(map(_plain, self.cells)) | {_plain(text) for _, text in self.split}
        found = {
            one: sum(_plain(column.heading(one)) in said for column in self.form.columns)
            for one in self.form.languages
        }
        best = max(found, key=lambda one: found[one], default="")
        return best if best and found[best] else ""


def _plain(text: str) -> str:
    """A heading without what differs between the questionnaire and its export."""
    return folded(bare(text))


def _questions(read: _Headings, rows: Sequence[Sequence[str]]) -> dict[str, Question]:
    told = dict(_told_of(read, rows))
    ticked = _ticked(told, read.names, rows) if read.form is None else ()
    return {
        name: replace(one, kind="several") if one.group in ticked and not one.kind else one
        for name, one in told.items()
    }


def _told_of(read: _Headings, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, Question]]:
    """What each column asks: from the questionnaire's file, else as far as its heading tells."""
    language = read.language or _spoken(read, rows)
    asked = read.form.told_in(language) if read.form else {}
    codes = {name.partition("[")[0] for name in read.names}
    for at, (name, (_, text)) in enumerate(zip(read.names, read.split, strict=True)):
        if (column := read.column(name)) is not None:
            yield name, asked[column.name]
        elif name in _OWN:
            yield name, _own(name, _cells(rows, at))
        elif _GROUP_TIME.fullmatch(name) or _TIME.sub("", name) in codes - {name}:
            yield name, Question(text=bare(text), kind="meta", role="other")
        else:
            yield name, _asked(name, read.cells[at] if read.is_of_texts else text)


def _own(name: str, cells: Sequence[str]) -> Question:
    """A column that the platform writes itself."""
    role, heading = _OWN[name]
    if name == "submitdate" and cells and all(cell == _UNDATED for cell in cells):
        role = "finished"
    return Question(text=heading, kind="meta", role=role)


def _asked(name: str, text: str) -> Question:
    """A column without a questionnaire's file: the heading tells what there is to tell."""
    code, *places = re.split(r"[\[\]]+", name.rstrip("]")) if _CODE.fullmatch(name) else [name]
    asked, part = _parted(bare(text)) if places else (bare(text), "")
    is_free = bool(places) and places[-1].endswith(("other", "comment"))
    return Question(
        text=asked,
        part=part,
        kind="open" if is_free else "",
        group=code if places else "",
        reasons={NOT_SHOWN: "not_asked"},
    )


def _parted(text: str) -> tuple[str, str]:
    """A text and its parts in square brackets at the end: "Speed [App][Now]" has two."""
    parts: list[str] = []
    while text.endswith("]") and (at := _opening(text)) > 0:
        parts.insert(0, text[at + 1 : -1])
        text = text[:at]
    return text.rstrip(), ": ".join(parts)


def _opening(text: str) -> int:
    """Where the bracket opens that the text's last one closes; -1 where none does."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return -1


def _ticked(
    told: Mapping[str, Question], names: Sequence[str], rows: Sequence[Sequence[str]]
) -> set[str]:
    """The questions whose columns hold nothing but Y or blanks: options that were ticked or not."""
    groups: dict[str, list[str]] = {}
    n_columns: Counter[str] = Counter()
    for at, name in enumerate(names):
        question = told[name]
        if question.group and not question.kind:
            n_columns[question.group] += 1
            groups.setdefault(question.group, []).extend(_cells(rows, at))
    return {
        group
        for group, cells in groups.items()
        if n_columns[group] > 1 and "Y" in cells and set(cells) <= {"Y", NOT_SHOWN}
    }


def _cells(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """What stands in a column, without blanks."""
    return [row[at] for row in rows if at < len(row) and row[at]]


def _spoken(read: _Headings, rows: Sequence[Sequence[str]]) -> str:
    """The language of the survey that the answers are in: the one whose labels are met most."""
    if read.form is None:
        return ""
    found = dict.fromkeys(read.form.languages, 0)
    for one in found:
        asked = read.form.told_in(one)
        for at, name in enumerate(read.names):
            column = read.column(name)
            labels = set(asked[column.name].labels.values()) if column else set()
            found[one] += sum(cell in labels for cell in _cells(rows, at))
    return max(found, key=lambda one: found[one], default="en")
