"""Sight: the smallest differences that this sample finds, by trying it out on its own answers.

The respondents of the study are drawn anew many times, a difference is planted, and the test of
the report is run on each draw. The smallest difference that is found in four tries of five is
what the sample can see, with its own answers, weights, gaps, waves and clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis import contrasts, estimates, groups, journey, pyramid
from cxkit.analysis.comparisons import between, rest_of, rules_of
from cxkit.analysis.estimates import Sample
from cxkit.analysis.fixed_questions import headline
from cxkit.analysis.intervals import Measure
from cxkit.analysis.joint import seeded
from cxkit.analysis.planning import detectable_difference
from cxkit.analysis.trials import Trial, Tries, smallest, tried
from cxkit.errors import SurveyError
from cxkit.records import Comparisons, Fit, Fits
from cxkit.weights import moment

__all__ = ["FOUND_IN", "N_TRIES", "sight"]

N_TRIES = 1000
"""How often the respondents are drawn anew."""

FOUND_IN = groups.POWER
"""In what part of the tries a difference must be found."""

_Z = 1.959963984540054
"""How many standard errors the range of the part found reaches to either side."""

_SCORE = Measure("score_100", "mean", "score_100")


def sight(survey: Any) -> Fits:
    """The smallest differences that the latest wave in hand finds in 80 of 100 tries.

    Returns
    -------
    Fits
        For the headline against its target (`target`), against the wave before (`waves`), for two
        levels of the same people (`levels`), the largest group of each segment against all others
        (`groups`) and a hand-off (`handoff`), as far as they are tested in the report: a record
        `smallest_difference`, `value` in the unit of what is measured with the 95 % range that
        so many tries leave, `n` the smaller base; verdict `seen` where it is no larger than what
        matters, `unseen` where it is, `out_of_reach` (no value) where no difference is found that
        often, empty where the study does not say what matters. And a record
        `smallest_difference_planned`: the closed form of `planning.detectable_difference` from
        both bases, spread and design effect, where there is one and a size is found. `of` is the
        kind and what is compared: `groups|region=java|outcome:recommend`.

    Notes
    -----
    Tries are resamples of the sampling units (`weights.resampled_totals`), the same for every
    planted size. Scores: all are moved by the same amount. Shares and NPS: each respondent of the
    side that is moved takes one step (detractor, passive, promoter) with such a chance that the
    difference of the two sides is the planted one. A difference is found where the interval of
    the report's test, at the first step of Holm's correction, leaves out zero on the side of what
    was planted and is not too wide to be relied on. Sizes are searched by bisection; the range
    of the result comes from that of the part found, by the normal formula for N_TRIES.

    References
    ----------
    .. [1] Arnold, B. F. et al. (2011). Simulation methods to estimate design power. BMC Medical
           Research Methodology 11.

    Examples
    --------
    >>> import cxkit as cx
    >>> found = sight(cx.load("demo"))
    >>> found[0].name, found[0].unit
    ('smallest_difference', 'points')
    """
    now = survey.latest
    asked = [*_of_headline(now), *_of_levels(now), *_of_groups(now), *_of_handoff(now)]
    rows: dict[int, list[Fit]] = {}
    for sample in {id(one.sample): one.sample for one in asked}.values():
        own = [place for place, one in enumerate(asked) if one.sample is sample]
        seed = seeded(now.study.seed, f"sight:{own[0]}")
        made = tried([asked[place].trial for place in own], N_TRIES, seed)
        rows |= {place: _records(asked[place], one) for place, one in zip(own, made, strict=True)}
    records = [one for place in sorted(rows) for one in rows[place]]
    return Fits(records, context=now.context())


@dataclass(frozen=True, eq=False)
class _Sought:
    """A difference to be found: what it is of, the trial, and the least that matters."""

    of: str
    trial: Trial
    sample: Sample
    matter: float | None
    wave: str | None


def _records(one: _Sought, tries: Tries) -> list[Fit]:
    """The smallest difference with the range that the number of tries leaves, and as planned."""
    trial, factor = one.trial, one.trial.measure.factor
    error = _Z * math.sqrt(FOUND_IN * (1 - FOUND_IN) / N_TRIES)
    sizes = smallest(tries.share_found, tries.room, FOUND_IN, error)
    value, low, high = (factor * size for size in sizes)
    sides = [moment(side, trial.design) for side in trial.sides]
    smaller = min(sides, key=lambda side: side.n_eff)
    found = Fit(
        "smallest_difference", value, low, high, _verdict(value, one.matter), "simulation", one.of,
        smaller.n, smaller.n_eff, unit=trial.measure.unit, wave=one.wave,
        flags=("unreliable",) if math.isnan(value) else (),
    )  # fmt: skip
    if math.isnan(value):  # the formula knows no range that is too wide to be relied on
        return [found]
    planned = _planned(trial, [(side.n, side.n_eff) for side in sides])
    if planned is None or math.isnan(planned.value):
        return [found]
    beside = Fit(
        "smallest_difference_planned", planned.value, method=planned.method, of=one.of,
        n=smaller.n, n_eff=smaller.n_eff, unit=trial.measure.unit, wave=one.wave,
    )  # fmt: skip
    return [found, beside]


def _verdict(value: float, matter: float | None) -> str:
    if math.isnan(value):
        return "out_of_reach"
    if matter is None:
        return ""
    return "seen" if value <= matter else "unseen"


def _planned(trial: Trial, bases: list[tuple[int, float]]) -> Fit | None:
    """The closed form for two groups as large as both sides on average, of their spread.

    Of one side against a fixed value there is one for means only: two groups of half the variance.
    """
    several, metric = len(bases) > 1, trial.measure.metric
    if not several and trial.measure.kind != "mean":
        return None
    n, n_eff = (len(bases) / sum(1 / max(one[at], 1e-9) for one in bases) for at in (0, 1))
    sides = [moment(side, trial.design) for side in trial.sides]
    expected: dict[str, Any] = {}
    if trial.measure.kind == "mean":
        spread = sum(side.spread for side in sides) / len(sides)
        metric = "score_100" if trial.measure.unit == "score_100" else "mean"
        expected["sd"] = math.sqrt(spread if several else spread / 2)
    elif trial.measure.kind == "share":
        metric, share = "share", sum(side.estimate for side in sides) / 2
        expected["share"] = share if trial.step > 0 else 1 - share
    else:
        metric, net = "nps", sum(side.estimate for side in sides) / 2
        either = sum(side.spread + side.estimate**2 for side in sides) / 2
        expected |= {"promoters": (either + net) / 2, "detractors": (either - net) / 2}
    try:
        return detectable_difference(
            metric, n=n, power=FOUND_IN, deff=n / n_eff, n_tests=trial.n_tests,
            ci_level=trial.ci_level, **expected,
        )  # fmt: skip
    except SurveyError:  # answers that are all alike are no ground for a plan
        return None


# -- what is sought ------------------------------------------------------------------------------


def _of_headline(now: Any) -> Iterator[_Sought]:
    """The headline against its target, and against the wave before."""
    main = headline(now)
    if main is None:
        return
    metric, of = main
    (one,) = estimates.measured(now, metric, of)
    own = estimates.sample(now, tuple(now.waves))
    rules = rules_of(now, metric)
    side = np.where(now.mask, one.values, np.nan)[own.rows]
    here = moment(side, own.design)
    target = (now.study.targets or {}).get(metric)
    if target is not None and estimates.is_shown(now, here, of) and not own.design.is_census:
        fixed = target / one.measure.factor
        trial = _trial(one.measure, [side], [own], 1, now, fixed=fixed, gap=here.estimate - fixed)
        yield _Sought(f"target|{metric}|{of}", trial, own, rules.matter, now.wave)
    before = now.previous
    if before is None:
        return
    pair = [*estimates.groups(now, "wave"), *estimates.groups(before, "wave")]
    found = next(iter(contrasts.corrected(between(now, one, pair), rules)), None)
    if found is None or found.verdict == "hidden" or math.isnan(found.difference):
        return
    both = estimates.sample(now, tuple(sorted({*before.waves, *now.waves})))
    if both.design.is_census:
        return
    sides = [np.where(group.mask, one.values, np.nan)[both.rows] for group in pair]
    samples = [estimates.sample(now, group.waves) for group in pair]
    trial = _trial(one.measure, sides, samples, 1, now, design=both, gap=found.difference)
    yield _Sought(f"waves|{found.a}|{found.b}|{of}", trial, both, rules.matter, now.wave)


def _of_levels(now: Any) -> Iterator[_Sought]:
    """The lowest level and the next, in the same people."""
    leader = pyramid.weakest(now)
    tested = _tests(leader.comparisons)
    if not tested:
        return
    nearest = tested[0]
    values = {one.of: one.values for one in pyramid.measured(now)}
    difference = values[nearest.a] - values[nearest.b]
    rules = rules_of(now, "score_100")
    yield from _paired(now, "levels", nearest, difference, len(tested), rules.matter)


def _of_handoff(now: Any) -> Iterator[_Sought]:
    """The hand-off at which ratings are lowest, in those who rated both stages."""
    if now.study.journey is None:
        return
    tested = _tests(journey.handoffs(now))
    if not tested:
        return
    lowest = min(tested, key=lambda one: one.difference)
    rated = estimates.measured(now, "score_100", [lowest.a, lowest.b])
    later, earlier = (one.values for one in rated)
    rules = rules_of(now, "handoff", "score_100")
    yield from _paired(now, "handoff", lowest, later - earlier, len(tested), rules.matter)


def _paired(
    now: Any, kind: str, one: Any, difference: np.ndarray, n_tests: int, matter: float | None
) -> Iterator[_Sought]:
    own = estimates.sample(now, tuple(now.waves))
    if own.design.is_census or own.design.df < 1:
        return
    side = np.where(now.mask, difference, np.nan)[own.rows]
    trial = _trial(_SCORE, [side], [own], n_tests, now, gap=-1.0)
    yield _Sought(f"{kind}|{one.a}|{one.b}", trial, own, matter, now.wave)


def _of_groups(now: Any) -> Iterator[_Sought]:
    """The largest group of each segment against all others, on the headline."""
    main, keys = headline(now), groups.segments(now)
    if main is None or not keys:
        return
    metric, of = main
    own = estimates.sample(now, tuple(now.waves))
    if own.design.is_census:
        return
    (one,) = estimates.measured(now, metric, of)
    shown = groups.against_rest(now, metric, of, keys).comparisons.published()
    tested = _tests(shown)
    rules = rules_of(now, metric)
    for key in keys:
        of_key = [row for row in tested if row.a.startswith(f"{key}=")]
        if not of_key:
            continue
        largest = max(of_key, key=lambda row: row.n_a)
        every = estimates.groups(now, key)
        group = next(x for x in every if x.key == largest.a)
        sides = [
            np.where(mask, one.values, np.nan)[own.rows]
            for mask in (group.mask, rest_of(group, every).mask)
        ]
        gap = largest.difference
        trial = _trial(one.measure, sides, [own, own], len(tested), now, design=own, gap=gap)
        yield _Sought(f"groups|{largest.a}|{of}", trial, own, rules.matter, now.wave)


def _tests(rows: Comparisons) -> list[Any]:
    """The comparisons that are tests, and may be shown."""
    return [one for one in rows if one.correction != "none" and one.verdict != "hidden"]


def _trial(
    measure: Measure,
    sides: Sequence[np.ndarray],
    samples: Sequence[Sample],
    n_tests: int,
    now: Any,
    *,
    gap: float,
    design: Sample | None = None,
    fixed: float = 0.0,
) -> Trial:
    """A trial that plants its difference on the side of zero on which the sample has it."""
    drawn = tuple(one.design.n_drawn for one in samples)
    made = (design or samples[0]).design
    step = 1 if gap > 0 else -1
    return Trial(measure, tuple(sides), made, drawn, n_tests, fixed, step, now.study.ci_level)
