"""What header rows of several platforms have in common: names that repeat, cells that join."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

__all__ = ["are_moments", "column", "has_options", "is_number", "kind_of", "numbered"]

_MOMENT = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})[ T]+\d{1,2}[:.]\d{2}"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}")
_FEW = 4
"""Fewer cells prove nothing of whether texts come again."""
_LONG = 25
_WHOLE = re.compile(r"-?\d+")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Names without blanks around them; one that stands twice carries its number in all places.

    >>> numbered(["Why?", "Age", "Why? ", ""])
    ('Why? (1)', 'Age', 'Why? (2)', '')
    """
    bare = [name.strip() for name in names]
    counts = Counter(bare)
    met: Counter[str] = Counter()
    found = []
    for name in bare:
        met[name] += 1
        found.append(f"{name} ({met[name]})" if name and counts[name] > 1 else name)
    return tuple(found)


def column(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """The cells of one column that are not blank."""
    return [cell for row in rows if at < len(row) and (cell := row[at].strip())]


def are_moments(cells: Sequence[str]) -> bool:
    """Whether cells hold days with a time of day, and nothing else."""
    return bool(cells) and all(map(_MOMENT.match, cells))


def kind_of(cells: Sequence[str]) -> str:
    """What the first answers of a question are, as far as they tell; "" where they do not.

    Whole numbers up to 10 are choices of a scale, others are numbers; texts that come again
    are choices; long texts that never do are words of one's own.

    >>> kind_of(["4", "5", "4"]), kind_of(["120.5", "80"]), kind_of(["Yes", "No", "Yes", "No"])
    ('single', 'number', 'single')
    """
    if not cells:
        return ""
    if all(map(is_number, cells)):
        is_scale = all(map(_WHOLE.fullmatch, cells)) and max(map(abs, map(int, cells))) <= 10
        return "single" if is_scale else "number"
    if all(map(_DAY.fullmatch, cells)):
        return "date"
    n_different = len(set(cells))
    if len(cells) >= _FEW and 2 * n_different <= len(cells):
        return "single"
    is_own = len(cells) >= _FEW and n_different == len(cells)
    return "open" if is_own and sum(map(len, cells)) >= _LONG * len(cells) else ""


def is_number(cell: str) -> bool:
    """Whether a cell holds nothing but a number."""
    return _NUMBER.fullmatch(cell) is not None


def has_options(cells: Sequence[str], separator: str) -> bool:
    """Whether cells join options with a separator, as far as their repetition proves it.

    At least two cells hold the separator, all parts are filled, no part ends within brackets,
    and four in five of the parts stand in another cell as well: options come again, and words
    of one's own do not.

    >>> has_options(["Coffee;Tea", "Tea", "Coffee;Cake", "Cake"], ";")
    True
    >>> has_options(["Good; but slow", "Rude; never again", "Fine"], ";")
    False
    """
    parts = [cell.split(separator) for cell in cells]
    several = [one for one in parts if len(one) > 1]
    told = [part for one in several for part in one]
    if len(several) < 2 or not all(part.strip() and _is_whole(part) for part in told):
        return False
    counts = Counter(part for one in parts for part in set(one))
    n_again = sum(1 for part in told if counts[part] > 1)
    return 5 * n_again >= 4 * len(told)


def _is_whole(part: str) -> bool:
    """Whether no bracket is open: else a comma within an option was taken for a separator."""
    return part.count("(") == part.count(")") and part.count("[") == part.count("]")
