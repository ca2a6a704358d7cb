"""The PDF beside a page: the page itself as a browser prints it, tagged and with bookmarks."""

from __future__ import annotations

import re
from typing import Any

from cxkit.report.beside.browser import browser, printed_page
from cxkit.report.beside.dates import made_on

__all__ = ["needs", "pdf"]

_FOLDED = '<details class="appendix"'
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}[+-]\d{2}'\d{2}'\)")
_ID = re.compile(rb"/ID \[<[0-9A-Fa-f]{32}> ?<[0-9A-Fa-f]{32}>\]")


def needs() -> None:
    """StudyError that says what to install, where no browser is found."""
    browser()


def pdf(nb: Any, language: str) -> dict[str, bytes]:
    """The page of an executed notebook in one language, as a PDF.

    Parameters
    ----------
    nb : nbformat notebook
        Executed; nothing is computed from answers.
    language : str
        A key of `library/locales`.

    Returns
    -------
    dict of bytes
        One file, by the end of its name: `.{language}.pdf`. On one machine, with one browser and
        the same fonts, the same notebook gives the same bytes.

    Raises
    ------
    StudyError
        If no browser is found.
    ReportError
        If the browser fails, or does not end in time.

    Notes
    -----
    Appendices are printed open. The date is that of SOURCE_DATE_EPOCH, or the last day of
    fieldwork.
    """
    from cxkit.report.page import context_of, render

    html = render(nb, language).replace(_FOLDED, _FOLDED.replace("details", "details open"))
    date = made_on(context_of(nb)).strftime("%Y%m%d%H%M%S").encode()
    return {f".{language}.pdf": _settled(printed_page(html), date)}


def _settled(content: bytes, date: bytes) -> bytes:
    """The file without the clock: what is put in is as long as what it replaces, so that every
    place that the file's own index names stays where it is.

    >>> _settled(b"/ModDate (D:20261122133454+00'00')", b"20260320000000")
    b"/ModDate (D:20260320000000+00'00')"
    """
    content = _DATE.sub(lambda found: b"/%b (D:%b+00'00')" % (found[1], date), content)
    return _ID.sub(lambda found: re.sub(rb"[0-9A-Fa-f]{32}", b"0" * 32, found[0]), content)
