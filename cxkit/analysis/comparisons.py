"""Comparisons: groups of plain data, and groups or waves of a survey, against each other."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxkit.analysis import estimates, scoring
from cxkit.analysis.contrasts import Contrast, Leader, Rules, contrast, corrected, leader
from cxkit.analysis.intervals import Measure
from cxkit.analysis.metrics import design_of, nps_scores
from cxkit.errors import SurveyError, nearest
from cxkit.records import Comparison, Comparisons
from cxkit.weights import moment

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["between", "compare", "compare_groups", "leader_of", "rules_of"]


def compare_groups(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    metric: str = "mean",
    matter: float | None = None,
    min_base: float = 0,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    population: float | Mapping[object, float] | None = None,
    ci_level: float = 0.95,
    seed: int | None = None,
) -> Comparisons:
    """All pairs of groups compared on one measure, corrected by Holm.

    Parameters
    ----------
    values : array-like of float or missing, shape (n_respondents,)
        Answers or scores; 0-10 for `nps`, 0 and 1 for `share`.
    groups : array-like, shape (n_respondents,)
        The group of each respondent; those without one take no part.
    metric : {"mean", "nps", "share"}, default "mean"
        What is compared.
    matter : float, optional
        The smallest difference that matters, in the unit of the metric, for `stable` and
        `clear_small`.
    min_base : float, default 0
        Groups with a smaller effective base are not tested (verdict `hidden`).
    weight, strata, cluster, population, ci_level, seed
        As in `mean_score`.

    Returns
    -------
    Comparisons
        A row for each pair of groups in sorted order, a minus b.

    Raises
    ------
    SurveyError
        If lengths differ, the metric is unknown or an answer lies off its scale.

    Notes
    -----
    Means: linearised variance of the difference, Student t. Shares: adjusted Wald (Agresti-
    Caffo), NPS: adjusted Wald (METHODS 6), both with n_design. Every interval is drawn at the
    level that Holm leaves for its step, so that interval and p_adjusted agree.

    References
    ----------
    .. [1] Agresti, A. & Caffo, B. (2000). Simple and effective confidence intervals for
           proportions and differences of proportions. The American Statistician 54.

    Examples
    --------
    >>> compare_groups([5, 4, 5, 5, 1, 2, 2, 1], list("aaaabbbb"))[0]
    Comparison(a - b: 3.25, ci=(2.41, 4.09), clear)
    """
    known = {
        "mean": Measure("mean", "mean", "scale"),
        "nps": Measure("nps", "net", "points"),
        "share": Measure("share", "share", "share"),
    }
    if metric not in known:
        raise SurveyError(
            f"unknown metric '{metric}'",
            expected="one of " + ", ".join(known),
            hint=nearest(metric, known),
        )
    numbers = scoring.numbers(values)
    labels = pd.Series(np.asarray(groups, dtype=object).ravel())
    if len(labels) != len(numbers):
        raise SurveyError(f"there are {len(labels)} groups for {len(numbers)} respondents")
    if metric == "nps":
        numbers = nps_scores(numbers)
    if metric == "share" and not np.isin(numbers[~np.isnan(numbers)], (0, 1)).all():
        raise SurveyError("a share is compared on answers of 0 and 1")
    design = design_of(len(numbers), weight, strata, cluster, population)
    names = sorted(labels.dropna().unique())
    moments = {
        name: moment(np.where((labels == name).to_numpy(), numbers, np.nan), design)
        for name in names
    }
    contrasts = [
        contrast(known[metric], moments[a], moments[b], design, names=(str(a), str(b)))
        for a, b in itertools.combinations(names, 2)
    ]
    return corrected(contrasts, Rules(ci_level, min_base, matter))


# -- comparisons of a survey ----------------------------------------------------------------------


def compare(
    survey: Any,
    metric: str,
    of: str | Sequence[str] | None = None,
    by: str = "wave",
    *,
    against: str = "pairs",
) -> Comparisons:
    """Differences between groups or waves of a survey, with Holm's correction within a row.

    Parameters
    ----------
    survey : Survey
        The respondents in hand; filters set with `where()` hold.
    metric : str
        As in `estimate`: `nps`, `csat`, `ces`, `score_100`, `mean`, `top_2_box`, ...
    of : str or list of str, optional
        A key such as `level:trust`, a list of keys, or a shelf: `levels`, `items`, `outcomes`,
        `stages`. The metric's own things if not given.
    by : str, default "wave"
        A segment, for its groups; or `wave`, for each wave in hand against the one before.
    against : {"pairs", "rest"}, default "pairs"
        For a segment: all pairs of groups (a before b in the study's order), or each group
        against all other respondents who have a group (b is `region!=west`).

    Returns
    -------
    Comparisons
        a minus b, unrounded, the rows of one `of` corrected together. Sides with an effective
        base under the study's `min_base` have verdict `hidden` and are not counted as tests.

    Raises
    ------
    SurveyError
        If the metric, a key or the segment is unknown, with the nearest name.

    Notes
    -----
    A level is compared on the items that all groups compared have in common (`level_items`);
    where none is left, the comparison is flagged `not_comparable`. Respondents in both waves
    enter the variance once, as one sampling unit. Verdicts: WORDING 7.

    Examples
    --------
    >>> import cxkit as cx
    >>> changes = compare(cx.load("demo"), "nps", by="wave")
    >>> [(one.a, one.b) for one in changes]
    [('wave=2025H2', 'wave=2025H1'), ('wave=2026H1', 'wave=2025H2')]
    """
    if not isinstance(by, str):
        raise SurveyError(
            "comparisons run along one variable", expected="a segment, or the word wave"
        )
    if against not in ("pairs", "rest"):
        raise SurveyError(f"unknown value '{against}' of against", expected="pairs or rest")
    estimates.check_by(survey, metric, by)
    rules = rules_of(survey, metric)
    sets = _sets(survey, by, against)
    rows: list[Comparison] = []
    for one in estimates.measured(survey, metric, of):
        contrasts: list[Contrast] = []
        for compared in sets:
            masks = [group.mask for group in compared]
            common, is_comparable = estimates.on_common_items(survey, one, masks)
            contrasts += between(survey, common, compared, is_comparable=is_comparable)
        rows += corrected(contrasts, rules)
    return Comparisons(rows, context=rules.context)


def rules_of(survey: Any, *metrics: str) -> Rules:
    """The rules that a study sets for the first of these metrics of which it says any."""
    matters = survey.study.matters
    matter = next((matters[metric] for metric in metrics if metric in matters), None)
    return Rules(survey.study.ci_level, estimates.min_base(survey), matter, survey.context())


def leader_of(
    survey: Any, found: Sequence[estimates.Measured], of: str, *, is_highest: bool = False
) -> Leader:
    """Which of several measures of the wave in hand is lowest (or highest), if that is clear.

    Measures on too small a base are no candidates, and while there is one nobody is named.
    """
    own = estimates.sample(survey, tuple(survey.waves))
    moments = {one.of: own.moment(one, survey.mask) for one in found}
    shown = {
        key: made.estimate for key, made in moments.items() if estimates.is_shown(survey, made)
    }
    measure = found[0].measure if found else Measure("share", "share", "share")

    def against(first: str, other: str) -> Contrast:
        sides = (moments[first], moments[other])
        names = (first, other)
        return contrast(measure, *sides, own.design, of=of, names=names, wave=survey.wave)

    n_hidden = sum(made.n > 0 for made in moments.values()) - len(shown)
    rules = rules_of(survey, measure.metric)
    return leader(shown, against, rules, is_highest=is_highest, n_hidden=n_hidden)


def between(
    survey: Any,
    one: estimates.Measured,
    groups: Sequence[estimates.Group],
    *,
    is_comparable: bool = True,
) -> list[Contrast]:
    """The contrasts of one measure between all pairs of `groups`, on the rows of their waves."""
    waves = tuple(sorted({wave for group in groups for wave in group.waves}))
    samples = {own: estimates.sample(survey, own) for own in {waves, *(g.waves for g in groups)}}
    joint = samples[waves]
    moments = [samples[g.waves].moment_within(joint, one, g.mask) for g in groups]
    found = []
    for (a, at_a), (b, at_b) in itertools.combinations(zip(groups, moments, strict=True), 2):
        made = contrast(
            one.measure, at_a, at_b, joint.design, of=one.of, names=(a.key, b.key), wave=a.wave
        )
        if not is_comparable or scoring.changed(survey, one.of, {*a.waves, *b.waves}):
            found.append(locked(made))
            continue
        empty = {one.why_empty(g.mask, at) for g, at in ((a, at_a), (b, at_b))} - {None}
        found.append(dataclasses.replace(made, flags=tuple(sorted(map(str, empty)))))
    return found


def locked(made: Contrast) -> Contrast:
    """A difference that is not to be taken: other items, or another question, on either side."""
    nothing: dict[str, Any] = {"difference": math.nan, "centre": math.nan, "se": math.nan, "effect": math.nan}
    return dataclasses.replace(made, flags=("not_comparable",), **nothing)


def _sets(survey: Any, by: str, against: str) -> list[list[estimates.Group]]:
    """The groups that are compared with each other: the later wave, or the group, first."""
    groups = estimates.groups(survey, by)
    if by == "wave":
        return [[now, before] for before, now in itertools.pairwise(groups)]
    if against == "rest":
        return [[group, estimates.rest(group, groups)] for group in groups]
    return [groups] if len(groups) > 1 else []
