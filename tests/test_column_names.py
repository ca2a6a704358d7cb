"""The shelves by which strange exports are recognised: names of columns, wordings of questions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from cxkit import library
from cxkit.answers.mapping.matching import _QUESTION_OF
from cxkit.answers.mapping.words import SLOTS, cleaned, masked, plain_name
from cxkit.library.files import LIBRARY
from cxkit.study import Study

NAMES: dict[str, Any] = library.load_yaml(LIBRARY / "column_names.yaml")
WORDINGS: dict[str, Any] = library.load_yaml(LIBRARY / "other_wordings.yaml")
LANGUAGES = {"id", "en"}


def test_the_shelves_have_the_parts_that_are_read() -> None:
    """A part that nobody reads would be a promise; each file says what it is."""
    assert set(NAMES) == {"key", "version", "keys", "segments"}
    assert set(WORDINGS) == {"key", "version", "wordings"}
    assert (NAMES["key"], WORDINGS["key"]) == ("column_names", "other_wordings")


def test_a_name_stands_for_one_thing_only() -> None:
    """Compared without capitals and signs, as columns are: else the last one read would win."""
    shelves = [*NAMES["keys"].values(), *(one["names"] for one in NAMES["segments"].values())]
    counts = Counter(name for names in shelves for name in set(map(plain_name, names)))
    assert [name for name, n in counts.items() if n > 1] == []
    assert "" not in counts


def test_every_key_is_one_that_a_study_file_has() -> None:
    """Or an outcome that a question of the kit measures."""
    own = set(Study.model_fields) | set(Study.model_fields["quality"].annotation.model_fields)  # type: ignore[union-attr]
    assert set(NAMES["keys"]) - own == set(_QUESTION_OF)
    assert set(_QUESTION_OF.values()) <= questions()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_segments_and_vocabularies_are_called_something_in_each_language(language: str) -> None:
    """The usual segments, and what the kit's own tables are split by."""
    names = library.locale(language)["names"]
    own = {"furthest_stage", "interaction_channel", "before", "reached", "rated"}
    assert set(names["segment"]) == {*NAMES["segments"], *own}
    assert set(names["vocabulary"]) <= set(library.vocabularies())
    assert all(set(one) == {"names"} for one in NAMES["segments"].values())


@pytest.mark.parametrize("key", WORDINGS["wordings"])
def test_another_wording_is_of_a_question_and_says_it_otherwise(key: str) -> None:
    """In both languages, with slots that the kit fills, and not in the question's own words."""
    assert key in questions()
    told = WORDINGS["wordings"][key]
    assert set(told) == LANGUAGES
    own = library.question(key)["text"]
    for language, texts in told.items():
        alike = [masked(cleaned(text)) for text in (own[language], *texts)]
        assert len(set(alike)) == len(alike)
        assert {slot for text in texts for slot in re.findall(r"{(\w+)}", text)} <= set(SLOTS)


def test_no_wording_is_of_two_questions() -> None:
    """Else a column could be either."""
    texts = [
        (language, masked(cleaned(text)))
        for told in WORDINGS["wordings"].values()
        for language, several in told.items()
        for text in several
    ]
    assert len(set(texts)) == len(texts)


def questions() -> set[str]:
    """The keys of all questions of the kit."""
    return {key for name in library.batteries() for key in library.battery(name)["questions"]}
