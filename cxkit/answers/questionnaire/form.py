"""The questionnaire as a value: pages of questions, worded in every language, with their routing.

A `Form` knows no platform. `made.form_of` makes it from a study; each format writes it down, and
tells with `Format.columns` how its answers come back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Protocol

from cxkit.answers.questionnaire.conditions import Condition, some
from cxkit.library import Text

__all__ = ["REASON_CODES", "Asked", "Choice", "Column", "Form", "Format", "Page"]

REASON_CODES = {
    "not_applicable": "95",
    "not_experienced": "96",
    "dont_know": "97",
    "dont_remember": "98",
    "refused": "99",
}
"""Codes of the answers that stand outside a scale, where a platform takes only short codes: fixed,
and never a point of a scale of the kit's."""


@dataclass(frozen=True)
class Choice:
    """One answer on offer: what respondents read, and what it means to the kit.

    Attributes
    ----------
    value : str
        Its meaning: a code of the scale ("4"), a word of the kit ("yes", "referral"), or the key
        of a reason ("dont_know").
    label : dict of str
        What respondents read, by language.
    code : str
        A number for platforms that take no words: that of the scale, of the reason (the scale's
        own, else `REASON_CODES`), or the place in a list of words, from 1.
    is_reason : bool
        Whether it stands outside the answers proper: "Don't know".
    """

    value: str
    label: Text = field(hash=False)
    code: str
    is_reason: bool = False


@dataclass(frozen=True)
class Asked:
    """One question as it is put.

    Attributes
    ----------
    key : str
        Its key in the library or the study.
    column : str
        The column under which the study looks for its answers.
    kind : str
        "single", "several" (any number of choices), "open" or "amount" (a whole number).
    text, hint : dict of str
        What is asked, and what stands small below it, by language; every slot filled.
    choices : tuple of Choice
        In the order in which they are shown.
    scale : str
        The response scale, where it has one.
    when : Condition or None
        Who is asked; None is everybody who comes to it.
    battery, purpose : str
        The battery that it belongs to, and what it measures: "level:trust", "base:buyers".
    """

    key: str
    column: str
    kind: str
    text: Text = field(hash=False)
    choices: tuple[Choice, ...] = ()
    scale: str = ""
    when: Condition | None = None
    battery: str = ""
    purpose: str = ""
    hint: Text = field(default_factory=dict, hash=False)
    is_required: bool = False
    alone: tuple[str, ...] = ()
    """Choices of a `several` that exclude all others."""

    def choice(self, value: str) -> Choice:
        """The choice that means `value`."""
        return next(one for one in self.choices if one.value == value)


@dataclass(frozen=True)
class Page:
    """What stands on one screen: a title, perhaps an introduction, and questions.

    Pages with the same `turning` may come in any order among each other, and so may the
    questions of a page that is `shuffled`.
    """

    key: str
    title: Text = field(hash=False)
    questions: tuple[Asked, ...]
    intro: Text = field(default_factory=dict, hash=False)
    turning: str = ""
    is_shuffled: bool = False

    @property
    def when(self) -> Condition | None:
        """Who sees the page: whoever is asked any of its questions."""
        return some(one.when for one in self.questions)


@dataclass(frozen=True)
class Form:
    """A whole questionnaire.

    Attributes
    ----------
    study, title, languages, wave
        Whose it is; the first language is the one that platforms take as the main one.
    consent, consent_note, end : dict of str
        The first and the last words, and what the owner of the study must know of the first.
    pages : tuple of Page
        In their order.
    fixed : mapping of str to str
        Columns that are the same for every respondent, such as the wave: column -> value.
    seconds : mapping of str to float
        How long it is expected to take, by battery (`minutes`).
    instrument : str
        The digest of what the study's wave asks (`study.instrument`).
    version : str
        The version of the kit.
    """

    study: str
    title: Text = field(hash=False)
    languages: tuple[str, ...]
    wave: str
    consent: Text = field(hash=False)
    consent_note: Text = field(hash=False)
    end: Text = field(hash=False)
    pages: tuple[Page, ...]
    fixed: Mapping[str, str]
    seconds: Mapping[str, float]
    instrument: str
    version: str

    @property
    def questions(self) -> tuple[Asked, ...]:
        """Every question, in its order."""
        return tuple(one for page in self.pages for one in page.questions)

    def question(self, key: str) -> Asked:
        """The question with that key."""
        return next(one for one in self.questions if one.key == key)

    def question_of(self, column: str) -> Asked:
        """The question whose answers stand in a column."""
        return next(one for one in self.questions if one.column == column)

    @property
    def minutes(self) -> float:
        """How long it is expected to take whoever is asked everything."""
        return sum(self.seconds.values()) / 60

    @property
    def digest(self) -> str:
        """The SHA-256 of everything that respondents read, and of the routing."""
        told = {"pages": [asdict(page) for page in self.pages], "fixed": dict(self.fixed)}
        told |= {"consent": self.consent, "end": self.end, "instrument": self.instrument}
        told |= {"conditions": [repr(one.when) for one in self.questions]}
        plain = json.dumps(told, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()

    @property
    def stamp(self) -> str:
        """What names this very questionnaire: the instrument's digest and the form's, short."""
        return f"{self.instrument[:12]}-{self.digest[:8]}"

    @property
    def provenance(self) -> str:
        """One line that says by what the file was made, and of which instrument."""
        return f"cxkit {self.version}; instrument {self.instrument}; form {self.digest}"

    def rotations(self) -> Iterator[tuple[str, tuple[Page, ...]]]:
        """The groups of pages that may come in any order, by what they turn in."""
        for turning in dict.fromkeys(page.turning for page in self.pages if page.turning):
            yield turning, tuple(page for page in self.pages if page.turning == turning)


@dataclass(frozen=True)
class Column:
    """A column of an export: its name as a study reads it, and what its cells may hold.

    Attributes
    ----------
    name : str
        Its header: with `option`, of one option of a question with several.
    text : dict of str
        The words that the platform prints of it, by language.
    codes : mapping of str to str
        Meaning -> what the cell holds in an export of codes: "yes" -> "1". Empty for words.
    labels : mapping of str to dict
        Meaning -> what the cell holds in an export of labels, by language.
    option : str
        The meaning whose ticking the column tells; its codes are then those of "yes" and "no".
    question : Asked or None
        The question; None for a column that is the same for everybody.
    """

    name: str
    text: Text = field(hash=False)
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)
    labels: Mapping[str, Text] = field(default_factory=dict, hash=False)
    option: str = ""
    question: Asked | None = None


class Format(Protocol):
    """What a format's file in this package offers (a module is enough)."""

    LABEL: str
    """The platform's name."""
    SUFFIX: str
    """How its files end."""

    def written(self, form: Form) -> dict[str, bytes]:
        """The files, by what is put behind the name asked for: "" for the questionnaire."""

    def by_hand(self, form: Form) -> list[str]:
        """What the file cannot say, and is to be set on the platform, in words."""

    def columns(self, form: Form) -> tuple[Column, ...]:
        """The columns of questions in the platform's export, in its order."""
