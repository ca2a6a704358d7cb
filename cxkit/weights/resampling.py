"""Resampling: totals over sampling units that are drawn anew, for every bootstrap of the kit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cxkit.weights.design import Design
from cxkit.weights.moments import deviations

__all__ = ["N_RESAMPLES", "resampled_totals"]

N_RESAMPLES = 2000
"""How often a bootstrap draws the sampling units anew."""

_MOST_DRAWN = 20_000
"""Sampling units beyond so many are drawn in random groups, so that time does not grow."""

_AT_ONCE = 4_000_000
"""How many counts of drawn units are held in memory at a time."""


def resampled_totals(
    parts: np.ndarray, design: Design, *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> np.ndarray:
    """Totals of the rows' `parts` over resamples of the sampling units.

    Any statistic that is a function of totals (a mean, a covariance, a correlation) is
    bootstrapped by handing in what each row adds to them.

    Parameters
    ----------
    parts : ndarray of float, shape (n_rows, n_totals)
        What each row adds, its weight included; zero for rows that take no part.
    design : Design
        How the rows were drawn.
    n_resamples : int, default 2000
        How often the units are drawn anew.
    seed : int, default 0
        Of the draws. They are tied to what the rows hold, never to their order.

    Returns
    -------
    ndarray of float, shape (n_resamples, n_totals)

    Notes
    -----
    Within each stratum n_h - 1 of its n_h units are drawn with replacement; a unit drawn r times
    counts 1 - f + f r n_h/(n_h - 1) times, f^2 = 1 - n_h/N_h [1]_. The variance of a total over
    the resamples is its linearised one (`variance`). A stratum of one unit adds no variance.
    Where units come back in other strata (`panel`) each of them, with all its rows, is weighted
    anew at once: its deviation counts an exponential number of mean 1 less 1 times more [2]_.

    References
    ----------
    .. [1] Rao, J. N. K., Wu, C. F. J. & Yue, K. (1992). Some recent work on resampling methods
           for complex surveys. Survey Methodology 18.
    .. [2] Beaumont, J.-F. & Patak, Z. (2012). On the generalized bootstrap for sample surveys
           with special attention to Poisson sampling. International Statistical Review 80.

    Examples
    --------
    >>> ones = np.ones((100, 1))
    >>> float(resampled_totals(ones, Design(np.ones(100)), n_resamples=3).mean())
    100.0
    """
    rng = np.random.default_rng(seed)
    if design.panel is not None:
        return _linked_totals(parts, design, n_resamples, rng)
    totals = np.zeros((n_resamples, parts.shape[1]))
    for sums, uncorrected in _units_by_stratum(parts, design):
        n, kept = len(sums), np.sqrt(uncorrected)
        if n < 2:
            totals += sums.sum(axis=0)
            continue
        if n > _MOST_DRAWN:
            sums = _in_random_groups(sums, _MOST_DRAWN, rng)
            n = len(sums)
        totals += (1 - kept) * sums.sum(axis=0)
        step = max(_AT_ONCE // n, 1)
        for start in range(0, n_resamples, step):
            rows = min(step, n_resamples - start)
            drawn = rng.integers(0, n, size=(rows, n - 1))
            drawn += n * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
            totals[start : start + rows] += (kept * n / (n - 1)) * (counts.astype(float) @ sums)
    return totals


def _linked_totals(
    parts: np.ndarray, design: Design, n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """Totals over resamples of units that come back in several strata."""
    order = np.lexsort(parts.T[::-1])
    totals = np.tile(parts[order].sum(axis=0), (n_resamples, 1))
    off = deviations(parts, design, is_each=True).T
    off = off[np.lexsort(off.T[::-1])]
    if len(off) > _MOST_DRAWN:
        off = _in_random_groups(off, _MOST_DRAWN, rng)
    step = max(_AT_ONCE // max(len(off), 1), 1)
    for start in range(0, n_resamples, step):
        rows = min(step, n_resamples - start)
        more = rng.exponential(size=(rows, len(off))) - 1
        totals[start : start + rows] += more @ off
    return totals


def _units_by_stratum(parts: np.ndarray, design: Design) -> Iterator[tuple[np.ndarray, float]]:
    """The sums of each stratum's units in an order of their own, and what is left of its variance.

    Strata are in the order of their names; rows and units are sorted by what they hold, and units
    that are not at hand hold nothing.
    """
    units = design.units
    sums = parts
    if design.cluster is not None:
        order = np.lexsort((*parts.T[::-1], units.of_row))
        sums = np.column_stack(
            [np.bincount(units.of_row[order], one, len(units.stratum)) for one in parts[order].T]
        )
    for stratum in np.argsort(units.names, kind="stable"):
        beside = np.zeros((units.n_beside[stratum], sums.shape[1]))
        own = np.concatenate([sums[units.stratum == stratum], beside])
        yield own[np.lexsort(own.T[::-1])], float(units.uncorrected[stratum])


def _in_random_groups(sums: np.ndarray, n_groups: int, rng: np.random.Generator) -> np.ndarray:
    """The sums of units dealt at random into groups of about the same size."""
    dealt = rng.permutation(len(sums)) % n_groups
    return np.column_stack([np.bincount(dealt, one, n_groups) for one in sums.T])
