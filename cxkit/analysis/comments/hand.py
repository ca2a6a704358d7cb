"""Comments coded by people: a random draw to code, the file that comes back, what it holds.

The file is a table, a comment a row. `part` deals the draw: a model may learn from `fit`, and what
it gets right is judged on `check`, which it never saw.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.comments.codebook import Codebook, Coded
from cxkit.analysis.comments.ngrams import cleaned, has_words
from cxkit.errors import StudyError, SurveyError
from cxkit.study.coding_entry import NO_THEME, PARTS, themes_in

__all__ = ["COLUMNS", "NO_THEME", "ByHand", "Drawn", "draft", "read_by_hand", "trained"]

COLUMNS = ("comment", "respondent", "wave", "part", "language", "text", "suggested", "themes")
"""The columns of a file of coded comments; `themes` is what people fill in."""

_CHECK_OF = 2
"""One comment in so many is kept for checking."""

_FEWEST_TO_LEARN = 2
"""A label with fewer different comments cannot be learnt: its comments are as those without."""


@dataclass(frozen=True)
class ByHand:
    """A comment as somebody coded it."""

    comment: str
    respondent: str
    wave: str
    part: str
    text: str
    themes: frozenset[str]

    @property
    def place(self) -> tuple[str, str, str]:
        """Which comment it is: question, respondent, wave."""
        return self.comment, self.respondent, self.wave


@dataclass(frozen=True)
class Drawn:
    """A draw of comments to code: the file's content, and how many there were to draw from."""

    rows: tuple[dict[str, str], ...]
    n_all: int

    @property
    def text(self) -> str:
        """The file: CSV with a header row, opened as such by spreadsheets."""
        out = io.StringIO()
        table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows({key: _safe(one) for key, one in row.items()} for row in self.rows)
        return "\ufeff" + out.getvalue()


def draft(
    survey: Any, n: int = 200, *, comment: str | None = None, seed: int | None = None
) -> Drawn:
    """A random draw of comments to code, the same at every call, with what the codebook suggests.

    Parameters
    ----------
    survey : Survey
        Whose comments in hand are drawn from. Those that say nothing are left out.
    n : int, default 200
        How many; all of them where there are fewer.
    comment : str, optional
        The comment question; the study's first if not given.
    seed : int, optional
        The study's seed if not given: same seed, same draw, whatever the order of the rows.

    Raises
    ------
    SurveyError
        If the study has no such comment question, or nobody wrote anything.

    Examples
    --------
    >>> import cxkit as cx
    >>> drawn = draft(cx.load("demo"), 5)
    >>> len(drawn.rows), sorted({row["part"] for row in drawn.rows})
    (5, ['check', 'fit'])
    """
    from cxkit.analysis.comments.coding import book_of, question_of, texts_of

    question, book = question_of(survey, comment), book_of(survey.study)
    seed = survey.study.seed if seed is None else seed
    frame, texts = survey.frame, texts_of(survey, question)
    found: list[tuple[str, str, str, Coded]] = []
    for row in np.flatnonzero(survey.mask):
        text = texts[row]
        coded = book.coded(text) if text else None
        if coded is not None and coded.state != "nothing":
            who, wave = str(frame["respondent"].iat[row]), str(frame["wave"].iat[row])
            found.append((who, wave, text, coded))
    if not found:
        raise SurveyError(
            f"nobody wrote anything under '{question}'", expected="comments to draw from"
        )
    drawn = sorted(found, key=lambda one: _lot(seed, question, *one[:2]))[:n]
    rows = [
        {
            "comment": question,
            "respondent": who,
            "wave": wave,
            "part": PARTS[place % _CHECK_OF],
            "language": coded.language,
            "text": text,
            "suggested": ";".join(coded.themes) or NO_THEME,
            "themes": "",
        }
        for place, (who, wave, text, coded) in enumerate(drawn)
    ]
    return Drawn(tuple(rows), len(found))


def _lot(seed: int, *place: str) -> str:
    """The lot of a comment: from the seed and whose it is, so that rows may stand in any order."""
    return hashlib.sha256("\0".join((str(seed), *place)).encode()).hexdigest()


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a mark stands before it."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "'") else cell


def read_by_hand(survey: Any) -> tuple[ByHand, ...]:
    """The comments that people coded, of the whole study; () where it names no such file.

    Rows without a code are not coded yet and are left out. What is wrong with the file was told
    when the survey was loaded.
    """
    return tuple(
        ByHand(
            row["comment"],
            row["respondent"],
            row["wave"],
            row["part"],
            row["text"],
            frozenset(themes_in(row["themes"])) - {NO_THEME},
        )
        for row in survey.coded_comments.rows
        if row["themes"]
    )


def trained(survey: Any, *, seed: int | None = None) -> Any:
    """A model of the themes that people gave the `fit` half of the coded comments.

    Returns
    -------
    Classifier
        It names one theme a comment, or `none`; a comment with several is learnt as the first of
        them in the codebook's order, and a theme with only one comment to learn from as `none`:
        the card names those (`about`, `pooled`). The `check` half, where it is coded, judges it
        once. `write` keeps it.

    Raises
    ------
    StudyError
        If the study names no file of coded comments, none of them is coded, or scikit-learn (the
        extra `comments`) is not installed.
    SurveyError
        If there is too little to learn from.
    """
    from cxkit.analysis.comments.coding import book_of
    from cxkit.analysis.comments.training import needs, train

    needs()
    study, book = survey.study, book_of(survey.study)
    by_hand = read_by_hand(survey)
    own = [(one.text, _first(one.themes, book)) for one in by_hand if one.part == "fit"]
    if not own:
        raise StudyError(
            "there are no coded comments to learn from",
            where=study.shown(study.coding.coded or ""),
            expected="coding: {coded: FILE}, with themes in rows of part `fit`",
            hint="cxkit comments draft lays the file down"
            if study.coding.coded is None
            else "fill in the column `themes`",
        )
    lone = _lone(own)
    learnt = [(text, NO_THEME if label in lone else label) for text, label in own]
    if NO_THEME in _lone(learnt):
        learnt = [(text, label) for text, label in learnt if label != NO_THEME]
    known = {label for _, label in learnt}
    check = [(one.text, _first(one.themes, book)) for one in by_hand if one.part == "check"]
    judged = [(text, label if label in known else NO_THEME) for text, label in check]
    judged = [(text, label) for text, label in judged if label in known and has_words(text)]
    about = {"file": study.coding.coded, "text": "text", "label": "themes"}
    pooled = sorted(lone - {NO_THEME})
    return train(
        *_columns(learnt),
        seed=study.seed if seed is None else seed,
        held_out=_columns(judged) if judged else None,
        about=about | ({"pooled": pooled} if pooled else {}),
    )


def _lone(coded: Sequence[tuple[str, str]]) -> set[str]:
    """The labels with only one comment to learn from, however often it was written."""
    different = {(label, cleaned(text)) for text, label in coded if has_words(text)}
    counts = Counter(label for label, _ in different)
    return {label for _, label in coded if counts[label] < _FEWEST_TO_LEARN}


def _columns(coded: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [text for text, _ in coded], [label for _, label in coded]


def _first(themes: frozenset[str], book: Codebook) -> str:
    return next((key for key in book.keys if key in themes), NO_THEME)
