"""The comments of a survey, coded: language, state and themes of every row, and by whom.

People's codes win; the rest is coded by the study's model if it has one, else by the codebook.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.comments.agreement import kappa_of
from cxkit.analysis.comments.codebook import READ, Codebook, Coded
from cxkit.analysis.comments.hand import NO_THEME, ByHand, read_by_hand
from cxkit.errors import SurveyError, nearest
from cxkit.records import Fit, Fits
from cxkit.weights import Design

__all__ = ["Codes", "agreement", "book_of", "codes_of", "question_of", "texts_of"]

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
        As `Coded` has them; "" where nothing was written.
    by : numpy.ndarray of str, shape (n_rows,)
        Who coded: `people`, `model` or `codebook`.
    themes : list of mapping
        The themes of each row, each with its tone.
    machine : list of frozenset
        The themes that the model, or the codebook, gives each row.
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
    machine: list[frozenset[str]]
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
        """1 where a comment has a theme, 0 where it has not, NaN where none was read."""
        found = np.array([theme in one for one in self.themes], dtype=float)
        return np.where(self.is_read, found, np.nan)

    def by_machine(self, theme: str) -> np.ndarray:
        """The same as the machine alone gives it, for every row that was read."""
        found = np.array([theme in one for one in self.machine], dtype=float)
        return np.where(self.is_read, found, np.nan)

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
    model = _model(study)
    machine = _by_model(model, texts, read) if model is not None else [_themes(one) for one in read]
    by_hand = {one.place: one for one in read_by_hand(survey, book)}
    frame = survey.frame
    places = zip(frame["respondent"].astype(str), frame["wave"].astype(str), strict=True)
    people = [by_hand.get((question, *place)) for place in places]
    made = [
        _row(one, by, hand, model is not None)
        for one, by, hand in zip(read, machine, people, strict=True)
    ]
    return Codes(
        question,
        book,
        texts,
        state=np.array([state for state, _, _ in made], dtype=object),
        language=np.array([one.language if one else "" for one in read], dtype=object),
        by=np.array([by for _, by, _ in made], dtype=object),
        themes=[themes for _, _, themes in made],
        machine=machine,
        is_check=np.array(
            [one is not None and (model is None or one.part == "check") for one in people],
            dtype=bool,
        ),
    )


def _themes(one: Coded | None) -> frozenset[str]:
    return frozenset(one.themes) if one is not None else frozenset()


def _row(
    one: Coded | None, machine: frozenset[str], hand: ByHand | None, has_model: bool
) -> tuple[str, str, Mapping[str, str]]:
    """State, coder and themes of one row."""
    if one is None:
        return "", "", {}
    chosen = machine if hand is None else hand.themes
    themes = {key: one.themes.get(key, "unclear") for key in sorted(chosen)}
    if hand is not None:
        return ("theme" if themes else _without(one)), "people", themes
    if not has_model or not one.is_read:
        return one.state, "codebook", dict(one.themes)
    return ("theme" if themes else _without(one)), "model", themes


def _without(one: Coded) -> str:
    """The state of a comment to which no theme was given."""
    return one.state if one.state in ("general", "nothing") else "uncoded"


def _model(study: Any) -> Any:
    """The model that codes the rest, None where the codebook does."""
    from cxkit.analysis.comments.classifier import Classifier

    name = study.coding.model
    return None if name is None else Classifier.read(study.folder / name)


def _by_model(
    model: Any, texts: Sequence[str], read: Sequence[Coded | None]
) -> list[frozenset[str]]:
    """The likeliest theme by a model of each comment that the codebook could read.

    The likeliest, and not the label that the model would name to do justice to rare ones: those
    are to be counted, and counts of named labels overstate what is rare.
    """
    asked = [text if one is not None and one.is_read else None
             for text, one in zip(texts, read, strict=True)]  # fmt: skip
    likely = model.probabilities(asked)
    is_known = ~np.isnan(likely).any(axis=1)
    best = np.where(is_known[:, None], likely, 0.0).argmax(axis=1)
    named = [model.labels[at] if known else NO_THEME
             for at, known in zip(best, is_known, strict=True)]  # fmt: skip
    return [frozenset() if one == NO_THEME else frozenset((one,)) for one in named]


# -- how far people and machine agree --------------------------------------------------------------


def agreement(survey: Any, *, ci_level: float | None = None) -> Fits:
    """Kappa between people and the machine: over all themes together, then theme by theme.

    On the comments that people coded and the machine did not learn from, of the whole study: it
    is a property of the codebook or model, and is read from the coded file alone. The first fit
    is `theme:all`, each comment a cluster of its decisions. Empty where nobody coded.
    """
    study = survey.study
    book = book_of(study)
    by_hand = read_by_hand(survey, book)
    model = _model(study)
    if model is not None:
        by_hand = tuple(one for one in by_hand if one.part == "check")
    if not by_hand:
        return Fits(())
    texts = [one.text for one in by_hand]
    read = [book.coded(text) if text else None for text in texts]
    machine = _by_model(model, texts, read) if model is not None else [_themes(one) for one in read]
    level = study.ci_level if ci_level is None else ci_level
    people = np.array([[key in one.themes for key in book.keys] for one in by_hand], dtype=int)
    given = np.array([[key in one for key in book.keys] for one in machine], dtype=int)
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
