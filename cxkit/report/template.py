"""Templates of pages, filled: read and compiled once a process, every string escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from cxkit import places

__all__ = ["filled"]


def filled(name: str, styles: Sequence[str], page: Mapping[str, Any]) -> str:
    """A template with its page and its style sheets, as HTML text.

    Parameters
    ----------
    name : str
        A file of `templates/report`.
    styles : sequence of str
        Style sheets beside it, in their order.
    page : mapping
        What the template prints: text is escaped, Markup is not.
    """
    from markupsafe import Markup

    folder = places.shared("templates") / "report"
    css = Markup("\n").join(
        Markup((folder / style).read_text(encoding="utf-8").rstrip("\n")) for style in styles
    )
    template = _environment(folder).get_template(name)
    return str(template.render(page={**page, "css": css + Markup("\n")}))


@lru_cache(maxsize=2)
def _environment(folder: Path) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
