"""Numbers of problems: how many had one, what became of it, and who means to stay.

All functions take the latest wave in hand. Those whose problem was solved may differ from others
to begin with: the differences go together with staying, no more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from cxkit.analysis import estimates, metrics
from cxkit.analysis.comparisons import between, rules_of
from cxkit.analysis.contrasts import corrected
from cxkit.analysis.estimates import Group, Measured
from cxkit.analysis.loyalty import LIKELY, is_asked, shares_of, yes
from cxkit.analysis.privacy import parts_of_a_whole, without_sides
from cxkit.records import Comparisons, Estimates

__all__ = ["GROUPS", "STATES", "problems", "stayers", "staying"]

STATES: Mapping[str, int] = {"solved": 4, "partly": 3, "open": 2, "unsolved": 1}
"""How a problem may stand now, the best first, as it is coded."""

GROUPS = ("none", "solved", "open")
"""Those without a problem, with one fully solved, and with one that is not."""


def problems(survey: Any) -> Estimates:
    """How many had a problem; of those, how many told of it and how it stands; how it was handled.

    The states of `inc_resolved` are shares of those with a problem (`by` `{"answer": "solved"}`),
    the handling is told by its two best answers and its 0-100 score. What was not asked is left
    out, and so are answers about a problem by people who say that they had none.
    """
    now = survey.latest
    whole = estimates.groups(now)
    had = _had(now)
    records: list[Any] = []
    if is_asked(now, "inc_happened"):
        records += shares_of(now, "outcome:inc_happened", yes(now, "inc_happened"), whole)
    if is_asked(now, "inc_reported"):
        values = np.where(had, yes(now, "inc_reported"), np.nan)
        records += shares_of(now, "outcome:inc_reported", values, whole)
    if is_asked(now, "inc_resolved"):
        state = _state(now)
        for answer, code in STATES.items():
            values = np.where(np.isnan(state), np.nan, state == code)
            records += shares_of(now, "outcome:inc_resolved", values, whole, answer=answer)
    if is_asked(now, "inc_handling"):
        for metric in ("top_2_box", "score_100"):
            (one,) = estimates.measured(now, metric, "outcome:inc_handling")
            kept = dataclasses.replace(one, values=np.where(had, one.values, np.nan))
            records += estimates.of_groups(now, kept, whole)
    return Estimates(records, context=now.context())


def stayers(survey: Any) -> Estimates:
    """The shares likely to stay, by what became of a problem (`by` `{"problem": "solved"}`).

    Likely: one of the two best answers. Groups: no problem, fully solved, not (yet) solved.
    Empty where staying, or problems and how they stand, were not asked.
    """
    now = survey.latest
    found = estimates.of_groups(now, _stay(now), _groups(now)) if _is_told(now) else ()
    return Estimates(found, context=now.context())


def staying(survey: Any) -> Comparisons:
    """The differences of those shares: solved against open, and each against no problem.

    Corrected together by Holm. `a` and `b` are `problem:solved`, `problem:open`, `problem:none`.
    A group that `stayers` does not tell is in none that is told: the others would tell it.
    """
    now = survey.latest
    if not _is_told(now):
        return Comparisons((), context=now.context())
    groups = {group.by["problem"]: group for group in _groups(now)}
    pairs = [("solved", "open"), ("solved", "none"), ("open", "none")]
    made = [
        dataclasses.replace(one, a=f"problem:{a}", b=f"problem:{b}")
        for a, b in pairs
        if a in groups and b in groups
        for one in between(now, _stay(now), [groups[a], groups[b]])
    ]
    found = corrected(made, rules_of(now, "top_2_box"))
    return without_sides(found, _hidden(now, groups))


def _hidden(survey: Any, groups: Mapping[str, Group]) -> set[str]:
    """The sides of comparisons whose people are too few, beside those of all groups."""
    has_answer = ~np.isnan(_stay(survey).values)
    counts = [int((group.mask & has_answer).sum()) for group in groups.values()]
    keys = list(groups)
    hidden = parts_of_a_whole(counts, survey.study.privacy.min_n)
    return {f"problem:{keys[place]}" for place in hidden}


def _had(survey: Any) -> np.ndarray:
    """Who had a problem; all who may have, where that was not asked."""
    if not is_asked(survey, "inc_happened"):
        return np.ones(len(survey.mask), dtype=bool)
    return yes(survey, "inc_happened") == 1


def _state(survey: Any) -> np.ndarray:
    return np.where(_had(survey), yes(survey, "inc_resolved"), np.nan)


def _is_told(survey: Any) -> bool:
    return is_asked(survey, "stay", "inc_resolved")


def _stay(survey: Any) -> Measured:
    of = "outcome:stay"
    scale = survey.study.scale(of)
    return Measured(of, LIKELY, metrics.coded("top_2_box", yes(survey, "stay"), scale))


def _groups(survey: Any) -> list[Group]:
    """Those in hand by what became of a problem."""
    (whole,) = estimates.groups(survey)
    state = _state(survey)
    masks = {"solved": state == STATES["solved"], "open": state < STATES["solved"]}
    if is_asked(survey, "inc_happened"):
        masks["none"] = yes(survey, "inc_happened") == 0
    return [
        dataclasses.replace(whole, mask=whole.mask & masks[key], by={"problem": key})
        for key in GROUPS
        if key in masks
    ]
