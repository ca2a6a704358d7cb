"""Folders for what a run needs while it runs, named so that a later run knows whose they were.

A process that is killed cannot tidy up after itself. Its folders say which process they belong
to, and `sweep` removes those of processes that are gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["folder", "is_gone", "owner", "sweep", "tidy"]

_PREFIX = "cxkit-"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new private folder of this process, gone when the block ends.

    >>> with folder() as place:
    ...     place.is_dir()
    True
    """
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{owner()}-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep() -> list[Path]:
    """Remove the folders of processes of this machine that are gone; which they were."""
    places = _folders(f"{_host()}-*-*")
    left = [place for place in places if is_gone(place.name.removeprefix(_PREFIX))]
    for place in left:
        shutil.rmtree(place, ignore_errors=True)
    return left


def tidy() -> None:
    """Remove the folders of this very process, which is about to end without its `finally`."""
    for place in _folders(f"{owner()}-*"):
        shutil.rmtree(place, ignore_errors=True)


def owner() -> str:
    """What names of folders and files say of this process: its machine and its number."""
    return f"{_host()}-{os.getpid()}"


def is_gone(named: str) -> bool:
    """Whether the process that a name beginning with `owner()` speaks of is no longer there.

    Of processes of other machines nothing is known: they are taken to be there.
    """
    host, number, *_ = [*named.split("-"), ""]
    if host != _host() or not number.isdigit():
        return False
    import psutil

    return not psutil.pid_exists(int(number))


def _folders(pattern: str) -> list[Path]:
    return sorted(Path(tempfile.gettempdir()).glob(_PREFIX + pattern))


@cache
def _host() -> str:
    """The machine in a few letters: a shared disk may hold folders of several."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
