"""Answers with planted truth: a survey of people who never were, drawn from a truth.yaml.

One seed, one generator, uniform numbers only, drawn in a fixed order: the same seed gives the same
bytes. Hands out `simulate`, `write` and, from `expected`, the exact values behind them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from cxkit import places
from cxkit.answers import further_simulated as further
from cxkit.answers.expected import Expected, Population, expected
from cxkit.answers.further_simulated import People
from cxkit.answers.truth import Array, Measure, Plan, Shares, Truth, read_truth
from cxkit.study import Study, read_study

__all__ = ["Expected", "Population", "expected", "simulate", "write"]

Words = NDArray[np.object_]

_ALSO = 0.4
"""How often a second way to have reached a stage is told beside the first."""


def simulate(
    study: Study, n: int | None = None, seed: int | None = None, truth: Truth | None = None
) -> pd.DataFrame:
    """Raw answers to a study, as text, in the columns that it maps.

    Parameters
    ----------
    study : Study
        What is asked, of whom, on which scales.
    n : int, optional
        Respondents in each wave; what the truth says if not given.
    seed : int, optional
        Same seed, same answers; the truth's own if not given.
    truth : Truth, optional
        What is planted; the truth.yaml beside the study, else the kit's neutral one.

    Returns
    -------
    DataFrame
        A respondent a row, by wave and then by id; an empty cell is an answer not given.
        Respondents are drawn with the sample's shares, and the weight is population share over
        sample share, so weighted estimates aim at the population.
    """
    truth = truth or read_truth(study)
    plan = Plan(study, truth)
    seed = truth.seed if seed is None else seed
    rng = np.random.default_rng(seed)
    waves: list[pd.DataFrame] = []
    before: People | None = None
    start = 1
    for wave in plan.waves:
        size = n or truth.size(wave)
        table, people = _Wave(plan, wave, start, size, rng).drawn(seed)
        if before is not None and study.respondent:
            known = waves[-1][study.respondent].to_numpy(dtype=object)
            own = table[study.respondent].to_numpy(dtype=object)
            table[study.respondent] = further.same_people(before, people, known, own, plan, seed)
        waves.append(table)
        before = people
        start += size
    return pd.concat([_by_id(one, study) for one in waves], ignore_index=True)


def write(
    study: str | os.PathLike[str],
    n: int | None = None,
    seed: int | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Path:
    """Simulate answers to `study` and write them as CSV: to `path`, else where the study says."""
    asked = read_study(study)
    named = asked.folder / next(iter(asked.answers.values())).path
    file = places.root() / Path(path) if path else named
    text = simulate(asked, n, seed).to_csv(index=False, lineterminator="\n")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    return file


def _by_id(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    return table if study.respondent is None else table.sort_values(study.respondent, kind="stable")


class _Wave:
    """One wave being drawn. Every draw takes the next column of uniforms, in a fixed order."""

    def __init__(
        self, plan: Plan, wave: str | None, start: int, n: int, rng: np.random.Generator
    ) -> None:
        self.plan = plan
        self.wave = wave
        self.start = start
        self.n = n
        self._uniforms = iter(rng.random((n, _width(plan))).T)

    def drawn(self, seed: int) -> tuple[pd.DataFrame, People]:
        """The answers, in the order of the study file, and the people who gave them.

        `seed` is that of the streams which questions beyond the core are drawn from.
        """
        study = self.plan.study
        groups = {key: self._choice(one.drawn(self.wave)) for key, one in self._segments}
        mood = self._normal()
        reached = self._reached(mood)
        drawn = self._bases(reached)
        luck = {level: self._normal() for level in (*self.plan.levels, "other")}

        table: dict[str, Words] = {}
        if study.respondent:
            table[study.respondent] = _ids(self.start, self.n)
        if study.wave:
            table[study.wave] = _constant(str(self.wave), self.n)
        if study.weight:
            table[study.weight] = self._weights(groups)
        for key, segment in self._segments:
            known = self.plan.meets(segment.base, reached, drawn) if segment.base else True
            table[study.segments[key].column or key] = np.where(known, groups[key], "")
        table |= self._ways(reached) | self._flags(reached, drawn)
        for measure in self.plan.measures.values():
            latent = measure.mean + measure.mood * mood + measure.noise * self._normal()
            latent += sum(points * luck[level] for level, points in measure.levels.items())
            latent += self._shifts(measure, groups)
            asked = self.plan.is_asked(measure, reached, drawn)
            table[measure.column] = self._answers(measure, latent, np.broadcast_to(asked, self.n))
        people = People(
            self.wave, self.n, mood, luck, groups, reached, dict(drawn), dict(table), {}
        )
        table |= further.columns(further.Asked(self.plan, people, seed))
        for column in study.comments.values():
            table.setdefault(column, _constant("", self.n))
        return pd.DataFrame(table), people

    @property
    def _segments(self) -> list[tuple[str, Any]]:
        return list(self.plan.segments.items())

    # -- dice ----------------------------------------------------------------------------------

    def _uniform(self) -> Array:
        return next(self._uniforms)

    def _normal(self) -> Array:
        return ndtri(np.maximum(self._uniform(), 2.0**-53))

    def _choice(self, shares: Shares) -> Words:
        """A value for each respondent, drawn with these shares."""
        values = np.array(list(shares), dtype=object)
        edges = np.cumsum(list(shares.values()))
        at = np.searchsorted(edges / edges[-1], self._uniform(), side="right")
        return values[np.minimum(at, len(values) - 1)]

    # -- how people come along -----------------------------------------------------------------

    def _reached(self, mood: Array) -> dict[str, NDArray[np.bool_]]:
        reached: dict[str, NDArray[np.bool_]] = {}
        for stage in self.plan.stages:
            chance = self.plan.reach(stage, list(reached.values()), mood)
            reached[stage] = self._uniform() < chance
        return reached

    def _bases(self, reached: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
        furthest = _constant(None, self.n)
        for stage, is_reached in reached.items():
            furthest[is_reached] = stage
        drawn: dict[str, NDArray[np.bool_]] = {}
        for key in self.plan.drawn_bases:
            share = {stage: self.plan.base_share(key, stage) for stage in (None, *reached)}
            chance = np.array([share[stage] for stage in furthest])
            within = self.plan.within(key)
            drawn[key] = (self._uniform() < chance) & (True if within is None else drawn[within])
        return drawn

    def _weights(self, groups: Mapping[str, Words]) -> Words:
        weight = np.ones(self.n)
        for key, values in groups.items():
            shares = self.plan.weight_share(key, self.wave)
            weight *= np.array([shares[value] for value in values])
        return np.array([f"{one:.6f}" for one in weight], dtype=object)

    def _shifts(self, measure: Measure, groups: Mapping[str, Words]) -> Array:
        """The points planted on a measure, for each respondent."""
        points = np.zeros(self.n)
        for shift in self.plan.shifts(measure):
            meant = np.full(self.n, True)
            for key, wanted in shift.where.items():
                meant &= self.wave in wanted if key == "wave" else np.isin(groups[key], wanted)
            points += shift.by * meant
        return points

    # -- what they say -------------------------------------------------------------------------

    def _flags(
        self,
        reached: Mapping[str, NDArray[np.bool_]],
        drawn: Mapping[str, NDArray[np.bool_]],
    ) -> dict[str, Words]:
        """The yes/no answers that set bases; who never heard of the brand is asked no more."""
        said = {}
        begun = reached[self.plan.stages[0]] if self.plan.stages else np.full(self.n, True)
        for column, key in self.plan.flags.items():
            yes = self.plan.study.bases[key].words[0]
            words = np.where(drawn[key], yes, _other_than(yes)).astype(object)
            plant = self.plan.truth.bases.get(key)
            forgot = self._uniform() < (plant.dont_remember if plant else 0.0)
            words[forgot & ~drawn[key]] = "dont_remember"
            said[column] = np.where(begun, words, "")
        return said

    def _ways(self, reached: Mapping[str, NDArray[np.bool_]]) -> dict[str, Words]:
        """The yes/no answers that say a stage was reached: in one way for sure, in others too."""
        said: dict[str, Words] = {}
        for stage, is_reached in reached.items():
            ways = self.plan.reached_by(stage)
            sure = self._uniform() * len(ways)
            for at, (column, yes) in enumerate(ways.items()):
                also = self._uniform() < _ALSO
                is_yes = is_reached & ((np.floor(sure) == at) | also)
                words = np.where(is_yes, yes, _other_than(yes)).astype(object)
                first = self.plan.stages[0]
                said[column] = words if stage == first else np.where(reached[first], words, "")
        return said

    def _answers(self, measure: Measure, latent: Array, asked: NDArray[np.bool_]) -> Words:
        codes = np.array([f"{code:g}" for code in measure.codes], dtype=object)
        said = codes[measure.rank(latent)]
        luck, low = self._uniform(), 0.0
        words = self._exit_words(measure)
        for reason, rate in measure.missing.items():
            said[(low <= luck) & (luck < low + rate)] = words.get(reason, "")
            low += rate
        unasked = "not_asked" if measure.of in self.plan.truth.not_asked else ""
        return np.where(asked, said, unasked).astype(object)

    def _exit_words(self, measure: Measure) -> dict[str, str]:
        """How each reason for missing is written: as its key, or as the scale's own code."""
        scale = self.plan.study.scale(measure.of)
        own = {reason: f"{float(code):g}" for code, reason in (scale.missing or {}).items()}
        if own:
            return own
        reasons = ("not_applicable", "not_experienced", "dont_know", "refused")
        return {reason: reason for reason in reasons}


def _width(plan: Plan) -> int:
    """How many uniforms a respondent needs."""
    ways = sum(1 + len(plan.reached_by(stage)) for stage in plan.stages)
    people = len(plan.segments) + 1 + len(plan.stages) + len(plan.drawn_bases)
    return people + len(plan.levels) + 1 + len(plan.flags) + ways + 2 * len(plan.measures)


def _other_than(yes: str) -> str:
    """The word beside `yes` in a column of two answers."""
    return {"yes": "no", "no": "yes", "1": "0", "0": "1"}.get(yes, "no")


def _ids(start: int, n: int) -> Words:
    return np.array([f"r{number:05d}" for number in range(start, start + n)], dtype=object)


def _constant(value: object, n: int) -> Words:
    return np.full(n, value, dtype=object)
