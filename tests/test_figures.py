"""Figures: what is drawn stands where the records say, and the SVG is fit for a page."""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from cxkit.records import Comparison, Comparisons, Estimate, Estimates
from cxkit.report import figures
from cxkit.report.figures.drawing import INKS, NARROW, ROLES, WIDE, Drawing
from cxkit.report.figures.lettering import ELLIPSIS, text_width, wrap
from cxkit.wording import Words

NAN = math.nan
LEVELS = ("fulfilment", "trust", "responsive_service", "online_experience", "emotional_connection")
STAGES = ("aware", "consider", "decide", "evaluate", "advocate")
NOW, BEFORE = "2026H1", "2025H2"
LONG = (
    "Kualitas pelayanan purnajual yang benar-benar memperhatikan kebutuhan $x_1$ & "
    "<script>alert(1)</script> seluruh pelanggan di mana pun mereka berada, sejak pertama "
    "datang sampai pulang ke rumah masing-masing dengan tenang"
)

Id, En = Words("id", {}), Words("en", {})


def score(of: str, value: float, **fields: Any) -> Estimate:
    """A score with an interval of three points."""
    given = {"n": 1204, "n_eff": 1041.0, "unit": "score_100", "wave": NOW, **fields}
    return Estimate("score_100", of, value, value - 1.5, value + 1.5, **given)


def share(metric: str, of: str, value: float, **fields: Any) -> Estimate:
    """A share with an interval of six points of a hundred."""
    given = {"n": 1204, "n_eff": 1041.0, "unit": "share", "wave": NOW, **fields}
    return Estimate(metric, of, value, max(value - 0.03, 0), min(value + 0.03, 1), **given)


def hidden(one: Estimate) -> Estimate:
    """The record as it is published on a small base."""
    blank = {"estimate": NAN, "ci_low": NAN, "ci_high": NAN}
    return dataclasses.replace(one, flags=("hidden_base",), n=24, **blank)


def difference(of: str, a: str, b: str, value: float, half: float = 2, **fields: Any) -> Comparison:
    """A difference; clear when its interval leaves out zero."""
    given = {"n_a": 64, "n_b": 361, "unit": "score_100", **fields}
    given.setdefault("verdict", "clear" if abs(value) > half else "no_evidence")
    return Comparison("score_100", of, a, b, value, value - half, value + half, **given)


SCORES = dict(zip(LEVELS, (83.5, 77.8, 66.6, 74.9, 62.5), strict=True))
EARLIER = dict(zip(LEVELS, (81.7, 77.4, 72.6, 70.8, 56.9), strict=True))


def two_waves() -> tuple[Estimates, Comparisons]:
    """Five levels now and before, with their changes."""
    records = [score(f"level:{key}", value) for key, value in SCORES.items()]
    records += [score(f"level:{key}", value, wave=BEFORE) for key, value in EARLIER.items()]
    changes = [
        difference(f"level:{key}", f"wave={NOW}", f"wave={BEFORE}", SCORES[key] - EARLIER[key])
        for key in LEVELS
    ]
    return Estimates(records, is_published=True), Comparisons(changes, is_published=True)


ITEMS = {
    "ful_1": (0.005, 0.015, 0.09, 0.31, 0.58),
    "ful_2": (0.02, 0.03, 0.14, 0.36, 0.45),
    "emo_1": (0.08, 0.10, 0.26, 0.31, 0.25),
}
BANDS = [
    {"key": f"l{k}", "label": {"id": f"jawaban {k}", "en": f"answer {k}"}} for k in range(1, 6)
]
ORDER = [
    {"level": "fulfilment", "items": ["ful_1", "ful_2"]},
    {"level": "emotional_connection", "items": ["emo_1"]},
]


def answers(drop: Sequence[str] = ()) -> list[Estimate]:
    """Shares of the five answers to three items, with their totals."""
    records = []
    for key, shares in ITEMS.items():
        of = f"item:{key}"
        records += [
            share("share", of, value, by={"answer": f"l{k}"})
            for k, value in enumerate(shares, 1)
            if f"l{k}" not in drop
        ]
        records.append(share("top_box_half", of, shares[3] + shares[4]))
        records.append(share("bottom_box_half", of, shares[0] + shares[1]))
    return records


REACH = dict(zip(STAGES, (1.0, 0.94, 0.57, 0.54, 0.44), strict=True))
ONWARD = dict(zip(STAGES, (0.94, 0.60, 0.96, 0.81), strict=False))
RATINGS = dict(zip(STAGES[1:], (74.6, 74.5, 70.9, 65.0), strict=True))


def path(*, reach: bool = True, ratings: bool = True) -> list[Estimate]:
    """A journey on a market sample, its first stage not rated."""
    records: list[Estimate] = []
    if reach:
        records += [share("reach", f"stage:{key}", value) for key, value in REACH.items()]
        records += [
            share("conversion", f"stage:{key}", value, n=round(1204 * REACH[key]))
            for key, value in ONWARD.items()
        ]
    if ratings:
        missing = {"n": 0, "flags": ("not_measured",)}
        records.append(score("stage:aware", NAN, **missing))
        records += [score(f"stage:{key}", value, n=600) for key, value in RATINGS.items()]
    return records


REGIONS = ("west", "east", "north", "south")


def regions(count: int = 4) -> Comparisons:
    """Differences of groups to one group."""
    values = itertools.cycle((-5.7, -16.2, 3.1, 9.4))
    return Comparisons(
        (
            difference("level:trust", f"region=r{k:02}", "region=base", value, 6)
            for k, value in zip(range(count), values, strict=False)
        ),
        is_published=True,
    )


def drawn_words(drawing: Drawing) -> list[str]:
    """All that is written in a drawing."""
    return [one.text for one in drawing.drawn if one.kind == "words"]


def everything(words: Words, *, narrow: bool) -> dict[str, Drawing]:
    """Each figure once."""
    given = {"words": words, "narrow": narrow}
    return {
        "pyramid": figures.pyramid(*two_waves(), order=LEVELS, **given),
        "list": figures.pyramid(two_waves()[0], shape="list", **given),
        "likert": figures.likert(answers(), bands=BANDS, order=ORDER, **given),
        "likert_scale": figures.likert(
            answers(drop=["l3"]),
            bands=[band for band in BANDS if band["key"] != "l3"],
            agreement=False,
            **given,
        ),
        "journey": figures.journey(path(), order=STAGES, leak="consider", **given),
        "ratings": figures.journey(path(reach=False), common=True, **given),
        "reach": figures.journey(path(ratings=False), **given),
        "forest": figures.forest((), regions(), **given),
    }


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of words that stand on each other."""
    written = [one for one in drawing.drawn if one.kind == "words"]
    return [
        (one.text, other.text)
        for one, other in itertools.combinations(written, 2)
        if min(one.right, other.right) - max(one.left, other.left) > 0.5
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 0.5
    ]


def outside(drawing: Drawing) -> list[str]:
    """Words that pass the edge of the paper."""
    return [
        one.text
        for one in drawing.drawn
        if one.kind == "words"
        and (
            one.left < -1
            or one.right > drawing.width + 1
            or one.top < -1
            or one.bottom > drawing.height + 1
        )
    ]


class TestPyramid:
    """Order as a shape, scores on a straight scale."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_tick_stands_at_the_score(self, narrow: bool) -> None:
        """A score of v stands v per cent of the way from the 0 line to the 100 line."""
        drawing = figures.pyramid(*two_waves(), words=Id, narrow=narrow, order=LEVELS)
        zero, hundred = drawing.find("grid.0").middle, drawing.find("grid.100").middle
        for key, value in SCORES.items():
            expected = zero + (hundred - zero) * value / 100
            assert drawing.find(f"tick.{key}").middle == pytest.approx(expected)
            interval = drawing.find(f"range.{key}")
            assert interval.left == pytest.approx(zero + (hundred - zero) * (value - 1.5) / 100)
            assert interval.right == pytest.approx(zero + (hundred - zero) * (value + 1.5) / 100)
            stem = drawing.find(f"stem.{key}")
            assert (stem.left, stem.right) == (pytest.approx(zero), pytest.approx(expected))
            ring = drawing.find(f"before.{key}")
            assert ring.middle == pytest.approx(zero + (hundred - zero) * EARLIER[key] / 100)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_apex_stands_on_top(self, narrow: bool) -> None:
        """The last level of the order is drawn highest, the first lowest."""
        drawing = figures.pyramid(*two_waves(), words=Id, narrow=narrow, order=LEVELS)
        heights = [drawing.find(f"label.{key}").top for key in LEVELS]
        assert heights == sorted(heights, reverse=True)

    def test_shape_knows_nothing_of_scores(self) -> None:
        """Other scores leave the shape as it is: it shows order only, and says so."""
        high = figures.pyramid(*two_waves(), words=Id, order=LEVELS)
        low = figures.pyramid([score(f"level:{key}", 10) for key in LEVELS], words=Id, order=LEVELS)
        for rank in range(1, 6):
            assert high.find(f"slice.{rank}") == low.find(f"slice.{rank}")
        widths = [high.find(f"slice.{rank}").right for rank in range(1, 6)]
        assert widths == sorted(widths, reverse=True)
        assert Id.ui("fig_shape") in " ".join(drawn_words(high))

    def test_list_has_no_shape(self) -> None:
        """Levels that are not one above the other are drawn as a plain list."""
        drawing = figures.pyramid(two_waves()[0], words=Id, shape="list")
        assert not any(one.name.startswith("slice") for one in drawing.drawn)
        assert Id.ui("fig_shape") not in " ".join(drawn_words(drawing))

    def test_only_a_clear_verdict_is_coloured(self) -> None:
        """Blue or vermilion and an arrow where the verdict is clear; slate and a dot elsewhere."""
        drawing = figures.pyramid(*two_waves(), words=Id, order=LEVELS)
        tones = {key: drawing.find(f"tick.{key}").role for key in LEVELS}
        assert tones == {
            "fulfilment": "data",
            "trust": "data",
            "responsive_service": "bad",
            "online_experience": "good",
            "emotional_connection": "good",
        }
        assert drawing.find("change.responsive_service").text.startswith("\u25bc \u2212")
        assert drawing.find("change.online_experience").text.startswith("\u25b2 +")
        assert drawing.find("change.trust").text.startswith("\u00b7 +")
        assert drawing.find("change.responsive_service").role == "bad-ink"

    def test_change_may_be_given_the_other_way_round(self) -> None:
        """Earlier minus now is the same change."""
        estimates, changes = two_waves()
        drawing = figures.pyramid(estimates, [-one for one in changes], words=Id, order=LEVELS)
        assert drawing.find("change.online_experience").text == "\u25b2 +4,1"

    @pytest.mark.parametrize("narrow", [False, True])
    def test_hidden_level_has_no_number(self, narrow: bool) -> None:
        """A level on a small base is hatched, marked `**`, and keeps its base."""
        records = [hidden(one) if one.of == "level:trust" else one for one in two_waves()[0]]
        drawing = figures.pyramid(records, words=Id, narrow=narrow, order=LEVELS)
        assert drawing.find("none.trust").role == "wash"
        assert drawing.find("score.trust").text == "**"
        assert "n\u00a0=\u00a024" in drawn_words(drawing)
        assert not any(one.name == "tick.trust" for one in drawing.drawn)
        assert "77,8" not in " ".join(drawn_words(drawing))

    def test_low_base_is_starred(self) -> None:
        """A number on a low base stays as large and dark, with `*` beside it."""
        records = [score("level:trust", 70, flags=("low_base",)), score("level:fulfilment", 80)]
        drawing = figures.pyramid(records, words=Id)
        star, number = drawing.find("star.trust"), drawing.find("score.trust")
        assert star.text == "*"
        assert star.left >= number.right
        plain = drawing.find("score.fulfilment")
        assert number.right == plain.right
        assert number.role == plain.role

    def test_level_without_record_is_not_measured(self) -> None:
        """Not measured is hatching and words, never zero or blank."""
        drawing = figures.pyramid([score("level:trust", 70)], words=En, order=LEVELS[:2])
        assert drawing.find("reason.fulfilment").text == "not measured"
        assert not any(one.name == "stem.fulfilment" for one in drawing.drawn)

    def test_one_wave_needs_no_column_of_changes(self) -> None:
        """Without an earlier wave there is no circle, no arrow and no head for them."""
        drawing = figures.pyramid([score(f"level:{key}", 70) for key in LEVELS], words=En)
        assert not any(one.kind == "ring" for one in drawing.drawn)
        assert not any("Since" in text for text in drawn_words(drawing))


class TestLikert:
    """Two sides of one line, neutral apart."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_bars_have_one_unit_and_part_at_one_line(self, narrow: bool) -> None:
        """Each bar is as long as its share; weak answers touch the line, strong ones outside."""
        drawing = figures.likert(answers(), words=Id, narrow=narrow, bands=BANDS, order=ORDER)
        unit = (drawing.find("l4.ful_1").right - drawing.find("l4.ful_1").left) / 0.31
        for key, shares in ITEMS.items():
            for k, value in enumerate(shares, 1):
                bar = drawing.find(f"l{k}.{key}")
                assert bar.right - bar.left == pytest.approx(value * unit)
            line = drawing.find(f"l4.{key}").left
            assert line == pytest.approx(drawing.find("l4.ful_1").left)
            assert drawing.find(f"l2.{key}").right == pytest.approx(line)
            assert drawing.find(f"l1.{key}").right == pytest.approx(drawing.find(f"l2.{key}").left)
            assert drawing.find(f"l5.{key}").left == pytest.approx(drawing.find(f"l4.{key}").right)

    def test_neutral_stands_apart(self) -> None:
        """No neutral bar straddles the line: all begin at one line of their own."""
        drawing = figures.likert(answers(), words=Id, bands=BANDS, order=ORDER)
        starts = {drawing.find(f"l3.{key}").left for key in ITEMS}
        assert len(starts) == 1
        assert min(starts) > max(drawing.find(f"total.agree.{key}").right for key in ITEMS)

    def test_totals_are_those_of_the_records(self) -> None:
        """Totals are printed from their own records, not summed here."""
        records = [
            dataclasses.replace(one, estimate=0.9) if one.metric == "top_box_half" else one
            for one in answers()
        ]
        drawing = figures.likert(records, words=Id, bands=BANDS, order=ORDER)
        assert drawing.find("total.agree.emo_1").text == "90%"
        assert drawing.find("total.disagree.emo_1").text == "18%"

    def test_levels_stand_as_in_the_pyramid(self) -> None:
        """The last level of the order stands on top; items keep the questionnaire's order."""
        drawing = figures.likert(answers(), words=Id, bands=BANDS, order=ORDER)
        tops = [
            drawing.find(name).top
            for name in ("level.emotional_connection", "label.emo_1", "level.fulfilment")
        ]
        tops += [drawing.find("label.ful_1").top, drawing.find("label.ful_2").top]
        assert tops == sorted(tops)

    def test_scale_without_middle_has_no_neutral_column(self) -> None:
        """Bands without a neutral answer leave the width to the two sides."""
        bands = [band for band in BANDS if band["key"] != "l3"]
        drawing = figures.likert(answers(drop=["l3"]), words=En, bands=bands, agreement=False)
        assert not any(one.name.startswith("l3.") for one in drawing.drawn)
        assert "neutral" not in drawn_words(drawing)
        assert "\u2190 worse half" in drawn_words(drawing)

    def test_hidden_item_has_no_bar(self) -> None:
        """An item on a small base is hatched, `**`, with its base; one without records says so."""
        records = [hidden(one) if one.of == "item:emo_1" else one for one in answers()]
        order = [*ORDER, {"level": "trust", "items": ["tru_1"]}]
        drawing = figures.likert(records, words=En, bands=BANDS, order=order)
        assert drawing.find("hidden.emo_1").text == "**"
        assert drawing.find("base.emo_1").text == "n\u00a0=\u00a024"
        assert not any(re.fullmatch(r"l\d\.emo_1", one.name) for one in drawing.drawn)
        assert drawing.find("reason.tru_1").text == "not measured"


class TestJourney:
    """Reach from zero, conversion between, ratings on a cut axis."""

    def test_bars_start_at_zero(self) -> None:
        """The height of a bar is its reach; all stand on one line."""
        drawing = figures.journey(path(), words=Id, order=STAGES)
        bars = {key: drawing.find(f"reach.{key}") for key in STAGES}
        full = bars["aware"].bottom - bars["aware"].top
        for key, value in REACH.items():
            assert bars[key].bottom == drawing.find("zero").top
            assert bars[key].bottom - bars[key].top == pytest.approx(full * value)

    def test_lying_bars_start_at_zero(self) -> None:
        """On a phone the length of a bar is its reach."""
        drawing = figures.journey(path(), words=Id, order=STAGES, narrow=True)
        full = drawing.find("reach.aware").right
        for key, value in REACH.items():
            assert drawing.find(f"reach.{key}").left == 0
            assert drawing.find(f"reach.{key}").right == pytest.approx(full * value)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_leak_is_coloured_and_named_only_when_tested(self, narrow: bool) -> None:
        """The weakest conversion takes vermilion and words when it is given, else nothing does."""
        drawing = figures.journey(path(), words=Id, order=STAGES, leak="consider", narrow=narrow)
        assert drawing.find("leak.words").text.startswith("\u25bc " + Id.ui("fig_leak"))
        assert drawing.find("conversion.consider").role == "bad-ink"
        assert drawing.find("conversion.aware").role != "bad-ink"
        plain = figures.journey(path(), words=Id, order=STAGES, narrow=narrow)
        assert not {"bad", "bad-ink", "tint"} & {one.role for one in plain.drawn}

    def test_hidden_leak_is_not_named(self) -> None:
        """A conversion that may not be shown is not called the weakest."""
        records = [
            hidden(one) if (one.metric, one.of) == ("conversion", "stage:consider") else one
            for one in path()
        ]
        drawing = figures.journey(records, words=Id, order=STAGES, leak="consider")
        assert not {"bad", "bad-ink", "tint"} & {one.role for one in drawing.drawn}
        assert "60%" not in drawn_words(drawing)

    def test_ratings_stand_on_their_axis(self) -> None:
        """A rating stands between the grid lines of the values around it, in proportion."""
        drawing = figures.journey(path(), words=Id, order=STAGES)
        low, high = drawing.find("grid.60").top, drawing.find("grid.80").top
        for key, value in RATINGS.items():
            tick = drawing.find(f"tick.{key}")
            expected = low + (high - low) * (value - 60) / 20
            assert (tick.top + tick.bottom) / 2 == pytest.approx(expected)
            assert "n\u00a0=\u00a0600" in drawn_words(drawing)

    def test_cut_axis_says_that_it_is_cut(self) -> None:
        """The part of 0 to 100 that is shown stands in words, with a break sign."""
        drawing = figures.journey(path(), words=Id, order=STAGES)
        said = Id.ui("fig_rating_cut", low="60", high="80", ci="95%")
        assert said in drawn_words(drawing)
        assert drawing.find("break").kind == "line"

    def test_ratings_are_joined_on_a_common_base_only(self) -> None:
        """Ratings of different people are marks; a line joins them only on one base."""
        apart = figures.journey(path(), words=Id, order=STAGES)
        assert not any(one.name.startswith("joined") for one in apart.drawn)
        joined = figures.journey(path(reach=False), words=Id, order=STAGES, common=True)
        names = [one.name for one in joined.drawn if one.name.startswith("joined")]
        assert names == ["joined.consider", "joined.decide", "joined.evaluate"]

    def test_stage_without_rating_is_not_measured(self) -> None:
        """No rating is hatching and words, not a mark at the bottom."""
        for narrow in (False, True):
            drawing = figures.journey(path(), words=En, order=STAGES, narrow=narrow)
            assert drawing.find("reason.rating.aware").text == "not measured"
            assert not any(one.name == "tick.aware" for one in drawing.drawn)

    def test_customers_only_have_no_reach(self) -> None:
        """Without records of reach there is no bar and no word about it."""
        drawing = figures.journey(path(reach=False), words=En, order=STAGES)
        assert not any("reach" in one.name for one in drawing.drawn)
        assert not any("reached" in text for text in drawn_words(drawing))

    def test_hidden_reach_is_hatched(self) -> None:
        """A reach on a small base has no bar, but `**` and its base."""
        records = [
            hidden(one) if (one.metric, one.of) == ("reach", "stage:advocate") else one
            for one in path()
        ]
        drawing = figures.journey(records, words=En, order=STAGES)
        assert drawing.find("reach.advocate").text == "**"
        assert "44%" not in drawn_words(drawing)

    def test_many_stages_become_rows(self) -> None:
        """More stages than columns fit are drawn as rows, also on a wide page."""
        records = [share("reach", f"stage:s{k}", 1 - k / 10) for k in range(9)]
        drawing = figures.journey(records, words=Id)
        assert drawing.width == WIDE
        assert [drawing.find(f"reach.s{k}").left for k in range(9)] == [0] * 9


class TestForest:
    """Differences against a line at zero."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_difference_stands_on_its_scale(self, narrow: bool) -> None:
        """Zero, ticks, differences and intervals share one scale."""
        drawing = figures.forest((), regions(), words=Id, narrow=narrow)
        zero, ten = drawing.find("zero").left, drawing.find("grid.-10").left
        unit = (zero - ten) / 10
        for index, one in enumerate(regions()):
            assert drawing.find(f"tick.{index}").middle == pytest.approx(
                zero + unit * one.difference
            )
            assert drawing.find(f"range.{index}").left == pytest.approx(zero + unit * one.ci_low)
            assert drawing.find(f"range.{index}").right == pytest.approx(zero + unit * one.ci_high)

    def test_zero_is_always_there(self) -> None:
        """A scale of differences far from zero still shows zero."""
        far = [difference("level:trust", "region=a", "region=b", 40)]
        drawing = figures.forest((), far, words=Id)
        assert drawing.find("zero").left < drawing.find("range.0").left

    def test_verdict_decides_colour_and_sign(self) -> None:
        """Clear: blue up, vermilion down; where lower is better, the other way round."""
        drawing = figures.forest((), regions(), words=Id)
        assert [drawing.find(f"tick.{k}").role for k in range(4)] == ["data", "bad", "data", "good"]
        texts = [drawing.find(f"difference.{k}").text for k in range(4)]
        assert texts == ["\u00b7 \u22125,7", "\u25bc \u221216,2", "\u00b7 +3,1", "\u25b2 +9,4"]
        turned = figures.forest((), regions(), words=Id, better="lower")
        assert [turned.find(f"tick.{k}").role for k in range(4)] == ["data", "good", "data", "bad"]

    def test_both_bases_are_printed(self) -> None:
        """Each row says on how many each side rests."""
        drawing = figures.forest((), regions(), words=Id)
        assert drawn_words(drawing).count("n\u00a0=\u00a064\u00a0dan\u00a0361") == 4

    def test_what_rows_share_stands_above_them(self) -> None:
        """Rows are labelled by what differs between them."""
        drawing = figures.forest((), regions(), words=En)
        assert drawing.find("context").text == "Trust, against base"
        assert drawing.find("label.0").text == "r00"

    def test_measures_become_heads_when_groups_differ_too(self) -> None:
        """Several measures of several groups stand under a head each."""
        several = [
            difference(f"level:{key}", f"region={region}", f"region!={region}", 3)
            for key in LEVELS[:2]
            for region in REGIONS
        ]
        drawing = figures.forest((), several, words=En)
        heads = [one.text for one in drawing.drawn if one.name.startswith("group.")]
        assert heads == [En.short("level:fulfilment"), En.short("level:trust")]
        assert drawing.find("context").text == "against all others"

    def test_hidden_row_has_no_number(self) -> None:
        """A row with a small side is hatched and keeps both bases."""
        blank = difference(
            "level:trust",
            "region=far",
            "region=base",
            NAN,
            verdict="hidden",
            flags=("hidden_base",),
            n_a=15,
        )
        drawing = figures.forest((), [*regions(), blank], words=Id)
        assert drawing.find("difference.4").text == "**"
        assert drawing.find("none.4").role == "wash"
        assert "n\u00a0=\u00a015\u00a0dan\u00a0361" in drawn_words(drawing)

    @pytest.mark.parametrize("narrow", [False, True])
    def test_forty_rows_do_not_collide(self, narrow: bool) -> None:
        """The height grows with the rows."""
        drawing = figures.forest((), regions(40), words=Id, narrow=narrow)
        assert not overlaps(drawing)
        assert drawing.height > 8 * figures.forest((), regions(4), words=Id).height * 0.7


@pytest.mark.parametrize("words", [Id, En], ids=["id", "en"])
@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_words_never_stand_on_words(words: Words, narrow: bool) -> None:
    """In both languages and widths no words overlap or pass the edge."""
    for name, drawing in everything(words, narrow=narrow).items():
        assert not overlaps(drawing), name
        assert not outside(drawing), name
        assert drawing.width == (NARROW if narrow else WIDE)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("label", [LONG, "panjang" * 30, "W" * 200], ids=["prose", "word", "wide"])
def test_long_labels_wrap(label: str, narrow: bool) -> None:
    """Two hundred characters break into lines and end in an ellipsis; nothing overlaps."""
    keys = [*(f"level:{key}" for key in LEVELS), *(f"stage:{key}" for key in STAGES)]
    keys += [f"item:{key}" for key in ITEMS] + [f"group:region=r{k:02}" for k in range(4)]
    labels = {key: {"id": label} for key in [*keys, *(f"short:{key}" for key in keys)]}
    words = Words("id", {"labels": labels})
    for name, drawing in everything(words, narrow=narrow).items():
        assert not overlaps(drawing), name
        assert not outside(drawing), name
        assert any(text.endswith(ELLIPSIS) for text in drawn_words(drawing)), name


def test_nothing_to_draw_is_not_an_error() -> None:
    """Figures of no records are drawn: empty, not broken."""
    for narrow in (False, True):
        for name in figures.OPTIONS:
            drawing = getattr(figures, name)((), (), words=Id, narrow=narrow)
            assert figures.svg(drawing, name).startswith("<svg")


class TestSvg:
    """The drawing as part of a page."""

    @pytest.mark.parametrize("narrow", [False, True])
    def test_is_fit_for_a_page(self, narrow: bool) -> None:
        """Only a viewBox, words as words, no font, no style sheet, no reference, no address."""
        for name, drawing in everything(Id, narrow=narrow).items():
            text = figures.svg(drawing, name)
            root = ElementTree.fromstring(text)
            assert root.attrib["viewBox"] == f"0 0 {drawing.width} {drawing.height:g}"
            assert not {"width", "height"} & set(root.attrib)
            assert {one.tag for one in root.iter()} <= {"svg", "path", "text", "tspan"}
            for unwanted in ("font-family", "http", "href", "<style", "<script", "0x", "metadata"):
                assert unwanted not in text
            assert len(text) < 25_000

    def test_words_are_plain_text(self) -> None:
        """All words of the drawing stand in the SVG, each whole."""
        drawing = figures.pyramid(*two_waves(), words=Id, order=LEVELS)
        root = ElementTree.fromstring(figures.svg(drawing, "p"))
        written = {one.text for one in root.iter() if one.tag in ("text", "tspan")}
        assert written == set(drawn_words(drawing))

    def test_sizes_are_those_of_the_page(self) -> None:
        """13 px unless said, 12 px for the quiet, 20 px for the key number."""
        for drawing in everything(Id, narrow=True).values():
            sizes = set(re.findall(r"font-size:([^;\"]+)", figures.svg(drawing, "s")))
            assert sizes <= {"12px", "13px", "20px"}

    def test_colours_are_roles(self) -> None:
        """Every colour is a role with its light colour to fall back on."""
        for drawing in everything(Id, narrow=False).values():
            text = figures.svg(drawing, "c")
            for role, colour in re.findall(r"var\(--([a-z0-9-]+),(#[0-9a-f]{6})\)", text):
                assert ROLES[role] == colour
            assert "#" not in re.sub(r"var\([^)]*\)", "", text)

    def test_each_role_has_its_own_ink(self) -> None:
        """No two roles are drawn in one colour, or they could not be told apart again."""
        assert len(set(INKS.values())) == len(INKS)

    def test_data_are_escaped_and_taken_literally(self) -> None:
        """Tags are escaped, dollars and underscores are no formula, controls are dropped."""
        label = 'a_1 $x^2$ <script>alert(1)</script> & "q"\x00\u202e'
        words = Words("id", {"labels": {"level:trust": {"id": label}}})
        text = figures.svg(figures.pyramid([score("level:trust", 50)], words=words), "t")
        assert "<script" not in text
        assert "\x00" not in text
        root = ElementTree.fromstring(text)
        written = [one.text for one in root.iter() if one.tag == "text"]
        assert 'a_1 $x^2$ <script>alert(1)</script> & "q"' in written

    def test_any_script_is_drawn_in_silence(self) -> None:
        """Letters that matplotlib's own font lacks are left to the browser, without a warning."""
        words = Words("id", {"labels": {"level:trust": {"id": "\ua9a5\ua9bc\u4e2d\u6587"}}})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = figures.svg(figures.pyramid([score("level:trust", 50)], words=words), "t")
        assert "\ua9a5\ua9bc\u4e2d\u6587" in text

    def test_other_figures_keep_their_references(self) -> None:
        """Ids of any matplotlib figure take the key, and what points at them follows."""
        figure = Figure()
        axes = figure.subplots()
        axes.plot([1, 2, 3], [2, 1, 3], marker="o")
        text = figures.svg(figure, "own figure")
        ids = set(re.findall(r'\bid="([^"]+)"', text))
        pointed = set(re.findall(r'href="#([^"]+)"', text))
        pointed |= set(re.findall(r"url\(#([^)]+)\)", text))
        assert pointed
        assert pointed == ids
        assert all(one.startswith("own-figure-") for one in ids)
        assert ids.isdisjoint(re.findall(r'\bid="([^"]+)"', figures.svg(figure, "other")))
        ElementTree.fromstring(text)

    def test_drawing_twice_gives_the_same_bytes(self) -> None:
        """The SVG of a figure does not depend on what was drawn before."""
        first = figures.svg(figures.pyramid(*two_waves(), words=Id, order=LEVELS), "p")
        everything(En, narrow=True)
        assert figures.svg(figures.pyramid(*two_waves(), words=Id, order=LEVELS), "p") == first

    def test_two_processes_give_the_same_bytes(self) -> None:
        """Another hash seed changes nothing."""
        code = (
            "import hashlib, test_figures as t\n"
            "for name, one in t.everything(t.Id, narrow=False).items():\n"
            "    text = t.figures.svg(one, name)\n"
            "    print(name, hashlib.sha256(text.encode()).hexdigest())\n"
        )
        folder = os.path.dirname(__file__)
        said = [
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=folder,
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        ]
        assert said[0] == said[1]
        assert said[0].count("\n") == 8

    def test_a_notebook_shows_a_drawing_as_svg(self) -> None:
        """A drawing shows itself: a file of its own, or a part of a page."""
        drawing = figures.forest((), regions(), words=Id)
        root = ElementTree.fromstring(drawing._repr_svg_())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.attrib["width"] == "816"  # with paper around it
        assert "<svg" in drawing._repr_html_()


class TestAlt:
    """The sentence that stands for a drawing."""

    def test_pyramid_names_both_ends(self) -> None:
        """Highest and lowest of the latest wave, with their intervals, and the base."""
        key, slots = figures.alt_slots("pyramid", *two_waves(), words=Id, order=LEVELS)
        assert key == "pyramid"
        assert (slots["max_level"], slots["max"]) == (Id.name("level:fulfilment"), "83,5")
        assert (slots["min_level"], slots["min"]) == (Id.name("level:emotional_connection"), "62,5")
        assert (slots["lo"], slots["hi2"], slots["n"]) == ("82,0", "64,0", "1.204")

    def test_hidden_numbers_stay_hidden(self) -> None:
        """What may not be printed is not said either."""
        records = [hidden(one) if one.of == "level:fulfilment" else one for one in two_waves()[0]]
        said = figures.alt("pyramid", records, words=Id, order=LEVELS)
        assert Id.name("level:fulfilment") not in said
        assert "24" not in said
        none = figures.alt("pyramid", [hidden(one) for one in records], words=Id)
        assert none == Id.alt("nothing", {})

    @pytest.mark.parametrize("words", [Id, En], ids=["id", "en"])
    def test_every_figure_has_a_sentence(self, words: Words) -> None:
        """In both languages, without a slot left open."""
        said = [
            figures.alt("pyramid", *two_waves(), words=words),
            figures.alt("pyramid", two_waves()[0], words=words, shape="list"),
            figures.alt("likert", answers(), words=words),
            figures.alt("likert", answers(), words=words, agreement=False),
            figures.alt("journey", path(), words=words, order=STAGES),
            figures.alt("journey", path(reach=False), words=words, common=True),
            figures.alt("journey", path(ratings=False), words=words),
            figures.alt("forest", (), regions(), words=words),
        ]
        for sentence in said:
            assert len(sentence) > 40
            assert "{" not in sentence

    def test_likert_and_journey_name_their_extremes(self) -> None:
        """Most and least; stages without a rating are named as missing."""
        _, slots = figures.alt_slots("likert", answers(), words=Id)
        assert (slots["top_item"], slots["top"]) == (Id.short("item:ful_1"), "89%")
        assert (slots["bottom_item"], slots["bottom"]) == (Id.short("item:emo_1"), "18%")
        key, slots = figures.alt_slots("journey", path(), words=Id, order=STAGES)
        assert key == "journey_marks_missing"
        assert slots["missing"] == Id.name("stage:aware")
        assert (slots["max"], slots["min"]) == ("74,6", "65,0")

    def test_a_stage_that_nobody_rated_is_not_called_unmeasured(self) -> None:
        """Its question was asked, and nobody had reached it."""
        nobody = [
            dataclasses.replace(one, flags=("not_reached",)) if one.of == "stage:aware" else one
            for one in path(reach=False)
        ]
        said = figures.alt("journey", nobody, words=En, order=STAGES)
        assert "No answers: Aware." in said
        assert "not measured" not in said
        assert "not measured" in figures.alt("journey", path(reach=False), words=En, order=STAGES)

    def test_a_single_level_is_not_both_highest_and_lowest(self) -> None:
        """One score is named once."""
        one = [record for record in two_waves()[0] if record.of == "level:trust"]
        said = figures.alt("pyramid", one, words=En, shape="list")
        assert said.count("Trust") == 1
        assert "lowest" not in said

    def test_forest_counts_what_is_clear(self) -> None:
        """The largest and smallest difference by name, and how many are clear."""
        _, slots = figures.alt_slots("forest", (), regions(), words=Id)
        assert (slots["max_label"], slots["max"]) == ("r03", "+9,4")
        assert (slots["min_label"], slots["min"]) == ("r01", "\u221216,2")
        assert (slots["k"], slots["clear"]) == (4, 2)


class TestLettering:
    """Lines that fit."""

    @given(st.text(max_size=300), st.integers(40, 400), st.integers(1, 3))
    @settings(max_examples=150, deadline=None)
    def test_lines_fit(self, text: str, width: int, lines: int) -> None:
        """Whatever the text, no line is wider than asked and there are no more lines."""
        rows = wrap(text, width, lines=lines)
        assert 1 <= len(rows) <= lines
        assert all(text_width(row) <= width for row in rows)

    @given(st.text(max_size=120))
    @settings(max_examples=100, deadline=None)
    def test_any_text_can_be_drawn(self, text: str) -> None:
        """Whatever a label holds, the SVG stays well formed."""
        words = Words("id", {"labels": {"level:trust": {"id": text or "x"}}})
        drawing = figures.pyramid([score("level:trust", 50)], words=words)
        ElementTree.fromstring(figures.svg(drawing, "any"))

    def test_short_text_stays_whole(self) -> None:
        """What fits is left as it is."""
        assert wrap("Pemenuhan janji", 200) == ["Pemenuhan janji"]


@given(st.lists(st.integers(0, 1000).map(lambda tenth: tenth / 10), min_size=5, max_size=5))
@settings(max_examples=30, deadline=None)
def test_higher_scores_stand_further_right(values: Iterable[float]) -> None:
    """The order of the marks is the order of the scores, whatever they are."""
    scores = dict(zip(LEVELS, values, strict=True))
    drawing = figures.pyramid(
        [score(f"level:{key}", value) for key, value in scores.items()], words=Id, order=LEVELS
    )
    by_place = sorted(LEVELS, key=lambda key: drawing.find(f"tick.{key}").middle)
    places = [scores[key] for key in by_place]
    assert places == sorted(places)


def test_a_field_too_small_for_a_hatch_line_is_drawn_all_the_same():
    """A stage that one in a hundred reached, hidden: its bar is a few units high."""
    from cxkit.report.figures import Drawing, svg

    drawing = Drawing(784)
    drawing.hatch(10, 10, 12, 13, name="tiny")
    drawing.finish(40)
    assert "<svg" in svg(drawing, "tiny")
    assert drawing.find("tiny").right == 12
