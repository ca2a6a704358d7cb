"""The questionnaire for Qualtrics: codes that are fixed, and a list of all that is set by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from asked_study import AHEAD, laid_down

from cxkit import library
from cxkit.answers.platforms.qualtrics_txt import read_txt
from cxkit.answers.questionnaire import Form, form_of
from cxkit.answers.questionnaire.qualtrics import COMPANION, columns, written
from cxkit.errors import StudyError


def whole(folder: Path) -> Form:
    return form_of(laid_down(folder, AHEAD), batteries=library.batteries())


def parsed(text: str) -> dict[str, tuple[str, list[str]]]:
    """Export tag -> type and the lines below it, by the plain rules of the format."""
    found: dict[str, tuple[str, list[str]]] = {}
    kind, tag = "", ""
    for line in text.splitlines():
        if match := re.fullmatch(r"\[\[Question:(.+)\]\]", line):
            kind = match[1]
        elif match := re.fullmatch(r"\[\[ID:(.+)\]\]", line):
            tag = match[1]
            found[tag] = (kind, [])
        elif line.startswith("[[Block"):
            tag = ""
        elif tag and line:
            found[tag][1].append(line)
    return found


def test_the_file_begins_as_the_format_wants(tmp_path: Path) -> None:
    text = written(form_of(laid_down(tmp_path)))[""].decode()
    assert text.startswith("[[AdvancedFormat]]\n")
    assert set(re.findall(r"^\[\[(\w+)", text, re.MULTILINE)) == {
        "AdvancedFormat", "ED", "Block", "Question", "ID", "AdvancedChoices", "Choice",
    }  # fmt: skip


def test_every_choice_has_its_code(tmp_path: Path) -> None:
    told = parsed(written(form_of(laid_down(tmp_path)))[""].decode())
    kind, lines = told["ful_1"]
    assert kind == "MC:SingleAnswer"
    assert lines[1:] == [
        "[[AdvancedChoices]]",
        "[[Choice:1]]", "Sangat tidak setuju", "[[Choice:2]]", "Tidak setuju",
        "[[Choice:3]]", "Netral", "[[Choice:4]]", "Setuju", "[[Choice:5]]", "Sangat setuju",
        "[[Choice:96]]", "Belum pernah mengalami", "[[Choice:97]]", "Tidak tahu",
    ]  # fmt: skip
    assert told["scr_aware"][1][1:4] == ["[[AdvancedChoices]]", "[[Choice:1]]", "Ya"]
    assert told["pro_interaction_channel"][0] == "MC:MultipleAnswer"
    assert told["cmt_reason"][0] == "TE:Essay"


def test_every_question_stands_under_the_studys_column(tmp_path: Path) -> None:
    form = whole(tmp_path)
    told = parsed(written(form)[""].decode())
    asked = [tag for tag, (kind, _) in told.items() if kind != "DB"]
    assert asked == [one.column for one in form.questions]


def test_the_companion_lists_every_question_that_is_routed(tmp_path: Path) -> None:
    form = whole(tmp_path)
    told = written(form)[COMPANION].decode()
    logic = told.split("## Logika tampilan")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in logic.splitlines() if line.startswith("| `")]
    listed = [tag for row in rows for tag in re.findall(r"`([^`]+)`", row[0])]
    routed = [one.column for one in form.questions if one.when is not None]
    assert set(routed) <= set(listed)
    assert len(listed) == len(set(listed))
    of = {tag: row[1] for row in rows for tag in re.findall(r"`([^`]+)`", row[0])}
    assert of["ful_1"] == "`scr_bought` dijawab “Ya” |"
    assert of["chn_same"] == "`pro_interaction_channel` dipilih sedikitnya 2 |"
    assert of["out_spend_why"] == "`scr_bought` dijawab “Ya”; dan `out_spend` tidak diisi |"


def test_the_companion_holds_the_other_language(tmp_path: Path) -> None:
    form = whole(tmp_path)
    told = written(form)[COMPANION].decode()
    for one in form.questions:
        assert one.text["en"] in told
    assert "| Belum pernah mengalami | I have not experienced this |" in told


def test_signs_of_the_format_in_a_text_are_no_tags(tmp_path: Path) -> None:
    brand = "Toko [[PageBreak]] ${e://Field/x} <b>"
    form = form_of(laid_down(tmp_path, brand=f"brand: '{brand}'"))
    text = written(form)[""].decode()
    assert "[[PageBreak]]" not in text
    assert "${" not in text
    assert "<b>" not in text
    file = tmp_path / "q.txt"
    file.write_text(text, encoding="utf-8")
    assert "Toko [[PageBreak]]" in read_txt(file).questions["scr_aware"].text


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    form = whole(tmp_path)
    file = tmp_path / "q.txt"
    file.write_bytes(written(form)[""])
    read = read_txt(file).questions
    assert list(read) == [one.name for one in columns(form)]
    for column in columns(form):
        one = column.question
        if one is not None and one.kind == "single":
            told = {column.codes[c.value]: c.label["id"] for c in one.choices}
            assert dict(read[column.name].labels) == told
    assert read["ful_1"].reasons["96"] == "not_experienced"
    assert read["pro_interaction_channel_1"].part == "Situs Kopi Kita"


def test_another_text_is_no_questionnaire(tmp_path: Path) -> None:
    file = tmp_path / "q.txt"
    file.write_text("1. Halo?\n", encoding="utf-8")
    with pytest.raises(StudyError, match="no advanced-format text"):
        read_txt(file)


def test_a_column_with_brackets_is_refused(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, "items: {tru_1: 'Q[1]'}\n"))
    with pytest.raises(StudyError, match="cannot be an export tag"):
        written(form)
