"""Execute the kit's committed notebooks on the demo, in place: no diff if nothing changed."""

from __future__ import annotations

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

__all__ = ["main", "refresh"]


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
    of the file.
    """
    nb.metadata.pop("cxkit", None)
    for position, cell in enumerate(nb.cells, 1):
        cell["id"] = f"cell-{position:02d}"
        cell.metadata["tags"] = sorted({*cell.metadata.get("tags", ()), GUIDE})
        for output in cell.get("outputs", ()):
            for mime in (FINDING_MIME, RECORDS_MIME):
                output.get("data", {}).pop(mime, None)
    nb.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    nb.metadata["language_info"] = {"name": "python"}


def main() -> int:
    """Refresh every notebook of the kit."""
    for notebook in sorted(places.shared("notebooks").glob("*.ipynb")):
        changed = refresh(notebook)
        print(f"{'changed' if changed else 'as it was'}  {notebook.name}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
