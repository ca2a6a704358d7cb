"""How much a header resembles a question of the kit: likeness, and what speaks against it.

rapidfuzz's `fuzz.token_sort_ratio` (normalised Indel distance over sorted words) finds the few
questions worth a closer look: it forgives another order of clauses and slips of typing, and is
fast enough for thousands of columns (`process.cdist`). It cannot decide: *saya yakin X melindungi
data saya* and *saya tidak yakin ...* differ by 6 letters in 60. The decision is by words, each
weighted by how rarely the kit's questions use it (a changed *price* or *quality* counts, a changed
*the* does not): twice what both have over all that either has. Words of six letters and more may
differ by a slip of typing. A negation on one side only is never a slip.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from cxkit import library
from cxkit.answers.mapping.words import BRAND, SLOTS, cleaned, masked, tokens
from cxkit.library.files import LIBRARY

__all__ = ["SELF_NAMES", "Likeness", "Wording", "Wordings", "place_of", "words_of"]

_FEWEST = 40
"""Likeness of letters (0-100) under which a question is not looked at..."""
_CLOSEST = 6
"""... and how many are, at most."""
_NEGATIONS = {
    "id": {
        "tidak",
        "bukan",
        "belum",
        "jangan",
        "tanpa",
        "tak",
        "nggak",
        "enggak",
        "kurang",
        "sulit",
    },
    "en": {"not", "never", "no", "without", "cannot", "hardly", "unable", "t", "don", "less"},
}
_NEGATING = ("un", "dis", "in", "im", "ir", "non", "mis")
_SMALL = {
    "id": "yang di ke dari dan atau untuk pada dengan ini itu para oleh dalam akan telah sudah"
    " adalah bahwa sebagai juga maka serta terhadap bagi saja hal tersebut bisa dapat kepada agar"
    " tentang anda saya kami kita",
    "en": "the a an of to in on and or for with that this is are am was were be been has have had"
    " do doe did it its s will would can could at by from about as you your my i me we our us",
}
_SLOT_WEIGHT = {BRAND: 0.6, SLOTS["site"]: 1.0, SLOTS["period"]: 2.0, SLOTS["ahead"]: 1.0}
_SMALL_WEIGHT = 0.35
SELF_NAMES = {
    "kami", "kita", "us", "our", "we", "perusahaan", "company", "merek", "brand", "organisasi",
    "this", "the", "ini", "tersebut",
}  # fmt: skip
"""How a company calls itself where its name could stand."""


@dataclass(frozen=True)
class Wording:
    """One wording of a question of the kit: which question, in which language and preset."""

    key: str
    language: str
    text: str
    preset: str = ""
    is_own: bool = True

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words, slots masked."""
        return tuple(word for word, _, _ in tokens(masked(cleaned(self.text))))


@dataclass(frozen=True)
class Likeness:
    """How much a header resembles a wording (0 to 1), and what speaks against that it is one."""

    wording: Wording
    value: float
    doubts: tuple[str, ...] = ()


class Wordings:
    """Every wording of the kit's questions: own, of presets, and others in which they are met."""

    def __init__(self, every: Iterable[Wording] | None = None) -> None:
        self.every = tuple(_of_the_library() if every is None else every)
        self._weights = {one: self._weigh(one) for one in library.languages()}

    def _weigh(self, language: str) -> dict[str, float]:
        """How much a word of a language says: the fewer questions hold it, the more."""
        by_key: dict[str, set[str]] = {}
        for one in self.every:
            if one.language == language and one.is_own and not one.preset:
                by_key.setdefault(one.key, set()).update(one.words)
        n_with = Counter(word for words in by_key.values() for word in words)
        n = len(by_key)
        weights = {word: math.log((n + 1) / (n_word + 0.5)) for word, n_word in n_with.items()}
        small = dict.fromkeys(_SMALL.get(language, "").split(), _SMALL_WEIGHT)
        return {**weights, **small, **_SLOT_WEIGHT, "": math.log(2 * (n + 1))}

    def weight(self, word: str, language: str) -> float:
        """The weight of a word; one that no question of the kit holds says most."""
        weights = self._weights[language]
        return max(weights.get(word, weights[""]), _SMALL_WEIGHT)

    def closest(self, lines: Sequence[str], brand: str = "") -> list[list[Likeness]]:
        """For each cleaned text the wordings that it resembles most, the likest first.

        Parameters
        ----------
        lines : sequence of str, shape (n_lines,)
            Questions as `cleaned` leaves them.
        brand : str
            The name that fills the slot of the brand; not masked if empty.

        Returns
        -------
        list of lists of Likeness
            At most six of different questions a line.
        """
        import numpy as np
        from rapidfuzz import fuzz, process

        headers = [words_of(line, brand) for line in lines]
        if not headers:
            return []
        ratios = process.cdist(
            [" ".join(words) for words in headers],
            [" ".join(one.words) for one in self.every],
            scorer=fuzz.token_sort_ratio,
            score_cutoff=_FEWEST,
            dtype=np.uint8,
        )
        found = []
        for words, row in zip(headers, ratios, strict=True):
            best = [
                at for at in np.argsort(-row.astype(int), kind="stable")[: _CLOSEST * 2] if row[at]
            ]
            found.append(_one_each([self.likeness(words, self.every[at]) for at in best]))
        return found

    def likeness(self, words: Sequence[str], wording: Wording) -> Likeness:
        """Likeness of a masked header's words and one wording."""
        header, own = Counter(words), Counter(wording.words)
        both = header & own
        header, own = header - both, own - both

        def weighed(counted: Mapping[str, int]) -> float:
            return sum(n * self.weight(word, wording.language) for word, n in counted.items())

        shared = weighed(both)
        for mine in sorted(own):
            for theirs in sorted(header):
                if header[theirs] and _is_slip(mine, theirs):
                    shared += 0.95 * self.weight(mine, wording.language)
                    header[theirs] -= 1
                    own[mine] -= 1
                    break
        header, own = +header, +own
        rest = weighed(header) + weighed(own)
        value = 2 * shared / (2 * shared + rest) if shared else 0.0
        return Likeness(wording, value, tuple(_doubts(header, own, words, wording)))


def words_of(line: str, brand: str) -> list[str]:
    """The words of a cleaned header, slots masked."""
    return [word for word, _, _ in tokens(masked(line, brand))]


def _one_each(found: list[Likeness]) -> list[Likeness]:
    """The likest wording of each question, likest first."""
    ranked = sorted(found, key=lambda one: (-one.value, len(one.doubts), one.wording.key))
    kept: dict[str, Likeness] = {}
    for one in ranked:
        kept.setdefault(one.wording.key, one)
    return list(kept.values())[:_CLOSEST]


def _is_slip(one: str, other: str) -> bool:
    """Whether two words may be one, mistyped or bent: long ones that differ by a letter or two."""
    from rapidfuzz.distance import OSA

    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 6 or any(longer == prefix + shorter for prefix in _NEGATING):
        return False
    most = 1 if len(shorter) < 10 else 2
    return OSA.distance(one, other, score_cutoff=most) <= most


def _doubts(
    header: Mapping[str, int], own: Mapping[str, int], words: Sequence[str], wording: Wording
) -> Iterable[str]:
    """What speaks against two questions being one, whatever else they share."""
    negations: set[str] = _NEGATIONS.get(wording.language, set())
    left = sorted((set(header) | set(own)) & negations)
    if left:
        yield f"a negation on one side only ({', '.join(left)})"
    for word in header:
        if any(word == prefix + mine for prefix in _NEGATING for mine in wording.words):
            yield f"'{word}' says the opposite"
    if own.get(BRAND) and (other := _other_name(words, wording)):
        yield f"asks about '{other}'"


def _other_name(words: Sequence[str], wording: Wording) -> str:
    """What stands where the brand should; "" if nothing does, or the company's word for itself."""
    put = in_place_of(BRAND, words, wording.words)
    return "" if set(put) <= SELF_NAMES else " ".join(put)


def in_place_of(mark: str, words: Sequence[str], wording: Sequence[str]) -> tuple[str, ...]:
    """The words of a header that stand where a wording has `mark` alone; () if none do.

    >>> in_place_of("xbrandx", ["i", "trust", "toko", "contoh"], ["i", "trust", "xbrandx"])
    ('toko', 'contoh')
    """
    start, end = place_of(mark, words, wording)
    return tuple(words[start:end])


def place_of(mark: str, words: Sequence[str], wording: Sequence[str]) -> tuple[int, int]:
    """From where to where a header has other words in place of `mark`; (0, 0) if it has none."""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, wording, words, False).get_opcodes():
        if tag == "replace" and tuple(wording[i1:i2]) == (mark,):
            return j1, j2
    return 0, 0


def _of_the_library() -> Iterable[Wording]:
    languages = library.languages()
    for name in library.batteries():
        for key, asked in library.battery(name)["questions"].items():
            for language in languages:
                yield Wording(key, language, asked["text"][language])
    for preset in library.presets():
        one = library.preset(preset)
        texts = {key: entry["text"] for key, entry in one["items"].items()} | one["questions"]
        for key, text in texts.items():
            for language in languages:
                yield Wording(key, language, text[language], preset)
    for key, by_language in library.load_yaml(LIBRARY / "other_wordings.yaml")["wordings"].items():
        for language, texts in by_language.items():
            for text in texts:
                yield Wording(key, language, text, is_own=False)
