"""One batch at a time on a study and a folder: whoever comes second is told who is at work."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cxkit.errors import StudyError, brief

__all__ = ["LOCK", "locked"]

LOCK = ".lock"
"""The file in the folder of records that a batch holds."""

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `.lock` in a folder for as long as the block runs; StudyError if another process does.

    The system lets go of it when the process ends, however it ends. On a disk that knows no locks
    the block runs without one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name, locked(Path(name)):
    ...     f"process {os.getpid()} on" in (Path(name) / ".lock").read_text()
    True
    """
    with (folder / LOCK).open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except OSError as slip:
            if slip.errno in _TAKEN:
                raise _held(file, folder) from None
        _write(file, f"process {os.getpid()} on {socket.gethostname()}")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # a full disk; the lock is let go of
                _write(file, "")


def _take(file: IO[str]) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(_FAR_OUT)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_FAR_OUT = 1 << 30
"""Windows locks bytes, and lets nobody read them: one that the file does not have."""


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _held(file: IO[str], folder: Path) -> StudyError:
    file.seek(0)
    holder = brief(file.read(), 80) or "another process"
    return StudyError(
        f"another batch of this study writes to '{folder.parent}': {holder}",
        where=str(folder / LOCK),
        expected="one batch at a time on a study and a folder",
        hint="wait until it is done, or name another folder with -o",
    )
