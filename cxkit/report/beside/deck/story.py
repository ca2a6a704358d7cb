"""The deck beside a page: a slide a finding, its title the finding, its chart PowerPoint's own.

Made of what the page holds and of nothing else: published records, their words, their notes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from cxkit.errors import StudyError
from cxkit.report.beside.dates import made_on
from cxkit.report.beside.deck import tables as deck_tables
from cxkit.report.beside.deck.charts.findings import charts_of
from cxkit.report.beside.deck.charts.values import Chart, Map
from cxkit.report.beside.deck.fitting import Fitted, fitted, n_lines
from cxkit.report.beside.deck.ink import Ink
from cxkit.report.beside.deck.parts import (
    Block,
    answer,
    bases_of,
    beside,
    fitting,
    is_coloured,
    is_only_numbers,
    listed_facts,
    segments_of,
    tone_of_score,
)
from cxkit.report.beside.deck.slides import MARGIN, WIDTH, Deck, Frame, Text
from cxkit.report.beside.deck.tables import Cell
from cxkit.report.finding import FINDING_MIME
from cxkit.report.shown import Shown
from cxkit.report.tables import WIDE
from cxkit.report.theme import theme_of
from cxkit.wording import NO_BREAK, Words

__all__ = ["needs", "pptx"]

_INSIDE = WIDTH - 2 * MARGIN
_TOP, _NOTE_END = 50.0, 506.0
_TITLES = (28.0, 26.0, 24.0, 22.0, 20.0)
_LEADS = (15.0, 14.0, 13.0, 12.0)
_NOTES = (10.5, 10.0)
_SUB = 11.5
_SERIF = 1.2
"""How much wider than a sans the serif may be that a reader's machine puts in for the deck's."""

_COLOURED = ("pyramid", "trend")
"""Figures in which a colour says that something has risen or fallen."""

_OF_DRAWINGS = ("note_scorecard", "note_scorecard_first")
"""Notes that explain the drawings in a table, which a deck leaves out."""

_METHOD = ("sample", "weighting", "scores", "outcomes", "bases", "low_base", "intervals",
           "comparisons", "versions")  # fmt: skip
"""What the last slide tells of the method, by its key in the locales."""


def needs() -> None:
    """StudyError that says what to install, where python-pptx is not."""
    if find_spec("pptx") is None:
        raise StudyError(
            "a deck needs the package python-pptx, which is not installed",
            where="beside: pptx",
            expected="the extra `pptx` of cxkit",
            hint="pip install 'cxkit[pptx]'",
        )


def pptx(nb: Any, language: str) -> dict[str, bytes]:
    """The deck of an executed notebook in one language.

    Parameters
    ----------
    nb : nbformat notebook
        Executed; nothing is computed from answers.
    language : str
        A key of `library/locales`.

    Returns
    -------
    dict of bytes
        One file, by the end of its name: `.{language}.pptx`. The same notebook gives the same
        bytes. Numbers are published values; what the page hides has no bar and a word that says
        why.

    Raises
    ------
    StudyError
        If python-pptx is not installed.
    """
    from cxkit.report.layout import Page
    from cxkit.report.page import context_of

    needs()
    words = Words(language, context_of(nb))
    page = Page(nb, words).build()
    facts = {fact["label"]: fact for fact in page["facts"]}
    told = [facts[words.ui(key)]["value"] for key in ("brand", "wave", "base")]
    deck = Deck(
        Ink(theme_of(words.context), language),
        words,
        title=str(page["title"]),
        date=made_on(words.context),
        footer=" · ".join(filter(None, [*told, page["flag"]])),
    )
    _Story(deck, page, _told(nb, words)).tell()
    return {f".{language}.pptx": deck.to_bytes()}


def _told(nb: Any, words: Words) -> list[Shown]:
    """The findings that say a sentence and show nothing, in the order of the page."""
    found = []
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {}).get(FINDING_MIME, {})
            for one in bundle.get("findings", ()):
                if not one["figure"] and not one["table"] and one["section"] != "summary":
                    found.append(Shown(one, words))
    return found


class _Story:
    """The slides of a page in the order in which they are told."""

    def __init__(self, deck: Deck, page: Mapping[str, Any], told: Sequence[Shown]) -> None:
        self.deck = deck
        self.page = page
        self.words = deck.words
        self.told = told

    def tell(self) -> None:
        """Every slide."""
        self._opening()
        sections = list(self.page["sections"])
        for section in sections:
            self._summary(section)
        blocks = [(section, block) for section in sections for block in section["blocks"]]
        for is_number_only in (False, True):
            for section, block in blocks:
                if is_only_numbers(block) is is_number_only:
                    self._block(section, block)
        self._method(sections[-1])

    # -- what opens and closes ---------------------------------------------------------------------

    def _opening(self) -> None:
        """Brand, wave, base, fieldwork; and whether the answers are simulated."""
        page, deck = self.page, self.deck
        title = fitted([page["h1"]], _INSIDE / _SERIF, 120, (44, 40, 36, 32, 28), is_bold=True)
        lead = fitted([str(page["deck"])], _INSIDE, 84, (20, 18, 16, 14))
        kicker = [deck.paragraph(page["kind"], 14)]
        slide = deck.slide(
            "Opening",
            title,
            {
                "kicker": Text(kicker),
                "lead": Text([deck.paragraph("".join(lead.paragraphs), lead.size)]),
            },
        )
        facts = page["facts"]
        head = [Cell(fact["label"], role="soft", align="l") for fact in facts]
        values = [
            Cell(str(fact["value"]), str(fact["small"]), bold=True, align="l") for fact in facts
        ]
        widths = [_INSIDE / len(facts)] * len(facts)
        table = deck_tables.plain([head, values], widths, 14, lines=3)
        frame = Frame(MARGIN, 372, _INSIDE, table.height)
        deck.table(slide, frame, table, listed_facts(facts), self.words.ui("sample"))
        if page["flag"]:
            flag = deck.paragraph(page["flag"], 14, "bad-ink", True)
            deck.text(slide, Frame(MARGIN, 478, _INSIDE, 20), [flag], "Flag")
        theme = deck.ink.theme
        if theme.logo is not None and theme.logo_type == "image/png":
            alt = self.words.text(theme.logo_alt) or str(self.words.context.get("brand", ""))
            deck.picture(slide, Frame(MARGIN, 38, 200, 44), theme.logo, alt, "Logo")
        deck.notes(slide, [page["h1"], str(page["deck"]), listed_facts(facts), page["flag"] or ""])
        deck.finish_slide(slide)

    def _summary(self, section: Block) -> None:
        """The five answers, and below them what the report cannot answer."""
        blocks = section["blocks"] if section["key"] == "summary" else ()
        boxes: Sequence[Block] = [block for block in blocks if block["type"] == "box"]
        for block in blocks:
            if block["type"] == "findings":
                boxes = self._answers(section, block, boxes)
        for block in boxes:
            self._words(section, block["title"], block["paragraphs"])

    def _answers(self, section: Block, block: Block, boxes: Sequence[Block]) -> Sequence[Block]:
        """The five answers; the boxes that found no room below them."""
        items = block["items"]
        said = [f"{box['title']}: {' '.join(box['paragraphs'])}" for box in boxes]
        note = fitted(said, _INSIDE, 42, (11,)) if said else None
        if note is not None and n_lines(" ".join(said), _INSIDE, 11) > 2:
            note = None
        rows = [answer(item) for item in items]
        title = self._title(section["question"])
        top = _TOP + title.height + 10
        room = _NOTE_END - top - (note.height + 8 if note else 0)
        widths = [118.0, 150.0, _INSIDE - 268]
        for size in (16, 15, 14, 13, 12, 11, 10):
            table = deck_tables.plain(rows, widths, size, lines=4)
            if table.height <= room:
                break
        spare = max(room - table.height, 0.0) / len(rows)
        table.heights = [one + min(spare, 14) for one in table.heights]
        texts = {"kicker": self._kicker(section), "note": self._note(note)}
        slide = self.deck.slide("Finding", title, texts)
        frame = Frame(MARGIN, top, _INSIDE, table.height)
        self.deck.table(slide, frame, table, section["question"], section["name"], has_head=False)
        spoken = [part for item in items for part in (item["sentence"], item["evidence"])]
        self.deck.notes(slide, [*spoken, *said])
        self.deck.finish_slide(slide)
        return () if note is not None else boxes

    def _words(self, section: Block, heading: str, paragraphs: Sequence[str]) -> None:
        """A slide of words."""
        title = self._title(heading)
        top = _TOP + title.height + 14
        told = fitted(paragraphs, _INSIDE - 60, _NOTE_END - top, (18, 16, 15, 14, 13, 12, 11),
                      gap=8)  # fmt: skip
        made = [
            self.deck.paragraph(one, told.size, gap=8.0 if k else 0.0)
            for k, one in enumerate(told.paragraphs)
        ]
        frame = Frame(MARGIN, top, _INSIDE, _NOTE_END - top)
        texts = {"kicker": self._kicker(section), "lead": Text(made, frame)}
        slide = self.deck.slide("Finding", title, texts)
        self.deck.notes(slide, paragraphs)
        self.deck.finish_slide(slide)

    def _method(self, section: Block) -> None:
        """The last slide: how the numbers came about, and the command that checks them."""
        words = self.words
        terms = words.locale["methods"]["terms"]
        wanted = {words.fill(terms[key]): key for key in _METHOD}
        rows, commands = [], []
        for block in section["blocks"]:
            if block["type"] == "definitions":
                rows += [
                    [Cell(one["term"], bold=True, align="l"),
                     Cell(" ".join(map(str, one["paragraphs"][:2])), align="l")]
                    for one in block["rows"] if one["term"] in wanted
                ]  # fmt: skip
            elif block["type"] == "command":
                commands.append(str(block["text"]))
        title = self._title(section["question"])
        top = _TOP + title.height + 12
        note = fitted([" · ".join(commands)], _INSIDE, 28, _NOTES) if commands else None
        room = _NOTE_END - top - (note.height + 8 if note else 0)
        table = fitting(rows, [150.0, _INSIDE - 150], room)
        texts = {"kicker": self._kicker(section), "note": self._note(note)}
        slide = self.deck.slide("Finding", title, texts)
        frame = Frame(MARGIN, top, _INSIDE, table.height)
        self.deck.table(slide, frame, table, section["question"], section["name"], has_head=False)
        self.deck.notes(slide, list(section["lead"]))
        self.deck.finish_slide(slide)

    # -- findings ----------------------------------------------------------------------------------

    def _block(self, section: Block, block: Block) -> None:
        if block["type"] == "image":
            self._picture(section, block)
        elif block["type"] in ("figure", "table") and block.get("shown") is not None:
            pages = list(beside(charts_of(block["shown"])))
            for number, charts in enumerate(pages, 1):
                part = f" ({number}/{len(pages)})" if len(pages) > 1 else ""
                self._charts(section, block, charts, part)
            if not pages and block["table"] is not None:
                self._table(section, block)

    def _charts(self, section: Block, block: Block, charts: Sequence[Chart], part: str) -> None:
        slide, content = self._slide(section, block, part)
        gap = 24.0
        width = (content.width - gap * (len(charts) - 1)) / len(charts)
        alone = len(charts) == 1 and not part and block["type"] == "figure"
        for k, chart in enumerate(charts):
            left = content.left + k * (width + gap)
            frame = Frame(left, content.top, width, content.height)
            alt = block["alt"] if alone else self._alt(block, chart)
            name = f"{block['number']}{part}" + (f" {k + 1}" if len(charts) > 1 else "")
            self.deck.chart(slide, frame, chart, alt, name)
        self.deck.finish_slide(slide)

    def _table(self, section: Block, block: Block) -> None:
        shown: Shown = block["shown"]
        tone = tone_of_score(shown) if shown.finding["figure"] == "heat_map" else None
        places = [self._flow(section, block, "", is_cut=cut)[1] for cut in (True, False)]
        place = min(places, key=lambda one: one.height)  # whatever is left for the foot to say
        made = deck_tables.sheet(block["table"], place.width, place.height, tone)
        slide, content = self._slide(section, block, "", is_cut=made.is_cut)
        frame = Frame(content.left, content.top, content.width, made.height)
        alt = block.get("alt") or block["title"]
        self.deck.table(slide, frame, made, alt, block["number"])
        self.deck.finish_slide(slide)

    def _picture(self, section: Block, block: Block) -> None:
        """A picture of the researcher's own, under the name of its section."""
        title = self._title(section["question"])
        slide = self.deck.slide("Finding", title, {"kicker": self._kicker(section)})
        top = _TOP + title.height + 14
        content = base64.b64decode(block["src"].partition(",")[2])
        frame = Frame(MARGIN, top, _INSIDE, _NOTE_END - top)
        self.deck.picture(slide, frame, content, block["alt"], section["name"])
        self.deck.notes(slide, [block["alt"]])
        self.deck.finish_slide(slide)

    def _slide(
        self, section: Block, block: Block, part: str, *, is_cut: bool = False
    ) -> tuple[Any, Frame]:
        """The slide of a finding with all its words, and the place that is left on it."""
        title, content, texts = self._flow(section, block, part, is_cut=is_cut)
        slide = self.deck.slide("Finding", title, texts)
        self.deck.notes(slide, self._spoken(section, block))
        return slide, content

    def _flow(
        self, section: Block, block: Block, part: str, *, is_cut: bool
    ) -> tuple[Fitted, Frame, dict[str, Text]]:
        """Where the words of a finding's slide end, and its numbers stand."""
        deck = self.deck
        title = self._title(block["title"] + part)
        y = _TOP + max(title.height, 30) + 8
        lead = fitted(self._leads(section, block), _INSIDE, 56, _LEADS, gap=3)
        made = [
            deck.paragraph(one, lead.size, gap=3.0 if k else 0.0)
            for k, one in enumerate(lead.paragraphs)
        ]
        below = y + lead.height
        if measured := self._measured(block):
            sub = fitted([measured], _INSIDE, 30, (_SUB,))
            made.append(deck.paragraph(sub.paragraphs[0], _SUB, "soft", gap=4.0 if made else 0.0))
            below += sub.height + (4 if lead.paragraphs else 0)
        note = fitted(self._foot(block, is_cut), _INSIDE, 42, _NOTES)
        texts = {
            "kicker": self._kicker(section, block["number"]),
            "lead": Text(made, Frame(MARGIN, y, _INSIDE, below - y)),
            "note": self._note(note),
        }
        top, bottom = below + 10, _NOTE_END - note.height - 8
        return title, Frame(MARGIN, top, _INSIDE, bottom - top), texts

    # -- words -------------------------------------------------------------------------------------

    def _title(self, text: str) -> Fitted:
        return fitted([text], _INSIDE / _SERIF, 72, _TITLES, is_bold=True)

    def _kicker(self, section: Block, number: str = "") -> Text:
        said = " · ".join(filter(None, (str(section["number"]), section["name"], number)))
        (line,) = fitted([said], _INSIDE, 16, (12,)).paragraphs
        return Text([self.deck.paragraph(line)])

    def _note(self, note: Fitted | None) -> Text:
        if note is None:
            return Text([])
        frame = Frame(MARGIN, _NOTE_END - note.height, _INSIDE, note.height)
        return Text([self.deck.paragraph(one, note.size) for one in note.paragraphs], frame)

    def _leads(self, section: Block, block: Block) -> list[str]:
        """The sentence of the finding; of a figure without one, those that its section opens with.

        The tables of groups tell what was found in their own segment.
        """
        shown: Shown = block["shown"]
        if shown.sentence:
            return [shown.sentence] if shown.sentence != block["title"] else []
        here = [one for one in self.told if one.finding["section"] == section["key"]]
        if segment := shown.options.get("segment"):
            here = [one for one in here if segment in segments_of(one)]
        elif block is not next((b for b in section["blocks"] if b.get("shown")), None):
            return []
        return [one.sentence for one in here if one.sentence]

    def _measured(self, block: Block) -> str:
        """What is measured, its unit and scale, as the deck draws it."""
        shown: Shown = block["shown"]
        if shown.finding["figure"] != "likert":
            return str(block["sub"])
        items = [item for group in shown.options["order"] for item in group["items"]]
        return self.words.subtitle("likert_stacked", k=len(items))

    def _foot(self, block: Block, is_cut: bool) -> list[str]:
        """The base, then marks that stand on the slide, then other notes as far as they fit."""
        words, shown = self.words, block["shown"]
        drawn = [one for one in shown.finding["notes"] if one[0] in _OF_DRAWINGS]
        unfit = {words.heading(words.note(key, **shown.slots(slots))) for key, slots in drawn}
        notes = [one for one in block["notes"] if one not in unfit]
        head = f"{words.ui('base')}:"
        own = [one for one in notes if one.startswith(head)]
        is_counted = any(f"n{NO_BREAK}=" in one for one in own)
        if not is_counted and (bases := bases_of(shown, words)):
            own.append(f"{head} {bases}.")
        if is_cut:
            own.append(words.ui("rest_in_report", place=block["number"]))
        if shown.finding["figure"] in _COLOURED and any(map(is_coloured, charts_of(shown))):
            own.append(words.heading(words.ui("fig_colours")) + ".")
        marks = [one for one in notes if one.startswith(("*", WIDE))]
        said = ""
        for one in dict.fromkeys([*own, *marks, *notes]):
            longer = f"{said} {one}".strip()
            if n_lines(longer, _INSIDE, _NOTES[0]) <= 3:
                said = longer
        return [said]

    def _spoken(self, section: Block, block: Block) -> list[str]:
        """What the speaker's notes hold: alt sentence, all leads, all notes, the proof's number."""
        place = f"{block['number']}, {section['name']}"
        proof = self.words.ui("proof_link", place=place)
        leads = [
            *section["lead"],
            *(one["text"] for one in section["blocks"] if one["type"] == "lead"),
        ]
        parts = [block.get("alt", ""), *leads, block["sub"], *block["notes"], proof]
        return list(dict.fromkeys(filter(None, parts)))

    def _alt(self, block: Block, chart: Chart) -> str:
        """The sentence that stands for one of several charts: what it shows, its extremes."""
        if isinstance(chart, Map):
            return str(block["title"])
        words, title = self.words, chart.caption or block["title"]
        shown = [
            (f"{name}, {one.name}" if len(chart.series) > 1 else str(name), point)
            for one in chart.series
            for name, point in zip(chart.categories, one.points, strict=True)
            if point.value is not None
        ]
        if not shown:
            return words.alt("nothing", {})
        say = words.signed if chart.is_signed else words.number
        high, low = (pick(shown, key=lambda one: one[1].value or 0.0) for pick in (max, min))
        ends = {"max_label": high[0], "max": say(high[1].value, chart.unit),
                "min_label": low[0], "min": say(low[1].value, chart.unit)}  # fmt: skip
        return words.alt("chart", {"title": title, **ends})
