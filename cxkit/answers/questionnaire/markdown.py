"""The questionnaire for review: both languages side by side, routing in words, what each is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cxkit import library
from cxkit.answers.questionnaire.form import Asked, Column, Form, Page
from cxkit.answers.questionnaire.routing import Routing
from cxkit.library import Text

__all__ = ["LABEL", "SUFFIX", "by_hand", "columns", "escaped", "table", "written"]

LABEL = "Markdown"
SUFFIX = ".md"


def written(form: Form) -> dict[str, bytes]:
    """One file, in the words of the form's first language."""
    return {"": ("\n".join(_Review(form).lines()).rstrip() + "\n").encode()}


def by_hand(form: Form) -> list[str]:
    """Nothing: the file is to be read, not imported."""
    return []


def columns(form: Form) -> tuple[Column, ...]:
    """No export comes of a page for review."""
    return ()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts, and a blank line after it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' --- ' for _ in head)}|"
    for row in rows:
        yield f"| {' | '.join(escaped(cell) for cell in row)} |"
    yield ""


def escaped(text: str) -> str:
    """A text in a cell of a table, its own signs of Markdown shown as they are."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


class _Review:
    def __init__(self, form: Form) -> None:
        self.form, self.language = form, form.languages[0]
        self.words: Mapping[str, Any] = library.locale(self.language)["questionnaire"]
        self.number = {one.key: f"{at}" for at, one in enumerate(form.questions, 1)}
        self.routing = Routing(form, self.language, self._place)
        self.spoken = [library.locale(one)["name"] for one in form.languages]
        self.shown: dict[object, str] = {}

    def say(self, key: str, **slots: object) -> str:
        return str(self.words[key]).format(**slots)

    def _place(self, one: Asked) -> str:
        """How the routing speaks of a question: by its number."""
        return self.say("question_no", number=self.number[one.key])

    def lines(self) -> Iterator[str]:
        form = self.form
        yield f"# {self.say('name', title=escaped(form.title[self.language]))}\n"
        yield f"{self.say('review')}\n"
        yield f"- {self.say('length', n=len(form.questions), minutes=round(form.minutes))}"
        if form.wave:
            yield f"- {self.say('wave', wave=form.wave)}"
        yield f"- {self.say('made', version=form.version, digest=f'`{form.instrument}`')}\n"
        yield from table((self.say("battery"), self.say("time")), self._times())
        yield f"## {self.say('consent')}\n"
        yield from self._side_by_side(form.consent)
        yield f"> {escaped(form.consent_note[self.language])}\n"
        for at, page in enumerate(form.pages, 1):
            yield from self._page(at, page)
        yield f"## {self.say('end')}\n"
        yield from self._side_by_side(form.end)

    def _times(self) -> Iterator[tuple[str, str]]:
        labels = library.locale(self.language)["names"]["battery"]
        for battery, spent in self.form.seconds.items():
            name = labels.get(battery, battery) if battery else self.say("frame")
            minutes = _decimal(spent / 60, self.language)
            yield name, self.say("minutes", minutes=minutes)

    def _side_by_side(self, text: Text) -> Iterator[str]:
        yield from table(self.spoken, [[text[one] for one in self.form.languages]])

    def _page(self, at: int, page: Page) -> Iterator[str]:
        yield f"## {at}. {escaped(page.title[self.language])}\n"
        if page.intro:
            yield from self._side_by_side(page.intro)
        turns = [self.say("turning")] if page.turning else []
        turns += [self.say("shuffled")] if page.is_shuffled else []
        if turns:
            yield f"*{' '.join(turns)}*\n"
        head = [
            self.say("number_head"),
            *self.spoken,
            self.say("asked_of"),
            self.say("purpose"),
            self.say("column"),
        ]
        yield from table(head, map(self._row, page.questions))
        for _, same in groupby(page.questions, lambda one: (one.choices, one.kind)):
            yield from self._answers(list(same))

    def _row(self, one: Asked) -> list[str]:
        texts = [
            " ".join(filter(None, (one.text[lang], one.hint.get(lang, ""))))
            for lang in self.form.languages
        ]
        told = (self.routing.told(one.when), self._purpose(one), one.column)
        return [self.number[one.key], *texts, *told]

    def _answers(self, same: list[Asked]) -> Iterator[str]:
        """The answers on offer; those that stood on an earlier page are not repeated."""
        one = same[0]
        numbers = ", ".join(self.number[other.key] for other in same)
        before = self.shown.setdefault(one.choices, numbers) if one.choices else numbers
        told = [self.say(one.kind)] if one.kind != "single" else []
        told += [self.say("alone", choice=one.choice(v).label[self.language]) for v in one.alone]
        told += [self.say("same_as", number=before)] if before != numbers else []
        head = self.say("answers_of", number=numbers)
        yield f"{head}: {escaped('; '.join(told))}\n" if told else f"{head}:\n"
        if one.choices and before == numbers:
            rows = [
                [c.value, *(c.label[lang] for lang in self.form.languages)] for c in one.choices
            ]
            yield from table(["", *self.spoken], rows)

    def _purpose(self, one: Asked) -> str:
        """What a question is for, in words."""
        names = library.locale(self.language)["names"]
        kind, _, key = one.purpose.partition(":")
        if kind == "level":
            name = names["level"].get(key)
            part = names["type"].get(key) or names["determinant"].get(key) or key
            return self.say("for_level", level=name) if name else self.say("for_part", name=part)
        if kind == "stage":
            return self.say("for_stage", stage=names["stage"].get(key, key))
        if kind == "base":
            return self.say("for_base", name=names["base"].get(key, key))
        if kind in ("segment", "reason", "rival"):
            return self.say(f"for_{kind}")
        outcome = names["outcome"].get(key.removeprefix("out_"))
        told = str(outcome or names["battery"].get(kind, kind))
        return told[:1].upper() + told[1:]


def _decimal(value: float, language: str) -> str:
    """A number with one decimal, as the language writes it."""
    from babel.numbers import format_decimal

    return str(format_decimal(round(value, 1), format="0.0", locale=language))
