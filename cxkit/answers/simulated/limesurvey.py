"""A LimeSurvey export of responses: codes of questions above codes of answers; or, with labels,
codes and texts above full answers. `N/A` stands where a question was not displayed.
"""

from __future__ import annotations

from collections.abc import Mapping

from cxkit import library
from cxkit.answers.platforms.limesurvey_codes import code_of
from cxkit.answers.platforms.limesurvey_form import NOT_SHOWN
from cxkit.answers.questionnaire import Column
from cxkit.answers.questionnaire.limesurvey import columns
from cxkit.answers.simulated.interviews import Interviews, Words
from cxkit.answers.simulated.sheet import Cells, Sheet, Written

__all__ = ["HAS_CODES", "OWN", "TIMES", "sheet"]

HAS_CODES = True

OWN = {
    "id": "Response ID",
    "submitdate": "Date submitted",
    "lastpage": "Last page",
    "startlanguage": "Start language",
    "seed": "Seed",
    "startdate": "Date started",
    "datestamp": "Date last action",
}
"""LimeSurvey's own columns before the answers: code and text."""
TIMES = {"interviewtime": "Total time"}
"""Those behind the answers, of a survey that keeps times."""
_BETWEEN = ". "


def sheet(answers: Interviews) -> Sheet:
    """The export: LimeSurvey's own columns, the questions, what was sent along, and the time."""
    own = answers.own(_own(answers))
    times = answers.own({"interviewtime": [f"{one.seconds}.0" for one in answers.visits]})
    found = [_written(answers, name, OWN[name], cells) for name, cells in own.items()]
    found += _under_codes(answers, answers.fixed_by_name())
    for one in columns(answers.form):
        if one.question is not None:
            text = one.text[answers.language]
            found.append(_written(answers, one.name, text, _cells(answers, one)))
    found += _under_codes(answers, answers.added({*own, *times}))
    found += [_written(answers, name, TIMES[name], cells) for name, cells in times.items()]
    return Sheet(tuple(found), is_quoted=True)


def _under_codes(answers: Interviews, told: Mapping[str, Cells]) -> list[Written]:
    return [_written(answers, code_of(name), name, cells) for name, cells in told.items()]


def _own(answers: Interviews) -> Mapping[str, Cells]:
    visits = answers.visits
    ended = [one.end.replace(tzinfo=None) for one in visits]
    return {
        "id": [str(one.number) for one in visits],
        "submitdate": ended,
        "lastpage": [str(len(answers.form.pages))] * len(visits),
        "startlanguage": [answers.language] * len(visits),
        "seed": [one.code(10, "123456789") for one in visits],
        "startdate": [one.start.replace(tzinfo=None) for one in visits],
        "datestamp": ended,
    }


def _written(answers: Interviews, code: str, text: str, cells: Cells) -> Written:
    """A column under its code, beside its text where cells are texts too."""
    head = f"{code}{_BETWEEN}{text}" if answers.has_labels and text else code
    return Written.under(head, cells=cells)


def _cells(answers: Interviews, one: Column) -> Words:
    if not one.option or not answers.has_labels:
        return answers.cells(one, NOT_SHOWN)
    words = library.locale(answers.language)["answers"]["yes_no"]
    told = Column(one.name, one.text, dict(words), {}, one.option, one.question)
    return answers.cells(told, NOT_SHOWN)
