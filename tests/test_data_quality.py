"""The section on response quality: rules in words, headlines in other ways, durations, weights."""

from __future__ import annotations

import numpy as np
import pytest
from held import ANSWERED, flags, held, in_hand
from test_sections import CUSTOMERS, lay, say, title
from test_who_answered import noted, rows, shown

import cxkit as cx
from cxkit.answers.quality import flags_of

BATTERY = """\
scale: agreement_5
items: {a: a, b: b, c: c, d: d}
outcomes: {recommend: {column: q}}
"""


def section(survey):
    return cx.data_quality.findings(survey)


@pytest.fixture
def battery(tmp_path) -> cx.Survey:
    """Sixty who answered four statements; ten of them always alike, five in twenty seconds.

    The median duration is 300 seconds, so that under 100 is fast.
    """
    other = [[1, 2, 4, 5], [2, 4, 3, 5], [4, 3, 5, 2], [3, 5, 1, 4], [5, 1, 2, 3]]
    answered = [[5, 5, 5, 5]] * 10 + other * 10
    columns = dict(zip("abcd", zip(*answered, strict=True), strict=True))
    survey = lay(tmp_path, CUSTOMERS + BATTERY, {"q": [10] * 20 + [0] * 40, **columns})
    frame = survey.frame
    frame["duration"] = [300.0] * 55 + [20.0] * 5
    made = flags_of(survey.study, frame)
    for name in made.frame:
        frame[name] = made.frame[name].array
    return in_hand(survey.study, frame)


# -- flags by rule ---------------------------------------------------------------------------------


def test_each_rule_is_told_with_its_threshold(battery) -> None:
    """A third of 300 seconds; ten straight lines of sixty."""
    found = section(battery).get("flags")
    small = {row["head"]: row["small"] for row in shown(found).table()["rows"]}
    assert small["Answering too fast"] == (
        "finished in under 100 seconds: 33% of the median of this wave, 300 seconds"
    )
    assert small["Straight-lining"] == "all answers within a block alike"
    assert small["The bot score of the platform"] == "the data hold no bot score"
    indonesian = {row["head"]: row["small"] for row in shown(found, "id").table()["rows"]}
    assert indonesian["Pengisian terlalu cepat"] == (
        "selesai dalam kurang dari 100 detik: 33% dari median gelombang ini, 300 detik"
    )
    told = rows(found)
    assert told["Answering too fast"][:3] == ["60", "5", "8.3%"]
    assert told["Straight-lining"][:3] == ["60", "10", "16.7%"]
    assert told["The bot score of the platform"][:2] == ["0", "not assessable"]
    assert told["At least one flag"][1] == "15"


def test_how_many_carry_flags_is_told_and_what_a_flag_is(battery) -> None:
    found = section(battery).get("flags")
    assert say(found) == (
        "15 of 60 responses (25%) carry at least one flag of response quality, and 10 carry two"
        " or more. A flag is a reason to look, not to delete."
    )
    assert say(found, "id").startswith("15 dari 60 jawaban (25%) memiliki sedikitnya satu tanda")
    assert "Even-odd consistency is not computed" in noted(found)
    assert "the same answer throughout can be honest" in noted(found)


def test_a_threshold_of_the_study_is_told_as_it_is_set(battery) -> None:
    quality = battery.study.quality.model_copy(update={"straight": 0.8, "speed": 0.5})
    study = battery.study.model_copy(update={"quality": quality})
    found = section(in_hand(study, battery.frame)).get("flags")
    small = {row["head"]: row["small"] for row in shown(found).table()["rows"]}
    assert small["Straight-lining"] == "at least 80% of the answers within a block alike"
    assert small["Answering too fast"].startswith("finished in under 150 seconds: 50% of")


@pytest.mark.parametrize(
    ("below", "told"), [(0.5, "0.5"), (0.25, "0.25"), (0.125, "0.125"), (3, "3")]
)
def test_a_score_is_told_with_the_digits_that_it_needs(battery, below: float, told: str) -> None:
    from cxkit.study.parts import BotScore

    quality = battery.study.quality.model_copy(update={"bot_scores": {"s": BotScore(below=below)}})
    study = battery.study.model_copy(update={"quality": quality})
    frame = battery.frame.assign(**{"bot:s": 9.0, "flag:bot_score": flags(60)})
    found = section(in_hand(study, frame)).get("flags")
    small = {row["head"]: row["small"] for row in shown(found).table()["rows"]}
    assert small["The bot score of the platform"] == f"a score beyond the limit of {told}"


def test_a_set_threshold_is_told_where_few_can_be_held_against_it(battery) -> None:
    """Five comments are long enough: what they say is hidden, the rule is not."""
    words = ["This shop never once answered any of my mails."] * 5 + [None] * 55
    comments = flags(60, *range(5), unknown=range(5, 60))
    frame = battery.frame.assign(**{"comment:c": words, "flag:duplicate_comment": comments})
    frame["duration"] = [300.0] * 5 + [np.nan] * 55
    frame["flag:fast"] = flags(60, unknown=range(5, 60))
    found = section(in_hand(battery.study, frame)).get("flags")
    by_rule = {row["head"]: row["small"] for row in shown(found).table()["rows"]}
    assert by_rule["The same comment as another response"] == (
        "a comment of 40 characters or more, word for word the same as another"
    )
    assert by_rule["Answering too fast"] == ""  # its seconds follow from five interviews
    assert rows(found)["Answering too fast"][0] == "**"


def test_one_flagged_response_is_told_as_one(tmp_path) -> None:
    found = section(held(tmp_path, flag_fast=flags(40, 3))).get("flags")
    assert say(found).startswith("1 of 40 responses (3%) carries a flag")
    assert say(found, "id").startswith("1 dari 40 jawaban (3%) memiliki tanda mutu.")


def test_nobody_flagged_is_told_so(tmp_path) -> None:
    found = section(held(tmp_path, flag_fast=flags(40))).get("flags")
    assert say(found) == "None of 40 responses carries a flag of response quality."


def test_answers_without_flags_have_no_table_of_them(tmp_path) -> None:
    found = section(held(tmp_path))
    assert found.get("flags") is None
    assert found.get("sensitivity") is None
    assert found.get("durations") is None
    assert found.get("F03").variant == "none_unchecked"


def test_what_each_rule_set_aside_stands_beside_its_flags(tmp_path) -> None:
    excluded = [""] * 37 + ["fast"] * 2 + ["pilot"]
    survey = held(tmp_path, excluded=excluded, flag_fast=flags(40, 36, 37, 38))
    assert rows(section(survey).get("flags"))["Answering too fast"][-1] == "2"


# -- headlines in other ways -----------------------------------------------------------------------


def test_the_headline_is_told_for_each_way_of_choosing_responses(tmp_path) -> None:
    """Of 20, 10 and 10: 39 without four zeros, 25 with them, 47 without two more (16/34)."""
    excluded = [""] * 36 + ["fast"] * 4
    straight = flags(40, 30, 31)
    survey = held(
        tmp_path,
        "privacy: {min_n: 1}\n",
        excluded=excluded,
        flag_fast=flags(40, *range(36, 40)),
        flag_straight=straight,
    )
    found = section(survey).get("sensitivity")
    told = rows(found)
    assert told == {
        "Those used in this report": ["36", "39"],
        "All, those set aside included": ["40", "25"],
        "Without: answering too fast": ["36", "39"],
        "Without: straight-lining": ["38", "32"],
        "Without those with any flag": ["34", "47"],
    }
    cells = [row["cells"][1]["small"] for row in shown(found).table()["rows"]]
    assert cells == ["", "−14", "0", "−7", "+8"]
    assert title(found) == (
        "Whichever responses are used, Net Promoter Score (NPS) lies between 25 and 47"
    )
    assert "set the rules before looking at results" in noted(found)


def test_ways_that_differ_by_a_few_are_not_told(tmp_path) -> None:
    """Two are set aside and flagged fast, three flagged alike, twelve have little spread."""
    survey = held(
        tmp_path,
        answers=[10] * 60 + [0] * 60,
        excluded=[""] * 118 + ["fast"] * 2,
        flag_fast=flags(120, 118, 119),
        flag_straight=flags(120, 3, 4, 5),
        flag_little_spread=flags(120, *range(20, 32)),
    )
    found = section(survey).get("sensitivity")
    told = rows(found)
    hidden = ["**", "**"]
    assert told["Those used in this report"][0] == "118"
    assert told["All, those set aside included"] == hidden
    assert told["Without: answering too fast"] == ["118", told["Those used in this report"][1]]
    assert told["Without: straight-lining"] == hidden
    assert told["Without those with any flag"] == hidden or told["Without: little spread"] == hidden
    private = [one for one in found.estimates if "hidden_privacy" in one.flags]
    assert private
    assert all(one.n != one.n and one.estimate != one.estimate for one in private)
    moved = [one for one in found.comparisons if one.verdict == "hidden"]
    assert len(moved) == len(private)
    assert all(one.n_a != one.n_a and one.difference != one.difference for one in moved)
    assert None in found.options["bases"].values()
    assert "fewer than 10 people could be found by subtraction" in noted(found)
    assert "membuka jawaban kurang dari 10 orang" in noted(found, "id")


def test_which_responses_the_ways_start_from_is_told(tmp_path) -> None:
    excluded = [""] * 36 + ["fast"] * 4
    survey = held(tmp_path, excluded=excluded, flag_fast=flags(40, 30, 31))
    assert "start from all responses, those set aside included" in noted(
        section(survey).get("sensitivity")
    )
    whole = survey.responses.frame.drop(columns="weight_all")
    alone = section(in_hand(survey.study, whole))
    assert "start from the responses used in this report" in noted(alone.get("sensitivity"))
    assert "those set aside included are not given" in noted(alone.get("funnel"))
    assert alone.get("F03").variant == "some_one_rule_alone"


def test_a_headline_that_does_not_move_is_not_given_a_range(tmp_path) -> None:
    """Everybody answered alike, whoever is left out."""
    survey = held(tmp_path, answers=[10] * 200, flag_fast=flags(200, *range(12)))
    found = section(survey).get("sensitivity")
    assert title(found).endswith("Net Promoter Score (NPS) is 100 after rounding")


def test_too_few_left_are_not_shown(tmp_path) -> None:
    """Twenty of forty are left: fewer than thirty."""
    survey = held(tmp_path, flag_fast=flags(40, *range(20)))
    told = rows(section(survey).get("sensitivity"))
    assert told["Without: answering too fast"] == ["20", "**"]
    assert title(section(survey).get("sensitivity")) == "Results if other responses were used"


def test_decisions_are_told_by_rule(tmp_path) -> None:
    (tmp_path / "exclusions.csv").write_text(
        "respondent,wave,rule,decision,why\nr0001,,fast,exclude,read\nr0002,,fast,keep,read\n",
        encoding="utf-8",
    )
    survey = held(tmp_path)
    study = survey.study.model_copy(update={"exclusions": "exclusions.csv"})
    found = section(in_hand(study, survey.frame)).get("decided")
    assert rows(found) == {"Answering too fast": ["1", "1"]}


# -- durations, missing answers, weights -----------------------------------------------------------


def test_durations_stand_in_seconds(tmp_path) -> None:
    survey = held(tmp_path, answers=[9] * 101, duration=np.arange(1000, 1101.0))
    (row,) = rows(section(survey).get("durations")).values()
    assert row == ["101", "1,005", "1,025", "1,050", "1,075", "1,095"]


def test_item_non_response_stands_wave_by_wave() -> None:
    found = section(cx.load("demo")).get("skips")
    columns = [one["label"] for one in shown(found).table()["columns"]]
    assert columns == ["Question", "H1 2025", "H2 2025", "H1 2026"]
    assert len(rows(found)) == 53 + 20 + 5  # items, outcomes, ratings of stages
    assert rows(found)["Cared for"] == ["1.0%", "0.9%", "1.2%"]
    # a battery that the last wave added: its column is empty before
    assert rows(found)["Matches the order"][0] != "not asked"
    assert rows(found)["Fits my needs"] == ["not asked", "not asked", "0.6%"]


def test_the_make_up_stands_beside_its_target(tmp_path) -> None:
    """Thirty of the west and ten of the east, who weigh as if they were half and half."""
    from cxkit.study.parts import Weighting

    side = ["west"] * 30 + ["east"] * 10
    more = "segments: {side: {column: side}}\n"
    survey = held(tmp_path, more=more, columns={"side": side})
    weighting = Weighting.model_validate({"rake": {"side": {"west": 0.5, "east": 0.5}}})
    study = survey.study.model_copy(update={"weighting": weighting, "weight": "w"})
    frame = survey.frame
    frame["weight"] = [2 / 3] * 30 + [2.0] * 10
    found = section(in_hand(study, frame))
    told = rows(found.get("margins"))
    assert told["west"] == ["75.0%", "50.0%", "50.0%"]
    assert told["east"] == ["25.0%", "50.0%", "50.0%"]
    assert "Results are weighted by side." in noted(found.get("weights"))


def test_a_small_group_is_not_told_beside_its_target(tmp_path) -> None:
    from cxkit.study.parts import Weighting

    side = ["west"] * 25 + ["east"] * 11 + ["isle"] * 4
    survey = held(tmp_path, "segments: {side: {column: side}}\n", columns={"side": side})
    shares = {"west": 0.5, "east": 0.4, "isle": 0.1}
    weighting = Weighting.model_validate({"rake": {"side": shares}})
    study = survey.study.model_copy(update={"weighting": weighting, "weight": "w"})
    told = rows(section(in_hand(study, survey.frame)).get("margins"))
    assert told["isle"] == ["**", "**", "10.0%"]
    assert told["east"] == ["**", "**", "40.0%"]
    assert told["west"][0] == "62.5%"


def test_the_section_says_the_same_in_both_languages(battery) -> None:
    for one in section(battery):
        if one.table:
            indonesian, english = (shown(one, language).table() for language in ("id", "en"))
            assert len(indonesian["rows"]) == len(english["rows"])
        assert bool(say(one, "id")) == bool(say(one))
        assert not {"{", "}"} & set(say(one, "id") + noted(one, "id"))


def test_the_fixture_answers_as_it_says() -> None:
    assert (len(ANSWERED), ANSWERED[36:]) == (40, [0] * 4)
