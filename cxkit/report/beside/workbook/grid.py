"""A table of the page as a spreadsheet holds it: numbers as numbers, each in a column of its own.

What stands in one cell of the page (a number, its range, its base, a mark) is spread over as many
columns as it has parts. A cell whose number may not be shown is empty, and the column of marks
says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxkit.wording import Number, Printed, Words

__all__ = ["Content", "Grid", "Head", "Line", "Link", "grid_of", "number_of", "parts_of"]


@dataclass(frozen=True)
class Link:
    """Words that lead to a place in the workbook, by the name that it was given."""

    text: str
    place: str


Content = Number | Link | str
"""What a cell of a spreadsheet holds: a number with its unit and decimals, words, or a link."""

_PARTS = ("value", "up_to", "first", "second", "low", "high", "n", "base", "p", "n_eff", "beside",
          "mark", "note")  # fmt: skip
"""The parts of a cell, in the order of their columns."""

_IN_PHRASES = {
    ("range", "low"): "low",
    ("range", "high"): "high",
    ("effective", "n_eff"): "n_eff",
    ("up_to_n", "n"): "up_to",
    ("n_is", "n"): "n",
    ("n_of", "n"): "n",
    ("n_of", "base"): "base",
    ("n_against", "a"): "first",
    ("n_against", "b"): "second",
    ("list", "a"): "first",
    ("list", "b"): "second",
    ("p_is", "value"): "p",
    ("p_below", "value"): "p",
    ("ways_of", "k"): "value",
    ("ways_of", "m"): "base",
}
"""Which part of a cell a number is, by the phrase that prints it and its place there."""


@dataclass(frozen=True)
class Head:
    """The head of one column of the page: its words, and those of the columns that it becomes."""

    label: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One row; `kind` is `level`, `item`, `base` or nothing, as on the page."""

    kind: str
    contents: tuple[Content | None, ...]


@dataclass(frozen=True)
class Grid:
    """A table as a spreadsheet holds it.

    Attributes
    ----------
    heads : tuple of Head
        The columns of the page, the one that names the rows first.
    lines : tuple of Line
        The rows, as many contents in each as the heads have parts together.
    is_flat : bool
        Whether it is a list of data to be filtered: a row is one line, no cell is merged.
    """

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    is_flat: bool = False

    @property
    def is_spread(self) -> bool:
        """Whether some column of the page becomes several."""
        return any(len(head.parts) > 1 for head in self.heads)

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return sum(len(head.parts) for head in self.heads)


Parts = Mapping[str, Content]


def grid_of(table: Mapping[str, Any], words: Words) -> Grid:
    """The columns and rows of a table of the page, drawings left out.

    Parameters
    ----------
    table : mapping
        As the functions of `cxkit.report.tables` make it.
    words : Words
        The language of the table.

    Examples
    --------
    >>> from cxkit.report.tables import cell, column, row, table
    >>> words = Words("en", {})
    >>> score = cell(words.number(62.04, "score_100"), words.range(60, 64.1, "score_100"))
    >>> columns = [column("Level", align="left"), column("Score", words.ui("interval"))]
    >>> grid = grid_of(table(columns, [row("Trust", [score])]), words)
    >>> grid.heads[1].parts
    ('Value', '95% range: from', '95% range: to')
    >>> [one.value for one in grid.lines[0].contents[1:]]
    [62.04, 60.0, 64.1]
    """
    kept = [i for i, column in enumerate(table["columns"]) if column["align"] != "mark"]
    heads = [table["columns"][i] for i in kept]
    rows = [one for row in table["rows"] for one in _apart(row, kept)]
    shown = [
        tuple(part for part in _PARTS if any(part in cells[at] for _, _, _, cells in rows))
        or ("value",)
        for at in range(len(heads) - 1)
    ]
    is_noted = any(small for _, _, small, _ in rows)
    names = [Head(str(heads[0]["label"]), ("",))]
    names += [Head(words.locale["workbook"]["note"], ("",))] if is_noted else []
    lines = [
        Line(
            kind,
            (
                head,
                *([small] if is_noted else []),
                *(
                    cell.get(part)
                    for cell, parts in zip(cells, shown, strict=True)
                    for part in parts
                ),
            ),
        )
        for kind, head, small, cells in rows
    ]
    spread = (_head(column, parts, words) for column, parts in zip(heads[1:], shown, strict=True))
    return Grid((*names, *spread), tuple(lines))


def _apart(
    row: Mapping[str, Any], kept: Sequence[int]
) -> Iterator[tuple[str, str, str, list[Parts]]]:
    """A row's kind, head, quieter words and cells; a row of bases with both is two rows."""
    cells = [parts_of(row["cells"][i - 1]) for i in kept[1:]]
    kind, head, small = row["kind"], str(row["head"]), str(row["small"] or "")
    if kind == "base" and small and any("beside" in one for one in cells):
        yield kind, head, "", [_without(one, "beside") for one in cells]
        yield (
            kind,
            small,
            "",
            [{"value": one["beside"]} if "beside" in one else {} for one in cells],
        )
    else:
        yield kind, head, small, cells


def _without(parts: Parts, left_out: str) -> Parts:
    return {part: content for part, content in parts.items() if part != left_out}


def parts_of(cell: Mapping[str, Any]) -> Parts:
    """What a cell of the page holds: its number, range, bases, marks and words.

    >>> from cxkit.report.tables import hidden_cell
    >>> words = Words("en", {})
    >>> parts_of(hidden_cell(words, words.ui("n_is", n=words.count(12))))["mark"]
    '** not shown'
    """
    found: dict[str, Content] = {}
    if cell["state"] == "none":
        found["mark"] = " ".join(filter(None, (cell["text"], cell.get("word"))))
    elif cell["text"]:
        found |= _numbers(cell["text"], "value") or {"value": str(cell["text"])}
    if cell["small"]:
        found |= _numbers(cell["small"], "beside") or {"note": str(cell["small"])}
    marks = (cell.get("sign"), cell["slot"], cell.get("letters"))
    if marked := " ".join(filter(None, marks)):
        found["mark"] = marked
    return found


def number_of(text: str) -> Number | None:
    """The number that a text prints and nothing else; None if it is no such text."""
    is_number = isinstance(text, Printed) and text.phrase == "number"
    return text.numbers["value"] if is_number else None  # type: ignore[attr-defined]


def _numbers(text: str, part: str) -> dict[str, Content]:
    """The numbers of a text by part: `part` for one that is nothing but a number."""
    if (alone := number_of(text)) is not None:
        return {part: alone}
    if not isinstance(text, Printed):
        return {}
    named = {_IN_PHRASES.get((text.phrase, place)): one for place, one in text.numbers.items()}
    return {} if None in named else {str(part): one for part, one in named.items()}


def _head(column: Mapping[str, Any], parts: Sequence[str], words: Words) -> Head:
    """The words over the columns that one of the page becomes."""
    label, sub = str(column["label"]), str(column["sub"] or "")
    if column.get("letter"):
        label = f"{column['letter']} {label}"
    is_told = sub in ("", words.ui("interval"), words.ui("n")) or "beside" in parts
    if not is_told:
        label = f"{label} ({sub})" if label else sub
    if len(parts) == 1:
        return Head(label, ("",))
    if set(parts) == {"value", "n_eff"}:
        return Head(label, (words.ui("n"), words.ui("n_eff")))
    return Head(label, tuple(_labels(parts, sub, words)))


def _labels(parts: Iterable[str], sub: str, words: Words) -> Iterator[str]:
    """What stands over each part; a range is the interval unless the column says another."""
    said, interval = words.locale["workbook"]["parts"], words.ui("interval")
    is_other = sub not in ("", interval, words.ui("n"))
    ends = {"up_to": words.ui("to")}
    ends |= {"low": said["from"], "high": words.ui("to")} if is_other else {}
    for part in parts:
        own = sub if part == "beside" and sub else ends.get(part)
        yield own or words.fill(said[part], what=interval)
