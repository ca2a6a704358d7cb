"""Which statements explain that level? (F09)"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cxkit.analysis import items as statements
from cxkit.analysis.contrasts import Leader
from cxkit.records import Estimates
from cxkit.report.finding import Finding, Findings, Slot, name, names, number
from cxkit.report.sections.pyramid import drawing_order

__all__ = ["findings"]

_MOST_NAMED = 4
"""Where more statements than this cannot be told apart, the figure's title says so alone."""


def findings(survey: Any) -> Findings:
    """The least agreed and the most divided statement, where clear, and how all were answered."""
    now = survey.latest
    context = now.context()
    if not context["items"]:
        what = {"what": name("what:statements")}
        missing = Finding("items", "F32", "not_measured", what, context=context)
        return Findings([missing], context=context)
    shares = Estimates(statements.answers(now), context=context).published()
    scale = _main_scale(context)
    ending = "" if context["scales"][scale].get("family") == "agreement" else "_scale"
    lowest = _lowest(statements.least_agreed(now), shares, ending, context)
    found = [lowest] if lowest is not None and _n_named(lowest) <= _MOST_NAMED else []
    divided = statements.most_divided(now)
    is_told = lowest is not None and divided.key == _subject(lowest)
    if divided.key is not None and len(context["items"]) > 1 and not is_told:
        slots = _slots(divided.key, shares)
        found.append(_said(f"most_divided{ending}", slots, shares, context))
    found.append(
        Finding(
            "items",
            "answers",
            estimates=shares,
            figure="likert",
            table="likert",
            title=_title(lowest, shares),
            options={
                "bands": [
                    {"key": band, "scale": scale, "codes": list(codes)}
                    for band, codes in now.study.known_scales[scale].bands()
                ],
                "order": _order(context),
                "agreement": not ending,
                "subtitle": ["likert" if _has_middle(now, scale) else "likert_even", {}],
            },
            notes=_base(shares, context),
            context=context,
        )
    )
    return Findings(found, context=context)


def _base(shares: Estimates, context: dict[str, Any]) -> list[Any]:
    """Who answered: one base where all statements have the same, a word that they differ if not."""
    told = [one for one in shares if one.metric == "mean" and one.n == one.n]
    if len({one.n for one in told}) > 1:
        return [("note_item_base", {})]
    if not told or not told[0].n:
        return []
    who = name("base:everyone" if told[0].n == context["n"] else "base:answered")
    base = {"who": who, "n": number(told[0], "n"), "n_eff": number(told[0], "n_eff")}
    return [("note_base", base)]


def _main_scale(context: dict[str, Any]) -> str:
    """The scale of most items: it names the answers of the figure."""
    return Counter(item["scale"] for item in context["items"].values()).most_common(1)[0][0]


def _has_middle(survey: Any, scale: str) -> bool:
    return any(band == "l3" for band, _ in survey.study.known_scales[scale].bands())


def _order(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The items under their levels, in the framework's order."""
    groups: dict[str | None, list[str]] = {key: [] for key in drawing_order(context["framework"])}
    for key, item in context["items"].items():
        groups.setdefault(item["level"], []).append(key)
    return [{"level": level, "items": keys} for level, keys in groups.items() if keys]


def _slots(of: str, shares: Estimates) -> dict[str, Slot]:
    top = shares.only(of=of, metric="top_box_half")
    bottom = shares.only(of=of, metric="bottom_box_half")
    return {
        "item": name(of),
        "top": number(top),
        "bottom": number(bottom),
        "n": number(top, "n"),
    }


def _n_named(finding: Finding) -> int:
    return len(finding.slots["list"].key) if "list" in finding.slots else 1


def _subject(finding: Finding) -> str | None:
    slot = finding.slots.get("item")
    return str(slot.key) if slot is not None else None


def _said(
    variant: str, slots: dict[str, Slot], shares: Estimates, context: dict[str, Any]
) -> Finding:
    said = Finding("items", "F09", variant, slots, estimates=shares, context=context)
    return said.only_what_it_says()


def _lowest(
    leader: Leader, shares: Estimates, ending: str, context: dict[str, Any]
) -> Finding | None:
    if leader.first is None or leader.n_hidden or len(context["items"]) == 1:
        return None
    if leader.key is None:
        slots = {"list": names(leader.tied)}
        return _said(f"lowest{ending}_tie", slots, shares, context)
    return _said(f"lowest{ending}", _slots(leader.key, shares), shares, context)


def _title(lowest: Finding | None, shares: Estimates) -> tuple[str, str, dict[str, Slot]]:
    if lowest is not None:
        return "likert", lowest.variant, dict(lowest.slots)
    if any(one.n and not one.is_hidden for one in shares):
        return "numbers", "likert", {}
    return "likert", "hidden" if any(one.n for one in shares) else "nobody", {}
