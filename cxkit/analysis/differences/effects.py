"""Effect sizes: how far groups lie apart, in units that do not depend on the scale.

`effect_sizes` hands out those of two groups (Cohen's d and its kin, Cliff's delta), of several
(eta squared and its kin), and of two sets of words (Cramer's V), each with its interval.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import optimize, special

from cxkit.analysis.differences.grouped import Grouped, grouped, mid_ranks
from cxkit.analysis.differences.overall import OverallTest, Table, of_groups, of_table
from cxkit.analysis.differences.overall import bases as bases_of
from cxkit.analysis.intervals import check_level, t_quantile
from cxkit.analysis.joint import percentiles
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fit, Fits
from cxkit.weights import resampled_totals, variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["OF_SEVERAL", "OF_TABLES", "OF_TWO", "effect_sizes", "of_data"]

OF_TWO = ("cohen_d", "hedges_g", "glass_delta", "cliffs_delta", "probability_of_superiority")
"""Effect sizes of two groups, the first minus the second."""

OF_SEVERAL = ("eta2", "omega2", "epsilon2", "epsilon2_rank")
"""Effect sizes of several groups: the part of the variation that lies between them."""

OF_TABLES = ("cramers_v", "cramers_v_corrected")
"""Effect sizes of two variables without an order."""

_NOTHING = (math.nan, math.nan)


def effect_sizes(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fits:
    """How far groups lie apart, in standard deviations, in pairs won, or in parts explained.

    Parameters
    ----------
    values : array-like, shape (n_respondents,)
        Answers or scores as numbers; words for Cramer's V. Missing answers leave the base.
    groups : array-like, shape (n_respondents,)
        The group of each respondent; those without one take no part.
    names : sequence of str, optional
        Which: of `OF_TWO`, `OF_SEVERAL` or `OF_TABLES`. If not given, those of two groups where
        there are two, those of several where there are more, and those of tables where the
        values are words.
    weight, strata, cluster, population, ci_level
        As in `mean_score`.
    seed : int, optional
        Of the bootstrap of d, g and Glass's delta.

    Returns
    -------
    Fits
        One for each name, the groups in sorted order, first minus second, `of` saying which
        (`a|b`). Parts explained and pairs won have unit `share`. What the data do not allow
        is NaN, flag `unreliable` or `no_answers`, with the reason as verdict: `no_answers`,
        `one_group`, `too_few`, `no_spread`. Complete separation (every a above every b) leaves
        Cliff's delta without an interval, verdict `separated`.

    Raises
    ------
    SurveyError
        If lengths differ, a name is unknown, or one of two groups is asked of more.

    Notes
    -----
    d = (m_a - m_b) / s, s pooled; g = J d with J = Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2)),
    v = n_a + n_b - 2 [1]_; Glass: s of the second group. Variances have n - 1 in their divisor.
    Intervals are percentiles of 2,000 resamples of the sampling units.

    Probability of superiority P = P(a > b) + P(a = b)/2 and Cliff's delta 2P - 1 [2]_: weighted
    shares of all pairs. Interval: linearised variance of P, Student t on the logit scale [3]_.

    eta2 = SS_between / SS_total; with N the effective base, epsilon2 = 1 - (1 - eta2)(N - 1) /
    (N - k), omega2 = (SS_between - (k - 1) MS_within) / (SS_total + MS_within) [4]_ (both can
    be negative). epsilon2_rank is eta2 of the ranks, which is H/(n - 1) of Kruskal and Wallis.
    Cramer's V = sqrt(phi2 / min(r - 1, c - 1)); corrected: Bergsma's [5]_. Their intervals turn
    the test round (`anova` of the answers or ranks, its form under the design, or `chi2`): the
    noncentralities that leave its statistic at either tail, carried over to the effect of the
    population [6]_. The lower end is zero where the test leaves more than (1 - ci_level)/2 above
    its statistic. The three of variation estimate the same and share one interval.

    Checked against R on the bfi, SFO and airline data.

    References
    ----------
    .. [1] Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and
           related estimators. Journal of Educational Statistics 6.
    .. [2] Cliff, N. (1993). Dominance statistics. Psychological Bulletin 114.
    .. [3] Perme, M. P. & Manevski, D. (2019). Confidence intervals for the Mann-Whitney test.
           Statistical Methods in Medical Research 28.
    .. [4] Hays, W. L. (1963). Statistics for Psychologists. Holt, Rinehart and Winston.
    .. [5] Bergsma, W. (2013). A bias-correction for Cramer's V and Tschuprow's T. Journal of the
           Korean Statistical Society 42.
    .. [6] Steiger, J. H. (2004). Beyond the F test. Psychological Methods 9.

    Examples
    --------
    >>> found = effect_sizes([5, 4, 5, 3, 1, 2, 4, 1], list("aaaabbbb"), names=["cliffs_delta"])
    >>> round(found[0].value, 4), found[0].of
    (0.8125, 'a|b')
    """
    check_level(ci_level)
    n = np.size(values)
    asked = None if names is None else list(names)
    for name in asked or ():
        one_of(name, (*OF_TWO, *OF_SEVERAL, *OF_TABLES), "effect size")
    if asked is None and not _is_numbers(values):
        asked = list(OF_TABLES)
    found: dict[str, Fit] = {}
    if asked is None or set(asked) - set(OF_TABLES):
        data = grouped(values, groups, "mean", weight, strata, cluster, population)
        of_both = None if asked is None else [name for name in asked if name not in OF_TABLES]
        found = {one.name: one for one in of_data(data, of_both, ci_level, seed or 0)}
    if asked and set(asked) & set(OF_TABLES):
        design = design_of(n, weight, strata, cluster, population)
        found |= _of_table(Table.of(values, groups, design), ci_level)
    return Fits(found[name] for name in asked or found)


def of_data(data: Grouped, names: Sequence[str] | None, ci_level: float, seed: int) -> list[Fit]:
    """The effect sizes of two or several groups; those that nobody answered in are left out."""
    data = data.answering
    asked = list(names or (OF_SEVERAL if len(data.names) > 2 else OF_TWO))
    for name in asked:
        one_of(name, (*OF_TWO, *OF_SEVERAL), "effect size")
    of_two, of_several = (set(asked) & set(shelf) for shelf in (OF_TWO, OF_SEVERAL))
    if of_two and len(data.names) > 2:
        raise SurveyError(
            f"'{min(of_two)}' is an effect size of two groups; there are {len(data.names)}",
            expected="two groups, or one of " + ", ".join(OF_SEVERAL),
        )
    rules = _Rules(ci_level, seed)
    found = _of_two(data, rules) if of_two else {}
    found |= _of_several(data, rules) if of_several else {}
    return [found[name] for name in asked]


def _is_numbers(values: ArrayLike) -> bool:
    given = pd.Series(np.asarray(values, dtype=object).ravel())
    return bool((pd.to_numeric(given, errors="coerce").notna() | given.isna()).all())


@dataclass(frozen=True)
class _Rules:
    ci_level: float
    seed: int


def _fit(
    name: str,
    value: float,
    interval: tuple[float, float],
    bases: tuple[int, float],
    ci_level: float,
    *,
    method: str,
    of: str,
    why: str = "",
) -> Fit:
    """The record; `why` says what keeps it from having a value or an interval."""
    flags = {"": (), "no_answers": ("no_answers",)}.get(why, ("unreliable",))
    unit = "scale" if name in OF_TWO[:3] else "share"
    return Fit(name, value, *interval, verdict=why, method=method, of=of, n=bases[0],
               n_eff=bases[1], ci_level=ci_level, unit=unit, flags=flags)  # fmt: skip


def _of(data: Grouped) -> str:
    return "|".join(data.labels)


# -- two groups -----------------------------------------------------------------------------------


def _of_two(data: Grouped, rules: _Rules) -> dict[str, Fit]:
    bases = bases_of(data.taken, data.design)
    of = _of(data)
    if len(data.names) < 2:
        why = "one_group" if bases[0] else "no_answers"
        return {
            name: _fit(name, math.nan, _NOTHING, bases, rules.ci_level, method="", of=of, why=why)
            for name in OF_TWO
        }
    return _of_means(data, rules, bases, of) | _of_pairs(data, rules, bases, of)


def _of_means(data: Grouped, rules: _Rules, bases: tuple[int, float], of: str) -> dict[str, Fit]:
    """Differences of means in standard deviations, bootstrapped as functions of totals."""
    parts = _parts(data)
    sizes = np.array([one.n for one in data.moments], dtype=float)
    values = _standardised(parts.sum(axis=0)[None, :], sizes)
    drawn = _standardised(resampled_totals(parts, data.design, seed=rules.seed), sizes)
    found = {}
    for name in OF_TWO[:3]:
        value = float(values[name][0])
        low, high = percentiles(drawn[name], rules.ci_level)
        interval = (float(low), float(high)) if math.isfinite(value) else _NOTHING
        why = "too_few" if math.isnan(interval[0]) else ""
        if math.isnan(value) and sizes.min() >= 2:
            why = "no_spread"
        found[name] = _fit(name, value, interval, bases, rules.ci_level, method="bootstrap",
                           of=of, why=why)  # fmt: skip
    return found


def _parts(data: Grouped) -> np.ndarray:
    """What each row adds to the weight, sum and sum of squares of its group, about the mean."""
    weight, taken = data.weight, data.taken
    mean = float((weight[taken] @ data.values[taken]) / weight[taken].sum())
    off = np.where(taken, data.values - mean, 0.0)
    own = [np.where(data.codes == code, weight, 0.0) for code in range(len(data.names))]
    return np.column_stack([part for w in own for part in (w, w * off, w * off**2)])


def _standardised(totals: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """Cohen's d, Hedges' g and Glass's delta from the totals of two groups, a resample a row."""
    base, total, squares = (totals[:, start::3] for start in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / np.where(base > 0, base, np.nan)
        spread = squares / np.where(base > 0, base, np.nan) - mean**2
        spread = np.where(spread > 1e-12 * (squares.sum() / base.sum()), spread, 0.0)
        df = sizes.sum() - 2
        pooled = (spread * sizes).sum(axis=1) / df if df > 0 else np.full(len(totals), np.nan)
        of_second = spread[:, 1] * sizes[1] / (sizes[1] - 1)
        difference = mean[:, 0] - mean[:, 1]
        d, glass = (
            np.where(one > 0, difference / np.sqrt(one), np.nan) for one in (pooled, of_second)
        )
    return {"cohen_d": d, "hedges_g": _j(df) * d, "glass_delta": glass}


def _j(df: float) -> float:
    """Hedges' factor against the bias of d in small samples."""
    if df < 2:
        return math.nan
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def _of_pairs(data: Grouped, rules: _Rules, bases: tuple[int, float], of: str) -> dict[str, Fit]:
    """The share of pairs in which the first answers higher, ties half, and Cliff's delta."""
    share, influence = _superiority(data)
    why = "too_few" if min(one.n for one in data.moments) < 2 or data.design.df < 1 else ""
    interval = _NOTHING
    if not why and 0 < share < 1:
        error = math.sqrt(variance(influence, data.design)) / (share * (1 - share))
        half = t_quantile(rules.ci_level, data.design.df) * error
        at = special.logit(share)
        interval = float(special.expit(at - half)), float(special.expit(at + half))
    elif not why:
        why = "separated"
    delta = (2 * interval[0] - 1, 2 * interval[1] - 1)
    made = {"cliffs_delta": (2 * share - 1, delta), OF_TWO[-1]: (share, interval)}
    return {
        name: _fit(
            name, value, ends, bases, rules.ci_level, method="linearised_logit", of=of, why=why
        )
        for name, (value, ends) in made.items()
    }


def _superiority(data: Grouped) -> tuple[float, np.ndarray]:
    """P(a > b) + P(a = b)/2 over weighted pairs, and each row's influence on it."""
    taken, weight = data.taken, data.weight
    order, place = np.unique(data.values[taken], return_inverse=True)
    codes, own = data.codes[taken], weight[taken]
    below = []
    for code in (0, 1):
        mass = np.bincount(place, own * (codes == code), len(order))
        below.append((np.cumsum(mass) - mass / 2) / mass.sum())
    totals = [own[codes == code].sum() for code in (0, 1)]
    won = np.where(codes == 0, below[1][place], 1 - below[0][place])
    share = float((own * won)[codes == 0].sum() / totals[0])
    influence = np.zeros(data.design.n)
    influence[taken] = own * (won - share) / np.where(codes == 0, *totals)
    return share, influence


# -- several groups -------------------------------------------------------------------------------


def _of_several(data: Grouped, rules: _Rules) -> dict[str, Fit]:
    ranks = dataclasses.replace(data, values=mid_ranks(data.values, data.weight))
    found = _explained(data, rules)
    return found | {"epsilon2_rank": dataclasses.replace(
        _explained(ranks, rules)["eta2"], name="epsilon2_rank")}  # fmt: skip


def _explained(data: Grouped, rules: _Rules) -> dict[str, Fit]:
    """The part of the variation between the groups: as found, and as of the population."""
    bases = bases_of(data.taken, data.design)
    k, n = len(data.names), bases[1]
    eta2 = _between(data, data.values) if k > 1 else math.nan
    test = of_groups(data, "anova", rules.ci_level)
    why = test.verdict if math.isnan(test.value) else ""
    left = (1 - eta2) / (n - k) if n > k else math.nan
    values = {
        "eta2": eta2,
        "omega2": (eta2 - (k - 1) * left) / (1 + left),
        "epsilon2": 1 - left * (n - 1),
    }
    return {
        name: _fit(
            name,
            value,
            _of_population(test, eta2, n, k),
            bases,
            rules.ci_level,
            method=_turned(test),
            of=_of(data),
            why=why or ("too_few" if math.isnan(value) else ""),
        )
        for name, value in values.items()
    }


def _between(data: Grouped, values: np.ndarray) -> float:
    """The part of the weighted variation that lies between the groups; NaN without any."""
    taken, weight = data.taken, data.weight
    own, given = weight[taken], values[taken]
    off = given - own @ given / own.sum()
    total = float(own @ off**2)
    if np.ptp(given) == 0 or not total > 0:
        return math.nan
    sums = np.bincount(data.codes[taken], own * off, len(data.names))
    return float((sums**2 / np.bincount(data.codes[taken], own, len(data.names))).sum() / total)


def _turned(test: OverallTest) -> str:
    """The name of an interval that turns a test round."""
    return f"noncentral_{test.method}"


def _of_population(test: OverallTest, share: float, n: float, k: int) -> tuple[float, float]:
    """The ends of the part explained in the population: lambda / (lambda + N).

    N - k is the number of equally weighted answers by which this share has this statistic.
    """
    if math.isnan(test.value) or not 0 <= share < 1:
        return _NOTHING
    low, high = _noncentral(test)
    worth = test.value * test.df1 * (1 - share) / share + k if share > 0 else n
    return low / (low + worth), high / (high + worth)


def _noncentral(test: OverallTest) -> tuple[float, float]:
    """The noncentralities that leave the statistic at the tails of its distribution."""

    def below(noncentrality: float) -> float:
        if math.isinf(test.df2):
            return float(special.chndtr(test.value, test.df1, noncentrality))
        return float(special.ncfdtr(test.df1, test.df2, noncentrality, test.value))

    tail = (1 - test.ci_level) / 2
    return _where(below, 1 - tail), _where(below, tail)


def _where(below: Callable[[float], float], level: float) -> float:
    """The noncentrality at which the distribution function, which falls, is at `level`."""
    if below(0.0) <= level:
        return 0.0
    top = 1.0
    while below(top) > level:
        top *= 2
    return float(optimize.brentq(lambda one: below(one) - level, 0.0, top, xtol=1e-10, rtol=1e-12))


# -- tables ---------------------------------------------------------------------------------------


def _of_table(table: Table, ci_level: float) -> dict[str, Fit]:
    bases = bases_of(table.taken, table.design)
    test = of_table(table, ci_level)
    r, c = table.cells.shape
    shape = f"{r}x{c}"
    if not table.df:
        return {
            name: _fit(
                name, math.nan, _NOTHING, bases, ci_level, method="", of=shape, why=test.verdict
            )
            for name in OF_TABLES
        }
    phi2, n = table.phi2, bases[1]
    least = min(r, c) - 1
    interval = _NOTHING
    if not math.isnan(test.value):
        chi2 = test.value * (test.df1 if math.isfinite(test.df2) else 1.0)
        worth = chi2 / phi2 if phi2 > 0 else n
        low, high = (math.sqrt(min(end / worth / least, 1.0)) for end in _noncentral(test))
        interval = (low, high)
    why = test.verdict if math.isnan(test.value) else ""
    values = {"cramers_v": math.sqrt(phi2 / least), "cramers_v_corrected": math.nan}
    if n > 1:
        rows, columns = (size - (size - 1) ** 2 / (n - 1) for size in (r, c))
        over = max(phi2 - table.df / (n - 1), 0.0)
        most = min(rows, columns) - 1
        values["cramers_v_corrected"] = math.sqrt(over / most) if most > 0 else math.nan
    return {
        name: _fit(
            name,
            values[name],
            interval,
            bases,
            ci_level,
            method=_turned(test),
            of=shape,
            why=why or ("too_few" if math.isnan(values[name]) else ""),
        )
        for name in OF_TABLES
    }
