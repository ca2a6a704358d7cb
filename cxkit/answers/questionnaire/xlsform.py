"""XLSForm: the questionnaire for KoboToolbox and ODK, as a workbook that pyxform accepts.

Questions are named by the study's columns and choices by their meaning, so an export of XML values
loads as it is. Groups are pages: leave group names out of the headers when exporting.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any as Anything

from cxkit import library
from cxkit.answers.questionnaire.conditions import All, Any, AtLeast, Blank, Condition, Is
from cxkit.answers.questionnaire.form import Asked, Choice, Column, Form, Page
from cxkit.answers.timeless import MADE, timeless
from cxkit.errors import Problem, StudyError
from cxkit.library import Text

__all__ = ["LABEL", "SUFFIX", "by_hand", "columns", "sheets", "written"]

LABEL = "XLSForm (KoboToolbox, ODK)"
SUFFIX = ".xlsx"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_METADATA = ("start", "end")
Row = dict[str, str]


def written(form: Form) -> dict[str, bytes]:
    """One workbook; the same form gives the same bytes."""
    return {"": _workbook(sheets(form), form)}


def by_hand(form: Form) -> list[str]:
    """XLSForm shuffles choices only, never questions or pages."""
    turning = [page.title["en" if "en" in page.title else form.languages[0]]
               for _, pages in form.rotations() for page in pages]  # fmt: skip
    told = []
    if turning:
        told.append("XLSForm cannot shuffle pages: these keep their order: " + ", ".join(turning))
    shuffled = [page for page in form.pages if page.is_shuffled]
    if shuffled:
        told.append("nor the questions of a page: " + _listed(shuffled))
    told.append("export XML values and headers, without group names")
    return told


def columns(form: Form) -> tuple[Column, ...]:
    """The columns of an export of values, as KoboToolbox and ODK write them.

    A question with several choices is one column of names parted by blanks, followed by a column
    of 1 and 0 for each choice.
    """
    found: list[Column] = []
    for one in form.questions:
        codes = {choice.value: choice.value for choice in one.choices}
        labels = {choice.value: choice.label for choice in one.choices}
        found.append(Column(one.column, one.text, codes, labels, question=one))
        for choice in one.choices if one.kind == "several" else ():
            text = {lang: f"{words}/{choice.label[lang]}" for lang, words in one.text.items()}
            name = f"{one.column}/{choice.value}"
            found.append(Column(name, text, {"yes": "1", "no": "0"}, {}, choice.value, one))
    fixed = [Column(name, {}, {value: value}) for name, value in form.fixed.items()]
    return (*fixed, *found)


def sheets(form: Form) -> dict[str, list[Row]]:
    """The rows of each sheet.

    Raises
    ------
    StudyError
        If a column or an answer has a name that XLSForm cannot have, or a text holds `${`.
    """
    slips = [*_bad_names(form), *_bad_texts(form)]
    if slips:
        raise StudyError.of(slips)
    lists = _lists(form)
    main = form.languages[0]
    settings = {"form_title": form.title[main], "form_id": form.study, "version": form.stamp}
    settings |= {"style": "pages", "default_language": _language(main)}
    choices = [
        {"list_name": name, "name": choice.value, **_in("label", choice.label)}
        for offered, name in lists.items()
        for choice in offered
    ]
    about = [{"about": line} for line in (form.provenance, *by_hand(form))]
    survey = list(_survey(form, lists))
    return {"survey": survey, "choices": choices, "settings": [settings], "about": about}


def _survey(form: Form, lists: Mapping[tuple[Choice, ...], str]) -> Iterator[Row]:
    for name in _METADATA:
        yield {"type": name, "name": name}
    for column, value in form.fixed.items():
        yield {"type": "calculate", "name": column, "calculation": f"'{value}'"}
    yield from _note("consent", form.consent)
    for page in form.pages:
        yield from _page(form, page, lists)
    yield from _note("thanks", form.end)


def _note(name: str, text: Text) -> Iterator[Row]:
    """A page with words only."""
    yield {"type": "begin_group", "name": f"page_{name}", "appearance": "field-list"}
    yield {"type": "note", "name": f"note_{name}", **_in("label", text)}
    yield {"type": "end_group", "name": f"page_{name}"}


def _page(form: Form, page: Page, lists: Mapping[tuple[Choice, ...], str]) -> Iterator[Row]:
    group = {"type": "begin_group", "name": f"page_{page.key}", "appearance": "field-list"}
    yield group | _relevant(form, page.when)
    if page.intro:
        yield {"type": "note", "name": f"note_{page.key}", **_in("label", page.intro)}
    for one in page.questions:
        own = {} if one.when == page.when else _relevant(form, one.when)
        yield _question(one, lists) | own
    yield {"type": "end_group", "name": f"page_{page.key}"}


def _question(one: Asked, lists: Mapping[tuple[Choice, ...], str]) -> Row:
    kind = {"open": "text", "amount": "integer"}.get(one.kind)
    kind = kind or f"select_{'multiple' if one.kind == 'several' else 'one'} {lists[one.choices]}"
    row = {"type": kind, "name": one.column, **_in("label", one.text), **_in("hint", one.hint)}
    if one.kind == "open":
        row["appearance"] = "multiline"
    if one.kind == "amount":
        row["constraint"] = ". >= 0"
    if one.is_required:
        row["required"] = "yes"
    if one.alone:
        some = " or ".join(f"selected(., '{value}')" for value in one.alone)
        row["constraint"] = f"not(({some}) and count-selected(.) > 1)"
    return row


def _relevant(form: Form, when: Condition | None) -> Row:
    return {"relevant": xpath(form, when)} if when is not None else {}


def xpath(form: Form, when: Condition) -> str:
    """A condition as XLSForm writes it."""
    if isinstance(when, All | Any):
        parts = [
            xpath(form, part) if isinstance(part, Is | Blank) else f"({xpath(form, part)})"
            for part in when.parts
        ]
        word = " and " if isinstance(when, All) else " or "
        return word.join(parts)
    asked = form.question(when.question)
    name = f"${{{asked.column}}}"
    if isinstance(when, Blank):
        return f"{name} = ''"
    if isinstance(when, AtLeast):
        beside = "".join(f" and not(selected({name}, '{value}'))" for value in when.beside)
        return f"count-selected({name}) >= {when.n}{beside}"
    if asked.kind == "several":
        return f"selected({name}, '{when.value}')"
    return f"{name} = '{when.value}'"


def _lists(form: Form) -> dict[tuple[Choice, ...], str]:
    """The different lists of answers, each with a name: that of its scale or first question."""
    names: dict[tuple[Choice, ...], str] = {}
    for one in form.questions:
        if one.choices and one.choices not in names:
            stem = one.scale or one.key
            alike = sum(name == stem or name.startswith(f"{stem}_v") for name in names.values())
            names[one.choices] = f"{stem}_v{alike + 1}" if alike else stem
    return names


def _in(word: str, text: Text) -> Row:
    return {f"{word}::{_language(lang)}": words for lang, words in text.items()}


def _language(code: str) -> str:
    """A language as XLSForm calls it: "Indonesia (id)"."""
    name = str(library.locale(code)["name"]).removeprefix("Bahasa ")
    return f"{name} ({code})"


def _bad_names(form: Form) -> Iterator[Problem]:
    names = [*_METADATA, *form.fixed, *(one.column for one in form.questions)]
    for name in dict.fromkeys(names):
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            what = "is taken" if _NAME.fullmatch(name) else "cannot name a question of an XLSForm"
            yield Problem(
                "bad_name",
                f"the column '{name}' {what}",
                column=name,
                expected="a name of its own of letters, digits, _ . and -, a letter or _ first",
                hint="name another column in the study",
            )
    for one in form.questions:
        bad = [c.value for c in one.choices if not re.fullmatch(r"[^\s']+", c.value)]
        if bad:
            yield Problem(
                "bad_name",
                f"the answers of '{one.column}' cannot name choices of an XLSForm",
                column=one.column,
                examples=tuple(bad[:5]),
                expected="values without blanks and apostrophes",
            )


def _bad_texts(form: Form) -> Iterator[Problem]:
    texts = [one.text for one in form.questions] + [page.intro for page in form.pages]
    if any("${" in words for text in texts for words in text.values()):
        yield Problem(
            "bad_text",
            "a text holds '${', which XLSForm reads as a reference to a question",
            expected="texts, and a brand, without '${'",
        )


def _listed(pages: Iterable[Page]) -> str:
    return "; ".join(", ".join(one.column for one in page.questions) for page in pages)


# -- the workbook --------------------------------------------------------------------------------


def _workbook(content: Mapping[str, list[Row]], form: Form) -> bytes:
    import datetime as dt

    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = f"cxkit {form.version}"
    book.properties.description = form.provenance
    book.properties.created = dt.datetime(*MADE)
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        head = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(head)
        for row in rows:
            sheet.append([row.get(key) for key in head])
        for cells in sheet.iter_rows():
            for cell in cells:
                _as_text(cell)
    made = io.BytesIO()
    book.save(made)
    return timeless(made.getvalue())


def _as_text(cell: Anything) -> None:
    """A cell as text: a text that begins with = is no formula."""
    if isinstance(cell.value, str):
        cell.data_type = "s"
