"""Execute the kit's committed notebooks on the demo, in place: no diff if nothing changed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from cxkit import places
from cxkit.files import write_atomically
from cxkit.records import RECORDS_MIME
from cxkit.report import provenance
from cxkit.report.execution import execute
from cxkit.report.finding import FINDING_MIME
from cxkit.report.layout import GUIDE
from cxkit.report.page import FOLDED

__all__ = ["main", "refresh"]


_CHECKED = "# NBVAL_CHECK_OUTPUT"
"""What marks a cell whose outputs are compared, as they are."""
_STYLE = re.compile("<style>.*?</style>", re.DOTALL)
_FOLDED = re.compile(re.escape(FOLDED) + ".*?</details>", re.DOTALL)


def refresh(notebook: Path) -> bool:
    """Execute one notebook as it stands and write it back; whether anything changed."""
    import nbformat

    before = notebook.read_text(encoding="utf-8")
    executed = execute(notebook, {}, places.find_study("demo"))
    provenance.strip(executed, notebook.stem)
    _settle(executed)
    after = nbformat.writes(executed) + "\n"
    if after != before:
        write_atomically(notebook, after)
    return after != before


def _settle(nb: Any) -> None:
    """Ids from positions, every cell tagged as the kit's, nothing of this machine.

    A committed notebook is for people: what only the page reads stays out, or it would be most
    of the file, and so do tables that stand folded; the style that all share stands once.
    """
    nb.metadata.pop("cxkit", None)
    seen: set[str] = set()
    for position, cell in enumerate(nb.cells, 1):
        cell["id"] = f"cell-{position:02d}"
        cell.metadata["tags"] = sorted({*cell.metadata.get("tags", ()), GUIDE})
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            for mime in (FINDING_MIME, RECORDS_MIME):
                data.pop(mime, None)
            if "text/html" in data and _CHECKED not in cell.source:
                data["text/html"] = _once(_FOLDED.sub("", data["text/html"]), seen)
    nb.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    nb.metadata["language_info"] = {"name": "python"}


def _once(html: str, seen: set[str]) -> str:
    """A piece of HTML without the style sheets that an output before it has brought."""
    for style in _STYLE.findall(html):
        html = html.replace(style, "") if style in seen else html
        seen.add(style)
    return html


def main() -> int:
    """Refresh every notebook of the kit."""
    for notebook in sorted(places.shared("notebooks").glob("*.ipynb")):
        changed = refresh(notebook)
        print(f"{'changed' if changed else 'as it was'}  {notebook.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
