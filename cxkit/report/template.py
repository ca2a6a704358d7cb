"""Templates of pages, filled: compiled once a process, every string escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxkit import places

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "filled"]


def filled(name: str, styles: Sequence[str], page: Mapping[str, Any]) -> str:
    """A template of `templates/report` with its page and its style sheets, as HTML text.

    Parameters
    ----------
    name : str
        The template.
    styles : sequence of str
        Style sheets that lie beside it; where two differ, the later holds.
    page : mapping
        What the template prints: text is escaped, Markup is not.
    """
    from markupsafe import Markup

    folder = places.shared("templates") / "report"
    css = Markup("\n").join(
        Markup((folder / style).read_text(encoding="utf-8")) for style in styles
    )
    return environment(folder).get_template(name).render(page={**page, "css": css})


@cache
def environment(templates: Path) -> Environment:
    """The templates of a folder, compiled when first used, and anew when one of them changes."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
