"""The figures of a page as files, for a slide or a printer: each as SVG and as PNG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxkit.report.layout import Page
from cxkit.report.page import context_of
from cxkit.report.theme import theme_of
from cxkit.wording import Words

__all__ = ["figures"]


def figures(nb: Any, language: str) -> dict[str, bytes]:
    """Every figure of the page of an executed notebook, as wide as on a desk, by its file's name.

    Parameters
    ----------
    nb : notebook node
        Executed.
    language : str
        The language of the labels.

    Returns
    -------
    dict of str to bytes
        `-figures/LANGUAGE/ANCHOR.svg` and `.png`, with the anchor that the figure has on the
        page; titled and described as there, in the light colours of the theme. Nothing where
        the page has no figure.
    """
    from cxkit.report.figures import png, standalone

    context = context_of(nb)
    theme = theme_of(context)
    made: dict[str, bytes] = {}
    for block in _drawn(Page(nb, Words(language, context)).build()["sections"]):
        drawing = block["shown"].figure(narrow=False)
        stem = f"-figures/{language}/{block['id']}"
        made[f"{stem}.svg"] = standalone(drawing, block["id"], theme=theme).encode()
        made[f"{stem}.png"] = png(drawing, theme=theme)
    return made


def _drawn(parts: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The blocks of a page that hold a figure, those inside others too."""
    for part in parts:
        if part.get("type") == "figure" and "shown" in part:
            yield part
        yield from _drawn(part.get("blocks", ()))
