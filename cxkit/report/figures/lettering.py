"""Lettering: how wide words are, where they break, and where they end, without measuring fonts.

The reader's browser chooses the sans, so an exact width does not exist. These widths are those
of a wide Arial, a little more than most readers will see: what fits here fits there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["ELLIPSIS", "clean", "text_width", "wrap"]

ELLIPSIS = "\u2026"

_THOUSANDTHS = {
    200: "'",
    230: "ijl",
    280: " \u00a0!,./:;I[\\]ft|\u00b7",
    340: "()-`r\u201c\u201d\u2018\u2019",
    360: '"{}',
    400: "*",
    500: "Jcksvxyz^",
    560: "#$0123456789?L_abdeghnopqu\u2013",
    590: "+<=>~\u2212",
    620: "FTZ",
    670: "&ABEKPSVXY",
    730: "CDHNRUw",
    780: "GOQ",
    840: "Mm",
    890: "%",
    950: "W",
    1000: "@\u25b2\u25bc\u2190\u2192\u2193\u2026",
}
_WIDTHS = {character: width for width, row in _THOUSANDTHS.items() for character in row}
_SPARE = 1.08
_BOLD = 1.07
_BLANKS = re.compile("[\\t\\n\\v\\f\\r \\x85\\u2028\\u2029]+")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """One line of text that any XML reader accepts: no control characters, single blanks."""
    one_line = _BLANKS.sub(" ", text).strip(" ")
    if one_line.isascii() and one_line.isprintable():
        return one_line
    return "".join(
        character
        for character in one_line
        if character not in _TURNING and unicodedata.category(character) not in _UNPRINTABLE
    )


_UNPRINTABLE = ("Cc", "Cs", "Cn")


@lru_cache(maxsize=8192)
def text_width(text: str, size: float = 13, *, is_bold: bool = False) -> float:
    """The width of a line of text in drawing units, a little on the safe side."""
    thousandths = sum(_WIDTHS.get(character) or _foreign(character) for character in text)
    return thousandths / 1000 * size * _SPARE * (_BOLD if is_bold else 1)


def wrap(
    text: str, width: float, size: float = 13, *, is_bold: bool = False, lines: int = 2
) -> list[str]:
    """The text in at most `lines` lines of at most `width`; what does not fit becomes `...`."""
    rows: list[str] = []
    row = ""
    for word in _breakable(clean(text), width, size, is_bold):
        longer = f"{row} {word}" if row else word
        if text_width(longer, size, is_bold=is_bold) <= width:
            row = longer
            continue
        if row:
            rows.append(row)
        row = word
    rows.append(row)
    if len(rows) <= lines:
        return rows
    kept = rows[:lines]
    kept[-1] = _shorten(kept[-1], width, size, is_bold)
    return kept


def _breakable(text: str, width: float, size: float, is_bold: bool) -> list[str]:
    """The words of a text, those wider than a line cut into pieces."""
    pieces = []
    for word in text.split(" "):
        while text_width(word, size, is_bold=is_bold) > width and len(word) > 1:
            end = _longest(word, width, size, is_bold)
            pieces.append(word[:end])
            word = word[end:]
        pieces.append(word)
    return pieces


def _longest(word: str, width: float, size: float, is_bold: bool) -> int:
    end = 1
    while end < len(word) and text_width(word[: end + 1], size, is_bold=is_bold) <= width:
        end += 1
    return end


def _shorten(row: str, width: float, size: float, is_bold: bool) -> str:
    while row and text_width(row + ELLIPSIS, size, is_bold=is_bold) > width:
        row = row[:-1]
    return row.rstrip(" ,.;:") + ELLIPSIS


def _foreign(character: str) -> int:
    """A width for a character outside the table, from what Unicode says of it."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1000
    return 560 if "\u00c0" <= character <= "\u024f" and character.islower() else 780
