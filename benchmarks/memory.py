"""How much memory `cxkit check` takes for a large CSV, against the columns that a study maps.

The file has about 150 columns, of which a study maps some 25: items and outcomes on scales, who
reached which stage, ids, a wave, a segment, a weight and a comment. `cxkit check` reads it in a
process of its own, whose largest resident size (as `ulimit` and `time -v` count it) is set against

    300 MB + 2.5 x the mapped columns as int8 or category

where a code takes a byte, and a text its place among the different ones (1, 2 or 4 bytes) and each
different one its letters in UTF-8 and 8 bytes. The answers are drawn from a seed; nobody is real.

    python benchmarks/memory.py [--megabytes 1000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SEED = 20260101
MEGABYTE = 1_000_000
SLACK, TIMES = 300, 2.5
"""What a check may take: so many megabytes, and so often the mapped columns."""

ITEMS = (
    *("ful_1", "ful_2", "tru_1", "tru_2", "res_1", "res_2"),
    *("onx_1", "onx_2", "onx_3", "emo_1", "emo_2"),
)
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
CODED = (*ITEMS, *(f"reached_{one}" for one in STAGES), "recommend", "satisfaction", "effort")
WORDED = ("respondent", "wave", "store", "weight", "comment")
N_COLUMNS = 150
_BLOCK = 20_000
_BETWEEN = """\
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""

STUDY = f"""\
cxkit: 1
study: memory
title: Many respondents
brand: Toko
period: the last 6 months
languages: [en]
simulated: true
sample: {{frame: market, design: probability}}
frameworks: [pyramid, journey]
answers: {{path: answers.csv}}
respondent: respondent
wave: wave
weight: weight
segments: {{store: store}}
comments: {{reason: comment}}
stages: {{{", ".join(f"{s}: {{reached: {{column: reached_{s}, is: 1}}}}" for s in STAGES)}}}
scale: agreement_5
items: {{{", ".join(f"{item}: {item}" for item in ITEMS)}}}
outcomes:
  recommend: {{column: recommend, metric: nps}}
  satisfaction:
    {{column: satisfaction, metric: csat, scale: satisfaction_5, definition: top_2_box}}
  effort: {{column: effort, metric: ces, scale: ease_7, definition: mean}}
"""

_TEXT = (
    "the parcel came late and nobody answered my call quick easy to use prices went up again "
    "friendly staff at the counter could not find what I was looking for good app slow page"
)
_WORDS = _TEXT.split()


@dataclass
class Laid:
    """A study with its answers: how many rows, and how large the mapped columns are."""

    rows: int = 0
    bytes_written: int = 0
    words: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in WORDED})

    @property
    def mapped(self) -> int:
        """Bytes of the mapped columns as int8 or category."""
        size = self.rows * len(CODED)
        for words in self.words.values():
            place = 1 if len(words) < 128 else 2 if len(words) < 1 << 15 else 4
            size += self.rows * place + sum(8 + len(word.encode()) for word in words)
        return size


def main() -> int:
    """Measure and print; 0 where the check stays within the bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=int, default=1000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        laid = lay(Path(folder), chosen.megabytes * MEGABYTE)
        peak, seconds = checked(Path(folder))
    mapped = laid.mapped / MEGABYTE
    bound = SLACK + TIMES * mapped
    print(f"a CSV of {laid.bytes_written / MEGABYTE:,.0f} MB: {laid.rows:,d} rows")
    print(f"mapped columns as int8 or category  {mapped:8,.0f} MB  ({len(CODED + WORDED)} columns)")
    print(f"largest resident size of the check  {peak / MEGABYTE:8,.0f} MB  ({seconds:.0f} s)")
    print(f"bound: {SLACK} MB + {TIMES} x mapped         {bound:8,.0f} MB")
    print(f"used of the bound                   {peak / MEGABYTE / bound:8.2f}")
    return 0 if peak / MEGABYTE <= bound else 1


def lay(folder: Path, n_bytes: int) -> Laid:
    """A study and a CSV of about so many bytes; what it holds of the mapped columns."""
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    rng = np.random.default_rng(SEED)
    others = [f"q{number:03d}" for number in range(N_COLUMNS - len(CODED) - len(WORDED))]
    laid = Laid()
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        laid.bytes_written = file.write(",".join([*WORDED, *CODED, *others]) + "\r\n")
        while laid.bytes_written < n_bytes:
            laid.bytes_written += file.write(_block(rng, laid, len(others)))
    return laid


def checked(folder: Path) -> tuple[int, float]:
    """The largest resident size in bytes of `cxkit check`, which must find no error, and seconds.

    A process that starts another one lends it its own size: a small one stands between. The size
    is told in kilobytes, on macOS in bytes.
    """
    start = time.perf_counter()
    command = [sys.executable, "-m", "cxkit", "check", str(folder)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _BETWEEN, *command], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    scale = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout.splitlines()[-1]) * scale, time.perf_counter() - start


def _block(rng: np.random.Generator, laid: Laid, n_others: int) -> str:
    """Some rows as CSV; the mapped words among them are counted."""
    first = laid.rows
    codes = rng.integers(1, 6, (_BLOCK, len(CODED))).astype(str)
    codes[:, CODED.index("recommend")] = rng.integers(0, 11, _BLOCK).astype(str)
    codes[:, CODED.index("effort")] = rng.integers(1, 8, _BLOCK).astype(str)
    for stage in STAGES:
        codes[:, CODED.index(f"reached_{stage}")] = rng.integers(0, 2, _BLOCK).astype(str)
    codes[rng.random(codes.shape) < 0.02] = ""
    filler = [",".join(row) for row in rng.choice(["1", "2", "33", "", "other"], (200, n_others))]
    words = {
        "respondent": [f"r{number:08d}" for number in range(first, first + _BLOCK)],
        "wave": rng.choice(["2025H2", "2026H1"], _BLOCK).tolist(),
        "store": rng.choice([f"store {number}" for number in range(20)], _BLOCK).tolist(),
        "weight": rng.lognormal(0, 0.5, _BLOCK).round(4).astype(str).tolist(),
        "comment": [_comment(one) for one in rng.integers(0, 1 << 62, _BLOCK).tolist()],
    }
    for name, texts in words.items():
        laid.words[name].update(texts)
    laid.rows += _BLOCK
    at = rng.integers(0, len(filler), _BLOCK)
    rows = zip(*(words[name] for name in WORDED), codes.tolist(), at.tolist(), strict=True)
    return "".join(
        f"{','.join(told)},{','.join(given)},{filler[place]}\r\n" for *told, given, place in rows
    )


def _comment(number: int) -> str:
    """Nothing for two in three; else a few words, hardly ever the same."""
    if number % 3:
        return ""
    digits = np.base_repr(number, len(_WORDS) if len(_WORDS) < 36 else 35)
    return " ".join(_WORDS[int(one, 36)] for one in digits[: 6 + number % 7])


if __name__ == "__main__":
    sys.exit(main())
