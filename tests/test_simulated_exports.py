"""Simulated exports: header rows shaped as real ones, plausible interviews, the same answers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest
from asked_study import laid_down
from click.testing import CliRunner
from platform_files import head_of_text, head_of_workbook
from xlsform_files import KOBO

from cxkit.answers.simulate import simulate
from cxkit.answers.simulate import write as write_plain
from cxkit.answers.simulated import PLATFORMS, Sheet, export, write
from cxkit.cli import cli
from cxkit.errors import StudyError
from cxkit.study import Study, read_study

EXPORTED = tuple(one for one in PLATFORMS if one != "plain")
SEED = 11


@dataclass(frozen=True)
class Pattern:
    """How an export is headed: its own columns, cell by cell, and the shape of all others.

    `own` stands first, and `last` last; None is a cell that the sample has in another language.
    A shape is a regular expression for each header cell of a question.
    """

    own: tuple[tuple[str | None, ...], ...]
    shapes: tuple[tuple[str, ...], ...]
    last: tuple[tuple[str | None, ...], ...] = ()

    @property
    def n_header(self) -> int:
        return len(self.own[0])


def shape(text: str) -> str:
    """The regular expression of all texts that differ from one in its numbers only."""
    return re.sub(r"\d+", r"\\d+", re.escape(text))


QUALTRICS = Pattern(
    own=(
        ("StartDate", None, '{"ImportId":"startDate"}'),
        ("EndDate", None, '{"ImportId":"endDate"}'),
        ("Status", None, '{"ImportId":"status"}'),
        ("IPAddress", None, '{"ImportId":"ipAddress"}'),
        ("Progress", None, '{"ImportId":"progress"}'),
        ("Duration (in seconds)", None, '{"ImportId":"duration"}'),
        ("Finished", None, '{"ImportId":"finished"}'),
        ("RecordedDate", None, '{"ImportId":"recordedDate"}'),
        ("ResponseId", None, '{"ImportId":"_recordId"}'),
        ("RecipientLastName", None, '{"ImportId":"recipientLastName"}'),
        ("RecipientFirstName", None, '{"ImportId":"recipientFirstName"}'),
        ("RecipientEmail", None, '{"ImportId":"recipientEmail"}'),
        ("ExternalReference", None, '{"ImportId":"externalDataReference"}'),
        ("LocationLatitude", None, '{"ImportId":"locationLatitude"}'),
        ("LocationLongitude", None, '{"ImportId":"locationLongitude"}'),
        ("DistributionChannel", None, '{"ImportId":"distributionChannel"}'),
        ("UserLanguage", None, '{"ImportId":"userLanguage"}'),
    ),
    shapes=(
        (r"\w+", r".*\w.*", shape('{"ImportId":"QID1"}')),
        (r"\w+", r".*\w.*", shape('{"ImportId":"QID2_TEXT"}')),
    ),
)
LIMESURVEY = Pattern(
    own=(("id",), ("submitdate",), ("lastpage",), ("startlanguage",), ("seed",)),
    shapes=(
        (r"[A-Za-z][A-Za-z0-9]{0,19}",),
        (r"[A-Za-z][A-Za-z0-9]{0,19}\[[A-Za-z0-9]{1,20}\]",),
    ),
)
SURVEYMONKEY = Pattern(
    own=(
        ("Respondent ID", ""),
        ("Start Date", ""),
        ("End Date", ""),
        ("Email Address", ""),
        ("First Name", ""),
        ("Last Name", ""),
        ("Custom Data 1", ""),
    ),
    shapes=(
        (r".*\w.*", "Response"),
        (r".*\w.*", "Open-Ended Response"),
        (r".*\w.*", r".*\w.*"),
        ("", r".*\w.*"),
    ),
)
GOOGLE_FORMS = Pattern(own=(("Timestamp",),), shapes=((r".*\w.*",),))
XLSFORM = Pattern(
    own=(("start",), ("end",)),
    shapes=((r"[A-Za-z_][A-Za-z0-9_.-]*",), (r"[A-Za-z_][A-Za-z0-9_.-]*/[^\s/]+",)),
    last=tuple((name,) for name in KOBO),
)
FACTS = {
    "qualtrics": QUALTRICS,
    "limesurvey": LIMESURVEY,
    "surveymonkey": SURVEYMONKEY,
    "google_forms": GOOGLE_FORMS,
    "xlsform": XLSFORM,
}
"""What the real samples say, for a clone without them."""

MORE_OF_LIMESURVEY = ("startdate", "datestamp")
"""What LimeSurvey adds to a survey that keeps dates, which the sample does not."""
CHOICE = r'\{"ImportId":"QID\d+","choiceId":"\d+"\}'
"""The import id of an option that may be ticked: the sample has no such question."""


# -- what the samples say ------------------------------------------------------------------------


def of_qualtrics(data: Path) -> Pattern:
    names, texts, ids = head_of_text(data / "qualtrics/qualtrics_modern_de.csv")[:3]
    asked = [at for at, one in enumerate(ids) if json.loads(one)["ImportId"].startswith("QID")]
    assert all(re.fullmatch(r"\w+", names[at]) and texts[at] for at in asked[:2])
    return Pattern(
        own=tuple((names[at], None, ids[at]) for at in range(asked[0])),
        shapes=tuple((r"\w+", r".*\w.*", shape(ids[at])) for at in asked[:2]),
    )


def of_limesurvey(data: Path) -> Pattern:
    """An archive's responses: open surveys, as ours, have no access codes."""
    with zipfile.ZipFile(data / "limesurvey/colors.lsa") as archive:
        name = next(one for one in archive.namelist() if one.endswith(".lsr"))
        fields = [one.text or "" for one in ET.fromstring(archive.read(name)).iter("fieldname")]
    own = tuple((one,) for one in fields if not one[0].isdigit() and one != "token")
    tree = ET.parse(data / "limesurvey/colors.lss")
    titles = [row.findtext("title") or "" for row in tree.iterfind("questions/rows/row")]
    parts = [row.findtext("title") or "" for row in tree.iterfind("subquestions/rows/row")]
    code, part = r"[A-Za-z][A-Za-z0-9]{0,19}", r"[A-Za-z0-9]{1,20}"
    assert all(re.fullmatch(code, one) for one in titles)
    assert all(re.fullmatch(part, one) for one in parts)
    return Pattern(own, ((code,), (rf"{code}\[{part}\]",)))


def of_surveymonkey(data: Path) -> Pattern:
    tops, subs = head_of_workbook(data / "surveymonkey/survey_monkey_output.xlsx")[:2]
    n_own = next(at for at, sub in enumerate(subs) if sub)
    whole = {"Response", "Open-Ended Response"}
    told = list(dict.fromkeys(sub for top, sub in zip(tops, subs, strict=True) if sub in whole))
    assert any(
        top and sub not in whole for top, sub in zip(tops[n_own:], subs[n_own:], strict=True)
    )
    assert any(not top and sub for top, sub in zip(tops, subs, strict=True))
    shapes = [(r".*\w.*", sub) for sub in told]
    return Pattern(
        own=tuple(zip(tops[:n_own], subs[:n_own], strict=True)),
        shapes=(*shapes, (r".*\w.*", r".*\w.*"), ("", r".*\w.*")),
    )


def of_google_forms(data: Path) -> Pattern:
    (names, *_) = head_of_text(data / "google_forms/starbucks_malaysia.csv")
    assert all(re.fullmatch(r".*\w.*", name) for name in names[1:])
    return Pattern(((names[0],),), ((r".*\w.*",),))


def of_xlsform(data: Path) -> Pattern:
    """A form: what its device writes down, and the names of its questions."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(data / "xlsform/flat_xlsform_test.xlsx") as book:
        head, *rows = book.get_sheet_by_name("survey").to_python()
    kind, name = head.index("type"), head.index("name")
    device = [(row[name],) for row in rows if row[kind] in ("start", "end")]
    own = r"[A-Za-z_][A-Za-z0-9_.-]*"
    assert all(re.fullmatch(own, row[name]) for row in rows if row[name])
    return Pattern(tuple(device), XLSFORM.shapes, XLSFORM.last)


SAMPLES: dict[str, Callable[[Path], Pattern]] = {
    "qualtrics": of_qualtrics,
    "limesurvey": of_limesurvey,
    "surveymonkey": of_surveymonkey,
    "google_forms": of_google_forms,
    "xlsform": of_xlsform,
}


@pytest.mark.parametrize("platform", EXPORTED)
def test_the_facts_are_those_of_the_real_samples(shared_data: Path, platform: str) -> None:
    assert SAMPLES[platform](shared_data) == FACTS[platform]


# -- the headers ---------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def made(platform: str, labels: bool = False, language: str = "id") -> Sheet:
    return export(read_study("demo"), platform, 60, SEED, labels=labels, language=language)


def columns(sheet: Sheet) -> list[tuple[str, ...]]:
    return [one.head for one in sheet.columns]


def strange(pattern: Pattern, sheet: Sheet, added: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The columns that are not headed as the pattern says; `added` are the study's own."""
    told = columns(sheet)
    n_own, n_last = len(pattern.own), len(pattern.last)
    for cells, wanted in zip(told[:n_own], pattern.own, strict=True):
        if any(one is not None and cell != one for cell, one in zip(cells, wanted, strict=True)):
            yield cells
    if n_last and tuple(told[-n_last:]) != pattern.last:
        yield told[-1]
    for cells in told[n_own : len(told) - n_last]:
        is_asked = any(all(map(re.fullmatch, shapes, cells)) for shapes in pattern.shapes)
        if not is_asked and cells[0] not in added:
            yield cells


OF_THE_STUDY = ("wave", "respondent_id", "weight", "still_customer", "months_observed")
"""What nobody is asked: the last two come from the shop's records, for the demo's value."""
ADDED = {"qualtrics": OF_THE_STUDY, "surveymonkey": OF_THE_STUDY}


def with_choices(platform: str, pattern: Pattern) -> Pattern:
    more = ((r"\w+", r".*\w.*", CHOICE),) if platform == "qualtrics" else ()
    return Pattern(pattern.own, (*pattern.shapes, *more), pattern.last)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("platform", EXPORTED)
def test_headers_are_shaped_as_the_facts_say(platform: str, language: str) -> None:
    sheet = made(platform, language=language)
    pattern = with_choices(platform, FACTS[platform])
    assert len(sheet.head) == pattern.n_header
    assert list(strange(pattern, sheet, ADDED.get(platform, ()))) == []


@pytest.mark.parametrize("platform", EXPORTED)
def test_headers_are_shaped_as_the_real_sample(shared_data: Path, platform: str) -> None:
    sheet = made(platform)
    pattern = with_choices(platform, SAMPLES[platform](shared_data))
    assert len(sheet.head) == pattern.n_header
    assert list(strange(pattern, sheet, ADDED.get(platform, ()))) == []


def test_a_header_that_differs_is_noticed() -> None:
    """The comparison itself: one cell changed in each place is told."""
    sheet = made("qualtrics")
    pattern = with_choices("qualtrics", FACTS["qualtrics"])
    for at, wrong in ((3, ("IP", "", "")), (20, ("q 1", "", ""))):
        spoilt = list(sheet.columns)
        spoilt[at] = type(spoilt[at])(wrong, spoilt[at].cells)
        assert len(list(strange(pattern, Sheet(tuple(spoilt)), ADDED["qualtrics"]))) == 1


def test_the_second_row_of_qualtrics_is_english() -> None:
    texts = [head[1] for head in columns(made("qualtrics"))[:17]]
    assert texts == [
        "Start Date", "End Date", "Response Type", "IP Address", "Progress",
        "Duration (in seconds)", "Finished", "Recorded Date", "Response ID",
        "Recipient Last Name", "Recipient First Name", "Recipient Email",
        "External Data Reference", "Location Latitude", "Location Longitude",
        "Distribution Channel", "User Language",
    ]  # fmt: skip


def test_import_ids_count_every_text_that_is_shown_and_none_comes_twice() -> None:
    ids = [json.loads(head[2]) for head in columns(made("qualtrics"))]
    told = [(one["ImportId"], one.get("choiceId")) for one in ids]
    assert len(told) == len(set(told))
    numbers = [int(found[1]) for one, _ in told if (found := re.match(r"QID(\d+)", one))]
    assert numbers == sorted(numbers)
    assert numbers[0] == 2  # the consent is the first
    assert told[-5:] == [(name, None) for name in OF_THE_STUDY]


def test_limesurvey_adds_dates_and_times_in_its_own_places() -> None:
    names = made("limesurvey").names
    assert names[5:7] == MORE_OF_LIMESURVEY
    assert names[-1] == "interviewtime"
    told = made("limesurvey", labels=True, language="en").names
    assert told[1] == "submitdate. Date submitted"
    assert told[names.index("ful1")].startswith("ful1. The goods I receive from Toko Contoh")


def test_a_question_with_options_stands_over_the_first_of_them() -> None:
    tops, subs = made("surveymonkey", language="en").head
    at = subs.index("Toko Contoh website")
    assert tops[at].startswith("In the last 6 months, in which ways")
    assert tops[at + 1 : at + 13] == ("",) * 12
    assert subs[at + 1] == "Toko Contoh app"


def test_kobotoolbox_tells_several_choices_twice() -> None:
    names = made("xlsform").names
    at = names.index("pro_interaction_channel")
    assert names[at + 1 : at + 3] == (
        "pro_interaction_channel/website", "pro_interaction_channel/app",
    )  # fmt: skip


# -- what stands below ---------------------------------------------------------------------------


def cells(sheet: Sheet, name: str) -> list[object]:
    return list(sheet.columns[sheet.names.index(name)].cells)


@pytest.mark.parametrize("platform", EXPORTED)
def test_the_same_seed_gives_the_same_bytes_and_another_one_others(platform: str) -> None:
    study = read_study("demo")
    one, again = (export(study, platform, 25, 5) for _ in range(2))
    assert one.text() == again.text() != export(study, platform, 25, 6).text()
    assert one.workbook() == again.workbook()


def test_the_answers_are_those_of_simulate() -> None:
    raw = simulate(read_study("demo"), 60, SEED)
    sheet = made("xlsform")
    for column in ("tru_1", "scr_aware", "pro_device", "region", "wave", "respondent_id", "weight"):
        assert cells(sheet, column) == raw[column].tolist(), column


def test_plain_answers_are_what_they_were(tmp_path: Path) -> None:
    plain = write("demo", "plain", tmp_path / "a.csv", 40, 3)
    assert plain.read_bytes() == write_plain("demo", 40, 3, tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("platform", EXPORTED)
def test_nobody_is_named_and_no_address_is_anybodys(platform: str) -> None:
    text = made(platform).text().decode()
    assert re.findall(r"[\w.+-]*@[\w.-]*", text) == [
        "pembeli@contoh.example"
    ]  # planted, to be masked
    for address in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text):
        assert address.startswith("192.0.2.")
    blank = ("RecipientEmail", "RecipientFirstName", "RecipientLastName", "LocationLatitude",
             "Email Address", "First Name", "Last Name", "_submitted_by")  # fmt: skip
    for name in set(blank) & set(made(platform).names):
        assert set(cells(made(platform), name)) == {""}


def test_interviews_lie_within_their_wave_and_take_their_time() -> None:
    sheet, study = made("qualtrics"), read_study("demo")
    told = zip(*(cells(sheet, name) for name in ("wave", "StartDate", "EndDate")), strict=True)
    seconds = list(map(int, map(str, cells(sheet, "Duration (in seconds)"))))
    by_wave: dict[object, list[dt.datetime]] = {}
    for (wave, start, end), spent in zip(told, seconds, strict=True):
        assert isinstance(start, dt.datetime)
        assert isinstance(end, dt.datetime)
        assert end - start == dt.timedelta(seconds=spent)
        fielded = study.waves[str(wave)]
        assert fielded.start <= start.date() <= end.date() <= fielded.end
        by_wave.setdefault(wave, []).append(start)
    assert all(starts == sorted(starts) for starts in by_wave.values())
    aware = cells(sheet, "scr_aware")
    asked = [spent for spent, said in zip(seconds, aware, strict=True) if said == "1"]
    others = [spent for spent, said in zip(seconds, aware, strict=True) if said == "2"]
    assert 240 < sorted(asked)[len(asked) // 2] < 900
    assert max(others) < sorted(asked)[len(asked) // 2]


def test_google_forms_writes_zoned_times_as_the_sample_does(shared_data: Path) -> None:
    (_, *rows) = head_of_text(shared_data / "google_forms/starbucks_malaysia.csv")
    zoned = shape(rows[0][0]).replace("PM", "[AP]M")
    assert all(re.fullmatch(zoned, row[0]) for row in rows)
    assert all(re.fullmatch(zoned, str(one)) for one in cells(made("google_forms"), "Timestamp"))


def test_a_zone_of_half_hours_is_told(tmp_path: Path) -> None:
    study = laid_down(tmp_path, "timezone: Asia/Kolkata\n")
    times = cells(export(study, "google_forms", 5, 1), "Timestamp")
    assert all(str(one).endswith(" GMT+5:30") for one in times)
    study = laid_down(tmp_path / "utc", "timezone: UTC\n")
    times = cells(export(study, "google_forms", 5, 1), "Timestamp")
    assert all(str(one).endswith(("AM GMT", "PM GMT")) for one in times)


def test_limesurvey_tells_what_was_not_displayed() -> None:
    sheet = made("limesurvey")
    for aware, came in zip(cells(sheet, "scraware"), cells(sheet, "rchconsider"), strict=True):
        assert (aware == "no") == (came == "N/A")


def test_a_reason_without_a_choice_leaves_the_cell_blank() -> None:
    """No outcome offers a refusal: what `simulate` plants there, no platform could hold."""
    study = read_study("demo")
    raw = simulate(study, 300, SEED)
    refused = (raw["out_recommend"] == "refused").tolist()
    assert any(refused)
    told = cells(export(study, "qualtrics", 300, SEED), "out_recommend")
    assert {one for one, is_refused in zip(told, refused, strict=True) if is_refused} == {""}


SEVERAL = """\
bases:
  aware: {{column: scr_aware, is: yes}}
  app: {{column: "{app}", is: yes}}
  chat: {{column: "{chat}", is: yes}}
"""


def with_ticks(folder: Path, app: str, chat: str) -> Study:
    return laid_down(folder, SEVERAL.format(app=app, chat=chat))


def test_options_are_ticked_as_the_study_reads_them(tmp_path: Path) -> None:
    study = with_ticks(tmp_path, "pro_interaction_channel/app", "pro_interaction_channel/chat_bot")
    raw = simulate(study, 200, 1)
    sheet = export(study, "xlsform", 200, 1)
    assert "pro_interaction_channel/app" in raw
    for column in ("pro_interaction_channel/app", "pro_interaction_channel/chat_bot"):
        said = {"yes": "1", "no": "0", "": ""}
        assert cells(sheet, column) == [said[word] for word in raw[column]]
    joined = [str(one).split() for one in cells(sheet, "pro_interaction_channel")]
    assert [("app" in one) for one in joined] == (
        raw["pro_interaction_channel/app"] == "yes"
    ).tolist()
    answered = raw["pro_interaction_channel/app"] != ""
    assert [bool(one) for one in joined] == answered.tolist()
    assert not any("unknown" in one for one in joined)
    assert sum(len(one) > 1 for one in joined) > 50


# -- the files -----------------------------------------------------------------------------------


def test_kobotoolbox_parts_cells_by_semicolons() -> None:
    text = made("xlsform").text().decode()
    (names, *rows) = csv.reader(io.StringIO(text), delimiter=";")
    assert tuple(names) == made("xlsform").names
    assert text.startswith('"start";"end";')
    assert {len(row) for row in rows} == {len(names)}


def test_a_workbook_holds_the_same_rows(tmp_path: Path) -> None:
    file = write("demo", "surveymonkey", tmp_path / "a.xlsx", 10, 1, language="en")
    sheet = export(read_study("demo"), "surveymonkey", 10, 1, language="en")
    head = head_of_workbook(file)
    assert [tuple(row) for row in head[:2]] == list(sheet.head)
    assert head[2][1] == str(cells(sheet, "Start Date")[0])


def test_a_brand_that_begins_with_a_sign_is_no_formula(tmp_path: Path) -> None:
    study = laid_down(
        tmp_path, "bases: {aware: {column: scr_aware, is: yes}}\n", brand="brand: '=A1'"
    )
    content = export(study, "google_forms", 5, 1).workbook()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_the_command_writes_an_export(tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    done = CliRunner().invoke(
        cli, ["simulate", "demo", "-n", "5", "--seed", "2", "--to", "qualtrics", "--labels",
              "--language", "en", "-o", str(out)]
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert done.output.strip() == str(out)
    (names, _, ids, *rows) = csv.reader(io.StringIO(out.read_text(encoding="utf-8")))
    assert len(rows) == 15
    assert json.loads(ids[0]) == {"ImportId": "startDate"}
    assert rows[0][names.index("scr_aware")] in ("Yes", "No")


def test_the_command_knows_every_platform() -> None:
    (option,) = [one for one in cli.commands["simulate"].params if one.name == "to"]
    assert sorted(option.type.choices) == sorted(PLATFORMS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("to", "file", "more", "told"),
    [
        ("qualtrics", "a.qsf", {}, "no name for an export"),
        ("qualtrics", "a.csv", {"language": "fr"}, "no questionnaire in 'fr'"),
        ("plain", "a.csv", {"labels": True}, "plain answers hold codes"),
    ],
)
def test_what_cannot_be_written_is_refused(
    tmp_path: Path, to: str, file: str, more: dict[str, object], told: str
) -> None:
    with pytest.raises(StudyError, match=told):
        write("demo", to, tmp_path / file, 5, 1, **more)  # type: ignore[arg-type]
    assert not (tmp_path / file).exists()
