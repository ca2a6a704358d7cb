"""Numbers over waves: where a measure stood, what changed, and what with the same make-up.

Every change is taken twice: raw, and with the make-up of the wave before held (METHODS 22.5). A
measure that was asked in another way is not compared at all. All functions take the latest wave
in hand and the waves before it.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxkit.analysis import contrasts, estimates, pyramid, scoring
from cxkit.analysis.comparisons import compare, locked, rules_of
from cxkit.analysis.contrasts import Contrast
from cxkit.analysis.estimates import Measured, Sample
from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.weights import Moment, effective_base, variance

__all__ = ["breaks", "changes", "held", "held_equal", "over_waves", "returning"]

_SMALLEST_CELL = 5
"""A group of the make-up is held where this many answered in both waves."""

_UNKNOWN = 0.10
"""A grouping is left out where it is unknown for a larger part of those who answered in a wave."""

_NOTHING = 1e-12
"""A difference below this part of the numbers themselves is rounding."""


def over_waves(survey: Any, measures: Iterable[tuple[str, str]]) -> Estimates:
    """Each measure (metric, of) in every wave up to the one in hand, as that wave asked it.

    Levels are scored on those who have all levels of their wave, as `pyramid.scores` does.
    """
    records: list[Estimate] = []
    wanted, so_far = list(measures), survey.so_far()
    for wave in so_far.waves:
        then = so_far.where(wave=wave)
        scores = {one.of: one for one in pyramid.scores(then)} if _has_level(wanted) else {}
        for metric, of in wanted:
            if of in scores:
                records.append(scores[of])
            else:
                records += estimates.estimate(then, metric, of=of)
    return Estimates(records, context=survey.latest.context())


def changes(survey: Any, measures: Iterable[tuple[str, str]]) -> Comparisons:
    """Each measure now against the wave before, raw; Holm across the levels."""
    both, wanted = survey.with_previous(), list(measures)
    rows = [
        one
        for metric, of in wanted
        if not of.startswith("level:")
        for one in compare(both, metric, of=of, by="wave")
    ]
    if _has_level(wanted):
        rows += pyramid.change(survey)
    return Comparisons(rows, context=survey.latest.context())


def held_equal(survey: Any) -> tuple[str, ...]:
    """The groupings whose make-up is held: buyer status, and the segments of the study's `mix`."""
    study = survey.study
    buyers = ("buyers",) if "buyers" in study.base_keys else ()
    known = study.weighting.variables if study.weighting else ()
    weighted = (key for key, one in study.segments.items() if key in known or one.column in known)
    return (*buyers, *(study.mix or weighted))


@dataclass(frozen=True)
class _Held:
    """A measure's change with the make-up held, and the part of it that the make-up leaves."""

    within: Contrast
    mix: Contrast
    by: tuple[str, ...]


def held(survey: Any, measures: Iterable[tuple[str, str]]) -> tuple[Comparisons, dict[str, Any]]:
    """Each measure's change with the make-up of the wave before held, by direct standardisation.

    Returns
    -------
    Comparisons
        For each measure two rows: `within`, this wave with the other's make-up (`a` is
        `mix=BEFORE|wave=NOW`) minus the wave before, Holm across the levels; and `mix`, this
        wave as it is minus with the other's make-up.
    dict
        For each `of` the groupings that were held.

    Notes
    -----
    T = sum of p_g m_g: the shares p of the groups in the wave before, the means m of now. Its
    influence has a part from either wave, since the shares are estimated too; respondents in
    both waves count once. A grouping is left out where a tenth of either wave has no group, or
    where a group is too small in either wave; then the last named, until no combination is too
    small. Those of no group are a group, or count with the commonest where they are few.
    """
    before, now = survey.latest.previous, survey.latest
    found: dict[str, _Held] = {}
    for one in _measured(now, list(measures)) if before is not None else ():
        made = _held(now, before, one)
        if made is not None:
            found[one.of] = made
    rows: list[Any] = []
    for is_level in (False, True):
        family = [of for of in found if of.startswith("level:") == is_level]
        for names in [family] if is_level else [[of] for of in family]:
            if names:
                rules = rules_of(now, found[names[0]].within.measure.metric)
                rows += contrasts.corrected([found[of].within for of in names], rules)
                rows += [row for of in names for row in contrasts.corrected([found[of].mix], rules)]
    context = now.context()
    return Comparisons(rows, context=context), {of: list(one.by) for of, one in found.items()}


def breaks(survey: Any, measures: Iterable[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    """The waves before which a measure's line breaks, and what changed there, by measure."""
    waves = survey.so_far().waves
    found: dict[str, dict[str, list[str]]] = {}
    for _, of in measures:
        for before, now in itertools.pairwise(waves):
            if what := scoring.changed(survey, of, (before, now)):
                found.setdefault(of, {})[now] = list(what)
    return found


def returning(survey: Any) -> Estimates:
    """How many of the wave in hand had answered in the wave before too; empty where nobody had."""
    now, before = survey.latest, survey.latest.previous
    if before is None or survey.study.respondent is None:
        return Estimates((), context=now.context())
    who = survey.frame["respondent"].to_numpy(dtype=object)
    both = set(who[now.mask]) & set(who[before.mask])
    n = len(both)
    if not n:
        return Estimates((), context=now.context())
    one = Estimate("respondents", "sample:both_waves", float(n), n=n, n_eff=float(n), unit="count")
    return Estimates([dataclasses.replace(one, wave=now.wave)], context=now.context())


# -- the same make-up -----------------------------------------------------------------------------


def _has_level(measures: Iterable[tuple[str, str]]) -> bool:
    return any(of.startswith("level:") for _, of in measures)


def _measured(survey: Any, measures: Sequence[tuple[str, str]]) -> list[Measured]:
    """What is measured; levels on the people and items on which the waves are compared."""
    found = [
        one
        for metric, of in measures
        if not of.startswith("level:")
        for one in estimates.measured(survey, metric, of)
    ]
    if _has_level(measures):
        found += pyramid.compared(survey)
    return found


def _held(now: Any, before: Any, one: Measured) -> _Held | None:
    sides = f"mix={before.wave}|wave={now.wave}", f"wave={before.wave}", f"wave={now.wave}"
    waves = (before.wave, now.wave)
    joint = estimates.sample(now, waves)
    own = {view.wave: estimates.sample(now, (view.wave,)) for view in (before, now)}
    then, here = (
        own[view.wave].moment_within(joint, one, view.mask & ~np.isnan(one.values))
        for view in (before, now)
    )
    if not then.n or not here.n:
        return None
    rows = _Rows.of(now, before, one, joint)
    by = rows.groupings()
    if not by:
        return None
    standard = rows.standardised(by, here)
    within = _contrast(one, standard, then, joint, (sides[0], sides[1]))
    mix = _contrast(one, here, standard, joint, (sides[2], sides[0]))
    if scoring.changed(now, one.of, waves):
        within, mix = locked(within), locked(mix)
    return _Held(within, mix, by)


def _contrast(one: Measured, a: Moment, b: Moment, joint: Sample, names: Sequence[str]) -> Contrast:
    difference = a.estimate - b.estimate
    made = Contrast(
        a=names[0], b=names[1], of=one.of, measure=one.measure, moment_a=a, moment_b=b,
        difference=difference, method="standardised_linearised", wave=names[0].rpartition("=")[2],
    )  # fmt: skip
    if min(a.n, b.n) < 2 or joint.design.df < 1:
        return made
    spread = variance(a.influence - b.influence, joint.design)
    nothing = _NOTHING * max(abs(a.estimate), abs(b.estimate))
    difference = 0.0 if abs(difference) < nothing else difference
    spread = 0.0 if math.sqrt(spread) < nothing else spread
    df = float(joint.design.df) if one.measure.kind == "mean" else math.inf
    return dataclasses.replace(
        made, difference=difference, centre=difference, se=math.sqrt(spread), df=df
    )


def _known(labels: np.ndarray, sides: Sequence[np.ndarray]) -> np.ndarray | None:
    """The groups of a grouping that can be held; None where too many have none, or all the same.

    Those of no group are a group, or count with the commonest where they are few.
    """
    counts = [int((labels[side] == "").sum()) for side in sides]
    if any(n > _UNKNOWN * side.sum() for n, side in zip(counts, sides, strict=True)):
        return None
    both = labels[np.logical_or(*sides)]
    named, sizes = np.unique(both[both != ""].astype(str), return_counts=True)
    if len(named) < 2:
        return None
    if min(counts) < _SMALLEST_CELL:
        return np.where(labels == "", named[sizes.argmax()], labels)
    return labels


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of two waves: their answers, weights, and the groups of their make-up."""

    values: np.ndarray
    weight: np.ndarray
    is_now: np.ndarray
    is_before: np.ndarray
    labels: dict[str, np.ndarray]
    joint: Sample

    @classmethod
    def of(cls, now: Any, before: Any, one: Measured, joint: Sample) -> _Rows:
        values = one.values[joint.rows]
        answered = ~np.isnan(values) & (joint.design.weight > 0)
        labels = {}
        for key in held_equal(now):
            column = f"base:{key}" if f"base:{key}" in now.frame else f"segment:{key}"
            texts = now.frame[column].astype("str").fillna("")
            labels[key] = texts.to_numpy(dtype=object)[joint.rows]
        sides = [answered & view.mask[joint.rows] for view in (now, before)]
        made = {key: _known(told, sides) for key, told in labels.items()}
        return cls(
            np.where(answered, values, 0.0),
            joint.design.weight,
            sides[0],
            sides[1],
            {key: told for key, told in made.items() if told is not None},
            joint,
        )

    def groupings(self) -> tuple[str, ...]:
        """As many of the groupings as leave enough answers in every group of both waves."""
        keys = tuple(key for key in self.labels if self._is_held((key,)))
        while keys and not self._is_held(keys):
            keys = keys[:-1]
        return keys

    def _is_held(self, keys: Sequence[str]) -> bool:
        """Whether every group of the wave before has enough answers in both waves."""
        cells = self._cells(keys)
        size = cells.max(initial=-1) + 1
        then = np.bincount(cells[self.is_before], minlength=size)
        here = np.bincount(cells[self.is_now], minlength=size)
        return not np.any((then > 0) & (np.minimum(then, here) < _SMALLEST_CELL))

    def standardised(self, keys: Sequence[str], here: Moment) -> Moment:
        """The mean of now over groups that weigh as they did before, as a moment."""
        cells = self._cells(keys)
        size = cells.max() + 1
        before, now = self.weight * self.is_before, self.weight * self.is_now
        in_before = np.bincount(cells, before, size)
        in_now = np.bincount(cells, now, size)
        share = in_before / in_before.sum()
        kept = np.maximum(in_now, np.finfo(float).tiny)
        mean = np.bincount(cells, now * self.values, size) / kept
        total = float(share @ mean)
        influence = share[cells] * now * (self.values - mean[cells]) / kept[cells]
        influence += before * (mean[cells] - total) / in_before.sum()
        counted = (now * share[cells] / kept[cells])[self.is_now]
        n_eff = effective_base(counted)
        return dataclasses.replace(here, estimate=total, influence=influence, n_eff=n_eff)

    def _cells(self, keys: Sequence[str]) -> np.ndarray:
        frame = pd.DataFrame({key: self.labels[key] for key in keys})
        return frame.groupby(list(keys), sort=False).ngroup().to_numpy()
