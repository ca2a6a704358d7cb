"""Comments: spelling, language, codebook, coding by people, corrected shares, quotations."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from test_sections import CUSTOMERS, NPS, lay, say

import cxkit as cx
from cxkit.analysis import cohen_kappa
from cxkit.analysis.comments import coding, hand, quotes, themes
from cxkit.analysis.comments.codebook import Codebook
from cxkit.analysis.comments.expressions import Expression
from cxkit.analysis.comments.language import language
from cxkit.analysis.comments.spelling import normalised
from cxkit.cli import cli
from cxkit.errors import StudyError, SurveyError
from cxkit.report.sections import comments

BOOK = Codebook.read()
ASKED = CUSTOMERS + NPS + "comments: {reason: c}\n"

LATE = ("paketnya telat bgt", "my parcel came late", "pengirimannya lama sekali")
KIND = ("petugasnya ramah", "friendly staff here", "pelayanannya ramah kok")
PLAIN = ("bagus sekali", "mantap pokoknya", "good overall")


# -- spelling and language ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ga sesuai bgt", "tidak sesuai banget"),
        ("Brgnya GAK sesuai yg dipesen!!", "barang tidak sesuai yang dipesen"),
        ("bagusssss bangettt", "bagus banget"),
        ("udh sampe, makasih kk", "sudah sampai terima kasih kak"),
        ("It didn't arrive", "it did not arrive"),
        ("hanya tanya", "hanya tanya"),
        ("WA saya [telepon/phone] ya", "wa saya ya"),
    ],
)
def test_informal_words_are_brought_to_one_spelling(typed: str, read: str) -> None:
    assert normalised(typed) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("barangnya ga sesuai pesanan", "id"),
        ("the item is not as described", "en"),
        ("delivery-nya cepet bgt, love it", "mixed"),
        ("Die Lieferung war sehr schnell und gut verpackt", "other"),
        ("la entrega fue muy lenta y mala", "other"),
        ("配送很快", "other"),
        ("👍👍❤️", "none"),
        ("10/10 !!!", "none"),
    ],
)
def test_the_language_of_a_comment_is_told(text: str, told: str) -> None:
    assert language(text) == told


# -- codebook -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "theme", "tone"),
    [
        ("ga sesuai pesanan", "order_match", "bad"),
        ("not as described", "order_match", "bad"),
        ("barangnya sesuai pesanan", "order_match", "good"),
        ("paketnya ga pernah telat", "delivery", "good"),
        ("pengiriman tidak tepat waktu", "delivery", "bad"),
        ("packingnya kurang rapi", "packaging", "bad"),
        ("CS nya lama bgt jawabnya", "response", "bad"),
        ("webnya ga lemot", "ease", "good"),
        ("ga bisa COD", "payment", "bad"),
        ("harganya murah tapi kurirnya telat", "price", "good"),
        ("harganya murah tapi kurirnya telat", "delivery", "bad"),
        ("ga takut ketipu", "security", "good"),
    ],
)
def test_a_theme_is_found_with_its_tone_and_a_negation_turns_it(
    text: str, theme: str, tone: str
) -> None:
    assert BOOK.coded(text).themes.get(theme) == tone


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("👍👍", "nothing"),
        ("tidak ada", "nothing"),
        ("ga ada", "nothing"),
        ("N/A", "nothing"),
        ("mantap", "general"),
        ("dikasih tau temen", "uncoded"),
        ("Die Lieferung war sehr schnell und gut", "unread"),
        ("kurirnya ramah", "theme"),
    ],
)
def test_what_became_of_a_comment_is_told(text: str, state: str) -> None:
    assert BOOK.coded(text).state == state


def test_an_expression_may_leave_words_between_and_the_rest_of_a_word() -> None:
    book = Codebook("own", {"themes": {"slow": {"about": ["kirim* ~ lama"]}}})
    assert "slow" in book.coded("kiriman ini memang lama").themes
    assert "slow" not in book.coded("kiriman ini memang tidak akan pernah lama").themes
    assert Expression.read("brg ~ sampe", 1).is_far == (False, True)


def test_every_theme_has_a_name_in_every_language_and_known_parts() -> None:
    from cxkit import library

    for one in library.languages():
        assert set(library.locale(one)["names"]["theme"]) == {*BOOK.keys, "all"}
    assert all(one.parts for one in BOOK.themes)


def test_a_codebook_beside_the_study_wins_and_its_slips_are_told(tmp_path: Path) -> None:
    own = "themes:\n  parking:\n    levels: [trusty]\n    abut: [parkir*]\n"
    (tmp_path / "mine.yaml").write_text(own, encoding="utf-8")
    with pytest.raises(StudyError) as told:
        Codebook.read("mine", tmp_path)
    said = str(told.value)
    assert "did you mean 'about'" in said
    assert "did you mean 'trust'" in said
    good = "themes:\n  parking: {label: {id: Parkir, en: Parking}, about: [parkir*]}\n"
    (tmp_path / "mine.yaml").write_text(good, encoding="utf-8")
    survey = commented(tmp_path, ["parkirnya susah"] * 60, ASKED + "coding: {codebook: mine}\n")
    said = [say(one, "id") for one in comments.findings(survey)]
    assert any("Parkir (100%)" in one for one in said)


def test_an_unknown_codebook_and_a_missing_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as told:
        commented(tmp_path, ["a"] * 3, ASKED + "coding: {codebook: cxx, coded: no.csv}\n")
    assert "there is no codebook 'cxx'" in str(told.value)
    assert "there is no file 'no.csv'" in str(told.value)


# -- kappa ----------------------------------------------------------------------------------------


def test_kappa_is_that_of_r_psych() -> None:
    """20 and 15 agree, 5 and 10 do not: kappa .4, standard error .1269960629 (psych 2.x)."""
    cells = (20, 5, 10, 15)
    a = np.repeat([1, 1, 2, 2], cells)
    b = np.repeat([1, 2, 1, 2], cells)
    made = cohen_kappa(a, b)
    assert made.value == pytest.approx(0.4, abs=1e-12)
    half = (made.ci_high - made.ci_low) / 2
    student = 2.009575
    assert half / student * math.sqrt(49 / 50) == pytest.approx(0.1269960629, abs=1e-6)


def test_kappa_of_one_code_alone_is_none() -> None:
    made = cohen_kappa(["a"] * 5, ["a"] * 5)
    assert math.isnan(made.value)
    assert made.flags == ("unreliable",)


def test_coders_of_different_length_are_refused() -> None:
    with pytest.raises(SurveyError, match="3 codes of the first and 2"):
        cohen_kappa([1, 2, 1], [1, 2])


# -- a survey with comments -----------------------------------------------------------------------


def commented(
    folder: Path,
    texts: Sequence[str],
    study: str = ASKED,
    scores: Sequence[int] | None = None,
    **more: Sequence[object],
) -> Any:
    """A study of some comments, with a score and other columns beside each."""
    return lay(folder, study, {"q": scores or [8] * len(texts), "c": texts, **more})


def planted(folder: Path, *, is_null: bool = False, study: str = ASKED, **more: Any) -> Any:
    """300 detractors and 300 promoters; half of the first and a tenth of the others say `late`."""
    rng = random.Random(1)
    texts, scores = [], []
    for group, share in ((3, 0.5), (10, 0.5 if is_null else 0.1)):
        for _ in range(300):
            said = LATE if rng.random() < share else KIND if rng.random() < 0.5 else PLAIN
            texts.append(rng.choice(said))
            scores.append(group)
    return commented(folder, texts, study, scores, **more)


def variants(survey: Any) -> list[str]:
    return [f"{one.key} {one.variant}".strip() for one in comments.findings(survey)]


def test_a_planted_difference_is_found_and_named(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    found = comments.findings(survey)
    said = [say(one, "en") for one in found if one.variant == "contrast"]
    assert len(said) == 1
    assert said[0].startswith("Detractors mention Delivery and punctuality more often")
    told = {one.of: one for one in themes.shares(survey, "reason")}
    truth = np.mean([text in LATE for text in coding.texts_of(survey, "reason")])
    assert told["theme:delivery"].estimate == pytest.approx(truth)
    assert told["theme:delivery"].n == 600


def test_without_a_difference_none_is_named(tmp_path: Path) -> None:
    found = variants(planted(tmp_path, is_null=True))
    assert "F28 none_clear" in found
    assert not any(one.startswith("F28 contrast") for one in found)


def test_the_score_of_a_theme_is_set_against_other_comments(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    scores, against = themes.scores_by_theme(survey, "reason")
    texts = coding.texts_of(survey, "reason")
    score = survey.values("outcome:recommend") * 10
    late = np.array([text in LATE for text in texts])
    one = against.only(of="theme:delivery")
    assert one.difference == pytest.approx(score[late].mean() - score[~late].mean())
    assert one.is_clear
    assert scores.only(of="theme:delivery").n == late.sum()


def test_a_report_of_a_group_says_what_the_filter_says(tmp_path: Path) -> None:
    """And reads nobody else's comments."""
    study = ASKED + "segments: {region: {column: r}}\n"
    survey = planted(tmp_path, study=study, r=["east", "west"] * 300)
    own = cx.load(tmp_path, group="region=east")
    whole = survey.where(region="east")
    assert len(own.frame) == 300
    rows = [themes.shares(one, "reason").published().to_rows() for one in (own, whole)]
    assert rows[0] == rows[1]
    said = [
        [dataclasses.asdict(q) for q in quotes.quotes(one, "theme:delivery", 5)]
        for one in (own, whole)
    ]
    assert said[0] == said[1]
    assert said[0]


def test_ten_comments_are_too_few_and_said_to_be(tmp_path: Path) -> None:
    texts = ["paketnya telat"] * 10 + [""] * 90
    assert "F28 few" in variants(commented(tmp_path, texts))


def test_a_third_language_is_said_and_not_coded(tmp_path: Path) -> None:
    survey = commented(tmp_path, ["Die Lieferung war leider sehr langsam"] * 60)
    assert "F28 other_language" in variants(survey)
    assert themes.counts(survey, "reason")["unread"] == 60


def test_only_emoji_is_said(tmp_path: Path) -> None:
    assert "F28 no_words" in variants(commented(tmp_path, ["👍👍", "❤️", "-"] * 20))


def test_nothing_written_and_nothing_asked_are_said(tmp_path: Path) -> None:
    assert variants(commented(tmp_path, [""] * 50)) == ["F28 nobody"]
    (tmp_path / "b").mkdir()
    survey = lay(tmp_path / "b", CUSTOMERS + NPS, {"q": [8] * 50})
    assert variants(survey) == ["F32 not_measured"]


# -- quotations -----------------------------------------------------------------------------------


def test_no_theme_of_few_people_is_quoted(tmp_path: Path) -> None:
    texts = ["paketnya telat sekali kemarin"] * 9 + ["petugasnya ramah sekali"] * 60
    survey = commented(tmp_path, texts)
    assert quotes.quotes(survey, "theme:delivery", 5) == []
    assert [one.text for one in quotes.quotes(survey, "theme:staff", 5)] == [texts[-1]]


def test_nobody_of_a_hidden_group_is_quoted(tmp_path: Path) -> None:
    """Five live in the small region; only they say it in these words."""
    texts = ["paketnya telat di desa kami"] * 5 + ["paketnya telat sekali ya"] * 100
    where = ["small"] * 5 + ["large"] * 60 + ["other"] * 40
    survey = commented(tmp_path, texts, ASKED + "segments: {region: {column: r}}\n", r=where)
    assert not any("desa" in one.text for one in quotes.quotes(survey, "theme:delivery", 5))
    assert quotes.quotes(survey, "theme:delivery", 5)


def test_quotations_are_masked_and_neither_short_nor_full_of_digits(tmp_path: Path) -> None:
    texts = [
        *["paket telat"] * 20,
        *["paket telat, hubungi saya di budi@contoh.co.id ya"] * 20,
        *["paket telat nomor pesanan 123456 belum sampai"] * 20,
    ]
    said = {one.text for one in quotes.quotes(commented(tmp_path, texts), "theme:delivery", 9)}
    assert said == {"paket telat, hubungi saya di [email] ya"}


def test_quotations_of_a_level_come_from_its_themes(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    found = quotes.quotes(survey, "level:fulfilment", 3)
    assert found
    assert all(one.theme == "delivery" and one.text in LATE for one in found)
    assert quotes.quotes(survey, "level:trust", 3) == []


# -- coding with people ---------------------------------------------------------------------------


def code(folder: Path, survey: Any, n: int, truth: Any) -> list[dict[str, str]]:
    """Draw, let somebody who knows the truth code, and lay the file beside the study."""
    rows = [dict(one) for one in hand.draft(survey, n).rows]
    for row in rows:
        row["themes"] = truth(row["text"])
    pd.DataFrame(rows).to_csv(folder / "coding.csv", index=False)
    return rows


def test_a_draw_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    drawn = hand.draft(survey, 40)
    table = pd.read_csv(tmp_path / "answers.csv")
    table.iloc[::-1].to_csv(tmp_path / "answers.csv", index=False)
    assert hand.draft(cx.load(tmp_path), 40) == drawn
    assert hand.draft(survey, 40, seed=5) != drawn
    assert [row["part"] for row in drawn.rows].count("check") == 20


def test_the_draft_of_the_command_reads_back_and_overwrites_nothing(tmp_path: Path) -> None:
    planted(tmp_path)
    out = tmp_path / "coding.csv"
    asked = ["comments", "draft", str(tmp_path), "-n", "30", "-o", str(out), "--quiet"]
    assert CliRunner().invoke(cli, asked).exit_code == 0
    before = out.read_bytes()
    assert CliRunner().invoke(cli, asked).exit_code != 0
    assert out.read_bytes() == before
    told = before.decode("utf-8-sig").splitlines()
    assert told[0] == ",".join(hand.COLUMNS)
    assert len(told) == 31


def test_a_comment_that_looks_like_a_formula_comes_back_as_it_was(tmp_path: Path) -> None:
    survey = commented(tmp_path, ["=paket telat sekali"] * 60)
    text = hand.draft(survey, 1).text
    assert ",'=paket telat sekali," in text
    (tmp_path / "coding.csv").write_text(text.replace("delivery,\n", "delivery,none\n"))
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text() + "coding: {coded: coding.csv}\n")
    (one,) = hand.read_by_hand(cx.load(tmp_path), BOOK)
    assert one.text == "=paket telat sekali"
    assert one.themes == frozenset()


def test_slips_of_a_coded_file_are_told_with_their_lines(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    rows = code(tmp_path, survey, 4, lambda text: "deliverry;staff")
    rows[1] |= {"themes": "staff", "comment": "reasons"}
    rows[2] |= {"themes": "none", "part": "half"}
    rows[3] = dict(rows[0]) | {"themes": "staff"}
    pd.DataFrame(rows).to_csv(tmp_path / "coding.csv", index=False)
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text() + "coding: {coded: coding.csv}\n")
    with pytest.raises(StudyError) as told:
        coding.codes_of(cx.load(tmp_path), "reason")
    said = str(told.value)
    for word in ("'deliverry'", "did you mean 'delivery'", "'reasons'", "'half'", "coded twice"):
        assert word in said


def test_what_people_coded_corrects_the_share_and_widens_its_range(tmp_path: Path) -> None:
    """A fifth speak of delivery in words that the codebook lacks: it finds 20 % where 40 % do."""
    rng = random.Random(4)
    texts = [*["kapan ya nongolnya itu"] * 120, *["paketnya telat sekali"] * 120,
             *["petugasnya ramah sekali"] * 360]  # fmt: skip
    rng.shuffle(texts)
    survey = commented(tmp_path, texts)

    def truth(text: str) -> str:
        return "staff" if "ramah" in text else "delivery"

    code(tmp_path, survey, 200, truth)
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text() + "coding: {coded: coding.csv}\n")
    alone = themes.shares(survey, "reason").only(of="theme:delivery")
    made = themes.shares(cx.load(tmp_path), "reason").only(of="theme:delivery")
    assert alone.estimate == pytest.approx(0.2)
    assert alone.ci_high < 0.4
    assert made.method == "wilson_double_sampling"
    assert made.ci_low < 0.4 < made.ci_high
    drawn = [truth(row["text"]) for row in hand.draft(survey, 200).rows]
    by_machine = [
        "delivery" in BOOK.coded(row["text"]).themes for row in hand.draft(survey, 200).rows
    ]
    off = np.array([one == "delivery" for one in drawn], float) - np.array(by_machine, float)
    assert made.estimate == pytest.approx(0.2 + off.mean())
    assert made.ci_high - made.ci_low > alone.ci_high - alone.ci_low
    fits = coding.agreement(cx.load(tmp_path))
    a = [one == "delivery" for one in drawn]
    assert fits.only(of="theme:delivery").value == pytest.approx(cohen_kappa(a, by_machine).value)
    assert fits.only(of="theme:staff").value == pytest.approx(1.0)
    found = comments.findings(cx.load(tmp_path))
    assert "F28 agreement" in [f"{one.key} {one.variant}" for one in found]


def test_a_model_learns_from_one_half_and_is_judged_on_the_other(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    survey = planted(tmp_path)

    def truth(text: str) -> str:
        return "delivery" if text in LATE else "staff" if text in KIND else "none"

    rows = code(tmp_path, survey, 200, truth)
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text() + "coding: {coded: coding.csv}\n")
    model = hand.trained(cx.load(tmp_path))
    model.write(tmp_path / "model.json")
    study.write_text(study.read_text().replace("coding.csv}", "coding.csv, model: model.json}"))
    made = cx.load(tmp_path)
    codes = coding.codes_of(made, "reason")
    assert set(codes.by) == {"people", "model"}
    assert codes.is_check.sum() == sum(row["part"] == "check" for row in rows) == 100
    fits = coding.agreement(made)
    assert fits[0].n == 100
    assert fits[0].value > 0.9
    share = themes.shares(made, "reason").only(of="theme:delivery")
    drawn = np.mean([text in LATE for text in coding.texts_of(made, "reason")])
    assert share.ci_low < drawn < share.ci_high


# -- on real comments -----------------------------------------------------------------------------


def kappa(found: Sequence[bool], labelled: Sequence[bool]) -> float:
    return cohen_kappa(list(found), list(labelled)).value


def test_most_shop_reviews_hold_a_theme_that_is_known(shared_data: Path) -> None:
    """86 % of the Tokopedia reviews, which played no part in writing the codebook."""
    table = pd.read_csv(shared_data / "reviews_id" / "prdect_dev.csv")[::3]
    coded = [BOOK.coded(str(one)) for one in table["Customer Review"]]
    share = {state: np.mean([one.state == state for one in coded]) for state in ("theme", "unread")}
    assert share["theme"] > 0.80
    assert share["unread"] < 0.03
    by_label = {"Positive": "good", "Negative": "bad"}
    told = [(tone, by_label[label]) for one, label in zip(coded, table["Sentiment"], strict=True)
            for tone in one.themes.values() if tone in ("good", "bad")]  # fmt: skip
    assert np.mean([a == b for a, b in told]) > 0.85


def test_service_and_price_are_found_where_people_found_them(shared_data: Path) -> None:
    """Hotel reviews, aspect service: kappa about .8; car reviews, aspect price: about .7."""
    hotel = pd.read_csv(shared_data / "reviews_id" / "hoasa_valid.csv")
    found = ["staff" in BOOK.coded(one).themes for one in hotel["review"]]
    assert kappa(found, (hotel["service"] != "neut").tolist()) > 0.7
    car = pd.read_csv(shared_data / "reviews_id" / "casa_train.csv")
    found = ["price" in BOOK.coded(one).themes for one in car["sentence"]]
    assert kappa(found, (car["price"] != "neutral").tolist()) > 0.6


def test_english_reasons_are_found_more_often_where_people_gave_them(shared_data: Path) -> None:
    """Airline complaints are not a shop's: half to four fifths of late and cancelled flights."""
    table = pd.read_csv(shared_data / "comments_en" / "airline_comments_dev.csv.gz")[::4]
    table = table[table["negativereason"].notna()]
    late = table["negativereason"].isin(["Late Flight", "Cancelled Flight"]).to_numpy()
    found = np.array(["delivery" in BOOK.coded(one).themes for one in table["text"]])
    assert found[late].mean() > 0.5
    assert found[~late].mean() < 0.25
