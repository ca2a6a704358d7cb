"""A parameters cell is read without running it; slips on the command line are refused by name."""

from __future__ import annotations

import nbformat
import pytest

from cxkit.errors import StudyError
from cxkit.report.parameters import read_parameters, typed

CELL = """\
study: str = "demo"          # study folder, study.yaml, or the word demo
wave: str | None = None      # wave to report on, all if none
min_base: int | None = None  # groups with fewer answers are hidden
share: float = 0.5           # between 0 and 1
shift: int = -3
is_short: bool = False       # leave out the appendix
mark: str = "# not a comment"  # what stands before a heading
"""


def declared(source: str = CELL, *, tags: tuple[str, ...] = ("parameters",)):
    cells = [
        {"source": "import cxkit as cx", "metadata": {}},
        {"source": source, "metadata": {"tags": list(tags)}},
    ]
    return read_parameters(cells)


def refused(name: str, text: str, source: str = CELL) -> StudyError:
    with pytest.raises(StudyError) as caught:
        typed({name: text}, declared(source), "report")
    return caught.value


def test_the_parameters_stand_in_the_order_of_their_cell() -> None:
    assert list(declared()) == ["study", "wave", "min_base", "share", "shift", "is_short", "mark"]


def test_types_and_defaults_are_read_from_the_cell() -> None:
    read = {name: (one.type, one.optional, one.default) for name, one in declared().items()}
    assert read == {
        "study": ("str", False, "demo"),
        "wave": ("str", True, None),
        "min_base": ("int", True, None),
        "share": ("float", False, 0.5),
        "shift": ("int", False, -3),
        "is_short": ("bool", False, False),
        "mark": ("str", False, "# not a comment"),
    }


def test_the_comment_is_the_help_and_a_hash_inside_a_text_is_not() -> None:
    help_of = {name: one.help for name, one in declared().items()}
    assert help_of["wave"] == "wave to report on, all if none"
    assert help_of["mark"] == "what stands before a heading"
    assert help_of["shift"] == ""


def test_reading_a_cell_runs_none_of_it() -> None:
    assert declared("raise SystemExit\nwave: str = 'a'\n")["wave"].default == "a"


def test_a_value_over_several_lines_takes_the_comment_of_its_last_line() -> None:
    read = declared('words: str = (\n    "one "\n    "two"\n)  # some words\n')
    assert (read["words"].default, read["words"].help) == ("one two", "some words")


def test_a_notebook_without_a_tagged_cell_has_no_parameters() -> None:
    assert declared(tags=()) == {}
    with pytest.raises(StudyError, match="no parameter 'wave'") as caught:
        typed({"wave": "2026H1"}, {}, "mine")
    assert caught.value.expected == "one of none: the notebook has no parameters cell"


def test_the_shipped_report_declares_what_the_design_promises(project) -> None:
    cells = nbformat.read(project / "notebooks" / "report.ipynb", as_version=4).cells
    read = read_parameters(cells)
    assert (read["study"].type, read["study"].default) == ("str", "demo")
    assert (read["wave"].type, read["wave"].optional, read["wave"].default) == ("str", True, None)
    assert all(one.help for one in read.values())


# -- texts of a command line -----------------------------------------------------------------------


def test_texts_become_the_values_that_the_notebook_expects() -> None:
    given = {"study": "shop", "min_base": "50", "share": "0.25", "shift": "-2", "is_short": "yes"}
    assert typed(given, declared(), "report") == {
        "study": "shop",
        "min_base": 50,
        "share": 0.25,
        "shift": -2,
        "is_short": True,
    }


@pytest.mark.parametrize("word", ["none", "None", "null", ""])
def test_none_is_said_in_several_ways(word) -> None:
    assert typed({"wave": word}, declared(), "report") == {"wave": None}


def test_none_is_a_word_like_any_other_where_none_is_not_allowed() -> None:
    assert typed({"study": "none"}, declared(), "report") == {"study": "none"}


@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("YES", True), ("False", False), ("no", False)]
)
def test_yes_and_no_are_true_and_false(word, value) -> None:
    assert typed({"is_short": word}, declared(), "report") == {"is_short": value}


def test_an_unknown_parameter_is_refused_with_the_nearest_known_name() -> None:
    error = refused("min_bas", "50")
    assert str(error).splitlines() == [
        "StudyError: notebook 'report' has no parameter 'min_bas'",
        "  where     report: parameters",
        "  expected  one of study, wave, min_base, share, shift, is_short, mark",
        "  try       did you mean 'min_base'?",
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("min_base", "many", "a whole number, or none"),
        ("min_base", "3.5", "a whole number, or none"),
        ("shift", "none", "a whole number"),
        ("share", "half", "a number"),
        ("is_short", "perhaps", "true or false"),
    ],
)
def test_an_ill_typed_value_is_refused_with_what_was_expected(name, text, expected) -> None:
    error = refused(name, text)
    assert error.message == f"parameter '{name}' cannot be '{text}'"
    assert error.where == f"report: {name}"
    assert error.expected == expected
    assert error.hint == (declared()[name].help or None)


@pytest.mark.parametrize("text", ["nan", "inf", "-infinity"])
def test_a_number_that_is_none_is_refused(text) -> None:
    """Python reads these words as floats; no report can mean them, and JSON cannot say them."""
    assert refused("share", text).expected == "a number"


@pytest.mark.parametrize("source", ["share: float = 1 / 2  # half\n", "share: float = = 2\n"])
def test_a_cell_that_cannot_be_read_is_the_notebooks_slip_and_not_ours(source) -> None:
    with pytest.raises(StudyError):
        declared(source)
