"""What a wave asked in another way is not compared, and nothing else is locked with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from waved import BEFORE, CUSTOMERS, HEAD, NOW, notes, say, shown, variants, write

import cxkit as cx
from cxkit.analysis import pyramid, scoring, trend
from cxkit.answers.survey import Survey
from cxkit.errors import Problem, StudyError
from cxkit.report.shown import Shown
from cxkit.study import instrument, read_study
from cxkit.wording import NO_BREAK, Words

STUDY = """\
frameworks: [pyramid, journey]
preset: retail
order: {id: acak, en: at random}
intro: {id: Pikirkan kunjungan terakhir, en: Think of your last visit}
scale: agreement_5
items: {ful_1: ful_1, ful_2: ful_2, tru_1: tru_1, tru_2: tru_2, res_1: res_1}
bases: {buyers: {column: bought}}
segments: {region: {column: region}}
mix: [region]
stages:
  consider: {rating: s2}
  decide: {rating: s3}
outcomes:
  recommend: {column: q, metric: nps}
  satisfaction: {column: c, metric: csat, scale: satisfaction_5, definition: top_2_box}
"""
LEVELS = ("level:fulfilment", "level:trust", "level:responsive_service")
OUTCOMES = ("outcome:recommend", "outcome:satisfaction")
STAGES = ("stage:consider", "stage:decide")
ITEMS = ("item:ful_1", "item:ful_2", "item:tru_1", "item:tru_2", "item:res_1")
ALL = (*LEVELS, *OUTCOMES, *STAGES, *ITEMS)
WORDS = "{id: Kata lama, en: Older words}"


def metric_of(of: str) -> str:
    return {"outcome:recommend": "nps", "outcome:satisfaction": "csat"}.get(of, "score_100")


def answers(n: int = 120) -> dict[str, Sequence[object]]:
    """Two waves in which everything rises, so that a lock that fails is seen."""
    rng = np.random.default_rng(7)
    is_now = np.repeat([False, True], n)
    fives = {
        key: np.clip(rng.integers(1, 5, 2 * n) + is_now, 1, 5)
        for key in ("ful_1", "ful_2", "tru_1", "tru_2", "res_1", "s2", "s3", "c")
    }
    return {
        "w": np.where(is_now, NOW, BEFORE),
        "region": rng.choice(["a", "b"], 2 * n),
        "bought": ["yes"] * (2 * n),
        "q": np.clip(rng.integers(0, 9, 2 * n) + 3 * is_now, 0, 10),
        **fives,
    }


def otherwise(text: str, wave: str = BEFORE, more: str = "") -> str:
    """The study with `text` as what one wave asked in another way."""
    waves = {BEFORE: "{}", NOW: "{}", wave: f"{{instrument: {{{text}}}{more}}}"}
    return STUDY + "waves:\n" + "".join(f"  {key}: {said}\n" for key, said in waves.items())


def load(folder: Path, study: str, wave: str | None = None) -> Survey:
    return cx.load(write(folder, CUSTOMERS + study, answers()), wave=wave)


def locked(survey: Survey) -> set[str]:
    """What `compare` refuses to compare, of all that the study measures."""
    found = set()
    for of in ALL:
        (one,) = cx.compare(survey, metric_of(of), of=of, by="wave")
        if "not_comparable" in one.flags:
            found.add(of)
            assert math.isnan(one.difference)
            assert math.isnan(one.ci_low)
            assert math.isnan(one.p)
            assert math.isnan(one.p_adjusted)
            assert math.isnan(one.effect)
            assert not one.is_clear
        else:
            assert one.difference > 0
            assert one.p < 1
    return found


# -- what is locked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("", (), set()),
        (f"wording: {{tru_1: {WORDS}}}", ("wording",), {"level:trust", "item:tru_1"}),
        (f"wording: {{recommend: {WORDS}}}", ("wording",), {"outcome:recommend"}),
        (f"wording: {{decide: {WORDS}}}", ("wording",), {"stage:decide"}),
        (
            f"wording: {{res_1: {WORDS}, satisfaction: {WORDS}}}",
            ("wording",),
            {"level:responsive_service", "item:res_1", "outcome:satisfaction"},
        ),
        ("scales: {tru_2: likelihood_5}", ("scale",), {"level:trust", "item:tru_2"}),
        ("scales: {satisfaction: agreement_5}", ("scale",), {"outcome:satisfaction"}),
        ("scales: {consider: agreement_5}", ("scale",), {"stage:consider"}),
        ("order: {id: tetap, en: fixed}", ("order",), set(ALL)),
        ("intro: {id: Lain, en: Something else}", ("intro",), set(ALL)),
        ("period: {id: 6 bulan terakhir, en: the last 6 months}", ("period",), set(ALL)),
        ("order: {id: acak, en: at random}", (), set()),
        ("period: {id: setahun terakhir, en: the last year}", (), set()),
        ("preset: retail", (), set()),
        (
            "preset: finance",
            ("wording",),
            {"level:fulfilment", "item:ful_1", "item:ful_2"},
        ),
        ("wording: {}, scales: {tru_1: agreement_5}", (), set()),
    ],
)
@pytest.mark.parametrize("wave", [BEFORE, NOW])
def test_what_was_asked_otherwise_is_locked_and_nothing_else(
    tmp_path: Path, wave: str, text: str, parts: tuple[str, ...], expected: set[str]
) -> None:
    """Whichever of the two waves says so."""
    survey = load(tmp_path, otherwise(text, wave))
    assert locked(survey) == expected
    for of in ALL:
        told = scoring.changed(survey, of, (BEFORE, NOW))
        assert told == (parts if of in expected else ())
    by_level = {one.of: one for one in pyramid.change(survey)}
    for of in LEVELS:
        assert ("not_comparable" in by_level[of].flags) == (of in expected)
        assert math.isnan(by_level[of].difference) == (of in expected)


def test_the_same_words_on_a_scale_of_another_name_are_the_same_question(tmp_path: Path) -> None:
    """What counts is what respondents saw: points, ends, labels, direction."""
    own = (
        "scales:\n  two_ends: {points: 5, direction: up, low: {id: Tidak, en: No},"
        " high: {id: Ya, en: Yes}}\n"
        "  same_ends: {points: 5, direction: up, low: {id: Tidak, en: No},"
        " high: {id: Ya, en: Yes}}\n"
    )
    study = STUDY.replace("scale: agreement_5", "scale: two_ends") + own
    waves = f"waves:\n  {BEFORE}: {{instrument: {{scales: {{tru_1: same_ends}}}}}}\n  {NOW}: {{}}\n"
    survey = load(tmp_path, study + waves)
    assert locked(survey) == set()
    assert survey.where(wave=BEFORE).study.scale("item:tru_1").key == "same_ends"


def test_a_question_that_one_wave_did_not_ask_is_not_said_to_have_changed(tmp_path: Path) -> None:
    """Its file says so; the words that go with another question lock that one only."""
    for n in (1, 2):
        columns = {key: list(values)[:120] for key, values in answers().items() if key != "w"}
        write(tmp_path / "x", "", columns)
        (tmp_path / "x" / "answers.csv").rename(tmp_path / f"{n}.csv")
    files = (
        f"answers:\n  {BEFORE}: {{path: 1.csv, columns: {{tru_1: null}}}}\n"
        f"  {NOW}: {{path: 2.csv}}\n"
    )
    head = HEAD.replace("wave: w\n", "").replace("answers: {path: answers.csv}\n", files)
    text = head + CUSTOMERS + otherwise(f"wording: {{tru_1: {WORDS}, ful_1: {WORDS}}}")
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    survey = cx.load(tmp_path)
    assert scoring.changed(survey, "item:ful_1", (BEFORE, NOW)) == ("wording",)
    assert scoring.changed(survey, "item:tru_1", (BEFORE, NOW)) == ()
    assert scoring.changed(survey, "level:trust", (BEFORE, NOW)) == ()
    assert instrument(survey.study, BEFORE).questions.keys() ^ instrument(
        survey.study, NOW
    ).questions.keys() == {"item:tru_1"}


def test_what_changed_does_not_hang_on_the_order_of_waves(tmp_path: Path) -> None:
    """Three waves together: the first did not ask, the other two asked in different words."""
    head = HEAD.replace("wave: w\n", "").replace("answers: {path: answers.csv}\n", "")
    head += "answers:\n"
    waves = ("2025H1", BEFORE, NOW)
    for wave in waves:
        columns = {key: list(values)[:60] for key, values in answers().items() if key != "w"}
        write(tmp_path / wave, "", columns)
        asked_then = "columns: {q: null}" if wave == "2025H1" else "columns: {}"
        head += f"  {wave}: {{path: {wave}/answers.csv, {asked_then}}}\n"
    told = f"{{instrument: {{wording: {{recommend: {WORDS}}}}}}}"
    text = STUDY + f"waves:\n  2025H1: {{}}\n  {BEFORE}: {told}\n  {NOW}: {{}}\n"
    (tmp_path / "study.yaml").write_text(head + CUSTOMERS + text, encoding="utf-8")
    survey = cx.load(tmp_path)
    found = {scoring.changed(survey, "outcome:recommend", one) for one in permutations(waves)}
    assert found == {("wording",)}


def test_a_lock_does_not_reach_the_wave_after_next(tmp_path: Path) -> None:
    """Two waves before the lock are compared, two after it as well."""
    waves = ("2025H1", "2025H2", "2026H1", "2026H2")
    columns = {key: [*values, *values] for key, values in answers().items()}
    columns["w"] = np.repeat(waves, 120)
    otherwise_then = f"{{instrument: {{wording: {{recommend: {WORDS}}}}}}}"
    text = "waves:\n" + "".join(
        f"  {wave}: {otherwise_then if wave < '2026' else '{}'}\n" for wave in waves
    )
    survey = cx.load(write(tmp_path, CUSTOMERS + STUDY + text, columns))
    found = cx.compare(survey, "nps", by="wave")
    assert ["not_comparable" in one.flags for one in found] == [False, True, False]
    assert trend.breaks(
        survey, [("nps", "outcome:recommend"), ("csat", "outcome:satisfaction")]
    ) == {"outcome:recommend": {"2026H1": ["wording"]}}
    assert trend.breaks(survey.where(wave="2025H2"), [("nps", "outcome:recommend")]) == {}


def test_groups_within_one_wave_are_compared_whatever_the_other_wave_asked(tmp_path: Path) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{recommend: {WORDS}}}"))
    for wave in (BEFORE, NOW):
        (one,) = cx.compare(survey.where(wave=wave), "nps", by="region")
        assert "not_comparable" not in one.flags
        assert not math.isnan(one.difference)


def test_how_many_reach_a_stage_is_not_locked_by_the_words_of_its_rating(tmp_path: Path) -> None:
    """Who got there is another question than how it was."""
    market = STUDY.replace("consider: {rating: s2}", "consider: {reached: region, rating: s2}")
    columns = answers() | {"region": ["yes", "no"] * 120}
    market = market.replace("decide: {rating: s3}", "decide: {reached: bought, rating: s3}")
    market += (
        f"waves:\n  {BEFORE}: {{instrument: {{wording: {{consider: {WORDS}}}}}}}\n  {NOW}: {{}}\n"
    )
    sample = "sample: {frame: market, design: probability}\n"
    survey = cx.load(write(tmp_path, sample + market, columns))
    (rating,) = cx.compare(survey, "score_100", of="stage:consider", by="wave")
    (reach,) = cx.compare(survey, "reach", of="stage:consider", by="wave")
    assert rating.flags == ("not_comparable",)
    assert "not_comparable" not in reach.flags


def test_with_the_make_up_held_what_changed_is_not_compared_either(tmp_path: Path) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{recommend: {WORDS}, tru_1: {WORDS}}}"))
    measures = [(metric_of(of), of) for of in (*OUTCOMES, *LEVELS)]
    rows, _ = trend.held(survey, measures)
    assert {one.of for one in rows} == {*OUTCOMES, *LEVELS}
    for one in rows:
        is_locked = one.of in ("outcome:recommend", "level:trust")
        assert ("not_comparable" in one.flags) == is_locked
        assert math.isnan(one.difference) == math.isnan(one.p) == is_locked
    levels = [one for one in rows if one.of in LEVELS and one.b == f"wave={BEFORE}"]
    alone = cx.load(write(tmp_path / "plain", CUSTOMERS + STUDY, answers()))
    same = [one for one in trend.held(alone, measures)[0] if one.b == f"wave={BEFORE}"]
    for one in levels:
        twin = next(other for other in same if other.of == one.of)
        if one.of != "level:trust":
            assert one.p == pytest.approx(twin.p)
            assert one.p_adjusted <= twin.p_adjusted


# -- another scale ---------------------------------------------------------------------------------


def test_each_wave_is_scored_on_its_own_scale(tmp_path: Path) -> None:
    """3 of 5 is 50 of 100, 3 of 7 is 33.3; before was asked on the shorter one."""
    study = STUDY.replace("scale: agreement_5", "scale: agreement_7")
    then = "{instrument: {scales: {tru_1: agreement_5, tru_2: agreement_5}}}"
    study += f"waves:\n  {BEFORE}: {then}\n  {NOW}: {{}}\n"
    columns = answers() | {"tru_1": [3] * 240, "tru_2": [3] * 240}
    survey = cx.load(write(tmp_path, CUSTOMERS + study, columns))
    for by_wave in (
        cx.estimate(survey, "score_100", of="level:trust", by="wave"),
        cx.estimate(survey, "score_100", of="item:tru_1", by="wave"),
        trend.over_waves(survey, [("score_100", "level:trust")]),
    ):
        assert [one.wave for one in by_wave] == [BEFORE, NOW]
        assert [one.estimate for one in by_wave] == pytest.approx([50, 100 / 3])
    earlier = cx.load(tmp_path, wave=BEFORE)
    assert cx.estimate(earlier, "mean", of="item:tru_1")[0].estimate == 3
    assert earlier.study.scale("item:tru_1").key == "agreement_5"
    assert earlier.context()["items"]["tru_1"]["scale"] == "agreement_5"
    assert np.isnan(survey.values("item:tru_1")[:120]).all()


def test_answers_are_read_on_the_scale_of_their_wave(tmp_path: Path) -> None:
    """Before was asked from 1 to 7: a 7 then is the best answer, and no slip."""
    columns = answers()
    columns["tru_1"] = [7, 4] * 60 + list(columns["tru_1"])[120:]
    study = otherwise("scales: {tru_1: agreement_7}")
    survey = cx.load(write(tmp_path, CUSTOMERS + study, columns))
    before, now = cx.estimate(survey, "score_100", of="item:tru_1", by="wave")
    assert before.estimate == pytest.approx((100 + 50) / 2)
    assert before.n == now.n == 120
    assert sorted(set(survey.where(wave=BEFORE).values("item:tru_1")[:120])) == [4, 7]


def test_words_are_read_as_answers_of_the_scale_of_their_wave(tmp_path: Path) -> None:
    """An answer in words means what the text answers of the wave's own scale say."""
    columns = answers()
    columns["tru_1"] = ["all the time", "never"] * 60 + list(columns["tru_1"])[120:]
    study = otherwise("scales: {tru_1: how_often}") + (
        "scales:\n  how_often: {points: 7, direction: up, low: {id: Tidak pernah, en: Never},"
        " high: {id: Selalu, en: Always}}\n"
        "text_answers: {how_often: {all the time: '7', never: '1'}}\n"
    )
    survey = cx.load(write(tmp_path, CUSTOMERS + study, columns), wave=BEFORE)
    (one,) = cx.estimate(survey, "score_100", of="item:tru_1")
    assert one.estimate == pytest.approx(50)


def test_an_answer_off_the_scale_of_its_wave_is_told(tmp_path: Path) -> None:
    """6 was possible before, and is a slip now."""
    columns = answers()
    columns["tru_1"] = [6] * 120 + [6] + [3] * 119
    write(tmp_path, CUSTOMERS + otherwise("scales: {tru_1: agreement_7}"), columns)
    (told,) = [one for one in cx.check(tmp_path) if one.code == "off_scale"]
    assert (told.column, told.n, told.examples) == ("tru_1", 1, ("6",))


# -- the report ------------------------------------------------------------------------------------


def test_the_reason_stands_on_the_page(tmp_path: Path) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{recommend: {WORDS}, tru_1: {WORDS}}}"))
    found = cx.change.findings(survey)
    headline, levels = [one for one in found if one.key == "F22"]
    assert found.get("F20") is None
    assert found.get("F21") is None
    assert say(headline, "en") == (
        "Net Promoter Score (NPS) is not compared with the second half of 2025 because the"
        " wording changed."
    )
    assert say(headline, "id") == (
        "Net Promoter Score (NPS) tidak dibandingkan dengan Semester II 2025 karena kata-katanya"
        " berubah."
    )
    assert say(levels, "en") == (
        "Trust is not compared with the second half of 2025 because the wording changed."
    )
    assert say(levels, "id") == (
        "Kepercayaan tidak dibandingkan dengan Semester II 2025 karena kata-katanya berubah."
    )


def test_several_that_changed_in_one_way_are_told_together(tmp_path: Path) -> None:
    text = f"wording: {{res_1: {WORDS}, tru_1: {WORDS}, satisfaction: {WORDS}}}"
    text += ", scales: {satisfaction: agreement_5}"
    survey = load(tmp_path, otherwise(text))
    found = [one for one in cx.change.findings(survey) if one.key == "F22"]
    assert [say(one) for one in found] == [
        "Customer satisfaction (CSAT) is not compared with the second half of 2025 because the"
        " wording and the response scale changed.",
        "Responsive service and Trust are not compared with the second half of 2025 because the"
        " wording changed.",
    ]
    assert [say(one, "id") for one in found] == [
        "Kepuasan pelanggan (CSAT) tidak dibandingkan dengan Semester II 2025 karena kata-katanya"
        " dan skala jawabannya berubah.",
        "Layanan yang tanggap dan Kepercayaan tidak dibandingkan dengan Semester II 2025 karena"
        " kata-katanya berubah.",
    ]


@pytest.mark.parametrize(
    ("text", "reason_en", "reason_id"),
    [
        ("order: {id: tetap, en: fixed}", "the order of the questions", "urutan pertanyaan"),
        ("intro: {id: L, en: E}", "the introduction to the questions", "pengantar pertanyaan"),
        ("period: {id: L, en: E}", "the period asked about", "kurun waktu yang ditanyakan"),
    ],
)
def test_how_all_questions_were_put_is_a_reason_for_all(
    tmp_path: Path, text: str, reason_en: str, reason_id: str
) -> None:
    found = cx.change.findings(load(tmp_path, otherwise(text)))
    told = [one for one in found if one.key == "F22"]
    assert len(told) == 2
    for one in told:
        assert say(one).endswith(f"because {reason_en} changed.")
        assert say(one, "id").endswith(f"karena {reason_id} berubah.")
    assert "Customer satisfaction (CSAT)" in say(told[1])
    assert "Trust" in say(told[1])


@pytest.mark.parametrize("section", ["scorecard", "pyramid", "change"])
def test_a_locked_level_shows_its_number_and_no_change(tmp_path: Path, section: str) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{tru_1: {WORDS}}}"))
    found = getattr(cx, section).findings(survey)
    tables = [one for one in found if one.table in ("scorecard", "pyramid", "change")]
    assert tables
    for one in tables:
        (row,) = [row for row in shown(one).table()["rows"] if row["head"] == "Trust"]
        texts = [cell["text"] for cell in row["cells"]]
        assert "not comparable" in texts
        assert not any("+" in text for text in texts)
        (other,) = [row for row in shown(one).table()["rows"] if row["head"] == "Fulfilment"]
        assert any("+" in cell["text"] for cell in other["cells"])


@pytest.mark.parametrize("section", ["scorecard", "pyramid"])
def test_the_reason_stands_below_every_table_with_a_change(tmp_path: Path, section: str) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{tru_1: {WORDS}}}"))
    found = getattr(cx, section).findings(survey)
    assert (
        "Not compared with the second half of 2025: Trust, because the wording changed."
        in notes(found)
    )
    assert (
        "Tidak dibandingkan dengan Semester II 2025: Kepercayaan, karena kata-katanya berubah."
        in notes(found, "id")
    )


def test_a_measure_has_one_name_wherever_it_is_not_compared(tmp_path: Path) -> None:
    """The scorecard calls its row Customer satisfaction (CSAT), and so does the note below it."""
    survey = load(tmp_path, otherwise(f"wording: {{satisfaction: {WORDS}}}"))
    scorecard = cx.scorecard.findings(survey)
    heads = [row["head"] for row in shown(scorecard.get("scorecard")).table()["rows"]]
    (note,) = [one for one in notes(scorecard) if one.startswith("Not compared")]
    assert "Customer satisfaction (CSAT)" in heads
    assert "Customer satisfaction (CSAT)" in note


def test_a_locked_headline_answers_the_fifth_question(tmp_path: Path) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{recommend: {WORDS}}}"))
    fifth = [one for one in cx.summary.findings(survey) if not one.options.get("box")][4]
    assert (fifth.key, fifth.variant) == ("F22", "instrument")
    assert say(fifth).startswith("Net Promoter Score (NPS) is not compared")


def test_a_locked_level_does_not_answer_for_a_headline_that_is_hidden(tmp_path: Path) -> None:
    """The fifth question is about the headline: too few answered it, and that is what is said."""
    columns = answers()
    columns["q"] = [*list(columns["q"])[:120], *([9] * 12 + [""] * 108)]
    study = otherwise(f"wording: {{tru_1: {WORDS}}}")
    survey = cx.load(write(tmp_path, CUSTOMERS + study, columns))
    fifth = [one for one in cx.summary.findings(survey) if not one.options.get("box")][4]
    assert "Trust" not in say(fifth)


# -- an earlier wave's own report ------------------------------------------------------------------


def test_an_earlier_report_keeps_its_words(tmp_path: Path) -> None:
    text = (
        f"wording: {{tru_1: {WORDS}, recommend: {WORDS}}}, preset: finance,"
        " period: {id: sebulan terakhir, en: the last month}"
    )
    now = load(tmp_path, otherwise(text))
    then = cx.load(tmp_path, wave=BEFORE)
    assert Words("en", then.context()).name("item:tru_1") == "Older words"
    assert Words("id", then.context()).name("item:tru_1") == "Kata lama"
    assert Words("en", now.context()).name("item:tru_1") != "Older words"
    assert then.context()["period"]["en"] == "the last month"
    assert then.context()["preset"] == "finance"
    assert now.context()["period"]["en"] == "the last year"
    assert now.context()["preset"] == "retail"
    for view in (now.where(wave=BEFORE), now.previous, now.latest.previous):
        assert view.context() == then.context()
    for view in (then.where(wave=BEFORE).study.of_wave(NOW), now.study.of_wave(NOW)):
        assert view.context() == now.study.context()
    items = cx.items.findings(then)
    said = {row["head"] for one in items for row in shown(one).table()["rows"]}
    assert "Older words" in said


def test_a_smaller_least_base_keeps_the_words_of_each_wave(tmp_path: Path) -> None:
    write(tmp_path, CUSTOMERS + otherwise(f"wording: {{tru_1: {WORDS}}}"), answers())
    then = cx.load(tmp_path, wave=BEFORE, min_base=12)
    assert then.study.min_base == 12
    assert Words("en", then.context()).name("item:tru_1") == "Older words"
    assert Words("en", then.with_previous().context()).name("item:tru_1") == "Older words"


def test_the_digest_of_the_instrument_tells_waves_apart(tmp_path: Path) -> None:
    survey = load(tmp_path, otherwise(f"wording: {{tru_1: {WORDS}}}"))
    then, now = (survey.where(wave=wave).context()["inputs"] for wave in (BEFORE, NOW))
    assert then["instrument"] != now["instrument"]
    plain = cx.load(write(tmp_path / "plain", CUSTOMERS + STUDY, answers()))
    assert plain.context()["inputs"]["instrument"] == now["instrument"]
    assert instrument(plain.study, BEFORE) == instrument(plain.study, NOW)


def test_a_wording_given_anew_in_the_same_words_is_no_change(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, CUSTOMERS + STUDY, answers()))
    asked_words = instrument(study, NOW).questions["item:tru_1"]["wording"]
    said = ", ".join(f'{key}: "{text}"' for key, text in asked_words.items())
    survey = load(tmp_path / "again", otherwise(f"wording: {{tru_1: {{{said}}}}}"))
    assert locked(survey) == set()


# -- slips -----------------------------------------------------------------------------------------


def slips(folder: Path) -> list[Problem]:
    """What reading the study file refuses."""
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "place", "try_"),
    [
        (f"wording: {{tru_l: {WORDS}}}", f"waves.{BEFORE}.instrument.wording.tru_l", "tru_1"),
        ("scales: {tru_9: agreement_5}", f"waves.{BEFORE}.instrument.scales.tru_9", "tru_"),
        ("scales: {tru_1: agreement_6}", f"waves.{BEFORE}.instrument.scales.tru_1", "agreement_"),
        ("preset: retial", f"waves.{BEFORE}.instrument.preset", "retail"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_its_line(
    tmp_path: Path, text: str, place: str, try_: str
) -> None:
    study = CUSTOMERS + otherwise(text)
    write(tmp_path, study, answers())
    (told,) = slips(tmp_path)
    assert told.column == place
    lines = (tmp_path / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert told.line is not None
    assert "instrument" in lines[told.line - 1]
    assert try_ in f"{told.hint} {told.expected}"


@pytest.mark.parametrize("key", ["wordings", "label", "scale", "questions"])
def test_an_unknown_key_of_the_instrument_is_told_with_its_line(tmp_path: Path, key: str) -> None:
    write(tmp_path, CUSTOMERS + otherwise(f"{key}: {{tru_1: x}}"), answers())
    (told,) = slips(tmp_path)
    lines = (tmp_path / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert told.line == 1 + next(i for i, line in enumerate(lines) if "instrument" in line)
    assert key in told.message


def test_a_key_that_is_wrong_twice_is_told_in_both_places(tmp_path: Path) -> None:
    study = otherwise(f"wording: {{tru_9: {WORDS}}}, scales: {{tru_9: agreement_5}}")
    write(tmp_path, CUSTOMERS + study, answers())
    found = [one.column for one in slips(tmp_path)]
    assert sorted(map(str, found)) == [
        f"waves.{BEFORE}.instrument.scales.tru_9",
        f"waves.{BEFORE}.instrument.wording.tru_9",
    ]


def test_a_wording_without_one_of_the_languages_is_told(tmp_path: Path) -> None:
    write(tmp_path, CUSTOMERS + otherwise("wording: {tru_1: {en: Older words}}"), answers())
    (told,) = slips(tmp_path)
    assert "'id'" in told.message


def test_a_scale_that_does_not_fit_the_metric_of_that_wave_is_told(tmp_path: Path) -> None:
    """An NPS is asked from 0 to 10, in every wave."""
    write(tmp_path, CUSTOMERS + otherwise("scales: {recommend: agreement_5}"), answers())
    found = slips(tmp_path)
    assert [one.code for one in found] == ["nps_scale"]


def test_an_instrument_without_keys_is_the_studys_own(tmp_path: Path) -> None:
    study = STUDY + f"waves:\n  {BEFORE}: {{instrument: }}\n  {NOW}:\n"
    assert locked(load(tmp_path, study)) == set()


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_sentence_of_a_locked_study_is_left_open(tmp_path: Path, language: str) -> None:
    """Everything of the section is worded, in both languages, with and without levels."""
    survey = load(tmp_path, otherwise("order: {id: tetap, en: fixed}"))
    for one in cx.change.findings(survey):
        made = Shown(one.to_dict(), Words(language, one.context))
        told = [made.sentence, made.title, *made.notes()]
        if one.figure:
            told.append(made.alt())
        for text in told:
            assert "{" not in text
            assert "None" not in text.replace(NO_BREAK, " ")
    assert variants(cx.change.findings(survey), "F22") == ["instrument", "instrument_several"]
