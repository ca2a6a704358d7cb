"""Numbers of levels and items: one common base, and a leader only where it is clear."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from planted import LEVELS, TWO_LEVELS, plant

import cxkit as cx
from cxkit.analysis import estimate, items, pyramid

NAN = np.nan


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


def answers_of(rng, n, **means):
    """Answers on 1-5 around a mean per item, with one mood per respondent."""
    mood = rng.normal(0, 0.5, n)
    return {
        f"item:{item}": np.clip(np.round(mean + mood + rng.normal(0, 0.6, n)), 1, 5)
        for item, mean in means.items()
    }


def survey_of(tmp_path, columns, *, study=LEVELS, framework=TWO_LEVELS):
    n = len(columns["item:a1"])
    base = {"base:buyers": np.ones(n, bool), "segment:region": ["west"] * n}
    return plant(tmp_path, {**base, **columns}, study, two_levels=framework)


THREE_LEVELS = TWO_LEVELS.replace("[a1, a2]", "[a1]").replace(
    "items:\n", "  - {key: ease, label: Ease, items: [a2]}\nitems:\n"
)


# -- levels ---------------------------------------------------------------------------------------


def test_all_levels_rest_on_the_same_people(tmp_path):
    """Only the first two have both levels: trust 100 and 50, care 0 and 50."""
    columns = {
        "item:a1": [5.0, 3, 5, NAN], "item:a2": [5.0, 3, 5, NAN],
        "item:b1": [1.0, 3, NAN, 5], "item:b2": [1.0, 3, NAN, 5],
    }  # fmt: skip
    trust, care = pyramid.scores(survey_of(tmp_path, columns))
    assert (trust.estimate, care.estimate) == (75, 25)
    assert trust.n == care.n == 2


def test_a_level_nobody_was_asked_about_is_not_measured(tmp_path, rng):
    study = LEVELS.replace(", b1: b1, b2: b2", "")
    survey = survey_of(tmp_path, answers_of(rng, 50, a1=3, a2=3), study=study)
    trust, care = pyramid.scores(survey)
    assert trust.n == 50
    assert (care.n, care.flags) == (0, ("not_measured",))


def test_the_weakest_level_is_named_where_it_is_clear(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 200, a1=4, a2=3, b1=3.8, b2=3.8),
                       framework=THREE_LEVELS)  # fmt: skip
    found = pyramid.weakest(survey)
    assert found.key == found.first == "level:ease"
    assert found.tied == ()
    assert [one.b for one in found.comparisons] == ["level:care", "level:trust"]
    assert all(one.method == "paired_t" and one.difference < 0 for one in found.comparisons)


def test_levels_that_cannot_be_told_apart_are_tied(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 100, a1=3.5, a2=3.5, b1=4.5, b2=4.5),
                       framework=THREE_LEVELS)  # fmt: skip
    found = pyramid.weakest(survey)
    assert found.key is None
    assert set(found.tied) == {"level:trust", "level:ease"}
    assert found.tied[0] == found.first


def test_differences_are_taken_within_people(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 80, a1=4, a2=4, b1=3, b2=3))
    (one,) = pyramid.weakest(survey).comparisons
    trust, care = pyramid.scores(survey)
    assert one.difference == pytest.approx(care.estimate - trust.estimate)
    assert one.n_a == one.n_b == trust.n


def test_nothing_is_named_on_a_small_base(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 20, a1=5, a2=5, b1=1, b2=1))
    found = pyramid.weakest(survey)
    assert (found.key, found.first, found.tied, len(found.comparisons)) == (None, None, (), 0)


def test_change_is_now_minus_before_on_the_same_items(tmp_path, rng):
    """The item that was new this year takes no part in the change."""
    n = 300
    columns = answers_of(rng, n, a1=3.5, a2=4.5, b1=3, b2=3)
    columns["wave"] = np.repeat(["2025", "2026"], n // 2)
    columns["item:a2"] = np.where(columns["wave"] == "2025", NAN, columns["item:a2"])
    survey = survey_of(tmp_path, columns)
    trust, care = pyramid.change(survey)
    a1, is_now = columns["item:a1"], columns["wave"] == "2026"
    assert (trust.a, trust.b, trust.wave) == ("wave=2026", "wave=2025", "2026")
    assert trust.difference == pytest.approx(25 * (a1[is_now].mean() - a1[~is_now].mean()))
    assert care.correction == "holm"


def test_a_level_without_common_items_is_not_comparable_and_holds_up_no_other(tmp_path, rng):
    n = 200
    columns = answers_of(rng, n, a1=3.5, a2=4.5, b1=3, b2=3)
    columns["wave"] = np.repeat(["2025", "2026"], n // 2)
    for item in ("item:a1", "item:a2"):
        columns[item] = np.where(columns["wave"] == "2025", NAN, columns[item])
    trust, care = pyramid.change(survey_of(tmp_path, columns))
    assert trust.flags == ("not_comparable",)
    assert math.isnan(trust.difference)
    assert care.n_a == care.n_b == n / 2


def test_the_first_wave_has_no_change(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 40, a1=3, a2=3, b1=3, b2=3))
    assert len(pyramid.change(survey)) == 0


def test_a_finished_wave_does_not_move_when_another_comes(demo):
    """The scores of the wave before are those of that wave taken alone."""
    before = demo.latest.previous
    alone = demo.where(wave=before.wave)
    assert list(pyramid.scores(before)) == list(pyramid.scores(alone))
    both = estimate(demo, "nps", by="wave").where(wave=before.wave)
    assert list(both) == list(estimate(alone, "nps"))


# -- items ----------------------------------------------------------------------------------------


def test_the_bands_of_an_item_make_a_whole(tmp_path):
    columns = {f"item:{item}": np.array([1.0, 2, 4, 4, 5, 5, 5, 3, NAN, NAN])
               for item in ("a1", "a2", "b1", "b2")}  # fmt: skip
    found = items.answers(survey_of(tmp_path, columns)).where(of="item:a1")
    shares = [one.estimate for one in found.where(metric="share")]
    assert shares == pytest.approx([1 / 8, 1 / 8, 1 / 8, 2 / 8, 3 / 8])
    assert [one.by["answer"][1:] for one in found.where(metric="share")] == list("12345")
    assert found.only(metric="top_box_half").estimate == pytest.approx(5 / 8)
    assert found.only(metric="bottom_box_half").estimate == pytest.approx(2 / 8)
    assert found.only(metric="mean").estimate == pytest.approx(29 / 8)
    assert {one.n for one in found} == {8}


def test_the_least_agreed_item_is_named_where_it_is_clear(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 300, a1=4, a2=4, b1=2.5, b2=3.9))
    found = items.least_agreed(survey)
    assert found.key == "item:b1"
    assert len(found.comparisons) == 3
    assert {one.method for one in found.comparisons} == {"adjusted_wald_shares"}


def test_items_agreed_alike_are_tied(tmp_path, rng):
    survey = survey_of(tmp_path, answers_of(rng, 100, a1=4, a2=4, b1=4, b2=4))
    found = items.least_agreed(survey)
    assert found.key is None
    assert found.tied[0] == found.first


def test_the_most_divided_item_has_two_large_camps(tmp_path, rng):
    columns = answers_of(rng, 300, a1=4, a2=2, b1=4)
    columns["item:b2"] = rng.choice([1.0, 2, 4, 5], 300)
    found = items.most_divided(survey_of(tmp_path, columns))
    assert found.key == "item:b2"
    assert all(one.difference > 0 for one in found.comparisons)


def test_items_rest_on_those_to_whom_they_apply(demo):
    for one in pyramid.item_scores(demo):
        asked = ~np.isnan(demo.values(one.of)) & demo.latest.mask
        assert one.n == asked.sum()


# -- nobody ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1])
def test_next_to_nobody_in_hand_gives_flagged_records_and_no_warning(demo, n):
    from cxkit.answers.survey import Survey

    kept = np.zeros(len(demo.frame), dtype=bool)
    kept[-n or len(kept) :] = True
    few = Survey(demo.study, demo.frame, kept=kept)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores, weakest = pyramid.scores(few), pyramid.weakest(few)
        changes, found = pyramid.change(few), items.answers(few)
        assert items.least_agreed(few).key is None
        assert items.most_divided(few).key is None
        estimate(few, "sd", by=["region", "wave"])
        estimate(few, "nps", by="region")
    assert all(one.flags for one in scores)
    assert weakest.key is None
    assert all(math.isnan(one.difference) for one in changes)
    assert all(one.flags for one in found)


def test_estimates_show_the_rules_of_their_study(demo):
    """What comes of a survey is published under the limits that its study sets."""
    assert estimate(demo, "nps").context == demo.context()
    assert pyramid.weakest(demo).comparisons.context == demo.latest.context()
