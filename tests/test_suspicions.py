"""A scale that may not be the one declared is told, and never when nothing is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxkit.answers.columns import codes
from cxkit.answers.suspicions import Asked, suspicions
from cxkit.answers.texts import Texts
from cxkit.library import Scale, answer_scale, scale


def crowd(rng, n=200):
    mood = rng.normal(size=n)

    def answers(sign=1.0, points=5) -> np.ndarray:
        centre = (points + 1) / 2
        return np.clip(np.rint(centre + sign * mood + 0.7 * rng.normal(size=n)), 1, points)

    return answers


def asked(values, of="item:a", on: Scale | None = None) -> Asked:
    texts = Texts.of("" if np.isnan(one) else f"{one:g}" for one in np.asarray(values, float))
    read, _ = codes(texts, column="Q", scale=on or scale("agreement_5"), mapped={})
    return Asked(of, read)


def suspected(*given: Asked) -> list[tuple[str, str]]:
    return [(one.code, one.key) for one in suspicions(given, ["outcome:recommend"])]


def test_answers_that_use_their_scale_and_rise_together_are_no_suspicion(rng):
    answers = crowd(rng)
    items = [asked(answers(), f"item:{key}") for key in "abcd"]
    recommend = asked(2 * answers(), "outcome:recommend", scale("recommend_0_10"))
    assert suspected(*items, recommend) == []


def test_an_item_that_falls_as_the_others_rise_is_told_and_not_once_it_is_declared(rng):
    answers = crowd(rng)
    items = [asked(answers(), f"item:{key}") for key in "abc"]
    turned = answers(-1)
    assert suspected(*items, asked(turned, "item:d")) == [("against_the_rest", "items.d")]
    falling = Scale(5, "best", "worst", "down", key="falling")
    assert suspected(*items, asked(turned, "item:d", falling)) == []


def test_all_items_against_recommendation_are_told(rng):
    answers = crowd(rng)
    items = [asked(answers(-1), f"item:{key}") for key in "abc"]
    recommend = asked(2 * answers(), "outcome:recommend", scale("recommend_0_10"))
    assert suspected(*items, recommend) == [("against_the_outcome", "outcomes.recommend")]


def test_few_answers_are_no_reason_for_suspicion(rng):
    answers = crowd(rng, n=29)
    items = [asked(answers(sign), f"item:{sign}") for sign in (1, 1.1, 1.2, -1)]
    assert suspected(*items) == []


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        ([1, 2, 3, 4] * 25, True),
        ([2, 3, 4, 5] * 25, True),
        ([1, 2, 3, 4] * 24, False),  # fewer than 100 answers
        ([1, 2, 4, 5] * 25, False),  # a point inside: nobody was neutral
        ([1, 2, 3, 3] * 25, False),  # two points unused
        ([1, 2, 3] * 40 + [4], False),  # the last point that was chosen is rare as well
        ([1, 2, 3, 4, math.nan] * 25, True),
    ],
)
def test_an_end_that_nobody_chose_is_told_where_it_would_be_expected(values, is_told):
    codes = ["unused_end"] if is_told else []
    assert [code for code, _ in suspected(asked(values))] == codes


def test_an_answer_of_a_list_that_nobody_gave_is_no_suspicion():
    """The words of a list are read one by one: that none is 'not solved' is news, not a slip."""
    assert suspected(asked([2, 3, 4] * 40, on=answer_scale("inc_resolved"))) == []


def test_an_end_may_be_chosen_for_another_item_on_the_same_scale():
    once = [5, *[math.nan] * 99]
    assert suspected(asked([1, 2, 3, 4] * 25), asked(once, "item:b")) == []
