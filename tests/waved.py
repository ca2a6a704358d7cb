"""Studies of several waves: written and loaded as a user's are, or planted as canonical columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import cxkit as cx
from cxkit.answers.survey import Survey
from cxkit.report.shown import Shown
from cxkit.study import Study, read_study
from cxkit.wording import NO_BREAK, Words

BEFORE, NOW = "2025H2", "2026H1"
SCORE = ("csat", "outcome:score")
RECOMMEND = ("nps", "outcome:recommend")

HEAD = """\
cxkit: 1
study: waved
title: Waved
brand: Toko
period: {id: setahun terakhir, en: the last year}
languages: [id, en]
answers: {path: answers.csv}
respondent: id
wave: w
"""
CUSTOMERS = "sample: {frame: customers, design: probability}\n"
MEAN = """\
outcomes:
  score: {column: q, metric: csat, scale: satisfaction_5, definition: mean}
"""
NPS = "outcomes: {recommend: {column: q, metric: nps}}\n"
REGION = "segments: {region: {column: region}}\n"
BY_REGION = REGION + "mix: [region]\n"


def write(
    folder: Path, study: str, columns: Mapping[str, Sequence[object]], *, head: str = HEAD
) -> Path:
    """A study file and its answers, a respondent a row; they are numbered unless `id` is given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(head + study, encoding="utf-8")
    n = len(next(iter(columns.values())))
    table = {"id": [f"r{i:05d}" for i in range(n)], **columns}
    pd.DataFrame(table).to_csv(folder / "answers.csv", index=False)
    return folder


def lay(folder: Path, study: str, columns: Mapping[str, Sequence[object]], **more: Any) -> Survey:
    """The same, read, checked and loaded."""
    return cx.load(write(folder, CUSTOMERS + study, columns, **more))


def asked(before: Sequence[object], now: Sequence[object], key: str = "q") -> dict[str, list[Any]]:
    """One question asked in two waves."""
    return {"w": [BEFORE] * len(before) + [NOW] * len(now), key: [*before, *now]}


def study_of(folder: Path, text: str) -> Study:
    """A study file that is read and has no answers beside it."""
    (folder / "study.yaml").write_text(HEAD + CUSTOMERS + text, encoding="utf-8")
    return read_study(folder)


def planted(study: Study, columns: Mapping[str, Any]) -> Survey:
    """A Survey of canonical columns, without the detour over a file of answers."""
    n = len(columns["wave"])
    made = {"respondent": [f"r{i:05d}" for i in range(n)], "weight": np.ones(n), **columns}
    return Survey(study, pd.DataFrame(made))


# -- what a reader meets -------------------------------------------------------------------------


def shown(finding: Any, language: str = "en") -> Shown:
    return Shown(finding.to_dict(), Words(language, finding.context))


def say(finding: Any, language: str = "en") -> str:
    """The sentence of a finding, its no-break spaces as spaces."""
    return shown(finding, language).sentence.replace(NO_BREAK, " ")


def notes(findings: Any, language: str = "en") -> list[str]:
    """All notes below figures and tables, each once."""
    told = [note for one in findings for note in shown(one, language).notes()]
    return [note.replace(NO_BREAK, " ") for note in dict.fromkeys(told)]


def variants(findings: Any, key: str) -> list[str]:
    return [one.variant for one in findings if one.key == key]
