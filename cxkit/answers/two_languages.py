"""Answers of one column in several languages of its scale: told, and read as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from cxkit.answers.readers import Table
from cxkit.errors import Problem, brief
from cxkit.library import Scale
from cxkit.study import Study

__all__ = ["told_languages"]

_FEW = 0.02
"""A second language of this share of a column's worded answers, or less, is not told."""


def told_languages(
    study: Study, wave: str, table: Table, names: Mapping[str, str | None]
) -> Iterator[Problem]:
    """A note for each column whose answers are labels of its scale in several languages.

    Labels that several languages have in common tell none. `names` holds the study's columns,
    each with the name that it has in this file.
    """
    for column, scale in _scales(study, wave).items():
        name = names.get(column)
        if name is None or name not in table.cells:
            continue
        languages = _languages(scale)
        if len(set(languages.values())) < 2:
            continue
        cells = table.cells[name]
        words = {str(word).strip() for word in cells.words}
        if len({languages[word] for word in words & languages.keys()}) < 2:
            continue
        n: Counter[str] = Counter()
        for text, n_text in cells.counts().items():
            if text.strip() in languages:
                n[languages[text.strip()]] += n_text
        most, *others = (key for key, _ in sorted(n.items(), key=lambda one: (-one[1], one[0])))
        if sum(n[key] for key in others) > _FEW * n.total():
            second = {text for text, key in languages.items() if key in others}
            at = cells.among([word for word in cells.words if str(word).strip() in second])
            yield _told(table, column, {key: n[key] for key in (most, *others)}, at)


def _scales(study: Study, wave: str) -> dict[str, Scale]:
    """The scale of each column that is read on one, in a wave."""
    then = study.of_wave(wave) if wave else study
    known = then.known_scales
    return {column: known[key] for column, key in then.scaled_columns if key in known}


def _languages(scale: Scale) -> dict[str, str]:
    """The language of each label that only one has."""
    labels = [
        *((text, key) for end in (scale.low, scale.high) for key, text in end.items()),
        *((text, key) for key, row in (scale.labels or {}).items() for text in row),
    ]
    found: dict[str, set[str]] = {}
    for text, key in labels:
        found.setdefault(text, set()).add(key)
    return {text: min(keys) for text, keys in found.items() if len(keys) == 1}


def _told(table: Table, column: str, n: Mapping[str, int], second: np.ndarray) -> Problem:
    shares = ", ".join(f"{key} {number}" for key, number in n.items())
    return Problem(
        "two_languages",
        f"'{brief(column)}' holds labels of its scale in {len(n)} languages ({shares}); "
        "they are read as the same answers",
        severity="note",
        file=table.shown,
        line=int(table.lines[np.flatnonzero(second)[0]]),
        column=brief(column, 60),
        n=int(second.sum()),
        examples=tuple(f"{key}: {number}" for key, number in n.items()),
        hint="look whether both groups were asked in the same way, before they are compared",
    )
