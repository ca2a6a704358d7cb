"""The library: what the kit knows about customer experience, as files, and their lazy loader.

Frameworks, response scales, questionnaires and every word in both languages are data. A new one
is a new file: here, or beside a study, where it wins over the library's.
"""

from __future__ import annotations

from typing import Any

from cxkit.library.files import (
    LIBRARY,
    Text,
    in_every_language,
    languages,
    load_yaml,
    locale,
    unknown,
)
from cxkit.library.framework_file import framework
from cxkit.library.response_scale import REASONS, Scale, own_scale, scale, scales

__all__ = [
    "REASONS",
    "Scale",
    "Text",
    "framework",
    "in_every_language",
    "languages",
    "load_yaml",
    "locale",
    "own_scale",
    "preset",
    "presets",
    "questionnaire",
    "scale",
    "scales",
    "vocabularies",
    "vocabulary",
]


def questionnaire(name: str = "core") -> dict[str, Any]:
    """What is asked, of whom, on which scale: the modules of a questionnaire, by key.

    Texts stand in the locales under the `words` of each module.
    """
    return load_yaml(LIBRARY / "questionnaires" / f"{name}.yaml")


def presets() -> tuple[str, ...]:
    """The names of the presets that word the fulfilment pair for an industry."""
    return tuple(locale("id")["presets"])


def preset(name: str) -> dict[str, Any]:
    """The items that a preset words anew, and who belongs to its buyers.

    Returns
    -------
    dict
        `key`; `items`: item -> `text` and `short`, each by language; `buyers` by language.

    Examples
    --------
    >>> preset("finance")["items"]["ful_2"]["short"]["en"]
    'Completed on time'
    """
    if name not in presets():
        raise unknown("preset", name, presets())
    words = locale("id")["presets"][name]
    items = {
        key: {part: in_every_language("presets", name, key, part) for part in entry}
        for key, entry in words.items()
        if key != "buyers"
    }
    return {"key": name, "items": items, "buyers": in_every_language("presets", name, "buyers")}


def vocabularies() -> tuple[str, ...]:
    """The names of the shared lists of answers, such as `acquisition_channel`."""
    return tuple(locale("id")["vocabularies"])


def vocabulary(name: str) -> dict[str, dict[str, Text | None]]:
    """A shared list of answers: value -> `answer` (asked) and `label` (printed), by language.

    Examples
    --------
    >>> vocabulary("mode")["hybrid"]["label"]["en"]
    'Both'
    """
    if name not in vocabularies():
        raise unknown("vocabulary", name, vocabularies())
    values = locale("id")["vocabularies"][name]
    return {
        value: {
            part: in_every_language("vocabularies", name, value, part)
            for part in ("answer", "label")
        }
        for value in values
    }
