"""Tables of a model that coded comments, built like those of `tables`: what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cxkit.records import Comparisons, Estimates, Fits
from cxkit.report.tables import (
    Row,
    base_cell,
    cell,
    column,
    fit_cell,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words

__all__ = ["calibration", "card", "confusion", "right"]

_MEASURES = ("accuracy", "guess", "macro_f1", "kappa", "log_loss", "calibration_error")
_OF_LABEL = ("precision", "recall", "f1")
_LIMITS = ("kind", "people", "irony", "language", "share", "person", "guess")
_NAMED = 5
"""The columns of so many labels bear their names; of more, the numbers of the rows."""


def right(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How often a model is right, by how it was judged."""
    fits: Fits = options["fits"]
    ways = list(dict.fromkeys(one.of for one in fits))
    columns = [column(words.ui("metric"), align="left")]
    columns += [column(words.heading(words.name(way))) for way in ways]
    found = {(one.name, one.of): one for one in fits}
    rows = []
    for name in _MEASURES:
        cells = [fit_cell(found[name, way], words) for way in ways]
        rows.append(row(_said(words, name), cells))
    bases = [base_cell(found["accuracy", way], words) for way in ways]
    rows.append(row(words.ui("n_comments"), bases, "base"))
    return table(columns, rows, stick=True)


def _said(words: Words, key: str, **slots: object) -> str:
    return words.fill(words.locale["model_card"][key], **slots)


def confusion(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What people called each comment (rows) and what the model did (columns), as shares of rows.

    Then how often each label is right when it is told, found when it is there, and both together.
    """
    labels = list(dict.fromkeys(one.of for one in estimates))
    is_named = len(labels) <= _NAMED
    heads = [words.heading(words.name(one)) for one in labels]
    numbered = [f"{words.count(at)}. {head}" for at, head in enumerate(heads, start=1)]
    tops = heads if is_named else [words.count(at) for at in range(1, len(labels) + 1)]
    columns = [column(_said(words, "label"), align="left"), column(words.ui("n"))]
    columns += [column(one) for one in tops]
    columns += [column(_said(words, one)) for one in _OF_LABEL]
    cells_of = {(one.of, one.by["told"]): one for one in estimates}
    fits = {(one.name, one.of): one for one in options["fits"]}
    rows = []
    for head, label in zip(heads if is_named else numbered, labels, strict=True):
        own = [cells_of[label, told] for told in labels]
        cells = [base_cell(own[0], words)]
        cells += [value_cell(one, words, with_range=False) for one in own]
        cells += [fit_cell(fits[name, label], words) for name in _OF_LABEL]
        rows.append(row(head, cells))
    return table(columns, rows, stick=True)


def calibration(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How sure the model was, and how often it was right then, by tenths of its probability."""
    columns = [
        column(_said(words, "probability_is"), align="left"),
        column(_said(words, "probability")),
        column(_said(words, "share_right")),
        column(words.ui("n_comments")),
    ]
    sure = {one.of: one for one in estimates if one.metric == "probability"}
    rows = []
    for one in estimates:
        if one.metric != "right":
            continue
        low = int(one.of.partition(":")[2])
        head = words.range(low / 100, (low + 10) / 100, "share")
        cells = [value_cell(sure[one.of], words), value_cell(one, words), base_cell(one, words)]
        rows.append(row(head, cells))
    return table(columns, rows, stick=True)


def card(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Where a model comes from and where it ends, in words."""
    columns = [column("", align="left"), column(_said(words, "told"), align="left")]
    rows = [row(head, [cell(text)]) for head, text in _origin(options, words)]
    limits = list(_limits(options, words))
    for at, text in enumerate(limits):
        rows.append(row("" if at else _said(words, "limits"), [cell(text)]))
    return table(columns, rows, stick=True)


def _origin(options: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    fits: Fits = options["fits"]
    counts = {one.name: one for one in fits if one.of == "model" and not one.is_hidden}
    for name, key in (("learned", "comments"), ("left_out", "left_out")):
        if name in counts:
            yield _said(words, key), words.count(counts[name].value)
    spoken = [one for one in fits if one.of.startswith("language:") and not one.is_hidden]
    parts = [f"{words.name(one.of)} {words.number(one.value, 'share')}" for one in spoken]
    if parts:
        yield _said(words, "languages"), words.heading("; ".join(parts))
    for key, text in options["about"].items():
        yield _said(words, key), text
    if "seen" in counts:
        said = _said(words, "held_out_seen", n=words.count(counts["seen"].value))
        yield _said(words, "held_out"), said
    if options["pooled"]:
        names = words.join([words.name(one) for one in options["pooled"]])
        yield _said(words, "pooled"), words.heading(names)


def _limits(options: Mapping[str, Any], words: Words) -> Iterator[str]:
    for key in _LIMITS:
        yield _said(words, f"limit_{key}")
    if options["few"]:
        few = words.join([words.name(one) for one in options["few"]])
        yield _said(words, "limit_few", limit=words.count(options["limit"]), list=few)
