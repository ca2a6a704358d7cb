"""What one overall impression would produce: levels that differ in difficulty and in nothing else.

The yardstick for the order of a pyramid: a single factor behind all levels, each with the
shares of scores that it really has. How many order violations such answers hold is computed,
not drawn, so that it can be taken anew under any small change of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from cxkit.weights import Design, Moment, moment, variance

__all__ = ["OneImpression", "one_impression"]

_N_TERMS = 20
"""Terms of the series that carries a correlation from latent to answered scores."""

_MOST_VALUES = 40
_GRID = 2.5
"""A level with more different scores than so many is read on a grid of so many points."""

_CLOSEST = 0.995
"""A loading is held below this: a level may not be the impression itself."""

_STEP = 1e-4
"""How far the moments are moved to see how the expected violations follow."""

_NODES, _MASS = np.polynomial.hermite_e.hermegauss(61)
_MASS = _MASS / _MASS.sum()


@dataclass(frozen=True, eq=False)
class OneImpression:
    """One factor fitted to level scores, shape (n_rows, k), over those who have all levels.

    `values` are the scores of each level as they were read, `theta` the weighted means of what
    each row adds: the shares of the scores of each level, then the products of pairs of levels.
    """

    scores: np.ndarray
    design: Design
    kept: np.ndarray
    values: tuple[np.ndarray, ...]
    rounded: np.ndarray
    theta: np.ndarray

    @property
    def k(self) -> int:
        """How many levels."""
        return self.scores.shape[1]

    @cached_property
    def loadings(self) -> np.ndarray:
        """How strongly each level follows the impression, shape (k,), between -1 and 1."""
        return self._loadings(self.theta[None, :], rounds=200)[0]

    def violations(self, order: Sequence[int], cut: float) -> Moment:
        """Order violations a respondent that one impression would produce, as a moment.

        `order` lists the columns base first; a level is met by a score of `cut` or more. The
        influences carry all that was estimated: the shares met, the loadings and the shares
        of scores behind them.
        """
        below = (self.scores < cut - 1e-9).astype(float)[:, list(order)]
        met_shares = [self._mean(one).estimate for one in below.T]
        theta = np.concatenate([self.theta, met_shares])
        moved = theta + _STEP * np.vstack([np.eye(len(theta)), -np.eye(len(theta))])
        expected = self._expected(np.vstack([theta, moved]), order)
        gradient = (expected[1 : len(theta) + 1] - expected[len(theta) + 1 :]) / (2 * _STEP)
        parts = gradient[: len(self.theta)]
        total = below @ gradient[len(self.theta) :] + self._added(parts)
        found = self._mean(total)
        return Moment(
            estimate=float(expected[0]),
            influence=found.influence,
            n=found.n,
            n_eff=found.n_eff,
            variance=variance(found.influence, self.design),
            df=self.design.df,
        )

    def _mean(self, values: np.ndarray) -> Moment:
        return moment(np.where(self.kept, values, np.nan), self.design)

    def _added(self, gradient: np.ndarray) -> np.ndarray:
        """What each row adds to `gradient @ theta`."""
        added, start = np.zeros(len(self.scores)), 0
        for column, values in zip(self.rounded.T, self.values, strict=True):
            steps = np.append(gradient[start : start + len(values) - 1], 0.0)
            added += steps[np.minimum(np.searchsorted(values, column), len(values) - 1)]
            start += len(values) - 1
        for one, i, j in zip(gradient[start:], *_pairs(self.k), strict=True):
            added += one * self.rounded[:, i] * self.rounded[:, j]
        return np.where(self.kept, added, 0.0)

    def _expected(self, theta: np.ndarray, order: Sequence[int]) -> np.ndarray:
        """Violations a respondent, shape (m,), for m sets of moments."""
        loadings = self._loadings(theta[:, : len(self.theta)])[:, list(order)]
        below = np.clip(theta[:, len(self.theta) :], 1e-12, 1 - 1e-12)
        distance = special.ndtri(below)[:, :, None] - loadings[:, :, None] * _NODES
        unmet = special.ndtr(distance / np.sqrt(1 - loadings**2)[:, :, None])
        lacking = np.cumsum(unmet, axis=1)[:, :-1]
        return ((1 - unmet[:, 1:]) * lacking).sum(axis=1) @ _MASS

    def _loadings(self, theta: np.ndarray, rounds: int = 12) -> np.ndarray:
        """Least squares between the correlations found and those that one factor makes."""
        target, series = self._correlations(theta)
        i, j = _pairs(self.k)
        start = self._start(target[0]) if rounds > 12 else self.loadings
        loadings = np.tile(start, (len(theta), 1))
        powers, rows = np.arange(1, _N_TERMS + 1), np.arange(len(i))
        for _ in range(rounds):
            latent = (loadings[:, i] * loadings[:, j])[:, :, None]
            lower = latent ** (powers - 1)
            made = (series * lower * latent).sum(axis=2)
            slope = (series * powers * lower).sum(axis=2)
            jacobian = np.zeros((len(theta), len(i), self.k))
            jacobian[:, rows, i] = slope * loadings[:, j]
            jacobian[:, rows, j] = slope * loadings[:, i]
            across = np.swapaxes(jacobian, 1, 2)
            normal = across @ jacobian + 1e-9 * np.eye(self.k)
            step = np.linalg.solve(normal, across @ (target - made)[:, :, None])[:, :, 0]
            longest = np.maximum(np.abs(step).max(axis=1, keepdims=True), 0.2)
            loadings = np.clip(loadings + 0.2 * step / longest, -_CLOSEST, _CLOSEST)
        return loadings

    def _start(self, correlations: np.ndarray) -> np.ndarray:
        """Loadings to begin with: the first principal axis."""
        i, j = _pairs(self.k)
        matrix = np.eye(self.k)
        matrix[i, j] = matrix[j, i] = correlations
        length, axes = np.linalg.eigh(matrix)
        first = axes[:, -1] * np.sign(axes[:, -1].sum() or 1.0)
        return np.clip(first * np.sqrt(length[-1]), -0.9, 0.9)

    def _correlations(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Correlations of pairs, (m, pairs), and the series that makes them of latent ones."""
        means, sds, terms, start = [], [], [], 0
        for values in self.values:
            shares = theta[:, start : start + len(values) - 1]
            start += len(values) - 1
            rise = values[:-1] - values[-1]
            mean = shares @ rise
            means.append(mean + values[-1])
            sds.append(np.sqrt(shares @ rise**2 - mean**2))
            terms.append(_hermite(values, np.cumsum(shares, axis=1)))
        i, j = _pairs(self.k)
        mean, sd = np.array(means).T, np.array(sds).T
        term = np.stack(terms, axis=1)
        spread = sd[:, i] * sd[:, j]
        products = theta[:, start : start + len(i)]
        found = (products - mean[:, i] * mean[:, j]) / spread
        return found, term[:, i] * term[:, j] / spread[:, :, None]


def one_impression(scores: np.ndarray, design: Design) -> OneImpression | None:
    """The one-factor model of level scores; None where a level does not vary or nobody has all.

    Parameters
    ----------
    scores : ndarray of float, shape (n_rows, k), k of 3 or more
        Scores of the levels, NaN where missing; rows that lack one are rows of the design only.
    design : Design
        How the rows were drawn.

    Notes
    -----
    Level j is a step function of y_j = l_j f + sqrt(1 - l_j^2) e_j with f, e_j standard normal
    and steps that give the shares of scores found in the data (the difficulties). The
    correlation of two such scores is sum over k of (l_i l_j)^k c_ik c_jk / (s_i s_j), where c_ik
    are the Hermite coefficients of the steps [1]_; the loadings are least squares between those
    and the correlations found. Given f the levels are independent, so the expected violations are
    an integral over f (61 Gauss-Hermite nodes). Variances are linearised: the derivative of the
    expectation after each moment, times what each row adds to that moment.

    References
    ----------
    .. [1] Lancaster, H. O. (1957). Some properties of the bivariate normal distribution
           considered in the form of a contingency table. Biometrika 44.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> drawn = 0.8 * rng.normal(size=(4000, 1)) + 0.6 * rng.normal(size=(4000, 3))
    >>> made = one_impression(np.round(25 * drawn.clip(-2, 2) + 50), Design(np.ones(4000)))
    >>> made.loadings.round(1).tolist()
    [0.8, 0.8, 0.8]
    """
    kept = ~np.isnan(scores).any(axis=1) & (design.weight > 0)
    if not kept.any():
        return None
    rounded = np.where(kept[:, None], scores, 0.0)
    for column in rounded.T:
        if len(np.unique(column[kept])) > _MOST_VALUES:
            column[:] = _GRID * np.round(column / _GRID)
    values = tuple(np.unique(column[kept]) for column in rounded.T)
    if any(len(one) < 2 for one in values):
        return None
    weight = np.where(kept, design.weight, 0.0)
    shares: list[Any] = []
    for column, own in zip(rounded.T, values, strict=True):
        place = np.searchsorted(own, column)
        shares.append(np.bincount(place[kept], weight[kept], len(own))[:-1] / weight.sum())
    i, j = _pairs(scores.shape[1])
    products = (weight / weight.sum()) @ (rounded[:, i] * rounded[:, j])
    theta = np.concatenate([*shares, products])
    return OneImpression(np.where(kept[:, None], scores, 0.0), design, kept, values, rounded, theta)


def _pairs(k: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(k, 1)


def _hermite(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Hermite coefficients of steps to `values` at normal quantiles of `shares`, (m, terms)."""
    at = special.ndtri(np.clip(shares, 1e-12, 1 - 1e-12))
    density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
    rises = np.diff(values) * density
    polynomials = [np.ones_like(at), at]
    for k in range(2, _N_TERMS):
        polynomials.append((at * polynomials[-1] - np.sqrt(k - 1) * polynomials[-2]) / np.sqrt(k))
    made = [(rises * one).sum(axis=1) / np.sqrt(k) for k, one in enumerate(polynomials, start=1)]
    return np.array(made[:_N_TERMS]).T
