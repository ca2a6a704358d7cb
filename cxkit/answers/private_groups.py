"""Which groups stay private, whichever reports of a study are laid beside each other.

A report of one group stands beside those of the other groups and beside the report of all. So a
group is not only private where it is small itself: it is where the others and the whole would tell
it, or where it is needed to keep another one unknown. Hands out `PrivateGroups`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from cxkit.answers.everybody import Private
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

    Notes
    -----
    A report by groups of some segments also splits its group by each other segment. All these
    tables, of every group, are held against each other as one table of crossed segments with its
    margins (`cxkit.suppression.suppressed_cells`), whose cells are hidden or shown in every report
    alike. People of no group are no part of a table.
    """

    def __init__(
        self, wave: Sequence[str], segments: Mapping[str, Sequence[object]], limit: int
    ) -> None:
        self.limit = limit
        codes, waves = pd.factorize(np.asarray(wave, dtype=object), sort=True)
        self._wave, self._waves = codes, {str(name): at for at, name in enumerate(waves)}
        self._codes: dict[str, np.ndarray] = {}
        self._names: dict[str, list[str]] = {}
        for key, groups in sorted(segments.items()):
            own, names = pd.factorize(pd.Series(groups, dtype=object), sort=True)
            self._codes[key], self._names[key] = own, [str(name) for name in names]
        self._hidden: dict[tuple[str, tuple[str, ...]], frozenset[Groups]] = {}
        self._sizes: dict[tuple[str, ...], dict[str, dict[Groups, int]]] = {}
        self._within: dict[tuple[str, tuple[str, ...], str], dict[Groups, list[str]]] = {}

    @classmethod
    def of_frame(
        cls, frame: pd.DataFrame, limit: int, *, rows: np.ndarray | None = None
    ) -> PrivateGroups:
        """Those of the respondents in a frame of canonical columns, or in some rows of it."""
        columns = [name for name in map(str, frame) if name.startswith("segment:")]
        own = frame[["wave", *columns]]
        own = own if rows is None else own[rows]
        segments = {name.removeprefix("segment:"): own[name] for name in columns}
        return cls(own["wave"], segments, limit)

    def sizes(self, segments: Iterable[str]) -> dict[str, dict[Groups, int]]:
        """How many respondents each group of crossed segments has, by wave; nobody is left out."""
        keys = tuple(segments)
        if keys not in self._sizes:
            self._sizes[keys] = self._counted(keys)
        return self._sizes[keys]

    def _counted(self, keys: tuple[str, ...]) -> dict[str, dict[Groups, int]]:
        code, is_known = self._wave.astype(np.int64), self._wave >= 0
        for key in keys:
            code = code * max(len(self._names[key]), 1) + self._codes[key]
            is_known = is_known & (self._codes[key] >= 0)
        cells, counts = np.unique(code[is_known], return_counts=True)
        shape = (len(self._waves), *(max(len(self._names[key]), 1) for key in keys))
        places = np.unravel_index(cells, shape)
        waves, found = list(self._waves), {wave: dict[Groups, int]() for wave in self._waves}
        for *at, n in zip(*(place.tolist() for place in places), counts.tolist(), strict=True):
            groups = (self._names[key][one] for key, one in zip(keys, at[1:], strict=True))
            found[waves[at[0]]][tuple(groups)] = n
        return found

    def hidden(self, wave: str, segments: Collection[str]) -> frozenset[Groups]:
        """The groups of crossed segments that no report of a wave may tell, segments sorted."""
        keys = tuple(sorted(segments))
        if (wave, keys) not in self._hidden:
            sizes = self.sizes(keys).get(wave, {})
            cells = [dict(zip(keys, groups, strict=True)) for groups in sizes]
            names = list(sizes)
            private = suppressed_cells(cells, list(sizes.values()), self.limit)
            self._hidden[wave, keys] = frozenset(names[at] for at in private)
        return self._hidden[wave, keys]

    def is_private(self, wave: str, group: Mapping[str, str]) -> bool:
        """Whether a group may not be told in a wave."""
        return bool(group) and _of(group) in self.hidden(wave, group)

    def beside(self, group: Mapping[str, str], waves: Iterable[str]) -> tuple[Private, ...]:
        """What a report of one group may not tell, because of the others, in these waves.

        The wave itself where the group is private in it, else groups of other segments.
        """
        return tuple(one for wave in waves for one in self._in_wave(group, wave))

    def _in_wave(self, group: Mapping[str, str], wave: str) -> Iterator[Private]:
        if not group:
            return
        if self.is_private(wave, group):
            yield wave, None, None
            return
        for segment in self._names:
            if segment not in group:
                keys = tuple(sorted({*group, segment}))
                for one in self._hidden_within(wave, keys, segment).get(_of(group), ()):
                    yield wave, segment, one

    def _hidden_within(
        self, wave: str, keys: tuple[str, ...], segment: str
    ) -> dict[Groups, list[str]]:
        """The hidden groups of one of the segments, by the groups of the others."""
        if (wave, keys, segment) not in self._within:
            at, found = keys.index(segment), dict[Groups, list[str]]()
            for groups in sorted(self.hidden(wave, keys)):
                found.setdefault(groups[:at] + groups[at + 1 :], []).append(groups[at])
            self._within[wave, keys, segment] = found
        return self._within[wave, keys, segment]


def _of(group: Mapping[str, str]) -> Groups:
    return tuple(group[key] for key in sorted(group))
