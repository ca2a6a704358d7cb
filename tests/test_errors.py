"""What an error says: the culprit first, then where, what was expected, what to try."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.errors import CxkitError, Problem, ReportError, StudyError, SurveyError, nearest, one_of

UNKNOWN_STAGE = Problem(
    code="unknown_stage",
    message="item 'q7' names an unknown stage 'considr'",
    file="telco/study.yaml",
    line=12,
    column="items.q7.stage",
    expected="one of aware, consider",
    hint="did you mean 'consider'?",
)
OFF_SCALE = Problem(
    code="off_scale",
    message="3 answers lie outside the scale",
    file="answers.csv",
    column="Q9",
    n=3,
    examples=("11", "12"),
)

# Texts that stand on one line, as ours do: words, quotes and punctuation, no space at an end.
line = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
).filter(lambda text: text == text.strip() and len(text.splitlines()) == 1)


def test_an_error_is_four_lines_and_the_first_can_stand_alone() -> None:
    error = StudyError(
        "item 'q7' names an unknown stage 'considr'",
        where="study.yaml: items.q7.stage",
        expected="one of aware, consider",
        hint="did you mean 'consider'?",
    )
    assert str(error).splitlines() == [
        "StudyError: item 'q7' names an unknown stage 'considr'",
        "  where     study.yaml: items.q7.stage",
        "  expected  one of aware, consider",
        "  try       did you mean 'consider'?",
    ]


def test_what_is_not_known_takes_no_line() -> None:
    assert str(SurveyError("nobody answered")) == "SurveyError: nobody answered"
    assert str(SurveyError("nobody answered", hint="add answers")).splitlines() == [
        "SurveyError: nobody answered",
        "  try       add answers",
    ]


def test_the_parts_travel_as_attributes() -> None:
    error = ReportError("it failed", "cell 3", "a table", "look there")
    assert (error.message, error.where, error.expected, error.hint) == (
        "it failed",
        "cell 3",
        "a table",
        "look there",
    )
    assert error.args == ("it failed",)
    assert isinstance(error, CxkitError)


def test_an_error_survives_the_way_to_another_process_as_a_pickle() -> None:
    """A batch hands errors from its workers to its log."""
    error = pickle.loads(pickle.dumps(StudyError.of([UNKNOWN_STAGE, OFF_SCALE])))
    assert type(error) is StudyError
    assert str(error) == str(StudyError.of([UNKNOWN_STAGE, OFF_SCALE]))


# -- several problems ------------------------------------------------------------------------------


def test_several_problems_speak_at_once() -> None:
    assert str(SurveyError.of([UNKNOWN_STAGE, OFF_SCALE])).splitlines() == [
        "SurveyError: 2 problems need mending",
        "",
        "item 'q7' names an unknown stage 'considr'",
        "  where     telco/study.yaml:12: items.q7.stage",
        "  expected  one of aware, consider",
        "  try       did you mean 'consider'?",
        "",
        "3 answers lie outside the scale",
        "  where     answers.csv: Q9",
    ]


def test_a_single_problem_speaks_for_itself() -> None:
    error = StudyError.of([UNKNOWN_STAGE])
    assert str(error).splitlines()[:2] == [
        "StudyError: item 'q7' names an unknown stage 'considr'",
        "  where     telco/study.yaml:12: items.q7.stage",
    ]
    assert error.problems == (UNKNOWN_STAGE,)


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, ""),
        ({"file": "a.yaml"}, "a.yaml"),
        ({"file": "a.yaml", "line": 3}, "a.yaml:3"),
        ({"file": "a.yaml", "column": "q1"}, "a.yaml: q1"),
        ({"file": "a.yaml", "line": 3, "column": "q1"}, "a.yaml:3: q1"),
        ({"column": "q1"}, "q1"),
    ],
)
def test_a_place_says_as_much_as_is_known(known, shown) -> None:
    assert Problem("code", "message", **known).where == shown


def test_a_problem_has_the_keys_of_the_check_report() -> None:
    assert OFF_SCALE.to_dict() == {
        "code": "off_scale",
        "severity": "error",
        "message": "3 answers lie outside the scale",
        "file": "answers.csv",
        "line": None,
        "column": "Q9",
        "n": 3,
        "examples": ["11", "12"],
        "expected": None,
        "try": None,
    }


# -- reading back what was written -----------------------------------------------------------------


@given(line, *([st.none() | line] * 3))
def test_what_an_error_says_can_be_read_back(message, where, expected, hint) -> None:
    """A kernel's traceback holds only text; the four parts come back from it."""
    written = SurveyError(message, where, expected, hint)
    read = SurveyError.parse(str(written))
    assert (read.message, read.where, read.expected, read.hint) == (message, where, expected, hint)


def test_reading_back_several_problems_loses_none_of_them() -> None:
    text = str(StudyError.of([UNKNOWN_STAGE, OFF_SCALE]))
    read = StudyError.parse(text)
    assert str(read) == text


def test_a_text_that_is_no_error_of_ours_stays_as_it_is() -> None:
    text = "Traceback: something else\n  at line 3 of a file"
    assert SurveyError.parse(text).message == text


# -- the nearest word ------------------------------------------------------------------------------


def test_a_word_of_a_choice_is_one_of_the_known() -> None:
    one_of("holm", ("bh", "holm"), "correction")
    with pytest.raises(SurveyError, match="unknown correction 'homl'") as caught:
        one_of("homl", {"bh": 1, "holm": 2}, "correction")
    assert (caught.value.expected, caught.value.hint) == (
        "one of bh, holm",
        "did you mean 'holm'?",
    )
    with pytest.raises(SurveyError, match="unknown correction 'None'"):
        one_of(None, ("bh", "holm"), "correction")


def test_the_nearest_known_word_is_offered() -> None:
    assert nearest("considr", ["aware", "consider", "decide"]) == "did you mean 'consider'?"
    assert nearest("wve", ["wave", "region"]) == "did you mean 'wave'?"


@pytest.mark.parametrize(("word", "known"), [("xyz", ["aware", "consider"]), ("wave", [])])
def test_nothing_is_offered_when_nothing_is_near(word, known) -> None:
    assert nearest(word, known) is None


def test_errors_cost_no_heavy_import() -> None:
    """Whoever says what is wrong must not wait for pandas."""
    script = "import sys, cxkit.errors; print({'numpy', 'pandas', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
