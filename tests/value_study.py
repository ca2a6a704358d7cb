"""A small study of a shop whose people were followed: who left is planted, so are the levels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxkit.study import Study, read_study

HEAD = """\
cxkit: 1
study: kedai
title: {id: Kedai, en: Shop}
brand: Kedai
period: {id: bulan lalu, en: last month}
languages: [id, en]
sample: {frame: customers, design: opt_in}
frameworks: [pyramid]
preset: retail
answers: {path: answers.csv}
respondent: id
weight: weight
segments: {region: {column: region}}
scale: agreement_5
items: {ful_1: ful_1, tru_1: tru_1, res_1: res_1, onx_3: onx_3, emo_1: emo_1}
bases: {buyers: {column: bought, is: yes}}
outcomes:
  stay: {column: out_stay, scale: likelihood_5, metric: top_2_box, base: buyers}
  inc_happened: {column: inc_happened, base: buyers}
"""
OBSERVED = """\
  observed:
    retained: {column: still, is: yes}
    months: months
    spend: spend
    spend_months: 6
"""
GIVEN = {
    "customers": "{value: 1000, source: records}",
    "retention": "{low: 0.7, value: 0.8, high: 0.9, source: records}",
    "spend": "{value: 200, source: records}",
    "margin": "{low: 0.2, value: 0.25, high: 0.3, source: finance}",
    "discount": "{value: 0.1, source: finance}",
    "acquire_cost": "{low: 40, value: 60, high: 80, source: marketing}",
    "keep_cost": "{value: 10, source: marketing}",
    "replaced": "{value: 0.5, source: marketing}",
    "warned": "{value: 2, source: marketing}",
    "deterred": "{value: 0.05, source: marketing}",
    "serve_cost": "{value: 4, source: service}",
    "problem": "{value: 0.2, source: service}",
}
"""Inputs whose sums are worked out by hand in the tests."""


def block(
    inputs: Mapping[str, str | None] | None = None,
    *,
    observed: str = "",
    scenarios: str = "",
    horizon: int = 3,
) -> str:
    """The part `value:` of the study, with some of its inputs changed (None: left out)."""
    given = {key: one for key, one in {**GIVEN, **(inputs or {})}.items() if one is not None}
    told = "".join(f"    {key}: {one}\n" for key, one in given.items())
    return (
        f"value:\n  currency: IDR\n  period: year\n  horizon: {horizon}\n{observed}"
        f"  inputs:\n{told}{scenarios}"
    )


def answers(n: int = 600, *, slopes: tuple[float, ...] = (-0.4, 0, 0, 0, 0)) -> pd.DataFrame:
    """Buyers with five levels; the rate of leaving a month hangs on them with these log slopes.

    `slopes` are per point of the answer (25 points of the score); people are followed for 12
    months, a third of them for 6.
    """
    rng = np.random.default_rng(11)
    one = rng.normal(size=n)
    items = ["ful_1", "tru_1", "res_1", "onx_3", "emo_1"]
    made: dict[str, Any] = {"id": [f"r{i:04d}" for i in range(n)]}
    made |= {
        key: np.clip(np.round(3.4 + 0.6 * one + 0.9 * rng.normal(size=n)), 1, 5).astype(int)
        for key in items
    }
    off = np.column_stack([made[key] - 3 for key in items]) @ np.array(slopes)
    hazard = np.minimum(0.04 * np.exp(off), 0.9)
    month = rng.geometric(hazard)
    until = np.where(np.arange(n) % 3 == 0, 6, 12)
    made["still"] = np.where(month <= until, "no", "yes")
    made["months"] = np.minimum(month, until)
    made["spend"] = np.round(100 * np.exp(0.5 * rng.normal(size=n)))
    made["out_stay"] = np.where(rng.random(n) < 0.6, 5, 2)
    made["inc_happened"] = np.where(rng.random(n) < 0.25, "yes", "no")
    made["bought"], made["weight"] = "yes", np.round(rng.uniform(0.5, 1.5, n), 3)
    made["region"] = np.where(np.arange(n) % 2, "east", "west")
    return pd.DataFrame(made)


def lay(folder: Path, value: str, table: pd.DataFrame | None = None) -> Path:
    """The study in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(HEAD + value, encoding="utf-8")
    made = answers() if table is None else table
    made.to_csv(folder / "answers.csv", index=False)
    return folder


def read(folder: Path, value: str) -> Study:
    """The study, read and checked; StudyError where it needs mending."""
    return read_study(lay(folder, value, answers(12)))
