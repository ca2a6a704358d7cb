"""The workbook behind a native chart: its numbers, and the ends of its intervals.

Text stands as text: nothing that a study or an answer says becomes a formula or a link. The only
formulas are our own, of the lengths of intervals.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from cxkit.report.beside.deck.charts.chart_xml import (
    SHEET,
    column_name,
    interval_column,
    kept,
    number_format,
    reach,
)
from cxkit.report.beside.deck.charts.map_xml import cross_name
from cxkit.report.beside.deck.charts.values import Map, Plot, Point
from cxkit.report.figures.lettering import clean
from cxkit.wording import Words

__all__ = ["chart_workbook"]


def chart_workbook(
    chart: Plot | Map, labels: Sequence[str], names: Sequence[str], words: Words, date: dt.datetime
) -> bytes:
    """The workbook of a chart, its categories and series called as they are in it."""
    from xlsxwriter import Workbook

    paper = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(paper, options) as book:
        book.set_properties({"created": date})
        sheet = book.add_worksheet(SHEET)
        sheet.set_column(0, 0, 44)
        writer = _Writer(book, sheet, words)
        if isinstance(chart, Map):
            writer.write_map(chart)
        else:
            writer.write_plot(chart, labels, names)
    return paper.getvalue()


class _Writer:
    """One sheet being written."""

    def __init__(self, book: Any, sheet: Any, words: Words) -> None:
        self.book = book
        self.sheet = sheet
        self.words = words

    def write_plot(self, plot: Plot, labels: Sequence[str], names: Sequence[str]) -> None:
        """Categories below each other, series beside each other; right of them their intervals."""
        code = number_format(plot.unit, is_signed=plot.is_signed)
        sheet, style = self.sheet, self.book.add_format({"num_format": code})
        for i, label in enumerate(labels, 1):
            sheet.write_string(i, 0, label)
        for k, (series, name) in enumerate(zip(plot.series, names, strict=True)):
            sheet.write_string(0, k + 1, name)
            for i, one in enumerate(series.points, 1):
                _write_number(sheet, i, k + 1, one.value, style)
            if not series.has_intervals:
                continue
            first = interval_column(plot, k)
            for shift, head in enumerate(self._interval_heads(series.name)):
                sheet.write_string(0, first + shift, head)
            for i, one in enumerate(series.points, 1):
                _write_interval(sheet, (i, k + 1), first, one, style)

    def write_map(self, chart: Map) -> None:
        """The crosses below each other, each with its head."""
        sheet = self.sheet
        styles = [self.book.add_format({"num_format": number_format(unit)}) for unit in chart.units]
        for k, cross in enumerate(chart.crosses):
            row = 3 * k
            sheet.write_string(row, 0, chart.axes[0])
            sheet.write_string(row, 1, cross_name(cross))
            for column, first, one, axis in (
                (0, 2, cross.across, 0),
                (1, 6, cross.up, 1),
            ):
                for shift, head in enumerate(self._interval_heads(chart.axes[axis])):
                    sheet.write_string(row, first + shift, head)
                _write_number(sheet, row + 1, column, one.value, styles[axis])
                _write_interval(sheet, (row + 1, column), first, one, styles[axis])

    def _interval_heads(self, name: str) -> list[str]:
        """The heads of the four columns of an interval: its ends, and its lengths."""
        said = clean(name)
        ends = [self.words.ui(key, name=said) for key in ("lower_end", "upper_end")]
        return [*ends, f"\u2212 {said}", f"+ {said}"]


def _write_number(sheet: Any, row: int, column: int, value: float | None, style: Any) -> None:
    if value is not None:
        sheet.write_number(row, column, kept(value), style)


def _write_interval(sheet: Any, at: tuple[int, int], first: int, one: Point, style: Any) -> None:
    """The ends of an interval, and how far they lie from the number: a formula of them."""
    if one.value is None or one.low is None or one.high is None:
        return
    row, column = at
    value = f"{column_name(column)}{row + 1}"
    low, high = (f"{column_name(first + i)}{row + 1}" for i in (0, 1))
    _write_number(sheet, row, first, one.low, style)
    _write_number(sheet, row, first + 1, one.high, style)
    sheet.write_formula(row, first + 2, f"={value}-{low}", style, reach(one, "low"))
    sheet.write_formula(row, first + 3, f"={high}-{value}", style, reach(one, "high"))
