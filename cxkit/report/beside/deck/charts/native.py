"""Native charts: a plot or a map as python-pptx takes it, with its numbers in a workbook.

The chart stays editable: its numbers, and the ends of its intervals, stand in the workbook that
PowerPoint opens with "Edit data"; the lengths of the intervals are formulas there.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from cxkit.report.beside.deck.charts.chart_xml import TEXT
from cxkit.report.beside.deck.charts.map_xml import MapXml
from cxkit.report.beside.deck.charts.plot_xml import PlotXml
from cxkit.report.beside.deck.charts.values import Chart, Map
from cxkit.report.beside.deck.charts.workbook import chart_workbook
from cxkit.report.beside.deck.ink import Ink
from cxkit.wording import Words

__all__ = ["Native"]

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
)


class Native:
    """A chart in the place of python-pptx's own chart data, of which it takes two things.

    Parameters
    ----------
    chart : Plot or Map
        What is drawn.
    size : (float, float)
        Width and height in points.
    ink : Ink
        The colours of the deck.
    words : Words
        The language, for what the workbook calls the ends of an interval.
    date : datetime
        What the workbook says of when it was made.
    """

    def __init__(
        self, chart: Chart, size: tuple[float, float], ink: Ink, words: Words, date: dt.datetime
    ) -> None:
        self.chart = chart
        self.ink = ink
        self.words = words
        self.date = date
        self.plots = PlotXml(size, ink)
        self.maps = MapXml(size, ink)

    def xml_bytes(self, chart_type: Any = None) -> bytes:
        """The chart's XML; it knows its type itself."""
        del chart_type
        chart = self.chart
        if isinstance(chart, Map):
            title, body, legend = "", self.maps.area(chart), ""
        else:
            title = self.plots.chart_title(chart) if chart.caption else ""
            body, legend = self.plots.area(chart), self.plots.legend(chart)
        return (
            f'{_HEAD}<c:date1904 val="0"/><c:lang val="{self.ink.culture}"/>'
            f'<c:roundedCorners val="0"/><c:chart>{title}'
            f'<c:autoTitleDeleted val="{0 if title else 1}"/>'
            f"<c:plotArea>{body}</c:plotArea>{legend}"
            '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
            "<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
            f"{self.plots.text_look(TEXT, 'ink')}</c:chartSpace>"
        ).encode()

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook behind the chart."""
        chart = self.chart
        if isinstance(chart, Map):
            return chart_workbook(chart, (), (), self.words, self.date)
        labels, names = self.plots.labels(chart), self.plots.names(chart)
        return chart_workbook(chart, labels, names, self.words, self.date)
