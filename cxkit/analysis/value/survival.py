"""Who is still there after so many months: the Kaplan-Meier curve, with design-based intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level, t_quantile, wilson_interval
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError
from cxkit.records import NAN, Estimate, Estimates
from cxkit.weights import Design, effective_base, variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Curve", "followed", "kaplan_meier", "survival_curve"]


def kaplan_meier(
    months: ArrayLike,
    left: ArrayLike,
    *,
    at: Iterable[float] | None = None,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimates:
    """The share still there after so many months, 0 to 1, where not all were followed as long.

    Parameters
    ----------
    months : array-like of float or missing, shape (n_respondents,)
        How long each was followed: until leaving, or until last seen. Zero or more.
    left : array-like of 0, 1 or missing, shape (n_respondents,)
        1 for those who left at `months`, 0 for those still there. Who lacks either leaves the
        base.
    at : iterable of float, optional
        The months to tell of; if none, every month in which somebody left.
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Not used: these intervals have a formula.

    Returns
    -------
    Estimates
        `retained` of each month (`by_month`); `n` counts those still followed just before it. A
        month that nobody was followed to is flagged `not_measured`.

    Raises
    ------
    SurveyError
        If `left` holds anything but 0 and 1, `months` a negative number, or lengths differ.

    Notes
    -----
    S(t) = product over months u <= t of (1 - d_u / Y_u), with the weights of those who left at u
    and of those followed to u. The linearised variable of log S(t) is the sum over u <= t of
    w (left at u - (followed to u) d_u/Y_u) / (Y_u - d_u): with equal weights its sum of squares is
    Greenwood's formula. Intervals are normal on log(-log S), as `conf.type = "log-log"` of R's
    survival. Where nobody or everybody has left the curve has no variance of its own: Wilson's
    interval of 0 or all of those followed stands in its place.

    References
    ----------
    .. [1] Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete
           observations. Journal of the American Statistical Association 53.

    Examples
    --------
    >>> made = kaplan_meier([6, 6, 6, 6, 7, 9, 10], [1, 1, 1, 0, 1, 0, 1])
    >>> [(one.by["month"], round(one.estimate, 4)) for one in made]
    [('6', 0.5714), ('7', 0.381), ('10', 0.0)]
    """
    check_level(ci_level)
    design = design_of(np.size(left), weight, strata, cluster, population)
    curve = survival_curve(months, left, design)
    wanted = curve.months if at is None else [float(one) for one in at]
    return Estimates(curve.estimates(wanted, ci_level))


@dataclass(frozen=True, eq=False)
class Curve:
    """A Kaplan-Meier curve: when people left, the share still there, and its influences.

    `shares` and the columns of `influence` (on log S) belong to `months`; `followed` says how
    long each row was, NaN for those outside of the base.
    """

    months: np.ndarray
    shares: np.ndarray
    influence: np.ndarray
    followed: np.ndarray
    design: Design

    @property
    def n(self) -> int:
        """How many were followed at all."""
        return int((~np.isnan(self.followed)).sum())

    @property
    def last(self) -> float:
        """The longest that anybody was followed; 0 where nobody was."""
        return float(np.nanmax(self.followed)) if self.n else 0.0

    def estimates(self, at: Iterable[float], ci_level: float) -> Iterator[Estimate]:
        """The share still there after each of some months."""
        for month in at:
            yield self.estimate(float(month), ci_level)

    def estimate(self, month: float, ci_level: float, *, is_whole: bool = False) -> Estimate:
        """The share still there after `month`; with all those followed as its base, if asked."""
        there = ~np.isnan(self.followed)
        is_at_risk = there & (np.nan_to_num(self.followed, nan=-1.0) >= month)
        base = there if is_whole else is_at_risk
        n, n_eff = int(base.sum()), effective_base(self.design.weight[base])
        told: dict[str, Any] = {"n": n, "n_eff": n_eff, "ci_level": ci_level, "unit": "share"}
        told |= {"method": "kaplan_meier", "by": {"month": f"{month:g}"}}
        if not is_at_risk.any():
            why = "not_measured" if there.any() else "no_answers"
            return Estimate("retained", "value:retained", NAN, flags=(why,), **told)
        place = int(np.searchsorted(self.months, month, side="right")) - 1
        share = 1.0 if place < 0 else float(self.shares[place])
        low, high = self._interval(place, share, n_eff, ci_level)
        return Estimate("retained", "value:retained", share, low, high, **told)

    def n_design(self, month: float) -> float:
        """How many equally weighted people, all followed to `month`, would tell as precisely."""
        place = int(np.searchsorted(self.months, month, side="right")) - 1
        share = 1.0 if place < 0 else float(self.shares[place])
        if not 0 < share < 1:
            return effective_base(self.design.weight[~np.isnan(self.followed)])
        found = variance(self.influence[:, place], self.design)
        return (1 - share) / (share * found) if found > 0 else math.inf

    def _interval(
        self, place: int, share: float, n_eff: float, ci_level: float
    ) -> tuple[float, float]:
        if not 0 < share < 1:
            return wilson_interval(share, n_eff, ci_level)
        se = math.sqrt(variance(self.influence[:, place], self.design))
        log = math.log(share)
        half = t_quantile(ci_level) * se / abs(log)
        return share ** math.exp(half), share ** math.exp(-half)


def survival_curve(months: ArrayLike, left: ArrayLike, design: Design) -> Curve:
    """The curve of what was read (see `kaplan_meier`), under a sample design."""
    told, gone = followed(months, left)
    told = np.where(design.weight > 0, told, NAN)
    there = ~np.isnan(told)
    weight = np.where(there, design.weight, 0.0)
    weight = weight / weight.sum() if there.any() else weight
    times = np.unique(told[there & (gone == 1)])
    log, share = np.zeros(design.n), 1.0
    shares, influences = [], []
    for time in times:
        is_followed = there & (np.nan_to_num(told, nan=-1.0) >= time)
        is_leaving = is_followed & (told == time) & (gone == 1)
        at_risk, leaving = weight[is_followed].sum(), weight[is_leaving].sum()
        staying = max(at_risk - leaving, 0.0)
        if not (is_followed & ~is_leaving).any():
            share, staying = 0.0, math.inf
        share *= 1 - leaving / at_risk
        log = log - weight * (is_leaving - is_followed * (leaving / at_risk)) / staying
        shares.append(share)
        influences.append(log)
    columns = np.column_stack(influences) if influences else np.zeros((design.n, 0))
    return Curve(times, np.array(shares), columns, told, design)


def followed(months: ArrayLike, left: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """How long each was followed, and whether they left then; NaN in both where either lacks."""
    told, gone = scoring.numbers(months), scoring.numbers(left)
    if len(told) != len(gone):
        raise SurveyError(
            f"there are {len(told)} months and {len(gone)} answers to who left",
            expected="one of each for every respondent",
        )
    if np.any(told < 0):
        raise SurveyError(
            f"{int((told < 0).sum())} were followed for less than no time",
            expected="months of zero or more",
        )
    if not np.all(np.isnan(gone) | np.isin(gone, (0, 1))):
        raise SurveyError(
            "who left is told by other numbers than 0 and 1", expected="1 for left, 0 for stayed"
        )
    lacking = np.isnan(told) | np.isnan(gone)
    return np.where(lacking, NAN, told), np.where(lacking, NAN, gone)
