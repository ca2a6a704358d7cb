"""What a fitted model says of its items and constructs: loadings, reliability, links, with errors.

Every number is a function of the model's matrices that takes complex values too, so that its
error comes from the parameters' covariance by exact derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cxkit.analysis.structure.constructs import Layout
from cxkit.analysis.structure.likelihood import Matrices, Solution, errors_of, matrices

__all__ = ["GOOD", "Quality", "quality_of"]

GOOD = {"cr": 0.70, "ave": 0.50, "omega": 0.70}
"""From which value on a construct is called well measured, its whole interval above."""


_OF_LOADINGS = ("loading", "se", "ci_low", "ci_high", "unstandardised", "unstandardised_se")
_OF_RESIDUALS = ("variance", "share")


@dataclass(frozen=True, eq=False)
class Quality:
    """np.ndarray of items by name (p,), of constructs with interval (3, m) or without (m,).

    `latent` (m, m) are the correlations of the constructs, `general` (3,) is the share of one
    general factor with its interval; an interval is value, low, high.
    """

    loadings: dict[str, np.ndarray]
    residuals: dict[str, np.ndarray]
    latent: np.ndarray
    constructs: dict[str, np.ndarray]
    omega_observed: np.ndarray
    general: np.ndarray

    @classmethod
    def none(cls, layout: Layout) -> Quality:
        """Nothing known: NaN everywhere."""
        p, m = len(layout.items), len(layout.constructs)
        return cls(
            loadings=dict.fromkeys(_OF_LOADINGS, np.full(p, np.nan)),
            residuals=dict.fromkeys(_OF_RESIDUALS, np.full(p, np.nan)),
            latent=np.full((m, m), np.nan),
            constructs=dict.fromkeys(GOOD, np.full((3, m), np.nan)),
            omega_observed=np.full(m, np.nan),
            general=np.full(3, np.nan),
        )


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def quality_of(
    layout: Layout,
    solution: Solution,
    unit: np.ndarray,
    covariance: np.ndarray,
    t: float,
    *,
    distribution_free: np.ndarray | None = None,
) -> Quality:
    """The numbers of a solution, in the items' own units; NaN where a variance is negative.

    Parameters
    ----------
    layout : Layout
    solution : Solution
        Of one group, items in units of `unit` (p,).
    unit : ndarray of float, shape (p,)
    covariance : ndarray, shape (q, q)
        Of the parameter values.
    t : float
        How many standard errors an interval reaches to each side.
    distribution_free : ndarray, shape (q, q), optional
        The same without taking answers for normal: brings the share of a general factor.
    """
    say, at = _Formulas(layout, unit), solution.groups[0]

    def error(formula: Callable[[Matrices], np.ndarray], of_values: np.ndarray) -> np.ndarray:
        def output(values: np.ndarray) -> np.ndarray:
            return formula(matrices(solution.pattern, values))

        return errors_of(output, solution.values, of_values)

    loading, se = say.standardised(at), error(say.standardised, covariance)
    raw = {"unstandardised": say.unstandardised(at),
           "unstandardised_se": error(say.unstandardised, covariance)}  # fmt: skip
    constructs = {
        name: _logit_interval(formula(at), error(formula, covariance), t)
        for name, formula in (("cr", say.cr), ("ave", say.ave), ("omega", say.omega))
    }
    general = np.full(3, np.nan)
    if distribution_free is not None:
        errors = error(say.general_share, distribution_free)
        general = _logit_interval(say.general_share(at), errors, t)[:, 0]
    return Quality(
        loadings={"loading": loading, "se": se, "ci_low": loading - t * se,
                  "ci_high": loading + t * se, **raw},
        residuals={"variance": at.residual * unit**2,
                   "share": at.residual / np.diag(at.covariance)},
        latent=say.correlations(at),
        constructs=constructs,
        omega_observed=say.omega_observed(at, solution.sample.covariance[0]),
        general=general,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Formulas:
    """What each number is, given the matrices of a model in which items have these units."""

    layout: Layout
    unit: np.ndarray

    def own(self, at: Matrices) -> np.ndarray:
        """The loading of each item on its construct."""
        return at.loading[np.arange(len(self.layout.items)), self.layout.construct]

    def standardised(self, at: Matrices) -> np.ndarray:
        """Loadings where items and constructs have variance 1, each first item's positive."""
        spread = _root(np.diag(at.latent))[self.layout.construct]
        return (
            self.own(at)
            * spread
            * self.sign(at)[self.layout.construct]
            / _root(np.diag(at.covariance))
        )

    def sign(self, at: Matrices) -> np.ndarray:
        """Which way round each construct is, so that its first item loads positively."""
        return np.sign(self.own(at)[self.layout.firsts].real)

    def unstandardised(self, at: Matrices) -> np.ndarray:
        """Loadings where the first item of each construct has 1."""
        raw = self.own(at) * self.unit
        return raw / raw[self.layout.firsts][self.layout.construct]

    def correlations(self, at: Matrices) -> np.ndarray:
        """How the constructs correlate."""
        spread = _root(np.diag(at.latent)) * self.sign(at)
        return at.latent / np.outer(spread, spread)

    def cr(self, at: Matrices) -> np.ndarray:
        """Composite reliability, of standardised loadings."""
        loading = self.standardised(at)
        shared = self.summed(loading) ** 2
        return shared / (shared + self.summed(1 - loading**2))

    def ave(self, at: Matrices) -> np.ndarray:
        """Average variance extracted, of standardised loadings."""
        return self.summed(self.standardised(at) ** 2) / np.bincount(self.layout.construct)

    def omega(self, at: Matrices) -> np.ndarray:
        """Raykov's omega, of unstandardised loadings and residuals."""
        shared = self.shared(at)
        return shared / (shared + self.summed(at.residual * self.unit**2))

    def omega_observed(self, at: Matrices, covariance: np.ndarray) -> np.ndarray:
        """Omega with the observed variance of the sum below the line."""
        observed = covariance * np.outer(self.unit, self.unit)
        return self.shared(at) / [observed[np.ix_(own, own)].sum() for own in self.layout.blocks]

    def shared(self, at: Matrices) -> np.ndarray:
        """The variance of each construct's sum of items that is the construct's."""
        return self.summed(self.own(at) * self.unit) ** 2 * np.diag(at.latent)

    def general_share(self, at: Matrices) -> np.ndarray:
        """The part of the items' common variance that is the general factor's, shape (1,)."""
        common = self.own(at) ** 2 / np.diag(at.covariance)
        general = (common * (at.general**2 * at.general_variance)[self.layout.construct]).sum()
        return np.atleast_1d(general / (common * np.diag(at.latent)[self.layout.construct]).sum())

    def summed(self, of_items: np.ndarray) -> np.ndarray:
        """Sums over the items of each construct."""
        return np.array([of_items[own].sum() for own in self.layout.blocks])


def _root(variance: np.ndarray) -> np.ndarray:
    """Square roots; NaN of what is negative."""
    return np.sqrt(np.where(variance.real > 0, variance, np.nan))


def _logit_interval(value: np.ndarray, se: np.ndarray, t: float) -> np.ndarray:
    """Values between 0 and 1 with an interval that stays there, shape (3, k)."""
    is_inside = (value > 0) & (value < 1)
    inner = np.where(is_inside, value, 0.5)
    logit, half = np.log(inner / (1 - inner)), t * se / (inner * (1 - inner))
    ends = [1 / (1 + np.exp(-(logit + side * half))) for side in (-1, 1)]
    return np.stack([value, *(np.where(is_inside, end, np.nan) for end in ends)])
