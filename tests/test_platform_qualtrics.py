"""Qualtrics: header rows of all ages, the .qsf, files saved by a spreadsheet, nobody else's."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from platform_files import real_heads

import cxkit as cx
from cxkit.answers.exports import Export, read_export
from cxkit.answers.platforms import Layout, layout_of, qualtrics
from cxkit.answers.platforms.markup import bare
from cxkit.answers.platforms.qualtrics_columns import import_id
from cxkit.errors import StudyError

RESPONSES = tuple(f"R_{letter * 15}" for letter in "abcdefgh")

# -- an invented export --------------------------------------------------------------------------

OWN = {
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "IPAddress": ("IP Address", "ipAddress"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "UserLanguage": ("User Language", "userLanguage"),
}
ASKED = {
    "sat": ("Overall, how satisfied are you?", {"ImportId": "QID1"}),
    "why": ("Where did you buy? - Selected Choice", {"ImportId": "QID2"}),
    "why_4_TEXT": ("Where did you buy? - Elsewhere - Text", {"ImportId": "QID2_4_TEXT"}),
    "use_1": ("What do you use? - The app", {"ImportId": "QID3", "choiceId": "1"}),
    "use_2": ("What do you use? - Pre-paid", {"ImportId": "QID3", "choiceId": "2"}),
    "grid_1": ("How easy was it to ... - find it", {"ImportId": "QID4_1"}),
    "grid_2": ("How easy was it to ... - pay", {"ImportId": "QID4_2"}),
    "own": ("Anything else?", {"ImportId": "QID5_TEXT"}),
    "age": ("How old are you?", {"ImportId": "QID6_TEXT"}),
    "sat_DO_1": ("Display Order", {"ImportId": "QID1_DO", "choiceId": "1"}),
    "own - Topics": ("own - Topics", {"ImportId": "QID5_TEXT_0a1b2c3d4e5f6a7bTopics"}),
    "time_Page Submit": ("Timing - Page Submit", {"ImportId": "QID7_PAGE_SUBMIT"}),
    "SC0": ("Score", {"ImportId": "SC_0"}),
    "Q_RecaptchaScore": ("Q_RecaptchaScore", {"ImportId": "Q_RecaptchaScore"}),
    "Q_RelevantIDDuplicateScore": ("dup", {"ImportId": "Q_RelevantIDDuplicateScore"}),
    "plan": ("plan", {"ImportId": "plan"}),
}
NAMES = [*OWN, *ASKED]
TEXTS = [*(text for text, _ in OWN.values()), *(text for text, _ in ASKED.values())]
IMPORTS = [
    *(json.dumps({"ImportId": key}, separators=(",", ":")) for _, key in OWN.values()),
    *(json.dumps(key, separators=(",", ":")) for _, key in ASKED.values()),
]


def responses() -> list[list[str]]:
    """Eight responses of the invented survey."""
    return [
        [
            f"2026-03-0{at} 10:00:00", f"2026-03-0{at} 10:0{at}:00", "0", "192.0.2.1", "100",
            str(60 * at), "1", f"2026-03-0{at} 10:0{at}:01", one, "ID",
            str(at % 5 + 1), str(at % 4 + 1), "", "1" if at % 2 else "", "1" if at % 3 else "",
            str(at % 3 + 1), "-99", f"Comment number {at}, long enough.", str(20 + at),
            "1", "", "12.5", "7", "0.9", "0", "gold",
        ]
        for at, one in enumerate(RESPONSES, start=1)
    ]  # fmt: skip


def written(file: Path, rows: Sequence[Sequence[str]], delimiter: str = ",") -> Path:
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=delimiter).writerows(rows)
    return file


@pytest.fixture
def rows() -> list[list[str]]:
    return [NAMES, TEXTS, IMPORTS, *responses()]


def layout(rows: Sequence[Sequence[str]], structure: Path | None = None) -> Layout:
    return layout_of(rows[:20], None, structure)


# -- the header rows -----------------------------------------------------------------------------


def test_three_header_rows_name_and_word_every_column(rows: list[list[str]]) -> None:
    found = layout(rows)
    assert (found.platform, found.n_header, found.names) == ("qualtrics", 3, tuple(NAMES))
    asked = {name: (one.text, one.part) for name, one in found.questions.items()}
    assert asked["sat"] == ("Overall, how satisfied are you?", "")
    assert asked["why"] == ("Where did you buy?", "")
    assert asked["why_4_TEXT"] == ("Where did you buy?", "Elsewhere")
    assert asked["use_2"] == ("What do you use?", "Pre-paid")
    assert asked["grid_1"] == ("How easy was it to ...", "find it")
    assert asked["UserLanguage"] == ("User Language", "")


def test_columns_of_the_platform_have_their_roles(rows: list[list[str]]) -> None:
    found = {name: one.role for name, one in layout(rows).questions.items() if one.role}
    assert found == {
        "StartDate": "started", "EndDate": "ended", "Status": "status", "IPAddress": "ip",
        "Progress": "progress", "Duration (in seconds)": "duration", "Finished": "finished",
        "RecordedDate": "recorded", "ResponseId": "respondent", "UserLanguage": "language",
        "sat_DO_1": "other", "own - Topics": "other", "time_Page Submit": "other", "SC0": "other",
        "Q_RecaptchaScore": "bot_score", "Q_RelevantIDDuplicateScore": "duplicate_score",
    }  # fmt: skip


def test_what_a_column_holds_is_told_by_its_import_id(rows: list[list[str]]) -> None:
    found = layout(rows).questions
    kinds = {name: one.kind for name, one in found.items() if one.kind != "meta"}
    assert kinds == {
        "sat": "single", "why": "single", "why_4_TEXT": "open", "use_1": "several",
        "use_2": "several", "grid_1": "single", "grid_2": "", "own": "open", "age": "number",
        "plan": "",
    }  # fmt: skip
    assert found["use_1"].group == found["use_2"].group == "QID3"
    assert found["grid_1"].group == found["grid_2"].group == "QID4"
    assert found["sat"].group == ""


def test_seen_and_unanswered_is_no_answer(rows: list[list[str]]) -> None:
    found = layout(rows).questions
    assert all(found[name].reasons["-99"] == "no_answer" for name in ("sat", "grid_2", "use_1"))
    assert not found["plan"].reasons
    assert not found["ResponseId"].reasons


def test_words_for_a_reason_are_reasons_in_both_languages(rows: list[list[str]]) -> None:
    reasons = layout(rows).questions["sat"].reasons
    assert reasons["Don't know"] == reasons["Tidak tahu"] == "dont_know"
    assert "N/A" not in reasons


def test_test_responses_can_be_told(rows: list[list[str]]) -> None:
    status = layout(rows).questions["Status"].labels
    assert (status["1"], status["2"]) == ("Survey Preview", "Survey Test")


def test_single_quotes_of_older_exports_are_import_ids_too(rows: list[list[str]]) -> None:
    rows[2] = [one.replace('"', "'").replace(":", ": ") for one in rows[2]]
    assert layout(rows).n_header == 3
    assert layout(rows).questions["use_1"].kind == "several"


def test_ticks_without_a_choice_are_told_by_the_answers() -> None:
    """Nothing but 1, blanks beside, five who answered: else nobody knows whether it is a matrix."""
    head = [
        ["ResponseID", "StartDate", "EndDate", "Status", "m_1", "m_2", "n_1", "n_2"],
        ["ResponseID", "StartDate", "EndDate", "Status", "Use-a", "Use-b", "Rate-a", "Rate-b"],
        [f"{{'ImportId': '{one}'}}" for one in
         ("responseId", "startDate", "endDate", "status", "QID1-1", "QID1-2", "QID2-1", "QID2-2")],
    ]  # fmt: skip
    day = "2026-03-02 10:00:00"
    answers = [[one, day, day, "0", "1", "" if at else "1", "1", "2"]
               for at, one in enumerate(RESPONSES)]  # fmt: skip
    found = layout([*head, *answers]).questions
    assert [found[name].kind for name in ("m_1", "m_2", "n_1", "n_2")] == [
        "several", "several", "single", "single",
    ]  # fmt: skip
    assert (found["m_1"].text, found["m_2"].part) == ("Use", "b")
    assert layout([*head, *answers[:4]]).questions["m_1"].kind == "single"


def test_loops_are_told_apart(rows: list[list[str]], qsf: Path) -> None:
    loops = [["1_sat", "2_sat"], ["[Field-1]: satisfied?"] * 2,
             ['{"ImportId":"1_QID1"}', '{"ImportId":"2_QID1"}'], *[["3", "4"]] * 8]  # fmt: skip
    both = [[*row, *more] for row, more in zip(rows, loops, strict=True)]
    found = layout(both, qsf).questions
    assert (found["1_sat"].part, found["2_sat"].part) == ("1", "2")
    assert found["1_sat"].labels == found["sat"].labels
    assert layout(both).questions["1_sat"].text == "…: satisfied?"


@pytest.mark.parametrize("form", ["csv", "tsv", "semicolons", "utf16", "xlsx"])
def test_every_file_form_reads_the_same(rows: list[list[str]], tmp_path: Path, form: str) -> None:
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([one or None for one in row])
        file = tmp_path / "export.xlsx"
        book.save(file)
    elif form == "utf16":
        file = tmp_path / "export.tsv"
        with file.open("w", encoding="utf-16", newline="") as target:
            csv.writer(target, delimiter="\t").writerows(rows)
    else:
        name, delimiter = {
            "csv": ("a.csv", ","),
            "tsv": ("a.tsv", "\t"),
            "semicolons": ("a.csv", ";"),
        }[form]
        file = written(tmp_path / name, rows, delimiter)
    export = read_export(file)
    assert (export.platform, export.n_rows, tuple(export.columns)) == ("qualtrics", 8, tuple(NAMES))
    assert list(export.cells["ResponseId"]) == list(RESPONSES)
    assert export.problems == ()


# -- the older form ------------------------------------------------------------------------------

LEGACY = [
    ["V1", "V2", "V3", "V8", "V10", "Q1", "Q2_1", "Q2_2", "LocationLatitude", ""],
    ["ResponseID", "ResponseSet", "Name", "StartDate", "Finished", "How was it?",
     "Rate-Price", "Rate-Place", "LocationLatitude", ""],
    [RESPONSES[0], "Default Response Set", "Anonymous", "2026-03-02 10:00:00", "1", "4", "3", "2",
     "1.5", ""],
]  # fmt: skip


def test_the_older_form_has_two_header_rows(tmp_path: Path) -> None:
    export = read_export(written(tmp_path / "legacy.csv", LEGACY))
    assert (export.platform, export.n_rows) == ("qualtrics", 1)
    assert tuple(export.columns) == tuple(LEGACY[0][:-1])
    roles = [one.role for one in export.columns.values()]
    assert roles == ["respondent", "other", "name", "started", "finished", "", "", "", "latitude"]
    assert export.columns["Q2_2"].wording == "Rate: Place"


# -- what a spreadsheet leaves of it -------------------------------------------------------------


def test_without_import_ids_names_and_texts_are_read(rows: list[list[str]]) -> None:
    found = layout([rows[0], rows[1], *rows[3:]])
    assert (found.platform, found.n_header) == ("qualtrics", 2)
    assert found.questions["grid_2"].wording == "How easy was it to ...: pay"
    assert found.questions["Duration (in seconds)"].role == "duration"


def test_without_texts_and_import_ids_names_are_read(rows: list[list[str]]) -> None:
    found = layout([rows[0], *rows[3:]])
    assert (found.platform, found.n_header) == ("qualtrics", 1)
    assert found.questions["ResponseId"].role == "respondent"
    assert found.questions["sat"].text == ""


def test_without_texts_names_and_import_ids_are_read(rows: list[list[str]]) -> None:
    found = layout([rows[0], *rows[2:]])
    assert (found.platform, found.n_header) == ("qualtrics", 2)
    assert found.questions["use_1"].kind == "several"


@pytest.mark.parametrize("n_header", [1, 2, 3])
def test_header_rows_without_answers_are_no_answers(
    rows: list[list[str]], n_header: int, tmp_path: Path
) -> None:
    (problem,) = read_export(written(tmp_path / "a.csv", rows[:n_header])).problems
    assert problem.code == "header_only"


@pytest.mark.parametrize("first", [1, 2, 3])
def test_without_its_names_an_export_is_refused(
    rows: list[list[str]], first: int, tmp_path: Path
) -> None:
    export = read_export(written(tmp_path / "a.csv", rows[first:]))
    (problem,) = export.problems
    assert (problem.code, export.n_rows) == ("broken_export", 0)
    assert "gone" in problem.message
    assert "spreadsheet" in str(problem.hint)


def test_rows_above_the_header_are_refused_by_name(rows: list[list[str]], tmp_path: Path) -> None:
    export = read_export(written(tmp_path / "a.csv", [["My export"] + [""] * 25, *rows]))
    assert "rows above the header" in export.problems[0].message


# -- the questionnaire file ----------------------------------------------------------------------


def question(number: int, tag: str, kind: str, selector: str, text: str, **more: Any) -> dict:
    payload = {
        "QuestionID": f"QID{number}", "DataExportTag": tag, "QuestionType": kind,
        "Selector": selector, "QuestionText": text, "Language": [], **more,
    }  # fmt: skip
    return {"Element": "SQ", "PrimaryAttribute": f"QID{number}", "Payload": payload}


def shown(*labels: str) -> dict[str, dict[str, str]]:
    return {str(at): {"Display": label} for at, label in enumerate(labels, start=1)}


SATISFIED = question(
    1, "sat", "MC", "SAVR", "Overall, how <b>satisfied</b> are you?&nbsp;",
    Choices=shown("Low", "Middle", "High", "Don't know", "No opinion"),
    ChoiceOrder=["1", "2", "3", "4", "5"],
    RecodeValues={"1": "1", "2": "2", "3": "3", "4": "-1", "5": "-2"},
    VariableNaming={"1": "lo", "2": "mid", "3": "hi", "4": "dk", "5": "none"},
    Language={"ID": {"QuestionText": "Seberapa <i>puas</i> Anda?", "Choices": shown(
        "Rendah", "Sedang", "Tinggi", "Tidak tahu", "Tidak ada pendapat")}},
)  # fmt: skip
ELEMENTS = [
    {"Element": "BL", "Payload": [
        {"Type": "Default", "Description": "All", "BlockElements": [
            {"Type": "Question", "QuestionID": f"QID{at}"} for at in range(1, 10)]},
        {"Type": "Trash", "Description": "Trash", "BlockElements": [
            {"Type": "Question", "QuestionID": "QID99"}]},
    ]},
    SATISFIED,
    question(2, "why", "MC", "SAVR", "Where did you buy?", Choices={
        "1": {"Display": "Shop"}, "4": {"Display": "Elsewhere", "TextEntry": "true"}},
        ChoiceOrder=[4, 1]),
    question(3, "use", "MC", "MAVR", "What do you use?", Choices=shown("The app", "Pre-paid")),
    question(4, "grid", "Matrix", "Likert", "How easy was it to ...", SubSelector="SingleAnswer",
             Choices=shown("find it", "pay"), Answers=shown("Hard", "Easy", "Not applicable"),
             AnalyzeChoices={"3": "No"}, ChoiceDataExportTags={"1": "grid_1", "2": "paying"}),
    question(5, "own", "TE", "ML", "Anything else?"),
    question(6, "age", "TE", "SL", "How old are you?",
             Validation={"Settings": {"ContentType": "ValidNumber"}}),
    question(7, "many", "Matrix", "Likert", "When?", SubSelector="MultipleAnswer",
             Choices=shown("came", "went"), Answers=shown("Then", "Now")),
    question(8, "side", "SBS", "SBSMatrix", "Compare", Choices=shown("us", "them"),
             AdditionalQuestions={"1": {"QuestionType": "Matrix", "Selector": "Likert",
                                        "SubSelector": "SingleAnswer", "QuestionText": "price",
                                        "Answers": shown("low", "high")}}),
    question(9, "bar", "Slider", "HSLIDER", "How much?", Choices=shown("this", "that")),
    question(99, "old", "TE", "SL", "Thrown away"),
]  # fmt: skip


@pytest.fixture
def qsf(tmp_path: Path) -> Path:
    entry = {"SurveyName": "A shop", "SurveyLanguage": "EN"}
    file = tmp_path / "shop.qsf"
    file.write_text(json.dumps({"SurveyEntry": entry, "SurveyElements": ELEMENTS}), "utf-8")
    return file


def test_a_qsf_tells_its_survey(qsf: Path) -> None:
    survey = qualtrics.structure(qsf)
    assert (survey.title, survey.languages, survey.groups) == ("A shop", ("en", "id"), ("All",))
    assert Counter(survey.types.values()) == {"MC": 3, "Matrix": 2, "TE": 2, "SBS": 1, "Slider": 1}
    assert "old" not in survey.questions


def test_a_qsf_knows_the_columns_of_each_type(qsf: Path) -> None:
    kinds = {name: one.kind for name, one in qualtrics.structure(qsf).questions.items()}
    assert kinds == {
        "sat": "single", "why": "single", "why_4_TEXT": "open", "use": "joined",
        "use_1": "several", "use_2": "several", "grid_1": "single", "grid_grid_1": "single",
        "grid_2": "single", "paying": "single", "grid_paying": "single", "own": "open",
        "age": "number", "many_1": "joined", "many_1_1": "several", "many_1_2": "several",
        "many_2": "joined", "many_2_1": "several", "many_2_2": "several", "side#1_1": "single",
        "side#1_2": "single", "bar_1": "number", "bar_2": "number",
    }  # fmt: skip


def test_a_qsf_words_stems_parts_and_groups(qsf: Path) -> None:
    asked = qualtrics.structure(qsf).questions
    assert asked["sat"].text == "Overall, how satisfied are you?"
    assert (asked["many_2_1"].text, asked["many_2_1"].part) == ("When?: went", "Then")
    assert asked["many_2_1"].group == asked["many_2_2"].group != asked["many_1_1"].group
    assert asked["side#1_2"].wording == "Compare: price: them"
    assert list(asked["why"].labels.items()) == [("4", "Elsewhere"), ("1", "Shop")]


def test_a_reason_is_taken_from_the_kits_own_words_and_never_guessed(qsf: Path) -> None:
    sat = qualtrics.structure(qsf).questions["sat"]
    assert sat.labels == {"1": "Low", "2": "Middle", "3": "High", "-1": "Don't know",
                          "-2": "No opinion"}  # fmt: skip
    assert sat.reasons["-1"] == sat.reasons["Don't know"] == sat.reasons["Tidak tahu"]
    assert sat.reasons["-1"] == "dont_know"
    assert sat.missing == ((-2, -2),)


def test_a_choice_that_is_left_out_of_analyses_is_missing(qsf: Path) -> None:
    grid = qualtrics.structure(qsf).questions["grid_1"]
    assert (grid.reasons["3"], grid.missing) == ("not_applicable", ())
    text = qsf.read_text("utf-8").replace("Not applicable", "N/A")
    qsf.write_text(text, "utf-8")
    grid = qualtrics.structure(qsf).questions["grid_1"]
    assert ("3" in grid.reasons, grid.missing) == (False, ((3, 3),))


@pytest.mark.parametrize(
    ("codes", "missing"),
    [
        (("-2", "-1", "0", "1", "2"), []),
        (("2", "1", "0", "-1", "-2"), []),
        (("-1", "0", "1", "-9"), [-9]),
        (("1", "2", "-1", "-2"), [-1, -2]),
        (("1", "2", "3", "-1"), [-1]),
    ],
)
def test_codes_below_zero_are_points_where_they_mirror_those_above(
    tmp_path: Path, codes: tuple[str, ...], missing: list[int]
) -> None:
    labels = [f"label {at}" for at in range(len(codes))]
    numbers = {str(at): code for at, code in enumerate(codes, start=1)}
    one = question(1, "q", "MC", "SAVR", "?", Choices=shown(*labels), RecodeValues=numbers,
                   ChoiceOrder=list(numbers))  # fmt: skip
    file = tmp_path / "a.qsf"
    entry = {"SurveyName": "a"}
    file.write_text(json.dumps({"SurveyEntry": entry, "SurveyElements": [one]}), "utf-8")
    asked = qualtrics.structure(file).questions["q"]
    assert sorted(low for low, _ in asked.missing) == sorted(missing)


def test_translations_stand_beside_the_question(qsf: Path) -> None:
    sat = qualtrics.structure(qsf).questions["sat"]
    assert sat.translations == {
        "en": ("Overall, how satisfied are you?", ""), "id": ("Seberapa puas Anda?", ""),
    }  # fmt: skip


def test_a_qsf_words_the_export_by_import_id(rows: list[list[str]], qsf: Path) -> None:
    """The texts of the second row may be short, or in another language."""
    rows[1] = ["?"] * len(rows[1])
    found = layout(rows, qsf).questions
    assert found["grid_2"].wording == "How easy was it to ...: pay"
    assert found["sat"].labels["3"] == "High"
    assert (found["use_2"].part, found["use_2"].kind) == ("Pre-paid", "several")


@pytest.mark.parametrize(
    ("given", "labels"),
    [("High", "High"), ("hi", "hi"), ("Tinggi", "Tinggi"), ("3", "High"), ("other", "High")],
)
def test_labels_are_those_that_the_export_writes(
    rows: list[list[str]], qsf: Path, given: str, labels: str
) -> None:
    place = NAMES.index("sat")
    for row in rows[3:]:
        row[place] = given
    assert layout(rows, qsf).questions["sat"].labels["3"] == labels


def test_the_qsf_of_another_survey_is_refused(rows: list[list[str]], qsf: Path) -> None:
    """Import ids count from 1 in every survey: only the texts tell two of them apart.

    Names that the survey gave itself vouch for it, whatever the language of the texts.
    """
    asked = [at for at, cell in enumerate(rows[2]) if '"QID' in cell]
    worded = [*rows[1]]
    for at in asked:
        worded[at] = f"Something else entirely, about horse {at}"
    layout([rows[0], worded, *rows[2:]], qsf)
    names = [f"Q{at}" if at in asked else name for at, name in enumerate(NAMES)]
    layout([names, *rows[1:]], qsf)
    with pytest.raises(StudyError, match=r"'shop\.qsf' is the questionnaire of another survey"):
        layout([names, worded, *rows[2:]], qsf)


def test_a_qsf_without_any_of_the_columns_is_refused(rows: list[list[str]], qsf: Path) -> None:
    told = json.loads(qsf.read_text("utf-8"))
    told["SurveyElements"] = [question(77, "zzz", "TE", "SL", "Never asked")]
    qsf.write_text(json.dumps(told), "utf-8")
    with pytest.raises(StudyError, match="no question that the export has a column for"):
        layout(rows, qsf)


def test_the_questionnaire_of_another_platform_is_refused(
    rows: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "shop.lss").write_text("<document/>", "utf-8")
    with pytest.raises(StudyError, match="no questionnaire file of Qualtrics"):
        layout(rows, tmp_path / "shop.lss")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"ChoiceOrder": 7, "AnswerOrder": "abc"},
        {"ChoiceOrder": {"1": "2"}},
        {"QuestionType": "SBS", "AdditionalQuestions": {"1": None}},
        {"Choices": "x", "Answers": None},
        {"Language": {"ID": {"QuestionText": None, "Choices": 3}}},
        {"Validation": "x", "RecodeValues": [1, 2]},
    ],
)
def test_a_qsf_with_other_kinds_of_values_is_read_as_far_as_it_goes(
    qsf: Path, spoilt: dict[str, Any]
) -> None:
    told = json.loads(qsf.read_text("utf-8"))
    told["SurveyElements"][1]["Payload"] |= spoilt
    told["SurveyElements"][0]["Payload"] += [None, {"BlockElements": [None, 5]}]
    qsf.write_text(json.dumps(told), "utf-8")
    assert "why" in qualtrics.structure(qsf).questions


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"SurveyEntry": {"SurveyName": "a"}}'])
def test_what_is_no_qsf_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.qsf"
    file.write_text(text, "utf-8")
    with pytest.raises(StudyError, match=r"other\.qsf"):
        qualtrics.structure(file)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<div>One<br/>two</div>", "One two"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("Is 2 < 3 and 5 > 4?", "Is 2 < 3 and 5 > 4?"),
        ("<style>p {}</style><p>Text</p>", "Text"),
        ("Hello ${e://Field/Name}, how <b>are</b> you?", "Hello …, how are you?"),
        ("Un<b>believ</b>able", "Unbelievable"),
        ("[QID1-ChoiceTextEntryValue] was?", "… was?"),
    ],
)
def test_markup_is_left_out(marked: str, plain: str) -> None:
    assert bare(marked) == plain


# -- nobody else's -------------------------------------------------------------------------------


def test_a_plain_file_with_its_names_is_no_export() -> None:
    head = [["ResponseId", "StartDate", "EndDate", "Status", "Q1"],
            ["17", "2026-03-02", "2026-03-02", "done", "4"]]  # fmt: skip
    assert layout_of(head).platform == "plain"
    assert layout_of([["id", "V1", "Q1"], ["R_1", "2", "3"]]).platform == "plain"


def test_files_of_other_platforms_are_not_taken(shared_data: Path) -> None:
    for name, head in real_heads(shared_data, "qualtrics"):
        assert qualtrics.layout(head) is None, name


# -- a study of it -------------------------------------------------------------------------------

STUDY = """\
cxkit: 1
study: exported
title: {en: Exported}
brand: Toko Contoh
period: {en: the last 6 months}
languages: [en]
timezone: Asia/Jakarta
sample: {frame: customers, design: opt_in}
answers: {path: export.csv, structure: shop.qsf}
respondent: ResponseId
outcomes:
  satisfaction: {column: sat, metric: csat, scale: three, definition: top_1_box}
scales:
  three: {points: [1, 2, 3], labels: {en: [Low, Middle, High]}, direction: up}
"""


@pytest.fixture
def study(tmp_path: Path, rows: list[list[str]], qsf: Path) -> Path:
    sat = NAMES.index("sat")
    for row, given in zip(rows[3:], ("1", "2", "3", "-1", "-2", "-99", "", "3"), strict=True):
        row[sat] = given
    written(tmp_path / "export.csv", rows)
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    return tmp_path


def test_a_study_reads_codes_reasons_and_the_rest(study: Path) -> None:
    frame = cx.load(study).frame.set_index("respondent").loc[list(RESPONSES)]
    assert frame["outcome:satisfaction"].tolist()[:3] == [1, 2, 3]
    assert frame["why:outcome:satisfaction"].tolist() == [
        "", "", "", "dont_know", "no_answer", "no_answer", "no_answer", "",
    ]  # fmt: skip


def test_the_owner_is_asked_of_a_choice_that_is_no_point(study: Path) -> None:
    told = {one.code: one for one in cx.check(study)}
    assert told["platform"].severity == "note"
    assert "Qualtrics" in told["platform"].message
    assert told["user_missing"].examples == ("-2",)
    assert "No opinion" in told["user_missing"].message


def test_a_choice_text_export_gives_the_same(study: Path, rows: list[list[str]]) -> None:
    before = cx.load(study).frame
    words = {"1": "Low", "2": "Middle", "3": "High", "-1": "Don't know", "-2": "No opinion"}
    sat = NAMES.index("sat")
    for row in rows[3:]:
        row[sat] = words.get(row[sat], row[sat])
    written(study / "export.csv", rows)
    after = cx.load(study).frame
    told = {one.code: one for one in cx.check(study)}
    assert told["user_missing"].examples == ("No opinion",)
    for column in ("respondent", "outcome:satisfaction", "why:outcome:satisfaction"):
        assert after[column].equals(before[column])


# -- real exports --------------------------------------------------------------------------------

REAL = ("qualtrics_modern_de.csv", "no_basis_for_evaluation.csv")


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "qualtrics"


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "expected.json").read_text("utf-8"))


def raw(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.reader(source))


def exported(folder: Path, name: str) -> Export:
    structure = folder / name.replace(".csv", ".qsf")
    return read_export(folder / name, structure=structure if structure.is_file() else None)


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_has_its_columns_and_responses(
    folder: Path, expected: dict[str, Any], name: str
) -> None:
    export, told = exported(folder, name), expected[name]
    assert export.platform == "qualtrics"
    assert export.problems == ()
    assert (len(export.columns), export.n_rows) == (told["n_columns"], told["n_responses"])
    assert layout(raw(folder / name)).n_header == told["n_header_rows"]
    assert list(export.columns)[:12] == told["first_columns"]
    first = {column: cells.array()[0] for column, cells in export.cells.items()}
    assert {column: text for column, text in first.items() if text} == told["first_response"]
    filled = {column: int((cells != "").sum()) for column, cells in export.cells.items()}
    assert filled == told["nonblank_counts"]


@pytest.mark.parametrize("name", REAL)
def test_a_real_export_has_its_import_ids_and_questions(
    folder: Path, expected: dict[str, Any], name: str
) -> None:
    told = expected[name]
    ids = [import_id(cell) for cell in raw(folder / name)[2]]
    assert ids[:12] == told["import_ids_first_12"]
    asked = [one for one, key in zip(raw(folder / name)[0], ids, strict=True) if "QID" in key]
    assert asked == told["question_columns"]
    assert len(asked) == told["n_columns_with_QID"]
    columns = exported(folder, name).columns
    texts = told["question_text_of_first_5_question_columns"]
    for column, text in zip(asked, texts, strict=False):
        one = columns[column]
        assert "-".join(filter(None, (one.text, one.part))) == text
    own = [column for column in columns if column not in asked]
    assert all(columns[column].role for column in own)


def test_a_real_export_of_the_older_form_is_read(folder: Path, expected: dict[str, Any]) -> None:
    name = "qualtrics_legacy_2header.csv"
    rows, told = raw(folder / name), expected[name]
    assert (len(rows), layout(rows).n_header) == (told["rows_total"], told["n_header_rows"])
    export = read_export(folder / name)
    assert (export.n_rows, export.problems) == (told["rows_total"] - told["n_header_rows"], ())
    assert export.columns["Q1"].text == "This is a multiple choice question."
    assert export.cells["Q2"].array()[0] == "Hello World!"


def test_a_real_qsf_tells_its_questions(folder: Path, expected: dict[str, Any]) -> None:
    told = expected["no_basis_for_evaluation.qsf"]
    survey = qualtrics.structure(folder / "no_basis_for_evaluation.qsf")
    assert survey.title == told["survey_name"]
    assert len(survey.types) == told["n_questions"]
    assert Counter(survey.types.values()) == told["question_types"]


def test_choices_that_are_no_points_of_a_real_survey_are_missing(folder: Path) -> None:
    """Its -1 and -2 say that there is no basis for an evaluation."""
    columns = exported(folder, "no_basis_for_evaluation.csv").columns
    assert columns["Q1"].labels == {
        "1": "Great", "2": "In the middle", "3": "Awful", "-1": "No opinion",
    }  # fmt: skip
    assert columns["Q1"].missing == ((-1, -1),)
    assert columns["Q4_2"].labels["-2"] == "Never tried it"
    assert columns["Q4_2"].missing == ((-1, -1), (-2, -2))
    assert columns["Q4_2"].wording.endswith("vegetables: Cucumbers")


def test_real_questions_are_told_without_the_qsf_too(folder: Path) -> None:
    name = "no_basis_for_evaluation.csv"
    with_it, without = exported(folder, name).columns, read_export(folder / name).columns
    for column, one in with_it.items():
        other = without[column]
        assert (one.text, one.part, one.kind, one.group) == (
            other.text, other.part, other.kind, other.group,
        ), column  # fmt: skip
