"""Speed of `cxkit batch` against papermill's and nbconvert's commands, on the same notebook.

Three parts:

overhead
    A hundred brief group reports of the demo (each region, each channel and each region in each
    channel, in each wave), fresh kernels and forked ones, against the two commands with the same
    notebook and parameters, as a plain loop and two at a time. The commands take long and each
    report of theirs as long as the next, so that a sample of the plan is enough; it is dealt out
    before, between and after our batches, each of which is set against the two pieces beside it.
    Overhead of a report is its wall time times the workers, minus its cells' own time; what starts,
    plans and ends a batch is shared by its reports.
thousand
    A study of a thousand groups with a quick notebook of its own: the last hundred reports against
    the first, the memory of the parent, the index, and a second call with nothing changed.
dask
    The same hundred reports on a Dask cluster of this machine against the pool.

    python benchmarks/batch.py [--parts overhead,thousand,dask] [-o FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

import _many
from _commands import Times, here, of_cells, ran, timed, two_commands, with_clock

from cxkit.places import shared

PARTS = ("overhead", "thousand", "dask")
NOTEBOOK = "report"
PLAN = ("region,wave", "channel,wave", "region,channel,wave")
STEPS = ("read", "kernel", "cells", "page", "write")
CXKIT = (sys.executable, "-m", "cxkit")
MEGABYTE = 1_000_000

LOOP, PAIRS = "the two commands, one after the other", "the two commands, two at a time"
FRESH, FORKED = "cxkit batch, fresh kernels", "cxkit batch, forked kernels"
BOTH = "cxkit batch, forked kernels, both languages"
DASK = "cxkit batch, Dask"

AT_MOST = {
    "overhead": 0.25,
    "last to first": 1.15,
    "memory": 1.1,
    "index": 12,
    "second call": 0.02,
    "dask": 1.3,
}
AT_LEAST = {PAIRS: 3, LOOP: 6}


@dataclass(frozen=True)
class Taken:
    """What one contender took in one piece of the work; seconds a report."""

    reports: int
    wall: float
    overhead: float
    steps: Mapping[str, float]


def main() -> int:
    """Measure the parts asked for, print their ratios, write them as JSON."""
    options = _options()
    print(here())
    found: dict[str, Any] = {"where": here()}
    with tempfile.TemporaryDirectory(prefix="cxkit-bench-") as name:
        scratch = Path(name)
        if {"overhead", "dask"} & set(options.parts):
            found["plan"] = _lay_demo(scratch / "demo", options.by)
        if "overhead" in options.parts:
            found["overhead"] = overhead(scratch, options)
        if "dask" in options.parts:
            found["dask"] = dask(scratch, options)
        if "thousand" in options.parts:
            found["thousand"] = thousand(scratch / "many", options)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts, with commas between")
    parser.add_argument(
        "--by", action="append", help=f"segments, or wave, with commas; {' '.join(PLAN)} if none"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes of a batch")
    parser.add_argument("--piece", type=int, default=4, help="the commands' reports in a piece")
    parser.add_argument("--thousand", type=int, default=1000, help="groups of the large study")
    parser.add_argument("-o", "--output", type=Path, help="a JSON file of all that was measured")
    options = parser.parse_args()
    options.by = options.by or list(PLAN)
    options.parts = options.parts.split(",")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    return options


# -- a hundred reports ------------------------------------------------------------------------


def _lay_demo(folder: Path, by: Sequence[str]) -> dict[str, int]:
    """The demo in a folder of its own, with these reports; its answers are prepared for all."""
    shutil.copytree(shared("data/demo"), folder, ignore=shutil.ignore_patterns(".*"))
    file = folder / "study.yaml"
    kept, _, _ = file.read_text(encoding="utf-8").partition("\nreports:")
    lines = [f"  - {{notebook: {NOTEBOOK}, by: [{one}], depth: brief}}" for one in by]
    file.write_text("\n".join([kept, "reports:", *lines, ""]), encoding="utf-8")
    ran([*CXKIT, "run", str(folder), "--quiet"], os.environ)
    made, left_out = _plan(folder)
    print(
        f"notebook {NOTEBOOK}, depth=brief, on the demo by {'; by '.join(by)}:\n"
        f"{len(made)} reports; left out, by privacy or because nobody is in them: {left_out}"
    )
    return {"reports": len(made), "left out": left_out}


def overhead(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A hundred reports by each contender, between pieces of a sample by the two commands."""
    study = scratch / "demo"
    ours = {
        FRESH: ["--language", "en", "--fresh-kernels"],
        FORKED: ["--language", "en"],
        BOTH: ["--language", "id", "--language", "en"],
    }
    pieces = _dealt(_plan(study)[0], len(ours) + 1, options.piece)
    print(f"{options.workers} workers; the commands: {sum(map(len, pieces))} of these reports")
    beside = [_by_commands(study, scratch / "two", pieces[0])]
    taken: dict[str, Taken] = {}
    for piece, (name, words) in zip(pieces[1:], ours.items(), strict=True):
        taken[name] = _by_batch(study, scratch / "ours", name, words, options.workers)
        beside.append(_by_commands(study, scratch / "two", piece))
    theirs = {name: _mean([piece[name] for piece in beside]) for name in (LOOP, PAIRS)}
    _print_steps({**theirs, **taken}, options.workers)
    ratios = {
        name: _against(one, beside[number], beside[number + 1])
        for number, (name, one) in enumerate(taken.items())
    }
    _print_ratios(ratios)
    everything = {name: vars(one) for name, one in {**theirs, **taken}.items()}
    return {"taken": everything, "ratios": ratios}


def _plan(study: Path) -> tuple[list[dict[str, str]], int]:
    """Parameters of every report that a batch makes of a study, and how many it leaves out."""
    from cxkit.report.plan import planned

    plan = planned(study)
    made = [
        {name: str(value) for name, value in one.job.parameters.items() if value is not None}
        for one in plan.to_make
    ]
    return made, len(plan.left_out)


def _dealt(plan: Sequence[Any], pieces: int, size: int) -> list[list[Any]]:
    """Pieces of the plan: each spread over the whole of it, no report in two if they suffice."""
    step = len(plan) / (pieces * size)
    spread = [plan[int(number * step)] for number in range(pieces * size)]
    return [spread[first::pieces] for first in range(pieces)]


def _by_commands(study: Path, scratch: Path, plan: Sequence[Mapping[str, str]]) -> dict[str, Taken]:
    """The same reports in a plain loop, then two at a time."""
    report = partial(_report_by_commands, study)
    loop = [report(scratch / f"loop{number}", one) for number, one in enumerate(plan)]
    with ThreadPoolExecutor(2) as threads:
        folders = [scratch / f"pairs{number}" for number in range(len(plan))]
        pairs = list(threads.map(report, folders, plan))
    shutil.rmtree(scratch)
    return {LOOP: _of_commands(LOOP, loop, 1), PAIRS: _of_commands(PAIRS, pairs, 2)}


def _report_by_commands(study: Path, scratch: Path, parameters: Mapping[str, str]) -> Times:
    scratch.mkdir(parents=True)
    notebook = shared("notebooks") / f"{NOTEBOOK}.ipynb"
    given = {"study": str(study), **parameters}
    return timed(two_commands(notebook, scratch / "executed.ipynb", given), with_clock(scratch))


def _of_commands(name: str, times: Sequence[Times], at_once: int) -> Taken:
    """As in an endless queue: nobody waits for the last of a piece."""
    mean = {part: fmean(getattr(one, part) for one in times) for part in vars(times[0])}
    _tell(f"{name}: {len(times)} reports, {fmean(one.wall for one in times) / at_once:.2f} s each")
    return Taken(
        reports=len(times),
        wall=fmean(one.wall for one in times) / at_once,
        overhead=fmean(one.overhead for one in times),
        steps={
            "kernel": mean["kernel"] + mean["between"],
            "cells": mean["cells"],
            "page": mean["page"],
        },
    )


def _by_batch(study: Path, scratch: Path, name: str, words: Sequence[str], workers: int) -> Taken:
    """A whole batch: its wall time, its cells by their own kernels, its steps from the log."""
    environment = with_clock(scratch)
    output = scratch / "reports"
    side_by_side = [] if "--scheduler" in words else ["--workers", str(workers)]
    command = [*CXKIT, "batch", str(study), *words, *side_by_side, "-o", str(output), "--quiet"]
    wall, _ = ran(command, environment)
    log = _log(output)
    cells = of_cells(Path(environment["CXKIT_BENCH_CLOCK"]))
    shutil.rmtree(scratch)
    if cells.kernels != len(log):
        _tell(f"{len(log)} reports, but {cells.kernels} kernels wrote down their cells")
    reports = len(log)
    _tell(f"{name}: {reports} reports, {wall / reports:.2f} s each")
    steps = {step: fmean(row["seconds"].get(step, 0) for row in log) for step in STEPS}
    own = cells.own / cells.kernels
    steps["kernel"] += steps["cells"] - own  # messages between cells are no cells
    steps["cells"] = own
    total = wall * workers / reports
    steps["rest"] = total - sum(steps.values())
    return Taken(reports, wall / reports, total - own, steps)


def _log(folder: Path) -> list[dict[str, Any]]:
    """The rows of a batch's log that are about a report that was made, in their order."""
    (file,) = folder.glob("*-batch.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["event"] == "report" and row["status"] == "made"]


def _mean(pieces: Sequence[Taken]) -> Taken:
    return Taken(
        reports=sum(one.reports for one in pieces),
        wall=fmean(one.wall for one in pieces),
        overhead=fmean(one.overhead for one in pieces),
        steps={step: fmean(one.steps[step] for one in pieces) for step in pieces[0].steps},
    )


def _against(
    ours: Taken, before: Mapping[str, Taken], after: Mapping[str, Taken]
) -> dict[str, dict[str, float]]:
    """A batch against the pieces of the two commands that ran just before and just after it."""
    beside = {name: _mean([before[name], after[name]]) for name in (LOOP, PAIRS)}
    return {
        "overhead": {name: ours.overhead / one.overhead for name, one in beside.items()},
        "throughput": {name: one.wall / ours.wall for name, one in beside.items()},
    }


def _print_steps(taken: Mapping[str, Taken], workers: int) -> None:
    columns = (
        "reports",
        "read",
        "kernel",
        "cells",
        "page",
        "write",
        "rest",
        "overhead",
        "a report",
    )
    width = max(map(len, taken))
    print("mean seconds")
    print(" " * width, *(f"{column:>8}" for column in columns))
    for name, one in taken.items():
        steps = [one.steps.get(step) for step in columns[1:7]]
        cells = [" " * 7 + "-" if step is None else f"{step:8.2f}" for step in steps]
        print(f"{name:<{width}} {one.reports:>8}", *cells, f"{one.overhead:8.2f} {one.wall:8.2f}")
    print(
        "kernel: its start, messages, end; page: of the commands, all after the last cell;\n"
        f"rest: start, plan, index and waiting, of {workers} workers; overhead: all but cells;\n"
        "a report: wall time over reports"
    )


def _print_ratios(ratios: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    for name, one in ratios.items():
        print(name)
        for theirs in (PAIRS, LOOP):
            ratio = one["overhead"][theirs]
            print(f"  overhead {ratio:.2f} of {theirs} ({_at_most('overhead')})")
        for theirs in (PAIRS, LOOP):
            ratio = one["throughput"][theirs]
            print(f"  throughput {ratio:.1f} times {theirs} (at least {AT_LEAST[theirs]})")


def _at_most(what: str) -> str:
    return f"at most {AT_MOST[what]}"


# -- Dask -------------------------------------------------------------------------------------


def dask(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The same batch on a local Dask cluster, between two on the pool."""
    if not find_spec("distributed"):
        print("dask: not installed (pip install 'cxkit[dask]')")
        return {}
    words = ["--language", "en"]
    batch = partial(_by_batch, scratch / "demo", scratch / "ours", workers=options.workers)
    before = batch(FORKED, words)
    on_dask = batch(DASK, [*words, "--scheduler", f"local:{options.workers}"])
    pool = _mean([before, batch(FORKED, words)])
    _print_steps({FORKED: pool, DASK: on_dask}, options.workers)
    ratio = on_dask.wall / pool.wall
    print(f"Dask {ratio:.2f} times the pool's wall time ({_at_most('dask')})")
    return {"taken": {FORKED: vars(pool), DASK: vars(on_dask)}, "ratio": ratio}


# -- a thousand reports -----------------------------------------------------------------------


def thousand(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Many reports in one batch: does it slow down, grow, and know what is done?"""
    study = _many.lay(scratch, options.thousand)
    by = [word for one in _many.BY for word in ("--by", one)]
    command = [*CXKIT, "batch", str(study), "--notebook", _many.NOTEBOOK, *by]
    command += ["--workers", str(options.workers), "--quiet"]
    _tell(f"{options.thousand} reports of a quick notebook")
    first, memory = _watched(command, study / "reports", options.thousand)
    seconds = [row["seconds"]["all"] for row in _log(study / "reports")]
    second, _ = ran(command, os.environ)
    if len(_log(study / "reports")) > len(seconds):
        sys.exit("the second call made reports again: did the code change meanwhile?")
    tenth = max(1, len(seconds) // 10)
    found = {
        "reports": len(seconds),
        "wall": first,
        "first": fmean(seconds[:tenth]),
        "last": fmean(seconds[-tenth:]),
        "parent": _at(memory, "parent"),
        "worker": _at(memory, "worker"),
        "index": _index_seconds(study),
        "second": second,
    }
    _print_thousand(found, tenth)
    return found


def _watched(
    command: Sequence[str], output: Path, reports: int
) -> tuple[float, list[dict[str, float]]]:
    """The seconds of a batch, and how large it and its largest worker were as it went on."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        batch = subprocess.Popen(command, stdout=said, stderr=said)
        seen: list[dict[str, float]] = []
        watching = threading.Thread(target=_watch, args=(batch, output, reports, seen))
        watching.start()
        failed = batch.wait()
        seconds = time.perf_counter() - start
        watching.join()
        if failed:
            said.seek(0)
            sys.exit(f"{' '.join(command)} exited {failed}\n{said.read().decode()}")
    return seconds, seen


def _watch(
    batch: subprocess.Popen[bytes], output: Path, reports: int, seen: list[dict[str, float]]
) -> None:
    import psutil

    while batch.poll() is None:
        try:
            parent = psutil.Process(batch.pid)
            sizes = [one.memory_info().rss for one in parent.children(recursive=True)]
            own = parent.memory_info().rss
        except psutil.NoSuchProcess:
            time.sleep(0.05)  # one of its processes ended just now
            continue
        logs = [path.read_bytes().count(b"\n") for path in output.glob("*-batch.jsonl")]
        seen.append(
            {
                "done": sum(logs) / reports,
                "parent": own / MEGABYTE,
                "worker": max(sizes, default=0) / MEGABYTE,
            }
        )
        time.sleep(0.5)


def _at(memory: Sequence[Mapping[str, float]], whose: str) -> tuple[float, float]:
    """MB from a tenth to a fifth of the way, and in the last tenth: the largest seen."""
    spans = ((0.1, 0.2), (0.9, math.inf))
    return tuple(
        max((one[whose] for one in memory if low <= one["done"] <= high), default=math.nan)
        for low, high in spans
    )


def _index_seconds(study: Path) -> dict[int, float]:
    """The page of all records and of a tenth of them: the quickest of some times, on the CPU."""
    from cxkit.report.index import index
    from cxkit.study import read_study

    asked = read_study(study)
    files = sorted((study / "reports" / f"{asked.study}-batch").glob("*.json"))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    context = asked.context()
    seconds = {}
    for number in (len(records) // 10, len(records)):
        taken = []
        for _ in range(5):
            start = time.process_time()
            index(records[:number], "en", context)
            taken.append(time.process_time() - start)
        seconds[number] = min(taken)
    return seconds


def _print_thousand(found: Mapping[str, Any], tenth: int) -> None:
    parent, worker = found["parent"], found["worker"]
    (few, short), (many, long) = found["index"].items()
    print(
        f"{found['reports']} reports of the notebook {_many.NOTEBOOK} of a simulated study: "
        f"{found['wall']:.0f} s, {found['wall'] / found['reports']:.2f} s each\n"
        f"  the last {tenth} took {found['last'] / found['first']:.2f} times the first {tenth}: "
        f"{found['last']:.2f} s, {found['first']:.2f} s ({_at_most('last to first')})\n"
        f"  the parent's memory grew {parent[1] / parent[0]:.2f} times: {parent[0]:.0f} MB after a "
        f"tenth, {parent[1]:.0f} MB at the end ({_at_most('memory')}); its largest worker: "
        f"{worker[0]:.0f} MB, {worker[1]:.0f} MB\n"
        f"  index({many}) took {long / short:.1f} times index({few}): {long * 1000:.0f} ms, "
        f"{short * 1000:.0f} ms ({_at_most('index')})\n"
        f"  a second call took {found['second'] / found['wall']:.3f} of the first: "
        f"{found['second']:.1f} s ({_at_most('second call')})"
    )


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
