"""The private groups of a study, found once and kept beside its prepared answers.

What a report of one group may not tell follows from the answers of all. It takes the time of a
report to find, and is the same for every report of a batch: whoever needs it first keeps it in a
file beside the answers, for each crossing of segments.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cxkit.answers.group_text import group_text
from cxkit.files import write_atomically

if TYPE_CHECKING:
    from cxkit.answers.everybody import Private
    from cxkit.answers.private_groups import PrivateGroups

__all__ = ["SUFFIX", "KeptPrivate"]

SUFFIX = ".private"
"""The end of the names of the files that hold private groups."""

_END = "end"


class KeptPrivate:
    """What reports of groups may not tell, from the file that keeps it or found now.

    Parameters
    ----------
    answers : Path or None
        The file of prepared answers that they are kept beside; None to keep them nowhere.
    find : callable
        Gives the `PrivateGroups` of those answers.
    """

    def __init__(self, answers: Path | None, find: Callable[[], PrivateGroups]) -> None:
        self._answers, self._find = answers, find
        self._lines: dict[tuple[str, ...], Mapping[str, str]] = {}

    def beside(self, group: Mapping[str, str], waves: Iterable[str]) -> tuple[Private, ...]:
        """What a report of one group may not tell in these waves (`PrivateGroups.beside`)."""
        if not group:
            return ()
        keys = tuple(sorted(group))
        lines = self._kept(keys)
        if lines is None:
            lines = self._lines[keys] = self._found(keys)
        line = lines.get(_name(keys, tuple(group[key] for key in keys)))
        asked = set(waves)
        told = [(wave, *what) for wave, *what in json.loads(line or "[]") if wave in asked]
        return tuple(told)

    def as_whole(self, group: Mapping[str, str], waves: Iterable[str]) -> tuple[Private, ...]:
        """The same for what tells of one group as a whole, which takes little time to find."""
        if self._kept(tuple(sorted(group))) is None:
            return self._groups.as_whole(group, waves)
        return tuple(one for one in self.beside(group, waves) if one[1] is None)

    def is_private(self, wave: str, group: Mapping[str, str]) -> bool:
        """Whether a group may not be told in a wave."""
        return (wave, None, None, None) in self.beside(group, [wave])

    @cached_property
    def _groups(self) -> PrivateGroups:
        return self._find()

    def _kept(self, keys: tuple[str, ...]) -> Mapping[str, str] | None:
        """What is known already, or what the file holds."""
        if keys not in self._lines and (read := self._read(keys)) is not None:
            self._lines[keys] = read
        return self._lines.get(keys)

    def _read(self, keys: tuple[str, ...]) -> dict[str, str] | None:
        """A line a group, as JSON, from the file; None where there is none that is whole."""
        file = self._file(keys)
        if file is None:
            return None
        try:
            *lines, end = file.read_text(encoding="utf-8").splitlines()
            pairs = [line.split("\t") for line in lines]
            return dict(pairs) if end == _END else None
        except (OSError, ValueError):
            return None

    def _found(self, keys: tuple[str, ...]) -> dict[str, str]:
        told = self._groups.all_beside(keys)
        lines = {_name(keys, groups): json.dumps(private) for groups, private in told.items()}
        file = self._file(keys)
        if file is not None and self._answers is not None:
            text = "".join(f"{group}\t{private}\n" for group, private in lines.items())
            with contextlib.suppress(OSError):  # where nothing can be kept it is found again
                write_atomically(file, f"{text}{_END}\n", self._answers.stat().st_mode)
        return lines

    def _file(self, keys: tuple[str, ...]) -> Path | None:
        if self._answers is None:
            return None
        crossing = hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:12]
        return self._answers.with_name(f"{self._answers.stem}-{crossing}{SUFFIX}")


def _name(keys: tuple[str, ...], groups: tuple[str, ...]) -> str:
    return json.dumps(group_text(dict(zip(keys, groups, strict=True))))
