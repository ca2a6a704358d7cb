"""Ink: the roles of the report's theme as a deck knows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cxkit.library.theme import contrast
from cxkit.report.beside.deck.drawing_ml import EMU
from cxkit.report.theme import Theme

__all__ = ["SCHEME", "Ink"]

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
        return f'<a:ln w="{width * EMU:.0f}" cap="flat">{self.fill(role)}{dash}</a:ln>'

    def hex(self, role: str) -> str:
        """The colour of a role, `RRGGBB`."""
        return self.theme.light[role].lstrip("#").upper()

    def on(self, role: str) -> str:
        """The role of words that stand on this one: `ink` or `paper`, whichever is clearer."""
        colours = self.theme.light
        return max(("ink", "paper"), key=lambda one: contrast(colours[one], colours[role]))
