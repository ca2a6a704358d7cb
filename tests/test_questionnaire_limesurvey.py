"""The questionnaire for LimeSurvey: its own tables, codes within its limits, routing that holds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from asked_study import AHEAD, laid_down

from cxkit import library
from cxkit.answers.platforms import dialect
from cxkit.answers.platforms.limesurvey_codes import code_of
from cxkit.answers.questionnaire import Form, form_of
from cxkit.answers.questionnaire.limesurvey import columns, written
from cxkit.errors import StudyError

WAVE = "wave: gelombang\nwaves: {2026H1: }\n"


def whole(folder: Path) -> Form:
    return form_of(laid_down(folder, AHEAD + WAVE), batteries=library.batteries())


def tree(form: Form) -> ET.Element:
    return ET.fromstring(written(form)[""])


def rows(form: Form, table: str) -> list[dict[str, str]]:
    found = tree(form).findall(f"{table}/rows/row")
    return [{cell.tag: cell.text or "" for cell in row} for row in found]


def fields(root: ET.Element, table: str) -> list[str]:
    return [str(one.text) for one in root.findall(f"{table}/fields/fieldname")]


def test_codes_stay_within_the_limits_of_limesurvey(tmp_path: Path) -> None:
    form = whole(tmp_path)
    titles = [row["title"] for row in rows(form, "questions")]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", title) for title in titles)
    assert len(titles) == len(set(titles))
    assert len(titles) == len(form.questions) + 1
    for row in rows(form, "subquestions"):
        assert re.fullmatch(r"[A-Za-z0-9]{1,20}", row["title"])
    answers = rows(form, "answers")
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", row["code"]) for row in answers)
    assert len(answers) == len({(row["qid"], row["code"]) for row in answers})


@pytest.mark.parametrize(
    ("column", "code"),
    [("ful_1", "ful1"), ("9_umum", "q9umum"), ("a" * 20, "a" * 20), ("Seberapa?", "Seberapa")],
)
def test_a_code_is_the_letters_and_digits_of_a_column(column: str, code: str) -> None:
    assert code_of(column) == code


def test_long_columns_that_begin_alike_keep_apart() -> None:
    long = [f"pro_interaction_channel_{at}" for at in range(200)]
    codes = {code_of(one) for one in long}
    assert len(codes) == 200
    assert {len(one) for one in codes} == {20}


def test_columns_that_lead_to_one_code_are_refused(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, "items: {tru_1: a_1, tru_2: a1}\n"))
    with pytest.raises(StudyError, match="'a_1' and 'a1' have the same code"):
        written(form)


def test_routing_stands_as_relevance(tmp_path: Path) -> None:
    told = {row["title"]: row["relevance"] for row in rows(whole(tmp_path), "questions")}
    assert told["scraware"] == "1"
    assert told["ful1"] == '(scrbought.NAOK == "yes")'
    assert told["outspendwhy"] == '((scrbought.NAOK == "yes") and is_empty(outspend.NAOK))'
    assert told["res1"] == (
        '((scrvisited.NAOK == "yes") or (scrbought.NAOK == "yes")'
        ' or (scrcontacted.NAOK == "yes") or (scrstaff.NAOK == "yes"))'
    )
    ways = code_of("pro_interaction_channel")
    assert told["chnswitch"].startswith(f"(count({ways}_website.NAOK, {ways}_app.NAOK, ")
    assert told["chnswitch"].endswith(f"{ways}_other.NAOK) >= 2)")


def test_every_expression_names_questions_that_are_there(tmp_path: Path) -> None:
    form = whole(tmp_path)
    titles = {row["title"] for row in rows(form, "questions")}
    inner = {row["title"] for row in rows(form, "subquestions")}
    told = [row["relevance"] for row in rows(form, "questions")]
    told += [row["grelevance"] for row in rows(form, "groups")]
    for name in re.findall(r"(\w+)\.NAOK", " ".join(told)):
        question, _, part = name.partition("_")
        assert question in titles, name
        assert not part or part in inner, name


def test_levels_turn_and_statements_turn_inside(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path))
    groups = [row["gid"] for row in rows(form, "groups") if row["randomization_group"]]
    assert len(groups) == 5
    turning = {
        row["qid"]: row["value"]
        for row in rows(form, "question_attributes")
        if row["attribute"] == "random_group"
    }
    of = {row["qid"]: row for row in rows(form, "questions")}
    assert sorted(of[qid]["title"] for qid in turning) == [
        "emo1", "emo2", "ful1", "ful2", "onx1", "onx2", "onx3", "res1", "res2", "tru1", "tru2",
    ]  # fmt: skip
    assert len(set(turning.values())) == 5
    assert {of[qid]["gid"] for qid in turning} == set(groups)


def test_both_languages_stand_in_every_table_of_texts(tmp_path: Path) -> None:
    form = whole(tmp_path)
    for table in ("group_l10ns", "question_l10ns", "answer_l10ns", "surveys_languagesettings"):
        key = "surveyls_language" if table == "surveys_languagesettings" else "language"
        spoken = [row[key] for row in rows(form, table)]
        assert spoken.count("id") == spoken.count("en") > 0
    (survey,) = rows(form, "surveys")
    assert (survey["language"], survey["additional_languages"]) == ("id", "en")
    welcome = {row["surveyls_language"]: row for row in rows(form, "surveys_languagesettings")}
    assert "Taking part is voluntary." in welcome["en"]["surveyls_welcometext"]


def test_the_wave_is_a_hidden_equation(tmp_path: Path) -> None:
    form = whole(tmp_path)
    wave = next(row for row in rows(form, "questions") if row["title"] == "gelombang")
    told = {
        row["attribute"]: row["value"]
        for row in rows(form, "question_attributes")
        if row["qid"] == wave["qid"]
    }
    assert wave["type"] == "*"
    assert told == {"equation": "2026H1", "hidden": "1"}


def test_signs_of_markup_and_expressions_reach_respondents_as_they_are(tmp_path: Path) -> None:
    brand = "A & B <c> ]]> {SAVEDID} {x}"
    form = form_of(laid_down(tmp_path, brand=f"brand: '{brand}'"))
    texts = [row["question"] for row in rows(form, "question_l10ns")]
    assert not any("{" in text or "<" in text for text in texts)
    file = tmp_path / "q.lss"
    file.write_bytes(written(form)[""])
    read = dialect("limesurvey").structure(file).questions["scraware"]
    assert read.text == f"Sebelum survei ini, pernahkah Anda mendengar tentang {brand}?"


def test_the_kits_own_reader_finds_the_same_questions_and_columns(tmp_path: Path) -> None:
    form = whole(tmp_path)
    file = tmp_path / "q.lss"
    file.write_bytes(written(form)[""])
    read = dialect("limesurvey").structure(file)
    assert read.languages == ("id", "en")
    assert list(read.questions) == [one.name for one in columns(form)]
    for column in columns(form):
        one = column.question
        if one is not None and one.kind == "single":
            told = {column.codes[c.value]: c.label["id"] for c in one.choices}
            assert dict(read.questions[column.name].labels) == told
            reasons = {column.codes[c.value] for c in one.choices if c.is_reason}
            usual = reasons - {"95"}  # "I gave no stars" is a wording of that question's own
            assert usual <= set(read.questions[column.name].reasons)


def test_tables_and_columns_are_those_of_limesurveys_own_files(
    shared_data: Path, tmp_path: Path
) -> None:
    theirs = ET.parse(shared_data / "limesurvey" / "colors.lss").getroot()
    ours = tree(whole(tmp_path))
    assert ours.findtext("DBVersion") == theirs.findtext("DBVersion")
    assert ours.findtext("LimeSurveyDocType") == theirs.findtext("LimeSurveyDocType")
    tables = [one.tag for one in ours if one.find("rows") is not None]
    known = [one.tag for one in theirs if one.find("rows") is not None]
    assert [one for one in known if one in tables] == tables
    for table in tables:
        assert fields(ours, table) == fields(theirs, table), table
        for row in ours.iterfind(f"{table}/rows/row"):
            assert {cell.tag for cell in row} <= set(fields(theirs, table))
    needed = {"aid", "qid", "gid", "sid", "title", "type", "code", "language", "relevance"}
    for table in tables:
        for row in ours.iterfind(f"{table}/rows/row"):
            there = {cell.tag for cell in row}
            assert needed & set(fields(ours, table)) <= there, table
