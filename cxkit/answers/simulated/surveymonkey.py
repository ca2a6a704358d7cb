"""A SurveyMonkey export: two header rows, each question over the first of its columns, its options
below. Cells hold what respondents read; SurveyMonkey's own codes are places in a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxkit.answers.questionnaire import Asked, Column
from cxkit.answers.simulated.interviews import Interviews
from cxkit.answers.simulated.sheet import Cells, Sheet, Written

__all__ = ["HAS_CODES", "OWN", "sheet"]

HAS_CODES = False

OWN = (
    "Respondent ID", "Start Date", "End Date", "Email Address", "First Name", "Last Name",
    "Custom Data 1",
)  # fmt: skip
"""SurveyMonkey's own columns; those of a person are there, and blank."""
_WHOLE = {"single": "Response", "open": "Open-Ended Response", "amount": "Open-Ended Response"}
_FIRST_ID = 11_800_000_000


def sheet(answers: Interviews) -> Sheet:
    """The export: SurveyMonkey's own columns, the questions, then what was added by hand."""
    own = answers.own(_own(answers))
    found = [Written.under(name, "", cells=cells) for name, cells in own.items()]
    for one in answers.form.questions:
        found += _columns(answers, one)
    added = answers.fixed_by_name() | answers.added(own)
    found += [Written.under(name, "", cells=cells) for name, cells in added.items()]
    return Sheet(tuple(found), clock="%m/%d/%Y %I:%M:%S %p")


def _own(answers: Interviews) -> Mapping[str, Cells]:
    visits = answers.visits
    told: dict[str, Cells] = dict.fromkeys(OWN, [""] * len(visits))
    return told | {
        "Respondent ID": [_FIRST_ID + one.number for one in visits],
        "Start Date": [one.start.replace(tzinfo=None) for one in visits],
        "End Date": [one.end.replace(tzinfo=None) for one in visits],
    }


def _columns(answers: Interviews, one: Asked) -> Iterator[Written]:
    """A question: one column, or one for each choice that may be ticked."""
    heading = answers.heading(one)
    labels = {choice.value: choice.label for choice in one.choices}
    if one.kind != "several":
        whole = Column(heading, one.text, {}, labels, question=one)
        yield Written.under(heading, _WHOLE[one.kind], cells=answers.cells(whole))
        return
    for at, choice in enumerate(one.choices):
        told = {"yes": choice.label}
        part = Column(heading, one.text, {"yes": "", "no": ""}, told, choice.value, one)
        top = heading if at == 0 else ""
        yield Written.under(top, choice.label[answers.language], cells=answers.cells(part))
