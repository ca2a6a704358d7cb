"""The kit's theme: its colours by role, and what any theme has to keep so that a page can be read.

A role is what a colour says (`ink`, `good`, `s3`), never what it looks like. Where words of one
role stand on another, the pair is listed here, so that a theme in which they cannot be read is
found before a reader finds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cxkit.library.files import LIBRARY, load_yaml

__all__ = [
    "MARKS",
    "ON_A_STEP",
    "SCHEMES",
    "WORDS",
    "contrast",
    "hex_colour",
    "is_family",
    "kit_colours",
    "kit_theme",
    "legible",
    "resolved",
]

SCHEMES = ("light", "dark")

ON_A_STEP = ("on-low", "on-high")
"""Words on a step of the ramp, which only pages know: a drawing writes them in ink and paper."""

WORDS = (
    *((ink, on) for ink in ("ink", "soft", "good-ink", "bad-ink") for on in ("paper", "wash")),
    *((ink, "tint") for ink in ("ink", "soft", "good-ink", "bad-ink")),
    ("ink", "band"),
    *((ink, step) for ink in ("on-low", "ink") for step in ("s1", "s2", "s3")),
    *((ink, step) for ink in ("on-high", "paper") for step in ("s4", "s5")),
)
"""Words and the surface that they stand on: 4.5 to 1 at least (WCAG 2, AA)."""

MARKS = (("data", "paper"), ("good", "paper"), ("bad", "paper"))
"""Marks that carry a verdict or a value, and their surface: 3 to 1 at least."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FAMILY = re.compile(r"-?[^\W\d_][\w .-]{0,59}")
_STEPS = 200


@cache
def kit_theme() -> dict[str, Any]:
    """The kit's own theme as its file says it, by key; shared, do not change it."""
    return load_yaml(LIBRARY / "theme.yaml")


@cache
def kit_colours(scheme: str) -> dict[str, str]:
    """The colour of each role in the kit's `light` or `dark` scheme; shared, do not change it.

    >>> kit_colours("light")["l5"] == kit_colours("light")["good"]
    True
    """
    return resolved(kit_theme()[scheme])


def resolved(colours: Mapping[str, str]) -> dict[str, str]:
    """Each role with its colour, where some are given by the name of another role.

    Raises
    ------
    ValueError
        If roles name each other in a circle; it holds the first of them.
    """
    found = {}
    for role, colour in colours.items():
        seen = [role]
        while colour in colours:
            if colour in seen:
                raise ValueError(role)
            seen.append(colour)
            colour = colours[colour]
        found[role] = colour
    return found


def hex_colour(text: object) -> str | None:
    """A colour as `#rrggbb` in small letters; None for anything else.

    >>> hex_colour("#FA0"), hex_colour("orange")
    ('#ffaa00', None)
    """
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        return None
    digits = text[1:].lower()
    return "#" + ("".join(2 * one for one in digits) if len(digits) == 3 else digits)


def is_family(text: object) -> bool:
    """Whether a text is the plain name of a font: nothing in it can end a rule of CSS.

    >>> is_family("Segoe UI"), is_family("serif; } body {")
    (True, False)
    """
    return isinstance(text, str) and _FAMILY.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """How well two colours can be told apart, from 1 to 21.

    The contrast ratio of WCAG 2: (L1 + 0.05) / (L2 + 0.05) with the relative luminance of the
    lighter over that of the darker.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def legible(colour: str, on: str, least: float) -> str:
    """The colour nearest to `colour`, darker or paler, that has `least` contrast to `on`.

    >>> legible("#999999", "#ffffff", 4.5)
    '#767676'
    """
    end = 0 if _luminance(on) > 0.18 else 255
    for step in range(_STEPS + 1):
        mixed = [round(one + (end - one) * step / _STEPS) for one in _channels(colour)]
        tried = "#" + "".join(f"{one:02x}" for one in mixed)
        if contrast(tried, on) >= least:
            return tried
    return "#" + f"{end:02x}" * 3


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG 2, from 0 (black) to 1 (white)."""
    shares = [one / 255 for one in _channels(colour)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
