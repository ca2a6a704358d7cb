"""A column of text in little room: every different text once, and which of them stands in a row.

A column whose texts hardly repeat (ids, comments, exact weights) has a text of its own for each
row, in a packed array: its `words` may then hold the same text more than once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

__all__ = ["Gathering", "Texts", "smallest"]

_MANY = 100_000
"""From so many different texts on, a column is looked at for texts that hardly repeat..."""
_APART = 0.8
"""... which are a larger share of its rows than this."""
_PACKED = 5_000
"""More words than these are packed: 16 bytes each, and their letters beyond 15."""
_BLOCK = 50_000
_LETTERS = np.dtypes.StringDType()


class Texts:
    """Texts of some rows, each different one kept once (or once a row where they hardly repeat).

    Attributes
    ----------
    at : numpy.ndarray of int, shape (n_rows,)
        The place of each row's text among `words`: int8 where 127 places are enough.
    words : numpy.ndarray of str, shape (n_words,)
        The texts, in the order in which they are met first. A text may stand there without a row
        of its own (after rows were taken), and more than once where texts hardly repeat.

    Examples
    --------
    >>> region = Texts.of(["west", "", "west"])
    >>> (region == "west").tolist(), region.counts()
    ([True, False, True], {'west': 2, '': 1})
    """

    __slots__ = ("at", "words")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, at: np.ndarray, words: np.ndarray) -> None:
        self.at = at.astype(smallest(len(words)), copy=False)
        self.words = words

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """The texts of some rows."""
        return Gathering().extend(texts).texts()

    @classmethod
    def all(cls, text: str, n_rows: int) -> Texts:
        """One text in every row."""
        return cls(np.zeros(n_rows, dtype=np.int8), np.array([text], dtype=object))

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """The rows of several columns, one below the other."""
        filled = [part for part in parts if len(part)]
        if len(filled) == 1:
            return filled[0]
        if max((len(part.words) for part in filled), default=0) > _MANY:
            ends = itertools.accumulate((len(part.words) for part in filled), initial=0)
            at = [part.at.astype(np.int32) + end for part, end in zip(filled, ends, strict=False)]
            words = [part.words.astype(_LETTERS) for part in filled]
            return cls(np.concatenate(at), np.concatenate(words))
        gathered = Gathering()
        for part in filled:
            gathered.add_places(part.words, part.at)
        return gathered.texts()

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self.at), _BLOCK):
            yield from self.words[self.at[start : start + _BLOCK]].tolist()

    @overload
    def __getitem__(self, rows: int) -> str: ...

    @overload
    def __getitem__(self, rows: slice | np.ndarray | Sequence[int]) -> Texts: ...

    def __getitem__(self, rows: int | slice | np.ndarray | Sequence[int]) -> str | Texts:
        if isinstance(rows, int):
            return str(self.words[self.at[rows]])
        return Texts(self.at[rows], self.words)

    def __eq__(self, text: object) -> np.ndarray:  # type: ignore[override]
        return self.each(lambda word: word == text, bool)

    def __ne__(self, text: object) -> np.ndarray:  # type: ignore[override]
        return ~(self == text)

    def among(self, words: Collection[str]) -> np.ndarray:
        """Whether each row's text is one of some words."""
        known = frozenset(words)
        return self.each(known.__contains__, bool)

    def each(self, of: Callable[[str], Any], dtype: Any) -> np.ndarray:
        """What `of` makes of each row's text; it is called once a word."""
        made = np.fromiter(map(of, self.words), dtype=dtype, count=len(self.words))
        return made[self.at] if len(made) else np.empty(len(self.at), dtype=dtype)

    def put(self, meaning: Callable[[str], str]) -> Texts:
        """The column with another text in place of each word."""
        made = Gathering().extend(map(meaning, self.words)).texts()
        return Texts(made.at[self.at] if len(made) else self.at, made.words)

    def array(self) -> np.ndarray:
        """The text of every row, as an array of str."""
        texts = self.words[self.at] if len(self.words) else np.empty(0, dtype=object)
        return texts.astype(object, copy=False)

    def found(self, most: int | None = None) -> tuple[str, ...]:
        """The different texts that stand in some row, in the order of the rows: all, or `most`."""
        places, first = np.unique(self.at, return_index=True)
        in_order = map(str, self.words[places[np.argsort(first)]])
        if most is None:
            return tuple(dict.fromkeys(in_order))
        met: dict[str, None] = {}
        for word in in_order:
            met[word] = None
            if len(met) == most:
                break
        return tuple(met)

    def counts(self) -> dict[str, int]:
        """How many rows hold each text, in the order of the rows."""
        places, first, n = np.unique(self.at, return_index=True, return_counts=True)
        order = np.argsort(first)
        counts: dict[str, int] = {}
        for word, n_rows in zip(self.words[places[order]].tolist(), n[order].tolist(), strict=True):
            counts[word] = counts.get(word, 0) + n_rows
        return counts

    def hashes(self) -> np.ndarray:
        """A number for each row's text, equal where texts are: int64, of this process only."""
        return self.each(hash, np.int64)


class Gathering:
    """Texts as they come, block by block; blanks around them are taken away.

    Examples
    --------
    >>> gathered = Gathering()
    >>> gathered.add([" 5", "4"])
    >>> gathered.add(["5"])
    >>> list(gathered.texts())
    ['5', '4', '5']
    """

    __slots__ = ("_apart", "_blocks", "_n", "_places")

    def __init__(self) -> None:
        self._places = _Places()
        self._blocks: list[np.ndarray] = []
        self._apart: list[np.ndarray] | None = None
        self._n = 0

    def extend(self, texts: Iterable[str]) -> Gathering:
        """Add texts of any number, in blocks."""
        rest = iter(texts)
        while block := list(itertools.islice(rest, _BLOCK)):
            self.add(block)
        return self

    def add(self, block: Sequence[str]) -> None:
        """Add the texts of some rows."""
        self._n += len(block)
        if self._apart is not None:
            self._apart.append(np.array([text.strip() for text in block], dtype=_LETTERS))
            return
        at = np.fromiter(map(self._places.__getitem__, block), dtype=np.int32, count=len(block))
        self._keep(at)

    def add_places(self, words: Iterable[str], at: np.ndarray) -> None:
        """Add rows whose texts are told by their places among some words."""
        self._n += len(at)
        if self._apart is not None:
            packed = np.array([word.strip() for word in words], dtype=_LETTERS)
            self._apart.append(packed[at])
            return
        places = np.fromiter(map(self._places.__getitem__, words), dtype=np.int32)
        self._keep(places[at] if len(at) else np.empty(0, dtype=np.int32))

    def _keep(self, at: np.ndarray) -> None:
        n_words = len(self._places.words)
        self._blocks.append(at.astype(smallest(n_words)))
        if n_words > _MANY and n_words > _APART * self._n:
            self._apart = [np.array(self._places.words, dtype=_LETTERS)]
            self._places = _Places()

    def texts(self) -> Texts:
        """All texts added so far, in their order."""
        words: np.ndarray
        if self._apart is None:
            known = self._places.words
            words = np.empty(len(known), dtype=object)
            words[:] = known
            words = words.astype(_LETTERS) if len(known) > _PACKED else words
        else:
            words = np.concatenate(self._apart)
            self._apart = [words]
        at = np.empty(self._n, dtype=smallest(len(words)))
        n_met = 0
        for block in self._blocks:
            at[n_met : n_met + len(block)] = block
            n_met += len(block)
        n_own = self._n - n_met
        at[n_met:] = np.arange(len(words) - n_own, len(words), dtype=at.dtype)
        return Texts(at, words)


class _Places(dict[str, int]):
    """The place of each text, by the text as it stands in a file; a new one gets the next."""

    __slots__ = ("words",)

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def __missing__(self, text: str) -> int:
        word = text.strip()
        place = self.get(word)
        if place is None:
            place = self[word] = len(self.words)
            self.words.append(word)
        if word != text:
            self[text] = place
        return place


def smallest(n: int) -> type[np.signedinteger]:
    """The smallest integers that count to `n`."""
    kinds = (np.int8, np.int16, np.int32)
    return next((kind for kind in kinds if n <= np.iinfo(kind).max), np.int64)
