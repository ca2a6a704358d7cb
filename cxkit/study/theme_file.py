"""A theme beside a study: colours by role, type and a logo, checked so that a page can be read.

Hands out `examine_theme`: what a file changes of the kit's own theme as plain JSON values, and
every slip at its line. Nothing of it can leave its place on a page: a colour is six digits, a font
a plain name, a logo a picture that asks for nothing.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from cxkit.errors import Problem, StudyError, brief, counted, nearest
from cxkit.library.theme import (
    MARKS,
    SCHEMES,
    WORDS,
    contrast,
    hex_colour,
    is_family,
    kit_theme,
    legible,
    resolved,
)
from cxkit.study.file import Marked, problems_of, read_yaml, unknown
from cxkit.study.parts import Part, Text, or_none

__all__ = ["examine_theme"]

_LARGEST_LOGO = 50_000
_MOST_FONTS = 12
_RAMP = ("s1", "s2", "s3", "s4", "s5")
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_DRAWS = """
    svg g defs symbol use switch title desc metadata style path rect circle ellipse line polyline
    polygon text tspan textPath linearGradient radialGradient stop clipPath mask pattern marker
    image filter
"""
"""The elements that a logo may be drawn with; those of a filter begin with `fe`."""
_REFERENCE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(|javascript:", re.IGNORECASE)
_INSIDE = re.compile(r"#|data:image/(?:png|jpeg);base64,")


def _as_families(value: Any) -> Any:
    """Families as a list: a stack may be written as CSS writes it."""
    if not isinstance(value, str):
        return value
    return [one.strip().strip("\"'").strip() for one in value.split(",")]


_Families = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_families, json_schema_input_type=str | list[str]),
    Field(min_length=1, max_length=_MOST_FONTS),
]
_Colours = Annotated[dict[str, Any], BeforeValidator(or_none)]


class _Type(Part):
    serif: _Families | None = None
    sans: _Families | None = None


class _Logo(Part):
    file: Annotated[str, Field(min_length=1)]
    alt: Text


class _ThemeFile(Part):
    light: _Colours = Field(default_factory=dict)
    dark: _Colours = Field(default_factory=dict)
    type: Annotated[_Type, BeforeValidator(or_none)] = _Type()
    logo: _Logo | None = None


def examine_theme(
    file: Path, shown: str, languages: Sequence[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """What a theme file changes of the kit's own theme, and everything that needs mending in it.

    Parameters
    ----------
    file : Path
        The YAML file, with keys as in the kit's `library/theme.yaml`.
    shown : str
        How its user calls it.
    languages : sequence of str
        Those of the study: the logo has words in each of them.

    Returns
    -------
    (dict, list of Problem)
        `light`, `dark` (role: #rrggbb), `serif`, `sans` (families), `logo` (base64) and
        `logo_alt`, each only if it is stated; nothing of it where something needs mending.
    """
    try:
        marked = read_yaml(file, shown)
        told = _ThemeFile.model_validate(marked.value, context={"languages": tuple(languages)})
    except ValidationError as error:
        return {}, problems_of(error, marked, _ThemeFile)
    except StudyError as error:
        return {}, list(error.problems)
    theme: dict[str, Any] = {}
    problems = []
    schemes = {}
    for scheme in SCHEMES:
        schemes[scheme], slips = _colours(scheme, getattr(told, scheme), marked)
        problems += slips
    problems += [slip for kind in ("serif", "sans") for slip in _font_slips(kind, told, marked)]
    if told.logo is not None:
        content, slips = _logo(file.parent / told.logo.file, told.logo, languages, marked)
        problems += slips
        theme["logo"] = base64.b64encode(content).decode()
        theme["logo_alt"] = dict(told.logo.alt)
    if problems:
        return {}, problems
    theme |= {scheme: own for scheme, own in schemes.items() if own}
    families = {kind: getattr(told.type, kind) for kind in ("serif", "sans")}
    return theme | {kind: list(named) for kind, named in families.items() if named}, []


# -- colours -----------------------------------------------------------------------------------


def _colours(
    scheme: str, stated: Mapping[str, Any], marked: Marked
) -> tuple[dict[str, str], list[Problem]]:
    """The colours that a scheme changes by role, and its slips."""
    kit = kit_theme()[scheme]
    problems = list(_colour_slips(scheme, stated, kit, marked))
    if problems:
        return {}, problems
    own = {role: one if one in kit else str(hex_colour(one)) for role, one in stated.items()}
    try:
        whole = resolved({**kit, **own})
    except ValueError as circle:
        path = (scheme, str(circle))
        told = f"'{circle}' is given by roles that name each other in a circle"
        slip = marked.problem("theme_circle", path, told, expected="a colour, or a role with one")
        return {}, [slip]
    problems = [*_contrast_slips(scheme, whole, marked), *_ramp_slips(scheme, whole, marked)]
    before = resolved(kit)
    return {role: one for role, one in whole.items() if one != before[role]}, problems


def _colour_slips(
    scheme: str, stated: Mapping[str, Any], kit: Mapping[str, str], marked: Marked
) -> Iterator[Problem]:
    for role, colour in stated.items():
        path = (scheme, role)
        if role not in kit:
            yield unknown(marked, path, "role", role, kit)
        elif colour is None:
            yield marked.problem(
                "bad_colour",
                path,
                f"'{role}' is empty: what follows a # without quotes is a comment",
                expected='a colour such as "#15202b", or another role',
                hint=f'{role}: "#..."',
            )
        elif hex_colour(colour) is None and str(colour) not in kit:
            yield marked.problem(
                "bad_colour",
                path,
                f"'{role}' is {_given(colour)}, which is no colour",
                expected="# and three or six digits of 0-9 and a-f in quotes, or another role",
                hint=_nearest_colour(colour, kit),
            )


def _given(value: object) -> str:
    return "a group of keys" if isinstance(value, (dict, list)) else f"'{brief(str(value), 40)}'"


def _nearest_colour(colour: object, kit: Mapping[str, str]) -> str | None:
    """The same with the sign before it, where that is all that is missing; else a role."""
    digits = hex_colour(f"#{colour}")
    return f'"{digits}"' if digits else nearest(str(colour), kit)


def _contrast_slips(scheme: str, colours: Mapping[str, str], marked: Marked) -> Iterator[Problem]:
    """For each role that is too pale or too dark, the surface on which it is worst."""
    worst: dict[str, tuple[float, str, str, float, str]] = {}
    for pairs, least, what in ((WORDS, 4.5, "words"), (MARKS, 3.0, "marks")):
        for role, on in pairs:
            ratio = contrast(colours[role], colours[on])
            place = role if marked.has((scheme, role)) else on
            if ratio < least and ratio < worst.get(place, (least,))[0]:
                worst[place] = (ratio, role, on, least, what)
    for place, (ratio, role, on, least, what) in worst.items():
        other = on if place == role else role
        yield marked.problem(
            "theme_contrast",
            (scheme, place),
            f"{role} ({colours[role]}) on {on} ({colours[on]}) has a contrast of "
            f"{_floored(ratio)} to 1 in the {scheme} scheme",
            expected=f"at least {least:g} to 1 for {what} (WCAG 2, AA)",
            hint=f'{place}: "{legible(colours[place], colours[other], least)}"',
        )


def _floored(ratio: float) -> str:
    """A ratio cut and not rounded, so that 4.49 is seen to lie below 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _ramp_slips(scheme: str, colours: Mapping[str, str], marked: Marked) -> Iterator[Problem]:
    """A higher score stands out more from the paper, or a heat map says the opposite."""
    for low, high in pairwise(_RAMP):
        if contrast(colours[high], colours["paper"]) <= contrast(colours[low], colours["paper"]):
            yield marked.problem(
                "theme_ramp",
                (scheme, high if marked.has((scheme, high)) else low),
                f"{high} ({colours[high]}) does not stand out more from the paper than {low} "
                f"({colours[low]}) in the {scheme} scheme",
                expected="s1 to s5 each further from the paper: a higher score stands out more",
            )


# -- type --------------------------------------------------------------------------------------


def _font_slips(kind: str, told: _ThemeFile, marked: Marked) -> Iterator[Problem]:
    for at, family in enumerate(getattr(told.type, kind) or ()):
        if not is_family(family):
            yield marked.problem(
                "bad_font",
                ("type", kind, at),
                f"'{brief(family, 40)}' is no name of a font",
                expected="letters, digits, spaces, dots and -, a letter first",
            )


# -- the logo ----------------------------------------------------------------------------------


def _logo(
    file: Path, logo: _Logo, languages: Sequence[str], marked: Marked
) -> tuple[bytes, list[Problem]]:
    """The picture of a logo and what is wrong with it."""
    path = ("logo", "file")
    problems = []
    if silent := [one for one in languages if not str(logo.alt.get(one, "")).strip()]:
        problems.append(
            marked.problem(
                "missing_language",
                ("logo", "alt"),
                f"the logo has no words in {', '.join(silent)}",
                expected="alt: what those read who do not see it, in " + ", ".join(languages),
            )
        )
    try:
        content = file.read_bytes()
    except OSError:
        beside = [one.name for one in file.parent.glob("*.[ps][nv]g")]
        slip = marked.problem(
            "missing_file",
            path,
            f"there is no file '{logo.file}'",
            expected="a PNG or SVG file, by its path from the theme",
            hint=nearest(file.name, beside),
        )
        return b"", [*problems, slip]
    if why := _why_no_logo(content):
        expected = f"a PNG, or an SVG that only draws, of at most {_LARGEST_LOGO // 1000} kB"
        told = f"'{logo.file}' cannot be the logo: {why}"
        problems.append(marked.problem("bad_logo", path, told, expected=expected))
    return content, problems


def _why_no_logo(content: bytes) -> str | None:
    if len(content) > _LARGEST_LOGO:
        return f"it has {counted(len(content), 'byte')}, and every page carries it along"
    if content.startswith(_PNG):
        return None if _is_whole(content) else "the PNG is cut off"
    if re.search(rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet", content, re.IGNORECASE):
        return "it declares a document type, entities or a style sheet"
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return "it is neither"
    if root.tag != f"{_SVG}svg":
        return "it is neither"
    return next(filter(None, map(_why_not_drawn, root.iter())), None)


def _is_whole(png: bytes) -> bool:
    """Whether a PNG begins with its size, of at least a dot, and goes on to its end."""
    return png[12:16] == b"IHDR" and all(map(any, (png[16:20], png[20:24]))) and b"IEND" in png[-8:]


def _why_not_drawn(element: ElementTree.Element) -> str | None:
    """What an element of an SVG does besides drawing."""
    name = element.tag.removeprefix(_SVG)
    is_drawn = name in _DRAWS.split() or name.startswith("fe")
    if element.tag.startswith(_XHTML) or (element.tag.startswith(_SVG) and not is_drawn):
        return f"it holds <{name.removeprefix(_XHTML)}>"
    for key, value in element.attrib.items():
        attribute = key.rpartition("}")[2].lower()
        if attribute.startswith("on"):
            return f"it runs a script ({attribute})"
        if attribute in ("href", "src") and not _INSIDE.match(value.strip()):
            return f"it refers to something outside ({brief(value, 40)})"
        if _REFERENCE.search(value):
            return f"it refers to something outside ({attribute})"
    if name == "style" and _REFERENCE.search(element.text or ""):
        return "its style refers to something outside"
    return None
