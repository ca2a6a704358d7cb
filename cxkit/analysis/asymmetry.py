"""Penalty and reward: whether a low and a high score go with the outcome equally strongly.

`penalty_reward` works on plain data, `asymmetry` on the levels and the outcome of a survey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis.drivers.predictors import Basis, Predictors
from cxkit.analysis.joint import joint, percentiles, resampled_together, seeded
from cxkit.analysis.links import Links, linked
from cxkit.analysis.metrics import Population
from cxkit.errors import SurveyError
from cxkit.records import NAN, Estimates, Fit, Fits
from cxkit.weights import Design, effective_base

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["HIGH", "LOW", "PenaltyReward", "asymmetry", "penalty_reward"]

LOW, HIGH = 50.0, 75.0
"""Scores under the middle of the scale are low, those above plain agreement are high.

Between them lie the answers from the midpoint to "agree": with two five-point items low means
leaning to disagreement, high means at least one answer beyond "agree" and none below it.
"""

MIN_CELL = 30.0
"""The least effective base of the low, the middle and the high scores."""

_STEP = 10.0
"""The change of slope is told for so many points of a 0-100 score."""

_METHOD = "penalty_reward_bootstrap"


@dataclass(frozen=True, eq=False)
class PenaltyReward:
    """Penalty and reward of each predictor, and its class; `low` and `high` are the cut points.

    `estimates` holds, for each predictor, the metrics `penalty` (what goes with a low score,
    against a middle one; in points of the outcome, usually negative), `reward` (with a high
    score), `impact_range` (reward minus penalty) and `impact_asymmetry` ((reward + penalty) over
    the range, -1 to 1; only where the range is clear), and from `asymmetry` also `slope_change`
    (per 10 points of score: the slope above the middle minus that below). `classes` holds a Fit
    `asymmetry_class` each, with |penalty| - reward as value: its verdict is `basic` (a low score
    goes with more), `excitement` (a high score does), `performance` (no clear difference) or
    `not_classifiable`.
    """

    estimates: Estimates
    classes: Fits
    low: tuple[float, ...]
    high: tuple[float, ...]


def penalty_reward(
    y: ArrayLike,
    x: ArrayLike | pd.DataFrame,
    *,
    low: float | Sequence[float],
    high: float | Sequence[float],
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> PenaltyReward:
    """Penalty-reward contrasts: what goes with a low and with a high score, in points of `y`.

    Parameters
    ----------
    y : array-like of float or missing, shape (n_respondents,)
        The outcome.
    x : DataFrame or array-like of float or missing, shape (n_respondents, n_predictors)
        Scores. Rows that lack one of them or the outcome leave the base (listwise).
    low, high : float or sequence of float
        Scores under `low` are low, scores above `high` are high, the others are the middle
        against which both are held; one value for all predictors, or one each.
    weight, strata, cluster, population, ci_level
        As in `mean_score`.
    seed : int, optional
        Of the bootstrap; a fixed seed if none.

    Returns
    -------
    PenaltyReward
        A predictor is `not_classifiable` where its low, middle or high scores have an effective
        base under 30, or where the interval of its range does not leave out zero. Too few
        respondents, or nobody: all numbers NaN, flagged.

    Raises
    ------
    SurveyError
        If lengths differ, or `low` is above `high`.

    Notes
    -----
    y = b0 + sum_j (p_j Low_j + r_j High_j), least squares over weighted moments; a predictor
    with an empty low or high cell enters with the other one only. Class by the percentile
    interval of |p| - r, taken as -p - r (METHODS 14). Cells are compared as they are: where the
    low scores lie further from the middle ones than the high scores do, a straight line is
    `basic` too. On scores, whose distances mean something, `asymmetry` asks for more.

    References
    ----------
    .. [1] Brandt, R. D. (1987). A procedure for identifying value-enhancing service components
           using customer satisfaction survey data. Add Value to Your Service, AMA.
    .. [2] Mikulic, J. & Prebezac, D. (2008). Prioritizing improvement of service attributes
           using impact range-performance analysis. Managing Service Quality 18.

    Examples
    --------
    >>> x = [[s] for s in (1, 2, 3, 4, 5) for _ in range(40)]
    >>> y = [(4, 5, 8, 8, 9)[i // 40] + i % 2 for i in range(200)]
    >>> found = penalty_reward(y, x, low=3, high=3)
    >>> [round(one.estimate, 2) for one in found.estimates.where(metric="penalty")]
    [-3.5]
    >>> found.classes[0].verdict
    'basic'
    """
    given = Predictors.read(x, y, weight, strata, cluster, population)
    lows, highs = _cuts("low", low, given.k), _cuts("high", high, given.k)
    return _contrasts(given, lows, highs, given.basis(ci_level), seed or 0)


def asymmetry(survey: Any, links: Links, *, low: float = LOW, high: float = HIGH) -> PenaltyReward:
    """Penalty and reward of each level, on the people and the outcome that `links` rests on.

    Without records where the links have no numbers.

    Notes
    -----
    `basic` and `excitement` are said only where the line itself bends: the slope above the middle
    of the cut points differs clearly, the same way, from the slope below. Scores are skewed, so
    that low ones lie further from the middle than high ones, and a straight line alone would give
    a larger penalty than reward (seen in 20 to 56 % of simulated samples). The line of two pieces,
    y = b0 + sum_j (b_j x_j + c_j max(0, x_j - (low + high) / 2)), holds the straight line as
    c = 0; `slope_change` is 10 c, its interval from the same resamples.
    """
    if links.why is not None:
        context = survey.latest.context()
        return PenaltyReward(Estimates((), context=context), Fits((), context=context), (), ())
    data = linked(survey, links.outcome)
    lows, highs = _cuts("low", low, data.given.k), _cuts("high", high, data.given.k)
    seed = seeded(survey.study.seed, "asymmetry")
    return _contrasts(data.given, lows, highs, data.basis, seed, is_scored=True)


def _contrasts(
    given: Predictors,
    low: np.ndarray,
    high: np.ndarray,
    basis: Basis,
    seed: int,
    *,
    is_scored: bool = False,
) -> PenaltyReward:
    if np.any(low > high):
        raise SurveyError("low scores end above the high ones", expected="low no greater than high")
    rows = given.complete
    is_low = np.where(rows[:, None], given.x < low - 1e-9, np.nan)
    is_high = np.where(rows[:, None], given.x > high + 1e-9, np.nan)
    parts = np.column_stack([is_low, is_high, np.where(rows, given.y, np.nan)])
    cells = _cells(is_low, is_high, given.design, rows)
    bent = (cells >= MIN_CELL) & is_scored
    line = _line(given, (low + high) / 2, bent)
    made = joint(parts, given.design)
    used = np.flatnonzero(made.variance[:-1] > 0) if made.n > 1 else np.zeros(0, dtype=int)
    is_enough = made.n >= len(used) + 2 and made.variance[-1] > 0 if made.n > 1 else False
    slopes = np.full(2 * given.k, np.nan)
    drawn = np.full((1, 2 * given.k), np.nan)
    change, change_drawn = np.full(given.k, np.nan), np.full((1, given.k), np.nan)
    if len(used) and is_enough:
        slopes[used] = _slopes(made.covariance, used)
        sampled, of_line = resampled_together([parts, line], given.design, seed=seed)
        drawn = np.full((len(sampled.mean), 2 * given.k), np.nan)
        drawn[:, used] = _slopes(sampled.covariance, used)
        change = _bends(joint(line, given.design).covariance, bent)
        change_drawn = _bends(of_line.covariance, bent)
    penalty, reward = _told(slopes)
    told = _told(drawn)
    from_zero, _ = percentiles(told[1] - told[0], basis.ci_level)
    is_clear = from_zero > 0
    leaning, leaning_drawn = (
        np.where(is_clear, _part(up + down, up - down), np.nan)
        for down, up in ((penalty, reward), told)
    )
    spans = {
        "penalty": (penalty, told[0]),
        "reward": (reward, told[1]),
        "impact_range": (reward - penalty, told[1] - told[0]),
        "impact_asymmetry": (leaning, leaning_drawn),
    }
    if is_scored:
        spans["slope_change"] = (change, change_drawn)
    records: list[Any] = []
    for metric, (value, draws) in spans.items():
        missing = {
            name: "unreliable"
            for name, one in zip(given.names, value, strict=True)
            if not np.isfinite(one)
        }
        finite = np.where(np.isfinite(draws), draws, np.nan)
        records += basis.percentiles(metric, value, finite, method=_METHOD, unit="scale",
                                     flags=missing)  # fmt: skip
    classes = _classes(spans, cells, told[1] + told[0], is_clear, basis)
    table = Estimates(records, context=basis.context)
    return PenaltyReward(table, classes, tuple(map(float, low)), tuple(map(float, high)))


def _slopes(covariance: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Least squares of the last variable on those in use; NaN where they say the same twice."""
    inner = covariance[..., used[:, None], used]
    outer = covariance[..., used, -1]
    scale = np.sqrt(np.einsum("...ii->...i", inner))
    safe = np.where(scale > 0, scale, 1.0)
    correlation = inner / (safe[..., :, None] * safe[..., None, :])
    is_sound = np.linalg.eigvalsh(correlation)[..., 0] > 1e-9
    filled = np.where(is_sound[..., None, None], correlation, np.eye(len(used)))
    found = np.linalg.solve(filled, (outer / safe)[..., None])[..., 0] / safe
    return np.where(is_sound[..., None], found, np.nan)


def _line(given: Predictors, knot: np.ndarray, bent: np.ndarray) -> np.ndarray:
    """Scores, how far those of levels that may bend lie above their knot, and the outcome."""
    x = np.where(given.complete[:, None], given.x, np.nan) / _STEP
    above = np.maximum(x - knot / _STEP, 0.0)[:, bent]
    return np.column_stack([x, above, np.where(given.complete, given.y, np.nan)])


def _bends(covariance: np.ndarray, bent: np.ndarray) -> np.ndarray:
    """How much steeper the slope above the knot is, shape (..., k); NaN where none is sought."""
    k = len(bent)
    found = np.full((*covariance.shape[:-2], k), np.nan)
    if bent.any():
        used = np.arange(covariance.shape[-1] - 1)
        found[..., bent] = _slopes(covariance, used)[..., k:]
    return found


def _told(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Penalties and rewards from slopes in one row."""
    k = slopes.shape[-1] // 2
    return slopes[..., :k], slopes[..., k:]


def _cells(is_low: np.ndarray, is_high: np.ndarray, design: Design, rows: np.ndarray) -> np.ndarray:
    """The smallest effective base among the low, middle and high scores of each predictor."""
    if not rows.any():
        return np.zeros(is_low.shape[1])
    own, weight = np.stack([is_low[rows], is_high[rows]]) == 1, design.weight[rows]
    cells = np.stack([own[0], ~own[0] & ~own[1], own[1]])
    return np.array(
        [
            min(effective_base(weight[cell]) if cell.any() else 0.0 for cell in one)
            for one in np.moveaxis(cells, 2, 0)
        ]
    )


def _part(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A part of a whole, held between -1 and 1; NaN of nothing."""
    safe = np.where(whole > 0, whole, np.nan)
    return np.clip(part / safe, -1.0, 1.0)


def _classes(
    spans: Any, cells: np.ndarray, balance: np.ndarray, is_clear: np.ndarray, basis: Basis
) -> Fits:
    """The class of each predictor by the intervals of its range and of |penalty| - reward.

    Where there is a `slope_change`, its interval must agree.
    """
    (penalty, _), (reward, _) = spans["penalty"], spans["reward"]
    value = -penalty - reward
    low, high = percentiles(-balance, basis.ci_level)
    is_basic, is_exciting = low > 0, high < 0
    if "slope_change" in spans:
        flattest, steepest = percentiles(spans["slope_change"][1], basis.ci_level)
        is_basic, is_exciting = is_basic & (steepest < 0), is_exciting & (flattest > 0)
    made = []
    for j, name in enumerate(basis.names):
        verdict = "performance"
        if cells[j] < MIN_CELL or not is_clear[j]:
            verdict = "not_classifiable"
        elif is_basic[j]:
            verdict = "basic"
        elif is_exciting[j]:
            verdict = "excitement"
        has_value = bool(np.isfinite(value[j]))
        flags = ("no_answers",) if not basis.n else () if has_value else ("unreliable",)
        made.append(
            Fit("asymmetry_class", float(value[j]) if has_value else NAN, float(low[j]),
                float(high[j]), verdict, _METHOD, name, basis.n, basis.n_eff, basis.ci_level,
                flags=flags, wave=basis.wave)
        )  # fmt: skip
    return Fits(made, context=basis.context)


def _cuts(name: str, cut: float | Sequence[float], k: int) -> np.ndarray:
    values = np.asarray(cut, dtype=float)
    values = np.full(k, values) if values.ndim == 0 else values
    if values.shape != (k,) or not np.all(np.isfinite(values)):
        raise SurveyError(
            f"{name} has {np.size(cut)} cut points for {k} predictors",
            expected="one number, or one for each predictor",
        )
    return values
