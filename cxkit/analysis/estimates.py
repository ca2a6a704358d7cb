"""Estimates of a survey: any metric of any item, level, outcome or stage, by groups and waves.

`measured` finds what is meant and codes the answers, `groups` who is meant, `sample` how the
rows of the waves in hand were drawn; `estimate` puts the three together. Comparisons use them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cxkit.analysis import scoring
from cxkit.analysis.domains import (
    Group,
    Partition,
    Sample,
    groups,
    partition,
    rest,
    sample,
    with_group,
)
from cxkit.analysis.intervals import estimate_of
from cxkit.analysis.measures import Measured, check_by, measured, on_common_items
from cxkit.records import Estimate, Estimates, is_unseen
from cxkit.weights import Moment, Moments

__all__ = [
    "Group",
    "Measured",
    "Partition",
    "Sample",
    "check_by",
    "estimate",
    "groups",
    "is_shown",
    "measured",
    "min_base",
    "of_groups",
    "on_common_items",
    "partition",
    "rest",
    "sample",
    "why_empty",
    "with_group",
]


def estimate(
    survey: Any,
    metric: str,
    of: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
) -> Estimates:
    """Estimates of a survey: one metric of one or several things, in all or by groups.

    Parameters
    ----------
    survey : Survey
        The respondents in hand; filters set with `where()` hold.
    metric : str
        `nps`, `csat`, `ces` (as the study defines them), `score_100` (0-100 of a level, item,
        outcome or stage rating), `mean`, `sd`, `top_2_box`, `bottom_2_box` (any
        `top_<k>_box`), `net` (top 2 minus bottom 2, a share), `share` (of a base),
        `reach`, `conversion`, `skipped` (of a stage).
    of : str or list of str, optional
        A key such as `level:trust`, `item:ful_1`, `outcome:recommend`, `stage:decide`; a list of
        keys; or a shelf: `levels`, `items`, `outcomes`, `stages`, `bases`. If not given, what
        the metric is usually taken of: all outcomes that have it, or the shelf.
    by : str or list of str, optional
        A segment, the word `wave`, or a list of them for all combinations.

    Returns
    -------
    Estimates
        Unrounded, in the order of `of`, then of groups. A group without answers is flagged:
        `not_applicable` (nobody in the base), `not_measured` (no question) or `no_answers`.
        Small bases are not hidden here: `.published()` does that.

    Raises
    ------
    SurveyError
        If the metric, a key or a segment is unknown, with the nearest name.

    Notes
    -----
    Groups are domains of their wave: all its rows make the design, those outside weigh nothing
    (METHODS 9). Several waves taken together are strata; respondents in more than one count
    once as sampling units. Levels are scored on the base that the framework names.

    Examples
    --------
    >>> import cxkit as cx
    >>> by_wave = estimate(cx.load("demo"), "nps", by="wave")
    >>> [one.wave for one in by_wave]
    ['2025H1', '2025H2', '2026H1']
    >>> all(one.ci_low < one.estimate < one.ci_high for one in by_wave)
    True
    """
    check_by(survey, metric, by)
    found = partition(survey, by)
    otherwise = _asked_otherwise(survey, found.groups)
    own = {wave: measured(then, metric, of) for wave, then in otherwise.items()}
    records: list[Estimate] = []
    for place, one in enumerate(measured(survey, metric, of)):
        records += _in_groups(survey, found, one, {wave: then[place] for wave, then in own.items()})
    return Estimates(records, context=survey.context())


def of_groups(survey: Any, one: Measured, found: Iterable[Group]) -> Estimates:
    """The estimates of one measure in each of the groups."""
    return Estimates(
        record for split in Partition.several(found) for record in _in_groups(survey, split, one)
    )


def _in_groups(
    survey: Any,
    split: Partition,
    whole: Measured,
    otherwise: Mapping[str | None, Measured] | None = None,
) -> Iterator[Estimate]:
    """An estimate of each group of a partition; `otherwise` is the measure in some waves alone."""
    made: dict[Any, Moments] = {}
    own = otherwise or {}
    for place, group in enumerate(split.groups):
        one = own.get(group.wave, whole) if group.is_wave else whole
        if group.waves not in made:
            made[group.waves] = sample(survey, group.waves).moments(one, split)
        found = made[group.waves][place]
        yield estimate_of(
            one.measure,
            found,
            of=one.of,
            ci_level=survey.study.ci_level,
            wave=group.wave,
            by=group.by,
            no_answers=why_empty(survey, one, group, found) or "no_answers",
        )


def why_empty(survey: Any, one: Measured, group: Group, found: Moment) -> str | None:
    """The flag of a group without any answer: not asked in its waves, or as the measure says."""
    why = one.why_empty(group.mask, found)
    if why is None:
        return None
    is_asked = (scoring.is_asked(survey, one.of, wave) for wave in group.waves)
    return "not_measured" if why == "no_answers" and group.waves and not any(is_asked) else why


def _asked_otherwise(survey: Any, found: Iterable[Group]) -> dict[str | None, Any]:
    """The waves among the groups that put their questions in another way, each by itself."""
    alone = dict.fromkeys(group.wave for group in found if group.is_wave)
    study = survey.study
    return {wave: survey.where(wave=wave) for wave in alone if study.of_wave(wave) is not study}


def min_base(survey: Any) -> float:
    """The least effective base: the one given when the survey was loaded, or the study's."""
    given = getattr(survey, "min_base", None)
    return float(survey.study.min_base if given is None else given)


def is_shown(survey: Any, one: Moment | Estimate, of: str = "") -> bool:
    """Whether a number rests on enough people to be shown, and so to be named.

    Nor is one shown of what is private in the wave; `of` says what a moment is of.
    """
    if one.n_eff < min_base(survey) or one.n < survey.study.privacy.min_n:
        return False
    measure, wave = (one.of, one.wave) if isinstance(one, Estimate) else (of, survey.wave)
    return not is_unseen(wave, measure, survey.context())
