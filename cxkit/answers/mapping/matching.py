"""Which column is what: every column of an export gets one verdict, with its confidence.

Three kinds of evidence: the name, the question's text, the answers. A text decides, a name alone
only where it is distinctive and the answers fit, answers alone never do; they can only speak
against. Every key goes to one column and every column to one key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cxkit import library
from cxkit.answers.mapping.doubts import (
    doubts_of_answers,
    doubts_of_scale,
    doubts_of_stem,
    doubts_of_words,
    families_of_answers,
)
from cxkit.answers.mapping.facts import Facts
from cxkit.answers.mapping.known_names import (
    battery_totals,
    in_seconds,
    key_named,
    question_named,
    segment_named,
)
from cxkit.answers.mapping.likeness import Likeness, Wording, Wordings, words_of
from cxkit.answers.mapping.slots import Brand, brand_in
from cxkit.answers.mapping.words import cleaned, masked, segments
from cxkit.answers.platforms import Question
from cxkit.answers.privacy.columns import personal_kind
from cxkit.answers.texts import Texts

__all__ = ["LEAST", "SURE", "Column", "Guess", "Matches", "Verdict"]

SURE = 90
"""Confidence from which a line of the draft stands without a comment sign (see CONTRIBUTING)."""
LEAST = 50
"""Confidence under which nothing is proposed."""
_IN_DOUBT = 75
"""The most that a question can have against which something speaks..."""
_AS_LIKE = 85
"""... or that is as like another question, or as like another column."""
_NEAR = 0.05
_LESS = 25
"""So much less likely than a column's first guess, another is none."""
_OWN_NAMES = 4
"""So many columns named after questions of the kit make such names distinctive."""
_OTHER_TEXT = 0.6

_QUESTION_OF = {
    "recommend": "out_recommend", "satisfaction": "out_satisfaction", "effort": "out_effort",
}  # fmt: skip
_ROLE_KEYS = {
    "respondent": "respondent", "duration": "duration", "finished": "finished",
    "started": "started", "ended": "ended", "recorded": "recorded",
}  # fmt: skip
_OTHER_ROLES = {
    "status": "kind of response, of the platform",
    "progress": "progress, of the platform",
    "language": "language of the interview, of the platform",
    "channel": "channel of the invitation, of the platform",
    "bot_score": "score of the platform against bots; quality.bot_scores can use it",
    "duplicate_score": "score of the platform against duplicates; quality.bot_scores can use it",
    "other": "written by the platform",
}


@dataclass(frozen=True)
class Guess:
    """What a column may be: a key (of a question of the kit, of the study file, or a segment)."""

    key: str
    confidence: int
    why: str
    doubts: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it is written without a comment sign."""
        return self.confidence >= SURE

    def doubted(self, *doubts: str, most: int = _IN_DOUBT) -> Guess:
        """The same with something that speaks against it."""
        told = tuple(one for one in doubts if one)
        if not told:
            return self
        confidence = min(self.confidence, most)
        return replace(self, confidence=confidence, doubts=(*self.doubts, *told))

    @property
    def said(self) -> str:
        """Confidence, reason and doubts, for a comment."""
        doubts = "; ".join(self.doubts)
        return f"{self.confidence}: {self.why}" + (f"; but {doubts}" if doubts else "")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a column.

    Attributes
    ----------
    status : str
        `mapped` (sure), `proposed` (commented out, to confirm), `left_out` (with why), `unknown`.
    guess : Guess, optional
        What it is taken for.
    why : str
        Why it is left out, or what it holds.
    """

    column: str
    status: str
    guess: Guess | None = None
    why: str = ""


@dataclass(frozen=True)
class Column:
    """One column of an export: its name, what it asks, what its cells are."""

    name: str
    asked: Question
    cells: Texts = field(repr=False)

    @cached_property
    def facts(self) -> Facts:
        """What its cells are."""
        return Facts.of(self.cells)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Where its question may stand: (what comes before, cleaned text), each text once."""
        one = self.asked
        pairs = [(one.text, one.part), *one.translations.values()]
        found: dict[str, str] = {}
        for text, part in pairs:
            whole = text if one.kind == "several" else part or text
            stem = text if part and one.kind != "several" else ""
            for before, own in segments(whole or ""):
                found.setdefault(own, f"{stem} {before}".strip())
        found.pop("", None)
        if not found and " " in self.name.strip():
            for before, own in segments(self.name):
                found.setdefault(own, before)
        return tuple((before, own) for own, before in found.items())


class Matches:
    """Every column of an export with what it is taken for.

    Parameters
    ----------
    columns : iterable of Column
        In the order of the file.
    brand : str
        The brand that the questions name; read from them if empty.
    """

    def __init__(
        self, columns: Iterable[Column], brand: str = "", wordings: Wordings | None = None
    ) -> None:
        self.columns = {one.name: one for one in columns}
        self.wordings = wordings or Wordings()
        self.questions: dict[str, dict[str, Any]] = {
            key: asked
            for name in library.batteries()
            for key, asked in library.battery(name)["questions"].items()
        }
        self.brand = Brand(brand) if brand else self._brand()

    def _brand(self) -> Brand:
        lines = [own for one in self.columns.values() for _, own in one.texts]
        return brand_in(list(dict.fromkeys(lines)), self.wordings)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Every cleaned question text of the export."""
        every = (own for one in self.columns.values() for _, own in one.texts)
        return tuple(dict.fromkeys(every))

    def preset(self, columns: Mapping[str, str]) -> str:
        """The preset in whose words the fulfilment pair stands; "" if its words are not told.

        `columns` holds the columns of items by their key.
        """
        points: dict[str, float] = {}
        for key in ("ful_1", "ful_2"):
            lines = self.columns[columns[key]].texts if key in columns else ()
            for preset in library.presets():
                own = library.preset(preset)["items"][key]["text"]
                wordings = [Wording(key, language, text) for language, text in own.items()]
                likely = [
                    self.wordings.likeness(words_of(line, self.brand.name), one).value
                    for _, line in lines
                    for one in wordings
                ]
                points[preset] = points.get(preset, 0.0) + max(likely, default=0.0)
        best = max(points, key=lambda one: points[one], default="")
        return best if points.get(best, 0.0) >= 0.9 else ""

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """A verdict for every column, in the order of the file."""
        left_out = dict(self._left_out())
        guesses = {
            name: found
            for name in self.columns
            if name not in left_out and (found := self._guesses(name))
        }
        several = {name: self._several(name) for name in left_out.keys() ^ self.columns.keys()}
        guesses = {name: found for name, found in guesses.items() if not several[name]}
        chosen = dict(_one_each(guesses)) | {name: one for name, one in several.items() if one}
        return {
            name: left_out.get(name) or self._verdict(name, chosen.get(name), guesses.get(name, []))
            for name in self.columns
        }

    def _verdict(self, name: str, guess: Guess | None, every: list[Guess]) -> Verdict:
        facts = self.columns[name].facts
        if guess:
            return Verdict(name, "mapped" if guess.is_sure else "proposed", guess, str(facts))
        if every:
            best = every[0]
            return Verdict(
                name, "unknown", why=f"{facts}; resembles {best.key}, as another does more"
            )
        return Verdict(name, "unknown", why=str(facts))

    def _several(self, name: str) -> Guess | None:
        """What the question is of which a column tells one option; None for other columns."""
        one = self.columns[name]
        lead = self._leads.get(one.asked.group)
        if lead is None or one.asked.kind not in ("several", "open"):
            return None
        found = [*self._guesses(lead), None]
        is_several = found[0] and self.questions.get(found[0].key, {}).get("several")
        return found[0] if is_several else None

    @cached_property
    def _leads(self) -> dict[str, str]:
        """The first column of each question of which every option has a column."""
        leads: dict[str, str] = {}
        for name, one in self.columns.items():
            if one.asked.kind == "several" and one.asked.group:
                leads.setdefault(one.asked.group, name)
        return leads

    # -- what is left out

    def _left_out(self) -> Iterator[tuple[str, Verdict]]:
        for name, one in self.columns.items():
            role = one.asked.role
            if role in _ROLE_KEYS:
                continue
            personal, _ = personal_kind(name, one.asked, one.facts.counts)
            if personal:
                yield name, Verdict(name, "left_out", why=f"personal data: {personal}")
            elif role in _OTHER_ROLES:
                yield name, Verdict(name, "left_out", why=_OTHER_ROLES[role])

    # -- what a column may be

    def _guesses(self, name: str) -> list[Guess]:
        """What a column may be, likeliest first; each key once."""
        one = self.columns[name]
        found = [*self._by_role(one)] or [*self._by_text(one), *self._by_name(one)]
        best: dict[str, Guess] = {}
        for guess in sorted(found, key=lambda guess: (-guess.confidence, guess.key)):
            best.setdefault(guess.key, guess)
        return [guess for guess in best.values() if guess.confidence >= LEAST]

    def _by_role(self, one: Column) -> Iterator[Guess]:
        role = _ROLE_KEYS.get(one.asked.role)
        if role and one.facts.n:
            guess = Guess(role, 98, "a column of the platform's own")
            is_twice = role == "respondent" and not one.facts.is_unique and one.facts.n_rows > 1
            yield guess.doubted("it is blank or the same in some rows" if is_twice else "")

    @cached_property
    def _by_line(self) -> dict[str, list[Likeness]]:
        found = self.wordings.closest(self.lines, self.brand.name)
        return dict(zip(self.lines, found, strict=True))

    def _by_text(self, one: Column) -> Iterator[Guess]:
        answered = families_of_answers(one.asked, one.facts)
        for stem, line in one.texts:
            likely = self._by_line[line]
            for at, like in enumerate(likely):
                asked = self.questions[like.wording.key]
                guess = self._resembling(like).doubted(
                    *like.doubts,
                    *doubts_of_words(asked, masked(line, self.brand.name), like.wording.text),
                    *doubts_of_stem(asked, stem, answered),
                    *self._against(one, like.wording.key),
                )
                rival = likely[1 - min(at, 1)] if len(likely) > 1 else None
                if rival and at < 2 and rival.value > like.value - _NEAR:
                    guess = guess.doubted(f"as like {rival.wording.key}", most=_AS_LIKE)
                yield guess

    def _resembling(self, like: Likeness) -> Guess:
        """A guess by likeness alone; a text that is not the whole of one is never 100."""
        how = "is" if like.value == 1 else "resembles"
        confidence = 100 if like.value == 1 else min(round(100 * like.value), 99)
        return Guess(like.wording.key, confidence, f'{how} "{_short(like.wording.text)}"')

    def _against(self, one: Column, key: str) -> Iterator[str]:
        return doubts_of_answers(self.questions[key], one.asked, one.facts)

    @cached_property
    def _n_own_names(self) -> int:
        return len({key for name in self.columns if (key := question_named(name))})

    def _by_name(self, one: Column) -> Iterator[Guess]:
        if key := question_named(one.name):
            guess = Guess(key, 97 if self._n_own_names >= _OWN_NAMES else 80, "named like it")
            doubts = [
                *self._against(one, key),
                *doubts_of_scale(self.questions[key], one.asked, one.facts),
            ]
            yield self._as_its_text(one, guess.doubted(*doubts))
        if key := key_named(one.name):
            yield from self._by_common_name(one, key)
        short = one.asked.part or one.asked.text or one.name
        if key := segment_named(one.name) or segment_named(cleaned(short)):
            many = (
                f"{one.facts.n_different} different answers" if one.facts.n_different > 30 else ""
            )
            yield Guess(key, 85, "a usual segment, by its name").doubted(many)
        if one.name in self._totals:
            why = f"named as the whole of {self._totals[one.name]} columns"
            yield Guess("out_satisfaction", 55, why)

    @cached_property
    def _totals(self) -> dict[str, int]:
        return battery_totals(self.columns)

    def _as_its_text(self, one: Column, guess: Guess) -> Guess:
        """A guess by name, doubted where the column's own text says something else."""
        said = [
            like.value
            for _, line in one.texts
            for like in self._by_line[line]
            if like.wording.key == guess.key and not like.doubts
        ]
        if one.texts and max(said, default=0.0) < _OTHER_TEXT:
            return guess.doubted("its text is not the kit's")
        return guess

    def _by_common_name(self, one: Column, key: str) -> Iterator[Guess]:
        facts = one.facts
        if not facts.n:
            return
        if key in _QUESTION_OF:
            asked = _QUESTION_OF[key]
            fits = key == "recommend" and facts.share_within(0, 10) == 1 and facts.high > 6
            guess = Guess(asked, 92 if fits else 75, "a usual name of it")
            guess = self._as_its_text(one, guess.doubted(*self._against(one, asked)))
            is_wide = key == "recommend" and not fits and facts.is_numbers
            span = f"its numbers go from {facts.low:g} to {facts.high:g}" if is_wide else ""
            yield guess.doubted("" if guess.doubts else span)
        elif key == "weight" and facts.is_numbers:
            is_weight = facts.n_blank == 0 and facts.low >= 0 and abs(facts.mean - 1) < 0.02
            guess = Guess(key, 95 if is_weight else 70, f"its name, and a mean of {facts.mean:.3g}")
            yield guess.doubted("" if is_weight else "weights have a mean of 1 and no blanks")
        elif key == "respondent":
            said = "differs in every row" if facts.is_unique else "not another one in every row"
            yield Guess(key, 93 if facts.is_unique else 60, f"its name, and {said}")
        elif key == "date" and facts.is_days:
            yield Guess(key, 93, "its name, and days in it")
        elif key == "wave" and facts.n_different <= 24 and facts.n_blank == 0:
            is_usual = one.name.casefold().strip() in ("wave", "survey_wave", "gelombang")
            yield Guess(
                key, 92 if is_usual else 70, f"its name, and {facts.n_different} waves in it"
            )
        elif key == "duration" and facts.is_numbers:
            confidence = 92 if in_seconds(one.name) else 80
            yield Guess(key, confidence, "its name, and numbers in it")
        elif key in ("strata", "cluster", "finished") and facts.n_different < facts.n:
            yield Guess(key, 75, "its name")


def _one_each(guesses: Mapping[str, list[Guess]]) -> Iterator[tuple[str, Guess]]:
    """One key a column and one column a key: the likeliest pairs first.

    Where two columns are about as like one key, neither is sure. What a column resembles much less
    than another key is not taken for want of that.
    """
    pairs = [(guess, name) for name, found in guesses.items() for guess in found]
    order = {name: at for at, name in enumerate(guesses)}
    pairs.sort(key=lambda pair: (-pair[0].confidence, order[pair[1]]))
    best = Counter(guess.key for guess, _ in pairs if guess.is_sure)
    most = {name: max(guess.confidence for guess in found) for name, found in guesses.items()}
    done: set[str] = set()
    taken: set[str] = set()
    for guess, name in pairs:
        if name in done or guess.key in taken or guess.confidence < most[name] - _LESS:
            continue
        done.add(name)
        taken.add(guess.key)
        if best[guess.key] > 1:
            others = [
                other
                for one, other in pairs
                if one.key == guess.key and other != name and one.is_sure
            ]
            guess = guess.doubted(f"so is {_short(', '.join(others))}", most=_AS_LIKE)
        yield name, guess


def _short(text: str) -> str:
    from cxkit.errors import brief

    return brief(text, 64)
