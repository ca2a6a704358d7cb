"""What changed since last wave, and is it real? (F20, F21, F22)"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.analysis import trend
from cxkit.analysis.differences.overall import OverallTest
from cxkit.analysis.further_changes import further_changes
from cxkit.analysis.together import overall_change
from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fits
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    count,
    inside,
    name,
    names,
    number,
    said,
    setting,
    wave,
)
from cxkit.report.sections.pyramid import locked, note_same_items
from cxkit.report.sections.scorecard import (
    both_waves,
    headline,
    measures,
    named,
    pairs,
    unseen,
)
from cxkit.wording import printed

__all__ = ["compact", "findings"]

_CIRCUMSTANCES = ("mode", "source", "season", "language")
"""What a study may say of a wave; where two waves differ in it, a reader must know."""


def findings(survey: Any) -> Findings:
    """The change of the headline, raw and with the same make-up; every measure over the waves.

    What was asked in another way is not compared, with the reason; what an earlier report gave
    differently is restated.
    """
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    asked = measures(now, context)
    if before is None or not asked or not now.n:
        further = _further(now, before, context) if before is not None and now.n else []
        return Findings([_nothing(before, asked, context), *further], context=context)
    shown = trend.over_waves(now, pairs(asked)).published()
    raw = trend.changes(now, pairs(asked)).published()
    held, held_by = trend.held(now, pairs(asked))
    within = held.published()
    found = _headline(now, asked, shown, raw, within, context)
    found += _not_compared(now, asked, found, context)
    found += _restated(shown, context)
    options = _options(now, before, asked, context)
    same_items = note_same_items(now)
    together = _together(overall_change(now, pairs(asked)))
    found.append(
        Finding(
            "change",
            "waves",
            estimates=shown,
            comparisons=raw,
            fits=together,
            figure="trend",
            table="trend",
            title=("change", *_title(raw)),
            options={**options, "subtitle": ["trend", {}]},
            notes=[
                *_note_together(together, raw, before.wave),
                *_circumstances(now.wave, before.wave, context),
                *same_items,
            ],
            context=context,
        )
    )
    both = trend.returning(now).published(min_base=0, warn_base=0)
    found.append(
        Finding(
            "change",
            "changes",
            estimates=both_waves(now, before, asked, context) + both,
            comparisons=Comparisons([*raw, *within], is_published=True),
            table="change",
            title=("numbers", "change", {}),
            options={**options, "subtitle": ["change", {"prev_wave": f"wave:{before.wave}"}]},
            notes=[
                ("note_rounding", {}),
                *_notes_held(now, raw, asked, held_by, context),
                *same_items,
                *_note_returning(both),
            ],
            context=context,
        )
    )
    return Findings(found + _further(now, before, context), context=context)


def _further(now: Any, before: Any, context: dict[str, Any]) -> list[Finding]:
    """What else both waves asked: what of it has clearly changed, and all of it as a table."""
    both, compared = further_changes(now)
    numbers, rows = both.published(), compared.published()
    told = [one for one in rows if one.verdict != "hidden" and one.difference == one.difference]
    if not told:
        return []
    since = {"prev_wave": wave(before.wave)}
    clear = [one for one in told if one.is_clear]
    rises, falls = (
        [one.of for one in clear if (one.difference > 0) == way] for way in (True, False)
    )
    (variant, slots), *plus = [
        (way, {**since, "list": names(some)})
        for way, some in (("higher", rises), ("lower", falls))
        if some
    ] or [("none", {**since, "k": count(len(told))})]
    return [
        Finding(
            "change",
            "further",
            variant,
            slots,
            plus=plus,
            estimates=numbers,
            comparisons=rows,
            table="further_changes",
            title=("numbers", "further_changes", since),
            options={
                "wave": now.wave,
                "previous": before.wave,
                "fold": True,
                "subtitle": ["change", {"prev_wave": f"wave:{before.wave}"}],
            },
            notes=[("note_further_changes", {})],
            context=context,
        )
    ]


def _nothing(before: Any, asked: Sequence[Any], context: dict[str, Any]) -> Finding:
    """That there is no wave to compare with, nothing to compare, or nobody."""
    if before is None:
        return Finding("change", "F20", "no_previous", context=context)
    if not asked:
        return _no_outcome(context)
    return Finding("change", "F33", "no_answers", {"group": inside("what:change")}, context=context)


def compact(told: Finding) -> Finding:
    """The trend of the outcomes alone, or of the first measure where there is none.

    For a page that has room for a small drawing; notes that speak of all measures are left out.
    """
    measured = told.options["measures"]
    kept = [one for one in measured if one["of"].startswith("outcome:")] or measured[:1]
    of = {one["of"] for one in kept}
    raw = Comparisons((one for one in told.comparisons if one.of in of), is_published=True)
    return dataclasses.replace(
        told,
        estimates=Estimates((one for one in told.estimates if one.of in of), is_published=True),
        comparisons=raw,
        fits=Fits((), is_published=True),
        title=("change", *_title(raw)),
        options={**told.options, "measures": kept},
        notes=(),
    )


def _no_outcome(context: dict[str, Any]) -> Finding:
    what = {"what": name("what:outcomes")}
    return Finding("change", "F32", "not_measured", what, context=context)


# -- the headline -------------------------------------------------------------------------------


def _headline(
    now: Any,
    asked: list[dict[str, Any]],
    shown: Estimates,
    raw: Comparisons,
    held: Comparisons,
    context: dict[str, Any],
) -> list[Finding]:
    """The change of the first outcome that both waves asked; what of one that only now did."""
    outcomes = [one for one in asked if one["of"].startswith("outcome:")]
    if not outcomes:
        return [_no_outcome(context)]
    rows = {(one.metric, one.of): one for one in raw if one.a == f"wave={now.wave}"}
    if not rows:  # nobody of these respondents was in the wave before
        what = name(named(outcomes[0], context))
        slots = {"metric": what, "prev_wave": wave(context["previous"])}
        return [Finding("change", "F20", "hidden", slots, context=context)]
    changes = [(one, rows[one["metric"], one["of"]]) for one in outcomes]
    in_both = [pair for pair in changes if "not_measured" not in pair[1].flags]
    found = []
    for first, change in in_both[:1]:
        found.append(_change(now, first, change, shown, context))
        parts = held.where(metric=change.metric, of=change.of)
        if len(parts) == 2 and found[0].key == "F20":
            found += _make_up(change, parts[0], parts[1], context)
    if changes and changes[:1] != in_both[:1]:
        found.append(_change(now, *changes[0], shown, context))
    return found


def _change(
    now: Any,
    first: dict[str, Any],
    change: Comparison,
    shown: Estimates,
    context: dict[str, Any],
) -> Finding:
    one = shown.only(metric=change.metric, of=change.of, wave=now.wave)
    what = named(first, context)
    if not one.n:
        return unseen(one, what, "change", context)
    previous = change.b.partition("=")[2]
    rows = Comparisons([change], is_published=True)
    slots: dict[str, Slot] = {"metric": name(what), "prev_wave": wave(previous)}
    if "not_comparable" in change.flags:
        (_, changed), *_ = locked(now, {change.of: what})
        slots["what"] = changed
        return Finding("change", "F22", "instrument", slots, comparisons=rows, context=context)
    if change.verdict == "hidden" or change.difference != change.difference:
        variant = "hidden" if change.n_b else "not_asked_before"
        return Finding("change", "F20", variant, slots, comparisons=rows, context=context)
    last = shown.only(metric=one.metric, of=one.of, wave=previous)
    variant, told = _verdict(change, one, last)
    return Finding(
        "change",
        "F20",
        variant,
        slots | told,
        estimates=Estimates([one, last], is_published=True),
        comparisons=rows,
        headline=number(change, "difference", "signed"),
        direction={"fall": "bad", "rise": "good"}.get(variant, "flat"),
        plus=[("small", _matter(one))] if change.verdict == "clear_small" else [],
        context=context,
    )


def _verdict(change: Comparison, one: Estimate, last: Estimate) -> tuple[str, dict[str, Slot]]:
    """What can be said of a change that was compared, and the numbers that say it."""
    if change.is_clear:
        falls = change.difference < 0
        ends = ("ci_high", "ci_low") if falls else ("ci_low", "ci_high")
        return "fall" if falls else "rise", {
            "down" if falls else "up": number(change, "difference", "size"),
            "prev": number(last),
            "est": number(one),
            "lo": number(change, ends[0], "bound"),
            "hi": number(change, ends[1], "bound"),
        }
    if change.verdict == "stable":
        return "stable", _matter(one)
    if change.verdict == "undecided":
        return "undecided", _ends(change)
    sides = {"down": number(change, "ci_low", "size"), "up": number(change, "ci_high", "size")}
    return "no_evidence", sides


def _matter(one: Estimate) -> dict[str, Slot]:
    return {"matter": setting(["matters", one.metric], one.unit)}


def _make_up(
    raw: Comparison, within: Comparison, mix: Comparison, context: dict[str, Any]
) -> list[Finding]:
    """Whether a different make-up of respondents accounts for the change, or hides one."""
    if within.verdict in ("hidden", "undecided") or within.difference != within.difference:
        return []
    variant = _role_of_make_up(raw, within, mix)
    if variant is None:
        return []
    slots = {"within": number(within, "difference", "signed"), **_ends(within)}
    if variant == "explains":
        slots |= {
            "diff": number(raw, "difference", "signed"),
            "mix": number(mix, "difference", "signed"),
        }
    rows = Comparisons([raw, within, mix], is_published=True)
    return [Finding("change", "F21", variant, slots, comparisons=rows, context=context)]


def _role_of_make_up(raw: Comparison, within: Comparison, mix: Comparison) -> str | None:
    """What a different make-up does to a change; None where there is nothing to tell."""
    if raw.is_clear:
        is_part = mix.is_clear and (mix.difference > 0) == (raw.difference > 0)
        if is_part:
            return "explains"
        return "does_not" if within.is_clear else "no_longer_clear"
    if not (within.is_clear and mix.is_clear):
        return None
    return {"no_evidence": "hides", "stable": "hides_in_stable"}.get(raw.verdict)


def _ends(change: Comparison) -> dict[str, Slot]:
    return {"lo": number(change, "ci_low", "signed"), "hi": number(change, "ci_high", "signed")}


# -- what is not compared, what is told anew ------------------------------------------------------


def _not_compared(
    now: Any, asked: list[dict[str, Any]], told: list[Finding], context: dict[str, Any]
) -> list[Finding]:
    """The levels and further outcomes that were asked in another way, by what changed."""
    known = {one.slots["metric"].key for one in told if one.key == "F22"}
    others = {one["of"]: named(one, context) for one in asked if named(one, context) not in known}
    return [
        Finding(
            "change",
            "F22",
            "instrument" if len(keys) == 1 else "instrument_several",
            {"metric": names(keys), "prev_wave": wave(context["previous"]), "what": what},
            context=context,
        )
        for keys, what in locked(now, others)
    ]


def _restated(shown: Estimates, context: dict[str, Any]) -> list[Finding]:
    """Figures of earlier reports that have another value today, as far as a reader can see.

    They were of everybody: a report on some of the respondents restates nothing.
    """
    found: list[Finding] = []
    published = [metric for one in context["waves"].values() for metric in one["published"] or ()]
    several = len(set(published)) > 1
    for key, one in context["waves"].items() if not context["filters"] else ():
        for metric, before in sorted((one.get("published") or {}).items()):
            today = [row for row in shown.where(metric=metric, wave=key) if _is_outcome(row.of)]
            if not today or today[0].is_hidden or not today[0].n:
                continue
            if printed(before, today[0].unit) == printed(today[0].estimate, today[0].unit):
                continue
            slots: dict[str, Slot] = {
                "metric": name(f"metric:{metric}"),
                "prev_wave": wave(key),
                "published": setting(["waves", key, "published", metric], today[0].unit),
                "restated": number(today[0]),
            }
            if one.get("restated"):
                slots["reason"] = said(one["restated"])
            variant = "restated" if one.get("restated") else "restated_without_reason"
            variant += "_of" if several else ""
            rows = Estimates(today[:1], is_published=True)
            found.append(Finding("change", "F22", variant, slots, estimates=rows, context=context))
    return found


def _is_outcome(of: str) -> bool:
    return of.startswith("outcome:")


# -- figure and table -----------------------------------------------------------------------------


def _title(raw: Comparisons) -> tuple[str, dict[str, Slot]]:
    told = [one for one in raw if one.verdict != "hidden" and one.ci_low == one.ci_low]
    clear = [one for one in told if one.is_clear]
    if not told:
        return "nothing", {}
    slots: dict[str, Slot] = {"prev_wave": wave(told[0].b.partition("=")[2])}
    if not clear:
        return "none_clear", slots
    return "some_clear", slots | {"m": Slot("count", len(clear)), "k": Slot("count", len(told))}


def _options(
    now: Any, before: Any, asked: list[dict[str, Any]], context: dict[str, Any]
) -> dict[str, Any]:
    waves, first = list(now.so_far().waves), headline(asked)
    return {
        "measures": asked,
        "waves": waves,
        "wave": now.wave,
        "previous": before.wave,
        "breaks": {of: list(told) for of, told in trend.breaks(now, pairs(asked)).items()},
        "events": _events(waves, context),
        "targets": context.get("targets") or {},
        "published": {
            key: one["published"][first["metric"]]
            for key, one in context["waves"].items()
            if first and not context["filters"] and first["metric"] in (one["published"] or {})
        },
    }


def _events(waves: list[str], context: dict[str, Any]) -> list[dict[str, Any]]:
    """The study's actions, each before the first wave that started after it."""
    starts = {key: context["waves"].get(key, {}).get("from") for key in waves}
    found = []
    for action in context["actions"]:
        later = [key for key in waves if starts[key] and starts[key] > action["date"]]
        if later and later[0] != waves[0]:
            found.append({"wave_after": later[0], "date": action["date"], "label": action["what"]})
    return found


def _notes_held(
    now: Any,
    raw: Comparisons,
    asked: list[dict[str, Any]],
    held_by: Mapping[str, list[str]],
    context: dict[str, Any],
) -> list[Any]:
    """Which groupings were held for which measures; why none was for the others."""
    compared = {one.of for one in raw if one.difference == one.difference}
    if not trend.held_equal(now):
        return [("note_no_make_up", {})]
    by: dict[tuple[str, ...], list[str]] = {}
    for one in (one for one in asked if one["of"] in compared):
        by.setdefault(tuple(held_by.get(one["of"], ())), []).append(named(one, context))
    notes = []
    for keys, measured in by.items():
        slots = {
            "list": names(_grouping(now, key) for key in keys),
            "prev_wave": wave(context["previous"]),
            "metrics": names(measured),
        }
        if left := [key for key in now.study.mix if key not in keys]:
            slots["left"] = names(_grouping(now, key) for key in left)
        if not keys:
            notes.append(("note_not_held", {"metrics": names(measured)}))
            continue
        notes.append(("note_held" if len(by) == 1 else "note_held_for", slots))
        if left:
            notes.append(("note_left_out", slots))
    return notes


def _grouping(survey: Any, key: str) -> str:
    """The column of a base or a segment, which also names it."""
    return f"base:{key}" if f"base:{key}" in survey.frame else f"segment:{key}"


def _note_returning(both: Estimates) -> list[Any]:
    seen = [one for one in both if one.n and not one.is_hidden]
    return [("note_returning", {"n": number(one, "n")}) for one in seen]


def _together(test: OverallTest) -> Fits:
    """The test of all measures at once, where there are several and it says anything."""
    is_told = "|" in test.of and test.p == test.p
    return Fits([test] if is_told else []).published()


def _note_together(together: Fits, raw: Comparisons, previous: str) -> list[Any]:
    """What all measures say together, where one by one they may say something else."""
    notes = []
    for test in together.where(verdict="clear") + together.where(verdict="no_evidence"):
        measured = test.of.split("|")
        alone = any(one.is_clear for one in raw if one.of in measured)
        keys = {
            ("clear", True): "note_together",
            ("clear", False): "note_together_which",
            ("no_evidence", False): "note_together_none",
            ("no_evidence", True): "note_together_chance",
        }
        slots = {"k": Slot("count", len(measured)), "prev_wave": wave(previous)}
        notes.append((keys[test.verdict, alone], slots))
    return notes


def _circumstances(now: str, before: str, context: dict[str, Any]) -> list[Any]:
    general = {"mode": context["sample"].get("mode")}
    waves = [context["waves"].get(key, {}) for key in (before, now)]
    told: list[dict[str, Any]] = [
        {part: one.get(part) or general.get(part) for part in _CIRCUMSTANCES} for one in waves
    ]
    return [
        (
            "note_circumstance",
            {
                "what": name(f"circumstance:{part}"),
                "before": said(told[0][part]),
                "prev_wave": wave(before),
                "now": said(told[1][part]),
                "wave": wave(now),
            },
        )
        for part in _CIRCUMSTANCES
        if all(one[part] for one in told) and told[0][part] != told[1][part]
    ]
