"""What a whole is made of: groups of the respondents, kinds of answer, as shares of all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cxkit.analysis.estimates import Measured, groups, measured, of_groups
from cxkit.analysis.intervals import Measure
from cxkit.records import Estimate, Estimates
from cxkit.weights import effective_base

__all__ = ["answer_kinds", "make_up", "respondents"]

_SHARE = Measure("share", "share", "share")
_KINDS = {"promoter": 1.0, "passive": 0.0, "detractor": -1.0}


def respondents(survey: Any, by: str | None = None) -> Estimates:
    """How many answered, in all or by the groups of a segment: bases, without an interval."""
    return Estimates(
        _count(survey, group.mask, group.by, f"segment:{by}" if by else "sample")
        for group in groups(survey, by)
    )


def make_up(survey: Any, segments: Iterable[str]) -> Estimates:
    """Each group's share of the respondents in hand, weighted, and its own count.

    Those whose group is unknown are left out of the segment's whole.
    """
    records: list[Estimate] = []
    for segment in segments:
        known = survey.frame[f"segment:{segment}"].notna().to_numpy()
        for group in groups(survey, segment):
            values = np.where(known, group.mask.astype(float), np.nan)
            records += _shares(survey, f"segment:{segment}", values, group.by)
        records += respondents(survey, segment)
    return Estimates(records)


def answer_kinds(survey: Any, of: str) -> Estimates:
    """The shares of promoters, passives and detractors among the answers of an NPS outcome."""
    (one,) = measured(survey, "nps", of)
    records: list[Estimate] = []
    for kind, score in _KINDS.items():
        values = np.where(np.isnan(one.values), np.nan, one.values == score)
        records += _shares(survey, of, values, {"answer": kind})
    return Estimates(records)


def _shares(survey: Any, of: str, values: np.ndarray, by: Mapping[str, str]) -> Iterable[Estimate]:
    for one in of_groups(survey, Measured(of, _SHARE, values), groups(survey)):
        yield dataclasses.replace(one, by=dict(by))


def _count(survey: Any, mask: np.ndarray, by: Mapping[str, str], of: str) -> Estimate:
    n = int(mask.sum())
    n_eff = effective_base(np.asarray(survey.weight)[mask]) if n else 0.0
    return Estimate(
        "respondents", of, float(n), n=n, n_eff=n_eff, unit="count", wave=survey.wave, by=by
    )
