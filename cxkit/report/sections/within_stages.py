"""What counts inside the stages: price and quality (F13), product and service, ways to advocate.

Part of the section on the journey: `findings(survey)` is called by it.
"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import within_stages as inside_of
from cxkit.records import Comparison, Comparisons, Estimates
from cxkit.report.finding import Finding, Slot, inside, number, setting

__all__ = ["findings"]

Said = tuple[str, dict[str, Slot]]

_ASPECT_AT = {question: place for place, question in inside_of.IMPORTANCE.items()}


def findings(survey: Any) -> list[Finding]:
    """Price between the two stages, price beside quality, what buyers judge, how people advocate.

    A topic whose questions the study does not ask has no finding.
    """
    context = survey.latest.context()
    price = _published(inside_of.price(survey), context)
    scores = Estimates(inside_of.importance(survey), context=context).published()
    rows = _published(inside_of.weighed(survey), context)
    found = [
        _price(price, scores, rows, context),
        _weighed(rows, context),
        _evaluation(survey, context),
        _ways(survey, context),
    ]
    return [one for one in found if one is not None]


def _published(rows: Comparisons, context: dict[str, Any]) -> Comparisons:
    return Comparisons(rows, context=context).published()


# -- price and quality -----------------------------------------------------------------------------


def _price(
    price: Comparisons, scores: Estimates, rows: Comparisons, context: dict[str, Any]
) -> Finding | None:
    """Whether price matters more when deciding than when comparing; all of it in one table."""
    if not len(price):
        return None
    (variant, slots), *plus = _told(price[0], "lower", "higher")
    return Finding(
        "journey",
        "F13",
        variant,
        slots,
        estimates=scores,
        comparisons=price + rows,
        plus=plus,
        table="importance",
        title=("numbers", "importance" if len(rows) else "price", {}),
        options={"places": {_key_of(context, q): list(p) for q, p in _ASPECT_AT.items()},
                 "subtitle": ["importance", {}], "fold": not len(rows)},
        notes=[("note_importance", {})] if len(rows) else [],
        context=context,
    )  # fmt: skip


def _key_of(context: dict[str, Any], question: str) -> str:
    """The key under which records speak of a question."""
    return f"outcome:{question}" if question in context["outcomes"] else f"item:{question}"


def _weighed(rows: Comparisons, context: dict[str, Any]) -> Finding | None:
    """Which of price and quality matters more at each stage, and how quality goes on from there."""
    if not len(rows):
        return None
    told: list[Said] = []
    for one in rows:
        (stage, aspect), (_, other) = (_place(side) for side in (one.a, one.b))
        if aspect == other:
            found = _told(one, "quality_lower", "quality_higher", "quality_")
        else:
            found = _told(one, "quality_more", "price_more", "", inside(f"moment:{stage}"))
        told += found
    (variant, slots), *plus = _once(told)
    return Finding("journey", "weighed", variant, slots, comparisons=rows, plus=plus,
                   context=context)  # fmt: skip


def _place(side: str) -> tuple[str, str]:
    return _ASPECT_AT[side.partition(":")[2]]


def _once(told: list[Said]) -> list[Said]:
    """What is said of several differences, once where all of them are hidden or unanswered."""
    variants = [variant for variant, _ in told]
    if set(variants) <= {"hidden", "quality_hidden"}:
        return [("hidden", {})]
    if set(variants) <= {"nobody", "quality_nobody"}:
        return [("nobody", {})]
    return [one for one in told if not one[0].endswith(("hidden", "nobody"))]


def _told(
    one: Comparison, falls: str, rises: str, prefix: str = "", moment: Slot | None = None
) -> list[Said]:
    """What a difference of importance or satisfaction says, `falls` where it is below zero."""
    at = {} if moment is None else {"moment": moment}
    matter = {"matter": setting(["matters", "score_100"], one.unit)}
    if not one.n_a:
        return [(f"{prefix}nobody", {})]
    if one.verdict == "hidden":
        return [(f"{prefix}hidden", {})]
    if one.verdict == "stable":
        return [(f"{prefix}stable", at | matter)]
    if not one.is_clear:
        return [(f"{prefix}not_clear", at)]
    is_below = one.difference < 0
    ends = ("ci_high", "ci_low") if is_below else ("ci_low", "ci_high")
    slots = {
        "diff": number(one, "difference", "size"),
        "lo": number(one, ends[0], "bound"),
        "hi": number(one, ends[1], "bound"),
        "n": number(one, "n_a"),
    }
    said: list[Said] = [(falls if is_below else rises, at | slots)]
    return [*said, ("small", matter)] if one.verdict == "clear_small" else said


# -- what is judged, and how people advocate -------------------------------------------------------


def _evaluation(survey: Any, context: dict[str, Any]) -> Finding | None:
    """Whether the product or the service after the purchase is rated higher, in the same people."""
    rows = _published(inside_of.evaluation(survey), context)
    if not len(rows):
        return None
    (variant, slots), *plus = _told(rows[0], "quality_higher", "service_higher")
    return Finding(
        "journey",
        "evaluation",
        variant,
        slots,
        estimates=Estimates(inside_of.evaluated(survey), context=context).published(),
        comparisons=rows,
        plus=plus,
        table="evaluation",
        title=("numbers", "evaluation", {}),
        options={"aspects": {_key_of(context, question): f"aspect:{aspect}"
                             for aspect, question in inside_of.EVALUATED.items()},
                 "subtitle": ["evaluation", {}], "fold": True},
        notes=[("note_score_100", {})],
        context=context,
    )  # fmt: skip


def _ways(survey: Any, context: dict[str, Any]) -> Finding | None:
    """How many of those who advocated told others, and how many told the company itself."""
    rows = Estimates(inside_of.ways(survey), context=context).published()
    if not len(rows) or not rows[0].n:
        return None
    named = {one.of: one for one in rows}
    told = [named.get(f"way:{key}") for key in ("rch_advocate_peer", "rch_advocate_brand", "both")]
    variant, slots = "", {}
    if all(told):
        keys = ("peers", "company", "both")
        variant = "hidden" if rows[0].is_hidden else "told"
        numbers = {key: number(one) for key, one in zip(keys, told, strict=True) if one}
        slots = {} if rows[0].is_hidden else numbers | {"n": number(rows[0], "n")}
    return Finding(
        "journey",
        "ways_to_advocate",
        variant,
        slots,
        estimates=rows,
        table="ways_to_advocate",
        title=("numbers", "ways_to_advocate", {}),
        options={"subtitle": ["ways_to_advocate", {}], "fold": True},
        notes=[("note_overlapping_ways", {})],
        context=context,
    )
