"""Columns that an export heads by its questions: which of the study's they are.

Google Forms and SurveyMonkey know no names of columns, and others can leave them out. Where a study
names a column that a file lacks, the study's own questionnaire says what is asked under that name;
a heading that says so word for word, in any of its languages, is that column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from cxkit.answers.platforms import Question
from cxkit.answers.platforms.markup import bare
from cxkit.errors import StudyError
from cxkit.study import Study

__all__ = ["named_by_questions"]

_OPTIONS = ("{asked}: {option}", "{asked}/{option}", "{asked} [{option}]")
"""How SurveyMonkey, KoboToolbox and LimeSurvey head an option that may be ticked."""


def named_by_questions(
    study: Study,
    wave: str,
    header: Sequence[str],
    questions: Mapping[str, Question],
    lacking: Iterable[str],
) -> dict[str, str]:
    """The headings of columns that a file lacks by name: the study's column -> its name there.

    Parameters
    ----------
    study : Study
        Whose questionnaire words the questions.
    wave : str
        The wave of the file; "" where it holds several.
    header, questions : sequence of str, mapping of str to Question
        The names of the file's columns, and what is known of them.
    lacking : iterable of str
        The study's columns that the file does not have.

    Returns
    -------
    dict
        Only columns that exactly one heading asks, and that alone ask it.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> heading = "Before this survey, had you ever heard of Toko Contoh?"
    >>> named_by_questions(read_study("demo"), "", [heading], {}, ["scr_aware", "weight"])
    {'scr_aware': 'Before this survey, had you ever heard of Toko Contoh?'}
    """
    headings: dict[str, list[str]] = {}
    for name in dict.fromkeys(header):
        headings.setdefault(_plain(name), []).append(name)
    joined = {_plain(name): name for name, one in questions.items() if one.kind == "joined"}
    asked = _asked(study, wave)
    found: dict[str, str] = {}
    for column in lacking:
        names = {
            headings[_plain(text)][0]
            for text in asked.get(column, ())
            if len(headings.get(_plain(text), ())) == 1
        } or {
            f"{joined[_plain(question)]}/{option}"
            for question, option in _options(study, wave).get(column, ())
            if _plain(question) in joined
        }
        if len(names) == 1:
            found[column] = names.pop()
    n_columns = Counter(found.values())
    return {column: name for column, name in found.items() if n_columns[name] == 1}
