"""The demo's page in a real browser: no network, readable by all, on a phone and on paper."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

pytestmark = pytest.mark.slow

LANGUAGES = ("id", "en")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 812}
NARROWEST = {"width": 320, "height": 640}  # WCAG 1.4.10: 1280 px at 400 % zoom
LOOKS = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}
AXE = {
    "resultTypes": ["violations", "passes"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2; axe leaves it off by default
}


@dataclass
class Opened:
    """A page that is open in the browser, and what it asked of the network."""

    page: object
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def open_page(chromium, demo_report):
    """Opens the demo's page of a language in a look, every network request refused."""
    contexts = []

    def opened(language, look):
        context = chromium.new_context(offline=True, **look)
        contexts.append(context)
        context.set_default_timeout(20_000)
        result = Opened(context.new_page())
        result.page.on("request", lambda request: result.requests.append(request.url))
        (file,) = demo_report.glob(f"*.{language}.html")
        result.page.goto(file.as_uri(), wait_until="load")
        return result

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(params=LOOKS)
def look(request):
    return LOOKS[request.param]


def test_the_page_asks_nothing_of_the_network(open_page, language):
    """One request: the file itself. Fonts and pictures, where there are any, travel inside it."""
    opened = open_page(language, LOOKS["light"])
    opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    opened.page.wait_for_load_state("networkidle")
    outside = [url for url in opened.requests if not url.startswith("data:")]
    assert outside == [opened.page.url]


def test_the_page_has_no_script_and_one_title(open_page, language):
    page = open_page(language, LOOKS["light"]).page
    assert page.locator("script").count() == 0
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == language


def test_no_two_elements_share_an_id(open_page, language):
    """Figures drawn apart stay apart when they meet on a page."""
    page = open_page(language, LOOKS["light"]).page
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert ids
    assert sorted(ids) == sorted(set(ids))


def test_axe_finds_nothing(open_page, language, look):
    """WCAG 2.2 A and AA and axe's best practices, with all that unfolds unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(language, look).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    results = Axe().run(page, options=AXE)
    checked = {rule["id"] for rule in results.response["passes"]}
    assert {"color-contrast", "target-size", "html-has-lang"} <= checked
    assert results.violations_count == 0, results.generate_report()


def test_dark_is_dark(open_page, language):
    """A reader whose screen is dark gets a dark page, not only a promise in the stylesheet."""
    light, dark = (
        open_page(language, LOOKS[name]).page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number)"
        )
        for name in ("light", "dark")
    )
    assert sum(light[:3]) > 3 * 200
    assert sum(dark[:3]) < 3 * 80


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["375 px", "320 px"])
def test_a_phone_scrolls_one_way_only(open_page, language, viewport):
    """Wide tables scroll in a box of their own; the page itself does not scroll sideways."""
    page = open_page(language, {"viewport": viewport}).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    needed, given = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert given == viewport["width"]
    assert needed <= given


def test_paper_starts_with_the_summary(open_page, language):
    """Printed, the contents stay away and the whole summary stands on the first sheet."""
    from pypdf import PdfReader

    page = open_page(language, LOOKS["dark"]).page
    contents, *findings = page.evaluate(
        """() => [document.querySelector('nav'),
                  ...document.querySelectorAll('main > section:first-of-type .findings h3')]
                 .map(e => e.innerText)"""
    )
    assert findings
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    pages = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    first = _letters(pages[0].extract_text())
    assert len(pages) > 1
    assert [one for one in findings if _letters(one) not in first] == []
    assert _letters(contents) not in first


def _letters(text: str) -> str:
    """The text without the breaks and spaces that a layout puts between its letters."""
    return "".join(text.split())
