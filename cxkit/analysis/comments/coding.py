"""The comments of a survey, coded: language, state and themes of every row, and by whom.

People's codes win; the rest is coded by the study's model if it has one, else by the codebook.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.comments.agreement import kappa_of
from cxkit.analysis.comments.codebook import READ, Codebook, Coded
from cxkit.analysis.comments.hand import ByHand, read_by_hand
from cxkit.analysis.comments.machine import Found, by_codebook, by_model, ensure_of_themes
from cxkit.errors import StudyError, SurveyError, nearest
from cxkit.records import Fit, Fits
from cxkit.weights import Design

__all__ = ["Codes", "agreement", "book_of", "codes_of", "model_of", "question_of", "texts_of"]

_FEWEST_OF_THEME = 5
"""A theme that neither coder gave so often has no kappa of its own."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The comments on one question, a row a respondent of the survey's frame.

    Attributes
    ----------
    question : str
        The key of the comment question.
    book : Codebook
        Whose themes they are.
    texts : list of str
        What was written, masked; "" for nothing.
    state, language : numpy.ndarray of str, shape (n_rows,)
        As `Coded` has them; "" where nothing was written. A comment that the study's model cannot
        read is `unread`.
    by : numpy.ndarray of str, shape (n_rows,)
        Who coded: `people`, `model` or `codebook`.
    themes : list of mapping
        The themes of each row, each with its tone; by a model the likeliest alone.
    found : Found
        How likely each theme is in each row: 0 or 1, but where a model coded.
    machine : Found
        The same as the model, or the codebook, has it for every row.
    is_check : numpy.ndarray of bool, shape (n_rows,)
        Rows coded by people that the machine did not learn from.
    """

    question: str
    book: Codebook
    texts: list[str]
    state: np.ndarray
    language: np.ndarray
    by: np.ndarray
    themes: list[Mapping[str, str]]
    found: Found
    machine: Found
    is_check: np.ndarray

    @functools.cached_property
    def is_written(self) -> np.ndarray:
        """Rows with anything written, an emoji included."""
        return self.state != ""

    @functools.cached_property
    def is_read(self) -> np.ndarray:
        """Rows whose comment was read: the base of the shares of themes."""
        return np.isin(self.state, READ)

    def has(self, theme: str) -> np.ndarray:
        """How likely each comment has a theme, 0 to 1; NaN where none was read.

        1 or 0 where people or the codebook coded. The mean is the share of the theme: a count of
        the themes that a model names would overstate what is frequent.
        """
        return np.where(self.is_read, self.found.of(theme), np.nan)

    def by_machine(self, theme: str) -> np.ndarray:
        """The same as the machine alone gives it; NaN where it could not read."""
        return np.where(self.is_read, self.machine.of(theme), np.nan)

    def names(self, theme: str) -> np.ndarray:
        """1 where a theme was given to a comment, 0 where not, NaN where none was read."""
        found = np.array([theme in one for one in self.themes], dtype=float)
        return np.where(self.is_read, found, np.nan)

    def is_in(self, state: str) -> np.ndarray:
        """How likely each text is in a state, 0 to 1; NaN where nothing was written."""
        is_so = (self.state == state).astype(float)
        sure = self.is_read & (self.by == "model")
        if state == "theme":
            is_so[sure] = 1 - self.found.without[sure]
        elif state in READ:
            bare = np.where(self.machine.is_general, "general", "uncoded")
            is_so[sure] = np.where(bare == state, self.found.without, 0.0)[sure]
        return np.where(self.is_written, is_so, np.nan)

    def tone(self, theme: str) -> np.ndarray:
        """How each comment speaks of a theme, "" where it does not."""
        return np.array([one.get(theme, "") for one in self.themes], dtype=object)


def question_of(survey: Any, comment: str | None = None) -> str:
    """A comment question of the study, its first if none is named.

    Raises
    ------
    SurveyError
        If the study has no such question, or none at all.
    """
    known = list(survey.study.comments)
    if comment is None and known:
        return known[0]
    if comment is None or comment not in known:
        raise SurveyError(
            f"the study has no comment question '{comment}'" if comment else "no comments",
            where=survey.study.shown("study.yaml"),
            expected="one of " + ", ".join(known) if known else "comments: {reason: COLUMN}",
            hint=nearest(comment or "", known),
        )
    return comment


def book_of(study: Any) -> Codebook:
    """The codebook of a study: its own, or the library's."""
    return Codebook.read(study.coding.codebook, study.folder)


def texts_of(survey: Any, question: str) -> list[str]:
    """What was written under a question, masked, "" where nothing was: all rows of the frame."""
    frame, name = survey.frame, f"comment:{question}"
    if name not in frame.columns:
        return [""] * len(frame)
    return [one.strip() if isinstance(one, str) else "" for one in frame[name].tolist()]


def codes_of(survey: Any, question: str) -> Codes:
    """The comments on one question, coded; made once for a survey."""
    found: Codes = survey.once(("comments", question), lambda: _codes(survey, question))
    return found


def _codes(survey: Any, question: str) -> Codes:
    study, book = survey.study, book_of(survey.study)
    texts = texts_of(survey, question)
    read = [book.coded(text) if text else None for text in texts]
    model = model_of(study)
    machine = by_codebook(read, book) if model is None else by_model(model, texts, read, book)
    by_hand = {one.place: one for one in read_by_hand(survey)}
    frame = survey.frame
    places = zip(frame["respondent"].astype(str), frame["wave"].astype(str), strict=True)
    people = [by_hand.get((question, *place)) for place in places]
    made = [
        _row(one, likely, hand, model is not None)
        for one, likely, hand in zip(read, machine.likeliest(), people, strict=True)
    ]
    return Codes(
        question,
        book,
        texts,
        state=np.array([state for state, _, _ in made], dtype=object),
        language=np.array([one.language if one else "" for one in read], dtype=object),
        by=np.array([by for _, by, _ in made], dtype=object),
        themes=[themes for _, _, themes in made],
        found=machine.with_people([None if one is None else one.themes for one in people]),
        machine=machine,
        is_check=np.array(
            [one is not None and (model is None or one.part == "check") for one in people],
            dtype=bool,
        ),
    )


def _row(
    one: Coded | None, likely: frozenset[str] | None, hand: ByHand | None, has_model: bool
) -> tuple[str, str, Mapping[str, str]]:
    """State, coder and themes of one row; `likely` is None where the machine could not read."""
    if one is None:
        return "", "", {}
    chosen = (likely or frozenset()) if hand is None else hand.themes
    themes = {key: one.themes.get(key, "unclear") for key in sorted(chosen)}
    if hand is not None:
        return ("theme" if themes else _without(one)), "people", themes
    if not has_model or not one.is_read:
        return one.state, "codebook", dict(one.themes)
    if likely is None:
        return "unread", "model", {}
    return ("theme" if themes else _without(one)), "model", themes


def _without(one: Coded) -> str:
    """The state of a comment to which no theme was given."""
    return one.state if one.state in ("general", "nothing") else "uncoded"


def model_of(study: Any) -> Any:
    """The study's own model of themes, that codes the rest; None where the codebook does.

    Raises
    ------
    StudyError
        If its file is damaged, no model, or a model of anything but the codebook's themes.
    """
    from cxkit.analysis.comments.classifier import Classifier

    name = study.coding.model
    if name is None:
        return None
    try:
        model = Classifier.read(study.folder / name)
    except StudyError as error:
        error.where = study.shown(name)
        raise
    ensure_of_themes(model, book_of(study), study.shown(name))
    return model


# -- how far people and machine agree --------------------------------------------------------------


def agreement(survey: Any, *, ci_level: float | None = None) -> Fits:
    """Kappa between people and the machine: over all themes together, then theme by theme.

    On the comments that people coded and the machine did not learn from, of the whole study: it
    is a property of the codebook or model, and is read from the coded file alone. The first fit
    is `theme:all`, each comment a cluster of its decisions. Empty where nobody coded.
    """
    study = survey.study
    book = book_of(study)
    by_hand = read_by_hand(survey)
    model = model_of(study)
    if model is not None:
        by_hand = tuple(one for one in by_hand if one.part == "check")
    if not by_hand:
        return Fits(())
    texts = [one.text for one in by_hand]
    read = [book.coded(text) if text else None for text in texts]
    machine = by_codebook(read, book) if model is None else by_model(model, texts, read, book)
    named = [one or frozenset() for one in machine.likeliest()]
    level = study.ci_level if ci_level is None else ci_level
    people = np.array([[key in one.themes for key in book.keys] for one in by_hand], dtype=int)
    given = np.array([[key in one for key in book.keys] for one in named], dtype=int)
    n, k = people.shape
    design = Design(np.ones(n * k), cluster=np.repeat(np.arange(n), k))
    whole = kappa_of(people.ravel(), given.ravel(), design, of="theme:all", ci_level=level)
    found = [_counting(whole, n)]
    alone = Design(np.ones(n))
    for place, key in enumerate(book.keys):
        if max(people[:, place].sum(), given[:, place].sum()) >= _FEWEST_OF_THEME:
            sides = (people[:, place], given[:, place])
            found.append(kappa_of(*sides, alone, of=f"theme:{key}", ci_level=level))
    return Fits(found)


def _counting(one: Fit, n: int) -> Fit:
    """The same fit with comments and not decisions as its base."""
    import dataclasses

    return dataclasses.replace(one, n=n, n_eff=float(n))
