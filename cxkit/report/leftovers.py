"""What killed runs left behind: half-written files and scratch folders, found and removed."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cxkit import places
from cxkit.answers.cache import CACHE
from cxkit.errors import counted
from cxkit.files import left_behind
from cxkit.report import scratch
from cxkit.report.beside import FIGURES
from cxkit.report.lock import locked

__all__ = ["Cleaned", "clean", "sweep"]


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
        for part in left_behind(folder):
            with contextlib.suppress(OSError):
                part.unlink()
                gone.append(part)
    return gone


# -- cxkit clean -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cleaned:
    """What `clean` removed: the cache with its files and bytes, and what killed runs had left."""

    cache: Path
    n_files: int
    n_bytes: int
    left: tuple[Path, ...]

    def __str__(self) -> str:
        said = []
        if self.n_files:
            size = f"{self.n_bytes / 1e6:.1f} MB"
            said.append(f"removed {self.cache} ({counted(self.n_files, 'file')}, {size})")
        if self.left:
            said.append(f"removed {counted(len(self.left), 'remainder')} of runs that were killed")
        return "\n".join(said) or "nothing to remove"


def clean(study: str | os.PathLike[str], output: str | os.PathLike[str] | None = None) -> Cleaned:
    """Remove a study's cache of prepared answers, and what killed runs left in its reports.

    Parameters
    ----------
    study : path or "demo"
        A folder, a study.yaml, or the word demo; a study file that needs mending will do.
    output : path, optional
        The folder of the reports; the study's own if none.

    Raises
    ------
    StudyError
        If there is no study, or a batch is at work in that folder.
    """
    file = places.find_study(study)
    reports = Path(output) if output is not None else places.output_folder(file)
    cache = file.parent / CACHE
    records = sorted(lock.parent for lock in reports.glob("*-batch/.lock"))
    with contextlib.ExitStack() as batches:
        for folder in records:
            batches.enter_context(locked(folder))
        left = sweep(reports, *reports.glob(f"*{FIGURES}/*"), *records)
        files = [path for path in cache.rglob("*") if path.is_file()]
        n_bytes = sum(path.stat().st_size for path in files)
        if cache.is_dir():
            shutil.rmtree(cache)
    return Cleaned(cache, len(files), n_bytes, tuple(left))
