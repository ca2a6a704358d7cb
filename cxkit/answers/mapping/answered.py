"""Scales and texts of answers, collected while a draft is written: `scales` and `text_answers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxkit import library
from cxkit.answers.columns import plain_number
from cxkit.answers.mapping.lines import commented, flow, line, quoted
from cxkit.answers.mapping.matching import Column
from cxkit.answers.mapping.scales import Seen, scale_seen
from cxkit.study.to_confirm import CONFIRM

__all__ = ["Answered"]

_LANGUAGES = ("id", "en")
_WAYS = "up: the highest code is the best answer, down: the lowest is"


@dataclass
class _Texts:
    """What texts of one column or scale stand for: `placed` without a doubt, `open` with."""

    placed: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    is_sure: bool = False


class Answered:
    """How the columns of a draft are answered: scales of the study's own, and what texts mean."""

    def __init__(self) -> None:
        self.texts: dict[str, _Texts] = {}
        self.scales: dict[str, list[str]] = {}
        self.sure_scales: set[str] = set()

    def scale(self, columns: Sequence[Column], family: str, *, is_sure: bool) -> tuple[str, str]:
        """The name of a scale for some columns, and what is to be said of it."""
        seen = scale_seen(columns, family)
        if seen.scale:
            self.put(seen.scale, seen.placed, is_sure=is_sure)
            return seen.scale, f"{seen.why}; confirm"
        if seen.points or seen.labels:
            name = self._own_scale(family, seen)
            self.sure_scales |= {name} if is_sure else set()
            self.put(name, seen.placed, seen.open, is_sure=is_sure)
            return name, f"{seen.why}; confirm it under scales"
        for column in columns:
            own = column.facts.counts
            placed = {text: code for text, code in seen.placed.items() if text in own}
            opened = {text: said for text, said in seen.open.items() if text in own}
            self.put(column.name, placed, opened, is_sure=is_sure)
        known = ", ".join(one for one in library.scales() if one.partition("_")[0] == family)
        return CONFIRM, f"what respondents saw ({seen.why}): {known}, or your own under scales"

    def _own_scale(self, family: str, seen: Seen) -> str:
        """The name of a scale of the study's own: one that is there already if it is the same."""
        lines = _own_scale_lines(family, seen)
        for name, known in self.scales.items():
            if known == lines:
                return name
        n_such = sum(name.startswith(f"{family}_asked") for name in self.scales)
        name = f"{family}_asked" + (f"_{n_such + 1}" if n_such else "")
        self.scales[name] = lines
        return name

    def scale_lines(self) -> list[str]:
        """The scales of the study's own, those that only unsure lines use behind comment signs."""
        sure: list[list[str]] = []
        unsure: list[list[str]] = []
        for name, own in self.scales.items():
            (sure if name in self.sure_scales else unsure).append([f"  {name}:", *own])
        return _shelf("scales", sure, unsure)

    def put(
        self,
        owner: str,
        placed: Mapping[str, str],
        opened: Mapping[str, str] | None = None,
        *,
        is_sure: bool,
    ) -> None:
        """What texts of a column or a scale stand for: `placed` without a doubt, `opened` with."""
        if placed or opened:
            texts = self.texts.setdefault(owner, _Texts())
            texts.placed |= placed
            texts.open |= opened or {}
            texts.is_sure |= is_sure

    def text_lines(self) -> list[str]:
        """What texts stand for: what leaves no doubt, and behind a comment sign what does."""
        sure: list[list[str]] = []
        unsure: list[list[str]] = []
        for owner, texts in self.texts.items():
            placed = [f"    {quoted(text)}: {_code(code)}" for text, code in texts.placed.items()]
            opened = [
                line(f"    {quoted(text)}: {_proposed(said)}", f"{said}; confirm")
                for text, said in texts.open.items()
            ]
            head = f"  {quoted(owner)}:"
            if texts.is_sure and placed:
                sure.append([head, *placed, *commented(opened, 4)])
            else:
                unsure.append([head, *placed, *opened])
        return _shelf("text_answers", sure, unsure)


def _own_scale_lines(family: str, seen: Seen) -> list[str]:
    """A scale as far as it was seen, CONFIRM for the rest."""
    direction = line(f"    direction: {seen.direction or CONFIRM}", _WAYS)
    if seen.points:
        labels = ", ".join(f"{one}: {flow(seen.labels)}" for one in _LANGUAGES)
        told = [line(f"    points: {flow(seen.points)}", f"{seen.why}; confirm")]
        return [*told, f"    labels: {{{labels}}}", direction, f"    family: {family}"]
    n = len(seen.labels)
    return [
        line(f"    points: {CONFIRM}", f"how many; {n} different labels were seen"),
        line(f"    low: {CONFIRM}", "what the lowest point says"),
        line(f"    high: {CONFIRM}", "what the highest point says"),
        direction,
        f"    family: {family}",
    ]


def _shelf(name: str, sure: list[list[str]], unsure: list[list[str]]) -> list[str]:
    """A part of the file whose entries are lines: the unsure ones behind comment signs."""
    told = [f"{name}:", *(one for lines in sure for one in lines)] if sure else []
    rest = [one for lines in unsure for one in lines]
    if not told:
        return commented([f"{name}:", *rest]) if rest else []
    return [*told, *commented(rest, 2)]


def _code(code: str) -> str:
    """A code, a reason, yes or no, as text_answers writes it."""
    is_plain = plain_number(code) is not None or code in ("yes", "no")
    return code if is_plain else quoted(code)


def _proposed(said: str) -> str:
    """The code that a label may stand for where only one is named; else CONFIRM."""
    first, _, rest = said.partition(" of ")
    is_one = first.isdigit() and ";" not in said and bool(rest)
    return first if is_one else CONFIRM
