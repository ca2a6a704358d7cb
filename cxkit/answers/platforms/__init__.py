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

from cxkit.answers.platforms.belonging import refuse_another
from cxkit.answers.platforms.layout import Layout, Question, Structure, plain
from cxkit.errors import StudyError
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
        If the questionnaire file cannot be read, is none of the platform's, or is another
        survey's. Of rows that no platform knows it is not read.
    """
    tried: tuple[str, ...] = DIALECTS
    if platform is not None:
        tried = (platform,) if platform in DIALECTS else ()
    if platform is None and structure is not None:
        ending = structure.suffix.lower()
        fitting = [key for key in DIALECTS if ending in dialect(key).STRUCTURES]
        tried = (*fitting, *(key for key in DIALECTS if key not in fitting))
    slips: list[StudyError] = []
    for key in tried:
        one = dialect(key)
        try:
            found = _with_structure(one, head, structure)
        except StudyError as error:
            if one.layout(head) is not None:
                raise
            slips.append(error)
            continue
        if found is not None:
            return found
    if slips:
        raise slips[0]
    return plain(head)


def _with_structure(
    one: Dialect, head: Sequence[Sequence[str]], structure: Path | None
) -> Layout | None:
    """The layout that a dialect gives, with the questionnaire file that belongs to the export."""
    if structure is None:
        return one.layout(head)
    if structure.suffix.lower() not in one.STRUCTURES:
        if one.layout(head) is not None:
            raise _no_structure_of(one, structure)
        return None
    told = one.structure(structure)
    found = one.layout(head, told)
    if found is not None and not found.problems:
        refuse_another(structure, told, found, one.layout(head), one.LABEL)
    return found


def _no_structure_of(one: Dialect, structure: Path) -> StudyError:
    """The refusal of a file that is no questionnaire of the platform that exported the answers."""
    endings = ", ".join(one.STRUCTURES)
    return StudyError(
        f"'{structure.name}' is no questionnaire file of {one.LABEL}, and the answers are its",
        where=structure.name,
        expected=f"a file that ends in {endings}" if endings else "no questionnaire file",
        hint="leave structure out, or name the file that belongs to the export",
    )
