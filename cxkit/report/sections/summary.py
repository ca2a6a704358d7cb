"""What are the five things to know? Five questions, fixed before the data are seen."""

from __future__ import annotations

import dataclasses
from typing import Any

from cxkit.report.finding import Finding, Findings, name
from cxkit.report.sections import journey, pyramid, scorecard

__all__ = ["findings"]


def findings(survey: Any, *topics: Findings) -> Findings:
    """The five fixed questions, answered from the findings of the topics.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.
    *topics : Findings
        Of scorecard, pyramid and journey, where they are at hand; computed if not.

    Returns
    -------
    Findings
        1 where we stand, 2 the weakest level, 3 the worst point of the journey, 4 what goes
        with recommendation, 5 what changed; then what this report cannot answer.
    """
    now = survey.latest
    context = now.context()
    pool = topics or (
        scorecard.findings(survey),
        pyramid.findings(survey),
        journey.findings(survey),
    )
    found = {one.key: one for topic in pool for one in topic}
    answers = [
        _answer(found, ("F04", "F33"), "headline", "scorecard", context),
        _answer(found, ("F06",), _levels(context), "pyramid", context),
        _worst_point(found, context),
        _unanswered("not_analysed", "links", context),
        _change(found, context),
    ]
    return Findings([*answers, *_box(found, context)], context=context)


def _levels(context: dict[str, Any]) -> str:
    """What the second question is about: the pyramid, or a framework of the study's own."""
    return "levels" if context["framework"].get("shape") == "list" else "pyramid"


def _answer(
    found: dict[str, Finding],
    keys: tuple[str, ...],
    what: str,
    proof: str,
    context: dict[str, Any],
) -> Finding:
    one = next((found[key] for key in keys if key in found), None)
    if one is None:
        return _unanswered("not_measured", what, context)
    said = dataclasses.replace(
        one, section="summary", figure=None, table=None, title=None, notes=(), options={}
    )
    return dataclasses.replace(said.only_what_it_says(), proof=proof)


def _change(found: dict[str, Finding], context: dict[str, Any]) -> Finding:
    """The change of the headline, or that there is no wave to compare with."""
    if "F20" not in found and not context.get("previous"):
        return Finding("summary", "F20", "no_previous", context=context)
    return _answer(found, ("F20",), "change", "scorecard", context)


def _worst_point(found: dict[str, Finding], context: dict[str, Any]) -> Finding:
    """Ratings where stages are rated, else the largest loss, else nothing was measured."""
    return _answer(found, ("F12", "F11"), "journey", "journey", context)


def _unanswered(variant: str, what: str, context: dict[str, Any], **options: Any) -> Finding:
    slots = {"what": name(f"what:{what}")}
    return Finding("summary", "F32", variant, slots, options=options, context=context)


def _box(found: dict[str, Finding], context: dict[str, Any]) -> list[Finding]:
    """What this report cannot answer, said once."""
    said = []
    rated = context.get("stages", {})
    journey_stages = context["journey"].get("stages", []) if context["journey"] else []
    for key in journey_stages:
        if not rated.get(key, {}).get("is_rated"):
            stage = Finding(
                "summary",
                "F32",
                "not_measured",
                {"what": name(f"stage:{key}")},
                options={"box": True},
                context=context,
            )
            said.append(stage)
    said.append(_unanswered("not_measured", "gaps", context, box=True))
    said.append(_unanswered("not_analysed", "groups", context, box=True))
    return said
