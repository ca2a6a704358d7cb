"""Metrics on plain data: answers in, one Estimate out, with its interval and bases.

The coding functions (`nps_scores`, `top_answers`, `net_answers`, `coded`) turn answers into the
0, 1 or -1 whose weighted mean is the metric; the survey's estimates use the same ones.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxkit.analysis import scoring
from cxkit.analysis.intervals import Measure, check_level, estimate_of
from cxkit.errors import SurveyError, nearest, one_of
from cxkit.records import Estimate
from cxkit.weights import Design, effective_base, moment, resampled_totals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxkit.library import Scale

__all__ = [
    "DEFINITIONS",
    "bottom_box",
    "ces",
    "coded",
    "csat",
    "design_of",
    "effective_base",
    "mean_score",
    "measure_of",
    "nps",
    "score_100",
    "top_box",
]

Population = float | Mapping[object, float]

DEFINITIONS = ("top_2_box", "mean", "share_positive")
"""What a CSAT or CES may be; `top_2_box` stands for any `top_<k>_box`."""

_TOP_BOX = re.compile(r"(top|bottom)_([1-9])_box")


def mean_score(
    answers: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Mean answer, in points of its own response scale.

    Parameters
    ----------
    answers : array-like of float or missing, shape (n_respondents,)
        Missing answers leave the base but stay rows of the sample.
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from: brings the finite population correction.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Not used: this interval has a formula.

    Returns
    -------
    Estimate
        estimate, ci_low, ci_high on the answers' scale, unrounded; n answers, n_eff effective
        base. Nobody answered: NaN, n = 0, flag `no_answers`. One answer: no interval, flag
        `unreliable`.

    Raises
    ------
    SurveyError
        If an answer is not a number, or the weights are negative or all zero.

    Notes
    -----
    Sum wx / sum w with e_i = w_i (x_i - mean) / sum w, variance N/(N-1) sum e^2 over all rows
    (strata and clusters as R survey), Student t with (clusters or rows) - strata degrees of
    freedom. Checked against R survey 4.1 `svymean` on the apistrat and SFO data.

    References
    ----------
    .. [1] Lumley, T. (2010). Complex Surveys. Wiley.

    Examples
    --------
    >>> mean_score([4, 5, 3, 4, None, 2])
    Estimate(3.6, ci=(2.32, 4.88), n=5)
    """
    design = design_of(np.size(answers), weight, strata, cluster, population)
    measure = Measure("mean", "mean", "scale")
    return estimate_of(measure, moment(scoring.numbers(answers), design), ci_level=ci_level)


def score_100(
    items: ArrayLike | pd.DataFrame,
    *,
    scale: str | Scale,
    min_share: float = 0.5,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Mean score of several items on one scale, from 0 (worst answer) to 100 (best answer).

    Each respondent's score is the mean of the items answered, rescaled by the end points of the
    scale (never by the answers that happen to occur); the estimate is the mean of the scores.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        A single column may be given as shape (n_respondents,).
    scale : str or Scale
        A key of the library such as `agreement_5`, or a `Scale`; its direction is respected.
    min_share : float, default 0.5
        The least share of the items that a respondent must have answered to be scored.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Estimate
        0 to 100, unrounded; n respondents scored. Nobody scored: flag `no_answers`.

    Raises
    ------
    SurveyError
        If an answer is off the scale, or `min_share` not between 0 and 1.

    Notes
    -----
    100 (mean - min) / (max - min) (METHODS 19). Checked against R on the mobi data.

    Examples
    --------
    >>> score_100([[5, 4], [3, None], [2, 1], [None, None]], scale="agreement_5")
    Estimate(50, ci=(-15, 115), n=3)
    """
    scores = scoring.person_scores(items, scale, min_share)
    design = design_of(len(scores), weight, strata, cluster, population)
    measure = Measure("score_100", "mean", "score_100")
    return estimate_of(measure, moment(scores, design), of="items", ci_level=ci_level)


def top_box(
    answers: ArrayLike,
    k: int = 2,
    *,
    scale: str | Scale,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Share (0-1) of those who chose one of the best `k` answers of the scale.

    Parameters
    ----------
    answers : array-like of float or missing, shape (n_respondents,)
        Codes of the scale. Missing answers leave the base.
    k : int, default 2
        How many of the best answers count.
    scale : str or Scale
        A key of the library such as `satisfaction_5`, or a `Scale`; says which end is best.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Estimate
        A share from 0 to 1, unrounded. Nobody answered: flag `no_answers`.

    Raises
    ------
    SurveyError
        If an answer is off the scale, or `k` does not leave a worse answer.

    Notes
    -----
    Wilson's interval with n_design = [N/(N-1)] p(1-p) / V, which is the number of answers at
    equal weights (METHODS 5). Checked against R on the mobi and SFO data.

    Examples
    --------
    >>> top_box([5, 4, 4, 3, 2, 5, None], scale="satisfaction_5")
    Estimate(0.667, ci=(0.3, 0.903), n=6)
    """
    design = design_of(np.size(answers), weight, strata, cluster, population)
    return _coded_share(f"top_{k}_box", answers, scale, design, ci_level)


def bottom_box(
    answers: ArrayLike,
    k: int = 2,
    *,
    scale: str | Scale,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Share (0-1) of those who chose one of the worst `k` answers of the scale.

    Parameters are those of `top_box`; missing answers leave the base.

    Returns
    -------
    Estimate
        estimate, ci_low, ci_high as shares, unrounded; flagged `no_answers` if nobody answered.

    Raises
    ------
    SurveyError
        If an answer is off the scale, or the scale has fewer than `k` points.

    Notes
    -----
    Wilson interval with the design-based base, as for `top_box`.

    Examples
    --------
    >>> bottom_box([5, 4, 4, 3, 2, 5, None], scale="satisfaction_5")
    Estimate(0.167, ci=(0.0301, 0.564), n=6)
    """
    design = design_of(np.size(answers), weight, strata, cluster, population)
    return _coded_share(f"bottom_{k}_box", answers, scale, design, ci_level)


def nps(
    answers: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
    method: str = "adjusted_wald",
) -> Estimate:
    """Net Promoter Score, in points from -100 to 100.

    The share of promoters (answers 9-10) minus the share of detractors (0-6)
    on the likelihood-to-recommend item.

    Parameters
    ----------
    answers : array-like of int or missing, shape (n_respondents,)
        0 (not at all likely) to 10 (extremely likely). Missing answers leave the base.
    weight, strata, cluster, population, ci_level
        As in `mean_score`.
    seed : int, optional
        For the bootstrap only; a fixed seed if none.
    method : {"adjusted_wald", "bootstrap"}, default "adjusted_wald"
        How the interval is made; stored with the estimate. The bootstrap draws rows (or
        clusters) anew within strata (see `weights.resampled_totals`) and takes percentiles.

    Returns
    -------
    Estimate
        estimate, ci_low, ci_high in points, unrounded; n answers, n_eff effective base.
        Nobody answered: NaN, n = 0, flag `no_answers`.

    Raises
    ------
    SurveyError
        If an answer is not a whole number from 0 to 10.

    Notes
    -----
    NPS = 100 (p - d) with shares p of promoters and d of detractors; the variance of one score
    is p + d - (p - d)^2. The estimate is raw; the interval lies around the score with three
    answers added, n' = n_design + 3 (METHODS 6). Checked against R on the mobi and SFO data.

    References
    ----------
    .. [1] Rocks, B. (2016). Interval estimation for the "Net Promoter Score".
           The American Statistician 70(4).

    Examples
    --------
    >>> nps([10, 9, 9, 8, 7, 7, 6, 3, 10, 9])
    Estimate(30, ci=(-19.1, 65.2), n=10)
    """
    one_of(method, ("adjusted_wald", "bootstrap"), "method")
    scores = nps_scores(scoring.numbers(answers))
    design = design_of(len(scores), weight, strata, cluster, population)
    raw = estimate_of(Measure("nps", "net", "points"), moment(scores, design), ci_level=ci_level)
    if method == "adjusted_wald":
        return raw
    low, high = _bootstrap(scores, design, ci_level, seed)
    return _replace_interval(raw, 100 * low, 100 * high, "bootstrap")


def csat(
    answers: ArrayLike,
    *,
    scale: str | Scale,
    definition: str,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Customer satisfaction under a stated definition: a share (0-1) or a mean of the scale.

    Parameters
    ----------
    answers : array-like of float or missing, shape (n_respondents,)
        Codes of the scale. Missing answers leave the base.
    scale : str or Scale
        A key of the library such as `satisfaction_5`, or a `Scale`.
    definition : {"top_2_box", "mean", "share_positive"}
        There is no default, since all three are in use. `top_2_box` (or any `top_<k>_box`) is
        the share of the best answers, `share_positive` that of all answers better than the
        middle of the scale.
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Estimate
        Unit `share` or `scale`, by definition. Nobody answered: flag `no_answers`.

    Raises
    ------
    SurveyError
        If an answer is off the scale, or the definition unknown.

    Notes
    -----
    Shares as `top_box`, means as `mean_score` (METHODS 7). Checked against R on the mobi data.

    Examples
    --------
    >>> csat([5, 4, 4, 3, 2, 5], scale="satisfaction_5", definition="top_2_box")
    Estimate(0.667, ci=(0.3, 0.903), n=6)
    >>> csat([5, 4, 4, 3, 2, 5], scale="satisfaction_5", definition="mean").unit
    'scale'
    """
    design = design_of(np.size(answers), weight, strata, cluster, population)
    return _defined("csat", definition, answers, scale, design, ci_level)


def ces(
    answers: ArrayLike,
    *,
    scale: str | Scale,
    definition: str,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Estimate:
    """Customer effort under a stated definition: a mean of the scale or a share (0-1).

    Parameters are those of `csat`; missing answers leave the base, and the scale's direction
    says which end is the easy one.

    Returns
    -------
    Estimate
        In points of the scale for a mean, else a share; flagged `no_answers` if nobody answered.

    Raises
    ------
    SurveyError
        If an answer is off the scale, or the definition is not known.

    Notes
    -----
    Both a mean and a share of positive answers are in use, on scales of 5 and 7 points: the
    definition has no default and is printed beside the number.

    Examples
    --------
    >>> ces([7, 6, 5, 3, 6], scale="ease_7", definition="mean")
    Estimate(5.4, ci=(3.52, 7.28), n=5)
    >>> ces([7, 6, 5, 3, 6], scale="ease_7", definition="share_positive").estimate
    0.8
    """
    design = design_of(np.size(answers), weight, strata, cluster, population)
    return _defined("ces", definition, answers, scale, design, ci_level)


def design_of(
    n: int,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
) -> Design:
    """The sample design of `n` rows of plain data; equal weights where none are given."""
    weight = np.ones(n) if weight is None else np.asarray(weight)
    if weight.size != n:
        raise SurveyError(
            f"there are {weight.size} weights for {n} respondents",
            expected="a weight for every respondent",
        )
    return Design(weight, strata, cluster, population)


# -- coding: from answers to the 0, 1 or -1 whose mean is the metric ------------------------------


def nps_scores(answers: np.ndarray) -> np.ndarray:
    """+1 for promoters (9-10), 0 for passives (7-8), -1 for detractors (0-6), NaN if missing."""
    is_off = ~np.isnan(answers) & ~np.isin(answers, np.arange(11))
    if is_off.any():
        raise SurveyError(
            f"{int(is_off.sum())} answers lie off the scale 0-10: "
            f"{scoring.examples(answers[is_off])}",
            expected="whole numbers from 0 to 10",
            hint="recode the answers, or mark exit codes as missing",
        )
    scores = (answers >= 9).astype(float) - (answers <= 6)
    return np.where(np.isnan(answers), np.nan, scores)


def coded(metric: str, answers: np.ndarray, scale: Scale) -> np.ndarray:
    """Answers as what `metric` averages: a box (0, 1), a net (-1, 0, 1) or the codes themselves.

    `metric` is `top_<k>_box`, `bottom_<k>_box`, `top_box_half`, `bottom_box_half`, `net`,
    `share_positive`, `score_100` or `mean`.
    """
    answers = scoring.on_scale(answers, scale)
    if metric == "mean":
        return answers
    if metric == "score_100":
        return scoring.rescaled(answers, scale)
    if metric == "net":
        return coded("top_2_box", answers, scale) - coded("bottom_2_box", answers, scale)
    chosen = np.isin(answers, _chosen(metric, scale)).astype(float)
    return np.where(np.isnan(answers), np.nan, chosen)


def measure_of(metric: str, definition: str) -> Measure:
    """The measure of `metric` when it is defined as `definition` (a box, share or mean)."""
    if definition == "mean":
        return Measure(metric, "mean", "scale")
    if definition == "score_100":
        return Measure(metric, "mean", "score_100")
    if definition == "net":
        return Measure(metric, "net", "share")
    return Measure(metric, "share", "share")


def is_box(metric: str) -> bool:
    """Whether `metric` is a `top_<k>_box` or `bottom_<k>_box`."""
    return _TOP_BOX.fullmatch(metric) is not None


def check_definition(metric: str, definition: str) -> None:
    """SurveyError unless `definition` is one that a CSAT or CES may have."""
    is_known = definition in DEFINITIONS or (is_box(definition) and definition.startswith("top"))
    if not is_known:
        raise SurveyError(
            f"unknown definition '{definition}' of {metric}",
            expected="one of " + ", ".join(DEFINITIONS) + " (or another top_<k>_box)",
            hint=nearest(definition, DEFINITIONS),
        )


def _chosen(metric: str, scale: Scale) -> tuple[float, ...]:
    half = len(scale.points) // 2
    if metric == "share_positive":
        points = np.array(scale.points, dtype=float)
        return tuple(points[scoring.rescaled(points, scale) > 50])
    if metric == "top_box_half":
        return scale.best(half)
    if metric == "bottom_box_half":
        return scale.worst(half)
    found = _TOP_BOX.fullmatch(metric)
    if found is None or int(found[2]) >= len(scale.points):
        raise SurveyError(
            f"'{metric}' cannot be counted on a scale of {len(scale.points)} answers",
            expected=f"top_<k>_box or bottom_<k>_box with k from 1 to {len(scale.points) - 1}",
        )
    k = int(found[2])
    return scale.best(k) if found[1] == "top" else scale.worst(k)


def _defined(
    metric: str,
    definition: str,
    answers: ArrayLike,
    scale: str | Scale,
    design: Design,
    ci_level: float,
) -> Estimate:
    check_definition(metric, definition)
    values = coded(definition, scoring.numbers(answers), scoring.as_scale(scale))
    return estimate_of(measure_of(metric, definition), moment(values, design), ci_level=ci_level)


def _coded_share(
    metric: str, answers: ArrayLike, scale: str | Scale, design: Design, ci_level: float
) -> Estimate:
    values = coded(metric, scoring.numbers(answers), scoring.as_scale(scale))
    return estimate_of(Measure(metric, "share", "share"), moment(values, design), ci_level=ci_level)


def _bootstrap(
    scores: np.ndarray, design: Design, ci_level: float, seed: int | None
) -> tuple[float, float]:
    """Percentiles of the mean score over resampled units, whatever the order of the rows."""
    check_level(ci_level)
    answered = ~np.isnan(scores) & (design.weight > 0)
    if answered.sum() < 2:
        return math.nan, math.nan
    weight = np.where(answered, design.weight, 0.0)
    parts = np.column_stack([weight * np.where(answered, scores, 0.0), weight])
    totals = resampled_totals(parts, design, seed=0 if seed is None else seed)
    drawn_scores = totals[totals[:, 1] > 0]
    tail = (1 - ci_level) / 2
    low, high = np.quantile(drawn_scores[:, 0] / drawn_scores[:, 1], [tail, 1 - tail])
    return float(low), float(high)


def _replace_interval(one: Estimate, low: float, high: float, method: str) -> Estimate:
    return dataclasses.replace(one, ci_low=low, ci_high=high, method=method)
