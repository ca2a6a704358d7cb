"""Agreement of two coders beyond chance: Cohen's kappa with its interval under a design."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis.intervals import check_level, t_quantile, wilson_interval
from cxkit.analysis.metrics import Population, design_of
from cxkit.errors import SurveyError
from cxkit.records import Fit
from cxkit.weights import Design, effective_base, variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["cohen_kappa", "kappa_of"]


def cohen_kappa(
    first: Sequence[Any] | ArrayLike,
    second: Sequence[Any] | ArrayLike,
    *,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fit:
    """Cohen's kappa: how far two coders agree beyond what their own frequencies would give.

    Parameters
    ----------
    first, second : array-like, shape (n_comments,)
        The codes that each gave, of any kind; a comment that either left out (missing) leaves
        the base.
    weight : array-like of float, shape (n_comments,), optional
        Zero or positive; only their ratios matter.
    strata, cluster : array-like, shape (n_comments,), optional
        The sample design; `cluster` where one comment has several decisions.
    population : float, or mapping of stratum to float, optional
        How many there were to draw from.
    ci_level : float, default 0.95
        Confidence level, between 0 and 1.
    seed : int, optional
        Not used: this interval has a formula.

    Returns
    -------
    Fit
        `kappa`, 1 where they always agree, 0 where they agree as often as by chance; n comments.
        NaN with flag `unreliable` where both give one and the same code to all: chance explains
        everything then.

    Raises
    ------
    SurveyError
        If the two are of different length, or there are other than one weight a comment.

    Notes
    -----
    kappa = (p_o - p_e) / (1 - p_e), p_o the share of equal codes, p_e the sum of the products of
    both shares of each code; the variance by linearisation [1]_, Student t. Where all codes are
    equal that variance is nothing, and Wilson's interval of p_o = 1 stands in its place. Checked
    against R psych's `cohen.kappa`, value and standard error.

    References
    ----------
    .. [1] Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Large sample standard errors of
           kappa and weighted kappa. Psychological Bulletin 72.

    Examples
    --------
    >>> round(cohen_kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"]).value, 3)
    0.5
    """
    a, b = (
        pd.Series(list(np.asarray(side, dtype=object)), dtype=object) for side in (first, second)
    )
    if len(a) != len(b):
        raise SurveyError(
            f"there are {len(a)} codes of the first and {len(b)} of the second coder",
            expected="a code of each for every comment",
        )
    is_coded = (a.notna() & b.notna()).to_numpy()
    codes, _ = pd.factorize(pd.concat([a[is_coded], b[is_coded]]))
    table = np.full((2, len(a)), -1)
    table[:, is_coded] = codes.reshape(2, -1)
    design = design_of(len(a), weight, strata, cluster, population)
    return kappa_of(table[0], table[1], design, ci_level=ci_level)


def kappa_of(
    a: np.ndarray, b: np.ndarray, design: Design, *, of: str = "comments", ci_level: float = 0.95
) -> Fit:
    """Cohen's kappa of codes 0, 1, ... (-1: left out) on the rows of a design."""
    check_level(ci_level)
    used = (a >= 0) & (b >= 0) & (design.weight > 0)
    n = int(used.sum())
    weight = np.where(used, design.weight, 0.0)
    share = weight / weight.sum() if n else weight
    n_eff = effective_base(design.weight[used]) if n else 0.0
    found = Fit("kappa", math.nan, method="cohen_kappa_linearised", of=of, n=n, n_eff=n_eff,
                ci_level=ci_level, flags=("no_answers",) if not n else ("unreliable",))  # fmt: skip
    if not n:
        return found
    k = int(max(a.max(), b.max())) + 1
    of_a, of_b = (np.bincount(side[used], weights=share[used], minlength=k) for side in (a, b))
    equal = float(share[used & (a == b)].sum())
    chance = float(of_a @ of_b)
    if chance >= 1 - 1e-12:
        return found
    value = (equal - chance) / (1 - chance)
    one, other = np.where(used, a, 0), np.where(used, b, 0)
    d_equal = share * ((a == b) - equal)
    d_chance = share * (of_b[one] + of_a[other] - 2 * chance)
    influence = np.where(used, (d_equal - (1 - value) * d_chance) / (1 - chance), 0.0)
    if n < 2 or design.df < 1:
        return _with(found, value, math.nan, math.nan)
    if equal >= 1 - 1e-12:
        least, _ = wilson_interval(1.0, min(n_eff, design.df + 1), ci_level)
        return _with(found, 1.0, (least - chance) / (1 - chance), 1.0)
    half = t_quantile(ci_level, design.df) * math.sqrt(variance(influence, design))
    return _with(found, value, max(value - half, -1.0), min(value + half, 1.0))


def _with(found: Fit, value: float, low: float, high: float) -> Fit:
    return Fit(found.name, value, low, high, method=found.method, of=found.of, n=found.n,
               n_eff=found.n_eff, ci_level=found.ci_level)  # fmt: skip
