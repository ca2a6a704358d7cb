"""The questionnaire of a study, as a value and in the form of each survey platform.

`form_of` makes a `Form` of a study; `write` puts it down as an XLSForm, for LimeSurvey, for
Qualtrics, or as Markdown for review.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from cxkit import library, places
from cxkit.answers.questionnaire.form import Asked, Choice, Column, Form, Format, Page
from cxkit.answers.questionnaire.made import form_of, notes_of
from cxkit.errors import StudyError, nearest

__all__ = [
    "FORMATS", "Asked", "Choice", "Column", "Form", "Format", "Page", "Written", "form_of",
    "format_of", "write",
]  # fmt: skip

FORMATS = ("xlsform", "limesurvey", "qualtrics", "markdown")
"""The words that `--to` takes."""


@dataclass(frozen=True)
class Written:
    """A questionnaire as it was written: its form, its files, and what is to be known of it."""

    form: Form
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def length(self) -> str:
        """How long it takes, and which batteries cost most where that is too long."""
        n, minutes = len(self.form.questions), self.form.minutes
        told = f"{n} questions, about {minutes:.1f} minutes for a person who is asked them all"
        limit = library.questionnaire("core")["minutes"]["warn_above"]
        if minutes <= limit:
            return told
        ranked = sorted(self.form.seconds.items(), key=lambda one: (-one[1], one[0]))
        most = ", ".join(f"{name} {spent / 60:.1f}" for name, spent in ranked[:4] if name)
        return f"{told}\nwarning: longer than {limit} minutes; the longest batteries: {most}"


def format_of(name: str) -> Format:
    """The format called `name`."""
    if name not in FORMATS:
        raise StudyError(
            f"there is no format '{name}'",
            where="--to",
            expected="one of " + ", ".join(FORMATS),
            hint=nearest(name, FORMATS),
        )
    return cast(Format, import_module(f"cxkit.answers.questionnaire.{name}"))


def write(
    study: str | os.PathLike[str],
    to: str,
    path: str | os.PathLike[str],
    *,
    wave: str | None = None,
    batteries: Iterable[str] = (),
) -> Written:
    """Write the questionnaire of `study` in the format `to`.

    Parameters
    ----------
    study : path
        A folder, a study.yaml, or the word demo.
    to : {"xlsform", "limesurvey", "qualtrics", "markdown"}
        The platform that it is for.
    path : path
        The file to write; a format that needs a companion puts it beside, under the same name.
    wave : str, optional
        The wave that is to be asked; the last one if none.
    batteries : iterable of str, optional
        Batteries to add to those of the study: a name, or NAME.GROUP.

    Returns
    -------
    Written

    Raises
    ------
    StudyError
        If the study, a battery or a text needs mending, or the platform cannot hold a name.
    """
    from cxkit.study import read_study

    format_ = format_of(to)
    asked = read_study(study)
    form = form_of(asked, wave, batteries)
    named = places.root() / Path(path)
    if named.suffix != format_.SUFFIX:
        raise StudyError(
            f"'{named.name}' is no name for a questionnaire for {format_.LABEL}",
            where="-o",
            expected=f"a file that ends in {format_.SUFFIX}",
            hint=f"write -o {named.stem}{format_.SUFFIX}",
        )
    contents = format_.written(form)
    named.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for behind, content in contents.items():
        file = named.with_name(named.stem + behind) if behind else named
        file.write_bytes(content)
        files.append(file)
    notes = (*format_.by_hand(form), *notes_of(asked, form))
    return Written(form, tuple(files), notes)
