"""What went wrong, where, what was expected, what to try: the kit's errors and problems.

With the words that messages share: names kept short, lists, counts, the nearest known word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = [
    "CxkitError",
    "Problem",
    "ReportError",
    "StudyError",
    "SurveyError",
    "brief",
    "counted",
    "listed",
    "nearest",
    "one_of",
    "quoted",
]

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_INDENT = 12
"""Where the text of a line begins, after `  where     `."""


@dataclass(frozen=True)
class Problem:
    """One thing that needs mending (or a look) in a study file or its answers.

    `code` is a permanent key such as `off_scale`; `n` counts the answers concerned and
    `examples` shows at most five of them. `severity` is `error` (refused), `warning` (to be
    looked at) or `note` (to be known).
    """

    code: str
    message: str
    severity: str = "error"
    file: str | None = None
    line: int | None = None
    column: str | None = None
    n: int | None = None
    examples: tuple[str, ...] = ()
    expected: str | None = None
    hint: str | None = None

    @property
    def where(self) -> str:
        """The place as `file:line: column`, as much of it as is known."""
        place = self.file or ""
        if self.line is not None:
            place += f":{self.line}"
        if self.column is not None:
            place += f": {self.column}" if place else self.column
        return place

    def to_dict(self) -> dict[str, object]:
        """The problem under the keys of `check --json`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "n": self.n,
            "examples": list(self.examples),
            "expected": self.expected,
            "try": self.hint,
        }

    def __str__(self) -> str:
        return _four_lines(self.message, self.where, self.expected, self.hint)


@dataclass(eq=False)
class CxkitError(Exception):
    """A slip that the user can mend: the first line says what, the others where, expected, try."""

    message: str
    where: str | None = None
    expected: str | None = None
    hint: str | None = None
    problems: Sequence[Problem] = field(default=())

    def __post_init__(self) -> None:
        super().__init__(self.message)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> CxkitError:
        """One error that speaks for all `problems`; a single problem speaks for itself."""
        found = tuple(problems)
        if len(found) == 1:
            one = found[0]
            return cls(one.message, one.where, one.expected, one.hint, found)
        return cls(f"{len(found)} problems need mending", problems=found)

    @classmethod
    def parse(cls, text: str) -> CxkitError:
        """The error that `text`, written by `str(error)` in another process, speaks of."""
        head, *lines = text.splitlines()
        head = head.removeprefix(f"{cls.__name__}: ")
        said = {line[:_INDENT].strip(): line[_INDENT:] for line in lines}
        if not set(said) <= {"where", "expected", "try"}:
            return cls(text.removeprefix(f"{cls.__name__}: "))
        return cls(head, said.get("where"), said.get("expected"), said.get("try"))

    def __str__(self) -> str:
        if len(self.problems) > 1:
            return "\n\n".join([f"{type(self).__name__}: {self.message}", *map(str, self.problems)])
        head = f"{type(self).__name__}: {self.message}"
        return _four_lines(head, self.where, self.expected, self.hint)


class StudyError(CxkitError):
    """The study file, or a file it names, needs mending."""


class SurveyError(CxkitError):
    """The answers, or a question put to them, need mending."""


class ReportError(CxkitError):
    """A report failed while it was being made."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to a mistyped one as `did you mean '...'?`, or None."""
    close = difflib.get_close_matches(str(word), [str(one) for one in known], n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else None


def one_of(chosen: object, known: Iterable[str], what: str) -> None:
    """SurveyError unless `chosen` is one of the known words of `what`.

    >>> one_of("holm", ("bh", "holm"), "correction")
    """
    words = list(known)
    if chosen not in words:
        raise SurveyError(
            f"unknown {what} '{chosen}'",
            expected="one of " + ", ".join(words),
            hint=nearest(str(chosen), words),
        )


def brief(text: str, width: int = 40) -> str:
    """A text for a message: on one line, cut where it is longer than `width`.

    Characters that would steer a terminal or turn the line round stand there as a mark.

    >>> brief("How satisfied are you, all in all?", 15)
    'How satisfie...'
    """
    line = _STEERING.sub("\N{REPLACEMENT CHARACTER}", re.sub(r"[\r\n\t]+", " ", text))
    return line if len(line) <= width else line[: width - 3] + "..."


def quoted(texts: Iterable[str], most: int = 3) -> str:
    """The first few texts between quotes, and how many more there are.

    >>> quoted(["ya", "tidak", "1", "2"])
    "'ya', 'tidak', '1' and 1 more"
    """
    known = list(texts)
    shown = ", ".join(f"'{brief(text)}'" for text in known[:most])
    return shown + (f" and {len(known) - most} more" if len(known) > most else "")


def listed(names: Iterable[str], most: int = 12, length: int = 40) -> str:
    """Names as a list: the first few, none of them long, and how many more there are.

    >>> listed("abcd", 2)
    'a, b and 2 more'
    """
    known = list(names)
    shown = ", ".join(brief(name, length) for name in known[:most])
    return shown if len(known) <= most else f"{shown} and {len(known) - most} more"


def counted(n: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _four_lines(head: str, where: str | None, expected: str | None, hint: str | None) -> str:
    parts = (("where", where), ("expected", expected), ("try", hint))
    return "\n".join([head, *(f"  {name:<{_INDENT - 3}} {text}" for name, text in parts if text)])
