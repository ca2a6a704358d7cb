"""A Qualtrics export: names, texts and import ids in three header rows.

Columns that Qualtrics fills with a person's name, address or place are there, and blank.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Mapping, Sequence

from cxkit.answers.questionnaire import Column
from cxkit.answers.questionnaire.qualtrics import columns
from cxkit.answers.simulated.interviews import Interviews
from cxkit.answers.simulated.sheet import Cells, Sheet, Written

__all__ = ["HAS_CODES", "OWN", "sheet"]

HAS_CODES = True

OWN = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)
"""Qualtrics's own columns: name, text and import id."""
_LETTERS = string.ascii_letters + string.digits


def sheet(answers: Interviews) -> Sheet:
    """The export: Qualtrics's own columns, the questions, then what the survey's link carried."""
    asked = columns(answers.form)
    own = answers.own(_own(answers))
    found = [
        Written.under(name, text, _imported(imported), cells=own[name])
        for name, text, imported in OWN
    ]
    found += _questions(answers, [one for one in asked if one.question is not None])
    for name, cells in (answers.fixed_by_name() | answers.added(own)).items():
        found.append(Written.under(name, name, _imported(name), cells=cells))
    return Sheet(tuple(found))


def _own(answers: Interviews) -> Mapping[str, Cells]:
    visits = answers.visits
    ended = [one.end.replace(tzinfo=None) for one in visits]
    blank = [""] * len(visits)
    status, finished = ("IP Address", "True") if answers.has_labels else ("0", "1")
    told: dict[str, Cells] = {name: blank for name, _, _ in OWN}
    told |= {
        "StartDate": [one.start.replace(tzinfo=None) for one in visits],
        "EndDate": ended,
        "Status": [status] * len(visits),
        "IPAddress": [one.ip for one in visits],
        "Progress": ["100"] * len(visits),
        "Duration (in seconds)": [str(one.seconds) for one in visits],
        "Finished": [finished] * len(visits),
        "RecordedDate": ended,
        "ResponseId": ["R_" + one.code(15, _LETTERS) for one in visits],
        "DistributionChannel": ["anonymous"] * len(visits),
        "UserLanguage": [answers.language.upper()] * len(visits),
    }
    return told


def _questions(answers: Interviews, asked: Sequence[Column]) -> Iterator[Written]:
    """The columns of questions, with the numbers that Qualtrics gives while it imports them."""
    numbers = _numbers(answers)
    for one in asked:
        assert one.question is not None
        number = numbers[one.question.key]
        end = "_TEXT" if one.question.kind in ("open", "amount") else ""
        imported = _imported(f"{number}{end}", one)
        text = one.text[answers.language]
        yield Written.under(one.name, text, imported, cells=answers.cells(one))


def _numbers(answers: Interviews) -> dict[str, str]:
    """The id of each question: every text that is shown counts, the consent first."""
    numbers, at = {}, 1
    for page in answers.form.pages:
        at += bool(page.intro)
        for one in page.questions:
            at += 1
            numbers[one.key] = f"QID{at}"
    return numbers


def _imported(imported: str, column: Column | None = None) -> str:
    told = {"ImportId": imported}
    if column is not None and column.option and column.question is not None:
        told["choiceId"] = column.question.choice(column.option).code
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
