"""LimeSurvey: every heading of its exports, its structure files and archives, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import limesurvey_files as lime
import pytest
from platform_files import real_heads

import cxkit as cx
from cxkit.answers import check
from cxkit.answers.exports import read_export
from cxkit.answers.platforms import layout_of, limesurvey
from cxkit.answers.platforms.limesurvey_form import Form
from cxkit.errors import StudyError

OWN_ROW = ["1", "2026-03-02 10:00:00", "3", "en", "99"]


@pytest.fixture(params=["new", "old"])
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Form:
    """The invented survey as version 6 writes it, and as version 3 did."""
    file = tmp_path / "shop.lss"
    file.write_text(lime.lss(request.param == "new"), encoding="utf-8")
    return limesurvey.structure(file)


def cells(**given: str) -> list[str]:
    """A response of the invented survey: the cells that are given, by question code."""
    told = {name.replace("[", "_").replace("]", ""): name for name in lime.NAMES}
    own = {told[key]: value for key, value in given.items()}
    return [*OWN_ROW, *(own.get(name, "") for name in lime.NAMES)]


# -- the questionnaire -------------------------------------------------------------------------


def test_both_versions_of_lss_tell_the_same_questions(form: Form) -> None:
    assert form.types == {code: kind for _, code, kind, *_ in lime.QUESTIONS}
    assert form.counts == {"G": 1, "Q": 22, "SQ": 15, "A": 12}
    assert form.languages == ("en", "id")
    assert form.title == "A shop"
    assert form.groups == ("All",)
    assert form.db_version in ("606", "359")


def test_every_type_has_the_columns_of_an_export(form: Form) -> None:
    """As LimeSurvey heads them by code, by text, and as its database names them."""
    assert tuple(form.questions) == lime.NAMES
    assert tuple(one.heading("en") for one in form.columns) == lime.TEXTS
    assert tuple(one.field.replace("-", "#") for one in form.columns) == lime.FIELDS


def test_each_type_holds_what_it_holds(form: Form) -> None:
    kinds = {name: one.kind for name, one in form.questions.items()}
    assert [name for name, kind in kinds.items() if kind == "several"] == [
        "USE[SQ001]", "USE[SQ002]", "TOO[SQ001]",
    ]  # fmt: skip
    assert [name for name, kind in kinds.items() if kind == "number"] == [
        "SUM[SQ001_SX001]", "KNO[SQ001]", "AGE",
    ]  # fmt: skip
    assert [name for name, kind in kinds.items() if kind == "open"] == [
        "HOW[other]", "WHY[comment]", "USE[other]", "TOO[SQ001comment]", "SAY[SQ001_SX001]",
        "SAY[SQ001_SX002]", "OPE",
    ]  # fmt: skip
    assert [name for name, kind in kinds.items() if kind == "meta"] == [
        "TXT", "FIL", "FIL[filecount]",
    ]  # fmt: skip
    assert kinds["DAY"] == "date"
    assert [name for name, kind in kinds.items() if kind == "single"] == [
        "REC", "HOW", "WHY", "SAT[SQ001]", "SAT[SQ002]", "TWO[SQ001][1]", "TWO[SQ001][2]", "YES",
        "GEN", "FIV", "RNK[1]", "RNK[2]", "UNC[SQ001]", "INC[SQ001]", "TEN[SQ001]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("REC", {"A1": "Good", "A2": "Bad"}),
        ("HOW", {"A1": "Good", "-oth-": "Other"}),
        ("SAT[SQ002]", {"A1": "Good", "A2": "Bad"}),
        ("TWO[SQ001][2]", {"A1": "Good", "A2": "Bad"}),
        ("RNK[1]", {"A1": "Good", "A2": "Bad"}),
        ("YES", {"Y": "Yes", "N": "No"}),
        ("GEN", {"F": "Female", "M": "Male"}),
        ("UNC[SQ001]", {"Y": "Yes", "U": "Uncertain", "N": "No"}),
        ("INC[SQ001]", {"I": "Increase", "S": "Same", "D": "Decrease"}),
        ("FIV", {code: code for code in "12345"}),
        ("TEN[SQ001]", {str(code): str(code) for code in range(1, 11)}),
        ("USE[SQ001]", {"Y": "yes", "Yes": "yes", "N": "no", "No": "no"}),
        ("OPE", {}),
    ],
)
def test_labels_follow_from_the_type_or_the_answers(
    form: Form, name: str, labels: dict[str, str]
) -> None:
    assert dict(form.questions[name].labels) == labels


def test_texts_come_without_markup_and_in_every_language(form: Form) -> None:
    assert form.questions["REC"].text == "Would you recommend us?"
    satisfied = form.questions["SAT[SQ001]"]
    assert (satisfied.text, satisfied.part, satisfied.group) == (
        "How satisfied [today]?", "App", "SAT",
    )  # fmt: skip
    assert satisfied.translations == {"id": ("Seberapa puas?", "Aplikasi")}
    assert form.questions["TWO[SQ001][1]"].translations["id"] == (
        "Dulu dan kini", "Aplikasi: Dulu",
    )  # fmt: skip


def test_conditions_and_duties_are_kept(form: Form) -> None:
    asked = {one.code: one for one in form.asked}
    assert [code for code, one in asked.items() if one.is_mandatory] == ["REC"]
    assert asked["WHY"].relevance == 'REC.NAOK == "A1"'
    assert asked["AGE"].relevance == "1"


def test_a_tab_separated_structure_tells_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "shop.tsv"
    file.write_text(lime.tsv(), encoding="utf-8")
    form = limesurvey.structure(file)
    assert tuple(form.questions) == ("SAT[SQ001]", "HOW", "HOW[other]")
    assert form.counts == {"S": 2, "SL": 1, "G": 2, "Q": 4, "SQ": 2, "A": 6}
    assert form.groups == ("All",)
    assert [one.group for one in form.asked] == ["All", "All"]
    satisfied = form.questions["SAT[SQ001]"]
    assert (satisfied.text, dict(satisfied.labels)) == (
        "How satisfied?", {"A1": "Good", "A2": "Don’t know"},
    )  # fmt: skip
    assert satisfied.reasons["A2"] == satisfied.reasons["Don’t know"] == "dont_know"
    assert form.told_in("id")["HOW"].labels == {"A1": "Teman", "-oth-": "Lainnya"}


# -- headings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("between", [". ", " ", ": ", " - ", "|"])
def test_codes_and_texts_are_parted_by_whatever_stands_between(between: str, form: Form) -> None:
    own = zip(lime.OWN, lime.OWN_TEXTS, strict=True)
    asked = zip(lime.NAMES, lime.TEXTS, strict=True)
    heading = [f"{code}{between}{text}" for code, text in (*own, *asked)]
    for known in (form, None):
        found = limesurvey.layout([heading, cells()], known)
        assert found is not None
        assert found.names == (*lime.OWN, *lime.NAMES)
        assert found.says == "a heading of question codes and texts"
        asked_there = found.questions["SAT[SQ002]"]
        assert (asked_there.text, asked_there.part) == ("How satisfied [today]?", "Shop")
        grid = found.questions["SAY[SQ001_SX002]"]
        assert (grid.text, grid.part, grid.group) == ("Say more", "App: Right", "SAY")


def test_codes_alone_are_told_by_the_structure(form: Form) -> None:
    head = [[*lime.OWN, *lime.NAMES], cells()]
    found = limesurvey.layout(head, form)
    assert found is not None
    assert found.names == (*lime.OWN, *lime.NAMES)
    assert found.questions["SAT[SQ002]"] == form.questions["SAT[SQ002]"]
    alone = limesurvey.layout(head)
    assert alone is not None
    assert alone.names == found.names
    assert alone.questions["SAT[SQ002]"].wording == ""
    assert alone.questions["USE[other]"].kind == "open"


def test_codes_as_expressions_write_them_find_their_questions(form: Form) -> None:
    heading = [*lime.OWN, "SAT_SQ001", "TWO_SQ001_1", "AGE"]
    found = limesurvey.layout([heading, [*OWN_ROW, "A1", "A2", "30"]], form)
    assert found is not None
    assert found.names[5:] == ("SAT_SQ001", "TWO_SQ001_1", "AGE")
    assert found.questions["TWO_SQ001_1"] == form.questions["TWO[SQ001][2]"]


def test_texts_alone_become_codes_through_the_structure(form: Form) -> None:
    heading = [*lime.OWN_TEXTS, *lime.TEXTS]
    found = limesurvey.layout([heading, cells()], form)
    assert found is not None
    assert found.names == (*lime.OWN, *lime.NAMES)
    assert "named through the questionnaire's file" in found.says


def test_texts_alone_stay_where_no_structure_is_given() -> None:
    heading = [*lime.OWN_TEXTS, "Why?", "Age", "Why?"]
    found = limesurvey.layout([heading, [*OWN_ROW, "a", "3", "b"]])
    assert found is not None
    assert found.names == (*lime.OWN, "Why? (1)", "Age", "Why? (2)")
    assert found.questions["Why? (2)"].text == "Why?"


def test_a_text_that_is_asked_oftener_than_exported_is_not_guessed(tmp_path: Path) -> None:
    """One of two questions with one text was left out of the export: which one is not known."""
    text = lime.lss(True).replace("Your age?", "Anything else?")
    (tmp_path / "twice.lss").write_text(text, encoding="utf-8")
    twice = limesurvey.structure(tmp_path / "twice.lss")
    heading = [*lime.OWN_TEXTS, "Anything else?", "Points"]
    found = limesurvey.layout([heading, [*OWN_ROW, "30", "4"]], twice)
    assert found is not None
    assert found.names[5:] == ("Anything else?", "FIV")
    both = [*lime.OWN_TEXTS, "Anything else?", "Anything else?"]
    found = limesurvey.layout([both, [*OWN_ROW, "30", "4"]], twice)
    assert found is not None
    assert found.names[5:] == ("AGE", "OPE")


def test_labels_are_in_the_language_of_the_export(form: Form) -> None:
    heading = [*lime.OWN, *lime.NAMES]
    found = limesurvey.layout([heading, cells(REC="Baik", YES="Tidak")], form)
    assert found is not None
    assert dict(found.questions["REC"].labels) == {"A1": "Baik", "A2": "Buruk"}
    assert dict(found.questions["YES"].labels) == {"Y": "Ya", "N": "Tidak"}
    assert dict(found.questions["USE[SQ001]"].labels) == {
        "Y": "yes", "Ya": "yes", "N": "no", "Tidak": "no",
    }  # fmt: skip
    assert found.questions["REC"].text == "Anda akan merekomendasikan kami?"


def test_what_was_not_displayed_was_not_asked(form: Form) -> None:
    for known in (form, None):
        found = limesurvey.layout([[*lime.OWN, *lime.NAMES], cells(YES="N/A")], known)
        assert found is not None
        assert found.questions["YES"].reasons["N/A"] == "not_asked"
        assert not found.questions["seed"].reasons


def test_options_are_seen_in_what_was_ticked_without_a_structure() -> None:
    heading = [*lime.OWN, "USE[SQ001]", "USE[SQ002]", "UNC[SQ001]", "UNC[SQ002]"]
    rows = [[*OWN_ROW, "Y", "", "Y", "N"], [*OWN_ROW, "", "Y", "Y", "Y"]]
    found = limesurvey.layout([heading, *rows])
    assert found is not None
    kinds = [found.questions[name].kind for name in heading[5:]]
    assert kinds == ["several", "several", "", ""]


def test_the_platforms_own_columns_have_their_roles() -> None:
    heading = [
        "id", "submitdate", "lastpage", "startlanguage", "startdate", "datestamp", "ipaddr",
        "refurl", "token", "seed", "interviewtime", "groupTime12", "AGE", "AGETime", "leadTime",
    ]  # fmt: skip
    row = ["1", "2026-03-02 10:00:00", *["x"] * 13]
    found = limesurvey.layout([heading, row])
    assert found is not None
    roles = [found.questions[name].role for name in heading]
    assert roles == [
        "respondent", "ended", "progress", "language", "started", "recorded", "ip", "reference",
        "token", "other", "duration", "other", "", "other", "",
    ]  # fmt: skip


def test_a_survey_without_dates_tells_that_it_was_finished_and_not_when() -> None:
    rows = [["1", "1980-01-01 00:00:00", "2"], ["2", "", "1"]]
    found = limesurvey.layout([["id", "submitdate", "lastpage"], *rows])
    assert found is not None
    assert found.questions["submitdate"].role == "finished"


# -- archives ----------------------------------------------------------------------------------


def archive(folder: Path, **members: str) -> Path:
    """The invented survey with two responses and their times."""
    fields = [*lime.OWN, *lime.FIELDS]
    first = dict(zip(lime.OWN, OWN_ROW, strict=True)) | {
        "123X7X10": "A1", "123X7X13SQ001": "Y", "123X7X13SQ002": "", "123X7X16SQ001#1": "A2",
        "123X7X17SQ001_SX002": "more",
    }  # fmt: skip
    second = {"id": "2", "lastpage": "1", "startlanguage": "id", "123X7X10": ""}
    times = [{"id": "2", "interviewtime": "12.5", "123X7time": "12.5", "123X7X10time": "3"}]
    held = {
        "survey_123.lss": lime.lss(True),
        "survey_123_responses.lsr": lime.lsr([first, second], fields),
        "survey_123_timings.lsi": lime.lsr(
            times, ["id", "interviewtime", "123X7time", "123X7X10time"], "timings"
        ),
    } | {name.replace("__", "."): text for name, text in members.items()}
    return lime.lsa(folder / "survey_123.lsa", held)


def test_an_archive_reads_as_an_export_of_codes(tmp_path: Path) -> None:
    read = read_export(archive(tmp_path))
    assert (read.platform, read.n_rows, read.problems) == ("limesurvey", 2, ())
    more = ("interviewtime", "groupTime7", "RECTime")
    assert tuple(read.columns) == (*lime.OWN, *lime.NAMES, *more)
    told = {name: list(column) for name, column in read.cells.items()}
    assert told["REC"] == ["A1", ""]
    assert told["USE[SQ001]"] == ["Y", "N/A"]
    assert told["USE[SQ002]"] == ["", "N/A"]
    assert told["TWO[SQ001][2]"] == ["A2", "N/A"]
    assert told["SAY[SQ001_SX002]"] == ["more", "N/A"]
    assert told["submitdate"] == ["2026-03-02 10:00:00", ""]
    assert told["interviewtime"] == ["", "12.5"]
    assert read.columns["interviewtime"].role == "duration"
    assert read.columns["REC"].reasons["N/A"] == "not_asked"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("survey_123__lss", "<document><LimeSurveyDocType>Survey"),
        ("survey_123_responses__lsr", "<document><responses><fields/><rows><row><id>1</id>"),
    ],
)
def test_a_damaged_archive_is_refused(tmp_path: Path, name: str, text: str) -> None:
    read = read_export(archive(tmp_path, **{name: text}))
    assert [one.code for one in read.problems] == ["unreadable"]
    assert not read.cells


def test_an_archive_without_responses_says_so(tmp_path: Path) -> None:
    file = lime.lsa(tmp_path / "a.lsa", {"a.lss": lime.lss(True)})
    (slip,) = read_export(file).problems
    assert "no responses (.lsr)" in slip.message


def test_an_archive_is_no_export_of_another_platform(tmp_path: Path) -> None:
    (slip,) = read_export(archive(tmp_path), platform="qualtrics").problems
    assert slip.code == "another_platform"


def test_entities_in_an_archive_are_never_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    text = lime.lss(True).replace("<document>", f"{bomb}<document>", 1)
    (slip,) = read_export(archive(tmp_path, survey_123__lss=text)).problems
    assert slip.code == "unreadable"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.lss", "no XML at all", "no XML"),
        ("a.lss", "<document/>", "no file of LimeSurvey"),
        ("a.lss", lime.lsr([], []), "'Responses'"),
        ("a.lsa", "no archive", "not a zip file"),
        ("a.tsv", "one\ttwo\n", "does not name class"),
        ("a.txt", "class\tname\ttext\nS\tlanguage\ten\n", "no question"),
    ],
)
def test_a_structure_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=why) as caught:
        limesurvey.structure(tmp_path / name)
    assert caught.value.hint


# -- whole files -------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_export_is_read_with_its_questions(tmp_path: Path, delimiter: str) -> None:
    """With the byte order mark, quoted cells, and the blank line at the end of such a file."""
    (tmp_path / "shop.lss").write_text(lime.lss(True), encoding="utf-8")
    text = io.StringIO()
    written = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    written.writerow([*lime.OWN, *lime.NAMES])
    written.writerow(cells(REC="A1", OPE=f"good{delimiter} fast\nand cheap", USE_SQ001="Y"))
    written.writerow(cells(REC="N/A"))
    file = tmp_path / "results-survey123.csv"
    file.write_bytes(("﻿" + text.getvalue() + "\r\n").encode())
    read = read_export(file, structure=tmp_path / "shop.lss")
    assert (read.platform, read.n_rows) == ("limesurvey", 2)
    assert not [one for one in read.problems if one.severity == "error"]
    assert list(read.cells["REC"]) == ["A1", "N/A"]
    assert read.columns["REC"].text == "Would you recommend us?"


# -- whose export it is ------------------------------------------------------------------------


def test_its_exports_are_known_as_its_own() -> None:
    head = [[*lime.OWN, *lime.NAMES], cells()]
    assert layout_of(head).platform == "limesurvey"
    assert layout_of([[*lime.OWN_TEXTS, "Why?"], [*OWN_ROW, ""]]).platform == "limesurvey"


@pytest.mark.parametrize(
    "heading",
    [
        ["id", "token", "seed", "startdate", "Q1"],
        ["respondent", "Q1", "Q2[SQ001]"],
        ["id", "submitdate", "email"],
        ["Response ID", "Date submitted", "Q1"],
        ["Timestamp", "Why?", "Why? [App]"],
    ],
)
def test_a_table_with_a_word_in_common_is_no_export(heading: list[str]) -> None:
    assert limesurvey.layout([heading, ["1"] * len(heading)]) is None


@pytest.mark.usefixtures("shared_data")
def test_no_other_sample_is_taken_for_limesurvey(shared_data: Path) -> None:
    form = limesurvey.structure(shared_data / "limesurvey" / "colors.lss")
    heads = dict(real_heads(shared_data))
    assert len(heads) > 10
    for name, head in heads.items():
        assert limesurvey.layout(head) is None, name
        assert limesurvey.layout(head, form) is None, name


# -- the real samples --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> Path:
    return shared_data / "limesurvey"


@pytest.fixture(scope="module")
def expected(samples: Path) -> dict[str, Any]:
    return json.loads((samples / "expected.json").read_text(encoding="utf-8"))


def test_the_real_lss_is_as_its_numbers_say(samples: Path, expected: Any) -> None:
    known = expected["colors.lss"]
    form = limesurvey.structure(samples / "colors.lss")
    assert list(form.languages) == known["languages"]
    assert form.db_version == known["db_version"]
    names = {"groups": "G", "questions": "Q", "subquestions": "SQ", "answers": "A"}
    for name, kind in names.items():
        assert form.counts[kind] == known[name], name
    assert [list(pair) for pair in form.types.items()] == known["question_codes_and_types"]
    assert len(form.groups) == known["groups"]
    assert len(form.questions) == known["subquestions"] + 3


def test_the_real_tab_separated_structure_is_as_its_numbers_say(
    samples: Path, expected: Any
) -> None:
    known = expected["colors_structure.tsv.txt"]
    form = limesurvey.structure(samples / "colors_structure.tsv.txt")
    assert sum(form.counts.values()) == known["n_rows"]
    assert dict(form.counts) == known["class_counts"]
    told = [[one.code, one.type, one.texts["en"]] for one in form.asked]
    assert told == known["questions"]


def test_both_real_structures_tell_the_same_questions(samples: Path) -> None:
    one, other = (
        limesurvey.structure(samples / name) for name in ("colors.lss", "colors_structure.tsv.txt")
    )
    assert one.questions == other.questions
    assert one.questions["Q00[SQ009]"].part == "black"
    assert list(one.questions["G02Q04"].labels) == ["AO01", "AO02"]


def test_the_real_archive_holds_the_responses_that_are_known(samples: Path, expected: Any) -> None:
    known = expected["colors.lsa"]
    read = read_export(samples / "colors.lsa")
    assert (read.platform, read.problems) == ("limesurvey", ())
    assert read.n_rows == len(known["responses"])
    form = limesurvey.structure(samples / "colors.lsa")
    fields = {column.field: column.name for column in form.columns}
    names = [fields.get(one, one) for one in known["fields"]]
    assert list(read.columns) == names
    for at, response in enumerate(known["responses"]):
        given = {fields.get(key.removeprefix("_"), key): text for key, text in response.items()}
        told = {name: list(read.cells[name])[at] for name in names}
        assert {key: text for key, text in told.items() if text not in ("", "N/A")} == given
    assert list(read.cells["G01Q02"]) == ["I am a fan of heavy metal music", "N/A"]


def test_the_real_archive_is_a_study_in_minutes(samples: Path, tmp_path: Path) -> None:
    """It passes `check`, which says whose it is, and `load` holds both respondents."""
    (tmp_path / "study.yaml").write_text(
        "cxkit: 1\nstudy: colors\ntitle: Colors\nbrand: Colors\nperiod: bulan ini\n"
        "languages: [id, en]\nsample: {frame: market, design: opt_in}\nframeworks: [journey]\n"
        f"respondent: id\nanswers: {{path: '{samples / 'colors.lsa'}'}}\n"
        "segments: {image: {column: G02Q04, values: {fire.png: Api, leaves.png: Daun}}}\n"
        "stages:\n  aware: {reached: {column: 'Q00[SQ001]', is: yes}}\n"
        "  consider: {reached: {column: G01Q03, is: They brighten my day}}\n",
        encoding="utf-8",
    )
    found = check(tmp_path)
    assert not found.errors, found.table()
    (note,) = [one for one in found if one.code == "platform"]
    assert "LimeSurvey" in note.message
    survey = cx.load(tmp_path)
    assert survey.n == 2
    assert list(survey.frame["segment:image"]) == ["fire.png", "fire.png"]


# -- files that are mistaken for one another -----------------------------------------------------

TSV = "id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\tlanguage\n" + "".join(
    f"{at}\t\t{kind}\t{scale}\t{name}\t1\t{text}\ten\n"
    for at, (kind, scale, name, text) in enumerate(
        [("S", "", "sid", "123"), ("G", "0", "All", "All"), ("Q", "T", "OPE", "Anything else?"),
         ("Q", "N", "AGE", "Your age?")], start=1)
)  # fmt: skip


def test_a_tab_separated_structure_may_end_in_txt_without_a_platform_named(tmp_path: Path) -> None:
    """Qualtrics has files that end so too; LimeSurvey names its own `limesurvey_survey_1.txt`."""
    (tmp_path / "limesurvey_survey_1.txt").write_text(TSV, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "id,submitdate,lastpage,startlanguage,OPE,AGE\n1,2026-03-02 10:00:00,3,en,no,40\n",
        encoding="utf-8",
    )
    export = read_export(tmp_path / "a.csv", structure=tmp_path / "limesurvey_survey_1.txt")
    assert export.problems == ()
    assert export.columns["OPE"].text == "Anything else?"
    assert export.columns["AGE"].kind == "number"


def test_a_structure_is_no_export_of_responses(tmp_path: Path) -> None:
    (tmp_path / "survey.txt").write_text(TSV, encoding="utf-8")
    (problem,) = read_export(tmp_path / "survey.txt").problems
    assert problem.code == "broken_export"
    assert "not its responses" in problem.message


def test_the_structure_of_another_survey_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.lss").write_text(lime.lss(True), encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "id,submitdate,lastpage,startlanguage,FARM,COWS\n1,2026-03-02 10:00:00,3,en,no,40\n",
        encoding="utf-8",
    )
    (problem,) = read_export(tmp_path / "a.csv", structure=tmp_path / "other.lss").problems
    assert problem.code == "another_structure"
    assert problem.file == "other.lss"
