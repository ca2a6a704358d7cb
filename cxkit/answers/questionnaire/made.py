"""From a study to its questionnaire: `form_of` puts planned questions, worded, on pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from cxkit import __version__, library
from cxkit.answers.questionnaire.conditions import Blank, every
from cxkit.answers.questionnaire.form import REASON_CODES, Asked, Choice, Form, Page
from cxkit.answers.questionnaire.minutes import seconds
from cxkit.answers.questionnaire.plan import Entry, Plan
from cxkit.answers.questionnaire.worded import Words
from cxkit.errors import Problem, StudyError, nearest, quoted
from cxkit.library import Text
from cxkit.study import Study

__all__ = ["form_of", "notes_of"]

_OWN = "own_segments"
"""The page of questions that a study's own segments ask."""

_RIVAL = "rival"
"""What the questions on another brand are called."""


def form_of(study: Study, wave: str | None = None, batteries: Iterable[str] = ()) -> Form:
    """The questionnaire of a study.

    Parameters
    ----------
    study : Study
        Its brand, period, languages and preset word the questions; the columns that it maps name
        them, and everything that it maps is asked.
    wave : str, optional
        The wave that is to be asked; the last one if none.
    batteries : iterable of str, optional
        Batteries beside those of the study's `batteries`: a name, or NAME.GROUP for one group.

    Returns
    -------
    Form

    Raises
    ------
    StudyError
        If a battery or the wave is unknown, a text has a slot that the study does not fill, or
        two questions share a column.

    Examples
    --------
    >>> from cxkit.study import read_study
    >>> form = form_of(read_study("demo"))
    >>> form.questions[0].text["en"]
    'Before this survey, had you ever heard of Toko Contoh?'
    """
    asked = _wave(study, wave)
    chosen = tuple(dict.fromkeys((*study.batteries, *batteries)))
    plan = Plan(study, asked, chosen)
    words = Words(plan)
    made = _Pages(plan, words)
    pages = tuple(made)
    consent = words.frame("int_consent", minutes="1")
    frame = {"consent": consent, "end": words.frame("end")}
    spent = seconds(pages, frame.values())
    told = str(max(1, round(sum(spent.values()) / 60)))
    _refuse([*words.problems(), *_shared_columns(study, pages), *_other_groups(plan.then, pages)])
    return Form(
        study=study.key,
        title={one: study.title[one] for one in study.languages},
        languages=study.languages,
        wave=asked,
        consent=words.frame("int_consent", minutes=told),
        consent_note=words.filled(library.in_every_language("notes", "note_consent"), "consent"),
        end=frame["end"],
        pages=pages,
        fixed={study.wave: asked} if study.wave and asked else {},
        seconds=spent,
        instrument=words.digest,
        version=__version__,
    )


def notes_of(study: Study, form: Form) -> list[str]:
    """What the owner of a study should know of its questionnaire, in words."""
    plan = Plan(study, form.wave, study.batteries)
    notes = [
        f"base '{base}' hangs on no question of the questionnaire: "
        f"{', '.join(keys)} {'is' if len(keys) == 1 else 'are'} put to everybody"
        for base, keys in plan.untold.items()
    ]
    columns = {one.column for one in form.questions}
    for key, segment in study.segments.items():
        column = segment.column or key
        if column in columns and form.question_of(column).purpose == f"segment:{key}":
            notes.append(f"segment '{key}' is asked by its label: word it as a question")
        elif column not in columns and column not in form.fixed:
            notes.append(f"segment '{key}' is not asked: the study does not name its values")
    if study.channels and study.channels.column is None:
        notes.append("channels have columns of their own: name the question's own column instead")
    seen = study.value.columns if study.value else ()
    added = [one for one in (study.weight, study.strata, study.cluster, *seen) if one]
    not_asked = [one for one in dict.fromkeys(added) if one not in columns]
    if not_asked:
        notes.append(f"not asked, to be added to the export: {', '.join(not_asked)}")
    return notes


def _wave(study: Study, wave: str | None) -> str:
    known = (*study.waves, *(key for key in study.answers if key))
    if wave is None:
        return max(known, default="")
    if wave not in known:
        raise StudyError(
            f"the study has no wave '{wave}'",
            where="--wave",
            expected="one of " + ", ".join(sorted(set(known))) if known else "a study with waves",
            hint=nearest(wave, known),
        )
    return wave


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise StudyError.of(problems)


def _shared_columns(study: Study, pages: Iterable[Page]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for one in (asked for page in pages for asked in page.questions):
        if one.column in seen:
            yield Problem(
                "column_twice",
                f"questions '{seen[one.column]}' and '{one.key}' share the column '{one.column}'",
                file=study.shown(),
                column=one.column,
                expected="a column of its own for every question",
            )
        seen.setdefault(one.column, one.key)


def _other_groups(study: Study, pages: Iterable[Page]) -> Iterator[Problem]:
    """Segments in the column of a question that does not offer their values."""
    of_column = {one.column: one for page in pages for one in page.questions}
    for key, segment in study.segments.items():
        asked = of_column.get(segment.column or key)
        offered = {choice.value for choice in asked.choices} if asked else set()
        unmet = [value for value in segment.values or () if asked and value not in offered]
        if asked and unmet:
            yield Problem(
                "column_twice",
                f"segment '{key}' and question '{asked.key}' share the column '{asked.column}', "
                f"and the question does not offer {quoted(unmet)}",
                file=study.shown(),
                column=asked.column,
                n=len(unmet),
                examples=tuple(unmet[:5]),
                expected="a column of its own for every question",
            )


def _together(entry: Entry) -> tuple[str, str]:
    """The battery and the group of a question."""
    return entry["battery"], entry["group"]


def _own_key(one: Asked) -> str:
    """The question of the study's own brand that a question on another one repeats."""
    return one.purpose.removeprefix(f"{_RIVAL}:")


@dataclass(frozen=True)
class _Pages:
    """The pages of a plan, in its order."""

    plan: Plan
    words: Words

    def __iter__(self) -> Iterator[Page]:
        asked = [key for key in self.plan.keys if self._is_asked(key)]
        pages = [self._page(list(keys)) for _, keys in groupby(asked, self._page_of)]
        closing = self.plan.closing
        last = max(at for at, one in enumerate(pages) if one.questions[0].key not in closing) + 1
        yield from [*pages[:last], *self._of_rival(pages), *pages[last:]]
        if own := list(self._own_segments({self.columns.get(key, key) for key in asked})):
            title = self.words.filled(library.in_every_language("names", "battery", "profile"), "")
            yield Page(_OWN, title, tuple(own))

    def _is_asked(self, key: str) -> bool:
        return self._is_asked_in(self.columns.get(key, key))

    def _is_asked_in(self, column: str) -> bool:
        is_in = not self.plan.wave or self.plan.study.is_asked(column, self.plan.wave)
        return bool(column) and is_in

    def _page_of(self, key: str) -> tuple[str, ...]:
        """What the questions of one page have in common."""
        entry = self.plan.shelf[key]
        together = _together(entry)
        gates = [part["gate"] for part in self.plan.core["order"] if "gate" in part]
        if key in gates:
            return (*together, key)
        return (*together, self._block(key, entry))

    def _block(self, key: str, entry: Entry) -> str:
        """The block in which a question turns with others: its level, or one of those listed."""
        group = self.plan.group_of(entry)
        for block in group.get("blocks", ()):
            if key in block:
                return str(block[0])
        return str(entry.get("level", "")) if group.get("rotate", {}).get("blocks") else ""

    def _page(self, keys: list[str]) -> Page:
        entry = self.plan.shelf[keys[0]]
        group = self.plan.group_of(entry)
        rotate = group.get("rotate", {})
        block = self._block(keys[0], entry)
        questions = tuple(one for key in keys for one in self._asked(key))
        return Page(
            key="_".join(dict.fromkeys((entry["battery"], entry["group"], block or keys[0]))),
            title=self._title(entry, block),
            questions=questions,
            intro=self.words.frame(entry.get("intro")),
            turning=str(entry["battery"]) if rotate.get("blocks") and block else "",
            is_shuffled=bool(rotate.get("inside")) and len(keys) > 1,
        )

    def _title(self, entry: Entry, block: str) -> Text:
        """What the page is called among ourselves: its battery, and the level it measures."""
        name = entry["battery"]
        label = self.plan.batteries[name]["label"] if name in self.plan.batteries else None
        levels = self.plan.study.framework
        if label is None and levels is not None:
            label = levels.title or dict.fromkeys(library.languages(), levels.key)
        level = library.in_every_language("names", "level", block) if block else None
        title = self.words.filled(label or {"en": name}, name)
        if level is None:
            return title
        return {one: f"{text}: {level[one]}" for one, text in title.items()}

    def _asked(self, key: str) -> Iterator[Asked]:
        """A question, and what follows from its being left empty."""
        entry = self.plan.shelf[key]
        kind = self._kind(entry)
        scale = self.words.scale(key)
        choices = () if kind in ("open", "amount") else self.words.choices(key)
        hint = self.words.frame(entry.get("followed_by"))
        one = Asked(
            key=key,
            column=self.columns.get(key, key),
            kind=kind,
            text=self.words.question(key),
            choices=choices,
            scale=scale.key if scale else "",
            when=self.plan.condition(key, self.plan.keys),
            battery=entry["battery"],
            purpose=self._purpose(key, entry),
            hint=hint,
            is_required=kind in ("single", "several"),
            alone=tuple(c.value for c in choices if c.is_reason or c.value == "unknown")
            if kind == "several"
            else (),
        )
        yield one
        if kind == "amount" and entry["exit_answers"]:
            yield self._why_empty(one, entry)

    def _why_empty(self, amount: Asked, entry: Entry) -> Asked:
        """Why a sum was not given: a question of its own, since a number leaves no room for it."""
        choices = tuple(
            Choice(reason, self.words.filled(text, amount.key), REASON_CODES[reason], True)
            for reason, text in entry["exit_answers"].items()
        )
        return dataclasses.replace(
            amount,
            key=f"{amount.key}_why",
            column=f"{amount.column}_why",
            kind="single",
            text=self.words.frame("why_empty"),
            choices=choices,
            when=every([amount.when, Blank(amount.key)]),
            purpose=f"reason:{amount.key}",
        )

    def _of_rival(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Another brand's questions: those of the study's own, of the same people, in its name."""
        rival = self.plan.then.rival
        if rival is None:
            return
        own = [(one, self._rivals_column(one.key)) for page in pages for one in page.questions]
        asked = [self._of_brand(one, column) for one, column in own if self._is_asked_in(column)]
        shelf = self.plan.shelf
        for of, same in groupby(asked, lambda one: _together(shelf[_own_key(one)])):
            questions = tuple(same)
            first = shelf[_own_key(questions[0])]
            yield Page(
                key="_".join((_RIVAL, *of)),
                title=dict.fromkeys(questions[0].text, rival.brand),
                questions=questions,
                intro=self.words.frame(first.get("intro"), brand=rival.brand),
                is_shuffled=bool(self.plan.group_of(first).get("rotate")) and len(questions) > 1,
            )

    def _rivals_column(self, key: str) -> str:
        """The column of what a question asks of the rival; "" if it is not asked of it."""
        rival = self.plan.then.rival
        columns = rival.items | rival.outcomes if rival else {}
        return columns.get(key) or columns.get(key.removeprefix("out_"), "")

    def _of_brand(self, own: Asked, column: str) -> Asked:
        """A question of the study's own brand, as it is put of the rival."""
        brand = str(self.plan.then.rival and self.plan.then.rival.brand)
        return dataclasses.replace(
            own,
            key=f"{_RIVAL}_{own.key}",
            column=column,
            text=self.words.question(own.key, brand=brand),
            battery=_RIVAL,
            purpose=f"{_RIVAL}:{own.key}",
        )

    def _kind(self, entry: Entry) -> str:
        if "open" in entry or "amount" in entry:
            return "open" if "open" in entry else "amount"
        return "several" if entry.get("several") else "single"

    def _purpose(self, key: str, entry: Entry) -> str:
        for word, value in (("level", entry.get("level")), ("stage", entry.get("stage")),
                            ("base", entry.get("sets"))):  # fmt: skip
            if value:
                return f"{word}:{value}"
        return f"{entry['battery']}:{key}"

    # -- columns

    @cached_property
    def columns(self) -> dict[str, str]:
        """Question -> the column under which the study looks for its answers."""
        study, shelf = self.plan.then, self.plan.shelf
        found = {key: item.column for key, item in study.items.items()}
        for name, outcome in study.outcomes.items():
            found |= {key: outcome.column for key in (f"out_{name}", name) if key in shelf}
        for name, column in study.comments.items():
            found |= {key: column for key in (f"cmt_{name}", name) if key in shelf}
        found |= {key: one.column for key, one in self.plan.conditions_read.items()}
        for stage in study.journey.stages if study.journey else ():
            if stage.rating and (told := study.stages.get(stage.key)) and told.rating:
                found[stage.rating] = told.rating
        return found | self._profile_columns()

    def _profile_columns(self) -> dict[str, str]:
        of = {one["vocabulary"]: key for key, one in self.plan.shelf.items() if "vocabulary" in one}
        found: dict[str, str] = {}
        for key, segment in self.plan.then.segments.items():
            if segment.vocabulary in of:
                found.setdefault(of[segment.vocabulary], segment.column or key)
        return found | self.plan.channels

    def _own_segments(self, taken: set[str]) -> Iterator[Asked]:
        """Segments whose values the study names: age, region and the like, by their labels."""
        study = self.plan.then
        for key, segment in study.segments.items():
            column = segment.column or key
            if column in taken or not segment.values:
                continue
            label: Any = segment.label or dict.fromkeys(study.languages, key)
            values = enumerate(segment.values.items(), 1)
            choices = [
                Choice(value, self.words.filled(text, key), str(at)) for at, (value, text) in values
            ]
            refused = self.words.filled(library.reasons()["refused"]["offered"], key)
            choices.append(Choice("refused", refused, REASON_CODES["refused"], is_reason=True))
            yield Asked(
                key=key,
                column=column,
                kind="single",
                text=self.words.filled(label, key),
                choices=tuple(choices),
                battery="profile",
                purpose=f"segment:{key}",
                is_required=True,
            )
