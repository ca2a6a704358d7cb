"""A Google Forms export: the time of submission, then a column a question, headed by its text.

Cells hold what respondents read, several choices joined by a semicolon. What the study reads
beside the questionnaire (the wave, a weight) stands behind, as somebody adds it in a sheet.
"""

from __future__ import annotations

import datetime as dt

from cxkit.answers.questionnaire import Asked, Column
from cxkit.answers.simulated.interviews import Interviews, Words
from cxkit.answers.simulated.sheet import Sheet, Written

__all__ = ["HAS_CODES", "OWN", "sheet"]

HAS_CODES = False

OWN = "Timestamp"
_SEPARATOR = ";"


def sheet(answers: Interviews) -> Sheet:
    """The export, as it is downloaded from Forms."""
    own = answers.own({OWN: [_zoned(one.end) for one in answers.visits]})
    found = [Written.under(name, cells=cells) for name, cells in own.items()]
    for one in answers.form.questions:
        found.append(Written.under(answers.heading(one), cells=_cells(answers, one)))
    added = answers.fixed_by_name() | answers.added(own)
    found += [Written.under(name, cells=cells) for name, cells in added.items()]
    return Sheet(tuple(found))


def _cells(answers: Interviews, one: Asked) -> Words:
    if one.kind == "several":
        return answers.joined(one, _SEPARATOR)
    labels = {choice.value: choice.label for choice in one.choices}
    return answers.cells(Column(one.column, one.text, {}, labels, question=one))


def _zoned(moment: dt.datetime) -> str:
    """A moment as Forms writes it: 2026/03/02 9:05:43 AM GMT+7."""
    hours, rest = divmod(moment.utcoffset() or dt.timedelta(), dt.timedelta(hours=1))
    minutes = f":{rest // dt.timedelta(minutes=1):02d}" if rest else ""
    zone = f"GMT{hours:+d}{minutes}" if hours or rest else "GMT"
    clock = f"{moment.hour % 12 or 12}:{moment:%M:%S}"
    return f"{moment:%Y/%m/%d} {clock} {'AM' if moment.hour < 12 else 'PM'} {zone}"
