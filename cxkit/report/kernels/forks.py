"""The fork server of this process: started, asked for kernels, started again, and closed.

Linux only: elsewhere, and wherever the server does not start, kernels start the stock way.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxkit.report.kernels.wire import receive, send

__all__ = ["SETTINGS", "Forked", "NoFork", "close", "fork", "readable", "standard_output", "warm"]

SETTINGS = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # One allocator for all, so that what a process holds is what it uses; no pool of readers.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "ARROW_IO_THREADS": "1",
}
"""What is set in the environment of every kernel, fresh or forked."""

_OF_ONE_REPORT = ("CXKIT_", "JUPYTER_", "JPY_", "IPYTHON", "PYTEST_", "PWD", "OLDPWD", "SHLVL", "_")
_CALL = "import sys; from cxkit.report.kernels.server import main; main(*map(int, sys.argv[1:]))"
_START_SECONDS = 60
_END_SECONDS = 5
_log = logging.getLogger(__name__)


class NoFork(Exception):
    """There is no forked kernel to be had: let it start the stock way."""


def is_possible() -> bool:
    """Whether this system forks, and tells of the end of a process that is no child."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def warm(environment: Mapping[str, str] | None = None) -> None:
    """Start the fork server of this process, if there is none, without waiting for it.

    Parameters
    ----------
    environment : mapping, optional
        Of the kernels to come; that of this process with `SETTINGS` by default.
    """
    if is_possible():
        with _LOCK, contextlib.suppress(NoFork):
            _server(environment or {**os.environ, **SETTINGS})


def close() -> None:
    """End the fork server of this process, and the kernels that it has."""
    global _running
    with _LOCK:
        ending, _running = _running, None
        if ending is not None:
            ending.close()


async def fork(
    arguments: Sequence[str], env: Mapping[str, str], cwd: str, folder: Path | None = None
) -> Forked:
    """A process that becomes an ipykernel, whether or not it can be talked to yet.

    Parameters
    ----------
    arguments : sequence of str
        Of ipykernel.
    env, cwd
        Environment and working folder of the process.
    folder : Path, optional
        What to remove if this process is killed while the kernel runs.

    Raises
    ------
    NoFork
        If there is none to be had here.
    """
    if not is_possible():
        raise NoFork("this system does not fork")
    request: dict[str, Any] = {"arguments": [*arguments], "env": {**env}, "cwd": cwd}
    request["folder"] = str(folder) if folder is not None else None
    for is_last in (False, True):
        with _LOCK:
            server = _server(env)
        try:
            await server.ready()
            return await server.fork(request)
        except (EOFError, OSError, TimeoutError) as error:
            server.close()
            if is_last:
                why = f"the fork server does not answer ({type(error).__name__})"
                raise _give_up(why) from None
    raise AssertionError("the second server either answers or is given up")


class Forked:
    """A process that the server forked, under the names of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pidfd: int, line: socket.socket, *, is_ready: bool) -> None:
        self.pid, self._pidfd, self._line, self._is_ready = pid, pidfd, line, is_ready
        self.returncode: int | None = None

    async def ready(self) -> None:
        """Return once the kernel can be talked to, or is dead."""
        if not self._is_ready:
            await readable(self._line.fileno())

    def poll(self) -> int | None:
        """How it ended, None while it runs."""
        if self.returncode is None and _has_news(self._pidfd, 0):
            self.returncode = self._how_it_ended()
            self._line.close()
            os.close(self._pidfd)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, once it has."""
        if self.returncode is None and not _has_news(self._pidfd, timeout):
            raise subprocess.TimeoutExpired("a forked kernel", timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, signum: int) -> None:
        """Send a signal to it, and to no process that may have its number now."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _how_it_ended(self) -> int:
        """What the server says; a server that is dead itself took its kernels with it."""
        self._line.settimeout(_END_SECONDS)
        try:
            while "exit" not in (message := receive(self._line)[0]):
                pass
        except (EOFError, OSError):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            return -signal.SIGKILL
        return int(message["exit"])


class _Server:
    """The fork server as its client sees it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._start = _read_at_start(environment)
        self._owner = os.getpid()
        self._is_ready = False
        self._channel, theirs = socket.socketpair()
        call = [sys.executable, "-c", _CALL, str(theirs.fileno()), str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                call,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._channel.close()
            raise
        finally:
            theirs.close()

    def is_for(self, environment: Mapping[str, str]) -> bool:
        """Whether it lives, is ours, and started in an environment like this one."""
        return (
            self._owner == os.getpid()
            and self._process.poll() is None
            and self._start == _read_at_start(environment)
        )

    async def ready(self) -> None:
        """Return once it has imported all that it imports."""
        if not self._is_ready:
            await asyncio.wait_for(readable(self._channel.fileno()), _START_SECONDS)
            receive(self._channel)
            self._is_ready = True

    async def fork(self, request: Mapping[str, Any]) -> Forked:
        """A new process of it."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, _standard_files() as files:
                send(self._channel, request, [theirs.fileno(), *files])
            is_ready = False
            while True:  # a kernel can be ready before a server that has to wait says its number
                await readable(ours.fileno())
                message, pidfds = receive(ours)
                if "pid" in message:
                    return Forked(message["pid"], pidfds[0], ours, is_ready=is_ready)
                is_ready = "ready" in message
        except BaseException:
            ours.close()  # which is how the server learns that nobody wants the kernel
            raise

    def close(self) -> None:
        """End it, if it is ours to end: a fork of this process only lets go of it."""
        self._channel.close()
        if self._owner != os.getpid():
            return
        try:
            self._process.wait(_END_SECONDS if self._is_ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_LOCK = threading.RLock()
_running: _Server | None = None
_why_not: str | None = None


def _server(environment: Mapping[str, str]) -> _Server:
    """The server of this process for kernels of an environment; a new one where there is none."""
    global _running
    if _why_not is not None:
        raise NoFork(_why_not)
    if _running is None or not _running.is_for(environment):
        close()
        try:
            _running = _Server(environment)
        except OSError as error:
            raise _give_up(f"the fork server does not start ({error.strerror})") from None
        atexit.unregister(close)
        atexit.register(close)
    return _running


def _give_up(why: str) -> NoFork:
    """Ask for no fork again in this process."""
    global _why_not
    _why_not = why
    _log.warning("kernels start the stock way: %s", why)
    return NoFork(why)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what differs from report to report, which a fork reads anew.

    Anything else may have been read by a module when it was imported.
    """
    return {
        name: value for name, value in environment.items() if not name.startswith(_OF_ONE_REPORT)
    }


async def readable(fd: int) -> None:
    """Return once there is something to be read of a file descriptor, be it only its end."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[None] = loop.create_future()
    loop.add_reader(fd, lambda: None if told.done() else told.set_result(None))
    try:
        await told
    finally:
        loop.remove_reader(fd)


def _has_news(fd: int, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


@contextlib.contextmanager
def _standard_files() -> Any:
    """What is to be standard output and error of a kernel."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        yield [nothing if standard_output() == subprocess.DEVNULL else 2] * 2
    finally:
        os.close(nothing)


def standard_output() -> int:
    """Where a kernel's own output goes: to standard error, for that of this process is for results.

    What cells print does not go there: the kernel sends it as messages.
    """
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2
