"""Numbers of the pyramid: where each level stands, which is weakest, what changed.

All levels are scored on the same people: those of the framework's base who have every level.
All functions take the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, scoring
from cxkit.analysis.comparisons import between, rules_of
from cxkit.analysis.contrasts import Contrast, Leader
from cxkit.analysis.estimates import Measured
from cxkit.analysis.intervals import Measure
from cxkit.records import Comparisons, Estimates
from cxkit.study import MIN_SHARE

__all__ = [
    "change",
    "common_items",
    "compared",
    "item_scores",
    "measured",
    "scores",
    "scores_before",
    "weakest",
]


def scores(
    survey: Any,
    items: Mapping[str, Sequence[str]] | None = None,
    *,
    min_share: float = MIN_SHARE,
) -> Estimates:
    """The 0-100 score of each level, base first, on those who have all levels scored.

    Every level measured has the same n; a level without a question is flagged `not_measured`.
    `items` narrows each level to some of its items, as where groups are compared; `min_share` is
    the missing rule of `scoring.level_scores`.
    """
    now = survey.latest
    everybody = estimates.groups(now)
    made = measured(now, items, min_share=min_share)
    records = [one for what in made for one in estimates.of_groups(now, what, everybody)]
    return Estimates(records, context=now.context())


def item_scores(survey: Any) -> Estimates:
    """The 0-100 score of each item, on those to whom it applies and who answered it."""
    return estimates.estimate(survey.latest, "score_100", of="items")


def weakest(
    survey: Any,
    items: Mapping[str, Sequence[str]] | None = None,
    *,
    min_share: float = MIN_SHARE,
) -> Leader:
    """The level with the lowest score, named only if clear against every other level.

    Differences are paired, within people who have all levels, and corrected by Holm. Where one
    is not clear, `tied` lists the levels that cannot be told apart. `items` and `min_share` as in
    `scores`.
    """
    now = survey.latest
    found = measured(now, items, min_share=min_share)
    values = {one.of: np.where(now.mask, one.values, np.nan) for one in found}
    own = estimates.sample(now, tuple(now.waves))
    told = scores(now, items, min_share=min_share)
    shown = {one.of: one.estimate for one in told if estimates.is_shown(now, one)}

    def against(first: str, other: str) -> Contrast:
        sides = (values[first][own.rows], values[other][own.rows])
        return contrasts.paired(
            Measure("score_100", "mean", "score_100"),
            *sides,
            own.design,
            of="levels",
            names=(first, other),
            wave=now.wave,
        )

    return contrasts.leader(shown, against, rules_of(now, "score_100"))


def common_items(survey: Any) -> dict[str, tuple[str, ...]]:
    """The items of each level on which this wave and the one before it can be compared."""
    now, before = survey.latest, survey.latest.previous
    if before is None:
        return {}
    masks = [now.mask, before.mask]
    return {level: _common_items(now, level, masks) for level in scoring.levels(now.study)}


def scores_before(survey: Any) -> Estimates:
    """The scores of the wave before, on the items that both waves have in common.

    A level that was asked in another way has none, flagged `not_comparable`.
    """
    before = survey.latest.previous
    if before is None:
        return Estimates((), context=survey.context())
    everybody = estimates.groups(before)
    made = [_unless_changed(survey, one) for one in measured(before, common_items(survey))]
    records = [one for what in made for one in estimates.of_groups(before, what, everybody)]
    return Estimates(records, context=before.context())


def change(survey: Any) -> Comparisons:
    """Each level now against the wave before, Holm across levels; empty without an earlier wave.

    Levels are scored on the items that both waves have in common (see `scoring.level_items`);
    a level without any is flagged `not_comparable`.
    """
    now, before = survey.latest, survey.latest.previous
    if before is None:
        return Comparisons((), context=now.context())
    pair = [*estimates.groups(now, "wave"), *estimates.groups(before, "wave")]
    common = common_items(now)
    made = [
        contrast
        for one in compared(now)
        for contrast in between(
            now, one, pair, is_comparable=bool(common[one.of.partition(":")[2]])
        )
    ]
    return contrasts.corrected(made, rules_of(now, "score_100"))


def _unless_changed(survey: Any, one: Measured) -> Measured:
    now = survey.latest
    if not scoring.changed(now, one.of, (now.previous.wave, now.wave)):
        return one
    nothing = np.full(len(one.values), np.nan)
    return dataclasses.replace(one, values=nothing, flag="not_comparable")


def compared(survey: Any) -> list[Measured]:
    """Each level as it is compared with the wave before: on the items in common."""
    return measured(survey.latest, common_items(survey))


def _common_items(survey: Any, level: str, masks: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The items of a level in common to both waves; none where a wave has no answer to any."""
    is_scored = ~np.isnan(scoring.level_scores(survey, level))
    if not all((mask & is_scored).any() for mask in masks):
        return ()
    return scoring.level_items(survey, level, masks)


def measured(
    survey: Any,
    items: Mapping[str, Sequence[str]] | None = None,
    *,
    min_share: float = MIN_SHARE,
) -> list[Measured]:
    """Each level's scores, for those who have all levels that anybody in hand answered.

    `items` narrows each level to some of its items; `min_share` as in `scores`.
    """
    found = estimates.measured(survey, "score_100", "levels")
    if items is not None or min_share != MIN_SHARE:
        chosen = scoring.levels(survey.study) if items is None else items
        found = [
            dataclasses.replace(
                one, values=scoring.level_scores(survey, level, own, min_share=min_share)
            )
            for one, (level, own) in zip(found, chosen.items(), strict=True)
        ]
    scored = [one.values for one in found if not np.isnan(one.values[survey.mask]).all()]
    has_all = ~np.isnan(np.array(scored)).any(axis=0) if scored else False
    return [dataclasses.replace(one, values=np.where(has_all, one.values, np.nan)) for one in found]
