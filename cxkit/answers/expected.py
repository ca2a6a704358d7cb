"""The exact population values that a truth implies: integrals over the mood, sums over cells.

An estimate from simulated answers can be held against these. Hands out `expected` (what a first
report shows) and `Population` (any one of its values).
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cxkit.answers.truth import Array, Measure, Plan, Shares, State, Truth, read_truth
from cxkit.errors import SurveyError
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.study import Study

__all__ = ["Expected", "Population", "expected"]

Cell = Mapping[str, str | None]
Groups = Mapping[str, Collection[str]]
Scores = Callable[[Cell], Array]

_MOOD = np.linspace(-8.0, 8.0, 641)
_DENSITY = np.exp(-0.5 * _MOOD**2) / np.exp(-0.5 * _MOOD**2).sum()
_METHOD = "exact"


class Expected(NamedTuple):
    """The exact values of a study's estimates and comparisons, keyed as the records are."""

    estimates: Estimates
    comparisons: Comparisons


def expected(study: Study, truth: Truth | None = None, *, is_weighted: bool = True) -> Expected:
    """What an endless sample would show, wave by wave: exact values without intervals.

    Parameters
    ----------
    study : Study
        What was asked.
    truth : Truth, optional
        What was planted; the truth.yaml beside the study if not given.
    is_weighted : bool, default True
        False gives what an endless unweighted sample would show.

    Returns
    -------
    Expected
        `estimates`: items (`mean`, `score_100`, `top_2_box`, `bottom_2_box`), levels, outcomes,
        reach, conversion and ratings of stages, and levels and outcomes by group of each segment.
        `comparisons`: levels and outcomes against the wave before and of each group against the
        rest (`region!=java`), and the paired hand-offs from stage to stage.
    """
    people = Population(study, truth, is_weighted=is_weighted)
    estimates: list[Estimate] = []
    comparisons: list[Comparison] = []
    for before, wave in itertools.pairwise((None, *people.plan.waves)):
        estimates += [people.estimate(metric, of, wave) for metric, of in people.measured()]
        comparisons += people.handoffs(wave)
        for metric, of in people.headlines():
            if before is not None:
                comparisons.append(people.change(metric, of, wave, before))
            for segment, value in people.groups():
                estimates.append(people.estimate(metric, of, wave, {segment: value}))
                comparisons.append(people.against_rest(metric, of, wave, segment, value))
    return Expected(Estimates(estimates), Comparisons(comparisons))


class Population:
    """The endless population of a truth, of which any value can be asked.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> shop = Population(read_study("demo"))
    >>> round(shop.value("reach", "stage:consider", "2026H1"), 2) > 0.5
    True
    """

    def __init__(
        self, study: Study, truth: Truth | None = None, *, is_weighted: bool = True
    ) -> None:
        self.study = study
        self.truth = truth or read_truth(study)
        self.plan = Plan(study, self.truth)
        self.is_weighted = is_weighted and bool(study.weight or study.weighting)

    # -- what there is to ask ------------------------------------------------------------------

    def headlines(self) -> list[tuple[str, str]]:
        """The outcomes and levels: metric and of."""
        asked = self.study.headlines.items()
        outcomes = [(str(one.metric), f"outcome:{key}") for key, one in asked]
        return outcomes + [("score_100", f"level:{level}") for level in self.plan.levels]

    def measured(self) -> list[tuple[str, str]]:
        """What a report shows of statements, headlines and stages in one wave: metric and of."""
        items = [f"item:{key}" for key in self.study.statements]
        kinds = ("mean", "score_100", "top_2_box", "bottom_2_box")
        stages = [f"stage:{stage}" for stage in self.plan.stages]
        rated = [f"stage:{s}" for s in self.plan.stages if self.study.stages[s].rating]
        return [
            *self.headlines(),
            *itertools.product(kinds, items),
            *(("reach", stage) for stage in stages),
            *(("conversion", stage) for stage in stages[:-1]),
            *(("score_100", stage) for stage in rated),
        ]

    def groups(self) -> Iterator[tuple[str, str]]:
        """Every value of every segment."""
        for key, segment in self.plan.segments.items():
            yield from ((key, value) for value in segment.population)

    # -- records -------------------------------------------------------------------------------

    def estimate(
        self, metric: str, of: str, wave: str | None, by: Mapping[str, str] | None = None
    ) -> Estimate:
        """The exact value as a record."""
        groups = {key: (value,) for key, value in (by or {}).items()}
        value = self.value(metric, of, wave, groups)
        unit = self._unit(metric, of)
        return Estimate(metric, of, value, unit=unit, method=_METHOD, wave=wave, by=dict(by or {}))

    def change(self, metric: str, of: str, wave: str | None, before: str) -> Comparison:
        """The change of a value since the wave before."""
        now, then = (self.value(metric, of, one) for one in (wave, before))
        return self._comparison(metric, of, f"wave={wave}", f"wave={before}", now - then, wave)

    def against_rest(
        self, metric: str, of: str, wave: str | None, segment: str, value: str
    ) -> Comparison:
        """The value of a group minus the value of all other groups of its segment."""
        rest = tuple(one for one in self.plan.segments[segment].population if one != value)
        here, there = (self.value(metric, of, wave, {segment: v}) for v in ((value,), rest))
        a, b = f"{segment}={value}", f"{segment}!={value}"
        return self._comparison(metric, of, a, b, here - there, wave)

    def handoffs(self, wave: str | None) -> Iterator[Comparison]:
        """The later stage's rating minus the earlier one's, within people who reached both."""
        for a, b in itertools.pairwise(self.plan.stages):
            if self.study.stages[a].rating and self.study.stages[b].rating:
                lost = self.handoff(a, b, wave)
                later, earlier = f"stage:{b}", f"stage:{a}"
                yield self._comparison("score_100", "handoff", later, earlier, lost, wave)

    def _comparison(
        self, metric: str, of: str, a: str, b: str, difference: float, wave: str | None
    ) -> Comparison:
        unit = self._unit(metric, of)
        return Comparison(metric, of, a, b, difference, unit=unit, method=_METHOD, wave=wave)

    def _unit(self, metric: str, of: str) -> str:
        if metric in ("csat", "ces"):
            definition = self.study.outcomes[of.split(":")[1]].definition
            return "scale" if definition == "mean" else "share"
        return {"nps": "points", "mean": "scale", "score_100": "score_100"}.get(metric, "share")

    # -- values --------------------------------------------------------------------------------

    def value(
        self, metric: str, of: str, wave: str | None = None, groups: Groups | None = None
    ) -> float:
        """The exact value of a metric in a wave, among the given values of some segments."""
        groups = groups or {}
        kind, key = of.split(":")
        if metric in ("reach", "conversion"):
            return self._came_along(metric, key, groups)
        if kind == "level":
            return self._level(key, wave, groups)
        measure = self.plan.measures[f"rating:{key}" if kind == "stage" else of]
        chance = self._chance(lambda state: measure.of in state.asked, groups)
        scores = self._scores(measure, self._worth(metric, measure))
        return self._mean([(chance, scores)], wave, groups)

    def handoff(self, a: str, b: str, wave: str | None = None) -> float:
        """The rating of stage `b` minus that of stage `a`, among people who reached both."""
        chance = self._chance(lambda state: {a, b} <= state.reached, {})
        of_a, of_b = (self.plan.measures[f"rating:{stage}"] for stage in (a, b))
        score_a, score_b = (self._scores(one, _score_100(one)) for one in (of_a, of_b))
        return self._mean([(chance, lambda cell: score_b(cell) - score_a(cell))], wave, {})

    def _came_along(self, metric: str, stage: str, groups: Groups) -> float:
        first, later = self.plan.stages[0], self.plan.stages[self.plan.stages.index(stage) + 1 :]
        if metric == "reach":
            base = self._chance(lambda state: first in state.reached, groups)
            hit = self._chance(lambda state: {first, stage} <= state.reached, groups)
        else:
            base = self._chance(lambda state: stage in state.reached, groups)
            hit = self._chance(
                lambda state: stage in state.reached and bool(state.reached & set(later)), groups
            )
        return float((hit * _DENSITY).sum() / (base * _DENSITY).sum())

    def _level(self, level: str, wave: str | None, groups: Groups) -> float:
        """The mean over people of their mean item, where at least half of theirs are answered.

        Answers go missing at one rate for all items, so whoever is scored has, in expectation,
        the plain mean of the items that apply.
        """
        framework = self.study.framework
        scored_on = framework.scored_on if framework else None
        items = frozenset(f"item:{key}" for key in self.plan.levels[level])
        parts = []
        for asked in _subsets(items):
            chance = self._chance(_puts_exactly(asked, items, scored_on), groups)
            measures = [self.plan.measures[of] for of in sorted(asked)]
            enough = _half_answered(len(measures), 1 - sum(measures[0].missing.values()))
            parts.append((chance * enough, self._mean_scores(measures)))
        return self._mean(parts, wave, groups)

    def _mean_scores(self, measures: list[Measure]) -> Scores:
        each = [self._scores(one, _score_100(one)) for one in measures]
        return lambda cell: np.mean([scores(cell) for scores in each], axis=0)

    def _mean(
        self,
        parts: list[tuple[Array, Scores]],
        wave: str | None,
        groups: Groups,
    ) -> float:
        """The mean of scores over people: `parts` are chances by mood and scores in a cell."""
        total = weight = 0.0
        for share, cell in self._cells(wave, groups):
            for chance, scores in parts:
                density = share * chance * _DENSITY
                if density.any():
                    total += float((density * scores(cell)).sum())
                    weight += float(density.sum())
        return total / weight if weight else math.nan

    def _cells(self, wave: str | None, groups: Groups) -> Iterator[tuple[float, Cell]]:
        keys = [key for key in self.plan.segments if key in groups or key in self.plan.shifting]
        shares = [self._shares(key, wave, groups.get(key)) for key in keys]
        for values in itertools.product(*shares):
            share = math.prod(of[value] for of, value in zip(shares, values, strict=True))
            yield share, {"wave": wave, **dict(zip(keys, values, strict=True))}

    def _shares(self, key: str, wave: str | None, values: Collection[str] | None) -> Shares:
        segment = self.plan.segments[key]
        every = segment.population if self.is_weighted else segment.drawn(wave)
        return {value: share for value, share in every.items() if not values or value in values}

    def _chance(self, is_meant: Callable[[State], bool], groups: Groups) -> Array:
        """How likely someone is meant, by mood; of a group, only those asked which they are in."""
        bases = {self.plan.segments[key].base for key in groups} & set(self.study.base_keys)
        meant = [one.chance for one in self._states if bases <= one.bases and is_meant(one)]
        return np.sum([np.zeros_like(_MOOD), *meant], axis=0)

    @cached_property
    def _states(self) -> list[State]:
        return list(self.plan.states(_MOOD))

    def _scores(self, measure: Measure, worth: Array) -> Scores:
        """The expected worth of an answer, by mood, in a cell."""
        latent = measure.mean + measure.mood * _MOOD
        shifts = self.plan.shifts(measure)
        known: dict[float, Array] = {}

        def scores(cell: Cell) -> Array:
            points = sum(shift.by for shift in shifts if shift.holds(cell))
            if points not in known:
                known[points] = measure.chances(latent + points) @ worth
            return known[points]

        return scores

    def _worth(self, metric: str, measure: Measure) -> Array:
        """What each answer, worst to best, is worth in a metric."""
        if metric in ("csat", "ces"):
            metric = str(self.study.outcomes[measure.of.split(":")[1]].definition)
        codes = np.asarray(measure.codes, dtype=float)
        place = np.arange(len(codes))
        if metric == "mean":
            return codes
        if metric == "score_100":
            return _score_100(measure)
        if metric == "nps":
            return 100.0 * (codes >= 9) - 100.0 * (codes <= 6)
        if metric == "share_positive":
            return (_score_100(measure) > 50).astype(float)
        if box := re.fullmatch(r"(top|bottom)_([1-9])_box", metric):
            k = int(box[2])
            return (place >= len(codes) - k if box[1] == "top" else place < k).astype(float)
        raise SurveyError(f"there is no exact value of '{metric}'", where=measure.of)


def _score_100(measure: Measure) -> Array:
    codes = np.asarray(measure.codes, dtype=float)
    return 100 * (codes - codes[0]) / (codes[-1] - codes[0])


def _puts_exactly(
    asked: frozenset[str], items: frozenset[str], base: str | None
) -> Callable[[State], bool]:
    """Whether someone of a base is asked these of the items, and no others of them."""
    return lambda state: (base is None or base in state.bases) and state.asked & items == asked


def _subsets(items: frozenset[str]) -> Iterator[frozenset[str]]:
    for size in range(1, len(items) + 1):
        yield from map(frozenset, itertools.combinations(sorted(items), size))


def _half_answered(n: int, rate: float) -> float:
    """The chance that at least half of `n` questions are answered."""
    counts = range(math.ceil(n / 2), n + 1)
    return sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in counts)
