"""The marks of a drawing as artists of matplotlib: for a picture, or beside other artists.

A drawing becomes SVG without them. Where matplotlib draws it, as a PNG or with what somebody
added, words keep the room that was measured for them: no reader's font is known when a drawing
is laid out, and the only one that matplotlib brings along is wider than most.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from cxkit.report.figures.drawing import Letters, Shape
from cxkit.report.figures.lettering import text_width

__all__ = ["FAMILIES", "artist"]

FAMILIES = ("Arial", "Liberation Sans", "Helvetica", "Noto Sans")
"""The families that words are drawn in, the first that the system has; DejaVu Sans if none."""

_ALWAYS = "DejaVu Sans"
_NARROWED = {_ALWAYS: 0.88}
"""How much smaller a family is set, so that most words need no narrowing of their own."""

_ANCHORS = {"start": "left", "middle": "center", "end": "right"}
_BOLD = 600
_DASHES = (0, (3, 3))
_HALO = 4.0


def artist(mark: Shape | Letters, units: Any, colours: Mapping[str, str], place: int) -> Artist:
    """A mark in these colours, `place` marks above the paper; its id says what SVG cannot."""
    made = _words(mark, colours) if isinstance(mark, Letters) else _patch(mark, colours)
    made.set_transform(units)
    made.set_zorder(place)
    return made


def _patch(mark: Shape, colours: Mapping[str, str]) -> Artist:
    return PathPatch(
        Path(mark.points, mark.codes),
        facecolor=colours[mark.fill] if mark.fill else "none",
        edgecolor=colours[mark.stroke] if mark.stroke else "none",
        linewidth=mark.weight if mark.stroke else 0,
        linestyle=_DASHES if mark.dashed else "solid",
        alpha=mark.alpha if mark.alpha < 1 else None,
        fill=mark.fill is not None,
        joinstyle="round",
        gid=mark.name or None,
    )


def _words(mark: Letters, colours: Mapping[str, str]) -> Artist:
    made = _Label(
        mark.x,
        mark.y,
        mark.text,
        color=colours[mark.role],
        fontsize=mark.size,
        fontweight=_BOLD if mark.bold else "normal",
        ha=_ANCHORS[mark.anchor],
        va="baseline",
        parse_math=False,
        usetex=False,
        gid=f"{mark.name}~{mark.halo}~{'follows' if mark.follows else ''}",
    )
    made.size = mark.size
    made.room = text_width(mark.text, mark.size, is_bold=mark.bold)
    made.surface = colours[mark.halo] if mark.halo else None
    return made


class _Label(Text):
    """Words that stand where they are put, and keep to their room whatever the font."""

    size: float
    room: float
    surface: str | None

    def draw(self, renderer: Any) -> None:
        """As text in SVG, where no font is opened; else in a font of this system."""
        if isinstance(getattr(renderer, "_renderer", renderer), RendererSVG):
            self._write(renderer)
            return
        self._dress(renderer)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            super().draw(renderer)

    def _write(self, renderer: Any) -> None:
        graphics = renderer.new_gc()
        graphics.set_foreground(self.get_color())
        x, y = self.get_transform().transform(self.get_unitless_position())
        _, height = renderer.get_canvas_width_height()
        renderer.open_group("text", self.get_gid())
        renderer.draw_text(
            graphics, x, height - y, self.get_text(), self.get_fontproperties(), 0, mtext=self
        )
        renderer.close_group("text")
        graphics.restore()

    def _dress(self, renderer: Any) -> None:
        """Take a family of this system and the size at which the words keep to their room."""
        family = _family()
        self.set_fontfamily([*dict.fromkeys((family, _ALWAYS))])
        if self.get_fontweight() == _BOLD:
            self.set_fontweight("bold")
        size = self.size * _NARROWED.get(family, 1.0)
        self.set_fontsize(size)
        if self.surface:
            self.set_path_effects([withStroke(linewidth=_HALO, foreground=self.surface)])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            wide, _, _ = renderer.get_text_width_height_descent(
                self.get_text(), self.get_fontproperties(), False
            )
        room = renderer.points_to_pixels(self.room)
        if wide > room:
            self.set_fontsize(size * room / wide)


@cache
def _family() -> str:
    """The first of the families that this system has."""
    from matplotlib.font_manager import fontManager

    known = {one.name for one in fontManager.ttflist}
    return next((one for one in FAMILIES if one in known), _ALWAYS)
