"""Thin studies: whatever a survey lacks, its page is whole and says what is not measured, and why.

Each study of `studies/thin` in both languages: no empty section, table or figure, no number that
is none, and one sentence in the place of a wall of hidden results.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import pytest
from lxml import html
from real_studies import left_over_slots
from thin_studies import LANGUAGES, STUDIES, THIN, answers, page_of, said, text_of

from cxkit.answers import check
from cxkit.library import locale
from cxkit.wording import Words

NO_NUMBER = re.compile(r"\b(nan|None|NaN|inf|null|undefined|True|False)\b")
NUMBER = re.compile(r"[−-]?\d[\d.,]*\d|[−-]?\d")
MARKS = re.compile(r"<(path|circle)\b[^>]*fill:var\(--(?!line|grid|paper|page|ink)")
NOT_SHOWN = ("**", "††")

pytestmark = pytest.mark.parametrize("name", STUDIES)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@cache
def parsed(name: str, language: str) -> Any:
    return html.document_fromstring(page_of(name, language))


@pytest.fixture
def page(name: str, language: str) -> Any:
    return parsed(name, language)


def sections(page: Any) -> list[Any]:
    return page.xpath("//main/section")


# -- the study -------------------------------------------------------------------------------------


def test_answers_are_those_that_the_script_makes(name: str) -> None:
    """Invented, and written once: whoever wants others changes the script."""
    assert (THIN / name / "answers.csv").read_text(encoding="utf-8") == answers(name)


def test_a_check_finds_nothing_to_mend(name: str) -> None:
    """What nobody answered is a warning; nothing that the study lacks is an error."""
    problems = check(THIN / name)
    assert [one.message for one in problems.errors] == []
    assert {one.code for one in problems.warnings} <= {"no_answers"}


# -- the page is whole -----------------------------------------------------------------------------


def test_every_section_says_something(page: Any) -> None:
    assert len(sections(page)) > 10
    for section in sections(page):
        assert text_of(section.find("h2"))
        told = section.xpath(".//p[@class='lead'] | .//h3 | .//dl | .//figcaption | .//caption")
        assert any(map(text_of, told)), section.get("id")
        sentences = section.xpath(".//p[@class='lead'] | .//h3 | .//div[@id='methods'] | .//dd")
        assert any(len(text_of(one)) > 20 for one in sentences), section.get("id")


def test_headings_captions_and_labels_hold_text(page: Any) -> None:
    for element in page.xpath("//h1 | //h2 | //h3 | //figcaption | //caption | //summary | //a"):
        assert text_of(element), html.tostring(element)[:200]
    for element in page.xpath("//*[@role='img']"):
        assert len(element.get("aria-label")) > 20
    assert page.xpath("//p[not(normalize-space())] | //li[not(normalize-space())]") == []
    for fact in page.xpath("//dl[contains(@class, 'facts')]//dd"):
        assert any(map(str.isalnum, "".join(fact.xpath("./text()")))), text_of(fact.getparent())


def test_every_link_and_label_leads_somewhere(page: Any) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {one[1:] for one in page.xpath("//a/@href") if one.startswith("#")} <= set(ids)
    assert set(" ".join(page.xpath("//@aria-labelledby")).split()) <= set(ids)


def test_the_five_questions_are_answered_or_it_is_said_why_not(page: Any) -> None:
    answers = page.xpath("//section[@id='summary']//ol[@class='findings']/li")
    assert len(answers) == 5
    for one in answers:
        assert text_of(one.find(".//h3")).endswith(".")
        has_number = bool(one.xpath(".//p[@class='big']"))
        is_said = bool(one.xpath(".//p[@class='none'] | .//p[contains(@class, 'verdict')]"))
        assert has_number or is_said
        assert ("empty" in one.get("class", "")) <= (not has_number)


def test_no_number_is_none_and_no_slot_stays_open(page: Any) -> None:
    told = " ".join(page.xpath("//body//text()[not(ancestor::style or ancestor::pre)]"))
    told += " ".join(page.xpath("//@aria-label"))
    assert NO_NUMBER.findall(told) == []
    assert left_over_slots(page) == []


# -- no wall of what is not shown ------------------------------------------------------------------


def cells_of(table: Any) -> list[Any]:
    return [cell for cell in table.xpath(".//tbody//td") if "count" not in cell.get("class")]


def is_shown(cell: Any) -> bool:
    """Whether a cell says something: neither empty nor a mark for what is not shown."""
    text = text_of(cell)
    return bool(text) and not any(text.startswith(mark) for mark in NOT_SHOWN)


def test_no_table_is_empty(page: Any) -> None:
    for table in page.xpath("//table"):
        assert table.xpath(".//tbody/tr")
        assert any(map(is_shown, cells_of(table))), text_of(table)[:200]


def test_no_table_is_a_wall_of_results_that_are_not_shown(page: Any) -> None:
    """Where all is hidden one sentence says so; hidden cells stand among cells that are shown."""
    for table in page.xpath("//table"):
        hidden = table.xpath(".//tbody//td[contains(@class, 'hidden')]")
        seen = [cell for cell in cells_of(table) if NUMBER.search(text_of(cell))]
        assert not hidden or len([one for one in seen if one not in hidden]), text_of(table)[:200]


def test_no_figure_is_without_marks(page: Any) -> None:
    for figure in page.xpath("//figure"):
        shown = [cell for cell in figure.xpath(".//tbody//td") if is_shown(cell)]
        assert any(NUMBER.search(text_of(cell)) for cell in shown), text_of(figure)[:200]
        for drawing in figure.xpath(".//*[local-name()='svg']"):
            assert len(drawing.xpath(".//*[local-name()='path']")) > 3
            assert MARKS.search(html.tostring(drawing, encoding="unicode"))


def numbers_in(text: str) -> set[str]:
    """The numbers of a text as they are printed, a minus told by one sign."""
    return {one.replace("-", "−") for one in NUMBER.findall(unicodedata.normalize("NFKC", text))}


def test_what_stands_for_a_figure_tells_its_numbers(page: Any, language: str) -> None:
    """Each number of the alternative text is in the table below the figure, or counts its parts."""
    for figure in page.xpath("//figure"):
        told = numbers_in(figure.xpath(".//*[@role='img']/@aria-label")[0])
        (table,) = figure.xpath(".//table")
        counts = {str(k) for k in range(len(table.xpath(".//tr")) + len(table.xpath(".//th")))}
        known = numbers_in(text_of(figure)) | counts | {"0", "100", "95"}
        known |= numbers_in(text_of(table.getparent()))
        assert told <= known, (figure.get("id"), told - known)


def test_the_page_says_what_it_said(name: str, language: str) -> None:
    """Renewed on purpose only: `python tests/thin_studies.py --said`."""
    kept = (THIN / name / f"said.{language}.txt").read_text(encoding="utf-8")
    assert said(name, language) == kept


# -- what each lacks -------------------------------------------------------------------------------

LACKS = {
    "one_wave": {"change": "no_previous"},
    "no_segments": {"groups": "not_measured"},
    "no_outcomes": {"links": "not_measured", "priorities": "not_measured"},
    "no_journey": {"journey": "not_measured", "level_by_stage": "not_measured"},
    "no_framework": {"pyramid": "not_measured", "items": "not_measured"},
    "only_outcome": {"pyramid": "not_measured", "journey": "not_measured"},
    "twelve_respondents": {"scorecard": "hidden", "journey": "hidden", "links": "hidden"},
    "everybody_hidden": {"scorecard": "hidden_privacy", "links": "hidden_privacy"},
    "empty_journey": {"journey": "no_answers"},
    "empty_pyramid": {"links": "no_answers", "priorities": "no_answers"},
    "empty_outcome": {"scorecard": "no_answers", "links": "no_answers"},
}
"""What sections say of what a study lacks: the variants of F20, F32 and F33."""


def test_a_section_says_why_it_shows_nothing(name: str, language: str, page: Any) -> None:
    told = locale(language)["findings"]
    words = Words(language, {"min_base": 30, "min_n": 10})
    templates = told["F32"] | told["F33"] | {"no_previous": told["F20"]["no_previous"]}
    for section, variant in LACKS.get(name, {}).items():
        parts = re.split(r"\{\w+\}", templates[variant])
        pattern = ".+".join(re.escape(" ".join(words.fill(part).split())) for part in parts)
        (found,) = page.xpath(f"//section[@id='{section}']")
        leads = [text_of(one) for one in found.xpath(".//p[@class='lead']")]
        assert any(re.fullmatch(pattern, one) for one in leads), (section, leads)


def test_customers_have_no_funnel(name: str, page: Any) -> None:
    """Who stopped before buying is not on a list of customers."""
    if name != "customers_only":
        return
    (journey,) = page.xpath("//section[@id='journey']")
    assert journey.xpath(".//figure")
    assert not re.search(r"reach|jangkauan", text_of(journey.xpath(".//thead")[0]), re.IGNORECASE)
