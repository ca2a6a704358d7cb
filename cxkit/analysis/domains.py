"""Who is meant: groups and waves of a survey, and the design under which their rows were drawn.

A group is a domain of its waves: all their rows make the design (`sample`), those outside the
group weigh nothing. Groups that share nobody are a `Partition`: what is measured in them comes from
one count of the answers.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cxkit.analysis.measures import Measured
from cxkit.errors import SurveyError, nearest
from cxkit.weights import Design, Drawn, Moment, Moments, moment, tally
from cxkit.weights.drawn import label

__all__ = ["Group", "Partition", "Sample", "groups", "partition", "rest", "sample", "with_group"]


@dataclass(frozen=True, eq=False)
class Group:
    """Some respondents in hand: their groups by segment, their waves, and a mask of all rows."""

    mask: np.ndarray
    waves: tuple[str, ...]
    wave: str | None = None
    by: Mapping[str, str] = field(default_factory=dict)
    is_wave: bool = False
    is_rest: bool = False

    @property
    def key(self) -> str:
        """The group as comparisons name it: `region=west`, `wave=2026H1`, `region!=west`."""
        sign = "!=" if self.is_rest else "="
        parts = [f"{name}{sign}{value}" for name, value in self.by.items()]
        if self.is_wave:
            parts.append(f"wave={self.wave}")
        return "&".join(parts)


@dataclass(frozen=True, eq=False)
class Partition:
    """Groups that share nobody, and the place of each row's group among them (-1: in none)."""

    groups: tuple[Group, ...]
    codes: np.ndarray

    @classmethod
    def several(cls, found: Iterable[Group]) -> Iterator[Partition]:
        """Any groups, in their order, as partitions: a new one starts where two share somebody."""
        own: list[Group] = []
        codes = np.empty(0, dtype=int)
        for group in found:
            if own and (codes[group.mask] >= 0).any():
                yield cls(tuple(own), codes)
                own = []
            if not own:
                codes = np.full(len(group.mask), -1)
            codes[group.mask] = len(own)
            own.append(group)
        if own:
            yield cls(tuple(own), codes)


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of some waves as one design: where they stand in the frame, how they were drawn."""

    rows: np.ndarray
    design: Design
    n_all: int

    @functools.cached_property
    def span(self) -> Any:
        """The rows as a slice where they lie together, which is how waves are sorted."""
        rows = self.rows
        is_whole = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
        return slice(rows[0], rows[-1] + 1) if is_whole else rows

    def moment(self, one: Measured, mask: np.ndarray) -> Moment:
        """The moment of one measure over the masked respondents."""
        values = np.where(mask, one.values, np.nan)[self.rows]
        mean = moment(values, self.design)
        if one.measure.metric != "sd" or not mean.n:
            return mean
        squared = moment((values - mean.estimate) ** 2, self.design)
        made, slope = _deviation(mean, squared)
        return dataclasses.replace(made, influence=squared.influence * slope)

    def moments(self, one: Measured, split: Partition) -> Moments:
        """The moments of one measure over all groups of a partition, without influences."""
        codes, points, tallies = one.coded.codes, one.coded.points, one.coded.tallies
        if (split, self) not in tallies:
            tallies[split, self] = tally(
                codes[self.span],
                len(points),
                split.codes[self.span],
                len(split.groups),
                self.design,
            )
        counted = tallies[split, self]
        values = points[counted.code]
        mean = counted.moments(values)
        if one.measure.metric != "sd":
            return mean
        squared = counted.moments((values - mean.estimate[counted.group]) ** 2)
        return _deviation(mean, squared)[0]

    def moment_within(self, joint: Sample, one: Measured, mask: np.ndarray) -> Moment:
        """The moment made on these rows, its influence laid out on the rows of `joint`."""
        own = self.moment(one, mask)
        influence = np.zeros(self.n_all)
        influence[self.rows] = own.influence
        return dataclasses.replace(own, influence=influence[joint.rows])


def _deviation(mean: Any, squared: Any) -> tuple[Any, Any]:
    """The standard deviation (n - 1 in the divisor) by linearisation, and its slope.

    From the moments of the values and of their squared distances from the mean, of one group or
    of several at once.
    """
    ratio = np.divide(mean.n, np.maximum(np.subtract(mean.n, 1), 1))
    sd = np.where(np.less(mean.n, 2), np.nan, np.sqrt(squared.estimate * ratio))
    slope = ratio / (2 * np.where(sd > 0, sd, np.inf))
    var = np.where(np.less(mean.n, 2), mean.variance, squared.variance * slope**2)
    return dataclasses.replace(mean, estimate=sd, variance=var), slope


# -- how the rows were drawn ----------------------------------------------------------------------


def sample(survey: Any, waves: Sequence[str]) -> Sample:
    """All rows of some waves as one design, whoever of them is in hand.

    Notes
    -----
    Each wave is a stratum of its own, so that a finished wave never moves. Where respondents
    (or clusters) come back in another wave, they are one sampling unit. Of those whom a survey
    does not hold it knows how many there are (`everybody`).
    """
    return survey.once(("sample", tuple(waves)), lambda: _drawn(survey, waves))


def _drawn(survey: Any, waves: Sequence[str]) -> Sample:
    wave = survey.frame["wave"]
    rows = np.flatnonzero(wave.isin(list(waves))) if waves else np.arange(len(wave))
    strata, cluster, unit = (
        _part(labels, rows) for labels in (survey.strata, survey.cluster, survey.unit)
    )
    weight, everybody = np.asarray(survey.weight, dtype=float)[rows], survey.everybody
    if everybody is None and len(waves) < 2:
        population = survey.study.population_for(len(rows))
        return Sample(rows, Design(weight, strata, cluster, population), len(wave))
    of_wave = wave.to_numpy()[rows].astype(str)
    inside = np.full(len(rows), "") if strata is None else strata.astype(str)
    seen = Drawn.of_rows(of_wave, inside, unit, weight)
    drawn = seen if everybody is None else everybody.of(waves or survey.all_waves)
    is_joint = len(waves) > 1
    unseen = None if everybody is None else drawn.beside(seen, is_joint=is_joint)
    if not is_joint:
        population = survey.study.population_for(drawn.n_rows)
        return Sample(rows, Design(weight, strata, cluster, population, None, unseen), len(wave))
    joint = np.char.add(np.char.add(of_wave.astype(str), " "), inside.astype(str))
    panel = unit if drawn.comes_back else None
    population = _population(survey.study, drawn)
    return Sample(rows, Design(weight, joint, cluster, population, panel, unseen), len(wave))


def _part(labels: Any, rows: np.ndarray) -> np.ndarray | None:
    return None if labels is None else np.asarray(labels)[rows]


def _population(study: Any, drawn: Drawn) -> Mapping[object, float] | None:
    """How many there were to draw from in each stratum, wave by wave; None if all unknown.

    One number for a wave is spread over its strata as its sampling units are.
    """
    sizes: dict[object, float] = {}
    for wave, (n_rows, _, _) in drawn.rows.items():
        units, known = drawn.by_stratum(wave), study.population_for(n_rows)
        for stratum, n in units.items():
            if isinstance(known, Mapping):
                size = float(known[stratum])
            else:
                size = np.inf if known is None else known * n / sum(units.values())
            sizes[label(wave, stratum)] = size
    return sizes if np.isfinite([*sizes.values()]).any() else None


# -- who is meant ---------------------------------------------------------------------------------


def groups(survey: Any, by: str | Sequence[str] | None = None) -> list[Group]:
    """The groups in hand by segments and waves, in the study's order; one group without `by`."""
    return list(partition(survey, by).groups)


def partition(survey: Any, by: str | Sequence[str] | None = None) -> Partition:
    """The same groups with the place of each row's own: segments and waves share nobody."""
    keys = [] if by is None else [by] if isinstance(by, str) else list(by)
    segments = survey.study.segment_keys
    for key in keys:
        if key != "wave" and key not in segments:
            known = [*segments, "wave"]
            raise SurveyError(
                f"unknown segment '{key}'",
                expected="one of " + ", ".join(known),
                hint=nearest(key, known),
            )
    return survey.once(("partition", *keys), lambda: _split(survey, keys))


def with_group(group: Group, name: str, value: str) -> Group:
    """The same respondents under one more label, such as the answer that is counted."""
    return dataclasses.replace(group, by={**group.by, name: value})


def rest(group: Group, found: Sequence[Group]) -> Group:
    """All respondents of a segment's other groups."""
    others = [one.mask for one in found if one is not group]
    mask = np.logical_or.reduce(others) if others else np.zeros_like(group.mask)
    return dataclasses.replace(group, mask=mask, is_rest=True)


def _split(survey: Any, keys: Sequence[str]) -> Partition:
    """Those in hand split by every combination of the keys' groups, the first key outermost."""
    mask, waves = np.asarray(survey.mask, dtype=bool), tuple(survey.waves)
    codes = np.where(mask, 0, -1).astype(np.int32)
    parts = [waves if key == "wave" else survey.groups(key) for key in keys]
    for key, names in zip(keys, parts, strict=True):
        column = survey.frame["wave" if key == "wave" else f"segment:{key}"]
        found, words = pd.factorize(column)
        own = np.append(pd.Index(names).get_indexer(words), -1)[found]
        codes = np.where((codes < 0) | (own < 0), -1, codes * len(names) + own)
    whole = Group(mask, waves, wave=survey.wave if len(waves) != 1 else waves[0] or None)
    made = []
    for place, chosen in enumerate(itertools.product(*parts)):
        group = whole if not keys else dataclasses.replace(whole, mask=codes == place)
        for key, name in zip(keys, chosen, strict=True):
            group = _narrowed(group, key, name)
        made.append(group)
    return Partition(tuple(made), codes)


def _narrowed(group: Group, key: str, name: str) -> Group:
    if key == "wave":
        return dataclasses.replace(group, waves=(name,), wave=name, is_wave=True)
    return dataclasses.replace(group, by={**group.by, key: name})
