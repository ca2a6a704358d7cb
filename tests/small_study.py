"""A small study of a shop, laid down with its answers for a test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cxkit.answers import check
from cxkit.errors import Problem

STUDY = """\
cxkit: 1
study: toko
title: Toko Contoh
brand: Toko
period: enam bulan
languages: [id, en]
sample: {frame: market, design: opt_in}
frameworks: [pyramid]
respondent: respondent
scale: agreement_5
items: {tru_1: Q1, res_1: Q2}
bases: {visitors: {column: visited, is: yes}}
"""
ROWS = (
    ("respondent", "Q1", "Q2", "visited", "region"),
    ("r1", 4, 5, "yes", "Jawa"),
    ("r2", None, 2, "yes", "Bali"),
    ("r3", 5, 1, "no", "Jawa"),
)
SEGMENT = "segments: {region: {values: {Jawa: Jawa, Bali: Bali}}}\n"


def swapped(text: str, **swap: str) -> str:
    """The lines of a study file, those of some keys swapped for others, or left out for ""."""
    for key, line in swap.items():
        lines = [line if one.startswith(f"{key}:") else one for one in text.splitlines()]
        text = "\n".join(one for one in lines if one) + "\n"
    return text


def lay_study(folder: Path, path: str, more: str = SEGMENT, **swap: str) -> Path:
    """A study of the answers at `path` (or with these lines `answers:`), in a folder."""
    answers = path if path.startswith("answers") else f"answers: {{path: {path}}}"
    text = f"{swapped(STUDY, **swap)}{answers}\n{more}"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def found(folder: Path, code: str) -> Problem:
    """The one problem of this code."""
    of_code = [one for one in check(folder) if one.code == code]
    assert len(of_code) == 1, check(folder).table()
    return of_code[0]


def as_csv(rows: Sequence[Sequence[Any]] = ROWS) -> str:
    """Rows of cells as a text file."""
    return "".join(",".join("" if c is None else str(c) for c in row) + "\n" for row in rows)


def as_frame(rows: Sequence[Sequence[Any]] = ROWS) -> pd.DataFrame:
    """Rows of cells as a frame."""
    return pd.DataFrame([list(row) for row in rows[1:]], columns=list(rows[0]))
