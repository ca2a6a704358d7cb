"""A text as a reader takes it in: digits and signs of any script as plain ones, place by place.

People write a number with full-width or emoji digits, with blanks that have no width, with long
dashes: all of these read alike. `Plain` keeps, for each character that is read, where it stands
in the text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

__all__ = ["Found", "Plain", "digits_of", "is_ordered", "within"]

Found = tuple[str, int, int]
"""A kind of identifier, and the half-open stretch of the text that it fills."""

_UNREAD = ("Cf", "Mn", "Me", "Cc")
_LETTER_FOR_ZERO = re.compile(r"(?<=\d)[oO](?=[\d .\-]|$)|(?<![^\W_])[oO](?=\d)")


class Plain:
    """A text as it is read.

    Attributes
    ----------
    text : str
        The characters that are read, in lower case, each one plain character.
    written : str
        The text as it was written.

    `unseen` are words of our own that are to be read as no word of the respondent's.
    """

    __slots__ = ("_at", "text", "written")

    def __init__(self, written: str, unseen: Iterable[str] = ()) -> None:
        self.written = written
        for mark in unseen:
            written = written.replace(mark, "\N{CURRENCY SIGN}" * len(mark))
        self._at: list[int] | None = None
        if written.isascii():
            self.text = _numbers_apart(written)
            return
        read = [(place, _read(char)) for place, char in enumerate(written)]
        self._at = [place for place, char in read if char]
        self.text = _numbers_apart("".join(char for _, char in read))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of what is read stands in what was written."""
        if self._at is None or start == end:
            return start, end
        last = self._at[end] if end < len(self._at) else len(self.written)
        return self._at[start], last

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where a pattern is met in what is read."""
        return pattern.finditer(self.text)


def _numbers_apart(text: str) -> str:
    """In lower case; the letter O that stands among digits as the zero that it is meant for."""
    lower = text.lower()
    lower = lower if len(lower) == len(text) else text
    return _LETTER_FOR_ZERO.sub("0", lower)


@lru_cache(maxsize=4096)
def _read(char: str) -> str:
    """A character as it is read: one plain character, or nothing for what has no width."""
    if char.isascii():
        return char
    kind = unicodedata.category(char)
    if kind in _UNREAD:
        return ""
    if kind == "Pd" or char == "\u2212":
        return "-"
    if kind == "Zs":
        return " "
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def digits_of(text: str) -> str:
    """The digits of a text, and nothing else.

    >>> digits_of("0812-3456 7890")
    '081234567890'
    """
    return "".join(filter(str.isdigit, text))


_ORDERED = re.compile(
    r"(?<![^\W_])(?:order|orders|pesanan|pemesanan|invoice|inv|faktur|resi|booking|ticket|tiket|"
    r"transaksi|transaction|tracking|awb|parcel|paket|struk|case|kasus|ref|reference|referensi|"
    r"kode|code|sku|barcode|item|product|produk|serial|seri|po|id)"
    r"(?:\s*(?:no|nomor|nomer|number|num|id|ini|saya|nya|is|jne|jnt|j&t|sicepat|anteraja|tiki|pos|"
    r"ninja|lion|spx|dhl|fedex|ups|usps))*[\s.:#=\-]*$"
)


def is_ordered(before: str) -> bool:
    """Whether a text ends with the word for an order, a parcel or a product: no person's number.

    >>> is_ordered("nomor resi jne "), is_ordered("nomor saya ")
    (True, False)
    """
    return bool(_ORDERED.search(before))


def within(
    match: re.Match[str], is_meant: Callable[[str], bool], group: int | str = 0
) -> tuple[int, int] | None:
    """The longest head of a match, cut between its groups of digits, that is what was meant.

    A number in a sentence may be followed by another one: in `0812-3456-7890, 2 hari` the two
    digits after a sign of their own are left, where the number is whole without them.
    """
    start, text = match.start(group), match[group]
    ends = [one.end() for one in re.finditer(r"\d+(?!\w)", text)]
    for end in reversed(ends):
        if is_meant(text[:end]) and not (
            _trails(text[:end]) and is_meant(_without_last(text[:end]))
        ):
            closing = 1 if text[:end].count("(") > text[:end].count(")") else 0
            closing *= text[end : end + 1] == ")"
            return start, start + end + closing
    return None


def _trails(text: str) -> bool:
    """Whether a number ends with a digit or two after a sign that does not stand in it before."""
    parted = re.findall(r"\D+", text.strip("(+"))
    return (
        len(parted) > 1 and bool(re.search(r"\D\d{1,2}$", text)) and parted[-1] not in parted[:-1]
    )


def _without_last(text: str) -> str:
    return re.sub(r"\D+\d+$", "", text)
