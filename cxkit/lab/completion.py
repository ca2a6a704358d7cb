"""Tab in a notebook: the words of the study that is in hand, where a call asks for one.

`survey.where(` knows segments, bases and `wave`, `survey.where(region="` the groups, and functions
that take a survey know its metrics, measures and segments: `cx.estimate(survey, "`, `of="`,
`by="`. Registered by `import cxkit` where IPython runs; no cell is run for it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Place", "matches", "place_at", "register"]

_NAME = re.compile(r"[A-Za-z_][\w.]*\Z")
_FIRST = re.compile(r"(?:\s|#.*)*([A-Za-z_][\w.]*)")
_KEYWORD = re.compile(r"(?:\s|#.*)*(\w+)\s*=(?!=)")
_WORD = re.compile(r"\w*\Z")


@dataclass(frozen=True)
class Place:
    """Where the cursor stands inside of a call.

    Attributes
    ----------
    function : str
        What is called, as it is written.
    before : tuple of str
        The arguments before the one at the cursor, as they are written.
    keyword : str or None
        The name of the argument at the cursor, where it has one.
    fragment : str
        What is typed of the word so far.
    quote : str
        The quotation marks that the cursor stands between; none outside of a text.
    """

    function: str
    before: tuple[str, ...]
    keyword: str | None
    fragment: str
    quote: str


def place_at(text: str) -> Place | None:
    """The call that the end of a text stands in, None where it stands in none.

    Examples
    --------
    >>> place_at("cx.estimate(survey, by=['region', 'ch")
    Place(function='cx.estimate', before=('survey',), keyword='by', fragment='ch', quote="'")
    """
    frames, quote, began = _open(text)
    while frames:
        opened, starts = frames.pop()
        name = _NAME.search(text, 0, opened)
        if text[opened] == "{" or (text[opened] == "[" and name):
            return None
        if text[opened] == "(" and name:
            ends = [start - 1 for start in starts[1:]]
            before = tuple(text[a:b].strip() for a, b in zip(starts, ends))
            keyword = _KEYWORD.match(text, starts[-1])
            own = began if quote else _WORD.search(text).start()  # type: ignore[union-attr]
            return Place(name[0], before, keyword and keyword[1], text[own:], quote)
    return None


def _open(text: str) -> tuple[list[tuple[int, list[int]]], str, int]:
    """The brackets that are open at the end of a text, each with where its parts start.

    And the quotation marks that are open there, with the place behind them.
    """
    frames: list[tuple[int, list[int]]] = []
    quote, began, i = "", 0, 0
    while i < len(text):
        sign = text[i]
        if quote:
            if sign == "\\":
                i += 1
            elif text.startswith(quote, i):
                i += len(quote) - 1
                quote = ""
            elif sign == "\n" and len(quote) == 1:
                quote = ""
        elif sign in "'\"":
            quote = sign * 3 if text.startswith(sign * 3, i) else sign
            i += len(quote) - 1
            began = i + 1
        elif sign == "#":
            i = (text + "\n").index("\n", i)
        elif sign in "([{":
            frames.append((i, [i + 1]))
        elif sign in ")]}" and frames:
            frames.pop()
        elif sign == "," and frames:
            frames[-1][1].append(i + 1)
        i += 1
    return frames, quote, began


# -- what may stand there --------------------------------------------------------------------------


def matches(text: str, names: Mapping[str, Any]) -> tuple[list[str], str]:
    """What may stand at the end of a text, and what is typed of it so far.

    Parameters
    ----------
    text : str
        A cell up to the cursor.
    names : mapping
        What the names of the notebook stand for.

    Returns
    -------
    (list of str, str)
        Words ready to be put there, with quotation marks where there are none yet.
    """
    place = place_at(text)
    function, owner = _called(place.function, names) if place else (None, None)
    if place is None or function is None:
        return [], ""
    survey = owner if _is_survey(owner) else _survey_of(place.before, names)
    if survey is None:
        return [], ""
    words = list(map(str, _words(place, function, survey)))
    if not place.quote and not any(word.endswith("=") for word in words):
        words = [json.dumps(word, ensure_ascii=False) for word in words]
    return [one for one in words if _fits(one, place.quote)], place.fragment


def _fits(word: str, quote: str) -> bool:
    """Whether a word may stand between these quotation marks as it is."""
    return not quote or (quote not in word and "\\" not in word)


def _called(written: str, names: Mapping[str, Any]) -> tuple[Any, Any]:
    """What a dotted name calls and what it belongs to, where that is the kit's."""
    first, *rest = written.split(".")
    found, owner = names.get(first), None
    for part in rest:
        if not (inspect.ismodule(found) or _is_survey(found)):
            return None, None
        owner, found = found, getattr(found, part, None)
    is_ours = str(getattr(found, "__module__", "")).partition(".")[0] == "cxkit"
    return (found, owner) if is_ours and callable(found) else (None, None)


def _is_survey(value: Any) -> bool:
    kind = type(value)
    return kind.__name__ == "Survey" and kind.__module__ == "cxkit.answers.survey"


def _survey_of(arguments: Iterable[str], names: Mapping[str, Any]) -> Any:
    """The survey that a first argument begins with: the filters behind its name change no word."""
    for argument in arguments:
        if (found := _FIRST.match(argument)) is None:
            return None
        first, *rest = found[1].split(".")
        value = names.get(first)
        for part in rest:
            inner = getattr(value, part, None) if _is_survey(value) else None
            value = inner if _is_survey(inner) else value
        return value if _is_survey(value) else None
    return None


def _words(place: Place, function: Any, survey: Any) -> Iterable[str]:
    if getattr(function, "__qualname__", "") == "Survey.where":
        if place.keyword:
            return _values(survey, place.keyword)
        used = {found[1] for one in place.before if (found := _KEYWORD.match(one))}
        known = ("wave", *survey.study.segment_keys, *survey.study.base_keys)
        return () if place.quote else (f"{one}=" for one in known if one not in used)
    parameters = list(inspect.signature(function).parameters)
    position = len(place.before)
    name = place.keyword or (parameters[position] if position < len(parameters) else "")
    if name == "of" and function.__qualname__.startswith("Survey."):
        kinds = ("item:", "outcome:", "rating:", "reached:", "base:")
        return (one for one in survey.frame.columns if one.startswith(kinds))
    return _OF_PARAMETERS[name](survey) if name in _OF_PARAMETERS else ()


def _values(survey: Any, key: str) -> Iterable[str]:
    """What a filter may ask for: waves, groups of a segment."""
    if key == "wave":
        return tuple(survey.waves)
    return tuple(survey.groups(key)) if key in survey.study.segment_keys else ()


def _metrics(survey: Any) -> Iterable[str]:
    """The metrics, those of outcomes only where the study has such an outcome."""
    from cxkit.analysis.measures import METRICS

    asked = {one.metric for one in survey.study.outcomes.values()}
    return (one for one, shelf in METRICS.items() if shelf != "outcomes" or one in asked)


def _measures(survey: Any) -> Iterable[str]:
    """The shelves, and every key on them."""
    from cxkit.analysis.measures import SHELVES

    study = survey.study
    keys: dict[str, Iterable[str]] = {
        "level": (one.key for one in study.framework.levels) if study.framework else (),
        "item": study.items,
        "outcome": study.outcomes,
        "stage": study.stage_keys,
        "base": study.base_keys,
    }
    return (*SHELVES, *(f"{kind}:{key}" for kind, own in keys.items() for key in own))


_OF_PARAMETERS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "metric": _metrics,
    "of": _measures,
    "by": lambda survey: (*survey.study.segment_keys, "wave"),
    "segment": lambda survey: survey.study.segment_keys,
    "language": lambda survey: survey.study.languages,
}
"""What a parameter of that name takes, wherever in the kit it stands."""


# -- IPython ---------------------------------------------------------------------------------------


def register(shell: Any) -> None:
    """Let Tab in an IPython shell know the words of the study; once, however often it is asked."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    completer = getattr(shell, "Completer", None)
    if completer is None or any(map(_is_ours, completer.custom_matchers)):
        return

    @context_matcher(identifier="cxkit")
    def of_study(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line]
        text = "\n".join([*lines, context.text_until_cursor])
        words, fragment = matches(text, shell.user_ns)
        fitting = [one for one in words if one.strip('"').startswith(fragment)]
        is_value = any(not one.endswith("=") for one in fitting)
        return {
            "completions": [
                SimpleCompletion(one, type="keyword" if one.endswith("=") else "value")
                for one in fitting
            ],
            "matched_fragment": fragment,
            "suppress": is_value,
        }

    completer.custom_matchers.append(of_study)


def _is_ours(matcher: Any) -> bool:
    return getattr(matcher, "matcher_identifier", "") == "cxkit"
