"""Response scales as far as an export tells them: points, labels in the order of the questionnaire.

A scale is proposed where the labels are all those of a scale that the kit knows, or where the file
itself gives a code to every label. Nothing follows from the lowest and the highest number. Labels
that stand at different places in different questionnaires, and abbreviations, are never placed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxkit import library
from cxkit.answers.alike import folded
from cxkit.answers.columns import plain_number
from cxkit.answers.mapping.matching import Column
from cxkit.answers.platforms.exits import reason_of
from cxkit.library import REASONS, label_abbreviations, label_places

__all__ = ["Seen", "scale_seen"]

_LEADING = re.compile(r"(\d{1,2})\s*(?:[-\u2013=:.)(/]|\s)\s*\D.*")


@dataclass(frozen=True)
class Seen:
    """What is seen of a response scale.

    Attributes
    ----------
    scale : str
        The library's scale that has all the labels; "" if none has, or there are none.
    points : tuple of float
        The codes that the file gives the labels, rising; () where it gives none.
    labels : tuple of str
        The labels, in the order of `points` (or of the questionnaire).
    direction : str
        `up` or `down` where both ends say it themselves, else "".
    why : str
        What the proposal rests on, or what there is to be said.
    placed : mapping
        Text in the file -> code or reason, where the text itself leaves no doubt.
    open : mapping
        Text in the file -> what it may stand for, in words: to be confirmed.
    """

    scale: str = ""
    points: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    direction: str = ""
    why: str = ""
    placed: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)


def scale_seen(columns: Sequence[Column], family: str) -> Seen:
    """What some columns, asked on one scale, show of it.

    `family` is what the kit asks them on, such as `agreement`: it decides between scales that
    share a label, and nothing else.
    """
    cells = list(dict.fromkeys(text for one in columns for text in one.facts.counts))
    coded = _coded(columns)
    reasons = _reasons_in(columns, cells)
    words = [text for text in cells if text not in reasons and plain_number(text) is None]
    told = {text: why for text, why in reasons.items() if text not in REASONS}
    if coded and all(plain_number(code) is not None for code in coded):
        return _of_codes(coded, family, told, words)
    if coded and all(plain_number(label) is not None for label in coded.values()):
        return Seen(why="numbers without labels", placed=told | coded)
    if coded:
        words = [coded.get(text, text) for text in words]
        back = {label: code for code, label in coded.items() if code in cells}
        return _of_texts(list(coded.values()), words, back, family, told)
    if any(plain_number(text) is not None for text in cells):
        meant = dict.fromkeys(words, "a text among numbers: a code, or why there is no answer")
        return Seen(why="numbers without labels", placed=told, open=meant)
    if words:
        return _of_texts([], words, {}, family, told)
    return Seen(why="nobody answered", placed=told)


def _reasons_in(columns: Sequence[Column], cells: Sequence[str]) -> dict[str, str]:
    """Texts and codes that are no answer, where all columns that speak of one say the same."""
    found = {text: {why} for text in cells if (why := reason_of(text))}
    for one in columns:
        labels = one.asked.labels.items()
        said = {code: why for code, label in labels if (why := reason_of(label))}
        for code, why in {**one.asked.reasons, **said}.items():
            if code in cells:
                found.setdefault(code, set()).add(why)
    return {text: min(whys) for text, whys in found.items() if len(whys) == 1}


def _coded(columns: Sequence[Column]) -> dict[str, str]:
    """Code -> label as the columns' file gives them, where all columns agree; reasons left out."""
    every = []
    for one in columns:
        labels = {
            code: label
            for code, label in one.asked.labels.items()
            if code not in one.asked.reasons and not reason_of(label)
            if label.strip() and not one.asked.is_missing(code)
        }
        every.append(labels)
    known = [one for one in every if one]
    return known[0] if known and all(one == known[0] for one in known) else {}


def _of_codes(
    coded: Mapping[str, str], family: str, told: Mapping[str, str], words: Sequence[str]
) -> Seen:
    """A scale whose labels have numbers in the file."""
    pairs = sorted((float(plain_number(code) or 0), label) for code, label in coded.items())
    points, labels = tuple(code for code, _ in pairs), tuple(label for _, label in pairs)
    name, direction = _known(labels, family)
    placed = dict(told)
    code_of = {folded(label): f"{code:g}" for code, label in pairs}
    placed |= {text: code_of[folded(text)] for text in words if folded(text) in code_of}
    is_whole = len(points) > 2 and all(plain_number(label) is None for label in labels)
    if name and points == library.scale(name).points and direction == "up":
        return Seen(name, points, labels, "up", "the labels of the file are its labels", placed)
    if not is_whole:
        return Seen(why="labels for the ends only", labels=labels, placed=placed)
    why = "codes and labels as the file gives them"
    return Seen("", points, labels, direction, why, placed)


def _of_texts(
    order: Sequence[str],
    words: Sequence[str],
    back: Mapping[str, str],
    family: str,
    told: Mapping[str, str],
) -> Seen:
    """A scale whose labels stand in the cells (or behind codes that are no numbers: `back`)."""
    placed = dict(told)
    leading = {text: match[1] for text in words if (match := _LEADING.fullmatch(text))}
    if leading and len(leading) == len(words):
        return Seen(why="every text begins with its number", placed=placed | leading)
    labels = tuple(dict.fromkeys(order or words))
    name, _ = _known(labels, family)
    if name:
        code_of = {folded(label): f"{code:g}" for label, code in library.scale(name).labelled()}
        known = set(dict(library.scale(name).labelled()))
        for text in words:
            if text not in known or text in back:
                placed[back.get(text, text)] = code_of[folded(text)]
        return Seen(
            name, labels=labels, direction="up", why="its labels, all of them", placed=placed
        )
    n = len(labels)
    proposed = {back.get(text, text): _may_be(text, n, family) for text in _ordered(labels, family)}
    why = "labels that no scale of the library has all of"
    return Seen("", labels=labels, why=why, placed=placed, open=proposed)


def _known(labels: Sequence[str], family: str) -> tuple[str, str]:
    """The library's scale that has exactly these labels, and in which direction they stand."""
    given = [folded(label) for label in labels]
    if any(label_places(label) for label in labels):
        return "", _direction(labels, family)
    names = sorted(library.scales(), key=lambda name: (name.partition("_")[0] != family, name))
    for name in names:
        for row in (library.scale(name).labels or {}).values():
            own = [folded(label) for label in row]
            if sorted(own) == sorted(given):
                turned = own[::-1] == given
                return name, "down" if turned else "up"
    return "", _direction(labels, family)


def _direction(labels: Sequence[str], family: str) -> str:
    """Which way labels rise, where both ends are ends of scales of the library; else ""."""
    if len(labels) < 2:
        return ""
    ends = [_end(label, family) for label in (labels[0], labels[-1])]
    return {("low", "high"): "up", ("high", "low"): "down"}.get((ends[0], ends[1]), "")


def _end(label: str, family: str) -> str:
    for name in library.scales():
        one = library.scale(name)
        if name.partition("_")[0] == family:
            if folded(label) in {folded(text) for text in one.low.values()}:
                return "low"
            if folded(label) in {folded(text) for text in one.high.values()}:
                return "high"
    return ""


def _may_be(label: str, n_points: int, family: str) -> str:
    """What a label may stand for, in words."""
    if places := label_places(label):
        met = {n: codes for n, codes in places.items() if n == n_points} or places
        told = "; ".join(
            f"{' or '.join(map(str, codes))} of {n}" for n, codes in sorted(met.items())
        )
        short = label_abbreviations().get(label.strip().upper())
        meant = f" (perhaps '{short}')" if short else ""
        return f"{told}{meant}, by questionnaire"
    for name in library.scales():
        if name.partition("_")[0] == family:
            codes = {folded(text): code for text, code in library.scale(name).labelled()}
            if folded(label) in codes:
                return f"{codes[folded(label)]:g} on {name}"
    return "on no scale of the library"


def _ordered(labels: Sequence[str], family: str) -> list[str]:
    """Labels from worst to best as far as is known, for reading only."""

    def place(label: str) -> float:
        if places := label_places(label):
            return sum(sum(codes) / len(codes) / n for n, codes in places.items()) / len(places)
        for name in library.scales():
            codes = {folded(text): code for text, code in library.scale(name).labelled()}
            if name.partition("_")[0] == family and folded(label) in codes:
                return codes[folded(label)] / len(library.scale(name).points)
        return 2.0

    return sorted(labels, key=place)
