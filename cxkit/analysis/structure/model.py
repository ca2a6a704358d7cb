"""The measurement model: how well items measure their constructs, all constructs in one model.

Confirmatory factor analysis by maximum likelihood over weighted moments, with correlated
constructs or one general factor behind them. What a model cannot say is a verdict, not a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis.discriminant import pairs_of, ratios_of
from cxkit.analysis.intervals import check_level, t_quantile
from cxkit.analysis.joint import Joint, complete, joint
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.reliability import graded
from cxkit.analysis.structure.construct_quality import GOOD, Quality, quality_of
from cxkit.analysis.structure.constructs import (
    Layout,
    Reason,
    impropriety,
    model_layout,
    sample_of,
    solved,
    textbook,
    unusable,
)
from cxkit.analysis.structure.fit_indices import (
    RMSEA_LEVEL,
    Indices,
    covariance_of_values,
    indices,
    moment_covariance,
)
from cxkit.analysis.structure.likelihood import Pattern, Solution, pattern_of
from cxkit.records import Fit, Fits
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "IMPROPER",
    "NEARLY_ONE",
    "NO_NUMBERS",
    "MeasurementModel",
    "measurement_model",
    "model_of",
    "verdict_of",
]

NO_NUMBERS = (
    "collinear",
    "no_answers",
    "no_spread",
    "not_converged",
    "not_identified",
    "too_few",
)
"""Verdicts of a model of which nothing can be said."""

IMPROPER = ("latent_not_positive_definite", "negative_variance")
"""Verdicts of a solution that cannot be true: it has indices of fit, and nothing else to show."""

NEARLY_ONE = 0.70
"""From such a share of the general factor on constructs move almost as one (Rodriguez, Reise and
Haviland 2016)."""


@dataclass(frozen=True, eq=False)
class MeasurementModel:
    """What `measurement_model` found: numbers as maximum likelihood gives them, and a verdict.

    `fits` is what may be shown: of an improper solution only the indices of fit, flagged. The
    other attributes hold what was found, so that other programs can be compared; all of them
    are NaN where the verdict is one of `NO_NUMBERS`, but for `htmt`, the ratios of correlations
    (see `discriminant.htmt`), which need no model. `concerns` names the items or constructs
    that the verdict speaks of.
    """

    constructs: dict[str, tuple[Any, ...]]
    n: int
    n_eff: float
    n_parameters: int
    verdict: str
    concerns: tuple[str, ...]
    method: str
    ci_level: float
    loadings: pd.DataFrame
    residuals: pd.DataFrame
    latent_correlations: pd.DataFrame
    cr: pd.Series
    ave: pd.Series
    omega: pd.Series
    omega_observed: pd.Series
    general_share: float
    general_share_ci: tuple[float, float]
    indices: Indices
    htmt: pd.DataFrame
    fits: Fits

    chi2 = property(lambda self: self.indices.chi2, doc="Chi-square of the model's misfit.")
    df = property(lambda self: self.indices.df, doc="Its degrees of freedom.")
    p = property(lambda self: self.indices.p, doc="Its p-value; NaN without degrees of freedom.")
    cfi = property(lambda self: self.indices.cfi, doc="Comparative fit index.")
    tli = property(lambda self: self.indices.tli, doc="Tucker-Lewis index.")
    rmsea = property(lambda self: self.indices.rmsea, doc="Misfit per degree of freedom.")
    srmr = property(lambda self: self.indices.srmr, doc="Mean size of residual correlations.")

    @property
    def rmsea_ci(self) -> tuple[float, float]:
        """The 90 % interval of RMSEA."""
        return self.indices.rmsea_low, self.indices.rmsea_high

    @property
    def is_nearly_one(self) -> bool:
        """Whether the general factor has a share of at least `NEARLY_ONE`."""
        return self.general_share >= NEARLY_ONE

    @property
    def inseparable(self) -> tuple[str, ...]:
        """Constructs of which nothing is left beside the general factor, where all are nearly one.

        The solution of such a model is improper: for a variance of zero maximum likelihood finds
        a negative one half of the time.
        """
        is_theirs = bool(self.concerns) and set(self.concerns) <= set(self.constructs)
        is_improper = self.verdict in IMPROPER
        return self.concerns if is_improper and is_theirs and self.is_nearly_one else ()

    def __repr__(self) -> str:
        size = f"{len(self.constructs)} constructs, {len(self.loadings)} items, n={self.n}"
        fit = f"CFI={self.cfi:.3f}, RMSEA={self.rmsea:.3f}, SRMR={self.srmr:.3f}"
        return f"MeasurementModel({size}, {fit}, {self.verdict})"


def measurement_model(
    items: ArrayLike | pd.DataFrame,
    constructs: Mapping[str, Sequence[Any]],
    *,
    second_order: bool = False,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> MeasurementModel:
    """A confirmatory factor model: each item measures one construct, constructs correlate.

    Fit says whether the answers look as if this were so; loadings, composite reliability and
    AVE say how well each construct is measured if it is.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        Answers, items worded the other way reversed before. Listwise: a respondent counts who
        answered all items of all constructs. Columns of no construct are not looked at.
    constructs : mapping of str to list
        The items of each construct: names of columns, or places for an array.
    second_order : bool, default False
        Whether one general factor stands behind the constructs instead of their correlations.
    weight : array-like of float, shape (n_respondents,), optional
        Survey weights, zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_respondents,), optional
        The sample design; without them every respondent is drawn alone.
    population : float, or mapping of stratum to float, optional
        How many sampling units there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1; RMSEA has its customary 90 %.
    seed : int, optional
        Not used: these intervals have formulas.

    Returns
    -------
    MeasurementModel
        `.loadings` (standardised, with errors and intervals, and unstandardised, the first item
        of each construct at 1), `.residuals`, `.latent_correlations`, `.cr`, `.ave`, `.omega`,
        `.htmt`, `.chi2`, `.df`, `.p`, `.cfi`, `.tli`, `.rmsea`, `.rmsea_ci`, `.srmr`,
        `.general_share`, `.fits`. `.verdict`: `good` (CFI >= .95, RMSEA <= .06, SRMR <= .08),
        `poor`, `saturated` (no degree of freedom: there is no fit to judge); improper:
        `negative_variance`, `latent_not_positive_definite`; without numbers: `not_identified`,
        `not_converged`, `too_few` (fewer complete respondents than parameters, or no degree of
        freedom of the design), `no_answers`, `no_spread`, `collinear`. `.method`: `ml`, or
        `ml_design_scaled` where weights differ or there is a design.

    Raises
    ------
    SurveyError
        If a construct has fewer than two items, or two and stands alone (take
        `spearman_brown`), an item is unknown or stands in two constructs, or an answer is not a
        number.

    Notes
    -----
    F = log|Sigma| + tr(S Sigma^-1) - log|S| - p is least, S with n in its divisor, chi2 = n F;
    errors by the expected information and the delta method. Under a design S is weighted, errors
    are sandwich ones and chi2 is scaled (see `fit_indices.indices`), loadings get Student's t.
    CR = (sum l)^2 / [(sum l)^2 + sum (1 - l^2)] and AVE = mean l^2 of standardised loadings l;
    omega = (sum l)^2 psi / [(sum l)^2 psi + sum theta] of unstandardised ones [1]_;
    `omega_observed` has the observed variance of the sum below the line. A second order needs
    three constructs. `general_share` = sum (l g)^2 / sum l^2 with g the standardised loadings of
    the constructs on the general factor [2]_; its interval is by the delta method on logits with
    the sandwich covariance, which does not take answers for normal. Checked against R lavaan
    0.6-14 and semTools 0.5-6 on the mobi, satisfaction and bfi data, under weights with moments
    and their covariance from R survey 4.1.

    References
    ----------
    .. [1] Raykov, T. (2001). Estimation of congeneric scale reliability using covariance
           structure analysis with nonlinear constraints. British Journal of Mathematical and
           Statistical Psychology 54.
    .. [2] Rodriguez, A., Reise, S. P. & Haviland, M. G. (2016). Evaluating bifactor models:
           calculating and interpreting statistical indices. Psychological Methods 21.
    .. [3] Hu, L. & Bentler, P. M. (1999). Cutoff criteria for fit indexes in covariance structure
           analysis. Structural Equation Modeling 6.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trust = rng.normal(size=(300, 1)) + rng.normal(size=(300, 3))
    >>> model = measurement_model(trust, {"trust": [0, 1, 2]})
    >>> model.verdict, round(float(model.cr["trust"]), 2)
    ('saturated', 0.71)
    """
    check_level(ci_level)
    layout = model_layout(items, constructs)
    design = design_of(len(layout.values), weight, strata, cluster, population)
    return model_of(layout, design, second_order, ci_level)


def model_of(
    layout: Layout, design: Design, second_order: bool = False, ci_level: float = 0.95
) -> MeasurementModel:
    """The measurement model of answers that were laid out and checked, on the rows of a design."""
    chosen = textbook(design) or design
    return _Asked(layout, chosen, design.is_simple, second_order, ci_level).model()


def verdict_of(solution: Solution, layout: Layout) -> Reason:
    """What may be concluded from a solution, its indices aside: `proper`, or why nothing may."""
    if not solution.is_identified:
        return "not_identified", ()
    if not solution.is_converged:
        return "not_converged", ()
    return impropriety(layout, solution.groups) or ("proper", ())


# -- the one road ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Asked:
    """One question: a layout under a design, first or second order."""

    layout: Layout
    design: Design
    is_simple: bool
    is_second_order: bool
    ci_level: float

    @cached_property
    def made(self) -> Joint:
        return joint(self.layout.values, self.design)

    def model(self) -> MeasurementModel:
        m = len(self.layout.constructs)
        if self.is_second_order and m < 3:
            return self.without("not_identified", ())
        pattern = self.pattern(self.layout.firsts, 0 if self.is_second_order else None)
        why = unusable(self.layout, self.made, pattern.n_parameters)
        if why is None and not self.is_simple and self.design.df < 1:
            why = ("too_few", ())
        if why is not None:
            return self.without(*why)
        solution = self.solution()
        verdict, concerns = verdict_of(solution, self.layout)
        if verdict in NO_NUMBERS:
            return self.without(verdict, concerns)
        return self.found(solution, verdict, concerns)

    def pattern(self, markers: np.ndarray, general_marker: int | None) -> Pattern:
        return pattern_of(self.layout.construct, markers, general_marker=general_marker)

    @cached_property
    def unit(self) -> np.ndarray:
        """The standard deviations in which the model sees the items."""
        return np.sqrt(self.made.variance * (self.made.n - 1) / self.made.n)

    def solution(self) -> Solution:
        sample = sample_of([self.made], self.unit, self.made.mean)
        return solved(self.layout, sample, self.pattern, self.is_second_order)

    @cached_property
    def gamma(self) -> np.ndarray:
        """The covariance, times n, of the moments, whatever the answers' distribution."""
        kept = complete(self.layout.values, self.design)
        sample = sample_of([self.made], self.unit, self.made.mean)
        values = (self.layout.values - self.made.mean) / self.unit
        return moment_covariance(values, self.design, sample, [kept])

    def without(self, verdict: str, concerns: tuple[str, ...]) -> MeasurementModel:
        """A model of which nothing can be said but why."""
        nothing = Quality.none(self.layout)
        return self.record(nothing, Indices(), verdict, concerns)

    def found(
        self, solution: Solution, verdict: str, concerns: tuple[str, ...]
    ) -> MeasurementModel:
        gamma = None if self.is_simple else self.gamma
        fit = indices(solution, gamma)
        if verdict == "proper":
            verdict = "saturated" if not fit.df else "good" if fit.is_good else "poor"
        numbers = quality_of(
            self.layout,
            solution,
            self.unit,
            covariance_of_values(solution, gamma),
            t_quantile(self.ci_level, math.inf if self.is_simple else self.design.df),
            distribution_free=(
                covariance_of_values(solution, self.gamma) if self.is_second_order else None
            ),
        )
        return self.record(numbers, fit, verdict, concerns)

    def record(
        self, numbers: Quality, fit: Indices, verdict: str, concerns: tuple[str, ...]
    ) -> MeasurementModel:
        layout, names = self.layout, list(self.layout.constructs)
        items = pd.Index(layout.items, name="item")
        pattern = self.pattern(layout.firsts, 0 if self.is_second_order else None)
        of = {"construct": layout.of_item}
        return MeasurementModel(
            constructs=layout.constructs,
            n=self.made.n,
            n_eff=self.made.n_eff,
            n_parameters=pattern.n_parameters,
            verdict=verdict,
            concerns=concerns,
            method="ml" if self.is_simple else "ml_design_scaled",
            ci_level=self.ci_level,
            loadings=pd.DataFrame({**of, **numbers.loadings}, index=items),
            residuals=pd.DataFrame({**of, **numbers.residuals}, index=items),
            latent_correlations=pd.DataFrame(numbers.latent, index=names, columns=names),
            cr=pd.Series(numbers.constructs["cr"][0], index=names, name="cr"),
            ave=pd.Series(numbers.constructs["ave"][0], index=names, name="ave"),
            omega=pd.Series(numbers.constructs["omega"][0], index=names, name="omega"),
            omega_observed=pd.Series(numbers.omega_observed, index=names, name="omega_observed"),
            general_share=float(numbers.general[0]),
            general_share_ci=(float(numbers.general[1]), float(numbers.general[2])),
            indices=fit,
            htmt=self.htmt(),
            fits=Fits(self.records(numbers, fit, verdict)),
        )

    def htmt(self) -> pd.DataFrame:
        names, blocks = list(self.layout.constructs), self.layout.blocks
        ratios = pd.DataFrame(np.nan, index=names, columns=names)
        found = ratios_of(self.made.correlation, blocks)
        for (a, b), ratio in zip(pairs_of(blocks), found, strict=True):
            ratios.iloc[a, b] = ratios.iloc[b, a] = ratio
        return ratios

    def records(self, numbers: Quality, fit: Indices, verdict: str) -> Iterator[Fit]:
        """What may be shown of the model."""
        method = "ml" if self.is_simple else "ml_design_scaled"
        flags: tuple[str, ...] = ()
        if verdict in (*NO_NUMBERS, *IMPROPER):
            flags = ("no_answers",) if not self.made.n else ("unreliable",)
        bases: dict[str, Any] = {"n": self.made.n, "n_eff": self.made.n_eff, "flags": flags}
        whole = {"verdict": verdict, "method": method, "of": "model", **bases}
        untested = ("not_applicable",) if not flags and math.isnan(fit.chi2) else flags
        yield Fit("chi2", fit.chi2, p=fit.p, **{**whole, "flags": untested})
        for name in ("df", "cfi", "tli", "srmr"):
            yield Fit(name, float(getattr(fit, name)), **whole)
        yield Fit("rmsea", fit.rmsea, fit.rmsea_low, fit.rmsea_high, ci_level=RMSEA_LEVEL, **whole)
        bases |= {"method": f"{method}_logit", "ci_level": self.ci_level}
        for place, construct in enumerate(self.layout.constructs):
            for name, line in GOOD.items():
                value, low, high = (math.nan,) * 3 if flags else numbers.constructs[name][:, place]
                told = verdict if flags else graded((low, high), line)
                yield Fit(name, float(value), float(low), float(high), told, of=construct, **bases)
        if self.is_second_order:
            value, low, high = (math.nan,) * 3 if flags else map(float, numbers.general)
            bases["method"] = "sandwich_logit"
            yield Fit("general_share", value, low, high, verdict, of="model", unit="share", **bases)
