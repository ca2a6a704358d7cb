"""Levels that are met or not, base first: order violations and Loevinger's H, on plain data."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import Measure, check_level, estimate_of
from cxkit.analysis.joint import joint, percentiles, resampled
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError
from cxkit.records import NAN, Estimate, Fit
from cxkit.weights import Design, moment

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["ERRORS", "guttman_errors", "h_fit", "loevinger_h", "skips_none", "violations"]

ERRORS = Measure("guttman_errors", "mean", "scale")


def loevinger_h(
    binary: ArrayLike | pd.DataFrame,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """Loevinger's H of 0/1 levels in the order given: 1 for a perfect scale, 0 for independence.

    Parameters
    ----------
    binary : DataFrame or array-like of 0, 1 or missing, shape (n_respondents, n_levels)
        Whether each level is met, the base of the pyramid in the first column. Rows that lack a
        level leave the base.
    weight, strata, cluster, population, ci_level
        As in `mean_score`.
    seed : int, optional
        Of the bootstrap; a fixed seed if none.

    Returns
    -------
    Fit
        Percentile interval over resamples of the sampling units. One level: NaN, verdict
        `few_levels`; every level met by all or none: NaN, verdict `no_spread`; nobody has all
        levels: NaN, flag `no_answers`.

    Raises
    ------
    SurveyError
        If a value is neither 0 nor 1.

    Notes
    -----
    H = 1 - sum F / sum E over pairs of levels: F the weighted share who meet the upper level
    without the lower, E the same under independence, p_upper (1 - p_lower). With columns from the
    most to the least popular this is Loevinger's (and Mokken's) H; in another order it is lower.
    A high H is no evidence of an order: under one overall impression all orders have much the same
    (METHODS 21).

    References
    ----------
    .. [1] Loevinger, J. (1948). The technic of homogeneous tests compared with some aspects of
           "scale analysis" and factor analysis. Psychological Bulletin 45.
    .. [2] Mokken, R. J. (1971). A Theory and Procedure of Scale Analysis. De Gruyter.

    Examples
    --------
    >>> round(loevinger_h([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]).value, 6)
    0.285714
    """
    met, design = _binary(binary, weight, strata, cluster, population)
    return h_fit(met, design, ci_level=ci_level, seed=seed or 0)


def guttman_errors(
    binary: ArrayLike | pd.DataFrame,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Mean number of order violations a respondent: pairs with the upper level met, not the lower.

    Parameters
    ----------
    binary : DataFrame or array-like of 0, 1 or missing, shape (n_respondents, n_levels)
        Whether each level is met, the base of the pyramid in the first column. A respondent is
        placed only with all levels: rows that lack one leave the base.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Estimate
        Metric `guttman_errors`, from 0 to k (k - 1) / 2, with Student's t interval. Nobody has all
        levels: flag `no_answers`.

    Raises
    ------
    SurveyError
        If a value is neither 0 nor 1.

    Notes
    -----
    The mean is sum of (j - 1) p_j, the base being j = 1, minus the mean of S (S - 1) / 2 with S
    the number of levels met: the order enters by the shares p_j alone.

    References
    ----------
    .. [1] Guttman, L. (1944). A basis for scaling qualitative data. American Sociological Review 9.

    Examples
    --------
    >>> guttman_errors([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]])
    Estimate(0.4, ci=(-0.711, 1.51), n=5)
    """
    met, design = _binary(binary, weight, strata, cluster, population)
    return estimate_of(ERRORS, moment(violations(met), design), of="levels", ci_level=ci_level)


def _binary(binary: Any, *of_design: Any) -> tuple[np.ndarray, Design]:
    given = np.asarray(binary, dtype=object)
    given = given.reshape(-1, 1) if given.ndim < 2 else given
    met = scoring.numbers(given).reshape(given.shape)
    is_off = ~np.isnan(met) & ~np.isin(met, (0, 1))
    if is_off.any():
        raise SurveyError(
            f"{int(is_off.sum())} values are neither 0 nor 1: {scoring.examples(met[is_off])}",
            expected="1 where a level is met, 0 where it is not, missing where it is unknown",
            hint="compare the scores with the cut from which a level is met",
        )
    return met, design_of(len(met), *of_design)


def violations(met: np.ndarray) -> np.ndarray:
    """Order violations of each row, NaN where a level is missing; base in the first column."""
    lacking = np.cumsum(1 - met, axis=1)
    return (met[:, 1:] * lacking[:, :-1]).sum(axis=1) if met.shape[1] > 1 else 0 * met[:, 0]


def skips_none(met: np.ndarray) -> np.ndarray:
    """1 where no level is met above one that is not, NaN where a level is missing."""
    found = violations(met)
    return np.where(np.isnan(found), np.nan, found == 0)


def h_fit(
    met: np.ndarray,
    design: Design,
    *,
    of: str = "levels",
    ci_level: float = 0.95,
    seed: int = 0,
    wave: str | None = None,
) -> Fit:
    """The record of `loevinger_h` for 0/1 levels, shape (n_rows, k), NaN where missing."""
    check_level(ci_level)
    made = joint(met, design)
    blank = Fit("loevinger_h", NAN, verdict="no_answers", method="loevinger_bootstrap", of=of,
                n=made.n, n_eff=made.n_eff, ci_level=ci_level, flags=("no_answers",),
                wave=wave)  # fmt: skip
    if not made.n:
        return blank
    if met.shape[1] < 2:
        return dataclasses.replace(blank, verdict="few_levels", flags=("not_measured",))
    value = float(_h_of(made.mean, made.covariance, made.n))
    if math.isnan(value):
        return dataclasses.replace(blank, verdict="no_spread", flags=("unreliable",))
    drawn = resampled(met, design, seed=seed)
    low, high = percentiles(_h_of(drawn.mean, drawn.covariance, made.n), ci_level)
    return dataclasses.replace(
        blank, value=value, ci_low=float(low), ci_high=float(high), verdict="", flags=()
    )


def _h_of(mean: np.ndarray, covariance: np.ndarray, n: int) -> np.ndarray:
    """H from moments: the covariances of pairs over the violations of independence."""
    lower, upper = np.triu_indices(mean.shape[-1], 1)
    together = covariance[..., lower, upper].sum(axis=-1) * (n - 1) / n
    expected = (mean[..., upper] * (1 - mean[..., lower])).sum(axis=-1)
    return np.where(expected > 1e-12, together / np.where(expected > 1e-12, expected, 1.0), np.nan)
