"""Tables of what respondents wrote, built like those of `tables`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates, Fits
from cxkit.report.tables import (
    Row,
    base_cell,
    cell,
    change_cell,
    column,
    fit_cell,
    rail,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["agreement", "belongs", "by_score", "quotes", "reading", "sounds", "themes", "wrote"]

_GROUPS = ("detractor", "passive", "promoter")


def themes(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each theme: its share of the comments, the score of those who mention it, where it belongs.

    The share stands on a scale to the largest upper end, so that small shares can be told apart.
    """
    shares = [one for one in estimates if one.metric == "share"]
    scores = {one.of: one for one in estimates if one.metric == "score_100"}
    ends = (0.0, max((one.ci_high for one in shares if one.ci_high == one.ci_high), default=1.0))
    columns = [
        column(words.ui("theme"), align="left"),
        column(words.ui("share_of_comments"), words.ui("interval")),
        column(words.ui("on_one_scale"), align="mark"),
    ]
    if scores:
        columns.append(column(words.ui("score_of_mention"), words.ui("interval")))
        columns.append(column(words.ui("against_others"), words.ui("interval")))
        columns.append(column(words.ui("n_mention")))
    against = {one.of: one for one in comparisons}
    rows = []
    for one in shares:
        cells = [value_cell(one, words), cell(rail=rail(one, words, ends=ends))]
        if scores:
            score = scores.get(one.of)
            compared = change_cell(against.get(one.of), words)
            cells += [value_cell(score, words), compared, base_cell(score, words)]
        rows.append(row(words.name(one.of), cells))
    base = [base_cell(shares[0] if shares else None, words)]
    cells = [*base, *(cell() for _ in columns[2:])]
    rows.append(row(words.ui("n_comments"), cells, "base"))
    return table(columns, rows, stick=True)


def belongs(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Where each theme belongs: its levels, stages and types of experience."""
    kinds = ("level", "stage", "type", "determinant")
    columns = [column(words.ui("theme"), align="left")]
    columns += [column(words.heading(words.name(f"unit:{kind}")), align="left") for kind in kinds]
    rows = []
    for key, parts in options["parts"].items():
        cells = []
        for kind in kinds:
            own = [words.short(part) for part in parts if part.partition(":")[0] == kind]
            cells.append(cell(words.heading(words.join(own))) if own else cell("\u2013"))
        rows.append(row(words.name(f"theme:{key}"), cells))
    return table(columns, rows, stick=True)


def wrote(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The share who commented: everybody who was asked, then by the score they gave."""
    columns = [
        column(words.ui("group"), align="left"),
        column(words.ui("commented"), words.ui("interval")),
        column(words.ui("on_one_scale"), align="mark"),
        column(words.ui("n_asked")),
    ]
    rows = []
    for one in estimates:
        head = words.name(f"score_group={one.by['score_group']}") if one.by else words.ui("all")
        scale = cell(rail=rail(one, words))
        cells = [value_cell(one, words), scale, base_cell(one, words)]
        rows.append(row(words.heading(head), cells))
    return table(columns, rows, stick=True)


def reading(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What became of what was written, and in which languages it was."""
    columns = [
        column(words.ui("coding"), align="left"),
        column(words.ui("share_of_texts"), words.ui("interval")),
        column(words.ui("n")),
    ]
    return table(columns, list(_reading_rows(estimates, words)), stick=True)


def _reading_rows(estimates: Estimates, words: Words) -> Iterator[Row]:
    for one in estimates:
        head = words.heading(words.name(one.of))
        yield row(head, [value_cell(one, words), base_cell(one, words)])


def by_score(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each theme among detractors, passives and promoters, and the difference of the outer two.

    The difference has no colour: who speaks of a theme more is neither good nor bad.
    """
    columns = [column(words.ui("theme"), align="left")]
    columns += [column(words.name(f"score_group={one}"), words.ui("interval")) for one in _GROUPS]
    columns += [
        column(words.ui("difference"), words.ui("interval")),
        column(words.ui("verdict"), align="left"),
    ]
    cells_of = {(one.of, one.by["score_group"]): one for one in estimates}
    rows = []
    for one in comparisons:
        cells = [value_cell(cells_of.get((one.of, group)), words) for group in _GROUPS]
        verdict = words.name(f"verdict:{one.verdict}")
        ends = words.signed_range(one.ci_low, one.ci_high, one.unit, is_clear=one.is_clear)
        gap = cell(words.signed(one.difference, one.unit), ends)
        rows.append(row(words.name(one.of), [*cells, gap, cell(verdict)]))
    if comparisons:
        first = comparisons[0].of
        bases = [base_cell(cells_of.get((first, group)), words) for group in _GROUPS]
        rows.append(row(words.ui("n_comments"), [*bases, cell(), cell()], "base"))
    return table(columns, rows, stick=True)


def quotes(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Comments as they were written, by theme, with who wrote them."""
    columns = [
        column(words.ui("theme"), align="left"),
        column(words.ui("in_their_words"), align="left"),
        column(words.ui("written_by"), align="left"),
    ]
    rows = []
    for one in options["quotes"]:
        language = one["language"] if one["language"] in ("id", "en") else None
        who = words.name(f"score_group={one['group']}") if one["group"] else ""
        tone = words.name(f"tone:{one['tone']}")
        said = cell(f"\u201c{one['text']}\u201d", lang=language)
        rows.append(row(words.name(one["theme"]), [said, cell(words.heading(who), tone)]))
    return table(columns, rows, stick=True)


def agreement(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Kappa over all themes, then theme by theme."""
    fits: Fits = options["fits"]
    columns = [
        column(words.ui("theme"), align="left"),
        column(words.ui("kappa"), words.ui("interval")),
        column(words.ui("n_coded")),
    ]
    rows = [
        row(words.name(one.of), [fit_cell(one, words, digits=2), base_cell(one, words)])
        for one in fits
    ]
    return table(columns, rows, stick=True)


# -- tone ------------------------------------------------------------------------------------------


def sounds(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How comments sound: everybody who commented, then by the score they gave."""
    kinds = list(dict.fromkeys(one.of for one in estimates))
    columns = [column(words.ui("group"), align="left")]
    columns += [column(words.heading(words.name(one)), words.ui("interval")) for one in kinds]
    columns.append(column(words.ui("n_comments")))
    found = {(one.of, one.by.get("score_group", "")): one for one in estimates}
    rows = []
    for group in dict.fromkeys(one.by.get("score_group", "") for one in estimates):
        own = [found.get((kind, group)) for kind in kinds]
        head = words.name(f"score_group={group}") if group else words.ui("all")
        cells = [*(value_cell(one, words) for one in own), base_cell(own[0], words)]
        rows.append(row(words.heading(head), cells))
    return table(columns, rows, stick=True)
