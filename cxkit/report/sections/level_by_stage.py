"""Is the weak spot the same at every stage? (F14)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.analysis import journey as stages
from cxkit.analysis.contrasts import Leader
from cxkit.analysis.scoring import items_of
from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, fragments, name, names, number
from cxkit.report.sections.pyramid import drawing_order
from cxkit.study.shape import FURTHEST_STAGE

__all__ = ["findings"]

Columns = Mapping[str, Estimates]
Said = tuple[str, dict[str, Slot]]


def findings(survey: Any) -> Findings:
    """The levels by the furthest stage of respondents, and the lowest of each where clear."""
    now = survey.latest
    context = now.context()
    if not context["framework"] or not now.study.has_furthest_stage:
        what = name("what:furthest_stage" if context["framework"] else "what:levels")
        missing = Finding("level_by_stage", "F32", "not_measured", {"what": what}, context=context)
        return Findings([missing], context=context)
    items = stages.common_items_by_stage(now)
    scores = Estimates(stages.levels_by_stage(now, items), context=context).published()
    if not any(one.n for one in scores):
        nobody = Finding("level_by_stage", "F14", "nobody", context=context)
        return Findings([nobody], context=context)
    keys = now.study.reached_stages
    columns, outside = _shown(scores, keys), _outside(scores)
    weakest = stages.weakest_by_stage(now, items)
    leaders = {key: one for key, one in weakest.items() if key in columns}
    lowest = _lowest(columns, leaders)
    unshared = [level for level, common in items.items() if items_of(now, level) and not common]
    first, *more = _said(columns, leaders, lowest, unshared)
    finding = Finding(
        "level_by_stage",
        "F14",
        *first,
        estimates=scores,
        comparisons=_differences(leaders, context),
        plus=more,
        figure="heat_map",
        table="level_by_stage",
        title=_title(columns, lowest, first[0]),
        options={
            "rows": drawing_order(context["framework"]),
            "columns": [key for key in keys if key not in outside],
            "stages": list(keys),
            "by": FURTHEST_STAGE,
            "lowest": {stage: one.of.partition(":")[2] for stage, one in lowest.items()},
            "subtitle": ["level_by_stage", {}],
        },
        notes=_notes(now, columns, outside, items, context),
        context=context,
    )
    return Findings([finding], context=context)


def _shown(scores: Estimates, keys: tuple[str, ...]) -> dict[str, Estimates]:
    """The columns that may be shown, each with its scores."""
    by_column = {key: scores.where(**{f"by_{FURTHEST_STAGE}": key}) for key in keys}
    found = {
        key: Estimates((one for one in column if one.n and not one.is_hidden), is_published=True)
        for key, column in by_column.items()
    }
    return {key: column for key, column in found.items() if len(column)}


def _outside(scores: Estimates) -> list[str]:
    """The columns that hold nobody to whom the scores apply."""
    found = (one.by[FURTHEST_STAGE] for one in scores if "not_applicable" in one.flags)
    return list(dict.fromkeys(found))


def _lowest(columns: Columns, leaders: Mapping[str, Leader]) -> dict[str, Estimate]:
    """The lowest score of each column in which one is clear."""
    return {
        key: columns[key].only(of=one.key)
        for key, one in leaders.items()
        if one.key is not None and len(columns[key]) > 1
    }


def _differences(leaders: Mapping[str, Leader], context: dict[str, Any]) -> Comparisons:
    rows = [one for leader in leaders.values() for one in leader.comparisons.published()]
    return Comparisons(rows, context=context, is_published=True)


# -- what is said ---------------------------------------------------------------------------------


def _said(
    columns: Columns,
    leaders: Mapping[str, Leader],
    lowest: Mapping[str, Estimate],
    unshared: list[str],
) -> list[Said]:
    """The sentences on the lowest score of each column, the first one leading."""
    if not columns:
        return [("hidden", {})]
    if any(one.n_hidden for one in leaders.values()):
        return [("not_comparable", {"list": names(f"level:{key}" for key in unshared)})]
    if all(len(column) == 1 for column in columns.values()):
        return [("", {})]
    if len(columns) == 1:
        ((stage, leader),) = leaders.items()
        alone: Said = ("alone", {})
        return [_one("clear", lowest[stage]) if lowest else _tie(stage, leader), alone]
    if not lowest:
        return [("tie_all", {})]
    if len(lowest) == len(columns) and _is_same(lowest):
        parts = [("lowest", stage, number(one)) for stage, one in lowest.items()]
        level = name(next(iter(lowest.values())).of)
        return [("same", {"level": level, "list": fragments(parts)})]
    *others, last = lowest.values()
    said = [*(_one("clear_more", one) for one in others), _one("clear", last)]
    if unclear := [f"stage:{key}" for key in columns if key not in lowest]:
        said.append(("unclear", {"stages": names(unclear)}))
    return said


def _is_same(lowest: Mapping[str, Estimate]) -> bool:
    return len({one.of for one in lowest.values()}) == 1


def _one(variant: str, lowest: Estimate) -> Said:
    return variant, {
        "stage": name(f"stage:{lowest.by[FURTHEST_STAGE]}"),
        "level": name(lowest.of),
        "est": number(lowest),
        "n": number(lowest, "n"),
    }


def _tie(stage: str, leader: Leader) -> Said:
    return "tie", {"stage": name(f"stage:{stage}"), "list": names(leader.tied)}


def _title(
    columns: Columns, lowest: Mapping[str, Estimate], variant: str
) -> tuple[str, str, dict[str, Slot]]:
    if variant in ("hidden", "not_comparable"):
        return "heat_map", variant, {}
    if not variant:
        return "numbers", "level_by_stage", {}
    if not lowest:
        return "heat_map", "tie", {}
    if not _is_same(lowest):
        return "heat_map", "differs", {}
    (stage, one), *others = lowest.items()
    slots = {"level": name(one.of)}
    if not others:
        return "heat_map", "one", slots | {"stage": name(f"stage:{stage}")}
    return "heat_map", "same" if len(lowest) == len(columns) else "where_clear", slots


# -- what is to be known --------------------------------------------------------------------------


def _notes(
    survey: Any,
    columns: Columns,
    outside: list[str],
    items: Mapping[str, tuple[str, ...]],
    context: dict[str, Any],
) -> list[Any]:
    who = name(f"base:{context['framework'].get('scored_on') or 'everyone'}")
    notes: list[Any] = [("note_columns", {}), ("note_column_base", {"who": who})]
    if outside:
        listed = names(f"stage:{key}" for key in outside)
        notes.append(("note_outside_columns", {"list": listed, "who": who}))
    for level, common in items.items():
        if common and set(common) != set(items_of(survey, level)):
            listed = names(f"item:{item}" for item in common)
            notes.append(("note_common_items", {"level": name(f"level:{level}"), "items": listed}))
    if len(columns) > 1:
        notes.append(("note_survivors", {}))
    return [*notes, ("note_score_100", {})]
