"""Who answered, and whom do they stand for? (F01, F02, F03)"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cxkit.analysis import response, robustness
from cxkit.analysis.composition import make_up, respondents
from cxkit.library import REASONS
from cxkit.records import AMBER, RED, Estimate, Estimates
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    dates,
    name,
    names,
    number,
    said,
    wave,
)
from cxkit.report.sections.pyramid import drawing_order
from cxkit.report.sections.scorecard import headline, measures, named, pairs

__all__ = [
    "base_table",
    "exclusions",
    "findings",
    "funnel",
    "known_shares",
    "printed_alike",
    "private_groups",
    "questions",
    "weight_notes",
]

_FRAMES = {"customers": "customers_only", "visitors": "visitors_only"}
_DESIGNS = {"opt_in": "opt_in", "probability": "probability", "census": "census"}


def findings(survey: Any) -> Findings:
    """Whose answers these are, whom they stand for, what was set aside, and what is disclosed."""
    now = survey.latest
    context = now.context()
    (everyone,) = respondents(now)
    found = [_sample(everyone, context), *_frame(context), exclusions(now, context)]
    found.append(_each_wave(survey, context))
    found += [*_weighted(now, context), funnel(now, context)]
    found += [one for one in (_composition(now, context), base_table(now, context)) if one]
    found.append(_disclosure(now, everyone, context))
    return Findings(found, context=context)


# -- how many, and for whom they stand -----------------------------------------------------------


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


# -- what was set aside --------------------------------------------------------------------------


def exclusions(
    now: Any, context: dict[str, Any], section: str = "who_answered", found: Any = None
) -> Finding:
    """How many responses were set aside, mostly why, and the headline with and without them.

    `found` are the headlines in each way, where they are at hand.
    """
    aside = response.set_aside(now).published(min_base=0, warn_base=0)
    whole = response.funnel(now).published(min_base=0, warn_base=0)
    n_aside = whole.only(metric="responses", of="response:set_aside")
    if n_aside.is_hidden:
        return Finding(section, "F03", "hidden", context=context)
    if not aside:
        return _none_set_aside(now, context, section)
    share = whole.only(metric="share", of="response:set_aside", by_whole="started")
    most = [one.of for one in aside if one.estimate == aside[0].estimate]
    slots = {
        "n_excluded": number(n_aside),
        "n_started": number(n_aside, "n"),
        "share": number(share, style=_style(share)),
        "top_rule": names(most),
    }
    several = "some" if len(aside) > 1 else "some_one_rule"
    how_many = "one" if n_aside.estimate == 1 else several
    ending, more, shown = _with_and_without(now, context, found)
    variant = _FEW[how_many] if ending == "_few" else how_many + ending
    records = Estimates([*whole, *aside, *shown], is_published=True)
    told = Finding(section, "F03", variant, slots | more, estimates=records, context=context)
    return told.only_what_it_says()


_FEW = {"one": "one_few", "some": "few", "some_one_rule": "few_one_rule"}
"""How it is told where what it changes would tell of too few people."""


def _style(share: Estimate) -> str:
    """How a share is worded: one that would print as none or all, and is neither, as near it."""
    from cxkit.wording import printed

    is_lost = 0 < share.estimate < 1 and printed(share.estimate, "share") in (0, 100)
    return "chance" if is_lost else "number"


def _none_set_aside(now: Any, context: dict[str, Any], section: str) -> Finding:
    marked = _flagged(now)
    if not marked:
        return Finding(section, "F03", "none_unchecked", context=context)
    slots = {"n_flagged": number(marked[0])}
    return Finding(
        section,
        "F03",
        "none",
        slots,
        estimates=Estimates(marked, is_published=True),
        context=context,
    )


def _flagged(now: Any) -> list[Estimate]:
    """How many responses at least one rule flags; nothing where none could be held against any."""
    rates = response.flagged(now).published(min_base=0, warn_base=0)
    return list(rates.where(metric="responses", of="rules:any"))


def _with_and_without(
    now: Any, context: dict[str, Any], found: Any
) -> tuple[str, dict[str, Slot], list[Estimate]]:
    """The headline as reported and with those set aside, and which form of the sentence says it."""
    first = headline(measures(now, context))
    if first is None:
        return "_alone", {}, []
    if found is None:
        found = robustness.headlines(now, pairs([first]), only=("used", "everybody"))
    both = found.published().where(metric=first["metric"], of=first["of"])
    used, everybody = (both.where(by_answers=way) for way in ("used", "everybody"))
    if used and not used[0].is_hidden and any("hidden_privacy" in x.flags for x in everybody):
        return "_few", {}, []
    if not used or not everybody or any(one.is_hidden or not one.n for one in (*used, *everybody)):
        return "_alone", {}, []
    slots = {
        "metric": name(named(first, context)),
        "est": number(used[0]),
        "alt": number(everybody[0]),
    }
    is_same = printed_alike(used[0], everybody[0])
    return ("_same" if is_same else ""), slots, [used[0], everybody[0]]


def printed_alike(a: Estimate, b: Estimate) -> bool:
    """Whether two numbers look the same to the reader."""
    from cxkit.wording import printed

    return printed(a.estimate, a.unit) == printed(b.estimate, b.unit)


# -- waves and weights ---------------------------------------------------------------------------


def _each_wave(survey: Any, context: dict[str, Any]) -> Finding:
    waves = response.each_wave(survey)
    rows = Estimates((row for one in waves for row in respondents(one)), context=context)
    shown = rows.published()
    if context["has_weight"]:
        shown += response.weights(survey).published(min_base=0, warn_base=0)
    return Finding(
        "who_answered",
        "waves",
        estimates=shown,
        table="waves",
        title=("who_answered", *_title(shown.where(metric="respondents"), context)),
        options={
            "dates": _fieldwork(context),
            "has_weight": context["has_weight"],
            "subtitle": ["who_answered", {}],
        },
        notes=[*_wave_notes(context), *weight_notes(survey.latest, shown)],
        context=context,
    )


def _wave_notes(context: dict[str, Any]) -> list[Any]:
    """What the study says of a wave in its own words."""
    return [
        ("note_wave", {"wave": wave(key), "text": said(one["note"])})
        for key, one in context["waves"].items()
        if one.get("note")
    ]


def weight_notes(now: Any, shown: Estimates) -> list[Any]:
    """By what the answers are weighted, and what that costs where it costs much."""
    found = [one for one in shown.where(metric="weighting_efficiency") if one.wave == now.wave]
    if not found:
        return []
    efficiency = {"efficiency": number(found[-1])}
    margins = [f"segment:{key}" for key in known_shares(now)]
    key = "note_weight" if margins else "note_weight_given"
    notes: list[Any] = [(key, efficiency | ({"margins": names(margins)} if margins else {}))]
    if found[-1].estimate < RED:
        notes.append(("note_efficiency_red", efficiency))
    elif found[-1].estimate < AMBER:
        notes.append(("note_efficiency_amber", efficiency))
    return notes


def known_shares(now: Any) -> dict[str, dict[str, float]]:
    """The population's shares that a wave is weighted to, of each variable by itself."""
    weighting = now.study.weighting
    if weighting is None:
        return {}
    targets = weighting.of(now.wave or "")
    if targets.rake:
        return {key: _parts(shares) for key, shares in targets.rake.items()}
    return _of_cells(targets.cells.by, targets.cells.shares) if targets.cells else {}


def _parts(shares: Mapping[str, float]) -> dict[str, float]:
    """Shares as parts of their sum, as they are raked to."""
    total = math.fsum(shares.values())
    return {key: share / total for key, share in shares.items()}


def _of_cells(by: Iterable[str], shares: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The share of each value of each variable, summed over the cells that it is part of."""
    made: dict[str, dict[str, float]] = {key: {} for key in by}

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if isinstance(node, Mapping):
            for value, inner in node.items():
                walk(inner, (*path, str(value)))
            return
        for key, value in zip(made, path, strict=True):
            made[key][value] = made[key].get(value, 0.0) + float(node)

    walk(shares, ())
    return {key: _parts(shares) for key, shares in made.items()}


def _weighted(now: Any, context: dict[str, Any]) -> list[Finding]:
    """The outcomes (the levels, where there are none) with weights and without, side by side."""
    asked = measures(now, context)
    outcomes = [one for one in asked if one["of"].startswith("outcome:")]
    if not context["has_weight"] or not asked:
        return []
    asked = outcomes or asked
    both = robustness.unweighted(now, pairs(asked))
    is_private = any("hidden_privacy" in one.flags for one in both)
    found = Finding(
        "who_answered",
        "weighted",
        estimates=both.published(),
        comparisons=robustness.differences(both, "weights").published(),
        table="weighted",
        title=("numbers", "weighted", {}),
        options={"measures": asked, "subtitle": ["weighted", {}]},
        notes=[("note_rounding", {}), *([("note_few_apart", {})] if is_private else [])],
        context=context,
    )
    return [found]


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


# -- from invitation to report -------------------------------------------------------------------


def funnel(now: Any, context: dict[str, Any], section: str = "who_answered") -> Finding:
    """The response funnel; out of the way where no step but those used is known."""
    steps = response.funnel(now).published(min_base=0, warn_base=0)
    aside = response.set_aside(now).published(min_base=0, warn_base=0)
    doubtful = response.doubtful(now).published(min_base=0, warn_base=0)
    told = [("note_doubtful", {"n": number(one)}) for one in doubtful if not one.is_hidden]
    told += [("note_no_everybody", {})] if now.with_excluded is None else []
    flagged = [] if aside else _flagged(now)
    known = {one.of for one in steps if one.metric == "responses" and one.n}
    is_plain = not aside and not known & {"response:invited", "response:finished"}
    return Finding(
        section,
        "funnel",
        estimates=Estimates([*steps, *aside, *doubtful, *flagged], is_published=True),
        table="funnel",
        title=("numbers", "funnel", {}),
        options={
            "steps": list(response.STEPS),
            "fold": is_plain and section == "who_answered",
            "subtitle": ["funnel", {}],
        },
        notes=[("note_funnel", {}), *told],
        context=context,
    )


# -- make-up of the sample -----------------------------------------------------------------------


def _composition(survey: Any, context: dict[str, Any]) -> Finding | None:
    """The make-up of the sample; a group too small to be private has neither share nor count.

    A segment of which one group was chosen has nothing to tell: everybody is of that group.
    """
    chosen = Counter(key for key, _ in context["filters"])
    segments = [key for key in context["segments"] if chosen[key] != 1]
    if not survey.n or not segments:
        return None
    everyone = Estimates(make_up(survey, segments), context=context)
    hidden = private_groups(everyone)
    shown = [one for one in everyone.published() if not _is_among(one, hidden)]
    return Finding(
        "who_answered",
        "composition",
        estimates=Estimates(shown, is_published=True),
        table="answered",
        title=("numbers", "make_up", {}),
        options={"fold": True, "hidden": hidden, "targets": known_shares(survey)},
        notes=[("note_privacy", {})] if hidden else [],
        context=context,
    )


def private_groups(everyone: Estimates) -> dict[str, list[str]]:
    """The groups of each segment that are too small to be told, nor how many they are."""
    hidden: dict[str, list[str]] = {}
    counts = everyone.published(min_base=0, warn_base=0)  # a count needs no precision
    small = [one for one in counts if one.metric == "respondents" and one.is_hidden]
    for of, (segment, value) in sorted((one.of, *one.by.items()) for one in small):
        hidden.setdefault(of, []).append(f"{segment}={value}")
    return hidden


def _is_among(one: Estimate, hidden: Mapping[str, list[str]]) -> bool:
    ((segment, value),) = one.by.items()
    return f"{segment}={value}" in hidden.get(one.of, ())


# -- base of each question -----------------------------------------------------------------------


def base_table(now: Any, context: dict[str, Any], section: str = "who_answered") -> Finding | None:
    """Of each question how many answered, and why the others did not."""
    asked = questions(now, context)
    if not asked or not now.n:
        return None
    hidden = response.private_reasons(now)
    found = {reason for of in asked for reason in now.missing(of)}
    return Finding(
        section,
        "base",
        estimates=response.missing(now).published(min_base=0, warn_base=0),
        table="base_table",
        title=("numbers", "base", {}),
        options={
            "fold": True,
            "reasons": [key for key in _REASONS if key in found],
            "questions": asked,
            "hidden": hidden,
            "bases": {of: _base_of(of, context) for of in asked},
        },
        notes=[("note_skipped", {}), *([("note_private_reasons", {})] if hidden else [])],
        context=context,
    )


_REASONS = tuple(one for one in (*REASONS, "not_reached") if one != "no_answer")
"""Reasons for a missing answer in the order of their columns; a skipped question has its own."""


def questions(now: Any, context: dict[str, Any]) -> list[str]:
    """What was asked, statements in the order of every table: apex first."""
    found = response.questions(now)
    of_level = {f"item:{key}": one["level"] for key, one in context["items"].items()}
    order = [*reversed(drawing_order(context["framework"])), None]
    items = [of for of in found if of in of_level]
    items.sort(key=lambda of: order.index(of_level[of]))
    return items + [of for of in found if of not in of_level]


def _base_of(of: str, context: dict[str, Any]) -> str | None:
    kind, _, key = of.partition(":")
    if kind == "rating":
        return f"stage:{key}" if key in context["reached"] else None
    shelf = {"item": "items", "outcome": "outcomes"}[kind]
    asked = {**context[shelf], **context.get(f"further_{shelf}", {})}
    base = asked[key].get("base")
    return None if base is None else str(base)


# -- what is disclosed ---------------------------------------------------------------------------

TOPICS = (
    "sponsor", "conducted_by", "population", "frame", "source", "design", "recruitment",
    "incentive", "mode", "languages", "dates", "sample_size", "precision", "weighting", "quality",
    "questionnaire", "limits", "contact",
)  # fmt: skip
"""What a reader must know of how the answers were collected (AAPOR), in this order."""


def _disclosure(now: Any, everyone: Estimate, context: dict[str, Any]) -> Finding:
    study = now.study
    stated = study.disclosure.model_dump(mode="json")
    told = [one for one in response.flagged(now) if one.metric == "flagged" and one.n]
    rules = [one.of.removeprefix("rule:") for one in told if one.of.startswith("rule:")]
    return Finding(
        "who_answered",
        "disclosure",
        estimates=Estimates([everyone], context=context).published(),
        table="disclosure",
        title=("numbers", "disclosure", {}),
        options={
            "fold": True,
            "topics": list(TOPICS),
            "said": {key: text for key, text in stated.items() if text},
            "sample": context["sample"],
            "languages": list(study.languages),
            "dates": context["fielded"],
            "rules": rules,
            "weighting": {
                "margins": [f"segment:{key}" for key in known_shares(now)],
                "is_weighted": context["has_weight"],
            },
        },
        context=context,
    )
