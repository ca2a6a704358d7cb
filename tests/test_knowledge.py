"""What the sources say is kept as they say it: outcomes, goals, claims, what disagrees."""

from __future__ import annotations

import re

import pytest

from cxkit import library
from cxkit.errors import StudyError
from cxkit.study import METRICS

LANGUAGES = ("id", "en")


def write(folder, name, text):
    """A YAML file beside a study."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


# -- crosswalk ---------------------------------------------------------------------------------


def test_the_crosswalk_matches_every_stage_and_leaves_the_purchase_unmatched():
    """Deciding is only broadly consideration, because the purchase itself has no phase."""
    walk = library.crosswalk()
    assert [(pair["from"], pair["to"], pair["match"]) for pair in walk["pairs"]] == [
        ("aware", "discovery", "exact"),
        ("consider", "consideration", "exact"),
        ("decide", "consideration", "broad"),
        ("evaluate", "retention", "exact"),
        ("advocate", "advocacy", "exact"),
    ]
    assert [one["part"] for one in walk["unmatched"]] == ["purchase"]
    assert walk["origin"] == "ours"


def test_a_crosswalk_beside_a_study_wins_and_is_checked(tmp_path):
    """Who edits the crosswalk is told of every part that a framework does not have."""
    write(
        tmp_path,
        "journey_phases",
        "from: journey\nto: phases\npairs:\n  - {from: decide, to: retention, match: broad}\n",
    )
    assert library.crosswalk(folder=tmp_path)["pairs"][0]["to"] == "retention"
    write(
        tmp_path,
        "journey_phases",
        "from: journey\nto: phases\n"
        "pairs:\n  - {from: buy, to: retention, match: broad}\n"
        "  - {from: decide, to: retentoin, match: near}\n",
    )
    with pytest.raises(StudyError) as caught:
        library.crosswalk(folder=tmp_path)
    places = {problem.column for problem in caught.value.problems}
    assert places == {"pairs[0].from", "pairs[1].to", "pairs[1].match"}


# -- outcomes, goals, claims -----------------------------------------------------------------

OUTCOMES = """
    satisfaction csat better judgement
    overall mean better judgement
    recommend nps better intention
    effort ces better judgement
    repurchase top_2_box better intention
    stay top_2_box better intention
    leave top_2_box worse intention
    loyal_price top_2_box better intention
    cross_sell top_2_box better intention
    word_of_mouth share better reported
    negative_word_of_mouth share worse reported
    review mean better reported
    retention share better observed
    churn share worse observed
    spend mean better reported
    value_for_cost score_100 better judgement
    problems share worse reported
    personal_fit score_100 better judgement
    channels_in_step score_100 better judgement
"""


def test_each_outcome_says_what_it_is_and_which_way_is_better():
    """An intention is not what people do; observed behaviour needs a column of its own."""
    found = [
        [key, entry["metric"], entry["higher_is"], entry["measures"]]
        for key, entry in library.outcomes().items()
        if key != "loyalty"
    ]
    assert found == [line.split() for line in OUTCOMES.strip().splitlines()]
    assert {metric for _, metric, _, _ in found} <= set(METRICS)
    for key in ("retention", "churn"):
        assert library.outcomes()[key]["needs"] == "column"
        assert library.outcomes()[key]["questions"] == []


def test_loyalty_has_no_composite():
    """Its parts are told one by one, unless a study names a composite of its own."""
    loyalty = library.outcomes()["loyalty"]
    assert loyalty["composite"] == "none"
    assert "metric" not in loyalty
    assert set(loyalty["parts"]) < set(library.outcomes())


def test_every_outcome_question_belongs_to_an_outcome():
    """A question that no outcome reads would be asked for nothing."""
    batteries = ("outcomes", "problems", "value_for_cost", "personal_fit", "channels_in_step")
    asked = [key for name in batteries for key in library.battery(name)["questions"]]
    read = [key for entry in library.outcomes().values() for key in entry.get("questions", ())]
    assert sorted(read) == sorted(asked)


def test_an_outcome_proposes_the_scale_that_its_question_has():
    """What is proposed for the numbers is what was asked, and has a name in both languages."""
    for key, entry in library.outcomes().items():
        assert set(entry["label"]) == set(LANGUAGES), key
        asked = [library.question(one) for one in entry.get("questions", ())]
        for kind in ("scale", "answers", "amount"):
            assert kind not in entry or entry[kind] in {one.get(kind) for one in asked}, key


def test_two_goals_are_kept_and_cost_has_three_parts():
    """One source names two main goals: no ranking is invented."""
    assert len(library.goals()) == 2
    for goal in library.goals().values():
        assert set(goal["outcomes"]) <= set(library.outcomes())
    assert set(library.costs()) == {"monetary", "material", "non_material"}
    assert {cost["question"] for cost in library.costs().values()} == {
        "val_money",
        "val_time",
        "val_mind",
    }


CLAIMS = {
    "meets_changing_needs": (60, "Statista (2023)"),
    "loyal_to_a_brand": (74, "Zendesk"),
    "loyalty_by_service": (57, "Zendesk"),
    "acquiring_costs_more": (5, "a source that is not named"),
    "gained_in_loyalty": (21, "Forrester CX Index"),
    "comprehensive_view": (15, "Harvard Business Review Analytic Services"),
    "real_time_view": (17, "Harvard Business Review Analytic Services"),
    "expects_personal": (80, "Epsilon"),
    "spends_only_if_personal": (39, "a source that is not clear"),
    "never_buys_again": (37, "Annex Cloud"),
    "switches_after_one": (50, "Zendesk"),
    "quarter_lost_in_a_day": (25, "a source that is not named"),
    "journey_from_banking": (None, "a source that is not named"),
}


def test_each_claim_has_its_figure_and_whose_claim_it_is():
    """The figures and sources of the articles, as they claim them."""
    found = {key: (one.get("figure"), one["by"]["en"]) for key, one in library.claims().items()}
    assert found == CLAIMS


def test_a_claim_is_only_ever_said_as_claimed():
    """Never a benchmark, never a default, always with whose it is."""
    for key, claim in library.claims().items():
        assert claim["said"]["en"] == f"Claimed by {claim['by']['en']}: {claim['text']['en']}"
        assert claim["said"]["id"].startswith(f"Diklaim oleh {claim['by']['id']}: ")
        figure = claim.get("figure")
        spelt = {5: ("five", "lima"), 25: ("quarter", "Seperempat")}.get(figure, (figure,) * 2)
        for language, word in zip(("en", "id"), spelt, strict=True):
            assert figure is None or str(word) in claim["text"][language], key


def test_the_two_claims_that_disagree_are_linked_both_ways():
    """37 % and 50 % for the same idea: whoever shows one shows the other."""
    claims = library.claims()
    linked = {key: one["disagrees_with"] for key, one in claims.items() if "disagrees_with" in one}
    assert linked == {
        "never_buys_again": "switches_after_one",
        "switches_after_one": "never_buys_again",
    }


def test_what_can_be_tested_names_its_finding_and_its_questions():
    """Five things that the sources hold and a researcher can put to the test."""
    found = {key: entry.get("finding") for key, entry in library.hypotheses().items()}
    assert found == {
        "order_of_levels": "F07",
        "price_at_decide": "F13",
        "dissatisfied_risk": None,
        "stage_conversion": "F11",
        "worst_handoff": "F12",
    }
    price = library.hypotheses()["price_at_decide"]
    assert price["paired"]
    assert set(price["compares"]) <= set(library.battery("stages")["questions"])
    assert library.hypotheses()["dissatisfied_risk"]["question"] == "wom_warned"


INCONSISTENCIES = {
    "journey": [("enam .* lima", "six .* five"), ("tanpa tahap membeli", "without one for buying")],
    "pyramid": [("tiga alasan.*dua hal", "three reasons.*two points"),
                ("online saja.*fisik", "online only.*physical")],
    "outcomes": [("dua “tujuan utama”", "two different “main goals”")],
    "claims": [("37%.*50%", "37%.*50%")],
}  # fmt: skip


@pytest.mark.parametrize("where", INCONSISTENCIES)
def test_every_inconsistency_of_the_sources_is_recorded(where):
    """All six, each in both languages, where it belongs."""
    recorded = [one["text"] for one in library.inconsistencies() if one["of"] == where]
    for patterns in INCONSISTENCIES[where]:
        for language, pattern in zip(("id", "en"), patterns, strict=True):
            assert any(re.search(pattern, text[language]) for text in recorded), pattern
