"""How well a classifier tells comments apart: accuracy, macro-F1, confusion, calibration.

All of it follows from two things: the label that people gave each comment, and the probabilities
that the classifier gave it while it had not seen that comment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.intervals import wilson_interval
from cxkit.errors import SurveyError, listed, nearest, quoted
from cxkit.records import Estimate, Estimates

__all__ = ["Accuracy", "accuracy_of", "macro_f1"]

N_DRAWS = 2_000
N_BINS = 10

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Accuracy:
    """What a classifier got right and wrong on comments that it had not seen.

    Attributes
    ----------
    labels : tuple of str
        In the order of `confusion`.
    confusion : tuple of tuple of int
        Comments by the label people gave (rows) and the one the classifier gave (columns).
    bins : tuple of mapping
        Comments by the probability of their likeliest label, in tenths: `low`, `high`, `n`,
        `probability` (mean), `right` (share, 0-1) with `ci_low`, `ci_high` (Wilson); tenths
        without a comment are left out.
    log_loss : float
        Mean of minus the natural logarithm of the probability given to the label people gave.
    seed : int
        Of the draws that the interval of macro-F1 rests on.

    Examples
    --------
    >>> told = accuracy_of(["a", "a", "b"], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], ("a", "b"))
    >>> told.confusion, round(told.macro_f1.estimate, 4)
    (((1, 1), (0, 1)), 0.6667)
    """

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    bins: tuple[Mapping[str, float], ...]
    log_loss: float
    seed: int = 0

    @property
    def n(self) -> int:
        """The comments that were judged."""
        return int(np.sum(self.confusion))

    @property
    def accuracy(self) -> Estimate:
        """Share of comments that got the label people gave, with Wilson's interval."""
        share = float(np.trace(self._counts) / self.n)
        low, high = wilson_interval(share, self.n)
        return self._estimate("accuracy", share, low, high, "wilson")

    @property
    def macro_f1(self) -> Estimate:
        """Mean of the labels' F1, each label alike, with an interval that holds at 100 % too.

        Shares of the cells of the confusion matrix are drawn from their Dirichlet posterior; the
        prior weighs as much as one comment, spread over all cells (Perks) [1]_.

        References
        ----------
        .. [1] Goutte, C. & Gaussier, E. (2005). A probabilistic interpretation of precision,
               recall and F-score. ECIR.
        """
        rng = np.random.default_rng(self.seed)
        cells = self._counts.ravel()
        drawn = rng.dirichlet(cells + 1 / len(cells), N_DRAWS)
        size = len(self.labels)
        low, high = np.quantile(macro_f1(drawn.reshape(-1, size, size)), (0.025, 0.975))
        whole = float(macro_f1(self._counts))
        return self._estimate("macro_f1", whole, float(low), float(high), "dirichlet_posterior")

    @property
    def guess(self) -> float:
        """The share that is right when every comment gets the most frequent label."""
        return float(self._counts.sum(axis=1).max() / self.n)

    @property
    def kappa(self) -> float:
        """Cohen's kappa: agreement with people beyond what the labels' shares bring about."""
        shares = self._counts / self.n
        by_chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
        return (
            (float(np.trace(shares)) - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan
        )

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: mean gap of probability and share right, by `bins`."""
        gaps = [one["n"] * abs(one["probability"] - one["right"]) for one in self.bins]
        return float(sum(gaps) / self.n)

    @property
    def by_label(self) -> tuple[Mapping[str, Any], ...]:
        """For each label: `label`, `n` that people gave it, `precision`, `recall`, `f1`."""
        right = np.diag(self._counts).astype(float)
        given, told = self._counts.sum(axis=1), self._counts.sum(axis=0)
        rows = zip(self.labels, given, _ratio(right, told), _ratio(right, given), _f1(self._counts))
        return tuple(
            {"label": label, "n": int(n), "precision": float(p), "recall": float(r), "f1": float(f)}
            for label, n, p, r, f in rows
        )

    @property
    def estimates(self) -> Estimates:
        """Accuracy and macro-F1 as records of the kit."""
        return Estimates([self.accuracy, self.macro_f1])

    def to_dict(self) -> dict[str, Any]:
        """What a model file keeps: the counts that all numbers follow from, and the numbers."""
        named = {one.metric: [one.estimate, one.ci_low, one.ci_high] for one in self.estimates}
        return {
            "n": self.n,
            "labels": list(self.labels),
            "confusion": [list(row) for row in self.confusion],
            "bins": [dict(one) for one in self.bins],
            "log_loss": self.log_loss,
            "seed": self.seed,
            **named,
            "kappa": self.kappa,
            "guess": self.guess,
            "calibration_error": self.calibration_error,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Accuracy:
        """What `to_dict` wrote."""
        confusion = tuple(tuple(int(n) for n in row) for row in kept["confusion"])
        bins = tuple(kept["bins"])
        return cls(tuple(kept["labels"]), confusion, bins, kept["log_loss"], kept["seed"])

    @property
    def _counts(self) -> Array:
        return np.array(self.confusion, dtype=np.int64)

    def _estimate(
        self, metric: str, value: float, low: float, high: float, method: str
    ) -> Estimate:
        n = self.n
        return Estimate(
            metric, "comments", value, low, high, n=n, n_eff=float(n), unit="share", method=method
        )


def accuracy_of(
    given: Sequence[str],
    probabilities: Any,
    labels: Sequence[str],
    *,
    named: Sequence[str | None] | None = None,
    seed: int = 0,
) -> Accuracy:
    """What a classifier got right, from people's labels and its probabilities.

    Parameters
    ----------
    given : sequence of str, shape (n,)
        The label people gave each comment, one of `labels`.
    probabilities : array-like of float, shape (n, n_labels)
        What the classifier gave, rows summing to 1. A row with NaN (no word to read) is left out.
    labels : sequence of str
        In the order of the columns.
    named : sequence of str, optional
        The one label the classifier gives each comment; the likeliest if not given.
    seed : int, default 0
        Of the draws that the interval of macro-F1 rests on.

    Returns
    -------
    Accuracy
        Of the rows that are not left out.

    Raises
    ------
    SurveyError
        If no row is left, or a label is none of `labels`.

    Examples
    --------
    >>> accuracy_of(["a", "b"], [[0.7, 0.3], [0.1, 0.9]], ("a", "b")).accuracy.estimate
    1.0
    """
    table = np.asarray(probabilities, dtype=float).reshape(-1, len(labels))
    readable = np.flatnonzero(~np.isnan(table).any(axis=1)).tolist()
    if not readable:
        raise SurveyError(
            "no comment is left to judge a classifier by",
            expected="comments that hold a word, and their labels",
        )
    table = table[readable]
    truth = _places([given[i] for i in readable], labels)
    likeliest = table.argmax(axis=1)
    told = likeliest if named is None else _places([named[i] for i in readable], labels)
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (truth, told), 1)
    given_to_truth = np.clip(table[np.arange(len(truth)), truth], 1e-12, None)
    confusion = tuple(tuple(int(n) for n in row) for row in counts)
    bins = _bins(table.max(axis=1), likeliest == truth)
    return Accuracy(tuple(labels), confusion, bins, float(-np.log(given_to_truth).mean()), seed)


def _places(given: Sequence[str | None], labels: Sequence[str]) -> Array:
    place = {label: j for j, label in enumerate(labels)}
    strange = sorted({str(label) for label in given} - set(place))
    if strange:
        raise SurveyError(
            f"the label {quoted(strange)} is none that the classifier knows",
            expected="one of " + listed(sorted(place)),
            hint=nearest(strange[0], place),
        )
    return np.array([place[str(label)] for label in given], dtype=int)


def macro_f1(confusion: Any) -> Any:
    """Mean over labels of F1 = 2 right / (given + told), from confusion matrices.

    Parameters
    ----------
    confusion : array-like of counts or shares, shape (..., k, k)
        Rows: the label people gave; columns: the label that was told.

    Returns
    -------
    float or array, shape (...)
        A label that nobody gave and nothing was told counts 0, as scikit-learn has it.

    Examples
    --------
    >>> round(float(macro_f1([[8, 2], [1, 9]])), 6)
    0.849624
    """
    return _f1(np.asarray(confusion)).mean(axis=-1)


def _f1(counts: Array) -> Array:
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(float)
    return _ratio(2 * right, counts.sum(axis=-1) + counts.sum(axis=-2))


def _ratio(above: Array, below: Array) -> Array:
    """A ratio that is 0 where there is nothing to divide."""
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=np.asarray(below) > 0)


def _bins(sure: Array, right: Array) -> tuple[dict[str, float], ...]:
    tenth = np.minimum((sure * N_BINS).astype(int), N_BINS - 1)
    return tuple(_bin(k, sure[tenth == k], right[tenth == k]) for k in np.unique(tenth).tolist())


def _bin(k: int, sure: Array, right: Array) -> dict[str, float]:
    n, share = len(sure), float(right.mean())
    low, high = wilson_interval(share, n)
    span = {"low": k / N_BINS, "high": (k + 1) / N_BINS, "n": n}
    return {
        **span,
        "probability": float(sure.mean()),
        "right": share,
        "ci_low": low,
        "ci_high": high,
    }
