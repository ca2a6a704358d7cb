"""The page of a notebook as JupyterLab and nbconvert export it: *Save and Export Notebook As*.

An exporter a language, named in `pyproject.toml` under `nbconvert.exporters`. JupyterLab prints
the name of the entry point in its menu and lets it hold nothing but letters, digits and `_`.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException
from traitlets import default

from cxkit.errors import CxkitError

__all__ = ["EnglishPage", "IndonesianPage", "Page"]


class Page(Exporter):
    """The page of an executed notebook in one language, as `cxkit render` makes it."""

    language: str
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # text, as those of all its exporters
        self, nb: Any, resources: Any | None = None, **kw: Any
    ) -> tuple[str, Any]:
        """The page, and the resources of nbconvert.

        Raises
        ------
        ConversionException
            If no cell shows a finding or a table of cxkit, or the page cannot be made; JupyterLab
            and nbconvert show its words.
        """
        from cxkit.report import page
        from cxkit.report.job import refuse_without_findings

        nb, resources = super().from_notebook_node(nb, resources, **kw)
        name = resources.get("metadata", {}).get("name") or "notebook"
        try:
            refuse_without_findings(nb, f"{name}.ipynb")
            return page.render(nb, self.language), resources
        except CxkitError as error:
            told = {"expected": error.expected, "try": error.hint}
            more = [f"{part}: {text}" for part, text in told.items() if text]
            raise ConversionException("; ".join([error.message, *more])) from error


class IndonesianPage(Page):
    """The page in Indonesian."""

    language = "id"
    export_from_notebook = "CX report (Bahasa Indonesia)"


class EnglishPage(Page):
    """The page in English."""

    language = "en"
    export_from_notebook = "CX report (English)"
