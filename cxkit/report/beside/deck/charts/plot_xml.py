"""Bars, stacked bars and lines as native charts."""

from __future__ import annotations

from dataclasses import replace
from xml.sax.saxutils import escape

from cxkit.report.beside.deck.charts.chart_xml import (
    LEGEND,
    MOST_NAME,
    NO_LEADERS,
    QUIET,
    SHEET,
    SMALL,
    TEXT,
    TICKS,
    TITLE,
    Box,
    ChartXml,
    cache,
    column_name,
    interval_column,
    moved,
    number_format,
    span,
)
from cxkit.report.beside.deck.charts.values import Name, Plot, Point, Series
from cxkit.report.beside.deck.fitting import n_lines, widest
from cxkit.report.figures.lettering import ELLIPSIS, clean, text_width, wrap
from cxkit.wording import printed

__all__ = ["PlotXml"]

_LEAST_TOLD = 0.05
"""A part of a stacked bar that is smaller has no room for its number."""

_BEYOND = 9.0
"""How far a number stands from the end of its whisker."""

_MOST_STEPS = 4
"""A scale grows by at most so many steps to make room for numbers."""


class PlotXml(ChartXml):
    """Writes plots."""

    def area(self, plot: Plot) -> str:
        """The plot area: bars or lines, and their axes."""
        if plot.kind == "lines":
            return self._lines(plot)
        box = self._bars_box(plot)
        plot = self._with_room(plot, box)
        is_stacked = plot.kind == "stacked"
        series = "".join(self._bar_series(plot, k, one, box) for k, one in enumerate(plot.series))
        gap, overlap = (38, 100) if is_stacked else (55 if len(plot.series) == 1 else 45, -6)
        grouping = "stacked" if is_stacked else "clustered"
        bars = (
            f'<c:barChart><c:barDir val="bar"/><c:grouping val="{grouping}"/>'
            f'<c:varyColors val="0"/>{series}<c:gapWidth val="{gap}"/>'
            f'<c:overlap val="{overlap}"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
        )
        code = number_format(plot.unit, is_signed=plot.is_signed, ticks=plot.ticks)
        values = self.value_axis("2", "1", "b", plot.ticks, code, plot.axis, "max", labels="nextTo")
        return self.layout(box) + bars + self.category_axis("1", "2", "l", "maxMin") + values

    def _bars_box(self, plot: Plot) -> Box:
        """Where the bars stand: right of their names, above the axis, below legend and title."""
        top = (TITLE if plot.caption else 4.0) + (LEGEND if _has_legend(plot) else 0.0)
        bottom = TICKS + TITLE
        most = 0.44 * self.width
        left = min(widest(list(map(str, plot.categories)), TEXT) * 1.04 + 14, most)
        right = 20.0
        return Box(left, top, self.width - left - right, self.height - top - bottom)

    def labels(self, plot: Plot) -> list[str]:
        """The names of the categories as long as their place allows."""
        if plot.kind == "lines":
            room = self._lines_box(plot).width / max(len(plot.categories), 1)
            return [_cut(one, room, QUIET, 3) for one in plot.categories]
        box = self._bars_box(plot)
        lines = max(int(box.height / max(len(plot.categories), 1) / (TEXT * 1.2)), 1)
        return [_cut(one, box.left - 12, TEXT, lines) for one in plot.categories]

    def _bar_series(self, plot: Plot, k: int, series: Series, box: Box) -> str:
        column = column_name(k + 1)
        n = len(series.points)
        is_stacked = plot.kind == "stacked"
        role = series.role
        dressed = "".join(
            f'<c:dPt><c:idx val="{i}"/><c:invertIfNegative val="0"/><c:bubble3D val="0"/>'
            f"{self._bar_fill(one.role, is_stacked)}</c:dPt>"
            for i, one in enumerate(series.points)
            if one.role
        )
        return (
            f'<c:ser><c:idx val="{k}"/><c:order val="{k}"/>{self.name_of(series.name, column)}'
            f'{self._bar_fill(role, is_stacked)}<c:invertIfNegative val="0"/>{dressed}'
            f"{self._bar_labels(plot, series, box)}{self._errors(plot, k, series)}"
            f"{self._categories(plot)}{self._values(column, series, n)}</c:ser>"
        )

    def _bar_fill(self, role: str, is_stacked: bool) -> str:
        """Pale bars with a dark whisker; the wave before is a hollow one, a verdict is coloured."""
        if is_stacked:
            return f"<c:spPr>{self.ink.fill(role)}{self.ink.line('paper', 0.75)}</c:spPr>"
        if role == "before":
            return f"<c:spPr>{self.ink.fill('paper')}{self.ink.line('soft', 1)}</c:spPr>"
        fill = "band" if role == "data" else role
        return f"<c:spPr>{self.ink.fill(fill)}<a:ln><a:noFill/></a:ln></c:spPr>"

    def _bar_labels(self, plot: Plot, series: Series, box: Box) -> str:
        """Numbers at the foot of bars, beyond the whisker where the bar is too short for them."""
        is_stacked = plot.kind == "stacked"
        told = []
        for i, one in enumerate(series.points):
            if one.value is None:
                continue
            if is_stacked:
                told.append(self._part_label(plot, series, i, one))
            else:
                told.append(self._bar_label(plot, series, i, one, box))
        code = number_format(plot.unit, is_signed=plot.is_signed)
        where = "ctr" if is_stacked else "inBase"
        rest = self.shown_as(code, self.text_look(self._size(plot), "ink"), where)
        return f"<c:dLbls>{''.join(told)}{rest}{NO_LEADERS}</c:dLbls>"

    def _size(self, plot: Plot) -> float:
        """The size of numbers beside bars: smaller where rows are many."""
        rows = len(plot.categories) * (1 if plot.kind == "stacked" else len(plot.series))
        return TEXT if rows <= 10 else SMALL

    def _part_label(self, plot: Plot, series: Series, i: int, one: Point) -> str:
        if (one.value or 0.0) < _LEAST_TOLD:
            return f'<c:dLbl><c:idx val="{i}"/><c:delete val="1"/></c:dLbl>'
        code = number_format(plot.unit, one.after, value=one.value)
        text = self.text_look(self._size(plot), self.ink.on(series.role))
        return f'<c:dLbl><c:idx val="{i}"/>{self.shown_as(code, text, "ctr")}</c:dLbl>'

    def _with_room(self, plot: Plot, box: Box) -> Plot:
        """Differences on a scale so long that no number beyond a whisker covers a name."""
        if not plot.is_signed:
            return plot
        for _ in range(_MOST_STEPS):
            ticks = plot.ticks
            unit, step = box.width / span(ticks), ticks[1] - ticks[0]
            ends = [self._label_end(plot, one, unit) for row in plot.series for one in row.points
                    if one.value is not None]  # fmt: skip
            before = (ticks[0] - step,) if min(ends, default=ticks[0]) < ticks[0] else ()
            after = (ticks[-1] + step,) if max(ends, default=ticks[-1]) > ticks[-1] else ()
            if not before and not after:
                break
            longer = (*before, *ticks, *after)
            plot = replace(plot, ticks=tuple(round(one, 9) for one in longer))
        return plot

    def _label_end(self, plot: Plot, one: Point, unit: float) -> float:
        """Where on the scale a number beyond its whisker ends, `unit` points to 1."""
        value = one.value or 0.0
        away = (self._label_width(plot, one) + _BEYOND) / unit
        low, high = (value if end is None else end for end in (one.low, one.high))
        return high + away if value >= 0 else low - away

    def _label_width(self, plot: Plot, one: Point) -> float:
        told = _as_printed(one.value or 0.0, plot.unit) + one.after
        return text_width(told, self._size(plot), is_bold=True) + 8

    def _bar_label(self, plot: Plot, series: Series, i: int, one: Point, box: Box) -> str:
        value = one.value or 0.0
        code = number_format(plot.unit, one.after, is_signed=plot.is_signed, value=value)
        size = self._size(plot)
        needs = self._label_width(plot, one)
        unit = box.width / (plot.ticks[-1] - plot.ticks[0])
        near = one.low if value > 0 else one.high
        near = value if near is None else near
        if min(abs(value), abs(near)) * unit >= needs and value * near > 0:
            role = one.role or series.role
            ink = self.ink.on(role) if role in ("good", "bad") else "ink"
            shown = self.shown_as(code, self.label_text(size, ink, bold=True), "inBase")
            return f'<c:dLbl><c:idx val="{i}"/>{shown}</c:dLbl>'
        end = one.high if value >= 0 else one.low
        beyond = 0.0 if end is None else (end - value) * unit / self.width
        beyond += (_BEYOND if value >= 0 else -_BEYOND) / self.width
        shown = self.shown_as(code, self.label_text(size, "ink", bold=True), "outEnd")
        return f'<c:dLbl><c:idx val="{i}"/>{moved(beyond, 0.0)}{shown}</c:dLbl>'

    def _lines_box(self, plot: Plot) -> Box:
        top = (TITLE if plot.caption else 4.0) + 20
        bottom = (44.0 if len(plot.series) == 1 else 30.0) + TITLE
        names = [_line_name(one) for one in plot.series] if len(plot.series) > 1 else []
        right = max(min(widest(names, QUIET, is_bold=True) + 56, 0.42 * self.width), 56.0)
        return Box(44.0, top, self.width - 44 - right, self.height - top - bottom)

    def _lines(self, plot: Plot) -> str:
        box = self._lines_box(plot)
        shifts = self._shifts(plot, box)
        series = "".join(
            self._line_series(plot, k, one, shifts.get(k, 0.0)) for k, one in enumerate(plot.series)
        )
        lines = (
            '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
            f'{series}<c:marker val="1"/><c:axId val="1"/><c:axId val="2"/></c:lineChart>'
        )
        code = number_format(plot.unit, ticks=plot.ticks)
        values = self.value_axis("2", "1", "l", plot.ticks, code, "", "autoZero")
        return (
            self.layout(box)
            + lines
            + self.category_axis("1", "2", "b", "minMax", plot.axis)
            + values
        )

    def _line_series(self, plot: Plot, k: int, series: Series, shift: float) -> str:
        column = column_name(k + 1)
        role = series.role
        line = f"<c:spPr>{self.ink.line(role, 2.25)}</c:spPr>"
        marker = self.dot(role, 7)
        steps = "".join(
            self._step(i, role, one.role) for i, one in enumerate(series.points) if one.role
        )
        errors = self._errors(plot, k, series) if len(plot.series) == 1 else ""
        return (
            f'<c:ser><c:idx val="{k}"/><c:order val="{k}"/>'
            f"{self.name_of(_line_name(series), column)}"
            f"{line}{marker}{steps}{self._line_labels(plot, series, shift)}{errors}"
            f"{self._categories(plot)}{self._values(column, series, len(series.points))}"
            '<c:smooth val="0"/></c:ser>'
        )

    def _step(self, i: int, role: str, own: str) -> str:
        """The step to a point: no line where the two are not compared, else its verdict's."""
        is_broken = own == "broken"
        line = "<a:ln><a:noFill/></a:ln>" if is_broken else self.ink.line(own, 2.25)
        dot = self.dot(role if is_broken else own, 7)
        return f'<c:dPt><c:idx val="{i}"/>{dot}<c:bubble3D val="0"/><c:spPr>{line}</c:spPr></c:dPt>'

    def _line_labels(self, plot: Plot, series: Series, shift: float) -> str:
        """Each number of a line that is alone; else the name and number of the last one."""
        is_alone = len(plot.series) == 1
        known = [i for i, one in enumerate(series.points) if one.value is not None]
        told = set(known[-1:] if not is_alone else known if len(known) <= 8 else
                   (known[0], known[-1]))  # fmt: skip
        made = []
        for i, one in enumerate(series.points):
            if i not in told:
                made.append(f'<c:dLbl><c:idx val="{i}"/><c:delete val="1"/></c:dLbl>')
                continue
            code = number_format(plot.unit, one.after, value=one.value)
            role = {"good": "good-ink", "bad": "bad-ink"}.get(one.role, "ink")
            text = self.label_text(QUIET if not is_alone else 14, role, bold=True)
            down, where = shift, "r"
            if is_alone:
                above = 0.0 if one.high is None or one.value is None else one.high - one.value
                down, where = -above * self._lines_box(plot).height / span(plot.ticks) - 1, "t"
            place = moved(0.0, down / self.height) if down else ""
            shown = self.shown_as(code, text, where, with_name=not is_alone)
            made.append(f'<c:dLbl><c:idx val="{i}"/>{place}{shown}</c:dLbl>')
        code = number_format(plot.unit)
        rest = self.shown_as(code, self.text_look(QUIET, "ink"), "r")
        return f"<c:dLbls>{''.join(made)}{rest}{NO_LEADERS}</c:dLbls>"

    def _shifts(self, plot: Plot, box: Box) -> dict[int, float]:
        """How far the words at the end of each line move down, so that none covers another."""
        if len(plot.series) == 1:
            return {}
        low, high = plot.ticks[0], plot.ticks[-1]
        ends = []
        for k, series in enumerate(plot.series):
            known = [one.value for one in series.points if one.value is not None]
            if known:
                ends.append((box.height * (high - known[-1]) / (high - low), k))
        ends.sort()
        pitch = QUIET * 1.35
        wanted = [y for y, _ in ends]
        for i in range(1, len(wanted)):
            wanted[i] = max(wanted[i], wanted[i - 1] + pitch)
        over = max(wanted[-1] - box.height, 0.0) if wanted else 0.0
        for i in reversed(range(len(wanted))):
            limit = wanted[i + 1] - pitch if i + 1 < len(wanted) else box.height
            wanted[i] = min(wanted[i], limit) if over else wanted[i]
        return {k: new - y for (y, k), new in zip(ends, wanted, strict=True)}

    def names(self, plot: Plot) -> list[str]:
        """The names of the series as the chart shows them."""
        if plot.kind != "lines":
            return [clean(one.name) for one in plot.series]
        return [_line_name(one) for one in plot.series]

    def legend(self, chart: Plot) -> str:
        """The names of several series of bars; lines have theirs at their ends."""
        if not _has_legend(chart):
            return ""
        top = (TITLE if chart.caption else 0.0) / self.height
        names = [one.name for one in chart.series]
        width = sum(text_width(one, QUIET) + 30 for one in names) + 16
        share = min(width / self.width, 1.0)
        return (
            '<c:legend><c:legendPos val="t"/><c:layout><c:manualLayout><c:xMode val="edge"/>'
            f'<c:yMode val="edge"/><c:x val="0"/><c:y val="{top:.5f}"/><c:w val="{share:.5f}"/>'
            f'<c:h val="{LEGEND / self.height:.5f}"/></c:manualLayout></c:layout>'
            f'<c:overlay val="0"/>{self.text_look(QUIET, "ink")}</c:legend>'
        )

    def _errors(self, plot: Plot, k: int, series: Series) -> str:
        if not series.has_intervals:
            return ""
        first = interval_column(plot, k)
        n = len(series.points)
        refs = [f"${column_name(first + i)}$2:${column_name(first + i)}${n + 1}" for i in (2, 3)]
        role = "soft" if series.role == "before" else "ink"
        axis = "y" if plot.kind == "lines" else ""
        if plot.kind == "lines":
            role = series.role
        return self.error_bars(series.points, (refs[0], refs[1]), role, axis)

    def _categories(self, plot: Plot) -> str:
        labels = self.labels(plot)
        points = "".join(
            f'<c:pt idx="{i}"><c:v>{escape(one)}</c:v></c:pt>' for i, one in enumerate(labels)
        )
        return (
            f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${len(labels) + 1}</c:f><c:strCache>"
            f'<c:ptCount val="{len(labels)}"/>{points}</c:strCache></c:strRef></c:cat>'
        )

    def _values(self, column: str, series: Series, n: int) -> str:
        values = [one.value for one in series.points]
        return (
            f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${n + 1}</c:f>"
            f"{cache(values)}</c:numRef></c:val>"
        )


def _as_printed(value: float, unit: str) -> str:
    """A number about as wide as it will be printed."""
    return f"-{abs(printed(value, unit))}%"


def _cut(name: Name, width: float, size: float, lines: int) -> str:
    """A category in so many lines at a width: its name is cut, not what is said with it."""
    whole = clean(str(name))
    if n_lines(whole, width, size) <= lines:
        return whole
    for length in reversed(range(1, len(name.text))):
        shorter = clean(str(replace(name, text=name.text[:length].rstrip() + ELLIPSIS)))
        if n_lines(shorter, width, size) <= lines:
            return shorter
    return " ".join(wrap(whole, width, size, lines=lines))


def _line_name(series: Series) -> str:
    """The name of a line as it stands behind its end."""
    (line,) = wrap(series.name, MOST_NAME, QUIET, is_bold=True, lines=1)
    return line


def _has_legend(plot: Plot) -> bool:
    return plot.kind != "lines" and len(plot.series) > 1
