"""What a column's name alone says: a key of the study file, a segment, a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from cxkit import library
from cxkit.answers.mapping.words import plain_name
from cxkit.library.files import LIBRARY

__all__ = [
    "battery_totals", "in_seconds", "key_named", "question_named",
    "segment_label", "segment_named", "vocabulary_label",
]  # fmt: skip

_TOTAL = re.compile(r"(.*?[\d_])(?:ALL|OVERALL|TOTAL)", re.IGNORECASE)
_SIBLINGS = 2
_NUMBERED = re.compile(r"^[a-z]\d+")


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    return library.load_yaml(LIBRARY / "column_names.yaml")


@lru_cache(maxsize=1)
def _questions() -> dict[str, str]:
    return {
        plain_name(key): key
        for name in library.batteries()
        for key in library.battery(name)["questions"]
    }


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    return {plain_name(name): key for key, names in _file()["keys"].items() for name in names}


@lru_cache(maxsize=1)
def _segments() -> dict[str, str]:
    shelf = _file()["segments"]
    return {plain_name(name): key for key, one in shelf.items() for name in one["names"]}


def question_named(name: str) -> str:
    """The question of the kit that a column is named after; "" if none.

    >>> question_named("pyramid/ful_1"), question_named("Q1")
    ('ful_1', '')
    """
    return _questions().get(plain_name(name), "")


def key_named(name: str) -> str:
    """The key of a study file that a column's name commonly stands for; "" if none.

    >>> key_named("WEIGHT"), key_named("NETPRO  "), key_named("Q7")
    ('weight', 'recommend', '')
    """
    return _keys().get(plain_name(name), "")


def in_seconds(name: str) -> bool:
    """Whether the name of a duration says its unit.

    >>> in_seconds("Duration (in seconds)"), in_seconds("durasi_detik"), in_seconds("LOI")
    (True, True, False)
    """
    return any(word in name.casefold() for word in ("second", "detik"))


def segment_named(name: str) -> str:
    """The usual segment that a name (or a short question) stands for; "" if none.

    >>> segment_named("Q20GENDER"), segment_named("Jenis Kelamin"), segment_named("DAY")
    ('gender', 'gender', '')
    """
    plain = plain_name(name)
    return _segments().get(plain) or _segments().get(_NUMBERED.sub("", plain), "")


def segment_label(key: str) -> dict[str, str]:
    """How a usual segment is called, by language."""
    return library.in_every_language("names", "segment", key) or {}


def vocabulary_label(key: str) -> dict[str, str]:
    """How a segment with a vocabulary of the kit is called, by language."""
    return library.in_every_language("names", "vocabulary", key) or {}


def battery_totals(names: Iterable[str]) -> dict[str, int]:
    """Columns named as the whole of a battery (`Q7ALL` beside `Q7ART`): how many columns it has.

    >>> battery_totals(["Q7ART", "Q7FOOD", "Q7ALL", "ALL"])
    {'Q7ALL': 2}
    """
    known = list(names)
    found = {}
    for name in known:
        if whole := _TOTAL.fullmatch(name.strip()):
            stem = whole[1].casefold()
            n = sum(one != name and one.casefold().startswith(stem) for one in known)
            if n >= _SIBLINGS:
                found[name] = n
    return found
