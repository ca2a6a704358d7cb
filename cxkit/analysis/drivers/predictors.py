"""Predictors and their outcome: read, named, on one base, and whether they can carry a model.

Importance and regression start here; `Basis` makes the records that share such a base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis import scoring
from cxkit.analysis.intervals import check_level
from cxkit.analysis.joint import Joint, complete, joint, percentiles
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError, quoted
from cxkit.records import NAN, Estimate, Estimates, Fit
from cxkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["Basis", "Predictors", "obstacle"]

_COLLINEAR = 1e-9
"""Correlations with a smaller eigenvalue say the same thing twice."""

_SAME = 1e-12
"""How far from 1 the correlation of an outcome with itself may lie by rounding."""

_FLAGS = {
    "no_answers": "no_answers", "made_of": "not_applicable", "private": "hidden_privacy",
}  # fmt: skip
"""The flags of numbers that cannot be given, by reason; any other reason is `unreliable`."""


@dataclass(frozen=True, eq=False)
class Predictors:
    """Predictors, shape (n_rows, k), and an outcome, shape (n_rows,), of one sample.

    Missing values are NaN; a row counts where it has all predictors, the outcome and a weight
    (listwise).
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    outcome: str
    design: Design

    @classmethod
    def read(
        cls,
        x: ArrayLike | pd.DataFrame,
        y: ArrayLike,
        weight: ArrayLike | None = None,
        strata: ArrayLike | None = None,
        cluster: ArrayLike | None = None,
        population: Population | None = None,
    ) -> Predictors:
        """Plain data; SurveyError for words, infinite values, or lengths that do not agree."""
        columns = _matrix(x)
        outcome = scoring.numbers(y)
        if len(outcome) != len(columns):
            raise SurveyError(
                f"there are {len(columns)} rows of predictors and {len(outcome)} of the outcome",
                expected="a row of each for every respondent",
            )
        if not columns.shape[1]:
            raise SurveyError("there are no predictors", expected="at least one column in x")
        design = design_of(len(outcome), weight, strata, cluster, population)
        named = getattr(y, "name", None)
        return cls(columns, outcome, _names(x, columns.shape[1]), str(named or "y"), design)

    @property
    def k(self) -> int:
        """How many predictors there are."""
        return self.x.shape[1]

    @cached_property
    def values(self) -> np.ndarray:
        """Predictors and, in the last column, the outcome."""
        return np.column_stack([self.x, self.y])

    @cached_property
    def moments(self) -> Joint:
        """The joint moments of `values`."""
        return joint(self.values, self.design)

    @cached_property
    def complete(self) -> np.ndarray:
        """Which rows count."""
        return complete(self.values, self.design)

    @cached_property
    def why(self) -> str | None:
        """Why these data carry no linear model (see `obstacle`), None where they do."""
        return obstacle(self.moments)

    def basis(self, ci_level: float, why: str | None = None) -> Basis:
        """What the records of a model on these data share; `why` it has no numbers, if so."""
        made = self.moments
        return Basis(self.names, made.n, made.n_eff, ci_level, why=why)


@dataclass(frozen=True)
class Basis:
    """What the records of one model share: of what they speak, on which base, at which level.

    `why` is the reason for which there are no numbers: then all records are NaN and flagged.
    """

    names: tuple[str, ...]
    n: float
    n_eff: float
    ci_level: float = 0.95
    why: str | None = None
    wave: str | None = None
    context: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_level(self.ci_level)

    @property
    def flags(self) -> tuple[str, ...]:
        """The flag that goes with `why`."""
        return () if self.why is None else (_FLAGS.get(self.why, "unreliable"),)

    def percentiles(
        self, metric: str, values: np.ndarray, drawn: np.ndarray, *, method: str, **more: Any
    ) -> Estimates:
        """Numbers of each name with their bootstrap intervals; `drawn` counts resamples first."""
        low, high = percentiles(drawn, self.ci_level)
        return self.estimates(metric, values, low, high, method=method, **more)

    def estimates(
        self,
        metric: str,
        values: Iterable[float],
        low: Iterable[float] | None = None,
        high: Iterable[float] | None = None,
        *,
        method: str,
        unit: str = "share",
        by: Mapping[str, str] | None = None,
        flags: Mapping[str, str] | None = None,
    ) -> Estimates:
        """One number of each name; `flags` of single names, whose numbers are left out."""
        nothing = [NAN] * len(self.names)
        given = nothing if self.why else list(values)
        ends = [nothing if end is None or self.why else list(end) for end in (low, high)]
        made = []
        for name, value, start, end in zip(self.names, given, *ends, strict=True):
            flag = (flags or {}).get(name)
            numbers = (NAN, NAN, NAN) if flag else (float(value), float(start), float(end))
            own = self.flags or ((flag,) if flag else ())
            made.append(self._estimate(metric, name, numbers, unit, method, own, by))
        return Estimates(made, context=self.context)

    def _estimate(
        self,
        metric: str,
        of: str,
        numbers: tuple[float, float, float],
        unit: str,
        method: str,
        flags: tuple[str, ...],
        by: Mapping[str, str] | None,
    ) -> Estimate:
        value, low, high = numbers
        return Estimate(
            metric=metric,
            of=of,
            estimate=value,
            ci_low=low,
            ci_high=high,
            ci_level=self.ci_level,
            n=self.n,
            n_eff=self.n_eff,
            unit=unit,
            method=method,
            flags=flags,
            wave=self.wave,
            by=dict(by or {}),
        )

    def explained(
        self, name: str, value: float, drawn: np.ndarray | None = None, *, of: str, least: float = 0
    ) -> Fit:
        """A share of variation that the model explains, and its interval; the verdict is `why`.

        Notes
        -----
        Resamples explain more than the sample, as the sample explains more than there is: the
        percentile interval is moved down by their mean excess. Without this, the interval of
        an increment that is truly nothing would never hold zero.
        """
        low = high = NAN
        if drawn is not None and not self.why:
            ends = percentiles(drawn, self.ci_level)
            if not np.isnan(ends[0]):
                excess = float(np.nanmean(drawn)) - value
                low, high = (min(max(float(end) - excess, least), 1.0) for end in ends)
        return Fit(
            name=name,
            value=NAN if self.why else float(value),
            ci_low=low,
            ci_high=high,
            verdict=self.why or "",
            method="recentred_bootstrap",
            of=of,
            n=self.n,
            n_eff=self.n_eff,
            ci_level=self.ci_level,
            unit="share",
            flags=self.flags,
            wave=self.wave,
        )


def obstacle(moments: Joint) -> str | None:
    """Why predictors and an outcome (the last variable of `moments`) carry no linear model.

    `no_answers`: nobody has all of them; `too_few`: fewer respondents than predictors and two;
    `no_spread`: a variable on which all agree; `made_of`: a predictor is the outcome itself, on
    whatever scale; `collinear`: a predictor follows from the others. None where all is well.
    """
    k = len(moments.mean) - 1
    if not moments.n:
        return "no_answers"
    if moments.n < k + 2:
        return "too_few"
    if not np.all(moments.variance > 0):
        return "no_spread"
    found = moments.correlation
    if np.any(np.abs(found[:k, k]) > 1 - _SAME):
        return "made_of"
    if np.linalg.eigvalsh(found[:k, :k])[0] < _COLLINEAR:
        return "collinear"
    return None


def _matrix(x: ArrayLike | pd.DataFrame) -> np.ndarray:
    given = np.asarray(x, dtype=object)
    if given.ndim == 1:
        given = given.reshape(-1, 1)
    if given.ndim != 2:
        raise SurveyError("x has no rows and columns", expected="respondents by predictors")
    return scoring.numbers(given).reshape(given.shape)


def _names(x: ArrayLike | pd.DataFrame, k: int) -> tuple[str, ...]:
    """The columns of a frame (or the name of a series), else x1, x2, ..."""
    columns = getattr(x, "columns", None)
    if columns is None:
        named = getattr(x, "name", None)
        return (str(named),) if named is not None else tuple(f"x{i + 1}" for i in range(k))
    names = tuple(map(str, columns))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SurveyError(
            f"two predictors are called {quoted(twice)}", expected="a name for each of its own"
        )
    return names
