"""Figures as files of their own, for a slide or a printer: SVG that stands alone, and PNG.

On a page a drawing takes the page's colours and font. A file has neither: here its roles become
the light colours of a theme, and it brings its size, its font and its paper along.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from cxkit.report.figures.drawing import ROLES, Drawing
from cxkit.report.figures.inline import svg
from cxkit.report.figures.lettering import clean
from cxkit.report.theme import Theme, theme_of

__all__ = ["png", "standalone"]

_SANS = "Arial, 'Liberation Sans', Helvetica, 'Noto Sans', sans-serif"
_MARGIN = 16
"""The paper around a drawing of this package, in drawing units: on a page that is the page's."""

_ROLE = re.compile(r"var\(--([a-z0-9-]+),(#[0-9a-fA-F]{6})\)")
_ROOT = re.compile(r'<svg viewBox="([^"]+)" style="([^"]*)">')
_RIM = re.compile(
    r'<text style="paint-order:stroke;stroke:(#[0-9a-fA-F]{6});stroke-width:4px;?([^"]*)"'
    r"([^>]*)>(.*?)</text>"
)


def standalone(fig: Figure, key: str, *, theme: Theme | None = None) -> str:
    """A figure as an SVG file: with its size, font, paper and light colours, the same each time.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure of this package, or any other. The `title` and the `alt` of a `Drawing` become
        the title and the description of the file.
    key : str
        Begins every id in the file, as in `svg`.
    theme : Theme, optional
        Whose light colours and sans are taken: those of the drawing's study if not given.

    Returns
    -------
    str
        The file, with its XML header.

    Examples
    --------
    >>> from cxkit.report.figures import Drawing
    >>> drawing = Drawing(343)
    >>> drawing.bar(0, 0, 10, 10, "good")
    >>> standalone(drawing.finish(20), "mine").count("#0173b2")
    1
    """
    colours = _colours(fig, theme)
    drawn = _ROLE.sub(lambda found: colours.get(found[1], found[2]), svg(fig, key))
    drawn = _RIM.sub(_rimmed, drawn)
    root = _ROOT.match(drawn)
    assert root is not None, "svg() writes a root of its own"
    left, top, width, height = map(float, root[1].split())
    margin = _margin(fig)
    size = [f"{side + 2 * margin:g}" for side in (width, height)]
    prefix = re.sub(r"[^A-Za-z0-9_-]+", "-", key)
    title = clean(getattr(fig, "title", "")) or prefix
    said = clean(getattr(fig, "alt", ""))
    told = f'<title id="{prefix}-title">{escape(title)}</title>'
    names = f"{prefix}-title"
    if said:
        told += f'<desc id="{prefix}-alt">{escape(said)}</desc>'
        names += f" {prefix}-alt"
    font = quoteattr(f"font-family:{_sans(fig, theme)};{root[2]}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" role="img" aria-labelledby="{names}" style={font}>'
        f'{told}<rect width="{size[0]}" height="{size[1]}" style="fill:{colours["paper"]}"/>'
        f'<g transform="translate({margin - left:g} {margin - top:g})">'
        f"{drawn[root.end() :].removesuffix('</svg>')}</g></svg>\n"
    )


def png(fig: Figure, *, theme: Theme | None = None, scale: float = 2) -> bytes:
    """A figure as a PNG on paper, the same bytes each time on one machine.

    Words are set in the first of Arial, Liberation Sans, Helvetica and Noto Sans that the system
    has, else in matplotlib's own font; none is wider than the room that was measured for it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure of this package, or any other.
    theme : Theme, optional
        Whose light colours are taken: those of the drawing's study if not given.
    scale : float, default 2
        Pixels per drawing unit: a wide figure with its paper is 1,632 pixels wide.

    Returns
    -------
    bytes
    """
    colours, buffer = _colours(fig, theme), io.BytesIO()
    if isinstance(fig, Drawing) and fig.is_of_marks:
        fig = _painted(fig, colours)
    fig.savefig(
        buffer,
        format="png",
        dpi=72 * scale,
        facecolor=colours["paper"],
        metadata={"Software": None},
    )
    return buffer.getvalue()


def _painted(drawing: Drawing, colours: Mapping[str, str]) -> Figure:
    """The same marks in these colours, as a figure of matplotlib."""
    from cxkit.report.figures.artists import artist

    margin = _margin(drawing)
    width, height = (side + 2 * margin for side in (drawing.width, drawing.height))
    made = Figure(figsize=(width / 72, height / 72), dpi=72)
    down = Affine2D().scale(1, -1).translate(margin, height - margin).scale(1 / 72)
    units = down + made.dpi_scale_trans
    for place, mark in enumerate(drawing.marks):
        made.add_artist(artist(mark, units, colours, place))
    return made


def _rimmed(found: re.Match[str]) -> str:
    """Words on a rim of their surface as two texts: not every program paints a stroke first."""
    surface, own, place, words = found.groups()
    rim = f"fill:{surface};stroke:{surface};stroke-width:4px"
    kept = ";".join(one for one in own.split(";") if one and not one.startswith("fill:"))
    style = f' style="{own}"' if own else ""
    return (
        f'<text aria-hidden="true" style="{";".join(filter(None, (kept, rim)))}"{place}>'
        f"{words}</text><text{style}{place}>{words}</text>"
    )


def _margin(fig: Figure) -> float:
    return _MARGIN if isinstance(fig, Drawing) else 0


def _theme(fig: Figure, theme: Theme | None) -> Theme:
    """The theme that was asked for, else that of the study that a drawing is of."""
    return theme if theme is not None else theme_of(getattr(fig, "context", {}))


def _colours(fig: Figure, theme: Theme | None) -> Mapping[str, str]:
    light = _theme(fig, theme).light
    return {role: light.get(role, colour) for role, colour in ROLES.items()}


def _sans(fig: Figure, theme: Theme | None) -> str:
    """The families of the theme; where it names none, those that office programs have too."""
    sans = _theme(fig, theme).sans
    return _SANS if sans == theme_of({}).sans else sans.replace('"', "'")
