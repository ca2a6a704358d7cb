"""Templates of pages, filled: compiled once a process, every string escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxkit import places
from cxkit.errors import ReportError

if TYPE_CHECKING:
    from jinja2 import Environment

    from cxkit.report.theme import Theme

__all__ = ["environment", "filled"]


def filled(name: str, styles: Sequence[str], page: Mapping[str, Any], theme: Theme) -> str:
    """A template of `templates/report` with its page, its theme and its style sheets, as HTML text.

    Parameters
    ----------
    name : str
        The template.
    styles : sequence of str
        Style sheets that lie beside it; where two differ, the later holds.
    page : mapping
        What the template prints: text is escaped, Markup is not.
    theme : Theme
        The colours and the type, which stand before the style sheets.

    Raises
    ------
    ReportError
        If the template cannot be read, or asks for what the page does not have.
    """
    from jinja2 import TemplateError
    from markupsafe import Markup

    folder = places.shared("templates") / "report"
    sheets = [Markup((folder / style).read_text(encoding="utf-8")) for style in styles]
    css = Markup("\n").join([Markup(theme.css), *sheets])
    try:
        whole = {**page, "css": css, "logo": _logo(theme, page["lang"])}
        return environment(folder).get_template(name).render(page=whole)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise ReportError(
            f"the template of the page fails: {error.message or type(error).__name__}",
            where=f"templates/report/{getattr(error, 'name', None) or name}"
            + (f":{line}" if line else ""),
            expected="the templates as cxkit brings them, or changed so that they still fit",
        ) from error


def _logo(theme: Theme, language: str) -> dict[str, str] | None:
    """The logo with its words in a language, or in the first that it has."""
    if theme.logo is None:
        return None
    words = theme.logo_alt or {}
    alt = words.get(language) or next(iter(words.values()), "")
    return {"src": theme.logo_address, "alt": alt}


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
