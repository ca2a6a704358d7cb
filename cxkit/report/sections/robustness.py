"""How far can these numbers be trusted? (F31) Headlines in other ways, and what the sample sees."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cxkit.analysis.conventions import SIGNED
from cxkit.analysis.fixed_questions import N_DRAWN
from cxkit.analysis.multiverse import Multiverse, multiverse
from cxkit.analysis.sight import N_TRIES, sight
from cxkit.records import Fit, Fits
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    count,
    name,
    names,
    number,
    said,
    setting,
    short,
)
from cxkit.report.finding import wave as wave_slot
from cxkit.report.sections.scorecard import named

__all__ = ["findings"]

SECTION = "robustness"

Said = tuple[str, dict[str, Slot]]

_ORDER = ("waves", "target", "groups", "levels", "handoff")
"""What is told first of the differences that the sample sees; the table has them all."""


def findings(survey: Any) -> Findings:
    """Each headline in all reasonable ways of analysing the data, and the smallest differences.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.

    Returns
    -------
    Findings
        Whether the headlines of the summary hold, the ways of the one that holds least drawn as a
        curve, those of each finding as a table at hand; the smallest differences that the sample
        finds in 80 of 100 tries.
    """
    now = survey.latest
    context = now.context()
    made, alone = multiverse(now)
    found = _held(made, alone, context)
    if made:
        least = min(made, key=lambda one: (one.k / one.m, -one.m))
        found.append(_curve(least, context))
        found += [_ways(one, context) for one in made if one is not least]
    found.append(_sight(now, context))
    return Findings(found, context=context)


# -- in other ways -------------------------------------------------------------------------------


def _held(made: Sequence[Multiverse], alone: Sequence[str], context: dict[str, Any]) -> list[Any]:
    """Which findings hold in every way, which do not, and which could not be tried."""
    fits = _published(made, context)
    told = _sentences(made, fits, context)
    if alone:
        told.append(("alone", {"list": names(_named(key, context) for key in alone)}))
    if not told:
        told.append(("nothing", {}))
    (variant, slots), *plus = told
    if not made:
        return [Finding(SECTION, "F31", variant, slots, plus=plus, context=context)]
    hang = [one for one in made if one.k < one.m]
    title: Said = ("same", {})
    if len(hang) == 1:
        title = ("one", {"what": name(_named(hang[0].key, context))})
    elif hang:
        title = ("some", {"m": count(len(hang)), "k": count(len(made))})
    whole = Finding(
        SECTION,
        "F31",
        variant,
        slots,
        fits=fits,
        plus=plus,
        table="headlines",
        title=(SECTION, *title),
        options={
            "headlines": [_headline(one, context) for one in made],
            "subtitle": ["robustness", {}],
        },
        notes=_notes(made, context),
        context=context,
    )
    return [whole]


def _sentences(made: Sequence[Multiverse], fits: Fits, context: dict[str, Any]) -> list[Said]:
    held = [one for one in made if one.k == one.m]
    told: list[Said] = []
    if len(held) == 1:
        told += [_about(held[0], fits, context), ("all", {"m": count(held[0].m)})]
    elif held:
        told.append(("held", {"list": names(_named(one.key, context) for one in held)}))
    for one in made:
        if one.k == one.m:
            continue
        ways = {"k": count(one.k), "m": count(one.m)}
        told.append(_about(one, fits, context))
        if one.breaking is None:
            told.append(("joint", ways))
        else:
            told.append(("some", ways | {"choice": name(f"choice:{'_'.join(one.breaking)}")}))
    return told


def _about(one: Multiverse, fits: Fits, context: dict[str, Any]) -> Said:
    """What a finding says in the report, in a few words."""
    verdict, *things = one.said.split("|")
    what = {"what": name(_named(one.key, context))}
    if len(things) > 1:
        return "about_between", what | {"from": name(things[0]), "to": name(things[1])}
    value = name(things[0] if things else f"says:{verdict}")
    if verdict == "inside":  # the range is its own: the number says more
        value = number(fits.only(name=one.key, of=one.fits[0].of))
    return "about", what | {"value": value}


def _named(key: str, context: dict[str, Any]) -> str:
    """What a finding is called; a headline without a target is held against its own range."""
    metrics = [one["metric"] for one in context["outcomes"].values()]
    has_target = any(metric in (context.get("targets") or {}) for metric in metrics[:1])
    return f"finding:{key}" if key != "F04" or has_target else "finding:F04_range"


def _headline(one: Multiverse, context: dict[str, Any]) -> dict[str, Any]:
    """What a table needs to know of a finding beside its records."""
    return {
        "key": one.key,
        "name": _named(one.key, context),
        "breaking": list(one.breaking or ()),
        "then": one.then,
    }


def _published(made: Sequence[Multiverse], context: dict[str, Any]) -> Fits:
    return Fits((fit for one in made for fit in one.fits), context=context).published()


def _notes(made: Sequence[Multiverse], context: dict[str, Any]) -> list[Any]:
    kinds = dict.fromkeys(kind for one in made for kind in one.choices)
    notes: list[Any] = [("note_ways_tried", {"list": names(f"way:{kind}" for kind in kinds)})]
    if any(one.n_left_out for one in made):
        notes.append(("note_ways_apart", {}))
    for one in made:
        if one.n_all > one.m:
            drawn = {"what": name(_named(one.key, context)), "m": count(one.n_all)}
            notes.append(("note_ways_drawn", drawn | {"k": count(one.m), "seed": _seed(context)}))
    if any(one.key == "F17" for one in made):
        notes.append(("note_ways_links", {"k": count(N_DRAWN)}))
    return notes


def _curve(one: Multiverse, context: dict[str, Any]) -> Finding:
    """The ways of the finding that holds in the smallest part of them, drawn."""
    what = {"what": name(_named(one.key, context)), "m": count(one.m)}
    return Finding(
        SECTION,
        "curve",
        fits=_published([one], context),
        figure="curve",
        table="ways",
        title=(SECTION, "curve", what),
        options={**_tabled(one, context), "subtitle": ["curve", {}]},
        context=context,
    )


def _ways(one: Multiverse, context: dict[str, Any]) -> Finding:
    """All ways of one finding, as a table at hand."""
    return Finding(
        SECTION,
        f"{one.key}_ways",
        fits=_published([one], context),
        table="ways",
        title=(SECTION, "each", {"what": name(_named(one.key, context))}),
        options={**_tabled(one, context), "fold": True},
        context=context,
    )


def _tabled(one: Multiverse, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": _named(one.key, context),
        "choices": [[kind, list(tried)] for kind, tried in one.choices.items()],
        "reference": one.reference,
        "is_signed": one.key in SIGNED,
    }


def _seed(context: dict[str, Any]) -> Slot:
    return said({"und": str(context["seed"])})


# -- what the sample sees ------------------------------------------------------------------------


def _sight(now: Any, context: dict[str, Any]) -> Finding:
    """The smallest differences that the sample finds, the change of the headline told first."""
    fits = sight(now).published()
    found = [one for one in fits if one.name == "smallest_difference" and not one.is_hidden]
    if not found:
        return Finding(SECTION, "sight", "nothing", context=context)
    seen = [one for one in found if not math.isnan(one.value)]
    seen.sort(key=lambda one: _ORDER.index(one.of.partition("|")[0]))
    variant, slots = _smallest(seen[0], context) if seen else ("out_of_reach", {})
    plus: list[Said] = []
    if seen and seen[0].verdict in ("seen", "unseen"):
        metric = _metric(seen[0], context)
        matter = {"matter": setting(["matters", metric], seen[0].unit)}
        plus.append((seen[0].verdict, matter))
    notes: list[Any] = [("note_sight", {"k": count(N_TRIES), "seed": _seed(context)})]
    if len(seen) < len(found):
        notes.append(("note_sight_never", {}))
    return Finding(
        SECTION,
        "sight",
        variant,
        slots,
        fits=fits,
        plus=plus,
        table="sight",
        title=(SECTION, "sight", {}),
        options={
            "matters": {one.of: _matter(one, context) for one in found},
            "names": {
                one.of.split("|")[-1]: _measured(one, context)
                for one in found
                if "outcome:" in one.of
            },
            "subtitle": ["sight", {}],
        },
        notes=notes,
        context=context,
    )


def _smallest(one: Fit, context: dict[str, Any]) -> Said:
    kind, *things = one.of.split("|")
    slots: dict[str, Slot] = {"mde": number(one, "value", "raised")}
    if kind in ("levels", "handoff"):
        return kind, slots
    what = _measured(one, context)
    slots["metric"] = short(what) if what.startswith("metric:") else name(what)
    if kind == "waves":
        slots["prev_wave"] = wave_slot(things[1].partition("=")[2])
    if kind == "groups":
        slots["group"] = name(things[0])
    return kind, slots


def _measured(one: Fit, context: dict[str, Any]) -> str:
    """What the headline is called, by the names of the scorecard."""
    return named({"metric": _metric(one, context), "of": one.of.split("|")[-1]}, context)


def _metric(one: Fit, context: dict[str, Any]) -> str:
    """The metric whose `matters` a difference is held against."""
    kind, *things = one.of.split("|")
    matters = context.get("matters") or {}
    if kind == "handoff" and "handoff" in matters:
        return "handoff"
    if kind in ("levels", "handoff"):
        return "score_100"
    return str(context["outcomes"][things[-1].partition(":")[2]]["metric"])


def _matter(one: Fit, context: dict[str, Any]) -> float | None:
    found = (context.get("matters") or {}).get(_metric(one, context))
    return None if found is None else float(found)
