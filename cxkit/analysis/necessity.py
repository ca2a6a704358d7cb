"""Necessary conditions: how empty the corner of low x and high y is, and how far that is chance.

`necessary_condition` measures the corner on plain data, `ceiling_cases` counts who lies in it;
`necessity` asks both of each level of a survey and its outcome.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level
from cxkit.analysis.joint import complete, seeded
from cxkit.analysis.links import Links, linked
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.ordering.corner import Corner, Ends, span
from cxkit.errors import SurveyError, one_of
from cxkit.records import NAN, Estimate, Estimates, Fit, Fits
from cxkit.weights import effective_base

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "CEILINGS",
    "N_PERMUTATIONS",
    "band",
    "ceiling_cases",
    "necessary_condition",
    "necessity",
    "necessity_cases",
]

CEILINGS = ("ce_fdh", "cr_fdh")
"""The ceilings: steps over the highest answers, and a straight line through their corners."""

_BANDS = ((0.1, "small"), (0.3, "medium"), (0.5, "large"))
_AT_ONCE = 2_000_000

N_PERMUTATIONS = 1000
"""How often the outcome is dealt anew to find p: its smallest value is 1 in 1001."""


def necessary_condition(
    x: ArrayLike,
    y: ArrayLike,
    *,
    ceiling: str = "ce_fdh",
    x_ends: Ends | None = None,
    y_ends: Ends | None = None,
    n_permutations: int = N_PERMUTATIONS,
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
        weight makes it, however small that weight. The design enters `n_eff` alone.
    population, ci_level
        Checked as in `mean_score`, and not used.
    seed : int, optional
        Of the permutations; a fixed seed if none.

    Returns
    -------
    Fit
        `value` d from 0 to 1, without an interval (see Notes); verdict `small` (d < .1),
        `medium` (< .3), `large` (< .5) or `very_large`, a word for the size of d and not for how
        sure it is; `p` of the permutation test. No answers: NaN, flag `no_answers`. Nobody
        differs on x or on y: NaN, verdict `no_spread`.

    Raises
    ------
    SurveyError
        If lengths differ, the ceiling is unknown, or an answer lies outside the ends given.

    Notes
    -----
    d = area above the ceiling / scope (METHODS 15). X = 1 2 2 3 4 5 5, Y = 1 2 1 3 3 5 4 give
    .6875 (CE-FDH). p = (1 + dealings with an effect as large) / (1 + dealings) [2]_.

    No interval: d hangs on the outermost answers, and the bootstrap of an extreme is inconsistent
    (a resample never holds an answer beyond those found). The literature of the method gives none
    either; its test is the permutation, which takes respondents as independent. Every answer more
    can only lower d, so d shrinks as n grows, and values of samples of different sizes are not
    compared.

    **Read with care.** With answers on five points and hundreds of respondents one case in the
    corner makes d zero, and an empty corner can come from the ease of x alone; the permutation
    test asks only whether x and y go together at all, and under one overall impression (a halo)
    it is "significant" nearly always. Report `ceiling_cases` beside d.

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
    (made,) = fits_of({"y": corner}, n_permutations=n_permutations, ci_level=ci_level,
                      seed=seed or 0)  # fmt: skip
    return made


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

    The ends are those of the answers found, as is usual. `of` is the level's key. No intervals, as
    in `necessary_condition`; all levels are held against the same dealings of the outcome. Empty
    where `links` has no numbers.
    """
    made = fits_of(
        _corners(survey, links, ceiling),
        seed=seeded(survey.study.seed, "necessity"),
        wave=survey.latest.wave,
        ci_level=survey.study.ci_level,
    )
    return Fits(made, context=survey.latest.context())


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
        intercept, slope = corner.line(corner.cells[0])
        above = y > intercept + slope * x + 1e-9 * (1 + abs(intercept))
    inside = (x < sum(corner.x_ends) / 2) & (y > sum(corner.y_ends) / 2)
    return [
        Estimate(metric=metric, of=of, estimate=float(cases.sum()) if n else NAN, n=n, unit="count",
                 n_eff=_n_eff(corner), ci_level=ci_level, method="counted", wave=wave,
                 flags=() if n else ("no_answers",))
        for metric, cases in (("above_ceiling", above), ("in_corner", inside))
    ]  # fmt: skip


def fits_of(
    corners: Mapping[str, Corner],
    *,
    n_permutations: int = N_PERMUTATIONS,
    ci_level: float = 0.95,
    seed: int = 0,
    wave: str | None = None,
) -> list[Fit]:
    """The records of the effect sizes of corners with one outcome and base, by what they are of."""
    check_level(ci_level)
    spread = [one for one in corners.values() if _has_spread(one)]
    p_values = iter(_permutation_p(spread, n_permutations, seed))
    made = []
    for of, corner in corners.items():
        n = int(corner.kept.sum())
        blank = Fit(corner.ceiling, NAN, verdict="no_answers", of=of, n=n, n_eff=_n_eff(corner),
                    method=f"{corner.ceiling}_permutation", ci_level=ci_level, unit="share",
                    flags=("no_answers",), wave=wave)  # fmt: skip
        if _has_spread(corner):
            d, p = corner.effect, next(p_values)
            blank = dataclasses.replace(blank, value=d, verdict=band(d), p=p, flags=())
        elif n:
            blank = dataclasses.replace(blank, verdict="no_spread", flags=("unreliable",))
        made.append(blank)
    return made


def _has_spread(corner: Corner) -> bool:
    """Whether there is a field of answers, and more than one point in it."""
    return bool(corner.kept.any() and corner.scope > 0 and len(corner.cells[0]) > 1)


def _permutation_p(corners: Sequence[Corner], n_permutations: int, seed: int) -> list[float]:
    """How often chance makes each corner as empty, y dealt anew among the respondents.

    The corners have the same y, so that each dealing serves them all.
    """
    if not n_permutations or not corners:
        return [NAN] * len(corners)
    rng = np.random.default_rng(seed)
    answers, places = np.unique(corners[0].y[corners[0].kept], return_inverse=True)
    places = np.sort(places.ravel()).astype(np.min_scalar_type(len(answers)))
    step = max(_AT_ONCE // len(places), 1)
    as_large = np.zeros(len(corners), dtype=int)
    for start in range(0, n_permutations, step):
        rows = min(step, n_permutations - start)
        dealt = rng.permuted(np.tile(places, (rows, 1)), axis=1)
        as_large += [(one.dealt(dealt, answers) >= one.effect - 1e-12).sum() for one in corners]
    return [float(one) for one in (1 + as_large) / (1 + n_permutations)]


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
    one_of(ceiling, CEILINGS, "ceiling")
    design = design_of(len(condition), weight, strata, cluster, population)
    kept = complete(np.column_stack([condition, outcome]), design)
    ends = (
        _ends("x", condition[kept], x_ends),
        _ends("y", outcome[kept], y_ends),
    )
    return Corner(condition, outcome, design, *ends, ceiling)


def _ends(name: str, answers: np.ndarray, ends: Ends | None) -> Ends:
    found = span(answers)
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
    outcome = np.where(given.complete, given.y, np.nan)
    columns = np.where(given.complete[:, None], given.x, np.nan).T
    return {
        level: Corner(column, outcome, given.design, span(column), span(outcome), ceiling)
        for level, column in zip(given.names, columns, strict=True)
    }
