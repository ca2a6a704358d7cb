"""What an export says of codes, labels and reasons reaches the words of the study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from small_study import lay_study

from cxkit.answers import check, load
from cxkit.answers.labelled import resolved
from cxkit.answers.platforms import Question
from cxkit.answers.platforms.exits import reason_of
from cxkit.answers.readers import Table
from cxkit.answers.texts import Texts
from cxkit.errors import Problem
from cxkit.library import scale
from cxkit.study import read_study

RANGE = {str(code): f"Pilihan {code}" for code in range(1, 6)}
"""Labels that no scale of the kit has."""


def told(
    folder: Path, column: str, cells: list[str], asked: Question, **swap: str
) -> tuple[list[str], list[Problem]]:
    """The cells of a column as the study reads them, and what is said of it."""
    study = read_study(lay_study(folder, "a.csv", **swap))
    lines = np.arange(2, len(cells) + 2, dtype=np.int32)
    table = Table("a.csv", (column,), {column: Texts.of(cells)}, lines, (), {column: asked})
    names: Mapping[str, str | None] = {column: column}
    made, problems = resolved(study, "", table, names)
    return list(made[column]), problems


def codes(problems: list[Problem]) -> list[str]:
    return [one.code for one in problems]


def test_labels_that_the_scale_does_not_have_are_read_by_their_codes(tmp_path):
    asked = Question(kind="single", labels=RANGE)
    cells, problems = told(tmp_path, "Q1", ["Pilihan 2", "pilihan 5", "", "4"], asked)
    assert (cells, problems) == (["2", "5", "", "4"], [])


def test_labels_of_the_scale_are_left_to_it(tmp_path):
    labels = {"5": "Sangat setuju", "4": "Setuju"}
    cells, _ = told(tmp_path, "Q1", ["Setuju", "Sangat setuju"], Question(labels=labels))
    assert cells == ["Setuju", "Sangat setuju"]


def test_labels_that_contradict_the_scale_are_refused_as_codes_are(tmp_path):
    labels = {"1": "Sangat setuju", "5": "Sangat tidak setuju"}
    for cells in (["Sangat setuju"], ["1"]):
        _, problems = told(tmp_path, "Q1", cells, Question(labels=labels))
        assert codes(problems) == ["labels_contradict"]


def test_a_code_off_the_scale_puts_no_answer_in_place_of_a_label(tmp_path):
    labels = {**RANGE, "7": "Pilihan 7"}
    cells, problems = told(tmp_path, "Q1", ["Pilihan 7", "Pilihan 1"], Question(labels=labels))
    assert cells == ["Pilihan 7", "1"]
    assert codes(problems) == ["labels_beyond"]


def test_two_codes_with_one_label_tell_nothing(tmp_path):
    labels = {"1": "Pilihan", "2": "Pilihan"}
    assert told(tmp_path, "Q1", ["Pilihan"], Question(labels=labels))[0] == ["Pilihan"]


def test_codes_of_letters_are_read_by_the_labels_of_the_scale(tmp_path):
    labels = {"A1": "Setuju", "A2": "Netral"}
    assert told(tmp_path, "Q1", ["A1", "A2"], Question(labels=labels))[0] == ["Setuju", "Netral"]


def test_a_reason_stands_for_its_code_and_for_its_label(tmp_path):
    asked = Question(labels={**RANGE, "-1": "Belum pernah"}, reasons={"-1": "not_experienced"})
    cells, problems = told(tmp_path, "Q1", ["-1", "Belum pernah", "3"], asked)
    assert (cells, problems) == (["not_experienced", "not_experienced", "3"], [])


def test_a_reason_that_is_a_point_of_the_scale_is_asked_for(tmp_path):
    _, problems = told(tmp_path, "Q1", ["5"], Question(reasons={"5": "dont_know"}))
    assert codes(problems) == ["missing_point"]


def test_what_the_study_says_of_a_code_comes_first(tmp_path):
    more = "agreement_5: {'-1': refused}"
    folder = lay_study(tmp_path, "a.csv", f"text_answers: {{{more}}}\n")
    study = read_study(folder)
    cells = {"Q1": Texts.of(["-1"])}
    asked = {"Q1": Question(reasons={"-1": "dont_know"})}
    table = Table("a.csv", ("Q1",), cells, np.array([2]), (), asked)
    assert list(resolved(study, "", table, {"Q1": "Q1"})[0]["Q1"]) == ["-1"]


def test_a_missing_code_without_a_reason_is_told_with_its_label(tmp_path):
    asked = Question(labels={**RANGE, "-2": "Lewati"}, missing=((-2, -2),))
    cells, problems = told(tmp_path, "Q1", ["-2", "Lewati", "1"], asked)
    assert cells == ["no_answer", "no_answer", "1"]
    assert codes(problems) == ["user_missing", "user_missing"]
    assert all("Lewati" in one.message for one in problems)


def test_words_of_a_base_go_by_label_or_by_code_as_the_study_names_them(tmp_path):
    asked = Question(labels={"1": "Pernah", "2": "Tidak pernah"})
    by_code = {"bases": "bases: {visitors: {column: visited, is: 1}}"}
    by_label = {"bases": "bases: {visitors: {column: visited, is: Pernah}}"}
    assert told(tmp_path, "visited", ["Pernah", "Tidak pernah"], asked, **by_code)[0] == ["1", "2"]
    assert told(tmp_path, "visited", ["1", "2"], asked, **by_label)[0] == [
        "Pernah", "Tidak pernah",
    ]  # fmt: skip
    assert told(tmp_path, "visited", ["1", "2"], asked, **by_code)[0] == ["1", "2"]


def test_a_column_in_two_languages_is_read_in_both(tmp_path):
    """Those who answered in Indonesian and in English stand in one file."""
    labels = scale("agreement_5").labels
    words = [*labels["id"], *labels["en"]]
    rows = "".join(f"r{at},{word},3,yes,Jawa\n" for at, word in enumerate(words))
    (tmp_path / "a.csv").write_text("respondent,Q1,Q2,visited,region\n" + rows, encoding="utf-8")
    folder = lay_study(tmp_path, "a.csv")
    assert not check(folder).errors
    assert load(folder).frame.set_index("respondent")["item:tru_1"].tolist() == [
        1, 2, 3, 4, 5, 1, 2, 3, 4, 5,
    ]  # fmt: skip


def test_words_that_one_question_offers_in_place_of_an_answer_are_a_reason() -> None:
    assert reason_of("Saya tidak memberi bintang") == "not_applicable"
    assert reason_of("I gave no stars") == "not_applicable"
    assert reason_of("5 stars") == ""
