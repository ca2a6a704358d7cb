"""Which responses deserve a look, and would leaving them out change the results? (F03)"""

from __future__ import annotations

import dataclasses
from typing import Any

from cxkit.analysis import response, robustness
from cxkit.analysis.composition import make_up
from cxkit.records import Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, name, number
from cxkit.report.sections.scorecard import headline, measures, named, pairs
from cxkit.report.sections.who_answered import (
    base_table,
    exclusions,
    funnel,
    known_shares,
    printed_alike,
    private_groups,
    questions,
    weight_notes,
)

__all__ = ["findings"]

SECTION = "data_quality"


def findings(survey: Any) -> Findings:
    """Flags by rule, what each would change, how long it took, what is missing, the weights."""
    now = survey.latest
    context = now.context()
    asked = measures(now, context)
    found = robustness.headlines(now, pairs(asked)) if asked else None
    shown = [exclusions(now, context, SECTION, found), *_flagged(now, context)]
    shown.append(funnel(now, context, SECTION))
    if found is not None and len(robustness.ways(now)) > 1:
        shown.append(_sensitivity(now, asked, found, context))
    shown += _decided(now, context)
    shown += [*_durations(survey, context), *_missing(survey, now, context)]
    if context["has_weight"]:
        shown += _weights(survey, now, context)
    return Findings(shown, context=context)


# -- flags ---------------------------------------------------------------------------------------


def _flagged(now: Any, context: dict[str, Any]) -> list[Finding]:
    """How many responses are flagged, and by which rule with which threshold."""
    made = response.flagged(now).published(min_base=0, warn_base=0)
    if not made:
        return []
    limits, why_not = _rules(now)
    records = Estimates([*made, *response.set_aside(now), *limits], context=context).published(
        min_base=0, warn_base=0
    )
    variant, slots = _said(records)
    told = Finding(
        SECTION,
        "flags",
        variant,
        slots,
        estimates=records,
        table="flags",
        title=("numbers", "flags", {}),
        options={
            "rules": list(response.rules(now)),
            "speed": now.study.quality.speed,
            "why_not": why_not,
            "subtitle": ["flags", {}],
        },
        notes=[
            ("note_flags", {}),
            *([] if _has_reversed(context) else [("note_straight", {})]),
            ("note_even_odd", {}),
        ],
        context=context,
    )
    return [told]


def _said(made: Estimates) -> tuple[str, dict[str, Slot]]:
    whole = made.where(metric="responses", of="rules:any")
    if not whole:
        return "unchecked", {}
    if whole[0].is_hidden:
        return "", {}
    slots = {"n": number(whole[0], "n")}
    if not whole[0].estimate:
        return "none", slots
    several = made.only(metric="responses", of="rules:several")
    share = made.only(metric="flagged", of="rules:any")
    if whole[0].estimate == 1:
        return "one", slots | {"share": number(share)}
    slots |= {"n_flagged": number(whole[0]), "share": number(share), "m": number(several)}
    return "some", slots


_OF_ANSWERS = ("fast",)
"""Rules whose threshold follows from the answers themselves; those of others are set."""
_UNITS = {"share": "share", "of_range": "share", "p": "scale", "score": "scale"}
"""Units of thresholds as records have them; others are counts."""


def _rules(now: Any) -> tuple[list[Estimate], dict[str, str]]:
    """The thresholds of the rules in this wave as records, and why a rule could not be applied."""
    records, why_not = [], {}
    applied = now.flag_rules
    for one in applied[applied["wave"] == now.wave].itertuples():
        why_not[str(one.rule)] = str(one.why_not)
        for metric, value in (("flag_limit", one.threshold), ("duration", one.median)):
            if value == value:
                unit = "count" if metric == "duration" else _UNITS.get(one.unit, "count")
                n = one.n_assessed if one.rule in _OF_ANSWERS else one.n
                bases: dict[str, Any] = {"n": n, "n_eff": float(n)}
                records.append(
                    Estimate(metric, f"rule:{one.rule}", value, unit=unit, wave=now.wave, **bases)
                )
    return records, why_not


def _has_reversed(context: dict[str, Any]) -> bool:
    """Whether a statement is worded against the others, so that one answer cannot fit all."""
    return any(one.get("keyed") == "negative" for one in context["items"].values())


# -- headlines in other ways ---------------------------------------------------------------------


def _sensitivity(
    now: Any, asked: list[dict[str, Any]], found: Estimates, context: dict[str, Any]
) -> Finding:
    ways, private = robustness.ways(now), robustness.private_ways(now)
    is_private = any("hidden_privacy" in one.flags for one in found)
    shown = found.published()
    return Finding(
        SECTION,
        "sensitivity",
        estimates=shown,
        comparisons=robustness.differences(found).published(),
        table="sensitivity",
        title=_moves(asked, shown, context),
        options={
            "measures": asked,
            "ways": list(ways),
            "bases": {way: None if way in private else one.n for way, one in ways.items()},
            "subtitle": ["sensitivity", {}],
        },
        notes=[
            ("note_ways_kept" if now.with_excluded is None else "note_ways", {}),
            ("note_may", {}),
            ("note_rounding", {}),
            *([("note_few_apart", {})] if is_private else []),
        ],
        context=context,
    )


def _moves(
    asked: list[dict[str, Any]], shown: Estimates, context: dict[str, Any]
) -> tuple[str, str, dict[str, Slot]]:
    """Between which values the headline lies, whichever responses are used."""
    first = headline(asked)
    if first is None:
        return "numbers", "sensitivity", {}
    own = shown.where(metric=first["metric"], of=first["of"])
    if not own or any(one.is_hidden or not one.n for one in own):
        return "numbers", "sensitivity", {}
    low, high = (pick(own, key=lambda one: one.estimate) for pick in (min, max))
    slots: dict[str, Slot] = {"metric": name(named(first, context))}
    if printed_alike(low, high):
        return "sensitivity", "same", slots | {"est": number(own[0])}
    return "sensitivity", "between", slots | {"lo": number(low), "hi": number(high)}


def _decided(now: Any, context: dict[str, Any]) -> list[Finding]:
    """What was decided on responses that were looked at: set aside, or kept."""
    made = response.decisions(now)
    if not made:
        return []
    found = Finding(
        SECTION,
        "decided",
        estimates=made.published(min_base=0, warn_base=0),
        table="decisions",
        title=("numbers", "decided", {}),
        notes=[("note_decided", {})],
        context=context,
    )
    return [found]


# -- how long, and what is missing ---------------------------------------------------------------


def _durations(survey: Any, context: dict[str, Any]) -> list[Finding]:
    made = response.durations(survey)
    if not made:
        return []
    found = Finding(
        SECTION,
        "durations",
        estimates=made.published(min_base=0, warn_base=0),
        table="durations",
        title=("numbers", "durations", {}),
        options={
            "quantiles": list(response.QUANTILES),
            "waves": [one.wave for one in response.each_wave(survey)],
            "subtitle": ["durations", {}],
        },
        notes=[("note_durations", {})],
        context=context,
    )
    return [found]


def _missing(survey: Any, now: Any, context: dict[str, Any]) -> list[Finding]:
    """The base of each question, and item non-response wave by wave."""
    base = base_table(now, context, SECTION)
    if base is None:
        return []
    waves = [one.wave for one in response.each_wave(survey)]
    if len(waves) < 2:
        return [base]
    by_wave = Finding(
        SECTION,
        "skips",
        estimates=response.unanswered(survey).published(min_base=0, warn_base=0),
        table="skips",
        title=("numbers", "skips", {}),
        options={"fold": True, "waves": waves, "questions": questions(now, context)},
        notes=[("note_skipped", {})],
        context=context,
    )
    return [base, by_wave]


# -- weights -------------------------------------------------------------------------------------


def _weights(survey: Any, now: Any, context: dict[str, Any]) -> list[Finding]:
    made = response.weights(survey).published(min_base=0, warn_base=0)
    return [
        Finding(
            SECTION,
            "weights",
            estimates=made,
            table="weights",
            title=("numbers", "weights", {}),
            options={
                "waves": [one.wave for one in response.each_wave(survey)],
                "subtitle": ["weights", {}],
            },
            notes=weight_notes(now, made),
            context=context,
        ),
        *_margins(now, context),
    ]


def _margins(now: Any, context: dict[str, Any]) -> list[Finding]:
    """The make-up of the respondents with weights and without, beside what is known of it."""
    known = known_shares(now)
    targets = {key: shares for key, shares in known.items() if key in context["segments"]}
    if not targets:
        return []
    weighted = Estimates(make_up(now, targets), context=context)
    once = make_up(robustness.counted_once(now), targets)
    plain = [dataclasses.replace(one, by={**one.by, "weights": "none"}) for one in once]
    shown = Estimates(
        (one for one in (*weighted, *plain) if one.metric == "share"), context=context
    )
    hidden = private_groups(weighted)
    every = {group for groups in hidden.values() for group in groups}
    kept = [one for one in shown.published() if not every & {f"{k}={v}" for k, v in one.by.items()}]
    found = Finding(
        SECTION,
        "margins",
        estimates=Estimates(kept, is_published=True),
        table="margins",
        title=("numbers", "margins", {}),
        options={
            "targets": [[key, list(shares.items())] for key, shares in targets.items()],
            "hidden": sorted(every),
            "subtitle": ["margins", {}],
        },
        notes=[("note_privacy", {})] if every else [],
        context=context,
    )
    return [found]
