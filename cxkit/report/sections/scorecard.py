"""Where do we stand against target? (F04, F05), and the change of the headline (F20)."""

from __future__ import annotations

from typing import Any

from cxkit.analysis import compare, estimate
from cxkit.analysis import pyramid as levels
from cxkit.analysis.composition import answer_kinds
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, count, inside, name, number, setting, wave
from cxkit.report.sections.pyramid import drawing_order, note_same_items

__all__ = ["findings", "unseen"]

_METRICS = ("nps", "csat", "ces")


def findings(survey: Any) -> Findings:
    """The headline against its target, its composition, and the scorecard of all measures."""
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    measures = _measures(now, context)
    if not measures:
        what = {"what": name("what:outcomes")}
        missing = Finding("scorecard", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    estimates = _estimates(now, before, measures, context)
    changes = _changes(now, before, measures, context)
    found = []
    if (first := _headline_measure(measures)) is not None:
        one = estimates.only(metric=first["metric"], of=first["of"], wave=now.wave)
        found.append(_headline(one, context))
        if first["metric"] == "nps" and not one.is_hidden and one.n:
            found.append(_composition(now, first["of"], context))
        if (change := _of(changes, one)) is not None:
            found.append(_change(one, change, estimates, context))
    found.append(
        Finding(
            "scorecard",
            "scorecard",
            estimates=estimates,
            comparisons=changes,
            table="scorecard",
            title=_title(changes, measures),
            options={
                "measures": measures,
                "wave": now.wave,
                "previous": before.wave if before else None,
                "targets": context.get("targets") or {},
                "subtitle": ["scorecard_change", {"prev_wave": f"wave:{before.wave}"}]
                if before
                else ["scorecard", {}],
            },
            notes=_notes(now, before, measures),
            context=context,
        )
    )
    return Findings(found, context=context)


def _measures(survey: Any, context: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the scorecard: outcomes first, then the levels, apex first."""
    outcomes = [
        {
            "metric": one["metric"],
            "of": f"outcome:{key}",
            "definition": one["definition"],
            "ends": _ends(one, context),
        }
        for key, one in context["outcomes"].items()
        if one["metric"] in _METRICS
    ]
    outcomes.sort(key=lambda one: _METRICS.index(one["metric"]))
    scored = [
        {"metric": "score_100", "of": f"level:{key}", "kind": "level"}
        for key in reversed(drawing_order(context["framework"]))
    ]
    return outcomes + scored


def _notes(now: Any, before: Any, measures: list[dict[str, Any]]) -> list[Any]:
    if before is None:
        return []
    notes: list[Any] = [("note_scorecard", {"prev_wave": wave(before.wave)})]
    if any(one["metric"] == "score_100" for one in measures):
        notes += note_same_items(now)
    return [*notes, ("note_rounding", {})]


def _ends(outcome: dict[str, Any], context: dict[str, Any]) -> list[float] | None:
    """The ends of the response scale, for an outcome that is a mean on it."""
    if outcome["definition"] != "mean":
        return None
    points = context["scales"][outcome["scale"]]["points"]
    return [min(points), max(points)]


def _headline_measure(measures: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((one for one in measures if one["of"].startswith("outcome:")), None)


def _estimates(
    now: Any, before: Any, measures: list[dict[str, Any]], context: dict[str, Any]
) -> Estimates:
    rows: list[Estimate] = []
    for survey in (now, before):
        if survey is None:
            continue
        if any(one["metric"] == "score_100" for one in measures):
            rows += levels.scores(now) if survey is now else levels.scores_before(now)
        for one in measures:
            if one["of"].startswith("outcome:"):
                rows += estimate(survey, one["metric"], of=one["of"])
    return Estimates(rows, context=context).published()


def _changes(
    now: Any, before: Any, measures: list[dict[str, Any]], context: dict[str, Any]
) -> Comparisons:
    if before is None:
        return Comparisons((), context=context).published()
    both = now.with_previous()
    rows = [
        change
        for one in measures
        if one["of"].startswith("outcome:")
        for change in compare(both, one["metric"], of=one["of"], by="wave")
    ]
    if any(one["metric"] == "score_100" for one in measures):
        rows += levels.change(now)
    return Comparisons(rows, context=context).published()


def _of(comparisons: Comparisons, one: Estimate) -> Comparison | None:
    found = comparisons.where(metric=one.metric, of=one.of)
    return found[0] if len(found) else None


def _headline(one: Estimate, context: dict[str, Any]) -> Finding:
    rows = Estimates([one], is_published=True)
    if one.is_hidden or not one.n:
        return unseen(one, f"metric:{one.metric}", "scorecard", context)
    slots: dict[str, Slot] = {
        "metric": name(f"metric:{one.metric}"),
        "est": number(one),
        "lo": number(one, "ci_low"),
        "hi": number(one, "ci_high"),
        "n": number(one, "n"),
    }
    variant = "one_wave"
    if one.wave and one.wave != "all":
        variant, slots["wave"] = "all", wave(one.wave)
    plus, direction = _against_target(one, context)
    return Finding(
        "scorecard",
        "F04",
        variant,
        slots,
        estimates=rows,
        headline=number(one),
        direction=direction,
        plus=plus,
        context=context,
    )


def unseen(one: Estimate | None, what: str, section: str, context: dict[str, Any]) -> Finding:
    """Why a number cannot be seen: not asked, not answered, too few to be private or precise."""
    if one is None or "not_measured" in one.flags:
        return Finding(section, "F32", "not_measured", {"what": name(what)}, context=context)
    rows = Estimates([one], is_published=True)
    slots = {"group": inside(what) if what.startswith("what:") else name(what)}
    if not one.n:
        return Finding(section, "F33", "no_answers", slots, estimates=rows, context=context)
    if "hidden_privacy" in one.flags:
        return Finding(section, "F33", "hidden_privacy", slots, estimates=rows, context=context)
    slots["n_eff"] = number(one, "n_eff", "floored")
    return Finding(section, "F33", "hidden", slots, estimates=rows, context=context)


def _against_target(
    one: Estimate, context: dict[str, Any]
) -> tuple[list[tuple[str, dict[str, Slot]]], str]:
    target = (context.get("targets") or {}).get(one.metric)
    if target is None:
        return [], "flat"
    slot = {"target": setting(["targets", one.metric], one.unit)}
    if "wide" not in one.flags:
        if one.ci_low > target:
            return [("above_target", slot)], "good"
        if one.ci_high < target:
            return [("below_target", slot)], "bad"
    return [("cannot_tell", slot)], "flat"


def _composition(survey: Any, of: str, context: dict[str, Any]) -> Finding:
    """Promoters, passives and detractors of every hundred."""
    shares = Estimates(answer_kinds(survey, of), context=context).published()
    slots = {
        letter: number(shares.only(by_answer=kind), "estimate", "hundred")
        for letter, kind in (("p", "promoter"), ("q", "passive"), ("d", "detractor"))
    }
    return Finding("scorecard", "F05", "nps", slots, estimates=shares, context=context)


def _change(
    one: Estimate, change: Comparison, estimates: Estimates, context: dict[str, Any]
) -> Finding:
    previous = change.b.partition("=")[2]
    rows = Comparisons([change], is_published=True)
    slots = {"metric": name(f"metric:{one.metric}"), "prev_wave": wave(previous)}
    if change.verdict == "hidden" or change.difference != change.difference:
        variant = "hidden" if change.verdict == "hidden" else "not_asked_before"
        return Finding("scorecard", "F20", variant, slots, comparisons=rows, context=context)
    last = estimates.only(metric=one.metric, of=one.of, wave=previous)
    shown = Estimates([one, last], is_published=True)
    plus: list[tuple[str, dict[str, Slot]]] = []
    direction = "flat"
    matter = {"matter": setting(["matters", one.metric], one.unit)}
    if change.is_clear:
        falls = change.difference < 0
        variant, direction = ("fall", "bad") if falls else ("rise", "good")
        ends = ("ci_high", "ci_low") if falls else ("ci_low", "ci_high")
        slots |= {
            "down" if falls else "up": number(change, "difference", "size"),
            "prev": number(last),
            "est": number(one),
            "lo": number(change, ends[0], "bound"),
            "hi": number(change, ends[1], "bound"),
        }
        if change.verdict == "clear_small":
            plus.append(("small", matter))
    elif change.verdict == "stable":
        variant = "stable"
        slots |= matter
    elif change.verdict == "undecided":
        variant = "undecided"
        slots |= {
            "lo": number(change, "ci_low", "signed"),
            "hi": number(change, "ci_high", "signed"),
        }
    else:
        variant = "no_evidence"
        slots |= {
            "down": number(change, "ci_low", "size"),
            "up": number(change, "ci_high", "size"),
        }
    return Finding(
        "scorecard",
        "F20",
        variant,
        slots,
        estimates=shown,
        comparisons=rows,
        headline=number(change, "difference", "signed"),
        direction=direction,
        plus=plus,
        context=context,
    )


def _title(changes: Comparisons, measures: list[dict[str, Any]]) -> tuple[str, str, dict[str, Any]]:
    if not len(changes):
        has_levels = any(one["metric"] == "score_100" for one in measures)
        return ("scorecard", "plain", {}) if has_levels else ("numbers", "outcomes", {})
    told = [one for one in changes if one.verdict != "hidden" and one.ci_low == one.ci_low]
    clear = sum(one.is_clear for one in told)
    previous = wave(changes[0].b.partition("=")[2])
    slots = {"prev_wave": previous, "m": count(clear), "k": count(len(told))}
    return "scorecard", "change", slots
