"""Two brands rated by the same people: differences within persons, on the same statements."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from told import STUDY, told

import cxkit as cx
from cxkit.analysis import rival
from cxkit.report.figures import forest
from cxkit.report.shown import Shown
from cxkit.report.tables import both_bases
from cxkit.wording import NO_BREAK, Words

NAN = np.nan


def answers(rng, n, mean, k=1):
    """Answers on five points around a mean."""
    return np.clip(np.round(rng.normal(mean, 1, (k, n))), 1, 5)


def rated(tmp_path, *, own=3.5, other=3.5, n=300, seed=5, **more):
    """Three statements about each brand, the same means in all."""
    rng = np.random.default_rng(seed)
    mine, theirs = answers(rng, n, own, 3), answers(rng, n, other, 3)
    given = dict(zip(("a1", "a2", "b1"), mine, strict=True))
    given |= dict(zip(("rival_a1", "rival_a2", "rival_b1"), theirs, strict=True))
    return told(tmp_path, n, **(given | more)), mine, theirs


def sentences(survey, language="en"):
    found = cx.loyalty.findings(survey)
    words = Words(language, found.context)
    return [
        (one.variant, Shown(one.to_dict(), words).sentence) for one in found if one.key == "rival"
    ]


def test_levels_are_compared_within_persons(tmp_path):
    """As scipy compares pairs, on 0-100: (mean of a1 and a2 minus 1) times 25."""
    survey, mine, theirs = rated(tmp_path, own=3.8, other=3.4)
    found = rival.levels(survey)
    assert [one.of for one in found] == ["level:trust", "level:care"]
    scores = [25 * (side[:2].mean(axis=0) - 1) for side in (mine, theirs)]
    wanted = stats.ttest_rel(*scores)
    assert found[0].difference == pytest.approx((scores[0] - scores[1]).mean())
    assert found[0].p == pytest.approx(wanted.pvalue)
    care = stats.ttest_rel(mine[2], theirs[2]).pvalue
    assert found[1].p == pytest.approx(care)
    by_holm = max(2 * min(wanted.pvalue, care), max(wanted.pvalue, care))
    assert max(one.p_adjusted for one in found) == pytest.approx(min(by_holm, 1))


def test_both_scores_rest_on_the_statements_answered_for_both(tmp_path):
    """Who answered a2 for one brand alone is held on a1: 5 against 3, which is 50 points."""
    n = 40
    survey = told(
        tmp_path,
        n,
        a1=np.full(n, 5),
        a2=np.full(n, 1),
        rival_a1=np.full(n, 3),
        rival_a2=np.full(n, NAN),
    )
    (trust,) = [one for one in rival.levels(survey) if one.of == "level:trust"]
    assert (trust.difference, trust.n_a, trust.n_b) == (50, n, n)
    numbers = {one.by["brand"]: one.estimate for one in rival.ratings(survey) if one.n}
    assert numbers == {"own": 100, "rival": 50}


@pytest.mark.parametrize(("asked", "k"), [("a2: x2, ", 3), ("", 2)])
def test_how_many_statements_were_asked_of_both_is_said(asked, k, tmp_path):
    survey, *_ = rated(tmp_path, study=STUDY.replace("a2: x2, ", asked))
    assert rival.n_statements(survey) == (k, 4)
    found = cx.loyalty.findings(survey)
    (one,) = [one for one in found if one.key == "rival" and one.variant.startswith("levels")]
    notes = Shown(one.to_dict(), Words("en", found.context)).notes()
    said = f"Other Shop was asked about in {k} of the 4 statements of these levels; both scores"
    assert any(note.startswith(said) for note in notes)


def test_who_rated_one_brand_alone_does_not_count(tmp_path):
    survey, mine, theirs = rated(tmp_path, n=100)
    for_one = np.where(np.arange(100) < 60, NAN, theirs[2])
    survey, *_ = rated(tmp_path, n=100, rival_b1=for_one)
    care = rival.levels(survey).only(of="level:care")
    assert (care.n_a, care.n_b) == (40, 40)
    assert care.difference == pytest.approx(25 * (mine[2] - theirs[2])[60:].mean())


def test_people_who_rated_both_brands_are_counted_once(tmp_path):
    """The same people on both sides: one base in the drawing, not "n = 100 and 100"."""
    survey, *_ = rated(tmp_path, n=100)
    one = rival.levels(survey).only(of="level:care")
    assert one.is_paired
    words = Words("en", survey.context())
    assert both_bases(one, words).replace(NO_BREAK, " ") == "n = 100"
    drawn = forest(comparisons=[one], words=words)
    said = " ".join(mark.text for mark in drawn.marks if hasattr(mark, "text"))
    assert "n = 100" in said.replace(NO_BREAK, " ")
    assert "and 100" not in said.replace(NO_BREAK, " ")


def test_promoters_and_detractors_of_two_brands_in_pairs(tmp_path):
    """NPS 50 and 0 in the same 200 people; the range is that of the mean of pairs."""
    own = np.repeat([10, 8], 100).astype(float)
    other = np.tile([9, 3], 100).astype(float)
    survey = told(tmp_path, 200, recommend=own, rival_recommend=other)
    (one,) = rival.outcomes(survey)
    pairs = np.repeat([1, 0], 100) - np.tile([1, -1], 100)
    low, high = stats.t.interval(0.95, 199, pairs.mean(), stats.sem(pairs))
    assert (one.difference, one.ci_low, one.ci_high) == pytest.approx((50, 100 * low, 100 * high))
    assert one.unit == "points"


def test_the_same_brand_twice_does_not_differ(tmp_path):
    survey, mine, _ = rated(tmp_path)
    same = dict(zip(("rival_a1", "rival_a2", "rival_b1"), mine, strict=True))
    survey, *_ = rated(tmp_path, **same)
    assert [one.difference for one in rival.levels(survey)] == [0, 0]
    assert sentences(survey)[0][0] == "levels_none"


def test_brands_without_a_difference_are_hardly_ever_told_apart(tmp_path):
    """Two levels and Holm: of 60 samples some three may claim a difference."""
    survey, *_ = rated(tmp_path, n=60 * 100)
    claims = 0
    for k in range(60):
        mask = np.arange(6000) // 100 == k
        claims += any(one.is_clear for one in rival.levels(survey.among(mask)))
    assert claims <= 8  # the upper end of what 5 in 100 gives in 60 tries


def test_clearly_higher_and_lower_are_named(tmp_path):
    n = 200
    rng = np.random.default_rng(3)
    high, low = answers(rng, n, 4.3), answers(rng, n, 2.5)
    survey = told(
        tmp_path, n, a1=high[0], a2=high[0], b1=low[0], rival_a1=low[0], rival_a2=low[0],
        rival_b1=high[0],
    )  # fmt: skip
    ((variant, said),) = [one for one in sentences(survey) if one[0].startswith("levels")]
    assert variant == "levels_mixed"
    assert said == (
        "Among respondents who rated both, the score of Toko is clearly higher than that of "
        "Other Shop on Trust, and clearly lower on Care."
    )
    spoken = dict(sentences(survey, "id"))["levels_mixed"]
    assert spoken.startswith("Pada responden yang menilai keduanya, skor Toko jelas lebih tinggi")


def test_few_who_rated_both_are_hidden(tmp_path):
    survey, *_ = rated(tmp_path, n=20)
    assert sentences(survey)[0][0] == "levels_hidden"


def test_nobody_rated_both(tmp_path):
    nothing = dict.fromkeys(("rival_a1", "rival_a2", "rival_b1"), [NAN] * 50)
    likely = {"recommend": np.full(50, 9), "rival_recommend": np.full(50, 3)}
    survey, *_ = rated(tmp_path, n=50, **nothing, **likely)
    variants = dict(sentences(survey))
    assert "nobody rated both" in variants["levels_nobody"]
    assert "outcomes_higher" in variants
    survey, *_ = rated(tmp_path, n=50, **nothing)
    (last,) = [one for one in cx.loyalty.findings(survey) if one.key == "F33"]
    said = Shown(last.to_dict(), Words("en", last.context)).sentence
    assert said.startswith("There are no results for the rating of another brand by the same")


def test_a_study_of_one_brand_has_no_other(tmp_path):
    bare = STUDY.replace("rival: {", "# rival: {")
    survey = told(tmp_path, 40, study=bare, stay=np.full(40, 5.0))
    assert (
        len(rival.levels(survey)) == len(rival.outcomes(survey)) == len(rival.ratings(survey)) == 0
    )
    assert sentences(survey) == []


def test_a_scale_that_falls_is_turned_for_both_brands(tmp_path):
    """1 is the best answer: 1 against 5 is 100 points above."""
    falls = "scales: {turned: {points: [1, 2, 3, 4, 5], direction: down, low: Best, high: Worst}}\n"
    study = falls + STUDY.replace("scale: agreement_5", "scale: turned")
    n = 40
    survey = told(tmp_path, n, study=study, b1=np.full(n, 1), rival_b1=np.full(n, 5))
    (care,) = [one for one in rival.levels(survey) if one.n_a]
    assert care.difference == 100


def test_the_demo_shows_what_was_planted():
    """The other shop was planted better at service and worse at fulfilment."""
    found = {one.of: one for one in rival.levels(cx.load("demo"))}
    assert found["level:responsive_service"].verdict == "clear"
    assert found["level:responsive_service"].difference < 0 < found["level:fulfilment"].difference
    assert found["level:fulfilment"].verdict == "clear"
