"""The questionnaire: what is asked, of whom, with which answers, battery by battery."""

from __future__ import annotations

import os
import string
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cxkit.errors import Problem, StudyError, nearest
from cxkit.library.answer_lists import vocabularies, vocabulary
from cxkit.library.files import (
    FIRST,
    LIBRARY,
    Text,
    beside_or_in_library,
    in_every_language,
    load_yaml,
    locale,
    names_in,
    unknown,
)
from cxkit.library.framework_file import framework
from cxkit.library.response_scale import REASONS, answer_scales, scales

__all__ = [
    "asked_on_a_scale",
    "bases_set",
    "batteries",
    "battery",
    "further_items",
    "preset",
    "presets",
    "question",
    "questionnaire",
]

_SHELF = "questionnaires/batteries"
_KINDS = ("scale", "answers", "vocabulary", "open", "amount")
_OF_THE_GROUP = ("words", "framework", "questions", "rotate", "blocks")


def questionnaire(name: str = "core") -> dict[str, Any]:
    """The order of a questionnaire, its slots, and the bases that follow from several answers.

    Examples
    --------
    >>> questionnaire()["order"][5]
    {'battery': 'pyramid'}
    """
    return load_yaml(LIBRARY / "questionnaires" / f"{name}.yaml")


def batteries() -> tuple[str, ...]:
    """The names of the library's batteries: the modules that a questionnaire is made of."""
    return names_in(_SHELF)


def battery(
    name: str, folder: str | os.PathLike[str] | None = None, *, preset: str | None = None
) -> dict[str, Any]:
    """A battery of questions: `folder`/NAME.yaml if there is one, else the library's.

    Parameters
    ----------
    name : str
        One of `batteries()`, or a file beside a study.
    folder : path, optional
        Where a study keeps files of its own.
    preset : str, optional
        An industry's preset, which words some questions anew.

    Returns
    -------
    dict
        What the file holds of the battery as a whole, its `label`, and `questions`: key -> what is
        asked. A question has its `battery` and `group`, its `text` by language and the `slots` in
        it, and one of

        - `scale`: a response scale; one without a number takes the study's own points,
        - `answers` or `vocabulary`, with the `choices`: value -> text (`several` may be ticked),
        - `open`: the respondent's own words,
        - `amount`: a sum, in that currency.

        `base` says whom it concerns, `reached` which stages they must have reached, `asked_of`
        which answers to other questions they must have given (where those are asked), `sets` the
        base of all who say yes, `exit_answers` what may be ticked instead: reason -> text.

    Raises
    ------
    StudyError
        If no such battery is known, or its file needs mending: every problem at once.

    Examples
    --------
    >>> reviews = battery("outcomes")["questions"]
    >>> reviews["rev_tone"]["base"], list(reviews["rev_tone"]["choices"])
    ('posted', ['positive', 'neutral', 'negative'])
    >>> reviews["out_leave"]["higher_is"], reviews["out_leave"]["slots"]
    ('worse', ('ahead', 'brand'))
    """
    file = beside_or_in_library(_SHELF, name, folder, kind="battery")
    given = load_yaml(file)
    if not isinstance(given.get("groups"), dict):
        raise StudyError(
            f"battery '{name}' has no groups", where=str(file), expected="groups: {NAME: {...}}"
        )
    asked = {
        key: entry
        for group, shared in given["groups"].items()
        for key, entry in _questions(name, group, shared, folder, _preset_words(preset))
    }
    problems = tuple(
        problem for key, entry in asked.items() for problem in _problems(key, entry, file)
    )
    if problems:
        raise StudyError.of(problems)
    label = given.get("label") or in_every_language("names", "battery", name)
    completed = {key: _complete(entry) for key, entry in asked.items()}
    return {**given, "key": name, "label": label, "questions": completed}


def question(key: str, *, preset: str | None = None) -> dict[str, Any]:
    """One question of the library, from whichever battery asks it.

    Examples
    --------
    >>> question("wom_recommended")["asked_of"]
    {'rch_advocate_peer': 'yes'}
    """
    asked = {
        one: entry
        for name in batteries()
        for one, entry in battery(name, preset=preset)["questions"].items()
    }
    if key not in asked:
        raise unknown("question", key, tuple(asked))
    return asked[key]


@lru_cache(maxsize=1)
def asked_on_a_scale() -> dict[str, dict[str, Any]]:
    """The questions that are answered on a scale, or from a list of answers that has an order.

    Returns
    -------
    dict
        By question: `battery`, `group`, `base` (a word, None for everybody or several), `scale`
        (a response scale, one without a number taking the study's own points, or a list of
        answers), `higher_is` where more of it is worse, `level` and `pairs_with` of expectations,
        `exit_answers`: the reasons that respondents may give in place of an answer, `reached`: the
        stages that they must have reached to be asked, `asked_of` the answers to other questions.

    Examples
    --------
    >>> asked_on_a_scale()["wom_warned"]["scale"], asked_on_a_scale()["exp_trust"]["pairs_with"]
    ('yes_no', 'tru_1')
    """
    told = ("battery", "group", "level", "pairs_with", "higher_is")
    found = {}
    for name in batteries():
        for key, one in battery(name)["questions"].items():
            scale = one.get("scale") or one.get("answers")
            if scale is None or (scale == one.get("answers") and scale not in answer_scales()):
                continue
            base = one.get("base")
            found[key] = {word: one[word] for word in told if word in one} | {
                "scale": scale,
                "base": base if isinstance(base, str) else None,
                "exit_answers": tuple(one["exit_answers"]),
                "reached": tuple(one.get("reached", ())),
                "asked_of": dict(one.get("asked_of", {})),
            }
    return found


def further_items() -> tuple[str, ...]:
    """The questions on a response scale that a study names under `items`, whatever its frameworks.

    What people say all in all, and what they intend, are outcomes; a stage has its own rating.

    >>> "exp_trust" in further_items(), "out_stay" in further_items()
    (True, False)
    """
    elsewhere = ("screening", "outcomes")
    return tuple(
        key
        for key, one in asked_on_a_scale().items()
        if one["battery"] not in elsewhere
        and one["group"] != "ratings"
        and one["scale"] not in answer_scales()
    )


@lru_cache(maxsize=1)
def bases_set() -> dict[str, tuple[str, str]]:
    """The bases of those who say yes to a question: base -> question and its stage, or "".

    >>> bases_set()["talked"], bases_set()["users"]
    (('wom_talked', ''), ('rch_evaluate', 'evaluate'))
    """
    return {
        one["sets"]: (key, one.get("stage", ""))
        for name in batteries()
        for key, one in battery(name)["questions"].items()
        if "sets" in one
    }


def presets() -> tuple[str, ...]:
    """The names of the presets that word the fulfilment pair for an industry."""
    return tuple(locale(FIRST)["presets"])


def preset(name: str) -> dict[str, Any]:
    """The items that a preset words anew, and who belongs to its buyers.

    Returns
    -------
    dict
        `key`; `items`: item -> `text` and `short`, each by language; `buyers` by language;
        `questions`: the texts of other questions that follow the pair, by language.

    Examples
    --------
    >>> preset("finance")["items"]["ful_2"]["short"]["en"]
    'Completed on time'
    """
    if name not in presets():
        raise unknown("preset", name, presets())
    words = locale(FIRST)["presets"][name]
    items = {
        key: {part: in_every_language("presets", name, key, part) for part in entry}
        for key, entry in words.items()
        if key not in ("buyers", "questions")
    }
    questions = {
        key: in_every_language("presets", name, "questions", key)
        for key in words.get("questions", ())
    }
    buyers = in_every_language("presets", name, "buyers")
    return {"key": name, "items": items, "buyers": buyers, "questions": questions}


def _preset_words(name: str | None) -> dict[str, Text | None]:
    if name is None:
        return {}
    own = preset(name)
    return {key: entry["text"] for key, entry in own["items"].items()} | own["questions"]


def _questions(
    name: str,
    group: str,
    shared: Mapping[str, Any],
    folder: str | os.PathLike[str] | None,
    preset_words: Mapping[str, Text | None],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions of a group, each with what the group says of all of them."""
    common = {word: value for word, value in shared.items() if word not in _OF_THE_GROUP}
    asked = shared.get("questions") or {}
    if shared.get("framework"):
        asked = _of_framework(shared["framework"], folder) | asked
    for key, own in asked.items():
        mine = {**common, **(own or {})}
        if own and set(_KINDS) & set(own):
            mine = {word: mine[word] for word in mine if word not in _KINDS or word in own}
        words = (shared.get("words"), key)
        text = preset_words.get(key) or mine.get("text") or in_every_language(*map(str, words))
        yield key, {"key": key, "battery": name, "group": group, **mine, "text": text}


def _of_framework(name: str, folder: str | os.PathLike[str] | None) -> dict[str, dict[str, Any]]:
    """The items of a framework as questions: whom they concern, and which part they measure."""
    of = framework(name, folder)
    level_of = {item: level["key"] for level in of["levels"] for item in level["items"]}
    told = ("base", "keyed", "text")
    return {
        item: {"level": level} | {word: own[word] for word in told if word in own}
        for item, level in level_of.items()
        for own in [of["items"][item]]
    }


def _problems(key: str, entry: Mapping[str, Any], file: Path) -> Iterator[Problem]:
    place = f"groups.{entry['group']}.questions.{key}"

    def problem(message: str, expected: str, hint: str | None = None) -> Problem:
        said = f"question '{key}' {message}"
        return Problem(
            "bad_battery", said, file=str(file), column=place, expected=expected, hint=hint
        )

    def named(word: str, value: Any, known: tuple[str, ...]) -> Iterator[Problem]:
        if value not in known:
            said = f"has an unknown {word} '{value}'"
            yield problem(said, "one of " + ", ".join(known), nearest(str(value), known))

    if not entry["text"]:
        yield problem("has no text", "text: {id: ..., en: ...}")
    kinds = [kind for kind in _KINDS if kind in entry]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "nothing to answer with"
        yield problem(f"has {found}", "one of " + ", ".join(_KINDS))
    if "scale" in entry:
        families = {known.rpartition("_")[0] for known in scales()}
        yield from named("scale", entry["scale"], (*scales(), *sorted(families)))
    if "answers" in entry:
        yield from named("list of answers", entry["answers"], tuple(locale(FIRST)["answers"]))
    if "vocabulary" in entry:
        yield from named("vocabulary", entry["vocabulary"], vocabularies())
    for reason in entry.get("exit_answers", ()):
        yield from named("exit answer", reason, REASONS)


def _complete(entry: dict[str, Any]) -> dict[str, Any]:
    """A question with the words of its answers and the slots of its text."""
    made = {**entry, "slots": _slots(entry["text"])}
    if "answers" in entry:
        values = locale(FIRST)["answers"][entry["answers"]]
        made["choices"] = {
            value: in_every_language("answers", entry["answers"], value) for value in values
        }
    if "vocabulary" in entry:
        texts = vocabulary(entry["vocabulary"])
        made["choices"] = {value: parts["answer"] for value, parts in texts.items()}
    other_words = made.pop("exit_words", {})
    made["exit_answers"] = {
        reason: in_every_language("exit_words", other_words[reason])
        if reason in other_words
        else in_every_language("exit_answers", reason)
        for reason in entry.get("exit_answers", ())
    }
    return made


def _slots(text: Text) -> tuple[str, ...]:
    found = {
        name for words in text.values() for _, name, _, _ in string.Formatter().parse(words) if name
    }
    return tuple(sorted(found))
