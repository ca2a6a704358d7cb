"""Maps as native charts: crosses on two axes of values, each with its name beside it."""

from __future__ import annotations

from collections.abc import Iterator

from cxkit.report.beside.deck.charts.chart_xml import (
    NO_LEADERS,
    QUIET,
    SHEET,
    TEXT,
    TICKS,
    TITLE,
    Box,
    ChartXml,
    cache,
    moved,
    number_format,
    span,
)
from cxkit.report.beside.deck.charts.values import Cross, Map
from cxkit.report.figures.labels import Spot, place
from cxkit.report.figures.lettering import text_width, wrap

__all__ = ["MapXml", "cross_name"]

_MOST_NAME = 250.0

_DIAGONAL = 11.0
"""How far above or below its cross the middle of a name stands."""


class MapXml(ChartXml):
    """Writes maps."""

    def map_box(self) -> Box:
        """The field of a map, in points."""
        return Box(52.0, 6.0, self.width - 68, self.height - 6 - TICKS - TITLE)

    def area(self, chart: Map) -> str:
        """The plot area: the crosses and both axes."""
        box = self.map_box()
        spots = self._spots(chart, box)
        series = "".join(
            self._cross(k, one, spot) for k, (one, spot) in
            enumerate(zip(chart.crosses, spots, strict=True))
        )  # fmt: skip
        body = (
            '<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>'
            f'{series}<c:axId val="1"/><c:axId val="2"/></c:scatterChart>'
        )
        x, y = chart.meet or (chart.across[0], chart.up[0])
        axes = [
            self.value_axis(own, other, side, ticks, number_format(unit, ticks=ticks), name,
                             at, is_dashed=chart.meet is not None,
                between="midCat")
            for own, other, side, ticks, unit, name, at in (
                ("1", "2", "b", chart.across, chart.units[0], chart.axes[0], y),
                ("2", "1", "l", chart.up, chart.units[1], chart.axes[1], x),
            )
        ]  # fmt: skip
        return self.layout(box) + body + "".join(axes)

    def _cross(self, k: int, cross: Cross, spot: Spot) -> str:
        row = 3 * k + 1
        marker = self.dot(cross.role, 9)
        ink = "bad-ink" if cross.role == "bad" else "ink"
        side, down = spot.anchor[0], _DIAGONAL if spot.anchor[1] == "b" else -_DIAGONAL
        shown = (
            f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
            f"{self.label_text(TEXT, ink, bold=True)}"
            f'<c:dLblPos val="{side}"/><c:showLegendKey val="0"/><c:showVal val="0"/>'
            '<c:showCatName val="0"/><c:showSerName val="1"/><c:showPercent val="0"/>'
            '<c:showBubbleSize val="0"/>'
        )
        place_of = moved(0.0, down / self.height)
        own = f'<c:dLbl><c:idx val="0"/>{place_of}{shown}</c:dLbl>'
        label = f"<c:dLbls>{own}{shown}{NO_LEADERS}</c:dLbls>"
        errors = "".join(
            self.error_bars([one], (f"${minus}${row + 1}", f"${plus}${row + 1}"), cross.role, axis)
            for one, axis, minus, plus in ((cross.across, "x", "E", "F"), (cross.up, "y", "I", "J"))
        )
        ends = "".join(
            f"<c:{tag}><c:numRef><c:f>{SHEET}!${column}${row + 1}</c:f>"
            f"{cache([one.value])}</c:numRef></c:{tag}>"
            for tag, column, one in (("xVal", "A", cross.across), ("yVal", "B", cross.up))
        )
        return (
            f'<c:ser><c:idx val="{k}"/><c:order val="{k}"/>'
            f"{self.name_of(cross_name(cross), 'B', row)}"
            f"<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{marker}{label}{errors}{ends}"
            '<c:smooth val="0"/></c:ser>'
        )

    def _spots(self, chart: Map, box: Box) -> list[Spot]:
        """Where each name stands beside its cross, so that names keep off each other and off it."""
        spots, whiskers, dots = [], [], list(self._corner_boxes(chart, box))
        for cross in chart.crosses:
            x, y, (left, right), (top, bottom) = _place_in(cross, chart, box)
            width, height = text_width(cross_name(cross), TEXT, is_bold=True) + 6, TEXT * 1.2
            mine = []
            for cost, side in enumerate(("rt", "lt", "rb", "lb")):
                start = x + 6 if side[0] == "r" else x - 6 - width
                end = y - 3 - height if side[1] == "t" else y + 3
                mine.append(Spot((start, end, start + width, end + height), side, 0.1 * cost))
            spots.append(mine)
            whiskers += [(left, y - 1, right, y + 1), (x - 1, top, x + 1, bottom)]
            dots.append((x - 5, y - 5, x + 5, y + 5))
        within = (box.left, box.top, box.left + box.width, box.top + box.height)
        found = place(spots, [*dots, *whiskers], within) or place(spots, dots, within)
        return found or place(spots, (), within) or [mine[0] for mine in spots]

    def _corner_boxes(self, chart: Map, box: Box) -> Iterator[tuple[float, float, float, float]]:
        """What the names of the quadrants take of the field."""
        for k, name in enumerate(chart.corners):
            width = text_width(name, QUIET, is_bold=True) + 10
            left = box.left if k % 2 == 0 else box.left + box.width - width
            top = box.top if k < 2 else box.top + box.height - 20
            yield left, top, left + width, top + 20


def cross_name(cross: Cross) -> str:
    """The name of a cross, short enough to stand beside it, in a line that nothing parts."""
    (line,) = wrap(cross.name, _MOST_NAME, TEXT, is_bold=True, lines=1)
    return line


def _place_in(
    cross: Cross, chart: Map, box: Box
) -> tuple[float, float, tuple[float, float], tuple[float, float]]:
    """Where a cross lies in a chart, in points, and where its wings and its stem end."""
    across, up = chart.across, chart.up

    def x_of(value: float) -> float:
        return box.left + (value - across[0]) / span(across) * box.width

    def y_of(value: float) -> float:
        return box.top + (up[-1] - value) / span(up) * box.height

    x, y = cross.across.value or 0.0, cross.up.value or 0.0
    wings = tuple(x_of(x if end is None else end) for end in (cross.across.low, cross.across.high))
    stem = tuple(y_of(y if end is None else end) for end in (cross.up.high, cross.up.low))
    return x_of(x), y_of(y), (wings[0], wings[1]), (stem[0], stem[1])
