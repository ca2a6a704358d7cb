"""Which quality of an interaction is weak? (F24)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import experience
from cxkit.report.finding import Findings, names
from cxkit.report.sections.scored_parts import by_stage, is_measured, not_measured, scored

__all__ = ["findings"]

_PART = "determinant"


def findings(survey: Any) -> Findings:
    """The qualities of an interaction, the lowest where it is clear; then each by stage.

    Each rests on those who had that interaction: chatbot and staff only on their users. Where
    nothing was asked, a line in the section on gaps says so.
    """
    now = survey.latest
    context = now.context()
    if not is_measured(now, _PART):
        return Findings([not_measured("determinants", context)], context=context)
    missing = [one.of for one in experience.coverage(now.study, _PART) if not one.asked]
    plus = [("not_asked", {"list": names(missing)})] if missing else []
    found = [*scored(now, _PART, plus=plus, notes=_notes(now.study)), *by_stage(now, _PART)]
    return Findings(found, context=context)


def _notes(study: Any) -> list[Any]:
    """What the source names as determinants, and what as further drivers."""
    named = study.parts[_PART].named_as
    if not {"determinant", "driver"} <= set(named):
        return []
    listed, rest = (
        names(f"{_PART}:{key}" for key in named[kind]) for kind in ("determinant", "driver")
    )
    return [("note_determinants", {"list": listed, "rest": rest})]
