"""What changed since last wave, and is it real? (F20, F21, F22)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.analysis import scoring, trend
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, name, names, number, said, setting, wave
from cxkit.report.sections.scorecard import headline, measures, pairs
from cxkit.study import PARTS
from cxkit.wording import printed

__all__ = ["findings"]

_CIRCUMSTANCES = ("mode", "source", "season", "language")
"""What a study may say of a wave; where two waves differ in it, a reader must know."""


def findings(survey: Any) -> Findings:
    """The change of the headline, raw and with the same make-up; every measure over the waves.

    What was asked in another way is not compared, with the reason; what an earlier report gave
    differently is restated. Nothing where there is no earlier wave, or nothing to compare.
    """
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    asked = measures(now, context)
    if before is None or not asked:
        return Findings([], context=context)
    shown = trend.over_waves(now, pairs(asked)).published()
    raw = trend.changes(now, pairs(asked)).published()
    held, held_by = trend.held(now, pairs(asked))
    within = held.published()
    found: list[Finding] = []
    if (first := headline(asked)) is not None:
        found += _headline(now, first, shown, raw, within, context)
    found += _not_compared(now, asked, context)
    found += _restated(now, shown, context)
    options = _options(now, before, asked, context)
    found.append(
        Finding(
            "change",
            "waves",
            estimates=shown,
            comparisons=raw,
            figure="trend",
            table="trend",
            title=("change", *_title(raw)),
            options={**options, "subtitle": ["trend", {}]},
            notes=_circumstances(now.wave, before.wave, context),
            context=context,
        )
    )
    found.append(
        Finding(
            "change",
            "changes",
            estimates=shown,
            comparisons=Comparisons([*raw, *within], is_published=True),
            table="change",
            title=("numbers", "change", {}),
            options={**options, "subtitle": ["change", {"prev_wave": f"wave:{before.wave}"}]},
            notes=_notes(now, before, within, held_by),
            context=context,
        )
    )
    return Findings(found, context=context)


# -- the headline -------------------------------------------------------------------------------


def _headline(
    now: Any,
    first: Mapping[str, Any],
    shown: Estimates,
    raw: Comparisons,
    held: Comparisons,
    context: dict[str, Any],
) -> list[Finding]:
    one = shown.only(metric=first["metric"], of=first["of"], wave=now.wave)
    changes = raw.where(metric=one.metric, of=one.of)
    if not len(changes) or one.is_hidden or not one.n:
        return []
    found = [_change(now, one, changes[0], shown, context)]
    parts = held.where(metric=one.metric, of=one.of)
    if len(parts) == 2 and found[0].key == "F20":
        found += _make_up(changes[0], parts[0], parts[1], context)
    return found


def _change(
    now: Any, one: Estimate, change: Comparison, shown: Estimates, context: dict[str, Any]
) -> Finding:
    previous = change.b.partition("=")[2]
    rows = Comparisons([change], is_published=True)
    metric = name(f"metric:{one.metric}")
    slots: dict[str, Slot] = {"metric": metric, "prev_wave": wave(previous)}
    if "not_comparable" in change.flags:
        what = _changed(now, [one.of], previous, one.wave)
        return Finding("change", "F22", "instrument", slots | what, comparisons=rows,
                       context=context)  # fmt: skip
    if change.verdict == "hidden" or change.difference != change.difference:
        variant = "hidden" if change.n_b else "not_asked_before"
        return Finding("change", "F20", variant, slots, comparisons=rows, context=context)
    last = shown.only(metric=one.metric, of=one.of, wave=previous)
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
        variant, slots = "stable", slots | matter
    elif change.verdict == "undecided":
        variant, slots = "undecided", slots | _ends(change)
    else:
        variant = "no_evidence"
        slots |= {
            "down": number(change, "ci_low", "size"),
            "up": number(change, "ci_high", "size"),
        }
    return Finding(
        "change",
        "F20",
        variant,
        slots,
        estimates=Estimates([one, last], is_published=True),
        comparisons=rows,
        headline=number(change, "difference", "signed"),
        direction=direction,
        plus=plus,
        context=context,
    )


def _make_up(
    raw: Comparison, within: Comparison, mix: Comparison, context: dict[str, Any]
) -> list[Finding]:
    """Whether a different make-up of respondents accounts for the change, or hides one."""
    if within.verdict in ("hidden", "undecided") or within.difference != within.difference:
        return []
    slots = {"within": number(within, "difference", "signed"), **_ends(within)}
    if not raw.is_clear:
        variant = "hides" if within.is_clear else ""
    elif mix.is_clear:
        variant = "explains"
        slots |= {
            "diff": number(raw, "difference", "signed"),
            "mix": number(mix, "difference", "signed"),
        }
    else:
        variant = "does_not" if within.is_clear else "no_longer_clear"
    if not variant:
        return []
    rows = Comparisons([raw, within, mix], is_published=True)
    return [Finding("change", "F21", variant, slots, comparisons=rows, context=context)]


def _ends(change: Comparison) -> dict[str, Slot]:
    return {"lo": number(change, "ci_low", "signed"), "hi": number(change, "ci_high", "signed")}


# -- what is not compared, what is told anew ------------------------------------------------------


def _changed(now: Any, of: list[str], before: str, wave_now: str | None) -> dict[str, Slot]:
    """What is not the same in the questions of these measures."""
    found = {part for one in of for part in scoring.changed(now, one, (before, str(wave_now)))}
    return {"what": names(f"changed:{part}" for part in PARTS if part in found)}


def _not_compared(now: Any, asked: list[dict[str, Any]], context: dict[str, Any]) -> list[Finding]:
    """The levels and further outcomes that were asked in another way, by what changed."""
    previous = context["previous"]
    first = headline(asked)
    by_change: dict[tuple[str, ...], list[str]] = {}
    for one in asked:
        what = scoring.changed(now, one["of"], (previous, now.wave))
        if what and one is not first:
            by_change.setdefault(what, []).append(_named(one))
    return [
        Finding(
            "change",
            "F22",
            "instrument" if len(keys) == 1 else "instrument_several",
            {
                "metric": names(keys),
                "prev_wave": wave(previous),
                "what": names(f"changed:{part}" for part in what),
            },
            context=context,
        )
        for what, keys in by_change.items()
    ]


def _named(measure: Mapping[str, Any]) -> str:
    """A measure as it is called in a list: an outcome by its metric, a level by itself."""
    of = str(measure["of"])
    return f"metric:{measure['metric']}" if of.startswith("outcome:") else of


def _restated(now: Any, shown: Estimates, context: dict[str, Any]) -> list[Finding]:
    """Figures of earlier reports that have another value today, as far as a reader can see."""
    found = []
    for key, one in context["waves"].items():
        for metric, before in sorted((one.get("published") or {}).items()):
            today = [row for row in shown if row.metric == metric and row.wave == key]
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
            rows = Estimates(today[:1], is_published=True)
            found.append(Finding("change", "F22", variant, slots, estimates=rows, context=context))
    return found


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
            if first and first["metric"] in (one.get("published") or {})
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


def _notes(now: Any, before: Any, held: Comparisons, held_by: Mapping[str, Any]) -> list[Any]:
    notes: list[Any] = [("note_rounding", {})]
    if len(held):
        by = dict.fromkeys(key for keys in held_by.values() for key in keys)
        listed = names(f"base:{k}" if f"base:{k}" in now.frame else f"segment:{k}" for k in by)
        notes.append(("note_held", {"list": listed, "prev_wave": wave(before.wave)}))
    both = trend.returning(now).published(min_base=0, warn_base=0)
    if len(both) and both[0].n and not both[0].is_hidden:
        notes.append(("note_returning", {"n": number(both[0], "n")}))
    return notes


def _circumstances(now: str, before: str, context: dict[str, Any]) -> list[Any]:
    told = [context["waves"].get(key, {}) for key in (before, now)]
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
        if all(one.get(part) for one in told) and told[0][part] != told[1][part]
    ]
