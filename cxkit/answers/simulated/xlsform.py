"""A KoboToolbox export of a form written as XLSForm: names above names, or labels above labels.

The device's times come first, the server's columns last; several choices stand in one cell, and
once more in a column of 1 and 0 for each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from cxkit.answers.questionnaire import Column
from cxkit.answers.questionnaire.xlsform import columns
from cxkit.answers.simulated.interviews import Interviews, Words
from cxkit.answers.simulated.sheet import Cells, Sheet, Written

__all__ = ["DEVICE", "HAS_CODES", "SERVER", "sheet"]

HAS_CODES = True

DEVICE = ("start", "end")
"""What the form lets the device write down."""
SERVER = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status",
    "_submitted_by", "__version__", "_tags", "_index",
)  # fmt: skip
"""What KoboToolbox adds to each submission."""
_FIRST_ID = 300_000_000


def sheet(answers: Interviews) -> Sheet:
    """The export, parted by semicolons and quoted as KoboToolbox does."""
    device, server = answers.own(_device(answers)), answers.own(_server(answers))
    found = _under_names(device | answers.fixed_by_name())
    for one in columns(answers.form):
        if one.question is not None:
            head = one.text[answers.language] if answers.has_labels else one.name
            found.append(Written.under(head, cells=_cells(answers, one)))
    found += _under_names(answers.added({*device, *server}) | server)
    return Sheet(tuple(found), delimiter=";", is_quoted=True)


def _under_names(columns: Mapping[str, Cells]) -> list[Written]:
    return [Written.under(name, cells=cells) for name, cells in columns.items()]


def _cells(answers: Interviews, one: Column) -> Words:
    asked = one.question
    if asked is not None and asked.kind == "several" and not one.option:
        return answers.joined(asked, " ")
    return answers.cells(one)


def _device(answers: Interviews) -> Mapping[str, Cells]:
    return {
        "start": [one.start.isoformat(timespec="milliseconds") for one in answers.visits],
        "end": [one.end.isoformat(timespec="milliseconds") for one in answers.visits],
    }


def _server(answers: Interviews) -> Mapping[str, Cells]:
    visits = answers.visits
    blank = [""] * len(visits)
    sent = [one.end.astimezone(dt.UTC).replace(tzinfo=None) for one in visits]
    told: dict[str, Cells] = dict.fromkeys(SERVER, blank)
    return told | {
        "_id": [str(_FIRST_ID + one.number) for one in visits],
        "_uuid": [str(UUID(int=one.random % 2**128, version=4)) for one in visits],
        "_submission_time": [moment.isoformat() for moment in sent],
        "_status": ["submitted_via_web"] * len(visits),
        "__version__": [answers.form.stamp] * len(visits),
        "_index": [str(one.number) for one in visits],
    }
