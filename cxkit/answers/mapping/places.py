"""Where a question of the kit belongs in a study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cxkit import library

__all__ = ["Place", "place_of"]


@dataclass(frozen=True)
class Place:
    """The parts of a study file that read a question: (part, key), or `recognised`."""

    at: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def _outcomes() -> dict[str, str]:
    """Question -> the outcome that it alone measures on a scale."""
    return {
        one["questions"][0]: key
        for key, one in library.outcomes().items()
        if len(one.get("questions", ())) == 1 and one.get("scale")
    }


def place_of(key: str, asked: Mapping[str, Any], levels: str) -> Place:
    """Where a question belongs, in a study whose framework of levels is `levels`.

    >>> from cxkit.library import question
    >>> place_of("scr_aware", question("scr_aware"), "pyramid").at
    (('bases', 'aware'), ('reached', 'scr_aware'))
    >>> place_of("wom_tone", question("wom_tone"), "pyramid").at
    (('outcomes', 'wom_tone'),)
    """
    battery = asked["battery"]
    if key in library.framework(levels)["items"]:
        return Place((("items", key),))
    if battery == "screening":
        base = (("bases", str(asked["sets"])),)
        return Place((*base, ("reached", key)) if key == "scr_aware" else base)
    if battery == "stages" and asked["group"] in ("reached", "ratings"):
        return Place((("reached" if asked["group"] == "reached" else "rating", key),))
    if key in _outcomes():
        return Place((("outcomes", _outcomes()[key]),))
    if battery in ("outcomes", "problems") and key in library.asked_on_a_scale():
        return Place((("outcomes", key),))
    if key in library.further_items():
        return Place((("items", key),))
    if battery == "comments":
        return Place((("comments", key.partition("_")[2]),))
    if battery == "profile":
        named = ("channels", "") if asked.get("several") else ("segments", key.partition("_")[2])
        return Place((named,))
    if asked.get("sets"):
        return Place((("bases", str(asked["sets"])),))
    return Place((("recognised", ""),))
