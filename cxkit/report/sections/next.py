"""What do we do, who owns it, what do we measure again? The steps that the study plans."""

from __future__ import annotations

from typing import Any

from cxkit.report.finding import Finding, Findings, Slot, count, dates

__all__ = ["findings"]


def findings(survey: Any) -> Findings:
    """The steps planned after the (last) wave in hand, as the study declares them.

    They are its `actions` that are dated after that wave and not after the one that follows it,
    or that name the wave: what was done before is a mark on the trend. Nothing where none is
    declared.

    Parameters
    ----------
    survey : Survey
        What `cx.load` gave.

    Returns
    -------
    Findings
        One, with a table of what is done, by whom, when, and what is measured again.

    Examples
    --------
    >>> import cxkit as cx
    >>> cx.next_steps.findings(cx.load("demo")).get("planned").variant
    'several'
    """
    context = survey.latest.context()
    steps = context.get("planned", ())
    if not steps:
        return Findings((), context=context)
    first = steps[0]["date"]
    slots = {"k": count(len(steps)), "dates": dates(first, first)}
    told = Finding(
        "next",
        "planned",
        "one" if len(steps) == 1 else "several",
        slots,
        plus=_without_owner(steps),
        table="next_steps",
        title=("next", "plain", {}),
        options={"steps": [_step(one) for one in steps]},
        notes=[("note_next", {})],
        context=context,
    )
    return Findings([told], context=context)


def _without_owner(steps: list[dict[str, Any]]) -> list[tuple[str, dict[str, Slot]]]:
    """That some steps, or the only one, have nobody who owns them."""
    missing = sum(not one.get("owner") for one in steps)
    if not missing:
        return []
    return [("no_owner" if missing == len(steps) else "some_no_owner", {"m": count(missing)})]


def _step(action: dict[str, Any]) -> dict[str, Any]:
    """A step as the table shows it; what is measured again is a level, a stage, or both."""
    again = [f"{kind}:{action[kind]}" for kind in ("level", "stage") if action.get(kind)]
    return {"what": action["what"], "owner": action.get("owner"), "date": action["date"],
            "again": again}  # fmt: skip
