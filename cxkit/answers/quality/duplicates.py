"""Answers that are there twice: the same respondent, the same answers at once, the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

__all__ = ["FEWEST_CHARACTERS", "WITHIN_SECONDS", "again", "repeated_words", "same_at_once"]

FEWEST_CHARACTERS = 40
"""Comments shorter than this are often alike by chance: one in ten reviews of 20 to 30 letters."""
WITHIN_SECONDS = 60
"""Equal answers that began within so many seconds of each other are taken for one submission."""

_AT_ONCE = 65_536
_PRIME = np.uint64(1_099_511_628_211)


def again(respondent: pd.Series, order: np.ndarray | None = None) -> np.ndarray:
    """Which rows are of a respondent who has an earlier one, by `order` (else as they stand)."""
    keys = np.zeros(len(respondent), dtype=np.uint64)
    for rows, block in _blocks(respondent):
        keys[rows] = _hashes(np.array([one or None for one in block], dtype=object))
    place = np.arange(len(keys)) if order is None else order
    found = np.zeros(len(keys), dtype=bool)
    found[place] = pd.Series(keys[place]).duplicated().to_numpy() & (keys[place] != 0)
    return found


def same_at_once(
    answers: Iterable[pd.Series], started: np.ndarray, is_telling: np.ndarray
) -> np.ndarray:
    """Which rows repeat every answer of a row that began at most a minute earlier.

    Parameters
    ----------
    answers : iterable of Series, each of shape (n_rows,)
        Everything that was asked, a question each; missing where there is no answer.
    started : ndarray of float, shape (n_rows,)
        When each row began, in seconds from any moment; NaN where unknown.
    is_telling : ndarray of bool, shape (n_rows,)
        Whether a row holds answers enough to be told from another.

    Returns
    -------
    ndarray of float, shape (n_rows,)
        1 or 0; NaN where it cannot be told.
    """
    is_told = np.isfinite(started)
    found = np.where(is_told, 0.0, np.nan)
    own = np.flatnonzero(is_told & is_telling)
    pattern = np.zeros(len(own), dtype=np.uint64)
    for values in answers:
        pattern = pattern * _PRIME + _hashes(values.iloc[own].to_numpy())
    order = np.lexsort((started[own], pattern))
    gap = np.diff(started[own][order])
    is_copy = (pattern[order][1:] == pattern[order][:-1]) & (gap <= WITHIN_SECONDS)
    found[own[order[1:][is_copy]]] = 1.0
    return found


def repeated_words(comments: Sequence[pd.Series]) -> np.ndarray:
    """Which rows share a comment of 40 characters or more, word for word.

    Letters are compared without case, blanks as one. 1 or 0; NaN where no comment is that long.
    """
    found = np.full(len(comments[0]) if comments else 0, np.nan)
    for texts in comments:
        keys = np.zeros(len(texts), dtype=np.uint64)
        for rows, block in _blocks(texts):
            keys[rows] = _hashes(np.array([_plain(one) for one in block], dtype=object))
        is_long = keys != 0
        is_again = pd.Series(keys).duplicated(keep=False).to_numpy()
        found = np.where(is_long, np.fmax(found, is_again & is_long), found)
    return found


def _blocks(words: pd.Series) -> Iterator[tuple[slice, np.ndarray]]:
    """Words in blocks that need little room, with the rows that they stand in."""
    for start in range(0, len(words), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        yield rows, words.iloc[rows].to_numpy(dtype=object)


def _plain(text: object) -> str | None:
    """A comment as it is compared, None where it is too short."""
    words = " ".join(text.split()).casefold() if isinstance(text, str) else ""
    return words if len(words) >= FEWEST_CHARACTERS else None


def _hashes(values: np.ndarray) -> np.ndarray:
    """A number for each value, the same for the same value; 0 where missing."""
    hashes = pd.util.hash_array(np.asarray(values), categorize=True)
    return np.where(pd.isna(values), np.uint64(0), hashes)
