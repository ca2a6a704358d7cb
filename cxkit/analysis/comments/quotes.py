"""Quotations by rule: which comments may be printed, and which of those are.

The rule is said on the page. Nobody picks: of the comments that may be printed a lot decides, drawn
from the study's seed and whose comment it is, so that the same study prints the same words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from cxkit.analysis import estimates
from cxkit.analysis.comments.coding import codes_of, question_of
from cxkit.analysis.comments.spelling import tokens
from cxkit.analysis.comments.themes import score_groups, scored_by

__all__ = ["FEWEST_WORDS", "MOST_CHARACTERS", "Quote", "quotes"]

FEWEST_WORDS = 3
"""Shorter comments are not quoted."""

MOST_CHARACTERS = 240
"""Longer comments are not quoted: they are never cut."""

_DIGITS = re.compile(r"\d{4,}")


@dataclass(frozen=True)
class Quote:
    """A respondent's own words, personal data masked: about what, in which language, from whom."""

    text: str
    theme: str
    tone: str
    language: str
    group: str | None = None
    """Who recommends how; None without a score on 0-10."""


def quotes(
    survey: Any, of: str, n: int = 1, *, comment: str | None = None, tone: str | None = None
) -> list[Quote]:
    """Comments about a theme, or about a level, stage or type through its themes.

    Parameters
    ----------
    survey : Survey
        Whose comments in hand, of the latest wave, are quoted.
    of : str
        `theme:delivery`, `level:trust`, `stage:decide`, `type:product`.
    n : int, default 1
        How many at most.
    comment : str, optional
        The comment question; the study's first if not given.
    tone : {"good", "bad"}, optional
        Only those that speak of it so.

    Returns
    -------
    list of Quote
        Fewer than `n`, or none, where the rule leaves no more.

    Notes
    -----
    The rule: a comment is quoted whole, of at least 3 words and at most 240 characters, read by
    the codebook, without a number of four digits or more; nothing is quoted where fewer comments
    than the study's privacy limit (`privacy.min_n`), or than make an effective base of
    `min_base`, mention the theme, nor from anybody in a group that the report may not show, or
    among too few who recommend as they do. In reports of groups a comment is quoted in those by one
    segment only, drawn by lot, and in none by several: else reports laid beside each other would
    tell of which region, age and channel its writer is. Each text is quoted once. Which of them:
    the smallest digests of the seed and whose comment it is. Names of people are not found by any
    rule: read the quotations before you publish them.

    Examples
    --------
    >>> import cxkit as cx
    >>> survey = cx.load("demo")
    >>> quotes(survey, "theme:delivery") == quotes(survey, "theme:delivery")
    True
    """
    now = survey.latest
    question = question_of(now, comment)
    codes = codes_of(now, question)
    lots = now.once(("lots", question), lambda: _lots(now, question))
    open_rows = now.mask & ~_private_rows(now) & _stands_here(now, lots)
    said = [key for key in codes.book.of_part(of) if _is_shown(now, codes.names(key))]
    found: dict[str, tuple[str, Quote]] = {}
    for row in np.flatnonzero(open_rows).tolist() if said else ():
        themes = codes.themes[row]
        key = next((one for one in said if one in themes), None)
        text = codes.texts[row]
        if key is None or (tone and themes[key] != tone) or not _is_quotable(text):
            continue
        lot = lots[row]
        if text not in found or lot < found[text][0]:
            who = _group_of(now, row)
            language = str(codes.language[row])
            found[text] = lot, Quote(text, key, themes[key], language, who)
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])[:n]]


def _is_shown(survey: Any, is_said: np.ndarray) -> bool:
    """Whether enough people in hand mention a theme for any of them to be quoted."""
    own = estimates.sample(survey, tuple(survey.waves))
    rows = (survey.mask & (is_said == 1))[own.rows]
    weight = own.design.weight[rows]
    n_eff = weight.sum() ** 2 / (weight**2).sum() if weight.any() else 0.0
    return bool(rows.sum() >= survey.study.privacy.min_n and n_eff >= estimates.min_base(survey))


def _private_rows(survey: Any) -> np.ndarray:
    """Those in a group that no table may show, or too few who recommend so; all, if it is all."""
    frame = survey.frame
    found = np.zeros(len(survey.mask), dtype=bool)
    context = survey.context()
    if context["n"] is None:
        return ~found
    for few in score_groups(survey).values():
        if (few & survey.mask).sum() < survey.study.privacy.min_n:
            found |= few
    for wave, segment, group, of in context.get("private", ()):
        is_other = of not in (None, f"outcome:{scored_by(survey)}")
        if is_other or wave not in (None, survey.wave, *survey.waves):
            continue
        if segment is None:
            return ~found
        column = f"segment:{segment}"
        if column in frame.columns:
            found |= (frame[column] == group).to_numpy(dtype=bool, na_value=False)
    return found


def _stands_here(survey: Any, lots: list[str]) -> np.ndarray:
    """Whose comments a report may quote: of one group, those that fell to its segment."""
    segments = list(survey.study.segment_keys)
    asked = [key for key in survey.filters if key in segments]
    if len(asked) != 1:
        return np.full(len(lots), not asked)
    place = segments.index(asked[0])
    return np.array([int(lot[-8:], 16) % len(segments) == place for lot in lots], dtype=bool)


@lru_cache(maxsize=65536)
def _is_quotable(text: str) -> bool:
    is_short = len(text) <= MOST_CHARACTERS and "\n" not in text
    return is_short and len(tokens(text)) >= FEWEST_WORDS and not _DIGITS.search(text)


def _lots(survey: Any, question: str) -> list[str]:
    """The lot of every row: from the seed and whose comment it is, so that rows may be moved."""
    head, frame = f"{survey.study.seed}\0{question}", survey.frame
    whose = zip(frame["respondent"].astype(str), frame["wave"].astype(str), strict=True)
    return [hashlib.sha256("\0".join((head, *one)).encode()).hexdigest() for one in whose]


def _group_of(survey: Any, row: int) -> str | None:
    return next(_groups_of(survey, row), None)


def _groups_of(survey: Any, row: int) -> Iterator[str]:
    groups = survey.once("score groups", lambda: score_groups(survey))
    for key, mask in groups.items():
        if mask[row] and (mask & survey.mask).sum() >= survey.study.privacy.min_n:
            yield key
