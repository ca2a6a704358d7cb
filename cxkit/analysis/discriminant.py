"""Discriminant validity: how far constructs are told apart, by HTMT and HTMT2.

The ratios compare how items correlate across two constructs with how they correlate within each:
functions of the joint moments of all items, so weights and resamples come from `joint`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis.intervals import check_level
from cxkit.analysis.joint import joint, percentiles, resampled
from cxkit.analysis.metrics import Population, design_of
from cxkit.analysis.reliability import fit_of, why_none
from cxkit.analysis.structure.constructs import Layout, layout_of
from cxkit.errors import SurveyError, one_of
from cxkit.records import Fits
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxkit.records import Fit

__all__ = ["CLOSE", "KINDS", "NOT_DISTINCT", "htmt", "pairs_of", "ratios", "ratios_of"]

CLOSE, NOT_DISTINCT = 0.85, 0.90
"""Constructs are `distinct` with a ratio surely below the first, `not_distinct` surely above."""

KINDS = ("htmt", "htmt2")
"""The ratio of arithmetic means of correlations, and that of geometric means."""

_UNRELATED = 1e-12
"""Correlations below this size are rounding, not correlation."""


def htmt(
    items: ArrayLike | pd.DataFrame,
    constructs: Mapping[str, Sequence[Any]],
    *,
    kind: str = "htmt",
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: Population | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Fits:
    """Heterotrait-monotrait ratios: how far constructs are told apart, every pair.

    An estimate of the correlation of two constructs, freed of the error of their items: near 1
    they are one thing under two names.

    Parameters
    ----------
    items : DataFrame or array-like of float or missing, shape (n_respondents, n_items)
        Answers; a respondent counts who answered the items of all constructs. Other columns
        are not looked at.
    constructs : mapping of str to list
        The items of each construct: names of columns, or places for an array. The correlation
        within a construct of a single item counts as 1, as if it were free of error.
    kind : {"htmt", "htmt2"}, default "htmt"
        Arithmetic means of absolute correlations [1]_, or geometric ones, which stay right where
        items measure their construct unequally well [2]_.
    weight, strata, cluster, population, ci_level, seed
        As in `cronbach_alpha`.

    Returns
    -------
    Fits
        One of each pair, `of` "A|B" in the order of `constructs`; intervals are percentiles over
        resampled units. Verdict `distinct` where the interval ends below .85, `not_distinct`
        where it starts above .90, else `close`. A single item takes part: `not_distinct` or, as
        its ratio is too low, `single_item`, flag `unreliable`. HTMT2 needs correlations of one
        sign, positive within a construct: else `mixed_signs`, flag `unreliable`. No value:
        `unrelated` (the items of a construct do not correlate), `no_spread`, `no_answers`,
        `empty_item`, `too_few`.

    Raises
    ------
    SurveyError
        If there are fewer than two constructs, one has no item, an item is unknown or stands in
        two constructs, or the kind is unknown.

    Notes
    -----
    mean |r between| / sqrt(mean |r within A| * mean |r within B|) (METHODS 4). With |r| the ratio
    of unrelated constructs is above zero. Checked against R semTools 0.5 on the mobi,
    satisfaction and bfi data. Its `htmt` gives HTMT2 unless `htmt2 = FALSE`; it too takes
    correlations without their sign, unless `absolute = FALSE`.

    References
    ----------
    .. [1] Henseler, J., Ringle, C. M. & Sarstedt, M. (2015). A new criterion for assessing
           discriminant validity. Journal of the Academy of Marketing Science 43.
    .. [2] Roemer, E., Schuberth, F. & Henseler, J. (2021). HTMT2. Industrial Management & Data
           Systems 121.

    Examples
    --------
    >>> answers = [[1, 2, 1, 1], [2, 1, 3, 3], [3, 4, 2, 1], [4, 3, 4, 5], [5, 5, 3, 4]]
    >>> (pair,) = htmt(answers, {"trust": [0, 1], "service": [2, 3]})
    >>> pair.of, round(pair.value, 3)
    ('trust|service', 0.497)
    """
    one_of(kind, KINDS, "kind")
    layout = layout_of(items, constructs)
    if len(layout.constructs) < 2:
        raise SurveyError(
            "there is one construct", expected="two constructs or more, each with its items"
        )
    design = design_of(len(layout.values), weight, strata, cluster, population)
    return Fits(ratios(layout, design, (kind,), ci_level, seed or 0))


def ratios(
    layout: Layout,
    design: Design,
    kinds: Sequence[str],
    ci_level: float,
    seed: int,
) -> list[Fit]:
    """The ratios of every pair of constructs, kind by kind, all from the same resamples."""
    check_level(ci_level)
    values, columns, names = layout.values, layout.blocks, list(layout.constructs)
    made, drawn = joint(values, design), resampled(values, design, seed=seed)
    fits = []
    for kind in kinds:
        found = ratios_of(made.correlation, columns, kind)
        low, high = percentiles(ratios_of(drawn.correlation, columns, kind), ci_level)
        for place, (a, b) in enumerate(pairs_of(columns)):
            both = (columns[a], columns[b])
            interval = (float(low[place]), float(high[place]))
            why = why_none(values, made, design, np.concatenate(both))
            if why is None and np.isnan(found[place]):
                why = "unrelated"
            is_mixed = kind == "htmt2" and not _is_one_sign(made.correlation, *both)
            fits.append(
                fit_of(
                    kind,
                    f"{names[a]}|{names[b]}",
                    found[place],
                    interval,
                    made,
                    method="bootstrap",
                    ci_level=ci_level,
                    why=why,
                    verdict=_how_distinct(interval, is_mixed, min(map(len, both)) == 1),
                )
            )
    return fits


def pairs_of(columns: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    """The pairs of constructs, in their order, by their places."""
    return list(itertools.combinations(range(len(columns)), 2))


def ratios_of(
    correlation: np.ndarray, columns: Sequence[np.ndarray], kind: str = "htmt"
) -> np.ndarray:
    """The ratio of each pair, shape (..., n_pairs); NaN where a construct's items are unrelated.

    From the correlations of items, shape (..., k, k); `columns` are the places of each
    construct's items.
    """
    size = np.abs(correlation)
    if kind == "htmt2":
        size = np.log(np.where(size < _UNRELATED, _UNRELATED**2, size))
    within = [_mean_within(size[..., own[:, None], own], kind) for own in columns]
    made = []
    for a, b in pairs_of(columns):
        between = size[..., columns[a][:, None], columns[b]].mean(axis=(-2, -1))
        if kind == "htmt2":
            between = np.exp(between)
        product = within[a] * within[b]
        made.append(between / np.sqrt(np.where(product > 0, product, np.nan)))
    return np.stack(made, axis=-1) if made else np.empty((*correlation.shape[:-2], 0))


def _mean_within(size: np.ndarray, kind: str) -> np.ndarray:
    """The mean size of the correlations of a construct's items; 1 for a single one that varies."""
    k = size.shape[-1]
    if k == 1:
        return np.where(np.isnan(size[..., 0, 0]), np.nan, 1.0)
    mean = size[..., ~np.eye(k, dtype=bool)].mean(axis=-1)
    mean = np.exp(mean) if kind == "htmt2" else mean
    return np.where(mean < _UNRELATED, 0.0, mean)


def _is_one_sign(correlation: np.ndarray, a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two constructs' items correlate positively within, and all alike between."""
    within = [correlation[own[:, None], own] for own in (a, b)]
    between = correlation[a[:, None], b]
    return all((one > 0).all() for one in within) and bool(
        (between > 0).all() or (between < 0).all()
    )


def _how_distinct(interval: tuple[float, float], is_mixed: bool, is_single: bool) -> str:
    low, high = interval
    if is_mixed:
        return "mixed_signs"
    if low > NOT_DISTINCT:
        return "not_distinct"
    if is_single:
        return "single_item"
    return "distinct" if high < CLOSE else "close"
