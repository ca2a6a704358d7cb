"""What a platform makes of the questionnaire comes back under the study's own names and words."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from asked_study import STUDY, laid_down
from small_study import swapped

from cxkit import answers
from cxkit.answers.groups_read import groups_by_text
from cxkit.answers.platforms.limesurvey_codes import column_code
from cxkit.answers.questionnaire import write
from cxkit.study import read_study

MORE = """\
items: {tru_1: tru_1, res_1: res_1}
bases: {visitors: {column: scr_visited, is: yes}}
segments:
  channel: {column: pro_acquisition_channel, vocabulary: acquisition_channel}
"""
COLUMNS = ("tru_1", "res_1", "out_recommend", "scr_visited", "pro_acquisition_channel")
CODED = (
    ("4", "5", "9", "1", "2"),
    ("1", "2", "3", "1", "5"),
    ("5", "4", "10", "2", ""),
)
"""Answers by code: 1 and 2 are yes and no, the second channel is the referral, the fifth social."""


def lay(folder: Path, source: str, head: Iterable[Sequence[str]], rows: object) -> Path:
    """A study with these answers in a file."""
    text = swapped(STUDY, answers=f"answers: {source}", frameworks="frameworks: [pyramid]")
    (folder / "study.yaml").write_text(text + MORE, encoding="utf-8")
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*head, *rows])  # type: ignore[misc]
    return folder


def as_limesurvey(folder: Path, source: str, rows: Iterable[Sequence[str]]) -> Path:
    own = ("id", "submitdate", "lastpage", "startlanguage", "seed")
    head = [(*own, *map(column_code, COLUMNS))]
    told = [
        (str(at), "2026-03-03 10:00:00", "9", "id", "7", *row) for at, row in enumerate(rows, 1)
    ]
    return lay(folder, source, head, told)


def as_qualtrics(folder: Path, source: str, rows: Iterable[Sequence[str]]) -> Path:
    own = ("StartDate", "EndDate", "Progress", "ResponseId")
    ids = ("startDate", "endDate", "progress", "_recordId", *(f"QID{at}" for at in range(5)))
    head = [(*own, *COLUMNS), (*own, *COLUMNS), [f'{{"ImportId":"{one}"}}' for one in ids]]
    moment = "2026-03-03 10:00:00"
    told = [(moment, moment, "100", f"R_{at:015d}", *row) for at, row in enumerate(rows)]
    return lay(folder, source, head, told)


def errors(folder: Path) -> list[str]:
    return [one.message for one in answers.check(folder) if one.severity == "error"]


def channels(folder: Path) -> list[str | None]:
    found = answers.load(folder).frame["segment:channel"]
    return [None if one != one else str(one) for one in found]


def test_columns_of_limesurvey_are_found_by_their_codes(tmp_path: Path) -> None:
    laid_down(tmp_path, MORE)
    write(tmp_path, "limesurvey", tmp_path / "q.lss")
    rows = [(*row[:3], {"1": "yes", "2": "no"}[row[3]], row[4]) for row in CODED]
    source = "{path: a.csv, platform: limesurvey, structure: q.lss}"
    folder = as_limesurvey(tmp_path, source, rows)
    assert errors(folder) == []
    assert channels(folder) == ["referral", "social", None]
    frame = answers.load(folder).frame
    assert frame["item:tru_1"].tolist()[:2] == [4.0, 1.0]
    assert frame["outcome:recommend"].tolist() == [9.0, 3.0, 10.0]


def test_codes_of_qualtrics_are_read_by_the_text_that_was_imported(tmp_path: Path) -> None:
    laid_down(tmp_path, MORE)
    write(tmp_path, "qualtrics", tmp_path / "q.txt")
    source = "{path: a.csv, platform: qualtrics, structure: q.txt}"
    folder = as_qualtrics(tmp_path, source, CODED)
    assert errors(folder) == []
    assert channels(folder) == ["referral", "social", None]
    assert answers.load(folder).frame["base:visitors"].tolist() == [True, True, False]


@pytest.mark.parametrize(("language", "at"), [("id", 0), ("en", 1)])
def test_choice_text_is_read_in_either_language(tmp_path: Path, language: str, at: int) -> None:
    said = {
        "1": ("Ya", "Yes"),
        "2": ("Tidak", "No"),
    }
    channel = {
        "2": ("Mengeklik tautan di situs lain", "Clicked a link on another website"),
        "5": ("Mengeklik tautan di media sosial", "Clicked a link on social media"),
        "": ("", ""),
    }
    agree = {
        "1": ("Sangat tidak setuju", "Strongly disagree"),
        "2": ("Tidak setuju", "Disagree"),
        "4": ("Setuju", "Agree"),
        "5": ("Sangat setuju", "Strongly agree"),
    }
    ends = {"10": ("10 (Sangat mungkin)", "10 (Extremely likely)")}
    rows = [
        (
            agree[row[0]][at],
            agree[row[1]][at],
            ends.get(row[2], (row[2], row[2]))[at],
            said[row[3]][at],
            channel[row[4]][at],
        )
        for row in CODED
    ]
    folder = as_qualtrics(tmp_path, "{path: a.csv, platform: qualtrics}", rows)
    assert errors(folder) == []
    assert channels(folder) == ["referral", "social", None]
    assert answers.load(folder).frame["outcome:recommend"].tolist() == [9.0, 3.0, 10.0]


def test_a_text_of_two_groups_stands_for_neither(tmp_path: Path) -> None:
    values = "{a: {id: Lain, en: Other}, b: {id: Lain, en: More}, Other: {id: Sisa, en: Rest}}"
    laid_down(tmp_path, f"segments: {{kind: {{column: jenis, values: {values}}}}}\n")
    assert groups_by_text(read_study(tmp_path), "kind") == {
        "More": "b",
        "Sisa": "Other",
        "Rest": "Other",
    }


def test_brands_stand_in_the_words_of_a_channel(tmp_path: Path) -> None:
    laid_down(tmp_path, "segments: {way: {column: lewat, vocabulary: interaction_channel}}\n")
    told = groups_by_text(read_study(tmp_path), "way")
    assert told["Aplikasi Kopi Kita"] == told["Kopi Kita app"] == told["App"] == "app"


@pytest.mark.parametrize("platform", ["limesurvey", "qualtrics"])
def test_codes_outside_the_scale_come_back_as_reasons(tmp_path: Path, platform: str) -> None:
    laid_down(tmp_path, MORE)
    suffix = {"limesurvey": ".lss", "qualtrics": ".txt"}[platform]
    write(tmp_path, platform, tmp_path / f"q{suffix}")
    yes = {"limesurvey": "yes", "qualtrics": "1"}[platform]
    rows = [("97", "5", "8", yes, "2"), ("4", "96", "97", yes, "9"), ("3", "4", "7", "98", "")]
    source = f"{{path: a.csv, platform: {platform}, structure: q{suffix}}}"
    lay_rows = {"limesurvey": as_limesurvey, "qualtrics": as_qualtrics}[platform]
    folder = lay_rows(tmp_path, source, rows)
    assert errors(folder) == []
    frame = answers.load(folder).frame
    assert frame["why:item:tru_1"].tolist()[:2] == ["dont_know", ""]
    assert frame["why:item:res_1"].tolist()[:2] == ["", "not_experienced"]
    assert frame["why:outcome:recommend"].tolist() == ["", "dont_know", ""]
    assert channels(folder) == ["referral", "unknown", None]
