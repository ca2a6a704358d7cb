"""Labels beside marks: where each can stand without touching another label or any mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Box", "Spot", "place"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_MOST_TRIES = 20_000
"""How many places are tried before the labels are said not to fit."""

_SPARE = 2.0
"""What stays free around a label."""


@dataclass(frozen=True)
class Spot:
    """One place for a label: its box, how its words are anchored, and how unwelcome it is."""

    box: Box
    anchor: str
    cost: float


def place(spots: Sequence[Sequence[Spot]], taken: Sequence[Box], within: Box) -> list[Spot] | None:
    """A spot for each label, so that none touches another or what is taken; None where none fits.

    Of the arrangements that fit, the one whose spots cost least in sum; the search gives up after
    a fixed number of tries, so that the same drawing always comes out the same.
    """
    free = [
        sorted(
            (one for one in mine if _is_inside(one.box, within) and not _hits(one.box, taken)),
            key=lambda one: one.cost,
        )
        for mine in spots
    ]
    if not all(free):
        return None
    order = sorted(range(len(free)), key=lambda k: len(free[k]))
    search = _Search([free[k] for k in order])
    search.go([], 0.0)
    if search.best is None:
        return None
    found = dict(zip(order, search.best, strict=True))
    return [found[k] for k in range(len(free))]


class _Search:
    """A walk through the arrangements, those with few choices first, the cheapest kept."""

    def __init__(self, free: Sequence[Sequence[Spot]]) -> None:
        self.free = free
        self.least = [min(one.cost for one in mine) for mine in free]
        self.best: list[Spot] | None = None
        self.cost = float("inf")
        self.tries = 0

    def go(self, chosen: list[Spot], cost: float) -> None:
        """Try each spot of the next label that is still to be placed."""
        if len(chosen) == len(self.free):
            self.best, self.cost = list(chosen), cost
            return
        for spot in self._next(chosen):
            self.tries += 1
            total = cost + spot.cost
            rest = sum(self.least[len(chosen) + 1 :])
            if self.tries > _MOST_TRIES or total + rest >= self.cost:
                return
            self.go([*chosen, spot], total)

    def _next(self, chosen: list[Spot]) -> Iterator[Spot]:
        """The spots of the next label that those chosen leave free, the cheapest first."""
        boxes = [one.box for one in chosen]
        yield from (one for one in self.free[len(chosen)] if not _hits(one.box, boxes))


def _is_inside(box: Box, within: Box) -> bool:
    return (
        box[0] >= within[0] and box[1] >= within[1] and box[2] <= within[2] and box[3] <= within[3]
    )


def _hits(box: Box, others: Sequence[Box]) -> bool:
    return any(
        min(box[2], other[2]) - max(box[0], other[0]) > -_SPARE
        and min(box[3], other[3]) - max(box[1], other[1]) > -_SPARE
        for other in others
    )
