"""Tables of expectation against reality: published records in, rows of worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparison, Comparisons, Estimates, Fit, Fits
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    change_cell,
    column,
    fit_cell,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["gaps_direct", "gaps_paired", "gaps_surface"]

_SLOPES = ("surface_a1", "surface_a2", "surface_a3", "surface_a4")
_EXPLAINED = ("r2_surface", "r2_real", "r2_gap")


def gaps_direct(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level: who finds it worse, as expected, better; the balance, against the lowest."""
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("worse_than_expected"), words.ui("interval")),
        column(words.ui("as_expected")),
        column(words.ui("better_than_expected"), words.ui("interval")),
        column(words.ui("balance"), words.ui("interval")),
        *_against_columns(comparisons, words),
        column(words.ui("n")),
    ]
    rows = []
    for item, level in options["levels"]:
        own = {one.metric: one for one in estimates if one.of == f"item:{item}" and not one.by}
        middle = estimates.where(of=f"item:{item}", metric="share", by_answer="l3")
        cells = [
            value_cell(own.get("bottom_box_half"), words),
            value_cell(middle[0] if len(middle) else None, words, with_range=False),
            value_cell(own.get("top_box_half"), words),
            value_cell(own.get("net"), words),
            *_against(f"item:{item}", comparisons, words),
            base_cell(own.get("net"), words),
        ]
        rows.append(row(words.name(f"level:{level}"), cells, small=words.name(f"item:{item}")))
    return table(columns, rows, stick=True)


def gaps_paired(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each level: reality and expectation in the same people, the gap and its reliability."""
    fits: Fits = options.get("fits", Fits(()))
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("reality"), words.ui("interval")),
        column(words.ui("expectation"), words.ui("interval")),
        column(words.ui("reality_minus_expectation"), words.ui("interval")),
        column(words.ui("n_answered_both")),
        column(words.name("metric:difference_reliability"), words.ui("interval")),
    ]
    rows = []
    for of, item, expected in options["pairs"]:
        gap = next(one for one in comparisons if one.of == of)
        own = {one.of: one for one in estimates}
        cells = [
            *(value_cell(own.get(f"item:{key}"), words) for key in (item, expected)),
            _gap_cell(gap, words),
            base_cell(gap, words),
            _reliability(next((one for one in fits if one.of.startswith(f"{of}|")), None), words),
        ]
        rows.append(row(words.name(of), cells, small=words.name(f"item:{item}")))
    return table(columns, rows, stick=True)


def gaps_surface(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Slopes and bends of each level's surface, and what its rivals explain: a column a level."""
    fits: Fits = options.get("fits", Fits(()))
    found = list(dict.fromkeys(one.of for one in estimates))
    columns = [column(words.ui("metric"), align="left")]
    columns += [column(words.short(of.partition("|")[0]), words.ui("interval")) for of in found]
    slopes = {(one.metric, one.of): one for one in estimates}
    explained = {(one.name, one.of): one for one in fits}
    bases = [base_cell(slopes.get((_SLOPES[0], of)), words) for of in found]
    rows = [row(words.ui("n"), bases, "base")]
    for key in _SLOPES:
        cells = [value_cell(slopes.get((key, of)), words) for of in found]
        rows.append(row(words.name(f"metric:{key}"), cells))
    for key in _EXPLAINED:
        cells = [fit_cell(explained.get((key, of)), words) for of in found]
        rows.append(row(words.name(f"metric:{key}"), cells))
    return table(columns, rows, stick=True)


# -- cells ---------------------------------------------------------------------------------------


def _against_columns(comparisons: Comparisons, words: Words) -> list[Any]:
    """How far above the lowest, and how clearly, where more than one may be compared."""
    if not len(comparisons):
        return []
    return [
        column(words.ui("against_lowest"), words.ui("interval")),
        column(words.ui("verdict"), align="left"),
    ]


def _against(of: str, comparisons: Comparisons, words: Words) -> list[Cell]:
    """How far one lies above the lowest, in the same people: its order, in no colour of good."""
    if not len(comparisons):
        return []
    if of == comparisons[0].a:
        return [cell(words.ui("is_lowest")), cell()]
    found = next((one for one in comparisons if one.b == of), None)
    if found is None:
        return [cell(), cell()]
    return [_gap_cell(-found, words), cell(words.name(f"verdict:{found.verdict}"))]


def _gap_cell(one: Comparison, words: Words) -> Cell:
    """A difference without a verdict on its sign: only the order of gaps is read."""
    made = change_cell(one, words)
    return made if made["state"] else made | {"tone": "", "sign": "", "word": ""}


def _reliability(one: Fit | None, words: Words) -> Cell:
    """A reliability, and why there is none."""
    if one is not None and one.verdict == "single_item":
        return cell(words.name("quality:single_item"), state="none")
    return fit_cell(one, words)
