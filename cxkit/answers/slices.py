"""What one notebook is handed: the answers of a wave and a group, and what tells if they changed.

`slices` plans: every group of a study with the digests that a page of it would state, without
making one. `read_part` hands out the rows of one group and nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers.answered import columns_of
from cxkit.answers.cache import DIGEST, Prepared, digests_by_wave, prepared
from cxkit.answers.everybody import (
    Everybody,
    Part,
    digest_beside,
    digest_of_rows,
    is_used,
    units_of,
)
from cxkit.answers.inputs import inputs_of, study_inputs
from cxkit.answers.kept_private import KeptPrivate
from cxkit.answers.private_groups import PrivateGroups
from cxkit.errors import Problem, StudyError, nearest
from cxkit.study import Study

__all__ = ["Kept", "Slice", "read_part", "slices"]

WAVE = "wave"

_OF_DESIGN = ("respondent", WAVE, "weight", "weight_all", "excluded", "strata", "cluster")
"""What stays of a row that is there for its sampling unit alone."""


@dataclass(frozen=True)
class Slice:
    """What one notebook is handed.

    Attributes
    ----------
    wave : str or None
        The wave asked for; None for the study's latest.
    group : mapping of str to str
        A group of each of some segments; empty for everybody.
    inputs : mapping of str to str
        The digests that the page's manifest states for that wave and group.
    n : int
        How many respondents of the group are in use in the reported wave.
    why_not : str or None
        None where it can be reported, `nobody` where nobody of the group is in the wave, `privacy`
        where they are too few, or hidden so that others cannot be found by subtraction.
    """

    wave: str | None
    group: Mapping[str, str]
    inputs: Mapping[str, str]
    n: int
    why_not: str | None


def slices(study: Study, by: Sequence[str] = (), *, made: Prepared | None = None) -> list[Slice]:
    """Every slice of a study by segments, by waves, or both.

    Parameters
    ----------
    study : Study
        The study, with the `min_base` that the reports are made with.
    by : sequence of str
        Segments, and the word `wave`; nothing for one slice of everybody.
    made : Prepared, optional
        What was prepared of the study, where it is at hand.

    Returns
    -------
    list of Slice
        Every combination of groups that somebody belongs to in any wave, in the study's order and
        in that of `by`; with `wave`, each of them in every wave. Of one segment, the groups that
        the study file lists and nobody belongs to come last.

    Raises
    ------
    StudyError
        If `by` names an unknown segment.
    SurveyError
        If the answers need mending.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> [one.group["region"] for one in slices(read_study("demo"), ["region"])][:2]
    ['java', 'sumatra']
    """
    keys = list(dict.fromkeys(by))
    for key in keys:
        known = [*study.segment_keys, WAVE]
        if key not in known:
            raise StudyError(
                f"reports cannot be made by '{key}'",
                where=study.shown(),
                expected="one of " + ", ".join(known),
                hint=nearest(key, known),
            )
    return list(_Cutting(study, prepared(study) if made is None else made).slices(keys))


@dataclass(frozen=True, eq=False)
class _Cutting:
    """The slices of one study, and what they share."""

    study: Study
    made: Prepared

    def slices(self, keys: Sequence[str]) -> Iterator[Slice]:
        segments = [key for key in keys if key != WAVE]
        waves = self.made.everybody.waves if WAVE in keys else (None,)
        found = [(group, rows, wave) for group, rows in self._groups(segments) for wave in waves]
        if WAVE in keys:
            places = {key: at for at, key in enumerate(keys)}
            ranks = {key: self._rank(key) for key in segments}
            found.sort(
                key=lambda one: [
                    waves.index(one[2]) if key == WAVE else ranks[key][one[0][key]]
                    for key in places
                ]
            )
        return (self._slice(group, rows, wave) for group, rows, wave in found)

    def _rank(self, segment: str) -> dict[str, int]:
        """The place of each group in the study's order, others after them as text."""
        named = self.study.segment_order(segment)
        found = self.made.everybody.groups.get(segment, ())
        return {group: at for at, group in enumerate(dict.fromkeys([*named, *found]))}

    def _groups(self, segments: Sequence[str]) -> Iterator[tuple[dict[str, str], np.ndarray]]:
        """Each combination of groups with its rows, in the study's order."""
        frame, ranks = self.made.frame, []
        if not segments:
            yield {}, np.arange(len(frame))
            return
        is_known = np.ones(len(frame), dtype=bool)
        for segment in segments:
            order = self._rank(segment)
            codes, words = pd.factorize(frame[f"segment:{segment}"])
            own = np.array([*(order[str(word)] for word in words), -1])[codes]
            is_known &= own >= 0
            ranks.append((list(order), own))
        rows = np.flatnonzero(is_known)
        rows = rows[np.lexsort([own[rows] for _, own in reversed(ranks)])]
        table = np.column_stack([own[rows] for _, own in ranks])
        starts = np.flatnonzero(np.r_[True, np.any(table[1:] != table[:-1], axis=1)])
        for one in np.split(rows, starts[1:]) if len(rows) else ():
            names = (words[own[one[0]]] for words, own in ranks)
            yield dict(zip(segments, names, strict=True)), np.sort(one)
        if len(segments) == 1:
            nobody = np.arange(0)
            yield from (({segments[0]: name}, nobody) for name in self._of_nobody(segments[0]))

    def _of_nobody(self, segment: str) -> list[str]:
        """The groups that the study file lists under a segment and that nobody belongs to."""
        own = self.study.segments.get(segment)
        found = self.made.everybody.groups.get(segment, ())
        return [name for name in (own.values if own else ()) if name not in found]

    def _slice(self, group: dict[str, str], rows: np.ndarray, wave: str | None) -> Slice:
        everybody, wave_of = self.made.everybody, self._wave[rows]
        used = wave_of[self._is_used[rows]]
        reported = everybody.waves[-1] if wave is None else wave
        last: str | None = wave if wave is not None else max(used.tolist(), default=None)
        n = int((used == reported).sum())
        is_few = n < self.study.privacy.min_n or self._private.is_private(reported, group)
        why_not = "nobody" if not n else "privacy" if is_few else None
        inputs = inputs_of(self._of_study(last), self._told(group, rows, last), last)
        return Slice(wave, group, inputs, n, why_not)

    def _told(self, group: dict[str, str], rows: np.ndarray, last: str | None) -> dict[str, str]:
        """The digests of a group's answers and of what it is handed of everybody."""
        so_far = [one for one in self.made.everybody.waves if last is None or one <= last]
        if not group:
            return {f"answers:{wave}": self.made.inputs.get(wave, "") for wave in so_far}
        wave_of, digests = self._wave[rows], self.made.digests[rows]
        told = {}
        for wave in so_far:
            own = digests[wave_of == wave]
            told[f"answers:{wave}"] = digest_of_rows(own) if len(own) else ""
            beside = self._private.beside(group, [wave])
            told[f"everybody:{wave}"] = digest_beside(self._everybody(wave), beside, wave)
        return told

    # -- made once

    @cached_property
    def _wave(self) -> np.ndarray:
        return self.made.frame["wave"].to_numpy(dtype=object)

    @cached_property
    def _is_used(self) -> np.ndarray:
        return is_used(self.made.frame)

    @cached_property
    def _private(self) -> KeptPrivate:
        return KeptPrivate(self.made.file, lambda: _private_groups(self.study, self.made.frame))

    @cached_property
    def _known(self) -> dict[str | None, Any]:
        return {}

    def _of_study(self, last: str | None) -> dict[str, str]:
        key = f"study {last}"
        if key not in self._known:
            asked = self.study.of_wave(last or self.made.everybody.waves[-1])
            self._known[key] = study_inputs(asked, last)
        return self._known[key]

    def _everybody(self, wave: str) -> str:
        key = f"everybody {wave}"
        if key not in self._known:
            self._known[key] = self.made.everybody.digest(wave)
        return self._known[key]


# -- the rows of one group -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Kept:
    """The answers in the file that they are kept in."""

    file: Path
    warnings: tuple[Problem, ...]
    everybody: Everybody

    def columns(self, wanted: Sequence[str]) -> pd.DataFrame:
        """Some columns of all rows, as far as they are there, and the digests of the rows."""
        import pyarrow.parquet as pq

        there = set(pq.read_schema(self.file).names)
        names = [name for name in wanted if name in there]
        table = pq.read_table(
            self.file, columns=names, use_threads=False, page_checksum_verification=True
        )
        return table.to_pandas(ignore_metadata=True)

    def rows(self, mask: np.ndarray) -> pd.DataFrame:
        """All columns of some rows, read a piece at a time so that no more are held."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        found, start = [], 0
        with pq.ParquetFile(self.file, page_checksum_verification=True) as file:
            names = [name for name in file.schema_arrow.names if name != DIGEST]
            for piece in range(file.num_row_groups):
                end = start + file.metadata.row_group(piece).num_rows
                own = np.flatnonzero(mask[start:end])
                if len(own):
                    read = file.read_row_group(piece, columns=names, use_threads=False)
                    found.append(read.take(pa.array(own)))
                start = end
            none = file.schema_arrow.empty_table().select(names)
        return (pa.concat_tables(found) if found else none).to_pandas()


@dataclass(frozen=True, eq=False)
class _InMemory:
    """The answers as they were just prepared."""

    made: Prepared

    def columns(self, wanted: Sequence[str]) -> pd.DataFrame:
        names = [name for name in wanted if name in self.made.frame]
        return self.made.frame[names].assign(**{DIGEST: self.made.digests})

    def rows(self, mask: np.ndarray) -> pd.DataFrame:
        return self.made.frame[mask].reset_index(drop=True)


def read_part(
    study: Study, source: Kept | Prepared, group: Mapping[str, str], wave: str | None
) -> Prepared:
    """The rows of one group up to a wave, and what goes with them.

    Notes
    -----
    A sampling unit of the group that lies outside of it in another wave (a respondent who moved)
    has a row there too, without an answer: who comes back decides how precisely waves compare.
    """
    answers = source if isinstance(source, Kept) else _InMemory(source)
    everybody = source.everybody
    segments = [f"segment:{key}" for key in everybody.groups]
    narrow = answers.columns([DIGEST, WAVE, "excluded", *segments])
    wave_of = narrow[WAVE].to_numpy(dtype=object)
    in_time = np.ones(len(narrow), bool) if wave is None else wave_of <= wave
    is_own = in_time.astype(bool)
    for key, value in group.items():
        told = narrow.get(f"segment:{key}")
        is_own &= False if told is None else (told == value).to_numpy(bool)
    beside: tuple[Any, ...] = ()
    if set(group) <= set(everybody.groups):
        waves = [one for one in everybody.waves if wave is None or one <= wave]
        beside = KeptPrivate(
            source.file, lambda: _private_groups(study, answers.columns(_of_privacy(study, narrow)))
        ).beside(group, waves)
    is_echo = np.zeros(len(narrow), bool)
    if any(one.comes_back for one in everybody.drawn.values()):
        is_echo = _echoes(study, answers.columns(_OF_DESIGN), is_own, in_time)
    frame = _blanked(answers.rows(is_own | is_echo), is_echo[is_own | is_echo])
    inputs = digests_by_wave(narrow[WAVE][is_own], narrow[DIGEST].to_numpy(np.uint64)[is_own])
    return Prepared(
        frame, source.warnings, inputs, everybody, narrow[DIGEST].to_numpy()[is_own],
        part=Part(everybody, beside),
    )  # fmt: skip


def _of_privacy(study: Study, frame: pd.DataFrame) -> list[str]:
    """The columns that tell which groups are private."""
    segments = [name for name in map(str, frame) if name.startswith("segment:")]
    return [WAVE, "excluded", *segments, *columns_of(study)]


def _private_groups(study: Study, frame: pd.DataFrame) -> PrivateGroups:
    return PrivateGroups.of_frame(study, frame, rows=is_used(frame))


def _echoes(
    study: Study, frame: pd.DataFrame, is_own: np.ndarray, in_time: np.ndarray
) -> np.ndarray:
    """A row for each wave in which a unit of the group lies outside of it alone."""
    units = units_of(study, frame)
    found = np.zeros(len(frame), dtype=bool)
    if units is None:
        return found
    is_again = in_time & ~is_own & pd.Series(units).isin(units[is_own]).to_numpy(bool)
    lies = pd.DataFrame({"unit": units, WAVE: frame[WAVE], "is_used": is_used(frame)})
    if "strata" in frame:
        lies["stratum"] = frame["strata"]
    own = lies[is_own].drop_duplicates()
    again = lies[is_again].drop_duplicates()
    known = pd.MultiIndex.from_frame(own)
    is_new = ~pd.MultiIndex.from_frame(again).isin(known)
    found[again.index[is_new].to_numpy()] = True
    return found


def _blanked(frame: pd.DataFrame, where: np.ndarray) -> pd.DataFrame:
    """The frame without an answer in some rows."""
    if not where.any():
        return frame
    made = {}
    for name, column in frame.items():
        if name in _OF_DESIGN:
            made[name] = column
        else:
            made[name] = column & ~where if column.dtype == bool else column.mask(where)
    return pd.DataFrame(made)
