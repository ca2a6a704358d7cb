"""Qualtrics: names, texts and import ids in three header rows (two before 2016), and the .qsf.

The import ids say which question, row and choice a column belongs to, and which columns Qualtrics
writes itself; without them, names and texts do. A file that a spreadsheet saved without some of
its header rows is read as far as it can still be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cxkit.answers.platforms.headers import numbered
from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.answers.platforms.qsf import Survey, read_qsf
from cxkit.answers.platforms.qualtrics_columns import (
    Column,
    Family,
    families_of,
    import_id,
    own_role,
)
from cxkit.answers.platforms.qualtrics_txt import read_txt

__all__ = ["LABEL", "STRUCTURES", "layout", "structure"]

LABEL = "Qualtrics"
STRUCTURES = (".qsf", ".txt")

_OWN = frozenset(
    {"StartDate", "EndDate", "RecordedDate", "Status", "Progress", "Finished", "IPAddress",
     "Duration (in seconds)", "DistributionChannel", "UserLanguage", "ResponseSet",
     "LocationLatitude", "LocationLongitude", "RecipientEmail"}
)  # fmt: skip
"""Names that show, several of them beside an id of responses, that a file is Qualtrics's."""
_IDS = ("ResponseId", "ResponseID")
_FEWEST = 3
_RESPONSE = re.compile(r"(R|FS)_[0-9A-Za-z]{7,}")
_MOMENT = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d{2}")


def layout(head: Sequence[Sequence[str]], structure: Structure | None = None) -> Layout | None:
    """The layout of a Qualtrics export; None where neither rows nor names are Qualtrics's."""
    rows = [[cell.strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}") for cell in row] for row in head]
    form = _form(rows)
    if form is None:
        return None
    survey = structure if isinstance(structure, Survey) else None
    names = numbered(rows[0])
    if form.problem:
        return Layout("qualtrics", names, form.n_header, {}, form.says, (form.problem,))
    width = len(names)
    texts = _wide(rows[form.texts], width) if form.texts else [""] * width
    ids = _wide(rows[form.ids], width) if form.ids else [""] * width
    columns = [
        Column(at, name, text, one, rows[form.n_header :])
        for at, (name, text, one) in enumerate(zip(names, texts, ids, strict=True))
    ]
    questions = _questions(columns, survey)
    return Layout("qualtrics", names, form.n_header, questions, form.says)


def structure(file: Path) -> Structure:
    """What a .qsf says of each question, by the names and import ids of its columns.

    Raises
    ------
    StudyError
        If it is no survey of Qualtrics.
    """
    return read_txt(file) if file.suffix.lower() == ".txt" else read_qsf(file)


# -- which rows are header ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """Where the header rows are: the row of texts, that of import ids (0 where there is none)."""

    n_header: int
    texts: int
    ids: int
    says: str
    problem: str = ""


def _form(rows: Sequence[Sequence[str]]) -> _Form | None:
    """How the header looks; None where the rows are not Qualtrics's."""
    if not rows:
        return None
    ids = next((at for at, row in enumerate(rows[:4]) if _are_imports(row)), None)
    if ids is not None:
        return _with_ids(rows, ids)
    if len(rows) > 1 and len({"ResponseID", "ResponseSet"} & set(rows[1])) == 2:
        return _Form(2, 1, 0, "two header rows of the older form")
    if _is_response(rows[0]):
        says = "a response in the first row"
        return _Form(1, 0, 0, says, "the header rows of the Qualtrics export are gone")
    if not _are_own(rows[0]):
        return None
    at = next(rows[0].index(name) for name in _IDS if name in rows[0])
    below = [row[at] if at < len(row) else "" for row in rows[1:3]]
    if below and _RESPONSE.fullmatch(below[0]):
        return _Form(1, 0, 0, "its column names; the texts and import ids are gone")
    is_worded = len(rows) > 1 and sum(map(bool, map(own_role, rows[1]))) >= _FEWEST
    if is_worded or (len(below) > 1 and _RESPONSE.fullmatch(below[1])):
        return _Form(2, 1, 0, "its column names and texts; the import ids are gone")
    return None


def _with_ids(rows: Sequence[Sequence[str]], ids: int) -> _Form:
    if ids == 2:
        return _Form(3, 1, 2, "three header rows with import ids")
    if ids == 1 and (_are_own(rows[0]) or len(_known(rows[1])) < _FEWEST):
        return _Form(2, 0, 1, "its column names and import ids; the texts are gone")
    what = "the row of column names is gone" if ids < 2 else "there are rows above the header"
    says = f"import ids in row {ids + 1}"
    return _Form(ids + 1, 0, ids, says, f"{what} in the Qualtrics export")


def _are_imports(row: Sequence[str]) -> bool:
    """Whether most cells of a row are import ids."""
    told = [cell for cell in row if cell]
    return bool(told) and 2 * sum(1 for cell in told if import_id(cell)) > len(told)


def _known(row: Sequence[str]) -> list[str]:
    """The import ids of Qualtrics's own columns in a row."""
    return [one for cell in row if own_role(one := import_id(cell))]


def _are_own(row: Sequence[str]) -> bool:
    """Whether the names of a row are those that Qualtrics gives."""
    return len(_OWN & set(row)) >= _FEWEST and any(name in row for name in _IDS)


def _is_response(row: Sequence[str]) -> bool:
    """Whether a row is a respondent's: an id of a response beside times."""
    has_id = any(_RESPONSE.fullmatch(cell) and len(cell) > 14 for cell in row)
    return has_id and sum(1 for cell in row if _MOMENT.match(cell)) > 1


# -- what the columns ask -----------------------------------------------------------------------


def _questions(columns: Sequence[Column], survey: Survey | None) -> dict[str, Question]:
    """What each column asks, by its name."""
    families = families_of(columns)
    return {one.name: _question(one, families, survey) for one in columns if one.name}


def _question(one: Column, families: Mapping[str, Family], survey: Survey | None) -> Question:
    if one.is_own:
        group = "" if one.role else one.question
        return Question(bare(one.text), "", "meta", one.role or "other", group, one.labels)
    if survey is not None:
        has_ids = one.imported and survey.by_id
        known = survey.by_id.get(one.id) if has_ids else survey.questions.get(one.name)
        if known is not None:
            return _as_exported(known, one, survey)
    if not one.question:
        return Question(bare(one.text))
    return families[one.question].question(one)


def _wide(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * width][:width]


def _as_exported(known: Question, one: Column, survey: Survey) -> Question:
    """A question of the .qsf, with the labels that this export writes where it writes texts."""
    cells = set(one.cells)
    if known.labels and cells and not cells & set(known.labels):
        others = survey.others.get(one.id or survey.ids[one.name], ())
        written = (labels for labels in (known.labels, *others) if cells & set(labels.values()))
        labels = next(written, known.labels)
        unread = [labels[code] for code in labels if known.is_missing(code)]
        missing = (*known.missing, *((label, label) for label in unread))
        known = replace(known, labels=labels, missing=missing)
    if one.key and one.key["loop"]:
        loop = one.key["loop"][:-1]
        part = f"{loop}: {known.part}" if known.part else loop
        known = replace(known, part=part, group=f"{loop}_{known.group}" if known.group else "")
    return known
