"""Every published record of a report as one table: keys, labels, numbers in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxkit.report.beside.workbook.grid import Content, Grid, Head, Line
from cxkit.wording import Number, Words

__all__ = ["COLUMNS", "records_grid"]

Record = Mapping[str, Any]

COLUMNS = (
    "record", "metric", "metric_label", "of", "of_label", "groups", "groups_label", "a", "a_label",
    "b", "b_label", "wave", "wave_label", "value", "ci_low", "ci_high", "ci_level", "unit", "n",
    "n_eff", "n_b", "n_eff_b", "p", "p_adjusted", "correction", "effect", "verdict",
    "verdict_label", "flags", "method",
)  # fmt: skip
"""The columns of the table: fields of the records, and the words of the language for keys."""

_KINDS = {"estimates": "estimate", "comparisons": "comparison", "fits": "fit"}
_VALUES = {"estimates": "estimate", "comparisons": "difference", "fits": "value"}
_DIGITS = {"share": 4, "points": 2, "score_100": 2, "scale": 4, "count": 0}


def records_grid(report: Mapping[str, Any], words: Words) -> Grid:
    """The three lists of a report's JSON as one grid, a record a row.

    Parameters
    ----------
    report : mapping
        As `cxkit.report.page.report_json` gives it.
    words : Words
        The language of the labels.
    """
    lines = []
    for shelf, kind in _KINDS.items():
        for one in report[shelf]:
            row = {"record": kind, **_keys(one, words), **_numbers(one, shelf)}
            lines.append(Line("", tuple(row.get(name) for name in COLUMNS)))
    return Grid(tuple(Head(name, ("",)) for name in COLUMNS), tuple(lines), is_flat=True)


def _keys(one: Record, words: Words) -> dict[str, Content | None]:
    """What a record is about, in keys and in words."""
    metric = str(one.get("metric") or one.get("name"))
    by = {key[3:]: str(value) for key, value in one.items() if key.startswith("by_")}
    groups = [f"{segment}={value}" for segment, value in by.items()]
    named = {"metric": metric, "of": one["of"], "groups": "; ".join(groups), "a": one.get("a"),
             "b": one.get("b"), "wave": one["wave"]}  # fmt: skip
    labels = {
        "metric_label": words.name(f"metric:{metric}"),
        "of_label": _label(str(one["of"]), words),
        "groups_label": "; ".join(_label(group, words) for group in groups),
        **{f"{side}_label": _label(str(one[side]), words) for side in "ab" if side in one},
        "wave_label": words.wave(one["wave"]),
    }
    said = {key: one.get(key) for key in ("unit", "correction", "verdict", "method")}
    if one.get("verdict") and "a" in one:
        labels["verdict_label"] = words.name(f"verdict:{one['verdict']}")
    return {**named, **labels, **said, "flags": " ".join(one["flags"])}


def _label(key: str, words: Words) -> str:
    """The words of a key, or of several that belong together (`level:trust|level:service`)."""
    if key.startswith("mix=") or "|" not in key:
        return words.name(key) or key
    return ", ".join(words.name(part) or part for part in key.split("|"))


def _numbers(one: Record, shelf: str) -> dict[str, Content | None]:
    unit = str(one["unit"])
    digits = _DIGITS.get(unit, 4)
    is_difference = shelf == "comparisons"
    made = {
        "value": _number(one[_VALUES[shelf]], unit, digits),
        "ci_low": _number(one["ci_low"], unit, digits),
        "ci_high": _number(one["ci_high"], unit, digits),
        "ci_level": _number(one["ci_level"], "share", 0),
        "n": _number(one["n_a" if is_difference else "n"], "count", 0),
        "n_eff": _number(one["n_eff_a" if is_difference else "n_eff"], "scale", 1),
    }
    if is_difference:
        made |= {"n_b": _number(one["n_b"], "count", 0)}
        made |= {"n_eff_b": _number(one["n_eff_b"], "scale", 1)}
    tests: Sequence[str] = ("p", "p_adjusted", "effect")
    return {**made, **{key: _number(one.get(key), "scale", 4) for key in tests}}


def _number(value: float | None, unit: str, digits: int) -> Number | None:
    return None if value is None else Number(float(value), unit, digits)
