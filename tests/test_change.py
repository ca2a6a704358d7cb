"""The section on change: a rise in words, a different make-up, figures that are restated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from waved import (
    BEFORE,
    BY_REGION,
    CUSTOMERS,
    MEAN,
    NOW,
    NPS,
    REGION,
    asked,
    lay,
    notes,
    planted,
    say,
    shown,
    study_of,
    variants,
    write,
)

import cxkit as cx
from cxkit.answers.survey import Survey
from cxkit.report.finding import Findings
from cxkit.study import Study

MATTERS = "matters: {nps: 5, csat: 0.05}\n"
WAVES = f"waves:\n  {BEFORE}: {{}}\n  {NOW}: {{}}\n"


@pytest.fixture
def of_nps(tmp_path: Path) -> Study:
    return study_of(tmp_path, NPS + BY_REGION + MATTERS)


def crowd(*parts: tuple[str, str, int, int, int]) -> dict[str, Any]:
    """Rows of (wave, region, promoters, passives, detractors)."""
    rows = [
        (wave, region, answer)
        for wave, region, *counts in parts
        for answer, n in zip((10, 8, 0), counts, strict=True)
        for _ in range(n)
    ]
    wave, region, answers = zip(*rows, strict=True)
    return {
        "wave": np.array(wave, dtype=object),
        "segment:region": np.array(region, dtype=object),
        "outcome:recommend": np.array(answers, dtype=float),
    }


def found(survey: Survey) -> Findings:
    return cx.change.findings(survey)


def keys_of(findings: Findings) -> list[tuple[str, str]]:
    return [(one.key, one.variant) for one in findings]


# -- F20: the headline -----------------------------------------------------------------------------


def test_a_rise_and_a_fall_in_words(of_nps: Study) -> None:
    """700 of 1,000 promoters against 500: from +20 to +50 points or so."""
    up = crowd((BEFORE, "a", 500, 200, 300), (NOW, "a", 700, 100, 200))
    down = crowd((BEFORE, "a", 700, 100, 200), (NOW, "a", 500, 200, 300))
    rise, fall = (found(planted(of_nps, one)).get("F20") for one in (up, down))
    low, high = (shown(rise).slots(rise.to_dict()["slots"])[key] for key in ("lo", "hi"))
    assert say(rise) == (
        "Net Promoter Score (NPS) has risen by 30 points since the second half of 2025, from 20 to"
        f" 50 (range of the rise: {low} to {high} points)."
    )
    assert say(fall) == (
        "Net Promoter Score (NPS) has fallen by 30 points since the second half of 2025, from 50"
        f" to 20 (range of the fall: {low} to {high} points)."
    )
    assert say(rise, "id") == (
        "Net Promoter Score (NPS) naik 30 poin sejak Semester II 2025, dari 20 menjadi 50 (rentang"
        f" kenaikan: {low} sampai {high} poin)."
    )
    assert say(fall, "id") == (
        "Net Promoter Score (NPS) turun 30 poin sejak Semester II 2025, dari 50 menjadi 20 (rentang"
        f" penurunan: {low} sampai {high} poin)."
    )
    assert (rise.direction, fall.direction) == ("good", "bad")


@pytest.mark.parametrize(
    ("before", "now", "variant", "plus"),
    [
        ((2500, 1000, 1500), (2525, 1000, 1475), "stable", []),
        ((10000, 4000, 6000), (10300, 4000, 5700), "rise", ["small"]),
        ((200, 80, 120), (210, 80, 110), "no_evidence", []),
        ((50, 20, 30), (51, 20, 29), "undecided", []),
        ((6, 2, 3), (500, 200, 300), "hidden", []),
    ],
)
def test_which_form_is_taken(
    of_nps: Study, before: Sequence[int], now: Sequence[int], variant: str, plus: list[str]
) -> None:
    survey = planted(of_nps, crowd((BEFORE, "a", *before), (NOW, "a", *now)))
    one = found(survey).get("F20")
    assert (one.variant, [key for key, _ in one.plus]) == (variant, plus)


def test_a_headline_that_is_hidden_now_has_no_change_that_is_shown(of_nps: Study) -> None:
    survey = planted(of_nps, crowd((BEFORE, "a", 500, 200, 300), (NOW, "a", 6, 2, 3)))
    one = found(survey).get("F20")
    assert one is None or one.variant == "hidden"


def test_a_question_first_asked_now_is_said_to_be_new(tmp_path: Path) -> None:
    """Nobody could answer it before: that is no small base."""
    answers = asked([""] * 60, [10, 0, 8] * 20) | {"c": [1, 5] * 60}
    study = NPS + "  satisfaction: {column: c, metric: csat, scale: satisfaction_5,"
    study += " definition: top_2_box}\n"
    study = study.replace(
        "{recommend: {column: q, metric: nps}}", "\n  recommend: {column: q, metric: nps}"
    )
    survey = lay(tmp_path, study, answers)
    one = found(survey).get("F20")
    assert say(one) == (
        "Net Promoter Score (NPS) was not asked in the second half of 2025, so its change cannot"
        " be computed."
    )
    assert say(one, "id") == (
        "Net Promoter Score (NPS) tidak ditanyakan pada Semester II 2025, sehingga perubahannya"
        " belum bisa dihitung."
    )


# -- F21: the make-up ------------------------------------------------------------------------------

TWO_TO_ONE = [(BEFORE, "a", 300, 100, 100), (BEFORE, "b", 100, 100, 300)]
"""Region a at +40, b at -40, as many of either: 0."""


def test_a_shift_of_the_make_up_explains_the_change(of_nps: Study) -> None:
    """Of now four fifths are of a, each region as it was: +24 points, none of them within."""
    now = [(NOW, "a", 480, 160, 160), (NOW, "b", 40, 40, 120)]
    _, mix, told, *_ = _parts(found(planted(of_nps, crowd(*TWO_TO_ONE, *now))))
    assert told.variant == "explains"
    raw, within, mix = told.comparisons
    assert raw.difference == pytest.approx(24)
    assert mix.difference == pytest.approx(24)
    assert within.difference == pytest.approx(0, abs=1e-9)
    assert within.ci_low < -3 < 3 < within.ci_high
    low, high = (shown(told).slots(told.to_dict()["slots"])[key] for key in ("lo", "hi"))
    assert say(told) == (
        "Of the change of +24 points, +24 points come from a different make-up of respondents;"
        f" with the make-up held equal, the change is 0 points ({low} to {high})."
    )
    assert say(told, "id") == (
        "Dari perubahan +24 poin, +24 poin berasal dari susunan responden yang berbeda; dengan"
        f" susunan yang sama, perubahannya 0 poin ({low} sampai {high})."
    )


def test_a_change_within_the_groups_is_not_laid_to_the_make_up(of_nps: Study) -> None:
    """Either region at +20 more, as many of either as before."""
    now = [(NOW, "a", 350, 100, 50), (NOW, "b", 150, 100, 250)]
    *_, told = _parts(found(planted(of_nps, crowd(*TWO_TO_ONE, *now))))[:3]
    assert told.variant == "does_not"
    assert told.comparisons[1].difference == pytest.approx(20)
    assert say(told) == (
        "A different make-up of respondents does not account for this change: with the make-up"
        " held equal, it is still +20 points."
    )
    assert say(told, "id") == (
        "Susunan responden yang berbeda tidak menjelaskan perubahan ini: dengan susunan yang sama,"
        " perubahannya tetap +20 poin."
    )


def test_a_change_that_the_make_up_hides_is_told(of_nps: Study) -> None:
    """Either region falls by 20 points while a, the happier, grows from half to three quarters."""
    now = [(NOW, "a", 375, 150, 225), (NOW, "b", 25, 50, 175)]
    parts = _parts(found(planted(of_nps, crowd(*TWO_TO_ONE, *now))))
    told = parts[2]
    raw, within, mix = told.comparisons
    assert not raw.is_clear
    assert within.is_clear
    assert mix.is_clear
    assert told.variant == "hides"
    assert raw.difference == pytest.approx(0, abs=1e-9)
    assert within.difference == pytest.approx(-20)
    assert mix.difference == pytest.approx(20)
    assert "the make-up of respondents differs" in say(told)
    assert "susunan respondennya berbeda" in say(told, "id")


def test_a_make_up_that_is_the_same_hides_nothing(of_nps: Study) -> None:
    """Half and half in both waves. Held equal, the rise of 8 points is known more sharply and is
    clear; as it stands it is not. Nobody may be told that the make-up of respondents differs."""
    before = [(BEFORE, "a", 380, 15, 5), (BEFORE, "b", 5, 15, 380)]
    now = [(NOW, "a", 394, 4, 2), (NOW, "b", 18, 18, 364)]
    survey = planted(of_nps, crowd(*before, *now))
    raw, within, mix = (one for one in _rows(survey))
    assert not raw.is_clear
    assert within.is_clear
    assert not mix.is_clear
    assert mix.difference == pytest.approx(0, abs=1e-9)
    assert variants(found(survey), "F21") == []


def test_a_change_that_is_stable_is_not_called_unclear(of_nps: Study) -> None:
    """As it stands surely less than 5 points; with the make-up held a clear fall of ten."""
    before = [(BEFORE, "a", 1500, 500, 500), (BEFORE, "b", 500, 500, 1500)]
    now = [(NOW, "a", 1812, 438, 875), (NOW, "b", 375, 187, 1313)]
    survey = planted(of_nps, crowd(*before, *now))
    raw, within, mix = _rows(survey)
    assert raw.verdict == "stable"
    assert within.is_clear
    assert mix.is_clear
    (told,) = [one for one in found(survey) if one.key == "F21"]
    assert "not clear" not in say(told)


def test_a_make_up_that_speaks_against_the_change_does_not_explain_it(of_nps: Study) -> None:
    """Either region rises by 30 points while a, the happier, shrinks from half to two fifths."""
    now = [(NOW, "a", 320, 40, 40), (NOW, "b", 235, 140, 225)]
    survey = planted(of_nps, crowd(*TWO_TO_ONE, *now))
    raw, within, mix = _rows(survey)
    assert raw.is_clear
    assert within.difference > raw.difference > 0
    assert mix.is_clear
    assert mix.difference < 0
    assert variants(found(survey), "F21") == ["does_not"]


def test_a_change_that_is_no_longer_clear_is_told_so(of_nps: Study) -> None:
    """A rise that is clear by a hair, and half of which goes with a few more of the happier."""
    before = [(BEFORE, "a", 330, 40, 130), (BEFORE, "b", 130, 40, 330)]
    now = [(NOW, "a", 377, 40, 123), (NOW, "b", 135, 40, 285)]
    survey = planted(of_nps, crowd(*before, *now))
    raw, within, mix = _rows(survey)
    assert raw.is_clear
    assert not within.is_clear
    assert not mix.is_clear
    (told,) = [one for one in found(survey) if one.key == "F21"]
    assert told.variant == "no_longer_clear"
    assert say(told).endswith("which is not clear.")
    assert say(told, "id").endswith("dan itu belum jelas.")


def test_without_a_change_on_either_reckoning_nothing_is_said_of_the_make_up(
    of_nps: Study,
) -> None:
    now = [(NOW, *part[1:]) for part in TWO_TO_ONE]
    assert variants(found(planted(of_nps, crowd(*TWO_TO_ONE, *now))), "F21") == []


def test_a_change_of_a_share_is_told_in_percentage_points(tmp_path: Path) -> None:
    """CSAT of 50 % and 20 % by region, four fifths of the happier now."""
    study = MEAN.replace("definition: mean", "definition: top_2_box") + BY_REGION
    rows = [(BEFORE, "a", 400), (BEFORE, "b", 400), (NOW, "a", 640), (NOW, "b", 160)]
    wave, region, answers = [], [], []
    for key, where, n in rows:
        best = n * (8 if where == "a" else 2) // 10
        wave += [key] * n
        region += [where] * n
        answers += [5] * best + [1] * (n - best)
    survey = lay(tmp_path, study, {"w": wave, "region": region, "q": answers})
    (told,) = [one for one in found(survey) if one.key == "F21"]
    assert told.variant == "explains"
    assert say(told).startswith(
        "Of the change of +18 percentage points, +18 percentage points come from a different"
    )
    assert say(told, "id").startswith(
        "Dari perubahan +18 poin persen, +18 poin persen berasal dari susunan"
    )


def _rows(survey: Survey) -> tuple[Any, Any, Any]:
    """The change of the NPS as it stands, within, and what the make-up leaves, as published."""
    comparisons = found(survey).get("changes").comparisons.where(metric="nps")
    raw, within, mix = comparisons
    assert (raw.a, within.b, mix.a) == (f"wave={NOW}", f"wave={BEFORE}", f"wave={NOW}")
    return raw, within, mix


def _parts(findings: Findings) -> list[Any]:
    """Change, rows and make-up of the headline."""
    return [findings.get("F20"), findings.get("changes"), findings.get("F21")]


# -- the table -------------------------------------------------------------------------------------


def test_the_table_holds_every_wave_the_change_and_the_change_with_the_same_make_up(
    of_nps: Study,
) -> None:
    now = [(NOW, "a", 480, 160, 160), (NOW, "b", 40, 40, 120)]
    one = found(planted(of_nps, crowd(*TWO_TO_ONE, *now))).get("changes")
    table = shown(one).table()
    heads = [(column["label"], column["sub"]) for column in table["columns"][1:]]
    texts = dict(zip(heads, (cell["text"] for cell in table["rows"][0]["cells"]), strict=True))
    assert texts["H2 2025", ""] == "0"
    assert texts["H1 2026", ""] == "24"
    assert texts["Change", "as it stands"] == "+24"
    assert texts["Change", "same make-up"] == "0"
    assert notes([one])[0] == "Differences are computed before rounding."


def test_what_is_held_is_said(tmp_path: Path) -> None:
    answers = asked([10, 0, 8] * 40, [10, 8] * 60) | {"region": ["a", "b"] * 120}
    found_here = found(lay(tmp_path, NPS + BY_REGION, answers))
    said = "Same make-up: the groups of Region weigh as they did in the second half of 2025."
    assert said in notes(found_here)
    assert any(
        note.startswith("Susunan yang sama: kelompok Wilayah diberi porsi seperti pada Semester II")
        for note in notes(found_here, "id")
    )


@pytest.mark.parametrize("study", [NPS + BY_REGION, NPS + REGION, NPS])
def test_where_nothing_is_held_a_reader_learns_why(tmp_path: Path, study: str) -> None:
    """Two people of c are too few to hold; or the study names nothing to hold."""
    answers = asked([10, 0, 8] * 40, [10, 8] * 60) | {"region": (["a"] * 118 + ["c"] * 2) * 2}
    found_here = found(lay(tmp_path, study, answers))
    rows = shown(found_here.get("changes")).table()["rows"]
    is_said = any("make-up" in note for note in notes(found_here))
    assert is_said or not any(cell["text"] == "not held" for cell in rows[0]["cells"])


def test_levels_on_fewer_statements_say_so_here_too(tmp_path: Path) -> None:
    """One statement was not asked before. The number of that wave is on what it asked, the change
    on what both asked: the two do not subtract, and the note says why."""
    study = (
        "frameworks: [pyramid]\nscale: agreement_5\nitems: {tru_1: t1, tru_2: t2, ful_1: f1}\n"
        "bases: {buyers: {column: bought}}\n"
    )
    rng = np.random.default_rng(3)
    columns = {
        "w": np.repeat([BEFORE, NOW], 120), "bought": ["yes"] * 240,
        "t1": rng.integers(1, 6, 240), "f1": rng.integers(1, 6, 240),
        "t2": [""] * 120 + list(rng.integers(3, 6, 120)),
    }  # fmt: skip
    survey = lay(tmp_path, study, columns)
    said = "is compared with the wave before on the same statements"
    assert any(said in note for note in notes(cx.scorecard.findings(survey)))
    assert any(said in note for note in notes(found(survey)))


def people(n_back: int) -> dict[str, Any]:
    """Two waves of 120, of whom some come back."""
    answers = asked([10, 0, 8] * 40, [10, 8] * 60)
    answers["id"] = [*range(120), *range(n_back), *range(500, 620 - n_back)]
    return answers


def test_those_who_came_back_are_counted_once_and_told(tmp_path: Path) -> None:
    told = found(lay(tmp_path, NPS, people(80)))
    assert "80 respondents answered in both waves and count once in the range of a change." in (
        notes(told)
    )
    assert (
        "80 responden menjawab pada kedua gelombang dan dihitung satu kali dalam rentang perubahan."
        in notes(told, "id")
    )


@pytest.mark.parametrize("n_back", [0, 9])
def test_few_or_nobody_who_came_back_are_not_told(tmp_path: Path, n_back: int) -> None:
    told = notes(found(lay(tmp_path, NPS, people(n_back))))
    assert not any("both waves" in note for note in told)


def test_an_action_is_drawn_before_the_first_wave_that_started_after_it(tmp_path: Path) -> None:
    """Not before the first wave of all, and not on a wave that it may have been part of."""
    waves = ("2025H1", BEFORE, NOW)
    text = "waves:\n" + "".join(
        f"  {wave}: {{from: {start}-01, to: {start}-20}}\n"
        for wave, start in zip(waves, ("2025-03", "2025-09", "2026-03"), strict=True)
    )
    days = ("2025-01-15", "2025-06-01", "2025-09-10", "2026-03-01", "2026-04-01")
    text += "actions:\n" + "".join(f"  - {{date: {day}, what: Did {day}}}\n" for day in days)
    columns = {"w": np.repeat(waves, 60), "q": [10, 0, 8] * 60}
    survey = lay(tmp_path, NPS + text, columns)
    drawn = found(survey).get("waves").options["events"]
    assert [(one["wave_after"], one["date"]) for one in drawn] == [
        (BEFORE, "2025-06-01"), (NOW, "2025-09-10"),
    ]  # fmt: skip
    earlier = found(survey.where(wave=BEFORE)).get("waves").options["events"]
    assert [one["date"] for one in earlier] == ["2025-06-01"]


# -- all measures together -------------------------------------------------------------------------

TWO_SCORES = """\
outcomes:
  score: {column: q, metric: csat, scale: satisfaction_5, definition: mean}
  recommend: {column: r, metric: nps}
"""


def two_outcomes(tmp_path: Path, lift: float, tilt: float, n: int = 400) -> Survey:
    """A CSAT and an NPS that go together closely; `lift` moves both now, `tilt` only the first."""
    rng = np.random.default_rng(6)
    mood, is_now = rng.normal(0, 1, 2 * n), np.repeat([0, 1], n)
    score = np.clip(np.round(3.3 + mood + (lift + tilt) * is_now), 1, 5)
    recommend = np.clip(np.round(6.6 + 2 * (mood + lift * is_now)), 0, 10)
    columns = {"w": np.repeat([BEFORE, NOW], n), "q": score, "r": recommend}
    return lay(tmp_path, TWO_SCORES, {key: list(values) for key, values in columns.items()})


def together(findings: Findings, language: str = "en") -> list[str]:
    said = {"en": "Tested together", "id": "Diuji bersama"}[language]
    return [note for note in notes(findings, language) if note.startswith(said)]


@pytest.mark.parametrize(
    ("lift", "tilt", "english", "indonesian"),
    [
        (
            0.4, 0.0,
            "Tested together: at least one of these 2 measures has clearly changed since the second"
            " half of 2025.",
            "Diuji bersama: sedikitnya satu dari 2 ukuran ini jelas berubah sejak Semester II"
            " 2025.",
        ),
        (
            0.0, 0.0,
            "Tested together, these 2 measures give no evidence of a change since the second half"
            " of 2025.",
            "Diuji bersama, 2 ukuran ini belum memberi bukti perubahan sejak Semester II 2025.",
        ),
        (
            -0.04, 0.14,
            "Tested together: at least one of these 2 measures has clearly changed since the second"
            " half of 2025, but this test does not say which.",
            "Diuji bersama: sedikitnya satu dari 2 ukuran ini jelas berubah sejak Semester II"
            " 2025, tetapi uji ini tidak menunjukkan ukuran yang mana.",
        ),
    ],
)  # fmt: skip
def test_all_measures_are_tested_together(
    tmp_path: Path, lift: float, tilt: float, english: str, indonesian: str
) -> None:
    """Two answers that go together and part now tell more than either alone."""
    findings = found(two_outcomes(tmp_path, lift, tilt))
    assert together(findings) == [english]
    assert together(findings, "id") == [indonesian]
    (test,) = findings.get("waves").fits
    assert test.of == "outcome:recommend|outcome:score"
    assert test.n == 800


def test_a_change_of_one_of_many_may_be_chance(tmp_path: Path) -> None:
    """A headline that is clear by a hair, among measures that did not move."""
    rng = np.random.default_rng(0)
    names = "abcdef"
    study = "outcomes:\n" + "".join(
        f"  {key}: {{column: {key}, metric: csat, scale: satisfaction_5, definition: mean}}\n"
        for key in names
    )
    columns: dict[str, Any] = {"w": [BEFORE] * 200 + [NOW] * 200}
    for key in names:
        then = rng.permutation(np.tile([1, 2, 3, 4, 5], 40))
        now = rng.permutation(np.tile([1, 2, 3, 4, 5], 40))
        if key == "a":
            now[np.flatnonzero(now == 1)[:20]] = 4
        columns[key] = [*then, *now]
    findings = found(lay(tmp_path, study, columns))
    assert findings.get("F20").variant == "rise"
    assert together(findings) == [
        "Tested together, these 6 measures give no evidence of a change since the second half of"
        " 2025, so a change that looks clear in one of them may be chance alone."
    ]
    assert together(findings, "id") == [
        "Diuji bersama, 6 ukuran ini belum memberi bukti perubahan sejak Semester II 2025, sehingga"
        " perubahan yang tampak jelas pada salah satunya bisa saja hanya kebetulan."
    ]


def test_one_measure_is_not_tested_together(of_nps: Study, tmp_path: Path) -> None:
    """Its own change says it all; and a small base says nothing of others."""
    survey = planted(of_nps, crowd((BEFORE, "a", 500, 200, 300), (NOW, "a", 700, 100, 200)))
    findings = found(survey)
    assert together(findings) == []
    assert not findings.get("waves").fits
    assert together(found(two_outcomes(tmp_path, 0.4, 0.0, n=12))) == []


# -- F22: restated ---------------------------------------------------------------------------------


def published(
    figures: str, more: str = "", wave: str = BEFORE, study: str = NPS
) -> Callable[[Path], Survey]:
    """A study whose NPS is +20 before (500, 200 and 300 of 1,000) and +30 now."""
    columns = asked([10] * 50 + [8] * 20 + [0] * 30, [10] * 50 + [8] * 30 + [0] * 20)
    columns = {key: list(values) for key, values in columns.items()}
    waves = {BEFORE: "{}", NOW: "{}", wave: f"{{published: {{{figures}}}{more}}}"}
    text = "waves:\n" + "".join(f"  {key}: {told}\n" for key, told in waves.items())

    def make(folder: Path) -> Survey:
        return lay(folder, study + text, columns)

    return make


def test_a_figure_that_has_another_value_today_is_restated(tmp_path: Path) -> None:
    reason = ", restated: {id: bobotnya diperbaiki, en: the weights were corrected}"
    findings = found(published("nps: 23", reason)(tmp_path))
    (told,) = [one for one in findings if one.key == "F22"]
    assert say(told) == (
        "The earlier report gave 23 for the second half of 2025; it is now 20, because the weights"
        " were corrected."
    )
    assert say(told, "id") == (
        "Angka Semester II 2025 di laporan sebelumnya adalah 23; sekarang 20, karena bobotnya"
        " diperbaiki."
    )


def test_a_restatement_without_a_reason_says_that_there_is_none(tmp_path: Path) -> None:
    (told,) = [one for one in found(published("nps: -23")(tmp_path)) if one.key == "F22"]
    assert say(told) == (
        "The earlier report gave \u221223 for the second half of 2025; it is now 20. The study does"
        " not say why."
    )
    assert say(told, "id").endswith("Studi ini tidak menyebutkan alasannya.")


@pytest.mark.parametrize(
    ("figure", "is_told"),
    [("20", False), ("20.4", False), ("19.5", False), ("20.5", True), ("19.4", True), ("0", True)],
)
def test_what_counts_is_what_is_printed(tmp_path: Path, figure: str, is_told: bool) -> None:
    """+20 is printed without decimals, halves away from it."""
    assert bool(variants(found(published(f"nps: {figure}")(tmp_path)), "F22")) == is_told


def test_a_report_does_not_restate_itself(tmp_path: Path) -> None:
    survey = published("nps: -99", wave=NOW)(tmp_path)
    assert variants(found(survey), "F22") == []
    assert survey.latest.context()["waves"][NOW]["published"] == {}


def test_a_first_wave_does_not_restate_itself_either(tmp_path: Path) -> None:
    survey = published("nps: -99")(tmp_path).where(wave=BEFORE)
    assert variants(found(survey), "F22") == []
    assert survey.context()["waves"][BEFORE]["published"] == {}


def test_a_figure_that_may_not_be_shown_today_is_not_restated(tmp_path: Path) -> None:
    """28 answers: nobody learns from a restatement what the table hides."""
    columns = asked([10] * 14 + [0] * 14, [10] * 60 + [0] * 40)
    waves = f"waves:\n  {BEFORE}: {{published: {{nps: 41}}}}\n  {NOW}: {{}}\n"
    survey = lay(tmp_path, NPS + waves, columns)
    assert variants(found(survey), "F22") == []


def test_a_part_of_the_respondents_restates_nothing(tmp_path: Path) -> None:
    """What was published was of all; a report on one region has other numbers, and not new ones."""
    columns = asked([10] * 50 + [8] * 20 + [0] * 30, [10] * 50 + [8] * 30 + [0] * 20)
    columns |= {"region": ["a", "b"] * 100}
    waves = f"waves:\n  {BEFORE}: {{published: {{nps: 20}}}}\n  {NOW}: {{}}\n"
    columns["region"] = (["a"] * 40 + ["b"] * 60) * 2
    survey = lay(tmp_path, NPS + REGION + waves, columns)
    assert variants(found(survey), "F22") == []
    assert variants(found(survey.where(region="a")), "F22") == []


def test_a_figure_is_restated_from_the_outcome_that_has_its_metric(tmp_path: Path) -> None:
    """The published score was of the overall question, not of a level with the same metric."""
    study = (
        "frameworks: [pyramid]\nscale: agreement_5\nitems: {tru_1: t1}\n"
        "bases: {buyers: {column: bought}}\n"
        "outcomes:\n  recommend: {column: q, metric: nps}\n"
        "  overall: {column: c, metric: score_100, scale: agreement_5}\n"
        f"waves:\n  {BEFORE}: {{published: {{score_100: 50}}}}\n  {NOW}: {{}}\n"
    )
    columns = asked([10, 0] * 60, [10, 0] * 60)
    columns |= {"t1": [5, 4] * 120, "c": [3] * 240, "bought": ["yes"] * 240}
    assert variants(found(lay(tmp_path / "same", study, columns)), "F22") == []
    other = lay(tmp_path / "other", study.replace("score_100: 50", "score_100: 87.5"), columns)
    (told,) = [one for one in found(other) if one.key == "F22"]
    assert say(told).startswith(
        "The earlier report gave 87.5 for the second half of 2025; it is now 50.0."
    )


def test_a_restatement_is_not_what_changed(tmp_path: Path) -> None:
    """The fifth question of the summary is about this wave, however the last one was told."""
    columns = asked([10] * 50 + [8] * 20 + [0] * 30, [10] * 12 + [""] * 88)
    waves = f"waves:\n  {BEFORE}: {{published: {{nps: 41}}}}\n  {NOW}: {{}}\n"
    survey = lay(tmp_path, NPS + waves, columns)
    fifth = [one for one in cx.summary.findings(survey) if not one.options.get("box")][4]
    assert "The earlier report gave" not in say(fifth)


@pytest.mark.parametrize(
    ("waves", "code"),
    [
        ("{published: {csat: 0.8}}", "published_metric"),
        ("{restated: {id: a, en: b}}", "restated_nothing"),
    ],
)
def test_what_was_published_is_of_an_outcome_of_the_study(
    tmp_path: Path, waves: str, code: str
) -> None:
    text = CUSTOMERS + NPS + f"waves:\n  {BEFORE}: {waves}\n  {NOW}: {{}}\n"
    folder = write(tmp_path, text, asked([10, 0] * 30, [10, 0] * 30))
    with pytest.raises(cx.StudyError) as caught:
        cx.load(folder)
    (told,) = caught.value.problems
    assert told.code == code
    lines = (folder / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert BEFORE in lines[told.line - 1]


# -- where there is little to say ------------------------------------------------------------------


def test_a_first_wave_and_a_study_without_measures_say_so(tmp_path: Path) -> None:
    survey = lay(tmp_path / "a", NPS, asked([10, 0] * 30, [10, 0] * 30))
    assert keys_of(found(survey.where(wave=BEFORE))) == [("F20", "no_previous")]
    bare = "frameworks: [journey]\nstages: {aware: {rating: q, scale: recommend_0_10}}\n"
    survey = lay(tmp_path / "b", bare, asked([10, 0] * 30, [10, 0] * 30))
    assert keys_of(found(survey)) == [("F32", "not_measured")]


@pytest.mark.parametrize("region", ["a", "b"])
@pytest.mark.parametrize("wave", [BEFORE, NOW, None])
def test_a_choice_that_leaves_a_wave_empty_is_no_error(
    tmp_path: Path, region: str, wave: str | None
) -> None:
    """Nobody of b answered now, as where a report is made for each region."""
    answers = asked([10, 0] * 60, [10, 0] * 60)
    answers |= {"region": ["a", "b"] * 60 + ["a"] * 120}
    survey = lay(tmp_path, NPS + BY_REGION + WAVES, answers)
    survey = (survey if wave is None else survey.where(wave=wave)).where(region=region)
    for section in (cx.change, cx.scorecard, cx.summary):
        for one in section.findings(survey):
            assert "nan" not in say(one)
            assert "None" not in say(one)


def test_a_group_that_nobody_was_of_in_the_wave_before_has_no_change_that_is_shown(
    tmp_path: Path,
) -> None:
    answers = asked([10, 0] * 60, [10, 0] * 60)
    answers |= {"region": ["a"] * 120 + ["a", "b"] * 60}
    survey = lay(tmp_path, NPS + BY_REGION + WAVES, answers).where(wave=NOW, region="b")
    findings = found(survey)
    assert variants(findings, "F20") == ["hidden"]
    assert variants(cx.summary.findings(survey), "F20") == ["hidden"]
    assert not any(one.comparisons for one in findings)
    assert all(say(one, "id") or not one.variant for one in findings)
    assert shown(findings[-1]).table()["rows"]


@pytest.mark.parametrize(("n_before", "n_now"), [(1, 120), (120, 1), (1, 1), (9, 9), (12, 12)])
def test_a_wave_of_a_few_shows_no_number_of_them(tmp_path: Path, n_before: int, n_now: int) -> None:
    rng = np.random.default_rng(2)
    survey = lay(tmp_path, NPS + BY_REGION, asked(
        rng.integers(0, 11, n_before), rng.integers(0, 11, n_now)
    ) | {"region": rng.choice(["a", "b"], n_before + n_now)})  # fmt: skip
    findings = found(survey)
    few = {wave for wave, n in ((BEFORE, n_before), (NOW, n_now)) if n < 30}
    for one in findings:
        for row in one.estimates:
            if row.wave in few:
                assert row.estimate != row.estimate
        for row in one.comparisons:
            assert row.difference != row.difference
        assert say(one, "id") or not one.variant
        shown(one).notes()
        if one.figure:
            assert shown(one).alt()
        if one.table:
            assert shown(one).table()["rows"]


def test_the_outcomes_need_no_levels_and_the_levels_no_outcomes(tmp_path: Path) -> None:
    survey = lay(tmp_path / "a", NPS, asked([10, 0] * 60, [10, 8] * 60))
    assert [one.key for one in found(survey)] == ["F20", "waves", "changes"]
    levels = (
        "frameworks: [pyramid]\nscale: agreement_5\nitems: {tru_1: q}\n"
        "bases: {buyers: {column: bought}}\n"
    )
    columns = asked([5, 4] * 60, [3, 4] * 60) | {"bought": ["yes"] * 240}
    survey = lay(tmp_path / "b", levels, columns)
    assert [one.key for one in found(survey)] == ["F32", "waves", "changes"]
    rows = shown(found(survey).get("changes")).table()["rows"]
    assert "Trust" in [row["head"] for row in rows]
