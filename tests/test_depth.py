"""Full and brief reports: what each holds, what a brief one leaves out and says so."""

from __future__ import annotations

import shlex
from collections import Counter
from importlib import import_module
from typing import Any

import nbformat
import pytest
from lxml import html
from test_sections import CUSTOMERS, NPS, lay, say

import cxkit as cx
from cxkit.__main__ import main
from cxkit.analysis import order as order_numbers
from cxkit.errors import SurveyError
from cxkit.library import locale
from cxkit.report import page
from cxkit.report.finding import FINDING_MIME
from cxkit.report.plan import planned
from cxkit.report.stems import LONGEST, stem_of, summed_up
from cxkit.report.verify import verify
from cxkit.wording import Words

FULL = [
    "summary", "who_answered", "scorecard", "pyramid", "items", "journey", "level_by_stage",
    "journey_map", "groups", "channels", "links", "priorities", "change", "gaps", "types",
    "determinants", "loyalty", "problems", "comments", "value", "measurement", "robustness", "next",
]  # fmt: skip
BRIEF = ["summary", "who_answered", "scorecard", "pyramid", "items", "journey", "change"]
LEFT_OUT = [
    "level_by_stage", "journey_map", "groups", "channels", "links", "priorities", "gaps", "types",
    "determinants", "loyalty", "problems", "comments", "value", "measurement", "robustness", "next",
]  # fmt: skip
BOARD = ["summary", "pyramid", "journey", "change"]
OWN_LEVELS = """
key: scale
kind: levels
unit: {id: dimensi, en: dimension}
units: {id: dimensi, en: dimensions}
levels:
  - {key: easy, label: {id: Mudah, en: Easy}, items: [q1]}
  - {key: kind, label: {id: Ramah, en: Kind}, items: [q2]}
items:
  q1: {text: It is easy}
  q2: {text: They are kind}
"""


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo")


@pytest.fixture(scope="module")
def sulawesi(demo: Any) -> Any:
    """About 130 respondents: a group whose main numbers can be shown."""
    return demo.where(region="sulawesi")


@pytest.fixture(scope="module")
def few(demo: Any) -> Any:
    """23 respondents of the latest wave: more than privacy asks for, too few for any number."""
    return demo.where(region="java", channel="email")


def executed(*shown: Any) -> Any:
    """A notebook whose cells show these findings."""
    nb = nbformat.v4.new_notebook()
    for one in shown:
        data = {FINDING_MIME: one.to_dict()}
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
        nb.cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    return nb


def notebook(survey: Any, depth: str) -> Any:
    """The report notebook of a survey, as its cells show it."""
    sections = cx.sections(survey, depth=depth)
    return executed(*(getattr(sections, key) for key in FULL))


def laid_out(survey: Any, depth: str, language: str) -> Any:
    return html.document_fromstring(page.render(notebook(survey, depth), language))


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def what_is_left_out(sections: Any, language: str) -> str:
    """What the box of the summary says of a brief report."""
    (told,) = [one for one in sections.summary if one.variant == "brief"]
    return say(told, language)


# -- what they hold --------------------------------------------------------------------------------


def test_a_full_report_shows_what_each_topic_finds(sulawesi: Any) -> None:
    sections = cx.sections(sulawesi)
    for key in FULL:
        findings = import_module(f"cxkit.report.sections.{key}").findings(sulawesi)
        assert getattr(sections, key).to_dict() == findings.to_dict()


def test_a_brief_report_shows_the_same_or_nothing(sulawesi: Any) -> None:
    full, brief = cx.sections(sulawesi), cx.sections(sulawesi, depth="brief")
    for key in sorted({*BRIEF} - {"summary", "pyramid"}):
        assert getattr(brief, key).to_dict() == getattr(full, key).to_dict()
    assert [len(getattr(brief, key)) for key in LEFT_OUT] == [0] * len(LEFT_OUT)
    assert [one.key for one in full.pyramid] == ["F06", "F07", "F08"]
    assert [one.to_dict() for one in brief.pyramid] == [full.pyramid[0].to_dict()]


def test_a_brief_report_does_not_compute_what_it_leaves_out(
    sulawesi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError("a brief report has no use for this")

    for key in LEFT_OUT:
        monkeypatch.setattr(import_module(f"cxkit.report.sections.{key}"), "findings", refused)
    monkeypatch.setattr(import_module("cxkit.report.sections.order"), "orders", refused)
    monkeypatch.setattr(import_module("cxkit.analysis.measurement"), "structure", refused)
    assert order_numbers.orders is not refused  # what the section had imported is what it lost
    sections = cx.sections(sulawesi, depth="brief")
    assert sum(len(getattr(sections, key)) for key in FULL) > len(BRIEF)


def test_each_section_is_computed_once_and_only_when_asked_for(
    sulawesi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    for key in FULL:
        module = import_module(f"cxkit.report.sections.{key}")

        def counted(*given: Any, key: str = key, own: Any = module.findings, **named: Any) -> Any:
            asked[key] += 1
            return own(*given, **named)

        monkeypatch.setattr(module, "findings", counted)
    sections = cx.sections(sulawesi, depth="brief")
    assert not asked
    assert sections.scorecard is sections.scorecard
    assert asked == {"scorecard": 1}
    for key in FULL:
        getattr(sections, key)
    assert asked == dict.fromkeys(BRIEF, 1)


def test_an_unknown_depth_is_refused_with_the_nearest(sulawesi: Any) -> None:
    with pytest.raises(SurveyError, match="unknown depth 'breif'") as slip:
        cx.sections(sulawesi, depth="breif")
    assert "brief" in str(slip.value.hint)


def test_an_unknown_section_is_refused_with_the_nearest(sulawesi: Any) -> None:
    sections = cx.sections(sulawesi)
    with pytest.raises(AttributeError, match=r"no section 'piramid': .*pyramid"):
        _ = sections.piramid
    assert set(FULL) <= set(dir(sections))


def test_sections_show_which_they_are(sulawesi: Any) -> None:
    brief = cx.sections(sulawesi, depth="brief")
    assert repr(brief) == "Sections of a brief report: " + ", ".join(BRIEF)
    shown = text(html.fromstring(brief._repr_html_()))
    assert [key for key in FULL if f".{key}" in shown] == BRIEF


# -- what a brief report says of itself ------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_summary_names_every_section_that_is_left_out(sulawesi: Any, language: str) -> None:
    brief = cx.sections(sulawesi, depth="brief")
    said = what_is_left_out(brief, language)
    words = Words(language, sulawesi.latest.context())
    for key in LEFT_OUT:
        assert words.fill(locale(language)["sections"][key]["name"]) in said
    assert brief.left_out == ("order", *LEFT_OUT)
    fourth = [one for one in brief.summary if not one.options.get("box")][3]
    assert (fourth.key, fourth.variant) == ("F32", "not_analysed")


def test_a_full_report_leaves_nothing_out(sulawesi: Any) -> None:
    full = cx.sections(sulawesi)
    assert full.left_out == ()
    assert not {"brief", "board"} & {one.variant for one in full.summary}


def test_what_the_study_never_asked_is_not_left_out(tmp_path) -> None:
    """An outcome and nothing else: links are not measured, and there is no level to miss."""
    survey = lay(tmp_path, CUSTOMERS + NPS, {"q": [10] * 40 + [7] * 20 + [3] * 20})
    brief = cx.sections(survey, depth="brief")
    assert brief.left_out == ("robustness",)
    told = [(one.key, one.variant) for one in brief.summary]
    assert told[3] == ("F32", "not_measured")


def test_levels_of_another_framework_are_left_out_by_their_own_name(tmp_path) -> None:
    (tmp_path / "scale.yaml").write_text(OWN_LEVELS, encoding="utf-8")
    study = CUSTOMERS + NPS + "frameworks: [scale]\nscale: agreement_5\nitems: {q1: a, q2: b}\n"
    answers = {"q": [10, 7, 3, 9] * 20, "a": [4, 5, 3, 2] * 20, "b": [3, 4, 5, 1] * 20}
    brief = cx.sections(lay(tmp_path, study, answers), depth="brief")
    assert brief.left_out == ("order", "links", "priorities", "measurement", "robustness")
    said = what_is_left_out(brief, "en")
    assert "how the dimensions fit together" in said
    assert "yramid" not in said


# -- its page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("group", ["sulawesi", "few"])
def test_a_brief_page_has_no_empty_section_and_no_dangling_link(
    group: str, language: str, request: pytest.FixtureRequest
) -> None:
    made = laid_out(request.getfixturevalue(group), "brief", language)
    sections = made.xpath("//main/section")
    assert [one.get("id") for one in sections] == [*BRIEF, "methods"]
    assert [one.get("href") for one in made.xpath("//nav//a")] == [
        f"#{key}" for key in (*BRIEF, "methods")
    ]
    for section in sections:
        assert section.xpath('.//p[@class="lead"] | .//figure | .//table | .//ol | .//dl')
        assert all(map(text, section.xpath('.//p[@class="lead"]')))
    ids = set(made.xpath("//@id"))
    pointed = {one[1:] for one in made.xpath("//a/@href") if one.startswith("#")}
    assert pointed <= ids
    numbered = [text(one) for one in made.xpath('//*[contains(@class, "number")]')]
    for kind in ("figure_number", "table_number"):
        stem = locale(language)["ui"][kind].partition("{")[0].strip()
        own = [int(one.split()[-1].rstrip(".:")) for one in numbered if one.startswith(stem)]
        assert own == list(range(1, len(own) + 1))
    proofs = made.xpath('//section[@id="summary"]//a/@href')
    # the question on links has none, nor has one whose section can show no number
    assert len(proofs) == {"sulawesi": 4, "few": 2}[group]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("id", "Pengalaman pelanggan Toko Contoh: Sulawesi"),
        ("en", "Customer experience of Toko Contoh: Sulawesi"),
    ],
)
def test_the_page_of_a_group_is_called_after_it(sulawesi: Any, language: str, title: str) -> None:
    made = html.document_fromstring(
        page.render(executed(cx.scorecard.findings(sulawesi)), language)
    )
    assert text(made.find(".//h1")) == title
    assert made.findtext(".//title") == title


def test_groups_of_two_segments_are_not_told_as_a_list(few: Any) -> None:
    """`Java and Email` would be the people of both; they are those in Java who came by e-mail."""
    assert Words("en", few.latest.context()).chosen() == "Java · Email"
    both = few.where(region="java").latest.context() | {
        "filters": [["region", "java"], ["region", "other"]]
    }
    assert Words("id", both).chosen() == "Jawa dan Wilayah lain"


def test_a_group_is_not_asked_what_share_of_it_is_of_the_group(demo: Any, sulawesi: Any) -> None:
    def told(survey: Any) -> set[str]:
        (made,) = [one for one in cx.who_answered.findings(survey) if one.key == "composition"]
        return {one.of for one in made.estimates}

    assert told(demo) - told(sulawesi) == {"segment:region"}
    assert told(demo.where(region=["java", "sulawesi"])) == told(demo)


@pytest.mark.parametrize(("language", "size"), [("id", "23 responden"), ("en", "23 respondents")])
def test_the_size_of_a_small_group_is_disclosed_as_it_is(
    few: Any, language: str, size: str
) -> None:
    """It is too small for numbers, and still not fewer than ten."""
    made = html.document_fromstring(page.render(executed(cx.who_answered.findings(few)), language))
    (row,) = [
        one for one in made.xpath("//tr")
        if text(one).startswith(locale(language)["names"]["disclosure"]["sample_size"])
    ]  # fmt: skip
    assert size in text(row)


def test_the_command_of_a_group_can_be_given_to_a_shell(few: Any) -> None:
    """`&` between two segments would otherwise end the command."""
    nb = notebook(few, "brief")
    group = "region=java&channel=email"
    nb.metadata["cxkit"] = {
        "notebook": "report",
        "parameters": {"depth": "brief", "group": group},
        "manifest": {},
    }
    made = html.document_fromstring(page.render(nb, "en"))
    commands = [text(one) for one in made.xpath('//*[contains(@class, "command")]')]
    (own,) = [shlex.split(one) for one in commands if one.startswith("cxkit run")]
    assert own[-4:] == ["-p", "depth=brief", "-p", f"group={group}"]


# -- one page for the board ------------------------------------------------------------------------


def test_the_board_gets_the_five_answers_of_the_full_report(sulawesi: Any) -> None:
    """Word for word, number for number: what is left out is the proof."""
    full, board = cx.sections(sulawesi), cx.sections(sulawesi, depth="board")
    answers = [
        [one.to_dict() for one in told.summary if not one.options.get("box")]
        for told in (full, board)
    ]
    assert len(answers[0]) == 5
    assert answers[0] == answers[1]
    assert repr(board) == "Sections of a board report: " + ", ".join(BOARD)
    assert [key for key in FULL if len(getattr(board, key))] == ["summary", "pyramid", "journey"]


def test_a_board_without_a_journey_sees_the_trend_of_the_outcomes(tmp_path) -> None:
    waves = "wave: w\nwaves: {2025H1: {}, 2025H2: {}}\nframeworks: [pyramid]\n"
    study = CUSTOMERS + NPS + waves + "scale: agreement_5\nitems: {tru_1: t, res_1: r}\n"
    answers = {"w": ["2025H1"] * 200 + ["2025H2"] * 200, "q": [10, 7, 3, 9] * 100,
               "t": [4, 5, 3, 2] * 100, "r": [3, 4, 5, 1] * 100}  # fmt: skip
    survey = lay(tmp_path, study, answers)
    (trend,) = cx.sections(survey, depth="board").change
    (whole,) = [one for one in cx.sections(survey).change if one.figure == "trend"]
    assert {one.of for one in trend.estimates} == {"outcome:recommend"}
    assert {"level:trust", "outcome:recommend"} <= {one.of for one in whole.estimates}
    kept = [one for one in whole.to_dict()["records"]["estimates"]
            if one["of"] == "outcome:recommend"]  # fmt: skip
    assert trend.to_dict()["records"]["estimates"] == kept
    assert [one["of"] for one in trend.options["measures"]] == ["outcome:recommend"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_board_is_told_what_its_page_leaves_out_and_where_it_is(
    sulawesi: Any, language: str
) -> None:
    board = cx.sections(sulawesi, depth="board")
    assert board.left_out == (
        "who_answered", "scorecard", "order", "items", "level_by_stage", "journey_map", "groups",
        "channels", "links", "priorities", "change", "gaps", "types", "determinants", "loyalty",
        "problems", "comments", "value", "measurement", "robustness", "next",
    )  # fmt: skip
    (told,) = [one for one in board.summary if one.variant == "board"]
    words = Words(language, sulawesi.latest.context())
    nb = executed(*(getattr(board, key) for key in FULL))
    nb.metadata["title"] = "toko_contoh-report-board"
    made = html.document_fromstring(page.render(nb, language))
    printed = text(made.xpath('//main//div[contains(@class, "box")]')[0])
    assert say(told, language) in printed
    for key in LEFT_OUT:
        assert words.fill(locale(language)["sections"][key]["name"]) in printed
    (link,) = made.xpath("//main/p//a")
    assert link.get("href") == f"toko_contoh-report.{language}.html"
    assert link.get("href") in text(link)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("group", ["sulawesi", "few"])
def test_a_board_page_holds_answers_figures_and_how_it_was_made(
    group: str, language: str, request: pytest.FixtureRequest
) -> None:
    nb = notebook(request.getfixturevalue(group), "board")
    nb.metadata["cxkit"] = {"notebook": "report", "parameters": {"depth": "board"}, "manifest": {}}
    made = html.document_fromstring(page.render(nb, language))
    assert len(made.xpath('//ol[@class="findings"]/li')) == 5
    figures = made.xpath("//figure")
    assert len(figures) == {"sulawesi": 2, "few": 1}[group]  # the trend has earlier waves to show
    for one in figures:
        assert text(one.find(".//h2"))
        assert one.xpath('.//*[@role="img"]/@aria-label')[0]
        assert one.xpath(".//details//td")
    assert not made.xpath("//nav")
    assert made.xpath('//*[@id="methods"]//*[@id="methods-manifest"]//pre')
    commands = [text(one) for one in made.xpath('//*[@id="methods"]//pre')]
    assert any(one.startswith("cxkit run demo") and "depth=board" in one for one in commands)
    ids = made.xpath("//@id")
    assert len(ids) == len(set(ids))
    pointed = {one[1:] for one in made.xpath("//a/@href") if one.startswith("#")}
    assert pointed <= set(ids)


def test_the_files_of_the_board_lie_beside_those_of_the_report() -> None:
    assert stem_of("toko", "report", {}, depth="board") == "toko-report-board"
    assert stem_of("toko", "report", {}, depth="brief") == stem_of("toko", "report", {})
    named = stem_of("toko", "report", {"region": "java"}, "2026H1", "board")
    assert named == "toko-report-region-java-2026H1-board"
    assert summed_up(named) == stem_of("toko", "report", {"region": "java"}, "2026H1")
    assert summed_up("toko-report") is None
    long = stem_of("t" * 60, "n" * 60, {}, depth="board")
    assert len(long) <= LONGEST
    assert summed_up(long) is None


def test_a_study_may_ask_for_the_report_and_its_version_for_the_board(tmp_path) -> None:
    study = CUSTOMERS + NPS + "reports: [{notebook: report}, {notebook: report, depth: board}]\n"
    lay(tmp_path, study, {"q": [10] * 40 + [7] * 20 + [3] * 20})
    plan = planned(tmp_path)
    assert [one.stem for one in plan] == ["mini-report", "mini-report-board"]
    assert [one.job.parameters.get("depth") for one in plan] == [None, "board"]
    (alone,) = planned(tmp_path, notebook="report", depth="board")
    assert alone.stem == "mini-report-board"


def test_a_board_page_can_be_verified(tmp_path) -> None:
    study = CUSTOMERS + NPS
    (tmp_path / "s").mkdir()
    lay(tmp_path / "s", study, {"q": [10] * 40 + [7] * 20 + [3] * 20})
    command = ["run", str(tmp_path / "s"), "--depth", "board", "-o", str(tmp_path / "out")]
    assert main([*command, "--quiet"]) == 0
    file = tmp_path / "out" / "mini-report-board.en.html"
    assert verify(file, study=tmp_path / "s").identical
