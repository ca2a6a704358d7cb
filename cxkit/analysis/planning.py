"""Planning: how many answers the next survey needs, and what a number of answers can show.

The same formulas run three ways: `sample_size` from a difference or a margin to the answers,
`detectable_difference` and `precision` from the answers back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scipy import optimize, special

from cxkit.analysis.intervals import (
    adjusted_wald_net,
    check_level,
    t_quantile,
    wilson_interval,
)
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fit

__all__ = ["METRICS", "detectable_difference", "precision", "sample_size"]

METRICS = ("nps", "share", "mean", "score_100")
"""What can be planned for."""

_UNITS = {"nps": "points", "share": "share", "mean": "scale", "score_100": "score_100"}
_LIMITS = {"nps": 200.0, "share": 1.0, "mean": math.inf, "score_100": 100.0}
_MOST = 1e9
"""Answers beyond which nothing is planned."""


def sample_size(
    metric: str,
    *,
    difference: float | None = None,
    margin: float | None = None,
    power: float = 0.8,
    sd: float | None = None,
    share: float | None = None,
    promoters: float | None = None,
    detractors: float | None = None,
    deff: float = 1.0,
    n_groups: int = 2,
    n_tests: int | None = None,
    population: float | None = None,
    ci_level: float = 0.95,
) -> Fit:
    """Answers needed in each group, to find a difference or to reach a margin.

    Parameters
    ----------
    metric : {"nps", "share", "mean", "score_100"}
        What will be compared: CSAT and boxes are shares.
    difference : float, optional
        The true difference between two groups or waves that should be found clear, above zero:
        points for `nps` and `score_100`, 0-1 for `share`, points of the scale for `mean`. For a
        share it is added to `share`.
    margin : float, optional
        In place of `difference`: half the width that the interval of one group may have.
    power : float, default 0.8
        How often the difference should be found.
    sd : float
        For `mean` and `score_100`: the standard deviation of the answers.
    share : float
        For `share`: the share that is expected, 0-1.
    promoters, detractors : float
        For `nps`: the shares that are expected, 0-1.
    deff : float, default 1
        Design effect: how many answers are worth one of a simple sample. Answers divided by the
        effective base of the last wave is a guess that suits weights.
    n_groups : int, default 2
        Groups that are compared with each other: every pair is a test.
    n_tests : int, optional
        How many tests are corrected together by Holm; if not given, one for each pair.
    population : float, optional
        People in each group of the population, for small ones.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.

    Returns
    -------
    Fit
        name `sample_size`, value answers in each group (two or more), rounded up. Where no
        number of answers would do: NaN, flag `unreliable`, verdict `out_of_reach`.

    Raises
    ------
    SurveyError
        If the metric is unknown, what it needs is not given or impossible, or not exactly one
        of `difference` and `margin` is given.

    Notes
    -----
    With Z = z[1 - alpha/(2m)] + z[power], alpha = 1 - ci_level, m tests (Holm's first step, where
    all others are not clear either: on the safe side):

    - `nps`: n = s2 Z2/d2 - 3 [1]_, s2 the sum of both groups' variances p + d - (p - d)2, the 3
      being the answers that the adjusted interval adds. At .50 promoters and .20 detractors a
      difference of 10 points needs 955 in each group.
    - `share`: n = (z[1 - alpha/2m] sqrt(2 q(1 - q)) + z[power] sqrt(p1(1 - p1) + p2(1 - p2)))2 /
      (p2 - p1)2, q the mean of p1 and p2, as R's `power.prop.test`.
    - `mean`, `score_100`: the noncentral t distribution, as R's `power.t.test`.

    For a margin: the interval of the metric (METHODS 5, 6, 9), solved for n. The result is
    multiplied by `deff`; then n / (1 + n/N) of a population of N.

    References
    ----------
    .. [1] Rocks, B. (2016). Interval estimation for the "Net Promoter Score".
           The American Statistician 70(4).

    Examples
    --------
    >>> sample_size("nps", difference=10, promoters=0.5, detractors=0.2).value
    955.0
    >>> sample_size("share", margin=0.05, share=0.5).value
    381.0
    """
    if (difference is None) == (margin is None):
        raise SurveyError(
            "a sample is planned for a difference or for a margin",
            expected="exactly one of difference= and margin=",
        )
    plan = _Plan.of(metric, sd, share, promoters, detractors, power, ci_level)
    plan = plan.under(deff, population, n_groups, n_tests)
    wanted = difference if margin is None else margin
    if wanted is None or not 0 < wanted < math.inf:
        raise SurveyError(f"the {'difference' if margin is None else 'margin'} is {wanted}",
                          expected="a number above zero")  # fmt: skip
    if margin is not None:
        n, method = plan.for_margin(margin), f"margin_{plan.interval_method}"
    else:
        n, method = plan.for_difference(wanted), plan.method
    n = plan.in_all(max(n, 2.0))
    return plan.fit("sample_size", float(math.ceil(round(n, 9))) if n < _MOST else math.nan, method)


def detectable_difference(
    metric: str,
    *,
    n: float,
    power: float = 0.8,
    sd: float | None = None,
    share: float | None = None,
    promoters: float | None = None,
    detractors: float | None = None,
    deff: float = 1.0,
    n_groups: int = 2,
    n_tests: int | None = None,
    population: float | None = None,
    ci_level: float = 0.95,
) -> Fit:
    """The smallest true difference that `n` answers in each group would find clear.

    Parameters
    ----------
    metric, power, sd, share, promoters, detractors, deff, n_groups, n_tests, population, ci_level
        As in `sample_size`.
    n : float
        Answers in each group.

    Returns
    -------
    Fit
        name `detectable_difference`, value in the unit of the metric (points for `nps`). NaN,
        flag `unreliable` and verdict `out_of_reach` where so few answers find no difference
        that the metric can have.

    Raises
    ------
    SurveyError
        As in `sample_size`; if n is not above zero.

    Notes
    -----
    The formulas of `sample_size`, turned round. For groups that were measured, and differ in
    size, see the smallest visible difference in the section on groups.

    Examples
    --------
    >>> round(detectable_difference("nps", n=955, promoters=0.5, detractors=0.2).value, 2)
    10.0
    """
    plan = _Plan.of(metric, sd, share, promoters, detractors, power, ci_level)
    plan = plan.under(deff, population, n_groups, n_tests)
    size = plan.difference_at(plan.worth(n))
    return plan.fit("detectable_difference", size, plan.method)


def precision(
    metric: str,
    *,
    n: float,
    sd: float | None = None,
    share: float | None = None,
    promoters: float | None = None,
    detractors: float | None = None,
    deff: float = 1.0,
    population: float | None = None,
    ci_level: float = 0.95,
) -> Fit:
    """The margin that `n` answers would give: half the width of the interval.

    Parameters are those of `sample_size`.

    Returns
    -------
    Fit
        name `margin`, value in the unit of the metric.

    Raises
    ------
    SurveyError
        As in `sample_size`; if n is not above zero.

    Notes
    -----
    Wilson's interval of a share, the adjusted Wald interval of an NPS, Student's t of a mean.

    Examples
    --------
    >>> round(precision("nps", n=100, promoters=0.6, detractors=0.15).value, 3)
    14.346
    """
    plan = _Plan.of(metric, sd, share, promoters, detractors, 0.8, ci_level)
    plan = plan.under(deff, population, 2, None)
    return plan.fit("margin", plan.margin_at(plan.worth(n)), f"margin_{plan.interval_method}")


# -- the formulas ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What is expected and wanted of a survey; answers are those of one group, as if simple."""

    metric: str
    sd: float
    share: float
    promoters: float
    detractors: float
    power: float
    ci_level: float
    deff: float = 1.0
    population: float = math.inf
    n_tests: int = 1

    @classmethod
    def of(
        cls,
        metric: str,
        sd: float | None,
        share: float | None,
        promoters: float | None,
        detractors: float | None,
        power: float,
        ci_level: float,
    ) -> _Plan:
        one_of(metric, METRICS, "metric to plan for")
        check_level(ci_level)
        given = {"sd": sd, "share": share, "promoters": promoters, "detractors": detractors}
        needed = {"nps": ("promoters", "detractors"), "share": ("share",)}.get(metric, ("sd",))
        extra = [name for name, one in given.items() if one is not None and name not in needed]
        lacking = [name for name in needed if given[name] is None]
        if lacking or extra:
            raise SurveyError(
                f"'{metric}' is planned from {' and '.join(needed)}",
                expected=f"{', '.join(f'{name}=' for name in needed)} and no other expectation",
            )
        numbers = [math.nan if one is None else float(one) for one in given.values()]
        plan = cls(metric, numbers[0], numbers[1], numbers[2], numbers[3], power, ci_level)
        plan._check()
        return plan

    def _check(self) -> None:
        if not 0 < self.power < 1:
            raise SurveyError(f"power is {self.power}", expected="a share between 0 and 1")
        is_possible = {
            "nps": min(self.promoters, self.detractors) >= 0
            and self.promoters + self.detractors <= 1 + 1e-12
            and self.score_variance > 0,
            "share": 0 <= self.share <= 1,
        }.get(self.metric, 0 < self.sd < math.inf)
        if not is_possible:
            raise SurveyError(
                f"no answers have these expectations of '{self.metric}'",
                expected="shares from 0 to 1, not all alike; a standard deviation above zero",
            )

    def under(
        self, deff: float, population: float | None, n_groups: int, n_tests: int | None
    ) -> _Plan:
        """The same with a design, and as many tests as are corrected together."""
        tests = n_groups * (n_groups - 1) // 2 if n_tests is None else n_tests
        size = math.inf if population is None else float(population)
        if not (deff > 0 and size > 0 and n_groups >= 2 and tests >= 1):
            raise SurveyError(
                "the design of the plan is not possible",
                expected="deff and population above zero, two groups or more, a test or more",
            )
        return _Plan(self.metric, self.sd, self.share, self.promoters, self.detractors,
                     self.power, self.ci_level, deff, size, int(tests))  # fmt: skip

    @property
    def score_variance(self) -> float:
        """The variance of one answer: of +1, 0, -1 for an NPS."""
        if self.metric == "nps":
            return self.promoters + self.detractors - (self.promoters - self.detractors) ** 2
        return self.share * (1 - self.share) if self.metric == "share" else self.sd**2

    @property
    def alpha(self) -> float:
        """The two-sided level of the first step of Holm's correction."""
        return (1 - self.ci_level) / self.n_tests

    @property
    def method(self) -> str:
        """What the test of a difference is planned by."""
        return {"nps": "adjusted_wald_nps_difference", "share": "normal_two_shares"}.get(
            self.metric, "noncentral_t"
        )

    @property
    def interval_method(self) -> str:
        return {"nps": "adjusted_wald_nps", "share": "wilson"}.get(self.metric, "t")

    def in_all(self, n: float) -> float:
        """Answers of this design and population that are worth `n` of a simple sample."""
        n = n * self.deff
        return n if math.isinf(self.population) else n / (1 + n / self.population)

    def worth(self, n: float) -> float:
        """Answers of a simple sample that `n` of this design and population are worth."""
        if not 0 < n < math.inf:
            raise SurveyError(f"there are {n} answers", expected="a number above zero")
        left = 1 - n / self.population
        if left < 0:
            raise SurveyError(
                "the population is smaller than the sample drawn from it",
                expected=f"a population of at least {n:g}",
            )
        return n / self.deff / left if left else math.inf

    def for_difference(self, difference: float) -> float:
        """Answers that find a difference; infinite where it is more than there can be."""
        z_alpha, z_power = special.ndtri(1 - self.alpha / 2), special.ndtri(self.power)
        if self.metric == "nps":
            return float(2 * self.score_variance * (z_alpha + z_power) ** 2
                         / (difference / 100) ** 2 - 3)  # fmt: skip
        if self.metric == "share":
            p1, p2 = self.share, self.share + difference
            if p2 > 1 + 1e-12:
                raise SurveyError(
                    f"a share of {p1:g} cannot be {difference:g} higher",
                    expected=f"a difference of at most {1 - p1:g}, or 1 - share to plan a fall",
                )
            q = (p1 + p2) / 2
            alike, apart = 2 * q * (1 - q), p1 * (1 - p1) + max(p2 * (1 - p2), 0.0)
            reach = z_alpha * math.sqrt(max(alike, 0.0)) + z_power * math.sqrt(apart)
            return float((reach / difference) ** 2)
        return _solved(lambda n: self._power_of_t(n, difference) - self.power, 2.0)

    def _power_of_t(self, n: float, difference: float) -> float:
        """The chance that the t test of two groups of `n` finds a difference, in its direction."""
        df = 2 * (n - 1)
        needed = float(special.stdtrit(df, 1 - self.alpha / 2))
        shift = math.sqrt(n / 2) * difference / self.sd
        if shift > 30 + needed:
            return 1.0
        return 1.0 - float(special.nctdtr(df, shift, needed))

    def difference_at(self, n: float) -> float:
        """The smallest difference that `n` answers find; NaN beyond what the metric can have."""
        if math.isinf(n):
            return 0.0
        if self.metric == "nps":
            reach = special.ndtri(1 - self.alpha / 2) + special.ndtri(self.power)
            size = 100 * reach * math.sqrt(2 * self.score_variance / (n + 3))
        elif self.metric == "share":
            room = 1 - self.share
            if room <= 0 or self.for_difference(room) > n:
                return math.nan
            size = optimize.brentq(
                lambda one: self.for_difference(one) - n, 1e-9, room, xtol=1e-14, rtol=1e-13
            )
        elif n < 2:
            return math.nan
        else:
            most = 2.0
            while self._power_of_t(n, most * self.sd) < self.power and most < _MOST:
                most *= 2
            size = self.sd * optimize.brentq(
                lambda one: self._power_of_t(n, one * self.sd) - self.power,
                1e-9, most, xtol=1e-14, rtol=1e-13,
            )  # fmt: skip
        return float(size) if size <= _LIMITS[self.metric] else math.nan

    def for_margin(self, margin: float) -> float:
        """Answers whose interval reaches so far to either side."""
        least = 2.0 if self.metric in ("mean", "score_100") else 1e-9
        return _solved(lambda n: margin - self.margin_at(n), least)

    def margin_at(self, n: float) -> float:
        """Half the width of the interval that `n` answers give."""
        if math.isinf(n):
            return 0.0
        if self.metric == "nps":
            net = self.promoters - self.detractors
            low, high = adjusted_wald_net(net, self.score_variance, n, self.ci_level)
            return 100 * (high - low) / 2
        if self.metric == "share":
            low, high = wilson_interval(self.share, n, self.ci_level)
            return (high - low) / 2
        if n < 2:
            return math.nan
        return t_quantile(self.ci_level, n - 1) * self.sd / math.sqrt(n)

    def fit(self, name: str, value: float, method: str) -> Fit:
        """The record of a plan."""
        unit = "count" if name == "sample_size" else _UNITS[self.metric]
        out: dict[str, Any] = {"verdict": "out_of_reach", "flags": ("unreliable",)}
        return Fit(name, value, method=method, of=self.metric, ci_level=self.ci_level, unit=unit,
                   **(out if math.isnan(value) else {}))  # fmt: skip


def _solved(enough: Callable[[float], float], least: float) -> float:
    """The least number of answers at which something that grows with them is above zero."""
    if enough(least) >= 0:
        return least
    most = 2 * max(least, 1.0)
    while enough(most) < 0:
        most *= 2
        if most > _MOST:
            return math.inf
    return float(optimize.brentq(enough, least, most, xtol=1e-10, rtol=1e-13))
