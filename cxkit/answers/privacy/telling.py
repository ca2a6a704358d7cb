"""Problems that quote cells: told without what identifies the person whose answer it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from cxkit.answers.privacy.masking import MARKS, identifiers
from cxkit.errors import Problem, brief

__all__ = ["told_of_nobody"]

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_CUT = (
    ("email", re.compile(r"[^\s'\"@]+@[^\s'\"]*\.\.\.")),
    ("phone", re.compile(r"(?<![\w.])[+(]?\d(?:[ .\-()]?\d){5,}\W?\.\.\.")),
)
"""What is left of an address or a number that a message had no room for."""


def told_of_nobody(problems: Iterable[Problem]) -> list[Problem]:
    """Problems with a mark in the place of what identifies a person in the cells they quote.

    Parameters
    ----------
    problems : iterable of Problem
        Made from answers, or from decisions on respondents.

    Returns
    -------
    list of Problem
        Message, examples, what was expected and what to try are masked; file, line and column
        lead to the cell. The id of a respondent stays as long as it is no address and no number
        of theirs: `r00012`, a UUID.

    Examples
    --------
    >>> told_of_nobody([Problem("off_scale", "holds 'budi@contoh.co.id'", line=7)])[0].message
    "holds '[email]'"
    """
    return [_masked(one) for one in problems]


def _masked(problem: Problem) -> Problem:
    examples = tuple(map(_without, problem.examples))
    quotes = {
        brief(text, width): said if len(text) <= width else brief(said, width)
        for text, said in zip(problem.examples, examples, strict=True)
        if text != said
        for width in (len(text), 60, 40, 30)
    }
    return replace(
        problem,
        message=_requoted(problem.message, quotes),
        examples=examples,
        expected=problem.expected and _requoted(problem.expected, quotes),
        hint=problem.hint and _requoted(problem.hint, quotes, spared={"secret"}),
    )


def _requoted(text: str, quotes: dict[str, str], spared: Iterable[str] = ()) -> str:
    """A text in which the cells that were quoted whole or cut are masked, and then all else.

    `spared` are kinds that are left: a hint writes `column: ...` as a person writes `pin: ...`.
    """
    for quote in sorted(quotes, key=len, reverse=True):
        text = text.replace(quote, quotes[quote])
    return _without(text, spared)


def _without(text: str, spared: Iterable[str] = ()) -> str:
    parts, last = [], 0
    for kind, start, end in identifiers(text):
        if kind not in spared and not _UUID.fullmatch(text[start:end]):
            parts += [text[last:start], MARKS[kind]]
            last = end
    said = "".join([*parts, text[last:]])
    for kind, cut in _CUT:
        said = cut.sub(f"{MARKS[kind]}...", said)
    return said
