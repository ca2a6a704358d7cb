"""Words that every message about answers needs: names kept short, lists, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["brief", "counted", "listed", "quoted"]


def brief(text: str, width: int = 40) -> str:
    """A text for a message: on one line, cut where it is longer than `width`.

    >>> brief("How satisfied are you, all in all?", 15)
    'How satisfie...'
    """
    line = re.sub(r"[\r\n\t]+", " ", text)
    return line if len(line) <= width else line[: width - 3] + "..."


def quoted(texts: Iterable[str], most: int = 3) -> str:
    """The first few texts between quotes, and how many more there are."""
    known = list(texts)
    shown = ", ".join(f"'{brief(text)}'" for text in known[:most])
    return shown + (f" and {len(known) - most} more" if len(known) > most else "")


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names as a list: the first few, and how many more there are.

    >>> listed("abcd", 2)
    'a, b and 2 more'
    """
    known = list(names)
    shown = ", ".join(brief(name) for name in known[:most])
    return shown if len(known) <= most else f"{shown} and {len(known) - most} more"


def counted(n: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
