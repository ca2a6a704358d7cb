"""The table of the order test: published records in, worded cells out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report.tables import Row, base_cell, cell, column, fit_cell, row, table, value_cell
from cxkit.wording import Words

__all__ = ["general", "order"]


def order(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each reading at each cut: who skips no level, violations counted and to be expected."""
    fits: Fits = options["fits"]
    columns = [
        column(words.ui("reading"), align="left"),
        column(words.name("metric:skips_no_level"), words.ui("interval")),
        column(words.name("metric:guttman_errors")),
        column(words.name("metric:errors_one_impression")),
        column(words.name("metric:errors_ratio"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = []
    for reading, levels in options["readings"]:
        of = f"reading:{reading}"
        verdict = fits.only(name="order", of=of).verdict
        told = words.ui("reading_named", base=words.name(levels[0]), apex=words.name(levels[-1]))
        rows.append(
            row(told, [cell() for _ in columns[1:]], "level", words.name(f"order:{verdict}"))
        )
        cuts = [one for one in fits if one.name == "met_from" and one.of.startswith(f"{of}|")]
        for cut in reversed(cuts):
            at = cut.of.partition("|cut:")[2]
            own = estimates.where(of=of, by_cut=at)
            cells = [value_cell(own.only(metric="skips_no_level"), words)]
            errors = own.only(metric="guttman_errors")
            cells.append(value_cell(errors, words, with_range=False))
            expected = fits.only(name="errors_one_impression", of=cut.of)
            cells.append(fit_cell(expected, words, with_range=False))
            cells.append(fit_cell(fits.only(name="errors_ratio", of=cut.of), words))
            cells.append(base_cell(errors, words))
            rows.append(row(_from(cut, words), cells, "item"))
    popular = words.ui("by_popularity")
    for head, small, name in (
        (popular, "", "errors_ratio_closest"),
        (words.ui("by_popularity_varied"), popular, "errors_ratio_varied"),
    ):
        found = [one for one in reversed(fits) if one.name == name]
        if found:
            rows.append(row(head, [cell() for _ in columns[1:]], "level", small))
        for one in found:
            cut = next(cut for cut in fits if cut.name == "met_from" and cut.of == one.of)
            cells = [cell(), cell(), cell(), fit_cell(one, words), base_cell(one, words)]
            rows.append(row(_from(cut, words), cells, "item"))
    return table(columns, rows, stick=True)


def general(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How much of what the statements share is one general factor."""
    one = options["fits"][0]
    columns = [
        column(words.ui("metric"), align="left"),
        column(words.ui("value"), words.ui("interval")),
        column(words.ui("n")),
    ]
    cells = [fit_cell(one, words), base_cell(one, words)]
    rows = [row(words.name(f"metric:{one.name}"), cells)]
    return table(columns, rows)


def _from(cut: Fit, words: Words) -> str:
    return words.ui("met_from", value=words.number(cut.value, cut.unit))
