"""How each interview went: when it began and ended, whether it was a test, bot scores.

What the study says (`quality`) comes first, then what the platform itself wrote down.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.moments import Moments, order_of
from cxkit.answers.rows import Rows
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.errors import brief, counted
from cxkit.study import Study
from cxkit.study.parts import BotScore

__all__ = ["BOT_SCORES", "FINISHED", "bot_scores_of", "interviews_of"]

FINISHED = frozenset(
    {
        "1", "true", "yes", "ya", "benar", "wahr", "ja", "finished", "complete", "completed",
        "selesai", "lengkap",
    }
)  # fmt: skip
"""What a column says of an interview that was finished, in small letters."""
_UNDATED = "1980-01-01"
"""What some platforms write where they keep no dates."""
BOT_SCORES = {"bot_score": BotScore(below=0.5)}
"""What a platform's score for how human a respondent is says, where a study gives no rule."""
_UNITS = {"seconds": 1.0, "minutes": 60.0}


def bot_scores_of(study: Study, columns: Container[str]) -> Mapping[str, BotScore]:
    """The scores that mark a bot: the study's, else those that the platform is known for."""
    known = {key: one for key, one in BOT_SCORES.items() if f"bot:{key}" in columns}
    return study.quality.bot_scores or known


def interviews_of(
    study: Study, rows: Rows, tell: Teller, is_settled: np.ndarray | None = None
) -> dict[str, Any]:
    """The canonical columns `started finished duration status bot:`, as far as they are told.

    `duration` is in seconds, `started` a moment, `finished` true, false or missing, `status`
    `preview` or `spam`, missing for other responses. Those that are a test or were not finished
    stay in; they are told, but for those on whom somebody decided (`is_settled`).
    """
    made = dict(_times(study, rows, tell))
    if (status := _status(rows)) is not None:
        made["status"] = status
    if (finished := _finished(study, rows)) is not None:
        made["finished"] = finished
    _tell_doubtful(tell, made, np.zeros(rows.n, bool) if is_settled is None else is_settled)
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
    order = _order(study, rows, start, end)
    started = None if start is None else Moments(start, order)
    if started is not None and not (known := started.known()).isna().all():
        yield "started", known
    column = said.column if said else None
    if said and column is not None and column in rows.cells:
        seconds, slips = convert.numbers(rows.cells[column], column=column)
        tell.slips(column, slips)
        yield "duration", _positive(seconds * _UNITS[said.unit])
    elif "duration" in rows.roles and not (said and said.start):
        seconds, _ = convert.numbers(rows.roles["duration"], column="duration")
        yield "duration", _positive(seconds)
    elif started is not None and end is not None:
        took = started.until(Moments(end, order))
        _tell_backwards(tell, said.end if said else "ended", took < 0)
        if not np.isnan(took).all():
            yield "duration", _positive(took)


def _cells(rows: Rows, column: str | None, role: str) -> Texts | None:
    return rows.cells.get(column) if column is not None else rows.roles.get(role)


def _order(study: Study, rows: Rows, *columns: Texts | None) -> str | None:
    """How days and months stand in local moments: as proven, declared, or SurveyMonkey's default.

    None where nothing tells, or where the columns prove both.
    """
    proven = order_of(*columns)
    if proven is not None:
        return None if proven == "both" else proven
    if study.date is not None and study.date.order in ("dmy", "mdy"):
        return study.date.order
    return "mdy" if set(rows.platforms()) == {"surveymonkey"} else None


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


def _status(rows: Rows) -> Texts | None:
    """`preview` or `spam` where the platform calls a response so, blank for others."""
    if "status" not in rows.roles:
        return None
    said = rows.roles["status"].each(lambda word: _kind_of_response(str(word)), np.int8)
    return Texts(said, np.array(["", "preview", "spam"], dtype=object)) if said.any() else None


def _kind_of_response(word: str) -> int:
    """1 for a preview or test, 2 for spam, 0 for all else."""
    said = word.casefold()
    if "preview" in said or said.endswith(" test"):
        return 1
    return 2 if "spam" in said else 0


def _tell_doubtful(tell: Teller, made: Mapping[str, Any], is_settled: np.ndarray) -> None:
    """How many responses are tests, spam or unfinished, and stay in until somebody decides."""
    kinds = {
        "preview": ("is a preview or test", "are previews or tests", " of the questionnaire"),
        "spam": ("is marked", "are marked", " as spam by the platform"),
        "unfinished": ("was", "were", " not finished"),
    }
    for code, (one, several, end) in kinds.items():
        where = _doubtful(made, code) & ~is_settled
        n = int(where.sum())
        tell.where(
            code,
            "finished" if code == "unfinished" else "status",
            where,
            f"{counted(n, 'response')} {one if n == 1 else several}{end}, and kept",
            severity="warning",
            hint="`cxkit exclusions STUDY` lists them, for a person to decide",
        )


def _doubtful(made: Mapping[str, Any], code: str) -> Any:
    if code == "unfinished":
        finished = made.get("finished")
        return np.zeros(1, bool) if finished is None else ~finished.fillna(True).astype(bool)
    status = made.get("status")
    return np.zeros(1, bool) if status is None else status == code


def _is_finished(word: str) -> bool:
    is_moment = len(word) >= len(_UNDATED) and word[:4].isdigit()
    return word.casefold() in FINISHED or is_moment
