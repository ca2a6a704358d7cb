"""Regression on plain data: weighted least squares and the ordinal logit, with honest errors.

Where the sample is simple the errors are the textbook's; otherwise they follow from each row's
influence under the sample design, as everywhere in the kit (see `weights.variance`).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from cxkit.analysis.drivers.cumulative import Cumulative, greatest
from cxkit.analysis.drivers.importance import johnson
from cxkit.analysis.drivers.predictors import Basis, Predictors
from cxkit.analysis.intervals import t_quantile
from cxkit.analysis.joint import resampled
from cxkit.analysis.metrics import Population
from cxkit.errors import SurveyError
from cxkit.records import Estimate, Estimates, Fit, Fits
from cxkit.weights import Design, variance

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = [
    "MOST_ANSWERS",
    "Regression",
    "cumulative_logit",
    "explained",
    "least_squares",
    "ols",
    "ordinal_logit",
]

MOST_ANSWERS = 60
"""An outcome with more different answers is no ordered scale."""


def ols(
    x: ArrayLike | pd.DataFrame,
    y: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Regression:
    """Least squares: how many points the outcome differs by, per unit of each predictor.

    Among respondents who are alike on the other predictors. An association, never an effect.

    Parameters
    ----------
    x : DataFrame or array-like of float or missing, shape (n_respondents, n_predictors)
        A single predictor may be given as shape (n_respondents,).
    y : array-like of float or missing, shape (n_respondents,)
        The outcome. Respondents who lack it or any predictor leave the base (listwise).
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Of the bootstrap that gives R2 its interval; a fixed seed if none.

    Returns
    -------
    Regression
        A `slope` for each predictor, with `.table`, `.r2` and `.r2_adjusted`. Data that carry
        no such model give NaN, flagged, and `.verdict` says why (as `relative_importance`).

    Raises
    ------
    SurveyError
        If an answer is not a number or lengths differ.

    Notes
    -----
    b = (X'WX)^-1 X'Wy. Simple samples: s2 (X'X)^-1 and Student's t with n - k - 1 degrees of
    freedom. Others: the linearised variance of the influences (X'WX)^-1 x_i w_i e_i, and
    Student's t with (units - strata) - k degrees of freedom, as R survey's svyglm [1]_.
    Adjusted R2 = 1 - (1 - R2)(n - 1)/(n - k - 1). Checked against R on the mobi, satisfaction,
    bfi, airline and apistrat data.

    References
    ----------
    .. [1] Lumley, T. (2010). Complex Surveys. Wiley.

    Examples
    --------
    >>> made = ols([1, 2, 3, 4, 5], [2, 4, 5, 4, 5])
    >>> made[0], round(made.r2.value, 3)
    (Estimate(0.6, ci=(-0.3, 1.5), n=5), 0.6)
    """
    given = Predictors.read(x, y, weight, strata, cluster, population)
    basis = given.basis(ci_level, given.why)
    if given.why:
        return least_squares(given, basis)
    drawn = resampled(given.values, given.design, seed=seed or 0).correlation
    return least_squares(given, basis, drawn)


def explained(
    basis: Basis, correlation: np.ndarray, drawn: np.ndarray | None = None, *, of: str
) -> tuple[Fit, Fit]:
    """R2 and adjusted R2 of correlations (the outcome last), with intervals from those `drawn`."""
    n, k = basis.n, correlation.shape[-1] - 1
    whole = johnson(correlation).sum(axis=-1)
    draws = None if drawn is None else johnson(drawn).sum(axis=-1)
    adjusted = None if draws is None else _adjusted(draws, n, k)
    return (
        basis.explained("r2", whole, draws, of=of),
        basis.explained("r2_adjusted", _adjusted(whole, n, k), adjusted, of=of, least=-math.inf),
    )


def ordinal_logit(
    x: ArrayLike | pd.DataFrame,
    y: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Regression:
    """The cumulative (proportional odds) logit: log odds of a higher answer, per unit.

    For outcomes that are ordered answers, whose distances mean nothing.

    Parameters
    ----------
    x, weight, strata, cluster, population, ci_level
        As in `ols`.
    y : array-like of float or missing, shape (n_respondents,)
        Ordered answers as numbers, higher meaning more. Answers that nobody gave are no
        category; two different ones are enough.
    seed : int, optional
        Not used: nothing is drawn.

    Returns
    -------
    Regression
        `log_odds` for each predictor, and a `threshold` between answers that follow each
        other. Data that carry no such model give NaN, flagged; `.verdict` says why: as `ols`,
        `separated` where a predictor parts the answers perfectly (there is no finite slope),
        or `not_converged`.

    Raises
    ------
    SurveyError
        If an answer is not a number, or y has more than 60 different answers.

    Notes
    -----
    logit P(y <= j) = threshold_j - x'b, weighted maximum likelihood by Newton's method with
    analytic first and second derivatives. Simple samples: errors from the information matrix
    and normal intervals; others: linearised, as R survey's svyolr. Checked against R's
    ordinal::clm on the satisfaction data and survey's svyolr on bfi.

    References
    ----------
    .. [1] McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal
           Statistical Society B 42.

    Examples
    --------
    >>> made = ordinal_logit([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 2, 3, 2, 3, 3])
    >>> made[0].metric, round(made[0].estimate, 3), made.thresholds["of"].tolist()
    ('log_odds', 1.198, ['1|2', '2|3'])
    """
    given = Predictors.read(x, y, weight, strata, cluster, population)
    return cumulative_logit(given, given.basis(ci_level, given.why))


class Regression(Estimates):
    """The slopes of a regression, and what stands beside them.

    Attributes
    ----------
    thresholds : Estimates
        The intercept, or the thresholds between ordered answers.
    table : pandas.DataFrame
        A row a term (intercept or thresholds first): estimate, se, t, p, ci_low, ci_high, and
        for least squares beta (per standard deviation) and vif (variance inflation).
    r2, r2_adjusted : Fit
        Of least squares, with bootstrap intervals; without a value in an ordinal logit.
    log_likelihood : float
        Of an ordinal logit, weights with a mean of 1; NaN in least squares.
    df : float
        Degrees of freedom of t; infinite where the errors are normal.
    verdict : str
        Why there are no numbers; empty where there are.
    """

    def __init__(
        self,
        records: Iterable[Estimate],
        *,
        context: Mapping[str, Any] | None = None,
        is_published: bool = False,
        thresholds: Estimates | None = None,
        table: pd.DataFrame | None = None,
        fits: tuple[Fit, Fit] | None = None,
        log_likelihood: float = math.nan,
        df: float = math.nan,
        verdict: str = "",
    ) -> None:
        super().__init__(records, context=context, is_published=is_published)
        none = Estimates((), context=self.context, is_published=is_published)
        empty = tuple(Fit(name, math.nan, unit="share") for name in ("r2", "r2_adjusted"))
        self.thresholds = none if thresholds is None else thresholds
        self.table = table
        self.r2, self.r2_adjusted = fits or empty
        self.log_likelihood = log_likelihood
        self.df = df
        self.verdict = verdict

    @property
    def slopes(self) -> Estimates:
        """The slopes alone."""
        return self._of(self)

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Regression:
        """The same numbers as a reader may see them; the table is for analysts and left out."""
        limits: dict[str, Any] = {"min_base": min_base, "warn_base": warn_base, "min_n": min_n}
        fits = Fits([self.r2, self.r2_adjusted], context=self.context).published(**limits)
        return Regression(
            super().published(**limits),
            context=self.context,
            is_published=True,
            thresholds=self.thresholds.published(**limits),
            fits=(fits[0], fits[1]),
            df=self.df,
            verdict=self.verdict,
        )

    def _of(self, records: Iterable[Any]) -> Estimates:
        """Some of its records, without what stands beside them."""
        return Estimates(records, context=self.context, is_published=self.is_published)


# -- from a fit to records -------------------------------------------------------------------------

_METHODS = {
    "ols": ("ols_t", "linearised_t"),
    "ordinal_logit": ("maximum_likelihood", "linearised_t"),
}
"""How the intervals are made: in a simple sample, in any other."""


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The terms of a model, intercepts before slopes, with the errors of a simple sample."""

    metrics: tuple[str, str]
    methods: tuple[str, str]
    intercepts: tuple[str, ...]
    values: np.ndarray
    variances: np.ndarray
    influence: np.ndarray
    df: float
    log_likelihood: float = math.nan

    def under(self, design: Design) -> _Fitted:
        """The same with the errors that go with the design, where it is not simple."""
        if design.is_simple:
            return self
        k = len(self.values) - len(self.intercepts)
        variances = np.array([variance(column, design) for column in self.influence.T])
        df = float(design.df - k)
        return dataclasses.replace(self, variances=variances, df=df, methods=self.methods[::-1])


def _regression(
    basis: Basis,
    given: Predictors,
    fitted: _Fitted,
    fits: tuple[Fit, Fit] | None = None,
    **columns: np.ndarray,
) -> Regression:
    import pandas as pd

    one = fitted.under(given.design)
    se = np.sqrt(one.variances) if one.df > 0 else np.full(len(one.values), math.nan)
    t = np.divide(one.values, se, out=np.full(len(se), math.nan), where=se > 0)
    p = 2 * (special.ndtr(-abs(t)) if math.isinf(one.df) else special.stdtr(one.df, -abs(t)))
    half = t_quantile(basis.ci_level, one.df) * se
    low, high = one.values - half, one.values + half
    m = len(one.intercepts)
    table = pd.DataFrame(
        {"estimate": one.values, "se": se, "t": t, "p": p, "ci_low": low, "ci_high": high}
        | columns,
        index=pd.Index([*one.intercepts, *basis.names], name="term"),
    )
    unit: dict[str, Any] = {"unit": "scale", "method": one.methods[0]}
    ends = (one.values[m:], low[m:], high[m:])
    first = (one.values[:m], low[:m], high[:m])
    return Regression(
        basis.estimates(one.metrics[0], *ends, **unit),
        context=basis.context,
        thresholds=dataclasses.replace(basis, names=one.intercepts).estimates(
            one.metrics[1], *first, **unit
        ),
        table=table,
        fits=fits,
        log_likelihood=one.log_likelihood,
        df=one.df,
    )


def _without_numbers(
    basis: Basis, given: Predictors, metrics: tuple[str, str], methods: tuple[str, str]
) -> Regression:
    import pandas as pd

    columns = ["estimate", "se", "t", "p", "ci_low", "ci_high"]
    method = methods[0 if given.design.is_simple else 1]
    nothing = np.full(given.k, math.nan)
    return Regression(
        basis.estimates(metrics[0], nothing, unit="scale", method=method),
        context=basis.context,
        table=pd.DataFrame(math.nan, pd.Index(basis.names, name="term"), columns),
        fits=(
            basis.explained("r2", math.nan, of=given.outcome),
            basis.explained("r2_adjusted", math.nan, of=given.outcome),
        ),
        verdict=basis.why or "",
    )


# -- least squares ---------------------------------------------------------------------------------


def least_squares(given: Predictors, basis: Basis, drawn: np.ndarray | None = None) -> Regression:
    """Least squares of what was read, in records of `basis`.

    `drawn` are resampled correlations of its values, which give R2 an interval.
    """
    if basis.why:
        return _without_numbers(basis, given, ("slope", "intercept"), _METHODS["ols"])
    made, k = given.moments, given.k
    fitted = _least_squares(given)
    sd = np.sqrt(made.variance)
    return _regression(
        basis,
        given,
        fitted,
        explained(basis, made.correlation, drawn, of=given.outcome),
        beta=np.append(math.nan, fitted.values[1:] * sd[:k] / sd[k]),
        vif=np.append(math.nan, np.diag(np.linalg.inv(made.correlation[:k, :k]))),
    )


def _least_squares(given: Predictors) -> _Fitted:
    """On predictors and outcome taken from their means; the intercept is moved back."""
    k, n, kept = given.k, given.moments.n, given.complete
    mean = given.moments.mean
    share = np.where(kept, given.design.weight, 0.0)
    share = share / share.sum()
    off = np.where(kept[:, None], given.values - mean, 0.0)
    x, y = off[:, :k], off[:, k]
    inverse = np.linalg.inv(x.T @ (share[:, None] * x))
    slopes = inverse @ (x.T @ (share * y))
    residual = np.where(kept, y - x @ slopes, 0.0)
    influence = share[:, None] * residual[:, None] * (x @ inverse)
    at_mean = share * residual
    spread = float((share * residual**2).sum()) * n / (n - k - 1)
    of_slopes = spread / n * inverse
    of_intercept = spread / n + mean[:k] @ of_slopes @ mean[:k]
    return _Fitted(
        metrics=("slope", "intercept"),
        methods=_METHODS["ols"],
        intercepts=("intercept",),
        values=np.append(mean[k] - mean[:k] @ slopes, slopes),
        variances=np.append(of_intercept, np.diag(of_slopes)),
        influence=np.column_stack([at_mean - influence @ mean[:k], influence]),
        df=float(n - k - 1),
    )


def _adjusted(r2: Any, n: float, k: int) -> Any:
    return 1 - (1 - r2) * (n - 1) / (n - k - 1)


# -- ordinal logit ---------------------------------------------------------------------------------


def cumulative_logit(given: Predictors, basis: Basis) -> Regression:
    """The ordinal logit of what was read, in records of `basis`."""
    answers = np.unique(given.y[given.complete])
    if len(answers) > MOST_ANSWERS:
        raise SurveyError(
            f"the outcome has {len(answers)} different answers",
            expected=f"ordered answers, at most {MOST_ANSWERS}",
            hint="use ols for amounts and scores",
        )
    is_small = 0 < given.moments.n < given.k + len(answers)
    why = "too_few" if is_small else basis.why
    found = why or _maximum_likelihood(given, answers)
    if isinstance(found, str):
        without = dataclasses.replace(basis, why=found)
        metrics = ("log_odds", "threshold")
        return _without_numbers(without, given, metrics, _METHODS["ordinal_logit"])
    return _regression(basis, given, found)


def _maximum_likelihood(given: Predictors, answers: np.ndarray) -> _Fitted | str:
    """The fit on standardised predictors, moved back; or why there is none."""
    kept, k = given.complete, given.k
    mean, sd = given.moments.mean[:k], np.sqrt(given.moments.variance[:k])
    weight = given.design.weight[kept] / given.design.weight[kept].mean()
    place = np.searchsorted(answers, given.y[kept])
    model = Cumulative((given.x[kept] - mean) / sd, place, weight, len(answers) - 1)
    found = greatest(model)
    if isinstance(found, str):
        return found
    point, m = found, len(answers) - 1
    level, _, score, information = model.at(point)
    inverse = np.linalg.inv(information)
    # thresholds of raw predictors: those of standardised ones, moved by what the means add
    back = np.eye(m + k)
    back[m:, m:] = np.diag(1 / sd)
    back[:m, m:] = mean / sd
    influence = np.zeros((len(kept), m + k))
    influence[kept] = score @ inverse @ back.T
    return _Fitted(
        metrics=("log_odds", "threshold"),
        methods=_METHODS["ordinal_logit"],
        intercepts=tuple(f"{a:g}|{b:g}" for a, b in itertools.pairwise(answers)),
        values=back @ point,
        variances=np.einsum("ij,jk,ik->i", back, inverse, back),
        influence=influence,
        df=math.inf,
        log_likelihood=level,
    )
