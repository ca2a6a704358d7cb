"""`cxkit check`: a study, its answers, its model, and the reports that a batch would make."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

from cxkit.answers import Problems
from cxkit.answers import check as check_answers
from cxkit.errors import CxkitError, Problem
from cxkit.study import Study, read_study
from cxkit.study.file import Marked, read_yaml

__all__ = ["check"]


def check(study: Study | str | os.PathLike[str]) -> Problems:
    """Everything in a study and its answers that needs mending (error) or a look (warning).

    Parameters
    ----------
    study : Study, or path
        The study, its folder, its study.yaml, or the word `demo`. A study file with slips is
        read without its wrong keys, so that errors of the answers show in the same breath.

    Returns
    -------
    Problems
        Errors first, then warnings, then notes; empty if all is well and nothing is to be told.

    Raises
    ------
    StudyError
        If there is no study there.

    Notes
    -----
    Two things are looked at where nothing else is wrong: whether the study's model of comments can
    be used, and the list of reports: whether a batch would refuse it, and whether this machine has
    what it asks for beside the pages.

    Examples
    --------
    >>> len(check("demo").errors)
    0
    """
    found = check_answers(study)
    if found.errors:
        return found
    asked = study if isinstance(study, Study) else read_study(study)
    own = Problems([*_of_model(asked), *_of_reports(asked)])
    return Problems([*own.errors, *found.warnings, *own.warnings, *found.notes])


def _of_model(study: Study) -> Iterator[Problem]:
    """Why the study's own model of comments cannot be used, at its line."""
    from cxkit.analysis.comments.coding import model_of

    try:
        model_of(study)
    except CxkitError as error:
        marked = read_yaml(study.file, study.shown())
        more = {"expected": error.expected, "hint": error.hint}
        yield marked.problem("bad_model", ("coding", "model"), error.message, **more)


def _of_reports(study: Study) -> Iterator[Problem]:
    """What is wrong with the list of reports, each slip at its line."""
    if "reports" not in study.model_fields_set or not study.reports:
        return
    marked = read_yaml(study.file, study.shown())
    yield from _not_planned(study, marked)
    yield from _not_possible(study, marked)


def _not_planned(study: Study, marked: Marked) -> Iterator[Problem]:
    """Why a batch would refuse the list: each line alone, or the list as a whole."""
    from cxkit.answers.cache import prepared
    from cxkit.report.plan import planned

    made = prepared(study)

    def slip(asked: Study, path: tuple[object, ...]) -> Iterator[Problem]:
        try:
            planned(asked, made=made)
        except CxkitError as error:
            more = {"expected": error.expected, "hint": error.hint}
            yield marked.problem("bad_report", path, error.message, **more)

    if whole := list(slip(study, ("reports",))):
        lines = enumerate(study.reports)
        alone = [
            found
            for at, one in lines
            for found in slip(study.model_copy(update={"reports": (one,)}), ("reports", at))
        ]
        yield from alone or whole


def _not_possible(study: Study, marked: Marked) -> Iterator[Problem]:
    """What lines ask for beside the pages that this machine cannot make."""
    from cxkit.report.beside import missing

    lacking = missing(dict.fromkeys(form for one in study.reports for form in one.beside))
    for at, one in enumerate(study.reports):
        for place, form in enumerate(one.beside):
            if error := lacking.get(form):
                path = ("reports", at, "beside", place)
                more = {"expected": error.expected, "hint": error.hint}
                told = marked.problem("not_on_this_machine", path, error.message, **more)
                yield dataclasses.replace(told, severity="warning")
