"""Scenarios: all inputs drawn at once for intervals, and one at a time for what matters most.

A scenario is a what-if calculation with stated inputs, never a forecast. The same draws serve
every scenario, so that they differ by what they change and by nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.value.inputs import Figure, figures, shifted
from cxkit.analysis.value.sums import LOSSES, outcomes
from cxkit.records import NAN, Estimate, Estimates
from cxkit.study.value_entry import Input

__all__ = ["TODAY", "TOLD_OF", "Worth", "worth"]

TODAY = "today"
"""The scenario of the inputs as they are."""

TOLD_OF = ("loss", "lifetime_value")
"""What is told with one input at a time at its ends."""

_UNITS = {
    "lost": "count", "periods_stayed": "scale", "cost_ratio": "scale", "payback": "scale",
}  # fmt: skip
"""Units of what follows from the inputs; all else is money."""

_AGAINST_TODAY = ("revenue_at_stake", "loss", "all_value")
"""What of a scenario is held against the inputs as they are."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What follows from the inputs of a study, and from those of its scenarios.

    Attributes
    ----------
    why : str or None
        Why there are no sums: `not_stated` (a study without inputs), `group` (its inputs are of
        everybody, and a group is in hand), `hidden` or `no_answers` (an input that is measured
        cannot be shown, or was not answered). None where there are.
    lacking : tuple of str
        The inputs that cannot be had, where `why` is one of the last two.
    inputs : dict of Figure
        The inputs as they are, by key.
    changed : dict of dict of Figure
        By scenario, the inputs that it changes.
    records : Estimates
        Inputs (`input`) and what follows (`loss`...), of `scenario:KEY`; those with `_more` at
        the end are held against `scenario:today`.
    swings : Estimates
        `swing` of each input that has ends, by what it is told of (`by_output`): the sum at the
        input's low end (`ci_low`) and at its high end (`ci_high`), all others at their middle;
        largest first.
    """

    why: str | None
    inputs: Mapping[str, Figure]
    changed: Mapping[str, Mapping[str, Figure]]
    records: Estimates
    swings: Estimates
    lacking: tuple[str, ...] = ()

    def only(self, metric: str, scenario: str = TODAY) -> Estimate | None:
        """One number of a scenario, None where it cannot be had."""
        found = self.records.where(metric=metric, of=f"scenario:{scenario}")
        return found[0] if len(found) else None


def worth(survey: Any) -> Worth:
    """What follows from the inputs of a study (see `Worth`)."""
    now = survey.latest
    found: Worth = now.once(("worth",), lambda: _worth(now))
    return found


def _worth(now: Any) -> Worth:
    value, none = now.study.value, Estimates((), context=now.context())
    if value is None or not value.inputs:
        return Worth("not_stated", {}, {}, none, none)
    if any(key in now.study.segment_keys for key in now.filters):
        return Worth("group", {}, {}, none, none)
    today = figures(now, value.inputs)
    changed = {name: _changed(now, one, today) for name, one in value.scenarios.items()}
    lacking = _lacking({**today, **{k: f for own in changed.values() for k, f in own.items()}})
    if lacking:
        flags = {flag for one in lacking.values() if one.measure for flag in one.measure.flags}
        why = "hidden" if any(flag.startswith("hidden") for flag in flags) else "no_answers"
        return Worth(why, today, changed, none, none, tuple(lacking))
    level = now.study.ci_level
    records = [one.record(TODAY, level) for one in today.values()]
    drawn = _drawn(today, value.horizon)
    records += _records(TODAY, today, drawn, None, value.horizon, level)
    for name, own in changed.items():
        then = _together(today, own)
        records += [one.record(name, level) for one in own.values()]
        other = _drawn(then, value.horizon)
        records += _records(name, then, other, (today, drawn), value.horizon, level)
    context = now.context()
    swings = [one for output in TOLD_OF for one in _swings(today, output, value.horizon, level)]
    return Worth(
        None,
        today,
        changed,
        Estimates(records, context=context),
        Estimates(swings, context=context),
    )


def _lacking(known: Mapping[str, Figure]) -> dict[str, Figure]:
    return {key: one for key, one in known.items() if not one.is_known}


def _changed(now: Any, scenario: Any, today: Mapping[str, Figure]) -> dict[str, Figure]:
    """The inputs of a scenario that are not as they are today."""
    plus = dict(scenario.plus)
    own: dict[str, Input] = dict(scenario.inputs)
    made = figures(now, own, beside=today)
    for key, by in plus.items():
        if key in today:
            made[key] = shifted(made.get(key, today[key]), by)
        else:  # the other way of saying who stays
            other = {"retention": "churn", "churn": "retention"}[key]
            made[other] = shifted(today[other], -by)
    return made


def _together(today: Mapping[str, Figure], own: Mapping[str, Figure]) -> dict[str, Figure]:
    """Today's inputs with those of a scenario in their place."""
    says = {"retention", "churn"}
    replaced = says if says & set(own) else set()
    kept = {key: one for key, one in today.items() if key not in replaced}
    return {**kept, **own}


# -- sums ------------------------------------------------------------------------------------------


def _staying(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs, with who stays told by `retention`."""
    if "churn" not in given:
        return dict(given)
    rest = {key: one for key, one in given.items() if key != "churn"}
    return rest | {"retention": 1 - np.asarray(given["churn"])}


def _drawn(given: Mapping[str, Figure], horizon: int) -> dict[str, np.ndarray]:
    return outcomes(_staying({key: one.draws for key, one in given.items()}), horizon)


def _central(given: Mapping[str, Figure], horizon: int) -> dict[str, float]:
    made = outcomes(_staying({key: one.centre for key, one in given.items()}), horizon)
    return {key: float(one) for key, one in made.items()}


def _records(
    name: str,
    given: Mapping[str, Figure],
    drawn: Mapping[str, np.ndarray],
    today: tuple[Mapping[str, Figure], Mapping[str, np.ndarray]] | None,
    horizon: int,
    level: float,
) -> Iterator[Estimate]:
    """What follows in one scenario, and how it differs from today."""
    centre = _central(given, horizon)
    base = _base(given)
    for key, draws in drawn.items():
        yield _record(key, name, centre[key], draws, level, base)
    if centre["loss"] > 0:
        for part in LOSSES:
            if f"loss:{part}" in drawn:
                with np.errstate(invalid="ignore", divide="ignore"):
                    draws = drawn[f"loss:{part}"] / drawn["loss"]
                share = centre[f"loss:{part}"] / centre["loss"]
                yield _record(f"loss_share:{part}", name, share, draws, level, base)
    if today is not None:
        before = _central(today[0], horizon)
        for key in _AGAINST_TODAY:
            difference = drawn[key] - today[1][key]
            yield _record(f"{key}_more", name, centre[key] - before[key], difference, level, base)


def _base(given: Mapping[str, Figure]) -> tuple[float, float]:
    """The smallest base among the inputs that were measured; none where none was."""
    known = [one.measure for one in given.values() if one.measure is not None]
    if not known:
        return 0, 0.0
    return min(one.n for one in known), min(one.n_eff for one in known)


def _record(
    key: str, name: str, centre: float, draws: np.ndarray, level: float, base: tuple[float, float]
) -> Estimate:
    unit = "share" if key.startswith("loss_share") else _UNITS.get(key, "money")
    low = high = NAN
    if np.all(np.isfinite(draws)) and not math.isnan(centre):
        if np.ptp(draws) > 0:
            low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]).tolist()
        flags: tuple[str, ...] = ()
    else:
        flags = ("unreliable",)
    return Estimate(
        key, f"scenario:{name}", centre, low, high, level, n=base[0], n_eff=base[1], unit=unit,
        method="simulated_sums", flags=flags,
    )  # fmt: skip


def _swings(given: Mapping[str, Figure], output: str, horizon: int, level: float) -> list[Estimate]:
    """One sum with each input at its ends, all others at their middle; the largest swing first."""
    middle = {key: one.centre for key, one in given.items()}
    centre, base = float(outcomes(_staying(middle), horizon)[output]), _base(given)
    made = []
    for key, one in given.items():
        if not one.is_ranged:
            continue
        low, high = (
            float(outcomes(_staying({**middle, key: end}), horizon)[output])
            for end in (one.low, one.high)
        )
        if low != high:
            made.append(
                Estimate(
                    "swing",
                    f"input:{key}",
                    centre,
                    low,
                    high,
                    level,
                    n=base[0],
                    n_eff=base[1],
                    unit="money",
                    method="one_at_a_time",
                    by={"output": output},
                )
            )
    return sorted(made, key=lambda one: (-abs(one.ci_high - one.ci_low), one.of))
