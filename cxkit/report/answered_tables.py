"""Tables of who answered: published records in, worded cells out.

Built like those of `cxkit.report.tables`, which a finding names in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cxkit.records import AMBER, RED, Comparisons, Estimate, Estimates
from cxkit.report.tables import (
    Cell,
    Row,
    base_cell,
    cell,
    column,
    hidden_cell,
    measure_name,
    row,
    table,
    value_cell,
)
from cxkit.wording import Words, printed

__all__ = [
    "answered",
    "base_table",
    "count_cell",
    "disclosure",
    "efficiency_cell",
    "first_of",
    "funnel",
    "is_of",
    "kinds",
    "one_of",
    "question",
    "size_cell",
    "waves",
    "weighted",
]


def waves(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Every wave in hand: respondents, what weights leave of them, dates."""
    columns = [column(words.ui("wave"), align="left"), column(words.ui("respondents"))]
    if options["has_weight"]:
        columns += [column(words.ui("n_eff")), column(words.ui("weighting_efficiency"))]
        columns.append(column(words.ui("weight_ratio")))
    columns.append(column(words.ui("fieldwork"), align="left"))
    rows = []
    for one in estimates.where(metric="respondents"):
        fielded = options["dates"].get(one.wave)
        cells = [hidden_cell(words) if one.n != one.n else cell(words.count(one.n))]
        if options["has_weight"]:
            own = {x.metric: x for x in estimates.where(wave=one.wave)}
            ratio = own.get("weight_ratio")
            cells.append(cell(words.count(one.n_eff)))
            cells.append(efficiency_cell(own.get("weighting_efficiency"), words))
            told = "" if ratio is None else words.number(ratio.estimate, "scale", digits=1)
            cells.append(cell(told))
        cells.append(cell(words.dates(*fielded) if fielded else words.ui("not_stated")))
        rows.append(row(words.heading(words.wave(one.wave)), cells))
    return table(columns, rows, stick=options["has_weight"])


def answered(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Who the respondents are: each group's share, weighted, and how many they are.

    Groups that privacy hides are named with neither; `options["hidden"]` lists them. Beside the
    groups that answers are weighted to stands their share of the population, `options["targets"]`.
    """
    targets = options["targets"]
    columns = [
        column(words.ui("group"), align="left"),
        column(words.ui("share_of_all"), words.ui("interval")),
        column(words.ui("n")),
    ]
    columns += [column(words.ui("population_share"))] if targets else []
    rows = []
    for of in dict.fromkeys(one.of for one in estimates):
        known = targets.get(of.removeprefix("segment:"), {})
        rows.append(row(words.name(of), [cell() for _ in columns[1:]], "level"))
        counts = estimates.where(metric="respondents", of=of)
        for share, count in zip(estimates.where(metric="share", of=of), counts, strict=True):
            ((segment, value),) = share.by.items()
            cells = [value_cell(share, words), cell(words.count(count.n))]
            cells += [_target(known.get(value), words)] if targets else []
            rows.append(row(words.name(f"group:{segment}={value}"), cells, "item"))
        for group in options["hidden"].get(of, ()):
            unseen = [hidden_cell(words), hidden_cell(words)]
            value = group.partition("=")[2]
            unseen += [_target(known.get(value), words)] if targets else []
            rows.append(row(words.name(f"group:{group}"), unseen, "item"))
    return table(columns, rows)


def kinds(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Promoters, passives and detractors: the share of each, on the base of them all."""
    columns = [
        column(words.ui("group"), align="left"),
        column(words.ui("share"), words.ui("interval")),
        column(words.ui("n")),
    ]
    rows = [
        row(
            words.name(f"metric:{one.by['answer']}"),
            [value_cell(one, words), base_cell(one, words)],
        )
        for one in estimates
    ]
    return table(columns, rows)


def _target(share: float | None, words: Words) -> Cell:
    return cell("" if share is None else words.number(share, "share"))


def funnel(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """From invitation to use: how many responses, of all invited and of all that were started."""
    counts = {step: one_of(estimates, "responses", f"response:{step}") for step in options["steps"]}
    known = {
        step: one.estimate
        for step, one in counts.items()
        if one is not None and one.n and not one.is_hidden
    }
    wholes = [one for one in ("invited", "started") if one in known]
    columns = [column(words.ui("step"), align="left"), column(words.ui("responses"))]
    for whole in wholes:
        base = words.ui("n_is", n=words.count(known[whole]))
        columns.append(column(words.ui(f"share_{whole}"), base))
    rows = []
    for step in options["steps"]:
        of = f"response:{step}"
        cells = [_step(counts[step], step, words)]
        for whole in wholes:
            part = one_of(estimates, "share", of, whole=whole)
            cells.append(_share_of(part, known[whole], words))
        rows.append(row(words.name(of), cells))
        if step == "set_aside":
            aside = [one for one in estimates if is_of(one, "set_aside", "rule:")]
            rows += [_part(one, len(wholes), words) for one in aside]
    flagged = [one for one in estimates if is_of(one, "responses", "rules:any")]
    rows += [_part(one, len(wholes), words) for one in flagged]
    return table(columns, rows, stick=True)


def _step(one: Estimate | None, step: str, words: Words) -> Cell:
    """How many came so far; of what nobody said or recorded, that."""
    if one is not None and one.n:
        return count_cell(one, words)
    return cell(words.ui("not_disclosed" if step == "invited" else "not_recorded"), state="none")


def _share_of(one: Estimate | None, whole: float, words: Words) -> Cell:
    """A part of those who came so far; with how many they are, where some are unknown."""
    if one is None or "not_measured" in one.flags:
        return cell()
    if "not_comparable" in one.flags:
        return cell(words.ui("not_comparable"), state="none")
    base = "" if one.n == whole else words.ui("n_is", n=words.count(one.n))
    is_lost = 0 < one.estimate < 1 and printed(one.estimate, "share") in (0, 100)
    return cell(words.number(one.estimate, "share", digits=1 if is_lost else None), base)


def _part(one: Estimate, n_shares: int, words: Words) -> Row:
    """Those whom one rule set aside, or those of the ones used whom any rule flags."""
    head = words.heading(words.name(one.of))
    return row(head, [count_cell(one, words), *([cell()] * n_shares)], "item")


def count_cell(one: Estimate | None, words: Words) -> Cell:
    """How many, none if nobody was counted; not where so few are nobody's business."""
    if one is not None and one.is_hidden:
        return hidden_cell(words)
    return cell(words.count(one.estimate if one else 0))


def base_table(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Of each question who was asked, how many answered, and why the others did not.

    Reasons that too few people gave are named without a number: `options["hidden"]` lists them.
    """
    reasons = options["reasons"]
    columns = [
        column(words.ui("question"), align="left"),
        column(words.ui("asked_of"), align="left"),
        column(words.ui("answered"), words.ui("n_eff")),
        column(words.ui("skipped_share"), words.ui("of_asked")),
    ]
    columns += [column(words.name(f"reason:{reason}"), words.ui("n")) for reason in reasons]
    rows = []
    for of in options["questions"]:
        hidden = options["hidden"].get(of, ())
        answered = one_of(estimates, "answered", of)
        skipped = one_of(estimates, "item_nonresponse", of)
        cells = [cell(_asked(options["bases"][of], words))]
        cells.append(
            hidden_cell(words) if answered and answered.is_hidden else _answered(answered, words)
        )
        cells.append(_skipped(estimates, skipped, of, words))
        cells += [_reason(estimates, of, reason, hidden, words) for reason in reasons]
        rows.append(row(question(of, words), cells))
    return table(columns, rows, stick=True)


def _asked(base: str | None, words: Words) -> str:
    """Whom a question is put to: everybody, a base, those who reached a stage."""
    if base is not None and base.startswith("stage:"):
        return words.ui("who_reached", stage=words.name(base))
    return words.heading(words.name(f"base:{base or 'everyone'}"))


def _answered(one: Estimate | None, words: Words) -> Cell:
    if one is None or not one.n:
        return cell(words.ui("no_answers"), state="none")
    return cell(words.count(one.n), words.count(one.n_eff))


def _skipped(estimates: Estimates, one: Estimate | None, of: str, words: Words) -> Cell:
    """Item non-response: the share of those asked, and how many of how many."""
    if one is None or one.is_hidden:
        return cell() if one is None else hidden_cell(words)
    left_out = one_of(estimates, "respondents", of, reason="no_answer")
    n = words.count(left_out.estimate if left_out else 0)
    told = words.ui("n_of", n=n, base=words.count(one.n))
    return cell(words.number(one.estimate, "share", digits=1), told)


def _reason(
    estimates: Estimates, of: str, reason: str, hidden: Sequence[str], words: Words
) -> Cell:
    """The share of those in hand whose answer is missing for a reason, and how many they are."""
    if reason in hidden:
        return hidden_cell(words)
    share = one_of(estimates, "missing", of, reason=reason)
    count = one_of(estimates, "respondents", of, reason=reason)
    if share is None or count is None:
        return cell(words.count(0))
    if share.is_hidden:
        return hidden_cell(words)
    return cell(words.number(share.estimate, "share", digits=1), words.count(count.estimate))


def question(of: str, words: Words) -> str:
    """What a question is called at the head of a row."""
    kind, _, key = of.partition(":")
    if kind == "rating":
        stage = words.name(f"stage:{key}")
        return words.heading(words.fill(words.locale["names"]["what"]["stage"], stage=stage))
    return words.heading(words.short(of) if kind == "item" else words.name(of))


def weighted(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """Each headline with weights and with everybody counting once."""
    columns = [
        column(words.ui("metric"), align="left"),
        column(words.ui("with_weights"), words.ui("interval")),
        column(words.ui("without_weights"), words.ui("interval")),
        column(words.ui("difference"), words.ui("without_minus_with")),
        column(words.ui("n")),
    ]
    rows = []
    for measure in options["measures"]:
        own = [one for one in estimates if is_of(one, measure["metric"], measure["of"])]
        with_, without = (first_of(own, weights) for weights in (None, "none"))
        if with_ is None:
            continue
        change = next(
            (one for one in comparisons if (one.metric, one.of) == (with_.metric, with_.of)), None
        )
        cells = [value_cell(with_, words), value_cell(without, words), size_cell(change, words)]
        head, small = measure_name(measure, words)
        rows.append(row(head, [*cells, base_cell(with_, words)], measure.get("kind", ""), small))
    return table(columns, rows, stick=True)


def first_of(several: Iterable[Estimate], weights: str | None) -> Estimate | None:
    """The first record that was made with these weights, None if there is none."""
    return next((one for one in several if one.by.get("weights") == weights), None)


def size_cell(change: Any, words: Words) -> Cell:
    """How far two numbers of mostly the same people lie apart: no verdict."""
    if change is None:
        return cell()
    if change.verdict == "hidden":
        return hidden_cell(words)
    return cell(words.signed(change.difference, change.unit))


def efficiency_cell(one: Estimate | None, words: Words) -> Cell:
    """What weights leave of the precision, and that it is low."""
    if one is None:
        return cell()
    text = words.number(one.estimate, "share")
    if one.estimate < RED:
        return cell(text, words.ui("below", value=words.number(RED, "share")), tone="bad")
    if one.estimate < AMBER:
        return cell(text, words.ui("below", value=words.number(AMBER, "share")))
    return cell(text)


def disclosure(
    estimates: Estimates, comparisons: Comparisons, options: Mapping[str, Any], words: Words
) -> Row:
    """What a reader must know of how the answers were collected; what is left unsaid says so."""
    columns = [column(words.ui("topic"), align="left"), column(words.ui("disclosed"), align="left")]
    told = _told(estimates, options, words)
    rows = []
    for topic in options["topics"]:
        own = words.text(options["said"].get(topic))
        stated = words.heading(told.get(topic, ""))
        text = f"{stated.rstrip('.')}. {own}" if stated and own else stated or own
        rows.append(
            row(words.name(f"disclosure:{topic}"), [cell(text or words.ui("not_disclosed"))])
        )
    return table(columns, rows)


def _told(estimates: Estimates, options: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What follows from the study itself."""
    everyone = one_of(estimates, "respondents", "sample")
    sample = options["sample"]
    frame = sample.get("frame")
    size = sample.get("population")
    design = sample.get("design")
    is_known = design not in (None, "unknown")
    named = words.name(f"design:{design if is_known else 'not_disclosed'}")
    section = words.fill(words.locale["sections"]["methods"]["name"])
    told = {
        "population": words.ui("disclosed_population", n=words.count(size)) if size else "",
        "frame": words.name(f"frame:{frame}") if frame else "",
        "design": named if is_known else "",
        "mode": words.text(sample.get("mode")),
        "languages": words.join(_language(one, words) for one in options["languages"]),
        "dates": words.dates(*options["dates"]) if options["dates"] else "",
        "precision": words.ui("disclosed_precision"),
        "weighting": _how_weighted(options["weighting"], words),
        "questionnaire": words.ui("disclosed_questionnaire", name=section),
    }
    if everyone is not None and "hidden_privacy" not in everyone.flags:
        n_eff = words.count(everyone.n_eff)
        told["sample_size"] = words.ui("disclosed_size", n=everyone.n, n_eff=n_eff)
    else:
        limit = words.count(words.context["min_n"])
        told["sample_size"] = words.ui("fewer_than", n=limit)
    if design != "probability":
        told["precision"] += ". " + words.note("note_sample", design=named)
    if rules := options["rules"]:
        listed = words.join(words.name(f"rule:{one}") for one in rules)
        told["quality"] = words.ui("disclosed_quality", k=len(rules), list=listed)
    return told


def _language(key: str, words: Words) -> str:
    from babel import Locale

    return str(Locale.parse(key).get_display_name(words.language) or key)


def _how_weighted(by: Mapping[str, Any], words: Words) -> str:
    if by["margins"]:
        return words.ui("disclosed_raked", list=words.join(map(words.name, by["margins"])))
    key = "disclosed_weight" if by["is_weighted"] else "disclosed_unweighted"
    return words.ui(key)


# -- finding records -----------------------------------------------------------------------------


def is_of(one: Estimate, metric: str, of: str) -> bool:
    """Whether a record is of this metric, and of this thing (or, with a colon last, this kind)."""
    is_same = one.of.startswith(of) if of.endswith(":") else one.of == of
    return one.metric == metric and is_same


def one_of(
    estimates: Iterable[Estimate], metric: str, of: str, wave: str | None = None, **by: str
) -> Estimate | None:
    """The record of this metric, thing and grouping (and wave), None if there is none."""
    for one in estimates:
        is_it = (one.metric, one.of) == (metric, of) and dict(one.by) == by
        if is_it and (wave is None or one.wave == wave):
            return one
    return None
