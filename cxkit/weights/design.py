"""How rows were drawn: weights, strata, clusters, population; the effective base of weights."""

from __future__ import annotations

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
        return self.units.n_linked - self.units.n_strata

    @cached_property
    def is_census(self) -> bool:
        """Whether every unit of the population was asked, so that chance plays no part."""
        return bool(self.n and np.all(self.units.uncorrected == 0))

    @cached_property
    def is_simple(self) -> bool:
        """Whether textbook formulas for a simple random sample hold: equal weights, no design."""
        parts = (self.strata, self.cluster, self.population, self.panel)
        own = self.weight[self.weight > 0]
        is_equal = not own.size or bool(np.ptp(own) <= 1e-9 * own.max())
        return is_equal and all(part is None for part in parts)

    @cached_property
    def relative(self) -> np.ndarray:
        """The weights as parts of the largest: no size of weights, or of their squares, is lost."""
        return self.weight / self.weight.max(initial=0.0)

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
        drawn = np.bincount(of_unit, minlength=stratum.max(initial=-1) + 1)
        uncorrected = 1 - self._fraction(stratum, drawn)
        several = drawn > 1
        scale = np.sqrt(np.where(several, drawn / np.maximum(drawn - 1, 1), 1.0) * uncorrected)
        linked = None if self.panel is None else codes(np.asarray(self.panel)[first], len(first))
        return Units(unit, of_unit, drawn, scale, uncorrected, linked)

    def _fraction(self, stratum: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """The part of its population that was drawn, per stratum."""
        if self.population is None or not self.n:
            return np.zeros(len(drawn))
        if isinstance(self.population, Mapping):
            names = np.asarray(self.strata if self.strata is not None else [])[firsts(stratum)]
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
            fraction = drawn / size[firsts(stratum)]
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

    @property
    def n(self) -> int:
        """How many units there are."""
        return len(self.stratum)

    @property
    def n_strata(self) -> int:
        """How many strata they lie in."""
        return len(self.drawn)

    @property
    def n_linked(self) -> int:
        """How many units there are where one that comes back counts once."""
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
