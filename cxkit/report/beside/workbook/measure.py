"""How wide the columns of a sheet are, and on how many lines its words run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

from cxkit.report.beside.workbook.grid import Grid, Head, Link
from cxkit.wording import Number

__all__ = [
    "height_of",
    "holds_words",
    "is_among_numbers",
    "lines_of",
    "reading_column",
    "spans_of",
    "widths_of",
]

_FIRST, _NARROW, _MARK, _LONG, _TEXT = (22.0, 46.0), (8.0, 13.0), 13.0, 26, 60.0
"""Widths in letters: of the first column, of numbers and of marks; what is long; of long words."""

_LETTERS = 1.25
"""How many letters of a text of ten points run on the width of one figure."""

_READ, _OTHER = 110.0, 11.0
"""How wide a paragraph runs, and a column that no table needs, in letters."""


def widths_of(grids: Sequence[Grid], terms: Iterable[str] = ()) -> list[float]:
    """How wide each column of a sheet is, in letters: what its tables and terms need there."""
    widths = [_FIRST[0]]
    for grid in grids:
        at = 0
        for head in grid.heads:
            for part in head.parts:
                needed = _needed(grid, at, part, head)
                widths += [0.0] * (at + 1 - len(widths))
                widths[at] = max(widths[at], needed)
                at += 1
    widths[0] = max(widths[0], min(_FIRST[1], max(map(len, terms), default=0) + 2.0))
    missing = _READ - sum(widths)
    widths += [_OTHER] * max(0, math.ceil(missing / _OTHER))
    columns = max((sum(spans_of(grid, widths)) for grid in grids), default=1)
    return widths + [_OTHER] * (columns - len(widths))


def _needed(grid: Grid, at: int, part: str, head: Head) -> float:
    texts = [one for line in grid.lines if isinstance(one := line.contents[at], str)]
    texts += [one.text for line in grid.lines if isinstance(one := line.contents[at], Link)]
    longest = max(map(len, texts), default=0)
    if at == 0:
        return min(max(_FIRST[0], longest * 1.05 + 2), _FIRST[1])
    words = (part or head.label).split()
    word = max(map(len, words), default=0) + 2.0
    least, most = _NARROW
    if is_among_numbers(grid, at) and texts and holds_words(grid, at):
        return min(max(word, longest + 1.5), _MARK)
    if at == grid.width - 1 and _has_links(grid, at):
        return longest + 2.0
    if texts and longest <= _LONG:
        return max(least, word, longest + 2.0)
    return min(max(least, word), most)


def _has_links(grid: Grid, at: int) -> bool:
    return any(isinstance(line.contents[at], Link) for line in grid.lines)


def is_among_numbers(grid: Grid, at: int) -> bool:
    """Whether a column stands beside others of the same head."""
    ends = accumulate(len(head.parts) for head in grid.heads)
    head = next(head for head, end in zip(grid.heads, ends, strict=True) if at < end)
    return len(head.parts) > 1


def holds_words(grid: Grid, at: int) -> bool:
    """Whether a column holds words, and numbers only among them."""
    found = [line.contents[at] for line in grid.lines]
    is_empty = not any(isinstance(one, Number) for one in found)
    return is_empty or any(isinstance(one, str) and one for one in found)


def spans_of(grid: Grid, widths: Sequence[float]) -> list[int]:
    """Over how many columns of the sheet each of a grid runs: long words over several."""
    spans = [1] * grid.width if grid.is_flat else []
    for at in range(len(spans), grid.width):
        texts = [one for line in grid.lines if isinstance(one := line.contents[at], str)]
        longest = max(map(len, texts), default=0)
        start, span = sum(spans), 1
        if at and not is_among_numbers(grid, at):
            wanted = min(_TEXT, longest + 2.0)
            while sum(_width(widths, i) for i in range(start, start + span)) < wanted:
                span += 1
        spans.append(span)
    return spans


def _width(widths: Sequence[float], column: int) -> float:
    return widths[column] if column < len(widths) else _OTHER


def reading_column(widths: Sequence[float]) -> int:
    """The last column of a paragraph."""
    return next(
        (i for i, end in enumerate(accumulate(widths)) if end >= _READ - 1e-9), len(widths) - 1
    )


def height_of(grid: Grid) -> int:
    """How many rows a grid takes, with its heads."""
    return 1 + grid.is_spread + len(grid.lines)


def lines_of(text: str, width: float, size: float = 10) -> int:
    """On how many lines a text of a width in letters runs; some room is left at the ends."""
    room = max(width * _LETTERS * 10 / size - 1.0, 4.0)
    return sum(max(1, math.ceil(len(part) / room)) for part in text.split("\n"))
