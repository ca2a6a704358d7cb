"""How reliable the difference of two answers is: reality minus expectation, person by person.

`difference_reliability` works on plain data with reliabilities that are known; `of_statement`
takes the reliability of one statement from the level that it belongs to.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level
from cxkit.analysis.joint import Joint, joint, percentiles, resampled
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.reliability import GOOD, fit_of, graded, reliability_of, why_none
from cxkit.errors import SurveyError
from cxkit.records import Fit
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["difference_reliability", "of_statement", "side_by_side"]

NAME = "difference_reliability"

Known = Callable[[Joint], tuple[Any, Any]]
"""The reliability of the real and of the expected answers, from moments of one or many samples."""

_NOTHING = 1e-12
"""A difference that varies less than this part of both answers does not vary."""


def difference_reliability(
    real: ArrayLike,
    expected: ArrayLike,
    *,
    reliability: float | Sequence[float],
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """The reliability of a difference score, such as reality minus expectation.

    How much of what the gap differs by between people would come back if they were asked again.
    The more closely two answers go together, the less of their difference is more than noise: two
    reliable answers can have an unreliable difference. It says nothing against the mean gap, only
    against reading one person's gap, or relating gaps to other answers.

    Parameters
    ----------
    real, expected : array-like of float or missing, shape (n_respondents,)
        Answers of the same people, on the same scale. A respondent counts who gave both.
    reliability : float or two of them
        The reliability of `real` and of `expected`, 0 to 1; one number stands for both.
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Of the bootstrap; a fixed seed if none.

    Returns
    -------
    Fit
        `difference_reliability`, n respondents with both answers. The interval (percentiles over
        resampled units) takes the two reliabilities as known. Verdict `good` where it starts at
        .70 or above, `weak` where it ends below, else `undecided`; `negative`, flag
        `unreliable`, where the answers go together more closely than their reliabilities allow.
        Without a value: `no_answers`, `empty_item`, `too_few`, `no_spread`.

    Raises
    ------
    SurveyError
        If an answer is not a number, lengths differ, or a reliability lies outside 0 to 1.

    Notes
    -----
    rho_D = (s2_P rho_P + s2_E rho_E - 2 s_PE) / (s2_P + s2_E - 2 s_PE) with P the real and E the
    expected answers [1]_ (METHODS 18). With equal variances this is
    ((rho_P + rho_E)/2 - r) / (1 - r): .8 and .8 with r = .5 leave .6. Checked against arithmetic
    by hand, and against true scores that were simulated.

    References
    ----------
    .. [1] Lord, F. M. & Novick, M. R. (1968). Statistical Theories of Mental Test Scores.
    .. [2] Brown, T. J., Churchill, G. A. & Peter, J. P. (1993). Improving the measurement of
           service quality. Journal of Retailing 69.

    Examples
    --------
    >>> real, expected = 20 * [1, 2, 3, 4, 5, 6], 20 * [2, 1, 4, 3, 6, 5]
    >>> made = difference_reliability(real, expected, reliability=(0.9, 0.8))
    >>> round(made.value, 3), made.verdict
    (0.125, 'weak')
    """
    known = np.array(reliability, dtype=float)
    known = np.repeat(known, 2) if known.ndim == 0 else known
    if known.shape != (2,) or not np.all((known >= 0) & (known <= 1)):
        raise SurveyError(
            f"reliability is {reliability}",
            expected="one number from 0 to 1, or one for reality and one for expectation",
        )
    values = side_by_side(real=real, expected=expected)
    design = design_of(len(values), weight, strata, cluster, population)
    return _fit(values, design, lambda made: (known[0], known[1]), ci_level, seed or 0)


def of_statement(
    items: np.ndarray, place: int, expected: np.ndarray, design: Design, ci_level: float, seed: int
) -> Fit:
    """The reliability of one statement of a level minus what was expected of it.

    `items`, shape (n_rows, k), are the scores on the level's statements, the one that is paired
    at `place`. One statement is as reliable as the level's reliability, stepped down to a single
    item, says; its expectation, asked in the same words on the same scale, is taken to be as
    reliable. A level of one statement has none: verdict `single_item`.
    """
    k = items.shape[1]
    order = [place, *(one for one in range(k) if one != place)]
    values = np.column_stack([items[:, place], expected, items[:, order[1:]]])

    def single(made: Joint) -> tuple[np.ndarray, np.ndarray]:
        own = [0, *range(2, k + 1)]
        level = Joint(made.mean[..., own], made.covariance[..., own, :][..., own], made.n, 0.0)
        whole = reliability_of(level)
        one = whole / (k - (k - 1) * whole)
        return one, one

    found = _fit(values, design, single, ci_level, seed)
    if k == 1 and found.verdict not in ("no_answers", "empty_item"):
        return dataclasses.replace(
            found, value=math.nan, ci_low=math.nan, ci_high=math.nan, verdict="single_item",
            flags=("not_measured",),
        )  # fmt: skip
    return found


def side_by_side(**columns: ArrayLike) -> np.ndarray:
    """Answers of the same people as columns; SurveyError where their lengths differ."""
    given = {name: scoring.numbers(column) for name, column in columns.items()}
    if len({len(column) for column in given.values()}) > 1:
        told = ", ".join(f"{len(column)} of {name}" for name, column in given.items())
        raise SurveyError(
            f"the lengths differ: {told}", expected="an answer of each for every respondent"
        )
    return np.column_stack(list(given.values()))


def _fit(values: np.ndarray, design: Design, known: Known, ci_level: float, seed: int) -> Fit:
    """The record of rows whose first two columns are real and expected."""
    check_level(ci_level)
    made = joint(values, design)
    value = float(_of_difference(made, known))
    drawn = _of_difference(resampled(values, design, seed=seed), known)
    low, high = percentiles(drawn, ci_level)
    verdict = "negative" if value < 0 else graded((float(low), float(high)), GOOD)
    return fit_of(
        NAME,
        "difference",
        value,
        (float(low), float(high)),
        made,
        method="bootstrap",
        ci_level=ci_level,
        why=why_none(values, made, design, [0, 1]),
        verdict=verdict,
    )


def _of_difference(made: Joint, known: Known) -> np.ndarray:
    """The formula on moments, one value a resample; NaN where the difference does not vary."""
    real, expected = known(made)
    var_real, var_expected = made.variance[..., 0], made.variance[..., 1]
    shared = 2 * made.covariance[..., 0, 1]
    total = var_real + var_expected - shared
    varies = total > _NOTHING * (var_real + var_expected)
    true = var_real * real + var_expected * expected - shared
    return np.where(varies, true / np.where(varies, total, 1.0), np.nan)
