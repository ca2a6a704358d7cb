"""Questions of which several options may be ticked: yes, no or blank for one of them.

An export has a column for each option (`several`), or all that were ticked in one cell
(`joined`), of which `NAME/OPTION` is the option.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import numpy as np

from cxkit import library
from cxkit.answers.alike import folded
from cxkit.answers.platforms import Question
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, brief, listed, nearest

__all__ = ["of_column", "of_joined", "unknown_option"]

_NO = frozenset({"0", "no", "n", "false", "not selected", "unchecked", "not checked"})


def of_column(own: Texts, all_of_group: Sequence[tuple[Texts, Question]], asked: Question) -> Texts:
    """Whether an option was ticked, by its column and those of the other options.

    A cell that says so is yes or no; a blank one is no where another option was ticked, and
    blank where none was.
    """
    ticked = np.zeros(len(own), dtype=bool)
    for cells, question in all_of_group:
        ticked |= cells.put(functools.partial(_said, asked=question)) == "yes"
    said = own.put(functools.partial(_said, asked=asked))
    blank_no = (said == "") & ticked
    if not blank_no.any():
        return said
    both = Texts.joined([said, Texts.of(["no"])])
    at = both.at[:-1].copy()
    at[blank_no] = both.at[-1]
    return Texts(at, both.words)


def _said(cell: str, asked: Question) -> str:
    """What the cell of an option says: yes, no, a reason, or nothing.

    A platform that writes yes and no tells how each is spelled: its labels mean these two words.
    """
    if cell == "" or cell in asked.reasons:
        return asked.reasons.get(cell, "")
    if {*asked.labels.values()} == {"yes", "no"}:
        spelled = {folded(text): meant for text, meant in asked.labels.items()}
        return spelled.get(folded(cell), "yes")
    is_option = folded(cell) in (folded(asked.part), *map(folded, asked.labels.values()))
    return "no" if folded(cell) in _no() and not is_option else "yes"


def of_joined(cells: Texts, asked: Question) -> Texts:
    """Whether an option is among those that were ticked; blank where none was."""
    names = _names(asked)

    def said(cell: str) -> str:
        if cell == "" or cell in asked.reasons:
            return asked.reasons.get(cell, "")
        return "yes" if _holds(cell, names, asked.separator) else "no"

    return cells.put(said)


def unknown_option(
    cells: Texts, asked: Question, column: str, shown: str, line: int | None
) -> Problem | None:
    """The problem of an option that nobody ticked and that no questionnaire file knows."""
    names = {folded(name) for name in _names(asked)}
    offered = [*asked.labels, *asked.labels.values()]
    if names & set(map(folded, offered)):
        return None
    ticked = dict.fromkeys(
        part for cell in cells.found() if cell not in asked.reasons
        for part in _parts(cell, asked.separator) if part
    )  # fmt: skip
    holds = any(_holds(cell, _names(asked), asked.separator) for cell in cells.found())
    if holds:
        return None
    known = list(asked.labels.values()) or sorted(ticked)
    return Problem(
        "unknown_option",
        f"nobody ticked the option '{brief(asked.part)}'",
        severity="error" if offered else "warning",
        file=shown,
        line=line,
        column=brief(column, 60),
        expected="one of " + listed(known) if known else None,
        hint=nearest(asked.part, known),
    )


def _names(asked: Question) -> list[str]:
    """What an option may be called in a cell: as the study does, by its code, by its label."""
    option = folded(asked.part)
    same = [name for pair in asked.labels.items() if option in map(folded, pair) for name in pair]
    return list(dict.fromkeys([asked.part, *same]))


def _holds(cell: str, names: Iterable[str], separator: str) -> bool:
    parts = set(map(folded, _parts(cell, separator)))
    whole = f"{separator}{cell}{separator}"
    return any(folded(name) in parts or f"{separator}{name}{separator}" in whole for name in names)


def _parts(cell: str, separator: str) -> list[str]:
    return [part.strip() for part in cell.split(separator or None)]


@functools.lru_cache(maxsize=1)
def _no() -> frozenset[str]:
    """The words for an option that was not ticked, in every language of the kit."""
    own = (library.locale(one)["answers"]["yes_no"]["no"] for one in library.languages())
    return _NO | frozenset(map(folded, own))
