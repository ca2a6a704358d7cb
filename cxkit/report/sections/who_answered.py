"""Who answered, and whom do they stand for? (F01, F02)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis.composition import make_up, respondents
from cxkit.records import Estimate, Estimates
from cxkit.report.finding import Finding, Findings, dates, number, said, wave

__all__ = ["findings"]

_FRAMES = {"customers": "customers_only", "visitors": "visitors_only"}
_DESIGNS = {"opt_in": "opt_in", "probability": "probability", "census": "census"}


def findings(survey: Any) -> Findings:
    """Respondents, effective base and fieldwork; whom the sample stands for; its make-up."""
    now = survey.latest
    context = now.context()
    (everyone,) = respondents(now)
    found = [_sample(everyone, context), *_frame(context)]
    rows = Estimates((row for one in _waves(survey) for row in respondents(one)), context=context)
    rows = rows.published()
    found.append(
        Finding(
            "who_answered",
            "waves",
            estimates=rows,
            table="waves",
            title=("who_answered", *_title(rows, context)),
            options={
                "dates": _fieldwork(context),
                "has_weight": context["has_weight"],
                "subtitle": ["who_answered", {}],
            },
            notes=_wave_notes(context),
            context=context,
        )
    )
    if composition := _composition(now, context):
        found.append(composition)
    return Findings(found, context=context)


def _wave_notes(context: dict[str, Any]) -> list[Any]:
    """What the study says of a wave in its own words."""
    return [
        ("note_wave", {"wave": wave(key), "text": said(one["note"])})
        for key, one in context["waves"].items()
        if one.get("note")
    ]


def _waves(survey: Any) -> list[Any]:
    """The wave in hand and those before it, oldest first."""
    one, found = survey.latest, []
    while one is not None:
        found.append(one)
        one = one.previous
    return found[::-1]


def _sample(everyone: Estimate, context: dict[str, Any]) -> Finding:
    variant = "weighted" if context["has_weight"] else "unweighted"
    shown = Estimates([everyone], context=context).published()
    slots = {"n": number(shown[0], "n"), "n_eff": number(shown[0], "n_eff")}
    if context["fielded"]:
        slots["dates"] = dates(*context["fielded"])
    else:
        variant += "_no_dates"
    return Finding("who_answered", "F01", variant, slots, estimates=shown, context=context)


def _frame(context: dict[str, Any]) -> list[Finding]:
    sample = context["sample"]
    frame, design = sample.get("frame"), sample.get("design")
    unknown = "design_not_disclosed" if frame in ("market", *_FRAMES) else "not_disclosed"
    variants = [_FRAMES.get(frame), _DESIGNS.get(design, unknown)]
    return [
        Finding("who_answered", "F02", variant, context=context) for variant in variants if variant
    ]


def _fieldwork(context: dict[str, Any]) -> dict[str, list[str]]:
    return {
        key: [wave["from"], wave["to"]]
        for key, wave in context["waves"].items()
        if wave.get("from") and wave.get("to")
    }


def _title(rows: Estimates, context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    last = rows[-1]
    slots = {"n": number(last, "n"), "n_eff": number(last, "n_eff")}
    return ("weighted" if context["has_weight"] else "unweighted"), slots


def _composition(survey: Any, context: dict[str, Any]) -> Finding | None:
    """The make-up of the sample; a group too small to be private has neither share nor count."""
    if not survey.n or not context["segments"]:
        return None
    everyone = Estimates(make_up(survey, context["segments"]), context=context)
    private = everyone.published(min_base=0, warn_base=0)  # a count needs no precision
    small = {
        (one.of, *one.by.items())
        for one in private
        if one.metric == "respondents" and one.is_hidden
    }
    shown = [one for one in everyone.published() if (one.of, *one.by.items()) not in small]
    hidden: dict[str, list[str]] = {}
    for of, (segment, value) in sorted(small):
        hidden.setdefault(of, []).append(f"{segment}={value}")
    return Finding(
        "who_answered",
        "composition",
        estimates=Estimates(shown, is_published=True),
        table="answered",
        title=("numbers", "make_up", {}),
        options={"fold": True, "hidden": hidden},
        notes=[("note_privacy", {})] if hidden else [],
        context=context,
    )
