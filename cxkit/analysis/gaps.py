"""Numbers of expectation against reality: the direct question, and the paired one.

The direct question asks whether reality was worse or better than expected, and is preferred where
both were asked: it needs no difference of two answers. The paired one takes what was expected
from the statement in the same words, person by person. Expectations lie near the top of the scale
almost everywhere, so that the order of the gaps is read and not their sign (METHODS 22.11). All
functions take the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit import library
from cxkit.analysis import contrasts, estimates, scoring
from cxkit.analysis import items as statements
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.contrasts import Contrast, Leader, Rules
from cxkit.analysis.estimates import Measured
from cxkit.analysis.expectations.difference import of_statement
from cxkit.analysis.expectations.surface import Surface, surface_of
from cxkit.analysis.intervals import Measure
from cxkit.analysis.joint import seeded
from cxkit.analysis.links import linked
from cxkit.records import Comparisons, Estimate, Estimates, Fit, Fits

__all__ = [
    "Pair",
    "direct",
    "direct_items",
    "furthest_behind",
    "paired",
    "paired_scores",
    "pairs",
    "reliability",
    "surfaces",
    "unpaired",
    "widest",
]

_GAP = Measure("score_100", "mean", "score_100")
_IN_PAIR = Measure("score_in_pair", "mean", "score_100")
_BALANCE = Measure("net", "net", "share")
_WITHIN = Measure("net", "mean", "share")

_MIDDLE, _STEP = 50.0, 10.0
"""Surfaces count scores from the middle of 0-100, in steps of ten points."""


@dataclass(frozen=True)
class Pair:
    """A level's expectation and the statement in the same words that it is held against."""

    level: str
    item: str
    expected: str

    @property
    def of(self) -> str:
        """The level and both questions, as the `of` of records that are made of all three."""
        return f"level:{self.level}|item:{self.item}|item:{self.expected}"


# -- what was asked -------------------------------------------------------------------------------


def direct_items(study: Any) -> dict[str, str]:
    """The direct questions that the study asked, each with its level, in the order of levels.

    >>> from cxkit.study import read_study
    >>> list(direct_items(read_study("demo")).values())[:1] in ([], ["fulfilment"])
    True
    """
    found = {
        key: str(one["level"])
        for key, one in _asked(study).items()
        if one["scale"] == "against_expectation_5"
    }
    return _by_level(study, found)


def pairs(study: Any) -> tuple[Pair, ...]:
    """The expectations whose paired statement was asked too, on the same scale."""
    found = {key: str(one["level"]) for key, one in _expected(study).items()}
    alone = unpaired(study)
    return tuple(
        Pair(level, _expected(study)[key]["pairs_with"], key)
        for key, level in _by_level(study, found).items()
        if key not in alone
    )


def unpaired(study: Any) -> tuple[str, ...]:
    """The expectations without their statement, or with one that was asked on another scale."""
    return tuple(
        key
        for key, one in _expected(study).items()
        if one["pairs_with"] not in study.items
        or study.items[one["pairs_with"]].scale != study.items[key].scale
    )


def _asked(study: Any) -> dict[str, Mapping[str, Any]]:
    """The questions about expectation that the study asked, as the library describes them."""
    return {
        key: one
        for key, one in library.asked_on_a_scale().items()
        if one["battery"] == "expectation" and key in study.items
    }


def _expected(study: Any) -> dict[str, Mapping[str, Any]]:
    return {key: one for key, one in _asked(study).items() if "pairs_with" in one}


def _by_level(study: Any, found: Mapping[str, str]) -> dict[str, str]:
    """Questions in the order of the study's levels, those of other levels last."""
    order = list(scoring.levels(study))
    place = {level: at for at, level in enumerate(order)}
    ranked = sorted(found, key=lambda key: place.get(found[key], len(order)))
    return {key: found[key] for key in ranked}


# -- the direct question --------------------------------------------------------------------------


def direct(survey: Any) -> Estimates:
    """How each direct question was answered: bands and halves of the answers, and their balance.

    As `items.answers_of`, and `net`: the share who say better than expected minus the share who
    say worse.
    """
    now = survey.latest
    everybody = estimates.groups(now)
    found = Estimates((), context=now.context())
    for item in direct_items(now.study):
        found += statements.answers_of(now, item)
        found += estimates.of_groups(now, _balance(now, item), everybody)
    return found


def furthest_behind(survey: Any) -> Leader:
    """The direct question with the lowest balance of better and worse, where that is clear.

    Within people who answered both of two questions, corrected by Holm; those who were asked
    differ from question to question.
    """
    now = survey.latest
    own = {f"item:{item}": _balance(now, item) for item in direct_items(now.study)}
    told = [
        record
        for one in own.values()
        for record in estimates.of_groups(now, one, estimates.groups(now))
    ]
    shown = {one.of: one.estimate for one in told if estimates.is_shown(now, one)}
    values = {of: _in_hand(now, one.values) for of, one in own.items()}
    n_hidden = sum(one.n > 0 for one in told) - len(shown)
    return _leader(now, shown, values, _WITHIN, rules_of(now, "net"), n_hidden)


def _balance(survey: Any, item: str) -> Measured:
    """1 for better than expected, -1 for worse, 0 for as expected."""
    better, worse = (
        estimates.measured(survey, metric, f"item:{item}")[0]
        for metric in ("top_box_half", "bottom_box_half")
    )
    return Measured(f"item:{item}", _BALANCE, better.values - worse.values, better.base)


# -- the paired question --------------------------------------------------------------------------


def paired(survey: Any) -> Comparisons:
    """Reality minus expectation on 0-100 for each pair, within people who answered both.

    `of` is the level, `a` the statement and `b` its expectation. Corrected by Holm.
    """
    now = survey.latest
    own = estimates.sample(now, tuple(now.waves))
    made = [
        contrasts.paired(
            _GAP,
            _scores(now, one.item)[own.rows],
            _scores(now, one.expected)[own.rows],
            own.design,
            of=f"level:{one.level}",
            names=(f"item:{one.item}", f"item:{one.expected}"),
            wave=now.wave,
        )
        for one in pairs(now.study)
    ]
    return contrasts.corrected(made, rules_of(now, "score_100"))


def paired_scores(survey: Any) -> Estimates:
    """Both scores of each pair (`score_in_pair`, 0-100) among those who answered both."""
    now = survey.latest
    everybody = estimates.groups(now)
    records: list[Estimate] = []
    for one in pairs(now.study):
        sides = {key: scoring.item_scores_100(now, key) for key in (one.item, one.expected)}
        has_both = ~np.isnan(np.array([*sides.values()])).any(axis=0)
        for key, scores in sides.items():
            values = np.where(has_both, scores, np.nan)
            made = Measured(f"item:{key}", _IN_PAIR, values, scoring.item_base(now, key))
            records += estimates.of_groups(now, made, everybody)
    return Estimates(records, context=now.context())


def widest(survey: Any) -> Leader:
    """The level whose reality lies lowest against its expectation, where that is clear.

    Candidates and comparisons are levels (`level:trust`): gap minus gap, within people who have
    both gaps, corrected by Holm.
    """
    now = survey.latest
    made = paired(now)
    seen = [one for one in made.published() if one.verdict != "hidden" and one.n_a]
    shown = {one.of: one.difference for one in seen}
    values = {
        f"level:{one.level}": _scores(now, one.item) - _scores(now, one.expected)
        for one in pairs(now.study)
    }
    n_hidden = sum(one.n_a > 0 for one in made) - len(shown)
    return _leader(now, shown, values, _GAP, rules_of(now, "score_100"), n_hidden)


def reliability(survey: Any) -> Fits:
    """How reliable each gap is between people: see `difference_reliability`.

    The statement is as reliable as its level's reliability, stepped down to one statement, says;
    what was expected of it is taken to be as reliable. Level of one statement: `single_item`.
    """
    now = survey.latest
    return Fits((_reliability(now, one) for one in pairs(now.study)), context=now.context())


def _reliability(survey: Any, one: Pair) -> Fit:
    own = estimates.sample(survey, tuple(survey.waves))
    asked = scoring.levels(survey.study).get(one.level, ())
    items = list(asked) if one.item in asked else [one.item]
    scores = {key: _scores(survey, key)[own.rows] for key in (*items, one.expected)}
    answered = [key for key in items if key == one.item or not np.isnan(scores[key]).all()]
    found = of_statement(
        np.column_stack([scores[key] for key in answered]),
        answered.index(one.item),
        scores[one.expected],
        own.design,
        survey.study.ci_level,
        seeded(survey.study.seed, f"gaps:{one.expected}"),
    )
    return dataclasses.replace(found, of=one.of, wave=survey.wave)


def surfaces(survey: Any) -> dict[str, Surface]:
    """The response surface of each pair with the outcome of the links, by level; scores in tens.

    Empty where the study has no outcome. `of` names all that a record is made of, metrics are
    `surface_a1` to `surface_a4`; fits `r2_surface`, `r2_real` and `r2_gap`.
    """
    now = survey.latest
    outcome = linked(now)
    if not outcome.outcome or outcome.absent == "private":
        return {}
    return {
        one.level: _surface(now, one, outcome)
        for one in pairs(now.study)
        if f"item:{one.item}" != outcome.outcome
    }


def _surface(survey: Any, one: Pair, outcome: Any) -> Surface:
    own = estimates.sample(survey, tuple(survey.waves))
    sides = [(_scores(survey, key) - _MIDDLE) / _STEP for key in (one.item, one.expected)]
    values = np.column_stack([*(side[own.rows] for side in sides), outcome.given.y])
    seed = seeded(survey.study.seed, f"gaps:surface:{one.expected}")
    made = surface_of(values, own.design, survey.study.ci_level, seed, context=survey.context())
    told = {"of": f"{one.of}|{outcome.outcome}", "wave": survey.wave}
    return Surface(
        (dataclasses.replace(x, metric=f"surface_{x.of}", **told) for x in made),
        context=made.context,
        fits=Fits(
            (dataclasses.replace(x, name=f"r2_{x.of}", **told) for x in made.fits),
            context=made.context,
        ),
        verdict=made.verdict,
    )


# -- their parts ----------------------------------------------------------------------------------


def _in_hand(survey: Any, values: np.ndarray) -> np.ndarray:
    return np.where(survey.mask, values, np.nan)


def _scores(survey: Any, item: str) -> np.ndarray:
    return _in_hand(survey, scoring.item_scores_100(survey, item))


def _leader(
    survey: Any,
    shown: Mapping[str, float],
    values: Mapping[str, np.ndarray],
    measure: Measure,
    rules: Rules,
    n_hidden: int,
) -> Leader:
    """The lowest of some values, each candidate against every other within the same people."""
    own = estimates.sample(survey, tuple(survey.waves))

    def against(first: str, other: str) -> Contrast:
        sides = (values[first][own.rows], values[other][own.rows])
        return contrasts.paired(
            measure, *sides, own.design, of="gap", names=(first, other), wave=survey.wave
        )

    return contrasts.leader(shown, against, rules, n_hidden=n_hidden)
