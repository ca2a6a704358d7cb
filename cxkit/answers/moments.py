"""When interviews began and ended, as platforms write it: local orders, halves of the day, zones.

The order of day and month is never guessed. Where the column does not prove one and nothing
declares it, the length of an interview that began and ended on the same day is still known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from cxkit.answers.dates import moment
from cxkit.answers.texts import Texts

__all__ = ["Moments", "order_of"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_LOCAL = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?!\d)")
_UNDATED = "1980-01-01"
"""What some platforms write where they keep no dates."""


def order_of(*columns: Texts | None) -> str | None:
    """The order of day and month that columns prove (`dmy`, `mdy`), `both`; None for neither."""
    pairs = [
        (int(match[1]), int(match[2]))
        for column in columns if column is not None
        for match in map(_LOCAL.match, map(str, column.words)) if match
    ]  # fmt: skip
    proven = {
        order
        for order, is_so in (
            ("dmy", any(a > 12 >= b for a, b in pairs)),
            ("mdy", any(b > 12 >= a for a, b in pairs)),
        )
        if is_so
    }
    return "both" if len(proven) > 1 else next(iter(proven), None)


class Moments:
    """The moments of a column of texts.

    Attributes
    ----------
    at : Series of datetime64[ns, UTC], shape (n_rows,)
        The moment of each row, missing where the text is none; a text without a zone is taken
        as UTC's.
    is_sure : numpy.ndarray of bool, shape (n_rows,)
        Whether the order of day and month is known.
    day : numpy.ndarray of int, shape (n_rows,)
        A number for each different text of a day, -1 where it is no local one.
    """

    def __init__(self, texts: Texts, order: str | None) -> None:
        words = [str(word).strip() for word in texts.words]
        found = pd.Series(_read(words, order or "dmy"))
        self.at = found.iloc[texts.at].reset_index(drop=True)
        local = [_LOCAL.match(word) for word in words]
        is_sure = [order is not None or one is None or one[1] == one[2] for one in local]
        days = [one[0].strip() if one else "" for one in local]
        self.is_sure = np.array(is_sure, dtype=bool)[texts.at]
        self.day = np.array(days, dtype=object)[texts.at]

    def known(self) -> pd.Series:
        """The moments of which the order of day and month is known."""
        return self.at.where(self.is_sure)

    def until(self, end: Moments) -> np.ndarray:
        """The seconds from each moment to that of `end`, NaN where they are not known."""
        took = (end.at - self.at).dt.total_seconds().to_numpy(dtype=float)
        is_known = (self.is_sure & end.is_sure) | (self.day == end.day)
        return np.where(is_known, took, np.nan)


def _read(words: list[str], order: str) -> pd.Series:
    """ISO's own form at once, others one by one."""
    is_iso = [_ISO.fullmatch(word) is not None and not word.startswith(_UNDATED) for word in words]
    iso = [word if known else None for word, known in zip(words, is_iso, strict=True)]
    made = pd.to_datetime(
        pd.Series(iso, dtype="str"), errors="coerce", utc=True, format="ISO8601"
    ).astype("datetime64[us, UTC]")
    others = [at for at, word in enumerate(words) if word and not is_iso[at]]
    if others:
        made.iloc[others] = _each((words[at] for at in others), order)
    return made


def _each(words: Iterable[str], order: str) -> pd.Series:
    found: list[dt.datetime | None] = [
        None if word.startswith(_UNDATED) else moment(word, order) for word in words
    ]
    return pd.to_datetime(pd.Series(found, dtype=object), utc=True).to_numpy()
