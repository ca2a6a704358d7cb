"""How many channels a person used: the groups that they are counted in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["MOST_COUNTED", "SEVERAL", "UNKNOWN", "by_number"]

MOST_COUNTED = 4
"""Those who used so many channels or more are counted together."""

SEVERAL = "several"
"""Those who used two channels or more."""

UNKNOWN = "unknown"
"""The answer of those who do not remember: it names no channel."""


def by_number(used: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Who used no channel, one, two, ..., and several: 1, 0, or NaN for no answer.

    Parameters
    ----------
    used : mapping of str to ndarray of float, shape (n_people,) each
        By channel, whether each person used it: 1, 0 or NaN.

    Returns
    -------
    dict of ndarray of float, shape (n_people,) each
        By `"0"`, `"1"`, ... (`"4"`: four or more) and `"several"`; no number that exceeds that of
        the channels. Empty without channels.

    Examples
    --------
    >>> found = by_number({"app": np.array([1.0, 0.0]), "phone": np.array([1.0, 0.0])})
    >>> {key: one.tolist() for key, one in found.items()}
    {'0': [0.0, 1.0], '1': [0.0, 0.0], '2': [1.0, 0.0], 'several': [1.0, 0.0]}
    """
    named = [values for key, values in used.items() if key != UNKNOWN]
    if not named:
        return {}
    n = np.sum(named, axis=0)
    found = {str(k): n == k for k in range(min(MOST_COUNTED, len(named) + 1))}
    if len(named) >= MOST_COUNTED:
        found[str(MOST_COUNTED)] = n >= MOST_COUNTED
    found[SEVERAL] = n > 1
    return {key: np.where(np.isnan(n), np.nan, is_in) for key, is_in in found.items()}
