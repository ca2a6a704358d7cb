"""Texts of questionnaires without what only a screen needs: tags, entities, piped fields."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["bare"]

_UNSEEN = ("script", "style", "head", "title")
_INLINE = ("a", "b", "em", "font", "i", "label", "small", "span", "strong", "sub", "sup", "u")
_MARKED = re.compile(r"<[a-zA-Z!/][^>]*>|&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d?);")
_PIPED = re.compile(
    r"\$\{[a-z]+://[^}]*\}"
    r"|\[(QID\d+|Field)-[^\]\s]+\]"
    r"|\{(TOKEN|INSERTANS|SAVEDID)[A-Z_]*:[^}]*\}"
)
"""What a platform puts another text in place of, while respondents answer."""


def bare(text: str) -> str:
    """A text as respondents read it: without tags, entities, and repeated blanks.

    A field that is filled in while a respondent answers becomes an ellipsis.

    >>> bare("How was <b>${lm://Field/1}</b>?<br>Tell&nbsp;us.")
    'How was …? Tell us.'
    """
    if _MARKED.search(text):
        reader = _Words()
        reader.feed(text)
        reader.close()
        text = "".join(reader.words)
    return " ".join(_PIPED.sub("\N{HORIZONTAL ELLIPSIS}", text).split())


class _Words(HTMLParser):
    """Gathers what is to be read; a tag that begins a line becomes a blank."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._n_unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._n_unseen += tag in _UNSEEN
        if tag not in _INLINE:
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._n_unseen -= tag in _UNSEEN and self._n_unseen > 0
        if tag not in _INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._n_unseen:
            self.words.append(data)
