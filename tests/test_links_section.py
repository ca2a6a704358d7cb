"""Links and priorities: what is said of them, and that it says no more than the numbers do."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest
from test_locales import lint
from test_sections import CUSTOMERS, NPS, lay, say, title

import cxkit as cx
from cxkit.analysis import asymmetry, links, priorities
from cxkit.records import Estimate, Estimates, Fit, Fits
from cxkit.report.finding import FINDING_MIME, Finding, Findings
from cxkit.report.methods import methods_blocks
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

LEVELS = tuple(
    f"level:{key}"
    for key in (
        "fulfilment",
        "trust",
        "responsive_service",
        "online_experience",
        "emotional_connection",
    )
)
FULFILMENT, TRUST, SERVICE, ONLINE, EMOTIONAL = LEVELS
PYRAMID = """\
frameworks: [pyramid]
scale: agreement_5
items: {ful_1: f1, tru_1: t1, res_1: r1}
"""
SHARES = (0.20, 0.15, 0.40, 0.05, 0.20)
EQUAL = (0.21, 0.14, 0.39, 0.06, 0.20)
BASE = {"n": 500, "n_eff": 466.0, "unit": "share"}


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo")


def each(metric: str, values: Any, **more: Any) -> Estimates:
    """One record a level, six points of a hundred either side."""
    given = {**BASE, **more}
    return Estimates(
        Estimate(metric, of, value, value - 0.06, value + 0.06, **given)
        for of, value in zip(LEVELS, values, strict=True)
    )


def made(**changed: Any) -> links.Links:
    """Links made by hand: Responsive service at 40 %, first in 97 of 100 resamples."""
    fit = Fit("r2", 0.38, 0.32, 0.45, of="outcome:recommend", **BASE)
    given: dict[str, Any] = {
        "outcome": "outcome:recommend",
        "levels": LEVELS,
        "n": 500,
        "n_eff": 466.0,
        "why": None,
        "shares": each("link_share", SHARES),
        "parts": each("lmg", [0.38 * one for one in SHARES])
        + each("johnson", [0.38 * one for one in SHARES]),
        "ranks": each("rank", (2, 4, 1, 5, 2), unit="count")
        + each("chance_first", (0.02, 0, 0.97, 0, 0.01)),
        "ahead": Estimates(
            Estimate("chance_ahead", a, 0.5, by={"than": b.partition(":")[2]}, **BASE)
            for a in LEVELS
            for b in LEVELS
            if a != b
        ),
        "equal_reliability": each("link_share_equal_reliability", EQUAL),
        "r2": fit,
        "r2_adjusted": dataclasses.replace(fit, name="r2_adjusted"),
        "slopes": each("slope", (0.2, 0.1, 0.3, 0.1, 0.2), unit="scale"),
        "high": each("share_high", (0.85, 0.6, 0.3, 0.82, 0.4)),
        "whole": Fits(()),
        "leader": SERVICE,
    }
    return links.Links(**given | changed)


def placed(**changed: Any) -> priorities.Priorities:
    """Priorities made by hand: Responsive service surely one to try first, nothing else is."""
    quadrants = {SERVICE: (0.99, 0.01, 0, 0)}
    given: dict[str, Any] = {
        "scores": each("score_100", (80, 75, 58, 74, 69), unit="score_100"),
        "shares": each("link_share", SHARES),
        "chances": Estimates(
            Estimate("chance_quadrant", of, chance, by={"quadrant": quadrant}, **BASE)
            for of in LEVELS
            for quadrant, chance in zip(
                priorities.QUADRANTS, quadrants.get(of, (0.3, 0.2, 0.3, 0.2)), strict=True
            )
        ),
        "line": Estimate("score_100", "levels", 70.0, **BASE | {"unit": "score_100"}),
        "even": 0.2,
        "target": 70.0,
        "first": (SERVICE,),
        "possible": (SERVICE,),
    }
    return priorities.Priorities(**given | changed)


@pytest.fixture
def told(demo: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Findings]:
    """The findings of a section on numbers made by hand."""

    def findings(section: Any, *, places: Any = None, **changed: Any) -> Findings:
        for page in (cx.links, cx.priorities):
            monkeypatch.setattr(page, "links", lambda survey: made(**changed))
        monkeypatch.setattr(cx.priorities, "priorities", lambda survey, found: places or placed())
        nothing = asymmetry.PenaltyReward(Estimates(()), Fits(()), (), ())
        monkeypatch.setattr(cx.links, "asymmetry", lambda survey, found: nothing)
        monkeypatch.setattr(
            cx.links,
            "necessity",
            lambda survey, found: Fits(
                Fit("ce_fdh", 0.2, verdict="medium", of=of, p=p, **BASE)
                for of, p in zip(LEVELS, (0.05, 0.0004, 0.049, 0.3, math.nan), strict=True)
            ),
        )
        monkeypatch.setattr(cx.links, "necessity_cases", lambda survey, found: Estimates(()))
        return section.findings(demo)

    return findings


def notes(one: Finding, language: str = "en") -> list[str]:
    shown = Shown(one.to_dict(), Words(language, one.context))
    return [note.replace(NO_BREAK, " ") for note in shown.notes()]


def rows(one: Finding, language: str = "en") -> dict[str, list[str]]:
    """The table of a finding: head of each row, and its cells with what stands below them."""
    table = Shown(one.to_dict(), Words(language, one.context)).table()
    return {
        row["head"]: [f"{cell['text']} {cell['small']}".strip() for cell in row["cells"]]
        for row in table["rows"]
    }


# -- what goes with the outcome -------------------------------------------------------------------


def test_a_leader_is_named_with_its_share_and_its_chance(told) -> None:
    first = told(cx.links)[0]
    assert (first.key, first.variant, first.direction) == ("F17", "one_first", "flat")
    assert say(first) == (
        "Responsive service goes most closely with willingness to recommend: its share of the"
        " differences that can be explained is 40% (34% to 46%), and its chance of ranking first"
        " is 97%. This is association, not cause."
    )
    assert say(first, "id") == (
        "Layanan yang tanggap paling erat berkaitan dengan kesediaan merekomendasikan: bagiannya"
        " 40% dari perbedaan yang bisa dijelaskan (34% sampai 46%), dan peluangnya menempati"
        " urutan pertama 97%. Ini kaitan, bukan sebab."
    )
    assert title(first) == "Responsive service goes most closely with willingness to recommend: 40%"
    assert first.options["leader"] == "responsive_service"


def test_no_chance_of_resampling_is_told_as_certain(told) -> None:
    ranks = each("rank", (2, 4, 1, 5, 2)) + each("chance_first", (0, 0, 1, 0, 0))
    first = told(cx.links, ranks=ranks)[0]
    assert "its chance of ranking first is more than 99%." in say(first)
    assert rows(first)["Responsive service"][1] == ">99%"
    assert rows(first)["Trust"][1] == "<1%"


def test_levels_that_cannot_be_told_apart_are_named_together(told) -> None:
    first = told(cx.links, leader=None, tied=(SERVICE, EMOTIONAL))[0]
    assert say(first) == (
        "It is not clear which level goes most closely with willingness to recommend: Responsive"
        " service and Emotional connection cannot be told apart. This is association, not cause."
    )
    assert first.options["leader"] is None
    assert title(first) == (
        "It is not clear which level goes most closely with willingness to recommend"
    )


def test_a_weak_model_names_nobody(told) -> None:
    """Where little is explained, who explains most of it is no news."""
    weak = Fit("r2_adjusted", 0.06, 0.02, 0.10, of="outcome:recommend", **BASE)
    first = told(cx.links, weak=True, r2_adjusted=weak)[0]
    assert say(first) == (
        "The five levels explain only 6% of the differences in willingness to recommend; most goes"
        " with other things, such as price, that were not measured."
    )
    assert first.options["leader"] is None
    assert say(first, "id").startswith("Kelima tingkat hanya menjelaskan 6% dari perbedaan")
    told_of = notes(first)
    assert any("adjusted" in one and "below 10%, no level is picked out" in one for one in told_of)
    assert not any("adjusted" in one for one in notes(told(cx.links)[0]))


def test_an_adjusted_share_below_zero_is_none(told) -> None:
    """Adjusted R2 of noise may lie below zero; less than nothing cannot be explained."""
    weak = Fit("r2_adjusted", -0.03, -0.1, 0.02, of="outcome:recommend", **BASE)
    for section in (cx.links, cx.priorities):
        first = told(section, weak=True, r2_adjusted=weak)[0]
        assert "explain only 0% of the differences" in say(first)


@pytest.mark.parametrize(
    ("high", "shares", "said"),
    [
        ((ONLINE,), SHARES, "rate Online experience high, so its link with"),
        ((ONLINE, TRUST), SHARES, "rate Online experience and Trust high, so their links with"),
        ((SERVICE,), SHARES, None),
        ((), SHARES, None),
    ],
    ids=["one", "several", "a link that is not small", "none"],
)
def test_little_spread_is_said_of_small_links_only(told, high, shares, said) -> None:
    """A share over an equal part does not look small, however high the answers."""
    found = told(cx.links, little_spread=high, shares=each("link_share", shares))
    caution = found.get("F18")
    threshold = "Rated high by almost all: at least 80% of the base score it 80 or more."
    assert (threshold in notes(found[0])) == (said is not None)
    if said is None:
        assert caution is None
    else:
        assert said in say(caution)
        assert "cut back" in say(caution)


@pytest.mark.parametrize(
    ("equal", "expected"),
    [
        (EQUAL, "If all levels were measured equally well, the order of the shares in this sample"
                " would be the same."),
        ((0.14, 0.21, 0.39, 0.06, 0.20), "If all levels were measured equally well, Responsive"
         " service would still come first in this sample, but the order below it would differ."),
        ((0.45, 0.14, 0.15, 0.06, 0.20), "If all levels were measured equally well, another level"
         " would come first in this sample: Fulfilment (45%; 39% to 51%), not Responsive service."),
        ((math.nan,) * 5, "The shares if all levels were measured equally well cannot be computed"
         " from these data."),
        ((0.21, math.nan, 0.39, 0.06, 0.20),
         "This order leaves out Trust, with only one statement."),
    ],
    ids=["same", "first the same", "another first", "none", "one single statement"],
)  # fmt: skip
def test_the_sensitivity_is_told_in_a_sentence(told, equal, expected) -> None:
    shares = each("link_share", (0.21, 0.14, 0.40, 0.05, 0.20))
    records = each("link_share_equal_reliability", equal)
    assert expected in notes(told(cx.links, shares=shares, equal_reliability=records)[0])


@pytest.mark.parametrize(
    ("equal", "en", "id_"),
    [
        (EQUAL, "the order of the shares in this sample is the same.",
         "urutan porsinya dalam sampel ini tetap sama."),
        ((0.14, 0.21, 0.39, 0.06, 0.20), "Responsive service still comes first in this sample, but"
         " the order below it differs.", "dalam sampel ini yang pertama tetap Layanan yang tanggap,"
         " tetapi urutan di bawahnya lain."),
        ((0.45, 0.14, 0.15, 0.06, 0.20), "another level comes first in this sample: Fulfilment"
         " (45%; 39% to 51%), not Responsive service.", "dalam sampel ini tingkat lain yang"
         " pertama: Pemenuhan janji (45%; 39% sampai 51%), bukan Layanan yang tanggap."),
    ],
    ids=["same", "first the same", "another first"],
)  # fmt: skip
def test_the_best_two_statements_are_not_called_equal(told, equal, en, id_) -> None:
    """Two statements of each level are another sensitivity, and its column is named for it."""
    shares = each("link_share", (0.21, 0.14, 0.40, 0.05, 0.20))
    records = each("link_share_equal_reliability", equal, method="lmg_best_two_items_bootstrap")
    first = told(cx.links, shares=shares, equal_reliability=records)[0]
    assert f"With the two statements of each level that go together best, {en}" in notes(first)
    told_of = notes(first, "id")
    assert f"Dengan dua pernyataan yang paling sejalan dari tiap tingkat, {id_}" in told_of
    assert not any("equally well" in one for one in notes(first))
    columns = Shown(first.to_dict(), Words("en", first.context)).table()["columns"]
    labels = [column["label"] for column in columns]
    assert "Share with the best two statements" in labels
    assert "Share if measured equally well" not in labels


def test_a_slope_against_its_link_is_pointed_at_and_clear_only_where_it_is(told) -> None:
    """From -0.16 to -0.04 it turns round; from -0.08 to 0.04 it may not."""
    slopes = each("slope", (-0.10, -0.02, 0.3, 0.1, 0.2), unit="scale")
    told_of = notes(told(cx.links, slopes=slopes, against=(FULFILMENT, TRUST))[0])
    assert any(note.startswith("Fulfilment: beside") and "turns round" in note for note in told_of)
    assert any(note.startswith("Trust: with") and "holds zero" in note for note in told_of)
    assert not any("holds zero" in note for note in notes(told(cx.links)[0]))


def test_notes_give_base_what_is_explained_and_end_with_association(told) -> None:
    said = notes(told(cx.links)[0])
    assert said[0] == (
        "Base: buyers with a score on every level and an answer about willingness to recommend,"
        " n = 500; effective base 466."
    )
    assert said[1].startswith("Together the five levels explain 38% of the differences in"
                              " willingness to recommend (R²; 32% to 45%).")  # fmt: skip
    assert (
        "Ranges and chances come from 2,000 resamples (bootstrap), random seed 20260101. Chances"
        " are rounded down."
    ) in said
    assert said[1].endswith("before rounding they add up to 100%.")
    assert said[-1].startswith("Association, not cause")


@pytest.mark.parametrize(("verdict", "is_said"), [("basic", True), ("performance", False)])
def test_why_a_class_is_named_is_said_only_where_one_is(
    told, demo, monkeypatch, verdict, is_said
) -> None:
    told(cx.links)
    sides = asymmetry.PenaltyReward(
        Estimates([Estimate("penalty", TRUST, -0.5, -0.8, -0.2, **BASE | {"unit": "scale"})]),
        Fits([Fit("asymmetry_class", 0.2, verdict=verdict, of=TRUST, **BASE)]),
        (50.0,),
        (75.0,),
    )
    monkeypatch.setattr(cx.links, "asymmetry", lambda survey, found: sides)
    (one,) = [one for one in cx.links.findings(demo) if one.table == "asymmetry"]
    said = notes(one)
    assert "among respondents with the same scores on the other levels" in said[0]
    assert any("Basic and excitement are therefore named" in note for note in said) is is_said


def test_the_table_stands_in_the_order_of_the_page(told) -> None:
    table = rows(told(cx.links)[0])
    levels = [Words("en", {}).name(of) for of in reversed(LEVELS)]
    assert list(table) == [*levels, "All levels together"]
    assert table["Trust"] == [
        "15% 9% to 21%", "<1%", "4 4 to 4", "14% 8% to 20%", "5.7% 5.7%", "0.10 0.04 to 0.16",
        "", "500 effective 466",
    ]  # fmt: skip


def test_what_a_rating_of_the_whole_adds_is_told_both_ways(told) -> None:
    whole = Fits(
        Fit(
            f"r2_added_by_{part}", value, value - 0.02, value + 0.02, of="outcome:recommend", **BASE
        )
        for part, value in (("whole", 0.12), ("levels", 0.05))
    )
    found = [one for one in told(cx.links, whole=whole) if one.variant == "whole"]
    assert [say(one) for one in found] == [
        "Beyond the five levels, the overall rating of the experience explains a further 12% of the"
        " differences in willingness to recommend (10% to 14%); beyond that rating, the five levels"
        " explain a further 5% (3% to 7%)."
    ]
    assert not [one for one in told(cx.links) if one.variant == "whole"]


def test_the_matrix_has_no_chance_against_itself(told) -> None:
    table = rows(told(cx.links).get("ahead"))
    for place, cells in enumerate(table.values()):
        assert [cell == "" for cell in cells] == [k == place for k in range(5)]


def test_a_small_p_is_said_to_be_smaller(told) -> None:
    table = rows(told(cx.links).get("necessity"))
    assert table["Trust"][:3] == ["0.200", "medium", "below 0.001"]


def test_a_size_is_named_only_where_the_permutations_are_clear(told) -> None:
    """Below 0.05 for ranges of 95 %: 0.05 itself is not, nor is a test that was not made."""
    found = told(cx.links).get("necessity")
    sizes = [rows(found)[Words("en", {}).name(of)][1] for of in LEVELS]
    assert sizes == ["not clear", "medium", "medium", "not clear", "not clear"]
    assert rows(found, "id")["Pemenuhan janji"][1] == "belum jelas"
    said = notes(found)
    assert "Values of p come from 1,000 permutations, random seed 20260101." in said
    assert any("The more respondents, the smaller d" in one for one in said)
    assert not any("bootstrap" in one for one in said)


# -- where there is nothing to tell ---------------------------------------------------------------


@pytest.mark.parametrize("why", ["single", "made_of", "too_few", "no_spread", "collinear"])
def test_why_there_are_no_links_is_said_in_one_line(told, why) -> None:
    bare = {"shares": each("link_share", [math.nan] * 5, flags=("unreliable",)), "why": why}
    (one,) = told(cx.links, **bare)
    assert (one.key, one.variant) == ("F17", why)
    assert "willingness to recommend" in say(one)
    assert one.figure is None
    (other,) = told(cx.priorities, **bare)
    assert say(other) == (
        "No priority can be chosen, because links with willingness to recommend cannot be computed."
    )


def test_a_study_without_levels_or_outcome_was_not_measured(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    outcome = lay(tmp_path / "a", CUSTOMERS + NPS, {"q": [10, 3] * 40})
    levels = lay(tmp_path / "b", CUSTOMERS + PYRAMID, {k: [4, 5] * 40 for k in ("f1", "t1", "r1")})
    for survey in (outcome, levels):
        for section in (cx.links, cx.priorities):
            (one,) = section.findings(survey)
            assert say(one) == (
                "What goes with willingness to recommend was not measured: the survey holds no"
                " question about it."
            )


def test_a_small_base_hides_every_number(tmp_path) -> None:
    rng = np.random.default_rng(1)
    answers = {key: rng.integers(1, 6, 25).tolist() for key in ("f1", "t1", "r1")}
    survey = lay(tmp_path, CUSTOMERS + PYRAMID + NPS, answers | {"q": rng.integers(0, 11, 25)})
    for section in (cx.links, cx.priorities):
        (one,) = section.findings(survey)
        assert say(one) == (
            "Results for what goes with willingness to recommend are not shown: effective base 25,"
            " below the limit of 30."
        )


def test_people_who_all_answer_alike_have_no_links(tmp_path) -> None:
    rng = np.random.default_rng(2)
    answers = {key: rng.integers(1, 6, 80).tolist() for key in ("f1", "t1")} | {"r1": [4] * 80}
    survey = lay(tmp_path, CUSTOMERS + PYRAMID + NPS, answers | {"q": rng.integers(0, 11, 80)})
    assert [one.variant for one in cx.links.findings(survey)] == ["no_spread"]
    assert [one.variant for one in cx.priorities.findings(survey)] == ["no_links"]


# -- what to try first ----------------------------------------------------------------------------


def test_one_to_try_first_is_named_with_its_score_and_its_chance(told) -> None:
    (one,) = told(cx.priorities)
    assert say(one) == (
        "Worth trying first: Responsive service. It scores 58.0, below the target of 70.0, and its"
        " link with willingness to recommend is among the strong ones (chance of lying in this"
        " quadrant 99%)."
    )
    assert title(one) == "Responsive service is worth trying first"
    assert one.options["first"] == ["responsive_service"]


def test_without_a_target_the_average_is_the_line(told) -> None:
    (one,) = told(cx.priorities, places=placed(target=None))
    assert "below the average of the five levels (70.0)" in say(one)
    assert "di bawah rata-rata kelima tingkat (70,0)" in say(one, "id")
    assert "target" not in " ".join([say(one), *notes(one)])


def test_several_to_try_first_are_named_together(told) -> None:
    (one,) = told(cx.priorities, places=placed(first=(SERVICE, EMOTIONAL)))
    assert say(one).startswith("Worth trying first: Responsive service and Emotional connection."
                               " They score below the target of 70.0")  # fmt: skip
    assert title(one).endswith("are worth trying first")


def test_a_level_that_may_be_one_is_told_beside_the_one_that_is(told) -> None:
    (one,) = told(cx.priorities, places=placed(possible=(SERVICE, EMOTIONAL)))
    assert say(one).endswith("Emotional connection may be worth trying too, but that is not clear.")
    assert one.options["first"] == ["responsive_service"]


def test_where_none_is_sure_none_is_coloured(told) -> None:
    (one,) = told(cx.priorities, places=placed(first=(), possible=(TRUST, EMOTIONAL)))
    assert say(one) == (
        "These data are not enough to choose one priority; Trust and Emotional connection are"
        " equally possible."
    )
    (alone,) = told(cx.priorities, places=placed(first=(), possible=(EMOTIONAL,)))
    assert say(alone) == (
        "These data are not enough to choose a priority. The most likely is Emotional connection,"
        " but its chance is only 30%."
    )
    assert one.options["first"] == alone.options["first"] == []


@pytest.mark.parametrize("chance", [0.49, 0.5, 0.68])
def test_chances_that_lie_apart_are_not_called_equal(told, chance) -> None:
    """From 0.20 above the smallest on, each is told with its chance: 0.30 beside 0.50."""
    chances = Estimates(
        dataclasses.replace(one, estimate=chance)
        if (one.of, one.by["quadrant"]) == (SERVICE, "try_first")
        else one
        for one in placed().chances
    )
    possible = (SERVICE, EMOTIONAL)
    places = placed(first=(), possible=possible, chances=chances)
    (one,) = told(cx.priorities, places=places)
    if chance < 0.5:
        assert "are equally possible" in say(one)
        return
    percent = round(100 * chance)
    assert say(one) == (
        "These data are not enough to choose one priority. Possible: Responsive service"
        f" ({percent}%) and Emotional connection (30%)."
    )
    assert say(one, "id") == (
        "Data ini belum cukup untuk memilih satu prioritas. Yang mungkin: Layanan yang tanggap"
        f" ({percent}%) dan Ikatan emosional (30%)."
    )
    assert title(one) == "Not enough data to choose one priority"
    assert len(one.only_what_it_says().estimates) == 2


def test_where_no_level_can_lie_in_the_quadrant_that_is_said(told) -> None:
    (one,) = told(cx.priorities, places=placed(first=(), possible=()))
    assert say(one) == (
        "No level scores below the target of 70.0 and also has a link with willingness to"
        " recommend among the strong ones."
    )


def test_shares_of_next_to_nothing_choose_no_priority(told) -> None:
    (one,) = told(cx.priorities, weak=True)
    assert one.variant == "weak"
    assert one.options["first"] == []
    assert "No priority is chosen" in say(one)


def test_the_note_says_where_the_lines_are(told) -> None:
    said = notes(told(cx.priorities)[0])
    assert "Dashed lines: an equal share, 1 in 5, and the target score of 70.0." in said
    assert said[-1].startswith("Association, not cause")


# -- the demo, other studies, the page ------------------------------------------------------------


def test_sentences_and_notes_of_the_demo_hold_no_word_of_cause(demo) -> None:
    found = [one for section in (cx.links, cx.priorities) for one in section.findings(demo)]
    for language in ("id", "en"):
        for one in found:
            text = " ".join([say(one, language), *notes(one, language)])
            assert lint(text, language) == []
            assert "{" not in text


def test_the_chances_of_each_level_add_up_on_the_demo(demo) -> None:
    (one,) = cx.priorities.findings(demo)
    for of in LEVELS:
        four = one.estimates.where(metric="chance_quadrant", of=of)
        assert sum(chance.estimate for chance in four) == pytest.approx(1)


def test_a_planted_link_is_found_and_named(tmp_path, rng) -> None:
    """Recommendation follows trust alone: it ranks first, and nobody calls that a cause."""
    n = 400
    answers = {key: rng.integers(1, 6, n) for key in ("f1", "t1", "r1")}
    likely = np.clip(np.round(2 * answers["t1"] + rng.normal(0, 1, n)), 0, 10).astype(int)
    table = {key: value.tolist() for key, value in answers.items()} | {"q": likely.tolist()}
    study = CUSTOMERS + PYRAMID + NPS + "targets: {score_100: 70}\n"
    survey = lay(tmp_path, study, table)
    first = cx.links.findings(survey)[0]
    assert first.variant == "one_first"
    assert say(first).startswith("Trust goes most closely with willingness to recommend")
    assert say(first).endswith("This is association, not cause.")
    (priority,) = cx.priorities.findings(survey)
    assert priority.options["first"] == ["trust"]
    assert any(note.startswith("Together the three levels explain") for note in notes(first))


def test_high_ratings_and_a_rating_of_the_whole_are_told_from_answers(tmp_path, rng) -> None:
    """Nine of ten give fulfilment the best answer; the whole follows trust and service."""
    n = 300
    answers = {key: rng.integers(3, 6, n) for key in ("t1", "r1")}
    answers["f1"] = np.where(rng.random(n) < 0.92, 5, 3)
    whole = np.round((answers["t1"] + answers["r1"]) / 2 + rng.normal(0, 0.7, n))
    answers["o"] = np.clip(whole, 1, 5).astype(int)
    likely = np.round(1.5 * answers["o"] + 0.5 * answers["t1"] + rng.normal(0, 1, n))
    answers["q"] = np.clip(likely, 0, 10).astype(int)
    study = CUSTOMERS + PYRAMID + (
        "outcomes:\n  recommend: {column: q}\n"
        "  overall: {column: o, metric: mean, scale: stars_5}\n"
    )  # fmt: skip
    survey = lay(tmp_path, study, {key: column.tolist() for key, column in answers.items()})
    found = cx.links.findings(survey)
    assert say(found.get("F18")).startswith("Almost all respondents rate Fulfilment high")
    (both,) = [one for one in found if one.variant == "whole"]
    added, beyond = both.fits["value"]
    assert added > 0.2 > beyond
    assert say(both).startswith("Beyond the three levels, the overall rating of the experience")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("study", ["mobi", "satisfaction"])
def test_other_frameworks_speak_their_own_words(shared_data, project, study, language) -> None:
    """Dimensions, not levels; loyalty is left out, because recommending is one of its items."""
    survey = cx.load(project / "tests" / "studies" / study)
    found = [one for section in (cx.links, cx.priorities) for one in section.findings(survey)]
    said = " ".join(text for one in found for text in (say(one, language), *notes(one, language)))
    assert re.search(r"\b(tingkat|levels?)\b", said) is None
    left_out = {"id": "Tidak diikutkan: Loyalitas", "en": "Left out: Loyalty"}[language]
    assert left_out in said
    assert "loyalty" not in found[0].options["order"]


def test_another_outcome_gives_its_name_to_the_section(tmp_path, rng) -> None:
    study = CUSTOMERS + PYRAMID + (
        "outcomes: {satisfaction: {column: q, scale: satisfaction_5, definition: top_2_box}}\n"
    )  # fmt: skip
    answers = {key: rng.integers(1, 6, 200).tolist() for key in ("f1", "t1", "r1", "q")}
    found = cx.links.findings(lay(tmp_path, study, answers))
    words = Words("en", found.context)
    assert words.fill(words.locale["sections"]["links"]["question"]) == (
        "What goes with overall satisfaction?"
    )
    assert "overall satisfaction" in say(found[0])


def test_the_summary_takes_the_links_with_their_proof(demo) -> None:
    topics = [getattr(cx, key).findings(demo)
              for key in ("scorecard", "pyramid", "journey", "links", "change")]  # fmt: skip
    fourth = cx.summary.findings(demo, *topics)[3]
    assert (fourth.key, fourth.proof) == ("F17", "links")
    assert say(fourth) == say(topics[3][0])
    assert len(fourth.estimates) <= 2


def test_a_report_without_links_says_so(demo) -> None:
    topics = [
        getattr(cx, key).findings(demo) for key in ("scorecard", "pyramid", "journey", "change")
    ]
    fourth = cx.summary.findings(demo, *topics)[3]
    assert (fourth.key, fourth.variant) == ("F32", "not_analysed")


def test_the_methods_say_how_shares_are_made(demo) -> None:
    nb = nbformat.v4.new_notebook()
    for section in (cx.links, cx.priorities):
        cell = nbformat.v4.new_code_cell("findings")
        shown = {FINDING_MIME: section.findings(demo).to_dict()}
        cell.outputs = [nbformat.v4.new_output("execute_result", data=shown, execution_count=1)]
        nb.cells.append(cell)
    for language, term in (("en", "Links and priorities"), ("id", "Kaitan dan prioritas")):
        _, blocks = methods_blocks(nb, Words(language, demo.latest.context()))
        (block,) = [one for one in blocks if one["type"] == "definitions"]
        parts = {one["term"]: " ".join(one["paragraphs"]) for one in block["rows"]}
        assert all(word in parts[term] for word in ("LMG", "Johnson", "80", "CE-FDH", "Brandt"))
        assert "bootstrap" in parts[{"en": "Ranges", "id": "Rentang"}[language]]
