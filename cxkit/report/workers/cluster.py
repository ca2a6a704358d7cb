"""Workers of a Dask cluster: one of this machine for the length of a block, or one that is there.

Whoever reaches the port of a Dask scheduler can run code as its user: a cluster is for a network
that is trusted, or for TLS (`tls://`, set up in Dask's own configuration).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import distributed
from distributed.comm.core import connect
from distributed.utils import silence_logging_cmgr
from tornado.ioloop import PeriodicCallback

from cxkit.errors import CxkitError, ReportError, StudyError, counted, listed
from cxkit.report import provenance, scratch
from cxkit.report.workers.crew import Workers
from cxkit.report.workers.scheduler import EXPECTED

__all__ = ["Dask", "at", "introduced", "local"]

_CONNECT = 10.0
_NO_WORKERS = 60.0
"""Seconds to wait for a scheduler, and for the first worker or the return of one."""
_PROMPTLY = 1.0
_SILENT = logging.CRITICAL + 1
_LOST = (distributed.scheduler.KilledWorker, distributed.scheduler.NoValidWorkerError)
_GONE = (OSError, CancelledError, distributed.client.FutureCancelledError)


class Dask(Workers):
    """The workers that a client's scheduler has."""

    _tries_alone = 1  # each is several: a scheduler tries again by itself

    def __init__(self, client: Any, n: int) -> None:
        self.n = n
        self.name = f"Dask at {client.scheduler.address}: {counted(n, 'worker')}"
        self._client = client
        self._executor = self._new_executor()
        self._is_alone = False
        self._since: float | None = None

    def _window(self) -> int:
        # More than there are workers: a cluster that grows with its work must see the work.
        return 1 if self._is_alone else max(100, 4 * self.n)

    def _submit(self, call: Callable[..., bytes], *arguments: object) -> Future[bytes]:
        return self._executor.submit(call, *arguments)

    def _new_executor(self) -> Executor:
        # Keys by content: the same job asked for twice at the same time is made once, and one that
        # a scheduler runs again after it lost a worker is known to be the same.
        return self._client.get_executor(pure=True)

    def _take_back(self, futures: Iterable[Future[bytes]]) -> None:
        if self._client.status != "running":
            return  # closed, or cut off: the scheduler has taken everything back
        # All at once: one by one would be a conversation with the scheduler for each.
        with contextlib.suppress(*_GONE):
            self._executor.shutdown(wait=False)
        self._executor = self._new_executor()

    def _is_lost(self, future: Future[bytes]) -> bool:
        if future.cancelled():
            raise self._nobody("the scheduler is gone")
        self._since = None
        return isinstance(future.exception(), _LOST)

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        self._is_alone = True
        try:
            yield
        finally:
            self._is_alone = False

    def _look(self) -> None:
        try:
            n = len(self._client.scheduler_info()["workers"])
        except _GONE as slip:
            raise self._nobody("the scheduler is gone") from slip
        if n:
            self._since = None
            return
        self._since = self._since or time.monotonic()
        if time.monotonic() - self._since > _NO_WORKERS:
            raise self._nobody("all workers are gone")

    def _nobody(self, what: str) -> ReportError:
        return ReportError(
            what,
            where=self.name,
            expected="a scheduler with workers until all is made",
            hint="start them and run the same command again: what is done is not made twice",
        )


# -- clusters ----------------------------------------------------------------------------------


@contextlib.contextmanager
def local(n: int) -> Iterator[Any]:
    """A client of a new cluster of `n` processes, which end with the block."""
    settings = {
        "distributed.scheduler.allowed-failures": 1,
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with scratch.folder() as place, dask.config.set(settings), _quiet():
        cluster = distributed.LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=None,
            local_directory=str(place),
            silence_logs=_SILENT,
        )
        crew = _Crew(cluster, n)
        try:
            cluster.sync(crew.begin)
            with _client(cluster) as client:
                with contextlib.suppress(TimeoutError):
                    client.wait_for_workers(n, timeout=_NO_WORKERS)
                yield client
        finally:
            cluster.sync(crew.end)
            cluster.close(timeout=5 * _PROMPTLY)


class _Crew:
    """Keeps as many workers at a cluster of this machine as were asked for.

    Each has a nanny that starts it again when it was killed, and that gives up when this happens
    while it starts: then both are replaced.
    """

    def __init__(self, cluster: Any, n: int) -> None:
        self._cluster = cluster
        self._n = n
        self._idle: set[object] = set()
        self._round = PeriodicCallback(self._look, 1000 * _PROMPTLY)

    async def begin(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_told)
        self._cluster.scale(self._n)
        self._round.start()

    async def end(self) -> None:
        """End the workers without waiting for what they have in hand."""
        self._round.stop()
        await self._dismiss(list(self._cluster.workers.values()))

    async def _look(self) -> None:
        """Replace the nannies that have had no worker since the last look."""
        workers = self._cluster.workers
        idle = {name for name, nanny in workers.items() if not nanny.is_alive()}
        await self._dismiss([workers.pop(name) for name in idle & self._idle])
        self._idle = idle - self._idle
        self._cluster.scale(self._n)

    @staticmethod
    async def _dismiss(nannies: list[Any]) -> None:
        closed = [nanny.close(timeout=_PROMPTLY) for nanny in nannies]
        await asyncio.gather(*closed, return_exceptions=True)


def _told(loop: asyncio.AbstractEventLoop, slip: dict[str, Any]) -> None:
    """Leave out what a nanny says that gave up: it is replaced."""
    if not isinstance(slip.get("exception"), RuntimeError):
        loop.default_exception_handler(slip)


@contextlib.contextmanager
def at(asked: str | Path) -> Iterator[Any]:
    """A client of the cluster at an address, or of the one that a scheduler file names."""
    address = _in_file(asked) if isinstance(asked, Path) else asked
    with _quiet(), contextlib.ExitStack() as leaving:
        try:
            _ask(address)
            client = leaving.enter_context(_client(address))
        except (OSError, ValueError, TypeError) as slip:
            raise StudyError(
                f"no Dask scheduler answers at {address}",
                where="--scheduler",
                expected=EXPECTED,
                hint="start one with 'dask scheduler', or leave --scheduler out: processes of "
                "this machine",
            ) from slip
        yield client


def _ask(address: str) -> None:
    """OSError unless a scheduler answers: a client would wait for ever for one that is mute."""

    async def asked() -> None:
        security = distributed.Security().get_connection_args("client")
        comm = await connect(address, timeout=_CONNECT, **security)
        await comm.close()

    async def in_time() -> None:
        await asyncio.wait_for(asked(), _CONNECT + _PROMPTLY)

    # In a thread: a notebook's own has an event loop that runs.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, in_time()).result()


def _in_file(file: Path) -> str:
    """The address in a scheduler file, which a scheduler that is just starting writes soon."""
    until = time.monotonic() + _CONNECT
    while True:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError, TypeError) as slip:
            if time.monotonic() > until:
                raise StudyError(
                    f"'{file}' names no scheduler",
                    where="--scheduler",
                    expected="the file that a running scheduler wrote",
                    hint=f"dask scheduler --scheduler-file {file}",
                ) from slip
        time.sleep(0.2)


@contextlib.contextmanager
def _client(place: Any) -> Iterator[Any]:
    client = distributed.Client(place, timeout=_CONNECT, set_as_default=False, name="cxkit")
    try:
        yield client
    finally:
        with contextlib.suppress(*_GONE):
            client.close(timeout=5 * _PROMPTLY)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask says of its workers is said by us, where it matters."""
    import warnings

    with silence_logging_cmgr(_SILENT), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"distributed\..*")
        yield


# -- the workers introduce themselves ----------------------------------------------------------


@dataclass(frozen=True)
class _Introduction:
    """What a worker says of itself before it works."""

    machine: str
    n_threads: int
    versions: Mapping[str, str]
    environment: str
    slip: CxkitError | None


def _introduce(
    warm: Callable[[], object] | None, check: Callable[[], object] | None, dask_worker: Any
) -> _Introduction:
    slip = None
    try:
        if check is not None:
            check()
        if warm is not None:
            warm()
    except CxkitError as error:
        slip = error
    return _Introduction(
        platform.node(),
        dask_worker.state.nthreads,
        provenance.versions(),
        provenance.environment(),
        slip,
    )


def introduced(
    client: Any,
    shown: str,
    warm: Callable[[], object] | None,
    check: Callable[[], object] | None,
) -> Dask:
    """The workers of a client, each of which makes what this machine would make.

    Raises
    ------
    StudyError
        If there is none, or one has other versions or code, several threads, or finds no study.
    """
    _wait_for_one(client, shown)
    said = client.run(_introduce, warm, check, on_error="return")
    for address, one in said.items():
        _refuse(address, one, shown)
    return Dask(client, max(1, len(said)))


def _wait_for_one(client: Any, shown: str) -> None:
    """Wait until one worker is there; a trifle to do lets an adaptive cluster start it."""
    try:
        client.submit(os.path.basename, shown, pure=False).result(timeout=_NO_WORKERS)
    except (TimeoutError, *_LOST) as slip:
        address = client.scheduler.address
        raise StudyError(
            f"the scheduler has no worker after {_NO_WORKERS:.0f} seconds",
            where=f"--scheduler {shown}",
            expected="one worker at least",
            hint=f"start some: dask worker {address} --nthreads 1 --nworkers 2",
        ) from slip


def _refuse(address: str, said: _Introduction | Exception, shown: str) -> None:
    """StudyError for a worker that would not make what this machine makes."""
    where = f"--scheduler {shown}"
    if isinstance(said, OSError):
        return  # lost while it was asked: it does not work either
    if isinstance(said, Exception):
        raise StudyError(
            f"worker {address} cannot load cxkit {provenance.versions()['cxkit']}: {said}",
            where=where,
            expected="the same cxkit as here",
            hint="install it with requirements.lock on the workers, and start them again",
        )
    worker = f"worker {address} on {said.machine}"
    if said.n_threads != 1:
        raise StudyError(
            f"{worker} has {said.n_threads} threads",
            where=where,
            expected="one thread in each worker: a process makes one report at a time",
            hint=f"dask worker ADDRESS --nthreads 1 --nworkers {said.n_threads}",
        )
    if said.environment != provenance.environment():
        raise StudyError(
            f"{worker} {_differs(said.versions, provenance.versions())}",
            where=where,
            expected="the same versions and the same code on every worker, so that a report is "
            "the same wherever it is made",
            hint="install requirements.lock on the workers, and start them again",
        )
    if said.slip is not None:
        slip = said.slip
        message = f"{worker}: {slip.message}"
        raise StudyError(message, slip.where, slip.expected, slip.hint, slip.problems)


def _differs(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """In which packages a worker differs."""
    names = [name for name in sorted({*there, *here}) if there.get(name) != here.get(name)]
    if not names:
        return "has other code of cxkit under the same version"
    first = names[0]
    told = f"has {first} {there.get(first, 'not at all')}, here is {here.get(first, 'none')}"
    return f"{told}; also another {listed(names[1:], 4)}" if names[1:] else told
