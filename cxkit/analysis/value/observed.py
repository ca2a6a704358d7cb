"""What was seen of a survey's people afterwards: who stayed, and what goes with leaving.

An outcome is seen later than the answers it belongs to, so it is told of all waves so far in
which somebody was followed, together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from cxkit.analysis import scoring
from cxkit.analysis.contrasts import adjust_p
from cxkit.analysis.domains import Sample, sample
from cxkit.analysis.drivers.predictors import Predictors
from cxkit.analysis.intervals import t_quantile
from cxkit.analysis.privacy import unseen
from cxkit.analysis.value.leaving import hazards, odds
from cxkit.analysis.value.survival import Curve, survival_curve
from cxkit.records import NAN, Estimate, Estimates, is_unseen

__all__ = ["Observation", "observed"]

_STEP = 10.0
"""Ratios are told for so many points of a 0-100 score."""


@dataclass(frozen=True, eq=False)
class Observation:
    """Who stayed, in all waves so far in which somebody was followed.

    Attributes
    ----------
    waves : tuple of str
        Those waves, sorted; none where nobody was followed.
    after : int
        The months that retention is told for.
    retained : Estimate
        The share still there after so many months; flagged `not_measured` where nobody was
        followed for as long. Its base is everybody followed.
    curve : Estimates
        The share after each month, with those still followed as base; nothing where all were
        followed for the same time without their months.
    ratios : Estimates
        `hazard_ratio` (`odds_ratio` without months) of leaving by level, per 10 points, among
        people alike on the other levels.
    clear : tuple of str
        The levels whose ratio clearly differs from 1 (Holm over all of them).
    n_design : float
        How many equally weighted people would tell retention as precisely.
    n_left : int
        How many of those followed left within `after` months.
    """

    waves: tuple[str, ...]
    after: int
    retained: Estimate
    curve: Estimates
    ratios: Estimates
    clear: tuple[str, ...] = ()
    n_design: float = 0.0
    n_left: int = 0


def observed(survey: Any) -> Observation:
    """What was seen of those in hand (see `Observation`).

    A study that names no such outcome has no waves, and `retained` flagged `not_measured`.
    """
    now, value = survey.so_far(), survey.study.value
    if value is None or value.observed.retained is None:
        return _nothing(now, 12, "not_measured")
    found: Observation = now.once(("observed",), lambda: _observed(now))
    return found


def _nothing(now: Any, after: int, why: str) -> Observation:
    """Nobody was followed, or nobody asked who was."""
    none = Estimates((), context=now.context())
    told: dict[str, Any] = {"unit": "share", "method": "kaplan_meier", "flags": (why,)}
    empty = Estimate("retained", "value:retained", NAN, by={"month": f"{after:g}"}, **told)
    return Observation((), after, empty, none, none)


def _observed(now: Any) -> Observation:
    context, seen = now.context(), now.study.value.observed
    none = Estimates((), context=context)
    retained = _values(now, "value:retained")
    followed = now.mask & ~np.isnan(retained)
    if seen.months is not None:
        followed &= ~np.isnan(_values(now, "value:months"))
    in_wave = now.frame["wave"].to_numpy(dtype=object)
    waves = tuple(wave for wave in now.waves if followed[in_wave == wave].any())
    if not waves:
        return _nothing(now, seen.after, "no_answers")
    then = now.where(wave=list(waves))
    drawn = sample(then, waves)
    months, left = _until(now, followed, seen.after)
    curve = survival_curve(months[drawn.rows], left[drawn.rows], drawn.design)
    level = now.study.ci_level
    if _is_private(now, in_wave[followed]):
        hidden = unseen(curve.estimate(seen.after, level, is_whole=True))
        return Observation(waves, seen.after, hidden, none, none)
    ratios, clear = _ratios(then, drawn, months, left, has_months=seen.months is not None)
    return Observation(
        waves,
        seen.after,
        _at_the_end(curve, seen.after, now),
        Estimates(_by_month(curve, seen.after, level), context=context)
        if seen.months is not None
        else none,
        ratios,
        clear,
        curve.n_design(seen.after),
        int(np.nansum(left)),
    )


def _is_private(now: Any, followed_in: np.ndarray) -> bool:
    """Whether what was seen would tell of few people, beside reports of others or of fewer waves.

    Every wave is told together with those before it, so that two such reports tell of the waves
    between them.
    """
    limit, context = now.study.privacy.min_n, now.context()
    is_told, n_new = True, 0
    for wave in now.waves:
        n_new = int((followed_in == wave).sum()) + (0 if is_told else n_new)
        is_told = not 0 < n_new < limit
    private = (is_unseen(wave, "value:retained", context) for wave in np.unique(followed_in))
    return not is_told or any(private)


def _at_the_end(curve: Curve, after: int, now: Any) -> Estimate:
    """The share still there at the end; hidden where the last months rest on few people."""
    one = curve.estimate(after, now.study.ci_level, is_whole=True)
    n_followed = int(curve.estimate(after, now.study.ci_level).n)
    return unseen(one) if 0 < n_followed < now.study.privacy.min_n else one


def _values(survey: Any, of: str) -> np.ndarray:
    """A column of what was seen; nothing where no source of the answers has it."""
    nobody: np.ndarray = np.full(len(survey.mask), NAN)
    return survey.values(of) if of in survey.frame else nobody


def _until(now: Any, followed: np.ndarray, after: int) -> tuple[np.ndarray, np.ndarray]:
    """How long each of those followed was, up to `after` months, and whether they left by then."""
    retained = _values(now, "value:retained")
    has_months = now.study.value.observed.months is not None
    told = _values(now, "value:months") if has_months else np.full(len(retained), float(after))
    left = np.where((retained == 0) & (told <= after), 1.0, 0.0)
    return (
        np.where(followed, np.minimum(told, after), NAN),
        np.where(followed, left, NAN),
    )


def _by_month(curve: Curve, after: int, ci_level: float) -> list[Estimate]:
    """The curve at its start, at every month (or quarter of the time, if that is long), its end."""
    step = max(1, math.ceil(after / 12))
    return [curve.estimate(month, ci_level) for month in range(step, after + 1, step)]


def _ratios(
    then: Any, drawn: Sample, months: np.ndarray, left: np.ndarray, *, has_months: bool
) -> tuple[Estimates, tuple[str, ...]]:
    study = then.study
    keys = [key for key in scoring.levels(study) if scoring.items_of(then, key)]
    if not keys:
        return Estimates((), context=then.context()), ()
    scores = [scoring.level_scores(then, key)[drawn.rows] / _STEP for key in keys]
    names = tuple(f"level:{key}" for key in keys)
    given = Predictors(
        np.column_stack(scores), left[drawn.rows], names, "value:retained", drawn.design
    )
    basis = given.basis(study.ci_level, given.why)
    made = hazards(given, basis, months[drawn.rows]) if has_months else odds(given, basis)
    return Estimates(made, context=then.context()), _clear(made, given)


def _clear(made: Estimates, given: Predictors) -> tuple[str, ...]:
    """The names whose ratio clearly differs from 1, among all of them together (Holm)."""
    known = [one for one in made if not math.isnan(one.estimate)]
    if not known:
        return ()
    df = math.inf if given.design.is_simple else float(given.design.df - given.k)
    level = known[0].ci_level
    width = np.array([math.log(one.ci_high / one.ci_low) for one in known])
    t = np.abs([math.log(one.estimate) for one in known]) * 2 * t_quantile(level, df) / width
    p = 2 * (special.ndtr(-t) if math.isinf(df) else special.stdtr(df, -t))
    adjusted = adjust_p(p, "holm")
    return tuple(one.of for one, own in zip(known, adjusted, strict=True) if own < 1 - level)
