"""Many reports of a study, made by several workers; what is done already is not made again.

Whatever ends a batch (a failing report, a full disk, Ctrl-C, a power cut), the same call goes on
where it stopped, and what lies in the folder in the end is the same, byte by byte.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

from cxkit.answers.cache import CACHE
from cxkit.errors import CxkitError, ReportError, StudyError, counted, listed
from cxkit.files import ensure_writable, write_atomically
from cxkit.report import scratch
from cxkit.report.batch_log import BatchLog
from cxkit.report.batch_status import (
    BEFORE,
    ENDED,
    as_dict,
    counts_of,
    read_record,
    statuses,
    tally,
)
from cxkit.report.beside import FIGURES, ensure_possible
from cxkit.report.job import Job, Limits, Outcome, Reason, attempt, reason_of, unwritten
from cxkit.report.leftovers import sweep
from cxkit.report.lock import LOCK, locked
from cxkit.report.plan import Plan, Planned, planned
from cxkit.report.progress import Progress
from cxkit.report.stems import LONGEST
from cxkit.report.withdrawn import withdraw

__all__ = ["Batch", "Interrupted", "batch"]

_MOST_TOLD = 10
_ROOM = 2**20
"""A disk without room for another MB holds no further report."""


class Interrupted(KeyboardInterrupt):
    """A batch was stopped; it says how to go on."""


@dataclass
class Batch:
    """What a batch made.

    Attributes
    ----------
    plan : Plan
        Every report, in the order of the index.
    status : dict of str
        `made`, `unchanged`, `failed` or `left_out` of each, by its stem.
    failed : dict
        What, where, expected, try of each report that failed, by its stem.
    index : dict of Path
        The page that lists the reports, by language.
    csv, log : Path
        The same list as a table; what happened when.
    earlier : tuple of str
        Reports of an earlier plan that lie in the folder and are not in this one.
    withdrawn : tuple of str
        Reports that an earlier call made and that are removed: their groups are left out now.
    """

    plan: Plan
    status: dict[str, str]
    failed: dict[str, Reason] = field(default_factory=dict)
    index: dict[str, Path] = field(default_factory=dict)
    csv: Path = Path()
    log: Path = Path()
    earlier: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def stems(self, status: str) -> list[str]:
        """The reports of a status, in the order of the plan."""
        return [one.stem for one in self.plan if self.status[one.stem] == status]

    @property
    def is_done(self) -> bool:
        """Whether every report that can be made is there."""
        return not self.failed

    @property
    def paths(self) -> list[Path]:
        """The pages that list the reports, and their table."""
        return [*self.index.values(), self.csv]

    def to_dict(self) -> dict[str, Any]:
        """The batch as plain values, for programs."""
        return {
            "planned": len(self.plan),
            **counts_of(self.status, ENDED),
            "index": {language: str(path) for language, path in self.index.items()},
            "csv": str(self.csv),
            "log": str(self.log),
            "reports": [
                as_dict(one, self.status[one.stem], self.failed.get(one.stem)) for one in self.plan
            ],
        }

    @property
    def summary(self) -> str:
        """How many were made, unchanged, failed, left out; and of what is left of earlier plans."""
        lines = [tally(self.plan, self.status)]
        if self.withdrawn:
            lines.append(
                f"{counted(len(self.withdrawn), 'report')} removed, made when the group was not "
                f"left out: {listed(self.withdrawn, 3, LONGEST)}"
            )
        if self.earlier:
            lines.append(
                f"{counted(len(self.earlier), 'report')} of an earlier plan left as found: "
                + listed(self.earlier, 3, LONGEST)
            )
        return "\n".join(lines)

    @property
    def troubles(self) -> str:
        """What failed: the first ten reasons, each with its reports, and where others are told."""
        alike: dict[tuple[str | None, ...], list[str]] = {}
        for stem, reason in self.failed.items():
            alike.setdefault(tuple(map(reason.get, ("what", "where", "expected"))), []).append(stem)
        told = [_trouble(self.failed[stems[0]], stems) for stems in alike.values()]
        if len(told) > _MOST_TOLD:
            told[_MOST_TOLD:] = [f"and {len(told) - _MOST_TOLD} other reasons, told in {self.log}"]
        return "\n".join(told)

    def __repr__(self) -> str:
        parts = [self.summary, self.troubles, *map(str, self.paths)]
        return "\n".join(part for part in parts if part)


def batch(
    study: str | os.PathLike[str],
    *,
    by: str | Sequence[str] = (),
    notebook: str | None = None,
    depth: str | None = None,
    parameters: Mapping[str, object] | None = None,
    language: str | Sequence[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    beside: str | Sequence[str] | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    fresh_kernels: bool = False,
    timeout: float | None = None,
    memory: int | None = None,
    quiet: bool = False,
) -> Batch:
    """Make the reports that a study asks for, or one for each group of some segments.

    Parameters
    ----------
    study : path or "demo"
        A folder, a study.yaml, or the word demo.
    by : str or sequence of str, optional
        Segments, and the word `wave`: a report for each combination of their groups. With it (or
        with `notebook`) the study's own list of `reports` is not used.
    notebook : str, optional
        The notebook of each report.
    depth : {"full", "brief", "board"}, optional
        For every report; by default what the study says, else brief for groups.
    parameters : mapping, optional
        Values for the parameters of every notebook; `wave` and `group` narrow the plan.
    language : str or sequence of str, optional
        The languages of the pages; the study's by default.
    output : path, optional
        The folder for the reports; `STUDY/reports` by default (the demo's: `reports`).
    beside : str or sequence of str, optional
        What is to stand beside the pages of each report, as `cxkit.run` takes it.
    workers : int, optional
        How many reports are made side by side; as many as there are processors if none.
    scheduler : str, optional
        The address of a Dask cluster, or `local:N`.
    force : bool, default False
        Make every report, also those whose key is unchanged.
    fresh_kernels : bool, default False
        Start every kernel from nothing.
    timeout : float, optional
        Seconds that one report may take.
    memory : int, optional
        MB that the kernel of one report may take.
    quiet : bool, default False
        No progress on stderr.

    Returns
    -------
    Batch
        What became of each report; the pages that list them.

    Raises
    ------
    StudyError, SurveyError
        If study, answers, notebooks or parameters need mending, another batch is at work, or the
        folder cannot be written to.
    ReportError
        If the disk is full. A report that fails does not stop the others: see `failed`.

    Examples
    --------
    >>> batch("demo", by="region").paths                           # doctest: +SKIP
    [PosixPath('reports/toko_contoh-index.id.html'), ...]
    """
    from cxkit.answers.cache import prepared, snapshot
    from cxkit.study import read_study

    limits = Limits(seconds=timeout, memory=memory)
    _refuse_too_few(workers)
    asked = read_study(study)
    made = prepared(asked)
    plan = planned(
        asked,
        by=by,
        notebook=notebook,
        depth=depth,
        parameters=parameters,
        language=language,
        output=output,
        beside=beside,
        limits=limits,
        fresh_kernels=fresh_kernels,
        made=made,
    )
    ensure_possible({form for one in plan.to_make for form in one.job.beside})
    ensure_writable(plan.folder)
    with _said_of_the_disk(plan.folder), _stoppable():
        plan.records.mkdir(parents=True, exist_ok=True)
        with locked(plan.records), scratch.folder() as own:
            sweep(*_folders(plan))
            status = statuses(plan, force=force)
            jobs = [one.job for one in plan if status[one.stem] == "to_make"]
            if jobs:
                handed = snapshot(asked, made, own)
                jobs = [dataclasses.replace(one, snapshot=handed) for one in jobs]
            del made
            try:
                return _Making(plan, status, quiet).run(jobs, workers, scheduler)
            finally:
                sweep(*_folders(plan))


def _refuse_too_few(workers: int | None) -> None:
    if workers is not None and workers < 1:
        raise StudyError(
            f"{workers} reports cannot be made side by side",
            where="--workers",
            expected="1 or more, or none for one a processor",
        )


def _folders(plan: Plan) -> tuple[Path, ...]:
    of_figures = plan.folder.glob(f"*{FIGURES}/*")
    return plan.folder, plan.records, plan.study.folder / CACHE, *of_figures


# -- making ----------------------------------------------------------------------------------------


class _Making:
    """One batch under way: its log, its failures, and the pages at its end."""

    def __init__(self, plan: Plan, status: dict[str, str], quiet: bool) -> None:
        self.plan, self.status, self.quiet = plan, status, quiet
        self.failed: dict[str, Reason] = {}
        self.withdrawn = withdraw(plan)
        self.log = BatchLog(plan.folder / f"{plan.study.key}-batch.jsonl")

    def run(self, jobs: Sequence[Job], n: int | None, scheduler: str | None) -> Batch:
        """Make what is to be made, then list all; a stopped batch says how to go on."""
        try:
            if jobs:
                self._make(jobs, n, scheduler)
            else:
                self._started("none")
            self._forget_failures()
            return self._listed()
        except KeyboardInterrupt:
            self._interrupted(len(jobs))

    def _make(self, jobs: Sequence[Job], n: int | None, scheduler: str | None) -> None:
        from cxkit.report.workers import same_files, workers

        n = min(n or _processors(), len(jobs))
        shared = {job.notebook for job in jobs} | {one for one in (jobs[0].snapshot,) if one}
        shared |= {self.plan.study.file, self.plan.records / LOCK}
        with workers(
            n,
            scheduler,
            warm=_warm_fresh if jobs[0].fresh_kernels else _warm,
            check=same_files(*sorted(shared)) if scheduler else None,
        ) as crew:
            self._started(crew.name)
            with Progress(len(jobs), quiet=self.quiet) as progress:
                for job, got in crew.results(_attempted, jobs, name=attrgetter("stem")):
                    self._finished(job, got)
                    progress.step(len(self.failed))

    def _started(self, crew: str) -> None:
        self.log.add(
            "started",
            study=self.plan.study.key,
            planned=len(self.plan),
            **counts_of(self.status, BEFORE),
            workers=crew,
            pid=os.getpid(),
        )
        for one in self.plan.left_out:
            self.log.add("left_out", stem=one.stem, why=one.why_not)
        for stem in self.withdrawn:
            self.log.add("removed", stem=stem)

    def _finished(self, job: Job, got: tuple[Outcome, int] | BaseException) -> None:
        trace = {}
        if isinstance(got, BaseException):
            outcome = Outcome(job.stem, "failed", {}, reason=self._reason(got))
            worker = None
            if not isinstance(got, CxkitError):
                trace = {"trace": "".join(traceback.format_exception(got))}
        else:
            outcome, worker = got
        is_done = outcome.status == "done"
        self.status[job.stem] = "made" if is_done else "failed"
        told: dict[str, Any] = {"stem": job.stem, "status": self.status[job.stem]}
        told["seconds"] = {name: round(value, 3) for name, value in outcome.seconds.items()}
        told["worker"] = worker
        if is_done:
            self.log.add("report", **told)
            return
        self.failed[job.stem] = dict(outcome.reason or {})
        self.log.add("report", **told, reason=self.failed[job.stem], **trace)
        _ensure_room(job.folder)

    def _reason(self, error: BaseException) -> Reason:
        """Why a report failed; of a slip of our own, the log holds the trace."""
        if not isinstance(error, CxkitError):
            what = f"a mistake of ours, not yours: {error!r}"
            error = ReportError(what, hint=f"{self.log.file} tells where")
        return reason_of(error, self.plan.folder)

    def _interrupted(self, to_make: int) -> NoReturn:
        done = sum(one == "made" for one in self.status.values())
        with contextlib.suppress(OSError):
            self.log.add("stopped", made=done, to_make=to_make)
        raise Interrupted(
            f"stopped after {done} of {counted(to_make, 'report')}: the same command goes on there"
        ) from None

    def _listed(self) -> Batch:
        """The pages over all records, the table, and the last line of the log."""
        from cxkit.report.index import index, index_csv

        plan, key = self.plan, self.plan.study.key
        records = [self._record(one) for one in plan]
        context = plan.study.context()
        texts = {f"{key}-index.{one}.html": index(records, one, context) for one in plan.languages}
        texts[f"{key}-index.csv"] = index_csv(records, context)
        for name, text in texts.items():
            write_atomically(plan.folder / name, text)
        *pages, table = (plan.folder / name for name in texts)
        self.log.add("finished", **counts_of(self.status, ENDED))
        return Batch(
            plan=plan,
            status=self.status,
            failed={one.stem: self.failed[one.stem] for one in plan if one.stem in self.failed},
            index=dict(zip(plan.languages, pages, strict=True)),
            csv=table,
            log=self.log.file,
            earlier=self._earlier(),
            withdrawn=self.withdrawn,
        )

    def _record(self, one: Planned) -> Mapping[str, Any]:
        if one.why_not is not None:
            return one.record("left_out", one.why_not)
        if one.stem in self.failed:
            return one.record("failed", self.failed[one.stem])
        record = read_record(one.job)
        if record is None:
            self.status[one.stem] = "failed"
            gone = ReportError("its record is not there", str(one.job.record))
            self.failed[one.stem] = self._reason(gone)
            return one.record("failed", self.failed[one.stem])
        return record

    def _forget_failures(self) -> None:
        """What failed once with another notebook or other answers, and is whole as it is now."""
        for one in self.plan:
            if self.status[one.stem] == "unchanged":
                (one.job.folder / f"{one.stem}.failed.ipynb").unlink(missing_ok=True)

    def _earlier(self) -> tuple[str, ...]:
        """Reports that lie here and that the plan does not name."""
        stems = {one.stem for one in self.plan}
        found = sorted(file.stem for file in self.plan.records.glob("*.json"))
        return tuple(stem for stem in found if stem not in stems)


def _attempted(job: Job) -> tuple[Outcome, int]:
    """What became of a job, and which process did it."""
    return attempt(job), os.getpid()


def _warm() -> None:
    """What a worker brings along, so that its first report does not wait for it."""
    from cxkit.report import kernels

    kernels.warm()
    _warm_fresh()


def _warm_fresh() -> None:
    """The same without a process to fork kernels from."""
    from cxkit.report import page

    page.warm()


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# -- when something goes wrong ---------------------------------------------------------------------


def _trouble(reason: Reason, stems: Sequence[str]) -> str:
    """Why some reports failed, in the lines of an error, and which they are."""
    what, where = str(reason.get("what")), reason.get("where")
    error = ReportError(what, where, reason.get("expected"), reason.get("try"))
    return f"{error}\n  reports   {listed(stems, 3, LONGEST)}"


def _ensure_room(folder: Path) -> None:
    """OSError where the disk has no room for another report: the others would fail as well."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_ROOM))
        file.flush()


@contextlib.contextmanager
def _said_of_the_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as slip:
        raise unwritten("the reports cannot be written", slip, folder) from slip


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """A batch that the system or a closed terminal asks to end stops as it does at Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.getsignal(getattr(signal, name)) for name in names}
    asked = [one for one, handler in before.items() if handler is not signal.SIG_IGN]
    for one in asked:
        signal.signal(one, _stop)
    try:
        yield
    finally:
        for one in asked:
            signal.signal(one, before[one])


def _stop(number: int, frame: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # asking twice does not stop the tidying
    raise KeyboardInterrupt
