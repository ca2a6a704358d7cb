"""A page as a reader has it before them: its sections, sentences, tables, and the numbers in them.

Read from the HTML alone, so that what a page says can be held against what its tables show.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import html

MINUS = "\u2212"
_NUMBER = re.compile(r"(?:\bRp|(?<![\w.,]))(\d+(?:[.,]\d+)*)")  # rupiah stand close: Rp12,4
_GROUPS = {"en": (",", "."), "id": (".", ",")}
_SAID = "p|h1|h2|h3|figcaption|caption|dt|dd"


def words(element: Any) -> str:
    """The text of an element, its blanks as one and none of them unbreakable."""
    return " ".join(element.text_content().split())


def _states_a_range(note: str) -> bool:
    """Whether a note tells a result with its interval; not a base from one number to another."""
    plain = re.sub(r"n = [\d.,]+ (?:to|sampai) [\d.,]+", "", note)
    return bool(re.search(r"\(.*\d%? (?:to|sampai) \d", plain))


def of_class(element: Any, name: str) -> list[Any]:
    return element.xpath(f'.//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]')


@dataclass(frozen=True)
class Number:
    """A number as it is printed: its size without a sign, and how many decimals it has."""

    size: float
    digits: int

    def is_in(self, others: list[Number]) -> bool:
        """Whether it stands among others, as it is printed."""
        return self in others


def numbers(text: str, language: str) -> list[Number]:
    """The numbers in a text, as its language writes them."""
    thousands, decimal = _GROUPS[language]
    found = []
    for one in _NUMBER.findall(text):
        plain = one.replace(thousands, "").replace(decimal, ".")
        if plain.count(".") < 2:
            found.append(Number(float(plain), len(plain.partition(".")[2])))
    return found


@dataclass(frozen=True)
class Table:
    """A table with its caption and what stands below it."""

    element: Any
    language: str

    @property
    def caption(self) -> str:
        return words(self.element.find("caption"))

    @cached_property
    def heads(self) -> list[str]:
        return [words(one) for one in self.element.xpath("./thead//th")]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The body, the head of each row first."""
        return [
            [words(one) for one in row.xpath("./th|./td")]
            for row in self.element.xpath("./tbody/tr")
        ]

    @cached_property
    def numbers(self) -> list[Number]:
        return [one for row in self.rows for cell in row[1:] for one in self._read(cell)]

    def _read(self, text: str) -> list[Number]:
        return numbers(text, self.language)

    @cached_property
    def said_below(self) -> str:
        """The notes of a table, or of the figure that it stands behind."""
        around = "ancestor::*[self::figure or self::div[@class='table']][1]"
        return " ".join(map(words, self.element.xpath(f"{around}//p")))

    @property
    def has_bases(self) -> bool:
        """Whether a column, a row or a note says how many answers its numbers rest on."""
        heads = [*self.heads, *(row[0] for row in self.rows), self.said_below]
        return any(re.search(r"\bn\b|[Rr]espond|[Rr]esponses|Jawaban", one) for one in heads)

    def first_number(self, row: list[str]) -> Number | None:
        """The number in the first cell of a row, nothing where it is a difference or in words."""
        cell = row[1]
        return None if re.match(r"[▲▼·*]|$", cell) else next(iter(self._read(cell)), None)

    def signed(self, cell: str) -> list[float]:
        """The numbers of a cell with their signs."""
        thousands, decimal = _GROUPS[self.language]
        found = re.findall(rf"{MINUS}?\d[\d.,]*\d|{MINUS}?\d", cell)
        plain = (one.replace(thousands, "").replace(decimal, ".") for one in found)
        return [float(one.replace(MINUS, "-")) for one in plain]

    def range_of(self, row: list[str], at: int) -> tuple[float, float]:
        """The interval in a cell: its number, then the low and the high end."""
        _, low, high = self.signed(row[at])
        return low, high

    def clear_rows(self) -> tuple[int, int]:
        """How many measures carry a sign or a letter of a clear difference, and how many stand.

        Measures are the columns where groups are the rows, the rows elsewhere.
        """
        body = [row for row in self.rows if not re.match(r"n\b", row[0])]
        if "list" in (self.element.get("class") or "").split():
            told = [i for i, one in enumerate(self.heads) if i and not re.match(r"n\b", one)]
            marked = [i for i in told if any(re.search("[▲▼]", row[i]) for row in body)]
            return len(marked), len(told)
        clear = re.compile(r"[▲▼]|\d%?\**†?(?:[A-F] ?)+(?:clearly|jelas)")
        judged = [row for row in body if any(re.search("[▲▼·]", one) for one in row)]
        return sum(any(map(clear.search, row[1:])) for row in body), len(judged or body)

    def parted(self) -> Iterator[tuple[int, list[int], int]]:
        """The whole and the parts of each row of bases by group, total first.

        And of each question: those asked, those who answered, and why others did not.
        """
        columns = "list" in (self.element.get("class") or "").split()
        if columns:
            whole = next(row for row in self.rows if not row[0].startswith("n"))
            for i, head in enumerate(self.heads):
                if re.match(r"n\b", head):
                    cells = [row[i] for row in self.rows if row is not whole]
                    yield self._part(whole[i], cells)
        elif "cross" in (self.element.get("class") or "").split():
            for row in self.rows:
                if re.match(r"n\b", row[0]):
                    yield self._part(row[1], row[2:])

    def _part(self, whole: str, cells: list[str]) -> tuple[int, list[int], int]:
        shown = [int(self._read(one)[0].size) for one in cells if self._read(one)]
        return int(self._read(whole)[0].size), shown, len(cells) - len(shown)

    def row(self, head: str) -> list[str]:
        """The only row that begins with these words."""
        (found,) = [row for row in self.rows if row[0].startswith(head)]
        return found

    def column(self, head: str) -> dict[str, str]:
        """The cells under the first column whose head begins with these words, by row."""
        at = next(i for i, one in enumerate(self.heads) if one.startswith(head))
        return {row[0]: row[at] for row in self.rows}


class Page:
    """A report in one language."""

    def __init__(self, file: Path) -> None:
        self.root = html.parse(file).getroot()
        self.language = self.root.get("lang")

    @cached_property
    def sections(self) -> dict[str, Any]:
        return {one.get("id"): one for one in self.root.xpath("//main/section")}

    def tables(self, section: str) -> list[Table]:
        return [Table(one, self.language) for one in self.sections[section].iter("table")]

    def table(self, section: str, *heads: str) -> Table:
        """The first table of a section that has columns which begin with these words."""
        return next(
            one
            for one in self.tables(section)
            if all(any(head.startswith(word) for head in one.heads) for word in heads)
        )

    def leads(self, section: str) -> list[str]:
        """The sentences that open a section."""
        return [words(one) for one in of_class(self.sections[section], "lead")]

    def answers(self) -> list[Answer]:
        """The five of the summary."""
        items = self.sections["summary"].xpath(".//ol/li")
        return [Answer(one, self.language) for one in items]

    @property
    def deck(self) -> str:
        """The two sentences under the title."""
        return " ".join(words(one) for one in of_class(self.root, "deck"))

    @property
    def ids(self) -> set[str]:
        return set(self.root.xpath("//@id"))

    @property
    def anchors(self) -> list[str]:
        """The figures and tables of the page, in their order."""
        return self.root.xpath("//figure/@id | //main//*[@role='region']/@id | //details/@id")

    def terms(self, section: str) -> list[str]:
        """What a section defines."""
        return [words(one) for one in self.sections[section].iter("dt")]

    @cached_property
    def names_with_digits(self) -> list[str]:
        """Groups, waves and questions with a number in their name, the longest first."""
        heads = {words(one) for one in self.root.iter("th")}
        named = [one for one in heads if re.search(r"\d", one) and re.search(r"[^\W\d]", one)]
        return sorted(named, key=len, reverse=True)

    def prose(self, *, notes: bool = False) -> Iterator[tuple[str, str]]:
        """What the page says of results, each with the section whose tables prove it.

        The deck, the five answers with what stands around them, leads, titles, the sentences that
        stand for drawings, boxes; and notes, all of them if asked, else those that state a range.
        """
        for one in self.answers():
            place = self._section_of(one.proof)
            if place is not None:
                yield from ((place, text) for text in (one.big, one.sentence, one.evidence) if text)
        for key, section in self.sections.items():
            if key in ("summary", "methods"):
                continue
            said = [*of_class(section, "lead"), *of_class(section, "title")]
            said += section.xpath(".//*[contains(@class, 'box')]//*[self::h3 or self::p]")
            yield from ((key, words(one)) for one in said)
            yield from ((key, one) for one in section.xpath(".//*[@role='img']/@aria-label"))
            below = map(words, of_class(section, "note"))
            yield from ((key, one) for one in below if notes or _states_a_range(one))

    def _section_of(self, anchor: str | None) -> str | None:
        found = (key for key, one in self.sections.items() if one.xpath(f".//*[@id='{anchor}']"))
        return next(found, None)

    def parted(self) -> Iterator[tuple[int, list[int], int]]:
        """Each whole that a table parts: its size, the parts shown, how many are not."""
        for table in itertools.chain.from_iterable(map(self.tables, self.sections)):
            yield from table.parted()

    def said(self, section: str) -> Iterator[str]:
        """Everything a section says outside the cells of its tables, drawings as their sentence."""
        for element in self.sections[section].iter():
            if not isinstance(element.tag, str):
                continue
            if element.get("role") == "img":
                yield element.get("aria-label")
            elif re.fullmatch(_SAID, element.tag) and not element.xpath("ancestor::svg"):
                yield words(element)

    @property
    def text(self) -> str:
        """All words of the page that a reader can see."""
        return " ".join(" ".join(self.root.xpath("//body//text()[not(ancestor::style)]")).split())


@dataclass(frozen=True)
class Answer:
    """One of the five things to know."""

    element: Any
    language: str

    def _part(self, name: str) -> str:
        return " ".join(words(one) for one in of_class(self.element, name))

    @property
    def sentence(self) -> str:
        return words(self.element.find(".//h3"))

    @property
    def big(self) -> str:
        return self._part("big")

    @property
    def evidence(self) -> str:
        return self._part("evidence")

    @property
    def verdict(self) -> str:
        return self._part("verdict") or self._part("none")

    @property
    def proof(self) -> str | None:
        """The id of what proves it."""
        links = self.element.xpath(".//p[@class='proof']/a/@href")
        return links[0].removeprefix("#") if links else None
