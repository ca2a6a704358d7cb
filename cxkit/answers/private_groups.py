"""Which groups stay private, whichever reports of a study are laid beside each other.

A report of one group stands beside those of the other groups and beside the report of all. So a
group is not only private where it is small itself: it is where the others and the whole would tell
it, or where it is needed to keep another one unknown. The same holds of the answers to each
question, which are fewer than the respondents. Hands out `PrivateGroups`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxkit.answers.answered import answered, columns_of, is_split, parts_of
from cxkit.answers.everybody import Private
from cxkit.study import Study
from cxkit.suppression import suppressed_cells

__all__ = ["PrivateGroups"]

Groups = tuple[str, ...]
"""A group of each of some segments."""


class PrivateGroups:
    """The private groups of the respondents of a study, wave by wave.

    Parameters
    ----------
    wave : array-like of str, shape (n_rows,)
        The wave of each respondent in use.
    segments : mapping of str to array-like, shape (n_rows,) each
        Each segment's groups, missing for those of none.
    limit : int
        The study's limit of privacy.
    answers : mapping of str to ndarray of bool, shape (n_rows,) each
        By measure, who answered it.
    parts : mapping of str to tuple of str
        The measures that a measure is the mean of: it and all of them but one tell that one, so
        that it is private where one of them is.

    Notes
    -----
    A report by groups of some segments also splits its group by each other segment. All these
    tables, of every group, are held against each other as one table of crossed segments with its
    margins (`cxkit.suppression.suppressed_cells`), whose cells are hidden or shown in every report
    alike. People of no group are no part of a table. For each measure the same is done with those
    who answered it; what is private of all respondents is so of every measure.
    """

    def __init__(
        self,
        wave: Sequence[str],
        segments: Mapping[str, Sequence[object]],
        limit: int,
        answers: Mapping[str, np.ndarray] | None = None,
        parts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.limit = limit
        self._parts = parts or {}
        self._answers = dict(sorted((answers or {}).items()))
        codes, waves = pd.factorize(np.asarray(wave, dtype=object), sort=True)
        self._wave, self._waves = codes, [str(name) for name in waves]
        self._codes: dict[str, np.ndarray] = {}
        self._names: dict[str, list[str]] = {}
        for key, groups in sorted(segments.items()):
            own, names = pd.factorize(pd.Series(groups, dtype=object), sort=True)
            self._codes[key], self._names[key] = own, [str(name) for name in names]
        self._tables: dict[tuple[str, ...], dict[str, _Table]] = {}
        self._hidden: dict[tuple[str, tuple[str, ...], str | None], frozenset[Groups]] = {}
        self._within: dict[tuple[str, tuple[str, ...], str], dict[Groups, list[Private]]] = {}

    @classmethod
    def of_frame(
        cls,
        study: Study,
        frame: pd.DataFrame,
        *,
        rows: np.ndarray | None = None,
    ) -> PrivateGroups:
        """Those of the respondents in a frame of canonical columns, or in some rows of it."""
        segments = [name for name in map(str, frame) if name.startswith("segment:")]
        measured = [name for name in columns_of(study) if name in frame]
        own = frame[["wave", *segments, *measured]]
        own = own if rows is None else own[rows]
        groups = {name.removeprefix("segment:"): own[name] for name in segments}
        answers = answered(study, own[["wave", *measured]])
        return cls(own["wave"], groups, study.privacy.min_n, answers, parts_of(study))

    def hidden(
        self, wave: str, segments: Collection[str], of: str | None = None
    ) -> frozenset[Groups]:
        """The groups of crossed segments, sorted by name, that no report of a wave may tell.

        With a measure, those of which no report may tell the measure.
        """
        keys = tuple(sorted(segments))
        if (wave, keys, of) not in self._hidden:
            self._hidden[wave, keys, of] = self._suppressed(wave, keys, of)
        return self._hidden[wave, keys, of]

    def is_private(self, wave: str, group: Mapping[str, str], of: str | None = None) -> bool:
        """Whether a group may not be told in a wave, or a measure of it."""
        return bool(group) and _of(group) in self.hidden(wave, group, of)

    def beside(self, group: Mapping[str, str], waves: Iterable[str]) -> tuple[Private, ...]:
        """What a report of one group may not tell, because of the others, in these waves.

        The wave itself where the group is private in it, else measures, and groups of other
        segments.
        """
        return tuple(one for wave in waves for one in self._in_wave(group, wave))

    def as_whole(self, group: Mapping[str, str], waves: Iterable[str]) -> tuple[Private, ...]:
        """The same for what tells of one group as a whole, and splits it by no other segment."""
        return tuple(one for wave in waves for one in self._whole_in_wave(group, wave))

    def _whole_in_wave(self, group: Mapping[str, str], wave: str) -> Iterator[Private]:
        if self.is_private(wave, group):
            yield wave, None, None, None
            return
        for of in self._answers:
            if self.is_private(wave, group, of):
                yield wave, None, None, of

    def all_beside(self, segments: Iterable[str]) -> dict[Groups, tuple[Private, ...]]:
        """The same for every group of crossed segments, sorted by name, and in every wave.

        Groups of which everything may be told are not named.
        """
        keys = tuple(sorted(segments))
        tables = self._crossed(keys).values()
        groups = dict.fromkeys(one for table in tables for one in table.groups)
        told = {
            one: self.beside(dict(zip(keys, one, strict=True)), self._waves)
            for one in sorted(groups)
        }
        return {one: private for one, private in told.items() if private}

    def _in_wave(self, group: Mapping[str, str], wave: str) -> Iterator[Private]:
        if not group:
            return
        yield from self._whole_in_wave(group, wave)
        if self.is_private(wave, group):
            return
        for segment in self._names:
            if segment not in group:
                keys = tuple(sorted({*group, segment}))
                yield from self._hidden_within(wave, keys, segment).get(_of(group), ())

    def _hidden_within(
        self, wave: str, keys: tuple[str, ...], segment: str
    ) -> dict[Groups, list[Private]]:
        """The hidden groups of one of the segments, by the groups of the others."""
        if (wave, keys, segment) not in self._within:
            at, found = keys.index(segment), dict[Groups, list[Private]]()
            everybody = self.hidden(wave, keys)
            for of in (None, *filter(is_split, self._answers)):
                for groups in sorted(self.hidden(wave, keys, of) - (everybody if of else set())):
                    private = (wave, segment, groups[at], of)
                    found.setdefault(groups[:at] + groups[at + 1 :], []).append(private)
            self._within[wave, keys, segment] = found
        return self._within[wave, keys, segment]

    # -- tables of crossed segments

    def _suppressed(self, wave: str, keys: tuple[str, ...], of: str | None) -> frozenset[Groups]:
        if (table := self._crossed(keys).get(wave)) is None:
            return frozenset()
        known = frozenset[Groups]() if of is None else self.hidden(wave, keys)
        counts = table.respondents if of is None else table.answers[of]
        is_small = (counts > 0) & (counts < self.limit)
        own = [one for one in self._parts.get(of or "", ()) if one in self._answers]
        by_parts = frozenset().union(*(self.hidden(wave, keys, one) for one in own)) - known
        if not known and not by_parts and not is_small.any():
            return known
        if of is not None and not by_parts and np.array_equal(counts, table.respondents):
            return known
        private = {tuple(zip(keys, one, strict=True)) for one in by_parts}
        for size in range(1, len(keys) + 1) if of else ():
            for part in itertools.combinations(keys, size):
                private |= {tuple(zip(part, one, strict=True)) for one in self.hidden(wave, part)}
        cells = [dict(zip(keys, groups, strict=True)) for groups in table.groups]
        hidden = suppressed_cells(cells, counts.tolist(), self.limit, private)
        return known | {table.groups[place] for place in hidden}

    def _crossed(self, keys: tuple[str, ...]) -> dict[str, _Table]:
        if keys not in self._tables:
            self._tables[keys] = self._counted(keys)
        return self._tables[keys]

    def _counted(self, keys: tuple[str, ...]) -> dict[str, _Table]:
        code, is_known = self._wave.astype(np.int64), self._wave >= 0
        for key in keys:
            code = code * max(len(self._names[key]), 1) + self._codes[key]
            is_known = is_known & (self._codes[key] >= 0)
        cells, cell_of = np.unique(code[is_known], return_inverse=True)
        shape = (len(self._waves), *(max(len(self._names[key]), 1) for key in keys))
        wave, *places = np.unravel_index(cells, shape)
        words = [np.array(self._names[key], dtype=object)[at] for key, at in zip(keys, places)]
        groups = list(zip(*words))
        n = np.bincount(cell_of, minlength=len(cells))
        own = {
            of: np.bincount(cell_of[mask[is_known]], minlength=len(cells))
            for of, mask in self._answers.items()
        }
        found = {}
        for at, name in enumerate(self._waves):
            rows = np.flatnonzero(wave == at)
            of_wave = {of: counts[rows] for of, counts in own.items()}
            found[name] = _Table([groups[row] for row in rows], n[rows], of_wave)
        return found


@dataclass(frozen=True, eq=False)
class _Table:
    """The groups of crossed segments in a wave: how many respondents, how many answers each."""

    groups: list[Groups]
    respondents: np.ndarray
    answers: Mapping[str, np.ndarray]


def _of(group: Mapping[str, str]) -> Groups:
    return tuple(group[key] for key in sorted(group))
