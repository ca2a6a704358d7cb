"""Where does reality fall short of expectation? (F23)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import gaps
from cxkit.analysis.contrasts import Leader
from cxkit.analysis.expectations.surface import MORE_THAN, Surface
from cxkit.records import Comparison, Comparisons, Estimates, Fits
from cxkit.report.finding import Finding, Findings, Slot, count, name, names, number
from cxkit.report.sections.pyramid import drawing_order

__all__ = ["findings"]

Said = tuple[str, dict[str, Slot]]

_UNRELIABLE = ("weak", "negative")


def findings(survey: Any) -> Findings:
    """What falls furthest behind expectation: the direct question first, then the paired one.

    The paired gaps are told in a sentence only where the direct question was not asked.
    """
    now = survey.latest
    context = now.context()
    has_direct, pairs = bool(gaps.direct_items(now.study)), gaps.pairs(now.study)
    alone = gaps.unpaired(now.study)
    found = [_direct(now, context)] if has_direct else []
    if pairs:
        found += _paired(now, pairs, context, is_told=not has_direct)
    if alone:
        slots = {"list": names(f"item:{key}" for key in alone)}
        found.append(Finding("gaps", "F23", "unpaired", slots, context=context))
    if not found:
        found = [Finding("gaps", "F23", "not_measured", context=context)]
    return Findings(found, context=context)


# -- the direct question --------------------------------------------------------------------------


def _direct(now: Any, context: dict[str, Any]) -> Finding:
    asked = gaps.direct_items(now.study)
    shares = Estimates(gaps.direct(now), context=context).published()
    leader = gaps.furthest_behind(now)
    variant, slots, plus = _lowest_balance(leader, asked, shares)
    scale = now.study.items[next(iter(asked))].scale
    order = _order(context, asked.values())
    return Finding(
        "gaps",
        "F23",
        variant,
        slots,
        estimates=shares,
        comparisons=Comparisons(leader.comparisons, context=context).published(),
        headline=slots.get("worse"),
        direction="bad" if plus else "flat",
        plus=plus,
        figure="likert",
        table="gaps_direct",
        title=("gaps", "direct_one" if variant == "direct" and not plus else variant, slots),
        options={
            "bands": [
                {"key": band, "scale": scale, "codes": list(codes)}
                for band, codes in now.study.known_scales[scale].bands()
            ],
            "order": [
                {"level": level, "items": [key for key, own in asked.items() if own == level]}
                for level in order
            ],
            "agreement": False,
            "levels": [[key, own] for level in order[::-1] for key, own in asked.items()
                       if own == level],
            "subtitle": ["gaps_direct", {}],
        },
        notes=[("note_gap_direct", {})] if len(asked) > 1 else [],
        context=context,
    )  # fmt: skip


def _lowest_balance(
    leader: Leader, asked: dict[str, str], shares: Estimates
) -> tuple[str, dict[str, Slot], list[Said]]:
    """What is said of the direct questions, and whether one is clearly the lowest."""
    levels = {f"item:{key}": f"level:{level}" for key, level in asked.items()}
    balances = shares.where(metric="net")
    if leader.first is None:
        return *_unseen([one for one in balances if one.n], levels), []
    if leader.n_hidden:
        hidden = [one for one in balances if one.is_hidden]
        return "some_hidden", {"list": names(levels[one.of] for one in hidden)}, []
    if leader.key is None:
        return "direct_tie", {"list": names(levels[of] for of in leader.tied)}, []
    of = leader.key
    slots = {
        "level": name(levels[of]),
        "worse": number(shares.only(of=of, metric="bottom_box_half")),
        "better": number(shares.only(of=of, metric="top_box_half")),
        "n": number(shares.only(of=of, metric="net"), "n"),
    }
    return "direct", slots, [("lowest", {})] if len(leader.comparisons) else []


# -- the paired question --------------------------------------------------------------------------


def _paired(
    now: Any, pairs: tuple[gaps.Pair, ...], context: dict[str, Any], *, is_told: bool
) -> list[Finding]:
    made = Comparisons(gaps.paired(now), context=context).published()
    leader = gaps.widest(now)
    scores = Estimates(gaps.paired_scores(now), context=context).published()
    fits = Fits(gaps.reliability(now), context=context).published()
    between = Comparisons(leader.comparisons, context=context).published()
    variant, slots = _widest(leader, made)
    weak = [one.of.partition("|")[0] for one in fits if one.verdict in _UNRELIABLE]
    order = _order(context, [one.level for one in pairs])[::-1]
    ranked = sorted(pairs, key=lambda one: order.index(one.level))
    surfaces = gaps.surfaces(now)
    numbers = Finding(
        "gaps",
        "F23" if is_told else "gaps_paired",
        variant if is_told else "",
        slots if is_told else {},
        estimates=scores,
        comparisons=Comparisons(_in(made, ranked), is_published=True),
        fits=fits,
        headline=slots.get("diff") if is_told else None,
        direction="bad" if is_told and variant == "paired" else "flat",
        figure="forest" if is_told else None,
        table="gaps_paired",
        title=("gaps", variant, slots) if is_told else ("numbers", "gaps_paired", {}),
        options={
            "pairs": [[f"level:{one.level}", one.item, one.expected] for one in ranked],
            "better": "neither",
            "sides": ["gap:real", "gap:expected"],
            "subtitle": ["gaps_paired", {}],
            "fold": not is_told,
        },
        notes=[
            ("note_gap", {}),
            ("note_gap_reliability", {}),
            *([("note_gap_weak", {"list": names(weak)})] if weak else []),
            *_without_surface(surfaces),
        ],
        context=context,
    )  # fmt: skip
    return [numbers, *_against(between, context), *_surface(surfaces, context)]


def _against(between: Comparisons, context: dict[str, Any]) -> list[Finding]:
    """The level with the widest gap against each other one; nothing for one alone."""
    if not len(between):
        return []
    return [
        Finding(
            "gaps",
            "gaps_order",
            comparisons=between,
            table="records",
            title=("numbers", "gaps_order", {}),
            options={"fold": True},
            context=context,
        )
    ]


def _widest(leader: Leader, made: Comparisons) -> Said:
    asked = [one for one in made if one.n_a or one.verdict == "hidden"]
    if leader.first is None:
        return _unseen(asked, {one.of: one.of for one in made})
    hidden = [one.of for one in asked if one.verdict == "hidden"]
    if leader.n_hidden:
        return "some_hidden", {"list": names(hidden)}
    if leader.key is None:
        return "paired_tie", {"list": names(leader.tied)}
    one = made.only(of=leader.key)
    if not len(leader.comparisons):
        return "paired_one", _signed(one)
    if not (one.is_clear and one.difference < 0):
        return "paired_lowest", _signed(one)
    ends = {"lo": number(one, "ci_high", "bound"), "hi": number(one, "ci_low", "bound")}
    return "paired", _signed(one) | {"diff": number(one, "difference", "size")} | ends


def _signed(one: Comparison) -> dict[str, Slot]:
    return {
        "level": name(one.of),
        "diff": number(one, "difference", "signed"),
        "lo": number(one, "ci_low", "signed"),
        "hi": number(one, "ci_high", "signed"),
        "n": number(one, "n_a"),
    }


# -- both, each by itself -------------------------------------------------------------------------


def _surface(surfaces: dict[str, Surface], context: dict[str, Any]) -> list[Finding]:
    """The response surfaces that rest on enough people, as a table; nothing where none does."""
    shown = [made for made in surfaces.values() if not made.verdict]
    if not shown:
        return []
    records = Estimates((one for made in shown for one in made), context=context).published()
    fits = Fits((one for made in shown for one in made.fits), context=context).published()
    outcome = records[0].of.rpartition("|")[2]
    return [
        Finding(
            "gaps",
            "gaps_surface",
            estimates=records,
            fits=fits,
            table="gaps_surface",
            title=("numbers", "gaps_surface", {"outcome": name(outcome)}),
            options={"subtitle": ["gaps_surface", {}], "fold": True},
            notes=[("note_surface", {}), ("note_association", {})],
            context=context,
        )
    ]


def _without_surface(surfaces: dict[str, Surface]) -> list[Any]:
    """That the model was left out: it rests on too few people, or on answers too much alike."""
    few, alike = (
        [f"level:{level}" for level, made in surfaces.items() if made.verdict in verdicts]
        for verdicts in (("too_few",), ("collinear", "made_of", "no_spread"))
    )
    notes: list[Any] = []
    if few:
        notes.append(("note_surface_few", {"limit": count(MORE_THAN), "list": names(few)}))
    if alike:
        notes.append(("note_surface_none", {"list": names(alike)}))
    return notes


# -- their parts ----------------------------------------------------------------------------------


def _unseen(asked: list[Any], levels: dict[str, str]) -> Said:
    """Why no level is named at all: nobody answered, or too few did."""
    if not asked:
        return "nobody", {}
    return "hidden", {"list": names(levels[one.of] for one in asked)}


def _order(context: dict[str, Any], levels: Any) -> list[str]:
    """Levels from the bottom of a figure to its top; those of no framework at the bottom."""
    known = drawing_order(context["framework"]) if context["framework"] else []
    asked = list(dict.fromkeys(levels))
    return [one for one in asked if one not in known] + [one for one in known if one in asked]


def _in(made: Comparisons, pairs: list[gaps.Pair]) -> list[Comparison]:
    return [made.only(of=f"level:{one.level}") for one in pairs]
