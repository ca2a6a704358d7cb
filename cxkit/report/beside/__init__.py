"""What can stand beside a page: a workbook, data files, figures, a deck, a PDF.

Each is a function of an executed notebook and a language that gives the bytes of files, by the
end of their names after the report's stem. Nothing here computes from answers: what the page
publishes is all that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from cxkit.errors import CxkitError, StudyError, nearest

__all__ = ["FIGURES", "FORMS", "chosen", "ensure_possible", "made", "missing"]

FORMS = {
    "tables": "cxkit.report.beside.workbook.book",
    "data": "cxkit.report.beside.data_files",
    "figures": "cxkit.report.beside.figure_files",
    "pptx": "cxkit.report.beside.deck.story",
    "pdf": "cxkit.report.beside.pdf",
}
"""The modules of the forms: each has a function of the form's name; some say what they need."""

FIGURES = "-figures"
"""The end of the name of the folder that the figures of a report lie in."""

_OF_NO_LANGUAGE = ("data",)

Form = Callable[[Any, str], Mapping[str, bytes]]


def chosen(forms: str | Iterable[str] | None) -> tuple[str, ...]:
    """The forms that were asked for, each once and in the kit's order; StudyError for another.

    >>> chosen(["pdf", "tables", "pdf"])
    ('tables', 'pdf')
    """
    asked = [forms] if isinstance(forms, str) else list(forms or ())
    for form in asked:
        if form not in FORMS:
            raise StudyError(
                f"nothing called '{form}' can stand beside a page",
                where="beside",
                expected="some of " + ", ".join(FORMS),
                hint=nearest(form, FORMS),
            )
    return tuple(form for form in FORMS if form in asked)


def ensure_possible(forms: Iterable[str]) -> None:
    """What a form needs and this machine lacks, as an error that says what to install."""
    for error in missing(forms).values():
        raise error


def missing(forms: Iterable[str]) -> dict[str, CxkitError]:
    """The forms that cannot be made on this machine, each with the error that says why."""
    found = {}
    for form in forms:
        needs = getattr(import_module(FORMS[form]), "needs", None)
        try:
            if needs is not None:
                needs()
        except CxkitError as error:
            found[form] = error
    return found


def made(nb: Any, forms: Sequence[str], languages: Sequence[str]) -> dict[str, bytes]:
    """The files of some forms, by the end of their names.

    Parameters
    ----------
    nb : nbformat notebook
        Executed; its metadata hold the manifest.
    forms : sequence of str
        Some of `FORMS`.
    languages : sequence of str
        The languages of the pages. Data hold keys and no words: they are made once.
    """
    found: dict[str, bytes] = {}
    for form in forms:
        make: Form = getattr(import_module(FORMS[form]), form)
        for language in languages[:1] if form in _OF_NO_LANGUAGE else languages:
            found |= make(nb, language)
    return found
