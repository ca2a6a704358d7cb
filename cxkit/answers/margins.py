"""Known shares laid beside answers: margins to rake to, and every way in which they do not fit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxkit.errors import Problem, brief, counted, listed, quoted
from cxkit.study.preparing import ROUNDED
from cxkit.weights.raking import Margin, Raked

__all__ = ["Known", "beyond_limits", "labels_of", "margins_of", "not_met"]

_FEWEST_COUNTED = 10
"""Whole numbers that add up to less are not taken for counts..."""
_PERCENT = (90, 110)
"""... nor are those that add up to about a hundred, but not to 100."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Known:
    """The known shares of one variable, and where they are written.

    Attributes
    ----------
    name : str
        What the variable is called.
    values : pandas.Series
        The value of every row.
    targets : mapping
        Value -> share, or value -> how many people.
    place : str
        The key of the study file that gives them, or the variable's name.
    """

    name: str
    values: pd.Series
    targets: Mapping[Any, Any]
    place: str


def labels_of(values: pd.Series) -> pd.Series:
    """Values as text, whole numbers without decimals; NaN where missing or blank.

    >>> labels_of(pd.Series([1.0, "a", None, " "], dtype=object)).tolist()
    ['1', 'a', nan, nan]
    """
    at, uniques = pd.factorize(values, use_na_sentinel=True)
    texts = [_label(one) for one in uniques]
    known = np.array([text or None for text in texts] + [None], dtype=object)
    return pd.Series(pd.array(known[at], dtype="str"), index=values.index, name=values.name)


def _label(value: object) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def margins_of(known: Sequence[Known]) -> tuple[list[Margin], list[Problem]]:
    """The margins to rake to; none where something does not fit, with every problem."""
    made = [_margin(one) for one in known]
    problems = [problem for _, found in made for problem in found]
    totals = {one.name: total for one in known if (total := _counted(one.targets)) is not None}
    if len(set(totals.values())) > 1:
        told = ", ".join(f"{total:g} in '{brief(name)}'" for name, total in totals.items())
        problems.append(
            Problem(
                "rake_totals",
                f"the counts are of populations of different sizes: {told}",
                column=known[0].place,
                expected="counts of one population",
                hint="give shares that add up to 1",
            )
        )
    return [] if problems else [margin for margin, _ in made if margin is not None], problems


def _counted(targets: Mapping[Any, Any]) -> float | None:
    """How many people the targets count, None where they are no counts.

    Counts are whole numbers that add up to 10 or more; about a hundred may be percents that lack
    a group, and is taken for counts only where it is 100.
    """
    numbers = list(targets.values())
    if not all(_is_share(one) and float(one).is_integer() for one in numbers):
        return None
    total = math.fsum(map(float, numbers))
    low, high = _PERCENT
    is_percent = low <= total <= high and total != 100
    return total if total >= _FEWEST_COUNTED and not is_percent else None


def _is_share(value: object) -> bool:
    """Whether a target is a number that can be a share or a count."""
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    return is_number and not isinstance(value, bool) and 0 <= float(value) < math.inf  # type: ignore[arg-type]


def _margin(known: Known) -> tuple[Margin | None, list[Problem]]:
    problems = list(_bad_targets(known))
    if problems:
        return None, problems
    total = math.fsum(known.targets.values())
    wanted = {_label(key): share / total for key, share in known.targets.items()}
    values = labels_of(known.values)
    problems = list(_unfit(known, values, wanted))
    if problems:
        return None, problems
    labels = tuple(label for label, share in wanted.items() if share)
    at = pd.Index(labels).get_indexer(pd.Index(values))
    return Margin(known.name, labels, at, np.array([wanted[one] for one in labels])), []


def _bad_targets(known: Known) -> Iterator[Problem]:
    """Targets that are no shares, no counts, or not of all."""
    name, targets = brief(known.name), known.targets
    labels = [_label(key) for key in targets]
    twice = sorted({one for one in labels if labels.count(one) > 1})
    bad = [f"{key}: {share}" for key, share in targets.items() if not _is_share(share)]
    if not targets or twice or bad:
        what = f"no target: {quoted(bad)}" if bad else f"two targets for {quoted(twice)}"
        yield Problem(
            "rake_shares",
            f"'{name}' has {what if targets else 'no targets'}",
            column=known.place,
            expected="a share for every value",
        )
        return
    total = math.fsum(targets.values())
    if abs(total - 1) <= ROUNDED or _counted(targets) is not None:
        return
    is_percent = _PERCENT[0] <= total <= _PERCENT[1]
    yield Problem(
        "rake_shares",
        f"the shares of '{name}' add up to {total:g}",
        column=known.place,
        expected="shares of 0 to 1 that add up to 1, or counts of people",
        hint="write percents as shares: 0.56 for 56 %, all groups of it" if is_percent else None,
    )


def _unfit(known: Known, values: pd.Series, wanted: Mapping[str, float]) -> Iterator[Problem]:
    """Targets without respondents and respondents without a target, with how many there are."""
    name, counts = brief(known.name), values.value_counts()
    n_missing = int(values.isna().sum())
    if n_missing:
        yield Problem(
            "rake_missing",
            f"{counted(n_missing, 'respondent')} of {len(values)} "
            f"{'has' if n_missing == 1 else 'have'} no value of '{name}'",
            column=known.place,
            n=n_missing,
            expected=f"a value of '{name}' for every respondent",
            hint="give them a group of their own with a target, or leave them out of the weighting",
        )
    nobody = [label for label, share in wanted.items() if share and label not in counts.index]
    if nobody:
        told = [f"{label} (wanted {wanted[label]:.4g}, 0 of {len(values)})" for label in nobody]
        yield Problem(
            "rake_nobody",
            f"nobody answered in groups of '{name}' that have a target: {listed(told, 5)}",
            column=known.place,
            n=len(nobody),
            examples=tuple(nobody[:5]),
            expected="respondents in every group with a target",
            hint="join it with a group that answered, in the answers and in the targets",
        )
    unknown = sorted(set(counts.index) - set(wanted))
    if unknown:
        told = [f"{label} ({counts[label]})" for label in unknown]
        n_unknown = int(counts[unknown].sum())
        yield Problem(
            "rake_no_target",
            f"{counted(n_unknown, 'respondent')} {'belongs' if n_unknown == 1 else 'belong'} to "
            f"groups of '{name}' without a target: " + listed(told, 5),
            column=known.place,
            n=n_unknown,
            examples=tuple(unknown[:5]),
            expected="one of " + listed(wanted),
            hint="give each group its share, or join groups",
        )
    unwanted = [one for one, share in wanted.items() if not share and one in counts.index]
    if unwanted:
        told = [f"{label} ({counts[label]})" for label in unwanted]
        yield Problem(
            "rake_zero",
            f"people answered in groups of '{name}' whose target is 0: {listed(told, 5)}",
            column=known.place,
            n=int(counts[unwanted].sum()),
            examples=tuple(unwanted[:5]),
            expected="a share above 0 for every group that answered",
            hint="leave these respondents out, or correct the target",
        )


# -- within limits, and after raking -------------------------------------------------------------


def beyond_limits(
    margins: Sequence[Margin], known: Sequence[Known], low: float, high: float
) -> list[Problem]:
    """Groups whose mean weight would have to lie beyond the limits: no round can mend that."""
    return list(_beyond_limits(margins, {one.name: one.place for one in known}, low, high))


def not_met(
    made: Raked,
    margins: Sequence[Margin],
    known: Sequence[Known],
    *,
    low: float = 0.0,
    high: float = np.inf,
) -> list[Problem]:
    """Why no weights met every target: none where they did."""
    if made.is_close:
        return []
    places = {one.name: one.place for one in known}
    if found := list(_contradictions(margins, places)):
        return found
    within = f" with weights from {low:g} to {high:g} times their mean" if high < np.inf else ""
    if low and not within:
        within = f" with weights of {low:g} times their mean or more"
    return [
        Problem(
            "rake_not_met",
            f"no weights were found that meet all targets{within}: '{brief(made.label)}' in "
            f"'{brief(made.margin)}' wants a share of {made.wanted:.6g} and got {made.got:.6g} "
            f"after {counted(made.rounds, 'round')}",
            column=places[made.margin],
            examples=(made.label,),
            expected="targets that the groups of those who answered can meet together",
            hint="join small groups, rake fewer variables"
            + (", or let weights lie farther apart" if within else ""),
        )
    ]


def _beyond_limits(
    margins: Sequence[Margin], places: Mapping[str, str], low: float, high: float
) -> Iterator[Problem]:
    """Groups whose mean weight must lie beyond the limits."""
    for one in margins:
        have = np.bincount(one.at, minlength=len(one.labels)) / len(one.at)
        for label, needed in zip(one.labels, one.shares / have, strict=True):
            if low * (1 - _ROUNDING) <= needed <= high * (1 + _ROUNDING):
                continue
            side, limit = ("high", high) if needed > high else ("low", low)
            yield Problem(
                "rake_limits",
                f"respondents of '{brief(label)}' in '{brief(one.name)}' have to weigh "
                f"{needed:.4g} times the mean, and trim.{side} is {limit:g}",
                column=places[one.name],
                examples=(label,),
                expected="limits within which every group can meet its target",
                hint="join the group with another, or widen weighting.trim",
            )


def _contradictions(margins: Sequence[Margin], places: Mapping[str, str]) -> Iterator[Problem]:
    """Groups that are found only within other groups whose targets leave too little room."""
    for one, other in itertools.permutations(margins, 2):
        met = np.zeros((len(one.labels), len(other.labels)), dtype=bool)
        met[one.at, other.at] = True
        room = met @ other.shares
        for at in np.flatnonzero(one.shares >= room - _ROUNDING):
            is_shared = met[:, met[at]].sum() > met[at].sum()
            if one.shares[at] <= room[at] + _ROUNDING and not is_shared:
                continue
            within = [other.labels[place] for place in np.flatnonzero(met[at])]
            yield Problem(
                "rake_apart",
                f"the targets contradict each other: everybody of '{brief(one.labels[at])}' in "
                f"'{brief(one.name)}' (target {one.shares[at]:.4g}) is of {quoted(within)} in "
                f"'{brief(other.name)}' (target {room[at]:.4g})",
                column=places[one.name],
                examples=(one.labels[at],),
                expected="targets that the groups of those who answered can meet together",
                hint="join groups, or rake to one of the two",
            )
