"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from cxkit.errors import StudyError

__all__ = ["PART", "ensure_writable", "write_atomically"]

PART = ".part"
"""The end of the name of a file that is still being written."""


def ensure_writable(folder: Path, hint: str = "name another with -o") -> None:
    """StudyError unless files can be written to `folder`, or to where it is to be made."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as slip:
        raise StudyError(
            f"nothing can be written to '{folder}': {slip.strerror}",
            where=str(folder),
            expected="a folder that may be written to, on a disk with room",
            hint=hint,
        ) from slip


def write_atomically(path: Path, text: str) -> None:
    """Write a whole file or none: beside its place first, then moved there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(scratch, 0o666 & ~_umask())
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


@cache
def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
