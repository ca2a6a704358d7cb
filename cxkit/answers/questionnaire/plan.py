"""Which questions a study asks, and in which order: the core, chosen batteries, what it maps.

The order is that of the library's questionnaire. What the study names (items, outcomes, stages,
comments, segments) is asked whether its battery was chosen or not, so that every mapped column
comes back. A question that another hangs on is asked before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any as Anything

from cxkit import library
from cxkit.answers.questionnaire.conditions import (
    AtLeast,
    Condition,
    Is,
    every,
    keys_of,
    some,
)
from cxkit.errors import StudyError, nearest
from cxkit.study import Study

__all__ = ["Plan"]

Entry = dict[str, Anything]

_OPPOSITE = {"1": "0", "0": "1", "no": "yes"}
"""What stands for no where the study has a word of its own for yes; `no` itself else."""

_LEVELS = "pyramid"
"""The battery of the core in whose place stands the study's own framework of levels."""

_CHANNELS = "pro_interaction_channel"
"""The question on the channels that a respondent used."""

_SPENT = "out_spend"
"""The question on what a respondent paid: the study reads it under `value`."""


@dataclass(frozen=True)
class Plan:
    """What is asked of whom by `study` in `wave`, with the batteries of `chosen` added."""

    study: Study
    wave: str
    chosen: tuple[str, ...]

    @cached_property
    def then(self) -> Study:
        """The study as that wave asks it."""
        return self.study.of_wave(self.wave or None)

    @cached_property
    def core(self) -> Entry:
        """The library's questionnaire."""
        return library.questionnaire("core")

    # -- what could be asked

    @cached_property
    def batteries(self) -> dict[str, Entry]:
        """Every battery that is known here, by name: those of the library, and the study's."""
        preset = self.then.preset
        folder = self.study.folder
        own = (name.partition(".")[0] for name in self.chosen)
        found = {}
        for name in dict.fromkeys((*own, *library.batteries())):
            if name not in library.batteries() and not (folder / f"{name}.yaml").is_file():
                raise self._unknown(name)
            found[name] = library.battery(name, folder, preset=preset)
        return found

    @cached_property
    def shelf(self) -> dict[str, Entry]:
        """Every question that could be asked, by its key."""
        every_one = [one for each in self.batteries.values() for one in each["questions"].items()]
        shelf = dict(every_one)
        for key, entry in self._own_levels().items():
            shelf.setdefault(key, entry)
        channels = self.study.channels
        if channels and channels.column and not channels.vocabulary:
            shelf[_CHANNELS] = shelf[_CHANNELS] | {"choices": dict(channels.labels)}
        return shelf

    def _own_levels(self) -> dict[str, Entry]:
        """The statements of the study's framework of levels, as the core's are asked."""
        framework = self.study.framework
        if framework is None:
            return {}
        core = self.batteries[_LEVELS]["groups"]["statements"]
        exits = {reason: library.reasons()[reason]["offered"] for reason in core["exit_answers"]}
        shared = {"battery": framework.key, "group": "statements", "intro": core["intro"]}
        shared |= {"scale": core["scale"], "exit_answers": exits}
        return {
            key: {"key": key, **shared, "level": framework.level_of(key), "base": one.base}
            | {"text": one.text}
            for key, one in framework.items.items()
        }

    def group_of(self, entry: Entry) -> Entry:
        """What is said of all questions of an entry's group."""
        levels = self.study.framework
        if levels is not None and entry["battery"] == levels.key:
            return dict(self.batteries[_LEVELS]["groups"]["statements"])
        return dict(self.batteries[entry["battery"]]["groups"][entry["group"]])

    # -- what is asked

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The questions that are asked, in their order."""
        asked = self._with_needed({*self._of_core, *self._of_chosen(), *self.named})
        return self._after_what_they_need([key for key in self._ordered() if key in asked])

    @cached_property
    def _of_core(self) -> tuple[str, ...]:
        return tuple(key for part in self.core["order"] for key in self._part(part))

    def _part(self, part: Entry) -> list[str]:
        """The questions that an entry of the core's order stands for."""
        name = part.get("battery")
        if name is None:
            return []
        framework = self.study.framework
        if name == _LEVELS and framework is not None and framework.key != _LEVELS:
            keys = list(framework.item_keys)
        else:
            keys = self._battery(name, part.get("questions"), part.get("groups"))
        return self._measured(keys) if name == _LEVELS else keys

    def _battery(
        self, name: str, questions: Sequence[str] | None, groups: Sequence[str] | None
    ) -> list[str]:
        of = self.batteries[name]["questions"]
        return [
            key
            for key, entry in of.items()
            if (questions is None or key in questions)
            and (groups is None or entry["group"] in groups)
            and "only_in" not in entry
        ]

    def _measured(self, keys: list[str]) -> list[str]:
        """The statements that the study names, or all of them where it names none."""
        named = [key for key in keys if key in self.then.items]
        return named or keys

    def _of_chosen(self) -> Iterator[str]:
        for chosen in self.chosen:
            name, _, group = chosen.partition(".")
            battery = self.batteries[name]
            if group and group not in battery["groups"]:
                raise self._unknown(chosen)
            groups = [group] if group else self._groups(battery)
            yield from self._battery(name, None, groups)

    def _groups(self, battery: Entry) -> list[str]:
        """The groups of a battery that are asked: of those that stand for each other one.

        A study that maps several of those asks them all.
        """
        one_of = battery.get("choose_one", ())
        asked = {
            group: any(self.shelf[key]["group"] == group for key in battery["questions"]
                       if key in self.named)
            for group in one_of
        }  # fmt: skip
        is_tracker = len(self.study.waves) > 1
        usual = battery.get("preferred", {}).get("tracker") if is_tracker else None
        told = [group for group, is_named in asked.items() if is_named]
        taken = told or [usual or next(iter(one_of), None)]
        return [group for group in battery["groups"] if group not in one_of or group in taken]

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The questions that the study maps a column of."""
        study = self.then
        named = [key for key in study.items if key in self.shelf]
        named += [key for one in study.outcomes for key in (f"out_{one}", one) if key in self.shelf]
        named += [key for one in study.comments for key in (f"cmt_{one}", one) if key in self.shelf]
        for stage in study.journey.stages if study.journey else ():
            if stage.key in study.stages:
                named += [*stage.reached, *([stage.rating] if stage.rating else [])]
        sets = {entry["sets"]: key for key, entry in self.shelf.items() if "sets" in entry}
        named += [sets[base] for base in study.bases if base in sets]
        of = {one["vocabulary"]: key for key, one in self.shelf.items() if "vocabulary" in one}
        listed = [one.vocabulary for one in study.segments.values()]
        named += [of[one] for one in listed if one in of]
        named += [_CHANNELS] if self.channels else []
        named += [_SPENT] if study.value and study.value.observed.spend == _SPENT else []
        return tuple(dict.fromkeys(named))

    @cached_property
    def channels(self) -> dict[str, str]:
        """The question on channels -> its column, where the study reads one question on them."""
        asked = self.then.channels
        if asked is None or asked.column is None:
            return {}
        of = {one["vocabulary"]: key for key, one in self.shelf.items() if "vocabulary" in one}
        return {of.get(asked.vocabulary or "", _CHANNELS): asked.column}

    def _with_needed(self, asked: set[str]) -> set[str]:
        """The questions with those that they hang on."""
        needed = {
            key
            for one in asked
            for key in keys_of(self.condition(one, asked))
            if key in self.shelf and key not in asked
        }
        return self._with_needed(asked | needed) if needed else asked

    # -- the order

    def _ordered(self) -> tuple[str, ...]:
        """Every question of the shelf at its place in the core's order."""
        last = {
            part["battery"]: at for at, part in enumerate(self.core["order"]) if "battery" in part
        }
        here = next(at for at, part in enumerate(self.core["order"]) if part.get("chosen"))
        order: list[str] = []
        for at, part in enumerate(self.core["order"]):
            order += self._part(part)
            if at > here and last.get(part.get("battery", "")) == at:
                order += [key for key in self._whole(part["battery"]) if key not in self._of_core]
            if at == here:
                later = {name for name, place in last.items() if place > here}
                names = dict.fromkeys(one.partition(".")[0] for one in self.chosen)
                for name in dict.fromkeys((*names, *self.batteries)):
                    if name not in later:
                        order += [key for key in self._whole(name) if key not in self._of_core]
        return tuple(dict.fromkeys([*order, *self.shelf]))

    def _whole(self, name: str) -> list[str]:
        return list(self.batteries[name]["questions"])

    @cached_property
    def closing(self) -> frozenset[str]:
        """The questions that come after all others on the brand: what is left, and the person."""
        parts = self.core["order"]
        here = next(at for at, part in enumerate(parts) if part.get("chosen"))
        before = {key for part in parts[:here] for key in self._part(part)}
        last = [part["battery"] for part in parts[here:] if "battery" in part]
        return frozenset(key for name in last for key in self._whole(name)) - before

    def _after_what_they_need(self, keys: list[str]) -> tuple[str, ...]:
        """The same order, but for what others hang on: it comes before the first of them."""
        order: list[str] = []

        def put(key: str, waiting: tuple[str, ...]) -> None:
            if key in waiting:
                raise StudyError(
                    f"the questions {' and '.join((*waiting, key))} hang on each other",
                    where=self.study.shown(),
                    expected="a question that is asked before those that hang on it",
                )
            for needed in keys_of(self.condition(key, keys)):
                if needed not in order and needed in keys:
                    put(needed, (*waiting, key))
            if key not in order:
                order.append(key)

        for key in keys:
            put(key, ())
        return tuple(order)

    # -- who is asked

    def condition(self, key: str, asked: Iterable[str]) -> Condition | None:
        """Who is asked a question, where `asked` are the others; None is everybody."""
        entry = self.shelf[key]
        parts = [self._gate(key), self.base(self.base_of(key))]
        own = self.then.items.get(key)
        stages = own.reached if own is not None else entry.get("reached", ())
        parts += [self._reached(stage) for stage in stages]
        also = entry.get("asked_of", {}).items()
        parts += [self.says(other, value) for other, value in also if other in asked]
        return every(parts)

    def base_of(self, key: str) -> Anything:
        """Whom a question concerns: as the study says of an item or outcome, else its entry."""
        outcome = self.then.outcomes.get(key.removeprefix("out_"))
        asked = self.then.channels if key in self.channels else self.then.items.get(key)
        told = asked or outcome
        return (told.base if told is not None else None) or self.shelf[key].get("base")

    def _gate(self, key: str) -> Condition | None:
        """What the first question of a battery lets through to its others."""
        for part in self.core["order"]:
            gate = part.get("gate")
            if gate and part["battery"] == self.shelf[key]["battery"] and key != gate:
                return self.says(gate)
        return None

    def base(self, name: Anything) -> Condition | None:
        """A base as a condition on answers; None where no question tells it."""
        if not name:
            return None
        if isinstance(name, dict):
            return some(self.base(one) for one in name["any"])
        declared = self.study.bases.get(name)
        setter = next((key for key, one in self.shelf.items() if one.get("sets") == name), None)
        follows = self.core["bases"].get(name)
        if declared is not None and declared.any:
            return some(self.base(one) for one in declared.any)
        if setter and not (follows and setter not in self._of_core):
            return self.says(setter)
        return self._following(follows) if follows else None

    def _following(self, rule: Entry) -> Condition | None:
        """A base that follows from several answers, as the core says."""
        if "any" in rule:
            return some(self.base(one) for one in rule["any"])
        if "yes" in rule:
            key = rule["yes"]
            return self.says(key) if key in self._of_core else self.base(rule["otherwise"])
        beside = ("unknown",) if "unknown" in self.shelf[rule["question"]]["choices"] else ()
        return AtLeast(rule["question"], rule["at_least"], beside)

    def _reached(self, stage: str) -> Condition | None:
        journey = self.study.journey
        known = journey.stages if journey else ()
        ways = next((one.reached for one in known if one.key == stage), ())
        ways = tuple(key for key in ways if key in self.shelf) or tuple(
            key
            for key, one in self.shelf.items()
            if one.get("stage") == stage and one.get("answers") == "yes_no"
        )
        if not ways:
            return self.base(stage)
        return some(self.says(key) for key in ways)

    def says(self, key: str, value: str = "yes") -> Condition | None:
        """That a question is answered so: yes, unless said, or what the study reads as yes too."""
        if value != "yes":
            return Is(key, value)
        entry, read = self.shelf[key], self.conditions_read.get(key)
        offered = [self.spelt(key, one) for one in entry.get("choices", ())]
        offered += list(entry.get("exit_answers", ()))
        also = [one for one in (read.words if read else ()) if one in offered]
        return some(Is(key, word) for word in (self.spelt(key, "yes"), *also))

    def spelt(self, key: str, value: str) -> str:
        """How the study writes an answer to a question of yes and no."""
        yes = self.yes_words.get(key, "yes")
        return {"yes": yes, "no": _OPPOSITE.get(yes, "no")}.get(value, value)

    @cached_property
    def yes_words(self) -> dict[str, str]:
        """The word for yes, where the study has one of its own."""
        words = {}
        for key, condition in self.conditions_read.items():
            if "yes" not in condition.words:
                words[key] = condition.words[0]
        return words

    @cached_property
    def conditions_read(self) -> dict[str, Anything]:
        """Question -> the condition of the study that reads its yes."""
        study = self.then
        sets = {entry["sets"]: key for key, entry in self.shelf.items() if "sets" in entry}
        read = {
            sets[name]: base.condition
            for name, base in study.bases.items()
            if name in sets and base.condition
        }
        for stage in study.journey.stages if study.journey else ():
            told = study.stages[stage.key].reached if stage.key in study.stages else ()
            by_name = {one.column: one for one in told if one.column in stage.reached}
            left = [one for one in told if one.column not in by_name]
            for key in stage.reached:
                found = by_name.get(key) or (left.pop(0) if left else None)
                if found is not None:
                    read.setdefault(key, found)
        return read

    @cached_property
    def untold(self) -> dict[str, tuple[str, ...]]:
        """Bases that no question tells -> the questions that are put to everybody therefore."""
        found: dict[str, list[str]] = {}
        for key in self.keys:
            name = self.base_of(key)
            if isinstance(name, str) and self.base(name) is None:
                found.setdefault(name, []).append(key)
        return {name: tuple(keys) for name, keys in found.items()}

    def _unknown(self, name: str) -> StudyError:
        stem, _, group = name.partition(".")
        battery = self.batteries[stem] if group else None
        known = tuple(battery["groups"]) if battery else library.batteries()
        what = f"battery '{stem}' has no group '{group}'" if group else f"no battery '{name}'"
        return StudyError(
            what if group else f"there is {what}",
            where=self.study.shown() if name in self.study.batteries else "--battery",
            expected="one of " + ", ".join(known),
            hint=nearest(group or name, known),
        )
