"""What the benchmarks of runs share: the two commands, and cells that are timed by their kernel.

The cells of every contender are timed alike, inside the kernel by IPython itself, through a
start-up file in an IPython folder of the benchmark. What is left of the wall time is overhead:
starting, talking to the kernel, making the page.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# Runs in the kernel: a line a cell, its start and end, in a file of this kernel.
CLOCK = """
import json, os, time

def _cxkit_bench():
    began = []
    log = os.path.join(os.environ["CXKIT_BENCH_CLOCK"], f"{os.getpid()}-{time.time_ns()}")

    def before(info):
        began.append(time.time())

    def after(result):
        if began:
            with open(log, "a", encoding="ascii") as file:
                file.write(json.dumps([began.pop(), time.time()]) + "\\n")

    get_ipython().events.register("pre_run_cell", before)
    get_ipython().events.register("post_run_cell", after)

_cxkit_bench()
"""


@dataclass(frozen=True)
class Cells:
    """When the cells of kernels ran, in seconds since the epoch."""

    kernels: int
    own: float
    first: float
    last: float


@dataclass(frozen=True)
class Times:
    """Seconds of one report, by where they went."""

    kernel: float
    cells: float
    between: float
    page: float

    @property
    def overhead(self) -> float:
        """All but the cells' own time."""
        return self.kernel + self.between + self.page

    @property
    def wall(self) -> float:
        """From the first command's start to the last one's end."""
        return self.overhead + self.cells


def two_commands(
    notebook: Path, executed: Path, parameters: Mapping[str, str] | None = None
) -> list[list[str]]:
    """Papermill's command and nbconvert's: the notebook executed, then its HTML beside it."""
    python = sys.executable
    papermill = [python, "-m", "papermill", str(notebook), str(executed)]
    papermill += ["--no-progress-bar", "--log-level", "ERROR", "-k", "python3"]
    for name, value in (parameters or {}).items():
        papermill += ["-p", name, value]
    nbconvert = [python, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(executed)]
    return [papermill, nbconvert]


def with_clock(scratch: Path) -> dict[str, str]:
    """The caller's environment, with kernels that write down when their cells start and end."""
    startup = scratch / "ipython" / "profile_default" / "startup"
    clock = scratch / "clock"
    startup.mkdir(parents=True)
    clock.mkdir()
    (startup / "00-clock.py").write_text(CLOCK, encoding="utf-8")
    return {
        **os.environ,
        "IPYTHONDIR": str(scratch / "ipython"),
        "CXKIT_BENCH_CLOCK": str(clock),
    }


def of_cells(clock: Path) -> Cells:
    """What the kernels wrote in the folder `clock`; the benchmark ends where none did."""
    files = [path.read_text(encoding="ascii") for path in sorted(clock.iterdir())]
    cells = [json.loads(line) for text in files for line in text.splitlines()]
    if not cells:
        sys.exit("no kernel read its start-up file: cells cannot be told from overhead")
    return Cells(
        kernels=len(files),
        own=sum(after - before for before, after in cells),
        first=min(before for before, _ in cells),
        last=max(after for _, after in cells),
    )


def timed(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> Times:
    """One report by some commands, in an environment `with_clock` of its own."""
    clock = Path(environment["CXKIT_BENCH_CLOCK"])
    for path in clock.iterdir():
        path.unlink()
    start = time.time()
    for command in commands:
        ran(command, environment)
    end = time.time()
    cells = of_cells(clock)
    return Times(
        kernel=cells.first - start,
        cells=cells.own,
        between=cells.last - cells.first - cells.own,
        page=end - cells.last,
    )


def ran(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path | None = None
) -> tuple[float, str]:
    """The seconds of a command and what it printed; the benchmark ends where it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        sys.exit(f"{' '.join(command)} exited {done.returncode}\n{said}")
    return seconds, done.stdout


def here() -> str:
    """Where this is measured: Python, environment, cores."""
    lab = "with JupyterLab" if find_spec("jupyterlab") else "without JupyterLab"
    return f"Python {platform.python_version()} on {platform.system()}, {lab}, {cores()} cores"


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
