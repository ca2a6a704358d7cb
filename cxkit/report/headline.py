"""The headline of a finished report: the few published records that an index of reports needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cxkit.records import NAMED_METRICS
from cxkit.wording import Words

__all__ = ["headline_of"]

Row = Mapping[str, Any]


def headline_of(report_json: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """The number that a report leads with, in every wave, and its change; all as published.

    Nothing is computed and nothing blanked is looked for elsewhere: each record is the first
    that the report shows of its measure.

    Parameters
    ----------
    report_json : mapping
        What `page.report_json` gives.
    context : mapping
        What the notebook says of its study: `page.context_of`.

    Returns
    -------
    dict
        `headline`, the estimate of the first outcome that the report shows, in the wave reported
        (in a study without outcomes the score of all levels together); `by_wave`, the same in
        every wave, earliest first; `change`, its comparison with the wave before; `n` and
        `n_eff`, the respondents of the report; `labels`, what the study calls the groups,
        segments, waves and outcome that these name. None or empty where there is nothing.

    Examples
    --------
    >>> nps = {"metric": "nps", "of": "outcome:recommend", "wave": "2026H1", "estimate": 34.0}
    >>> told = headline_of(
    ...     {"estimates": [nps]}, {"outcomes": {"recommend": {"metric": "nps"}}, "wave": "2026H1"}
    ... )
    >>> told["headline"]["estimate"], told["change"]
    (34.0, None)
    """
    waves: dict[Any, Row] = {}
    for row in _of_the_first_measure(report_json.get("estimates", ()), context):
        waves.setdefault(row.get("wave"), row)
    by_wave = sorted(waves.values(), key=lambda row: str(row.get("wave") or ""))
    wave = context.get("wave") or (by_wave[-1].get("wave") if by_wave else None)
    headline = waves.get(wave)
    return {
        "headline": headline,
        "by_wave": by_wave,
        "change": _change(report_json.get("comparisons", ()), headline),
        "n": context.get("n"),
        "n_eff": context.get("n_eff"),
        "labels": dict(_labels(context, by_wave)),
    }


def _of_the_first_measure(rows: Iterable[Row], context: Mapping[str, Any]) -> list[Row]:
    """Every estimate of the first measure that the report shows for all its respondents."""
    whole = [row for row in rows if not any(key.startswith("by_") for key in row)]
    for metric, of in _measures(context):
        found = [row for row in whole if (row["metric"], row["of"]) == (metric, of)]
        found = [row for row in found if row.get("method") != "target"]
        if found:
            return found
    return []


def _measures(context: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a report may lead with: outcomes in the order of the scorecard, else all levels."""
    outcomes = context.get("outcomes", {})
    asked = [(one["metric"], f"outcome:{key}") for key, one in outcomes.items()]
    asked.sort(key=lambda one: (*NAMED_METRICS, one[0]).index(one[0]))
    if asked:
        return asked
    levels = context.get("framework", {}).get("levels", ())
    alone = [("score_100", f"level:{key}") for key in levels] if len(levels) == 1 else []
    return [("score_100", "levels"), *alone]


def _change(rows: Iterable[Row], headline: Row | None) -> Row | None:
    """The comparison of the headline with the wave before, as it stands."""
    if headline is None:
        return None
    wanted = (headline["metric"], headline["of"], f"wave={headline.get('wave')}")
    for row in rows:
        if (row["metric"], row["of"], row["a"]) == wanted and row["b"].startswith("wave="):
            return row
    return None


def _labels(context: Mapping[str, Any], rows: Iterable[Row]) -> Iterator[tuple[str, Any]]:
    """The study's own names of what the records speak of; those of a vocabulary written out."""
    own = context.get("labels", {})
    filters = list(context.get("filters", ()))
    keys = [f"segment:{segment}" for segment, _ in filters]
    keys += [key for row in rows for key in (row["of"], f"wave:{row.get('wave')}")]
    for key in dict.fromkeys(keys):
        if key in own:
            yield key, own[key]
    for segment, value in filters:
        key = f"group:{segment}={value}"
        known = own.get(key) or {
            language: Words(language, context).name(key)
            for language in context.get("languages", ())
        }
        if set(known.values()) - {value}:
            yield key, known
