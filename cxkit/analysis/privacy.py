"""What a section leaves untold, where its numbers lie beside others of the same people.

A table of records protects its own groups when it is published. Where the same measure of the same
people stands in several tables, or groups overlap, the analysis that makes them says here which of
the groups are told nowhere, so that no table gives away what another hides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cxkit.records import NAN, Comparison, Comparisons, Estimate
from cxkit.suppression import Group, suppressed, suppressed_overlapping

__all__ = ["also_private", "blanked", "overlapping", "parts_of_a_whole", "unseen", "without_sides"]


def parts_of_a_whole(
    counts: Sequence[float], limit: float, *, within: Sequence[Collection[int]] = ()
) -> frozenset[int]:
    """The parts of one whole that are not told: small ones, and others to keep them unknown.

    `within` are some of the parts, as positions, of which a reader knows together what else is
    told of each: they keep each other unknown as well.

    >>> sorted(parts_of_a_whole([140, 20, 5], 10))
    [1, 2]
    """
    hidden, before = frozenset[int](), None
    while hidden != before:
        before = hidden
        for whole in (range(len(counts)), *within):
            hidden |= suppressed(counts, [whole], limit, also=hidden)
    return hidden


def overlapping(
    whole: np.ndarray, people: Mapping[str, np.ndarray], limit: float
) -> frozenset[str]:
    """The groups that are not told where a person can be in several, the largest kept first.

    `whole` are those of whom the same is told in any case (`suppressed_overlapping`).
    """
    order = sorted(people, key=lambda key: -int((people[key] & whole).sum()))
    apart = suppressed_overlapping(whole, [people[key] for key in order], limit)
    return frozenset(order[place] for place in apart)


def also_private(
    context: Mapping[str, Any], wave: str | None, groups: Iterable[Group]
) -> dict[str, Any]:
    """A context of records in which these groups, of one segment each, are not to be shown."""
    told = [[wave, segment, key, None] for ((segment, key),) in groups]
    return {**context, "private": [*context.get("private", ()), *told]}


def unseen(one: Estimate) -> Estimate:
    """A number that would tell what privacy hides, without its base."""
    blank = dict.fromkeys(("estimate", "ci_low", "ci_high", "n", "n_eff"), NAN)
    return dataclasses.replace(one, flags=("hidden_privacy",), **blank)  # type: ignore[arg-type]


def without_sides(rows: Comparisons, hidden: Collection[str]) -> Comparisons:
    """The same comparisons, those with one of these sides blanked with their bases."""
    return Comparisons(
        (blanked(one) if {one.a, one.b} & set(hidden) else one for one in rows),
        context=rows.context,
    )


def blanked(one: Comparison) -> Comparison:
    """A difference that would tell what privacy hides, without its bases."""
    names = (
        "difference", "ci_low", "ci_high", "p", "p_adjusted", "effect",
        "n_a", "n_b", "n_eff_a", "n_eff_b",
    )  # fmt: skip
    blank: dict[str, Any] = dict.fromkeys(names, NAN)
    return dataclasses.replace(one, verdict="hidden", flags=("hidden_privacy",), **blank)
