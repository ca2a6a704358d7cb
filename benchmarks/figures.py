"""Each figure against the same drawing in bare matplotlib: same marks, same words, same size.

Ours goes from records to the text of an SVG for a page. Theirs takes the marks as they lie, the
corners of each shape and the place of each text, puts an artist of matplotlib for each of them on
a figure of the same size, and saves it as SVG with text as text. Contenders take turns within
each round, so that a slow minute of the machine is slow for both.

    python benchmarks/figures.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import matplotlib
from _commands import here
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

import cxkit as cx
from cxkit.report import figures
from cxkit.report.figures.drawing import INKS, Drawing, Shape
from cxkit.report.finding import Finding
from cxkit.report.shown import Shown
from cxkit.wording import Words

TARGET = 2.0
"""What a figure may take of the time of the same drawing in bare matplotlib."""

_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def main() -> int:
    """Measure, print the table and the largest ratio; fail where it is beyond the target."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="drawings of each contender")
    rounds = parser.parse_args().rounds

    print(f"figures of the demo; {here()}; median of {rounds} rounds, milliseconds of CPU")
    print(f"{'':22}{'marks':>7}{'cxkit':>9}{'bare':>9}{'ratio':>8}")
    ratios = {name: _compared(name, draw, rounds) for name, draw in _figures().items()}
    slowest = max(ratios, key=lambda name: ratios[name])
    print(f"the slowest, {slowest}, takes {ratios[slowest]:.2f} of bare matplotlib, bound {TARGET}")
    return int(ratios[slowest] > TARGET)


def _compared(name: str, draw: Callable[[], Drawing], rounds: int) -> float:
    """The ratio of one figure, its row printed."""
    marks = draw()
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(-1, rounds):  # the first round warms caches and is not kept
        pair = (_timed(lambda: figures.svg(draw(), name)), _timed(lambda: _bare(marks)))
        if number >= 0:
            ours.append(pair[0])
            theirs.append(pair[1])
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"{name:22}{len(marks.marks):7}{statistics.median(ours):9.1f}"
        f"{statistics.median(theirs):9.1f}{ratio:8.2f}"
    )
    return ratio


def _figures() -> dict[str, Callable[[], Drawing]]:
    """Every figure as the report draws it, wide and narrow, and one of a table of comparisons."""
    survey = cx.load("demo").latest
    found = (
        one
        for section in (cx.pyramid, cx.items, cx.journey, cx.level_by_stage, cx.links)
        for one in section.findings(survey)
    )
    more = (one for part in (cx.priorities, cx.change) for one in part.findings(survey))
    drawn = {one.figure: one for one in (*found, *more) if one.figure}
    made = {
        f"{name}, {'narrow' if narrow else 'wide'}": _drawing_of(one, narrow=narrow)
        for name, one in drawn.items()
        for narrow in (False, True)
    }
    regions = cx.compare(survey, "score_100", of="levels", by="region").published()
    words = Words("id", survey.context())
    return made | {
        "forest, wide": lambda: figures.forest(regions, words=words),
        "forest, narrow": lambda: figures.forest(regions, words=words, narrow=True),
    }


def _drawing_of(finding: Finding, *, narrow: bool) -> Callable[[], Drawing]:
    shown = Shown(finding.to_dict(), Words("id", finding.context))
    return lambda: shown.figure(narrow=narrow)


def _timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _bare(drawing: Drawing) -> str:
    """The same marks and words as artists of matplotlib, saved as SVG."""
    made = Figure(figsize=(drawing.width / 72, drawing.height / 72), dpi=72)
    down = Affine2D().scale(1, -1).translate(0, drawing.height).scale(1 / 72)
    units = down + made.dpi_scale_trans
    for place, mark in enumerate(drawing.marks):
        if isinstance(mark, Shape):
            shape = PathPatch(
                Path(mark.points, mark.codes),
                facecolor=INKS[mark.fill] if mark.fill else "none",
                edgecolor=INKS[mark.stroke] if mark.stroke else "none",
                linewidth=mark.weight if mark.stroke else 0,
                linestyle="dashed" if mark.dashed else "solid",
                alpha=mark.alpha,
                transform=units,
                zorder=place,
            )
            made.add_artist(shape)
            continue
        made.text(
            mark.x,
            mark.y,
            mark.text,
            color=INKS[mark.role],
            fontsize=mark.size,
            fontweight="bold" if mark.bold else "normal",
            ha=_ANCHORS[mark.anchor],
            transform=units,
            zorder=place,
            parse_math=False,
        )
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        made.savefig(buffer, format="svg")
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
