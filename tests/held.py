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


class Held(cx.Survey):
    """A survey whose rows set aside are named in the column `excluded`."""

    __slots__ = ()

    @property
    def with_excluded(self) -> cx.Survey:
        """The same survey with everybody in, by their own weights."""
        frame = self.frame
        if "weight_all" in frame:
            frame["weight"] = frame["weight_all"]
        return cx.Survey(
            self.study, frame, filters=self.filters, kept=self._kept | self._aside, waves=("all",)
        )

    @property
    def exclusions(self) -> pd.DataFrame:
        """What was decided, and by which rule."""
        columns = ["respondent", "wave", "rule", "decision", "why"]
        return pd.DataFrame(self.frame.attrs.get("decided", []), columns=columns)

    @property
    def _aside(self) -> Any:
        frame = self.frame
        named = frame["excluded"] if "excluded" in frame else pd.Series("", index=frame.index)
        return (named != "").to_numpy(bool)


def held(
    folder: Path,
    more: str = "",
    answers: Sequence[object] = ANSWERED,
    columns: dict[str, Sequence[object]] | None = None,
    **made: Any,
) -> Held:
    """Respondents of one wave who answered the recommendation question, columns of `made` beside.

    `columns` are in their raw answers; `excluded` of `made` names the rule by which a row is set
    aside, and `flag_fast` stands for the column `flag:fast`.
    """
    survey = lay(folder, f"{CUSTOMERS}{NPS}{more}", {"q": answers, **(columns or {})})
    frame = survey.frame
    for name, values in made.items():
        frame[name.replace("flag_", "flag:", 1)] = values
    kept = (
        (frame["excluded"] == "").to_numpy(bool)
        if "excluded" in frame
        else pd.Series(True, index=frame.index).to_numpy(bool)
    )
    return Held(survey.study, frame, kept=kept, waves=("all",))


def flags(n: int, *raised: int, unknown: Sequence[int] = ()) -> Any:
    """A column of flags: raised in some rows, not assessable in others."""
    return pd.array([pd.NA if at in unknown else at in raised for at in range(n)], dtype="boolean")
