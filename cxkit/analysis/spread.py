"""How unevenly several measures lie over the same groups, and which of them most unevenly.

The means of groups differ by chance alone. `spread` takes that part away, and says how sure the
difference between the spreads of two measures is, which the same people answered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Spread", "spread"]


@dataclass(frozen=True, eq=False)
class Spread:
    """How far the groups lie apart on each measure, without what chance makes of it.

    `variance` has shape (n_measures,): the variance of the groups' true means, estimated without
    bias, so that it may be a little below zero. `difference(i, j)` is that of two measures with
    its standard error.
    """

    variance: np.ndarray
    means: np.ndarray
    covariance: np.ndarray

    @property
    def deviation(self) -> np.ndarray:
        """The standard deviation of the groups' true means, 0 where nothing but chance is seen."""
        return np.sqrt(np.maximum(self.variance, 0.0))

    def difference(self, i: int, j: int) -> tuple[float, float]:
        """The variance of measure i minus that of measure j, and its standard error."""
        n_groups = self.means.shape[1]
        own = np.array([*_rows(i, n_groups), *_rows(j, n_groups)])
        means, covariance = self.means.ravel()[own], self.covariance[np.ix_(own, own)]
        centring = np.zeros((2 * n_groups, 2 * n_groups))
        centring[:n_groups, :n_groups] = _centring(n_groups)
        centring[n_groups:, n_groups:] = -_centring(n_groups)
        chance = float(np.trace(centring @ covariance @ centring @ covariance))
        slope = 4 * float(means @ centring @ covariance @ centring @ means)
        error = math.sqrt(max(slope - 2 * chance, 2 * chance, 0.0))
        return float(self.variance[i] - self.variance[j]), error


def spread(means: np.ndarray, covariance: np.ndarray) -> Spread:
    """The spread of each measure over the groups.

    Parameters
    ----------
    means : ndarray of float, shape (n_measures, n_groups)
        Two groups or more, none missing.
    covariance : ndarray of float, shape (n_measures * n_groups, n_measures * n_groups)
        Of the means, measure by measure: of those of one group too, which rest on the same people.

    Returns
    -------
    Spread
        In the unit of the means, squared.

    Notes
    -----
    For the means x of one measure with covariance S and A = (I - 1/m) / (m - 1), x'Ax has the
    expectation m'Am + tr(AS), of which the second part is chance. The difference of two measures
    is such a form too, with B = A - A' in blocks; for normal means its variance is
    2 tr(BSBS) + 4 m'BSBm, and x'BSBx - tr(BSBS) estimates m'BSBm. It is taken as no smaller than
    2 tr(BSBS), which is left where no measure is spread at all.

    References
    ----------
    .. [1] Searle, S. R. (1971). Linear Models, chapter 2.

    Examples
    --------
    >>> found = spread(np.array([[60.0, 70.0, 80.0], [70.0, 70.0, 70.0]]), np.eye(6))
    >>> found.variance.round(6).tolist()
    [99.0, -1.0]
    """
    n_measures, n_groups = means.shape
    centring = _centring(n_groups)
    found = []
    for i in range(n_measures):
        own = _rows(i, n_groups)
        chance = np.trace(centring @ covariance[np.ix_(own, own)])
        found.append(float(means[i] @ centring @ means[i] - chance))
    return Spread(np.array(found), np.asarray(means, dtype=float), covariance)


def _centring(n_groups: int) -> np.ndarray:
    """The matrix whose form in some means is their variance."""
    return (np.eye(n_groups) - 1 / n_groups) / (n_groups - 1)


def _rows(i: int, n_groups: int) -> np.ndarray:
    return np.arange(i * n_groups, (i + 1) * n_groups)
