"""A question as words that can be compared: markup, numbering and hints away, slots masked.

What fills a slot (the brand, the site, the period) differs from study to study, so that both
sides are compared with a mark in its place.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

__all__ = [
    "AHEAD",
    "BRAND",
    "PERIOD",
    "SITE",
    "SLOTS",
    "Token",
    "cleaned",
    "masked",
    "plain_name",
    "segments",
    "tokens",
]

BRAND = "xbrandx"
SLOTS = {
    "brand": BRAND,
    "site": "xsitex",
    "place": "xsitex",
    "period": "xperiodx",
    "ahead": "xaheadx",
    "minutes": "xminutesx",
}
"""The mark that stands for what fills a slot."""

Token = tuple[str, int, int]
"""A word as it is compared, and where it begins and ends in the cleaned text."""

_TAGS = re.compile(r"<[^<>]{0,400}>")
_BLANKS = re.compile(r"[\s\u00a0\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_NUMBERING = re.compile(
    r"^\s*(?:(?:no|nomor|number|pertanyaan|question|soal)\.?\s*)?"
    r"(?:[A-Za-z]{0,2}\d+(?:[._]\d+)*[a-z]?\s*[.):\-\u2013]\s*|[A-Za-z][.)]\s+)",
    re.IGNORECASE,
)
_HINT_WORDS = (
    r"(?:wajib|opsional|pilih|jawab|boleh|skala|centang|required|optional|select|choose|check|tick"
    r"|scale|answer|please|mohon)"
)
_HINTS = re.compile(
    rf"\((?:[^()]*\b{_HINT_WORDS}\b[^()]*|[^()]*\d[^()]*)\)|\[\s*{_HINT_WORDS}\b[^\[\]]*\]",
    re.IGNORECASE,
)
_ON_A_SCALE = re.compile(
    r"\b(?:on|using)\s+a\s+scale\s+(?:of|from)\s+\d+\s*(?:-|\u2013|to)\s*\d+\s*(?:\([^)]*\))?,?"
    r"|\b(?:dalam|pada|dengan|menggunakan)\s+skala\s+(?:dari\s+)?\d+\s*"
    r"(?:-|\u2013|sampai(?:\s+dengan)?|hingga|s/d)\s*\d+\s*(?:\([^)]*\))?,?",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"(?<=[.?!])\s*(?:(?:please|mohon|silakan)\s+)?(?:select|choose|check|tick|pilih|centang|jawablah)"
    r"\b[^.?!]*[.?!]?\s*$",
    re.IGNORECASE,
)
_OF_QUALTRICS = re.compile(r"\s+-\s+Selected Choice\b")
_COUNT = (
    r"(?:\d+|satu|dua|tiga|empat|lima|enam|sembilan|dua belas|beberapa|one|two|three|four|six|nine"
    r"|twelve|few)"
)
_SPAN = r"(?:hari|minggu|bulan|kuartal|triwulan|semester|tahun)"
_SPAN_EN = r"(?:days?|weeks?|months?|quarters?|years?)"
PERIOD = re.compile(
    rf"\b(?:{_COUNT}\s+{_SPAN}|se(?:minggu|bulan|tahun|hari))\s+(?:terakhir|belakangan)(?:\s+ini)?\b"
    rf"|\b(?:the\s+)?(?:last|past|previous)\s+(?:{_COUNT}\s+)?{_SPAN_EN}\b"
)
AHEAD = re.compile(
    rf"\b(?:{_COUNT}\s+{_SPAN}|se(?:minggu|bulan|tahun|hari))\s+"
    r"(?:ke\s*depan|mendatang|berikutnya|yang akan datang)\b"
    rf"|\b(?:the\s+)?(?:next|coming|following)\s+(?:{_COUNT}\s+)?{_SPAN_EN}\b"
)
_ONE_SITE = (
    r"(?:situs(?:\s+web)?|web\s?site|laman(?:\s+web)?|aplikasi|apps?|application|toko\s+online"
    r"|online\s+(?:shop|store)|gerai|cabang|outlet|toko|shop|store|branch)"
)
SITE = re.compile(rf"\b{_ONE_SITE}(?:\s+(?:atau|dan|or|and)\s+{_ONE_SITE})*\b")
_WORD = re.compile(r"[^\W_]+")
_ALIKE = {
    **dict.fromkeys(("bapak", "ibu", "saudara", "saudari", "kamu", "kalian"), "anda"),
    **dict.fromkeys(("colleague", "kolega"), "colleagues"),
}
_ID_ENDINGS = ("nya", "kah", "lah")


def cleaned(text: str) -> str:
    """A question on one line, without markup, numbering, hints on answering and asterisks.

    >>> cleaned("<b>Q5.</b> Seberapa puas Anda? (1 = tidak puas, 5 = puas) *")
    'Seberapa puas Anda?'
    """
    line = unicodedata.normalize("NFKC", html.unescape(_TAGS.sub(" ", text)))
    line = line.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    line = _BLANKS.sub(" ", line).strip()
    line = _OF_QUALTRICS.sub("", line)
    line = _HINTS.sub(" ", _ON_A_SCALE.sub(" ", line))
    line = _NUMBERING.sub("", line, count=1)
    line = _INSTRUCTION.sub("", line)
    return _BLANKS.sub(" ", line).strip(" *-\u2013:").strip()


def segments(text: str) -> Iterator[tuple[str, str]]:
    """Where a question may stand in a header: (what comes before it, the question).

    The whole of it, and what follows or stands in brackets after a stem.
    """
    line = cleaned(text)
    yield "", line
    if inner := re.search(r"^(.*)\[([^\[\]]{12,})\]$", line):
        yield inner[1], cleaned(inner[2])
    for mark in (" - ", " \u2013 ", ": ", "? ", ". ", " / ", "-", " | "):
        if mark in line:
            stem, _, own = line.rpartition(mark)
            yield stem, cleaned(own)
            if mark == " / ":
                yield "", cleaned(stem)


def masked(text: str, brand: str = "") -> str:
    """A cleaned text in small letters with marks for the brand, its site, and spans of time.

    >>> masked("In the last 6 months, have you opened the Toko Contoh app?", "Toko Contoh")
    'in xperiodx, have you opened the xbrandx xsitex?'
    """
    line = text
    for slot, mark in SLOTS.items():
        line = line.replace("{" + slot + "}", mark)
    line = line.casefold()
    if brand:
        words = [re.escape(one) for one in _WORD.findall(brand.casefold())]
        line = re.sub(r"\b" + r"[\W_]+".join(words) + r"\b", BRAND, line)
    line = AHEAD.sub(SLOTS["ahead"], PERIOD.sub(SLOTS["period"], line))
    return SITE.sub(SLOTS["site"], line)


def tokens(line: str) -> list[Token]:
    """The words of a masked (or only cleaned) text, without endings that say nothing more.

    Where the same word follows on itself (*Bapak/Ibu*, *situs / aplikasi*) it stands once.
    """
    found: list[Token] = []
    for match in _WORD.finditer(line):
        word = _stem(match[0].casefold())
        if found and found[-1][0] == word:
            found[-1] = (word, found[-1][1], match.end())
        else:
            found.append((word, match.start(), match.end()))
    return found


def _stem(word: str) -> str:
    word = _ALIKE.get(word, word)
    for ending in _ID_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os")):
        return word[:-1]
    return word


def plain_name(name: str) -> str:
    """A column's own name without its group, capitals and punctuation.

    >>> plain_name("kualitas/Ful_1"), plain_name("Q00[ful1]"), plain_name("Respondent ID")
    ('ful1', 'ful1', 'respondentid')
    """
    own = re.sub(r"^.*\[([^\[\]]+)\]$", r"\1", name.strip())
    own = own.rpartition("/")[2] or own
    return "".join(_WORD.findall(own.casefold()))
