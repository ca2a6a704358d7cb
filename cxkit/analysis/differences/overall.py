"""Tests over all groups of plain data at once: whether any of them differs from the others.

`overall_test` is the test, `OverallTest` its record; `wald_of_means` and `wald_of_differences` are
what tests of a survey (`together`) are made of.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from cxkit.analysis.differences.grouped import (
    Grouped,
    covariances,
    group_codes,
    grouped,
    mid_ranks,
)
from cxkit.analysis.intervals import check_level
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fit
from cxkit.weights import Design, Moment, effective_base, moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "METHODS",
    "OverallTest",
    "Statistic",
    "Table",
    "bases",
    "judged",
    "of_groups",
    "of_table",
    "overall_test",
    "untested",
    "wald_of_differences",
    "wald_of_means",
]

METHODS = ("welch", "anova", "rank", "wald", "chi2")
"""How all groups may be tested at once."""

_NOTHING = 1e-10
"""A direction with less variance than this part of a measure's own holds no news."""

_FLAGS = {
    "no_answers": "no_answers",
    "no_previous": "not_measured",
    "not_comparable": "not_comparable",
}
"""The flag of a test that cannot be made, by the reason; any other is `unreliable`."""

_FEW = 5
"""Expected counts below it make the chi-square distribution rough."""


@dataclass(frozen=True)
class OverallTest(Fit):
    """A test of several differences at once: `value` is its statistic, `p` its p-value.

    `df1` and `df2` are its degrees of freedom (`df2` infinite for a chi-square, whose value is
    the chi-square itself, else an F). Verdict `clear` or `no_evidence`, or why there is none:
    `no_answers`, `one_group`, `too_few`, `no_spread`, `no_previous`. As a row it is a Fit.

    Examples
    --------
    >>> OverallTest("overall_test", 4.5, p=0.02, df1=2, df2=40, n=43, verdict="clear")
    OverallTest(4.5, df=(2, 40), p=0.0200, n=43, clear)
    """

    df1: float = math.nan
    df2: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """The record as one flat row of a table of fits."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(Fit)}

    def __repr__(self) -> str:
        return (
            f"OverallTest({self.value:.4g}, df=({self.df1:.4g}, {self.df2:.4g}), "
            f"p={self.p:.4f}, n={self.n}, {self.verdict})"
        )


def overall_test(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    method: str = "welch",
    metric: str = "mean",
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> OverallTest:
    """Whether any of the groups differs from the others, in one test.

    Parameters
    ----------
    values : array-like, shape (n_respondents,)
        Answers or scores; for `chi2` the answer itself, words or numbers. Missing answers leave
        the base.
    groups : array-like, shape (n_respondents,)
        The group of each respondent; those without one take no part.
    method : {"welch", "anova", "rank", "wald", "chi2"}, default "welch"
        Means with unequal [1]_ or equal variances, ranks (Kruskal and Wallis [2]_), means under
        the sample design, or the table of answers by groups (Pearson).
    metric : {"mean", "nps", "share"}, default "mean"
        As in `compare_groups`; ranks and tables take the answers as they are.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    OverallTest
        value (the statistic), p, df1, df2, n, n_eff; verdict `clear` where p is under
        1 - ci_level. Where there is nothing to test: NaN, a flag, and a verdict that says why.

    Raises
    ------
    SurveyError
        If lengths differ or a word is unknown.

    Notes
    -----
    Where the sample is simple (equal weights, no strata, clusters or population) these are the
    textbook tests, ranks and tables corrected for ties and not for continuity. Otherwise, and
    always for `wald`: F = (d - q + 1)/(d q) W on q and d - q + 1 degrees of freedom, W the Wald
    statistic of the q differences between means (or mean ranks [4]_) under the design, d its
    degrees of freedom [3]_; for `chi2` the second-order correction of Rao and Scott [5]_. Of
    two groups the statistic is the square of the one that `compare_groups` has.

    Checked against R 4.2 `oneway.test`, `aov`, `kruskal.test`, `chisq.test` and survey 4.1
    `regTermTest`, `svyranktest`, `svychisq`. R's survey takes W/q for the F, and one degree of
    freedom less; both are the same in large samples.

    References
    ----------
    .. [1] Welch, B. L. (1951). On the comparison of several mean values. Biometrika 38.
    .. [2] Kruskal, W. H. & Wallis, W. A. (1952). Use of ranks in one-criterion variance
           analysis. Journal of the American Statistical Association 47.
    .. [3] Korn, E. L. & Graubard, B. I. (1990). Simultaneous testing of regression coefficients
           with complex survey data. The American Statistician 44.
    .. [4] Lumley, T. & Scott, A. J. (2013). Two-sample rank tests under complex sampling.
           Biometrika 100.
    .. [5] Rao, J. N. K. & Scott, A. J. (1984). On chi-squared tests for multiway contingency
           tables with cell proportions estimated from survey data. Annals of Statistics 12.

    Examples
    --------
    >>> overall_test([3, 4, 3, 4, 5, 4, 5, 5, 1, 2, 3, 2], list("aaaabbbbcccc"))
    OverallTest(15.67, df=(2, 5.809), p=0.0046, n=12, clear)
    """
    one_of(method, METHODS, "method")
    check_level(ci_level)
    if method in ("rank", "chi2") and metric != "mean":
        raise SurveyError(
            f"method '{method}' takes the answers as they are, not as '{metric}'",
            expected='metric="mean", which leaves the answers alone',
        )
    if method == "chi2":
        design = design_of(np.size(values), weight, strata, cluster, population)
        return of_table(Table.of(values, groups, design), ci_level)
    data = grouped(values, groups, metric, weight, strata, cluster, population)
    return of_groups(data, method, ci_level)


def of_groups(data: Grouped, method: str, ci_level: float) -> OverallTest:
    """The overall test of answers in groups; groups that nobody answered in are left out."""
    data = data.answering
    name = _method_name(data.design, method)
    n, n_eff = bases(data.taken, data.design)
    if len(data.names) < 2:
        return untested(name, "one_group" if n else "no_answers", n, n_eff, ci_level)
    made = {
        "welch_anova": _welch,
        "anova": _anova,
        "kruskal_wallis": _kruskal,
        "rank_wald_f": _mean_ranks,
        "wald_f": _means,
    }[name](data)
    if isinstance(made, str):
        return untested(name, made, n, n_eff, ci_level)
    return judged(name, made, n, n_eff, ci_level)


def _method_name(design: Design, method: str) -> str:
    if not design.is_simple or method == "wald":
        return "rank_wald_f" if method == "rank" else "wald_f"
    return {"welch": "welch_anova", "anova": "anova", "rank": "kruskal_wallis"}[method]


@dataclass(frozen=True)
class Statistic:
    """What a test comes to: F on df1 and df2, or a chi-square on df1 where df2 is infinite."""

    value: float
    df1: float
    df2: float = math.inf
    flags: tuple[str, ...] = ()

    @property
    def p(self) -> float:
        """The chance of as much or more if nothing differs."""
        if math.isinf(self.df2):
            return float(special.chdtrc(self.df1, self.value))
        return float(special.fdtrc(self.df1, self.df2, self.value))


def judged(method: str, made: Statistic, n: int, n_eff: float, ci_level: float) -> OverallTest:
    """The record of a test."""
    verdict = "clear" if made.p < 1 - ci_level else "no_evidence"
    return OverallTest("overall_test", made.value, verdict=verdict, method=method, n=n,
                       n_eff=n_eff, ci_level=ci_level, p=made.p, flags=made.flags,
                       df1=made.df1, df2=made.df2)  # fmt: skip


def untested(method: str, why: str, n: int, n_eff: float, ci_level: float) -> OverallTest:
    """The record of a test that cannot be made, and why."""
    flags = _FLAGS.get(why, "unreliable")
    return OverallTest("overall_test", math.nan, verdict=why, method=method, n=n, n_eff=n_eff,
                       ci_level=ci_level, flags=(flags,))  # fmt: skip


def bases(taken: np.ndarray, design: Design) -> tuple[int, float]:
    """How many rows with a weight take part, and their effective base."""
    own = design.weight[taken & (design.weight > 0)]
    return len(own), effective_base(own)


# -- textbook tests -------------------------------------------------------------------------------


def _welch(data: Grouped) -> Statistic | str:
    sides = [data.answers(code) for code in range(len(data.names))]
    n = np.array([len(one) for one in sides], dtype=float)
    if n.min() < 2:
        return "too_few"
    spread = np.array([one.var(ddof=1) for one in sides])
    if not spread.all():
        return "no_spread"
    k, precision = len(sides), n / spread
    share = precision / precision.sum()
    means = np.array([one.mean() for one in sides])
    between = (precision * (means - share @ means) ** 2).sum() / (k - 1)
    lost = float(((1 - share) ** 2 / (n - 1)).sum()) / (k**2 - 1)
    return Statistic(float(between / (1 + 2 * (k - 2) * lost)), k - 1, 1 / (3 * lost))


def _anova(data: Grouped) -> Statistic | str:
    sides = [data.answers(code) for code in range(len(data.names))]
    k, n = len(sides), sum(map(len, sides))
    if n <= k:
        return "too_few"
    within = sum(float(((one - one.mean()) ** 2).sum()) for one in sides)
    if not within > 0:
        return "no_spread"
    mean = sum(float(one.sum()) for one in sides) / n
    between = sum(len(one) * float(one.mean() - mean) ** 2 for one in sides)
    return Statistic(between / (k - 1) / (within / (n - k)), k - 1, n - k)


def _kruskal(data: Grouped) -> Statistic | str:
    ranks = mid_ranks(data.values, data.weight)
    spread = np.nanvar(ranks, ddof=1)
    if not spread > 0:
        return "no_spread"
    moments = data.moments_of(ranks)
    between = sum(one.n * (one.estimate - 0.5) ** 2 for one in moments)
    return Statistic(float(between / spread), len(moments) - 1)


# -- under the design -----------------------------------------------------------------------------


def _means(data: Grouped) -> Statistic | str:
    return wald_of_means(data.moments, data.design)


def _mean_ranks(data: Grouped) -> Statistic | str:
    return wald_of_means(data.moments_of(mid_ranks(data.values, data.weight)), data.design)


def wald_of_means(moments: Sequence[Moment], design: Design) -> Statistic | str:
    """All differences between several means at once."""
    if min(one.n for one in moments) < 2:
        return "too_few"
    if not any(one.spread for one in moments):
        return "no_spread"
    last = moments[-1]
    against = [
        dataclasses.replace(
            one, estimate=one.estimate - last.estimate, influence=one.influence - last.influence
        )
        for one in moments[:-1]
    ]
    if design.df < len(against):
        return "too_few"
    made = wald_of_differences(against, design)
    return made if isinstance(made, str) or made.df1 == len(against) else "no_spread"


def wald_of_differences(found: Sequence[Moment], design: Design) -> Statistic | str:
    """Whether any of several differences, given with their influences, is not zero.

    What one difference adds to the others is tested only where it can vary on its own.
    """
    spread = covariances(found, design)
    error = np.sqrt(np.diag(spread))
    size = np.array([one.estimate for one in found])
    varies = error > 0
    if not varies.any():
        return "no_spread"
    error, size, spread = error[varies], size[varies], spread[np.ix_(varies, varies)]
    values, axes = np.linalg.eigh(spread / np.outer(error, error))
    kept = values > _NOTHING * len(values)
    df1 = int(kept.sum())
    df2 = design.df - df1 + 1
    if df2 < 1:
        return "too_few"
    along = (size / error) @ axes[:, kept]
    total = float((along**2 / values[kept]).sum())
    return Statistic(total * df2 / (design.df * df1), df1, df2)


# -- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Table:
    """Answers by groups, as shares of everybody: `cells` of shape (n_answers, n_groups).

    `influences` are those of the cells, row by row; `taken` says who is in the table. Answers
    and groups that nobody has are left out.
    """

    cells: np.ndarray
    influences: list[Moment]
    taken: np.ndarray
    design: Design

    @classmethod
    def of(cls, values: ArrayLike, groups: ArrayLike, design: Design) -> Table:
        """The table of plain data, words or numbers, under a design of as many rows."""
        rows, answers = group_codes(values, design.n)
        columns, names = group_codes(groups, design.n)
        taken = (rows >= 0) & (columns >= 0) & (design.weight > 0)
        some_rows = [i for i in range(len(answers)) if (taken & (rows == i)).any()]
        some_columns = [j for j in range(len(names)) if (taken & (columns == j)).any()]
        found = [
            moment(np.where(taken, (rows == i) & (columns == j), np.nan), design)
            for i, j in itertools.product(some_rows, some_columns)
        ]
        cells = np.array([one.estimate for one in found])
        return cls(cells.reshape(len(some_rows), len(some_columns)), found, taken, design)

    @property
    def phi2(self) -> float:
        """Pearson's chi-square over n: how far the shares are from those of no association."""
        alike = self.alike
        return float(((self.cells - alike) ** 2 / alike).sum())

    @property
    def alike(self) -> np.ndarray:
        """The shares that there would be without any association."""
        return np.outer(self.cells.sum(axis=1), self.cells.sum(axis=0))

    @property
    def df(self) -> int:
        """(answers - 1) times (groups - 1)."""
        r, c = self.cells.shape
        return (r - 1) * (c - 1) if min(r, c) else 0

    @property
    def inflations(self) -> np.ndarray:
        """Rao and Scott's matrix: how the design inflates the variances of the associations.

        Against those of a simple sample, for n = 1; its trace is the sum of the design effects.
        """
        r, c = self.cells.shape
        flat = self.cells.ravel()
        rows, columns = (part.ravel() for part in np.indices((r, c)))
        margins = np.column_stack(
            [
                np.ones(r * c),
                *(rows == i for i in range(1, r)),
                *(columns == j for j in range(1, c)),
            ]
        )
        both = np.column_stack(
            [(rows == i) & (columns == j) for i in range(1, r) for j in range(1, c)]
        ).astype(float)
        beyond = both - margins @ np.linalg.lstsq(margins, both, rcond=None)[0]
        weighed = np.where(flat > 0, beyond.T / np.where(flat > 0, flat, 1.0), 0.0)
        simple = weighed @ beyond
        of_design = weighed @ covariances(self.influences, self.design) @ weighed.T
        return np.linalg.pinv(simple) @ of_design


def of_table(table: Table, ci_level: float) -> OverallTest:
    """Whether answers and groups go together at all (Pearson, or Rao and Scott)."""
    design = table.design
    n, n_eff = bases(table.taken, design)
    name = "pearson_chi2" if design.is_simple else "rao_scott_f"
    if not table.df:
        return untested(name, "one_group" if n else "no_answers", n, n_eff, ci_level)
    expected = n * table.alike
    is_rough = (expected < _FEW).mean() > 0.2 or expected.min() < 1
    flags = ("unreliable",) if is_rough else ()
    if design.is_simple:
        return judged(name, Statistic(n * table.phi2, table.df, flags=flags), n, n_eff, ci_level)
    deffs = table.inflations
    total = float(np.trace(deffs))
    if design.df < 1 or not total > 0:
        return untested(name, "too_few", n, n_eff, ci_level)
    df1 = total**2 / float(np.trace(deffs @ deffs))
    made = Statistic(table.phi2 / total, df1, df1 * design.df, flags)
    return judged(name, made, n, n_eff, ci_level)
