"""What a trend draws: each measure over the waves, where its line breaks, and its axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.records import NAMED_METRICS, Comparison, Estimate
from cxkit.report.figures.parts import find, is_shown, nice_ticks, tone_of

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["Axis", "Line", "axis_of", "lines_of", "waves_of"]

_SCALES = {"points": (-100.0, 100.0), "score_100": (0.0, 100.0), "share": (0.0, 1.0)}
_LEAST = 0.2
_WHOLE = 0.55
"""An axis shows at least a fifth of its scale, and all of it where half would not do."""


@dataclass(frozen=True)
class Line:
    """One measure over the waves: a record a wave (None where there is none).

    `breaks` are the positions of waves that are not compared with the wave before; `change` is
    the last wave against an earlier one.
    """

    metric: str
    of: str
    points: tuple[Estimate | None, ...]
    breaks: frozenset[int] = frozenset()
    change: Comparison | None = None
    ends: tuple[float, float] | None = None
    target: float | None = None
    definition: str | None = None

    @property
    def key(self) -> str:
        """What the parts of its drawing are named after."""
        return f"{self.metric}.{self.of}"

    @property
    def unit(self) -> str:
        """The unit of its numbers."""
        return next((one.unit for one in self.points if one is not None), "score_100")

    @property
    def shown(self) -> list[int]:
        """The positions of the waves with a number."""
        return [k for k, one in enumerate(self.points) if is_shown(one)]

    def value(self, k: int) -> float:
        """The number of a wave, by its position; NaN where there is none."""
        one = self.points[k]
        return math.nan if one is None else one.estimate

    def range(self, k: int) -> tuple[float, float]:
        """The ends of a wave's interval, or its number twice where it has none."""
        one = self.points[k]
        ends = () if one is None else (one.ci_low, one.estimate, one.ci_high)
        known = [end for end in ends if not math.isnan(end)]
        return (min(known), max(known)) if known else (math.nan, math.nan)

    @property
    def runs(self) -> list[list[int]]:
        """The stretches of neighbouring waves that a line may join."""
        runs: list[list[int]] = []
        for k in self.shown:
            if runs and runs[-1][-1] == k - 1 and k not in self.breaks:
                runs[-1].append(k)
            else:
                runs.append([k])
        return runs

    @property
    def is_broken_at_the_end(self) -> bool:
        """Whether the last wave is not compared with the one before."""
        return len(self.points) - 1 in self.breaks

    @property
    def tone(self) -> str:
        """The role of its last step: a verdict's only where it is clear."""
        return "data" if self.is_broken_at_the_end else tone_of(self.change)

    def name(self, words: Words) -> str:
        """What the line is called."""
        is_outcome = self.of.startswith("outcome:")
        if is_outcome and words.own(self.of) is None and self.metric in NAMED_METRICS:
            return words.name(f"metric:{self.metric}")
        return words.heading(words.name(self.of))

    def title(self, words: Words) -> str:
        """What the line is called where it stands alone: with its measure and its definition."""
        is_own = self.of.startswith("outcome:") and words.own(self.of) is not None
        parts = [
            self.name(words),
            words.short(f"metric:{self.metric}") if is_own else "",
            words.name(f"definition:{self.definition}") if self.definition else "",
        ]
        return ", ".join(filter(None, parts))


def waves_of(estimates: Iterable[Estimate], waves: Sequence[str] | None) -> list[str]:
    """The waves to draw: those given, else those of the records, earliest first."""
    if waves is not None:
        return list(waves)
    return sorted({one.wave for one in estimates if one.wave is not None})


def lines_of(
    estimates: Sequence[Estimate],
    comparisons: Iterable[Comparison],
    waves: Sequence[str],
    *,
    measures: Sequence[Mapping[str, Any]] | None = None,
    breaks: Mapping[str, Sequence[str]] | None = None,
    targets: Mapping[str, float] | None = None,
) -> list[Line]:
    """The lines of a trend, the headline first."""
    estimates = [one for one in estimates if not one.by and one.wave is not None]
    changes = list(comparisons)
    if measures is None:
        met = dict.fromkeys((one.metric, one.of) for one in estimates)
        measures = [{"metric": metric, "of": of} for metric, of in met]
    lines = []
    for measure in measures:
        metric, of = measure["metric"], measure["of"]
        ends = measure.get("ends")
        broken = frozenset((breaks or {}).get(of, ()))
        lines.append(
            Line(
                metric=metric,
                of=of,
                points=tuple(find(estimates, metric=metric, of=of, wave=wave) for wave in waves),
                breaks=frozenset(k for k, wave in enumerate(waves) if k and wave in broken),
                change=_change(changes, metric, of, waves),
                ends=(float(ends[0]), float(ends[-1])) if ends else None,
                target=(targets or {}).get(metric),
                definition=measure.get("definition"),
            )
        )
    return lines


def _change(
    comparisons: Sequence[Comparison], metric: str, of: str, waves: Sequence[str]
) -> Comparison | None:
    """The last wave against an earlier one, the wave before it if there is a choice."""
    if len(waves) < 2:
        return None
    now, before = (f"wave={wave}" for wave in (waves[-1], waves[-2]))
    same = [one for one in comparisons if (one.metric, one.of) == (metric, of)]
    turned = [*same, *(-one for one in same)]
    found = [one for one in turned if one.a == now and one.b.startswith("wave=")]
    return next((one for one in found if one.b == before), next(iter(found), None))


# -- the axis -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Axis:
    """The part of a scale that is drawn, and its ticks; `whole` is the scale, if it is known."""

    unit: str
    low: float
    high: float
    ticks: tuple[float, ...]
    whole: tuple[float, float] | None

    @property
    def is_cut(self) -> bool:
        """Whether only a part of the scale is drawn."""
        return self.whole is not None and (self.low, self.high) != self.whole

    @property
    def starts_late(self) -> bool:
        """Whether the axis begins above the low end of its scale."""
        return self.whole is not None and self.low > self.whole[0]

    def text(self, value: float, words: Words) -> str:
        """A value of the axis, with the decimals that its ticks need."""
        return words.number(value, self.unit, digits=self._digits(self.ticks))

    def caption(self, name: str, ci: str, words: Words) -> str:
        """What stands on the axis, and how much of its scale is seen."""
        if self.whole is None:
            return words.ui("fig_axis_open", name=name, ci=ci)
        digits = self._digits(self.whole)
        start, end = (words.number(value, self.unit, digits=digits) for value in self.whole)
        given = {"name": name, "ci": ci, "from": start, "to": end}
        if not self.is_cut:
            return words.ui("fig_axis", **given)
        low, high = self.text(self.low, words), self.text(self.high, words)
        return words.ui("fig_axis_cut", low=low, high=high, **given)

    def _digits(self, values: Iterable[float]) -> int:
        """How many decimals some values need."""
        scaled = [value * (100 if self.unit == "share" else 1) for value in values]
        enough = (d for d in range(3) if all(_is_round(value, d) for value in scaled))
        return next(enough, 3)


def _is_round(value: float, digits: int) -> bool:
    return abs(round(value, digits) - value) < 1e-9


def axis_of(lines: Sequence[Line], more: Iterable[float] = (), *, about: int = 5) -> Axis:
    """An axis that holds all numbers, intervals and targets of some lines of one unit."""
    unit = lines[0].unit
    whole = lines[0].ends or _SCALES.get(unit)
    values = [*more, *(one.target for one in lines if one.target is not None)]
    for line in lines:
        for k in line.shown:
            values += line.range(k)
    if not values:
        low, high = whole or (0.0, 1.0)
        return Axis(unit, low, high, _ticks(low, high, about), whole)
    low, high = _widened(min(values), max(values), whole)
    ticks = _ticks(low, high, about)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    if whole is not None:
        low, high = max(low, whole[0]), min(high, whole[1])
        if high - low > _WHOLE * (whole[1] - whole[0]):
            low, high = whole
            ticks = _ticks(low, high, about)
    return Axis(unit, low, high, tuple(tick for tick in ticks if low <= tick <= high), whole)


def _widened(low: float, high: float, whole: tuple[float, float] | None) -> tuple[float, float]:
    """A stretch wide enough not to make much of little, inside its scale."""
    least = _LEAST * (whole[1] - whole[0]) if whole else 1.0
    short = max(least - (high - low), 0.0)
    low, high = low - short / 2, high + short / 2
    if whole is None:
        return low, high
    shift = max(whole[0] - low, 0.0) - max(high - whole[1], 0.0)
    return max(low + shift, whole[0]), min(high + shift, whole[1])


def _ticks(low: float, high: float, about: int) -> tuple[float, ...]:
    return tuple(nice_ticks(low, high, about))
