"""What differs between two pages, as a reader sees it: every number, sentence and drawing.

Parts are held against each other by what they are called (a figure's id, the head of a row) and
only then by their order, so that a row that is added makes none of its neighbours a change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cxkit.errors import brief
from cxkit.report.read_page import DRAWN_APART, Part, PrintedPage

__all__ = ["Change", "changes", "masked", "restated"]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SHORT = 12
"""How much of a digest the page prints where it says how to cite it."""

Pair = tuple[int | None, int | None]
"""Positions in the old and in the new page."""


@dataclass(frozen=True)
class Change:
    """One thing that two pages print differently.

    `kind` is `number`, `words`, `drawing` (lines and marks), `markup` (what is not printed, as
    colours and links), `order`, `appeared` or `vanished`; `old` is None for what appeared, `new`
    for what vanished.
    """

    kind: str
    place: tuple[str, ...]
    old: str | None
    new: str | None

    def to_dict(self) -> dict[str, str | None]:
        """The change as plain JSON values; the place from the section down to the cell."""
        place = " > ".join(self.place)
        return {"kind": self.kind, "place": place, "old": self.old, "new": self.new}


def changes(old: PrintedPage, new: PrintedPage) -> list[Change]:
    """All that the page `new` prints otherwise than `old`, in the order of the page.

    What the methods section repeats of the manifests (digests, versions) is no change of its own.
    """
    said = (restated(old), restated(new))
    return list(_Comparison(said).of(old.whole, new.whole, ()))


def restated(page: PrintedPage) -> list[str]:
    """What a page prints of its manifest, longest first."""
    manifest = page.manifest
    digests = [*manifest["inputs"].values(), manifest["key"]]
    versions = manifest["versions"]
    said = [
        f"{name} {versions.get(key)}" for name, key in (("cxkit", "cxkit"), ("Python", "python"))
    ]
    said += [part for one in digests if one for part in (one, one[:_SHORT])]
    return sorted(set(said), key=lambda text: (-len(text), text))


class _Comparison:
    """Two trees of parts held against each other; knows what either page repeats of its making."""

    def __init__(self, restated: tuple[list[str], list[str]]) -> None:
        self._restated = restated

    def of(self, old: Part, new: Part, place: tuple[str, ...]) -> Iterator[Change]:
        """What differs between two parts that stand for the same."""
        if not (old.parts or new.parts):
            yield from self._of_words(old, new, place)
            return
        pairs = _paired(old.parts, new.parts)
        for i, j in pairs:
            before = None if i is None else old.parts[i]
            after = None if j is None else new.parts[j]
            yield from self._of_pair(before, after, place)
        yield from _moved(old.parts, new.parts, pairs, place)

    def _of_pair(
        self, old: Part | None, new: Part | None, place: tuple[str, ...]
    ) -> Iterator[Change]:
        label = next((one.label for one in (old, new) if one is not None and one.label), "")
        here = place if label in ("", *place[-1:]) else (*place, label)
        if old is None and new is not None:
            yield Change("appeared", here, None, new.words)
        elif old is not None and new is None:
            yield Change("vanished", here, old.words, None)
        elif old is not None and new is not None:
            yield from self.of(old, new, here)

    def _of_words(self, old: Part, new: Part, place: tuple[str, ...]) -> Iterator[Change]:
        before, after = (
            masked(one.text, said) for one, said in zip((old, new), self._restated, strict=True)
        )
        if before != after:
            is_number = _NUMBER.findall(before) != _NUMBER.findall(after)
            told = _differing(old.text, new.text) if old.kind == "drawing" else (old.text, new.text)
            yield Change("number" if is_number else "words", place, *told)
        elif old.marks != new.marks:
            is_drawn = old.kind.split(".")[0] in ("drawing", "svg")
            yield Change("drawing" if is_drawn else "markup", place, None, None)


def masked(text: str, said: Iterable[str]) -> str:
    """A text without what it repeats of the manifest."""
    for one in said:
        text = text.replace(one, "…")
    return text


def _differing(old: str, new: str) -> tuple[str, str]:
    """Of the words inside two drawings, those that the other does not have."""
    before, after = (Counter(one.split(DRAWN_APART)) for one in (old, new))
    gone, come = before - after, after - before
    return DRAWN_APART.join(gone.elements()), DRAWN_APART.join(come.elements())


# -- which part stands for which ---------------------------------------------------------------


def _paired(old: Sequence[Part], new: Sequence[Part]) -> list[Pair]:
    """Positions of the parts that stand for each other.

    By what they are called, wherever they stand; of the others the same words, then the same
    kind, in their order.
    """
    partner = _called_alike(old, new)
    for like in (_said, _of_kind):
        rest = [i for i in range(len(old)) if i not in partner]
        taken = set(partner.values())
        free = [j for j in range(len(new)) if j not in taken]
        before, after = [like(old[i]) for i in rest], [like(new[j]) for j in free]
        for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
            for k in range(block.size):
                partner[rest[block.a + k]] = free[block.b + k]
    return list(_in_order(len(old), len(new), partner))


def _said(one: Part) -> tuple[str, ...]:
    return (one.kind, one.words)


def _of_kind(one: Part) -> tuple[str, ...]:
    return (one.kind,)


def _called_alike(old: Sequence[Part], new: Sequence[Part]) -> dict[int, int]:
    """Parts of the same name; the first with the first where several have it."""
    known: dict[tuple[str, str], list[int]] = {}
    for j, one in enumerate(new):
        known.setdefault((one.kind, one.name), []).append(j)
    found = {}
    for i, one in enumerate(old):
        same = known.get((one.kind, one.name), []) if one.name else []
        if same:
            found[i] = same.pop(0)
    return found


def _in_order(n_old: int, n_new: int, partner: dict[int, int]) -> Iterator[Pair]:
    """The pairs in the order of the new page; what vanished comes where it stood."""
    of_new = {j: i for i, j in partner.items()}
    gone = [i for i in range(n_old) if i not in partner]
    for j in range(n_new):
        i = of_new.get(j)
        while i is not None and gone and gone[0] < i:
            yield gone.pop(0), None
        yield i, j
    for i in gone:
        yield i, None


def _moved(
    old: Sequence[Part], new: Sequence[Part], pairs: Sequence[Pair], place: tuple[str, ...]
) -> Iterator[Change]:
    """That parts which both pages have follow each other in another order."""
    both = [(i, j) for i, j in pairs if i is not None and j is not None]
    if both != sorted(both):
        before = ", ".join(_short(old[i]) for i, _ in sorted(both))
        after = ", ".join(_short(new[j]) for _, j in both)
        yield Change("order", place, before, after)


def _short(one: Part) -> str:
    return brief(one.label or one.words)
