"""The version for the board: what a page says, arranged for one sheet of paper.

Hands out `board`. The five answers, the figures side by side, one line of method and base, and
where the full report is; how it was made stays at hand, closed, so that it can be verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxkit.report.stems import summed_up
from cxkit.report.tables import WIDE
from cxkit.wording import Quantity, Words

__all__ = ["board"]

_OF_MAKING = ("command", "note", "appendix")
_MANIFEST = "methods-manifest"


def board(page: Mapping[str, Any], words: Words, stem: str) -> dict[str, Any]:
    """What the template of the version for the board prints.

    Parameters
    ----------
    page : mapping
        The page as it was laid out, with all its sections.
    words : Words
        The words of its language.
    stem : str
        The name of the report's files: that of the full report follows from it.

    Returns
    -------
    dict
        The page's own head, and its findings, box, figures and lines in the place of sections.
    """
    blocks = [block for section in page["sections"] for block in section["blocks"]]
    figures = [one for one in blocks if one["type"] == "figure"]
    methods = page["sections"][-1]
    return {
        **page,
        "kind": words.ui("kind_board"),
        "question": words.fill(words.locale["sections"]["summary"]["question"]),
        "findings": [_without_proof(block) for block in blocks if block["type"] == "findings"],
        "boxes": [block for block in blocks if block["type"] == "box"],
        "figures": [{**one, "notes": one["notes"][:1]} for one in figures],
        "lines": [*_method(words), *_marks(blocks, words)],
        "full": _full(stem, words),
        "made": {**methods, "blocks": list(_making(methods["blocks"]))},
    }


def _without_proof(block: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without links to their proof: it stands below them, or in the full report."""
    return {**block, "items": [{**item, "proof": None} for item in block["items"]]}


def _method(words: Words) -> Iterator[str]:
    """Whom the numbers rest on, and what their ranges take for granted."""
    context = words.context
    who = words.chosen() or words.name("base:everyone")
    if context.get("n"):
        n, n_eff = (Quantity(context[key], "count", words) for key in ("n", "n_eff"))
        yield words.note("note_base", who=who, n=n, n_eff=n_eff)
    design = context.get("sample", {}).get("design") or "unknown"
    if design != "probability":
        named = "not_disclosed" if design == "unknown" else design
        yield words.note("note_sample", design=words.name(f"design:{named}"))


def _marks(blocks: Iterable[Mapping[str, Any]], words: Words) -> Iterator[str]:
    """What the marks beside numbers mean, once for all."""
    known = {words.heading(words.note(key)) for key in ("note_low_base", "note_privacy")}
    said = {note for block in blocks for note in _notes(block)}
    yield from sorted(note for note in said if note in known or note.startswith(WIDE))


def _notes(block: Mapping[str, Any]) -> Iterator[str]:
    """The notes of a figure, or of the answers in a block of findings."""
    yield from block.get("notes", ())
    for item in block.get("items", ()):
        yield from item["shown"].notes()


def _full(stem: str, words: Words) -> dict[str, str] | None:
    """Where the full report lies: beside this page, in its language."""
    name = summed_up(stem)
    if name is None:
        return None
    file = f"{name}.{words.language}.html"
    return {"href": file, "text": words.ui("full_report", place=file)}


def _making(blocks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The commands and the manifest of the section on methods."""
    for block in blocks:
        if block["type"] == "appendix" and block["id"] != _MANIFEST:
            continue
        if block["type"] in _OF_MAKING:
            yield block
