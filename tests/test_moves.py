"""Moves between stages: shares of people seen in two waves, and words where nobody was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from waved import CUSTOMERS, HEAD, say, study_of

from cxkit.analysis import moves, transition_matrix
from cxkit.answers.survey import Survey
from cxkit.errors import SurveyError
from cxkit.report.sections import moves as section
from cxkit.report.shown import Shown
from cxkit.wording import Words

STATES = ("aware", "consider", "decide", "evaluate", "advocate")
STAGES = """\
frameworks: [journey]
stages:
  aware: {reached: r1}
  consider: {reached: r2}
  decide: {reached: r3}
  evaluate: {reached: r4}
  advocate: {reached: r5}
"""


def survey_of(folder, before, now, *, weight=None, people=None, study=None):
    """Furthest stages in two waves; the same people unless `people` names those of the second."""
    n, m = len(before), len(now)
    first = [f"r{i:04d}" for i in range(n)]
    second = first[:m] if people is None else people
    frame = pd.DataFrame(
        {
            "respondent": [*first, *second],
            "wave": ["2025H2"] * n + ["2026H1"] * m,
            "weight": np.ones(n + m) if weight is None else weight,
            "segment:furthest_stage": pd.Series([*before, *now], dtype=object),
        }
    )
    return Survey(study or study_of(folder, STAGES), frame)


def share(found, before, now):
    (one,) = [x for x in found if x.by == {"before": before} and x.of.endswith(f":{now}")]
    return one


# -- plain data -----------------------------------------------------------------------------------


def test_a_row_is_the_wilson_interval_of_its_share():
    """45 of 60 go on: (.627679, .842235), as METHODS 5 has it."""
    found = transition_matrix(["a"] * 60 + ["b"] * 5, ["b"] * 45 + ["a"] * 20, states=["a", "b"])
    one = share(found, "a", "b")
    assert (one.estimate, one.n) == (0.75, 60)
    assert (one.ci_low, one.ci_high) == pytest.approx((0.627679, 0.842235), abs=1e-6)


def test_rows_are_weighted_shares_of_those_known_twice(rng):
    """The same as a cross table of weights made by pandas, row by row."""
    before, now = (rng.choice(["a", "b", "c", None], 400, p=[0.3, 0.3, 0.3, 0.1]) for _ in "ab")
    weight = rng.uniform(0.2, 3, 400)
    told = pd.DataFrame({"before": before, "now": now, "w": weight}).dropna()
    wanted = told.pivot_table(index="before", columns="now", values="w", aggfunc="sum")
    wanted = wanted.div(wanted.sum(axis=1), axis=0)
    found = transition_matrix(before, now, states=["a", "b", "c"], weight=weight)
    for row in wanted.index:
        cells = [share(found, row, column) for column in wanted.columns]
        assert [one.estimate for one in cells] == pytest.approx(list(wanted.loc[row]))
        assert {one.n for one in cells} == {int((told["before"] == row).sum())}
        assert sum(one.estimate for one in cells) == pytest.approx(1)


def test_who_leaves_keeps_the_row_of_the_design_and_no_share():
    """A person without a state now changes no share and no base."""
    with_gap = transition_matrix(["a"] * 41, ["a"] * 10 + ["b"] * 30 + [None], states=["a", "b"])
    without = transition_matrix(["a"] * 40, ["a"] * 10 + ["b"] * 30, states=["a", "b"])
    one, other = share(with_gap, "a", "b"), share(without, "a", "b")
    assert (one.estimate, one.n) == (other.estimate, other.n)
    assert (one.ci_low, one.ci_high) == pytest.approx((other.ci_low, other.ci_high), rel=1e-3)


def test_intervals_cover_the_planted_chance(rng):
    """Unequal weights, one move in four: about 95 of 100 intervals hold it."""
    hits, truth, tries = 0, 0.25, 300
    for _ in range(tries):
        now = np.where(rng.uniform(size=150) < truth, "b", "a")
        weight = rng.uniform(0.5, 2, 150)
        found = transition_matrix(["a"] * 150, now, states=["a", "b"], weight=weight)
        one = share(found, "a", "b")
        hits += one.ci_low <= truth <= one.ci_high
    assert 0.915 <= hits / tries <= 0.985


def test_a_row_of_nobody_is_flagged():
    found = transition_matrix(["a"], ["a"], states=["a", "b"])
    assert share(found, "b", "a").flags == ("no_answers",)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [(["a"], ["x"], "unknown state 'x'"), (["a"], ["a", "b"], "1 states before and 2 after")],
)
def test_slips_are_told(before, now, said):
    with pytest.raises(SurveyError, match=said):
        transition_matrix(before, now, states=["a", "b"])


# -- a survey -------------------------------------------------------------------------------------


def test_moves_are_taken_in_the_same_people_with_their_earlier_weights(tmp_path):
    """Two of three at `consider` go on; weights 1, 1 and 2 then make that 3 of 4."""
    before = ["consider"] * 3 + ["decide"] * 2 + ["aware"]
    now = ["consider", "decide", "evaluate", "decide", "consider"]  # the last is not seen again
    weight = np.array([1, 1, 2, 1, 1, 1, 5, 5, 5, 5, 5.0])
    survey = survey_of(tmp_path, before, now, weight=weight)
    found = moves.transitions(survey)
    assert share(found, "consider", "consider").estimate == pytest.approx(1 / 4)
    assert share(found, "consider", "evaluate").estimate == pytest.approx(2 / 4)
    assert share(found, "consider", "evaluate").n == 3
    assert share(found, "aware", "aware").n == 0
    ways = {one.of: (one.estimate, one.n) for one in moves.directions(survey)}
    assert ways == {
        "move:further": (pytest.approx(3 / 6), 5),
        "move:same": (pytest.approx(2 / 6), 5),
        "move:less_far": (pytest.approx(1 / 6), 5),
    }


def test_people_are_found_by_name_and_not_by_row(tmp_path):
    """The second wave holds the same people in another order, and strangers."""
    survey = survey_of(
        tmp_path, ["aware", "decide"], ["decide", "consider", "advocate"],
        people=["r0001", "r0000", "new"],
    )  # fmt: skip
    found = moves.transitions(survey)
    assert share(found, "aware", "consider").estimate == 1
    assert share(found, "decide", "decide").estimate == 1
    assert sum(one.n for one in found if one.of == "stage:advocate") == 2


def test_a_group_holds_its_own_moves_alone(tmp_path):
    """Who is in hand in both waves counts."""
    survey = survey_of(tmp_path, ["aware", "aware"], ["aware", "consider"])
    is_mine = (survey.frame["respondent"] == "r0001").to_numpy()
    kept = Survey(survey.study, survey.frame, kept=is_mine)
    assert [(one.estimate, one.n) for one in moves.directions(kept)] == [(1, 1), (0, 1), (0, 1)]
    only_now = Survey(
        survey.study, survey.frame, kept=is_mine & (survey.frame["wave"] > "2025H2").to_numpy()
    )
    assert moves.seen_twice(only_now).n == 0


# -- what is said ---------------------------------------------------------------------------------


def table(found):
    return Shown(found.to_dict(), Words("en", found.context)).table()["rows"]


def test_the_finding_tells_who_came_further(tmp_path):
    survey = survey_of(tmp_path, ["consider"] * 100, ["decide"] * 20 + ["consider"] * 80)
    found, ways = section.findings(survey)
    assert say(found) == (
        "Of respondents who answered in both the second half of 2025 and the first half of 2026, "
        "20% have now come further, 80% are at the same stage and 0% name an earlier one "
        "(n = 100)."
    )
    assert "20% kini sampai lebih jauh" in say(found, "id")
    assert {row["head"]: [cell["text"] for cell in row["cells"]] for row in table(ways)} == {
        "Came further": ["20%", "100"],
        "Stayed at the same stage": ["80%", "100"],
        "Named an earlier stage": ["0%", "100"],
    }


def test_nobody_seen_twice_is_said(tmp_path):
    survey = survey_of(
        tmp_path, ["aware"] * 60, ["aware"] * 60, people=[f"n{i}" for i in range(60)]
    )
    assert moves.transitions(survey).to_rows() == []
    (found,) = section.findings(survey)
    assert found.variant == "nobody"
    assert "no respondent has a known stage in both waves" in say(found)


def test_a_study_without_names_of_respondents_says_so(tmp_path):
    (tmp_path / "study.yaml").write_text(
        (HEAD + CUSTOMERS + STAGES).replace("respondent: id\n", ""), encoding="utf-8"
    )
    from cxkit.study import read_study

    survey = survey_of(tmp_path, ["aware"] * 40, ["aware"] * 40, study=read_study(tmp_path))
    (found,) = section.findings(survey)
    assert found.variant == "no_respondent"


def test_too_few_seen_twice_are_not_shown(tmp_path):
    survey = survey_of(tmp_path, ["aware"] * 60, ["consider"] * 20)
    (found,) = section.findings(survey)
    assert found.variant == "hidden"
    assert not [one for one in found.estimates if one.estimate == one.estimate]


def test_a_first_wave_has_no_moves_to_speak_of(tmp_path):
    survey = survey_of(tmp_path, ["aware"] * 60, ["aware"] * 60).where(wave="2025H2")
    assert section.findings(survey) == []


def test_moves_are_told_of_everybody_and_not_of_a_group(tmp_path):
    """Of a group few are seen twice: the others' reports and the whole would tell of them."""
    survey = survey_of(tmp_path, ["consider"] * 100, ["decide"] * 100)
    assert section.findings(survey)
    assert section.findings(survey.where(furthest_stage="decide")) == []


def test_small_rows_of_the_matrix_are_hidden_with_their_base_in_the_table(tmp_path):
    """Of 100 people 12 stood at `decide`: their row is blank, the others are not."""
    survey = survey_of(tmp_path, ["consider"] * 88 + ["decide"] * 12, ["decide"] * 100)
    found, _ = section.findings(survey)
    by_head = {row["head"]: [cell["text"] for cell in row["cells"]] for row in table(found)}
    assert by_head["Consider"][2] == "100%"
    assert by_head["Decide"] == ["**"] * 5
