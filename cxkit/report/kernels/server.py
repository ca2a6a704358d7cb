"""The fork server: a process that has imported what reports import, and forks kernels of itself.

It reads no file of a study, has no thread of its own and no event loop: what it forks is as good
as new. It lives as long as its client - the process that started it - and its kernels live no
longer than it does.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import importlib
import os
import select
import shutil
import signal
import socket
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from cxkit.report.kernels import child
from cxkit.report.kernels.wire import receive, send

__all__ = ["die_with_parent", "main"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
    "zmq.utils.garbage",
    "pandas",
    "pandas.core.methods.to_dict",
    "pandas.io.formats.string",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "scipy.optimize",
    "statsmodels.genmod.families",
    "statsmodels.genmod.generalized_linear_model",
    "scipy.special",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "babel.dates",
    "babel.numbers",
    "yaml",
    "tzdata",
    "importlib.readers",
    "cxkit.analysis.planning",
    "cxkit.analysis.structure.model",
    "cxkit.answers.platforms.limesurvey",
    "cxkit.answers.platforms.qualtrics",
    "cxkit.answers.platforms.xlsform",
    "cxkit.answers.readers.text",
)
"""What a report imports beside the face of cxkit. Not matplotlib.pyplot: it joins itself to the
shell that is there when it is imported, and here there is none."""


def main(channel: int, client: int) -> None:
    """Serve the process `client` over a socket until it is gone; in a fork, be its kernel."""
    line = socket.socket(fileno=channel)
    watch = os.pidfd_open(client)
    if os.getppid() != client:
        return
    _adopt_orphans()
    before = dict(os.environ)
    _import_all()
    of_imports = {name: text for name, text in os.environ.items() if before.get(name) != text}
    send(line, {"ready": os.getpid()})
    kernel = _Server(line, watch, of_imports).serve()
    if kernel is not None:
        child.be_kernel(*kernel)


def die_with_parent(parent: int) -> None:
    """End this process when its parent, which is `parent`, does."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _adopt_orphans() -> None:
    """Processes that a kernel leaves behind become ours to end."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _import_all() -> None:
    """Import what reports import, as in a cell of a kernel, and keep it out of the collector's way.

    What is not installed is missed by the notebook that wants it.
    """
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    with _as_in_a_kernel():
        for name in _LIBRARIES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        import cxkit
        from cxkit.report import page

        for name in cxkit.__all__:
            getattr(cxkit, name)
        page.warm()
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Answer a library that asks, while it is imported, what shell there is: that of a kernel.

    pandas decides by it how many columns a printed table has.
    """

    class Shell:
        kernel = None

    builtins.get_ipython = Shell  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Kernel:
    """A kernel that runs: its process, its line to the client, the folder that is its client's."""

    pid: int
    pidfd: int
    line: socket.socket
    folder: str | None


class _Server:
    """The kernels that run, and the client that they run for."""

    def __init__(self, channel: socket.socket, client: int, of_imports: Mapping[str, str]) -> None:
        self._channel, self._client, self._of_imports = channel, client, of_imports
        self._kernels: dict[int, _Kernel] = {}
        self._poll = select.poll()
        for fd in (channel.fileno(), client):
            self._poll.register(fd, select.POLLIN)

    def serve(self) -> tuple[dict[str, Any], socket.socket, list[int]] | None:
        """Answer until the client goes; in a fork, what it was asked to be."""
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._client:
                    self._end_all()
                elif fd == self._channel.fileno():
                    asked = self._asked()
                    if asked is not None and (fork := self._fork(*asked)) is not None:
                        return fork
                elif fd in self._kernels:
                    self._ended(fd)
                else:
                    self._hung_up(fd)

    def _asked(self) -> tuple[dict[str, Any], list[int]] | None:
        try:
            return receive(self._channel)
        except (EOFError, OSError):
            self._end_all()

    def _fork(
        self, request: dict[str, Any], files: list[int]
    ) -> tuple[dict[str, Any], socket.socket, list[int]] | None:
        line = socket.socket(fileno=files[0])
        server = os.getpid()
        with warnings.catch_warnings():  # the one thread more is an allocator's, which knows
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            die_with_parent(server)
            self._forget()
            request["env"] = {**self._of_imports, **request["env"]}
            return request, line, files[1:]
        for file in files[1:]:
            os.close(file)
        kernel = _Kernel(pid, os.pidfd_open(pid), line, request.get("folder"))
        self._kernels[kernel.pidfd] = kernel
        self._poll.register(kernel.pidfd, select.POLLIN)
        self._poll.register(line, select.POLLIN)
        with contextlib.suppress(OSError):  # a client that hung up is noticed by its line
            send(line, {"pid": pid}, [kernel.pidfd])
        return None

    def _forget(self) -> None:
        """In a fork: close what is the server's."""
        for kernel in self._kernels.values():
            os.close(kernel.pidfd)
            kernel.line.close()
        self._channel.close()
        os.close(self._client)

    def _hung_up(self, fd: int) -> None:
        """Nobody holds the other end of a kernel's line any more: nobody wants the kernel."""
        for kernel in self._kernels.values():
            if kernel.line.fileno() == fd:
                self._poll.unregister(fd)
                os.kill(kernel.pid, signal.SIGKILL)

    def _ended(self, pidfd: int) -> None:
        """Tell the client how a kernel ended, after what it leaves behind was ended too."""
        kernel = self._kernels.pop(pidfd)
        _end_group(kernel.pid)  # while the dead kernel, not yet waited for, keeps its number
        code = os.waitstatus_to_exitcode(os.waitpid(kernel.pid, 0)[1])
        self._end_orphans(kernel.pid)
        self._poll.unregister(pidfd)
        with contextlib.suppress(KeyError):
            self._poll.unregister(kernel.line)
        os.close(pidfd)
        with contextlib.suppress(OSError):
            send(kernel.line, {"exit": code})
        kernel.line.close()

    def _end_orphans(self, session: int) -> None:
        """End what a kernel started, adopted by us when it died; all of it if no other runs."""
        running = {kernel.pid for kernel in self._kernels.values()}
        while orphans := _children() - running:
            mine = {pid for pid in orphans if not running or _session(pid) == session}
            for pid in mine:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
            if not mine:
                return

    def _end_all(self) -> NoReturn:
        """The client is gone: end every kernel, and remove the folders that it cannot any more."""
        for kernel in list(self._kernels.values()):
            os.kill(kernel.pid, signal.SIGKILL)
            self._ended(kernel.pidfd)
            if kernel.folder:
                shutil.rmtree(kernel.folder, ignore_errors=True)
        os._exit(0)


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _children() -> set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
