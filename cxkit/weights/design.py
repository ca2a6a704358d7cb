"""How rows were drawn: weights, strata, clusters, population; the effective base of weights."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxkit.errors import SurveyError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "ROUNDING",
    "Design",
    "Units",
    "Unseen",
    "checked_weight",
    "codes",
    "effective_base",
    "firsts",
    "kish",
]

ROUNDING = 1e-12
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
    relative = weight / weight.max()
    return float(kish((weight > 0).sum(), relative.sum(), (relative**2).sum()))


@dataclass(frozen=True)
class Unseen:
    """Sampling units of a design of which no row is at hand: nobody of them is ever measured.

    They add nothing to any total, and count all the same: a group of a sample is a domain of it,
    whose precision depends on how many were drawn beside it.

    Attributes
    ----------
    units : mapping of tuple of str to int
        How many units lie in these strata: one, or several where units come back (`panel`).
        The stratum of a design without strata is "".
    n_rows : int
        How many rows they have, together with the rows of seen units that are not at hand.
    low, high : float
        The smallest and the largest positive weight of all rows, at hand or not.
    """

    units: Mapping[tuple[str, ...], int]
    n_rows: int
    low: float
    high: float

    @cached_property
    def by_stratum(self) -> Mapping[str, int]:
        """How many units lie in each stratum."""
        found: Counter[str] = Counter()
        for strata, n in self.units.items():
            found.update(dict.fromkeys(strata, n))
        return found


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
    unseen : Unseen, optional
        What was drawn beside these rows and is not at hand; none if all rows are.

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
    unseen: Unseen | None = None

    def __post_init__(self) -> None:
        checked = checked_weight(self.weight, is_whole=self.unseen is None)
        object.__setattr__(self, "weight", checked)
        for name in ("strata", "cluster", "panel"):
            labels = getattr(self, name)
            _check_labels(name, labels, self.n)
            if labels is not None:
                object.__setattr__(self, name, np.asarray(labels))

    @property
    def n(self) -> int:
        """The rows at hand, answered or not."""
        return len(self.weight)

    @property
    def n_drawn(self) -> int:
        """All rows that were drawn, at hand or not."""
        return self.n + (self.unseen.n_rows if self.unseen else 0)

    @property
    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest positive weight of all rows; zeros where there is none."""
        if self.unseen is not None:
            return self.unseen.low, self.unseen.high
        own = self.weight[self.weight > 0]
        return (float(own.min()), float(own.max())) if own.size else (0.0, 0.0)

    def counted_once(self) -> Design:
        """The same rows, each of a positive weight counting 1."""
        unseen = self.unseen and dataclasses.replace(self.unseen, low=1.0, high=1.0)
        return dataclasses.replace(self, weight=(self.weight > 0).astype(float), unseen=unseen)

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: sampling units minus strata."""
        return self.units.n_linked - self.units.n_strata

    @cached_property
    def is_census(self) -> bool:
        """Whether every unit of the population was asked, so that chance plays no part."""
        return bool(self.n and np.all(self.units.uncorrected == 0))

    @cached_property
    def is_simple(self) -> bool:
        """Whether textbook formulas for a simple random sample hold: equal weights, no design."""
        parts = (self.strata, self.cluster, self.population, self.panel)
        low, high = self.extremes
        return high - low <= 1e-9 * high and all(part is None for part in parts)

    @cached_property
    def relative(self) -> np.ndarray:
        """The weights as parts of the largest: no size of weights, or of their squares, is lost."""
        return self.weight / self.extremes[1]

    @cached_property
    def squared(self) -> np.ndarray:
        """The squares of the relative weights."""
        return self.relative**2

    @cached_property
    def units(self) -> Units:
        """The sampling units: rows, or clusters within strata."""
        stratum = codes(self.strata, self.n)
        unit = first = np.arange(self.n)
        if self.cluster is not None:
            unit = codes(list(zip(stratum, codes(self.cluster, self.n), strict=True)), self.n)
            first = firsts(unit)
        of_unit = stratum[first]
        names = self._strata_of(stratum)
        unseen = self.unseen.by_stratum if self.unseen else {}
        drawn = np.bincount(of_unit, minlength=len(names))
        beside = np.array([unseen.get(str(name), 0) for name in names], dtype=drawn.dtype)
        drawn = drawn + beside
        uncorrected = 1 - self._fraction(names, drawn)
        several = drawn > 1
        scale = np.sqrt(np.where(several, drawn / np.maximum(drawn - 1, 1), 1.0) * uncorrected)
        linked = None if self.panel is None else codes(np.asarray(self.panel)[first], len(first))
        return Units(
            unit, of_unit, drawn, scale, uncorrected, linked, tuple(map(str, names)), beside,
            self.unseen.units if self.unseen else {},
        )  # fmt: skip

    def _strata_of(self, stratum: np.ndarray) -> list[object]:
        """The strata by code, those of which no row is at hand after the others; "" for none."""
        found = [""] * bool(self.n) if self.strata is None else []
        if self.strata is not None:
            found = list(np.asarray(self.strata)[firsts(stratum)])
        known = {str(name) for name in found}
        beside = self.unseen.by_stratum if self.unseen else {}
        return [*found, *(name for name in beside if name not in known)]

    def _fraction(self, names: list[object], drawn: np.ndarray) -> np.ndarray:
        """The part of its population that was drawn, per stratum."""
        if self.population is None or not len(drawn):
            return np.zeros(len(drawn))
        if isinstance(self.population, Mapping):
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
            fraction = drawn / size[firsts(codes(self.strata, self.n))]
        if not np.all(np.isfinite(fraction)) or np.any(fraction > 1 + ROUNDING):
            raise SurveyError(
                "the population is smaller than the sample drawn from it",
                expected="population counts of at least the number of rows (or clusters)",
            )
        return np.minimum(fraction, 1.0)


@dataclass(frozen=True, eq=False)
class Units:
    """The sampling units of a design, as codes."""

    of_row: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    scale: np.ndarray
    uncorrected: np.ndarray
    linked: np.ndarray | None
    names: tuple[str, ...]
    n_beside: np.ndarray
    beside: Mapping[tuple[str, ...], int]

    @property
    def n(self) -> int:
        """How many units are at hand."""
        return len(self.stratum)

    @property
    def n_drawn(self) -> int:
        """How many units were drawn, each once for every stratum that it lies in."""
        return int(self.drawn.sum())

    @property
    def n_strata(self) -> int:
        """How many strata they lie in."""
        return len(self.drawn)

    @property
    def n_linked(self) -> int:
        """How many units were drawn where one that comes back counts once."""
        seen = self.n if self.linked is None else self.n_seen
        return seen + sum(self.beside.values())

    @property
    def n_seen(self) -> int:
        """How many units are at hand where one that comes back counts once."""
        return len(self.stratum if self.linked is None else np.unique(self.linked))

    @property
    def is_rows(self) -> bool:
        """Whether every row is a sampling unit by itself."""
        return self.linked is None and self.n == len(self.of_row)

    def totals(self, influence: np.ndarray) -> np.ndarray:
        """The influences of each unit's rows at hand together."""
        return np.bincount(self.of_row, influence, self.n)

    def centred_on(self, sums: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        """The mean of each stratum, from sums of shape (k, n_strata); of all where one unit is."""
        return np.where(self.drawn > 1, sums / self.drawn, otherwise[:, None])

    def deviations(self, totals: np.ndarray, *, is_each: bool = False) -> np.ndarray:
        """Scaled deviations whose squares add up to variances; totals of shape (k, n_units).

        Units that are not at hand come last: alike ones together, or `is_each` by itself.
        """
        k, several = len(totals), np.arange(len(totals))[:, None]
        at = (several * self.n_strata + self.stratum).ravel()
        sums = np.bincount(at, totals.ravel(), k * self.n_strata).reshape(k, -1)
        means = self.centred_on(sums, totals.sum(axis=1) / max(self.n_drawn, 1))
        scaled = (totals - means[:, self.stratum]) * self.scale[self.stratum]
        if self.linked is not None:
            n_seen = self.n_seen
            at = (several * n_seen + self.linked).ravel()
            scaled = np.bincount(at, scaled.ravel(), k * n_seen).reshape(k, -1)
        return np.hstack([scaled, self._beside(means, is_each)]) if self.beside else scaled

    def _beside(self, means: np.ndarray, is_each: bool) -> np.ndarray:
        """The deviations of the units that are not at hand, from the means of their strata."""
        place, counts = {name: at for at, name in enumerate(self.names)}, [*self.beside.values()]
        off = np.column_stack(
            [
                -(means[:, own] * self.scale[own]).sum(axis=1)
                for own in ([place[name] for name in strata] for strata in self.beside)
            ]
        )
        return np.repeat(off, counts, axis=1) if is_each else off * np.sqrt(counts)


def checked_weight(weight: ArrayLike, *, is_whole: bool = True) -> np.ndarray:
    """`weight` as floats; SurveyError for negative, missing, infinite or only zero weights.

    A part of a whole may weigh nothing.
    """
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
    if is_whole and checked.size and not checked.any():
        raise SurveyError("all weights are zero", expected="at least one positive weight")
    return checked


def kish(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> np.ndarray:
    """Kish's base from the number of weights, their sum and that of their squares.

    It is the number itself where the weights are equal but for rounding, so that rules for
    small bases do not turn on the last digit.
    """
    base = np.divide(np.square(total), np.where(np.equal(n, 0), 1.0, squares))
    return np.where(base > np.multiply(n, 1 - ROUNDING), n, base)


def codes(labels: object, n: int) -> np.ndarray:
    """Labels as whole numbers from 0; one code for all where there are none."""
    if labels is None:
        return np.zeros(n, dtype=int)
    if isinstance(labels, list):
        return pd.MultiIndex.from_tuples(labels).factorize()[0] if labels else np.zeros(0, int)
    return pd.factorize(np.asarray(labels))[0]


def firsts(codes: np.ndarray) -> np.ndarray:
    """The first row of each code, in code order."""
    return np.unique(codes, return_index=True)[1]


def _check_labels(name: str, labels: ArrayLike | None, n: int) -> None:
    if labels is None:
        return
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise SurveyError(
            f"{name} has {labels.size} values for {n} rows",
            expected=f"a value of {name} for every row",
        )
    n_missing = int(pd.isna(labels).sum())
    if n_missing:
        raise SurveyError(
            f"{name} is missing for {n_missing} rows", expected=f"a value of {name} in every row"
        )
