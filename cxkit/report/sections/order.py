"""Is it a pyramid in these data, and how far is it one impression? (F07, F08)

Stands in the section of the pyramid, below the scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cxkit.analysis import measurement, scoring
from cxkit.analysis.order import MAIN_CUT, Order, orders
from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report.finding import Finding, Slot, all_units, name, names, number

__all__ = ["one_impression", "order"]

_FEWEST = 3
"""A general factor needs so many levels."""

_MAIN = f"{MAIN_CUT:g}"

Said = tuple[str, dict[str, Slot]]


def order(survey: Any) -> list[Finding]:
    """The readings of the order, tested: the one of the figure first; nothing to a plain list."""
    now = survey.latest
    context = now.context()
    found = orders(now)
    if not found:
        return []
    estimates, comparisons, fits = _published(found, context)
    variant, slots = _verdict(now, found[0], estimates, fits)
    has_numbers = not math.isnan(fits[0].value)
    others = _others(found, estimates) if has_numbers else []
    made = Finding(
        "pyramid",
        "F07",
        variant,
        slots,
        estimates=estimates,
        comparisons=comparisons,
        fits=fits,
        plus=others,
        table="order" if has_numbers else None,
        title=("numbers", "order", {}) if has_numbers else None,
        options={
            "readings": [[one.reading, list(one.levels)] for one in found],
            "fold": has_numbers,
        },
        notes=_notes(found[0], estimates, fits) if has_numbers else (),
        context=context,
    )
    return [made]


def one_impression(survey: Any) -> list[Finding]:
    """How much of the levels' shared movement is one impression; nothing for two levels or one."""
    now = survey.latest
    context = now.context()
    framework = now.study.framework
    if framework is None or len(framework.levels) < _FEWEST:
        return []
    model = measurement.structure(now, second_order=True)
    made = [one for one in model.fits if one.name == "general_share"] if model is not None else []
    fits = Fits(made, context=context).published()
    k = len(model.constructs) if model is not None else len(framework.levels)
    every = {"all_units": all_units(k), "All_units": all_units(k)}
    if model is not None and k < len(scoring.levels(now.study)):
        every = dict.fromkeys(every, names(model.constructs))
    variant, slots, plus = _impression(fits, every, model)
    told = Finding("pyramid", "F08", variant, slots, fits=fits, plus=plus, context=context)
    if variant not in ("high", "some", "some_alone"):
        return [told]
    numbers = Finding(
        "pyramid",
        "general",
        fits=fits,
        table="general",
        title=("numbers", "general", {}),
        options={"fold": True},
        context=context,
    )
    return [told, numbers]


# -- the order ------------------------------------------------------------------------------------


def _published(found: Sequence[Order], context: Any) -> tuple[Estimates, Comparisons, Fits]:
    estimates = [
        row for one in found for rows in (one.skips, one.errors, one.without) for row in rows
    ]
    fits: list[Fit] = []
    for one in found:
        fits += [one.verdict, *one.expected, *one.ratios, *one.h, *one.limits]
        fits += [one.lead] if one.lead is not None else []
    fits += [*found[0].closest, *found[0].varied]
    estimates += [*found[0].met, *([found[0].same] if found[0].same is not None else [])]
    differences = [row for one in found for rows in (one.steps, one.necessity) for row in rows]
    return (
        Estimates(estimates, context=context).published(),
        Comparisons(differences, context=context).published(),
        Fits(fits, context=context).published(),
    )


def _verdict(survey: Any, found: Order, estimates: Estimates, fits: Fits) -> Said:
    """What is said of the reading that the figure shows."""
    k = len(found.levels)
    every = {"all_units": all_units(k), "All_units": all_units(k)}
    word = found.verdict.verdict
    if fits[0].is_hidden:
        return "few_respondents", every
    if found.why == "not_measured":
        asked = scoring.levels(survey.study)
        missing = [one for one in found.levels if not asked.get(one.partition(":")[2])]
        return ("not_measured", every | {"list": names(missing)}) if missing else ("nobody", every)
    if word == "consistent":
        share = estimates.only(metric="skips_no_level", of=found.verdict.of, by_cut=_MAIN)
        return word, {"share": number(share), "n": number(share, "n")}
    if word == "contradicted":
        return word, _without(found, estimates)
    if found.why == "one_impression":
        return word, every
    if found.why == "same_score":
        return found.why, every | _same_score(found, estimates)
    return str(found.why), every


def _same_score(found: Order, estimates: Estimates) -> dict[str, Slot]:
    """How many have the same score on all levels."""
    of = found.verdict.of
    return {"share": number(estimates.only(metric="same_score_throughout", of=of))}


def _others(found: Sequence[Order], estimates: Estimates) -> list[Said]:
    """What is said of the other readings; all at once where it is the same as of the first."""
    first, *others = found
    if others and first.why and {one.why for one in others} == {first.why}:
        return [("other_same", {})]
    return [_other(one, estimates) for one in others]


def _other(found: Order, estimates: Estimates) -> Said:
    """What is said of another reading, beside the first."""
    word = found.verdict.verdict
    slots = {"level": name(found.levels[-1])}
    if word == "contradicted":
        slots |= _without(found, estimates)
    return f"other_{word}", slots


def _without(found: Order, estimates: Estimates) -> dict[str, Slot]:
    """How many meet the upper level of the pair that contradicts most, and not the lower."""
    assert found.skipped is not None, "an order is contradicted by a pair of levels"
    lower, upper = found.skipped
    share = next(
        one
        for one in estimates.where(metric="upper_without_lower", of=upper)
        if one.by["without"] == lower.partition(":")[2]
    )
    return {"share": number(share), "upper": name(upper), "lower": name(lower)}


def _notes(found: Order, estimates: Estimates, fits: Fits) -> list[Any]:
    cuts = fits.where(name="met_from")
    main = next(one for one in cuts if one.value == MAIN_CUT)
    other = next(one for one in cuts if one.value != MAIN_CUT)
    limit = fits.where(name="fewer_than")[0]
    blocked = found.why == "same_score"
    return [
        ("note_met", {"cut": number(main, "value"), "cut2": number(other, "value")}),
        ("note_placeable", {"n": number(fits[0], "n"), "n_eff": number(fits[0], "n_eff")}),
        ("note_one_impression", {"limit": number(limit, "value")}),
        *([("note_same_score", _same_score(found, estimates))] if blocked else []),
    ]


# -- one impression -------------------------------------------------------------------------------


def _impression(
    fits: Fits, every: dict[str, Slot], model: Any
) -> tuple[str, dict[str, Slot], list[Said]]:
    """What is said of the share; a model whose levels are inseparable prints none."""
    if len(fits) and fits[0].is_hidden:
        return "hidden", every, []
    if model is not None and model.inseparable:
        base = {"n": number(fits[0], "n")}
        return "as_one", every | {"list": names(model.inseparable)}, [("base", base)]
    if not len(fits) or not fits[0].n or "unreliable" in fits[0].flags:
        return "not_measured", every, []
    share = fits[0]
    slots = every | {"share": number(share, "value")}
    ends = {"lo": number(share, "ci_low"), "hi": number(share, "ci_high"), "n": number(share, "n")}
    plus: list[Said] = [("poor", {})] if share.verdict == "poor" else []
    if model.is_nearly_one:
        has_range = share.ci_low == share.ci_low
        return "high", slots, [*([("range", ends)] if has_range else []), *plus]
    if share.ci_low != share.ci_low:
        return "some_alone", slots, plus
    return "some", slots | ends, plus
