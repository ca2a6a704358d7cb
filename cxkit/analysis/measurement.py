"""How well a survey measures its levels: reliability, structure, distinctness, floor and ceiling.

All functions take the latest wave in hand and the people on whom levels are scored; items worded
the other way are turned round. Listwise: reliability counts those who answered all items of a
level, what compares levels those who answered all items of all of them, and says so in `n`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import discriminant, estimates, pyramid, scoring
from cxkit.analysis import reliability as of_items
from cxkit.analysis.differences.grouped import group_codes, labels_of
from cxkit.analysis.intervals import Measure
from cxkit.analysis.joint import seeded
from cxkit.analysis.structure.constructs import Layout
from cxkit.records import Estimates, Fit, Fits
from cxkit.weights import Design

if TYPE_CHECKING:
    from cxkit.analysis.structure.model import MeasurementModel

__all__ = [
    "distinctness",
    "floor_ceiling",
    "invariance",
    "item_statistics",
    "reliability",
    "structure",
]

SHARE = "share"


def reliability(survey: Any) -> Fits:
    """The reliability of each level: alpha of three items or more, Spearman-Brown of two.

    Returns
    -------
    Fits
        One of each level, base first. Verdict `good` where the whole interval lies at .70 or
        above, `weak` where all of it lies below, else `undecided`, or why there is no number:
        `single_item` and `not_measured` (flag `not_measured`), `no_answers`, `no_spread`,
        `too_few`; see `cronbach_alpha`.

    Examples
    --------
    >>> import cxkit as cx
    >>> [one.name for one in reliability(cx.load("demo"))]
    ['spearman_brown', 'spearman_brown', 'spearman_brown', 'cronbach_alpha', 'spearman_brown']
    """
    asked = _Asked.of(survey)
    return asked.fits(_of_level(asked, level) for level in scoring.levels(asked.survey.study))


def item_statistics(survey: Any) -> Fits:
    """What each item adds to its level: `item_rest_r` and `alpha_if_dropped`, of `item:x`."""
    asked = _Asked.of(survey)
    return asked.fits(
        one
        for level, items in asked.levels.items()
        if len(items) > 1
        for one in of_items.statistics_of(
            items, asked.values(items), asked.design, asked.ci_level, asked.seed(f"items:{level}")
        )
        if one.of in items
    )


def floor_ceiling(survey: Any) -> Estimates:
    """The shares of people at the worst (`floor`) and the best (`ceiling`) score of each level.

    On those who have all levels, as their scores are (see `pyramid.scores`): a level where many
    stand at the ceiling cannot show that it is rated better still.
    """
    now = survey.latest
    everybody = estimates.groups(now)
    records = [
        record
        for one in pyramid.measured(now)
        for metric, end in (("floor", 0.0), ("ceiling", 100.0))
        for record in estimates.of_groups(now, _at(one, metric, end), everybody)
    ]
    return Estimates(records, context=now.context())


def distinctness(survey: Any) -> Fits:
    """How far each pair of levels is told apart: `htmt` and `htmt2` of `level:a|level:b`.

    All pairs rest on the same people, those who answered every item, and on the same resamples.
    Verdicts are those of `htmt`: `distinct`, `close` or `not_distinct`.
    """
    asked = _Asked.of(survey)
    levels = {f"level:{level}": items for level, items in asked.levels.items()}
    if len(levels) < 2:
        return asked.fits(())
    return asked.fits(
        discriminant.ratios(
            asked.layout(levels),
            asked.design,
            discriminant.KINDS,
            asked.ci_level,
            asked.seed("distinctness"),
        )
    )


def structure(survey: Any, second_order: bool = False) -> MeasurementModel | None:
    """The measurement model of the levels: each item loads on its own level, levels correlate.

    `second_order` puts one general factor behind the levels instead of their correlations. A
    level of one item takes no part, as one item alone cannot show how well it measures; None
    where nothing is left that a model could be made of. Constructs are named `level:x`, items
    `item:x`.
    """
    from cxkit.analysis.structure.model import model_of

    asked = _Asked.of(survey)
    constructs = asked.constructs()
    if not constructs:
        return None
    return model_of(asked.layout(constructs), asked.design, second_order, asked.ci_level)


def invariance(survey: Any, by: str) -> Fits:
    """Whether the levels are measured in the same way in all groups of a segment.

    Only items enter that all groups were asked alike (see `scoring.level_items`); levels with
    fewer than two of them take no part. Empty where nothing is left to compare.
    """
    from cxkit.analysis.structure.comparability import invariance_of

    asked = _Asked.of(survey)
    groups = [one for one in estimates.groups(asked.survey, by) if one.mask.any()]
    labels = np.full(len(asked.survey.frame), None, dtype=object)
    for group in groups:
        labels[group.mask] = group.by.get(by, group.wave)
    masks = [group.mask for group in groups]
    constructs = asked.constructs(lambda level: scoring.level_items(asked.survey, level, masks))
    if not constructs or len(groups) < 2:
        return asked.fits(())
    codes, names = group_codes(labels[asked.rows], len(asked.rows))
    layout = asked.layout(constructs)
    return asked.fits(invariance_of(layout, codes, labels_of(names), asked.design, asked.ci_level))


# -- the answers behind them ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    """The answers of a wave to the items of its levels, on the rows of its design.

    `levels` lists the items of each level that anybody in hand answered, as `item:x`; `scores`
    holds their 0-100 scores by that name, NaN for whoever is not in hand or not scored.
    """

    survey: Any
    levels: dict[str, tuple[str, ...]]
    scores: dict[str, np.ndarray]
    rows: np.ndarray
    design: Design

    @classmethod
    def of(cls, survey: Any) -> _Asked:
        now = survey.latest
        own = estimates.sample(now, tuple(now.waves))
        in_hand = np.asarray(now.mask, dtype=bool) & scoring.scored_base(now)
        scores, levels = {}, {}
        for level, items in scoring.levels(now.study).items():
            for item in items:
                score = np.where(in_hand, scoring.item_scores_100(now, item), np.nan)[own.rows]
                if not np.isnan(score).all():
                    scores[f"item:{item}"] = score
            found = tuple(f"item:{item}" for item in items if f"item:{item}" in scores)
            if found:
                levels[level] = found
        return cls(now, levels, scores, own.rows, own.design)

    @property
    def ci_level(self) -> float:
        return float(self.survey.study.ci_level)

    def seed(self, key: str) -> int:
        return seeded(self.survey.study.seed, f"measurement:{key}")

    def values(self, items: Sequence[str]) -> np.ndarray:
        """The scores on some items, shape (n_rows, n_items)."""
        return np.column_stack([self.scores[item] for item in items])

    def constructs(
        self, common: Callable[[str], Sequence[str]] | None = None
    ) -> dict[str, list[str]]:
        """The levels that two items or more measure, of those `common` to all groups.

        None of them where one level of two items stands alone: it does not identify a model.
        """
        found = {}
        for level, items in self.levels.items():
            allowed = items if common is None else [f"item:{item}" for item in common(level)]
            kept = [item for item in items if item in allowed]
            if len(kept) > 1:
                found[f"level:{level}"] = kept
        is_enough = sum(map(len, found.values())) > 2
        return found if is_enough else {}

    def layout(self, constructs: Mapping[str, Sequence[str]]) -> Layout:
        """The scores on the items of some constructs."""
        items = [item for own in constructs.values() for item in own]
        return Layout({name: tuple(own) for name, own in constructs.items()}, self.values(items))

    def fits(self, found: Any) -> Fits:
        """Fits of the wave."""
        wave = self.survey.wave
        made = (dataclasses.replace(one, wave=wave) for one in found)
        return Fits(made, context=self.survey.context())


def _of_level(asked: _Asked, level: str) -> Fit:
    of, items = f"level:{level}", asked.levels.get(level)
    if items is None:
        why = "no_answers" if scoring.items_of(asked.survey, level) else "not_measured"
        return Fit("cronbach_alpha", np.nan, verdict=why, of=of, flags=(why,))
    seed = asked.seed(f"reliability:{level}")
    made = of_items.of_level(asked.values(items), asked.design, asked.ci_level, seed)
    return dataclasses.replace(made, of=of)


def _at(one: estimates.Measured, metric: str, end: float) -> estimates.Measured:
    """Who stands at one end of the score: 1, others 0, NaN without a score."""
    is_there = np.isclose(one.values, end, rtol=0, atol=1e-9).astype(float)
    values = np.where(np.isnan(one.values), np.nan, is_there)
    return dataclasses.replace(one, measure=Measure(metric, SHARE, SHARE), values=values)
