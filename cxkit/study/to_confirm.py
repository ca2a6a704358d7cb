"""What a draft of a study left open: the word CONFIRM stands wherever its author has to say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cxkit.errors import Problem
from cxkit.study.file import Marked, key_path

__all__ = ["CONFIRM", "open_questions", "without_open"]

CONFIRM = "CONFIRM"
"""What a draft writes for a value that it cannot know."""


def open_questions(marked: Marked) -> list[Problem]:
    """A problem for every value of a study file that is still to be confirmed."""
    return [
        marked.problem(
            "to_confirm",
            path,
            f"'{key_path(path)}' is still to be confirmed",
            expected=f"a value in place of {CONFIRM}",
            hint="the comment beside it says what is asked",
        )
        for path in _paths(marked.value, ())
    ]


def without_open(problems: Iterable[Problem], opened: Iterable[Problem]) -> list[Problem]:
    """The open questions, and of the other problems those that do not only repeat them."""
    told = list(opened)
    paths = {(one.file, one.line) for one in told}
    return [*told, *(one for one in problems if (one.file, one.line) not in paths)]


def _paths(value: Any, path: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _paths(inner, (*path, at))
    elif value == CONFIRM:
        yield path
