"""Routing in words: who is asked a question, told in a language of the form."""

from __future__ import annotations

from collections.abc import Callable

from cxkit import library
from cxkit.answers.questionnaire.conditions import All, Any, AtLeast, Blank, Condition, Is
from cxkit.answers.questionnaire.form import Asked, Form

__all__ = ["Routing"]


class Routing:
    """The conditions of a form in words; `called` says how a question is referred to."""

    def __init__(self, form: Form, language: str, called: Callable[[Asked], str]) -> None:
        self.form, self.language, self.called = form, language, called
        self.words = library.locale(language)["questionnaire"]

    def told(self, when: Condition | None) -> str:
        """A condition in words; for None, that everybody is asked."""
        if when is None:
            return str(self.words["everybody"])
        if isinstance(when, Any):
            return self._alike(when.parts) or str(self.words["or"]).join(map(self.told, when.parts))
        if isinstance(when, All):
            return str(self.words["and"]).join(map(self.told, when.parts))
        number = self.called(self.form.question(when.question))
        if isinstance(when, AtLeast):
            return str(self.words["at_least"]).format(number=number, n=when.n)
        if isinstance(when, Blank):
            return str(self.words["is_blank"]).format(number=number)
        return str(self.words["is_answer"]).format(number=number, choice=self._choice(when))

    def _alike(self, parts: tuple[Condition, ...]) -> str:
        """The same answer to any of several questions, in one breath."""
        same = [part for part in parts if isinstance(part, Is)]
        choices = {self._choice(part) for part in same}
        if len(same) < len(parts) or len(choices) > 1:
            return ""
        numbers = ", ".join(self.called(self.form.question(part.question)) for part in same)
        return str(self.words["any_of"]).format(number=numbers, choice=choices.pop())

    def _choice(self, when: Is) -> str:
        label = self.form.question(when.question).choice(when.value).label[self.language]
        return f"“{label}”"
