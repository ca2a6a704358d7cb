"""Columns that an export heads by its questions: which of the study's they are.

Google Forms and SurveyMonkey know no names of columns, and others can leave them out. Where a study
names a column that a file lacks, the study's own questionnaire says what is asked under that name;
a column that asks it word for word, in any of its languages, is that column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from cxkit.answers.alike import folded
from cxkit.answers.platforms import Question
from cxkit.answers.platforms.limesurvey_codes import code_of
from cxkit.answers.platforms.markup import bare
from cxkit.answers.questionnaire import Asked, Choice, Form, form_of
from cxkit.errors import StudyError
from cxkit.study import Study

__all__ = ["named_by_questions", "option_names"]

_OPTIONS = ("{asked}: {option}", "{asked}/{option}")
"""How SurveyMonkey and Google Forms name an option that may be ticked."""


def named_by_questions(
    study: Study,
    wave: str,
    header: Sequence[str],
    asks: Mapping[str, Question],
    lacking: Iterable[str],
) -> dict[str, str]:
    """The columns that a file lacks by name, and asks: the study's column -> its name there.

    Parameters
    ----------
    study : Study
        Whose questionnaire words the questions.
    wave : str
        The wave of the file; "" where it holds several.
    header, asks : sequence of str, mapping of str to Question
        The names of the file's columns, and what is known of them.
    lacking : iterable of str
        The study's columns that the file does not have.

    Returns
    -------
    dict
        Only where one column of the file asks for one column of the study. Nothing where the
        study has no questionnaire that could be written.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> heading = "Before this survey, had you ever heard of Toko Contoh?"
    >>> named_by_questions(read_study("demo"), "", [heading], {}, ["scr_aware", "weight"])
    {'scr_aware': 'Before this survey, had you ever heard of Toko Contoh?'}
    """
    held = _Headings(header, asks)
    worded: dict[str, set[str]] = {}
    for form in _forms(study, wave):
        for column, text, option in _wordings(form):
            worded.setdefault(column, set()).update(held.that_ask(text, option))
    told = {column: worded[column].pop() for column in lacking if len(worded.get(column, ())) == 1}
    n_columns = Counter(told.values())
    return {column: name for column, name in told.items() if n_columns[name] == 1}


def option_names(one: Asked, choice: Choice) -> tuple[str, ...]:
    """How studies name the column of an option, by what the platforms make of it.

    KoboToolbox `ways/app`, LimeSurvey `ways[app]`, Qualtrics `ways_2`, and in words those that
    know no names: `In which ways?: App` (SurveyMonkey), `In which ways?/App` (Google Forms).
    """
    names = [f"{one.column}/{choice.value}", f"{one.column}[{choice.value}]"]
    names += [f"{code_of(one.column)}[{code_of(choice.value)}]", f"{one.column}_{choice.code}"]
    for language, label in choice.label.items():
        for text in (one.text[language], one.column):
            names += [mark.format(asked=text, option=label) for mark in _OPTIONS]
    return tuple(dict.fromkeys(names))


class _Headings:
    """What a file asks, without what differs between a questionnaire and its export."""

    def __init__(self, header: Sequence[str], asks: Mapping[str, Question]) -> None:
        self._joined = {name for name, one in asks.items() if one.kind == "joined"}
        self._names: dict[tuple[str, str], dict[str, None]] = {}
        for name in header:
            one = asks.get(name, Question())
            told = [(name, ""), (one.text, one.part), *one.translations.values()]
            for text, part in told if one.kind != "meta" else ():
                if text:
                    self._names.setdefault((_plain(text), _plain(part)), {})[name] = None

    def that_ask(self, text: str, option: str) -> Iterator[str]:
        """The names of columns that ask a question, or tell one option of it."""
        yield from (alike := self._alike(text, option))
        if option and not alike:
            for name in self._alike(text):
                if name in self._joined:
                    yield f"{name}/{option}"

    def _alike(self, text: str, part: str = "") -> list[str]:
        return list(self._names.get((_plain(text), _plain(part)), ()))


def _plain(text: str) -> str:
    return folded(bare(text))


def _forms(study: Study, wave: str) -> Iterator[Form]:
    """The questionnaires of the waves that a file holds, as far as they can be written."""
    for one in [wave] if wave else [*study.waves] or [""]:
        with suppress(StudyError):
            yield form_of(study, one or None)


def _wordings(form: Form) -> Iterator[tuple[str, str, str]]:
    """Each column that a study may name, with a question in one language, and perhaps an option."""
    for one in form.questions:
        for language, text in one.text.items():
            yield one.column, text, ""
            for choice in one.choices if one.kind == "several" else ():
                for name in option_names(one, choice):
                    yield name, text, choice.label[language]
