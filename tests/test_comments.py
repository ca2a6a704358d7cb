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
from cxkit.analysis import cohen_kappa, estimates
from cxkit.analysis.comments import coding, hand, quotes, themes
from cxkit.analysis.comments.codebook import Codebook
from cxkit.analysis.comments.expressions import Expression
from cxkit.analysis.comments.language import language
from cxkit.analysis.comments.machine import by_model
from cxkit.analysis.comments.model_card import model_card
from cxkit.analysis.comments.spelling import normalised
from cxkit.analysis.comments.tone import read_by_model, tone_model, tone_shares
from cxkit.cli import cli
from cxkit.errors import StudyError, SurveyError
from cxkit.records import Comparisons, Estimate, Estimates, Fit, Fits
from cxkit.report import model_tables
from cxkit.report.sections import comments
from cxkit.report.sections.comment_models import of_model
from cxkit.report.shown import Shown
from cxkit.wording import Words

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
    found = variants(survey)
    assert "F28 other_language" in found
    assert "F28 covered" not in found
    assert themes.counts(survey, "reason")["unread"] == 60


def test_only_emoji_is_said(tmp_path: Path) -> None:
    """And nobody is said to have written nothing; the same where all say `tidak ada`."""
    for at, texts in enumerate((["👍👍", "❤️", "-"], ["tidak ada", "Ga ada.", "-"])):
        (tmp_path / str(at)).mkdir()
        found = variants(commented(tmp_path / str(at), texts * 20))
        assert "F28 no_words" in found
        assert not {"F28 who", "F28 covered"} & set(found)


def test_one_who_writes_a_book_is_one_comment(tmp_path: Path) -> None:
    """5,000 words count once, and are not quoted."""
    book = "paketnya telat sekali dan petugasnya tidak ramah " * 700
    survey = commented(
        tmp_path, [book, *["paketnya telat sekali"] * 40, *["petugasnya ramah"] * 40]
    )
    assert themes.shares(survey, "reason").only(of="theme:delivery").estimate == 41 / 81
    assert [one.text for one in quotes.quotes(survey, "theme:delivery", 5)] == [
        "paketnya telat sekali"
    ]


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
    (one,) = hand.read_by_hand(cx.load(tmp_path))
    assert one.text == "=paket telat sekali"
    assert one.themes == frozenset()


def test_slips_of_a_coded_file_are_told_with_their_lines(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    rows = code(tmp_path, survey, 4, lambda text: "deliverry;staff")
    rows[1] |= {"themes": "staff", "comment": "reasons"}
    rows[2] |= {"themes": "none", "part": "half"}
    rows[3] = dict(rows[0]) | {"themes": "staff"}
    rows.append(dict(rows[0]) | {"themes": "staff", "respondent": "nobody"})
    pd.DataFrame(rows).to_csv(tmp_path / "coding.csv", index=False)
    told = cx.check(said_of_coding(tmp_path, "{coded: coding.csv}")).errors
    assert {one.code: one.line for one in told} == {
        "unknown_theme": 2,
        "unknown_comment": 3,
        "unknown_part": 4,
        "coded_twice": 5,
        "unknown_respondent": 6,
    }
    said = str(told)
    for word in ("'deliverry'", "did you mean 'delivery'", "'reasons'", "'half'", "'nobody'"):
        assert word in said
    with pytest.raises(SurveyError, match="5 problems"):
        cx.load(tmp_path)


def said_of_coding(folder: Path, coding: str) -> Path:
    """The study with another `coding:`."""
    study = folder / "study.yaml"
    kept = [one for one in study.read_text().splitlines() if not one.startswith("coding:")]
    study.write_text("\n".join([*kept, f"coding: {coding}", ""]))
    return folder


def test_a_file_without_any_code_changes_nothing_and_says_so(tmp_path: Path) -> None:
    survey = planted(tmp_path)
    before = themes.shares(survey, "reason").to_rows()
    code(tmp_path, survey, 40, lambda text: "")
    said_of_coding(tmp_path, "{coded: coding.csv}")
    told = cx.check(tmp_path)
    assert [one.code for one in told.warnings] == ["nothing_coded"]
    assert not told.errors
    assert themes.shares(cx.load(tmp_path), "reason").to_rows() == before
    with pytest.raises(StudyError, match="fill in the column `themes`"):
        hand.trained(cx.load(tmp_path))


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


def test_groups_are_corrected_alike_or_not_at_all(tmp_path: Path) -> None:
    """Half of each group speak of delivery, half of these in words that the codebook lacks.

    Of the few detractors too few are checked to correct their share, of the promoters enough.
    """
    texts = ["kapan ya nongolnya itu", "paketnya telat sekali", *["petugasnya ramah sekali"] * 2]
    survey = commented(tmp_path, 150 * texts, scores=[3] * 80 + [10] * 520)
    code(tmp_path, survey, 120, lambda text: "staff" if "ramah" in text else "delivery")
    study = tmp_path / "study.yaml"
    study.write_text(study.read_text() + "coding: {coded: coding.csv}\n")
    survey = cx.load(tmp_path)
    assert themes.shares(survey, "reason")[0].method == "wilson_double_sampling"
    groups = themes.by_score_group(survey, "reason").where(of="theme:delivery")
    assert {one.method for one in groups if one.n} == {"wilson_design"}
    one = themes.contrast_of_themes(survey, "reason").only(of="theme:delivery")
    assert abs(one.difference) < 0.05  # it was 25 points with one side corrected
    assert not one.is_clear


def by_truth(text: str) -> str:
    return "delivery" if text in LATE else "staff" if text in KIND else "none"


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 comments, 200 of them coded (one as `event`, one as `place`), and a model of these."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("modelled")
    rows = code(folder, planted(folder), 200, by_truth)
    fit, check = (next(row for row in rows if row["part"] == part) for part in ("fit", "check"))
    fit["themes"], check["themes"] = "event", "place"
    pd.DataFrame(rows).to_csv(folder / "coding.csv", index=False)
    said_of_coding(folder, "{coded: coding.csv}")
    asked = ["comments", "train", str(folder), "-o", str(folder / "model.json")]
    made = CliRunner().invoke(cli, asked)
    assert made.exit_code == 0, made.output
    assert "only one comment to learn from: event" in made.output
    assert (folder / "model.md").is_file()
    return said_of_coding(folder, "{coded: coding.csv, model: model.json}")


def test_a_model_learns_from_one_half_and_is_judged_on_the_other(modelled: Path) -> None:
    made = cx.load(modelled)
    codes = coding.codes_of(made, "reason")
    assert set(codes.by) == {"people", "model"}
    assert codes.is_check.sum() == 100
    fits = coding.agreement(made)
    assert fits[0].n == 100
    assert fits[0].value > 0.9
    share = themes.shares(made, "reason").only(of="theme:delivery")
    drawn = np.mean([text in LATE for text in coding.texts_of(made, "reason")])
    assert share.method == "wilson_double_sampling"
    assert share.ci_low < drawn < share.ci_high


def test_a_theme_coded_once_is_not_learned_and_the_card_names_it(modelled: Path) -> None:
    """What was checked and never learned counts as no theme, so that the check can be told."""
    model = coding.model_of(cx.load(modelled).study)
    assert model.labels == ("delivery", "none", "staff")
    assert model.card["about"]["pooled"] == ["event"]
    assert model.card["n"] == model.held_out.n == 100
    assert "event" in model_card(model, "model.json", "en")


def test_a_model_gives_shares_by_its_probabilities(modelled: Path) -> None:
    """And a comment in a language that it did not learn leaves the base, as one not read."""
    survey = cx.load(modelled)
    codes = coding.codes_of(survey, "reason")
    model = coding.model_of(survey.study)
    rows = codes.by == "model"
    texts = [text for text, is_so in zip(codes.texts, rows, strict=True) if is_so]
    likely = model.probabilities(texts, any_language=True)[:, model.labels.index("delivery")]
    np.testing.assert_allclose(codes.has("delivery")[rows], likely)
    assert ((likely > 0) & (likely < 1)).any()
    named = [one.get("delivery") is not None for one in codes.themes]
    assert np.mean(named) != pytest.approx(codes.has("delivery").mean(), abs=1e-6)
    states = themes.states(survey, "reason")
    assert sum(one.estimate for one in states) == pytest.approx(1.0)
    german = "Die Lieferung war leider sehr langsam"
    found = by_model(model, [german, "paketnya telat"], [BOOK.coded(german), None], BOOK)
    assert np.isnan(found.likely).all()


def test_a_mean_of_probabilities_is_no_surer_than_codes_would_be(tmp_path: Path) -> None:
    """All at .3: as if three in ten had been coded so, though the probabilities never differ."""
    survey = commented(tmp_path, ["paketnya telat"] * 100)
    own = estimates.sample(survey, tuple(survey.waves))
    made = themes.likely_share(own, np.full(100, 0.3), survey.mask)
    coded = themes.likely_share(own, np.repeat([1.0, 0.0], [30, 70]), survey.mask)
    assert made.estimate == coded.estimate == pytest.approx(0.3)
    assert made.variance == pytest.approx(coded.variance, rel=0.02)
    assert made.variance == pytest.approx(0.3 * 0.7 / 100)


def test_a_model_of_anything_but_themes_is_refused(tmp_path: Path) -> None:
    planted(tmp_path)
    tone_model().write(tmp_path / "tone.json")
    said_of_coding(tmp_path, "{model: tone.json}")
    with pytest.raises(StudyError) as told:
        comments.findings(cx.load(tmp_path))
    for word in ("names 'negative'", "tone.json", "delivery", "cxkit comments train"):
        assert word in str(told.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "names 'negative'"),
        ("{}", "a file of another kind"),
        ("{", "a damaged one"),
    ],
)
def test_check_opens_the_model_that_a_study_names(
    content: str | None, told: str, tmp_path: Path
) -> None:
    planted(tmp_path)
    if content is None:
        tone_model().write(tmp_path / "tone.json")
    else:
        (tmp_path / "tone.json").write_text(content)
    (slip,) = cx.check(said_of_coding(tmp_path, "{model: tone.json}")).errors
    assert slip.code == "bad_model"
    assert slip.column == "coding.model"
    assert told in slip.message


# -- how comments sound, and what is known of a model ----------------------------------------------


def test_the_tone_is_the_mean_of_the_probabilities_of_what_is_read(tmp_path: Path) -> None:
    """English is not, and is counted; emoji are not words and are neither."""
    good, bad = "barangnya bagus sekali, puas", "kecewa, paketnya rusak dan telat"
    english = "the delivery was late again"
    texts = [*[bad] * 60, english, *[good] * 80, *[english] * 39, *["👍👍"] * 20]
    scores = [3] * 61 + [10] * 139
    survey = commented(tmp_path, texts, scores=scores)
    told = {(one.of, one.by.get("score_group")): one for one in tone_shares(survey, "reason")}
    of_bad, of_good = tone_model().probabilities([bad, good])
    at = tone_model().labels.index("negative")
    whole = told["tone:negative", None]
    assert whole.estimate == pytest.approx((60 * of_bad[at] + 80 * of_good[at]) / 140)
    assert whole.n == 140
    assert told["tone:negative", "detractor"].estimate == pytest.approx(of_bad[at])
    assert told["tone:negative", "promoter"].n == 80
    read = read_by_model(survey, "reason")
    assert (read.n, read.estimate) == (180, pytest.approx(140 / 180))
    said = [say(one, "en") for one in comments.findings(survey) if one.variant == "tone"]
    assert said[0].startswith("Of 140 comments whose tone the model reads")
    assert "78% of the 180 comments" in said[0]


def test_where_no_comment_can_be_read_for_its_tone_that_is_said(tmp_path: Path) -> None:
    found = comments.findings(commented(tmp_path, ["the delivery was late again"] * 60))
    assert "tone_none" in [one.variant for one in found]
    assert not [one for one in found if one.key.startswith("model_")]


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_is_known_of_a_model_stands_on_the_page(modelled: Path, language: str) -> None:
    """Accuracy, confusion, calibration and limits: of the study's own, and of the tone's."""
    found = comments.findings(cx.load(modelled))
    words = Words(language, found.context)
    shown = {(one.table, sum(1 for x in found[:at] if x.table == one.table)): one
             for at, one in enumerate(found) if one.table}  # fmt: skip
    own, tone = (Shown(shown["model_confusion", at].to_dict(), words) for at in (0, 1))
    assert [len(one.table()["rows"]) for one in (own, tone)] == [3, 3]
    for one in (own, tone):
        rows = [[x.estimate for x in one.estimates if x.of == of]
                for of in dict.fromkeys(x.of for x in one.estimates)]  # fmt: skip
        assert [sum(row) for row in rows if row[0] == row[0]] == pytest.approx([1.0] * len(rows))
    card = Shown(shown["model_card", 0].to_dict(), words).table()
    text = " ".join(cell["text"] for row in card["rows"] for cell in row["cells"])
    assert words.locale["model_card"]["limit_kind"] in text
    assert words.name("theme:event") in text
    assert "{" not in text
    bins = Shown(shown["model_calibration", 1].to_dict(), words).table()["rows"]
    assert len(bins) == len(tone_model().held_out.bins)
    right = [say(one, language) for one in found if one.variant.startswith("right_")]
    assert len(right) == 2
    assert "1,260" in right[1].replace(".", ",")


def test_a_model_that_guesses_is_said_to_be_no_better_than_a_guess(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    rng = random.Random(5)
    code(tmp_path, planted(tmp_path), 60, lambda text: rng.choice(["delivery", "staff"]))
    model = hand.trained(cx.load(said_of_coding(tmp_path, "{coded: coding.csv}")))
    context = cx.load(tmp_path).context()
    first = next(iter(of_model(model, "model", "theme", context)))
    assert "right_unclear" in [variant for variant, _ in first.plus]


def test_many_labels_bear_numbers_in_the_columns_of_a_confusion_matrix() -> None:
    labels = [f"theme:{key}" for key in BOOK.keys[:7]]
    cells = [Estimate("taken", of, 1 / 7, n=50, n_eff=50.0, unit="share", by={"told": told})
             for of in labels for told in labels]  # fmt: skip
    fits = [Fit(name, 0.5, of=of, n=50, n_eff=50.0)
            for of in labels for name in ("precision", "recall", "f1")]  # fmt: skip
    options = {"fits": Fits(fits)}
    made = model_tables.confusion(Estimates(cells), Comparisons(()), options, Words("en", {}))
    assert [one["label"] for one in made["columns"][2:9]] == [str(at) for at in range(1, 8)]
    assert made["rows"][6]["head"].startswith("7. ")


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
