"""The letters of files that Office opens: a family that a reader's machine has."""

from __future__ import annotations

__all__ = ["family"]

_ELSEWHERE = frozenset(
    {
        *("-apple-system", "blinkmacsystemfont", "system-ui", "ui-serif", "ui-sans-serif"),
        *("serif", "sans-serif", "monospace", "roboto", "segoe ui"),
        *("charter", "bitstream charter", "charis sil", "sitka text"),
    }
)
_FAMILIES = ("noto ", "liberation ", "dejavu ")
"""Families that one system or another has, and not every machine with PowerPoint."""


def family(stack: str, otherwise: str) -> str:
    """The first family of a font stack that is of every system, or the study's own.

    >>> family('Charter, "Noto Serif", Cambria, serif', "Georgia")
    'Cambria'
    """
    named = [one.strip().strip("\"'") for one in stack.split(",")]
    for one in named:
        known = one.lower()
        if known not in _ELSEWHERE and not known.startswith(_FAMILIES):
            return one
    return otherwise
