"""Estimates of a survey: any metric of any item, level, outcome or stage, by groups and waves.

`measured` finds what is meant and codes the answers, `groups` who is meant, `sample` how the
rows of the waves in hand were drawn; `estimate` puts the three together. Comparisons use them too.
Groups that share nobody are a `Partition`: their numbers come from one count of the answers.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cxkit.analysis import metrics, scoring
from cxkit.analysis.intervals import Measure, estimate_of
from cxkit.analysis.scoring import Coded
from cxkit.errors import SurveyError, nearest
from cxkit.records import NAMED_METRICS, Estimate, Estimates
from cxkit.study.shape import FURTHEST_STAGE
from cxkit.weights import Design, Moment, Moments, moment, tally

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

SHELVES = {
    "levels": "level",
    "items": "item",
    "outcomes": "outcome",
    "stages": "stage",
    "bases": "base",
}
"""Words for everything of a kind, and the kind."""

METRICS = {
    "nps": "outcomes",
    "csat": "outcomes",
    "ces": "outcomes",
    "score_100": "levels",
    "mean": "items",
    "sd": "items",
    "top_2_box": "items",
    "bottom_2_box": "items",
    "top_box_half": "items",
    "bottom_box_half": "items",
    "share_positive": "items",
    "net": "items",
    "share": "bases",
    "reach": "stages",
    "conversion": "stages",
    "skipped": "stages",
}
"""The metrics of a survey (and any other `top_<k>_box`), each with what it is usually taken of."""

CIRCULAR = {FURTHEST_STAGE: ("nps", *scoring.FUNNEL)}
"""By segment, the metrics of what its groups are made of: getting on, and recommending."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One thing measured: its values for all rows of the survey's frame, NaN where missing.

    `base` says whom the question concerns (None: everybody) and `outside` the flag of a group
    that has none of them; `flag` says why there are no values at all. `answers` are the same
    values as codes of a question, where they recode one: so they are counted once for all metrics.
    """

    of: str
    measure: Measure
    values: np.ndarray
    base: np.ndarray | None = None
    flag: str | None = None
    outside: str = "not_applicable"
    answers: Coded | None = None

    @functools.cached_property
    def coded(self) -> Coded:
        """The values as codes: as they were given, unless the values were replaced since."""
        given = self.answers
        return given if given and given.values is self.values else Coded.of(self.values)

    def why_empty(self, mask: np.ndarray, found: Moment) -> str | None:
        """The flag of a group without any answer, None where there are some."""
        if found.n:
            return None
        if self.flag:
            return self.flag
        if self.base is not None and mask.any() and not (mask & self.base).any():
            return self.outside
        return "no_answers"


@dataclass(frozen=True, eq=False)
class Group:
    """Some respondents in hand: their groups by segment, their waves, and a mask of all rows."""

    mask: np.ndarray
    waves: tuple[str, ...]
    wave: str | None = None
    by: Mapping[str, str] = field(default_factory=dict)
    is_wave: bool = False
    is_rest: bool = False

    @property
    def key(self) -> str:
        """The group as comparisons name it: `region=west`, `wave=2026H1`, `region!=west`."""
        sign = "!=" if self.is_rest else "="
        parts = [f"{name}{sign}{value}" for name, value in self.by.items()]
        if self.is_wave:
            parts.append(f"wave={self.wave}")
        return "&".join(parts)


@dataclass(frozen=True, eq=False)
class Partition:
    """Groups that share nobody, and the place of each row's group among them (-1: in none)."""

    groups: tuple[Group, ...]
    codes: np.ndarray

    @classmethod
    def several(cls, found: Iterable[Group]) -> Iterator[Partition]:
        """Any groups, in their order, as partitions: a new one starts where two share somebody."""
        own: list[Group] = []
        codes = np.empty(0, dtype=int)
        for group in found:
            if own and (codes[group.mask] >= 0).any():
                yield cls(tuple(own), codes)
                own = []
            if not own:
                codes = np.full(len(group.mask), -1)
            codes[group.mask] = len(own)
            own.append(group)
        if own:
            yield cls(tuple(own), codes)


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of some waves as one design: where they stand in the frame, how they were drawn."""

    rows: np.ndarray
    design: Design
    n_all: int

    @functools.cached_property
    def span(self) -> Any:
        """The rows as a slice where they lie together, which is how waves are sorted."""
        rows = self.rows
        is_whole = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
        return slice(rows[0], rows[-1] + 1) if is_whole else rows

    def moment(self, one: Measured, mask: np.ndarray) -> Moment:
        """The moment of one measure over the masked respondents."""
        values = np.where(mask, one.values, np.nan)[self.rows]
        mean = moment(values, self.design)
        if one.measure.metric != "sd" or not mean.n:
            return mean
        squared = moment((values - mean.estimate) ** 2, self.design)
        made, slope = _deviation(mean, squared)
        return dataclasses.replace(made, influence=squared.influence * slope)

    def moments(self, one: Measured, split: Partition) -> Moments:
        """The moments of one measure over all groups of a partition, without influences."""
        codes, points, tallies = one.coded.codes, one.coded.points, one.coded.tallies
        if (split, self) not in tallies:
            tallies[split, self] = tally(
                codes[self.span],
                len(points),
                split.codes[self.span],
                len(split.groups),
                self.design,
            )
        counted = tallies[split, self]
        values = points[counted.code]
        mean = counted.moments(values)
        if one.measure.metric != "sd":
            return mean
        squared = counted.moments((values - mean.estimate[counted.group]) ** 2)
        return _deviation(mean, squared)[0]

    def moment_within(self, joint: Sample, one: Measured, mask: np.ndarray) -> Moment:
        """The moment made on these rows, its influence laid out on the rows of `joint`."""
        own = self.moment(one, mask)
        influence = np.zeros(self.n_all)
        influence[self.rows] = own.influence
        return dataclasses.replace(own, influence=influence[joint.rows])


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


def is_shown(survey: Any, one: Moment | Estimate) -> bool:
    """Whether a number rests on enough people to be shown, and so to be named."""
    return one.n_eff >= min_base(survey) and one.n >= survey.study.privacy.min_n


# -- how the rows were drawn ----------------------------------------------------------------------


def sample(survey: Any, waves: Sequence[str]) -> Sample:
    """All rows of some waves as one design, whoever of them is in hand.

    Notes
    -----
    Each wave is a stratum of its own, so that a finished wave never moves. Where respondents
    (or clusters) come back in another wave, they are one sampling unit.
    """
    return survey.once(("sample", tuple(waves)), lambda: _drawn(survey, waves))


def _drawn(survey: Any, waves: Sequence[str]) -> Sample:
    wave = survey.frame["wave"]
    rows = np.flatnonzero(wave.isin(list(waves))) if waves else np.arange(len(wave))
    strata, cluster = (_part(labels, rows) for labels in (survey.strata, survey.cluster))
    design = Design(np.asarray(survey.weight, dtype=float)[rows], strata, cluster, None)
    if len(waves) < 2:
        population = survey.study.population_for(len(rows))
        return Sample(rows, dataclasses.replace(design, population=population), len(wave))
    of_wave = wave.to_numpy()[rows].astype(str)
    inside = np.full(len(rows), "") if strata is None else strata.astype(str)
    joint = np.char.add(np.char.add(of_wave.astype(str), " "), inside.astype(str))
    population = _population_by_row(survey.study, of_wave, inside, cluster)
    panel = _panel(survey, rows, of_wave, inside, cluster)
    return Sample(
        rows,
        dataclasses.replace(design, strata=joint, population=population, panel=panel),
        len(wave),
    )


def _part(labels: Any, rows: np.ndarray) -> np.ndarray | None:
    return None if labels is None else np.asarray(labels)[rows]


def _population_by_row(
    study: Any, wave: np.ndarray, stratum: np.ndarray, cluster: np.ndarray | None
) -> np.ndarray | None:
    """How many there were to draw from in each row's stratum, wave by wave; None if all unknown.

    One number for a wave is spread over its strata as its sampling units are.
    """
    unit = np.arange(len(wave)) if cluster is None else cluster
    sizes = np.full(len(wave), np.inf)
    for key in np.unique(wave):
        in_wave = wave == key
        population = study.population_for(int(in_wave.sum()))
        if isinstance(population, Mapping):
            sizes[in_wave] = [float(population[one]) for one in stratum[in_wave]]
        elif population is not None:
            drawn = pd.DataFrame({"stratum": stratum[in_wave], "unit": unit[in_wave]})
            of_stratum = drawn.groupby("stratum")["unit"].nunique()
            share = of_stratum / of_stratum.sum()
            sizes[in_wave] = float(population) * share[drawn["stratum"]].to_numpy()
    return sizes if np.isfinite(sizes).any() else None


def _panel(
    survey: Any,
    rows: np.ndarray,
    wave: np.ndarray,
    stratum: np.ndarray,
    cluster: np.ndarray | None,
) -> np.ndarray | None:
    """Who is the same sampling unit across waves; None where nobody comes back."""
    if cluster is not None:
        units = np.char.add(np.char.add(stratum.astype(str), " "), cluster.astype(str))
    elif survey.study.respondent is not None:
        units = survey.frame["respondent"].to_numpy()[rows].astype(str)
    else:
        return None
    pairs = {*zip(units.tolist(), wave.tolist(), strict=True)}
    return units if len(pairs) > len(set(units.tolist())) else None


# -- who is meant ---------------------------------------------------------------------------------


def groups(survey: Any, by: str | Sequence[str] | None = None) -> list[Group]:
    """The groups in hand by segments and waves, in the study's order; one group without `by`."""
    return list(partition(survey, by).groups)


def partition(survey: Any, by: str | Sequence[str] | None = None) -> Partition:
    """The same groups with the place of each row's own: segments and waves share nobody."""
    keys = [] if by is None else [by] if isinstance(by, str) else list(by)
    segments = survey.study.segment_keys
    for key in keys:
        if key != "wave" and key not in segments:
            known = [*segments, "wave"]
            raise SurveyError(
                f"unknown segment '{key}'",
                expected="one of " + ", ".join(known),
                hint=nearest(key, known),
            )
    return survey.once(("partition", *keys), lambda: _split(survey, keys))


def check_by(survey: Any, metric: str, by: str | Sequence[str] | None) -> None:
    """Refuse a metric by groups that it defines: it would say nothing of them (METHODS 22.2)."""
    for key in [by] if isinstance(by, str) else by or ():
        if key not in survey.study.segments and metric in CIRCULAR.get(key, ()):
            raise SurveyError(
                f"'{metric}' says nothing by '{key}', which is made of it",
                expected="a metric that does not say how far people have come, such as score_100",
            )


def with_group(group: Group, name: str, value: str) -> Group:
    """The same respondents under one more label, such as the answer that is counted."""
    return dataclasses.replace(group, by={**group.by, name: value})


def rest(group: Group, found: Sequence[Group]) -> Group:
    """All respondents of a segment's other groups."""
    others = [one.mask for one in found if one is not group]
    mask = np.logical_or.reduce(others) if others else np.zeros_like(group.mask)
    return dataclasses.replace(group, mask=mask, is_rest=True)


def _split(survey: Any, keys: Sequence[str]) -> Partition:
    """Those in hand split by every combination of the keys' groups, the first key outermost."""
    mask, waves = np.asarray(survey.mask, dtype=bool), tuple(survey.waves)
    codes = np.where(mask, 0, -1).astype(np.int32)
    parts = [waves if key == "wave" else survey.groups(key) for key in keys]
    for key, names in zip(keys, parts, strict=True):
        column = survey.frame["wave" if key == "wave" else f"segment:{key}"]
        found, words = pd.factorize(column)
        own = np.append(pd.Index(names).get_indexer(words), -1)[found]
        codes = np.where((codes < 0) | (own < 0), -1, codes * len(names) + own)
    whole = Group(mask, waves, wave=survey.wave if len(waves) != 1 else waves[0] or None)
    made = []
    for place, chosen in enumerate(itertools.product(*parts)):
        group = whole if not keys else dataclasses.replace(whole, mask=codes == place)
        for key, name in zip(keys, chosen, strict=True):
            group = _narrowed(group, key, name)
        made.append(group)
    return Partition(tuple(made), codes)


def _narrowed(group: Group, key: str, name: str) -> Group:
    if key == "wave":
        return dataclasses.replace(group, waves=(name,), wave=name, is_wave=True)
    return dataclasses.replace(group, by={**group.by, key: name})


# -- what is meant --------------------------------------------------------------------------------


def measured(survey: Any, metric: str, of: str | Sequence[str] | None = None) -> list[Measured]:
    """What `metric` of `of` means in this survey: values for every row, their base and unit."""
    if metric not in METRICS and not metrics.is_box(metric):
        raise SurveyError(
            f"unknown metric '{metric}'",
            expected="one of " + ", ".join(METRICS),
            hint=nearest(metric, METRICS),
        )
    return [_measure(survey, metric, key) for key in _keys(survey, metric, of)]


def on_common_items(
    survey: Any, one: Measured, masks: Sequence[np.ndarray]
) -> tuple[Measured, bool]:
    """The same measure on the items that all groups have in common, and whether any is left."""
    kind, _, level = one.of.partition(":")
    if kind != "level" or one.flag:
        return one, True
    items = scoring.level_items(survey, level, masks)
    if items == scoring.items_of(survey, level):
        return one, True
    return dataclasses.replace(one, values=scoring.level_scores(survey, level, items)), bool(items)


def _keys(survey: Any, metric: str, of: str | Sequence[str] | None) -> list[str]:
    study = survey.study
    if of is None:
        shelf = METRICS.get(metric, "items")
        if shelf == "outcomes":
            return _outcomes_with(study, metric)
        of = shelf
    given = [of] if isinstance(of, str) else list(of)
    return [key for one in given for key in _of_shelf(study, metric, one)]


def _of_shelf(study: Any, metric: str, word: str) -> list[str]:
    if word not in SHELVES:
        return [_checked_key(study, word)]
    if word == "outcomes" and metric in NAMED_METRICS:
        return _outcomes_with(study, metric)
    keys = [f"{SHELVES[word]}:{name}" for name in _names(study, SHELVES[word])]
    return keys[:-1] if metric in ("conversion", "skipped") else keys


def _outcomes_with(study: Any, metric: str) -> list[str]:
    return [f"outcome:{key}" for key, one in study.outcomes.items() if one.metric == metric]


def _names(study: Any, kind: str) -> Sequence[str]:
    if kind == "level":
        return list(scoring.levels(study))
    if kind == "stage":
        return scoring.stages(study)
    if kind == "base":
        return study.base_keys
    return study.item_keys if kind == "item" else list(study.outcomes)


def _checked_key(study: Any, key: str) -> str:
    kind = str(key).partition(":")[0]
    known = [f"{one}:{name}" for one in SHELVES.values() for name in _names(study, one)]
    if key not in known:
        of_kind = [one for one in known if one.startswith(f"{kind}:")]
        raise SurveyError(
            f"unknown '{key}'",
            expected="one of " + ", ".join(of_kind or SHELVES),
            hint=nearest(key, [*known, *SHELVES]),
        )
    return key


def _measure(survey: Any, metric: str, of: str) -> Measured:
    kind, _, name = of.partition(":")
    makers = {
        "level": _of_level,
        "outcome": _of_outcome,
        "item": _of_item,
        "stage": _of_stage,
        "base": _of_base,
    }
    made = makers[kind](survey, metric, name)
    if made is None:
        raise SurveyError(
            f"'{metric}' cannot be taken of '{of}'",
            expected=f"{metric} of {METRICS.get(metric, 'items')}",
        )
    return made


def _of_level(survey: Any, metric: str, level: str) -> Measured | None:
    if metric not in ("score_100", "sd"):
        return None
    is_asked = bool(scoring.items_of(survey, level))
    return Measured(
        f"level:{level}",
        Measure(metric, "mean", "score_100"),
        scoring.level_scores(survey, level),
        base=scoring.scored_base(survey),
        flag=None if is_asked else "not_measured",
    )


def _of_item(survey: Any, metric: str, item: str) -> Measured | None:
    base = scoring.item_base(survey, item)
    if metric == "score_100":
        measure = Measure(metric, "mean", "score_100")
        return _recoded(f"item:{item}", measure, scoring.item_scores(survey, item), base)
    return _of_answers(survey, metric, f"item:{item}", f"item:{item}", base)


def _of_outcome(survey: Any, metric: str, key: str) -> Measured | None:
    of, outcome = f"outcome:{key}", survey.study.outcomes[key]
    base = scoring.base_mask(survey, outcome.base)
    if metric == "nps":
        scores = scoring.coded(survey, of).recoded(metrics.nps_scores)
        return _recoded(of, Measure("nps", "net", "points"), scores, base)
    if metric in ("csat", "ces", "share"):
        definition = outcome.definition or "share_positive"
        if outcome.metric != metric:
            return None
        answers = _as(survey, definition, of)
        return _recoded(of, metrics.measure_of(metric, definition), answers, base)
    return _of_answers(survey, metric, of, of, base)


def _of_stage(survey: Any, metric: str, stage: str) -> Measured | None:
    of, nobody = f"stage:{stage}", np.full(len(survey.frame), np.nan)
    if metric in scoring.FUNNEL:
        measure = Measure(metric, "share", "share")
        if not scoring.is_in_funnel(survey.study, metric, stage):
            return Measured(of, measure, nobody, flag="not_applicable")
        flag = None if scoring.is_reach_measured(survey, stage) else "not_measured"
        answers = scoring.stage_answers(survey, metric, stage)
        return Measured(of, measure, answers.values, flag=flag, answers=answers)
    declared = survey.study.stages.get(stage)
    if declared is None or declared.rating is None:
        return Measured(of, metrics.measure_of(metric, metric), nobody, flag="not_measured")
    may_rate = scoring.reached(survey, stage) != 0
    made = _of_answers(survey, metric, of, f"rating:{stage}", may_rate)
    if made is None:
        return None
    answers = made.coded.among(may_rate)
    return dataclasses.replace(made, values=answers.values, answers=answers, outside="not_reached")


def _of_base(survey: Any, metric: str, base: str) -> Measured | None:
    if metric != "share":
        return None
    values = scoring.base_mask(survey, base).astype(float)
    return Measured(f"base:{base}", Measure("share", "share", "share"), values)


def _of_answers(
    survey: Any, metric: str, of: str, column: str, base: np.ndarray
) -> Measured | None:
    """Any metric of plain answers: means, boxes, nets."""
    if metric == "sd":
        return _recoded(of, Measure("sd", "mean", "scale"), scoring.coded(survey, column), base)
    if METRICS.get(metric) not in (None, "items", "levels"):
        return None
    return _recoded(of, metrics.measure_of(metric, metric), _as(survey, metric, column), base)


def _as(survey: Any, metric: str, column: str) -> Coded:
    """The answers to a question as what `metric` averages."""
    scale = survey.study.scale(column)
    return scoring.coded(survey, column).recoded(
        lambda points: metrics.coded(metric, points, scale)
    )


def _recoded(of: str, measure: Measure, answers: Coded, base: np.ndarray) -> Measured:
    return Measured(of, measure, answers.values, base, answers=answers)


def _deviation(mean: Any, squared: Any) -> tuple[Any, Any]:
    """The standard deviation (n - 1 in the divisor) by linearisation, and its slope.

    From the moments of the values and of their squared distances from the mean, of one group or
    of several at once.
    """
    ratio = np.divide(mean.n, np.maximum(np.subtract(mean.n, 1), 1))
    sd = np.where(np.less(mean.n, 2), np.nan, np.sqrt(squared.estimate * ratio))
    slope = ratio / (2 * np.where(sd > 0, sd, np.inf))
    var = np.where(np.less(mean.n, 2), mean.variance, squared.variance * slope**2)
    return dataclasses.replace(mean, estimate=sd, variance=var), slope
