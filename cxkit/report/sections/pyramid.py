"""Which level is strong and which is weak, and is it a pyramid in these data? (F06, F07, F08)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.analysis import pyramid as levels
from cxkit.analysis.scoring import changed, items_of
from cxkit.records import Comparisons, Estimates
from cxkit.report.finding import Finding, Findings, Slot, name, names, number, wave
from cxkit.report.sections.order import one_impression, order

__all__ = [
    "downwards",
    "drawing_order",
    "findings",
    "locked",
    "note_same_items",
    "notes_locked",
]


def findings(survey: Any, *, is_tested: bool = True) -> Findings:
    """The levels, drawn in the order of the framework, and the weakest one where it is clear.

    Where there are scores and `is_tested`: whether the order holds in these data (pyramids only),
    and how much of the levels' shared movement comes from one overall impression.
    """
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    framework = context["framework"]
    if not framework:
        what = {"what": name("what:levels")}
        missing = Finding("pyramid", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    scores = levels.scores(now)
    earlier = levels.scores_before(now)
    leader = levels.weakest(now)
    weakest = leader.comparisons.published()
    changes = levels.change(now) if before is not None else ()
    estimates = Estimates([*scores, *earlier], context=context).published()
    comparisons = Comparisons([*weakest, *Comparisons(changes, context=context).published()])
    comparisons = Comparisons(comparisons, context=context, is_published=True)
    variant, slots, direction, headline = _weakest(now, leader, estimates, comparisons)
    shape = framework.get("shape") or "list"
    finding = Finding(
        "pyramid",
        "F06",
        variant,
        slots,
        estimates=estimates,
        comparisons=comparisons,
        headline=headline,
        direction=direction,
        figure="pyramid",
        table="pyramid",
        title=("pyramid", variant, slots),
        options={
            "order": drawing_order(framework),
            "shape": shape,
            "wave": now.wave,
            "previous": before.wave if before is not None else None,
            "is_named": variant == "clear",
            "subtitle": ["pyramid", {}],
        },
        notes=[
            *_notes(framework, estimates, now.wave),
            *note_same_items(now),
            *notes_locked(now, {f"level:{key}": f"level:{key}" for key in framework["levels"]}),
        ],
        context=context,
    )
    if variant == "nobody" or not is_tested:
        return Findings([finding], context=context)
    return Findings([finding, *order(now), *one_impression(now)], context=context)


def drawing_order(framework: dict[str, Any]) -> list[str]:
    """The levels from the bottom of a figure or table to its top.

    A pyramid stands on its base; a plain list reads from the top.
    """
    levels = list(framework.get("levels", ()))
    return levels if framework.get("shape") == "pyramid" else levels[::-1]


def downwards(rows: Any, framework: dict[str, Any] | None) -> Any:
    """Estimates or comparisons of levels as they are read, from the top of the pyramid down."""
    order = [f"level:{key}" for key in reversed(drawing_order(framework or {}))]
    place = {of: at for at, of in enumerate(order)}
    own = sorted(rows, key=lambda one: place.get(one.of, len(order)))
    return type(rows)(own, context=rows.context, is_published=rows.is_published)


def _weakest(now: Any, leader: Any, estimates: Estimates, comparisons: Comparisons) -> Any:
    shown = [one for one in estimates.where(wave=now.wave) if one.n and not one.is_hidden]
    tied = names(leader.tied)
    if leader.first is None or not shown:
        asked = [one for one in estimates.where(wave=now.wave) if one.n]
        if not asked:
            return "nobody", {}, "flat", None
        listed = names(one.of for one in asked)
        return "hidden", {"list": listed}, "flat", None
    lowest = estimates.only(of=leader.first, wave=now.wave)
    if lowest.is_hidden:
        return "hidden", {"list": tied}, "flat", None
    slots: dict[str, Slot] = {
        "level": name(lowest.of),
        "est": number(lowest),
        "lo": number(lowest, "ci_low"),
        "hi": number(lowest, "ci_high"),
        "n": number(lowest, "n"),
    }
    if len(shown) == 1:
        return "single", slots, "flat", number(lowest)
    if leader.key is None:
        return "tie", {"list": tied}, "flat", None
    nearest = comparisons[0]
    slots |= {"diff": number(nearest, "difference", "size"), "next": name(nearest.b)}
    return "clear", slots, "bad", number(lowest)


def note_same_items(survey: Any) -> list[Any]:
    """That a level is compared with the wave before on fewer statements than it has."""
    notes = []
    for level, common in levels.common_items(survey).items():
        if common and set(common) != set(items_of(survey, level)):
            stated = {
                "level": name(f"level:{level}"),
                "items": names(f"item:{one}" for one in common),
            }
            notes.append(("note_same_items", stated))
    return notes


def locked(survey: Any, measures: Mapping[str, str]) -> list[tuple[list[str], Slot]]:
    """What was asked in another way the wave before: the names of measures, and what changed."""
    now, before = survey.latest, survey.latest.previous
    by_change: dict[tuple[str, ...], list[str]] = {}
    for of, named in measures.items() if before is not None else ():
        if what := changed(now, of, (before.wave, now.wave)):
            by_change.setdefault(what, []).append(named)
    return [(keys, names(f"changed:{part}" for part in what)) for what, keys in by_change.items()]


def notes_locked(survey: Any, measures: Mapping[str, str]) -> list[Any]:
    """A note for measures that were asked in another way the wave before, and so not compared."""
    found = locked(survey, measures)
    before = wave(survey.latest.previous.wave) if found else None
    return [
        ("note_locked", {"list": names(keys), "prev_wave": before, "what": what})
        for keys, what in found
    ]


def _notes(framework: dict[str, Any], estimates: Estimates, wave: str | None) -> list[Any]:
    told = (one for one in estimates.where(wave=wave) if "hidden_privacy" not in one.flags)
    first = next((one for one in told if one.n), None)
    notes: list[Any] = []
    if first is not None:
        who = name(f"base:{framework.get('scored_on') or 'everyone'}")
        base = {"who": who, "n": number(first, "n"), "n_eff": number(first, "n_eff")}
        several = len(framework.get("levels", ())) > 1
        notes.append(("note_base_levels" if several else "note_base", base))
    notes.append(("note_score_100", {}))
    if (framework.get("shape") or "list") == "pyramid":
        notes.append(("note_order_hypothesis", {}))
    return notes
