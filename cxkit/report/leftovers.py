"""What killed runs left behind: half-written files and scratch folders, found and removed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from cxkit.report import scratch
from cxkit.report.provenance import PART

__all__ = ["sweep"]

_WRITER = re.compile(rf"\.([0-9a-f]+-\d+-\d+)\.[^.]+{re.escape(PART)}$")
"""Who was writing a file, as `write_atomically` names it while it is not whole."""


def sweep(*folders: Path) -> list[Path]:
    """Remove what processes that are gone left in these folders and in the system's scratch place.

    What a process that still runs is writing, and what one of another machine wrote on a shared
    disk, stays.

    Returns
    -------
    list of Path
        What was removed.
    """
    gone = scratch.sweep()
    for folder in folders:
        for part in _parts(folder):
            with contextlib.suppress(OSError):
                part.unlink()
                gone.append(part)
    return gone


def _parts(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(f"*{PART}")):
        written_by = _WRITER.search(path.name)
        if written_by and scratch.is_gone(written_by[1]):
            yield path
