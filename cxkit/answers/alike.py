"""When two texts say the same, however an export spells them."""

from __future__ import annotations

__all__ = ["folded", "straight"]


def folded(text: str) -> str:
    """A text without what differs between exports: capitals, blanks, kinds of apostrophe.

    >>> folded("I don’t  Know ") == folded("i don't know")
    True
    """
    return " ".join(straight(text).split()).casefold()


def straight(text: str) -> str:
    """A text with straight apostrophes, as the kit's own words are written.

    >>> straight("don’t")
    "don't"
    """
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
