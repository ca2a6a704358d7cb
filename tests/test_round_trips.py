"""Round trips: a study's questionnaire out to a platform, its export back in, the same survey.

What a platform cannot hold is said here, and nothing else may differ:

- a reason that a question does not offer (the refusal that `simulate` plants on outcomes) comes
  back as no answer;
- a question that was not shown is told by LimeSurvey alone (`N/A`): the others leave it blank,
  which is no answer, or not applicable outside a base.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal
from test_simulate import OWN_FRAMEWORK, OWN_STUDY

import cxkit as cx
from cxkit.answers import check, load
from cxkit.answers.new import lay_down
from cxkit.answers.simulate import simulate
from cxkit.answers.simulated import write
from cxkit.cli import cli
from cxkit.places import shared
from cxkit.study import read_study

N, SEED = "40", "3"
FORMS = {"xlsform": "form.xlsx", "limesurvey": "form.lss", "qualtrics": "form.txt"}
"""The questionnaires that the platforms take; the two others have no file to import."""
CODES = tuple(FORMS)
LABELS = (*FORMS, "surveymonkey", "google_forms")
SAME = ("respondent", "wave", "weight", "item:", "outcome:", "rating:", "reached:", "base:",
        "segment:")  # fmt: skip
LINE = "answers: {path: answers.csv, platform: plain}"


def run(*words: object) -> None:
    done = CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output


def demo(folder: Path) -> Path:
    """The demo as its user has it, but for its answers."""
    folder.mkdir()
    shutil.copyfile(shared("data/demo") / "truth.yaml", folder / "truth.yaml")
    text = (shared("data/demo") / "study.yaml").read_text(encoding="utf-8")
    text = "".join(one for one in text.splitlines(True) if not one.startswith("coding:"))
    (folder / "study.yaml").write_text(text, encoding="utf-8")  # nobody coded these answers
    return folder


def pointed(folder: Path, answers: str) -> Path:
    """The study with its answers elsewhere: the one line that may change."""
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(LINE) == 1
    file.write_text(text.replace(LINE, f"answers: {{{answers}}}"), encoding="utf-8")
    return folder


def trip(
    folder: Path, platform: str, *more: str, structure: bool = True, name: str = "export.csv"
) -> cx.Survey:
    """Out and in again, by the commands alone."""
    run("simulate", folder, "-n", N, "--seed", SEED, "--to", platform, *more, "-o", folder / name)
    answers = f"path: {name}, platform: {platform}"
    if structure and platform in FORMS:
        form = FORMS[platform]
        run("questionnaire", folder, "--to", platform, "-o", folder / form, "--quiet")
        answers += f", structure: {form}"
    pointed(folder, answers)
    run("check", folder)
    return load(folder)


def plain(folder: Path) -> cx.Survey:
    run("simulate", folder, "-n", N, "--seed", SEED, "-o", folder / "answers.csv")
    return load(folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> cx.Survey:
    return plain(demo(tmp_path_factory.mktemp("round") / "plain"))


def assert_same_answers(found: cx.Survey, wanted: cx.Survey) -> None:
    columns = [one for one in wanted.frame if str(one).startswith(SAME)]
    assert [one for one in found.frame if str(one).startswith(SAME)] == columns
    assert_frame_equal(found.frame[columns], wanted.frame[columns], check_exact=True)


@lru_cache(maxsize=1)
def who_recommends() -> set[str]:
    """Who said that they ever recommended: only they are asked whether they did of late."""
    raw = simulate(read_study("demo"), int(N), int(SEED))
    said = raw[raw["rch_advocate_peer"] == "yes"]
    return set(said["respondent_id"] + said["wave"])


def assert_same_reasons(found: cx.Survey, wanted: cx.Survey, platform: str) -> None:
    """But for what the platform cannot hold, which is worked out by hand."""
    unaware = wanted.frame["reached:aware"] != 1
    for column in (one for one in wanted.frame if str(one).startswith("why:")):
        why = wanted.frame[column].copy()
        if str(column).startswith("why:outcome"):
            why[why == "refused"] = "no_answer"
        if platform == "limesurvey":
            is_unasked = unaware
            if str(column).startswith("why:rival:"):  # of whom the own brand is asked of
                kind, key = str(column).split(":")[2:]
                own = {"item": wanted.study.items, "outcome": wanted.study.outcomes}[kind][key]
                is_unasked = ~wanted.frame[f"base:{own.base}"].astype(bool)
            why[(why == "no_answer") & is_unasked] = "not_asked"
            if column == "why:outcome:wom_recommended":
                others = wanted.frame["respondent"] + wanted.frame["wave"]
                why[(why == "no_answer") & ~others.isin(who_recommends())] = "not_asked"
        assert found.frame[column].tolist() == why.tolist(), column


def assert_same_estimates(found: cx.Survey, wanted: cx.Survey) -> None:
    for asked in (
        {"metric": "nps", "by": "wave"},
        {"metric": "csat", "by": ["region", "wave"]},
        {"metric": "score_100", "of": "levels", "by": "channel"},
    ):
        one, other = (cx.estimate(survey, **asked).frame for survey in (found, wanted))
        assert_frame_equal(one, other, check_exact=True)


# -- the demo, whose columns are its own keys ----------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("platform", "labels"), [*((one, False) for one in CODES), *((one, True) for one in LABELS)]
)
def test_the_export_of_a_platform_is_the_same_survey(
    tmp_path: Path, expected: cx.Survey, platform: str, labels: bool, language: str
) -> None:
    more = ["--labels"] if labels else []
    found = trip(demo(tmp_path / "study"), platform, "--language", language, *more)
    assert_same_answers(found, expected)
    assert_same_reasons(found, expected, platform)
    assert_same_estimates(found, expected)


@pytest.mark.parametrize("platform", ["limesurvey", "qualtrics", "xlsform"])
def test_labels_are_read_without_the_questionnaire(
    tmp_path: Path, expected: cx.Survey, platform: str
) -> None:
    found = trip(demo(tmp_path / "study"), platform, "--labels", structure=False)
    assert_same_answers(found, expected)
    assert_same_reasons(found, expected, platform)


def test_the_platform_is_recognised_without_a_word(tmp_path: Path, expected: cx.Survey) -> None:
    for platform in LABELS:
        folder = demo(tmp_path / platform)
        write(folder, platform, folder / "export.csv", int(N), int(SEED), labels=True)
        found = load(pointed(folder, "path: export.csv"))
        assert_same_answers(found, expected)
        (told,) = [one for one in check(folder) if one.code == "platform"]
        assert told.severity == "note"


@pytest.mark.parametrize("platform", ["surveymonkey", "qualtrics"])
def test_a_workbook_is_the_same_survey(tmp_path: Path, expected: cx.Survey, platform: str) -> None:
    found = trip(demo(tmp_path / "study"), platform, name="export.xlsx")
    assert_same_answers(found, expected)
    assert_same_reasons(found, expected, platform)


def test_codes_without_their_questionnaire_are_refused_and_not_guessed(tmp_path: Path) -> None:
    folder = demo(tmp_path / "study")
    write(folder, "qualtrics", folder / "export.csv", int(N), int(SEED))
    found = check(pointed(folder, "path: export.csv, platform: qualtrics")).errors
    assert {one.code for one in found} >= {"unmapped_text", "off_scale"}


def test_one_cell_that_differs_is_noticed(tmp_path: Path, expected: cx.Survey) -> None:
    """The comparison itself can fail."""
    folder = demo(tmp_path / "study")
    trip(folder, "limesurvey")
    with open(folder / "export.csv", encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    at = rows[0].index("tru1")
    row = next(row for row in rows[1:] if row[at] == "4")
    row[at] = "5"
    with open(folder / "export.csv", "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    with pytest.raises(AssertionError, match="item:tru_1"):
        assert_same_answers(load(folder), expected)


# -- what is told of reasons ---------------------------------------------------------------------


def test_the_reasons_that_questions_offer_come_back(tmp_path: Path) -> None:
    """By hand: the answers that `simulate` writes, counted in its own file."""
    folder = demo(tmp_path / "study")
    run("simulate", folder, "-n", N, "--seed", SEED, "-o", folder / "answers.csv")
    raw = pd.read_csv(folder / "answers.csv", dtype=str, keep_default_na=False)
    wanted = {
        reason: int((raw[["tru_1", "res_2", "emo_2"]] == reason).sum().sum())
        for reason in ("dont_know", "not_experienced")
    }
    assert min(wanted.values()) > 2
    for platform in LABELS:
        found = trip(demo(tmp_path / platform), platform, "--labels").frame
        whys = pd.concat([found[f"why:item:{key}"] for key in ("tru_1", "res_2", "emo_2")])
        assert {reason: int((whys == reason).sum()) for reason in wanted} == wanted


@pytest.mark.parametrize(
    ("platform", "told"),
    [("limesurvey", "not_asked"), ("qualtrics", "not_applicable"), ("xlsform", "not_applicable"),
     ("surveymonkey", "not_applicable"), ("google_forms", "not_applicable")],
)  # fmt: skip
def test_what_was_not_asked_is_told_by_limesurvey_alone(
    tmp_path: Path, platform: str, told: str
) -> None:
    """Where the study declares no base, only the export can say who was not asked."""
    folder = demo(tmp_path / "study")
    file = folder / "study.yaml"
    buyers = "  buyers: {column: scr_bought, is: yes}\n"
    text = file.read_text(encoding="utf-8")
    assert text.count(buyers) == 1
    without_value = re.sub(r"(?m)^value:\n(?:[ #].*\n)*", "", text)  # it speaks of the buyers
    file.write_text(without_value.replace(buyers, ""), encoding="utf-8")
    raw = plain(folder).frame
    assert (raw["why:item:ful_1"] == "not_asked").sum() > 5
    found = trip(folder, platform).frame
    is_unasked = raw["why:item:ful_1"] == "not_asked"
    assert set(found["why:item:ful_1"][is_unasked]) == {told}


# -- a new study, and options that are ticked ----------------------------------------------------


@pytest.mark.parametrize("preset", ["finance", "neutral"])
def test_a_new_study_goes_round_at_once(tmp_path: Path, preset: str) -> None:
    wanted = plain(lay_down(tmp_path / "plain", preset).parent)
    for platform in LABELS:
        found = trip(lay_down(tmp_path / platform, preset).parent, platform)
        assert_same_answers(found, wanted)
        assert_same_reasons(found, wanted, platform)


@pytest.mark.parametrize("platform", LABELS)
def test_a_study_with_a_framework_and_a_scale_of_its_own_goes_round(
    tmp_path: Path, platform: str
) -> None:
    """Its columns are q1, q2...; its scale falls, and has a code of its own for a reason."""

    def own(folder: Path) -> Path:
        folder.mkdir()
        (folder / "study.yaml").write_text(OWN_STUDY, encoding="utf-8")
        (folder / "care.yaml").write_text(OWN_FRAMEWORK, encoding="utf-8")
        return folder

    wanted = plain(own(tmp_path / "plain"))
    found = trip(own(tmp_path / "out"), platform)
    assert_same_answers(found, wanted)
    whys = [one for one in wanted.frame if str(one).startswith("why:item")]
    assert (wanted.frame[whys] == "dont_know").any(axis=None)
    assert_frame_equal(found.frame[whys], wanted.frame[whys])


WAYS = {
    "xlsform": ("pro_interaction_channel/app", "pro_interaction_channel/chat_bot"),
    "limesurvey": ("pro_interaction_channel[app]", "pro_interaction_channel[chat_bot]"),
    "qualtrics": ("pro_interaction_channel_2", "pro_interaction_channel_7"),
    "surveymonkey": ("pro_interaction_channel/app", "pro_interaction_channel/chat_bot"),
    "google_forms": ("pro_interaction_channel/app", "pro_interaction_channel/chat_bot"),
}
"""How a study names an option on each platform; without names of columns, as on KoboToolbox."""


def with_ways(folder: Path, platform: str) -> Path:
    """A new study with two bases that hang on ways that were ticked."""
    file = lay_down(folder)
    app, chat = WAYS[platform]
    more = f'  app: {{column: "{app}", is: yes}}\n  bot: {{column: "{chat}", is: yes}}\n'
    text = file.read_text(encoding="utf-8")
    assert text.count("\nstages:\n") == 1
    file.write_text(text.replace("\nstages:\n", f"{more}\nstages:\n"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ticked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], cx.Survey]:
    """The plain answers to that study, named as on a platform."""
    home = tmp_path_factory.mktemp("ways")
    return lru_cache(lambda platform: plain(with_ways(home / platform, platform)))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("platform", "labels"), [*((one, False) for one in CODES), *((one, True) for one in LABELS)]
)
def test_options_that_were_ticked_come_back(
    tmp_path: Path,
    ticked: Callable[[str], cx.Survey],
    platform: str,
    labels: bool,
    language: str,
) -> None:
    wanted = ticked(platform)
    assert 10 < wanted.frame["base:app"].sum() < len(wanted.frame) - 10
    more = ["--labels"] if labels else []
    found = trip(with_ways(tmp_path / "out", platform), platform, "--language", language, *more)
    assert_same_answers(found, wanted)


def test_one_study_reads_its_options_from_every_platform(
    tmp_path: Path, ticked: Callable[[str], cx.Survey]
) -> None:
    """Named as KoboToolbox does, options are found by question and label on the others too."""
    wanted = ticked("xlsform")
    for platform in LABELS:
        found = trip(with_ways(tmp_path / platform, "xlsform"), platform, "--labels")
        assert_same_answers(found, wanted)


def test_an_option_called_email_is_no_personal_data(tmp_path: Path) -> None:
    """Which channels were used is asked with an option for e-mail and one for the phone."""
    folder = tmp_path / "shop"
    lay_down(folder, "retail")
    trip(folder, "limesurvey")
    assert "[email]" in (folder / "export.csv").read_text(encoding="utf-8")
    assert [one.message for one in check(folder) if one.code == "personal_data"] == []
