"""How the answers came in: from invitation to use, flags of response quality, missing answers.

These numbers describe the responses themselves, so they are counted and not weighted; those set
aside are among them where it is said. All functions take the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis.intervals import wilson_interval
from cxkit.analysis.privacy import unseen
from cxkit.records import NAN, Estimate, Estimates, is_unseen
from cxkit.suppression import suppressed
from cxkit.weights import effective_base

__all__ = [
    "NOT_ASKED",
    "QUANTILES",
    "STEPS",
    "decisions",
    "doubtful",
    "durations",
    "each_wave",
    "flagged",
    "funnel",
    "missing",
    "private_reasons",
    "questions",
    "rules",
    "set_aside",
    "unanswered",
    "weights",
]

STEPS = ("invited", "started", "finished", "set_aside", "used")
"""The way of a response, from the invitation to its use in this report."""

NOT_ASKED = ("not_applicable", "not_asked", "not_measured", "not_reached", "skipped_stage")
"""Reasons for a missing answer of people to whom the question was not put."""

SEVERAL = 2
"""So many flags on one response are told apart from a single one."""

QUANTILES = {"5": 0.05, "25": 0.25, "50": 0.5, "75": 0.75, "95": 0.95}
_COUNTED = "counted"


# -- from invitation to use ----------------------------------------------------------------------


def funnel(survey: Any) -> Estimates:
    """How many were invited, started, finished, were set aside, are used; and as shares.

    Metric `responses` of `response:STEP` is a count; `share` of it, by `whole`, its part of those
    invited and of those who started. A step that is not known is flagged `not_measured`, and
    shares of fewer invited than started (a link that was passed on) are `not_comparable`.
    """
    now = survey.latest
    counts = dict(zip(STEPS, _steps(now), strict=True))
    records = [
        _responses(f"response:{step}", n, counts["started"], now) for step, n in counts.items()
    ]
    for whole, parts in (("invited", ("started", "used")), ("started", STEPS[2:])):
        for step in parts:
            base = _known_to_finish(now) if step == "finished" else counts[whole]
            records.append(_part(f"response:{step}", counts[step], base, whole, now))
    return Estimates(records, context=now.context())


def set_aside(survey: Any) -> Estimates:
    """How many responses were set aside by each rule, the most first; none where all are used."""
    now = survey.latest
    everybody = now.responses
    rule = everybody.frame["excluded"][everybody.mask] if "excluded" in everybody.frame else ()
    found: dict[str, int] = {}
    for one in rule:
        if one:
            found[str(one)] = found.get(str(one), 0) + 1
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    made = (_responses(f"rule:{one}", n, everybody.n, now) for one, n in ordered)
    renamed = (dataclasses.replace(one, metric="set_aside") for one in made)
    return Estimates(renamed, context=now.context())


def decisions(survey: Any) -> Estimates:
    """How many responses were decided on, by rule and `decision` (exclude or keep)."""
    now = survey.latest
    told, everybody = now.exclusions, now.responses
    own = everybody.frame["respondent"][everybody.mask]
    is_own = told["respondent"].isin(own) & told["wave"].isin(["", now.wave or ""])
    counts = told[is_own].groupby(["rule", "decision"], sort=False).size()
    records = [
        dataclasses.replace(
            _responses(f"rule:{rule}", int(n), everybody.n, now),
            metric="decided",
            by={"decision": decision},
        )
        for (rule, decision), n in counts.items()
    ]
    return Estimates(records, context=now.context())


def doubtful(survey: Any) -> Estimates:
    """How many of those used were not finished, or are a test or spam to their platform.

    `responses` of `response:doubtful`; nothing where no platform tells, or none is.
    """
    now = survey.latest
    frame = now.frame[now.mask]
    is_doubtful = np.zeros(now.n, dtype=bool)
    if "status" in frame:
        is_doubtful |= frame["status"].notna().to_numpy(bool)
    if "finished" in frame:
        is_doubtful |= ~frame["finished"].astype("boolean").fillna(True).to_numpy(bool)
    n = int(is_doubtful.sum())
    found = [_responses("response:doubtful", n, now.n, now)] if n else []
    return Estimates(found, context=now.context())


def _steps(now: Any) -> list[int | None]:
    everybody = now.responses
    finished = everybody.frame.get("finished")
    known = None if finished is None else finished[everybody.mask].dropna()
    n_finished = None if known is None or not len(known) else int(known.astype(bool).sum())
    return [_invited(now), everybody.n, n_finished, everybody.n - now.n, now.n]


def _invited(now: Any) -> int | None:
    """How many the wave invited, where the study says so; of a part of a wave nobody knows."""
    invited = now.study.sample.invited
    if isinstance(invited, Mapping):
        invited = invited.get(now.wave or next(iter(now.all_waves), ""))
    elif len(now.all_waves) > 1:
        invited = None
    return None if now.filters or invited is None else int(invited)


def _known_to_finish(now: Any) -> int | None:
    everybody = now.responses
    finished = everybody.frame.get("finished")
    return None if finished is None else int(finished[everybody.mask].notna().sum())


def _responses(of: str, count: int | None, base: int | None, now: Any) -> Estimate:
    """A number of responses out of all that came in."""
    if count is None or base is None:
        unknown = ("not_measured",)
        return Estimate("responses", of, NAN, unit="count", flags=unknown, wave=now.wave)
    bases: dict[str, Any] = {"n": base, "n_eff": float(base), "unit": "count"}
    return Estimate("responses", of, float(count), method=_COUNTED, wave=now.wave, **bases)


def _part(of: str, count: int | None, base: int | None, whole: str, now: Any) -> Estimate:
    by = {"whole": whole}
    if count is None or not base:
        unknown = ("not_measured",)
        return Estimate("share", of, NAN, unit="share", flags=unknown, wave=now.wave, by=by)
    bases: dict[str, Any] = {"n": base, "n_eff": float(base), "unit": "share", "wave": now.wave}
    if count > base:
        return Estimate("share", of, NAN, flags=("not_comparable",), by=by, **bases)
    return Estimate("share", of, count / base, method=_COUNTED, by=by, **bases)


# -- flags of response quality -------------------------------------------------------------------


def rules(survey: Any) -> tuple[str, ...]:
    """The rules of response quality that the answers were held against, in their order."""
    columns = survey.responses.frame.columns
    return tuple(one.removeprefix("flag:") for one in columns if one.startswith("flag:"))


def flagged(survey: Any) -> Estimates:
    """The share of responses that each rule flags, among those it can be held against.

    `flagged` of `rule:KEY`, of `rules:any` (by one rule or more) and of `rules:several`, each with
    its Wilson interval and the assessable responses as base; `responses` of the same is how many.
    A rule that cannot be held against any response is flagged `not_measured`.
    """
    now = survey.latest
    everybody = now.responses
    marks = _marks(everybody)
    records = [one for key, values in marks.items() for one in _rate(f"rule:{key}", values, now)]
    if marks:
        table = np.column_stack(list(marks.values()))
        n_flags = np.where(np.isnan(table).all(axis=1), np.nan, np.nansum(table, axis=1))
        for key, least in (("any", 1), ("several", SEVERAL)):
            values = np.where(np.isnan(n_flags), np.nan, n_flags >= least)
            records += _rate(f"rules:{key}", values, now)
    return Estimates(records, context=now.context())


def _marks(everybody: Any) -> dict[str, np.ndarray]:
    """Per rule 1 (flagged), 0 (not) or NaN (not assessable), of the responses in hand."""
    frame = everybody.frame[everybody.mask]
    return {
        key: frame[f"flag:{key}"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        for key in rules(everybody)
    }


def _rate(of: str, values: np.ndarray, now: Any) -> Iterator[Estimate]:
    known = values[~np.isnan(values)]
    n, count, level = len(known), int(known.sum()), now.study.ci_level
    if not n:
        flags = ("not_measured",)
        yield Estimate("flagged", of, NAN, unit="share", flags=flags, wave=now.wave)
        return
    low, high = wilson_interval(count / n, n, level)
    bases: dict[str, Any] = {"n": n, "n_eff": float(n), "wave": now.wave}
    yield Estimate(
        "flagged", of, count / n, low, high, level, unit="share", method="wilson", **bases
    )
    yield Estimate("responses", of, float(count), unit="count", method=_COUNTED, **bases)


# -- how long it took ----------------------------------------------------------------------------


def durations(survey: Any) -> Estimates:
    """Quantiles of the seconds that an interview took, in each wave so far, set aside or not."""
    records: list[Estimate] = []
    for one in each_wave(survey):
        everybody = one.responses
        if "duration" not in everybody.frame:
            continue
        seconds = everybody.frame["duration"].to_numpy(dtype=float)[everybody.mask]
        known = seconds[~np.isnan(seconds)]
        records += [
            Estimate(
                "duration", "sample", float(np.quantile(known, share)), n=len(known),
                n_eff=float(len(known)), unit="count", method="quantile", wave=one.wave,
                by={"quantile": key},
            )
            for key, share in QUANTILES.items()
            if len(known)
        ]  # fmt: skip
    return Estimates(records, context=survey.latest.context())


# -- missing answers -----------------------------------------------------------------------------


def questions(survey: Any) -> list[str]:
    """What the wave asked on a scale: items, outcomes and ratings of stages."""
    study = survey.latest.study
    keys = [f"item:{key}" for key in study.item_keys]
    keys += [f"outcome:{key}" for key in study.outcomes]
    keys += [f"rating:{key}" for key in study.stage_keys if study.stages[key].rating]
    return [key for key in keys if key in survey.frame]


def missing(survey: Any) -> Estimates:
    """Of each question how many answered it, and why the others did not.

    `answered` of a question is a count with its effective base. By `reason` stand `respondents`
    (a count) and `missing` (its share of all in hand), without those of `private_reasons`; of a
    question that may not be told none, not even those that nobody gave.
    `item_nonresponse` is the share of those asked who gave no answer; a question to which nobody
    of the wave gave anything is taken for one that was not put, and has none.
    """
    now = survey.latest
    hidden, context = private_reasons(now), now.context()
    records = [
        unseen(one) if one.metric == "item_nonresponse" and "no_answer" in private else one
        for of in questions(now)
        for private in [hidden.get(of, ())]
        for one in _of_question(now, of)
        if not one.by or not (one.by["reason"] in private or is_unseen(one.wave, of, context))
    ]
    return Estimates(records, context=context)


def private_reasons(survey: Any) -> dict[str, tuple[str, ...]]:
    """Of each question the reasons that are not told, so that nobody can be recognised.

    That a question was skipped, or was not put, tells nothing of a person; a reason given does.
    One given by fewer than the study's limit is not told, nor are as many others as it takes
    that those not told are at least two and together no fewer than the limit: other reasons
    given and how many skipped, the smallest first, and then why it was not put to the others.
    With how many skipped goes the share of those asked, from which they could be counted. Where
    all who did not answer are fewer than the limit, none of the reasons is told, not even that
    nobody gave it: what remains is how many did not answer, for whatever reason.
    """
    now = survey.latest
    why = {of: now.missing(of) for of in questions(now)}
    given = sorted({reason for own in why.values() for reason in own} - {_SKIPPED, *NOT_ASKED})
    hidden = {of: _private(own, given, now.study.privacy.min_n) for of, own in why.items()}
    return {of: reasons for of, reasons in hidden.items() if reasons}


_SKIPPED = "no_answer"


def _private(own: Mapping[str, int], given: Sequence[str], limit: int) -> tuple[str, ...]:
    """The reasons of one question that are not told; `given` are those that a person gave."""
    asked = (*given, _SKIPPED)
    reasons = (*asked, *NOT_ASKED)
    counts = [own.get(reason, 0) for reason in reasons]
    of_asked, public = range(len(asked)), range(len(given), len(reasons))
    hidden = suppressed(counts, [of_asked], limit, public=public)
    if not _is_enough(hidden, counts, limit):
        hidden = suppressed(counts, [range(len(reasons))], limit, also=hidden, public=public)
        if not _is_enough(hidden, counts, limit):
            return reasons
        hidden |= {len(given)}
    return tuple(reasons[i] for i in sorted(hidden))


def _is_enough(hidden: Collection[int], counts: Sequence[int], limit: int) -> bool:
    """Whether the reasons not told, if any, are two and of so many that nobody is found."""
    return not hidden or (len(hidden) > 1 and sum(counts[i] for i in hidden) >= limit)


def unanswered(survey: Any) -> Estimates:
    """Item non-response of each question in each wave so far."""
    found = (record for one in each_wave(survey) for record in missing(one))
    kept = (one for one in found if one.metric == "item_nonresponse")
    return Estimates(kept, context=survey.latest.context())


def _of_question(now: Any, of: str) -> Iterator[Estimate]:
    is_answered = now.mask & ~np.isnan(now.values(of))
    n = int(is_answered.sum())
    n_eff = effective_base(now.weight[is_answered]) if n else 0.0
    told: dict[str, Any] = {"wave": now.wave, "method": _COUNTED}
    yield Estimate("answered", of, float(n), n=n, n_eff=n_eff, unit="count", **told)
    why = now.missing(of)
    for reason, count in why.items():
        by = {"reason": reason}
        whole: dict[str, Any] = {"n": now.n, "n_eff": float(now.n), "by": by, **told}
        yield Estimate("respondents", of, float(count), unit="count", **whole)
        yield Estimate("missing", of, count / now.n, unit="share", **whole)
    asked = n + sum(count for reason, count in why.items() if reason not in NOT_ASKED)
    if asked and (n or set(why) - {_SKIPPED, *NOT_ASKED}):
        share = why.get("no_answer", 0) / asked
        bases: dict[str, Any] = {"n": asked, "n_eff": float(asked), "unit": "share"}
        yield Estimate("item_nonresponse", of, share, **bases, **told)


# -- weights -------------------------------------------------------------------------------------


def weights(survey: Any) -> Estimates:
    """How far weights differ in each wave so far: extremes (mean 1), their ratio, efficiency."""
    records: list[Estimate] = []
    for one in each_wave(survey):
        own = one.weight[one.mask]
        own = own[own > 0]
        if not own.size:
            continue
        n_eff = effective_base(own)
        bases: dict[str, Any] = {"n": one.n, "n_eff": n_eff, "wave": one.wave, "method": _COUNTED}
        low, high = float(own.min()), float(own.max())
        for metric, value in (
            ("weight_min", low),
            ("weight_max", high),
            ("weight_ratio", high / low),
        ):
            records.append(Estimate(metric, "sample", value, unit="scale", **bases))
        efficiency = n_eff / one.n
        records.append(
            Estimate("weighting_efficiency", "sample", efficiency, unit="share", **bases)
        )
    return Estimates(records, context=survey.latest.context())


def each_wave(survey: Any) -> Sequence[Any]:
    """The (last) wave in hand and those before it, oldest first."""
    one, found = survey.latest, []
    while one is not None:
        found.append(one)
        one = one.previous
    return found[::-1]
