"""What a spreadsheet makes of a text: one that it would compute is told apart, and defused."""

from __future__ import annotations

from typing import Any

__all__ = ["BYTE_ORDER_MARK", "as_text", "is_formula"]

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine; others pass over it."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")
"""How a formula may begin, in letters of full width too."""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute a text, now or when somebody edits its cell.

    >>> is_formula(" =1+1"), is_formula("a = b")
    (True, False)
    """
    return text.startswith(("\t", "\r")) or text.lstrip().startswith(_FORMULA)


def as_text(value: Any) -> Any:
    """What a cell of a CSV holds: a number as it is, a text that no spreadsheet computes.

    >>> as_text(-1.5), as_text("=1+1"), as_text(["low_base", "wide"])
    (-1.5, "'=1+1", 'low_base wide')
    """
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    if not isinstance(value, str):
        return value
    return f"'{value}" if is_formula(value) else value
