"""A page as it was printed: its language, how it says it was made, and every part with its words.

Reads the HTML that `cxkit.report.page` wrote, with nothing else at hand. A part is what a reader
can point at: a section, a figure, a table, a row, a cell, a sentence.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cxkit.errors import StudyError

__all__ = ["DRAWN_APART", "Part", "PrintedPage", "read_page"]

DRAWN_APART = " · "
"""What stands between the words of a drawing."""

_DEEPEST = 100
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_BLOCKS = {
    "a", "aside", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "img", "li", "main", "nav", "ol", "p", "pre", "section",
    "summary", "table", "ul",
}  # fmt: skip
_APART = {"br", "small", "text"}
"""Within a sentence: what stands on a line of its own all the same."""

_MANIFEST = "methods-manifest"


@dataclass(frozen=True)
class Part:
    """Something printed: its words, or the parts that it is made of.

    `name` tells it from its sisters wherever it stands (an id, the head of its row); it is empty
    where only the order does. `label` is how a reader finds it. `marks` is a digest of what is
    not words: tags, attributes, lines of a drawing.
    """

    kind: str
    name: str = ""
    label: str = ""
    text: str = ""
    marks: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def words(self) -> str:
        """All that is printed here, on one line."""
        return " ".join(filter(None, [self.text, *(one.words for one in self.parts)]))


@dataclass(frozen=True)
class PrintedPage:
    """What a page says: `made` is its manifest with notebook and parameters, `whole` its parts.

    `manifest_lines` are the first and the last line of the file that print the manifest.
    """

    file: Path
    content: bytes
    language: str
    command: str
    made: Mapping[str, Any]
    manifest_lines: tuple[int, int]
    whole: Part

    @property
    def manifest(self) -> dict[str, Any]:
        """Inputs, versions and key."""
        return dict(self.made["manifest"])

    @property
    def is_of_demo(self) -> bool:
        """Whether it is a report of the shipped demo."""
        return self.command.split()[:3] == ["cxkit", "run", "demo"]

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.content).hexdigest()


def read_page(file: Path) -> PrintedPage:
    """The page in a file.

    Raises
    ------
    StudyError
        If the file is no page of cxkit, if it is cut off, or if it does not say how it was made.
    """
    content = _content(file)
    shown = file.name
    try:
        reader = _Reader()
        reader.feed(content.decode("utf-8"))
        reader.close()
    except UnicodeDecodeError:
        raise _not_a_page(shown) from None
    top = reader.top
    html = None if reader.is_too_deep else top.first("html")
    if html is None:
        raise _not_a_page(shown)
    if not reader.is_whole:
        raise StudyError(
            f"'{shown}' is cut off: its end is missing",
            where=shown,
            expected="a whole page, as cxkit run wrote it",
            hint="copy or download it again",
        )
    manifest = top.with_id(_MANIFEST)
    if manifest is None and top.with_id("the_report") is None:
        raise _not_a_page(shown)
    if manifest is None:
        raise StudyError(
            f"'{shown}' does not say how it was made",
            where=shown,
            expected=f"its manifest, in the part with the id {_MANIFEST}",
            hint="cxkit run STUDY makes a page that does; one of a notebook that was executed "
            "elsewhere (cxkit render) cannot be verified",
        )
    return PrintedPage(
        file,
        content,
        html.attributes.get("lang", ""),
        _command(top),
        _made(manifest, shown),
        (manifest.line, manifest.last_line),
        Part("page", parts=tuple(_parts(html))),
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise StudyError(
            f"there is no page at '{file}'",
            where=str(file),
            expected="the .html file of a report",
        ) from None


def _not_a_page(shown: str) -> StudyError:
    return StudyError(
        f"'{shown}' is no page of cxkit",
        where=shown,
        expected="the .html file that cxkit run or cxkit batch wrote",
    )


# -- how it says it was made -------------------------------------------------------------------


def _made(manifest: _Element, shown: str) -> dict[str, Any]:
    """Notebook, parameters and manifest, every part of the kind that it has to be."""
    stated = manifest.first("pre")
    try:
        made = json.loads(stated.text if stated else "")
        parts = made["manifest"]
        values = [made["notebook"], parts["key"], *parts["inputs"].values()]
        values += parts["versions"].values()
        is_sound = all(isinstance(one, str) for one in values)
        is_sound = is_sound and isinstance(made["parameters"], dict)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_sound = False
    if not is_sound:
        raise StudyError(
            f"the manifest of '{shown}' cannot be read",
            where=f"{shown}: {_MANIFEST}",
            expected="JSON with notebook, parameters, and inputs, versions and key of its manifest",
            hint="the page was damaged or edited: ask for it again, or make it with cxkit run",
        )
    return dict(made)


def _command(top: _Element) -> str:
    """The command that the page prints: it makes the same report."""
    methods = top.with_id("methods")
    printed = [one.text for one in methods.below() if one.tag == "pre"] if methods else []
    return next((text for text in printed if text.startswith("cxkit run ")), "")


# -- the tree of its elements ------------------------------------------------------------------


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)
    line: int = 0
    last_line: int = 0

    def below(self) -> Iterator[_Element]:
        """Every element inside, in the order of the page."""
        for child in self.elements:
            yield child
            yield from child.below()

    @property
    def elements(self) -> list[_Element]:
        return [child for child in self.children if isinstance(child, _Element)]

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """The words, without those of drawings, on one line."""
        return " ".join("".join(self._texts(is_drawn=False)).split())

    @property
    def drawn(self) -> list[str]:
        """The words inside drawings, in their order."""
        return ["".join(one._texts(True)).strip() for one in self.below() if one.tag == "text"]

    def _texts(self, is_drawn: bool) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif is_drawn or child.tag != "svg":
                apart = " " * (child.tag in _BLOCKS or child.tag in _APART)
                yield apart
                yield from child._texts(is_drawn)
                yield apart

    def first(self, tag: str) -> _Element | None:
        return next((one for one in self.below() if one.tag == tag), None)

    def with_id(self, key: str) -> _Element | None:
        return next((one for one in self.below() if one.attributes.get("id") == key), None)

    def marks(self) -> str:
        """A digest of all that is not words: tags, attributes, style sheets."""
        total = hashlib.sha256()
        for one in (self, *self.below()):
            total.update(repr((one.tag, sorted(one.attributes.items()))).encode())
            if one.tag == "style":
                total.update("".join(one._texts(True)).encode())
        return total.hexdigest()


class _Reader(HTMLParser):
    """Builds the tree. What a browser would mend (an end tag too many) is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = _Element("top")
        self.is_whole = False
        self.is_too_deep = False
        self._open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        one = _Element(tag, named, line=self.getpos()[0])
        self._open[-1].children.append(one)
        self.is_too_deep |= len(self._open) > _DEEPEST
        if tag not in _VOID and not self.is_too_deep:
            self._open.append(one)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        opened = [one.tag for one in self._open]
        if tag in opened[1:]:
            last = len(opened) - 1 - opened[::-1].index(tag)
            self._open[last].last_line = self.getpos()[0]
            del self._open[last:]
        self.is_whole |= tag == "html"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


# -- what a reader can point at ----------------------------------------------------------------


def _parts(element: _Element) -> Iterator[Part]:
    """The parts inside an element; what only holds others together is no part itself."""
    loose: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            loose.append(child)
        else:
            yield from _part(child)
    if text := " ".join(" ".join(loose).split()):
        yield Part("words", text=text)


def _part(one: _Element) -> Iterator[Part]:
    if one.attributes.get("id") == _MANIFEST:
        return
    if one.tag in _WHOLES:
        yield _WHOLES[one.tag](one)
    elif "drawing" in one.classes:
        yield from _drawing(one)
    elif one.tag == "div" and one.first("dt") is not None and one.first("dl") is None:
        yield _entry(one)
    elif one.tag in ("style", "title", "svg", "img") or not _holds_blocks(one):
        yield from _leaf(one)
    else:
        yield from _parts(one)


def _holds_blocks(one: _Element) -> bool:
    return one.tag in ("html", "head", "body") or any(
        inner.tag in _BLOCKS - {"a"} for inner in one.below()
    )


def _leaf(one: _Element) -> Iterator[Part]:
    """A sentence, a heading, a picture: words that are read in one go."""
    said = {"meta": "content", "img": "alt"}.get(one.tag)
    text = one.attributes.get(said, "") if said else one.text
    if one.tag == "style":
        text = ""
    label = _LABELS.get(one.attributes.get("name", "") or one.tag, "")
    if text or one.tag in ("style", "svg", "img", "link") or one.first("svg"):
        yield Part(".".join([one.tag, *one.classes[:1]]), "", label, text, one.marks())


_LABELS = {
    "description": "description for search engines",
    "title": "title of the window",
    "style": "style sheet",
    "svg": "scale",
    "img": "picture",
}


def _section(one: _Element) -> Part:
    named = next((child.text for child in one.elements if "name" in child.classes), "")
    label = named or {"header": "head of the page", "nav": "contents", "footer": "foot"}.get(
        one.tag, ""
    )
    return Part("section", one.attributes.get("id", one.tag), label, parts=tuple(_parts(one)))


def _figure(one: _Element) -> Part:
    label = _heading(one.first("figcaption"))
    return Part("figure", one.attributes.get("id", ""), label, parts=tuple(_parts(one)))


def _heading(caption: _Element | None) -> str:
    """Number and title of a figure or a table, without what is said below the title."""
    if caption is None:
        return ""
    parts = [one.text for one in caption.below() if {"number", "title"} & set(one.classes)]
    return ": ".join(parts) or caption.text


def _drawing(one: _Element) -> Iterator[Part]:
    """What is said of a drawing to those who do not see it, and what stands in it."""
    yield Part("alt", "alt", "description", one.attributes.get("aria-label", ""))
    for form in one.elements:
        name = form.classes[0] if form.classes else ""
        label = f"drawing, {name}".rstrip(", ")
        yield Part("drawing", name, label, DRAWN_APART.join(form.drawn), form.marks())


def _details(one: _Element) -> Part:
    """What opens on demand: by its name, unless it only holds the numbers of a figure."""
    key, summary = one.attributes.get("id", ""), one.first("summary")
    label = summary.text if summary and key else ""
    return Part("details", key, label, parts=tuple(_parts(one)))


def _item(one: _Element) -> Part:
    """A finding of the summary, or a point of a list."""
    key = one.attributes.get("id", "")
    label = f"finding {key.rpartition('-')[2]}" if one.first("h3") else ""
    return Part("item", key, label, parts=tuple(_parts(one)))


def _entry(one: _Element) -> Part:
    """A term and what is said of it."""
    term = one.first("dt")
    label = term.text if term else ""
    return Part("entry", label, label, parts=tuple(_parts(one)))


def _table(one: _Element) -> Part:
    caption = one.first("caption")
    inner = caption.first("div") if caption else None
    name = inner.attributes.get("id", "") if inner else ""
    label = _heading(caption)
    heads = [cell.text for cell in _rows(one, "thead")[0].elements] if _rows(one, "thead") else []
    parts = [Part("caption", "caption", "caption", caption.text)] if caption else []
    parts += [Part("column", head, "column", head) for head in heads]
    rows = _rows(one, "tbody")
    often = Counter(_head(row) for row in rows)
    parts += [_row(row, heads, is_alone=often[_head(row)] == 1) for row in rows]
    return Part("table", name, label, parts=tuple(parts))


def _rows(one: _Element, of: str) -> list[_Element]:
    body = one.first(of)
    return [row for row in body.elements if row.tag == "tr"] if body else []


def _head(row: _Element) -> str:
    return row.elements[0].text if row.elements else ""


def _row(one: _Element, heads: list[str], *, is_alone: bool) -> Part:
    """A row by its head; where several have the same, by its words (group, wave) too."""
    words = [] if is_alone else [cell.text for cell in one.elements[1:] if "left" in cell.classes]
    label = ", ".join([_head(one), *words])
    named = zip(heads + [""] * len(one.elements), one.elements, strict=False)
    parts = [
        Part("head", "head", "", cell.text, cell.marks())
        if cell.tag == "th"
        else Part("cell", head, head, cell.text, cell.marks())
        for head, cell in named
    ]
    return Part("row", label, label, parts=tuple(parts))


_WHOLES = {
    "section": _section,
    "header": _section,
    "nav": _section,
    "footer": _section,
    "figure": _figure,
    "details": _details,
    "li": _item,
    "table": _table,
}
