"""Qualtrics: the questionnaire as an advanced-format `.txt`, with a companion of what it lacks.

The format knows one language and neither display logic nor rotation: the companion (`.by-hand.md`)
lists the routing to set and the other language's texts. `[[ID:]]` gives every question the study's
column as its export tag, and `[[Choice:n]]` every choice its code: that of the scale, places from 1
for words, `REASON_CODES` for what stands outside. An export of numeric values holds these codes,
an export of choice text the words; the survey's own `.qsf`, exported after the import, or this very
`.txt` is the structure that tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from cxkit import library
from cxkit.answers.questionnaire.conditions import Condition
from cxkit.answers.questionnaire.form import Asked, Column, Form, Page
from cxkit.answers.questionnaire.markdown import escaped, table
from cxkit.answers.questionnaire.routing import Routing
from cxkit.errors import Problem, StudyError, counted

__all__ = ["LABEL", "SUFFIX", "by_hand", "columns", "written"]

LABEL = "Qualtrics"
SUFFIX = ".txt"

COMPANION = ".by-hand.md"
_TYPES = {"single": "MC:SingleAnswer", "several": "MC:MultipleAnswer", "open": "TE:Essay",
          "amount": "TE:SingleLine"}  # fmt: skip


def written(form: Form) -> dict[str, bytes]:
    """The file in the form's first language, and its companion.

    Raises
    ------
    StudyError
        If a column cannot stand in a tag of the format.
    """
    slips = list(_bad_tags(form))
    if slips:
        raise StudyError.of(slips)
    text = "\n".join(_lines(form))
    told = "\n".join(_Companion(form).lines()).rstrip() + "\n"
    return {"": text.encode(), COMPANION: told.encode()}


def by_hand(form: Form) -> list[str]:
    """What the companion lists, counted."""
    n_routed = sum(one.when is not None for one in form.questions)
    told = [
        f"set the display logic of {counted(n_routed, 'question')} by hand: "
        f"it is listed in the file that ends in {COMPANION}"
    ]
    if len(form.languages) > 1:
        told.append(f"the text is in '{form.languages[0]}' only: translations are listed there too")
    return told


def columns(form: Form) -> tuple[Column, ...]:
    """The columns of questions in an export, after those that Qualtrics writes itself.

    Numeric values are `codes`, choice text is `labels`; a question with several choices has a
    column for each, with 1 (or the choice's text) where it was ticked.
    """
    found: list[Column] = []
    for one in form.questions:
        if one.kind != "several":
            codes = {choice.value: choice.code for choice in one.choices}
            labels = {choice.value: choice.label for choice in one.choices}
            found.append(Column(one.column, one.text, codes, labels, question=one))
            continue
        for choice in one.choices:
            text = {lang: f"{words}-{choice.label[lang]}" for lang, words in one.text.items()}
            told = {"yes": choice.label}
            of = f"{one.column}_{choice.code}"
            found.append(Column(of, text, {"yes": "1", "no": ""}, told, choice.value, one))
    fixed = [Column(name, {}, {value: value}) for name, value in form.fixed.items()]
    return (*found, *fixed)


# -- the file ------------------------------------------------------------------------------------


def _lines(form: Form) -> Iterator[str]:
    main = form.languages[0]
    yield "[[AdvancedFormat]]\n"
    for name, value in form.fixed.items():
        yield f"[[ED:{name}:{value}]]"
    yield f"[[ED:questionnaire:{form.stamp}]]\n"
    yield "[[Block:consent]]\n"
    yield from _shown("consent", form.consent[main])
    for page in form.pages:
        yield f"[[Block:{page.key}]]\n"
        if page.intro:
            yield from _shown(f"intro_{page.key}", page.intro[main])
        for one in page.questions:
            yield from _question(one, main)
    yield "[[Block:end]]\n"
    yield from _shown("thanks", form.end[main])


def _shown(tag: str, text: str) -> Iterator[str]:
    """Words without a question."""
    yield from ("[[Question:DB]]", f"[[ID:{tag}]]", f"{_html(text)}\n")


def _question(one: Asked, language: str) -> Iterator[str]:
    yield f"[[Question:{_TYPES[one.kind]}]]"
    yield f"[[ID:{one.column}]]"
    hint = f"<br>{_html(one.hint[language])}" if one.hint else ""
    yield _html(one.text[language]) + hint
    if one.choices:
        yield "[[AdvancedChoices]]"
        for choice in one.choices:
            yield f"[[Choice:{choice.code}]]"
            yield _html(choice.label[language])
    yield ""


def _html(text: str) -> str:
    """A text as Qualtrics shows it word for word, on one line, with no tag and no piped text."""
    plain = escape(" ".join(text.split()), quote=False)
    return plain.replace("[[", "[&#91;").replace("]]", "]&#93;").replace("${", "$&#123;")


def _bad_tags(form: Form) -> Iterator[Problem]:
    for name in (*form.fixed, *(one.column for one in form.questions)):
        if re.search(r"[\[\]\r\n]", name) or not name.strip():
            yield Problem(
                "bad_name",
                f"the column '{name}' cannot be an export tag of Qualtrics",
                column=name,
                expected="a name without brackets and line breaks",
            )


# -- what it lacks -------------------------------------------------------------------------------


class _Companion:
    def __init__(self, form: Form) -> None:
        self.form, self.language = form, form.languages[0]
        self.words: Mapping[str, Any] = library.locale(self.language)["questionnaire"]
        self.routing = Routing(form, self.language, lambda one: f"`{one.column}`")

    def say(self, key: str, **slots: object) -> str:
        return str(self.words[key]).format(**slots)

    def lines(self) -> Iterator[str]:
        form = self.form
        yield f"# {self.say('by_hand')}: {escaped(form.title[self.language])}\n"
        yield f"{self.say('by_hand_qualtrics')}\n"
        made = self.say("made", version=form.version, digest=f"`{form.instrument}`")
        yield f"{made} `{form.stamp}`\n"
        yield f"## {self.say('display_logic')}\n"
        yield f"| {self.say('questions')} | {self.say('show_if')} |\n| --- | --- |"
        for when, tags in self._routed().items():
            yield f"| {', '.join(f'`{tag}`' for tag in tags)} | {self.routing.told(when)} |"
        yield from ("", f"## {self.say('order')}\n", *self._order(), "")
        yield f"## {self.say('answers')}\n"
        yield f"- {self.say('required')}"
        for one in form.questions:
            for value in one.alone:
                label = one.choice(value).label[self.language]
                yield f"- {self.say('exclusive', choice=f'“{label}”', number=f'`{one.column}`')}"
        if len(form.languages) > 1:
            yield f"\n## {self.say('translations')}\n"
            yield from table(["", *form.languages], self._texts())

    def _routed(self) -> dict[Condition, list[str]]:
        """Conditions, each with the export tags of what is shown under it."""
        found: dict[Condition, list[str]] = {}
        for page in self.form.pages:
            if page.intro and page.when is not None:
                found.setdefault(page.when, []).append(f"intro_{page.key}")
            for one in page.questions:
                if one.when is not None:
                    found.setdefault(one.when, []).append(one.column)
        return found

    def _order(self) -> Iterator[str]:
        for _, pages in self.form.rotations():
            yield f"- {self.say('turn_blocks', blocks=_blocks(pages))}"
        if shuffled := tuple(page for page in self.form.pages if page.is_shuffled):
            yield f"- {self.say('turn_questions', blocks=_blocks(shuffled))}"

    def _texts(self) -> Iterator[list[str]]:
        """Everything that respondents read, in every language, each text once."""
        form = self.form
        texts = [("consent", form.consent), ("thanks", form.end)]
        for page in form.pages:
            texts += [(f"intro_{page.key}", page.intro)] if page.intro else []
            for one in page.questions:
                texts += [(one.column, one.text), (one.column, one.hint)]
                texts += [(f"{one.column} {c.code}", c.label) for c in one.choices]
        seen: set[tuple[str, ...]] = set()
        for tag, text in texts:
            words = tuple(text.get(lang, "") for lang in form.languages)
            if any(words) and words not in seen:
                seen.add(words)
                yield [tag, *words]


def _blocks(pages: tuple[Page, ...]) -> str:
    return ", ".join(f"`{page.key}`" for page in pages)
