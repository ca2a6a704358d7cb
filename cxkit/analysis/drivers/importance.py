"""How much of what is explained goes with each predictor: LMG and Johnson's relative weights.

`lmg` and `johnson` work on correlations (of one sample or of many resamples at once),
`relative_importance` on plain data, with bootstrap intervals for shares and ranks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis.drivers.predictors import Basis, Predictors
from cxkit.analysis.joint import resampled
from cxkit.analysis.metrics import Population
from cxkit.errors import SurveyError, one_of
from cxkit.records import Estimate, Estimates, Fit
from cxkit.weights import N_RESAMPLES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = [
    "MOST_PREDICTORS",
    "Importance",
    "ahead",
    "ahead_records",
    "first",
    "importance_of",
    "johnson",
    "lmg",
    "rank_records",
    "ranks",
    "relative_importance",
    "shares",
]

MOST_PREDICTORS = 16
"""LMG looks at every set of predictors: of so many there are 65,536 sets."""

_REDUNDANT = 1e-10
"""A predictor with a smaller part of its own adds nothing to those before it."""

_AT_ONCE = 2_000_000
"""How many R2 of sets and resamples are held in memory at a time."""


def relative_importance(
    x: ArrayLike | pd.DataFrame,
    y: ArrayLike,
    *,
    method: str = "lmg",
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Importance:
    """The part of the explained variation that goes with each predictor, in units of R2.

    The parts add up to R2. They describe association among these predictors: they are no
    effects, and a predictor that is measured more reliably gets more (METHODS 22.4).

    Parameters
    ----------
    x : DataFrame or array-like of float or missing, shape (n_respondents, n_predictors)
        At most 16 predictors. A single one may be given as shape (n_respondents,).
    y : array-like of float or missing, shape (n_respondents,)
        The outcome. Respondents who lack it or any predictor leave the base (listwise).
    method : {"lmg", "johnson"}, default "lmg"
        LMG averages the rise in R2 over all orders of the predictors (Shapley's value);
        Johnson's relative weights go by way of uncorrelated stand-ins.
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Of the bootstrap; a fixed seed if none.

    Returns
    -------
    Importance
        An estimate for each predictor, with `.r2`, `.shares`, `.ranks` and `.ahead`. Data that
        carry no such model give NaN, flagged, and `.r2.verdict` says why: `no_answers`,
        `too_few`, `no_spread`, `made_of` (a predictor is the outcome itself) or `collinear`.

    Raises
    ------
    SurveyError
        If there are more than 16 predictors, lengths differ, or the method is unknown.

    Notes
    -----
    LMG of j: the mean over all orders of R2(those before j, and j) - R2(those before j), from
    the exact R2 of all 2^k sets [1]_. Johnson: R_xx = V D V', L = V D^(1/2) V', b = L^-1 r_xy,
    weight of j = sum_k L_jk^2 b_k^2 [2]_. Percentile intervals over 2,000 resamples of the
    sampling units; that of R2 is freed of the resamples' excess. Checked against R on the mobi,
    satisfaction, bfi, sfo and airline data.

    References
    ----------
    .. [1] Groemping, U. (2006). Relative importance for linear regression in R: the package
           relaimpo. Journal of Statistical Software 17(1).
    .. [2] Johnson, J. W. (2000). A heuristic method for estimating the relative weight of
           predictor variables in multiple regression. Multivariate Behavioral Research 35.

    Examples
    --------
    >>> x = [[1, 2], [2, 1], [3, 5], [4, 3], [5, 6], [6, 4]]
    >>> made = relative_importance(x, [1, 2, 4, 3, 6, 5])
    >>> made["estimate"].round(3).tolist(), round(made.r2.value, 3)
    ([0.473, 0.473], 0.947)
    """
    part_of = _known(method)
    given = Predictors.read(x, y, weight, strata, cluster, population)
    if given.k > MOST_PREDICTORS:
        raise SurveyError(
            f"there are {given.k} predictors",
            expected=f"at most {MOST_PREDICTORS}",
            hint="take the scores of levels instead of single items",
        )
    basis = given.basis(ci_level, given.why)
    if given.why:
        nothing = np.full(given.k, math.nan)
        return importance_of(basis, nothing, nothing[None], of=given.outcome, method=method)
    made = given.moments
    sd = np.sqrt(made.variance)
    # In an order of their own, so that the resamples do not hang on how the columns came.
    order = np.argsort(made.correlation[:-1, -1], kind="stable")
    columns = [*order, given.k]
    scaled = (given.values - made.mean) / sd
    drawn = resampled(scaled[:, columns], given.design, seed=seed or 0)
    parts = np.empty((N_RESAMPLES, given.k))
    parts[:, order] = part_of(drawn.correlation)
    return importance_of(basis, part_of(made.correlation), parts, of=given.outcome, method=method)


class Importance(Estimates):
    """The importance of each predictor in units of R2, and what follows from its resamples.

    Attributes
    ----------
    r2 : Fit
        What all predictors explain together; `verdict` says why there are no numbers, if so.
    shares : Estimates
        Metric `link_share`: each part over R2, so that they add up to 1.
    ranks : Estimates
        Metric `rank` (1 for the largest part, with the interval of the rank) and
        `chance_first` (in how many of the resamples it comes first).
    ahead : Estimates
        Metric `chance_ahead` for each pair: in how many resamples the predictor lies ahead of
        the one that `by["than"]` names.
    """

    def __init__(
        self,
        records: Iterable[Estimate],
        *,
        context: Mapping[str, Any] | None = None,
        is_published: bool = False,
        r2: Fit | None = None,
        shares: Estimates | None = None,
        ranks: Estimates | None = None,
        ahead: Estimates | None = None,
    ) -> None:
        super().__init__(records, context=context, is_published=is_published)
        none = Estimates((), context=self.context, is_published=is_published)
        self.r2 = Fit("r2", math.nan, unit="share") if r2 is None else r2
        self.shares = none if shares is None else shares
        self.ranks = none if ranks is None else ranks
        self.ahead = none if ahead is None else ahead

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Importance:
        """The same numbers as a reader may see them."""
        from cxkit.records import Fits

        limits: dict[str, Any] = {"min_base": min_base, "warn_base": warn_base, "min_n": min_n}
        (r2,) = Fits([self.r2], context=self.context).published(**limits)
        return Importance(
            super().published(**limits),
            context=self.context,
            is_published=True,
            r2=r2,
            shares=self.shares.published(**limits),
            ranks=self.ranks.published(**limits),
            ahead=self.ahead.published(**limits),
        )

    def _of(self, records: Iterable[Any]) -> Estimates:
        """Some of its records, whose parts do not add up any more."""
        return Estimates(records, context=self.context, is_published=self.is_published)


def importance_of(
    basis: Basis, parts: np.ndarray, drawn: np.ndarray, *, of: str, method: str
) -> Importance:
    """The records of `parts`, shape (k,), with their resamples `drawn`, shape (n_resamples, k)."""
    named = f"{method}_bootstrap"
    return Importance(
        basis.percentiles(method, parts, drawn, method=named),
        context=basis.context,
        r2=basis.explained("r2", parts.sum(), drawn.sum(axis=1), of=of),
        shares=basis.percentiles("link_share", shares(parts), shares(drawn), method=named),
        ranks=rank_records(basis, parts, drawn, named),
        ahead=ahead_records(basis, drawn, named),
    )


def rank_records(basis: Basis, parts: np.ndarray, drawn: np.ndarray, method: str) -> Estimates:
    """The rank of each part with its interval, and the chance of coming first."""
    tail = (1 - basis.ci_level) / 2
    found = ranks(drawn)
    low = np.quantile(found, tail, axis=0, method="lower")
    high = np.quantile(found, 1 - tail, axis=0, method="higher")
    return basis.estimates(
        "rank", ranks(parts), low, high, unit="count", method=method
    ) + basis.estimates("chance_first", first(drawn), method=method)


def ahead_records(basis: Basis, drawn: np.ndarray, method: str) -> Estimates:
    """The chance that one part is larger than another, for all pairs."""
    chances = ahead(drawn)
    tables = [
        basis.estimates("chance_ahead", chances[:, j], method=method, by={"than": short(other)})
        for j, other in enumerate(basis.names)
    ]
    pairs = [
        one for row in zip(*tables, strict=True) for one in row if short(one.of) != one.by["than"]
    ]
    return Estimates(pairs, context=basis.context)


def short(of: str) -> str:
    """What a record is of, without its kind: `trust` for `level:trust`."""
    return of.rpartition(":")[2]


# -- on correlations -------------------------------------------------------------------------------


def lmg(correlation: np.ndarray) -> np.ndarray:
    """LMG from correlations, shape (..., k + 1, k + 1), the outcome last; shape (..., k).

    A predictor without variance (NaN) gets nothing, nor does one that follows from those
    before it; an outcome without variance gives NaN.

    Examples
    --------
    >>> lmg(np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]])).round(4).tolist()
    [0.36, 0.09]
    """
    k = correlation.shape[-1] - 1
    flat = correlation.reshape(-1, k + 1, k + 1)
    step = max(_AT_ONCE >> k, 1)
    weights = _shapley(k)
    made = [weights @ _r2_of_sets(flat[at : at + step]) for at in range(0, len(flat), step)]
    parts = np.hstack(made).T if made else np.empty((0, k))
    return np.maximum(parts, 0.0).reshape(*correlation.shape[:-2], k)


def johnson(correlation: np.ndarray) -> np.ndarray:
    """Johnson's relative weights from correlations, as `lmg` takes and gives them.

    Examples
    --------
    >>> johnson(np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.3], [0.6, 0.3, 1.0]])).round(4).tolist()
    [0.315, 0.045]
    """
    k = correlation.shape[-1] - 1
    own = np.isfinite(correlation[..., -1, -1:])
    among = np.nan_to_num(correlation[..., :k, :k])
    given = np.nan_to_num(correlation[..., :k, k])
    values, vectors = np.linalg.eigh(among)
    is_real = values > _REDUNDANT
    root = np.sqrt(np.where(is_real, values, 0.0))
    inverse = np.where(is_real, 1 / np.where(is_real, root, 1.0), 0.0)
    turned = np.einsum("...ik,...i->...k", vectors, given)
    beta = np.einsum("...ik,...k->...i", vectors, inverse * turned)
    half = np.einsum("...ik,...k,...jk->...ij", vectors, root, vectors)
    parts = np.einsum("...ij,...j->...i", half**2, beta**2)
    return np.where(own, parts, np.nan)


def shares(parts: np.ndarray) -> np.ndarray:
    """Parts over their sum; NaN where nothing is explained."""
    total = parts.sum(axis=-1, keepdims=True)
    return parts / np.where(total > 0, total, np.nan)


def ranks(parts: np.ndarray) -> np.ndarray:
    """The rank of each part along the last axis, 1 for the largest; ties share the better one."""
    return 1 + (parts[..., None, :] > parts[..., :, None]).sum(axis=-1)


def first(drawn: np.ndarray) -> np.ndarray:
    """In how many of the resamples (first axis) each part is the largest; a tie is split."""
    is_top = drawn == drawn.max(axis=-1, keepdims=True)
    n_top = np.maximum(is_top.sum(axis=-1, keepdims=True), 1)
    return (is_top / n_top).mean(axis=0)


def ahead(drawn: np.ndarray) -> np.ndarray:
    """In how many of the resamples each part is larger than each other; a tie counts half."""
    one, other = drawn[:, :, None], drawn[:, None, :]
    return (one > other).mean(axis=0) + 0.5 * (one == other).mean(axis=0)


def _r2_of_sets(correlation: np.ndarray) -> np.ndarray:
    """R2 of every set of predictors, shape (2^k, n); set s holds predictor j if s has bit j.

    One predictor after the other is either left out or swept out of all that remain, so that
    the work of a set is shared by all sets that hold it.
    """
    left = np.moveaxis(np.nan_to_num(correlation), 0, -1)[None]
    while left.shape[1] > 1:
        row, rest = left[:, 0, 1:], left[:, 1:, 1:]
        pivot = left[:, 0, 0]
        is_own = pivot > _REDUNDANT
        slope = np.where(is_own[:, None], row, 0.0) / np.where(is_own, pivot, 1.0)[:, None]
        left = np.concatenate([rest, rest - slope[:, :, None] * row[:, None, :]])
    return np.where(np.isfinite(correlation[:, -1, -1]), 1 - left[:, 0, 0], np.nan)


def _shapley(k: int) -> np.ndarray:
    """How R2 of every set enters the average rise of each predictor, shape (k, 2^k)."""
    sets = np.arange(2**k)
    size = np.array([int(one).bit_count() for one in sets])
    before = np.array(
        [math.factorial(s) * math.factorial(k - s - 1) / math.factorial(k) for s in range(k)]
    )
    has = (sets[None, :] >> np.arange(k)[:, None]) & 1 == 1
    joined = before[np.maximum(size - 1, 0)]
    without = before[np.minimum(size, k - 1)]
    return np.where(has, joined, -without)


PARTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"lmg": lmg, "johnson": johnson}
"""How R2 may be divided among predictors."""


def _known(method: str) -> Callable[[np.ndarray], np.ndarray]:
    one_of(method, PARTS, "method")
    return PARTS[method]
