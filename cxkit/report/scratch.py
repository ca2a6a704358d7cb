"""Folders for what a run needs while it runs, named so that a later run knows whose they were.

A process that is killed cannot tidy up after itself. Its folders say which process they belong
to, and `sweep` removes those of processes that are gone.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cxkit.files import is_gone, owner

__all__ = ["folder", "sweep", "tidy"]

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
    left = [place for place in _folders("*-*") if is_gone(place.name.removeprefix(_PREFIX))]
    for place in left:
        shutil.rmtree(place, ignore_errors=True)
    return left


def tidy() -> None:
    """Remove the folders of this very process, which is about to end without its `finally`."""
    for place in _folders(f"{owner()}-*"):
        shutil.rmtree(place, ignore_errors=True)


def _folders(pattern: str) -> list[Path]:
    return sorted(Path(tempfile.gettempdir()).glob(_PREFIX + pattern))
