"""What levels would explain if all of them were measured equally well.

A level of three items is measured more reliably than one of two, and gets the larger share for
that alone. Correlations are freed from it (disattenuated), where that leaves correlations.
"""

from __future__ import annotations

import numpy as np

from cxkit.analysis.joint import Joint

__all__ = ["best_two", "disattenuated"]

_LEAST = 1e-6
"""Disattenuated correlations with a smaller eigenvalue are no correlations."""


def disattenuated(correlation: np.ndarray, reliability: np.ndarray) -> np.ndarray:
    """Correlations, shape (..., k + 1, k + 1), outcome last, if levels had no error.

    Each correlation of a level is divided by the root of its reliability, shape (..., k); the
    outcome stays as it was measured. NaN throughout where a reliability is not positive, or
    where what comes out are no correlations (not positive definite).

    Notes
    -----
    r_ij / sqrt(rel_i rel_j) (Spearman 1904).

    Examples
    --------
    >>> found = disattenuated(np.array([[1.0, 0.4], [0.4, 1.0]]), np.array([0.64]))
    >>> found.round(9).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    k = reliability.shape[-1]
    is_given = reliability > 0
    root = np.ones((*reliability.shape[:-1], k + 1))
    root[..., :k] = np.sqrt(np.where(is_given, reliability, 1.0))
    found = correlation / (root[..., :, None] * root[..., None, :])
    own = np.arange(k + 1)
    found[..., own, own] = 1.0
    is_known = is_given.all(axis=-1) & np.isfinite(found).all(axis=(-2, -1))
    checked = np.where(is_known[..., None, None], found, np.eye(k + 1))
    is_proper = is_known & (np.linalg.eigvalsh(checked)[..., 0] > _LEAST)
    return np.where(is_proper[..., None, None], found, np.nan)


def best_two(items: Joint) -> tuple[int, ...]:
    """The places of the two items that go together most closely; a single item stays alone."""
    k = len(items.mean)
    if k < 3:
        return tuple(range(k))
    pairs = np.triu_indices(k, 1)
    place = int(np.argmax(np.nan_to_num(items.correlation[pairs], nan=-1.0)))
    return int(pairs[0][place]), int(pairs[1][place])
