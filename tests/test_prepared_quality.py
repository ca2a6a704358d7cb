"""A platform's export with planted doubtful responses, from the file to the page, by hand.

Every number is worked out again from the raw export with pandas and a few lines of raking, and
held against what the notebook wrote into its JSON.
"""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxkit as cx
from cxkit.__main__ import main
from cxkit.analysis import response
from cxkit.answers import check
from cxkit.answers.simulated import write
from cxkit.places import find_study
from cxkit.report.run import run

pytestmark = pytest.mark.slow

WAVES = ("2025H1", "2025H2", "2026H1")
LAST = WAVES[-1]
ITEMS = [
    "ful_1", "ful_2", "tru_1", "tru_2", "res_1", "res_2", "onx_1", "onx_2", "onx_3", "emo_1",
    "emo_2",
]  # fmt: skip
DURATION = "Duration (in seconds)"
REGION = {"Jawa": 0.56, "Sumatra": 0.22, "Kalimantan": 0.06, "Sulawesi": 0.07, "Wilayah lain": 0.09}
AGE = {"18 sampai 29 tahun": 0.30, "30 sampai 44 tahun": 0.35, "45 sampai 64 tahun": 0.35}
WEIGHTING = """\
weighting:
  rake:
    region: {java: 0.56, sumatra: 0.22, kalimantan: 0.06, sulawesi: 0.07, other: 0.09}
    age: {a18_29: 0.30, a30_44: 0.35, a45_64: 0.35}
  trim: {low: 0.2, high: 3.5}
exclusions: exclusions.csv
comments: {reason: cmt_reason}
"""
AGREED = {
    "Sangat tidak setuju": 1, "Tidak setuju": 2, "Netral": 3, "Setuju": 4, "Sangat setuju": 5,
}  # fmt: skip
NO_ANSWER = ("", "Tidak tahu", "Belum pernah mengalami", "Tidak ingin menjawab")
HEAD = "respondent,wave,rule,decision,why\n"


# -- the study -------------------------------------------------------------------------------------


def planted(rows: list[list[str]], place: dict[str, int]) -> list[list[str]]:
    """Doubtful responses of every kind in each wave; the rows that were added last."""
    rng, added = random.Random(7), []
    for wave in WAVES:
        own = [row for row in rows if row[place["wave"]] == wave]
        full = [row for row in own if sum(row[place[one]] in AGREED for one in ITEMS) >= 8]
        picked = rng.sample(full, 60)
        for row in picked[:15]:
            for one in ITEMS:
                row[place[one]] = "Sangat setuju" if row[place[one]] else ""
            row[place["out_recommend"]] = "10"
        for row in picked[10:22]:
            row[place[DURATION]] = str(rng.randint(15, 45))
        for row in picked[22:27]:
            row[place["Status"]] = "Survey Preview"
        for row in picked[27:29]:
            row[place["Status"]] = "Spam"
        for row in picked[29:35]:
            row[place["Finished"]] = "False"
        for row in picked[35:40]:
            row[place["Q_RecaptchaScore"]] = "0.1"
        for at, row in enumerate(picked[40:44]):
            copy = list(row)
            copy[place["respondent_id"]] = f"copy-{wave}-{at}"
            row[place["StartDate"]] = row[place["StartDate"]][:-2] + "10"
            copy[place["StartDate"]] = row[place["StartDate"]][:-2] + "50"
            added.append(copy)
    return added


@dataclass(frozen=True)
class Export:
    """A study of a Qualtrics export in a folder, and its raw cells."""

    folder: Path

    @classmethod
    def lay(cls, folder: Path) -> Export:
        made = write("demo", "qualtrics", folder / "export.csv", n=300, seed=5, labels=True)
        with made.open(encoding="utf-8", newline="") as file:
            names, texts, ids, *rows = csv.reader(file)
        for header, cell in zip(
            (names, texts, ids),
            ("Q_RecaptchaScore", "Q_RecaptchaScore", '{"ImportId":"Q_RecaptchaScore"}'),
            strict=True,
        ):
            header.append(cell)
        for row in rows:
            row.append("0.9")
        rows += planted(rows, {name: at for at, name in enumerate(names)})
        with made.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, texts, ids, *rows])
        text = find_study("demo").read_text(encoding="utf-8")
        text = text.replace("{path: answers.csv, platform: plain}", "{path: export.csv}")
        text = text.replace(
            "population: unknown,", f"population: unknown, invited: {{{LAST}: 900}},"
        )
        text = re.sub(r"(?m)^(comments|coding): .*\n", "", text)  # it has comments of its own
        text = re.sub(r"(?m)^weight: .*\n", WEIGHTING, text)
        (folder / "study.yaml").write_text(text, encoding="utf-8")
        own = cls(folder)
        own.decide()
        return own

    def decide(self) -> None:
        """Most of the straight lines, some of the fast and all previews of a wave are left out."""
        raw, rows = self.raw, []
        for wave in WAVES:
            own = raw[raw["wave"] == wave]
            straight = own[self.is_straight(own)]["respondent_id"].tolist()
            fast = own[self.is_fast(own) & ~self.is_straight(own)]["respondent_id"].tolist()
            previews = own[own["Status"] == "Survey Preview"]["respondent_id"].tolist()
            rows += [
                (one, wave, "straight", "exclude", "one answer to all") for one in straight[:12]
            ]
            rows += [(one, wave, "straight", "keep", "") for one in straight[12:14]]
            rows += [(one, wave, "fast", "exclude", "too fast to read") for one in fast[:3]]
            rows += [(one, wave, "preview", "exclude", "our own test") for one in previews]
        text = HEAD + "".join(",".join(row) + "\n" for row in rows)
        (self.folder / "exclusions.csv").write_text(text, encoding="utf-8")

    # -- by hand

    @property
    def raw(self) -> pd.DataFrame:
        """The cells below the three header rows, as text."""
        return pd.read_csv(
            self.folder / "export.csv", skiprows=[1, 2], dtype=str, keep_default_na=False
        )

    @cached_property
    def last(self) -> pd.DataFrame:
        """The last wave, with whether each row is left out, and by which rule."""
        own = self.raw[self.raw["wave"] == LAST].reset_index(drop=True)
        told = pd.read_csv(self.folder / "exclusions.csv", dtype=str, keep_default_na=False)
        out = told[(told["wave"] == LAST) & (told["decision"] == "exclude")]
        rule = dict(zip(out["respondent"], out["rule"], strict=True))
        return own.assign(rule=own["respondent_id"].map(rule).fillna(""))

    @property
    def kept(self) -> pd.DataFrame:
        return self.last[self.last["rule"] == ""].reset_index(drop=True)

    @staticmethod
    def is_alike(rows: pd.DataFrame, names: list[str]) -> pd.Series:
        """Whether four answers or more are all alike; missing for fewer."""
        codes = rows[names].where(~rows[names].isin(NO_ANSWER))
        n, different = codes.notna().sum(axis=1), codes.nunique(axis=1)
        return (different == 1).astype("boolean").where(n >= 4)

    def is_straight(self, rows: pd.DataFrame) -> pd.Series:
        """A straight line among the items (the ratings of stages are apart)."""
        return self.is_alike(rows, ITEMS).fillna(False).astype(bool)

    @staticmethod
    def is_fast(rows: pd.DataFrame) -> pd.Series:
        took = rows[DURATION].astype(float)
        return took < took.median() / 3


def raked(rows: pd.DataFrame) -> np.ndarray:
    """Weights of mean 1 that meet the shares of region and age: one after the other, often."""
    weight = np.ones(len(rows))
    for _ in range(500):
        for name, shares in (("region", REGION), ("age", AGE)):
            for value, share in shares.items():
                own = (rows[name] == value).to_numpy()
                weight[own] *= share * weight.sum() / weight[own].sum()
    return weight / weight.mean()


def nps(rows: pd.DataFrame, weight: np.ndarray) -> tuple[float, int]:
    """Promoters less detractors, and the answers that it rests on."""
    code = rows["out_recommend"].str.extract(r"^(\d+)", expand=False).astype(float).to_numpy()
    known = ~np.isnan(code)
    part = (code >= 9).astype(float) - (code <= 6)
    return 100 * float((weight * part)[known].sum() / weight[known].sum()), int(known.sum())


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return Export.lay(tmp_path_factory.mktemp("export"))


@dataclass(frozen=True)
class Written:
    """What the notebook wrote: its findings and estimates."""

    page: dict[str, Any]

    def finding(self, key: str) -> dict[str, Any]:
        (one,) = (one for one in self.page["findings"] if one["key"] == key)
        return one

    def slots(self, key: str) -> dict[str, Any]:
        told = self.finding(key)["slots"]
        return {name: slot.get("value", slot.get("key")) for name, slot in told.items()}

    def one(self, key: str, metric: str, of: str, **by: str) -> dict[str, Any]:
        """The one estimate of a finding."""
        rows = [self.page["estimates"][at] for at in self.finding(key)["records"]["estimates"]]
        wanted = {f"by_{axis}": value for axis, value in by.items()}
        found = [
            row
            for row in rows
            if (row["metric"], row["of"], row["wave"]) == (metric, of, LAST)
            and {name: row[name] for name in row if name.startswith("by_")} == wanted
        ]
        assert len(found) == 1, (key, metric, of, by, found)
        return found[0]


@pytest.fixture(scope="module")
def written(export: Export, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("page")
    report = run(export.folder, "10_data_quality", language=["id", "en"], output=folder)
    assert report.json is not None
    return Written(json.loads(Path(report.json).read_text(encoding="utf-8")))


# -- the numbers of the page -----------------------------------------------------------------------


def test_the_headline_with_and_without_is_weighted_anew(export: Export, written: Written) -> None:
    """F03: those used raked by themselves, and everybody raked by themselves."""
    slots, last, kept = written.slots("F03"), export.last, export.kept
    n_out = len(last) - len(kept)
    assert (slots["n_excluded"], slots["n_started"]) == (n_out, len(last))
    assert slots["share"] == pytest.approx(n_out / len(last), abs=1e-9)
    assert slots["top_rule"] == ["rule:straight"]
    assert slots["est"] == pytest.approx(nps(kept, raked(kept))[0], abs=1e-6)
    assert slots["alt"] == pytest.approx(nps(last, raked(last))[0], abs=1e-6)
    assert abs(slots["alt"] - slots["est"]) > 1


def test_no_weight_of_the_last_wave_is_trimmed_and_some_of_another_are(export: Export) -> None:
    """So that the plain raking above is the whole of it; and limits hold where they bind."""
    weight = raked(export.kept)
    assert weight.min() > 0.2
    assert weight.max() < 3.5
    frame = cx.load(export.folder).frame
    first = frame[frame["wave"] == WAVES[0]]
    assert first["weight"].max() == pytest.approx(3.5, abs=1e-9)
    for name, shares in (("region", REGION), ("age", AGE)):
        got = first.groupby(f"segment:{name}")["weight"].sum() / len(first)
        assert sorted(got) == pytest.approx(sorted(shares.values()), abs=1e-6)


def test_what_weights_cost_is_kish_s(export: Export, written: Written) -> None:
    weight = raked(export.kept)
    efficiency = weight.sum() ** 2 / (weight**2).sum() / len(weight)
    told = written.one("weights", "weighting_efficiency", "sample")
    assert (told["n"], told["estimate"]) == (len(weight), pytest.approx(efficiency, abs=1e-6))
    ratio = written.one("weights", "weight_ratio", "sample")
    assert ratio["estimate"] == pytest.approx(weight.max() / weight.min(), rel=1e-6)


def test_the_funnel_counts_everybody(export: Export, written: Written) -> None:
    last, kept = export.last, export.kept
    counts = {
        "invited": 900, "started": len(last), "finished": int((last["Finished"] == "True").sum()),
        "set_aside": len(last) - len(kept), "used": len(kept),
    }  # fmt: skip
    told = {
        step: written.one("funnel", "responses", f"response:{step}")["estimate"] for step in counts
    }
    assert told == counts
    for rule, n in last[last["rule"] != ""]["rule"].value_counts().items():
        assert written.one("funnel", "set_aside", f"rule:{rule}")["estimate"] == n


def test_doubtful_responses_that_are_used_are_told(export: Export, written: Written) -> None:
    """Previews are left out; those marked as spam and those not finished wait."""
    kept = export.kept
    n = int((kept["Status"].isin(["Spam", "Survey Preview"]) | (kept["Finished"] == "False")).sum())
    assert n == 8
    assert written.one("funnel", "responses", "response:doubtful")["estimate"] == n


def test_flags_are_counted_by_their_rules(export: Export, written: Written) -> None:
    last = export.last
    items = export.is_alike(last, ITEMS)
    alike = items.fillna(False).sum()
    told = {
        rule: written.one("flags", "responses", f"rule:{rule}")["estimate"]
        for rule in ("fast", "long_run", "straight", "bot_score", "duplicate_answers")
    }
    assert told == {
        "fast": export.is_fast(last).sum(),
        "long_run": alike,
        "straight": alike,
        "bot_score": 5,
        "duplicate_answers": 4,
    }
    assessed = written.one("flags", "flagged", "rule:straight")["n"]
    assert assessed == items.notna().sum()


def test_a_rule_is_told_with_the_seconds_that_it_comes_to(export: Export, written: Written) -> None:
    median = export.last[DURATION].astype(float).median()
    assert written.one("flags", "duration", "rule:fast")["estimate"] == median
    limit = written.one("flags", "flag_limit", "rule:fast")["estimate"]
    assert limit == pytest.approx(median / 3, rel=1e-9)
    assert written.one("flags", "flag_limit", "rule:bot_score")["estimate"] == 0.5


def without_limit(export: Export, folder: Path) -> cx.Survey:
    """The same study where nothing is private."""
    for name in ("export.csv", "exclusions.csv", "study.yaml"):
        shutil.copy(export.folder / name, folder / name)
    with (folder / "study.yaml").open("a", encoding="utf-8") as study:
        study.write("privacy: {min_n: 1}\n")
    return cx.load(folder)


def test_leaving_out_the_fast_keeps_the_weights_of_all(export: Export, written: Written) -> None:
    last = export.last
    weight, is_slow = raked(last), ~export.is_fast(last).to_numpy()
    value, n = nps(last[is_slow], weight[is_slow])
    told = written.one("sensitivity", "nps", "outcome:recommend", answers="without_fast")
    assert (told["n"], told["estimate"]) == (n, pytest.approx(value, abs=1e-6))


def test_everybody_answered_or_has_a_reason(
    export: Export, written: Written, tmp_path: Path
) -> None:
    """The base of a statement that is put to buyers; why a few of them lack it is private."""
    kept = export.kept
    is_buyer = kept["scr_bought"] == "Ya"
    answered = kept["ful_1"].isin(list(AGREED)) & is_buyer
    assert written.one("base", "answered", "item:ful_1")["n"] == answered.sum()
    assert (len(kept) - answered.sum()) - (~is_buyer).sum() < 10
    assert written.one("base", "item_nonresponse", "item:ful_1")["flags"] == ["hidden_privacy"]
    found = response.missing(without_limit(export, tmp_path)).where(of="item:ful_1")
    outside = found.only(metric="respondents", by_reason="not_applicable")
    assert outside.estimate == (~is_buyer).sum()
    skipped = found.only(metric="item_nonresponse")
    share = ((kept["ful_1"] == "") & is_buyer).sum() / is_buyer.sum()
    assert (skipped.n, skipped.estimate) == (is_buyer.sum(), pytest.approx(share, abs=1e-9))


def test_decisions_are_counted_by_rule(written: Written) -> None:
    told = {
        (rule, decision): written.one("decided", "decided", f"rule:{rule}", decision=decision)
        for rule, decision in (("straight", "exclude"), ("straight", "keep"), ("fast", "exclude"))
    }
    assert [one["estimate"] for one in told.values()] == [12, 2, 3]


def test_a_wave_that_cannot_be_weighted_with_everybody_leaves_the_others_theirs(
    export: Export, tmp_path: Path
) -> None:
    """Narrower limits hold for those kept in every wave, and for everybody not in the first."""
    for name in ("export.csv", "exclusions.csv", "study.yaml"):
        text = (export.folder / name).read_text(encoding="utf-8")
        narrow = text.replace("trim: {low: 0.2, high: 3.5}", "trim: {low: 0.29, high: 3}")
        (tmp_path / name).write_text(narrow, encoding="utf-8")
    assert [one.code for one in check(tmp_path).warnings].count("weights_of_everybody") == 1
    survey = cx.load(tmp_path)
    assert survey.with_excluded is None
    assert survey.where(wave=WAVES[0]).with_excluded is None
    everybody = survey.latest.with_excluded
    assert everybody is not None
    assert (everybody.n, everybody.all_waves) == (len(export.last), WAVES[1:])
    told = cx.data_quality.findings(survey).get("F03")
    value = nps(export.last, raked(export.last))[0]
    assert told.slots["alt"].record.estimate == pytest.approx(value, abs=1e-6)
    first = cx.data_quality.findings(survey.where(wave=WAVES[0]))
    assert first.get("F03").variant == "some_alone"
    assert "note_no_everybody" in [key for key, _ in first.get("funnel").notes]


# -- what check says -------------------------------------------------------------------------------


def test_tests_and_unfinished_interviews_are_told_and_kept(export: Export) -> None:
    """Five previews, two of spam, six unfinished in each wave; previews were decided on."""
    told = {one.code: one for one in check(export.folder)}
    assert "preview" not in told
    assert (told["spam"].n, told["unfinished"].n) == (6, 18)
    assert told["unfinished"].message == "18 responses were not finished, and kept"
    assert told["excluded"].severity == "note"
    assert told["excluded"].n == 3 * (12 + 3 + 5)
    frame = cx.load(export.folder).responses.frame
    assert (frame["status"] == "preview").sum() == 15
    assert (~frame["finished"].astype(bool)).sum() == 18


def test_the_rules_that_a_survey_was_held_against(export: Export) -> None:
    """A row a wave and rule; what it counts is what the columns of the frame say."""
    survey = cx.load(export.folder)
    table, frame = survey.flag_rules, survey.responses.frame
    assert list(table) == [
        "wave", "rule", "threshold", "unit", "median", "n", "n_assessed", "n_flagged", "why_not",
    ]  # fmt: skip
    for one in table.itertuples():
        marks = frame.loc[frame["wave"] == one.wave, f"flag:{one.rule}"]
        assert (len(marks), marks.notna().sum()) == (one.n, one.n_assessed), one
        assert marks.fillna(False).sum() == one.n_flagged, one
    table.loc[:, "n"] = 0
    assert (survey.flag_rules["n"] > 0).all()


# -- drafting decisions ----------------------------------------------------------------------------


Cxkit = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cxkit(capsys: pytest.CaptureFixture[str]) -> Cxkit:
    """The command as a user gives it."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        return main([str(one) for one in arguments]), *capsys.readouterr()

    return command


STATUS = """\
"StartDate","Status","Finished","QID","id"
"Start Date","Response Type","Finished","How likely?","id"
"{""ImportId"":""startDate""}","{""ImportId"":""status""}","{""ImportId"":""finished""}","{""ImportId"":""QID1""}","{""ImportId"":""id""}"
"""
FEW = """\
cxkit: 1
study: few
title: {id: Sedikit, en: Few}
brand: Toko
period: {id: 6 bulan, en: 6 months}
languages: [id, en]
sample: {frame: customers, design: opt_in}
frameworks: [pyramid]
respondent: id
answers: {path: a.csv}
outcomes: {recommend: {column: QID, metric: nps}}
"""


def few(folder: Path, status: list[str], finished: list[str], more: str = "") -> Path:
    """A Qualtrics export of some responses, of this status and end."""
    rows = [
        f'"2026-03-02 08:{at:02d}:00","{one}","{end}","{at % 11}","r{at}"\n'
        for at, (one, end) in enumerate(zip(status, finished, strict=True))
    ]
    (folder / "a.csv").write_text(STATUS + "".join(rows), encoding="utf-8")
    (folder / "study.yaml").write_text(FEW + more, encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Twenty responses: a preview, a test, one that is spam, two unfinished."""
    status = ["0"] * 15 + ["1", "2", "8", "4", "16"]
    return few(tmp_path, status, ["1"] * 12 + ["0", "0"] + ["1"] * 6)


def test_flagged_respondents_are_listed_for_a_person(small: Path, cxkit: Cxkit) -> None:
    code, out, err = cxkit("exclusions", small)
    table = pd.read_csv(small / "exclusions.csv", dtype=str, keep_default_na=False)
    told = dict(zip(table["respondent"], table["rule"], strict=True))
    assert told == {
        "r12": "unfinished", "r13": "unfinished", "r15": "preview", "r16": "preview",
        "r17": "spam",
    }  # fmt: skip
    assert set(table["decision"]) == {""}
    assert (code, out) == (0, f"{small / 'exclusions.csv'}: 5 respondents added\n")
    assert "add: exclusions: exclusions.csv" in err
    assert "5 respondents wait for a decision" in err


def test_a_draft_never_touches_a_decision(small: Path, cxkit: Cxkit) -> None:
    decided = HEAD + "r12,,unfinished,keep,called back\nr1,,staff,exclude,works for us\n"
    (small / "exclusions.csv").write_text(decided, encoding="utf-8")
    (small / "study.yaml").write_text(FEW + "exclusions: exclusions.csv\n", encoding="utf-8")
    code, out, err = cxkit("exclusions", small)
    assert (code, "4 respondents added" in out) == (0, True)
    after = (small / "exclusions.csv").read_text(encoding="utf-8")
    assert after.startswith(decided)
    assert "does not name the table" not in err
    again = cxkit("exclusions", small)
    assert (again[0], "0 respondents added" in again[1]) == (0, True)
    assert (small / "exclusions.csv").read_text(encoding="utf-8") == after


def test_quiet_says_the_table_alone(small: Path, cxkit: Cxkit) -> None:
    assert cxkit("exclusions", small, "-q")[2] == ""


def test_nothing_is_decided_on_the_demo(cxkit: Cxkit) -> None:
    code, out, err = cxkit("exclusions", "demo")
    assert (code, out) == (2, "")
    assert "cxkit new FOLDER" in err


def test_a_code_of_zero_is_not_finished(small: Path) -> None:
    """0 is no moment, though it is a number; 4 (imported) and 16 (offline) are no tests."""
    frame = cx.load(small).frame
    assert (~frame["finished"].astype(bool)).sum() == 2
    assert frame["status"].value_counts().to_dict() == {"preview": 2, "spam": 1}


def test_previews_are_counted_in_the_words_of_check(small: Path) -> None:
    told = {one.code: one.message for one in check(small)}
    assert told["preview"] == "2 responses are previews or tests of the questionnaire, and kept"
    assert told["spam"] == "1 response is marked as spam by the platform, and kept"


def test_a_status_of_another_platform_is_not_read_as_a_code(tmp_path: Path) -> None:
    folder = few(tmp_path, ["IP Address"] * 12, ["True"] * 12)
    assert "status" not in cx.load(folder).frame
    assert {one.code for one in check(folder)}.isdisjoint({"preview", "spam", "unfinished"})


# -- odd decisions ---------------------------------------------------------------------------------


def with_decisions(folder: Path, rows: str, more: str = "", **swap: str) -> Path:
    few(folder, ["0"] * 40, ["1"] * 40, "exclusions: exclusions.csv\n" + more)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    for old, new in swap.items():
        text = re.sub(rf"(?m)^{old}: .*\n", new, text)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    (folder / "exclusions.csv").write_text(HEAD + rows, encoding="utf-8")
    return folder


def test_leaving_out_everybody_is_refused(tmp_path: Path) -> None:
    everybody = "".join(f"r{at},,fast,exclude,why\n" for at in range(40))
    (told,) = check(with_decisions(tmp_path, everybody)).errors
    assert (told.code, bool(told.expected), bool(told.hint)) == ("nobody_kept", True, True)


def test_decisions_by_the_number_of_a_row_are_told(tmp_path: Path) -> None:
    folder = with_decisions(tmp_path, "07,,fast,exclude,why\n", respondent="")
    told = {one.code: one for one in check(folder)}
    assert told["decisions_by_number"].severity == "warning"
    assert cx.load(folder).n == 39


def test_where_all_together_cannot_be_weighted_the_page_says_so(tmp_path: Path) -> None:
    """A region that only those left out live in has no target."""
    few(tmp_path, ["0"] * 40, ["1"] * 40)
    raw = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    more = ["region", "region", '{""ImportId"":""region""}']
    more += ["moon"] * 3 + ["west", "east"] * 18 + ["west"]
    raw = [f'{line},"{cell}"' for line, cell in zip(raw, more, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(raw) + "\n", encoding="utf-8")
    weighting = "weighting: {rake: {region: {west: 0.5, east: 0.5}}}\nsegments: {region: {}}\n"
    (tmp_path / "study.yaml").write_text(
        FEW + weighting + "exclusions: exclusions.csv\n", encoding="utf-8"
    )
    rows = "".join(f"r{at},,staff,exclude,works for us\n" for at in range(3))
    (tmp_path / "exclusions.csv").write_text(HEAD + rows, encoding="utf-8")
    assert [one.code for one in check(tmp_path).warnings].count("weights_of_everybody") == 1
    survey = cx.load(tmp_path)
    assert survey.with_excluded is None
    for section in (cx.who_answered, cx.data_quality):
        found = section.findings(survey)
        assert found.get("F03").variant == "some_one_rule_alone"
        assert "note_no_everybody" in [key for key, _ in found.get("funnel").notes]
