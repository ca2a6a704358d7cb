"""Ink: the roles of the report's theme as a deck knows them, and its two families of letters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cxkit.report.theme import Theme

__all__ = ["SCHEME", "Ink", "family"]

SCHEME = {
    "dk1": "ink",
    "lt1": "paper",
    "dk2": "soft",
    "lt2": "wash",
    "accent1": "data",
    "accent2": "good",
    "accent3": "bad",
    "accent4": "band",
    "accent5": "l4",
    "accent6": "l2",
    "hlink": "good-ink",
    "folHlink": "soft",
}
"""The colours of a PowerPoint theme, each with the role that it shows."""

_REFERRED = {
    "ink": "tx1",
    "paper": "bg1",
    "soft": "tx2",
    "wash": "bg2",
    "data": "accent1",
    "good": "accent2",
    "bad": "accent3",
    "band": "accent4",
}

_ELSEWHERE = frozenset(
    {
        *("-apple-system", "blinkmacsystemfont", "system-ui", "ui-serif", "ui-sans-serif"),
        *("serif", "sans-serif", "monospace", "roboto", "segoe ui"),
        *("charter", "bitstream charter", "charis sil", "sitka text"),
    }
)
_FAMILIES = ("noto ", "liberation ", "dejavu ")
"""Families that one system or another has, and not every machine with PowerPoint."""


@dataclass(frozen=True)
class Ink:
    """What roles look like in a deck: references to its theme where it has them, else colours."""

    theme: Theme
    language: str

    @cached_property
    def culture(self) -> str:
        """The language as Office names it: `id-ID`."""
        from babel.core import get_global

        likely = str(get_global("likely_subtags").get(self.language, self.language))
        territory = likely.split("_")[-1]
        is_known = len(territory) == 2 and territory.isupper()
        return f"{self.language}-{territory}" if is_known else self.language

    def fill(self, role: str) -> str:
        """A fill in a role."""
        if role in _REFERRED:
            return f'<a:solidFill><a:schemeClr val="{_REFERRED[role]}"/></a:solidFill>'
        return f'<a:solidFill><a:srgbClr val="{self.hex(role)}"/></a:solidFill>'

    def line(self, role: str, width: float, *, is_dashed: bool = False) -> str:
        """A line in a role, its width in points."""
        dash = '<a:prstDash val="dash"/>' if is_dashed else ""
        return f'<a:ln w="{width * 12700:.0f}" cap="flat">{self.fill(role)}{dash}</a:ln>'

    def hex(self, role: str) -> str:
        """The colour of a role, `RRGGBB`."""
        return self.theme.light[role].lstrip("#").upper()

    def on(self, role: str) -> str:
        """The role of words that stand on this one: `ink` or `paper`, whichever is clearer."""
        surface = self._light(role)
        return max(("ink", "paper"), key=lambda one: _contrast(self._light(one), surface))

    def _light(self, role: str) -> float:
        """The relative luminance of a role (WCAG)."""
        value = self.hex(role)
        parts = [int(value[k : k + 2], 16) / 255 for k in (0, 2, 4)]
        linear = [
            one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def family(stack: str, otherwise: str) -> str:
    """The first family of a font stack that is of every system, or the study's own.

    >>> family('Charter, "Noto Serif", Cambria, serif', "Georgia")
    'Cambria'
    """
    named = [one.strip().strip("\"'") for one in stack.split(",")]
    for one in named:
        known = one.lower()
        if known not in _ELSEWHERE and not known.startswith(_FAMILIES):
            return one
    return otherwise
