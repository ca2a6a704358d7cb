"""Tables of the journey in depth: what counts, what is judged, who moved, phases, the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.library import languages
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    change_cell,
    column,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = [
    "directions",
    "evaluation",
    "importance",
    "journey_map",
    "moves",
    "phases",
    "ways_to_advocate",
]


def importance(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Price and quality at the two stages, each difference beside or below what it is made of."""
    places: dict[str, list[str]] = options["places"]
    held = {tuple(places[one.of]): one for one in estimates if one.of in places}
    stages = list(dict.fromkeys(stage for stage, _ in held))
    aspects = list(dict.fromkeys(aspect for _, aspect in held))
    between = {
        (tuple(places[one.a]), tuple(places[one.b])): one
        for one in comparisons
        if one.a in places and one.b in places
    }
    columns = [
        column(words.ui("what_counts"), align="left"),
        *(column(words.heading(words.name(f"moment:{stage}"))) for stage in stages),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n_both")),
    ]
    rows = []
    for aspect in aspects:
        cells = [value_cell(held.get((stage, aspect)), words) for stage in stages]
        later = between.get((("decide", aspect), ("consider", aspect)))
        cells += [_difference(later, words), base_cell(later, words)]
        rows.append(row(words.name(f"aspect:{aspect}"), cells))
    against = [between.get(((stage, "price"), (stage, "quality"))) for stage in stages]
    if any(against):
        cells = [_difference(one, words) for one in against]
        rows.append(row(words.ui("price_minus_quality"), [*cells, cell(), cell()]))
        bases = [base_cell(one, words) for one in against]
        rows.append(row(words.ui("n_both"), [*bases, cell(), cell()], "base"))
    return table(columns, rows, stick=True)


def _difference(one: Comparison | None, words: Words) -> Cell:
    """A difference of which neither side is the better one: without the colour of a verdict."""
    return {**change_cell(one, words), "tone": ""}


def evaluation(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Product and service as their buyers rate them, and the difference in the same people."""
    columns = [
        column(words.ui("rated"), align="left"),
        column(words.ui("score"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = [
        row(words.name(options["aspects"][one.of]), [value_cell(one, words), base_cell(one, words)])
        for one in estimates
    ]
    for one in comparisons:
        sides = {
            "a": words.name(options["aspects"][one.a]),
            "b": words.name(options["aspects"][one.b]),
        }
        cells = [_difference(one, words), base_cell(one, words)]
        rows.append(row(words.heading(words.ui("a_against_b", **sides)), cells))
    return table(columns, rows, stick=True)


def ways_to_advocate(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The share of those who advocated that took each way, and all of them."""
    return _shares("way_to_advocate", estimates, words)


def _shares(head: str, estimates: Estimates, words: Words) -> Row:
    """A share and its base a row."""
    columns = [
        column(words.ui(head), align="left"),
        column(words.name("metric:share"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = [
        row(words.heading(words.name(one.of)), [value_cell(one, words), base_cell(one, words)])
        for one in estimates
    ]
    return table(columns, rows, stick=True)


def moves(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The matrix: a row for each stage then, a column for each stage now."""
    stages = options["stages"]
    columns = [
        column(words.ui("stage_then"), align="left"),
        *(column(words.short(f"stage:{stage}"), words.ui("now_at")) for stage in stages),
    ]
    rows = []
    for stage in stages:
        found = [_at(estimates, f"stage:{other}", stage) for other in stages]
        base = base_cell(found[0], words)["text"]
        small = words.ui("n_is", n=base) if base else ""
        cells = [value_cell(one, words) for one in found]
        rows.append(row(words.name(f"stage:{stage}"), cells, small=small))
    return table(columns, rows, stick=True)


def _at(estimates: Estimates, of: str, before: str) -> Estimate | None:
    return next((x for x in estimates if x.of == of and x.by.get("before") == before), None)


def directions(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The share who came further, stayed, or named an earlier stage."""
    return _shares("since_wave_before", estimates, words)


def phases(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each stage with its rating, and the part of the other model that it matches."""
    columns = [
        column(words.ui("stage"), align="left"),
        column(words.ui("rating"), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui(f"of_other_{options['kind']}"), align="left"),
        column(words.ui("match"), align="left"),
    ]
    rows = []
    for stage in options["order"]:
        pairs = [one for one in options["pairs"] if one["stage"] == stage] or [None]
        rated = next((one for one in estimates if one.of == f"stage:{stage}"), None)
        for place, pair in enumerate(pairs):
            cells = (
                [value_cell(rated, words), base_cell(rated, words)] if not place else [cell()] * 2
            )
            rows.append(
                row(words.name(f"stage:{stage}") if not place else "", cells + _pair(pair, words))
            )
    return table(columns, rows, stick=True)


def _pair(pair: Mapping[str, str] | None, words: Words) -> list[Cell]:
    if pair is None:
        return [cell(words.ui("no_match"), state="none"), cell()]
    return [cell(words.name(pair["part"])), cell(words.ui(f"match_{pair['match']}"))]


def journey_map(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The map as rows: what people do, their channels, rating, hand-off, quote and plans."""
    quotes, steps = options.get("quotes", {}), options.get("steps", {})
    by_channel = [one for one in estimates if one.of.startswith("channel:")]
    columns = [
        column(words.ui("stage"), align="left"),
        column(words.ui("rating"), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui("since_stage_before"), words.ui("interval")),
    ]
    columns += [column(words.ui("fig_map_channels_short"), align="left")] if by_channel else []
    columns += [column(words.ui("fig_map_quotes"), align="left")] if quotes else []
    columns += [column(words.ui("fig_map_steps"), align="left")] if steps else []
    rows = []
    for stage in options["order"]:
        of = f"stage:{stage}"
        rated = next((one for one in estimates if one.of == of and not one.by), None)
        drop = next((one for one in comparisons if one.a == of), None)
        cells = [value_cell(rated, words), base_cell(rated, words), change_cell(drop, words)]
        if by_channel:
            cells.append(cell(words.join(_used(by_channel, stage, words))))
        cells += [_quote(quotes.get(stage), words)] if quotes else []
        cells += [cell(words.join(map(words.text, steps.get(stage, ()))))] if steps else []
        rows.append(row(words.name(of), cells, small=words.gloss(of)))
    return table(columns, rows, stick=True)


def _used(channels: list[Estimate], stage: str, words: Words) -> list[str]:
    return [
        f"{words.short(one.of)} {words.number(one.estimate, one.unit)}"
        for one in channels
        if one.by.get("reached") == stage
    ]


def _quote(quote: Mapping[str, str] | None, words: Words) -> Cell:
    if not quote:
        return cell()
    lang = quote.get("lang")
    is_other = lang in languages() and lang != words.language
    return cell(f"\u201c{quote['text']}\u201d", lang=lang if is_other else None)
