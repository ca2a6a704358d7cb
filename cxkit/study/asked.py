"""Which questions of the library a study asks, under whatever column it has their answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cxkit import library

__all__ = ["asked_of_library"]


def asked_of_library(study: Any) -> tuple[str, ...]:
    """The questions of the library that `study` reads answers to, in the library's order.

    A screening question counts as asked where the study has its base, a question on a list of
    answers where a segment or the channels have that list.

    Parameters
    ----------
    study : Study
        What `cx.read_study` gave.

    Returns
    -------
    tuple of str
        Keys of questions.

    Examples
    --------
    >>> import cxkit as cx
    >>> "val_time" in asked_of_library(cx.load("demo").study)
    True
    """
    named = set(_named(study))
    return tuple(key for key in _questions() if key in named)


@lru_cache(maxsize=1)
def _questions() -> dict[str, dict[str, Any]]:
    names = library.batteries()
    return {k: one for name in names for k, one in library.battery(name)["questions"].items()}


def _named(study: Any) -> Iterator[str]:
    """Every key that may be a question of the library."""
    yield from study.items
    for shelf, prefix in ((study.outcomes, "out_"), (study.comments, "cmt_")):
        for key in shelf:
            yield from (key, f"{prefix}{key}")
    yield from _of_stages(study)
    sets = {one["sets"]: key for key, one in _questions().items() if "sets" in one}
    yield from (sets[base] for base in study.bases if base in sets)
    lists = {one.vocabulary for one in study.segments.values() if one.vocabulary}
    lists |= {study.channels.vocabulary or "interaction_channel"} if study.channels else set()
    yield from (key for key, one in _questions().items() if one.get("vocabulary") in lists)
    if study.value and study.value.observed.spend:
        yield "out_spend"


def _of_stages(study: Any) -> Iterator[str]:
    """The questions of each stage: as many ways to have reached it as the study reads."""
    for stage in study.journey.stages if study.journey else ():
        own = study.stages.get(stage.key)
        if own is not None:
            yield from stage.reached[: len(own.reached)]
            yield from [stage.rating] if own.rating and stage.rating else []
