"""Few people in the tables of further questions are not told by those beside them.

What stands on a page is taken together: the same measure in several tables, both sides of
comparisons, groups that overlap, rows that directions add up.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from test_comments import ASKED, KIND, LATE, PLAIN, commented
from test_moves import survey_of
from told import repeated, told

from cxkit.analysis import loyalty, moves, problems
from cxkit.analysis.comments import quotes, themes
from cxkit.analysis.privacy import overlapping, parts_of_a_whole
from cxkit.answers.answered import answered, columns_of, is_split, parts_of
from cxkit.study import read_study

NAN = math.nan


def shown(rows):
    """What a reader sees of some records, by their groups or sides."""
    return {
        (one.a, one.b) if hasattr(one, "a") else next(iter(one.by.values())): one.n_a
        if hasattr(one, "a")
        else one.n
        for one in rows.published(min_base=0)
        if one.flags != ("hidden_privacy",)
    }


def test_a_comparison_does_not_tell_a_group_that_its_table_hides(tmp_path):
    """5 have an open problem: all who mean to stay, less those without and those solved."""
    survey = told(
        tmp_path,
        225,
        stay=repeated((30, 5), (30, 2), (1, 5), (4, 2), (100, 5), (60, 2)),
        inc_happened=repeated((65, 1), (160, 0)),
        inc_resolved=repeated((60, 4), (5, 1), (160, NAN)),
    )
    assert set(shown(problems.stayers(survey))) == {"none"}
    assert shown(problems.staying(survey)) == {}


def test_prospects_are_not_told_by_kinds_of_recommenders_and_all(tmp_path):
    """97 of 100 bought and say how likely they are to recommend: 3 know the brand only."""
    survey = told(
        tmp_path,
        100,
        study=STUDY_OF_BUYERS,
        buyers=repeated((97, 1), (3, 0)),
        recommend=repeated((40, 10), (30, 8), (27, 3), (3, NAN)),
        wom_warned=repeated((20, 1), (80, 0)),
        wom_recommended=repeated((60, 1), (40, 0)),
    )
    assert shown(loyalty.warners(survey)) == {}
    assert shown(loyalty.warned(survey)) == {}
    rows = loyalty.said_and_done(survey).published(min_base=0)
    for of in ("outcome:wom_warned", "outcome:wom_recommended"):
        assert sum(one.n for one in rows if one.of == of and not one.is_hidden) < 97 - 10


STUDY_OF_BUYERS = """\
sample: {frame: market, design: probability}
frameworks: [two_levels]
scale: agreement_5
items: {a1: a1, a2: a2, b1: b1, b2: b2}
bases: {aware: {column: knows}, buyers: {column: bought}}
outcomes:
  recommend: {column: recommend, metric: nps, base: buyers}
"""


@pytest.mark.parametrize(
    ("rows", "told_of"),
    [
        ((30, 30, 30, 30, 30), {"aware", "consider", "decide", "evaluate", "advocate"}),
        ((3, 30, 30, 30, 12), {"decide", "evaluate"}),  # only the first and a middle one: see below
        ((30, 30, 4, 30, 30), {"evaluate", "advocate"}),
    ],
)
def test_directions_do_not_tell_the_moves_of_a_hidden_stage(rows, told_of, tmp_path):
    """Nobody of the last stage came further, and nobody of the first says less far.

    So where the first and the last are hidden beside each other, what all rows have together
    tells each of them: a third is hidden.
    """
    stages = ("aware", "consider", "decide", "evaluate", "advocate")
    before = np.repeat(stages, rows).tolist()
    survey = survey_of(tmp_path, before, np.random.default_rng(1).permutation(before).tolist())
    matrix = [one for one in moves.transitions(survey).published(min_base=0) if not one.is_hidden]
    seen = {one.by[moves.BEFORE] for one in matrix}
    sizes = dict(zip(stages, rows, strict=True))
    hidden = [one for one in stages if one not in seen]
    for whole in (stages, stages[:-1], stages[1:]):
        own = [sizes[one] for one in hidden if one in whole]
        assert not own or (len(own) > 1 and sum(own) >= 10), (whole, own)
    assert len(seen) >= len(told_of)


def test_overlapping_groups_are_kept_from_the_largest_on():
    people = np.arange(100)
    groups = {"some": people < 40, "all but three": people >= 3, "few": people < 5}
    assert overlapping(people >= 0, groups, 10) == {"all but three", "few"}
    assert parts_of_a_whole([30, 30, 5], 10) == {0, 2} or parts_of_a_whole([30, 30, 5], 10) == {
        1,
        2,
    }


# -- over the pages of a batch ---------------------------------------------------------------------


def test_whose_answers_further_measures_are_made_of_is_known():
    """Types, both brands and what was seen afterwards are held against each other's groups."""
    study = read_study("demo")
    assert {"rival:item:ful_1", "rival:outcome:recommend", "value:retained"} <= {*columns_of(study)}
    assert parts_of(study)["type:product"] == ("item:typ_product_1", "item:typ_product_2")
    frame = pd.DataFrame(
        {
            "wave": ["2026H1"] * 4,
            "item:typ_product_1": [3, NAN, NAN, 1],
            "item:typ_product_2": [NAN, NAN, 4, 1],
            "outcome:recommend": [9, 9, NAN, 9],
            "rival:outcome:recommend": [NAN, 4, 4, 4],
            "value:retained": [1, 0, NAN, 1],
            "value:months": [12, NAN, 12, 3],
        }
    )
    found = answered(study, frame)
    assert found["type:product"].tolist() == [True, False, True, True]
    assert found["rival|outcome:recommend"].tolist() == [False, True, False, True]
    assert found["value:retained"].tolist() == [True, False, False, True]
    assert is_split("type:product")
    assert not is_split("rival|outcome:recommend")
    assert not is_split("value:retained")


# -- comments --------------------------------------------------------------------------------------


def test_themes_of_promoters_do_not_tell_those_of_few_passives(tmp_path):
    """200 detractors and 200 promoters beside 4 passives: promoters go with the passives."""
    texts = [LATE[0]] * 200 + [KIND[0]] * 200 + [LATE[0]] * 4
    survey = commented(tmp_path, texts, scores=[2] * 200 + [10] * 200 + [7] * 4)
    told = themes.by_score_group(survey, "reason").published(min_base=0)
    assert len({one.by["score_group"] for one in told if not one.is_hidden}) == 1
    rows = themes.contrast_of_themes(survey, "reason").published(min_base=0)
    assert {one.verdict for one in rows} == {"hidden"}
    assert all(math.isnan(one.n_a) and math.isnan(one.n_b) for one in rows)


def test_the_score_of_a_theme_does_not_tell_the_few_who_do_not_mention_it(tmp_path):
    """Staff are spoken of by 100, late parcels by all of these but 3."""
    both = (f"{KIND[0]}, tapi {LATE[0]}",)
    survey = commented(tmp_path, [*both * 97, *KIND, *PLAIN * 20], scores=list(range(10)) * 16)
    scores, against = themes.scores_by_theme(survey, "reason")
    seen = {one.of: one.n for one in scores.published(min_base=0) if not one.is_hidden and one.n}
    assert seen == {"theme:staff": 100}
    (late,) = [one for one in against.published(min_base=0) if one.a == "theme:delivery"]
    assert math.isnan(late.n_a)


def test_no_comment_is_quoted_in_reports_by_two_segments(tmp_path):
    """Else its writer is known by region and age at once; and nobody of few detractors is."""
    n = 400
    texts = [f"paketnya telat {word} sekali" for word in words(n)]
    study = ASKED + "segments: {region: {column: r}, age: {column: a}}\n"
    survey = commented(
        tmp_path, texts, scores=[3] * 5 + [10] * (n - 5), study=study,
        r=["east", "west"] * (n // 2), a=["young", "young", "old", "old"] * (n // 4),
    )  # fmt: skip
    said = {
        key: {one.text for one in quotes.quotes(survey.where(**choice), "theme:delivery", n)}
        for key, choice in {
            "all": {}, "region": {"region": ["east", "west"]}, "age": {"age": "young"},
            "both": {"region": "east", "age": "young"},
        }.items()
    }  # fmt: skip
    assert said["both"] == set()
    assert said["region"]
    assert said["age"]
    assert not said["region"] & said["age"]
    assert said["all"] == set(texts[5:])


def words(n):
    """So many different words."""
    letters = "aeioubdgklmnprst"
    return ["".join(letters[(k >> shift) % 16] for shift in (0, 4, 8)) for k in range(n)]
