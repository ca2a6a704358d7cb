"""Parts of a deck's story: which charts share a slide, bases in words, the cells of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cxkit.records import Comparison, Estimate
from cxkit.report.beside.deck import tables as deck_tables
from cxkit.report.beside.deck.charts.values import Chart, Map
from cxkit.report.beside.deck.tables import Cell, Sheet
from cxkit.report.shown import Shown
from cxkit.wording import Words, printed

__all__ = [
    "Block",
    "answer",
    "bases_of",
    "beside",
    "fitting",
    "is_coloured",
    "is_only_numbers",
    "listed_facts",
    "segments_of",
    "tone_of_score",
]

Block = Mapping[str, Any]
"""A section of the page, or one of its blocks."""

_MOST_BESIDE = 9
"""Two charts stand beside each other where neither has more rows than this."""


def is_only_numbers(block: Block) -> bool:
    """Whether a block is a table at hand, whose title finds nothing: it is told at the end."""
    shown: Shown | None = block.get("shown")
    if shown is None or block["type"] != "table":
        return False
    title = shown.finding["title"]
    return title is not None and title[0] == "numbers"


def beside(charts: Sequence[Chart]) -> Iterator[list[Chart]]:
    """Charts by slides: two beside each other where both are small."""
    waiting = list(charts)
    while waiting:
        pair = waiting[:2]
        if len(pair) == 2 and all(map(_is_small, pair)):
            yield pair
            waiting = waiting[2:]
        else:
            yield [waiting.pop(0)]


def _is_small(chart: Chart) -> bool:
    return (
        not isinstance(chart, Map)
        and bool(chart.caption)
        and (len(chart.categories) <= _MOST_BESIDE)
    )


def is_coloured(chart: Chart) -> bool:
    """Whether a verdict gives a mark its colour."""
    if isinstance(chart, Map):
        return False
    return any(one.role in ("good", "bad") for series in chart.series for one in series.points)


def segments_of(shown: Shown) -> set[str]:
    """The segments that a finding's records speak of."""
    sides = {one.a.partition("=")[0].rstrip("!") for one in shown.comparisons}
    return sides | {key for one in shown.estimates for key in one.by}


def bases_of(shown: Shown, words: Words) -> str:
    """The base of what a slide shows, or the smallest and the largest."""
    records = list(shown.estimates) or list(shown.comparisons) or list(shown.fits)
    known = [pair for one in records for pair in _base_of(one)]
    known = [(n, n_eff) for n, n_eff in known if n and n == n]
    if not known:
        return ""
    if len({n for n, _ in known}) == 1:
        n, n_eff = known[0]
        return words.base(n, n_eff if n_eff == n_eff else n)
    low, high = min(known)[0], max(known)[0]
    return words.ui("fig_n_range", low=words.count(low), high=words.count(high))


def _base_of(one: Any) -> list[tuple[float, float]]:
    if isinstance(one, Comparison):
        return [(one.n_a, one.n_eff_a), (one.n_b, one.n_eff_b)]
    if isinstance(one, Estimate) and one.metric in ("respondents", "responses"):
        return []
    return [(one.n, one.n_eff)]


def tone_of_score(shown: Shown) -> Callable[[float, str], str]:
    """The surface of a score, as the page's heat map has it."""
    from cxkit.report.figures.cells import Cells, edges

    options = shown.options
    cells = Cells(shown.estimates, shown.words, options.get("rows"), options.get("columns"),
                  options.get("by", "furthest_stage"), options.get("part", "level"))  # fmt: skip
    steps = edges(cells.records)
    return lambda value, unit: f"s{1 + sum(float(printed(value, unit)) >= one for one in steps)}"


def answer(item: Block) -> list[Cell]:
    """One of the five answers: number, verdict, sentence."""
    role = {"good": "good-ink", "bad": "bad-ink"}.get(item["tone"], "soft")
    sign = item["sign"] if item["big"] and not item["is_empty"] else ""
    said = " ".join(filter(None, (sign, str(item["verdict"]))))
    big = "" if item["is_empty"] else str(item["big"])
    return [
        Cell(big, str(item["unit"]) if big else "", bold=True, align="l", size=26 if big else None),
        Cell(said, "", role, True, "l"),
        Cell(str(item["sentence"]), str(item["evidence"]), align="l"),
    ]


def fitting(rows: list[list[Cell]], widths: Sequence[float], room: float) -> Sheet:
    """Rows of words at the largest size at which they fit; the last are left out if none does."""
    while True:
        for size in (13.0, 12.0, 11.0, 10.0):
            table = deck_tables.plain(rows, widths, size)
            if table.height <= room or (size == 10.0 and len(rows) == 1):
                return table
        rows = rows[:-1]


def listed_facts(facts: Sequence[Block]) -> str:
    """The facts of the masthead in a line."""
    return ". ".join(f"{fact['label']}: {fact['value']}" for fact in facts) + "."
