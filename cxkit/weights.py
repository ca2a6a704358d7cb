"""The arithmetic of weights: the effective base, the sample design, linearised variance.

Every estimate of the kit is a `Moment`: a weighted mean with the influence of each row on it.
Influences add and subtract, so one variance formula serves means, shares, scores, differences
between groups, waves, paired levels and overlapping stages alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxkit.errors import SurveyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "N_RESAMPLES",
    "Design",
    "Moment",
    "covariance",
    "effective_base",
    "moment",
    "resampled_totals",
    "variance",
]

N_RESAMPLES = 2000
"""How often a bootstrap draws the sampling units anew."""

_MOST_DRAWN = 20_000
"""Sampling units beyond so many are drawn in random groups, so that time does not grow."""

_AT_ONCE = 4_000_000
"""How many counts of drawn units are held in memory at a time."""

_NOTHING = 1e-12
"""A variance below this part of its simple-random counterpart is rounding, not variance."""


def effective_base(weight: ArrayLike) -> float:
    """Kish's effective base: how many equally weighted answers are worth as much.

    The precision lost to unequal weights, taken as if weights had nothing to do with the
    answers: an approximation, used by the rules for small bases and never for intervals.

    Parameters
    ----------
    weight : array-like of float, shape (n_respondents,)
        Survey weights, zero or positive; only their ratios matter.

    Returns
    -------
    float
        Between 1 and the number of positive weights; 0.0 for no weights at all.

    Raises
    ------
    SurveyError
        If a weight is negative, missing or infinite, or all of them are zero.

    Notes
    -----
    n_eff = (sum w)^2 / sum w^2. Fifty weights of 0.5 and fifty of 1.5 give 80 (METHODS 8).

    References
    ----------
    .. [1] Kish, L. (1992). Weighting for unequal Pi. Journal of Official Statistics 8(2).

    Examples
    --------
    >>> effective_base([0.5] * 50 + [1.5] * 50)
    80.0
    """
    weight = checked_weight(weight)
    if not weight.size:
        return 0.0
    return _kish(weight)


@dataclass(frozen=True, eq=False)
class Design:
    """How the rows of a wave were drawn: their weights, strata, clusters and population.

    Parameters
    ----------
    weight : array-like of float, shape (n_rows,)
        Zero or positive; a row of weight zero stays a row.
    strata : array-like, shape (n_rows,), optional
        The stratum of each row.
    cluster : array-like, shape (n_rows,), optional
        The cluster of each row; clusters are nested in strata.
    population : float, mapping of stratum to float, or array of shape (n_rows,), optional
        How many sampling units (rows, or clusters where given) there were to draw from: a
        number for the whole, or one per stratum. Brings the finite population correction.
    panel : array-like, shape (n_rows,), optional
        Who is the same sampling unit in different strata: the respondents of several waves,
        each wave a stratum.

    Notes
    -----
    A stratum with a single sampling unit is centred on the grand mean, as the option
    `survey.lonely.psu = "adjust"` of R's survey does.
    """

    weight: np.ndarray
    strata: ArrayLike | None = None
    cluster: ArrayLike | None = None
    population: float | Mapping[object, float] | ArrayLike | None = None
    panel: ArrayLike | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", checked_weight(self.weight))
        for name in ("strata", "cluster", "panel"):
            _check_labels(name, getattr(self, name), self.n)

    @property
    def n(self) -> int:
        """All rows, answered or not."""
        return len(self.weight)

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: sampling units minus strata."""
        return self._units.n_linked - self._units.n_strata

    @cached_property
    def is_census(self) -> bool:
        """Whether every unit of the population was asked, so that chance plays no part."""
        return bool(self.n and np.all(self._units.uncorrected == 0))

    @cached_property
    def _units(self) -> _Units:
        stratum = _codes(self.strata, self.n)
        unit = np.arange(self.n)
        if self.cluster is not None:
            unit = _codes(list(zip(stratum, _codes(self.cluster, self.n), strict=True)), self.n)
        first = np.unique(unit, return_index=True)[1]
        of_unit = stratum[first]
        drawn = np.bincount(of_unit, minlength=stratum.max(initial=-1) + 1)
        uncorrected = 1 - self._fraction(stratum, drawn)
        several = drawn > 1
        scale = np.sqrt(np.where(several, drawn / np.maximum(drawn - 1, 1), 1.0) * uncorrected)
        linked = None if self.panel is None else _codes(np.asarray(self.panel)[first], len(first))
        return _Units(unit, of_unit, drawn, scale, uncorrected, linked)

    def _fraction(self, stratum: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """The part of its population that was drawn, per stratum."""
        if self.population is None or not self.n:
            return np.zeros(len(drawn))
        if isinstance(self.population, Mapping):
            names = np.asarray(self.strata if self.strata is not None else [])[_firsts(stratum)]
            lacking = [str(name) for name in names if name not in self.population]
            if lacking or self.strata is None:
                raise SurveyError(
                    f"the population of stratum {', '.join(lacking) or '(none given)'} is unknown",
                    expected="population as one number, or a number for each stratum",
                )
            size = np.array([self.population[name] for name in names], dtype=float)
            fraction = drawn / size
        elif np.ndim(self.population) == 0:
            size = np.full(len(drawn), float(self.population))  # type: ignore[arg-type]
            fraction = np.full(len(drawn), drawn.sum() / size[0])
        else:
            size = np.asarray(self.population, dtype=float)
            if len(size) != self.n:
                raise SurveyError(
                    f"population has {len(size)} values for {self.n} rows",
                    expected="a number, a mapping stratum: number, or a number for each row",
                )
            fraction = drawn / size[_firsts(stratum)]
        if not np.all(np.isfinite(fraction)) or np.any(fraction > 1 + _NOTHING):
            raise SurveyError(
                "the population is smaller than the sample drawn from it",
                expected="population counts of at least the number of rows (or clusters)",
            )
        return np.minimum(fraction, 1.0)


@dataclass(frozen=True, eq=False)
class _Units:
    """The sampling units of a design, as codes."""

    of_row: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    scale: np.ndarray
    uncorrected: np.ndarray
    linked: np.ndarray | None

    @property
    def n_strata(self) -> int:
        return len(self.drawn)

    @property
    def n_linked(self) -> int:
        return len(self.stratum if self.linked is None else np.unique(self.linked))


@dataclass(frozen=True, eq=False)
class Moment:
    """A weighted mean over those who answered, and the influence of every row on it.

    `influence` has a value for all rows of the design, zero where there is no answer.
    `spread` is the variance of one answer, `variance` that of the mean under the design,
    `n_design` the number of equally weighted answers that would be as precise; `n` counts the
    answers that carry weight and `n_eff` is Kish's effective base.
    """

    estimate: float
    influence: np.ndarray
    n: int
    n_eff: float
    spread: float = np.nan
    variance: float = np.nan
    n_design: float = 0.0
    df: int = 0


def moment(values: np.ndarray, design: Design) -> Moment:
    """The weighted mean of `values` over the rows that have one (not NaN), under `design`.

    Notes
    -----
    Domain estimation (METHODS 9): e_i = w_i (x_i - mean) / sum w over the answers and zero for
    the other rows. n_design = [N/(N-1)] spread / variance over N rows, Kish's n_eff where the
    variance is zero, infinite in a census.
    """
    answered = ~np.isnan(values) & (design.weight > 0)
    if not answered.any():
        return Moment(np.nan, np.zeros(design.n), 0, 0.0)
    weight = np.where(answered, design.weight, 0.0)
    total = weight.sum()
    given = np.where(answered, values, 0.0)
    first = given[answered][0]
    is_constant = bool(np.all(given[answered] == first))
    mean = float(first) if is_constant else float((weight * given).sum() / total)
    influence = weight * np.where(answered, given - mean, 0.0) / total
    spread = float((influence * (given - mean)).sum())
    n_eff = _kish(weight[answered])
    var = variance(influence, design)
    return Moment(
        estimate=mean,
        influence=influence,
        n=int(answered.sum()),
        n_eff=n_eff,
        spread=spread,
        variance=var,
        n_design=_n_design(spread, var, n_eff, design),
        df=design.df,
    )


def variance(influence: np.ndarray, design: Design) -> float:
    """The variance of an estimate whose rows have this `influence`, by linearisation.

    Notes
    -----
    Influences are summed within clusters and centred within strata (with replacement, as R's
    survey): V = sum over strata of (1 - n_h/N_h) n_h/(n_h - 1) sum (e_h - mean e_h)^2; a
    sampling unit seen in several strata (`panel`) is summed before it is squared. Checked
    against R survey 4.1 on the apistrat and SFO data.
    """
    return covariance(influence, influence, design)


def covariance(influence: np.ndarray, other: np.ndarray, design: Design) -> float:
    """The covariance of two estimates made on the rows of one design (see `variance`)."""
    if not design.n:
        return 0.0
    return float(_deviations(influence, design) @ _deviations(other, design))


def resampled_totals(
    parts: np.ndarray, design: Design, *, n_resamples: int = N_RESAMPLES, seed: int = 0
) -> np.ndarray:
    """Totals of the rows' `parts` over resamples of the sampling units.

    Any statistic that is a function of totals (a mean, a covariance, a correlation) is
    bootstrapped by handing in what each row adds to them.

    Parameters
    ----------
    parts : ndarray of float, shape (n_rows, n_totals)
        What each row adds, its weight included; zero for rows that take no part.
    design : Design
        How the rows were drawn; a panel is not looked at.
    n_resamples : int, default 2000
        How often the units are drawn anew.
    seed : int, default 0
        Of the draws. They are tied to what the rows hold, never to their order.

    Returns
    -------
    ndarray of float, shape (n_resamples, n_totals)

    Notes
    -----
    Within each stratum n_h - 1 of its n_h units are drawn with replacement; a unit drawn r times
    counts 1 - f + f r n_h/(n_h - 1) times, f^2 = 1 - n_h/N_h [1]_. The variance of a total over
    the resamples is its linearised one (`variance`). A stratum of one unit adds no variance.

    References
    ----------
    .. [1] Rao, J. N. K., Wu, C. F. J. & Yue, K. (1992). Some recent work on resampling methods
           for complex surveys. Survey Methodology 18.

    Examples
    --------
    >>> ones = np.ones((100, 1))
    >>> float(resampled_totals(ones, Design(np.ones(100)), n_resamples=3).mean())
    100.0
    """
    rng = np.random.default_rng(seed)
    totals = np.zeros((n_resamples, parts.shape[1]))
    for sums, uncorrected in _units_by_stratum(parts, design):
        n, kept = len(sums), np.sqrt(uncorrected)
        if n < 2:
            totals += sums.sum(axis=0)
            continue
        if n > _MOST_DRAWN:
            sums = _in_random_groups(sums, _MOST_DRAWN, rng)
            n = len(sums)
        totals += (1 - kept) * sums.sum(axis=0)
        step = max(_AT_ONCE // n, 1)
        for start in range(0, n_resamples, step):
            rows = min(step, n_resamples - start)
            drawn = rng.integers(0, n, size=(rows, n - 1))
            drawn += n * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
            totals[start : start + rows] += (kept * n / (n - 1)) * (counts.astype(float) @ sums)
    return totals


def _units_by_stratum(parts: np.ndarray, design: Design) -> Iterator[tuple[np.ndarray, float]]:
    """The sums of each stratum's units in an order of their own, and what is left of its variance.

    Strata are in the order of their names; rows and units are sorted by what they hold.
    """
    if not design.n:
        return
    units = design._units
    sums = parts
    if design.cluster is not None:
        order = np.lexsort((*parts.T[::-1], units.of_row))
        sums = np.column_stack(
            [np.bincount(units.of_row[order], one, len(units.stratum)) for one in parts[order].T]
        )
    names = np.zeros(design.n) if design.strata is None else np.asarray(design.strata).astype(str)
    for stratum in np.argsort(names[_firsts(_codes(design.strata, design.n))], kind="stable"):
        own = sums[units.stratum == stratum]
        yield own[np.lexsort(own.T[::-1])], float(units.uncorrected[stratum])


def _in_random_groups(sums: np.ndarray, n_groups: int, rng: np.random.Generator) -> np.ndarray:
    """The sums of units dealt at random into groups of about the same size."""
    dealt = rng.permutation(len(sums)) % n_groups
    return np.column_stack([np.bincount(dealt, one, n_groups) for one in sums.T])


def checked_weight(weight: ArrayLike) -> np.ndarray:
    """`weight` as floats; SurveyError for negative, missing, infinite or only zero weights."""
    numbers = pd.to_numeric(pd.Series(np.asarray(weight).ravel()), errors="coerce")
    checked = numbers.to_numpy(dtype=float, na_value=np.nan)
    for is_wrong, what in (
        (~np.isfinite(checked), "missing, infinite or not numbers"),
        (checked < 0, "negative"),
    ):
        if is_wrong.any():
            raise SurveyError(
                f"{int(is_wrong.sum())} weights are {what}",
                expected="a weight of zero or more for every respondent",
            )
    if checked.size and not checked.any():
        raise SurveyError("all weights are zero", expected="at least one positive weight")
    return checked


def _kish(weight: np.ndarray) -> float:
    relative = weight / weight.max()
    return float(relative.sum() ** 2 / (relative**2).sum())


def _n_design(spread: float, var: float, n_eff: float, design: Design) -> float:
    if design.is_census:
        return np.inf
    if var <= _NOTHING * spread / n_eff:
        return n_eff
    return design.n / (design.n - 1) * spread / var


def _deviations(influence: np.ndarray, design: Design) -> np.ndarray:
    units = design._units
    totals = np.bincount(units.of_row, influence, len(units.stratum))
    means = np.bincount(units.stratum, totals, units.n_strata) / units.drawn
    means = np.where(units.drawn > 1, means, totals.mean())
    scaled = (totals - means[units.stratum]) * units.scale[units.stratum]
    return scaled if units.linked is None else np.bincount(units.linked, scaled)


def _check_labels(name: str, labels: ArrayLike | None, n: int) -> None:
    if labels is None:
        return
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise SurveyError(f"{name} has {labels.size} values for {n} rows")
    n_missing = int(pd.isna(labels).sum())
    if n_missing:
        raise SurveyError(
            f"{name} is missing for {n_missing} rows", expected=f"a value of {name} in every row"
        )


def _codes(labels: object, n: int) -> np.ndarray:
    """Labels as whole numbers from 0; one code for all where there are none."""
    if labels is None:
        return np.zeros(n, dtype=int)
    if isinstance(labels, list):
        return pd.MultiIndex.from_tuples(labels).factorize()[0] if labels else np.zeros(0, int)
    return pd.factorize(np.asarray(labels))[0]


def _firsts(codes: np.ndarray) -> np.ndarray:
    """The first row of each code, in code order."""
    return np.unique(codes, return_index=True)[1]
