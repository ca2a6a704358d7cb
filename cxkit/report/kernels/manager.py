"""One kernel: its process started, held to its memory and waited for; its channels watched."""

from __future__ import annotations

import asyncio
import contextlib
import os
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from traitlets import DottedObjectName, Type
from zmq.utils.monitor import recv_monitor_message

__all__ = ["Channels", "Manager", "ended", "first_of"]

_MB = 2**20
_ASK_AGAIN = 1.0
_CATCH_UP = 0.1
_LOOK_AGAIN = 0.1
_GIVE_UP = 1.0


class Manager(AsyncKernelManager):
    """A kernel's process, held to its limits.

    It waits for what happens in the place of asking ten times a second whether it has.
    """

    client_class = DottedObjectName("cxkit.report.kernels.manager.Channels")
    memory: int | None = None
    """MB of its own data that the process may hold, where the system can see to that (Linux)."""
    output: int = 50
    """MB that it may print and show."""

    def _context_default(self) -> zmq.asyncio.Context:
        """Sockets that try soon again where a kernel is not there yet, and refuse a flood."""
        self._created_context = True
        context = zmq.asyncio.Context()
        context.reconnect_ivl = 10
        context.maxmsgsize = self.output * _MB
        return context

    def client(self, **kwargs: Any) -> Any:
        """The channels to talk to the kernel."""
        channels: Any = super().client(context=self.context, **kwargs)
        channels.most = self.output * _MB
        return channels

    @property
    def pid(self) -> int:
        """Its process."""
        provisioner: Any = self.provisioner
        return int(provisioner.pid)

    async def gone(self) -> None:
        """Return once the kernel's process has ended."""
        while await self.is_alive():
            await ended(self.pid)

    async def _async_wait(self, pollinterval: float = _LOOK_AGAIN) -> None:
        await self.gone()

    async def _async_post_start_kernel(self, **kwargs: Any) -> None:
        _hold_to(self.pid, self.memory)
        await super()._async_post_start_kernel(**kwargs)


async def ended(pid: int) -> None:
    """Return once a process may have ended: a child not waited for, or one that it is safe to name.

    Where the system tells of it (Linux), that moment; else a tenth of a second later.
    """
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except (AttributeError, OSError):
        await asyncio.sleep(_LOOK_AGAIN)
        return
    loop = asyncio.get_running_loop()
    told: asyncio.Future[None] = loop.create_future()
    loop.add_reader(fd, _tell, told)
    try:
        await told
    finally:
        loop.remove_reader(fd)
        os.close(fd)


def _tell(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)


def _hold_to(pid: int, megabytes: int | None) -> None:
    if megabytes is None:
        return
    with contextlib.suppress(ImportError, AttributeError, ProcessLookupError):
        import resource

        most = megabytes * _MB
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))


class _Counted(AsyncZMQSocketChannel):
    """A channel that counts the bytes it brings, and brings no more when they are too many."""

    brought = 0
    most = 50 * _MB

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.full = asyncio.Event()

    async def _recv(self, **kwargs: Any) -> Any:
        frames = await self.socket.recv_multipart(**kwargs)
        self.brought += sum(map(len, frames))
        if self.brought > self.most:
            self.full.set()
            await asyncio.get_running_loop().create_future()  # until whoever asked gives up
        _, message = self.session.feed_identities(frames)
        return self.session.deserialize(message)


class Channels(AsyncKernelClient):
    """The channels of a kernel: ready as soon as they answer, and flooded when too much comes."""

    iopub_channel_class = Type(_Counted)
    most = 50 * _MB
    info: dict[str, Any] | None = None
    """What the kernel said of itself when it was asked whether it is there."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """All but the heartbeat: the process itself is watched."""
        super().start_channels(*args, **{**kwargs, "hb": False})
        self.iopub_channel.most = self.most
        sockets = (self.iopub_channel.socket, self.shell_channel.socket)
        self._monitors = [one.get_monitor_socket(_CUT_OR_THERE) for one in sockets]

    async def flooded(self) -> None:
        """Return once the kernel has shown more than it may, in one message or in many.

        A message that is larger than all that may be shown is not received: the socket that it
        came by is cut, and there again the next moment. (That of a dead kernel stays cut.)
        """
        ways = [self.iopub_channel.full.wait(), *map(_cut_and_there_again, self._monitors)]
        await first_of(*ways)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return once an ask was answered on the channel of replies and on that of outputs.

        Raises
        ------
        RuntimeError
            If it was not within so many seconds.
        """
        try:
            await asyncio.wait_for(self._answered(), timeout)
        except TimeoutError:
            raise RuntimeError(f"Kernel didn't respond in {timeout} seconds") from None

    async def _answered(self) -> None:
        asked: set[str] = set()
        while True:
            asked.add(self.kernel_info())
            reply = await _next(self.shell_channel, asked, _ASK_AGAIN)
            if reply is not None and reply["msg_type"] == "kernel_info_reply":
                self.info = reply
                if await self._caught_up(asked):
                    return

    async def _caught_up(self, asked: set[str]) -> bool:
        """Whether outputs arrive here: the last of what an ask of ours brought forth did."""
        while (message := await _next(self.iopub_channel, asked, _CATCH_UP)) is not None:
            if message["content"].get("execution_state") == "idle":
                return True
        return False


_CUT_OR_THERE = zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECTED


async def _cut_and_there_again(monitor: zmq.asyncio.Socket) -> None:
    was_cut = False
    while True:
        event = (await recv_monitor_message(monitor))["event"]
        if was_cut and event == zmq.EVENT_CONNECTED:
            return
        was_cut = was_cut or event == zmq.EVENT_DISCONNECTED


async def _next(channel: Any, asked: set[str], seconds: float) -> dict[str, Any] | None:
    """The next message that answers one of our asks, None if there is none within some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        try:
            message = await channel.get_msg(timeout=left)
        except Empty:
            return None
        if message["parent_header"].get("msg_id") in asked:
            return message
    return None


async def first_of(*ways: Any) -> int:
    """The number of the awaitable that is done first; the others are given up."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_GIVE_UP)
    first = next(number for number, task in enumerate(tasks) if task in done)
    tasks[first].result()
    return first
