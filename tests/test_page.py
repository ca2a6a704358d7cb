"""The demo's page as text: its sections, headings, figures with their numbers, and no door open."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from cxkit.report.layout import markdown

LANGUAGES = ("id", "en")
SECTIONS = [
    "summary", "who_answered", "scorecard", "pyramid", "items", "journey", "level_by_stage",
    "journey_map", "groups", "channels", "links", "priorities", "change", "gaps", "types",
    "determinants", "loyalty", "problems", "comments", "value", "measurement", "robustness",
    "next", "methods",
]  # fmt: skip
# The questions that head them, as management reads them.
QUESTIONS = {
    "id": [
        "Apa lima hal yang perlu diketahui?",
        "Siapa yang menjawab, dan mewakili siapa?",
        "Bagaimana keadaan kita sekarang terhadap target?",
        "Tingkat mana yang kuat dan mana yang lemah?",
        "Pernyataan mana yang menjelaskan tingkat itu?",
        "Di mana kita kehilangan orang, dan di mana pengalaman menurun?",
        "Apakah kelemahan itu sama di setiap tahap?",
        "Seperti apa perjalanan itu dalam satu lembar?",
        "Siapa yang mengalaminya berbeda?",
        "Di saluran mana pengalaman berbeda?",
        "Apa yang berkaitan dengan kesediaan merekomendasikan?",
        "Apa yang layak dicoba lebih dulu?",
        "Apa yang berubah sejak gelombang lalu, dan apakah itu nyata?",
        "Di mana kenyataan belum memenuhi harapan?",
        "Jenis pengalaman mana yang kuat dan mana yang lemah?",
        "Apa yang membuat sebuah interaksi bernilai, dan bagian mana yang kurang?",
        "Siapa yang bertahan, siapa yang bercerita, dan apa yang terjadi setelah masalah?",
        "Seberapa sering masalah terjadi, dan bagaimana penanganannya?",
        "Apa kata mereka sendiri?",
        "Berapa nilainya, jika asumsi kita benar?",
        "Seberapa jauh angka ini bisa dipercaya?",
        "Apakah analisis lain akan mengatakan hal yang sama?",
        "Apa yang kita lakukan, siapa yang memegang, apa yang diukur lagi?",
        "Bagaimana laporan ini dibuat?",
    ],
    "en": [
        "What are the five things to know?",
        "Who answered, and whom do they stand for?",
        "Where do we stand against target?",
        "Which level is strong and which is weak?",
        "Which statements explain that level?",
        "Where do we lose people, and where does the experience drop?",
        "Is the weak spot the same at every stage?",
        "What does the journey look like on one sheet?",
        "Who lives it differently?",
        "Where does the experience differ between channels?",
        "What goes with willingness to recommend?",
        "What should we try first?",
        "What changed since last wave, and is it real?",
        "Where does reality fall short of expectation?",
        "Which type of experience is strong and which is weak?",
        "What makes an interaction worth having, and which part falls short?",
        "Who stays, who talks, and what happens after a problem?",
        "How often do problems occur, and how are they handled?",
        "What do they say themselves?",
        "What is it worth, if our assumptions hold?",
        "How far can these numbers be trusted?",
        "Would another analysis say the same?",
        "What do we do, who owns it, what do we measure again?",
        "How was this report made?",
    ],
}
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
# Every address that a browser would follow or fetch, with its scheme.
ADDRESS = re.compile(
    r"""(?:\b(?:src|href|srcset|action|data|poster)\s*=\s*["']?|url\(\s*["']?|@import\s*["']?)"""
    r"""\s*([a-z][a-z0-9+.-]*:|//)""",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[−-]?\d[\d.,]*\d|\d")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def text(demo_report: Path, language: str) -> str:
    (file,) = demo_report.glob(f"*.{language}.html")
    return file.read_text(encoding="utf-8")


@pytest.fixture
def page(text: str) -> Any:
    return html.document_fromstring(text)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def of_class(element: Any, name: str, tag: str = "*") -> list[Any]:
    return element.xpath(
        f'.//{tag}[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
    )


def numbers(said: str) -> set[str]:
    return set(NUMBER.findall(said))


# -- the story -------------------------------------------------------------------------------------


def test_the_page_has_the_sections_of_its_story_in_order(page: Any) -> None:
    assert page.xpath("//main/section/@id") == SECTIONS


def test_each_section_is_headed_by_its_question(page: Any, language: str) -> None:
    assert [words(one) for one in page.xpath("//main/section/h2")] == QUESTIONS[language]


def test_a_section_opens_with_what_its_first_proof_shows_and_says_the_rest_below(page: Any) -> None:
    """No section has its reader scroll past more than four sentences; later ones stand lower."""
    below = {}
    for section in page.xpath("//main/section[figure or div[@class='table']]"):
        first = section.xpath("./figure | ./div[@class='table']")[0]
        assert len(first.xpath("./preceding-sibling::p[@class='lead']")) <= 4, section.get("id")
        below[section.get("id")] = len(first.xpath("./following-sibling::p[@class='lead']"))
    assert min(below["journey"], below["loyalty"], below["value"]) >= 3


def test_the_contents_lead_to_every_section_by_its_name(page: Any) -> None:
    entries = page.xpath("//nav//a")
    assert [one.get("href") for one in entries] == [f"#{key}" for key in SECTIONS]
    names = [words(one) for one in of_class(page.find(".//main"), "name", "p")]
    assert [words(one) for one in entries] == names
    assert [name.split()[0] for name in names] == [str(i) for i in range(1, len(SECTIONS) + 1)]


def test_one_title_names_the_page_and_its_window(page: Any, language: str) -> None:
    title = {
        "id": "Pengalaman pelanggan Toko Contoh",
        "en": "Customer experience of Toko Contoh",
    }[language]
    assert [words(one) for one in page.iter("h1")] == [title]
    assert page.findtext(".//title") == title
    assert page.get("lang") == language


def test_headings_go_down_one_step_at_a_time(page: Any) -> None:
    depths = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert depths[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(depths))


def test_the_summary_answers_five_questions_each_with_its_proof(page: Any) -> None:
    """A number, its range, its base and a link; or a sentence that says why there is none."""
    items = page.xpath('//section[@id="summary"]//ol/li')
    assert len(items) == 5
    empty = [one for one in items if "empty" in (one.get("class") or "").split()]
    assert not empty
    for place, one in enumerate(items):
        if (
            place == 3
        ):  # no level goes clearly most closely with recommending: no number stands large
            assert not of_class(one, "big")
            assert page.xpath(
                f'//*[@id="{of_class(one, "proof")[0].find(".//a").get("href")[1:]}"]'
            )
            continue
        (big,), (evidence,), (proof,) = (
            of_class(one, name) for name in ("big", "evidence", "proof")
        )
        assert numbers(words(big))
        assert len(numbers(words(evidence))) >= 3
        assert "n = " in words(evidence)
        target = proof.find(".//a").get("href")
        assert page.xpath(f'//*[@id="{target[1:]}"]')


def test_simulated_answers_are_called_so_at_both_ends_and_on_every_sheet(
    page: Any, language: str
) -> None:
    said = {
        "id": "Data simulasi, bukan responden sungguhan.",
        "en": "Simulated data, not real respondents.",
    }[language]
    assert words(of_class(page, "flag")[0]) == said
    assert said in words(page.find(".//footer"))
    assert said in page.findtext(".//style")


# -- figures and tables ----------------------------------------------------------------------------


def test_every_figure_is_numbered_titled_and_drawn_twice(page: Any) -> None:
    figures = page.xpath("//figure")
    assert len(figures) == 20
    for number, figure in enumerate(figures, 1):
        caption = figure.find("figcaption")
        assert words(of_class(caption, "number")[0]).split()[-1] == str(number)
        assert words(of_class(caption, "title")[0])
        for size in ("wide", "narrow"):
            (drawing,) = of_class(figure, size)
            assert len(drawing.xpath("./*[local-name()='svg']")) == 1


def test_every_figure_says_in_words_numbers_that_stand_in_its_table(page: Any) -> None:
    for figure in page.xpath("//figure"):
        (alt,) = figure.xpath('.//*[@role="img"]/@aria-label')
        (table,) = figure.xpath(".//table")
        in_table = {one for cell in table.xpath(".//td") for one in numbers(words(cell))}
        exact = {one for one in numbers(alt) if len(one) > 1}
        assert len(exact & in_table) >= 2, alt


def test_every_figure_shows_numbers_that_stand_in_its_table(page: Any) -> None:
    """What is printed in the drawing is text, and the same text."""
    for figure in page.xpath("//figure"):
        (table,) = figure.xpath(".//table")
        in_table = {one for cell in table.xpath(".//td") for one in numbers(words(cell))}
        for size in ("wide", "narrow"):
            lettering = of_class(figure, size)[0].xpath(".//*[local-name()='text']")
            drawn = {one for mark in lettering for one in numbers(words(mark)) if len(one) > 1}
            # a curve draws few numbers beside its axis; a few rows have few numbers
            least = (
                3 if "curve" in figure.get("id") else min(5, 2 * len(table.xpath(".//tbody/tr")))
            )
            assert len(drawn & in_table) >= least, figure.get("id")


def test_every_table_has_a_caption_a_base_and_cells_in_line(page: Any) -> None:
    for table in page.iter("table"):
        assert words(table.find("caption"))
        widths = {len(row.xpath("./th|./td")) for row in table.iter("tr")}
        assert len(widths) == 1


def test_every_table_of_results_names_its_bases(page: Any) -> None:
    """In a column or a row of its own; money of a scenario has inputs, and no respondents."""
    tables = page.xpath(
        '//section[@id!="value"]//figure//table | //section[@id="scorecard"]//table'
    )
    assert len(tables) == 20
    for table in tables:
        assert "n" in [words(one).partition(" ")[0] for one in table.xpath(".//th")]


def test_no_cell_shows_what_is_not_a_number(page: Any) -> None:
    for cell in page.xpath("//td|//th"):
        said = words(cell).removeprefix("None of them").replace("“none”", "")  # words of answers
        assert not re.search(r"\b(nan|none|null|inf|true|false)\b", said, re.IGNORECASE), said


def test_nothing_is_left_unfilled(page: Any) -> None:
    """No slot, key or template of ours stands where a word should."""
    for part in page.xpath("//main/section[not(@id='methods')] | //header"):
        said = words(part)
        assert not re.search(
            r"\{\w*\}|\{\{|\b(?:item|level|stage|outcome|segment|metric):\w", said
        ), said


# -- no door open ----------------------------------------------------------------------------------


def test_the_page_forbids_all_that_it_does_not_carry(page: Any) -> None:
    (policy,) = page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert policy == CSP
    first = page.xpath("//head/*")[:2]
    assert "Content-Security-Policy" in {one.get("http-equiv") for one in first}


def test_the_page_holds_nothing_that_acts(page: Any) -> None:
    tags = {one.tag for one in page.iter() if isinstance(one.tag, str)}
    assert not tags & {"script", "iframe", "object", "embed", "base", "form", "input", "button"}
    for element in page.iter():
        acts = [key for key in element.attrib if key.lower().startswith("on")]
        assert not acts, (element.tag, acts)


def test_the_page_names_no_address_outside_itself(text: str) -> None:
    for sample in ('<a href="https://x.y">', "<img src=//x>", "url( 'http://x')", "@import 'ftp:x"):
        assert ADDRESS.search(sample), sample
    assert {found.group(1).lower() for found in ADDRESS.finditer(text)} <= {"data:"}


@pytest.mark.parametrize(
    "source",
    [
        "![logo](https://example.org/logo.png)",
        "![logo](//example.org/logo.png)",
        "[go](javascript:alert(1))",
        "[go](data:text/html,hello)",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
    ],
)
def test_a_researchers_markdown_fetches_and_runs_nothing(source: str) -> None:
    """A link that a reader chooses to follow is allowed; what acts by itself is not."""
    made = html.fragment_fromstring(str(markdown(source)), create_parent="div")
    assert not made.findall(".//script")
    for element in made.iter():
        assert not [key for key in element.attrib if key.startswith("on")]
        assert not re.match(r"[a-z]+:|//", element.get("src") or "")
        assert not re.match(r"(?!https?:|mailto:)[a-z]+:", element.get("href") or "")


def test_every_link_inside_the_page_leads_somewhere(page: Any) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = page.xpath("//a/@href")
    assert links
    assert {one[1:] for one in links if one.startswith("#")} <= set(ids)
    assert all(one.startswith("#") for one in links)


def test_references_inside_drawings_lead_to_the_same_drawing(page: Any) -> None:
    """Ids are prefixed by the figure's key: two drawings on a page never share a clip or a mark."""
    for drawing in page.xpath("//*[local-name()='svg']"):
        own = set(drawing.xpath(".//@id"))
        markup = html.tostring(drawing, encoding="unicode")
        wanted = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", markup))
        assert {a or b for a, b in wanted} <= own


def test_the_page_is_light_enough_to_mail(text: str) -> None:
    assert len(text.encode("utf-8")) < 1_000_000
