"""Indices of careless answering over a battery of items: runs, spread, unusual patterns, speed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxkit.errors import SurveyError, brief, counted, quoted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "FEWEST_ITEMS",
    "Cloud",
    "identical_share",
    "longest_run",
    "mahalanobis",
    "response_quality",
    "seconds",
    "within_sd",
]

FEWEST_ITEMS = 4
"""Items that a respondent must have answered for a pattern to be told."""

_SINGULAR = 1e-10
"""An eigenvalue of the correlations below this: one item follows from the others."""

_EVEN_ODD = (
    "on short factors it flags over a quarter of attentive respondents, and it cannot see a "
    "perfect straight line"
)


def response_quality(
    items: pd.DataFrame | ArrayLike,
    *,
    duration: ArrayLike | None = None,
    speed: float = 1 / 3,
    even_odd: bool = False,
) -> pd.DataFrame:
    """Indices of careless answering, a respondent a row; no verdict, and nobody is left out.

    Parameters
    ----------
    items : DataFrame or array-like of numbers, shape (n_respondents, n_items)
        The answers to one battery in the order in which it was asked; missing where there is
        none.
    duration : array-like of float, shape (n_respondents,), optional
        How long each interview took, in seconds; missing or negative where unknown.
    speed : float, default 1/3
        The share of the median duration under which an interview is called fast.
    even_odd : bool, default False
        Refused: even-odd consistency is not computed (see Notes).

    Returns
    -------
    DataFrame, shape (n_respondents, 8)
        On the index of `items`, missing where an index cannot be told:

        - `n_answered`: items answered.
        - `longest_run`: the longest run of identical answers over the items answered; a skipped
          item neither breaks a run nor makes it longer.
        - `identical_share`: the share of the most common answer, 0 to 1.
        - `within_sd`: the standard deviation of the respondent's own answers (n - 1), in points
          of the scale.
        - `mahalanobis`: the squared distance D2 from the mean of all, for those who answered
          every item.
        - `mahalanobis_p`: the chance of a larger one, from chi-square with the number of items
          as degrees of freedom.
        - `duration`: in seconds.
        - `fast`: True, False or missing: under `speed` times the median.

        `attrs["not_assessable"]` says of indices that nobody has why, `attrs["fast"]` the median
        and the limit in seconds.

    Raises
    ------
    SurveyError
        If answers are no numbers, durations are of other rows, or `even_odd` is asked for.

    Notes
    -----
    Runs as Johnson (2005) [1]_, within-person spread as Dunn et al. (2018) [2]_, D2 with the mean
    and covariance of the complete rows as Meade and Craig (2012) [3]_. All need 4 items answered.
    Even-odd consistency is left out: on short factors it flags over a quarter of attentive
    respondents, and it cannot see a perfect straight line. Checked against R's psych and stats
    (tests/oracles/quality.json).

    References
    ----------
    .. [1] Johnson, J. A. (2005). Ascertaining the validity of individual protocols from Web-based
           personality inventories. Journal of Research in Personality 39.
    .. [2] Dunn, A. M., Heggestad, E. D., Shanock, L. R. & Theilgard, N. (2018). Intra-individual
           response variability as an indicator of insufficient effort responding. Journal of
           Business and Psychology 33.
    .. [3] Meade, A. W. & Craig, S. B. (2012). Identifying careless responses in survey data.
           Psychological Methods 17.

    Examples
    --------
    >>> told = response_quality([[5, 5, 5, 5], [1, 2, 4, 5]], duration=[20, 200])
    >>> told[["longest_run", "identical_share", "fast"]].values.tolist()
    [[4.0, 1.0, True], [1.0, 0.25, False]]
    """
    if even_odd:
        raise SurveyError(
            f"even-odd consistency is not computed: {_EVEN_ODD}",
            expected="longest_run, identical_share, within_sd, mahalanobis, duration",
            hint="leave even_odd out",
        )
    if not 0 < speed < np.inf:
        raise SurveyError(f"speed is {speed:g}", expected="a share of the median above 0, as 1/3")
    frame = items if isinstance(items, pd.DataFrame) else _as_frame(items)
    answers = _numbers(frame)
    took = seconds(duration, len(frame))
    distance, p, why = mahalanobis(answers, [str(name) for name in frame.columns])
    median = float(np.nanmedian(took)) if np.isfinite(took).any() else np.nan
    fast = pd.array(took < speed * median, dtype="boolean")
    fast[np.isnan(took)] = pd.NA
    told = pd.DataFrame(
        {
            "n_answered": (~np.isnan(answers)).sum(axis=1),
            "longest_run": longest_run(answers),
            "identical_share": identical_share(answers),
            "within_sd": within_sd(answers),
            "mahalanobis": distance,
            "mahalanobis_p": p,
            "duration": took,
            "fast": fast,
        },
        index=frame.index,
    )
    told.attrs["not_assessable"] = _not_assessable(told, why, duration is None)
    told.attrs["fast"] = {"median": median, "limit": speed * median, "speed": speed}
    return told


def _as_frame(items: ArrayLike) -> pd.DataFrame:
    """Plain rows of answers as a frame."""
    answers = np.asarray(items)
    if answers.ndim > 2:
        raise SurveyError(
            f"the answers have {answers.ndim} dimensions",
            expected="a row a respondent, a column an item",
        )
    return pd.DataFrame(answers)


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    """The answers as floats, NaN where missing."""
    answers = np.full(frame.shape, np.nan)
    for at, name in enumerate(frame.columns):
        values = _no_moments(frame.iloc[:, at])
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        wrong = (values.notna().to_numpy() & np.isnan(numbers)) | np.isinf(numbers)
        if wrong.any():
            texts = quoted(dict.fromkeys(map(str, values[wrong])))
            raise SurveyError(
                f"item '{brief(str(name))}' holds {texts}: {counted(int(wrong.sum()), 'answer')} "
                "that are no numbers",
                expected="codes of a scale, missing where there is no answer",
                hint="read the answers with cxkit.load, or put their codes in place of the labels",
            )
        answers[:, at] = numbers
    return answers


def _no_moments(values: pd.Series) -> pd.Series:
    """The same values: moments as text, so that they are not taken for numbers."""
    return values.astype(object).map(str) if values.dtype.kind in "mM" else values


def seconds(duration: ArrayLike | None, n: int) -> np.ndarray:
    """Durations as floats; NaN where missing, negative or infinite."""
    if duration is None:
        return np.full(n, np.nan)
    values = pd.Series(duration).reset_index(drop=True)
    if values.dtype.kind == "m":
        values = values.dt.total_seconds()
    values = _no_moments(values)
    took = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if len(took) != n:
        raise SurveyError(
            f"there are {len(took)} durations and {n} respondents",
            expected="seconds for every respondent, missing where unknown",
        )
    wrong = values.notna().to_numpy() & np.isnan(took)
    if wrong.any():
        raise SurveyError(
            f"{int(wrong.sum())} durations are no numbers: {quoted(map(str, values[wrong]))}",
            expected="seconds, missing where unknown",
        )
    return np.where(np.isfinite(took) & (took >= 0), took, np.nan)


def _not_assessable(told: pd.DataFrame, why: str, has_no_duration: bool) -> dict[str, str]:
    """Of every index that nobody has, why."""
    reasons = dict.fromkeys(
        ("longest_run", "identical_share", "within_sd"),
        f"nobody answered {FEWEST_ITEMS} items or more",
    )
    reasons |= dict.fromkeys(("mahalanobis", "mahalanobis_p"), why)
    unknown = "no durations are given" if has_no_duration else "every duration is missing"
    reasons |= dict.fromkeys(("duration", "fast"), unknown)
    return {name: reason for name, reason in reasons.items() if told[name].isna().all()}


# -- single indices, on arrays of shape (n_respondents, n_items) with NaN where missing ----------


def _told(values: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """`values` where enough items were answered, NaN elsewhere."""
    return np.where((~np.isnan(answers)).sum(axis=1) >= FEWEST_ITEMS, values, np.nan)


def longest_run(answers: np.ndarray) -> np.ndarray:
    """The longest run of identical answers over the items answered, in their order."""
    return _told(_runs(answers), answers)


def identical_share(answers: np.ndarray) -> np.ndarray:
    """The share of a respondent's most common answer among the items answered."""
    n = (~np.isnan(answers)).sum(axis=1)
    return _told(_runs(np.sort(answers, axis=1)) / np.maximum(n, 1), answers)


def within_sd(answers: np.ndarray) -> np.ndarray:
    """The standard deviation (n - 1) of each respondent's own answers; exactly 0 if all alike."""
    is_told = ~np.isnan(answers)
    n = is_told.sum(axis=1)
    first = np.where(is_told.any(axis=1), _first(answers, is_told), 0.0)
    off = np.where(is_told, answers - first[:, None], 0.0)
    mean = off.sum(axis=1) / np.maximum(n, 1)
    squares = (np.where(is_told, off - mean[:, None], 0.0) ** 2).sum(axis=1)
    return _told(np.sqrt(squares / np.maximum(n - 1, 1)), answers)


def mahalanobis(
    answers: np.ndarray, names: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray, str]:
    """D2 of each complete row and its p; NaN elsewhere, and why where nobody has one."""
    k = answers.shape[1]
    cloud = Cloud.of(lambda: iter([answers]), names or [str(at + 1) for at in range(k)])
    distance = cloud.distance(answers)
    return distance, cloud.p(distance), cloud.why


@dataclass(frozen=True, eq=False)
class Cloud:
    """Where the complete rows of some answers lie: their mean and covariance, or why not.

    `axes` holds the directions in which they spread, divided by how far, so that D2 is a sum of
    squares.
    """

    mean: np.ndarray
    axes: np.ndarray
    why: str = ""

    @classmethod
    def of(cls, parts: Callable[[], Iterator[np.ndarray]], names: Sequence[str]) -> Cloud:
        """The cloud of rows that `parts` hands out in blocks, as often as it is called."""
        k = len(names)
        if k < FEWEST_ITEMS:
            return cls._without(k, f"there are fewer than {FEWEST_ITEMS} items")
        n, total = 0, np.zeros(k)
        least, most = np.full(k, np.inf), np.full(k, -np.inf)
        for own in map(_complete, parts()):
            n, total = n + len(own), total + own.sum(axis=0)
            least = np.minimum(least, own.min(axis=0, initial=np.inf))
            most = np.maximum(most, own.max(axis=0, initial=-np.inf))
        if n <= k:
            return cls._without(k, f"{n} respondents answered all {k} items, and {k + 1} must")
        if (least == most).any():
            told = quoted(name for name, is_one in zip(names, least == most, strict=True) if is_one)
            return cls._without(k, f"everybody gave the same answer to {told}")
        mean, products = total / n, np.zeros((k, k))
        for own in map(_complete, parts()):
            products += (own - mean).T @ (own - mean)
        sd = np.sqrt(np.diag(products) / (n - 1))
        values, vectors = np.linalg.eigh(products / (n - 1) / np.outer(sd, sd))
        if values[0] < _SINGULAR * values[-1]:
            return cls._without(k, "the answers to one item follow from those to others")
        return cls(mean, vectors / sd[:, None] / np.sqrt(values))

    @classmethod
    def _without(cls, k: int, why: str) -> Cloud:
        return cls(np.full(k, np.nan), np.full((k, k), np.nan), why)

    def distance(self, answers: np.ndarray) -> np.ndarray:
        """D2 of each complete row, NaN elsewhere."""
        return (((answers - self.mean) @ self.axes) ** 2).sum(axis=1)

    def p(self, distance: np.ndarray) -> np.ndarray:
        """The chance of a larger D2: chi-square, the number of items as degrees of freedom."""
        from scipy.stats import chi2

        return chi2.sf(distance, df=max(len(self.mean), 1))


def _complete(answers: np.ndarray) -> np.ndarray:
    return answers[~np.isnan(answers).any(axis=1)]


def _runs(answers: np.ndarray) -> np.ndarray:
    best, run = np.zeros(len(answers)), np.zeros(len(answers))
    last = np.full(len(answers), np.nan)
    for own in answers.T:
        is_told = ~np.isnan(own)
        run = np.where(is_told, np.where(own == last, run + 1, 1), run)
        last = np.where(is_told, own, last)
        best = np.maximum(best, run)
    return best


def _first(answers: np.ndarray, is_told: np.ndarray) -> np.ndarray:
    """The first answer that each respondent gave; NaN for those who gave none."""
    if not answers.shape[1]:
        return np.full(len(answers), np.nan)
    return answers[np.arange(len(answers)), is_told.argmax(axis=1)]
