"""Numbers of the channels: how people arrive, which channels they use, levels and unevenness.

A person arrives through one channel, so that those who came through different ones are different
people; several channels may be used to deal with the brand, so that their users overlap and are not
tested against each other. All functions take the latest wave in hand.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxkit.analysis import estimates, groups, pyramid
from cxkit.analysis import items as statements
from cxkit.analysis.comparisons import leader_of, numbers_of, rules_of
from cxkit.analysis.composition import make_up
from cxkit.analysis.contrasts import (
    Contrast,
    Leader,
    Rules,
    adjust_p,
    contrast,
    corrected,
    leader,
)
from cxkit.analysis.differences.overall import judged, untested, wald_of_means
from cxkit.analysis.estimates import Group, Measured
from cxkit.analysis.intervals import Measure
from cxkit.analysis.privacy import unseen
from cxkit.analysis.spread import spread
from cxkit.records import (
    Comparison,
    Comparisons,
    Estimate,
    Estimates,
    Fit,
    Fits,
    is_private,
    is_unseen,
)
from cxkit.study.channel_use import SEVERAL, UNKNOWN, by_number
from cxkit.suppression import suppressed_overlapping
from cxkit.weights import Moment, covariance_matrix, effective_base

__all__ = [
    "ARRIVAL",
    "INTERACTION",
    "IN_STEP",
    "N_CHANNELS",
    "SEVERAL",
    "Unevenness",
    "arrival",
    "arrivals",
    "in_step",
    "levels_by_channel",
    "most_used",
    "n_used",
    "told",
    "unanswered",
    "unevenness",
    "usage",
]

ARRIVAL = "acquisition_channel"
"""The list of answers to how a person arrived; the segment that has it, or is called so."""

INTERACTION = "interaction_channel"
"""What records of the users of each channel are by, of whom one person can be several."""

IN_STEP = ("chn_switch", "chn_same")
"""The items that ask whether channels are in step."""

N_CHANNELS = "n_channels"
"""What records of people by how many channels they used are by."""

_NO_CHANNEL = (UNKNOWN, "other")
"""Answers that name no channel, or none of those asked about."""

_SHARE = Measure("share", "share", "share")
_SPREAD = Measure("channel_spread", "mean", "scale")


# -- how people arrive ---------------------------------------------------------------------------


def arrival(study: Any) -> str | None:
    """The segment that says through which channel people arrived; None where none was asked."""
    declared = study.segments
    listed = [key for key, one in declared.items() if one.vocabulary == ARRIVAL]
    return next(iter(listed), ARRIVAL if ARRIVAL in declared else None)


def arrivals(survey: Any) -> Estimates:
    """Each channel of arrival: its share, how many came through it, and the levels among them.

    `share` and `respondents` are of `segment:KEY`, among those whose channel is known; the levels
    are scored as the pyramid is, on what all channels were asked, and in total. Empty where the
    study has no such segment.
    """
    now = survey.latest
    context, segment = now.context(), arrival(now.study)
    if segment is None:
        return Estimates((), context=context)
    scores = _level_numbers(now, segment, estimates.groups(now, segment))
    return Estimates([*make_up(now, [segment]), *scores], context=context)


def unanswered(survey: Any) -> Estimate | None:
    """How many of those in hand name no channel of arrival, not even that they do not remember."""
    now = survey.latest
    segment = arrival(now.study)
    if segment is None:
        return None
    lacks = now.mask & now.frame[f"segment:{segment}"].isna().to_numpy(bool)
    return _count(now, lacks, f"segment:{segment}", {segment: ""})


# -- where experience is uneven ------------------------------------------------------------------


@dataclass(frozen=True)
class Unevenness:
    """How far the channels of arrival lie apart on each level.

    `spread` has the standard deviation of the channels' scores without what chance makes of it,
    with the p (Holm over the levels) of the test that they are all alike; `extremes` the highest
    against the lowest channel of each level (Holm over all its pairs). A level is `clear` where
    both are. `most` names the level that is most uneven if that is clear against every other.
    """

    channels: tuple[str, ...]
    spread: Fits
    extremes: Comparisons
    estimates: Estimates
    most: Leader

    def published(self) -> Unevenness:
        """The same numbers as a reader may see them."""
        return dataclasses.replace(
            self,
            spread=self.spread.published(),
            extremes=self.extremes.published(),
            estimates=self.estimates.published(),
        )

    @property
    def clear(self) -> tuple[str, ...]:
        """The levels on which channels clearly differ, in the order of the framework."""
        tested = {one.of for one in self.spread if one.verdict == "clear"}
        return tuple(one.of for one in self.extremes if one.is_clear and one.of in tested)


def unevenness(survey: Any) -> Unevenness:
    """How unevenly each level lies over the channels of arrival that may be shown.

    Those who came through a channel that is not on the list, or do not remember, are no channel.
    Nothing where fewer than two channels, or no level, can be compared.

    Notes
    -----
    Whether channels differ on a level at all is the Wald F over all channels, Holm over levels;
    which level they differ on most compares the variances of their true means (`spread`), Holm
    over the levels, in the same people.
    """
    now = survey.latest
    rules = rules_of(now, "score_100")
    found = [one for one in _compared(now) if len(one.moments) > 1]
    channels = tuple(found[0].moments) if found else ()
    tests = _tested(found, rules)
    extremes = [one.extremes(rules) for one in found]
    return Unevenness(
        channels,
        Fits(tests, context=rules.context),
        Comparisons(extremes, context=rules.context),
        Estimates([one for row in found for one in row.numbers], context=rules.context),
        _most_uneven(found, rules),
    )


@dataclass(frozen=True, eq=False)
class _Level:
    """One level in the channels that can be compared on it: their moments on one design."""

    of: str
    moments: Mapping[str, Moment]
    numbers: Sequence[Estimate]
    design: Any
    segment: str
    wave: str | None

    def extremes(self, rules: Rules) -> Comparison:
        """The highest channel against the lowest, judged among all pairs of channels."""
        order = sorted(self.moments, key=lambda key: -self.moments[key].estimate)
        pairs = list(itertools.combinations(order, 2))
        made = [self._against(a, b) for a, b in pairs]
        return corrected(made, rules)[pairs.index((order[0], order[-1]))]

    def _against(self, a: str, b: str) -> Contrast:
        return contrast(
            Measure("score_100", "mean", "score_100"), self.moments[a], self.moments[b],
            self.design, of=self.of, wave=self.wave,
            names=(f"{self.segment}={a}", f"{self.segment}={b}"),
        )  # fmt: skip


def _compared(now: Any) -> list[_Level]:
    """The levels that channels of arrival can be compared on, in the channels that may be shown."""
    segment = arrival(now.study)
    if segment is None:
        return []
    found = [one for one in estimates.groups(now, segment) if one.by[segment] not in _NO_CHANNEL]
    own, context = estimates.sample(now, tuple(now.waves)), now.context()
    made = []
    for row in groups.level_rows(now, _asked_levels(now), segment, found):
        if not row.is_comparable:
            continue
        moments: dict[str, Moment] = {}
        numbers: list[Estimate] = []
        for group in found:
            moment = own.moment(row.one, group.mask)
            is_hidden = is_private(group.key, now.wave, context, of=row.one.of)
            if moment.n > 1 and estimates.is_shown(now, moment, row.one.of) and not is_hidden:
                moments[group.by[segment]] = moment
                numbers += estimates.of_groups(now, row.one, [group])
        made.append(_Level(row.one.of, moments, numbers, own.design, segment, now.wave))
    return made


def _tested(found: Sequence[_Level], rules: Rules) -> list[Fit]:
    """Of each level the spread over the channels, and whether it is more than chance."""
    tests = []
    for one in found:
        moments = list(one.moments.values())
        n, n_eff = sum(m.n for m in moments), math.fsum(m.n_eff for m in moments)
        made = wald_of_means(moments, one.design)
        args = (n, n_eff, rules.ci_level)
        test = (
            untested("wald_f", made, *args)
            if isinstance(made, str)
            else judged("wald_f", made, *args)
        )
        deviation = float(_spread([one]).deviation[0])
        row = dataclasses.replace(test, name=_SPREAD.metric, of=one.of, wave=one.wave)
        tests.append(Fit(**(row.to_dict() | {"value": deviation, "unit": "score_100"})))
    adjusted = adjust_p([one.p for one in tests], "holm")
    return [
        dataclasses.replace(one, p=float(p), verdict=_verdict(one, float(p), rules))
        for one, p in zip(tests, adjusted, strict=True)
    ]


def _verdict(one: Fit, p: float, rules: Rules) -> str:
    if math.isnan(p):
        return one.verdict
    return "clear" if p < 1 - rules.ci_level else "no_evidence"


def _spread(found: Sequence[_Level]) -> Any:
    """The spread of some levels over the same channels, from their joint covariance."""
    moments = [m for one in found for m in one.moments.values()]
    means = np.array([m.estimate for m in moments]).reshape(len(found), -1)
    influences = np.column_stack([m.influence for m in moments])
    return spread(means, covariance_matrix(influences, found[0].design))


def _most_uneven(found: Sequence[_Level], rules: Rules) -> Leader:
    """The level whose channels lie farthest apart, named only if clear against every other."""
    same = [one for one in found if list(one.moments) == list(found[0].moments)]
    if not same:
        return leader({}, _no_contrast, rules)
    made = _spread(same)
    place = {one.of: i for i, one in enumerate(same)}

    def against(first: str, other: str) -> Contrast:
        difference, se = made.difference(place[first], place[other])
        a, b = (_together(same[place[key]]) for key in (first, other))
        return Contrast(
            first, other, "levels", _SPREAD, a, b, difference, "normal_forms",
            centre=difference, se=se, df=math.inf, wave=same[0].wave,
        )  # fmt: skip

    sizes = {of: float(made.variance[i]) for of, i in place.items()}
    return leader(sizes, against, rules, is_highest=True, n_hidden=len(found) - len(same))


def _no_contrast(first: str, other: str) -> Contrast:
    raise AssertionError("there is nothing to compare")


def _together(level: _Level) -> Moment:
    """The base of a level over all channels: a contrast asks for no more of it."""
    moments = level.moments.values()
    n, n_eff = sum(one.n for one in moments), sum(one.n_eff for one in moments)
    return Moment(math.nan, np.empty(0), n, n_eff)


# -- which channels they use ---------------------------------------------------------------------


def usage(survey: Any) -> Estimates:
    """Which channels people used: the share of each, among those who answered, and its users.

    `share` and `respondents` of `channel:KEY`, by `{"interaction_channel": KEY}`. A channel is
    hidden where its users are too few, where those who did not use it are, or where it would tell
    of few people beside the others. Empty where the study has no such question.
    """
    now = survey.latest
    hidden = _hidden(now)
    records: list[Estimate] = []
    for key, values in _used(now).items():
        of, by = f"channel:{key}", {INTERACTION: key}
        told = [*_shares(now, of, values, by), _count(now, values == 1, of, by)]
        records += [unseen(one) for one in told] if of in hidden else told
    return Estimates(records, context=now.context())


def n_used(survey: Any) -> Estimates:
    """The shares of those who used no channel, one, two, ..., and two or more (`SEVERAL`).

    `share` of `channels`, by `{"n_channels": "2"}`; `"4"` is four or more. Counted among those who
    answered; not remembering is no channel.
    """
    now = survey.latest
    hidden = _hidden(now)
    records: list[Estimate] = []
    for band, values in _bands(now).items():
        told = _shares(now, "channels", values, {N_CHANNELS: band})
        records += [unseen(one) for one in told] if _of_band(band) in hidden else told
    return Estimates(records, context=now.context())


def most_used(survey: Any) -> Leader:
    """The channel that most people used, named only if clear against every other.

    The same people answer on every channel, so that differences allow for how they go together.
    """
    now = survey.latest
    hidden = _hidden(now)
    found = [
        Measured(f"channel:{key}", _SHARE, np.where(now.mask, values, np.nan))
        for key, values in _used(now).items()
        if key not in _NO_CHANNEL and f"channel:{key}" not in hidden
    ]
    return leader_of(now, found, "channels", is_highest=True)


def levels_by_channel(survey: Any) -> Estimates:
    """The 0-100 score of each level among the users of each channel, and of all.

    A person who used several channels counts in each. Scored as the pyramid is, on what the users
    of all channels were asked. Empty without a question on channels, or without levels.
    """
    now = survey.latest
    context, used = now.context(), _used(now)
    (whole,) = estimates.groups(now)
    found = [_users(whole, key, values) for key, values in used.items()]
    scores = _level_numbers(now, INTERACTION, found) if found else []
    scored = whole.mask & (_is_scored(now) if scores else False)
    hidden = _hidden(now) | _untold(now, "levels|channel:", used)
    users = {f"channel:{one.by[INTERACTION]}": scored & one.mask for one in found}
    users = dict(sorted(users.items(), key=lambda one: -int(one[1].sum())))
    hidden |= _told_by_others(scored, users, now)
    records = [
        unseen(one) if f"channel:{one.by.get(INTERACTION)}" in hidden else one for one in scores
    ]
    return Estimates(records, context=context)


def _users(whole: Group, key: str, values: np.ndarray) -> Group:
    return dataclasses.replace(whole, mask=whole.mask & (values == 1), by={INTERACTION: key})


def _used(now: Any) -> dict[str, np.ndarray]:
    """Whether each person in hand used each channel: 1, 0, or NaN where it was not answered."""
    return {
        key: np.where(now.mask, now.values(f"channel:{key}"), np.nan)
        for key in now.study.channel_keys
    }


def _bands(now: Any) -> dict[str, np.ndarray]:
    """Whether each person in hand used so many channels."""
    return by_number(_used(now))


def _of_band(band: str) -> str:
    return f"channels:{band}"


# -- what may not be told ------------------------------------------------------------------------


def told(survey: Any) -> tuple[str, ...]:
    """The channels that people may be said to have used, in the study's order (see `usage`)."""
    now = survey.latest
    hidden = _hidden(now)
    return tuple(key for key in now.study.channel_keys if f"channel:{key}" not in hidden)


def _hidden(now: Any) -> frozenset[str]:
    """The channels, and numbers of channels, of whose people nothing is told."""
    return frozenset(now.once("hidden channels", lambda: _found_hidden(now)))


def _found_hidden(now: Any) -> frozenset[str]:
    used, bands = _used(now), _bands(now)
    if not used:
        return frozenset()
    people = {f"channel:{key}": values == 1 for key, values in used.items()}
    people = dict(sorted(people.items(), key=lambda one: -int(one[1].sum())))
    people |= {_of_band(band): values == 1 for band, values in bands.items()}
    answered = ~np.isnan(next(iter(used.values())))
    by_others = _untold(now, "channel:", used) | _untold(now, "channels:", bands)
    return _told_by_others(answered, people, now) | by_others


def _told_by_others(
    whole: np.ndarray, people: Mapping[str, np.ndarray], now: Any
) -> frozenset[str]:
    """Those of whom too little may be told, beside the whole and the others of this page."""
    names = list(people)
    apart = suppressed_overlapping(whole, list(people.values()), now.study.privacy.min_n)
    return frozenset(names[place] for place in apart)


def _untold(now: Any, prefix: str, keys: Iterable[str]) -> frozenset[str]:
    """What the reports of other groups would tell of a group in hand: of users, or of the rest."""
    context, last = now.context(), prefix.rpartition("|")[2]
    return frozenset(
        f"{last}{key}"
        for key in keys
        if any(is_unseen(now.wave, f"{prefix}{key}{side}", context) for side in ("", "!"))
    )


# -- whether channels are in step ----------------------------------------------------------------


def in_step(survey: Any) -> Estimates:
    """What users of several channels say of moving between them, and of being told the same.

    How each item asked was answered, as in `items.answers_of`; empty where none was asked.
    """
    now = survey.latest
    found = Estimates((), context=now.context())
    for item in IN_STEP:
        if item in now.study.items:
            found += statements.answers_of(now, item)
    return found


# -- their parts ---------------------------------------------------------------------------------


def _asked_levels(now: Any) -> list[Measured]:
    """The levels as the pyramid scores them; none without statements."""
    found = pyramid.measured(now) if now.study.framework is not None else []
    return found if any(one.flag is None for one in found) else []


def _level_numbers(now: Any, segment: str, found: Sequence[Group]) -> list[Estimate]:
    """The score of each level in total and in some groups, on what all of them were asked."""
    asked, columns = _asked_levels(now), [*estimates.groups(now), *found]
    rows = groups.level_rows(now, asked, segment, found) if asked else []
    return [one for row in rows for one in numbers_of(now, row, columns)]


def _is_scored(now: Any) -> np.ndarray:
    """Who has a score on every level."""
    scores = np.array([one.values for one in _asked_levels(now) if one.flag is None])
    is_scored: np.ndarray = ~np.isnan(scores).any(axis=0)
    return is_scored


def _shares(now: Any, of: str, values: np.ndarray, by: Mapping[str, str]) -> Iterator[Estimate]:
    for one in estimates.of_groups(now, Measured(of, _SHARE, values), estimates.groups(now)):
        yield dataclasses.replace(one, by=dict(by))


def _count(now: Any, mask: np.ndarray, of: str, by: Mapping[str, str]) -> Estimate:
    n = int(mask.sum())
    n_eff = effective_base(np.asarray(now.weight)[mask]) if n else 0.0
    return Estimate(
        "respondents", of, float(n), n=n, n_eff=n_eff, unit="count", wave=now.wave, by=dict(by)
    )
