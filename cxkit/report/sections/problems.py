"""What happens after a problem? (F27)"""

from __future__ import annotations

from typing import Any

from cxkit.analysis import loyalty
from cxkit.analysis import problems as numbers
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.finding import Finding, Findings, Slot, number, setting
from cxkit.report.sections.loyalty import is_seen, share_of, unanswered, unmeasured, was_asked
from cxkit.report.sections.scorecard import unseen

__all__ = ["findings"]

_QUESTIONS = ("inc_happened", "inc_reported", "inc_resolved", "inc_handling")

Plus = list[tuple[str, dict[str, Slot]]]


def findings(survey: Any) -> Findings:
    """How many had a problem, what became of it, how it was handled, and who is likely to stay."""
    now = survey.latest
    context = now.context()
    told = numbers.problems(now).published()
    if not was_asked(told):
        return Findings(unmeasured(["what:problems"], "loyalty", context), context=context)
    if not any(one.n for one in told):
        return Findings(unanswered(["what:problems"], "problems", context), context=context)
    stayers = numbers.stayers(now).published()
    staying = numbers.staying(now).published()
    made = [_problems(now, told, stayers, staying, context)]
    if any(one.n for one in stayers):
        made.append(_staying(stayers, staying, context))
    return Findings(made, context=context)


def _problems(
    survey: Any,
    told: Estimates,
    stayers: Estimates,
    staying: Comparisons,
    context: dict[str, Any],
) -> Finding:
    variant, slots, plus = _said(told, stayers, staying)
    if not variant:
        largest = max(told, key=lambda one: 1 if "hidden_privacy" in one.flags else one.n)
        return unseen(largest, "what:problems", "problems", context)
    asked = [key for key in _QUESTIONS if loyalty.is_asked(survey, key)]
    bases = {f"outcome:{key}": survey.study.outcomes[key].base for key in asked}
    pairs = {id(one) for one in staying} & {
        id(slot.record) for _, more in plus for slot in more.values()
    }
    return Finding(
        "problems",
        "F27",
        variant,
        slots,
        plus=plus,
        estimates=Estimates([*told, *stayers], is_published=True),
        comparisons=Comparisons((one for one in staying if id(one) in pairs), is_published=True),
        table="asked",
        title=("numbers", "problems", {}),
        options={
            "rows": [
                {
                    "of": one.of,
                    "metric": one.metric,
                    "list": "inc_resolved" if "answer" in one.by else None,
                    "answer": one.by.get("answer"),
                    "base": bases[one.of],
                }
                for one in told
            ]
        },
        notes=[("note_problem", {})] if len(asked) > 1 else [],
        context=context,
    )


def _said(
    told: Estimates, stayers: Estimates, staying: Comparisons
) -> tuple[str, dict[str, Slot], Plus]:
    """The variant of F27, what fills it, and what follows."""
    had = share_of(told, "inc_happened")
    solved, still_open = (_of(stayers, key) for key in ("solved", "open"))
    slots: dict[str, Slot] = {}
    if is_seen(solved) and is_seen(still_open):
        slots = {"stay_solved": number(solved), "stay_open": number(still_open)}
    both = bool(slots)
    state = _state(told)
    plus = (_difference(staying) if both else _unseen_stayers(stayers)) + state
    if had is None and not both:
        return (*state[0], []) if state else ("", {}, [])
    if had is None:
        return "stay", slots, plus
    if not is_seen(had):
        return "", {}, []
    if had.estimate == 0:
        return "none", {"n": number(had, "n")}, []
    slots["share"] = number(had)
    if both:
        return "all", slots, plus
    ends = {"lo": number(had, "ci_low"), "hi": number(had, "ci_high"), "n": number(had, "n")}
    return "incidence", slots | ends, plus


def _state(told: Estimates) -> Plus:
    """How many of those with a problem say that it is fully solved."""
    one = share_of(told, "inc_resolved", "solved")
    if not is_seen(one):
        return []
    ends = {"lo2": number(one, "ci_low"), "hi2": number(one, "ci_high"), "n": number(one, "n")}
    return [("state", {"share2": number(one), **ends})]


def _difference(staying: Comparisons) -> Plus:
    """Whether those whose problem was solved are likelier to stay than those with one open."""
    one = staying.only(a="problem:solved", b="problem:open")
    if one.verdict == "hidden":
        return []
    sides = {"a": number(one, "n_a"), "b": number(one, "n_b")}
    matter = {"matter": setting(["matters", "top_2_box"], "share")}
    if one.verdict == "stable":
        return [("stable", matter)]
    if not one.is_clear:
        ends = {"lo": number(one, "ci_low", "signed"), "hi": number(one, "ci_high", "signed")}
        return [("not_clear", {**ends, **sides})]
    low, high = ("ci_high", "ci_low") if one.difference < 0 else ("ci_low", "ci_high")
    ends = {"lo": number(one, low, "bound"), "hi": number(one, high, "bound")}
    told = {"diff": number(one, "difference", "size"), **ends, **sides}
    variant = "more" if one.difference > 0 else "less"
    return [(variant, told), *([("small", matter)] if one.verdict == "clear_small" else [])]


def _unseen_stayers(stayers: Estimates) -> Plus:
    """Why nothing is said of staying: not asked, or too few."""
    if not len(stayers):
        return [("no_stay", {})]
    return [("stay_hidden", {})] if any(one.is_hidden for one in stayers) else []


def _staying(stayers: Estimates, staying: Comparisons, context: dict[str, Any]) -> Finding:
    """The differences drawn, with the shares behind them."""
    main: Comparison = staying.only(a="problem:solved", b="problem:open")
    return Finding(
        "problems",
        "staying",
        estimates=stayers,
        comparisons=staying,
        figure="forest",
        table="by_kind",
        title=("staying", _title(main), {}),
        options={
            "by": "problem",
            "kind": "problem",
            "groups": [one.by["problem"] for one in stayers],
            "of": ["outcome:stay"],
            "head": "likely_to_stay",
            "subtitle": ["staying", {}],
        },
        notes=[("note_solved", {}), ("note_intention", {}), ("note_association", {})],
        context=context,
    )


def _title(main: Comparison) -> str:
    if main.verdict == "hidden":
        return "plain"
    if not main.is_clear:
        return "not_clear"
    return "more" if main.difference > 0 else "less"


def _of(stayers: Estimates, problem: str) -> Estimate | None:
    return next((one for one in stayers if one.by["problem"] == problem), None)
