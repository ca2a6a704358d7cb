"""The language of a comment: Indonesian, English, both, another one, or no words at all."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cxkit.analysis.comments.spelling import tokens
from cxkit.library import load_yaml
from cxkit.library.files import LIBRARY

__all__ = ["LANGUAGES", "language"]

LANGUAGES = ("id", "en", "mixed", "other", "none")
"""What a comment may be written in, as tables list it."""

_AFFIXED = re.compile(r"^(?:me[mn]?|meng|di|ber|ter|pe[mn]?|peng|ke)[a-z]{3,}(?:kan|an|nya)$")
_CONTRACTED = re.compile(r"['\u2019](?:t|s|m|re|ve|ll|d)$")
_LEAST_KNOWN = 0.34
_LEAST_BOTH = 0.25


@lru_cache(maxsize=1)
def _marks() -> dict[str, frozenset[str]]:
    """The words that tell each language, and those that both of them use."""
    books = {one: load_yaml(LIBRARY / "spellings" / f"{one}.yaml") for one in ("id", "en")}
    known = {one: {*book["marks"].split()} for one, book in books.items()}
    informal = {one: {*map(str, book["words"])} for one, book in books.items()}
    shared = frozenset(books["id"]["shared"].split())
    own = {one: known[one] | informal[one] for one in known}
    return {
        "both": shared | (known["id"] & known["en"]),
        "id": frozenset(own["id"] - known["en"] - shared),
        "en": frozenset(own["en"] - known["id"] - shared),
    }


@lru_cache(maxsize=65536)
def _of_word(word: str) -> str:
    marks = _marks()
    if word in marks["both"]:
        return "both"
    if word in marks["id"]:
        return "id"
    if word in marks["en"] or _CONTRACTED.search(word):
        return "en"
    is_formed = word.endswith("nya") and len(word) > 5
    return "id" if is_formed or _AFFIXED.match(word) else ""


def language(text: str) -> str:
    """The language of a comment: `id`, `en`, `mixed`, `other` or `none`.

    Parameters
    ----------
    text : str
        What a respondent wrote.

    Returns
    -------
    str
        `none` without a letter (emoji, marks, digits); `mixed` where at least a quarter of the
        words that were recognised are of the lesser of the two; `other` where fewer than a third
        of the words are of either.

    Notes
    -----
    Told by common words (library/spellings) and by Indonesian affixes. Languages close to
    Indonesian (Malay) pass for it; a lone word that both languages may use is `other`.

    Examples
    --------
    >>> [language(one) for one in ("ga sesuai bgt", "not as described", "cepet bgt, love it")]
    ['id', 'en', 'mixed']
    >>> [language(one) for one in ("Sehr gute Lieferung, gerne wieder", "👍👍")]
    ['other', 'none']
    """
    letters = [one for one in text if one.isalpha()]
    words = [one for one in tokens(text) if not one.isdigit()]
    if not letters or not words:
        return "none"
    if sum("LATIN" in unicodedata.name(one, "") for one in letters) < len(letters) / 2:
        return "other"
    found = [_of_word(one) for one in words]
    n_id, n_en = found.count("id"), found.count("en")
    told = n_id + n_en
    if told + found.count("both") < _LEAST_KNOWN * len(words):
        return "other"
    if not told or min(n_id, n_en) >= _LEAST_BOTH * told:
        return "mixed"
    return "id" if n_id > n_en else "en"
