"""An older study file brought along to the schema of today, its comments and its order kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxkit.errors import StudyError
from cxkit.files import rewrite
from cxkit.places import find_study
from cxkit.study.file import read_yaml

__all__ = ["NEWEST", "Upgraded", "upgrade"]

NEWEST = 1
"""The schema that this version of the kit reads."""


@dataclass(frozen=True)
class Upgraded:
    """What became of a study file: the steps that were taken, none where it was of today."""

    file: Path
    steps: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What happened, in a line or some."""
        if not self.steps:
            return f"{self.file.name} is of schema {NEWEST}, the newest: nothing to do"
        return "\n".join(self.steps)


def upgrade(study: str | os.PathLike[str]) -> Upgraded:
    """Bring a study file along to the schema of today.

    Parameters
    ----------
    study : path or "demo"
        A folder, a study.yaml, or the word demo.

    Returns
    -------
    Upgraded
        The file, and what was changed in it. Everything else stays as it was typed.

    Raises
    ------
    StudyError
        If there is no such study, the file is no YAML, or it is of a newer schema.

    Examples
    --------
    >>> upgrade("demo").steps
    ()
    """
    file = find_study(study)
    said = read_yaml(file, file.name).value
    schema = said.get("cxkit", 0) if isinstance(said, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool) or not 0 <= schema <= NEWEST:
        raise _unknown(schema, file.name)
    steps, text = [], file.read_text(encoding="utf-8-sig")
    for number in range(schema, NEWEST):
        told, step = _STEPS[number]
        text = step(text)
        steps.append(f"{file.name}: {told}")
    if steps:
        rewrite(file, text, "copy the study to a folder of your own")
    return Upgraded(file, tuple(steps))


def _stated(text: str) -> str:
    """The file with its schema on the line before its first key."""
    lines = text.splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if line[0] not in "#\\r\n-%")
    return "".join([*lines[:first], "cxkit: 1\n", *lines[first:]])


_STEPS: dict[int, tuple[str, Callable[[str], str]]] = {
    0: ("states its schema now (cxkit: 1)", _stated),
}
"""By the schema that it starts from: what a step does, in words, and how."""


def _unknown(schema: Any, shown: str) -> StudyError:
    newer = isinstance(schema, int) and schema > NEWEST
    return StudyError(
        f"'{shown}' is of schema '{schema}', which this version does not know",
        where=f"{shown}: cxkit",
        expected=f"a schema up to {NEWEST}",
        hint="install a newer cxkit" if newer else "cxkit new DIR lays down a study as an example",
    )
