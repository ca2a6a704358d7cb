"""Lists of answers: vocabularies, reasons for a missing answer, labels that may mislead."""

from __future__ import annotations

from typing import Any

from cxkit.library.files import (
    FIRST,
    LIBRARY,
    Text,
    in_every_language,
    load_yaml,
    locale,
    unknown,
)

__all__ = [
    "ambiguous_labels",
    "label_abbreviations",
    "label_places",
    "reasons",
    "vocabularies",
    "vocabulary",
]


def vocabularies() -> tuple[str, ...]:
    """The names of the shared lists of answers, such as `acquisition_channel`."""
    return tuple(locale(FIRST)["vocabularies"])


def vocabulary(name: str) -> dict[str, dict[str, Text | None]]:
    """A shared list of answers: value -> `answer` (asked) and `label` (printed), by language.

    A value that is easily mistaken for another has a `note` as well.

    Examples
    --------
    >>> vocabulary("mode")["hybrid"]["label"]["en"]
    'Both'
    >>> vocabulary("acquisition_channel")["referral"]["note"]["en"]
    "A link on another website. A friend's word is awareness_source: peers."
    """
    if name not in vocabularies():
        raise unknown("vocabulary", name, vocabularies())
    values = locale(FIRST)["vocabularies"][name]
    return {
        value: {part: in_every_language("vocabularies", name, value, part) for part in entry}
        for value, entry in values.items()
    }


def reasons() -> dict[str, dict[str, Text | None]]:
    """Why an answer may be missing: reason -> what respondents are `offered`, what is `printed`.

    Reasons that only the routing or the report can give are offered to nobody.

    Examples
    --------
    >>> reasons()["not_experienced"]["offered"]["id"]
    'Belum pernah mengalami'
    >>> reasons()["not_reached"]["offered"] is None
    True
    """
    return {
        reason: {
            "offered": in_every_language("exit_answers", reason),
            "printed": in_every_language("names", "reason", reason),
        }
        for reason in locale(FIRST)["names"]["reason"]
    }


def ambiguous_labels() -> dict[str, dict[str, Any]]:
    """Indonesian labels that stand at different places in different questionnaires.

    label -> the `abbreviation` in use (or None), and the `places` at which it is met: how many
    points -> which of them, from the worst. A place is proposed and confirmed, never looked up.

    Examples
    --------
    >>> places = ambiguous_labels()["Kurang setuju"]["places"]
    >>> places[4], places[5]
    ((2,), (2, 3))
    """
    short = {label: abbreviation for abbreviation, label in label_abbreviations().items()}
    return {
        label: {"abbreviation": short.get(label), "places": label_places(label)}
        for label in load_yaml(LIBRARY / "ambiguous_labels.yaml")["ambiguous"]
    }


def label_abbreviations() -> dict[str, str]:
    """Abbreviations of Indonesian labels, common in exports.

    >>> label_abbreviations()["STS"]
    'Sangat tidak setuju'
    """
    return dict(load_yaml(LIBRARY / "ambiguous_labels.yaml")["abbreviations"])


def label_places(label: str) -> dict[int, tuple[int, ...]]:
    """Where an ambiguous label is met: how many points -> which of them; empty for a plain label.

    Capitals and hyphens do not matter.

    >>> label_places("ragu-ragu")[4]
    (2, 3)
    >>> label_places("Setuju sekali")
    {}
    """
    word = " ".join(label.casefold().replace("-", " ").split())
    for known, places in load_yaml(LIBRARY / "ambiguous_labels.yaml")["places"].items():
        stem = known.removesuffix("*")
        if word == known or (stem != known and word.startswith(stem)):
            return {points: tuple(codes) for points, codes in places.items()}
    return {}
