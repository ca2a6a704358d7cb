"""What are the five things to know? Five questions, fixed before the data are seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from cxkit.report.finding import Finding, Findings, name, names, rating_of
from cxkit.report.sections import change, journey, links, pyramid, scorecard

__all__ = ["findings"]


def findings(
    survey: Any, *topics: Findings, depth: str = "full", left_out: Sequence[str] = ()
) -> Findings:
    """The five fixed questions, answered from the findings of the topics.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.
    *topics : Findings
        Of scorecard, pyramid, journey, links and change, in this order, where they are at hand.
        A report without links leaves them out, and says so.
    depth : {"full", "brief", "board"}
        How deep the report goes.
    left_out : sequence of str
        What it leaves out for that: sections, and `order` (see `cxkit.report.depth`).

    Returns
    -------
    Findings
        1 where we stand, 2 the weakest level, 3 the worst point of the journey, 4 what goes
        with recommendation, 5 what changed; then what this report cannot answer.
    """
    context = survey.latest.context()
    outcomes, levels, stages, *linked, changes = topics or (
        scorecard.findings(survey),
        pyramid.findings(survey),
        journey.findings(survey),
        links.findings(survey),
        change.findings(survey),
    )
    answers = [
        _answer(outcomes, ("F04", "F33"), "headline", "scorecard", context),
        _answer(levels, ("F06",), _levels(context), "pyramid", context),
        _answer(stages, ("F12", "F11", "F33"), "journey", "journey", context),
        _answer(linked[0], ("F17", "F33"), "links", "links", context)
        if linked
        else _unlinked(context),
        _change(changes, context),
    ]
    box = [*_box(context), *([_left_out(depth, left_out, context)] if left_out else [])]
    return Findings([*answers, *box], context=context)


def _levels(context: dict[str, Any]) -> str:
    """What the second question is about: the pyramid, or a framework of the study's own."""
    return "pyramid" if context["framework"].get("shape") == "pyramid" else "levels"


def _answer(
    topic: Findings,
    keys: tuple[str, ...],
    what: str,
    proof: str,
    context: dict[str, Any],
) -> Finding:
    """The first finding of the topic with one of the keys, in their order, for the summary."""
    one = topic.get(*keys)
    if one is None:
        return _unanswered("not_measured", what, context)
    said = dataclasses.replace(
        one, section="summary", figure=None, table=None, title=None, notes=(), options={}
    )
    return dataclasses.replace(said.only_what_it_says(), proof=proof)


def _change(changes: Findings, context: dict[str, Any]) -> Finding:
    """The change of the headline, or that there is no wave to compare with."""
    if not context.get("previous"):
        return Finding("summary", "F20", "no_previous", context=context)
    if not context["outcomes"]:
        return _unanswered("not_measured", "outcomes", context)
    return _answer(changes[:1], ("F20", "F22", "F33"), "outcomes", "change", context)


def _unlinked(context: dict[str, Any]) -> Finding:
    """That links are not told of here, or that there is nothing to link."""
    is_asked = context["framework"] and context["outcomes"]
    return _unanswered("not_analysed" if is_asked else "not_measured", "links", context)


def _left_out(depth: str, left_out: Sequence[str], context: dict[str, Any]) -> Finding:
    """That the report is a brief one, or one page, and what it leaves out."""
    in_a_list = {} if _levels(context) == "pyramid" else {"level_by_stage": "levels_by_stage"}
    told = [
        "what:order" if key == "order" else f"section:{in_a_list.get(key, key)}" for key in left_out
    ]
    slots = {"list": names(told)}
    return Finding("summary", "F32", depth, slots, options={"box": True}, context=context)


def _unanswered(variant: str, what: str, context: dict[str, Any], **options: Any) -> Finding:
    slots = {"what": name(f"what:{what}")}
    return Finding("summary", "F32", variant, slots, options=options, context=context)


def _box(context: dict[str, Any]) -> list[Finding]:
    """What this report cannot answer, said once."""
    rated = context.get("stages", {})
    unrated = [
        Finding(
            "summary",
            "F32",
            "not_measured",
            {"what": rating_of(f"stage:{key}")},
            options={"box": True},
            context=context,
        )
        for key in context["journey"].get("stages", ())
        if not rated.get(key, {}).get("is_rated")
    ]
    gaps = _unanswered("not_measured", "gaps", context, box=True)
    return unrated if context.get("gaps") else [*unrated, gaps]
