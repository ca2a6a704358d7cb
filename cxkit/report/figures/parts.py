"""What the figures share: how a record stands beside a mark, and how a mark stands on a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.drawing import QUIET, Drawing
from cxkit.report.figures.lettering import text_width, wrap

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = [
    "HIDDEN",
    "INK_OF",
    "Scale",
    "absence",
    "axis_break",
    "base",
    "change_text",
    "find",
    "interval",
    "is_hidden",
    "is_shown",
    "latest_wave",
    "level_of",
    "levels_shape",
    "mark",
    "nice_ticks",
    "no_number",
    "ordered_keys",
    "side_name",
    "star",
    "tone_of",
    "wave_name",
]

HIDDEN = "**"
INK_OF = {"data": "soft", "good": "good-ink", "bad": "bad-ink"}
"""The role of the words that go with a mark's role."""

_ABSENCES = (
    "not_measured",
    "not_reached",
    "not_applicable",
    "not_comparable",
    "no_answers",
    "unreliable",
)


@dataclass(frozen=True)
class Scale:
    """A straight scale: values from `low` to `high` on units from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value stands."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


# -- records --------------------------------------------------------------------------------


def is_shown(record: Estimate | Comparison | None) -> bool:
    """Whether a record has a number that may be printed."""
    if record is None:
        return False
    value = record.difference if isinstance(record, Comparison) else record.estimate
    return not math.isnan(value)


def is_hidden(record: Estimate | Comparison) -> bool:
    """Whether a record's number was blanked for its base or for privacy."""
    return "hidden_base" in record.flags or "hidden_privacy" in record.flags


def find(records: Iterable[Any], **conditions: object) -> Any:
    """The first record whose attributes equal `conditions`, or None."""
    for record in records:
        if all(getattr(record, key) == value for key, value in conditions.items()):
            return record
    return None


def latest_wave(records: Iterable[Any]) -> str | None:
    """The last wave in the records; None when they have none."""
    return max((one.wave for one in records if one.wave is not None), default=None)


def ordered_keys(records: Iterable[Any], kind: str, order: Sequence[str] | None) -> list[str]:
    """The keys to draw: `order` if given, else those of the records as they come."""
    if order is not None:
        return list(order)
    kinds = (one.of.partition(":") for one in records)
    return list(dict.fromkeys(key for found, _, key in kinds if found == kind))


def level_of(records: Iterable[Any]) -> float:
    """The interval level that the records share."""
    return next((one.ci_level for one in records if is_shown(one)), 0.95)


def levels_shape(words: Words) -> str:
    """How the levels of a study stand to each other: a `pyramid`, or a plain `list`."""
    framework = words.context.get("framework") or {"shape": "pyramid"}
    return str(framework.get("shape") or "list")


# -- words ----------------------------------------------------------------------------------


def star(record: Estimate | Comparison) -> str:
    """The sign of a low base, or nothing."""
    return "*" if "low_base" in record.flags else ""


def base(n: float, words: Words) -> str:
    """The base in words that a line break cannot part; nothing where privacy hides it."""
    if math.isnan(n):
        return ""
    return words.ui("fig_n", n=words.count(n)).replace(" ", "\u00a0")


def wave_name(key: str | None, words: Words) -> str:
    """The short name of a wave, which a line break cannot part."""
    return words.short(f"wave:{key}").replace(" ", "\u00a0") if key else ""


def side_name(key: str, words: Words) -> str:
    """One side of a comparison in words: a group, all others, a wave, a level or a stage."""
    parts = []
    for part in key.split("&"):
        is_rest = "!=" in part and ":" not in part
        parts.append(words.ui("fig_rest") if is_rest else words.name(part) or part)
    return ", ".join(parts)


def interval(record: Estimate | Comparison, words: Words) -> str:
    """The interval in words, with signs for a difference; nothing where there is none."""
    if math.isnan(record.ci_low):
        return ""
    say = words.signed_range if isinstance(record, Comparison) else words.range
    return say(record.ci_low, record.ci_high, record.unit)


def absence(record: Estimate | None, words: Words) -> str:
    """Why there is no number, in words."""
    flags = record.flags if record is not None else ()
    reason = next((flag for flag in _ABSENCES if flag in flags), None)
    if reason is None:
        reason = "not_measured" if record is None or record.n else "no_answers"
    return words.ui(f"fig_{reason}")


def tone_of(comparison: Comparison | None, *, better: str = "higher") -> str:
    """The role of a mark: blue or vermilion only where the verdict is clear.

    `better` is the good direction: `higher`, `lower`, or `neither` for a sign that tells nothing.
    """
    if comparison is None or not comparison.is_clear or not comparison.difference:
        return "data"
    if better == "neither":
        return "data"
    return "good" if (comparison.difference > 0) == (better == "higher") else "bad"


def change_text(comparison: Comparison, words: Words) -> str:
    """A difference with the sign of its verdict: an arrow only where it is clear."""
    sign = "\u00b7"
    if comparison.is_clear:
        sign = "\u25b2" if comparison.difference > 0 else "\u25bc"
    return f"{sign} {words.signed(comparison.difference, comparison.unit)}"


# -- marks ----------------------------------------------------------------------------------


def mark(
    drawing: Drawing, at: Scale, y: float, record: tuple[float, float, float], tone: str, name: str
) -> None:
    """An estimate with its interval on a lying scale: a pale bar and an upright tick."""
    value, low, high = record
    if not math.isnan(low):
        low, high = max(low, at.low), min(high, at.high)
        drawing.pill(at(low), y - 5, at(high), y + 5, tone, name=f"range.{name}")
    drawing.bar(at(value) - 1.5, y - 8, at(value) + 1.5, y + 8, tone, name=f"tick.{name}")


def no_number(
    drawing: Drawing,
    box: tuple[float, float, float, float],
    words: Words,
    record: Estimate | Comparison | None,
    name: str,
) -> None:
    """A hatched field; where nothing was measured, the words that say so stand on it."""
    left, top, right, bottom = box
    drawing.hatch(left, top, right, bottom, name=f"none.{name}")
    if record is not None and is_hidden(record):
        return
    reason = absence(record if isinstance(record, Estimate) else None, words)
    lines = wrap(reason, right - left - 4, QUIET, is_bold=True, lines=3)
    plate = min(right - left, max(text_width(one, QUIET, is_bold=True) for one in lines) + 12)
    middle, half = (left + right) / 2, 7.5 * len(lines) + 1.5
    y = (top + bottom) / 2
    drawing.bar(middle - plate / 2, y - half, middle + plate / 2, y + half, "wash")
    drawing.stack(
        middle,
        y + 4 - 7.5 * (len(lines) - 1),
        lines,
        leading=15,
        anchor="middle",
        size=QUIET,
        bold=True,
        name=f"reason.{name}",
    )


def axis_break(drawing: Drawing, x: float, y: float) -> None:
    """The sign that an axis does not begin at the end of its scale."""
    points = [(x, y), (x, y + 3), (x - 4, y + 5), (x + 4, y + 9), (x, y + 11), (x, y + 14)]
    drawing.line(points, "soft", name="break")


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values that cover `low` to `high` in about so many steps."""
    span = (high - low) or 1.0
    size = 10 ** math.floor(math.log10(span / about))
    step = next(size * k for k in (1, 2, 2.5, 5, 10) if span / (size * k) <= about + 0.5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]
