"""Numbers of the groups: a cross table of each segment, who differs from the rest, what is visible.

Levels are scored as the pyramid scores them, on those who have every level. All functions take
the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import special

from cxkit.analysis import estimates, pyramid, scoring
from cxkit.analysis.comparisons import (
    Row,
    across,
    between,
    is_made_of,
    narrowed,
    rest_of,
    rows_of,
    rules_of,
)
from cxkit.analysis.contrasts import Contrast, Rules, corrected
from cxkit.analysis.crosstab import Crosstab
from cxkit.analysis.estimates import Group, Measured
from cxkit.analysis.intervals import t_quantile
from cxkit.records import Comparison, Comparisons, Estimate, Estimates

__all__ = [
    "POWER",
    "Differences",
    "against_rest",
    "crosstabs",
    "level_rows",
    "segments",
    "smallest_visible",
]

POWER = 0.8
"""How often a difference of the smallest visible size would be found clear."""


@dataclass(frozen=True)
class Differences:
    """Groups of several segments against the rest on one measure, judged together by Holm.

    `estimates` has each group and its rest (`{"region!": "west"}`), `visible` by segment the
    smallest difference that the sample could show of any of its groups that may be shown.
    """

    comparisons: Comparisons
    estimates: Estimates
    visible: Mapping[str, Comparison]


def segments(survey: Any) -> tuple[str, ...]:
    """The segments that the study declares and that split those in hand, in its order."""
    now = survey.latest
    return tuple(key for key in now.study.segments if len(now.groups(key)) > 1)


def crosstabs(
    survey: Any, measures: Sequence[tuple[str, str]], keys: Iterable[str]
) -> dict[str, Crosstab]:
    """The groups of each segment on several measures (metric, of), Holm within each row.

    At least one measure. A segment that is made of what is measured has a row without groups.
    """
    now = survey.latest
    context = now.context()
    levels = {one.of: one for one in pyramid.measured(now)}
    asked = {
        (metric, of): levels[of] if of in levels else estimates.measured(now, metric, of)[0]
        for metric, of in measures
    }
    found = {}
    for key in keys:
        groups = estimates.groups(now, key)
        rows = {row.one.of: row for row in level_rows(now, list(levels.values()), key, groups)}
        tables = []
        for (metric, of), one in asked.items():
            row = rows[of] if of in rows else rows_of(now, [one], key, groups)[0]
            tables.append(across(now, [row], groups, rules_of(now, metric, context=context)))
        found[key] = functools.reduce(operator.add, tables)
    return found


def against_rest(survey: Any, metric: str, of: str, keys: Sequence[str]) -> Differences:
    """Each group of these segments against all other respondents who have a group.

    All comparisons are one family for Holm, so that the chance of any false claim about a group
    stays below the level, however many segments there are. Two groups are one comparison, the
    first against the second. Segments that are made of what is measured are left out.
    """
    now = survey.latest
    rules = rules_of(now, metric)
    made: list[Contrast] = []
    of_segment: list[str] = []
    numbers: list[Estimate] = []
    for key in keys:
        groups = estimates.groups(now, key)
        row = _row(now, metric, of, key, groups)
        if not row.is_comparable:
            continue
        for group in groups[:1] if len(groups) == 2 else groups:
            rest = rest_of(group, groups)
            found = between(now, row.one, [group, rest])
            made += found
            of_segment += [key] * len(found)
            sides = [group, dataclasses.replace(rest, by=_as_rest(group))]
            numbers += estimates.of_groups(now, row.one, sides)
    judged = corrected(made, rules)
    seen = smallest_visible(made, judged, rules)
    visible: dict[str, Comparison] = {}
    shown = judged.published()
    for key, one, told in zip(of_segment, seen, shown, strict=True):
        if one is None or told.verdict == "hidden":
            continue
        if one.difference < getattr(visible.get(key), "difference", math.inf):
            visible[key] = one
    return Differences(judged, Estimates(numbers, context=rules.context), visible)


def smallest_visible(
    contrasts: Sequence[Contrast], judged: Iterable[Comparison], rules: Rules
) -> list[Comparison | None]:
    """The smallest true difference that each test would find clear in four samples of five.

    Parameters
    ----------
    contrasts : sequence of Contrast
        The differences.
    judged : iterable of Comparison
        The same, as `corrected` judged them together.
    rules : Rules
        The level of the intervals.

    Returns
    -------
    list of Comparison or None
        With metric `mde` and the size in `difference`; None for what is not a test.

    Notes
    -----
    (t[1 - alpha / 2m] + z[power]) se for m tests, alpha = 1 - ci_level and power = .80: the
    two-sided test at the first step of Holm's correction, with the design-based standard error
    of the difference. An approximation: the error is taken as it was found, and the power at a
    later step of Holm is higher.

    References
    ----------
    .. [1] Bloom, H. S. (1995). Minimum detectable effects. Evaluation Review 19.
    """
    rows = list(judged)
    m = sum(one.correction != "none" for one in rows)
    found: list[Comparison | None] = []
    for made, one in zip(contrasts, rows, strict=True):
        if one.correction == "none":
            found.append(None)
            continue
        reach = t_quantile(1 - (1 - rules.ci_level) / m, made.df) + float(special.ndtri(POWER))
        size = made.measure.factor * reach * made.se
        found.append(
            dataclasses.replace(
                one,
                metric="mde",
                difference=size,
                ci_low=math.nan,
                ci_high=math.nan,
                p=math.nan,
                p_adjusted=math.nan,
                effect=math.nan,
                method="smallest_visible_difference",
                verdict="undecided",
                flags=(),
            )
        )
    return found


def _row(survey: Any, metric: str, of: str, segment: str, groups: Sequence[Group]) -> Row:
    if of.startswith("level:"):
        rows = level_rows(survey, pyramid.measured(survey), segment, groups)
        return next(row for row in rows if row.one.of == of)
    return rows_of(survey, estimates.measured(survey, metric, of), segment, groups)[0]


def level_rows(
    survey: Any, levels: Sequence[Measured], segment: str, groups: Sequence[Group]
) -> list[Row]:
    """The levels on those who have every level, on the items that the groups have in common."""
    own = scoring.levels(survey.study)
    common = {level: narrowed(survey, f"level:{level}", groups) for level in own}
    chosen = {level: own[level] if kept is None else kept for level, kept in common.items()}
    compared = levels if chosen == own else pyramid.measured(survey, chosen)
    rows = []
    for level, full, one in zip(own, levels, compared, strict=True):
        if common[level] == () or is_made_of(survey, segment, full):
            rows.append(Row(full, is_comparable=False))
        else:
            rows.append(Row(one, common[level] or ()))
    return rows


def _as_rest(group: Group) -> dict[str, str]:
    return {f"{segment}!": value for segment, value in group.by.items()}
