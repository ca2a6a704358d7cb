"""Qualtrics's advanced-format text: what the kit's own questionnaire says of each export column.

`cxkit questionnaire --to qualtrics` writes it and Qualtrics imports it, so it belongs to the export
as a .qsf does, but for the import ids, which Qualtrics gives later: columns go by their tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cxkit.answers.platforms.exits import reasons_in
from cxkit.answers.platforms.layout import Question
from cxkit.answers.platforms.markup import bare
from cxkit.answers.platforms.qsf import Survey
from cxkit.errors import StudyError

__all__ = ["read_txt"]

_QUESTION = re.compile(
    r"\[\[Question:([^\]]+)\]\]\n\[\[ID:([^\]]+)\]\]\n(.*?)(?=\n\[\[(?:Question|Block)|\Z)",
    re.DOTALL,
)
_CHOICE = re.compile(r"\n\[\[(?:AdvancedChoices|Choice:([^\]]+))\]\]")
_KINDS = {"MC:SingleAnswer": "single", "TE:SingleLine": "number"}
_SEVERAL = "MC:MultipleAnswer"


def read_txt(file: Path) -> Survey:
    """What an advanced-format file of the kit's says of each question, by its column.

    Raises
    ------
    StudyError
        If it is no such file.
    """
    text = file.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    if not text.lstrip().startswith("[[AdvancedFormat]]"):
        raise StudyError(
            f"'{file.name}' is no advanced-format text of Qualtrics",
            where=file.name,
            expected="[[AdvancedFormat]] in its first line",
            hint="write one with cxkit questionnaire STUDY --to qualtrics, or export the .qsf",
        )
    questions: dict[str, Question] = {}
    types: dict[str, str] = {}
    for kind, tag, body in _QUESTION.findall(text):
        asked, *choices = _CHOICE.split(body)
        pairs = zip(choices[::2], choices[1::2], strict=True)
        labels = {code: bare(label) for code, label in pairs if code}
        types[tag] = kind
        questions |= _columns(kind, tag, bare(asked), labels)
    return Survey(
        questions=questions,
        types=types,
        groups=tuple(re.findall(r"\[\[Block:([^\]]+)\]\]", text)),
        ids={name: name for name in questions},
    )


def _columns(kind: str, tag: str, asked: str, labels: Mapping[str, str]) -> dict[str, Question]:
    """The columns of one question; none of words without a question."""
    if kind == "DB":
        return {}
    if kind == _SEVERAL:
        return {
            f"{tag}_{code}": Question(asked, label, "several", group=tag, labels={"1": label})
            for code, label in labels.items()
        }
    told = _KINDS.get(kind, "open")
    return {tag: Question(asked, kind=told, labels=labels, reasons=reasons_in(labels))}
