"""Which type of experience is weak, and how do the types go with the levels? (F24)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import experience
from cxkit.analysis.experience import Coverage
from cxkit.records import Estimates, Fits
from cxkit.report.finding import Finding, Findings, name, names
from cxkit.report.sections.scored_parts import Said, by_stage, is_measured, not_measured, scored

__all__ = ["findings"]

_PART = "type"


def findings(survey: Any) -> Findings:
    """The types of experience, the lowest where it is clear; by stage; beside the levels.

    Types are scored on those to whom their statements apply. Where nothing was asked, a line in
    the section on gaps says so, and which types the statements of the pyramid touch.
    """
    now = survey.latest
    context = now.context()
    if not is_measured(now, _PART):
        missing = not_measured("types", context, *_touched(now.study))
        return Findings([missing], context=context)
    covered = experience.coverage(now.study, _PART)
    first = scored(now, _PART, plus=_in_part(covered), notes=[])
    if first[0].variant == "nobody":
        return Findings(first, context=context)
    found = [
        *first,
        *by_stage(now, _PART),
        *_with_levels(now, context),
        _coverage(covered, context),
    ]
    return Findings(found, context=context)


def _touched(study: Any) -> list[Said]:
    """Which types the statements of the pyramid touch, and of which they say nothing."""
    if study.framework is None or study.framework.key != "pyramid":
        return []
    known = experience.touched(study, "types")
    some, rest = (
        [one.of for one in known if one.verdict == verdict] for verdict in ("touched", "none")
    )
    if not some or not rest:
        return []
    return [("touched", {"list": names(some), "rest": names(rest)})]


def _in_part(covered: tuple[Coverage, ...]) -> list[Said]:
    """Types of which only some statements were asked, and those of which none were."""
    said: list[Said] = []
    if partly := [one.of for one in covered if one.verdict == "partly"]:
        said.append(("partly", {"list": names(partly)}))
    if missing := [one.of for one in covered if not one.asked]:
        said.append(("not_asked", {"list": names(missing)}))
    return said


def _with_levels(survey: Any, context: dict[str, Any]) -> list[Finding]:
    """How far each type goes with each level, within people."""
    fits = Fits(experience.with_levels(survey, _PART), context=context).published()
    rated = {one.of.partition("|")[0] for one in fits if one.n}
    if not rated:
        return []
    return [
        Finding(
            "types",
            "with_levels",
            fits=Fits(
                (one for one in fits if one.of.partition("|")[0] in rated), is_published=True
            ),
            table="with_levels",
            title=("part", "with_levels", {"unit": name("unit:type")}),
            options={"part": _PART, "subtitle": ["with_levels", {}], "fold": True},
            notes=[("note_with_levels", {}), ("note_association", {})],
            context=context,
        )
    ]


def _coverage(covered: tuple[Coverage, ...], context: dict[str, Any]) -> Finding:
    """Which statements were asked of each type, and which others touch it."""
    return Finding(
        "types",
        "coverage",
        estimates=Estimates((), is_published=True),
        table="coverage",
        title=("part", "coverage", {"unit": name("unit:type")}),
        options={
            "fold": True,
            "part": _PART,
            "covered": [
                [one.of, len(one.asked), len(one.items), list(one.touched_by), one.verdict]
                for one in covered
            ],
        },
        notes=[("note_touched", {})],
        context=context,
    )
