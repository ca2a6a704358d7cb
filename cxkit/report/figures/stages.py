"""What a journey tells: its stages with their records, and which of them are drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkit.records import Estimate
from cxkit.report.figures.parts import Scale, interval

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["Stage", "Story", "high_edge", "leak_words", "low_edge"]


@dataclass(frozen=True)
class Stage:
    """One stage: its records, and where its column stands."""

    key: str
    x: float
    reach: Estimate | None
    conversion: Estimate | None
    rating: Estimate | None
    is_leak: bool


@dataclass(frozen=True)
class Story:
    """What there is to draw, and in which words."""

    stages: tuple[Stage, ...]
    words: Words
    width: float
    ci_level: float
    common: bool

    @property
    def has_reach(self) -> bool:
        """Whether any stage says how many reached it."""
        return any(stage.reach is not None for stage in self.stages)

    @property
    def has_ratings(self) -> bool:
        """Whether any stage was rated."""
        return any(stage.rating is not None for stage in self.stages)

    @property
    def pitch(self) -> float:
        """The distance of two neighbouring columns."""
        return self.width / max(len(self.stages), 1)

    @property
    def bar(self) -> float:
        """The width of a column."""
        return min(86.0, self.pitch * 0.55)

    def common_base(self, metric: str) -> float | None:
        """The base of a part if all its records share one."""
        found = {
            record.n for stage in self.stages if (record := getattr(stage, metric)) is not None
        }
        return found.pop() if len(found) == 1 else None


def low_edge(record: Estimate, at: Scale) -> float:
    """Where the interval of a record begins, or its number stands where it has none."""
    return at(record.estimate if math.isnan(record.ci_low) else record.ci_low)


def high_edge(record: Estimate, at: Scale) -> float:
    """Where the interval of a record ends, or its number stands where it has none."""
    return at(record.estimate if math.isnan(record.ci_high) else record.ci_high)


def leak_words(record: Estimate, words: Words) -> str:
    """What is said of the weakest conversion."""
    size = interval(record, words) or words.number(record.estimate, "share")
    return f"\u25bc {words.ui('fig_leak')} \u00b7 {size} {words.ui('fig_conversion')}"
