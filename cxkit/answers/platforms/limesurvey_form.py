"""A LimeSurvey questionnaire in the hand: what was asked, and the columns its answers stand in.

The database, the tab-separated structure and every heading of an export follow from the type of a
question alone; that rule stands here once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cxkit.answers.platforms.exits import reasons_in
from cxkit.answers.platforms.layout import Question, Structure
from cxkit.answers.platforms.markup import bare

__all__ = ["NOT_SHOWN", "Asked", "Column", "Form", "Option", "in_language", "worded"]

NOT_SHOWN = "N/A"
"""What an export writes where a question was not displayed."""

_SINGLE = frozenset("L!O5YGABCEFH1R")
_NUMBER = frozenset("KN:")
_OPEN = frozenset("STUQ;")
_ROWS = frozenset("MPABCEFHKQ")
_GRIDS = frozenset(";:")
_UNTOLD = frozenset("X|*I")

_FIXED: Mapping[str, tuple[str, ...]] = {
    "Y": ("Y", "N"),
    "G": ("F", "M"),
    "C": ("Y", "U", "N"),
    "E": ("I", "S", "D"),
    "5": tuple(map(str, range(1, 6))),
    "A": tuple(map(str, range(1, 6))),
    "B": tuple(map(str, range(1, 11))),
}
"""The answers that a type brings along."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "Y": "Yes", "N": "No", "U": "Uncertain", "I": "Increase", "S": "Same", "D": "Decrease",
        "F": "Female", "M": "Male", "other": "Other", "comment": "Comment", "rank": "Rank",
        "scale": "Scale", "filecount": "File count",
    },
    "id": {
        "Y": "Ya", "N": "Tidak", "U": "Tidak pasti", "I": "Naik", "S": "Sama", "D": "Turun",
        "F": "Perempuan", "M": "Laki-laki", "other": "Lainnya", "comment": "Komentar",
        "rank": "Peringkat", "scale": "Skala", "filecount": "Jumlah berkas",
    },
    "de": {
        "Y": "Ja", "N": "Nein", "U": "Unsicher", "I": "Zunahme", "S": "Gleich", "D": "Abnahme",
        "F": "weiblich", "M": "männlich", "other": "Sonstiges", "comment": "Kommentar",
        "rank": "Rang", "scale": "Skala", "filecount": "Dateianzahl",
    },
}  # fmt: skip
"""LimeSurvey's own words, where an export may hold them; English where a language is not here."""

Texts = Mapping[str, str]
"""Language -> text."""


@dataclass(frozen=True)
class Option:
    """A subquestion, or an answer to choose: its code, which scale it is of, its texts."""

    code: str
    texts: Texts
    scale: int = 0


@dataclass(frozen=True)
class Asked:
    """A question of the questionnaire.

    Attributes
    ----------
    code, type : str
        Its code ("G01Q02"), and LimeSurvey's letter for its type ("L").
    texts : mapping of str to str
        Language -> what was asked.
    group : str
        The name of the group (page) it stands in, in the survey's own language.
    field : str
        How the database begins the names of its columns: "841748X3X26".
    is_mandatory, has_other : bool
        Whether it must be answered; whether an answer of one's own is offered.
    relevance : str
        The condition under which it is shown; "1" for always.
    rows, answers : tuple of Option
        Its subquestions, and the answers that may be chosen.
    headers : tuple of mapping
        What stands above the scales of an array with two.
    """

    code: str
    type: str
    texts: Texts
    group: str = ""
    field: str = ""
    is_mandatory: bool = False
    has_other: bool = False
    relevance: str = "1"
    rows: tuple[Option, ...] = ()
    answers: tuple[Option, ...] = ()
    headers: tuple[Texts, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that hold its answers, in the order of an export."""
        return tuple(_columns(self))


@dataclass(frozen=True)
class Column:
    """One column of answers: where it stands, and which part of a question it tells.

    `suffix` is what the database adds to the question's field; `places` stand in square brackets
    behind the question's code in an export; `parts` are their texts.
    """

    asked: Asked
    kind: str
    suffix: str = ""
    places: tuple[str, ...] = ()
    parts: tuple[Texts, ...] = ()
    scale: int = 0

    @property
    def name(self) -> str:
        """The heading of question codes: "Q00[SQ001]"."""
        return self.asked.code + "".join(f"[{place}]" for place in self.places)

    @property
    def expression(self) -> str:
        """The heading of codes as LimeSurvey's expressions write them: "Q00_SQ001"."""
        code = "_".join((self.asked.code, *self.places[:1]))
        return f"{code}_{self.scale}" if len(self.places) > 1 else code

    @property
    def field(self) -> str:
        """The column's name in the database, as its XML writes it."""
        return self.asked.field + self.suffix

    def heading(self, language: str) -> str:
        """The heading of question texts: "What do you like? [red]"."""
        parts = "".join(f"[{in_language(part, language)}]" for part in self.parts)
        return " ".join(filter(None, (in_language(self.asked.texts, language), parts)))

    def question(self, language: str, languages: Iterable[str] = ()) -> Question:
        """What the column asks, in a language of the survey."""
        labels = self._labels(language)
        return Question(
            text=in_language(self.asked.texts, language),
            part=self._part(language),
            kind=self.kind,
            role="other" if self.kind == "meta" else "",
            group=self.asked.code if self.places else "",
            labels=labels,
            reasons={NOT_SHOWN: "not_asked"} | reasons_in(labels),
            translations={
                one: (in_language(self.asked.texts, one), self._part(one))
                for one in languages
                if one != language
            },
        )

    def _part(self, language: str) -> str:
        return ": ".join(in_language(part, language) for part in self.parts)

    def _labels(self, language: str) -> dict[str, str]:
        if self.kind == "several":
            said = {"yes": ("Y", _word("Y", language)), "no": ("N", _word("N", language))}
            return {text: meant for meant, texts in said.items() for text in texts}
        if self.kind != "single":
            return {}
        kind = self.asked.type
        told = {code: _word(code, language) for code in _FIXED.get(kind, ())}
        for answer in self.asked.answers:
            if answer.scale == self.scale and kind not in _FIXED:
                told[answer.code] = in_language(answer.texts, language)
        if kind in "L!" and self.asked.has_other:
            told["-oth-"] = _word("other", language)
        return told


def _columns(asked: Asked) -> Iterator[Column]:
    """The columns that a question of this type has."""
    kind, rows = asked.type, [one for one in asked.rows if one.scale == 0]
    if kind in _GRIDS:
        across = [one for one in asked.rows if one.scale == 1]
        for row in rows:
            for other in across:
                place = f"{row.code}_{other.code}"
                yield Column(asked, _kind(kind), place, (place,), (row.texts, other.texts))
    elif kind == "1":
        for row in rows:
            for scale in (0, 1):
                parts = (row.texts, _header(asked, scale))
                places = (row.code, str(scale + 1))
                yield Column(asked, "single", f"{row.code}-{scale}", places, parts, scale)
    elif kind == "R":
        for rank in range(1, len(asked.answers) + 1):
            part = {one: f"{words['rank']} {rank}" for one, words in _WORDS.items()}
            yield Column(asked, "single", str(rank), (str(rank),), (part,))
    elif kind in _ROWS:
        for row in rows:
            yield Column(asked, _kind(kind), row.code, (row.code,), (row.texts,))
            if kind == "P":
                yield _beside(asked, f"{row.code}comment", row.texts, _words("comment"))
    else:
        yield Column(asked, _kind(kind))
    yield from _further(asked)


def _further(asked: Asked) -> Iterator[Column]:
    """The columns beside the answers themselves: another answer, a comment, how many files."""
    if asked.has_other and asked.type in "L!MP":
        yield _beside(asked, "other", _words("other"))
        if asked.type == "P":
            yield _beside(asked, "othercomment", _words("other"), _words("comment"))
    if asked.type == "O":
        yield _beside(asked, "comment", _words("comment"))
    if asked.type == "|":
        yield Column(asked, "meta", "_filecount", ("filecount",), (_words("filecount"),))


def _beside(asked: Asked, place: str, *parts: Texts) -> Column:
    return Column(asked, "open", place, (place,), parts)


def _kind(letter: str) -> str:
    if letter in "MP":
        return "several"
    if letter in _UNTOLD:
        return "meta"
    kinds = ((_SINGLE, "single"), (_NUMBER, "number"), (_OPEN, "open"), ("D", "date"))
    return next((kind for letters, kind in kinds if letter in letters), "")


def _header(asked: Asked, scale: int) -> Texts:
    given = asked.headers[scale] if scale < len(asked.headers) else {}
    return given or {one: f"{words['scale']} {scale + 1}" for one, words in _WORDS.items()}


def _words(key: str) -> Texts:
    return {language: words[key] for language, words in _WORDS.items()}


def _word(code: str, language: str) -> str:
    """A fixed answer in words; a point of a scale is its own label."""
    return _of(language).get(code, code)


def _of(language: str) -> Mapping[str, str]:
    return _WORDS.get(language.split("-")[0], _WORDS["en"])


def in_language(texts: Texts, language: str) -> str:
    """A text in a language; in English, or in whichever it has, where it lacks that one."""
    found = texts.get(language) or texts.get(language.split("-")[0]) or texts.get("en")
    return found or next(filter(None, texts.values()), "")


def worded(text: str) -> str:
    """A text without markup; a picture alone is told by its name.

    >>> worded('<img alt="" src="images/fire.png" />')
    'fire.png'
    """
    said = bare(text)
    if not said and (picture := re.search(r"""<img[^>]*\ssrc=["']([^"']+)""", text)):
        return picture[1].rsplit("/", 1)[-1]
    return said


@dataclass(frozen=True)
class Form(Structure):
    """A questionnaire of LimeSurvey.

    Attributes
    ----------
    asked : tuple of Asked
        The questions in their order.
    db_version : str
        The version of the database that wrote the file; "" where the file does not say.
    counts : mapping of str to int
        How many groups (G), questions (Q), subquestions (SQ) and answers (A) there are; of a
        tab-separated structure, how many rows of each class.
    """

    asked: tuple[Asked, ...] = ()
    db_version: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        asked: Iterable[Asked],
        *,
        title: str,
        languages: Iterable[str],
        groups: Iterable[str],
        counts: Mapping[str, int],
        db_version: str = "",
    ) -> Form:
        """The questionnaire of some questions, its columns in the first of its languages."""
        told = tuple(asked)
        spoken = tuple(dict.fromkeys(languages))
        return cls(
            questions=_questions(told, spoken[0] if spoken else "en", spoken),
            title=title,
            languages=spoken,
            types={one.code: one.type for one in told},
            groups=tuple(groups),
            asked=told,
            db_version=db_version,
            counts=dict(counts),
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column that an export may have, in its order."""
        return tuple(column for one in self.asked for column in one.columns)

    def told_in(self, language: str) -> dict[str, Question]:
        """What each column asks, in a language of the survey."""
        return _questions(self.asked, language, self.languages)


def _questions(
    asked: Iterable[Asked], language: str, languages: Iterable[str]
) -> dict[str, Question]:
    spoken = tuple(languages)
    columns = (column for one in asked for column in one.columns)
    return {column.name: column.question(language, spoken) for column in columns}
