"""What goes with the outcome? (F17, F18)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis.asymmetry import MIN_CELL, asymmetry
from cxkit.analysis.conventions import BEST_TWO
from cxkit.analysis.links import CEILING, HIGH, WEAK, links
from cxkit.analysis.necessity import N_PERMUTATIONS, necessity, necessity_cases
from cxkit.records import Estimate, Estimates, Fits
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    all_units,
    count,
    inside,
    name,
    names,
    number,
    said,
)
from cxkit.report.sections.pyramid import drawing_order
from cxkit.report.sections.scorecard import unseen
from cxkit.weights import N_RESAMPLES

__all__ = ["base_notes", "closing_notes", "findings", "not_computed", "order", "weak_notes"]


def findings(survey: Any) -> Findings:
    """The levels' shares of what goes with the outcome, how sure their order is, and more."""
    now = survey.latest
    context = now.context()
    made = links(now)
    missing = not_computed(made, "links", context)
    if missing is not None:
        return Findings([missing], context=context)
    found = [
        _shares(made, context),
        _little_spread(made, context),
        _whole(made, context),
        _ahead(made, context),
        _asymmetry(asymmetry(now, made), made, context),
        _necessity(now, made, context),
    ]
    return Findings([one for one in found if one is not None], context=context)


def not_computed(made: Any, section: str, context: dict[str, Any]) -> Finding | None:
    """Why there are no links: not asked, too few to show, or not computable."""
    if made.why == "not_measured":
        levels = {item["level"] for item in context["items"].values()} - {None}
        if not (levels and context["outcomes"]):
            return unseen(None, "what:links", section, context)
        return Finding(
            section, "F33", "no_answers", {"group": inside("what:links")}, context=context
        )
    first = next(iter(Estimates(made.shares, context=context).published()), None)
    if first is not None and (first.is_hidden or not first.n):
        return unseen(first, "what:links", section, context)
    if made.why is None:
        return None
    if made.why == "private":
        slots = {"group": inside("what:links")}
        return Finding(section, "F33", "hidden_privacy", slots, context=context)
    if section == "priorities":
        return Finding(section, "F19", "no_links", {"outcome": _outcome(made)}, context=context)
    return Finding(section, "F17", made.why, {"outcome": _outcome(made)}, context=context)


def order(made: Any, context: dict[str, Any]) -> list[str]:
    """The levels from the bottom of a figure to its top, without those made of the outcome."""
    left_out = set(made.made_of)
    return [key for key in drawing_order(context["framework"]) if f"level:{key}" not in left_out]


def base_notes(made: Any, one: Estimate, context: dict[str, Any]) -> list[Any]:
    """Whose answers the links rest on, and which level is none of them."""
    who = name(f"base:{context['framework'].get('scored_on') or 'everyone'}")
    base = {"who": who, "n": number(one, "n"), "n_eff": number(one, "n_eff")}
    notes: list[Any] = [("note_links_base", base | {"outcome": _outcome(made)})]
    if made.made_of:
        listed = {"list": names(made.made_of), "outcome": _outcome(made)}
        notes.append(("note_made_of", listed))
    return notes


def weak_notes(made: Any) -> list[Any]:
    """By which number the levels explain too little to pick one out."""
    return [("note_r2_adjusted", {"limit": count(round(100 * WEAK))})] if made.weak else []


def closing_notes(context: dict[str, Any]) -> list[Any]:
    """How ranges and chances came about, and what a link is not."""
    drawn = {"k": count(N_RESAMPLES), "seed": _seed(context)}
    return [("note_resamples", drawn), ("note_association", {})]


def _seed(context: dict[str, Any]) -> Slot:
    return said({"und": str(context["seed"])})


def _outcome(made: Any) -> Slot:
    return name(made.outcome)


# -- what goes with it ----------------------------------------------------------------------------


def _shares(made: Any, context: dict[str, Any]) -> Finding:
    rows = [*made.shares, *made.parts, *made.ranks, *made.equal_reliability, *made.slopes]
    estimates = Estimates(rows, context=context).published()
    fits = Fits([made.r2, made.r2_adjusted], context=context).published()
    variant, slots, headline = _said(made, estimates, fits)
    return Finding(
        "links",
        "F17",
        variant,
        slots,
        estimates=estimates,
        fits=fits,
        headline=headline,
        figure="links",
        table="links",
        title=("links", variant, slots),
        options={
            "order": order(made, context),
            "leader": made.leader.partition(":")[2] if variant == "one_first" else None,
            "subtitle": ["links", {}],
        },
        notes=_notes(made, estimates, fits, context),
        context=context,
    )


def _said(made: Any, estimates: Estimates, fits: Fits) -> tuple[str, dict[str, Slot], Slot | None]:
    """The variant of F17, what fills it, and the number that stands for it in the summary."""
    slots: dict[str, Slot] = {"outcome": _outcome(made)}
    if made.weak:
        r2 = number(fits.only(name="r2_adjusted"), "value", "from_zero")
        return "weak_model", slots | {"All_units": all_units(len(made.levels)), "r2": r2}, r2
    if made.leader is None:
        return "undecided", slots | {"list": names(made.tied)}, None
    share = estimates.only(metric="link_share", of=made.leader)
    first = estimates.only(metric="chance_first", of=made.leader)
    slots |= {
        "level": name(made.leader),
        "share": number(share),
        "lo": number(share, "ci_low"),
        "hi": number(share, "ci_high"),
        "prob": number(first, "estimate", "chance"),
    }
    return "one_first", slots, number(share)


def _notes(made: Any, estimates: Estimates, fits: Fits, context: dict[str, Any]) -> list[Any]:
    shares = estimates.where(metric="link_share")
    r2 = fits[0]
    notes: list[Any] = [
        *base_notes(made, shares[0], context),
        (
            "note_r2",
            {
                "all_units": all_units(len(made.levels)),
                "r2": number(r2, "value"),
                "lo": number(r2, "ci_low"),
                "hi": number(r2, "ci_high"),
                "outcome": _outcome(made),
            },
        ),
        *weak_notes(made),
        *_sensitivity(made, estimates),
    ]
    notes += _against(made)
    if made.small_for_spread:
        limits = {"low": count(round(100 * CEILING)), "value": count(round(HIGH))}
        notes.append(("note_little_spread", limits))
    return [*notes, *closing_notes(context)]


def _sensitivity(made: Any, estimates: Estimates) -> list[Any]:
    """Whether the order of the shares would be the same if all were measured equally well.

    Or, where that cannot be computed, whether it is with two statements of each level.
    """
    equal = [
        one
        for one in estimates.where(metric="link_share_equal_reliability")
        if one.estimate == one.estimate
    ]
    if not equal:
        return [("note_equal_none", {})]
    known = [one.of for one in equal]
    form = "note_two" if equal[0].method == BEST_TWO else "note_equal"
    shares = [one for one in estimates.where(metric="link_share") if one.of in known]
    ranked, again = (sorted(rows, key=lambda one: -one.estimate) for rows in (shares, equal))
    slots: dict[str, Slot] = {"level": name(ranked[0].of)}
    if [one.of for one in ranked] == [one.of for one in again]:
        told: list[Any] = [(f"{form}_same", {})]
    elif ranked[0].of == again[0].of:
        told = [(f"{form}_first", slots)]
    else:
        slots |= {
            "next": name(again[0].of),
            "share": number(again[0]),
            "lo": number(again[0], "ci_low"),
            "hi": number(again[0], "ci_high"),
        }
        told = [(f"{form}_other", slots)]
    unknown = [of for of in made.levels if of not in known]
    if unknown:
        told.append(("note_equal_unknown", {"list": names(unknown)}))
    return told


def _against(made: Any) -> list[Any]:
    """Levels whose slope does not point the way of their link, and whether that is clear."""
    clear = made.clearly_against
    unclear = [of for of in made.against if of not in clear]
    return [
        (key, {"list": names(listed), "outcome": _outcome(made)})
        for key, listed in (("note_sign", clear), ("note_sign_unclear", unclear))
        if listed
    ]


def _little_spread(made: Any, context: dict[str, Any]) -> Finding | None:
    """Levels that almost all rate high and whose share looks small."""
    listed = made.small_for_spread
    if not listed:
        return None
    rows = Estimates((one for one in made.high if one.of in listed), context=context).published()
    slots: dict[str, Slot] = {"outcome": _outcome(made)}
    if len(listed) == 1:
        slots["level"] = name(listed[0])
    else:
        slots["list"] = names(listed)
    variant = "all" if len(listed) == 1 else "several"
    return Finding("links", "F18", variant, slots, estimates=rows, context=context)


def _whole(made: Any, context: dict[str, Any]) -> Finding | None:
    """What a rating of the whole explains beyond the levels, and they beyond it."""
    rows = made.whole.published()
    if not len(rows):
        return None
    whole, levels = (rows.only(name=f"r2_added_by_{part}") for part in ("whole", "levels"))
    slots = {
        "outcome": _outcome(made),
        "all_units": all_units(len(made.levels)),
        "what": name("outcome:overall"),
        "share": number(whole, "value"),
        "lo": number(whole, "ci_low"),
        "hi": number(whole, "ci_high"),
        "share2": number(levels, "value"),
        "lo2": number(levels, "ci_low"),
        "hi2": number(levels, "ci_high"),
    }
    return Finding("links", "F17", "whole", slots, fits=rows, context=context)


# -- tables at hand -------------------------------------------------------------------------------


def _ahead(made: Any, context: dict[str, Any]) -> Finding:
    """The chance that one level has a larger share than another, level against level."""
    estimates = Estimates(made.ahead, context=context).published()
    return Finding(
        "links",
        "ahead",
        estimates=estimates,
        table="ahead",
        title=("numbers", "ahead", {}),
        options={"order": order(made, context), "fold": True},
        context=context,
    )


def _asymmetry(found: Any, made: Any, context: dict[str, Any]) -> Finding | None:
    """Whether low scores and high scores lie equally far from the middle on the outcome."""
    if not len(found.estimates):
        return None
    estimates = Estimates(found.estimates, context=context).published()
    limits = {"low": count(round(found.low[0])), "high": count(round(found.high[0]))}
    least = {"min_base": count(round(MIN_CELL)), "outcome": _outcome(made)}
    is_named = any(one.verdict in ("basic", "excitement") for one in found.classes)
    return Finding(
        "links",
        "asymmetry",
        estimates=estimates,
        fits=Fits(found.classes, context=context).published(),
        table="asymmetry",
        title=("numbers", "asymmetry", {"outcome": _outcome(made)}),
        options={"order": order(made, context), "fold": True},
        notes=[
            ("note_asymmetry", limits | least),
            *([("note_asymmetry_named", {})] if is_named else []),
        ],
        context=context,
    )


def _necessity(now: Any, made: Any, context: dict[str, Any]) -> Finding:
    """Whether a high outcome is found only with a high score, and how many it rests on."""
    fits = Fits(necessity(now, made), context=context).published()
    cases = Estimates(necessity_cases(now, made), context=context).published()
    return Finding(
        "links",
        "necessity",
        estimates=cases,
        fits=fits,
        table="necessity",
        title=("numbers", "necessity", {"outcome": _outcome(made)}),
        options={"order": order(made, context), "fold": True},
        notes=[
            ("note_necessity", {"outcome": _outcome(made)}),
            ("note_permutations", {"k": count(N_PERMUTATIONS), "seed": _seed(context)}),
        ],
        context=context,
    )
