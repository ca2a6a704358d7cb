"""Slides: the paper of a deck, with a master and layouts of its own, and what is set on it.

A deck is made of python-pptx's blank one. Titles, leads and feet are placeholders, so that the
outline view, a screen reader and another template find them; all sizes are in points.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from cxkit.errors import brief
from cxkit.report.beside.deck.charts.native import Native
from cxkit.report.beside.deck.charts.values import Chart, Map
from cxkit.report.beside.deck.drawing_ml import (
    DRAWING,
    EMU,
    NS,
    PRESENTATION,
    parsed,
    text_of,
)
from cxkit.report.beside.deck.fitting import Fitted
from cxkit.report.beside.deck.ink import SCHEME, Ink
from cxkit.report.beside.letters import family
from cxkit.report.figures.lettering import clean, wrap
from cxkit.wording import NO_BREAK, Words

__all__ = ["HEIGHT", "MARGIN", "WIDTH", "Deck", "Frame", "Text"]

WIDTH, HEIGHT = 960.0, 540.0
MARGIN = 44.0
_FOOT = 512.0
"""Where the line at the foot of every slide begins."""

_MOST_TITLE = 200

_EPOCH = (1980, 1, 1, 0, 0, 0)
_KICKER, _LEAD, _NOTE, _FOOTER, _NUMBER = 13, 14, 15, 11, 12
"""The numbers of the placeholders beside the title's."""


@dataclass(frozen=True)
class Frame:
    """A place on a slide, in points."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Text:
    """Paragraphs of a placeholder, and where it stands if not where its layout has it."""

    paragraphs: Sequence[Any]
    frame: Frame | None = None


_INSIDE = WIDTH - 2 * MARGIN
_PLACES: Mapping[str, Mapping[str, Frame]] = {
    "Opening": {
        "title": Frame(MARGIN, 132, _INSIDE, 120),
        "lead": Frame(MARGIN, 262, _INSIDE, 84),
        "kicker": Frame(MARGIN, 96, _INSIDE, 24),
    },
    "Finding": {
        "title": Frame(MARGIN, 50, _INSIDE, 70),
        "kicker": Frame(MARGIN, 30, _INSIDE, 18),
        "lead": Frame(MARGIN, 122, _INSIDE, 40),
        "note": Frame(MARGIN, 462, _INSIDE, 46),
    },
}
"""Where the placeholders of each layout stand."""

_IDS = {"kicker": _KICKER, "lead": _LEAD, "note": _NOTE}
_STYLES = {"title": (28, "ink", "mj"), "kicker": (12, "soft", "mn"), "lead": (15, "ink", "mn"),
           "note": (10.5, "soft", "mn")}  # fmt: skip


class Deck:
    """A deck being made.

    Parameters
    ----------
    ink : Ink
        Colours and language.
    words : Words
        The language.
    title : str
        Of the document.
    date : datetime
        When it is said to have been made.
    footer : str
        What stands at the foot of every slide.
    """

    def __init__(self, ink: Ink, words: Words, *, title: str, date: dt.datetime, footer: str):
        from pptx import Presentation
        from pptx.util import Emu

        self.ink = ink
        self.words = words
        self.date = date
        self.footer = footer
        self.paper = Presentation()
        self.paper.slide_width = Emu(round(WIDTH * EMU))
        self.paper.slide_height = Emu(round(HEIGHT * EMU))
        self._rule_paper()
        self._about(title)
        self._n = 0

    # -- slides ------------------------------------------------------------------------------------

    def slide(self, layout: str, title: Fitted, texts: Mapping[str, Text]) -> Any:
        """A slide with its title and what stands in the other placeholders of its layout.

        A placeholder without a text is taken away.
        """
        made = self.paper.slides.add_slide(self._layout(layout))
        self._n += 1
        for shape in list(made.placeholders):
            idx = shape.placeholder_format.idx
            if idx == 0:
                own = None if title.size == _STYLES["title"][0] else title.size
                self.write(shape, [self.paragraph(one, own) for one in title.paragraphs])
                continue
            told = texts.get(next(name for name, number in _IDS.items() if number == idx))
            if told is None or not told.paragraphs:
                shape._element.getparent().remove(shape._element)
                continue
            self.write(shape, told.paragraphs)
            if told.frame is not None:
                shape.left, shape.top, shape.width, shape.height = _emu(told.frame)
        self._number_slide(made)
        return made

    def write(self, shape: Any, paragraphs: Sequence[Any]) -> None:
        """Paragraphs (made with `paragraph`) into a shape, in the place of what it holds."""
        body = shape._element.txBody
        for old in body.findall(f"{{{DRAWING}}}p"):
            body.remove(old)
        for one in paragraphs:
            body.append(one)

    def paragraph(
        self,
        text: str,
        size: float | None = None,
        role: str | None = None,
        bold: bool | None = None,
        gap: float = 0.0,
        align: str = "",
        more: tuple[str, float, str] | None = None,
    ) -> Any:
        """One paragraph as an element; `more` are quieter words behind it, their size and role.

        Its end has its size too: an empty cell would make its row as high as the theme's letters.
        """
        asked = f' lang="{self.ink.culture}"'
        asked += f' sz="{size * 100:.0f}"' if size is not None else ""
        asked += f' b="{int(bold)}"' if bold is not None else ""
        fill = self.ink.fill(role) if role else ""
        before = f'<a:spcBef><a:spcPts val="{gap * 100:.0f}"/></a:spcBef>' if gap else ""
        side = f' algn="{align}"' if align else ""
        shown = escape(clean(text))
        run = f"<a:r><a:rPr{asked}>{fill}</a:rPr><a:t>{shown}</a:t></a:r>" if shown else ""
        return parsed(
            f"<a:p {NS}><a:pPr{side}>{before}</a:pPr>{run}{self._more(more)}"
            f"<a:endParaRPr{asked}/></a:p>"
        )

    def _more(self, more: tuple[str, float, str] | None) -> str:
        if more is None:
            return ""
        text, size, role = more
        return (
            f'<a:r><a:rPr lang="{self.ink.culture}" sz="{size * 100:.0f}" b="0">'
            f"{self.ink.fill(role)}</a:rPr><a:t>{NO_BREAK * 2}{escape(clean(text))}</a:t></a:r>"
        )

    def text(self, slide: Any, frame: Frame, paragraphs: Sequence[Any], name: str) -> Any:
        """A box of paragraphs that were made with `paragraph`."""
        box = slide.shapes.add_textbox(*_emu(frame))
        box.name = name
        body = box._element.txBody
        body.bodyPr.attrib.update({"wrap": "square", "lIns": "0", "tIns": "0", "rIns": "0",
                                   "bIns": "0"})  # fmt: skip
        self.write(box, paragraphs)
        return box

    def chart(self, slide: Any, frame: Frame, chart: Chart, alt: str, name: str) -> Any:
        """A native chart, with the sentence that stands for it."""
        from pptx.enum.chart import XL_CHART_TYPE

        native = Native(chart, (frame.width, frame.height), self.ink, self.words, self.date)
        kinds = {
            "bars": XL_CHART_TYPE.BAR_CLUSTERED,
            "stacked": XL_CHART_TYPE.BAR_STACKED,
            "lines": XL_CHART_TYPE.LINE_MARKERS,
        }
        kind = XL_CHART_TYPE.XY_SCATTER if isinstance(chart, Map) else kinds[chart.kind]
        made = slide.shapes.add_chart(kind, *_emu(frame), native)
        made.name = clean(name)
        made._element._nvXxPr.cNvPr.set("descr", clean(alt))
        if isinstance(chart, Map):
            self._corners(slide, frame, chart, native)
        return made

    def _corners(self, slide: Any, frame: Frame, chart: Map, native: Native) -> None:
        """The names of the quadrants, in the corners of the field."""
        inner = native.maps.map_box()
        left, top = frame.left + inner.left + 6, frame.top + inner.top + 3
        right, bottom = left + inner.width - 12, top + inner.height - 22
        half = inner.width / 2 - 12
        for k, (x, y, side) in enumerate(
            ((left, top, "l"), (right - half, top, "r"), (left, bottom, "l"),
             (right - half, bottom, "r"))
        ):  # fmt: skip
            is_first = k == 3
            role = "bad-ink" if is_first else "soft"
            said = self.paragraph(chart.corners[k], 11, role, is_first, align=side)
            self.text(slide, Frame(x, y, half, 16), [said], f"Corner {k + 1}")

    def table(
        self,
        slide: Any,
        frame: Frame,
        table: Any,
        alt: str,
        name: str,
        *,
        has_head: bool = True,
    ) -> None:
        """A native table of cells that are laid out already (see `deck_tables.Sheet`)."""
        rows, columns = len(table.heights), len(table.widths)
        shape = slide.shapes.add_table(rows, columns, *_emu(frame))
        shape.name = clean(name)
        shape._element._nvXxPr.cNvPr.set("descr", clean(alt))
        made = shape._element.graphic.graphicData.tbl
        table.fill(made, self, has_head=has_head)

    def picture(self, slide: Any, frame: Frame, content: bytes, alt: str, name: str) -> None:
        """A picture as large as its place allows, its shape kept; beginning at the upper left."""
        made = slide.shapes.add_picture(io.BytesIO(content), *_emu(frame)[:2])
        scale = min(frame.width * EMU / made.width, frame.height * EMU / made.height)
        made.width, made.height = round(made.width * scale), round(made.height * scale)
        made.name = clean(name)
        made._element._nvXxPr.cNvPr.set("descr", clean(alt))

    def notes(self, slide: Any, paragraphs: Sequence[str]) -> None:
        """What the speaker reads."""
        shape = slide.notes_slide.notes_placeholder
        self.write(shape, [self.paragraph(one) for one in paragraphs if clean(one)])

    def finish_slide(self, slide: Any) -> None:
        """The note at the foot, the footer and the number are read last."""
        tree = slide.shapes._spTree
        order = {_NOTE: 1, _FOOTER: 2, _NUMBER: 3}
        feet = [shape for shape in slide.placeholders if shape.placeholder_format.idx in order]
        for shape in sorted(feet, key=lambda one: order[one.placeholder_format.idx]):
            tree.remove(shape._element)
            tree.append(shape._element)

    # -- bytes -------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The file: the same slides give the same bytes."""
        paper = io.BytesIO()
        self.paper.save(paper)
        out = io.BytesIO()
        with zipfile.ZipFile(paper) as made, zipfile.ZipFile(out, "w") as kept:
            for one in made.infolist():
                entry = zipfile.ZipInfo(one.filename, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o600 << 16
                entry.create_system = 0
                kept.writestr(entry, made.read(one.filename))
        return out.getvalue()

    # -- paper -------------------------------------------------------------------------------------

    def _about(self, title: str) -> None:
        """What the file says of itself, without a clock or a person."""
        about = self.paper.core_properties
        about.title = brief(clean(title), _MOST_TITLE)
        about.author = about.last_modified_by = "cxkit"
        about.language, about.revision = self.ink.culture, 1
        about.subject = about.keywords = about.comments = about.category = ""
        about.created = about.modified = self.date.replace(tzinfo=None)
        about.last_printed = self.date.replace(tzinfo=None)

    def _layout(self, name: str) -> Any:
        return next(one for one in self.paper.slide_layouts if one.name == name)

    def _rule_paper(self) -> None:
        """The master and the layouts, the theme's colours and letters, and no leftovers."""
        from pptx.opc.constants import RELATIONSHIP_TYPE as KIND

        master = self.paper.slide_master
        layouts = list(self.paper.slide_layouts)
        for layout in layouts[len(_PLACES) :]:
            self.paper.slide_layouts.remove(layout)
        for layout, (name, places) in zip(layouts, _PLACES.items(), strict=False):
            self._rule_layout(layout, name, places)
        self._rule_master(master)
        (theme,) = (
            one.target_part for one in master.part.rels.values() if one.reltype == KIND.THEME
        )
        theme._blob = self._theme(theme.blob)
        for rels, kinds in (
            (self.paper.part.package._rels, (KIND.THUMBNAIL,)),
            (self.paper.part.rels, (KIND.PRINTER_SETTINGS,)),
        ):
            for key in [key for key, one in rels.items() if one.reltype in kinds]:
                rels.pop(key)

    def _theme(self, blob: bytes) -> bytes:
        from lxml import etree

        root = etree.fromstring(blob)
        root.set("name", "cxkit")
        scheme = root.find(f".//{{{DRAWING}}}clrScheme")
        scheme.set("name", "cxkit")
        for slot in scheme:
            role = SCHEME[etree.QName(slot).localname]
            for old in list(slot):
                slot.remove(old)
            slot.append(parsed(f'<a:srgbClr {NS} val="{self.ink.hex(role)}"/>'))
        fonts = root.find(f".//{{{DRAWING}}}fontScheme")
        fonts.set("name", "cxkit")
        stacks = {
            "majorFont": family(self.ink.theme.serif, "Cambria"),
            "minorFont": family(self.ink.theme.sans, "Arial"),
        }
        for kind, name in stacks.items():
            fonts.find(f"{{{DRAWING}}}{kind}/{{{DRAWING}}}latin").set("typeface", name)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))

    def _rule_master(self, master: Any) -> None:
        tree = master.shapes._spTree
        for shape in list(tree)[2:]:
            tree.remove(shape)
        finding = _PLACES["Finding"]
        tree.append(self._placeholder(2, "title", finding["title"], 'type="title"'))
        tree.append(self._placeholder(3, "lead", finding["lead"], 'type="body" idx="1"'))
        for one in self._feet(4):
            tree.append(one)
        tree.append(self._rule(6))
        for style in master._element.iter(
            f"{{{PRESENTATION}}}titleStyle", f"{{{PRESENTATION}}}bodyStyle"
        ):
            is_title = style.tag.endswith("titleStyle")
            size, role, font = _STYLES["title" if is_title else "lead"]
            for old in list(style):
                style.remove(old)
            style.append(self._level(size, role, font, bold=is_title))

    def _rule_layout(self, layout: Any, name: str, places: Mapping[str, Frame]) -> None:
        element = layout._element
        element.cSld.set("name", name)
        kind = {"Opening": "title", "Finding": "titleOnly"}[name]
        element.set("type", kind)
        tree = layout.shapes._spTree
        for shape in list(tree)[2:]:
            tree.remove(shape)
        number = 2
        for place in ("kicker", "title", "lead", "note"):
            if place not in places:
                continue
            asked = f'type="body" idx="{_IDS[place]}"' if place in _IDS else 'type="title"'
            tree.append(self._placeholder(number, place, places[place], asked))
            number += 1
        for one in self._feet(number):
            tree.append(one)

    def _placeholder(self, number: int, name: str, frame: Frame, asked: str) -> Any:
        size, role, font = _STYLES[name]
        level = text_of(self._level(size, role, font, bold=name == "title"))
        anchor = "b" if name == "note" else "t"
        x, y, width, height = _emu(frame)
        return parsed(
            f'<p:sp {NS}><p:nvSpPr><p:cNvPr id="{number}" name="{name.capitalize()}"/><p:cNvSpPr>'
            f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {asked}/></p:nvPr></p:nvSpPr>'
            f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody>'
            f'<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/>'
            f"</a:bodyPr><a:lstStyle>{level}</a:lstStyle><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
        )

    def _level(self, size: float, role: str, font: str, *, bold: bool) -> Any:
        return parsed(
            f'<a:lvl1pPr {NS} marL="0" indent="0" algn="l"><a:lnSpc><a:spcPct val="100000"/>'
            '</a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>'
            f'<a:defRPr sz="{size * 100:.0f}" b="{int(bold)}" kern="1200">{self.ink.fill(role)}'
            f'<a:latin typeface="+{font}-lt"/><a:ea typeface="+{font}-ea"/>'
            f'<a:cs typeface="+{font}-cs"/></a:defRPr></a:lvl1pPr>'
        )

    def _feet(self, number: int) -> list[Any]:
        """The footer and the number of the slide."""
        left = Frame(MARGIN, _FOOT, _INSIDE - 60, 16)
        right = Frame(WIDTH - MARGIN - 50, _FOOT, 50, 16)
        made = []
        for k, (frame, kind, side, text) in enumerate(
            ((left, f'type="ftr" sz="quarter" idx="{_FOOTER}"', "l", ""),
             (right, f'type="sldNum" sz="quarter" idx="{_NUMBER}"', "r", _field("\u2039#\u203a")))
        ):  # fmt: skip
            x, y, width, height = _emu(frame)
            name = "Footer" if k == 0 else "Slide number"
            made.append(
                parsed(
                    f'<p:sp {NS}><p:nvSpPr><p:cNvPr id="{number + k}" name="{name}"/><p:cNvSpPr>'
                    f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr>'
                    f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/>'
                    '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody>'
                    '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle>'
                    f'<a:lvl1pPr algn="{side}"><a:defRPr sz="1000">{self.ink.fill("soft")}'
                    f"</a:defRPr></a:lvl1pPr></a:lstStyle><a:p>{text}<a:endParaRPr/></a:p>"
                    "</p:txBody></p:sp>"
                )
            )
        return made

    def _rule(self, number: int) -> Any:
        """The line that opens every slide."""
        x, y, width, height = _emu(Frame(MARGIN, 22, _INSIDE, 2.25))
        return parsed(
            f'<p:sp {NS}><p:nvSpPr><p:cNvPr id="{number}" name="Rule"/><p:cNvSpPr/><p:nvPr/>'
            f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/>'
            f'<a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{self.ink.fill("ink")}'
            "<a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/>"
            "</a:p></p:txBody></p:sp>"
        )

    def _number_slide(self, slide: Any) -> None:
        """The footer and the slide's number, which python-pptx leaves out of a new slide."""
        lang = self.ink.culture
        (line,) = wrap(self.footer, _INSIDE - 60, 10, lines=1)
        said = escape(line)
        font = '<a:latin typeface="+mn-lt"/>'
        style = f'<a:rPr lang="{lang}" sz="1000">{self.ink.fill("soft")}{font}</a:rPr>'
        foot = f'<a:pPr algn="l"/><a:r>{style}<a:t>{said}</a:t></a:r>'
        texts = {
            "ftr": (_FOOTER, foot, "Footer"),
            "sldNum": (_NUMBER, _field(str(self._n), lang), "Slide number"),
        }
        for kind, (number, text, name) in texts.items():
            key = max(one.shape_id for one in slide.shapes) + 1 if len(slide.shapes) else 2
            slide.shapes._spTree.append(
                parsed(
                    f'<p:sp {NS}><p:nvSpPr><p:cNvPr id="{key}" name="{name}"/><p:cNvSpPr>'
                    f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter" '
                    f'idx="{number}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
                    f"<a:lstStyle/><a:p>{text}</a:p></p:txBody></p:sp>"
                )
            )


def _field(shown: str, lang: str = "en-US") -> str:
    return (
        '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
        f'<a:rPr lang="{lang}"/><a:t>{shown}</a:t></a:fld>'
    )


def _emu(frame: Frame) -> tuple[int, int, int, int]:
    left, top = round(frame.left * EMU), round(frame.top * EMU)
    return left, top, round(frame.width * EMU), round(frame.height * EMU)
