"""Numbers of the journey: the funnel of a sample that can show it, ratings on common people."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from planted import JOURNEY, plant

import cxkit as cx
from cxkit.analysis import estimate, journey

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
    assert all(one.flags for one in found)
    assert all(one.flags and math.isnan(one.p) for one in handoffs)
