"""Simulated answers beside the questionnaire: what each respondent was shown, said and ticked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxkit.answers.questionnaire import Asked, Choice, Column, Form
from cxkit.answers.questionnaire.conditions import All, Any, AtLeast, Blank, Condition
from cxkit.answers.simulated.fieldwork import Visit
from cxkit.answers.simulated.sheet import Cells
from cxkit.answers.worded_columns import option_names
from cxkit.library import REASONS
from cxkit.study import Study

__all__ = ["Interviews"]

Words = NDArray[np.object_]
Bools = NDArray[np.bool_]

NOT_ASKED = "not_asked"
_ALSO = 0.25
"""How often an option that the study does not read is ticked beside those that it does."""


@dataclass(frozen=True)
class Interviews:
    """Simulated answers to one questionnaire, and what platforms write down of each interview.

    Attributes
    ----------
    study, form : Study, Form
        What was asked.
    raw : DataFrame
        The answers by the study's columns, as `simulate` hands them out.
    language : str
        The language of texts and labels.
    has_labels : bool
        Whether cells hold what respondents read, in the place of codes.
    visits : tuple of Visit
        The interview of each row.
    seed : int
        The seed of what is drawn beside the answers.
    """

    study: Study
    form: Form
    raw: pd.DataFrame
    language: str
    has_labels: bool
    visits: tuple[Visit, ...]
    seed: int

    # -- questions

    def cells(self, column: Column, hidden: str = "") -> Words:
        """The cells of a column of one question, as `column` writes its answers.

        An answer that the questionnaire does not offer (a reason without a choice) leaves the cell
        blank; `hidden` stands where the question was not shown.
        """
        one = column.question
        assert one is not None
        labels = {value: label[self.language] for value, label in column.labels.items()}
        put = labels if self.has_labels and labels else dict(column.codes)
        if column.option:
            ticked = np.where(
                self.ticked(one)[column.option], put.get("yes", ""), put.get("no", "")
            )
            found = np.where(self.has_ticked(one), ticked, "").astype(object)
        else:
            said = self.said(one)
            unsaid = dict.fromkeys(REASONS, "")
            found = np.array([put.get(word, unsaid.get(word, word)) for word in said], dtype=object)
        return np.where((found == "") & ~self.is_shown(one), hidden, found)

    def joined(self, one: Asked, separator: str) -> Words:
        """The options that each respondent ticked, in one cell: by label, or by meaning."""
        parts = [
            (choice.label[self.language] if self.has_labels else choice.value, ticks)
            for choice, ticks in zip(one.choices, self.ticked(one).values(), strict=True)
        ]
        rows = range(len(self.raw))
        return np.array(
            [separator.join(word for word, ticks in parts if ticks[row]) for row in rows],
            dtype=object,
        )

    def said(self, one: Asked) -> Words:
        """The raw answers to a question; blank where nothing was simulated or asked."""
        if one.column not in self.raw:
            return np.full(len(self.raw), "", dtype=object)
        words = self.raw[one.column].to_numpy(dtype=object)
        return np.where(words == NOT_ASKED, "", words)

    # -- options

    def ticked(self, one: Asked) -> Mapping[str, Bools]:
        """Which options of a question each respondent ticked, by their meaning."""
        return self._ticked[one.key]

    def has_ticked(self, one: Asked) -> Bools:
        """Whether a respondent ticked any option of a question."""
        return np.logical_or.reduce(list(self.ticked(one).values()))

    @cached_property
    def _ticked(self) -> dict[str, dict[str, Bools]]:
        """The ticks of every question with several choices.

        What the study reads of them is as simulated. Whoever answered also ticked some of the
        other options, one at least who ticked none of those: else a no could not be told.
        """
        rng = np.random.default_rng([self.seed, 2])
        found = {}
        for one in self.form.questions:
            if one.kind == "several":
                luck = rng.random((len(self.raw), len(one.choices))).T
                found[one.key] = self._ticks(one, dict(zip(one.choices, luck, strict=True)))
        return found

    def _ticks(self, one: Asked, luck: Mapping[Choice, NDArray[np.float64]]) -> dict[str, Bools]:
        told = {
            choice.value: self.raw[name].to_numpy(dtype=object)
            for choice in one.choices
            if (name := self._option_column(one, choice))
        }
        has_answered = np.zeros(len(self.raw), dtype=bool)
        for words in told.values():
            has_answered |= np.isin(words, ("yes", "no", "1", "0"))
        ticks = {
            choice.value: has_answered & np.isin(told[choice.value], ("yes", "1"))
            if choice.value in told
            else has_answered & (luck[choice] < _ALSO) & (choice.value not in one.alone)
            for choice in one.choices
        }
        lacking = has_answered & ~np.logical_or.reduce(list(ticks.values()))
        others = (c.value for c in one.choices if c.value not in told and c.value not in one.alone)
        if (other := next(others, None)) is not None:
            ticks[other] = ticks[other] | lacking
        return ticks

    def _option_column(self, one: Asked, choice: Choice) -> str | None:
        """The study's column for an option, by any platform's way to write it."""
        asked = {other.column for other in self.form.questions}
        names = option_names(one, choice)
        return next((name for name in names if name in self.raw and name not in asked), None)

    # -- routing

    def is_shown(self, one: Asked) -> Bools:
        """Whether the routing shows a question to each respondent, as far as it was simulated."""
        shown = self._holds(one.when)
        if one.column in self.raw:
            shown = shown & (self.raw[one.column].to_numpy(dtype=object) != NOT_ASKED)
        return shown

    def _holds(self, when: Condition | None) -> Bools:
        if when is None:
            return np.full(len(self.raw), True)
        if isinstance(when, All | Any):
            joined = np.logical_and if isinstance(when, All) else np.logical_or
            return np.asarray(joined.reduce([self._holds(part) for part in when.parts]))
        one = self.form.question(when.question)
        if isinstance(when, AtLeast):
            counted = [t for value, t in self.ticked(one).items() if value not in when.beside]
            return np.asarray(np.sum(counted, axis=0) >= when.n)
        if isinstance(when, Blank):
            return np.asarray(self.said(one) == "")
        if one.kind == "several":
            return self.ticked(one)[when.value]
        return np.asarray(self.said(one) == when.value)

    # -- the rest of the columns

    def fixed(self, name: str) -> Words:
        """The cells of a column that the questionnaire fixes, such as the wave."""
        if name in self.raw:
            return self.raw[name].to_numpy(dtype=object)
        return np.full(len(self.raw), self.form.fixed[name], dtype=object)

    def fixed_by_name(self) -> dict[str, Cells]:
        """All such columns."""
        return {name: self.fixed(name) for name in self.form.fixed}

    def own(self, columns: Mapping[str, Cells]) -> dict[str, Cells]:
        """The platform's own columns; one that the study reads holds what the study simulated."""
        return {
            name: self.raw[name].to_numpy(dtype=object) if name in self.raw else cells
            for name, cells in columns.items()
        }

    def added(self, taken: Collection[str] = ()) -> dict[str, Cells]:
        """What the study reads beside the questionnaire: ids, weights, strata.

        A panel sends them along, or somebody adds them to the export; `taken` stand there already.
        """
        options = {
            self._option_column(one, choice)
            for one in self.form.questions
            if one.kind == "several"
            for choice in one.choices
        }
        known = {*taken, *options, *self.form.fixed, *(q.column for q in self.form.questions)}
        return {
            str(name): self.raw[name].to_numpy(dtype=object)
            for name in self.raw.columns
            if name not in known
        }

    def heading(self, one: Asked) -> str:
        """A question as platforms head its column that know no names: the study's, or its text.

        A name with a blank in it is a question that somebody has worded.
        """
        return one.column if " " in one.column.strip() else one.text[self.language]
