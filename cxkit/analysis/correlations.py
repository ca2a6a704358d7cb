"""Correlation: how far two scores go together within people, with its interval under a design.

`correlation` works on plain data, `correlated` on the rows of a survey's design.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level, t_quantile
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError
from cxkit.records import Fit
from cxkit.weights import Design, moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["correlated", "correlation"]

_ROUNDING = 1e-12
"""A spread this small beside the scores themselves is rounding."""


def correlation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """Pearson's correlation of two scores in the same people, from -1 to 1.

    Parameters
    ----------
    x, y : array-like of float or missing, shape (n_respondents,)
        Two scores of each respondent; who lacks one leaves the base.
    weight, strata, cluster, population, ci_level
        As in `mean_score`.
    seed : int, optional
        Taken so that all functions are called alike; nothing is drawn.

    Returns
    -------
    Fit
        name `correlation`, n people who have both. Verdict `clear` where the interval leaves out
        zero, else `no_evidence`. No value: `no_answers`, `too_few` (fewer than four), `no_spread`
        (a score that does not vary).

    Raises
    ------
    SurveyError
        If there are not as many scores of one kind as of the other, or a score is no number.

    Notes
    -----
    r = sum w zx zy / sum w with weighted z scores. Its influence is w (zx zy - r (zx^2 + zy^2) / 2)
    / sum w, so that no normal distribution is assumed; the interval is symmetrical in atanh(r)
    and of Student's t. Checked by hand, against the jackknife, and by its coverage.

    References
    ----------
    .. [1] Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R. Wiley.

    Examples
    --------
    >>> round(correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]).value, 6)
    0.8
    """
    del seed
    one, other = scoring.numbers(x), scoring.numbers(y)
    if len(one) != len(other):
        raise SurveyError(
            f"there are {len(one)} scores of one kind and {len(other)} of the other",
            expected="both scores of every respondent, missing ones as NaN",
        )
    design = design_of(len(one), weight, strata, cluster, population)
    return correlated(one, other, design, ci_level=ci_level)


def correlated(
    x: np.ndarray,
    y: np.ndarray,
    design: Design,
    *,
    of: str = "answers",
    ci_level: float = 0.95,
    wave: str | None = None,
) -> Fit:
    """The correlation of two scores on the rows of a `design`, NaN where there is none."""
    check_level(ci_level)
    has_both = ~np.isnan(x) & ~np.isnan(y) & (design.weight > 0)
    base = moment(np.where(has_both, 0.0, np.nan), design)
    told: dict[str, Any] = {
        "of": of,
        "n": base.n,
        "n_eff": base.n_eff,
        "ci_level": ci_level,
        "wave": wave,
    }
    if base.n < 4:
        why = "too_few" if base.n else "no_answers"
        return _without(why, told)
    zx, zy = (_standardised(one, has_both, design.weight) for one in (x, y))
    if zx is None or zy is None:
        return _without("no_spread", told)
    r = moment(zx * zy, design).estimate
    off = moment(zx * zy - r * (zx**2 + zy**2) / 2, design)
    low, high = _interval(r, off.variance, off.df, ci_level)
    verdict = "clear" if low > 0 or high < 0 else "no_evidence"
    return Fit("correlation", r, low, high, verdict, "linearised_fisher_z", **told)


def _standardised(
    values: np.ndarray, has_both: np.ndarray, weight: np.ndarray
) -> np.ndarray | None:
    """Scores with weighted mean 0 and variance 1 among those who have both; None without spread."""
    share = np.where(has_both, weight / weight.max(), 0.0)
    share = share / share.sum()
    given = np.where(has_both, values, 0.0)
    centred = given - (share * given).sum()
    spread = math.sqrt((share * centred**2).sum())
    if spread <= _ROUNDING * max(np.abs(given).max(), 1.0):
        return None
    return np.where(has_both, centred / spread, np.nan)


def _interval(r: float, variance: float, df: int, ci_level: float) -> tuple[float, float]:
    """The ends of a correlation's interval; the correlation itself where it is a straight line."""
    if abs(r) >= 1 - _ROUNDING:
        return r, r
    if df < 1:
        return math.nan, math.nan
    half = t_quantile(ci_level, df) * math.sqrt(variance) / (1 - r**2)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def _without(why: str, told: dict[str, Any]) -> Fit:
    flag = "no_answers" if why == "no_answers" else "unreliable"
    return Fit("correlation", math.nan, verdict=why, flags=(flag,), **told)
