"""Reliability: how far the items of a construct agree with each other.

Cronbach's alpha for three items or more, Spearman-Brown for two, and what each item adds. All of
them are functions of the items' joint moments, so weights enter all of them, and their resamples
come from one place (`joint`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level, t_quantile
from cxkit.analysis.joint import Joint, joint, percentiles, resampled
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fit, Fits
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "GOOD",
    "alpha_of",
    "answers_of",
    "cronbach_alpha",
    "feldt_interval",
    "fit_of",
    "graded",
    "item_statistics",
    "of_level",
    "reliability_of",
    "spearman_brown",
    "statistics_of",
    "why_none",
]

GOOD = 0.70
"""A reliability surely of at least so much is called `good`, one surely lower `weak`."""

CONVENTIONS = ("feldt_woodruff_salih", "feldt_1965")
"""How many degrees of freedom the denominator of Feldt's F has: (n - 1)(k - 1), or n (k - 1)."""

_NO_NUMBER = {"empty_item": "no_answers", "no_answers": "no_answers", "single_item": "not_measured"}
"""By verdict, the flag of a number that cannot be given; any other verdict: `unreliable`."""

_DOUBTFUL = ("mixed_signs", "negative", "single_item", "too_few")
"""Verdicts of numbers that are given, but flagged `unreliable`."""

_NOTHING = 1e-12
"""A total whose variance is below this part of its items' does not vary."""

Interval = tuple[float, float]


def cronbach_alpha(
    items: ArrayLike | pd.DataFrame,
    *,
    standardised: bool = False,
    convention: str = "feldt_woodruff_salih",
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """Cronbach's alpha of some items, raw (of their covariances) or standardised.

    The part of the variance of the items' sum that they share, if they measure one thing equally
    well; else a lower bound of it. A high alpha is no proof that they measure one thing.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        Answers, items worded the other way reversed before. Listwise: a respondent counts who
        answered all items (pairwise deletion is not offered: its alpha belongs to no sample).
    standardised : bool, default False
        Of the items' correlations instead of their covariances: when items are put on one
        scale before they are added up.
    convention : {"feldt_woodruff_salih", "feldt_1965"}, default "feldt_woodruff_salih"
        The degrees of freedom of Feldt's interval: df2 = (n - 1)(k - 1), or n (k - 1).
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        For the bootstrap only; a fixed seed if none.

    Returns
    -------
    Fit
        `cronbach_alpha` or `cronbach_alpha_standardised`; n complete respondents. `method` says
        how the interval was made: by the convention for raw alpha of a simple sample, else
        `bootstrap` (percentiles over resampled units). Verdict `good` where the interval starts
        at .70 or above, `weak` where it ends below, else `undecided`; an alpha below zero is
        `negative`, flag `unreliable`: items run against each other. With no more respondents
        than items: `too_few`, flag `unreliable`. No value and a verdict that says why:
        `single_item`, `no_answers`, `empty_item`, `too_few`, `no_spread` (an item that everybody
        answered alike, or items that cancel out).

    Raises
    ------
    SurveyError
        If an answer is not a number, there is no item, or the convention is unknown.

    Notes
    -----
    alpha = k/(k - 1) (1 - sum of item variances / variance of the sum) (METHODS 1). Feldt's
    interval assumes normal answers to parallel items. Checked against R psych 2.2 on the mobi,
    satisfaction, bfi and airline data; psych's `alpha.ci` uses (n - 1)(k - 1).

    References
    ----------
    .. [1] Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
           Psychometrika 16.
    .. [2] Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Statistical inference for
           coefficient alpha. Applied Psychological Measurement 11.

    Examples
    --------
    >>> cronbach_alpha([[5, 4, 5], [3, 3, 4], [2, 1, 2], [4, 5, 4], [1, 2, 2]]).value
    0.9426229508196722
    """
    one_of(convention, CONVENTIONS, "convention")
    _, values = answers_of(items)
    design = design_of(len(values), weight, strata, cluster, population)
    return _alpha(values, design, standardised, convention, ci_level, seed or 0)


def feldt_interval(
    alpha: float,
    k: int,
    n: int,
    *,
    convention: str = "feldt_woodruff_salih",
    ci_level: float = 0.95,
) -> Interval:
    """Feldt's interval of a raw alpha of `k` items answered by `n` respondents.

    Notes
    -----
    1 - (1 - alpha) F with F the upper and lower quantile of F(n - 1, df2); df2 is
    (n - 1)(k - 1) [1]_ or n (k - 1) [2]_.

    References
    ----------
    .. [1] Feldt, L. S., Woodruff, D. J. & Salih, F. A. (1987). Statistical inference for
           coefficient alpha. Applied Psychological Measurement 11.
    .. [2] Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson
           reliability coefficient twenty. Psychometrika 30.

    Examples
    --------
    >>> low, high = feldt_interval(0.85, 7, 89)
    >>> round(low, 6), round(high, 6)
    (0.797065, 0.893167)
    """
    one_of(convention, CONVENTIONS, "convention")
    check_level(ci_level)
    if n < 2 or k < 2:
        return math.nan, math.nan
    df2 = (n - 1) * (k - 1) if convention == "feldt_woodruff_salih" else n * (k - 1)
    tail = (1 - ci_level) / 2
    upper, lower = special.fdtri(n - 1, df2, [1 - tail, tail])
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def spearman_brown(
    items: ArrayLike | pd.DataFrame,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """The Spearman-Brown reliability of exactly two items.

    For two items it is less biased than alpha and never below it; they are equal where both
    items vary as much [1]_.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, 2)
        Answers; a respondent counts who answered both.
    weight, strata, cluster, population, ci_level, seed
        As in `cronbach_alpha`.

    Returns
    -------
    Fit
        `spearman_brown`; n respondents who answered both items. The interval of a simple sample
        is Fisher's interval of the correlation put through the formula, which rises with r
        (`fisher_z`); else `bootstrap`. Verdicts and flags as in `cronbach_alpha`.

    Raises
    ------
    SurveyError
        If there are not exactly two items.

    Notes
    -----
    2 r / (1 + r) (METHODS 2): the standardised alpha of two items. Checked against R psych 2.2
    on the mobi data.

    References
    ----------
    .. [1] Eisinga, R., te Grotenhuis, M. & Pelzer, B. (2013). The reliability of a two-item
           scale: Pearson, Cronbach, or Spearman-Brown? International Journal of Public Health 58.

    Examples
    --------
    >>> spearman_brown([[1, 2], [2, 1], [3, 3], [4, 5], [5, 4]]).value
    0.888888888888889
    """
    names, values = answers_of(items)
    if len(names) != 2:
        raise SurveyError(
            f"Spearman-Brown is for two items, and there are {len(names)}",
            expected="a table of exactly two items",
            hint="cronbach_alpha is for three items or more"
            if len(names) > 2
            else "one item alone has no reliability that its answers could show: ask a second",
        )
    design = design_of(len(values), weight, strata, cluster, population)
    return _spearman_brown(values, design, ci_level, seed or 0)


def item_statistics(
    items: ArrayLike | pd.DataFrame,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fits:
    """What each item adds: its correlation with the rest, and alpha without it.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        Answers; a respondent counts who answered all items.
    weight, strata, cluster, population, ci_level, seed
        As in `cronbach_alpha`.

    Returns
    -------
    Fits
        For each item `item_rest_r`, its correlation with the sum of the others (`negative`, flag
        `unreliable`: it runs against them), and `alpha_if_dropped`, raw alpha of the others
        (`single_item` where one is left); last `inter_item_r` of `items`, the mean correlation
        of two items. Intervals are percentiles over resampled units.

    Raises
    ------
    SurveyError
        If an answer is not a number, or there is no item.

    Notes
    -----
    Checked against R psych 2.2 on the mobi, satisfaction and bfi data.

    Examples
    --------
    >>> made = item_statistics([[5, 4, 1], [3, 3, 5], [2, 1, 4], [4, 5, 3], [1, 2, 2]])
    >>> made.only(name="item_rest_r", of="3").verdict
    'negative'
    """
    names, values = answers_of(items)
    design = design_of(len(values), weight, strata, cluster, population)
    return Fits(statistics_of(names, values, design, ci_level, seed or 0))


# -- on the rows of a design ----------------------------------------------------------------------


def of_level(values: np.ndarray, design: Design, ci_level: float, seed: int) -> Fit:
    """The reliability that fits the number of items: alpha, or Spearman-Brown for two."""
    if values.shape[1] == 2:
        return _spearman_brown(values, design, ci_level, seed)
    return _alpha(values, design, False, CONVENTIONS[0], ci_level, seed)


def statistics_of(
    names: Sequence[str], values: np.ndarray, design: Design, ci_level: float, seed: int
) -> list[Fit]:
    """The statistics of items as `item_statistics` gives them, of `names`."""
    check_level(ci_level)
    made, k = joint(values, design), len(names)
    keys = [
        *(("item_rest_r", name) for name in names),
        *(("alpha_if_dropped", name) for name in names),
        ("inter_item_r", "items"),
    ]
    needs = [range(k)] * k + [np.delete(np.arange(k), i) for i in range(k)] + [range(k)]
    found = _item_numbers(made)
    low, high = percentiles(_item_numbers(resampled(values, design, seed=seed)), ci_level)
    return [
        fit_of(
            name,
            of,
            found[place],
            (low[place], high[place]),
            made,
            method="bootstrap",
            ci_level=ci_level,
            why=why_none(values, made, design, needs[place]),
            verdict="negative" if found[place] < 0 else "",
        )
        for place, (name, of) in enumerate(keys)
    ]


def _alpha(
    values: np.ndarray,
    design: Design,
    standardised: bool,
    convention: str,
    ci_level: float,
    seed: int,
) -> Fit:
    def of_moments(made: Joint) -> np.ndarray:
        return alpha_of(made.correlation if standardised else made.covariance)

    name = "cronbach_alpha_standardised" if standardised else "cronbach_alpha"
    if standardised or not design.is_simple:
        return _reliability(name, of_moments, values, design, ci_level, seed)
    k = values.shape[1]

    def textbook(value: float, n: int) -> Interval:
        return feldt_interval(value, k, n, convention=convention, ci_level=ci_level)

    return _reliability(
        name, of_moments, values, design, ci_level, seed, textbook=textbook, method=convention
    )


def _spearman_brown(values: np.ndarray, design: Design, ci_level: float, seed: int) -> Fit:
    if not design.is_simple:
        return _reliability("spearman_brown", reliability_of, values, design, ci_level, seed)

    def textbook(value: float, n: int) -> Interval:
        return _fisher_interval(value / (2 - value), n, ci_level)

    return _reliability(
        "spearman_brown",
        reliability_of,
        values,
        design,
        ci_level,
        seed,
        textbook=textbook,
        method="fisher_z",
    )


def _reliability(
    name: str,
    of_moments: Callable[[Joint], np.ndarray],
    values: np.ndarray,
    design: Design,
    ci_level: float,
    seed: int,
    *,
    textbook: Callable[[float, int], Interval] | None = None,
    method: str = "bootstrap",
) -> Fit:
    """One coefficient of some items, with a textbook interval or that of its resamples."""
    check_level(ci_level)
    made, k = joint(values, design), values.shape[1]
    value, interval = float(of_moments(made)), (math.nan, math.nan)
    if textbook is not None:
        interval = textbook(value, made.n)
    else:
        low, high = percentiles(of_moments(resampled(values, design, seed=seed)), ci_level)
        interval = float(low), float(high)
    return fit_of(
        name,
        "items",
        value,
        interval,
        made,
        method=method,
        ci_level=ci_level,
        why=why_none(values, made, design, range(k)),
        verdict=_how_good(value, interval, made.n, k),
    )


def _how_good(value: float, interval: Interval, n: int, k: int) -> str:
    if n <= k:
        return "too_few"
    return "negative" if value < 0 else graded(interval, GOOD)


def graded(interval: Interval, line: float) -> str:
    """`good` where an interval starts at a line or above, `weak` where it ends below it.

    Otherwise, and without an interval, `undecided`: the data do not say on which side it is.
    """
    low, high = (round(float(end), 9) for end in interval)
    if low >= line:
        return "good"
    return "weak" if high < line else "undecided"


# -- formulas, with leading axes for resamples ----------------------------------------------------


def alpha_of(covariance: np.ndarray) -> np.ndarray:
    """Alpha of covariances (or correlations), shape (..., k, k); NaN where the sum is constant."""
    k = covariance.shape[-1]
    own = np.einsum("...ii->...", covariance)
    total = covariance.sum(axis=(-2, -1))
    return k / max(k - 1, 1) * (1 - own * _inverse(total, own))


def reliability_of(items: Joint) -> np.ndarray:
    """The reliability of the mean of some items: alpha of three or more, Spearman-Brown of two.

    One value for each resample of `items`; NaN for a single item, whose reliability cannot be
    seen, and for items that do not vary.
    """
    k = items.covariance.shape[-1]
    if k == 1:
        return np.full(items.covariance.shape[:-2], np.nan)
    return alpha_of(items.correlation if k == 2 else items.covariance)


def _inverse(total: np.ndarray, own: np.ndarray) -> np.ndarray:
    """1 / total; NaN where the total does not vary though its parts may."""
    return 1 / np.where(total > _NOTHING * own, total, np.nan)


def _fisher_interval(r: float, n: int, ci_level: float) -> Interval:
    """The Spearman-Brown interval of two items that correlate `r`, by Fisher's z."""
    if n < 4 or math.isnan(r) or r <= -1:
        return math.nan, math.nan
    if r >= 1:
        return 1.0, 1.0
    half = t_quantile(ci_level) / math.sqrt(n - 3)
    ends = [math.tanh(math.atanh(r) + side * half) for side in (-1, 1)]
    low, high = (2 * end / (1 + end) if end > -1 else -math.inf for end in ends)
    return low, high


def _item_numbers(made: Joint) -> np.ndarray:
    """Item-rest correlations, alphas without each item, the mean correlation: (..., 2 k + 1)."""
    covariance, variance = made.covariance, made.variance
    k = covariance.shape[-1]
    with_all = covariance.sum(axis=-1)
    total = with_all.sum(axis=-1)[..., None]
    of_rest = total - 2 * with_all + variance
    parts = variance.sum(axis=-1)[..., None]
    varies = (variance > 0) & (of_rest > _NOTHING * parts)
    spread = np.sqrt(np.where(varies, variance * of_rest, np.nan))
    item_rest = np.clip((with_all - variance) / spread, -1, 1)
    dropped = _without(of_rest, parts - variance, k - 1)
    off = ~np.eye(k, dtype=bool)
    mean_r = (
        made.correlation[..., off].mean(axis=-1) if k > 1 else np.full(total.shape[:-1], np.nan)
    )
    return np.concatenate([item_rest, dropped, mean_r[..., None]], axis=-1)


def _without(total: np.ndarray, own: np.ndarray, k: int) -> np.ndarray:
    """Alpha of the `k` items that are left, from the variances of their sum and of each."""
    if k < 2:
        return np.full(total.shape, np.nan)
    return k / (k - 1) * (1 - own * _inverse(total, own))


# -- verdicts and records -------------------------------------------------------------------------


def why_none(
    values: np.ndarray, made: Joint, design: Design, needed: Sequence[int] | np.ndarray
) -> str | None:
    """Why a number of the items at places `needed` cannot be given; None where it can."""
    if made.n == 0:
        answered = (~np.isnan(values) & (design.weight > 0)[:, None]).any(axis=0)
        return "empty_item" if answered.any() and not answered.all() else "no_answers"
    if len(needed) < 2:
        return "single_item"
    if made.n < 2:
        return "too_few"
    if not (made.variance[np.asarray(needed)] > 0).all():
        return "no_spread"
    return None


def fit_of(
    name: str,
    of: str,
    value: float,
    interval: Interval,
    made: Joint,
    *,
    method: str,
    ci_level: float,
    why: str | None,
    verdict: str,
) -> Fit:
    """The record of a number of some items under its verdict, flagged where it is doubtful.

    `why` says why there is no number; a number without an interval is one of too few answers.
    """
    bases: dict[str, Any] = {"n": made.n, "n_eff": made.n_eff, "ci_level": ci_level, "of": of}
    low, high = (float(end) for end in interval)
    if why is None and np.isnan(value):
        why = "no_spread"
    if why is not None:
        return Fit(name, math.nan, verdict=why, flags=(_NO_NUMBER.get(why, "unreliable"),), **bases)
    if np.isnan(low):
        verdict = "too_few"
    flags = ("unreliable",) if verdict in _DOUBTFUL else ()
    return Fit(name, float(value), low, high, verdict, method, flags=flags, **bases)


# -- items as they were given ---------------------------------------------------------------------


def answers_of(items: ArrayLike | pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    """The names of the items and their answers, shape (n_respondents, n_items)."""
    given = np.asarray(items, dtype=object)
    if given.ndim != 2 or not given.shape[1]:
        raise SurveyError(
            "items are not a table of answers", expected="respondents in rows, items in columns"
        )
    names = items.columns if isinstance(items, pd.DataFrame) else range(1, given.shape[1] + 1)
    return tuple(str(name) for name in names), scoring.numbers(given).reshape(given.shape)
