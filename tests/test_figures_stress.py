"""Figures under stress: many groups, long names, nobody, large bases, the ends of every scale.

Every figure is drawn over a grid of such records in both widths. Whatever the records, all words
stand on the paper, none on another and none on a mark that carries a number, and none is small.
"""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from cxkit.records import Comparison, Estimate, Fit
from cxkit.report import figures
from cxkit.report.figures.drawing import QUIET, Drawing, Drawn, Letters
from cxkit.wording import Words

NAN = math.nan
NOW = "2026H1"
WAVES = [f"{year}H{half}" for year in range(2020, 2027) for half in (1, 2)][1:13]
PROSE = (
    "Kualitas pelayanan purnajual yang benar-benar memperhatikan kebutuhan seluruh pelanggan di "
    "mana pun mereka berada, sejak pertama datang sampai pulang ke rumah masing-masing dengan puas"
)
WORD = "ketidakbertanggungjawaban" * 8
LABELS = {"keys": "", "prose": PROSE, "word": WORD}
MANY, MILLIONS = 40, 12_345_678
ENDS = {
    "score_100": (0.0, 100.0),
    "share": (0.0, 1.0),
    "points": (-100.0, 100.0),
    "money": (-9.99e11, 9.99e14),
}

Record = Estimate | Comparison | Fit
State = Callable[[Record, int], Record]


# -- the states that records can be in -------------------------------------------------------------


def plain(one: Record, k: int) -> Record:
    return one


def hidden(one: Record, k: int) -> Record:
    if isinstance(one, Comparison):
        blank = {"difference": NAN, "ci_low": NAN, "ci_high": NAN, "n_a": 24, "verdict": "hidden"}
    elif isinstance(one, Fit):
        blank = {"value": NAN, "ci_low": NAN, "ci_high": NAN, "n": 24}
    else:
        blank = {"estimate": NAN, "ci_low": NAN, "ci_high": NAN, "n": 24}
    return dataclasses.replace(one, flags=("hidden_base",), **blank)


def nobody(one: Record, k: int) -> Record:
    if isinstance(one, Comparison):
        return dataclasses.replace(hidden(one, k), n_a=0, n_b=0, flags=("no_answers",))
    return dataclasses.replace(hidden(one, k), n=0, flags=("no_answers",))


def some_hidden(one: Record, k: int) -> Record:
    return (hidden, nobody, plain)[k % 3](one, k)


def low_base(one: Record, k: int) -> Record:
    return dataclasses.replace(one, flags=("low_base",))


def millions(one: Record, k: int) -> Record:
    sides = ("n_a", "n_b") if isinstance(one, Comparison) else ("n",)
    return dataclasses.replace(one, **dict.fromkeys(sides, MILLIONS + k))


def ends(one: Record, k: int) -> Record:
    """The lowest and the highest number of the scale in turns."""
    low, high = ENDS[one.unit]
    end = (low, high)[k % 2]
    if isinstance(one, Comparison):
        size = (high - low) * (1 if k % 2 else -1)
        given = {"difference": size, "ci_low": size, "ci_high": size, "verdict": "clear"}
        return dataclasses.replace(one, **given)
    number = {"value" if isinstance(one, Fit) else "estimate": end}
    return dataclasses.replace(one, ci_low=end, ci_high=end, **number)


def whole(one: Record, k: int) -> Record:
    """An interval as wide as the scale."""
    low, high = ENDS[one.unit]
    reach = (low - high, high - low) if isinstance(one, Comparison) else (low, high)
    return dataclasses.replace(one, ci_low=reach[0], ci_high=reach[1])


STATES = (plain, hidden, nobody, some_hidden, low_base, millions, ends, whole)


# -- the records of each figure ----------------------------------------------------------------


def estimate(metric: str, of: str, k: int, unit: str, **fields: Any) -> Estimate:
    """A number that goes through its scale as k goes on, with an interval of a twentieth."""
    low, high = ENDS[unit]
    part = 0.1 + 0.8 * (7 * k % 11) / 10
    value, half = low + part * (high - low), (high - low) / 20
    given = {"n": 1204, "n_eff": 1041.0, "wave": NOW, "unit": unit, **fields}
    return Estimate(metric, of, value, value - half, value + half, **given)


def difference(of: str, a: str, b: str, k: int, metric: str = "score_100") -> Comparison:
    value = (7 * k % 11) - 5.0
    verdict = "clear" if abs(value) > 2 else "no_evidence"
    sides = {"n_a": 640, "n_b": 1361, "unit": "score_100", "verdict": verdict}
    return Comparison(metric, of, a, b, value, value - 2, value + 2, **sides)


def pyramid(size: int) -> tuple[list[Record], dict[str, Any]]:
    keys = [f"level:k{k}" for k in range(size)]
    records: list[Record] = [estimate("score_100", of, k, "score_100") for k, of in enumerate(keys)]
    for k, of in enumerate(keys):
        records.append(estimate("score_100", of, k + 3, "score_100", wave=WAVES[-2]))
        records.append(difference(of, f"wave={NOW}", f"wave={WAVES[-2]}", k))
    return records, {}


def levels_alone(size: int) -> tuple[list[Record], dict[str, Any]]:
    records, _ = pyramid(size)
    kept = [one for one in records if isinstance(one, Estimate) and one.wave == NOW]
    return list(kept), {"shape": "list"}


def likert(size: int) -> tuple[list[Record], dict[str, Any]]:
    records: list[Record] = []
    for k in range(size):
        of = f"item:i{k}"
        cuts = [0.1 + 0.2 * (k % 3), 0.1, 0.1 * (k % 4), 0.1]
        for band, part in enumerate([*cuts, 1 - sum(cuts)], 1):
            one = estimate("share", of, k, "share", by={"answer": f"l{band}"})
            records.append(dataclasses.replace(one, estimate=part))
        for metric, part in (("top_box_half", 1 - sum(cuts[:3])), ("bottom_box_half", cuts[0])):
            one = estimate(metric, of, k, "share")
            records.append(dataclasses.replace(one, estimate=part))
    bands = [{"key": f"l{k}", "label": f"jawaban {k}"} for k in range(1, 6)]
    half = (size + 1) // 2
    order = [
        {"level": f"k{k}", "items": [f"i{n}" for n in range(first, min(first + half, size))]}
        for k, first in enumerate(range(0, size, half))
    ]
    return records, {"bands": bands, "order": order}


def journey(size: int) -> tuple[list[Record], dict[str, Any]]:
    records: list[Record] = []
    for k in range(size):
        of, reached = f"stage:s{k}", 1 - k / (size + 1)
        one = estimate("reach", of, k, "share")
        near = {"ci_low": max(reached - 0.03, 0), "ci_high": min(reached + 0.03, 1)}
        records.append(dataclasses.replace(one, estimate=reached, **near))
        if k < size - 1:
            records.append(estimate("conversion", of, k, "share", n=1204 - 100 * k))
        records.append(estimate("score_100", of, k, "score_100", n=900 - 40 * k))
    return records, {"leak": f"s{size // 2}"}


def ratings(size: int) -> tuple[list[Record], dict[str, Any]]:
    records, _ = journey(size)
    return [one for one in records if one.metric == "score_100"], {"common": True}


def journey_map(size: int) -> tuple[list[Record], dict[str, Any]]:
    """Ratings on two bases, hand-offs, channels, quotes and plans of each stage."""
    records: list[Record] = []
    for k in range(size):
        of = f"stage:s{k}"
        records.append(estimate("score_100", of, k, "score_100", n=900 - 40 * k))
        records.append(estimate("score_100", of, k + 4, "score_100", n=300, by={"rated": "all"}))
        if k:
            records.append(difference("handoff", of, f"stage:s{k - 1}", k))
        for at in range(3):
            by = {"reached": f"s{k}"}
            records.append(estimate("share", f"channel:c{at}", k + at, "share", by=by))
    told = {f"s{k}": {"text": (PROSE, WORD, "Baik.")[k % 3], "lang": "id"} for k in range(size)}
    steps = {f"s{k}": [{"id": PROSE}, {"id": WORD}] for k in range(0, size, 2)}
    return records, {"joined": {"rated": "all"}, "quotes": told, "steps": steps}


def forest(size: int) -> tuple[list[Record], dict[str, Any]]:
    rows = [difference("level:k0", f"region=g{k}", "region=base", k) for k in range(size)]
    return list(rows), {}


def forest_of_measures(size: int) -> tuple[list[Record], dict[str, Any]]:
    """Several measures of several groups, under heads."""
    rows = [
        difference(f"level:k{k // 2}", f"region=g{k % 2}", f"region!=g{k % 2}", k)
        for k in range(size)
    ]
    return list(rows), {}


def heat_map(size: int) -> tuple[list[Record], dict[str, Any]]:
    """Five levels in so many groups."""
    records: list[Record] = [
        estimate("score_100", f"level:k{level}", k + level, "score_100", by={"region": f"g{k}"})
        for level in range(5)
        for k in range(size)
    ]
    records += [estimate("score_100", f"level:k{level}", level, "score_100") for level in range(5)]
    return records, {"lowest": {f"g{k}": "k1" for k in range(size)}}


def heat_map_of_levels(size: int) -> tuple[list[Record], dict[str, Any]]:
    """So many levels in as many groups."""
    records: list[Record] = [
        estimate("score_100", f"level:k{level}", k + level, "score_100", by={"region": f"g{k}"})
        for level in range(min(size, 10))
        for k in range(size)
    ]
    return records, {}


def links(size: int) -> tuple[list[Record], dict[str, Any]]:
    records: list[Record] = []
    for k in range(size):
        records.append(estimate("link_share", f"level:k{k}", k, "share"))
        records.append(estimate("chance_first", f"level:k{k}", k, "share"))
    return records, {"leader": "k0"}


def priority_map(size: int) -> tuple[list[Record], dict[str, Any]]:
    records, _ = links(size)
    for k in range(size):
        records.append(estimate("score_100", f"level:k{k}", 3 * k, "score_100"))
        for quadrant in ("try_first", "keep", "watch", "enough"):
            by = {"quadrant": quadrant}
            records.append(estimate("chance_quadrant", f"level:k{k}", k, "share", by=by))
    return records, {"first": ["k0"], "line": 60.0, "even": 1 / size}


def trend(size: int) -> tuple[list[Record], dict[str, Any]]:
    """A headline and five levels over so many waves."""
    shown = WAVES[-size:]
    measures = [("nps", "outcome:recommend", "points")]
    measures += [("score_100", f"level:k{k}", "score_100") for k in range(5)]
    records: list[Record] = [
        estimate(metric, of, k + row, unit, wave=wave)
        for row, (metric, of, unit) in enumerate(measures)
        for k, wave in enumerate(shown)
    ]
    if size > 1:
        sides = (f"wave={shown[-1]}", f"wave={shown[-2]}")
        records += [
            difference(of, *sides, row, metric) for row, (metric, of, _) in enumerate(measures)
        ]
    events = [{"wave_after": wave, "date": "2025-08-01", "label": PROSE} for wave in shown[:3]]
    given = {"events": events, "targets": {"nps": 40.0, "score_100": 75.0}}
    return records, {**given, "published": {shown[0]: 99.0}, "breaks": {"level:k1": [shown[-1]]}}


def trend_of_many(size: int) -> tuple[list[Record], dict[str, Any]]:
    """So many measures over two waves."""
    records: list[Record] = [
        estimate("score_100", f"level:k{k}", k + row, "score_100", wave=wave)
        for k in range(size)
        for row, wave in enumerate(WAVES[-2:])
    ]
    return records, {}


def curve(size: int) -> tuple[list[Record], dict[str, Any]]:
    """One finding in so many ways."""
    ways = [f"F06|answers=a{k % 3}|missing=m{k // 3}" for k in range(size)]
    numbers = [estimate("nps", of, k, "points") for k, of in enumerate(ways)]
    rows: list[Record] = [
        Fit("way", one.estimate, one.ci_low, one.ci_high, f"v{k % 2}", of=one.of, unit="points")
        for k, one in enumerate(numbers)
    ]
    choices = [("answers", [f"a{k}" for k in range(3)]), ("missing", [f"m{k}" for k in range(14)])]
    return rows, {"choices": choices, "reference": 40.0, "key": "F06", "name": "finding:F06"}


def tornado(size: int) -> tuple[list[Record], dict[str, Any]]:
    """A sum that so many inputs move, every other one the other way round."""
    records: list[Record] = []
    for k in range(size):
        of, half = f"input:k{k}", 4e8 / (k + 1)
        ends = (4e9 - half, 4e9 + half) if k % 2 else (4e9 + half, 4e9 - half)
        swing = Estimate("swing", of, 4e9, *ends, unit="money", by={"output": "loss"})
        own = Estimate("input", of, 15.0 * k, 10.0 * k, 1e6 * (k + 1), unit="money")
        records += [swing, own]
    return records, {"name": "worth:loss"}


def draw_curve(records: Sequence[Record], **asked: Any) -> Drawing:
    drawing: Drawing = figures.curve(fits=records, **asked)
    return drawing


MAKERS: dict[str, tuple[Any, Any, Sequence[int]]] = {
    "pyramid": (figures.pyramid, pyramid, (1, 5, 10)),
    "levels": (figures.pyramid, levels_alone, (1, 10)),
    "likert": (figures.likert, likert, (1, 5, MANY)),
    "journey": (figures.journey, journey, (1, 2, 5, 10)),
    "ratings": (figures.journey, ratings, (1, 5, 10)),
    "journey_map": (figures.journey_map, journey_map, (1, 2, 5, 10)),
    "forest": (figures.forest, forest, (1, 5, MANY)),
    "forest_of_measures": (figures.forest, forest_of_measures, (10,)),
    "heat_map": (figures.heat_map, heat_map, (1, 5, MANY)),
    "heat_map_of_levels": (figures.heat_map, heat_map_of_levels, (1, 10)),
    "links": (figures.links, links, (1, 5, 10)),
    "priority_map": (figures.priority_map, priority_map, (1, 5, 10)),
    "tornado": (figures.tornado, tornado, (1, 5, 13)),
    "trend": (figures.trend, trend, (1, 2, 12)),
    "curve": (draw_curve, curve, (1, MANY)),
    "trend_of_many": (figures.trend, trend_of_many, (MANY,)),
}
"""Each figure with what makes its records, and of how many things."""

KEYS = [f"level:k{k}" for k in range(MANY)] + [f"item:i{k}" for k in range(MANY)]
KEYS += [f"stage:s{k}" for k in range(10)] + [f"group:region=g{k}" for k in range(MANY)]
KEYS += [f"channel:c{k}" for k in range(3)]
KEYS += ["group:region=base", "segment:region", "outcome:recommend"]
KEYS += ["way:answers", "way:missing", "way:answers_a0", "way:missing_m3", "way_number:F06"]
KEYS += [f"wave:{wave}" for wave in WAVES]
KEYS += [f"input:k{k}" for k in range(13)]


def words_of(label: str, language: str = "id") -> Words:
    """Words that call everything by one label of two hundred characters, or by its key."""
    if not label:
        return Words(language, {})
    named = [*KEYS, *(f"short:{key}" for key in KEYS)]
    return Words(language, {"labels": dict.fromkeys(named, label)})


WORDS = {name: words_of(label) for name, label in LABELS.items()}


# -- what may not happen -----------------------------------------------------------------------


def crossing(boxes: Sequence[Drawn], others: Sequence[Drawn], spare: float) -> Iterator[str]:
    """Pairs of boxes that stand on each other by more than `spare` either way."""
    below = sorted(others, key=lambda one: one.top)
    tops = [one.top for one in below]
    tallest = max((one.bottom - one.top for one in below), default=0.0)
    for box in boxes:
        near = slice(bisect_left(tops, box.top - tallest), bisect_left(tops, box.bottom))
        for other in below[near]:
            wide = min(box.right, other.right) - max(box.left, other.left)
            high = min(box.bottom, other.bottom) - max(box.top, other.top)
            if wide > spare and high > spare and box is not other:
                yield f"{box.text!r} on {other.text or other.name!r} at {box.top:.0f}"


def faults(drawing: Drawing) -> list[str]:
    """All that is wrong with a drawing: words on words or on marks, off the paper, too small."""
    written = [one for one in drawing.drawn if one.kind == "words"]
    carrying = ("tick.", "dot.", "before.", "published.", "same.", "other.")
    marks = [one for one in drawing.drawn if one.kind != "words" and one.name.startswith(carrying)]
    found = [*crossing(written, written, 0.5), *crossing(written, marks, 1.0)]
    edges = (drawing.width + 1, drawing.height + 1)
    found += [
        f"{one.text or one.name or one.kind!r} is off the paper"
        for one in drawing.drawn
        if min(one.left, one.top) < -1 or one.right > edges[0] or one.bottom > edges[1]
    ]
    small = [one for one in drawing.marks if isinstance(one, Letters) and one.size < QUIET]
    return found + [f"{one.text!r} is small" for one in small]


def drawn(name: str, size: int, state: State, words: Words, *, narrow: bool) -> Drawing:
    figure, make, _ = MAKERS[name]
    records, options = make(size)
    changed = [state(one, k) for k, one in enumerate(records)]
    drawing: Drawing = figure(changed, words=words, narrow=narrow, **options)
    return drawing


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", MAKERS)
def test_nothing_collides_and_nothing_is_cut(name: str, narrow: bool) -> None:
    """Every state at the middle size, and every size plain; each with short and long names."""
    sizes = MAKERS[name][2]
    grid = [(sizes[len(sizes) // 2], state) for state in STATES]
    grid += [(size, plain) for size in sizes] + [(sizes[-1], some_hidden), (sizes[0], hidden)]
    wrong = {
        (size, state.__name__, label): found[:3]
        for size, state in dict.fromkeys(grid)
        for label, words in WORDS.items()
        if (found := faults(drawn(name, size, state, words, narrow=narrow)))
    }
    assert wrong == {}


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", MAKERS)
def test_every_number_of_the_grid_is_drawn(name: str, narrow: bool) -> None:
    """A mark for each record that a figure draws: nothing is left out to make room."""
    size = MAKERS[name][2][-1]
    drawing = drawn(name, size, plain, WORDS["prose"], narrow=narrow)
    kinds = ("cell.", "dot.", "total.agree.", "same.", "other.")
    marks = [one for one in drawing.drawn if one.name.startswith(kinds)]
    marks += [one for one in drawing.drawn if one.name.startswith("tick.") and one.kind != "words"]
    if name.startswith("trend"):  # only the last wave of a small line has a dot
        assert len(marks) >= (size if name == "trend_of_many" else 5 + size)
        return
    per_thing = {"heat_map": 5 + 5 / size, "heat_map_of_levels": 10, "journey": 2, "ratings": 1}
    if (name == "journey" and narrow) or size > 7:  # rows rate in numbers, beside bars of reach
        per_thing["journey"] = 1
    assert len(marks) == size * per_thing.get(name, 1)


def test_the_check_finds_what_it_looks_for() -> None:
    """Words on words, words on a mark, words off the paper, small words."""
    drawing = Drawing(200)
    drawing.words(10, 30, "one")
    drawing.words(12, 32, "other")
    drawing.bar(100, 20, 103, 36, "data", name="tick.x")
    drawing.words(95, 32, "number")
    drawing.words(180, 60, "beyond the edge")
    drawing.words(10, 90, "small", size=9)
    drawing.finish(100)
    found = " ".join(faults(drawing))
    for told in ("'one' on 'other'", "'number' on 'tick.x'", "edge' is off", "'small' is small"):
        assert told in found


def test_more_groups_than_columns_stand_in_rows() -> None:
    """The levels across, base first; each group with its base at its row; the total last."""
    drawing = drawn("heat_map", MANY, plain, WORDS["keys"], narrow=False)
    tops = [drawing.find(f"cell.k0.{key}").top for key in [f"g{k}" for k in range(MANY)]]
    assert tops == sorted(set(tops))
    assert drawing.find("cell.k0.total").top > tops[-1]
    lefts = [drawing.find(f"cell.k{level}.g0").left for level in range(5)]
    assert lefts == sorted(set(lefts))
    cell, label = drawing.find("cell.k0.g7"), drawing.find("label.g7")
    assert cell.top < label.top < label.bottom < cell.bottom
    assert drawing.find("base.g7").text.replace("\u00a0", " ") == "n = 1.204"
    assert f"\u25bc {WORDS['keys'].ui('fig_lowest_row')}" in [one.text for one in drawing.drawn]
