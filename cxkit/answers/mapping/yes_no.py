"""How a column says yes, and what its texts are among the kit's own answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.answers.alike import folded
from cxkit.answers.columns import plain_number
from cxkit.answers.mapping.matching import Column
from cxkit.answers.platforms.exits import reason_of
from cxkit.library import REASONS, answer_scale
from cxkit.study.to_confirm import CONFIRM

__all__ = ["answers_told", "choices_told", "yes_told"]

_YES = ("ya", "yes", "y", "iya", "true")
_NO = ("tidak", "no", "n", "false", "belum", "never")
_UNDERSTOOD = {"Ya", "Yes", "yes", "Tidak", "No", "no"}


def yes_told(column: Column) -> tuple[str, dict[str, str]]:
    """The word that means yes (`yes`, or CONFIRM where nothing tells), and texts to be put so."""
    texts: dict[str, str] = {}
    for cell in column.facts.counts:
        label = column.asked.labels.get(cell, cell)
        if cell in column.asked.reasons or label in column.asked.reasons or _is_reason(cell, label):
            continue
        answer = _yes_or_no(label)
        if answer is None and plain_number(label) is not None:
            return CONFIRM, {}
        if answer and label not in _UNDERSTOOD:
            texts[cell] = answer
    if texts:
        for cell in column.facts.counts:
            label = column.asked.labels.get(cell, cell)
            if cell != label and (told := _yes_or_no(label)):
                texts[cell] = told
    return "yes", texts


def _is_reason(cell: str, label: str) -> bool:
    """Whether it says why there is no answer: "Tidak ingat" begins like no, and is none."""
    return cell in REASONS or bool(reason_of(label))


def answers_told(
    column: Column, name: str, choices: Mapping[str, Any], brand: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts of a column that are answers of an ordered list: text -> answer; those of no answer.

    What is read as it stands needs no line: the answer's own word, and its label in any language.
    """
    own = {folded(text) for text, _ in answer_scale(name).labelled()}
    told = yes_told(column)[1] if name == "yes_no" else choices_told(column, choices, brand)
    unknown = []
    numbers = {
        plain_number(cell) for cell in column.facts.counts if cell not in column.asked.labels
    }
    are_codes = name == "yes_no" and numbers <= {None, 0, 1}
    for cell in column.facts.counts:
        label = column.asked.labels.get(cell, cell)
        is_code = are_codes and plain_number(cell) is not None
        is_none = cell in column.asked.reasons or label in column.asked.reasons
        is_known = folded(label) in own or cell in told or is_code
        if not (is_known or is_none or _is_reason(cell, label)):
            unknown.append(cell)
    return {cell: meant for cell, meant in told.items() if folded(cell) not in own}, tuple(unknown)


def _yes_or_no(label: str) -> str | None:
    words = label.casefold().replace(",", " ").replace(".", " ").split()
    if not words:
        return None
    return "yes" if words[0] in _YES else "no" if words[0] in _NO else None


def choices_told(column: Column, choices: Mapping[str, Any], brand: str) -> dict[str, str]:
    """Texts of a column that are answers of the kit's list in either language: text -> value."""
    known: dict[str, str] = {}
    for value, texts in choices.items():
        for text in texts.values():
            known.setdefault(folded(str(text).replace("{brand}", brand)), value)
    told = {}
    for cell in column.facts.counts:
        label = column.asked.labels.get(cell, cell)
        meant = known.get(folded(label))
        if meant and meant != cell:
            told[cell] = meant
    return told
