"""When a file beside a page is said to have been made: no clock is asked."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

__all__ = ["made_on"]

_NONE = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
"""Where neither the study nor the caller knows a date: the first that a ZIP file can hold."""


def made_on(context: Mapping[str, Any]) -> dt.datetime:
    """SOURCE_DATE_EPOCH if it is set, else the last day of fieldwork, else 1980-01-01.

    >>> made_on({"fielded": ["2026-03-02", "2026-03-20"]}).date().isoformat()
    '2026-03-20'
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    if fielded := context.get("fielded"):
        return dt.datetime.fromisoformat(fielded[1]).replace(tzinfo=dt.UTC)
    return _NONE
