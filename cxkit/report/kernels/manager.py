"""One kernel: its process started, held to its memory, and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

from cxkit.report.kernels.channels import MB, Channels

__all__ = ["Manager", "ended"]

_LOOK_AGAIN = 0.1


class Manager(AsyncKernelManager):
    """A kernel's process, held to its limits.

    It waits for what happens in the place of asking ten times a second whether it has.
    """

    client_factory = Type(Channels)
    memory: int | None = None
    """MB of its own data that the process may hold, where the system can see to that (Linux)."""
    output: int = 50
    """MB that it may print and show."""

    def _context_default(self) -> zmq.asyncio.Context:
        """Sockets that try soon again where a kernel is not there yet, and refuse a flood."""
        self._created_context = True
        context = zmq.asyncio.Context()
        context.reconnect_ivl = 10
        context.maxmsgsize = self.output * MB
        return context

    def client(self, **kwargs: Any) -> Any:
        """The channels to talk to the kernel."""
        channels: Any = super().client(context=self.context, **kwargs)
        channels.most = self.output * MB
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

        most = megabytes * MB
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
