"""Speed of LMG with its bootstrap: 5 levels, 2,000 resamples, 5,000 respondents, one thread.

Two ratios of one run: the whole of `relative_importance` against the resampled cross-products
that it needs anyway (at most 2), and, per resample, all-subsets least squares by statsmodels
against it (at least 50). Contenders take turns; the median of the rounds counts.

    python benchmarks/importance.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from statsmodels.regression.linear_model import OLS

from cxkit.analysis import relative_importance
from cxkit.analysis.joint import resampled
from cxkit.weights import N_RESAMPLES, Design

N, LEVELS = 5_000, 5
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
MOST_OF_CROSS_PRODUCTS, LEAST_OF_STATSMODELS = 2.0, 50.0
"""The ratios that are promised."""

_DRAWN = 2
"""So many resamples of statsmodels are timed in a round."""


def main() -> int:
    """Measure, print both ratios; 1 where one of them is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each is timed")
    rounds = parser.parse_args().rounds
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):  # read when numpy is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    x, y = _answers()
    values, design = np.column_stack([x, y]), Design(np.ones(N))
    rng = np.random.default_rng(2)
    contenders: dict[str, Callable[[], object]] = {
        "resampled cross-products": lambda: resampled(values, design),
        "relative_importance": lambda: relative_importance(x, y),
        "statsmodels": lambda: [_by_statsmodels(x, y, rng) for _ in range(_DRAWN)],
    }
    _check(x, y)
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(-1, rounds):  # the first round warms up and is not kept
        for name, call in contenders.items():
            seconds = _seconds(call)
            if number >= 0:
                taken[name].append(seconds)
    return _told({name: statistics.median(times) for name, times in taken.items()})


def _answers() -> tuple[np.ndarray, np.ndarray]:
    """Scores of five levels with one impression in common, and an outcome from 0 to 10."""
    rng = np.random.default_rng(1)
    x = 65 + 12 * rng.normal(size=(N, 1)) + 14 * rng.normal(size=(N, LEVELS))
    y = 6 + x @ np.array([0.05, 0.03, 0.03, 0.02, 0.0]) - 8 + 1.5 * rng.normal(size=N)
    return x, np.clip(np.round(y), 0, 10)


def _by_statsmodels(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """LMG of one resample, each subset fitted by itself."""
    return _lmg(*(values[rows] for rows in [rng.integers(0, N, N)] for values in (x, y)))


def _lmg(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    ones = np.ones(len(y))
    r2: dict[frozenset[int], float] = {frozenset(): 0.0}
    for size in range(1, LEVELS + 1):
        for subset in itertools.combinations(range(LEVELS), size):
            fitted = OLS(y, np.column_stack([ones, x[:, subset]])).fit()
            r2[frozenset(subset)] = fitted.rsquared
    parts = np.zeros(LEVELS)
    for one, subset in itertools.product(range(LEVELS), list(r2)):
        if one not in subset:
            before, after = len(subset), LEVELS - len(subset) - 1
            share = math.factorial(before) * math.factorial(after) / math.factorial(LEVELS)
            parts[one] += share * (r2[subset | {one}] - r2[subset])
    return parts


def _check(x: np.ndarray, y: np.ndarray) -> None:
    """Both compute the same."""
    np.testing.assert_allclose(relative_importance(x, y)["estimate"], _lmg(x, y), atol=1e-9)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _told(taken: dict[str, float]) -> int:
    whole, products = taken["relative_importance"], taken["resampled cross-products"]
    own, theirs = whole / N_RESAMPLES, taken["statsmodels"] / _DRAWN
    of_products, of_statsmodels = whole / products, theirs / own
    print(f"LMG of {LEVELS} levels, {N_RESAMPLES:,} resamples, {N:,} respondents, one thread")
    print(f"  resampled cross-products   {1000 * products:9.1f} ms")
    print(f"  relative_importance        {1000 * whole:9.1f} ms")
    print(f"  per resample               {1000 * own:9.3f} ms")
    print(f"  statsmodels, per resample  {1000 * theirs:9.3f} ms")
    print(f"ratio to its cross-products: {of_products:.2f} (at most {MOST_OF_CROSS_PRODUCTS:g})")
    print(
        f"times faster than statsmodels: {of_statsmodels:.0f} (at least {LEAST_OF_STATSMODELS:g})"
    )
    is_kept = of_products <= MOST_OF_CROSS_PRODUCTS and of_statsmodels >= LEAST_OF_STATSMODELS
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
