"""Contrasts: the difference of two moments, how sure it is, and who leads clearly.

`contrast` and `paired` take the difference, `corrected` judges a row of them together (Holm, with
intervals to match), `leader` names the lowest or highest only where it is clear.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from cxkit.analysis import scoring
from cxkit.analysis.intervals import (
    Interval,
    Measure,
    check_level,
    net_adjusted,
    share_adjusted,
    shrinkage,
    t_quantile,
)
from cxkit.errors import SurveyError, one_of
from cxkit.records import Comparison, Comparisons, is_private, is_wide
from cxkit.weights import Design, Moment, covariance, moment, variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "Contrast",
    "Leader",
    "Rules",
    "adjust_p",
    "contrast",
    "corrected",
    "holm_levels",
    "leader",
    "paired",
    "verdict",
]


@dataclass(frozen=True)
class Contrast:
    """A difference a - b before it is judged: its raw value, and the test's centre and error.

    The interval is `centre` plus or minus quantiles of `se` on `df` degrees of freedom
    (infinite: normal), all in the moments' own unit (an NPS as a share).
    """

    a: str
    b: str
    of: str
    measure: Measure
    moment_a: Moment
    moment_b: Moment
    difference: float
    method: str
    centre: float = math.nan
    se: float = math.nan
    df: float = math.nan
    effect: float = math.nan
    wave: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def is_testable(self) -> bool:
        """Whether there is anything to test: two answers on each side."""
        return not math.isnan(self.se)

    @property
    def p(self) -> float:
        """Two-sided p-value of no difference."""
        if not self.is_testable:
            return math.nan
        if self.se == 0:
            return 1.0 if self.centre == 0 else 0.0
        ratio = -abs(self.centre) / self.se
        below = special.ndtr(ratio) if math.isinf(self.df) else special.stdtr(self.df, ratio)
        return float(2 * below)

    def interval(self, alpha: float) -> tuple[float, float]:
        """The interval that leaves out zero exactly when p < alpha."""
        if not self.is_testable:
            return math.nan, math.nan
        half = t_quantile(1 - alpha, self.df) * self.se if self.se else 0.0
        limit = _limit(self.measure)
        return max(self.centre - half, -limit), min(self.centre + half, limit)


@dataclass(frozen=True)
class Rules:
    """How differences are judged: level, smallest base, and the least difference that matters.

    `context` says how the study words and publishes what comes of it.
    """

    ci_level: float = 0.95
    min_base: float = 30.0
    matter: float | None = None
    context: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Leader:
    """Who comes first (lowest, worst, largest loss): named only if clear against every other.

    `first` is the candidate by its number (None: no base is large enough); `key` is the same
    when its difference to every other is clear (Holm), else None, and `tied` lists those that
    cannot be told apart from it, the candidate at the head. `comparisons` are candidate minus
    other, the nearest other first. `n_hidden` candidates were measured on too small a base: while
    there is one, nobody is named, because the first may be among them.
    """

    key: str | None
    first: str | None
    tied: tuple[str, ...]
    comparisons: Comparisons
    n_hidden: int = 0


# -- one difference -------------------------------------------------------------------------------


def contrast(
    measure: Measure,
    a: Moment,
    b: Moment,
    design: Design,
    *,
    of: str = "answers",
    names: tuple[str, str] = ("a", "b"),
    wave: str | None = None,
) -> Contrast:
    """The difference of two moments whose influences lie on the rows of one `design`.

    Groups may be disjoint, overlap, or be the same people: the covariance of the two is part
    of the linearised variance in every case. Shares and nets are compared with the answers of
    their adjusted Wald interval added to each side (METHODS 6); the difference stays raw.
    """
    methods = {
        "mean": "linearised_t_difference",
        "share": "adjusted_wald_shares",
        "net": f"adjusted_wald_{measure.metric}_difference",
    }
    found = Contrast(a=names[0], b=names[1], of=of, measure=measure, moment_a=a, moment_b=b,
                     difference=a.estimate - b.estimate, method=methods[measure.kind],
                     wave=wave)  # fmt: skip
    if min(a.n, b.n) < 2:
        return found
    if measure.kind == "mean":
        if design.df < 1:
            return found
        var, df = variance(a.influence - b.influence, design), float(design.df)
        centre = found.difference
    else:
        (centre_a, var_a), (centre_b, var_b) = adjusted(measure, a), adjusted(measure, b)
        pull = shrinkage(measure.kind, a.n_design) * shrinkage(measure.kind, b.n_design)
        shared = pull * covariance(a.influence, b.influence, design)
        centre, var, df = centre_a - centre_b, max(var_a + var_b - 2 * shared, 0.0), math.inf
    return dataclasses.replace(
        found, centre=centre, se=math.sqrt(var), df=df, effect=_effect(measure, a, b)
    )


def paired(
    measure: Measure,
    a: np.ndarray,
    b: np.ndarray,
    design: Design,
    *,
    of: str = "answers",
    names: tuple[str, str] = ("a", "b"),
    wave: str | None = None,
) -> Contrast:
    """The mean difference within those who have both values `a` and `b` (one row a person)."""
    both = ~np.isnan(a) & ~np.isnan(b)
    within = moment(a - b, design)
    side_a, side_b = (moment(np.where(both, side, np.nan), design) for side in (a, b))
    found = Contrast(a=names[0], b=names[1], of=of, measure=measure, moment_a=side_a,
                     moment_b=side_b, difference=within.estimate, method="paired_t",
                     wave=wave)  # fmt: skip
    if within.n < 2 or within.df < 1:
        return found
    return dataclasses.replace(
        found,
        centre=within.estimate,
        se=math.sqrt(within.variance),
        df=within.df,
        effect=_standardised(within.estimate, within.spread),
    )


def corrected(contrasts: Sequence[Contrast], rules: Rules, correction: str = "holm") -> Comparisons:
    """The comparisons of one row, judged together over all that may be tested.

    A comparison that rests on too small a base, or on fewer than two answers, is not a test: it
    is not counted, and keeps its own p and level. `correction` as in `adjust_p`.

    Notes
    -----
    Every interval is drawn at the level at which the correction decides on its test, so that
    the two never disagree. Holm, test at rank r of m: alpha / (m - min(r, first rank not
    rejected) + 1). Benjamini-Hochberg: alpha R / m with R the number of claims there would be
    if this were one of them, which for those that are claimed are the intervals of Benjamini
    and Yekutieli [1]_: of all intervals so selected, alpha miss their truth on average.

    References
    ----------
    .. [1] Benjamini, Y. & Yekutieli, D. (2005). False discovery rate-adjusted multiple
           confidence intervals for selected parameters. Journal of the American Statistical
           Association 100.
    """
    check_level(rules.ci_level)
    alpha = 1 - rules.ci_level
    is_test = [one.is_testable and not _is_hidden(one, rules) for one in contrasts]
    p = np.array(
        [one.p if test else math.nan for one, test in zip(contrasts, is_test, strict=True)]
    )
    p_adjusted = adjust_p(p, correction)
    levels_of = {"bh": _bh_levels, "holm": holm_levels}[correction]
    levels = levels_of(p, p_adjusted, alpha)
    judged = [
        _record(one, rules, correction, float(p_adjusted[i]), float(levels[i]))
        if is_test[i]
        else _record(one, rules, "none", one.p, alpha)
        for i, one in enumerate(contrasts)
    ]
    return Comparisons(judged, context=rules.context)


def leader(
    candidates: Mapping[str, float],
    against: Callable[[str, str], Contrast],
    rules: Rules,
    *,
    is_highest: bool = False,
    n_hidden: int = 0,
) -> Leader:
    """Who has the lowest (or highest) number, named only if clear against every other.

    `candidates` are numbers by key, `against(first, other)` the contrast of two of them.
    """
    sign = -1 if is_highest else 1
    order = sorted(candidates, key=lambda key: sign * candidates[key])
    if not order:
        return Leader(None, None, (), Comparisons((), context=rules.context), n_hidden)
    first, *others = order
    found = corrected([against(first, other) for other in others], rules)
    tied = [
        other
        for other, one in zip(others, found, strict=True)
        if not (one.is_clear and sign * one.difference < 0)
    ]
    key = None if tied or n_hidden else first
    return Leader(key, first, (first, *tied) if tied else (), found, n_hidden)


def adjusted(measure: Measure, side: Moment) -> tuple[float, float]:
    """The estimate with the added answers of its kind, and the variance that goes with it."""
    if measure.kind == "share":
        return share_adjusted(side.estimate, side.n_design)
    return net_adjusted(side.estimate, side.spread, side.n_design)


# -- judging --------------------------------------------------------------------------------------


def adjust_p(p: ArrayLike, method: str) -> np.ndarray:
    """p-values corrected for being several, as an array in the order given.

    Parameters
    ----------
    p : array-like of float, shape (n_tests,)
        NaN stands for no test: it stays NaN and does not count.
    method : {"holm", "bh"}
        Holm keeps the chance of any false claim below the level (within a row of a table);
        Benjamini-Hochberg the share of false ones among the claims (across a report).

    Returns
    -------
    ndarray of float
        Never smaller than `p`, at most 1.

    Raises
    ------
    SurveyError
        If the method is unknown or a p-value lies outside 0 to 1.

    Notes
    -----
    p of .01 .02 .03 .04 become .04 .06 .06 .06 by Holm, .04 .04 .04 .04 by Benjamini-Hochberg.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure.
           Scandinavian Journal of Statistics 6.
    .. [2] Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate.
           Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> adjust_p([0.01, 0.02, 0.03, 0.04], "holm").round(2).tolist()
    [0.04, 0.06, 0.06, 0.06]
    """
    one_of(method, ("bh", "holm"), "correction")
    given = scoring.numbers(p)
    if np.any((given < 0) | (given > 1)):
        raise SurveyError("a p-value lies outside 0 to 1", expected="p-values from 0 to 1")
    adjusted = given.copy()
    tested = np.flatnonzero(~np.isnan(given))
    m = len(tested)
    order = tested[np.argsort(given[tested], kind="stable")]
    steps = np.arange(m)
    if method == "holm":
        in_order = np.maximum.accumulate(given[order] * (m - steps))
    else:
        in_order = np.minimum.accumulate((given[order] * m / (steps + 1))[::-1])[::-1]
    adjusted[order] = np.minimum(in_order, 1.0)
    return adjusted


def verdict(
    low: float,
    high: float,
    unit: str,
    matter: float | None = None,
    *,
    is_hidden: bool = False,
    uncorrected: Interval | None = None,
) -> str:
    """What an interval of a difference allows to be said.

    The rule for wide intervals speaks of precision, so it looks at the `uncorrected` interval
    where several are compared: asking more questions makes no number less precise.
    """
    if is_hidden:
        return "hidden"
    if math.isnan(low) or is_wide(*(uncorrected or (low, high)), unit):
        return "undecided"
    is_within = matter is not None and -matter < low and high < matter
    if low > 0 or high < 0:
        return "clear_small" if is_within else "clear"
    return "stable" if is_within else "no_evidence"


def _record(
    one: Contrast, rules: Rules, correction: str, p_adjusted: float, alpha: float
) -> Comparison:
    factor, a, b = one.measure.factor, one.moment_a, one.moment_b
    low, high = (factor * end for end in one.interval(alpha))
    plain_low, plain_high = (factor * end for end in one.interval(1 - rules.ci_level))
    flags = set(one.flags)
    if min(a.n, b.n) == 0:
        flags = flags or {"no_answers"}
    elif not one.is_testable:
        flags = flags or {"unreliable"}
    elif is_wide(plain_low, plain_high, one.measure.unit):
        flags.add("wide")
    return Comparison(
        metric=one.measure.metric,
        of=one.of,
        a=one.a,
        b=one.b,
        difference=factor * one.difference,
        ci_low=low,
        ci_high=high,
        p=one.p,
        p_adjusted=p_adjusted,
        correction=correction,
        effect=one.effect,
        n_a=a.n,
        n_b=b.n,
        n_eff_a=a.n_eff,
        n_eff_b=b.n_eff,
        ci_level=rules.ci_level,
        unit=one.measure.unit,
        method=one.method,
        verdict=verdict(
            low,
            high,
            one.measure.unit,
            rules.matter,
            is_hidden=_is_hidden(one, rules),
            uncorrected=(plain_low, plain_high),
        ),
        flags=tuple(sorted(flags)),
        wave=one.wave,
    )


def _is_hidden(one: Contrast, rules: Rules) -> bool:
    """Whether a side may not be shown: what is not shown is not tested."""
    context = rules.context or {}
    if min(one.moment_a.n_eff, one.moment_b.n_eff) < rules.min_base:
        return True
    if min(one.moment_a.n, one.moment_b.n) < context.get("min_n", 0):
        return True
    return any(is_private(side, one.wave, context, of=one.of) for side in (one.a, one.b))


def holm_levels(p: np.ndarray, p_adjusted: np.ndarray, alpha: float) -> np.ndarray:
    """The alpha at which Holm decides on each test; like p-values share a step."""
    m = int((~np.isnan(p)).sum())
    rank = pd.Series(p).rank(method="min").to_numpy()
    kept = rank[p_adjusted >= alpha]
    first_kept = kept.min() if kept.size else np.inf
    return alpha / (m - np.minimum(rank, first_kept) + 1)


def _bh_levels(p: np.ndarray, p_adjusted: np.ndarray, alpha: float) -> np.ndarray:
    """The alpha at which Benjamini-Hochberg decides on each test: alpha R / m.

    R is the number of claims there would be with this test among them: more, for a test that
    is not, than there are.
    """
    levels = np.full(len(p), alpha)
    tested = np.flatnonzero(~np.isnan(p))
    n_claimed = int((p_adjusted[tested] < alpha).sum())
    for i in tested:
        if p_adjusted[i] < alpha:
            n_claims = n_claimed
        else:
            as_claimed = np.where(tested == i, 0.0, p[tested])
            n_claims = int((adjust_p(as_claimed, "bh") < alpha).sum())
        levels[i] = alpha * n_claims / len(tested)
    return levels


def _effect(measure: Measure, a: Moment, b: Moment) -> float:
    """Cohen's h of two shares; else the difference in pooled standard deviations."""
    if measure.kind == "share":
        return 2 * (math.asin(math.sqrt(a.estimate)) - math.asin(math.sqrt(b.estimate)))
    return _standardised(a.estimate - b.estimate, (a.spread + b.spread) / 2)


def _standardised(difference: float, spread: float) -> float:
    return difference / math.sqrt(spread) if spread > 0 else math.nan


def _limit(measure: Measure) -> float:
    """How far apart two shares or nets can lie."""
    return {"share": 1.0, "net": 2.0}.get(measure.kind, math.inf)
