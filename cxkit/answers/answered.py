"""Who answered what: of each measure that a page shows, whose answers it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from cxkit.study import MIN_SHARE, Study
from cxkit.study.channel_use import by_number

__all__ = ["answered", "columns_of", "is_split", "parts_of"]

_MEASURES = {"item": "item", "outcome": "outcome", "rating": "stage"}
"""The kinds of columns that hold answers, with the kind of measure that records call them by."""


def columns_of(study: Study) -> list[str]:
    """The canonical columns that `answered` reads."""
    kinds = (("item", [*study.items]), ("outcome", [*study.outcomes]), ("rating", [*study.stages]))
    names = [f"{kind}:{key}" for kind, keys in kinds for key in keys]
    names += [f"channel:{key}" for key in study.channel_keys]
    names += [f"rival:{of}" for of in _of_rival(study)]
    names += ["value:retained", "value:months"] if study.value is not None else []
    return [*names, *([f"base:{base}"] if (base := _scored_on(study)) else [])]


def parts_of(study: Study) -> dict[str, tuple[str, ...]]:
    """The items that each level is the mean of."""
    found = {f"level:{level}": items for level, items in _items_of_levels(study)}
    found |= _items_of_parts(study)
    return {of: tuple(f"item:{item}" for item in items) for of, items in found.items()}


def answered(study: Study, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Whose answers each measure is made of.

    Parameters
    ----------
    study : Study
        The study.
    frame : DataFrame
        Canonical columns; `wave`, and those of `columns_of` as far as they are there.

    Returns
    -------
    dict of ndarray of bool, shape (n_rows,) each
        By measure (`item:ful_1`, `outcome:recommend`, `stage:decide`, `level:trust`). A level is
        taken as scored for those of its base who answered half of its statements, as if all of
        them applied to everybody, and of every other level that anybody in the wave did: for
        nobody who is not scored. Of a channel that several may be used of, those who used it
        (`channel:app`) and those who did not (`channel:app!`), also among those who are scored
        (`levels|channel:app`); of the number of channels, those who used so many (`channels:2`).
        A type or another part of a framework (`type:product`) is taken as scored for those who
        answered half of its statements. Of another brand, those who rated both on a level or an
        outcome (`rival|level:trust`); of what was seen afterwards, those who were followed
        (`value:retained`).
    """
    found = {}
    for name in map(str, frame):
        kind, _, key = name.partition(":")
        if kind in _MEASURES:
            found[f"{_MEASURES[kind]}:{key}"] = frame[name].notna().to_numpy(bool)
    levels = dict(_levels(study, frame, found))
    return (
        found
        | levels
        | dict(_parts(study, found))
        | dict(_channels(study, frame, levels))
        | dict(_both_brands(study, frame, found))
        | dict(_followed(frame))
    )


def is_split(of: str) -> bool:
    """Whether a report of a group splits a measure by other segments."""
    return not of.startswith(("channel:", "channels:", "levels|", "rival|", "value:"))


def _parts(study: Study, of_items: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Who answered half of the statements of each type, and of other parts beside the levels."""
    for of, items in _items_of_parts(study).items():
        yield from _half_answered(of, [of_items.get(f"item:{item}") for item in items])


def _half_answered(of: str, asked: Iterable[np.ndarray | None]) -> Iterator[tuple[str, np.ndarray]]:
    own = [one for one in asked if one is not None]
    if own:
        n_answered = np.sum(own, axis=0)
        yield of, (n_answered > 0) & (n_answered >= MIN_SHARE * len(own))


def _both_brands(
    study: Study, frame: pd.DataFrame, found: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Who rated the brand and the other one, on each level and outcome."""
    both = {
        of: found[of] & frame[f"rival:{of}"].notna().to_numpy(bool)
        for of in _of_rival(study)
        if of in found and f"rival:{of}" in frame
    }
    for level, items in _items_of_levels(study):
        yield from _half_answered(f"rival|level:{level}", [both.get(f"item:{i}") for i in items])
    yield from ((f"rival|{of}", mask) for of, mask in both.items() if of.startswith("outcome:"))


def _followed(frame: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Of whom it is known whether they stayed, and for how long they were followed."""
    names = [name for name in ("value:retained", "value:months") if name in frame]
    if "value:retained" in names:
        yield "value:retained", frame[names].notna().to_numpy(bool).all(axis=1)


def _channels(
    study: Study, frame: pd.DataFrame, levels: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Who used each channel and who did not, and who used how many."""
    used = {
        key: frame[f"channel:{key}"].to_numpy(float, na_value=np.nan)
        for key in study.channel_keys
        if f"channel:{key}" in frame
    }
    scored = np.logical_or.reduce([*levels.values()]) if levels and used else None
    for key, values in used.items():
        for side, mask in (("", values == 1), ("!", values == 0)):
            yield f"channel:{key}{side}", mask
            if scored is not None:
                yield f"levels|channel:{key}{side}", scored & (mask if not side else values != 1)
    for band, values in by_number(used).items():
        for side, mask in (("", values == 1), ("!", values == 0)):
            yield f"channels:{band}{side}", mask


def _levels(
    study: Study, frame: pd.DataFrame, of_items: dict[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    base = f"base:{_scored_on(study)}"
    is_scored = frame[base].to_numpy(bool) if base in frame else np.ones(len(frame), bool)
    found = {}
    for level, items in _items_of_levels(study):
        own = [of_items[f"item:{item}"] for item in items if f"item:{item}" in of_items]
        if own:
            n_answered = np.sum(own, axis=0)
            found[f"level:{level}"] = is_scored & (n_answered >= MIN_SHARE * len(own))
    codes, waves = pd.factorize(frame["wave"])
    has_all = is_scored.copy()
    for mask in found.values():
        is_asked = np.bincount(codes[mask], minlength=len(waves)) > 0
        has_all &= mask | ~is_asked[codes]
    for level, mask in found.items():
        yield level, mask & has_all


def _items_of_levels(study: Study) -> Iterable[tuple[str, tuple[str, ...]]]:
    return [(one.key, one.items) for one in study.framework.levels] if study.framework else []


def _items_of_parts(study: Study) -> dict[str, tuple[str, ...]]:
    """The statements asked of each part of the frameworks beside the levels."""
    return {
        f"{part}:{one.key}": asked
        for part, framework in study.parts.items()
        for one in framework.levels
        if (asked := tuple(item for item in one.items if item in study.items))
    }


def _of_rival(study: Study) -> list[str]:
    """The questions that were asked about another brand."""
    if study.rival is None:
        return []
    shelves = (("item", study.rival.items), ("outcome", study.rival.outcomes))
    return [f"{kind}:{key}" for kind, keys in shelves for key in keys]


def _scored_on(study: Study) -> str | None:
    return study.framework.scored_on if study.framework else None
