"""Problems, what became of them, and who means to stay: numbers and sentences."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep
from told import STUDY, repeated, told

import cxkit as cx
from cxkit.analysis import problems
from cxkit.report.shown import Shown
from cxkit.wording import Words

NAN = np.nan


def sentences(survey, language="en"):
    found = cx.problems.findings(survey)
    words = Words(language, found.context)
    return [
        (one.section, one.key, one.variant, Shown(one.to_dict(), words).sentence) for one in found
    ]


def studied(tmp_path, *, solved, still_open, none, state=1, **more):
    """People with a problem solved, with one open, and with none: (likely to stay, of how many)."""
    groups = (solved, still_open, none)
    sizes = [n for _, n in groups]
    stay = np.concatenate([repeated((k, 5), (n - k, 2)) for k, n in groups])
    happened = repeated((sizes[0] + sizes[1], 1), (sizes[2], 0))
    resolved = repeated((sizes[0], 4), (sizes[1], state), (sizes[2], NAN))
    return told(
        tmp_path, sum(sizes), stay=stay, inc_happened=happened, inc_resolved=resolved, **more
    )


def test_problems_are_counted_by_hand(tmp_path):
    """100 people, 40 with a problem: 30 told of it; 20 solved, 8 partly, 8 handled, 4 not."""
    survey = told(
        tmp_path,
        100,
        inc_happened=repeated((40, 1), (60, 0)),
        inc_reported=repeated((30, 1), (10, 0), (60, NAN)),
        inc_resolved=repeated((20, 4), (8, 3), (8, 2), (4, 1), (60, NAN)),
        inc_handling=repeated((15, 5), (15, 3), (70, NAN)),
    )
    found = {(one.of, one.metric, one.by.get("answer")): one for one in problems.problems(survey)}
    told_of = {key: (one.estimate, one.n) for key, one in found.items()}
    assert told_of == {
        ("outcome:inc_happened", "share", None): (0.4, 100),
        ("outcome:inc_reported", "share", None): (0.75, 40),
        ("outcome:inc_resolved", "share", "solved"): (0.5, 40),
        ("outcome:inc_resolved", "share", "partly"): (0.2, 40),
        ("outcome:inc_resolved", "share", "open"): (0.2, 40),
        ("outcome:inc_resolved", "share", "unsolved"): (0.1, 40),
        ("outcome:inc_handling", "top_2_box", None): (0.5, 30),
        ("outcome:inc_handling", "score_100", None): (75.0, 30),
    }


def test_answers_about_a_problem_that_was_not_had_do_not_count(tmp_path):
    survey = told(
        tmp_path,
        10,
        inc_happened=repeated((5, 1), (5, 0)),
        inc_resolved=repeated((5, 4), (5, 1)),
        stay=repeated((10, 5)),
    )
    solved = problems.problems(survey).only(of="outcome:inc_resolved", by_answer="solved")
    assert (solved.estimate, solved.n) == (1.0, 5)
    assert [(one.by["problem"], one.n) for one in problems.stayers(survey)] == [
        ("none", 5), ("solved", 5), ("open", 0),
    ]  # fmt: skip


def test_staying_goes_with_a_problem_solved(tmp_path):
    """80 of 100 against 40 of 90 and 85 of 100: ranges at the levels of Holm, by statsmodels."""
    survey = studied(tmp_path, solved=(80, 100), still_open=(40, 90), none=(85, 100))
    found = {(one.a, one.b): one for one in problems.staying(survey)}
    one = found["problem:solved", "problem:open"]
    assert one.difference == pytest.approx(0.8 - 40 / 90)
    low, high = confint_proportions_2indep(80, 100, 40, 90, method="agresti-caffo", alpha=0.05 / 2)
    assert (one.ci_low, one.ci_high) == pytest.approx((low, high), abs=5e-4)
    assert one.is_clear
    assert not found["problem:solved", "problem:none"].is_clear
    assert found["problem:open", "problem:none"].difference < 0
    ((_, _, variant, said), _) = sentences(survey)
    assert variant == "all"
    assert "Likely to stay: 80% where it was solved, 44% where it was not." in said
    assert "are clearly more often likely to stay: a difference of 36 percentage points" in said


@pytest.mark.parametrize("state", [1, 2, 3])
def test_only_what_is_fully_solved_counts_as_solved(tmp_path, state):
    survey = studied(tmp_path, solved=(5, 10), still_open=(2, 10), none=(0, 0), state=state)
    found = {one.by["problem"]: one.n for one in problems.stayers(survey)}
    assert found == {"none": 0, "solved": 10, "open": 10}


def test_where_staying_is_alike_nothing_is_claimed(tmp_path):
    survey = studied(tmp_path, solved=(70, 100), still_open=(68, 100), none=(70, 100))
    ((_, _, _, said), (_, key, _, _)) = sentences(survey, "id")
    assert "Belum jelas apakah keduanya berbeda" in said
    assert key == "staying"


def test_by_chance_alone_hardly_any_survey_claims_a_difference():
    """Of 300 samples without a difference at most one in twenty may claim any (Holm)."""
    from cxkit.analysis.contrasts import Rules, contrast, corrected
    from cxkit.analysis.loyalty import LIKELY
    from cxkit.weights import Design, moment

    rng = np.random.default_rng(8)
    claimed = 0
    for _ in range(300):
        answers = (rng.random(240) < 0.7).astype(float)
        group, design = rng.integers(0, 3, 240), Design(np.ones(240))
        sides = [moment(np.where(group == one, answers, NAN), design) for one in range(3)]
        made = [contrast(LIKELY, sides[a], sides[b], design) for a, b in ((0, 1), (0, 2), (1, 2))]
        claimed += any(one.is_clear for one in corrected(made, Rules()))
    assert claimed <= 23  # the upper end of what 5 in 100 gives in 300 tries


def test_few_with_a_problem_open_are_hidden_and_so_are_those_beside_them(tmp_path):
    survey = studied(tmp_path, solved=(30, 50), still_open=(2, 4), none=(90, 120))
    shown = {one.by["problem"]: one.is_hidden for one in problems.stayers(survey).published()}
    assert shown["open"]
    assert sum(shown.values()) >= 2, "one group alone could be found by subtraction"
    ((_, _, variant, said), *_) = sentences(survey)
    assert variant == "incidence"
    assert "by how the problem stands, is not shown" in said


def test_nobody_had_a_problem(tmp_path):
    survey = told(tmp_path, 60, inc_happened=np.zeros(60), inc_resolved=np.full(60, NAN))
    ((_, key, variant, said),) = sentences(survey)
    assert (key, variant) == ("F27", "none")
    assert said == "None of the 60 respondents who answered had a problem in last year."


def test_staying_may_not_have_been_asked(tmp_path):
    survey = told(
        tmp_path,
        100,
        inc_happened=repeated((60, 1), (40, 0)),
        inc_resolved=repeated((30, 4), (30, 1), (40, NAN)),
    )
    ((_, _, variant, said),) = sentences(survey)
    assert variant == "incidence"
    assert "was not measured" in said
    assert "50% say that it is fully solved" in said


def test_who_had_a_problem_may_not_have_been_asked(tmp_path):
    survey = told(
        tmp_path, 80, inc_resolved=repeated((40, 4), (40, 1)), stay=repeated((40, 5), (40, 1))
    )
    ((_, _, variant, said), _) = sentences(survey)
    assert variant == "stay"
    assert said.startswith("Likely to stay: 100% where the problem was solved, 0%")


@pytest.mark.parametrize("language", ["id", "en"])
def test_problems_not_measured_are_told_where_loyalty_is(tmp_path, language):
    ((section, key, variant, said),) = sentences(told(tmp_path, 40), language)
    assert (section, key, variant) == ("loyalty", "F32", "not_measured")
    assert said.startswith({"id": "Penanganan masalah tidak", "en": "How problems were"}[language])


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_demo_is_worded_in_both_languages(language):
    found = cx.problems.findings(cx.load("demo"))
    words = Words(language, found.context)
    for one in found:
        shown = Shown(one.to_dict(), words)
        assert not any("{" in text for text in (shown.sentence, shown.title, *shown.notes()))
        assert shown.table()["rows"]
        assert one.figure is None or "{" not in shown.alt()


MATTERS = STUDY.replace("outcomes:\n", "matters: {top_2_box: 0.5, share: 0.5}\noutcomes:\n")


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_matters_is_said_beforehand(tmp_path, language):
    """Half of all people matter: 80 against 44 per cent is clear but small, alike is equal."""
    small = studied(tmp_path, solved=(320, 400), still_open=(200, 400), none=(9, 30), study=MATTERS)
    ((_, _, _, said), _) = sentences(small, language)
    assert {"id": "lebih kecil daripada 50 poin persen", "en": "smaller than the 50 percentage"}[
        language
    ] in said
    alike = studied(tmp_path, solved=(70, 100), still_open=(68, 100), none=(9, 30), study=MATTERS)
    ((_, _, _, said), _) = sentences(alike, language)
    assert {"id": "Keduanya setara", "en": "The two are about equal"}[language] in said
