"""The page: an executed notebook's findings, tables and prose, worded and laid out as one file.

Only JSON that cells showed is read here, so any executed notebook becomes a page in any
language without being run again. Everything printed is escaped by the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cxkit import places
from cxkit.records import RECORDS_MIME, SHELVES, to_json
from cxkit.report.finding import FINDING_MIME
from cxkit.report.layout import Page
from cxkit.report.shown import Shown
from cxkit.wording import Words

__all__ = ["context_of", "preview", "render", "report_json"]


_PAPER = "background:#fff;color:#15202b;padding:.75rem;max-width:54rem"
"""Drawings have the inks of a light page; in JupyterLab they bring their paper with them."""


def render(nb: Any, language: str) -> str:
    """The page of an executed notebook in one language, as HTML text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    templates = places.shared("templates") / "report"
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = Page(nb, Words(language, context_of(nb))).build()
    page["css"] = Markup((templates / "report.css").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(page=page)


def context_of(nb: Any) -> dict[str, Any]:
    """What the notebook's first finding or table says of its study, or nothing."""
    for data in _outputs(nb):
        for mime in (FINDING_MIME, RECORDS_MIME):
            if mime in data and data[mime].get("context"):
                return dict(data[mime]["context"])
    return {}


def report_json(nb: Any) -> dict[str, Any]:
    """The report as data: every published record once, and the findings that rest on them."""
    shelves: dict[str, list[Any]] = {"estimates": [], "comparisons": [], "fits": []}
    places_of: dict[str, dict[str, int]] = {shelf: {} for shelf in shelves}
    findings = []
    is_guide = bool(nb.metadata.get("cxkit", {}).get("guide"))
    for data in _outputs(nb):
        bundle = data.get(FINDING_MIME)
        if bundle is None and RECORDS_MIME in data and not is_guide:
            table = data[RECORDS_MIME]
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


def preview(bundle: Mapping[str, Any]) -> str:
    """Findings as JupyterLab shows them: sentence, drawing and table, in the study's language."""
    from markupsafe import escape

    words = Words(next(iter(bundle["context"].get("languages", ["en"]))), bundle["context"])
    parts = []
    for one in bundle["findings"]:
        shown = Shown(one, words)
        if shown.sentence:
            parts.append(f"<p><b>{escape(shown.sentence)}</b></p>")
        if one["figure"]:
            parts.append(shown.drawing(f"preview-{one['section']}-{one['key']}", narrow=False))
        elif one["table"]:
            parts.append(_plain_table(shown.table()))
    return f'<div style="{_PAPER}">{"".join(parts)}</div>'


def _plain_table(table: Mapping[str, Any]) -> str:
    from markupsafe import escape

    heads = "".join(f"<th>{escape(column['label'])}</th>" for column in table["columns"])
    rows = []
    for row in table["rows"]:
        texts = [
            " ".join(filter(None, (cell["text"] + cell["slot"], cell["small"])))
            for cell in row["cells"]
        ]
        cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        rows.append(f"<tr><th>{escape(row['head'])}</th>{cells}</tr>")
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _outputs(nb: Any) -> Iterator[dict[str, Any]]:
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if "data" in output:
                yield output["data"]


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
