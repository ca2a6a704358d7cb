"""A quote for each stage of the map, by the rule of the section on comments."""

from __future__ import annotations

from typing import Any

from cxkit.analysis import scoring

__all__ = ["quotes_by_stage"]


def quotes_by_stage(survey: Any) -> dict[str, dict[str, str]]:
    """By stage, one masked comment and its language; a stage without one is left out.

    No comment stands at two stages: what fits several is quoted at the first of them.
    """
    if not survey.study.comments:
        return {}
    from cxkit.analysis.comments.quotes import quotes

    stages = scoring.stages(survey.study)
    found: dict[str, dict[str, str]] = {}
    for stage in stages:
        used = {one["text"] for one in found.values()}
        known = quotes(survey, f"stage:{stage}", len(stages))
        fresh = next((one for one in known if one.text not in used), None)
        if fresh is not None:
            found[stage] = {"text": fresh.text, "lang": fresh.language}
    return found
