"""Is what respondents receive worth its cost to them, and does it fit them? Two short batteries."""

from __future__ import annotations

from typing import Any

from cxkit import library
from cxkit.analysis.estimates import estimate
from cxkit.records import Estimates
from cxkit.report.finding import Finding

__all__ = ["FIT", "WORTH", "fit", "tell_fit", "tell_worth", "worth"]

WORTH = ("val_money", "val_time", "val_mind")
"""The statements on what an experience costs, one for each part of the cost."""

FIT = ("per_offers", "per_known")
"""The statements on how far the brand suits the person."""


def worth(survey: Any) -> Estimates:
    """The score of each statement asked on whether what is received is worth its cost."""
    return _scores(survey, WORTH)


def fit(survey: Any) -> Estimates:
    """The score of each statement asked on whether the brand suits the person."""
    return _scores(survey, FIT)


def tell_worth(survey: Any, scores: Estimates, context: dict[str, Any]) -> list[Finding]:
    """The scores with the part of the cost that each speaks of."""
    parts = {one["question"]: f"cost:{key}" for key, one in library.costs().items()}
    rows = [[one.of, parts[one.of.partition(":")[2]]] for one in scores]
    notes: list[Any] = [("note_costs", {}), ("note_score_100", {})]
    return [_table("value_for_cost", scores, rows, notes, context)]


def tell_fit(survey: Any, scores: Estimates, context: dict[str, Any]) -> list[Finding]:
    """The scores alone: each statement says what it is about."""
    rows = [[one.of, None] for one in scores]
    return [_table("personal_fit", scores, rows, [("note_score_100", {})], context)]


def _scores(survey: Any, keys: tuple[str, ...]) -> Estimates:
    now = survey.latest
    asked = [key for key in keys if key in now.study.items]
    records = [one for key in asked for one in estimate(now, "score_100", of=f"item:{key}")]
    return Estimates(records, context=now.context())


def _table(
    key: str, scores: Estimates, rows: list[Any], notes: list[Any], context: dict[str, Any]
) -> Finding:
    return Finding(
        "loyalty",
        key,
        estimates=scores,
        table="rated",
        title=("numbers", key, {}),
        options={"rows": rows, "subtitle": ["rated", {}], "fold": True},
        notes=notes,
        context=context,
    )
