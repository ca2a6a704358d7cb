"""How well a factor model fits: chi-square, CFI, TLI, RMSEA, SRMR; and errors under any design.

Where respondents were not drawn one by one with equal chances, the textbook chi-square and
standard errors are too small: both are mended by the design-based covariance of the moments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from cxkit.analysis.conventions import GOOD_FIT
from cxkit.analysis.structure.likelihood import Matrices, Pattern, Sample, Solution, derivatives
from cxkit.weights import Design, covariance_matrix

__all__ = [
    "RMSEA_LEVEL",
    "Difference",
    "Indices",
    "covariance_of_values",
    "difference",
    "indices",
    "moment_covariance",
]

RMSEA_LEVEL = 0.90
"""The level at which an interval of RMSEA is drawn, by custom."""


@dataclass(frozen=True)
class Indices:
    """Fit of one model; `scaling` is what chi-square was divided by (1: nothing)."""

    chi2: float = math.nan
    df: float = math.nan
    p: float = math.nan
    cfi: float = math.nan
    tli: float = math.nan
    rmsea: float = math.nan
    rmsea_low: float = math.nan
    rmsea_high: float = math.nan
    srmr: float = math.nan
    scaling: float = math.nan

    @property
    def is_good(self) -> bool:
        """Whether CFI, RMSEA and SRMR are all within `GOOD_FIT`."""
        is_close = self.rmsea <= GOOD_FIT["rmsea"] and self.srmr <= GOOD_FIT["srmr"]
        return is_close and self.cfi >= GOOD_FIT["cfi"]


@dataclass(frozen=True)
class Difference:
    """What a model loses against a wider one: the test of their chi-squares."""

    chi2: float
    df: int
    p: float


def indices(solution: Solution, gamma: np.ndarray | None = None) -> Indices:
    """The indices of a solution; with the covariance `gamma` of the moments, mended by it.

    Notes
    -----
    T = n F, with G groups and a baseline of uncorrelated items b. Scaled by c = tr(U gamma)/df
    (Satorra & Bentler), which is 1 without a gamma: chi2 = T/c; RMSEA = sqrt(G max(T - c df, 0) /
    (n df)); CFI = 1 - max(T - c df, 0) / max(T_b - c_b df_b, T - c df, 0); TLI = 1 -
    (T - c df) df_b / ((T_b - c_b df_b) df). With a gamma these are the consistent ("robust")
    forms: they estimate the same misfit as in a simple sample. SRMR is that of Bentler, over
    means too where the model has them, averaged over groups by their size.

    References
    ----------
    .. [1] Satorra, A. & Bentler, P. M. (1994). Corrections to test statistics and standard errors
           in covariance structure analysis. In Latent variables analysis. Sage.
    .. [2] Brosseau-Liard, P. E., Savalei, V. & Li, L. (2012). An investigation of the sample
           performance of two nonnormality corrections for RMSEA. Multivariate Behavioral
           Research 47.
    .. [3] Oberski, D. (2014). lavaan.survey: an R package for complex survey analysis of
           structural equation models. Journal of Statistical Software 57.
    """
    df, n = solution.pattern.df, solution.sample.n_total
    n_groups = solution.pattern.n_groups
    base, base_df, base_scaling = _baseline(solution, gamma)
    scaling = 1.0
    if gamma is not None and df:
        scaling = _traced(solution.pattern, solution, gamma) / df
    off, base_off = solution.chi2 - scaling * df, base - base_scaling * base_df
    worst = max(off, base_off, 0.0)
    chi2 = float(solution.chi2 / scaling) if scaling > 0 else math.nan
    low, high = _noncentrality(chi2, df) if df and scaling > 0 else (math.nan, math.nan)
    per_df = n_groups / (n * df) if df else 0.0
    return Indices(
        chi2=chi2,
        df=df,
        p=float(special.chdtrc(df, chi2)) if df else math.nan,
        cfi=1 - max(off, 0.0) / worst if worst > 0 else 1.0,
        tli=1 - (off / df) / (base_off / base_df) if df and base_off else 1.0,
        rmsea=math.sqrt(max(off, 0.0) * per_df),
        rmsea_low=math.sqrt(scaling * low * per_df) if df else 0.0,
        rmsea_high=math.sqrt(scaling * high * per_df) if df else 0.0,
        srmr=_srmr(solution),
        scaling=scaling,
    )


def difference(narrow: Solution, wide: Solution, gamma: np.ndarray | None = None) -> Difference:
    """The test of a model against a wider one in which it is nested.

    Notes
    -----
    The difference of the two chi-squares; under a design the difference of T divided by
    tr((U_narrow - U_wide) gamma) / df, both taken where the narrow model fits best, which is
    never negative [1]_.

    References
    ----------
    .. [1] Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of
           moment structures. In Innovations in multivariate statistical analysis. Kluwer.
    """
    df = narrow.pattern.df - wide.pattern.df
    found = narrow.chi2 - wide.chi2
    if gamma is not None:
        excess = _traced(narrow.pattern, narrow, gamma) - _traced(wide.pattern, narrow, gamma)
        found = found * df / excess if excess > 0 else math.nan
    found = max(found, 0.0)
    return Difference(found, df, float(special.chdtrc(df, found)))


def covariance_of_values(solution: Solution, gamma: np.ndarray | None = None) -> np.ndarray:
    """The covariance of the parameter values, shape (q, q): textbook, or sandwich with `gamma`."""
    if gamma is None:
        return solution.covariance
    weighted, information = _slopes(solution.pattern, solution.groups, solution.sample)
    bread = np.linalg.inv(information)
    return bread @ (weighted.T @ gamma @ weighted) @ bread / solution.sample.n_total


def moment_covariance(
    values: np.ndarray,
    design: Design,
    sample: Sample,
    kept: Sequence[np.ndarray],
    *,
    has_means: bool = False,
) -> np.ndarray:
    """The covariance, times n, of the moments of `sample` under the design.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, p)
        The items in the unit of the sample, on all rows of the design.
    kept : sequence of ndarray of bool, shape (n_rows,)
        For each group, the complete respondents with a weight.
    has_means : bool, default False
        Whether means are moments of the model too.

    Returns
    -------
    ndarray, shape (n_moments, n_moments)
        Group by group: covariances (lower triangle, row by row), then means.

    Notes
    -----
    By linearisation: a row adds w/sum w (off off' - S) to the covariance and w/sum w off to the
    mean, off its distance from the mean; rows that take no part add nothing.
    """
    lower, upper = np.tril_indices(values.shape[1])
    influences = []
    for g, own in enumerate(kept):
        share = np.where(own, design.weight, 0.0) / design.weight[own].sum()
        off = np.where(own[:, None], values - sample.mean[g], 0.0)
        products = off[:, lower] * off[:, upper] - sample.covariance[g][lower, upper]
        influences.append(share[:, None] * products)
        if has_means:
            influences.append(share[:, None] * off)
    return sample.n_total * covariance_matrix(np.column_stack(influences), design)


# -- the parts ------------------------------------------------------------------------------------


def _slopes(
    pattern: Pattern, groups: Sequence[Matrices], sample: Sample
) -> tuple[np.ndarray, np.ndarray]:
    """V Delta, shape (n_moments, q), and the information Delta' V Delta, shape (q, q).

    Delta holds the derivatives of the implied moments, V is the inverse of their covariance
    under normal answers, both where the model implies `groups`.
    """
    q = pattern.n_parameters
    lower, upper = np.tril_indices(len(pattern.construct))
    twice = np.where(lower == upper, 1.0, 2.0)
    has_means = pattern.intercept is not None
    weighted, information = [], np.zeros((q, q))
    for g, share in enumerate(sample.share):
        precision = np.linalg.inv(groups[g].covariance)
        ids, of_covariance, of_mean = derivatives(pattern, groups[g], g)
        spread = (precision @ of_covariance @ precision)[:, lower, upper] * twice / 2
        moved = of_mean @ precision
        own = spread @ of_covariance[:, lower, upper].T + moved @ of_mean.T
        information[np.ix_(ids, ids)] += share * own
        for part in (spread, moved) if has_means else (spread,):
            whole = np.zeros((part.shape[1], q))
            whole[:, ids] = share * part.T
            weighted.append(whole)
    return np.concatenate(weighted), information


def _traced(pattern: Pattern, at: Solution, gamma: np.ndarray) -> float:
    """tr(U gamma): what chi-square would be on average if `pattern` held, seen from `at`."""
    weighted, information = _slopes(pattern, at.groups, at.sample)
    taken = np.trace(np.linalg.solve(information, weighted.T @ gamma @ weighted))
    lower, upper = np.tril_indices(len(pattern.construct))
    twice = np.where(lower == upper, 1.0, 2.0)
    has_means, total, start = pattern.intercept is not None, 0.0, 0
    for group, share in zip(at.groups, at.sample.share, strict=True):
        precision = np.linalg.inv(group.covariance)
        crossed = (
            precision[np.ix_(lower, lower)] * precision[np.ix_(upper, upper)]
            + precision[np.ix_(lower, upper)] * precision[np.ix_(upper, lower)]
        )
        normal = crossed * np.outer(twice, twice) / 4
        for block in (normal, precision) if has_means else (normal,):
            own = slice(start, start + len(block))
            total += share * float((block * gamma[own, own]).sum())
            start += len(block)
    return float(total - taken)


def _baseline(solution: Solution, gamma: np.ndarray | None) -> tuple[float, int, float]:
    """T, degrees of freedom and scaling of the model in which no items are correlated."""
    sample, p = solution.sample, len(solution.pattern.construct)
    lower, upper = np.tril_indices(p)
    off = lower != upper
    df = sample.covariance.shape[0] * int(off.sum())
    spread = np.sqrt(np.einsum("gii->gi", sample.covariance))
    correlation = sample.covariance / (spread[:, :, None] * spread[:, None, :])
    statistic = -float(sample.n @ np.linalg.slogdet(correlation)[1])
    if gamma is None:
        return statistic, df, 1.0
    step = len(lower) + (p if solution.pattern.intercept is not None else 0)
    total = 0.0
    for g, share in enumerate(sample.share):
        own = np.diag(gamma)[g * step : g * step + len(lower)]
        variances = (spread[g, lower] * spread[g, upper]) ** 2
        total += share * float((own / variances)[off].sum())
    return statistic, df, total / df


def _srmr(solution: Solution) -> float:
    sample, has_means = solution.sample, solution.pattern.intercept is not None
    lower, upper = np.tril_indices(len(solution.pattern.construct))
    found = 0.0
    for g, group in enumerate(solution.groups):
        spread = np.sqrt(np.diag(sample.covariance[g]))
        apart = (sample.covariance[g] - group.covariance) / np.outer(spread, spread)
        residuals = apart[lower, upper]
        if has_means:
            residuals = np.concatenate([residuals, (sample.mean[g] - group.mean) / spread])
        found += sample.share[g] * math.sqrt(float((residuals**2).mean()))
    return float(found)


def _noncentrality(chi2: float, df: int) -> tuple[float, float]:
    """The noncentralities at which chi2 would be surprisingly high, and surprisingly low."""
    from scipy.optimize import brentq

    def end(share: float) -> float:
        def excess(noncentrality: float) -> float:
            return float(special.chndtr(chi2, df, noncentrality)) - share

        if excess(0.0) <= 0:
            return 0.0
        highest = max(chi2, 1.0)
        while excess(highest) > 0:
            highest *= 2
        return float(brentq(excess, 0.0, highest, xtol=1e-10, rtol=1e-12))

    tail = (1 - RMSEA_LEVEL) / 2
    return end(1 - tail), end(tail)
