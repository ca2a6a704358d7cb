"""Multiverse: each headline of the summary over all reasonable ways of analysing the same answers.

A way is one choice of each kind: whose answers count, how many of a level's statements must be
answered, which weights, which answers make a top box, how a link is divided. Each way is analysed
by the code of the report; a finding holds in it where that comes to the same verdict.

Ways whose numbers would, beside those of others, tell what a few people answered are not taken
(`cxkit.suppression.told_apart`), nor are those whose base is too small to be shown.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cxkit.analysis import robustness
from cxkit.analysis.conventions import choices_of
from cxkit.analysis.fixed_questions import Asked, asked_of
from cxkit.analysis.joint import seeded
from cxkit.records import Fit, Fits
from cxkit.suppression import told_apart

__all__ = ["CAP", "MOST_WAYS", "Multiverse", "multiverse"]

MOST_WAYS = 48
"""So many ways of one finding are tried: all of them, or those of one choice each and some more."""

CAP = 3.0
"""Trimmed weights lie between a third of the mean weight and three times it."""

_SAME = 1e-9
"""Weights that differ by less are alike."""

Choices = Mapping[str, str]
"""A choice of each kind: `{"answers": "used", "missing": "half", "weights": "given"}`."""


@dataclass(frozen=True, eq=False)
class Multiverse:
    """One finding in every way that was tried.

    Attributes
    ----------
    key : str
        The finding (`F06`).
    of : str
        What it is about (`outcome:recommend`, `levels`).
    fits : Fits
        A record for each way, that of the report first: `value` is what the verdict rests on,
        with its interval and base, `verdict` what the way says; `of` names the choices.
    choices : mapping of str to tuple of str
        What was tried of each kind of choice, the report's own first.
    n_all : int
        How many ways of these choices may be taken: more than were tried where they are too many.
    n_left_out : int
        Ways that were not taken, for privacy or for their base.
    reference : float or None
        The value that decides: a target, or zero.
    """

    key: str
    of: str
    fits: Fits
    choices: Mapping[str, tuple[str, ...]]
    n_all: int = 1
    n_left_out: int = 0
    reference: float | None = None

    @property
    def said(self) -> str:
        """What the report says."""
        return str(self.fits[0].verdict)

    @property
    def m(self) -> int:
        """How many ways were tried, that of the report among them."""
        return len(self.fits)

    @property
    def k(self) -> int:
        """In how many of them the finding holds."""
        return sum(one.verdict == self.said for one in self.fits)

    @cached_property
    def breaking(self) -> tuple[str, str] | None:
        """The single choice that changes the finding, most often if several do: kind and value.

        One that changes it by itself, everything else as in the report; None where only several
        choices together do. Of those that do, the one that does in the largest part of all pairs
        of ways that differ in nothing but this choice and the report's.
        """
        ways = {_key(choices_of(one.of)): one.verdict == self.said for one in self.fits}
        rates = {
            (kind, value): self._rate(ways, kind, value)
            for kind, tried in self.choices.items()
            for value in tried[1:]
            if not ways.get(self._alone(kind, value), True)
        }
        return max(rates, key=lambda one: rates[one], default=None)

    def _alone(self, kind: str, value: str) -> tuple[tuple[str, str], ...]:
        """The way that differs from the report in this choice only."""
        return _key({other: tried[0] for other, tried in self.choices.items()} | {kind: value})

    def _rate(self, ways: Mapping[Any, bool], kind: str, value: str) -> float:
        """In what part of its pairs of ways a choice changes the finding."""
        pairs = []
        for way, holds in ways.items():
            own = dict(way)
            if own[kind] == value:
                beside = ways.get(_key({**own, kind: self.choices[kind][0]}))
                if beside is not None:
                    pairs.append(beside and not holds)
        return sum(pairs) / len(pairs) if pairs else 0.0

    @property
    def then(self) -> str:
        """What the finding becomes with the choice that changes it, all else as in the report."""
        if self.breaking is None:
            return ""
        alone = self._alone(*self.breaking)
        return next(str(one.verdict) for one in self.fits if _key(choices_of(one.of)) == alone)


def multiverse(survey: Any) -> tuple[list[Multiverse], list[str]]:
    """Each headline of the summary in all reasonable ways, in the latest wave in hand.

    Returns
    -------
    list of Multiverse
        F04 the headline against its target (without one: within its range in the report), F06 the
        weakest level, F12 the worst hand-off or F11 the largest loss, F17 what goes with the
        outcome, F20 the change of the headline; those that the study can answer and that can be
        analysed in another way.
    list of str
        The findings that can be told but not in any other way.

    Notes
    -----
    Choices, each only where it makes a difference in these answers: `answers` as used, everybody
    with those set aside, without those flagged; `missing` half of the statements of a level, all,
    any; `weights` as given, none, trimmed to a third and three times the mean; `box` one more or
    one fewer answer in a top box (change only: a target is of one box); `importance` LMG,
    Johnson's relative weights, standardised slopes. All combinations, up to `MOST_WAYS`; beyond,
    each single choice and a random part of the others, from the seed of the study.

    References
    ----------
    .. [1] Steegen, S., Tuerlinckx, F., Gelman, A. & Vanpaemel, W. (2016). Increasing transparency
           through a multiverse analysis. Perspectives on Psychological Science 11.
    .. [2] Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis.
           Nature Human Behaviour 4.

    Examples
    --------
    >>> import cxkit as cx
    >>> found, alone = multiverse(cx.load("demo"))
    >>> [(one.key, one.k <= one.m) for one in found][:2]
    [('F04', True), ('F06', True)]
    """
    answers = _Answers(survey.latest)
    found, alone = [], []
    for question in asked_of(survey.latest):
        made = _tried(question, answers)
        if made is None:
            continue
        if made.m > 1:
            found.append(made)
        else:
            alone.append(made.key)
    return found, alone


# -- the ways ----------------------------------------------------------------------------------


class _Answers:
    """The responses in hand in each way, with the wave before within reach."""

    def __init__(self, now: Any) -> None:
        self.now = now
        self.everybody = now if now.with_excluded is None else now.with_excluded
        both = [one for one in (self.everybody, self.everybody.previous) if one is not None]
        self.waves = [one.mask for one in both]
        self.people = self._people()
        self._made: dict[tuple[str, str], Any] = {}

    def _people(self) -> dict[str, np.ndarray]:
        """Who is in each way, as rows of the frame of everybody."""
        everybody, told = self.everybody, robustness.ways(self.now)
        private = robustness.private_ways(self.now)
        whole = np.logical_or.reduce(self.waves)
        used = whole
        if "excluded" in everybody.frame:
            used = whole & (everybody.frame["excluded"].to_numpy() == "")
        found = {robustness.USED: used}
        if "everybody" in told and "everybody" not in private:
            found["everybody"] = whole
        if "without_any" in told and "without_any" not in private:
            found["without_any"] = whole & ~robustness.has_any_flag(everybody)
        return found

    def weights(self) -> tuple[str, ...]:
        """The weights that are reasonable: those given, none, and none too far from the mean."""
        own = self.now.weight[self.now.mask]
        own = own[own > 0]
        if not own.size or np.ptp(own) < _SAME:
            return ("given",)
        is_far = ((own > CAP) | (own < 1 / CAP)).any()
        return ("given", "none", "trimmed") if is_far else ("given", "none")

    def survey(self, choices: Choices) -> Any:
        """The survey as one way has it."""
        of, weights = choices.get("answers", robustness.USED), choices.get("weights", "given")
        if (of, weights) not in self._made:
            if of == robustness.USED:
                made = self.now
            elif of == "everybody":
                made = self.everybody
            else:
                made = self.everybody.among(self.people[of])
            if weights != "given":
                made = made.reweighted(_reweighted(made.weight, weights))
            self._made[of, weights] = made
        return self._made[of, weights]


def _reweighted(weight: np.ndarray, how: str) -> np.ndarray:
    """Weights as one way has them; who weighs nothing goes on weighing nothing."""
    other = np.ones(len(weight)) if how == "none" else np.clip(weight, 1 / CAP, CAP)
    return np.where(weight > 0, other, 0.0)


def _tried(question: Asked, answers: _Answers) -> Multiverse | None:
    """A finding in every way; None where the report itself cannot tell it."""
    first = question.told(answers.now, {})
    if first is None or first.n < answers.now.study.privacy.min_n or not first.verdict:
        return None
    choices, hidden = _choices(question, answers)
    open_ways = [one for one in _product(choices) if _people_of(one) not in hidden]
    chosen = _chosen(open_ways, choices, seeded(answers.now.study.seed, f"ways:{question.key}"))
    fits, n_hidden = [], 0
    for one in chosen:
        is_first = all(value == choices[kind][0] for kind, value in one.items())
        made = first if is_first else question.told(answers.survey(one), one)
        if made is None:
            n_hidden += 1
        else:
            fits.append(dataclasses.replace(made, name=question.key, of=_of(question.key, one)))
    n_left_out = math.prod(map(len, choices.values())) - len(open_ways) + n_hidden
    context = answers.now.context()
    return Multiverse(
        question.key, question.of, Fits(fits, context=context),
        _kept(choices, fits), len(open_ways) - n_hidden, n_left_out, question.reference,
    )  # fmt: skip


def _choices(
    question: Asked, answers: _Answers
) -> tuple[dict[str, tuple[str, ...]], set[tuple[str, str]]]:
    """What there is to choose for a finding, and the (answers, missing) that may not be shown."""
    rules = question.rules
    base = {rule: question.answered(answers.everybody, rule) for rule in rules}
    rules = tuple(
        rule
        for at, rule in enumerate(rules)
        if not any(_alike(base[rule], base[other], answers.waves) for other in rules[:at])
    )
    people = {
        way: mask
        for way, mask in answers.people.items()
        if way == robustness.USED or _differ(mask, answers.people[robustness.USED], base[rules[0]])
    }
    found = {"answers": tuple(people), "missing": rules, "weights": answers.weights()}
    if _is_told_by_weights(answers, base[rules[0]]):
        found["weights"] = ("given",)
    found |= question.choices
    hidden = _private(people, {rule: base[rule] for rule in rules}, answers)
    return {kind: tried for kind, tried in found.items() if len(tried) > 1}, hidden


def _differ(one: np.ndarray, other: np.ndarray, parts: Sequence[np.ndarray]) -> bool:
    """Whether two ways hold other people among those who answered any part."""
    return any(bool(((one != other) & part).any()) for part in parts)


def _alike(one: Sequence[np.ndarray], other: Sequence[np.ndarray], waves: Iterable[Any]) -> bool:
    """Whether two rules leave the same people in every part."""
    now = np.logical_or.reduce(list(waves))
    return all(bool(((a & now) == (b & now)).all()) for a, b in zip(one, other, strict=True))


def _is_told_by_weights(answers: _Answers, parts: Sequence[np.ndarray]) -> bool:
    """Whether results with and without weights would tell what a few people answered."""
    return any(
        robustness.few_weigh_otherwise(answers.everybody, part & wave)
        for part, wave in itertools.product(parts, answers.waves)
    )


def _private(
    people: Mapping[str, np.ndarray],
    parts: Mapping[str, Sequence[np.ndarray]],
    answers: _Answers,
) -> set[tuple[str, str]]:
    """The ways whose numbers, beside those of others, would tell what a few people answered."""
    ways = list(itertools.product(people, parts))
    hidden: set[tuple[str, str]] = set()
    for wave in answers.waves:
        for place in range(len(next(iter(parts.values())))):
            sets = {(way, rule): people[way] & parts[rule][place] & wave for way, rule in ways}
            kept = np.logical_or.reduce(list(sets.values()))
            distinct: dict[bytes, list[tuple[str, str]]] = {}
            for way, mask in sets.items():
                distinct.setdefault(np.packbits(mask[kept]).tobytes(), []).append(way)
            groups = list(distinct.values())
            masks = [sets[group[0]][kept] for group in groups]
            if not kept.any():
                continue
            for at in told_apart(masks, answers.now.study.privacy.min_n):
                hidden |= set(groups[at])
    return hidden


def _product(choices: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """All ways of these choices, the report's own first."""
    every = itertools.product(*choices.values())
    return [dict(zip(choices, picked, strict=True)) for picked in every]


def _people_of(way: Choices) -> tuple[str, str]:
    """Whose answers a way is made of: the responses in hand, and the missing rule."""
    return way.get("answers", robustness.USED), way.get("missing", "half")


def _chosen(
    every: Sequence[dict[str, str]], choices: Mapping[str, Sequence[str]], seed: int
) -> list[dict[str, str]]:
    """The ways to be tried: all of them, as far as they are no more than `MOST_WAYS`.

    Beyond, those that differ from the report in one choice, and of the others a random part.
    """
    if len(every) <= MOST_WAYS:
        return list(every)
    n_other = [sum(value != choices[kind][0] for kind, value in way.items()) for way in every]
    near = [at for at, n in enumerate(n_other) if n <= 1]
    far = [at for at, n in enumerate(n_other) if n > 1]
    drawn = np.random.default_rng(seed).choice(far, max(MOST_WAYS - len(near), 0), replace=False)
    return [every[at] for at in sorted([*near, *map(int, drawn)])]


def _kept(
    choices: Mapping[str, tuple[str, ...]], fits: Sequence[Fit]
) -> dict[str, tuple[str, ...]]:
    """The choices that a way was tried of, beside the report's own."""
    used = [choices_of(one.of) for one in fits]
    kept = {
        kind: tuple(value for value in tried if any(one[kind] == value for one in used))
        for kind, tried in choices.items()
    }
    return {kind: tried for kind, tried in kept.items() if tried}


def _of(key: str, choices: Choices) -> str:
    return "|".join([key, *(f"{kind}={value}" for kind, value in choices.items())])


def _key(choices: Choices) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(choices.items()))
