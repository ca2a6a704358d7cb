"""Numbers of another brand that the same people rated: differences within persons, in pairs.

Only those who answered about both brands count, each on the same statements for both; who knows
two brands may differ from who knows one. All functions take the latest wave in hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, metrics, scoring
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.contrasts import Contrast
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.analysis.privacy import blanked, unseen
from cxkit.records import Comparisons, Estimate, Estimates, is_unseen
from cxkit.study import MIN_SHARE

__all__ = ["BRANDS", "levels", "n_statements", "outcomes", "ratings"]

BRANDS = ("brand:own", "brand:rival")
"""The two brands, as comparisons name them."""

_SCORE = Measure("score_100", "mean", "score_100")

Sides = tuple[str, Measure, np.ndarray, np.ndarray]
"""What is measured, how, and the values of all rows for either brand, both or neither."""


def levels(survey: Any) -> Comparisons:
    """The level scores of the brand minus those of the rival, in the same people, by Holm.

    A person counts on a level who answered at least half of its statements for both brands; the
    two scores rest on the same statements. Levels without such a statement are left out.
    """
    return _compared(survey.latest, _levels(survey.latest), "score_100")


def n_statements(survey: Any) -> tuple[int, int]:
    """How many statements of the levels that are compared were asked of both brands, and of all."""
    asked = _asked(survey.latest, "items")
    of_levels = [items for items in scoring.levels(survey.study).values() if asked & set(items)]
    own = [item for items in of_levels for item in items]
    return sum(item in asked for item in own), len(own)


def outcomes(survey: Any) -> Comparisons:
    """The outcomes of the brand minus those of the rival, in the same people, by Holm."""
    return _compared(survey.latest, _outcomes(survey.latest))


def ratings(survey: Any) -> Estimates:
    """Both numbers of each level and outcome, on those who rated both brands.

    The brand is told by `by` `{"brand": "own"}` and `{"brand": "rival"}`.
    """
    now = survey.latest
    records = [
        unseen(_side(now, one, brand)) if _is_untold(now, one[0]) else _side(now, one, brand)
        for one in [*_levels(now), *_outcomes(now)]
        for brand in ("own", "rival")
    ]
    return Estimates(records, context=now.context())


def _is_untold(survey: Any, of: str) -> bool:
    """Whether the reports of other groups would tell of few who rated both brands here."""
    return is_unseen(survey.wave, f"rival|{of}", survey.context())


def _compared(survey: Any, found: Sequence[Sides], *metrics_told: str) -> Comparisons:
    own = estimates.sample(survey, tuple(survey.waves))
    made: list[Contrast] = []
    for of, measure, mine, other in found:
        a, b = (np.where(survey.mask, side, np.nan)[own.rows] for side in (mine, other))
        made.append(
            contrasts.paired(
                measure, a, b, own.design, of=of, names=(BRANDS[0], BRANDS[1]), wave=survey.wave
            )
        )
    rows = contrasts.corrected(made, rules_of(survey, *metrics_told))
    return Comparisons(
        (blanked(one) if _is_untold(survey, one.of) else one for one in rows),
        context=rows.context,
    )


def _side(survey: Any, sides: Sides, brand: str) -> Estimate:
    of, measure, mine, other = sides
    own = estimates.sample(survey, tuple(survey.waves))
    values = mine if brand == "own" else other
    one = estimates.Measured(of, measure, values)
    found = own.moment(one, survey.mask)
    return estimate_of(
        measure,
        found,
        of=of,
        ci_level=survey.study.ci_level,
        wave=survey.wave,
        by={"brand": brand},
    )


def _asked(survey: Any, shelf: str) -> set[str]:
    """The items or outcomes that the waves in hand asked about the rival."""
    study = survey.study
    columns: Mapping[str, str] = getattr(study.rival, shelf) if study.rival else {}
    waves = survey.waves
    return {
        key
        for key, column in columns.items()
        if not waves or any(study.is_asked(column, wave) for wave in waves)
    }


def _levels(survey: Any) -> list[Sides]:
    asked = _asked(survey, "items")
    found = []
    for level, items in scoring.levels(survey.study).items():
        common = [item for item in items if item in asked]
        if common:
            found.append((f"level:{level}", _SCORE, *_scores(survey, common)))
    return found


def _scores(survey: Any, items: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The scores of both brands on the statements that a person answered for both."""
    pairs = [(scoring.item_scores_100(survey, item), _rival_scores(survey, item)) for item in items]
    both = np.array([~np.isnan(mine) & ~np.isnan(other) for mine, other in pairs])
    n = both.sum(axis=0)
    is_scored = (n > 0) & (n >= MIN_SHARE * len(items)) & scoring.scored_base(survey)
    totals = [
        sum(np.where(has, pair[side], 0.0) for has, pair in zip(both, pairs, strict=True))
        for side in (0, 1)
    ]
    mine, other = (np.where(is_scored, total / np.maximum(n, 1), np.nan) for total in totals)
    return mine, other


def _rival_scores(survey: Any, item: str) -> np.ndarray:
    scale = survey.study.scale(f"item:{item}")
    scores = scoring.rescaled(survey.values(f"rival:item:{item}"), scale)
    asked = survey.study.framework.items.get(item) if survey.study.framework else None
    return 100 - scores if asked is not None and asked.keyed == "negative" else scores


def _outcomes(survey: Any) -> list[Sides]:
    asked = _asked(survey, "outcomes")
    found = []
    for key in survey.study.outcomes:
        if key in asked:
            of = f"outcome:{key}"
            one = survey.study.outcomes[key]
            metric = one.metric or "mean"
            (mine,) = estimates.measured(survey, metric, of)
            answers = survey.values(f"rival:{of}")
            other = _as(metric, one.definition, answers, survey.study.scale(of))
            both = ~np.isnan(mine.values) & ~np.isnan(other)
            a, b = (np.where(both, side, np.nan) for side in (mine.values, other))
            found.append((of, mine.measure, a, b))
    return found


def _as(metric: str, definition: str | None, answers: np.ndarray, scale: Any) -> np.ndarray:
    """Answers about the rival as what the brand's metric averages."""
    if metric == "nps":
        return metrics.nps_scores(scoring.on_scale(answers, scale))
    if metric in ("csat", "ces", "share"):
        return metrics.coded(definition or "share_positive", answers, scale)
    return metrics.coded(metric, answers, scale)
