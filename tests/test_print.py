"""Paper: the version for the board on one sheet, and how the sheets of a whole report are cut."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_fixture import page as fixture
from page_fixture import render
from test_depth import notebook

import cxkit as cx
from cxkit.report import page

THIN = Path(__file__).resolve().parent / "studies" / "thin"


@pytest.fixture
def sheets(chromium: Any, tmp_path: Path) -> Callable[[str], list[str]]:
    """The words on each sheet that a page is printed on."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")

    def printed(text: str) -> list[str]:
        file, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
        file.write_text(text, encoding="utf-8")
        sheet = chromium.new_page()
        sheet.goto(file.as_uri())
        sheet.pdf(path=pdf, prefer_css_page_size=True)
        sheet.close()
        command = ["pdftotext", "-layout", str(pdf), "-"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return told.removesuffix("\f").split("\f")

    return printed


def survey(name: str) -> Any:
    if name == "demo":
        return cx.load("demo")
    if name == "few":
        return cx.load("demo").where(region="java", channel="email")
    return cx.load(THIN / name)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    "name", ["demo", "few", "long_labels", "long_words", "no_journey", "twelve_respondents"]
)
def test_the_board_gets_one_sheet(
    name: str, language: str, sheets: Callable[[str], list[str]]
) -> None:
    """Whatever the study: all five answers on it, the figures, the lines below them."""
    nb = notebook(survey(name), "board")
    nb.metadata["title"] = "toko_contoh-report-board"
    (only,) = sheets(page.render(nb, language))
    words = re.sub(r"\s+", " ", only)
    assert f"toko_contoh-report.{language}.html" in words
    drawn = {"demo": 2, "few": 1, "no_journey": 2, "twelve_respondents": 0}
    if name in drawn:
        titles = re.findall(r'<h2 class="title">(.*?)</h2>', page.render(nb, language))
        assert len(titles) == drawn[name]
        assert all(title.split()[0] in words for title in titles)


def test_the_board_is_told_all_of_the_answers_of_the_demo(
    sheets: Callable[[str], list[str]],
) -> None:
    """Where names have the length of names, no word is cut."""
    text = page.render(notebook(survey("demo"), "board"), "en")
    (only,) = sheets(text)
    said = re.findall(r"<h3>(.*?)</h3>", text)
    printed = set(re.findall(r"\w+", only))
    assert len(said) == 6  # the five answers, and what cannot be answered
    assert all(set(re.findall(r"\w+", one)) <= printed for one in said)
    assert "…" not in only


def test_heads_of_a_table_are_repeated_and_no_row_is_left_alone(
    sheets: Callable[[str], list[str]],
) -> None:
    """A long table goes on overleaf with its heads, and takes more than its last row along."""
    content = fixture("en")
    blocks = (block for section in content["sections"] for block in section["blocks"])
    table = next(block for block in blocks if block["type"] == "table")
    row = table["table"]["rows"][0]

    def cut(n: int) -> list[list[str]]:
        """The rows on each sheet, of a table with so many."""
        table["table"]["rows"] = [{**row, "head": f"Row{k:03d}"} for k in range(n)]
        pages = [one for one in sheets(render(content)) if re.search(r"Row\d{3}", one)]
        label = table["table"]["columns"][-1]["label"].split()[0]
        assert all(label in one.partition("Row")[0] for one in pages)
        return [re.findall(r"Row\d{3}", one) for one in pages]

    fits = len(cut(90)[0])
    one_more = cut(fits + 1)
    assert [len(some) for some in one_more] == [fits - 2, 3]
    assert [name for some in one_more for name in some] == [f"Row{k:03d}" for k in range(fits + 1)]


def with_styles(body: str) -> str:
    """A bare page that wears the report's styles."""
    head, _, _ = render(fixture("en")).partition("</head>")
    return f"{head}</head><body>{body}</body></html>"


def test_no_figure_is_cut_below_sections_that_only_say_what_is_missing(
    sheets: Callable[[str], list[str]],
) -> None:
    """What holds a sentence with what follows it ends with its section."""
    empty = (
        '<section><p class="name">n</p><h2>Empty {}</h2><p class="lead">Not measured.</p></section>'
    )
    body = '<div style="height: 60mm"></div>' + "".join(map(empty.format, range(3)))
    body += (
        '<section><p class="name">n</p><h2>Drawn</h2><p class="lead">Found.</p><figure><figcaption>'
        '<span class="title">Title</span></figcaption><div style="height: 120mm">Drawing</div>'
        "</figure></section>"
    )
    first, second = sheets(with_styles(f'<div class="page"><main>{body}</main></div>'))
    assert "Empty 2" in first
    assert "Title" not in first
    assert all(word in second for word in ("Drawn", "Title", "Drawing"))


def test_no_head_of_a_table_stands_alone_at_the_foot_of_a_sheet(
    sheets: Callable[[str], list[str]],
) -> None:
    """A group too long for what is left of the sheet is cut, not its head."""
    rows = '<tr class="level"><th scope="row">Group</th><td></td></tr>' + "".join(
        f'<tr class="item"><th scope="row">Row {k}</th><td>{k}</td></tr>' for k in range(12)
    )
    body = (
        '<section><div style="height: 195mm">Above</div><details class="appendix">'
        '<summary>Long table</summary><div class="table"><div class="scroll"><table>'
        "<caption>Long</caption><thead><tr>"
        f"<th>Head</th><th>n</th></tr></thead><tbody>{rows}</tbody></table></div></div>"
        "</details></section>"
    )
    for sheet in sheets(with_styles(f'<div class="page"><main>{body}</main></div>')):
        assert ("Head" in sheet or "Long table" in sheet) == ("Row" in sheet)
