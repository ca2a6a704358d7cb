"""The section on who answered: what was set aside, weights, funnel, bases, what is disclosed."""

from __future__ import annotations

import json

import pytest
from held import flags, held
from test_sections import CUSTOMERS, MARKET, NPS, lay, say

import cxkit as cx
from cxkit.report.finding import Finding, Findings
from cxkit.report.sections.who_answered import known_shares
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words


def section(survey) -> Findings:
    return cx.who_answered.findings(survey)


def shown(one: Finding, language: str = "en") -> Shown:
    return Shown(one.to_dict(), Words(language, one.context))


def rows(one: Finding, language: str = "en") -> dict[str, list[str]]:
    """The cells of a finding's table by the head of each row."""
    return {
        row["head"]: [cell["text"] for cell in row["cells"]]
        for row in shown(one, language).table()["rows"]
    }


def noted(one: Finding, language: str = "en") -> str:
    return " ".join(shown(one, language).notes()).replace(NO_BREAK, " ")


def aside(*rules: str) -> list[str]:
    """The last rows of forty are set aside, each by its rule."""
    return [""] * (40 - len(rules)) + list(rules)


# -- what was set aside ----------------------------------------------------------------------------

NO_LIMIT = "privacy: {min_n: 1}\n"


def test_what_was_set_aside_is_told_with_the_headline_it_would_give(tmp_path) -> None:
    """Four of the ten zeros: 20/36 - 6/36 are 39, 20/40 - 10/40 are 25."""
    survey = held(tmp_path, NO_LIMIT, excluded=aside("straight", "fast", "fast", "fast"))
    told = section(survey).get("F03")
    assert say(told) == (
        "4 of 40 responses were set aside (10%), mostly for answering too fast. With them"
        " included, Net Promoter Score (NPS) would be 25 instead of 39."
    )
    assert say(told, "id") == (
        "4 dari 40 jawaban tidak dipakai (10%), paling banyak karena pengisian terlalu cepat."
        " Jika tetap dipakai, Net Promoter Score (NPS) menjadi 25, bukan 39."
    )


def test_one_response_set_aside_is_told_in_the_singular(tmp_path) -> None:
    """A zero: 20/39 - 9/39 are 28, and with it 25."""
    told = section(held(tmp_path, NO_LIMIT, excluded=aside("straight"))).get("F03")
    assert told.variant == "one"
    assert say(told) == (
        "1 of 40 responses was set aside (3%), for straight-lining. With it included, Net"
        " Promoter Score (NPS) would be 25 instead of 28."
    )


def test_rules_that_set_aside_as_many_are_named_together(tmp_path) -> None:
    told = section(held(tmp_path, excluded=aside("fast", "fast", "pilot", "pilot"))).get("F03")
    assert "mostly for answering too fast and pilot." in say(told)


def test_a_headline_that_prints_alike_is_not_told_as_another(tmp_path) -> None:
    """Two promoters of 600 among a thousand: 598/998 - 200/998 are 39.9, and 40 with them."""
    answers = [10] * 600 + [7] * 200 + [0] * 200
    survey = held(tmp_path, NO_LIMIT, answers=answers, excluded=["fast"] * 2 + [""] * 998)
    told = section(survey).get("F03")
    assert told.variant == "some_one_rule_same"
    assert say(told).endswith("Net Promoter Score (NPS) would still be 40 after rounding.")


@pytest.mark.parametrize(
    ("rules", "english", "indonesian"),
    [
        (
            ("straight", "fast", "fast"),
            "3 of 40 responses were set aside (8%), mostly for answering too fast.",
            "3 dari 40 jawaban tidak dipakai (8%), paling banyak karena pengisian terlalu cepat.",
        ),
        (
            ("fast", "fast"),
            "2 of 40 responses were set aside (5%), for answering too fast.",
            "2 dari 40 jawaban tidak dipakai (5%), karena pengisian terlalu cepat.",
        ),
        (
            ("fast",),
            "1 of 40 responses was set aside (3%), for answering too fast.",
            "1 dari 40 jawaban tidak dipakai (3%), karena pengisian terlalu cepat.",
        ),
    ],
)
def test_what_a_few_would_change_is_not_told(tmp_path, rules, english, indonesian) -> None:
    """Their answers are the headline with them less the headline without."""
    told = section(held(tmp_path, excluded=aside(*rules))).get("F03")
    assert say(told) == (
        f"{english} What that changes in the results is not shown, because it concerns fewer"
        " than 10 people."
    )
    assert say(told, "id") == (
        f"{indonesian} Pengaruhnya pada hasil tidak ditampilkan, karena menyangkut kurang dari"
        " 10 orang."
    )
    assert not [one for one in told.estimates if one.metric == "nps"]


def test_what_ten_would_change_is_told_with_the_one_rule_by_which(tmp_path) -> None:
    """Of 60, 30 and 30 without ten of the zeros: 60/110 - 20/110 are 36, and 25 with them."""
    answers = [10] * 60 + [7] * 30 + [0] * 30
    survey = held(tmp_path, answers=answers, excluded=[""] * 110 + ["fast"] * 10)
    told = section(survey).get("F03")
    assert say(told) == (
        "10 of 120 responses were set aside (8%), for answering too fast. With them included,"
        " Net Promoter Score (NPS) would be 25 instead of 36."
    )
    assert say(told, "id") == (
        "10 dari 120 jawaban tidak dipakai (8%), karena pengisian terlalu cepat. Jika tetap"
        " dipakai, Net Promoter Score (NPS) menjadi 25, bukan 36."
    )


def test_a_share_that_would_print_as_none_says_that_it_is_small(tmp_path) -> None:
    survey = held(tmp_path, answers=[9, 2] * 201, excluded=[""] * 401 + ["fast"])
    found = section(survey)
    assert "1 of 402 responses was set aside (less than 1%)" in say(found.get("F03"))
    assert "1 dari 402 jawaban tidak dipakai (kurang dari 1%)" in say(found.get("F03"), "id")
    told = rows(found.get("funnel"))
    assert (told["Set aside"], told["Used in this report"]) == (["1", "0.2%"], ["401", "99.8%"])


def test_weights_that_differ_for_a_few_are_not_told_beside_none(tmp_path) -> None:
    """Three of forty weigh otherwise: the headline without weights would tell of them."""
    table = {"q": [10] * 20 + [0] * 20, "w": [2] * 3 + [1] * 37}
    found = section(lay(tmp_path, f"{CUSTOMERS}{NPS}weight: w\n", table)).get("weighted")
    (row,) = rows(found).values()
    assert row[1:3] == ["**", "**"]
    assert "could be found by subtraction" in noted(found)


def test_too_few_answers_hide_the_headline_and_not_the_exclusion(tmp_path) -> None:
    survey = held(tmp_path, answers=[10, 0] * 15, excluded=["fast"] * 4 + [""] * 26)
    told = section(survey).get("F03")
    assert say(told) == "4 of 30 responses were set aside (13%), for answering too fast."


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        ((), "No responses were excluded; 0 are flagged for review."),
        ((3,), "No responses were excluded; 1 is flagged for review."),
        ((3, 4), "No responses were excluded; 2 are flagged for review."),
    ],
)
def test_nothing_set_aside_is_told_with_the_flags(tmp_path, raised, sentence) -> None:
    survey = held(tmp_path, flag_fast=flags(40, *raised))
    assert say(section(survey).get("F03")) == sentence


def test_answers_that_were_not_checked_are_not_said_to_be_clean(tmp_path) -> None:
    told = section(held(tmp_path)).get("F03")
    assert say(told) == "No responses were excluded; response quality was not checked."


# -- weights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heavy", "efficiency", "said"),
    [
        (1.5, "96%", None),
        (6.0, "52%", "is low: much precision is lost"),
        (40.0, "29%", "is very low: more than half of the precision is lost"),
    ],
)
def test_weights_that_cost_much_say_so(tmp_path, heavy, efficiency, said) -> None:
    """A quarter weighs `heavy` times as much as the rest: (30 + 10h)^2 / (30 + 10h^2) / 40."""
    exact = (30 + 10 * heavy) ** 2 / (30 + 10 * heavy**2) / 40
    assert f"{exact:.0%}" == efficiency
    table = {"q": [10] * 20 + [0] * 20, "w": [heavy] * 10 + [1] * 30}
    survey = lay(tmp_path, f"{CUSTOMERS}{NPS}weight: w\n", table)
    waves = section(survey).get("waves")
    assert f"Weighting efficiency {efficiency}." in noted(waves)
    assert (said in noted(waves)) if said else "low" not in noted(waves)
    (row,) = rows(waves).values()
    assert row[2:4] == [efficiency, f"{heavy:.1f}"]


def test_the_headline_stands_with_weights_and_without(tmp_path) -> None:
    """Promoters weigh 3, others 1: 60 less 20 of 80, and 20 less 20 of 40."""
    table = {"q": [10] * 20 + [0] * 20, "w": [3] * 20 + [1] * 20}
    survey = lay(tmp_path, f"{CUSTOMERS}{NPS}weight: w\n", table)
    (row,) = rows(section(survey).get("weighted")).values()
    assert row[:3] == ["50", "0", "−50"]


def test_without_weights_nothing_is_said_of_them(tmp_path) -> None:
    found = section(held(tmp_path))
    assert found.get("weighted") is None
    assert noted(found.get("waves")) == ""


def test_shares_of_cells_add_up_to_shares_of_their_variables(demo) -> None:
    """West .3 and .2, east .1 and .4: half and half; women .4, men .6."""
    from cxkit.study.parts import Weighting

    cells = {"west": {"women": 0.3, "men": 0.2}, "east": {"women": 0.1, "men": 0.4}}
    made = Weighting.model_validate({"cells": {"by": ["side", "sex"], "shares": cells}})
    survey = type("One", (), {"study": type("S", (), {"weighting": made}), "wave": "all"})
    known = known_shares(survey)
    assert known["side"] == pytest.approx({"west": 0.5, "east": 0.5})
    assert known["sex"] == pytest.approx({"women": 0.4, "men": 0.6})


# -- funnel and bases ------------------------------------------------------------------------------


def test_the_funnel_says_what_is_not_known(tmp_path) -> None:
    funnel = section(held(tmp_path)).get("funnel")
    assert funnel.options["fold"]
    assert rows(funnel) == {
        "Invited": ["not disclosed", ""],
        "Started": ["40", ""],
        "Finished": ["not recorded", ""],
        "Set aside": ["0", "0%"],
        "Used in this report": ["40", "100%"],
    }
    assert rows(funnel, "id")["Diundang"] == ["tidak disebutkan", ""]


def test_the_funnel_lists_the_rules_that_set_aside(tmp_path) -> None:
    survey = held(tmp_path, excluded=aside("straight", "fast", "fast", "fast"))
    funnel = section(survey).get("funnel")
    assert not funnel.options["fold"]
    told = rows(funnel)
    assert (told["Answering too fast"], told["Straight-lining"]) == (["3", ""], ["1", ""])
    assert told["Used in this report"] == ["36", "90%"]


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


def test_every_question_has_its_base_in_the_order_of_every_table(demo) -> None:
    base = section(demo).get("base")
    words = Words("en", base.context)
    levels = [("emo", 2), ("onx", 3), ("res", 2), ("tru", 2), ("ful", 2)]
    keys = [f"{level}_{number}" for level, n in levels for number in range(1, n + 1)]
    heads = list(rows(base))
    assert heads[:11] == [words.short(f"item:{key}") for key in keys]
    assert heads[11:53] == [words.short(f"item:{key}") for key in base.context["further_items"]]
    assert heads[53:56] == [
        "Willingness to recommend", "Overall satisfaction", "Ease of doing business",
    ]  # fmt: skip
    further = list(base.context["further_outcomes"])
    assert heads[56:73] == [words.heading(words.short(f"outcome:{key}")) for key in further]
    assert heads[73] == "The rating of the Aware stage"


def test_every_respondent_is_answered_or_missing_for_a_reason(demo) -> None:
    """Those answered, those who skipped and the reasons told add up, but for what is hidden."""
    base = section(demo).get("base")
    n = demo.latest.n
    for of in base.options["questions"]:
        own = [one for one in base.estimates if one.of == of]
        counted = sum(one.estimate for one in own if one.metric in ("answered", "respondents"))
        hidden = n - counted
        assert hidden == 0 if of not in base.options["hidden"] else hidden > 0


def test_no_reason_of_few_stands_on_the_page(demo) -> None:
    base = section(demo).get("base")
    assert base.options["hidden"]
    for one in base.estimates:
        if one.metric == "respondents" and one.by["reason"] in ("dont_know", "refused"):
            assert one.estimate >= 10
    assert "given by fewer than 10 respondents is not shown" in noted(base)


# -- what is disclosed -----------------------------------------------------------------------------


def test_what_a_study_leaves_out_is_said_to_be_left_out(tmp_path) -> None:
    disclosed = section(held(tmp_path)).get("disclosure")
    told = {head: cells[0] for head, cells in rows(disclosed).items()}
    unsaid = {head for head, text in told.items() if text == "not disclosed"}
    assert unsaid == {
        "Sponsor", "Conducted by", "Population", "Source of the sample", "Recruitment",
        "Incentive", "Mode of data collection", "Dates of fieldwork", "Checks of response quality",
        "Limits", "Contact",
    }  # fmt: skip
    assert told["Sample frame"] == "Customers"
    assert told["Sample size"] == "40 respondents, effective base 40"
    assert rows(disclosed, "id")["Kontak"] == ["tidak disebutkan"]


def test_what_a_study_discloses_is_told_in_its_own_words(tmp_path) -> None:
    more = (
        "disclosure:\n  sponsor: Toko\n  contact: riset@toko.example\n  limits: No phone, no app.\n"
        "  quality: Open answers were read.\n"
    )
    sample = "sample: {frame: market, design: probability, population: 5000, mode: telephone}\n"
    survey = lay(tmp_path, sample + NPS + more, {"q": [10, 0] * 20})
    told = {head: cells[0] for head, cells in rows(section(survey).get("disclosure")).items()}
    assert told["Sponsor"] == "Toko"
    assert told["Population"] == "5,000 people"
    assert told["Mode of data collection"] == "Telephone"
    assert told["Limits"] == "No phone, no app."
    assert told["Weighting"] == "Without weights"
    assert told["Selection of respondents"] == "Random sample"
    assert "assume a random sample" not in told["Precision"]
    assert told["Checks of response quality"].endswith("Open answers were read.")


def test_nobody_is_named(tmp_path) -> None:
    """No id of a respondent reaches what the page is made of."""
    survey = held(tmp_path, excluded=aside("fast", "fast"), flag_fast=flags(40, 38, 39))
    made = json.dumps([section(survey).to_dict(), cx.data_quality.findings(survey).to_dict()])
    ids = set(survey.responses.frame["respondent"])
    assert len(ids) == 40
    assert [one for one in ids if one in made] == []


@pytest.mark.parametrize("design", ["opt_in", "unknown"])
def test_a_study_of_few_is_told_without_a_crash(tmp_path, design) -> None:
    """Four people: bases are hidden, and everything else says so."""
    study = MARKET.replace("opt_in", design) + NPS
    found = section(lay(tmp_path, study, {"q": [10, 9, 3, 1]}))
    said = " ".join(map(say, found))
    assert "{" not in said
    assert "nan" not in said
    assert say(found.get("F03")).startswith("How many responses were set aside is not shown")
    assert rows(found.get("funnel"))["Started"][0] == "**"
    assert rows(found.get("disclosure"))["Sample size"] == ["Fewer than 10"]
    for one in found:
        if one.table:
            assert shown(one).table()["rows"]
