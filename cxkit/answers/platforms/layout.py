"""What a platform's export says: of a column (Question), of its header (Layout), of its survey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxkit.answers.columns import plain_number

__all__ = ["KINDS", "ROLES", "Layout", "Question", "Structure", "plain"]

KINDS = ("", "single", "several", "joined", "open", "number", "date", "meta")
"""What a column holds: unknown; one choice; whether one option of several was ticked; several
options in one cell; words; a number; a moment; what the platform itself writes down."""

ROLES = (
    "", "respondent", "started", "ended", "recorded", "duration", "status", "finished", "progress",
    "language", "channel", "bot_score", "duplicate_score", "ip", "latitude", "longitude", "email",
    "first_name", "last_name", "name", "phone", "token", "reference", "other",
)  # fmt: skip
"""What the platform's own columns are."""


@dataclass(frozen=True)
class Question:
    """What an export, or the file of its questionnaire, says of one column.

    Attributes
    ----------
    text : str
        The question as respondents read it, without markup.
    part : str
        The statement of a matrix, or the option whose ticking the column tells.
    kind : str
        One of `KINDS`.
    role : str
        One of `ROLES`, for columns that the platform writes itself.
    group : str
        The question that the columns of a matrix, or of several options, have in common.
    labels : mapping of str to str
        Code as text -> label, in the order of the questionnaire.
    reasons : mapping of str to str
        Code or text that is no answer -> why (a reason of the kit's).
    missing : tuple of pairs
        Ranges of codes that the file calls missing without saying why, both ends included.
    separator : str
        What parts the options in a cell of a `joined` column.
    translations : mapping
        Language -> (text, part), where the questionnaire has several languages.
    """

    text: str = ""
    part: str = ""
    kind: str = ""
    role: str = ""
    group: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[tuple[Any, Any], ...] = ()
    separator: str = ""
    translations: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def wording(self) -> str:
        """What was asked, in one line."""
        return ": ".join(one for one in (self.text, self.part) if one)

    @property
    def says(self) -> bool:
        """Whether anything is known of the answers' codes."""
        return bool(self.labels or self.reasons or self.missing)

    def is_missing(self, code: str) -> bool:
        """Whether a code lies in a range that the file calls missing.

        >>> Question(missing=((-99, -1), ("X", "Z"))).is_missing("-98")
        True
        """
        number = plain_number(code)
        for low, high in self.missing:
            if isinstance(low, str):
                if low.strip() <= code <= high.strip():
                    return True
            elif number is not None and low <= number <= high:
                return True
        return False


@dataclass(frozen=True)
class Structure:
    """What the file of a questionnaire says: its questions by the names that exports may use."""

    questions: Mapping[str, Question]
    title: str = ""
    languages: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """How an export is to be read.

    Attributes
    ----------
    platform : str
        Whose export it is; `plain` for a row of names and rows of answers.
    names : tuple of str
        The name of each column, in the order of the file, as a study names it.
    n_header : int
        How many rows come before the first row of answers.
    questions : mapping of str to Question
        What each column asks, by its name.
    says : str
        How it was recognised, in words: "three header rows with import ids".
    problems : tuple of str
        What is wrong with the export as a whole, in words; it is refused then.
    written : function, optional
        How the platform writes a study's name of a column, where it cannot write every name.
    """

    platform: str
    names: tuple[str, ...]
    n_header: int = 1
    questions: Mapping[str, Question] = field(default_factory=dict)
    says: str = ""
    problems: tuple[str, ...] = ()
    written: Callable[[str], str] | None = None


def plain(head: Sequence[Sequence[str]]) -> Layout:
    """The layout of a table: one row of names, then rows of answers."""
    names = tuple(cell.strip() for cell in head[0]) if head else ()
    return Layout("plain", names)
