"""Necessary conditions: how empty the corner of low x and high y is, and how far that is chance.

`necessary_condition` measures the corner on plain data, `ceiling_cases` counts who lies in it;
`necessity` asks both of each level of a survey and its outcome.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level
from cxkit.analysis.joint import percentiles, seeded
from cxkit.analysis.links import Links, linked
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError, nearest
from cxkit.records import NAN, Estimate, Estimates, Fit, Fits
from cxkit.weights import Design, effective_base, resampled_totals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "CEILINGS",
    "Corner",
    "band",
    "ceiling_cases",
    "drawn_effects",
    "necessary_condition",
    "necessity",
    "necessity_cases",
]

CEILINGS = ("ce_fdh", "cr_fdh")
"""The ceilings: steps over the highest answers, and a straight line through their corners."""

_BANDS = ((0.1, "small"), (0.3, "medium"), (0.5, "large"))
_LAYERS = 12
"""How many layers of answers under the ceiling can come to make it in a resample."""

_AT_ONCE = 2_000_000

Ends = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Corner:
    """Answers to a condition x and an outcome y, and the frame in which their corner is measured.

    Missing answers are NaN; `kept` says which rows count. `x_ends` and `y_ends` are the least and
    greatest values that were possible.
    """

    x: np.ndarray
    y: np.ndarray
    design: Design
    x_ends: Ends
    y_ends: Ends
    ceiling: str = "ce_fdh"

    @cached_property
    def kept(self) -> np.ndarray:
        """Which rows have both answers and a weight."""
        return ~np.isnan(self.x) & ~np.isnan(self.y) & (self.design.weight > 0)

    @cached_property
    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The different pairs of answers by rising x, shape (n_cells, 2); each row's cell."""
        pairs = np.column_stack([self.x[self.kept], self.y[self.kept]])
        cells, place = np.unique(pairs, axis=0, return_inverse=True)
        return cells, place.ravel()

    @property
    def scope(self) -> float:
        """The area in which answers were possible."""
        return (self.x_ends[1] - self.x_ends[0]) * (self.y_ends[1] - self.y_ends[0])

    @cached_property
    def effect(self) -> float:
        """The share of the scope that lies above the ceiling."""
        cells, _ = self.cells
        return float(self.effects(cells, np.ones((1, len(cells)), dtype=bool))[0])

    def effects(self, cells: np.ndarray, is_there: np.ndarray) -> np.ndarray:
        """The effect where only some cells (by rising x) are there, shape (m,) for (m, n_cells)."""
        highest = np.where(is_there, cells[:, 1], self.y_ends[0])
        top = np.maximum.accumulate(highest, axis=1)
        ends = np.append(cells[1:, 0], self.x_ends[1])
        if self.ceiling == "ce_fdh":
            before = cells[0, 0] - self.x_ends[0]
            whole = before * (self.y_ends[1] - self.y_ends[0])
            zone = whole + (self.y_ends[1] - top) @ (ends - cells[:, 0])
            return np.asarray(zone / self.scope)
        return np.array([self._above_line(*self._line(cells[one])) for one in is_there])

    def line(self) -> tuple[float, float]:
        """Intercept and slope of the straight ceiling; a level one where there is one corner."""
        return self._line(self.cells[0])

    def _line(self, cells: np.ndarray) -> tuple[float, float]:
        """Least squares through the upper-left corners of the steps."""
        if not len(cells):
            return NAN, NAN
        by_x = cells[np.lexsort((-cells[:, 1], cells[:, 0]))]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(by_x[:, 1])[:-1]])
        x, y = by_x[by_x[:, 1] > before].T
        if len(x) < 2:
            return float(y[0]), 0.0
        slope = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
        return float(y.mean() - slope * x.mean()), slope

    def _above_line(self, intercept: float, slope: float) -> float:
        """The share of the scope above a straight line that does not fall."""
        (x_low, x_high), (y_low, y_high) = self.x_ends, self.y_ends
        if math.isnan(slope):
            return NAN
        if slope <= 0:
            return float(np.clip((y_high - intercept) / (y_high - y_low), 0, 1))
        enters, leaves = np.clip(
            [(y_low - intercept) / slope, (y_high - intercept) / slope], x_low, x_high
        )
        below = (y_high - intercept) * (leaves - enters) - slope * (leaves**2 - enters**2) / 2
        return float(((enters - x_low) * (y_high - y_low) + below) / self.scope)


def drawn_effects(
    corners: Sequence[Corner], *, seed: int, n_resamples: int = 2000
) -> list[np.ndarray]:
    """The effects of several corners of one design over the same resamples, (n_resamples,) each.

    Only answers near the ceiling can come to make it, so the twelve outermost layers are drawn.
    A finite population is left aside: a unit that is not drawn must be gone.
    """
    design = dataclasses.replace(corners[0].design, population=None)
    parts, cells = [], []
    for corner in corners:
        own, place = corner.cells
        outer = _outer(own)
        rows = np.flatnonzero(corner.kept)
        column = np.full(len(own), -1)
        column[outer] = np.arange(len(outer))
        made = np.zeros((corner.design.n, len(outer)))
        is_outer = column[place] >= 0
        made[rows[is_outer], column[place[is_outer]]] = 1.0
        parts.append(made)
        cells.append(own[outer])
    totals = resampled_totals(np.hstack(parts), design, n_resamples=n_resamples, seed=seed)
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    split = np.split(totals > 0, ends, axis=1)
    return [one.effects(own, drawn) for one, own, drawn in zip(corners, cells, split, strict=True)]


def basic_interval(value: float, drawn: np.ndarray, ci_level: float) -> tuple[float, float]:
    """The interval that mirrors the resamples about the estimate, for what they overshoot.

    A ceiling can only fall when answers are left out, and so lies too low in every resample as
    it does in the sample itself; the mirrored interval lies on the side of the truth.
    """
    low, high = percentiles(drawn, ci_level)
    return float(2 * value - high), float(2 * value - low)


def necessary_condition(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: str = "ce_fdh",
    x_ends: Ends | None = None,
    y_ends: Ends | None = None,
    n_permutations: int = 1000,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """Effect size of a necessary condition, a share from 0 to 1: how empty its corner is.

    If a high `y` is never found without a high `x`, the corner of low x and high y is empty.
    The effect is the part of the field of possible answers that lies above the ceiling of the
    answers found.

    Parameters
    ----------
    x, y : array-like of float or missing, shape (n_respondents,)
        The condition and the outcome. Rows that lack one leave the base.
    ceiling : {"ce_fdh", "cr_fdh"}, default "ce_fdh"
        Steps over the highest answers, or a straight line through the corners of the steps.
    x_ends, y_ends : (low, high), optional
        What was possible (0 and 100 for scores); the answers that occur, if not given.
    n_permutations : int, default 1000
        How often y is dealt anew to find p; 0 for none.
    weight, strata, cluster : array-like, optional
        As in `mean_score`. A ceiling is made by single respondents: everybody with a positive
        weight makes it, however small that weight. The design enters the interval.
    population, ci_level, seed
        As in `mean_score`; `population` is checked and not used (see `drawn_effects`).

    Returns
    -------
    Fit
        `value` d from 0 to 1; verdict `small` (d < .1), `medium` (< .3), `large` (< .5) or
        `very_large`; `p` of the permutation test. No answers: NaN, flag `no_answers`. Nobody
        differs on x or on y: NaN, verdict `no_spread`.

    Raises
    ------
    SurveyError
        If lengths differ, the ceiling is unknown, or an answer lies outside the ends given.

    Notes
    -----
    d = area above the ceiling / scope (METHODS 15). X = 1 2 2 3 4 5 5, Y = 1 2 1 3 3 5 4 give
    .6875 (CE-FDH). p = (1 + dealings with an effect as large) / (1 + dealings) [2]_. The interval
    is the basic bootstrap: resamples lack answers, so their ceilings are too low.

    **Read with care.** With answers on five points and hundreds of respondents one case in the
    corner makes d zero, and an empty corner can come from the ease of x alone; the permutation
    test asks only whether x and y go together at all, and under one overall impression it is
    "significant" nearly always. Report `ceiling_cases` beside d.

    References
    ----------
    .. [1] Dul, J. (2016). Necessary condition analysis (NCA). Organizational Research Methods 19.
           The bands are his, offered "as a general benchmark".
    .. [2] Dul, J., van der Laan, E. & Kuik, R. (2020). A statistical significance test for
           necessary condition analysis. Organizational Research Methods 23.

    Examples
    --------
    >>> found = necessary_condition([1, 2, 2, 3, 4, 5, 5], [1, 2, 1, 3, 3, 5, 4])
    >>> found.value, found.verdict
    (0.6875, 'very_large')
    """
    corner = _corner(x, y, ceiling, x_ends, y_ends, weight, strata, cluster, population)
    return fit_of(corner, n_permutations=n_permutations, ci_level=ci_level, seed=seed or 0)


def ceiling_cases(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: str = "ce_fdh",
    x_ends: Ends | None = None,
    y_ends: Ends | None = None,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimates:
    """How many respondents lie above the ceiling, and how many in its corner (counts of people).

    Parameters are those of `necessary_condition`; `population`, `ci_level` and `seed` change
    nothing here, and rows that lack an answer leave the base.

    Returns
    -------
    Estimates
        Metrics `above_ceiling` (none for CE-FDH, which is drawn over all answers) and
        `in_corner` (in the left half of x and the upper half of y, both by their ends), unit
        `count`, unweighted: a ceiling is a matter of single cases.

    Raises
    ------
    SurveyError
        As `necessary_condition`.

    Examples
    --------
    >>> found = ceiling_cases([1, 2, 2, 3, 4, 5, 5], [1, 2, 1, 3, 3, 5, 4], ceiling="cr_fdh")
    >>> [(one.metric, one.estimate) for one in found]
    [('above_ceiling', 0.0), ('in_corner', 0.0)]
    """
    corner = _corner(x, y, ceiling, x_ends, y_ends, weight, strata, cluster, population)
    return Estimates(cases_of(corner, ci_level=ci_level))


def band(effect: float) -> str:
    """The word for an effect size; nothing for one that does not exist."""
    if math.isnan(effect):
        return ""
    return next((word for end, word in _BANDS if effect < end), "very_large")


def necessity(survey: Any, links: Links, *, ceiling: str = "ce_fdh") -> Fits:
    """Each level as a condition of the outcome, on the people that `links` rests on.

    The ends are those of the scales: 0 and 100 for levels, the best and worst answer for the
    outcome. `of` is the level's key. Empty where `links` has no numbers.
    """
    return Fits(
        [
            fit_of(corner, of=level, seed=_seed(survey, level), wave=survey.latest.wave,
                   ci_level=survey.study.ci_level)
            for level, corner in _corners(survey, links, ceiling).items()
        ],
        context=survey.latest.context(),
    )  # fmt: skip


def necessity_cases(survey: Any, links: Links, *, ceiling: str = "ce_fdh") -> Estimates:
    """The counts of `ceiling_cases` for each level of `necessity`."""
    return Estimates(
        [
            one
            for level, corner in _corners(survey, links, ceiling).items()
            for one in cases_of(corner, of=level, wave=survey.latest.wave)
        ],
        context=survey.latest.context(),
    )


def cases_of(
    corner: Corner, *, of: str = "y", ci_level: float = 0.95, wave: str | None = None
) -> list[Estimate]:
    """The records of `ceiling_cases` for one corner."""
    x, y = corner.x[corner.kept], corner.y[corner.kept]
    n = len(x)
    above = np.zeros(n, dtype=bool)
    if n and corner.ceiling == "cr_fdh":
        intercept, slope = corner.line()
        above = y > intercept + slope * x + 1e-9 * (1 + abs(intercept))
    inside = (x < sum(corner.x_ends) / 2) & (y > sum(corner.y_ends) / 2)
    return [
        Estimate(metric=metric, of=of, estimate=float(cases.sum()) if n else NAN, n=n, unit="count",
                 n_eff=_n_eff(corner), ci_level=ci_level, method="counted", wave=wave,
                 flags=() if n else ("no_answers",))
        for metric, cases in (("above_ceiling", above), ("in_corner", inside))
    ]  # fmt: skip


def fit_of(
    corner: Corner,
    *,
    of: str = "y",
    n_permutations: int = 1000,
    ci_level: float = 0.95,
    seed: int = 0,
    wave: str | None = None,
) -> Fit:
    """The record of one corner's effect size."""
    check_level(ci_level)
    n = int(corner.kept.sum())
    blank = Fit(corner.ceiling, NAN, verdict="no_answers", method=f"{corner.ceiling}_bootstrap",
                of=of, n=n, n_eff=_n_eff(corner), ci_level=ci_level, unit="share",
                flags=("no_answers",), wave=wave)  # fmt: skip
    if not n:
        return blank
    if not corner.scope > 0 or len(np.unique(corner.cells[0], axis=0)) < 2:
        return dataclasses.replace(blank, verdict="no_spread", flags=("unreliable",))
    value = corner.effect
    (drawn,) = drawn_effects([corner], seed=seed)
    low, high = basic_interval(value, drawn, ci_level)
    return dataclasses.replace(
        blank,
        value=value,
        ci_low=max(low, 0.0),
        ci_high=min(high, 1.0),
        verdict=band(value),
        p=_permutation_p(corner, n_permutations, seed),
        flags=(),
    )


def _permutation_p(corner: Corner, n_permutations: int, seed: int) -> float:
    """How often chance makes a corner as empty, y dealt anew among the respondents."""
    if not n_permutations:
        return NAN
    rng = np.random.default_rng(seed)
    pairs = np.column_stack([corner.x[corner.kept], corner.y[corner.kept]])
    pairs = pairs[np.lexsort(pairs.T[::-1])]
    step = max(_AT_ONCE // len(pairs), 1)
    as_large = 0
    for start in range(0, n_permutations, step):
        rows = min(step, n_permutations - start)
        dealt = rng.permuted(np.tile(pairs[:, 1], (rows, 1)), axis=1)
        if corner.ceiling == "ce_fdh":
            top = np.maximum.accumulate(dealt, axis=1)
            widths = np.diff(np.append(pairs[:, 0], corner.x_ends[1]))
            before = (pairs[0, 0] - corner.x_ends[0]) * (corner.y_ends[1] - corner.y_ends[0])
            effects = (before + (corner.y_ends[1] - top) @ widths) / corner.scope
        else:
            effects = np.array(
                [
                    corner._above_line(*corner._line(np.column_stack([pairs[:, 0], one])))
                    for one in dealt
                ]
            )
        as_large += int((effects >= corner.effect - 1e-12).sum())
    return (1 + as_large) / (1 + n_permutations)


def _outer(cells: np.ndarray) -> np.ndarray:
    """The cells of the outermost layers, by rising x: those below no twelve others."""
    left, kept = np.arange(len(cells)), []
    for _ in range(_LAYERS):
        if not len(left):
            break
        by_height = left[np.lexsort((-cells[left, 1], cells[left, 0]))]
        y = cells[by_height, 1]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(y)[:-1]])
        is_peer = y > before
        kept.append(by_height[is_peer])
        left = np.setdiff1d(left, by_height[is_peer], assume_unique=True)
    return np.sort(np.concatenate(kept))


def _corner(
    x: ArrayLike,
    y: ArrayLike,
    ceiling: str,
    x_ends: Ends | None,
    y_ends: Ends | None,
    weight: ArrayLike | None,
    strata: ArrayLike | None,
    cluster: ArrayLike | None,
    population: Population | None,
) -> Corner:
    condition, outcome = scoring.numbers(x), scoring.numbers(y)
    if len(condition) != len(outcome):
        raise SurveyError(
            f"there are {len(condition)} conditions and {len(outcome)} outcomes",
            expected="an x and a y for every respondent",
        )
    if ceiling not in CEILINGS:
        raise SurveyError(
            f"unknown ceiling '{ceiling}'",
            expected="one of " + ", ".join(CEILINGS),
            hint=nearest(ceiling, CEILINGS),
        )
    design = design_of(len(condition), weight, strata, cluster, population)
    kept = ~np.isnan(condition) & ~np.isnan(outcome) & (design.weight > 0)
    ends = (
        _ends("x", condition[kept], x_ends),
        _ends("y", outcome[kept], y_ends),
    )
    return Corner(condition, outcome, design, *ends, ceiling)


def _ends(name: str, answers: np.ndarray, ends: Ends | None) -> Ends:
    found = (float(answers.min()), float(answers.max())) if len(answers) else (0.0, 1.0)
    if ends is None:
        return found
    low, high = (float(end) for end in ends)
    if len(answers) and (found[0] < low or found[1] > high):
        raise SurveyError(
            f"answers of {name} lie outside its ends {low:g} to {high:g}",
            expected=f"ends that hold {found[0]:g} to {found[1]:g}",
        )
    return low, high


def _n_eff(corner: Corner) -> float:
    return effective_base(corner.design.weight[corner.kept]) if corner.kept.any() else 0.0


def _corners(survey: Any, links: Links, ceiling: str) -> dict[str, Corner]:
    """Each level of the links against their outcome, on the people who have all of it."""
    if links.why is not None:
        return {}
    given = linked(survey, links.outcome).given
    scale = survey.latest.study.scale(links.outcome)
    ends = (float(scale.minimum), float(scale.maximum))
    outcome = np.where(given.complete, given.y, np.nan)
    return {
        level: Corner(column, outcome, given.design, (0.0, 100.0), ends, ceiling)
        for level, column in zip(given.names, given.x.T, strict=True)
    }


def _seed(survey: Any, level: str) -> int:
    return seeded(survey.study.seed, f"necessity {level}")
