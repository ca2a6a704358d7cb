"""What is told of a brand, by whom, and what is said on what terms: numbers and sentences."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep
from told import STUDY, repeated, told

import cxkit as cx
from cxkit.analysis import loyalty
from cxkit.report.shown import Shown
from cxkit.wording import Words

NAN = np.nan


@pytest.fixture(scope="module")
def demo():
    return cx.load("demo")


def share(found, key, answer=None):
    """The share of a question, or of one of its answers, and its base."""
    by = {} if answer is None else {"answer": answer}
    (one,) = [one for one in found if one.of == f"outcome:{key}" and dict(one.by) == by]
    return one.estimate, one.n


def sentences(survey, language="en"):
    """What the section says, by key and variant."""
    return {(key, variant): text for key, variant, text in spoken(survey, language)}


def spoken(survey, language="en"):
    """Key, variant and sentence of each finding."""
    found = cx.loyalty.findings(survey)
    words = Words(language, found.context)
    return [(one.key, one.variant, Shown(one.to_dict(), words).sentence) for one in found]


# -- what was told ---------------------------------------------------------------------------------


def test_the_tone_counts_among_all_who_know_the_brand(tmp_path):
    """Of 100, 40 did not talk and 60 did: 30 of good things, 20 of both alike, 10 of bad ones."""
    found = loyalty.word_of_mouth(
        told(
            tmp_path,
            100,
            wom_talked=repeated((40, 0), (60, 1)),
            wom_tone=repeated((40, NAN), (30, 3), (20, 2), (10, 1)),
        )
    )
    assert share(found, "wom_talked") == (0.6, 100)
    assert share(found, "wom_tone", "mostly_good") == (0.3, 100)
    assert share(found, "wom_tone", "equal") == (0.2, 100)
    assert share(found, "wom_tone", "mostly_bad") == (0.1, 100)


def test_a_tone_that_somebody_did_not_tell_leaves_the_base(tmp_path):
    """Of 10, two did not talk, one of the talkers gave no tone, and one contradicts himself."""
    found = loyalty.word_of_mouth(
        told(
            tmp_path,
            10,
            wom_talked=[0, 0, 1, 1, 1, 1, 1, 1, 1, 1],
            wom_tone=[NAN, 3, NAN, 3, 3, 1, 1, 2, 2, 2],
        )
    )
    assert share(found, "wom_tone", "mostly_good") == (pytest.approx(2 / 9), 9)


def test_without_who_talked_the_tone_is_that_of_the_talkers(tmp_path):
    survey = told(tmp_path, 100, wom_tone=repeated((40, NAN), (30, 3), (20, 2), (10, 1)))
    assert share(loyalty.word_of_mouth(survey), "wom_tone", "mostly_good") == (0.5, 60)
    said = sentences(survey)["F25", "talkers"]
    assert said.startswith("Among respondents who talked about Toko, 50% said mostly good things")


@pytest.mark.parametrize("way", ["advocate", "advocate:rch_advocate_peer"])
def test_who_never_recommended_did_not_do_so_lately(tmp_path, way):
    """Ten were routed past the question, for they never recommended: that is a no, not missing."""
    survey = told(
        tmp_path,
        50,
        wom_recommended=repeated((20, 1), (10, 0), (20, NAN)),
        reached={"advocate": np.ones(50), way: repeated((30, 1), (10, 0), (10, NAN))},
    )
    assert share(loyalty.word_of_mouth(survey), "wom_recommended") == (0.5, 40)


def test_a_wave_that_was_not_asked_has_no_noes(demo):
    """The demo asked about recommending in its last wave alone; most had recommended nobody."""
    before = demo.where(wave="2025H2")
    assert share(loyalty.word_of_mouth(before), "wom_recommended")[1] == 0
    assert [key for key, _, _ in spoken(before)] == ["F33"]


def test_reviews_count_among_those_who_wrote_one(tmp_path):
    found = loyalty.word_of_mouth(
        told(
            tmp_path,
            50,
            rev_posted=repeated((40, 0), (10, 1)),
            rev_tone=repeated((40, NAN), (6, 3), (3, 2), (1, 1)),
            rev_stars=repeated((40, NAN), (5, 5), (5, 4)),
        )
    )
    assert share(found, "rev_posted") == (0.2, 50)
    assert share(found, "rev_tone", "positive") == (0.6, 10)
    assert share(found, "rev_stars") == (4.5, 10)


def test_saying_and_doing_are_held_beside_each_other(tmp_path):
    """40 promoters of whom 30 advised others to use it, 20 detractors of whom 15 warned them."""
    found = loyalty.said_and_done(
        told(
            tmp_path,
            60,
            recommend=repeated((40, 10), (20, 3)),
            wom_recommended=repeated((30, 1), (30, 0)),
            wom_warned=repeated((45, 0), (15, 1)),
        )
    )
    assert share(found, "wom_recommended", "promoter") == (0.75, 40)
    assert share(found, "wom_warned", "detractor") == (0.75, 20)
    assert share(found, "wom_recommended", "passive")[1] == 0


# -- buyers and prospects --------------------------------------------------------------------------


def warned_by(tmp_path, buyers, prospects, **more):
    """Buyers and prospects of whom so many of so many warned others; and some who do not know."""
    (k, n), (j, m) = buyers, prospects
    answers = repeated((k, 1), (n - k, 0), (j, 1), (m - j, 0), (7, NAN))
    return told(
        tmp_path,
        n + m + 7,
        wom_warned=answers,
        buyers=repeated((n, 1), (m + 7, 0)),
        aware=repeated((n + m, 1), (7, 0)),
        **more,
    )


def test_warnings_of_buyers_against_prospects(tmp_path):
    """30 of 100 against 10 of 80; the range by Agresti and Caffo, as statsmodels has it."""
    survey = warned_by(tmp_path, (30, 100), (10, 80))
    shares = {one.by["base"]: (one.estimate, one.n) for one in loyalty.warners(survey)}
    assert shares == {"buyers": (0.3, 100), "prospects": (0.125, 80)}
    (one,) = loyalty.warned(survey)
    low, high = confint_proportions_2indep(30, 100, 10, 80, method="agresti-caffo")
    assert (one.difference, one.ci_low, one.ci_high) == pytest.approx((0.175, low, high), abs=2e-4)
    assert one.verdict == "clear"
    assert "more often" in sentences(survey)["warned", "more"]


def test_where_both_warn_alike_nothing_is_claimed(tmp_path):
    survey = warned_by(tmp_path, (20, 100), (19, 100))
    assert loyalty.warned(survey)[0].verdict == "no_evidence"
    said = sentences(survey, "id")["warned", "not_clear"]
    assert said.startswith("Belum jelas apakah pembeli lebih sering")
    assert "20% dibanding 19%" in said


def test_what_matters_is_said_beforehand(tmp_path):
    """Where half of all people matter, 30 against 12 per cent is clear but small."""
    study = STUDY.replace("outcomes:\n", "matters: {share: 0.5}\noutcomes:\n")
    said = sentences(warned_by(tmp_path, (300, 1000), (100, 800), study=study))["warned", "more"]
    assert said.endswith("smaller than the 50 percentage points that this study treats as "
                         "meaningful.")  # fmt: skip
    alike = sentences(warned_by(tmp_path, (20, 100), (19, 100), study=study))
    assert "about equally often" in alike["warned", "stable"]


def test_few_prospects_hide_the_buyers_too(tmp_path):
    """Five prospects could be found by subtracting the buyers from all who know the brand."""
    survey = warned_by(tmp_path, (30, 100), (1, 5))
    assert all(one.is_hidden for one in loyalty.warners(survey).published())
    assert loyalty.warned(survey).published()[0].verdict == "hidden"
    assert ("warned", "hidden") in sentences(survey)


def test_a_list_of_buyers_has_nobody_to_compare_with(tmp_path):
    survey = told(tmp_path, 60, wom_warned=repeated((10, 1), (50, 0)))
    assert "one of the two is not in this sample" in sentences(survey)["warned", "nobody"]


def test_without_a_base_of_buyers_nobody_is_compared(tmp_path):
    study = STUDY.replace(", buyers: {column: bought}", "")
    survey = told(tmp_path, 60, study=study, wom_warned=repeated((10, 1), (50, 0)))
    assert len(loyalty.warned(survey)) == 0
    assert not any(key == "warned" for key, _ in sentences(survey))


# -- loyalty on terms, intentions ------------------------------------------------------------------


def test_who_is_not_sure_includes_the_neutral_answer(tmp_path):
    """Of 50 promoters 10 disagree, 15 are neutral and 25 agree; of 30 detractors nobody agrees."""
    survey = told(
        tmp_path,
        80,
        recommend=repeated((50, 9), (30, 0)),
        loyal_price=repeated((10, 2), (15, 3), (25, 4), (30, 1)),
    )
    found = loyalty.conditional(survey)
    assert share(found, "loyal_price", "promoter") == (0.5, 50)
    assert share(found, "loyal_price", "detractor") == (1.0, 30)
    assert share(found, "loyal_price") == (pytest.approx(55 / 80), 80)
    assert {one.metric for one in found} == {"not_sure"}
    assert sentences(survey)["F26", "all"].startswith("Among promoters, 50% are not sure")


def test_agreeing_somewhat_is_agreeing(tmp_path):
    study = STUDY.replace("scale: agreement_5", "scale: agreement_7")
    price = repeated((20, 4), (20, 5))
    survey = told(tmp_path, 40, study=study, recommend=np.full(40, 10), loyal_price=price)
    assert share(loyalty.conditional(survey), "loyal_price", "promoter") == (0.5, 40)


def test_an_intention_to_leave_is_told_as_one(tmp_path):
    """30 of 40 are likely to stay and 6 to leave: more of the second is worse, and not reversed."""
    survey = told(
        tmp_path, 40, stay=repeated((30, 5), (10, 3)), leave=repeated((34, 1), (2, 4), (4, 5))
    )
    found = loyalty.intentions(survey)
    assert share(found, "stay") == (0.75, 40)
    assert share(found, "leave") == (0.15, 40)
    findings = cx.loyalty.findings(survey)
    (one,) = [one for one in findings if one.key == "intentions"]
    assert ("note_intention", {}) in one.notes


# -- what holds of all -----------------------------------------------------------------------------


def test_weights_count_by_their_ratios_only(tmp_path):
    survey = warned_by(tmp_path, (30, 100), (10, 80))
    weight = np.linspace(0.5, 2, len(survey.mask))
    once, often = (loyalty.warned(survey.reweighted(k * weight))[0] for k in (1, 1000))
    assert (often.difference, often.ci_low, often.p) == pytest.approx(
        (once.difference, once.ci_low, once.p), rel=1e-12
    )
    bought = survey.values("base:buyers") == 1
    answers = survey.values("outcome:wom_warned")
    by_hand = [
        np.average(answers[side], weights=weight[side])
        for side in (bought, ~bought & ~np.isnan(answers))
    ]
    assert once.difference == pytest.approx(by_hand[0] - by_hand[1])


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_was_not_asked_is_named_in_one_sentence(tmp_path, language):
    bare = STUDY.replace("rival: {", "# rival: {")
    (said,) = sentences(told(tmp_path, 40, study=bare), language).values()
    wanted = {
        "id": "Cerita dari mulut ke mulut, kesetiaan saat ada yang lebih murah, niat bertahan atau "
        "beralih, kesepadanan dengan biaya, kecocokan pribadi, dan penilaian orang yang sama atas "
        "merek lain tidak diukur",
        "en": "Word of mouth, loyalty where another option is cheaper, the intention to stay or "
        "switch, value for cost, personal fit and the rating of another brand by the same people "
        "were not measured",
    }
    assert said.startswith(wanted[language])


def test_few_answers_are_hidden_and_say_so(tmp_path):
    survey = told(
        tmp_path,
        20,
        wom_talked=np.ones(20),
        wom_tone=np.full(20, 3),
        loyal_price=np.full(20, 4),
        recommend=np.full(20, 10),
        stay=np.full(20, 5),
    )
    said = [text for _, _, text in spoken(survey)]
    assert sum("are not shown: effective base 20" in one for one in said) == 3
    assert not any("%" in one for one in said)


def test_nobody_answered_is_said(tmp_path):
    survey = told(tmp_path, 50, wom_talked=np.full(50, NAN), wom_tone=np.full(50, NAN))
    assert any("nobody answered" in one for one in sentences(survey).values())


# -- the demo --------------------------------------------------------------------------------------


def test_the_demo_shows_what_was_planted(demo):
    """More good than bad is told, the dissatisfied warn others, and promoters do as they say."""
    now = demo.latest
    told_all = loyalty.word_of_mouth(now)
    assert share(told_all, "wom_tone", "mostly_good") > share(told_all, "wom_tone", "mostly_bad")
    done = loyalty.said_and_done(now)
    kinds = ("promoter", "passive", "detractor")
    recommended = [share(done, "wom_recommended", kind)[0] for kind in kinds]
    warned = [share(done, "wom_warned", kind)[0] for kind in kinds]
    assert recommended == sorted(recommended, reverse=True)
    assert warned == sorted(warned)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_finding_of_the_demo_is_worded(demo, language):
    found = cx.loyalty.findings(demo)
    words = Words(language, found.context)
    for one in found:
        shown = Shown(one.to_dict(), words)
        texts = [shown.sentence, shown.title, *shown.notes()]
        assert not any("{" in text for text in texts)
        assert shown.table()["rows"]
