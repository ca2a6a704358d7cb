"""One column of text into codes, words or numbers, with a reason for every missing answer.

Nothing is guessed: a text counts as an answer only if the study, its scale or the kit's own
words for reasons say so. What could not be taken is handed out as slips beside the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cxkit import library
from cxkit.answers.alike import folded, straight
from cxkit.answers.spoilt import EXPECTED, HINT, is_day, said_of_days
from cxkit.answers.texts import Texts
from cxkit.errors import brief, quoted
from cxkit.library import Scale, label_places
from cxkit.study import REASONS

__all__ = [
    "WHY",
    "WHYS",
    "Codes",
    "Slip",
    "codes",
    "membership",
    "numbers",
    "plain_number",
    "words",
]

YES_NO = ("yes", "no")
_YES_NO = "yes_no"
"""The list of answers whose codes are 1 and 0 everywhere."""

WHYS = ("", *REASONS, "off_scale", "unmapped_text", "turned_to_dates", "not_a_number")
"""Why a cell is no answer: the reasons that a study knows, and what cannot be taken."""
WHY = {why: place for place, why in enumerate(WHYS)}
"""The place of each in `WHYS`."""

_MOST_PASTED = 8
"""So many texts are proposed in a line to paste."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Slip:
    """Some cells of one column that could not be taken as they are."""

    code: str
    message: str
    rows: np.ndarray
    texts: tuple[str, ...] = ()
    severity: str = "error"
    expected: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class Codes:
    """What the texts of a column mean on a scale, told once for each different text.

    Attributes
    ----------
    texts : Texts
        The column.
    scale : Scale
        The scale that it is read on.
    places : numpy.ndarray of int8, shape (n_words,)
        The place of each word among the points of the scale, -1 where it is no answer.
    reasons : numpy.ndarray of int8, shape (n_words,)
        The place in `WHYS` of the reason why, 0 for an answer.
    """

    texts: Texts
    scale: Scale
    places: np.ndarray
    reasons: np.ndarray

    @property
    def at(self) -> np.ndarray:
        """The place of each row's answer among the points of the scale, -1 where it has none."""
        return self.places[self.texts.at]

    @property
    def whys(self) -> np.ndarray:
        """The place in `WHYS` of each row's reason, 0 for an answer."""
        return self.reasons[self.texts.at]


def codes(
    texts: Texts, *, column: str, scale: Scale, mapped: Mapping[str, str]
) -> tuple[Codes, list[Slip]]:
    """What the answers of a column mean on a scale, and what could not be taken.

    A text is, in this order: what `text_answers` maps it to, a reason's own key, an exit code
    of the scale, a code of the scale, a label of the scale, one of the words for a reason that
    the kit's own questionnaire offers or its pages print, in every language. Which answer of a
    list a code is, only `text_answers` can say, but for 1 and 0 of yes and no.
    """
    labels = dict(scale.labelled())
    exits = {plain_number(code): reason for code, reason in scale.missing.items()}
    is_list = bool(scale.values) and scale.family != _YES_NO

    def convert(text: str) -> tuple[float, str]:
        meant = mapped.get(text, text)
        if meant == "":
            return np.nan, "no_answer"
        if meant in REASONS:
            return np.nan, meant
        number = plain_number(meant)
        if isinstance(number, float) and is_list and text not in mapped:
            return np.nan, "unmapped_text"
        if number in exits:
            return np.nan, exits[number]
        if isinstance(number, float):
            return (number, "") if number in scale.points else (np.nan, "off_scale")
        if meant in labels:
            return labels[meant], ""
        if reason := _reason_words().get(straight(meant)):
            return np.nan, reason
        if is_day(meant, labels):
            return np.nan, "turned_to_dates"
        return np.nan, "unmapped_text"

    values, whys = _each(texts, convert)
    known = np.nan_to_num(values, nan=scale.minimum)
    places = np.where(np.isnan(values), -1, np.searchsorted(scale.points, known))
    slips = [
        *_off_scale(texts, whys == WHY["off_scale"], column, scale),
        *_turned_to_dates(texts, whys == WHY["turned_to_dates"], column),
        *_unmapped(texts, whys == WHY["unmapped_text"], column, scale),
    ]
    return Codes(texts, scale, places.astype(np.int8), whys), slips


def _off_scale(texts: Texts, is_wrong: np.ndarray, column: str, scale: Scale) -> list[Slip]:
    points = ", ".join(f"{code:g}" for code in scale.points)
    return _slips(
        texts,
        is_wrong,
        "off_scale",
        lambda found: (
            f"column '{brief(column)}' holds {found}, which is not on the scale '{scale.key}'"
        ),
        expected=f"one of {points}, blank, or a reason such as dont_know",
        hint=lambda found: "name exit codes under the scale's 'missing', or correct the answers",
    )


def _turned_to_dates(texts: Texts, is_wrong: np.ndarray, column: str) -> list[Slip]:
    return _slips(
        texts,
        is_wrong,
        "turned_to_dates",
        lambda found: said_of_days(column, found),
        expected=EXPECTED,
        hint=lambda found: HINT,
    )


def _unmapped(texts: Texts, is_wrong: np.ndarray, column: str, scale: Scale) -> list[Slip]:
    """Texts that stand for no answer: an ambiguous label gets the codes it may stand for."""
    points = ", ".join(scale.values) or ", ".join(f"{code:g}" for code in scale.points)
    named = brief(column)
    owner = column if named == column else scale.key
    what, put = ("an answer of the list", "ANSWER") if scale.values else ("a code", "CODE")
    meanings = {label: f"{code:g}" for label, code in scale.labelled()}
    meanings |= {reason: reason for reason in REASONS}
    return _slips(
        texts,
        is_wrong,
        "unmapped_text",
        lambda found: f"column '{named}' holds {found}, which stands for no answer",
        expected=f"{what} ({points}), a label of the scale '{scale.key}', or a text in "
        "text_answers",
        hint=lambda found: (
            _other_spelling(found, meanings, owner, "CODE")
            or _ambiguous(found, scale)
            or "say what it stands for: " + _pasted(owner, [(found[0], put)])
        ),
    )


def _ambiguous(texts: Iterable[str], scale: Scale) -> str | None:
    """What to try with labels whose place no dictionary knows; None if there are none."""
    rising = scale.points if scale.direction == "up" else scale.points[::-1]
    places = {text: label_places(text).get(len(rising), ()) for text in texts}
    proposed = {
        brief(text): " or ".join(f"{rising[place - 1]:g}" for place in found)
        for text, found in places.items()
        if found
    }
    if not proposed:
        return None
    pairs = ", ".join(f"{text}: {codes}" for text, codes in list(proposed.items())[:8])
    who = f"'{next(iter(proposed))}' stands" if len(proposed) == 1 else "such labels stand"
    return (
        f"{who} at different places in different questionnaires: "
        f"confirm with yours, then say text_answers: {{{scale.key}: {{{pairs}}}}}"
    )


def membership(
    texts: Texts,
    *,
    column: str,
    wanted: Sequence[str],
    mapped: Mapping[str, str],
    codes: Mapping[float, str] | None = None,
) -> tuple[np.ndarray, list[Slip]]:
    """Whether each text is one of the `wanted` words: 1, 0, or -1 where not told (int8).

    Where yes or no is wanted, the words that the kit's own questionnaire offers for yes, no and
    the reasons are understood in every language, as the labels of the library's scales are. What
    a number stands for, where the column is read on a list of answers too, `codes` tell.
    """
    asked = frozenset(wanted)
    numbers_wanted = {plain_number(word) for word in wanted} - {None}
    is_yes_no = asked <= set(YES_NO)
    known = _yes_no_words() if is_yes_no else {}

    def convert(text: str) -> tuple[float, str]:
        meant = mapped.get(text, text)
        meant = known.get(straight(meant), meant)
        if codes and isinstance(number := plain_number(meant), float):
            meant = codes.get(number, meant)
        if meant in asked or plain_number(meant) in numbers_wanted:
            return 1, ""
        if meant == "" or meant in REASONS:
            return -1, ""
        if is_yes_no and meant not in YES_NO:
            return -1, "unmapped_text"
        return 0, ""

    told, whys = _each(texts, convert, np.int8)
    slips = _slips(
        texts,
        whys == WHY["unmapped_text"],
        "unmapped_text",
        lambda found: f"column '{brief(column)}' holds {found}, which is neither yes nor no",
        expected="yes, no, dont_remember or blank",
        hint=lambda found: (
            _other_spelling(found, known, column, "yes or no")
            or "say what each means: "
            + _pasted(column, [(text, "yes or no") for text in found[:_MOST_PASTED]])
        ),
    )
    return told[texts.at], slips


def words(texts: Texts, *, mapped: Mapping[str, str]) -> Texts:
    """Words as they stand (after `mapped`); "" for blanks and for reasons."""

    def meaning(text: str) -> str:
        meant = mapped.get(text, text)
        return "" if meant in REASONS else meant

    return texts.put(meaning)


def numbers(texts: Texts, *, column: str) -> tuple[np.ndarray, list[Slip]]:
    """Numbers with a decimal point or comma (one of them in a column); NaN where blank."""
    used = {mark for text in texts.words for mark in ".," if mark in text}
    if used == {".", ","}:
        return np.full(len(texts), np.nan), _slips(
            texts,
            np.array(["," in text for text in texts.words], dtype=bool),
            "mixed_decimals",
            lambda found: f"column '{brief(column)}' writes decimals with points and with commas",
            expected="numbers such as 0.85, or numbers such as 0,85",
        )

    def convert(text: str) -> tuple[float, str]:
        number = plain_number(text)
        if text and (number is None or not np.isfinite(number)):
            return np.nan, "not_a_number"
        return (np.nan if number is None else number), ""

    values, whys = _each(texts, convert)
    slips = _slips(
        texts,
        whys == WHY["not_a_number"],
        "not_a_number",
        lambda found: f"column '{brief(column)}' holds {found}, which is not a number",
        expected="numbers such as 0.85",
        hint=lambda found: "write a number in every row, or leave the row out",
    )
    return values[texts.at], slips


def plain_number(text: object) -> float | None:
    """The number that a text writes, with a decimal point or comma; None for any other text.

    >>> plain_number("0,5"), plain_number("nan")
    (0.5, None)
    """
    if isinstance(text, (int, float)):
        return float(text)
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", "."))


def _other_spelling(
    texts: Sequence[str], meanings: Mapping[str, str], owner: str, unknown: str
) -> str | None:
    """What to try with texts that differ from known ones in capitals and blanks only, if any do.

    Labels that merely resemble say other things, and are left open (`unknown`).
    """
    labels: dict[str, set[str]] = {}
    for label in meanings:
        labels.setdefault(folded(label), set()).add(label)
    same = {text: min(labels[folded(text)]) for text in texts if folded(text) in labels}
    same = {
        text: label
        for text, label in same.items()
        if len({meanings[one] for one in labels[folded(text)]}) == 1
    }
    if not same:
        return None
    shown = [*same, *(text for text in texts if text not in same)][:_MOST_PASTED]
    alike = ", ".join(f"'{brief(text)}' is '{same[text]}'" for text in shown if text in same)
    pairs = [(text, meanings[same[text]] if text in same else unknown) for text in shown]
    return f"but for capitals and blanks {alike}: {_pasted(owner, pairs)}"


def _pasted(owner: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A line of text_answers to paste into the study file."""
    told = ", ".join(f"{_as_yaml(text)}: {meaning}" for text, meaning in pairs)
    return f"text_answers: {{{_as_yaml(owner)}: {{{told}}}}}"


def _as_yaml(text: str) -> str:
    """A text as a key in braces, between quotes where YAML would read it otherwise."""
    shown = brief(text)
    is_plain = re.fullmatch(r"[^\W_]([\w .()/+-]*[\w.()/+-])?", shown)
    return shown if is_plain else "'" + shown.replace("'", "''") + "'"


@lru_cache(maxsize=1)
def _yes_no_words() -> dict[str, str]:
    """The kit's own words for yes, no and the reasons in every language, and the keys."""
    words: dict[str, str] = {}
    for language in library.languages():
        locale = library.locale(language)
        shelves = (locale["answers"]["yes_no"], locale["exit_answers"], locale["names"]["reason"])
        for shelf in shelves:
            words |= {label: key for key, label in shelf.items() if key in (*YES_NO, *REASONS)}
    return words | {key: key for key in (*YES_NO, *REASONS)}


@lru_cache(maxsize=1)
def _reason_words() -> dict[str, str]:
    """The kit's own words for the reasons in every language."""
    return {word: key for word, key in _yes_no_words().items() if key in REASONS}


def _each(
    texts: Texts, convert: Callable[[str], tuple[float, str]], dtype: type = float
) -> tuple[np.ndarray, np.ndarray]:
    """For each different text: what `convert` makes of it, the place of the reason in `WHYS`."""
    n_words = len(texts.words)
    values: np.ndarray = np.empty(n_words, dtype=dtype)
    whys = np.empty(n_words, dtype=np.int8)
    for at, text in enumerate(texts.words):
        values[at], why = convert(str(text))
        whys[at] = WHY[why]
    return values, whys


def _slips(
    texts: Texts,
    is_wrong: np.ndarray,
    code: str,
    message: Callable[[str], str],
    *,
    expected: str,
    hint: Callable[[tuple[str, ...]], str] | None = None,
) -> list[Slip]:
    """What is to be told of the rows whose texts (`is_wrong`, one a word) cannot be taken."""
    rows = np.flatnonzero(is_wrong[texts.at]) if is_wrong.any() else np.empty(0, dtype=int)
    if not len(rows):
        return []
    found = texts[rows].found()
    return [
        Slip(
            code,
            message(quoted(found)),
            rows,
            found,
            expected=expected,
            hint=hint(found) if hint else None,
        )
    ]
