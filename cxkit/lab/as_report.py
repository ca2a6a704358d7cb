"""A choice of the explorer as a report: listed in the study file, with the command that makes it.

Hands out `list_report`, which says in one word what it did.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxkit import places
from cxkit.answers.group_text import group_text, read_group
from cxkit.lab.choice import Choice, Choices
from cxkit.study import Study, read_study
from cxkit.study.parts import ReportRun
from cxkit.study.report_entry import add_report

__all__ = ["Listed", "list_report"]

WAVE = "wave"
_NOTEBOOK = "report"


@dataclass(frozen=True)
class Listed:
    """What became of the wish.

    Attributes
    ----------
    what : str
        `added`; `listed` (it was there already); `demo` (the kit's own study is not changed);
        `one_each`, `narrowed`, `nobody`, `private`, `small`: why there can be no such report.
    command : str
        What makes the report, in a terminal; empty where there can be none.
    file : str
        The study file, by name.
    """

    what: str
    command: str = ""
    file: str = ""


def list_report(choices: Choices, choice: Choice) -> Listed:
    """List the report of a choice under `reports:` of the study file, once.

    Parameters
    ----------
    choices : Choices
        What could be chosen.
    choice : Choice
        What was.

    Returns
    -------
    Listed
        What was done, or why nothing was.

    Raises
    ------
    StudyError, SurveyError
        If the study file needs mending or may not be written to; it is as it was then.

    Notes
    -----
    The wave is written too: the report stays about it when another wave comes. A report that
    another line of the list makes already, such as `by: region`, is not listed again.
    """
    survey = choices.chosen(choice)
    groups = {key: _groups(value) for key, value in survey.filters.items()}
    if set(groups) - set(survey.study.segment_keys):
        return Listed("narrowed")
    if any(len(own) > 1 for own in groups.values()):
        return Listed("one_each")
    if why_not := choices.why_not(choice):
        return Listed(why_not)
    asked = {key: own[0] for key, own in groups.items()}
    if choice.wave is not None:
        asked[WAVE] = choice.wave
    return _listed(survey.study, asked)


def _listed(study: Study, asked: Mapping[str, str]) -> Listed:
    entry = ReportRun(notebook=_NOTEBOOK, parameters=_parameters(asked))
    if places.is_demo(study.file):
        given = [f"-p {shlex.quote(f'{key}={value}')}" for key, value in entry.parameters.items()]
        return Listed("demo", " ".join(["cxkit run demo", *given]))
    file = study.file
    place = file.parent if file.name == "study.yaml" else file
    command = f"cxkit batch {shlex.quote(str(place))}"
    is_new = not any(_makes(run, asked) for run in read_study(file).reports)
    is_new = is_new and add_report(file, entry)
    return Listed("added" if is_new else "listed", command, file.name)


def _makes(run: ReportRun, asked: Mapping[str, str]) -> bool:
    """Whether a line of the study's list makes this report, alone or among others."""
    fixed = read_group(str(run.parameters.get("group") or ""))
    if wave := run.parameters.get(WAVE):
        fixed[WAVE] = str(wave)
    is_of_these = {*run.by, *fixed} == set(asked) and fixed.items() <= asked.items()
    return run.notebook == _NOTEBOOK and is_of_these


def _parameters(asked: Mapping[str, str]) -> dict[str, str | int | float | bool]:
    group = {key: value for key, value in asked.items() if key != WAVE}
    return {
        **({WAVE: asked[WAVE]} if WAVE in asked else {}),
        **({"group": group_text(group)} if group else {}),
    }


def _groups(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple | set) else (str(value),)
