"""The likelihood of the cumulative logit, and where it is greatest.

Ordered answers: logit P(y <= j) = threshold_j - x'b. Its logarithm is concave, so Newton's method
with exact second derivatives finds the one maximum, or runs away where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["Cumulative", "greatest"]

_MOST_STEPS = 100

_SETTLED = 1e-20
"""A step that would raise the log likelihood by less per row is the last."""

_NEARLY = 1e-9
"""What a step may promise where rounding leaves nothing to gain."""

_RUNAWAY = 15.0
"""A slope beyond so many log odds per standard deviation has no end: the answers are separated."""

_BOUNDLESS = 100.0
"""So is a slope, per standard deviation, whose standard error is larger."""


@dataclass(frozen=True, eq=False)
class Cumulative:
    """The cumulative logit's likelihood: predictors, places of the answers, weights."""

    x: np.ndarray
    place: np.ndarray
    weight: np.ndarray
    m: int

    def start(self) -> np.ndarray:
        """The thresholds of answers that go with nothing."""
        counts = np.bincount(self.place, self.weight, self.m + 1)
        return np.append(special.logit(np.cumsum(counts)[:-1] / counts.sum()), self.x[0] * 0)

    def at(self, point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Log likelihood, its gradient, the score of each row, minus the second derivatives."""
        m, rows = self.m, np.arange(len(self.place))
        ends = np.concatenate([[-np.inf], point[:m], [np.inf]])
        level = self.x @ point[m:]
        upper, lower = ends[self.place + 1] - level, ends[self.place] - level
        chance = _between(lower, upper)
        if not np.all(chance > 0) or np.any(np.diff(point[:m]) <= 0):
            return -np.inf, *(np.empty(0),) * 3
        high, low = _density(upper) / chance, _density(lower) / chance
        tilt_high = np.where(np.isinf(upper), 0.0, high * -np.tanh(upper / 2))
        tilt_low = np.where(np.isinf(lower), 0.0, low * -np.tanh(lower / 2))
        into_high, into_low = np.zeros((2, len(rows), m + 1))
        into_high[rows, np.minimum(self.place, m)] = self.place < m
        into_low[rows, np.maximum(self.place - 1, 0)] = self.place > 0
        at_high = np.hstack([into_high[:, :m], -self.x])
        at_low = np.hstack([into_low[:, :m], -self.x])
        score = self.weight[:, None] * (high[:, None] * at_high - low[:, None] * at_low)
        weighted = self.weight[:, None]
        mixed = (at_high * (weighted * (high * low)[:, None])).T @ at_low
        second = (
            (at_high * weighted * (tilt_high - high**2)[:, None]).T @ at_high
            - (at_low * weighted * (tilt_low + low**2)[:, None]).T @ at_low
            + mixed
            + mixed.T
        )
        return float(self.weight @ np.log(chance)), score.sum(axis=0), score, -second


def greatest(model: Cumulative) -> np.ndarray | str:
    """The point of greatest likelihood, or why there is none."""
    point = model.start()
    level, gradient, _, information = model.at(point)
    for _ in range(_MOST_STEPS):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return "separated"
        if gradient @ step < _SETTLED * len(model.place):
            return _unless_flat(point + step, information)
        scale, found = 1.0, model.at(point + step)
        while not found[0] > level and scale > 1e-10:
            scale /= 2
            found = model.at(point + scale * step)
        if not found[0] > level:
            is_there = gradient @ step < _NEARLY
            return _unless_flat(point + step, information) if is_there else "not_converged"
        point = point + scale * step
        level, gradient, _, information = found
        if np.any(abs(point[model.m :]) > _RUNAWAY):
            return "separated"
    return "not_converged"


def _unless_flat(point: np.ndarray, information: np.ndarray) -> np.ndarray | str:
    """The point, unless the likelihood is flat there: then it rises without end."""
    is_flat = np.linalg.eigvalsh(information)[0] < 1 / _BOUNDLESS**2
    return "separated" if is_flat else point


def _between(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """F(upper) - F(lower) of the logistic distribution, in the tail where it loses nothing."""
    turn = lower > 0
    return np.where(
        turn,
        special.expit(-lower) - special.expit(-upper),
        special.expit(upper) - special.expit(lower),
    )


def _density(at: np.ndarray) -> np.ndarray:
    return special.expit(at) * special.expit(-at)
