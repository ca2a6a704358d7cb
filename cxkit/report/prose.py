"""The researcher's Markdown as safe HTML: nothing in it runs, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from markupsafe import Markup, escape

__all__ = ["markdown", "markdown_parts"]

_FENCE = re.compile(r" {0,3}(```|~~~)")
_EMBEDDED = "data:image/"


def markdown(source: str) -> Markup:
    """Markdown as HTML; raw HTML in it is shown, a picture from elsewhere is its words."""
    return Markup(_renderer()(source))


def markdown_parts(source: str) -> Iterator[str]:
    """The text cut before each heading of the first or second level, code left in one piece."""
    part: list[str] = []
    is_code = False
    for line in source.splitlines(keepends=True):
        if _FENCE.match(line):
            is_code = not is_code
        if part and not is_code and line.startswith(("# ", "## ")):
            yield "".join(part)
            part = []
        part.append(line)
    if part:
        yield "".join(part)


@cache
def _renderer() -> Any:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        """Standard HTML, but a picture must be embedded in the page."""

        def image(self, text: str, url: str, title: str | None = None) -> str:
            if url.startswith(_EMBEDDED):
                return str(super().image(text, url, title))
            return str(escape(text))

    return mistune.create_markdown(
        renderer=Renderer(escape=True), plugins=["table", "strikethrough"]
    )
