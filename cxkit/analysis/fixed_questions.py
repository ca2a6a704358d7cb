"""The five fixed questions of the summary, each answered as one record with a verdict.

An `Asked` question is answered by the code of the report from any survey that it is handed, so
that the same question can be put to the same answers analysed in another way.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, journey, metrics, pyramid, scoring
from cxkit.analysis.comparisons import between, rules_of
from cxkit.analysis.conventions import LEADS_FROM
from cxkit.analysis.drivers.importance import first, johnson, lmg, shares
from cxkit.analysis.drivers.regression import explained
from cxkit.analysis.joint import percentiles, resampled
from cxkit.analysis.links import WEAK, linked, links
from cxkit.records import NAMED_METRICS, Comparison, Estimate, Fit, is_wide
from cxkit.study import MIN_SHARE

__all__ = ["MISSING_RULES", "N_DRAWN", "Asked", "asked_of", "headline"]

MISSING_RULES = {"half": MIN_SHARE, "all": 1.0, "any": 0.0}
"""The least share of a level's statements that must be answered, by the name of the rule."""

N_DRAWN = 500
"""Resamples for the chance of ranking first in a way other than the report's."""

_MOST_IN_BOX = 3
"""No top box of more answers is tried, nor one that reaches the middle of the scale."""

Choices = Mapping[str, str]


class Asked(ABC):
    """One question: what may be chosen to answer it, on whose answers it rests, what it says."""

    key = ""
    of = ""
    reference: float | None = None
    rules: tuple[str, ...] = ("half",)
    """The missing rules that it may be answered under; the report's own first."""

    choices: Mapping[str, tuple[str, ...]] = {}
    """Further choices that only this question has; the report's own first."""

    def __init__(self, now: Any) -> None:
        self.now = now
        self.rules_of = rules_of(now, "score_100")

    @abstractmethod
    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Whose answers it is made of, part by part, as rows of the survey's frame."""

    @abstractmethod
    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """Number and verdict of one survey, analysed with these choices; None where not shown."""

    def _share(self, choices: Choices) -> float:
        return MISSING_RULES[choices.get("missing", "half")]

    def _fit(self, one: Estimate | Comparison, verdict: str, **other: Any) -> Fit:
        """The record of an answer that rests on an estimate or a difference."""
        if isinstance(one, Comparison):  # its base is that of one side: the one worth less
            value = one.difference
            n_eff, n = min((one.n_eff_a, one.n_a), (one.n_eff_b, one.n_b))
        else:
            value, n, n_eff = one.estimate, one.n, one.n_eff
        told: dict[str, Any] = {
            "value": value, "ci_low": one.ci_low, "ci_high": one.ci_high, "verdict": verdict,
            "method": one.method, "n": n, "n_eff": n_eff, "ci_level": one.ci_level,
            "unit": one.unit, "wave": self.now.wave,
        }  # fmt: skip
        return Fit(self.key, **(told | other))


def asked_of(now: Any) -> Iterator[Asked]:
    """The questions that a study can be asked, in the order of the summary."""
    main = headline(now)
    if main is not None:
        yield Target(now, *main)
    if len(scoring.levels(now.study)) > 1:
        yield Weakest(now)
    if now.study.journey is not None:
        yield Handoff(now)
        if journey.worst_handoff(now).first is None:
            yield Leak(now)
    if scoring.levels(now.study) and now.study.headlines:
        yield Link(now)
    if main is not None and now.previous is not None:
        yield Change(now, *main)


def headline(now: Any) -> tuple[str, str] | None:
    """Metric and `of` of the outcome that the report leads with, None where there is none."""
    found = [(str(one.metric), f"outcome:{key}") for key, one in now.study.headlines.items()]
    order = (*NAMED_METRICS, *(metric for metric, _ in found))
    return min(found, key=lambda one: order.index(one[0]), default=None)


# -- the headline -------------------------------------------------------------------------------


class Target(Asked):
    """F04: the headline above or below its target; without one, within its range in the report."""

    key = "F04"

    def __init__(self, now: Any, metric: str, of: str) -> None:
        super().__init__(now)
        self.metric, self.of = metric, of
        self.reference = (now.study.targets or {}).get(metric)
        self.own: Estimate | None = None

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who answered the headline."""
        return [~np.isnan(estimates.measured(survey, self.metric, self.of)[0].values)]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """The headline, and on which side of what."""
        (one,) = estimates.estimate(survey, self.metric, of=self.of)
        if not estimates.is_shown(self.now, one):
            return None
        self.own = self.own or one
        return self._fit(one, self._verdict(one))

    def _verdict(self, one: Estimate) -> str:
        if self.reference is None:
            own = self.own or one
            if own.ci_low <= one.estimate <= own.ci_high:
                return "inside"
            return "above_range" if one.estimate > own.estimate else "below_range"
        if is_wide(one.ci_low, one.ci_high, one.unit):
            return "cannot_tell"
        if one.ci_low > self.reference:
            return "above_target"
        return "below_target" if one.ci_high < self.reference else "cannot_tell"


class Change(Asked):
    """F20: whether the headline rose or fell since the wave before."""

    key = "F20"
    reference = 0.0

    def __init__(self, now: Any, metric: str, of: str) -> None:
        super().__init__(now)
        self.metric, self.of = metric, of
        self.rules_of = rules_of(now, metric)
        self.choices = {"box": boxes} if len(boxes := _boxes(now, of)) > 1 else {}

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who answered the headline."""
        return [~np.isnan(estimates.measured(survey, self.metric, self.of)[0].values)]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """The difference between the two waves."""
        before = survey.previous
        if before is None or before.wave != self.now.previous.wave:
            return None
        box = choices.get("box", "")
        is_own = not self.choices or box in ("", self.choices["box"][0])
        (one,) = estimates.measured(survey, self.metric if is_own else f"top_{box}_box", self.of)
        pair = [*estimates.groups(survey, "wave"), *estimates.groups(before, "wave")]
        (found,) = contrasts.corrected(between(survey, one, pair), self.rules_of)
        if found.verdict == "hidden" or math.isnan(found.difference):
            return None
        return self._fit(found, _direction(found))


def _direction(one: Comparison) -> str:
    if one.is_clear:
        return "rise" if one.difference > 0 else "fall"
    return one.verdict


def _boxes(now: Any, of: str) -> tuple[str, ...]:
    """How many of the best answers may make a top box: as defined, and one more or fewer."""
    outcome = now.study.outcomes[of.partition(":")[2]]
    definition = str(outcome.definition or "")
    if not metrics.is_box(definition) or not definition.startswith("top_"):
        return ()
    own = int(definition.split("_")[1])
    most = min(_MOST_IN_BOX, (len(now.study.scale(of).points) - 1) // 2)
    return (str(own), *(str(k) for k in range(1, most + 1) if k != own))


# -- levels -------------------------------------------------------------------------------------


class Weakest(Asked):
    """F06: which level is the weakest, by its distance from the nearest other one."""

    key, of, reference = "F06", "levels", 0.0
    rules = tuple(MISSING_RULES)

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.level: str | None = None

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who have every level."""
        return [_scored(survey, MISSING_RULES[rule])]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """How far the report's weakest level lies below the next; below zero, above it."""
        leader = pyramid.weakest(survey, min_share=self._share(choices))
        if leader.first is None or not len(leader.comparisons):
            return None
        self.level = self.level or leader.first
        if leader.first == self.level:
            nearest = -leader.comparisons[0]
        else:
            below = [one for one in leader.comparisons if one.b == self.level]
            if not below:
                return None
            nearest = below[0]
        return self._fit(nearest, f"clear|{leader.key}" if leader.key else "tie")


def _scored(survey: Any, min_share: float) -> np.ndarray:
    """Who has every level that anybody answered, under a missing rule."""
    found = [one.values for one in pyramid.measured(survey, min_share=min_share)]
    scored = [~np.isnan(values) for values in found if not np.isnan(values).all()]
    return np.logical_and.reduce(scored) if scored else np.zeros(len(survey.mask), dtype=bool)


class Link(Asked):
    """F17: which level goes most closely with the outcome, by its share of the link."""

    key = "F17"
    rules = tuple(MISSING_RULES)

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.choices = {"importance": tuple(_PARTS)}
        self.of = linked(now).outcome
        self.level: str | None = None
        self._drawn: dict[Any, Any] = {}

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who have every level and the outcome."""
        has_outcome = ~np.isnan(survey.values(self.of)) if self.of else False
        return [_scored(survey, MISSING_RULES[rule]) & has_outcome]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """The share of the level that the report puts first, and whether one can be named."""
        is_own = all(choices.get(kind, own) == own for kind, own in _LINK_AS_IN_REPORT.items())
        return self._in_report() if is_own else self._in_a_way(survey, choices)

    def _in_report(self) -> Fit | None:
        made = links(self.now)
        if made.why is not None or not len(made.shares):
            return None
        top = max(made.shares, key=lambda one: one.estimate)
        self.level = made.leader or top.of
        share = made.shares.only(of=self.level)
        if not estimates.is_shown(self.now, share):
            return None
        verdict = "weak" if made.weak else "open"
        if made.leader and not made.weak:
            verdict = f"first|{made.leader}"
        return self._fit(share, verdict)

    def _in_a_way(self, survey: Any, choices: Choices) -> Fit | None:
        told = (survey, choices.get("missing", "half"))
        if told not in self._drawn:
            data = linked(survey, min_share=self._share(choices))
            drawn = None
            if data.why is None:
                given = data.given
                drawn = resampled(given.values, given.design, n_resamples=N_DRAWN, seed=data.seed)
            self._drawn[told] = data, drawn
        data, drawn = self._drawn[told]
        names = data.given.names
        if drawn is None or self.level is None or self.level not in names:
            return None
        method = choices.get("importance", "lmg")
        part_of = _PARTS[method]
        found, many = part_of(data.given.moments.correlation), part_of(drawn.correlation)
        place = names.index(self.level)
        low, high = percentiles(shares(many)[:, place], survey.study.ci_level)
        n, n_eff = data.basis.n, data.basis.n_eff
        one = Estimate(
            "link_share", self.level, float(shares(found)[place]), float(low), float(high),
            survey.study.ci_level, n, n_eff, "share", f"{method}_bootstrap",
        )  # fmt: skip
        if not estimates.is_shown(self.now, one):
            return None
        return self._fit(one, self._verdict(data, many))

    def _verdict(self, data: Any, many: np.ndarray) -> str:
        _, adjusted = explained(data.basis, data.given.moments.correlation, of=data.outcome)
        if adjusted.value < WEAK:
            return "weak"
        chances = first(many)
        top = int(np.argmax(chances))
        return f"first|{data.given.names[top]}" if chances[top] >= LEADS_FROM else "open"


_LINK_AS_IN_REPORT = {"answers": "used", "missing": "half", "weights": "given", "importance": "lmg"}


def _slopes(correlation: np.ndarray) -> np.ndarray:
    """The sizes of the standardised slopes, from correlations as `lmg` takes them."""
    own = np.isfinite(correlation[..., -1, -1:])
    among = np.nan_to_num(correlation[..., :-1, :-1])
    given = np.nan_to_num(correlation[..., :-1, -1])
    slopes = np.linalg.pinv(among, hermitian=True) @ given[..., None]
    return np.where(own, np.abs(slopes[..., 0]), np.nan)


_PARTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "lmg": lmg,
    "johnson": johnson,
    "slopes": _slopes,
}


# -- the journey --------------------------------------------------------------------------------


class Handoff(Asked):
    """F12: at which hand-off ratings drop most, by that drop."""

    key, of, reference = "F12", "handoff", 0.0

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.stage: str | None = None

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who rated both stages, hand-off by hand-off."""
        rated = [
            ~np.isnan(one.values)
            for one in estimates.measured(survey, "score_100", "stages")
            if one.flag is None
        ]
        return [a & b for a, b in itertools.pairwise(rated)]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """The report's worst hand-off, and which is the worst here."""
        worst, drops = journey.worst_handoff(survey), journey.handoffs(survey)
        if worst.first is None or worst.n_hidden or len(drops) < 2:
            return None
        self.stage = self.stage or worst.first
        own = [one for one in drops.published() if one.a == self.stage and one.verdict != "hidden"]
        if not own or math.isnan(own[0].difference):
            return None
        return self._fit(own[0], self._verdict(worst, {one.a: one.b for one in drops}))

    def _verdict(self, worst: contrasts.Leader, before: Mapping[str, str]) -> str:
        if worst.key is not None:
            return f"clear|{before[worst.key]}|{worst.key}"
        if len(worst.tied) == 1:
            return f"lowest|{before[worst.tied[0]]}|{worst.tied[0]}"
        return "tie"


class Leak(Asked):
    """F11: from which stage the smallest share goes on, by that share."""

    key, of = "F11", "stages"

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.stage: str | None = None

    def answered(self, survey: Any, rule: str) -> list[np.ndarray]:
        """Those who reached a stage, stage by stage."""
        found = estimates.measured(survey, "conversion", "stages")
        return [~np.isnan(one.values) for one in found if one.flag is None]

    def told(self, survey: Any, choices: Choices) -> Fit | None:
        """The share that goes on from the report's stage, and which is the smallest here."""
        leak = journey.leak(survey)
        if leak.first is None or leak.n_hidden or not len(leak.comparisons):
            return None
        self.stage = self.stage or leak.first
        (own,) = (one for one in journey.conversion(survey) if one.of == self.stage)
        if not estimates.is_shown(self.now, own):
            return None
        return self._fit(own, self._verdict(leak.key))

    def _verdict(self, key: str | None) -> str:
        if key is None:
            return "tie"
        order = [f"stage:{stage}" for stage in self.now.study.reached_stages]
        return f"clear|{key}|{order[order.index(key) + 1]}"
