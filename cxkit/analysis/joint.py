"""Several variables at once: their weighted means and covariances, and resamples of both.

Reliability, structure and links are functions of these moments, so each of them takes its
bootstrap from here: `joint` gives the estimate, `resampled` the same thing many times over.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cxkit.weights import N_RESAMPLES, Design, effective_base, resampled_totals

__all__ = ["Joint", "complete", "joint", "percentiles", "resampled", "resampled_together", "seeded"]


@dataclass(frozen=True, eq=False)
class Joint:
    """Weighted means and covariances of k variables over those who have all of them.

    `mean` has shape (..., k) and `covariance` (..., k, k): leading axes count resamples. The
    covariance has n - 1 in its divisor, as the variance of a sample usually has. `n` counts the
    complete rows that carry weight, `n_eff` is Kish's effective base.
    """

    mean: np.ndarray
    covariance: np.ndarray
    n: int
    n_eff: float

    @cached_property
    def variance(self) -> np.ndarray:
        """The variances, shape (..., k)."""
        return np.einsum("...ii->...i", self.covariance)

    @cached_property
    def correlation(self) -> np.ndarray:
        """The correlations, shape (..., k, k); NaN where a variable does not vary."""
        sd = np.sqrt(np.where(self.variance > 0, self.variance, np.nan))
        found = self.covariance / (sd[..., :, None] * sd[..., None, :])
        own = np.arange(found.shape[-1])
        found[..., own, own] = np.where(np.isnan(sd), np.nan, 1.0)
        return np.clip(found, -1.0, 1.0)


def complete(values: np.ndarray, design: Design) -> np.ndarray:
    """Which rows of `values`, shape (n_rows, k), have all columns and a weight, shape (n_rows,)."""
    return ~np.isnan(values).any(axis=1) & (design.weight > 0)


def joint(values: np.ndarray, design: Design) -> Joint:
    """The joint moments of the columns of `values`, shape (n_rows, k), NaN where missing.

    Listwise: a row counts where it has all columns and a weight. Nobody complete gives NaN and
    n = 0; one complete row gives a mean and no covariance.

    Examples
    --------
    >>> made = joint(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 9.0]]), Design(np.ones(3)))
    >>> made.mean.tolist(), made.covariance.tolist()
    ([2.0, 5.0], [[1.0, 3.5], [3.5, 13.0]])
    """
    kept, weight = complete(values, design), design.weight
    k = values.shape[1]
    n = int(kept.sum())
    if not n:
        return Joint(np.full(k, np.nan), np.full((k, k), np.nan), 0, 0.0)
    given, share = values[kept], weight[kept] / weight[kept].sum()
    mean = share @ given
    is_constant = (given == given[0]).all(axis=0)
    mean = np.where(is_constant, given[0], mean)
    off = np.where(is_constant, 0.0, given - mean)
    covariance = (share[:, None] * off).T @ off
    divisor = n / (n - 1) if n > 1 else np.nan
    return Joint(mean, divisor * covariance, n, effective_base(weight[kept]))


def resampled(
    values: np.ndarray, design: Design, *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> Joint:
    """The joint moments over resamples of the sampling units (see `weights.resampled_totals`).

    Rows that lack a column stay rows of the design and add nothing, as everywhere in the kit.
    A resample without anybody complete is NaN.
    """
    (made,) = resampled_together([values], design, n_resamples=n_resamples, seed=seed)
    return made


def resampled_together(
    blocks: Sequence[np.ndarray], design: Design, *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> list[Joint]:
    """The joint moments of several sets of variables over the same resamples.

    As `resampled` for each of the `blocks`, shape (n_rows, k) with a k of its own: each keeps
    the rows that are complete in it, and all are drawn together.
    """
    wholes = [joint(values, design) for values in blocks]
    made = [_parts(values, whole, design) for values, whole in zip(blocks, wholes, strict=True)]
    totals = resampled_totals(np.hstack(made), design, n_resamples=n_resamples, seed=seed)
    ends = np.cumsum([parts.shape[1] for parts in made])[:-1]
    return [
        _from_totals(own, whole)
        for own, whole in zip(np.split(totals, ends, axis=1), wholes, strict=True)
    ]


def percentiles(drawn: np.ndarray, ci_level: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the percentile interval over the first axis, resamples without a value left out.

    NaN where more than one resample in twenty has none: then the statistic hardly exists here.
    """
    lacking = np.isnan(drawn).mean(axis=0) > 0.05
    tail = (1 - ci_level) / 2
    if not len(drawn) or np.all(np.isnan(drawn)):
        nothing = np.full(drawn.shape[1:], np.nan)
        return nothing, nothing
    filled = np.where(np.broadcast_to(lacking, drawn.shape), 0.0, drawn)
    low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    return np.where(lacking, np.nan, low), np.where(lacking, np.nan, high)


def seeded(seed: int, key: str) -> int:
    """A seed for one finding of a study: a cell that is added above it moves no number."""
    sequence = np.random.SeedSequence([seed, zlib.crc32(key.encode())])
    return int(sequence.generate_state(1, np.uint64)[0])


def _parts(values: np.ndarray, whole: Joint, design: Design) -> np.ndarray:
    """What each row adds to the base, the sums and the products; nothing unless complete."""
    kept, weight = complete(values, design), design.weight
    if not whole.n:
        return np.zeros((len(values), 1))
    off = np.where(kept[:, None], values - whole.mean, 0.0)
    upper = np.triu_indices(values.shape[1])
    share = np.where(kept, weight, 0.0) / weight[kept].mean()
    return np.column_stack(
        [share, share[:, None] * off, share[:, None] * off[:, upper[0]] * off[:, upper[1]]]
    )


def _from_totals(totals: np.ndarray, whole: Joint) -> Joint:
    """The moments of each resample from its totals of `_parts`."""
    k = len(whole.mean)
    n_resamples = len(totals)
    if not whole.n:
        nothing = np.full((n_resamples, k), np.nan)
        return Joint(nothing, np.full((n_resamples, k, k), np.nan), 0, 0.0)
    upper = np.triu_indices(k)
    base = np.where(totals[:, 0] > 0, totals[:, 0], np.nan)
    shift = totals[:, 1 : k + 1] / base[:, None]
    products = np.empty((n_resamples, k, k))
    products[:, upper[0], upper[1]] = products[:, upper[1], upper[0]] = (
        totals[:, k + 1 :] / base[:, None]
    )
    centred = products - shift[:, :, None] * shift[:, None, :]
    own = np.arange(k)
    varies = whole.variance > 0
    floor = 1e-12 * np.where(varies, whole.variance, 1.0)
    is_flat = (centred[:, own, own] <= floor) | ~varies
    centred[np.broadcast_to(is_flat[:, :, None], centred.shape)] = 0.0
    centred[np.broadcast_to(is_flat[:, None, :], centred.shape)] = 0.0
    divisor = whole.n / (whole.n - 1) if whole.n > 1 else np.nan
    return Joint(whole.mean + shift, divisor * centred, whole.n, whole.n_eff)
