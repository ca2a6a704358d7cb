"""The heat map and the trend: cells and points stand where the records say, in both widths."""

from __future__ import annotations

import dataclasses
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import (
    LEVELS,
    LONG,
    NAN,
    STAGES,
    En,
    Id,
    difference,
    drawn_words,
    hidden,
    outside,
    overlaps,
    score,
    share,
)

from cxkit.records import Comparison, Estimate
from cxkit.report import figures
from cxkit.report.figures.drawing import NARROW, ROLES, WIDE, Drawing
from cxkit.report.figures.lettering import ELLIPSIS
from cxkit.report.theme import read_theme
from cxkit.wording import Words

BY = "furthest_stage"
NOBODY = {"n": 0, "n_eff": 0.0, "flags": ("no_answers",)}
SCORES = {
    "fulfilment": (80.4, 80.6, 85.1, 87.4, 82.8),
    "trust": (73.4, 74.1, 76.5, 77.5, 82.3),
    "responsive_service": (66.3, 66.2, 68.7, 71.6, 61.0),
    "online_experience": (69.7, 74.6, 70.8, 77.5, 71.5),
    "emotional_connection": (67.4, 66.8, 57.0, 61.2, 61.7),
}
BASES = (38, 120, 142, 310, 594)
TOTALS = (83.5, 77.8, 66.6, 74.9, 62.5)
SHORT = {
    "short:group:furthest_stage=consider": {"id": "Menimbang", "en": "Consider"},
    "short:group:furthest_stage=advocate": {"id": "Mendukung", "en": "Advocate"},
}
NamedId, NamedEn = (Words(language, {"labels": SHORT}) for language in ("id", "en"))


def cells() -> list[Estimate]:
    """The scores of five levels by furthest stage, and of all."""
    records = [
        score(f"level:{level}", value, n=n, n_eff=n * 0.9, by={BY: stage})
        for level, values in SCORES.items()
        for stage, value, n in zip(STAGES, values, BASES, strict=True)
    ]
    records = [
        dataclasses.replace(one, flags=("low_base",)) if one.n_eff < 100 else one for one in records
    ]
    return records + [
        score(f"level:{key}", value) for key, value in zip(LEVELS, TOTALS, strict=True)
    ]


def put(records: Sequence[Estimate], level: str, stage: str, change: Any) -> list[Estimate]:
    """The records with one cell changed."""
    return [
        change(one) if (one.of, one.by.get(BY)) == (f"level:{level}", stage) else one
        for one in records
    ]


def nobody(one: Estimate) -> Estimate:
    """A cell in which nobody answered."""
    return dataclasses.replace(one, estimate=NAN, ci_low=NAN, ci_high=NAN, **NOBODY)


def heat(
    records: Sequence[Estimate] | None = None,
    words: Words = NamedId,
    narrow: bool = False,
    **options: Any,
) -> Drawing:
    """A heat map of levels by stage."""
    given = {"rows": LEVELS, "columns": STAGES, **options}
    return figures.heat_map(
        cells() if records is None else records, words=words, narrow=narrow, **given
    )


def named(drawing: Drawing, start: str) -> list[Any]:
    """The things whose name begins so."""
    return [one for one in drawing.drawn if one.name.startswith(start)]


class TestHeatMap:
    """Levels down, stages across, each cell with its number."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_cells_stand_in_the_order_of_levels_and_stages(self, narrow: bool) -> None:
        """The apex on top as in the pyramid, stages from left to right, the total at the end."""
        drawing = heat(narrow=narrow)
        tops = [drawing.find(f"cell.{level}.decide").top for level in LEVELS]
        assert tops == sorted(tops, reverse=True)
        lefts = [drawing.find(f"cell.trust.{key}").left for key in (*STAGES, "total")]
        assert lefts == sorted(lefts)
        steps = [after - before for before, after in itertools.pairwise(lefts)]
        assert steps[:4] == pytest.approx([steps[0]] * 4)
        assert steps[4] > steps[0] + 5

    @pytest.mark.parametrize("narrow", [False, True])
    def test_every_cell_prints_its_score(self, narrow: bool) -> None:
        """One decimal, as the language writes it, with a star on a low base."""
        drawing = heat(narrow=narrow)
        for level, values in SCORES.items():
            for stage, value, n in zip(STAGES, values, BASES, strict=True):
                star = "*" if n * 0.9 < 100 else ""
                printed = f"{value:.1f}".replace(".", ",") + star
                assert drawing.find(f"score.{level}.{stage}").text == printed
        assert drawing.find("score.emotional_connection.total").text == "62,5"

    @given(st.lists(st.integers(0, 1000).map(lambda tenth: tenth / 10), min_size=5, max_size=5))
    @settings(max_examples=40, deadline=None)
    def test_a_higher_score_is_never_paler(self, values: list[float]) -> None:
        """Tones rise with the scores, and change exactly at the scores of the key."""
        records = [
            score("level:trust", value, by={BY: stage})
            for stage, value in zip(STAGES, values, strict=True)
        ]
        drawing = heat(records, rows=["trust"])
        tone = {
            value: int(drawing.find(f"cell.trust.{stage}").role[1])
            for stage, value in zip(STAGES, values, strict=True)
        }
        ends = [drawing.find(f"legend.s{k}").right for k in range(1, 5)]
        written = [one for one in drawing.drawn if one.kind == "words"]
        edges = [
            float(next(one.text for one in reversed(written) if abs(one.middle - end) < 0.01))
            for end in ends
        ]
        assert edges == sorted(edges)
        assert all(0 < edge < 100 for edge in edges)
        for value, step in tone.items():
            assert step == 1 + sum(value >= edge for edge in edges)

    def test_the_printed_number_decides_the_tone(self) -> None:
        """69.96 is printed as 70,0 and coloured as 70."""
        records = [
            score("level:trust", value, by={BY: stage})
            for stage, value in zip(STAGES, (69.96, 70.0, 69.94, 60, 80), strict=True)
        ]
        drawing = heat(records, rows=["trust"])
        tones = [drawing.find(f"cell.trust.{stage}").role for stage in STAGES[:3]]
        assert tones[0] == tones[1] != tones[2]

    @pytest.mark.parametrize("dark", [False, True])
    def test_words_have_contrast_on_every_tone(self, dark: bool) -> None:
        """The number in a cell reaches 4.5 to 1 on its tone, in light and in dark."""
        colours = tokens(dark)
        drawing = heat()
        pairs = set()
        for level in LEVELS:
            for key in STAGES:
                role = drawing.find(f"score.{level}.{key}").role
                pairs.add((role, drawing.find(f"cell.{level}.{key}").role))
        wide = [
            score("level:trust", value, by={BY: stage})
            for stage, value in zip(STAGES, (5, 30, 50, 70, 95), strict=True)
        ]
        drawing = heat(wide, rows=["trust"])
        for key in STAGES:
            role = drawing.find(f"score.trust.{key}").role
            pairs.add((role, drawing.find(f"cell.trust.{key}").role))
        assert {tone for _, tone in pairs} == {"s1", "s2", "s3", "s4", "s5"}
        low = {pair: c for pair in pairs if (c := contrast(*(colours[k] for k in pair))) < 4.5}
        assert low == {}

    @pytest.mark.parametrize("narrow", [False, True])
    def test_hidden_cell_shows_its_base_and_no_number(self, narrow: bool) -> None:
        """Hatched, `**`, the base; the number stands nowhere, nor in the alt sentence."""
        records = put(cells(), "fulfilment", "evaluate", hidden)
        drawing = heat(records, narrow=narrow)
        assert drawing.find("none.fulfilment.evaluate").role == "wash"
        assert drawing.find("score.fulfilment.evaluate").text == "**"
        assert not named(drawing, "cell.fulfilment.evaluate")
        inside = drawing.find("none.fulfilment.evaluate")
        said = [
            one.text
            for one in drawing.drawn
            if one.kind == "words"
            and inside.left <= one.middle <= inside.right
            and inside.top <= one.top <= inside.bottom
        ]
        assert "24" in " ".join(said)
        alt = figures.alt("heat_map", records, words=Id, rows=LEVELS, columns=STAGES)
        for text in (alt, *drawn_words(drawing)):
            assert "87,4" not in text
        assert "; 1 sel" in alt

    @pytest.mark.parametrize("narrow", [False, True])
    def test_nobody_is_a_dash_and_never_a_colour(self, narrow: bool) -> None:
        """Where nobody answered there is a dash, explained in the key: no tone, no hatching."""
        records = cells()
        for level in LEVELS:
            records = put(records, level, "aware", nobody)
        drawing = heat(records, narrow=narrow)
        assert drawing.find("score.trust.aware").text == "\u2013"
        assert not named(drawing, "cell.trust.aware")
        assert not named(drawing, "none.trust.aware")
        assert f"\u2013 {Id.ui('fig_no_answers')}" in drawn_words(drawing)
        assert drawing.find("base.aware").text.replace("\u00a0", " ") == "n = 0"
        plain = heat(narrow=narrow)
        assert not any("\u2013" in text for text in drawn_words(plain))

    @pytest.mark.parametrize("narrow", [False, True])
    def test_a_level_nobody_was_asked_is_not_measured(self, narrow: bool) -> None:
        """A row without records says in words that it was not measured."""
        records = [one for one in cells() if one.of != "level:trust"]
        drawing = heat(records, words=En, narrow=narrow)
        assert drawing.find("reason.trust").text == "not measured"
        field = drawing.find("none.trust")
        assert field.left == drawing.find("cell.fulfilment.aware").left
        assert field.right == drawing.find("cell.fulfilment.total").right
        assert not named(drawing, "score.trust.")

    @pytest.mark.parametrize("narrow", [False, True])
    def test_a_cell_that_is_not_comparable_says_so(self, narrow: bool) -> None:
        """Hatched with the reason in words: in the cell, or in the key where it is too narrow."""

        def locked(one: Estimate) -> Estimate:
            blank = {"estimate": NAN, "ci_low": NAN, "ci_high": NAN}
            return dataclasses.replace(one, flags=("not_comparable",), **blank)

        drawing = heat(put(cells(), "trust", "decide", locked), words=En, narrow=narrow)
        assert not named(drawing, "cell.trust.decide")
        told = [one.name for one in drawing.drawn if "comparable" in one.text]
        assert len(told) == 1
        assert bool(named(drawing, "untold.trust.decide")) == narrow
        assert "76.5" not in " ".join(drawn_words(drawing))

    def test_only_a_level_named_lowest_is_framed(self) -> None:
        """The frame comes from the option and stands on its cell, with a sign in the cell."""
        drawing = heat(lowest={"advocate": "responsive_service"})
        (frame,) = named(drawing, "lowest.")
        cell = drawing.find("cell.responsive_service.advocate")
        assert (frame.left, frame.top, frame.right, frame.bottom) == (
            cell.left,
            cell.top,
            cell.right,
            cell.bottom,
        )
        assert drawing.find("score.responsive_service.advocate").text == "\u25bc 61,0"
        assert f"\u25bc {Id.ui('fig_lowest')}" in drawn_words(drawing)
        plain = heat()
        assert "bad" not in {one.role for one in plain.drawn}
        assert not any("\u25bc" in text for text in drawn_words(plain))

    def test_a_hidden_cell_is_not_called_lowest(self) -> None:
        """What may not be shown is not singled out either."""
        records = put(cells(), "responsive_service", "advocate", hidden)
        drawing = heat(records, lowest={"advocate": "responsive_service"})
        assert not named(drawing, "lowest.")
        assert not any("\u25bc" in text for text in drawn_words(drawing))

    def test_columns_have_their_base(self) -> None:
        """One number where all levels share it, else the smallest and the largest."""
        drawing = heat()
        assert drawing.find("base.decide").text.replace("\u00a0", " ") == "n = 142"
        fewer = put(cells(), "trust", "decide", lambda one: dataclasses.replace(one, n=139))
        drawing = heat(fewer, words=En)
        start = drawing.drawn.index(drawing.find("base.decide"))
        said = " ".join(one.text for one in drawing.drawn[start : start + 3])
        assert said.replace("\u00a0", " ").startswith("n = 139 to 142")

    def test_names_go_down_like_stairs_on_a_phone(self) -> None:
        """Each name stands at the line to its column, and crosses no line of another."""
        drawing = heat(narrow=True)
        lines = [drawing.find(f"head.{k}") for k in range(6)]
        for line, key in zip(lines, (*STAGES, "total"), strict=True):
            cell = drawing.find(f"cell.trust.{key}")
            assert cell.left <= line.left <= cell.middle
        for k in range(6):
            name = drawing.find(f"head.words.{k}")
            assert 0 <= name.left - lines[k].left <= 8
            for other in lines:
                is_beside = other.top < name.bottom and name.top < other.bottom
                assert not (is_beside and name.left < other.left < name.right)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_many_groups_go_on_below(self, narrow: bool) -> None:
        """More columns than fit are drawn in a second band; the total comes last, once."""
        groups = [f"g{k:02}" for k in range(10)]
        records = [
            score(f"level:{level}", 50 + k * 3, by={"region": group})
            for level in LEVELS
            for k, group in enumerate(groups)
        ]
        records += [score(f"level:{level}", 66) for level in LEVELS]
        drawing = figures.heat_map(records, words=Id, narrow=narrow, rows=LEVELS, by="region")
        tops = [drawing.find(f"cell.trust.{group}").top for group in (*groups, "total")]
        assert tops == sorted(tops)
        assert len(set(tops)) == 2
        assert len(named(drawing, "cell.trust.total")) == 1
        assert not overlaps(drawing)
        assert not outside(drawing)

    def test_only_the_latest_wave_is_drawn(self) -> None:
        """An earlier wave among the records leaves the drawing as it is."""
        earlier = [dataclasses.replace(one, estimate=1.0, wave="2025H2") for one in cells()]
        with_both = figures.svg(heat([*earlier, *cells()]), "h")
        assert with_both == figures.svg(heat(), "h")


NPS = {"metric": "nps", "of": "outcome:recommend"}
HALVES = [f"{year}H{half}" for year in range(2020, 2027) for half in (1, 2)]


def waves(count: int) -> list[str]:
    """The last waves up to the first half of 2026."""
    end = HALVES.index("2026H1") + 1
    return HALVES[end - count : end]


def headline(values: Sequence[float], *, half: float = 5, **fields: Any) -> list[Estimate]:
    """The NPS of some waves."""
    return [
        Estimate(
            "nps",
            "outcome:recommend",
            value,
            value - half,
            value + half,
            **{"n": 900 + 7 * k, "n_eff": 800.0, "unit": "points", "wave": wave, **fields},
        )
        for k, (wave, value) in enumerate(zip(waves(len(values)), values, strict=True))
    ]


def levels(count: int) -> list[Estimate]:
    """The scores of five levels in some waves, each rising by one point a wave."""
    return [
        score(f"level:{level}", value - 8 + k, wave=wave, n=500)
        for level, value in zip(LEVELS, TOTALS, strict=True)
        for k, wave in enumerate(waves(count))
    ]


def change(of: str, value: float, half: float = 2, **fields: Any) -> Comparison:
    """The last wave against the one before."""
    metric, unit = ("nps", "points") if of.startswith("outcome") else ("score_100", "score_100")
    one = difference(of, "wave=2026H1", "wave=2025H2", value, half, unit=unit, **fields)
    return dataclasses.replace(one, metric=metric)


def changes() -> list[Comparison]:
    """A clear fall of the headline, one clear rise and no evidence among the levels."""
    of_levels = (3.1, 0.4, -3.3, 0.2, -0.1)
    return [
        change("outcome:recommend", -11, 6),
        *(change(f"level:{key}", value) for key, value in zip(LEVELS, of_levels, strict=True)),
    ]


EVENTS = [
    {"wave_after": "2026H1", "date": "2026-01-12", "label": {"id": "Gudang baru", "en": "New hub"}},
    {"wave_after": "2026H1", "date": "2025-12-02", "label": {"id": "WhatsApp", "en": "WhatsApp"}},
    {"wave_after": "2025H2", "date": "2025-06-02", "label_key": "changed:mode"},
    {"wave_after": None, "date": "2026-06-20", "label": {"id": "Aplikasi baru", "en": "New app"}},
]


def line(
    values: Sequence[float] = (39, 42, 28),
    comparisons: Sequence[Comparison] = (),
    *,
    words: Words = Id,
    **options: Any,
) -> Drawing:
    """A trend of the NPS."""
    return figures.trend(headline(values), comparisons, words=words, **options)


def height_of(drawing: Drawing, value: float) -> float:
    """Where a value stands by the two outermost grid lines."""
    lines = {float(one.name[5:]): one.top for one in named(drawing, "grid.")}
    low, high = min(lines), max(lines)
    return lines[low] + (lines[high] - lines[low]) * (value - low) / (high - low)


def middle(one: Any) -> float:
    """The vertical middle of a thing."""
    return float(one.top + one.bottom) / 2


DOT = "dot.nps.outcome:recommend"


class TestTrend:
    """Waves from left to right, the first measure large, others small below."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_points_stand_on_their_scale(self, narrow: bool) -> None:
        """Each number and the ends of its range stand where the axis says."""
        values = (39, 42, 28)
        drawing = line(values, narrow=narrow)
        for wave, value in zip(waves(3), values, strict=True):
            assert middle(drawing.find(f"{DOT}.{wave}")) == pytest.approx(height_of(drawing, value))
            span = drawing.find(f"range.nps.outcome:recommend.{wave}")
            assert span.bottom == pytest.approx(height_of(drawing, value - 5))
            assert span.top == pytest.approx(height_of(drawing, value + 5))

    @pytest.mark.parametrize("count", [2, 5, 12])
    @pytest.mark.parametrize("narrow", [False, True])
    def test_waves_stand_at_equal_distances(self, narrow: bool, count: int) -> None:
        """Their order is all that places them, in the headline and in the small lines."""
        records = [*headline([30] * count), *levels(count)]
        drawing = figures.trend(records, words=Id, narrow=narrow)
        at = [drawing.find(f"{DOT}.{wave}").middle for wave in waves(count)]
        assert at == sorted(at)
        steps = [after - before for before, after in itertools.pairwise(at)]
        assert steps == pytest.approx([steps[0]] * (count - 1))
        for key in LEVELS:
            ends = drawing.find(f"dot.score_100.level:{key}.2026H1")
            assert ends.middle == pytest.approx(at[-1])

    @given(
        st.lists(st.floats(-95, 95), min_size=1, max_size=6),
        st.floats(0.5, 5),
        st.floats(-100, 100),
    )
    @settings(max_examples=60, deadline=None)
    def test_axis_holds_everything_and_makes_much_of_nothing(
        self, values: list[float], half: float, target: float
    ) -> None:
        """All marks lie on the axis; it shows at least a fifth of the scale, and tells its part."""
        records = headline(values, half=half)
        drawing = figures.trend(records, words=En, targets={"nps": target})
        ticks = sorted(float(one.name[5:]) for one in named(drawing, "grid."))
        assert ticks[0] >= -100
        assert ticks[-1] <= 100
        assert ticks[-1] - ticks[0] >= 40
        grid = [one.top for one in named(drawing, "grid.")]
        marks = [*named(drawing, "range."), *named(drawing, "target.")]
        assert all(min(grid) - 0.01 <= one.top <= one.bottom <= max(grid) + 0.01 for one in marks)
        is_cut = (ticks[0], ticks[-1]) != (-100, 100)
        caption = " ".join(drawn_words(drawing)[:2])
        assert (" only " in caption) == is_cut
        assert bool(named(drawing, "break")) == (ticks[0] > -100)

    @pytest.mark.parametrize(
        ("unit", "metric", "values", "said"),
        [
            ("share", "csat", (0.62, 0.66), "hanya 50% sampai 75% dari skala 0% sampai 100%"),
            ("score_100", "score_100", (10, 90), "skala 0 sampai 100"),
            ("points", "nps", (20, 25), "hanya 0 sampai 50 dari skala −100 sampai 100"),
        ],
    )
    def test_caption_tells_the_part_of_the_scale(
        self, unit: str, metric: str, values: tuple[float, float], said: str
    ) -> None:
        """In the unit of the measure, as the language writes it."""
        half = 0.02 if unit == "share" else 2
        records = [
            Estimate(metric, "outcome:o", v, v - half, v + half, n=500, unit=unit, wave=wave)
            for v, wave in zip(values, waves(2), strict=True)
        ]
        drawing = figures.trend(records, words=Id)
        assert said in drawing.find(f"caption.{unit}").text

    def test_a_mean_keeps_to_the_ends_of_its_scale(self) -> None:
        """`ends` of a measure are the scale of its axis; without them no scale is named."""
        records = [
            Estimate("mean", "outcome:ces", v, v - 0.1, v + 0.1, n=500, unit="scale", wave=wave)
            for v, wave in zip((6.2, 6.6), waves(2), strict=True)
        ]
        measure = {"metric": "mean", "of": "outcome:ces"}
        known = figures.trend(records, words=Id, measures=[{**measure, "ends": [1, 7]}])
        assert "dari skala 1 sampai 7" in known.find("caption.scale").text
        ticks = [float(one.name[5:]) for one in named(known, "grid.")]
        assert max(ticks) - min(ticks) >= 1
        assert max(ticks) <= 7
        unknown = figures.trend(records, words=Id, measures=[measure])
        assert "skala" not in unknown.find("caption.scale").text

    def test_the_last_step_alone_takes_the_verdict(self) -> None:
        """A clear fall colours the last step and its number; the steps before stay slate."""
        drawing = line((39, 42, 28), [change("outcome:recommend", -14, 6)])
        line_before, last = named(drawing, "line.") + named(drawing, "last.")
        assert (line_before.role, last.role) == ("data", "bad")
        assert line_before.right == pytest.approx(last.left)
        assert last.left == pytest.approx(drawing.find(f"{DOT}.{waves(3)[1]}").middle)
        dots = [drawing.find(f"{DOT}.{wave}").role for wave in waves(3)]
        assert dots == ["data", "data", "bad"]
        told = drawing.find("change.nps.outcome:recommend")
        assert (told.text, told.role) == ("\u25bc \u221214", "bad-ink")
        assert Id.ui("fig_colours") in drawn_words(drawing)
        unsure = line((39, 42, 28), [change("outcome:recommend", -14, 20)])
        assert {"good", "bad", "good-ink", "bad-ink"}.isdisjoint({o.role for o in unsure.drawn})
        assert unsure.find("change.nps.outcome:recommend").text == "\u00b7 \u221214"
        assert Id.ui("fig_colours") not in drawn_words(unsure)

    def test_change_may_be_given_the_other_way_round(self) -> None:
        """Earlier minus now is the same change; the wave before is preferred to older ones."""
        older = dataclasses.replace(change("outcome:recommend", 3, 1), b="wave=2025H1")
        given = [older, -change("outcome:recommend", -14, 6)]
        drawing = line((39, 42, 28), given)
        assert drawing.find("change.nps.outcome:recommend").text == "\u25bc \u221214"

    @pytest.mark.parametrize("narrow", [False, True])
    def test_line_breaks_where_waves_are_not_compared(self, narrow: bool) -> None:
        """No step, no band and no change across a break; a sign stands there, and in the key."""
        drawing = line(
            (30, 35, 39, 28),
            [change("outcome:recommend", -11, 6)],
            words=En,
            narrow=narrow,
            breaks={"outcome:recommend": ["2026H1"]},
        )
        (joined,) = named(drawing, "line.")
        at = [drawing.find(f"{DOT}.{wave}").middle for wave in waves(4)]
        assert (joined.left, joined.right) == (pytest.approx(at[0]), pytest.approx(at[2]))
        assert not named(drawing, "last.")
        band = drawing.find(f"band.nps.outcome:recommend.{waves(4)[0]}")
        assert band.right == pytest.approx(at[2])
        sign = drawing.find("break.nps.outcome:recommend.2026H1")
        before, after = (drawing.find(f"{DOT}.{wave}") for wave in waves(4)[2:])
        assert before.right < sign.left < sign.right < after.left
        assert drawing.find("change.nps.outcome:recommend").text == "not comparable"
        assert {"good", "bad"}.isdisjoint({one.role for one in drawing.drawn})
        key = " ".join(one.text for one in drawing.drawn if one.kind == "words")
        assert "//" in key
        assert "//" not in " ".join(drawn_words(line()))

    @pytest.mark.parametrize("narrow", [False, True])
    def test_hidden_wave_has_no_number(self, narrow: bool) -> None:
        """Hatched, `**` and its base; no line runs through it."""
        records = headline((31, 47, 33, 35))
        records[1] = hidden(records[1])
        drawing = figures.trend(records, words=Id, narrow=narrow)
        key = f"nps.outcome:recommend.{waves(4)[1]}"
        assert drawing.find(f"none.{key}").role == "wash"
        assert drawing.find(f"value.{key}").text == "**"
        assert drawing.find(f"n.{waves(4)[1]}").text == "24"
        assert not named(drawing, f"dot.{key}")
        (joined,) = named(drawing, "line.")
        assert joined.left == pytest.approx(drawing.find(f"{DOT}.{waves(4)[2]}").middle)
        assert "47" not in drawn_words(drawing)
        said = figures.alt("trend", records, words=Id)
        assert "47" not in said
        assert f"Tidak ditampilkan: {Id.wave(waves(4)[1])}." in said

    def test_hidden_last_wave_has_no_number_and_no_change(self) -> None:
        """The place of the large number holds `**` and the base."""
        records = headline((31, 47))
        records[1] = hidden(records[1])
        blank = change("outcome:recommend", NAN, verdict="hidden", flags=("hidden_base",), n_a=24)
        for narrow in (False, True):
            drawing = figures.trend(records, [blank], words=Id, narrow=narrow)
            assert drawing.find("now").text == "**"
            assert drawing.find("change.nps.outcome:recommend").text == "**"
            assert "n\u00a0=\u00a024" in drawn_words(drawing)
            assert "47" not in drawn_words(drawing)

    def test_wave_without_record_is_not_measured(self) -> None:
        """Hatched with words where they fit, else with a dash that the key explains."""
        records = [one for one in headline((31, 47, 33)) if one.wave != "2025H2"]
        drawing = figures.trend(records, words=En, waves=waves(3))
        assert drawing.find("reason.nps.outcome:recommend.2025H2").text == "not measured"
        assert not named(drawing, "line.")
        many = [one for one in headline([30] * 12) if one.wave != "2023H1"]
        drawing = figures.trend(many, words=En, waves=waves(12), narrow=True)
        assert drawing.find("value.nps.outcome:recommend.2023H1").text == "\u2013"
        assert "\u2013 not measured" in drawn_words(drawing)

    @pytest.mark.parametrize("count", [2, 3, 6])
    @pytest.mark.parametrize("narrow", [False, True])
    def test_every_wave_has_number_name_and_base(self, narrow: bool, count: int) -> None:
        """As long as there is room: the number at its point, name and base under it."""
        values = [30 + (-1) ** k * k for k in range(count)]
        drawing = line(values, words=En, narrow=narrow)
        shown = [*values] if narrow else values[:-1]
        for k, value in enumerate(shown):
            wave = waves(count)[k]
            label = drawing.find(f"value.nps.outcome:recommend.{wave}")
            assert label.text == str(value)
            assert label.middle == pytest.approx(drawing.find(f"{DOT}.{wave}").middle)
        assert drawing.find("now").text == str(values[-1])
        for k, wave in enumerate(waves(count)):
            assert drawing.find(f"n.{wave}").text == str(900 + 7 * k)
            assert named(drawing, f"wave.{wave}")

    def test_twelve_waves_on_a_phone_name_the_first_and_the_last(self) -> None:
        """Where names do not fit they are thinned; the range of the bases says the rest."""
        drawing = line([30 + k for k in range(12)], words=Id, narrow=True)
        names = [one.name[5:] for one in named(drawing, "wave.")]
        assert 3 <= len(names) < 12
        assert (names[0], names[-1]) == (waves(12)[0], waves(12)[-1])
        assert drawing.find("n.range").text.replace("\u00a0", " ") == "n = 900 sampai 977"
        assert len(named(drawing, "at.")) == 12
        assert drawing.find(f"value.nps.outcome:recommend.{waves(12)[0]}").text == "30"
        assert drawing.find("value.nps.outcome:recommend.2026H1").text == "41"

    @pytest.mark.parametrize("narrow", [False, True])
    def test_target_is_a_line_at_its_value(self, narrow: bool) -> None:
        """Across the plot, with its value in words."""
        drawing = line((39, 42, 28), narrow=narrow, targets={"nps": 40})
        target = drawing.find("target.nps.outcome:recommend")
        assert target.top == pytest.approx(height_of(drawing, 40))
        assert drawing.find("words.target.nps.outcome:recommend").text == "target 40"

    @pytest.mark.parametrize("narrow", [False, True])
    def test_events_stand_between_their_waves_by_date(self, narrow: bool) -> None:
        """A dated line each, between the waves it lies between, earlier ones first."""
        drawing = line((39, 42, 28), words=En, narrow=narrow, events=EVENTS)
        at = [drawing.find(f"{DOT}.{wave}").middle for wave in waves(3)]
        x = [drawing.find(f"event.{k}").left for k in range(4)]
        assert at[0] < x[0] < at[1] < x[1] < x[2] < at[2] < x[3]
        told = " ".join(drawn_words(drawing))
        for text in ("2 June 2025: The way", "2 December 2025: WhatsApp", "12 January 2026: New"):
            assert text in told
        bottom = max(one.top for one in named(drawing, "grid."))
        assert all(drawing.find(f"event.{k}").bottom == pytest.approx(bottom) for k in range(4))

    def test_published_figure_is_drawn_where_it_prints_otherwise(self) -> None:
        """A hollow circle at the number of an earlier report, only where today's differs."""
        given = {waves(3)[0]: 39.4, waves(3)[1]: 45.0}
        drawing = line((39, 42, 28), published=given)
        assert [one.name for one in named(drawing, "published.") if one.kind == "ring"] == [
            f"published.{waves(3)[1]}"
        ]
        ring = drawing.find(f"published.{waves(3)[1]}")
        assert middle(ring) == pytest.approx(height_of(drawing, 45))
        assert drawing.find(f"published.words.{waves(3)[1]}").text == "45"
        assert Id.ui("fig_published") in drawn_words(drawing)
        records = headline((39, 42, 28))
        records[1] = hidden(records[1])
        blank = figures.trend(records, words=Id, published=given)
        assert not named(blank, "published.")

    @pytest.mark.parametrize("narrow", [False, True])
    def test_small_lines_share_one_axis(self, narrow: bool) -> None:
        """The same score stands equally high in each row, under one caption."""
        records = [*headline((39, 42, 28)), *levels(3)]
        drawing = figures.trend(records, changes(), words=Id, narrow=narrow)
        assert len(named(drawing, "caption.score_100")) == 1
        by_value = []
        for level, value in zip(LEVELS, TOTALS, strict=True):
            y = middle(drawing.find(f"dot.score_100.level:{level}.2026H1"))
            rule = drawing.find(f"rule.score_100.level:{level}").top
            by_value.append((value, y - rule))
        (a, ya), (b, yb) = by_value[0], by_value[-1]
        for value, y in by_value:
            assert y == pytest.approx(ya + (yb - ya) * (value - a) / (b - a))
        tones = [drawing.find(f"dot.score_100.level:{k}.2026H1").role for k in LEVELS]
        assert tones == ["good", "data", "bad", "data", "data"]
        assert drawing.find("now.score_100.level:fulfilment").text == "77,5"
        assert drawing.find("change.score_100.level:fulfilment").text == "\u25b2 +3,1"

    def test_measures_of_another_unit_have_an_axis_of_their_own(self) -> None:
        """Shares and scores below the headline do not share a scale."""
        csat = [
            share("csat", "outcome:csat", 0.6 + 0.02 * k, wave=w) for k, w in enumerate(waves(3))
        ]
        drawing = figures.trend([*headline((39, 42, 28)), *csat, *levels(3)], words=Id)
        assert [one.name for one in named(drawing, "caption.")] == [
            "caption.points",
            "caption.share",
            "caption.score_100",
        ]

    def test_a_measure_is_captioned_with_its_definition(self) -> None:
        """Where a study names the outcome itself, its measure and definition stand beside."""
        csat = [share("csat", "outcome:sat", 0.6, wave=wave) for wave in waves(2)]
        measures = [{"metric": "csat", "of": "outcome:sat", "definition": "top_2_box"}]
        own = Words("en", {"labels": {"outcome:sat": {"en": "Visit as a whole"}}})
        said = {
            words: figures.trend(csat, words=words, measures=measures).find("caption.share").text
            for words in (En, own)
        }
        assert said[En].startswith("Customer satisfaction (CSAT), top two answers: only")
        assert said[own].startswith("Visit as a whole, CSAT, top two answers: only")

    def test_measures_are_drawn_in_the_order_given(self) -> None:
        """The first is the headline; one without records is drawn as not measured."""
        measures = [{"metric": "score_100", "of": "level:trust"}, NPS, {"metric": "ces", "of": "x"}]
        drawing = figures.trend([*headline((39, 42)), *levels(2)], words=En, measures=measures)
        assert drawing.find("caption.score_100").top < drawing.find("caption.points").top
        assert not named(drawing, "dot.score_100.level:fulfilment")
        assert len(named(drawing, "none.ces.x.")) == 2

    def test_records_of_groups_are_left_out(self) -> None:
        """A trend is of everybody; records by a segment change nothing."""
        by_region = [
            dataclasses.replace(one, by={"region": "west"}, estimate=90.0)
            for one in headline((1, 2, 3))
        ]
        with_groups = figures.trend([*by_region, *headline((39, 42, 28))], words=Id)
        assert figures.svg(with_groups, "t") == figures.svg(line(), "t")

    @pytest.mark.parametrize("narrow", [False, True])
    def test_one_wave_is_a_point(self, narrow: bool) -> None:
        """One wave has no line and no change, but its number and range."""
        drawing = line((39,), narrow=narrow)
        assert not named(drawing, "line.")
        assert drawing.find("now").text == "39"
        assert len(named(drawing, "range.")) == 1


def tokens(dark: bool) -> dict[str, str]:
    """The colours of the page by role."""
    theme = read_theme()
    return dict(theme.dark if dark else theme.light)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours after WCAG."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
        channels = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def everything(words: Words, *, narrow: bool) -> dict[str, Drawing]:
    """Both figures in the states that a study can bring them into."""
    given: dict[str, Any] = {"words": words, "narrow": narrow}
    blank = put(cells(), "trust", "decide", hidden)
    for level in LEVELS:
        blank = put(blank, level, "aware", nobody)
    gaps = [*headline((31, 47, 33, -12, 35)), *levels(5)]
    gaps = [hidden(one) if one.wave == waves(5)[1] else one for one in gaps]
    twelve = [(-1) ** k * 7 * (k % 3) + 2 * k for k in range(12)]
    full: dict[str, Any] = {
        "events": EVENTS,
        "targets": {"nps": 40, "score_100": 75},
        "published": {"2025H1": 45, "2025H2": 12},
    }
    broken = {"outcome:recommend": ["2025H2"], "level:trust": ["2026H1"]}
    three = [*headline((39, 42, 28)), *levels(3)]
    return {
        "heat": heat(**given),
        "heat_lowest": heat(lowest={"advocate": "responsive_service"}, **given),
        "heat_blank": heat([one for one in blank if one.of != "level:trust"], **given),
        "heat_hidden": heat(blank, **given),
        "trend": figures.trend(three, changes(), **full, **given),
        "trend_plain": figures.trend(headline((39, 42)), **given),
        "trend_one": figures.trend([*headline((39,)), *levels(1)], **full, **given),
        "trend_gaps": figures.trend(gaps, changes(), breaks=broken, **full, **given),
        "trend_twelve": figures.trend([*headline(twelve), *levels(12)], changes(), **full, **given),
    }


@pytest.mark.parametrize("words", [NamedId, NamedEn], ids=["id", "en"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_words_never_stand_on_words(words: Words, narrow: bool) -> None:
    """In both languages and widths no words overlap or pass the edge."""
    for name, drawing in everything(words, narrow=narrow).items():
        assert not overlaps(drawing), name
        assert not outside(drawing), name
        assert drawing.width == (NARROW if narrow else WIDE)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    "label", [LONG[:40], LONG, "panjang" * 30, "W" * 200], ids=["forty", "prose", "word", "wide"]
)
def test_long_labels_wrap(label: str, narrow: bool) -> None:
    """Long names of levels, stages, waves and measures break into lines; nothing overlaps."""
    keys = [f"level:{key}" for key in LEVELS] + [f"wave:{wave}" for wave in waves(12)]
    keys += [f"group:{BY}={key}" for key in STAGES] + ["outcome:recommend", f"segment:{BY}"]
    labels = {key: {"id": label} for key in [*keys, *(f"short:{key}" for key in keys)]}
    words = Words("id", {"labels": labels})
    for name, drawing in everything(words, narrow=narrow).items():
        assert not overlaps(drawing), name
        assert not outside(drawing), name
        if len(label) > 100:
            assert any(text.endswith(ELLIPSIS) for text in drawn_words(drawing)), name


@given(
    st.lists(st.floats(-90, 90), min_size=2, max_size=12),
    st.booleans(),
    st.floats(1, 9),
)
@settings(max_examples=25, deadline=None)
def test_numbers_never_stand_on_each_other(values: list[float], narrow: bool, half: float) -> None:
    """However the line runs, its numbers, its target and its waves keep apart."""
    drawing = figures.trend(
        headline(values, half=half),
        words=Id,
        narrow=narrow,
        targets={"nps": values[0]},
        published={waves(len(values))[0]: values[1]},
    )
    assert not overlaps(drawing)
    assert not outside(drawing)


@pytest.mark.parametrize("narrow", [False, True])
def test_drawings_are_fit_for_a_page(narrow: bool) -> None:
    """Words as words in the sizes of the page, colours as roles, no reference and no font."""
    for name, drawing in everything(NamedId, narrow=narrow).items():
        text = figures.svg(drawing, name)
        root = ElementTree.fromstring(text)
        assert {one.tag for one in root.iter()} <= {"svg", "path", "text", "tspan"}
        assert {one.text for one in root.iter() if one.tag in ("text", "tspan")} == set(
            drawn_words(drawing)
        )
        assert set(re.findall(r"font-size:([^;\"]+)", text)) <= {"12px", "13px", "20px"}
        for role, colour in re.findall(r"var\(--([a-z0-9-]+),(#[0-9a-f]{6})\)", text):
            assert ROLES[role] == colour
        assert "#" not in re.sub(r"var\([^)]*\)", "", text)
        assert " id=" not in text or f' id="{name}-' in text
        assert len(text) < 30_000, (name, len(text))


def test_two_processes_give_the_same_bytes() -> None:
    """Another hash seed changes nothing."""
    code = (
        "import hashlib, test_figures_waves as t\n"
        "for name, one in t.everything(t.Id, narrow=True).items():\n"
        "    print(name, hashlib.sha256(t.figures.svg(one, name).encode()).hexdigest())\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 9


class TestAlt:
    """The sentences that stand for the drawings."""

    @pytest.mark.parametrize("words", [Id, En], ids=["id", "en"])
    def test_every_state_has_a_sentence(self, words: Words) -> None:
        """In both languages, without a slot left open."""
        gaps = headline((31, 47, 33))
        gaps[1] = hidden(gaps[1])
        said = [
            figures.alt("heat_map", cells(), words=words, rows=LEVELS, columns=STAGES),
            figures.alt("heat_map", cells(), words=words, by="region"),
            figures.alt("trend", [*headline((39, 28)), *levels(2)], changes(), words=words),
            figures.alt("trend", headline((39,)), words=words),
            figures.alt("trend", gaps, words=words, breaks={"outcome:recommend": ["2026H1"]}),
        ]
        for sentence in said:
            assert len(sentence) > 40
            assert "{" not in sentence

    def test_heat_map_names_its_ends(self) -> None:
        """The highest and the lowest cell of the groups, not of the total."""
        records = [
            dataclasses.replace(one, estimate=99.0) if not one.by else one for one in cells()
        ]
        key, slots = figures.alt_slots("heat_map", records, words=Id, rows=LEVELS, columns=STAGES)
        assert key == "heat_map"
        assert (slots["max_cell"], slots["max"]) == ("Pemenuhan janji, Menilai", "87,4")
        assert (slots["min_cell"], slots["min"]) == ("Ikatan emosional, Memutuskan", "57,0")
        assert (slots["rows"], slots["cols"], slots["hidden"]) == ("5", 5, 0)

    def test_trend_runs_from_the_first_to_the_last_number(self) -> None:
        """A hidden wave is passed over; the bases are those of the numbers told."""
        records = headline((31, 47, 33, 35))
        records[0] = hidden(records[0])
        key, slots = figures.alt_slots("trend", records, words=En)
        assert key == "trend"
        assert (slots["first"], slots["last"], slots["k"]) == ("47", "35", 3)
        assert slots["first_wave"] == En.wave(waves(4)[1])
        assert slots["n"] == "907 to 921"

    def test_trend_counts_what_rose_and_fell(self) -> None:
        """Clear changes of the small lines by direction, and where the line is broken."""
        records = [*headline((39, 42, 28)), *levels(3)]
        broken = {"outcome:recommend": ["2026H1"], "level:fulfilment": ["2026H1"]}
        said = figures.alt("trend", records, changes(), words=En)
        assert "clearly risen since the second half of 2025 1, clearly fallen 1." in said
        said = figures.alt("trend", records, changes(), words=En, breaks=broken)
        assert "clearly risen since the second half of 2025 0, clearly fallen 1." in said
        assert "broken before the first half of 2026" in said

    def test_nothing_to_tell(self) -> None:
        """When every number is hidden the sentence says so."""
        for kind, records in (("heat_map", cells()), ("trend", headline((39, 42)))):
            said = figures.alt(kind, [hidden(one) for one in records], words=Id)
            assert said == Id.alt("nothing", {})
