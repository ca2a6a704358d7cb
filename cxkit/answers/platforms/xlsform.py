"""KoboToolbox and ODK: exports of forms that were written as an XLSForm.

An export is told by what the server writes into each row: its id, and when it came in. Headings
are names ("group/question") or labels; several answers stand in one cell, parted by blanks, in a
column an option, or in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cxkit.answers.platforms.headers import numbered
from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.answers.platforms.xlsform_sheets import TICKED, Column, Form, read_form

__all__ = ["LABEL", "STRUCTURES", "layout", "structure"]

LABEL = "KoboToolbox/ODK"
STRUCTURES = (".xlsx", ".xls")

_KOBO: Mapping[str, str] = {
    "_id": "respondent",
    "_uuid": "reference",
    "_submission_time": "recorded",
    "_validation_status": "status",
    "_status": "channel",
    "_submitted_by": "name",
    "_notes": "other",
    "_tags": "other",
    "_index": "other",
    "__version__": "other",
    "_parent_index": "other",
    "_parent_table_name": "other",
    "_submission__id": "reference",
    "_submission__uuid": "reference",
    "meta/rootUuid": "reference",
    "meta/deprecatedID": "reference",
}
"""What KoboToolbox writes into each row, and what that is."""
_ODK: Mapping[str, str] = {
    "KEY": "respondent",
    "PARENT_KEY": "reference",
    "SubmissionDate": "recorded",
    "SubmitterID": "name",
    "SubmitterName": "name",
    "Status": "status",
    "ReviewState": "status",
    "DeviceID": "reference",
    "AttachmentsPresent": "other",
    "AttachmentsExpected": "other",
    "Edits": "other",
    "FormVersion": "other",
}
"""The same of ODK Central and Briefcase."""
_DEVICE: Mapping[str, str] = {
    "start": "started",
    "end": "ended",
    "today": "other",
    "deviceid": "reference",
    "subscriberid": "reference",
    "simserial": "reference",
    "phonenumber": "phone",
    "username": "name",
    "audit": "other",
    "instanceID": "reference",
    "instanceName": "reference",
}
"""What the form's own rows of metadata are usually called."""
_SURE = (
    frozenset(
        {"_id", "_uuid", "_submission_time", "_validation_status", "_submitted_by", "__version__"}
    ),
    frozenset(
        {"KEY", "SubmissionDate", "SubmitterID", "SubmitterName", "ReviewState", "meta-instanceID"}
    ),
)
_FEWEST = 3
"""So many columns of one server make an export its own, beyond doubt."""
_REPEATS = ({"_parent_index", "_parent_table_name"}, {"KEY", "PARENT_KEY"})
"""What the rows of a repeated group carry."""
_TYPED = re.compile(
    r"(begin|end)[ _](group|repeat|score|rank|kobomatrix)|score__row|select|text|note|integer"
    r"|decimal|range|rank|date|time|geo"
    r"|image|audio|video|file|barcode|calculate|acknowledge|hidden|start|end|today|deviceid"
    r"|username|phonenumber|simserial|subscriberid|audit|background|xml-external|uri:|string|int"
)
_PLACE = re.compile(
    r"(?:.*/)?_.+_(latitude|longitude|altitude|precision)|.+-(Latitude|Longitude|Altitude|Accuracy)"
)


def structure(file: Path) -> Form:
    """The questionnaire of an XLSForm (`.xlsx` or `.xls`).

    Raises
    ------
    StudyError
        If the file is no workbook, or no XLSForm.
    """
    return read_form(file)


def layout(head: Sequence[Sequence[str]], structure: Structure | None = None) -> Layout | None:
    """How the first rows of an export of KoboToolbox or ODK are to be read; None where of none.

    Parameters
    ----------
    head : sequence of sequences of str
        The heading, and some submissions.
    structure : Form, optional
        The form; without it headings stay as they are, and no column has labels.
    """
    if not head:
        return None
    if _is_form(head):
        names = numbered(head[0])
        told = "this is the XLSForm, the questionnaire, and not its submissions"
        return Layout("xlsform", names, 1, says="the sheet 'survey' of a form", problems=(told,))
    form = structure if isinstance(structure, Form) else None
    read = _Headings(tuple(cell.strip() for cell in head[0]), form)
    if not read.are_own:
        return None
    rows = [[cell.strip() for cell in row] for row in head[1:]]
    questions = dict(_questions(read, rows))
    return Layout("xlsform", read.names, 1, questions, read.says, written=read.written)


def _is_form(head: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of a form's own sheet: type, name and label of each question."""
    names = [cell.casefold() for cell in head[0]]
    if not {"type", "name"} <= set(names) or not any(one.startswith("label") for one in names):
        return False
    at = names.index("type")
    types = [row[at].strip() for row in head[1:] if at < len(row) and row[at].strip()]
    return 2 * sum(1 for one in types if _TYPED.match(one)) > len(types)


@dataclass(frozen=True)
class _Headings:
    """The headings of an export, and what they say."""

    cells: tuple[str, ...]
    form: Form | None

    @cached_property
    def server(self) -> str:
        """Whose columns are there: "KoboToolbox", "ODK", or nobody's."""
        held = set(self.cells)
        counts = [len(held & sure) for sure in _SURE]
        for name, n, repeat in zip(("KoboToolbox", "ODK"), counts, _REPEATS, strict=True):
            if n >= _FEWEST or (n and repeat <= held):
                return name
        return ""

    @property
    def are_own(self) -> bool:
        """Whether these are headings of KoboToolbox or ODK, beyond doubt."""
        n_asked = len(self._asked)
        return bool(self.server) or (n_asked > 1 and 2 * n_asked >= len(self.cells))

    @property
    def says(self) -> str:
        """How they were recognised."""
        if self.server:
            return f"the columns that {self.server} adds to each submission"
        return "a heading of the form's names or labels"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each column: its heading, or the form's name where that is a label."""
        own = [
            self._by_label[at].name if at in self._by_label else cell
            for at, cell in enumerate(self.cells)
        ]
        return numbered(own)

    def written(self, name: str) -> str:
        """The heading of a column that a study names without its groups; the name where unsure."""
        found = self._without_groups.get(name, ())
        return found[0] if len(found) == 1 else name

    @cached_property
    def _without_groups(self) -> dict[str, list[str]]:
        """The headings by what is left of them without the outer group, or more of their groups."""
        found: dict[str, list[str]] = {}
        for name in self.names:
            groups = name.split("/")
            for at in range(1, len(groups)):
                found.setdefault("/".join(groups[at:]), []).append(name)
        return found

    @cached_property
    def _by_name(self) -> dict[int, Column]:
        """The form's columns that headings name."""
        if self.form is None:
            return {}
        spelled: dict[str, list[Column]] = {}
        for column in self.form.columns:
            for spelling in dict.fromkeys(column.spellings):
                spelled.setdefault(spelling, []).append(column)
        own = {column.name: column for column in self.form.columns}
        told = {text: columns[0] for text, columns in spelled.items() if len(columns) == 1} | own
        return {at: told[cell] for at, cell in enumerate(self.cells) if cell in told}

    @cached_property
    def _by_label(self) -> dict[int, Column]:
        """The form's columns that headings tell by label: the n-th that says so asks so."""
        if self.form is None:
            return {}
        said: dict[str, list[int]] = {}
        for at, cell in enumerate(self.cells):
            if at not in self._by_name:
                said.setdefault(bare(cell), []).append(at)
        found: dict[int, Column] = {}
        labels = self._labels(self.language)
        for heading, places in said.items():
            if len(columns := labels.get(heading, [])) == len(places):
                found |= zip(places, columns, strict=True)
        return found

    def _labels(self, language: str) -> dict[str, list[Column]]:
        told: dict[str, list[Column]] = {}
        for column in self.form.columns if self.form else ():
            for heading in dict.fromkeys(map(bare, column.headings(language))):
                told.setdefault(heading, []).append(column)
        return told

    @cached_property
    def _asked(self) -> set[str]:
        columns = (*self._by_name.values(), *self._by_label.values())
        return {column.name for column in columns}

    def column(self, at: int) -> Column | None:
        """The form's column that stands at a place."""
        return self._by_name.get(at) or self._by_label.get(at)

    @cached_property
    def language(self) -> str:
        """The language of the form whose labels the headings hold; its first where none."""
        if self.form is None:
            return ""
        found = {one: self.n_labels(one) for one in self.form.languages}
        return max(found, key=lambda one: found[one], default="")

    def n_labels(self, language: str) -> int:
        """How many headings are labels in a language of the form, and no names."""
        said = {bare(cell) for at, cell in enumerate(self.cells) if at not in self._by_name}
        return len(said & set(self._labels(language)))


def _questions(read: _Headings, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, Question]]:
    """What each column asks: from the form, else as far as headings and cells tell."""
    language = _spoken(read, rows)
    asked = read.form.told_in(language) if read.form else {}
    options = _options(read, rows)
    for at, name in enumerate(read.names):
        if (column := read.column(at)) is not None:
            yield name, _parted(asked[column.name], _cells(rows, at))
        elif (role := _role(name, read.server)) is not None:
            yield name, Question(kind="meta", role=role)
        elif at in options:
            group, part = options[at]
            labels = dict(TICKED) if part else {}
            kind, separator = ("several", "") if part else ("joined", " ")
            yield (
                name,
                Question(
                    group, part, kind, group=group if part else "", labels=labels,
                    separator=separator,
                ),
            )  # fmt: skip
        else:
            yield name, Question(text=name.rsplit("/", 1)[-1])


def _parted(question: Question, cells: set[str]) -> Question:
    """A question of several answers; what parts labels that hold blanks themselves is not known."""
    are_codes = all(code in question.labels for cell in cells for code in cell.split())
    if question.kind != "joined" or are_codes or not any(map(_has_blank, question.labels.values())):
        return question
    return replace(question, kind="", separator="")


def _has_blank(label: str) -> bool:
    return len(label.split()) > 1


def _cells(rows: Sequence[Sequence[str]], at: int) -> set[str]:
    """What stands in a column, without blanks."""
    return {row[at] for row in rows if at < len(row) and row[at]}


def _role(name: str, server: str) -> str | None:
    """What a column is that a server or a device writes; None for a question."""
    if name in (own := _ODK if server == "ODK" else _KOBO):
        return own[name]
    if found := _PLACE.fullmatch(name):
        place = (found[1] or found[2]).casefold()
        return place if place.endswith("itude") and place != "altitude" else "other"
    return _DEVICE.get(re.sub(r"^meta[/-]", "", name))


def _options(read: _Headings, rows: Sequence[Sequence[str]]) -> dict[int, tuple[str, str]]:
    """Without a form: questions of several answers, and the options that stand after them.

    Sure where a question's own column stands before columns "question/option" that hold nothing
    but 1 and 0: place -> (question, option), with no option for the question itself.
    """
    found: dict[int, tuple[str, str]] = {}
    owner = -1
    for at, name in enumerate(read.cells):
        start = f"{read.cells[owner]}/" if owner >= 0 else ""
        cells = _cells(rows, at)
        if start and name.startswith(start) and cells <= set(TICKED):
            if cells:
                found[owner] = (read.cells[owner], "")
            found[at] = (read.cells[owner], name.removeprefix(start))
        else:
            owner = at
    return {at: one for at, one in found.items() if not one[1] or _owner(read, one[0]) in found}


def _owner(read: _Headings, name: str) -> int:
    return read.cells.index(name)


def _spoken(read: _Headings, rows: Sequence[Sequence[str]]) -> str:
    """The language that headings are in, or else the answers."""
    if read.form is None or len(read.form.languages) < 2:
        return read.language
    said = {cell for row in rows for cell in row if cell}
    found = {}
    for one in read.form.languages:
        told = read.form.told_in(one).values()
        labels = {label for question in told for label in question.labels.values() if label}
        found[one] = len(labels & said) + read.n_labels(one)
    return max(found, key=lambda one: found[one])
