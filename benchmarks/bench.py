"""Overhead of `cxkit run` against papermill and nbconvert, on one notebook in one environment.

Overhead is the wall time of a command minus the time its notebook's own cells take: what is paid
for starting, for talking to the kernel and for making the page. Cells are timed inside the kernel
by IPython itself, alike for both, through a start-up file in an IPython folder of the benchmark.
Contenders take turns within each round, so that a slow minute of the machine is slow for all.

    python benchmarks/bench.py [--rounds 5] [--notebook report]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxkit.places import shared

# Runs in the kernel: a line a cell, its start and end, in a file that the benchmark reads.
CLOCK = """
import json, os, time

def _cxkit_bench():
    began = []
    log = os.environ["CXKIT_BENCH_CLOCK"]

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


def main() -> int:
    """Measure, print the table and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="reports of each contender")
    parser.add_argument("--notebook", default="report", help="which of the kit's notebooks")
    options = parser.parse_args()
    notebook = shared("notebooks") / f"{options.notebook}.ipynb"

    taken: dict[str, list[Times]] = {}
    with tempfile.TemporaryDirectory(prefix="cxkit-bench-") as scratch:
        contenders = _contenders(options.notebook, notebook, Path(scratch))
        environment = _environment(Path(scratch))
        for number in range(-1, options.rounds):  # the first round warms caches and is not kept
            for name, commands in contenders.items():
                times = _timed(commands(), environment)
                print(f"round {number + 1}: {name}: {times.wall:.2f} s", file=sys.stderr)
                if number >= 0:
                    taken.setdefault(name, []).append(times)
    _print_table(taken)
    return 0


def _contenders(
    name: str, notebook: Path, scratch: Path
) -> dict[str, Callable[[], list[list[str]]]]:
    python = sys.executable
    executed = scratch / "two" / "executed.ipynb"
    executed.parent.mkdir()
    cxkit = [python, "-m", "cxkit", "run", "demo", "--notebook", name, "--quiet"]
    cxkit += ["-o", str(scratch / "one")]
    papermill = [python, "-m", "papermill", str(notebook), str(executed)]
    papermill += ["--no-progress-bar", "--log-level", "ERROR", "-k", "python3"]
    nbconvert = [python, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(executed)]
    return {
        "papermill, then nbconvert": lambda: [papermill, nbconvert],
        "cxkit run, one language": lambda: [[*cxkit, "--language", "en"]],
        "cxkit run, both languages": lambda: [[*cxkit, "--language", "id", "--language", "en"]],
    }


def _environment(scratch: Path) -> dict[str, str]:
    """The caller's, with a kernel that writes down when its cells start and end."""
    startup = scratch / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-clock.py").write_text(CLOCK, encoding="utf-8")
    return {
        **os.environ,
        "IPYTHONDIR": str(scratch / "ipython"),
        "CXKIT_BENCH_CLOCK": str(scratch / "clock"),
    }


def _timed(commands: list[list[str]], environment: dict[str, str]) -> Times:
    clock = Path(environment["CXKIT_BENCH_CLOCK"])
    clock.unlink(missing_ok=True)
    start = time.time()
    for command in commands:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} exited {done.returncode}\n{done.stderr}")
    end = time.time()
    if not clock.is_file():
        sys.exit("the kernel did not read its start-up file: cells cannot be told from overhead")
    cells = [json.loads(line) for line in clock.read_text(encoding="ascii").splitlines()]
    first, last = cells[0][0], cells[-1][1]
    own = sum(after - before for before, after in cells)
    return Times(kernel=first - start, cells=own, between=last - first - own, page=end - last)


def _print_table(taken: dict[str, list[Times]]) -> None:
    columns = ("kernel", "cells", "between", "page", "overhead", "wall")
    width = max(map(len, taken))
    rounds = len(next(iter(taken.values())))
    print(f"median seconds of {rounds} rounds, Python {sys.version.split()[0]}")
    print(" " * width, *(f"{column:>9}" for column in columns))
    middle = {
        name: {
            column: statistics.median(getattr(one, column) for one in times) for column in columns
        }
        for name, times in taken.items()
    }
    for name, row in middle.items():
        print(f"{name:<{width}}", *(f"{row[column]:9.2f}" for column in columns))
    print(
        "kernel: until the first cell; between: messages from cell to cell; page: after the last\n"
        "cell; overhead: kernel + between + page"
    )
    baseline, *ours = taken
    for name in ours:
        ratios = [
            theirs.overhead / mine.overhead
            for theirs, mine in zip(taken[baseline], taken[name], strict=True)
        ]
        print(
            f"{name}: overhead {statistics.median(ratios):.2f} times smaller "
            f"(rounds {min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    sys.exit(main())
