"""Simulated answers in the form of each platform's export: made to be read back as they stand.

The answers are those of `simulate`; around them stands what the platform itself writes down, and
every cell is written as the platform writes it. Each platform is a small file that turns
`Interviews` into a `Sheet`. Nobody's address, name or place is ever invented.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cxkit import places
from cxkit.answers.platforms import DIALECTS, dialect
from cxkit.answers.questionnaire import form_of
from cxkit.answers.simulate import simulate
from cxkit.answers.simulate import write as write_plain
from cxkit.answers.simulated.fieldwork import visits
from cxkit.answers.simulated.interviews import Interviews
from cxkit.answers.simulated.sheet import Sheet
from cxkit.answers.truth import read_truth
from cxkit.errors import StudyError, one_of
from cxkit.study import Study, read_study

__all__ = ["PLATFORMS", "Interviews", "Sheet", "export", "write"]

PLATFORMS = ("plain", *sorted(DIALECTS))
"""The words that `--to` takes."""
SUFFIXES = (".csv", ".xlsx")


class Platform(Protocol):
    """What a platform's file in this package offers (a module is enough)."""

    HAS_CODES: bool
    """Whether its exports can hold codes in the place of what respondents read."""

    def sheet(self, answers: Interviews) -> Sheet:
        """The export, with its header rows."""


def export(
    study: Study,
    to: str,
    n: int | None = None,
    seed: int | None = None,
    *,
    labels: bool = False,
    language: str | None = None,
) -> Sheet:
    """Simulated answers to a study as a platform exports them.

    Parameters
    ----------
    study : Study
        What is asked; its questionnaire names and words the columns.
    to : {"google_forms", "limesurvey", "qualtrics", "surveymonkey", "xlsform"}
        The platform.
    n, seed : int, optional
        As for `simulate`: the same seed gives the same answers, and the same file.
    labels : bool, default False
        What respondents read in the place of codes. Google Forms and SurveyMonkey have no codes.
    language : str, optional
        The language of texts and labels; the study's first if none.

    Returns
    -------
    Sheet

    Raises
    ------
    StudyError
        If the study does not have the language, or its questionnaire needs mending.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> made = export(read_study("demo"), "google_forms", n=20, language="en")
    >>> made.head[0][:2]
    ('Timestamp', 'Before this survey, had you ever heard of Toko Contoh?')
    """
    one_of(to, DIALECTS, "to")
    spoken = language or study.languages[0]
    if spoken not in study.languages:
        raise StudyError(
            f"the study has no questionnaire in '{spoken}'",
            where="--language",
            expected="one of " + ", ".join(study.languages),
        )
    platform = cast(Platform, import_module(f"cxkit.answers.simulated.{to}"))
    truth = read_truth(study)
    raw = simulate(study, n, seed, truth)
    form = form_of(study)
    drawn = truth.seed if seed is None else seed
    return platform.sheet(
        Interviews(
            study=study,
            form=form,
            raw=raw,
            language=spoken,
            has_labels=labels or not platform.HAS_CODES,
            visits=visits(study, raw, form.minutes, drawn),
            seed=drawn,
        )
    )


def write(
    study: str | os.PathLike[str],
    to: str,
    path: str | os.PathLike[str],
    n: int | None = None,
    seed: int | None = None,
    *,
    labels: bool = False,
    language: str | None = None,
) -> Path:
    """Simulate answers to `study` and write them to `path` as `to` exports them.

    Raises
    ------
    StudyError
        If the path ends in neither .csv nor .xlsx, or as `export` does.
    """
    one_of(to, PLATFORMS, "to")
    if to == "plain":
        if labels or language:
            raise StudyError(
                "plain answers hold codes, in no language",
                where="--labels" if labels else "--language",
                expected="a platform that exports labels: " + ", ".join(sorted(DIALECTS)),
            )
        return write_plain(study, n, seed, path)
    file = places.root() / Path(path)
    if file.suffix.lower() not in SUFFIXES:
        raise StudyError(
            f"'{file.name}' is no name for an export of {dialect(to).LABEL}",
            where="-o",
            expected="a file that ends in " + " or ".join(SUFFIXES),
        )
    made = export(read_study(study), to, n, seed, labels=labels, language=language)
    content = made.workbook() if file.suffix.lower() == ".xlsx" else made.text()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
