"""Numbers of the types of experience and of the qualities of an interaction.

A framework beside the levels scores each of its parts (`type:product`, `determinant:timeliness`)
on those to whom its statements apply, so that bases differ: parts are compared only within people
who rated both. All functions take the latest wave in hand; `part` is the framework's word for one
of its parts, as in `survey.study.parts`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit import library
from cxkit.analysis import contrasts, estimates, scoring
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.contrasts import Contrast, Leader
from cxkit.analysis.correlations import correlated
from cxkit.analysis.estimates import Measured
from cxkit.analysis.intervals import Measure
from cxkit.records import Estimates, Fits
from cxkit.study.shape import FURTHEST_STAGE

__all__ = [
    "Coverage",
    "base_of",
    "by_stage",
    "coverage",
    "lowest",
    "scores",
    "touched",
    "with_levels",
]

_SCORE = Measure("score_100", "mean", "score_100")


def scores(survey: Any, part: str) -> Estimates:
    """The 0-100 score of each part, on those to whom its statements apply and who answered.

    Bases differ between parts. One without a question is flagged `not_measured`, one of whose base
    nobody is in hand (an event that nobody attended) `not_applicable`.
    """
    return estimates.estimate(survey.latest, "score_100", of=f"{part}s")


def lowest(survey: Any, part: str) -> Leader:
    """The part with the lowest score, named only if clear against every other, in the same people.

    `first` is lowest by its own number. Each comparison is within those who rated both, corrected
    by Holm: one that too few rated together is `hidden`, and in one whose difference is above zero
    the same people rate the other lower. Neither lets it be named. Parts that may not be shown
    are no candidates; `n_hidden` counts them.
    """
    now = survey.latest
    own = estimates.sample(now, tuple(now.waves))
    values = {one.of: _values(now, one)[own.rows] for one in _measured(now, part)}
    told = scores(now, part)
    shown = {one.of: one.estimate for one in told if one.n and estimates.is_shown(now, one)}

    def against(first: str, other: str) -> Contrast:
        return contrasts.paired(
            _SCORE, values[first], values[other], own.design,
            of=f"{part}s", names=(first, other), wave=now.wave,
        )  # fmt: skip

    found = contrasts.leader(shown, against, rules_of(now, "score_100"))
    return dataclasses.replace(found, n_hidden=sum(one.n > 0 for one in told) - len(shown))


def by_stage(survey: Any, part: str) -> Estimates:
    """The 0-100 score of each part among those whose furthest stage is each stage.

    Each column holds different people, and within a column each part rests on those who rated it.
    Where a part has several statements, the columns are compared on those that all of them have
    in common (METHODS 22.1); a part without any is flagged `not_comparable`. Empty where it is
    not known how far respondents have come.
    """
    now = survey.latest
    if not now.study.has_furthest_stage:
        return Estimates((), context=now.context())
    columns = estimates.groups(now, FURTHEST_STAGE)
    records = []
    for one in _measured(now, part):
        common, is_comparable = estimates.on_common_items(now, one, [each.mask for each in columns])
        for record in estimates.of_groups(now, common, columns):
            is_refused = record.flags == ("no_answers",) and not is_comparable
            flags = ("not_comparable",) if is_refused else record.flags
            records.append(dataclasses.replace(record, flags=flags))
    return Estimates(records, context=now.context())


def with_levels(survey: Any, part: str) -> Fits:
    """How far the score of each part goes with that of each level: correlations within people.

    `of` is such as `type:product|level:trust`, n those who have both scores. Parts and levels
    that were not measured are left out; empty where the parts are the levels themselves.
    """
    now = survey.latest
    if now.study.framework is now.study.parts[part]:
        return Fits((), context=now.context())
    own = estimates.sample(now, tuple(now.waves))
    parts = _measured(now, part)
    levels = [one for one in estimates.measured(now, "score_100", "levels") if one.flag is None]
    made = [
        correlated(
            _values(now, one)[own.rows], _values(now, level)[own.rows], own.design,
            of=f"{one.of}|{level.of}", ci_level=now.study.ci_level, wave=now.wave,
        )
        for one in parts
        for level in levels
    ]  # fmt: skip
    return Fits(made, context=now.context())


def _measured(survey: Any, part: str) -> list[Measured]:
    """The parts that were asked about."""
    found = estimates.measured(survey, "score_100", f"{part}s")
    return [one for one in found if one.flag is None]


def _values(survey: Any, one: Measured) -> np.ndarray:
    return np.where(survey.mask, one.values, np.nan)


# -- what was asked -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """How much of a part a study asks: its own statements, and those of the levels that touch it.

    `of` is such as `type:product`; `items` are all its statements and `asked` those in the study;
    `touched_by` are statements of the levels about the same thing, which give it no score.
    """

    of: str
    items: tuple[str, ...]
    asked: tuple[str, ...]
    touched_by: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """`whole`, `partly`, `touched` (only by statements of the levels) or `none`."""
        if self.asked:
            return "whole" if set(self.asked) == set(self.items) else "partly"
        return "touched" if self.touched_by else "none"


def coverage(study: Any, part: str) -> tuple[Coverage, ...]:
    """How much of each part the study asks, in the framework's order."""
    framework = study.parts[part]
    beside = _touching(study, framework.coverage)
    asked = scoring.parts(study, part)
    return tuple(
        Coverage(
            f"{part}:{one.key}",
            tuple(one.items),
            tuple(asked[one.key]),
            tuple(beside.get(one.key, ())),
        )
        for one in framework.levels
    )


def touched(study: Any, framework: str) -> tuple[Coverage, ...]:
    """The same for a framework of the library that the study does not use: nothing is asked."""
    known = library.framework(framework)
    beside = _touching(study, known.get("coverage") or {})
    return tuple(
        Coverage(
            f"{known['part']}:{one['key']}",
            tuple(one["items"]),
            (),
            tuple(beside.get(one["key"], ())),
        )
        for one in known["levels"]
    )


def _touching(study: Any, listed: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """By part, the statements in the study of which a framework lists that they touch it."""
    found: dict[str, list[str]] = {}
    for item, parts in listed.items():
        for key in parts if item in study.items else ():
            found.setdefault(key, []).append(item)
    return found


def base_of(study: Any, of: str) -> str:
    """Whom a part (`type:product`) concerns: a base, `everyone`, or `answered` if bases differ."""
    part, _, key = of.partition(":")
    framework = study.parts[part]
    bases = {
        study.items[item].base or framework.items[item].base
        for item in scoring.parts(study, part)[key]
    }
    if len(bases) != 1:
        return "answered"
    (base,) = bases
    if base is None:
        return "everyone"
    return str(base) if base in study.base_keys else "answered"
