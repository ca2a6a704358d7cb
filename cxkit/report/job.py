"""A job: one report to make, as a value that another process or machine can take over.

`cxkit run` makes one, `cxkit batch` hundreds; the function is the same. A report is whole or not
there: everything is rendered before the first file is written, and the record comes last.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxkit.errors import CxkitError, ReportError, StudyError
from cxkit.files import ensure_writable, remove_together, write_atomically, write_together
from cxkit.report import provenance
from cxkit.report.execution import Limits, as_seen_from_kernel, execute
from cxkit.report.notebook_file import lean_nbformat, read_notebook
from cxkit.report.parameters import read_parameters

__all__ = [
    "RECORD",
    "Job",
    "Limits",
    "Outcome",
    "Reason",
    "Report",
    "attempt",
    "head_of",
    "make",
    "read_record",
    "reason_of",
    "refuse_without_findings",
    "rendered",
    "unwritten",
    "with_beside",
    "written",
]

RECORD = "cxkit.record/1"
"""The schema of the record of a report."""

Reason = Mapping[str, str | None]
"""What went wrong, where, what was expected, what to try: under what, where, expected, try."""


@dataclass(frozen=True)
class Job:
    """One report to make.

    Parameters
    ----------
    study, notebook : Path
        The study file and the notebook, absolute.
    stem : str
        The files' name without language and suffix: `<study>-<notebook>[-<group>]`.
    folder : Path
        Where they go, absolute.
    parameters : mapping
        Values of the notebook's parameters, without `study`.
    languages : tuple of str
        The languages of the pages.
    group : mapping of str, optional
        The segments and their groups that it is about; all respondents if none.
    beside : tuple of str
        What is to stand beside the pages (`cxkit.report.beside`).
    key : str, optional
        The digest of all that the report depends on.
    record : Path, optional
        Where the record of the finished report goes; none is written without.
    snapshot : Path, optional
        Prepared answers that the kernel reads in the place of preparing them again.
    limits : Limits
        What the report may take.
    fresh_kernels : bool, default False
        No kernels that are forked from a warm process.
    environment : str, optional
        The digest of versions and code that must hold where it is made.
    """

    study: Path
    notebook: Path
    stem: str
    folder: Path
    parameters: Mapping[str, object]
    languages: tuple[str, ...]
    group: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    key: str = ""
    record: Path | None = None
    snapshot: Path | None = None
    limits: Limits = field(default_factory=Limits)
    fresh_kernels: bool = False
    environment: str = ""


@dataclass
class Report:
    """What one run made: pages by language, JSON, executed notebook, what is beside, seconds.

    Iterating over it gives the paths of the pages.
    """

    pages: dict[str, Path]
    json: Path | None = None
    notebook: Path | None = None
    beside: tuple[Path, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def paths(self) -> list[Path]:
        """Every page, in the order of the languages asked for."""
        return list(self.pages.values())

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.pages)

    def __repr__(self) -> str:
        return "\n".join(str(path) for path in self.paths)


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `done` with its record, or `failed` with what, where, expected, try."""

    stem: str
    status: str
    record: Mapping[str, Any]
    seconds: Mapping[str, float] = field(default_factory=dict)
    reason: Reason | None = None


def make(job: Job) -> Report:
    """Execute the notebook of a job and write its pages, JSON and executed notebook.

    Returns
    -------
    Report
        Paths of what was written, and the seconds it took.

    Raises
    ------
    StudyError, SurveyError
        If study, answers or notebook need mending; nothing is written then.
    ReportError
        If a cell fails or a limit is reached; an earlier report is left as it was.
    """
    return _make(job)[0]


def attempt(job: Job) -> Outcome:
    """The same, saying what went wrong in the place of raising it; the record is written last."""
    try:
        with _ONE_AT_A_TIME:
            _same_environment(job.environment)
            report, files, nb = _make(job)
            record = _record(job, files, nb)
            if job.record is not None:
                earlier = (read_record(job) or {}).get("files") or {}
                remove_together(job.folder, set(earlier) - set(files))
                write_atomically(job.record, provenance.dump(record))
    except CxkitError as error:
        return Outcome(job.stem, "failed", head_of(job), reason=reason_of(error, job.folder))
    except (OSError, MemoryError) as error:
        reason = reason_of(_of_machine(error, job), job.folder)
        return Outcome(job.stem, "failed", head_of(job), reason=reason)
    return Outcome(job.stem, "done", record, report.seconds)


_ONE_AT_A_TIME = threading.Lock()
"""Kernels inherit the environment of their process: two reports in one would share it."""


def _make(job: Job) -> tuple[Report, dict[str, str], Any]:
    """The report of a job, its files by name with their digests, and the executed notebook."""
    from cxkit.report import page

    began = time.perf_counter()
    nb = read_notebook(job.notebook, job.notebook.name)
    values = dict(job.parameters)
    if "study" in read_parameters(nb.cells):
        values = {"study": as_seen_from_kernel(job.study), **values}
    ensure_writable(job.folder)
    failed = job.folder / f"{job.stem}.failed.ipynb"
    warming = threading.Thread(target=page.warm, daemon=True)  # while the kernel computes
    warming.start()
    read = time.perf_counter()
    executed = execute(
        job.notebook,
        values,
        job.study,
        failed,
        limits=job.limits,
        snapshot=job.snapshot,
        fresh=job.fresh_kernels,
    )
    ran = time.perf_counter()
    cells = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in executed.cells)
    warming.join()
    provenance.strip(executed, job.stem, {cell["id"] for cell in nb.cells if "id" in cell})
    contents = _contents(job, executed)
    worded = time.perf_counter()
    files = written(job.folder, contents)
    failed.unlink(missing_ok=True)
    done = time.perf_counter()
    seconds = {
        "read": read - began,
        "kernel": ran - read - cells,
        "cells": cells,
        "page": worded - ran,
        "write": done - worded,
        "all": done - began,
    }
    paths = [job.folder / name for name in contents]
    n = len(job.languages)
    pages = dict(zip(job.languages, paths[:n], strict=True))
    report = Report(pages, paths[n], paths[n + 1], tuple(paths[n + 2 :]), seconds)
    return report, files, executed


def _contents(job: Job, executed: Any) -> dict[str, str | bytes]:
    """Every file of the report by name: pages, JSON, executed notebook, what stands beside."""
    from cxkit.report import beside, page

    refuse_without_findings(executed, job.notebook.name)
    executed.metadata["cxkit"] = {
        **executed.metadata.get("cxkit", {}),
        **provenance.manifest(executed, job.notebook, job.parameters),
    }
    return {
        **rendered(executed, job.languages, job.stem),
        f"{job.stem}.json": provenance.dump(page.report_json(executed)),
        f"{job.stem}.ipynb": lean_nbformat().writes(executed) + "\n",
        **_named(job.stem, beside.made(executed, job.beside, job.languages)),
    }


def refuse_without_findings(nb: Any, shown: str) -> None:
    """StudyError for a notebook that shows nothing of which a page could be made."""
    from cxkit.report import page

    if not page.context_of(nb):
        raise StudyError(
            f"'{shown}' holds no finding of cxkit",
            where=shown,
            expected="an executed notebook whose cells show findings or estimates",
            hint="execute it (cxkit run STUDY --notebook NAME), and end a cell with what it found: "
            "cx.pyramid.findings(survey)",
        )


def rendered(nb: Any, languages: Sequence[str], stem: str) -> dict[str, str]:
    """The page of an executed notebook in each language, by the name of its file."""
    from cxkit.report import page

    return {f"{stem}.{language}.html": page.render(nb, language) for language in languages}


def with_beside(
    nb: Any, languages: Sequence[str], stem: str, forms: Sequence[str]
) -> dict[str, str | bytes]:
    """The pages of an executed notebook and what is to stand beside them, by name."""
    from cxkit.report import beside

    return {**rendered(nb, languages, stem), **_named(stem, beside.made(nb, forms, languages))}


def written(folder: Path, contents: Mapping[str, str | bytes]) -> dict[str, str]:
    """Write each content to its file in `folder`, all or none; the SHA-256 of each.

    Raises
    ------
    ReportError
        If the disk does not take them; what was there before is as it was.
    """
    told = {
        name: content.encode() if isinstance(content, str) else content
        for name, content in contents.items()
    }
    try:
        write_together(folder, told)
    except OSError as error:
        raise unwritten("the report could not be written", error, folder) from error
    return {name: hashlib.sha256(content).hexdigest() for name, content in told.items()}


def _named(stem: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{stem}{end}": content for end, content in files.items()}


# -- the record --------------------------------------------------------------------------------


def _record(job: Job, files: Mapping[str, str], nb: Any) -> dict[str, Any]:
    """What is kept of a finished report: what it rests on, its files, its headline."""
    from cxkit.report import page
    from cxkit.report.headline import headline_of

    told = headline_of(page.report_json(nb), page.context_of(nb))
    return {**head_of(job), **told, "status": "done", "files": dict(files)}


def head_of(job: Job) -> dict[str, Any]:
    """What every record begins with: which report it is of, `failed` until it is done."""
    return {
        "schema": RECORD,
        "stem": job.stem,
        "notebook": job.notebook.stem,
        "parameters": dict(job.parameters),
        "group": dict(job.group),
        "wave": job.parameters.get("wave"),
        "languages": list(job.languages),
        "key": job.key,
        "status": "failed",
    }


def read_record(job: Job) -> dict[str, Any] | None:
    """The record of a finished report, None if there is none that can be read."""
    if job.record is None:
        return None
    try:
        record = json.loads(job.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(record, dict) and record.get("schema") == RECORD
    if not is_ours or record.get("status") != "done":
        return None
    return {**record, "group": dict(job.group)}  # its segments in the order of the plan


def _same_environment(wanted: str) -> None:
    if wanted and wanted != provenance.environment():
        raise ReportError(
            "this worker has other versions than the batch that it works for",
            where=platform.node(),
            expected="the same cxkit and the same packages everywhere",
            hint="install requirements.lock on every machine, and start its workers again",
        )


def _of_machine(error: OSError | MemoryError, job: Job) -> ReportError:
    """What the machine had no room for, in words."""
    if isinstance(error, MemoryError):
        return ReportError("there was no memory left to make the page", where=job.stem)
    return unwritten("the report could not be written", error, job.folder)


def unwritten(what: str, error: OSError, folder: Path) -> ReportError:
    """A file that the disk did not take, in words: where it should be, and what stands in the way.

    >>> from errno import ENOSPC
    >>> print(unwritten("the page was not written", OSError(ENOSPC, "full"), Path("reports")).hint)
    make room and give the same command again: what is done is not made twice
    """
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    again = "give the same command again: what is done is not made twice"
    return ReportError(
        f"{what}: {error.strerror or error}",
        where=str(error.filename2 or error.filename or folder),
        expected="a place that may be written to, on a disk with room",
        hint=("make room and " if is_full else "see what stands there, then ") + again,
    )


def reason_of(error: CxkitError, folder: Path) -> Reason:
    """What, where, expected, try; files of the reports' own `folder` by their names alone.

    >>> gone = ReportError("its record is not there", "reports/toko-batch/toko-report.json")
    >>> reason_of(gone, Path("reports"))["where"]
    'toko-batch/toko-report.json'
    """
    first = next(iter(error.problems), None)
    told = {
        "what": error.message,
        "where": error.where or (first.where if first else None),
        "expected": error.expected or (first.expected if first else None),
        "try": error.hint or (first.hint if first else None),
    }
    here = f"{folder}{os.sep}"
    return {part: text.replace(here, "") if text else None for part, text in told.items()}
