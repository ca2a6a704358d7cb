"""Trials: one test of a report run on many samples drawn anew, with a difference planted in them.

A `Trial` is a side of respondents against a fixed value, or against another side. Everything that
its test looks at is a function of totals over sampling units, so that all tries of all trials of a
design are one set of resampled totals, and every planted size is tried on the same tries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from cxkit.analysis.intervals import Measure, t_quantile
from cxkit.records import wide_limit
from cxkit.weights import Design, resampled_totals

__all__ = ["Trial", "Tries", "smallest", "tried"]

_HALVINGS, _FINER = 20, 8
"""So often the span in which the smallest difference lies is halved, and that of its range."""

_NEAR = 0.8
"""The range is looked for no farther away than this, unless it is wider."""

_NOTHING = 1e-9
"""A variance that is a smaller part of the answers' own is rounding."""

_MOST_STRATA = 40
"""A design of more strata is taken as if their means were alike: a little on the safe side."""

_LIMITED = ("points", "score_100")
"""Units in which a range can be too wide for its direction to be relied on."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A test that a report runs, with the answers that it runs on.

    `sides` are the values of one or two groups on the rows of `design` (NaN outside; an NPS as 1,
    0 and -1), `fixed` what a single side is held against, `n_drawn` the rows drawn of each side's
    wave, `n_tests` how many tests are corrected together, `step` 1 or -1: on which side of zero
    the difference is planted.
    """

    measure: Measure
    sides: tuple[np.ndarray, ...]
    design: Design
    n_drawn: tuple[int, ...]
    n_tests: int = 1
    fixed: float = 0.0
    step: int = -1
    ci_level: float = 0.95

    @cached_property
    def parts(self) -> np.ndarray:
        """What each row adds to the totals, shape (n_rows, n_totals)."""
        weight, units = self.design.weight, self.design.units
        linear = [_Side.of(values, weight) for values in self.sides]
        columns = np.column_stack([side.columns for side in linear])
        row_scale = units.scale[units.stratum[units.of_row]]
        owner = units.of_row if units.linked is None else units.linked[units.of_row]
        first = np.unique(owner, return_index=True)[1]
        sums = np.column_stack(
            [np.bincount(owner, one * row_scale) for one in columns[:, self._in_variance].T]
        )
        upper, _ = _pairs(sums.shape[1])
        products = np.zeros((len(weight), len(upper[0])))
        products[first] = sums[:, upper[0]] * sums[:, upper[1]]
        moved = np.column_stack([side.squared_moves for side in linear])
        made = [columns, products, moved, moved * (row_scale**2)[:, None]]
        if self._is_stratified:
            own = units.stratum[units.of_row]
            made += [
                columns[:, self._in_variance] * (own == stratum)[:, None]
                for stratum in range(units.n_strata)
            ]
        return np.column_stack(made)

    @property
    def _in_variance(self) -> list[int]:
        """The columns whose totals over units make the variance: bases, sums, and who can move."""
        return [place + _Side.n * side for side in range(len(self.sides)) for place in range(4)]

    @property
    def _is_stratified(self) -> bool:
        units = self.design.units
        return units.linked is None and 1 < units.n_strata <= _MOST_STRATA


class _Side:
    """The totals of one side: base, sum, who can take a step up and down, squares and theirs."""

    n = 7

    def __init__(self, columns: np.ndarray, squared_moves: np.ndarray) -> None:
        self.columns = columns
        self.squared_moves = squared_moves

    @classmethod
    def of(cls, values: np.ndarray, weight: np.ndarray) -> _Side:
        """The columns of a side's answers."""
        has = ~np.isnan(values) & (weight > 0)
        base, x = np.where(has, weight, 0.0), np.where(has, values, 0.0)
        low, high = (x[has].min(), x[has].max()) if has.any() else (0.0, 0.0)
        low, high = min(low, 0.0), max(high, 1.0)
        up, down = has & (x < high), has & (x > low)
        columns = np.column_stack(
            [base, base * x, base * up, base * down, base * x**2,
             base * up * (2 * x + 1), base * down * (1 - 2 * x)]
        )  # fmt: skip
        return cls(columns, np.column_stack([base**2 * up, base**2 * down]))


@dataclass(frozen=True, eq=False)
class Tries:
    """The totals of a trial over all tries, and of the sample itself: arrays, tries first."""

    trial: Trial
    totals: np.ndarray
    whole: np.ndarray
    noise: np.ndarray

    @property
    def mean_difference(self) -> float:
        """The difference as the sample has it."""
        return float(self._means(self.whole[None])[0])

    def _means(self, totals: np.ndarray) -> np.ndarray:
        """Side a less side b, or less what it is held against."""
        sides = [totals[:, _Side.n * k : _Side.n * (k + 1)] for k in range(len(self.trial.sides))]
        means = [side[:, 1] / side[:, 0] for side in sides]
        return means[0] - (means[1] if len(means) > 1 else self.trial.fixed)

    @property
    def room(self) -> float:
        """The largest difference that can be planted, in the moment's own unit."""
        if self.trial.measure.kind == "mean":
            return float(np.nanmax(self.trial.sides[0]) - np.nanmin(self.trial.sides[0])) or 1.0
        base, movers = self.whole[0], self.whole[2 if self.trial.step > 0 else 3]
        return float(movers / base + self.trial.step * self.mean_difference)

    def share_found(self, size: float) -> float:
        """In what part of the tries a planted difference of this size is found."""
        trial = self.trial
        if trial.measure.kind == "mean":
            centre, se, df = self._as_drawn
            centre = centre - self.mean_difference + trial.step * size
        else:
            wanted = trial.step * size - self.mean_difference
            step = 1 if wanted > 0 else -1
            movers = self.whole[2 if step > 0 else 3] / self.whole[0]
            centre, se, df = self.tested(abs(wanted) / movers if movers else 0.0, step)
        reach = t_quantile(1 - (1 - trial.ci_level) / trial.n_tests, df)
        is_found = trial.step * centre > reach * se
        if trial.measure.unit in _LIMITED:
            half = trial.measure.factor * t_quantile(trial.ci_level, df) * se
            is_found &= half <= wide_limit(trial.measure.unit) / 2
        return float(is_found.mean())

    @cached_property
    def _as_drawn(self) -> tuple[np.ndarray, np.ndarray, float]:
        """The test of every try with nothing planted."""
        return self.tested(0.0, 0)

    def tested(self, share: float, step: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Centre, standard error and degrees of freedom of the test, try by try.

        `share` of those of the first side who can take a `step` (1 or -1) have taken it.
        """
        trial, found = self.trial, self.totals
        k = len(trial.sides)
        sides = [found[:, _Side.n * at : _Side.n * (at + 1)] for at in range(k)]
        squares = found[:, self._places("moved")]
        share = min(share, 1.0)
        drift = np.sqrt(share * (1 - share) * np.maximum(squares[:, 0 if step > 0 else 1], 0.0))
        drift = drift * self.noise / np.maximum(sides[0][:, 0], np.finfo(float).tiny)
        means, spreads, weights = [], [], []
        for at, side in enumerate(sides):
            base = np.maximum(side[:, 0], np.finfo(float).tiny)
            total, square = side[:, 1], side[:, 4]
            coefficients = np.zeros((len(found), 4))
            if at == 0 and step:
                total = total + step * share * side[:, 2 if step > 0 else 3]
                square = square + share * side[:, 5 if step > 0 else 6]
                coefficients[:, 2 if step > 0 else 3] = step * share
            mean = total / base
            coefficients[:, 0], coefficients[:, 1] = -mean, 1.0
            means.append(mean)
            spreads.append(np.maximum(square / base - mean**2, 0.0))
            weights.append(coefficients / base[:, None])
        variances = [self._variance(self._only(weights, at)) for at in range(k)]
        shared = np.zeros(len(found))
        if k > 1:
            both = np.hstack([weights[0], -weights[1]])
            shared = (variances[0] + variances[1] - self._variance(both)) / 2
        if step:
            by_chance = found[:, self._places("scaled")][:, 0 if step > 0 else 1]
            by_chance = share * (1 - share) * np.maximum(by_chance, 0.0) / sides[0][:, 0] ** 2
            variances[0] = variances[0] + by_chance
        return self._judged(means, spreads, variances, shared, drift)

    def _judged(
        self,
        means: list[np.ndarray],
        spreads: list[np.ndarray],
        variances: list[np.ndarray],
        shared: np.ndarray,
        drift: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """The test of the report from the moments of its sides (`contrasts.contrast`).

        Moments are those to be expected of who takes a step; the mean of the first side lies off
        by `drift`, no farther than answers reach.
        """
        trial, kind = self.trial, self.trial.measure.kind
        if kind == "mean":
            other = means[1] if len(means) > 1 else trial.fixed
            spread = np.maximum(sum(variances) - 2 * shared, 0.0)
            return means[0] - other, np.sqrt(spread), float(trial.design.df)
        bases = [
            self._worth(at, n / max(n - 1, 1) * spread, own)
            for at, (n, spread, own) in enumerate(
                zip(trial.n_drawn, spreads, variances, strict=True)
            )
        ]
        drawn = np.clip(means[0] + drift, 0.0 if kind == "share" else -1.0, 1.0)
        either = np.maximum(spreads[0] + means[0] ** 2, np.abs(drawn))
        means[0], spreads[0] = drawn, either - drawn**2
        if len(means) == 1 and kind == "share":
            at_fixed = trial.fixed * (1 - trial.fixed)
            return means[0] - trial.fixed, np.sqrt(at_fixed / bases[0]), np.inf
        made = [adjusted(kind, *side) for side in zip(means, spreads, bases, strict=True)]
        centre, spread = made[0]
        if len(made) == 1:
            return centre - trial.fixed, np.sqrt(spread), np.inf
        added = 2.0 if kind == "share" else 3.0
        pull = bases[0] / (bases[0] + added) * bases[1] / (bases[1] + added)
        spread = np.maximum(spread + made[1][1] - 2 * pull * shared, 0.0)
        return centre - made[1][0], np.sqrt(spread), np.inf

    def _worth(self, at: int, spread: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """How many equally weighted answers a side is worth; those it has where all are alike."""
        base = np.zeros((len(spread), 4 * len(self.trial.sides)))
        base[:, 4 * at] = 1 / np.maximum(self.totals[:, _Side.n * at], np.finfo(float).tiny)
        varies = (spread > _NOTHING) & (variance > _NOTHING * spread)
        alike = 1 / np.maximum(self._variance(base), np.finfo(float).eps)
        return np.where(varies, spread / np.where(varies, variance, 1.0), alike)

    def _only(self, weights: Sequence[np.ndarray], at: int) -> np.ndarray:
        """The weights of one side's totals, those of the other zero."""
        return np.hstack([one if place == at else np.zeros_like(one)
                          for place, one in enumerate(weights)])  # fmt: skip

    def _variance(self, weights: np.ndarray) -> np.ndarray:
        """The linearised variance of weighted totals, try by try."""
        size = weights.shape[1]
        upper, twice = _pairs(size)
        products = self.totals[:, self._places("products")]
        found = (products * twice * weights[:, upper[0]] * weights[:, upper[1]]).sum(axis=1)
        if self.trial._is_stratified:
            units = self.trial.design.units
            in_strata = self.totals[:, self._places("strata")].reshape(len(found), -1, size)
            sums = np.einsum("bhk,bk->bh", in_strata, weights)
            found = found - sums**2 @ (units.scale**2 / np.maximum(units.drawn, 1))
        return np.maximum(found, 0.0)

    def _places(self, what: str) -> slice:
        """Where some of the totals stand."""
        k = len(self.trial.sides)
        sizes = {"linear": _Side.n * k, "products": 4 * k * (4 * k + 1) // 2,
                 "moved": 2 * k, "scaled": 2 * k}  # fmt: skip
        start = 0
        for name, size in sizes.items():
            if name == what:
                return slice(start, start + size)
            start += size
        return slice(start, self.totals.shape[1])


@cache
def _pairs(size: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """The pairs of so many totals, and how often each stands in a square."""
    upper = np.triu_indices(size)
    return upper, np.where(upper[0] == upper[1], 1.0, 2.0)


def adjusted(
    kind: str, mean: np.ndarray, spread: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """`intervals.share_adjusted` and `net_adjusted` of many at once."""
    if kind == "share":
        centre = (mean * n + 1) / (n + 2)
        return centre, centre * (1 - centre) / (n + 2)
    centre = mean * n / (n + 3)
    either = ((spread + mean**2) * n + 1.5) / (n + 3)
    return centre, (either - centre**2) / (n + 3)


def tried(trials: Sequence[Trial], n_tries: int, seed: int) -> list[Tries]:
    """All trials of one design, on the same tries."""
    if not trials:
        return []
    blocks = [one.parts for one in trials]
    totals = resampled_totals(np.hstack(blocks), trials[0].design, n_resamples=n_tries, seed=seed)
    ends = np.cumsum([block.shape[1] for block in blocks])[:-1]
    noise = np.random.default_rng([seed, 1]).standard_normal(n_tries)
    return [
        Tries(trial, own, block.sum(axis=0), noise)
        for trial, own, block in zip(trials, np.split(totals, ends, axis=1), blocks, strict=True)
    ]


def smallest(
    share_found: Callable[[float], float], room: float, wanted: float, error: float
) -> tuple[float, float, float]:
    """The smallest size that is found in the wanted part of the tries, and its range.

    The range is where a part found `error` lower and higher would put it; NaN beyond `room`.
    """
    if not room > 0 or share_found(room) < wanted:
        return (float("nan"),) * 3
    size = _bisected(share_found, wanted, 0.0, room, _HALVINGS)
    below = size * _NEAR if share_found(size * _NEAR) < wanted - error else 0.0
    above = min(size / _NEAR, room)
    above = above if share_found(above) >= wanted + error else room
    low = _bisected(share_found, wanted - error, below, size, _FINER)
    if share_found(above) < wanted + error:
        return size, low, float("nan")
    return size, low, _bisected(share_found, wanted + error, size, above, _FINER)


def _bisected(
    share_found: Callable[[float], float], wanted: float, low: float, high: float, halvings: int
) -> float:
    for _ in range(halvings):
        middle = (low + high) / 2
        if share_found(middle) < wanted:
            low = middle
        else:
            high = middle
    return high
