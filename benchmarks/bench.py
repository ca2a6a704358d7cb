"""Overhead of `cxkit run` against papermill and nbconvert, on one notebook in one environment.

Overhead is the wall time of a command minus the time its notebook's own cells take: what is paid
for starting, for talking to the kernel and for making the page. Contenders take turns within each
round, so that a slow minute of the machine is slow for all.

    python benchmarks/bench.py [--rounds 5] [--notebook report]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from _commands import Times, here, timed, two_commands, with_clock

from cxkit.places import shared

TARGET = 0.5
"""What the overhead of a run in one language may be of that of the two commands."""


def main() -> int:
    """Measure, print the table and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="reports of each contender")
    parser.add_argument("--notebook", default="report", help="which of the kit's notebooks")
    options = parser.parse_args()

    taken: dict[str, list[Times]] = {}
    with tempfile.TemporaryDirectory(prefix="cxkit-bench-") as scratch:
        contenders = _contenders(options.notebook, Path(scratch))
        environment = with_clock(Path(scratch))
        for number in range(-1, options.rounds):  # the first round warms caches and is not kept
            for name, commands in contenders.items():
                times = timed(commands, environment)
                print(f"round {number + 1}: {name}: {times.wall:.2f} s", file=sys.stderr)
                if number >= 0:
                    taken.setdefault(name, []).append(times)
    _print_table(taken, options.notebook)
    return 0


def _contenders(name: str, scratch: Path) -> dict[str, list[list[str]]]:
    executed = scratch / "two" / "executed.ipynb"
    executed.parent.mkdir()
    cxkit = [sys.executable, "-m", "cxkit", "run", "demo", "--notebook", name, "--quiet"]
    cxkit += ["-o", str(scratch / "one")]
    return {
        "papermill, then nbconvert": two_commands(shared("notebooks") / f"{name}.ipynb", executed),
        "cxkit run, one language": [[*cxkit, "--language", "en"]],
        "cxkit run, both languages": [[*cxkit, "--language", "id", "--language", "en"]],
    }


def _print_table(taken: dict[str, list[Times]], notebook: str) -> None:
    columns = ("kernel", "cells", "between", "page", "overhead", "wall")
    width = max(map(len, taken))
    rounds = len(next(iter(taken.values())))
    print(f"notebook {notebook} on the demo; {here()}; median seconds of {rounds} rounds")
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
            mine.overhead / theirs.overhead
            for theirs, mine in zip(taken[baseline], taken[name], strict=True)
        ]
        aim = f" (at most {TARGET})" if "one language" in name else ""
        print(
            f"{name}: overhead {statistics.median(ratios):.2f} of that of the two commands{aim}; "
            f"rounds {min(ratios):.2f} to {max(ratios):.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
