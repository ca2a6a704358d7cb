"""Where do we stand against target? (F04, F05)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import estimate, trend
from cxkit.analysis import pyramid as levels
from cxkit.analysis.composition import answer_kinds
from cxkit.records import NAMED_METRICS, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, count, inside, name, number, setting, wave
from cxkit.report.sections.pyramid import drawing_order, note_same_items, notes_locked

__all__ = ["both_waves", "findings", "headline", "measures", "named", "pairs", "unseen"]


def findings(survey: Any) -> Findings:
    """The headline against its target, its composition, and the scorecard of all measures."""
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    asked = measures(now, context)
    what = {"what": name("what:outcomes")}
    missing = Finding("scorecard", "F32", "not_measured", what, context=context)
    if not asked:
        return Findings([missing], context=context)
    estimates = both_waves(now, before, asked, context)
    changes = _changes(now, before, asked, context)
    first, found, kinds = headline(asked), [missing], []
    if first is not None:
        one = estimates.only(metric=first["metric"], of=first["of"], wave=now.wave)
        found = [_headline(one, named(first, context), context)]
        if first["metric"] == "nps" and not one.is_hidden and one.n:
            kinds = _composition(now, first["of"], context)
    found += kinds[:1]
    found.append(
        Finding(
            "scorecard",
            "scorecard",
            estimates=estimates,
            comparisons=changes,
            table="scorecard",
            title=_title(changes, asked),
            options={
                "measures": asked,
                "wave": now.wave,
                "previous": before.wave if before else None,
                "targets": context.get("targets") or {},
                "subtitle": ["scorecard_change", {"prev_wave": f"wave:{before.wave}"}]
                if before
                else ["scorecard", {}],
            },
            notes=_notes(now, before, asked),
            context=context,
        )
    )
    return Findings([*found, *kinds[1:]], context=context)


def measures(survey: Any, context: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the scorecard: outcomes first, then the levels, apex first."""
    outcomes = [
        {
            "metric": one["metric"],
            "of": f"outcome:{key}",
            "definition": one["definition"],
            "ends": _ends(one, context),
        }
        for key, one in context["outcomes"].items()
    ]
    outcomes.sort(key=lambda one: (*NAMED_METRICS, one["metric"]).index(one["metric"]))
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
    context = now.context()
    notes += notes_locked(now, {one["of"]: named(one, context) for one in measures})
    return [*notes, ("note_rounding", {})]


def _ends(outcome: dict[str, Any], context: dict[str, Any]) -> list[float] | None:
    """The ends of the response scale, for an outcome that is a mean on it."""
    if "mean" not in (outcome["definition"], outcome["metric"]):
        return None
    points = context["scales"][outcome["scale"]]["points"]
    return [min(points), max(points)]


def pairs(measures: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What each row measures: metric and of."""
    return [(one["metric"], one["of"]) for one in measures]


def named(measure: dict[str, Any], context: dict[str, Any]) -> str:
    """What a measure is called in a sentence: an outcome by its metric if only it has that."""
    metric, of = measure["metric"], measure["of"]
    same = [one for one in context["outcomes"].values() if one["metric"] == metric]
    is_metric = of.startswith("outcome:") and metric in NAMED_METRICS and len(same) == 1
    return f"metric:{metric}" if is_metric else of


def headline(measures: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row that the report leads with: the first outcome."""
    return next((one for one in measures if one["of"].startswith("outcome:")), None)


def both_waves(
    now: Any, before: Any, measures: list[dict[str, Any]], context: dict[str, Any]
) -> Estimates:
    """Each measure now, and as far as it is compared with that the wave before."""
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
    return trend.changes(now, pairs(measures)).published()


def _headline(one: Estimate, what: str, context: dict[str, Any]) -> Finding:
    rows = Estimates([one], is_published=True)
    if one.is_hidden or not one.n:
        return unseen(one, what, "scorecard", context)
    slots: dict[str, Slot] = {
        "metric": name(what),
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


def _composition(survey: Any, of: str, context: dict[str, Any]) -> list[Finding]:
    """Promoters, passives and detractors of every hundred; then their shares as a table."""
    shares = Estimates(answer_kinds(survey, of), context=context).published()
    slots = {
        letter: number(shares.only(by_answer=kind), "estimate", "hundred")
        for letter, kind in (("p", "promoter"), ("q", "passive"), ("d", "detractor"))
    }
    table = Finding(
        "scorecard",
        "kinds",
        estimates=shares,
        table="kinds",
        title=("numbers", "composition", {}),
        options={"fold": True},
        context=context,
    )
    return [
        Finding("scorecard", "F05", "nps", slots, estimates=shares, context=context),
        table,
    ]


def _title(changes: Comparisons, measures: list[dict[str, Any]]) -> tuple[str, str, dict[str, Any]]:
    told = [one for one in changes if one.verdict != "hidden" and one.ci_low == one.ci_low]
    if not told:
        has_levels = any(one["metric"] == "score_100" for one in measures)
        return ("scorecard", "plain", {}) if has_levels else ("numbers", "outcomes", {})
    clear = sum(one.is_clear for one in told)
    previous = {"prev_wave": wave(told[0].b.partition("=")[2])}
    if not clear:
        return "scorecard", "none_clear", previous
    return "scorecard", "change", {**previous, "m": count(clear), "k": count(len(told))}
