"""How sure is sure: the threshold of the mapping, measured on headers of which all is known."""

from __future__ import annotations

from collections import defaultdict

import pytest
from mapping_pairs import BRAND, DECOYS, OTHER, forgotten, wanted

from cxkit.answers.mapping.likeness import Wordings
from cxkit.answers.mapping.matching import SURE, Column, Guess, Matches
from cxkit.answers.mapping.words import cleaned, masked, plain_name
from cxkit.answers.platforms import Question
from cxkit.answers.texts import Texts


def guesses(
    headers: list[str], brand: str = BRAND, wordings: Wordings | None = None
) -> list[Guess | None]:
    """The likeliest guess for each header alone, by its text."""
    blank = Texts.of(["", ""])
    columns = [Column(f"c{at}", Question(text=one), blank) for at, one in enumerate(headers)]
    matches = Matches(columns, brand, wordings)
    return [
        max(matches._by_text(one), key=lambda guess: guess.confidence, default=None)
        for one in columns
    ]


@pytest.fixture(scope="module")
def found() -> list[tuple[str, str, Guess | None]]:
    pairs = list(wanted())
    best = guesses([header for _, _, header in pairs])
    return [(how, key, guess) for (how, key, _), guess in zip(pairs, best, strict=True)]


def test_no_header_is_surely_taken_for_another_question(found) -> None:
    """Every wording of the kit under every edit: precision 1 among its own questions."""
    wrong = [(how, key, one) for how, key, one in found if one and one.is_sure and one.key != key]
    assert not wrong


def test_edited_headers_are_surely_recognised(found) -> None:
    """Numbering, hints, capitals, blanks, markup change nothing; most slips of typing neither."""
    n_sure: dict[str, list[bool]] = defaultdict(list)
    for how, key, one in found:
        n_sure[how].append(one is not None and one.key == key and one.is_sure)
    recall = {how: sum(sure) / len(sure) for how, sure in n_sure.items()}
    mechanical = set(recall) - {"mistyped", "reworded"}
    assert {how: recall[how] for how in mechanical} == dict.fromkeys(mechanical, 1.0)
    assert recall["mistyped"] > 0.95
    assert recall["reworded"] > 0.8


def test_nothing_that_is_no_question_of_the_kit_is_sure() -> None:
    """Other subjects, brands and instruments, the survey itself, statements turned round."""
    sure = [
        (text, one)
        for text, one in zip(DECOYS, guesses(DECOYS), strict=True)
        if one and one.is_sure
    ]
    assert len(DECOYS) > 120
    assert not sure


def test_a_question_that_the_kit_forgot_is_not_surely_taken_for_its_neighbour() -> None:
    """The hardest decoys there are: the kit's own questions, one left out of the library each."""
    left_out: dict[str, tuple[Wordings, list[str]]] = {}
    for key, header, without in forgotten():
        left_out.setdefault(key, (without, []))[1].append(header)
    sure = [
        (key, header, one)
        for key, (without, headers) in left_out.items()
        for header, one in zip(headers, guesses(headers, wordings=without), strict=True)
        if one and one.is_sure
    ]
    assert len(left_out) == 102
    assert not sure


def test_the_threshold_stands_clear_of_the_decoys() -> None:
    """The likest decoy stays below the threshold with room to spare (it has 87 of 100)."""
    best = max(one.confidence for one in guesses(DECOYS) if one)
    assert best <= SURE - 2


@pytest.mark.parametrize(
    ("header", "doubt"),
    [
        (f"Saya tidak yakin {BRAND} melindungi data pribadi saya.", "negation"),
        (f"I am not confident that {BRAND} protects my personal data.", "negation"),
        (f"How unlikely are you to recommend {BRAND} to family or friends?", "opposite"),
        (f"I am confident that {OTHER} protects my personal data.", OTHER.casefold()),
        (
            f"Seberapa penting bagi Anda? [Saya yakin {BRAND} melindungi data pribadi saya.]",
            "import",
        ),
    ],
)
def test_what_speaks_against_a_question_is_said(header: str, doubt: str) -> None:
    (one,) = guesses([header])
    assert one is not None
    assert not one.is_sure
    assert doubt in " ".join(one.doubts)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>Q7. Seberapa&nbsp;puas Anda? *</p>", "Seberapa puas Anda?"),
        ("12) How satisfied are you? (1 = not at all, 5 = very)", "How satisfied are you?"),
        ("Dalam skala 0 sampai 10, seberapa puas Anda?", "seberapa puas Anda?"),
        ("Which of these? Please select one.", "Which of these?"),
        ("Layanan dengan paket yang dipilih", "Layanan dengan paket yang dipilih"),
        ("In which ways (phone, app)?", "In which ways (phone, app)?"),
        ("Which channel? - Selected Choice", "Which channel?"),
    ],
)
def test_what_is_no_part_of_a_question_is_left_away(text: str, left: str) -> None:
    assert cleaned(text) == left


@pytest.mark.parametrize(
    ("text", "brand", "left"),
    [
        (
            "Dalam setahun terakhir, situs Kopi-Kita?",
            "Kopi Kita",
            "dalam xperiodx, xsitex xbrandx?",
        ),
        ("In the next 12 months, the KOPI KITA app", "Kopi Kita", "in xaheadx, the xbrandx xsitex"),
        ("{brand} dalam {period}", "", "xbrandx dalam xperiodx"),
        ("Kopi Kitabisa", "Kopi Kita", "kopi kitabisa"),
    ],
)
def test_slots_are_masked_on_both_sides(text: str, brand: str, left: str) -> None:
    assert masked(text, brand) == left


def test_the_name_of_a_column_is_its_own_part() -> None:
    names = ["kualitas/ful_1", "Q00[ful1]", "FUL 1", "ful-1"]
    assert {plain_name(name) for name in names} == {"ful1"}
