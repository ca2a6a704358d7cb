"""The page as JupyterLab and nbconvert export it, under the names of the kit's entry points."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.utils.exceptions import ConversionException

import cxkit as cx
from cxkit.lab.exporter import EnglishPage, IndonesianPage, Page
from cxkit.library import languages, locale
from cxkit.places import shared
from cxkit.report import page

PROJECT = Path(__file__).resolve().parent.parent
NAMED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
ENTRIES = NAMED["project"].get("entry-points", {}).get("nbconvert.exporters", {})


def executed() -> Any:
    """A notebook of the kit as JupyterLab leaves it, with words and a finding of a researcher's."""
    new, survey = nbformat.v4, cx.load("demo", wave="2026H1")
    trust = cx.estimate(survey, "score_100", of="level:trust")
    own = cx.finding("trust", trust, say={"en": "Trust: {est}.", "id": "Kepercayaan: {est}."})
    shown = [
        new.new_output("execute_result", data=one._repr_mimebundle_(), execution_count=1)
        for one in (cx.pyramid.findings(survey, is_tested=False), own)
    ]
    guide = {"tags": ["guide"]}
    return new.new_notebook(
        cells=[
            new.new_markdown_cell("# The pyramid\n\nTo the analyst.", metadata=guide),
            new.new_code_cell("kits", outputs=[shown[0]], execution_count=1, metadata=guide),
            new.new_markdown_cell("## Words of my own?\n\nAs I wrote them."),
            new.new_code_cell("own", outputs=[shown[1]], execution_count=2),
        ]
    )


def test_every_language_of_the_kit_has_an_exporter_that_is_named_after_it() -> None:
    """JupyterLab prints the name of the entry point, and takes nothing but letters and `_`."""
    names = {one: f"CX_report_{locale(one)['name'].replace(' ', '_')}" for one in languages()}
    assert set(ENTRIES) == set(names.values())
    for language, name in names.items():
        exporter = EntryPoint(name, ENTRIES[name], "nbconvert.exporters").load()
        assert (issubclass(exporter, Page), exporter.language) == (True, language)
        assert exporter.export_from_notebook == f"CX report ({locale(language)['name']})"
        assert name.isidentifier()


@pytest.mark.parametrize("exporter", [IndonesianPage, EnglishPage])
def test_the_page_is_that_of_render(exporter: type[Page]) -> None:
    nb = executed()
    text, resources = exporter().from_notebook_node(nb)
    assert text == page.render(nb, exporter.language)
    assert resources["output_extension"] == ".html"
    assert exporter.output_mimetype == "text/html"
    assert "As I wrote them." in text
    assert "To the analyst." not in text


def test_a_notebook_without_findings_is_refused_in_one_line_of_words() -> None:
    """One of the kit as it is committed: what the page reads is not in it until it is run."""
    with pytest.raises(ConversionException) as refused:
        EnglishPage().from_filename(str(shared("notebooks") / "30_pyramid.ipynb"))
    said = str(refused.value)
    assert said.startswith("'30_pyramid.ipynb' holds no finding of cxkit; expected: ")
    assert "try: execute it" in said
    assert "\n" not in said
