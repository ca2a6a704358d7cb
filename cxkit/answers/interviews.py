"""How each interview went: when it began, whether it was finished, how long it took, bot scores.

What the study says (`quality`) comes first, then what the platform itself wrote down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.rows import Rows
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.errors import brief
from cxkit.study import Study
from cxkit.study.parts import BotScore

__all__ = ["BOT_SCORES", "interviews_of"]

_FINISHED = frozenset({"1", "true", "yes", "ya", "benar", "wahr", "ja", "complete", "completed"})
_MOMENT = "1980-01-01"
"""What some platforms write where they keep no dates."""
BOT_SCORES = {"bot_score": BotScore(below=0.5)}
"""What a platform's score for how human a respondent is says, where a study gives no rule."""
_UNITS = {"seconds": 1.0, "minutes": 60.0}


def interviews_of(study: Study, rows: Rows, tell: Teller) -> dict[str, Any]:
    """The canonical columns `started`, `finished`, `duration` and `bot:`, as far as they are told.

    `duration` is in seconds, `started` a moment, `finished` true, false or missing.
    """
    made = dict(_times(study, rows, tell))
    if (finished := _finished(study, rows)) is not None:
        made["finished"] = finished
    for column in study.quality.bot_scores:
        if column in rows.cells:
            scores, slips = convert.numbers(rows.cells[column], column=column)
            tell.slips(column, slips)
            made[f"bot:{column}"] = scores
    if "bot_score" in rows.roles and not study.quality.bot_scores:
        made["bot:bot_score"], _ = convert.numbers(rows.roles["bot_score"], column="bot_score")
    return made


def _times(study: Study, rows: Rows, tell: Teller) -> Iterator[tuple[str, Any]]:
    said = study.quality.duration
    start = _cells(rows, said.start if said else None, "started")
    end = _cells(rows, said.end if said else None, "ended")
    started = None if start is None else _moments(start)
    if started is not None and not started.isna().all():
        yield "started", started
    column = said.column if said else None
    if said and column is not None and column in rows.cells:
        seconds, slips = convert.numbers(rows.cells[column], column=column)
        tell.slips(column, slips)
        yield "duration", _positive(seconds * _UNITS[said.unit])
    elif "duration" in rows.roles and not (said and said.start):
        seconds, _ = convert.numbers(rows.roles["duration"], column="duration")
        yield "duration", _positive(seconds)
    elif started is not None and end is not None:
        took = (_moments(end) - started).dt.total_seconds().to_numpy(dtype=float)
        _tell_backwards(tell, said.end if said else "ended", took < 0)
        if not np.isnan(took).all():
            yield "duration", _positive(took)


def _cells(rows: Rows, column: str | None, role: str) -> Texts | None:
    return rows.cells.get(column) if column is not None else rows.roles.get(role)


def _moments(texts: Texts) -> pd.Series:
    """Moments of texts that write the year first; missing for others."""
    words = [str(word) for word in texts.words]
    known = [
        word if word[:4].isdigit() and not word.startswith(_MOMENT) else None for word in words
    ]
    moments = pd.to_datetime(
        pd.Series(known, dtype="str"), errors="coerce", utc=True, format="mixed"
    )
    return moments.iloc[texts.at].reset_index(drop=True)


def _positive(seconds: np.ndarray) -> np.ndarray:
    return np.where(seconds >= 0, seconds, np.nan)


def _tell_backwards(tell: Teller, column: str | None, where: np.ndarray) -> None:
    tell.where(
        "ended_before_start",
        str(column),
        where,
        f"some interviews end ('{brief(str(column))}') before they start",
        severity="warning",
        expected="an end that is not before the start",
    )


def _finished(study: Study, rows: Rows) -> pd.arrays.BooleanArray | None:
    """Whether each interview was finished, missing where its source does not tell; None if none."""
    said = study.quality.finished
    if said is not None:
        if said.column not in rows.cells:
            return None
        wanted = {word.casefold() for word in said.words}
        texts = rows.cells[said.column]
        finished = texts.each(lambda word: str(word).casefold() in wanted, bool)
    elif "finished" in rows.roles:
        texts = rows.roles["finished"]
        finished = texts.each(lambda word: _is_finished(str(word)), bool)
    elif "ended" in rows.roles and "limesurvey" in rows.platforms():
        texts = rows.roles["ended"]
        finished = texts != ""
    else:
        return None
    is_told = np.zeros(len(rows.sources), dtype=bool)
    is_told[np.unique(rows.source[texts != ""])] = True
    return pd.arrays.BooleanArray(finished, ~is_told[rows.source])


def _is_finished(word: str) -> bool:
    return word.casefold() in _FINISHED or word[:4].isdigit()
