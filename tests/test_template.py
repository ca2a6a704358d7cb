"""The page template: what every page keeps, whatever a study says."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError
from page_fixture import HOSTILE, hostile, page, render, stylesheet

from cxkit import places
from cxkit.errors import ReportError
from cxkit.report import page as report_page
from cxkit.report.template import filled
from cxkit.report.theme import read_theme

LANGUAGES = ("id", "en")
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2; axe leaves it off by default
}


@pytest.fixture(params=LANGUAGES)
def soup(request):
    return BeautifulSoup(render(page(request.param)), "html.parser")


# What can be read from the text of the page


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_says_its_language(language):
    html = BeautifulSoup(render(page(language)), "html.parser").html
    assert html["lang"] == language


def test_same_dict_gives_same_bytes():
    assert render(page("id")) == render(page("id"))


def test_headings_go_down_one_step_at_a_time_from_one_h1(soup):
    levels = [int(h.name[1]) for h in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(h.get_text(strip=True) for h in soup.find_all(re.compile("^h[1-6]$")))


def test_page_runs_nothing_and_asks_for_nothing(soup):
    assert soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"] == CSP
    assert not soup.find_all(["script", "iframe", "object", "embed", "base", "form"])
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            value = tag.get(name, "#")
            assert value.startswith(("#", "data:")), f"{tag.name} {name}={value}"
    assert not re.search(r"url\(|@import|expression\(", str(soup.find("style")))


def test_ids_are_unique_and_every_reference_has_its_target(soup):
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for a in soup.find_all("a")}
    for tag in soup.find_all(attrs={"aria-labelledby": True}):
        wanted.update(tag["aria-labelledby"].split())
    assert wanted <= set(ids)


def test_every_table_has_caption_scope_and_a_named_focusable_region(soup):
    tables = soup.find_all("table")
    assert tables
    for table in tables:
        assert table.caption.get_text(strip=True)
        assert all(th.get("scope") in {"col", "row"} for th in table.find_all("th"))
        assert all(th.get_text(strip=True) for th in table.find_all("th"))
        widths = {len(tr.find_all(["th", "td"])) for tr in table.find_all("tr")}
        assert len(widths) == 1
        region = table.parent
        assert (region["role"], region["tabindex"]) == ("region", "0")
        assert soup.find(id=region["aria-labelledby"]).get_text(strip=True)


def test_every_drawing_is_one_labelled_image_with_a_wide_and_a_narrow_form(soup):
    figures = soup.find_all("figure")
    assert figures
    for figure in figures:
        (image,) = figure.find_all(attrs={"role": "img"})
        assert image["aria-label"].strip()
        for size in ("wide", "narrow"):
            drawing = image.find(class_=size)
            assert drawing["aria-hidden"] == "true"
            assert drawing.svg
    for svg in soup.find_all("svg"):
        assert svg.get("aria-hidden") or svg.find_parent(attrs={"aria-hidden": "true"})


def test_a_sign_is_hidden_from_screen_readers_and_a_word_is_said_instead(soup):
    signs = soup.find_all(class_="sign")
    assert signs
    for sign in signs:
        assert sign["aria-hidden"] == "true"
        assert sign.parent.get_text().replace(sign.get_text(), "").strip()


def test_what_is_not_measured_or_not_shown_is_said_in_words(soup):
    for cell in soup.find_all("td", class_="none"):
        assert re.search(r"[a-z]{4}", cell.get_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_from_data_leaves_its_place(language):
    calm, attacked = (
        BeautifulSoup(render(p), "html.parser") for p in (page(language), hostile(page(language)))
    )
    assert [t.name for t in calm.find_all(True)] == [t.name for t in attacked.find_all(True)]
    assert all(set(a.attrs) <= set(b.attrs) | {"class"} for a, b in
               zip(attacked.find_all(True), calm.find_all(True), strict=True))  # fmt: skip
    assert attacked.h1.get_text() == HOSTILE
    assert attacked.title.get_text() == HOSTILE
    assert "</style" not in attacked.style.get_text()


def test_a_missing_word_or_unknown_block_stops_the_page():
    unfinished = page()
    del unfinished["deck"]
    with pytest.raises(UndefinedError, match="deck"):
        render(unfinished)
    strange = page()
    strange["sections"][0]["blocks"].append({"type": "carousel"})
    with pytest.raises(UndefinedError, match="carousel"):
        render(strange)


# Contrast, which axe cannot judge inside drawings


def _tokens(dark: bool) -> dict[str, str]:
    css = str(stylesheet())
    blocks = re.findall(r":root \{(.*?)\}", css, re.S)
    tokens = dict(re.findall(r"--([\w-]+):\s*([^;]+);", blocks[0]))
    if dark:
        tokens |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", blocks[1]))
    return tokens


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(tokens: dict[str, str], a: str, b: str) -> float:
    low, high = sorted(_luminance(tokens[name]) for name in (a, b))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_words_have_contrast_on_every_surface_they_meet(dark):
    tokens = _tokens(dark)
    words = [
        (w, s) for w in ("ink", "soft", "good-ink", "bad-ink") for s in ("paper", "wash", "tint")
    ]
    words += [("ink", "band"), ("on-high", "s4"), ("on-high", "s5")]
    words += [("on-low", f"s{step}") for step in (1, 2, 3)]
    assert {pair: c for pair in words if (c := _contrast(tokens, *pair)) < 4.5} == {}
    marks = [(m, "paper") for m in ("data", "good", "bad")]
    assert {pair: c for pair in marks if (c := _contrast(tokens, *pair)) < 3} == {}


# What only a browser can tell


def _open(chromium, tmp_path, html, *, width=1280, scheme="light"):
    file = tmp_path / "page.html"
    file.write_text(html, "utf-8")
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    sheet = context.new_page()
    sheet.goto(file.as_uri())
    return sheet


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]
)
def test_axe_finds_nothing_with_every_detail_open(chromium, tmp_path, language, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    sheet = _open(chromium, tmp_path, render(page(language)), width=width, scheme=scheme)
    sheet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.run(sheet, options=AXE).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [375, 320])
def test_phone_never_scrolls_sideways_and_shows_the_narrow_drawing(
    chromium, tmp_path, language, width
):
    sheet = _open(chromium, tmp_path, render(page(language)), width=width)
    sheet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert sheet.evaluate("document.documentElement.scrollWidth") == width
    assert sheet.locator(".narrow").first.is_visible()
    assert not sheet.locator(".wide").first.is_visible()
    smallest = sheet.evaluate(
        "Math.min(...[...document.querySelectorAll('summary, .contents a, .proof a')]"
        ".map(e => e.getBoundingClientRect().height))"
    )
    assert smallest >= 24


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_has_the_summary_on_its_first_sheet_and_appendices_open(chromium, tmp_path, language):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    content = page(language)
    sheet = _open(chromium, tmp_path, render(content))
    pdf = tmp_path / "page.pdf"
    sheet.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    command = ["pdftotext", "-layout", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sheets = text.rstrip("\f").split("\f")
    first, rest = sheets[0], "".join(sheets[1:])
    *_, box = content["sections"][0]["blocks"]
    assert box["title"] in first
    assert content["sections"][1]["question"] not in first
    assert content["sections"][1]["question"] in rest
    assert content["ui"]["contents"] not in text
    assert "min_base: 30" in rest
    for number, words in enumerate(sheets, start=1):
        assert content["flag"] in words
        assert words.rstrip().endswith(str(number))


def test_a_template_that_cannot_be_read_is_told_with_its_line(tmp_path, monkeypatch):
    """Not by the process that makes ready for it, which would not start."""
    shutil.copytree(places.shared("templates"), tmp_path / "templates")
    broken = tmp_path / "templates" / "report" / "page.html.j2"
    lines = broken.read_text(encoding="utf-8").count("\n")
    broken.write_text(broken.read_text(encoding="utf-8") + "{% if %}", encoding="utf-8")
    monkeypatch.setattr(places, "shared", lambda name: tmp_path / name)
    report_page.warm()
    with pytest.raises(ReportError, match="the template of the page fails") as told:
        filled("page.html.j2", ("report.css",), page("id"), read_theme())
    assert told.value.where == f"templates/report/page.html.j2:{lines + 1}"
