"""Numbers of loyalty: what respondents tell others, what they say they will do, and on what terms.

What was told counts among those who know the brand, so that every share has one base. Intentions
are what respondents state, never what they do. All functions take the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from cxkit.analysis import estimates, metrics, scoring
from cxkit.analysis.comparisons import between, rules_of
from cxkit.analysis.contrasts import corrected
from cxkit.analysis.estimates import Group, Measured
from cxkit.analysis.intervals import Measure
from cxkit.analysis.privacy import overlapping, unseen, without_sides
from cxkit.records import Comparisons, Estimates

__all__ = [
    "INTENTIONS",
    "KINDS",
    "TOLD",
    "conditional",
    "intentions",
    "is_asked",
    "is_of_talkers",
    "said_and_done",
    "shares_of",
    "warned",
    "warners",
    "word_of_mouth",
    "yes",
]

TOLD: Mapping[str, Mapping[str, int]] = {
    "wom_talked": {},
    "wom_tone": {"mostly_good": 3, "equal": 2, "mostly_bad": 1},
    "wom_recommended": {},
    "wom_followed": {},
    "wom_warned": {},
    "rev_posted": {},
    "rev_tone": {"positive": 3, "neutral": 2, "negative": 1},
    "rev_stars": {},
}
"""What respondents may have told others, in the order told; of lists of answers, their codes."""

INTENTIONS = ("stay", "leave", "repurchase", "cross_sell")
"""What respondents may say they will do; staying on a condition is told by `conditional`."""

KINDS = {"promoter": 1.0, "passive": 0.0, "detractor": -1.0}
"""Those who answered how likely they are to recommend, by their score."""

SHARE = Measure("share", "share", "share")
NOT_SURE = Measure("not_sure", "share", "share")
LIKELY = Measure("top_2_box", "share", "share")

_EVER = "advocate:rch_advocate_peer"
"""The way to have advocated that speaks of recommending the brand to others."""


def is_asked(survey: Any, *keys: str) -> bool:
    """Whether the study has all of these as outcomes."""
    return set(keys) <= set(survey.study.outcomes)


def yes(survey: Any, key: str) -> np.ndarray:
    """Who says yes to a question: 1, 0 for no, NaN where it was not answered. Full length."""
    return survey.values(f"outcome:{key}")


def shares_of(
    survey: Any,
    of: str,
    values: np.ndarray,
    found: Iterable[Group],
    *,
    measure: Measure = SHARE,
    **by: str,
) -> Iterator[Any]:
    """The share of ones among zeros and ones in each group, as one answer of a question."""
    one = Measured(of, measure, values, base=_base(survey, of))
    groups = [dataclasses.replace(group, by={**group.by, **by}) for group in found]
    return iter(estimates.of_groups(survey, one, groups))


# -- what was told --------------------------------------------------------------------------------


def word_of_mouth(survey: Any) -> Estimates:
    """The shares that talked, in what tone, advised others to use the brand or not, and reviewed.

    Of lists of answers each answer (`by` `{"answer": "mostly_good"}`); of stars the mean. The
    tone of talking counts among all who know the brand, those who did not talk among them: so
    it may stand beside those who warned others. Questions that were not asked are left out.
    """
    now = survey.latest
    whole = estimates.groups(now)
    records: list[Any] = []
    for key, codes in TOLD.items():
        of = f"outcome:{key}"
        if not is_asked(now, key):
            continue
        if key == "rev_stars":
            records += estimates.estimate(now, "mean", of=of)
        elif codes:
            answers = _tone(now) if key == "wom_tone" else yes(now, key)
            for answer, code in codes.items():
                records += shares_of(now, of, _is(answers, code), whole, answer=answer)
        else:
            values = _recommended(now) if key == "wom_recommended" else yes(now, key)
            records += shares_of(now, of, values, whole)
    return Estimates(records, context=now.context())


def is_of_talkers(survey: Any) -> bool:
    """Whether the tone can only be counted among those who talked: who talked was not asked."""
    return is_asked(survey, "wom_tone") and not is_asked(survey, "wom_talked")


def said_and_done(survey: Any) -> Estimates:
    """Who advised others to use the brand, and not to, by the answer about recommending it.

    Groups are promoters, passives and detractors (`by` `{"answer": "promoter"}`). One that would
    tell of few people beside all who know the brand, buyers and prospects is hidden.
    """
    now = survey.latest
    told = {"wom_recommended": _recommended, "wom_warned": lambda at: yes(at, "wom_warned")}
    found = _by_kind(now) if _has_nps(now) else []
    records = []
    for key, values in told.items():
        if found and is_asked(now, key):
            hidden = _untold(now, key, values(now))
            shares = shares_of(now, f"outcome:{key}", values(now), found)
            records += [unseen(one) if one.by["answer"] in hidden else one for one in shares]
    return Estimates(records, context=now.context())


def warners(survey: Any) -> Estimates:
    """The shares of buyers and of prospects who advised someone not to use the brand.

    Prospects know the brand and did not say that they bought (`by` `{"base": "prospects"}`).
    Empty where the question, or who bought, was not asked.
    """
    now = survey.latest
    sides, warned_of = _sides(now), "outcome:wom_warned"
    found = shares_of(now, warned_of, yes(now, "wom_warned"), sides) if sides else ()
    hidden = _untold_sides(now)
    shown = (unseen(one) if one.by["base"] in hidden else one for one in found)
    return Estimates(shown, context=now.context())


def warned(survey: Any) -> Comparisons:
    """Buyers minus prospects: the difference of the shares who warned others."""
    now = survey.latest
    sides = _sides(now)
    if not sides:
        return Comparisons((), context=now.context())
    one = Measured("outcome:wom_warned", SHARE, yes(now, "wom_warned"))
    names = ("base:buyers", "base:prospects")
    made = [dataclasses.replace(pair, a=names[0], b=names[1]) for pair in between(now, one, sides)]
    found = corrected(made, rules_of(now, "share"))
    return without_sides(found, {f"base:{key}" for key in _untold_sides(now)})


# -- what is said ---------------------------------------------------------------------------------


def intentions(survey: Any) -> Estimates:
    """The shares who chose one of the two highest answers on each intention, as stated.

    Of the intention to leave that is the share likely to leave. Intentions that were not asked
    are left out.
    """
    now = survey.latest
    whole = estimates.groups(now)
    records: list[Any] = []
    for key in INTENTIONS:
        if is_asked(now, key):
            of = f"outcome:{key}"
            records += shares_of(now, of, _likely(now, key), whole, measure=LIKELY)
    return Estimates(records, context=now.context())


def conditional(survey: Any) -> Estimates:
    """The shares not sure to choose the brand if another were cheaper, by kind of recommender.

    Not sure: any answer that is not on the better side of the midpoint. Promoters, passives and
    detractors (`by` `{"answer": "promoter"}`), then all of them. Empty where recommending or the
    price was not asked.
    """
    now = survey.latest
    if not (_has_nps(now) and is_asked(now, "loyal_price")):
        return Estimates((), context=now.context())
    of = "outcome:loyal_price"
    scale = now.study.scale(of)
    sure = metrics.coded("share_positive", yes(now, "loyal_price"), scale)
    kinds = _by_kind(now)
    together = np.logical_or.reduce([group.mask for group in kinds])
    groups = [*kinds, dataclasses.replace(kinds[0], mask=together, by={})]
    found = shares_of(now, of, 1 - sure, groups, measure=NOT_SURE)
    return Estimates(found, context=now.context())


# -- their parts ----------------------------------------------------------------------------------


def _base(survey: Any, of: str) -> np.ndarray:
    return scoring.base_mask(survey, survey.study.outcomes[of.partition(":")[2]].base)


def _is(answers: np.ndarray, code: int) -> np.ndarray:
    """1 for one answer, 0 for another, NaN for none."""
    return np.where(np.isnan(answers), np.nan, answers == code)


def _tone(survey: Any) -> np.ndarray:
    """What those who know the brand mostly said of it: 3 good, 1 bad, 0 nothing at all."""
    answers = yes(survey, "wom_tone")
    if not is_asked(survey, "wom_talked"):
        return answers
    return np.where(yes(survey, "wom_talked") == 0, 0.0, answers)


def _recommended(survey: Any) -> np.ndarray:
    """Who advised others to use the brand: those who never did are not asked about a period.

    Their no stands in the waves that put the question to anybody.
    """
    answers = yes(survey, "wom_recommended")
    asked = _EVER if scoring.is_reach_measured(survey, _EVER) else "advocate"
    never = scoring.reached(survey, asked) == 0
    in_wave = survey.frame["wave"]
    was_asked = in_wave.isin(in_wave[~np.isnan(answers)].unique()).to_numpy(dtype=bool)
    is_no = np.isnan(answers) & never & was_asked & _base(survey, "outcome:wom_recommended")
    return np.where(is_no, 0.0, answers)


def _likely(survey: Any, key: str) -> np.ndarray:
    """Who chose one of the two answers that say most surely that they will."""
    scale = survey.study.scale(f"outcome:{key}")
    return metrics.coded("top_2_box", yes(survey, key), scale)


def _has_nps(survey: Any) -> bool:
    asked = survey.study.outcomes.get("recommend")
    return asked is not None and asked.metric == "nps"


def _by_kind(survey: Any) -> list[Group]:
    """Those in hand by what they answered about recommending."""
    (whole,) = estimates.groups(survey)
    (one,) = estimates.measured(survey, "nps", "outcome:recommend")
    return [
        dataclasses.replace(whole, mask=whole.mask & (one.values == score), by={"answer": kind})
        for kind, score in KINDS.items()
    ]


def _untold_sides(survey: Any) -> frozenset[str]:
    """Neither buyers nor prospects where one of them may not be told: all of them are known."""
    hidden = _untold(survey, "wom_warned", yes(survey, "wom_warned"))
    sides = {"buyers", "prospects"}
    return frozenset(sides if hidden & sides else ())


def _untold(survey: Any, key: str, values: np.ndarray) -> frozenset[str]:
    """The groups of whom a question is not told, beside all who were asked and other groups.

    Those who were to say whether they recommend the brand and did not are of no group.
    """
    kinds = _by_kind(survey) if _has_nps(survey) else []
    sides = _sides(survey) if key == "wom_warned" else []
    groups = {next(iter(group.by.values())): group.mask for group in (*sides, *kinds)}
    whole = survey.mask & ~np.isnan(values)
    if kinds:
        has_kind = np.logical_or.reduce([group.mask for group in kinds])
        whole &= has_kind | ~_base(survey, "outcome:recommend")
    return overlapping(whole, groups, survey.study.privacy.min_n)


def _sides(survey: Any) -> list[Group]:
    """Buyers, and those who know the brand without having bought."""
    if not (is_asked(survey, "wom_warned") and "buyers" in survey.study.base_keys):
        return []
    (whole,) = estimates.groups(survey)
    bought, knows = (scoring.base_mask(survey, base) for base in ("buyers", "aware"))
    masks = {"buyers": bought, "prospects": knows & ~bought}
    return [
        dataclasses.replace(whole, mask=whole.mask & mask, by={"base": base})
        for base, mask in masks.items()
    ]
