"""Hashed n-grams: what a classifier of comments sees of a text, as numbers without its words.

A text becomes counts of buckets: each of its words, pairs of neighbouring words and runs of
letters falls into one of 2**bits buckets by a fixed hash. Nothing leads back from a bucket to the
one run of letters that was there: millions of runs share it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import sparse

__all__ = ["Ngrams", "cleaned", "has_words"]

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_NAMED = re.compile(r"@\w+")
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_MARK = re.compile(r"([^\w\s])")
_LETTER = re.compile(r"[^\W\d_]")

_BASE, _INVERSE = 0x9E3779B97F4A7C15, 0xF1DE83E19937733D
_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_ODD = np.uint64(0xD6E8FEB86659FD93)
_BLANK = 0x20

Array = np.ndarray[Any, np.dtype[Any]]


def cleaned(text: str) -> str:
    """A comment as its n-grams are taken: small letters, marks apart, no number, link or name.

    Compatibility forms are one letter, the same sign three times or more is written twice, every
    digit is 0. Emoji and marks stay: they carry a tone.

    Examples
    --------
    >>> cleaned("Baguuuus!!! pesan 2x, lihat @toko dan www.toko.id")
    'baguus ! ! pesan 0x , lihat ~ dan ~'
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = _NAMED.sub("~", _ADDRESS.sub("~", text))
    text = re.sub(r"\d", "0", _REPEATED.sub(r"\1\1", text))
    return " ".join(_MARK.sub(r" \1 ", text).split())


def has_words(text: str) -> bool:
    """Whether a text holds a letter: one of marks, digits or emoji alone says nothing to read.

    Examples
    --------
    >>> has_words("ok"), has_words("5/5 !!"), has_words("")
    (True, False, False)
    """
    return bool(_LETTER.search(text))


@dataclass(frozen=True)
class Ngrams:
    """Which n-grams are taken, and into how many buckets (2**bits) they fall.

    `words` is the longest run of words and `letters` the shortest and longest run of letters
    (blanks between words count as letters); 0 words or letters (0, 0) leaves that kind out.
    """

    bits: int = 18
    words: int = 2
    letters: tuple[int, int] = (2, 5)

    @property
    def buckets(self) -> int:
        """How many buckets there are."""
        return 1 << self.bits

    def of(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """The n-grams of texts, shape (n_texts, buckets): each kind has length 1 in each row.

        A text without a letter is a row of zeros. An n-gram counts once, however often it stands
        in the text.

        Examples
        --------
        >>> x = Ngrams(bits=10).of(["pesanan cepat sampai", ""])
        >>> x.shape, round(float((x.multiply(x)).sum()), 6)
        ((2, 1024), 2.0)
        """
        ready = [cleaned(text) if has_words(text) else "" for text in texts]
        line = _Line(ready)
        kinds = [self._words(line), self._letters(line)]
        return cast(sparse.csr_matrix, sum(self._counted(*kind, len(ready)) for kind in kinds))

    def _words(self, line: _Line) -> tuple[Array, Array]:
        if not self.words:
            return _nothing()
        rows, single = line.words()
        found = [(rows, single)]
        running = single
        for length in range(2, self.words + 1):
            same = rows[: -length + 1 or None] == rows[length - 1 :]
            running = _mixed(running[: len(same)] * _ODD + single[length - 1 :])
            found.append((rows[: len(same)][same], running[same]))
        return _together(found)

    def _letters(self, line: _Line) -> tuple[Array, Array]:
        first, last = self.letters
        lengths = range(max(first, 1), last + 1)
        return _together([line.runs(length) for length in lengths]) if lengths else _nothing()

    def _counted(self, rows: Array, hashes: Array, n: int) -> sparse.csr_matrix:
        """Each n-gram once a row, of such a size that a row with any has length 1."""
        buckets = (hashes >> np.uint64(64 - self.bits)).astype(np.int64)
        places = np.sort(rows.astype(np.int64) * self.buckets + buckets)
        rows, buckets = np.divmod(places[np.diff(places, prepend=-1) > 0], self.buckets)
        sizes = 1.0 / np.sqrt(np.bincount(rows, minlength=n).clip(1))
        shape = (n, self.buckets)
        return sparse.csr_matrix((sizes[rows], (rows, buckets)), shape=shape)


class _Line:
    """Texts behind each other as numbers of letters, a blank before and after each."""

    def __init__(self, texts: Sequence[str]) -> None:
        framed = [f" {text} " if text else "" for text in texts]
        joined = "".join(framed).encode("utf-32-le", "replace")
        self.letters = np.frombuffer(joined, dtype="<u4").astype(np.uint64)
        self.rows = np.repeat(np.arange(len(framed)), [len(text) for text in framed])
        n = len(self.letters)
        powers = np.full(n + 1, _BASE, dtype=np.uint64)
        powers[0] = 1
        summed = np.cumsum((self.letters + np.uint64(1)) * np.cumprod(powers)[:n])
        self._sums = np.concatenate([np.zeros(1, np.uint64), summed])
        powers[1:] = _INVERSE
        self._back = np.cumprod(powers)

    def _hash(self, start: Array, end: Array) -> Array:
        """A number for each run of letters, the same wherever the run stands."""
        lengths = (end - start).astype(np.uint64)
        return _mixed((self._sums[end] - self._sums[start]) * self._back[start] + lengths)

    def runs(self, length: int) -> tuple[Array, Array]:
        """Row and hash of every run of so many letters within one text."""
        start = np.arange(max(len(self.letters) - length + 1, 0))
        start = start[self.rows[start] == self.rows[start + length - 1]]
        return self.rows[start], self._hash(start, start + length)

    def words(self) -> tuple[Array, Array]:
        """Row and hash of every word (and mark): what stands between blanks."""
        blank = np.concatenate([[True], self.letters == _BLANK, [True]])
        edges = np.flatnonzero(blank[1:] != blank[:-1])
        start, end = edges[::2], edges[1::2]
        return self.rows[start], self._hash(start, end) ^ _ODD


def _mixed(numbers: Array) -> Array:
    """Numbers whose every bit depends on every bit of what was given (splitmix64)."""
    for shift, factor in _ROUNDS:
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))


def _together(found: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    rows, hashes = zip(*found)
    return np.concatenate(rows), np.concatenate(hashes)


def _nothing() -> tuple[Array, Array]:
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
