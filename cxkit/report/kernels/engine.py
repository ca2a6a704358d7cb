"""Run the cells of a notebook within its limits: an engine for papermill, `engine_name="cxkit"`.

A notebook that is stopped ends as one that fails: with an error output in the cell that ran, whose
name is one of `STOPPED`.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

from cxkit.report.kernels.channels import first_of
from cxkit.report.kernels.manager import Manager

if TYPE_CHECKING:
    from cxkit.report.execution import Limits

__all__ = ["DIED", "STOPPED", "TOO_LONG", "TOO_MUCH", "Engine", "Stopped"]

TOO_LONG = "cxkit.TooLong"
TOO_MUCH = "cxkit.TooMuchShown"
DIED = "cxkit.KernelDied"
STOPPED = (TOO_LONG, TOO_MUCH, DIED)
"""The names under which a cell is stopped; no exception of Python can bear them."""

_START_SECONDS = 60
_LAST_OUTPUT_SECONDS = 60
_T = TypeVar("_T")


class Stopped(Exception):
    """A kernel ended, or had to be, before the first cell or after the last one ran."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Engine(NBClientEngine):
    """Papermill's own engine with a client that holds the kernel to `limits`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        limits: Limits,
        until: float | None,
        is_forked: bool,
        folder: Path,
        config: Any,
        **_: Any,
    ) -> Any:
        """Run the cells of `nb_man.nb`.

        Parameters
        ----------
        limits : Limits
            What its kernel may take.
        until : float or None
            The end of its time, by `time.monotonic()`.
        is_forked : bool
            Whether the kernel is to be forked where that goes.
        folder : Path
            A private folder of this run.
        config : traitlets Config
            Of the kernel manager.
        """
        client = _Client(
            nb_man,
            limits=limits,
            until=until,
            is_forked=is_forked,
            folder=folder,
            kernel_name=kernel_name,
            kernel_manager_class=Manager,
            config=config,
            log=logger,
            startup_timeout=_START_SECONDS,
            iopub_timeout=_LAST_OUTPUT_SECONDS,
            shutdown_kernel="immediate",
        )
        return client.execute()


papermill_engines.register("cxkit", Engine)


class _Client(PapermillNotebookClient):
    """Papermill's client, where a watch stands in the place of a look at the kernel each second.

    Whatever ends a kernel before its notebook is through - its time, what it shows, its own death
    - is noticed when it happens, whatever the cell is doing: what is held to the limits is the
    process, not the code in it.
    """

    def __init__(
        self,
        nb_man: Any,
        *,
        limits: Limits,
        until: float | None,
        is_forked: bool,
        folder: Path,
        **kwargs: Any,
    ) -> None:
        self._limits, self._until = limits, until
        self._is_forked, self._folder = is_forked, folder
        self._reason = ""
        super().__init__(nb_man, **kwargs)

    def create_kernel_manager(self) -> Any:
        manager = super().create_kernel_manager()
        manager.memory, manager.output = self._limits.memory, self._limits.output
        manager.is_forked, manager.folder = self._is_forked, self._folder
        return manager

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        await self._in_time(super().async_start_new_kernel(**kwargs))

    async def async_start_new_kernel_client(self) -> Any:
        return await self._in_time(super().async_start_new_kernel_client(), self.km.gone())

    async def async_execute_cell(
        self, cell: Any, cell_index: int, *args: Any, **kwargs: Any
    ) -> Any:
        self._reason = ""
        try:
            done = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        except DeadKernelError:
            self._reason = self._reason or DIED
        except CellExecutionError as error:
            if all(output.output_type != "error" for output in cell.outputs):
                cell.outputs.append(_error(error.ename, error.evalue))  # it had no memory to say so
            raise
        else:
            if not self._reason:
                return done
        raise self._stopped(cell)

    async def _async_poll_kernel_alive(self) -> None:
        """What nbclient runs beside a cell, to give it up when its kernel is no more."""
        ways = [self.km.gone(), self.kc.flooded(), *self._end_of_time()]
        self._reason = (DIED, TOO_MUCH, TOO_LONG)[await first_of(*ways)]
        if self._reason != DIED:
            await self.km.signal_kernel(getattr(signal, "SIGKILL", signal.SIGTERM))
        self.task_poll_for_reply.cancel()

    def wait_for_reply(self, msg_id: str, cell: Any = None) -> Any:
        """Papermill asks at the end what the kernel is: what it said when it was there first."""
        return self.kc.info

    start_new_kernel = run_sync(async_start_new_kernel)
    start_new_kernel_client = run_sync(async_start_new_kernel_client)
    execute_cell = run_sync(async_execute_cell)

    async def _in_time(self, step: Awaitable[_T], *other: Awaitable[None]) -> _T:
        """The result of a step before or after the cells; Stopped, and no kernel, if it is late."""
        task = asyncio.ensure_future(step)
        first = await first_of(task, *other, *self._end_of_time())
        if first == 0:
            return task.result()
        reason = DIED if first == len(other) else TOO_LONG
        detail = self._how_it_died()
        await self._async_cleanup_kernel()
        raise Stopped(reason, detail)

    def _end_of_time(self) -> list[Awaitable[None]]:
        return [] if self._until is None else [asyncio.sleep(self._until - time.monotonic())]

    def _stopped(self, cell: Any) -> CellExecutionError:
        """The error that the cell is left with."""
        detail = self._how_it_died() if self._reason == DIED else ""
        cell.execution_count = cell.execution_count or self.code_cells_executed
        cell.outputs.append(_error(self._reason, detail))
        return CellExecutionError("", self._reason, detail)

    def _how_it_died(self) -> str:
        process = getattr(self.km.provisioner, "process", None)
        code = process.poll() if process is not None else None
        if code is None or code == 0:
            return ""
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _error(name: str, detail: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("error", ename=name, evalue=detail, traceback=[name])
