"""What else both waves asked, and what of it changed: word of mouth, intentions, problems, parts.

Told of each wave as its own report tells it; a number that a report hides is in no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.analysis import estimates, experience, loyalty, problems
from cxkit.analysis.comparisons import changes_of, rules_of
from cxkit.analysis.contrasts import Contrast, corrected
from cxkit.records import Comparison, Comparisons, Estimate, Estimates

__all__ = ["further_changes"]

_OUTCOMES = (
    "wom_talked", "wom_warned", "rev_posted", "stay", "leave", "repurchase", "cross_sell",
    "inc_happened",
)  # fmt: skip
"""Outcomes that the sections tell as they were answered, each by one number."""


def further_changes(survey: Any) -> tuple[Estimates, Comparisons]:
    """Each further number of the wave in hand and of the one before, and how far they differ.

    Returns
    -------
    Estimates
        The numbers of both waves, as their own reports publish them: none that is hidden in either,
        or that either did not ask.
    Comparisons
        Now minus before, Holm within the shares, the intentions and the scores. Both empty where
        there is no wave before, or it asked nothing else.
    """
    now, before = survey.latest, survey.latest.previous
    context = now.context()
    if before is None:
        return Estimates((), context=context), Comparisons((), context=context)
    then, told = _told(before), _told(now)
    kept = [key for key in told if key in then]
    both = survey.with_previous()
    waves = estimates.groups(both, "wave")
    families: dict[str, list[Contrast]] = {}
    for metric, of in kept:
        for one in estimates.measured(both, metric, of):
            families.setdefault(metric, []).extend(changes_of(both, one, waves))
    rows: list[Comparison] = [
        row
        for metric, family in families.items()
        for row in corrected(family, rules_of(now, metric))
    ]
    shown = [one for key in kept for one in (then[key], told[key])]
    return Estimates(shown, context=context), Comparisons(rows, context=context)


def _told(survey: Any) -> Mapping[tuple[str, str], Estimate]:
    """The further numbers that the report of a wave shows, by metric and what they are of."""
    found = [*loyalty.word_of_mouth(survey), *loyalty.intentions(survey)]
    found += problems.problems(survey)
    for part in survey.study.parts:
        found += experience.scores(survey, part)
    published = Estimates(found, context=survey.context()).published()
    kinds = tuple(f"{part}:" for part in survey.study.parts)
    return {
        (one.metric, one.of): one
        for one in published
        if one.n and not one.is_hidden and not one.by and _is_plain(one.of, kinds)
    }


def _is_plain(of: str, kinds: tuple[str, ...]) -> bool:
    return of.startswith(kinds) or of.removeprefix("outcome:") in _OUTCOMES
