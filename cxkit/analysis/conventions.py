"""Limits and names that results share with the tables that tell them; the import costs nothing."""

from __future__ import annotations

__all__ = ["BEST_TWO", "GOOD_FIT", "LEADS_FROM", "QUADRANTS", "SIGNED", "choices_of"]

LEADS_FROM = 0.80
"""The chance of ranking first from which a level is named."""

BEST_TWO = "lmg_best_two_items_bootstrap"
"""The method of the shares at equal reliability where these rest on two items of each level."""

QUADRANTS = ("try_first", "keep", "watch", "enough")
"""Low score and strong link, high and strong, low and weak, high and weak."""

GOOD_FIT = {"cfi": 0.95, "rmsea": 0.06, "srmr": 0.08}
"""A model fits from such a CFI on, and up to such an RMSEA and SRMR (Hu & Bentler 1999)."""

SIGNED = ("F12", "F20")
"""The fixed questions whose number is a difference, which may be a fall."""


def choices_of(of: str) -> dict[str, str]:
    """The choices of a way of analysing a finding, from the `of` of its record.

    >>> choices_of("F06|answers=used|missing=all")
    {'answers': 'used', 'missing': 'all'}
    """
    return dict(part.split("=", 1) for part in of.split("|")[1:])
