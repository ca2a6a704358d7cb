"""The flags of a study's respondents: each rule in each wave, with its limit, or why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxkit.answers.quality.duplicates import (
    FEWEST_CHARACTERS,
    WITHIN_SECONDS,
    again,
    repeated_words,
    same_at_once,
)
from cxkit.answers.quality.indices import (
    FEWEST_ITEMS,
    Cloud,
    identical_share,
    longest_run,
    seconds,
    within_sd,
)
from cxkit.errors import StudyError
from cxkit.study import Study
from cxkit.study.parts import BotScore

__all__ = ["LITTLE_SPREAD", "RULES", "WHY_NOT", "Flags", "flags_of"]

RULES = (
    "fast", "long_run", "straight", "little_spread", "unusual", "duplicate_id",
    "duplicate_answers", "duplicate_comment", "bot_score",
)  # fmt: skip
"""The rules by which a respondent is flagged, in the order in which they are told."""

WHY_NOT = {
    "no_duration": "the answers do not say how long an interview took",
    "zero_duration": "half the interviews took less than a second",
    "no_battery": f"no {FEWEST_ITEMS} questions stand on one scale",
    "few_items": f"fewer than {FEWEST_ITEMS} items were asked",
    "few_complete": "too few answered all items, or an item follows from the others",
    "no_respondent": "the study names no column of respondents",
    "no_start": "the answers do not say when an interview began",
    "no_comments": f"no comment has {FEWEST_CHARACTERS} characters or more",
    "no_bot_score": "the answers hold no score for bots",
    "no_answers": "nobody answered enough",
}
"""Why a rule cannot be applied in a wave."""

LITTLE_SPREAD = 0.1
"""A standard deviation of one's own answers under this part of the scale's length is little."""

_NOT_ASKED = ("not_asked", "not_applicable", "not_reached")
_FEWEST_ALIKE = 30
"""Respondents who were asked the same items, for their answers to be called unusual."""
_AT_ONCE = 65_536
_UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class Flags:
    """What speaks for a careless or repeated answer.

    Attributes
    ----------
    frame : DataFrame, shape (n_rows, 9)
        `flag:<rule>` for each of `RULES`: True, False, or missing where it cannot be told.
    rules : DataFrame
        A row a wave and rule: `wave rule threshold unit median n n_assessed n_flagged why_not`.
        `threshold` is in its `unit` (`seconds`, `items`, `share`, `of_range`, `p`, `characters`,
        `score`), `median` that of the durations; `why_not` a key of `WHY_NOT`, "" where the rule
        was applied.
    """

    frame: pd.DataFrame
    rules: pd.DataFrame

    @cached_property
    def flagged(self) -> pd.Series:
        """The rules that flag each row, in their order, with a blank between; "" for none."""
        told = np.full(len(self.frame), "", dtype=object)
        for rule in RULES:
            is_flagged = self.frame[f"flag:{rule}"].fillna(False).to_numpy(bool)
            told[is_flagged] += np.where(told[is_flagged] == "", rule, " " + rule)
        return pd.Series(told, index=self.frame.index, dtype="str")


@dataclass(frozen=True, eq=False)
class _Found:
    """What a rule found in the rows of a wave: 1 or 0, NaN where it cannot be told."""

    values: np.ndarray
    threshold: float = np.nan
    unit: str = ""
    why_not: str = "no_answers"
    median: float = np.nan


def flags_of(
    study: Study, frame: pd.DataFrame, *, bot_scores: Mapping[str, BotScore] | None = None
) -> Flags:
    """The flags of all rows of a study, each wave by itself; nobody is left out.

    Parameters
    ----------
    study : Study
        What was asked, and the limits (`quality`).
    frame : DataFrame
        The canonical frame: `wave respondent`, `item: rating: outcome:` codes and `why:` reasons,
        `segment:` and `comment:` words, and as far as the answers tell them `duration` (seconds),
        `started` (a moment) and `bot:<column>` (scores).
    bot_scores : mapping of str to BotScore, optional
        The scores that mark a bot; those of the study if not given.

    Notes
    -----
    Batteries are the items on one scale, in the order of the questionnaire. The ratings of stages
    are none: they are few, each asked by itself, and often honestly alike. A respondent is flagged
    as soon as one battery says so. `unusual` compares the items that applied to a respondent with
    all who answered these.
    """
    scores = study.quality.bot_scores if bot_scores is None else bot_scores
    wave = frame["wave"].to_numpy(dtype=object)
    made = {rule: np.full(len(frame), _UNKNOWN, dtype=np.int8) for rule in RULES}
    told = []
    for key in sorted(set(wave)):
        rows = np.flatnonzero(wave == key)
        of_wave = _OfWave(study.of_wave(key), frame, rows, scores)
        for rule in RULES:
            found = getattr(of_wave, rule)()
            made[rule][rows] = np.where(np.isnan(found.values), _UNKNOWN, found.values)
            told.append(_row(key, rule, found))
    flags = {f"flag:{rule}": _as_boolean(values) for rule, values in made.items()}
    return Flags(pd.DataFrame(flags, index=frame.index), pd.DataFrame(told, columns=list(_ROW)))


_ROW = (
    "wave", "rule", "threshold", "unit", "median", "n", "n_assessed", "n_flagged", "why_not",
)  # fmt: skip


def _row(wave: str, rule: str, found: _Found) -> tuple[object, ...]:
    n_assessed = int((~np.isnan(found.values)).sum())
    return (
        wave, rule, found.threshold, found.unit, found.median, len(found.values), n_assessed,
        int(np.nansum(found.values)), "" if n_assessed else found.why_not,
    )  # fmt: skip


def _as_boolean(values: np.ndarray) -> pd.arrays.BooleanArray:
    return pd.arrays.BooleanArray(values == 1, values == _UNKNOWN)


@dataclass(frozen=True, eq=False)
class _OfWave:
    """The rows of one wave, and a method for each rule."""

    study: Study
    frame: pd.DataFrame
    rows: np.ndarray
    scores: Mapping[str, BotScore]

    # -- what the rules look at

    def _own(self, name: str) -> pd.Series:
        return self.frame[name].iloc[self.rows]

    def _codes(self, names: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """Answers as floats, NaN where missing; a column a question."""
        made = np.empty((len(rows), len(names)))
        for at, name in enumerate(names):
            made[:, at] = self.frame[name].iloc[rows].to_numpy(dtype=float, na_value=np.nan)
        return made

    def _blocks(self) -> Iterator[slice]:
        """The rows in blocks that need little room."""
        for start in range(0, len(self.rows), _AT_ONCE):
            yield slice(start, start + _AT_ONCE)

    @cached_property
    def _items(self) -> list[str]:
        named = [f"item:{key}" for key in self.study.statements]
        return [name for name in named if name in self.frame.columns]

    @cached_property
    def _batteries(self) -> list[tuple[list[str], float]]:
        """Statements on one scale, and how long that scale is."""
        found: dict[str, tuple[list[str], float]] = {}
        for name in self._items:
            try:
                scale = self.study.scale(name)
            except StudyError:
                continue
            length = scale.maximum - scale.minimum
            found.setdefault(scale.key, ([], length))[0].append(name)
        return [one for one in found.values() if len(one[0]) >= FEWEST_ITEMS]

    def _by_battery(self, judge: Callable[[np.ndarray, float], np.ndarray]) -> np.ndarray:
        """1 where a battery is judged so, 0 where none is, NaN where none can be judged."""
        found = np.full(len(self.rows), np.nan)
        for names, length in self._batteries:
            for block in self._blocks():
                answers = self._codes(names, self.rows[block])
                is_known = (~np.isnan(answers)).sum(axis=1) >= FEWEST_ITEMS
                told = np.where(is_known, judge(answers, length), np.nan)
                found[block] = np.fmax(found[block], told)
        return found

    @property
    def _why_no_battery(self) -> str:
        return "no_answers" if self._batteries else "no_battery"

    # -- the rules

    def fast(self) -> _Found:
        """Under a share of the wave's median duration."""
        if "duration" not in self.frame.columns:
            return _Found(self._nothing, why_not="no_duration")
        took = seconds(self._own("duration"), len(self.rows))
        if np.isnan(took).all():
            return _Found(self._nothing, why_not="no_duration")
        median = float(np.nanmedian(took))
        if median < 1:
            return _Found(self._nothing, why_not="zero_duration", median=median)
        limit = self.study.quality.speed * median
        return _Found(np.where(np.isnan(took), np.nan, took < limit), limit, "seconds", "", median)

    def long_run(self) -> _Found:
        """One answer to a whole battery."""
        found = self._by_battery(
            lambda answers, _: longest_run(answers) == (~np.isnan(answers)).sum(axis=1)
        )
        most = max((len(names) for names, _ in self._batteries), default=np.nan)
        return _Found(found, float(most), "items", self._why_no_battery)

    def straight(self) -> _Found:
        """One answer to a large share of a battery."""
        limit = self.study.quality.straight
        found = self._by_battery(lambda answers, _: identical_share(answers) >= limit - 1e-12)
        return _Found(found, limit, "share", self._why_no_battery)

    def little_spread(self) -> _Found:
        """Answers that hardly differ: near-straight-lining, straight lines included."""
        found = self._by_battery(
            lambda answers, length: within_sd(answers) < LITTLE_SPREAD * length
        )
        return _Found(found, LITTLE_SPREAD, "of_range", self._why_no_battery)

    def unusual(self) -> _Found:
        """A pattern far from that of all others."""
        p = self.study.quality.p
        if len(self._items) < FEWEST_ITEMS:
            return _Found(self._nothing, p, "p", "few_items")
        found = self._nothing
        for asked, own in self._asked_alike():
            names = [name for name, is_asked in zip(self._items, asked, strict=True) if is_asked]
            cloud = Cloud.of(self._parts_of(names), names)
            for start in range(0, len(own), _AT_ONCE):
                block = own[start : start + _AT_ONCE]
                distance = cloud.distance(self._codes(names, self.rows[block]))
                found[block] = np.where(np.isnan(distance), np.nan, cloud.p(distance) < p)
        return _Found(found, p, "p", "few_complete")

    def _parts_of(self, names: Sequence[str]) -> Callable[[], Iterator[np.ndarray]]:
        return lambda: (self._codes(names, self.rows[block]) for block in self._blocks())

    def _asked_alike(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Which items were asked, with the rows of those who were asked just these."""
        was_asked = np.ones((len(self.rows), len(self._items)), dtype=bool)
        for at, name in enumerate(self._items):
            if f"why:{name}" in self.frame.columns:
                why = self._own(f"why:{name}")
                was_asked[:, at] = ~why.isin(_NOT_ASKED).to_numpy(bool)
        patterns, of_row, n = np.unique(
            np.packbits(was_asked, axis=1), axis=0, return_inverse=True, return_counts=True
        )
        for at, packed in enumerate(patterns):
            asked = np.unpackbits(packed, count=len(self._items)).astype(bool)
            if asked.sum() >= FEWEST_ITEMS and n[at] >= min(_FEWEST_ALIKE, len(self.rows)):
                yield asked, np.flatnonzero(of_row.ravel() == at)

    def duplicate_id(self) -> _Found:
        """A respondent who has an earlier row in the wave."""
        if self.study.respondent is None:
            return _Found(self._nothing, why_not="no_respondent")
        when = self._started
        order = None if when is None else np.argsort(when, kind="stable")
        return _Found(again(self._own("respondent"), order).astype(float))

    def duplicate_answers(self) -> _Found:
        """The same answers to everything, begun within a minute."""
        when = self._started
        if when is None or np.isnan(when).all():
            return _Found(self._nothing, why_not="no_start")
        kinds = ("item:", "rating:", "outcome:", "segment:")
        names = [name for name in self.frame.columns if name.startswith(kinds)]
        scaled = [name for name in names if not name.startswith("segment:")]
        is_telling = np.zeros(len(self.rows), dtype=bool)
        for block in self._blocks():
            answers = self._codes(scaled, self.rows[block])
            is_telling[block] = longest_run(answers) < (~np.isnan(answers)).sum(axis=1)
        columns = (self._own(name) for name in names)
        found = same_at_once(columns, when, is_telling)
        return _Found(found, WITHIN_SECONDS, "seconds")

    def duplicate_comment(self) -> _Found:
        """The same words as another respondent."""
        names = [name for name in self.frame.columns if name.startswith("comment:")]
        found = repeated_words([self._own(name) for name in names])
        values = found if names else self._nothing
        return _Found(values, FEWEST_CHARACTERS, "characters", "no_comments")

    def bot_score(self) -> _Found:
        """A score of the platform's that is beyond its limit."""
        found, limits = self._nothing, []
        for column, score in self.scores.items():
            if f"bot:{column}" not in self.frame.columns:
                continue
            values = self._codes([f"bot:{column}"], self.rows)[:, 0]
            for limit, is_beyond in ((score.below, np.less), (score.above, np.greater)):
                if limit is not None:
                    told = np.where(np.isnan(values), np.nan, is_beyond(values, limit))
                    found = np.fmax(found, told)
                    limits.append(limit)
        return _Found(found, limits[0] if len(limits) == 1 else np.nan, "score", "no_bot_score")

    @property
    def _nothing(self) -> np.ndarray:
        return np.full(len(self.rows), np.nan)

    @cached_property
    def _started(self) -> np.ndarray | None:
        """When each row began, in seconds; None where the answers do not say."""
        if "started" not in self.frame.columns:
            return None
        column = self._own("started")
        if pd.api.types.is_numeric_dtype(column):
            return column.to_numpy(dtype=float, na_value=np.nan)
        moments = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
        since = moments - pd.Timestamp(0, tz="UTC")
        return since.dt.total_seconds().to_numpy(dtype=float)
