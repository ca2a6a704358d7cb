"""The PDF beside the page: tagged, with bookmarks, the page itself, and no browser left behind."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from cxkit.errors import ReportError, StudyError
from cxkit.report.beside import browser, pdf
from cxkit.report.layout import Page
from cxkit.report.page import context_of
from cxkit.wording import Words

pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")

LANGUAGES = ("id", "en")
A4 = (595, 842)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def notebook(demo_report: Path) -> Any:
    (file,) = demo_report.glob("*.ipynb")
    return nbformat.read(file, as_version=4)


@pytest.fixture(scope="module")
def printed(notebook: Any) -> dict[str, bytes]:
    try:
        pdf.needs()
    except StudyError:
        pytest.skip("no Chromium on the PATH")
    return {language: pdf.pdf(notebook, language)[f".{language}.pdf"] for language in LANGUAGES}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def paper(printed: dict[str, bytes], language: str) -> Any:
    return pypdf.PdfReader(io.BytesIO(printed[language]))


@pytest.fixture
def page(notebook: Any, language: str) -> dict[str, Any]:
    return Page(notebook, Words(language, context_of(notebook))).build()


def bookmarks(outline: list[Any]) -> list[Any]:
    return [
        one for part in outline for one in (bookmarks(part) if isinstance(part, list) else [part])
    ]


# -- the file --------------------------------------------------------------------------------------

slow = pytest.mark.slow


@slow
def test_the_pdf_is_tagged_and_knows_its_language_and_title(paper, page, language) -> None:
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert paper.metadata.title == page["title"]


@slow
def test_tables_are_tables_to_those_who_hear_them(printed, language) -> None:
    content = printed[language]
    for tag in (b"/S /H1", b"/S /H2", b"/S /Table", b"/S /TH", b"/S /TD", b"/S /Figure"):
        assert tag in content, tag


@slow
def test_bookmarks_are_the_headings_of_the_page(paper, page) -> None:
    """Each section by its question, at the page that it stands on, word for word."""
    found = bookmarks(paper.outline)
    titles = [one.title for one in found]
    assert titles[0] == page["h1"]
    questions = [section["question"] for section in page["sections"]]
    assert [title for title in titles if title in questions] == questions
    items = page["sections"][0]["blocks"][0]["items"]
    plain = [" ".join(title.split()) for title in titles]
    assert all(" ".join(str(item["sentence"]).split()) in plain for item in items)
    places = [paper.get_destination_page_number(one) for one in found]
    assert places == sorted(places)
    assert places[-1] > 5


@slow
def test_the_five_answers_stand_on_the_first_page(paper, page) -> None:
    text = squeezed(paper.pages[0].extract_text())
    (findings,) = [one for one in page["sections"][0]["blocks"] if one["type"] == "findings"]
    assert len(findings["items"]) == 5
    for item in findings["items"]:
        assert squeezed(str(item["sentence"])) in text


@slow
def test_it_is_on_a4_with_its_appendices(printed, notebook) -> None:
    """What is folded on the screen is open on paper; every page is A4 and numbered."""
    texts, lying = [], []
    for number, one in enumerate(pypdf.PdfReader(io.BytesIO(printed["id"])).pages, 1):
        size = (one.mediabox.width, one.mediabox.height)
        if size == pytest.approx(A4[::-1], abs=1):
            lying.append(one.extract_text())
        else:
            assert size == pytest.approx(A4, abs=1)
        texts.append(one.extract_text())
        assert re.match(rf"{number}\D", texts[-1] + " ")
    (journey_map,) = lying  # the sheet for a workshop, alone on its page
    assert "Seperti apa perjalanan itu dalam satu lembar?" in journey_map
    text = squeezed(" ".join(texts))
    page = Page(notebook, Words("id", context_of(notebook))).build()
    (glossary,) = [
        one for one in page["sections"][-1]["blocks"] if one.get("title") == "Daftar istilah"
    ]
    assert glossary["type"] == "appendix"
    for row in glossary["blocks"][0]["rows"][:5]:
        assert squeezed(str(row["paragraphs"][0])) in text


@slow
def test_the_same_notebook_gives_the_same_bytes(printed, notebook) -> None:
    assert pdf.pdf(notebook, "id")[".id.pdf"] == printed["id"]


@slow
def test_no_clock_and_no_path_is_in_the_file(printed) -> None:
    content = printed["id"]
    assert content.count(b"(D:20260320000000+00'00')") == 2
    assert b"cxkit-" not in content
    assert tempfile.gettempdir().encode() + b"/" not in content


@slow
def test_a_pdf_can_be_sent_by_mail(printed) -> None:
    """No hatching becomes a picture: that made forty megabytes of one page."""
    assert not any(b"/Subtype /Image" in one for one in printed.values())
    assert max(map(len, printed.values())) < 5_500_000  # 24 sections, 71 sheets of 70 kB


# -- the browser -----------------------------------------------------------------------------------


def script(folder: Path, lines: str) -> str:
    """A browser that does what a test wants of it."""
    file = folder / "browser"
    file.write_text(f"#!{sys.executable}\n{lines}", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_without_a_browser_the_error_says_what_to_install(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_PLACES", ())
    with pytest.raises(StudyError) as caught:
        pdf.needs()
    assert "none was found" in caught.value.message
    assert browser.VARIABLE in caught.value.hint


def test_a_browser_that_is_named_and_not_there_is_refused(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "chrome"))
    with pytest.raises(StudyError) as caught:
        pdf.needs()
    assert caught.value.where == str(tmp_path / "chrome")


@pytest.mark.skipif(sys.platform == "win32", reason="a script cannot stand for a browser there")
@pytest.mark.parametrize(
    ("does", "said"),
    [("import sys; sys.exit(3)", "failed with code 3"), ("pass", "printed nothing")],
)
def test_a_browser_that_fails_is_told(monkeypatch, tmp_path, does, said) -> None:
    monkeypatch.setenv(browser.VARIABLE, script(tmp_path, does))
    with pytest.raises(ReportError) as caught:
        browser.printed_page("<p>page</p>")
    assert said in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="a script cannot stand for a browser there")
def test_a_browser_that_hangs_is_ended_with_its_children(monkeypatch, tmp_path) -> None:
    """Neither the browser nor what it started outlives the limit, and its profile is gone."""
    told = tmp_path / "told"
    lines = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(told)!r} + ".new", "w").write(f"{{os.getpid()}} {{child.pid}} {{os.getcwd()}}")
os.replace({str(told)!r} + ".new", {str(told)!r})
time.sleep(60)
"""
    monkeypatch.setenv(browser.VARIABLE, script(tmp_path, lines))
    with pytest.raises(ReportError) as caught:
        browser.printed_page("<p>page</p>", timeout=3)
    assert "3 seconds" in caught.value.message
    own, child, folder = told.read_text(encoding="utf-8").split(" ", 2)
    for _ in range(50):
        if not any(map(is_running, (int(own), int(child)))):
            break
        time.sleep(0.1)
    assert not is_running(int(own))
    assert not is_running(int(child))
    assert not os.path.exists(folder)


def is_running(pid: int) -> bool:
    """Whether a process is still at work; one that nobody has waited for is not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
