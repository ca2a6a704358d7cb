"""Workbooks that say nothing of when they were made: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile

__all__ = ["MADE", "timeless"]

MADE = (1980, 1, 1, 0, 0, 0)
"""The moment that stands for none: the first that an archive can hold."""

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def timeless(workbook: bytes) -> bytes:
    """The same workbook without the moments at which it and its parts were made.

    Examples
    --------
    >>> made = io.BytesIO()
    >>> with zipfile.ZipFile(made, "w") as archive:
    ...     archive.writestr("sheet.xml", b"<row/>")
    >>> zipfile.ZipFile(io.BytesIO(timeless(made.getvalue()))).getinfo("sheet.xml").date_time
    (1980, 1, 1, 0, 0, 0)
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            info = zipfile.ZipInfo(name, MADE)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, content)
    return made.getvalue()
