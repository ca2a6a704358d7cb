"""The questionnaire file of Qualtrics (.qsf, JSON): each question by the columns that it exports.

A question of several columns has a row, a choice, or both in their names: rows of a matrix by
number, choices by the code that they were given. Import ids have the number of the choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cxkit.answers.columns import plain_number
from cxkit.answers.platforms.exits import reasons_in
from cxkit.answers.platforms.layout import Question, Structure
from cxkit.answers.platforms.markup import bare
from cxkit.answers.platforms.qualtrics_columns import SEEN
from cxkit.errors import StudyError

__all__ = ["Survey", "read_qsf"]

_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
"""Selectors of questions in which several choices can be ticked."""
_NUMBERS = ("Slider", "CS", "RO")

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Survey(Structure):
    """A .qsf: questions by name as in a Structure, by import id, and their labels elsewhere.

    Attributes
    ----------
    by_id : mapping of str to Question
        Question, row and choice as import ids have them, joined by underscores: QID5_1_3.
    others : mapping of str to tuple of mappings
        By import id, the labels of other languages, and the names given for exports.
    """

    by_id: Mapping[str, Question] = field(default_factory=dict)
    others: Mapping[str, tuple[Labels, ...]] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


def read_qsf(file: Path) -> Survey:
    """The questions of a .qsf; StudyError if it is none."""
    entry, elements = _contents(file)
    payloads = [one.get("Payload") for one in elements if one.get("Element") == "SQ"]
    asked = [one for one in payloads if isinstance(one, dict) and "QuestionID" in one]
    blocks = list(_blocks(elements))
    unused = {one for name, ids in blocks if name is None for one in ids}
    items = [_Item(one) for one in asked if one["QuestionID"] not in unused]
    base = str(entry.get("SurveyLanguage") or "").casefold()
    languages = tuple(dict.fromkeys([base, *(key for one in items for key in one.spoken)]))
    told = [column for one in items for column in one.columns(base)]
    return Survey(
        questions={name: one.question for one in told for name in one.names},
        title=bare(str(entry.get("SurveyName") or "")),
        languages=tuple(filter(None, languages)),
        types={one.id: one.kind for one in items},
        groups=tuple(name for name, ids in blocks if name and ids),
        by_id={one.id: one.question for one in told},
        others={one.id: one.others for one in told if one.others},
        ids={name: one.id for one in told for name in one.names},
    )


def _contents(file: Path) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise StudyError(
            f"'{file.name}' cannot be read as a survey of Qualtrics ({type(error).__name__})",
            where=file.name,
            expected="a .qsf file",
            hint="in Qualtrics: Survey, Tools, Import/Export, Export survey",
        ) from error
    entry = _mapped(found, "SurveyEntry")
    elements = found.get("SurveyElements") if isinstance(found, dict) else None
    if not entry or not isinstance(elements, list):
        raise StudyError(
            f"'{file.name}' holds no survey of Qualtrics: SurveyEntry or SurveyElements are not "
            "in it",
            where=file.name,
            expected="a .qsf file",
            hint="in Qualtrics: Survey, Tools, Import/Export, Export survey",
        )
    return entry, [one for one in elements if isinstance(one, dict)]


def _mapped(found: Any, key: str) -> dict[str, Any]:
    """A mapping under a key: empty lists stand for empty mappings, full ones count from 0."""
    value = found.get(key) if isinstance(found, dict) else None
    if isinstance(value, list):
        return {str(at): one for at, one in enumerate(value)}
    return value if isinstance(value, dict) else {}


def _blocks(elements: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str | None, list[str]]]:
    """Each block's name, None for the trash, with the ids of its questions."""
    for element in elements:
        if element.get("Element") == "BL":
            for block in _mapped(element, "Payload").values():
                inside = _mapped(block, "BlockElements").values()
                asked = [one for one in inside if isinstance(one, dict) and "QuestionID" in one]
                kind, name = (_text(block, key) for key in ("Type", "Description"))
                yield (
                    (None if kind == "Trash" else name),
                    [_text(one, "QuestionID") for one in asked],
                )


def _text(found: Any, key: str) -> str:
    """A text under a key; "" where there is none."""
    value = found.get(key) if isinstance(found, dict) else None
    return "" if value is None else str(value)


# -- one question -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Exported:
    """One column of a question: its import id, its names, what it asks, its other labels."""

    id: str
    names: tuple[str, ...]
    question: Question
    others: tuple[Labels, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A row, or a choice: its number, its code, its words in every language."""

    number: str
    code: str
    label: str
    spoken: Mapping[str, str]
    is_written: bool


class _Item:
    """A question of the file, and the columns that it exports."""

    def __init__(self, payload: Mapping[str, Any], stem: str = "") -> None:
        self.payload = payload
        self.id = str(payload["QuestionID"])
        self.tag = str(payload.get("DataExportTag") or self.id)
        self.kind = str(payload.get("QuestionType") or "")
        self.selector = str(payload.get("Selector") or "")
        self.sub = str(payload.get("SubSelector") or "")
        self.stem = stem
        languages = _mapped(payload, "Language").items()
        self.spoken = {str(key).casefold(): one for key, one in languages if isinstance(one, dict)}

    @property
    def text(self) -> str:
        """The question as it is asked."""
        own = bare(str(self.payload.get("QuestionText") or ""))
        return ": ".join(one for one in (self.stem, own) if one)

    def columns(self, base: str) -> Iterator[_Exported]:
        """What each column of the question asks; questions without answers have none."""
        for one in self._columns():
            told = one.question
            if self.spoken and base:
                every = {base: (told.text, told.part), **told.translations}
                told = replace(told, translations=every)
            yield replace(one, question=told)

    def _columns(self) -> Iterator[_Exported]:
        if self.kind == "MC":
            yield from self._choices()
        elif self.kind == "Matrix":
            yield from self._matrix()
        elif self.kind == "SBS":
            for at, one in _mapped(self.payload, "AdditionalQuestions").items():
                yield from _Item(self._side(at, one), self.text)._columns()
        elif self.kind == "TE":
            yield from self._written()
        elif self.kind in _NUMBERS:
            for row in self._rows():
                yield self._column((row,), kind="number")

    def _side(self, at: str, payload: Any) -> dict[str, Any]:
        """A side of a side-by-side question as a question of its own."""
        own = {"QuestionID": f"{self.id}#{at}", "DataExportTag": f"{self.tag}#{at}"}
        stated = payload if isinstance(payload, dict) else {}
        return {"Choices": self.payload.get("Choices")} | stated | own

    # -- by type

    def _choices(self) -> Iterator[_Exported]:
        parts = self._parts("Choices", is_coded=True)
        if self.selector in _SEVERAL:
            yield self._column((), kind="joined", separator=",", labels=_labels(parts))
            for part in parts:
                yield self._column((part,), kind="several")
        else:
            yield self._single((), parts)
        for part in parts:
            if part.is_written:
                yield self._column((part,), kind="open", end="_TEXT")

    def _matrix(self) -> Iterator[_Exported]:
        answers = self._parts("Answers", is_coded=True)
        for row in self._rows():
            if self.sub == "MultipleAnswer":
                yield self._column((row,), kind="joined", separator=",", labels=_labels(answers))
                for answer in answers:
                    yield self._column((row, answer), kind="several")
            elif self.selector in ("TE", "CS"):
                for answer in answers:
                    kind = "open" if self.selector == "TE" else "number"
                    yield self._column((row, answer), kind=kind)
                    yield self._column((row, answer), kind=kind, end="_TEXT")
            else:
                yield self._single((row,), answers)
            if row.is_written:
                yield self._column((row,), kind="open", end="_TEXT")

    def _written(self) -> Iterator[_Exported]:
        content = _mapped(_mapped(self.payload, "Validation"), "Settings").get("ContentType")
        kind = "number" if content == "ValidNumber" else "open"
        if self.selector == "FORM":
            for row in self._rows():
                yield self._column((row,), kind="open")
                yield self._column((row,), kind="open", end="_TEXT")
        else:
            one = self._column((), kind=kind, end="_TEXT")
            yield replace(one, names=(self.tag,))

    # -- their columns

    def _single(self, of: tuple[_Part, ...], choices: Sequence[_Part]) -> _Exported:
        """A column of one choice, with its labels and what is no answer among them."""
        labels = _labels(choices)
        others = [
            {one.code: one.spoken.get(key, one.label) for one in choices} for key in self.spoken
        ]
        named = _mapped(self.payload, "VariableNaming")
        if named:
            others.append({one.code: str(named.get(one.number, one.label)) for one in choices})
        reasons = {SEEN: "no_answer"} | {
            text: reason for one in (labels, *others) for text, reason in reasons_in(one).items()
        }
        unread = [code for code in self._unread(choices) if code not in reasons]
        one = self._column(of, kind="single", labels=labels, reasons=reasons)
        missing = tuple(
            (number, number) for number in map(plain_number, unread) if number is not None
        )
        return replace(one, question=replace(one.question, missing=missing), others=tuple(others))

    def _unread(self, choices: Sequence[_Part]) -> list[str]:
        """The codes of choices that are no points: left out of analyses, or below zero.

        Codes below zero are points of a scale that rises or falls evenly around zero.
        """
        left_out = _mapped(self.payload, "AnalyzeChoices")
        codes = [one.code for one in choices if left_out.get(one.number) == "No"]
        numbers = [number for one in choices if (number := plain_number(one.code)) is not None]
        inner = [number for number in numbers if abs(number) <= max([*numbers, 0])]
        is_even = sorted(inner) == sorted(-number for number in inner)
        is_scale = is_even and inner in (sorted(inner), sorted(inner, reverse=True))
        below = [one.code for one in choices if (plain_number(one.code) or 0) < 0]
        return [*codes, *(one for one in below if not (is_scale and plain_number(one) in inner))]

    def _column(
        self,
        of: tuple[_Part, ...],
        *,
        kind: str,
        end: str = "",
        labels: Labels | None = None,
        reasons: Labels | None = None,
        separator: str = "",
    ) -> _Exported:
        """A column: of the question, of a row, of a choice, of a choice in a row."""
        text, part, group = self.text, of[-1].label if of else "", self.id if of else ""
        translations = {key: self._spoken(key, of) for key in self.spoken}
        if len(of) > 1:
            text, group = f"{text}: {of[0].label}", f"{self.id}_{of[0].number}"
        told = Question(
            text, part, kind, "", group, labels or {}, reasons or {SEEN: "no_answer"}, (),
            separator, translations,
        )  # fmt: skip
        names = tuple("_".join(one) + end for one in self._names(of))
        return _Exported("_".join((self.id, *(one.number for one in of))) + end, names, told)

    def _names(self, of: tuple[_Part, ...]) -> Iterator[tuple[str, ...]]:
        """The names that a column may have: of rows with names of their own, those too."""
        yield (self.tag, *(one.code for one in of))
        tags = _mapped(self.payload, "ChoiceDataExportTags")
        if of and (own := str(tags.get(of[0].number) or "")):
            yield (own, *(one.code for one in of[1:]))
            yield (self.tag, own, *(one.code for one in of[1:]))

    def _spoken(self, language: str, of: tuple[_Part, ...]) -> tuple[str, str]:
        """The question and its part in another language."""
        own = bare(str(self.spoken[language].get("QuestionText") or "")) or self.text
        words = [one.spoken.get(language, one.label) for one in of]
        return ": ".join([own, *words[:-1]]), words[-1] if words else ""

    def _rows(self) -> list[_Part]:
        return self._parts("Choices", is_coded=False)

    def _parts(self, shelf: str, *, is_coded: bool) -> list[_Part]:
        """The rows or choices of the question in its order, with their codes."""
        found = _mapped(self.payload, shelf)
        told = _mapped(self.payload, "ChoiceOrder" if shelf == "Choices" else "AnswerOrder")
        order = (str(one) for one in told.values())
        numbers = dict.fromkeys([*(one for one in order if one in found), *found])
        codes = _mapped(self.payload, "RecodeValues") if is_coded else {}
        return [
            _Part(
                number,
                str(codes.get(number, number)),
                _label(found[number]),
                {
                    key: label
                    for key, one in self.spoken.items()
                    if (label := _label(_mapped(one, shelf).get(number)))
                },
                isinstance(found[number], dict) and bool(found[number].get("TextEntry")),
            )
            for number in numbers
        ]


def _label(choice: Any) -> str:
    return bare(str(choice.get("Display", ""))) if isinstance(choice, dict) else ""


def _labels(parts: Sequence[_Part]) -> dict[str, str]:
    return {one.code: one.label for one in parts}
