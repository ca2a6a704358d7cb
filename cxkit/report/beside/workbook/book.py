"""The workbook beside a page: every table of the page as a sheet holds it, numbers as numbers.

What the page shows and nothing beyond it: its sections are sheets in their order, between a first
that says what the report is and a last with every published record in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from cxkit.report.beside.dates import made_on
from cxkit.report.beside.workbook.grid import Content, Grid, Head, Line, Link, grid_of, number_of
from cxkit.report.beside.workbook.records_grid import records_grid
from cxkit.report.beside.workbook.sheet import Book, Sheet
from cxkit.report.tables import mark
from cxkit.wording import Number, Printed, Words

__all__ = ["tables"]

Block = Mapping[str, Any]

_UNTOLD = ("prose", "image", "code")
"""Blocks that hold no numbers of the report: the researcher's own words and pictures."""


def tables(nb: Any, language: str) -> dict[str, bytes]:
    """The workbook of an executed notebook in one language.

    Parameters
    ----------
    nb : nbformat notebook
        Executed; nothing is computed from answers.
    language : str
        A key of `library/locales`.

    Returns
    -------
    dict of bytes
        One file, by the end of its name: `.{language}.xlsx`. The same notebook gives the same
        bytes. Numbers are published values, shown with the decimals of the page; what the page
        hides is an empty cell with a word that says why. No cell holds a formula.
    """
    from cxkit.report.layout import Page
    from cxkit.report.page import context_of, report_json
    from cxkit.report.theme import theme_of

    words = Words(language, context_of(nb))
    page = Page(nb, words).build()
    properties = {
        "title": str(page["h1"]),
        "subject": str(page["kind"]),
        "author": str(page["foot"][-1].split(".")[0]),
        "comments": str(page["flag"] or ""),
    }
    foot = " · ".join(filter(None, (str(page["h1"]), page["flag"])))
    book = Book(theme_of(words.context), properties, made_on(words.context), foot)
    said = words.locale["workbook"]
    about = book.sheet(said["about"])
    for section in page["sections"]:
        if any(block["type"] not in _UNTOLD for block in section["blocks"]):
            _section(book.sheet(str(section["name"])), section, words)
    records = book.sheet(said["records"], frozen=4)
    records.write(said["records"], "name")
    records.write(said["records_title"], "title", place=f"sheet:{records.name}")
    records.write(said["records_note"], "note")
    records.grid(records_grid(report_json(nb), words))
    _about(about, page, book.sheets[1:], words)
    return {f".{language}.xlsx": book.content()}


# -- about -----------------------------------------------------------------------------------------


def _about(sheet: Sheet, page: Mapping[str, Any], others: Sequence[Sheet], words: Words) -> None:
    """What the report is about, what the sheets hold, what marks mean, how to cite and check it."""
    said, methods = words.locale["workbook"], page["sections"][-1]
    sheet.write(str(page["kind"]), "name")
    sheet.write(str(page["h1"]), "title")
    sheet.write(page["flag"] or "", "flag")
    sheet.write(said["about_title"], "caption")
    lines = [
        Line(
            "",
            (fact["label"], _as_content(fact["value"], words), _as_content(fact["small"], words)),
        )
        for fact in page["facts"]
    ]
    sheet.grid(_plain((words.ui("topic"), words.ui("value"), said["note"]), lines))
    sheet.space()
    sheet.write(said["sheets"], "caption")
    listed = [Line("", (Link(one.name, f"sheet:{one.name}"), _question(one))) for one in others]
    sheet.grid(_plain((said["sheets"], words.ui("question")), listed))
    sheet.space()
    sheet.write(said["marks"], "caption")
    for text in (
        words.note("note_low_base"),
        words.note("note_privacy"),
        f"\u2020 {_definition(methods, 'low_base', words)[-1]}",
        said["signs"],
        said["empty"],
        said["unrounded"],
        said["published"],
    ):
        sheet.write(str(text))
    sheet.space()
    for term in ("intervals", "cite"):
        paragraphs = _definition(methods, term, words)[:1]
        for text in paragraphs:
            sheet.pair(words.fill(words.locale["methods"]["terms"][term]), text)
    for text, style in _commands(methods):
        sheet.write(text, style)


def _question(sheet: Sheet) -> str:
    """What a sheet answers: its title."""
    return next((one.text for one in sheet.paragraphs if one.style == "title"), "")


def _as_content(text: str, words: Words) -> Content:
    """A fact of the masthead: a number where it is one, counted things included."""
    alone = number_of(text)
    if alone is not None:
        return alone
    if isinstance(text, Printed) and len(text.numbers) == 1:
        (one,) = text.numbers.values()
        around = text.replace(words.number(one.value, one.unit, digits=one.digits), "{}")
        return Number(one.value, one.unit, one.digits, said=around)
    return str(text)


def _definition(section: Mapping[str, Any], term: str, words: Words) -> list[str]:
    """The paragraphs of one term of the methods section."""
    named = words.fill(words.locale["methods"]["terms"][term])
    for block in section["blocks"]:
        for row in block.get("rows", ()):
            if row["term"] == named:
                return [str(one) for one in row["paragraphs"]]
    return [""]


def _commands(section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The commands of the methods section with what they do."""
    blocks = section["blocks"]
    for block, after in pairwise(blocks):
        if block["type"] == "command":
            yield str(after["text"]), "note"
            yield str(block["text"]), "code"


def _plain(heads: Sequence[str], lines: Sequence[Line]) -> Grid:
    """A grid whose columns are not spread."""
    return Grid(tuple(Head(str(one), ("",)) for one in heads), tuple(lines))


# -- sections --------------------------------------------------------------------------------------


def _section(sheet: Sheet, section: Mapping[str, Any], words: Words) -> None:
    sheet.write(str(section["name"]), "name", place=f"sheet:{sheet.name}")
    sheet.write(str(section["question"]), "title")
    for sentence in section["lead"]:
        sheet.write(str(sentence), "lead")
    _blocks(sheet, section["blocks"], words)


def _blocks(sheet: Sheet, blocks: Sequence[Block], words: Words, under: str = "") -> None:
    """The blocks of a section, or of a fold that is called `under`."""
    for block in blocks:
        kind = block["type"]
        if kind in ("figure", "table"):
            _proof(sheet, block, words, under)
        elif kind == "findings":
            sheet.space()
            sheet.grid(_summary(block["items"], words))
        elif kind == "strip":
            sheet.space()
            sheet.grid(_strip(block["facts"], words))
        elif kind == "box":
            sheet.space()
            sheet.write(str(block["title"]), "caption")
            _paragraphs(sheet, block["paragraphs"])
        elif kind == "definitions":
            sheet.space()
            for row in block["rows"]:
                sheet.pair(str(row["term"]), "\n".join(map(str, row["paragraphs"])))
        elif kind == "appendix":
            sheet.space()
            sheet.write(str(block["title"]), "caption", place=block["id"])
            _blocks(sheet, block["blocks"], words, str(block["title"]))
        elif kind == "lead":
            sheet.space()
            sheet.write(str(block["text"]), "lead")
        elif kind in ("note", "command"):
            sheet.write(str(block["text"]), "code" if kind == "command" else "note")


def _paragraphs(sheet: Sheet, texts: Sequence[str], style: str = "text") -> None:
    for text in texts:
        sheet.write(str(text), style)


def _proof(sheet: Sheet, block: Block, words: Words, under: str) -> None:
    """A figure's numbers or a table, with number, title and notes as on the page."""
    caption = "  ".join(filter(None, (str(block["number"]), str(block["title"])))) or under
    if caption != under:
        sheet.space()
        sheet.write(caption, "caption", place=block["id"])
    sheet.write(str(block["sub"]), "sub")
    if block["table"] is not None:
        sheet.grid(grid_of(block["table"], words))
    else:
        sheet.write(str(block["alt"]))
    _paragraphs(sheet, block["notes"], "note")


def _strip(facts: Sequence[Mapping[str, str]], words: Words) -> Grid:
    """The indices of a model, each with its reference."""
    heads = (words.ui("metric"), words.ui("value"), words.locale["workbook"]["note"])
    return _plain(heads, [Line("", (one["label"], _as_content(one["value"], words), one["small"]))
                          for one in facts])  # fmt: skip


# -- summary ---------------------------------------------------------------------------------------


def _summary(items: Sequence[Mapping[str, Any]], words: Words) -> Grid:
    """The five answers: sentence, verdict, number with range and bases, where it is proved."""
    said = words.locale["workbook"]
    interval = words.ui("interval")
    parts = {key: words.fill(text, what=interval) for key, text in said["parts"].items()}
    lines = [_answer(item, words) for item in items]
    has_other = any(line.contents[7] is not None for line in lines)
    heads = (
        said["finding"], words.ui("verdict"), said["number"], said["unit"], parts["low"],
        parts["high"], words.ui("n"), f"{words.ui('n')}, {parts['second']}", words.ui("n_eff"),
        parts["mark"], words.ui("proof"),
    )  # fmt: skip
    kept = [i for i in range(len(heads)) if i != 7 or has_other]
    cut = [Line("", tuple(line.contents[i] for i in kept)) for line in lines]
    return _plain([heads[i] for i in kept], cut)


def _answer(item: Mapping[str, Any], words: Words) -> Line:
    proof = item["proof"]
    link = Link(str(proof["text"]), str(proof["href"]).removeprefix("#")) if proof else None
    head = item["shown"].finding["headline"]
    if head is None:
        return Line("", (str(item["sentence"]), item["verdict"], *[None] * 8, link))
    one = getattr(item["shown"], head["from"])[head["row"]]
    if head["from"] == "comparisons":
        told = words.signed
        bases = (one.n_a, one.n_b if one.a.startswith("wave=") else None, one.n_eff_a)
        value, marked = one.difference, ""
    else:
        told, value, bases, marked = words.number, one.estimate, (one.n, None, one.n_eff), mark(one)
    ends = getattr(item["evidence"], "numbers", {})
    numbers = [number_of(told(value, one.unit)), ends.get("lo"), ends.get("hi")]
    counts = [None if n is None else number_of(words.count(n)) for n in bases]
    sentence, unit = str(item["sentence"]), item["unit"] if numbers[0] else ""
    contents = (sentence, item["verdict"], numbers[0], unit, *numbers[1:], *counts, marked, link)
    return Line("", contents)
