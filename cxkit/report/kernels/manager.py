"""One kernel: its process started, held to its memory, and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

from cxkit.report.kernels.channels import MB, Channels
from cxkit.report.kernels.forks import readable, standard_output
from cxkit.report.kernels.provisioner import ForkedProvisioner, is_stock

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
    is_forked: bool = False
    """Whether it is to be forked where that goes."""
    folder: Path | None = None
    """What is to be removed if this process is killed while the kernel runs."""

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

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        if not restart:
            self.context.destroy(linger=0)  # nobody is left to read what was not sent
        await super()._async_cleanup_resources(restart=restart)

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        if self.provisioner is None and self.is_forked and is_stock(self.kernel_spec):
            self.kernel_id = str(self.kernel_id or uuid.uuid4())
            self.provisioner = ForkedProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            self.provisioner.folder = self.folder
        return await super()._async_pre_start_kernel(**{"stdout": standard_output(), **kwargs})

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
    try:
        await readable(fd)
    finally:
        os.close(fd)


def _hold_to(pid: int, megabytes: int | None) -> None:
    if megabytes is None:
        return
    with contextlib.suppress(ImportError, AttributeError, ProcessLookupError):
        import resource

        most = megabytes * MB
        resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
