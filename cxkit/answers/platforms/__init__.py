"""Survey platforms: what the first rows of an export, and the file of its questionnaire, say.

Each dialect is a small file that turns header rows into a `Layout`: names of columns, how many
rows are header, and what each column asks. What the platform calls things ends here; beyond it
all answers look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cxkit.answers.platforms.layout import Layout, Question, Structure, plain
from cxkit.study.parts import PLATFORMS

__all__ = [
    "DIALECTS",
    "PLATFORMS",
    "Dialect",
    "Layout",
    "Question",
    "Structure",
    "dialect",
    "layout_of",
]

DIALECTS = ("qualtrics", "surveymonkey", "limesurvey", "xlsform", "google_forms")
"""Those that are told by their header rows, surest first."""


class Dialect(Protocol):
    """What a platform's file in this package offers (a module is enough)."""

    LABEL: str
    """The platform's name, as its users know it."""
    STRUCTURES: tuple[str, ...]
    """The endings of its questionnaire files: (".qsf",)."""

    def layout(
        self, head: Sequence[Sequence[str]], structure: Structure | None = None
    ) -> Layout | None:
        """How these first rows are to be read; None where they are not this platform's."""

    def structure(self, file: Path) -> Structure:
        """What a questionnaire file says of each question; StudyError where it cannot be read."""


@cache
def dialect(platform: str) -> Dialect:
    """The dialect of a platform that is told by its header rows."""
    return cast(Dialect, import_module(f"cxkit.answers.platforms.{platform}"))


def layout_of(
    head: Sequence[Sequence[str]],
    platform: str | None = None,
    structure: Path | None = None,
) -> Layout:
    """How a file is to be read whose first rows are `head`.

    Parameters
    ----------
    head : sequence of sequences of str
        The first rows, as text, from the one that holds the column names.
    platform : str, optional
        The platform that the file comes from; the first that knows the rows as its own if none.
    structure : Path, optional
        The questionnaire file that belongs to the export.

    Returns
    -------
    Layout
        That of plain rows where no platform knows them, or the one asked for does not.

    Raises
    ------
    StudyError
        If the questionnaire file cannot be read, or is none of the platform's.
    """
    tried: tuple[str, ...] = DIALECTS
    if platform is not None:
        tried = (platform,) if platform in DIALECTS else ()
    if platform is None and structure is not None:
        ending = structure.suffix.lower()
        fitting = [key for key in DIALECTS if ending in dialect(key).STRUCTURES]
        tried = (*fitting, *(key for key in DIALECTS if key not in fitting))
    for key in tried:
        one = dialect(key)
        is_own = structure is not None and structure.suffix.lower() in one.STRUCTURES
        told = one.structure(structure) if is_own and structure is not None else None
        if (found := one.layout(head, told)) is not None:
            return found
    return plain(head)
