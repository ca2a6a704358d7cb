"""The table of the order test: published records in, worded cells out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates, Fit, Fits
from cxkit.report.tables import Cell, Row, base_cell, cell, column, row, table, value_cell
from cxkit.wording import Words

__all__ = ["order"]


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
            cells.append(_fit(expected, words, with_range=False))
            cells.append(_fit(fits.only(name="errors_ratio", of=cut.of), words))
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
            cells = [cell(), cell(), cell(), _fit(one, words), _base(one, words)]
            rows.append(row(_from(cut, words), cells, "item"))
    return table(columns, rows, stick=True)


def _from(cut: Fit, words: Words) -> str:
    return words.ui("met_from", value=words.number(cut.value, cut.unit))


def _base(one: Fit, words: Words) -> Cell:
    whole, effective = words.count(one.n), words.count(one.n_eff)
    return cell(whole, "" if whole == effective else words.ui("effective", n_eff=effective))


def _fit(one: Fit, words: Words, *, with_range: bool = True) -> Cell:
    """A fit, with its interval below."""
    if one.is_hidden:
        return cell("**", state="none", word=words.ui("not_shown"))
    if one.value != one.value:
        return cell(words.ui("not_computed"), state="none")
    has_range = with_range and one.ci_low == one.ci_low
    small = words.range(one.ci_low, one.ci_high, one.unit) if has_range else ""
    return cell(words.number(one.value, one.unit), small)
