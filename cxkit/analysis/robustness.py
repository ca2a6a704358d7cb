"""Headlines in other ways: with those set aside, without those flagged, without weights.

Each way is the same survey with other responses in hand, so that every number is made exactly as
in the report. Weights are not made anew for responses left out: those of everybody hold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import pyramid
from cxkit.analysis.estimates import estimate
from cxkit.analysis.response import rules
from cxkit.analysis.scoring import levels
from cxkit.records import Comparison, Comparisons, Estimate, Estimates

__all__ = ["counted_once", "differences", "headlines", "unweighted", "ways"]

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
    any_flag = np.zeros(len(everybody.mask), dtype=bool)
    for rule in rules(everybody):
        is_flagged = _is_flagged(everybody, rule)
        any_flag |= is_flagged
        n_assessed = int(everybody.frame[f"flag:{rule}"][everybody.mask].notna().sum())
        if (everybody.mask & is_flagged).any() and n_assessed >= now.study.privacy.min_n:
            made[f"without_{rule}"] = _in_hand(everybody, everybody.mask & ~is_flagged)
    if (everybody.mask & any_flag).any():
        made["without_any"] = _in_hand(everybody, everybody.mask & ~any_flag)
    return made


def headlines(survey: Any, asked: Asked | None = None, only: Iterable[str] = ()) -> Estimates:
    """Each headline (metric, of) in each way, by `answers`; those used in the report first.

    `asked` are all outcomes and levels if not given; `only` names the ways that are wanted, all
    of them if none.
    """
    wanted, asked = set(only), _asked(survey) if asked is None else asked
    records = [
        dataclasses.replace(one, by={"answers": way})
        for way, answers in ways(survey).items()
        if not wanted or way in wanted
        for one in _numbers(answers, asked)
    ]
    return Estimates(records, context=survey.latest.context())


def unweighted(survey: Any, asked: Asked | None = None) -> Estimates:
    """Each headline with its weights and, by `weights: none`, with everybody counting once."""
    now, asked = survey.latest, _asked(survey) if asked is None else asked
    plain = _numbers(counted_once(now), asked)
    records = [
        *_numbers(now, asked),
        *(dataclasses.replace(one, by={"weights": "none"}) for one in plain),
    ]
    return Estimates(records, context=now.context())


def counted_once(survey: Any) -> Any:
    """The latest wave with everybody counting once, whatever their weights."""
    now = survey.latest
    return _like(now, now.frame.assign(weight=1.0), now.mask)


def differences(found: Estimates, axis: str = "answers") -> Comparisons:
    """Each other way less that of the report: the size alone, on answers mostly the same.

    Without an interval: the same people stand on both sides, and those left out are few.
    """
    used = {(one.metric, one.of): one for one in found if one.by.get(axis, USED) == USED}
    others = (one for one in found if one.by.get(axis, USED) != USED)
    made = (_difference(one, used[one.metric, one.of], axis) for one in others)
    return Comparisons(made, context=found.context)


def _difference(one: Estimate, used: Estimate, axis: str) -> Comparison:
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
    outcomes = [(str(one.metric), f"outcome:{key}") for key, one in study.outcomes.items()]
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


def _is_flagged(survey: Any, rule: str) -> np.ndarray:
    marks = survey.frame[f"flag:{rule}"].astype("boolean").fillna(False)
    return np.asarray(marks, dtype=bool)


def _in_hand(survey: Any, mask: np.ndarray) -> Any:
    return _like(survey, survey.frame, mask)


def _like(survey: Any, frame: Any, mask: np.ndarray) -> Any:
    """A survey of the same study and wave, with these rows of this frame in hand."""
    waves = (survey.wave,) if survey.wave else None
    return type(survey)(
        survey.study, frame, inputs=survey.inputs, filters=survey.filters, kept=mask, waves=waves
    )
