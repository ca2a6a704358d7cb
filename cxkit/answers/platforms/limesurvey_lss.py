"""LimeSurvey's questionnaire files: `.lss` (XML, versions 2 to 6) and the tab-separated one.

Version 3 and before repeat a row for each language; later ones keep texts in tables of their own.
"""

from __future__ import annotations

import csv
import io
import lzma
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from cxkit.answers.platforms.limesurvey_form import Asked, Form, Option, in_language, worded
from cxkit.errors import StudyError

__all__ = ["DAMAGED", "read_lss", "read_structure", "read_tsv", "rows_of"]

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

_TSV_COLUMNS = {"class", "name", "text"}


def read_lss(source: IO[bytes], shown: str) -> Form:
    """The questionnaire of an `.lss`.

    Parameters
    ----------
    source : binary file
        What holds the XML.
    shown : str
        What its user calls it.

    Raises
    ------
    StudyError
        If it is no XML, declares entities, or holds something else than a survey.
    """
    import defusedxml
    from defusedxml.ElementTree import ParseError, parse

    try:
        root = parse(source).getroot()
    except (ParseError, defusedxml.DefusedXmlException, UnicodeError, LookupError) as error:
        raise _unreadable(shown, f"it is no XML as LimeSurvey writes it ({error})") from error
    kind = (root.findtext("LimeSurveyDocType") or "").strip() if root is not None else ""
    if kind != "Survey":
        holds = f"it holds {kind!r}" if kind else "it is no file of LimeSurvey"
        raise _unreadable(shown, f"{holds}, not a survey")
    tables = {table.tag: list(rows_of(table)) for table in root if table.find("rows") is not None}
    return _of_tables(
        tables,
        [one.text or "" for one in root.iterfind("languages/language")],
        (root.findtext("DBVersion") or "").strip(),
    )


def rows_of(table: Any) -> Iterator[dict[str, str]]:
    """The rows of a table in LimeSurvey's XML: field -> text; a null is not there."""
    for row in table.iterfind("rows/row"):
        yield {cell.tag: cell.text or "" for cell in row}


def _unreadable(shown: str, why: str) -> StudyError:
    return StudyError(
        f"the questionnaire '{shown}' cannot be read: {why}",
        where=shown,
        expected="a survey structure of LimeSurvey (.lss or .lsa), or its tab-separated export",
        hint="in LimeSurvey: Display/Export > Survey structure (.lss)",
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.strip().lstrip("-").isdigit() else 0


# -- XML ---------------------------------------------------------------------------------------


def _of_tables(tables: Tables, languages: list[str], version: str) -> Form:
    survey = next(iter(tables.get("surveys", ())), {})
    spoken = [survey.get("language", ""), *languages]
    groups = _groups(tables)
    asked = list(_asked(tables, groups, spoken))
    first = next(filter(None, spoken), "en")
    titles = _texts(
        tables, ("surveys_languagesettings",), "", "surveyls_title", "surveyls_language"
    )
    return Form.of(
        asked,
        title=in_language(titles.get("", {}), first),
        languages=[one for one in spoken if one],
        groups=[in_language(texts, first) for texts in groups.values()],
        counts={
            "G": len(groups),
            "Q": len(asked),
            "SQ": sum(len(one.rows) for one in asked),
            "A": sum(len(one.answers) for one in asked),
        },
        db_version=version,
    )


def _texts(
    tables: Tables,
    names: Iterable[str],
    key: str,
    text: str,
    language: str = "language",
) -> dict[str, dict[str, str]]:
    """The texts of things by their key: language -> text, from all tables that tell them."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        for row in tables.get(name, ()):
            told = found.setdefault(row.get(key, ""), {})
            if row.get(text) and row.get(language):
                told[row[language]] = worded(row[text])
    return found


def _groups(tables: Tables) -> dict[str, dict[str, str]]:
    texts = _texts(tables, ("groups", "group_l10ns"), "gid", "group_name")
    order = {row["gid"]: _number(row.get("group_order")) for row in tables.get("groups", ())}
    return {gid: texts[gid] for gid in sorted(order, key=lambda one: order[one])}


def _asked(
    tables: Tables, groups: Mapping[str, Mapping[str, str]], spoken: list[str]
) -> Iterator[Asked]:
    """The questions in the order in which they are asked."""
    texts = _texts(tables, ("questions", "subquestions", "question_l10ns"), "qid", "question")
    below = _options(tables.get("subquestions", ()), "parent_qid", "title", "question_order")
    rows = {qid: _told(found, texts, "qid") for qid, found in below.items()}
    answers = _answers(tables)
    headers = _headers(tables)
    places = {gid: place for place, gid in enumerate(groups)}
    once = {row["qid"]: row for row in reversed(tables.get("questions", ()))}
    first = next(filter(None, spoken), "en")
    for row in sorted(once.values(), key=lambda one: _place(one, places)):
        qid = row["qid"]
        yield Asked(
            code=row.get("title", ""),
            type=row.get("type", ""),
            texts=texts.get(qid, {}),
            group=in_language(groups.get(row.get("gid", ""), {}), first),
            field=f"{row.get('sid', '')}X{row.get('gid', '')}X{qid}",
            is_mandatory=row.get("mandatory", "N") in ("Y", "S"),
            has_other=row.get("other") == "Y",
            relevance=row.get("relevance") or "1",
            rows=rows.get(qid, ()),
            answers=answers.get(qid, ()),
            headers=headers.get(qid, ()),
        )


def _place(row: Row, groups: Mapping[str, int]) -> tuple[int, int]:
    return groups.get(row.get("gid", ""), len(groups)), _number(row.get("question_order"))


def _options(
    rows: Iterable[Row], owner: str, code: str, order: str
) -> dict[str, dict[tuple[int, str], Row]]:
    """Subquestions or answers by the question they belong to, each once, in their order."""
    found: dict[str, dict[tuple[int, str], Row]] = {}
    in_order = sorted(rows, key=lambda one: (_number(one.get("scale_id")), _number(one.get(order))))
    for row in in_order:
        mine = found.setdefault(row.get(owner, ""), {})
        mine.setdefault((_number(row.get("scale_id")), row.get(code, "")), row)
    return found


def _told(
    rows: Mapping[tuple[int, str], Row], texts: Mapping[str, Mapping[str, str]], key: str
) -> tuple[Option, ...]:
    return tuple(
        Option(code, texts.get(row.get(key, ""), {}), scale) for (scale, code), row in rows.items()
    )


def _answers(tables: Tables) -> dict[str, tuple[Option, ...]]:
    """The answers of each question; before version 4 each language has a row of its own."""
    rows = tables.get("answers", ())
    if any("language" in row for row in rows):
        rows = [{**row, "aid": _key(row)} for row in rows]
        texts = _texts({"answers": rows}, ("answers",), "aid", "answer")
    else:
        texts = _texts(tables, ("answer_l10ns",), "aid", "answer")
    found = _options(rows, "qid", "code", "sortorder")
    return {qid: _told(mine, texts, "aid") for qid, mine in found.items()}


def _key(row: Row) -> str:
    return "\N{UNIT SEPARATOR}".join(row.get(one, "") for one in ("qid", "scale_id", "code"))


def _headers(tables: Tables) -> dict[str, tuple[dict[str, str], ...]]:
    """What stands above the two scales of an array, by question."""
    found: dict[str, tuple[dict[str, str], ...]] = {}
    names = {"dualscale_headerA": 0, "dualscale_headerB": 1}
    for row in tables.get("question_attributes", ()):
        place = names.get(row.get("attribute", ""))
        if place is not None and row.get("value"):
            mine = found.setdefault(row.get("qid", ""), ({}, {}))
            mine[place][row.get("language") or "en"] = worded(row["value"])
    return found


# -- tab-separated -----------------------------------------------------------------------------


def read_tsv(text: str, shown: str) -> Form:
    """The questionnaire of a tab-separated structure; StudyError where `text` is none."""
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t")
    try:
        if not set(reader.fieldnames or ()) >= _TSV_COLUMNS:
            raise _unreadable(shown, "its first row does not name class, name and text")
        rows = [{key: cell or "" for key, cell in row.items() if key} for row in reader]
    except csv.Error as error:
        raise _unreadable(shown, str(error)) from error
    draft = _Draft()
    for row in rows:
        draft.add(row)
    if not draft.questions:
        raise _unreadable(shown, "it holds no question")
    return draft.form(Counter(row["class"] for row in rows))


@dataclass
class _Drafted:
    """A question while the rows that belong to it are gathered."""

    row: Row
    group: int
    texts: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)


@dataclass
class _Draft:
    """A questionnaire while its rows are read: each row belongs to the question above it.

    Languages follow one another, each with all groups and questions.
    """

    settings: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    groups: dict[int, dict[str, str]] = field(default_factory=dict)
    questions: dict[str, _Drafted] = field(default_factory=dict)
    _n_groups: Counter[str] = field(default_factory=Counter)
    _at: _Drafted | None = None

    def add(self, row: Row) -> None:
        """Take one row in."""
        kind, name, language = row["class"], row["name"], row.get("language", "")
        if kind == "S":
            self.settings[name] = row["text"]
        elif kind == "SL" and name == "surveyls_title":
            self.titles[language] = worded(row["text"])
        elif kind == "G":
            place = self._n_groups[language]
            self._n_groups[language] += 1
            self.groups.setdefault(place, {})[language] = worded(name)
        elif kind == "Q":
            group = max(self._n_groups[language] - 1, 0)
            self._at = self.questions.setdefault(name, _Drafted(row, group))
            self._at.texts[language] = worded(row["text"])
        elif kind in ("SQ", "A") and self._at is not None:
            shelf = self._at.rows if kind == "SQ" else self._at.answers
            told = shelf.setdefault((_number(row.get("type/scale")), name), {})
            told[language] = worded(row["text"])

    def form(self, counts: Mapping[str, int]) -> Form:
        """The questionnaire as far as its rows tell it."""
        first = self.settings.get("language") or next(iter(self._n_groups), "en")
        more = self.settings.get("additional_languages", "").split()
        groups = {place: in_language(texts, first) for place, texts in self.groups.items()}
        return Form.of(
            (self._asked(code, one, groups) for code, one in self.questions.items()),
            title=in_language(self.titles, first),
            languages=[first, *more],
            groups=groups.values(),
            counts=counts,
        )

    def _asked(self, code: str, drafted: _Drafted, groups: Mapping[int, str]) -> Asked:
        row = drafted.row
        shelves = (drafted.rows, drafted.answers)
        rows, answers = (
            tuple(Option(name, texts, scale) for (scale, name), texts in shelf.items())
            for shelf in shelves
        )
        return Asked(
            code=code,
            type=row.get("type/scale", ""),
            texts=drafted.texts,
            group=groups.get(drafted.group, ""),
            is_mandatory=row.get("mandatory") in ("Y", "S"),
            has_other=row.get("other") == "Y",
            relevance=row.get("relevance") or "1",
            rows=rows,
            answers=answers,
        )


DAMAGED = (
    BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, lzma.LZMAError,
    struct.error, ValueError, OverflowError,
)  # fmt: skip
"""What a damaged archive, or the texts in it, raise while they are read."""


def read_structure(file: Path) -> Form:
    """The questionnaire of an `.lss`, an `.lsa`, or a tab-separated structure."""
    shown = file.name
    try:
        if file.suffix.lower() == ".lsa":
            with ZipFile(file) as archive:
                name = next((one for one in archive.namelist() if one.endswith(".lss")), None)
                if name is None:
                    raise _unreadable(shown, "the archive holds no .lss")
                with archive.open(name) as source:
                    return read_lss(source, shown)
        if file.suffix.lower() == ".lss":
            with file.open("rb") as source:
                return read_lss(source, shown)
        return read_tsv(file.read_text(encoding="utf-8-sig"), shown)
    except UnicodeDecodeError as error:
        raise _unreadable(shown, "it is not UTF-8 text") from error
    except (OSError, *DAMAGED) as error:
        raise _unreadable(shown, str(error) or type(error).__name__) from error
