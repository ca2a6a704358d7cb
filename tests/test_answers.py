"""Answers are read as they are, checked all at once, and held in a Survey that does not change."""

from __future__ import annotations

import gzip
import json
import os
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import found, swapped

from cxkit import answers
from cxkit.answers import Survey, check, load, prepare
from cxkit.answers.columns import WHYS, codes, membership
from cxkit.answers.readers import read_table
from cxkit.answers.texts import Texts
from cxkit.errors import StudyError, SurveyError
from cxkit.library import Scale, scale
from cxkit.study import read_study

TESTS = Path(__file__).resolve().parent

STUDY = """\
cxkit: 1
study: toko
title: Toko Contoh
brand: Toko
period: enam bulan
languages: [id, en]
sample: {frame: market, design: opt_in}
frameworks: [pyramid, journey]
answers: {path: answers.csv}
respondent: id
scale: agreement_5
items: {tru_1: Q1, tru_2: Q2}
"""
BASES = "bases: {buyers: bought, visitors: visited}\n"


@pytest.fixture
def shop(tmp_path):
    """Writes a study and its answers, and gives its folder."""

    def write(rows: str | bytes, more: str = BASES, name: str = "answers.csv", **swap: str) -> Path:
        (tmp_path / "study.yaml").write_text(swapped(STUDY, **swap) + more, encoding="utf-8")
        raw = rows.encode() if isinstance(rows, str) else rows
        (tmp_path / name).write_bytes(raw)
        return tmp_path

    return write


ROWS = """\
id,Q1,Q2,bought,visited
r3,5,4,yes,yes
r1,3,,yes,no
r2,1,2,no,yes
r4,,,no,no
"""


def codes_of(folder: Path) -> list[str]:
    return [one.code for one in check(folder)]


# -- what is read --------------------------------------------------------------------------------


def test_rows_are_sorted_by_wave_then_respondent(shop):
    rows = (
        "id,Q1,Q2,bought,visited,w\nr2,5,4,yes,yes,2026\nr1,1,2,yes,yes,2026\nr2,3,3,yes,yes,2025\n"
    )
    frame = prepare(shop(rows, BASES + "wave: w\n"))
    assert list(zip(frame["wave"], frame["respondent"], frame["item:tru_1"])) == [
        ("2025", "r2", 3),
        ("2026", "r1", 1),
        ("2026", "r2", 5),
    ]


def test_every_missing_answer_has_its_reason(shop):
    survey = load(shop(ROWS))
    frame = survey.frame.set_index("respondent")
    assert frame["item:tru_2"].to_dict() | {"r1": 0, "r2": 0, "r4": 0} == {
        "r1": 0,
        "r2": 0,
        "r3": 4,
        "r4": 0,
    }
    assert frame["why:item:tru_2"].to_dict() == {
        "r1": "no_answer",  # a buyer who left it blank
        "r2": "not_applicable",  # answered, but is no buyer
        "r3": "",
        "r4": "not_applicable",
    }
    assert survey.missing("item:tru_2") == {"no_answer": 1, "not_applicable": 2}


def test_an_answer_from_outside_the_base_is_left_out_and_counted(shop):
    folder = shop(ROWS)
    told = found(folder, "outside_base")
    assert (told.severity, told.column, told.n, told.examples) == ("warning", "Q2", 1, ("2",))
    assert np.isnan(load(folder).where(buyers=False).values("item:tru_2")[1])


def test_an_undeclared_base_is_those_who_answered_and_is_told(shop):
    folder = shop(ROWS, "")
    told = [one for one in check(folder) if one.code == "base_undeclared"]
    assert [one.column for one in told] == ["bases.experienced", "bases.buyers"]
    frame = prepare(folder).set_index("respondent")
    assert frame.loc["r2", "item:tru_2"] == 2
    assert frame.loc["r1", "why:item:tru_2"] == "not_applicable"
    assert "base:buyers" not in frame


def test_experienced_is_anyone_who_visited_or_bought(shop):
    frame = prepare(shop(ROWS)).set_index("respondent")
    assert frame["base:experienced"].to_dict() == {"r1": True, "r2": True, "r3": True, "r4": False}


def test_reached_is_any_of_its_conditions_and_unknown_when_nobody_can_tell(shop):
    rows = "id,Q1,Q2,bought,visited,a,b\n" + "".join(
        f"r{at},1,1,yes,yes,{a},{b}\n"
        for at, (a, b) in enumerate(
            [("yes", "no"), ("no", "no"), ("no", ""), ("dont_remember", "yes"), ("", "")]
        )
    )
    frame = prepare(shop(rows, BASES + "stages: {advocate: {reached: [a, b]}}\n"))
    assert list(frame["reached:advocate"].fillna(-1)) == [1, 0, -1, 1, -1]


def test_a_rating_of_a_stage_that_was_not_reached_is_left_out(shop):
    rows = "id,Q1,Q2,bought,visited,a,s\nr1,1,1,yes,yes,yes,5\nr2,1,1,yes,yes,no,4\n"
    rows += "r3,1,1,yes,yes,no,\n"
    survey = load(shop(rows, BASES + "stages: {aware: {reached: a, rating: s}}\n"))
    assert survey.missing("rating:aware") == {"not_reached": 2}
    assert np.nansum(survey.values("rating:aware")) == 5


def test_reasons_exit_codes_labels_and_mapped_texts_are_understood(shop):
    more = BASES + (
        "scales:\n  own:\n    points: 5\n    direction: up\n"
        "    labels: {id: [STS, TS, N, S, SS], en: [a, b, c, d, e]}\n"
        "    missing: {9: dont_know, 0: no_answer}\n"
        "text_answers: {Q1: {Setuju sekali: 5, N/A: refused}, own: {Boleh: 4}}\n"
    )
    texts = ["SS", "b", "Setuju sekali", "Boleh", "N/A", "9", "not_experienced", "3.0", " 2 "]
    rows = "id,Q1,Q2,bought,visited\n" + "".join(
        f"r{at},{text},1,yes,yes\n" for at, text in enumerate(texts)
    )
    folder = shop(rows, more, scale="scale: own")
    frame = prepare(folder)
    assert list(frame["item:tru_1"].fillna(0)) == [5, 2, 5, 4, 0, 0, 0, 3, 2]
    assert list(frame["why:item:tru_1"])[4:7] == ["refused", "dont_know", "not_experienced"]
    assert "constant" in codes_of(folder)


def test_a_scale_that_falls_keeps_its_codes(shop):
    own = BASES + "scales: {own: {points: 5, direction: down, low: best, high: worst}}\n"
    survey = load(shop(ROWS, own, scale="scale: own"))
    assert survey.study.scale("item:tru_1").best(1) == (1,)
    assert survey.frame["item:tru_1"].iloc[0] == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_delimiter_and_the_encoding_are_found(shop, delimiter, encoding):
    raw = ROWS.replace(",", delimiter).replace("r1", "ré1").encode(encoding)
    folder = shop(raw)
    assert not check(folder).errors
    assert list(prepare(folder)["respondent"]) == ["r2", "r3", "r4", "ré1"]


def test_windows_1252_is_read_and_told(shop):
    folder = shop(ROWS.replace("r2", "ré2").encode("cp1252"))
    told = found(folder, "encoding")
    assert (told.severity, told.line) == ("warning", 4)
    assert "ré2" in set(prepare(folder)["respondent"])


def test_decimal_commas_are_numbers(shop):
    rows = "id;Q1;Q2;bought;visited;w\nr1;1;1;yes;yes;0,5\nr2;1;2;yes;yes;1,5\n"
    assert list(prepare(shop(rows, BASES + "weight: w\n"))["weight"]) == [0.5, 1.5]


def test_decimals_of_two_kinds_in_a_column_are_refused(shop):
    rows = 'id,Q1,Q2,bought,visited,w\nr1,1,1,yes,yes,"0,5"\nr2,1,2,yes,yes,1.5\n'
    assert "mixed_decimals" in codes_of(shop(rows, BASES + "weight: w\n"))


def test_csv_gz_and_parquet_hold_the_same_answers_as_csv(shop):
    plain = prepare(shop(ROWS))
    packed = shop(gzip.compress(ROWS.encode()), name="answers.csv.gz",
                  answers="answers: {path: answers.csv.gz}")  # fmt: skip
    pd.testing.assert_frame_equal(prepare(packed), plain)
    folder = shop(ROWS, answers="answers: {path: answers.parquet}")
    typed = pd.read_csv(folder / "answers.csv").assign(unused="x")
    typed["bought"] = typed["bought"] == "yes"
    typed.to_parquet(folder / "answers.parquet")
    pd.testing.assert_frame_equal(prepare(folder), plain)


def test_trailing_blank_lines_are_no_answers_and_no_problem(shop):
    folder = shop(ROWS + "\n\n")
    assert len(prepare(folder)) == 4
    assert "blank_row" not in codes_of(folder)


def test_blank_rows_between_answers_are_told(shop):
    folder = shop(ROWS.replace("r2,", "\nr2,") + ",,,,\n")
    assert found(folder, "blank_row").n == 2
    assert len(prepare(folder)) == 4


def test_quoted_line_breaks_and_delimiters_stay_in_their_cell(shop):
    rows = 'id,Q1,Q2,bought,visited,c\nr1,1,2,yes,yes,"satu,\ndua"\nr2,9,2,yes,yes,\n'
    folder = shop(rows, BASES + "comments: {reason: c}\n")
    assert found(folder, "off_scale").line == 4
    frame = prepare(shop(rows.replace("9", "3"), BASES + "comments: {reason: c}\n"))
    assert frame["comment:reason"].iloc[0] == "satu,\ndua"
    assert frame["comment:reason"].isna().tolist() == [False, True]


def test_without_a_respondent_column_each_row_is_one(shop):
    folder = shop(ROWS.replace("id,", "other,"), respondent="")
    assert list(prepare(folder)["respondent"]) == ["1", "2", "3", "4"]
    assert list(prepare(folder)["item:tru_1"].fillna(0)) == [5, 3, 1, 0]


def test_waves_may_come_as_files_with_names_of_their_own(shop, tmp_path):
    folder = shop(ROWS, answers="answers: {w1: {path: answers.csv}, "
                  "w2: {path: b.csv, columns: {tru_1: X1, tru_2: , id: nr}}}")  # fmt: skip
    (tmp_path / "b.csv").write_text("nr,X1,bought,visited\nr1,2,yes,yes\n", encoding="utf-8")
    assert not check(folder).errors
    survey = load(folder)
    assert survey.waves == ("w1", "w2")
    assert survey.latest.missing("item:tru_2") == {"not_asked": 1}
    assert survey.values("item:tru_1")[survey.latest.mask].tolist() == [2]


def test_a_study_without_a_wave_column_is_of_its_only_wave(shop):
    assert load(shop(ROWS, BASES + "waves: {2026H1: {}}\n")).waves == ("2026H1",)
    assert load(shop(ROWS)).waves == ("all",)


# -- weights -------------------------------------------------------------------------------------


WEIGHED = "id,Q1,Q2,bought,visited,w,wave\n" + "".join(
    f"r{at},{at % 5 + 1},{at % 3 + 1},yes,yes,{0.3 + at * 0.7:.3f},{2025 + at % 2}\n"
    for at in range(12)
)


def test_weights_have_mean_one_within_each_wave(shop):
    frame = prepare(shop(WEIGHED, BASES + "weight: w\nwave: wave\n"))
    means = frame.groupby("wave")["weight"].mean()
    assert means.to_numpy() == pytest.approx([1, 1], abs=1e-12)
    first = frame[frame["wave"] == "2025"].set_index("respondent")["weight"]
    assert first["r4"] / first["r0"] == pytest.approx(3.1 / 0.3, rel=1e-12)


def test_a_thousandfold_weight_changes_nothing(shop):
    once = prepare(shop(WEIGHED, BASES + "weight: w\nwave: wave\n"))["weight"]
    rows = pd.read_csv(pd.io.common.StringIO(WEIGHED))
    rows["w"] *= 1000
    many = prepare(shop(rows.to_csv(index=False), BASES + "weight: w\nwave: wave\n"))["weight"]
    np.testing.assert_allclose(many, once, rtol=0, atol=1e-12)


def test_equal_weights_are_exactly_one(shop):
    rows = WEIGHED.splitlines()
    rows = [
        rows[0],
        *(",".join([*one.split(",")[:5], "0.1", one.split(",")[6]]) for one in rows[1:]),
    ]
    frame = prepare(shop("\n".join(rows) + "\n", BASES + "weight: w\nwave: wave\n"))
    assert set(frame["weight"]) == {1.0}


# -- what is refused -----------------------------------------------------------------------------

REFUSED = {
    "no file": (None, "", "missing_file", None, "answers.csv"),
    "a column that is not there": (ROWS.replace("Q2", "Q_2"), BASES, "missing_column", 1, "Q2"),
    "an answer off the scale": (ROWS.replace("r1,3", "r1,6"), BASES, "off_scale", 3, "'6'"),
    "half an answer": (ROWS.replace("r1,3", "r1,3.5"), BASES, "off_scale", 3, "'3.5'"),
    "a text that says nothing": (ROWS.replace("r1,3", "r1,ya"), BASES, "unmapped_text", 3, "'ya'"),
    "a screening text": (ROWS.replace("yes,no", "ya,no"), BASES, "unmapped_text", 3, "'ya'"),
    "a ragged row": (ROWS + "r9,1,1\n", BASES, "ragged_row", 6, "1 row"),
    "a respondent twice": (ROWS.replace("r4", "r1"), BASES, "duplicate_respondent", 5, "'r1'"),
    "nobody's answers": (ROWS.replace("r4", ""), BASES + "strata: bought\n", "missing_respondent",
                         5, "whose"),
    "a missing weight": (ROWS, BASES + "weight: Q2\n", "missing_weight", 3, "no weight"),
    "a weight in words": (ROWS, BASES + "weight: bought\n", "not_a_number", 2, "'yes'"),
    "an unknown wave": (ROWS, BASES + "wave: bought\nwaves: {yes: }\n", "unknown_wave", 4, "'no'"),
    "no wave": (ROWS, BASES + "wave: Q2\n", "missing_wave", 3, "wave"),
    "a stratum left out": (ROWS, BASES + "strata: Q2\n", "missing_strata", 3, "strata"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "more", "code", "line", "token"), REFUSED.values(), ids=REFUSED)
def test_what_needs_mending_is_named_with_its_line(shop, rows, more, code, line, token):
    folder = shop(rows or "", more)
    if rows is None:
        (folder / "answers.csv").unlink()
    told = found(folder, code)
    assert told.severity == "error"
    assert told.line == line
    assert token in told.message
    assert str(folder.parent) not in str(told)
    with pytest.raises(SurveyError) as caught:
        load(folder)
    assert code in {one.code for one in caught.value.problems}


@pytest.mark.parametrize("raw", [b"", b"\n\n", b'"', b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n"])
def test_a_file_that_holds_nothing_is_empty(shop, raw):
    assert found(shop(raw), "empty_file").severity == "error"


def test_off_scale_tells_column_values_and_count(shop):
    rows = ROWS.replace("r1,3", "r1,6").replace("r2,1", "r2,99")
    told = found(shop(rows), "off_scale")
    assert (told.column, told.n, told.examples) == ("Q1", 2, ("6", "99"))


def test_a_label_that_only_resembles_is_not_proposed(shop):
    told = found(shop(ROWS.replace("r1,3", "r1,Kurang setuju")), "unmapped_text")
    assert "text_answers" in told.hint
    assert "Sangat setuju" not in told.hint
    told = found(shop(ROWS.replace("r1,3", "r1,setuju")), "unmapped_text")
    assert told.hint == (
        "but for capitals and blanks 'setuju' is 'Setuju': text_answers: {Q1: {setuju: 4}}"
    )


def test_each_label_of_another_spelling_gets_a_line_to_paste():
    assert tried(["SETUJU", "Tidak  setuju", "x: y"], scale("agreement_5")).endswith(
        "text_answers: {Q: {SETUJU: 4, Tidak  setuju: 2, 'x: y': CODE}}"
    )


def told_yes_no(*texts: str, wanted: str = "yes"):
    values, slips = membership(Texts.of(texts), column="b", wanted=[wanted], mapped={})
    return [None if one == -1 else one for one in values], [slip.hint for slip in slips]


def test_the_kits_own_words_for_yes_and_no_are_understood():
    curly = "I don\N{RIGHT SINGLE QUOTATION MARK}t remember"
    texts = ("Ya", "Tidak", "Yes", "No", "Tidak ingat", curly, "Don't remember",
             "Prefer not to say", "yes", "no", "")  # fmt: skip
    unknown = [None] * 4
    assert told_yes_no(*texts) == ([1, 0, 1, 0, *unknown, 1, 0, None], [])
    assert told_yes_no(*texts, wanted="no") == ([0, 1, 0, 1, *unknown, 0, 1, None], [])


def test_what_other_words_mean_is_asked_and_never_chosen():
    values, (hint,) = told_yes_no("Pernah", "Belum, tidak", "Ya")
    assert values == [None, None, 1]
    assert hint.endswith("text_answers: {b: {Pernah: yes or no, 'Belum, tidak': yes or no}}")
    _, (hint,) = told_yes_no("TIDAK", "Pernah")
    assert "'TIDAK' is 'Tidak'" in hint
    assert hint.endswith("text_answers: {b: {TIDAK: no, Pernah: yes or no}}")


def tried(texts: list[str], on: Scale) -> str:
    """What to try with texts that stand for no answer on a scale."""
    _, slips = codes(Texts.of(texts), column="Q", scale=on, mapped={})
    (slip,) = [one for one in slips if one.code == "unmapped_text"]
    return slip.hint


@pytest.mark.parametrize(
    ("text", "points", "proposed"),
    [
        ("Kurang setuju", 5, "2 or 3"),
        ("KURANG SETUJU", 4, "2"),
        ("ragu-ragu", 5, "3"),
        ("Cukup puas", 5, "3 or 4"),
        ("STS", 5, "1"),
        ("CS", 5, "3 or 4"),
        ("Mungkin", 5, "3 or 4"),
    ],
)
def test_an_ambiguous_label_is_proposed_with_its_places_and_never_placed(text, points, proposed):
    own = Scale(points, "worst", "best", key="own")
    assert tried([text], own).endswith(f"text_answers: {{own: {{{text}: {proposed}}}}}")
    assert "different places" not in tried(["Setuju", "Kurangi harga"], own)


def test_places_are_proposed_from_the_worst_answer_on_a_scale_that_falls():
    falling = Scale(5, "best", "worst", "down", key="own")
    assert "{SS: 1, TS: 4, KS: 4 or 3}" in tried(["SS", "TS", "KS", "Setuju"], falling)


def test_every_problem_of_study_and_answers_comes_at_once(shop):
    rows = ROWS.replace("r1,3", "r1,6").replace("r4", "r1") + "r9,1\n"
    folder = shop(rows, BASES + "min_bse: 3\n")
    assert {one.code for one in check(folder)} == {
        "unknown_key",
        "off_scale",
        "duplicate_respondent",
        "ragged_row",
    }
    with pytest.raises(StudyError) as caught:
        load(folder)
    assert len(caught.value.problems) == 4


def test_a_look_is_wanted_at_constant_empty_and_unused(shop):
    rows = "id,Q1,Q2,bought,visited,g,w\nr1,3,,yes,no,x,2025\nr2,3,,yes,no,,2025\n"
    more = BASES + "wave: w\nwaves: {2025: {}, 2026: {}}\nsegments: {g: {values: {a: A}}}\n"
    folder = shop(rows, more)
    assert set(codes_of(folder)) == {
        "constant",
        "no_answers",
        "unused_wave",
        "no_group",
        "unlabelled_group",
        "empty_base",
    }
    assert not check(folder).errors
    assert found(folder, "no_answers").n == 2


def test_the_problems_show_as_a_table_and_as_json(shop):
    problems = check(shop(ROWS.replace("r1,3", "r1,6")))
    table = problems.table()
    assert table.splitlines()[-1] == "1 error, 1 warning"
    assert "off_scale" in table
    assert "answers.csv:3: Q1" in table
    plain = json.loads(problems.to_json())
    assert set(plain[0]) == {
        "code", "severity", "message", "file", "line", "column", "n", "examples", "expected", "try",
    }  # fmt: skip
    assert [one["severity"] for one in plain] == ["error", "warning"]


def test_a_column_that_several_conditions_read_is_told_once_whatever_its_length(shop):
    asked = "Did you buy anything from this shop in the last six months, online or not?"
    rows = ROWS.replace("bought", f'"{asked}"').replace("r1,3,,yes", "r1,3,,maybe")
    bases = f'bases: {{buyers: "{asked}", visitors: visited, users: {{column: "{asked}"}}}}\n'
    assert found(shop(rows, bases), "unmapped_text").n == 1


@given(st.lists(st.sampled_from(["1", "5", "", "dont_know", "Setuju", "7", "x"]), min_size=1))
def test_each_cell_is_an_answer_a_reason_or_a_slip(texts):
    read, slips = codes(Texts.of(texts), column="Q", scale=scale("agreement_5"), mapped={})
    refused = {int(row) for slip in slips for row in slip.rows}
    for at, text in enumerate(texts):
        assert (read.at[at] >= 0) == (text in ("1", "5", "Setuju"))
        assert (at in refused) == (text in ("7", "x"))
        assert (read.at[at] < 0) == (WHYS[read.whys[at]] != "")


@given(st.lists(st.lists(st.text('abc,;"\n é|', max_size=6), min_size=3, max_size=3), min_size=1))
def test_what_was_written_as_csv_is_read_back(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("csv") / "answers.csv"
    table = pd.DataFrame([[f"r{at}", *row] for at, row in enumerate(rows)], columns=list("iabc"))
    table.to_csv(file, index=False, lineterminator="\r\n")
    read = read_table(file, "answers.csv", list("iabc"))
    assert read.problems == ()
    for name in "abc":
        assert list(read.cells[name]) == [text.strip() for text in table[name]]


# -- the survey ----------------------------------------------------------------------------------

MANY = "id,Q1,Q2,bought,visited,g,w\n" + "".join(
    f"r{at % 20:02d},{at % 5 + 1},{at % 4 + 1},{'yes' if at % 3 else 'no'},yes,"
    f"{('west', 'east')[at % 2]},{('2025H1', '2025H2', '2026H1')[at // 20]}\n"
    for at in range(60)
)
SPLIT = BASES + "wave: w\nsegments: {region: {column: g, values: {west: Barat, north: Utara}}}\n"


@pytest.fixture
def survey(shop):
    return load(shop(MANY, SPLIT))


def test_where_gives_a_new_survey_and_leaves_the_old_one(survey):
    west = survey.where(region="west", wave="2026H1", buyers=True)
    rows = survey.frame[
        survey.frame["wave"].eq("2026H1") & survey.frame["segment:region"].eq("west")
    ]
    assert west.n == int(rows["base:buyers"].sum())
    assert survey.n == 60
    assert len(west.frame) == 60
    assert west.mask.sum() == west.n
    assert survey.where(region=["west", "east"]).n == 60


def test_where_narrows_one_step_at_a_time(survey):
    step = survey.where(region="west").where(buyers=True)
    assert step.n == survey.where(region="west", buyers=True).n
    assert survey.where(wave="2025H1").where(wave="2026H1").n == 0


def test_a_group_that_nobody_belongs_to_is_empty_and_an_unknown_one_is_refused(survey):
    assert survey.where(region="north").n == 0
    assert survey.where(region="north").latest.n == 0
    with pytest.raises(SurveyError, match="wset") as caught:
        survey.where(region="wset")
    assert caught.value.hint == "did you mean 'west'?"
    for slip in ({"regoin": "west"}, {"wave": "2026H2"}, {"buyers": "yes"}):
        with pytest.raises(SurveyError):
            survey.where(**slip)


def test_latest_and_previous_walk_through_the_waves_with_the_same_filters(survey):
    west = survey.where(region="west")
    assert west.wave is None
    assert (west.latest.wave, west.previous.wave) == ("2026H1", "2025H2")
    assert west.latest.previous.previous.wave == "2025H1"
    assert west.latest.previous.previous.previous is None
    assert west.previous.n == 10


def test_loading_a_wave_leaves_the_earlier_ones_within_reach(shop):
    survey = load(shop(MANY, SPLIT), wave="2025H2")
    assert (survey.wave, survey.waves, survey.n) == ("2025H2", ("2025H2",), 20)
    assert survey.previous.wave == "2025H1"
    assert survey.latest.wave == "2025H2"
    with pytest.raises(SurveyError, match="2027"):
        load(survey.study, wave="2027")


def test_min_base_can_be_set_for_one_loading(shop):
    folder = shop(MANY, SPLIT)
    assert load(folder, min_base=200).study.context()["min_base"] == 200
    assert load(folder).study.min_base == 30


def test_values_are_of_all_rows_and_unknown_ones_are_refused(survey):
    assert len(survey.where(region="west").values("item:tru_1")) == 60
    assert set(survey.values("base:buyers")) == {0.0, 1.0}
    with pytest.raises(SurveyError) as caught:
        survey.values("item:tru_3")
    assert caught.value.hint == "did you mean 'item:tru_2'?"


def test_groups_keep_the_order_of_the_study(survey):
    assert survey.groups("region") == ("west", "east")


def test_a_survey_does_not_change(survey):
    for name in ("study", "mask", "n", "anything"):
        with pytest.raises(AttributeError, match="where"):
            setattr(survey, name, 1)
    with pytest.raises(ValueError, match="read-only"):
        survey.mask[0] = False
    survey.values("item:tru_1")[:] = 0
    survey.weight[:] = 0
    frame = survey.frame
    frame["item:tru_1"] = 0.0
    frame.loc[0, "item:tru_2"] = 99
    assert np.nansum(survey.values("item:tru_1")) > 0
    assert np.nanmax(survey.values("item:tru_2")) < 99
    assert survey.weight.sum() == 60


def test_a_survey_shows_its_title_bases_weights_and_warnings(shop):
    text = SPLIT + "weight: Q1\n"
    shown = load(shop(MANY, text, title='title: "<b>Toko</b> & Co"'))
    page = shown._repr_html_()
    assert "&lt;b&gt;Toko&lt;/b&gt; &amp; Co" in page
    assert '<th scope="row" class="left">2026H1</th><td>20</td>' in page
    assert "column Q1" in page
    assert len(page) < 4000
    assert "2026H1: 20 (effective" in repr(shown)
    assert "nobody" in repr(shown.where(region="north"))


def test_strata_cluster_and_population_are_at_hand(shop):
    more = SPLIT + "strata: g\ncluster: id\npopulation: 900\n"
    survey = load(shop(MANY, more))
    assert (set(survey.strata), len(set(survey.cluster))) == ({"west", "east"}, 20)
    assert survey.study.population_for(60) == 900
    plain = load(shop(MANY, SPLIT))
    assert (plain.strata, plain.cluster, plain.has_weight) == (None, None, False)
    assert plain.study.population_for(60) is None


# -- the cache -----------------------------------------------------------------------------------


def cached(folder: Path) -> list[Path]:
    return sorted((folder / ".cxkit").glob("*"))


def test_the_frame_is_kept_and_read_back_the_same(shop):
    folder = shop(MANY, SPLIT)
    fresh = load(folder)
    kept = cached(folder)
    assert len(kept) == 1
    again = load(folder)
    pd.testing.assert_frame_equal(again.frame, fresh.frame)
    assert again.warnings == fresh.warnings
    assert again.warnings
    assert cached(folder) == kept


def test_the_kept_frame_is_what_is_read(shop, monkeypatch):
    folder = shop(MANY, SPLIT)
    load(folder)
    monkeypatch.setattr(
        "cxkit.answers.canonical.canonical", lambda study: pytest.fail("read again")
    )
    assert load(folder).n == 60


@pytest.mark.parametrize("changed", ["answers.csv", "study.yaml"])
def test_a_changed_input_makes_a_new_frame_and_drops_the_old(shop, changed):
    folder = shop(MANY, SPLIT)
    load(folder)
    before = cached(folder)
    text = (folder / changed).read_text(encoding="utf-8")
    swap = ("r00,1", "r00,2") if changed == "answers.csv" else ("brand: Toko", "brand: Warung")
    (folder / changed).write_text(text.replace(*swap), encoding="utf-8")
    load(folder)
    assert len(cached(folder)) == 1
    assert cached(folder) != before


@pytest.mark.parametrize("damage", ["truncate", "flip", "replace"])
def test_a_damaged_cache_is_made_again(shop, damage):
    folder = shop(MANY, SPLIT)
    fresh = load(folder).frame
    (file,) = cached(folder)
    raw = bytearray(file.read_bytes())
    if damage == "flip":
        raw[len(raw) // 8] ^= 255
    file.write_bytes({"truncate": raw[:100], "flip": raw, "replace": b"nothing"}[damage])
    pd.testing.assert_frame_equal(load(folder).frame, fresh)


def test_a_folder_that_cannot_be_written_has_no_cache_and_no_complaint(shop):
    folder = shop(MANY, SPLIT)
    (folder / ".cxkit").write_text("in the way", encoding="utf-8")
    assert load(folder).n == 60
    assert (folder / ".cxkit").read_text(encoding="utf-8") == "in the way"


def test_nothing_half_written_is_left(shop, monkeypatch):
    folder = shop(MANY, SPLIT)

    def full_disk(*args: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full_disk)
    assert load(folder).n == 60
    assert cached(folder) == []


def test_the_answers_of_each_wave_have_a_digest_that_a_later_wave_leaves_as_it_is(shop):
    inputs = load(shop(MANY, SPLIT)).inputs
    assert list(inputs) == ["2025H1", "2025H2", "2026H1"]
    assert all(len(digest) == 64 for digest in inputs.values())
    first_two = "\n".join(MANY.splitlines()[:41]) + "\n"
    earlier = load(shop(first_two, SPLIT)).inputs
    assert earlier == {wave: inputs[wave] for wave in ("2025H1", "2025H2")}
    changed = load(shop(MANY.replace("r00,1", "r00,2", 1), SPLIT)).inputs
    assert [wave for wave in inputs if inputs[wave] != changed[wave]] == ["2025H1"]


# -- real data -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mobi(shared_data):
    if not (shared_data / "mobi" / "mobi.csv").is_file():
        pytest.skip("no ../shared/data beside the clone")
    reference = json.loads((shared_data / "mobi" / "expected.json").read_text(encoding="utf-8"))
    return load(TESTS / "studies" / "mobi"), reference["item_stats"]


def test_means_and_sds_of_real_items_are_those_of_r(mobi):
    survey, reference = mobi
    assert {*reference, "CUSCO"} == set(survey.study.items)
    for key, item in reference.items():
        answered = survey.values(f"item:{key}")
        assert len(answered) == item["n"]
        assert statistics.fmean(answered) == pytest.approx(item["mean"], abs=1e-9)
        assert statistics.stdev(answered) == pytest.approx(item["sd"], abs=1e-9)


def test_a_framework_of_ones_own_is_all_there_is_to_a_study_of_real_answers(mobi):
    survey, _ = mobi
    assert survey.warnings == ()
    assert survey.study.framework.level_keys[-2:] == ("complaint_handling", "loyalty")
    assert survey.study.framework.unit == {"id": "dimensi", "en": "dimension"}
    context = survey.study.context()
    assert context["labels"]["level:complaint_handling"]["id"] == "Penanganan keluhan"
    assert survey.study.scale("outcome:recommend").points[0] == 1


def test_the_public_names_are_there_when_used():
    assert isinstance(answers.load("demo"), Survey)
    assert set(answers.__all__) <= set(dir(answers))
    assert read_study("demo").key == "toko_contoh"


def test_a_study_that_was_changed_in_the_hand_is_read_anew(shop):
    """Its file is the same, and so are its answers: what it says of them is not."""
    study = read_study(shop(WEIGHED, BASES + "weight: w\nwave: wave\n"))
    assert prepare(study)["weight"].nunique() > 1
    assert prepare(study.model_copy(update={"weight": None}))["weight"].nunique() == 1
