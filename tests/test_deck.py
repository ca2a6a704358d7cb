"""The deck beside the page: every slide says its base, every chart is native and published."""

from __future__ import annotations

import copy
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest
from lxml import etree

from cxkit.errors import StudyError
from cxkit.records import Estimates
from cxkit.report.beside.deck import story as deck
from cxkit.report.beside.deck.charts.chart_xml import number_format
from cxkit.report.beside.deck.fitting import LEADING, fitted, n_lines
from cxkit.report.finding import FINDING_MIME
from cxkit.report.layout import Page
from cxkit.report.page import context_of, report_json
from cxkit.wording import Words

pptx = pytest.importorskip("pptx", reason="python-pptx is not installed")

LANGUAGES = ("id", "en")
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DECIMALS = 8
POINT = 12700
HOSTILE = '=HYPERLINK("http://x.test","a")\x07\u202e<b>&amp;' + "Wilayah yang panjang sekali " * 8
"""A label as nobody should write it: a formula, steering characters, markup, no end."""


@pytest.fixture(scope="module")
def notebook(demo_report: Path) -> Any:
    (file,) = demo_report.glob("*.ipynb")
    return nbformat.read(file, as_version=4)


@pytest.fixture(scope="module")
def decks(notebook: Any) -> dict[str, bytes]:
    return {language: deck.pptx(notebook, language)[f".{language}.pptx"] for language in LANGUAGES}


@pytest.fixture(scope="module")
def slides(decks: dict[str, bytes]) -> dict[str, list[Any]]:
    return {language: opened(content) for language, content in decks.items()}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


def opened(content: bytes) -> list[Any]:
    return list(pptx.Presentation(io.BytesIO(content)).slides)


def charts(slides: list[Any]) -> Iterator[Any]:
    """The graphic frames that hold a chart."""
    return (shape for slide in slides for shape in slide.shapes if shape.has_chart)


def tables(slides: list[Any]) -> Iterator[Any]:
    return (shape.table for slide in slides for shape in slide.shapes if shape.has_table)


def words_of(slide: Any) -> str:
    parts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            parts += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return " ".join(parts)


def spoken(slide: Any) -> str:
    return slide.notes_slide.notes_text_frame.text


def numbers(chart: Any) -> list[float]:
    """The numbers of a chart's series, of both axes where it has two."""
    found = []
    for tag in ("val", "xVal", "yVal"):
        for cached in chart._chartSpace.iter(f"{C}{tag}"):
            found += [float(one.text) for one in cached.iter(f"{C}v")]
    return found


def published(notebook: Any) -> set[float]:
    """Every published number, as a chart keeps it; differences of shares in points."""
    report = report_json(notebook)
    found = set()
    for shelf, fields in (("estimates", ("estimate", "ci_low", "ci_high")),
                          ("comparisons", ("difference", "ci_low", "ci_high"))):  # fmt: skip
        for row in report[shelf]:
            for field in fields:
                if row[field] is not None:
                    scale = 100 if shelf == "comparisons" and row["unit"] == "share" else 1
                    found.add(round(row[field] * scale, DECIMALS))
    return found


def book_of(chart: Any) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))


# -- what every slide has --------------------------------------------------------------------------


def test_the_deck_has_a_slide_a_finding(slides, notebook, language) -> None:
    """Opening, answers and method, and between them each figure and table that stands open."""
    words = Words(language, context_of(notebook))
    page = Page(notebook, words).build()
    titles = [slide.shapes.title.text_frame.text for slide in slides[language]]
    assert titles[0] == page["h1"]
    assert titles[1] == page["sections"][0]["question"]
    assert titles[-1] == page["sections"][-1]["question"]
    blocks = [block for section in page["sections"] for block in section["blocks"]]
    told = [block for block in blocks if block["type"] in ("figure", "table")]
    assert len(told) > 10
    for block in told:
        assert any(title.startswith(block["title"]) for title in titles), block["title"]
    assert len(titles) == len(set(titles))


def test_every_slide_says_its_base_and_its_number(slides, language) -> None:
    for number, slide in enumerate(slides[language], 1):
        said = words_of(slide)
        assert slide.shapes.title.text_frame.text.strip()
        assert {"id": "1.204 responden", "en": "1,204 respondents"}[language] in said
        (field,) = slide.shapes._spTree.iter(f"{A}fld")
        assert (field.get("type"), field.findtext(f"{A}t")) == ("slidenum", str(number))


def test_findings_say_the_base_of_their_own_numbers(slides, language) -> None:
    own = [slide for slide in slides[language] if any(shape.has_chart for shape in slide.shapes)]
    assert own
    for slide in own:
        assert "n\u00a0=\u00a0" in words_of(slide)


def test_the_title_is_read_first_and_the_number_last(slides, language) -> None:
    """The kicker stands above the title; what it numbers is read before all that proves it."""
    for slide in slides[language]:
        kinds = [shape.placeholder_format.idx if shape.is_placeholder else -1
                 for shape in slide.shapes]  # fmt: skip
        assert kinds.index(0) < 2
        assert kinds[-2:] == [11, 12]


def test_simulated_answers_are_called_so_on_every_slide(slides, language) -> None:
    said = {"id": "Data simulasi", "en": "Simulated data"}[language]
    assert all(said in words_of(slide) for slide in slides[language])


def test_the_speaker_is_told_where_the_proof_stands(slides, notebook, language) -> None:
    proof = {"id": "Bukti: ", "en": "Proof: "}[language]
    charted = [one for one in slides[language] if any(shape.has_chart for shape in one.shapes)]
    assert all(proof in spoken(slide) for slide in charted)


def test_every_chart_and_table_has_words_that_stand_for_it(slides, language) -> None:
    for slide in slides[language]:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                alt = shape._element._nvXxPr.cNvPr.get("descr")
                assert len(alt) > 10, shape.name


def test_a_figure_alone_on_its_slide_has_the_alt_sentence_of_the_page(slides, notebook) -> None:
    page = Page(notebook, Words("id", context_of(notebook))).build()
    alts = [block["alt"] for section in page["sections"] for block in section["blocks"]
            if block["type"] == "figure"]  # fmt: skip
    shown = {shape._element._nvXxPr.cNvPr.get("descr") for shape in charts(slides["id"])}
    assert len(shown & set(alts)) >= 3


def test_the_language_is_stated(slides, language) -> None:
    culture = {"id": "id-ID", "en": "en-US"}[language]
    stated = {one.get("lang") for slide in slides[language]
              for one in slide.shapes._spTree.iter(f"{A}rPr")}  # fmt: skip
    assert stated == {culture}


# -- numbers ---------------------------------------------------------------------------------------


def test_every_number_of_a_chart_is_published(slides, notebook, language) -> None:
    known = published(notebook)
    found = [one for chart in charts(slides[language]) for one in numbers(chart.chart)]
    assert len(found) > 100
    assert [one for one in found if one not in known] == []


def test_the_workbook_behind_a_chart_holds_its_numbers(slides, notebook, language) -> None:
    """All that is a number there is published, the chart's own among them; lengths are formulas."""
    known = published(notebook)
    for shape in charts(slides[language]):
        sheet = book_of(shape.chart).active
        cells = [cell.value for row in sheet.iter_rows() for cell in row]
        held = {one for one in cells if isinstance(one, (int, float))}
        assert set(numbers(shape.chart)) <= held <= known
        formulas = [one for one in cells if isinstance(one, str) and one.startswith("=")]
        assert all(set(one) <= set("=-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for one in formulas)


def test_a_chart_points_at_the_cells_that_hold_its_numbers(slides) -> None:
    """Opening "Edit data" in PowerPoint changes nothing: cache and workbook agree, cell by cell."""
    n = 0
    for shape in charts(slides["id"]):
        sheet = book_of(shape.chart).active
        computed = {"val", "xVal", "yVal"}
        for part in shape.chart._chartSpace.iter():
            if part.tag not in {f"{C}{tag}" for tag in computed}:
                continue
            ref = part.find(f"{C}numRef")
            place = ref.findtext(f"{C}f").partition("!")[2].replace("$", "")
            cells = sheet[place]
            column = [cells] if not isinstance(cells, tuple) else [row[0] for row in cells]
            cached = {
                int(one.get("idx")): float(one.findtext(f"{C}v")) for one in ref.iter(f"{C}pt")
            }
            assert {
                k: cell.value for k, cell in enumerate(column) if cell.value is not None
            } == cached
            n += len(cached)
    assert n > 100


def test_intervals_are_those_of_the_records(slides, notebook) -> None:
    """A bar of error reaches from the number to the ends that are published with it."""
    known = {
        round(one["estimate"], DECIMALS): (one["ci_low"], one["ci_high"])
        for one in report_json(notebook)["estimates"]
        if one["estimate"] is not None and one["ci_low"] is not None
    }
    n = 0
    for shape in charts(slides["id"]):
        for series in shape.chart._chartSpace.iter(f"{C}ser"):
            values, bars = series.find(f"{C}val"), series.find(f"{C}errBars")
            if values is None or bars is None:
                continue
            ends = [{int(one.get("idx")): float(one.findtext(f"{C}v"))
                     for one in bars.find(f"{C}{side}").iter(f"{C}pt")}
                    for side in ("minus", "plus")]  # fmt: skip
            for one in values.iter(f"{C}pt"):
                k, value = int(one.get("idx")), float(one.findtext(f"{C}v"))
                if value in known and k in ends[0]:
                    low, high = known[value]
                    assert value - ends[0][k] == pytest.approx(low, abs=1e-7)
                    assert value + ends[1][k] == pytest.approx(high, abs=1e-7)
                    n += 1
    assert n > 30


def test_tables_print_what_the_page_prints(slides, notebook, language) -> None:
    page = Page(notebook, Words(language, context_of(notebook))).build()
    printed = {
        cell["text"] + cell["slot"]
        for section in page["sections"]
        for block in section["blocks"]
        if block.get("table")
        for row in block["table"]["rows"]
        for cell in row["cells"]
    }
    (scorecard,) = [
        table for table in tables(slides[language])
        if table.cell(0, 0).text_frame.text in ("Ukuran", "Measure") and len(table.columns) == 5
        and len(table.rows) == 9
    ]  # fmt: skip
    values = [row.cells[1].text_frame.text.split("\u00a0")[0] for row in list(scorecard.rows)[1:]]
    assert len(values) == 8
    assert set(values) <= printed


def test_no_table_stands_on_the_note_at_the_foot(slides, language) -> None:
    n = 0
    for slide in slides[language]:
        places = slide.slide_layout.placeholders
        (at,) = [one.placeholder_format.idx for one in places if one.name == "Note"] or [None]
        notes = [one for one in slide.placeholders if one.placeholder_format.idx == at]
        for shape in slide.shapes:
            for note in notes if shape.has_table else ():
                bottom = shape.top + sum(row.height for row in shape.table.rows)
                assert bottom <= note.top, words_of(slide)
                n += 1
    assert n > 15


def test_an_empty_cell_is_as_high_as_the_words_beside_it(slides, language) -> None:
    """Where a paragraph has no words, its end must have their size: else the theme's counts."""
    n = 0
    for table in tables(slides[language]):
        for row in table.rows:
            for paragraph in (p for cell in row.cells for p in cell.text_frame.paragraphs):
                if not paragraph.text:
                    assert not paragraph.runs
                    assert int(paragraph._p.find(f"{A}endParaRPr").get("sz")) <= 1600
                    n += 1
    assert n > 5


def test_no_number_of_a_difference_covers_a_name(slides, language) -> None:
    """Numbers beyond a whisker end within the axis; the axis has a tick for each of its ends."""
    n = 0
    for frame in charts(slides[language]):
        space = frame.chart._chartSpace
        scale = next(space.iter(f"{C}valAx")).find(f"{C}scaling")
        low, high = (float(scale.find(f"{C}{end}").get("val")) for end in ("min", "max"))
        for label in space.iter(f"{C}dLbl"):
            x = label.find(f"{C}layout/{C}manualLayout/{C}x")
            if low < 0 < high and x is not None and float(x.get("val")) < 0:
                at = int(label.find(f"{C}idx").get("val"))
                cached = [float(one.text) for one in next(space.iter(f"{C}val")).iter(f"{C}v")]
                inner = next(space.iter(f"{C}plotArea")).find(f"{C}layout/{C}manualLayout")
                width = float(inner.find(f"{C}w").get("val"))
                end = (cached[at] - low) / (high - low) * width + float(x.get("val"))
                assert end > 0
                n += 1
    assert n > 5


@pytest.mark.parametrize(
    ("unit", "more", "code"),
    [
        ("points", {}, '0;"\u2212"0;0'),
        ("share", {"after": "*"}, '0%"*";"\u2212"0%"*";0%"*"'),
        ("score_100", {"is_signed": True}, '+0.0;"\u2212"0.0;0.0'),
        ("points", {"value": -0.3}, "0;0;0"),
    ],
)
def test_numbers_have_the_decimals_of_the_page(unit, more, code) -> None:
    """A small fall that prints as 0 has no minus before it, as on the page."""
    assert number_format(unit, **more) == code


# -- what is hidden --------------------------------------------------------------------------------


def with_estimates(notebook: Any, change: Any) -> Any:
    """The notebook with each of its estimates changed before it is published."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            for finding in output.get("data", {}).get(FINDING_MIME, {}).get("findings", ()):
                rows = [change(dict(row)) for row in finding["records"]["estimates"]]
                finding["records"]["estimates"] = Estimates.from_rows(rows).published().to_rows()
    return made


def test_a_small_base_has_no_bar_and_a_word(notebook) -> None:
    """The level that rests on 20 buyers keeps its place on the slide, and no number anywhere."""
    secret = []

    def shrunk(row):
        if row["of"] == "level:trust" and not any(key.startswith("by_") for key in row):
            if row.get("estimate") is not None and row["metric"] == "score_100":
                secret.append(round(row["estimate"], DECIMALS))
            row.update(n=20, n_eff=20.0)
        return row

    found = opened(deck.pptx(with_estimates(notebook, shrunk), "id")[".id.pptx"])
    (pyramid,) = [one for one in found if re.search("Gambar\u00a01\\b", words_of(one))]
    (shape,) = charts([pyramid])
    names = [str(one) for one in shape.chart.plots[0].categories]
    assert any(
        name.startswith("Kepercayaan (** tidak ditampilkan; n\u00a0=\u00a020") for name in names
    )
    assert len(secret) > 2
    shown = {one for chart in charts(found) for one in numbers(chart.chart)}
    assert not shown & set(secret)
    held = {cell.value for chart in charts(found) for row in book_of(chart.chart).active.iter_rows()
            for cell in row}  # fmt: skip
    assert not held & set(secret)


def test_a_name_is_cut_and_not_what_is_said_with_it(hostile) -> None:
    """However long a group is called, its base stands behind it."""
    names = [str(name) for shape in charts(opened(hostile)) for plot in shape.chart.plots
             for name in plot.categories]  # fmt: skip
    cut = [name for name in names if name.startswith("A =HYPERLINK")]
    assert len(cut) == 2
    assert all(name.endswith(f"\u2026 (n\u00a0=\u00a0{n})")
               for name, n in zip(cut, (468, 251), strict=True))  # fmt: skip


def test_a_low_base_is_marked_at_its_number(notebook) -> None:
    def small(row):
        if row["of"] == "level:trust":
            row.update(n=60, n_eff=60.0)
        return row

    found = opened(deck.pptx(with_estimates(notebook, small), "id")[".id.pptx"])
    (pyramid,) = [one for one in found if re.search("Gambar\u00a01\\b", words_of(one))]
    (shape,) = charts([pyramid])
    place = [str(one) for one in shape.chart.plots[0].categories].index(
        "Kepercayaan (n\u00a0=\u00a060)"
    )
    first = next(shape.chart._chartSpace.iter(f"{C}ser"))
    labels = {int(one.find(f"{C}idx").get("val")): one.find(f"{C}numFmt").get("formatCode")
              for one in first.iter(f"{C}dLbl")}  # fmt: skip
    assert '"*"' in labels[place]
    assert "Basis efektif di bawah 100" in words_of(pyramid)


# -- what a study may say --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(notebook: Any) -> bytes:
    """A deck of a study whose every label is a trap."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {}).get(FINDING_MIME)
            if bundle:
                context = bundle["context"]
                keys = ("level:trust", "stage:decide", "group:region=java", "item:ful_1",
                        "short:item:ful_1")  # fmt: skip
                labels = {**context.get("labels", {}), **{key: {"id": HOSTILE} for key in keys}}
                context.update(labels=labels, brand=HOSTILE, title={"id": HOSTILE})
    return deck.pptx(made, "id")[".id.pptx"]


def test_a_hostile_label_stays_text(hostile) -> None:
    """No formula but ours, no link, no steering character; and PowerPoint's reader takes it."""
    slides = opened(hostile)
    seen = 0
    for shape in charts(slides):
        for row in book_of(shape.chart).active.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and "HYPERLINK" in cell.value:
                    assert cell.data_type == "s"
                    seen += 1
    assert seen > 3
    with zipfile.ZipFile(io.BytesIO(hostile)) as files:
        for name in files.namelist():
            if name.endswith(".xml"):
                text = "".join(etree.fromstring(files.read(name)).itertext())
                assert "\x07" not in text
                assert "\u202e" not in text


@pytest.mark.parametrize("which", ["demo", "hostile"])
def test_nothing_passes_the_edge_of_its_place(decks, hostile, which) -> None:
    """Words, at the size that they have, fit the box that they stand in; boxes fit the slide."""
    content = hostile if which == "hostile" else decks["id"]
    paper = pptx.Presentation(io.BytesIO(content))
    for slide in paper.slides:
        boxes = []
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= paper.slide_width
            assert shape.top + shape.height <= paper.slide_height
            if shape.has_table:
                height = sum(row.height for row in shape.table.rows)
                assert shape.top + height <= paper.slide_height - 30 * POINT
                boxes.append((shape.top, shape.top + height))
            elif shape.has_chart:
                boxes.append((shape.top, shape.top + shape.height))
            elif shape.is_placeholder and shape.placeholder_format.idx in (0, 14):
                needs = lines_of(shape) * POINT
                assert needs <= shape.height + 2 * POINT or shape.placeholder_format.idx == 0
                boxes.append((shape.top, shape.top + needs))
        boxes.sort()
        apart = [below[0] - above[1] for above, below in pairwise(boxes)
                 if below[0] != above[0]]  # fmt: skip
        assert all(gap > -3 * POINT for gap in apart), slide.shapes.title.text_frame.text


def lines_of(shape: Any) -> float:
    """How high the words of a placeholder are, in points."""
    usual = {0: 28, 14: 15}[shape.placeholder_format.idx]
    high = 0.0
    for paragraph in shape.text_frame.paragraphs:
        sizes = [run.font.size.pt for run in paragraph.runs if run.font.size]
        size = sizes[0] if sizes else usual
        bold = shape.placeholder_format.idx == 0
        high += n_lines(paragraph.text, shape.width / POINT, size, is_bold=bold) * size * LEADING
    return high


def test_words_shrink_before_they_are_cut() -> None:
    assert fitted(["kata " * 30], 300, 80, (24, 12)).size == 12
    cut = fitted(["kata " * 300], 300, 80, (24, 12))
    assert cut.paragraphs[0].endswith("\u2026")
    assert cut.height <= 80


# -- bytes and other readers -----------------------------------------------------------------------


def test_the_same_notebook_gives_the_same_bytes(decks, notebook, language) -> None:
    again = nbformat.reads(nbformat.writes(notebook), as_version=4)
    assert deck.pptx(again, language)[f".{language}.pptx"] == decks[language]


def test_no_clock_is_in_the_file(decks) -> None:
    """The date is the last day of fieldwork, in the deck and in the workbooks inside it."""
    with zipfile.ZipFile(io.BytesIO(decks["id"])) as files:
        assert {one.date_time for one in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = files.read("docProps/core.xml").decode()
        assert "2026-03-20T00:00:00Z" in about
        books = [name for name in files.namelist() if name.endswith(".xlsx")]
        assert len(books) > 5
        with zipfile.ZipFile(io.BytesIO(files.read(books[0]))) as book:
            assert {one.date_time for one in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert "2026-03-20T00:00:00Z" in book.read("docProps/core.xml").decode()


def test_without_the_package_the_error_says_what_to_install(monkeypatch, notebook) -> None:
    monkeypatch.setattr(deck, "find_spec", lambda name: None)
    with pytest.raises(StudyError) as caught:
        deck.pptx(notebook, "id")
    assert caught.value.hint == "pip install 'cxkit[pptx]'"


def test_a_notebook_of_ones_own_becomes_a_deck(notebook) -> None:
    """One cell with one finding, no summary: opening, finding, method."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell["outputs"] = [
            output for output in cell.get("outputs", ())
            if json.dumps(output).count('"section": "priorities"')
        ]  # fmt: skip
    found = opened(deck.pptx(made, "en")[".en.pptx"])
    assert len(found) == 3
    assert len(list(charts(found))) == 1


@pytest.mark.slow
def test_libreoffice_opens_the_deck(decks, slides, tmp_path) -> None:
    """As many pages as slides: another reader than ours takes the file as it is."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on the PATH")
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    file = tmp_path / "deck.pptx"
    file.write_bytes(decks["id"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, file]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    printed = pypdf.PdfReader(tmp_path / "deck.pdf")
    assert len(printed.pages) == len(slides["id"])
    assert "Tingkat terlemah" in " ".join(printed.pages[4].extract_text().split())
