"""What one overall impression would produce: levels that differ in difficulty and in nothing else.

The yardstick for the order of a pyramid: a single factor behind all levels, each with the
shares of scores that it really has. How many order violations such answers hold is computed,
not drawn, and so is how that follows from every share that was estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from cxkit.analysis.joint import complete
from cxkit.weights import Design, Moment, moment, variance

__all__ = ["OneImpression", "one_impression"]

_N_TERMS = 20
"""Terms of the series that carries a correlation from latent to answered scores."""

_MOST_VALUES = 40
_GRID = 2.5
"""A level with more different scores than so many is read on a grid of so many points."""

_CLOSEST = 0.995
"""A loading is held below this: a level may not be the impression itself."""

_ROUNDS = 200
_STANDS = 1e-14
"""The search for the loadings ends when none of them moves by more, or after so many rounds."""

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
        """How strongly each level follows the impression, shape (k,), between -1 and 1.

        Least squares between the correlations found and those that one factor makes.
        """
        i, j = _pairs(self.k)
        found, series = self._steps.correlations, self._steps.series
        powers, rows = np.arange(1, _N_TERMS + 1), np.arange(len(i))
        loadings = self._start(found)
        for _ in range(_ROUNDS):
            latent = (loadings[i] * loadings[j])[:, None]
            lower = latent ** (powers - 1)
            off = found - (series * lower * latent).sum(axis=1)
            slope = (series * powers * lower).sum(axis=1)
            jacobian = np.zeros((len(i), self.k))
            jacobian[rows, i] = slope * loadings[j]
            jacobian[rows, j] = slope * loadings[i]
            normal = jacobian.T @ jacobian + 1e-9 * np.eye(self.k)
            step = np.linalg.solve(normal, jacobian.T @ off)
            step *= 0.2 / max(np.abs(step).max(), 0.2)
            moved = np.clip(loadings + step, -_CLOSEST, _CLOSEST)
            is_there = np.abs(moved - loadings).max() <= _STANDS
            loadings = moved
            if is_there:
                break
        return loadings

    def violations(self, order: Sequence[int], cut: float) -> Moment:
        """Order violations a respondent that one impression would produce, as a moment.

        `order` lists the columns base first; a level is met by a score of `cut` or more. The
        influences carry all that was estimated: the shares met, the loadings and the shares
        of scores behind them.
        """
        columns = list(order)
        below = (self.scores < cut - 1e-9).astype(float)[:, columns]
        shares = np.array([self._mean(one).estimate for one in below.T])
        expected, by_loading, by_share = _expected(self.loadings[columns], shares)
        by_column = np.zeros(self.k)
        np.add.at(by_column, columns, by_loading)
        found = self._mean(below @ by_share + self._added(self._gradient(by_column)))
        return Moment(
            estimate=expected,
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

    def _gradient(self, by_loading: np.ndarray) -> np.ndarray:
        """The derivative after `theta` of what depends on it by the loadings alone.

        At the loadings l the slope of the sum of squares, g(l, theta), is zero; so l moves with
        theta by minus the inverse of dg/dl times dg/dtheta (the implicit function theorem). A
        loading that is held at its limit does not move.
        """
        i, j = _pairs(self.k)
        steps, powers = self._steps, np.arange(1, _N_TERMS + 1)
        latent = self.loadings[i] * self.loadings[j]
        lower = latent[:, None] ** np.maximum(powers - 1, 0)
        off = steps.correlations - (steps.series * lower).sum(axis=1) * latent
        slope = (steps.series * powers * lower).sum(axis=1)
        bend = steps.series * powers * (powers - 1) * latent[:, None] ** np.maximum(powers - 2, 0)
        bend = bend.sum(axis=1)
        towards = np.zeros((len(i), self.k))
        towards[np.arange(len(i)), i], towards[np.arange(len(i)), j] = (
            self.loadings[j],
            self.loadings[i],
        )
        curved = np.zeros((self.k, self.k))
        curved[i, j] = curved[j, i] = off * slope
        curved += towards.T @ ((off * bend - slope**2)[:, None] * towards)
        is_free = np.abs(self.loadings) < _CLOSEST
        pull = np.zeros(self.k)
        pull[is_free] = -(
            np.linalg.pinv(curved[np.ix_(is_free, is_free)], rcond=1e-9, hermitian=True)
            @ by_loading[is_free]
        )
        along = towards @ pull
        by_correlation = slope * along
        by_series = powers * lower * (along * off)[:, None]
        by_series -= by_correlation[:, None] * lower * latent[:, None]
        return steps.gradient(by_correlation, by_series)

    def _start(self, correlations: np.ndarray) -> np.ndarray:
        """Loadings to begin with: the first principal axis."""
        i, j = _pairs(self.k)
        matrix = np.eye(self.k)
        matrix[i, j] = matrix[j, i] = correlations
        length, axes = np.linalg.eigh(matrix)
        first = axes[:, -1] * np.sign(axes[:, -1].sum() or 1.0)
        return np.clip(first * np.sqrt(length[-1]), -0.9, 0.9)

    @cached_property
    def _steps(self) -> _Steps:
        return _Steps(self.values, self.theta)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The scores of levels as step functions of normal ones: what `theta` says of them."""

    values: tuple[np.ndarray, ...]
    theta: np.ndarray

    @cached_property
    def ends(self) -> np.ndarray:
        """Where the shares of each level end in `theta`."""
        return np.cumsum([len(values) - 1 for values in self.values])

    @cached_property
    def shares(self) -> list[np.ndarray]:
        """The shares of all scores of each level but the highest."""
        return np.split(self.theta, self.ends)[:-1]

    @cached_property
    def rises(self) -> list[np.ndarray]:
        """The scores of each level, those shares' own, above the highest."""
        return [values[:-1] - values[-1] for values in self.values]

    @cached_property
    def above(self) -> np.ndarray:
        """The means of the levels, counted from their highest scores."""
        made = zip(self.shares, self.rises, strict=True)
        return np.array([shares @ rise for shares, rise in made])

    @cached_property
    def mean(self) -> np.ndarray:
        return self.above + [values[-1] for values in self.values]

    @cached_property
    def sd(self) -> np.ndarray:
        made = zip(self.shares, self.rises, strict=True)
        squares = np.array([shares @ rise**2 for shares, rise in made])
        return np.sqrt(squares - self.above**2)

    @cached_property
    def polynomials(self) -> list[np.ndarray]:
        """Hermite polynomials at the steps of each level, (terms + 1, steps)."""
        return [_hermite(np.cumsum(shares)) for shares in self.shares]

    @cached_property
    def coefficients(self) -> np.ndarray:
        """The Hermite coefficients of the levels' step functions, (k, terms)."""
        roots, made = np.sqrt(np.arange(1, _N_TERMS + 1)), []
        for values, shares, terms in zip(self.values, self.shares, self.polynomials, strict=True):
            density = np.exp(-(_quantile(np.cumsum(shares)) ** 2) / 2) / np.sqrt(2 * np.pi)
            made.append(terms[:-1] @ (np.diff(values) * density) / roots)
        return np.array(made)

    @cached_property
    def correlations(self) -> np.ndarray:
        """Correlations of the scores of each pair of levels."""
        i, j = _pairs(len(self.values))
        products = self.theta[self.ends[-1] :]
        return (products - self.mean[i] * self.mean[j]) / (self.sd[i] * self.sd[j])

    @cached_property
    def series(self) -> np.ndarray:
        """The series in a latent correlation that makes that of the scores, (pairs, terms)."""
        i, j = _pairs(len(self.values))
        spread = (self.sd[i] * self.sd[j])[:, None]
        return self.coefficients[i] * self.coefficients[j] / spread

    def gradient(self, by_correlation: np.ndarray, by_series: np.ndarray) -> np.ndarray:
        """The derivative after `theta` of what has these after the correlations and the series."""
        i, j = _pairs(len(self.values))
        spread = self.sd[i] * self.sd[j]
        by_product = by_correlation / spread
        lost = by_correlation * self.correlations + (by_series * self.series).sum(axis=1)
        by_mean, by_sd = np.zeros(len(self.values)), np.zeros(len(self.values))
        by_coefficient = np.zeros_like(self.coefficients)
        for one, other in ((i, j), (j, i)):
            np.add.at(by_mean, one, -by_product * self.mean[other])
            np.add.at(by_sd, one, -lost / self.sd[one])
            share = by_series * self.coefficients[other] / spread[:, None]
            np.add.at(by_coefficient, one, share)
        made = []
        for place, (values, rise, terms) in enumerate(
            zip(self.values, self.rises, self.polynomials, strict=True)
        ):
            by_step = -np.diff(values) * (by_coefficient[place] @ terms[1:])
            own = by_mean[place] * rise
            own += by_sd[place] * (rise**2 - 2 * self.above[place] * rise) / (2 * self.sd[place])
            made.append(own + np.cumsum(by_step[::-1])[::-1])
        return np.concatenate([*made, by_product])


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
    expectation after each moment, in closed form, times what each row adds to that moment.

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
    kept = complete(scores, design)
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


def _quantile(share: np.ndarray) -> np.ndarray:
    return special.ndtri(np.clip(share, 1e-12, 1 - 1e-12))


def _hermite(shares: np.ndarray) -> np.ndarray:
    """Normalised Hermite polynomials at normal quantiles of `shares`, (terms + 1, steps)."""
    at = _quantile(shares)
    made = [np.ones_like(at), at]
    for k in range(2, _N_TERMS + 1):
        made.append((at * made[-1] - np.sqrt(k - 1) * made[-2]) / np.sqrt(k))
    return np.array(made)


def _expected(loadings: np.ndarray, below: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Violations a respondent; their derivatives after the loadings and the shares not met.

    Levels base first. Given the impression levels are independent, so the expectation is that of
    a sum of products over it.
    """
    at, rest = _quantile(below)[:, None], np.sqrt(1 - loadings**2)[:, None]
    distance = (at - loadings[:, None] * _NODES) / rest
    unmet = special.ndtr(distance)
    lower = np.vstack([np.zeros_like(_NODES), np.cumsum(unmet, axis=0)[:-1]])
    upper = np.cumsum(1 - unmet[::-1], axis=0)[::-1]
    upper = np.vstack([upper[1:], np.zeros_like(_NODES)])
    density = np.exp(-(distance**2) / 2) / np.sqrt(2 * np.pi)
    by_distance = (upper - lower) * density
    by_loading = by_distance * (distance * loadings[:, None] / rest**2 - _NODES / rest)
    is_inside = (below > 1e-12) & (below < 1 - 1e-12)
    slope = np.where(is_inside, np.sqrt(2 * np.pi) * np.exp(at[:, 0] ** 2 / 2), 0.0)
    expected = float((((1 - unmet) * lower).sum(axis=0)) @ _MASS)
    return expected, by_loading @ _MASS, (by_distance / rest) @ _MASS * slope
