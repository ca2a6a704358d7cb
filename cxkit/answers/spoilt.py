"""Answers that a spreadsheet changed when it saved an export: ranges into days, long ids rounded.

"1-3" becomes "3-Jan", "01-Mar" or a day of the year in which the file was opened, 118052219061
becomes "1.18E+11". What stood there cannot be told any more, so nothing is mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from cxkit.errors import brief

__all__ = ["EXPECTED", "HINT", "is_day", "is_rounded", "said_of_days"]

EXPECTED = "the answers as the survey platform exported them"
HINT = (
    "export the answers again and do not open the file in a spreadsheet; "
    "where it must be, import this column as text"
)

_MONTHS = (
    ("jan", "ene", "janv"),
    ("feb", "peb", "fev", "fév", "févr"),
    ("mar", "mrz", "mrt", "mär", "märz", "mars"),
    ("apr", "abr", "avr"),
    ("may", "mei", "mai"),
    ("jun", "juin", "juni"),
    ("jul", "juil", "juli"),
    ("aug", "agu", "agt", "agust", "ags", "ago", "aoû", "août"),
    ("sep", "sept", "set"),
    ("oct", "okt", "out"),
    ("nov", "nop"),
    ("dec", "des", "dez", "dic", "déc"),
)
"""The months as spreadsheets shorten them: English, Indonesian, German, Spanish, French, ..."""
_MONTH_OF = {word: at for at, words in enumerate(_MONTHS, start=1) for word in words}

_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[-/. ]{1,2}(?P<month>[^\W\d_]{3,5})\.?")
_MONTH_FIRST = re.compile(r"(?P<month>[^\W\d_]{3,5})\.?[-/. ]{1,2}(?P<day>\d{1,2})")
_YEAR_FIRST = re.compile(r"\d{4}-(?P<month>\d{2})-(?P<day>\d{2})( 00:00:00)?")
_RANGE = re.compile(r"0?(?P<a>\d{1,2})\s*[-/.]\s*0?(?P<b>\d{1,2})")
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d{1,2}")
_LONGEST_MONTH = 31


def is_day(text: str, labels: Collection[str] = ()) -> bool:
    """Whether a spreadsheet made a day of an answer, and no label reads so.

    A day with its month in letters and no year is one; another day is where a label has its
    two numbers.

    >>> is_day("3-Jan"), is_day("01-Mei"), is_day("3-5 kali"), is_day("2026-03-01")
    (True, True, False, False)
    >>> is_day("2026-03-01", ["0", "1-3", "4-6"])
    True
    """
    if text in labels:
        return False
    match = _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    if match is not None:
        return match["month"].casefold() in _MONTH_OF
    match = _YEAR_FIRST.fullmatch(text)
    pair = {int(match["month"]), int(match["day"])} if match else set()
    return bool(pair) and any(pair == _numbers(label) for label in labels)


def said_of_days(column: str, shown: str) -> str:
    """What is said of a column with such texts, `shown` as messages quote them."""
    return (
        f"column '{brief(column)}' holds {shown}, "
        "which a spreadsheet made of an answer such as '1-3'"
    )


def is_rounded(text: str) -> bool:
    """Whether an id was rounded to a few digits.

    >>> is_rounded("1.18E+11"), is_rounded("118052219061")
    (True, False)
    """
    return _ROUNDED.fullmatch(text) is not None


def _numbers(label: str) -> set[int]:
    """The two numbers of a range that a spreadsheet takes for a day; none for other labels."""
    match = _RANGE.fullmatch(label.strip())
    if match is None:
        return set()
    a, b = int(match["a"]), int(match["b"])
    return {a, b} if min(a, b) in range(1, 13) and max(a, b) <= _LONGEST_MONTH else set()
