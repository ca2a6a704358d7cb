"""Who counts, and for how much: respondents, decisions to leave some out, weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxkit.answers import columns as convert
from cxkit.answers.exclusions import decided, read_exclusions
from cxkit.answers.rows import Rows
from cxkit.answers.spoilt import HINT, is_rounded
from cxkit.answers.teller import Teller
from cxkit.answers.texts import Texts
from cxkit.answers.weighting import margin_columns, weights_of
from cxkit.errors import Problem, counted
from cxkit.study import Study

__all__ = ["Standing", "respondents_of"]

_ODD = np.int64(0x9E3779B97F4A7C1)
"""Parts the numbers of waves from those of respondents when they are added."""


def respondents_of(study: Study, rows: Rows, wave: Texts, tell: Teller) -> Texts:
    """Whose answers each row holds; rows are numbered where the study names no respondent."""
    column = study.respondent
    if column is None or column not in rows.cells:
        return _numbered(wave)
    respondent = rows.cells[column]
    tell.where(
        "missing_respondent",
        column,
        respondent == "",
        "some rows do not say whose answers they are",
        expected="a respondent in every row",
    )
    tell.where(
        "rounded_ids",
        column,
        respondent.each(is_rounded, bool),
        "a spreadsheet rounded the ids of respondents",
        expected="ids as the survey platform exported them",
        hint=HINT,
    )
    again = _again(respondent, wave)
    if again.any():
        repeated = respondent[again].found()
        tell.where(
            "duplicate_respondent",
            column,
            again,
            f"respondent '{repeated[0]}' answers more than once"
            + (f", and so do {len(repeated) - 1} more" if len(repeated) > 1 else ""),
            expected="one row a respondent in each wave",
            hint="keep one row of each, or give the answers a wave column",
        )
    return respondent


def _again(respondent: Texts, wave: Texts) -> np.ndarray:
    """Whether a respondent answered in an earlier row of the same wave."""
    numbers = respondent.hashes()
    numbers += wave.hashes() * _ODD
    in_order = np.sort(numbers)
    alike = in_order[1:][in_order[1:] == in_order[:-1]]
    again = np.isin(numbers, alike) & (respondent != "") if len(alike) else _nowhere(respondent)
    places = np.flatnonzero(again)  # few: their texts are compared, not only their numbers
    texts = {"wave": wave[places].array(), "respondent": respondent[places].array()}
    again[places] = pd.DataFrame(texts).duplicated().to_numpy()
    return again


def _nowhere(column: Texts) -> np.ndarray:
    return np.zeros(len(column), dtype=bool)


def _numbered(wave: Texts) -> Texts:
    """Numbers for the rows of each wave, as text: those of one wave do not depend on another."""
    number = np.empty(len(wave), dtype=np.int64)
    width = np.empty(len(wave), dtype=np.int64)
    for key in wave.found():
        rows = wave == key
        n = int(rows.sum())
        number[rows], width[rows] = np.arange(1, n + 1), len(str(n))
    return Texts.of(f"{at:0{size}d}" for at, size in zip(number, width, strict=True))


@dataclass
class Standing:
    """What each row of a study counts.

    Attributes
    ----------
    excluded : numpy.ndarray of str, shape (n_rows,)
        The rule by which a decision leaves the row out, "" for a row that is kept.
    weight : numpy.ndarray of float, shape (n_rows,)
        Mean 1 over the kept rows of each wave, 0 for the others.
    weight_all : numpy.ndarray of float or None, shape (n_rows,)
        The weights with everybody in, missing in waves where all together cannot be weighted;
        None where that is every wave, or where nobody is left out.
    is_settled : numpy.ndarray of bool, shape (n_rows,)
        Whether somebody decided on the row, to leave it out or to keep it.
    """

    excluded: np.ndarray
    weight: np.ndarray
    weight_all: np.ndarray | None
    is_settled: np.ndarray

    @classmethod
    def of(
        cls,
        study: Study,
        rows: Rows,
        wave: Texts,
        respondent: Texts,
        segments: Mapping[str, Texts],
        tell: Teller,
    ) -> Standing:
        """Decisions and weights, with everything that is to be told of them."""
        read = read_exclusions(study)
        excluded = np.broadcast_to(np.array("", dtype=object), rows.n)
        is_settled = np.broadcast_to(np.False_, rows.n)
        if study.exclusions is not None:
            people, in_waves = list(respondent), list(wave)
            excluded, slips = decided(read, people, in_waves)
            is_settled = read.settles(people, in_waves)
            tell.problems += slips
            _tell_nameless(study, tell)
            _tell_excluded(study, excluded, tell)
        elif not study.is_weighted:
            return cls(excluded, np.broadcast_to(1.0, rows.n), None, is_settled)
        margins = {
            name: _margin(study, rows, name, segments)
            for name in margin_columns(study)
            if name in segments or name in rows.cells
        }
        start = _given(study, rows, wave, tell)
        is_usable = np.isfinite(start).all() and (start >= 0).all()
        if len(margins) < len(margin_columns(study)) or not is_usable:
            return cls(excluded, np.ones(rows.n), None, is_settled)
        made = weights_of(
            study, pd.DataFrame(margins, index=range(rows.n)), wave.array(),
            start=start, kept=excluded == "",
        )  # fmt: skip
        tell.problems += made.problems
        return cls(excluded, made.weight, made.weight_all, is_settled)

    def columns(self) -> dict[str, Any]:
        """The canonical columns, those of exclusions only where somebody is left out."""
        if not (self.excluded != "").any():
            return {"weight": self.weight}
        told: dict[str, Any] = {"weight": self.weight, "excluded": self.excluded}
        return told | ({} if self.weight_all is None else {"weight_all": self.weight_all})


def _tell_nameless(study: Study, tell: Teller) -> None:
    """Decisions on rows that have but a number are told: another row may have it tomorrow."""
    if study.respondent is None:
        tell.of_study(
            "decisions_by_number",
            "exclusions",
            "the study names no column of respondents, so decisions hold for the numbers of rows",
            hint="respondent: the column that says whose answers a row holds; else a file in "
            "another order leaves out other people",
        )


def _tell_excluded(study: Study, excluded: np.ndarray, tell: Teller) -> None:
    """How many responses decisions leave out, and by which rules."""
    rules, counts = np.unique(excluded[excluded != ""].astype(str), return_counts=True)
    if len(rules):
        order = np.lexsort((rules, -counts))
        named = ", ".join(f"{rules[at]} ({counts[at]})" for at in order)
        n = int(counts.sum())
        message = f"{n} of {counted(len(excluded), 'response')} left out by decisions: {named}"
        place = study.shown(study.exclusions or "")
        tell.problems.append(Problem("excluded", message, "note", file=place, n=n))


def _margin(study: Study, rows: Rows, name: str, segments: Mapping[str, Texts]) -> pd.Categorical:
    """The groups of a segment, or the words of a column, that shares are known of."""
    texts = segments.get(name)
    if texts is None:
        texts = convert.words(rows.cells[name], mapped=study.text_answers.get(name, {}))
    words = [str(word) for word in texts.words]
    places = {word: at for at, word in enumerate(word for word in dict.fromkeys(words) if word)}
    of_word = np.array([places.get(word, -1) for word in words], dtype=np.int32)
    return pd.Categorical.from_codes(of_word[texts.at], categories=list(places))


def _given(study: Study, rows: Rows, wave: Texts, tell: Teller) -> np.ndarray:
    """The weights that the answers give, or that the kit's own start from; 1 without any."""
    weighting = study.weighting
    column = study.weight if weighting is None else weighting.start
    if column is None or column not in rows.cells:
        return np.ones(rows.n)
    weight, slips = convert.numbers(rows.cells[column], column=column)
    tell.slips(column, slips)
    tell.where(
        "missing_weight",
        column,
        rows.cells[column] == "",
        "some respondents have no weight",
        expected="a weight for every respondent",
        hint="weight 1 for all, or leave the weight out",
    )
    below = weight[weight < 0]
    tell.where(
        "negative_weight",
        column,
        weight < 0,
        f"column '{column}' holds a weight below zero: {below[0] if len(below) else 0:g}",
        expected="weights above zero",
    )
    tell.where(
        "zero_weight",
        column,
        weight == 0,
        "some respondents weigh nothing",
        severity="warning",
        expected="weights above zero",
    )
    for key in sorted(wave.found()):
        members = wave == key
        if not np.any(weight[members]):
            tell.where(
                "zero_weight",
                column,
                members,
                f"all weights of wave '{key}' are zero",
                expected="weights above zero",
                hint="correct the weights of this wave, or leave the weight out",
            )
    return weight
