"""One column of text into codes, words or numbers, with a reason for every missing answer.

Nothing is guessed: a text counts as an answer only if the study, its scale or the kit's own
words for reasons say so. What could not be taken is handed out as slips beside the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxkit.errors import brief, quoted
from cxkit.library import Scale, label_places
from cxkit.study import REASONS

__all__ = ["Slip", "codes", "membership", "numbers", "plain_number", "words"]

YES_NO = ("yes", "no")

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


def codes(
    texts: np.ndarray, *, column: str, scale: Scale, mapped: Mapping[str, str]
) -> tuple[np.ndarray, np.ndarray, list[Slip]]:
    """Answers on a scale: codes (NaN where missing), the reason for each missing one, slips.

    A text is, in this order: what `text_answers` maps it to, a reason's own key, an exit code
    of the scale, a code of the scale, a label of the scale.
    """
    labels = dict(scale.labelled())
    exits = {plain_number(code): reason for code, reason in scale.missing.items()}

    def convert(text: str) -> tuple[float, str]:
        meant = mapped.get(text, text)
        if meant == "":
            return np.nan, "no_answer"
        if meant in REASONS:
            return np.nan, meant
        number = plain_number(meant)
        if number in exits:
            return np.nan, exits[number]
        if isinstance(number, float):
            return (number, "") if number in scale.points else (np.nan, "off_scale")
        if meant in labels:
            return labels[meant], ""
        return np.nan, "unmapped_text"

    values, whys = _each(texts, convert)
    slips = [*_off_scale(texts, whys, column, scale), *_unmapped(texts, whys, column, scale)]
    return values, whys, slips


def _off_scale(texts: np.ndarray, whys: np.ndarray, column: str, scale: Scale) -> list[Slip]:
    points = ", ".join(f"{code:g}" for code in scale.points)
    return _slips(
        texts,
        whys == "off_scale",
        "off_scale",
        lambda found: (
            f"column '{brief(column)}' holds {found}, which is not on the scale '{scale.key}'"
        ),
        expected=f"one of {points}, blank, or a reason such as dont_know",
        hint=lambda found: "name exit codes under the scale's 'missing', or correct the answers",
    )


def _unmapped(texts: np.ndarray, whys: np.ndarray, column: str, scale: Scale) -> list[Slip]:
    """Texts that stand for no answer: an ambiguous label gets the codes it may stand for."""
    points = ", ".join(f"{code:g}" for code in scale.points)
    named = brief(column)
    owner = column if named == column else scale.key
    labels = [label for label, _ in scale.labelled()]
    return _slips(
        texts,
        whys == "unmapped_text",
        "unmapped_text",
        lambda found: f"column '{named}' holds {found}, which stands for no answer",
        expected=f"a code ({points}), a label of the scale '{scale.key}', or a text in "
        "text_answers",
        hint=lambda found: (
            _ambiguous(found, scale)
            or _other_case(found[0], [*labels, *REASONS])
            or f"say what it stands for: text_answers: {{{owner}: {{{brief(found[0])}: CODE}}}}"
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
    texts: np.ndarray, *, column: str, wanted: Sequence[str], mapped: Mapping[str, str]
) -> tuple[np.ndarray, list[Slip]]:
    """Whether each text is one of the `wanted` words: 1.0, 0.0, NaN where not told."""
    asked = frozenset(wanted)
    numbers_wanted = {plain_number(word) for word in wanted} - {None}
    is_yes_no = asked <= set(YES_NO)

    def convert(text: str) -> tuple[float, str]:
        meant = mapped.get(text, text)
        if meant in asked or plain_number(meant) in numbers_wanted:
            return 1.0, ""
        if meant == "" or meant in REASONS:
            return np.nan, ""
        if is_yes_no and meant not in YES_NO:
            return np.nan, "unmapped_text"
        return 0.0, ""

    values, whys = _each(texts, convert)
    slips = _slips(
        texts,
        whys == "unmapped_text",
        "unmapped_text",
        lambda found: f"column '{brief(column)}' holds {found}, which is neither yes nor no",
        expected="yes, no, dont_remember or blank",
        hint=lambda found: (
            _other_case(found[0], [*YES_NO, *REASONS])
            or f"say what it means: text_answers: {{{brief(column)}: {{{brief(found[0])}: yes}}}}"
        ),
    )
    return values, slips


def words(texts: np.ndarray, *, mapped: Mapping[str, str]) -> pd.Series:
    """Words as they stand (after `mapped`); NA for blanks and for reasons."""
    codes_, uniques = pd.factorize(texts)
    meant = [mapped.get(text, text) for text in uniques]
    told = [None if word == "" or word in REASONS else word for word in meant]
    return pd.Series(np.array(told, dtype=object)[codes_], dtype="str")


def numbers(texts: np.ndarray, *, column: str) -> tuple[np.ndarray, list[Slip]]:
    """Numbers with a decimal point or comma (one of them in a column); NaN where blank."""
    used = {mark for text in set(texts) for mark in ".," if mark in text}
    if used == {".", ","}:
        mixed = np.array(["," in text for text in texts])
        return np.full(len(texts), np.nan), _slips(
            texts,
            mixed,
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
        whys == "not_a_number",
        "not_a_number",
        lambda found: f"column '{brief(column)}' holds {found}, which is not a number",
        expected="numbers such as 0.85",
        hint=lambda found: "write a number in every row, or leave the row out",
    )
    return values, slips


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


def _other_case(text: str, known: Iterable[str]) -> str | None:
    """A known text that differs in capitals only: labels that merely resemble say other things."""
    same = [one for one in known if one.casefold() == text.casefold()]
    return f"did you mean '{same[0]}'?" if same else None


def _each(
    texts: np.ndarray, convert: Callable[[str], tuple[float, str]]
) -> tuple[np.ndarray, np.ndarray]:
    """`convert` every different text once: the values and the words beside them."""
    at, uniques = pd.factorize(texts)
    pairs = [convert(text) for text in uniques]
    values = np.array([value for value, _ in pairs], dtype=float)
    whys = np.array([why for _, why in pairs], dtype=object)
    return values[at], whys[at]


def _slips(
    texts: np.ndarray,
    is_wrong: np.ndarray,
    code: str,
    message: Callable[[str], str],
    *,
    expected: str,
    hint: Callable[[tuple[str, ...]], str] | None = None,
) -> list[Slip]:
    rows = np.flatnonzero(is_wrong)
    if not len(rows):
        return []
    found = tuple(dict.fromkeys(texts[rows]))
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
