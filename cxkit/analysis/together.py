"""Tests of a survey over everything at once: all groups of a segment, all that may have changed.

`overall_change` asks whether anything changed between waves, `overall_tests` of each measure
whether any group differs, `effects` by how much.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from cxkit.analysis import estimates, pyramid, scoring
from cxkit.analysis.comparisons import Row, rows_of
from cxkit.analysis.differences import effects as sizes
from cxkit.analysis.differences.grouped import Grouped
from cxkit.analysis.differences.overall import (
    OverallTest,
    Statistic,
    bases,
    judged,
    untested,
    wald_of_differences,
    wald_of_means,
)
from cxkit.analysis.estimates import Group, Measured, Sample
from cxkit.analysis.joint import seeded
from cxkit.records import Fit, Fits, is_unseen, unseen_waves
from cxkit.weights import Moment

__all__ = ["effects", "overall_change", "overall_tests"]

Record = TypeVar("Record", bound=Fit)


def overall_change(
    survey: Any, measures: Iterable[tuple[str, str]], waves: Sequence[str] | None = None
) -> OverallTest:
    """Whether anything changed: all differences between waves, of all measures, in one test.

    Parameters
    ----------
    survey : Survey
        The respondents in hand; the latest wave in hand counts as now.
    measures : iterable of (metric, of)
        Such as `("nps", "outcome:recommend")` or `("score_100", "level:trust")`.
    waves : sequence of str, optional
        The waves, in any order; the latest and the one before it if not given. Of several waves
        every change from each to the next is tested.

    Returns
    -------
    OverallTest
        name `overall_change`, `of` the measures tested (`outcome:recommend|level:trust`), n
        people who answered any of them. Measures that a wave did not ask, asked in another way,
        or may not show for its base take no part; where none is left, the verdict says why.

    Raises
    ------
    SurveyError
        If a metric, a key or a wave is unknown.

    Notes
    -----
    The Wald F of `overall_test` over the raw differences (linearised; those of shares and NPS
    without added answers), which keeps their covariances: the measures are answered by the same
    people, and respondents in several waves are one sampling unit. Levels as in `pyramid.change`.
    A measure that adds nothing of its own to the others adds no degree of freedom.

    Examples
    --------
    >>> import cxkit as cx
    >>> demo = cx.load("demo")
    >>> overall_change(demo, [("nps", "outcome:recommend")], demo.waves).df1
    2
    """
    now, before = survey.latest, survey.latest.previous
    level = now.study.ci_level
    if waves is None:
        waves = [] if before is None else [before.wave, now.wave]
    chosen = tuple(sorted(set(waves) - unseen_waves(now.context())))
    if len(chosen) < 2:
        return _named(untested("wald_f", "no_previous", 0, 0.0, level), [])
    masks = {wave: survey.so_far().where(wave=wave).mask for wave in chosen}
    joint = estimates.sample(now, chosen)
    changes: list[Moment] = []
    answered, measured = np.zeros(joint.design.n, bool), []
    for one in _comparable(now, list(measures), masks):
        if any(is_unseen(wave, one.of, now.context()) for wave in chosen):
            continue
        own = [
            estimates.sample(now, (wave,)).moment_within(joint, one, mask)
            for wave, mask in masks.items()
        ]
        if not all(estimates.is_shown(now, side) and side.n >= 2 for side in own):
            continue
        measured.append(one.of)
        answered |= ~np.isnan(one.values[joint.rows])
        changes += [
            dataclasses.replace(
                b, estimate=b.estimate - a.estimate, influence=b.influence - a.influence
            )
            for a, b in itertools.pairwise(own)
        ]
    in_hand = np.logical_or.reduce(list(masks.values()))[joint.rows]
    n, n_eff = bases(answered & in_hand, joint.design)
    made = wald_of_differences(changes, joint.design) if changes else "too_few"
    if isinstance(made, str):
        return _named(untested("wald_f", made, n, n_eff, level), measured)
    return _named(judged("wald_f", made, n, n_eff, level), measured)


def _named(test: OverallTest, measured: Sequence[str]) -> OverallTest:
    return dataclasses.replace(test, name="overall_change", of="|".join(measured))


def _comparable(
    now: Any, measures: Sequence[tuple[str, str]], masks: Mapping[str, np.ndarray]
) -> list[Measured]:
    """The measures that all the waves asked in the same way; levels on their common items."""
    of_levels = {of for _, of in measures if of.startswith("level:")}
    found = [
        one
        for metric, of in measures
        if of not in of_levels
        for one in estimates.measured(now, metric, of)
    ]
    if of_levels:
        groups = list(masks.values())
        common = {key: scoring.level_items(now, key, groups) for key in scoring.levels(now.study)}
        found += [
            one
            for one in pyramid.measured(now, common)
            if one.of in of_levels and common[one.of.partition(":")[2]]
        ]
    return [one for one in found if not scoring.changed(now, one.of, masks)]


# -- groups of a segment --------------------------------------------------------------------------


def overall_tests(
    survey: Any, metric: str, of: str | Sequence[str] | None = None, by: str = "wave"
) -> Fits:
    """Of each measure, whether any group of a segment differs from the others, in one test.

    Parameters
    ----------
    survey, metric, of
        As in `compare`.
    by : str, default "wave"
        A segment; or `wave`, for all waves in hand.

    Returns
    -------
    Fits
        An `OverallTest` for each measure: the Wald F of `overall_test` under the survey's design.
        Groups that may not be shown for their base take no part. Verdict `clear` or
        `no_evidence`, or why there is none: `one_group` where fewer than two are left,
        `not_comparable` where they have no item in common or are made of what is measured.

    Raises
    ------
    SurveyError
        If the metric, a key or the segment is unknown.

    Notes
    -----
    One test a measure, and as many tests as measures: where several are looked through, correct
    their p by `adjust_p`.

    Examples
    --------
    >>> import cxkit as cx
    >>> [one.df1 for one in overall_tests(cx.load("demo").latest, "nps", by="region")]
    [4]
    """
    estimates.check_by(survey, metric, by)
    found = estimates.measured(survey, metric, of)
    context = survey.context()
    if by == "wave":
        tests = [overall_change(survey, [(metric, one.of)], survey.waves) for one in found]
        pairs = zip(tests, found, strict=True)
        return Fits((_of(test, one.of) for test, one in pairs), context=context)
    groups = estimates.groups(survey, by)
    rows = rows_of(survey, found, by, groups)
    return Fits((_between(survey, row, groups) for row in rows), context=context)


def effects(
    survey: Any,
    metric: str,
    of: str | Sequence[str] | None = None,
    by: str = "wave",
    *,
    names: Sequence[str] | None = None,
) -> Fits:
    """Of each measure, how far the groups of a segment lie apart.

    Parameters
    ----------
    survey, metric, of, by
        As in `overall_tests`.
    names : sequence of str, optional
        As in `effect_sizes`.

    Returns
    -------
    Fits
        The effect sizes of each measure, `of` saying which. Groups that may not be shown for
        their base take no part; groups that share respondents, or cannot be compared, have
        none: flag `not_comparable`.

    Raises
    ------
    SurveyError
        If the metric, a key, the segment or a name is unknown.

    Examples
    --------
    >>> import cxkit as cx
    >>> found = effects(cx.load("demo").latest, "nps", by="region", names=["epsilon2"])
    >>> found[0].of, found[0].unit
    ('outcome:recommend', 'share')
    """
    estimates.check_by(survey, metric, by)
    groups = estimates.groups(survey, by)
    found: list[Fit] = []
    for row in rows_of(survey, estimates.measured(survey, metric, of), by, groups):
        sample, moments = _sides(survey, row, groups)
        shown = [group for group, _ in moments]
        codes, n_in = np.full(len(sample.rows), -1), np.zeros(len(sample.rows), int)
        for code, group in enumerate(shown):
            codes[group.mask[sample.rows]] = code
            n_in += group.mask[sample.rows]
        is_apart = row.is_comparable and bool((n_in < 2).all())
        values = np.where((codes >= 0) & is_apart, row.one.values[sample.rows], np.nan)
        keys = tuple(group.key for group in shown)
        data = Grouped(row.one.measure, values, codes, keys, sample.design)
        seed = seeded(survey.study.seed, f"effects {row.one.of} {by}")
        made = sizes.of_data(data, names, survey.study.ci_level, seed)
        found += [_of(one, row.one.of, None if is_apart else "not_comparable") for one in made]
    return Fits(found, context=survey.context())


def _between(survey: Any, row: Row, groups: Sequence[Group]) -> OverallTest:
    sample, sides = _sides(survey, row, groups)
    level = survey.study.ci_level
    in_any = np.zeros(len(sample.rows), bool)
    for group, _ in sides:
        in_any |= group.mask[sample.rows]
    n, n_eff = bases(in_any & ~np.isnan(row.one.values[sample.rows]), sample.design)
    made: Statistic | str = "one_group"
    if not row.is_comparable:
        made = "not_comparable"
    elif len(sides) > 1:
        made = wald_of_means([side for _, side in sides], sample.design)
    if isinstance(made, str):
        return _of(untested("wald_f", made, n, n_eff, level), row.one.of)
    return _of(judged("wald_f", made, n, n_eff, level), row.one.of)


def _sides(
    survey: Any, row: Row, groups: Sequence[Group]
) -> tuple[Sample, list[tuple[Group, Moment]]]:
    """The groups that may be shown on one row, with their means, and the rows they come from."""
    waves = tuple(sorted({wave for group in groups for wave in group.waves}))
    sample = estimates.sample(survey, waves or tuple(survey.waves))
    sides = [(group, sample.moment(row.one, group.mask)) for group in groups]
    return sample, [(group, side) for group, side in sides if estimates.is_shown(survey, side)]


def _of(one: Record, of: str, why: str | None = None) -> Record:
    """The record of this measure; `why` says what keeps it from being compared."""
    if why is None:
        return dataclasses.replace(one, of=of)
    return dataclasses.replace(one, of=of, verdict=why, flags=(why,))
