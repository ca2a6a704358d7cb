"""DrawingML: the XML that a deck is written in, and its units."""

from __future__ import annotations

from typing import Any

__all__ = ["DRAWING", "EMU", "NS", "PRESENTATION", "parsed", "text_of"]

EMU = 12700
"""Of PowerPoint's units in a point."""

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"

NS = (
    f'xmlns:a="{DRAWING}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    f'xmlns:p="{PRESENTATION}"'
)
"""What the outermost element of a piece of XML declares."""


def parsed(xml: str) -> Any:
    """An element as python-pptx knows it, from its XML."""
    from pptx.oxml import parse_xml

    return parse_xml(xml)


def text_of(element: Any) -> str:
    """The XML of an element."""
    from lxml import etree

    return str(etree.tostring(element, encoding="unicode"))
