"""Drawing: a matplotlib Figure in units of the page (1 unit = 1 px, y downwards) and in roles.

A figure asks a `Drawing` for rectangles, lines and words by role, not by colour. The drawing
remembers what it drew and where (`drawn`), so that a figure can be tested by its positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from cxkit import display as show
from cxkit.library.theme import ON_A_STEP, kit_colours
from cxkit.report.figures.lettering import clean, text_width, wrap

__all__ = [
    "GAP",
    "INKS",
    "KEY",
    "NARROW",
    "QUIET",
    "ROLES",
    "TEXT",
    "WIDE",
    "Drawing",
    "Drawn",
    "Letters",
    "Shape",
    "Style",
]

WIDE, NARROW = 784, 343
GAP = 8
TEXT, QUIET, KEY = 13, 12, 20
"""Sizes of words: ordinary, quiet, and the key number."""


def _beside(colour: str) -> str:
    """The next colour, which no eye tells from it."""
    return f"#{int(colour[1:], 16) + 1:06x}"


ROLES = {role: one for role, one in kit_colours("light").items() if role not in ON_A_STEP}
"""Each role of the page with its colour in the light scheme."""

INKS = {**ROLES, "l1": _beside(ROLES["bad"]), "l5": _beside(ROLES["good"])}
"""What a role is drawn in: its light colour, told apart where two roles share one."""

Style = dict[str, Any]
"""How words stand: the keyword arguments of `Drawing.words`."""

Point = tuple[float, float]

_HATCH_STEP = 7
_PILL = 0.38
_CIRCLE: Any = Path.unit_circle()
_ROUND: list[Point] = [(x, y) for x, y in _CIRCLE.vertices.tolist()]
_ROUND_CODES = tuple(_CIRCLE.codes.tolist())


@dataclass(frozen=True)
class Drawn:
    """One thing that was drawn: its name, kind, box in drawing units, role, and its words."""

    name: str
    kind: str
    left: float
    top: float
    right: float
    bottom: float
    role: str
    text: str = ""

    @property
    def middle(self) -> float:
        """The horizontal middle of the box."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Shape:
    """A mark of lines: its corners in drawing units, matplotlib's codes for them, and its ink."""

    points: Sequence[Point]
    codes: Sequence[Any]
    fill: str | None = None
    stroke: str | None = None
    weight: float = 1
    alpha: float = 1
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True)
class Letters:
    """A mark of words: where they are anchored and how they look (see `Drawing.words`)."""

    x: float
    y: float
    text: str
    role: str
    size: float
    bold: bool
    anchor: str
    halo: str
    follows: bool
    name: str


class Drawing(Figure):
    """A figure that is drawn top down and then cut to its height with `finish`.

    Parameters
    ----------
    width : float
        The width in drawing units: 784 for a wide page, 343 for a phone.

    Attributes
    ----------
    title : str
        What it is called where it stands alone; nothing if nobody said.
    context : mapping
        The study it is of: its colours among others.
    """

    def __init__(self, width: float) -> None:
        super().__init__(figsize=(width / 72, 1), dpi=72, frameon=False)
        self.width = width
        self.title = ""
        self.context: Mapping[str, Any] = {}
        self._alt: Callable[[], str] = str
        self.drawn: list[Drawn] = []
        self.marks: list[Shape | Letters] = []
        self._n_artists = 0
        self._cut = Affine2D()
        self._units = self._cut + self.dpi_scale_trans
        FigureCanvasSVG(self)

    def finish(self, height: float) -> Drawing:
        """Cut the paper at `height`; nothing moves."""
        self.set_size_inches(self.width / 72, height / 72)
        self._cut.clear().scale(1 / 72, -1 / 72).translate(0, height / 72)
        return self

    def is_of(self, context: Mapping[str, Any], alt: Callable[[], str]) -> None:
        """Let it know its study, and how to find the sentence that stands for it."""
        self.context, self._alt = context, alt

    @property
    def alt(self) -> str:
        """The sentence that stands for it, for those who cannot see it; nothing if it has none."""
        return self._alt()

    @property
    def is_of_marks(self) -> bool:
        """Whether it holds nothing but its marks: no axes or words that somebody put into it."""
        return len(self.get_children()) == 1 + self._n_artists

    def draw(self, renderer: Any) -> None:
        """Draw it as matplotlib does: its marks become artists when they are first wanted."""
        from cxkit.report.figures.artists import artist

        for place, mark in enumerate(self.marks[self._n_artists :], start=self._n_artists):
            self.add_artist(artist(mark, self._units, INKS, place))
        self._n_artists = len(self.marks)
        super().draw(renderer)

    @property
    def height(self) -> float:
        """The height in drawing units."""
        return float(self.get_figheight() * 72)

    def find(self, name: str) -> Drawn:
        """The thing drawn under `name`; KeyError if there is none."""
        for one in self.drawn:
            if one.name == name:
                return one
        raise KeyError(name)

    # -- marks -------------------------------------------------------------------------------

    def area(
        self, points: Sequence[tuple[float, float]], role: str, *, name: str = "", alpha: float = 1
    ) -> None:
        """A filled shape with these corners."""
        codes = (Path.MOVETO, *[Path.LINETO] * (len(points) - 1), Path.CLOSEPOLY)
        self._put(Shape([*points, points[0]], codes, role, alpha=alpha, name=name), "area")

    def bar(
        self, left: float, top: float, right: float, bottom: float, role: str, *, name: str = ""
    ) -> None:
        """A filled rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.area(corners, role, name=name)

    def pill(
        self, left: float, top: float, right: float, bottom: float, role: str, *, name: str = ""
    ) -> None:
        """An interval: a pale bar with softened corners."""
        r = min(2.0, (right - left) / 2, (bottom - top) / 2)
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        steps = [(r, 0), (0, r), (-r, 0), (0, -r)]
        vertices: list[tuple[float, float]] = []
        codes: list[Any] = []
        for (x, y), (out_x, out_y), (in_x, in_y) in zip(
            corners, steps, [steps[-1], *steps[:-1]], strict=True
        ):
            vertices += [(x - in_x, y - in_y), (x, y), (x + out_x, y + out_y)]
            codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
        codes[0] = Path.MOVETO
        shape = Shape(
            [*vertices, vertices[0]], [*codes, Path.CLOSEPOLY], role, alpha=_PILL, name=name
        )
        self._put(shape, "pill")

    def line(
        self,
        points: Sequence[tuple[float, float]],
        role: str = "line",
        *,
        name: str = "",
        weight: float = 1,
        dashed: bool = False,
    ) -> None:
        """A line through these points."""
        codes = (Path.MOVETO, *[Path.LINETO] * (len(points) - 1))
        shape = Shape(points, codes, None, role, weight, dashed=dashed, name=name)
        self._put(shape, "line")

    def dot(self, x: float, y: float, role: str, *, name: str = "", radius: float = 4.2) -> None:
        """A filled circle with a rim of paper: an estimate on a line."""
        self._put(_circle(x, y, radius, role, "paper", name), "dot")

    def ring(self, x: float, y: float, *, name: str = "", radius: float = 4.2) -> None:
        """A hollow circle: an earlier wave."""
        self._put(_circle(x, y, radius, "paper", "data", name), "ring")

    def hatch(
        self, left: float, top: float, right: float, bottom: float, *, name: str = ""
    ) -> None:
        """A hatched field: there is no number here."""
        self.bar(left, top, right, bottom, "wash", name=name)
        vertices: list[tuple[float, float]] = []
        reach = int((right - left) + (bottom - top))
        for step in range(_HATCH_STEP, reach, _HATCH_STEP):
            from_x, from_y = left, top + step
            to_x, to_y = left + step, top
            if from_y > bottom:
                from_x, from_y = left + (from_y - bottom), bottom
            if to_x > right:
                to_x, to_y = right, top + (to_x - right)
            vertices += [(from_x, from_y), (to_x, to_y)]
        if not vertices:  # the field is smaller than the distance between two lines
            return
        codes = [Path.MOVETO, Path.LINETO] * (len(vertices) // 2)
        self._put(Shape(vertices, codes, None, "soft", alpha=0.45), "hatch")

    # -- words -------------------------------------------------------------------------------

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        role: str = "ink",
        size: float = TEXT,
        bold: bool = False,
        anchor: str = "start",
        halo: str = "",
        follows: bool = False,
        name: str = "",
    ) -> None:
        """A line of words with its baseline at `y`.

        `halo` is the surface role that keeps lines off the words; `follows` lets these words
        stand 8 units behind the words before them, however wide the reader's font sets those.
        """
        text = clean(text)
        if not text:
            return
        width = text_width(text, size, is_bold=bold)
        if follows:
            before = self.drawn[-1]
            x = before.left + 1.1 * (before.right - before.left) + GAP
        self.marks.append(Letters(x, y, text, role, size, bold, anchor, halo, follows, name))
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = (left, y - 0.74 * size, left + width, y + 0.22 * size)
        self.drawn.append(Drawn(name, "words", *box, role, text))

    def stack(
        self, x: float, y: float, lines: Iterable[str], *, leading: float = 16, **style: Any
    ) -> float:
        """Several lines of words under each other; the baseline that the next line would take."""
        name = style.pop("name", "")
        for count, text in enumerate(lines):
            self.words(x, y, text, name=name if count == 0 else "", **style)
            y += leading
        return y

    def legend_of(
        self,
        entries: Sequence[tuple[str, str]],
        left: float,
        y: float,
        width: float,
        *,
        leading: float = 20,
    ) -> float:
        """Keys with their words, in as many rows as they need; the baseline of the last row.

        An entry is (mark, words); the mark is `ring`, `tick`, `hatch`, a role for a square of it,
        or nothing for words alone.
        """
        x = left
        for mark, text in entries:
            sign = {"": 0, "ring": 16}.get(mark, 20)
            lines = wrap(text, width - sign, QUIET, lines=3)
            needs = sign + max(text_width(line, QUIET) for line in lines)
            if x > left and x + needs > left + width:
                x, y = left, y + leading
            self._key(mark, x, y)
            style: Style = {"role": "soft", "size": QUIET, "name": f"legend.{mark}"}
            y = self.stack(x + sign, y, lines, leading=15, **style) - 15
            x += needs + 18
        return y

    def _key(self, mark: str, x: float, y: float) -> None:
        if mark == "ring":
            self.ring(x + 5, y - 4)
        elif mark == "tick":
            self.pill(x, y - 9, x + 14, y + 1, "data")
            self.bar(x + 5.5, y - 12, x + 8.5, y + 4, "data")
        elif mark == "hatch":
            self.hatch(x, y - 11, x + 13, y + 2)
        elif mark:
            self.bar(x, y - 11, x + 13, y + 2, mark)

    # -- paper -------------------------------------------------------------------------------

    def _put(self, shape: Shape, kind: str) -> None:
        self.marks.append(shape)
        across, down = zip(*shape.points, strict=True)
        box = (float(min(across)), float(min(down)), float(max(across)), float(max(down)))
        self.drawn.append(Drawn(shape.name, kind, *box, shape.fill or shape.stroke or ""))

    # -- how it shows itself -------------------------------------------------------------------

    def _repr_svg_(self) -> str:
        """A file of its own."""
        from cxkit.report.figures.files import standalone

        return standalone(self, "drawing")

    def _repr_html_(self) -> str:
        """In the colours of the notebook's theme, as wide as the drawing at most."""
        from cxkit.report.figures.inline import svg

        told = f' role="img" aria-label="{escape(self.alt)}"' if self.alt else ""
        return show.box(
            f'<div style="max-width:{self.width:.0f}px"{told}>{svg(self, "drawing")}</div>'
        )

    def _ipython_display_(self) -> None:
        """Show the drawing alone; without this a notebook would keep a PNG of it too."""
        from IPython.display import display

        display({"text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)

    def __repr__(self) -> str:
        return f"Drawing({self.alt or f'{self.width:.0f} by {self.height:.0f}'})"


def _circle(x: float, y: float, radius: float, fill: str, stroke: str, name: str) -> Shape:
    points = [(radius * across + x, radius * down + y) for across, down in _ROUND]
    return Shape(points, _ROUND_CODES, fill, stroke, 1.5, name=name)
