"""Tests between groups of plain data: every pair compared, and pairs shown to be as good as equal.

`compare_groups` asks whether two groups differ, `equivalence` whether they differ by less than
what matters. Both judge all pairs together.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from cxkit.analysis import contrasts
from cxkit.analysis.contrasts import Contrast, Rules, adjust_p, contrast, corrected
from cxkit.analysis.differences.grouped import Grouped, grouped, mid_ranks
from cxkit.analysis.intervals import Measure, check_level
from cxkit.analysis.metrics import Population
from cxkit.errors import SurveyError, one_of
from cxkit.records import Comparison, Comparisons
from cxkit.weights import variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["METHODS", "compare_groups", "equivalence"]

METHODS = ("linearised", "welch", "student", "rank", "dunn", "ordinal")
"""How two groups may be compared."""

_OF_RANKS = {
    "rank": Measure("cliffs_delta", "share", "share"),
    "dunn": Measure("mean_rank", "share", "share"),
}
_LOG_ODDS = Measure("log_odds", "mean", "scale")


def compare_groups(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    metric: str = "mean",
    method: str = "linearised",
    correction: str = "holm",
    matter: float | None = None,
    min_base: float = 0,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Comparisons:
    """All pairs of groups compared on one measure, corrected for being several.

    Parameters
    ----------
    values : array-like of float or missing, shape (n_respondents,)
        Answers or scores; 0-10 for `nps`, 0 and 1 for `share`. Missing answers leave the base.
    groups : array-like, shape (n_respondents,)
        The group of each respondent; those without one take no part.
    metric : {"mean", "nps", "share"}, default "mean"
        What is compared. Tests of ranks and of ordered answers take the answers as they are.
    method : str, default "linearised"
        How two groups are compared, and what the difference is then:

        - `linearised`: means, shares or NPS by the variance of the sample design.
        - `welch`, `student`: means by the t test of two groups of unequal, or equal, variances.
        - `rank`: Cliff's delta by the test of Mann, Whitney and Wilcoxon [2]_ [3]_: the share of
          pairs in which a answers higher minus that in which b does, -1 to 1.
        - `dunn`: mean ranks among all groups taken together [4]_, as a share (0-1) of all ranks.
        - `ordinal`: log odds of a higher answer in a than in b (`ordinal_logit` of the pair).
    correction : {"holm", "bh"}, default "holm"
        As in `adjust_p`; `bh` is for looking through many, and exploratory.
    matter : float, optional
        The smallest difference that matters, in the unit of the difference, for `stable` and
        `clear_small`.
    min_base : float, default 0
        Groups with a smaller effective base are not tested (verdict `hidden`).
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Comparisons
        A row for each pair of groups in sorted order, a minus b, unrounded. Without two answers
        on either side, or any spread to judge by, a pair has no test: flag `unreliable`.

    Raises
    ------
    SurveyError
        If lengths differ, a word is unknown, an answer lies off its scale, or ranks are asked
        of another metric than the answers themselves.

    Notes
    -----
    Where the sample is simple (equal weights, no strata, clusters or population) `welch`,
    `student`, `rank` and `dunn` are the textbook tests, without continuity correction and with
    the correction for ties. Under any other design the first two become `linearised`, the
    others the design-based rank test [5]_: the linearised difference of mean ranks (their share
    of all weight, ties counted half), whose double is Cliff's delta, with Student t. `method` of
    each row says what was done.

    `linearised`, means: variance of the difference under the design, Student t. Shares: adjusted
    Wald (Agresti-Caffo [1]_), NPS: adjusted Wald (METHODS 6), both with n_design. Every interval
    is drawn at the level that the correction leaves for its step, so that interval and
    p_adjusted agree. For ranks it turns the test round: its error is that of two groups alike,
    so it is rough far from zero; `effect_sizes` gives Cliff's delta with an error of its own.

    Checked against R 4.2 `t.test`, `wilcox.test`, survey 4.1 `svyttest`, `svyranktest`, and the
    formulas of Dunn on the bfi, SFO, airline and apistrat data.

    References
    ----------
    .. [1] Agresti, A. & Caffo, B. (2000). Simple and effective confidence intervals for
           proportions and differences of proportions. The American Statistician 54.
    .. [2] Mann, H. B. & Whitney, D. R. (1947). On a test of whether one of two random variables
           is stochastically larger than the other. Annals of Mathematical Statistics 18.
    .. [3] Cliff, N. (1993). Dominance statistics. Psychological Bulletin 114.
    .. [4] Dunn, O. J. (1964). Multiple comparisons using rank sums. Technometrics 6.
    .. [5] Lumley, T. & Scott, A. J. (2013). Two-sample rank tests under complex sampling.
           Biometrika 100.

    Examples
    --------
    >>> compare_groups([5, 4, 5, 5, 1, 2, 2, 1], list("aaaabbbb"))[0]
    Comparison(a - b: 3.25, ci=(2.41, 4.09), clear)
    >>> compare_groups([5, 4, 5, 3, 1, 2, 4, 1], list("aaaabbbb"), method="rank")[0]
    Comparison(a - b: 0.812, ci=(-0.0209, 1), no_evidence)
    """
    one_of(correction, ("holm", "bh"), "correction")
    data = grouped(values, groups, metric, weight, strata, cluster, population)
    return corrected(_pairs(data, method), Rules(ci_level, min_base, matter), correction)


def equivalence(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    matter: float,
    metric: str = "mean",
    method: str = "linearised",
    min_base: float = 0,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Comparisons:
    """Whether each two groups differ by less than what matters: two one-sided tests.

    That no difference was found does not say that there is none. Here the claim to be shown is
    the likeness, and `p` is small where the data speak against a difference that matters.

    Parameters
    ----------
    values, groups, metric, method, min_base
        As in `compare_groups`.
    matter : float
        The smallest difference that matters, above zero, in the unit of the difference (points
        for `nps`, 0-1 for `share`): set before the data are seen.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Comparisons
        A row for each pair in sorted order, a minus b. `p` is the larger of the two one-sided
        p-values, `p_adjusted` the same after Holm over all pairs, `method` begins with `tost_`.
        Verdicts: `stable` (as good as equal), `clear` or `clear_small` (they differ), else
        `no_evidence` either way.

    Raises
    ------
    SurveyError
        As in `compare_groups`; if `matter` is not above zero.

    Notes
    -----
    p = max(P(T > (d + matter)/se), P(T > (matter - d)/se)) with d the centre and se the error
    of the pair's interval [1]_. The rule of the report is the whole 95 % interval within plus
    and minus `matter`, which is p_adjusted under (1 - ci_level)/2 = .025: stricter than the
    90 % interval of the textbooks (p under .05), so that one interval on the page serves both
    questions, whether something changed and whether it is stable. Intervals are drawn at the
    level that Holm leaves, as everywhere; for the textbook's verdict choose ci_level=0.90.

    References
    ----------
    .. [1] Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the
           power approach for assessing the equivalence of average bioavailability. Journal of
           Pharmacokinetics and Biopharmaceutics 15.

    Examples
    --------
    >>> answers, groups = [3, 4, 4, 3, 2, 5, 4, 3] * 60, list("aabb") * 120
    >>> [equivalence(answers, groups, matter=size)[0].verdict for size in (0.1, 0.3, 0.6)]
    ['no_evidence', 'stable', 'stable']
    """
    if not matter > 0 or math.isinf(matter):
        raise SurveyError(
            f"the difference that matters is {matter}",
            expected="a number above zero, in the unit of the difference",
        )
    check_level(ci_level)
    data = grouped(values, groups, metric, weight, strata, cluster, population)
    pairs = _pairs(data, method)
    rules = Rules(ci_level, min_base, matter)
    plain = corrected(pairs, rules)
    p = np.array(
        [
            _tost(made, matter) if one.correction != "none" else math.nan
            for made, one in zip(pairs, plain, strict=True)
        ]
    )
    p_adjusted = adjust_p(p, "holm")
    levels = contrasts.holm_levels(p, p_adjusted, (1 - ci_level) / 2)
    return Comparisons(
        _equivalent(made, one, rules, (p[i], p_adjusted[i], levels[i]))
        for i, (made, one) in enumerate(zip(pairs, plain, strict=True))
    )


# -- one pair -------------------------------------------------------------------------------------


def _pairs(data: Grouped, method: str) -> list[Contrast]:
    """The contrast of every pair of groups by one of `METHODS`."""
    one_of(method, METHODS, "method")
    if method in ("rank", "dunn", "ordinal") and data.measure.metric != "mean":
        raise SurveyError(
            f"method '{method}' compares answers as they are, not as '{data.measure.metric}'",
            expected='metric="mean", which leaves the answers alone, or method="linearised"',
        )
    codes = list(itertools.combinations(range(len(data.names)), 2))
    if method == "dunn":
        return _dunn(data, codes)
    is_textbook = data.design.is_simple and method != "linearised"
    make: dict[str, Callable[[Grouped, int, int], Contrast]] = {
        "linearised": _linearised,
        "welch": _welch if is_textbook else _linearised,
        "student": _student if is_textbook else _linearised,
        "rank": _mann_whitney if is_textbook else _rank_of_design,
        "ordinal": _ordinal,
    }
    return [make[method](data, a, b) for a, b in codes]


def _linearised(data: Grouped, a: int, b: int) -> Contrast:
    sides = (data.moments[a], data.moments[b])
    return contrast(data.measure, *sides, data.design, names=_named(data, a, b))


def _bare(
    data: Grouped, a: int, b: int, method: str, difference: float, measure: Measure | None = None
) -> Contrast:
    """A contrast that is not tested yet."""
    return Contrast(
        *_named(data, a, b),
        of="answers",
        measure=measure or data.measure,
        moment_a=data.moments[a],
        moment_b=data.moments[b],
        difference=difference,
        method=method,
    )


def _named(data: Grouped, a: int, b: int) -> tuple[str, str]:
    return data.labels[a], data.labels[b]


def _tested(made: Contrast, se: float, df: float = math.inf, effect: float = math.nan) -> Contrast:
    """The contrast with its error, or untested where there is no spread to judge by."""
    if not se > 0:
        return made
    return dataclasses.replace(made, centre=made.difference, se=se, df=df, effect=effect)


def _enough(made: Contrast) -> bool:
    return min(made.moment_a.n, made.moment_b.n) >= 2


def _welch(data: Grouped, a: int, b: int) -> Contrast:
    x, y = data.answers(a), data.answers(b)
    made = _bare(data, a, b, "welch_t", data.moments[a].estimate - data.moments[b].estimate)
    if not _enough(made):
        return made
    parts = np.array([x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)])
    if not parts.any():
        return made
    df = parts.sum() ** 2 / (parts**2 / np.array([len(x) - 1, len(y) - 1])).sum()
    return _tested(made, math.sqrt(parts.sum()), float(df), _pooled(made.difference, x, y))


def _student(data: Grouped, a: int, b: int) -> Contrast:
    x, y = data.answers(a), data.answers(b)
    made = _bare(data, a, b, "student_t", data.moments[a].estimate - data.moments[b].estimate)
    if not _enough(made):
        return made
    se = math.sqrt(_pooled_variance(x, y) * (1 / len(x) + 1 / len(y)))
    return _tested(made, se, float(len(x) + len(y) - 2), _pooled(made.difference, x, y))


def _pooled_variance(x: np.ndarray, y: np.ndarray) -> float:
    squares = ((x - x.mean()) ** 2).sum() + ((y - y.mean()) ** 2).sum()
    return float(squares / (len(x) + len(y) - 2))


def _pooled(difference: float, x: np.ndarray, y: np.ndarray) -> float:
    """The difference in pooled standard deviations."""
    spread = _pooled_variance(x, y)
    return difference / math.sqrt(spread) if spread > 0 else math.nan


def _mann_whitney(data: Grouped, a: int, b: int) -> Contrast:
    pair = data.only(a, b)
    ranks = pair.moments_of(mid_ranks(pair.values, pair.weight))
    delta = 2 * (ranks[0].estimate - ranks[1].estimate)
    made = _bare(data, a, b, "mann_whitney", delta, _OF_RANKS["rank"])
    if not _enough(made):
        return made
    n_a, n_b = made.moment_a.n, made.moment_b.n
    se = 2 * math.sqrt(_tied(pair.values) * (1 / n_a + 1 / n_b))
    return _tested(made, se, effect=delta)


def _tied(values: np.ndarray) -> float:
    """The variance of one mid-rank, as a share of all: (1 + 1/n - ties)/12 in all n answers."""
    own = values[~np.isnan(values)]
    n = len(own)
    counts = np.unique(own, return_counts=True)[1].astype(float)
    ties = float((counts**3 - counts).sum())
    return ((n + 1) * n - ties / (n - 1)) / (12 * n**2)


def _rank_of_design(data: Grouped, a: int, b: int) -> Contrast:
    pair = data.only(a, b)
    ranks = pair.moments_of(2 * mid_ranks(pair.values, pair.weight))
    delta = ranks[0].estimate - ranks[1].estimate
    made = _bare(data, a, b, "rank_linearised", delta, _OF_RANKS["rank"])
    if not _enough(made) or data.design.df < 1:
        return made
    error = variance(ranks[0].influence - ranks[1].influence, data.design)
    return _tested(made, math.sqrt(error), float(data.design.df), delta)


def _dunn(data: Grouped, pairs: Sequence[tuple[int, int]]) -> list[Contrast]:
    """Mean ranks among all groups: one error for all (Dunn), or that of the design."""
    is_simple, design = data.design.is_simple, data.design
    ranks = data.moments_of(mid_ranks(data.values, data.weight))
    one_rank = _tied(data.values) if is_simple and data.taken.sum() > 1 else math.nan
    found = []
    for a, b in pairs:
        difference = ranks[a].estimate - ranks[b].estimate
        method = "dunn" if is_simple else "mean_rank_linearised"
        made = _bare(data, a, b, method, difference, _OF_RANKS["dunn"])
        if _enough(made) and is_simple:
            made = _tested(made, math.sqrt(one_rank * (1 / ranks[a].n + 1 / ranks[b].n)))
        elif _enough(made) and design.df >= 1:
            error = variance(ranks[a].influence - ranks[b].influence, design)
            made = _tested(made, math.sqrt(error), float(design.df))
        found.append(made)
    return found


def _ordinal(data: Grouped, a: int, b: int) -> Contrast:
    """The log odds of a higher answer in a against b; none where b never answers as a does."""
    from cxkit.analysis.drivers.predictors import Predictors
    from cxkit.analysis.drivers.regression import cumulative_logit

    pair, design = data.only(a, b), data.design
    is_a = np.where(pair.codes < 0, np.nan, pair.codes == 0)
    made = _bare(data, a, b, "ordinal_logit", math.nan, _LOG_ODDS)
    if not _enough(made):
        return made
    given = Predictors(is_a[:, None], pair.values, ("a",), "answers", design)
    found = cumulative_logit(given, given.basis(0.95, given.why))
    slope, table = found[0].estimate, found.table
    se = math.nan if table is None else float(table["se"].iloc[-1])
    method = "ordinal_logit" if design.is_simple else "ordinal_logit_linearised"
    made = dataclasses.replace(made, difference=slope, method=method)
    return _tested(made, se, found.df)


# -- likeness -------------------------------------------------------------------------------------


def _tost(made: Contrast, matter: float) -> float:
    """The larger p of the two one-sided tests against a difference of `matter`."""
    margin = matter / made.measure.factor
    if not made.is_testable:
        return math.nan
    if made.se == 0:
        return float(abs(made.centre) >= margin)
    ratio = (abs(made.centre) - margin) / made.se
    below = special.ndtr(ratio) if math.isinf(made.df) else special.stdtr(made.df, ratio)
    return float(below)


def _equivalent(
    made: Contrast, one: Comparison, rules: Rules, judged: tuple[float, float, float]
) -> Comparison:
    """A comparison with the p of likeness, and its interval where Holm decides on that."""
    p, p_adjusted, level = judged
    named = dataclasses.replace(one, p=p, p_adjusted=p_adjusted, method=f"tost_{one.method}")
    if math.isnan(p):
        return named
    factor = made.measure.factor
    low, high = (factor * end for end in made.interval(2 * level))
    low_95, high_95 = (factor * end for end in made.interval(1 - rules.ci_level))
    verdict = contrasts.verdict(low, high, one.unit, rules.matter, uncorrected=(low_95, high_95))
    return dataclasses.replace(named, ci_low=low, ci_high=high, verdict=verdict)
