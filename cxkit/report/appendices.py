"""What closes the methods section: wording, what was asked, what the sources say, terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cxkit import library
from cxkit.report import provenance
from cxkit.report.tables import cell, column, row, table
from cxkit.report.what_was_asked import coverage, placed
from cxkit.wording import Words

__all__ = ["appendices", "said_by_frameworks"]

Block = dict[str, Any]


def appendices(words: Words, made: Mapping[str, Any]) -> list[Block]:
    """The appendices of a page, closed on screen; `made` is how it was made, if that is known."""
    builders: tuple[tuple[str, Callable[[Words], list[Block]]], ...] = (
        ("items_wording", _wording),
        ("asked", _asked),
        ("coverage", _placed),
        ("claims", _claims),
        ("inconsistencies", _inconsistencies),
        ("glossary", _glossary),
    )
    told = [_appendix(key, blocks, words) for key, build in builders if (blocks := build(words))]
    if made:
        title = words.heading(words.fill(words.locale["glossary"]["manifest"]["term"]))
        blocks = [{"type": "command", "text": provenance.dump(dict(made))}]
        told.append({**_appendix("manifest", blocks, words, title), "id": "methods-manifest"})
    return told


def said_by_frameworks(part: str, words: Words) -> list[str]:
    """What the frameworks of the study record of themselves, the library's or the study's own."""
    own = words.context.get("own_frameworks", {})
    said = []
    for key in words.context.get("frameworks", ()):
        recorded = own[key] if key in own else library.framework(key)
        said += [words.text(line) for line in recorded.get(part, ())]
    return said


def _follows_the_sources(words: Words) -> bool:
    """Whether the study uses a framework of the library, and not only its own."""
    context = words.context
    return bool(set(context.get("frameworks", ())) - set(context.get("own_frameworks", {})))


# -- what was asked --------------------------------------------------------------------------------


def _wording(words: Words) -> list[Block]:
    """The items as they were asked, in this language."""
    items = words.context.get("items", {})
    if not items:
        return []
    columns = [
        column(words.ui("key"), align="left"),
        column(words.ui("item_verbatim"), align="left"),
        column(words.heading(words.unit), align="left"),
        column(words.ui("base"), align="left"),
    ]
    rows = []
    levels = words.context["framework"].get("levels", [])[::-1]
    for key in sorted(items, key=lambda one: (_rank(items[one]["level"], levels), one)):
        level, base = items[key]["level"], items[key].get("base") or "everyone"
        cells = [
            cell(words.name(f"item:{key}")),
            cell(words.name(f"level:{level}") if level else ""),
            cell(words.name(f"base:{base}")),
        ]
        rows.append(row(key, cells))
    return [_table("items_wording", columns, rows, words)]


def _rank(level: str | None, levels: Sequence[str]) -> int:
    return levels.index(level) if level in levels else len(levels)


def _asked(words: Words) -> list[Block]:
    """Everything that the kit can ask, and how much of it the study asked."""
    if not _follows_the_sources(words):
        return []
    columns = [
        column(words.ui("topic"), align="left"),
        column(words.ui("covered"), align="left"),
        column(words.ui("questions_asked")),
    ]
    notes = [_text(words, "asked"), _text(words, "loyalty_parts")]
    return [_table("asked", columns, list(coverage(words)), words, notes)]


def _placed(words: Words) -> list[Block]:
    """Which statements of the pyramid speak of each stage: a table of coverage, without scores."""
    asked = words.context.get("items", {})
    known = {*words.context.get("frameworks", ())} - {*words.context.get("own_frameworks", {})}
    if "pyramid" not in known or not asked:
        return []
    columns = [
        column(words.heading(words.name("unit:stage")), align="left"),
        column(words.heading(words.name("unit:item")), align="left"),
    ]
    return [_table("coverage", columns, list(placed(words)), words, [_text(words, "coverage")])]


# -- what the sources say --------------------------------------------------------------------------


def _claims(words: Words) -> list[Block]:
    """What the sources claim, each with whose claim it is; those that disagree stand together."""
    if not _follows_the_sources(words):
        return []
    columns = [
        column(words.heading(words.fill(words.locale["glossary"]["claim"]["term"])), align="left"),
        column(words.ui("checked"), align="left"),
    ]
    claims = library.claims()
    apart = {key for key, one in claims.items() if "disagrees_with" in one}
    rows = [_claim(one, words) for key, one in claims.items() if key not in apart]
    rows.append(row(_text(words, "claims_disagree"), [cell()], "level"))
    rows += [_claim(claims[key], words, "item") for key in claims if key in apart]
    return [_table("claims", columns, rows, words, [_text(words, "claims")]), _tested(words)]


def _claim(one: Mapping[str, Any], words: Words, kind: str = "") -> dict[str, Any]:
    note = "note_claim" if "figure" in one else "note_claim_idea"
    return row(
        words.text(one["said"]), [cell(words.note(note, source=words.text(one["by"])))], kind
    )


def _tested(words: Words) -> Block:
    """What the sources hold that the report puts to the test, and where."""
    columns = [
        column(words.ui("held_by_sources"), align="left"),
        column(words.ui("tested_in"), align="left"),
        column(words.ui("form"), align="left"),
    ]
    names = words.locale["sections"]
    rows = [
        row(
            words.text(one["text"]),
            [
                cell(words.fill(names[one["section"]]["name"])),
                cell(words.ui(f"form_{one['form']}")),
            ],
        )
        for one in library.hypotheses().values()
    ]
    return _table("tested", columns, rows, words)


def _inconsistencies(words: Words) -> list[Block]:
    said = said_by_frameworks("inconsistencies", words)
    if not said:
        return []
    if _follows_the_sources(words):
        shelves = ("outcomes", "claims")  # beside those that each framework records of itself
        told = library.inconsistencies()
        said += [words.text(one["text"]) for one in told if one["of"] in shelves]
    return [{"type": "note", "text": one} for one in said]


# -- terms -----------------------------------------------------------------------------------------


def _glossary(words: Words) -> list[Block]:
    filled = [
        (words.fill(entry["term"]), words.fill(entry["meaning"]))
        for entry in words.locale["glossary"].values()
    ]
    entries = sorted(filled, key=lambda entry: entry[0].casefold())
    rows = [{"term": term, "paragraphs": [meaning]} for term, meaning in entries]
    return [{"type": "definitions", "rows": rows}]


# -- their parts -----------------------------------------------------------------------------------

_IDS = {"items_wording": "items"}
"""Names of places on the page that differ from the key of the title."""


def _text(words: Words, key: str) -> str:
    return words.fill(words.locale["methods"]["text"][key])


def _title(key: str, words: Words) -> str:
    return words.fill(words.locale["methods"]["terms"][key])


def _appendix(key: str, blocks: list[Block], words: Words, title: str | None = None) -> Block:
    anchor = f"methods-{_IDS.get(key, key)}"
    told = title or _title(key, words)
    return {"type": "appendix", "id": anchor, "title": told, "blocks": blocks}


def _table(
    key: str,
    columns: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    words: Words,
    notes: Sequence[str] = (),
) -> Block:
    """A table under its own caption."""
    anchor = f"methods-{_IDS.get(key, key)}"
    built = table(columns, [dict(one) for one in rows])
    return {
        "type": "table",
        "id": f"{anchor}-block",
        "number": "",
        "title": _title(key, words),
        "sub": "",
        "table": {**built, "caption": _title(key, words), "id": f"{anchor}-table"},
        "notes": list(notes),
    }
