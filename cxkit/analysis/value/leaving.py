"""What goes with leaving: the logit of who left, and the rate of leaving month by month.

Both are maximum likelihood by statsmodels' GLM; where the sample is not simple, errors follow
from each respondent's influence under the sample design, as everywhere in the kit.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis.drivers.predictors import Basis, Predictors
from cxkit.analysis.intervals import t_quantile
from cxkit.analysis.metrics import Population
from cxkit.analysis.value.survival import followed
from cxkit.errors import SurveyError
from cxkit.records import Estimates
from cxkit.weights import variance

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["hazards", "hazards_of_leaving", "odds", "odds_of_leaving"]

_MOST_INTERVALS = 24
"""So many intervals of time have a rate of their own; more months are taken together."""

_FARTHEST = 12.0
"""A slope per standard deviation beyond this parts those who left from the others perfectly."""


def odds_of_leaving(
    x: ArrayLike | pd.DataFrame,
    left: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimates:
    """Odds ratios of leaving, per unit of each predictor, where all were followed as long.

    Among respondents who are alike on the other predictors: an association, never an effect.

    Parameters
    ----------
    x : DataFrame or array-like of float or missing, shape (n_respondents, n_predictors)
        A single predictor may be given as shape (n_respondents,).
    left : array-like of 0, 1 or missing, shape (n_respondents,)
        1 for those who left. Who lacks it or any predictor leaves the base (listwise).
    weight, strata, cluster, population, ci_level
        As in `ols`.
    seed : int, optional
        Not used: nothing is drawn.

    Returns
    -------
    Estimates
        `odds_ratio` of each predictor; above 1 where more of it goes with leaving. Data that
        carry no such model give NaN, flagged `unreliable`, and `method` says why: `no_spread`
        (nobody left, everybody did, or a predictor does not vary), `too_few`, `collinear`,
        `separated` or `not_converged`.

    Raises
    ------
    SurveyError
        If `left` holds anything but 0 and 1, or lengths differ.

    Notes
    -----
    Weighted maximum likelihood of logit P(left) by statsmodels' GLM. Simple samples: errors from
    the information matrix, normal intervals; others: linearised, Student's t with (units - strata)
    - k degrees of freedom, as R survey's svyglm. Checked against R's glm and svyglm.

    References
    ----------
    .. [1] Lumley, T. (2010). Complex Surveys. Wiley.

    Examples
    --------
    >>> made = odds_of_leaving([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 0, 1, 0, 0])
    >>> round(made[0].estimate, 3)
    0.552
    """
    _, gone = followed(np.zeros(np.size(left)), left)
    given = Predictors.read(x, gone, weight, strata, cluster, population)
    return odds(given, given.basis(ci_level, given.why))


def hazards_of_leaving(
    x: ArrayLike | pd.DataFrame,
    months: ArrayLike,
    left: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimates:
    """Ratios of the rate of leaving, per unit of each predictor, however long each was followed.

    Cox's proportional hazards for times that are told in whole months.

    Parameters
    ----------
    x, weight, strata, cluster, population, ci_level, seed
        As in `odds_of_leaving`.
    months : array-like of float or missing, shape (n_respondents,)
        How long each was followed: until leaving, or until last seen. A part of a month counts
        as a month.
    left : array-like of 0, 1 or missing, shape (n_respondents,)
        1 for those who left at `months`, 0 for those still there.

    Returns
    -------
    Estimates
        `hazard_ratio` of each predictor, else as in `odds_of_leaving`.

    Raises
    ------
    SurveyError
        If `left` holds anything but 0 and 1, `months` a negative number, or lengths differ.

    Notes
    -----
    Every month that somebody was followed is a row that ends with leaving or not, with a rate of
    its own for each month: a complementary log-log GLM of these rows is the likelihood of Cox's
    model for grouped times [1]_, whatever the ties. More than 24 months in which somebody left are
    taken together. Errors as in `odds_of_leaving`, with the rows of a person summed. Checked
    against R's svyglm and, with times that have no ties, against Cox's own.

    References
    ----------
    .. [1] Prentice, R. L. & Gloeckler, L. A. (1978). Regression analysis of grouped survival
           data. Biometrics 34.

    Examples
    --------
    >>> made = hazards_of_leaving([1, 2, 3, 4, 5, 6], [1, 2, 2, 1, 3, 3], [1, 1, 0, 1, 1, 0])
    >>> made[0].metric, made[0].estimate < 1
    ('hazard_ratio', True)
    """
    told, gone = followed(months, left)
    given = Predictors.read(x, gone, weight, strata, cluster, population)
    return hazards(given, given.basis(ci_level, given.why), told)


def odds(given: Predictors, basis: Basis) -> Estimates:
    """Odds ratios of what was read, in records of `basis`."""
    rows = np.flatnonzero(given.complete)
    return _ratios(given, basis, rows, np.ones((len(rows), 1)), "Logit", "odds_ratio")


def hazards(given: Predictors, basis: Basis, months: np.ndarray) -> Estimates:
    """Hazard ratios of what was read, in records of `basis`; `months` of each row."""
    kept = np.flatnonzero(given.complete)
    if len(months) != len(given.y):
        raise SurveyError(
            f"there are {len(months)} months and {len(given.y)} rows",
            expected="months of every respondent",
        )
    until = np.maximum(np.ceil(months[kept]), 1)
    ends = _intervals(until, given.y[kept] == 1)
    last = np.searchsorted(ends, until)  # the interval in which each was last seen
    is_gone = given.y[kept] == 1
    n_lived = np.where(is_gone, last + 1, np.searchsorted(ends, until, side="right"))
    n_lived = np.minimum(n_lived, len(ends))
    rows = np.repeat(kept, n_lived)
    starts = np.repeat(np.cumsum(n_lived) - n_lived, n_lived)
    place = np.arange(len(rows)) - starts
    months_of = np.eye(len(ends))[place] if len(ends) else np.zeros((0, 0))
    is_event = np.repeat(is_gone, n_lived) & (place == np.repeat(last, n_lived))
    return _ratios(given, basis, rows, months_of, "CLogLog", "hazard_ratio", is_event)


def _intervals(until: np.ndarray, is_gone: np.ndarray) -> np.ndarray:
    """The ends of the intervals of time: the months in which somebody left, few enough."""
    ends = np.unique(until[is_gone])
    if len(ends) <= _MOST_INTERVALS:
        return ends
    at = np.linspace(0, 1, _MOST_INTERVALS + 1)[1:]
    return np.unique(np.quantile(until[is_gone], at, method="higher"))


@dataclass(frozen=True, eq=False)
class _Found:
    """Slopes with their errors, and the degrees of freedom of these."""

    slopes: np.ndarray
    se: np.ndarray
    df: float
    method: str


def _ratios(
    given: Predictors,
    basis: Basis,
    rows: np.ndarray,
    times: np.ndarray,
    link: str,
    metric: str,
    is_event: np.ndarray | None = None,
) -> Estimates:
    """Ratios from a binomial GLM whose rows are those of `given` that are named, maybe often."""
    import dataclasses

    y = given.y[rows] if is_event is None else is_event.astype(float)
    found: _Found | str = basis.why or _fitted(given, rows, times, y, link)
    if isinstance(found, str):
        empty = dataclasses.replace(basis, why=found)
        nothing = np.full(given.k, np.nan)
        return empty.estimates(metric, nothing, unit="scale", method=found)
    half = t_quantile(basis.ci_level, found.df) * found.se
    ends = (found.slopes, found.slopes - half, found.slopes + half)
    return basis.estimates(
        metric, *(np.exp(end) for end in ends), unit="scale", method=found.method
    )


def _fitted(
    given: Predictors, rows: np.ndarray, times: np.ndarray, y: np.ndarray, link: str
) -> _Found | str:
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    k = given.k
    if len(np.unique(y)) < 2:
        return "no_spread"
    if (given.y[np.unique(rows)] == 1).sum() < k + 1:
        return "too_few"
    mean, sd = given.moments.mean[:k], np.sqrt(given.moments.variance[:k])
    x = np.column_stack([times, (given.x[rows] - mean) / sd])
    weight = given.design.weight / given.design.weight[given.complete].mean()
    family = families.Binomial(link=getattr(families.links, link)())
    model = GLM(y, x, family=family, var_weights=weight[rows])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        made: Any = model.fit(maxiter=50, tol=1e-9)
    if not np.all(np.isfinite(made.params)):
        return "not_converged"
    if np.max(np.abs(made.params[-k:])) > _FARTHEST:
        return "separated"
    if not made.converged:
        return "not_converged"
    return _with_errors(given, rows, x, made, sd, weight)


def _with_errors(
    given: Predictors,
    rows: np.ndarray,
    x: np.ndarray,
    made: Any,
    sd: np.ndarray,
    weight: np.ndarray,
) -> _Found | str:
    """The slopes per unit of the predictors; errors of the information, or of the design."""
    k, family = given.k, made.model.family
    mu = np.asarray(made.fittedvalues)
    slope = 1 / family.link.deriv(mu)  # of mu by the linear predictor
    inside = slope / family.variance(mu)
    information = x.T @ ((weight[rows] * slope * inside)[:, None] * x)
    if np.linalg.cond(information) > 1e12:
        return "collinear"
    inverse = np.linalg.inv(information)
    slopes = np.asarray(made.params)[-k:] / sd
    if given.design.is_simple:
        se = np.sqrt(np.diag(inverse))[-k:] / sd
        return _Found(slopes, se, float("inf"), "maximum_likelihood")
    score = (weight[rows] * (made.model.endog - mu) * inside)[:, None] * x
    at_rows = score @ inverse[:, -k:] / sd
    influence = np.zeros((len(given.y), k))
    np.add.at(influence, rows, at_rows)
    df = float(given.design.df - k)
    if df < 1:
        return "too_few"
    variances = [variance(column, given.design) for column in influence.T]
    return _Found(slopes, np.sqrt(variances), df, "linearised_glm")
