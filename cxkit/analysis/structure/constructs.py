"""Which items measure which construct, and whether the answers can bear a model of it.

The items as they were given, checked and in order (`layout_of`, for distinctness too), the moments
of those who answered all of them, and where a search for the best fit may begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis import scoring
from cxkit.analysis.joint import Joint
from cxkit.analysis.structure.likelihood import FIXED, Matrices, Pattern, Sample, Solution, fitted
from cxkit.errors import SurveyError, listed, nearest
from cxkit.weights import Design

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "Layout",
    "Reason",
    "impropriety",
    "layout_of",
    "model_layout",
    "sample_of",
    "solved",
    "textbook",
    "unusable",
    "values_at",
]

Reason = tuple[str, tuple[str, ...]]
"""A verdict, and the items, constructs or groups that it speaks of."""

_COLLINEAR = 1e-9
"""Below this eigenvalue of their correlations, items repeat one another."""

_ZERO = 1e-9
"""A variance (of largest about 1) below minus this is negative."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Items in the order of their constructs: names, places of constructs, answers."""

    constructs: dict[str, tuple[Any, ...]]
    values: np.ndarray

    @cached_property
    def items(self) -> tuple[Any, ...]:
        """The names of the items, as they were given."""
        return tuple(item for own in self.constructs.values() for item in own)

    @cached_property
    def construct(self) -> np.ndarray:
        """The place of each item's construct, shape (p,)."""
        return np.repeat(np.arange(len(self.constructs)), [len(own) for own in self.blocks])

    @cached_property
    def blocks(self) -> list[np.ndarray]:
        """The places of each construct's items."""
        ends = np.cumsum([len(own) for own in self.constructs.values()])
        return [np.arange(end - len(own), end)
                for end, own in zip(ends, self.constructs.values(), strict=True)]  # fmt: skip

    @property
    def firsts(self) -> np.ndarray:
        """The place of each construct's first item, shape (m,)."""
        return np.array([block[0] for block in self.blocks])

    @property
    def of_item(self) -> list[str]:
        """The name of each item's construct."""
        return [name for name, own in self.constructs.items() for _ in own]


def layout_of(
    items: ArrayLike | pd.DataFrame, constructs: Mapping[str, Sequence[Any]], *, least: int = 1
) -> Layout:
    """The answers to the items of `constructs`, in their order; SurveyError for a slip.

    Items are names of columns, or places for an array; a name may be given as a word where the
    column has a number. A construct has `least` items or more.
    """
    given = np.asarray(items, dtype=object)
    if given.ndim != 2 or not given.shape[1]:
        raise SurveyError(
            "items are not a table of answers", expected="respondents in rows, items in columns"
        )
    known = list(items.columns) if isinstance(items, pd.DataFrame) else list(range(given.shape[1]))
    wanted = {
        str(name): tuple(_among(known, item) for item in own)
        for name, own in _checked(constructs).items()
    }
    _check_places(wanted, known, least)
    places = [known.index(item) for own in wanted.values() for item in own]
    return Layout(wanted, np.column_stack([scoring.numbers(given[:, place]) for place in places]))


def model_layout(
    items: ArrayLike | pd.DataFrame, constructs: Mapping[str, Sequence[Any]]
) -> Layout:
    """The layout of a model: two items of each construct, and three of one that stands alone.

    Fewer do not identify a factor.
    """
    layout = layout_of(items, constructs, least=2)
    if len(layout.items) == 2:
        raise SurveyError(
            f"construct {next(iter(layout.constructs))} has two items and stands alone: "
            "its loadings are not identified",
            expected="three items, or a second construct beside it",
            hint="take spearman_brown for the reliability of two items",
        )
    return layout


def _checked(constructs: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    if not isinstance(constructs, Mapping) or not constructs:
        raise SurveyError(
            "there is no construct", expected="constructs as {name: [item, item, item]}"
        )
    return constructs


def _among(known: Sequence[Any], item: Any) -> Any:
    """The item as it is known: itself, or the one that reads the same."""
    alike = [one for one in known if one == item] or [one for one in known if str(one) == str(item)]
    if not alike:
        raise SurveyError(
            f"unknown item '{item}'",
            expected="one of " + listed(map(str, known)),
            hint=nearest(str(item), map(str, known)),
        )
    return alike[0]


def _check_places(
    constructs: Mapping[str, Sequence[Any]], known: Sequence[Any], least: int
) -> None:
    """SurveyError unless each construct has enough items, each of which stands in one place."""
    counts = Counter(item for own in constructs.values() for item in own)
    shared = [str(item) for item, n in counts.items() if n > 1]
    if shared:
        raise SurveyError(
            f"item '{shared[0]}' stands in more than one place",
            expected="each item once, in one construct",
        )
    double = [str(item) for item, n in Counter(known).items() if n > 1 and item in counts]
    if double:
        raise SurveyError(f"there are two columns '{double[0]}'", expected="each item once")
    lacking = [name for name, own in constructs.items() if len(own) < least]
    if lacking:
        few = "no item" if least == 1 else "fewer than two items"
        raise SurveyError(
            f"construct {listed(lacking)} has {few}",
            expected=f"at least {'one item' if least == 1 else 'two items'} of each construct",
            hint="leave the construct out"
            + (": one item cannot show how well it measures" if least > 1 else ""),
        )


# -- the moments ----------------------------------------------------------------------------------


def textbook(design: Design) -> Design | None:
    """The design with weights of exactly 1 where textbook formulas hold; None where they do not."""
    return design.counted_once() if design.is_simple else None


def unusable(layout: Layout, made: Joint, n_parameters: int) -> Reason | None:
    """Why these answers bear no model of so many parameters; None where they do."""
    if made.n == 0:
        answered = ~np.isnan(layout.values).all(axis=0)
        empty = [str(one) for one, any_ in zip(layout.items, answered, strict=True) if not any_]
        return "no_answers", tuple(empty)
    if made.n < n_parameters:
        return "too_few", ()
    flat = [str(one) for one, v in zip(layout.items, made.variance, strict=True) if not v > 0]
    if flat:
        return "no_spread", tuple(flat)
    roots, vectors = np.linalg.eigh(made.correlation)
    if roots[0] < _COLLINEAR:
        involved = np.abs(vectors[:, 0]) > 0.1
        names = zip(layout.items, involved, strict=True)
        return "collinear", tuple(str(item) for item, is_in in names if is_in)
    return None


def impropriety(layout: Layout, groups: Sequence[Matrices]) -> Reason | None:
    """What cannot be in a solution, first of all groups: a negative variance, say."""
    names = list(layout.constructs)
    for group in groups:
        negative = [str(layout.items[i]) for i in np.flatnonzero(group.residual < -_ZERO)]
        negative += [names[f] for f in np.flatnonzero(np.diag(group.own) < -_ZERO)]
        if group.general_variance.real < -_ZERO:
            negative.append("general")
        if negative:
            return "negative_variance", tuple(negative)
    for group in groups:
        spread = np.sqrt(np.maximum(np.diag(group.latent), _ZERO))
        roots, vectors = np.linalg.eigh(group.latent / np.outer(spread, spread))
        if roots[0] <= _ZERO:
            involved = np.abs(vectors[:, 0]) > 0.3
            return "latent_not_positive_definite", tuple(
                name for name, is_in in zip(names, involved, strict=True) if is_in
            )
    return None


# -- where the search begins ----------------------------------------------------------------------


def solved(
    layout: Layout,
    sample: Sample,
    pattern_with: Callable[[np.ndarray, int | None], Pattern],
    is_second_order: bool = False,
) -> Solution:
    """The solution from the first of several beginnings that leads to one.

    `pattern_with` makes the model's pattern from its markers: the strongest item of each
    construct, and for a model of the second order the strongest construct. A model identified by
    what hardly loads would be searched along a ridge.
    """
    covariance = np.einsum("g,gij->ij", sample.share, sample.covariance)
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    loading, related = _started(correlation, layout.construct)
    m = len(related)
    beginnings = (
        (loading, related),
        (np.copysign(0.5, loading), np.eye(m)),
        (0.5 * loading, 0.5 * (related + np.eye(m))),
    )
    for loading, related in beginnings:
        markers, marker, guess = _guess(layout, loading, related, is_second_order)
        pattern = pattern_with(markers, marker)
        start = values_at(pattern, [guess] * pattern.n_groups)
        if pattern.intercept is not None and pattern.is_mean_free:
            start[pattern.intercept] = sample.mean
        found = fitted(pattern, sample, start)
        if found.is_converged:
            break
    return found


def _guess(
    layout: Layout, loading: np.ndarray, related: np.ndarray, is_second_order: bool
) -> tuple[np.ndarray, int | None, Matrices]:
    """Markers of constructs and of a general factor, and matrices for standardised guesses."""
    markers = np.array([block[np.argmax(np.abs(loading[block]))] for block in layout.blocks])
    unit = loading[markers]
    m = len(markers)
    latent = related * np.outer(unit, unit)
    own, general, marker, variance = latent, np.zeros(m), None, 0.0
    if is_second_order:
        shared = _one_factor(related)
        marker = int(np.argmax(np.abs(shared)))
        variance = float((shared[marker] * unit[marker]) ** 2)
        general = shared * unit / (shared[marker] * unit[marker])
        own = np.diag((1 - shared**2) * unit**2)
        latent = own + variance * np.outer(general, general)
    whole = np.zeros((len(loading), m))
    whole[np.arange(len(loading)), layout.construct] = loading / unit[layout.construct]
    guess = Matrices(
        loading=whole,
        latent=latent,
        own=own,
        residual=1 - loading**2,
        intercept=np.zeros(len(loading)),
        latent_mean=np.zeros(m),
        general=general,
        general_variance=variance,
    )
    return markers, marker, guess


def _started(correlation: np.ndarray, construct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A first guess: standardised loadings (p,) and the correlations of the constructs (m, m).

    Each construct by itself is factored; the correlation of two constructs is the least-squares
    one of the items between them, shrunk until the whole is positive definite.
    """
    m = int(construct.max()) + 1
    blocks = [np.flatnonzero(construct == f) for f in range(m)]
    loading = np.zeros(len(construct))
    for block in blocks:
        loading[block] = _one_factor(correlation[np.ix_(block, block)])
    weight = np.zeros((len(construct), m))
    for f, block in enumerate(blocks):
        weight[block, f] = loading[block] / (loading[block] @ loading[block])
    related = weight.T @ correlation @ weight
    np.fill_diagonal(related, 1.0)
    between = np.clip(related, -0.9, 0.9) - np.diag(np.clip(np.diag(related), -0.9, 0.9))
    while np.linalg.eigvalsh(between)[0] < -0.98:
        between = 0.9 * between
    return loading, between + np.eye(m)


def _one_factor(correlation: np.ndarray) -> np.ndarray:
    """Loadings of one factor by iterated principal axes, each between .1 and .95 in size."""
    off = correlation - np.eye(len(correlation))
    if len(correlation) == 2:
        size = np.sqrt(abs(off[0, 1]))
        return _bounded(np.array([size, np.copysign(size, off[0, 1])]))
    shared = np.abs(off).max(axis=1)
    loading = shared
    for _ in range(10):
        roots, vectors = np.linalg.eigh(off + np.diag(shared))
        loading = np.sqrt(max(roots[-1], 0.0)) * vectors[:, -1]
        shared = np.clip(loading**2, 0.01, 0.9)
    return _bounded(loading * np.copysign(1.0, loading.sum()))


def _bounded(loading: np.ndarray) -> np.ndarray:
    return np.copysign(np.clip(np.abs(loading), 0.1, 0.95), loading)


def values_at(pattern: Pattern, groups: Sequence[Matrices]) -> np.ndarray:
    """The parameter values that a pattern reads from the matrices of its groups."""
    values = np.zeros(pattern.n_parameters)

    def put(ids: np.ndarray, entries: np.ndarray) -> None:
        values[ids[ids != FIXED]] = entries[ids != FIXED]

    for g, group in enumerate(groups):
        rows = np.arange(len(pattern.construct))
        put(pattern.loading[g], group.loading[rows, pattern.construct])
        put(pattern.residual[g], group.residual)
        put(pattern.latent[g], group.own)
        if pattern.intercept is not None and pattern.latent_mean is not None:
            put(pattern.intercept[g], group.intercept)
            put(pattern.latent_mean[g], group.latent_mean)
        if pattern.general is not None:
            put(pattern.general, group.general)
            values[pattern.general_variance] = group.general_variance
    return values


def sample_of(groups: Sequence[Joint], unit: np.ndarray, centre: np.ndarray) -> Sample:
    """The moments of each group with n in the divisor, items from `centre` in the given units."""
    covariances = [one.covariance * ((one.n - 1) / one.n) for one in groups]
    return Sample(
        covariance=np.stack(covariances) / np.outer(unit, unit),
        mean=(np.stack([one.mean for one in groups]) - centre) / unit,
        n=np.array([one.n for one in groups]),
    )
