"""What the pyramid section says of the order (F07) and of one overall impression (F08)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from halo import halo_answers, pyramid_answers
from planted import LEVELS, TWO_LEVELS, plant
from real_studies import STUDIES
from test_sections import CUSTOMERS, PYRAMID, lay, say

import cxkit as cx
from cxkit.analysis import measurement, order
from cxkit.report.finding import Finding
from cxkit.report.sections import order as order_section
from cxkit.report.shown import Shown
from cxkit.wording import NO_BREAK, Words

STEMS = ("ful", "tru", "res", "onx", "emo")
STUDY = f"{CUSTOMERS}frameworks: [pyramid]\nscale: agreement_5\nbases: {{buyers: {{column: b}}}}\n"


def survey_of(folder: Any, answers: list[np.ndarray]) -> Any:
    """A study of the eleven statements; answers come base first, as the list reads the order."""
    columns: dict[str, Any] = {"b": ["yes"] * len(answers[0])}
    for stem, own in zip(STEMS, answers, strict=True):
        columns |= {f"{stem}_{i}": column.astype(int) for i, column in enumerate(own.T, 1)}
    items = ", ".join(f"{name}: {name}" for name in columns if name != "b")
    return lay(folder, f"{STUDY}items: {{{items}}}\n", columns)


def finding(survey: Any, key: str) -> Finding:
    (found,) = [one for one in cx.pyramid.findings(survey) if one.key == key]
    return found


def shown(one: Finding, language: str = "en") -> Shown:
    return Shown(one.to_dict(), Words(language, one.context))


def percent(share: float) -> int:
    """Whole percent, a half upwards."""
    return math.floor(100 * round(share, 9) + 0.5)


def said(one: Finding) -> tuple[str, str]:
    return say(one, "id"), say(one, "en")


@pytest.fixture(scope="module")
def stacked(tmp_path_factory):
    """A planted pyramid of 400, in the order of the list."""
    return survey_of(
        tmp_path_factory.mktemp("stacked"), pyramid_answers(400, np.random.default_rng(5))
    )


def test_a_pyramid_in_the_order_of_the_figure(stacked) -> None:
    """The list is consistent; the text puts first what everything rests on, and is not."""
    one = finding(stacked, "F07")
    assert [one.variant, *(variant for variant, _ in one.plus)] == [
        "consistent",
        "other_contradicted",
    ]
    listed, read = order.orders(stacked)
    share = percent(listed.skips.only(by_cut="75").estimate)
    (without,) = read.without.where(of="level:fulfilment", by_without="emotional_connection")
    upper = percent(without.estimate)
    assert said(one) == (
        f"Pola jawaban sejalan dengan urutan piramida: {share}% dari 400 responden yang bisa "
        "ditempatkan tidak melompati satu tingkat pun. Ini belum menunjukkan bahwa tingkat bawah "
        "menjadi syarat bagi tingkat atas. Urutan lain, dengan Pemenuhan janji di "
        f"puncak: tidak sejalan dengan pola jawaban; {upper}% responden memenuhi Pemenuhan janji "
        "tanpa memenuhi Ikatan emosional.",
        f"The answers are consistent with the order of the pyramid: {share}% of the 400 "
        "respondents who can be placed skip no level. This does not yet show that a lower level is "
        "required for a higher one. The other order, with Fulfilment at the top: "
        f"contradicted by the answers; {upper}% of respondents meet Fulfilment without meeting "
        "Emotional connection.",
    )


def test_a_pyramid_that_stands_on_its_head(tmp_path, rng) -> None:
    """The apex is met first, by nearly all; the pair furthest apart is named with its share."""
    answers = pyramid_answers(400, rng)[::-1]
    answers[1], answers[3] = answers[1][:, :2], np.hstack([answers[3], answers[3][:, :1]])
    survey = survey_of(tmp_path, answers)
    one = finding(survey, "F07")
    assert one.variant == "contradicted"
    lower, upper = order.orders(survey)[0].skipped
    (share,) = order.orders(survey)[0].without.where(of=upper, by_without=lower[6:])
    words = Words("en", one.context)
    expected = (
        f"{percent(share.estimate)}% of respondents meet {words.name(upper)} without "
        f"meeting {words.name(lower)}."
    )
    assert say(one).startswith(f"The answers contradict the order of the pyramid: {expected}")


def test_one_impression_cannot_be_told_from_a_pyramid(tmp_path, rng) -> None:
    one = finding(survey_of(tmp_path, halo_answers(rng.standard_normal(300), rng)), "F07")
    assert said(one) == (
        "Data ini belum bisa memastikan apakah kelima tingkat tersusun seperti piramida; satu "
        "kesan umum tentang Toko bisa menghasilkan pola yang sama. Hasilnya sama untuk setiap "
        "urutan yang diuji.",
        "These data cannot tell whether the five levels stack like a pyramid; one overall "
        "impression of Toko could produce the same pattern. The result is the same for every "
        "order tested.",
    )


def test_answers_given_throughout_are_told_with_their_share(tmp_path, rng) -> None:
    """A third tick one column from top to bottom; without them there is a halo and no more."""
    answers = halo_answers(rng.standard_normal(1_500), rng)
    lines = rng.choice([3.0, 4.0], size=500)
    for own in answers:
        own[:500] = lines[:, None]
    survey = survey_of(tmp_path, answers)
    one = finding(survey, "F07")
    share = percent(order.orders(survey)[0].same.estimate)
    assert share >= 33
    assert said(one) == (
        "Data ini belum bisa memastikan apakah kelima tingkat tersusun seperti piramida: tanpa "
        f"{share}% responden yang skornya sama di semua tingkat, satu kesan umum tentang Toko bisa "
        "menghasilkan pola yang sama. Hasilnya sama untuk setiap urutan yang diuji.",
        "These data cannot tell whether the five levels stack like a pyramid: without the "
        f"{share}% of respondents who have the same score on every level, one overall impression "
        "of Toko could produce the same pattern. The result is the same for every order tested.",
    )
    notes = shown(one).notes()
    assert f"{share}% of the respondents who can be placed have the same score" in notes[-1]


def test_fewer_violations_than_an_impression_makes_are_told_as_that(tmp_path, rng) -> None:
    climbed, seen = pyramid_answers(700, rng), halo_answers(rng.standard_normal(1_400), rng)
    both = [np.vstack(own) for own in zip(climbed, seen, strict=True)]
    assert said(finding(survey_of(tmp_path, both), "F07")) == (
        "Pelanggaran urutan lebih sedikit daripada yang bisa dihasilkan satu kesan umum tentang "
        "Toko saja, tetapi belum cukup jelas untuk memastikan apakah kelima tingkat tersusun "
        "seperti piramida. Hasilnya sama untuk setiap urutan yang diuji.",
        "There are fewer order violations than one overall impression of Toko alone would "
        "produce, but not clearly enough to tell whether the five levels stack like a pyramid. "
        "The result is the same for every order tested.",
    )


def test_the_table_shows_both_readings_at_both_cuts(stacked) -> None:
    one = finding(stacked, "F07")
    assert shown(one).options["fold"]
    table = shown(one).table()
    assert [(row["head"], row["small"]) for row in table["rows"]] == [
        ("Fulfilment to Emotional connection", "consistent with the answers"),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
        ("Trust to Fulfilment", "contradicted by the answers"),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
        ("In order of popularity", ""),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
        ("Without those scoring the same on every level", "In order of popularity"),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
    ]
    listed = order.orders(stacked)[0]
    cells = table["rows"][1]["cells"]
    ratio = listed.ratios[1]
    told = [float(cell["text"]) for cell in cells[1:4]]
    told += [float(end) for end in cells[3]["small"].replace(NO_BREAK, " ").split(" to ")]
    counted = listed.errors.only(by_cut="75").estimate
    expected = [counted, listed.expected[1].value, ratio.value, ratio.ci_low, ratio.ci_high]
    assert told == pytest.approx(expected, abs=0.0051)
    notes = " ".join(shown(one).notes()).replace(NO_BREAK, " ")
    assert "met from a score of 75.0; the test is repeated from 62.5" in notes
    assert "(n = 400; effective base 400)" in notes


def test_the_full_rule_of_a_verdict_stands_with_the_methods(stacked) -> None:
    """The note below the table is short, and sends to it."""
    one = finding(stacked, "F07")
    assert "one_impression_linearised" in {fit.method for fit in one.fits}
    for language, sent, rule in (
        ("en", "The full rule is in the section on how this report was made.",
         "no less necessary for an upper level than the other way round"),
        ("id", "Aturan lengkapnya ada di bagian Cara laporan ini dibuat.",
         "tidak tampak kurang dibutuhkan oleh tingkat atas daripada sebaliknya"),
    ):  # fmt: skip
        words = Words(language, one.context)
        methods = words.locale["methods"]["intervals"]["one_impression_linearised"]
        assert sent in " ".join(shown(one, language).notes())
        assert rule in words.fill(methods)


def test_a_level_without_a_question_leaves_the_order_open(tmp_path) -> None:
    """Three levels of one statement each: neither placed, nor measured well enough for F08."""
    answers = {"bought": ["yes"] * 80, "f1": [4, 5] * 40, "t1": [2, 3] * 40, "r1": [3, 4] * 40}
    survey = lay(tmp_path, CUSTOMERS + PYRAMID, answers)
    assert said(finding(survey, "F07")) == (
        "Data ini belum bisa memastikan apakah kelima tingkat tersusun seperti piramida: tidak "
        "ada jawaban tentang Pengalaman online dan Ikatan emosional.",
        "These data cannot tell whether the five levels stack like a pyramid: there are no "
        "answers on Online experience and Emotional connection.",
    )
    assert finding(survey, "F07").table is None
    assert finding(survey, "F08").variant == "not_measured"


def test_nobody_with_a_score_on_every_level_leaves_it_untested(tmp_path, rng) -> None:
    """A level was asked, and its columns are empty."""
    columns: dict[str, Any] = {"b": ["yes"] * 200}
    for stem, own in zip(STEMS, pyramid_answers(200, rng), strict=True):
        for i, column in enumerate(own.T, 1):
            columns[f"{stem}_{i}"] = [""] * 200 if stem == "emo" else list(column.astype(int))
    items = ", ".join(f"{name}: {name}" for name in columns if name != "b")
    survey = lay(tmp_path, f"{STUDY}items: {{{items}}}\n", columns)
    (told,) = order_section.order(survey)
    assert told.variant == "nobody"
    assert told.table is None
    assert said(told) == (
        "Apakah kelima tingkat tersusun seperti piramida tidak bisa diuji: tidak ada responden "
        "yang memiliki skor pada semuanya.",
        "Whether the five levels stack like a pyramid cannot be tested: nobody has a score on all "
        "of them.",
    )


def test_too_few_respondents_are_not_placed(tmp_path, rng) -> None:
    survey = survey_of(tmp_path, pyramid_answers(20, rng))
    assert say(finding(survey, "F07")) == (
        "Whether the five levels stack like a pyramid is not shown: too few respondents can be "
        "placed."
    )


def test_the_share_of_one_impression_is_always_printed_with_its_range(tmp_path, rng) -> None:
    """Nothing but an impression, nearly: high; the demo's levels have much of their own."""
    survey = survey_of(tmp_path, halo_answers(rng.standard_normal(600), rng, strength=0.95))
    for one, variant in (
        (finding(survey, "F08"), "high"),
        (finding(cx.load("demo"), "F08"), "some"),
    ):
        share = one.fits[0]
        assert one.variant == variant
        assert (share.value >= 0.7) == (variant == "high")
        ends = f"{100 * share.ci_low:.0f}% to {100 * share.ci_high:.0f}%"
        told = {
            "high": f"range is {ends} (n = {share.n}: only those who answered every statement)",
            "some": f"% ({ends}; n = {share.n} who answered every statement) of what",
        }
        assert told[variant] in say(one)
        assert f"about {100 * share.value:.0f}%" in say(one).lower()
    model = measurement.structure(survey, second_order=True)
    assert finding(survey, "F08").fits[0].value == model.general_share


def test_a_general_factor_need_not_be_an_impression(tmp_path, rng) -> None:
    """A true pyramid has one, too: it goes with a good part of what the statements share."""
    one = finding(survey_of(tmp_path, pyramid_answers(800, rng)), "F08")
    made = one.fits[0]
    share, low, high = (percent(end) for end in (made.value, made.ci_low, made.ci_high))
    assert 20 < share < 70
    assert said(one) == (
        f"Sekitar {share}% ({low}% sampai {high}%; n = 800 yang menjawab semua pernyataan) dari "
        "gerak bersama pernyataan berkaitan dengan satu faktor umum, mungkin satu kesan umum.",
        f"About {share}% ({low}% to {high}%; n = 800 who answered every statement) of what the "
        "statements share goes with one general factor, possibly one overall impression.",
    )


def test_levels_that_are_one_are_told_without_a_number(tmp_path, rng) -> None:
    """A perfect halo: some level's own variance comes out below zero, and nothing is left of it."""
    survey = survey_of(tmp_path, halo_answers(rng.standard_normal(400), rng, strength=1.0))
    one, model = finding(survey, "F08"), measurement.structure(survey, second_order=True)
    assert model.verdict == "negative_variance"
    words = Words("en", one.context)
    listed = words.join([words.name(key) for key in model.concerns])
    assert one.variant == "as_one"
    assert math.isnan(one.fits[0].value)
    assert say(one) == (
        "The five levels move almost together: beyond that shared movement, nothing clearly "
        f"separate is left for {listed}. Small differences between levels should not be over-read. "
        "Base: those who answered every statement (n = 400)."
    )
    assert "Selisih kecil antartingkat sebaiknya tidak dibaca terlalu jauh." in say(one, "id")


@pytest.mark.parametrize(("study", "level"), [("mobi", "satisfaction"), ("satisfaction", "value")])
def test_a_level_of_a_real_study_that_is_nothing_by_itself(study, level, shared_data) -> None:
    one = finding(cx.load(STUDIES / study), "F08")
    words = Words("en", one.context)
    told = f"nothing clearly separate is left for {words.name(f'level:{level}')}."
    assert told in say(one)


def test_a_plain_list_of_two_levels_says_neither(tmp_path) -> None:
    made = np.random.default_rng(1).integers(1, 6, (60, 4)).T
    columns = {f"item:{key}": made[i] for i, key in enumerate(("a1", "a2", "b1", "b2"))}
    columns |= {"segment:region": ["east"] * 60, "base:buyers": [True] * 60}
    survey = plant(tmp_path, columns, LEVELS, two_levels=TWO_LEVELS)
    assert [one.key for one in cx.pyramid.findings(survey)] == ["F06"]
