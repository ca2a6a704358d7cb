"""SPSS files of answers (.sav, .zsav): codes as text, with labels, questions and missing codes.

They are read in a process of their own (this module, run): the library that decodes them is
written in C, and a damaged file can end its process, which must not be the researcher's.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxkit.answers.platforms import Question
from cxkit.answers.readers.table import Asked, Header, Table, header_only, refused, typed
from cxkit.answers.texts import Texts

__all__ = ["read_spss"]

_EPOCH = np.datetime64("1582-10-14T00:00:00")
"""The first moment of SPSS's calendar: its dates are seconds since then."""

_DAYS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR")
_MOMENTS = ("DATETIME", "YMDHMS")
_TIMES = ("TIME",)


def read_spss(file: Path, asked: Asked) -> Table:
    """The wanted columns of an SPSS file; the others are not read."""
    child = subprocess.run(
        [sys.executable, "-P", "-m", __name__],
        input=pickle.dumps((file, asked)),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )
    if b"Traceback" in child.stderr:
        raise RuntimeError(child.stderr.decode(errors="replace"))
    if child.returncode or not child.stdout:
        return _damaged(asked.shown, "its contents contradict each other")
    table: Table = pickle.loads(child.stdout)
    return table


def _damaged(shown: str, why: str) -> Table:
    return refused(
        "unreadable",
        shown,
        f"'{shown}' cannot be read as an SPSS file: {why}",
        expected="a whole SPSS file (.sav or .zsav)",
        hint="export or copy the file again: it may have been cut",
    )


def _read(file: Path, asked: Asked) -> Table:
    import pyreadstat

    shown = asked.shown

    try:
        _, told = pyreadstat.read_sav(str(file), metadataonly=True)
        if not all(told.column_names):
            return _damaged(shown, "a column has no name")
        header = Header(told.column_names, None, shown, asked.columns)
        own = list(dict.fromkeys(header.own.values()))
        read, told = pyreadstat.read_sav(
            str(file),
            usecols=own or told.column_names[:1],
            user_missing=True,
            disable_datetime_conversion=True,
            output_format="dict",
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        return _damaged(shown, str(error).rstrip("."))
    except (UnicodeError, SystemError):  # pyreadstat wraps the first in the second, or does not
        return _damaged(shown, "its texts are not in the encoding that it names")
    problems = header.problems()
    n_rows = len(next(iter(read.values()), ()))
    if n_rows == 0:
        problems.append(header_only(shown, None))
    formats = told.original_variable_types
    return Table(
        shown,
        header.names,
        {name: _as_text(read[own], formats[own] or "") for name, own in header.own.items()},
        np.arange(1, n_rows + 1, dtype=np.int32),
        tuple(problems),
        {name: _question(told, own) for name, own in header.own.items()},
        platform="spss",
    )


def _question(told: Any, name: str) -> Question:
    labels = told.variable_value_labels.get(name, {})
    ranges = told.missing_ranges.get(name, [])
    kind = _name(told.original_variable_types.get(name))
    is_moment = kind in (*_DAYS, *_MOMENTS, *_TIMES)
    return Question(
        text=str(told.column_names_to_labels.get(name) or "").strip(),
        kind="date" if is_moment else "single" if labels else "open" if kind == "A" else "",
        labels={typed(code): str(label).strip() for code, label in labels.items()},
        missing=tuple((one["lo"], one["hi"]) for one in ranges),
    )


def _name(kind: str | None) -> str:
    """The name of a format, without its width: F of F8.2."""
    return (kind or "").rstrip("0123456789.")


def _as_text(values: Sequence[Any], kind: str) -> Texts:
    """Numbers and words as a person would have typed them; dates and times in ISO's order."""
    name = _name(kind)
    if name in (*_DAYS, *_MOMENTS):
        return Texts.of(_moment(value, name in _DAYS) for value in values)
    if name in _TIMES:
        return Texts.of(_time(value) for value in values)
    return Texts.of(map(typed, values))


def _moment(seconds: float | None, is_day: bool) -> str:
    if seconds is None or not np.isfinite(seconds):
        return ""
    moment = _EPOCH + np.timedelta64(round(seconds), "s")
    text = str(moment).replace("T", " ")
    return text[:-9] if is_day or text.endswith(" 00:00:00") else text


def _time(seconds: float | None) -> str:
    if seconds is None or not np.isfinite(seconds):
        return ""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}"


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(_read(*pickle.loads(sys.stdin.buffer.read()))))
