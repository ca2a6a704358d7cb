"""Which reports of a plan are there already, and what is said of each before and after."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxkit.errors import counted
from cxkit.files import sha256_of
from cxkit.report.job import Job, Reason, read_record
from cxkit.report.plan import WHY, Plan, Planned, planned

__all__ = [
    "BEFORE", "ENDED", "Foreseen", "as_dict", "counts_of", "foreseen", "is_unchanged",
    "read_record", "statuses", "tally",
]  # fmt: skip

BEFORE = ("to_make", "unchanged", "left_out")
"""What may be said of a report before a batch..."""
ENDED = ("made", "unchanged", "failed", "left_out")
"""... and after it."""

_WORDS = {"to_make": "to make", "left_out": "left out"}


@dataclass(frozen=True)
class Foreseen:
    """What a batch would do: its plan, and `to_make`, `unchanged` or `left_out` of each report."""

    plan: Plan
    status: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for programs."""
        return {
            "planned": len(self.plan),
            **counts_of(self.status, BEFORE),
            "folder": str(self.plan.folder),
            "reports": [as_dict(one, self.status[one.stem]) for one in self.plan],
        }

    def __str__(self) -> str:
        lines = []
        for one in self.plan:
            status = self.status[one.stem]
            why = f": {one.why}" if one.why else ""
            lines.append(f"{_WORDS.get(status, status):<10} {one.stem}{why}")
        return "\n".join([*lines, tally(self.plan, self.status)])


def foreseen(study: str | os.PathLike[str], *, force: bool = False, **asked: Any) -> Foreseen:
    """What a batch would do that is asked for in these words; no report is made.

    Parameters
    ----------
    study : path or "demo"
        A folder, a study.yaml, or the word demo.
    force : bool, default False
        Whether reports that are unchanged would be made again.
    **asked
        As `planned` takes it: by, notebook, depth, parameters, language, output, beside.

    Examples
    --------
    >>> print(foreseen("demo", by="age", force=True))
    to make    toko_contoh-report-age-a18_29
    to make    toko_contoh-report-age-a30_44
    to make    toko_contoh-report-age-a45_64
    3 reports: 3 to make
    """
    plan = planned(study, **asked)
    return Foreseen(plan, statuses(plan, force=force))


def statuses(plan: Plan, *, force: bool = False) -> dict[str, str]:
    """What would become of each report of a plan: `to_make`, `unchanged` or `left_out`."""
    return {one.stem: _status(one, force) for one in plan}


def _status(one: Planned, force: bool) -> str:
    if one.why_not is not None:
        return "left_out"
    return "unchanged" if not force and is_unchanged(one.job) else "to_make"


def is_unchanged(job: Job) -> bool:
    """Whether the report is there: a record of the same key, and every file as it was written."""
    record = read_record(job)
    if record is None or record.get("key") != job.key:
        return False
    files = record.get("files")
    if not isinstance(files, dict) or not files:
        return False
    return all(_is_as_written(job.folder, *file) for file in files.items())


def _is_as_written(folder: Path, name: str, digest: str) -> bool:
    try:
        return sha256_of(folder / name) == digest
    except OSError:
        return False


def as_dict(one: Planned, status: str, reason: Reason | None = None) -> dict[str, Any]:
    """One report of a plan as plain values: what it is about, and what became of it."""
    return {
        "stem": one.stem,
        "notebook": one.job.notebook.stem,
        "group": dict(one.group),
        "wave": one.wave,
        "parameters": dict(one.job.parameters),
        "status": status,
        "why": one.why,
        "reason": None if reason is None else dict(reason),
    }


def counts_of(status: Mapping[str, str], names: Sequence[str]) -> dict[str, int]:
    """How many reports are of each status, in the order of the names.

    >>> counts_of({"toko-report": "made", "toko-report-region-java": "left_out"}, ENDED)
    {'made': 1, 'unchanged': 0, 'failed': 0, 'left_out': 1}
    """
    counts = Counter(status.values())
    return {name: counts[name] for name in names}


def tally(plan: Plan, status: Mapping[str, str]) -> str:
    """How many reports are of which status, in words, and why some are left out."""
    counts = Counter(status[one.stem] for one in plan)
    names = ("to_make", "made", "unchanged", "failed", "left_out")
    said = [f"{counts[name]} {_WORDS.get(name, name)}" for name in names if counts[name]]
    why = Counter(one.why_not for one in plan if one.why_not)
    reasons = [f"{WHY[name]} ({n})" for name, n in why.items() if name is not None]
    told = ", ".join(said) + (f" ({'; '.join(reasons)})" if reasons else "")
    return f"{counted(len(plan), 'report')}: {told}"
