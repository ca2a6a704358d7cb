"""Who stays, who talks, and on what terms? (F25, F26, and two brands rated by the same people)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from cxkit.analysis import loyalty, rival
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, count, name, names, number, setting
from cxkit.report.sections import cost_and_fit
from cxkit.report.sections.pyramid import downwards
from cxkit.report.sections.scorecard import unseen

__all__ = ["findings", "is_seen", "share_of", "unanswered", "unmeasured", "was_asked"]

Notes = list[tuple[str, dict[str, Slot]]]

_LISTS = {"wom_tone": "wom_tone", "rev_tone": "rev_tone"}
_ALONE = {
    "wom_warned": "warned",
    "wom_recommended": "recommended",
    "rev_posted": "posted",
    "wom_talked": "talked",
}
"""What is told where the tone of talking was not asked, by what was: the first that can be."""


def findings(survey: Any) -> Findings:
    """Word of mouth, loyalty against a lower price, intentions, cost and fit, another brand.

    What the study did not ask, and what nobody answered, is named in one sentence each at the end.
    """
    now = survey.latest
    context = now.context()
    found: list[Finding] = []
    missing, silent = [], []
    for what, (numbers, tell) in _TOPICS.items():
        rows = numbers(now).published()
        if not was_asked(rows):
            missing.append(what)
        elif not any(one.n for one in rows):
            silent.append(what)
        else:
            found += tell(now, rows, context)
    found += unanswered(silent, "loyalty", context) + unmeasured(missing, "loyalty", context)
    return Findings(found, context=context)


def unanswered(what: Sequence[str], section: str, context: dict[str, Any]) -> list[Finding]:
    """One sentence that names what nobody in hand answered; none where there is nothing."""
    slots = {"group": names(what)}
    return [Finding(section, "F33", "no_answers", slots, context=context)] if what else []


def unmeasured(what: Sequence[str], section: str, context: dict[str, Any]) -> list[Finding]:
    """One sentence that names what the study did not ask; none where it asked everything."""
    if not what:
        return []
    if len(what) == 1:
        return [Finding(section, "F32", "not_measured", {"what": name(what[0])}, context=context)]
    slots = {"list": names(what)}
    return [Finding(section, "F32", "not_measured_several", slots, context=context)]


# -- what was told ---------------------------------------------------------------------------------


def _word_of_mouth(survey: Any, told: Estimates, context: dict[str, Any]) -> list[Finding]:
    made = [_told(survey, told, context)]
    done = loyalty.said_and_done(survey).published()
    if any(one.n for one in done):
        made.append(_said_and_done(done, context))
    warned = loyalty.warned(survey).published()
    if len(warned):
        made.append(_warned(warned[0], loyalty.warners(survey).published(), context))
    return made


def _told(survey: Any, told: Estimates, context: dict[str, Any]) -> Finding:
    """F25, with the table of all that was told."""
    of_talkers = loyalty.is_of_talkers(survey)
    bases = {
        f"outcome:{key}": survey.study.outcomes[key].base
        for key in loyalty.TOLD
        if loyalty.is_asked(survey, key)
    }
    if not of_talkers and "outcome:wom_tone" in bases:
        bases["outcome:wom_tone"] = bases["outcome:wom_talked"]
    shown: dict[str, Any] = {
        "estimates": told,
        "table": "asked",
        "title": ("numbers", "word_of_mouth", {}),
        "options": {"rows": _rows(told, bases)},
        "notes": [("note_told", {})] if not of_talkers and "outcome:wom_tone" in bases else [],
    }
    good, bad = (share_of(told, "wom_tone", answer) for answer in ("mostly_good", "mostly_bad"))
    warned = share_of(told, "wom_warned")
    if is_seen(good) and is_seen(bad):
        slots = {"good": number(good), "bad": number(bad)}
        if is_seen(warned) and not of_talkers:
            slots["warned"] = number(warned)
            variant = "all"
        else:
            slots["n"] = number(good, "n")
            variant = "talkers" if of_talkers else "tone"
        return Finding("loyalty", "F25", variant, slots, context=context, **shown)
    for key, variant in _ALONE.items():
        if is_seen(one := share_of(told, key)):
            slots = {"share": number(one), "n": number(one, "n")}
            return Finding("loyalty", "F25", variant, slots, context=context, **shown)
    return unseen(max(told, key=_size), "what:word_of_mouth", "loyalty", context)


def _rows(told: Estimates, bases: dict[str, str | None]) -> list[dict[str, Any]]:
    """How each row of the table is named, and whom it concerns."""
    return [
        {
            "of": one.of,
            "metric": one.metric,
            "list": _LISTS.get(one.of.partition(":")[2]),
            "answer": one.by.get("answer"),
            "base": bases.get(one.of),
        }
        for one in told
    ]


def _said_and_done(done: Estimates, context: dict[str, Any]) -> Finding:
    """What those who say they would recommend the brand did, beside all others."""
    shown: dict[str, Any] = {
        "estimates": done,
        "table": "by_kind",
        "title": ("numbers", "said_and_done", {}),
        "options": {
            "by": "answer",
            "kind": "metric",
            "groups": list(loyalty.KINDS),
            "of": list(dict.fromkeys(one.of for one in done)),
            "fold": True,
        },
    }
    one = share_of(done, "wom_recommended", "promoter")
    if not is_seen(one):
        return Finding("loyalty", "said_and_done", context=context, **shown)
    slots = _with_range(one)
    return Finding("loyalty", "F25", "done", slots, context=context, **shown)


def _warned(one: Comparison, shares: Estimates, context: dict[str, Any]) -> Finding:
    """Whether buyers warn others more often than those who know the brand and did not buy."""
    slots: dict[str, Slot] = {}
    plus: list[tuple[str, dict[str, Slot]]] = []
    if 0 in (one.n_a, one.n_b):
        variant = "nobody"
    elif one.verdict == "hidden" or any(side.is_hidden for side in shares):
        variant = "hidden"
    elif one.verdict == "stable":
        variant, slots = "stable", _matter()
    else:
        slots = {"est": number(shares[0]), "rest": number(shares[1])} | _ends(one)
        variant = "not_clear"
        if one.is_clear:
            variant = "more" if one.difference > 0 else "less"
            slots["diff"] = number(one, "difference", "size")
        if one.verdict == "clear_small":
            plus.append(("small", _matter()))
    return Finding(
        "loyalty",
        "warned",
        variant,
        slots,
        plus=plus,
        estimates=shares,
        comparisons=Comparisons([one], is_published=True),
        table="by_kind",
        title=("numbers", "warned", {}),
        options={
            "by": "base",
            "kind": "base",
            "groups": ["buyers", "prospects"],
            "of": ["outcome:wom_warned"],
            "is_plain": True,
        },
        notes=[("note_prospects", {})],
        context=context,
    )


def _matter() -> dict[str, Slot]:
    return {"matter": setting(["matters", "share"], "share")}


# -- what is said ----------------------------------------------------------------------------------


def _conditional(survey: Any, shares: Estimates, context: dict[str, Any]) -> list[Finding]:
    """F26: who among the promoters would not surely stay with a brand that costs more."""
    one = share_of(shares, "loyal_price", "promoter")
    slots = {"share": number(one), "n": number(one, "n")} if is_seen(one) else {}
    made = Finding(
        "loyalty",
        "F26" if slots else "conditional",
        "all" if slots else "",
        slots,
        estimates=shares,
        table="by_kind",
        title=("numbers", "conditional", {}),
        options={
            "by": "answer",
            "kind": "metric",
            "groups": [*loyalty.KINDS, None],
            "of": ["outcome:loyal_price"],
            "head": "not_sure",
        },
        notes=[("note_not_sure", {}), ("note_intention", {})],
        context=context,
    )
    return [made] if slots else [unseen(one, "what:loyal_price", "loyalty", context), made]


def _intentions(survey: Any, told: Estimates, context: dict[str, Any]) -> list[Finding]:
    """What buyers say they will do, with the note that they say so."""
    stay, leave = (share_of(told, key) for key in ("stay", "leave"))
    slots: dict[str, Slot] = {}
    variant = ""
    if is_seen(stay) and is_seen(leave):
        variant, slots = "both", {"share": number(stay), "share2": number(leave)}
        slots["n"] = number(stay, "n")
    elif is_seen(stay):
        variant, slots = "stay", _with_range(stay)
    elif is_seen(leave):
        variant, slots = "leave", _with_range(leave)
    bases = {one.of: survey.study.outcomes[one.of.partition(":")[2]].base for one in told}
    made = Finding(
        "loyalty",
        "intentions",
        variant,
        slots,
        estimates=told,
        table="asked",
        title=("numbers", "intentions", {}),
        options={"rows": _rows(told, bases), "subtitle": ["intentions", {}]},
        notes=[("note_intention", {})],
        context=context,
    )
    is_hidden = not any(is_seen(one) for one in told)
    why = [unseen(max(told, key=_size), "what:intentions", "loyalty", context)] if is_hidden else []
    return [*why, made]


# -- another brand ---------------------------------------------------------------------------------


def _rival(survey: Any, numbers: Estimates, context: dict[str, Any]) -> list[Finding]:
    """Levels and outcomes of two brands, in the people who rated both."""
    levels, outcomes = (one(survey).published() for one in (rival.levels, rival.outcomes))
    levels = downwards(levels, context["framework"])
    told = _on_statements(survey, context)
    return [
        _brands(rows, numbers, kind, notes, context)
        for kind, rows, notes in (("levels", levels, told), ("outcomes", outcomes, []))
        if len(rows)
    ]


def _brands(
    rows: Comparisons, numbers: Estimates, kind: str, notes: Notes, context: dict[str, Any]
) -> Finding:
    """One sentence with its table; the levels drawn, where there are several to see."""
    measures = {one.of for one in rows}
    variant, slots, plus = _against(rows)
    is_drawn = kind == "levels" and sum(map(_is_compared, rows)) > 1
    return Finding(
        "loyalty",
        "rival",
        f"{kind}_{variant}",
        slots,
        plus=plus,
        estimates=Estimates((one for one in numbers if one.of in measures), is_published=True),
        comparisons=rows,
        figure="forest" if is_drawn else None,
        table="brands",
        title=("brands", kind, {}),
        options={"subtitle": ["brands", {}]},
        notes=[("note_brands", {}), *notes],
        context=context,
    )


def _on_statements(survey: Any, context: dict[str, Any]) -> Notes:
    """What the scores of two brands rest on: whom, where not everybody, and what, where not all."""
    base = (context["framework"] or {}).get("scored_on")
    notes: Notes = [("note_brands_base", {"who": name(f"base:{base}")})] if base else []
    k, m = rival.n_statements(survey)
    return notes + ([("note_brands_items", {"k": count(k), "m": count(m)})] if k < m else [])


def _is_compared(one: Comparison) -> bool:
    return one.verdict != "hidden" and one.n_a > 0


def _against(
    rows: Comparisons,
) -> tuple[str, dict[str, Slot], list[tuple[str, dict[str, Slot]]]]:
    """How the brand stands against the other: on what clearly higher, on what clearly lower."""
    seen = [one for one in rows if _is_compared(one)]
    if not seen:
        return ("hidden" if any(one.n_a for one in rows) else "nobody"), {}, []
    above = [one.of for one in seen if one.is_clear and one.difference > 0]
    below = [one.of for one in seen if one.is_clear and one.difference < 0]
    small = [one.of for one in seen if one.verdict == "clear_small"]
    slots = {"above": names(above)} if above else {}
    slots |= {"below": names(below)} if below else {}
    plus = [("small", {"list": names(small)})] if small else []
    if len(seen) < len(rows):
        plus.append(("some_hidden", {}))
    if above and below:
        return "mixed", slots, plus
    return ("higher" if above else "lower" if below else "none"), slots, plus


# -- their parts -----------------------------------------------------------------------------------


def share_of(found: Estimates, key: str, answer: str | None = None) -> Estimate | None:
    """The share of a question, or of one of its answers; None where it was not asked."""
    for one in found:
        if one.of == f"outcome:{key}" and one.by.get("answer") == answer:
            return one
    return None


def was_asked(found: Iterable[Estimate]) -> bool:
    """Whether the wave in hand asked any of the questions behind some numbers."""
    return any("not_measured" not in one.flags for one in found)


def is_seen(one: Estimate | None) -> TypeGuard[Estimate]:
    """Whether a number was asked for, answered, and may be shown."""
    return one is not None and one.n > 0 and not one.is_hidden


def _size(one: Estimate) -> float:
    """A base to put bases in order; one that privacy hides is small, and not nothing."""
    return 1 if "hidden_privacy" in one.flags else one.n


def _with_range(one: Estimate) -> dict[str, Slot]:
    ends = {"lo": number(one, "ci_low"), "hi": number(one, "ci_high")}
    return {"share": number(one), **ends, "n": number(one, "n")}


def _ends(one: Comparison) -> dict[str, Slot]:
    """The range of a difference: sizes where it is clear, smaller first; else with signs."""
    if not one.is_clear:
        return {"lo": number(one, "ci_low", "signed"), "hi": number(one, "ci_high", "signed")}
    low, high = ("ci_high", "ci_low") if one.difference < 0 else ("ci_low", "ci_high")
    return {"lo": number(one, low, "bound"), "hi": number(one, high, "bound")}


_TOPICS: Mapping[str, tuple[Callable[[Any], Estimates], Callable[..., list[Finding]]]] = {
    "what:word_of_mouth": (loyalty.word_of_mouth, _word_of_mouth),
    "what:loyal_price": (loyalty.conditional, _conditional),
    "what:intentions": (loyalty.intentions, _intentions),
    "outcome:value_for_cost": (cost_and_fit.worth, cost_and_fit.tell_worth),
    "outcome:personal_fit": (cost_and_fit.fit, cost_and_fit.tell_fit),
    "what:rival": (rival.ratings, _rival),
}
"""What the section tells, each with its numbers and with what it says of them."""
