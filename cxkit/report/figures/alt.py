"""The sentence that stands for a drawing: its slots, from the records that may be printed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxkit.records import Comparison, Estimate
from cxkit.report.figures.cells import Cells
from cxkit.report.figures.curve import in_order
from cxkit.report.figures.forest import row_names
from cxkit.report.figures.likert import asks_agreement, known_scale
from cxkit.report.figures.lines import Line, lines_of, waves_of
from cxkit.report.figures.parts import (
    is_hidden,
    is_shown,
    latest_wave,
    level_of,
    levels_shape,
    ordered_keys,
)

if TYPE_CHECKING:
    from cxkit.wording import Words

__all__ = ["alt", "alt_slots"]

Sentence = tuple[str, dict[str, Any]]


def alt(
    kind: str,
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words,
    **options: Any,
) -> str:
    """The whole text that stands for a figure, for those who cannot see it.

    Parameters and options are those of the figure of the same name (`kind`).
    """
    said = _SENTENCES[kind](list(estimates), list(comparisons), words, options)
    return " ".join(words.alt(key, slots) for key, slots in said)


def alt_slots(
    kind: str,
    estimates: Iterable[Estimate],
    comparisons: Iterable[Comparison] = (),
    *,
    words: Words,
    **options: Any,
) -> Sentence:
    """The key and slots of a figure's first alt sentence, from published records only.

    Numbers are formatted; counts of things (`k`, `clear`) are numbers, so that a template may
    print them with their noun. Hidden records are left out; `nothing` is left when all are.
    """
    return _SENTENCES[kind](list(estimates), list(comparisons), words, options)[0]


def _pyramid(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    part = options.get("part", "level")
    own = [one for one in estimates if one.of.startswith(f"{part}:") and not one.by]
    wave = latest_wave(own)
    scores = [one for one in own if one.wave == wave and is_shown(one)]
    if not scores:
        return [("nothing", {})]
    high = max(scores, key=lambda one: one.estimate)
    low = min(scores, key=lambda one: one.estimate)
    k = len(ordered_keys(own, part, options.get("order")))
    shape = options.get("shape") or levels_shape(words)
    is_pyramid = shape == "pyramid" and k == 5
    slots = {
        "k": k,
        "max_level": words.name(high.of),
        "max": words.number(high.estimate, high.unit),
        "lo": words.number(high.ci_low, high.unit),
        "hi": words.number(high.ci_high, high.unit),
        "min_level": words.name(low.of),
        "min": words.number(low.estimate, low.unit),
        "lo2": words.number(low.ci_low, low.unit),
        "hi2": words.number(low.ci_high, low.unit),
        **_bases([one.n for one in scores], words),
        **_units(part, words),
    }
    if len(scores) == 1 and not is_pyramid:
        return [("levels_one", slots)]
    return [("pyramid" if is_pyramid else "levels", slots)]


def _units(part: str, words: Words) -> dict[str, str]:
    """What parts of another framework than that of the levels are called."""
    if part == "level":
        return {}
    return {"unit": words.name(f"unit:{part}"), "units": words.name(f"units:{part}")}


def _likert(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    wave = latest_wave(estimates)
    now = [one for one in estimates if one.wave == wave and is_shown(one) and not one.by]
    agree = [one for one in now if one.metric == "top_box_half"]
    disagree = [one for one in now if one.metric == "bottom_box_half"]
    if not agree or not disagree:
        return [("nothing", {})]
    top = max(agree, key=lambda one: one.estimate)
    bottom = max(disagree, key=lambda one: one.estimate)
    slots = {
        "k": len(ordered_keys(estimates, "item", None)),
        "top_item": words.short(top.of),
        "top": words.number(top.estimate, top.unit),
        "bottom_item": words.short(bottom.of),
        "bottom": words.number(bottom.estimate, bottom.unit),
        **_bases([one.n for one in (*agree, *disagree)], words),
    }
    agreement = options.get("agreement")
    if agreement is None:
        agreement = asks_agreement(known_scale(ordered_keys(estimates, "item", None), words), words)
    return [("likert" if agreement else "likert_scale", slots)]


def _journey(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    wave = latest_wave(one for one in estimates if one.of.startswith("stage:"))
    now = [one for one in estimates if one.of.startswith("stage:") and one.wave == wave]
    keys = ordered_keys(now, "stage", options.get("order"))
    said = [
        sentence
        for sentence in (
            _ratings(now, keys, words, is_common=bool(options.get("common", False))),
            _unanswered(now, keys, words),
            _reach(now, keys, words),
        )
        if sentence is not None
    ]
    return said or [("nothing", {})]


def _journey_map(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    rated = [one for one in estimates if one.metric == "score_100" and not one.by]
    keys = ordered_keys(rated, "stage", options.get("order"))
    told = _journey(rated, comparisons, words, {"order": keys})
    quoted = [f"stage:{key}" for key in keys if key in (options.get("quotes") or {})]
    if quoted:
        told.append(("journey_map_quotes", {"list": words.join(map(words.name, quoted))}))
    return [("journey_map", {"k": len(keys)}), *told]


def _ratings(
    estimates: Sequence[Estimate], keys: Sequence[str], words: Words, *, is_common: bool
) -> Sentence | None:
    rated = [one for one in estimates if one.metric == "score_100" and one.of[6:] in keys]
    shown = [one for one in rated if is_shown(one)]
    if not shown:
        return None
    known = {one.of for one in rated if "not_measured" not in one.flags}
    missing = [key for key in keys if f"stage:{key}" not in known]
    names = words.join(words.name(f"stage:{key}") for key in missing)
    slots = {
        "k": len(keys),
        "missing": names or words.count(0),
        **_extremes(shown, words),
        **_bases([one.n for one in shown], words),
    }
    if is_common:
        return "journey", slots
    return "journey_marks_missing" if missing else "journey_marks", slots


def _unanswered(
    estimates: Sequence[Estimate], keys: Sequence[str], words: Words
) -> Sentence | None:
    """Stages whose rating was asked and that nobody rated, having been reached by nobody."""
    rated = {one.of: one for one in estimates if one.metric == "score_100"}
    found = [rated[of] for of in (f"stage:{key}" for key in keys) if of in rated]
    empty = [one.of for one in found if not one.n and "not_measured" not in one.flags]
    if not empty or not any(is_shown(one) for one in found):
        return None
    return "journey_no_answers", {"list": words.join(map(words.name, empty))}


def _reach(estimates: Sequence[Estimate], keys: Sequence[str], words: Words) -> Sentence | None:
    reached = [one for one in estimates if one.metric == "reach" and is_shown(one)]
    onward = [one.estimate for one in estimates if one.metric == "conversion" and is_shown(one)]
    if not reached or not onward:
        return None
    slots = {
        "k": len(keys),
        "low": words.number(min(onward), "share"),
        "high": words.number(max(onward), "share"),
        **_extremes(reached, words),
        **_bases([one.n for one in reached], words),
    }
    return "journey_reach", slots


def _extremes(shown: Sequence[Estimate], words: Words) -> dict[str, str]:
    high = max(shown, key=lambda one: one.estimate)
    low = min(shown, key=lambda one: one.estimate)
    return {
        "max_stage": words.name(high.of),
        "max": words.number(high.estimate, high.unit),
        "min_stage": words.name(low.of),
        "min": words.number(low.estimate, low.unit),
    }


def _forest(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    shown = [one for one in comparisons if is_shown(one)]
    if not shown:
        return [("nothing", {})]
    high = max(shown, key=lambda one: one.difference)
    low = min(shown, key=lambda one: one.difference)
    labels = _forest_labels(comparisons, words, options.get("sides"))
    slots = {
        "k": len(comparisons),
        "ci": words.level(level_of(shown)),
        "max_label": labels[id(high)],
        "max": words.signed(high.difference, high.unit),
        "lo": words.signed(high.ci_low, high.unit),
        "hi": words.signed(high.ci_high, high.unit),
        "min_label": labels[id(low)],
        "min": words.signed(low.difference, low.unit),
        "lo2": words.signed(low.ci_low, low.unit),
        "hi2": words.signed(low.ci_high, low.unit),
        "clear": sum(one.is_clear for one in shown),
        **_bases([n for one in shown for n in (one.n_a, one.n_b)], words),
    }
    return [("forest", slots)]


def _forest_labels(
    comparisons: Sequence[Comparison], words: Words, sides: Sequence[str] | None
) -> dict[int, str]:
    """Each row as it would be read aloud: the head above it, then its label."""
    labels, head = {}, ""
    for row in row_names(comparisons, words, sides)[1]:
        head = row.head or head
        labels[id(row.record)] = f"{head}, {row.label}" if head else row.label
    return labels


def _heat_map(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    part = options.get("part", "level")
    rows, columns = options.get("rows"), options.get("columns")
    cells = Cells(estimates, words, rows, columns, options.get("by"), part)
    known = [
        (one, f"{words.name(one.of)}, {cells.name(column)}")
        for column in cells.columns
        for row in cells.rows
        if (one := cells.at(row, column)) is not None
    ]
    shown = [pair for pair in known if is_shown(pair[0])]
    if not shown:
        return [("nothing", {})]
    high, low = (pick(shown, key=lambda pair: pair[0].estimate) for pick in (max, min))
    slots = {
        "rows": words.count(len(cells.rows)),
        "cols": len(cells.columns),
        "max_cell": high[1],
        "max": words.number(high[0].estimate, high[0].unit),
        "min_cell": low[1],
        "min": words.number(low[0].estimate, low[0].unit),
        "hidden": sum(is_hidden(one) for one, _ in known),
        **_units(part, words),
    }
    return [("heat_map" if cells.by == "furthest_stage" else "heat_map_groups", slots)]


def _trend(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    waves = waves_of(estimates, options.get("waves"))
    given = {name: options.get(name) for name in ("measures", "breaks")}
    lines = lines_of(estimates, comparisons, waves, **given)
    if not lines or not lines[0].shown:
        return [("nothing", {})]
    line = lines[0]
    said = [_headline(line, waves, words)]
    names = [words.wave(wave) for wave in waves]
    if hidden := [names[k] for k, one in enumerate(line.points) if one and is_hidden(one)]:
        said.append(("trend_hidden", {"list": words.join(hidden)}))
    if line.breaks:
        broken = words.join(names[k] for k in sorted(line.breaks))
        said.append(("trend_broken", {"list": broken}))
    changes = [one.change for one in lines[1:] if one.change is not None]
    if changes:
        tones = [one.tone for one in lines[1:]]
        slots = {
            "k": len(lines) - 1,
            "up": words.count(tones.count("good")),
            "down": words.count(tones.count("bad")),
            "prev_wave": words.wave(changes[0].b.partition("=")[2]),
        }
        said.append(("trend_more", slots))
    return said


def _headline(line: Line, waves: Sequence[str], words: Words) -> Sentence:
    shown = [(waves[k], one) for k, one in enumerate(line.points) if one and is_shown(one)]
    (first_wave, first), (last_wave, last) = shown[0], shown[-1]
    slots: dict[str, Any] = {
        "metric": line.name(words),
        "ci": words.level(first.ci_level),
        **_bases([one.n for _, one in shown], words),
    }
    if len(shown) == 1:
        slots |= {
            "wave": words.wave(first_wave),
            "est": words.number(first.estimate, first.unit),
            "lo": words.number(first.ci_low, first.unit),
            "hi": words.number(first.ci_high, first.unit),
        }
        return "trend_one", slots
    slots |= {
        "k": len(shown),
        "first": words.number(first.estimate, first.unit),
        "first_wave": words.wave(first_wave),
        "last": words.number(last.estimate, last.unit),
        "last_wave": words.wave(last_wave),
    }
    return "trend", slots


def _links(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    shares = [one for one in estimates if one.metric == "link_share" and is_shown(one)]
    if not shares:
        return [("nothing", {})]
    high = max(shares, key=lambda one: one.estimate)
    low = min(shares, key=lambda one: one.estimate)
    slots = {
        "k": len(shares),
        "ci": words.level(level_of(shares)),
        "max_level": words.name(high.of),
        "max": words.number(high.estimate, high.unit),
        "lo": words.number(high.ci_low, high.unit),
        "hi": words.number(high.ci_high, high.unit),
        "min_level": words.name(low.of),
        "min": words.number(low.estimate, low.unit),
        "lo2": words.number(low.ci_low, low.unit),
        "hi2": words.number(low.ci_high, low.unit),
        **_bases([one.n for one in shares], words),
    }
    return [("links", slots)]


def _priority_map(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    levels = [one for one in estimates if one.of.startswith("level:") and is_shown(one)]
    shares = [one for one in levels if one.metric == "link_share"]
    scores = [one for one in levels if one.metric == "score_100"]
    if not shares or not scores:
        return [("nothing", {})]
    strong = max(shares, key=lambda one: one.estimate)
    low = min(scores, key=lambda one: one.estimate)
    slots = {
        "k": len(shares),
        "max_level": words.name(strong.of),
        "share": words.number(strong.estimate, strong.unit),
        "min_level": words.name(low.of),
        "min": words.number(low.estimate, low.unit),
        **_bases([one.n for one in shares], words),
    }
    return [("driver_map", slots)]


def _bases(counts: Iterable[float], words: Words) -> dict[str, str]:
    """The base, or the smallest and the largest one, as a slot."""
    known = sorted(n for n in counts if not math.isnan(n)) or [0]
    low, high = words.count(known[0]), words.count(known[-1])
    return {"n": low if low == high else f"{low} {words.ui('to')} {high}"}


def _tornado(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    rows = [one for one in estimates if one.metric == "swing" and is_shown(one)]
    if not rows:
        return [("nothing", {})]
    slots = {
        "k": len(rows),
        "what": words.name(options.get("name", "worth:loss")),
        "est": words.number(rows[0].estimate, rows[0].unit),
    }
    for one, label, ends in (
        (rows[0], "max_label", ("lo", "hi")),
        (rows[-1], "min_label", ("lo2", "hi2")),
    ):
        values = sorted((one.ci_low, one.ci_high))
        slots |= {label: words.name(one.of)}
        slots |= {end: words.number(x, one.unit) for end, x in zip(ends, values, strict=True)}
    return [("tornado", slots)]


def _curve(
    estimates: list[Estimate],
    comparisons: list[Comparison],
    words: Words,
    options: Mapping[str, Any],
) -> list[Sentence]:
    shown = in_order(options.get("fits", ()))
    if not shown:
        return [("nothing", {})]
    told = words.signed if options.get("is_signed") else words.number
    reported = options["fits"][0].verdict
    slots = {
        "what": words.name(options["name"]),
        "m": len(shown),
        "min": told(shown[0].value, shown[0].unit),
        "max": told(shown[-1].value, shown[-1].unit),
        "k": sum(one.verdict == reported for one in shown),
        **_bases([one.n for one in shown], words),
    }
    return [("curve", slots)]


_SENTENCES = {
    "curve": _curve,
    "tornado": _tornado,
    "pyramid": _pyramid,
    "likert": _likert,
    "journey": _journey,
    "journey_map": _journey_map,
    "forest": _forest,
    "heat_map": _heat_map,
    "links": _links,
    "priority_map": _priority_map,
    "trend": _trend,
}
