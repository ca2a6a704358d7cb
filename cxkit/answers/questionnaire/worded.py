"""The words of a questionnaire: texts with their slots filled, scales, and the answers on offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cxkit import library
from cxkit.answers.questionnaire.form import REASON_CODES, Choice
from cxkit.answers.questionnaire.plan import Entry, Plan
from cxkit.errors import Problem, StudyError, counted
from cxkit.library import Scale, Text
from cxkit.study import instrument

__all__ = ["Words"]

_LIKE = {"ahead": "ahead: {id: 6 bulan ke depan, en: the next 6 months}"}

_OF_STATEMENTS = "agreement"
"""The family of the scale of statements: that of a study's `scale`."""


@dataclass
class Words:
    """The texts of one plan in the study's languages; remembers the slots that nobody fills."""

    plan: Plan
    empty: dict[str, list[str]] = field(default_factory=dict)

    # -- texts

    @cached_property
    def slots(self) -> dict[str, Text]:
        """What fills each slot, by language."""
        study = self.plan.then
        site = study.site or library.in_every_language("defaults", "site") or {}
        told = {"site": site, "place": study.place or site, "period": study.period}
        told |= {"ahead": study.ahead} if study.ahead else {}
        told["brand"] = dict.fromkeys(study.languages, study.brand)
        return {name: {one: text[one] for one in study.languages} for name, text in told.items()}

    def filled(self, text: Mapping[str, str] | None, owner: str, **more: str) -> Text:
        """A text in each of the study's languages; a slot without words is noted for `owner`."""
        given = text or {}
        made = {}
        for language in self.plan.then.languages:
            words = {name: told[language] for name, told in self.slots.items()} | more
            made[language] = self._put(str(given.get(language) or next(iter(given.values()), "")),
                                       words, owner)  # fmt: skip
        return made

    def _put(self, text: str, words: Mapping[str, str], owner: str) -> str:
        try:
            return text.format_map(_Noting(words, self.empty.setdefault, owner))
        except (ValueError, IndexError, AttributeError) as error:
            raise StudyError(
                f"the text of '{owner}' has braces that are no slot",
                where=self.plan.study.shown(),
                expected="text, with {brand}, {site}, {place}, {period} or {ahead} in braces",
                hint="write {{ and }} for braces that respondents are to see",
            ) from error

    def frame(self, key: str | None, **more: str) -> Text:
        """A frame text: an introduction, the consent, the end."""
        return (
            self.filled(library.in_every_language("frame_texts", key), key, **more) if key else {}
        )

    def question(self, key: str, **more: str) -> Text:
        """How a question is put: as this wave words it, else the study, else the library."""
        return self.filled(self._wording(key), key, **more)

    def _wording(self, key: str) -> Mapping[str, str] | None:
        entry, study = self.plan.shelf[key], self.plan.then
        told = self.plan.study.waves.get(self.plan.wave)
        outcome = key.removeprefix("out_")
        if outcome in study.outcomes:
            return (told.instrument.wording.get(outcome) if told else None) or entry["text"]
        rated = {one.rating: one.key for one in (study.journey.stages if study.journey else ())}
        of = f"rating:{rated[key]}" if key in rated else f"item:{key}"
        asked = self._instrument.questions.get(of, {}).get("wording")
        return asked or entry["text"]

    @cached_property
    def _instrument(self) -> Any:
        return instrument(self.plan.study, self.plan.wave)

    @property
    def digest(self) -> str:
        """The digest of what the study's wave asks."""
        return str(self._instrument.digest)

    def problems(self) -> Iterator[Problem]:
        """The slots that nobody fills, each once, with the questions that hold them."""
        for slot, owners in self.empty.items():
            asked = list(dict.fromkeys(owners))
            yield Problem(
                "empty_slot",
                f"the study does not say '{slot}', and {counted(len(asked), 'question')} "
                f"{'holds' if len(asked) == 1 else 'hold'} it",
                file=self.plan.study.shown(),
                column=slot,
                n=len(asked),
                examples=tuple(asked[:5]),
                expected=f"what stands for {{{slot}}} in {', '.join(asked[:5])}",
                hint="add " + _LIKE.get(slot, f"{slot}: to the study"),
            )

    # -- answers

    def scale(self, key: str) -> Scale | None:
        """The response scale of a question: the study's for what it names, else the library's."""
        study, entry = self.plan.then, self.plan.shelf[key]
        if "scale" not in entry:
            return None
        rated = {one.rating: one.key for one in (study.journey.stages if study.journey else ())}
        outcome = study.outcomes.get(key.removeprefix("out_"))
        own = study.items[key].scale if key in study.items else outcome.scale if outcome else None
        if key in rated and rated[key] in study.stages:
            own = study.stages[rated[key]].scale
        name = own or self._of_family(str(entry["scale"]))
        return study.known_scales.get(name) or library.scale(name)

    def _of_family(self, wanted: str) -> str:
        """A scale by its name; for statements the study's own, for others one of as many points."""
        if wanted in library.scales():
            return wanted
        main = self.plan.then.known_scales.get(self.plan.then.scale_key or "")
        if main is not None and wanted in (_OF_STATEMENTS, main.family):
            return main.key
        name = f"{wanted}_{len(main.points) if main else 5}"
        return name if name in library.scales() else f"{wanted}_5"

    def choices(self, key: str) -> tuple[Choice, ...]:
        """The answers on offer: points or words in their order, then what stands outside them."""
        entry, scale = self.plan.shelf[key], self.scale(key)
        offered = self._points(scale) if scale else self._listed(key, entry)
        codes = {why: f"{code:g}" for code, why in scale.missing.items()} if scale else {}
        points = {one.code for one in offered}
        for reason, text in entry["exit_answers"].items():
            beside = REASON_CODES[reason]
            code = codes.get(reason) or (f"9{beside}" if beside in points else beside)
            value = codes.get(reason, reason)
            offered.append(Choice(value, self.filled(text, key), code, is_reason=True))
        return tuple(offered)

    def _points(self, scale: Scale) -> list[Choice]:
        languages = self.plan.then.languages
        return [
            Choice(f"{code:g}", {one: scale.offered(code, one) for one in languages}, f"{code:g}")
            for code in scale.points
        ]

    def _listed(self, key: str, entry: Entry) -> list[Choice]:
        is_yes_no = entry.get("answers") == "yes_no"
        return [
            Choice(self.plan.spelt(key, value) if is_yes_no else value,
                   self.filled(text, key), str(at))
            for at, (value, text) in enumerate(entry.get("choices", {}).items(), 1)
        ]  # fmt: skip


class _Noting(dict[str, str]):
    """Words by slot; a slot that has none is noted, and left empty."""

    def __init__(self, words: Mapping[str, str], note: Any, owner: str) -> None:
        super().__init__(words)
        self._note, self._owner = note, owner

    def __missing__(self, slot: str) -> str:
        self._note(slot, []).append(self._owner)
        return ""
