"""What is meant: any metric of any item, level, outcome, stage or base, as coded answers.

`measured` finds what a metric is to be taken of in a survey, and codes the answers of all rows.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis import metrics, scoring
from cxkit.analysis.intervals import Measure
from cxkit.analysis.scoring import Coded
from cxkit.errors import SurveyError, nearest, one_of
from cxkit.records import NAMED_METRICS
from cxkit.study.shape import FURTHEST_STAGE
from cxkit.weights import Moment

__all__ = ["METRICS", "SHELVES", "Measured", "check_by", "measured", "on_common_items"]

SHELVES = {
    "levels": "level",
    "items": "item",
    "outcomes": "outcome",
    "stages": "stage",
    "bases": "base",
    "types": "type",
    "determinants": "determinant",
}
"""Words for everything of a kind, and the kind."""

METRICS = {
    "nps": "outcomes",
    "csat": "outcomes",
    "ces": "outcomes",
    "score_100": "levels",
    "mean": "items",
    "sd": "items",
    "top_2_box": "items",
    "bottom_2_box": "items",
    "top_box_half": "items",
    "bottom_box_half": "items",
    "share_positive": "items",
    "net": "items",
    "share": "bases",
    "reach": "stages",
    "conversion": "stages",
    "skipped": "stages",
}
"""The metrics of a survey (and any other `top_<k>_box`), each with what it is usually taken of."""

CIRCULAR = {FURTHEST_STAGE: ("nps", *scoring.FUNNEL)}
"""By segment, the metrics of what its groups are made of: getting on, and recommending."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One thing measured: its values for all rows of the survey's frame, NaN where missing.

    `base` says whom the question concerns (None: everybody) and `outside` the flag of a group
    that has none of them; `flag` says why there are no values at all. `answers` are the same
    values as codes of a question, where they recode one: so they are counted once for all metrics.
    """

    of: str
    measure: Measure
    values: np.ndarray
    base: np.ndarray | None = None
    flag: str | None = None
    outside: str = "not_applicable"
    answers: Coded | None = None

    @functools.cached_property
    def coded(self) -> Coded:
        """The values as codes: as they were given, unless the values were replaced since."""
        given = self.answers
        return given if given and given.values is self.values else Coded.of(self.values)

    def why_empty(self, mask: np.ndarray, found: Moment) -> str | None:
        """The flag of a group without any answer, None where there are some."""
        if found.n:
            return None
        if self.flag:
            return self.flag
        if self.base is not None and mask.any() and not (mask & self.base).any():
            return self.outside
        return "no_answers"


def measured(survey: Any, metric: str, of: str | Sequence[str] | None = None) -> list[Measured]:
    """What `metric` of `of` means in this survey: values for every row, their base and unit."""
    if metric not in METRICS and not metrics.is_box(metric):
        one_of(metric, METRICS, "metric")
    return [_measure(survey, metric, key) for key in _keys(survey, metric, of)]


def check_by(survey: Any, metric: str, by: str | Sequence[str] | None) -> None:
    """Refuse a metric by groups that it defines: it would say nothing of them (METHODS 22.2)."""
    for key in [by] if isinstance(by, str) else by or ():
        if key not in survey.study.segments and metric in CIRCULAR.get(key, ()):
            raise SurveyError(
                f"'{metric}' says nothing by '{key}', which is made of it",
                expected="a metric that does not say how far people have come, such as score_100",
            )


def on_common_items(
    survey: Any, one: Measured, masks: Sequence[np.ndarray]
) -> tuple[Measured, bool]:
    """The same measure on the items that all groups have in common, and whether any is left."""
    asked = scoring.scored_items(survey, one.of)
    if not asked or one.flag:
        return one, True
    items = scoring.items_in_common(survey, one.of, masks)
    if items == asked:
        return one, True
    return dataclasses.replace(one, values=scoring.scores_on(survey, one.of, items)), bool(items)


def _keys(survey: Any, metric: str, of: str | Sequence[str] | None) -> list[str]:
    study = survey.study
    if of is None:
        shelf = METRICS.get(metric, "items")
        if shelf == "outcomes":
            return _outcomes_with(study, metric)
        of = shelf
    given = [of] if isinstance(of, str) else list(of)
    return [key for one in given for key in _of_shelf(study, metric, one)]


def _of_shelf(study: Any, metric: str, word: str) -> list[str]:
    if word not in SHELVES:
        return [_checked_key(study, word)]
    if word == "outcomes" and metric in NAMED_METRICS:
        return _outcomes_with(study, metric)
    keys = [f"{SHELVES[word]}:{name}" for name in _names(study, SHELVES[word])]
    return keys[:-1] if metric in ("conversion", "skipped") else keys


def _outcomes_with(study: Any, metric: str) -> list[str]:
    return [f"outcome:{key}" for key, one in study.outcomes.items() if one.metric == metric]


def _names(study: Any, kind: str) -> Sequence[str]:
    if kind == "level":
        return list(scoring.levels(study))
    if kind in ("type", "determinant"):
        return list(scoring.parts(study, kind))
    if kind == "stage":
        return scoring.stages(study)
    if kind == "base":
        return study.base_keys
    return study.item_keys if kind == "item" else list(study.outcomes)


def _checked_key(study: Any, key: str) -> str:
    kind = str(key).partition(":")[0]
    known = [f"{one}:{name}" for one in SHELVES.values() for name in _names(study, one)]
    if key not in known:
        of_kind = [one for one in known if one.startswith(f"{kind}:")]
        raise SurveyError(
            f"unknown '{key}'",
            expected="one of " + ", ".join(of_kind or SHELVES),
            hint=nearest(key, [*known, *SHELVES]),
        )
    return key


def _measure(survey: Any, metric: str, of: str) -> Measured:
    kind, _, name = of.partition(":")
    makers: dict[str, Callable[[Any, str, str], Measured | None]] = {
        "level": _of_level,
        **{part: functools.partial(_of_part, part) for part in survey.study.parts},
        "outcome": _of_outcome,
        "item": _of_item,
        "stage": _of_stage,
        "base": _of_base,
    }
    made = makers[kind](survey, metric, name)
    if made is None:
        raise SurveyError(
            f"'{metric}' cannot be taken of '{of}'",
            expected=f"{metric} of {METRICS.get(metric, 'items')}",
        )
    return made


def _of_level(survey: Any, metric: str, level: str) -> Measured | None:
    if metric not in ("score_100", "sd"):
        return None
    is_asked = bool(scoring.items_of(survey, level))
    return Measured(
        f"level:{level}",
        Measure(metric, "mean", "score_100"),
        scoring.level_scores(survey, level),
        base=scoring.scored_base(survey),
        flag=None if is_asked else "not_measured",
    )


def _of_part(kind: str, survey: Any, metric: str, key: str) -> Measured | None:
    """A part of a framework beside the levels, scored on those to whom its items apply."""
    if metric not in ("score_100", "sd"):
        return None
    asked = scoring.parts(survey.study, kind)[key]
    bases = [scoring.item_base(survey, item) for item in asked]
    return Measured(
        f"{kind}:{key}",
        Measure(metric, "mean", "score_100"),
        scoring.part_scores(survey, kind, key),
        base=np.logical_or.reduce(bases) if bases else None,
        flag=None if asked else "not_measured",
    )


def _of_item(survey: Any, metric: str, item: str) -> Measured | None:
    base = scoring.item_base(survey, item)
    if metric == "score_100":
        measure = Measure(metric, "mean", "score_100")
        return _recoded(f"item:{item}", measure, scoring.item_scores(survey, item), base)
    return _of_answers(survey, metric, f"item:{item}", f"item:{item}", base)


def _of_outcome(survey: Any, metric: str, key: str) -> Measured | None:
    of, outcome = f"outcome:{key}", survey.study.outcomes[key]
    base = scoring.base_mask(survey, outcome.base)
    if metric == "nps":
        scores = scoring.coded(survey, of).recoded(metrics.nps_scores)
        return _recoded(of, Measure("nps", "net", "points"), scores, base)
    if metric in ("csat", "ces", "share"):
        definition = outcome.definition or "share_positive"
        if outcome.metric != metric:
            return None
        answers = _as(survey, definition, of)
        return _recoded(of, metrics.measure_of(metric, definition), answers, base)
    return _of_answers(survey, metric, of, of, base)


def _of_stage(survey: Any, metric: str, stage: str) -> Measured | None:
    of, nobody = f"stage:{stage}", np.full(len(survey.mask), np.nan)
    if metric in scoring.FUNNEL:
        measure = Measure(metric, "share", "share")
        if not scoring.is_in_funnel(survey.study, metric, stage):
            return Measured(of, measure, nobody, flag="not_applicable")
        flag = None if scoring.is_reach_measured(survey, stage) else "not_measured"
        answers = scoring.stage_answers(survey, metric, stage)
        return Measured(of, measure, answers.values, flag=flag, answers=answers)
    declared = survey.study.stages.get(stage)
    if declared is None or declared.rating is None:
        return Measured(of, metrics.measure_of(metric, metric), nobody, flag="not_measured")
    may_rate = scoring.reached(survey, stage) != 0
    made = _of_answers(survey, metric, of, f"rating:{stage}", may_rate)
    if made is None:
        return None
    answers = made.coded.among(may_rate)
    return dataclasses.replace(made, values=answers.values, answers=answers, outside="not_reached")


def _of_base(survey: Any, metric: str, base: str) -> Measured | None:
    if metric != "share":
        return None
    values = scoring.base_mask(survey, base).astype(float)
    return Measured(f"base:{base}", Measure("share", "share", "share"), values)


def _of_answers(
    survey: Any, metric: str, of: str, column: str, base: np.ndarray
) -> Measured | None:
    """Any metric of plain answers: means, boxes, nets."""
    if metric == "sd":
        return _recoded(of, Measure("sd", "mean", "scale"), scoring.coded(survey, column), base)
    if METRICS.get(metric) not in (None, "items", "levels"):
        return None
    return _recoded(of, metrics.measure_of(metric, metric), _as(survey, metric, column), base)


def _as(survey: Any, metric: str, column: str) -> Coded:
    """The answers to a question as what `metric` averages."""
    scale = survey.study.scale(column)
    return scoring.coded(survey, column).recoded(
        lambda points: metrics.coded(metric, points, scale)
    )


def _recoded(of: str, measure: Measure, answers: Coded, base: np.ndarray) -> Measured:
    return Measured(of, measure, answers.values, base, answers=answers)
