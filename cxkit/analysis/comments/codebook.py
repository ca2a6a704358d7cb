"""The codebook: themes of comments, the expressions that find them, and the tone beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cxkit.analysis.comments.expressions import Expression, Finder, Hit
from cxkit.analysis.comments.language import language
from cxkit.analysis.comments.spelling import Clause, clauses
from cxkit.errors import Problem, StudyError, nearest
from cxkit.library import framework, load_yaml
from cxkit.library.files import beside_or_in_library

__all__ = ["READ", "STATES", "TONES", "Codebook", "Coded", "Theme"]

STATES = ("theme", "general", "uncoded", "unread", "nothing")
"""What became of a text: a theme was found, only a judgement of everything, neither; it is in
another language; it says nothing (emoji, marks, `tidak ada`)."""

READ = ("theme", "general", "uncoded")
"""The states of comments that were read: the base of the shares of themes."""

TONES = ("good", "bad", "both", "unclear")
"""How a theme is spoken of."""

_PARTS = ("levels", "stages", "types", "determinants")
_FRAMEWORKS = {
    "levels": "pyramid",
    "stages": "journey",
    "types": "types",
    "determinants": "determinants",
}
_KNOWN = frozenset({*_PARTS, "about", "good", "bad", "not", "label"})
_REACH = 4
"""So many words before a word of praise or blame a negation turns it round."""


@dataclass(frozen=True)
class Theme:
    """What comments may be about, and the parts of the frameworks that it belongs to."""

    key: str
    levels: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    determinants: tuple[str, ...] = ()
    label: Mapping[str, str] | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts as keys: `level:trust`, `stage:decide`, `type:product`."""
        return tuple(f"{kind[:-1]}:{one}" for kind in _PARTS for one in getattr(self, kind))


@dataclass(frozen=True)
class Coded:
    """What was found in one text: its language, its state, and its themes, each with a tone."""

    language: str
    state: str
    themes: Mapping[str, str]

    @property
    def is_read(self) -> bool:
        """Whether it counts in the base of the shares of themes."""
        return self.state in READ


@dataclass(frozen=True)
class _Cue:
    """What an expression tells: the theme (None: of tone alone) and how it is spoken of."""

    theme: str | None
    tone: str


class Codebook:
    """Themes and how they are found: `coded(text)` reads one comment.

    Attributes
    ----------
    key : str
        Its name, printed on the page.
    themes : tuple of Theme
        In the order of the file.

    Examples
    --------
    >>> book = Codebook.read()
    >>> dict(book.coded("barangnya ga sesuai, tapi kurirnya ramah").themes)
    {'delivery': 'good', 'order_match': 'bad', 'product_quality': 'bad', 'staff': 'good'}
    >>> book.coded("👍👍").state, book.coded("mantap").state
    ('nothing', 'general')
    """

    def __init__(self, key: str, given: Mapping[str, Any]) -> None:
        self.key = key
        self.themes = tuple(_theme(name, told or {}) for name, told in given["themes"].items())
        tones = given.get("tones") or {}
        self._finder = Finder(_expressions(given["themes"], tones))
        self._barred = Finder(
            Expression.read(one, name)
            for name, told in given["themes"].items()
            for one in (told or {}).get("not") or ()
        )
        self._breaks = tuple(map(str, tones.get("breaks") or ()))
        self._negations = frozenset(map(str, tones.get("negations") or ()))
        self._signs = dict.fromkeys(str(tones.get("emoji_good", "")), "good")
        self._signs |= dict.fromkeys(str(tones.get("emoji_bad", "")), "bad")
        self._general = Finder(Expression.read(one, None) for one in given.get("general") or ())
        self._nothing = {Expression.read(one, None).words for one in given.get("nothing") or ()}
        self.coded = lru_cache(maxsize=131072)(self._coded)

    @classmethod
    def read(cls, name: str = "cx", folder: str | os.PathLike[str] | None = None) -> Codebook:
        """A codebook: `folder`/NAME.yaml if there is one, else the library's.

        Raises
        ------
        StudyError
            If there is no such codebook, or it needs mending: every problem at once.
        """
        file = beside_or_in_library("codebooks", name, folder, kind="codebook")
        stamp = file.stat()
        return _read(name, file.resolve(), stamp.st_mtime_ns, stamp.st_size)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the themes."""
        return tuple(one.key for one in self.themes)

    def theme(self, key: str) -> Theme:
        """A theme by its key."""
        return next(one for one in self.themes if one.key == key)

    def of_part(self, part: str) -> tuple[str, ...]:
        """The themes that belong to a level, stage, type or determinant.

        >>> Codebook.read().of_part("level:trust")
        ('payment', 'security')
        """
        return tuple(one.key for one in self.themes if part in (*one.parts, f"theme:{one.key}"))

    def _coded(self, text: str) -> Coded:
        """What one comment says: its language, its state and its themes."""
        told = language(text)
        said = clauses(text, self._breaks)
        words = tuple(word for one in said for word in one.words)
        if told == "none" or words in self._nothing:
            return Coded(told, "nothing", {})
        found = self._themes(said)
        if told == "other" and (len(words) > 2 or not found):
            is_general = len(words) < 3 and any(any(self._general.hits(c.words)) for c in said)
            return Coded(told, "general" if is_general else "unread", {})
        if found:
            return Coded(told, "theme", found)
        is_general = any(any(self._general.hits(one.words)) for one in said)
        return Coded(told, "general" if is_general else "uncoded", {})

    def _themes(self, said: tuple[Clause, ...]) -> dict[str, str]:
        heard: dict[str, set[str]] = {}
        for clause in said:
            for theme, tone in self._in_clause(clause):
                heard.setdefault(theme, set()).add(tone)
        return {key: _together(heard[key]) for key in self.keys if key in heard}

    def _in_clause(self, clause: Clause) -> Iterator[tuple[str, str]]:
        """The themes of a clause, each with a tone: its own words', else the clause's."""
        barred = [(hit.tells, hit.start, hit.end) for hit in self._barred.hits(clause.words)]
        hits = [hit for hit in self._finder.hits(clause.words) if not _is_barred(hit, barred)]
        themes = dict.fromkeys(hit.tells.theme for hit in hits if hit.tells.theme)
        if not themes:
            return
        of_clause = self._tone(clause, hits)
        for theme in themes:
            own = [hit for hit in hits if hit.tells.theme == theme and hit.tells.tone]
            heard = {self._turned(hit, clause.words) for hit in own}
            yield theme, _together(heard) if heard else of_clause

    def _tone(self, clause: Clause, hits: list[Hit]) -> str:
        """How a clause speaks; a negation alone (`ga bisa COD`) is a complaint."""
        longest = _longest([hit for hit in hits if hit.tells.tone])
        heard = {self._turned(hit, clause.words) for hit in longest}
        heard |= {self._signs[one] for one in clause.signs if one in self._signs}
        if not heard and self._negations & set(clause.words):
            heard = {"bad"}
        return _together(heard) if heard else "unclear"

    def _turned(self, hit: Hit, words: tuple[str, ...]) -> str:
        """The tone of an expression, turned round by each negation in it or shortly before it."""
        near = words[max(hit.start - _REACH, 0) : hit.end]
        own = sum(word in self._negations for word in hit.expression.words)
        is_odd = (sum(word in self._negations for word in near) - own) % 2
        tone: str = hit.tells.tone
        return {"good": "bad", "bad": "good"}[tone] if is_odd else tone


def _together(heard: set[str]) -> str:
    """Several tones as one: good and bad are both, unclear gives way."""
    plain = heard - {"unclear"}
    if "both" in plain or len(plain) > 1:
        return "both"
    return next(iter(plain), "unclear")


def _is_barred(hit: Hit, barred: list[tuple[str, int, int]]) -> bool:
    return any(
        theme == hit.tells.theme and hit.start < end and start < hit.end
        for theme, start, end in barred
    )


def _longest(hits: list[Hit]) -> list[Hit]:
    """Those that no longer one holds; a comment may be a book, so not each against each."""
    ends: dict[int, int] = {}
    for hit in hits:
        ends[hit.start] = max(ends.get(hit.start, 0), hit.end)
    reach = max((hit.end - hit.start for hit in hits), default=0)

    def is_inside(hit: Hit) -> bool:
        around = range(hit.end - reach, hit.start + 1)
        return any(
            ends.get(start, 0) >= hit.end and ends[start] - start > hit.end - hit.start
            for start in around
        )

    return [hit for hit in hits if not is_inside(hit)]


def _theme(key: str, told: Mapping[str, Any]) -> Theme:
    parts = {kind: tuple(map(str, told.get(kind) or ())) for kind in _PARTS}
    return Theme(key, **parts, label=told.get("label"))


def _expressions(themes: Mapping[str, Any], tones: Mapping[str, Any]) -> Iterator[Expression]:
    for key, told in themes.items():
        for kind in ("about", "good", "bad"):
            tone = "" if kind == "about" else kind
            for one in (told or {}).get(kind) or ():
                yield Expression.read(one, _Cue(key, tone))
    for tone in ("good", "bad"):
        for one in tones.get(tone) or ():
            yield Expression.read(one, _Cue(None, tone))


@lru_cache(maxsize=8)
def _read(name: str, file: Path, _changed: int, _size: int) -> Codebook:
    given = load_yaml(file)
    problems = list(_problems(given, file))
    if problems:
        raise StudyError.of(problems)
    return Codebook(name, given)


def _problems(given: Mapping[str, Any], file: Path) -> Iterator[Problem]:
    """Whatever keeps a file from being a codebook."""

    def problem(place: str, message: str, expected: str, hint: str | None = None) -> Problem:
        return Problem("bad_codebook", message, file=str(file), column=place, expected=expected,
                       hint=hint)  # fmt: skip

    themes = given.get("themes")
    if not isinstance(themes, Mapping) or not themes:
        yield problem("themes", "the codebook has no themes", "themes: {key: {about: [...]}}")
        return
    for key, told in themes.items():
        place = f"themes.{key}"
        if not isinstance(told, Mapping):
            yield problem(place, f"the theme '{key}' holds no keys", "about: [...]")
            continue
        if not any(told.get(one) for one in ("about", "good", "bad")):
            yield problem(
                place, f"the theme '{key}' has no expression", "about, good or bad: [...]"
            )
        for unknown in sorted(set(map(str, told)) - _KNOWN):
            hint = nearest(unknown, _KNOWN)
            said = f"the theme '{key}' has an unknown key '{unknown}'"
            yield problem(f"{place}.{unknown}", said, "one of " + ", ".join(sorted(_KNOWN)), hint)
        for kind, one in _FRAMEWORKS.items():
            known = [
                part["key"] for part in framework(one)["stages" if one == "journey" else "levels"]
            ]
            for part in told.get(kind) or ():
                if part not in known:
                    said = f"the theme '{key}' belongs to an unknown '{part}'"
                    expected = "one of " + ", ".join(known)
                    yield problem(f"{place}.{kind}", said, expected, nearest(str(part), known))
