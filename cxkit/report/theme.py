"""The theme of a report: its colours by role, its type and its logo, as pages and files need them.

Hands out `Theme`, `read_theme` and `theme_of`. The kit's own lies in `library/theme.yaml`; what a
study changes of it travels in the context of its findings, so that an executed notebook becomes
the same page anywhere.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cxkit.errors import StudyError
from cxkit.library.theme import SCHEMES, hex_colour, is_family, kit_colours, kit_theme

__all__ = ["Theme", "read_theme", "theme_of"]

_PLAIN = re.compile(r"-?[A-Za-z][A-Za-z0-9-]*")
_GENERIC = {"serif": "serif", "sans": "sans-serif"}


@dataclass(frozen=True)
class Theme:
    """Colours by role in two schemes, font stacks, and a logo.

    Attributes
    ----------
    light, dark : mapping of str
        The colour of each role, `#rrggbb`.
    serif, sans : str
        Font stacks as CSS writes them: of findings, and of all that is measured.
    logo : bytes or None
        A PNG or an SVG.
    logo_alt : mapping of str or None
        What the logo shows, in words, by language.

    Examples
    --------
    >>> read_theme().light["good"]
    '#0173b2'
    """

    light: Mapping[str, str]
    dark: Mapping[str, str]
    serif: str
    sans: str
    logo: bytes | None = None
    logo_alt: Mapping[str, str] | None = None

    @property
    def logo_type(self) -> str:
        """The media type of the logo."""
        is_png = (self.logo or b"").startswith(b"\x89PNG")
        return "image/png" if is_png else "image/svg+xml"

    @property
    def logo_address(self) -> str:
        """The logo as a data URI; empty where there is none."""
        if self.logo is None:
            return ""
        return f"data:{self.logo_type};base64,{base64.b64encode(self.logo).decode()}"

    @cached_property
    def css(self) -> str:
        """The roles and the font stacks as custom properties of a page, dark ones on screens."""
        paper = self.light["paper"]
        fonts = f"  --serif: {self.serif};\n  --sans: {self.sans};\n"
        soft, warned = self.light["soft"], self.light["bad-ink"]
        return (
            f":root {{\n{fonts}{_properties(self.light)}  --light-paper: {paper};\n}}\n"
            f"@media screen and (prefers-color-scheme: dark) {{\n"
            f":root {{\n{_properties(self.dark)}}}\n}}\n"
            f"@page {{ @bottom-left {{ color: {warned}; }} @bottom-right {{ color: {soft}; }} }}\n"
        )


def read_theme(path: str | os.PathLike[str] | None = None) -> Theme:
    """The theme in a YAML file; the kit's own where none is named.

    Parameters
    ----------
    path : path, optional
        A file with keys as in the kit's `library/theme.yaml`; what it leaves out is the kit's.

    Raises
    ------
    StudyError
        With every slip of the file at once: unknown roles, colours and fonts that are none, words
        that cannot be read on their surface, a logo that is more than a picture.
    """
    if path is None:
        return theme_of({})
    from cxkit.study.theme_file import examine_theme

    file = Path(path)
    told, problems = examine_theme(file, file.name, ())
    if problems:
        raise StudyError.of(problems)
    return theme_of({"theme": told})


def theme_of(context: Mapping[str, Any]) -> Theme:
    """The theme of a report, from the context of its findings; the kit's own if none is there."""
    return _theme(json.dumps(context.get("theme") or {}, sort_keys=True))


@lru_cache(maxsize=16)
def _theme(plain: str) -> Theme:
    told = json.loads(plain)
    light, dark = ({**kit_colours(one), **_own_colours(one, told)} for one in SCHEMES)
    logo = told.get("logo")
    return Theme(
        light,
        dark,
        _stack("serif", told),
        _stack("sans", told),
        base64.b64decode(logo) if logo else None,
        told.get("logo_alt"),
    )


def _own_colours(scheme: str, told: Mapping[str, Any]) -> dict[str, str]:
    """The colours that a notebook brings along: it may come from anywhere, so nothing else."""
    kit, own = kit_colours(scheme), told.get(scheme, {})
    return {role: colour for role in kit if (colour := hex_colour(own.get(role)))}


def _stack(kind: str, told: Mapping[str, Any]) -> str:
    """Families as CSS writes them, the generic one of their kind at the end."""
    families = [one for one in told.get(kind, ()) if is_family(one)] or kit_theme()["type"][kind]
    named = [one if _PLAIN.fullmatch(one) else f'"{one}"' for one in families]
    return ", ".join(dict.fromkeys([*named, _GENERIC[kind]]))


def _properties(colours: Mapping[str, str]) -> str:
    return "".join(f"  --{role}: {colour};\n" for role, colour in colours.items())
