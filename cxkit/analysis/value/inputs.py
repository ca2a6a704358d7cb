"""Where each number of the sums comes from: its middle, its ends, and draws from between them.

A figure that is given lies between its ends, most likely at its value (triangular). A measured
share is drawn from a beta distribution, a measured amount from a gamma, each with the middle and
the spread of its interval. A stated intention counts only through its calibration.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit import library
from cxkit.analysis.domains import groups
from cxkit.analysis.estimates import estimate, of_groups
from cxkit.analysis.intervals import Measure, t_quantile
from cxkit.analysis.joint import seeded
from cxkit.analysis.measures import Measured
from cxkit.analysis.value.observed import observed
from cxkit.records import NAN, Estimate, Estimates
from cxkit.study.value_entry import SHARES, Input, Range

__all__ = ["N_DRAWS", "Figure", "figures", "shifted", "unit_of"]

N_DRAWS = 10_000
"""How often all inputs are drawn at once."""

_UNITS = {
    **dict.fromkeys((*SHARES, "discount"), "share"),
    **dict.fromkeys(("spend", "acquire_cost", "keep_cost", "serve_cost"), "money"),
    "customers": "count",
    "warned": "scale",
}


@dataclass(frozen=True, eq=False)
class Figure:
    """One input as it enters the sums.

    Attributes
    ----------
    key, kind : str
        Which input, and where from: `given`, `measured`, `stated`, `claimed`.
    centre, low, high : float
        Its middle and its ends: those given, those of the interval, or those between which the
        draws lie (at the study's level).
    draws : ndarray of float, shape (n_draws,)
    measure : Estimate or None
        What it was measured with, in the survey's own unit.
    source : mapping of language to text, or None
    claim, times : str or None
        The claim that it rests on, and the input that this is so many times of.
    is_cut : bool
        Whether its middle or an end was taken back to what is possible: a share to 0 or 1, all
        else to 0.
    """

    key: str
    kind: str
    centre: float
    low: float
    high: float
    draws: np.ndarray
    measure: Estimate | None = None
    source: Mapping[str, str] | None = None
    claim: str | None = None
    times: str | None = None
    is_cut: bool = False

    @property
    def is_ranged(self) -> bool:
        """Whether it may be anything but its middle."""
        return self.low < self.high

    @property
    def is_known(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.centre)

    def record(self, scenario: str, ci_level: float) -> Estimate:
        """The input as a record, with the base that it was measured on."""
        has_ends = self.is_ranged
        own = self.measure
        return Estimate(
            "input", f"input:{self.key}", self.centre,
            self.low if has_ends else NAN, self.high if has_ends else NAN, ci_level,
            n=own.n if own else 0, n_eff=own.n_eff if own else 0.0, unit=unit_of(self.key),
            method=self.kind, flags=own.flags if own else (), by={"scenario": scenario},
        )  # fmt: skip


def unit_of(key: str) -> str:
    """The unit of an input: `share`, `money`, `count` or `scale`."""
    return _UNITS[key]


def figures(
    survey: Any, inputs: Mapping[str, Input], *, beside: Mapping[str, Figure] | None = None
) -> dict[str, Figure]:
    """Inputs of a study as figures; those in `beside` are there to be multiplied by a claim."""
    made: dict[str, Figure] = {}
    plain = {key: one for key, one in inputs.items() if one.kind != "claimed"}
    for key, one in plain.items():
        makers = {"given": _given, "measured": _measured, "stated": _stated}
        made[key] = makers[one.kind](survey, key, one)
    for key, one in inputs.items():
        if one.kind == "claimed":
            made[key] = _claimed(key, one, {**(beside or {}), **made})
    return {key: made[key] for key in inputs}


def shifted(one: Figure, by: float) -> Figure:
    """The same input with so much added; a share stays within 0 and 1, all else above nothing."""
    return _possible(dataclasses.replace(
        one, centre=one.centre + by, low=one.low + by, high=one.high + by, draws=one.draws + by,
    ))  # fmt: skip


def _possible(one: Figure) -> Figure:
    """The same input, taken back to where it can lie."""
    most = 1.0 if one.key in SHARES else math.inf
    ends = (one.centre, one.low, one.high)
    centre, low, high = (min(max(end, 0.0), most) for end in ends)
    return dataclasses.replace(
        one, centre=centre, low=low, high=high, draws=np.clip(one.draws, 0.0, most),
        is_cut=one.is_cut or (centre, low, high) != ends,
    )  # fmt: skip


def _rng(survey: Any, key: str) -> np.random.Generator:
    return np.random.default_rng(seeded(survey.study.seed, f"value|{key}"))


def _between(rng: np.random.Generator, one: Range | Input) -> np.ndarray:
    """Draws of a figure between its ends."""
    value = float(one.value or 0.0)
    if one.low is None or one.high is None or one.low == one.high:
        return np.full(N_DRAWS, value)
    return rng.triangular(one.low, value, one.high, N_DRAWS)


def _given(survey: Any, key: str, one: Input) -> Figure:
    value = float(one.value or 0.0)
    low, high = (value if end is None else end for end in (one.low, one.high))
    draws = _between(_rng(survey, key), one)
    return Figure(key, "given", value, low, high, draws, source=one.source)


# -- measured --------------------------------------------------------------------------------------


def _measured(survey: Any, key: str, one: Input) -> Figure:
    rng = _rng(survey, key)
    if one.measured == "retained":
        seen = observed(survey)
        record = Estimates([seen.retained], context=survey.so_far().context()).published()[0]
        draws = _beta(rng, record.estimate, seen.n_design)
    elif one.measured == "spend":
        record = _spend(survey)
        draws = _gamma(rng, record)
    else:
        record = _share(survey, str(one.measured))
        draws = _beta(rng, record.estimate, _as_precise(record))
    ends = (record.ci_low, record.ci_high)
    low, high = (record.estimate if math.isnan(end) else end for end in ends)
    return Figure(key, "measured", record.estimate, low, high, draws, measure=record)


def _share(survey: Any, of: str) -> Estimate:
    """A share of the last wave in hand, as it is shown."""
    now = survey.latest
    outcome = now.study.outcomes[of.removeprefix("outcome:")]
    metric = "share" if outcome.metric == "share" else "top_2_box"
    found: Estimate = estimate(now, metric, of=of).published()[0]
    return found


def _spend(survey: Any) -> Estimate:
    """What was paid in a period, on average, in the last wave in hand: people count, not money."""
    now = survey.latest
    value = now.study.value
    of, has_it = "value:spend", "value:spend" in now.frame
    paid = now.values(of) if has_it else np.full(len(now.mask), NAN)
    if np.isnan(paid[now.mask]).all():
        return Estimate("mean", of, NAN, unit="money", flags=("no_answers",), wave=now.wave)
    one = Measured(
        of, Measure("mean", "mean", "money"), paid * value.months / value.observed.spend_months
    )
    made = Estimates(of_groups(now, one, groups(now)), context=now.context())
    found: Estimate = made.published()[0]
    return found


def _as_precise(record: Estimate) -> float:
    """How many equally weighted answers would give a share an interval as wide."""
    p = record.estimate
    if math.isnan(p) or not 0 < p < 1:
        return record.n_eff
    se = (record.ci_high - record.ci_low) / (2 * t_quantile(record.ci_level))
    return p * (1 - p) / se**2 if se > 0 else math.inf


def _beta(rng: np.random.Generator, share: float, n: float) -> np.ndarray:
    """Draws of a share as precise as `n` answers make it (Jeffreys' half an answer each way)."""
    if math.isnan(share):
        return np.full(N_DRAWS, NAN)
    if math.isinf(n):
        return np.full(N_DRAWS, share)
    return rng.beta(share * n + 0.5, (1 - share) * n + 0.5, N_DRAWS)


def _gamma(rng: np.random.Generator, record: Estimate) -> np.ndarray:
    """Draws of an amount above nothing, with the middle and the spread of its interval."""
    mean = record.estimate
    half = (record.ci_high - record.ci_low) / 2
    if math.isnan(mean):
        return np.full(N_DRAWS, NAN)
    if not half > 0 or mean <= 0:
        return np.full(N_DRAWS, mean)
    se = half / t_quantile(record.ci_level)
    return rng.gamma((mean / se) ** 2, se**2 / mean, N_DRAWS)


# -- stated and claimed ----------------------------------------------------------------------------


def _stated(survey: Any, key: str, one: Input) -> Figure:
    """Of those who say they will and of the others, the shares of whom it is true elsewhere."""
    assert one.calibration is not None
    now, known = survey.latest, one.calibration
    record = estimate(now, "top_2_box", of=f"outcome:{one.stated}").published()[0]
    says = _beta(_rng(survey, key), record.estimate, _as_precise(record))
    intend, others = (
        _between(_rng(survey, f"{key}|{name}"), getattr(known, name))
        for name in ("intend", "others")
    )
    share = record.estimate
    centre = share * known.intend.value + (1 - share) * known.others.value
    draws = says * intend + (1 - says) * others
    if math.isnan(centre):
        return Figure(key, "stated", NAN, NAN, NAN, draws, record, known.source)
    low, high = _ends(draws, now.study.ci_level)
    return Figure(key, "stated", centre, low, high, draws, record, known.source)


def _claimed(key: str, one: Input, known: Mapping[str, Figure]) -> Figure:
    """A figure that the source articles quote, alone or so many times another input."""
    told = library.claims()[str(one.claim)]
    figure = float(told["figure"]) / (100 if told["unit"] == "percent" else 1)
    if one.times is None:
        draws = np.full(N_DRAWS, figure)
        return Figure(key, "claimed", figure, figure, figure, draws, claim=one.claim)
    base = known[one.times]
    return _possible(Figure(
        key, "claimed", figure * base.centre, figure * base.low, figure * base.high,
        figure * base.draws, measure=base.measure, claim=one.claim, times=one.times,
    ))  # fmt: skip


def _ends(draws: np.ndarray, ci_level: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - ci_level) / 2, (1 + ci_level) / 2])
    return float(low), float(high)
