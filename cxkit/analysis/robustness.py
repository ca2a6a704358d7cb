"""Headlines in other ways: with those set aside, without those flagged, without weights.

Each way is the same survey with other responses in hand, so that every number is made exactly as
in the report. Weights are not made anew for responses left out: those of everybody hold.

Two numbers of nearly the same people tell, by subtraction, what those few answered who are in one
and not in the other. A way is not shown where that would be fewer than the study's limit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import pyramid
from cxkit.analysis.estimates import estimate, measured
from cxkit.analysis.privacy import unseen
from cxkit.analysis.response import rules
from cxkit.analysis.scoring import levels
from cxkit.records import NAN, Comparison, Comparisons, Estimate, Estimates
from cxkit.suppression import told_apart

__all__ = [
    "counted_once",
    "differences",
    "few_weigh_otherwise",
    "has_any_flag",
    "headlines",
    "is_flagged",
    "private_ways",
    "unweighted",
    "ways",
]

Asked = Sequence[tuple[str, str]]

USED = "used"
"""The way of the report: the decisions applied, weights as they are."""


def ways(survey: Any) -> dict[str, Any]:
    """The latest wave with other responses in hand, by the name of each way.

    `used` (decisions applied), `everybody` (nothing set aside, where something is),
    `without_RULE` for each rule that flags somebody, `without_any` (nobody flagged by any rule).
    A rule that can be held against fewer than the study's limit of privacy has no way of its own.
    Where everybody together cannot be weighted, rules are held against those kept.
    """
    now = survey.latest
    everybody = now.with_excluded
    made = {USED: now}
    if everybody is None:
        everybody = now
    elif everybody.n != now.n:
        made["everybody"] = everybody
    any_flag = has_any_flag(everybody)
    for rule in rules(everybody):
        flagged = is_flagged(everybody, rule)
        n_assessed = int(everybody.frame[f"flag:{rule}"][everybody.mask].notna().sum())
        if (everybody.mask & flagged).any() and n_assessed >= now.study.privacy.min_n:
            made[f"without_{rule}"] = everybody.among(everybody.mask & ~flagged)
    if (everybody.mask & any_flag).any():
        made["without_any"] = everybody.among(everybody.mask & ~any_flag)
    return made


def headlines(survey: Any, asked: Asked | None = None, only: Iterable[str] = ()) -> Estimates:
    """Each headline (metric, of) in each way, by `answers`; those used in the report first.

    `asked` are all outcomes and levels if not given; `only` names the ways that are wanted, all
    of them if none. A number of `private_ways` has no value and no base, only `hidden_privacy`.
    """
    wanted, asked = set(only), _asked(survey) if asked is None else asked
    made = ways(survey)
    private = {of: _private(survey, made, metric, of) for metric, of in asked}
    records = [
        dataclasses.replace(unseen(one) if way in private[one.of] else one, by={"answers": way})
        for way, answers in made.items()
        if not wanted or way in wanted
        for one in _numbers(answers, asked)
    ]
    return Estimates(records, context=survey.latest.context())


def private_ways(survey: Any) -> frozenset[str]:
    """The ways whose results, beside those of other ways, would tell what a few people answered.

    Those of the report are shown, and of the other ways, in their order, each from whose people
    and those of the ways before it nobody is left over, or no fewer than the study's limit of
    privacy (`cxkit.suppression.told_apart`).
    """
    return _told_apart(survey, _people(survey, ways(survey)))


def _private(survey: Any, made: dict[str, Any], metric: str, of: str) -> frozenset[str]:
    """The same for one number: its answers are fewer than the people."""
    people = _people(survey, made)
    private = _told_apart(survey, people)
    is_answered = _is_answered(_everybody(survey), metric, of)
    open_ways = {way: mask & is_answered for way, mask in people.items() if way not in private}
    return private | _told_apart(survey, open_ways)


def _told_apart(survey: Any, people: dict[str, np.ndarray]) -> frozenset[str]:
    hidden = told_apart(list(people.values()), survey.latest.study.privacy.min_n)
    return frozenset(way for place, way in enumerate(people) if place in hidden)


def _people(survey: Any, made: dict[str, Any]) -> dict[str, np.ndarray]:
    """Who is in each way, as rows of the frame of everybody."""
    everybody = _everybody(survey)
    found = {way: one.mask for way, one in made.items()}
    if "excluded" in everybody.frame:
        found[USED] = everybody.mask & (everybody.frame["excluded"].to_numpy() == "")
    return found


def _everybody(survey: Any) -> Any:
    now = survey.latest
    return now if now.with_excluded is None else now.with_excluded


def _is_answered(survey: Any, metric: str, of: str) -> np.ndarray:
    """Whose answers a number is made of."""
    is_level = metric == "score_100" and of.startswith("level:")
    found = pyramid.measured(survey) if is_level else measured(survey, metric, of)
    own = [~np.isnan(one.values) for one in found if one.of == of]
    return np.logical_or.reduce(own) if own else np.zeros(len(survey.mask), dtype=bool)


def unweighted(survey: Any, asked: Asked | None = None) -> Estimates:
    """Each headline with its weights and, by `weights: none`, with everybody counting once.

    Where all weigh alike but for fewer than the study's limit of privacy, the two together would
    tell what these answered: the second has no value and no base, only `hidden_privacy`.
    """
    now, asked = survey.latest, _asked(survey) if asked is None else asked
    private = {of for metric, of in asked if _few_of(now, metric, of)}
    plain = (unseen(x) if x.of in private else x for x in _numbers(counted_once(now), asked))
    records = [
        *_numbers(now, asked),
        *(dataclasses.replace(one, by={"weights": "none"}) for one in plain),
    ]
    return Estimates(records, context=now.context())


def _few_of(now: Any, metric: str, of: str) -> bool:
    return few_weigh_otherwise(now, now.mask & _is_answered(now, metric, of))


def few_weigh_otherwise(survey: Any, answered: np.ndarray) -> bool:
    """Whether some who answered weigh otherwise than most, and fewer than may be told."""
    own = survey.weight[answered]
    _, counts = np.unique(np.round(own, _DIGITS), return_counts=True)
    return bool(0 < own.size - max(counts, default=0) < survey.study.privacy.min_n)


_DIGITS = 9
"""Weights that agree to so many decimals are alike."""


def counted_once(survey: Any) -> Any:
    """The latest wave with everybody counting once, whatever their weights."""
    return survey.latest.counted_once()


def differences(found: Estimates, axis: str = "answers") -> Comparisons:
    """Each other way less that of the report: the size alone, on answers mostly the same.

    Without an interval: the same people stand on both sides, and those left out are few.
    """
    used = {(one.metric, one.of): one for one in found if one.by.get(axis, USED) == USED}
    others = (one for one in found if one.by.get(axis, USED) != USED)
    made = (_difference(one, used[one.metric, one.of], axis) for one in others)
    return Comparisons(made, context=found.context)


def _difference(one: Estimate, used: Estimate, axis: str) -> Comparison:
    found = _size(one, used, axis)
    if "hidden_privacy" not in one.flags:
        return found
    blank: dict[str, Any] = dict.fromkeys(("difference", "n_a", "n_b", "n_eff_a", "n_eff_b"), NAN)
    return dataclasses.replace(found, verdict="hidden", flags=("hidden_privacy",), **blank)


def _size(one: Estimate, used: Estimate, axis: str) -> Comparison:
    return Comparison(
        one.metric,
        one.of,
        f"{axis}={one.by[axis]}",
        f"{axis}={USED}",
        one.estimate - used.estimate,
        n_a=one.n,
        n_b=used.n,
        n_eff_a=one.n_eff,
        n_eff_b=used.n_eff,
        ci_level=one.ci_level,
        unit=one.unit,
        method="size_only",
        wave=one.wave,
    )


def _asked(survey: Any) -> Asked:
    """The outcomes by their metrics, and the levels."""
    study = survey.latest.study
    outcomes = [(str(one.metric), f"outcome:{key}") for key, one in study.headlines.items()]
    return [*outcomes, *(("score_100", f"level:{key}") for key in levels(study))]


def _numbers(survey: Any, asked: Asked) -> Iterator[Estimate]:
    """The headlines of one survey, made as the scorecard makes them."""
    if any(metric == "score_100" and of.startswith("level:") for metric, of in asked):
        scores = {one.of: one for one in pyramid.scores(survey)}
    for metric, of in asked:
        if metric == "score_100" and of.startswith("level:"):
            yield scores[of]
        else:
            yield from estimate(survey, metric, of=of)


def is_flagged(survey: Any, rule: str) -> np.ndarray:
    """Whom a rule of response quality flags, of all rows."""
    marks = survey.frame[f"flag:{rule}"].astype("boolean").fillna(False)
    return np.asarray(marks, dtype=bool)


def has_any_flag(survey: Any) -> np.ndarray:
    """Whom one rule of response quality or more flags, of all rows and so in every wave."""
    flagged = [is_flagged(survey, rule) for rule in rules(survey)]
    return np.logical_or.reduce([np.zeros(len(survey.mask), dtype=bool), *flagged])
