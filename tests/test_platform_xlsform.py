"""KoboToolbox and ODK: XLSForms in their spellings, every heading of exports, and nobody else's."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import xlsform_files as kobo
from platform_files import real_heads

import cxkit as cx
from cxkit.answers import check
from cxkit.answers.exports import read_export
from cxkit.answers.platforms import layout_of, xlsform
from cxkit.answers.platforms.layout import KINDS, ROLES
from cxkit.answers.platforms.xlsform_sheets import TICKED, Form
from cxkit.errors import StudyError

INDONESIAN, ENGLISH = "Bahasa Indonesia (id)", "English (en)"


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return xlsform.structure(kobo.lay_form(tmp_path_factory.mktemp("form") / "shop.xlsx"))


def head(*heading: str, row: tuple[str, ...] = ()) -> list[list[str]]:
    return [list(heading), list(row or [""] * len(heading))]


KOBO_HEAD = head(*kobo.NAMES, *kobo.KOBO, row=(*kobo.ROW, *kobo.KOBO_ROW))


# -- the form ----------------------------------------------------------------------------------


def test_questions_are_named_with_the_groups_they_stand_in(form: Form) -> None:
    assert tuple(form.types) == (
        "start", "end", "today", "deviceid", "username", "region", "use/channels", "use/n_visits",
        "use/rating/easy", "use/rating/fast", "shops/near", "place", "why", "sum", "thanks",
        "best", "visit/day",
    )  # fmt: skip
    assert form.groups == ("use", "rating", "shops", "visit")
    assert form.title == "Sebuah toko"
    assert form.languages == (INDONESIAN, ENGLISH)


def test_the_spellings_of_a_choice_question_mean_the_same(form: Form) -> None:
    """`select_one`, `select one from`, `select one using`, and the rows of a score."""
    for name in ("use/rating/easy", "use/rating/fast", "shops/near"):
        one = form.questions[name]
        assert one.kind == "single"
        assert dict(one.labels) == {"1": "Tidak", "2": "Ya", "9": "Tidak tahu"}
        assert one.reasons["9"] == "dont_know"


@pytest.mark.parametrize(
    ("spelled", "kind"),
    [
        ("select one from yes_no", "single"),
        ("select_one yes_no", "single"),
        ("select_one_from_file yes_no", "single"),
        ("select one yes_no", "single"),
        ("select1 yes_no", "single"),
        ("add select one prompt using yes_no", "single"),
        ("select_multiple yes_no", "joined"),
        ("select multiple from yes_no", "joined"),
        ("select all that apply from yes_no", "joined"),
        ("add select multiple prompt using yes_no", "joined"),
        ("select_multiple yes_no or_other", "joined"),
        ("rank yes_no", ""),
        ("integer", "number"),
        ("decimal", "number"),
        ("range", "number"),
        ("text", "open"),
        ("date", "date"),
        ("datetime", "date"),
        ("acknowledge", "single"),
        ("note", "meta"),
        ("image", "meta"),
    ],
)
def test_types_hold_what_they_hold(tmp_path: Path, spelled: str, kind: str) -> None:
    survey = (("type", "name", "label"), (spelled, "q", "Asked"))
    choices = (("list_name", "name", "label"), ("yes_no", "yes", "Yes"), ("yes_no", "no", "No"))
    made = kobo.lay_form(tmp_path / "f.xlsx", survey=survey, choices=choices)
    one = xlsform.structure(made).questions["q"]
    assert (one.kind, one.text) == (kind, "Asked")
    assert one.separator == (" " if kind == "joined" else "")
    if kind == "joined" or "one" in spelled:
        assert list(one.labels)[:2] == ["yes", "no"]


def test_several_answers_have_a_column_an_option_and_one_for_other_words(form: Form) -> None:
    whole, app, other, said = (
        form.questions[f"use/channels{end}"] for end in ("", "/app", "/other", "_other")
    )
    assert (whole.kind, whole.separator) == ("joined", " ")
    assert dict(whole.labels) == {"app": "Aplikasi", "web": "Situs", "other": "Other"}
    assert (app.kind, app.part, app.group) == ("several", "Aplikasi", "use/channels")
    assert (app.labels["1"], app.labels["0"]) == ("yes", "no")
    assert other.part == "Other"
    assert said.kind == "open"


def test_every_language_is_told_and_markup_is_not(form: Form) -> None:
    easy = form.questions["use/rating/easy"]
    assert (easy.text, easy.translations) == ("Mudah", {ENGLISH: ("Easy", "")})
    assert form.questions["use/channels/web"].translations[ENGLISH] == ("Through what?", "Web")


def test_what_the_device_writes_has_its_role(form: Form) -> None:
    roles = {name: one.role for name, one in form.questions.items() if one.role}
    assert roles == {
        "start": "started", "end": "ended", "today": "other", "deviceid": "reference",
        "username": "name", "place": "latitude", "_place_latitude": "latitude",
        "_place_longitude": "longitude", "_place_altitude": "other", "_place_precision": "other",
        "_place_accuracy": "other", "thanks": "other",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sheets", "why"),
    [
        ({"answers": (("type", "name"), ("text", "q"))}, "no sheet 'survey'"),
        ({"survey": (("q1", "q2"), ("1", "2"))}, "no sheet 'survey' with columns type and name"),
    ],
)
def test_a_workbook_that_is_no_form_is_refused(tmp_path: Path, sheets: Any, why: str) -> None:
    with pytest.raises(StudyError, match=why) as caught:
        xlsform.structure(kobo.lay_form(tmp_path / "f.xlsx", **sheets))
    assert "XLSForm" in str(caught.value.expected)


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.xls").write_text("type,name\n", encoding="utf-8")
    with pytest.raises(StudyError, match="cannot be read"):
        xlsform.structure(tmp_path / "f.xls")


# -- headings ----------------------------------------------------------------------------------


def test_names_of_kobo_find_their_questions(form: Form) -> None:
    found = xlsform.layout(KOBO_HEAD, form)
    assert found is not None
    assert found.names == (*kobo.NAMES, *kobo.KOBO)
    assert found.says == "the columns that KoboToolbox adds to each submission"
    own = {name: found.questions[name] for name in kobo.NAMES}
    assert own == {name: form.questions[name] for name in kobo.NAMES}


def test_labels_of_kobo_become_the_names_of_the_form(form: Form) -> None:
    row = ("West", "App Web", "1", "1", "0")
    given = (*kobo.ROW[:5], *row, *kobo.ROW[10:], *kobo.KOBO_ROW)
    found = xlsform.layout(head(*kobo.LABELS, *kobo.KOBO, row=given), form)
    assert found is not None
    assert found.names == (*kobo.NAMES, *kobo.KOBO)
    assert found.questions["region"].text == "Region?"
    assert dict(found.questions["region"].labels) == {"west": "West", "east": "East"}
    assert found.questions["use/channels/app"].part == "App"


def test_labels_are_in_the_language_of_the_answers(form: Form) -> None:
    """An export of names and labels as answers: no heading tells its language."""
    row = (*kobo.ROW[:5], "East", *kobo.ROW[6:])
    found = xlsform.layout(head(*kobo.NAMES, row=row), form)
    assert found is not None
    assert found.questions["region"].labels["east"] == "East"


@pytest.mark.parametrize("mark", ["/", "-", ".", ":"])
def test_groups_are_parted_by_any_mark_or_left_out(form: Form, mark: str) -> None:
    heading = [mark.join(("use", "rating", "easy")), "fast", mark.join(("use", "channels", "app"))]
    found = xlsform.layout(head(*heading, "n_visits"), form)
    assert found is not None
    assert found.names == (*heading, "n_visits")
    asked = [found.questions[name].text for name in heading]
    assert asked == ["Mudah", "Cepat", "Lewat mana?"]


def test_odk_central_is_known_with_and_without_a_form(form: Form) -> None:
    for known in (form, None):
        found = xlsform.layout(head(*kobo.ODK), known)
        assert found is not None
        assert found.names == kobo.ODK
        assert found.says == "the columns that ODK adds to each submission"
        assert {name: one.role for name, one in found.questions.items() if one.role} == {
            "SubmissionDate": "recorded", "start": "started", "end": "ended",
            "place-Latitude": "latitude", "place-Longitude": "longitude",
            "place-Altitude": "other", "place-Accuracy": "other", "meta-instanceID": "reference",
            "KEY": "respondent", "SubmitterID": "name", "SubmitterName": "name",
            "AttachmentsPresent": "other", "AttachmentsExpected": "other", "Status": "status",
            "ReviewState": "status", "DeviceID": "reference", "Edits": "other",
            "FormVersion": "other",
        }  # fmt: skip
        text = found.questions["use-rating-easy"].text
        assert text == ("Mudah" if known else "use-rating-easy")


def test_kobo_is_known_by_its_own_columns_without_a_form() -> None:
    found = xlsform.layout(KOBO_HEAD)
    assert found is not None
    assert found.names == (*kobo.NAMES, *kobo.KOBO)
    roles = {name: found.questions[name].role for name in kobo.KOBO}
    assert roles == {
        "_id": "respondent", "_uuid": "reference", "_submission_time": "recorded",
        "_validation_status": "status", "_notes": "other", "_status": "channel",
        "_submitted_by": "name", "__version__": "other", "_tags": "other", "_index": "other",
    }  # fmt: skip
    assert found.questions["_place_longitude"].role == "longitude"
    assert found.questions["start"].role == "started"


def test_options_beside_their_question_are_seen_without_a_form() -> None:
    found = xlsform.layout(KOBO_HEAD)
    assert found is not None
    kinds = {name: one.kind for name, one in found.questions.items() if one.kind != "meta"}
    assert {name for name, kind in kinds.items() if kind == "several"} == {
        "use/channels/app", "use/channels/web", "use/channels/other",
    }  # fmt: skip
    whole = found.questions["use/channels"]
    assert (whole.kind, whole.separator) == ("joined", " ")
    assert found.questions["use/channels/app"].group == "use/channels"
    assert found.questions["use/channels/app"].labels == dict(TICKED)


def test_whole_numbers_within_a_group_are_no_options() -> None:
    """Without the question's own column nothing proves that 1 and 0 tell what was ticked."""
    found = xlsform.layout(head("use/a", "use/b", *kobo.KOBO, row=("1", "0", *kobo.KOBO_ROW)))
    assert found is not None
    assert [found.questions[name].kind for name in ("use/a", "use/b")] == ["", ""]


def test_joined_labels_with_blanks_are_not_taken_apart(tmp_path: Path) -> None:
    survey = (("type", "name", "label"), ("select_multiple c", "q", "Which?"))
    choices = (("list_name", "name", "label"), ("c", "a", "Mobile app"), ("c", "b", "App"))
    form = xlsform.structure(kobo.lay_form(tmp_path / "f.xlsx", survey=survey, choices=choices))
    heading = ("q", *kobo.KOBO)
    codes = xlsform.layout(head(*heading, row=("a b", *kobo.KOBO_ROW)), form)
    labels = xlsform.layout(head(*heading, row=("Mobile app App", *kobo.KOBO_ROW)), form)
    assert codes is not None
    assert labels is not None
    assert codes.questions["q"].kind == "joined"
    assert (labels.questions["q"].kind, labels.questions["q"].separator) == ("", "")


def test_a_label_that_two_questions_share_is_told_by_their_order(tmp_path: Path) -> None:
    survey = (("type", "name", "label"), *(("text", name, "Why?") for name in ("a", "b")))
    form = xlsform.structure(kobo.lay_form(tmp_path / "f.xlsx", survey=survey))
    both = xlsform.layout(head("Why?", "Why?", *kobo.KOBO), form)
    one = xlsform.layout(head("Why?", *kobo.KOBO), form)
    assert both is not None
    assert one is not None
    assert both.names[:2] == ("a", "b")
    assert one.names[0] == "Why?"


# -- whole files -------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_an_export_is_read_with_its_questions(tmp_path: Path, delimiter: str) -> None:
    made = kobo.lay_form(tmp_path / "form.xlsx")
    file = tmp_path / "shop.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(KOBO_HEAD)
    read = read_export(file, structure=made)
    assert (read.platform, read.n_rows, read.problems) == ("xlsform", 1, ())
    assert read.columns["region"].labels["west"] == "Barat"
    assert list(read.cells["use/channels"]) == ["app web"]


def test_a_workbook_of_answers_is_read_with_its_questions(tmp_path: Path) -> None:
    made = kobo.lay_form(tmp_path / "form.xlsx")
    file = kobo.lay_form(tmp_path / "shop.xlsx", shop=KOBO_HEAD)
    read = read_export(file, structure=made)
    assert (read.platform, read.n_rows) == ("xlsform", 1)
    assert read.columns["use/channels/app"].part == "Aplikasi"


def test_an_export_and_its_form_are_a_study_in_minutes(tmp_path: Path) -> None:
    """It passes `check`, which says whose it is; groups stand under the form's labels."""
    kobo.lay_form(tmp_path / "form.xlsx")
    columns = dict(zip((*kobo.NAMES, *kobo.KOBO), (*kobo.ROW, *kobo.KOBO_ROW), strict=True))
    rows = [
        {**columns, "_id": str(at), "region": "east" if at % 3 else "west",
         "use/rating/fast": str(at % 2 + 1)}
        for at in range(30)
    ]  # fmt: skip
    with (tmp_path / "shop.csv").open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=";").writerows([[*columns], *(one.values() for one in rows)])
    (tmp_path / "study.yaml").write_text(
        "cxkit: 1\nstudy: shop\ntitle: Toko\nbrand: Toko\nperiod: bulan ini\n"
        "languages: [id, en]\nsample: {frame: market, design: opt_in}\nframeworks: [pyramid]\n"
        "respondent: _id\nanswers: {path: shop.csv, structure: form.xlsx}\n"
        "scales: {two: {points: 2, low: {id: Tidak, en: No}, high: {id: Ya, en: Yes}, "
        "direction: up}}\n"
        "items: {ful_1: {column: use/rating/fast, scale: two}}\n"
        "segments: {region: {values: {Barat: Barat, Timur: Timur}}}\n",
        encoding="utf-8",
    )
    found = check(tmp_path)
    assert not found.errors, found.table()
    (note,) = [one for one in found if one.code == "platform"]
    assert "KoboToolbox/ODK" in note.message
    survey = cx.load(tmp_path)
    assert survey.frame["segment:region"].value_counts().to_dict() == {"Timur": 20, "Barat": 10}


# -- whose export it is ------------------------------------------------------------------------


def test_its_exports_are_known_as_its_own() -> None:
    assert layout_of(KOBO_HEAD).platform == "xlsform"
    assert layout_of(head(*kobo.ODK)).platform == "xlsform"
    repeat = head("day", "_index", "_parent_table_name", "_parent_index", "_submission__id", "_id")
    assert layout_of(repeat).platform == "xlsform"
    briefcase = head("SubmissionDate", "q1", "meta-instanceID", "KEY")
    assert layout_of(briefcase).platform == "xlsform"


@pytest.mark.parametrize(
    "heading",
    [
        ["_id", "_index", "Q1"],
        ["KEY", "Status", "DeviceID"],
        ["start", "end", "today", "deviceid", "username", "Q1"],
        ["use/a", "use/b"],
    ],
)
def test_a_table_with_a_word_in_common_is_no_export(heading: list[str]) -> None:
    assert xlsform.layout(head(*heading)) is None


def test_a_form_of_another_survey_makes_no_export(form: Form) -> None:
    assert xlsform.layout(head("respondent", "Q1", "Q2", "why", "Q4"), form) is None


@pytest.mark.usefixtures("shared_data")
def test_no_other_sample_is_taken_for_a_form(shared_data: Path, form: Form) -> None:
    heads = dict(real_heads(shared_data))
    assert len(heads) > 10
    for name, rows in heads.items():
        assert xlsform.layout(rows) is None, name
        assert xlsform.layout(rows, form) is None, name


# -- the real samples --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tutorial.xls", "flat_xlsform_test.xlsx"])
def test_the_real_forms_are_as_their_numbers_say(shared_data: Path, name: str) -> None:
    folder = shared_data / "xlsform"
    known = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]
    form = xlsform.structure(folder / name)
    assert set(form.sheets) >= set(known)
    for sheet, told in known.items():
        assert list(form.sheets[sheet].columns) == told["columns"], sheet
        assert form.sheets[sheet].n_rows == told["n_rows"], sheet
    types = Counter(row["type"] for row in form.sheets["survey"].rows)
    assert types == known["survey"]["types"]
    assert sorted(form.languages) == known["survey"]["languages"]
    asked = {kind: n for kind, n in types.items() if not kind.startswith(("begin ", "end "))}
    assert Counter(form.types.values()) == asked
    assert all(one.kind in KINDS and one.role in ROLES for one in form.questions.values())


@pytest.mark.usefixtures("shared_data")
def test_the_real_forms_tell_texts_and_labels_as_they_stand(shared_data: Path) -> None:
    tutorial = xlsform.structure(shared_data / "xlsform" / "tutorial.xls")
    sex = tutorial.questions["member/sex"]
    assert (sex.text, sex.kind) == ("Is (NAME) male or female?", "single")
    assert dict(sex.labels) == {"male": "Male", "female": "Female"}
    flat = xlsform.structure(shared_data / "xlsform" / "flat_xlsform_test.xlsx")
    assert flat.title == "Flat test"
    address = flat.questions["everything/address"]
    assert address.translations == {"chinese": ("您好", "")}
    several = flat.questions["everything/group_test/select_multiple_test"]
    assert (several.kind, dict(several.labels)) == ("joined", {"yes": "Yes", "no": "No"})
    chinese = flat.told_in("chinese")["skip_to_end"]
    assert dict(chinese.labels) == {"yes": "是", "no": "没有"}


@pytest.mark.usefixtures("shared_data")
def test_an_export_of_a_real_form_finds_every_question(shared_data: Path) -> None:
    flat = xlsform.structure(shared_data / "xlsform" / "flat_xlsform_test.xlsx")
    found = xlsform.layout(head(*flat.questions, *kobo.KOBO), flat)
    assert found is not None
    assert {name: found.questions[name] for name in flat.questions} == flat.questions


def test_the_form_itself_is_no_export_of_submissions(tmp_path: Path) -> None:
    file = kobo.lay_form(tmp_path / "shop.xlsx")
    (problem,) = read_export(file, sheet="survey").problems
    assert problem.code == "broken_export"
    assert "not its submissions" in problem.message


def test_a_table_with_a_type_a_name_and_a_label_is_no_form() -> None:
    head = [["type", "name", "label"], ["bank", "BCA", "good"], ["text", "x", "y"]]
    assert layout_of(head).platform == "plain"
