"""Expectation and reality as two predictors of an outcome, with squares: the response surface.

The alternative to a difference score: nothing is lost by taking one answer from the other, and
whether the difference would have told as much can be seen.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkit.analysis.drivers.importance import johnson
from cxkit.analysis.drivers.predictors import Basis, Predictors
from cxkit.analysis.drivers.regression import least_squares
from cxkit.analysis.expectations.difference import side_by_side
from cxkit.analysis.joint import Joint, resampled
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError
from cxkit.records import Estimate, Estimates, Fits
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["MORE_THAN", "SLOPES", "Surface", "polynomial_gap", "surface_of"]

MORE_THAN = 500
"""The effective base that a model with squares must exceed (METHODS 22.11)."""

SLOPES = ("a1", "a2", "a3", "a4")
"""Along agreement of both: slope and curve; across it, reality above expectation: slope, curve."""

_TERMS = ("real", "expected", "real^2", "real*expected", "expected^2")
_TURNED = ("a1", "a3", "a2", "a4", "twist")
"""The coefficients of half the sum, half the difference, both squared, and their product."""


def polynomial_gap(
    real: ArrayLike,
    expected: ArrayLike,
    outcome: ArrayLike,
    *,
    middle: float,
    min_base: float = MORE_THAN,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Surface:
    """How an outcome goes with reality and expectation together, and the shape of that surface.

    An association, never an effect.

    Parameters
    ----------
    real, expected, outcome : array-like of float or missing, shape (n_respondents,)
        Answers of the same people; `real` and `expected` on the same scale. A respondent counts
        who gave all three.
    middle : float
        The middle of the scale of `real` and `expected`, from which both are counted.
    min_base : float, default 500
        The effective base that must be exceeded: squares and products need many answers.
    weight, strata, cluster, population, ci_level
        As in `difference_reliability`.
    seed : int, optional
        Of the bootstrap of the explained shares; a fixed seed if none.

    Returns
    -------
    Surface
        Four records of metric `surface`. Where reality and expectation agree: `a1`, the slope
        at the middle of the scale, and `a2`, how it bends. Where reality lies above
        expectation rather than below: `a3` and `a4`. `.coefficients` holds those of the five
        terms, `.fits` the explained share of the model and of its rivals. Data that carry no
        such model give NaN, flagged, and `.verdict` says why: `too_few` up to `min_base`, or
        as `ols`.

    Raises
    ------
    SurveyError
        If an answer is not a number, lengths differ, or `middle` is no number.

    Notes
    -----
    y = b0 + b1 P + b2 E + b3 P^2 + b4 PE + b5 E^2 (METHODS 18), P and E counted from the middle;
    a1 = b1 + b2, a2 = b3 + b4 + b5, a3 = b1 - b2, a4 = b3 - b4 + b5 [1]_. They are fitted as the
    coefficients of (P + E)/2 and (P - E)/2, their squares and product, so that their errors need
    no approximation. Checked against statsmodels, whose tests of a1 to
    a4 are those of sums of coefficients.

    References
    ----------
    .. [1] Edwards, J. R. & Parry, M. E. (1993). On the use of polynomial regression equations as
           an alternative to difference scores. Academy of Management Journal 36.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> real, expected = rng.integers(1, 6, (2, 800))
    >>> happy = real - 0.5 * expected + rng.normal(size=800)
    >>> made = polynomial_gap(real, expected, happy, middle=3)
    >>> [one.of for one in made], round(made[2].estimate, 1)
    (['a1', 'a2', 'a3', 'a4'], 1.5)
    """
    if not math.isfinite(middle):
        raise SurveyError(f"middle is {middle}", expected="the middle of the response scale")
    values = side_by_side(real=real, expected=expected, outcome=outcome)
    design = design_of(len(values), weight, strata, cluster, population)
    values = values - np.array([middle, middle, 0.0])
    return surface_of(values, design, ci_level, seed or 0, min_base=min_base)


class Surface(Estimates):
    """The four slopes of a response surface, and what stands beside them.

    Attributes
    ----------
    coefficients : Estimates
        Metric `slope` of the five terms of the model.
    fits : Fits
        `r2` of the model (`surface`), of reality alone (`real`) and of the gap alone (`gap`).
    verdict : str
        Why there are no numbers; empty where there are.
    """

    def __init__(
        self,
        records: Iterable[Estimate],
        *,
        context: Mapping[str, Any] | None = None,
        is_published: bool = False,
        coefficients: Estimates | None = None,
        fits: Fits | None = None,
        verdict: str = "",
    ) -> None:
        super().__init__(records, context=context, is_published=is_published)
        none = Estimates((), context=self.context, is_published=is_published)
        self.coefficients = none if coefficients is None else coefficients
        self.fits = Fits((), is_published=is_published) if fits is None else fits
        self.verdict = verdict

    def published(
        self,
        *,
        min_base: float | None = None,
        warn_base: float | None = None,
        min_n: int | None = None,
    ) -> Surface:
        """The same numbers as a reader may see them."""
        limits: dict[str, Any] = {"min_base": min_base, "warn_base": warn_base, "min_n": min_n}
        return Surface(
            super().published(**limits),
            context=self.context,
            is_published=True,
            coefficients=self.coefficients.published(**limits),
            fits=self.fits.published(**limits),
            verdict=self.verdict,
        )

    def _of(self, records: Iterable[Any]) -> Estimates:
        """Some of its records, without what stands beside them."""
        return Estimates(records, context=self.context, is_published=self.is_published)


def surface_of(
    values: np.ndarray,
    design: Design,
    ci_level: float,
    seed: int,
    *,
    min_base: float = MORE_THAN,
    context: Mapping[str, Any] | None = None,
) -> Surface:
    """The surface of rows of reality, expectation (from the middle) and outcome."""
    real, expected, outcome = values.T
    both, apart = (real + expected) / 2, (real - expected) / 2
    plain = np.column_stack([real, expected, real**2, real * expected, expected**2])
    turned = np.column_stack([both, apart, both**2, apart**2, both * apart])
    own = Predictors(plain, outcome, _TERMS, "surface", design)
    basis = dataclasses.replace(own.basis(ci_level, _why(own, min_base)), context=context)
    slopes = least_squares(
        Predictors(turned, outcome, _TURNED, "surface", design),
        dataclasses.replace(basis, names=_TURNED),
    )
    told = {one.of: dataclasses.replace(one, metric="surface") for one in slopes}
    return Surface(
        (told[key] for key in SLOPES),
        context=context,
        coefficients=least_squares(own, basis).slopes,
        fits=_explained(own, basis, seed),
        verdict=basis.why or "",
    )


def _why(given: Predictors, min_base: float) -> str | None:
    """Why there is no surface: too few answers for squares, or as any linear model."""
    if given.moments.n and given.moments.n_eff <= min_base:
        return "too_few"
    return given.why


def _explained(given: Predictors, basis: Basis, seed: int) -> Fits:
    """What the model explains, and what reality alone and the gap alone do."""
    drawn = None if basis.why else resampled(given.values, given.design, seed=seed)
    parts = {"surface": _of_all, "real": _of_real, "gap": _of_gap}
    return Fits(
        (
            basis.explained(
                "r2",
                math.nan if drawn is None else float(share(given.moments)),
                None if drawn is None else share(drawn),
                of=of,
            )
            for of, share in parts.items()
        ),
        context=basis.context,
    )


def _of_all(made: Joint) -> np.ndarray:
    return johnson(made.correlation).sum(axis=-1)


def _of_real(made: Joint) -> np.ndarray:
    return made.correlation[..., 0, -1] ** 2


def _of_gap(made: Joint) -> np.ndarray:
    """The squared correlation of reality minus expectation with the outcome."""
    cov = made.covariance
    shared = cov[..., 0, -1] - cov[..., 1, -1]
    gap = cov[..., 0, 0] + cov[..., 1, 1] - 2 * cov[..., 0, 1]
    spread = gap * cov[..., -1, -1]
    varies = spread > 0
    return np.where(varies, shared**2 / np.where(varies, spread, 1.0), 0.0)
