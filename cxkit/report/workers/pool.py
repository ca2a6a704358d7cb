"""Processes of this machine: they end when their parent does, and are replaced when lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import connection, resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from types import FrameType
from typing import Any

from cxkit.errors import ReportError
from cxkit.report import scratch
from cxkit.report.workers.crew import Ended, Workers

__all__ = ["Pool"]

_GRACE = 3.0
"""Seconds that a worker has to put away what it has in hand before it is killed."""
_STARTS = 3
_TERMINATED = 128 + signal.SIGTERM


class Pool(Workers):
    """A `ProcessPoolExecutor` that is made again when a lost worker breaks it."""

    _tries_alone = 2

    def __init__(self, n: int, warm: Callable[[], object] | None = None) -> None:
        self.n = n
        self.name = "1 process" if n == 1 else f"{n} processes"
        self._warm = warm
        self._size = n
        self._team: _Team | None = None

    def begin(self) -> _Team:
        """Start the processes, without waiting for them."""
        self._team = team = _Team(self._size, self._warm)
        team.begin()
        return team

    def close(self) -> None:
        """End the processes, whatever they are at."""
        if self._team is not None:
            self._team.end()
            self._team = None

    def _window(self) -> int:
        return self._size + 1  # one waits, so that no worker does

    def _submit(self, call: Callable[..., bytes], *arguments: object) -> Future[bytes]:
        for _ in range(_STARTS):
            team = self._team or self.begin()
            try:
                return team.submit(call, *arguments)
            except BrokenExecutor:
                self.close()
        raise ReportError(
            "no worker process can start",
            where="--workers",
            expected="processes that can be started, and memory for them",
            hint="what they said before they ended stands above; a script of your own keeps what "
            'it does below if __name__ == "__main__":',
        )

    def _take_back(self, futures: Iterable[Future[bytes]]) -> None:
        for future in futures:
            future.cancel()

    def _is_lost(self, future: Future[bytes]) -> bool:
        return isinstance(future.exception(), BrokenExecutor)

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        self._resize(1)
        try:
            yield
        finally:
            self._resize(self.n)

    def _look(self) -> None:
        """The executor itself watches over its processes."""

    def _resize(self, size: int) -> None:
        if size != self._size:
            self.close()
            self._size = size


class _Team:
    """One executor with the processes that it started."""

    def __init__(self, size: int, warm: Callable[[], object] | None) -> None:
        self._context = _Context()
        self._executor = ProcessPoolExecutor(
            size, self._context, initializer=_begin, initargs=(warm,)
        )
        self._size = size
        self._futures: list[Future[Any]] = []
        self._is_up = False

    def begin(self) -> None:
        """Start every process by asking each for a trifle."""
        with contextlib.suppress(BrokenExecutor):
            for _ in range(self._size):
                self._futures.append(self._executor.submit(os.getpid))

    def submit(self, call: Callable[..., bytes], *arguments: object) -> Future[bytes]:
        """Hand a call to the executor; BrokenExecutor where its workers were lost."""
        if not self._is_up:
            self._executor.submit(os.getpid).result()
            self._is_up = True
        future = self._executor.submit(_work, call, *arguments)
        self._futures = [one for one in self._futures if not one.done()]
        self._futures.append(future)
        return future

    def end(self) -> None:
        """End every process: by asking, by telling those that are at work, by killing."""
        at_work = any(not one.cancel() and not one.done() for one in self._futures)
        if at_work:
            self._context.each(lambda process: process.terminate())
        reaper = threading.Timer(_GRACE, self._kill)
        reaper.start()
        try:
            self._executor.shutdown(wait=True, cancel_futures=True)
        finally:
            reaper.cancel()
            self._kill()

    def _kill(self) -> None:
        self._context.each(lambda process: process.kill())


class _Context(SpawnContext):
    """Spawned processes, of which a list is kept."""

    def __init__(self) -> None:
        self._started: list[_Process] = []

    def Process(self, *args: Any, **named: Any) -> _Process:  # type: ignore[override]
        process = _Process(*args, **named)
        self._started.append(process)
        return process

    def each(self, does: Callable[[_Process], None]) -> None:
        """Do something with each process that was started and is there."""
        for process in self._started:
            if process.pid is not None and process.is_alive():
                does(process)


class _Process(SpawnProcess):
    """A process that is started whole, and hears no Ctrl+C before it knows what to do with it."""

    def start(self) -> None:
        with _uninterrupted():
            super().start()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl+C back until the block ends, also from processes that are started in it."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which lets it through again when it starts
    held: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
        if held:
            signal.raise_signal(signal.SIGINT)


# -- in the worker -----------------------------------------------------------------------------


def _begin(warm: Callable[[], object] | None) -> None:
    """What a worker does first: signals, its watch over the parent, what is slow to import."""
    # Caught, not ignored: what the worker starts in its turn would inherit the deaf ear.
    signal.signal(signal.SIGINT, _hear_nothing)
    signal.signal(signal.SIGTERM, _end)
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_watch, args=(heard, told), daemon=True).start()
    if warm is not None:
        warm()


def _work(call: Callable[..., bytes], *arguments: object) -> bytes:
    try:
        return call(*arguments)
    except Ended:
        _leave()
        raise


def _hear_nothing(_: int, __: FrameType | None) -> None:
    """Ctrl+C in a terminal reaches every process: the parent deals with it."""


def _end(number: int, _: FrameType | None) -> None:
    """Unwind what is at work, so that kernels are ended and half-written files are removed."""
    signal.signal(number, _hear_nothing)
    _end_kernels()  # before what they write to is removed
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what is cut short has nothing to say
    raise Ended(_TERMINATED)


def _watch(heard: socket.socket, told: socket.socket) -> None:
    """End this process when its parent is gone, or when the parent tells it to end.

    A signal may reach a thread that is not the main one, which would sleep on in its call: it is
    `told` here too, and the main thread is woken.
    """
    parent = multiprocessing.parent_process()
    gone = [] if parent is None else [parent.sentinel]
    while connection.wait([*gone, heard]) == [heard]:
        if signal.SIGTERM in heard.recv(64):
            break
    if hasattr(signal, "pthread_kill") and (main := threading.main_thread().ident) is not None:
        signal.pthread_kill(main, signal.SIGTERM)
        time.sleep(_GRACE / 2)
    told.close()
    _leave()


def _leave() -> None:
    try:
        _end_kernels()
        scratch.tidy()
    finally:
        os._exit(_TERMINATED)


def _end_kernels() -> None:
    """End every process that this one started, also one that nobody waits for yet."""
    import psutil

    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
