"""Fitting: how large words may stand in a box of a slide, so that nothing passes its edges.

Measured with the widths of `cxkit.report.figures.lettering`, a little wider than most fonts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxkit.report.figures.lettering import clean, text_width, wrap

__all__ = ["LEADING", "Fitted", "fitted", "height", "n_lines", "widest"]

LEADING = 1.22
"""The distance of two lines, in sizes of the letters."""

_MANY = 10_000


@dataclass(frozen=True)
class Fitted:
    """Paragraphs at the size at which they fit, in points, and the height that they take."""

    paragraphs: tuple[str, ...]
    size: float
    height: float


def n_lines(text: str, width: float, size: float, *, is_bold: bool = False) -> int:
    """The lines that a text takes at a width, both in points."""
    return len(wrap(text, width, size, is_bold=is_bold, lines=_MANY))


def height(
    paragraphs: Sequence[str],
    width: float,
    size: float,
    *,
    is_bold: bool = False,
    gap: float = 0.0,
) -> float:
    """The height in points of paragraphs below each other, `gap` between them."""
    lines = sum(n_lines(one, width, size, is_bold=is_bold) for one in paragraphs)
    return lines * size * LEADING + gap * max(len(paragraphs) - 1, 0)


def fitted(
    paragraphs: Sequence[str],
    width: float,
    most: float,
    sizes: Sequence[float],
    *,
    is_bold: bool = False,
    gap: float = 0.0,
) -> Fitted:
    """Paragraphs at the largest of `sizes` at which they are at most `most` points high.

    Where even the smallest is too large, paragraphs at the end are left out, and a first one that
    is too long by itself ends in an ellipsis.

    >>> fitted(["Short."], 300, 100, (24, 20)).size
    24
    >>> fitted(["A long sentence " * 9], 300, 30, (24, 20, 12)).paragraphs[0][-1]
    '\u2026'
    """
    kept = tuple(text for one in paragraphs if (text := clean(one)))
    for size in sizes:
        needs = height(kept, width, size, is_bold=is_bold, gap=gap)
        if needs <= most:
            return Fitted(kept, size, needs)
    size = sizes[-1]
    while len(kept) > 1 and height(kept, width, size, is_bold=is_bold, gap=gap) > most:
        kept = kept[:-1]
    if height(kept, width, size, is_bold=is_bold) > most:
        lines = max(int(most / (size * LEADING)), 1)
        kept = (" ".join(wrap(kept[0], width, size, is_bold=is_bold, lines=lines)),)
    return Fitted(kept, size, height(kept, width, size, is_bold=is_bold, gap=gap))


def widest(texts: Sequence[str], size: float, *, is_bold: bool = False) -> float:
    """The width in points of the widest of some texts on one line each."""
    return max((text_width(one, size, is_bold=is_bold) for one in texts), default=0.0)
