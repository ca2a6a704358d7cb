"""Plain data in groups: the answers, who belongs where, and how everybody was drawn.

What comparisons, tests over all groups and effect sizes have in common: `grouped` reads the data
once, `Grouped` hands out the answers, moments and ranks of its groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxkit.analysis import scoring
from cxkit.analysis.intervals import Measure
from cxkit.analysis.metrics import Population, design_of, nps_scores
from cxkit.errors import SurveyError, one_of
from cxkit.weights import Design, Moment, covariance, moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["MEASURES", "Grouped", "group_codes", "grouped", "labels_of", "mid_ranks"]

MEASURES = {
    "mean": Measure("mean", "mean", "scale"),
    "nps": Measure("nps", "net", "points"),
    "share": Measure("share", "share", "share"),
}
"""What groups of plain data are compared on."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """Answers in groups. `values` is NaN for those who take no part: no answer, group or weight.

    `codes` says which of `names` each row belongs to. All rows make the design.
    """

    measure: Measure
    values: np.ndarray
    codes: np.ndarray
    names: tuple[object, ...]
    design: Design

    @property
    def labels(self) -> list[str]:
        """The names of the groups in words; whole numbers as such, 1 and not 1.0."""
        return labels_of(self.names)

    @cached_property
    def moments(self) -> list[Moment]:
        """The mean of each group."""
        return self.moments_of(self.values)

    def moments_of(self, values: np.ndarray) -> list[Moment]:
        """The mean of other values of the same rows, in each group."""
        return [
            moment(np.where(self.codes == code, values, np.nan), self.design)
            for code in range(len(self.names))
        ]

    def answers(self, code: int) -> np.ndarray:
        """The answers of one group."""
        return self.values[(self.codes == code) & ~np.isnan(self.values)]

    @property
    def taken(self) -> np.ndarray:
        """Which rows have an answer, a group and a weight."""
        return ~np.isnan(self.values)

    @property
    def weight(self) -> np.ndarray:
        """The weights of those who take part, 1 on average; 0 for the other rows."""
        own = np.where(self.taken, self.design.weight, 0.0)
        return own / own[self.taken].mean() if self.taken.any() else own

    def only(self, *codes: int) -> Grouped:
        """The same rows, of which only some groups take part."""
        place = np.full(len(self.names) + 1, -1)
        place[list(codes)] = np.arange(len(codes))
        names = tuple(self.names[code] for code in codes)
        values = np.where(np.isin(self.codes, codes), self.values, np.nan)
        return Grouped(self.measure, values, place[self.codes], names, self.design)

    @property
    def answering(self) -> Grouped:
        """Without the groups that nobody answered in."""
        return self.only(*(code for code, one in enumerate(self.moments) if one.n))


def grouped(
    values: ArrayLike,
    groups: ArrayLike,
    metric: str,
    weight: ArrayLike | None,
    strata: ArrayLike | None,
    cluster: ArrayLike | None,
    population: Population | None,
) -> Grouped:
    """Plain data as `Grouped`, groups in sorted order; answers of `nps` become +1, 0 and -1."""
    one_of(metric, MEASURES, "metric")
    numbers = scoring.numbers(values)
    if metric == "nps":
        numbers = nps_scores(numbers)
    if metric == "share" and not np.isin(numbers[~np.isnan(numbers)], (0, 1)).all():
        raise SurveyError(
            "a share is compared on answers of 0 and 1",
            expected="1 for those who count and 0 for the others",
        )
    codes, names = group_codes(groups, len(numbers))
    design = design_of(len(numbers), weight, strata, cluster, population)
    is_in = (codes >= 0) & (design.weight > 0)
    return Grouped(MEASURES[metric], np.where(is_in, numbers, np.nan), codes, names, design)


def group_codes(groups: ArrayLike, n: int) -> tuple[np.ndarray, tuple[object, ...]]:
    """Each row's group as a number (-1 for none), and the groups in sorted order."""
    labels = pd.Series(np.asarray(groups, dtype=object).ravel())
    if len(labels) != n:
        raise SurveyError(
            f"there are {len(labels)} groups for {n} respondents",
            expected="a group for every respondent, or None",
        )
    found = labels.dropna().unique()
    try:
        names = sorted(found)
    except TypeError:
        names = sorted(found, key=str)
    place = {name: code for code, name in enumerate(names)}
    return labels.map(place).fillna(-1).to_numpy(dtype=int), tuple(names)


def labels_of(names: Sequence[object]) -> list[str]:
    """The names of groups in words; whole numbers as such, 1 and not 1.0."""
    return [
        f"{name:.0f}" if isinstance(name, float) and name.is_integer() else str(name)
        for name in names
    ]


def mid_ranks(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The part (0-1) of all weight that answered lower, ties counted half; NaN where missing.

    At equal weights these are mid-ranks, (rank - 1/2) / n.
    """
    taken = ~np.isnan(values)
    found = np.full(len(values), np.nan)
    if taken.any():
        _, place = np.unique(values[taken], return_inverse=True)
        mass = np.bincount(place, weight[taken])
        found[taken] = ((np.cumsum(mass) - mass / 2) / mass.sum())[place]
    return found


def covariances(moments: Sequence[Moment], design: Design) -> np.ndarray:
    """The covariance matrix of several means under one design."""
    k = len(moments)
    made = np.zeros((k, k))
    for i in range(k):
        for j in range(i, k):
            one = covariance(moments[i].influence, moments[j].influence, design)
            made[i, j] = made[j, i] = one
    return made
