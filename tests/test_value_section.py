"""The section on value: what it says, in both languages, of good and of bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import value_study as shop

import cxkit as cx
from cxkit.report import figures
from cxkit.report.finding import Finding, Findings
from cxkit.report.sections import value
from cxkit.report.shown import Shown
from cxkit.wording import Words

MEASURED = {"retention": "{measured: retained}", "spend": "{measured: spend}"}
SCENARIOS = """\
  scenarios:
    more: {label: {id: Lebih setia, en: More stay}, plus: {retention: 0.05}}
    claimed:
      label: {id: Klaim, en: Claimed}
      set: {churn: {claim: switches_after_one, times: problem}}
"""


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Any:
    told = shop.block(MEASURED, observed=shop.OBSERVED, scenarios=SCENARIOS)
    return cx.load(shop.lay(tmp_path_factory.mktemp("kedai"), told))


@pytest.fixture(scope="module")
def found(survey: Any) -> Findings:
    return value.findings(survey)


def shown(one: Finding, found: Findings, language: str = "en") -> Shown:
    return Shown(one.to_dict(), Words(language, found.context))


def said(found: Findings, language: str = "en") -> list[str]:
    """All that a section says: sentences, titles, notes, and the words of its tables."""
    texts: list[str] = []
    for one in found:
        made = shown(one, found, language)
        texts += [made.sentence, *made.notes()]
        if one.table:
            table = made.table()
            texts += [made.title, *(row["head"] for row in table["rows"])]
            texts += [cell["text"] for row in table["rows"] for cell in row["cells"]]
    return [text for text in texts if text]


def of_study(folder: Path, told: str, table: pd.DataFrame | None = None) -> Findings:
    return value.findings(cx.load(shop.lay(folder, told, table)))


@pytest.mark.parametrize("language", ["id", "en"])
def test_everything_is_worded_in_both_languages(found: Findings, language: str) -> None:
    texts = said(found, language)
    assert len(texts) > 90
    assert not [text for text in texts if "{" in text or "_" in text]


def test_the_sections_come_in_their_order(found: Findings) -> None:
    assert [one.key for one in found] == [
        "F29", "scenarios", "value_largest", "losses", "value_worth", "swing_lifetime_value",
        "inputs", "value_retained", "retained", "value_leaving",
    ]  # fmt: skip


def test_every_input_is_listed_with_its_source(found: Findings) -> None:
    inputs = found.get("inputs")
    assert inputs is not None
    rows = shown(inputs, found).table()["rows"]
    sources = {row["head"]: row["small"] for row in rows[: len(shop.GIVEN)]}
    assert len(sources) == len(shop.GIVEN)
    assert all(sources.values())
    assert sources["Margin on payments"] == "finance"
    assert sources["Share who stay"].startswith("Measured in this survey (n")
    claimed = rows[-1]["small"]
    assert claimed.startswith("Claimed by Zendesk: 50% switch")
    assert "not checked" in claimed


def test_a_claim_is_named_below_its_scenario(found: Findings) -> None:
    scenarios = found.get("scenarios")
    assert scenarios is not None
    notes = " ".join(shown(scenarios, found).notes())
    assert "The scenario “Claimed” rests on a claim: 50% switch" in notes
    assert "quoted from Zendesk by the source article and has not been checked" in notes


@pytest.mark.parametrize(("plus", "is_cut"), [(0.05, False), (0.9, True)])
def test_a_measured_input_that_a_shift_takes_too_far_is_said_to_be_cut(
    plus: float, is_cut: bool, tmp_path: Path
) -> None:
    shift = f"{{label: {{id: Lain, en: Other}}, plus: {{retention: {plus}}}}}"
    scenarios = f"  scenarios:\n    other: {shift}\n"
    told = shop.block(MEASURED, observed=shop.OBSERVED, scenarios=scenarios)
    found = of_study(tmp_path / "kedai", told)
    inputs = found.get("inputs")
    assert inputs is not None
    notes = " ".join(shown(inputs, found).notes())
    assert ("Scenario Other: a shift would lead beyond what is possible" in notes) == is_cut


def test_no_number_of_the_sentences_is_without_a_record(found: Findings) -> None:
    for one in found:
        one.to_dict()  # refuses a slot whose number has no record behind it


def test_amounts_are_told_in_the_currency_of_the_study(found: Findings) -> None:
    at_stake = found.get("F29")
    assert at_stake is not None
    for language, sign in (("id", "Rp"), ("en", "IDR\xa0")):
        sentence = shown(at_stake, found, language).sentence
        assert sentence.count(sign) == 2


@pytest.mark.parametrize(
    ("value_of", "language", "expected"),
    [
        (13_127_290_000, "id", "Rp13,1\xa0miliar"),
        (13_127_290_000, "en", "IDR\xa013.1\xa0billion"),
        (-685_111, "id", "\u2212Rp685.000"),
        (999_999_999, "en", "IDR\xa01.00\xa0billion"),
        (0.0, "id", "Rp0"),
    ],
)
def test_an_amount_has_three_figures(value_of: float, language: str, expected: str) -> None:
    words = Words(language, {"value": {"currency": "IDR"}})
    assert str(words.number(value_of, "money")) == expected


def test_the_tornado_draws_each_swing_on_its_side_of_the_middle(found: Findings) -> None:
    largest = found.get("value_largest")
    assert largest is not None
    drawing = shown(largest, found).figure(narrow=False)
    rows = largest.estimates.where(metric="swing")
    middle = drawing.find("middle")
    for k, one in enumerate(rows):
        low, high = drawing.find(f"low.{k}"), drawing.find(f"high.{k}")
        assert (low.middle < high.middle) == (one.ci_low < one.ci_high)
        assert min(low.right, high.right) == pytest.approx(middle.middle)
    first = [drawing.find(f"{end}.0") for end in ("low", "high")]
    assert max(one.right for one in first) - min(one.left for one in first) > 100
    assert "Tornado chart of" in drawing.alt
    assert figures.OPTIONS["tornado"] == ("name",)


# -- bad input, said plainly -----------------------------------------------------------------------


def test_a_study_without_inputs_says_so_in_a_line(tmp_path: Path) -> None:
    bare = of_study(tmp_path, "", shop.answers(40))
    assert [(one.key, one.variant) for one in bare] == [("F32", "not_analysed")]
    assert said(bare) == ["Business value is not analysed in this report."]


def test_a_group_gets_no_sums_of_everybody(survey: Any) -> None:
    west = value.findings(survey.where(region="west"))
    assert west.get("F29") is None
    assert west[0].key == "value_lacking"
    assert "stated for everybody" in said(west)[0]


@pytest.mark.parametrize(
    ("still", "variant", "leaving"),
    [("yes", "everybody", "no_spread"), ("no", "nobody_left", "no_spread")],
)
def test_where_all_stayed_or_all_left_it_is_said(
    still: str, variant: str, leaving: str, tmp_path: Path
) -> None:
    table = shop.answers(120).assign(still=still, months=12)
    told = shop.block(MEASURED, observed=shop.OBSERVED)
    made = of_study(tmp_path, told, table)
    retained = made.get("value_retained")
    assert retained is not None
    assert retained.variant == variant
    leaves = made.get("value_leaving")
    assert leaves is not None
    assert leaves.variant == leaving
    plus = [key for key, _ in made.get("value_worth").plus]  # type: ignore[union-attr]
    assert ("nobody_leaves" if still == "yes" else "everybody_leaves") in plus


def test_where_nobody_was_followed_the_sums_are_not_made(tmp_path: Path) -> None:
    table = shop.answers(120).assign(still="", months="")
    made = of_study(tmp_path, shop.block(MEASURED, observed=shop.OBSERVED), table)
    assert [(one.key, one.variant) for one in made] == [
        ("value_lacking", "no_answers"),
        ("value_retained", "nobody"),
    ]
    assert "share who stay" in said(made)[0].lower()


def test_nobody_followed_for_long_enough_is_said(tmp_path: Path) -> None:
    table = shop.answers(120).assign(months=3)
    made = of_study(tmp_path, shop.block(MEASURED, observed=shop.OBSERVED), table)
    retained = made.get("value_retained")
    assert retained is not None
    assert retained.variant == "short"
    assert any("12 months" in one for one in said(made))


def test_too_few_hide_what_was_seen_and_all_that_rests_on_it(tmp_path: Path) -> None:
    made = of_study(tmp_path, shop.block(MEASURED, observed=shop.OBSERVED), shop.answers(8))
    assert made[0].variant == "hidden"
    assert made[-1].variant == "hidden"
    assert not any(number in " ".join(said(made)) for number in ("Rp", "IDR", "%"))


def test_a_relation_that_costs_more_than_it_brings_is_said(tmp_path: Path) -> None:
    told = shop.block({"keep_cost": "{value: 90, source: x}"})
    one = of_study(tmp_path, told).get("value_worth")
    assert one is not None
    assert one.variant == "negative"
    assert "never" in [key for key, _ in one.plus]


def test_figures_without_ends_have_no_swing_and_no_range(tmp_path: Path) -> None:
    fixed = {
        key: f"{{value: {one}, source: x}}"
        for key, one in (("retention", 0.8), ("margin", 0.25), ("acquire_cost", 60))
    }
    made = of_study(tmp_path, shop.block(fixed))
    assert not any(one.figure for one in made)
    told = {one.key: one.variant for one in made}
    assert (told["F29"], told["value_worth"]) == ("point", "told_point")
    for language in ("id", "en"):
        worth = shown(made.get("F29"), made, language).sentence
        assert worth.count("IDR") + worth.count("Rp") == 1


def test_a_brief_report_leaves_value_out(survey: Any) -> None:
    brief = cx.sections(survey, depth="brief")
    assert "value" in brief.left_out
    assert len(brief.value) == 0
