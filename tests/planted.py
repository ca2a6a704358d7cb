"""Surveys planted by hand: the lines of a study file, and its answers as canonical columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers.survey import Survey
from cxkit.study import read_study

HEAD = """\
cxkit: 1
study: planted
title: Planted
brand: Toko
period: last year
languages: [en]
answers: {path: answers.csv}
respondent: respondent
wave: wave
"""

LEVELS = """\
sample: {frame: customers, design: probability}
frameworks: [two_levels]
scale: agreement_5
items: {a1: a1, a2: a2, b1: b1, b2: b2}
matters: {score_100: 3}
segments: {region: {column: region}}
bases: {buyers: {column: bought}}
"""
"""A study of two levels with two items each."""

TWO_LEVELS = """\
key: two_levels
kind: levels
levels:
  - {key: trust, label: Trust, items: [a1, a2]}
  - {key: care, label: Care, items: [b1, b2]}
items:
  a1: {text: They keep my data safe}
  a2: {text: I dare to pay there}
  b1: {text: They know what I want}
  b2: {text: They care about me}
"""

JOURNEY = """\
sample: {frame: FRAME, design: probability}
frameworks: [journey]
bases: {visitors: {column: visited}}
stages:
  aware: {reached: r1, rating: s1}
  consider: {reached: r2, rating: s2}
  decide: {reached: r3, rating: s3}
  evaluate: {reached: r4}
  advocate: {reached: r5, rating: s5}
"""
"""A study of the five stages, evaluate without a rating."""


def plant(folder: Path, columns: dict[str, Any], study: str, **files: str) -> Survey:
    """A Survey of `columns`, with `study` as its file and `files` as frameworks beside it."""
    for name, text in {"study": HEAD + study, **files}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {
            "respondent": [f"r{i:05d}" for i in range(n)],
            "wave": np.full(n, "2026", dtype=object),
            "weight": np.ones(n),
            **columns,
        }
    )
    frame.to_csv(folder / "answers.csv", index=False)
    return Survey(read_study(folder), frame)
