"""What a wave asked, and how: the words, scales, order, introduction and period of its questions.

Two waves are compared on a question only where all of these are the same (METHODS 22.1): one
changed word makes it another question. `instrument` tells what a wave asked, `changed` what is
not the same in two of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit import library

if TYPE_CHECKING:
    from cxkit.study.shape import Study

__all__ = ["PARTS", "Instrument", "instrument"]

PARTS = ("wording", "scale", "order", "intro", "period")
"""What may change in a question, in the order in which it is told."""

_NO_PRESET: Mapping[str, Any] = {"items": {}, "questions": {}}


@dataclass(frozen=True)
class Instrument:
    """The questions of one wave, each with its wording and scale, and how they were put.

    `questions` goes by `item:KEY`, `outcome:KEY` and `rating:STAGE`.
    """

    questions: Mapping[str, Mapping[str, Any]]
    put: Mapping[str, Any]

    def changed(self, other: Instrument, questions: Iterable[str]) -> tuple[str, ...]:
        """The parts that differ between two waves for any question that both asked."""
        both = [one for one in questions if one in self.questions and one in other.questions]
        found = {
            part
            for one in both
            for part in ("wording", "scale")
            if self.questions[one][part] != other.questions[one][part]
        }
        if both:
            found |= {part for part in self.put if self.put[part] != other.put[part]}
        return tuple(part for part in PARTS if part in found)

    @property
    def digest(self) -> str:
        """The SHA-256 of all that was asked: the same digest, the same instrument."""
        plain = json.dumps([self.questions, self.put], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()


def instrument(study: Study, wave: str) -> Instrument:
    """What a study asked in one wave: its own keys, and what that wave says it asked otherwise."""
    then = study.of_wave(wave)
    preset = library.preset(then.preset) if then.preset in library.presets() else _NO_PRESET
    otherwise = study.waves[wave].instrument.wording if wave in study.waves else {}
    kinds: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("item", then.items),
        ("outcome", then.outcomes),
        ("rating", {key: one for key, one in then.stages.items() if one.rating}),
    )
    questions = {
        f"{kind}:{key}": {
            "wording": dict(otherwise.get(key) or _wording(then, preset, kind, key)),
            "scale": _scale(then.known_scales.get(one.scale or "")),
        }
        for kind, shelf in kinds
        for key, one in shelf.items()
        if study.is_asked(_column(one), wave)
    }
    put = {part: dict(getattr(then, part) or {}) for part in ("order", "intro", "period")}
    return Instrument(questions, put)


def _column(one: Any) -> str:
    return str(getattr(one, "column", None) or one.rating)


def _wording(study: Study, preset: Mapping[str, Any], kind: str, key: str) -> Mapping[str, str]:
    """The words of a question by language, as templates; nothing where the study has none."""
    if kind == "rating":
        stages = study.journey.stages if study.journey else ()
        asked = next((stage.rating for stage in stages if stage.key == key), None)
        return _of_library(study, "stage_ratings", asked)
    own = study.items[key].label if kind == "item" else study.outcomes[key].label
    if own:
        return own
    if kind == "outcome":
        asked = f"out_{key}"
        return preset["questions"].get(asked) or _of_library(study, "outcomes", asked)
    for framework in study.frameworks_read:
        if key in framework.items and (text := framework.items[key].text):
            return dict(text)
    if key in preset["items"]:
        return dict(preset["items"][key]["text"])
    return _of_library(study, "items", key)


def _of_library(study: Study, shelf: str, key: str | None) -> dict[str, str]:
    texts = {language: library.locale(language)[shelf].get(key) for language in study.languages}
    return {language: str(text) for language, text in texts.items() if text}


def _scale(scale: library.Scale | None) -> dict[str, Any]:
    if scale is None:
        return {}
    labels = {language: list(words) for language, words in (scale.labels or {}).items()}
    return {
        "points": list(scale.points),
        "direction": scale.direction,
        "low": dict(scale.low),
        "high": dict(scale.high),
        "labels": labels,
    }
