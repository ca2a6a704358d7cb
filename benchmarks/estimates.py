"""All estimates of the report, by group and wave, against reading their columns and one mean.

The baseline is what anybody pays: the columns read from Parquet by pandas and
`groupby([wave, store]).mean()` of them. Ours are the same groups, on a Survey in the hand: every
metric that a section of `notebooks/report.ipynb` takes, in each of 20 stores x 3 waves, each with
its design-based interval, answers and effective base:

    scorecard, summary   nps, csat and ces of the outcomes; score_100 of the levels
    items                top_box_half, bottom_box_half and mean of every item
    pyramid, groups      score_100 of the levels and of every item
    journey              reach, conversion, skipped and score_100 (the rating) of every stage

Reading and checking the answers (`load`) is done once per study and cached; it is timed apart. One
process, one thread. The answers are drawn from a seed; nobody behind them is real.

    python benchmarks/estimates.py [--rows 10000 100000 1000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import gc
import itertools
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import cxkit as cx

SEED = 20260101
WAVES = ("2025H1", "2025H2", "2026H1")
STORES = tuple(f"s{number:02d}" for number in range(1, 21))

REPORT = {
    "nps": "outcomes",
    "csat": "outcomes",
    "ces": "outcomes",
    "score_100": ("levels", "items", "stages"),
    "top_box_half": "items",
    "bottom_box_half": "items",
    "mean": "items",
    "reach": "stages",
    "conversion": "stages",
    "skipped": "stages",
}
"""Each metric of the report, with what it is taken of."""

ITEMS = (
    *("ful_1", "ful_2", "tru_1", "tru_2", "res_1", "res_2"),
    *("onx_1", "onx_2", "onx_3", "emo_1", "emo_2"),
)
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")

STUDY = f"""\
cxkit: 1
study: bench
title: A million synthetic respondents
brand: Toko
period: the last 6 months
languages: [en]
simulated: true
sample: {{frame: market, design: probability}}
frameworks: [pyramid, journey]
answers: {{path: answers.parquet}}
respondent: respondent
wave: wave
weight: weight
segments: {{store: {{column: store}}}}
text_answers: {{{", ".join(f"reached_{s}: {{1: yes, 0: no}}" for s in STAGES)}}}
bases:
  aware: {{column: reached_aware, is: yes}}
  visitors: {{column: reached_consider, is: yes}}
  buyers: {{column: reached_decide, is: yes}}
stages: {{{", ".join(f"{s}: {{reached: reached_{s}, rating: stg_{s}}}" for s in STAGES)}}}
scale: agreement_5
items: {{{", ".join(f"{item}: {item}" for item in ITEMS)}}}
outcomes:
  recommend: {{column: recommend, metric: nps}}
  satisfaction:
    {{column: satisfaction, metric: csat, scale: satisfaction_5, definition: top_2_box}}
  effort: {{column: effort, metric: ces, scale: ease_7, definition: mean, base: buyers}}
"""


@dataclass(frozen=True)
class Taken:
    """Seconds of one study, by what they were spent on."""

    rows: int
    load: float
    baseline: float
    estimates: float
    n_estimates: int


def main() -> int:
    """Measure and print; 0 when all went well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    print(f"least processor seconds of {chosen.rounds} rounds, Python {sys.version.split()[0]}")
    print(f"{'rows':>10} {'load':>9} {'baseline':>9} {'estimates':>10} {'ratio':>6}  estimates of")
    taken = []
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as folder:
            taken.append(_measured(Path(folder), rows, chosen.rounds))
        one = taken[-1]
        print(
            f"{one.rows:10,d} {one.load:9.2f} {one.baseline:9.3f} {one.estimates:10.3f} "
            f"{one.estimates / one.baseline:6.2f}  {one.n_estimates} numbers",
            flush=True,
        )
    for small, large in itertools.pairwise(taken):
        grown = math.log(large.estimates / small.estimates) / math.log(large.rows / small.rows)
        print(f"from {small.rows:,d} to {large.rows:,d} rows: time grows as rows^{grown:.2f}")
    return 0


def _measured(folder: Path, rows: int, rounds: int) -> Taken:
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    drawn = answers(rows)
    drawn.to_parquet(folder / "answers.parquet", index=False)
    columns = [name for name in drawn if name != "respondent"]
    del drawn
    load = _seconds(cx.load, folder)
    survey = cx.load(folder)
    n_estimates = sum(one.n > 0 for found in report(survey) for one in found)
    baseline, ours = [], []
    for _ in range(rounds):
        baseline.append(_seconds(means, folder / "answers.parquet", columns))
        ours.append(_seconds(report, survey.where()))  # in a new hand: nothing is kept from before
    return Taken(rows, load, min(baseline), min(ours), n_estimates)


def means(file: Path, columns: list[str]) -> pd.DataFrame:
    """The baseline: the columns read, and their means by group."""
    return pd.read_parquet(file, columns=columns).groupby(["wave", "store"]).mean()


def report(survey: Any) -> list[Any]:
    """All estimates of the report in each store and wave."""
    return [
        cx.estimate(survey, metric, of=of, by=["store", "wave"]) for metric, of in REPORT.items()
    ]


def answers(rows: int) -> pd.DataFrame:
    """Answers of `rows` respondents in three waves and twenty stores, drawn from the seed."""
    rng = np.random.default_rng(SEED)
    wave = np.repeat(WAVES, -(-rows // len(WAVES)))[:rows]
    liking = rng.normal(size=rows)
    columns: dict[str, Any] = {
        "respondent": np.char.add("r", np.arange(rows).astype(str)),
        "wave": wave,
        "store": rng.choice(STORES, rows),
        "weight": rng.lognormal(0, 0.5, rows).round(6),
    }
    reached = np.ones(rows, dtype=bool)
    for stage in STAGES:
        reached = reached & (rng.random(rows) < 0.85)
        columns[f"reached_{stage}"] = reached.astype(np.int8)
        columns[f"stg_{stage}"] = np.where(reached, _points(rng, liking, 5), np.nan)
    for item in ITEMS:
        asked = columns["reached_decide"] if item in _OF_BUYERS else columns["reached_consider"]
        answered = (asked == 1) & (rng.random(rows) < 0.97)
        columns[item] = np.where(answered, _points(rng, liking, 5), np.nan)
    columns["recommend"] = _points(rng, liking, 11) - 1
    columns["satisfaction"] = _points(rng, liking, 5)
    bought = columns["reached_decide"] == 1
    columns["effort"] = np.where(bought, _points(rng, liking, 7), np.nan)
    return pd.DataFrame(columns)


_OF_BUYERS = ("ful_1", "ful_2", "tru_1", "tru_2", "res_1", "emo_1", "emo_2")


def _points(rng: np.random.Generator, liking: np.ndarray, n_points: int) -> np.ndarray:
    """Answers from 1 to `n_points` that go along with how much somebody likes the shop."""
    felt = 0.6 * liking + 0.8 * rng.normal(size=len(liking))
    middle = (n_points + 1.5) / 2
    return np.clip(np.rint(middle + felt * n_points / 4), 1, n_points)


def _seconds(act: Callable[..., object], *given: object) -> float:
    """Seconds of the processor, which what else runs on the machine hardly moves."""
    gc.collect()
    start = time.process_time()
    act(*given)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
