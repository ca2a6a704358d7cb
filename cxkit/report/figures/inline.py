"""Inline SVG: a Figure as a small piece of a page, in roles instead of colours, always the same.

matplotlib writes a file; a page needs a part. Here the file loses what belongs to files (prolog,
metadata, style sheet, size) and what would differ between two drawings (dates, random ids), its
colours become roles, and its ids take the figure's key as a prefix.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.path import Path

from cxkit.report.figures.drawing import GAP, INKS, ROLES, TEXT, Drawing, Letters, Shape

__all__ = ["svg"]

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_ROLE_OF = {ink: role for role, ink in INKS.items()} | {"#000000": "ink"}
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = {"metadata", "style", "title"}
_FONT = {"font-family", "font", "font-variant", "font-stretch", "text-rendering"}
_DEFAULTS = {
    "font-size": f"{TEXT}px",
    "font-weight": "400",
    "font-style": "normal",
    "text-anchor": "start",
    "stroke-dashoffset": "0",
    "stroke-width": "1",
}
_LETTERS: dict[Any, tuple[str, int]] = {
    Path.MOVETO: ("M", 0),
    Path.LINETO: ("L", 0),
    Path.CURVE3: ("Q", 1),
    Path.CURVE4: ("C", 2),
}
"""How path data call each code of matplotlib, and how many more corners it takes."""

_ROOT_STYLE = f"font-size:{TEXT}px;stroke-linejoin:round;fill:var(--ink,{ROLES['ink']})"


def svg(fig: Figure, key: str) -> str:
    """A figure as SVG to put into a page: the same bytes each time.

    Words stay words (`<text>`), each colour of a role becomes `var(--role,#light)`, every id
    begins with `key-`; there is no size but the viewBox, no font, no style sheet, no date.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure of this package, or any other; its points become pixels.
    key : str
        The figure's key on the page.

    Returns
    -------
    str
        One `<svg>` element.
    """
    prefix = re.sub(r"[^A-Za-z0-9_-]+", "-", key)
    if isinstance(fig, Drawing) and fig.is_of_marks:
        return _of_marks(fig)
    return _of_file(fig, prefix)


def _of_marks(drawing: Drawing) -> str:
    """A drawing of this package, written mark by mark: what `_of_file` makes of it, and sooner."""
    width, height = (_number(float(f"{side:.6f}")) for side in (drawing.width, drawing.height))
    parts = [f'<svg viewBox="0 0 {width} {height}" style="{_ROOT_STYLE}">']
    for mark in drawing.marks:
        if isinstance(mark, Shape):
            _write_shape(mark, parts)
        else:
            _write_letters(mark, parts)
    parts.append("</svg>")
    return "".join(parts)


def _write_shape(shape: Shape, parts: list[str]) -> None:
    style = _shape_style(shape.fill, shape.stroke, shape.weight, shape.alpha, shape.dashed)
    attributes = f' d="{_steps(shape)}" style="{style}"'
    if not _merged(parts, attributes):
        parts += [f"<path{attributes}", "/>"]


def _steps(shape: Shape) -> str:
    """The corners of a shape as path data."""
    written, left = [], 0
    for code, (x, y) in zip(shape.codes, shape.points, strict=True):
        if code == Path.CLOSEPOLY:
            written.append("z")
            continue
        if left:  # a curve goes on
            written.append(f" {_place(x)} {_place(y)}")
            left -= 1
            continue
        letter, left = _LETTERS[code]
        written.append(f"{letter}{_place(x)} {_place(y)}")
    return "".join(written)


def _write_letters(letters: Letters, parts: list[str]) -> None:
    style = _letters_style(letters.role, letters.size, letters.bold, letters.anchor)
    if letters.follows and _join(style, letters.text, parts):
        return
    own = _style(style)
    opening = f'<text style="{own}"' if own else "<text"
    place = f' x="{_place(letters.x)}" y="{_place(letters.y)}"'
    parts += [opening + place, f">{escape(letters.text)}", "</text>"]
    if letters.halo:
        _add_halo(parts, letters.halo)


@cache
def _shape_style(
    fill: str | None, stroke: str | None, weight: float, alpha: float, dashed: bool
) -> str:
    """What matplotlib says of such a shape, in roles."""
    said = [f"fill:{INKS[fill] if fill else 'none'}"]
    if alpha < 1:
        said.append(f"opacity:{alpha}")
    if dashed:
        said.append(f"stroke-dasharray:{_number(3 * weight)},{_number(3 * weight)}")
    if stroke:
        said += [f"stroke:{INKS[stroke]}", f"stroke-width:{_number(weight)}"]
    return _style(";".join(said))


@cache
def _letters_style(role: str, size: float, bold: bool, anchor: str) -> str:
    """What matplotlib says of such words."""
    weight = "font-weight:600;" if bold else ""
    return f"{weight}font-size:{_number(size)}px;text-anchor:{anchor};fill:{INKS[role]}"


def _place(value: float) -> str:
    """A coordinate, with the six decimals of matplotlib's file first."""
    return _rounded(f"{value:.6f}".rstrip("0").rstrip("."))


def _of_file(fig: Figure, prefix: str) -> str:
    """Any figure, from the file that matplotlib writes of it."""
    root = ElementTree.fromstring(_as_file(fig, prefix))
    used = _references(root)
    box = " ".join(_number(float(part)) for part in root.attrib["viewBox"].split())
    parts = [f'<svg viewBox="{box}" style="{_ROOT_STYLE}">']
    for child in root:
        _write(child, parts, prefix, used)
    parts.append("</svg>")
    return "".join(parts)


def _as_file(fig: Figure, salt: str) -> str:
    canvas, buffer = fig.canvas, io.StringIO()
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": salt, "svg.id": None}
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context(settings):
        FigureCanvasSVG(fig).print_svg(buffer, metadata=nothing)
    fig.set_canvas(canvas)
    return buffer.getvalue()


def _references(root: ElementTree.Element) -> set[str]:
    """The ids that something in the drawing points at."""
    used = set()
    for element in root.iter():
        for value in element.attrib.values():
            used.update(_REFERENCE.findall(value))
        link = element.attrib.get(f"{_XLINK}href", "")
        if link.startswith("#"):
            used.add(link[1:])
    return used


def _write(element: ElementTree.Element, parts: list[str], prefix: str, used: set[str]) -> None:
    tag = _tag(element)
    if tag in _DROPPED:
        return
    gid = element.get("id", "")
    if tag == "g" and gid.endswith("~follows") and _follow(element[0], parts):
        return
    attributes = _attributes(element, prefix, used)
    if tag == "path" and _merged(parts, attributes):
        return
    if tag in ("g", "defs") and all(_tag(child) in _DROPPED for child in element):
        return
    is_bare = tag == "g" and not attributes
    halo = gid.split("~")[1] if tag == "g" and gid.count("~") == 2 else ""
    if not is_bare:
        parts.append(f"<{tag}{attributes}")
        text = element.text if tag in ("text", "tspan") else None
        if text is None and not len(element):
            parts.append("/>")
            return
        parts.append(f">{escape(text or '')}")
    for child in element:
        _write(child, parts, prefix, used)
    if not is_bare:
        parts.append(f"</{tag}>")
    if halo:
        _add_halo(parts, halo)


_PATH = re.compile(r' d="([^"]*)" style="([^"]*)"')


def _merged(parts: list[str], attributes: str) -> bool:
    """Let a path join the path just written if both look alike; whether it did."""
    if len(parts) < 2 or parts[-1] != "/>" or not parts[-2].startswith("<path"):
        return False
    here, before = _PATH.fullmatch(attributes), _PATH.fullmatch(parts[-2][len("<path") :])
    if here is None or before is None or here[2] != before[2] or "opacity" in here[2]:
        return False
    parts[-2] = f'<path d="{before[1]}{here[1]}" style="{here[2]}"'
    return True


def _tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(_SVG)


def _follow(words: ElementTree.Element, parts: list[str]) -> bool:
    """Put these words behind the words just written; False if there are none."""
    return _join(words.get("style", ""), words.text or "", parts)


def _join(style: str, text: str, parts: list[str]) -> bool:
    """Put words behind the words just written; False if there are none."""
    if not parts or parts[-1] != "</text>":
        return False
    if "font-weight" not in style:
        style = f"font-weight:400;{style}"
    nested = _style(style, is_nested=True)
    parts[-1] = f'<tspan dx="{GAP}" style="{nested}">{escape(text)}</tspan></text>'
    return True


def _add_halo(parts: list[str], surface: str) -> None:
    """Let the words just written keep lines off with a rim of the surface they stand on."""
    start = len(parts) - 1
    while not parts[start].startswith("<text"):
        start -= 1
    rim = f"paint-order:stroke;stroke:var(--{surface},{ROLES[surface]});stroke-width:4px"
    opening = parts[start]
    if ' style="' in opening:
        parts[start] = opening.replace(' style="', f' style="{rim};', 1)
    else:
        parts[start] = f'{opening} style="{rim}"'


def _attributes(element: ElementTree.Element, prefix: str, used: set[str]) -> str:
    written = []
    for name, value in element.attrib.items():
        name = name.removeprefix(_XLINK)
        if name == "id":
            if value not in used:
                continue
            value = f"{prefix}-{value}"
        elif name == "style":
            value = _style(value)
            if not value:
                continue
        elif name == "href" and value.startswith("#"):
            value = f"#{prefix}-{value[1:]}"
        elif name == "transform":
            value = _rounded(value)
            if re.fullmatch(r"(rotate\(-?0[^)]*\)|translate\(0 0\)|\s)*", value):
                continue
        elif name in ("target", "type"):
            continue
        else:
            value = _data(value) if name == "d" else _rounded(value)
        value = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
        written.append(f" {name}={quoteattr(value)}")
    return "".join(written)


def _style(style: str, *, is_nested: bool = False) -> str:
    """A style in roles, without fonts and without what is so anyway."""
    kept = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if not value or name in _FONT:
            continue
        if not is_nested and _is_default(name, value):
            continue
        kept.append(f"{name}:{_HEX.sub(_as_role, _rounded(value))}")
    return ";".join(kept)


def _is_default(name: str, value: str) -> bool:
    return _DEFAULTS.get(name) == value or (name == "fill" and _ROLE_OF.get(value.lower()) == "ink")


def _as_role(found: re.Match[str]) -> str:
    role = _ROLE_OF.get(found[0].lower())
    return f"var(--{role},{ROLES[role]})" if role else found[0]


def _data(path: str) -> str:
    return re.sub(r"\s*([MLQCzHVZ])\s*", r"\1", _rounded(path).replace("\n", " ")).strip()


def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda found: _number(float(found[0])), text)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
