"""What the types of experience and the qualities of an interaction have in common (F24).

Scores of parts with bases of their own: the lowest, named only where it is clear within people who
rated both, then the same by furthest stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cxkit.analysis import experience
from cxkit.analysis.contrasts import Leader
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Slot, name, names, number
from cxkit.study.shape import FURTHEST_STAGE

__all__ = ["Said", "by_stage", "is_measured", "not_measured", "scored"]

Said = tuple[str, dict[str, Slot]]


def is_measured(survey: Any, part: str) -> bool:
    """Whether the latest wave asked anything about these parts."""
    if part not in survey.study.parts:
        return False
    return any("not_measured" not in one.flags for one in experience.scores(survey, part))


def not_measured(section: str, context: dict[str, Any], *plus: Said) -> Finding:
    """That nothing was asked about these parts: a line in the section on gaps."""
    what = {"what": name(f"what:{section}")}
    return Finding("gaps", "F32", "not_measured", what, plus=plus, context=context)


def scored(survey: Any, part: str, *, plus: list[Said], notes: list[Any]) -> list[Finding]:
    """The scores of all parts, the lowest where it is clear, and how far it lies below others."""
    now = survey.latest
    context = now.context()
    section, unit = f"{part}s", _units(part)
    scores = Estimates(experience.scores(now, part), context=context).published()
    leader = experience.lowest(now, part)
    compared = Comparisons(leader.comparisons, context=context).published()
    asked = [one for one in scores if "not_measured" not in one.flags]
    shown = [one for one in asked if one.n and not one.is_hidden]
    bases = {one.of: experience.base_of(now.study, one.of) for one in asked}
    variant, slots = _said(part, leader, shown, asked, compared, bases)
    more = [("nearest", _nearest(compared))] if variant.startswith("lowest") else []
    first = Finding(
        section,
        "F24",
        variant,
        slots,
        estimates=scores,
        comparisons=compared if more else Comparisons((), is_published=True),
        plus=[*more, *_left_out(asked, shown, bases), *plus],
        headline=number(scores.only(of=leader.first)) if more else None,
        direction="bad" if more else "flat",
        figure="pyramid",
        table="parts",
        title=("part", *_title(variant, slots, unit)),
        options={
            "part": part,
            "shape": "list",
            "order": [one.of.partition(":")[2] for one in reversed(scores)],
            "bases": bases,
            "statements": {
                one.of: [len(one.asked), len(one.items)]
                for one in experience.coverage(now.study, part)
            },
            "subtitle": ["part", {"unit": f"unit:{part}"}],
        },
        notes=[("note_part_base", unit), *_bases(shown), ("note_score_100", {}), *notes],
        context=context,
    )
    return [first, *_compared(section, unit, compared, context)]


def by_stage(survey: Any, part: str) -> list[Finding]:
    """The scores by furthest stage; nothing where that is not known, or nobody is in any column."""
    now = survey.latest
    context = now.context()
    scores = Estimates(experience.by_stage(now, part), context=context).published()
    rated = list(dict.fromkeys(one.of for one in scores if one.n))
    if not rated:
        return []
    parts = [of.partition(":")[2] for of in rated]
    unit = _units(part)
    columns = list(now.study.reached_stages)
    return [
        Finding(
            f"{part}s",
            "by_stage",
            estimates=Estimates((one for one in scores if one.of in rated), is_published=True),
            table="parts_by_stage",
            title=("part", "by_stage", {"unit": unit["unit"]}),
            options={
                "part": part,
                "rows": parts[::-1],
                "columns": columns,
                "by": FURTHEST_STAGE,
                "fold": True,
                "subtitle": ["part_by_stage", {"unit": f"unit:{part}"}],
            },
            notes=[("note_columns", {}), ("note_part_columns", unit), ("note_survivors", {})],
            context=context,
        )
    ]


def _units(part: str) -> dict[str, Slot]:
    """What one of the parts is called, and several of them."""
    return {"unit": name(f"unit:{part}"), "units": name(f"units:{part}")}


# -- what is said ---------------------------------------------------------------------------------


def _said(
    part: str,
    leader: Leader,
    shown: list[Estimate],
    asked: list[Estimate],
    compared: Comparisons,
    bases: Mapping[str, str],
) -> Said:
    """Which rule fired, and what it is filled with."""
    unit = _units(part)
    if not shown:
        measured = [one.of for one in asked if one.n]
        return ("hidden", unit | {"list": names(measured)}) if measured else ("nobody", unit)
    (lowest,) = (one for one in shown if one.of == leader.first)
    slots = unit | _of(lowest, bases)
    if len(shown) == 1:
        return "alone", slots
    turned = [one.b for one in compared if one.is_clear and one.difference > 0]
    untold = [one.b for one in compared if one.verdict == "hidden"]
    unclear = [one.b for one in compared if not one.is_clear and one.b not in untold]
    if turned:
        return "other_people", slots | {"list": names(turned)}
    if unclear:
        return "tie", unit | {"list": names([lowest.of, *unclear])}
    if untold:
        return "few_both", slots | {"list": names(untold)}
    if part == "determinant" and bases[lowest.of] == "contacted":
        kept = {key: slots[key] for key in ("est", "n")}
        return "lowest", kept | {"determinant": slots["what"]}
    return "lowest_of", slots


def _of(one: Estimate, bases: Mapping[str, str]) -> dict[str, Slot]:
    """A part with its score, range and base."""
    return {
        "what": name(one.of),
        "est": number(one),
        "lo": number(one, "ci_low"),
        "hi": number(one, "ci_high"),
        "n": number(one, "n"),
        "who": name(f"base:{bases[one.of]}"),
    }


def _nearest(compared: Comparisons) -> dict[str, Slot]:
    """The one that the same people rate least far above the lowest."""
    one: Comparison = min(compared, key=lambda each: abs(each.difference))
    return {
        "diff": number(one, "difference", "size"),
        "next": name(one.b),
        "lo": number(one, "ci_high", "bound"),
        "hi": number(one, "ci_low", "bound"),
        "n": number(one, "n_a"),
    }


def _left_out(
    asked: list[Estimate], shown: list[Estimate], bases: Mapping[str, str]
) -> Iterator[Said]:
    """Parts that have no number, and why: too few, nobody to whom they apply, nobody answered."""
    if shown and (hidden := [one.of for one in asked if one.is_hidden]):
        yield "left_out", {"list": names(hidden)}
    silent = [one.of for one in asked if "no_answers" in one.flags]
    is_left_open = bool(silent) and not shown  # a wave that put the battery to nobody
    outside = [one.of for one in asked if "not_applicable" in one.flags and not is_left_open]
    for base in dict.fromkeys(bases[of] for of in outside):
        listed = names(of for of in outside if bases[of] == base)
        yield "outside", {"list": listed, "who": name(f"base:{base}")}
    if shown and silent:
        yield "unanswered", {"list": names(silent)}


def _bases(shown: list[Estimate]) -> list[Any]:
    """The smallest and the largest base of those shown."""
    if len(shown) < 2:
        return []
    low, high = (pick(shown, key=lambda one: one.n) for pick in (min, max))
    return [("note_part_n", {"low": number(low, "n"), "high": number(high, "n")})]


def _title(variant: str, slots: Mapping[str, Slot], unit: dict[str, Slot]) -> Said:
    if variant.startswith("lowest"):
        return "lowest", {"what": slots.get("what") or slots["determinant"]}
    if variant in ("tie", "hidden"):
        return variant, {"unit": unit["unit"]}
    return "plain", {"unit": unit["unit"]}


def _compared(
    section: str, unit: dict[str, Slot], compared: Comparisons, context: dict[str, Any]
) -> list[Finding]:
    """The differences within people, as a table that is folded."""
    if not len(compared):
        return []
    return [
        Finding(
            section,
            "compared",
            comparisons=compared,
            table="records",
            title=("part", "compared", unit),
            options={"fold": True},
            context=context,
        )
    ]
