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

_MANY = ((20_000, 0.9), (50_000, 0.8), (200_000, 0.5))
"""With so many different texts that are more than this share of its rows, those of its commonest
text aside, a column's texts hardly repeat."""
_MANY_JOINED = 50_000
"""Columns with more different texts are joined without looking for the same ones."""
_PACKED = 5_000
"""More words than these are packed: 16 bytes each, and their letters beyond 15."""
_BLOCK = 20_000
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
        if max((len(part.words) for part in filled), default=0) > _MANY_JOINED:
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
        seen = np.zeros(len(self.words), dtype=bool)
        met: dict[str, None] = {}
        for at in self._blocks():
            places = _in_order(at, len(self.words))
            new = places[~seen[places]]
            seen[new] = True
            for word in self.words[new].tolist():
                met[word] = None
                if len(met) == most:
                    return tuple(met)
        return tuple(met)

    def counts(self) -> dict[str, int]:
        """How many rows hold each text, in the order of the rows."""
        n_rows = self.tally()
        counts = dict.fromkeys(self.found(), 0)
        for place in np.flatnonzero(n_rows):
            counts[str(self.words[place])] += int(n_rows[place])
        return counts

    def tally(self) -> np.ndarray:
        """How many rows hold each of the words."""
        n_rows = np.zeros(len(self.words), dtype=np.int64)
        for at in self._blocks():
            np.add.at(n_rows, at, 1)
        return n_rows

    def _blocks(self) -> Iterator[np.ndarray]:
        """The places of some rows after the other."""
        return (self.at[start : start + _BLOCK] for start in range(0, len(self.at), _BLOCK))

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

    __slots__ = ("_kind", "_n", "_n_words", "_new", "_packed", "_places", "_rows")

    def __init__(self) -> None:
        self._places: dict[str, int] = _Places()
        self._rows, self._kind, self._n = bytearray(), smallest(0), 0
        self._new: list[str] = []
        self._packed: list[np.ndarray] = []
        self._n_words = 0

    def extend(self, texts: Iterable[str]) -> Gathering:
        """Add texts of any number, in blocks."""
        rest = iter(texts)
        while block := list(itertools.islice(rest, _BLOCK)):
            self.add(block)
        return self

    def add(self, block: Sequence[str]) -> None:
        """Add the texts of some rows."""
        self._keep(self._places_of(block))

    def add_places(self, words: Sequence[str] | np.ndarray, at: np.ndarray) -> None:
        """Add rows whose texts are told by their places among some words."""
        places = self._places_of(words)
        self._keep(places[at] if len(at) else places[:0])

    def _places_of(self, texts: Sequence[str] | np.ndarray) -> np.ndarray:
        """The place of each text; once texts hardly repeat, a new one is not looked for again."""
        known = self._places
        if isinstance(known, _Places):
            at = np.fromiter(map(known.__getitem__, texts), np.int32, len(texts))
            self._n_words = len(known.words)
            return at
        at = np.fromiter((known.get(text, -1) for text in texts), np.int32, len(texts))
        new = np.flatnonzero(at < 0)
        at[new] = np.arange(self._n_words, self._n_words + len(new))
        self._n_words += len(new)
        self._new += [texts[row].strip() for row in new.tolist()]
        if len(self._new) > _BLOCK:
            self._pack()
        return at

    def _keep(self, at: np.ndarray) -> None:
        kind = smallest(self._n_words)
        if kind is not self._kind:
            self._rows, self._kind = bytearray(self._at().astype(kind)), kind
        self._rows += at.astype(kind).tobytes()
        self._n += len(at)
        known = self._places
        if isinstance(known, _Places) and self._n_words > _MANY[0][0]:
            self._part(known.words)

    def _part(self, words: list[str]) -> None:
        """From here on only texts that came again are known, if most others never do."""
        n_rows = Texts(self._at(), np.array(words, dtype=object)).tally()
        share = len(words) / max(self._n - n_rows.max(), 1)
        if any(len(words) > many and share > least for many, least in _MANY):
            self._places = {words[place]: place for place in np.flatnonzero(n_rows > 1).tolist()}
            self._new = words
            self._pack()

    def _pack(self) -> None:
        self._packed.append(np.array(self._new, dtype=_LETTERS))
        self._new = []

    def _at(self) -> np.ndarray:
        """The place of every row so far; nothing can be added while it is held."""
        return np.frombuffer(self._rows, dtype=self._kind)

    def texts(self) -> Texts:
        """All texts added so far, in their order; no more can be added."""
        known = self._places
        if not isinstance(known, _Places):
            self._pack()
            return Texts(self._at(), _chained(self._packed, self._n_words))
        words = np.empty(len(known.words), dtype=object)
        words[:] = known.words
        return Texts(self._at(), words.astype(_LETTERS) if len(words) > _PACKED else words)


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


def _in_order(at: np.ndarray, n_words: int) -> np.ndarray:
    """The different places of some rows, in the order of the rows."""
    if n_words > len(at):
        places, first = np.unique(at, return_index=True)
        return places[np.argsort(first)]
    first = np.full(n_words, len(at))
    first[at[::-1]] = np.arange(len(at) - 1, -1, -1)
    return np.argsort(first, kind="stable")[: int((first < len(at)).sum())]


def _chained(pieces: list[np.ndarray], n: int) -> np.ndarray:
    """Packed texts in one array; each piece is let go as it is taken over."""
    if len(pieces) == 1:
        return pieces[0]
    words = np.empty(n, dtype=_LETTERS)
    n_met = 0
    for piece in pieces[::-1]:
        pieces.pop()
        n_met += len(piece)
        words[n - n_met : n - n_met + len(piece)] = piece
    return words


def smallest(n: int) -> type[np.signedinteger]:
    """The smallest integers that count to `n`."""
    kinds = (np.int8, np.int16, np.int32)
    return next((kind for kind in kinds if n <= np.iinfo(kind).max), np.int64)
