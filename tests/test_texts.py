"""A column of text kept once a word says what a list of its texts says, however it was made."""

from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkit.answers import texts as room
from cxkit.answers.texts import Gathering, Texts, smallest

CELLS = st.lists(st.sampled_from(["", "1", "5", "Setuju", "é", "\N{GRINNING FACE}", "مرحبا"]))


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are packed, and kept apart, from a few words on."""
    monkeypatch.setattr(room, "_MANY", ((3, 0.8),))
    monkeypatch.setattr(room, "_MANY_JOINED", 3)
    monkeypatch.setattr(room, "_PACKED", 2)
    monkeypatch.setattr(room, "_BLOCK", 4)


def said(column: Texts) -> list[str]:
    return list(column)


@given(CELLS)
def test_it_says_what_the_list_says(cells):
    column = Texts.of(cells)
    assert (said(column), len(column)) == (cells, len(cells))
    assert column.array().tolist() == cells
    assert column.counts() == Counter(cells)
    assert list(column.counts()) == list(column.found()) == list(dict.fromkeys(cells))
    assert (column == "5").tolist() == [cell == "5" for cell in cells]
    assert (column != "5").tolist() == [cell != "5" for cell in cells]
    assert column.among({"1", ""}).tolist() == [cell in {"1", ""} for cell in cells]
    assert column.each(len, int).tolist() == list(map(len, cells))
    assert said(column.put(str.upper)) == [cell.upper() for cell in cells]
    assert said(pickle.loads(pickle.dumps(column))) == cells


@given(CELLS, CELLS)
def test_columns_below_each_other_are_lists_joined(one, other):
    assert said(Texts.joined([Texts.of(one), Texts.of(other)])) == one + other


@given(st.lists(st.text(max_size=3), max_size=30))
def test_texts_that_hardly_repeat_say_the_same(cells):
    """Packed, and with a text of its own for each row from the fourth word on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_MANY", ((3, 0.8),))
        patch.setattr(room, "_MANY_JOINED", 3)
        patch.setattr(room, "_PACKED", 2)
        patch.setattr(room, "_BLOCK", 4)
        stripped = [cell.strip() for cell in cells]
        column = Texts.of(cells)
        assert said(column) == stripped
        assert column.counts() == Counter(stripped)
        assert column.found() == tuple(dict.fromkeys(stripped))
        assert column.found(2) == tuple(dict.fromkeys(stripped))[:2]
        assert said(column.put(str.casefold)) == [cell.casefold() for cell in stripped]
        assert said(column[1:4]) == stripped[1:4]
        both = Texts.joined([column, Texts.of(["x"]), column])
        assert said(both) == [*stripped, "x", *stripped]


def test_a_column_of_many_different_texts_is_kept_apart_and_small(packed):
    column = Texts.of(f"r{number}" for number in range(20))
    assert column.words.dtype == np.dtypes.StringDType()
    assert said(column) == [f"r{number}" for number in range(20)]
    repeated = Texts.of(["a", "b", "c"] * 10)
    assert len(repeated.words) == 3, "words that come again are kept once"


def test_places_are_as_small_as_they_can_be():
    assert Texts.of(["a", "b"]).at.dtype == np.int8
    assert Texts.of(map(str, range(127))).at.dtype == np.int8
    assert Texts.of(map(str, range(128))).at.dtype == np.int16
    assert [smallest(n) for n in (1, 32_767, 32_768, 2**31)] == [
        np.int8, np.int16, np.int32, np.int64,
    ]  # fmt: skip


def test_a_row_is_a_text_and_rows_are_a_column():
    column = Texts.of(["a", "", "b", "a"])
    assert (column[0], column[-1], type(column[0])) == ("a", "a", str)
    assert said(column[np.array([True, False, True, False])]) == ["a", "b"]
    assert column[2:].found() == ("b", "a")
    assert "" not in column[2:].counts(), "a word may stand without a row"


def test_blanks_around_a_text_are_taken_away_and_words_stay_one():
    gathered = Gathering()
    gathered.add([" 5", "5 ", "5"])
    gathered.add_places(["5", " x "], np.array([1, 0, 1]))
    column = gathered.texts()
    assert said(column) == ["5", "5", "5", "x", "5", "x"]
    assert column.words.tolist() == ["5", "x"]


def test_words_given_by_place_are_kept_apart_too(packed):
    gathered = Gathering()
    gathered.add([f"r{number}" for number in range(6)])
    gathered.add_places(["x", "y"], np.array([1, 0, 1]))
    assert said(gathered.texts()) == [*(f"r{number}" for number in range(6)), "y", "x", "y"]


def test_equal_texts_have_equal_numbers(packed):
    numbers = Texts.of(["a", "b", "c", "d", "e", "a"]).hashes()
    assert numbers.dtype == np.int64
    assert numbers[0] == numbers[5]
    assert len(set(numbers.tolist())) == 5


def test_no_rows_are_a_column_too():
    assert (said(Texts.of([])), said(Texts.joined([]))) == ([], [])
    assert (Texts.of([]) == "").tolist() == []
    assert said(Texts.of([]).put(str.upper)) == []
    assert said(Texts.all("x", 2)) == ["x", "x"]
