"""Expressions of a codebook: words with `*` for the rest of a word and `~` for words between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from cxkit.analysis.comments.spelling import as_spelt, tokens

__all__ = ["Expression", "Finder", "Hit"]

_BETWEEN = 3
"""So many words a `~` stands for, at most."""


@dataclass(frozen=True)
class Expression:
    """One expression: its words, which of them may follow at a distance, and what it tells."""

    words: tuple[str, ...]
    is_far: tuple[bool, ...]
    tells: Any

    @classmethod
    def read(cls, text: str, tells: Any) -> Expression:
        """An expression as a codebook writes it, in the spelling that comments are brought to.

        >>> Expression.read("brg ~ sampe", "delivery").words
        ('barang', 'sampai')
        """
        words: list[str] = []
        is_far: list[bool] = []
        far = False
        for part in str(text).lower().split():
            if part == "~":
                far = True
                continue
            found = [part] if "*" in part else [w for one in tokens(part) for w in as_spelt(one)]
            for word in found:
                words.append(word)
                is_far.append(far)
                far = False
        return cls(tuple(words), tuple(is_far), tells)

    @cached_property
    def whole(self) -> frozenset[str]:
        """Its words that are asked for as they stand: a clause without one of them has no hit."""
        return frozenset(word for word in self.words if "*" not in word)

    def end(self, clause: Sequence[str], start: int) -> int | None:
        """Where it ends in a clause if it begins at `start`, None if it does not."""
        at = start
        for word, far in zip(self.words[1:], self.is_far[1:], strict=True):
            reach = range(at + 1, min(at + 2 + (_BETWEEN if far else 0), len(clause)))
            found = next((place for place in reach if _fits(word, clause[place])), None)
            if found is None:
                return None
            at = found
        return at + 1


@dataclass(frozen=True)
class Hit:
    """An expression found in a clause: its words, what it tells, its half-open stretch."""

    expression: Expression
    start: int
    end: int

    @property
    def tells(self) -> Any:
        """What the expression tells."""
        return self.expression.tells


class Finder:
    """All expressions of a codebook, found in one walk over the words of a clause."""

    def __init__(self, expressions: Iterable[Expression]) -> None:
        self._plain: dict[str, list[Expression]] = {}
        self._open: list[Expression] = []
        for one in expressions:
            if one.words and "*" in one.words[0]:
                self._open.append(one)
            elif one.words:
                self._plain.setdefault(one.words[0], []).append(one)
        self._begin = lru_cache(maxsize=65536)(self._beginning)

    def _beginning(self, word: str) -> tuple[Expression, ...]:
        """The expressions that may begin with a word."""
        more = (one for one in self._open if _fits(one.words[0], word))
        return (*self._plain.get(word, ()), *more)

    def hits(self, clause: Sequence[str]) -> Iterator[Hit]:
        """Every expression in a clause, in the order of their beginnings."""
        said = frozenset(clause)
        for start, word in enumerate(clause):
            for one in self._begin(word):
                if one.whole <= said and (end := one.end(clause, start)) is not None:
                    yield Hit(one, start, end)


@lru_cache(maxsize=262144)
def _fits(pattern: str, word: str) -> bool:
    """Whether a word is what an expression asks for."""
    if "*" not in pattern:
        return pattern == word
    stem = pattern.strip("*")
    if pattern.startswith("*") and pattern.endswith("*"):
        return stem in word
    return word.endswith(stem) if pattern.startswith("*") else word.startswith(stem)
