"""Workers: the processes that make reports side by side, of this machine or of a Dask cluster.

Both are used as `concurrent.futures` executors, through one small face: `Workers.results` hands
out what becomes of each item as it finishes. A worker that is lost costs another attempt of what
it had in hand, never the batch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from cxkit.errors import StudyError
from cxkit.report.workers.crew import WorkerLost, Workers
from cxkit.report.workers.scheduler import Local, read_scheduler, same_files

__all__ = ["WorkerLost", "Workers", "read_scheduler", "same_files", "workers"]


@contextlib.contextmanager
def workers(
    n: int,
    scheduler: str | None = None,
    *,
    warm: Callable[[], object] | None = None,
    check: Callable[[], object] | None = None,
) -> Iterator[Workers]:
    """Workers for the length of a block; when it ends, however it ends, none of ours is left.

    Parameters
    ----------
    n : int
        How many processes of this machine; a scheduler has workers of its own.
    scheduler : str, optional
        `local:N` for a Dask cluster of N processes on this machine, `tcp://host:port` or a
        scheduler file (`*.json`) for one that is there already; spawned processes without.
    warm : callable, optional
        Called once in each worker before its first item: what is slow to import.
    check : callable, optional
        Called on each worker of a scheduler before the work starts. A CxkitError it raises is
        told with the worker's name (see `same_files`).

    Yields
    ------
    Workers
        `n`, `name` and `results(function, items)`.

    Raises
    ------
    StudyError
        If the scheduler is no scheduler, is not there, has no workers, or has workers with other
        versions or code than this machine; or if Dask is not installed.

    Examples
    --------
    >>> with workers(2) as crew:                                    # doctest: +SKIP
    ...     for job, outcome in crew.results(attempt, jobs):
    ...         print(job.stem, outcome.status)
    """
    if scheduler is None:
        if n < 1:
            raise StudyError(
                f"{n} workers can make no report",
                where="--workers",
                expected="a whole number from 1",
                hint="leave it out: one for each processor",
            )
        from cxkit.report.workers.pool import Pool

        with contextlib.closing(Pool(n, warm)) as pool:
            pool.begin()
            yield pool
        return
    asked = read_scheduler(scheduler)
    cluster = _cluster()
    opened = cluster.local(asked.n) if isinstance(asked, Local) else cluster.at(asked)
    with opened as client:
        yield cluster.introduced(client, scheduler, warm, check)


def _cluster():  # type: ignore[no-untyped-def]
    """The module that knows Dask, which is an extra."""
    try:
        from cxkit.report.workers import cluster
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("dask", "distributed"):
            raise
        raise StudyError(
            "a scheduler needs Dask, which is not installed",
            where="--scheduler",
            expected="the extra 'dask' of cxkit",
            hint="pip install 'cxkit[dask]', or leave --scheduler out: processes of this machine",
        ) from missing
    return cluster
