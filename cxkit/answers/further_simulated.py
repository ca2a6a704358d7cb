"""Simulated answers beyond the core, each from a stream of its own, and people asked twice."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from cxkit import places
from cxkit.answers.further_truth import Comments, Further, Left, Spend
from cxkit.answers.truth import Array, Measure, Plan
from cxkit.library import asked_on_a_scale, load_yaml
from cxkit.study.channel_use import UNKNOWN

__all__ = ["Asked", "People", "columns", "same_people"]

Words = NDArray[np.object_]
Flags = NDArray[np.bool_]

_UNHAPPY = -0.5
"""The mood below which respondents write more, and of what they blame."""
_BESIDE = ("other", UNKNOWN)
"""Answers of a question on channels that are no channel."""


@dataclass
class People:
    """The respondents of a wave, as far as they are drawn."""

    wave: str | None
    n: int
    mood: Array
    luck: dict[str, Array]
    groups: dict[str, Words]
    reached: dict[str, Flags]
    bases: dict[str, Flags]
    said: dict[str, Words]
    latent: dict[str, Array]

    @property
    def furthest(self) -> NDArray[np.int64]:
        """How many stages lie behind each: 0 for nobody's, the number of the last one reached."""
        found = np.zeros(self.n, dtype=np.int64)
        for place, reached in enumerate(self.reached.values(), start=1):
            found[reached] = place
        return found


@dataclass
class Asked:
    """A wave's further questions being answered, one stream a question."""

    plan: Plan
    people: People
    seed: int

    @property
    def truth(self) -> Further:
        """What is planted."""
        return self.plan.truth.further

    def luck(self, key: str, k: int = 1) -> Array:
        """Uniform luck of a question, shape (k, n): the same whatever else is asked."""
        stream = zlib.crc32(f"{self.people.wave}:{key}".encode())
        return np.random.default_rng([self.seed, stream]).random((k, self.people.n))

    def member(self, base: str | None) -> Flags:
        """Who belongs to a base: drawn already, or told by an answer."""
        people = self.people
        if base is None or base not in self.plan.study.base_keys:
            return self.plan.meets(None, people.reached, people.bases) & np.ones(people.n, bool)
        if base in people.bases:
            return people.bases[base]
        parts = self.plan.study.base_parts(base)
        if parts:
            return np.logical_or.reduce([self.member(part) for part in parts])
        declared = self.plan.study.bases.get(base)
        if declared is None or declared.column not in people.said:
            return np.zeros(people.n, dtype=bool)
        return np.isin(people.said[declared.column], list(declared.words))

    def score(self, level: str) -> Array:
        """The score that a person's answers to a level make, in points; 60 for none."""
        found = []
        for item in self.plan.levels.get(level, ()):
            measure = self.plan.measures[f"item:{item}"]
            places = {f"{code:g}": 100 * at / (len(measure.codes) - 1)
                      for at, code in enumerate(measure.codes)}  # fmt: skip
            answers = self.people.said[measure.column]
            found.append(np.array([places.get(one, np.nan) for one in answers], dtype=float))
        if not found:
            return np.full(self.people.n, 60.0)
        stacked = np.vstack(found)
        n_told = (~np.isnan(stacked)).sum(axis=0)
        total = np.nansum(stacked, axis=0)
        return np.where(n_told > 0, total / np.maximum(n_told, 1), 60.0)


def columns(asked: Asked) -> dict[str, Words]:
    """What the respondents of a wave say beyond the core, by column."""
    plan, truth = asked.plan, asked.truth
    is_asked = not truth.waves or asked.people.wave in truth.waves
    for key, one in truth.bases.items():
        if key in plan.study.bases:
            within = asked.member(one.within)
            asked.people.bases[key] = within & (asked.luck(f"base:{key}")[0] < one.share)
            put = plan.study.bases[key]
            words = np.where(asked.people.bases[key], put.words[0], "no").astype(object)
            begun = asked.member(None)
            asked.people.said[str(put.column)] = np.where(begun & is_asked, words, "")
    made: dict[str, Words] = {}
    made |= {str(plan.study.bases[key].column): asked.people.said[str(plan.study.bases[key].column)]
             for key in truth.bases if key in plan.study.bases}  # fmt: skip
    made |= _channels(asked)
    for measure in plan.further.values():
        made[measure.column] = asked.people.said[measure.column] = _answers(asked, measure)
    made |= _rival(asked)
    if not is_asked:
        made = {column: np.full(asked.people.n, "", dtype=object) for column in made}
    for column, spend in truth.spend.items():
        made[column] = _spend(asked, column, spend)
    for column, left in truth.left.items():
        made |= _left(asked, column, left)
    for key, comments in truth.comments.items():
        if key in plan.study.comments:
            said = _comments(asked, key, comments)
            made[plan.study.comments[key]] = np.where(is_asked, said, "").astype(object)
    return made


# -- questions -------------------------------------------------------------------------------------


def _answers(asked: Asked, measure: Measure) -> Words:
    people = asked.people
    key = measure.of.partition(":")[2]
    noise, missing = asked.luck(key, 2)
    latent = measure.mean + measure.mood * people.mood + measure.noise * _normal(noise)
    latent += sum(points * people.luck[level] for level, points in measure.levels.items())
    people.latent[measure.of] = latent
    codes = np.array([_written(measure, asked.plan, code) for code in measure.codes], dtype=object)
    said = codes[measure.rank(latent)]
    asked_as = asked_on_a_scale()
    told = asked_as.get(key) or asked_as.get(f"out_{key}") or {}
    low = 0.0
    for reason, rate in measure.missing.items():
        is_here = (low <= missing) & (missing < low + rate)
        said[is_here] = reason if reason in told.get("exit_answers", ()) else ""
        low += rate
    may = asked.member(measure.base)
    item = asked.plan.study.items.get(key) if measure.of.startswith("item:") else None
    for stage in item.reached if item else ():
        may = may & people.reached.get(stage, True)
    for question, answer in told.get("asked_of", {}).items():
        if question in people.said:
            may = may & (people.said[question] == answer)
    return np.where(may, said, "").astype(object)


def _written(measure: Measure, plan: Plan, code: float) -> str:
    """How a file writes a point: by its word where the scale has one."""
    words = {at: word for word, at in plan.study.scale(measure.of).values.items()}
    return words.get(code, f"{code:g}")


def _channels(asked: Asked) -> dict[str, Words]:
    study, shares = asked.plan.study, asked.truth.channels
    if study.channels is None:
        return {}
    may = asked.member(study.channels.base)
    used = {
        key: asked.luck(f"channel:{key}")[0] < shares.get(key, 0.02 if key in _BESIDE else 0.3)
        for key in study.channel_keys
    }
    n_used = np.sum([one for key, one in used.items() if key != UNKNOWN], axis=0)
    if UNKNOWN in used:  # who remembers none
        used[UNKNOWN] &= n_used == 0
    if study.has_multi_channel:
        asked.people.bases["multi_channel"] = may & (n_used > 1)
    return {
        study.channel_columns[key]: np.where(may, np.where(one, "yes", "no"), "").astype(object)
        for key, one in used.items()
    }


def _rival(asked: Asked) -> dict[str, Words]:
    """The same people's answers about another brand: their own mood, luck of its own."""
    rival, truth = asked.plan.study.rival, asked.truth.rival
    made: dict[str, Words] = {}
    if rival is None:
        return made
    for kind, shelf in (("item", rival.items), ("outcome", rival.outcomes)):
        for key, column in shelf.items():
            measure = asked.plan.measures[f"{kind}:{key}"]
            luck, rates = asked.luck(f"rival:{key}", 2)
            level = next(iter(measure.levels), "") if kind == "item" else ""
            latent = measure.mean + measure.mood * 0.6 * asked.people.mood
            latent += truth.above.get(key, truth.above.get(level, 0.0))
            latent += truth.noise * _normal(luck)
            codes = np.array([f"{code:g}" for code in measure.codes], dtype=object)
            said = np.where(rates < 0.2, "", codes[measure.rank(latent)])
            made[column] = np.where(asked.member(measure.base), said, "").astype(object)
    return made


# -- records ---------------------------------------------------------------------------------------


def _spend(asked: Asked, column: str, plant: Spend) -> Words:
    noise, missing = asked.luck(column, 2)
    logs = np.log(plant.median) + plant.spread * _normal(noise)
    logs += sum(by * (asked.score(level) - plant.at) for level, by in plant.by.items())
    amounts = np.round(np.exp(logs), -3)
    told = asked.member(plant.base) & (missing >= plant.missing)
    written = np.array([f"{one:.0f}" for one in amounts], dtype=object)
    return np.where(told, written, "").astype(object)


def _left(asked: Asked, column: str, plant: Left) -> dict[str, Words]:
    people = asked.people
    until = plant.until.get(str(people.wave), 0)
    log_hazard = np.log(plant.hazard)
    log_hazard += sum(by * (asked.score(level) - plant.at) for level, by in plant.slopes.items())
    luck = asked.luck(f"left:{column}:{plant.stream}")[0]
    waited = -np.log(np.maximum(luck, 2.0**-53)) / np.exp(log_hazard)
    month = np.ceil(waited)
    still = month > until
    may = asked.member(plant.base) & (until > 0)
    months = np.where(still, until, month).astype(np.int64).astype(str).astype(object)
    return {
        column: np.where(may, np.where(still, "yes", "no"), "").astype(object),
        plant.months: np.where(may, months, "").astype(object),
    }


# -- comments --------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _phrases(file: Path) -> dict[str, Any]:
    return load_yaml(file)


def _comments(asked: Asked, key: str, plant: Comments) -> Words:
    """What each respondent writes: nothing, something without a theme, or one or two themes."""
    phrases = _phrases_of(asked, plant)
    luck = asked.luck(f"comment:{key}", 9)
    writes = luck[0] < plant.share + plant.detractors * (asked.people.mood < _UNHAPPY)
    spoken = _spoken(plant, asked.plan.study.languages, luck[1])
    scores, edges = _pulls(asked, plant, phrases["themes"])
    said = np.full(asked.people.n, "", dtype=object)
    for i in np.flatnonzero(writes & asked.member("experienced")):
        kind, language = luck[2, i], spoken[i]
        if kind < plant.nothing:
            said[i] = _drawn(phrases["nothing"], luck[4, i])
        elif kind < plant.nothing + plant.other:
            other = phrases["other"]
            said[i] = _drawn(other.get(language) or next(iter(other.values())), luck[4, i])
        else:
            count = 2 if luck[3, i] < plant.two else 1
            said[i] = _comment(
                phrases["themes"], language, count, luck[4:, i], scores[:, i], edges[:, i]
            )
    return _with_identifiers(said, plant.identifiers)


def _phrases_of(asked: Asked, plant: Comments) -> dict[str, Any]:
    """The phrases of the study, or those of the kit; of those without content, what fits it."""
    study = asked.plan.study
    beside = Path(study.folder) / plant.file
    phrases = _phrases(
        beside if beside.is_file() else places.shared("templates/study") / plant.file
    )
    may_say = (*study.languages, "any")
    nothing = [text for text, language in phrases["nothing"].items() if language in may_say]
    return {**phrases, "nothing": nothing}


def _pulls(asked: Asked, plant: Comments, themes: Mapping[str, Any]) -> tuple[Array, Array]:
    """The score behind each theme, and the upper edges of its part of the luck, by respondent.

    A low score pulls, and so does what the unhappy blame.
    """
    mood = asked.people.mood
    levels = [theme.get("level") for theme in themes.values()]
    has_level = np.array([level is not None for level in levels])[:, None]
    scores = np.array([asked.score(level) for level in levels])
    scores = np.where(has_level, scores, scores + 12 * mood)
    weights = np.array([plant.weights.get(theme, 1.0) for theme in themes])[:, None]
    blame = np.array([plant.blamed.get(theme, 1.0) for theme in themes])[:, None]
    pull = np.exp(plant.salience * (60 - scores) * has_level) * np.where(
        mood < _UNHAPPY, blame, 1.0
    )
    edges = np.cumsum(weights * pull, axis=0)
    return scores, edges / edges[-1]


def _comment(
    themes: Mapping[str, Any], language: str, count: int, luck: Array, scores: Array, edges: Array
) -> str:
    """One comment: up to so many themes by its luck, each praised or blamed by its score."""
    phrases = list(themes.values())
    chosen = dict.fromkeys(int((edges < luck[at]).sum()) for at in range(count))
    parts = []
    for place, at in enumerate(chosen):
        tone = "good" if scores[at] + 12 * _normal(luck[2]) > 58 else "bad"
        parts.append(_drawn(phrases[at][tone][language], luck[3 + place]))
    return ", ".join(parts)


def _with_identifiers(said: Words, identifiers: Sequence[str]) -> Words:
    """Planted identifiers, spread over those who wrote."""
    for at, text in enumerate(identifiers):
        rows = np.flatnonzero(said != "")
        if len(rows):
            i = rows[(at + 1) * len(rows) // (len(identifiers) + 1)]
            said[i] = f"{said[i]}, {text}"
    return said


def _spoken(plant: Comments, asked_in: tuple[str, ...], luck: Array) -> Words:
    """The language of each comment, of those that the study is asked in."""
    is_mixed = sum(one in plant.languages for one in asked_in) > 1
    kept = [one for one in plant.languages if one in asked_in or (one == "mixed" and is_mixed)]
    kept = kept or list(plant.languages)
    edges = np.cumsum([plant.languages[one] for one in kept])
    at = np.searchsorted(edges / edges[-1], luck, side="right")
    return np.array(kept, dtype=object)[np.minimum(at, len(kept) - 1)]


def _drawn(words: list[str], luck: float) -> str:
    return words[min(int(luck * len(words)), len(words) - 1)]


def _normal(uniform: Any) -> Any:
    return ndtri(np.clip(uniform, 2.0**-53, 1 - 2.0**-53))


# -- the same people again -------------------------------------------------------------------------


def same_people(
    before: People, now: People, ids_before: Words, ids: Words, plan: Plan, seed: int
) -> Words:
    """The ids of a wave, where some of its respondents are people of the wave before.

    Nobody's answers change: whoever is drawn again is found among those of the same groups and
    the stage that is planted, by the nearest mood. Where nobody fits, the respondent is new.
    """
    panel = plan.truth.further.panel
    if not panel.share:
        return ids
    drawn, moved = Asked(plan, now, seed).luck("panel", 2)
    then, today = _cells(before, plan), _cells(now, plan)
    stage = now.furthest
    target = stage - ((moved < panel.forward) & (stage > 1))
    free: Mapping[tuple[Any, ...], list[int]] = _by_cell(then, before.furthest)
    made = ids.copy()
    for i in np.flatnonzero(drawn < panel.share):
        those = free.get((*today[i], int(target[i])), [])
        if those:
            near = min(those, key=lambda j: (abs(before.mood[j] - now.mood[i]), j))
            those.remove(near)
            made[i] = ids_before[near]
    return made


def _cells(people: People, plan: Plan) -> list[tuple[str, ...]]:
    """The groups that a person stays in, whatever happens."""
    keys = [key for key, one in plan.segments.items() if one.base is None]
    return list(zip(*(people.groups[key] for key in keys), strict=True)) or [()] * people.n


def _by_cell(cells: list[tuple[str, ...]], stage: NDArray[np.int64]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    for row, (cell, at) in enumerate(zip(cells, stage, strict=True)):
        found.setdefault((*cell, int(at)), []).append(row)
    return found
