"""Pages in a real browser: no network, readable by all, by keyboard, on a phone and on paper.

All of it on the demo; what data of another shape could break, on four real studies as well.
Headings without jumps and tables in line are seen without a browser, in `test_page`.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    "resultTypes": ["violations"],  # of the rest one element a rule: a page has thousands
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2; axe leaves it off by default
}
ON_A_PHONE = [
    "target-size",
    "scrollable-region-focusable",
    "landmark-unique",
    "page-has-heading-one",
]
# Of a real study all of it once; then what dark, a narrow screen or another language can break.
SOUND = (
    ("id", "light", AXE),
    ("id", "dark", {"runOnly": {"type": "rule", "values": ["color-contrast"]}}),
    ("en", "phone", {"runOnly": {"type": "rule", "values": ON_A_PHONE}}),
)
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
# WCAG 1.4.12: what a reader may set, without anything being lost.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"""
# Text that a box cuts off, screen readers' own words aside.
CUT_OFF = """() => [...document.querySelectorAll('body *')].filter(one =>
    !one.closest('.unseen, svg, .appendix > .table caption, .scroll') && one.textContent.trim() &&
    /hidden|clip/.test(getComputedStyle(one).overflow) &&
    (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
).map(one => one.outerHTML.slice(0, 120))"""
# Every text outside drawings with its contrast to what lies under it (WCAG 2).
CONTRASTS = """() => {
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = rgb => rgb.map(c => linear(c / 255))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const parts = text => { const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
                            return {rgb: [r, g, b], a}; };
    const under = one => { if (!one) return [255, 255, 255];
        const {rgb, a} = parts(getComputedStyle(one).backgroundColor);
        return a === 1 ? rgb : under(one.parentElement); };
    const says = one => [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    return [...document.querySelectorAll('body *')]
        .filter(one => says(one) && !one.closest('svg, .unseen') && one.checkVisibility())
        .map(one => { const [low, high] = [parts(getComputedStyle(one).color).rgb, under(one)]
                          .map(luminance).sort((x, y) => x - y);
                      return [one.textContent, (high + 0.05) / (low + 0.05)]; });
}"""
# What the keyboard is on: what it is, how it is called, whether it shows that it is.
FOCUSED = """() => { const one = document.activeElement, look = getComputedStyle(one);
    return {tag: one.tagName, href: one.getAttribute('href'), text: one.textContent.trim(),
            cls: one.className, is_seen: look.outlineStyle !== 'none' && one.checkVisibility(),
            left: one.getBoundingClientRect().left}; }"""


@dataclass
class Opened:
    """A page that is open in the browser, and what it asked of the network."""

    page: object
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def open_page(chromium, demo_report):
    """Opens the demo's page of a language in a look, every network request refused."""
    contexts = []

    def opened(language: str, look: dict[str, Any], folder: Path = demo_report) -> Opened:
        context = chromium.new_context(offline=True, **look)
        contexts.append(context)
        context.set_default_timeout(20_000)
        result = Opened(context.new_page())
        result.page.on("request", lambda request: result.requests.append(request.url))
        (file,) = folder.glob(f"*.{language}.html")
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
    opened.page.evaluate(OPEN_ALL)
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
    page.evaluate(OPEN_ALL)
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
    page.evaluate(OPEN_ALL)
    needed, given = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert given == viewport["width"]
    assert needed <= given


@pytest.fixture(scope="module", params=LANGUAGES)
def printed(request, open_page):
    """The page, and the sheets that it is printed on from a dark screen."""
    from pypdf import PdfReader

    page = open_page(request.param, LOOKS["dark"]).page
    contents, *findings = page.evaluate(
        """() => [document.querySelector('nav'),
                  ...document.querySelectorAll('main > section:first-of-type .findings h3')]
                 .map(e => e.innerText)"""
    )
    page.emulate_media(media="print")
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    return page, contents, findings, list(sheets)


def test_paper_starts_with_the_summary(printed):
    """Printed, the contents stay away and the whole summary stands on the first sheet."""
    page, contents, findings, sheets = printed
    assert findings
    assert not page.locator("nav").is_visible()
    first = _letters(sheets[0].extract_text())
    assert len(sheets) > 1
    assert [one for one in findings if _letters(one) not in first] == []
    assert _letters(contents) not in first


def test_sheets_are_a4_and_numbered_and_no_row_is_cut(printed):
    page, _, _, sheets = printed
    breaks = page.evaluate(
        """() => ['tr', 'figure', '.findings li'].flatMap(one =>
                [...document.querySelectorAll(one)].map(x => getComputedStyle(x).breakInside))"""
    )
    assert set(breaks) == {"avoid"}
    for number, sheet in enumerate(sheets, 1):
        assert sorted(sheet.mediabox[2:]) == pytest.approx([595, 842], abs=1)  # some lie
        ends = re.findall(r"^\d+|\d+$", sheet.extract_text().strip())
        assert str(number) in ends


# -- built for all readers -------------------------------------------------------------------------


def test_every_picture_has_its_words_or_is_out_of_the_way(open_page, language):
    """A drawing is one picture with a sentence; what only decorates is not read out."""
    page = open_page(language, LOOKS["light"]).page
    silent = page.evaluate(
        """() => [...document.querySelectorAll('svg, img')].filter(one =>
                !one.closest('[aria-hidden="true"]') && !one.getAttribute('alt')
                && !one.closest('[role="img"][aria-label]'))
            .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert silent == []
    said = page.evaluate(
        "[...document.querySelectorAll('[role=img]')].map(one => one.getAttribute('aria-label'))"
    )
    assert len(said) >= 7
    assert all(re.search(r"[A-Z].+\.$", one) for one in said)


def test_the_page_has_its_landmarks_once(open_page, language):
    page = open_page(language, LOOKS["light"]).page
    for landmark in ("banner", "main", "navigation", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
    named = page.evaluate(
        """() => [...document.querySelectorAll('nav, main > section, [role=region]')]
                .map(one => document.getElementById(one.getAttribute('aria-labelledby'))
                                    ?.textContent.trim())"""
    )
    assert len(named) > 30
    assert all(named)


def test_the_keyboard_reaches_everything_in_order_and_leaves_again(open_page, language):
    """The skip link first, then contents, then what acts, each seen when it has the focus."""
    page = open_page(language, LOOKS["light"]).page
    page.evaluate(OPEN_ALL)
    expected = page.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].length"
    )
    met = []
    for _ in range(expected + 5):
        page.keyboard.press("Tab")
        if (one := page.evaluate(FOCUSED))["tag"] == "BODY":
            break
        met.append(one)
    else:
        pytest.fail("the keyboard does not leave the page")
    assert len(met) == expected
    assert met[0]["cls"] == "skip"
    assert met[0]["left"] >= 0
    contents = page.evaluate(
        "[...document.querySelectorAll('nav a')].map(one => one.getAttribute('href'))"
    )
    assert [one["href"] for one in met[1 : 1 + len(contents)]] == contents
    assert len(contents) > 10
    assert [one for one in met if not one["is_seen"]] == []
    tables = page.locator(".scroll").count()
    assert sum("scroll" in one["cls"].split() for one in met) == tables > 10


def test_the_keyboard_skips_to_the_report_and_unfolds(open_page, language):
    page = open_page(language, LOOKS["light"]).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    folded = page.locator("details > summary").first
    folded.focus()
    for is_open in (True, False):
        page.keyboard.press("Enter")
        assert folded.evaluate("one => one.parentElement.open") == is_open


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280 px", "375 px"])
def test_wider_spacing_of_text_loses_nothing(open_page, language, viewport):
    page = open_page(language, {"viewport": viewport}).page
    page.evaluate(OPEN_ALL)
    page.add_style_tag(content=SPACED)
    assert page.evaluate(CUT_OFF) == []
    needed, given = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert needed <= given


def test_a_box_that_cuts_text_off_is_seen(open_page):
    """So that the test above can fail."""
    page = open_page("en", LOOKS["light"]).page
    page.add_style_tag(content=".lead { height: 1em; overflow: hidden; }")
    assert len(page.evaluate(CUT_OFF)) > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_every_word_readable(open_page, scheme):
    """Text takes the reader's colours; drawings keep their own, on a paper of their own."""
    look = {"viewport": DESKTOP, "color_scheme": scheme}
    own, forced = (
        open_page("id", {**look, "forced_colors": kind}).page for kind in ("none", "active")
    )
    contrasts = forced.evaluate(CONTRASTS)
    assert len(contrasts) > 300
    assert [one for one in contrasts if one[1] < 4.5] == []
    drawn = """() => [...document.querySelectorAll('.drawing text')].map(one =>
        [getComputedStyle(one).fill,
         getComputedStyle(one.closest('.drawing')).backgroundColor])"""
    on_paper = own.evaluate("getComputedStyle(document.body).backgroundColor")
    expected = [[fill, on_paper] for fill, _ in own.evaluate(drawn)]
    assert forced.evaluate(drawn) == expected


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_asks_for_contrast_gets_more_of_it(open_page, scheme):
    """Quiet words are as dark as all others."""
    look = {"viewport": DESKTOP, "color_scheme": scheme, "contrast": "more"}
    page = open_page("id", look).page
    contrasts = page.evaluate(CONTRASTS)
    assert [one for one in contrasts if one[1] < 4.5] == []
    inks = page.evaluate(
        """() => ['body', '.note', '.evidence', '.name', 'small'].map(one =>
                getComputedStyle(document.querySelector(`main ${one}, ${one}`)).color)"""
    )
    assert len(set(inks)) == 1


def test_nothing_moves(open_page):
    """Neither by itself nor when asked to come into view, whatever a reader prefers."""
    page = open_page("id", LOOKS["light"]).page
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(one => {
                const look = getComputedStyle(one);
                return look.animationName !== 'none' || parseFloat(look.transitionDuration) > 0
                    || look.scrollBehavior !== 'auto'; }).length"""
    )
    assert moving == 0
    assert page.evaluate("document.getAnimations().length") == 0


# -- real studies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("study", ["mobi", "satisfaction", "airline", "sfo"])
def test_the_page_of_a_real_study_is_as_sound(open_page, real_report, study):
    """Other levels, long names, few or many groups: asks nothing, fits, and axe finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    folder = real_report(study).folder
    for language, look, options in SOUND:
        opened = open_page(language, LOOKS[look], folder)
        page = opened.page
        page.evaluate(OPEN_ALL)
        results = Axe().run(page, options=options)
        assert results.violations_count == 0, results.generate_report()
        assert [url for url in opened.requests if not url.startswith("data:")] == [page.url]
        needed, given = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert needed <= given
        page.context.close()


def _letters(text: str) -> str:
    """The text without the breaks and spaces that a layout puts between its letters."""
    return "".join(text.split())
