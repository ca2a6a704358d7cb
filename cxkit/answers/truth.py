"""The truth behind simulated answers: what truth.yaml plants, laid over what a study asks.

Every respondent has one mood, standard normal. Answers and stages hang on the mood, on what the
file plants for groups and waves, and on luck of their own; whether an answer is missing hangs on
nothing. So every population value has an exact one (`expected`), and answers can be drawn
(`simulate`). Points are 0-100 whatever the response scale. Hands out `Truth`, `Plan`, `read_truth`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from scipy.special import expit, logit, ndtr

from cxkit import library, places
from cxkit.answers.further_truth import Further, Question
from cxkit.errors import StudyError, nearest
from cxkit.study import Study
from cxkit.study.file import problems_of, read_yaml

__all__ = ["Measure", "Plan", "State", "Truth", "load_truth", "read_truth"]

Array = NDArray[np.float64]
Shares = dict[str, float]

FIRST, OTHER = "first", "other"
"""Keys that stand for the first stage, and for whatever a truth file does not name."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Items(_Part):
    """Statements: a mean per level at an ordinary mood, offsets of items, and three spreads."""

    means: dict[str, float]
    offsets: dict[str, float] = {}
    mood: float
    level: float
    noise: float


class Outcome(_Part):
    """An outcome: its mean and spreads, and how many times a level's own luck enters it."""

    mean: float
    mood: float
    noise: float
    levels: dict[str, float] = {}


class Ratings(_Part):
    """Stage ratings: the first stage's mean, and the fall of each later one within people."""

    first: float
    fall: float
    falls: dict[str, float] = {}
    mood: float
    noise: float


class Reach(_Part):
    """How a stage is reached: shares at an ordinary mood, and the pull of the mood (logit)."""

    go: float
    skip: float = 0.0
    pull: float = 0.0


class Base(_Part):
    """Who belongs to a base: a share, or one per furthest stage; perhaps within another base."""

    share: float = 0.0
    furthest: Shares = {}
    within: str | None = None
    dont_remember: float = 0.0


class Segment(_Part):
    """A segment's shares in the population, and in the sample (of each wave) where they differ."""

    population: Shares
    sample: dict[str, Shares] = {}
    base: str | None = None

    def drawn(self, wave: str | None) -> Shares:
        """The shares that respondents of a wave are drawn with."""
        return self.sample.get(wave or OTHER) or self.sample.get(OTHER) or self.population


class Shift(_Part):
    """Points added to some measures in a wave or a group: a planted effect."""

    where: dict[str, Annotated[list[str], BeforeValidator(_as_list)]]
    of: list[str]
    by: float

    def holds(self, cell: Mapping[str, str | None]) -> bool:
        """Whether a cell (a wave and its groups) is meant."""
        return all(cell.get(key) in wanted for key, wanted in self.where.items())


class Missing(_Part):
    """Rates at which answers are missing, by reason."""

    items: Shares = {}
    outcomes: Shares = {}
    ratings: Shares = {}


class Truth(_Part):
    """What a truth.yaml plants."""

    seed: int
    n: dict[str, int]
    items: Items
    outcomes: dict[str, Outcome]
    ratings: Ratings
    reach: dict[str, Reach]
    bases: dict[str, Base]
    segments: dict[str, Segment] = {}
    shifts: list[Shift] = []
    missing: Missing = Missing()
    not_asked: list[str] = []
    further: Further = Further()

    def size(self, wave: str | None) -> int:
        """How many respondents a wave has."""
        return self.n.get(wave or OTHER) or self.n[OTHER]


def read_truth(study: Study) -> Truth:
    """The truth.yaml beside a study, or the kit's neutral one where there is none."""
    own = Path(study.folder) / "truth.yaml"
    return load_truth(own if own.is_file() else places.shared("templates/study") / "truth.yaml")


def load_truth(file: Path) -> Truth:
    """One truth file, read and shaped; StudyError with every slip."""
    marked = read_yaml(file, file.name)
    try:
        return Truth.model_validate(marked.value)
    except ValidationError as error:
        raise StudyError.of(problems_of(error, marked, Truth)) from None


@dataclass(frozen=True)
class Measure:
    """A question with a response scale: where its latent answer lies, and how it is coded.

    The latent answer is `mean + mood * h` plus luck with standard deviation `spread`, in points;
    the answer given is the nearest point of the scale.
    """

    of: str
    column: str
    codes: tuple[float, ...]  # worst to best
    mean: float
    mood: float
    noise: float
    levels: dict[str, float]  # points that each level's own luck brings
    base: str | None
    missing: Shares

    @property
    def spread(self) -> float:
        """The standard deviation of the latent answer at a given mood."""
        return math.hypot(self.noise, *self.levels.values())

    def rank(self, latent: Array) -> NDArray[np.int64]:
        """The positions on the scale (0 the worst) of latent answers."""
        last = len(self.codes) - 1
        return np.clip(np.floor(latent * last / 100 + 0.5), 0, last).astype(np.int64)

    def chances(self, latent: Array) -> Array:
        """The chance of each answer, worst to best, a row for each expected latent answer."""
        last = len(self.codes) - 1
        cuts = (np.arange(last) + 0.5) * 100 / last
        below = ndtr((cuts - latent[:, None]) / self.spread)
        edge = np.ones((len(latent), 1))
        return np.diff(np.hstack([0 * edge, below, edge]), axis=1)


@dataclass(frozen=True)
class State:
    """One way to have come along: stages reached, bases met, measures asked, chance by mood."""

    reached: frozenset[str]
    bases: frozenset[str]
    asked: frozenset[str]
    chance: Array


class Plan:
    """A study seen through a truth: its measures, stages, bases and groups, and their chances."""

    def __init__(self, study: Study, truth: Truth) -> None:
        self.study = study
        self.truth = truth
        self.waves: tuple[str | None, ...] = tuple(sorted(study.waves)) or (None,)
        if study.wave is None:
            self.waves = (None,)
        self.stages = study.stage_keys
        self.segments = {key: self._segment(key) for key in study.segments}
        self._refuse_unknown_places()

    # -- what is asked -------------------------------------------------------------------------

    @cached_property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """The items of each level, as far as the study asks them."""
        framework = self.study.framework
        every = framework.levels if framework else ()
        asked = self.study.items
        items = {level.key: tuple(i for i in level.items if i in asked) for level in every}
        return {level: some for level, some in items.items() if some}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The statements of levels, the headlines and the ratings of stages, by `of`."""
        made = [self._item(key) for key in self.study.statements]
        made += [self._outcome(key) for key in self.study.headlines]
        made += [self._rating(key) for key in self.stages if self.study.stages[key].rating]
        return {one.of: one for one in made}

    @cached_property
    def further(self) -> dict[str, Measure]:
        """Every other question with a response scale, by `of`, those that set a base first."""
        study = self.study
        made = [self._further("outcome", key, one) for key, one in study.outcomes.items()]
        made += [self._further("item", key, one) for key, one in study.items.items()]
        kept = {one.of: one for one in made if one.of not in self.measures}
        sets = {base.column for base in study.bases.values()}
        return dict(sorted(kept.items(), key=lambda one: one[1].column not in sets))

    def _further(self, kind: str, key: str, asked: Any) -> Measure:
        told = self.truth.further
        plant = told.questions.get(key, told.other)
        luck = {
            level: times * self.truth.items.level
            for level, times in plant.levels.items()
            if level in self.levels
        }
        return self._measure(kind, key, asked, plant.mean, plant, luck)

    def _item(self, key: str) -> Measure:
        plant = self.truth.items
        level = next((level for level, items in self.levels.items() if key in items), OTHER)
        mean = plant.means.get(level, plant.means[OTHER]) + plant.offsets.get(key, 0.0)
        luck = {level: plant.level}
        return self._measure("item", key, self.study.items[key], mean, plant, luck)

    def _outcome(self, key: str) -> Measure:
        plant = self.truth.outcomes.get(key) or self.truth.outcomes[OTHER]
        luck = {
            level: times * self.truth.items.level
            for level, times in plant.levels.items()
            if level in self.levels
        }
        return self._measure("outcome", key, self.study.outcomes[key], plant.mean, plant, luck)

    def _measure(
        self,
        kind: str,
        key: str,
        asked: Any,
        mean: float,
        plant: Items | Outcome | Question,
        luck: dict[str, float],
    ) -> Measure:
        return Measure(
            of=f"{kind}:{key}",
            column=asked.column,
            codes=_worst_to_best(self.study.scale(f"{kind}:{key}")),
            mean=mean,
            mood=plant.mood,
            noise=plant.noise,
            levels=luck,
            base=asked.base,
            missing=getattr(self.truth.missing, f"{kind}s"),
        )

    def _rating(self, stage: str) -> Measure:
        plant = self.truth.ratings
        later = self.stages[1 : self.stages.index(stage) + 1]
        return Measure(
            of=f"rating:{stage}",
            column=str(self.study.stages[stage].rating),
            codes=_worst_to_best(self.study.scale(f"rating:{stage}")),
            mean=plant.first - sum(plant.falls.get(one, plant.fall) for one in later),
            mood=plant.mood,
            noise=plant.noise,
            levels={},
            base=None,
            missing=self.truth.missing.ratings,
        )

    def _segment(self, key: str) -> Segment:
        if key in self.truth.segments:
            return self.truth.segments[key]
        declared = self.study.segments[key]
        values = list(declared.values or ())
        if not values and declared.vocabulary:
            values = list(library.vocabulary(declared.vocabulary))
        values = values or ["a", "b"]
        return Segment(population={str(value): 1 / len(values) for value in values})

    # -- what is planted -----------------------------------------------------------------------

    def shifts(self, measure: Measure) -> list[Shift]:
        """The planted effects that a measure feels somewhere."""
        kind = measure.of.split(":")[0]
        names = {"all", f"{kind}s", measure.of}
        if kind == "item":
            names |= {f"level:{level}" for level in measure.levels}
        return [shift for shift in self.truth.shifts if names & set(shift.of)]

    @property
    def shifting(self) -> set[str]:
        """The segments in which something was planted."""
        return {key for shift in self.truth.shifts for key in shift.where} & set(self.segments)

    def weight_share(self, segment: str, wave: str | None) -> Shares:
        """How much each value of a segment weighs: population share over sample share."""
        plant = self.segments[segment]
        drawn = plant.drawn(wave)
        return {value: share / drawn[value] for value, share in plant.population.items()}

    def _refuse_unknown_places(self) -> None:
        groups = {"wave", *self.segments}
        measured = {"all", "items", "outcomes", "ratings", *self.measures}
        measured |= {f"level:{level}" for level in self.levels}
        for shift in self.truth.shifts:
            _refuse_unknown(shift.where, groups)
            _refuse_unknown(shift.of, measured)

    # -- how people come along -----------------------------------------------------------------

    @cached_property
    def flags(self) -> dict[str, str]:
        """The yes/no columns that set bases and are no stage's own: column -> base."""
        of_stages = {column for stage in self.stages for column in self.reached_by(stage)}
        answered = {one.column for one in self.study.outcomes.values()}
        flags: dict[str, str] = {}
        for key, base in self.study.bases.items():
            is_further = key in self.truth.further.bases or base.column in answered
            if base.column and base.column not in of_stages and not is_further:
                flags.setdefault(base.column, key)
        return flags

    def reached_by(self, stage: str) -> dict[str, str]:
        """The columns that say that a stage was reached, with the word that says so."""
        return {one.column: one.words[0] for one in self.study.stages[stage].reached}

    def reach(self, stage: str, before: Sequence[Any], mood: Array) -> Any:
        """The chance to reach a stage, by mood, after `before` (booleans, earlier stages)."""
        plant = self.truth.reach.get(stage)
        plant = plant or self.truth.reach[OTHER if before else FIRST]
        go, skip = (expit(logit(share) + plant.pull * mood) for share in (plant.go, plant.skip))
        if not before:
            return go
        earlier = before[-2] if len(before) > 1 else False
        return np.where(before[-1], go, np.where(earlier, skip, 0.0))

    def base_share(self, key: str, furthest: str | None) -> float:
        """The share of a base among those whose furthest stage is `furthest`."""
        plant = self.truth.bases.get(key) or self.truth.bases[OTHER]
        if not self.stages:
            return plant.share
        if furthest is None:
            return 0.0
        known = any(stage in plant.furthest for stage in self.stages)
        return plant.furthest.get(furthest, 0.0) if known else plant.share

    def within(self, key: str) -> str | None:
        """The base that a base lies within, where the study has it too."""
        plant = self.truth.bases.get(key)
        return plant.within if plant and plant.within in self.flags.values() else None

    @cached_property
    def drawn_bases(self) -> tuple[str, ...]:
        """The bases that are drawn, those that others lie within first."""
        return tuple(sorted(self.flags.values(), key=lambda key: self.within(key) is not None))

    def meets(self, base: str | None, reached: Mapping[str, Any], drawn: Mapping[str, Any]) -> Any:
        """Whether a base is met; without one (or undeclared), everyone who began the journey."""
        if base is None or base not in self.study.base_keys:
            return reached[self.stages[0]] if self.stages else True
        parts = self.study.base_parts(base)
        if parts:
            return functools.reduce(
                np.logical_or, [self.meets(part, reached, drawn) for part in parts]
            )
        column = self.study.bases[base].column if base in self.study.bases else None
        if column in self.flags:
            return drawn[self.flags[column]]
        own = next((stage for stage in self.stages if column in self.reached_by(stage)), None)
        return drawn.get(base, False) if own is None else reached[own]

    def is_asked(
        self, measure: Measure, reached: Mapping[str, Any], drawn: Mapping[str, Any]
    ) -> Any:
        """Whether a question is put: to a stage's reachers, or to its base."""
        kind, key = measure.of.split(":")
        return reached[key] if kind == "rating" else self.meets(measure.base, reached, drawn)

    def states(self, mood: Array) -> Iterator[State]:
        """Every way to have come along, with its chance at each mood."""
        for bits in itertools.product((True, False), repeat=len(self.stages)):
            chance = np.ones_like(mood)
            for index, (stage, bit) in enumerate(zip(self.stages, bits, strict=True)):
                go = self.reach(stage, bits[:index], mood)
                chance = chance * (go if bit else 1 - go)
            if chance.any():
                yield from self._with_bases(dict(zip(self.stages, bits, strict=True)), chance)

    def _with_bases(self, reached: dict[str, bool], chance: Array) -> Iterator[State]:
        furthest = next((stage for stage in reversed(self.stages) if reached[stage]), None)
        for bits in itertools.product((True, False), repeat=len(self.drawn_bases)):
            drawn = dict(zip(self.drawn_bases, bits, strict=True))
            share = 1.0
            for key, bit in drawn.items():
                within = self.within(key)
                yes = self.base_share(key, furthest) if within is None or drawn[within] else 0.0
                share *= yes if bit else 1 - yes
            if share:
                got = {stage for stage, bit in reached.items() if bit}
                met = {key for key in self.study.base_keys if self.meets(key, reached, drawn)}
                put = {of for of, m in self.measures.items() if self.is_asked(m, reached, drawn)}
                yield State(frozenset(got), frozenset(met), frozenset(put), chance * share)


def _worst_to_best(scale: Any) -> tuple[float, ...]:
    points = tuple(scale.points)
    return points if scale.direction == "up" else points[::-1]


def _refuse_unknown(words: Iterable[str], known: Collection[str]) -> None:
    for word in words:
        if word not in known:
            raise StudyError(
                f"a shift of the truth file names '{word}', which the study does not have",
                where="truth.yaml: shifts",
                expected="one of " + ", ".join(sorted(known)),
                hint=nearest(word, known),
            )
