"""Several options ticked: yes, no or blank for each, whichever way an export writes them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from small_study import lay_study

import cxkit as cx
from cxkit.answers import check, ticks
from cxkit.answers.platforms import Question
from cxkit.answers.texts import Texts


def of_joined(option: str, *cells: str, separator: str = ";", **more: object) -> list[str]:
    asked = Question(part=option, kind="several", separator=separator, **more)
    return list(ticks.of_joined(Texts.of(cells), asked))


def of_columns(**columns: list[str]) -> dict[str, list[str]]:
    group = {
        name: (Texts.of(cells), Question(part=name, kind="several", group="g"))
        for name, cells in columns.items()
    }
    return {
        name: list(ticks.of_column(cells, list(group.values()), asked))
        for name, (cells, asked) in group.items()
    }


# -- several options in one cell -----------------------------------------------------------------


def test_an_option_in_a_cell_is_yes_where_ticked_no_where_others_were_and_else_blank():
    assert of_joined("Kopi", "Kopi;Teh", "Teh", "", "Kopi") == ["yes", "no", "", "yes"]


def test_an_option_is_no_part_of_another():
    assert of_joined("Teh", "Teh manis;Kopi", "Teh") == ["no", "yes"]
    assert of_joined("app", "web app2", "web app", separator=" ") == ["no", "yes"]


def test_an_option_that_holds_the_separator_is_found_whole():
    assert of_joined("Roti, keju", "Kopi, Roti, keju", "Kopi", separator=", ") == ["yes", "no"]


def test_an_option_goes_by_its_code_and_by_its_label():
    labels = {"app": "Mobile app", "web": "Website"}
    assert of_joined("app", "app web", "web", separator=" ", labels=labels) == ["yes", "no"]
    assert of_joined("Mobile app", "app web", separator=" ", labels=labels) == ["yes"]
    assert of_joined("app", "Mobile app;Website", "Website", labels=labels) == ["yes", "no"]


def test_a_cell_that_is_a_reason_stays_one():
    assert of_joined("Kopi", "Tidak tahu", reasons={"Tidak tahu": "dont_know"}) == ["dont_know"]


# -- a column for each option --------------------------------------------------------------------


def test_a_blank_is_no_only_where_another_option_was_ticked():
    told = of_columns(Radio=["Radio", "", ""], Web=["", "Web", ""])
    assert told == {"Radio": ["yes", "no", ""], "Web": ["no", "yes", ""]}


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("Y", "N"), ("Ya", "Tidak"), ("Yes", "No")])
def test_a_cell_that_says_no_is_no(yes: str, no: str):
    told = of_columns(Radio=[yes, no, no, ""], Web=[no, yes, no, ""])
    assert told["Radio"] == ["yes", "no", "no", ""]


def test_an_option_that_is_called_no_was_ticked_where_it_stands():
    asked = Question(part="No", kind="several", group="g")
    cells = Texts.of(["No", ""])
    assert list(ticks.of_column(cells, [(cells, asked)], asked)) == ["yes", ""]


# -- through a study -----------------------------------------------------------------------------

FORM = (
    ("Timestamp", "Apa yang Anda beli?", "Seberapa setuju?"),
    ("2026/03/02 9:00:00 AM GMT+7", "Kopi;Teh", "5"),
    ("2026/03/02 9:10:00 AM GMT+7", "Teh", "4"),
    ("2026/03/03 9:00:00 AM GMT+7", "", "3"),
    ("2026/03/03 9:05:00 AM GMT+7", "Kopi", "5"),
    ("2026/03/04 9:05:00 AM GMT+7", "Kopi;Teh", "2"),
)  # fmt: skip
OF_FORM = (
    "segments: {}\nbases: {visitors: {column: 'Apa yang Anda beli?/%s', is: yes}}\n"
    "items: {tru_1: 'Seberapa setuju?'}\n"
)


def lay_form(folder: Path, option: str) -> Path:
    with (folder / "form.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(FORM)
    return lay_study(
        folder, "form.csv", OF_FORM % option, respondent="", items="", bases=""
    )  # fmt: skip


def test_a_study_asks_for_an_option_of_a_cell_by_name(tmp_path: Path):
    folder = lay_form(tmp_path, "Kopi")
    assert not check(folder).errors
    assert cx.load(folder).frame["base:visitors"].tolist() == [True, False, False, True, True]


def test_an_option_that_nobody_ticked_is_told_with_the_nearest(tmp_path: Path):
    (told,) = [one for one in check(lay_form(tmp_path, "Kopii")) if one.code == "unknown_option"]
    assert (told.severity, told.hint) == ("warning", "did you mean 'Kopi'?")


def test_an_option_is_no_column_where_the_question_is_missing(tmp_path: Path):
    folder = lay_form(tmp_path, "Kopi")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text.replace("beli?/", "jual?/"), encoding="utf-8")
    assert [one.code for one in check(folder).errors] == ["missing_column"]
