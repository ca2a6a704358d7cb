"""The questionnaire as an XLSForm: pyxform accepts it, and its logic says what the form says."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from asked_study import AHEAD, laid_down
from lxml import etree

from cxkit import library
from cxkit.answers.platforms import dialect
from cxkit.answers.questionnaire import Form, form_of
from cxkit.answers.questionnaire.xlsform import by_hand, columns, sheets, written
from cxkit.errors import StudyError

CHECKED = {"s": "http://www.w3.org/2002/xforms"}


def whole(folder: Path) -> Form:
    """Every question that the kit has."""
    return form_of(laid_down(folder, AHEAD), batteries=library.batteries())


def rows(form: Form, sheet: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(written(form)[""]))
    head, *cells = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in cells]


def by_name(form: Form) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows(form, "survey") if row["type"] != "end_group"}


def test_pyxform_takes_it_without_a_warning(tmp_path: Path) -> None:
    convert = pytest.importorskip("pyxform.xls2xform").convert
    file = tmp_path / "q.xlsx"
    form = whole(tmp_path)
    file.write_bytes(written(form)[""])
    made = convert(str(file))
    assert not made.warnings
    tree = etree.fromstring(made.xform.encode())
    asked = [one.get("nodeset").rpartition("/")[2] for one in tree.iterfind(".//s:bind", CHECKED)]
    assert {one.column for one in form.questions} <= set(asked)
    languages = {one.get("lang") for one in tree.iterfind(".//s:translation", CHECKED)}
    assert languages == {"Indonesia (id)", "English (en)"}


def test_choices_are_named_by_their_meaning(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path))
    offered = [row for row in rows(form, "choices") if row["list_name"] == "agreement_5"]
    assert [row["name"] for row in offered] == [
        "1", "2", "3", "4", "5", "not_experienced", "dont_know",
    ]  # fmt: skip
    assert offered[0]["label::Indonesia (id)"] == "Sangat tidak setuju"
    assert offered[0]["label::English (en)"] == "Strongly disagree"
    lists = [row["list_name"] for row in rows(form, "choices")]
    types = [row["type"].split()[-1] for row in rows(form, "survey") if "select" in row["type"]]
    assert set(types) == set(lists)


def test_relevance_is_xpath(tmp_path: Path) -> None:
    survey = by_name(whole(tmp_path))
    told = {name: row.get("relevant") for name, row in survey.items()}
    assert told["scr_aware"] is None
    assert told["page_screening_scr_visited"] == "${scr_aware} = 'yes'"
    assert told["tru_2"] == "${scr_bought} = 'yes'"
    assert told["page_channels_in_step_statements_chn_switch"] == (
        "count-selected(${pro_interaction_channel}) >= 2"
        " and not(selected(${pro_interaction_channel}, 'unknown'))"
    )
    assert told["wom_recommended"] == "${scr_aware} = 'yes' and ${rch_advocate_peer} = 'yes'"
    assert told["out_spend_why"] == "${scr_bought} = 'yes' and ${out_spend} = ''"
    assert told["page_pyramid_statements_trust"] == (
        "${scr_visited} = 'yes' or ${scr_bought} = 'yes'"
        " or ${scr_contacted} = 'yes' or ${scr_staff} = 'yes'"
    )


def test_an_answer_that_excludes_the_others_is_constrained(tmp_path: Path) -> None:
    ways = by_name(form_of(laid_down(tmp_path)))["pro_interaction_channel"]
    assert ways["type"] == "select_multiple pro_interaction_channel"
    assert ways["constraint"] == "not((selected(., 'unknown')) and count-selected(.) > 1)"


def test_comments_ask_for_no_personal_data_and_need_no_answer(tmp_path: Path) -> None:
    reason = by_name(form_of(laid_down(tmp_path)))["cmt_reason"]
    assert reason["type"] == "text"
    assert reason["hint::Indonesia (id)"].startswith("Mohon tidak menuliskan nama")
    assert reason["required"] is None


def test_the_wave_and_the_version_travel_along(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, "wave: gelombang\nwaves: {2026H1: , 2026H2: }\n"))
    wave = by_name(form)["gelombang"]
    assert (wave["type"], wave["calculation"]) == ("calculate", "'2026H2'")
    (settings,) = rows(form, "settings")
    assert settings["form_id"] == "kopi"
    assert settings["version"] == form.stamp
    assert form.instrument in str(rows(form, "about"))
    assert form.instrument.startswith(form.stamp.split("-")[0])


def test_what_cannot_be_shuffled_is_told(tmp_path: Path) -> None:
    told = " ".join(by_hand(form_of(laid_down(tmp_path))))
    assert "cannot shuffle pages" in told
    assert "Trust" in told
    assert "onx_1, onx_2, onx_3" in told


def test_the_kits_own_reader_finds_the_same_questions(tmp_path: Path) -> None:
    file = tmp_path / "q.xlsx"
    form = form_of(laid_down(tmp_path))
    file.write_bytes(written(form)[""])
    read = dialect("xlsform").structure(file).questions
    known = {name.rpartition("/")[2]: one for name, one in read.items()}
    for one in form.questions:
        assert known[one.column].text == one.text["id"]
        if one.kind == "single":
            told = {choice.value: choice.label["id"] for choice in one.choices}
            assert dict(known[one.column].labels) == told


def test_columns_are_those_of_an_export_of_values(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path))
    names = [one.name for one in columns(form)]
    at = names.index("pro_interaction_channel")
    assert names[at : at + 3] == [
        "pro_interaction_channel",
        "pro_interaction_channel/website",
        "pro_interaction_channel/app",
    ]
    assert columns(form)[names.index("ful_1")].codes["dont_know"] == "dont_know"


@pytest.mark.parametrize(
    ("swap", "message"),
    [
        ({"outcomes": "outcomes: {recommend: {column: 'Q 9'}}"}, "'Q 9' cannot name a question"),
        ({"outcomes": "outcomes: {recommend: {column: start}}"}, "'start' is taken"),
        ({"brand": "brand: 'Toko ${x}'"}, r"holds '\$\{'"),
    ],
)
def test_what_an_xlsform_cannot_hold_is_refused(
    tmp_path: Path, swap: dict[str, str], message: str
) -> None:
    with pytest.raises(StudyError) as caught:
        sheets(form_of(laid_down(tmp_path, **swap)))
    assert re.search(message, str(caught.value))


def test_a_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, "items: {tru_1: {column: Q1, label: '=1+1'}}\n"))
    book = openpyxl.load_workbook(io.BytesIO(written(form)[""]))
    cells = [cell for row in book["survey"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s", "s"]
