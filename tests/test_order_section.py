"""What the pyramid section says of the order (F07) and of one overall impression (F08)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from halo import halo_answers, pyramid_answers
from planted import LEVELS, TWO_LEVELS, plant
from test_sections import CUSTOMERS, PYRAMID, lay, say

import cxkit as cx
from cxkit.analysis import measurement, order
from cxkit.report.finding import Finding
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
        "menjadi syarat bagi tingkat atas. Bacaan urutan yang lain, dengan Pemenuhan janji di "
        f"puncak: tidak sejalan dengan pola jawaban; {upper}% responden memenuhi Pemenuhan janji "
        "tanpa memenuhi Ikatan emosional.",
        f"The answers are consistent with the order of the pyramid: {share}% of the 400 "
        "respondents who can be placed skip no level. This does not yet show that a lower level is "
        "required for a higher one. The other reading of the order, with Fulfilment at the top: "
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
        "kesan umum tentang Toko bisa menghasilkan pola yang sama. Bacaan urutan yang lain, "
        "dengan Pemenuhan janji di puncak: belum bisa dipastikan dengan data ini.",
        "These data cannot tell whether the five levels stack like a pyramid; one overall "
        "impression of Toko could produce the same pattern. The other reading of the order, with "
        "Fulfilment at the top: these data cannot tell.",
    )


def test_the_table_shows_both_readings_at_both_cuts(stacked) -> None:
    one = finding(stacked, "F07")
    table = shown(one).table()
    assert [(row["head"], row["small"]) for row in table["rows"]] == [
        ("Fulfilment at the base, Emotional connection at the top", "consistent with the answers"),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
        ("Trust at the base, Fulfilment at the top", "contradicted by the answers"),
        ("met from 75.0", ""),
        ("met from 62.5", ""),
        ("In order of popularity", ""),
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
        ends = f"The 95% range is {100 * share.ci_low:.0f}% to {100 * share.ci_high:.0f}%"
        assert ends in say(one)
        assert f"about {100 * share.value:.0f}%" in say(one).lower()
    model = measurement.structure(survey, second_order=True)
    assert finding(survey, "F08").fits[0].value == model.general_share


def test_a_plain_list_of_two_levels_says_neither(tmp_path) -> None:
    made = np.random.default_rng(1).integers(1, 6, (60, 4)).T
    columns = {f"item:{key}": made[i] for i, key in enumerate(("a1", "a2", "b1", "b2"))}
    columns |= {"segment:region": ["east"] * 60, "base:buyers": [True] * 60}
    survey = plant(tmp_path, columns, LEVELS, two_levels=TWO_LEVELS)
    assert [one.key for one in cx.pyramid.findings(survey)] == ["F06"]
