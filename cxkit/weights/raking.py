"""Raking: weights that meet known shares of several variables at once, within limits if wanted.

Arithmetic only, on codes: what frames, targets and their slips look like is in
`cxkit.answers.margins`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CLOSE", "Margin", "Raked", "raked"]

CLOSE = 1e-6
"""How near every share must come to its target."""

_AIM = 1e-12
"""Rounds go on until every share is as near as this..."""
_MOST_ROUNDS = 10_000
"""... or so many were made..."""
_MOST_WITHIN_LIMITS = 2_000
"""... or so many where weights are to stay within limits."""
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Margin:
    """One variable with known shares.

    Attributes
    ----------
    name : str
        What the variable is called.
    labels : tuple of str
        Its values.
    at : numpy.ndarray of int, shape (n_rows,)
        The place of each row's value among `labels`.
    shares : numpy.ndarray of float, shape (n_labels,)
        The share that each value is to have; they add up to 1.
    """

    name: str
    labels: tuple[str, ...]
    at: np.ndarray
    shares: np.ndarray

    def got(self, weight: np.ndarray) -> np.ndarray:
        """The share that each value has under these weights of the rows."""
        sums = np.bincount(self.at, weight, len(self.labels))
        return sums / sums.sum()


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights that were raked, and how near they came.

    Attributes
    ----------
    weight : numpy.ndarray of float, shape (n_rows,)
        With mean 1.
    rounds : int
        How often all variables were gone through.
    margin, label : str
        The value whose share is farthest from its target...
    wanted, got : float
        ... that target, and the share it has.
    n_low, n_high : int
        How many rows stand at the lowest and at the highest weight allowed.
    """

    weight: np.ndarray
    rounds: int
    margin: str
    label: str
    wanted: float
    got: float
    n_low: int = 0
    n_high: int = 0

    @property
    def deviation(self) -> float:
        """The largest difference between a share and its target; infinite where none came out."""
        return abs(self.got - self.wanted) if np.isfinite(self.got) else np.inf

    @property
    def is_close(self) -> bool:
        """Whether every share is within `CLOSE` of its target."""
        return bool(self.deviation <= CLOSE)


def raked(
    margins: Sequence[Margin], start: np.ndarray, *, low: float = 0.0, high: float = np.inf
) -> Raked:
    """Weights near those of the `start` that give every margin its shares.

    Parameters
    ----------
    margins : sequence of Margin
        At least one; every value with a share above 0 has rows.
    start : ndarray of float, shape (n_rows,)
        The weights to begin with, above 0; only their ratios matter.
    low, high : float
        The smallest and the largest weight allowed, as multiples of the mean.

    Returns
    -------
    Raked
        As near as the rounds came: `is_close` says whether that is near enough.

    Notes
    -----
    Iterative proportional fitting [1]_ on the cells that rows share, w = s exp(x'b): each margin
    in turn is brought to its shares, until all hold. Within limits w = min(max(s exp(x'b), low),
    high), the same distance at its smallest among all weights that meet shares and limits [2]_:
    each value's factor is found exactly, so what one weight loses the others of its value gain.

    References
    ----------
    .. [1] Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled
           frequency table when the expected marginal totals are known. Annals of Mathematical
           Statistics 11(4).
    .. [2] Deville, J.-C., Sarndal, C.-E. & Sautory, O. (1993). Generalized raking procedures in
           survey sampling. Journal of the American Statistical Association 88(423).

    Examples
    --------
    >>> age = Margin("age", ("young", "old"), np.array([0, 1, 1, 1]), np.array([0.5, 0.5]))
    >>> raked([age], np.ones(4)).weight.round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    is_free = low == 0 and high == np.inf
    cells = _Cells.of([one.at for one in margins], start, is_free)
    wanted = [one.shares * len(start) for one in margins]
    step = _to_shares if is_free else _within(low, high)
    put, rounds, most = cells.weight, 0, _MOST_ROUNDS if is_free else _MOST_WITHIN_LIMITS
    with np.errstate(all="ignore"):
        while rounds < most:
            rounds += 1
            for at, target in zip(cells.at, wanted, strict=True):
                put = step(put, cells.n, at, target)
            if not np.isfinite(put).all() or cells.off(np.clip(put, low, high), wanted) <= _AIM:
                break
        weight = cells.by_row(put, start) if is_free else cells.clipped(put, low, high)
    return _told(margins, weight, rounds, low, high)


def _told(
    margins: Sequence[Margin], weight: np.ndarray, rounds: int, low: float, high: float
) -> Raked:
    """The weights with the share that is farthest from its target."""
    off = [np.abs(one.got(weight) - one.shares) for one in margins]
    farthest = int(np.argmax([np.nan_to_num(one, nan=np.inf).max() for one in off]))
    worst, label = margins[farthest], int(np.argmax(np.nan_to_num(off[farthest], nan=np.inf)))
    return Raked(
        weight, rounds, worst.name, worst.labels[label],
        float(worst.shares[label]), float(worst.got(weight)[label]),
        int((weight <= low * (1 + _ROUNDING)).sum()), int((weight >= high * (1 - _ROUNDING)).sum()),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Cells:
    """Rows that no margin tells apart (nor, where limits hold, their weight), taken together.

    `weight` is what a cell has to begin with and `n` how often that counts: the sum of its rows'
    weights, once; where limits hold the weight of each of its `n` rows.
    """

    of_row: np.ndarray
    at: list[np.ndarray]
    weight: np.ndarray
    n: np.ndarray

    @classmethod
    def of(cls, at: Sequence[np.ndarray], start: np.ndarray, is_free: bool) -> _Cells:
        parts = [*at] if is_free else [*at, np.unique(start, return_inverse=True)[1]]
        cell = np.zeros(len(start), dtype=np.int64)
        for part in parts:
            cell = cell * (part.max(initial=0) + 1) + part
            cell = np.unique(cell, return_inverse=True)[1]
        first = np.unique(cell, return_index=True)[1]
        if is_free:
            order = np.lexsort((start, cell))  # sums do not depend on the order of the rows
            weight = np.bincount(cell[order], start[order], len(first))
            n = np.ones(len(first))
        else:
            weight, n = start[first] / start.mean(), np.bincount(cell).astype(float)
        return cls(cell, [one[first] for one in at], weight, n)

    def off(self, put: np.ndarray, wanted: Sequence[np.ndarray]) -> float:
        """The largest difference from the wanted sums, as a share of all."""
        gaps = [
            np.abs(np.bincount(at, put * self.n, len(target)) - target).max() / target.sum()
            for at, target in zip(self.at, wanted, strict=True)
        ]
        return float(max(gaps))

    def by_row(self, put: np.ndarray, start: np.ndarray) -> np.ndarray:
        """What a cell has in the end, dealt to its rows as it was in the beginning."""
        return start * (put / self.weight)[self.of_row]

    def clipped(self, put: np.ndarray, low: float, high: float) -> np.ndarray:
        """The weight of each row, within its limits."""
        return np.clip(put, low, high)[self.of_row]


def _to_shares(put: np.ndarray, n: np.ndarray, at: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The cells brought to the wanted sums of one margin."""
    sums = np.bincount(at, put * n, len(target))
    return put * np.where(sums > 0, target / sums, 1.0)[at]


def _within(
    low: float, high: float
) -> Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """The same for weights that end within limits."""

    def step(put: np.ndarray, n: np.ndarray, at: np.ndarray, target: np.ndarray) -> np.ndarray:
        factors = [
            _factor(put[at == label], n[at == label], low, high, sum_)
            for label, sum_ in enumerate(target)
        ]
        return put * np.array(factors)[at]

    return step


def _factor(put: np.ndarray, n: np.ndarray, low: float, high: float, wanted: float) -> float:
    """The factor f at which sum n min(max(f put, low), high) is the `wanted` sum.

    The sum grows with f along straight lines, which turn where a weight leaves its lower limit
    or meets its upper one. Where no factor is enough it is the one at which all are at a limit.
    """
    leaves, meets = low / put, high / put
    turns = np.concatenate([leaves, meets[np.isfinite(meets)]])
    slopes = np.concatenate([n * put, -(n * put)[np.isfinite(meets)]])
    order = np.argsort(turns, kind="stable")
    turns, slope = turns[order], np.cumsum(slopes[order])
    sums = low * n.sum() + np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(turns))])
    last = int(np.searchsorted(sums, wanted, side="right")) - 1
    if last < 0 or (last == len(sums) - 1 and np.isfinite(high)):
        return float(turns[max(last, 0)])
    begin = turns[last]
    is_low, is_high = leaves > begin, meets <= begin
    moves = ~is_low & ~is_high
    fixed = low * n[is_low].sum() + (high * n[is_high].sum() if is_high.any() else 0.0)
    return float((wanted - fixed) / (n * put)[moves].sum()) if moves.any() else float(begin)
