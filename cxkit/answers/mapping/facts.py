"""What the cells of one column are: numbers, days, own words. Never what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from cxkit.answers.columns import plain_number
from cxkit.answers.texts import Texts

__all__ = ["Facts"]

_DAY = re.compile(r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))(?!\d)")
_MOST = 0.9
"""The share of the answers that must be of a kind for the column to be called so."""
_LONG = 25
"""Letters from which an answer reads as words of one's own..."""


@dataclass(frozen=True)
class Facts:
    """The answers of one column: every different text that stands in it, with how often.

    >>> age = Facts.of(Texts.of(["31", "45", "", "31"]))
    >>> age.n, age.n_blank, age.is_numbers, age.low, age.high
    (3, 1, True, 31.0, 45.0)
    """

    counts: dict[str, int] = field(repr=False)
    n_rows: int

    @classmethod
    def of(cls, cells: Texts) -> Facts:
        """The facts of a column's cells."""
        counts: dict[str, int] = {}
        for text, n in cells.counts().items():
            if own := text.strip():
                counts[own] = counts.get(own, 0) + n
        return cls(counts, len(cells))

    @cached_property
    def n(self) -> int:
        """How many cells hold something."""
        return sum(self.counts.values())

    @property
    def n_blank(self) -> int:
        """How many cells are blank."""
        return self.n_rows - self.n

    @property
    def n_different(self) -> int:
        """How many different texts there are."""
        return len(self.counts)

    @property
    def is_unique(self) -> bool:
        """Whether every row has a text of its own."""
        return self.n_rows > 1 and self.n_blank == 0 and self.n_different == self.n_rows

    @cached_property
    def numbers(self) -> dict[float, int]:
        """The numbers among the answers, with how often each was given."""
        found: dict[float, int] = {}
        for text, n in self.counts.items():
            if (number := plain_number(text)) is not None:
                found[number] = found.get(number, 0) + n
        return found

    def share_within(self, low: float, high: float) -> float:
        """The share of the answers that are whole numbers from `low` to `high`."""
        inside = sum(n for x, n in self.numbers.items() if low <= x <= high and x == int(x))
        return inside / self.n if self.n else 0.0

    @property
    def is_numbers(self) -> bool:
        """Whether nearly all answers are numbers."""
        return bool(self.n) and sum(self.numbers.values()) >= _MOST * self.n

    @property
    def low(self) -> float:
        """The lowest number."""
        return min(self.numbers)

    @property
    def high(self) -> float:
        """The highest number."""
        return max(self.numbers)

    @property
    def mean(self) -> float:
        """The mean of the numbers."""
        total = sum(self.numbers.values())
        return sum(x * n for x, n in self.numbers.items()) / total

    @cached_property
    def is_days(self) -> bool:
        """Whether nearly all answers begin with a day."""
        return self._most_match(_DAY)

    @property
    def is_own_words(self) -> bool:
        """Whether respondents wrote their own words: long texts, hardly any twice."""
        if not self.n or self.is_numbers or self.is_days:
            return False
        length = sum(len(text) for text in self.counts) / self.n_different
        return length >= _LONG and self.n_different > max(8, 0.5 * self.n)

    def _most_match(self, pattern: re.Pattern[str]) -> bool:
        n_like = sum(n for text, n in self.counts.items() if pattern.match(text))
        return bool(self.n) and n_like >= _MOST * self.n

    def __str__(self) -> str:
        """The column in a few words."""
        if not self.n:
            return "nobody answered"
        answers = "1 answer" if self.n == 1 else f"{self.n} answers"
        if self.is_days:
            return f"days, {answers}"
        if self.is_numbers and self.low == self.high:
            return f"the number {self.low:g}, {answers}"
        if self.is_numbers:
            return f"numbers {self.low:g} to {self.high:g}, {answers}"
        if self.n_different == 1:
            return f"one text, {answers}"
        return f"{self.n_different} different texts, {answers}"
