"""Do the keys of waves sort as time does? Waves without dates are put in order as text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

__all__ = ["sorted_wrongly"]

_MONTHS = (
    "jan januari january", "feb februari february", "mar maret march", "apr april", "mei may",
    "jun juni june", "jul juli july", "agu ags agustus aug august", "sep sept september",
    "okt oktober oct october", "nov november", "des desember dec december",
)  # fmt: skip
_MONTH = {name: at for at, names in enumerate(_MONTHS, start=1) for name in names.split()}
_YEAR = re.compile(r"(19|20)\d\d")


def sorted_wrongly(keys: Iterable[str]) -> tuple[str, str] | None:
    """Two waves, the earlier first, that stand the other way round as text; None if all is well.

    Numbers count as numbers, names of months as months, and a year first of all. Keys with a
    year and keys without one are not put in order with each other.

    >>> sorted_wrongly(["2026-9", "2026-10"])
    ('2026-9', '2026-10')
    >>> sorted_wrongly(["Q1 2026", "Q4 2025"])
    ('Q4 2025', 'Q1 2026')
    >>> sorted_wrongly(["2025H1", "2025H2", "2026H1"])
    """
    by_time = sorted(set(keys), key=lambda key: (_when(key), key))
    pairs = [(a, b) for a, b in itertools.pairwise(by_time) if _has_year(a) == _has_year(b)]
    return next(((a, b) for a, b in pairs if a > b), None)


def _has_year(key: str) -> bool:
    return _when(key)[0][1] > 0


def _when(key: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key: the year, then numbers, months and words as they stand."""
    parts = re.findall(r"\d+|[^\W\d_]+", key)
    year = next((part for part in parts if _YEAR.fullmatch(part)), None)
    if year is not None:
        parts.remove(year)
    return ((0, int(year or 0), ""), *map(_part, parts))


def _part(part: str) -> tuple[int, int, str]:
    if part.isdigit():
        return (0, int(part), "")
    month = _MONTH.get(part.casefold())
    return (0, month, "") if month else (1, 0, part)
