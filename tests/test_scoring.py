"""Scores of respondents, and the same-items rule for levels of a survey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import LEVELS, TWO_LEVELS, plant

from cxkit.analysis import estimate, scoring
from cxkit.analysis.scoring import level_items, level_scores, person_scores
from cxkit.errors import SurveyError
from cxkit.library import Scale

NAN = np.nan


def columns(**given_columns):
    """Canonical columns of four items; what is not given is 3 for everybody."""
    n = len(next(iter(given_columns.values())))
    items = {f"item:{item}": np.full(n, 3.0) for item in ("a1", "a2", "b1", "b2")}
    named = {name.replace("__", ":"): values for name, values in given_columns.items()}
    return {"base:buyers": np.ones(n, bool), "segment:region": ["west"] * n, **items, **named}


# -- plain data -----------------------------------------------------------------------------------


def test_at_least_half_of_the_items_must_be_answered():
    """Of three items two are enough and one is not; of two items one is enough."""
    three = person_scores([[5, 4, NAN], [5, NAN, NAN]], "agreement_5")
    assert three[0] == pytest.approx(87.5)
    assert np.isnan(three[1])
    assert person_scores([[5, NAN]], "agreement_5").tolist() == [100]


def test_items_that_do_not_apply_are_not_counted_as_unanswered():
    applicable = [[True, False, False], [True, True, True]]
    scores = person_scores([[5, NAN, NAN]] * 2, "agreement_5", applicable=applicable)
    assert scores[0] == 100
    assert np.isnan(scores[1])


def test_a_frame_and_an_array_score_alike():
    frame = pd.DataFrame({"x": [5, 1, None], "y": [4, 2, None]})
    ours = person_scores(frame, "agreement_5")
    assert ours == pytest.approx(person_scores(frame.to_numpy(), "agreement_5"), nan_ok=True)


def test_each_item_may_have_a_scale_of_its_own():
    scores = person_scores([[5, 0]], [Scale(5, "a", "b"), Scale((0, 10), "a", "b", "down")])
    assert scores.tolist() == [100]


def test_end_points_are_those_of_the_scale_and_not_of_the_answers():
    assert person_scores([3, 4], "agreement_5").tolist() == [50, 75]


@given(st.lists(st.lists(st.integers(1, 7), min_size=3, max_size=3), min_size=1, max_size=10))
def test_turning_every_scale_round_mirrors_the_scores(answers):
    up = person_scores(answers, Scale(7, "a", "b"))
    down = person_scores(answers, Scale(7, "a", "b", "down"))
    assert up + down == pytest.approx(np.full(len(answers), 100.0))


def test_no_respondents_have_no_scores():
    assert person_scores([], "agreement_5").shape == (0,)


def test_three_dimensions_are_no_items():
    with pytest.raises(SurveyError, match="rows and columns"):
        person_scores(np.ones((2, 2, 2)), "agreement_5")


# -- levels of a survey ---------------------------------------------------------------------------


def test_a_level_is_the_mean_of_its_items(tmp_path):
    survey = plant(
        tmp_path, columns(item__a1=[5.0, 1, NAN], item__a2=[3.0, NAN, NAN]),
        LEVELS, two_levels=TWO_LEVELS,
    )  # fmt: skip
    assert level_scores(survey, "trust") == pytest.approx([75, 0, NAN], nan_ok=True)
    assert level_scores(survey, "trust", ["a2"]) == pytest.approx([50, NAN, NAN], nan_ok=True)


def test_a_negatively_keyed_item_is_turned_round(tmp_path):
    keyed = TWO_LEVELS.replace("a2: {text", "a2: {keyed: negative, text")
    survey = plant(tmp_path, columns(item__a1=[5.0], item__a2=[1.0]), LEVELS, two_levels=keyed)
    assert level_scores(survey, "trust").tolist() == [100]


def test_levels_are_scored_on_the_base_of_their_framework(tmp_path):
    survey = plant(
        tmp_path,
        columns(base__buyers=[True, False], segment__region=["west", "east"]),
        LEVELS,
        two_levels=TWO_LEVELS + "scored_on: buyers\n",
    )
    assert level_scores(survey, "trust") == pytest.approx([50, NAN], nan_ok=True)
    east, west = estimate(survey, "score_100", of="level:trust", by="region")
    assert (west.n, east.n) == (1, 0)
    assert east.flags == ("not_applicable",)


def test_not_experienced_is_not_unanswered(tmp_path):
    """One of two items answered is enough only because the level asks half; reasons count."""
    three = TWO_LEVELS.replace("[a1, a2]", "[a1, a2, b1]").replace("[b1, b2]", "[b2]")
    given_columns = columns(item__a1=[5.0, 5], item__a2=[NAN, NAN], item__b1=[NAN, NAN])
    given_columns["why:item:a2"] = ["not_experienced", "dont_know"]
    given_columns["why:item:b1"] = ["not_experienced", "dont_know"]
    survey = plant(tmp_path, given_columns, LEVELS, two_levels=three)
    assert level_scores(survey, "trust") == pytest.approx([100, NAN], nan_ok=True)


def test_an_unknown_level_is_named_with_the_nearest(tmp_path):
    survey = plant(tmp_path, columns(item__a1=[5.0]), LEVELS, two_levels=TWO_LEVELS)
    with pytest.raises(SurveyError, match="unknown level 'trst'") as caught:
        level_scores(survey, "trst")
    assert caught.value.hint == "did you mean 'trust'?"


# -- the same items -------------------------------------------------------------------------------


def groups_of(survey):
    labels = survey.frame["segment:region"].to_numpy()
    return [labels == name for name in ("west", "east")]


def test_an_item_without_answers_in_a_group_is_not_common(tmp_path):
    survey = plant(
        tmp_path,
        columns(segment__region=["west", "east"], item__a2=[5.0, NAN]),
        LEVELS,
        two_levels=TWO_LEVELS,
    )
    assert level_items(survey, "trust", groups_of(survey)) == ("a1",)
    assert level_items(survey, "care", groups_of(survey)) == ("b1", "b2")


def test_groups_without_any_answer_do_not_take_items_away(tmp_path):
    survey = plant(
        tmp_path,
        columns(segment__region=["west", "east"], item__a1=[5.0, NAN], item__a2=[5.0, NAN]),
        LEVELS,
        two_levels=TWO_LEVELS,
    )
    assert level_items(survey, "trust", groups_of(survey)) == ("a1", "a2")


def test_an_item_that_applies_to_other_shares_of_the_groups_is_not_common(tmp_path):
    """All of the west are buyers and half of the east: the buyers' item is left out."""
    survey = plant(
        tmp_path,
        columns(
            segment__region=["west"] * 10 + ["east"] * 10,
            base__buyers=[True] * 15 + [False] * 5,
            item__a2=[5.0] * 15 + [NAN] * 5,
        ),
        LEVELS.replace("a2: a2", "a2: {column: a2, base: buyers}"),
        two_levels=TWO_LEVELS,
    )
    assert level_items(survey, "trust", groups_of(survey)) == ("a1",)


def test_scales_are_found_by_key_or_given():
    own = Scale(5, "a", "b")
    assert scoring.as_scale(own) is own
    assert scoring.as_scale("agreement_5").points == (1, 2, 3, 4, 5)
