"""A study of many groups, laid down for a benchmark: simulated answers and a quick notebook.

The notebook loads the survey of a group and shows one finding, so that a thousand reports take
minutes: it is the kit that is measured, not the cells. The answers are drawn from a seed; nobody
in them is real.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20260101
WAVES = ("2025H2", "2026H1")
N = 40
"""Respondents of each group in each wave: enough for every group to be shown."""
CHANNELS, PRODUCTS = 5, 4
NOTEBOOK = "quick"
BY = ("branch", "channel", "product")
ITEMS = ("ful_1", "tru_1", "res_1", "onx_1", "emo_1")

STUDY = """\
cxkit: 1
study: many
title: Many groups
brand: Toko
period: the last 6 months
languages: [en]
simulated: true
sample: {frame: customers, design: probability}
frameworks: [pyramid]
answers: {path: answers.csv}
respondent: respondent
wave: wave
"""

CELLS = {
    "parameters": """\
study: str = "."  # study folder
wave: str | None = None  # wave to report on, the latest if none
group: str | None = None  # the group reported on, everybody if none""",
    "load": """\
import cxkit as cx
survey = cx.load(study, wave=wave, group=group)""",
    "show": """\
by_wave = cx.estimate(survey, "nps", by="wave")
cx.finding("nps_by_wave", by_wave, say={"en": "The NPS is {est} ({lo} to {hi}, n = {n})."})""",
}


def lay(folder: Path, groups: int) -> Path:
    """The study with so many groups (a multiple of 20) and its notebook, in a folder."""
    branches = groups // (CHANNELS * PRODUCTS)
    if branches * CHANNELS * PRODUCTS != groups:
        raise SystemExit(f"{groups} groups: a multiple of {CHANNELS * PRODUCTS} is needed")
    rng = np.random.default_rng(SEED)
    cell = np.arange(groups).repeat(N)
    waves = [_wave(wave, cell, branches, rng) for wave in WAVES]
    folder.mkdir(parents=True)
    pd.concat(waves).to_csv(folder / "answers.csv", index=False)
    (folder / "study.yaml").write_text(_study(branches), encoding="utf-8")
    (folder / "notebooks").mkdir()
    notebook = folder / "notebooks" / f"{NOTEBOOK}.ipynb"
    notebook.write_text(json.dumps(_notebook()), encoding="utf-8")
    return folder


def _wave(wave: str, cell: np.ndarray, branches: int, rng: np.random.Generator) -> pd.DataFrame:
    satisfied = rng.normal(size=len(cell)) + np.sin(cell)  # groups differ
    answers = {
        item: np.clip(np.round(3.4 + satisfied + rng.normal(size=len(cell))), 1, 5).astype(int)
        for item in ITEMS
    }
    likely = np.clip(np.round(7.5 + 2 * satisfied + rng.normal(size=len(cell))), 0, 10)
    return pd.DataFrame(
        {
            "respondent": [f"{wave}-{number}" for number in range(len(cell))],
            "wave": wave,
            "branch": [f"b{one:03}" for one in cell % branches],
            "channel": [f"c{one}" for one in cell // branches % CHANNELS],
            "product": [f"p{one}" for one in cell // branches // CHANNELS],
            **answers,
            "recommend": likely.astype(int),
        }
    )


def _study(branches: int) -> str:
    sizes = dict(zip(BY, (branches, CHANNELS, PRODUCTS)))
    letters = {name: f"{name[0]}{{:03}}" if name == "branch" else f"{name[0]}{{}}" for name in BY}
    segments = [
        f"  {name}: {{values: {{{', '.join(_named(letters[name], size))}}}}}"
        for name, size in sizes.items()
    ]
    items = ", ".join(f"{item}: {item}" for item in ITEMS)
    return "\n".join(
        [
            STUDY.rstrip(),
            "waves: {" + ", ".join(f"{wave}: {{}}" for wave in WAVES) + "}",
            "segments:",
            *segments,
            "scale: agreement_5",
            f"items: {{{items}}}",
            "outcomes: {recommend: {column: recommend, metric: nps}}",
            "",
        ]
    )


def _named(pattern: str, size: int) -> list[str]:
    keys = [pattern.format(number) for number in range(size)]
    return [f"{key}: {key}" for key in keys]


def _notebook() -> dict:
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": name,
                "execution_count": None,
                "metadata": {"tags": ["parameters"]} if name == "parameters" else {},
                "outputs": [],
                "source": source,
            }
            for name, source in CELLS.items()
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
