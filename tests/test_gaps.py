"""Expectation against reality in a survey: what is told of the order of gaps, and what is not."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import plant
from scipy import stats
from test_locales import lint

import cxkit as cx
from cxkit.analysis import gaps
from cxkit.records import Comparisons
from cxkit.report.finding import Finding
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

N = 700
HEAD = """\
sample: {frame: customers, design: probability}
frameworks: [pyramid]
scale: agreement_7
outcomes: {recommend: {column: y, metric: nps}}
"""
TRUST, CARE, SERVICE = "level:trust", "level:emotional_connection", "level:responsive_service"
PAIRS = {
    "exp_trust": "tru_1",
    "exp_responsive_service": "res_1",
    "exp_emotional_connection": "emo_2",
}


def study(*items: str) -> str:
    """The lines of a study that asks these items."""
    return HEAD + "items: {" + ", ".join(f"{one}: {one}" for one in items) + "}\n"


def asked(folder: Path, **answers: Any) -> Any:
    """A survey of these answers to items, and an outcome that goes with nothing."""
    n = len(next(iter(answers.values())))
    columns = {f"item:{key}": np.asarray(values, dtype=float) for key, values in answers.items()}
    y = np.random.default_rng(9).integers(0, 11, n).astype(float)
    return plant(folder, {**columns, "outcome:recommend": y}, study(*answers))


def expecting(shortfalls: dict[str, float], n: int = N, seed: int = 5) -> dict[str, np.ndarray]:
    """Expectations near the top of seven points, and reality short of each by so much."""
    rng = np.random.default_rng(seed)
    found = {}
    for expected, short in shortfalls.items():
        hoped = rng.choice([5.0, 6.0, 7.0], n, p=[0.2, 0.4, 0.4])
        found[expected] = hoped
        found[PAIRS[expected]] = np.clip(hoped - np.floor(short - 1 + 3 * rng.random(n)), 1, 7)
    return found


def compared(balance: dict[str, float], n: int = N, seed: int = 6) -> dict[str, np.ndarray]:
    """Direct answers: 2 for worse, 3 as expected, 4 for better, with so much more better."""
    rng = np.random.default_rng(seed)
    return {
        key: rng.choice([2.0, 3.0, 4.0], n, p=[0.3 - more / 2, 0.4, 0.3 + more / 2])
        for key, more in balance.items()
    }


def say(one: Finding, language: str = "en") -> str:
    return Shown(one.to_dict(), Words(language, one.context)).sentence.replace(NO_BREAK, " ")


def notes(one: Finding, language: str = "en") -> str:
    shown = Shown(one.to_dict(), Words(language, one.context))
    return " ".join(shown.notes()).replace(NO_BREAK, " ")


def rows(one: Finding, language: str = "en") -> dict[str, list[str]]:
    table = Shown(one.to_dict(), Words(language, one.context)).table()
    return {row["head"]: [cell["text"] for cell in row["cells"]] for row in table["rows"]}


# -- the paired question --------------------------------------------------------------------------


WIDE_CARE = {"exp_trust": 0.8, "exp_responsive_service": 1.2, "exp_emotional_connection": 2.3}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The gap of emotional connection is planted to be the widest."""
    return asked(tmp_path_factory.mktemp("wide"), **expecting(WIDE_CARE))


def test_a_gap_is_reality_minus_expectation_in_the_same_people(wide):
    """Mean, interval and base by scipy's paired t test on the 0-100 scores."""
    one = gaps.paired(wide).only(of=CARE)
    real, hoped = (wide.values(f"item:{key}") for key in (one.a[5:], one.b[5:]))
    assert (one.a, one.b) == ("item:emo_2", "item:exp_emotional_connection")
    test = stats.ttest_rel(100 * (real - 1) / 6, 100 * (hoped - 1) / 6)
    assert one.difference == pytest.approx(100 * (real - hoped).mean() / 6)
    assert one.p == pytest.approx(test.pvalue, rel=1e-6, abs=1e-300)
    assert one.n_a == one.n_b == N


def test_the_widest_gap_is_named_where_it_is_clear_to_every_other(wide):
    """Planted: two points of seven short, against one and a bit."""
    leader = gaps.widest(wide)
    assert leader.key == CARE
    assert {one.b for one in leader.comparisons} == {TRUST, SERVICE}
    assert {one.correction for one in leader.comparisons} == {"holm"}
    (told, *_) = cx.gaps.findings(wide)
    assert told.variant == "paired"
    size = gaps.paired(wide).only(of=CARE).difference
    assert f"on Emotional connection: {abs(size):.1f} points (" in say(told)
    assert "read the order of the gaps, not their sign" in notes(told)


def test_gaps_that_are_alike_are_not_ranked(tmp_path):
    """A null: reality falls short of each by the same, so none is the widest."""
    survey = asked(tmp_path, **expecting(dict.fromkeys(PAIRS, 1.5)))
    assert all(one.is_clear and one.difference < -10 for one in gaps.paired(survey))
    (told, *_) = cx.gaps.findings(survey)
    assert told.variant == "paired_tie"
    assert "cannot be told apart" in say(told)
    assert "tidak bisa dibedakan" in say(told, "id")


def test_the_sign_of_a_gap_decides_nothing(tmp_path):
    """Reality above expectation everywhere: the lowest is told with its sign."""
    over = {"exp_trust": -2.0, "exp_responsive_service": -2.0, "exp_emotional_connection": -0.5}
    rng = np.random.default_rng(3)
    answers: dict[str, np.ndarray] = {}
    for key, short in over.items():
        answers[key] = rng.integers(2, 5, N).astype(float)
        answers[PAIRS[key]] = answers[key] - np.floor(short + rng.random(N))
    (told, *_) = cx.gaps.findings(asked(tmp_path, **answers))
    assert told.variant == "paired_lowest"
    assert re.search(r"clearly the lowest level: reality minus expectation is \+\d", say(told))
    assert "widest" not in say(told)


def test_people_who_have_one_gap_only_do_not_decide_the_order(tmp_path):
    """Only the easily pleased rate emotional connection: within people both gaps are the same.

    The mean gap of trust, over everybody, is far wider; named by means, trust would be the widest.
    """
    rng = np.random.default_rng(8)
    pleased = np.arange(N) % 2 == 0
    short = np.where(pleased, 0.0, 3.0)
    hoped = rng.choice([5.0, 6.0], (2, N))
    met = hoped - short + rng.integers(-1, 2, (2, N))
    nobody = np.where(pleased, 0.0, np.nan)
    survey = asked(
        tmp_path,
        exp_trust=hoped[0], tru_1=np.clip(met[0], 1, 7),
        exp_emotional_connection=hoped[1] + nobody, emo_2=np.clip(met[1], 1, 7) + nobody,
    )  # fmt: skip
    gap = {one.of: one.difference for one in gaps.paired(survey)}
    assert gap[TRUST] < gap[CARE] - 15
    leader = gaps.widest(survey)
    assert (leader.key, leader.first) == (None, TRUST)


def test_one_gap_has_no_order(tmp_path):
    """A single pair is told with its sign, and that there is nothing to rank."""
    (told, *_) = cx.gaps.findings(asked(tmp_path, **expecting({"exp_trust": 1.0})))
    assert told.variant == "paired_one"
    assert "there is no order to read" in say(told)


def test_a_gap_of_too_few_people_keeps_the_widest_unnamed(tmp_path):
    """25 people answered one of the pairs: which is the widest is not told, and why."""
    answers = expecting(WIDE_CARE)
    answers["exp_trust"] = np.where(np.arange(N) < 25, answers["exp_trust"], np.nan)
    (told, *_) = cx.gaps.findings(asked(tmp_path, **answers))
    assert told.variant == "some_hidden"
    assert "too small for Trust" in say(told)
    assert rows(told)["Trust"][2] == "**"


# -- how reliable a gap is ------------------------------------------------------------------------


def test_a_statement_is_as_reliable_as_its_level_stepped_down(tmp_path):
    """Two statements that correlate r have reliability r each: the formula by hand."""
    rng = np.random.default_rng(12)
    trust = rng.normal(size=N)
    first, second = (np.clip(np.round(4 + trust + rng.normal(size=N)), 1, 7) for _ in range(2))
    hoped = np.clip(np.round(6 + 0.3 * trust + rng.normal(size=N)), 1, 7)
    survey = asked(tmp_path, tru_1=first, tru_2=second, exp_trust=hoped)
    r = np.corrcoef(first, second)[0, 1]
    cov = np.cov(first, hoped)
    shared = 2 * cov[0, 1]
    by_hand = (r * (cov[0, 0] + cov[1, 1]) - shared) / (cov[0, 0] + cov[1, 1] - shared)
    (found,) = gaps.reliability(survey)
    assert found.value == pytest.approx(by_hand, abs=1e-9)
    assert found.ci_low < by_hand < found.ci_high
    assert found.verdict == "weak"
    (told, *_) = cx.gaps.findings(survey)
    assert "measured too roughly for Trust: read the mean" in notes(told)
    assert "terukur terlalu kasar untuk Kepercayaan" in notes(told, "id")


def test_a_level_of_one_statement_shows_no_reliability(wide):
    """One statement alone cannot show how reliable it is: said, and no number."""
    found = gaps.reliability(wide)
    assert all(math.isnan(one.value) and one.verdict == "single_item" for one in found)
    (told, *_) = cx.gaps.findings(wide)
    assert rows(told)["Trust"][-1] == "a single statement"
    assert "measured too roughly" not in notes(told)


# -- both, each by itself -------------------------------------------------------------------------


def test_the_surface_has_a_row_of_each_pair_that_enough_people_answered(wide):
    """Nothing was planted: no slope is clear, and the base is that of those with all three."""
    found = gaps.surfaces(wide)
    assert set(found) == {"trust", "responsive_service", "emotional_connection"}
    slopes = [one for made in found.values() for one in made if one.metric == "surface_a3"]
    assert all(one.ci_low < 0 < one.ci_high and one.n == N for one in slopes)
    tables = [one.table for one in cx.gaps.findings(wide)]
    assert tables == ["gaps_paired", "records", "gaps_surface"]


def test_answers_that_leave_squares_no_room_are_told(tmp_path):
    """Every gap is one point or two: its square says what it says itself."""
    answers = expecting({"exp_trust": 1.0})
    answers["tru_1"] = answers["exp_trust"] - 1 - (np.arange(N) % 2)
    found = cx.gaps.findings(asked(tmp_path, **answers))
    assert "gaps_surface" not in [one.key for one in found]
    assert "cannot be fitted for Trust" in notes(found[0])


def test_too_few_people_for_squares_are_told(tmp_path):
    """400 answers: no table, and a note that names the limit and the levels."""
    found = cx.gaps.findings(asked(tmp_path, **expecting(WIDE_CARE, n=400)))
    assert "gaps_surface" not in [one.key for one in found]
    assert "needs an effective base above 500; it is left out for Trust" in notes(found[0])


# -- the direct question --------------------------------------------------------------------------


DIRECT = {"dis_trust": 0.3, "dis_responsive_service": 0.25, "dis_emotional_connection": -0.2}


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Emotional connection compares worst by the direct question, trust by the paired one."""
    paired = {"exp_trust": 3.0, "exp_responsive_service": 1.0, "exp_emotional_connection": 1.0}
    answers = {**compared(DIRECT), **expecting(paired)}
    return asked(tmp_path_factory.mktemp("direct"), **answers)


def test_the_direct_question_is_preferred_where_both_were_asked(direct):
    """It gives the sentence; the paired gaps stand below it as a table, without one."""
    first, second, *_ = cx.gaps.findings(direct)
    assert (first.key, first.variant, second.key) == ("F23", "direct", "gaps_paired")
    assert gaps.widest(direct).key == TRUST
    values = direct.values("item:dis_emotional_connection")
    worse, better = (f"{100 * share:.0f}%" for share in ((values < 3).mean(), (values > 3).mean()))
    assert f"On Emotional connection, {worse} of respondents find Toko worse" in say(first)
    assert f"{better} find it better than expected (n = {N})" in say(first)
    assert "this is clearly the lowest level" in say(first)
    assert say(second) == ""


def test_the_balance_is_better_minus_worse(direct):
    """In the table: worse, as expected, better, their balance, and the order."""
    (first, *_) = cx.gaps.findings(direct)
    values = direct.values("item:dis_trust")
    balance = (values > 3).mean() - (values < 3).mean()
    one = first.estimates.only(of="item:dis_trust", metric="net")
    assert one.estimate == pytest.approx(balance)
    told = rows(first)
    assert told["Emotional connection"][4] == "lowest"
    assert told["Trust"][5] == "clear"


def test_direct_answers_that_are_alike_are_not_ranked(tmp_path):
    """A null: the same balance everywhere names no level."""
    survey = asked(tmp_path, **compared(dict.fromkeys(DIRECT, -0.1)))
    (told,) = cx.gaps.findings(survey)
    assert told.variant == "direct_tie"


def test_a_single_direct_question_claims_no_order(tmp_path):
    """Nothing to compare with: its shares alone, and a title that ranks nothing."""
    (told,) = cx.gaps.findings(asked(tmp_path, **compared({"dis_trust": 0.1})))
    assert (told.variant, list(told.plus)) == ("direct", [])
    assert told.title is not None
    assert told.title[1] == "direct_one"


@pytest.mark.parametrize(("n", "variant"), [(20, "hidden"), (0, "nobody")])
def test_too_few_answers_name_nothing(tmp_path, n, variant):
    """20 of 700 answered, or nobody: said plainly, without a number."""
    answers = {
        key: np.where(np.arange(N) < n, one, np.nan) for key, one in compared(DIRECT).items()
    }
    (told,) = cx.gaps.findings(asked(tmp_path, **answers))
    assert told.variant == variant
    for language in ("en", "id"):
        assert not re.search(r"\d|\{", say(told, language))


# -- what was not asked ---------------------------------------------------------------------------


def test_without_the_battery_nothing_is_measured(tmp_path):
    """No expectation was asked: one line, in both languages."""
    survey = asked(tmp_path, tru_1=np.full(60, 5.0), tru_2=np.full(60, 4.0))
    (told,) = cx.gaps.findings(survey)
    assert (told.key, told.variant) == ("F23", "not_measured")
    assert "were not measured in this study" in say(told)
    assert "tidak diukur dalam studi ini" in say(told, "id")


def test_an_expectation_without_its_statement_is_no_gap(tmp_path):
    """It is held against the statement in the same words, never against the level's mean."""
    answers = expecting({"exp_trust": 1.0})
    answers["tru_2"] = answers.pop("tru_1")
    (told,) = cx.gaps.findings(asked(tmp_path, **answers))
    assert told.variant == "unpaired"
    assert "was not asked" in say(told)


# -- the demo -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Any:
    return cx.load("demo")


def test_the_demo_shows_what_was_planted_in_it(demo):
    """Responsive service was planted to compare worst, by either question."""
    assert gaps.furthest_behind(demo).key == "item:dis_responsive_service"
    assert gaps.widest(demo).key == SERVICE


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_word_on_the_page_is_whole(demo, language):
    """No slot is left over, no word of cause is said, in the sentences, titles, notes, tables."""
    for one in cx.gaps.findings(demo):
        shown = Shown(one.to_dict(), Words(language, one.context))
        texts = [shown.sentence, shown.title, *shown.notes()]
        texts += [shown.alt()] if one.figure else []
        texts += [column["label"] for column in shown.table()["columns"]]
        assert not [text for text in texts if "{" in text or lint(text, language)]


def test_the_summary_says_gaps_are_not_measured_only_where_they_are_not(demo, wide):
    """The box of what a report cannot answer."""
    from cxkit.report.sections.summary import _box

    for survey, is_missing in ((demo, False), (wide, False)):
        told = [one.slots["what"].key for one in _box(survey.latest.context())]
        assert ("what:gaps" in told) == is_missing


def test_gaps_of_a_private_answer_are_hidden(wide):
    """What no table may show of a statement, no gap may show either."""
    context = {**wide.latest.context(), "private": [["2026", None, None, "item:exp_trust"]]}
    shown = Comparisons(gaps.paired(wide), context=context).published()
    assert [one.of for one in shown if one.verdict == "hidden"] == [TRUST]
