"""What to try first: where each level's score and its link with the outcome lie, and how sure.

Scores and shares come from the same resamples as the links, so that a quadrant's chance allows
for both at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.conventions import QUADRANTS
from cxkit.analysis.drivers.importance import lmg, shares
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.analysis.joint import percentiles
from cxkit.analysis.links import Linked, Links, linked
from cxkit.records import NAN, Estimate, Estimates
from cxkit.weights import moment

__all__ = ["Priorities", "priorities"]

_SURE = 0.80
"""The chance of lying in the quadrant to try first from which a level is named."""

_POSSIBLE = 0.20
"""The chance from which a level may be the one."""


@dataclass(frozen=True, eq=False)
class Priorities:
    """Each level between a low and a high score, and a weak and a strong link.

    Attributes
    ----------
    scores : Estimates
        `score_100` of the levels, on all who have every level, as in the pyramid.
    shares : Estimates
        `link_share`, as in the links.
    chances : Estimates
        `chance_quadrant` of each level, by `quadrant`; the four add up to 1.
    line : Estimate
        The score that parts low from high: the target, or the levels' average with its interval.
    even : float
        The share that parts weak from strong: 1 over the number of levels.
    target : float or None
        The study's target for scores, if it has one.
    first, possible : tuple of str
        Levels with a chance of at least 80 %, and of at least 20 %, of being one to try first;
        the likeliest at the head.
    why : str or None
        Why there are no numbers, as in the links.
    """

    scores: Estimates
    shares: Estimates
    chances: Estimates
    line: Estimate
    even: float
    target: float | None
    first: tuple[str, ...]
    possible: tuple[str, ...]
    why: str | None = None


def priorities(survey: Any, links: Links) -> Priorities:
    """Where the levels of these `links` lie, in the latest wave in hand of the same survey."""
    data = linked(survey, links.outcome or None)
    target = data.survey.study.targets.get("score_100")
    even = 1 / len(links.levels) if links.levels else NAN
    none = Estimates((), context=data.basis.context)
    if links.why or links.drawn is None or links.drawn_scores is None:
        line = _line(data, NAN if target is None else target, None)
        return Priorities(none, links.shares, none, line, even, target, (), (), links.why)
    drawn = links.drawn_scores
    parts = shares(lmg(links.drawn.correlation))
    average = drawn.mean(axis=1)
    level = np.full(len(drawn), target) if target is not None else average
    found = _chances(drawn < level[:, None], parts > even)
    to_try = found[0]
    order = np.argsort(-to_try, kind="stable")
    first, possible = (
        tuple(links.levels[place] for place in order if to_try[place] >= least)
        for least in (_SURE, _POSSIBLE)
    )
    scores = _scores(data)
    value = float(scores["estimate"].mean()) if target is None else target
    return Priorities(
        scores=scores,
        shares=links.shares,
        chances=_chance_records(data, found),
        line=_line(data, value, None if target is not None else average),
        even=even,
        target=target,
        first=first,
        possible=possible,
    )


def _chances(is_low: np.ndarray, is_strong: np.ndarray) -> np.ndarray:
    """In how many resamples each level lies in each quadrant, shape (4, k)."""
    return np.array(
        [
            (low & strong).mean(axis=0)
            for strong in (is_strong, ~is_strong)
            for low in (is_low, ~is_low)
        ]
    )


def _chance_records(data: Linked, found: np.ndarray) -> Estimates:
    tables = [
        data.basis.estimates(
            "chance_quadrant", chances, method="lmg_bootstrap", by={"quadrant": quadrant}
        )
        for quadrant, chances in zip(QUADRANTS, found, strict=True)
    ]
    by_level = [one for row in zip(*tables, strict=True) for one in row]
    return Estimates(by_level, context=data.basis.context)


def _scores(data: Linked) -> Estimates:
    given, basis = data.given, data.basis
    measure = Measure("score_100", "mean", "score_100")
    made = [
        estimate_of(
            measure,
            moment(given.x[:, j], given.design),
            of=of,
            ci_level=basis.ci_level,
            wave=basis.wave,
        )
        for j, of in enumerate(given.names)
    ]
    return Estimates(made, context=basis.context)


def _line(data: Linked, value: float, drawn: np.ndarray | None) -> Estimate:
    """The line between low and high scores; without an interval where it is a target."""
    basis = data.basis
    low, high = (NAN, NAN) if drawn is None else map(float, percentiles(drawn, basis.ci_level))
    return Estimate(
        metric="score_100",
        of="levels",
        estimate=value,
        ci_low=low,
        ci_high=high,
        ci_level=basis.ci_level,
        n=basis.n,
        n_eff=basis.n_eff,
        unit="score_100",
        method="target" if drawn is None else "bootstrap",
        flags=basis.flags if np.isnan(value) else (),
        wave=basis.wave,
    )
