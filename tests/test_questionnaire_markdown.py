"""The questionnaire for review: a client reads both languages, the routing and what each is for."""

from __future__ import annotations

from pathlib import Path

import mistune
from asked_study import AHEAD, laid_down
from lxml import html

from cxkit import library
from cxkit.answers.questionnaire import Form, form_of
from cxkit.answers.questionnaire.markdown import written


def whole(folder: Path, **swap: str) -> Form:
    return form_of(laid_down(folder, AHEAD, **swap), batteries=library.batteries())


def cells(form: Form) -> dict[str, list[str]]:
    """Column -> the cells of its row, as a reader of the rendered page sees them."""
    render = mistune.create_markdown(plugins=["table"])
    page = html.fromstring(str(render(written(form)[""].decode())))
    rows = [[cell.text_content() for cell in row] for row in page.iterfind(".//tbody/tr")]
    return {row[-1]: row for row in rows if len(row) == 6}


def test_every_question_has_a_row_with_both_languages(tmp_path: Path) -> None:
    form = whole(tmp_path)
    told = cells(form)
    assert list(told) == [one.column for one in form.questions]
    for at, one in enumerate(form.questions, 1):
        number, indonesian, english, *_ = told[one.column]
        assert number == str(at)
        assert indonesian.startswith(one.text["id"])
        assert english.startswith(one.text["en"])


def test_routing_and_purpose_are_in_words(tmp_path: Path) -> None:
    told = cells(form_of(laid_down(tmp_path)))
    assert told["scr_aware"][3] == "semua responden"
    assert told["ful_1"][3:5] == ["no. 3 dijawab “Ya”", "Tingkat: Pemenuhan janji"]
    assert told["emo_1"][3] == "salah satu dari no. 2, no. 3, no. 4, no. 5 dijawab “Ya”"
    assert told["stg_consider"][4] == "Tahap: Mempertimbangkan"
    assert told["scr_bought"][4] == "Menentukan basis: pembeli"


def test_a_study_in_english_is_reviewed_in_english(tmp_path: Path) -> None:
    form = whole(tmp_path, languages="languages: [en, id]")
    told = cells(form)
    assert told["ful_1"][3:5] == ["no. 3 answered “Yes”", "Level: Fulfilment"]
    assert "any of no. 2, no. 3" in told["emo_1"][3]
    assert told["ful_1"][1].startswith("What I receive")
    text = written(form)[""].decode()
    assert "## Consent" in text
    assert "The owner of the study confirms this text" in text


def test_answers_that_stood_before_are_not_repeated(tmp_path: Path) -> None:
    text = written(form_of(laid_down(tmp_path)))[""].decode()
    assert text.count("| Sangat tidak setuju | Strongly disagree |") == 1
    assert "Pilihan jawaban untuk 13, 14: sama dengan pilihan untuk 11, 12" in text


def test_signs_of_markdown_are_shown_as_they_are(tmp_path: Path) -> None:
    form = form_of(laid_down(tmp_path, brand="brand: 'A|B *c* <d>'"))
    told = cells(form)
    assert told["scr_aware"][2] == "Before this survey, had you ever heard of A|B *c* <d>?"
