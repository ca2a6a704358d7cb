"""Who lives it differently? (F15), and a cross table of each segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cxkit.analysis import groups as numbers
from cxkit.analysis.crosstab import Crosstab, column_of, measures
from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report.crosstable import is_too_wide
from cxkit.report.finding import (
    Finding,
    Findings,
    Slot,
    count,
    member,
    members,
    name,
    names,
    number,
    setting,
    short,
)
from cxkit.report.sections import scorecard

__all__ = ["findings"]

_TOLD = 3
"""So many groups are told with their numbers, others that clearly differ by name."""

_OPEN = 2
"""So many tables stand open, those of further segments are folded."""


def findings(survey: Any) -> Findings:
    """The groups that clearly differ on the headline, and a cross table of each segment.

    The question is fixed before the data are seen: the first measure of the scorecard, each
    group of each declared segment against all other respondents, one Holm correction over all
    of them, told in the study's order.
    """
    now = survey.latest
    context = now.context()
    asked = scorecard.measures(now, context)
    if not asked:
        return _nothing("F32", "not_measured", context, what=name("what:outcomes"))
    if not now.study.segments:
        return _nothing("F32", "not_measured", context, what=name("what:groups"))
    keys = numbers.segments(now)
    if not keys:
        is_known = any(now.groups(key) for key in now.study.segments)
        return _nothing("F15", "one_group" if is_known else "unknown", context)
    rows = [(one["metric"], one["of"]) for one in asked if _is_measured(one["of"], context)]
    made = numbers.crosstabs(now, rows, keys)
    tables = {key: table.published() for key, table in made.items()}
    differences = numbers.against_rest(now, asked[0]["metric"], asked[0]["of"], keys)
    what = _what(asked[0], context)
    found = [
        *_told(differences, what, context),
        *_unseen(tables, context),
        *(
            _table(key, table, asked, context, is_folded=place >= _OPEN)
            for place, (key, table) in enumerate(tables.items())
        ),
        *_behind(differences, what, context),
    ]
    return Findings(found, context=context)


def _is_measured(of: str, context: dict[str, Any]) -> bool:
    """Whether a row of the table was asked at all: a level has statements, or it has no answers."""
    kind, _, key = of.partition(":")
    return kind != "level" or any(item["level"] == key for item in context["items"].values())


def _nothing(key: str, variant: str, context: dict[str, Any], **slots: Slot) -> Findings:
    return Findings([Finding("groups", key, variant, slots, context=context)], context=context)


# -- sentences -----------------------------------------------------------------------------------


def _what(asked: dict[str, Any], context: dict[str, Any]) -> Slot:
    """What the question is about, as a sentence calls it."""
    key = scorecard.named(asked, context)
    return short(key) if key.startswith("metric:") else name(key)


def _told(found: numbers.Differences, what: Slot, context: dict[str, Any]) -> Iterator[Finding]:
    """The groups that clearly differ from the rest, in order; the segments where none does.

    A difference beyond chance with too wide a range is neither told nor denied.
    """
    shown = found.comparisons.published()
    estimates = found.estimates.published()
    clear = [one for one in shown if one.is_clear]
    for one in clear[:_TOLD]:
        yield _differs(one, estimates, what, context)
    if more := clear[_TOLD:]:
        slots = {"metric": what, "list": members(one.a for one in more)}
        rows = Comparisons(more, is_published=True)
        yield Finding("groups", "F15", "more", slots, comparisons=rows, context=context)
    if unread := [one for one in shown if is_too_wide(one)]:
        slots = {"metric": what, "list": members(one.a for one in unread)}
        rows = Comparisons(unread, is_published=True)
        yield Finding("groups", "F15", "too_wide", slots, comparisons=rows, context=context)
    loud = {_segment(one) for one in (*clear, *unread)}
    quiet = [key for key in found.visible if key not in loud]
    if quiet:
        is_all = {_segment(one) for one in shown} == set(quiet)
        yield _none_clear(quiet, found, shown, what, context, is_all=is_all)


def _differs(one: Comparison, estimates: Estimates, what: Slot, context: dict[str, Any]) -> Finding:
    sides = {column_of(side): side for side in estimates}
    est, rest = sides[one.a], sides[one.b]
    is_lower = one.difference < 0
    low, high = ("ci_high", "ci_low") if is_lower else ("ci_low", "ci_high")
    slots = {
        "metric": what,
        "group": member(one.a),
        "est": number(est),
        "rest": number(rest),
        "diff": number(one, "difference", "size"),
        "lo": number(one, low, "bound"),
        "hi": number(one, high, "bound"),
    }
    matter = {"matter": setting(["matters", one.metric], one.unit)}
    return Finding(
        "groups",
        "F15",
        "lower" if is_lower else "higher",
        slots,
        estimates=Estimates([est, rest], is_published=True),
        comparisons=Comparisons([one], is_published=True),
        plus=[("small", matter)] if one.verdict == "clear_small" else [],
        headline=number(one, "difference", "signed"),
        direction="bad" if is_lower else "good",
        context=context,
    )


def _none_clear(
    keys: Sequence[str],
    found: numbers.Differences,
    shown: Comparisons,
    what: Slot,
    context: dict[str, Any],
    *,
    is_all: bool,
) -> Finding:
    """No group of these segments clearly differs, and how large a difference could be seen."""
    seen = [found.visible[key] for key in keys]
    smallest = min(Comparisons(seen, context=context).published(), key=lambda one: one.difference)
    tested = [one for one in shown if _segment(one) in keys]
    slots = {"metric": what, "mde": number(smallest, "difference", "size")}
    if not is_all:
        slots["list"] = names(f"segment:{key}" for key in keys)
    return Finding(
        "groups",
        "F15",
        "none_clear" if is_all else "none_clear_by",
        slots,
        comparisons=Comparisons([smallest, *tested], is_published=True),
        context=context,
    )


def _segment(one: Comparison) -> str:
    return one.a.partition("=")[0]


def _unseen(tables: dict[str, Crosstab], context: dict[str, Any]) -> Iterator[Finding]:
    """The groups of each segment of which nothing may be shown, and why."""
    for key, table in tables.items():
        hidden = list(_hidden(table))
        for flag, variant in (("hidden_base", "hidden_by"), ("hidden_privacy", "private_by")):
            rows = Estimates((one for one in hidden if flag in one.flags), is_published=True)
            if len(rows):
                slots = {
                    "what": name(f"segment:{key}"),
                    "list": names(column_of(one) for one in rows),
                }
                yield Finding("groups", "F33", variant, slots, estimates=rows, context=context)


def _hidden(table: Crosstab) -> Iterator[Estimate]:
    """Each group that is hidden on every measure it answered, on its largest base."""
    for column in table.columns:
        answered = [one for one in table.estimates if column_of(one) == column and one.n]
        if answered and all(one.is_hidden for one in answered):
            yield max(answered, key=lambda one: 0 if one.n_eff != one.n_eff else one.n_eff)


# -- tables --------------------------------------------------------------------------------------


def _table(
    key: str,
    table: Crosstab,
    asked: Iterable[dict[str, Any]],
    context: dict[str, Any],
    *,
    is_folded: bool,
) -> Finding:
    has_scores = any(one.unit == "score_100" for one in table.estimates)
    return Finding(
        "groups",
        key,
        estimates=table.estimates,
        comparisons=table,
        table="groups",
        title=("groups", *_title(key, table)),
        options={
            **table.options,
            "measures": list(asked),
            "unseen": [column_of(one) for one in _hidden(table)],
            "fold": is_folded,
            "subtitle": ["scorecard", {}],
        },
        notes=[("note_score_100", {})] if has_scores else [],
        context=context,
    )


def _behind(found: numbers.Differences, what: Slot, context: dict[str, Any]) -> Iterator[Finding]:
    """Every group and its rest, told of or not, and the smallest difference of each segment."""
    shown = found.comparisons.published()
    visible = Comparisons(found.visible.values(), context=context).published()
    if any(one.verdict != "hidden" for one in shown):
        yield Finding(
            "groups",
            "against_rest",
            estimates=found.estimates.published(),
            comparisons=Comparisons([*shown, *visible], context=context, is_published=True),
            table="against_rest",
            title=("numbers", "against_rest", {"metric": what}),
            options={"fold": True, "segments": list(dict.fromkeys(map(_segment, shown)))},
            context=context,
        )


def _title(key: str, table: Crosstab) -> tuple[str, dict[str, Slot]]:
    what = {"what": name(f"segment:{key}")}
    told = [one for one in table if one.verdict != "hidden" and one.ci_low == one.ci_low]
    if table.against == "none":
        return "plain", what
    if not told:
        is_answered = any(one.n for one in table.estimates)
        return "hidden" if is_answered else "nobody", what
    clear = {(one.metric, one.of) for one in told if one.is_clear}
    if not clear:
        return "none_clear", what
    k = len(measures(table.estimates))
    return "some_clear", {**what, "m": count(len(clear)), "k": count(k)}
