"""Where do we lose people, and where does the experience drop? (F10 to F13)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import journey as stages
from cxkit.analysis.contrasts import Leader
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    fragments,
    handoffs,
    name,
    number,
)
from cxkit.report.sections import moves, within_stages
from cxkit.report.sections.scorecard import unseen

__all__ = ["findings"]


def findings(survey: Any) -> Findings:
    """Reach, the largest loss, the worst hand-off, the stages drawn; price, quality, moves."""
    now = survey.latest
    context = now.context()
    if not context["journey"]:
        what = {"what": name("what:journey")}
        missing = Finding("journey", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    reach = Estimates(stages.reach(now), context=context).published()
    onward = Estimates(stages.conversion(now), context=context).published()
    skips = Estimates(stages.skipped(now), context=context).published()
    ratings = Estimates(stages.ratings(now), context=context).published()
    drops = Comparisons(stages.handoffs(now), context=context).published()
    leak, worst = stages.leak(now), stages.worst_handoff(now)
    loss, drop = _loss(leak, onward, context), _drop(worst, drops, context)
    found = [
        _reach(reach, context),
        loss,
        drop if drop is not None else _unrated(ratings, context),
        _drawn(reach, onward, skips, ratings, loss, drop, leak, context),
        _handoffs(drops, context) if len(drops) else None,
        *within_stages.findings(now),
        *moves.findings(now),
        moves.phases(now, ratings),
    ]
    return Findings([one for one in found if one is not None], context=context)


def _reach(reach: Estimates, context: dict[str, Any]) -> Finding:
    frame = context["sample"].get("frame")
    if not context["reached"]:
        return unseen(None, "what:reach", "journey", context)
    if frame not in ("market", "visitors"):
        return Finding("journey", "F10", "other_frames", context=context)
    shown = [one for one in reach if one.n and not one.is_hidden]
    rows = Estimates(shown, is_published=True)
    parts = [
        ("reach", one.of.partition(":")[2], number(one, "estimate", "hundred"))
        for one in rows
        if one.method != "by_definition"
    ]
    if not parts:
        asked = [one for one in reach if one.method != "by_definition"]
        largest = max(asked, key=_size, default=None)
        return unseen(largest, "what:reach", "journey", context)
    variant = "market_sample_list" if frame == "market" else "visitors_list"
    slots = {"list": fragments(parts)}
    return Finding("journey", "F10", variant, slots, estimates=rows, context=context)


def _size(one: Estimate) -> float:
    """A base to put bases in order; one that privacy hides is small, and not nothing."""
    return 1 if "hidden_privacy" in one.flags else one.n


def _unrated(ratings: Estimates, context: dict[str, Any]) -> Finding | None:
    """That stages were not rated, or by too few; nothing where a single one was."""
    largest = max(ratings, key=_size, default=None)
    if largest is not None and largest.n and not largest.is_hidden:
        return None
    asked = [one for one in ratings if "not_measured" not in one.flags]
    return unseen(largest if asked else None, "what:stage_ratings", "journey", context)


def _next(stage: str, context: dict[str, Any]) -> str:
    order = context["reached"]
    key = stage.partition(":")[2]
    return f"stage:{order[order.index(key) + 1]}"


def _loss(leak: Leader, onward: Estimates, context: dict[str, Any]) -> Finding | None:
    if leak.first is None:
        return None
    shown = [one for one in onward if one.n and not one.is_hidden]
    rows = Estimates(shown, is_published=True)
    if leak.key is None and len(shown) > 1:
        variant = "some_hidden" if leak.n_hidden else "tie"
        return Finding("journey", "F11", variant, estimates=rows, context=context)
    one = rows.only(of=leak.key or leak.first)
    slots = {
        "from": name(one.of),
        "to": name(_next(one.of, context)),
        "conv": number(one),
        "lo": number(one, "ci_low"),
        "hi": number(one, "ci_high"),
        "n": number(one, "n"),
    }
    is_clear = leak.key is not None and len(shown) > 1
    alone = "one" if sum(one.n > 0 for one in onward) == 1 else "one_shown"
    variant, direction = ("clear", "bad") if is_clear else (alone, "flat")
    return Finding(
        "journey",
        "F11",
        variant,
        slots,
        estimates=rows,
        headline=number(one),
        direction=direction,
        context=context,
    )


def _drop(worst: Leader, drops: Comparisons, context: dict[str, Any]) -> Finding | None:
    shown = [one for one in drops if one.verdict != "hidden"]
    rows = Comparisons(shown, is_published=True)
    if worst.first is None or not shown:
        return None
    if worst.n_hidden:
        return Finding("journey", "F12", "some_hidden", comparisons=rows, context=context)
    if len(shown) == 1:
        return _one_handoff(rows[0], "one_drop" if rows[0].difference < 0 else "one_rise", context)
    if worst.key is not None:
        return _one_handoff(rows.only(a=worst.key), "clear", context)
    tied = [one for one in rows if one.a in (worst.tied or (worst.first,))]
    if len(tied) == 1:
        return _lowest(tied[0], context)
    listed = [(one.b, one.a, number(one, "difference", "size")) for one in tied]
    is_drop = [one.is_clear and one.difference < 0 for one in tied]
    variant = "tie" if all(is_drop) else "tie_mixed"
    slots = {"list": handoffs(listed)}
    return Finding("journey", "F12", variant, slots, comparisons=rows, context=context)


def _lowest(one: Comparison, context: dict[str, Any]) -> Finding:
    """The hand-off that is clearly below the others, though no drop of its own is clear."""
    slots = {
        "from": name(one.b),
        "to": name(one.a),
        "diff": number(one, "difference", "signed"),
        "lo": number(one, "ci_low", "signed"),
        "hi": number(one, "ci_high", "signed"),
        "n": number(one, "n_a"),
    }
    return Finding(
        "journey",
        "F12",
        "lowest",
        slots,
        comparisons=Comparisons([one], is_published=True),
        headline=number(one, "difference", "signed"),
        context=context,
    )


def _one_handoff(one: Comparison, variant: str, context: dict[str, Any]) -> Finding:
    falls = one.difference < 0
    ends = ("ci_high", "ci_low") if falls else ("ci_low", "ci_high")
    is_sized = one.ci_low * one.ci_high > 0
    slots = {
        "from": name(one.b),
        "to": name(one.a),
        "down" if falls else "up": number(one, "difference", "size"),
        "lo": number(one, ends[0], "bound" if is_sized else "signed"),
        "hi": number(one, ends[1], "bound" if is_sized else "signed"),
        "n": number(one, "n_a"),
    }
    return Finding(
        "journey",
        "F12",
        variant,
        slots,
        comparisons=Comparisons([one], is_published=True),
        headline=number(one, "difference", "signed"),
        direction="bad" if variant == "clear" else "flat",
        context=context,
    )


def _drawn(
    reach: Estimates,
    onward: Estimates,
    skips: Estimates,
    ratings: Estimates,
    loss: Finding | None,
    drop: Finding | None,
    leak: Leader,
    context: dict[str, Any],
) -> Finding:
    onward = Estimates(
        (one for one in onward if "not_measured" not in one.flags), is_published=True
    )
    estimates = Estimates([*reach, *onward, *skips, *ratings], context=context, is_published=True)
    comparisons = drop.comparisons if drop is not None else Comparisons((), is_published=True)
    rated = any(one.n for one in ratings)
    is_asked = any("not_measured" not in one.flags for one in ratings)
    is_shown = any(one.n and not one.is_hidden for one in estimates)
    notes: list[Any] = []
    if len(reach):
        base = context["sample"].get("frame")
        who = name("base:aware" if base == "market" else "base:visitors")
        notes += [("note_reach", {"who": who}), ("note_conversion", {})]
    if rated and context["reached"]:
        notes.append(("note_survivors", {}))
    if context["journey"].get("key") == "journey":
        notes.append(("note_stages", {}))
    subtitle = "journey" if len(reach) and rated else "journey_no_ratings"
    return Finding(
        "journey",
        "stages",
        estimates=estimates,
        comparisons=comparisons,
        figure="journey",
        table="journey",
        title=("journey", *_title(loss, drop, len(reach) > 0, is_asked, is_shown)),
        options={
            "order": list(context["journey"]["stages"]),
            "leak": leak.key.partition(":")[2] if leak.key and _between(loss) else None,
            "subtitle": [subtitle if len(reach) else "journey_no_reach", {}],
        },
        notes=notes,
        context=context,
    )


def _title(
    loss: Finding | None, drop: Finding | None, has_reach: bool, is_rated: bool, is_shown: bool
) -> tuple[str, dict[str, Slot]]:
    leaks, falls = _between(loss), _between(drop)
    if not is_shown:
        return "hidden", {}
    if leaks and falls:
        return "both", leaks | {"from2": falls["from"], "to2": falls["to"]}
    if leaks:
        return "leak_clear", leaks
    if falls:
        return "handoff_clear", falls
    hidden = ("one_shown", "some_hidden")
    if any(one is not None and one.variant in hidden for one in (loss, drop)):
        return "hidden", {}
    if not has_reach:
        return ("handoff_tie" if drop is not None else "no_reach"), {}
    if not is_rated:
        return ("leak_tie" if loss is not None else "no_ratings"), {}
    return "tie", {}


def _between(finding: Finding | None) -> dict[str, Slot] | None:
    """The two stages that a clear finding names."""
    if finding is None or finding.variant != "clear":
        return None
    return {"from": finding.slots["from"], "to": finding.slots["to"]}


def _handoffs(drops: Comparisons, context: dict[str, Any]) -> Finding:
    return Finding(
        "journey",
        "handoffs",
        comparisons=drops,
        table="handoffs",
        title=("numbers", "handoffs", {}),
        options={"subtitle": ["handoffs", {}]},
        notes=[("note_handoff", {})],
        context=context,
    )
