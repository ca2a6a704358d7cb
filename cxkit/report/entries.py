"""The entries of an index: records of reports as values, with what people call each report."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.wording import Words

__all__ = ["REASON", "Entry", "Measure", "entries", "label_of", "with_labels"]

Record = Mapping[str, Any]
Measure = tuple[str, str, str]
"""What reports are ranked by together: metric, of, unit."""

REASON = ("what", "where", "expected", "try")
"""The parts of a reason, as every error of the kit has them."""


@dataclass
class Entry:
    """One report of a batch.

    Attributes
    ----------
    record : mapping
        Its record; one that is not done has no number, whatever the record holds.
    names : list of str
        What people call its groups, one a segment.
    beside : list of str
        What tells it apart from others of that name: segments, wave, notebook, file.
    one : Estimate or None
        Its headline.
    change : Comparison or None
        The headline against the wave before.
    by_wave : sequence of Estimate
        The headline in every wave, earliest first.
    """

    record: Record
    names: list[str]
    beside: list[str] = field(default_factory=list)
    one: Estimate | None = None
    change: Comparison | None = None
    by_wave: Sequence[Estimate] = ()

    @property
    def stem(self) -> str:
        """The name of its files, without language and suffix."""
        return str(self.record["stem"])

    @property
    def status(self) -> str:
        """`done`, `failed` or `left_out`."""
        return str(self.record["status"])

    @property
    def group(self) -> Mapping[str, str]:
        """Its groups by segment; empty for a report on all respondents."""
        return self.record["group"] or {}

    @property
    def wave(self) -> str | None:
        """The wave reported, as far as it is known."""
        stated = self.record.get("wave")
        return stated if stated or self.one is None else self.one.wave

    @property
    def n(self) -> float | None:
        """Its respondents, where that may be said."""
        return self.record.get("n") if self.status == "done" else None

    @property
    def measure(self) -> Measure | None:
        """What it is ranked by, None without a headline."""
        return None if self.one is None else (self.one.metric, self.one.of, self.one.unit)

    @property
    def value(self) -> float:
        """The headline's number; NaN where there is none or it may not be seen."""
        return math.nan if self.one is None or self.one.is_hidden else self.one.estimate

    @property
    def changed(self) -> float:
        """How much the number changed; NaN where that is not known or may not be seen."""
        if self.change is None or self.change.verdict == "hidden":
            return math.nan
        return self.change.difference

    @property
    def reason(self) -> dict[str, str]:
        """What went wrong, where, expected, try; empty texts where that is not said."""
        told = self.record.get("reason")
        parts = told if isinstance(told, Mapping) else {}
        return {part: str(parts.get(part) or "") for part in REASON}

    @property
    def why_not(self) -> str | None:
        """Why it is left out: `nobody` or `privacy`."""
        return self.record.get("reason") if self.status == "left_out" else None

    @property
    def by_name(self) -> tuple[Any, ...]:
        """Where it stands by name: numbers in names count as numbers."""
        names, beside = ([_natural(name) for name in some] for some in (self.names, self.beside))
        return names, beside, self.stem


def with_labels(context: Mapping[str, Any], records: Iterable[Record]) -> dict[str, Any]:
    """The context with what the records call their groups beside what the study calls them."""
    labels: dict[str, Any] = {}
    for record in records:
        labels |= record.get("labels") or {}
    return {**context, "labels": labels | dict(context.get("labels") or {})}


def entries(records: Iterable[Record], words: Words) -> list[Entry]:
    """The entries of a batch in the order of its records, each told apart from the others."""
    found = [_entry(record, words) for record in records]
    _tell_apart(found, words)
    return found


def _entry(record: Record, words: Words) -> Entry:
    groups = (record["group"] or {}).items()
    entry = Entry(record, [label_of(key, value, words) for key, value in groups])
    entry.names = entry.names or [words.ui("all_respondents")]
    if entry.status != "done":
        return entry
    headline, change = record.get("headline"), record.get("change")
    if headline:
        (entry.one,) = Estimates.from_rows([headline], is_published=True)
    if change:
        (entry.change,) = Comparisons.from_rows([change], is_published=True)
    entry.by_wave = tuple(Estimates.from_rows(record.get("by_wave") or (), is_published=True))
    return entry


def label_of(segment: str, value: str, words: Words) -> str:
    """What people call a group; words for a name that nobody could see, hear or click."""
    name = words.name(f"group:{segment}={value}")
    is_seen = any(unicodedata.category(letter)[0] not in "CZ" for letter in name)
    return name if is_seen else str(words.locale["index"]["no_name"])


def _tell_apart(found: Sequence[Entry], words: Words) -> None:
    """Put beside each name what differs between reports; the file where nothing else does."""
    waves = {one.wave for one in found if one.wave}
    notebooks = {one.record["notebook"] for one in found}
    segments = {tuple(one.group) for one in found if one.group}
    for one in found:
        if len(segments) > 1 and one.group:
            one.beside.append(", ".join(words.name(f"segment:{key}") for key in one.group))
        if len(waves) > 1 and one.wave:
            one.beside.append(words.wave(one.wave))
        if len(notebooks) > 1:
            one.beside.append(str(one.record["notebook"]))
    called = Counter((*one.names, *one.beside) for one in found)
    for one in found:
        if called[(*one.names, *one.beside)] > 1:
            one.beside.append(one.stem)


def _natural(text: str) -> list[Any]:
    parts = re.split(r"(\d+)", text.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]
