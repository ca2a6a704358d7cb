"""The arithmetic of weights: the effective base, the sample design, linearised variance.

Every estimate of the kit is a `Moment`: a weighted mean with the influence of each row on it.
Influences add and subtract, so one variance formula serves means, shares, scores, differences
between groups, waves, paired levels and overlapping stages alike. Where influences are not asked
for, a `Tally` of the answers gives the moments of any number of groups at once.
"""

from __future__ import annotations

import dataclasses
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
    "Moments",
    "Tally",
    "covariance",
    "covariance_matrix",
    "effective_base",
    "moment",
    "moments_by",
    "resampled_totals",
    "tally",
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

_NO_ROWS = np.empty(0)


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
    relative = weight / weight.max()
    return float(_kish((weight > 0).sum(), relative.sum(), (relative**2).sum()))


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
            labels = getattr(self, name)
            _check_labels(name, labels, self.n)
            if labels is not None:
                object.__setattr__(self, name, np.asarray(labels))

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
    def is_simple(self) -> bool:
        """Whether textbook formulas for a simple random sample hold: equal weights, no design."""
        parts = (self.strata, self.cluster, self.population, self.panel)
        own = self.weight[self.weight > 0]
        is_equal = not own.size or bool(np.ptp(own) <= 1e-9 * own.max())
        return is_equal and all(part is None for part in parts)

    @cached_property
    def _relative(self) -> np.ndarray:
        """The weights as parts of the largest: no size of weights, or of their squares, is lost."""
        return self.weight / self.weight.max(initial=0.0)

    @cached_property
    def _squared(self) -> np.ndarray:
        return self._relative**2

    @cached_property
    def _units(self) -> _Units:
        stratum = _codes(self.strata, self.n)
        unit = first = np.arange(self.n)
        if self.cluster is not None:
            unit = _codes(list(zip(stratum, _codes(self.cluster, self.n), strict=True)), self.n)
            first = _firsts(unit)
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
    def n(self) -> int:
        return len(self.stratum)

    @property
    def n_strata(self) -> int:
        return len(self.drawn)

    @property
    def n_linked(self) -> int:
        return len(self.stratum if self.linked is None else np.unique(self.linked))

    @property
    def is_rows(self) -> bool:
        """Whether every row is a sampling unit by itself."""
        return self.linked is None and self.n == len(self.of_row)

    def totals(self, influence: np.ndarray) -> np.ndarray:
        """The influences of each unit's rows together."""
        return np.bincount(self.of_row, influence, self.n)

    def centred_on(self, sums: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        """The mean of each stratum, from sums of shape (k, n_strata); of all where one unit is."""
        return np.where(self.drawn > 1, sums / self.drawn, otherwise[:, None])

    def deviations(self, totals: np.ndarray) -> np.ndarray:
        """Scaled deviations whose squares add up to variances; totals of shape (k, n_units)."""
        k, several = len(totals), np.arange(len(totals))[:, None]
        at = (several * self.n_strata + self.stratum).ravel()
        sums = np.bincount(at, totals.ravel(), k * self.n_strata).reshape(k, -1)
        means = self.centred_on(sums, totals.mean(axis=1))
        scaled = (totals - means[:, self.stratum]) * self.scale[self.stratum]
        if self.linked is None:
            return scaled
        n_linked = self.n_linked
        at = (several * n_linked + self.linked).ravel()
        return np.bincount(at, scaled.ravel(), k * n_linked).reshape(k, -1)


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


@dataclass(frozen=True, eq=False)
class Moments:
    """The moments of several groups on one measure: arrays of shape (n_groups,), no influences.

    `moments[i]` is the `Moment` of group i, its influence empty.
    """

    estimate: np.ndarray
    n: np.ndarray
    n_eff: np.ndarray
    spread: np.ndarray
    variance: np.ndarray
    n_design: np.ndarray
    df: int

    def __len__(self) -> int:
        return len(self.n)

    def __getitem__(self, group: int) -> Moment:
        n = int(self.n[group])
        return Moment(
            estimate=float(self.estimate[group]),
            influence=_NO_ROWS,
            n=n,
            n_eff=float(self.n_eff[group]),
            spread=float(self.spread[group]),
            variance=float(self.variance[group]),
            n_design=float(self.n_design[group]),
            df=self.df if n else 0,
        )


def moment(values: np.ndarray, design: Design) -> Moment:
    """The weighted mean of `values` over the rows that have one (not NaN), under `design`.

    Notes
    -----
    The moment of one group (see `moments_by`), with its influences: e_i = w_i (x_i - mean) / sum w
    over the answers and zero for the other rows.
    """
    answered = ~np.isnan(values) & (design.weight > 0)
    made = moments_by(values, np.zeros(design.n, dtype=int), 1, design)[0]
    if not made.n:
        return dataclasses.replace(made, influence=np.zeros(design.n))
    weight = np.where(answered, design.weight, 0.0)
    influence = weight * np.where(answered, values - made.estimate, 0.0) / weight.sum()
    return dataclasses.replace(made, influence=influence)


def moments_by(values: np.ndarray, groups: np.ndarray, n_groups: int, design: Design) -> Moments:
    """The weighted means of `values` in groups that share no row, under one `design`.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows,)
        NaN where there is no answer.
    groups : ndarray of int, shape (n_rows,)
        The group of each row, from 0; below 0 for a row of no group, which stays in the design.
    n_groups : int
        How many groups there are; some may be empty (NaN, n = 0).
    design : Design
        How the rows were drawn.

    Returns
    -------
    Moments

    Notes
    -----
    Domain estimation (METHODS 9): e_i = w_i (x_i - mean) / sum w over the group's answers and zero
    for all other rows of the design; the variance is that of `variance`. n_design =
    [N/(N-1)] spread / variance over N rows, Kish's n_eff where the variance is zero, infinite in a
    census. All groups cost what one does, but for the sums over clusters and panels.

    Examples
    --------
    >>> made = moments_by(np.array([1.0, 3, 5, 5]), np.array([0, 0, 1, 1]), 2, Design(np.ones(4)))
    >>> made.estimate.tolist(), made.n.tolist()
    ([2.0, 5.0], [2, 2])
    """
    rows = _rows_as_cells(~np.isnan(values) & (groups >= 0), groups, n_groups, design)
    return rows.moments(values[rows.row])


def tally(
    codes: np.ndarray, n_codes: int, groups: np.ndarray, n_groups: int, design: Design
) -> Tally:
    """The answers of the rows, given as `codes` from 0, counted in groups that share no row.

    Everything that only recodes these answers (a mean, a box, a net) has its moments from the
    same tally. Parameters `groups`, `n_groups` and `design` as in `moments_by`.

    Examples
    --------
    >>> made = tally(np.array([0, 1, 1]), 2, np.zeros(3, dtype=int), 1, Design(np.ones(3)))
    >>> made.moments(np.array([10.0, 40.0])[made.code]).estimate.tolist()
    [30.0]
    """
    units = design._units
    size = n_groups * units.n_strata * n_codes
    if not units.is_rows or size > design.n:
        made = _rows_as_cells(groups >= 0, groups, n_groups, design)
        return dataclasses.replace(made, code=codes[made.row])
    cell = groups.astype(np.int32) + 1  # the rows of no group come first, and are cut off
    for part, several in ((units.stratum, units.n_strata), (codes, n_codes)):
        if several > 1:
            cell *= several
            cell += part.astype(np.int32, copy=False)
    weighs = None if design.weight.all() else design.weight > 0
    n, weight, squared = (
        np.bincount(cell, one, size + size // max(n_groups, 1))[size // max(n_groups, 1) :]
        for one in (weighs, design._relative, design._squared)
    )
    kept = np.flatnonzero(n)
    at, code = np.divmod(kept, n_codes)
    group, stratum = np.divmod(at, units.n_strata)
    return Tally(
        design, n_groups, group, stratum, n[kept].astype(int), weight[kept], squared[kept], code
    )


@dataclass(frozen=True, eq=False)
class Tally:
    """Rows of a design counted by group and answer: all that the means of the groups rest on.

    Rows are in one cell where no mean tells them apart: of one group, one stratum and one answer
    (`code`). Where the sampling units are not single rows, a cell is a `row`. Attributes of shape
    (n_cells,): `n` rows of positive weight, their total `weight` and that of their `squared`
    weights, both relative to the largest weight of the design.
    """

    design: Design
    n_groups: int
    group: np.ndarray
    stratum: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    squared: np.ndarray
    code: np.ndarray
    row: np.ndarray | None = None

    def moments(self, values: np.ndarray) -> Moments:
        """The moments of `values`, one a cell and NaN where it has none (see `moments_by`)."""
        answered = np.flatnonzero(~np.isnan(values))
        if len(answered) < len(values):
            return self._of(answered).moments(values[answered])
        n, total, squares = (self._by_group(one) for one in (self.n, self.weight, self.squared))
        is_empty = n == 0
        base = np.where(is_empty, 1.0, total)
        given = np.zeros(self.n_groups)
        given[self.group[::-1]] = values[::-1]
        varies = self._by_group(values != given[self.group]) > 0
        mean = np.where(varies, self._by_group(self.weight * values) / base, given)
        off = values - mean[self.group]
        influence = self.weight * off / base[self.group]
        spread = self._by_group(influence * off)
        var = self._variance(influence, self.squared * (off / base[self.group]) ** 2)
        n_eff = _kish(n, total, squares)
        n_design = _n_design(spread, var, n_eff, self.design)
        gone = np.where(is_empty, np.nan, 0.0)
        return Moments(
            mean + gone, n, n_eff, spread + gone, var + gone, np.where(is_empty, 0.0, n_design),
            self.design.df,
        )  # fmt: skip

    def _of(self, cells: np.ndarray) -> Tally:
        """The same without the other cells."""
        parts = ("group", "stratum", "n", "weight", "squared", "code")
        kept = {name: getattr(self, name)[cells] for name in parts}
        row = None if self.row is None else self.row[cells]
        return dataclasses.replace(self, row=row, **kept)

    def _by_group(self, values: np.ndarray) -> np.ndarray:
        found = np.bincount(self.group, values, self.n_groups)
        return found.astype(int) if values.dtype.kind in "bi" else found

    def _variance(self, influence: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """The variance of each group's mean, from the cells' influences and sums of squares."""
        units = self.design._units
        if self.row is None or units.is_rows:
            at, size = self.group * units.n_strata + self.stratum, self.n_groups * units.n_strata
            sums, squared = (
                np.bincount(at, one, size).reshape(self.n_groups, -1)
                for one in (influence, squares)
            )
            means = units.centred_on(sums, sums.sum(axis=1) / max(units.n, 1))
            about = squared - 2 * means * sums + units.drawn * means**2
            return np.where(about > _NOTHING * squared, about, 0.0) @ units.scale**2
        found = np.zeros(self.n_groups)
        step = max(_AT_ONCE // units.n, 1)
        for start in range(0, self.n_groups, step):
            several = min(step, self.n_groups - start)
            own = np.flatnonzero((self.group >= start) & (self.group < start + several))
            at = (self.group[own] - start) * units.n + units.of_row[self.row[own]]
            totals = np.bincount(at, influence[own], several * units.n).reshape(several, -1)
            found[start : start + several] = (units.deviations(totals) ** 2).sum(axis=1)
        return found


def _rows_as_cells(
    answered: np.ndarray, groups: np.ndarray, n_groups: int, design: Design
) -> Tally:
    """The rows that answered and weigh anything, each by itself."""
    row = np.flatnonzero(answered & (design.weight > 0))
    nothing = np.zeros(len(row), dtype=int)
    units = design._units
    stratum = units.stratum[units.of_row[row]] if units.n_strata > 1 else nothing
    return Tally(
        design, n_groups, groups[row], stratum, nothing + 1, design._relative[row],
        design._squared[row], nothing, row,
    )  # fmt: skip


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
    one, two = _deviations(np.column_stack([influence, other]), design)
    return float(one @ two)


def covariance_matrix(influences: np.ndarray, design: Design) -> np.ndarray:
    """The covariances of several estimates, a column of `influences` each, shape (k, k)."""
    deviations = _deviations(influences, design)
    return deviations @ deviations.T


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
        How the rows were drawn.
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
    Where units come back in other strata (`panel`) each of them, with all its rows, is weighted
    anew at once: its deviation counts an exponential number of mean 1 less 1 times more [2]_.

    References
    ----------
    .. [1] Rao, J. N. K., Wu, C. F. J. & Yue, K. (1992). Some recent work on resampling methods
           for complex surveys. Survey Methodology 18.
    .. [2] Beaumont, J.-F. & Patak, Z. (2012). On the generalized bootstrap for sample surveys
           with special attention to Poisson sampling. International Statistical Review 80.

    Examples
    --------
    >>> ones = np.ones((100, 1))
    >>> float(resampled_totals(ones, Design(np.ones(100)), n_resamples=3).mean())
    100.0
    """
    rng = np.random.default_rng(seed)
    if design.panel is not None:
        return _linked_totals(parts, design, n_resamples, rng)
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


def _linked_totals(
    parts: np.ndarray, design: Design, n_resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """Totals over resamples of units that come back in several strata."""
    order = np.lexsort(parts.T[::-1])
    totals = np.tile(parts[order].sum(axis=0), (n_resamples, 1))
    deviations = _deviations(parts, design).T
    deviations = deviations[np.lexsort(deviations.T[::-1])]
    if len(deviations) > _MOST_DRAWN:
        deviations = _in_random_groups(deviations, _MOST_DRAWN, rng)
    step = max(_AT_ONCE // max(len(deviations), 1), 1)
    for start in range(0, n_resamples, step):
        rows = min(step, n_resamples - start)
        more = rng.exponential(size=(rows, len(deviations))) - 1
        totals[start : start + rows] += more @ deviations
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


def _kish(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> np.ndarray:
    """Kish's base from the number of weights, their sum and that of their squares.

    It is the number itself where the weights are equal but for rounding, so that rules for
    small bases do not turn on the last digit.
    """
    base = np.divide(np.square(total), np.where(np.equal(n, 0), 1.0, squares))
    return np.where(base > np.multiply(n, 1 - _NOTHING), n, base)


def _n_design(spread: np.ndarray, var: np.ndarray, n_eff: np.ndarray, design: Design) -> np.ndarray:
    if design.is_census:
        return np.full(len(spread), np.inf)
    varies = var > _NOTHING * spread / np.maximum(n_eff, 1.0)
    ratio = design.n / max(design.n - 1, 1) * spread / np.where(varies, var, 1.0)
    return np.where(varies, ratio, n_eff)


def _deviations(influences: np.ndarray, design: Design) -> np.ndarray:
    """The units' deviations for each column of `influences`, shape (k, n_units)."""
    units = design._units
    return units.deviations(np.array([units.totals(one) for one in influences.T]))


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
