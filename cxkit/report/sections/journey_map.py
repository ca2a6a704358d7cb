"""What does the journey look like on one sheet? A map for a workshop, to print and write on."""

from __future__ import annotations

import dataclasses
from typing import Any

from cxkit.analysis import journey as stages
from cxkit.analysis import within_stages
from cxkit.records import Comparisons, Estimates
from cxkit.report.finding import Finding, Findings
from cxkit.report.sections.map_quotes import quotes_by_stage

__all__ = ["findings"]

_RATED_ALL = {"rated": "all"}
"""The group of those who rated every stage, on whom a line may join the ratings."""


def findings(survey: Any) -> Findings:
    """Each stage with what people do, their channels, its rating, a quote, and what is planned.

    Nothing where the study has no journey, or none of its stages may be shown.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.

    Returns
    -------
    Findings
        One, with a figure that is printed on a sheet of its own.

    Examples
    --------
    >>> import cxkit as cx
    >>> cx.journey_map.findings(cx.load("demo"))[0].figure
    'journey_map'
    """
    now = survey.latest
    context = now.context()
    if not context["journey"]:
        return Findings((), context=context)
    ratings = Estimates(stages.ratings(now), context=context).published()
    if not any(one.n and not one.is_hidden for one in ratings):
        return Findings((), context=context)
    joined = (dataclasses.replace(one, by=_RATED_ALL) for one in stages.common_ratings(now))
    common = Estimates(joined, context=context).published()
    is_joined = all(one.n and not one.is_hidden for one in common) and len(common) > 1
    channels = Estimates(within_stages.channels_by_stage(now), context=context).published()
    shown = [*ratings, *(common if is_joined else ()), *(one for one in channels if _is_seen(one))]
    drops = Comparisons(stages.handoffs(now), context=context).published()
    found = Finding(
        "journey_map",
        "map",
        "sheet",
        estimates=Estimates(shown, context=context, is_published=True),
        comparisons=drops,
        figure="journey_map",
        table="journey_map",
        title=("journey_map", "plain", {}),
        options={
            "order": list(context["journey"]["stages"]),
            "joined": _RATED_ALL,
            "quotes": quotes_by_stage(now),
            "steps": _steps(context),
            "sheet": True,
            "subtitle": ["journey_map", {}],
        },
        notes=_notes(is_joined, len(channels) > 0, len(drops) > 0),
        context=context,
    )
    return Findings([found], context=context)


def _is_seen(one: Any) -> bool:
    return bool(one.n) and not one.is_hidden


def _steps(context: dict[str, Any]) -> dict[str, list[Any]]:
    """What the study plans at each stage, in its own words."""
    found: dict[str, list[Any]] = {}
    for step in context.get("planned", ()):
        if step.get("stage"):
            found.setdefault(step["stage"], []).append(step["what"])
    return found


def _notes(is_joined: bool, has_channels: bool, has_drops: bool) -> list[Any]:
    notes: list[Any] = [("note_survivors", {})]
    if has_drops:
        notes.append(("note_handoff", {}))
    if has_channels:
        notes.append(("note_map_channels", {}))
    return [*notes, ("note_score_100", {})]
