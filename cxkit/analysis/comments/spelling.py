"""One spelling for what people type: small letters, usual spellings, clauses of words.

`clauses` is what the codebook reads. Spellings are data: `library/spellings`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cxkit.library import load_yaml
from cxkit.library.files import LIBRARY, names_in

__all__ = ["Clause", "as_spelt", "clauses", "normalised", "tokens"]

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_MASK = re.compile(r"\[[^\]]{2,20}\]")
_END = re.compile(r"[.!?,;:\n()\u2026/]+|\s[-\u2013]\s")
_NOT = re.compile(r"n['\u2019]t$")
_OWNER = re.compile(r"['\u2019]s?$")
_TWICE = re.compile(r"^([a-z]{2,})2(an|nya)?$")
_LONG = re.compile(r"([a-z])\1{2,}")


@dataclass(frozen=True)
class Clause:
    """A part of a comment between two marks: its words in one spelling, and its other signs."""

    words: tuple[str, ...]
    signs: str = ""


@lru_cache(maxsize=1)
def _books() -> tuple[dict[str, Any], ...]:
    return tuple(load_yaml(LIBRARY / "spellings" / f"{one}.yaml") for one in names_in("spellings"))


@lru_cache(maxsize=1)
def _usual() -> dict[str, tuple[str, ...]]:
    """The usual spelling of every informal one, of all languages."""
    return {str(k): tuple(str(v).split()) for book in _books() for k, v in book["words"].items()}


@lru_cache(maxsize=1)
def _suffixes() -> tuple[tuple[str, ...], frozenset[str]]:
    ends = tuple(str(end) for book in _books() for end in book["suffixes"])
    return ends, frozenset(str(word) for book in _books() for word in book["kept"])


def tokens(text: str) -> list[str]:
    """The words of a text as typed, in small letters; masks of personal data are none.

    >>> tokens("WA saya [telepon/phone], Barangnya ga sesuai!!")
    ['wa', 'saya', 'barangnya', 'ga', 'sesuai']
    """
    plain = unicodedata.normalize("NFKC", _MASK.sub(" ", text)).lower()
    return _WORD.findall(plain.replace("_", " "))


@lru_cache(maxsize=65536)
def as_spelt(word: str) -> tuple[str, ...]:
    """A word in its usual spelling, as one or more words; () for a bare suffix.

    >>> as_spelt("bgtttt"), as_spelt("harganya"), as_spelt("didn't"), as_spelt("abal2")
    (('banget',), ('harga',), ('did', 'not'), ('abal', 'abal'))
    """
    ends, kept = _suffixes()
    if word in ends:
        return ()
    if twice := _TWICE.match(word):
        return as_spelt(twice[1]) * 2
    if _NOT.search(word):
        return (*as_spelt(_NOT.sub("", word)), "not")
    word = _OWNER.sub("", word)
    for form in (word, _LONG.sub(r"\1\1", word), _LONG.sub(r"\1", word)):
        if form in _usual():
            return _usual()[form]
    word = _LONG.sub(lambda run: run[1] * (2 if run[1] in "eo" else 1), word)
    for end in ends:
        if word.endswith(end) and len(word) > len(end) + 2 and word not in kept:
            stem = word.removesuffix(end)
            return _usual().get(stem, (stem,))
    return (word,)


def clauses(text: str, breaks: Iterable[str] = ()) -> tuple[Clause, ...]:
    """A comment in clauses: it is cut at marks and at words that turn (`breaks`).

    >>> [one.words for one in clauses("Barangnya bagus bgt, tapi ga sesuai foto", ["tapi"])]
    [('barang', 'bagus', 'banget'), ('tidak', 'sesuai', 'foto')]
    """
    turns = frozenset(breaks)
    return tuple(
        clause
        for part in _END.split(_MASK.sub(" ", text))
        for clause in _clauses_of(part, turns)
        if clause.words or clause.signs
    )


def _clauses_of(part: str, turns: frozenset[str]) -> Iterator[Clause]:
    words: list[str] = []
    for token in tokens(part):
        for word in as_spelt(token):
            if word in turns:
                if words:
                    yield Clause(tuple(words))
                words = []
            else:
                words.append(word)
    signs = "".join(one for one in part if unicodedata.category(one) in ("So", "Sk"))
    yield Clause(tuple(words), signs)


def normalised(text: str) -> str:
    """A comment in small letters and usual spelling, without marks.

    Parameters
    ----------
    text : str
        What a respondent wrote, in Indonesian, English or both.

    Returns
    -------
    str
        Words and blanks only.

    Examples
    --------
    >>> normalised("Brgnya gak sesuai bgttt!! 😡")
    'barang tidak sesuai banget'
    """
    return " ".join(word for one in clauses(text) for word in one.words)
