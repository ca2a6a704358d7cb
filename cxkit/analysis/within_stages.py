"""Numbers inside the stages: price beside quality, product beside service, and how people advocate.

What is compared is compared within people who answered both questions. All functions take the
latest wave in hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.analysis import channels, contrasts, estimates, scoring
from cxkit.analysis.comparisons import rules_of
from cxkit.analysis.contrasts import Contrast
from cxkit.analysis.estimates import Measured
from cxkit.analysis.intervals import Measure
from cxkit.analysis.privacy import overlapping
from cxkit.records import Comparisons, Estimates
from cxkit.study.ways import ways_of

__all__ = [
    "EVALUATED",
    "IMPORTANCE",
    "asked_as",
    "channels_by_stage",
    "evaluated",
    "evaluation",
    "importance",
    "price",
    "ways",
    "weighed",
]

IMPORTANCE = {
    ("consider", "price"): "imp_consider_price",
    ("consider", "quality"): "imp_consider_quality",
    ("decide", "price"): "imp_decide_price",
    ("decide", "quality"): "imp_decide_quality",
}
"""The questions that say what matters, by the stage and what may matter there."""

EVALUATED = {"product": "evl_quality", "service": "evl_service"}
"""The questions on the two things that are judged after a purchase."""

_RATING = Measure("score_100", "mean", "score_100")
_SHARE = Measure("share", "share", "share")

Asked = tuple[str, str]
"""A stage and what may matter there."""

_WEIGHED: tuple[tuple[Asked, Asked], ...] = (
    (("consider", "price"), ("consider", "quality")),
    (("decide", "price"), ("decide", "quality")),
    (("decide", "quality"), ("consider", "quality")),
)
"""What is held against what beside the price at its two stages."""


def asked_as(study: Any, question: str) -> str | None:
    """Where a study holds a question of the library: `item:KEY`, `outcome:KEY`, None if nowhere.

    >>> import cxkit as cx
    >>> asked_as(cx.load("demo").study, "imp_decide_place") is None
    True
    """
    for kind, shelf in (("item", study.items), ("outcome", study.outcomes)):
        if question in shelf:
            return f"{kind}:{question}"
    return None


def importance(survey: Any) -> Estimates:
    """How much price and quality matter at each of the two stages, 0-100; empty if not asked.

    Of those who reached both stages, as in `price`.
    """
    now = survey.latest
    return _scores(now, IMPORTANCE.values(), _went_through(now))


def price(survey: Any) -> Comparisons:
    """How important the price was when deciding minus when comparing, in the same people.

    On 0-100, within those who reached both stages and answered both questions. Empty where the
    study does not ask both.
    """
    return _paired(survey, [(("decide", "price"), ("consider", "price"))])


def weighed(survey: Any) -> Comparisons:
    """Price minus quality when comparing and when deciding, and quality from one to the other.

    Like `price`; the three are corrected together by Holm. Those that a study does not ask both
    sides of are left out.
    """
    return _paired(survey, _WEIGHED)


def evaluated(survey: Any) -> Estimates:
    """How satisfied buyers are with the product and with the service, 0-100; empty if not asked."""
    now = survey.latest
    return _scores(now, EVALUATED.values(), np.ones(len(now.mask), dtype=bool))


def evaluation(survey: Any) -> Comparisons:
    """Satisfaction with the service minus that with the product, within those who rated both."""
    now = survey.latest
    keys = [asked_as(now.study, EVALUATED[one]) for one in ("service", "product")]
    if None in keys:
        return Comparisons((), context=now.context())
    service, product = estimates.measured(now, "score_100", [key for key in keys if key])
    made = _contrast(now, service, product, "evaluation", np.ones(len(now.mask), dtype=bool))
    return contrasts.corrected([made], rules_of(now, "score_100"))


def ways(survey: Any) -> Estimates:
    """Of those who advocated, the share who told others, told the company, and did both.

    Of those who reached the last stage and answered each of its questions: `of` is
    `way:QUESTION` for each way, and `way:both` for those who did all. Shares of ways add up to
    more than one, as people may take several. Empty where a study does not tell them apart.
    """
    now = survey.latest
    stage = (scoring.stages(now.study) or ("",))[-1]
    asked = list(ways_of(now.study, stage))
    known = [f"reached:{stage}:{way}" for way in asked]
    if not known or not set(known) <= set(now.frame.columns):
        return Estimates((), context=now.context())
    told = np.array([now.values(one) for one in known])
    in_base = (scoring.reached(now, stage) == 1) & ~np.isnan(told).any(axis=0)
    shown = dict(zip(asked, told, strict=True))
    shown["both"] = np.minimum.reduce(told)
    records = [
        record
        for way, row in shown.items()
        for record in estimates.of_groups(
            now,
            Measured(f"way:{way}", _SHARE, np.where(in_base, row, np.nan), base=in_base),
            estimates.groups(now),
        )
    ]
    return Estimates(records, context=now.context())


def channels_by_stage(survey: Any, k: int = 3) -> Estimates:
    """The `k` channels that most of those who reached each stage used, most used first.

    `of` is `channel:KEY`, the group `reached` the stage. People use several channels, and those
    of one stage are among those of the stages before it: nothing here is to be compared. A
    channel is left out at a stage if fewer people than the privacy limit used it there, or did
    not, and everywhere if `channels.usage` does not tell it; so is a stage whose people differ
    from those of others by so few. Empty where the study does not ask channels or who reached
    its stages.
    """
    now = survey.latest
    stages = [one for one in now.study.reached_stages if one in scoring.stages(now.study)]
    (everybody,) = estimates.groups(now)
    used = {key: now.values(f"channel:{key}") for key in channels.told(now)}
    reached = {stage: np.asarray(now.mask) & (scoring.reached(now, stage) == 1) for stage in stages}
    found = []
    for stage in _apart(now, used, reached):
        own = reached[stage]
        group = dataclasses.replace(everybody, mask=own, by={"reached": stage})
        shares = [
            record
            for key, values in used.items()
            if _is_told(values[own], now.study.privacy.min_n)
            for record in estimates.of_groups(
                now, Measured(f"channel:{key}", _SHARE, values), [group]
            )
        ]
        found += sorted(shares, key=lambda one: -one.estimate)[:k]
    return Estimates(found, context=now.context())


def _apart(
    survey: Any, used: Mapping[str, np.ndarray], reached: Mapping[str, np.ndarray]
) -> list[str]:
    """The stages whose people, among those who answered, are not all but a few of another's."""
    if not used:
        return []
    answered = survey.mask & ~np.isnan(next(iter(used.values())))
    hidden = overlapping(answered, reached, survey.study.privacy.min_n)
    return [stage for stage in reached if stage not in hidden]


def _is_told(used: np.ndarray, min_n: int) -> bool:
    """Whether enough people used a channel, and enough or nobody did not, for none to be known."""
    users, others = int((used == 1).sum()), int((used == 0).sum())
    return users >= max(min_n, 1) and (others == 0 or others >= min_n)


# -- their parts ----------------------------------------------------------------------------------


def _scores(survey: Any, questions: Iterable[str], kept: np.ndarray) -> Estimates:
    """The 0-100 score of each of some questions that the study holds, of those who are kept."""
    held = [of for question in questions if (of := asked_as(survey.study, question))]
    own = [
        dataclasses.replace(one, values=np.where(kept, one.values, np.nan))
        for one in (estimates.measured(survey, "score_100", held) if held else ())
    ]
    everybody = estimates.groups(survey)
    records = [one for what in own for one in estimates.of_groups(survey, what, everybody)]
    return Estimates(records, context=survey.context())


def _paired(survey: Any, pairs: Sequence[tuple[Asked, Asked]]) -> Comparisons:
    """Differences of importance within those who reached the stages of both sides."""
    now = survey.latest
    made = []
    for sides in pairs:
        held = [asked_as(now.study, IMPORTANCE[side]) for side in sides]
        if None in held:
            continue
        a, b = estimates.measured(now, "score_100", [of for of in held if of])
        made.append(_contrast(now, a, b, "price", _went_through(now)))
    return contrasts.corrected(made, rules_of(now, "score_100"))


def _went_through(survey: Any) -> np.ndarray:
    """Who may have reached both stages: whoever did not reach one can only have guessed."""
    stages = dict.fromkeys(stage for stage, _ in IMPORTANCE)
    return np.logical_and.reduce([scoring.reached(survey, stage) != 0 for stage in stages])


def _contrast(survey: Any, a: Measured, b: Measured, of: str, kept: np.ndarray) -> Contrast:
    own = estimates.sample(survey, tuple(survey.waves))
    sides = [np.where(survey.mask & kept, one.values, np.nan)[own.rows] for one in (a, b)]
    return contrasts.paired(
        _RATING, sides[0], sides[1], own.design, of=of, names=(a.of, b.of), wave=survey.wave
    )
