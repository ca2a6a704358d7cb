"""Numbers of the journey: who gets how far, who goes on, how stages are rated, where ratings drop.

Reach and conversion exist only where the sample can show who was lost (DOMAIN 11). Ratings of
stages are compared only within people who rated both (METHODS 22.2). Levels by furthest stage
speak of different people in each column (METHODS 22.3). All functions take the latest wave in
hand.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, pyramid, scoring
from cxkit.analysis.comparisons import leader_of, rules_of
from cxkit.analysis.contrasts import Contrast, Leader
from cxkit.analysis.estimates import Measured
from cxkit.analysis.intervals import Measure
from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.study.shape import FURTHEST_STAGE

__all__ = [
    "common_items_by_stage",
    "common_ratings",
    "conversion",
    "handoffs",
    "leak",
    "levels_by_stage",
    "ratings",
    "reach",
    "skipped",
    "skippers",
    "weakest_by_stage",
    "worst_handoff",
]

Items = Mapping[str, Sequence[str]]
"""The items of each level."""

_RATING = Measure("score_100", "mean", "score_100")


def reach(survey: Any) -> Estimates:
    """Of those who know the brand, the share who got to each stage.

    Empty for a sample of customers, where it would be a property of the list; a sample of
    visitors shows what share of them got to the stages after considering. The first stage of a
    market sample is the base itself: 1 by definition.
    """
    found = _funnel(survey, "reach")
    base = [f"stage:{stage}" for stage in scoring.stages(survey.study)[:1]]
    certain = {"ci_low": 1.0, "ci_high": 1.0, "method": "by_definition"}
    records = [
        dataclasses.replace(one, **certain) if one.of in base and one.n else one for one in found
    ]
    return Estimates(records, context=found.context)


def conversion(survey: Any) -> Estimates:
    """Of those who reached a stage, the share who reached the next or any later one.

    `of` is the stage that people go on from. Those who skip a stage went on; `skipped` counts
    them apart. Empty where the sample cannot show it (see `reach`).
    """
    return _funnel(survey, "conversion")


def skipped(survey: Any) -> Estimates:
    """Of those who reached any later stage, the share who had not reached this one."""
    return _funnel(survey, "skipped")


def skippers(survey: Any) -> dict[str, int]:
    """How many respondents (unweighted) reached a later stage without this one, by stage."""
    now = survey.latest
    return {
        one.of: int((one.values[np.asarray(now.mask, dtype=bool)] == 1).sum())
        for one in estimates.measured(now, "skipped", "stages")
        if one.flag is None
    }


def ratings(survey: Any) -> Estimates:
    """The 0-100 rating of each stage by those who reached and rated it.

    Different people rate different stages: these are survivors' means, never to be ranked. A
    stage without a rating question is flagged `not_measured`.
    """
    return estimates.estimate(survey.latest, "score_100", of="stages")


def common_ratings(survey: Any) -> Estimates:
    """The 0-100 rating of each rated stage by those who rated them all."""
    now = survey.latest
    rated = _rated(now)
    if not rated:
        return Estimates((), context=now.context())
    rated_all = ~np.isnan(np.array([one.values for one in rated])).any(axis=0)
    records = [
        record
        for one in rated
        for record in estimates.of_groups(
            now,
            dataclasses.replace(one, values=np.where(rated_all, one.values, np.nan)),
            estimates.groups(now),
        )
    ]
    return Estimates(records, context=now.context())


def handoffs(survey: Any) -> Comparisons:
    """The later rating minus the earlier one, within people who rated both, at each hand-off.

    `a` is the later stage and `b` the rated stage before it; below zero the rating drops.
    """
    now = survey.latest
    own = estimates.sample(now, tuple(now.waves))
    made = [
        contrasts.paired(
            _RATING,
            _values(now, later)[own.rows],
            _values(now, earlier)[own.rows],
            own.design,
            of="handoff",
            names=(later.of, earlier.of),
            wave=now.wave,
        )
        for earlier, later in itertools.pairwise(_rated(now))
    ]
    return contrasts.corrected(made, rules_of(now, "handoff", "score_100"))


def leak(survey: Any) -> Leader:
    """The stage from which the smallest share goes on, named only if clear against every other.

    The key is the stage that people go on from. Nothing to name where the sample cannot show it.
    """
    now = survey.latest
    found = [one for one in estimates.measured(now, "conversion", "stages") if one.flag is None]
    return leader_of(now, found, "stages")


def worst_handoff(survey: Any) -> Leader:
    """The hand-off at which ratings drop most, named by the stage that it leads to.

    It is named only if its own drop is clear and its difference to every other hand-off is
    clear by Holm, within people who went through both; else those that cannot be told apart.
    """
    now = survey.latest
    own = estimates.sample(now, tuple(now.waves))
    drops = handoffs(now)
    stages = {one.of: _values(now, one)[own.rows] for one in _rated(now)}
    within = {one.a: stages[one.a] - stages[one.b] for one in drops}
    seen = [one for one in drops.published() if one.verdict != "hidden" and one.n_a]
    shown = {one.a: one.difference for one in seen}

    def against(first: str, other: str) -> Contrast:
        return contrasts.paired(
            _RATING, within[first], within[other], own.design,
            of="handoff", names=(first, other), wave=now.wave,
        )  # fmt: skip

    n_hidden = sum(one.n_a > 0 for one in drops) - len(shown)
    rules = rules_of(now, "handoff", "score_100")
    found = contrasts.leader(shown, against, rules, n_hidden=n_hidden)
    if found.key is None:
        return found
    (drop,) = (one for one in drops if one.a == found.key)
    if drop.is_clear and drop.difference < 0:
        return found
    return dataclasses.replace(found, key=None, tied=(found.key,))


# -- levels by furthest stage ---------------------------------------------------------------------


def levels_by_stage(survey: Any, items: Items | None = None) -> Estimates:
    """The 0-100 score of each level among those whose furthest stage is each stage.

    Each column holds different people, scored as the pyramid is: on its base, on those who have
    every level. A column of people outside that base is flagged `not_applicable`; a level
    without an item in common to the columns `not_comparable`. `items` of each level are those
    of `common_items_by_stage` unless given.
    """
    now = survey.latest
    items = common_items_by_stage(now) if items is None else items
    records = [
        _in_column(one, stage, items, now)
        for stage, column in _columns(now).items()
        for one in pyramid.scores(column, items)
    ]
    return Estimates(records, context=now.context())


def weakest_by_stage(survey: Any, items: Items | None = None) -> dict[str, Leader]:
    """The level with the lowest score by furthest stage, named only if that is clear.

    Within the people of the column, paired, corrected by Holm; `of` of the comparisons is the
    column (`furthest_stage=decide`). Columns without anybody to score are left out. While a
    level cannot be compared between columns, no level is named. `items` as in `levels_by_stage`.
    """
    now = survey.latest
    items = common_items_by_stage(now) if items is None else items
    n_hidden = sum(not items[level] for level, asked in scoring.levels(now.study).items() if asked)
    found = {}
    for stage, column in _scored(now).items():
        leader = pyramid.weakest(column, items)
        of = f"{FURTHEST_STAGE}={stage}"
        rows = (dataclasses.replace(one, of=of) for one in leader.comparisons)
        found[stage] = dataclasses.replace(
            leader,
            key=None if n_hidden else leader.key,
            comparisons=Comparisons(rows, context=leader.comparisons.context),
            n_hidden=n_hidden,
        )
    return found


def common_items_by_stage(survey: Any) -> dict[str, tuple[str, ...]]:
    """The items of each level that all columns with enough people have in common.

    On any others the scores of two columns would differ by what was asked (METHODS 22.1).
    """
    now = survey.latest
    enough = [
        column.mask
        for column in _scored(now).values()
        if any(estimates.is_shown(column, one) for one in pyramid.scores(column))
    ]
    return {level: scoring.level_items(now, level, enough) for level in scoring.levels(now.study)}


def _columns(survey: Any) -> dict[str, Any]:
    """Those in hand by their furthest stage, in the order of the journey."""
    if not survey.study.has_furthest_stage:
        return {}
    return {stage: survey.where(**{FURTHEST_STAGE: stage}) for stage in survey.study.reached_stages}


def _scored(survey: Any) -> dict[str, Any]:
    """The columns that hold anybody of the base on which levels are scored."""
    base = scoring.scored_base(survey)
    return {
        stage: column for stage, column in _columns(survey).items() if (column.mask & base).any()
    }


def _in_column(one: Estimate, stage: str, items: Items, survey: Any) -> Estimate:
    """A score as that of one column; a level without a common item has none."""
    level = one.of.partition(":")[2]
    is_refused = bool(scoring.items_of(survey, level)) and not items[level]
    flags = ("not_comparable",) if is_refused and one.flags == ("no_answers",) else one.flags
    return dataclasses.replace(one, flags=flags, wave=survey.wave, by={FURTHEST_STAGE: stage})


# -- their parts ----------------------------------------------------------------------------------


def _funnel(survey: Any, metric: str) -> Estimates:
    now = survey.latest
    found = estimates.estimate(now, metric, of="stages")
    shown = [one for one in found if "not_applicable" not in one.flags]
    return Estimates(shown, context=found.context)


def _rated(survey: Any) -> list[Measured]:
    found = estimates.measured(survey, "score_100", "stages")
    return [one for one in found if one.flag is None]


def _values(survey: Any, one: Measured) -> np.ndarray:
    return np.where(survey.mask, one.values, np.nan)
