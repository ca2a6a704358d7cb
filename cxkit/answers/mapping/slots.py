"""What fills the slots of an export's questions: the brand, its site, the spans of time.

Read from headers that resemble a question of the kit, where that has the slot.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxkit.answers.mapping.likeness import SELF_NAMES, Wordings, place_of
from cxkit.answers.mapping.words import AHEAD, BRAND, PERIOD, SITE, SLOTS, masked, tokens

__all__ = ["Brand", "brand_in", "in_both", "site_in", "span_in"]

_ENOUGH = 0.55
"""Likeness, with the brand still open, from which a header is heard on the brand's name."""
_LONGEST = 5
_NO_NAME = {
    "saya", "aku", "anda", "kamu", "kalian", "mereka", "i", "me", "my", "you", "your", "they",
    "their", "his", "her", "sebagai", "as", "yang", "that", "which",
}  # fmt: skip
"""Words that names do not hold in small letters: *atasan saya*, *Acme as an employer*."""
_UNITS = {
    "hari": ("day", "days"),
    "minggu": ("week", "weeks"),
    "bulan": ("month", "months"),
    "kuartal": ("quarter", "quarters"),
    "triwulan": ("quarter", "quarters"),
    "semester": ("half-year", "half-years"),
    "tahun": ("year", "years"),
}
_COUNTS = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "sembilan": 9,
    "dua belas": 12, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "nine": 9, "twelve": 12,
}  # fmt: skip
_SITES = {
    "situs": "website",
    "aplikasi": "app",
    "situs atau aplikasi": "website or app",
    "gerai": "shop",
    "cabang": "branch",
}


@dataclass(frozen=True)
class Brand:
    """The name that fills the slot of the brand, in how many questions, and other names met."""

    name: str = ""
    n: int = 0
    others: tuple[str, ...] = ()


def brand_in(lines: Sequence[str], wordings: Wordings) -> Brand:
    """The brand that most questions name; none where two are named about as often."""
    votes: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for line, found in zip(lines, wordings.closest(lines), strict=True):
        if found and found[0].value >= _ENOUGH and (name := _name_in(line, found[0].wording.words)):
            votes[name.casefold()] += 1
            written.setdefault(name.casefold(), Counter())[name] += 1
    ranked = votes.most_common()
    if not ranked:
        return Brand()
    n = ranked[0][1]
    second = ranked[1][1] if len(ranked) > 1 else 0
    names = tuple(written[one].most_common(1)[0][0] for one, _ in ranked)
    return Brand(names[0], n, names[1:]) if n >= 2 * second and n else Brand("", 0, names)


def _name_in(line: str, wording: Sequence[str]) -> str:
    """The words that stand in a cleaned header where a wording has its brand, as written."""
    spans = tokens(line)
    words = [word for word, _, _ in spans]
    start, end = place_of(BRAND, words, wording)
    if not 0 < end - start <= _LONGEST or set(words[start:end]) <= SELF_NAMES:
        return ""
    name = line[spans[start][1] : spans[end - 1][2]]
    return "" if _is_no_name(name) else name


def _is_no_name(name: str) -> bool:
    """Whether words are no name: a pronoun, or more than a name (*My Republic* is one)."""
    words = name.split()
    return name.casefold() in _NO_NAME or bool(_NO_NAME.intersection(words)) or "Anda" in words


def span_in(lines: Iterable[str], slot: str) -> str:
    """The span of time that most questions name, as written; "" if none does."""
    pattern = {"period": PERIOD, "ahead": AHEAD}[slot]
    met = Counter(match[0] for line in lines if (match := pattern.search(line.casefold())))
    return met.most_common(1)[0][0] if met else ""


def in_both(span: str, slot: str) -> dict[str, str]:
    """A span of time in Indonesian and English; {} where it is not one of `6 months`, say.

    >>> in_both("enam bulan terakhir", "period")
    {'id': '6 bulan terakhir', 'en': 'the last 6 months'}
    >>> in_both("the next year", "ahead")
    {'id': '1 tahun ke depan', 'en': 'the next year'}
    """
    n, unit = _counted(span)
    if not unit:
        return {}
    tail, head = {"period": ("terakhir", "last"), "ahead": ("ke depan", "next")}[slot]
    one, more = _UNITS[unit]
    english = f"the {head} {one}" if n == 1 else f"the {head} {n} {more}"
    return {"id": f"{n} {unit} {tail}", "en": english}


def _counted(span: str) -> tuple[int, str]:
    words = span.replace("yang akan datang", "").split()
    english = {form: unit for unit, forms in _UNITS.items() for form in forms}
    english |= {"quarter": "kuartal", "quarters": "kuartal"}
    for at, word in enumerate(words):
        unit = word.removeprefix("se") if word.startswith("se") and word[2:] in _UNITS else word
        unit = english.get(unit, unit)
        if unit in _UNITS:
            before = words[at - 1] if at else ""
            number = _COUNTS.get(before) or (int(before) if before.isdigit() else 1)
            return number, unit
    return 0, ""


def site_in(lines: Iterable[str], brand: str) -> dict[str, str]:
    """What the questions call the brand's site, in both languages; {} if that is not clear."""
    met: Counter[str] = Counter()
    for line in lines:
        with_brand = re.sub(re.escape(brand), " ", line, flags=re.IGNORECASE) if brand else line
        met.update(_spoken(with_brand))
    for name, _ in met.most_common():
        for indonesian, english in _SITES.items():
            if name in (indonesian, english):
                return {"id": indonesian, "en": english}
    return {}


def _spoken(line: str) -> Iterable[str]:
    if SLOTS["site"] in masked(line):
        yield from (match[0] for match in SITE.finditer(line.casefold()))
