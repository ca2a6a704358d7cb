"""What looks like a scale that is not the one declared: told, never mended by guessing.

An end that nobody ever chose may be no point of the scale; answers that fall while all others
rise may have their best answer at the other end.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cxkit.library import Scale

__all__ = ["Asked", "Suspicion", "suspicions"]

_MANY = 100
"""Answers from which an end that nobody chose is worth a word..."""
_COMMON = 0.05
"""... if the point next to it has at least this share of them."""
_ENOUGH = 30
_CLEARLY = -0.2
_Z = 1.959963984540054


@dataclass(frozen=True)
class Asked:
    """The answers to one question on one scale, NaN where missing."""

    of: str
    scale: Scale
    values: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """The answers from 0, the worst as declared, to 1, the best."""
        low, high = self.scale.minimum, self.scale.maximum
        share = (self.values - low) / (high - low)
        return share if self.scale.direction == "up" else 1 - share


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
        scale = questions[0].scale
        given = np.concatenate([one.values[~np.isnan(one.values)] for one in questions])
        unused = [code for code in scale.points if not (given == code).any()]
        if len(scale.points) < 4 or len(given) < _MANY or len(unused) != 1:
            continue
        (code,) = unused
        beside = {scale.points[0]: scale.points[1], scale.points[-1]: scale.points[-2]}
        if code not in beside or (given == beside[code]).mean() < _COMMON:
            continue
        n_points = len(scale.points)
        yield Suspicion(
            "unused_end",
            f"scales.{key}",
            f"none of {len(given)} answers on the scale '{key}' is {code:g}, "
            "and every other point was chosen",
            len(given),
            f"look at the questionnaire: if it has {n_points - 1} points, "
            "declare that scale under scales",
        )


def _against_the_rest(items: Sequence[Asked]) -> Iterator[Suspicion]:
    """Items that fall where the mean of all others rises."""
    if len({one.of for one in items}) < 3:
        return
    scores = _columns(items)
    told = ~np.isnan(scores)
    sums, counts = np.nansum(scores, axis=1), told.sum(axis=1)
    for at, of in enumerate(dict.fromkeys(one.of for one in items)):
        own = scores[:, at]
        others = counts - told[:, at]
        rest = (sums - np.nan_to_num(own)) / np.where(others, others, np.nan)
        r, high, n = _correlation(own, rest)
        if n >= _ENOUGH and r < _CLEARLY and high < 0:
            key = of.partition(":")[2]
            yield Suspicion(
                "against_the_rest",
                f"items.{key}",
                f"answers to item '{key}' fall as those to the other items rise (r = {r:.2f})",
                n,
                "if its lowest answer is the best one, give it a scale with direction: down",
            )


def _against_an_outcome(items: Sequence[Asked], outcomes: Sequence[Asked]) -> Iterator[Suspicion]:
    """All items together falling where recommendation or satisfaction rises."""
    if not items:
        return
    scores = _columns(items)
    counts = (~np.isnan(scores)).sum(axis=1)
    mean = np.nansum(scores, axis=1) / np.where(counts, counts, np.nan)
    for outcome in outcomes:
        r, high, n = _correlation(mean, outcome.scores)
        if n >= _ENOUGH and r < _CLEARLY and high < 0:
            key = outcome.of.partition(":")[2]
            yield Suspicion(
                "against_the_outcome",
                f"outcomes.{key}",
                f"'{key}' falls as the answers to the items rise (r = {r:.2f}): "
                "one of the two may have 1 as its best answer",
                n,
                "if its lowest answer is the best one, give that scale direction: down",
            )


def _columns(asked: Sequence[Asked]) -> np.ndarray:
    """A column of scores for each question; one asked on two scales has both in its column."""
    columns: dict[str, np.ndarray] = {}
    for one in asked:
        before = columns.get(one.of)
        scores = one.scores
        columns[one.of] = scores if before is None else np.where(np.isnan(before), scores, before)
    return np.column_stack(list(columns.values()))


def _correlation(a: np.ndarray, b: np.ndarray) -> tuple[float, float, int]:
    """Pearson's r, the upper end of its 95 % interval (Fisher), and how many pairs it rests on."""
    both = ~(np.isnan(a) | np.isnan(b))
    n = int(both.sum())
    if n < 4:
        return 0.0, 1.0, n
    a, b = a[both] - a[both].mean(), b[both] - b[both].mean()
    spread = math.sqrt(float(a @ a) * float(b @ b))
    if spread < 1e-12:
        return 0.0, 1.0, n
    r = float(a @ b) / spread
    high = math.tanh(math.atanh(max(min(r, 0.999999), -0.999999)) + _Z / math.sqrt(n - 3))
    return r, high, n
