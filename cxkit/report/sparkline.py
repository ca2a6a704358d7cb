"""Small drawings of one measure over the waves, all on one scale so that rows can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cxkit.records import Estimate
from cxkit.wording import Words

__all__ = ["Scale", "sparkline"]

WIDTH, HEIGHT = 240, 88
_SIDE, _EDGE = 14, 8
"""Room for the mark of the last wave: at the sides, above and below."""

_ENDS = {"points": (-100.0, 100.0), "score_100": (0.0, 100.0), "share": (0.0, 1.0)}
_STEPS = (1, 2, 5, 10, 20, 25, 50)
_MOST_STEPS = 6


@dataclass(frozen=True)
class Scale:
    """The waves from left to right, and the values from `low` to `high`, of all drawings alike."""

    waves: tuple[str | None, ...]
    low: float
    high: float
    step: float
    unit: str

    @classmethod
    def of(cls, estimates: Iterable[Estimate], *, most_waves: int = 12) -> Scale | None:
        """The scale that holds these estimates; None if none of them is shown.

        It holds their intervals too, but for those that are too wide to be relied on: a few of
        them would press all others flat, so they run to the edge. Of a long row of waves the last
        `most_waves` are drawn.
        """
        shown = [one for one in estimates if _is_shown(one)]
        if not shown:
            return None
        waves = sorted({one.wave for one in shown}, key=lambda key: key or "")[-most_waves:]
        ends = [end for one in shown if one.wave in waves for end in _held(one)]
        unit = shown[0].unit
        step = _step(max(ends) - min(ends), unit)
        low, high = math.floor(min(ends) / step) * step, math.ceil(max(ends) / step) * step
        least, most = _ENDS.get(unit, (-math.inf, math.inf))
        low, high = max(low, least), min(high, most)
        return cls(tuple(waves), low, high if high > low else low + step, step, unit)

    def x(self, wave: str | None) -> int:
        """Where a wave lies; a single one in the middle."""
        last = len(self.waves) - 1
        share = self.waves.index(wave) / last if last else 0.5
        return round(_SIDE + share * (WIDTH - 2 * _SIDE))

    def y(self, value: float) -> int:
        """Where a value lies, the highest above."""
        share = (self.high - value) / (self.high - self.low)
        return round(_EDGE + min(max(share, 0.0), 1.0) * (HEIGHT - 2 * _EDGE))

    @property
    def holds_zero(self) -> bool:
        """Whether zero lies between the ends, where a line shows it."""
        return self.low < 0 < self.high

    def ends(self, words: Words) -> tuple[str, str]:
        """The two ends in words."""
        digits = 0 if self.unit == "share" or self.step >= 1 else 1
        return (
            words.number(self.low, self.unit, digits=digits),
            words.number(self.high, self.unit, digits=digits),
        )


def sparkline(
    estimates: Sequence[Estimate],
    scale: Scale,
    words: Words,
    *,
    wave: str | None,
    tone: str = "flat",
    is_broken: bool = False,
) -> dict[str, Any] | None:
    """One measure over the waves of `scale`, as paths for the template; None if none is shown.

    Parameters
    ----------
    estimates : sequence of Estimate
        Published, one a wave. A wave that is hidden or not there is a gap.
    scale : Scale
        Of all drawings that are to be compared.
    words : Words
        The language of the text alternative.
    wave : str or None
        The wave reported, marked by a dot.
    tone : {"flat", "good", "bad"}
        The role of that dot: a verdict only where a test says so.
    is_broken : bool
        Whether the line stops before the wave reported, because the two are not compared.
    """
    by_wave = {one.wave: one for one in estimates if one.wave in scale.waves}
    shown = {key: one for key, one in by_wave.items() if _is_shown(one)}
    if not shown:
        return None
    runs = _runs(shown, scale.waves, wave if is_broken else None)
    several = [run for run in runs if len(run) > 1]
    now = shown.get(wave)
    zero = scale.y(0.0) if scale.holds_zero else None
    return {
        "band": "".join(_band(run, scale) for run in several),
        "stems": "".join(_stem(run[0], scale) for run in runs if len(run) == 1),
        "line": "".join(_line(run, scale) for run in several),
        "dots": [_at(run[0], scale) for run in runs if len(run) == 1 and run[0] is not now],
        "now": _at(now, scale) if now else None,
        "zero": zero,
        "tone": tone,
        "alt": _alt(by_wave, scale, words),
    }


def _is_shown(one: Estimate) -> bool:
    return not one.is_hidden and one.estimate == one.estimate


def _interval(one: Estimate) -> tuple[float, float]:
    if one.ci_low != one.ci_low:
        return one.estimate, one.estimate
    return one.ci_low, one.ci_high


def _held(one: Estimate) -> tuple[float, ...]:
    return (one.estimate,) if "wide" in one.flags else (one.estimate, *_interval(one))


def _step(width: float, unit: str) -> float:
    """A round step of which few make the width."""
    small = 0.01 if unit == "share" else 0.1 if unit == "scale" else 1.0
    fits = (step * small for step in _STEPS if width <= _MOST_STEPS * step * small)
    return next(fits, _STEPS[-1] * small)


def _runs(
    shown: Mapping[str | None, Estimate], waves: Sequence[str | None], broken_at: str | None
) -> list[list[Estimate]]:
    """The waves shown, parted where one between them is not, or where they are not compared."""
    runs: list[list[Estimate]] = []
    for before, wave in pairwise((None, *waves)):
        if wave not in shown:
            continue
        if runs and before in shown and wave != broken_at:
            runs[-1].append(shown[wave])
        else:
            runs.append([shown[wave]])
    return runs


def _at(one: Estimate, scale: Scale) -> tuple[int, int]:
    return scale.x(one.wave), scale.y(one.estimate)


def _line(run: Sequence[Estimate], scale: Scale) -> str:
    return "M" + " ".join("{} {}".format(*_at(one, scale)) for one in run)


def _band(run: Sequence[Estimate], scale: Scale) -> str:
    """From the first to the last along the upper ends, and back along the lower."""
    lower, upper = (
        [f"{scale.x(one.wave)} {scale.y(_interval(one)[end])}" for one in run] for end in (0, 1)
    )
    return "M" + " ".join([*upper, *reversed(lower)]) + "Z"


def _stem(one: Estimate, scale: Scale) -> str:
    low, high = (scale.y(end) for end in _interval(one))
    return f"M{scale.x(one.wave)} {low}V{high}"


def _alt(by_wave: Mapping[str | None, Estimate], scale: Scale, words: Words) -> str:
    """Each wave with its number, or that it is not shown."""
    said = []
    for wave in scale.waves:
        one = by_wave.get(wave)
        if one is not None:
            told = words.number(one.estimate, one.unit) if _is_shown(one) else words.ui("not_shown")
            said.append(f"{words.short(f'wave:{wave}')}: {told}")
    return ", ".join(said)
