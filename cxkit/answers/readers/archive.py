"""LimeSurvey archives (`.lsa`): responses named by question code, as an export of codes has them.

The archive is a ZIP with the questionnaire (`.lss`), the responses (`.lsr`) and, where a survey
keeps them, times (`.lsi`). A question that was not displayed is a null there; it reads "N/A", as in
an export.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

from cxkit.answers.platforms import Layout, limesurvey
from cxkit.answers.platforms.limesurvey_form import NOT_SHOWN, Form
from cxkit.answers.platforms.limesurvey_lss import DAMAGED, read_lss
from cxkit.answers.readers.table import Asked, Header, Table, header_only, refused
from cxkit.answers.texts import Texts
from cxkit.errors import StudyError

__all__ = ["read_archive"]

_HEAD = 20
"""So many responses are looked at before they are read: which language, which dates."""

Row = dict[str, str]


def read_archive(file: Path, asked: Asked) -> Table:
    """The wanted columns of a LimeSurvey archive; its questionnaire says what they ask."""
    if asked.platform not in (None, "limesurvey"):
        return refused(
            "another_platform",
            asked.shown,
            f"'{asked.shown}' is a LimeSurvey archive",
            expected="platform: limesurvey, or none",
            hint="leave platform out",
        )
    try:
        with ZipFile(file) as archive:
            return _read(archive, asked)
    except DAMAGED as error:
        return _unreadable(asked.shown, str(error) or type(error).__name__)
    except StudyError as error:
        return _unreadable(asked.shown, error.message)


def _unreadable(shown: str, why: str) -> Table:
    return refused(
        "unreadable",
        shown,
        f"'{shown}' cannot be read as a LimeSurvey archive: {why}",
        expected="an archive of LimeSurvey (.lsa) with its survey and its responses",
        hint="in LimeSurvey: Display/Export > Survey archive (.lsa), or responses as CSV",
    )


def _read(archive: ZipFile, asked: Asked) -> Table:
    survey, answered = (_member(archive, ending) for ending in (".lss", "_responses.lsr"))
    if survey is None or answered is None:
        lacking = "no survey (.lss)" if survey is None else "no responses (.lsr)"
        return _unreadable(asked.shown, f"it holds {lacking}")
    with archive.open(survey) as source:
        form = read_lss(source, asked.shown)
    more, times = _times(archive, asked.shown)
    with archive.open(answered) as source:
        responses = _Rows(source, asked.shown)
        fields = _Fields(form, (*responses.fields, *more))
        rows = ({**row, **times.get(row.get("id", ""), {})} for row in responses)
        return _table(rows, fields, asked)


def _member(archive: ZipFile, ending: str) -> str | None:
    return next((one for one in archive.namelist() if one.lower().endswith(ending)), None)


def _table(rows: Iterator[Row], fields: _Fields, asked: Asked) -> Table:
    head = list(itertools.islice(rows, _HEAD))
    laid = _layout(fields, head)
    header = Header(laid.names, None, asked.shown, asked.columns, laid.questions, laid.written)
    problems = header.problems()
    places = {name: fields.keys[at] for name, at in header.places.items()}
    cells: dict[str, list[str]] = {name: [] for name in places}
    n_rows = 0
    for row in itertools.chain(head, rows):
        n_rows += 1
        for name, key in places.items():
            cells[name].append(fields.told(row, key))
    if n_rows == 0:
        problems.append(header_only(asked.shown, None))
    return Table(
        asked.shown,
        header.names,
        {name: Texts.of(column) for name, column in cells.items()},
        np.arange(1, n_rows + 1, dtype=np.int32),
        tuple(problems),
        header.asked,
        "limesurvey",
        "an archive of the survey and its responses",
        laid.questions,
    )


def _layout(fields: _Fields, head: Sequence[Row]) -> Layout:
    cells = [[fields.told(row, key) for key in fields.keys] for row in head]
    laid = limesurvey.layout([fields.names, *cells], fields.form)
    return laid or Layout("limesurvey", fields.names)


@dataclass(frozen=True)
class _Fields:
    """The fields of the database, and the columns that an export would make of them."""

    form: Form
    keys: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each field as a heading of codes has it."""
        columns = {column.field: column.name for column in self.form.columns}
        return tuple(columns.get(key) or self._timing(key) for key in self.keys)

    def _timing(self, key: str) -> str:
        """How an export calls the seconds spent on a group or a question; else the field itself."""
        if key.endswith("time") and key[:1].isdigit():
            *_, group = key.removesuffix("time").split("X", 2)
            asked = {one.field: f"{one.code}Time" for one in self.form.asked}
            return asked.get(key.removesuffix("time")) or f"groupTime{group}"
        return key

    def told(self, row: Row, key: str) -> str:
        """A cell: "N/A" where a question was not displayed."""
        return row.get(key, NOT_SHOWN if key[:1].isdigit() and not key.endswith("time") else "")


class _Rows:
    """The rows of a table in LimeSurvey's XML, read one after the other: field -> text.

    A null is not there.
    """

    def __init__(self, source: IO[bytes], shown: str) -> None:
        from defusedxml.ElementTree import iterparse

        self._shown = shown
        self._events = iterparse(source, events=("start", "end"))
        self.fields = tuple(self._told_fields())

    def __iter__(self) -> Iterator[Row]:
        for event, element in self._parsed():
            if event == "end" and element.tag == "row":
                yield {_key(cell.tag): cell.text or "" for cell in element}
                element.clear()

    def _told_fields(self) -> Iterator[str]:
        for event, element in self._parsed():
            if event == "start" and element.tag == "rows":
                return
            if event == "end" and element.tag == "fieldname":
                yield _key(element.text or "")

    def _parsed(self) -> Iterator[tuple[str, Any]]:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import ParseError

        try:
            yield from self._events
        except (ParseError, DefusedXmlException, LookupError) as error:
            why = f"its responses are no whole XML ({error})"
            raise StudyError(why, where=self._shown) from error


def _key(field: str) -> str:
    """A field as the questionnaire calls it: XML masks a leading digit, and "#"."""
    bare = field.removeprefix("_") if field[1:2].isdigit() else field
    return bare.replace("#", "-").strip()


def _times(archive: ZipFile, shown: str) -> tuple[tuple[str, ...], dict[str, Row]]:
    """How long responses took, where the survey keeps that: its fields, and rows by response."""
    if (name := _member(archive, "_timings.lsi")) is None:
        return (), {}
    with archive.open(name) as source:
        rows = _Rows(source, shown)
        found = {row.pop("id", ""): row for row in rows}
    return tuple(one for one in rows.fields if one != "id"), found
