"""Numbers of the items: who agrees with which statement, the least agreed, the most divided.

The statements are those of the levels; further questions are told in their own sections. Every item
rests on those to whom it applies and who answered it, in the latest wave in hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cxkit.analysis import estimates
from cxkit.analysis.comparisons import leader_of
from cxkit.analysis.contrasts import Leader
from cxkit.analysis.estimates import Measured
from cxkit.analysis.intervals import Measure
from cxkit.records import Estimates

__all__ = ["answers", "answers_of", "least_agreed", "most_divided"]


def answers(survey: Any) -> Estimates:
    """How each statement was answered, in the study's order of items (see `answers_of`)."""
    now = survey.latest
    found = Estimates((), context=now.context())
    for item in now.study.statements:
        found += answers_of(now, item)
    return found


def answers_of(survey: Any, item: str) -> Estimates:
    """How one item was answered.

    The share of each band of answers (metric `share`, by `{"answer": "l1"}`, worst band first),
    the share of the best and of the worst half of the answers (`top_box_half`,
    `bottom_box_half`; the middle of an odd scale belongs to neither) and the `mean` in points
    of the scale.
    """
    now, of = survey.latest, f"item:{item}"
    (everybody,) = estimates.groups(now)
    found = Estimates((), context=now.context())
    for band, one in _bands(now, of):
        found += estimates.of_groups(now, one, [estimates.with_group(everybody, "answer", band)])
    for metric in ("top_box_half", "bottom_box_half", "mean"):
        for one in estimates.measured(now, metric, of):
            found += estimates.of_groups(now, one, [everybody])
    return found


def least_agreed(survey: Any) -> Leader:
    """The statement with the lowest share of the best half of answers, named only if clear."""
    now = survey.latest
    return leader_of(now, estimates.measured(now, "top_box_half", _statements(now)), "items")


def most_divided(survey: Any) -> Leader:
    """The statement on which both camps are large, named only if clear against every other.

    How divided a statement is, is the share of its smaller camp: of those who chose the worst half
    of the answers or of those who chose the best half, whichever are fewer.
    """
    now = survey.latest
    camps = [
        estimates.measured(now, metric, _statements(now))
        for metric in ("top_box_half", "bottom_box_half")
    ]
    own = estimates.sample(now, tuple(now.waves))
    smaller = [
        min(both, key=lambda one: np.nan_to_num(own.moment(one, now.mask).estimate))
        for both in zip(*camps, strict=True)
    ]
    measure = Measure("divided", "share", "share")
    found = [Measured(one.of, measure, one.values, one.base) for one in smaller]
    return leader_of(now, found, "items", is_highest=True)


def _statements(survey: Any) -> list[str]:
    return [f"item:{key}" for key in survey.study.statements]


def _bands(survey: Any, of: str) -> list[tuple[str, Measured]]:
    values = survey.values(of)
    measure = Measure("share", "share", "share")
    return [
        (band, Measured(of, measure, np.where(np.isnan(values), np.nan, np.isin(values, codes))))
        for band, codes in survey.study.scale(of).bands()
    ]
