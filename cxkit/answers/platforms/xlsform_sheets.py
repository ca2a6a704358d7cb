"""The sheets of an XLSForm (`.xlsx`, `.xls`): survey, choices, settings, in their many spellings.

What the form asks is told question by question, each with the names its answers may go by.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cxkit.answers.platforms.exits import reasons_in
from cxkit.answers.platforms.layout import Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.errors import StudyError, listed

__all__ = ["TICKED", "Asked", "Column", "Form", "Sheet", "read_form"]

TICKED: Mapping[str, str] = {
    **dict.fromkeys(("1", "TRUE", "True", "true", "yes"), "yes"),
    **dict.fromkeys(("0", "FALSE", "False", "false", "no"), "no"),
}
"""What a column of one option may hold, and whether the option was chosen."""

_TOLD = (
    "label", "caption", "hint", "guidance_hint", "constraint_message", "required_message",
    "image", "big_image", "audio", "video",
)  # fmt: skip
"""What a form may tell in several languages."""
_SELECT = re.compile(
    r"(?:add )?(?P<how>select[ _]one|select1|select[ _]multiple|select all that apply|rank)"
    r"(?:[ _](?:external|from[ _]file))?(?: prompt)?(?: from| using)?\s+(?P<list>\S+)"
    r"(?:\s+(?P<other>or[ _](?:specify[ _])?other))?",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"begin[ _](?P<what>.+)", re.IGNORECASE)
_END = re.compile(r"end[ _].+", re.IGNORECASE)
_OF_GROUP = ("score__row", "rank__level")
_LISTS = ("kobo__score_choices", "kobo__rank_items")

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("integer", "int", "decimal", "range"), "number"),
    **dict.fromkeys(("text", "string", "barcode"), "open"),
    **dict.fromkeys(("date", "time", "datetime", "dateTime"), "date"),
    **dict.fromkeys(("acknowledge", "trigger"), "single"),
    **dict.fromkeys(
        ("note", "image", "photo", "audio", "video", "file", "background-audio", "audit", "today"),
        "meta",
    ),
}
_ROLES: Mapping[str, str] = {
    "start": "started",
    "end": "ended",
    "phonenumber": "phone",
    "phone number": "phone",
    "username": "name",
    "email": "email",
    **dict.fromkeys(("deviceid", "imei", "subscriberid", "simserial"), "reference"),
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "start-geopoint"), "latitude"),
}
_PLACES = {"latitude": "latitude", "longitude": "longitude", "altitude": "other"}
_PRECISE = ("precision", "accuracy")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a form: its columns as they are spelled, and its rows that hold anything."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @property
    def n_rows(self) -> int:
        """How many rows hold anything."""
        return len(self.rows)

    def told(self, row: Mapping[str, str], what: str) -> str:
        """What a row says in a column, however that is spelled; "" where it says nothing."""
        found = (row[one] for one in self.columns if _spelled(one)[0] == what and row.get(one))
        return next(found, "")

    def texts(self, row: Mapping[str, str], what: str = "label") -> dict[str, str]:
        """A text of a row by language; the form's own stands under ""."""
        named = ((_spelled(one), row.get(one, "")) for one in self.columns)
        return {language: bare(text) for (base, language), text in named if base == what and text}

    @property
    def languages(self) -> Iterator[str]:
        """The languages that its columns name, in their order."""
        return (language for _, language in map(_spelled, self.columns) if language)


@lru_cache(maxsize=1024)
def _spelled(column: str) -> tuple[str, str]:
    """What a column tells, and in which language: "label :: English (en)" is both.

    >>> _spelled("list name"), _spelled("media::audio::chinese"), _spelled("bind:relevant")
    (('list_name', ''), ('audio', 'chinese'), ('bind:relevant', ''))
    """
    parts = [one.strip() for one in re.split(r"::?", column)]
    if len(parts) > 1 and parts[0].casefold() == "media":
        parts = parts[1:]
    base = re.sub(r"[\s_-]+", "_", parts[0]).casefold()
    if base in _TOLD:
        return "label" if base == "caption" else base, ":".join(parts[1:])
    whole = re.sub(r"[\s_-]+", "_", column.strip()).casefold()
    return {"value": "name", "command": "type"}.get(whole, _kobo(whole)), ""


def _kobo(base: str) -> str:
    return base.replace("kobo_", "kobo__", 1) if base.startswith("kobo_") else base


@dataclass(frozen=True)
class Asked:
    """A question of the form: where it stands, its type, what it says, what may be chosen."""

    path: tuple[str, ...]
    type: str
    texts: Mapping[str, str]
    above: tuple[Mapping[str, str], ...] = ()
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    has_other: bool = False

    @property
    def name(self) -> str:
        """Its name and those of the groups it stands in: "group/question"."""
        return "/".join(self.path)

    @property
    def kind(self) -> str:
        """What its column holds, in the words of the kit."""
        if found := _SELECT.fullmatch(self.type):
            how = found["how"].casefold()
            if how == "rank":
                return ""
            return "single" if "one" in how or how == "select1" else "joined"
        if self.type in _OF_GROUP:
            return "single" if self.type == "score__row" else ""
        return "meta" if self.role else _KINDS.get(self.plain_type, "")

    @property
    def role(self) -> str:
        """What the device wrote down, where nobody was asked."""
        return _ROLES.get(self.plain_type, "other" if self._is_silent else "")

    @property
    def plain_type(self) -> str:
        """The type without what only says where its value comes from."""
        return self.type.removeprefix("uri:").casefold()

    @property
    def _is_silent(self) -> bool:
        return _KINDS.get(self.plain_type) == "meta"

    @property
    def columns(self) -> Iterator[Column]:
        """The columns that an export may have for it."""
        yield Column(self)
        if self.kind == "joined":
            for option in self.options:
                yield Column(self, option)
        if self.has_other:
            yield Column(self, "", "_other")
        if self.role == "latitude":
            for place in (*_PLACES, *_PRECISE):
                yield Column(self, "", place)


@dataclass(frozen=True)
class Column:
    """A column of an export: a question, one of its options, or what stands beside it."""

    asked: Asked
    option: str = ""
    beside: str = ""

    @property
    def name(self) -> str:
        """The name by which a study knows it."""
        if self.beside == "_other":
            return f"{self.asked.name}_other"
        if self.beside:
            *groups, own = self.asked.path
            return "/".join((*groups, f"_{own}_{self.beside}"))
        return "/".join((self.asked.name, self.option)) if self.option else self.asked.name

    @property
    def spellings(self) -> Iterator[str]:
        """Every heading of names that it may have: with groups, parted by any mark, or without."""
        *groups, own = self.asked.path
        for mark in ("/", "-", ".", ":"):
            for path in (groups, []):
                start = mark.join((*path, own))
                if self.option:
                    yield from (mark.join((start, self.option)), "/".join((start, self.option)))
                elif self.beside == "_other":
                    yield f"{start}_other"
                elif self.beside:
                    yield mark.join((*path, f"_{own}_{self.beside}"))
                    yield f"_{start}_{self.beside}"
                    yield f"{start}-{self.beside.capitalize()}"
                else:
                    yield start

    def headings(self, language: str) -> Iterator[str]:
        """Every heading of labels that it may have, in a language: with those of groups or not."""
        told = [_in_language(texts, language) for texts in self.asked.above]
        groups = [text or name for text, name in zip(told, self.asked.path[:-1], strict=True)]
        own = _in_language(self.asked.texts, language) or self.asked.path[-1]
        for path in (groups, []):
            start = "/".join((*path, own))
            if self.option:
                yield f"{start}/{self._option(language)}"
            elif self.beside != "_other":
                yield f"_{start}_{self.beside}" if self.beside else start

    def _option(self, language: str) -> str:
        return _in_language(self.asked.options.get(self.option, {}), language) or self.option

    def question(self, language: str, languages: Iterable[str] = ()) -> Question:
        """What the column asks, in a language of the form."""
        asked = self.asked
        text = _in_language(asked.texts, language)
        if self.beside == "_other":
            return Question(text, part=self.beside.strip("_"), kind="open", group=asked.name)
        if self.beside:
            role = _PLACES.get(self.beside, "other")
            return Question(text, part=self.beside, kind="meta", role=role, group=asked.name)
        labels = {code: _in_language(told, language) for code, told in asked.options.items()}
        kind = "several" if self.option else asked.kind
        return Question(
            text=text,
            part=self._option(language) if self.option else "",
            kind=kind,
            role=asked.role,
            group=asked.name if self.option else "",
            labels=dict(TICKED) if self.option else labels,
            reasons={} if self.option else reasons_in(labels),
            separator=" " if kind == "joined" else "",
            translations={
                one: (_in_language(asked.texts, one), self._option(one) if self.option else "")
                for one in languages
                if one != language
            },
        )


def _in_language(texts: Mapping[str, str], language: str) -> str:
    """A text in a language; in the form's own, or whichever it has, where it lacks that one."""
    found = texts.get(language) or texts.get("")
    return found or next(filter(None, texts.values()), "")


@dataclass(frozen=True)
class Form(Structure):
    """A questionnaire as an XLSForm.

    Attributes
    ----------
    sheets : mapping of str to Sheet
        Every sheet by its name.
    asked : tuple of Asked
        The questions in their order.
    """

    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column that an export may have, in the order of the form."""
        return tuple(column for one in self.asked for column in one.columns)

    def told_in(self, language: str) -> dict[str, Question]:
        """What each column asks, in a language of the form."""
        return {one.name: one.question(language, self.languages) for one in self.columns}


def read_form(file: Path) -> Form:
    """The questionnaire of an XLSForm.

    Parameters
    ----------
    file : Path
        A workbook (`.xlsx` or `.xls`) with a sheet "survey".

    Raises
    ------
    StudyError
        If it is no workbook, or has no sheet "survey" with types and names.
    """
    sheets = dict(_sheets(file))
    own = {name.strip().casefold(): sheet for name, sheet in sheets.items()}
    survey = own.get("survey")
    if survey is None or not {"type", "name"} <= {_spelled(one)[0] for one in survey.columns}:
        held = listed(sheets) or "none"
        raise _unreadable(file, f"no sheet 'survey' with columns type and name (sheets: {held})")
    nothing = Sheet((), ())
    settings = own.get("settings", nothing)
    row = settings.rows[0] if settings.rows else {}
    choices = [own.get(name, nothing) for name in ("choices", "external_choices")]
    asked = tuple(_asked(survey, _lists(choices)))
    default = settings.told(row, "default_language")
    spoken = [default, *survey.languages, *(one for sheet in choices for one in sheet.languages)]
    languages = tuple(dict.fromkeys(one for one in spoken if one))
    columns = (column for one in asked for column in one.columns)
    first = languages[0] if languages else ""
    return Form(
        questions={one.name: one.question(first, languages) for one in columns},
        title=settings.told(row, "form_title") or settings.told(row, "title"),
        languages=languages,
        types={one.name: one.type for one in asked},
        groups=tuple(_groups(survey)),
        sheets=sheets,
        asked=asked,
    )


def _unreadable(file: Path, why: str) -> StudyError:
    return StudyError(
        f"the form '{file.name}' cannot be read: {why}",
        where=file.name,
        expected="an XLSForm: a workbook (.xlsx or .xls) with the sheets survey and choices",
        hint="in KoboToolbox: Form > Download XLS; in ODK Central: the definition as XLSForm",
    )


_APART = """
import pickle, sys
from python_calamine import CalamineWorkbook
with CalamineWorkbook.from_path(sys.argv[1]) as book:
    grids = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
sys.stdout.buffer.write(pickle.dumps(grids))
"""
"""Reads a workbook in a process of its own: a damaged .xls can end the process that reads it."""


def _sheets(file: Path) -> Iterator[tuple[str, Sheet]]:
    """Every sheet of a workbook by its name."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if not zipfile.is_zipfile(file):
            yield from ((name, _sheet(grid)) for name, grid in _grids_apart(file))
            return
        with CalamineWorkbook.from_path(file) as book:
            for name in book.sheet_names:
                yield name, _sheet(book.get_sheet_by_name(name).to_python())
    except (CalamineError, OSError) as error:
        raise _unreadable(file, str(error) or type(error).__name__) from error


def _grids_apart(file: Path) -> list[tuple[str, list[list[Any]]]]:
    """The cells of every sheet of an old workbook (.xls)."""
    file.open("rb").close()
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    read = subprocess.run(
        [sys.executable, "-P", "-c", _APART, os.fspath(file)], capture_output=True, env=path
    )
    if read.returncode or not read.stdout:
        raise _unreadable(file, "it is no whole workbook")
    grids: list[tuple[str, list[list[Any]]]] = pickle.loads(read.stdout)
    return grids


def _sheet(grid: Sequence[Sequence[Any]]) -> Sheet:
    rows = [cells for row in grid if any(cells := [_written(cell) for cell in row])]
    if not rows:
        return Sheet((), ())
    places = {cell: at for at, cell in reversed(list(enumerate(rows[0]))) if cell}
    columns = tuple(sorted(places, key=lambda one: places[one]))
    told = ({one: row[places[one]] for one in columns} for row in rows[1:])
    return Sheet(columns, tuple(row for row in told if any(row.values())))


def _written(cell: object) -> str:
    """A cell as its author sees it: 12.0 as 12."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _lists(sheets: Iterable[Sheet]) -> dict[str, dict[str, dict[str, str]]]:
    """The choices by list, then by name: language -> label."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for sheet in sheets:
        for row in sheet.rows:
            named, name = sheet.told(row, "list_name"), sheet.told(row, "name")
            if named and name:
                found.setdefault(named, {}).setdefault(name, sheet.texts(row))
    return found


def _asked(survey: Sheet, lists: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Asked]:
    """The questions of a form, each within the groups and repeats that are open above it."""
    open_: list[tuple[str, Mapping[str, str], str]] = []
    for row in survey.rows:
        kind, name = " ".join(survey.told(row, "type").split()), survey.told(row, "name")
        if _END.fullmatch(kind):
            open_[-1:] = []
        elif _BEGIN.fullmatch(kind):
            own = next(filter(None, (survey.told(row, one) for one in _LISTS)), "")
            open_.append((name, survey.texts(row), own))
        elif kind and name:
            found = _SELECT.fullmatch(kind)
            chosen = found["list"] if found else open_[-1][2] if open_ else ""
            has_options = found or kind in _OF_GROUP
            yield Asked(
                path=(*(one for one, _, _ in open_), name),
                type=kind,
                texts=survey.texts(row),
                above=tuple(texts for _, texts, _ in open_),
                options=_options(lists.get(chosen, {}), found) if has_options else {},
                has_other=bool(found and found["other"]),
            )


def _options(
    told: Mapping[str, Mapping[str, str]], found: re.Match[str] | None
) -> dict[str, Mapping[str, str]]:
    return {**told, **({"other": {"": "Other"}} if found and found["other"] else {})}


def _groups(survey: Sheet) -> Iterator[str]:
    """The names of groups and repeats, in their order."""
    for row in survey.rows:
        if _BEGIN.fullmatch(survey.told(row, "type")):
            yield survey.told(row, "name")
