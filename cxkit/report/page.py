"""The page: an executed notebook's findings, tables and prose, worded and laid out as one file.

Only JSON that cells showed is read here, so any executed notebook becomes a page in any
language without being run again. Everything printed is escaped by the template.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from cxkit import display, places
from cxkit.library import inconsistencies, languages
from cxkit.records import RECORDS_MIME, SHELVES, to_json
from cxkit.report.board import board
from cxkit.report.finding import FINDING_MIME
from cxkit.report.layout import Page, is_guide
from cxkit.report.shown import Shown
from cxkit.report.stems import BOARD
from cxkit.report.template import environment, filled
from cxkit.report.theme import theme_of
from cxkit.wording import Words

__all__ = ["FOLDED", "context_of", "preview", "render", "report_json", "warm"]


def render(nb: Any, language: str) -> str:
    """The page of an executed notebook in one language, as HTML text."""
    context = context_of(nb)
    words, theme = Words(language, context), theme_of(context)
    page = Page(nb, words).build()
    if context.get("depth") == BOARD:
        page = board(page, words, str(nb.metadata.get("title") or ""))
        return filled("board.html.j2", ("report.css", "board.css"), page, theme)
    return filled("page.html.j2", ("report.css",), page, theme)


def warm() -> None:
    """Make ready what every page needs, so that the first takes no longer than the next.

    Imports, compiled templates, the words and numerals of each language. Nothing is drawn and no
    setting is touched, so that a thread may do it while the main one runs a notebook; what is
    made ready is what `render` would make, and changes no page.
    """
    from jinja2 import TemplateError

    from cxkit.report import figures  # noqa: F401

    compiled = environment(places.shared("templates") / "report")
    for template in compiled.list_templates(extensions=("j2",)):
        with contextlib.suppress(TemplateError):  # a report that needs it says so
            compiled.get_template(template)
    inconsistencies()
    for language in languages():
        words = Words(language, {})
        words.plural("respondents", 2000)
        words.wave("2026-11")


def context_of(nb: Any) -> dict[str, Any]:
    """What the notebook's first finding or table says of its study, or nothing."""
    for _, data in _outputs(nb):
        for mime in (FINDING_MIME, RECORDS_MIME):
            if mime in data and data[mime].get("context"):
                return dict(data[mime]["context"])
    return {}


def report_json(nb: Any) -> dict[str, Any]:
    """The report as data: every published record once, and the findings that rest on them."""
    shelves: dict[str, list[Any]] = {"estimates": [], "comparisons": [], "fits": []}
    places_of: dict[str, dict[str, int]] = {shelf: {} for shelf in shelves}
    findings = []
    for cell, data in _outputs(nb):
        bundle = data.get(FINDING_MIME)
        if bundle is None and RECORDS_MIME in data and not is_guide(cell):
            table = data[RECORDS_MIME]
            _shelve(shelves, places_of, "estimates", table.get("estimates", []))
            _shelve(shelves, places_of, table["kind"], table["rows"])
        for one in bundle["findings"] if bundle else ():
            records = {
                shelf: _shelve(shelves, places_of, shelf, rows)
                for shelf, rows in one["records"].items()
            }
            findings.append(
                {
                    "key": one["key"],
                    "variant": one["variant"],
                    "slots": one["slots"],
                    "records": records,
                }
            )
    made = nb.metadata.get("cxkit", {})
    return {
        "schema": "cxkit.report/1",
        "study": context_of(nb).get("key"),
        "notebook": made.get("notebook"),
        "parameters": made.get("parameters", {}),
        **shelves,
        "findings": findings,
        "manifest": made.get("manifest", {}),
    }


FOLDED = '<details class="cx-folded">'
"""How a table begins that stands folded on the page, and so in JupyterLab."""


def preview(bundle: Mapping[str, Any], language: str | None = None, *, key: str = "preview") -> str:
    """Findings as JupyterLab shows them: sentence, drawing or table, notes; in one language.

    The study's first language by default; `key` begins the ids of drawings.
    """
    first = next(iter(bundle["context"].get("languages", ["en"])))
    words = Words(language or first, bundle["context"])
    shown = (Shown(one, words) for one in bundle["findings"])
    return display.box(*(part for one in shown for part in _previewed(one, key)))


def _previewed(shown: Shown, key: str) -> Iterator[str]:
    from markupsafe import escape

    finding = shown.finding
    title = shown.title if finding["figure"] or finding["table"] else ""
    if title and (why := shown.blank):
        said = shown.sentence or shown.words.note(f"note_unseen_{why}", list=title)
        yield f"<p>{escape(said)}</p>"
        return
    if shown.sentence != title:
        yield f"<p>{escape(shown.sentence)}</p>"
    if finding["figure"]:
        drawing = shown.drawing(f"{key}-{finding['section']}-{finding['key']}", "wide")
        yield f"<p><b>{escape(title)}</b></p>"
        yield f'<div class="drawing" role="img" aria-label="{escape(shown.alt())}">{drawing}</div>'
    elif finding["table"] and shown.options.get("fold"):
        told = [_plain_table(shown.table(), title), *map(display.note, shown.notes())]
        yield f"{FOLDED}<summary>{escape(title)}</summary>{''.join(told)}</details>"
        return
    elif finding["table"]:
        yield _plain_table(shown.table(), title)
    yield from map(display.note, shown.notes())


def _plain_table(table: Mapping[str, Any], caption: str) -> str:
    """A table of the page in the words that a notebook shows: no rails, the quiet line beside."""
    kept = [i for i, column in enumerate(table["columns"]) if column["align"] != "mark"]
    columns = [table["columns"][i] for i in kept]
    rows = []
    for row in table["rows"]:
        head = (row["head"], row["small"]) if row["small"] else row["head"]
        texts = [head, *map(_plain_cell, row["cells"])]
        rows.append([texts[i] for i in kept])
    left = [one["label"] for one in columns if one["align"] == "left"]
    heads = [f"{one.get('letter', '')} {one['label']}".strip() for one in columns]
    return display.table(heads, rows, caption=caption, words=left)


def _plain_cell(cell: Mapping[str, Any]) -> tuple[str, str] | str:
    parts = (cell.get("sign"), cell["text"] + cell["slot"], cell.get("letters"))
    text = " ".join(filter(None, parts))
    return (text, cell["small"]) if cell["small"] else text


def _outputs(nb: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if "data" in output:
                yield cell, output["data"]


def _shelve(
    shelves: dict[str, list[Any]],
    places_of: dict[str, dict[str, int]],
    shelf: str,
    rows: list[Any],
) -> list[int]:
    """Put records on their shelf once each, in full; their positions there."""
    positions = []
    for record in SHELVES[shelf].from_rows(rows, is_published=True):
        row = to_json(record.to_dict())
        known = places_of[shelf]
        key = repr(sorted(row.items()))
        if key not in known:
            known[key] = len(shelves[shelf])
            shelves[shelf].append(row)
        positions.append(known[key])
    return positions
