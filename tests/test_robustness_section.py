"""The section on how firm the findings are: what it says, shows, and leaves unsaid."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import linked
import numpy as np
import pytest
from planted import plant

import cxkit as cx
from cxkit import library
from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report import figures
from cxkit.report.depth import sections
from cxkit.report.finding import Findings
from cxkit.report.robustness_tables import headlines
from cxkit.report.shown import Shown
from cxkit.wording import Words

STUDY = """\
sample: {frame: customers, design: probability}
outcomes: {recommend: {column: likely, metric: nps}}
targets: {nps: 20}
matters: {nps: 4}
weight: weight
seed: 7
"""

pytestmark = pytest.mark.usefixtures("no_warning")


def shown(found: Findings, key: str, language: str = "en") -> Shown:
    """One finding of the section in one language, by way of its JSON."""
    bundle = found.to_dict()
    (one,) = (one for one in bundle["findings"] if one["key"] == key)
    return Shown(one, Words(language, bundle["context"]))


def cells(table: dict[str, Any], head: str) -> list[str]:
    (row,) = (row for row in table["rows"] if row["head"] == head)
    return [cell["text"] for cell in row["cells"]]


@pytest.fixture(scope="module")
def demo() -> Findings:
    """The section of the shipped study."""
    return cx.robustness.findings(cx.load("demo"))


@pytest.fixture
def hanging(tmp_path: Path, rng: Any) -> Findings:
    """A headline above its target with weights, and below it without."""
    answers = np.array([10.0] * 250 + [2.0] * 250)
    weight = np.where(answers == 10, 1.8, 0.2) + rng.uniform(0, 0.05, 500)
    return cx.robustness.findings(
        plant(tmp_path, {"outcome:recommend": answers, "weight": weight}, STUDY)
    )


def test_the_demo_tells_of_all_five_and_of_what_it_sees(demo: Findings) -> None:
    assert [one.key for one in demo] == [
        "F31", "curve", "F04_ways", "F06_ways", "F12_ways", "F20_ways", "sight",
    ]  # fmt: skip
    table = shown(demo, "F31").table()
    assert [row["head"] for row in table["rows"]] == [
        "The main number against its target",
        "The weakest level",
        "The worst hand-off",
        "What goes most closely with willingness to recommend",
        "The change of the main number",
    ]
    assert cells(table, "The weakest level")[:2] == ["Responsive service", "6\u00a0of\u00a06"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_is_filled_in_both_languages(demo: Findings, language: str) -> None:
    for one in demo:
        told = shown(demo, one.key, language)
        words = [told.sentence, told.title, *told.notes()]
        table = told.table()
        words += [column["label"] for column in table["columns"]]
        words += [row["head"] for row in table["rows"]]
        words += [cell["text"] for row in table["rows"] for cell in row["cells"]]
        assert all("{" not in text and "_" not in text for text in words), one.key


def test_a_finding_that_hangs_is_told_with_its_choice(hanging: Findings) -> None:
    said = shown(hanging, "F31")
    assert said.sentence == (
        "The main number against its target: above the target. This finding holds in 2 of 3 "
        "reasonable ways of analysing the data; what changes it: using no weights."
    )
    assert said.title == "The main number against its target depends on how the data are analysed"
    row = said.table()["rows"][0]["cells"]
    assert (row[1]["text"], row[2]["small"]) == ("2\u00a0of\u00a03", "then: below the target")


def test_what_only_several_choices_change_is_not_said_to_be_changed_by_nothing() -> None:
    def fit(way: str, verdict: str) -> Fit:
        return Fit("F06", 2.0, verdict=verdict, of=f"F06|{way}", n=200, unit="score_100")

    fits = Fits(
        [
            fit("weights=given|missing=half", "tie"),
            fit("weights=none|missing=half", "tie"),
            fit("weights=given|missing=all", "tie"),
            fit("weights=none|missing=all", "clear|level:trust"),
        ],
        is_published=True,
    )
    one = {"key": "F06", "name": "finding:F06", "breaking": [], "then": ""}
    options = {"fits": fits, "headlines": [one]}
    words = Words("en", cx.load("demo").context())
    made = headlines(Estimates(()), Comparisons(()), options, words)
    assert made["rows"][0]["cells"][1]["text"] == "3\u00a0of\u00a04"
    assert made["rows"][0]["cells"][2]["text"] == "of those tried, only several choices at once"


def test_the_same_in_indonesian(hanging: Findings) -> None:
    assert shown(hanging, "F31", "id").sentence == (
        "Angka utama terhadap target: di atas target. Temuan ini tetap sama pada 2 dari 3 "
        "cara analisis yang masuk akal; yang mengubahnya: tidak memakai bobot."
    )


def test_a_single_finding_that_holds_is_told_with_the_number_of_ways(
    tmp_path: Path, rng: Any
) -> None:
    answers = np.array([10.0] * 100 + [2.0] * 300)
    weight = rng.uniform(0.5, 1.5, 400)
    found = cx.robustness.findings(
        plant(tmp_path, {"outcome:recommend": answers, "weight": weight}, STUDY)
    )
    assert shown(found, "F31").sentence.endswith(
        "This finding holds in all 2 ways of analysing the data that were tried."
    )


def test_what_matters_is_held_against_what_is_seen(hanging: Findings) -> None:
    sentence = shown(hanging, "sight").sentence
    assert sentence.startswith(
        "With this sample, NPS is told from its target in at least 80 of 100"
    )
    assert sentence.endswith("(4 points) would be missed more often than that.")


def test_a_dozen_respondents_are_told_what_was_not_tried(tmp_path: Path) -> None:
    columns = {"outcome:recommend": np.array([10.0] * 6 + [2.0] * 6), "weight": np.ones(12)}
    found = cx.robustness.findings(plant(tmp_path, columns, STUDY))
    assert [(one.key, one.variant, one.table) for one in found] == [
        ("F31", "nothing", None), ("sight", "nothing", None),
    ]  # fmt: skip


def test_answers_that_leave_no_choice_are_named(tmp_path: Path) -> None:
    """One wave, no weights, no flags, everything answered: there is one way only."""
    columns = {"outcome:recommend": np.array([10.0] * 100 + [2.0] * 300), "weight": np.ones(400)}
    found = cx.robustness.findings(plant(tmp_path, columns, STUDY))
    assert found[0].variant == "alone"
    assert shown(found, "F31").sentence == (
        "Not tried in any other way: the main number against its target. These data leave nothing "
        "else to choose, or other choices concern too few people."
    )
    assert found[1].variant == "target"


def test_without_outcomes_levels_alone_are_tried(tmp_path: Path, rng: Any) -> None:
    columns = linked.answers(rng, 300, shift=(0.0, -0.8, 0.5))
    columns["item:c1"] = np.where(rng.random(300) < 0.3, np.nan, columns["item:c1"])
    del columns["outcome:recommend"]
    study = linked.STUDY.replace("outcomes: {OUTCOMES}\n", "").replace(
        "ITEMS", ", ".join(f"{one}: {one}" for own in linked.LEVELS.values() for one in own)
    )
    survey = plant(tmp_path, columns, study, three_levels=linked.framework(linked.LEVELS))
    found = cx.robustness.findings(survey)
    assert [one.key for one in found] == ["F31", "curve", "sight"]
    assert found[2].variant == "levels"


def test_nothing_of_a_hidden_group_is_shown(tmp_path: Path, rng: Any) -> None:
    """Under the smallest base no way and no difference has a number."""
    columns = {
        "outcome:recommend": rng.choice([10.0, 2.0], 25),
        "weight": rng.uniform(0.5, 1.5, 25),
    }
    found = cx.robustness.findings(plant(tmp_path, columns, STUDY))
    assert all(not len(one.fits) for one in found)


def test_a_brief_report_leaves_it_out_and_says_so() -> None:
    survey = cx.load("demo").where(region="java")
    brief = sections(survey, depth="brief")
    assert len(brief.robustness) == 0
    assert "robustness" in brief.left_out


def test_every_choice_has_a_name_in_both_languages() -> None:
    values = {
        "answers": ("used", "everybody", "without_any"),
        "missing": ("half", "all", "any"),
        "weights": ("given", "none", "trimmed"),
        "box": ("1", "2", "3"),
        "importance": ("lmg", "johnson", "slopes"),
    }
    for language in library.languages():
        names = library.locale(language)["names"]
        for kind, tried in values.items():
            assert {kind, *(f"{kind}_{one}" for one in tried)} <= set(names["way"])
            others = tried if kind == "box" else tried[1:]
            assert {f"{kind}_{one}" for one in others} <= set(names["choice"])


# -- the curve ----------------------------------------------------------------------------------


def ways() -> Fits:
    """Four ways, the report's third by its number; one says something else."""
    made = [
        ("used", "given", 24.0, "below"),
        ("used", "none", 20.0, "below"),
        ("all", "given", 30.0, "above"),
        ("all", "none", 22.0, "below"),
    ]
    return Fits(
        Fit(
            "F04", value, value - 5, value + 5, verdict, "t",
            f"F04|answers={answers}|weights={weights}", 400, 400.0, unit="points",
        )
        for answers, weights, value, verdict in made
    )  # fmt: skip


CHOICES = [["answers", ["used", "all"]], ["weights", ["given", "none"]]]


@pytest.mark.parametrize("narrow", [False, True])
def test_the_curve_draws_the_lowest_first_and_marks_what_was_chosen(narrow: bool) -> None:
    words = Words("en", {})
    drawn = figures.curve(
        words=words, narrow=narrow, fits=ways(), choices=CHOICES, reference=26.0, key="F04"
    )
    marks = [one for one in drawn.drawn if one.name.startswith(("same.", "other."))]
    order = sorted(marks, key=lambda one: one.left)
    assert [one.name.partition(".")[2].split("|")[2] for one in order] == [
        "weights=none", "weights=none", "weights=given", "weights=given",
    ]  # fmt: skip
    assert [one.kind for one in order] == ["dot", "dot", "dot", "ring"]
    assert all(a.top > b.top for a, b in itertools.pairwise(order))
    report = drawn.find("reported")
    own = drawn.find("same.F04|answers=used|weights=given")
    assert report.middle == pytest.approx(own.middle)
    square = drawn.find("weights=none.F04|answers=all|weights=none")
    assert square.middle == pytest.approx(order[1].middle)
    line = drawn.find("reference")
    assert order[3].top < line.top < order[2].bottom
    assert max(one.right for one in drawn.drawn) <= drawn.width + 1


def test_a_curve_of_nothing_says_so() -> None:
    hidden = [dataclasses.replace(one, value=float("nan")) for one in ways()]
    words = Words("en", {})
    assert figures.curve(words=words, fits=hidden, choices=CHOICES).height > 0
    said = figures.alt("curve", [], words=words, fits=hidden, name="finding:F04")
    assert said.startswith("Figure without numbers")


def test_the_curve_is_told_to_those_who_do_not_see_it() -> None:
    said = figures.alt("curve", [], words=Words("en", {}), fits=list(ways()), name="finding:F04")
    assert said == (
        "Specification curve: the main number against its target in 4 ways of analysing the data. "
        "Lowest 20, highest 30; 3 of them come to the verdict of this report. Base 400."
    )


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_choice_is_cut_short_on_a_phone(language: str) -> None:
    """What was tried is read off the labels: a label that ends in dots says nothing."""
    tried = {
        kind: [key.removeprefix(f"{kind}_") for key in library.locale(language)["names"]["way"]
               if key.startswith(f"{kind}_")]
        for kind in ("answers", "missing", "weights", "box", "importance")
    }  # fmt: skip
    for key in ("F04", "F06", "F11", "F12", "F17", "F20"):
        drawn = figures.curve(
            words=Words(language, {}),
            narrow=True,
            fits=ways(),
            choices=list(tried.items()),
            key=key,
        )
        labels = [one.text for one in drawn.drawn if one.text]
        assert len(labels) > 20
        assert [one for one in labels if "…" in one] == []
