"""How the answers came in: the funnel, flags, missing answers, durations and weights, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from held import ANSWERED, flags, held, in_hand
from statsmodels.stats.proportion import proportion_confint

import cxkit as cx
from cxkit.analysis import response, robustness


def value(found, **wanted):
    return found.only(**wanted).estimate


def with_invited(folder, invited: object, **made):
    """`held`, whose study says how many were invited."""
    survey = held(folder, **made)
    sample = survey.study.sample.model_copy(update={"invited": invited})
    study = survey.study.model_copy(update={"sample": sample})
    return in_hand(study, survey.responses.frame)


# -- from invitation to use ------------------------------------------------------------------------


def test_a_response_is_followed_from_the_invitation_to_its_use(tmp_path) -> None:
    """100 invited, 40 started, 4 set aside; of 38 whose end is known 36 finished."""
    finished = flags(40, *range(36), unknown=(38, 39))
    excluded = [""] * 36 + ["fast"] * 3 + ["test"]
    survey = with_invited(tmp_path, 100, finished=finished, excluded=excluded)
    found = response.funnel(survey)
    counts = {one.of: one.estimate for one in found if one.metric == "responses"}
    assert counts == {
        "response:invited": 100,
        "response:started": 40,
        "response:finished": 36,
        "response:set_aside": 4,
        "response:used": 36,
    }
    shares = {(one.of[9:], one.by["whole"]): one for one in found if one.metric == "share"}
    told = {key: (one.estimate, one.n) for key, one in shares.items()}
    assert told == {
        ("started", "invited"): (0.4, 100),
        ("used", "invited"): (0.36, 100),
        ("finished", "started"): (36 / 38, 38),
        ("set_aside", "started"): (0.1, 40),
        ("used", "started"): (0.9, 40),
    }


def test_a_step_that_is_not_known_is_never_guessed(tmp_path) -> None:
    found = response.funnel(held(tmp_path))
    for step in ("invited", "finished"):
        unknown = found.only(metric="responses", of=f"response:{step}")
        assert (unknown.flags, unknown.n) == (("not_measured",), 0)
        assert np.isnan(unknown.estimate)
    assert found.only(of="response:started", metric="share").flags == ("not_measured",)


def test_how_many_of_a_group_were_invited_nobody_says(tmp_path) -> None:
    """The study counts invitations to all; a report on some of them has no response rate."""
    survey = with_invited(tmp_path, 100)
    told = {"filters": {"region": "west"}, "waves": ("all",)}
    some = cx.Survey.of(survey.study, survey.frame, **told)
    assert response.funnel(some).only(of="response:invited").flags == ("not_measured",)


@pytest.mark.parametrize(("invited", "known"), [({"all": 80}, 80), ({"other": 80}, None)])
def test_invitations_may_be_told_wave_by_wave(tmp_path, invited, known) -> None:
    one = response.funnel(with_invited(tmp_path, invited)).only(of="response:invited")
    assert (one.estimate if one.n else None) == known


def test_more_started_than_were_invited_is_no_share(tmp_path) -> None:
    """A link that was passed on: 40 came of 30 invited."""
    found = response.funnel(with_invited(tmp_path, 30))
    assert found.only(of="response:started", metric="share").flags == ("not_comparable",)


def test_rules_that_set_aside_stand_by_size(tmp_path) -> None:
    excluded = [""] * 34 + ["test"] + ["fast"] * 3 + ["straight"] * 2
    found = response.set_aside(held(tmp_path, excluded=excluded))
    assert [(one.of, one.estimate, one.n) for one in found] == [
        ("rule:fast", 3, 40),
        ("rule:straight", 2, 40),
        ("rule:test", 1, 40),
    ]


def test_decisions_are_counted_for_those_who_answered(tmp_path) -> None:
    """Those of another wave, and what still waits for a decision, are not."""
    (tmp_path / "exclusions.csv").write_text(
        "respondent,wave,rule,decision,why\n"
        "r0001,,fast,exclude,read\nr0002,all,fast,keep,read\nr0003,all,fast,keep,read\n"
        "r0004,2019,fast,keep,read\nr0005,all,fast,,\n",
        encoding="utf-8",
    )
    survey = held(tmp_path)
    study = survey.study.model_copy(update={"exclusions": "exclusions.csv"})
    decided = response.decisions(in_hand(study, survey.frame))
    assert {(one.of, one.by["decision"]): one.estimate for one in decided} == {
        ("rule:fast", "exclude"): 1,
        ("rule:fast", "keep"): 2,
    }


def test_doubtful_responses_among_those_used_are_counted(tmp_path) -> None:
    """Of 36 used two are tests, and three were not finished, one of them a test."""
    status = ["preview"] * 2 + [None] * 34 + ["preview"] * 4
    finished = flags(40, *range(1), *range(4, 39), unknown=(39,))
    excluded = [""] * 36 + ["preview"] * 4
    survey = held(tmp_path, status=status, finished=finished, excluded=excluded)
    (one,) = response.doubtful(survey)
    assert (one.of, one.estimate, one.n) == ("response:doubtful", 4, 36)
    assert len(response.doubtful(held(tmp_path))) == 0


# -- flags -----------------------------------------------------------------------------------------


def test_flags_are_shares_of_those_a_rule_can_be_held_against(tmp_path) -> None:
    """3 of 38 assessable are fast; Wilson's interval as statsmodels has it."""
    fast = flags(40, 0, 1, 2, unknown=(38, 39))
    straight = flags(40, 2, 3)
    survey = held(tmp_path, flag_fast=fast, flag_straight=straight)
    found = response.flagged(survey)
    one = found.only(metric="flagged", of="rule:fast")
    assert (one.estimate, one.n) == (3 / 38, 38)
    low, high = proportion_confint(3, 38, method="wilson")
    assert (one.ci_low, one.ci_high) == pytest.approx((low, high), rel=1e-12)
    several = {
        key: value(found, metric="responses", of=f"rules:{key}") for key in ("any", "several")
    }
    assert several == {"any": 4, "several": 1}


def test_a_rule_that_can_be_held_against_nobody_has_no_share(tmp_path) -> None:
    survey = held(tmp_path, flag_fast=flags(40, 0), flag_bot_score=flags(40, unknown=range(40)))
    found = response.flagged(survey)
    bots = found.where(of="rule:bot_score")
    assert [(one.metric, one.flags, one.n) for one in bots] == [("flagged", ("not_measured",), 0)]
    assert value(found, metric="responses", of="rules:any") == 1


def test_those_set_aside_are_among_the_flagged(tmp_path) -> None:
    survey = held(tmp_path, excluded=["fast"] * 4 + [""] * 36, flag_fast=flags(40, 0, 1, 2, 3))
    assert value(response.flagged(survey), metric="responses", of="rule:fast") == 4
    assert survey.n == 36


# -- missing answers -------------------------------------------------------------------------------


def unanswered(folder, **reasons: int):
    """A survey of 100 whose recommendation question lacks answers for reasons."""
    why = [reason for reason, n in reasons.items() for _ in range(n)]
    survey = held(folder, answers=[9] * 100, columns={"extra": ["a"] * 100})
    frame = survey.frame
    values = frame["outcome:recommend"].to_numpy(dtype=float, copy=True)
    values[: len(why)] = np.nan
    frame["outcome:recommend"] = values
    frame["why:outcome:recommend"] = why + [""] * (100 - len(why))
    return in_hand(survey.study, frame)


def test_everybody_answered_or_lacks_an_answer_for_a_reason(tmp_path) -> None:
    """58 of 100 answered; 12 skipped it, of the 90 to whom it was put."""
    survey = unanswered(tmp_path, no_answer=12, dont_know=20, not_applicable=10)
    found = response.missing(survey)
    counts = {one.by["reason"]: one.estimate for one in found if one.metric == "respondents"}
    assert counts == {"no_answer": 12, "dont_know": 20, "not_applicable": 10}
    answered = found.only(metric="answered")
    assert answered.estimate + sum(counts.values()) == 100
    skipped = found.only(metric="item_nonresponse")
    assert (skipped.estimate, skipped.n) == (12 / 90, 90)
    assert value(found, metric="missing", by_reason="dont_know") == 0.2


@pytest.mark.parametrize(
    ("reasons", "hidden"),
    [
        ({"dont_know": 10, "refused": 12}, None),
        ({"no_answer": 3, "not_applicable": 4}, None),
        ({"dont_know": 3, "refused": 12, "not_experienced": 40}, {"dont_know", "refused"}),
        (
            {"dont_know": 3, "refused": 4, "not_experienced": 40},
            {"dont_know", "refused", "not_experienced"},
        ),
        ({"dont_know": 3, "no_answer": 20}, {"dont_know", "no_answer"}),
        ({"dont_know": 1, "refused": 1, "no_answer": 9}, {"dont_know", "refused", "no_answer"}),
        (
            {"dont_know": 1, "no_answer": 4, "not_applicable": 30, "not_asked": 40},
            {"dont_know", "no_answer", "not_applicable"},
        ),
        ({"dont_know": 7, "not_applicable": 30}, {"dont_know", "no_answer", "not_applicable"}),
    ],
)
def test_a_reason_that_few_gave_cannot_be_found_by_subtraction(tmp_path, reasons, hidden) -> None:
    """What was skipped or not put is no secret; a reason given by fewer than ten is one."""
    survey = unanswered(tmp_path, **reasons)
    private = response.private_reasons(survey)
    assert (set(private["outcome:recommend"]) if private else None) == hidden
    found = response.missing(survey)
    told = {one.by["reason"] for one in found if one.metric == "respondents"}
    assert told == set(reasons) - (hidden or set())
    (skipped,) = found.where(metric="item_nonresponse")
    assert skipped.is_hidden == ("no_answer" in (hidden or ()))


def test_where_too_few_did_not_answer_no_reason_is_told(tmp_path) -> None:
    """Seven of a hundred: neither which reason it was nor which it was not."""
    survey = unanswered(tmp_path, dont_know=5, no_answer=2)
    private = response.private_reasons(survey)["outcome:recommend"]
    assert {"dont_know", "no_answer", *response.NOT_ASKED} <= set(private)
    found = response.missing(survey)
    assert [one.metric for one in found if not one.is_hidden] == ["answered"]


def test_reasons_not_told_are_ten_people_together_in_every_question_of_the_demo() -> None:
    """By subtraction from those in hand and from those asked, where that number is shown."""
    for one in response.each_wave(cx.load("demo")):
        found = response.missing(one)
        hidden = response.private_reasons(one)
        assert hidden
        for of in response.questions(one):
            own = found.where(of=of)
            answered = own.only(metric="answered").estimate
            counts = [x for x in own if x.metric == "respondents"]
            left = one.n - answered - sum(x.estimate for x in counts)
            assert left == 0 or left >= 10 or not counts
            if not answered:  # a battery that a later wave added
                assert not own.where(metric="item_nonresponse")
                continue
            skipped = own.only(metric="item_nonresponse")
            if not skipped.is_hidden:
                of_asked = [x for x in counts if x.by["reason"] not in response.NOT_ASKED]
                left = skipped.n - answered - sum(x.estimate for x in of_asked)
                assert left == 0 or left >= 10


# -- durations and weights -------------------------------------------------------------------------


def test_quantiles_of_the_seconds_that_interviews_took(tmp_path) -> None:
    """0 to 100 seconds by one: the twentieth part lies below 5, half below 50."""
    seconds = [*range(101), np.nan]
    survey = held(tmp_path, answers=[9] * 102, duration=seconds)
    found = response.durations(survey)
    assert [one.estimate for one in found] == [5, 25, 50, 75, 95]
    assert {one.n for one in found} == {101}


def test_no_duration_no_quantiles(tmp_path) -> None:
    assert len(response.durations(held(tmp_path))) == 0
    assert len(response.durations(held(tmp_path, duration=[np.nan] * 40))) == 0


def test_what_weights_cost(tmp_path) -> None:
    """Fifty weights of 0.5 and fifty of 1.5 are worth eighty equal ones (Kish)."""
    survey = held(tmp_path, answers=[9] * 100, weight=[0.5] * 50 + [1.5] * 50)
    found = {one.metric: one.estimate for one in response.weights(survey)}
    wanted = {"weight_min": 0.5, "weight_max": 1.5, "weight_ratio": 3, "weighting_efficiency": 0.8}
    assert found == pytest.approx(wanted)


# -- headlines in other ways -----------------------------------------------------------------------


def test_a_headline_with_and_without_those_flagged(tmp_path) -> None:
    """Of 20, 10 and 10 the NPS is 25; without six of the zeros 20/34 - 4/34, some 47."""
    excluded = [""] * 36 + ["fast"] * 4
    survey = held(
        tmp_path,
        "privacy: {min_n: 1}\n",
        excluded=excluded,
        flag_fast=flags(40, 36, 37, 38, 39),
        flag_straight=flags(40, 30, 31),
    )
    found = robustness.headlines(survey)
    told = {one.by["answers"]: (round(one.estimate, 9), one.n) for one in found}
    assert told == {
        "used": (round(100 * (20 - 6) / 36, 9), 36),
        "everybody": (25.0, 40),
        "without_fast": (round(100 * (20 - 6) / 36, 9), 36),
        "without_straight": (round(100 * (20 - 8) / 38, 9), 38),
        "without_any": (round(100 * (20 - 4) / 34, 9), 34),
    }
    moved = {one.a: one.difference for one in robustness.differences(found)}
    assert moved["answers=everybody"] == pytest.approx(25 - 100 * 14 / 36)
    assert moved["answers=without_fast"] == pytest.approx(0)


def test_two_ways_do_not_tell_of_a_few_by_subtraction(tmp_path) -> None:
    """Only twelve of forty less everybody, and those of the report, are shown beside each other."""
    survey = held(
        tmp_path,
        excluded=[""] * 38 + ["fast"] * 2,
        flag_straight=flags(40, 7, 8, 9),
        flag_little_spread=flags(40, *range(20, 34)),
    )
    assert robustness.private_ways(survey) == {"everybody", "without_straight", "without_any"}
    found = robustness.headlines(survey)
    told = {one.by["answers"]: one.n for one in found if not one.is_hidden}
    assert told == {"used": 38, "without_little_spread": 26}
    assert all(one.n != one.n for one in found if one.is_hidden)
    moved = {one.a: one.verdict for one in robustness.differences(found)}
    assert moved["answers=everybody"] == "hidden"
    assert moved["answers=without_little_spread"] != "hidden"


def test_a_way_is_hidden_for_a_question_that_few_of_them_answered(tmp_path) -> None:
    """Twelve are left out, and three of them answered: their answers are the difference."""
    answers = [10, 0] * 30 + [""] * 9
    survey = held(tmp_path, answers=answers, flag_straight=flags(69, 1, 2, 3, *range(60, 69)))
    assert not robustness.private_ways(survey)
    told = {one.by["answers"]: one.is_hidden for one in robustness.headlines(survey)}
    assert told == {"used": False, "without_straight": True, "without_any": True}


def test_nothing_set_aside_leaves_one_way(tmp_path) -> None:
    assert list(robustness.ways(held(tmp_path, flag_fast=flags(40)))) == ["used"]


def test_a_headline_with_everybody_counting_once(tmp_path) -> None:
    """Promoters weigh twice as much as others: 40 and 10 of 60, not 20 and 10 of 40."""
    weight = np.array([4 / 3] * 20 + [2 / 3] * 20)
    found = robustness.unweighted(held(tmp_path, weight=weight))
    told = {one.by.get("weights"): one.estimate for one in found}
    assert told == pytest.approx({None: 100 * (40 - 10) / 60, "none": 25.0})
    (change,) = robustness.differences(found, "weights")
    assert change.difference == pytest.approx(25 - 50)


def test_the_answers_of_the_fixture_are_as_they_are_told() -> None:
    assert [ANSWERED.count(one) for one in (10, 7, 0)] == [20, 10, 10]
