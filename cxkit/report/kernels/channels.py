"""The channels of a kernel: counted, ready as soon as they answer, and cut by a flood."""

from __future__ import annotations

import asyncio
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type
from zmq.utils.monitor import recv_monitor_message

__all__ = ["MB", "Channels", "first_of"]

MB = 2**20
_ASK_AGAIN = 1.0
_CATCH_UP = 0.1
_GIVE_UP = 1.0
_TRIED_AGAIN = 500  # milliseconds; a socket tries to connect again after ten


class _Counted(AsyncZMQSocketChannel):
    """A channel that counts the bytes it brings, and brings no more when they are too many."""

    brought = 0
    most = 50 * MB

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.full = asyncio.Event()

    async def _recv(self, **kwargs: Any) -> Any:  # type: ignore[override]
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
    most = 50 * MB
    info: dict[str, Any] | None = None
    """What the kernel said of itself when it was asked whether it is there."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """All but the heartbeat: the process itself is watched."""
        super().start_channels(*args, **{**kwargs, "hb": False})
        self.iopub_channel.most = self.most
        sockets = (self.iopub_channel.socket, self.shell_channel.socket)
        self._monitors = [one.get_monitor_socket(_EVENTS) for one in sockets]

    async def flooded(self) -> None:
        """Return once the kernel has shown more than it may, in one message or in many.

        A message that is larger than all that may be shown is refused before it is received.
        """
        ways = [self.iopub_channel.full.wait(), *map(_refused, self._monitors)]
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


_EVENTS = zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED


async def _refused(monitor: zmq.asyncio.Socket) -> None:
    """Return once a socket was cut for good; one whose other side is gone connects again."""
    while True:
        cut = (await recv_monitor_message(monitor))["event"] == zmq.EVENT_DISCONNECTED
        if cut and not await monitor.poll(_TRIED_AGAIN):
            return


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
