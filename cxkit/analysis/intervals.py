"""Intervals: from a moment to the range that holds the truth, one rule per kind of number.

Three kinds cover every estimate: a `mean` (Student t), a `share` of 0 and 1 (Wilson) and a
`net` of +1, 0 and -1 such as the NPS (adjusted Wald). The last two take n_design, the number of
equally weighted answers that would be as precise under the sample design (METHODS 5, 6, 9).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import special

from cxkit.errors import SurveyError
from cxkit.records import Estimate
from cxkit.weights import Moment

__all__ = [
    "Measure",
    "adjusted_wald_net",
    "check_level",
    "estimate_of",
    "linearised_t",
    "net_adjusted",
    "share_adjusted",
    "t_quantile",
    "wilson_interval",
]

Interval = tuple[float, float]

NO_INTERVAL: Interval = (math.nan, math.nan)

_PSEUDO_ANSWERS = {"share": 2.0, "net": 3.0}


@dataclass(frozen=True)
class Measure:
    """What a number is: its metric, its kind (`mean`, `share` or `net`) and its unit."""

    metric: str
    kind: str
    unit: str

    @property
    def factor(self) -> float:
        """From the moment's own unit to the record's: 100 for points, else 1."""
        return 100.0 if self.unit == "points" else 1.0

    @property
    def interval_method(self) -> str:
        """The name of the interval that this kind of number gets."""
        if self.kind == "net":
            return f"adjusted_wald_{self.metric}"
        return {"mean": "linearised_t", "share": "wilson_design"}[self.kind]


def wilson_interval(share: float, n: float, ci_level: float = 0.95) -> Interval:
    """Wilson's score interval of a share (0-1) from `n` answers.

    `n` may be a fraction (n_design), or infinite where chance plays no part.

    Notes
    -----
    (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). 45 of 60 gives
    (.627679, .842235), 0 of 20 gives (0, .161125) (METHODS 5).

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
           inference. Journal of the American Statistical Association 22.

    Examples
    --------
    >>> low, high = wilson_interval(0.75, 60)
    >>> round(low, 6), round(high, 6)
    (0.627679, 0.842235)
    """
    if n <= 0 or math.isnan(share):
        return NO_INTERVAL
    z = t_quantile(ci_level)
    centre = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    shrink = 1 + z**2 / n
    low = 0.0 if share == 0 else (centre - half) / shrink
    high = 1.0 if share == 1 else (centre + half) / shrink
    return max(low, 0.0), min(high, 1.0)


def adjusted_wald_net(net: float, spread: float, n: float, ci_level: float = 0.95) -> Interval:
    """The adjusted Wald interval of a net share (-1 to 1), such as the NPS divided by 100.

    `spread` is the variance of one score (+1, 0, -1), `n` the number of answers (n_design).

    Notes
    -----
    Three answers are added, 3/4 promoter, 3/4 detractor and 3/2 passive; the interval lies
    around the adjusted centre and is widened to hold the raw score where a handful of like
    answers would leave it outside. 60/25/15 gives (29.343111, 58.035530) points (METHODS 6).

    References
    ----------
    .. [1] Rocks, B. (2016). Interval estimation for the "Net Promoter Score".
           The American Statistician 70(4).

    Examples
    --------
    >>> low, high = adjusted_wald_net(0.45, 0.5475, 100)
    >>> round(100 * low, 6), round(100 * high, 6)
    (29.343111, 58.03553)
    """
    if n <= 0 or math.isnan(net):
        return NO_INTERVAL
    centre, var = net_adjusted(net, spread, n)
    half = t_quantile(ci_level) * math.sqrt(var)
    return max(min(centre - half, net), -1.0), min(max(centre + half, net), 1.0)


def linearised_t(moment: Moment, ci_level: float = 0.95) -> Interval:
    """Student's t interval of a weighted mean; none from fewer than two answers."""
    if moment.n < 2 or moment.df < 1:
        return NO_INTERVAL
    half = t_quantile(ci_level, moment.df) * math.sqrt(moment.variance)
    return moment.estimate - half, moment.estimate + half


def share_adjusted(share: float, n: float) -> tuple[float, float]:
    """A share with one success and one failure added, and its variance (Agresti-Caffo)."""
    if math.isinf(n):
        return share, 0.0
    adjusted = (share * n + 1) / (n + 2)
    return adjusted, adjusted * (1 - adjusted) / (n + 2)


def net_adjusted(net: float, spread: float, n: float) -> tuple[float, float]:
    """A net share with three answers added, 3/4 up and 3/4 down, and its variance (Rocks)."""
    if math.isinf(n):
        return net, 0.0
    adjusted = net * n / (n + 3)
    either = ((spread + net**2) * n + 1.5) / (n + 3)
    return adjusted, (either - adjusted**2) / (n + 3)


def shrinkage(kind: str, n: float) -> float:
    """How far the added answers of `share_adjusted` or `net_adjusted` pull an estimate in."""
    return 1.0 if math.isinf(n) else n / (n + _PSEUDO_ANSWERS[kind])


def estimate_of(
    measure: Measure,
    moment: Moment,
    *,
    of: str = "answers",
    ci_level: float = 0.95,
    wave: str | None = None,
    by: Mapping[str, str] | None = None,
    no_answers: str = "no_answers",
) -> Estimate:
    """The record of one moment: estimate, interval, bases; flagged `no_answers` without any."""
    check_level(ci_level)
    flags: tuple[str, ...] = ()
    if moment.n == 0:
        flags = (no_answers,)
    elif moment.n == 1:
        flags = ("unreliable",)
    low, high = _interval(measure, moment, ci_level)
    return Estimate(
        metric=measure.metric,
        of=of,
        estimate=measure.factor * moment.estimate if moment.n else math.nan,
        ci_low=measure.factor * low,
        ci_high=measure.factor * high,
        ci_level=ci_level,
        n=moment.n,
        n_eff=moment.n_eff,
        unit=measure.unit,
        method=measure.interval_method,
        flags=flags,
        wave=wave,
        by=dict(by or {}),
    )


def t_quantile(ci_level: float, df: float = math.inf) -> float:
    """How many standard errors an interval reaches to each side (normal where df is infinite)."""
    upper = (1 + ci_level) / 2
    return float(special.ndtri(upper) if math.isinf(df) else special.stdtrit(df, upper))


def check_level(ci_level: float) -> None:
    """SurveyError unless `ci_level` lies between 0 and 1."""
    if not 0 < ci_level < 1:
        raise SurveyError(
            f"ci_level is {ci_level}", expected="a level between 0 and 1, such as 0.95"
        )


def _interval(measure: Measure, moment: Moment, ci_level: float) -> Interval:
    if measure.kind == "mean":
        return linearised_t(moment, ci_level)
    if measure.kind == "share":
        return wilson_interval(moment.estimate, moment.n_design, ci_level)
    return adjusted_wald_net(moment.estimate, moment.spread, moment.n_design, ci_level)
