"""Figures as files: SVG that stands alone, PNG whose letters keep their room, beside a page."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import matplotlib.image
import nbformat
import pytest
import test_figures
import test_figures_waves
from markupsafe import escape
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import cxkit as cx
from cxkit.errors import SurveyError
from cxkit.report import figures
from cxkit.report.beside.figure_files import figures as files_of
from cxkit.report.figures import artists, files
from cxkit.report.figures.drawing import ROLES, Drawing
from cxkit.report.figures.lettering import text_width
from cxkit.report.layout import Page
from cxkit.report.page import context_of
from cxkit.report.theme import theme_of
from cxkit.wording import Words

SVG = "{http://www.w3.org/2000/svg}"
PAPER = 16  # around a drawing, as the files say by their size
OWN = {"theme": {"light": {"good": "#006600", "paper": "#fffff0"}, "sans": ["Open Sans"]}}


def drawings(*, narrow: bool = False) -> dict[str, Drawing]:
    """Every figure once."""
    made = test_figures.everything(test_figures.Id, narrow=narrow)
    return {**made, **test_figures_waves.everything(test_figures.Id, narrow=narrow)}


def texts(file: str) -> list[str]:
    """The words of a file that are not the rim of other words."""
    root = ElementTree.fromstring(file)
    written = [one for one in root.iter(f"{SVG}text") if one.get("aria-hidden") is None]
    return ["".join(one.itertext()) for one in written]


class TestStandalone:
    """One file that needs no page around it."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_nothing_is_left_to_a_page(self, narrow: bool) -> None:
        """Colours resolved, size and font there, no reference, no script, no style sheet."""
        for name, drawing in drawings(narrow=narrow).items():
            file = figures.standalone(drawing, name)
            assert file.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns=')
            root = ElementTree.fromstring(file.encode())
            assert float(root.attrib["width"]) == drawing.width + 2 * PAPER
            assert float(root.attrib["height"]) == pytest.approx(drawing.height + 2 * PAPER)
            assert "Arial" in root.attrib["style"]
            for unwanted in ("var(", "href", "url(", "<style", "<script", "paint-order"):
                assert unwanted not in file, name
            assert set(re.findall(r"#[0-9a-f]{6}", file)) <= set(ROLES.values())

    def test_every_word_of_the_drawing_is_in_the_file(self) -> None:
        """Each once, as text; a rim is a copy that readers of a screen are not told of."""
        for name, drawing in drawings().items():
            words = [one.text for one in drawing.drawn if one.kind == "words"]
            assert sorted("".join(texts(figures.standalone(drawing, name)))) == sorted(
                "".join(words)
            )

    def test_title_and_description_are_those_of_the_drawing(self) -> None:
        drawing = figures.forest((), test_figures.regions(), words=test_figures.En)
        drawing.title = "Trust < hope &\x00 despair"
        root = ElementTree.fromstring(figures.standalone(drawing, "f 15"))
        title, said = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert said is not None
        assert title.text == "Trust < hope & despair"
        assert said.text == figures.alt("forest", (), test_figures.regions(), words=test_figures.En)
        assert root.attrib["aria-labelledby"].split() == [title.get("id"), said.get("id")]
        assert title.get("id", "").startswith("f-15-")

    def test_a_theme_gives_colours_paper_and_font(self) -> None:
        """The one asked for, or that of the study whose records were drawn."""
        theme = theme_of(OWN)
        drawing = figures.pyramid(*test_figures.two_waves(), words=test_figures.Id)
        themed = figures.standalone(drawing, "p", theme=theme)
        assert "#006600" in themed
        assert ROLES["good"] not in themed
        assert 'style="fill:#fffff0"' in themed
        assert "Open Sans" in themed
        of_study = figures.pyramid(*test_figures.two_waves(), words=Words("id", OWN))
        assert figures.standalone(of_study, "p") == themed

    def test_any_figure_can_stand_alone(self) -> None:
        figure = Figure()
        figure.subplots().plot([1, 2, 3], [2, 1, 3], marker="o")
        root = ElementTree.fromstring(figures.standalone(figure, "own"))
        assert (root.attrib["width"], root.attrib["height"]) == ("460.8", "345.6")


class TestPng:
    """A picture of the same marks."""

    def test_size_paper_and_marks(self) -> None:
        """Two pixels a unit; white paper around; the marks where the drawing has them."""
        drawing = Drawing(343)
        drawing.bar(100, 20, 200, 40, "good", name="one")
        drawing.finish(80)
        image = matplotlib.image.imread(io.BytesIO(figures.png(drawing)))
        assert image.shape[:2] == ((80 + 2 * PAPER) * 2, (343 + 2 * PAPER) * 2)
        is_blue = abs(image[:, :, :3] - [0x01 / 255, 0x73 / 255, 0xB2 / 255]).max(axis=2) < 0.01
        rows, columns = is_blue.any(axis=1).nonzero()[0], is_blue.any(axis=0).nonzero()[0]
        assert (rows.min(), rows.max()) == ((20 + PAPER) * 2, (40 + PAPER) * 2 - 1)
        assert (columns.min(), columns.max()) == ((100 + PAPER) * 2, (200 + PAPER) * 2 - 1)
        assert (image[0, 0, :3] == 1).all()

    @pytest.mark.parametrize("family", dict.fromkeys((artists._family(), "DejaVu Sans")))
    def test_no_word_is_wider_than_its_room(
        self, monkeypatch: pytest.MonkeyPatch, family: str
    ) -> None:
        """In the font of this system, and in the wide one that matplotlib brings."""
        monkeypatch.setattr(artists, "_family", lambda: family)
        for name in ("pyramid", "likert", "forest"):
            made = files._painted(drawings(narrow=True)[name], ROLES)
            canvas = FigureCanvasAgg(made)
            canvas.draw()
            for one in made.findobj(Text):
                room = text_width(one.get_text(), one.size, is_bold=one.get_weight() == "bold")
                wide = one.get_window_extent(canvas.get_renderer()).width
                assert wide <= room + 1, one.get_text()
                assert one.get_fontsize() > 0.75 * one.size

    def test_without_the_families_the_font_of_matplotlib_is_taken(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        artists._family.cache_clear()
        monkeypatch.setattr(artists, "FAMILIES", ("No such family",))
        try:
            assert artists._family() == "DejaVu Sans"
        finally:
            artists._family.cache_clear()

    def test_any_script_is_drawn_in_silence(self, recwarn: pytest.WarningsRecorder) -> None:
        words = Words("id", {"labels": {"level:trust": {"id": "\ua9a5\ua9bc\u4e2d\u6587"}}})
        assert figures.png(figures.pyramid([test_figures.score("level:trust", 50)], words=words))
        assert not recwarn.list

    def test_any_figure_becomes_a_picture(self) -> None:
        figure = Figure(figsize=(2, 1))
        image = matplotlib.image.imread(io.BytesIO(figures.png(figure, scale=1)))
        assert image.shape[:2] == (72, 144)


def test_two_processes_give_the_same_bytes() -> None:
    """Another hash seed changes nothing, in SVG or in PNG; no date and no version inside."""
    code = (
        "import hashlib, test_figures as t\n"
        "drawn = t.figures.pyramid(*t.two_waves(), words=t.Id, order=t.LEVELS)\n"
        "svg, png = t.figures.standalone(drawn, 'p').encode(), t.figures.png(drawn)\n"
        "assert b'Software' not in png and b'tEXtDate' not in png\n"
        "print(hashlib.sha256(svg).hexdigest(), hashlib.sha256(png).hexdigest())\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert len(said[0].split()) == 2


# -- beside a page -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def executed(survey: Any) -> Any:
    """A notebook that showed the pyramid and the statements of the demo."""
    shown = [cx.pyramid.findings(survey, is_tested=False), cx.items.findings(survey)]
    cells = [
        nbformat.v4.new_code_cell(
            "", outputs=[nbformat.v4.new_output("execute_result", one._repr_mimebundle_())]
        )
        for one in shown
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_each_figure_of_the_page_becomes_two_files(executed: Any) -> None:
    """Named by its anchor, in the folder of the language; the words are those of the page."""
    made = files_of(executed, "en")
    anchors = [f"-figures/en/{anchor}" for anchor in ("pyramid-f06", "items-answers")]
    assert list(made) == [f"{one}.{kind}" for one in anchors for kind in ("svg", "png")]
    page = Page(executed, Words("en", context_of(executed))).build()
    blocks = {
        block["id"]: block
        for section in page["sections"]
        for block in section["blocks"]
        if block["type"] == "figure"
    }
    for anchor in ("pyramid-f06", "items-answers"):
        file = made[f"-figures/en/{anchor}.svg"].decode()
        root = ElementTree.fromstring(file)
        assert root.findtext(f"{SVG}title") == blocks[anchor]["title"]
        assert root.findtext(f"{SVG}desc") == blocks[anchor]["alt"]
        on_page = ElementTree.fromstring(escape(blocks[anchor]["wide"]))
        assert texts(file) == ["".join(one.itertext()) for one in on_page.iter("text")]
        assert made[f"-figures/en/{anchor}.png"].startswith(b"\x89PNG")
    assert files_of(executed, "en") == made


def test_a_page_without_figures_has_no_files() -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Nothing\n\nto see")])
    assert files_of(nb, "id") == {}


# -- as a researcher calls them ----------------------------------------------------------------


@pytest.fixture(scope="module")
def survey() -> Any:
    return cx.load("demo")


class TestCalled:
    """With tables of a survey and nothing else."""

    def test_words_are_those_of_the_study(self, survey: Any) -> None:
        """The first language of the study, with its own names; the same as when they are given."""
        scores = cx.estimate(survey, "score_100", of="levels", by="wave")
        bare = figures.pyramid(scores)
        said = Words(survey.study.languages[0], survey.context())
        assert figures.svg(bare, "p") == figures.svg(
            figures.pyramid(scores.published(), words=said), "p"
        )
        assert bare.alt == figures.alt("pyramid", scores.published(), words=said)

    def test_records_may_come_in_any_order(self, survey: Any) -> None:
        changes = cx.compare(survey, "score_100", of="levels")
        scores = cx.estimate(survey, "score_100", of="levels", by="wave")
        one, other = figures.pyramid(scores, changes), figures.pyramid(changes, scores)
        assert figures.svg(one, "p") == figures.svg(other, "p")
        assert figures.svg(figures.forest(changes), "f") == figures.svg(
            figures.forest((), changes), "f"
        )

    def test_small_groups_are_hidden(self, survey: Any) -> None:
        """A table that is not published is drawn as it would be published."""
        small = cx.load("demo", min_base=100_000)
        drawing = figures.pyramid(cx.estimate(small, "score_100", of="levels", by="wave"))
        assert not any(one.name.startswith("tick.") for one in drawing.drawn)
        assert sum(one.text == "**" for one in drawing.drawn) == 5

    def test_groups_of_a_heat_map_are_those_of_the_records(self, survey: Any) -> None:
        scores = cx.estimate(survey.latest, "score_100", of="levels", by="region")
        drawing = figures.heat_map(scores)
        for region in survey.groups("region"):
            assert drawing.find(f"head.{region}").kind == "words"

    def test_a_notebook_gets_one_picture_with_its_sentence(self, survey: Any) -> None:
        """Escaped, for those who cannot see it; no second copy beside it."""
        drawing = figures.forest(cx.compare(survey, "nps", by="region"))
        shown = drawing._repr_html_()
        assert 'role="img"' in shown
        assert drawing.alt in shown
        assert repr(drawing) == f"Drawing({drawing.alt})"

    def test_a_finding_is_drawn_as_on_its_page(self, survey: Any) -> None:
        found = cx.items.findings(survey)
        (answers,) = [one for one in found if one.figure]
        drawing = figures.of_finding(answers, language="en")
        assert drawing.title
        assert "Strongly agree" in [one.text for one in drawing.drawn]
        with pytest.raises(SurveyError, match="has no figure"):
            figures.of_finding(next(one for one in cx.links.findings(survey) if not one.figure))

    def test_what_is_no_record_is_refused(self, survey: Any) -> None:
        scores = cx.estimate(survey, "score_100", of="levels")
        with pytest.raises(SurveyError, match=r"'pyramid' was given 'str' in a DataFrame"):
            figures.pyramid(scores.frame)
