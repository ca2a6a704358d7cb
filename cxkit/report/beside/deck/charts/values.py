"""Charts of a deck as values: categories, series and points of published records, not yet drawn.

`findings`, beside this module, makes them of a finding; `native` writes them as PowerPoint's own.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Chart", "Cross", "Map", "Name", "Plot", "Point", "Series"]


@dataclass(frozen=True)
class Point:
    """One number of a series: None where there is none to show.

    `low` and `high` are the ends of its interval, `after` what is printed behind the number (the
    mark of a small base, letters, the sign of a verdict), `role` its colour where it is not the
    series' own.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    after: str = ""
    role: str = ""


@dataclass(frozen=True)
class Name:
    """What a category is called, and what must be said with it: its base, why it has no number."""

    text: str
    told: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.told})" if self.told else self.text


@dataclass(frozen=True)
class Series:
    """Points of one kind, one a category, in one role."""

    name: str
    points: tuple[Point, ...]
    role: str = "data"

    @property
    def has_intervals(self) -> bool:
        """Whether any of its points has an interval."""
        return any(one.low is not None for one in self.points)


@dataclass(frozen=True)
class Plot:
    """Bars, stacked bars or lines over categories.

    `unit` is that of the records, `axis` what stands on the axis of values, from `ticks[0]` to
    `ticks[-1]`; `is_signed` says that numbers are differences. `caption` names the chart where
    another one stands beside it.
    """

    kind: str
    caption: str
    axis: str
    unit: str
    ticks: tuple[float, ...]
    categories: tuple[Name, ...]
    series: tuple[Series, ...]
    is_signed: bool = False


@dataclass(frozen=True)
class Cross:
    """One point of a map with both its intervals."""

    name: str
    across: Point
    up: Point
    role: str = "data"


@dataclass(frozen=True)
class Map:
    """Crosses between two axes of values that meet where low parts from high.

    `across` and `up` are the ticks of the axes; `meet` is where the axes cross each other.
    """

    axes: tuple[str, str]
    units: tuple[str, str]
    across: tuple[float, ...]
    up: tuple[float, ...]
    meet: tuple[float, float] | None
    crosses: tuple[Cross, ...]
    corners: tuple[str, str, str, str] = ("", "", "", "")


Chart = Plot | Map
"""A chart of either kind."""
