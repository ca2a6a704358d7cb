"""Which channel each option of a question with several answers is: `options_told`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxkit.answers.alike import folded
from cxkit.answers.mapping.matching import Column, Guess

__all__ = ["options_told"]


def options_told(
    columns: Iterable[tuple[Column, Guess]], choices: Mapping[str, Any], brand: str
) -> dict[str, tuple[str, Column, Guess]]:
    """The column of each choice of the kit's list, as a study file names it.

    An export has a column for each option, or all that were ticked in one cell, of which
    `NAME/OPTION` is the option. An option that is none of the kit's, or that two columns claim,
    is left out.

    Returns
    -------
    dict
        By choice: what the study file is to name, the column that it stands in, and its guess.
    """
    known: dict[str, str] = {}
    for value, texts in choices.items():
        for text in (value, *texts.values()):
            known.setdefault(folded(str(text).replace("{brand}", brand)), value)
    found: dict[str, list[tuple[str, Column, Guess]]] = {}
    for column, guess in columns:
        for name, label in _options(column):
            if meant := known.get(folded(label)):
                found.setdefault(meant, []).append((name, column, guess))
    return {value: found[value][0] for value in choices if len(found.get(value, ())) == 1}


def _options(column: Column) -> Iterator[tuple[str, str]]:
    """The options that a column tells: the name for each, and what respondents read."""
    asked = column.asked
    if asked.kind in ("several", "open"):  # words of one's own tick the option they stand for
        yield column.name, asked.part or column.name.rpartition("/")[2]
    elif asked.kind == "joined" and asked.labels:
        yield from ((f"{column.name}/{code}", label) for code, label in asked.labels.items())
    elif asked.kind == "joined":
        cells = (cell.split(asked.separator or None) for cell in column.facts.counts)
        ticked = dict.fromkeys(part.strip() for parts in cells for part in parts)
        yield from ((f"{column.name}/{option}", option) for option in ticked)
