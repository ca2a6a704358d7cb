"""What counts inside the stages: paired numbers by hand, ways to advocate, and what is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted import plant
from scipy import stats
from waved import say, shown

import cxkit as cx
from cxkit.analysis import adjust_p, within_stages
from cxkit.analysis import moves as all_moves
from cxkit.library import crosswalk
from cxkit.report.sections import moves
from cxkit.report.sections import within_stages as section
from cxkit.study import read_study
from cxkit.study.ways import ways_of

NAN = np.nan
HEAD = """\
sample: {frame: customers, design: probability}
frameworks: [journey]
matters: {score_100: 5}
stages:
  consider: {reached: r2}
  decide: {reached: r3}
  advocate: {reached: [WAYS]}
"""
ASKED = tuple(within_stages.IMPORTANCE.values())
ITEMS = "items: {" + ", ".join(f"{key}: {{column: {key}}}" for key in (*ASKED, "evl_quality",
         "evl_service")) + "}\n"  # fmt: skip
OUTCOMES = "outcomes:\n" + "".join(
    f"  {key}: {{column: {key}, metric: score_100, scale: importance_5}}\n" for key in ASKED
)


def survey_of(folder, columns, more=ITEMS, ways="rch_advocate_peer, rch_advocate_brand"):
    """Answers 1 to 5 to the questions that are given; all reached both stages unless told."""
    n = len(next(iter(columns.values())))
    kind = "item" if more == ITEMS else "outcome"
    reached = {f"reached:{stage}": np.ones(n) for stage in ("consider", "decide", "advocate")}
    asked = {f"{kind}:{key}": np.full(n, NAN) for key in ASKED}
    asked |= {f"item:{key}": np.full(n, NAN) for key in ("evl_quality", "evl_service")}
    told = {key if ":" in key else f"{kind}:{key}": value for key, value in columns.items()}
    return plant(folder, reached | asked | told, HEAD.replace("WAYS", ways) + more)


def answers(rng, mean, n=200):
    return np.clip(np.round(mean + rng.normal(0, 0.9, n)), 1, 5)


@pytest.fixture
def weighed(tmp_path, rng):
    """Quality ahead of price when comparing, behind when deciding, and stable from one on."""
    means = {"imp_consider_price": 2.6, "imp_consider_quality": 3.9, "imp_decide_price": 4.3,
             "imp_decide_quality": 3.8}  # fmt: skip
    return survey_of(tmp_path, {key: answers(rng, mean) for key, mean in means.items()})


# -- price and quality ----------------------------------------------------------------------------


def test_the_three_differences_are_paired_t_corrected_by_holm(weighed):
    """At equal weights the paired t test of scipy, on 0-100, and Holm's own p-values."""
    got = {key: 25 * (weighed.values(f"item:{key}") - 1) for key in ASKED}
    pairs = [("imp_consider_price", "imp_consider_quality"),
             ("imp_decide_price", "imp_decide_quality"),
             ("imp_decide_quality", "imp_consider_quality")]  # fmt: skip
    tests = [stats.ttest_rel(got[a], got[b]) for a, b in pairs]
    found = within_stages.weighed(weighed)
    assert [(one.a, one.b) for one in found] == [(f"item:{a}", f"item:{b}") for a, b in pairs]
    assert [one.difference for one in found] == pytest.approx(
        [float((got[a] - got[b]).mean()) for a, b in pairs]
    )
    assert [one.p for one in found] == pytest.approx([float(one.pvalue) for one in tests])
    wanted = adjust_p([one.pvalue for one in tests], "holm")
    assert [one.p_adjusted for one in found] == pytest.approx(list(wanted))


def test_the_price_is_tested_alone_and_does_not_move_with_quality(weighed, tmp_path):
    """F13 is one hypothesis: the same number whether quality was asked beside it or not."""
    (one,) = within_stages.price(weighed)
    low, high = stats.ttest_rel(
        25 * weighed.values("item:imp_decide_price"), 25 * weighed.values("item:imp_consider_price")
    ).confidence_interval()
    assert (one.ci_low, one.ci_high) == (pytest.approx(low), pytest.approx(high))
    assert one.correction == "holm"
    assert one.p_adjusted == one.p


def test_items_and_outcomes_give_the_same_numbers(weighed, tmp_path):
    """A study may declare the questions on either shelf."""
    folder = tmp_path / "outcomes"
    folder.mkdir()
    same = {key: weighed.values(f"item:{key}") for key in ASKED}
    other = survey_of(folder, same, OUTCOMES)
    for numbers in (within_stages.price, within_stages.weighed):
        mine, theirs = numbers(weighed), numbers(other)
        assert len(mine) == len(theirs) > 0
        for one, two in zip(mine, theirs, strict=True):
            renamed = {side: getattr(one, side).replace("item:", "outcome:") for side in "ab"}
            assert dataclasses.replace(one, **renamed) == two


def test_whoever_did_not_reach_both_stages_is_left_out(tmp_path):
    """Of five people one did not come to deciding: four are left, and the mean is theirs."""
    columns = {
        "imp_decide_price": np.array([5, 5, 4, 4, 1.0]),
        "imp_consider_price": np.array([3, 4, 3, 3, 5.0]),
        "reached:decide": np.array([1, 1, 1, NAN, 0.0]),
    }
    (one,) = within_stages.price(survey_of(tmp_path, columns))
    assert (one.n_a, one.difference) == (4, pytest.approx(25 * (2 + 1 + 1 + 1) / 4))
    assert {x.n for x in within_stages.importance(survey_of(tmp_path, columns)) if x.n} == {4}


def test_what_is_clear_is_said_and_what_is_not_too(weighed):
    found = {one.key: one for one in section.findings(weighed)}
    assert found["F13"].variant == "higher"
    said = say(found["weighed"])
    assert said.startswith("When comparing, quality matters more than price: a difference of")
    assert "When deciding, price matters more than quality" in said
    assert "quality matters more when deciding than when comparing" in said
    assert said.count("It is not clear") + said.count("any difference is smaller") == 1
    spoken = say(found["weighed"], "id")
    assert spoken.startswith("Saat membandingkan, kualitas lebih penting daripada harga")


def test_no_difference_is_no_news(tmp_path, rng):
    """The null: everything matters alike, to people who answer at random about one mean."""
    survey = survey_of(tmp_path, {key: answers(rng, 3.5, 60) for key in ASKED})
    variants = [one.variant for one in section.findings(survey)[:2]]
    assert set(variants) <= {"not_clear", "stable", "quality_not_clear"}
    assert not any(one.is_clear for one in within_stages.weighed(survey))


def test_few_answers_are_not_shown(tmp_path, rng):
    survey = survey_of(tmp_path, {key: answers(rng, 3.5, 20) for key in ASKED})
    assert [one.variant for one in section.findings(survey)[:2]] == ["hidden", "hidden"]


def test_the_table_holds_each_difference_beside_what_it_is_made_of(weighed):
    found = section.findings(weighed)[0]
    table = shown(found).table()
    heads = [row["head"] for row in table["rows"]]
    assert heads == ["Price", "Quality", "Price minus quality", "n who went through both"]
    assert [row["cells"][3]["text"] for row in table["rows"][:2]] == ["200", "200"]
    rows = {row["head"]: [cell["text"] for cell in row["cells"]] for row in table["rows"]}
    assert rows["Price minus quality"][0].startswith("\u2212")
    assert rows["Price minus quality"][1].startswith("+")


def test_a_study_that_asks_none_of_it_says_none_of_it(tmp_path):
    survey = survey_of(tmp_path, {"item:x": np.ones(50)}, "", ways="r5")
    assert section.findings(survey) == []


# -- the two things that are judged ---------------------------------------------------------------


def test_service_against_product_within_those_who_rated_both(tmp_path, rng):
    """Planted: service half a point below, which is 12.5 of 100; who rated one alone is out."""
    product = np.clip(np.round(rng.normal(4, 0.7, 300)), 1, 5)
    service = np.clip(product - (rng.uniform(size=300) < 0.5), 1, 5)
    service[:50] = NAN
    survey = survey_of(tmp_path, {"item:evl_quality": product, "item:evl_service": service})
    (one,) = within_stages.evaluation(survey)
    assert one.n_a == 250
    assert one.difference == pytest.approx(25 * float((service - product)[50:].mean()))
    assert {x.of: x.n for x in within_stages.evaluated(survey)} == {
        "item:evl_quality": 300, "item:evl_service": 250,
    }  # fmt: skip
    (found,) = [x for x in section.findings(survey) if x.key == "evaluation"]
    assert found.variant == "quality_higher"
    assert say(found).startswith("Product quality is rated higher than service")
    assert "dibanding" in shown(found, "id").table()["rows"][-1]["head"]


# -- testimonials ---------------------------------------------------------------------------------


def advocates(folder, *counted):
    """(count, "10") -> so many who told others, and did not tell the company."""
    told = np.array([[float(one) for one in both] for n, both in counted for _ in range(n)])
    columns = {
        "reached:advocate": np.where(np.nansum(told, axis=1) > 0, 1.0, 0.0),
        "reached:advocate:rch_advocate_peer": told[:, 0],
        "reached:advocate:rch_advocate_brand": told[:, 1],
    }
    return survey_of(folder, columns)


def test_ways_are_counted_among_those_who_advocated(tmp_path):
    """60 told others, 30 of them and 10 more the company; 50 nobody: 60, 40 and 30 of 70."""
    survey = advocates(tmp_path, (30, "10"), (30, "11"), (10, "01"), (50, "00"))
    found = {one.of: (one.estimate, one.n) for one in within_stages.ways(survey)}
    assert found == {
        "way:rch_advocate_peer": (pytest.approx(60 / 70), 70),
        "way:rch_advocate_brand": (pytest.approx(40 / 70), 70),
        "way:both": (pytest.approx(30 / 70), 70),
    }
    (told,) = [x for x in section.findings(survey) if x.key == "ways_to_advocate"]
    assert say(told) == (
        "Of those who reached the last stage, 86% recommended Toko to other people, 57% gave a "
        "testimonial to the company itself, and 43% did both (n = 70)."
    )


def test_conditions_are_known_by_their_column_or_by_their_order(tmp_path):
    def ways(reached):
        survey_of(tmp_path, {"item:x": np.ones(3)}, ways=reached)
        found = ways_of(read_study(tmp_path), "advocate")
        return {key: one.column for key, one in found.items()}

    peer, brand = "rch_advocate_peer", "rch_advocate_brand"
    assert ways(f"{brand}, {peer}") == {peer: peer, brand: brand}
    assert ways("Q1, Q2") == {peer: "Q1", brand: "Q2"}
    assert ways(f"Q1, {peer}") == {}, "one is named, the other could be anything"
    assert ways("Q1") == {}
    assert ways("Q1, Q2, Q3") == {}


def test_each_way_is_read_from_the_answers(tmp_path):
    """As written in the file: yes, no, and what is neither."""
    survey_of(tmp_path, {"item:x": np.ones(4)}, "")
    pd.DataFrame(
        {
            "respondent": list("abcd"), "wave": "2026", "r2": "yes", "r3": "yes",
            "rch_advocate_peer": ["yes", "no", "yes", "no"],
            "rch_advocate_brand": ["no", "no", "yes", "dont_remember"],
        }
    ).to_csv(tmp_path / "answers.csv", index=False)  # fmt: skip
    survey = cx.load(tmp_path)
    peer, brand = (
        survey.values(f"reached:advocate:rch_advocate_{one}") for one in ("peer", "brand")
    )
    assert peer.tolist() == [1, 0, 1, 0]
    assert brand[:3].tolist() == [0, 0, 1]
    assert np.isnan(brand[3])


# -- channels -------------------------------------------------------------------------------------

CHANNELS = "channels: {columns: {website: c1, app: c2, phone: c3, email: c4}}\n"


def test_the_most_used_channels_of_each_stage_come_first(tmp_path):
    """Of 100: website 60, app 80, e-mail 9 (too few to tell), telephone 95 (5 without).

    What is not told of everybody is told at no stage.
    """
    used = {"website": 60, "app": 80, "email": 9, "phone": 95}
    columns = {f"channel:{key}": (np.arange(100) < n).astype(float) for key, n in used.items()}
    decide = np.where(np.arange(100) < 70, 1.0, 0.0)
    survey = survey_of(tmp_path, columns | {"reached:decide": decide}, ITEMS + CHANNELS)
    found = within_stages.channels_by_stage(survey)
    at = {stage: [(one.of, one.estimate) for one in found if one.by == {"reached": stage}]
          for stage in ("consider", "decide")}  # fmt: skip
    assert at["consider"] == [("channel:app", 0.8), ("channel:website", 0.6)]
    assert at["decide"] == [("channel:app", 1.0), ("channel:website", 60 / 70)]


# -- both models of the stages --------------------------------------------------------------------


def test_stages_stand_beside_the_phases_that_they_match():
    survey = cx.load("demo")
    found = next(one for one in cx.journey.findings(survey) if one.key == "phases")
    rows = [(row["head"], *(cell["text"] for cell in row["cells"][2:]))
            for row in shown(found).table()["rows"]]  # fmt: skip
    assert rows == [
        ("Aware", "Discovery", "the same"),
        ("Consider", "Consideration", "the same"),
        ("Decide", "Consideration", "in part"),
        ("Evaluate", "Retention", "the same"),
        ("Advocate", "Advocacy", "the same"),
    ]
    assert any("purchase itself" in note for note in shown(found).notes())


def test_a_study_on_phases_sees_the_stages_instead(tmp_path):
    """The crosswalk is read from its other end: two stages lie in `consideration`."""
    lines = "sample: {frame: customers, design: probability}\nframeworks: [phases]\nstages:\n"
    lines += "".join(f"  {key}: {{rating: s{key[0]}}}\n" for key in ("discovery", "consideration"))
    columns = {f"rating:{key}": np.full(40, 4.0) for key in ("discovery", "consideration")}
    survey = plant(tmp_path, columns, lines)
    found = cx.journey.findings(survey)
    table = next(one for one in found if one.key == "phases")
    rows = [(row["head"], row["cells"][2]["text"]) for row in shown(table).table()["rows"]]
    assert rows == [("Discovery", "Aware"), ("Consideration", "Consider"), ("", "Decide"),
                    ("Retention", "Evaluate"), ("Advocacy", "Advocate")]  # fmt: skip


def test_a_crosswalk_beside_the_study_wins(tmp_path, rng):
    survey = survey_of(tmp_path, {"item:x": np.ones(40)})
    own = crosswalk()
    text = "key: journey_phases\nfrom: journey\nto: phases\norigin: own\npairs:\n"
    text += "  - {from: decide, to: retention, match: exact}\nunmatched: []\n"
    (tmp_path / "journey_phases.yaml").write_text(text, encoding="utf-8")
    assert len(own["pairs"]) == 5
    ratings = cx.analysis.estimate(cx.load("demo"), "score_100", of="stages")
    found = moves.phases(survey, ratings.where(wave=None).published() or ratings.published())
    assert [one["part"] for one in found.options["pairs"]] == ["phase:retention"]


def test_a_broken_crosswalk_is_told_when_the_study_is_checked(tmp_path):
    """Not when the report is half made; and the file is one of the study's inputs."""
    survey_of(tmp_path, {"item:x": np.ones(3)}, "", ways="r5")
    file = tmp_path / "journey_phases.yaml"
    text = "key: journey_phases\nfrom: journey\nto: phases\norigin: own\npairs:\n"
    file.write_text(text + "  - {from: decid, to: retention, match: exact}\n", encoding="utf-8")
    with pytest.raises(cx.StudyError, match="decid"):
        read_study(tmp_path)
    file.write_text(text + "  - {from: decide, to: retention, match: exact}\n", encoding="utf-8")
    assert file.name in read_study(tmp_path).input_files


def test_planted_truth_is_recovered_in_the_demo():
    """Price 58 when comparing and 72 when deciding, quality 74 at both: the ranges hold it."""
    survey = cx.load("demo")
    (price,) = within_stages.price(survey)
    assert price.ci_low < 72 - 58 < price.ci_high
    consider, decide, quality = within_stages.weighed(survey)
    assert consider.ci_low < 58 - 74 < consider.ci_high
    assert decide.ci_low < 72 - 74 < decide.ci_high
    assert quality.ci_low < 0 < quality.ci_high
    assert not quality.is_clear
    (evaluation,) = within_stages.evaluation(survey)
    assert evaluation.ci_high < 0, "the service was planted below the product"
    moved = {one.of: one.estimate for one in all_moves.directions(survey)}
    assert moved["move:less_far"] == 0, "nobody was planted to go back"
    assert 0.05 < moved["move:further"] < 0.25, "a fifth, of those who could go further"
