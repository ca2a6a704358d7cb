"""Numbers of the journey: the funnel of a sample that can show it, ratings on common people."""

from __future__ import annotations

import csv
import math
import warnings
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from planted import JOURNEY, TWO_LEVELS, plant

import cxkit as cx
from cxkit.analysis import compare, estimate, journey, within_stages
from cxkit.errors import SurveyError
from cxkit.places import find_study

NAN = np.nan
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")


def survey_of(tmp_path, reached, ratings=None, *, frame="market", **more):
    """A survey of rows of five yes or no (1, 0), and of ratings by stage (missing: none)."""
    reached = np.asarray(reached, dtype=float)
    n = len(reached)
    columns = {f"reached:{stage}": reached[:, i] for i, stage in enumerate(STAGES)}
    for stage in ("aware", "consider", "decide", "advocate"):
        columns[f"rating:{stage}"] = (ratings or {}).get(stage, np.full(n, NAN))
    base = {"base:visitors": np.ones(n, bool)}
    return plant(tmp_path, {**base, **columns, **more}, JOURNEY.replace("FRAME", frame))


def rows(*counted):
    """(count, "11000") -> that many respondents who reached the first two stages."""
    return [[float(one) for one in stages] for count, stages in counted for _ in range(count)]


FUNNEL = rows((10, "00000"), (30, "10000"), (20, "11000"), (30, "11100"), (10, "10100"),
              (10, "11110"))  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


# -- reach and conversion -------------------------------------------------------------------------


def test_reach_counts_among_those_who_know_the_brand(tmp_path):
    """100 of 110 know it; 60 compared, 50 decided, 10 use it, none recommends it."""
    found = journey.reach(survey_of(tmp_path, FUNNEL))
    assert [one.estimate for one in found] == pytest.approx([1, 0.6, 0.5, 0.1, 0])
    assert {one.n for one in found} == {100}
    assert found[0].method == "by_definition"
    assert (found[0].ci_low, found[0].ci_high) == (1, 1)


def test_skippers_went_on_and_are_counted_apart(tmp_path):
    """10 decided without comparing: aware 70/100, consider 40/60, decide 10/50, evaluate 0/10."""
    survey = survey_of(tmp_path, FUNNEL)
    found = journey.conversion(survey)
    assert [one.of for one in found] == [f"stage:{stage}" for stage in STAGES[:4]]
    assert [one.estimate for one in found] == pytest.approx([0.7, 40 / 60, 0.2, 0])
    assert [one.n for one in found] == [100, 60, 50, 10]
    assert journey.skippers(survey) == {
        "stage:aware": 0, "stage:consider": 10, "stage:decide": 0, "stage:evaluate": 0,
    }  # fmt: skip
    skipped = journey.skipped(survey).only(of="stage:consider")
    assert (skipped.estimate, skipped.n) == (pytest.approx(10 / 50), 50)


def test_what_is_not_remembered_leaves_the_base(tmp_path):
    """Unknown is not no: the next stage unknown and the later ones not reached is unknown."""
    survey = survey_of(tmp_path, [[1, NAN, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0],
                                  [1, NAN, 1, 0, 0]])  # fmt: skip
    aware = journey.conversion(survey)[0]
    assert (aware.estimate, aware.n) == (pytest.approx(2 / 3), 3)
    assert journey.reach(survey).only(of="stage:consider").n == 2


def test_a_list_of_customers_has_no_funnel(tmp_path):
    survey = survey_of(tmp_path, FUNNEL, frame="customers")
    for found in (journey.reach, journey.conversion, journey.skipped):
        assert len(found(survey)) == 0
    assert journey.leak(survey).key is None
    assert {one.flags for one in estimate(survey, "reach")} == {("not_applicable",)}


def test_a_sample_of_visitors_shows_what_comes_after_considering(tmp_path):
    """Of all 110 visitors 50 decided and 10 use it."""
    survey = survey_of(tmp_path, FUNNEL, frame="visitors")
    found = journey.reach(survey)
    assert [one.of for one in found] == ["stage:decide", "stage:evaluate", "stage:advocate"]
    assert [one.estimate for one in found] == pytest.approx([50 / 110, 10 / 110, 0])
    assert [one.of for one in journey.conversion(survey)] == ["stage:decide", "stage:evaluate"]


def test_the_leak_is_named_where_it_is_clear(tmp_path):
    found = journey.leak(survey_of(tmp_path, 5 * (FUNNEL + rows((30, "11111")))))
    assert found.key == "stage:decide"
    assert found.tied == ()
    assert found.comparisons[0].a == "stage:decide"
    assert all(one.difference < 0 for one in found.comparisons)


def test_losses_alike_are_tied(tmp_path):
    half = rows((64, "10000"), (64, "11000"), (64, "11100"))
    found = journey.leak(survey_of(tmp_path, half + rows((32, "11110"), (32, "11111"))))
    assert found.key is None
    assert found.first in found.tied


# -- ratings --------------------------------------------------------------------------------------


def rated_by_survivors(rng, n=4000):
    """Everyone falls two points a stage, and only the happy go on (METHODS 22.2)."""
    mood = rng.normal(0, 1, n)
    ratings, goes_on, reached = {}, np.ones(n, bool), []
    for step, stage in enumerate(STAGES):
        reached.append(goes_on.astype(float))
        own = 3.8 + 0.8 * mood - 0.08 * step + rng.normal(0, 0.5, n)
        if stage != "evaluate":
            ratings[stage] = np.where(goes_on, np.clip(np.round(own), 1, 5), NAN)
        goes_on = goes_on & (mood + rng.normal(0, 0.4, n) > -0.9 + 0.5 * step)
    return np.column_stack(reached), ratings


def test_survivors_make_means_rise_while_everybody_falls(tmp_path, rng):
    survey = survey_of(tmp_path, *rated_by_survivors(rng))
    marginal = [one.estimate for one in journey.ratings(survey) if one.n]
    common = [one.estimate for one in journey.common_ratings(survey)]
    assert marginal == sorted(marginal)
    assert common == sorted(common, reverse=True)
    assert all(one.difference < 0 for one in journey.handoffs(survey))


def test_a_stage_without_a_rating_question_is_not_measured(tmp_path, rng):
    found = journey.ratings(survey_of(tmp_path, *rated_by_survivors(rng, 100)))
    assert found.only(of="stage:evaluate").flags == ("not_measured",)
    assert {one.of for one in journey.common_ratings(survey_of(tmp_path, FUNNEL))} == {
        f"stage:{stage}" for stage in STAGES if stage != "evaluate"
    }


def test_ratings_of_those_who_did_not_reach_the_stage_do_not_count(tmp_path):
    ratings = {"consider": np.array([5.0, 1.0]), "advocate": np.array([5.0, 5])}
    survey = survey_of(tmp_path, rows((1, "11000"), (1, "10000")), ratings)
    found = journey.ratings(survey)
    assert found.only(of="stage:consider").estimate == 100
    assert found.only(of="stage:advocate").flags == ("not_reached",)


def test_handoffs_are_paired_between_rated_stages(tmp_path, rng):
    """Evaluate has no rating, so decide hands on to advocate; a is the later stage."""
    survey = survey_of(tmp_path, *rated_by_survivors(rng))
    found = journey.handoffs(survey)
    assert [(one.a, one.b) for one in found] == [
        ("stage:consider", "stage:aware"),
        ("stage:decide", "stage:consider"),
        ("stage:advocate", "stage:decide"),
    ]
    later, earlier = survey.values("rating:decide"), survey.values("rating:consider")
    within = (later - earlier)[~np.isnan(later - earlier)]
    assert found[1].difference == pytest.approx(25 * within.mean())
    assert found[1].n_a == found[1].n_b == len(within)
    assert {one.of for one in found} == {"handoff"}


def test_the_worst_handoff_is_named_by_the_stage_it_leads_to(tmp_path, rng):
    reached, ratings = rated_by_survivors(rng)
    ratings["decide"] = np.clip(ratings["decide"] - rng.integers(0, 2, len(reached)), 1, 5)
    found = journey.worst_handoff(survey_of(tmp_path, reached, ratings))
    assert found.key == "stage:decide"
    assert {one.b for one in found.comparisons} == {"stage:consider", "stage:advocate"}


def test_handoffs_alike_are_tied(tmp_path, rng):
    found = journey.worst_handoff(survey_of(tmp_path, *rated_by_survivors(rng, 300)))
    assert found.key is None
    assert len(found.tied) > 1


def test_a_rise_is_no_worst_handoff(tmp_path):
    """Two stages rated, the later one better: there is one hand-off and it does not drop."""
    ratings = {"aware": np.tile([2.0, 3, 3], 30), "consider": np.tile([4.0, 4, 5], 30)}
    found = journey.worst_handoff(survey_of(tmp_path, rows((90, "11000")), ratings))
    assert found.key is None
    assert found.tied == ("stage:consider",)


# -- furthest stage -------------------------------------------------------------------------------

ASKED = """\
cxkit: 1
study: asked
title: Asked
brand: Toko
period: last year
languages: [en]
sample: {frame: market, design: opt_in}
frameworks: [journey]
answers: {path: answers.csv}
stages: {aware: {reached: r1}, consider: {reached: r2}, decide: {reached: r3},
         evaluate: {reached: r4}, advocate: {reached: [r5, r6]}}
outcomes: {recommend: {column: q}}
"""
ANSWERED = """\
r1,r2,r3,r4,r5,r6,q
yes,no,no,no,no,no,9
yes,yes,no,no,no,no,9
yes,no,yes,no,no,no,9
yes,yes,yes,yes,no,yes,9
no,no,no,no,no,no,9
yes,yes,,no,no,no,9
yes,,yes,no,no,no,9
yes,yes,yes,no,no,dont_remember,9
yes,yes,yes,dont_remember,yes,,9
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Nine people: who told what of each stage, read as a user's answers are."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "study.yaml").write_text(ASKED, encoding="utf-8")
    (folder / "answers.csv").write_text(ANSWERED, encoding="utf-8")
    return cx.load(folder)


def test_the_furthest_stage_is_the_last_one_reached(asked):
    """By hand: skipping takes nothing away; who may have gone further is unknown, as is nobody."""
    told = asked.frame["segment:furthest_stage"]
    furthest = [None if pd.isna(one) else one for one in told]
    assert furthest == ["aware", "consider", "decide", "advocate", None, None, "decide", None,
                        "advocate"]  # fmt: skip


def test_furthest_stage_is_a_segment_like_those_declared(asked):
    assert asked.groups("furthest_stage") == ("aware", "consider", "decide", "advocate")
    assert asked.where(furthest_stage=["decide", "advocate"]).n == 4
    assert asked.where(furthest_stage="evaluate").n == 0
    found = estimate(asked, "mean", of="outcomes", by="furthest_stage")
    assert [(one.by["furthest_stage"], one.n) for one in found] == [
        ("aware", 1), ("consider", 1), ("decide", 2), ("advocate", 2),
    ]  # fmt: skip
    with pytest.raises(SurveyError, match="decide"):
        asked.where(furthest_stage="decided")


def test_furthest_stage_is_not_among_the_segments_that_a_study_declares(asked):
    assert not asked.study.segments
    assert asked.study.segment_keys == ("furthest_stage",)
    assert asked.context()["segments"] == {}


@pytest.mark.parametrize("metric", ["nps", "reach", "conversion", "skipped"])
def test_what_defines_the_furthest_stage_is_not_analysed_by_it(asked, metric):
    """METHODS 22.2: no NPS per stage, and the funnel by its own end would be 100 per cent."""
    with pytest.raises(SurveyError, match="says nothing by 'furthest_stage'"):
        estimate(asked, metric, by=["furthest_stage", "wave"])
    with pytest.raises(SurveyError, match="says nothing by 'furthest_stage'"):
        compare(asked, metric, by="furthest_stage")


def test_a_study_that_says_of_one_stage_who_reached_it_has_no_furthest_stage(tmp_path):
    study = JOURNEY.replace("FRAME", "market").replace("reached: ", "reached: r1 #", 1)
    lines = [line for line in study.splitlines() if "reached: r" not in line or "#" in line]
    lines = [line.replace("r1 #r1, ", "r1, ") for line in lines]
    survey = plant(tmp_path, {"reached:aware": np.ones(4)}, "\n".join(lines) + "\n")
    assert survey.study.reached_stages == ("aware",)
    assert survey.study.segment_keys == ()
    assert len(journey.levels_by_stage(survey)) == 0
    assert journey.weakest_by_stage(survey) == {}


def test_a_segment_of_that_name_that_a_study_declares_is_its_own(tmp_path):
    study = JOURNEY.replace("FRAME", "market") + "segments: {furthest_stage: {column: far}}\n"
    survey = plant(tmp_path, {"segment:furthest_stage": np.array(["near", "far"])}, study)
    assert survey.study.segment_keys == ("furthest_stage",)
    assert survey.groups("furthest_stage") == ("far", "near")
    assert not survey.study.has_furthest_stage


# -- levels by furthest stage ---------------------------------------------------------------------


LEVELS = {
    "fulfilment": ("ful_1", "ful_2"),
    "trust": ("tru_1", "tru_2"),
    "responsive_service": ("res_1", "res_2"),
    "online_experience": ("onx_1", "onx_2", "onx_3"),
    "emotional_connection": ("emo_1", "emo_2"),
}
STEPS = {"aware": ["scr_aware"], "consider": ["rch_consider"], "decide": ["rch_decide"],
         "evaluate": ["rch_evaluate"],
         "advocate": ["rch_advocate_peer", "rch_advocate_brand"]}  # fmt: skip


def level_of(row, items):
    """A respondent's 0-100 score from the words of the file: half of what applies is answered."""
    applies = [row[item] for item in items if row[item] not in ("not_experienced", "not_asked")]
    given = [float(text) for text in applies if text in ("1", "2", "3", "4", "5")]
    enough = given and len(given) >= len(applies) / 2
    return 25 * (sum(given) / len(given) - 1) if enough else None


def test_levels_by_furthest_stage_are_those_of_the_answers_as_they_stand():
    """Again from the demo's CSV, row by row: buyers with all levels, weighted means by stage."""
    scored = defaultdict(list)
    path = find_study("demo").parent / "answers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            levels = {key: level_of(row, items) for key, items in LEVELS.items()}
            if (
                row["wave"] == "2026H1"
                and row["scr_bought"] == "yes"
                and None not in levels.values()
            ):
                reached = [key for key, asked in STEPS.items() if "yes" in map(row.get, asked)]
                scored[reached[-1]].append((float(row["weight"]), levels))
    found = journey.levels_by_stage(cx.load("demo", wave="2026H1"))
    assert {one.by["furthest_stage"] for one in found if one.n} == set(scored)
    for stage, rows in scored.items():
        for level in LEVELS:
            one = found.only(of=f"level:{level}", by_furthest_stage=stage)
            total = sum(weight for weight, _ in rows)
            mean = sum(weight * levels[level] for weight, levels in rows) / total
            assert one.estimate == pytest.approx(mean, abs=1e-9)
            assert one.n == len(rows)
            assert one.wave == "2026H1"


def test_where_nobody_is_in_the_base_scores_do_not_apply(demo):
    found = journey.levels_by_stage(demo)
    outside = [one for one in found if one.by["furthest_stage"] in ("aware", "consider", "decide")]
    assert len(outside) == 15
    assert {(one.flags, one.n) for one in outside} == {(("not_applicable",), 0)}
    assert all(math.isnan(one.estimate) for one in outside)
    assert set(journey.weakest_by_stage(demo)) == {"evaluate", "advocate"}


def staged(tmp_path, stage, answers, **more):
    """A survey of two levels: a furthest stage a row, and answers to a1, a2 (trust), b1, b2."""
    study = """\
sample: {frame: market, design: probability}
frameworks: [two_levels, journey]
scale: agreement_5
items: {a1: a1, a2: {column: a2, base: buyers}, b1: b1, b2: b2}
bases: {buyers: {column: bought}}
stages: {consider: {reached: r2}, decide: {reached: r3}, evaluate: {reached: r4}}
"""
    stage = np.asarray(stage, dtype=object)
    columns = {"segment:furthest_stage": stage, "base:buyers": stage == "evaluate"}
    columns |= {f"item:{key}": np.asarray(one, float) for key, one in answers.items()}
    return plant(tmp_path, {**columns, **more}, study, two_levels=TWO_LEVELS)


def test_the_same_trust_asked_with_other_items_is_no_difference(tmp_path, rng):
    """METHODS 22.1: everyone trusts alike; only buyers are asked a2, on which all are colder."""
    n = 400
    stage = np.repeat(["consider", "evaluate"], n)
    a1 = np.tile(rng.integers(2, 6, n), 2)
    a2 = np.where(stage == "evaluate", a1 - 1.0, NAN)
    survey = staged(tmp_path, stage, {"a1": a1, "a2": a2, "b1": a1, "b2": a1})
    naive = estimate(survey, "score_100", of="level:trust", by="furthest_stage")
    assert naive[0].estimate - naive[1].estimate == pytest.approx(12.5)  # half a step of 25
    trust = journey.levels_by_stage(survey).where(of="level:trust")
    shown = [one.estimate for one in trust if one.n]
    assert len(shown) == 2
    assert shown[0] == pytest.approx(shown[1])
    assert journey.common_items_by_stage(survey) == {"trust": ("a1",), "care": ("b1", "b2")}
    (pair,) = compare(survey, "score_100", of="level:trust", by="furthest_stage")
    assert pair.difference == pytest.approx(0)


def test_columns_too_small_to_show_do_not_narrow_the_levels(tmp_path, rng):
    """Five people who were not asked a2 do not take it from four hundred."""
    stage = np.repeat(["consider", "evaluate"], [5, 400])
    a1 = rng.integers(2, 6, 405)
    a2 = np.where(stage == "evaluate", a1 - 1.0, NAN)
    survey = staged(tmp_path, stage, {"a1": a1, "a2": a2, "b1": a1, "b2": a1})
    assert journey.common_items_by_stage(survey)["trust"] == ("a1", "a2")
    (trust,) = journey.levels_by_stage(survey).where(of="level:trust", by_furthest_stage="evaluate")
    assert trust.estimate == pytest.approx(25 * (a1[5:].mean() - 0.5 - 1))


def test_a_level_without_a_common_item_is_not_compared_and_no_level_is_named(tmp_path, rng):
    """a1 for some, a2 for the others: the columns share nothing on trust."""
    stage = np.repeat(["consider", "evaluate"], 200)
    warm, cold = rng.integers(4, 6, 400), rng.integers(1, 3, 400)
    a1, a2 = np.where(stage == "consider", cold, NAN), np.where(stage == "evaluate", cold, NAN)
    survey = staged(tmp_path, stage, {"a1": a1, "a2": a2, "b1": warm, "b2": warm})
    found = journey.levels_by_stage(survey)
    asked = [one for one in found.where(of="level:trust") if one.by["furthest_stage"] != "decide"]
    assert {one.flags for one in asked} == {("not_comparable",)}
    assert {one.key for one in journey.weakest_by_stage(survey).values()} == {None}


def test_the_lowest_level_is_named_within_each_column(tmp_path, rng):
    """Trust is lower for those who stopped at consider, care for evaluate, neither for decide."""
    stage = np.repeat(["consider", "decide", "evaluate"], 300)
    high = rng.integers(3, 6, (2, 900)).astype(float)
    trust, care = high
    trust = trust - (stage == "consider")
    care = care - (stage == "evaluate")
    nobody = np.full(900, NAN)
    survey = staged(tmp_path, stage, {"a1": trust, "a2": nobody, "b1": care, "b2": care})
    found = journey.weakest_by_stage(survey)
    assert [one.key for one in found.values()] == ["level:trust", None, "level:care"]
    assert set(found["decide"].tied) == {"level:trust", "level:care"}
    within = (trust - care)[stage == "consider"]
    (difference,) = found["consider"].comparisons
    assert difference.of == "furthest_stage=consider"
    assert (difference.a, difference.b) == ("level:trust", "level:care")
    assert difference.difference == pytest.approx(25 * within.mean())
    assert difference.n_a == 300
    assert difference.method == "paired_t"


# -- price ----------------------------------------------------------------------------------------


def priced(tmp_path, consider, decide, reached=None):
    n = len(consider)
    study = (
        JOURNEY.replace("FRAME", "customers")
        + """\
outcomes:
  imp_consider_price: {column: p1, metric: mean, scale: importance_5}
  imp_decide_price: {column: p2, metric: mean, scale: importance_5}
matters: {score_100: 3}
"""
    )
    columns = {"outcome:imp_consider_price": consider, "outcome:imp_decide_price": decide}
    columns = {key: np.asarray(one, float) for key, one in columns.items()}
    columns["reached:decide"] = np.ones(n) if reached is None else np.asarray(reached, float)
    return plant(tmp_path, columns, study)


def test_the_importance_of_price_is_compared_in_the_same_people(tmp_path):
    """(2, 4), (3, 4), (5, 5) count; who answered once, or never came to decide, does not."""
    rows = [(2, 4, 1), (3, 4, 1), (5, 5, 1), (1, NAN, 1), (NAN, 1, 1), (1, 5, 0)]
    (found,) = within_stages.price(priced(tmp_path, *map(list, zip(*rows, strict=True))))
    assert found.difference == pytest.approx(25 * (2 + 1 + 0) / 3)
    assert (found.a, found.b) == ("outcome:imp_decide_price", "outcome:imp_consider_price")
    assert (found.n_a, found.n_b, found.unit) == (3, 3, "score_100")


def test_a_study_without_both_questions_on_price_compares_nothing(tmp_path):
    assert len(within_stages.price(survey_of(tmp_path, FUNNEL))) == 0


# -- all of it ------------------------------------------------------------------------------------


def test_planted_truth_is_recovered_in_the_demo(demo):
    """The demo plants its drop at evaluate and its leak after consider."""
    assert journey.worst_handoff(demo).key == "stage:evaluate"
    assert journey.leak(demo).key == "stage:consider"


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nobody_in_hand_gives_flagged_records_and_no_warning(demo, n):
    from cxkit.answers.survey import Survey

    kept = np.zeros(len(demo.frame), dtype=bool)
    kept[-n or len(kept) :] = True
    few = Survey(demo.study, demo.frame, kept=kept)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [*journey.reach(few)[1:], *journey.conversion(few), *journey.ratings(few),
                 *journey.common_ratings(few), *journey.skipped(few)]  # fmt: skip
        handoffs = journey.handoffs(few)
        assert journey.leak(few).key is None
        assert journey.worst_handoff(few).key is None
        by_stage = journey.levels_by_stage(few)
        assert {one.key for one in journey.weakest_by_stage(few).values()} <= {None}
    assert all(one.flags for one in [*found, *by_stage])
    assert len(by_stage) == 25
    assert all(one.flags and math.isnan(one.p) for one in handoffs)
