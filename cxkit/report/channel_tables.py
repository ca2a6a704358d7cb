"""Tables of the channels: published records in, worded cells out; a row a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.records import Comparison, Comparisons, Estimate, Estimates, Fits
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    change_cell,
    column,
    fit_cell,
    hidden_cell,
    p_cell,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["channel_spread", "channels", "n_channels"]


def channels(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each channel: its share, how many people that is, and the score of each level among them.

    `options["by"]` is what the records are by, `channels` which and `levels` the levels in
    their order.
    """
    by, levels = options["by"], [f"level:{key}" for key in options["levels"]]
    columns = [
        column(words.ui("channel"), align="left"),
        column(words.ui(options["share"]), words.ui("interval")),
        column(words.ui("n")),
        *(column(words.short(of)) for of in levels),
        *([column(words.ui("n_of_units"))] if levels else []),
    ]
    rows = [_whole(estimates, by, levels, words)]
    for key in options["channels"]:
        own = [one for one in estimates if one.by.get(by) == key]
        cells = [
            value_cell(_first(own, metric="share"), words),
            _people(_first(own, metric="respondents"), words),
            *_scores(own, levels, words),
        ]
        rows.append(row(words.name(f"group:{by}={key}"), cells))
    return table(columns, rows, stick=True)


def _whole(estimates: Estimates, by: str, levels: Sequence[str], words: Words) -> Row:
    """All who answered, and the levels among all."""
    share = _first(estimates, metric="share")
    whole = [one for one in estimates if not one.by]
    answered = cell() if share is None or share.n != share.n else cell(words.count(share.n))
    return row(words.ui("total"), [cell(), answered, *_scores(whole, levels, words)], "level")


def _scores(own: Sequence[Estimate], levels: Sequence[str], words: Words) -> list[Cell]:
    """The scores of some people, and the base that these have in common."""
    if not levels:
        return []
    found = [_first(own, metric="score_100", of=of) for of in levels]
    measured = [one for one in found if one is not None and "not_measured" not in one.flags]
    cells = [_without_base(value_cell(one, words)) for one in found]
    return [*cells, base_cell(measured[0] if measured else None, words)]


def _without_base(made: Cell) -> Cell:
    """A number that is not shown without its base, which stands in a column of its own."""
    return {**made, "small": ""} if made["state"] == "none" else made


def _people(one: Estimate | None, words: Words) -> Cell:
    """How many people: a count needs no precision, but may be private."""
    if one is None:
        return cell()
    return hidden_cell(words) if one.n != one.n else cell(words.count(one.n))


def n_channels(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How many channels people used, and how many used several."""
    columns = [
        column(words.ui("n_channels"), align="left"),
        column(words.ui("share"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = []
    for one in estimates:
        band = one.by["n_channels"]
        kind = "level" if band == "several" else ""
        cells = [value_cell(one, words), base_cell(one, words)]
        rows.append(row(words.ui(f"n_channels_{band}"), cells, kind))
    return table(columns, rows)


def channel_spread(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Of each level how far channels lie apart, and its highest against its lowest channel."""
    fits: Fits = options["fits"]
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.name("metric:channel_spread")),
        column("p"),
        column(words.ui("highest_channel"), align="left"),
        column(words.ui("lowest_channel"), align="left"),
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = []
    for fit in fits:
        one = _first(comparisons, of=fit.of)
        cells = [
            fit_cell(fit, words),
            cell() if fit.is_hidden or fit.p != fit.p else p_cell(fit, words),
            *(_end(one, side, estimates, fit.of, words) for side in ("a", "b")),
            change_cell(one, words),
            base_cell(fit, words),
        ]
        rows.append(row(words.name(fit.of), cells))
    return table(columns, rows, stick=True)


def _end(one: Comparison | None, side: str, estimates: Estimates, of: str, words: Words) -> Cell:
    """The channel at one end of a level, with its score."""
    if one is None or one.verdict == "hidden":
        return hidden_cell(words)
    name = getattr(one, side)
    segment, _, group = name.partition("=")
    score = _first(estimates, of=of, by={segment: group})
    number = "" if score is None else words.number(score.estimate, score.unit)
    return cell(words.name(name), number)


def _first(records: Any, **conditions: object) -> Any:
    """The first record that meets the conditions, None where none does."""
    for one in records:
        if all(getattr(one, key) == value for key, value in conditions.items()):
            return one
    return None
