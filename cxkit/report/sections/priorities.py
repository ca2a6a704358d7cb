"""What to try first? (F19)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis.links import links
from cxkit.analysis.priorities import priorities
from cxkit.records import Estimates, Fits
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    all_units,
    count,
    fragments,
    name,
    names,
    number,
    setting,
)
from cxkit.report.sections.links import base_notes, closing_notes, not_computed, order, weak_notes

__all__ = ["findings"]

_APART = 0.20
"""Chances that lie so far from each other are not called equal."""


def findings(survey: Any) -> Findings:
    """The levels between low and high score, weak and strong link, and which to try first."""
    now = survey.latest
    context = now.context()
    made = links(now)
    missing = not_computed(made, "priorities", context)
    if missing is not None:
        return Findings([missing], context=context)
    return Findings([_map(priorities(now, made), made, context)], context=context)


def _map(found: Any, made: Any, context: dict[str, Any]) -> Finding:
    rows = [*found.scores, *found.shares, *found.chances, found.line]
    estimates = Estimates(rows, context=context).published()
    line = estimates[-1]
    fits = Fits([made.r2_adjusted], context=context).published()
    first = () if made.weak else found.first
    variant, slots = _said(found, made, estimates, fits)
    kind = variant.partition("_")[0]
    return Finding(
        "priorities",
        "F19",
        variant,
        slots,
        plus=_also(found, made),
        estimates=estimates,
        fits=fits,
        figure="priority_map",
        table="priorities",
        title=("priorities", "not_clear" if variant.startswith("not_clear") else kind, slots),
        options={
            "order": order(made, context),
            "first": [of.partition(":")[2] for of in first],
            "line": line.estimate if found.target is None else found.target,
            "even": found.even,
            "subtitle": ["priorities", {}],
        },
        notes=_notes(found, made, estimates, context),
        context=context,
    )


def _said(found: Any, made: Any, estimates: Estimates, fits: Fits) -> tuple[str, dict[str, Slot]]:
    """The variant of F19 and what fills it."""
    units = all_units(len(made.levels))
    slots: dict[str, Slot] = {"outcome": name(made.outcome)}
    if made.weak:
        return "weak", slots | {"all_units": units, "r2": number(fits[0], "value", "from_zero")}
    if not found.first and len(found.possible) > 1:
        return _undecided(found.possible, estimates)
    if not found.first and found.possible:
        (only,) = found.possible
        return "not_clear_one", {"level": name(only), "prob": _chance(estimates, only)}
    slots |= _line(found, made, estimates)
    suffix = "" if found.target is not None else "_average"
    if not found.first:
        return f"none{suffix}", slots
    if len(found.first) > 1:
        return f"several{suffix}", slots | {"list": names(found.first)}
    (only,) = found.first
    score = estimates.only(metric="score_100", of=only)
    slots |= {"level": name(only), "est": number(score), "prob": _chance(estimates, only)}
    return f"clear{suffix}", slots


def _undecided(possible: tuple[str, ...], estimates: Estimates) -> tuple[str, dict[str, Slot]]:
    """Several that may be the one: equally possible only where their chances lie close."""
    to_try = {one.of: one for one in estimates if one.by.get("quadrant") == "try_first"}
    chances = [to_try[of].estimate for of in possible]
    if round(max(chances) - min(chances), 9) < _APART:
        return "not_clear", {"list": names(possible)}
    told = [("chance", of, _chance(estimates, of)) for of in possible]
    return "not_clear_chances", {"list": fragments(told)}


def _also(found: Any, made: Any) -> list[tuple[str, dict[str, Slot]]]:
    """Levels that may be worth trying first beside those that surely are."""
    others = [of for of in found.possible if of not in found.first]
    if made.weak or not found.first or not others:
        return []
    return [("also", {"list": names(others)})]


def _line(found: Any, made: Any, estimates: Estimates) -> dict[str, Slot]:
    """What parts low scores from high ones: the study's target, or the average of the levels."""
    if found.target is not None:
        return {"target": setting(["targets", "score_100"], "score_100")}
    return {"all_units": all_units(len(made.levels)), "value": number(estimates[-1])}


def _chance(estimates: Estimates, of: str) -> Slot:
    rows = estimates.where(metric="chance_quadrant", of=of, by_quadrant="try_first")
    return number(rows[0], "estimate", "chance")


def _notes(found: Any, made: Any, estimates: Estimates, context: dict[str, Any]) -> list[Any]:
    suffix = "" if found.target is not None else "_average"
    lines = _line(found, made, estimates) | {"k": count(len(made.levels))}
    score = estimates.where(metric="score_100")[0]
    who = name(f"base:{context['framework'].get('scored_on') or 'everyone'}")
    scored = {"who": who, "n": number(score, "n"), "n_eff": number(score, "n_eff")}
    return [
        ("note_base_scores", scored),
        *base_notes(made, estimates.where(metric="link_share")[0], context),
        *weak_notes(made),
        (f"note_priority_lines{suffix}", lines),
        ("note_score_100", {}),
        *closing_notes(context),
    ]
