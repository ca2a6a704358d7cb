"""Moments: weighted means with the influence of each row on them, and linearised variance.

Where influences are not asked for, a `Tally` of the answers gives the moments of any number of
groups at once.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from cxkit.weights.design import ROUNDING, Design, kish

__all__ = [
    "Moment",
    "Moments",
    "Tally",
    "covariance",
    "covariance_matrix",
    "deviations",
    "moment",
    "moments_by",
    "tally",
    "variance",
]

_NO_ROWS = np.empty(0)

_AT_ONCE = 4_000_000
"""How many totals of units are held in memory at a time."""


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
    units = design.units
    size = n_groups * units.n_strata * n_codes
    if not units.is_rows or size > design.n_drawn:
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
        for one in (weighs, design.relative, design.squared)
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
        n_eff = kish(n, total, squares)
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
        units = self.design.units
        if self.row is None or units.is_rows:
            at, size = self.group * units.n_strata + self.stratum, self.n_groups * units.n_strata
            sums, squared = (
                np.bincount(at, one, size).reshape(self.n_groups, -1)
                for one in (influence, squares)
            )
            means = units.centred_on(sums, sums.sum(axis=1) / max(units.n_drawn, 1))
            about = squared - 2 * means * sums + units.drawn * means**2
            return np.where(about > ROUNDING * squared, about, 0.0) @ units.scale**2
        found = np.zeros(self.n_groups)
        step = max(_AT_ONCE // max(units.n, 1), 1)
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
    units = design.units
    stratum = units.stratum[units.of_row[row]] if units.n_strata > 1 else nothing
    return Tally(
        design, n_groups, groups[row], stratum, nothing + 1, design.relative[row],
        design.squared[row], nothing, row,
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
    one, two = deviations(np.column_stack([influence, other]), design)
    return float(one @ two)


def covariance_matrix(influences: np.ndarray, design: Design) -> np.ndarray:
    """The covariances of several estimates, a column of `influences` each, shape (k, k)."""
    found = deviations(influences, design)
    return found @ found.T


def deviations(influences: np.ndarray, design: Design, *, is_each: bool = False) -> np.ndarray:
    """The units' deviations for each column of `influences`, shape (k, n_units)."""
    units = design.units
    totals = np.array([units.totals(one) for one in influences.T])
    return units.deviations(totals, is_each=is_each)


def _n_design(spread: np.ndarray, var: np.ndarray, n_eff: np.ndarray, design: Design) -> np.ndarray:
    if design.is_census:
        return np.full(len(spread), np.inf)
    varies = var > ROUNDING * spread / np.maximum(n_eff, 1.0)
    ratio = design.n_drawn / max(design.n_drawn - 1, 1) * spread / np.where(varies, var, 1.0)
    return np.where(varies, ratio, n_eff)
