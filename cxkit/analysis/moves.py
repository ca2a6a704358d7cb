"""Moves between stages: where people who were seen in two waves stood then, and stand now.

A person is known again by the study's `respondent`. Those seen twice are a domain of the earlier
wave: its rows make the design, and its weights say for how many each of them stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis import estimates
from cxkit.analysis.intervals import Measure, check_level, estimate_of
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.privacy import also_private, parts_of_a_whole
from cxkit.errors import SurveyError, nearest
from cxkit.records import Estimate, Estimates
from cxkit.study.shape import FURTHEST_STAGE
from cxkit.suppression import Group
from cxkit.weights import Design, moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["BEFORE", "Seen", "directions", "seen_twice", "transition_matrix", "transitions"]

BEFORE = "before"
"""How the group of those who stood at a stage in the earlier wave is called in records."""

DIRECTIONS = {"further": 1, "same": 0, "less_far": -1}
"""Which way people moved along the stages."""

_MOVE = Measure("move", "share", "share")


def transition_matrix(
    before: ArrayLike,
    after: ArrayLike,
    *,
    states: Sequence[str],
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimates:
    """Of those who were in each state, the share (0-1) who are in each state now.

    Parameters
    ----------
    before, after : array-like of str or missing, shape (n_respondents,)
        The state of each respondent then and now. Whoever lacks one of the two leaves the base
        and stays a row of the design.
    states : sequence of str
        Every state, in order: rows and columns of the matrix.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`; the weight is that of the earlier time.

    Returns
    -------
    Estimates
        A record for each pair of states, row by row: metric `move`, `of` the state now
        (`state:b`), group `before` the state then; `n` is the base of the row. A row of nobody
        is flagged `no_answers`.

    Raises
    ------
    SurveyError
        If the two have not the same length, or hold a state that is not among `states`.

    Notes
    -----
    p(j | i) = sum of weights of those in i then and j now over that of all in i then. Each row
    is a domain of the sample; intervals are Wilson's with n_design (METHODS 5, 9), which is
    the number of respondents at equal weights. The shares of a row add up to one.

    References
    ----------
    .. [1] Anderson, T. W. & Goodman, L. A. (1957). Statistical inference about Markov chains.
           Annals of Mathematical Statistics 28.

    Examples
    --------
    >>> found = transition_matrix(["a", "a", "a", "b"], ["a", "b", "b", None], states=["a", "b"])
    >>> [(one.by["before"], one.of, round(one.estimate, 3), one.n) for one in found][:2]
    [('a', 'state:a', 0.333, 3), ('a', 'state:b', 0.667, 3)]
    """
    check_level(ci_level)
    states = [str(one) for one in states]
    then, now = (_places(given, states) for given in (before, after))
    if len(then) != len(now):
        raise SurveyError(
            f"there are {len(then)} states before and {len(now)} after",
            expected="the two states of every respondent",
        )
    design = design_of(len(then), weight, strata, cluster, population)
    return Estimates(_matrix(then, now, states, design, "state", ci_level))


def transitions(survey: Any) -> Estimates:
    """Of those whose furthest stage was each stage in the wave before, the share at each now.

    Like `transition_matrix`, of `stage:*`, within people seen in the latest wave in hand and in
    the one before it, on the design and the weights of the earlier one. Empty where there is no
    earlier wave, nobody is seen twice, or the study does not say who reached which stage. Rows of
    few people are private, and others beside them: `directions` tells of all rows together.
    """
    seen = seen_twice(survey)
    if seen is None or not seen.n:
        return Estimates((), context=survey.latest.context())
    records = _matrix(
        seen.before, seen.now, seen.stages, seen.design, "stage", survey.study.ci_level, seen.wave
    )
    hidden = _hidden_rows(seen, survey.study.privacy.min_n)
    return Estimates(records, context=also_private(survey.latest.context(), seen.wave, hidden))


def directions(survey: Any) -> Estimates:
    """Of people seen in two waves, the share who came further, stayed, or say less far.

    `of` is `move:further`, `move:same` and `move:less_far`; see `transitions`.
    """
    seen = seen_twice(survey)
    if seen is None or not seen.n:
        return Estimates((), context=survey.latest.context())
    is_known = (seen.before >= 0) & (seen.now >= 0)
    steps = np.sign(seen.now - seen.before)
    records = [
        _share(
            np.where(is_known, steps == sign, np.nan), seen.design, f"move:{key}",
            survey.study.ci_level, seen.wave,
        )
        for key, sign in DIRECTIONS.items()
    ]  # fmt: skip
    return Estimates(records, context=survey.latest.context())


@dataclass(frozen=True, eq=False)
class Seen:
    """People seen in two waves: the place of their furthest stage then and now, -1 if unknown.

    Rows are those of the earlier wave, which make the `design`; `n` counts those whose stage is
    known in both waves, `n_people` all who were seen twice.
    """

    stages: tuple[str, ...]
    before: np.ndarray
    now: np.ndarray
    design: Design
    wave: str
    n_people: int

    @property
    def n(self) -> int:
        """How many people's stages are known in both waves."""
        return int(((self.before >= 0) & (self.now >= 0)).sum())


def seen_twice(survey: Any) -> Seen | None:
    """Who of those in hand was seen in the wave before, too; None where that cannot be known.

    That is where the study names no respondent or tells no furthest stage, or there is no
    earlier wave.
    """
    now, before = survey.latest, survey.latest.previous
    is_told = now.study.respondent is not None and now.study.has_furthest_stage
    if before is None or not is_told or now.wave is None:
        return None
    frame = now.frame
    stages = now.study.reached_stages
    place = pd.Index(stages).get_indexer(frame[f"segment:{FURTHEST_STAGE}"])
    people = frame["respondent"].to_numpy(dtype=object)
    own = estimates.sample(before, tuple(before.waves))
    rows = own.rows
    later = np.flatnonzero(now.mask)
    found = pd.Index(people[later]).get_indexer(people[rows])
    is_seen = (found >= 0) & np.asarray(before.mask)[rows]
    return Seen(
        stages,
        np.where(is_seen, place[rows], -1),
        np.where(is_seen, place[later[found]] if len(later) else -1, -1),
        own.design,
        str(now.wave),
        int(is_seen.sum()),
    )


# -- their parts ----------------------------------------------------------------------------------


def _hidden_rows(seen: Seen, limit: int) -> list[Group]:
    """The rows that are not told: nobody of the last stage came further, none of the first less."""
    is_known = (seen.before >= 0) & (seen.now >= 0)
    counts = np.bincount(seen.before[is_known], minlength=len(seen.stages))
    places = range(len(counts))
    hidden = parts_of_a_whole(counts.tolist(), limit, within=[places[:-1], places[1:]])
    return [((BEFORE, seen.stages[place]),) for place in sorted(hidden)]


def _matrix(
    before: np.ndarray,
    now: np.ndarray,
    states: Sequence[str],
    design: Design,
    kind: str,
    ci_level: float,
    wave: str | None = None,
) -> Iterable[Estimate]:
    """The shares of each row of the matrix, from the places of the states."""
    for i, state in enumerate(states):
        in_row = (before == i) & (now >= 0)
        for j, other in enumerate(states):
            values = np.where(in_row, now == j, np.nan)
            yield _share(values, design, f"{kind}:{other}", ci_level, wave, {BEFORE: state})


def _share(
    values: np.ndarray,
    design: Design,
    of: str,
    ci_level: float,
    wave: str | None,
    by: dict[str, str] | None = None,
) -> Estimate:
    found = moment(values.astype(float), design)
    return estimate_of(_MOVE, found, of=of, ci_level=ci_level, wave=wave, by=by)


def _places(given: ArrayLike, states: Sequence[str]) -> np.ndarray:
    """The place of each state among all, -1 where it is missing."""
    words = pd.Series(np.asarray(given, dtype=object).ravel(), dtype=object)
    is_told = words.notna().to_numpy() & (words != "").to_numpy()
    places = pd.Index(states).get_indexer(words.astype(str))
    slips = sorted({str(one) for one in words[is_told & (places < 0)]})
    if slips:
        raise SurveyError(
            f"unknown state '{slips[0]}'",
            expected="one of " + ", ".join(states),
            hint=nearest(slips[0], states),
        )
    return np.where(is_told, places, -1)
