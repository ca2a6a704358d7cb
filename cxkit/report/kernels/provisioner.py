"""A Jupyter provisioner whose kernels are forked; the stock one does whatever is not forking."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from cxkit.report.kernels import forks

__all__ = ["ForkedProvisioner", "arguments_of_ipykernel", "is_stock"]

_LAUNCHER = ["-m", "ipykernel_launcher"]


class ForkedProvisioner(LocalProvisioner):
    """Python's kernel of this very interpreter, forked; any other kernel, started.

    All but the launch is as with the stock provisioner: signals go to the kernel's group,
    `poll` and `wait` tell how it ended, a restart is another launch.
    """

    process: Any = None
    folder: Path | None = None
    """What to remove if this process is killed while the kernel runs."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel and wait until it can be talked to; start it where there is no forking."""
        arguments = arguments_of_ipykernel(cmd)
        if arguments is None or set(kwargs) - {"env", "cwd", "stdout"}:
            return await super().launch_kernel(cmd, **kwargs)
        env = {**kwargs.get("env", os.environ), "JPY_PARENT_PID": str(os.getpid())}
        cwd = str(kwargs.get("cwd") or Path.cwd())
        try:
            self.process = await forks.fork(arguments, env, cwd, self.folder)
        except forks.NoFork:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        await self.process.ready()
        return self.connection_info


def arguments_of_ipykernel(cmd: Sequence[str]) -> list[str] | None:
    """What comes after `python -m ipykernel_launcher`, if that is what `cmd` calls here."""
    interpreter, *options = cmd
    if os.path.abspath(interpreter) != os.path.abspath(sys.executable):
        return None
    if options[:1] == ["-Xfrozen_modules=off"]:  # for a debugger's sake
        del options[0]
    return options[2:] if options[:2] == _LAUNCHER else None


def is_stock(spec: Any) -> bool:
    """Whether the specification of a kernel leaves it to the stock provisioner to start it."""
    return "kernel_provisioner" not in spec.metadata
