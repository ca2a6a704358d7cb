"""The corner of low x and high y: the ceiling over the answers found, and the room above it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cxkit.analysis.joint import complete, percentiles
from cxkit.records import NAN
from cxkit.weights import N_RESAMPLES, Design, resampled_totals

__all__ = ["Corner", "Ends", "ceiling_interval", "drawn_effects", "span"]

_LAYERS = 12
"""How many layers of answers under the ceiling can come to make it in a resample."""

_ALWAYS = 40
"""One of so many units is in every resample, as good as."""

_SHORTFALL = (1 - 1 / np.e) ** -0.5 - 1
"""How far a resample overshoots the sample, in parts of how far that overshoots the truth."""

Ends = tuple[float, float]


def span(answers: np.ndarray) -> Ends:
    """The least and the greatest answer; 0 and 1 where there is none."""
    found = answers[~np.isnan(answers)]
    return (float(found.min()), float(found.max())) if len(found) else (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Corner:
    """Answers to a condition x and an outcome y, and the frame in which their corner is measured.

    Missing answers are NaN; `kept` says which rows count. `x_ends` and `y_ends` are the least and
    greatest values that were possible.
    """

    x: np.ndarray
    y: np.ndarray
    design: Design
    x_ends: Ends
    y_ends: Ends
    ceiling: str = "ce_fdh"

    @cached_property
    def kept(self) -> np.ndarray:
        """Which rows have both answers and a weight."""
        return complete(np.column_stack([self.x, self.y]), self.design)

    @cached_property
    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The different pairs of answers by rising x, shape (n_cells, 2); each row's cell."""
        pairs = np.column_stack([self.x[self.kept], self.y[self.kept]])
        cells, place = np.unique(pairs, axis=0, return_inverse=True)
        return cells, place.ravel()

    @property
    def scope(self) -> float:
        """The area in which answers were possible."""
        return (self.x_ends[1] - self.x_ends[0]) * (self.y_ends[1] - self.y_ends[0])

    @cached_property
    def effect(self) -> float:
        """The share of the scope that lies above the ceiling."""
        cells, _ = self.cells
        return float(self.effects(cells, np.ones((1, len(cells)), dtype=bool))[0])

    def effects(self, cells: np.ndarray, is_there: np.ndarray) -> np.ndarray:
        """The effect where only some cells (by rising x) are there, shape (m,) for (m, n_cells)."""
        if self.ceiling == "ce_fdh":
            return self.above_steps(cells[:, 0], np.where(is_there, cells[:, 1], self.y_ends[0]))
        return np.array([self.above_line(*self.line(cells[one])) for one in is_there])

    def dealt(self, places: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """The effect where each respondent, by rising x, has another answer, shape (m,).

        `places` (m, n_respondents) says which of the `answers`, sorted and all different.
        """
        x, begins = np.unique(np.sort(self.x[self.kept]), return_index=True)
        highest = answers[np.maximum.reduceat(places, begins, axis=1)]
        if self.ceiling == "ce_fdh":
            return self.above_steps(x, highest)
        return np.array([self.above_line(*self.line(np.column_stack([x, y]))) for y in highest])

    def above_steps(self, x: np.ndarray, highest: np.ndarray) -> np.ndarray:
        """The share of the scope above the steps, shape (m,), over the `highest` y at rising x."""
        top = np.maximum.accumulate(highest, axis=1)
        widths = np.diff(np.append(x, self.x_ends[1]))
        before = (x[0] - self.x_ends[0]) * (self.y_ends[1] - self.y_ends[0])
        return np.asarray((before + (self.y_ends[1] - top) @ widths) / self.scope)

    def line(self, cells: np.ndarray) -> tuple[float, float]:
        """Intercept and slope of the straight ceiling: least squares through the steps' corners."""
        if not len(cells):
            return NAN, NAN
        by_x = cells[np.lexsort((-cells[:, 1], cells[:, 0]))]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(by_x[:, 1])[:-1]])
        x, y = by_x[by_x[:, 1] > before].T
        if len(x) < 2:
            return float(y[0]), 0.0
        slope = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
        return float(y.mean() - slope * x.mean()), slope

    def above_line(self, intercept: float, slope: float) -> float:
        """The share of the scope above a straight line that does not fall."""
        (x_low, x_high), (y_low, y_high) = self.x_ends, self.y_ends
        if math.isnan(slope):
            return NAN
        if slope <= 0:
            return float(np.clip((y_high - intercept) / (y_high - y_low), 0, 1))
        enters, leaves = np.clip(
            [(y_low - intercept) / slope, (y_high - intercept) / slope], x_low, x_high
        )
        below = (y_high - intercept) * (leaves - enters) - slope * (leaves**2 - enters**2) / 2
        return float(((enters - x_low) * (y_high - y_low) + below) / self.scope)


def drawn_effects(
    corners: Sequence[Corner], *, seed: int, n_resamples: int = N_RESAMPLES
) -> list[np.ndarray]:
    """The effects of several corners of one design over the same resamples, (n_resamples,) each.

    Only answers near the ceiling can come to make it, so the twelve outermost layers are drawn.
    A finite population is left aside: a unit that is not drawn must be gone.
    """
    design = dataclasses.replace(corners[0].design, population=None)
    parts, cells = [], []
    for corner in corners:
        own, place = corner.cells
        outer = _outer(own, _units_of(corner))
        rows = np.flatnonzero(corner.kept)
        column = np.full(len(own), -1)
        column[outer] = np.arange(len(outer))
        made = np.zeros((corner.design.n, len(outer)))
        is_outer = column[place] >= 0
        made[rows[is_outer], column[place[is_outer]]] = 1.0
        parts.append(made)
        cells.append(own[outer])
    totals = resampled_totals(np.hstack(parts), design, n_resamples=n_resamples, seed=seed)
    ends = np.cumsum([part.shape[1] for part in parts])[:-1]
    split = np.split(totals > 0, ends, axis=1)
    return [one.effects(own, drawn) for one, own, drawn in zip(corners, cells, split, strict=True)]


def ceiling_interval(value: float, drawn: np.ndarray, ci_level: float) -> tuple[float, float]:
    """The interval of a ceiling's effect, or of the difference of two, from resamples.

    Notes
    -----
    A ceiling over few answers lies too low: the effect of a sample is too large, by an amount that
    falls with the root of its size. A resample holds 63 % of the units, so it overshoots the
    sample by (0.632^-1/2 - 1) = 0.26 of what the sample overshoots the truth; the resamples'
    deviations are mirrored about the estimate and enlarged by that much. The interval is wide
    where a few cases make the ceiling, and a point where none could change it.
    """
    low, high = percentiles(drawn, ci_level)
    return float(value - (high - value) / _SHORTFALL), float(value - (low - value) / _SHORTFALL)


def _units_of(corner: Corner) -> np.ndarray:
    """How many sampling units hold each cell."""
    cells, place = corner.cells
    cluster = corner.design.cluster
    if cluster is None:
        return np.bincount(place, minlength=len(cells))
    _, unit = np.unique(np.asarray(cluster).astype(str)[corner.kept], return_inverse=True)
    held = np.unique(np.column_stack([place, unit.ravel()]), axis=0)
    return np.bincount(held[:, 0], minlength=len(cells))


def _outer(cells: np.ndarray, n_units: np.ndarray) -> np.ndarray:
    """The cells, by rising x, that may come to make the ceiling when units are left out.

    Those of the twelve outermost layers that do not lie below a cell of so many units that one
    of them is always drawn.
    """
    left, layers = np.arange(len(cells)), []
    for _ in range(_LAYERS):
        if not len(left):
            break
        by_x = left[np.lexsort((-cells[left, 1], cells[left, 0]))]
        y = cells[by_x, 1]
        is_peer = y > np.concatenate([[-np.inf], np.maximum.accumulate(y)[:-1]])
        layers.append(by_x[is_peer])
        left = by_x[~is_peer]
    outer = np.sort(np.concatenate(layers))
    firm = cells[outer[n_units[outer] >= _ALWAYS]]
    is_below = np.zeros(len(outer), dtype=bool)
    for x, y in firm:
        own = cells[outer]
        is_below |= (own[:, 0] >= x) & (own[:, 1] <= y) & ~((own[:, 0] == x) & (own[:, 1] == y))
    return outer[~is_below]
