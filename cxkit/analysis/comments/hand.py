"""Comments coded by people: a random draw to code, the file that comes back, what it holds.

The file is a table, a comment a row. `part` deals the draw: a model may learn from `fit`, and what
it gets right is judged on `check`, which it never saw.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis.comments.codebook import Codebook, Coded
from cxkit.errors import Problem, StudyError, SurveyError, brief, nearest

__all__ = ["COLUMNS", "NO_THEME", "ByHand", "Drawn", "draft", "read_by_hand", "trained"]

COLUMNS = ("comment", "respondent", "wave", "part", "language", "text", "suggested", "themes")
"""The columns of a file of coded comments; `themes` is what people fill in."""

NO_THEME = "none"
"""What is written for a comment without any theme; an empty cell is not coded yet."""

_PARTS = ("fit", "check")
_CHECK_OF = 2
"""One comment in so many is kept for checking."""


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
            "part": _PARTS[place % _CHECK_OF],
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


def read_by_hand(survey: Any, book: Codebook) -> tuple[ByHand, ...]:
    """The comments that people coded, of the whole study; () where it names no such file.

    Rows without a code are not coded yet and are left out.

    Raises
    ------
    StudyError
        If the file needs mending: every problem of it, with its line.
    """
    file = survey.coded_comments
    rows = file.rows
    problems = list(_slips(rows, file.lines, file.shown, survey.study, book))
    if problems:
        raise StudyError.of(problems)
    return tuple(
        ByHand(
            row["comment"],
            row["respondent"],
            row["wave"],
            row["part"],
            row["text"],
            frozenset(_named(row["themes"])) - {NO_THEME},
        )
        for row in rows
        if row["themes"]
    )


def _named(cell: str) -> list[str]:
    return [one.strip() for one in cell.replace(",", ";").split(";") if one.strip()]


def _slips(
    rows: Sequence[dict[str, str]], lines: Iterable[int], shown: str, study: Any, book: Codebook
) -> Iterator[Problem]:
    """Codes that are no themes, questions that are none, comments coded twice."""
    known = (*book.keys, NO_THEME)
    seen: dict[tuple[str, str, str], int] = {}

    def slip(code: str, line: int, column: str, message: str, expected: str,
             hint: str | None = None) -> Problem:  # fmt: skip
        return Problem(code, message, file=shown, line=line, column=column, n=1,
                       expected=expected, hint=hint)  # fmt: skip

    for row, line in zip(rows, map(int, lines), strict=True):
        if not row["themes"]:
            continue
        for theme in _named(row["themes"]):
            if theme not in known:
                said = f"a comment is coded '{brief(theme)}', which is no theme of the codebook"
                expected = f"one or more of {', '.join(known)}, with ; between them"
                yield slip("unknown_theme", line, "themes", said, expected, nearest(theme, known))
        if row["comment"] not in study.comments:
            said = f"the comment question is '{brief(row['comment'])}'"
            hint = nearest(row["comment"], study.comments)
            yield slip("unknown_comment", line, "comment", said,
                       "one of " + ", ".join(study.comments), hint)  # fmt: skip
        if row["part"] not in _PARTS:
            said = f"the part is '{brief(row['part'])}'"
            yield slip("unknown_part", line, "part", said, "fit or check, as it was drawn")
        place = (row["comment"], row["respondent"], row["wave"])
        if seen.setdefault(place, line) != line:
            said = f"the comment of respondent '{brief(row['respondent'])}' is coded twice"
            yield slip("coded_twice", line, "respondent", said,
                       f"one row a comment; the other is line {seen[place]}")  # fmt: skip


def trained(survey: Any, *, seed: int | None = None) -> Any:
    """A model of the themes that people gave the `fit` half of the coded comments.

    Returns
    -------
    Classifier
        It names one theme a comment, or `none`; a comment with several is learnt as the first of
        them in the codebook's order. `write` keeps it.

    Raises
    ------
    StudyError
        If the study names no file of coded comments, the file needs mending, or scikit-learn
        (the extra `comments`) is not installed.
    SurveyError
        If there is too little to learn from.
    """
    from cxkit.analysis.comments.coding import book_of
    from cxkit.analysis.comments.training import train

    study, book = survey.study, book_of(survey.study)
    by_hand = [one for one in read_by_hand(survey, book) if one.part == "fit"]
    if not by_hand:
        raise StudyError(
            "there are no coded comments to learn from",
            where=study.shown(),
            expected="coding: {coded: FILE}, with themes in rows of part `fit`",
            hint="cxkit comments draft lays the file down",
        )
    labels = [_first(one.themes, book) for one in by_hand]
    return train([one.text for one in by_hand], labels, seed=study.seed if seed is None else seed)


def _first(themes: frozenset[str], book: Codebook) -> str:
    return next((key for key in book.keys if key in themes), NO_THEME)
