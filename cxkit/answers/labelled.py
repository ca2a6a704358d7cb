"""What an export says of its codes and labels, told to the study: reasons, words, agreement.

A code that the file calls missing becomes its reason: as the study says, else as the file or its
questionnaire does, else as its label says where that is one of the kit's own words for a reason,
else `no_answer`, which is told. An export of labels is read by the codes that its questionnaire
gives them where the scale has other words. A column of words is read by its codes where the study
names one of them for it, else by its labels. A scale that contradicts the file's labels is
refused. Options that were ticked are yes, no or blank (`ticks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxkit.answers import ticks
from cxkit.answers.alike import folded
from cxkit.answers.columns import plain_number
from cxkit.answers.groups_read import groups_by_text
from cxkit.answers.platforms import Question
from cxkit.answers.platforms.exits import reason_of
from cxkit.answers.readers import Table
from cxkit.answers.texts import Texts
from cxkit.errors import Problem, brief, counted
from cxkit.library import REASONS, Scale
from cxkit.study import Study

__all__ = ["resolved"]

_MOST_WORDS = 1000
"""A column with more different texts than these tells no options."""


def resolved(
    study: Study, wave: str, table: Table, names: Mapping[str, str | None]
) -> tuple[dict[str, Texts], list[Problem]]:
    """The cells of a table as the study's words and reasons, with what is to be said of them.

    `names` holds the study's columns, each with the name that it has in this file.
    """
    cells = dict(table.cells)
    problems: list[Problem] = []
    for column, name in names.items():
        if name not in table.cells or name not in table.questions:
            continue
        one = _Column(study, wave, column, table, name, table.questions[name])
        if one.is_ticked:
            cells[name] = one.ticked()
            problems += one.unknown_option()
        elif one.asked.says:
            cells[name] = one.told()
            problems += one.problems()
    return cells, problems


@dataclass(frozen=True)
class _Column:
    """One column of codes or labels, and what the study asks of it.

    `name` is the study's, `own` the one that the file has for it.
    """

    study: Study
    wave: str
    name: str
    table: Table
    own: str
    asked: Question

    @property
    def cells(self) -> Texts:
        """The cells as they stand in the file."""
        return self.table.cells[self.own]

    @cached_property
    def scales(self) -> list[Scale]:
        """The scales that the column is read on, in this wave."""
        then = self.study.of_wave(self.wave) if self.wave else self.study
        named = [scale for column, scale in then.scaled_columns if column == self.name]
        known = then.known_scales
        return [known[key] for key in dict.fromkeys(named) if key in known]

    @cached_property
    def answer_list(self) -> Scale | None:
        """The list of answers that the column is read by, where it is one: words, not codes."""
        return next((scale for scale in self.scales if scale.values), None)

    @cached_property
    def found(self) -> dict[str, int]:
        """How often each code, label or other text was given of which the file says something.

        In a column of the study's scales or words that is every text.
        """
        if not (self.scales or self.is_of_words):
            known = {*self.asked.labels, *self.asked.labels.values(), *self.asked.reasons}
            cells = self.cells[self.cells.each(lambda one: self.speaks_of(one, known), bool)]
        else:
            cells = self.cells
        counts = cells.counts()
        return {code: counts[code] for code in sorted(counts) if code}

    def speaks_of(self, cell: str, known: set[str]) -> bool:
        """Whether the file says anything of a text."""
        return cell in known or self.is_missing(cell)

    @property
    def is_of_words(self) -> bool:
        """Whether the study reads the column's words, and no scale does."""
        return self.name in self.study.word_columns and not self.scales

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code of each label of which there is one."""
        codes: dict[str, set[str]] = {}
        for code, label in self.asked.labels.items():
            if label:
                codes.setdefault(folded(label), set()).add(code)
        return {label: min(found) for label, found in codes.items() if len(found) == 1}

    def code_of(self, cell: str) -> str:
        """The code that stands in a cell, or that of the label which does; else the text."""
        return cell if cell in self.asked.labels else self.codes.get(folded(cell), cell)

    @cached_property
    def mapped(self) -> set[str]:
        """The codes that text_answers speaks of."""
        owners = (self.name, *(scale.key for scale in self.scales))
        return {text for owner in owners for text in self.study.text_answers.get(owner, {})}

    @cached_property
    def named(self) -> set[str]:
        """The words that the study uses for the groups of the column, and texts that mean one."""
        study = self.study
        conditions = [one.condition for one in study.bases.values() if one.condition]
        conditions += [one for stage in study.stages.values() for one in stage.reached]
        words = {word for one in conditions if one.column == self.name for word in one.words}
        for key, segment in study.segments.items():
            if (segment.column or key) == self.name:
                words |= {*segment.values, *groups_by_text(study, key)}
        if study.wave == self.name:
            words |= set(study.waves)
        if study.channels and self.name in study.channel_columns.values():
            words |= set(study.channels.words)
        return words | self.mapped

    # -- what it becomes

    def told(self) -> Texts:
        """The cells with reasons in place of missing codes, and codes or labels as they are asked.

        Where a scale is asked, labels that are not its own are told by their codes.
        """
        put: dict[str, str] = {code: self.reason(code) for code in self.unsaid()}
        if self.is_of_words:
            put = self.words() | put
        elif self.answer_list is not None:
            put = self.listed(self.answer_list) | put
        elif self.scales:
            put = self.points() | put
        return self.cells.put(lambda cell: put.get(cell, cell)) if put else self.cells

    def words(self) -> dict[str, str]:
        """What to put for codes where the study speaks of labels, and the other way round."""
        labels = {code: label for code, label in self.asked.labels.items() if label}
        if self.named & set(self.found):
            return {}
        if not self.named & set(labels):
            return labels
        met = {cell: self.code_of(cell) for cell in self.found}
        return {cell: code for cell, code in met.items() if code in labels}

    def listed(self, answers: Scale) -> dict[str, str]:
        """What to put for a code of the file: the answer of the list that its label says."""
        words = {code: word for word, code in answers.values.items()}
        meant = {folded(label): words[code] for label, code in answers.labelled()}
        said = {cell: folded(self.label_of(cell)) for cell in self.found if cell not in self.mapped}
        return {cell: meant[label] for cell, label in said.items() if label in meant}

    def points(self) -> dict[str, str]:
        """What to put for a label, or a code without a number, that is no word of the scales."""
        own = {folded(label) for scale in self.scales for label, _ in scale.labelled()}
        numbers = {code for scale in self.scales for code in (*scale.points, *scale.missing)}
        put: dict[str, str] = {}
        for cell in self.found:
            label, code = self.asked.labels.get(cell, ""), self.code_of(cell)
            if cell in self.mapped or folded(cell) in own or plain_number(cell) is not None:
                continue
            if plain_number(code) in numbers or code in self.mapped:
                put[cell] = code
            elif folded(label) in own or label in self.mapped:
                put[cell] = label
        return put

    @property
    def is_ticked(self) -> bool:
        """Whether the column tells if an option was ticked, and is asked by yes and no."""
        is_own_word = self.asked.kind == "open" and self.name in self.study.channel_columns.values()
        if not (self.asked.kind == "several" or is_own_word) or not self.is_of_words:
            return False
        is_joined = bool(self.asked.separator)
        raw = (self.named - {"yes", "no"}) & set(self.cells.found(_MOST_WORDS))
        return is_joined or not raw

    def ticked(self) -> Texts:
        """Yes, no or blank for the option."""
        if self.asked.separator:
            return ticks.of_joined(self.cells, self.asked)
        group = [
            (self.table.cells[name], one)
            for name, one in self.table.questions.items()
            if one.kind == "several" and one.group == self.asked.group and one.group
        ]
        return ticks.of_column(self.cells, group, self.asked)

    def unknown_option(self) -> Iterator[Problem]:
        """That nobody ticked an option of which no questionnaire file speaks."""
        if self.asked.separator:
            line = int(self.table.lines[0]) if len(self.table.lines) else None
            told = ticks.unknown_option(self.cells, self.asked, self.name, self.table.shown, line)
            yield from [told] if told else []

    def unsaid(self) -> list[str]:
        """The codes that the file calls missing, as far as the study says nothing of them."""
        said = self.mapped if self.scales else self.named
        numbers = {code for scale in self.scales for code in (*scale.missing, *scale.points)}
        labels = {folded(label) for scale in self.scales for label, _ in scale.labelled()}
        return [
            cell
            for cell in self.found
            if self.is_missing(cell)
            if not {cell, self.code_of(cell), self.label_of(cell)} & said
            if plain_number(self.code_of(cell)) not in numbers and folded(cell) not in labels
        ]

    def is_missing(self, cell: str) -> bool:
        """Whether the file calls a code, or the code of a label, missing."""
        code = self.code_of(cell)
        if cell in self.asked.reasons or code in self.asked.reasons:
            return True
        return self.asked.is_missing(code)

    def reason(self, cell: str) -> str:
        """Why an answer is missing that stands as this; blank in a column of neither kind."""
        if not self.scales and self.name not in self.study.word_columns:
            return ""
        code, reasons = self.code_of(cell), self.asked.reasons
        told = reasons.get(cell) or reasons.get(code)
        return told or reason_of(self.label_of(cell)) or "no_answer"

    def label_of(self, cell: str) -> str:
        """The label of a code; of a label itself."""
        return self.asked.labels.get(self.code_of(cell), "")

    # -- what is said of it

    def problems(self) -> Iterator[Problem]:
        """Missing codes without a reason of their own, and labels that are not the scale's."""
        for code in self.unsaid():
            if self.reason(code) in ("no_answer", "") and not self.is_explained(code):
                yield self._user_missing(code)
        for scale in self.scales if self.answer_list is None else ():
            for code in self.found:
                is_point = plain_number(self.code_of(code)) in scale.points
                is_said = {code, self.code_of(code)} & self.mapped
                if is_point and self.is_missing(code) and not is_said:
                    yield self._missing_point(code, scale)
            yield from self._disagreements(scale)

    def is_explained(self, cell: str) -> bool:
        """Whether the file says why there is no answer, or its label says that there was none."""
        reasons = self.asked.reasons
        return (
            cell in reasons
            or self.code_of(cell) in reasons
            or reason_of(self.label_of(cell)) == "no_answer"
        )

    def _tell(self, code: str, message: str, given: str | None = None, **more: Any) -> Problem:
        rows = np.flatnonzero(self.cells == given) if given else np.empty(0, dtype=int)
        return Problem(
            code,
            message,
            file=self.table.shown,
            line=int(self.table.lines[rows[0]]) if len(rows) else None,
            column=brief(self.name, 60),
            n=len(rows) or None,
            examples=(given,) if given else (),
            **more,
        )

    def shown(self, cell: str) -> str:
        """A text with the label of its code, where it is a code with one."""
        label = brief(self.label_of(cell))
        is_label = folded(label) == folded(cell)
        return f"'{label}'" if is_label else f"{cell} ('{label}')" if label else cell

    def _user_missing(self, code: str) -> Problem:
        shown = self.shown(code)
        n = self.found[code]
        hint = f"say its reason: text_answers: {{{brief(self.name)}: {{{code}: dont_know}}}}"
        return self._tell(
            "user_missing",
            f"'{brief(self.name)}' calls {shown} missing: {counted(n, 'answer')} "
            f"{'is' if n == 1 else 'are'} taken as not answered",
            code,
            severity="warning",
            expected="one of " + ", ".join(REASONS),
            hint=hint if self.reason(code) else None,
        )

    def _missing_point(self, code: str, scale: Scale) -> Problem:
        shown = self.shown(code)
        name = brief(self.name)
        return self._tell(
            "missing_point",
            f"'{name}' calls {shown} missing, and the scale '{scale.key}' has it as a point",
            code,
            expected="a code that is a point or a missing answer",
            hint=f"say which: text_answers: {{{name}: {{{code}: dont_know}}}}, "
            f"or {{{code}: {code}}}",
        )

    def _disagreements(self, scale: Scale) -> Iterator[Problem]:
        """Where the file's labels stand at other codes than the scale's, or at none."""
        labels = {
            number: label
            for code, label in self.asked.labels.items()
            if (number := plain_number(code)) is not None and code not in self.mapped
            if not self.is_missing(code) and number not in scale.missing
            if code not in self.asked.reasons or number in scale.points
        }
        places = _places(scale)
        for number, label in labels.items():
            there = places.get(folded(label), set())
            if there and number not in there:
                yield self._contradiction(scale, number, label, min(there))
                return
        yield from self._other_points(scale, labels)

    def _contradiction(self, scale: Scale, number: float, label: str, there: float) -> Problem:
        points = scale.points
        is_turned = number == points[0] + points[-1] - there
        return self._tell(
            "labels_contradict",
            f"'{brief(self.name)}' labels {number:g} '{brief(label)}', "
            f"which stands at {there:g} on the scale '{scale.key}'",
            expected="the scale that respondents saw, with its points, labels and direction",
            hint="declare it under scales, with labels in the file's order and the direction "
            "in which they rise"
            if is_turned
            else "declare it under scales, with the file's codes as its points",
        )

    def _other_points(self, scale: Scale, labels: Mapping[float, str]) -> Iterator[Problem]:
        beyond = sorted(number for number in labels if number not in scale.points)
        given = {plain_number(code) for code in self.found}
        name = brief(self.name)
        for number in beyond:
            if number not in given:
                yield self._tell(
                    "labels_beyond",
                    f"'{name}' labels {number:g} '{brief(labels[number])}', "
                    f"which is no point of the scale '{scale.key}'",
                    severity="warning",
                    hint="name it under the scale's missing if it is a reason",
                )
        inside = sorted(number for number in labels if number in scale.points)
        ends = {scale.minimum, scale.maximum}
        if len(inside) > 2 and len(ends & set(inside)) == 1:
            (end,) = ends - set(inside)
            yield self._tell(
                "labels_fewer",
                f"'{name}' labels {', '.join(f'{one:g}' for one in inside)}, "
                f"and the scale '{scale.key}' goes on to {end:g}",
                severity="warning" if end in given else "error",
                expected=f"a scale of {len(inside)} points, or a label for {end:g}",
                hint="declare under scales the points that respondents saw",
            )


def _places(scale: Scale) -> dict[str, set[float]]:
    """The codes at which each label of a scale stands, in any language."""
    places: dict[str, set[float]] = {}
    for text, code in scale.labelled():
        places.setdefault(folded(text), set()).add(code)
    return places
