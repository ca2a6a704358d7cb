"""What a machine finds in comments, the codebook or a model: how likely each theme is in each.

A model is asked only about comments that say something in a language it learned from, each
different text once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.comments.codebook import Codebook, Coded
from cxkit.errors import StudyError, listed, quoted
from cxkit.study.coding_entry import NO_THEME

__all__ = ["Found", "by_codebook", "by_model", "ensure_of_themes", "probabilities_of"]


@dataclass(frozen=True, eq=False)
class Found:
    """How likely each theme is in each comment: 0 or 1 by a codebook, between them by a model.

    Attributes
    ----------
    likely : numpy.ndarray of float, shape (n_texts, n_themes)
        In the order of the codebook's keys; NaN where the comment could not be read.
    without : numpy.ndarray of float, shape (n_texts,)
        How likely the comment has no theme at all.
    is_general : numpy.ndarray of bool, shape (n_texts,)
        Comments that judge everything at once.
    keys : tuple of str
        The themes, as the columns stand.
    """

    likely: np.ndarray
    without: np.ndarray
    is_general: np.ndarray
    keys: tuple[str, ...]

    def of(self, theme: str) -> np.ndarray:
        """How likely a theme is in each comment."""
        found: np.ndarray = self.likely[:, self.keys.index(theme)]
        return found

    def likeliest(self) -> list[frozenset[str] | None]:
        """The themes to name in each comment: all that are certain, else the likeliest.

        None where the comment could not be read. The likeliest, and not the label that a model
        would name to do justice to rare ones.
        """
        best = self.likely.max(axis=1, initial=0.0)
        is_named = (self.likely == best[:, None]) & (best > self.without)[:, None]
        return [
            None if without != without else frozenset(self.keys[at] for at in np.flatnonzero(row))
            for row, without in zip(is_named, self.without, strict=True)
        ]

    def with_people(self, people: Sequence[Collection[str] | None]) -> Found:
        """The same with the codes of people where they gave any; None where they gave none."""
        likely, without = self.likely.copy(), self.without.copy()
        for at, themes in enumerate(people):
            if themes is not None:
                likely[at] = [key in themes for key in self.keys]
                without[at] = not themes
        return dataclasses.replace(self, likely=likely, without=without)


def by_codebook(read: Sequence[Coded | None], book: Codebook) -> Found:
    """What the codebook finds in comments: every theme that it knows in each."""
    rows = [[key in one.themes for key in book.keys] if one else [False] * len(book.keys)
            for one in read]  # fmt: skip
    likely = np.array(rows, dtype=float).reshape(len(read), len(book.keys))
    return Found(likely, 1.0 - likely.max(axis=1, initial=0.0), _general(read), book.keys)


def by_model(
    model: Any, texts: Sequence[str], read: Sequence[Coded | None], book: Codebook
) -> Found:
    """What a model finds in comments: one theme or none in each, with how likely each is."""
    given = probabilities_of(model, texts, read)
    likely = np.zeros((len(texts), len(book.keys)))
    for at, key in enumerate(book.keys):
        if key in model.labels:
            likely[:, at] = given[:, model.labels.index(key)]
    is_lost = np.isnan(given).any(axis=1)
    likely[is_lost] = np.nan
    return Found(likely, 1.0 - likely.sum(axis=1), _general(read), book.keys)


def _general(read: Sequence[Coded | None]) -> np.ndarray:
    return np.array([one is not None and one.state == "general" for one in read], dtype=bool)


def probabilities_of(model: Any, texts: Sequence[str], read: Sequence[Coded | None]) -> np.ndarray:
    """The probabilities of a model for comments as the codebook read them.

    Parameters
    ----------
    model : Classifier
        Is asked for each different text once.
    texts : sequence of str, shape (n,)
    read : sequence of Coded or None, shape (n,)
        What the codebook makes of each text. Not asked about are those that say nothing, and
        those in a language that the codebook or the model does not read; a general judgement is
        in too few words to tell its language by, and is asked about.

    Returns
    -------
    numpy.ndarray of float, shape (n, n_labels)
        Rows of NaN where it was not asked.
    """
    place: dict[str, int] = {}
    at = [
        place.setdefault(text, len(place)) if _is_asked(model, text, one) else -1
        for text, one in zip(texts, read, strict=True)
    ]
    found = model.probabilities(list(place), any_language=True)
    nothing = np.full((1, len(model.labels)), np.nan)
    return np.concatenate([found, nothing])[at]


def _is_asked(model: Any, text: str, one: Coded | None) -> bool:
    if one is None or not one.is_read:
        return False
    return one.state == "general" or bool(model.reads_language(one.language))


def ensure_of_themes(model: Any, book: Codebook, shown: str) -> None:
    """StudyError where a model names anything but the themes of a codebook."""
    known = (*book.keys, NO_THEME)
    strange = [label for label in model.labels if label not in known]
    if strange:
        raise StudyError(
            f"the model names {quoted(strange)}: no themes of the codebook '{book.key}'",
            where=shown,
            expected="a model of " + listed(known),
            hint="cxkit comments train makes one of the comments that you coded",
        )
