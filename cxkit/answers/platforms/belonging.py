"""Does a questionnaire file belong to an export: do they speak of the same columns, and alike?

Platforms number the questions of each survey from 1, so the file of another survey fits many a
column by its name alone. Labels and reasons of another questionnaire would then be put on answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cxkit.answers.platforms.layout import Layout, Question, Structure
from cxkit.errors import Problem, StudyError, brief, counted

__all__ = ["refuse_another"]

_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(r"(Q|QID|G\d+Q)?\d", re.IGNORECASE)
"""A name that platforms give by themselves. Others vouch for a survey whatever its language."""
_FEWEST = 2
"""One question may have been worded anew; fewer tell of no other survey."""


def refuse_another(
    file: Path, told: Structure, found: Layout, alone: Layout | None, label: str
) -> None:
    """StudyError where a questionnaire file is another survey's than the export.

    Parameters
    ----------
    file : Path
        The questionnaire file, named in the message.
    told : Structure
        What it says.
    found, alone : Layout
        The export read with the file, and without it (None where it cannot be).
    label : str
        The platform's name.
    """
    asked = [name for name, one in found.questions.items() if one.kind != "meta" and not one.role]
    before = alone.questions if alone is not None else {}
    worded = {one.wording for one in told.questions.values()}
    known = [
        name
        for name in asked
        if name in told.questions
        or found.questions[name].wording in worded
        or replace(found.questions[name], kind="") != replace(before.get(name, Question()), kind="")
    ]
    if asked and not known:
        raise _another(
            file,
            f"'{file.name}' holds no question that the export has a column for: "
            f"of {counted(len(told.questions), 'name')} none is in its header",
            label,
        )
    pairs = [
        (name, before[name], found.questions[name])
        for name in known
        if name in before and _words(before[name].wording) - _words(name)
        if found.questions[name].wording
    ]
    named = [name for name in known if name in told.questions and not _NUMBERED.match(name)]
    if 2 * len(named) > len(known):
        return
    others = [(name, was, now) for name, was, now in pairs if not _are_alike(was, now)]
    if len(others) >= _FEWEST and 2 * len(others) > len(pairs):
        name, was, now = others[0]
        raise _another(
            file,
            f"'{file.name}' is the questionnaire of another survey: of "
            f"{counted(len(others), 'column')} it says something else than the export, as of "
            f"'{brief(name)}': '{brief(now.wording)}', and not '{brief(was.wording)}'",
            label,
        )


def _another(file: Path, message: str, label: str) -> StudyError:
    problem = Problem(
        "another_structure",
        message,
        file=file.name,
        expected="the questionnaire that these respondents saw",
        hint=f"export it from the same {label} survey as the answers, or leave structure out",
    )
    return StudyError(
        problem.message, problem.where, problem.expected, problem.hint, problems=(problem,)
    )


def _are_alike(was: Question, now: Question) -> bool:
    """Whether a header and a questionnaire may word one question, in any of its languages."""
    own = _words(was.wording)
    return any(2 * len(own & words) >= min(len(own), len(words)) for words in _worded(now) if words)


def _worded(question: Question) -> Iterator[set[str]]:
    pairs = [(question.text, question.part), *question.translations.values()]
    for text, part in pairs:
        yield _words(f"{text} {part}")
        yield _words(part)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
