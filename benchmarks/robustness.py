"""What the section on robustness adds to a report: its time against all other sections together.

One process and one thread, on the demo: the findings of every section of the report as its cells
compute them, then those of robustness on the same survey, with what they took it to try. A ratio
of one run, so that a slow machine is slow for both.

    python benchmarks/robustness.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

import cxkit as cx
from cxkit.analysis.multiverse import multiverse
from cxkit.analysis.sight import N_TRIES, sight

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
MOST, BUDGET = 0.5, 1.5
"""What the section may take of the time of all others, and seconds on one core."""

SECTIONS = (
    "scorecard", "pyramid", "journey", "links", "change", "who_answered", "items",
    "level_by_stage", "journey_map", "groups", "channels", "priorities", "gaps", "types",
    "determinants", "loyalty", "problems", "comments", "value", "measurement",
)  # fmt: skip


def main() -> int:
    """Measure, print the seconds and the ratio; 1 where one of them is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed")
    rounds = parser.parse_args().rounds
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):  # read when numpy is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    taken: dict[str, list[float]] = {"other sections": [], "ways": [], "sight": []}
    for number in range(-1, rounds):  # the first round warms up and is not kept
        survey = cx.load("demo")
        own = cx.sections(survey)
        found = {
            "other sections": _seconds(lambda own=own: [getattr(own, one) for one in SECTIONS]),
            "ways": _seconds(lambda survey=survey: multiverse(survey)),
            "sight": _seconds(lambda survey=survey: sight(survey)),
        }
        if number >= 0:
            for name, seconds in found.items():
                taken[name].append(seconds)
    return _told({name: statistics.median(times) for name, times in taken.items()})


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _told(seconds: dict[str, float]) -> int:
    survey = cx.load("demo")
    made, _ = multiverse(survey)
    n_seen = sum(one.name == "smallest_difference" for one in sight(survey))
    print("robustness on the demo, one thread; median CPU seconds")
    for name, one in seconds.items():
        print(f"{name:<16}{one:8.2f}")
    print(f"{sum(one.m for one in made)} ways of {len(made)} findings")
    print(f"{n_seen} differences sought, each on {N_TRIES:,} tries")
    own = seconds["ways"] + seconds["sight"]
    ratio = own / seconds["other sections"]
    print(f"ratio to the other sections: {ratio:.2f} (at most {MOST}); {own:.2f} s of {BUDGET} s")
    return 0 if ratio <= MOST and own <= BUDGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
