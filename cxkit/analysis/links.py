"""What goes with the outcome: each level's share of the explained differences, and how sure it is.

`linked` lays out the scores and the outcome of the latest wave in hand, `links` the numbers. One
bootstrap of their joint moments serves shares, ranks, chances and, later, priorities.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxkit.analysis import estimates, metrics, pyramid, scoring
from cxkit.analysis.conventions import BEST_TWO, LEADS_FROM
from cxkit.analysis.drivers.attenuation import best_two, disattenuated
from cxkit.analysis.drivers.importance import (
    ahead_records,
    first,
    johnson,
    lmg,
    rank_records,
    shares,
)
from cxkit.analysis.drivers.predictors import Basis, Predictors, obstacle
from cxkit.analysis.drivers.regression import (
    MOST_ANSWERS,
    cumulative_logit,
    explained,
    least_squares,
)
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.analysis.joint import Joint, joint, resampled, resampled_together, seeded
from cxkit.analysis.reliability import reliability_of
from cxkit.errors import SurveyError, nearest
from cxkit.records import NAN, Estimates, Fit, Fits, is_unseen
from cxkit.study import MIN_SHARE
from cxkit.weights import moment

__all__ = [
    "CEILING",
    "HIGH",
    "WEAK",
    "Linked",
    "Links",
    "linked",
    "links",
]

_STILL_FIRST = 0.05
"""A level with at least such a chance of ranking first cannot be told apart from the top one."""

HIGH = 80.0
"""A score from which a respondent rates a level high."""

CEILING = 0.80
"""The share of respondents with a high score from which a level has little spread left."""

WEAK = 0.10
"""A smaller adjusted R2 leaves most of the differences to other things."""

_WHOLE = "overall"
"""The outcome that rates the whole experience."""

_MOST_LACKING = 0.05
"""So many resamples may have no disattenuated correlations."""

_STEP = 10.0
"""Slopes are told for so many points of a 0-100 score."""


@dataclass(frozen=True, eq=False)
class Links:
    """What goes with an outcome, on those who have all levels and the outcome.

    Attributes
    ----------
    outcome : str
        Of what (`outcome:recommend`), as answered; empty where the study has none.
    levels : tuple of str
        The levels that are linked with it (`level:trust`), in the framework's order.
    made_of : tuple of str
        Levels left out because the outcome is one of their own items.
    n, n_eff : float
        The base and its effective size.
    why : str or None
        Why there are no numbers: `not_measured` (no levels, or no outcome), `single` (fewer
        than two levels), `made_of` (fewer than two whose items are not the outcome itself),
        `too_few`, `no_spread` or `collinear`; `private` where nothing may be told of the outcome,
        and then there is no base.
    shares, parts, ranks, ahead, slopes, high, equal_reliability : Estimates
        `link_share`; `lmg` and `johnson`; `rank` and `chance_first`; `chance_ahead`; `slope`
        and `log_odds` per 10 points; `share_high`; `link_share_equal_reliability`.
    r2, r2_adjusted : Fit
        What all levels explain together.
    against : tuple of str
        Levels whose slope is negative although they go with the outcome.
    little_spread : tuple of str
        Levels that nearly all rate high, so that there is little to go with anything.
    leader : str or None
        The level that ranks first in at least 80 % of the resamples.
    tied : tuple of str
        Without a leader, the levels that cannot be told apart from the top one.
    weak : bool
        Whether all levels explain less than a tenth by the adjusted R2: in small samples the R2
        of answers without any link is larger than that.
    whole : Fits
        `r2_added_by_whole`, `r2_added_by_levels`: what a rating of the whole experience
        explains beyond the levels, and they beyond it; empty where it was not asked.
    moments, drawn : Joint or None
        The joint moments of levels and outcome (last), and their resamples.
    drawn_scores : ndarray or None
        The levels' mean scores in the same resamples, on all who have every level.
    """

    outcome: str
    levels: tuple[str, ...]
    n: float
    n_eff: float
    why: str | None
    shares: Estimates
    parts: Estimates
    ranks: Estimates
    ahead: Estimates
    equal_reliability: Estimates
    r2: Fit
    r2_adjusted: Fit
    slopes: Estimates
    high: Estimates
    whole: Fits
    made_of: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    little_spread: tuple[str, ...] = ()
    leader: str | None = None
    tied: tuple[str, ...] = ()
    weak: bool = False
    moments: Joint | None = None
    drawn: Joint | None = None
    drawn_scores: np.ndarray | None = None

    @property
    def clearly_against(self) -> tuple[str, ...]:
        """Those of `against` whose slope has its whole interval below zero."""
        below = {one.of for one in self.slopes if one.metric == "slope" and one.ci_high < 0}
        return tuple(of for of in self.against if of in below)

    @property
    def small_for_spread(self) -> tuple[str, ...]:
        """Those of `little_spread` whose share is smaller than an equal part."""
        even = 1 / len(self.levels)
        small = {one.of for one in self.shares if one.estimate < even}
        return tuple(of for of in self.little_spread if of in small)


def links(survey: Any, outcome: str | None = None) -> Links:
    """What goes with an outcome, in the latest wave in hand.

    `outcome` is a key of the study (`recommend`, or `outcome:recommend`); by default
    willingness to recommend if it was asked, else the study's first outcome.
    """
    now = survey.latest
    found: Links = now.once(("links", outcome), lambda: _links(linked(now, outcome)))
    return found


def _links(data: Linked) -> Links:
    """The numbers of levels and outcome as they are laid out."""
    if data.why:
        return _without_numbers(data)
    main, of_levels, *of_items = resampled_together(
        [data.given.values, data.given.x, *data.items.values()], data.given.design, seed=data.seed
    )
    moments, basis = data.given.moments, data.basis
    parts, drawn = lmg(moments.correlation), lmg(main.correlation)
    other, other_drawn = johnson(moments.correlation), johnson(main.correlation)
    named = "lmg_bootstrap"
    r2, adjusted = explained(basis, moments.correlation, main.correlation, of=data.outcome)
    slopes, against = _slopes(data)
    high, little_spread = _high(data)
    leader, tied = _leader(data.given.names, first(drawn))
    return Links(
        outcome=data.outcome,
        levels=data.given.names,
        n=basis.n,
        n_eff=basis.n_eff,
        why=None,
        made_of=data.made_of,
        shares=basis.percentiles("link_share", shares(parts), shares(drawn), method=named),
        parts=basis.percentiles("lmg", parts, drawn, method=named)
        + basis.percentiles("johnson", other, other_drawn, method="johnson_bootstrap"),
        ranks=rank_records(basis, parts, drawn, named),
        ahead=ahead_records(basis, drawn, named),
        equal_reliability=_equal_reliability(data, main, of_items),
        r2=r2,
        r2_adjusted=adjusted,
        slopes=slopes,
        against=against,
        high=high,
        little_spread=little_spread,
        leader=leader,
        tied=tied,
        weak=adjusted.value < WEAK,
        whole=_whole(data),
        moments=moments,
        drawn=main,
        drawn_scores=of_levels.mean,
    )


# -- scores and outcome ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Linked:
    """The scores of the levels and an outcome, on the rows of the latest wave.

    `given` holds them with the sample design; `items` the 0-100 scores of each level's items on
    the same respondents; `whole` the rating of the whole experience, if it was asked.
    """

    survey: Any
    outcome: str
    given: Predictors
    items: Mapping[str, np.ndarray]
    whole: np.ndarray | None
    made_of: tuple[str, ...]
    absent: str | None

    @cached_property
    def why(self) -> str | None:
        """Why these data have no links (see `Links`), None where they do."""
        if self.absent:
            return self.absent
        found = obstacle(self.given.moments)
        return "too_few" if found == "no_answers" else found

    @property
    def basis(self) -> Basis:
        """What the records share."""
        made, study = self.given.moments, self.survey.study
        is_private = self.absent == "private"
        return Basis(
            self.given.names,
            NAN if is_private else made.n,
            NAN if is_private else made.n_eff,
            study.ci_level,
            why=self.why,
            wave=self.survey.wave,
            context=self.survey.context(),
        )

    @property
    def seed(self) -> int:
        """The seed of the resamples."""
        return seeded(self.survey.study.seed, f"links:{self.outcome}")


def linked(survey: Any, outcome: str | None = None, *, min_share: float = MIN_SHARE) -> Linked:
    """The levels' scores and an outcome, ready to be linked; `min_share` as in `pyramid.scores`."""
    now = survey.latest
    study, own = now.study, estimates.sample(now, tuple(now.waves))
    key = _outcome_key(study, outcome)
    answered = [
        one
        for one in pyramid.measured(now, min_share=min_share)
        if not np.isnan(np.where(now.mask, one.values, np.nan)).all()
    ]
    asked = [one for one in answered if not is_unseen(now.wave, one.of, now.context())]
    column = study.outcomes[key].column if key else None
    made_of = tuple(one.of for one in asked if column in _columns(study, one.of))
    kept = [one for one in asked if one.of not in made_of]
    y = _answers(now, key) if key else np.full(len(now.mask), np.nan)
    x = np.column_stack([np.where(now.mask, one.values, np.nan) for one in kept] or [y[:, None]])
    names = tuple(one.of for one in kept)
    given = Predictors(x[own.rows], y[own.rows], names, f"outcome:{key}" if key else "", own.design)
    has_outcome = bool(np.isfinite(given.y).any())
    is_private = is_unseen(now.wave, given.outcome, now.context()) or (
        len(asked) < 2 <= len(answered)
    )
    has_whole = _WHOLE in study.outcomes and key not in (None, _WHOLE)
    return Linked(
        survey=now,
        outcome=given.outcome,
        given=given,
        items={of: _items(now, of, own.rows, given.complete) for of in names},
        whole=_answers(now, _WHOLE)[own.rows] if has_whole else None,
        made_of=made_of,
        absent="private" if is_private else _absent(len(asked), len(kept), has_outcome),
    )


def _absent(n_asked: int, n_kept: int, has_outcome: bool) -> str | None:
    if not n_asked or not has_outcome:
        return "not_measured"
    if n_kept > 1:
        return None
    return "made_of" if n_asked > n_kept else "single"


def _outcome_key(study: Any, outcome: str | None) -> str | None:
    known = list(study.outcomes)
    if outcome is None:
        leading = "recommend" if "recommend" in known else None
        return leading or next(iter(study.headlines), None)
    key = outcome.removeprefix("outcome:")
    if key not in known:
        raise SurveyError(
            f"unknown outcome '{key}'",
            where=study.shown(),
            expected="one of " + ", ".join(known) if known else "a study with outcomes",
            hint=nearest(key, known),
        )
    return key


def _answers(survey: Any, key: str) -> np.ndarray:
    """An outcome as answered, higher meaning better; NaN outside its base. Full length."""
    of, outcome = f"outcome:{key}", survey.study.outcomes[key]
    scale = survey.study.scale(of)
    answers = metrics.coded("mean", survey.values(of), scale)
    if scale.direction == "down":
        answers = scale.minimum + scale.maximum - answers
    concerned = scoring.base_mask(survey, outcome.base) & survey.mask
    return np.where(concerned, answers, np.nan)


def _columns(study: Any, of: str) -> set[str]:
    return {study.items[item].column for item in scoring.levels(study)[of.partition(":")[2]]}


def _items(survey: Any, of: str, rows: np.ndarray, complete: np.ndarray) -> np.ndarray:
    """The items of a level, for those who count."""
    items = scoring.items_of(survey, of.partition(":")[2])
    scores = np.column_stack([scoring.item_scores_100(survey, item) for item in items])
    return np.where(complete[:, None], scores[rows], np.nan)


# -- equally reliable levels -----------------------------------------------------------------------


def _equal_reliability(data: Linked, main: Joint, of_items: list[Joint]) -> Estimates:
    """The shares if all levels were measured equally well.

    Disattenuated correlations, reliabilities from the same resample; where these are no
    correlations, the scores of each level's best two items. A level of a single item stays as
    it is in the model and has no such share.
    """
    basis = data.basis
    asked = [joint(items, data.given.design) for items in data.items.values()]
    is_single = [len(one.mean) == 1 for one in asked]
    pairs = list(zip(data.given.names, is_single, strict=True))
    flags = {of: "not_measured" for of, alone in pairs if alone}
    estimate, drawn = (
        disattenuated(made.correlation, _reliabilities(items, is_single))
        for made, items in ((data.given.moments, asked), (main, of_items))
    )
    method = "lmg_disattenuated_bootstrap"
    if np.isnan(estimate).any() or np.isnan(drawn[:, 0, 0]).mean() > _MOST_LACKING:
        method = BEST_TWO
        two = _on_best_two(data, asked)
        if obstacle(two.moments):
            basis = dataclasses.replace(basis, why="unreliable")
        estimate = two.moments.correlation
        drawn = resampled(two.values, two.design, seed=data.seed).correlation
    return basis.percentiles(
        "link_share_equal_reliability",
        shares(lmg(estimate)),
        shares(lmg(drawn)),
        method=method,
        flags=flags,
    )


def _reliabilities(items: list[Joint], is_single: list[bool]) -> np.ndarray:
    """The reliability of each level, 1 where it cannot be seen, shape (..., k)."""
    found = [
        np.ones(one.mean.shape[:-1]) if alone else reliability_of(one)
        for one, alone in zip(items, is_single, strict=True)
    ]
    return np.stack(found, axis=-1)


def _on_best_two(data: Linked, asked: list[Joint]) -> Predictors:
    scores = [
        items[:, best_two(made)].mean(axis=1)
        for items, made in zip(data.items.values(), asked, strict=True)
    ]
    return dataclasses.replace(data.given, x=np.column_stack(scores))


# -- beside the shares -----------------------------------------------------------------------------


def _leader(names: tuple[str, ...], chances: np.ndarray) -> tuple[str | None, tuple[str, ...]]:
    """Who ranks first surely enough to be named, or who cannot be told apart."""
    order = np.argsort(-chances, kind="stable")
    if chances[order[0]] >= LEADS_FROM:
        return names[order[0]], ()
    n_near = max(int((chances >= _STILL_FIRST).sum()), 2)
    return None, tuple(names[place] for place in order[:n_near])


def _slopes(data: Linked) -> tuple[Estimates, tuple[str, ...]]:
    """Slopes of both models per 10 points, and the levels whose slope runs against their link."""
    given, basis = dataclasses.replace(data.given, x=data.given.x / _STEP), data.basis
    linear = least_squares(given, basis).slopes
    with_outcome = data.given.moments.correlation[:-1, -1]
    against = tuple(
        one.of for one, r in zip(linear, with_outcome, strict=True) if one.estimate < 0 < r
    )
    n_answers = len(np.unique(given.y[given.complete]))
    if n_answers > MOST_ANSWERS:
        return linear, against
    return linear + cumulative_logit(given, basis).slopes, against


def _high(data: Linked) -> tuple[Estimates, tuple[str, ...]]:
    """The share who rate each level high, and the levels that nearly all rate so."""
    given, basis = data.given, data.basis
    measure = Measure("share_high", "share", "share")
    made = [
        estimate_of(
            measure,
            moment(np.where(given.complete, 1.0 * (given.x[:, j] >= HIGH), np.nan), given.design),
            of=of,
            ci_level=basis.ci_level,
            wave=basis.wave,
        )
        for j, of in enumerate(given.names)
    ]
    found = Estimates(made, context=basis.context)
    return found, tuple(one.of for one in found if one.estimate >= CEILING)


def _whole(data: Linked) -> Fits:
    """What a rating of the whole experience explains beyond the levels, and they beyond it."""
    if data.whole is None:
        return Fits((), context=data.survey.context())
    given, k = data.given, data.given.k
    values = np.column_stack([given.x, data.whole, given.y])
    made = joint(values, given.design)
    basis = dataclasses.replace(data.basis, n=made.n, n_eff=made.n_eff, why=obstacle(made))
    found = made.correlation
    drawn = resampled(values, given.design, seed=data.seed).correlation
    (of_all, all_drawn), *others = (
        tuple(johnson(one[..., kept, :][..., kept]).sum(axis=-1) for one in (found, drawn))
        for kept in ([*range(k + 2)], [*range(k), k + 1], [k, k + 1])
    )
    names = ("r2_added_by_whole", "r2_added_by_levels")
    made_fits = [
        basis.explained(name, of_all - r2, all_drawn - r2_drawn, of=data.outcome)
        for name, (r2, r2_drawn) in zip(names, others, strict=True)
    ]
    return Fits(made_fits, context=basis.context)


def _without_numbers(data: Linked) -> Links:
    """Records without numbers, flagged, of the levels that there are; `r2` says why."""
    basis = data.basis
    nothing = np.full(len(basis.names), np.nan)

    def empty(metric: str, unit: str = "share", method: str = "lmg_bootstrap") -> Estimates:
        return basis.estimates(metric, nothing, unit=unit, method=method)

    none = Estimates((), context=basis.context)
    r2, adjusted = (
        basis.explained(name, np.nan, of=data.outcome) for name in ("r2", "r2_adjusted")
    )
    return Links(
        outcome=data.outcome,
        levels=basis.names,
        n=basis.n,
        n_eff=basis.n_eff,
        why=data.why,
        made_of=data.made_of,
        shares=empty("link_share"),
        parts=empty("lmg") + empty("johnson", method="johnson_bootstrap"),
        ranks=empty("rank", "count") + empty("chance_first"),
        ahead=none,
        equal_reliability=empty("link_share_equal_reliability"),
        r2=r2,
        r2_adjusted=adjusted,
        slopes=empty("slope", "scale", "linearised_t"),
        high=none,
        whole=Fits((), context=basis.context),
    )
