"""Which parts of a whole must not be shown, so that none of them can be found by subtraction.

A group of fewer people than the privacy limit is not shown. Where the whole is known and the
other groups are, it would still be known: so others are not shown either, the smallest first,
until neither a difference nor any sum of differences gives a small group away.

A page is protected by itself, and where reports are made of groups, by what stands in those of the
other groups and of all (`cxkit.answers.private_groups`).
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Cell",
    "Group",
    "suppressed",
    "suppressed_cells",
    "suppressed_overlapping",
    "told_apart",
]

Cell = Mapping[str, str]
"""A group by its segments: `{"region": "west", "age": "a18_29"}`."""

Group = tuple[tuple[str, str], ...]
"""A group by its segments, as a key: `(("region", "west"), ("age", "a18_29"))`."""


def suppressed(
    counts: Sequence[float],
    wholes: Iterable[Collection[int]],
    limit: float,
    also: Iterable[int] = (),
    public: Collection[int] = (),
    sums: Iterable[Collection[int]] = (),
) -> frozenset[int]:
    """The parts that may not be shown: those under the limit, and others to keep them unknown.

    Parameters
    ----------
    counts : sequence of float, shape (n_parts,)
        How many people each part has. A part of nobody is shown as such.
    wholes : iterable of collections of int
        The positions of the parts that add up to a number that a reader may know.
    limit : float
        Parts of fewer people than this, and more than nobody, are private.
    also : iterable of int
        Parts that are not shown for a reason of their own.
    public : collection of int
        Parts that are no secret by themselves, however small; they may be needed beside others.
    sums : iterable of collections of int
        Parts, all of `also`, that are not to be known together.

    Returns
    -------
    frozenset of int
        Positions of the parts that are not shown.

    Notes
    -----
    In every whole the parts that are not shown are at least two, and together at least `limit`
    people: what is left of the whole when the parts shown are taken away is no small group
    either. Beyond single wholes, no private part is a linear combination of the wholes and of
    what is shown (its unit vector lies outside the row space of the wholes over the parts that
    are not shown), nor is a sum of parts that is not to be known. Where a whole is too small for
    that, none of its parts is shown. This is complementary cell suppression; which further parts
    go is the greedy choice of the smallest.

    References
    ----------
    .. [1] Willenborg, L., & de Waal, T. (2001). Elements of Statistical Disclosure Control.

    Examples
    --------
    >>> sorted(suppressed([400, 150, 9, 120], [(0, 1, 2, 3)], 10))
    [2, 3]
    >>> sorted(suppressed([400, 150, 1, 2], [(0, 1, 2, 3)], 10))
    [1, 2, 3]
    """
    parts = [tuple(whole) for whole in wholes]
    small = {i for i, n in enumerate(counts) if 0 < n < limit and i not in public}
    private = small | {i for i in also if counts[i]}
    table = _Table(parts, counts, limit, private)
    is_crossed = len(counts) < sum(map(len, parts))
    secrets = [(i,) for i in sorted(private)] + [tuple(one) for one in sums]
    table.hide_what_tells()
    while is_crossed and not all(i in table.hidden for i, n in enumerate(counts) if n):
        is_known = _determined(sorted(table.hidden), table.wholes_of)
        known = {i for secret in secrets if is_known(secret) for i in secret}
        if not table.hide_beside(known):
            break
        table.hide_what_tells()
    return frozenset(table.hidden)


class _Table:
    """Parts, the wholes that they add up to, and which parts are hidden so far."""

    def __init__(
        self,
        wholes: Sequence[Sequence[int]],
        counts: Sequence[float],
        limit: float,
        hidden: Collection[int],
    ) -> None:
        self.wholes, self.counts, self.limit = wholes, counts, limit
        self.hidden: set[int] = set()
        self.wholes_of: dict[int, list[int]] = {}
        for at, whole in enumerate(wholes):
            for i in whole:
                self.wholes_of.setdefault(i, []).append(at)
        self._n = [0] * len(wholes)
        self._sums: list[float] = [0] * len(wholes)
        for i in sorted(hidden):
            self._hide(i)

    def _hide(self, i: int) -> None:
        self.hidden.add(i)
        for at in self.wholes_of.get(i, ()):
            self._n[at] += 1
            self._sums[at] += self.counts[i]

    def _tells(self, at: int) -> bool:
        """Whether the parts of a whole that are not shown can be told, one or all together."""
        return self._n[at] > 0 and (self._n[at] < 2 or self._sums[at] < self.limit)

    def _shown(self, wholes: Iterable[int]) -> list[tuple[float, int]]:
        """The parts of wholes that are shown, with their counts."""
        parts = {i for at in wholes for i in self.wholes[at]}
        return [(self.counts[i], i) for i in parts if i not in self.hidden and self.counts[i]]

    def hide_what_tells(self) -> None:
        """Hide the smallest parts of wholes that tell, until none does that could be kept."""
        left = self._shown(at for at in range(len(self.wholes)) if self._tells(at))
        heapq.heapify(left)
        while left:
            _, i = heapq.heappop(left)
            own = self.wholes_of[i]
            if i in self.hidden or not any(self._tells(at) for at in own):
                continue
            quiet = [at for at in own if not self._tells(at)]
            self._hide(i)
            for one in self._shown(at for at in quiet if self._tells(at)):
                heapq.heappush(left, one)

    def hide_beside(self, known: Collection[int]) -> bool:
        """Hide the smallest part of the wholes of those that are known; whether there was one.

        Where many are known, some at once.
        """
        shown = self._shown({at for i in known for at in self.wholes_of.get(i, ())})
        for _, i in sorted(shown)[: 1 + len(known) // 8]:
            self._hide(i)
        return bool(shown)


def _determined(
    hidden: Sequence[int], wholes_of: Mapping[int, Sequence[int]]
) -> Callable[[Iterable[int]], bool]:
    """What tells of hidden parts whether the wholes determine their sum.

    The hidden parts are changed at random so that no whole changes: a sum that stays as it is,
    too, is determined, but by a chance that need not be counted with.
    """
    edges = [tuple(wholes_of.get(i, ())) for i in hidden]
    if _are_of_two_kinds(edges):
        whole = dict(zip(hidden, _changed_in_two_kinds(edges), strict=True))
        return lambda parts: sum(whole.get(i, 0) for i in parts) % _PRIME == 0
    made = dict(zip(hidden, _changed_in_several_kinds(edges), strict=True))
    return lambda parts: abs(sum(made.get(i, 0.0) for i in parts)) < 1e-7


_PRIME = 2**61 - 1
"""Changes are counted up to multiples of it, so that they stay exact."""


def _changed_in_two_kinds(edges: Sequence[Sequence[int]]) -> list[int]:
    """Changes of the parts of a table of two segments, each between its wholes.

    A part of one whole only ends where nothing is known (`-1`), one of none is free. Along a tree
    through all wholes, its parts follow from those beside it, which are drawn.
    """
    draw = random.Random(len(edges))
    made = [draw.randrange(1, _PRIME) for _ in edges]
    beside: dict[int, list[tuple[int, int]]] = {}
    for at, edge in enumerate(edges):
        if edge:
            a, b = (*edge, -1)[:2]
            beside.setdefault(a, []).append((b, at))
            beside.setdefault(b, []).append((a, at))
    came: dict[int, int] = {}
    order: list[int] = []
    for root in sorted(beside):  # what is not known comes first: nothing has to add up there
        left = [] if root in came else [(root, -1)]
        while left:
            node, by = left.pop()
            if node in came:
                continue
            came[node] = by
            order.append(node)
            left += [(other, at) for other, at in beside[node] if other not in came]
    for node in reversed(order):
        if came[node] >= 0:
            others = sum(made[at] for _, at in beside[node] if at != came[node])
            made[came[node]] = -others % _PRIME
    return made


def _changed_in_several_kinds(edges: Sequence[Sequence[int]]) -> list[float]:
    """Changes of the parts of any table: what is left of random numbers beside the wholes."""
    import numpy as np

    places = {at: row for row, at in enumerate(sorted({at for edge in edges for at in edge}))}
    system = np.zeros((len(places), len(edges)))
    for column, edge in enumerate(edges):
        system[[places[at] for at in edge], column] = 1.0
    left = np.random.default_rng(len(edges)).normal(size=len(edges))
    gradient = system @ left
    step, size, first = gradient, gradient @ gradient, gradient @ gradient
    for _ in range(_MOST_STEPS):
        if size <= _SETTLED * first:
            return left.tolist()
        moved = step @ system
        left = left - size / (moved @ moved) * moved
        gradient = system @ left
        before, size = size, gradient @ gradient
        step = gradient + size / before * step
    return (left - np.linalg.pinv(system) @ (system @ left)).tolist()


_MOST_STEPS, _SETTLED = 1000, 1e-24
"""Conjugate gradients, so that small tables take no library of many threads; they settle soon."""


def _are_of_two_kinds(edges: Sequence[Sequence[int]]) -> bool:
    """Whether wholes are of two kinds, and no part lies in two of one kind."""
    if any(len(edge) > 2 for edge in edges):
        return False
    beside: dict[int, list[int]] = {}
    for edge in edges:
        for one, other in itertools.permutations(edge, 2):
            beside.setdefault(one, []).append(other)
    kind: dict[int, bool] = {}
    for root in beside:
        left = [] if root in kind else [root]
        kind.setdefault(root, True)
        while left:
            one = left.pop()
            for other in beside[one]:
                if other not in kind:
                    kind[other] = not kind[one]
                    left.append(other)
                elif kind[other] == kind[one]:
                    return False
    return True


def told_apart(populations: Sequence[np.ndarray], limit: float) -> frozenset[int]:
    """The populations whose results, beside those of others, would tell of a few people.

    Parameters
    ----------
    populations : sequence of bool arrays, shape (n_people,) each
        Who is in each; the first is shown in any case, later ones where they can be.
    limit : float
        No result may rest on fewer people than this.

    Returns
    -------
    frozenset of int
        Positions of the populations that may not be shown.

    Notes
    -----
    A result times its base is a sum over people, so that sums and differences of shown results
    are sums over those whom the populations do not have in common. No sum or difference of shown
    populations, each taken at most once, may leave somebody and fewer than `limit` people. Two
    bases may lie near each other where the difference is made of more people than that.
    Populations of the same people tell nothing beside each other.

    Examples
    --------
    >>> import numpy as np
    >>> all_of_them = np.ones(100, dtype=bool)
    >>> but_two, but_twenty = np.arange(100) >= 2, np.arange(100) >= 20
    >>> sorted(told_apart([all_of_them, but_two, but_twenty], 10))
    [1]
    """
    import numpy as np

    if not len(populations):
        return frozenset()
    kinds, sizes = np.unique(np.array(populations, dtype=np.int8), axis=1, return_counts=True)
    combined = np.array([np.zeros_like(kinds[0]), kinds[0]])  # sums of those shown, up to a sign
    hidden = set()
    for place, own in enumerate(kinds[1:], start=1):
        made = np.concatenate([combined + own, combined - own])
        left = (made != 0) @ sizes
        if np.any((left > 0) & (left < limit)):
            hidden.add(place)
            continue
        combined = np.unique(np.concatenate([combined, made]), axis=0)
    return frozenset(hidden)


def suppressed_overlapping(
    whole: np.ndarray, populations: Sequence[np.ndarray], limit: float
) -> frozenset[int]:
    """The groups that may not be shown where a person can be in several of them.

    Parameters
    ----------
    whole : ndarray of bool, shape (n_people,)
        Those of whom results are shown in any case.
    populations : sequence of ndarray of bool, shape (n_people,) each
        Who is in each group, those that are to be shown first at the head; those outside the
        whole do not count.
    limit : float
        No result may rest on fewer people than this.

    Returns
    -------
    frozenset of int
        Positions of the groups that are not shown: small ones, those that all but a few are in,
        and those that would give such away beside others. A group of nobody is shown as such.

    Notes
    -----
    A result times its base is a sum over people. A reader who adds and subtracts such sums, each
    as often as wished, knows every linear combination of them. Groups are shown one by one, in
    their order, as long as no combination of the whole and the groups shown leaves somebody and
    fewer than `limit` people. Every such combination is not zero for somebody of any basis of the
    kinds of people, so that it is enough to follow the small kinds of a basis of large ones.
    Where that would take too long, the group is not shown.

    Examples
    --------
    >>> import numpy as np
    >>> people = np.arange(100)
    >>> suppressed_overlapping(people >= 0, [people < 50, people >= 60, people >= 55], 10)
    frozenset({2})
    """
    import numpy as np

    everybody = np.asarray(whole, dtype=bool)
    shown, hidden = [everybody], set()
    for place, population in enumerate(populations):
        own = np.asarray(population, dtype=bool) & everybody
        if not own.any():
            continue
        if _tells_of_few([*shown, own], limit):
            hidden.add(place)
        else:
            shown.append(own)
    return frozenset(hidden)


_MOST_TRIED = 3000
"""So many sets of small kinds of people are followed before a group is held back unasked."""


def _tells_of_few(populations: Sequence[np.ndarray], limit: float) -> bool:
    """Whether a linear combination leaves somebody and fewer than `limit` people."""
    import numpy as np

    kinds, sizes = np.unique(np.array(populations, dtype=float), axis=1, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    kinds, sizes = kinds.T[order], sizes[order]
    rank = len(_basis(kinds, list(range(len(kinds)))))
    left, tried = [frozenset[int]()], set[frozenset[int]]()
    while left:
        apart = left.pop()
        if apart in tried:
            continue
        tried.add(apart)
        if len(tried) > _MOST_TRIED:
            return True
        basis = _basis(kinds, [i for i in range(len(kinds)) if i not in apart])
        if len(basis) < rank:
            return True
        n = sizes[list(apart)].sum()
        left += [apart | {i} for i in basis if n + sizes[i] < limit]
    return False


def _basis(kinds: np.ndarray, among: Sequence[int]) -> list[int]:
    """The first kinds that are no combination of those before them."""
    import numpy as np

    found: list[int] = []
    left = kinds[among]
    for _ in range(kinds.shape[1]):
        sizes = (left * left).sum(axis=1)
        first = int((sizes > 1e-9).argmax()) if len(sizes) else 0
        if not len(sizes) or sizes[first] <= 1e-9:
            break
        found.append(among[first])
        along = left[first] / np.sqrt(sizes[first])
        left = left - np.outer(left @ along, along)
    return found


def suppressed_cells(
    cells: Sequence[Cell],
    counts: Sequence[float],
    limit: float,
    private: Collection[Group] = (),
) -> frozenset[int]:
    """The groups of one table that may not be shown: of one segment, or of several crossed.

    Parameters
    ----------
    cells : sequence of mapping
        The groups, all by the same segments.
    counts : sequence of float
        How many people each has.
    limit : float
        The privacy limit.
    private : collection of tuple of (segment, group)
        Groups that are shown nowhere, of some of the segments in the order of the cells.

    Returns
    -------
    frozenset of int
        Positions of the groups that are not shown.

    Notes
    -----
    A table of crossed segments is held against its margins, which may stand in another table of
    the same page: a group that its margin would hide is hidden in every row and column.

    Examples
    --------
    >>> regions = [{"region": key} for key in ("java", "bali", "papua")]
    >>> sorted(suppressed_cells(regions, [400, 9, 120], 10))
    [1, 2]
    """
    if not cells:
        return frozenset()
    segments = list(cells[0])
    unseen, small = set(private), set[Group]()
    for size in range(1, len(segments) + 1):
        for chosen in itertools.combinations(segments, size):
            margins = _margins(cells, counts, chosen)
            groups = list(margins)
            also = [i for i, one in enumerate(groups) if _is_within(one, unseen)]
            wholes, sums = _wholes(groups, unseen), _members(groups, small)
            hidden = suppressed(list(margins.values()), wholes, limit, also, sums=sums)
            unseen |= {groups[i] for i in hidden}
            small |= {group for group, n in margins.items() if 0 < n < limit}
    whole = [tuple((segment, cell[segment]) for segment in segments) for cell in cells]
    return frozenset(i for i, n in enumerate(counts) if n and whole[i] in unseen)


def _margins(
    cells: Sequence[Cell], counts: Sequence[float], chosen: Sequence[str]
) -> dict[Group, float]:
    """How many people each group has by some of the segments."""
    found: dict[Group, float] = {}
    for cell, n in zip(cells, counts, strict=True):
        group = tuple((segment, cell[segment]) for segment in chosen)
        found[group] = found.get(group, 0) + n
    return found


def _is_within(group: Group, unseen: set[Group]) -> bool:
    """Whether a group is part of one that is not shown."""
    sizes = range(1, len(group) + 1)
    return any(part in unseen for size in sizes for part in itertools.combinations(group, size))


def _wholes(groups: Sequence[Group], unseen: Collection[object]) -> list[list[int]]:
    """The groups that differ in one segment only, and so add up to a margin that is shown.

    Of margins that are not shown it is known what they add up to themselves.
    """
    found: dict[tuple[int, Group, bool], list[int]] = {}
    for i, group in enumerate(groups):
        for place in range(len(group)):
            margin = group[:place] + group[place + 1 :]
            for known in [margin] if margin not in unseen else _known_above(margin, unseen):
                found.setdefault((place, known, known == margin), []).append(i)
    return list(found.values())


def _known_above(margin: Group, unseen: Collection[object]) -> list[Group]:
    """The margins of a margin that is not shown, as far as they are."""
    above = (margin[:place] + margin[place + 1 :] for place in range(len(margin)))
    return [one for one in above if one not in unseen]


def _members(groups: Sequence[Group], wholes: Collection[Group]) -> list[list[int]]:
    """The groups that some larger ones are made of."""
    found: dict[Group, list[int]] = {}
    for i, group in enumerate(groups):
        for size in range(1, len(group)):
            for part in itertools.combinations(group, size):
                if part in wholes:
                    found.setdefault(part, []).append(i)
    return list(found.values())
