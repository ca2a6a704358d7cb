"""Files that are written whole or not at all, what they hold, and whose a half-written one is."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import socket
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from cxkit.errors import StudyError

__all__ = [
    "PART", "ensure_writable", "is_gone", "left_behind", "owner", "remove_together", "rewrite",
    "sha256_of", "write_atomically", "write_together",
]  # fmt: skip

PART = ".part"
"""The end of the name of a file that is still being written."""

_WRITER = re.compile(r"(?:^|\.)([0-9a-f]+-\d+-\d+)[.-]")
"""Who was writing a file, as its name says while it is not whole."""


def ensure_writable(folder: Path, hint: str = "name another with -o") -> None:
    """StudyError unless files can be written to `folder`, or to where it is to be made."""
    place = folder
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as slip:
        raise StudyError(
            f"nothing can be written to '{folder}': {slip.strerror}",
            where=str(folder),
            expected="a folder that may be written to, on a disk with room",
            hint=hint,
        ) from slip


def write_atomically(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Write a whole file or none, text as UTF-8: beside its place first, then moved there.

    `mode` is who may read and write it at most; the process's umask takes from that.
    """
    write_together(path.parent, {path.name: content}, mode)


def write_together(folder: Path, contents: Mapping[str, str | bytes], mode: int = 0o666) -> None:
    """Write all of some files or none of them, by their names from `folder`.

    Each is written beside its place before the first is moved there: a disk that fills up, or a
    folder that cannot be made, leaves everything as it was.
    """
    staged: dict[Path, Path] = {}
    made: list[Path] = []
    try:
        for name, content in contents.items():
            path = folder / name
            made += _made_folders(path.parent)
            staged[path] = _staged(path, content, mode)
        for path in staged:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        for path, scratch in staged.items():
            os.replace(scratch, path)
    except BaseException:
        for scratch in staged.values():
            scratch.unlink(missing_ok=True)
        for one in reversed(made):
            with contextlib.suppress(OSError):  # what was moved there before stays
                one.rmdir()
        raise


def rewrite(path: Path, content: str, hint: str) -> None:
    """Write a file of the user's anew, whole or not at all: where a link to it leads, its rights
    as they were.

    Raises
    ------
    StudyError
        If the file is marked as not to be written to, or its folder is.
    """
    place = path.resolve()
    mode = stat.S_IMODE(place.stat().st_mode)
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise StudyError(
            f"'{path.name}' may not be changed: it is read-only",
            where=str(path),
            expected="a file that may be written to",
            hint=hint,
        )
    ensure_writable(place.parent, hint)
    write_atomically(place, content)
    os.chmod(place, mode)


def remove_together(folder: Path, names: Iterable[str]) -> None:
    """Remove files by their names from `folder`, and folders in it that are empty then."""
    paths = [folder / name for name in names]
    for path in paths:
        path.unlink(missing_ok=True)
    within = {one for path in paths for one in path.parents if folder in one.parents}
    for one in sorted(within, key=lambda place: len(place.parts), reverse=True):
        with contextlib.suppress(OSError):  # something of somebody else's lies in it
            one.rmdir()


def _made_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; which of them were not there before, the outer first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _staged(path: Path, content: str | bytes, mode: int) -> Path:
    """A file with that content beside its place, whole and not there yet."""
    prefix = f".{path.name}.{owner()}."
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=PART)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(scratch, mode & 0o666 & ~_umask())
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return scratch


@cache
def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def sha256_of(file: Path) -> str:
    """The SHA-256 of what a file holds, as hexadecimal; OSError where it cannot be read.

    >>> sha256_of(Path(os.devnull))[:12]
    'e3b0c44298fc'
    """
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


# -- whose they are ----------------------------------------------------------------------------


def owner() -> str:
    """What names of folders and files say of the process they belong to: host, number, start."""
    return f"{_host()}-{os.getpid()}-{_started(os.getpid()) or 0}"


def is_gone(named: str) -> bool:
    """Whether the process that a name beginning with `owner()` speaks of is no longer there.

    Of processes of other machines nothing is known: they are taken to be there.
    """
    host, number, started, *_ = [*named.split("-"), "", ""]
    if host != _host() or not number.isdigit() or not started.isdigit():
        return False
    return str(_started(int(number))) != started


def left_behind(folder: Path) -> Iterator[Path]:
    """The files of a folder that are not whole, and whose writer is no longer there."""
    for path in sorted(folder.glob(f"*{PART}")):
        writer = _WRITER.search(path.name)
        if writer and is_gone(writer[1]):
            yield path


@cache
def _host() -> str:
    """The machine in a few letters: a shared disk may hold files of several."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def _started(number: int) -> int | None:
    """When a process started, as its system counts; None if it has ended.

    Linux tells the ticks since it booted, which no correction of the clock moves; a process that
    is dead and only waits for its parent to notice has ended.
    """
    if Path("/proc/self/stat").is_file():
        try:
            told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *fields = told.rpartition(")")[2].split()
        return None if state in "ZX" else int(fields[18])
    import psutil

    try:
        return int(psutil.Process(number).create_time() * 100)
    except psutil.NoSuchProcess:
        return None
