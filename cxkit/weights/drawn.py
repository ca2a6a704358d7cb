"""How many sampling units were drawn: what a part of a sample has to know of the whole.

A group is a domain of its waves: its precision depends on how many were drawn beside it, and on
nothing that these answered. Hands out `Drawn`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cxkit.weights.design import Unseen

__all__ = ["Drawn"]

Place = tuple[str, str]
"""A wave and a stratum of it ("" where there are none)."""


@dataclass(frozen=True)
class Drawn:
    """The sampling units of some waves as counts.

    Attributes
    ----------
    units : mapping of tuple of (wave, stratum) to int
        How many units lie in these strata of waves: one, or several where units come back.
    rows : mapping of wave to (int, float, float)
        How many rows a wave has, and their smallest and largest positive weight (0 if none).
    """

    units: Mapping[tuple[Place, ...], int]
    rows: Mapping[str, tuple[int, float, float]]

    @classmethod
    def of_rows(
        cls, wave: np.ndarray, stratum: np.ndarray, unit: np.ndarray | None, weight: np.ndarray
    ) -> Drawn:
        """The units of these rows, each row one by itself where `unit` is None.

        Examples
        --------
        >>> wave, nothing = np.array(["a", "a", "b"]), np.array(["", "", ""])
        >>> Drawn.of_rows(wave, nothing, np.array(["x", "y", "x"]), np.ones(3)).comes_back
        True
        """
        lies = pd.DataFrame({"wave": wave, "stratum": stratum})
        units: Counter[tuple[Place, ...]] = Counter()
        if unit is not None:
            lies = lies.assign(unit=unit).drop_duplicates().sort_values(["wave", "stratum"])
            again = lies.duplicated("unit", keep=False)
            units.update(_several(lies[again]))
            lies = lies[~again]
        for place, n in lies.groupby(["wave", "stratum"]).size().items():
            units[place,] += int(n)
        rows = {str(key): _extent(weight[wave == key]) for key in np.unique(wave.astype(str))}
        return cls(dict(sorted(units.items())), rows)

    def of(self, waves: Collection[str]) -> Drawn:
        """The same of some waves only."""
        units: Counter[tuple[Place, ...]] = Counter()
        for places, n in self.units.items():
            if own := tuple(place for place in places if place[0] in waves):
                units[own] += n
        rows = {wave: one for wave, one in self.rows.items() if wave in waves}
        return Drawn(dict(sorted(units.items())), rows)

    @cached_property
    def comes_back(self) -> bool:
        """Whether a unit lies in more than one wave."""
        return any(len({wave for wave, _ in places}) > 1 for places in self.units)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return sum(n for n, _, _ in self.rows.values())

    def by_stratum(self, wave: str) -> dict[str, int]:
        """How many units lie in each stratum of a wave."""
        found: Counter[str] = Counter()
        for places, n in self.units.items():
            found.update({stratum: n for one, stratum in places if one == wave})
        return dict(found)

    def counted_once(self) -> Drawn:
        """The same where everybody weighs 1."""
        rows = {wave: (n, min(n, 1.0), min(n, 1.0)) for wave, (n, _, _) in self.rows.items()}
        return dataclasses.replace(self, rows=rows)

    def beside(self, seen: Drawn, *, is_joint: bool) -> Unseen:
        """The units that are not among those seen, as a design of these waves has them.

        `is_joint` where the strata of several waves stand in one design, under `label`.
        """
        units: Counter[tuple[str, ...]] = Counter()
        for places, n in self.units.items():
            if left := n - seen.units.get(places, 0):
                named = (label(*place) if is_joint else place[1] for place in places)
                units[tuple(named)] += left
        extents = [one for one in self.rows.values() if one[2] > 0]
        low = min((one[1] for one in extents), default=0.0)
        high = max((one[2] for one in extents), default=0.0)
        return Unseen(dict(units), self.n_rows - seen.n_rows, low, high)

    # -- as plain JSON

    def plain(self) -> dict[str, Any]:
        """The same as lists, sorted."""
        return {
            "units": [[[list(place) for place in places], n] for places, n in self.units.items()],
            "rows": {wave: list(one) for wave, one in sorted(self.rows.items())},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Drawn:
        """What `plain` told."""
        units = {_places(places): int(n) for places, n in plain["units"]}
        rows = {wave: (int(n), low, high) for wave, (n, low, high) in plain["rows"].items()}
        return cls(units, rows)


def label(wave: str, stratum: str) -> str:
    """A stratum of a wave as a design of several waves names it."""
    return f"{wave} {stratum}"


def _places(places: Iterable[Iterable[str]]) -> tuple[Place, ...]:
    return tuple((wave, stratum) for wave, stratum in places)


def _several(lies: pd.DataFrame) -> Iterable[tuple[Place, ...]]:
    """The places of each unit that has several."""
    own = lies.sort_values(["unit", "wave", "stratum"])
    places = list(zip(own["wave"], own["stratum"], strict=True))
    ends = np.flatnonzero(~own.duplicated("unit", keep="last").to_numpy()) + 1
    return (
        tuple(places[end - n : end]) for end, n in zip(ends, np.diff(ends, prepend=0), strict=True)
    )


def _extent(weight: np.ndarray) -> tuple[int, float, float]:
    own = weight[weight > 0]
    low, high = (float(own.min()), float(own.max())) if own.size else (0.0, 0.0)
    return len(weight), low, high
