"""The XML of native charts: letters, axes, labels and error bars, as DrawingML writes them.

What bars, lines and maps share; `plot_xml` and `map_xml` write the charts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from cxkit.report.beside.deck.charts.values import Plot, Point
from cxkit.report.beside.deck.ink import Ink
from cxkit.report.figures.lettering import clean, wrap
from cxkit.wording import printed

__all__ = [
    "LEGEND",
    "MOST_NAME",
    "NO_LEADERS",
    "QUIET",
    "SHEET",
    "SMALL",
    "TEXT",
    "TICKS",
    "TITLE",
    "Box",
    "ChartXml",
    "cache",
    "column_name",
    "interval_column",
    "kept",
    "moved",
    "number_format",
    "plain",
    "reach",
    "span",
]

SHEET = "Sheet1"
"""What the sheet behind a chart is called, in every language."""

TEXT, QUIET, SMALL = 12.0, 11.0, 10.0
"""Sizes of words in points: names, ticks, and what stands closely."""

TICKS, TITLE, LEGEND = 20.0, 22.0, 24.0
"""What the ticks, the title of an axis or chart, and a legend take of the height, in points."""

MOST_NAME = 190.0
"""A name beside a mark is at most so wide."""

NO_LEADERS = '<c:showLeaderLines val="0"/>'

_DECIMALS_KEPT = 8
"""As many as are kept before a number is printed, so that both round alike."""


@dataclass(frozen=True)
class Box:
    """The inside of the axes, in points from the upper left of the chart."""

    left: float
    top: float
    width: float
    height: float


class ChartXml:
    """What every kind of chart is written with.

    Parameters
    ----------
    size : (float, float)
        Width and height in points.
    ink : Ink
        The colours and the language of the deck.
    """

    def __init__(self, size: tuple[float, float], ink: Ink) -> None:
        self.width, self.height = size
        self.ink = ink

    def layout(self, box: Box) -> str:
        """Where the inside of the axes lies in the chart."""
        parts = (
            ("x", box.left / self.width),
            ("y", box.top / self.height),
            ("w", box.width / self.width),
            ("h", box.height / self.height),
        )
        inside = "".join(f'<c:{key} val="{value:.5f}"/>' for key, value in parts)
        return (
            '<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/>'
            f'<c:yMode val="edge"/>{inside}</c:manualLayout></c:layout>'
        )

    def label_text(self, size: float, role: str, *, bold: bool = False) -> str:
        """How a number or name beside a mark looks: on one line."""
        return self.text_look(size, role, bold=bold).replace(
            "<a:bodyPr/>", '<a:bodyPr wrap="none"/>'
        )

    def text_look(self, size: float, role: str, *, bold: bool = False) -> str:
        """How words look that PowerPoint writes itself: ticks, numbers, names."""
        return (
            f"<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{self.face(size, role, bold)}</a:pPr>"
            f'<a:endParaRPr lang="{self.ink.culture}"/></a:p></c:txPr>'
        )

    def face(self, size: float, role: str, bold: bool) -> str:
        """Size, weight and colour of letters."""
        weight = 1 if bold else 0
        return f'<a:defRPr sz="{size * 100:.0f}" b="{weight}">{self.ink.fill(role)}</a:defRPr>'

    def rich(self, text: str, size: float, role: str, *, bold: bool = False) -> str:
        """Words of our own in a title."""
        return (
            '<c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="l">'
            f"{self.face(size, role, bold)}</a:pPr>"
            f"{self.run(text, size, role, bold=bold)}</a:p></c:rich></c:tx>"
        )

    def run(self, text: str, size: float, role: str, *, bold: bool = False) -> str:
        """A stretch of words."""
        return (
            f'<a:r><a:rPr lang="{self.ink.culture}" sz="{size * 100:.0f}" b="{int(bold)}">'
            f"{self.ink.fill(role)}</a:rPr><a:t>{escape(clean(text))}</a:t></a:r>"
        )

    def chart_title(self, chart: Plot) -> str:
        """What the chart shows, at its upper left."""
        (line,) = wrap(chart.caption, self.width - 8, 13, is_bold=True, lines=1)
        return (
            f"<c:title>{self.rich(line, 13, 'ink', bold=True)}<c:layout><c:manualLayout>"
            '<c:xMode val="edge"/><c:yMode val="edge"/><c:x val="0"/><c:y val="0"/>'
            '</c:manualLayout></c:layout><c:overlay val="0"/></c:title>'
        )

    def dot(self, role: str, size: int) -> str:
        """A round mark with a rim of paper."""
        look = f"{self.ink.fill(role)}{self.ink.line('paper', 0.75)}"
        return (
            f'<c:marker><c:symbol val="circle"/><c:size val="{size}"/><c:spPr>{look}</c:spPr>'
            "</c:marker>"
        )

    def shown_as(self, code: str, text: str, where: str, *, with_name: bool = False) -> str:
        """What a label shows: its value, and before it the name of its series if asked."""
        name, apart = (1, "<c:separator> </c:separator>") if with_name else (0, "")
        return (
            f'<c:numFmt formatCode="{_attribute(code)}" sourceLinked="0"/>'
            f'<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{text}<c:dLblPos val="{where}"/>'
            '<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/>'
            f'<c:showSerName val="{name}"/><c:showPercent val="0"/><c:showBubbleSize val="0"/>'
            f"{apart}"
        )

    def category_axis(self, own: str, other: str, side: str, order: str, name: str = "") -> str:
        """An axis of names; `name` stands below it."""
        title = ""
        if name:
            (line,) = wrap(name, self.width - 8, SMALL, lines=1)
            title = f'<c:title>{self.rich(line, SMALL, "soft")}<c:overlay val="0"/></c:title>'
        return (
            f'<c:catAx><c:axId val="{own}"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
            f'<c:delete val="0"/><c:axPos val="{side}"/>{title}'
            '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
            '<c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
            f"<c:spPr>{self.ink.line('soft', 1)}</c:spPr>{self.text_look(TEXT, 'ink')}"
            f'<c:crossAx val="{other}"/><c:crosses val="autoZero"/><c:auto val="0"/>'
            '<c:lblAlgn val="ctr"/><c:lblOffset val="50"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        )

    def value_axis(
        self,
        own: str,
        other: str,
        side: str,
        ticks: Sequence[float],
        code: str,
        name: str,
        at: str | float,
        *,
        is_dashed: bool = False,
        labels: str = "low",
        between: str = "between",
    ) -> str:
        """An axis of values; `at` is where it crosses the other one."""
        step = min((b - a for a, b in pairwise(ticks)), default=1.0)
        room = (self.height if side == "l" else self.width) - 24
        title = ""
        if name:
            (line,) = wrap(name, room, QUIET, lines=1)
            turned = ' rot="-5400000" vert="horz"' if side == "l" else ""
            rich = self.rich(line, QUIET, "soft").replace("<a:bodyPr/>", f"<a:bodyPr{turned}/>")
            title = f'<c:title>{rich}<c:overlay val="0"/></c:title>'
        grid = (
            f"<c:majorGridlines><c:spPr>{self.ink.line('line', 0.75)}</c:spPr></c:majorGridlines>"
        )
        line = (
            self.ink.line("soft", 1, is_dashed=True) if is_dashed else self.ink.line("line", 0.75)
        )
        crosses = (
            f'<c:crosses val="{at}"/>' if isinstance(at, str) else
            f'<c:crossesAt val="{plain(at)}"/>'
        )  # fmt: skip
        return (
            f'<c:valAx><c:axId val="{own}"/><c:scaling><c:orientation val="minMax"/>'
            f'<c:max val="{plain(ticks[-1])}"/><c:min val="{plain(ticks[0])}"/></c:scaling>'
            f'<c:delete val="0"/><c:axPos val="{side}"/>{grid}{title}'
            f'<c:numFmt formatCode="{_attribute(code)}" sourceLinked="0"/>'
            '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
            f'<c:tickLblPos val="{labels}"/>'
            f"<c:spPr>{line}</c:spPr>{self.text_look(QUIET, 'soft')}"
            f'<c:crossAx val="{other}"/>{crosses}<c:crossBetween val="{between}"/>'
            f'<c:majorUnit val="{plain(step)}"/></c:valAx>'
        )

    def error_bars(
        self, points: Sequence[Point], refs: tuple[str, str], role: str, axis: str
    ) -> str:
        """Intervals as error bars whose lengths stand in the workbook."""
        direction = f'<c:errDir val="{axis}"/>' if axis else ""
        minus, plus = ([reach(one, end) for one in points] for end in ("low", "high"))
        parts = "".join(
            f"<c:{tag}><c:numRef><c:f>{SHEET}!{ref}</c:f>{cache(lengths)}</c:numRef></c:{tag}>"
            for tag, ref, lengths in (("plus", refs[1], plus), ("minus", refs[0], minus))
        )
        return (
            f'<c:errBars>{direction}<c:errBarType val="both"/><c:errValType val="cust"/>'
            f'<c:noEndCap val="0"/>{parts}<c:spPr>{self.ink.line(role, 1.5)}</c:spPr></c:errBars>'
        )

    def name_of(self, name: str, column: str, row: int = 1) -> str:
        """The name of a series, and the cell that holds it."""
        text = escape(clean(name))
        return (
            f"<c:tx><c:strRef><c:f>{SHEET}!${column}${row}</c:f><c:strCache>"
            f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{text}</c:v></c:pt></c:strCache></c:strRef>'
            "</c:tx>"
        )


# -- numbers ---------------------------------------------------------------------------------------


def number_format(
    unit: str,
    after: str = "",
    *,
    is_signed: bool = False,
    value: float | None = None,
    ticks: Sequence[float] = (),
) -> str:
    """How PowerPoint prints a number of a unit, as the page does; `after` stands behind it.

    >>> number_format("score_100", "*")
    '0.0"*";"−"0.0"*";0.0"*"'
    """
    places = -int(printed(0.0, unit).as_tuple().exponent)
    if ticks:
        scale = 100.0 if unit == "share" else 1.0
        is_whole = all(abs(one * scale - round(one * scale)) < 1e-6 for one in ticks)
        places = 0 if is_whole else max(places, 1)
    core = "#,##0" if unit == "count" else "0"
    core += f".{'0' * places}" if places else ""
    core += "%" if unit == "share" else ""
    tail = f'"{after}"' if after else ""
    if value is not None and not printed(value, unit):
        return f"{core}{tail};{core}{tail};{core}{tail}"
    plus = "+" if is_signed else ""
    return f'{plus}{core}{tail};"\u2212"{core}{tail};{core}{tail}'


def kept(value: float) -> float:
    """A number as the chart and its workbook hold it."""
    return round(value, _DECIMALS_KEPT)


def plain(value: float) -> str:
    """A number as XML writes it."""
    return repr(kept(value))


def reach(one: Point, end: str) -> float | None:
    """How far an interval reaches from its number."""
    at: float | None = getattr(one, end)
    return None if at is None or one.value is None else abs(kept(at) - kept(one.value))


def cache(values: Sequence[float | None]) -> str:
    """Numbers as the chart keeps them beside the workbook's."""
    points = "".join(
        f'<c:pt idx="{i}"><c:v>{plain(one)}</c:v></c:pt>'
        for i, one in enumerate(values)
        if one is not None
    )
    return (
        "<c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(values)}"/>{points}</c:numCache>'
    )


def moved(across: float, down: float) -> str:
    """A label moved from where it would stand, in parts of the chart's width and height."""
    return (
        f'<c:layout><c:manualLayout><c:x val="{across:.5f}"/><c:y val="{down:.5f}"/>'
        "</c:manualLayout></c:layout>"
    )


def span(ticks: Sequence[float]) -> float:
    """How much of its scale an axis shows."""
    return ticks[-1] - ticks[0]


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def column_name(column: int) -> str:
    """The letters of a column, counted from 0."""
    said = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        said = chr(65 + left) + said
    return said


def interval_column(plot: Plot, k: int) -> int:
    """The first column of a series' interval: right of all numbers."""
    before = sum(one.has_intervals for one in plot.series[:k])
    return 1 + len(plot.series) + 4 * before
