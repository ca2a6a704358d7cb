"""What looks like a scale that is not the one declared: told, never mended by guessing.

An end that nobody ever chose may be no point of the scale; answers that fall while all others
rise may have their best answer at the other end.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cxkit.answers.columns import Codes
from cxkit.library import Scale, answer_scales

__all__ = ["Asked", "Suspicion", "suspicions"]

_MANY = 100
"""Answers from which an end that nobody chose is worth a word..."""
_COMMON = 0.05
"""... if the point next to it has at least this share of them."""
_ENOUGH = 30
_CLEARLY = -0.2
_Z = 1.959963984540054
_BLOCK = 16_384
_MIDDLE = 0.5
"""Scores lie around it: sums of their distances lose no digits."""


@dataclass(frozen=True)
class Asked:
    """The answers to one question on one scale, of those of `rows` (all if None)."""

    of: str
    codes: Codes
    rows: np.ndarray | None = None

    @property
    def scale(self) -> Scale:
        """The scale that they were given on."""
        return self.codes.scale

    def _at(self, rows: slice) -> np.ndarray:
        at = self.codes.places[self.codes.texts.at[rows]]
        return at if self.rows is None else np.where(self.rows[rows], at, -1)

    @property
    def counts(self) -> np.ndarray:
        """How often each point was answered."""
        n = np.zeros(len(self.scale.points) + 1, dtype=int)
        for rows in _slices(len(self.codes.texts)):
            n += np.bincount(self._at(rows) + 1, minlength=len(n))
        return n[1:]

    def scores(self, rows: slice) -> np.ndarray:
        """The answers of some rows from 0, the worst as declared, to 1, the best; NaN if none."""
        low, high = self.scale.minimum, self.scale.maximum
        share = (np.array([*self.scale.points, np.nan]) - low) / (high - low)
        share = share if self.scale.direction == "up" else 1 - share
        return share[self._at(rows)]


@dataclass(frozen=True)
class Suspicion:
    """Something to look at: the key of the study that it concerns, and what to try."""

    code: str
    key: str
    message: str
    n: int
    hint: str


def suspicions(asked: Sequence[Asked], aims: Collection[str]) -> Iterator[Suspicion]:
    """Everything suspicious about the scales of some questions.

    `aims` are the outcomes that a good experience leads to, against which all items together
    are held.
    """
    yield from _unused_ends(asked)
    items = [one for one in asked if one.of.startswith("item:")]
    turned = list(_against_the_rest(items))
    yield from turned
    if not turned:
        yield from _against_an_outcome(items, [one for one in asked if one.of in aims])


def _unused_ends(asked: Sequence[Asked]) -> Iterator[Suspicion]:
    by_scale: dict[str, list[Asked]] = {}
    for one in asked:
        by_scale.setdefault(one.scale.key, []).append(one)
    for key, questions in by_scale.items():
        if key in answer_scales():  # a list of answers, read by its words: a rare one is no slip
            continue
        scale = questions[0].scale
        given = np.sum([one.counts for one in questions], axis=0)
        n_points, n_given = len(scale.points), int(given.sum())
        unused = np.flatnonzero(given == 0)
        if n_points < 4 or n_given < _MANY or len(unused) != 1:
            continue
        beside = {0: 1, n_points - 1: n_points - 2}.get(int(unused[0]))
        if beside is None or given[beside] / n_given < _COMMON:
            continue
        code = scale.points[unused[0]]
        yield Suspicion(
            "unused_end",
            f"scales.{key}",
            f"none of {n_given} answers on the scale '{key}' is {code:g}, "
            "and every other point was chosen",
            n_given,
            f"look at the questionnaire: if it has {n_points - 1} points, "
            "declare that scale under scales",
        )


def _against_the_rest(items: Sequence[Asked]) -> Iterator[Suspicion]:
    """Items that fall where the mean of all others rises."""
    names = list(dict.fromkeys(one.of for one in items))
    if len(names) < 3:
        return
    pairs = [_Pairs() for _ in names]
    for scores in _blocks(items):
        told = ~np.isnan(scores)
        sums, counts = np.nansum(scores, axis=1), told.sum(axis=1)
        for at, pair in enumerate(pairs):
            own = scores[:, at]
            others = counts - told[:, at]
            pair.add(own, (sums - np.nan_to_num(own)) / np.where(others, others, np.nan))
    for of, pair in zip(names, pairs, strict=True):
        r, high = pair.correlation()
        if pair.n >= _ENOUGH and r < _CLEARLY and high < 0:
            key = of.partition(":")[2]
            yield Suspicion(
                "against_the_rest",
                f"items.{key}",
                f"answers to item '{key}' fall as those to the other items rise (r = {r:.2f})",
                pair.n,
                "if its lowest answer is the best one, give it a scale with direction: down",
            )


def _against_an_outcome(items: Sequence[Asked], outcomes: Sequence[Asked]) -> Iterator[Suspicion]:
    """All items together falling where recommendation or satisfaction rises."""
    if not items:
        return
    for outcome in outcomes:
        pair = _Pairs()
        for scores, own in zip(_blocks(items), _blocks([outcome]), strict=True):
            counts = (~np.isnan(scores)).sum(axis=1)
            pair.add(np.nansum(scores, axis=1) / np.where(counts, counts, np.nan), own[:, 0])
        r, high = pair.correlation()
        if pair.n >= _ENOUGH and r < _CLEARLY and high < 0:
            key = outcome.of.partition(":")[2]
            yield Suspicion(
                "against_the_outcome",
                f"outcomes.{key}",
                f"'{key}' falls as the answers to the items rise (r = {r:.2f}): "
                "one of the two may have 1 as its best answer",
                pair.n,
                "if its lowest answer is the best one, give that scale direction: down",
            )


def _blocks(asked: Sequence[Asked]) -> Iterator[np.ndarray]:
    """Scores of some rows after others, a column a question; one asked on two scales has both."""
    for rows in _slices(len(asked[0].codes.texts)):
        columns: dict[str, np.ndarray] = {}
        for one in asked:
            before, scores = columns.get(one.of), one.scores(rows)
            columns[one.of] = (
                scores if before is None else np.where(np.isnan(before), scores, before)
            )
        yield np.column_stack(list(columns.values()))


def _slices(n_rows: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, n_rows, _BLOCK))


class _Pairs:
    """Pairs of scores, added up block by block, and how they correlate."""

    def __init__(self) -> None:
        self.n = 0
        self._sums = np.zeros(5)

    def add(self, a: np.ndarray, b: np.ndarray) -> None:
        """Add the pairs of which both are there."""
        both = ~(np.isnan(a) | np.isnan(b))
        a, b = a[both] - _MIDDLE, b[both] - _MIDDLE
        self.n += len(a)
        self._sums += [a.sum(), b.sum(), a @ a, b @ b, a @ b]

    def correlation(self) -> tuple[float, float]:
        """Pearson's r, and the upper end of its 95 % interval (Fisher)."""
        if self.n < 4:
            return 0.0, 1.0
        of_a, of_b, aa, bb, ab = self._sums
        spread = math.sqrt(max(aa - of_a**2 / self.n, 0.0) * max(bb - of_b**2 / self.n, 0.0))
        if spread < 1e-9:
            return 0.0, 1.0
        r = float(ab - of_a * of_b / self.n) / spread
        high = math.tanh(math.atanh(max(min(r, 0.999999), -0.999999)) + _Z / math.sqrt(self.n - 3))
        return r, high
