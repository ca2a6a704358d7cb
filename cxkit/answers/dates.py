"""Days as people write them, into ISO's order; an order of day and month is never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from cxkit.answers.columns import Slip
from cxkit.answers.texts import Texts
from cxkit.errors import brief, quoted

__all__ = ["days", "moment"]

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![-/.\d])")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?![-/.\d])")
_WORDS = {"dmy": "day/month/year", "mdy": "month/day/year"}
_PARTS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_ZONED = re.compile(
    r"[ T](?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.]\d{2}(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)? ?"
    r"(?P<zone>(?:GMT|UTC)?(?P<sign>[+\N{MINUS SIGN}-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?"
    r"|[A-Z]{1,5})$"
)
_TIME = re.compile(
    r"[ T,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?:Z|[A-Z]{1,5}|(?:GMT|UTC)?[^\w\s:.,/]\d{1,2}:?"
    r"(?:\d{2})?))?$"
)
_ZONES = {
    "Z": 0, "GMT": 0, "UTC": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2,
    "MESZ": 2, "EET": 2, "EEST": 3, "WIB": 7, "WITA": 8, "SGT": 8, "MYT": 8, "WIT": 9, "JST": 9,
    "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours ahead of UTC of zones that are written in letters, as far as those mean one zone."""


def days(
    texts: Texts, *, column: str, order: str | None = None, timezone: str | None = None
) -> tuple[Texts, list[Slip]]:
    """The day that each text begins with, as 2026-03-02; "" where blank, slips where unclear.

    Texts that begin with the year are read as they stand. Of others the day and the month are
    told by `order` (`dmy`, `mdy`, or `ymd` for 26-03-02), else by the column itself, where a
    number above 12 proves it; a column that needs both orders, or proves neither, is refused. A
    time that follows is left aside, unless it names its zone (PM GMT+8, Z, +07:00): then the
    day is that of `timezone`, where one is given.
    """
    uniques = texts.found()
    local = {text: _numbers(text) for text in uniques if _YEAR_LAST.match(text)}
    slips: list[Slip] = []
    if order is None and any(a != b for a, b, _ in local.values()):
        order, slips = _proven(texts, local, column)
    found = {text: _day(text, order or "dmy") for text in uniques if text}
    if (zone := _zone(timezone)) is not None:
        found = {text: day and _moved(text, day, zone) for text, day in found.items()}
    wrong = [text for text, day in found.items() if day is None]
    is_settled = all(slip.severity != "error" for slip in slips)
    if wrong and is_settled:
        slips += _not_days(texts, wrong, local, column, order)
    return texts.put(lambda text: found.get(text) or ""), slips


def _numbers(text: str) -> tuple[int, int, int]:
    a, b, year = _YEAR_LAST.match(text).groups()  # type: ignore[union-attr]
    return int(a), int(b), int(year) + (2000 if len(year) == 2 else 0)


def _day(text: str, order: str) -> str | None:
    """A text's day, None if it has none."""
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif (match := _YEAR_LAST.match(text)) and order in _PARTS:
        numbers = _numbers(text)
        year, month, day = (numbers[part] for part in _PARTS[order])
    elif match and len(match[3]) == 2:
        year, month, day = 2000 + int(match[1]), int(match[2]), int(match[3])
    else:
        return None
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def _moved(text: str, day: str, zone: ZoneInfo) -> str:
    """The day that it is in a zone, when the day of a text with a time and a zone is known."""
    match = _ZONED.search(text)
    if match is None or (match["sign"] is None and match["zone"] not in _ZONES):
        return day
    hour, minute = int(match["hour"]), int(match["minute"])
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"] in "Pp")
    try:
        time = dt.time(hour, minute, tzinfo=_offset(match))
        then = dt.datetime.combine(dt.date.fromisoformat(day), time)
        return then.astimezone(zone).date().isoformat()
    except (ValueError, OverflowError):
        return day


def moment(text: str, order: str) -> dt.datetime | None:
    """The moment of a text: its day, in an `order`, and its time; None where it has none.

    A zone that the text names is heeded; without one the moment is taken as UTC's.

    >>> moment("2025/03/05 5:28:53 PM GMT+7", "dmy").isoformat()
    '2025-03-05T17:28:53+07:00'
    """
    day, time = _day(text, order), _TIME.search(text)
    if day is None or time is None:
        return None
    hour = int(time["hour"])
    if time["half"]:
        hour = hour % 12 + 12 * (time["half"] in "Pp")
    zoned = _ZONED.search(text)
    is_known = zoned is not None and (zoned["sign"] is not None or zoned["zone"] in _ZONES)
    try:
        zone = _offset(zoned) if zoned is not None and is_known else dt.UTC
        then = dt.time(hour, int(time["minute"]), int(time["second"] or 0), tzinfo=zone)
        return dt.datetime.combine(dt.date.fromisoformat(day), then)
    except ValueError:
        return None


def _zone(timezone: str | None) -> ZoneInfo | None:
    """The zone of a name; None where there is none, or where `check` refuses the name."""
    try:
        return ZoneInfo(timezone) if timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _offset(match: re.Match[str]) -> dt.timezone:
    if match["sign"] is None:
        return dt.timezone(dt.timedelta(hours=_ZONES[match["zone"]]))
    ahead = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return dt.timezone(ahead if match["sign"] == "+" else -ahead)


def _proven(
    texts: Texts, local: Mapping[str, tuple[int, int, int]], column: str
) -> tuple[str | None, list[Slip]]:
    """The order that the column itself proves, and what is to be said of that."""
    proofs = {
        "dmy": [text for text, (a, b, _) in local.items() if a > 12 >= b],
        "mdy": [text for text, (a, b, _) in local.items() if b > 12 >= a],
    }
    if proofs["dmy"] and proofs["mdy"]:
        return None, [_two_orders(texts, proofs, column)]
    order = next((order for order, texts_ in proofs.items() if texts_), None)
    if order is None:
        unclear = [text for text, (a, b, _) in local.items() if a != b]
        return None, [
            _slip(
                texts,
                unclear,
                "date_ambiguous",
                f"column '{brief(column)}' holds {quoted(unclear[:1])}, which can be two days",
                expected="days such as 2026-03-02, or a declared order",
                hint=f"say it: date: {{column: {brief(column)}, order: dmy}}, or mdy",
            )
        ]
    return order, [
        _slip(
            texts,
            proofs[order],
            "date_order",
            f"the days of '{brief(column)}' are read as {_WORDS[order]}, "
            f"as {quoted(proofs[order][:1])} must be",
            severity="warning",
            hint=f"say it: date: {{column: {brief(column)}, order: {order}}}",
        )
    ]


def _two_orders(texts: Texts, proofs: Mapping[str, list[str]], column: str) -> Slip:
    order = "mdy" if _first(texts, proofs["mdy"]) > _first(texts, proofs["dmy"]) else "dmy"
    other = "dmy" if order == "mdy" else "mdy"
    return _slip(
        texts,
        proofs[order],
        "date_orders",
        f"column '{brief(column)}' writes days in two orders: {quoted(proofs[other][:1])} is "
        f"{_WORDS[other]}, {quoted(proofs[order][:1])} is {_WORDS[order]}",
        expected="days such as 2026-03-02, or one order in the whole column",
        hint="write the days of one of the sources anew",
    )


def _not_days(
    texts: Texts,
    wrong: list[str],
    local: Mapping[str, tuple[int, int, int]],
    column: str,
    order: str | None,
) -> Iterator[Slip]:
    """What is no day; where a text is one in the other order, that is said."""
    other = {"dmy": "mdy", "mdy": "dmy"}.get(order or "", "")
    turned = [text for text in wrong if other and text in local and _day(text, other)]
    if turned:
        yield _slip(
            texts,
            turned,
            "date_orders",
            f"column '{brief(column)}' holds {quoted(turned[:1])}, which is no day as "
            f"{_WORDS[order or '']} and one as {_WORDS[other]}",
            expected="one order in the whole column",
            hint="write the days of one of the sources anew",
        )
    rest = [text for text in wrong if text not in turned]
    if rest:
        yield _slip(
            texts,
            rest,
            "not_a_date",
            f"column '{brief(column)}' holds {quoted(rest)}, which is no day",
            expected="days such as 2026-03-02",
        )


def _first(texts: Texts, wanted: list[str]) -> int:
    return int(np.flatnonzero(texts.among(wanted))[0])


def _slip(texts: Texts, wanted: list[str], code: str, message: str, **more: Any) -> Slip:
    rows = np.flatnonzero(texts.among(wanted))
    return Slip(code, message, rows, tuple(wanted[:5]), **more)
