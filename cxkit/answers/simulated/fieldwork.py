"""When simulated respondents answered, for how long, and from where: plausible, and nobody's.

Drawn by a generator of its own, so that the answers are the same on every platform.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxkit.study import Study

__all__ = ["Visit", "visits"]

_FIRST_HOUR, _LAST_HOUR = 7, 22
_SPREAD = 0.35
"""How far durations lie apart (standard deviation of their logarithm)."""
_SHORTEST, _LONGEST = 45, 3000
_UNDATED = dt.date(2026, 1, 5)
"""Where waves have no dates, the first begins on this day, and each other half a year later."""
_DAYS = 14
_HALF_YEAR = 182


@dataclass(frozen=True)
class Visit:
    """One interview: its beginning in the study's time zone, its seconds, and what is random."""

    number: int
    start: dt.datetime
    seconds: int
    random: int

    @property
    def end(self) -> dt.datetime:
        """When the last page was sent."""
        return self.start + dt.timedelta(seconds=self.seconds)

    @property
    def ip(self) -> str:
        """An address of 192.0.2.0/24, which stands for documents and belongs to nobody."""
        return f"192.0.2.{self.random % 254 + 1}"

    def code(self, length: int, alphabet: str) -> str:
        """An id of that length in some letters: the same for the same interview."""
        left, letters = self.random, []
        for _ in range(length):
            left, at = divmod(left, len(alphabet))
            letters.append(alphabet[at])
        return "".join(letters)


def visits(study: Study, raw: pd.DataFrame, minutes: float, seed: int) -> tuple[Visit, ...]:
    """An interview for each row of raw answers, within its wave, in the order of the rows.

    Later rows of a wave begin later. Who is asked everything takes about `minutes`, and who
    answers less takes less.
    """
    rng = np.random.default_rng([seed, len(raw)])
    n_answers = (raw != "").sum(axis=1).to_numpy()
    expected = minutes * 60 * n_answers / n_answers.max(initial=1)
    drawn = expected * np.exp(_SPREAD * rng.normal(size=len(raw)))
    seconds = np.clip(drawn, _SHORTEST, _LONGEST).astype(int)
    random = rng.integers(2**63, size=(len(raw), 2)).tolist()
    zone = ZoneInfo(study.timezone or "UTC")
    begun = list(_begun(study, raw, zone, rng))
    return tuple(
        Visit(number, start, int(spent), high << 63 | low)
        for number, (start, spent, (high, low)) in enumerate(
            zip(begun, seconds, random, strict=True), 1
        )
    )


def _begun(
    study: Study, raw: pd.DataFrame, zone: ZoneInfo, rng: np.random.Generator
) -> Iterator[dt.datetime]:
    """When each row began."""
    wave = raw[study.wave] if study.wave in raw else pd.Series("", index=raw.index)
    for at, (key, rows) in enumerate(wave.groupby(wave, sort=False)):
        first, last = _days(study, str(key), at)
        day = rng.integers((last - first).days + 1, size=len(rows))
        second = rng.integers(3600 * (_LAST_HOUR - _FIRST_HOUR), size=len(rows))
        for days, seconds in sorted(zip(day.tolist(), second.tolist(), strict=True)):
            morning = dt.datetime.combine(first, dt.time(_FIRST_HOUR))
            moment = morning + dt.timedelta(days=days, seconds=seconds)
            yield moment.replace(tzinfo=zone)


def _days(study: Study, wave: str, at: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a wave; where rows tell none, those of the last with dates."""
    dated = [one for one in study.waves.values() if one.start and one.end]
    told = study.waves.get(wave) or (dated[-1] if dated and not wave else None)
    if told is not None and told.start and told.end:
        return told.start, told.end
    first = _UNDATED + dt.timedelta(days=_HALF_YEAR * at)
    return first, first + dt.timedelta(days=_DAYS)
