"""Factor models by maximum likelihood: what is free in them, what they imply, where they fit best.

The engine behind `structure` (one group, first or second order) and `comparability` (several
groups with equal parameters). It sees moments only: covariances with n in the divisor, and means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = [
    "FIXED",
    "Matrices",
    "Pattern",
    "Sample",
    "Solution",
    "derivatives",
    "errors_of",
    "fitted",
    "matrices",
    "pattern_of",
]

FIXED = -1
"""In a pattern: not a parameter (a loading of 1, a covariance or a latent mean of 0)."""

_MAX_STEPS = 100
_DONE = 1e-20
"""Steps that promise to lower the discrepancy by less than this end the search."""

_ROUNDING = 1e-14
"""By how much a discrepancy may seem to rise though it does not."""

_LEAST_DAMPING, _MOST_DAMPING = 1e-3, 1e15
_DIFFERENCE = 1e-6

_ABSURD = -10.0
"""A residual variance of minus so many times the item's own says that there is no solution."""

_SMALL_GRADIENT = 1e-6
"""The largest slope, in units of the discrepancy, at which a search has arrived."""

_COMPLEX_STEP = 1e-30
"""How far a derivative by a complex step goes: there is no difference that could round."""

_SINGULAR = 1e-9
"""Below this eigenvalue (of largest about 1) the information does not identify the model."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The moments of p items in G groups: `covariance` (G, p, p), `mean` (G, p), `n` (G,)."""

    covariance: np.ndarray
    mean: np.ndarray
    n: np.ndarray

    @property
    def n_total(self) -> int:
        """Complete respondents of all groups."""
        return int(self.n.sum())

    @property
    def share(self) -> np.ndarray:
        """What part of the respondents each group is."""
        return self.n / self.n.sum()


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which entries of the model's matrices are which parameter; `FIXED` entries are none.

    `construct` (p,) says what each item measures. The others hold numbers of parameters, a group
    a row: `loading` (G, p), `residual` (G, p) variances, `latent` (G, m, m) covariances (of what
    a general factor leaves, where there is one), and where means are modelled `intercept` (G, p)
    and `latent_mean` (G, m). `general` (m,) and `general_variance` belong to the second order.
    The same number in two groups makes their entries equal.
    """

    construct: np.ndarray
    loading: np.ndarray
    residual: np.ndarray
    latent: np.ndarray
    intercept: np.ndarray | None = None
    latent_mean: np.ndarray | None = None
    general: np.ndarray | None = None
    general_variance: int = FIXED

    @property
    def n_groups(self) -> int:
        """How many groups the model has."""
        return len(self.loading)

    @cached_property
    def n_parameters(self) -> int:
        """How many different parameters are free."""
        parts = (self.loading, self.residual, self.latent, self.intercept, self.latent_mean,
                 self.general, self.general_variance)  # fmt: skip
        return 1 + max(int(np.max(part)) for part in parts if part is not None)

    @property
    def is_mean_free(self) -> bool:
        """Whether each group has intercepts of its own, so that its means are reproduced."""
        return self.intercept is not None and bool(self.intercept[0, 0] != self.intercept[-1, 0])

    @property
    def n_moments(self) -> int:
        """How many variances, covariances and means the model is to reproduce."""
        p = len(self.construct)
        return self.n_groups * (p * (p + 1) // 2 + (0 if self.intercept is None else p))

    @property
    def df(self) -> int:
        """Degrees of freedom: moments minus parameters."""
        return self.n_moments - self.n_parameters


@dataclass(frozen=True, eq=False)
class Matrices:
    """What a model says of one group: loadings (p, m), latent and residual (co)variances, means.

    `latent` (m, m) is the whole covariance of the constructs; `own` (m, m) what is left of it
    beside the general factor with loadings `general` (m,) and variance `general_variance`.
    """

    loading: np.ndarray
    latent: np.ndarray
    own: np.ndarray
    residual: np.ndarray
    intercept: np.ndarray
    latent_mean: np.ndarray
    general: np.ndarray
    general_variance: complex

    @property
    def covariance(self) -> np.ndarray:
        """The covariance of the items that the model implies, shape (p, p)."""
        return self.loading @ self.latent @ self.loading.T + np.diag(self.residual)

    @property
    def mean(self) -> np.ndarray:
        """The means of the items that the model implies, shape (p,)."""
        return self.intercept + self.loading @ self.latent_mean


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a model fits best: its `values`, the `discrepancy`, the expected `information`.

    The information is that of one respondent, shape (q, q): its inverse over n is the covariance
    of the values where answers are normal and drawn one by one.
    """

    pattern: Pattern
    sample: Sample
    values: np.ndarray
    discrepancy: float
    information: np.ndarray
    is_converged: bool

    @property
    def chi2(self) -> float:
        """The likelihood-ratio statistic against the unrestricted moments: n times F."""
        return max(self.sample.n_total * self.discrepancy, 0.0) if self.pattern.df else 0.0

    @cached_property
    def groups(self) -> tuple[Matrices, ...]:
        """The matrices of each group at the solution."""
        return tuple(matrices(self.pattern, self.values, g) for g in range(self.pattern.n_groups))

    @cached_property
    def is_identified(self) -> bool:
        """Whether the information has full rank, so that these values are the only ones."""
        spread = np.sqrt(np.diag(self.information))
        if not np.all(spread > 0):
            return False
        scaled = self.information / np.outer(spread, spread)
        return bool(np.linalg.eigvalsh(scaled)[0] > _SINGULAR)

    @cached_property
    def covariance(self) -> np.ndarray:
        """The covariance of the values under normal answers and simple sampling, shape (q, q)."""
        return np.linalg.inv(self.information) / self.sample.n_total


# -- the pattern ----------------------------------------------------------------------------------


def pattern_of(
    construct: np.ndarray,
    markers: np.ndarray,
    *,
    n_groups: int = 1,
    equal: frozenset[str] = frozenset(),
    has_means: bool = False,
    general_marker: int | None = None,
) -> Pattern:
    """The pattern of a model in which every item measures one construct.

    Parameters
    ----------
    construct : ndarray of int, shape (p,)
        The construct of each item.
    markers : ndarray of int, shape (m,)
        For each construct the item whose loading is fixed at 1.
    n_groups : int, default 1
        How many groups the model describes.
    equal : frozenset of {"loading", "intercept", "residual"}
        What is the same in all groups. Equal intercepts free the latent means of all groups but
        the first.
    has_means : bool, default False
        Whether means are modelled.
    general_marker : int, optional
        For a model of the second order: the construct whose loading on the general factor is 1.
    """
    p, m = len(construct), len(markers)
    ids = _Numbers()
    is_free = ~np.isin(np.arange(p), markers)
    loading = ids.given(is_free, n_groups, "loading" in equal)
    residual = ids.given(np.ones(p, dtype=bool), n_groups, "residual" in equal)
    related = np.tri(m, dtype=bool) if general_marker is None else np.eye(m, dtype=bool)
    latent = ids.given(related, n_groups)
    latent = np.maximum(latent, latent.transpose(0, 2, 1))
    intercept = latent_mean = general = None
    variance = FIXED
    if has_means:
        intercept = ids.given(np.ones(p, dtype=bool), n_groups, "intercept" in equal)
        is_shifted = np.full(m, "intercept" in equal)
        reference = np.full((1, m), FIXED)
        latent_mean = np.concatenate([reference, ids.given(is_shifted, n_groups - 1)])
    if general_marker is not None:
        general = ids.given(np.arange(m) != general_marker, 1)[0]
        variance = int(ids.given(np.ones(1, dtype=bool), 1)[0, 0])
    return Pattern(construct, loading, residual, latent, intercept, latent_mean, general, variance)


class _Numbers:
    """Hands out the numbers of parameters, one after the other."""

    def __init__(self) -> None:
        self.next = 0

    def given(self, is_free: np.ndarray, n_groups: int, is_equal: bool = False) -> np.ndarray:
        """Numbers for the free entries of each group's array, or one set for all groups."""
        ids = np.full((n_groups, *is_free.shape), FIXED)
        if is_equal:
            ids[:, is_free] = self.next + np.arange(int(is_free.sum()))
        else:
            ids[:, is_free] = self.next + np.arange(ids[:, is_free].size).reshape(n_groups, -1)
        self.next = max(self.next, int(ids.max(initial=FIXED)) + 1)
        return ids


def matrices(pattern: Pattern, values: np.ndarray, g: int = 0) -> Matrices:
    """The matrices of group `g` at these parameter values (which may be complex)."""
    p, m = len(pattern.construct), pattern.latent.shape[1]
    loading = np.zeros((p, m), dtype=values.dtype)
    loading[np.arange(p), pattern.construct] = _read(values, pattern.loading[g], 1.0)
    own = _read(values, pattern.latent[g], 0.0)
    latent, general, variance = own, np.zeros(m), 0.0
    if pattern.general is not None:
        general = _read(values, pattern.general, 1.0)
        variance = values[pattern.general_variance]
        latent = own + variance * np.outer(general, general)
    means = pattern.intercept is not None and pattern.latent_mean is not None
    return Matrices(
        loading=loading,
        latent=latent,
        own=own,
        residual=values[pattern.residual[g]],
        intercept=values[pattern.intercept[g]] if means else np.zeros(p),  # type: ignore[index]
        latent_mean=(
            _read(values, pattern.latent_mean[g], 0.0) if means else np.zeros(m)  # type: ignore[index]
        ),
        general=general,
        general_variance=variance,
    )


def derivatives(
    pattern: Pattern, at: Matrices, g: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How the implied moments of group `g` move with its parameters.

    Returns
    -------
    ids : ndarray of int, shape (k,)
        The parameters that this group has, each once.
    of_covariance : ndarray, shape (k, p, p)
    of_mean : ndarray, shape (k, p)
    """
    p = len(pattern.construct)
    parts = [
        _of_loadings(pattern, at, g),
        _of_latent(pattern, at, g),
        _of_residuals(pattern, g),
    ]
    if pattern.intercept is not None:
        parts += _of_means(pattern, at, g)
    if pattern.general is not None:
        parts += _of_general(pattern, at)
    ids = np.concatenate([part[0] for part in parts])
    of_covariance = np.concatenate(
        [part[1] if part[1] is not None else np.zeros((len(part[0]), p, p)) for part in parts]
    )
    of_mean = np.concatenate(
        [part[2] if part[2] is not None else np.zeros((len(part[0]), p)) for part in parts]
    )
    return ids, of_covariance, of_mean


_Part = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


def _of_loadings(pattern: Pattern, at: Matrices, g: int) -> _Part:
    p = len(pattern.construct)
    items = np.flatnonzero(pattern.loading[g] >= 0)
    of, rows = pattern.construct[items], np.arange(len(items))
    moved = (at.loading @ at.latent).T[of]
    of_covariance = np.zeros((len(items), p, p))
    of_covariance[rows, items, :] += moved
    of_covariance[rows, :, items] += moved
    of_mean = np.zeros((len(items), p))
    of_mean[rows, items] = at.latent_mean[of]
    return pattern.loading[g, items], of_covariance, of_mean


def _of_latent(pattern: Pattern, at: Matrices, g: int) -> _Part:
    first, second = np.nonzero(np.tril(pattern.latent[g] + 1))
    columns = at.loading.T
    crossed = columns[first][:, :, None] * columns[second][:, None, :]
    half = np.where(first == second, 0.5, 1.0)[:, None, None]
    return pattern.latent[g, first, second], half * (crossed + crossed.transpose(0, 2, 1)), None


def _of_residuals(pattern: Pattern, g: int) -> _Part:
    p = len(pattern.construct)
    own = np.arange(p)
    of_covariance = np.zeros((p, p, p))
    of_covariance[own, own, own] = 1.0
    return pattern.residual[g], of_covariance, None


def _of_means(pattern: Pattern, at: Matrices, g: int) -> list[_Part]:
    assert pattern.intercept is not None
    assert pattern.latent_mean is not None
    shifted = np.flatnonzero(pattern.latent_mean[g] >= 0)
    return [
        (pattern.intercept[g], None, np.eye(len(pattern.construct))),
        (pattern.latent_mean[g, shifted], None, at.loading.T[shifted]),
    ]


def _of_general(pattern: Pattern, at: Matrices) -> list[_Part]:
    assert pattern.general is not None
    of = np.flatnonzero(pattern.general >= 0)
    whole = at.loading @ at.general
    crossed = at.general_variance * at.loading.T[of][:, :, None] * whole[None, None, :]
    return [
        (pattern.general[of], crossed + crossed.transpose(0, 2, 1), None),
        (np.array([pattern.general_variance]), np.outer(whole, whole)[None], None),
    ]


def _read(values: np.ndarray, ids: np.ndarray, fixed: float) -> np.ndarray:
    return np.where(ids >= 0, values[ids], fixed)


def errors_of(
    output: Callable[[np.ndarray], np.ndarray], values: np.ndarray, covariance: np.ndarray
) -> np.ndarray:
    """Standard errors of a function of the parameter values, by the delta method.

    The function must take complex values: its derivatives are those of complex steps.
    """
    moved = values + 1j * _COMPLEX_STEP * np.eye(len(values))
    slopes = np.stack([output(one).imag for one in moved], axis=-1) / _COMPLEX_STEP
    return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, covariance, slopes), 0.0))


# -- the search -----------------------------------------------------------------------------------


def fitted(pattern: Pattern, sample: Sample, start: np.ndarray) -> Solution:
    """The parameter values at which the likelihood of normal answers is highest.

    Notes
    -----
    F = sum over groups of n_g/n [log|Sigma| + tr(T Sigma^-1) - log|S| - p], T = S + the outer
    product of the differences of the means. Fisher scoring, curvature twice the expected
    information; where that does not arrive, as in small samples that fit badly, Newton's steps
    with the curvature of F itself. Steps are damped as by Levenberg until they lower F and leave
    Sigma positive definite. The search ends when a step promises no more, or a residual variance
    has become absurd; it has converged if the gradient is small.
    """
    values, now = _descended(pattern, sample, start, _expected, _MAX_STEPS)
    if not _is_flat(now):
        values, now = _descended(pattern, sample, values, _observed, _MAX_STEPS)
    discrepancy, _, information = now
    return Solution(pattern, sample, values, float(discrepancy), information, _is_flat(now))


_Point = tuple[float, np.ndarray, np.ndarray]
"""Discrepancy, its gradient and the expected information at some values."""

_Curvature = Callable[[Pattern, Sample, np.ndarray, _Point], np.ndarray]


def _descended(
    pattern: Pattern, sample: Sample, values: np.ndarray, curvature: _Curvature, most: int
) -> tuple[np.ndarray, _Point]:
    """Values from which no step leads further down, and what holds there."""
    now = _evaluated(pattern, sample, values)
    assert now is not None
    damping, bend = 0.0, curvature(pattern, sample, values, now)
    for _ in range(most):
        discrepancy, gradient, information = now
        step = _step(gradient, bend, information, damping)
        promise = 0.0 if step is None else -float(gradient @ step)
        if step is not None and promise < _DONE and not damping:
            break
        then = None if step is None else _evaluated(pattern, sample, values + step)
        if step is not None and then is not None and then[0] <= discrepancy + _ROUNDING:
            values, now = values + step, then
            damping = 0.0 if damping < _LEAST_DAMPING else damping / 10
            if values[pattern.residual].min() < _ABSURD:
                break
            bend = curvature(pattern, sample, values, now)
        elif damping > _MOST_DAMPING:
            break
        else:
            damping = max(10 * damping, _LEAST_DAMPING)
    return values, now


def _step(
    gradient: np.ndarray, bend: np.ndarray, information: np.ndarray, damping: float
) -> np.ndarray | None:
    """The damped step down; None where the damped curvature is not positive definite."""
    spread = np.diag(information)
    spread = 2 * np.where(spread > 0, spread, 1.0)
    # a trace of damping keeps steps finite where the information is singular
    damped = bend + np.diag((damping + 1e-13) * spread)
    try:
        np.linalg.cholesky(damped)
    except np.linalg.LinAlgError:
        return None
    return np.linalg.solve(damped, -gradient)


def _expected(pattern: Pattern, sample: Sample, values: np.ndarray, now: _Point) -> np.ndarray:
    return 2 * now[2]


def _observed(pattern: Pattern, sample: Sample, values: np.ndarray, now: _Point) -> np.ndarray:
    """The second derivatives of F, as differences of its gradient."""
    rows = np.empty((len(values), len(values)))
    for k in range(len(values)):
        moved = values.copy()
        moved[k] += _DIFFERENCE
        there = _evaluated(pattern, sample, moved)
        rows[k] = 2 * now[2][k] if there is None else (there[1] - now[1]) / _DIFFERENCE
    return (rows + rows.T) / 2


def _is_flat(now: _Point) -> bool:
    return bool(np.abs(now[1]).max() < _SMALL_GRADIENT)


def _evaluated(
    pattern: Pattern, sample: Sample, values: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray] | None:
    """Discrepancy, its gradient and the expected information; None where Sigma is impossible."""
    q = pattern.n_parameters
    discrepancy, gradient, information = 0.0, np.zeros(q), np.zeros((q, q))
    for g, share in enumerate(sample.share):
        at = matrices(pattern, values, g)
        implied = at.covariance
        try:
            root = np.linalg.cholesky(implied)
        except np.linalg.LinAlgError:
            return None
        to_white = np.linalg.inv(root)
        precision = to_white.T @ to_white
        off = sample.mean[g] - at.mean if pattern.intercept is not None else np.zeros(len(implied))
        found = sample.covariance[g] + np.outer(off, off)
        sign, log_found = np.linalg.slogdet(sample.covariance[g])
        log_implied = 2 * np.log(np.diag(root)).sum()
        discrepancy += share * (
            log_implied + (precision * found).sum() - sign * log_found - len(implied)
        )
        ids, of_covariance, of_mean = derivatives(pattern, at, g)
        slope = precision @ (implied - found) @ precision
        gradient[ids] += share * (
            of_covariance.reshape(len(ids), -1) @ slope.ravel() - 2 * of_mean @ (precision @ off)
        )
        white = (to_white @ of_covariance @ to_white.T).reshape(len(ids), -1)
        moved = of_mean @ to_white.T
        information[np.ix_(ids, ids)] += share * (white @ white.T / 2 + moved @ moved.T)
    return discrepancy, gradient, information
