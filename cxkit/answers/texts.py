"""A column of text in little room: every different text once, and which of them stands in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import pandas as pd

__all__ = ["Texts"]


class Texts:
    """Texts of some rows, each different one kept once.

    Attributes
    ----------
    at : numpy.ndarray of int, shape (n_rows,)
        The place of each row's text among `words`: int8 where 127 places are enough.
    words : numpy.ndarray of str, shape (n_words,)
        The different texts, in the order in which they are met first. A text may stand there
        without a row of its own (after rows were taken).

    Examples
    --------
    >>> region = Texts.of(["west", "", "west"])
    >>> (region == "west").tolist(), region.counts()
    ([True, False, True], {'west': 2, '': 1})
    """

    __slots__ = ("at", "words")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, at: np.ndarray, words: np.ndarray) -> None:
        self.at = at.astype(_places(len(words)), copy=False)
        self.words = words

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """The texts of some rows."""
        cells = np.asarray(texts if isinstance(texts, np.ndarray) else list(texts), dtype=object)
        at, words = pd.factorize(cells)
        return cls(at, np.asarray(words, dtype=object))

    @classmethod
    def all(cls, text: str, n_rows: int) -> Texts:
        """One text in every row."""
        return cls(np.zeros(n_rows, dtype=np.int8), np.array([text], dtype=object))

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """The rows of several columns, one below the other."""
        known: dict[str, int] = {}
        places = [
            np.array([known.setdefault(word, len(known)) for word in part.words], dtype=np.int64)
            for part in parts
        ]
        dtype = _places(len(known))
        at = [place.astype(dtype)[part.at] for place, part in zip(places, parts, strict=True)]
        joined = np.concatenate(at) if at else np.empty(0, dtype=dtype)
        return cls(joined, np.array(list(known), dtype=object))

    def __len__(self) -> int:
        return len(self.at)

    def __iter__(self) -> Iterator[str]:
        return (self.words[place] for place in self.at)

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

    def each(self, of: Callable[[str], object], dtype: type | np.dtype) -> np.ndarray:
        """What `of` makes of each row's text; it is called once a word."""
        made = np.array([of(word) for word in self.words], dtype=dtype)
        return made[self.at] if len(made) else np.empty(0, dtype=dtype)

    def put(self, meaning: Callable[[str], str]) -> Texts:
        """The column with another text in place of each word."""
        known: dict[str, int] = {}
        places = [known.setdefault(meaning(word), len(known)) for word in self.words]
        at = np.array(places, dtype=_places(len(known)))
        words = np.array(list(known), dtype=object)
        return Texts(at[self.at] if len(at) else self.at, words)

    def array(self) -> np.ndarray:
        """The text of every row, as an array of str."""
        return self.words[self.at] if len(self.words) else np.empty(0, dtype=object)

    def found(self) -> tuple[str, ...]:
        """The different texts that stand in some row, in the order of the rows."""
        places, first = np.unique(self.at, return_index=True)
        return tuple(self.words[places[np.argsort(first)]])

    def counts(self) -> dict[str, int]:
        """How many rows hold each text, in the order of the rows."""
        places, first, n = np.unique(self.at, return_index=True, return_counts=True)
        order = np.argsort(first)
        return dict(zip(self.words[places[order]], n[order].tolist(), strict=True))


def _places(n_words: int) -> type[np.signedinteger]:
    """The smallest integers that count so many words."""
    return next(kind for kind in (np.int8, np.int16, np.int32) if n_words <= np.iinfo(kind).max)
