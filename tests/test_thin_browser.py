"""Pages of thin studies in a real browser: axe finds nothing, and a phone scrolls one way only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_browser import AXE, DESKTOP, NARROWEST
from thin_studies import LANGUAGES, STUDIES, page_of

pytestmark = pytest.mark.slow

WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """A file for each page, by study and language."""
    folder = tmp_path_factory.mktemp("thin")
    made = {}
    for name in STUDIES:
        for language in LANGUAGES:
            made[name, language] = folder / f"{name}.{language}.html"
            made[name, language].write_text(page_of(name, language), encoding="utf-8")
    return made


@pytest.fixture
def browser_page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = chromium.new_context(offline=True, viewport=request.param)
    yield context.new_page()
    context.close()


def opened(browser_page: Any, file: Path) -> None:
    """The file in the browser, with all that unfolds unfolded."""
    browser_page.goto(file.as_uri(), wait_until="load")
    browser_page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


@pytest.mark.parametrize("browser_page", [DESKTOP], ids=["desktop"], indirect=True)
def test_axe_finds_nothing(pages: dict[tuple[str, str], Path], browser_page: Any) -> None:
    """Languages by turns: what a study lacks is the same in both."""
    from axe_playwright_python.sync_playwright import Axe

    found = {}
    for place, name in enumerate(STUDIES):
        opened(browser_page, pages[name, LANGUAGES[place % 2]])
        results = Axe().run(browser_page, options=AXE)
        found[name] = results.generate_report() if results.violations_count else ""
    assert found == dict.fromkeys(STUDIES, "")


@pytest.mark.parametrize("browser_page", [NARROWEST], ids=["320 px"], indirect=True)
def test_no_page_scrolls_sideways(pages: dict[tuple[str, str], Path], browser_page: Any) -> None:
    """Labels of 200 characters without a space included."""
    needed = {}
    for key, file in pages.items():
        opened(browser_page, file)
        scrolled, given = browser_page.evaluate(WIDTHS)
        assert given == NARROWEST["width"]
        if scrolled > given:
            needed[key] = scrolled
    assert needed == {}


@pytest.mark.parametrize("browser_page", [NARROWEST], ids=["320 px"], indirect=True)
def test_long_labels_leave_room_for_numbers(
    pages: dict[tuple[str, str], Path], browser_page: Any
) -> None:
    """A column of names takes less than the screen, so that a number stands beside it."""
    for key, file in pages.items():
        if not key[0].startswith("long"):
            continue
        opened(browser_page, file)
        widths = browser_page.evaluate(
            "[...document.querySelectorAll('main tbody tr:first-child > th')]"
            ".map(e => e.getBoundingClientRect().width)"
        )
        assert widths
        assert max(widths) < 0.75 * NARROWEST["width"], key
