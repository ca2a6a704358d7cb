"""The key-driver models of the real studies: predictors and outcomes as R was given them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

REVERSED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


def bfi_scores(answers: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of the five scales, and N1, age and gender, of those with all of them."""
    turned = answers.copy()
    turned[REVERSED] = 7 - turned[REVERSED]
    made = pd.DataFrame(
        {
            scale: turned[[f"{scale}{i}" for i in range(1, 6)]].mean(axis=1, skipna=False)
            for scale in "ACEON"
        }
    )
    made = made.assign(**{name: turned[name] for name in ("N1", "age", "gender")})
    made["block"] = np.arange(len(made)) // 10
    return made.dropna()


def _mobi(folder: Path) -> pd.DataFrame:
    answers = pd.read_csv(folder / "mobi.csv")
    names = ("IMAG", "CUEX", "PERQ", "PERV", "CUSA", "CUSL")
    made = {name: answers.filter(regex=rf"^{name}\d").mean(axis=1) for name in names}
    return answers[["CUSL3", "CUSCO"]].assign(**made)


def _satisfaction(folder: Path) -> pd.DataFrame:
    answers = pd.read_csv(folder / "satisfaction.csv")
    names = ("IMAG", "EXPE", "QUAL", "VAL", "SAT", "LOY")
    made = {name: answers.filter(regex=rf"^{name.lower()}\d").mean(axis=1) for name in names}
    return answers.assign(**made)


def _bfi(folder: Path) -> pd.DataFrame:
    return bfi_scores(pd.read_csv(folder / "bfi.csv"))


def _airline(folder: Path) -> pd.DataFrame:
    """Zeros do not apply."""
    raw = pd.read_csv(folder / "airline.csv.gz")
    names = {name: name.lower().replace("/", "_").replace("-", "_") for name in raw}
    answers = raw.rename(columns={old: new.replace(" ", "_") for old, new in names.items()})
    items = answers.columns[7:21]
    answers[items] = answers[items].astype(float).where(answers[items] > 0)
    return answers.assign(sat=(answers["satisfaction"] == "satisfied").astype(float))


def _sfo(folder: Path) -> pd.DataFrame:
    """Ratings from 1 to 5, likelihood to recommend from 0 to 10; all other codes are missing."""
    raw = pd.read_csv(folder / "sfo_2017.csv.gz", low_memory=False)
    made = raw.filter(regex="^Q7").apply(pd.to_numeric, errors="coerce")
    made = made.where(made.isin(range(1, 6)))
    likely = pd.to_numeric(raw["NETPRO"], errors="coerce")
    return made.assign(CSAT=made["Q7ALL"], NP=likely.where(likely.isin(range(11))))


READ: dict[str, Callable[[Path], pd.DataFrame]] = {
    "airline": _airline,
    "bfi": _bfi,
    "mobi": _mobi,
    "satisfaction": _satisfaction,
    "sfo": _sfo,
}
"""How each study's answers become scores."""

DRIVERS = {
    "airline": ("airline", ("drivers_lpm",)),
    "bfi": ("bfi", ("drivers_N",)),
    "mobi_loyalty": ("mobi", ("drivers_CUSL",)),
    "mobi_recommend": ("mobi", ("drivers_CUSL3_recommend",)),
    "mobi_satisfaction": ("mobi", ("drivers_CUSA",)),
    "satisfaction_loyalty": ("satisfaction", ("drivers_LOY",)),
    "satisfaction_satisfaction": ("satisfaction", ("drivers_SAT",)),
    "sfo_recommend": ("sfo", ("2017", "drivers_NETPRO")),
    "sfo_satisfaction": ("sfo", ("2017", "drivers_CSAT")),
}
"""The models that R fitted: the study, and where its numbers stand."""


@dataclass(frozen=True)
class Drivers:
    """Predictors, outcome and R's numbers of one model."""

    x: pd.DataFrame
    y: pd.Series
    expected: dict[str, Any]

    @classmethod
    def read(cls, shared_data: Path, name: str) -> Drivers:
        study, path = DRIVERS[name]
        folder = shared_data / study
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        for key in path:
            expected = expected[key]
        scores = READ[study](folder)
        return cls(scores[expected["x"]], scores[expected["y"]], expected)
