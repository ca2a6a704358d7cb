"""Tables of what relations are worth: published records in, rows of worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cxkit import library
from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    column,
    hidden_cell,
    row,
    table,
    value_cell,
)
from cxkit.wording import Printed, Words

__all__ = ["inputs", "keeping", "leaving", "losses", "retained", "scenarios", "swings"]


def retained(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The share who stayed, a month a row, with those still followed to it."""
    columns = [
        column(words.ui("value_month"), align="left"),
        column(words.ui("value_stayed"), words.ui("interval")),
        column(words.ui("value_followed")),
    ]
    rows = [
        row(words.count(float(one.by["month"])), [value_cell(one, words), base_cell(one, words)])
        for one in estimates
        if "month" in one.by
    ]
    return table(columns, rows, stick=True)


def leaving(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The ratio of each level with its range, and whether it is clear among all of them."""
    columns = [
        column(words.heading(words.unit), align="left"),
        column(words.ui("value_ratio"), words.ui("interval")),
        column(words.ui("value_clear"), align="left"),
        column(words.ui("n")),
    ]
    rows = []
    for one in estimates:
        verdict = "clear" if one.of in options["clear"] else "not_clear"
        has_number = not math.isnan(one.estimate)
        cells = [
            value_cell(one, words) if has_number or one.is_hidden else _none(words),
            cell(words.name(f"verdict:{verdict}")) if has_number else cell(),
            base_cell(one, words),
        ]
        rows.append(row(words.name(one.of), cells))
    return table(columns, rows, stick=True)


def inputs(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Every input with its ends and where it comes from; those of a scenario under its name."""
    columns = [
        column(words.ui("value_input"), words.ui("value_source"), align="left"),
        column(words.ui("value_middle"), words.ui("value_ends")),
    ]
    rows, last = [], options["today"]
    for one, told in zip(estimates, options["sources"], strict=True):
        scenario = one.by["scenario"]
        if scenario != last:
            rows.append(row(words.name(f"scenario:{scenario}"), [cell()], kind="level"))
            last = scenario
        kind = "item" if scenario != options["today"] else ""
        source = _source(told, one, words)
        rows.append(row(words.name(one.of), [_amount(one, words)], kind, source))
    return table(columns, rows)


def scenarios(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What is at stake, lost and kept, in each scenario and against things as they are."""
    columns = [
        column(words.ui("value_scenario"), align="left"),
        column(words.ui("value_amount"), words.ui("interval")),
        column(words.heading(words.ui("value_difference")), words.ui("interval")),
    ]
    known = {(one.of, one.metric): one for one in estimates}
    rows = []
    for key in ("revenue_at_stake", "loss", "all_value"):
        rows.append(row(words.name(f"worth:{key}"), [cell(), cell()], kind="level"))
        for name in options["scenarios"]:
            of = f"scenario:{name}"
            cells = [
                _amount(known.get((of, key)), words),
                _more(known.get((of, f"{key}_more")), words),
            ]
            rows.append(row(words.name(of), cells))
    return table(columns, rows, stick=True)


def losses(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each part of the loss, and which share of it that is."""
    columns = [
        column(words.ui("value_part"), align="left"),
        column(words.ui("value_amount"), words.ui("interval")),
        column(words.ui("share")),
    ]
    own = {one.metric: one for one in estimates}
    rows = [
        row(
            words.name(metric),
            [
                _amount(one, words),
                _amount(own.get(f"loss_share:{metric.partition(':')[2]}"), words) | {"small": ""},
            ],
        )
        for metric, one in own.items()
        if metric.startswith("loss:")
    ]
    rows.append(
        row(words.ui("value_total"), [_amount(own.get("loss"), words), cell()], kind="base")
    )
    return table(columns, rows)


def keeping(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What one of them is worth, what winning one costs, and what a point of retention adds."""
    columns = [column("", align="left"), column(words.ui("value_amount"), words.ui("interval"))]
    period = options["period"]
    rows = []
    for one in estimates:
        is_time = one.metric in ("periods_stayed", "payback")
        made = _amount(one, words)
        if is_time and not made["state"]:
            number = words.number(one.estimate, one.unit)
            text = words.plural(f"periods_{period}", one.estimate, number)
            made["text"] = Printed.of_number(
                text, one.estimate, one.unit, 2, said=text.replace(number, "{}")
            )
        rows.append(row(words.name(f"worth:{one.metric}"), [made]))
    return table(columns, rows)


def swings(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """The sum with each input at its ends, the largest swing first."""
    columns = [
        column(words.ui("value_input"), align="left"),
        column(words.ui("value_low_end"), words.ui("value_input")),
        column(words.ui("value_high_end"), words.ui("value_input")),
    ]
    ends = {one.of: one for one in estimates if one.metric == "input"}
    rows = []
    for one in estimates.where(metric="swing"):
        if one.is_hidden:
            rows.append(row(words.name(one.of), [hidden_cell(words), hidden_cell(words)]))
            continue
        own = ends[one.of]
        pairs = ((one.ci_low, own.ci_low), (one.ci_high, own.ci_high))
        cells = [cell(words.number(x, one.unit), words.number(end, own.unit)) for x, end in pairs]
        rows.append(row(words.name(one.of), cells))
    return table(columns, rows, stick=True)


# -- cells ---------------------------------------------------------------------------------------


def _none(words: Words) -> Cell:
    return cell(words.ui("not_computed"), state="none")


def _amount(one: Estimate | None, words: Words) -> Cell:
    """A number of the sums with its range; these need no answers behind them."""
    if one is None:
        return cell()
    if one.is_hidden:
        return hidden_cell(words)
    if math.isnan(one.estimate):
        return _none(words)
    small = "" if math.isnan(one.ci_low) else words.range(one.ci_low, one.ci_high, one.unit)
    return cell(words.number(one.estimate, one.unit), small)


def _more(one: Estimate | None, words: Words) -> Cell:
    """A difference from things as they are, with signs."""
    if one is None or one.is_hidden or math.isnan(one.estimate):
        return cell()
    has_ends = not math.isnan(one.ci_low)
    small = words.signed_range(one.ci_low, one.ci_high, one.unit) if has_ends else ""
    return cell(words.signed(one.estimate, one.unit), small)


def _source(told: Mapping[str, Any], one: Estimate, words: Words) -> str:
    """Where an input comes from, in words."""
    source = words.text(told["source"])
    if told["is_shifted"]:
        return str(words.ui("value_shifted"))
    if told["kind"] == "measured":
        return str(words.ui("value_measured", n=words.count(one.n)))
    if told["kind"] == "stated":
        return str(words.ui("value_stated", n=words.count(one.n), source=source))
    if told["kind"] == "given":
        return source
    claim = str(library.claims()[told["claim"]]["said"][words.language]).rstrip(".")
    if told["times"] is None:
        return str(words.ui("value_claimed", claim=claim))
    name = words.name(f"input:{told['times']}")
    return str(words.ui("value_claimed_times", claim=claim, name=name[:1].lower() + name[1:]))
