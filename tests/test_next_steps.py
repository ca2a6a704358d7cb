"""Next steps: which actions are planned in the light of a wave, how they are told, their slips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import html
from test_sections import CUSTOMERS, NPS, lay, say

import cxkit as cx
from cxkit.answers import check
from cxkit.library import locale
from cxkit.report import page
from cxkit.report.finding import FINDING_MIME

WAVES = """\
wave: w
waves:
  2025H1: {from: 2025-03-01, to: 2025-03-20}
  2025H2: {from: 2025-09-01, to: 2025-09-20}
  2026H1: {from: 2026-03-01, to: 2026-03-20}
"""
ANSWERS = {
    "w": ["2025H1"] * 40 + ["2025H2"] * 40 + ["2026H1"] * 40,
    "q": [10, 7, 3, 9] * 30,
}


def actions(*lines: str) -> str:
    return "actions:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def study(folder: Path, *lines: str, waves: str = WAVES, **more: Any) -> Any:
    told = CUSTOMERS + NPS + waves + (actions(*lines) if lines else "")
    return lay(folder, told, more or ANSWERS)


def steps(survey: Any) -> list[str]:
    """What is planned, in English."""
    found = cx.next_steps.findings(survey)
    return [step["what"]["en"] for one in found for step in one.options["steps"]]


def printed(survey: Any, language: str) -> Any:
    nb = nbformat.v4.new_notebook()
    for one in (cx.scorecard.findings(survey), cx.next_steps.findings(survey)):
        output = nbformat.v4.new_output(
            "execute_result", data={FINDING_MIME: one.to_dict()}, execution_count=1
        )
        nb.cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    return html.document_fromstring(page.render(nb, language))


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


# -- which are planned -----------------------------------------------------------------------------


def test_what_was_done_before_a_wave_is_no_step(tmp_path: Path) -> None:
    survey = study(
        tmp_path,
        "date: 2026-08-01, what: late",
        "date: 2026-03-20, what: on its last day",
        "date: 2026-03-21, what: early",
        "date: 2025-12-01, what: before",
        "date: 2024-01-01, what: before all",
    )
    assert steps(survey) == ["early", "late"]
    assert steps(survey.where(wave="2025H2")) == ["before", "on its last day"]
    assert steps(survey.where(wave="2025H1")) == []


def test_a_step_added_after_a_later_wave_changes_nothing_of_an_earlier_one(tmp_path: Path) -> None:
    """The page of a finished wave stays as it is, its digests too."""
    first = "date: 2025-11-01, what: chat"
    before = study(tmp_path, first).where(wave="2025H2").context()
    after = study(tmp_path, first, "date: 2026-05-01, what: more").where(wave="2025H2").context()
    assert before == after


def test_a_step_that_names_its_wave_stays_with_it(tmp_path: Path) -> None:
    """Planned for after the next wave: without the name, a new wave would take it along."""
    far = "date: 2026-06-01, what: far, wave: 2025H2"
    survey = study(tmp_path, far, "date: 2026-06-01, what: near")
    assert steps(survey) == ["near"]
    assert steps(survey.where(wave="2025H2")) == ["far"]


def test_all_are_planned_where_no_wave_has_dates(tmp_path: Path) -> None:
    survey = study(tmp_path, "date: 2026-06-01, what: one", waves="", q=[10, 7, 3, 9] * 30)
    assert steps(survey) == ["one"]


def test_the_trend_has_only_what_was_done(tmp_path: Path) -> None:
    survey = study(tmp_path, "date: 2025-12-01, what: done", "date: 2026-06-01, what: planned")
    (trend,) = [one for one in cx.change.findings(survey) if one.figure == "trend"]
    assert [one["label"]["en"] for one in trend.options["events"]] == ["done"]


def test_nothing_planned_is_no_section(tmp_path: Path) -> None:
    survey = study(tmp_path, "date: 2025-12-01, what: done")
    assert len(cx.next_steps.findings(survey)) == 0
    assert "planned" not in survey.context()
    assert not printed(survey, "en").xpath('//section[@id="next"]')


# -- how they are told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["date: 2026-06-01, what: a, owner: Ann"],
         "One step is planned after this wave, on 1 June 2026."),
        (["date: 2026-06-01, what: a"],
         "One step is planned after this wave, on 1 June 2026. No owner is named yet."),
        (["date: 2026-08-01, what: a, owner: Ann", "date: 2026-06-01, what: b"],
         "2 steps are planned after this wave, the first on 1 June 2026. "
         "Still without an owner: 1."),
    ],
)  # fmt: skip
def test_the_lead_counts_steps_and_those_without_an_owner(
    lines: list[str], told: str, tmp_path: Path
) -> None:
    (one,) = cx.next_steps.findings(study(tmp_path, *lines))
    assert say(one, "en") == told


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_table_says_what_when_who_and_what_is_measured_again(language: str) -> None:
    made = printed(cx.load("demo"), language)
    (section,) = made.xpath('//section[@id="next"]')
    assert text(section.find("h2")) == locale(language)["sections"]["next"]["question"]
    rows = [[text(one) for one in row] for row in section.xpath(".//tbody/tr")]
    expected = {
        "id": ["Petugas menjawab chat lagi pada malam hari dan akhir pekan", "1 Juni 2026",
               "Layanan pelanggan", "Layanan yang tanggap"],
        "en": ["Staff answer the chat again in the evening and at weekends", "1 June 2026",
               "Customer service", "Responsive service"],
    }  # fmt: skip
    assert rows[0] == expected[language]
    assert [row[3] for row in rows[1:]] == {
        "id": ["Pemenuhan janji", "Menilai"],
        "en": ["Fulfilment", "Evaluate"],
    }[language]


def test_words_of_a_step_are_escaped(tmp_path: Path) -> None:
    survey = study(tmp_path, "date: 2026-06-01, what: '<script>x</script>', owner: '<b>Ann</b>'")
    made = printed(survey, "en")
    assert not made.xpath("//script")
    assert "<b>Ann</b>" in text(made.xpath('//section[@id="next"]')[0])


# -- slips -----------------------------------------------------------------------------------------


def test_a_step_names_a_wave_that_is_there_and_over(tmp_path: Path) -> None:
    study(tmp_path)
    file = tmp_path / "study.yaml"
    wrong = actions(
        "date: 2026-06-01, what: a, wave: 2025H3", "date: 2025-09-10, what: b, wave: 2025H2"
    )
    file.write_text(file.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    unknown, early = check(tmp_path).errors
    assert (unknown.code, unknown.column) == ("unknown_wave", "actions[0].wave")
    assert "2025H" in str(unknown.hint)
    assert (early.code, early.column) == ("action_dates", "actions[1].date")
    assert "before that wave ended (2025-09-20)" in early.message
