"""Tables of how well was answered: published records in, worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxkit.records import Comparisons, Estimate, Estimates
from cxkit.report.answered_tables import (
    count_cell,
    efficiency_cell,
    first_of,
    is_of,
    one_of,
    question,
    size_cell,
)
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
from cxkit.wording import Words

__all__ = [
    "decisions",
    "durations",
    "flags",
    "margins",
    "sensitivity",
    "skips",
    "weights",
]


def flags(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each rule in words: how many it could be held against, flags, and of those set aside."""
    columns = [
        column(words.ui("rule"), align="left"),
        column(words.ui("assessable")),
        column(words.ui("flagged")),
        column(words.ui("share_flagged"), words.ui("interval")),
        column(words.ui("set_aside_by")),
    ]
    rows = []
    for of in [*(f"rule:{rule}" for rule in options["rules"]), *_TOGETHER]:
        share = one_of(estimates, "flagged", of)
        if share is None:
            continue
        kind = "" if of.startswith("rule:") else "base"
        head = words.heading(words.name(of))
        rows.append(
            row(
                head,
                _flagged(share, of, estimates, words),
                kind,
                _rule(of, estimates, options, words),
            )
        )
    return table(columns, rows, stick=True)


_TOGETHER = ("rules:any", "rules:several")


def _flagged(share: Estimate, of: str, estimates: Estimates, words: Words) -> list[Cell]:
    aside = one_of(estimates, "set_aside", of)
    apart = cell() if of.startswith("rules:") else count_cell(aside, words)
    if share.is_hidden:
        return [hidden_cell(words) for _ in range(3)] + [apart]
    if not share.n:
        nothing = cell(words.ui("not_assessable"), state="none")
        return [cell(words.count(0)), nothing, cell(), apart]
    count = one_of(estimates, "responses", of)
    low_high = words.range(share.ci_low, share.ci_high, "share", digits=1)
    flagged = cell(words.count(count.estimate)) if count else cell()
    return [
        cell(words.count(share.n)),
        flagged,
        cell(words.number(share.estimate, "share", digits=1), low_high),
        apart,
    ]


def _rule(of: str, estimates: Estimates, options: Mapping[str, Any], words: Words) -> str:
    """A rule with its threshold in words, or what the answers lack for it."""
    kind, _, rule = of.partition(":")
    if kind != "rule":
        return ""
    share = one_of(estimates, "flagged", of)
    if share is not None and not share.n:
        return words.name(f"rule_needs:{options['why_not'].get(rule) or 'no_answers'}")
    limit = one_of(estimates, "flag_limit", of)
    if limit is not None and limit.is_hidden:
        return ""
    template = words.locale["names"]["rule_is"].get(rule + _form(rule, limit))
    if template is None:
        return ""
    median = one_of(estimates, "duration", of)
    slots = {
        "limit": _limit(limit, words),
        "value": "" if median is None else words.count(median.estimate),
        "share": words.number(options["speed"], "share"),
    }
    return words.fill(template, **slots)


def _limit(one: Estimate | None, words: Words) -> str:
    """A threshold in its unit; a chance or a score with the digits that it needs."""
    if one is None:
        return ""
    digits = range(_MOST_DIGITS) if one.unit == "scale" else ()
    few = (d for d in digits if round(one.estimate, d) == round(one.estimate, _MOST_DIGITS))
    most = _MOST_DIGITS if one.unit == "scale" else None
    return words.number(one.estimate, one.unit, digits=next(few, most))


_MOST_DIGITS = 3
"""No threshold is told with more digits."""


_WHOLE = {"straight": 1.0}
"""At this threshold a rule is worded as one about all answers."""


def _form(rule: str, limit: Estimate | None) -> str:
    """Which form of a rule's words goes with its threshold, or with several."""
    if rule in _WHOLE:
        return "_all" if limit is not None and limit.estimate >= _WHOLE[rule] else ""
    return "_all" if rule == "bot_score" and limit is None else ""


def decisions(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What was decided on flagged responses, by rule: set aside, or kept after a look."""
    from cxkit.answers.exclusions import DECISIONS

    columns = [column(words.ui("rule"), align="left")]
    columns += [column(words.name(f"decision:{one}")) for one in DECISIONS]
    rows = []
    for of in dict.fromkeys(one.of for one in estimates):
        found = [one_of(estimates, "decided", of, decision=one) for one in DECISIONS]
        cells = [count_cell(one, words) for one in found]
        rows.append(row(words.heading(words.name(of)), cells))
    return table(columns, rows)


def sensitivity(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each way of choosing responses in a row: every headline, and how far it lies from the used.

    "Used" is the report's own choice, the decisions applied: the first row.
    """
    columns = [column(words.ui("responses_used"), align="left"), column(words.ui("n"))]
    for measure in options["measures"]:
        named = words.short(f"metric:{measure['metric']}")
        head = named if measure["of"].startswith("outcome:") else words.short(measure["of"])
        columns.append(column(words.heading(head), words.ui("difference_sub")))
    rows = []
    for way in options["ways"]:
        own = [one for one in estimates if one.by.get("answers") == way]
        base = options["bases"][way]
        cells = [hidden_cell(words) if base is None else cell(words.count(base))]
        for measure in options["measures"]:
            one = next((x for x in own if is_of(x, measure["metric"], measure["of"])), None)
            change = next(
                (
                    x
                    for x in comparisons
                    if x.a == f"answers={way}"
                    and (x.metric, x.of) == (measure["metric"], measure["of"])
                ),
                None,
            )
            made = value_cell(one, words, with_range=False)
            small = size_cell(change, words)["text"] if change else ""
            cells.append({**made, "small": small} if not made["state"] else made)
        rows.append(row(_way(way, words), cells, "level" if way == "used" else ""))
    return table(columns, rows, stick=True)


def _way(way: str, words: Words) -> str:
    rule = way.removeprefix("without_")
    if rule == way or rule == "any":
        return words.name(f"answers:{way}")
    return words.heading(words.ui("without_flagged", name=words.name(f"rule:{rule}")))


def durations(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How many seconds interviews took, wave by wave, from the quickest to the slowest."""
    quantiles = options["quantiles"]
    columns = [column(words.ui("wave"), align="left"), column(words.ui("n"))]
    columns += [column(_quantile(one, words)) for one in quantiles]
    rows = []
    for wave in options["waves"]:
        own = [
            one_of(estimates, "duration", "sample", wave=wave, quantile=one) for one in quantiles
        ]
        if own[0] is None:
            continue
        cells = [base_cell(own[0], words)]
        cells += [value_cell(one, words, with_range=False) for one in own]
        rows.append(row(words.heading(words.wave(wave)), cells))
    return table(columns, rows)


def _quantile(key: str, words: Words) -> str:
    """The head of a quantile (a number of per cent): the median by its name."""
    is_median = float(key) == _MEDIAN
    share = words.number(float(key) / 100, "share")
    return words.ui("median") if is_median else words.ui("fastest", share=share)


_MEDIAN = 50.0


def skips(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Item non-response of each question, wave by wave: where answers are lost."""
    columns = [column(words.ui("question"), align="left")]
    columns += [column(words.short(f"wave:{wave}"), words.ui("n")) for wave in options["waves"]]
    rows = []
    for of in options["questions"]:
        cells = []
        for wave in options["waves"]:
            one = one_of(estimates, "item_nonresponse", of, wave=wave)
            cells.append(_of_asked(one, words))
        rows.append(row(question(of, words), cells))
    return table(columns, rows, stick=True)


def _of_asked(one: Estimate | None, words: Words) -> Cell:
    if one is None:
        return cell(words.ui("not_asked"), state="none")
    if one.is_hidden:
        return hidden_cell(words)
    return cell(words.number(one.estimate, "share", digits=1), words.count(one.n))


def weights(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """How far weights differ, wave by wave, and what they leave of the precision."""
    metrics = ("weight_min", "weight_max", "weight_ratio")
    columns = [column(words.ui("wave"), align="left"), column(words.ui("n"), words.ui("n_eff"))]
    columns += [column(words.name(f"metric:{metric}")) for metric in metrics]
    columns.append(column(words.ui("weighting_efficiency")))
    rows = []
    for wave in options["waves"]:
        own = {one.metric: one for one in estimates if one.wave == wave}
        if "weighting_efficiency" not in own:
            continue
        efficiency = own["weighting_efficiency"]
        if efficiency.is_hidden:
            hidden = [hidden_cell(words) for _ in columns[1:]]
            rows.append(row(words.heading(words.wave(wave)), hidden))
            continue
        cells = [cell(words.count(efficiency.n), words.count(efficiency.n_eff))]
        cells += [cell(words.number(own[one].estimate, "scale")) for one in metrics]
        cells.append(efficiency_cell(efficiency, words))
        rows.append(row(words.heading(words.wave(wave)), cells))
    return table(columns, rows, stick=True)


def margins(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each group's share of the respondents, with weights and without, beside its target."""
    columns = [
        column(words.ui("group"), align="left"),
        column(words.ui("without_weights")),
        column(words.ui("with_weights")),
        column(words.ui("population_share")),
    ]
    rows = []
    for variable, shares in options["targets"]:
        rows.append(row(words.name(f"segment:{variable}"), [cell() for _ in columns[1:]], "level"))
        for value, target in shares:
            found = [
                one for one in estimates if one.by.get(variable) == value and one.metric == "share"
            ]
            pair = [first_of(found, weights) for weights in ("none", None)]
            is_private = f"{variable}={value}" in options["hidden"]
            cells = [hidden_cell(words) if is_private else _part(one, words) for one in pair]
            cells.append(cell(words.number(target, "share", digits=1)))
            rows.append(row(words.name(f"group:{variable}={value}"), cells, "item"))
    return table(columns, rows)


def _part(one: Estimate | None, words: Words) -> Cell:
    """A share of the respondents, with a decimal."""
    if one is None or one.is_hidden or one.estimate != one.estimate:
        return value_cell(one, words)
    return cell(words.number(one.estimate, "share", digits=1))
