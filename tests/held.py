"""A survey held in the hand with columns of response quality, as reading a study lays them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from test_sections import CUSTOMERS, NPS, lay

import cxkit as cx

ANSWERED = [10] * 20 + [7] * 10 + [0] * 10
"""Twenty promoters, ten passives, ten detractors: an NPS of 25."""


def held(
    folder: Path,
    more: str = "",
    answers: Sequence[object] = ANSWERED,
    columns: dict[str, Sequence[object]] | None = None,
    **made: Any,
) -> cx.Survey:
    """Respondents of one wave who answered the recommendation question, columns of `made` beside.

    `columns` are in their raw answers; `excluded` of `made` names the rule by which a row is set
    aside, and `flag_fast` stands for the column `flag:fast`.
    """
    survey = lay(folder, f"{CUSTOMERS}{NPS}{more}", {"q": answers, **(columns or {})})
    frame = without_flags(survey.frame)
    for name, values in made.items():
        frame[name.replace("flag_", "flag:", 1)] = values
    if "excluded" in frame:
        frame["weight_all"] = frame["weight"]
    return in_hand(survey.study, frame)


def in_hand(study: Any, frame: pd.DataFrame) -> cx.Survey:
    """The one wave of a canonical frame."""
    return cx.Survey.of(study, frame, waves=("all",))


def without_flags(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as if response quality had not been looked at."""
    return frame.drop(columns=[name for name in frame if str(name).startswith("flag:")])


def flags(n: int, *raised: int, unknown: Sequence[int] = ()) -> Any:
    """A column of flags: raised in some rows, not assessable in others."""
    return pd.array([pd.NA if at in unknown else at in raised for at in range(n)], dtype="boolean")
