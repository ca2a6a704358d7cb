"""Tables of how firm the findings are: published records in, worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way; ways and the
smallest differences are fits, and stand in `options["fits"]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.analysis.conventions import SIGNED, choices_of
from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report.tables import Cell, Row, base_cell, cell, column, hidden_cell, mark, row, table
from cxkit.wording import NO_BREAK, Printed, Words

__all__ = ["headlines", "sight", "verdict_text", "ways"]


def headlines(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each headline: what the report says, in how many ways it holds, and what changes it."""
    fits: Fits = options["fits"]
    columns = [
        column(words.ui("ways_finding"), align="left"),
        column(words.ui("ways_says"), words.ui("interval"), align="left"),
        column(words.ui("ways_held")),
        column(words.ui("ways_changed"), align="left"),
    ]
    rows = []
    for one in options["headlines"]:
        own = [fit for fit in fits if fit.name == one["key"]]
        k = sum(fit.verdict == own[0].verdict for fit in own)
        counts = {"k": words.count(k), "m": words.count(len(own))}
        held = Printed.of_parts(
            words.ui("ways_of", **counts).replace(" ", NO_BREAK), "ways_of", counts
        )
        cells = [
            _says(own[0], words, is_signed=one["key"] in SIGNED),
            cell(held),
            _changed(one, words, is_held=k == len(own)),
        ]
        rows.append(row(words.heading(words.name(one["name"])), cells))
    return table(columns, rows, stick=True)


def _says(one: Fit, words: Words, *, is_signed: bool) -> Cell:
    """A verdict with the number that it rests on below."""
    if one.is_hidden:
        return hidden_cell(words)
    number = _number(one, words, is_signed=is_signed)
    if one.verdict == "inside":  # the range is its own: the number says more
        return cell(number["text"], number["small"], slot=number["slot"])
    small = f"{number['text']} ({number['small']})" if number["small"] else number["text"]
    small = words.heading(f"{words.name(f'way_number:{one.name}')}: {small}")
    return cell(words.heading(verdict_text(one.verdict, words)), small)


def _changed(one: Mapping[str, Any], words: Words, *, is_held: bool) -> Cell:
    if not one["breaking"]:
        return cell(words.ui("ways_nothing" if is_held else "ways_several"))
    said = words.name(f"choice:{'_'.join(one['breaking'])}")
    then = words.ui("ways_then", what=verdict_text(one["then"], words))
    return cell(words.heading(said), then)


def ways(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Every way of one finding: what was chosen, the number, its base, and the verdict."""
    fits: Fits = options["fits"]
    kinds = [kind for kind, _ in options["choices"]]
    columns = [column(words.heading(words.name(f"way:{kind}")), align="left") for kind in kinds]
    columns += [
        column(words.heading(words.name(f"way_number:{options['key']}")), words.ui("interval")),
        column(words.ui("n")),
        column(words.ui("ways_result"), align="left"),
    ]
    rows = []
    for place, one in enumerate(fits):
        chosen = choices_of(one.of)
        head, *others = (words.name(f"way:{kind}_{chosen[kind]}") for kind in kinds)
        cells = [cell(other) for other in others]
        cells += [
            _number(one, words, is_signed=options["is_signed"]),
            base_cell(one, words),
            hidden_cell(words) if one.is_hidden else cell(verdict_text(one.verdict, words)),
        ]
        kind = "level" if not place else ""
        rows.append(row(words.heading(head), cells, kind))
    return table(columns, rows, stick=True)


def _number(one: Fit, words: Words, *, is_signed: bool) -> Cell:
    if one.is_hidden:
        return hidden_cell(words)
    told, ranged = (words.signed, words.signed_range) if is_signed else (words.number, words.range)
    small = ranged(one.ci_low, one.ci_high, one.unit) if one.ci_low == one.ci_low else ""
    return cell(told(one.value, one.unit), small, slot=mark(one))


def verdict_text(verdict: str, words: Words) -> str:
    """What a way says, in a few words: a level, a hand-off, or a word for the verdict."""
    said, *things = verdict.split("|")
    if len(things) > 1:
        named: Sequence[str] = [words.name(one) for one in things]
        plain = words.locale["fragments"]["handoff"]["plain"]
        return words.fill(plain, **{"from": named[0], "to": named[1]})
    return words.name(things[0]) if things else words.name(f"says:{said}")


def sight(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What is compared, the smallest difference found, by formula, what matters, and the base."""
    fits: Fits = options["fits"]
    planned = {one.of: one for one in fits if one.name == "smallest_difference_planned"}
    matters = options["matters"]
    columns = [
        column(words.ui("sight_compared"), align="left"),
        column(words.ui("sight_from"), words.ui("sight_tries")),
    ]
    if planned:
        columns.append(column(words.ui("sight_formula")))
    if any(value is not None for value in matters.values()):
        columns.append(column(words.ui("sight_matters")))
    columns.append(column(words.ui("n")))
    rows = []
    for one in fits:
        if one.name != "smallest_difference":
            continue
        cells = [_size(one, words)]
        if planned:
            beside = planned.get(one.of)
            cells.append(cell() if beside is None else _size(beside, words))
        if len(columns) > len(cells) + 2:
            matter = matters.get(one.of)
            cells.append(cell("" if matter is None else words.size(matter, one.unit)))
        cells.append(base_cell(one, words))
        rows.append(row(words.heading(_compared(one, options["names"], words)), cells))
    return table(columns, rows, stick=True)


def _size(one: Fit, words: Words) -> Cell:
    if one.is_hidden:
        return hidden_cell(words)
    if one.value != one.value:
        return cell(words.ui("sight_never"), state="none")
    ends = [words.raised(end, one.unit) for end in (one.ci_low, one.ci_high)]
    small = words.between(*ends) if all(ends) else ""
    return cell(words.raised(one.value, one.unit), small, slot=mark(one))


def _compared(one: Fit, names: Mapping[str, str], words: Words) -> str:
    """What is compared, in words."""
    kind, *things = one.of.split("|")
    template = words.locale["names"]["seen"][kind]
    if kind == "levels":
        return words.fill(template)
    if kind == "handoff":
        return words.fill(template, **{"from": words.name(things[1]), "to": words.name(things[0])})
    slots: dict[str, Any] = {"metric": words.short(names[things[-1]])}
    if kind == "waves":
        slots["prev_wave"] = words.name(things[1])
    if kind == "groups":
        slots["group"] = words.name(things[0])
    return words.fill(template, **slots)
