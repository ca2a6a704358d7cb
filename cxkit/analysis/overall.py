"""Tests over everything at once: whether any group differs, whether any measure changed.

`overall_test` asks it of the groups of plain data, `overall_change` of the waves of a survey.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from cxkit.analysis import estimates, pyramid, scoring
from cxkit.analysis.estimates import Measured
from cxkit.analysis.grouped import Grouped, covariances, group_codes, grouped, mid_ranks, one_of
from cxkit.analysis.intervals import check_level
from cxkit.analysis.metrics import design_of
from cxkit.errors import SurveyError
from cxkit.records import Fit
from cxkit.weights import Design, Moment, effective_base, moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "METHODS",
    "OverallTest",
    "Table",
    "of_groups",
    "of_table",
    "overall_change",
    "overall_test",
]

METHODS = ("welch", "anova", "rank", "wald", "chi2")
"""How all groups may be tested at once."""

_NOTHING = 1e-10
"""A direction with less variance than this part of a measure's own holds no news."""

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
    population: float | Mapping[object, float] | None = None,
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
        raise SurveyError(f"method '{method}' takes the answers as they are, not as '{metric}'")
    if method == "chi2":
        design = design_of(np.size(values), weight, strata, cluster, population)
        return of_table(Table.of(values, groups, design), ci_level)
    data = grouped(values, groups, metric, weight, strata, cluster, population)
    return of_groups(data, method, ci_level)


def of_groups(data: Grouped, method: str, ci_level: float) -> OverallTest:
    """The overall test of answers in groups; groups that nobody answered in are left out."""
    data = data.answering
    name = _method_name(data.design, method)
    n, n_eff = _bases(data.taken, data.design)
    if len(data.names) < 2:
        return _untested(name, "one_group" if n else "no_answers", n, n_eff, ci_level)
    made = {
        "welch_anova": _welch,
        "anova": _anova,
        "kruskal_wallis": _kruskal,
        "rank_wald_f": _rank_wald,
        "wald_f": _wald_of_means,
    }[name](data)
    if isinstance(made, str):
        return _untested(name, made, n, n_eff, ci_level)
    return _judged(name, made, n, n_eff, ci_level)


def _method_name(design: Design, method: str) -> str:
    if not design.is_simple or method == "wald":
        return "rank_wald_f" if method == "rank" else "wald_f"
    return {"welch": "welch_anova", "anova": "anova", "rank": "kruskal_wallis"}[method]


@dataclass(frozen=True)
class _Statistic:
    """What a test comes to: F on df1 and df2, or a chi-square on df1 where df2 is infinite."""

    value: float
    df1: float
    df2: float = math.inf
    flags: tuple[str, ...] = ()

    @property
    def p(self) -> float:
        if math.isinf(self.df2):
            return float(special.chdtrc(self.df1, self.value))
        return float(special.fdtrc(self.df1, self.df2, self.value))


def _judged(method: str, made: _Statistic, n: int, n_eff: float, ci_level: float) -> OverallTest:
    verdict = "clear" if made.p < 1 - ci_level else "no_evidence"
    return OverallTest("overall_test", made.value, verdict=verdict, method=method, n=n,
                       n_eff=n_eff, ci_level=ci_level, p=made.p, flags=made.flags,
                       df1=made.df1, df2=made.df2)  # fmt: skip


def _untested(method: str, why: str, n: int, n_eff: float, ci_level: float) -> OverallTest:
    flags = {"no_answers": "no_answers", "no_previous": "not_measured"}.get(why, "unreliable")
    return OverallTest("overall_test", math.nan, verdict=why, method=method, n=n, n_eff=n_eff,
                       ci_level=ci_level, flags=(flags,))  # fmt: skip


def _bases(taken: np.ndarray, design: Design) -> tuple[int, float]:
    own = design.weight[taken & (design.weight > 0)]
    return len(own), effective_base(own)


# -- textbook tests -------------------------------------------------------------------------------


def _welch(data: Grouped) -> _Statistic | str:
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
    return _Statistic(float(between / (1 + 2 * (k - 2) * lost)), k - 1, 1 / (3 * lost))


def _anova(data: Grouped) -> _Statistic | str:
    sides = [data.answers(code) for code in range(len(data.names))]
    k, n = len(sides), sum(map(len, sides))
    if n <= k:
        return "too_few"
    within = sum(float(((one - one.mean()) ** 2).sum()) for one in sides)
    if not within > 0:
        return "no_spread"
    mean = sum(float(one.sum()) for one in sides) / n
    between = sum(len(one) * float(one.mean() - mean) ** 2 for one in sides)
    return _Statistic(between / (k - 1) / (within / (n - k)), k - 1, n - k)


def _kruskal(data: Grouped) -> _Statistic | str:
    ranks = mid_ranks(data.values, data.weight)
    spread = np.nanvar(ranks, ddof=1)
    if not spread > 0:
        return "no_spread"
    moments = data.moments_of(ranks)
    between = sum(one.n * (one.estimate - 0.5) ** 2 for one in moments)
    return _Statistic(float(between / spread), len(moments) - 1)


# -- under the design -----------------------------------------------------------------------------


def _wald_of_means(data: Grouped) -> _Statistic | str:
    return _wald(data.moments, data.design)


def _rank_wald(data: Grouped) -> _Statistic | str:
    return _wald(data.moments_of(mid_ranks(data.values, data.weight)), data.design)


def _wald(moments: Sequence[Moment], design: Design) -> _Statistic | str:
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
    made = _wald_of_differences(against, design)
    return made if isinstance(made, str) or made.df1 == len(against) else "no_spread"


def _wald_of_differences(found: Sequence[Moment], design: Design) -> _Statistic | str:
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
    return _Statistic(total * df2 / (design.df * df1), df1, df2)


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
    n, n_eff = _bases(table.taken, design)
    name = "pearson_chi2" if design.is_simple else "rao_scott_f"
    if not table.df:
        return _untested(name, "one_group" if n else "no_answers", n, n_eff, ci_level)
    expected = n * table.alike
    is_rough = (expected < _FEW).mean() > 0.2 or expected.min() < 1
    flags = ("unreliable",) if is_rough else ()
    if design.is_simple:
        return _judged(name, _Statistic(n * table.phi2, table.df, flags=flags), n, n_eff, ci_level)
    deffs = table.inflations
    total = float(np.trace(deffs))
    if design.df < 1 or not total > 0:
        return _untested(name, "too_few", n, n_eff, ci_level)
    df1 = total**2 / float(np.trace(deffs @ deffs))
    made = _Statistic(table.phi2 / total, df1, df1 * design.df, flags)
    return _judged(name, made, n, n_eff, ci_level)


# -- waves of a survey ----------------------------------------------------------------------------


def overall_change(
    survey: Any, measures: Iterable[tuple[str, str]], waves: Sequence[str] | None = None
) -> OverallTest:
    """Whether anything changed: all differences between waves, of all measures, in one test.

    Parameters
    ----------
    survey : Survey
        The respondents in hand; the latest wave in hand counts as now.
    measures : iterable of (metric, of)
        Such as `("nps", "outcome:recommend")` or `("score_100", "level:trust")`.
    waves : sequence of str, optional
        The waves, in any order; the latest and the one before it if not given. Of several waves
        every change from each to the next is tested.

    Returns
    -------
    OverallTest
        name `overall_change`, `of` the measures tested (`outcome:recommend|level:trust`), n
        people who answered any of them. Measures that a wave did not ask, asked in another way,
        or may not show for its base take no part; where none is left, the verdict says why.

    Raises
    ------
    SurveyError
        If a metric, a key or a wave is unknown.

    Notes
    -----
    The Wald F of `overall_test` over the raw differences (linearised; those of shares and NPS
    without added answers), which keeps their covariances: the measures are answered by the same
    people, and respondents in several waves are one sampling unit. Levels as in `pyramid.change`.
    A measure that adds nothing of its own to the others adds no degree of freedom.

    Examples
    --------
    >>> import cxkit as cx
    >>> demo = cx.load("demo")
    >>> overall_change(demo, [("nps", "outcome:recommend")], demo.waves).df1
    2
    """
    now, before = survey.latest, survey.latest.previous
    level = now.study.ci_level
    if waves is None:
        waves = [] if before is None else [before.wave, now.wave]
    chosen = tuple(sorted(set(waves)))
    if len(chosen) < 2:
        return _named(_untested("wald_f", "no_previous", 0, 0.0, level), [])
    masks = {wave: survey.so_far().where(wave=wave).mask for wave in chosen}
    joint = estimates.sample(now, chosen)
    changes: list[Moment] = []
    answered, measured = np.zeros(joint.design.n, bool), []
    for one in _comparable(now, list(measures), masks):
        own = [
            estimates.sample(now, (wave,)).moment_within(joint, one, mask)
            for wave, mask in masks.items()
        ]
        if not all(estimates.is_shown(now, side) and side.n >= 2 for side in own):
            continue
        measured.append(one.of)
        answered |= ~np.isnan(one.values[joint.rows])
        changes += [
            dataclasses.replace(
                b, estimate=b.estimate - a.estimate, influence=b.influence - a.influence
            )
            for a, b in itertools.pairwise(own)
        ]
    in_hand = np.logical_or.reduce(list(masks.values()))[joint.rows]
    n, n_eff = _bases(answered & in_hand, joint.design)
    made = _wald_of_differences(changes, joint.design) if changes else "too_few"
    if isinstance(made, str):
        return _named(_untested("wald_f", made, n, n_eff, level), measured)
    return _named(_judged("wald_f", made, n, n_eff, level), measured)


def _named(test: OverallTest, measured: Sequence[str]) -> OverallTest:
    return dataclasses.replace(test, name="overall_change", of="|".join(measured))


def _comparable(
    now: Any, measures: Sequence[tuple[str, str]], masks: Mapping[str, np.ndarray]
) -> list[Measured]:
    """The measures that all the waves asked in the same way; levels on their common items."""
    of_levels = {of for _, of in measures if of.startswith("level:")}
    found = [
        one
        for metric, of in measures
        if of not in of_levels
        for one in estimates.measured(now, metric, of)
    ]
    if of_levels:
        groups = list(masks.values())
        common = {key: scoring.level_items(now, key, groups) for key in scoring.levels(now.study)}
        found += [
            one
            for one in pyramid.measured(now, common)
            if one.of in of_levels and common[one.of.partition(":")[2]]
        ]
    return [one for one in found if not scoring.changed(now, one.of, masks)]
